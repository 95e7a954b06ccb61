//! Random calls on an overlay and on a plain directory, compared; then what a commit leaves.
//!
//! Knows both backends by their common trait. Does not know how an overlay works.

use super::{Overlay, OverlayMount};
use crate::exec::module::fs::backend::{Backend, Kind, OpenHow, Opened, SetTime};
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::host::HostBackend;
use crate::exec::module::fs::ident::Paid;
use crate::exec::module::fs::usage::Usage;
use crate::model::outcome::Limits;
use crate::volumes::Place;
use crate::volumes::commit::{Commits, Ground, Record, Root};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A call, by what it names.
#[derive(Debug, Clone)]
pub(in crate::exec::module::fs) enum Act {
    Create(String),
    Write {
        path: String,
        at: u64,
        text: String,
    },
    Append {
        path: String,
        text: String,
    },
    Truncate(String),
    Read(String),
    MakeDir(String),
    RemoveDir(String),
    RemoveFile(String),
    Rename(String, String),
    Link(String, String),
    MakeLink {
        target: String,
        path: String,
    },
    ReadLink(String),
    Stat(String),
    List(String),
    SetTimes(String, u64),
    SetMode(String, u32),
    /// Opens a file and keeps it open.
    Hold {
        path: String,
        write: bool,
    },
    HeldRead(usize),
    HeldWrite(usize, String),
    HeldSize(usize),
    HeldCut(usize, u64),
    HeldTimes(usize, u64),
    /// A step ends; nothing that a guest sees changes but times.
    Seal,
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d"]), 1..4).prop_map(|names| names.join("/"))
}

pub(in crate::exec::module::fs) fn act() -> impl Strategy<Value = Act> {
    let text = || prop::sample::select(vec!["x", "longer text", ""]).prop_map(str::to_owned);
    let target = || prop::sample::select(vec!["a", "../b", "c/d", "/etc/passwd", "../../.."]).prop_map(str::to_owned);
    prop_oneof![
        3 => path().prop_map(Act::Create),
        3 => (path(), 0u64..20, text()).prop_map(|(path, at, text)| Act::Write { path, at, text }),
        3 => (path(), text()).prop_map(|(path, text)| Act::Append { path, text }),
        1 => path().prop_map(Act::Truncate),
        4 => path().prop_map(Act::Read),
        3 => path().prop_map(Act::MakeDir),
        3 => path().prop_map(Act::RemoveDir),
        4 => path().prop_map(Act::RemoveFile),
        6 => (path(), path()).prop_map(|(from, to)| Act::Rename(from, to)),
        2 => (path(), path()).prop_map(|(from, to)| Act::Link(from, to)),
        1 => (target(), path()).prop_map(|(target, path)| Act::MakeLink { target, path }),
        1 => path().prop_map(Act::ReadLink),
        3 => path().prop_map(Act::Stat),
        3 => path().prop_map(Act::List),
        1 => (path(), 1u64..5).prop_map(|(path, time)| Act::SetTimes(path, time * 1_000_000_000)),
        1 => (path(), prop::sample::select(vec![0o600, 0o755, 0o640])).prop_map(|(path, mode)| Act::SetMode(path, mode)),
        2 => (path(), any::<bool>()).prop_map(|(path, write)| Act::Hold { path, write }),
        2 => (0usize..4).prop_map(Act::HeldRead),
        2 => (0usize..4, text()).prop_map(|(held, text)| Act::HeldWrite(held, text)),
        1 => (0usize..4).prop_map(Act::HeldSize),
        1 => (0usize..4, 0u64..30).prop_map(|(held, size)| Act::HeldCut(held, size)),
        1 => (0usize..4, 1u64..5).prop_map(|(held, time)| Act::HeldTimes(held, time * 1_000_000_000)),
        2 => Just(Act::Seal),
    ]
}

/// A backend with the handles that were opened through it.
pub(in crate::exec::module::fs) struct Side<B> {
    backend: B,
    held: Vec<(OpenFile, Paid)>,
    usage: Usage,
}

