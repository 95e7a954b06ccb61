//! The whole way from text to Plan, over Tekton's own examples and over objects that are wrong.

mod plans;
mod rules;
mod run_rules;
mod runs;

use super::*;
use crate::model::diagnostic::Severity;
use crate::model::plan::{Resolved, Root};

fn read_text(text: &str) -> (ObjectSet, Diagnostics) {
    read(&[Source { name: "x.yaml".to_owned(), text: text.as_bytes().to_vec() }])
}

/// What Tekton would have said.
fn words(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.list().iter().filter_map(|d| d.tekton.clone()).collect()
}

fn cases(folder: &str) -> Vec<(String, Vec<u8>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_example_is_read_without_errors_and_planned() {
    let mut runs = 0;
    for folder in ["examples", "edge"] {
        for (name, text) in cases(folder) {
            let (set, diagnostics) = read(&[Source { name: name.clone(), text }]);
            let errors: Vec<_> = diagnostics.list().iter().filter(|d| d.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
            assert!(!set.runs.is_empty(), "{name}");
            for run in &set.runs {
                let plan = set.plan(run, "r", "u");
                runs += 1;
                match plan.root {
                    Root::Pipeline { pipeline: Resolved::Found(_), .. }
                    | Root::Task { task: Resolved::Found(_), .. } => {}
                    other => assert!(name.contains("not-found") || name.contains("/edge/"), "{name}: {other:?}"),
                }
            }
        }
    }
    assert!(runs >= 69, "{runs}");
}
