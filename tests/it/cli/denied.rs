//! What a step cannot have without being given it: a real program looks for the machine that it runs on, another tries
//! to lead the next task out of its workspace. Knows the guests `looks` and `files`; `make guests` builds them.

use super::place::{Place, Said};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// A guest of the tests.
fn guest(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let module = target.join("guests").join(format!("{name}.wasm"));
    assert!(module.is_file(), "{} is not there: run `make guests`", module.display());
    module
}

fn copy(place: &Place, name: &str) {
    std::fs::copy(guest(name), place.path().join(format!("{name}.wasm"))).expect("a module is copied");
}

#[test]
fn a_step_finds_nothing_of_the_machine() {
    let place = Place::new();
    copy(&place, "looks");
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    listener.set_nonblocking(true).expect("is set");
    let address = listener.local_addr().expect("an address").to_string();
    let here = |name: &str| place.path().join(name).display().to_string();
    let paths = [
        here("task.yaml"),
        here("looks.wasm"),
        here("state/v1/key"),
        here("state/v1/runs"),
        here("cache/compiled"),
        "/etc/passwd".to_owned(),
        "/etc/hostname".to_owned(),
        "/proc/self/environ".to_owned(),
        "/proc/self/root".to_owned(),
        "/sys/kernel".to_owned(),
        "/dev/mem".to_owned(),
        "/../../etc/passwd".to_owned(),
    ];
    let args: Vec<String> = [address].iter().chain(&paths).map(|path| format!("{path:?}")).collect();
    place.file(
        "task.yaml",
        &format!(
            "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{name: t}}
spec:
  taskSpec:
    steps:
    - {{name: s, image: ./looks.wasm, env: [{{name: DECLARED, value: yes-it-is}}], args: [{}]}}
",
            args.join(", ")
        ),
    );
    let mut command = place.command(&["run", "-f", "task.yaml", "-q"]);
    command.env("OF_THE_HOST", "host-environment").env("USER", "host-user");
    let said = Said::of(command.output().expect("the binary runs")).exits(0).stdout;
    let lines: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("[t : s] ")).collect();
    let first = [
        "env DECLARED=yes-it-is",
        "env PWD=/",
        "program looks",
        "here Some(\"/\")",
        "temporary Some(\"/tmp\")",
        "root dev tekton tmp workspace",
        "processors 1",
        "whole microseconds true true",
    ];
    assert_eq!(lines.get(..first.len()), Some(&first[..]), "{said}");
    let rest = &lines[first.len()..];
    assert_eq!(rest.len(), 5 + 4 * paths.len(), "{said}");
    let had: Vec<_> = rest.iter().filter(|line| !line.contains(": error ")).collect();
    assert!(had.is_empty(), "{had:?}");
    assert!(listener.accept().is_err(), "nobody called");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("the machine has a name");
    for found in ["host-environment", "host-user", host.trim()] {
        assert!(!said.contains(found), "{found}: {said}");
    }
}

/// The first task may write to a folder in which the second one's workspace lies, and puts a link in its place.
#[test]
fn a_workspace_in_another_one_cannot_be_led_away() {
    for mode in ["overlay", "live"] {
        let place = Place::new();
        copy(&place, "files");
        place.file("outer/inner/mine", "mine").file("outside/canary", "canary");
        let outside = place.path().join("outside");
        place.file(
            "run.yaml",
            &format!(
                "apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {{name: p}}
spec:
  workspaces: [{{name: outer}}, {{name: inner}}]
  tasks:
  - name: first
    workspaces: [{{name: w, workspace: outer}}]
    taskSpec:
      workspaces: [{{name: w}}]
      sandbox: {{workspace: {mode}}}
      steps:
      - name: s
        image: ./files.wasm
        args: [--strict, remove, /workspace/w/inner/mine, --, rmdir, /workspace/w/inner, --, symlink, {}, /workspace/w/inner]
  - name: second
    runAfter: [first]
    workspaces: [{{name: w, workspace: inner}}]
    taskSpec:
      workspaces: [{{name: w}}]
      sandbox: {{workspace: {mode}}}
      steps:
      - {{name: s, image: ./files.wasm, args: [cat, /workspace/w/canary, --, write, /workspace/w/new, x]}}
",
                outside.display()
            ),
        );
        let run = ["run", "-f", "run.yaml", "p", "-w", "outer=outer", "-w", "inner=outer/inner"];
        let said = place.stepwell(&run).exits(1);
        assert!(place.path().join("outer/inner").is_symlink(), "the first task did it: {said:?}");
        let words = format!("{}{}", said.stdout, said.stderr);
        assert!(words.contains("a link stands in its path now"), "{words}");
        assert!(!words.contains("canary\n"), "{words}");
        assert_eq!(std::fs::read_dir(&outside).expect("is listed").count(), 1);
    }
}

/// A task leaves things in its workspace for the user who copies it out.
#[test]
fn what_a_step_leaves_cannot_lead_a_copy_astray() {
    let place = Place::new();
    copy(&place, "files");
    place.file("outside/canary", "canary");
    let outside = place.path().join("outside").display().to_string();
    let task = |operations: &str, sub_path: &str| {
        format!(
            "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{generateName: t-}}
spec:
  workspaces: [{{name: w, persistentVolumeClaim: {{claimName: c}}{sub_path}}}]
  taskSpec:
    workspaces: [{{name: w}}]
    steps: [{{name: s, image: ./files.wasm, args: [--strict, {operations}]}}]
"
        )
    };
    let run = |operations: &str, sub_path: &str| {
        place.file("t.yaml", &task(operations, sub_path));
        place.stepwell(&["run", "-f", "t.yaml", "-q"]).exits(0);
    };
    // A link is copied as a link. The next copy to the same place finds a folder of that name, and must not go through.
    run(&format!("symlink, {outside}, /workspace/w/d, --, mkdir, /workspace/w/out"), "");
    place.stepwell(&["get", "w", "copy"]).exits(2);
    let id = place.stepwell(&["list", "--output", "json"]).exits(0).json()["items"][0]["metadata"]["name"].clone();
    let id = id.as_str().expect("a name").to_owned();
    place.stepwell(&["get", &id, "w", "copy"]).exits(0);
    assert!(place.path().join("copy/d").is_symlink());
    run("remove, /workspace/w/d, --, mkdir, /workspace/w/d, --, write, /workspace/w/d/canary, overwritten", "");
    let said = place.stepwell(&["get", &id, "w", "copy"]).exits(3);
    assert!(said.stderr.contains("is no folder"), "{said:?}");
    assert_eq!(std::fs::read_to_string(place.path().join("outside/canary")).expect("is read"), "canary");
    // The run's part of the volume is a link by now.
    run("write, /workspace/w/x, x", ", subPath: out");
    let id = place.stepwell(&["list", "--output", "json"]).exits(0).json()["items"][0]["metadata"]["name"].clone();
    let id = id.as_str().expect("a name").to_owned();
    place.stepwell(&["get", &id, "w", "part"]).exits(0);
    run(&format!("remove-all, /workspace/w/out, --, symlink, {outside}, /workspace/w/out"), "");
    place.stepwell(&["get", &id, "w", "again"]).exits(2);
    assert!(!place.path().join("again/canary").exists());
}
