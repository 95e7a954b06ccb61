//! Commits cut off at every instant, on one file system and on two, and records that were tampered with.
//!
//! Knows directories and changes. Does not know overlays.

use super::apply::Work;
use super::{Change, CommitFault, Commits, Ground, Record, Root, State, record};
use crate::volumes::Place;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

struct Setting {
    dir: tempfile::TempDir,
    /// The directory that is committed to, maybe on another file system.
    _other: Option<tempfile::TempDir>,
    base: PathBuf,
    record: Record,
    commits: Commits,
}

fn state(path: &Path) -> State {
    let dir = std::fs::File::open(path.parent().expect("has one")).expect("is opened");
    let name = path.file_name().expect("has one").to_string_lossy().into_owned();
    State::of(&crate::volumes::beneath::stat(std::os::fd::AsFd::as_fd(&dir), &name).expect("is there"))
}

fn root(base: &Path) -> Root {
    Root::of(&Place::existing(base).expect("is opened")).expect("is there")
}

/// A directory, and a record that makes, changes and removes something of every kind in it.
fn setting(base_dir: Option<tempfile::TempDir>) -> Setting {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let base = base_dir.as_ref().map_or(dir.path(), |other| other.path()).join("base");
    let layers = dir.path().join("layers");
    for path in [base.join("d/e"), base.join("gone"), layers.join("0/new/deep"), layers.join("1/d")] {
        std::fs::create_dir_all(path).expect("is made");
    }
    for (path, text) in [("a", "old a"), ("d/b", "old b"), ("gone/x", "x"), ("stays", "stays")] {
        std::fs::write(base.join(path), text).expect("is written");
    }
    for (path, text) in [("0/a", "new a"), ("0/new/deep/f", "deep"), ("1/d/b", "new b")] {
        std::fs::write(layers.join(path), text).expect("is written");
    }
    std::fs::hard_link(layers.join("0/new/deep/f"), layers.join("0/new/g")).expect("is linked");
    std::os::unix::fs::symlink("../a", layers.join("0/new/l")).expect("is made");
    let put = |path: &str, layer, below, same: Option<&str>| Change::Put {
        path: path.to_owned(),
        layer,
        below,
        same: same.map(str::to_owned),
    };
    let changes = vec![
        put("a", 0, Some(state(&base.join("a"))), None),
        put("d/b", 1, Some(state(&base.join("d/b"))), None),
        Change::Remove { path: "gone/x".to_owned(), below: state(&base.join("gone/x")) },
        Change::RemoveDir { path: "gone".to_owned() },
        Change::Dir { path: "new".to_owned(), mode: None },
        Change::Dir { path: "new/deep".to_owned(), mode: Some(0o700) },
        put("new/deep/f", 0, None, None),
        put("new/g", 0, None, Some("new/deep/f")),
        put("new/l", 0, None, None),
        Change::Link { path: "d/e/s".to_owned(), to: "stays".to_owned(), below: None },
    ];
    let record = Record::new(root(&base), layers, "run", "task", changes);
    let commits = Commits { dir: dir.path().join("commits"), ground: Arc::new(Ground::default()) };
    Setting { dir, _other: base_dir, base, record, commits }
}

/// Every path below a directory, with what it holds and how many names it has.
fn picture(dir: &Path) -> BTreeMap<PathBuf, (String, u64)> {
    let mut picture = BTreeMap::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(&next).expect("is listed") {
            let path = entry.expect("an entry").path();
            let meta = path.symlink_metadata().expect("is there");
            let text = if meta.is_dir() {
                pending.push(path.clone());
                format!("dir {:o}", meta.mode() & 0o777)
            } else if meta.is_symlink() {
                format!("{:?}", std::fs::read_link(&path).expect("is read"))
            } else {
                std::fs::read_to_string(&path).expect("is read")
            };
            let names = if meta.is_dir() { 1 } else { meta.nlink() };
            picture.insert(path.strip_prefix(dir).expect("is inside").to_owned(), (text, names));
        }
    }
    picture
}

