//! Command lines and files that are right or wrong: help, versions, diagnostics, configuration, graphs.

use super::place::{Place, pipeline_run, prints, task_run};

#[test]
fn help_and_versions() {
    let place = Place::new();
    let help = place.stepwell(&["--help"]).exits(0).stdout;
    for command in ["run", "check", "graph", "list", "show", "logs", "cancel", "get", "module", "doctor", "completions"]
    {
        assert!(help.contains(&format!("\n  {command} ")), "{command}:\n{help}");
        let own = place.stepwell(&[command, "--help"]).exits(0).stdout;
        assert!(command == "module" || own.contains("Examples:"), "{own}");
    }
    assert!(help.contains("130  the run was cancelled"), "{help}");
    let version = place.stepwell(&["--version"]).exits(0).stdout;
    for line in ["stepwell 0.", "wasmtime 48.", "target ", "commit "] {
        assert!(version.lines().any(|l| l.starts_with(line)), "{version}");
    }
    place.stepwell(&[]).exits(2);
    assert!(!place.state().exists(), "nothing was made on disk");
}

#[test]
fn completions_for_three_shells() {
    let place = Place::new();
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef stepwell"), ("fish", "complete -c stepwell")] {
        let script = place.stepwell(&["completions", shell]).exits(0).stdout;
        assert!(script.contains(word), "{shell}");
    }
}

#[test]
fn wrong_command_lines_exit_with_2() {
    let place = Place::new();
    for arguments in [
        &["explain"][..],
        &["rerun"],
        &["run"],
        &["run", "-f", "none.yaml"],
        &["run", "-p", "novalue"],
        &["run", "-f", "x", "--parallel", "0"],
        &["run", "-f", "x", "--limit", "memory=lots"],
        &["show", "nosuchrun"],
        &["logs", "nosuchrun"],
        &["cancel", "nosuchrun"],
        &["get", "nosuchrun", "w", "d"],
        &["module", "inspect", "none.wasm"],
        &["--config", "none.yaml", "list"],
    ] {
        let said = place.stepwell(arguments).exits(2);
        assert!(said.stdout.is_empty() && said.stderr.contains("error"), "{arguments:?}: {said:?}");
    }
    let said = place.stepwell(&["show", "nosuchrun", "--output", "json"]).exits(2);
    assert_eq!(said.json()["diagnostics"][0]["code"], "usage");
    place.stepwell(&["run", "-f", "x", "--output", "json", "--events"]).exits(2);
    let said = place.stepwell(&["list", "--output", "json", "--nosuchflag"]).exits(2);
    assert_eq!(said.json()["diagnostics"][0]["severity"], "error");
}

const BAD: &str = "apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec:
  stepz:
  - image: ./x.wasm
";

#[test]
fn a_wrong_file_is_named_with_line_and_remedy() {
    let place = Place::new();
    place.file("bad.yaml", BAD);
    for command in ["check", "run", "graph"] {
        let said = place.stepwell(&[command, "-f", "bad.yaml"]).exits(2);
        let text = format!("{}{}", said.stdout, said.stderr);
        assert!(text.contains("bad.yaml:5:3") && text.contains("stepz") && text.contains("help:"), "{text}");
        let said = place.stepwell(&[command, "-f", "bad.yaml", "--output", "json"]).exits(2);
        let found = said.json();
        let all = found["diagnostics"].as_array().expect("a list");
        let found = all.iter().find(|d| d["file"] == "bad.yaml" && d["line"] == 5 && d["column"] == 3);
        let found = found.unwrap_or_else(|| panic!("{all:?}"));
        for key in ["severity", "code", "message", "help", "tekton", "endLine", "endColumn", "path"] {
            assert!(found.get(key).is_some(), "{key}: {found}");
        }
    }
}

#[test]
fn what_cannot_run_here_is_a_warning_of_check_and_an_error_of_run() {
    let place = Place::new();
    place.file("far.yaml", &task_run("far", "x.wasm").replace("./x.wasm", "node:20"));
    let said = place.stepwell(&["check", "-f", "far.yaml"]).exits(0);
    assert!(said.stdout.contains("warning") && said.stdout.contains("node:20"), "{said:?}");
    place.stepwell(&["check", "-f", "far.yaml", "--runnable"]).exits(2);
    let said = place.stepwell(&["run", "-f", "far.yaml"]).exits(2);
    assert!(said.stderr.contains("node:20"), "{said:?}");
}

