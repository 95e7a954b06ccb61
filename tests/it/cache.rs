//! The store of results in a rough world: processes that are killed at any instant, disks that are full or can only
//! be read. Each part is played by a process of this binary (`child`), which a parent starts, kills and looks after.

use std::io::{BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};
use stepwell::cache::directory::{Directory, FileNode};
use stepwell::cache::tree::complete;
use stepwell::cache::upkeep::{Rules, Upkeep};
use stepwell::cache::{
    ActionResult, Digest, Function, Local, LocalOptions, OutputDirectory, OutputFile, Privacy, Record, Store,
    StoreError,
};

/// Where the store of a child is, its part, and what its numbers begin with.
const STORE: &str = "STEPWELL_TEST_STORE";
const PART: &str = "STEPWELL_TEST_PART";
const SEED: &str = "STEPWELL_TEST_SEED";

/// How often a process is killed in each test.
const KILLS: u64 = 40;

/// A small generator of numbers below `below`, the same each time.
fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below.max(1)
    }
}

fn store(dir: &Path) -> Local {
    Local::open(LocalOptions::of(dir.to_owned())).expect("a store")
}

/// The time by which files are stamped: that of the file system.
fn now() -> SystemTime {
    tempfile::tempfile().and_then(|file| file.metadata()).and_then(|meta| meta.modified()).expect("has a time")
}

/// Keeps a result with files of its own, some of many sizes; gives its key.
fn keep(store: &Local, name: &str, next: &mut dyn FnMut(u64) -> u64) -> Result<Digest, StoreError> {
    let privacy = if next(4) == 0 { Privacy::Private } else { Privacy::Shared };
    let mut files = Vec::new();
    for number in 0..1 + next(4) {
        let mut bytes = format!("{name} {number} ").into_bytes();
        bytes.resize(bytes.len() + usize::try_from(next(90_000)).expect("is small"), 7);
        let digest = if next(2) == 0 {
            store.put(&bytes, privacy)?
        } else {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(&bytes).and_then(|()| file.rewind()).expect("is written");
            store.put_file(&mut file, privacy)?
        };
        files.push(FileNode::new(number.to_string(), digest, 0o644));
    }
    let log = OutputFile { path: "log".to_owned(), digest: store.put(name.as_bytes(), privacy)?, executable: false };
    let root = store.put(&Directory { files, ..Directory::default() }.encode(), privacy)?;
    let directory = OutputDirectory { path: String::new(), tree: None, root: Some(root) };
    let result = ActionResult { files: vec![log], directories: vec![directory], ..ActionResult::default() };
    let key = Function::Blake3.of(name.as_bytes());
    store.put_action(&key, &result, privacy)?;
    let group = Function::Blake3.of(&[u8::try_from(next(5)).expect("is small")]);
    store.put_record(&group, &Record { action: key, body: name.as_bytes().to_vec() }, privacy)?;
    Ok(key)
}

fn is_whole(dir: &Path) {
    let found = Upkeep::open(dir.to_owned()).and_then(|upkeep| upkeep.verify()).expect("is read");
    assert!(found.damaged.is_empty() && found.incomplete.is_empty(), "{found:?}");
}

fn has(store: &Local, key: &Digest) -> bool {
    let Some(kept) = store.action(key).expect("the store works") else { return false };
    assert!(complete(store, &kept.value).expect("the store works"), "a result is there with all that belongs to it");
    true
}

/// A process of this binary that plays a part, as a command for a shell or to be started.
fn part(dir: &Path, part: &str, seed: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", "cache::child", "--nocapture"]);
    command.env(STORE, dir).env(PART, part).env(SEED, seed.to_string()).stdout(Stdio::piped());
    command
}

/// The words after `mark` that a child says, one by one.
fn words<'a>(child: &mut Child, mark: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let output = BufReader::new(child.stdout.take().expect("it is piped"));
    let lines = output.lines().map_while(Result::ok);
    lines.filter_map(move |line| line.split_once(mark).map(|(_, word)| word.to_owned()))
}

