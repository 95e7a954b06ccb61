//! Guests that try to get out of their mounts: through links in every position, through links that others swap during
//! the call, through what stands in a workspace. Each attack is made on a plain directory and on an overlay.
//!
//! Knows guests without WebAssembly. A folder outside holds a canary: it must not be read, and nothing there may change.

use super::guest::*;
use crate::exec::module::fs::backend::Backend;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::overlay::{Overlay, OverlayMount};
use crate::exec::module::fs::table::Mount;
use crate::exec::module::fs::walk::Base;
use crate::exec::module::preview1::path;
use crate::exec::module::setup::host_mount;
use crate::model::outcome::Limits;
use crate::volumes::Place;
use crate::volumes::commit::{Commits, Ground, Record, Root};
use rustix::fs::{CWD, FileType, Mode, RenameFlags};
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const CANARY: &str = "canary-that-nobody-reads";

/// A folder `outside` with a canary, and beside it `work`, which is the guest's workspace.
struct Setting {
    dir: tempfile::TempDir,
    overlay: Option<Arc<Overlay>>,
    commits: Commits,
    before: BTreeMap<PathBuf, String>,
}

impl Setting {
    fn new(overlaid: bool) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| dir.path().join(name);
        for name in ["work/d", "work/part", "fixed", "outside/dir"] {
            std::fs::create_dir_all(at(name)).expect("is made");
        }
        std::fs::write(at("outside/canary"), CANARY).expect("is written");
        std::fs::write(at("work/own"), "own").expect("is written");
        let commits = Commits { dir: at("commits"), ground: Arc::new(Ground::default()) };
        let place = Place::shared(at("work"));
        let overlay = overlaid.then(|| {
            let root = Root::of(&place).expect("is there");
            Overlay::new(&place, root, at("layers"), &commits.ground)
        });
        let before = picture(&at("outside"));
        Self { overlay, commits, before, dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A guest with the workspace at `/workspace/w`, and a folder that is read-only at `/fixed`.
    fn guest(&self) -> Guest {
        let work = match &self.overlay {
            Some(overlay) => {
                let backend: Arc<dyn Backend> = Arc::new(OverlayMount::new(overlay.clone()));
                Mount { path: "/workspace/w".into(), backend, read_only: false, is_file: false }
            }
            None => host_mount("/workspace/w", &Place::shared(self.at("work")), false),
        };
        let fixed = host_mount("/fixed", &Place::shared(self.at("fixed")), true);
        with_mounts(Place::shared(self.at("root")), vec![work, fixed], Limits::default())
    }

    /// Commits what was written, and looks at what must be as it was.
    #[track_caller]
    fn nothing_changed_outside(&self) {
        if let Some(overlay) = &self.overlay {
            let layers = overlay.layers_dir().to_owned();
            let record = Record::new(overlay.root().clone(), layers, "run", "task", overlay.changes());
            self.commits.commit(&record, overlay.seat()).expect("is committed");
        }
        assert_eq!(picture(&self.at("outside")), self.before);
        assert!(picture(&self.at("fixed")).is_empty(), "a read-only mount was written to");
    }
}

/// Everything of a folder that a guest might change.
fn picture(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).expect("is listed").flatten() {
        let meta = entry.metadata().expect("is there");
        let text = if meta.is_file() { std::fs::read_to_string(entry.path()).expect("is read") } else { String::new() };
        let state = format!("{:o} {} {:?} {text}", meta.mode(), meta.nlink(), meta.modified());
        found.insert(entry.path(), state);
        if meta.is_dir() {
            found.extend(picture(&entry.path()));
        }
    }
    found
}