/// A directory on another file system than the temporary one, where this machine has one.
fn elsewhere() -> Option<tempfile::TempDir> {
    let dir = tempfile::tempdir_in("/dev/shm").ok()?;
    let here = tempfile::tempdir().ok()?;
    (dir.path().metadata().ok()?.dev() != here.path().metadata().ok()?.dev()).then_some(dir)
}

fn whole(other: impl Fn() -> Option<tempfile::TempDir>) -> BTreeMap<PathBuf, (String, u64)> {
    let setting = setting(other());
    let warnings = setting.commits.commit(&setting.record, None).expect("is committed");
    assert_eq!(warnings, Vec::<String>::new());
    let left: Vec<_> = std::fs::read_dir(&setting.commits.dir).expect("is listed").collect();
    assert!(left.is_empty(), "{left:?}");
    picture(&setting.base)
}

#[test]
fn a_commit_makes_every_change() {
    let picture = whole(|| None);
    let text = |path: &str| picture.get(Path::new(path)).map(|(text, names)| (text.as_str(), *names));
    assert_eq!(text("a"), Some(("new a", 1)));
    assert_eq!(text("d/b"), Some(("new b", 1)));
    assert_eq!(text("gone"), None);
    assert_eq!(text("new/deep"), Some(("dir 700", 1)));
    assert_eq!(text("new/deep/f"), Some(("deep", 2)));
    assert_eq!(text("new/g"), Some(("deep", 2)));
    assert_eq!(text("new/l"), Some(("\"../a\"", 1)));
    assert_eq!(text("d/e/s"), Some(("stays", 2)));
}

/// Cut off after each change, and within one: the record is found, and carried out to the same end.
fn cut_off_anywhere(other: impl Fn() -> Option<tempfile::TempDir>) {
    let wanted = whole(&other);
    let count = setting(None).record.changes.len();
    for done in 0..=count {
        for half in [false, true] {
            let setting = setting(other());
            let kept = record::write(&setting.commits.dir, "run-0", &setting.record).expect("is written");
            let mut begun = setting.record.clone();
            begun.changes.truncate(done);
            Work::new(&begun, &setting.commits, "run-0", None, false).carry_out().expect("is done");
            if half && let Some(Change::Put { path, layer, .. }) = setting.record.changes.get(done) {
                // What a copy to another file system leaves, before it removes its source.
                let source = setting.record.layers.join(layer.to_string()).join(path);
                let to = setting.base.join(path);
                let _ = std::fs::remove_file(&to);
                if source.symlink_metadata().expect("is there").is_symlink() {
                    std::os::unix::fs::symlink(std::fs::read_link(&source).expect("is read"), &to).expect("is made");
                } else {
                    std::fs::copy(&source, &to).expect("is copied");
                }
            }
            drop(kept);
            let said = setting.commits.recover();
            assert_eq!(said.len(), 1, "{said:?}");
            let mut found = picture(&setting.base);
            if half && wanted != found {
                // A second copy cannot know that it was to be a second name.
                for (path, (_, names)) in &mut found {
                    *names = wanted.get(path).expect("is wanted").1;
                }
            }
            assert_eq!(found, wanted, "cut off after {done} changes, half a change more: {half}");
            assert_eq!(setting.commits.recover(), Vec::<String>::new(), "it is done once");
            assert!(!setting.record.layers.exists());
            drop(setting.dir);
        }
    }
}

#[test]
fn a_commit_can_be_cut_off_anywhere() {
    cut_off_anywhere(|| None);
}

#[test]
fn a_commit_to_another_file_system_can_be_cut_off_anywhere() {
    if elsewhere().is_none() {
        eprintln!("/dev/shm is no other file system here: commits across two are not tried");
        return;
    }
    cut_off_anywhere(elsewhere);
}

#[test]
fn a_record_that_somebody_works_on_is_left_alone() {
    let setting = setting(None);
    let kept = record::write(&setting.commits.dir, "run-0", &setting.record).expect("is written");
    let before = picture(&setting.base);
    assert_eq!(setting.commits.recover(), Vec::<String>::new());
    assert_eq!(picture(&setting.base), before);
    kept.done().expect("is removed");
}