/// Plays the part that the environment asks for; as a test of its own it does nothing.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(STORE).map(PathBuf::from) else { return };
    let seed = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok()).expect("a seed");
    match std::env::var(PART).as_deref() {
        Ok("writer") => {
            let (store, mut next) = (store(&dir), numbers(seed));
            let _pin = store.pin().expect("is pinned");
            for number in 0_u64.. {
                let key = keep(&store, &format!("{seed}/{number}"), &mut next).expect("is kept");
                println!("kept {}", key.hex());
                let mut memo = store.memo("a directory");
                let file = tempfile::tempfile().expect("a file");
                let stat = rustix::fs::fstat(&file).expect("is there");
                memo.put(&stat, key, now() + Duration::from_secs(60));
                store.keep_memo("a directory", &memo).expect("is kept");
            }
        }
        Ok("sweeper") => {
            println!("begun now");
            let rules = Rules { max_size: seed % 3 * 300_000, grace: Duration::ZERO, ..Rules::default() };
            let later = now() + Duration::from_secs(60);
            Upkeep::open(dir).and_then(|upkeep| upkeep.sweep(rules, later, &[])).expect("is swept");
        }
        Ok("filler") => fill(&dir, seed),
        Ok("reader") => read_only(&dir),
        other => panic!("{other:?} is no part"),
    }
}

#[test]
fn a_writer_that_is_killed_leaves_a_whole_store() {
    let place = tempfile::tempdir().expect("a directory");
    let dir = place.path().join("store");
    for round in 0..KILLS {
        let mut next = numbers(round);
        let mut writer = part(&dir, "writer", round).spawn().expect("starts");
        let most = 1 + usize::try_from(next(12)).expect("is small");
        let mut said = words(&mut writer, "kept ");
        let kept: Vec<String> = said.by_ref().take(most).collect();
        std::thread::sleep(Duration::from_micros(next(3000)));
        writer.kill().expect("it is killed");
        writer.wait().expect("it has ended");
        assert_eq!(kept.len(), most, "it wrote until it was killed");
        is_whole(&dir);
        let store = store(&dir);
        for hex in kept.into_iter().chain(said) {
            let sizes = (0_u64..200).map(|number| format!("{round}/{number}"));
            let mut keys = sizes.map(|name| Function::Blake3.of(name.as_bytes()));
            let key = keys.find(|key| key.hex() == hex).expect("it is one of this round");
            assert!(has(&store, &key), "what was said to be kept is there");
        }
    }
    // Its pins hold nothing, and what it was writing goes.
    let rules = Rules { max_size: 0, grace: Duration::ZERO, ..Rules::default() };
    let upkeep = Upkeep::open(dir).expect("a store");
    let swept = upkeep.sweep(rules, now() + Duration::from_secs(60), &[]).expect("is swept");
    assert_eq!(swept.kept.total().number, 0);
    assert_eq!(upkeep.counts(&[]).expect("is counted").total().number, 0);
}

#[test]
fn a_collection_that_is_killed_leaves_a_whole_store() {
    let place = tempfile::tempdir().expect("a directory");
    let dir = place.path().join("store");
    for round in 0..KILLS {
        let mut next = numbers(round);
        for number in 0..12 {
            keep(&store(&dir), &format!("{round}/{number}"), &mut next).expect("is kept");
        }
        let mut sweeper = part(&dir, "sweeper", round).spawn().expect("starts");
        let mut said = words(&mut sweeper, "begun ");
        assert_eq!(said.next().as_deref(), Some("now"));
        std::thread::sleep(Duration::from_micros(next(4000)));
        sweeper.kill().expect("it is killed");
        sweeper.wait().expect("it has ended");
        is_whole(&dir);
    }
}

/// Writes until there is no room. What was kept before stays right, and a collection makes room again.
fn fill(dir: &Path, seed: u64) {
    let (store, mut next) = (store(dir), numbers(seed));
    let mut kept = Vec::new();
    let error = loop {
        match keep(&store, &format!("{seed}/{}", kept.len()), &mut next) {
            Ok(key) => kept.push(key),
            Err(error) => break error,
        }
        assert!(kept.len() < 10_000, "there is no end of room");
    };
    assert!(matches!(error, StoreError::Full) && error.is_lasting(), "{error:?}");
    let drafts = std::fs::read_dir(dir.join("tmp")).map_or(0, Iterator::count);
    assert_eq!(drafts, 0, "what could not be written whole is gone");
    is_whole(dir);
    assert!(kept.iter().all(|key| has(&store, key)));
    println!("full after {} results", kept.len());
    let rules = Rules { max_size: 0, grace: Duration::ZERO, ..Rules::default() };
    let upkeep = Upkeep::open(dir.to_owned()).expect("a store");
    upkeep.sweep(rules, now() + Duration::from_secs(60), &[]).expect("is swept");
    let small = store.put(b"small", Privacy::Shared).expect("there is room again");
    println!("room again {small}");
}

