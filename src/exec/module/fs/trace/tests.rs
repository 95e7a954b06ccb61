//! Random programs over random trees: where what one saw still stands on another tree, it would have answered the same
//! there, and what it left is what it would have left.
//!
//! Knows overlays, and the calls of their own test. Does not know how a trace is taken.

use super::record::{Digest, Read, Write};
use super::{Blobs, Bytes, Trace, differs, restore};
use crate::exec::module::fs::backend::Backend;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::host::HostBackend;
use crate::exec::module::fs::ident::Identities;
use crate::exec::module::fs::overlay::tests::{Act, Side, act, commits, fill, picture};
use crate::exec::module::fs::overlay::{Overlay, OverlayMount};
use crate::exec::module::fs::table::Mount;
use crate::volumes::Place;
use crate::volumes::commit::{Record, Root};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Default)]
struct Held(BTreeMap<Digest, Bytes>);

impl Blobs for Held {
    fn keep(&mut self, file: &OpenFile, size: u64) -> Result<Digest, String> {
        let bytes = file.all(size).map_err(|errno| errno.to_string())?;
        let digest = Digest::of(&bytes);
        self.0.insert(digest, Bytes::Held(bytes));
        Ok(digest)
    }
}

/// A tree with an overlay above it.
struct World {
    dir: tempfile::TempDir,
    overlay: Arc<Overlay>,
    commits: crate::volumes::commit::Commits,
    identities: Arc<Identities>,
}

impl World {
    /// The tree that all begin with, changed by some calls.
    fn new(before: &[&[Act]]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let base = dir.path().join("base");
        fill(&base);
        let mut plain = Side::new(HostBackend::new(Place::shared(base.clone())));
        for act in before.iter().flat_map(|acts| acts.iter()) {
            // What cannot be done changes nothing.
            let _ = plain.answer(act);
        }
        let commits = commits(dir.path());
        let place = Place::shared(base);
        let root = Root::of(&place).expect("is there");
        let overlay = Overlay::new(&place, root, dir.path().join("layers"), &commits.ground);
        Self { dir, overlay, commits, identities: Arc::new(Identities::new()) }
    }

    fn mount(&self, path: &str) -> Mount {
        let backend: Arc<dyn Backend> = Arc::new(OverlayMount::new(self.overlay.clone()));
        Mount { path: path.into(), backend, read_only: false, is_file: false }
    }

    /// What is there after a commit.
    fn end(self) -> BTreeMap<PathBuf, String> {
        let (root, layers) = (self.overlay.root().clone(), self.overlay.layers_dir().to_owned());
        let record = Record::new(root, layers, "run", "task", self.overlay.changes());
        let warnings = self.commits.commit(&record, self.overlay.seat()).expect("is committed");
        assert_eq!(warnings, Vec::<String>::new());
        picture(&self.dir.path().join("base"))
    }
}

type Answers = Vec<Result<String, Errno>>;

/// Calls through a trace: what they answered, saw and left; none where nothing can be said of them.
fn traced(world: &World, acts: &[Act]) -> Option<(Answers, Vec<Read>, Vec<Write>, Held)> {
    let (mounts, trace, _) = Trace::of(vec![world.mount("/w")], &world.identities);
    let mut side = Side::new(Shared(mounts[0].backend.clone()));
    let answers = acts.iter().map(|act| side.answer(act)).collect();
    let reads = trace.reads().ok()?;
    let mut held = Held::default();
    let writes = trace.writes(&mut held).ok()?;
    Some((answers, reads, writes, held))
}

/// A backend that is shared, as the calls take one by value.
struct Shared(Arc<dyn Backend>);

macro_rules! pass {
    ($($name:ident ( $($arg:ident : $kind:ty),* ) -> $answer:ty;)*) => {
        impl Backend for Shared {
            $(fn $name(&self, $($arg: $kind),*) -> Result<$answer, Errno> { self.0.$name($($arg),*) })*
        }
    };
}

use crate::exec::module::fs::backend::{Listed, OpenHow, Opened, SetTime, Stat};
pass! {
    stat(path: &str) -> Stat;
    open(path: &str, how: OpenHow) -> Opened;
    list(path: &str) -> Vec<Listed>;
    read_link(path: &str) -> String;
    create(path: &str, how: OpenHow) -> (OpenFile, Stat);
    make_dir(path: &str) -> ();
    make_dirs(path: &str) -> ();
    make_link(target: &str, path: &str) -> ();
    link(from: &str, to: &str) -> ();
    rename(from: &str, to: &str) -> ();
    remove_file(path: &str) -> ();
    remove_dir(path: &str) -> ();
    set_times(path: &str, accessed: SetTime, modified: SetTime) -> ();
    set_mode(path: &str, mode: u32) -> ();
}

