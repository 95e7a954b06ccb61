//! The shell against the system's bash: each script of `cases/` is run by either, in an empty folder of its own, and says
//! the same, ends the same and leaves the same names. Knows no builtin.

mod bash;

use std::path::{Path, PathBuf};
use std::{env, fs};

/// A folder with our program under the names of shells.
fn programs(folder: &Path) -> PathBuf {
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    for name in ["sh", "bash"] {
        let _ = fs::remove_file(programs.join(name));
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sh"), programs.join(name)).expect("a link");
    }
    programs
}

/// What a run came to, and the names that it left.
fn run(shell: &Path, script: &Path, place: &Path) -> (bash::Answer, Vec<String>) {
    let answer = bash::run(shell, &fs::read_to_string(script).expect("a script"), place);
    let mut left: Vec<String> = fs::read_dir(place)
        .expect("is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    (answer, left)
}

#[test]
fn scripts_end_as_with_bash() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("shell");
    let programs = programs(&folder);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let only = env::var("CASES").ok();
    let mut scripts: Vec<PathBuf> =
        fs::read_dir(cases).expect("is there").map(|entry| entry.expect("an entry").path()).collect();
    scripts.sort();
    let mut wrong = Vec::new();
    let mut count = 0;
    for script in scripts {
        let name = script.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        count += 1;
        let ours = run(&programs.join("bash"), &script, &folder.join("place"));
        let theirs = run(Path::new("/bin/bash"), &script, &folder.join("place"));
        if ours != theirs {
            let pairs = ours.0.output.lines().zip(theirs.0.output.lines());
            let first = pairs.enumerate().find(|(_, (ours, theirs))| ours != theirs);
            wrong.push(format!("{name}: first difference {first:?}\nours {ours:#?}\ntheirs {theirs:#?}"));
        }
    }
    assert!(count > 0 || only.is_some());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
