//! Holds the house's rules true by reading the sources: which floor may see which, what the pure floors must not
//! touch, headers, lengths, names and words. Each rule is a function from a text to what is wrong with it, and each
//! has a test with a text that breaks it, so that a rule that sees nothing is noticed. Knows nothing of what the
//! code does.

use std::path::{Path, PathBuf};

mod code;
mod examples;
mod floors;
mod purity;
mod security;
mod shape;
mod words;

/// What is wrong, where: a line counted from one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    line: usize,
    what: String,
}

fn violation(line: usize, what: impl Into<String>) -> Violation {
    Violation { line, what: what.into() }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the project, relative to its root and sorted: what git would keep. Without git (a release's
/// archive), everything that no build makes.
fn files() -> Vec<PathBuf> {
    let listed = std::process::Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let mut found: Vec<PathBuf> = match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let names = String::from_utf8(output.stdout).expect("the project's file names are UTF-8");
            names.split_terminator('\0').map(PathBuf::from).filter(|path| root().join(path).is_file()).collect()
        }
        _ => walk(root()).into_iter().filter_map(|path| Some(path.strip_prefix(root()).ok()?.to_owned())).collect(),
    };
    found.sort();
    assert!(found.len() > 50, "the project has more files than {}", found.len());
    found
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let made = ["target", ".git", "modules", "out", "corpus", "artifacts"];
    let entries = std::fs::read_dir(folder).expect("a folder of the project can be listed");
    let paths = entries.map(|entry| entry.expect("an entry of a listed folder").path());
    let kept = paths.filter(|path| !made.iter().any(|name| path.ends_with(name)));
    kept.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// Reads a file of the project; none where it is no text.
fn read(path: &Path) -> Option<String> {
    let bytes = std::fs::read(root().join(path)).expect("a file of the project can be read");
    String::from_utf8(bytes).ok()
}

/// Applies a rule to all files that a condition picks and fails with everything it finds.
fn hold(rule: &str, picked: impl Fn(&str) -> bool, check: impl Fn(&str, &str) -> Vec<Violation>) {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in files() {
        let name = path.to_str().expect("the project's file names are UTF-8");
        let Some(text) = picked(name).then(|| read(&path)).flatten() else { continue };
        seen += 1;
        wrong.extend(check(name, &text).into_iter().map(|found| format!("{name}:{}: {}", found.line, found.what)));
    }
    assert!(seen > 0, "{rule}: no file was looked at");
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn is_ours(path: &str) -> bool {
    is_rust(path) && path.starts_with("src/")
}

#[test]
fn floors_see_only_what_lies_below() {
    hold("floors", is_ours, floors::check);
}

#[test]
fn pure_floors_touch_nothing() {
    hold("purity", is_ours, purity::pure);
}

#[test]
fn surroundings_are_read_at_the_top_only() {
    hold("surroundings", is_ours, purity::surroundings);
}

#[test]
fn files_say_what_they_do() {
    hold("headers", is_rust, |_, text| shape::header(text));
}

#[test]
fn files_and_functions_are_short() {
    hold("lengths", is_rust, |_, text| shape::lengths(text));
}

#[test]
fn modules_have_names_of_their_own() {
    hold("names", is_rust, shape::names);
}

#[test]
fn words_belong() {
    hold("words", |path| path != "Cargo.lock", words::check);
}

#[test]
fn every_example_is_shown_by_its_readme() {
    let names: Vec<String> = files().iter().filter_map(|path| path.to_str().map(str::to_owned)).collect();
    let wrong = examples::check(&names, |path| read(Path::new(path)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_attack_that_is_told_of_is_tried() {
    let page = read(Path::new("docs/security.md")).expect("docs/security.md is text");
    assert!(security::named(&page).len() > 50, "the tables name their tests");
    let there = |path: &str| root().join(path).is_file().then(|| read(Path::new(path))).flatten();
    let wrong = security::check(&page, there);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