/// Everything can be read, and nothing written.
fn read_only(dir: &Path) {
    let store = store(dir);
    let small = Function::Blake3.of(b"small");
    assert_eq!(store.get(&small, 10).expect("is read").as_deref(), Some(&b"small"[..]));
    assert!(store.has(&small).expect("is read").is_some());
    assert_eq!(store.action(&small).expect("is read"), None);
    for error in [
        store.put(b"other", Privacy::Shared).map(drop),
        store.put_action(&small, &ActionResult::default(), Privacy::Shared),
        store.pin().map(drop),
    ] {
        assert!(matches!(error, Err(StoreError::ReadOnly)), "{error:?}");
    }
    println!("read only");
}

/// Runs a shell's script in which `"$@"` plays a part.
fn scripted(script: &str, dir: &Path, played: &Command) -> std::process::Output {
    let mut shell = Command::new("unshare");
    shell.args(["--map-root-user", "--mount", "sh", "-euc", script, "sh"]).arg(played.get_program());
    shell.args(played.get_args()).envs(played.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(dir).output().expect("unshare is there")
}

#[test]
fn a_full_disk_and_one_that_can_only_be_read_are_said() {
    let place = tempfile::tempdir().expect("a directory");
    let mount = place.path().join("disk");
    std::fs::create_dir(&mount).expect("is made");
    let played = part(&mount.join("store"), "filler", 1);
    let script = format!(
        "mount -t tmpfs -o size=2m,mode=700 tmpfs disk; \"$@\"; mount -o remount,ro disk; {PART}=reader \"$@\""
    );
    let output = scripted(&script, place.path(), &played);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() && !said.contains("running 1 test") {
        // A machine where nobody may mount: the other test has a limit in the disk's place.
        println!("not on a small disk of its own, which may not be mounted here: {said}");
        return;
    }
    assert!(output.status.success(), "{said}");
    for words in ["full after ", "room again ", "read only"] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_limit_on_the_size_of_files_is_as_a_full_disk() {
    let place = tempfile::tempdir().expect("a directory");
    let dir = place.path().join("store");
    // Larger than any message, smaller than some of the files.
    let played = part(&dir, "filler", 2);
    let mut shell = Command::new("sh");
    shell.args(["-euc", "trap '' XFSZ; ulimit -f 128; \"$@\"", "sh"]).arg(played.get_program());
    shell.args(played.get_args()).envs(played.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.output().expect("a shell is there");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("room again "), "{said}");
}

#[test]
fn processes_share_a_store_while_another_collects() {
    let place = tempfile::tempdir().expect("a directory");
    let dir = place.path().join("store");
    let mut writers: Vec<Child> = (0..3).map(|seed| part(&dir, "writer", seed).spawn().expect("starts")).collect();
    let mut said: Vec<_> = writers.iter_mut().map(|writer| words(writer, "kept ")).collect();
    let mut kept = Vec::new();
    for _ in 0..15 {
        kept.extend(said.iter_mut().filter_map(Iterator::next));
        let upkeep = Upkeep::open(dir.clone()).expect("a store");
        // They are pinned: nothing of theirs goes, though there is room for nothing.
        upkeep
            .sweep(Rules { max_size: 0, ..Rules::default() }, now() + Duration::from_secs(1 << 20), &[])
            .expect("is swept");
    }
    for writer in &mut writers {
        writer.kill().expect("it is killed");
        writer.wait().expect("it has ended");
    }
    is_whole(&dir);
    let keys = (0..3).flat_map(|seed| (0_u64..200).map(move |number| format!("{seed}/{number}")));
    let keys: Vec<Digest> = keys.map(|name| Function::Blake3.of(name.as_bytes())).collect();
    assert_eq!(kept.len(), 45);
    for hex in kept {
        assert!(has(&store(&dir), keys.iter().find(|key| key.hex() == hex).expect("it is one of theirs")));
    }
}
