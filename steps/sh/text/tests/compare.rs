//! The tools against the system's own: the same script with either, in a folder with the same files. Standard output,
//! the exit code, standard error and all files afterwards must be the same.
//!
//! A case is a paragraph of `cases/*.sh`. One that begins with `#texts-differ` may say other things on standard error.

mod fixtures;

use fixtures::fixtures;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(PartialEq, Eq)]
struct Outcome {
    code: Option<i32>,
    out: Vec<u8>,
    err: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
}

fn files(folder: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder.join(below)) else { return };
    for entry in entries.flatten() {
        let name = format!("{below}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.insert(name.clone(), b"a folder".to_vec());
            files(folder, &name, found);
        } else {
            found.insert(name, fs::read(entry.path()).unwrap_or_default());
        }
    }
}

fn run(script: &str, folder: &Path, programs: &Path) -> Outcome {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder");
    fixtures(folder);
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let done = Command::new("timeout")
        .args(["200", "/bin/bash", "-c", script])
        .current_dir(folder)
        .env_clear()
        .envs([("PATH", path.as_str()), ("LC_ALL", "C"), ("TZ", "UTC"), ("HOME", "/nowhere")])
        .stdin(Stdio::null())
        .output()
        .expect("bash");
    let mut after = BTreeMap::new();
    files(folder, ".", &mut after);
    Outcome { code: done.status.code(), out: done.stdout, err: done.stderr, files: after }
}

fn links(folder: &Path, pairs: &[(&str, PathBuf)]) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder");
    for (name, target) in pairs {
        std::os::unix::fs::symlink(target, folder.join(name)).expect("a link");
    }
}

fn tool() -> PathBuf {
    let own = std::env::current_exe().expect("a path");
    own.parent().and_then(Path::parent).expect("a folder").join("examples/text-tool")
}

fn shown(outcome: &Outcome, other: &Outcome) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let changed: Vec<String> = outcome
        .files
        .iter()
        .filter(|(name, bytes)| other.files.get(*name) != Some(*bytes))
        .map(|(name, bytes)| format!("\n    {name}: {:?}", text(bytes)))
        .collect();
    let out = if outcome.out.len() > 3000 { &outcome.out[..3000] } else { &outcome.out };
    format!("  code {:?}\n  out {:?}\n  err {:?}{}", outcome.code, text(out), text(&outcome.err), changed.concat())
}

#[test]
fn tools_do_what_the_systems_own_do() {
    let base = std::env::temp_dir().join(format!("userland-text-{}", std::process::id()));
    let (ours, theirs) = (base.join("ours"), base.join("theirs"));
    links(&ours, &userland_text::NAMES.iter().map(|name| (*name, tool())).collect::<Vec<_>>());
    links(&theirs, &[("awk", PathBuf::from("/usr/bin/gawk"))]);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut names: Vec<PathBuf> = fs::read_dir(cases).expect("cases").flatten().map(|entry| entry.path()).collect();
    names.sort();
    let only = std::env::var("CASES").unwrap_or_default();
    let (mut count, mut wrong) = (0, Vec::new());
    for name in names.iter().filter(|name| name.to_string_lossy().contains(&only)) {
        let text = fs::read_to_string(name).expect("cases");
        for case in text.split("\n\n").map(str::trim).filter(|case| !case.is_empty()) {
            count += 1;
            // One folder for both, one after the other, so that messages have the same paths.
            let folder = base.join("work");
            let mut expected = run(case, &folder, &theirs);
            let mut got = run(case, &folder, &ours);
            if case.starts_with("#texts-differ") {
                (expected.err, got.err) = (Vec::new(), Vec::new());
            }
            if expected != got {
                let file = name.file_name().unwrap_or_default().to_string_lossy();
                wrong.push(format!(
                    "{file}: {case}\n expected\n{}\n got\n{}\n",
                    shown(&expected, &got),
                    shown(&got, &expected)
                ));
            }
        }
    }
    let _ = fs::remove_dir_all(&base);
    assert!(wrong.is_empty(), "{} of {count} cases differ\n\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 0, "no case was found");
}
