//! Scripts that are read before anything runs: what the userland's shell cannot read, and commands that nobody has, with
//! their lines in the file. Knows nothing of how the shell reads them.

use super::place::Place;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The findings of `check` in a file, as JSON has them.
fn findings(place: &Place, file: &str) -> Vec<Json> {
    let said = place.stepwell(&["check", "-f", file, "--output", "json"]);
    assert!(matches!(said.code, Some(0 | 2)) && !said.stderr.contains("panicked"), "{said:?}");
    said.json()["diagnostics"].as_array().expect("a list").clone()
}

/// Line, code and message of each.
fn short(found: &[Json]) -> Vec<(u64, String, String)> {
    let text = |found: &Json, key: &str| found[key].as_str().unwrap_or_default().to_owned();
    found.iter().map(|f| (f["line"].as_u64().unwrap_or(0), text(f, "code"), text(f, "message"))).collect()
}

/// A run with one step for each script, as block scalars.
fn run_of(scripts: &[&str]) -> String {
    let mut text = "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: r}
spec:
  params: [{name: x, value: docker}, {name: op, value: -gt}, {name: l, value: [a]}]
  taskSpec:
    params: [{name: x}, {name: op}, {name: l, type: array}, {name: a.b, default: v}]
    steps:
"
    .to_owned();
    for script in scripts {
        text.push_str("    - image: bash\n      script: |\n");
        for line in script.lines() {
            let _ = writeln!(text, "        {line}");
        }
    }
    text
}

const WRONG: &str = "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: wrong}
spec:
  taskSpec:
    steps:
    - name: deploy
      image: alpine:3
      script: |
        #!/bin/sh
        set -e
        echo start | docker login
    - name: quote
      image: ubuntu
      script: |
        if true; then
          echo \"start
        fi
";

const WITHOUT_SCRIPT: &str = r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  taskSpec:
    steps:
    - {name: program, image: ubuntu, onError: continue, command: [/usr/bin/nosuchtool], args: [x]}
    - {name: there, image: ubuntu, command: [echo], args: [nosuchtool]}
    - {name: own, image: ubuntu, onError: continue, command: [/workspace/nosuchtool]}
    - name: text
      image: alpine
      onError: continue
      command: [/bin/sh]
      args: ["-ec", "echo a; othertool x"]
    - {name: of-image, image: bash, onError: continue, args: [thirdtool, -c, x]}
    - name: block
      image: busybox
      args:
      - -c
      - |
        true
        fourthtool
    - {name: named, image: ubuntu, sandbox: {commands: {tool: "builtin:files"}}, command: [tool], args: [print, hi]}
"#;

