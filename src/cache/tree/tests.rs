//! What must hold of trees: the same directory has the same digest, another has another, and what is restored stays
//! in its directory, whatever the tree, the directory or its neighbours do.

mod hostile;

use super::*;
use crate::cache::directory::{Directory, DirectoryNode, FileNode, SymlinkNode};
use crate::cache::{Function, Local, LocalOptions, Privacy, Store};
use rustix::fs::{CWD, FileType, Mode};
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

const FUNCTION: Function = Function::Blake3;

/// Long after every file that a test makes was changed.
fn later() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1 << 34)
}

fn store() -> (TempDir, Local) {
    let dir = tempfile::tempdir().expect("a directory");
    let options = LocalOptions { dir: dir.path().join("store"), function: FUNCTION, namespace: String::new() };
    let store = Local::open(options).expect("a store");
    (dir, store)
}

fn walked(dir: &Path, memo: &mut Memo, now: SystemTime, keep: Option<&Local>) -> Result<Hashed, TreeError> {
    let root = File::open(dir).expect("opens");
    let keep = keep.map(|store| (store as &dyn Store, Privacy::Shared));
    hash(root.as_fd(), Walk { memo, now, keep, directory: &mut |_, _| {} })
}

fn hashed(dir: &Path) -> Digest {
    walked(dir, &mut Memo::new(FUNCTION), later(), None).expect("is hashed").root
}

fn kept(dir: &Path, store: &Local) -> Digest {
    walked(dir, &mut Memo::new(FUNCTION), later(), Some(store)).expect("is kept").root
}

fn restored(store: &Local, root: &Digest, into: &Path) -> Result<Restored, TreeError> {
    let dir = File::open(into).expect("opens");
    restore(root, dir.as_fd(), Restore { store, memo: None, most_bytes: u64::MAX })
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("is set");
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("is there").permissions().mode() & 0o7777
}

/// A directory with one of everything.
fn sample() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    let at = |path: &str| dir.path().join(path);
    fs::create_dir_all(at("a/b/c")).expect("is made");
    fs::create_dir(at("empty")).expect("is made");
    for (path, content, mode) in
        [("f", "content", 0o644), ("a/run", "#!/bin/sh\n", 0o755), ("a/b/c/deep", "", 0o600), ("a-b", "x", 0o640)]
    {
        fs::write(at(path), content).expect("is written");
        chmod(&at(path), mode);
    }
    fs::write(at("a/large"), vec![3; 200_000]).expect("is written");
    chmod(&at("a/large"), 0o444);
    symlink("../f", at("a/link")).expect("is made");
    symlink("/nowhere/at all", at("dangling")).expect("is made");
    for (path, mode) in [("", 0o755), ("a", 0o755), ("a/b", 0o750), ("a/b/c", 0o700), ("empty", 0o711)] {
        chmod(&at(path), mode);
    }
    dir
}

#[test]
fn a_tree_is_what_the_api_says() {
    let dir = sample();
    let file = |name: &str, content: &[u8], mode| FileNode::new(name.to_owned(), FUNCTION.of(content), mode);
    let of = |directory: Directory| FUNCTION.of(&directory.encode());
    let inner = |name: &str, directory: Directory| DirectoryNode { name: name.to_owned(), digest: of(directory) };
    let link = |name: &str, target: &str| SymlinkNode { name: name.to_owned(), target: target.to_owned() };
    let c = Directory { files: vec![file("deep", b"", 0o600)], mode: Some(0o700), ..Directory::default() };
    let b = Directory { directories: vec![inner("c", c)], mode: Some(0o750), ..Directory::default() };
    let a = Directory {
        files: vec![file("large", &[3; 200_000], 0o444), file("run", b"#!/bin/sh\n", 0o755)],
        directories: vec![inner("b", b)],
        symlinks: vec![link("link", "../f")],
        mode: Some(0o755),
    };
    let empty = Directory { mode: Some(0o711), ..Directory::default() };
    let root = Directory {
        files: vec![file("a-b", b"x", 0o640), file("f", b"content", 0o644)],
        directories: vec![inner("a", a), inner("empty", empty)],
        symlinks: vec![link("dangling", "/nowhere/at all")],
        mode: Some(0o755),
    };
    assert_eq!(hashed(dir.path()), of(root));
    let pinned = "b670741bfff0af9cbf6683fb18b5ea9c61d976883e222f66e4ec01e86a235ffc/357";
    assert_eq!(hashed(dir.path()).to_string(), pinned, "a change of it makes every kept result useless");
}

