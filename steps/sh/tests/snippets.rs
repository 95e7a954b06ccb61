//! Short scripts against the system's bash: each file of `snippets/` has many, with `#---` lines between them. Each is run
//! by either shell in an empty folder, and prints the same and ends the same; those of `errors.sh` say the same too.
//! Knows no builtin. The system's tools and ours both serve, each with their own shell.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    output: String,
    said: String,
    code: Option<i32>,
}

fn run(shell: &Path, script: &str, place: &Path, speaks: bool) -> Answer {
    let _ = fs::remove_dir_all(place);
    fs::create_dir_all(place).expect("a folder");
    fs::write(place.join("script.sh"), script).expect("a script");
    let done = Command::new("timeout")
        .arg("20")
        .arg(shell)
        .arg("script.sh")
        .current_dir(place)
        .env_clear()
        .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("HOME", "/root")])
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    // How to get a command that is missing is our own advice.
    let said =
        |bytes| text(bytes).lines().filter(|line| !line.starts_with("  (this userland")).collect::<Vec<_>>().join("\n");
    Answer {
        output: text(done.stdout),
        said: if speaks { said(done.stderr) } else { String::new() },
        code: done.status.code(),
    }
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
