//! Runs each line of `cases/*.sh` twice, with this system's tools and with the userland's, and compares the output, the
//! exit code, what is said and what files are left.
//!
//! A line `setup: COMMANDS` prepares the directory of the cases below it, with the system's tools. A line that begins
//! with `~` is compared without what is said on standard error, one with `?` without the files left. Knows no tool.
//! `CASES=NAME` runs one file; lines are run by the system's `sh`.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

const SYSTEM: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[derive(Debug)]
struct Case {
    place: String,
    setup: String,
    line: String,
    says: bool,
    leaves: bool,
}

#[derive(Debug, PartialEq)]
struct Answer {
    output: String,
    code: Option<i32>,
    said: String,
    left: BTreeMap<String, String>,
}

fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let only = env::var("CASES").ok();
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "sh"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let mut setup = String::new();
        for (at, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            if let Some(commands) = line.strip_prefix("setup:") {
                setup = commands.trim().to_owned();
            } else if !line.trim().is_empty() && !line.starts_with('#') {
                let bare = line.trim_start_matches(['~', '?']);
                let marks = &line[..line.len() - bare.len()];
                cases.push(Case {
                    place: format!("{name}:{}", at + 1),
                    setup: setup.clone(),
                    line: bare.to_owned(),
                    says: !marks.contains('~'),
                    leaves: !marks.contains('?'),
                });
            }
        }
    }
    cases
}

fn run(line: &str, directory: &Path, path: &str) -> std::process::Output {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).current_dir(directory).env_clear().stdin(Stdio::null());
    for (name, value) in [
        ("PATH", path),
        ("LC_ALL", "C"),
        ("TZ", "UTC"),
        ("HOME", "/root"),
        ("USER", "root"),
        ("PWD", directory.to_str().unwrap()),
    ] {
        command.env(name, value);
    }
    command.output().unwrap()
}

fn left(directory: &Path, below: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let status = fs::symlink_metadata(entry.path()).unwrap();
        let mode = status.permissions().mode();
        let what = if status.is_dir() {
            left(&entry.path(), &format!("{name}/"), found);
            String::new()
        } else if status.is_symlink() {
            fs::read_link(entry.path()).unwrap().to_string_lossy().into_owned()
        } else if status.is_file() {
            let bytes = fs::read(entry.path()).unwrap_or_default();
            // What is compressed differs from one library to the other, and is compared by unpacking it.
            let packed = [".gz", ".bz2", ".xz", ".zst", ".lzma", ".zip", ".tgz", ".tar", ".foo"]
                .iter()
                .any(|ending| name.ends_with(ending));
            let bytes = if packed { Vec::new() } else { bytes };
            let old = if status.mtime() < 1_700_000_000 { status.mtime() } else { 0 };
            format!("{} links, {old}, {:?}", status.nlink(), String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]))
        } else {
            String::new()
        };
        found.insert(name, format!("{mode:o} {what}"));
    }
}

fn answer(case: &Case, directory: &Path, path: &str) -> Answer {
    let _ = fs::remove_dir_all(directory);
    fs::create_dir_all(directory).unwrap();
    if !case.setup.is_empty() {
        let done = run(&case.setup, directory, SYSTEM);
        assert!(done.status.success(), "{}: setup: {}", case.place, String::from_utf8_lossy(&done.stderr));
    }
    let output = run(&case.line, directory, path);
    let mut found = BTreeMap::new();
    if case.leaves {
        left(directory, "", &mut found);
    }
    let whole = directory.to_string_lossy().into_owned();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&whole, "HERE");
    Answer {
        output: text(&output.stdout),
        code: output.status.code(),
        said: if case.says { text(&output.stderr) } else { String::new() },
        left: found,
    }
}

/// What was done without the clock's minute changing under it: listings show the minute in which a file was made.
#[expect(clippy::disallowed_methods, reason = "the system's tools go by its clock")]
fn within_a_minute<T>(work: impl Fn() -> T) -> T {
    let minute = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 60;
    loop {
        let before = minute();
        let done = work();
        if minute() == before {
            return done;
        }
    }
}

/// The tools' names in a directory of their own.
fn installed(root: &Path) -> String {
    let tools = root.join("bin");
    fs::create_dir_all(&tools).unwrap();
    for name in userland_tools::NAMES {
        symlink(env!("CARGO_BIN_EXE_tools-alone"), tools.join(name)).unwrap();
    }
    format!("{}:{SYSTEM}", tools.display())
}

/// Tools that a system seldom has: what they answer is recorded, with `RECORD` naming the directory of the real one.
#[test]
fn as_recorded() {
    let root = env::temp_dir().join(format!("userland-recorded-{}", std::process::id()));
    let own = installed(&root);
    let record = env::var("RECORD").ok();
    let path = record.as_ref().map_or(own, |folder| format!("{folder}:{SYSTEM}"));
    let mut text = String::new();
    for case in cases("recorded") {
        let answer = answer(&case, &root.join("work"), &path);
        text.push_str(&format!("$ {}\n{}[{}]\n", case.line, answer.output, answer.code.unwrap_or(-1)));
    }
    let _ = fs::remove_dir_all(&root);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded/expected.txt");
    if record.is_some() {
        fs::write(file, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(file).unwrap();
    let parts = |text: &str| text.split("\n$ ").map(ToOwned::to_owned).collect::<Vec<_>>();
    let (expected, got) = (parts(&expected), parts(&text));
    let wrong: Vec<String> = expected
        .iter()
        .zip(&got)
        .filter(|(one, other)| one != other)
        .map(|(one, other)| format!("--- expected\n{one}\n--- got\n{other}"))
        .collect();
    assert!(
        wrong.is_empty() && expected.len() == got.len(),
        "{} of {} differ:\n{}",
        wrong.len(),
        expected.len(),
        wrong.join("\n")
    );
}

#[test]
fn as_the_systems_tools() {
    let root = env::temp_dir().join(format!("userland-tools-{}", std::process::id()));
    let own = installed(&root);
    let cases = cases("cases");
    let next = AtomicUsize::new(0);
    let work = &|worker: usize| {
        let mut wrong = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (expected, got) = within_a_minute(|| {
                let directory = root.join(format!("work{worker}"));
                (answer(case, &directory, SYSTEM), answer(case, &directory, &own))
            });
            if got != expected {
                wrong.push(format!("{}: {}\n  expected {expected:?}\n  got      {got:?}", case.place, case.line));
            }
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|worker| scope.spawn(move || work(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let _ = fs::remove_dir_all(&root);
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    println!("{} cases", cases.len());
}