#[test]
fn a_right_file_is_checked_and_drawn() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0));
    place.file("p.yaml", &pipeline_run("p", &[("one", "a.wasm"), ("two", "a.wasm")], Some("a.wasm")));
    let said = place.stepwell(&["check", "-f", "p.yaml"]).exits(0);
    assert_eq!(said.stdout, "no errors: 1 run\n");
    let said = place.stepwell(&["graph", "-f", "p.yaml"]).exits(0);
    assert_eq!(said.stdout, "PipelineRun p\n  level 1\n    one\n  level 2\n    two after one\n  finally\n    last\n");
    let said = place.stepwell(&["graph", "-f", "p.yaml", "--format", "mermaid"]).exits(0);
    assert!(said.stdout.starts_with("flowchart TD\n  t0[\"one\"]\n"), "{said:?}");
    let said = place.stepwell(&["graph", "-f", "p.yaml", "--format", "dot"]).exits(0);
    assert!(said.stdout.contains("t0 -> t1;"), "{said:?}");
    let said = place.stepwell(&["run", "-f", "p.yaml", "--explain-images"]).exits(0);
    assert!(said.stdout.contains("one/s") && said.stdout.contains("./a.wasm → module "), "{said:?}");
    assert!(!place.state().join("v1/runs").exists(), "nothing was run");
}

#[test]
fn missing_params_are_listed() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0));
    place.file(
        "t.yaml",
        "apiVersion: tekton.dev/v1
kind: Task
metadata: {name: greet}
spec:
  params:
  - {name: who, description: whom to greet}
  - {name: times, default: '1'}
  steps:
  - {name: s, image: ./a.wasm, args: [$(params.who)]}
",
    );
    let said = place.stepwell(&["run", "greet", "-f", "t.yaml"]).exits(2);
    for words in ["who", "string", "whom to greet", "times", "default"] {
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    }
    place.stepwell(&["run", "greet", "-f", "t.yaml", "-p", "who=you"]).exits(0);
}

#[test]
fn configuration_is_read_and_a_project_can_only_narrow() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0)).file("proj/p.yaml", &task_run("p", "../a.wasm"));
    place.file("own.yaml", "output: json\n");
    let said = place.stepwell(&["--config", "own.yaml", "list"]).exits(0);
    assert_eq!(said.json()["kind"], "List");
    place.file("own.yaml", "outptu: json\n");
    let said = place.stepwell(&["--config", "own.yaml", "list"]).exits(2);
    assert!(said.stderr.contains("own.yaml:1:1") && said.stderr.contains("did you mean `output`?"), "{}", said.stderr);
    place.file("home/.config/stepwell/stepwell.yaml", "output: json\n");
    assert_eq!(place.stepwell(&["list"]).exits(0).json()["kind"], "List");
    place.file("proj/stepwell.yaml", "stateDir: /tmp/elsewhere\n");
    let said = place.stepwell(&["check", "-f", "proj/p.yaml", "--output", "text"]).exits(2);
    assert!(said.stderr.contains("a project's file cannot set `stateDir`"), "{}", said.stderr);
    place.file("proj/stepwell.yaml", "imageMap: [{match: node, module: ../a.wasm}]\n");
    let said = place.stepwell(&["check", "-f", "proj/p.yaml", "--output", "text"]).exits(2);
    assert!(said.stderr.contains("lies outside the project"), "{}", said.stderr);
    place.file("proj/stepwell.yaml", "imageMap: [{match: node, module: ./own.wasm}]\n");
    place.module("proj/own.wasm", &prints("mapped\n", 0));
    place.file("proj/node.yaml", &task_run("mapped", "x").replace("./x", "docker.io/library/node:20"));
    let said = place.stepwell(&["run", "-f", "proj/node.yaml", "--output", "text"]).exits(0);
    assert!(said.stdout.contains("[mapped : only] mapped"), "{}", said.stdout);
    place.stepwell(&["run", "-f", "proj/node.yaml", "--no-image-map"]).exits(2);
    place.file("proj/stepwell.yaml", "limits: {output: 1}\n");
    let said = place.stepwell(&["run", "-f", "proj/p.yaml", "--output", "text"]).exits(1);
    assert!(said.stdout.contains("met its output limit of 1\n"), "{}", said.stdout);
}
