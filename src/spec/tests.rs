//! The whole way from text to Plan, over Tekton's own examples and over objects that are wrong.

use super::*;
use crate::model::diagnostic::Severity;
use crate::model::plan::{Resolved, Root};

fn read_text(text: &str) -> (ObjectSet, Diagnostics) {
    read(&[Source { name: "x.yaml".to_owned(), text: text.as_bytes().to_vec() }])
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

/// The lines of Tekton's message without the words around it.
fn significant(message: &str) -> String {
    let mut text = message;
    for prefix in ["validation failed: ", "mutation failed: "] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    for marker in ["is invalid: ", "cannot be handled as a Task: ", "cannot be handled as a Pipeline: "] {
        if let Some((_, rest)) = text.split_once(marker) {
            text = rest;
        }
    }
    text.trim().to_owned()
}

#[test]
fn tekton_and_we_agree_on_every_invalid_object() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/invalid");
    let expected = std::fs::read(folder.join("expected.json")).unwrap();
    let expected: BTreeMap<String, Option<String>> = serde_json::from_slice(&expected).unwrap();
    let mut faults = Vec::new();
    for (name, wanted) in &expected {
        let text = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
        let (_, diagnostics) = read_text(&text);
        let errors: Vec<&Diagnostic> = diagnostics.list().iter().filter(|d| d.severity == Severity::Error).collect();
        match wanted {
            None if errors.is_empty() => {}
            None => faults.push(format!("{name}: admitted by Tekton, refused here: {errors:#?}")),
            Some(message) => {
                let message = significant(message);
                let words: Vec<&str> = errors.iter().filter_map(|d| d.tekton.as_deref()).collect();
                // Tekton prints several messages as one, in the order of their text.
                let said = |part: &str| words.iter().any(|w| w.contains(part));
                let parts: Vec<&str> =
                    if name == "sa-undeclared-param" { message.lines().collect() } else { vec![message.as_str()] };
                let head = |part: &str| part.split(": ").next().unwrap_or_default().to_owned();
                let matched = parts.iter().all(|part| said(part) || (name.contains("cel") && said(&head(part))));
                if !matched {
                    faults.push(format!("{name}: wanted {message:?}, found {words:#?}"));
                }
                for error in &errors {
                    if error.help.is_empty() || error.span.is_none() {
                        faults.push(format!("{name}: no help or no place: {error:?}"));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
