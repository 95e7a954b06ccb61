//! What must hold when a store is looked after: what is used stays whole, what is not goes, what is damaged is found.

use super::*;
use crate::cache::directory::{Directory, FileNode};
use crate::cache::tree::complete;
use crate::cache::{ActionResult, Function, LocalOptions, OutputDirectory, OutputFile, Privacy, Record, Store};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Rig {
    dir: TempDir,
    store: Local,
    upkeep: Upkeep,
}

fn rig() -> Rig {
    let dir = tempfile::tempdir().expect("a directory");
    let place = dir.path().join("store");
    let store = Local::open(LocalOptions::of(place.clone())).expect("a store");
    Rig { dir, store, upkeep: Upkeep::open(place).expect("a store") }
}

/// The time by which files are stamped: that of the file system.
fn now() -> SystemTime {
    tempfile::tempfile().and_then(|file| file.metadata()).and_then(|meta| meta.modified()).expect("has a time")
}

fn key(name: &str) -> Digest {
    Function::Blake3.of(name.as_bytes())
}

impl Rig {
    /// A result with a file of its own, one that all share, and a directory with both, and a record of it.
    fn result(&self, name: &str, size: usize, privacy: Privacy) -> ActionResult {
        let put = |bytes: &[u8]| self.store.put(bytes, privacy).expect("is put");
        let own: Vec<u8> = name.bytes().cycle().take(size).collect();
        let (own, shared) = (put(&own), put(&[9; 5000]));
        let files =
            vec![FileNode::new("own".to_owned(), own, 0o644), FileNode::new("shared".to_owned(), shared, 0o644)];
        let root = put(&Directory { files, ..Directory::default() }.encode());
        let result = ActionResult {
            files: vec![OutputFile {
                path: "log".to_owned(),
                digest: put(format!("log of {name}").as_bytes()),
                executable: false,
            }],
            directories: vec![OutputDirectory { path: String::new(), tree: None, root: Some(root) }],
            ..ActionResult::default()
        };
        self.store.put_action(&key(name), &result, privacy).expect("is put");
        let record = Record { action: key(name), body: b"reads".to_vec() };
        self.store.put_record(&key("module"), &record, privacy).expect("is put");
        result
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut waiting = vec![self.dir.path().join("store")];
        while let Some(dir) = waiting.pop() {
            for entry in fs::read_dir(dir).expect("is there").flatten() {
                match entry.file_type().expect("has a type").is_dir() {
                    true => waiting.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        found.sort();
        found
    }

    /// Everything that is there was last used so much longer ago.
    fn age(&self, by: Duration) {
        for path in self.files() {
            let file = fs::File::options().write(true).open(&path).expect("opens");
            let time = file.metadata().expect("is there").modified().expect("has a time") - by;
            file.set_modified(time).expect("is set");
        }
    }

    fn sweep(&self, rules: Rules) -> Swept {
        self.upkeep.sweep(rules, now(), &[]).expect("is swept")
    }

    fn has(&self, name: &str) -> bool {
        let Some(kept) = self.store.action(&key(name)).expect("the store works") else { return false };
        assert!(complete(&self.store, &kept.value).expect("the store works"), "{name} is whole");
        true
    }
}

#[test]
fn what_was_not_used_for_long_goes_with_all_that_only_it_needs() {
    let rig = rig();
    rig.result("old", 10_000, Privacy::Shared);
    rig.result("secret", 10_000, Privacy::Private);
    rig.age(DAY * 31);
    rig.result("new", 10_000, Privacy::Shared);
    let counted = rig.upkeep.counts(&[]).expect("is counted");
    assert_eq!((counted.results.number, counted.records.number, counted.private_blobs.number), (3, 3, 3));
    let dry = rig.sweep(Rules { dry_run: true, ..Rules::default() });
    assert_eq!(rig.upkeep.counts(&[]).expect("is counted"), counted, "nothing went");
    let swept = rig.sweep(Rules::default());
    assert_eq!(swept, dry, "what was said is what was done");
    assert_eq!((swept.removed.results.number, swept.removed.records.number), (2, 2));
    assert_eq!((swept.removed.blobs.number, swept.removed.private_blobs.number), (3, 3), "what is shared stays");
    assert!(!rig.has("old") && !rig.has("secret") && rig.has("new"));
    let left = rig.upkeep.counts(&[]).expect("is counted");
    assert_eq!(left, swept.kept);
    assert_eq!(rig.store.records(&key("module")).expect("the store works").len(), 1);
    assert_eq!(rig.sweep(Rules::default()).removed, Counts::default(), "the rest stays");
}

#[test]
fn what_was_used_longest_ago_goes_until_the_rest_has_room() {
    let rig = rig();
    for name in ["one", "two", "three"] {
        rig.age(DAY);
        rig.result(name, 1 << 20, Privacy::Shared);
    }
    rig.age(DAY);
    assert!(rig.has("one"), "using it makes it new");
    let one = rig.store.action(&key("one")).expect("the store works").expect("is there");
    assert!(one.privacy == Privacy::Shared);
    let swept = rig.sweep(Rules { max_size: 5 << 19, ..Rules::default() });
    assert!(!rig.has("two") && rig.has("three") && rig.has("one"));
    assert!(swept.kept.total().bytes <= 5 << 19 && swept.removed.results.number == 1);
    rig.sweep(Rules { max_size: 0, ..Rules::default() });
    assert!(rig.has("one") && rig.has("three"), "used just now: the grace holds whatever the limit");
    rig.age(DAY);
    rig.sweep(Rules { max_size: 0, ..Rules::default() });
    assert!(!rig.has("one") && !rig.has("three"));
    assert_eq!(rig.upkeep.counts(&[]).expect("is counted").total(), Count::default());
}

#[test]
fn what_a_run_uses_stays_while_the_run_lives() {
    let rig = rig();
    let pin = rig.store.pin().expect("is pinned");
    let began = fs::metadata(rig.dir.path().join("store/pins")).expect("is there").modified().expect("has a time");
    let loose = rig.store.put(b"before its result", Privacy::Shared).expect("is put");
    rig.result("used", 100, Privacy::Shared);
    let rules = Rules { max_size: 0, ..Rules::default() };
    // Long after, the run still goes on.
    let later = began + DAY * 100;
    rig.upkeep.sweep(rules, later, &[]).expect("is swept");
    assert!(rig.store.has(&loose).expect("the store works").is_some());
    assert!(rig.store.action(&key("used")).expect("the store works").is_some());
    let stale = rig.dir.path().join("store/pins/of-a-process-that-died");
    fs::write(&stale, "").expect("is written");
    fs::File::options().write(true).open(&stale).expect("opens").set_modified(began - DAY).expect("is set");
    drop(pin);
    assert_eq!(fs::read_dir(rig.dir.path().join("store/pins")).expect("is there").count(), 1);
    rig.upkeep.sweep(rules, later, &[]).expect("is swept");
    assert_eq!(rig.upkeep.counts(&[]).expect("is counted").total(), Count::default());
    assert!(!stale.exists(), "nobody holds its lock");
}

#[test]
fn blobs_before_their_result_stay_for_the_grace() {
    let rig = rig();
    let loose = rig.store.put(b"loose", Privacy::Shared).expect("is put");
    fs::write(rig.dir.path().join("store/tmp/half"), "half").expect("is written");
    assert_eq!(rig.sweep(Rules::default()).removed, Counts::default());
    rig.age(Duration::from_secs(3590));
    assert_eq!(rig.sweep(Rules::default()).removed, Counts::default());
    // Putting it again is use, though nothing is written.
    rig.age(Duration::from_secs(3600));
    rig.store.put(b"loose", Privacy::Shared).expect("is put");
    assert_eq!(rig.sweep(Rules::default()).removed.drafts.number, 1);
    assert!(rig.store.has(&loose).expect("the store works").is_some());
    rig.age(Duration::from_secs(3610));
    assert_eq!(rig.sweep(Rules::default()).removed.blobs.number, 1);
    assert_eq!(rig.store.has(&loose).expect("the store works"), None);
}

#[test]
fn what_is_used_while_it_is_collected_stays() {
    let rig = rig();
    let digest = rig.store.put(b"used", Privacy::Shared).expect("is put");
    rig.age(DAY);
    let path = rig.files().into_iter().find(|path| path.ends_with(local::file_name(&digest))).expect("is there");
    let used = fs::metadata(&path).expect("is there").modified().expect("has a time");
    // Another process puts it again between the census and the end of the file.
    rig.store.put(b"used", Privacy::Shared).expect("is put");
    assert!(!rig.upkeep.take_away(&path, used).expect("works"));
    assert_eq!(rig.store.get(&digest, 10).expect("the store works").as_deref(), Some(&b"used"[..]));
    let used = fs::metadata(&path).expect("is there").modified().expect("has a time");
    assert!(rig.upkeep.take_away(&path, used).expect("works"));
    assert_eq!(rig.store.has(&digest).expect("the store works"), None);
    assert!(!rig.upkeep.take_away(&path, used).expect("what has gone is no fault"));
}

#[test]
fn what_lies_beside_goes_by_the_same_rules() {
    let rig = rig();
    let beside = |name: &str, used: SystemTime| {
        let path = rig.dir.path().join(name);
        fs::write(&path, [0; 100]).expect("is written");
        Beside { paths: vec![path], bytes: 4096, used }
    };
    let things = [beside("old", now() - DAY * 31), beside("large", now() - DAY * 2), beside("new", now() - DAY)];
    let rules = Rules { max_size: 4096, ..Rules::default() };
    let swept = rig.upkeep.sweep(rules, now(), &things).expect("is swept");
    assert_eq!((swept.removed.beside.number, swept.kept.beside.number), (2, 1));
    let left: Vec<bool> = ["old", "large", "new"].iter().map(|name| rig.dir.path().join(name).exists()).collect();
    assert_eq!(left, [false, false, true]);
}

#[test]
fn every_flipped_bit_is_found() {
    let rig = rig();
    rig.result("one", 3000, Privacy::Shared);
    rig.result("secret", 70_000, Privacy::Private);
    let mut memo = crate::cache::tree::Memo::new(Function::Blake3);
    let file = fs::File::open(rig.dir.path()).expect("opens");
    memo.put(&rustix::fs::fstat(&file).expect("is there"), key("x"), now() + DAY);
    rig.store.keep_memo("a directory", &memo).expect("is kept");
    let good = rig.upkeep.verify().expect("is read");
    assert_eq!((good.blobs, good.entries, good.damaged.len(), good.incomplete.len()), (7, 5, 0, 0));
    let lock = rig.dir.path().join("store/lock");
    for path in rig.files().into_iter().filter(|path| *path != lock) {
        let bytes = fs::read(&path).expect("is read");
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).expect("is written");
            let found = rig.upkeep.verify().expect("is read");
            let within = path.strip_prefix(rig.dir.path().join("store")).expect("is within").to_owned();
            assert_eq!(found.damaged, [within], "byte {at}");
            assert!(!path.exists());
            let again = rig.upkeep.verify().expect("is read");
            assert!(again.damaged.is_empty() && again.incomplete.is_empty(), "it is whole again");
            rig.result("one", 3000, Privacy::Shared);
            rig.result("secret", 70_000, Privacy::Private);
            rig.store.keep_memo("a directory", &memo).expect("is kept");
        }
    }
    fs::write(rig.dir.path().join("store/shared/blobs/blake3/stranger"), "").expect("is written");
    let group = fs::read_dir(rig.dir.path().join("store/shared/blobs/blake3")).expect("is there").flatten();
    let group = group.map(|entry| entry.path()).find(|path| path.is_dir()).expect("is there");
    fs::write(group.join("no digest"), "").expect("is written");
    assert_eq!(rig.upkeep.verify().expect("is read").damaged.len(), 1);
}

#[test]
fn a_result_without_its_blobs_goes() {
    let rig = rig();
    let result = rig.result("one", 3000, Privacy::Shared);
    let log = result.files[0].digest;
    let path = rig.files().into_iter().find(|path| path.ends_with(local::file_name(&log))).expect("is there");
    fs::remove_file(path).expect("is removed");
    let found = rig.upkeep.verify().expect("is read");
    assert_eq!((found.damaged.len(), found.incomplete.len()), (0, 2), "the result and its record");
    rig.result("one", 3000, Privacy::Shared);
    assert!(rig.has("one"));
}