#[test]
fn commands_of_steps_without_script_are_looked_for() {
    let place = Place::new();
    place.file("t.yaml", WITHOUT_SCRIPT);
    let said = place.stepwell(&["check", "-f", "t.yaml", "--output", "json"]).exits(0).json();
    let found: Vec<(String, u64, u64)> = said["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| {
            (
                d["message"].as_str().unwrap_or_default().to_owned(),
                d["line"].as_u64().unwrap_or(0),
                d["column"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    let unknown = |name: &str, line, column| (format!("`{name}` is no command of the userland"), line, column);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert_eq!(found[0], unknown("nosuchtool", 7, 67), "{found:#?}");
    assert_eq!(found[1], unknown("othertool", 14, 30), "{found:#?}");
    assert_eq!(found[2], unknown("thirdtool", 15, 63), "{found:#?}");
    assert_eq!(found[3], unknown("fourthtool", 22, 9), "{found:#?}");
    let said = place.stepwell(&["run", "-f", "t.yaml", "--logs", "none"]).exits(1);
    assert!(said.stderr.contains("warning[unknown-command]: `fourthtool` is no command"), "{said:?}");
    place.file("t.yaml", &WITHOUT_SCRIPT.replace("        fourthtool\n", "        if\n"));
    let said = place.stepwell(&["check", "-f", "t.yaml"]).exits(2);
    assert!(said.stdout.contains("error[script-syntax]") && said.stdout.contains("t.yaml:22:9"), "{said:?}");
}

#[test]
fn a_script_for_a_program_that_nobody_has_is_refused_before_anything_runs() {
    let place = Place::new();
    let text = r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  taskSpec:
    steps:
    - {name: first, image: ubuntu, script: echo ran}
    - name: awk
      image: ubuntu
      script: |
        #!/usr/bin/awk -f
        BEGIN { print "awk" }
    - name: py
      image: ubuntu
      script: |
        #!/usr/bin/env python3
        print("hi")
"#;
    place.file("t.yaml", text);
    place.stepwell(&["check", "-f", "t.yaml"]).exits(0);
    let said = place.stepwell(&["run", "-f", "t.yaml"]).exits(2);
    assert!(said.stderr.contains("error[unsupported-interpreter]: the script is for `python3`"), "{said:?}");
    assert!(said.stderr.contains("t.yaml:16:24") && !said.stderr.contains("`awk`"), "{said:?}");
    assert!(!said.stdout.contains("ran"), "{said:?}");
    place.file(
        "t.yaml",
        &text.replace("/usr/bin/env python3", "/bin/awk -f").replace("print(\"hi\")", "BEGIN { print 2 }"),
    );
    place.stepwell(&["run", "-f", "t.yaml"]).exits(0);
}

/// A module that prints its arguments, each on a line of its own.
const PRINTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $at i32) (local $end i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 64) (i32.const 1024)))
    (local.set $end (i32.add (i32.const 1024) (i32.load (i32.const 4))))
    (local.set $at (i32.const 1024))
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $at))) (then (i32.store8 (local.get $at) (i32.const 10))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (i32.store (i32.const 16) (i32.const 1024))
    (i32.store (i32.const 20) (i32.load (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))"#;

#[test]
fn a_step_is_started_with_a_module_of_its_commands() {
    let place = Place::new();
    let text = r##"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  taskSpec:
    sandbox: {commands: {prints: ./prints.wasm, python3: ./prints.wasm}}
    steps:
    - {name: command, image: ubuntu, command: [prints], args: [a]}
    - {name: by-image, image: bash, args: [/usr/bin/prints, b]}
    - {name: script, image: alpine, args: [c], script: "#!/usr/bin/env python3\nprint()"}
    - {name: shell, image: alpine, script: prints d | cat}
"##;
    place.module("prints.wasm", PRINTS).file("t.yaml", text);
    let said = place.stepwell(&["run", "-f", "t.yaml", "-q", "--logs", "all"]).exits(0);
    let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.split_once("] ")).map(|(_, text)| text).collect();
    let wanted = ["prints", "a", "/usr/bin/prints", "b", "python3", "/tekton/scripts/script", "c", "prints", "d"];
    assert_eq!(lines, wanted, "{said:?}");
}

/// Tekton: `/tekton/run/N` is the Nth step's own, and what it says of itself is to be read by all.
#[test]
fn steps_have_directories_by_their_number() {
    let place = Place::new();
    let text = r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  taskSpec:
    steps:
    - name: one
      image: alpine
      onError: continue
      script: |
        echo mine > /tekton/run/0/own && cat /tekton/run/0/own
        echo x > /tekton/run/1/own || echo refused
        exit 3
    - name: two
      image: alpine
      script: |
        ls -d /tekton/run/* /tekton/run/0/status
        cat /tekton/run/0/status/exitCode /tekton/steps/0/exitCode /tekton/steps/step-one/exitCode; echo
        for file in /tekton/run/0/own /tekton/run/0/status/exitCode /tekton/steps/0/x; do echo x > $file || echo refused; done
"#;
    place.file("t.yaml", text);
    let said = place.stepwell(&["run", "-f", "t.yaml", "-q", "--logs", "all"]).exits(0);
    let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.split_once("] ")).map(|(_, text)| text).collect();
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with("/tekton/scripts/")).collect();
    let paths = ["/tekton/run/0", "/tekton/run/0/status", "/tekton/run/1"];
    assert_eq!(lines[..5], [&["mine", "refused"][..], &paths].concat(), "{said:?}");
    assert_eq!(lines[5..], ["333", "refused", "refused", "refused"], "{said:?}");
}

#[test]
fn findings_stand_at_their_lines() {
    let place = Place::new();
    place.file("wrong.yaml", WRONG);
    let said = place.stepwell(&["check", "-f", "wrong.yaml"]).exits(2);
    assert_eq!(
        said.stdout,
        "warning[unknown-command]: `docker` is no command of the userland
  --> wrong.yaml:12:22
   |
11 |         set -e
12 |         echo start | docker login
   |                      ^^^^^^
13 |     - name: quote
   |
   = note: field: spec.taskSpec.steps[0].script
   = help: run this step in a container, or name a module for it in `sandbox.commands`

error[script-syntax]: the shell cannot read this script: unexpected EOF while looking for matching `\"'
  --> wrong.yaml:17:11
   |
16 |         if true; then
17 |           echo \"start
   |           ^^^^^^^^^^^
18 |         fi
   |
   = note: field: spec.taskSpec.steps[1].script
   = help: the step would run the commands before it, and fail there

1 error, 1 warning
"
    );
    assert_eq!(
        findings(&place, "wrong.yaml").first(),
        Some(&json!({
            "severity": "warning",
            "code": "unknown-command",
            "message": "`docker` is no command of the userland",
            "help": "run this step in a container, or name a module for it in `sandbox.commands`",
            "tekton": null,
            "file": "wrong.yaml",
            "line": 12,
            "column": 22,
            "endLine": 12,
            "endColumn": 28,
            "path": "spec.taskSpec.steps[0].script"
        }))
    );
    // What a file's plans are asked for does not depend on its scripts.
    place.stepwell(&["graph", "-f", "wrong.yaml"]).exits(0);
    place.stepwell(&["run", "-f", "wrong.yaml", "--explain-images"]).exits(0);
}

#[test]
fn a_run_is_warned_and_goes_on() {
    let place = Place::new();
    place.file("r.yaml", &run_of(&["echo before\necho \"never\n", "docker || true"]));
    let said = place.stepwell(&["run", "-f", "r.yaml", "--logs", "all"]).exits(1);
    assert!(said.stderr.contains("warning[script-syntax]") && said.stderr.contains("r.yaml:12:9"), "{said:?}");
    assert!(said.stderr.contains("warning[unknown-command]"), "{said:?}");
    assert!(said.stdout.contains("before\n"), "{said:?}");
    place.file("r.yaml", &run_of(&["docker || true"]));
    place.stepwell(&["run", "-f", "r.yaml"]).exits(0);
    // Asked whether it can run here, what nobody has is an error.
    place.stepwell(&["check", "-f", "r.yaml"]).exits(0);
    place.stepwell(&["check", "-f", "r.yaml", "--runnable"]).exits(2);
}

#[test]
fn a_check_without_the_sandbox_says_so() {
    let place = Place::new();
    place.file("r.yaml", &run_of(&["docker"])).file("state", "not a folder");
    let said = place.stepwell(&["check", "-f", "r.yaml"]).exits(0);
    assert!(said.stdout.contains("warning[script-unread]: the scripts were not checked: "), "{said:?}");
    // Without the image map no shell stands for the image.
    let said = place.stepwell(&["check", "-f", "r.yaml", "--no-image-map"]).exits(0);
    assert!(!said.stdout.contains("script-unread") && said.stdout.contains("unsupported-image"), "{said:?}");
}

#[test]
fn variables_are_no_commands_and_no_errors() {
    let place = Place::new();
    let right = [
        "$(params.x)\n$(params.x) build \"$(params['a.b'])\" '$(params[\"a.b\"])' $(params.l[0])",
        "for $(params.x) in a b; do echo \"$$(params.x)\"; done",
        "if [[ 2 $(params.op) 1 ]]; then echo $(( $(params.op) 1 )); fi",
        "cat > $(results.out.path) <<EOF\n$(context.taskRun.name) $(params.x)\nEOF",
        "$(params.x)() { :; }; tool-$(params.x) a",
        "#!$(params.x)\n)) another language \"",
    ];
    place.file("r.yaml", &run_of(&right).replace("    steps:\n", "    results: [{name: out}]\n    steps:\n"));
    assert_eq!(short(&findings(&place, "r.yaml")), []);
    // All else is read as ever.
    let scripts = ["for $(params.x) in a b; do\n  docker\ndone", "echo $(params.x)\necho \"$(params.x)"];
    place.file("r.yaml", &run_of(&scripts));
    let command = "`docker` is no command of the userland".to_owned();
    let syntax = "the shell cannot read this script: unexpected EOF while looking for matching `\"'".to_owned();
    assert_eq!(
        short(&findings(&place, "r.yaml")),
        [(12, "unknown-command".to_owned(), command), (17, "script-syntax".to_owned(), syntax)]
    );
}

#[test]
fn every_script_is_read_once_and_said_once() {
    let place = Place::new();
    place.file(
        "all.yaml",
        "apiVersion: tekton.dev/v1
kind: Task
metadata: {name: used}
spec:
  params: [{name: p}]
  stepTemplate: {image: bash}
  steps:
  - script: docker $(params.p)
  - {image: node, script: npm ci}
  - script: tool
    sandbox: {commands: {tool: ./tool.wasm}}
  sidecars:
  - {name: s, image: alpine, script: \"echo 1\\nsystemctl start\"}
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: p}
spec:
  tasks:
  - {name: a, taskRef: {name: used}, params: [{name: p, value: '1'}]}
  - {name: b, taskRef: {name: used}, params: [{name: p, value: '2'}]}
  - {name: c, taskSpec: {steps: [{ref: {name: act}}]}}
---
apiVersion: tekton.dev/v1beta1
kind: StepAction
metadata: {name: act}
spec:
  image: busybox
  script: >-
    echo
    &&
    terraform
",
    );
    let what = |line, name: &str, rest: &str| {
        (line, "unknown-command".to_owned(), format!("`{name}` is no command of the userland{rest}"))
    };
    assert_eq!(
        short(&findings(&place, "all.yaml")),
        [what(8, "docker", ""), what(13, "systemctl", " (line 2 of the script)"), what(29, "terraform", ""),]
    );
    // Only what is asked for.
    let said = place.stepwell(&["check", "task/used", "-f", "all.yaml", "--output", "json"]);
    let found = said.json()["diagnostics"].as_array().expect("a list").clone();
    let lines: Vec<u64> =
        short(&found).into_iter().filter(|(_, code, _)| code == "unknown-command").map(|(line, ..)| line).collect();
    assert_eq!(lines, [8, 13]);
}

#[test]
fn hostile_scripts_end_the_check_and_nothing_else() {
    let place = Place::new();
    let deep = "(".repeat(100_000);
    let long = "echo some words and \"more of them\" | cat\n".repeat(100_000);
    let names: String = (0..20_000).map(|number| format!("tool{number}\n")).collect();
    let token = format!("echo )a{}", "a".repeat(2 << 20));
    for (script, most) in [(deep, 1), ("$(".repeat(100_000), 1), (long, 0), (names, 50), (token, 1)] {
        place.file("r.yaml", &run_of(&[&script]));
        let found = findings(&place, "r.yaml");
        let short = short(&found);
        assert!(found.len() <= most.max(1), "{} findings", found.len());
        assert!(short.iter().all(|(line, _, message)| *line >= 11 && message.len() < 1000), "{short:?}");
        assert_eq!(short.is_empty(), most == 0, "{short:?}");
    }
    for script in ["\"echo a\\0b; docker\\0\"", "\"\\0\\0\\0\\n\\xff\\xfe\"", "\"cat <<EOF\\nnever ended\""] {
        let text = run_of(&[]) + &format!("    - image: bash\n      script: {script}\n");
        place.file("r.yaml", &text);
        assert!(findings(&place, "r.yaml").len() <= 1, "{script}");
    }
    // No byte of a script reaches a terminal as it is.
    place.file("r.yaml", &(run_of(&[]) + "    - {image: bash, script: \"echo )\\e[31m\"}\n"));
    let said = place.stepwell(&["check", "-f", "r.yaml"]).exits(2);
    assert!(!said.stdout.contains('\u{1b}'), "{said:?}");
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    ["tests/cases/examples", "examples"].iter().for_each(|folder| yaml(&root.join(folder), &mut files));
    assert!(files.len() > 38, "{}", files.len());
    let place = Place::new();
    let mut found = Vec::new();
    for file in &files {
        let shown = file.strip_prefix(root).unwrap_or(file).display().to_string();
        let own = findings(&place, &file.display().to_string());
        let own =
            short(&own).into_iter().filter(|(_, code, _)| code.starts_with("script-") || code == "unknown-command");
        found.extend(own.map(|(line, code, message)| format!("{shown}:{line} {code} {message}")));
    }
    // That example means it.
    let meant = "tests/cases/examples/taskruns/alpha/step-stream-volumes.yaml";
    let command = "unknown-command `nonsense` is no command of the userland";
    assert_eq!(found, [format!("{meant}:26 {command}"), format!("{meant}:37 {command}")]);
}

/// The YAML files in a folder and those in it, sorted.
fn yaml(folder: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            yaml(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            out.push(path);
        }
    }
}