/// Whether what was seen on one tree stands on another; if so, all else is the same there.
fn stands(before: &[Act], between: &[Act], acts: &[Act]) -> Option<bool> {
    let (answers, reads, writes, held) = traced(&World::new(&[before]), acts)?;
    let restored = World::new(&[before, between]);
    let (_, trace, _) = Trace::of(vec![restored.mount("/w")], &restored.identities);
    let difference = differs(&reads, trace.grounds(), &restored.identities);
    if difference.is_some() {
        assert!(!between.is_empty(), "on the same tree nothing differs: {difference:?}, {acts:?}");
        return Some(false);
    }
    let again = World::new(&[before, between]);
    let mut side = Side::new(OverlayMount::new(again.overlay.clone()));
    let told: Answers = acts.iter().map(|act| side.answer(act)).collect();
    assert_eq!(told, answers, "{acts:?}");
    drop(side);
    restore(&writes, trace.grounds(), &restored.identities, |digest| held.0.get(digest)).expect("is restored");
    assert_eq!(restored.end(), again.end(), "{writes:?} after {acts:?}");
    Some(true)
}

/// Calls that a program has; a handle's times are set elsewhere, and a step's end is none of its calls.
fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let own = act().prop_filter("a call of a backend", |act| !matches!(act, Act::HeldTimes(..) | Act::Seal));
    prop::collection::vec(own, 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_stands_is_as_if_it_had_run(before in acts(8), between in acts(4), acts in acts(14)) {
        stands(&before, &between, &acts);
        stands(&before, &[], &acts);
    }
}

/// The test above says nothing if nothing ever stands, or everything always does.
#[test]
fn what_was_not_seen_may_change_and_what_was_may_not() {
    let write = |path: &str, text: &str| Act::Write { path: path.into(), at: 0, text: text.into() };
    let programs: [(&[Act], &[Act], Option<bool>); 12] = [
        (&[Act::Read("c".into())], &[write("a/b", "x")], Some(true)),
        (&[Act::Read("c".into())], &[write("c", "x")], Some(false)),
        (&[Act::Stat("d".into())], &[Act::Create("d".into())], Some(false)),
        (&[Act::List("a".into())], &[Act::Create("a/new".into())], Some(false)),
        (&[Act::List("a".into())], &[write("a/b", "x")], Some(true)),
        (&[Act::Create("a/new".into()), Act::List("a".into())], &[Act::Create("a/other".into())], Some(false)),
        (&[Act::Truncate("c".into())], &[write("c", "x")], Some(true)),
        (&[Act::Append { path: "c".into(), text: "x".into() }], &[write("c", "x")], Some(false)),
        (&[Act::Rename("b".into(), "d".into())], &[write("b/c/d", "x")], None),
        (&[Act::Rename("b".into(), "d".into())], &[write("a/b", "x")], None),
        (&[Act::RemoveFile("c".into())], &[Act::SetMode("c".into(), 0o600)], Some(false)),
        (&[Act::ReadLink("a/d".into())], &[Act::RemoveFile("a/d".into())], Some(false)),
    ];
    for (acts, between, holds) in programs {
        assert_eq!(stands(&[], between, acts), holds, "{acts:?} with {between:?}");
    }
}

/// One directory in two places of a step: what is written through one is seen through the other.
#[test]
fn mounts_that_show_one_directory_are_one() {
    let world = World::new(&[]);
    let inner = OverlayMount::new(world.overlay.clone()).inside("a").expect("is a directory");
    let inner = Mount { path: "/a".into(), backend: Arc::new(inner), read_only: true, is_file: false };
    let (mounts, trace, shape) = Trace::of(vec![inner, world.mount("/w")], &world.identities);
    assert_eq!(trace.grounds().len(), 1);
    assert_eq!(trace.grounds()[0].path, "/w");
    assert_eq!(shape.0[0], ("/a".into(), true, false, 0, "a".into()));
    let (narrow, wide) = (&mounts[0].backend, &mounts[1].backend);
    wide.create("a/new", OpenHow { write: true, ..OpenHow::default() }).expect("is made");
    narrow.stat("new").expect("is seen");
    narrow.stat("b").expect("is seen");
    let reads = trace.reads().expect("can be told");
    let paths: Vec<&str> = reads.iter().map(|read| read.path.as_str()).collect();
    assert_eq!(paths, ["a", "a/b", "a/new"]);
    assert!(reads[2].seen.there.is_err(), "as it was before the step");
}

/// A file that changes while a step reads it is no input that holds still.
#[test]
fn an_input_that_changes_meanwhile_is_seen() {
    let world = World::new(&[]);
    let (mounts, trace, _) = Trace::of(vec![world.mount("/w")], &world.identities);
    mounts[0].backend.open("c", OpenHow { read: true, ..OpenHow::default() }).expect("is opened");
    std::fs::write(Path::new(&world.dir.path().join("base/c")), "another text").expect("is written");
    let why = trace.reads().expect_err("it changed");
    assert_eq!(why, "/w/c changed while it ran");
}
