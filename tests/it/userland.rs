//! The userland inside the sandbox against the system's bash and tools: the cases that the shell's and the tools' own tests
//! compare natively are run here by the built binary, in a pipeline's workspace, and by the real ones on this machine,
//! by one and the same driver. What is printed and said, the exit code and the files that are left are compared.
//!
//! Knows the driver and how answers are compared; `known` says what is different and why. `CASES=WORD` runs only those
//! whose name holds it.

mod cases;
mod known;

use crate::cli::place::{Place, prints};
use cases::Case;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// As many tasks, and drivers on this machine, share the cases.
const PARTS: usize = 4;

const DRIVER: &str = include_str!("userland/drive.sh");

/// What a case came to.
#[derive(Debug, PartialEq, Default)]
struct Answer {
    output: String,
    code: String,
    said: String,
    left: BTreeMap<String, String>,
}

/// Both sides' answers, by the cases' names.
type Answers = BTreeMap<String, Answer>;

/// Where the cases of a place and their answers lie.
fn folder(place: &Place, name: &str) -> PathBuf {
    place.path().join(name)
}

/// Runs cases with the driver on this machine, then in the sandbox, where all paths are the same.
fn both(cases: &[&Case]) -> (Answers, Answers) {
    let place = &Place::new();
    let programs = folder(place, "programs");
    for name in ["cases", "answers", "programs"] {
        fs::create_dir(folder(place, name)).expect("a folder");
    }
    let began = Timestamp::now();
    symlink("/usr/bin/gawk", programs.join("awk")).expect("a link");
    for (at, case) in cases.iter().enumerate() {
        case.lay_out(&folder(place, "cases").join((at % PARTS).to_string()), &programs);
    }
    let parts = cases.len().min(PARTS);
    natively(place, parts);
    let mut theirs = answers(place, cases);
    fs::remove_dir_all(folder(place, "answers")).expect("goes");
    fs::create_dir(folder(place, "answers")).expect("a folder");
    in_the_sandbox(place, parts);
    let mut ours = answers(place, cases);
    let now = minutes(began, Timestamp::now());
    for answer in theirs.values_mut().chain(ours.values_mut()) {
        for text in [&mut answer.output, &mut answer.said] {
            *text = now.iter().fold(folders(text), |text, minute| text.replace(minute, "NOW"));
        }
    }
    (theirs, ours)
}

/// A text without what a listing says of folders' links and sizes, in which file systems differ.
fn folders(text: &str) -> String {
    let shown = |line: &str| {
        let mut words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        if line.len() > 10 && (line.starts_with("drwx") || line.starts_with("dr-x")) && words.len() > 5 {
            (words[1], words[4]) = ("LINKS", "SIZE");
            return words.join(" ");
        }
        line.to_owned()
    };
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// How listings show the minutes from one time to another.
fn minutes(from: Timestamp, to: Timestamp) -> Vec<String> {
    let minutes = from.as_second() / 60..=to.as_second() / 60;
    let minutes: Vec<_> = minutes.filter_map(|minute| Timestamp::from_second(minute * 60).ok()).collect();
    let forms = ["%b %e %H:%M", "%Y-%m-%d %H:%M", "%H:%M"];
    forms.iter().flat_map(|form| minutes.iter().map(|minute| minute.strftime(form).to_string())).collect()
}

fn natively(place: &Place, parts: usize) {
    place.file("drive.sh", DRIVER);
    let running: Vec<_> = (0..parts)
        .map(|part| {
            Command::new("/bin/bash")
                .arg(folder(place, "drive.sh"))
                .args([folder(place, "cases").join(part.to_string()), folder(place, "answers").join(part.to_string())])
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .stdin(Stdio::null())
                .spawn()
                .expect("bash starts")
        })
        .collect();
    for mut driver in running {
        assert!(driver.wait().expect("bash ends").success(), "the driver failed on this machine");
    }
}

fn in_the_sandbox(place: &Place, parts: usize) {
    let (cases, answers) = (folder(place, "cases"), folder(place, "answers"));
    let mut text = String::from(
        "apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: userland}
spec:
  workspaces: [{name: cases, emptyDir: {}}, {name: answers, emptyDir: {}}]
  pipelineSpec:
    workspaces: [{name: cases}, {name: answers}]
    tasks:
",
    );
    let script: String = DRIVER.lines().map(|line| format!("            {line}\n")).collect();
    for part in 0..parts {
        let _ = write!(
            text,
            "    - name: part-{part}
      workspaces: [{{name: cases, workspace: cases}}, {{name: answers, workspace: answers}}]
      taskSpec:
        workspaces:
        - {{name: cases, mountPath: {cases}, readOnly: true}}
        - {{name: answers, mountPath: {answers}}}
        steps:
        - name: drive
          image: bash
          sandbox: {{times: real}}
          args: ['{cases}/{part}', '{answers}/{part}']
          script: |
            #!/bin/bash
{script}",
            cases = cases.display(),
            answers = answers.display(),
        );
    }
    place.file("run.yaml", &text);
    let bound = [format!("cases={}:ro", cases.display()), format!("answers={}", answers.display())];
    place.stepwell(&["run", "-f", "run.yaml", "-w", &bound[0], "-w", &bound[1]]).exits(0);
}

fn answers(place: &Place, cases: &[&Case]) -> Answers {
    let answers = folder(place, "answers");
    cases
        .iter()
        .enumerate()
        .map(|(at, case)| (case.name(), answer(case, &answers.join((at % PARTS).to_string()).join(case.name()))))
        .collect()
}

fn answer(case: &Case, folder: &Path) -> Answer {
    let text = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap_or_else(|_| format!("nothing, not even {name}").into());
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let mut said = String::new();
    if case.says || text("code").starts_with("the setup") {
        // How to get a command that is missing is our own advice.
        said = text("err").lines().filter(|line| !line.starts_with("  (this userland")).collect::<Vec<_>>().join("\n");
    }
    let mut found = BTreeMap::new();
    if case.leaves {
        left(&folder.join("place"), "", &mut found);
    }
    Answer { output: text("out"), code: text("code"), said, left: found }
}

/// The files of a folder: kind and mode, links, a time that was set, bytes.
fn left(folder: &Path, below: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let status = fs::symlink_metadata(entry.path()).expect("is there");
        let mut what = format!("{:o} ", status.permissions().mode());
        if status.is_dir() {
            left(&entry.path(), &format!("{name}/"), found);
        } else if status.is_symlink() {
            what += &fs::read_link(entry.path()).expect("is a link").to_string_lossy();
        } else if status.is_file() {
            let bytes = fs::read(entry.path()).unwrap_or_default();
            // What is compressed differs from one library to the other, and is compared by unpacking it.
            let packed = [".gz", ".bz2", ".xz", ".zst", ".lzma", ".zip", ".tgz", ".tar", ".foo"];
            let shown = if packed.iter().any(|ending| name.ends_with(ending)) { 0 } else { bytes.len().min(4000) };
            let old = if status.mtime() < 1_700_000_000 { status.mtime() } else { 0 };
            let _ = write!(what, "{} links, {old}, {:?}", status.nlink(), String::from_utf8_lossy(&bytes[..shown]));
        } else {
            // Named pipes live as long as their attempt.
            continue;
        }
        found.insert(name, what);
    }
}

