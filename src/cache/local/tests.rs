//! What must hold of a local store: what comes out is what went in, or nothing does.

use super::*;
use crate::cache::{Directory, MOST_RECORDS, OutputDirectory, OutputFile};
use std::fs;
use std::io::{Seek, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use tempfile::TempDir;

const ALL: u64 = u64::MAX;

fn options(dir: &Path) -> LocalOptions {
    LocalOptions { dir: dir.to_owned(), function: Function::Blake3, namespace: String::new() }
}

fn store() -> (TempDir, Local) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Local::open(options(&dir.path().join("a/store"))).expect("a store");
    (dir, store)
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("is written");
    file
}

fn read(store: &Local, digest: &Digest) -> Option<Vec<u8>> {
    let got = store.get(digest, ALL).expect("the store works");
    let mut target = tempfile::tempfile().expect("a file");
    let copied = store.get_file(digest, &target).expect("the store works");
    assert_eq!(copied, got.is_some(), "both ways agree");
    if let Some(got) = &got {
        let mut bytes = Vec::new();
        target.rewind().expect("goes back");
        io::Read::read_to_end(&mut target, &mut bytes).expect("is read");
        assert!(bytes == *got, "both ways agree");
    }
    got
}

/// Pieces of every size that matters: none, small, more than a piece and than what is reflinked.
fn contents() -> [Vec<u8>; 5] {
    let many = |count: usize| (0..count).map(|i| (i * 31 % 251) as u8).collect();
    [Vec::new(), b"a".to_vec(), many(4096), many(128 << 10), many(300_001)]
}

fn result(files: &[Digest]) -> ActionResult {
    let files = files.iter().map(|digest| OutputFile { path: "out".to_owned(), digest: *digest, executable: false });
    ActionResult { files: files.collect(), exit_code: -3, ..ActionResult::default() }
}

#[test]
fn what_is_put_is_got() {
    for function in [Function::Blake3, Function::Sha256] {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Local::open(LocalOptions { function, ..options(dir.path()) }).expect("a store");
        for bytes in contents() {
            let digest = function.of(&bytes);
            assert_eq!(read(&store, &digest).is_some(), bytes.is_empty(), "only the empty blob is always there");
            assert_eq!(store.put(&bytes, Privacy::Shared).expect("is put"), digest);
            assert_eq!(read(&store, &digest).as_ref(), Some(&bytes));
            assert_eq!(store.has(&digest).expect("the store works"), Some(Privacy::Shared));
        }
        let left = fs::read_dir(dir.path().join("tmp")).expect("is there").count();
        assert_eq!(left, 0, "no draft is left");
    }
    let (_dir, store) = store();
    for bytes in contents() {
        let digest = store.put_file(&mut file(&bytes), Privacy::Shared).expect("is put");
        assert_eq!(digest, Function::Blake3.of(&bytes));
        assert_eq!(read(&store, &digest).as_ref(), Some(&bytes));
    }
}

#[test]
fn larger_than_asked_for_is_refused() {
    let (_dir, store) = store();
    let digest = store.put(&[1; 100], Privacy::Shared).expect("is put");
    assert!(matches!(store.get(&digest, 99), Err(StoreError::TooLarge(_))));
    assert!(store.get(&digest, 100).expect("the store works").is_some());
}

/// What happens to a blob, and how.
type Damage<'a> = (&'a str, &'a dyn Fn(&Path));

#[test]
fn what_is_damaged_is_gone() {
    let (dir, store) = store();
    let elsewhere = dir.path().join("elsewhere");
    fs::write(&elsewhere, [5; 5000]).expect("is written");
    let damages: [Damage<'_>; 6] = [
        ("a bit", &|path| {
            let mut bytes = fs::read(path).expect("is read");
            bytes[2500] ^= 4;
            fs::write(path, bytes).expect("is written");
        }),
        ("cut", &|path| fs::write(path, [7; 4999]).expect("is written")),
        ("longer", &|path| fs::write(path, [7; 5001]).expect("is written")),
        ("empty", &|path| fs::write(path, []).expect("is written")),
        ("a link", &|path| {
            fs::remove_file(path).expect("is removed");
            symlink(&elsewhere, path).expect("is made");
        }),
        ("a directory", &|path| {
            fs::remove_file(path).expect("is removed");
            fs::create_dir(path).expect("is made");
        }),
    ];
    for (name, damage) in damages {
        let digest = store.put(&[7; 5000], Privacy::Shared).expect("is put");
        let path = store.path(Privacy::Shared, BLOBS, &digest);
        damage(&path);
        assert_eq!(read(&store, &digest), None, "{name}");
        if name == "a directory" {
            fs::remove_dir(&path).expect("is removed");
        } else {
            assert!(!path.is_file() || path.is_symlink(), "{name}: it is removed");
        }
        assert_eq!(fs::read(&elsewhere).expect("is read"), [5; 5000], "{name}");
        store.put(&[7; 5000], Privacy::Shared).expect("is put again");
        assert_eq!(read(&store, &digest), Some(vec![7; 5000]), "{name}: it comes again");
    }
}

