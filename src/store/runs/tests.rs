//! Directories of runs: made whole, listed, found, locked, and kept private.

use super::*;
use crate::store::journal;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn id(text: &str) -> RunId {
    RunId::parse(text).unwrap()
}

fn make(store: &RunStore, text: &str, name: &str, created_at: u64) -> NewRun {
    let summary = Summary { name: name.to_owned(), created_at, ..Summary::default() };
    store.create(&id(text), b"{}", Some(b"hush"), &summary).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_run_is_whole_private_and_locked() {
    let state = tempfile::tempdir().unwrap();
    let store = RunStore::open(state.path()).unwrap();
    let run = make(&store, "abcdefgh", "build", 5);
    assert_eq!(run.dir.path(), state.path().join("v1/runs/abcdefgh"));
    assert_eq!(mode(run.dir.path()), 0o700);
    for file in ["journal", "secrets", "lock", "summary.json"] {
        assert_eq!(mode(&run.dir.path().join(file)), 0o600, "{file}");
    }
    assert_eq!(journal::read_header(&run.dir.journal_path()).unwrap().as_deref(), Some(&b"{}"[..]));
    assert!(run.dir.driven().unwrap());
    assert!(matches!(run.dir.lock(), Err(StoreFault::Driven { .. })));
    assert!(matches!(
        store.create(&id("abcdefgh"), b"{}", None, &Summary::default()),
        Err(StoreFault::RunExists { .. })
    ));

    assert_eq!(run.dir.read_secrets().unwrap().as_deref(), Some(&b"hush"[..]));
    run.dir.remove_secrets().unwrap();
    run.dir.remove_secrets().unwrap();
    assert_eq!(run.dir.read_secrets().unwrap(), None);

    let dir = run.dir.clone();
    drop(run);
    assert!(!dir.driven().unwrap());
    let lock = dir.lock().unwrap();
    assert!(dir.driven().unwrap());
    drop(lock);
}

#[test]
fn many_lookers_do_not_keep_a_driver_out() {
    let state = tempfile::tempdir().unwrap();
    let store = RunStore::open(state.path()).unwrap();
    let dir = make(&store, "abcdefgh", "build", 5).dir;
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    dir.driven().unwrap();
                }
            });
        }
        for _ in 0..50 {
            dir.lock().unwrap();
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_run_that_cannot_be_made_leaves_nothing_to_see() {
    let state = tempfile::tempdir().unwrap();
    let store = RunStore::open(state.path()).unwrap();
    let refused = store.create(&id("abcdefgh"), b"", None, &Summary::default());
    assert!(matches!(refused, Err(StoreFault::RecordShape)));
    assert!(store.list().unwrap().is_empty());
    assert_eq!(fs::read_dir(state.path().join("v1/runs")).unwrap().count(), 0);
    make(&store, "abcdefgh", "build", 5);
}

#[test]
fn lists_are_newest_first_and_pass_over_what_is_no_run() {
    let state = tempfile::tempdir().unwrap();
    let store = RunStore::open(state.path()).unwrap();
    for (text, at) in [("aaaaaaaa", 10), ("bbbbbbbb", 30), ("cccccccc", 20), ("dddddddd", 20)] {
        make(&store, text, "x", at);
    }
    fs::write(state.path().join("v1/runs/notes.txt"), "").unwrap();
    fs::create_dir(state.path().join("v1/runs/.new-eeeeeeee")).unwrap();
    fs::write(state.path().join("v1/runs/aaaaaaaa/summary.json"), "{").unwrap();
    let listed = store.list().unwrap();
    let ids: Vec<&str> = listed.iter().map(|run| run.dir.id().as_str()).collect();
    // A run whose summary is lost counts by its files, which are newer than 30 ns after 1970.
    assert_eq!(ids, ["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"]);
    assert!(listed[0].summary.is_none());
}

#[test]
fn runs_are_found_by_id_name_prefix_or_nothing() {
    let state = tempfile::tempdir().unwrap();
    let store = RunStore::open(state.path()).unwrap();
    assert!(matches!(store.resolve(""), Err(StoreFault::NoRuns)));
    make(&store, "abcdefgh", "build", 1);
    make(&store, "abzzzzzz", "build", 2);
    make(&store, "xyxyxyxy", "abc", 3);
    let found = |selector: &str| store.resolve(selector).map(|run| run.dir.id().to_string());
    let cases =
        [("", "xyxyxyxy"), ("abcdefgh", "abcdefgh"), ("build", "abzzzzzz"), ("abcd", "abcdefgh"), ("x", "xyxyxyxy")];
    for (selector, expected) in cases {
        assert_eq!(found(selector).unwrap(), expected, "{selector}");
    }
    // A name wins over a prefix.
    assert_eq!(found("abc").unwrap(), "xyxyxyxy");
    assert_eq!(
        found("ab").unwrap_err().to_string(),
        "\"ab\" is the beginning of several runs: abzzzzzz (build), abcdefgh (build)"
    );
    assert_eq!(
        found("nope").unwrap_err().to_string(),
        "no run matches \"nope\"; the newest are xyxyxyxy (abc), abzzzzzz (build), abcdefgh (build)"
    );
    assert!(found("../runs/abcdefgh").is_err());
}

#[test]
fn ids_are_eight_letters() {
    for bytes in [[0; 8], [0xff; 8], *b"whatever"] {
        let id = RunId::from_random(bytes);
        assert_eq!(RunId::parse(id.as_str()), Some(id));
    }
    assert_ne!(RunId::from_random([1; 8]), RunId::from_random([2; 8]));
    for text in ["", "abc", "abcdefghi", "Abcdefgh", "../../ab", "abcdefg\u{e9}"] {
        assert_eq!(RunId::parse(text), None, "{text}");
    }
}

#[test]
fn a_summary_is_replaced_whole() {
    let state = tempfile::tempdir().unwrap();
    let store = RunStore::open(state.path()).unwrap();
    let dir = make(&store, "abcdefgh", "build", 5).dir;
    let summary = Summary { name: "build".to_owned(), status: "True".to_owned(), ended_at: 9, ..Summary::default() };
    dir.write_summary(&summary).unwrap();
    assert_eq!(dir.read_summary(), Some(summary));
    // Fields that a later version adds do no harm, and missing ones are empty.
    fs::write(dir.path().join("summary.json"), r#"{"name":"n","later":1}"#).unwrap();
    assert_eq!(dir.read_summary(), Some(Summary { name: "n".to_owned(), ..Summary::default() }));
}