/// What differs between two answers.
fn shown(theirs: &Answer, ours: &Answer) -> String {
    let parts = |answer: &Answer| {
        let mut parts = answer.left.clone();
        for (name, text) in [("OUTPUT", &answer.output), ("CODE", &answer.code), ("SAID", &answer.said)] {
            parts.insert(name.to_owned(), text.clone());
        }
        parts
    };
    let (theirs, ours) = (parts(theirs), parts(ours));
    let names: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
    let different = names.into_iter().filter(|name| theirs.get(*name) != ours.get(*name));
    different
        .map(|name| format!("  {name}\n    expected {:?}\n    got      {:?}\n", theirs.get(name), ours.get(name)))
        .collect()
}

#[test]
fn the_userland_in_the_sandbox_does_what_the_systems_tools_do() {
    let only = std::env::var("CASES").unwrap_or_default();
    let cases = cases::all();
    let cases: Vec<&Case> = cases.iter().filter(|case| case.name().contains(&only)).collect();
    let (theirs, ours) = both(&cases);
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case.name();
        let (theirs, ours) = (&theirs[&name], &ours[&name]);
        match known::reason(case) {
            None if theirs == ours => {}
            None => wrong.push(format!("{name}: {}\n{}", case.text, shown(theirs, ours))),
            Some(reason) if theirs == ours => {
                wrong.push(format!("{name} is the same now, though {reason}: {}\n", case.text));
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What cannot be asked natively, or has another answer there: with the sandbox's own file times.
#[test]
fn scripts_find_files_times_and_programs_in_order() {
    let place = Place::new();
    let script = "mkdir -p /d/e; cd /d; echo a > a; touch stamp; echo b > b
[ b -nt stamp ] && [ stamp -nt a ] && [ a -ot b ] || exit 10
[ \"$(find . -newer stamp -type f)\" = ./b ] || exit 11
for name in jq sh awk esbuild; do [ -x \"$(command -v $name)\" ] || exit 12; done
env test -x /usr/bin/esbuild || exit 13
[ ! -e /usr/bin/nothing ] && [ ! -L /bin/sh ] || exit 14
[ \"$(env -C e pwd)\" = /d/e ] || exit 15
echo root > /at-root; [ \"$(cat /at-root)\" = root ] && [ ! -e at-root ] || exit 16
ls / | grep -qx tekton || exit 17
head -c 100000 /dev/urandom > random; xz -9k random; xz -9c < random | xz -dc | cmp - random; xz -t random.xz";
    let script: String = script.lines().map(|line| format!("        {line}\n")).collect();
    let text = format!(
        "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{name: files}}
spec:
  taskSpec:
    steps:
    - name: only
      image: bash
      sandbox: {{commands: {{esbuild: ./esbuild.wasm}}}}
      script: |
        #!/bin/bash
        set -euo pipefail
{script}"
    );
    place.module("esbuild.wasm", &prints("built", 0)).file("run.yaml", &text);
    place.stepwell(&["run", "-f", "run.yaml"]).exits(0);
}
