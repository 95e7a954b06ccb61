//! `stepwell cache`: compiled modules are counted and collected with the rest, damage is found, help and faults are
//! as everywhere. Knows no more of the store than a user sees.

use super::place::Place;
use serde_json::Value as Json;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

const MODULE: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;

const RUN: &str = "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: hello}
spec: {taskSpec: {steps: [{name: s, image: ./m.wasm}]}}
";

fn json(place: &Place, arguments: &[&str]) -> Json {
    let arguments = [arguments, &["--output", "json"]].concat();
    let said = place.stepwell(&arguments);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    serde_json::from_str(&said.stdout).expect("it prints JSON")
}

/// The files of compiled modules.
fn compiled(place: &Place) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.path().join("cache/compiled")).expect("something was compiled");
    entries.flatten().map(|entry| entry.path()).collect()
}

/// Nobody used them for years.
fn age(place: &Place) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for path in compiled(place) {
        std::fs::File::options()
            .append(true)
            .open(path)
            .and_then(|file| file.set_modified(old))
            .expect("a time is set");
    }
}

#[test]
fn compiled_modules_are_collected_when_nobody_uses_them() {
    let place = Place::new();
    place.module("m.wasm", MODULE).file("run.yaml", RUN);
    assert_eq!(json(&place, &["cache", "stats"])["total"]["number"], 0);
    assert_eq!(place.stepwell(&["run", "-f", "run.yaml", "--no-cache"]).code, Some(0));
    let stats = json(&place, &["cache", "stats"]);
    assert!(stats["compiledModules"]["number"].as_u64() >= Some(1), "{stats}");
    assert!(stats["compiledModules"]["bytes"].as_u64() > Some(4096), "{stats}");

    age(&place);
    let dry = json(&place, &["cache", "gc", "--dry-run"]);
    assert_eq!((&dry["removed"]["total"], &dry["dryRun"]), (&stats["total"], &Json::Bool(true)));
    assert!(!compiled(&place).is_empty(), "nothing went");
    // Using it makes it new.
    assert_eq!(place.stepwell(&["run", "-f", "run.yaml", "--no-cache"]).code, Some(0));
    assert_eq!(json(&place, &["cache", "gc"])["removed"]["total"]["number"], 0);
    assert!(!compiled(&place).is_empty(), "it was used");

    age(&place);
    let said = place.stepwell(&["cache", "gc", "--max-age", "1d"]);
    assert!(said.stdout.contains("removed compiled modules: "), "{}", said.stdout);
    assert!(compiled(&place).is_empty());
    assert_eq!(place.stepwell(&["run", "-f", "run.yaml", "--no-cache"]).code, Some(0), "it is compiled again");
}

/// Nobody has to think of it.
#[test]
fn after_a_run_what_nobody_uses_goes_by_itself_once_a_day() {
    let place = Place::new();
    place.module("m.wasm", MODULE).file("run.yaml", RUN);
    let other = MODULE.replace("_start", "_start\") (export \"other");
    place.module("n.wasm", &other).file("other.yaml", &RUN.replace("m.wasm", "n.wasm"));
    assert_eq!(place.stepwell(&["run", "-f", "run.yaml"]).code, Some(0));
    let one = compiled(&place).len();
    assert_eq!(place.stepwell(&["run", "-f", "other.yaml"]).code, Some(0));
    assert!(compiled(&place).len() > one);
    age(&place);
    let said = place.stepwell(&["run", "-f", "run.yaml", "--refresh"]).exits(0);
    assert!(!said.stderr.contains("from the cache"), "it was done today: {}", said.stderr);
    let stamp = place.path().join("cache/store/swept");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().append(true).open(&stamp).and_then(|file| file.set_modified(old)).expect("a time is set");
    let said = place.stepwell(&["run", "-f", "run.yaml", "--refresh"]).exits(0);
    assert!(said.stderr.contains("note: removed ") && said.stderr.contains("from the cache"), "{}", said.stderr);
    assert_eq!(compiled(&place).len(), one, "the one that is used stays");
}

#[test]
fn damage_is_found_and_said() {
    let place = Place::new();
    assert_eq!(json(&place, &["cache", "verify"])["damaged"], Json::Array(Vec::new()));
    // A blob whose name is the hash of something else.
    let name = format!("{}-3", "ab".repeat(32));
    place.file(&format!("cache/store/v1/shared/blobs/blake3/ab/{name}"), "abc");
    let said = place.stepwell(&["cache", "verify"]);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(
        said.stdout.contains(&format!("removed, as it was damaged: shared/blobs/blake3/ab/{name}")),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("1 damaged"), "{}", said.stdout);
    assert!(place.stepwell(&["cache", "verify"]).stdout.contains("0 damaged"));
}

#[test]
fn a_cache_that_cannot_be_used_is_a_fault() {
    let place = Place::new();
    place.file("cache/store", "no directory");
    for command in ["stats", "gc", "verify"] {
        let said = place.stepwell(&["cache", command]);
        assert_eq!(said.code, Some(3), "{command}: {}", said.stderr);
        assert!(said.stderr.contains("the cache in ") && said.stderr.contains("--cache-dir"), "{}", said.stderr);
    }
    for wrong in [["--max-size", "much"], ["--max-age", "7"]] {
        assert_eq!(place.stepwell(&["cache", "gc", wrong[0], wrong[1]]).code, Some(2));
    }
}