/// Makes every call that names files, at a path that leads to a folder or to a file. Gives all that could be read. The
/// answers are whatever they are: what counts is what is left.
fn every_call(guest: &mut Guest, path: &str) -> String {
    let mut read = String::new();
    let mut note = |text: Result<String, Stop>| match text {
        Ok(text) => read.push_str(&text),
        Err(Stop::Errno(_)) => {}
        Err(end) => panic!("{path}: {end:?}"),
    };
    let below = |name: &str| format!("{path}/{name}");
    for file in [path.to_owned(), below("canary")] {
        note(guest.cat(&file));
        note(guest.readlink(&file));
        note(guest.stat(&file, 1).map(|()| String::new()));
        for (oflags, rights, flags) in [(0, WRITE, 0), (0, WRITE, 1), (TRUNCATE, WRITE, 0), (CREATE, WRITE, 0)] {
            let opened = guest.open_with(ROOT, 1, &file, oflags, rights, flags);
            note(opened.and_then(|fd| {
                let written = guest.write(fd, b"overwritten");
                guest.close(fd)?;
                written.map(|_| String::new())
            }));
        }
        let done = |answer: Result<(), Stop>| answer.map(|()| String::new());
        note(done(
            guest.with_path(file.as_bytes(), |c, at, n| path::path_filestat_set_times(c, ROOT, 1, at, n, 1, 1, 5)),
        ));
        let base = Base { path: "", open_above: true };
        note(guest.step.fs.set_mode(base, &file, true, 0o777).map(|()| String::new()));
        for follow in [0, 1] {
            note(done(guest.with_paths(&file, "workspace/w/hard", |c, f, t| {
                path::path_link(c, ROOT, follow, f.0, f.1, ROOT, t.0, t.1)
            })));
            note(guest.cat("workspace/w/hard"));
            note(done(guest.unlink("workspace/w/hard")));
        }
    }
    note(guest.list(path, 4096).map(|names| names.join(" ")));
    let done = |answer: Result<(), Stop>| answer.map(|()| String::new());
    note(done(guest.mkdir(&below("new"))));
    note(done(guest.save(&below("new-file"), "x")));
    note(done(guest.symlink("/", &below("new-link"))));
    note(done(guest.link("workspace/w/own", &below("new-hard"))));
    note(done(guest.rename("workspace/w/own", &below("new-own"))));
    note(done(guest.rename(&below("new-own"), "workspace/w/own")));
    note(done(guest.rename(&below("canary"), "workspace/w/stolen")));
    note(guest.cat("workspace/w/stolen"));
    note(done(guest.unlink(&below("canary"))));
    note(done(guest.rmdir(&below("dir"))));
    read
}

#[test]
fn links_in_every_position_stay_inside() {
    for overlaid in [false, true] {
        let setting = Setting::new(overlaid);
        let outside = setting.at("outside").display().to_string();
        let targets = [
            outside.clone(),
            format!("/proc/self/root{outside}"),
            format!("/proc/{}/root{outside}", std::process::id()),
            "/proc/self/cwd".to_owned(),
            "../outside".to_owned(),
            "d/../../outside".to_owned(),
            format!("{}{outside}", "../".repeat(40)),
            "/fixed/../../outside".to_owned(),
            "/fixed".to_owned(),
            format!("/workspace/w/../../..{outside}"),
        ];
        let work = setting.at("work");
        let mut paths = Vec::new();
        for (n, target) in targets.iter().enumerate() {
            // To a folder, to a file, below a folder, and over another link.
            symlink(target, work.join(format!("l{n}"))).expect("is made");
            symlink(format!("{target}/canary"), work.join(format!("f{n}"))).expect("is made");
            symlink(format!("../{target}"), work.join(format!("d/r{n}"))).expect("is made");
            symlink(target, work.join(format!("d/l{n}"))).expect("is made");
            symlink(format!("d/../d/l{n}"), work.join(format!("c{n}"))).expect("is made");
            paths.extend(["l", "f", "d/r", "d/l", "c"].map(|place| format!("{place}{n}")));
        }
        symlink("loop-b", work.join("loop-a")).expect("is made");
        symlink("loop-a", work.join("loop-b")).expect("is made");
        paths.push("loop-a".to_owned());
        let mut guest = setting.guest();
        for path in paths {
            let read = every_call(&mut guest, &format!("workspace/w/{path}"));
            assert!(!read.contains(CANARY) && !read.contains("canary dir"), "{path}: {read}");
            // The same from a handle of the workspace, as a program with a preopened folder calls.
            let fd = guest.open("workspace/w", DIRECTORY, 0).expect("is opened");
            let opened = guest.open_at(fd, &format!("{path}/canary"), 0, READ);
            assert!(opened.is_err(), "{path}: {opened:?}");
            guest.close(fd).expect("is closed");
        }
        setting.nothing_changed_outside();
    }
}

