//! Pipes between a step's programs, its shell's tools and modules of `sandbox.commands`, through the built binary: many
//! at once and all full, more programs than there are places for, and limits that the programs of a step meet together.
//! Knows the module `files` of the binary as a plain program.

use super::place::Place;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// As many lines give 20 MB.
const LINES: usize = 250_000;

/// A place with the module.
fn place() -> Place {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let place = Place::new();
    std::fs::copy(target.join("guests/builtin/files.wasm"), place.path().join("files.wasm"))
        .expect("`make guests` has built it");
    place
}

/// A pipeline of tasks that begin together, each of one step: its name, what its sandbox is, its script.
fn pipeline(tasks: &[(String, &str, &str)]) -> String {
    let mut text = "apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: pipes}
spec:
  workspaces: [{name: data, emptyDir: {}}]
  pipelineSpec:
    workspaces: [{name: data}]
    tasks:
"
    .to_owned();
    for (name, sandbox, script) in tasks {
        let _ = write!(
            text,
            "    - name: {name}
      workspaces: [{{name: data, workspace: data}}]
      taskSpec:
        workspaces: [{{name: data, mountPath: /data}}]
        steps:
        - name: only
          image: busybox
          sandbox: {{commands: {{files: ./files.wasm}}{sandbox}}}
          env: [{{name: TASK, value: {name}}}]
          script: |
            set -eu
"
        );
        for line in script.lines() {
            let _ = writeln!(text, "            {line}");
        }
    }
    text
}

#[test]
fn eight_steps_at_once_pipe_through_modules_with_every_pipe_full() {
    let place = place();
    let (mut big, mut expected) = (String::new(), String::new());
    for n in 0..LINES {
        let _ = writeln!(big, "{{\"n\":{n},\"text\":\"{:060}\"}}", n * n);
        let _ = writeln!(expected, "{n}");
    }
    place.file("data/big", &big);
    let script = "cat /data/big | files cat /dev/stdin | jq .n | files cat /dev/stdin > /data/$TASK";
    let tasks: Vec<_> = (0..8).map(|at| (format!("task-{at}"), "", script)).collect();
    place.file("run.yaml", &pipeline(&tasks));
    place.stepwell(&["run", "-f", "run.yaml", "--parallel", "8", "-w", "data=data"]).exits(0);
    for (name, ..) in &tasks {
        let found = std::fs::read_to_string(place.path().join("data").join(name)).expect("is written");
        assert!(found == expected, "{name}: {} bytes, not {}", found.len(), expected.len());
    }
}

/// The steps of a process have 256 places for programs beside them: each may have 127, and as many as it leaves to others.
#[test]
fn programs_above_what_there_is_room_for_fail_at_once_and_places_come_back() {
    let place = place();
    place.file("data/here", "");
    let script = "mkfifo /tmp/nobody; exec 9<> /tmp/nobody
for i in $(seq 100); do sleep 600 & done
set -- $(jobs -p); echo $# > /data/$TASK
until [ -s /data/task-0 ] && [ -s /data/task-1 ] && [ -s /data/task-2 ]; do read -t 0.05 x <&9 || :; done
kill \"$@\"; wait || :
until echo again | cat; do read -t 0.05 x <&9 || :; done";
    let mut tasks: Vec<_> = (0..3).map(|at| (format!("task-{at}"), ", workspace: live", script)).collect();
    // As much memory as they may need, so that there are places before there is none.
    let command = ["run", "-f", "run.yaml", "--parallel", "3", "-w", "data=data", "--limit", "memory=4Gi"];
    place.file("run.yaml", &pipeline(&tasks));
    let said = place.stepwell(&command).exits(0);
    let count = |name: &str| {
        let text = std::fs::read_to_string(place.path().join("data").join(name)).expect("is written");
        text.trim().parse::<usize>().expect("a number")
    };
    let counts: Vec<_> = tasks.iter().map(|(name, ..)| count(name)).collect();
    let taken: usize = counts.iter().sum();
    assert!(taken <= 256 && counts.iter().all(|count| *count == 100 || *count >= 256 - taken), "{counts:?}");
    assert!(taken > 150, "a third step has places, too: {counts:?}");
    let refused = "sleep: fork: Resource temporarily unavailable (there is no place for another program now)";
    assert_eq!(said.stdout.matches(refused).count(), 300 - taken, "{}", said.stdout);
    assert_eq!(said.stdout.matches("] again").count(), 3, "{}", said.stdout);
    tasks = vec![("greedy".to_owned(), "", "for i in $(seq 140); do sleep 600 & done\nls /data\necho never")];
    place.file("run.yaml", &pipeline(&tasks));
    let said = place.stepwell(&command).exits(1);
    assert!(said.stdout.contains("ls: fork: Resource temporarily unavailable"), "{}", said.stdout);
    assert!(said.stdout.contains("exited with code 126"), "{}", said.stdout);
    assert!(!said.stdout.contains("never\n"), "{}", said.stdout);
}

#[test]
fn a_limit_that_the_programs_of_a_step_meet_together_ends_the_step_and_is_named() {
    let place = place();
    place.file("data/here", "");
    let tasks = [
        ("memory", ", limits: {memory: 96Mi}", "seq 20000000 | files cat /dev/stdin | jq -s length"),
        ("cpu", ", limits: {cpu: 1s}", "yes | files cat /dev/stdin | cat > /dev/null"),
        ("output", ", limits: {output: 100Ki}", "yes | files cat /dev/stdin"),
        ("disk", ", limits: {disk: 1Mi}", "yes | files cat /dev/stdin > /tmp/big"),
    ];
    let tasks = tasks.map(|(name, sandbox, script)| (name.to_owned(), sandbox, script));
    place.file("run.yaml", &pipeline(&tasks));
    let said = place.stepwell(&["run", "-f", "run.yaml", "-w", "data=data", "--logs", "none"]).exits(1);
    for met in ["memory limit of 96Mi", "cpu limit of 1s", "output limit of 100Ki", "disk limit of 1Mi"] {
        assert!(said.stdout.contains(&format!("met its {met}")), "{met}: {}", said.stdout);
    }
}