#[test]
fn every_change_shows_and_nothing_else_does() {
    let dir = sample();
    let at = |path: &str| dir.path().join(path);
    let mut seen = vec![hashed(dir.path())];
    let changes: [(&str, &dyn Fn()); 9] = [
        ("content", &|| fs::write(at("f"), "contend").expect("is written")),
        ("a file's mode", &|| chmod(&at("a/run"), 0o744)),
        ("a directory's mode", &|| chmod(&at("empty"), 0o755)),
        ("the root's mode", &|| chmod(dir.path(), 0o700)),
        ("a target", &|| {
            fs::remove_file(at("dangling")).expect("is removed");
            symlink("elsewhere", at("dangling")).expect("is made");
        }),
        ("a name", &|| fs::rename(at("a-b"), at("b")).expect("is renamed")),
        ("a place", &|| fs::rename(at("b"), at("a/b/b")).expect("is renamed")),
        ("an empty directory", &|| fs::create_dir(at("a/b/c/new")).expect("is made")),
        ("a link for a file", &|| {
            fs::remove_file(at("f")).expect("is removed");
            symlink("a/run", at("f")).expect("is made");
        }),
    ];
    for (what, change) in changes {
        change();
        let now = hashed(dir.path());
        assert!(!seen.contains(&now), "{what}");
        seen.push(now);
    }
    let before = hashed(dir.path());
    File::open(at("a/run")).expect("opens").set_modified(UNIX_EPOCH).expect("is set");
    fs::rename(at("a/run"), at("x")).expect("is renamed");
    fs::copy(at("x"), at("a/run")).expect("is copied");
    fs::remove_file(at("x")).expect("is removed");
    assert_eq!(hashed(dir.path()), before, "neither times nor inodes are part of it");
}

#[test]
fn unchanged_files_are_not_read() {
    let dir = sample();
    let (_place, store) = store();
    let mut memo = store.memo("sample");
    let first = walked(dir.path(), &mut memo, later(), None).expect("is hashed");
    assert_eq!((first.read, first.entries, first.bytes), (5, 11, 200_000 + 18));
    store.keep_memo("sample", &memo).expect("is kept");
    let mut memo = store.memo("sample");
    let again = walked(dir.path(), &mut memo, later(), None).expect("is hashed");
    assert_eq!((again.read, again.root), (0, first.root));
    assert!(!memo.is_changed());

    // The same length, and the time of change put back.
    let path = dir.path().join("f");
    let time = fs::metadata(&path).expect("is there").modified().expect("has a time");
    fs::write(&path, "CONTENT").expect("is written");
    File::options().write(true).open(&path).expect("opens").set_modified(time).expect("is set");
    let changed = walked(dir.path(), &mut memo, later(), None).expect("is hashed");
    assert_eq!(changed.read, 1);
    assert_eq!(changed.root, hashed(dir.path()));
    assert_ne!(changed.root, first.root);

    fs::remove_file(dir.path().join("a/large")).expect("is removed");
    let length = memo.encode().len();
    walked(dir.path(), &mut memo, later(), None).expect("is hashed");
    assert!(memo.encode().len() < length, "what is gone is forgotten");
}

