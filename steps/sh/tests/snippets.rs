//! Short scripts against the system's bash: each file of `snippets/` has many, with `#---` lines between them. Each is run
//! by either shell in an empty folder, and prints the same and ends the same; those of `errors`, `said_…` and `posix_…` say
//! the same too. Those of `posix_…` are run by either under the name `sh`.
//! Knows no builtin. The system's tools and ours both serve, each with their own shell.

mod bash;

use bash::Answer;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

/// How many scripts run beside each other.
const WORKERS: usize = 3;

fn run(shell: &Path, script: &str, place: &Path, speaks: bool) -> Answer {
    let answer = bash::run(shell, script, place);
    if speaks { answer } else { Answer { said: Vec::new(), ..answer } }
}

#[test]
fn snippets_end_as_with_bash() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("snippets");
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    let links = [("bash", env!("CARGO_BIN_EXE_sh")), ("sh", env!("CARGO_BIN_EXE_sh")), ("theirs/sh", "/bin/bash")];
    fs::create_dir_all(programs.join("theirs")).expect("a folder");
    for (name, program) in links {
        let _ = fs::remove_file(programs.join(name));
        std::os::unix::fs::symlink(program, programs.join(name)).expect("a link");
    }
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snippets");
    let only = env::var("CASES").ok();
    let mut files: Vec<PathBuf> =
        fs::read_dir(cases).expect("is there").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    // Each file in its turn by whoever is free.
    let next = AtomicUsize::new(0);
    let work = &|worker: usize| {
        let place = folder.join(format!("place-{worker}"));
        let mut differences = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            differences.extend(compare(file, &programs, &place, only.as_deref()));
        }
        differences
    };
    let differences: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|worker| scope.spawn(move || work(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("ends")).collect()
    });
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

/// The scripts of a file that differ.
fn compare(file: &Path, programs: &Path, place: &Path, only: Option<&str>) -> Vec<String> {
    let subject = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(file).expect("reads");
    let posix = subject.starts_with("posix_");
    let speaks = posix || subject.starts_with("said_") || subject == "errors";
    let (ours, theirs) = match posix {
        true => (programs.join("sh"), programs.join("theirs/sh")),
        false => (programs.join("bash"), PathBuf::from("/bin/bash")),
    };
    let mut differences = Vec::new();
    for (number, script) in text.trim_end_matches('\n').split("\n#---\n").enumerate() {
        let name = format!("{subject}:{}", number + 1);
        if only.is_some_and(|only| *only != name && *only != subject) {
            continue;
        }
        let theirs = run(&theirs, script, place, speaks);
        let answer = run(&ours, script, place, speaks);
        if theirs != answer {
            differences.push(format!("{name}\n{script}\nbash: {theirs:#?}\nours: {answer:#?}\n"));
        }
    }
    differences
}