#[test]
fn a_wrong_size_harms_no_right_blob() {
    let (_dir, store) = store();
    let digest = store.put(b"right", Privacy::Shared).expect("is put");
    for size in [0, 4, 6, u64::MAX] {
        let wrong = Digest { size, ..digest };
        assert!(!matches!(store.get(&wrong, ALL), Ok(Some(_))), "{size}");
        assert_eq!(store.has(&wrong).expect("the store works"), None, "{size}");
    }
    assert_eq!(read(&store, &digest), Some(b"right".to_vec()));
}

#[test]
fn private_is_apart_until_it_is_shared() {
    let (dir, store) = store();
    let digest = store.put(b"a secret", Privacy::Private).expect("is put");
    assert_eq!(store.has(&digest).expect("the store works"), Some(Privacy::Private));
    assert_eq!(read(&store, &digest), Some(b"a secret".to_vec()));
    let path = store.path(Privacy::Private, BLOBS, &digest);
    assert_eq!(fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
    assert!(matches!(store.put_action(&digest, &result(&[digest]), Privacy::Shared), Err(StoreError::Dangling(_))));
    store.put_action(&digest, &result(&[digest]), Privacy::Private).expect("is put");
    let kept = store.action(&digest).expect("the store works").expect("is there");
    assert_eq!((kept.privacy, kept.value), (Privacy::Private, result(&[digest])));
    assert!(!dir.path().join("a/store/shared").exists(), "nothing is where others look");

    assert_eq!(store.put_file(&mut file(b"a secret"), Privacy::Shared).expect("is put"), digest);
    assert_eq!(store.has(&digest).expect("the store works"), Some(Privacy::Shared));
    assert!(!path.exists(), "it is no secret any more");
    store.put(b"a secret", Privacy::Private).expect("is put");
    assert_eq!(store.has(&digest).expect("the store works"), Some(Privacy::Shared), "nor becomes one again");
}

#[test]
fn a_result_comes_after_what_belongs_to_it() {
    let (_dir, store) = store();
    let key = Function::Blake3.of(b"key");
    let inner = Function::Blake3.of(b"in a file");
    let mut directory = Directory::default();
    directory.files.push(crate::cache::directory::FileNode::new("f".to_owned(), inner, 0o644));
    let root = Function::Blake3.of(&directory.encode());
    let mut with = ActionResult { exit_code: 3, ..ActionResult::default() };
    with.directories.push(OutputDirectory { path: String::new(), tree: None, root: Some(root) });
    with.auxiliary.push(("type/x".to_owned(), vec![0, 1, 2]));
    let dangling = |missing: Digest| match store.put_action(&key, &with, Privacy::Shared) {
        Err(StoreError::Dangling(digest)) => assert_eq!(digest, missing),
        other => panic!("{other:?}"),
    };
    dangling(root);
    store.put(&directory.encode(), Privacy::Shared).expect("is put");
    dangling(inner);
    assert_eq!(store.action(&key).expect("the store works"), None);
    store.put(b"in a file", Privacy::Shared).expect("is put");
    store.put_action(&key, &with, Privacy::Shared).expect("is put");
    let kept = store.action(&key).expect("the store works").expect("is there");
    assert_eq!((&kept.value, kept.privacy), (&with, Privacy::Shared));
    assert!(crate::cache::tree::complete(&store, &with).expect("the store works"));
    fs::remove_file(store.path(Privacy::Shared, BLOBS, &inner)).expect("is removed");
    assert!(!crate::cache::tree::complete(&store, &with).expect("the store works"));
}

#[test]
fn a_result_under_another_key_is_not_believed() {
    let (_dir, store) = store();
    let (one, other) = (Function::Blake3.of(b"one"), Function::Blake3.of(b"other"));
    store.put_action(&one, &result(&[]), Privacy::Shared).expect("is put");
    store.put_action(&other, &ActionResult::default(), Privacy::Shared).expect("is put");
    let (from, to) = (store.path(Privacy::Shared, ACTIONS, &one), store.path(Privacy::Shared, ACTIONS, &other));
    fs::copy(&from, &to).expect("is copied");
    assert_eq!(store.action(&other).expect("the store works"), None);
    assert!(!to.exists());
    for cut in [0, 8, 20, 40] {
        let bytes = fs::read(&from).expect("is read");
        fs::write(&from, &bytes[..cut.min(bytes.len() - 1)]).expect("is written");
        assert_eq!(store.action(&one).expect("the store works"), None, "{cut}");
        store.put_action(&one, &result(&[]), Privacy::Shared).expect("is put");
        assert!(store.action(&one).expect("the store works").is_some(), "{cut}");
    }
}

#[test]
fn the_newest_records_stay() {
    let (_dir, store) = store();
    let key = Function::Blake3.of(b"module, arguments");
    let record = |number: u8| Record { action: Function::Blake3.of(&[number]), body: vec![number; 10] };
    assert_eq!(store.records(&key).expect("the store works"), []);
    for number in 0..9 {
        store.put_record(&key, &record(number), Privacy::Shared).expect("is put");
        // Times of files go in ticks.
        let path = store.path(Privacy::Shared, RECORDS, &key);
        for entry in fs::read_dir(&path).expect("is there").flatten() {
            let old = entry.metadata().expect("is there").modified().expect("has a time");
            let time = old - std::time::Duration::from_secs(1);
            File::options().write(true).open(entry.path()).expect("opens").set_modified(time).expect("is set");
        }
    }
    let found: Vec<Record> = store.records(&key).expect("the store works").into_iter().map(|kept| kept.value).collect();
    assert_eq!(found, (5..9).rev().map(record).collect::<Vec<_>>());
    assert_eq!(fs::read_dir(store.path(Privacy::Shared, RECORDS, &key)).expect("is there").count(), MOST_RECORDS);
    for entry in fs::read_dir(store.path(Privacy::Shared, RECORDS, &key)).expect("is there").flatten() {
        let mut bytes = fs::read(entry.path()).expect("is read");
        bytes[20] ^= 1;
        fs::write(entry.path(), bytes).expect("is written");
    }
    assert_eq!(store.records(&key).expect("the store works"), [], "none of them is believed");
    store.put_record(&key, &record(1), Privacy::Private).expect("is put");
    assert_eq!(store.records(&key).expect("the store works")[0].privacy, Privacy::Private);
}

#[test]
fn functions_and_namespaces_are_apart() {
    let (dir, store) = store();
    let place = dir.path().join("a/store");
    let key = Function::Blake3.of(b"key");
    store.put_action(&key, &result(&[]), Privacy::Shared).expect("is put");
    store.put_record(&key, &Record { action: key, body: Vec::new() }, Privacy::Shared).expect("is put");
    for other in [
        LocalOptions { namespace: "fork".to_owned(), ..options(&place) },
        LocalOptions { function: Function::Sha256, ..options(&place) },
    ] {
        let other = Local::open(other).expect("a store");
        assert_eq!(other.action(&key).expect("the store works"), None);
        assert_eq!(other.records(&key).expect("the store works"), []);
    }
}

#[test]
fn a_directory_of_others_is_not_used() {
    let dir = tempfile::tempdir().expect("a directory");
    let place = dir.path().join("store");
    Local::open(options(&place)).expect("a store");
    assert_eq!(fs::metadata(&place).expect("is there").permissions().mode() & 0o777, 0o700);
    for (mode, refused) in [(0o777, true), (0o770, true), (0o755, false)] {
        fs::set_permissions(&place, fs::Permissions::from_mode(mode)).expect("is set");
        assert_eq!(matches!(Local::open(options(&place)), Err(StoreError::Foreign)), refused, "{mode:o}");
    }
    symlink(&place, dir.path().join("link")).expect("is made");
    assert!(Local::open(options(&dir.path().join("link"))).is_err());
    fs::write(dir.path().join("file"), "").expect("is written");
    assert!(matches!(Local::open(options(&dir.path().join("file"))), Err(StoreError::Lost)));
    assert!(matches!(Local::open(options(&dir.path().join("file/in"))), Err(StoreError::Lost)));
}

#[test]
fn a_lost_store_says_so() {
    let (dir, store) = store();
    let digest = store.put(b"here", Privacy::Shared).expect("is put");
    fs::remove_dir_all(dir.path().join("a")).expect("is removed");
    let lost = |error: Option<StoreError>| assert!(matches!(error, Some(StoreError::Lost)), "{error:?}");
    lost(store.put(b"there", Privacy::Shared).err());
    lost(store.put_file(&mut file(b"there"), Privacy::Shared).err());
    lost(store.get(&digest, ALL).err());
    lost(store.has(&digest).err());
    lost(store.action(&digest).err());
    lost(store.put_action(&digest, &result(&[]), Privacy::Shared).err());
    assert!(StoreError::Lost.is_lasting() && !StoreError::TooLarge(digest).is_lasting());
    assert!(!dir.path().join("a").exists(), "it is not made anew");
}

#[test]
fn many_write_the_same() {
    let (_dir, store) = store();
    let bytes = contents();
    let key = Function::Blake3.of(b"key");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for round in 0..20_u8 {
                    for bytes in &bytes {
                        let mut own = bytes.clone();
                        own.push(round);
                        let digest = store.put(&own, Privacy::Shared).expect("is put");
                        assert_eq!(store.get(&digest, ALL).expect("the store works"), Some(own));
                        store.put_action(&key, &result(&[digest]), Privacy::Shared).expect("is put");
                        assert!(store.action(&key).expect("the store works").is_some());
                        let record = Record { action: key, body: vec![round] };
                        store.put_record(&key, &record, Privacy::Shared).expect("is put");
                        store.records(&key).expect("the store works");
                    }
                }
            });
        }
    });
}
