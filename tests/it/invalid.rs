//! Objects that people get wrong: what the real Tekton refuses is refused here, for the same
//! reason and at the same place; what it admits is admitted. Knows only text and diagnostics.

use std::collections::BTreeMap;
use std::path::Path;
use stepwell::model::diagnostic::{Diagnostic, Severity};
use stepwell::spec::{Source, read};

/// Tekton's message without the words that say who speaks.
fn significant(message: &str) -> String {
    let mut text = message;
    for prefix in ["validation failed: ", "mutation failed: "] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    for marker in ["is invalid: ", "cannot be handled as a Task: ", "cannot be handled as a Pipeline: "] {
        text = text.split_once(marker).map_or(text, |(_, rest)| rest);
    }
    text.trim().to_owned()
}

/// The last word of the first path that a message names, such as `timeout`.
fn named_field(message: &str) -> Option<&str> {
    let paths = message.lines().next()?.rsplit(": ").next()?;
    let path = paths.split(", ").next()?;
    path.starts_with("spec").then(|| path.rsplit('.').next().unwrap_or(path).split('[').next().unwrap_or(path))
}

fn check(name: &str, text: &str, wanted: Option<&str>) -> Result<(), String> {
    let (_, diagnostics) = read(&[Source { name: name.to_owned(), text: text.as_bytes().to_vec() }]);
    let errors: Vec<&Diagnostic> = diagnostics.list().iter().filter(|d| d.severity == Severity::Error).collect();
    let Some(wanted) = wanted else {
        return if errors.is_empty() { Ok(()) } else { Err(format!("Tekton admits it: {errors:#?}")) };
    };
    let message = significant(wanted);
    // CEL's compilers word and place syntax errors differently; two messages about one object are two diagnostics.
    let parts: Vec<&str> = match name {
        "pipe-when-cel-syntax" => vec!["invalid cel expression: %s with err: %s"],
        "sa-undeclared-param" => message.lines().collect(),
        _ => vec![message.as_str()],
    };
    for part in &parts {
        let found = errors.iter().find(|d| d.tekton.as_deref().is_some_and(|t| t.contains(part)));
        let Some(found) = found else { return Err(format!("nobody said {part:?}: {errors:#?}")) };
        let span = found.span.ok_or("no place")?;
        let line = text.lines().nth(span.line as usize - 1).unwrap_or_default();
        if let Some(field) = named_field(part)
            && text.lines().any(|l| l.to_lowercase().contains(&field.to_lowercase()))
            && !line.to_lowercase().contains(&field.to_lowercase())
        {
            return Err(format!("`{field}` is not on the line that is shown: {line:?}"));
        }
    }
    for error in errors {
        if error.help.is_empty() || error.message.is_empty() || error.span.is_none() {
            return Err(format!("no help or no place: {error:?}"));
        }
    }
    Ok(())
}

#[test]
fn tekton_and_stepwell_agree_on_every_object() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/invalid");
    let expected = std::fs::read(folder.join("expected.json")).expect("the answers of Tekton are there");
    let expected: BTreeMap<String, Option<String>> = serde_json::from_slice(&expected).expect("they are JSON");
    assert_eq!(expected.len(), 74);
    let faults: Vec<String> = expected
        .iter()
        .filter_map(|(name, wanted)| {
            let text =
                std::fs::read_to_string(folder.join(format!("{name}.yaml"))).expect("each answer has its object");
            check(name, &text, wanted.as_deref()).err().map(|fault| format!("{name}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
