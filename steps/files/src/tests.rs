//! Runs commands on a temporary folder and compares what they print and leave behind. `@` stands for the folder.

use super::{Trouble, run};
use std::path::Path;

fn said(dir: &Path, words: &[&str]) -> Result<String, Trouble> {
    let dir = dir.to_str().expect("a temporary path is UTF-8");
    let words: Vec<String> = words.iter().map(|word| word.replace('@', dir)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut out = Vec::new();
    run(&words, &mut out)?;
    Ok(String::from_utf8(out).expect("the tests print UTF-8").replace(dir, "@"))
}

fn check(steps: &[(&[&str], &str)]) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (words, expected) in steps {
        assert_eq!(said(dir.path(), words).as_deref(), Ok(*expected), "{words:?}");
    }
}

#[test]
fn writes_and_prints_exactly() {
    check(&[
        (&["print", "a", "b c"], "a b c\n"),
        (&["write", "@/x/y", "one"], ""),
        (&["write", "@/x/y", "two"], ""),
        (&["append", "@/x/y", "-three"], ""),
        (&["append", "@/x/new", "!"], ""),
        (&["cat", "@/x/y", "@/x/new"], "two-three!"),
        (&["join", "@/x/y", "@/x/new", "@/x/y"], ""),
        (&["cat", "@/x/y"], "!two-three"),
        (&["list", "@"], "x\nx/new\nx/y\n"),
    ]);
}

#[test]
fn copies_files_and_folders() {
    check(&[
        (&["write", "@/a/one", "1"], ""),
        (&["write", "@/a/b/two", "2"], ""),
        (&["copy", "@/a", "@/whole"], ""),
        (&["copy", "@/a/one", "@/a/b/two", "@/both"], ""),
        (&["copy", "@/a/one", "@/into/"], ""),
        (&["copy", "@/a/one", "@/both"], ""),
        (&["list", "@/whole"], "b\nb/two\none\n"),
        (&["list", "@/both"], "one\ntwo\n"),
        (&["cat", "@/into/one"], "1"),
    ]);
}

#[test]
fn removes_and_requires() {
    check(&[
        (&["make-dir", "@/p/q", "@/r"], ""),
        (&["require", "@/p/q", "@/r"], ""),
        (&["remove", "@/p", "@/never-was"], ""),
        (&["list", "@"], "r\n"),
    ]);
}

#[test]
fn says_what_is_wrong() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let usage = |words: &[&str]| match said(dir.path(), words) {
        Err(Trouble::Usage(text)) => text,
        other => panic!("{words:?} gave {other:?}"),
    };
    assert_eq!(usage(&[]), "a command is missing");
    assert_eq!(usage(&["wirte", "x"]), "wirte is not a command");
    assert_eq!(usage(&["write", "x"]), "write does not take 1 arguments");
    let failed = |words: &[&str]| match said(dir.path(), words) {
        Err(Trouble::Failed(text)) => text.replace(dir.path().to_str().expect("UTF-8"), "@"),
        other => panic!("{words:?} gave {other:?}"),
    };
    assert_eq!(failed(&["require", "@/a", "@/b"]), "missing: @/a, @/b");
    assert!(failed(&["cat", "@/a"]).starts_with("@/a: "), "the path is named first");
    std::fs::create_dir(dir.path().join("d")).expect("a folder");
    assert_eq!(failed(&["copy", "@/d", "@/d/inside"]), "@/d: cannot be copied into itself");
}
