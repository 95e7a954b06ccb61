//! Short scripts against the system's bash: each file of `snippets/` has many, with `#---` lines between them. Each is run
//! by either shell in an empty folder, and prints the same and ends the same; those of `errors.sh` say the same too.
//! Knows no builtin. The system's tools and ours both serve, each with their own shell.

mod bash;

use bash::Answer;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn run(shell: &Path, script: &str, place: &Path, speaks: bool) -> Answer {
    let answer = bash::run(shell, script, place);
    if speaks { answer } else { Answer { said: Vec::new(), ..answer } }
}

#[test]
fn snippets_end_as_with_bash() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("snippets");
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    let ours = programs.join("bash");
    let _ = fs::remove_file(&ours);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_sh"), &ours).expect("a link");
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snippets");
    let only = env::var("CASES").ok();
    let mut files: Vec<PathBuf> =
        fs::read_dir(cases).expect("is there").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut differences = Vec::new();
    for file in files {
        let subject = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).expect("reads");
        for (number, script) in text.split("\n#---\n").enumerate() {
            let name = format!("{subject}:{}", number + 1);
            if only.as_ref().is_some_and(|only| *only != name && *only != subject) {
                continue;
            }
            let place = folder.join("place");
            let speaks = subject == "errors";
            let theirs = run(Path::new("/bin/bash"), script, &place, speaks);
            let answer = run(&ours, script, &place, speaks);
            if theirs != answer {
                differences.push(format!("{name}\n{script}\nbash: {theirs:#?}\nours: {answer:#?}\n"));
            }
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