#[test]
fn a_file_that_may_change_within_its_tick_is_read_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("f");
    fs::write(&path, "one").expect("is written");
    let meta = fs::metadata(&path).expect("is there");
    let changed = UNIX_EPOCH + Duration::new(meta.ctime().cast_unsigned(), meta.ctime_nsec() as u32);
    let mut memo = Memo::new(FUNCTION);
    for (after, read) in [(0, 1), (50, 1), (99, 1), (10_000, 1), (0, 0)] {
        let now = changed + Duration::from_millis(after);
        let found = walked(dir.path(), &mut memo, now, None).expect("is hashed");
        assert_eq!(found.read, read, "{after} ms after it was changed");
    }
    // A clock that goes back, or a file from the future: never believed.
    let mut memo = Memo::new(FUNCTION);
    for _ in 0..2 {
        let found = walked(dir.path(), &mut memo, UNIX_EPOCH, None).expect("is hashed");
        assert_eq!(found.read, 1);
    }
}

#[test]
fn a_damaged_memo_knows_nothing() {
    let dir = sample();
    let mut memo = Memo::new(FUNCTION);
    walked(dir.path(), &mut memo, later(), None).expect("is hashed");
    let bytes = memo.encode();
    assert!(Memo::decode(&bytes, FUNCTION).is_some());
    assert!(Memo::decode(&bytes, Function::Sha256).is_none(), "digests of another function");
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Memo::decode(&damaged, FUNCTION).is_none(), "{at}");
        assert!(Memo::decode(&bytes[..at], FUNCTION).is_none(), "{at}");
    }
}

#[test]
fn what_a_tree_cannot_hold_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let refused = || walked(dir.path(), &mut Memo::new(FUNCTION), later(), None).expect_err("is refused");
    let pipe = dir.path().join("pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).expect("is made");
    assert!(matches!(refused(), TreeError::Special { path, kind: "named pipe" } if path == "pipe"));
    fs::remove_file(&pipe).expect("is removed");
    let socket = std::os::unix::net::UnixListener::bind(dir.path().join("s")).expect("is made");
    assert!(matches!(refused(), TreeError::Special { path, kind: "socket" } if path == "s"));
    drop(socket);
    fs::remove_file(dir.path().join("s")).expect("is removed");
    let name = dir.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"));
    fs::write(&name, "").expect("is written");
    assert!(matches!(refused(), TreeError::Name { .. }));
    fs::remove_file(&name).expect("is removed");
    symlink(std::ffi::OsStr::from_bytes(b"\xff"), dir.path().join("l")).expect("is made");
    assert!(matches!(refused(), TreeError::Name { .. }));
    fs::remove_file(dir.path().join("l")).expect("is removed");
    fs::create_dir_all(dir.path().join(vec!["d"; DEEPEST + 2].join("/"))).expect("is made");
    assert!(matches!(refused(), TreeError::TooDeep { .. }));
}

#[test]
fn what_is_restored_is_what_was_kept() {
    let (dir, (_place, store)) = (sample(), store());
    let root = kept(dir.path(), &store);
    assert_eq!(root, hashed(dir.path()));
    let into = tempfile::tempdir().expect("a directory");
    let first = restored(&store, &root, into.path()).expect("is restored");
    assert_eq!(hashed(into.path()), root);
    assert_eq!((first.written, first.kept), (7, 0));
    let again = restored(&store, &root, into.path()).expect("is restored");
    assert_eq!((again.written, again.kept, again.bytes), (0, 7, 0), "what is right stays");

    // Everything is put right that was made wrong; what the tree does not speak of stays.
    let at = |path: &str| into.path().join(path);
    fs::write(at("other"), "mine").expect("is written");
    fs::write(at("f"), "CONTENT").expect("is written");
    chmod(&at("a/run"), 0o4600);
    chmod(&at("a/b/c"), 0o500);
    fs::remove_file(at("a/link")).expect("is removed");
    fs::write(at("a/link"), "a file").expect("is written");
    fs::remove_dir(at("empty")).expect("is removed");
    fs::write(at("empty"), "a file").expect("is written");
    fs::remove_file(at("a-b")).expect("is removed");
    fs::create_dir_all(at("a-b/x/y")).expect("is made");
    fs::write(at("a-b/x/y/z"), "").expect("is written");
    restored(&store, &root, into.path()).expect("is restored");
    assert_eq!(mode(&at("a/run")), 0o755);
    assert_eq!(fs::read(at("other")).expect("is there"), b"mine");
    fs::remove_file(at("other")).expect("is removed");
    assert_eq!(hashed(into.path()), root);
}