#[test]
fn a_record_that_leads_elsewhere_changes_nothing() {
    for path in ["../out", "/etc/passwd", "a/../../b", "", "a//b", "./a", "a\0"] {
        let mut setting = setting(None);
        setting.record.changes.push(Change::Dir { path: path.to_owned(), mode: None });
        drop(record::write(&setting.commits.dir, "run-0", &setting.record).expect("is written"));
        let before = picture(&setting.base);
        let said = setting.commits.recover();
        assert!(said.len() == 1 && said[0].contains("leads out of its directory"), "{said:?}");
        assert_eq!(picture(&setting.base), before);
    }
    for text in [
        "",
        "{}",
        "[]",
        "{\"version\": 99, \"root\": \"/\", \"identity\": null, \"layers\": \"/\", \"run\": \"\", \"task\": \"\", \"changes\": []}",
    ] {
        let setting = setting(None);
        std::fs::create_dir_all(&setting.commits.dir).expect("is made");
        std::fs::write(setting.commits.dir.join("bad"), text).expect("is written");
        assert_eq!(setting.commits.recover().len(), 1, "{text:?}");
    }
}

#[test]
fn links_that_the_user_puts_in_the_way_are_never_followed() {
    let setting = setting(None);
    let outside = setting.dir.path().join("outside");
    std::fs::create_dir(&outside).expect("is made");
    std::fs::write(outside.join("b"), "outside").expect("is written");
    // Where the record has directories, there are links now.
    std::fs::rename(setting.base.join("d"), setting.base.join("moved")).expect("is renamed");
    std::os::unix::fs::symlink(&outside, setting.base.join("d")).expect("is made");
    std::os::unix::fs::symlink(&outside, setting.base.join("new")).expect("is made");
    let warnings = setting.commits.commit(&setting.record, None).expect("is committed");
    assert_eq!(std::fs::read_to_string(outside.join("b")).expect("is there"), "outside");
    assert_eq!(std::fs::read_dir(&outside).expect("is listed").count(), 1);
    let beside = setting.base.join("d.stepwell-run/b");
    assert_eq!(std::fs::read_to_string(beside).expect("is there"), "new b");
    assert!(warnings.iter().any(|warning| warning.contains("d.stepwell-run")), "{warnings:?}");
}

#[test]
fn what_others_put_into_a_removed_directory_stays() {
    let setting = setting(None);
    std::fs::write(setting.base.join("gone/theirs"), "theirs").expect("is written");
    let warnings = setting.commits.commit(&setting.record, None).expect("is committed");
    assert_eq!(std::fs::read_to_string(setting.base.join("gone/theirs")).expect("is there"), "theirs");
    assert!(!setting.base.join("gone/x").exists());
    assert!(warnings.len() == 1 && warnings[0].contains("put into it meanwhile"), "{warnings:?}");
}

#[test]
fn a_directory_that_was_replaced_is_not_written_to() {
    let setting = setting(None);
    let outside = setting.dir.path().join("outside");
    std::fs::create_dir(&outside).expect("is made");
    std::fs::rename(&setting.base, setting.dir.path().join("moved")).expect("is renamed");
    std::os::unix::fs::symlink(&outside, &setting.base).expect("is made");
    let failed = setting.commits.commit(&setting.record, None);
    assert!(matches!(failed, Err(CommitFault::Replaced { .. })), "{failed:?}");
    assert_eq!(setting.commits.recover().len(), 1, "it is said, and not done");
    assert_eq!(std::fs::read_dir(&outside).expect("is listed").count(), 0);
    std::fs::remove_file(&setting.base).expect("is removed");
    std::fs::rename(setting.dir.path().join("moved"), &setting.base).expect("is renamed");
    assert_eq!(setting.commits.recover().len(), 1);
    assert_eq!(std::fs::read_to_string(setting.base.join("a")).expect("is there"), "new a");
}