/// Two others swap a folder for a link that leads out, over and over: one on the machine, one from within a step that
/// shares the workspace. Meanwhile a guest makes every call through that name.
#[test]
fn links_that_are_swapped_during_every_call_lead_nowhere() {
    for overlaid in [false, true] {
        let setting = Setting::new(overlaid);
        let outside = setting.at("outside");
        for name in ["a", "c"] {
            std::fs::create_dir(setting.at("work").join(name)).expect("is made");
            std::fs::write(setting.at("work").join(name).join("canary"), "inside").expect("is written");
        }
        symlink(&outside, setting.at("work/b")).expect("is made");
        let stop = Arc::new(AtomicBool::new(false));
        let (own, work) = (stop.clone(), setting.at("work"));
        let host = std::thread::Builder::new().spawn(move || {
            while !own.load(Ordering::Relaxed) {
                let swapped =
                    rustix::fs::renameat_with(CWD, work.join("a"), CWD, work.join("b"), RenameFlags::EXCHANGE);
                // The guest may have moved one away.
                if swapped.is_err() {
                    std::thread::yield_now();
                }
            }
        });
        let (own, mut other, target) = (stop.clone(), setting.guest(), outside.display().to_string());
        let guest = std::thread::Builder::new().spawn(move || {
            other.symlink(&target, "workspace/w/e").expect("is made");
            while !own.load(Ordering::Relaxed) {
                for (from, to) in [("c", "t"), ("e", "c"), ("t", "e")] {
                    let _ = other.rename(&format!("workspace/w/{from}"), &format!("workspace/w/{to}"));
                }
            }
        });
        let mut attacker = setting.guest();
        for _ in 0..150 {
            for name in ["a", "c"] {
                let read = every_call(&mut attacker, &format!("workspace/w/{name}"));
                assert!(!read.contains(CANARY) && !read.contains("canary dir"), "{read}");
                let _ = attacker.save(&format!("workspace/w/{name}/canary"), "inside");
            }
        }
        stop.store(true, Ordering::Relaxed);
        for thread in [host, guest] {
            thread.expect("a thread").join().expect("ends");
        }
        setting.nothing_changed_outside();
    }
}

/// The workspace's own directory is swapped for a link while the step runs.
#[test]
fn a_workspace_that_is_replaced_stays_the_one_that_was_opened() {
    for overlaid in [false, true] {
        let setting = Setting::new(overlaid);
        let mut guest = setting.guest();
        assert_eq!(guest.cat("workspace/w/own").expect("is read"), "own");
        std::fs::rename(setting.at("work"), setting.at("moved")).expect("is moved");
        symlink(setting.at("outside"), setting.at("work")).expect("is made");
        let read = every_call(&mut guest, "workspace/w");
        assert!(!read.contains(CANARY), "{read}");
        assert_eq!(guest.cat("workspace/w/own").expect("is read"), "own");
        assert_eq!(picture(&setting.at("outside")), setting.before);
        if !overlaid {
            guest.save("workspace/w/late", "late").expect("is written");
            assert!(setting.at("moved/late").is_file());
        }
    }
}

/// A part of a volume that is mounted by a path with links in it.
#[test]
fn links_in_a_sub_path_of_an_overlay_stay_inside() {
    let setting = Setting::new(true);
    let work = setting.at("work");
    symlink(setting.at("outside"), work.join("absolute")).expect("is made");
    symlink("../outside", work.join("relative")).expect("is made");
    symlink("d/../../work/../outside", work.join("winding")).expect("is made");
    symlink("round", work.join("round")).expect("is made");
    symlink("part", work.join("inside")).expect("is made");
    let mount = OverlayMount::new(setting.overlay.clone().expect("an overlay"));
    for path in
        ["absolute", "relative", "winding", "absolute/dir", "relative/dir", "d/../../outside", "..", "part/../.."]
    {
        assert_eq!(mount.inside(path).map(|_| ()), Err(Errno::NotPermitted), "{path}");
    }
    assert_eq!(mount.inside("round").map(|_| ()), Err(Errno::Loop));
    assert_eq!(mount.inside("own").map(|_| ()), Err(Errno::NotDir));
    assert!(mount.inside("inside").is_ok());
}

