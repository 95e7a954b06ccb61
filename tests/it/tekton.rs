//! Tekton's own examples, run by the built binary with its userland, against the state that the real Tekton reached: each
//! ends as it does there. Knows the files and what differs from one run to the next.

use crate::cli::place::{Place, Said};
use crate::edge::compare;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// Examples whose results are the time of day.
const TIMED: [&str; 1] = ["taskruns/task-result.yaml"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/examples")
}

/// All example files below a folder, by their paths from the folder of examples.
fn files(below: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(below).expect("a folder of examples") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            let path = path.strip_prefix(folder()).expect("lies in it").to_string_lossy().into_owned();
            found.push(path);
        }
    }
}

fn objects(printed: &str) -> Vec<Json> {
    let list: Json = serde_json::from_str(printed).unwrap_or(Json::Null);
    list["items"].as_array().cloned().unwrap_or_default()
}

/// What differs from Tekton; nothing where all is the same.
fn differences(place: &Place, file: &str) -> Vec<String> {
    let path = folder().join(file);
    let path = path.to_str().expect("a path of text");
    let said: Said = place.stepwell(&["run", "-f", path, "--output", "json"]);
    let mut found = Vec::new();
    if said.code != Some(0) {
        let lines: Vec<&str> = said.stderr.lines().rev().take(12).collect();
        let lines: Vec<&str> = lines.into_iter().rev().collect();
        found.push(format!("exit code {:?}\n{}", said.code, lines.join("\n")));
    }
    let expected =
        folder().join("expected").join(format!("{}.json", file.trim_end_matches(".yaml").replace('/', "__")));
    // One of them has no state of its own: there the exit code says all.
    if let Ok(text) = std::fs::read_to_string(expected) {
        let want = text.replace("NAMESPACE/", "default/");
        let want: Json = serde_json::from_str(&want).expect("an expected state");
        let others = compare::differences(&want["objects"], &compare::reduced(&objects(&said.stdout)));
        found.extend(others.into_iter().filter(|other| !(TIMED.contains(&file) && other.contains(".value:"))));
    }
    found
}

#[test]
fn every_example_of_tekton_ends_as_it_does_there() {
    let mut all = Vec::new();
    for kind in ["pipelineruns", "taskruns"] {
        files(&folder().join(kind), &mut all);
    }
    all.sort();
    assert_eq!(all.len(), 38, "examples are missing");
    let place = Place::new();
    let mut results = Vec::new();
    // Most of their time they wait.
    std::thread::scope(|scope| {
        let parts: Vec<_> = all.chunks(all.len().div_ceil(4)).collect();
        let running: Vec<_> = parts
            .into_iter()
            .map(|part| {
                let place = &place;
                scope
                    .spawn(move || part.iter().map(|file| (file.clone(), differences(place, file))).collect::<Vec<_>>())
            })
            .collect();
        for part in running {
            results.extend(part.join().expect("a part of the examples"));
        }
    });
    let mut wrong = Vec::new();
    for (file, found) in results {
        if !found.is_empty() {
            wrong.push(format!("{file}: {}", found.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