#[test]
fn writing_to_what_was_restored_does_not_harm_the_store() {
    let (dir, (_place, store)) = (sample(), store());
    let root = kept(dir.path(), &store);
    let (one, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    restored(&store, &root, one.path()).expect("is restored");
    for path in ["f", "a/run", "a/large"] {
        let path = one.path().join(path);
        chmod(&path, 0o644);
        let mut file = File::options().append(true).open(&path).expect("opens");
        std::io::Write::write_all(&mut file, b"more").expect("is written");
        assert_eq!(fs::metadata(&path).expect("is there").nlink(), 1, "it is no other name of a blob");
    }
    restored(&store, &root, other.path()).expect("is restored");
    assert_eq!(hashed(other.path()), root);
}

#[test]
fn a_draft_is_the_tree_that_it_says() {
    let (dir, (_place, store)) = (sample(), store());
    let at = |path: &str| dir.path().join(path);
    let below = |digest: &Digest| load(&store, digest);
    let mut draft = Draft::above(kept(dir.path(), &store));
    let file = |content: &[u8]| Leaf::File { digest: FUNCTION.of(content), mode: 0o644 };
    fs::write(at("a/b/new"), "new").expect("is written");
    chmod(&at("a/b/new"), 0o644);
    draft.set("a/b/new", file(b"new"), &below).expect("is set");
    fs::remove_dir_all(at("a/b/c")).expect("is removed");
    assert!(draft.remove("a/b/c", &below).expect("is removed"));
    assert!(!draft.remove("a/b/c/deep", &below).expect("nothing is there"));
    assert!(!draft.remove("f/x", &below).expect("nothing is there"));
    chmod(&at("empty"), 0o700);
    draft.set("empty", Leaf::Directory { mode: Some(0o700) }, &below).expect("is set");
    fs::remove_file(at("f")).expect("is removed");
    symlink("a", at("f")).expect("is made");
    draft.set("f", Leaf::Link { target: "a".to_owned() }, &below).expect("is set");
    let mut told = Vec::new();
    let root = draft.finish(FUNCTION, &mut |digest, bytes| {
        assert_eq!(FUNCTION.of(&bytes), *digest);
        told.push(*digest);
        Ok(())
    });
    let root = root.expect("is a tree");
    assert_eq!(root, hashed(dir.path()));
    assert_eq!((told.len(), told.last()), (4, Some(&root)), "only what changed is read and told");
    assert_eq!(draft.get("a/run", &below).expect("is read"), {
        let digest = FUNCTION.of(b"#!/bin/sh\n");
        Some(Leaf::File { digest, mode: 0o755 })
    });
    assert_eq!(draft.get("a/b/c", &below).expect("is read"), None);
    for bad in ["..", "a/../b", "/a", "a//b", "a/", "a\0"] {
        assert!(matches!(draft.set(bad, file(b""), &below), Err(TreeError::Name { .. })), "{bad:?}");
    }
    assert!(matches!(draft.set("", file(b""), &below), Err(TreeError::Name { .. })));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_a_directory_or_refused(bytes in proptest::collection::vec(0_u8.., 0..200)) {
        if let Ok(directory) = Directory::decode(&bytes) {
            assert_eq!(directory.encode(), bytes);
        }
        let _ = crate::cache::ActionResult::decode(&bytes);
    }

    #[test]
    fn a_changed_directory_is_another_or_refused(at in 0_usize..300, bit in 0_u8..8) {
        let files = (0..3).map(|number| FileNode::new(format!("f{number}"), FUNCTION.of(&[number]), 0o640));
        let directory = Directory { files: files.collect(), mode: Some(0o755), ..Directory::default() };
        let mut bytes = directory.encode();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(other) = Directory::decode(&bytes) {
            assert_ne!(other, directory);
            assert_eq!(other.encode(), bytes);
        }
    }
}