/// What the machine put into the workspace: it is never opened, and moving it about does no harm.
#[test]
fn special_files_are_never_opened() {
    for overlaid in [false, true] {
        let setting = Setting::new(overlaid);
        let at = |name: &str| setting.at("work").join(name);
        rustix::fs::mknodat(CWD, at("pipe"), FileType::Fifo, Mode::from_raw_mode(0o666), 0).expect("is made");
        let listener = std::os::unix::net::UnixListener::bind(at("socket")).expect("is bound");
        listener.set_nonblocking(true).expect("is set");
        let mut names = vec!["pipe", "socket"];
        // The kernel's own /dev/zero, where this process may make it.
        let number = rustix::fs::makedev(1, 5);
        if rustix::fs::mknodat(CWD, at("device"), FileType::CharacterDevice, Mode::from_raw_mode(0o666), number).is_ok()
        {
            names.push("device");
        }
        let mut guest = setting.guest();
        for name in names {
            let path = format!("workspace/w/{name}");
            for (oflags, rights) in [(0, READ), (0, WRITE), (TRUNCATE, READ | WRITE), (CREATE, WRITE)] {
                refused(guest.open(&path, oflags, rights), Errno::Access);
            }
            assert_eq!(every_call(&mut guest, &path), "", "{name}");
            let moved = format!("workspace/w/moved-{name}");
            match guest.rename(&path, &moved) {
                Ok(()) => refused(guest.open(&moved, 0, READ), Errno::Access),
                Err(Stop::Errno(_)) => {}
                Err(end) => panic!("{end:?}"),
            }
        }
        assert!(listener.accept().is_err(), "nobody called");
    }
}

/// A volume that is mounted twice, once to be read only: neither mount gives a way into the other.
#[test]
fn nothing_leaves_a_read_only_mount_by_its_other_mount() {
    let setting = Setting::new(false);
    let work = Place::shared(setting.at("work"));
    let mounts = vec![host_mount("/ro", &work, true), host_mount("/rw", &work.inside("part"), false)];
    let mut guest = with_mounts(Place::shared(setting.at("root")), mounts, Limits::default());
    for (from, to) in [("ro/own", "rw/own"), ("ro/own", "tmp/own")] {
        refused(guest.link(from, to), Errno::CrossDevice);
        refused(guest.rename(from, to), Errno::CrossDevice);
    }
    guest.save("rw/f", "x").expect("is written");
    refused(guest.rename("rw/f", "ro/f"), Errno::CrossDevice);
    refused(guest.link("rw/f", "ro/f"), Errno::CrossDevice);
    refused(guest.save("ro/part/f", "y"), Errno::ReadOnly);
    refused(guest.unlink("ro/part/f"), Errno::ReadOnly);
    // A link leads through the mount that it names, with that mount's rule.
    guest.symlink("/ro/own", "rw/l").expect("is made");
    refused(guest.save("rw/l", "y"), Errno::ReadOnly);
    assert_eq!(std::fs::read_to_string(setting.at("work/own")).expect("is read"), "own");
}

#[test]
fn the_machine_has_no_names_inside() {
    let setting = Setting::new(false);
    let mut guest = setting.guest();
    let pid = std::process::id();
    for path in [
        "proc",
        "proc/self/root/etc/passwd",
        "proc/1/environ",
        "sys/kernel",
        "etc/passwd",
        "etc/hostname",
        "dev/fd/0",
        "dev/mem",
        "dev/../proc/self/exe",
        "run",
        "root",
        "home",
        "Workspace/w/own",
        "workspace/W/own",
        "WORKSPACE",
    ] {
        refused(guest.cat(path), Errno::NoEntry);
        refused(guest.stat(path, 1), Errno::NoEntry);
    }
    refused(guest.cat(&format!("proc/{pid}/maps")), Errno::NoEntry);
    // A name of the machine that is no text is listed as well as it can be, and stands for nothing.
    let odd = setting.at("work").join(std::ffi::OsStr::from_bytes(b"odd-\xff"));
    std::fs::write(&odd, "odd").expect("is written");
    let names = guest.list("workspace/w", 4096).expect("is listed");
    let shown = names.iter().find(|name| name.starts_with("odd-")).expect("is listed").clone();
    refused(guest.cat(&format!("workspace/w/{shown}")), Errno::NoEntry);
    refused(guest.unlink(&format!("workspace/w/{shown}")), Errno::NoEntry);
    assert!(odd.is_file());
}
