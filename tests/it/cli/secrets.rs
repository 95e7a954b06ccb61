//! A Secret's value, once its run has ended, is nowhere but in the user's own file.

use super::place::{Place, prints, spins};
use std::io::BufRead as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const VALUE: &str = "hunter2-very-secret";
const ENCODED: &str = "aHVudGVyMi12ZXJ5LXNlY3JldA==";

fn file(module: &str) -> String {
    format!(
        "apiVersion: v1
kind: Secret
metadata: {{name: token}}
data: {{password: {ENCODED}}}
stringData: {{plain: {VALUE}-plain}}
---
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{name: t}}
spec:
  workspaces:
  - {{name: keys, secret: {{secretName: token}}}}
  taskSpec:
    workspaces: [{{name: keys}}]
    steps:
    - name: s
      image: ./{module}
      env:
      - {{name: PASSWORD, valueFrom: {{secretKeyRef: {{name: token, key: password}}}}}}
"
    )
}

/// Files beneath `folder` that hold `needle`.
fn holding(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = path.symlink_metadata().expect("a file").file_type();
        if kind.is_dir() {
            found.extend(holding(&path, needle));
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).expect("a file is read");
            if bytes.windows(needle.len()).any(|w| w == needle.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn no_value_is_printed_or_kept() {
    let place = Place::new();
    place.module("a.wasm", &prints("used it\n", 3)).file("t.yaml", &file("a.wasm"));
    let run = place.stepwell(&["run", "-f", "t.yaml", "--events=events.jsonl", "--logs", "failed"]).exits(1);
    let said = [
        run,
        place.stepwell(&["show"]).exits(0),
        place.stepwell(&["show", "--output", "json"]).exits(0),
        place.stepwell(&["logs"]).exits(0),
        place.stepwell(&["graph", "-f", "t.yaml", "--output", "json"]).exits(0),
        place.stepwell(&["check", "-f", "t.yaml", "--output", "json"]).exits(0),
    ];
    for needle in [VALUE, ENCODED] {
        for said in &said {
            assert!(!said.stdout.contains(needle) && !said.stderr.contains(needle), "{needle}: {said:?}");
        }
        assert_eq!(holding(&place.state(), needle), Vec::<String>::new(), "{needle}");
        assert_eq!(holding(&place.path().join("cache"), needle), Vec::<String>::new(), "{needle}");
        let events = std::fs::read_to_string(place.path().join("events.jsonl")).expect("events");
        assert!(!events.contains(needle));
    }
}

/// Runs `t.yaml` and kills the process once its step says that it is here.
fn cut_off(place: &Place) {
    // A user who lets others read what he makes.
    let shell = format!("umask 0; exec {} run -f t.yaml --logs all", env!("CARGO_BIN_EXE_stepwell"));
    let mut command = place.command(&[]);
    let environment: Vec<_> =
        command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    command = std::process::Command::new("/bin/sh");
    command.args(["-c", &shell]).current_dir(place.path()).env_clear().envs(environment);
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    let mut run = command.spawn().expect("the binary runs");
    let mut lines = std::io::BufReader::new(run.stdout.take().expect("a pipe")).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line.ends_with("here"))), "the step says that it runs");
    run.kill().expect("is killed");
    run.wait().expect("ends");
}

/// While a run goes on, and when it was cut off, its secrets lie in one file that only its user can read.
#[test]
fn values_of_a_run_that_goes_on_are_for_its_user_alone() {
    let place = Place::new();
    place.module("a.wasm", &spins("here\n")).file("t.yaml", &file("a.wasm"));
    cut_off(&place);
    let holders: Vec<String> = [VALUE, ENCODED].iter().flat_map(|needle| holding(&place.state(), needle)).collect();
    assert!(!holders.is_empty() && holders.iter().all(|path| path.ends_with("/secrets")), "{holders:?}");
    for path in &holders {
        let mode = std::fs::metadata(path).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
    let mode = |name: &str| std::fs::metadata(place.state().join(name)).expect("is there").permissions().mode() & 0o777;
    // What steps copy elsewhere in their task lies below the run's own folder.
    assert_eq!((mode("v1/key"), mode("v1/runs")), (0o600, 0o700));
    assert_eq!(holding(&place.path().join("cache"), VALUE), Vec::<String>::new());
    place.stepwell(&["cancel"]).exits(0);
    assert_eq!(holding(&place.state(), VALUE), Vec::<String>::new());
}

/// A step's home holds its credentials while it runs, and nothing of a run that was cut off once that has ended.
#[test]
fn copies_of_credentials_go_with_their_run() {
    let place = Place::new();
    place.module("a.wasm", &spins("here\n")).file(
        "t.yaml",
        &format!(
            "apiVersion: v1
kind: Secret
type: kubernetes.io/basic-auth
metadata: {{name: token, annotations: {{tekton.dev/git-0: 'https://git.example'}}}}
stringData: {{username: me, password: {VALUE}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: default}}
secrets: [{{name: token}}]
---
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{name: t}}
spec:
  taskSpec:
    steps:
    - {{name: s, image: ./a.wasm, env: [{{name: HOME, value: /own}}]}}
"
        ),
    );
    cut_off(&place);
    let copies = holding(&place.state(), VALUE);
    assert!(copies.iter().any(|path| path.ends_with("/own/.git-credentials")), "{copies:?}");
    for path in &copies {
        let mode = std::fs::metadata(path).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
        assert!(path.contains("/v1/runs/"), "{path}");
    }
    assert_eq!(holding(&place.path().join("cache"), VALUE), Vec::<String>::new());
    place.stepwell(&["cancel"]).exits(0);
    assert_eq!(holding(&place.state(), VALUE), Vec::<String>::new());
}

#[test]
fn a_wrong_secret_is_named_without_its_lines() {
    let place = Place::new();
    for wrong in [
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndata: {{password: '{VALUE}'}}\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndate: {{password: {VALUE}}}\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData: {{password: [{VALUE}]}}\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData: {{a: {VALUE}, a: {VALUE}}}\n"),
        format!("apiVersion: v1\nkind: Secret\nstringData:\n  a: {VALUE}\n b: \"{VALUE}\n"),
    ] {
        place.file("s.yaml", &wrong);
        for output in ["text", "json"] {
            let said = place.stepwell(&["check", "-f", "s.yaml", "--output", output]).exits(2);
            assert!(!said.stdout.contains(VALUE) && !said.stderr.contains(VALUE), "{wrong}\n{said:?}");
        }
    }
}