const READ: OpenHow = OpenHow { read: true, write: false, append: false, truncate: false, sync: false };
const WRITE: OpenHow = OpenHow { read: true, write: true, append: false, truncate: false, sync: false };

fn content(file: &OpenFile) -> Result<String, Errno> {
    let mut bytes = vec![0; 200];
    let count = file.read_at(&mut bytes, 0)?;
    Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

fn paid() -> Paid {
    Arc::new(std::sync::atomic::AtomicU64::new(0))
}

fn number(stop: Stop) -> Errno {
    match stop {
        Stop::Errno(errno) => errno,
        Stop::End(outcome) => panic!("no limit is met here: {outcome}"),
    }
}

impl<B: Backend> Side<B> {
    pub(in crate::exec::module::fs) fn new(backend: B) -> Self {
        Self { backend, held: Vec::new(), usage: Usage::new(Limits::default()) }
    }

    fn file(&self, path: &str, how: OpenHow) -> Result<OpenFile, Errno> {
        match self.backend.open(path, how)? {
            Opened::File(file, _) => Ok(file),
            Opened::Dir => Err(Errno::IsDir),
            Opened::Device(_) | Opened::Handle(_) => panic!("there are no devices"),
        }
    }

    fn write(&mut self, file: &OpenFile, at: u64, append: bool, text: &str) -> Result<String, Errno> {
        file.write_at(text.as_bytes(), at, append, &paid(), &mut self.usage).map_err(number)?;
        content(file)
    }

    /// What a call answers, as text.
    pub(in crate::exec::module::fs) fn answer(&mut self, act: &Act) -> Result<String, Errno> {
        let done = String::new();
        match act {
            Act::Create(path) => self.backend.create(path, WRITE).map(|(_, stat)| format!("{}", stat.size)),
            Act::Write { path, at, text } => {
                let file = self.file(path, WRITE)?;
                self.write(&file, *at, false, text)
            }
            Act::Append { path, text } => {
                let file = self.file(path, OpenHow { append: true, ..WRITE })?;
                self.write(&file, 0, true, text)
            }
            Act::Truncate(path) => content(&self.file(path, OpenHow { truncate: true, ..WRITE })?),
            Act::Read(path) => content(&self.file(path, READ)?),
            Act::MakeDir(path) => self.backend.make_dir(path).map(|()| done),
            Act::RemoveDir(path) => self.backend.remove_dir(path).map(|()| done),
            Act::RemoveFile(path) => self.backend.remove_file(path).map(|()| done),
            Act::Rename(from, to) => self.backend.rename(from, to).map(|()| done),
            Act::Link(from, to) => self.backend.link(from, to).map(|()| done),
            Act::MakeLink { target, path } => self.backend.make_link(target, path).map(|()| done),
            Act::ReadLink(path) => self.backend.read_link(path),
            Act::Stat(path) => self.backend.stat(path).map(|stat| {
                let of_file = (stat.kind != Kind::Dir).then_some((stat.size, stat.links));
                format!("{:?} {of_file:?} {:o}", stat.kind, stat.mode)
            }),
            Act::List(path) => self.backend.list(path).map(|listed| {
                let names: BTreeMap<_, _> = listed.into_iter().map(|one| (one.name, one.kind)).collect();
                format!("{names:?}")
            }),
            Act::SetTimes(path, time) => {
                self.backend.set_times(path, SetTime::Keep, SetTime::At(*time))?;
                self.backend.stat(path).map(|stat| stat.modified.to_string())
            }
            Act::SetMode(path, mode) => {
                self.backend.set_mode(path, *mode)?;
                self.backend.stat(path).map(|stat| format!("{:o}", stat.mode))
            }
            Act::Hold { path, write } => {
                let file = self.file(path, if *write { WRITE } else { READ })?;
                self.held.push((file, paid()));
                Ok(done)
            }
            Act::HeldRead(at) => self.held.get(*at).map_or(Ok(done), |(file, _)| content(file)),
            Act::HeldWrite(at, text) => match self.held.get(*at) {
                Some((file, paid)) => {
                    file.write_at(text.as_bytes(), 3, false, paid, &mut self.usage).map_err(number)?;
                    content(file)
                }
                None => Ok(done),
            },
            Act::HeldSize(at) => self
                .held
                .get(*at)
                .map_or(Ok(done), |(file, _)| file.stat().map(|stat| format!("{} {:o}", stat.size, stat.mode))),
            Act::HeldCut(at, size) => match self.held.get(*at) {
                Some((file, paid)) => file.set_size(*size, paid, &mut self.usage).map_err(number).map(|()| done),
                None => Ok(done),
            },
            Act::HeldTimes(at, time) => match self.held.get(*at) {
                Some((file, _)) => file.set_times(SetTime::Keep, SetTime::At(*time)).map(|()| done),
                None => Ok(done),
            },
            Act::Seal => Ok(done),
        }
    }
}

/// The files that both begin with.
pub(in crate::exec::module::fs) fn fill(dir: &Path) {
    for name in ["a/a", "b/c"] {
        std::fs::create_dir_all(dir.join(name)).expect("is made");
    }
    for (name, text) in [("a/b", "in a"), ("a/a/c", "deep"), ("b/a", "in b"), ("c", "a file"), ("b/c/d", "end")] {
        std::fs::write(dir.join(name), text).expect("is written");
    }
    std::os::unix::fs::symlink("../c", dir.join("a/d")).expect("is made");
}

/// Everything in a directory: kind, mode, content, and which names are one file.
pub(in crate::exec::module::fs) fn picture(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut picture = BTreeMap::new();
    let mut first: BTreeMap<u64, PathBuf> = BTreeMap::new();
    let mut pending = vec![dir.to_owned()];
    let mut paths = Vec::new();
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(&next).expect("is listed") {
            let path = entry.expect("an entry").path();
            if path.symlink_metadata().expect("is there").is_dir() {
                pending.push(path.clone());
            }
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        let meta = path.symlink_metadata().expect("is there");
        let mode = meta.permissions().mode() & 0o777;
        let name = path.strip_prefix(dir).expect("is inside").to_owned();
        let text = if meta.is_symlink() {
            format!("link {:?}", std::fs::read_link(&path).expect("is read"))
        } else if meta.is_dir() {
            format!("dir {mode:o}")
        } else {
            let same = first.entry(meta.ino()).or_insert_with(|| name.clone());
            format!("file {mode:o} {:?} as {same:?}", std::fs::read_to_string(&path).expect("is read"))
        };
        picture.insert(name, text);
    }
    picture
}

pub(in crate::exec::module::fs) fn commits(dir: &Path) -> Commits {
    Commits { dir: dir.join("commits"), ground: Arc::new(Ground::default()) }
}

fn compare(acts: &[Act]) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (base, plain) = (dir.path().join("base"), dir.path().join("plain"));
    fill(&base);
    fill(&plain);
    let before = picture(&base);
    let commits = commits(dir.path());
    let place = Place::shared(base.clone());
    let root = Root::of(&place).expect("is there");
    let overlay = Overlay::new(&place, root.clone(), dir.path().join("layers"), &commits.ground);
    let mut one = Side::new(OverlayMount::new(overlay.clone()));
    let mut other = Side::new(HostBackend::new(Place::shared(plain.clone())));
    let mut sealed = 0;
    for (place, act) in acts.iter().enumerate() {
        // A handle does not outlive its step.
        if matches!(act, Act::Seal) {
            one.held.clear();
            other.held.clear();
            overlay.seal(sealed);
            sealed += 1;
        }
        let (ours, theirs) = (one.answer(act), other.answer(act));
        assert_eq!(ours, theirs, "call {place} of {acts:?}");
    }
    assert_eq!(picture(&base), before, "nothing below changes before the commit");
    let changes = overlay.changes();
    let record = Record::new(root, overlay.layers_dir().to_owned(), "run", "task", changes);
    let warnings = commits.commit(&record, overlay.seat()).expect("is committed");
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(picture(&base), picture(&plain), "after {acts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_call_is_as_on_a_plain_directory(acts in prop::collection::vec(act(), 1..60)) {
        compare(&acts);
    }
}
