//! Runs from start to end: what is printed, what is kept, how they are ended from outside.

use super::place::{Place, Said, pipeline_run, prints, spins, task_run};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

#[test]
fn a_pipeline_runs_and_is_there_afterwards() {
    let place = Place::new();
    place.module("a.wasm", &prints("hello from a\n", 0)).module("b.wasm", &prints("hello from b\nno end", 0));
    place.file("p.yaml", &pipeline_run("p", &[("one", "a.wasm"), ("two", "b.wasm")], Some("a.wasm")));
    let said = place.stepwell(&["run", "-f", "p.yaml"]).exits(0);
    for line in ["[one : s] hello from a", "[two : s] hello from b", "[two : s] no end", "[last : s] hello from a"] {
        assert!(said.stdout.lines().any(|l| l == line), "{line}:\n{}", said.stdout);
    }
    assert!(said.stdout.contains("2 tasks ran, 1 cached (saving "), "{}", said.stdout);
    assert!(!said.stdout.contains('\x1b') && !said.stderr.contains('\x1b'), "no colours off a terminal: {said:?}");
    let list = place.stepwell(&["list"]).exits(0).stdout;
    let id = list.lines().nth(1).and_then(|l| l.split(' ').next()).expect("a run is listed").to_owned();
    assert!(id.len() == 8 && said.stdout.contains(&id), "{list}");
    for selector in [&[][..], &[id.as_str()], &[&id[..4]], &["p"]] {
        let show = place.stepwell(&[&["show"], selector].concat()).exits(0).stdout;
        assert!(show.contains("task one: succeeded") && show.contains("step s: succeeded"), "{show}");
        let logs = place.stepwell(&[&["logs"], selector].concat()).exits(0).stdout;
        assert_eq!(logs, "[one : s] hello from a\n[two : s] hello from b\n[two : s] no end\n[last : s] hello from a\n");
    }
    assert_eq!(place.stepwell(&["logs", "p", "two/s"]).exits(0).stdout, "hello from b\nno end\n");
    assert!(place.stepwell(&["logs", "p", "nosuch"]).exits(2).stderr.contains("one, two, last"));
    let stamped = place.stepwell(&["logs", "p", "one", "--timestamps"]).exits(0).stdout;
    assert!(stamped.starts_with("20") && stamped.contains("Z [one : s] hello"), "{stamped}");
    assert_eq!(place.stepwell(&["logs", "-f", "p", "one/s"]).exits(0).stdout, "hello from a\n");
    let frame: serde_json::Value = place
        .stepwell(&["logs", "p", "one", "--output", "json"])
        .exits(0)
        .stdout
        .lines()
        .next()
        .map(|l| serde_json::from_str(l).expect("a frame is a line"))
        .expect("a frame");
    assert_eq!(
        (&frame["task"], &frame["step"], &frame["text"]),
        (&"one".into(), &"s".into(), &"hello from a\n".into())
    );
}

#[test]
fn json_is_one_list_with_the_files_runs_first() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0));
    let two = format!("{}---\n{}", pipeline_run("p", &[("one", "a.wasm")], None), task_run("t", "a.wasm"));
    place.file("two.yaml", &two);
    let said = place.stepwell(&["run", "-f", "two.yaml", "--output", "json", "--events=events.jsonl"]).exits(0);
    let list = said.json();
    let names: Vec<_> =
        list["items"].as_array().expect("items").iter().map(|i| i["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["p", "t", "p-one"]);
    assert_eq!(list["items"][0]["status"]["conditions"][0]["status"], "True");
    assert!(said.stderr.contains("[one : s] a"), "words for people go to standard error: {}", said.stderr);
    let events = std::fs::read_to_string(place.path().join("events.jsonl")).expect("events");
    let events: Vec<serde_json::Value> =
        events.lines().map(|l| serde_json::from_str(l).expect("an event is a line")).collect();
    for event in &events {
        assert!(
            event["v"] == 1 && event["seq"].is_u64() && event["time"].is_u64() && event["run"].is_string(),
            "{event}"
        );
    }
    let ended = events.iter().find(|e| e["type"] == "stepEnded" && e["taskRun"] == "p-one").expect("a step ended");
    assert_eq!((&ended["pipelineTask"], &ended["stepName"]), (&"one".into(), &"s".into()));
    let listed = place.stepwell(&["list", "--output", "json"]).exits(0).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    let shown = place.stepwell(&["show", "p", "--output", "json"]).exits(0).json();
    assert_eq!(shown["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn events_alone_take_standard_output() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0)).file("t.yaml", &task_run("t", "a.wasm"));
    let said = place.stepwell(&["run", "-f", "t.yaml", "--events"]).exits(0);
    let types: Vec<_> = said
        .stdout
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).expect("only events")["type"].clone())
        .collect();
    assert_eq!(types, ["started", "attemptStarted", "attemptOpened", "stepEnded", "attemptClosed"]);
    assert!(said.stderr.contains("TaskRun t succeeded"), "{}", said.stderr);
}

#[test]
fn a_failure_says_what_where_and_why() {
    let place = Place::new();
    place.module("bad.wasm", &prints("it broke here\n", 7)).module("a.wasm", &prints("never\n", 0));
    place.file("p.yaml", &pipeline_run("p", &[("one", "bad.wasm"), ("two", "a.wasm")], None));
    let said = place.stepwell(&["run", "-f", "p.yaml", "--logs", "failed"]).exits(1);
    for words in ["failed: task one, step s: exited with code 7", "    it broke here", "p.yaml:7:", "1 failed"] {
        assert!(said.stdout.contains(words), "{words}:\n{}", said.stdout);
    }
    assert!(!said.stdout.contains("never"), "{}", said.stdout);
    let show = place.stepwell(&["show"]).exits(0).stdout;
    assert!(show.contains("step s: exited with code 7"), "{show}");
    let quiet = place.stepwell(&["run", "-q", "-f", "p.yaml", "--logs", "none"]).exits(1);
    assert!(quiet.stdout.starts_with("failed: task one"), "{}", quiet.stdout);
}

#[test]
fn workspaces_are_named_and_copied_out() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0));
    place.file("data/sub/file.txt", "content").file(
        "t.yaml",
        &task_run("t", "a.wasm").replace("taskSpec:\n", "taskSpec:\n    workspaces: [{name: source}]\n"),
    );
    let said = place.stepwell(&["run", "-f", "t.yaml", "-w", "source=data"]).exits(0);
    assert!(
        said.stdout.contains(&format!("workspace source: {}", place.path().join("data").display())),
        "{}",
        said.stdout
    );
    place.stepwell(&["get", "t", "source/sub", "out"]).exits(0);
    assert_eq!(std::fs::read_to_string(place.path().join("out/file.txt")).ok().as_deref(), Some("content"));
    place.stepwell(&["get", "t", "source/../x", "out"]).exits(2);
    place.stepwell(&["get", "t", "nosuch", "out"]).exits(2);
}

#[test]
fn a_part_of_a_workspace_is_found_by_the_name_that_it_was_given() {
    let place = Place::new();
    let text = "apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: p}
spec:
  params: [{name: at, value: inner}]
  workspaces:
  - {name: w, subPath: $(context.pipelineRun.name)-$(params.at), volumeClaimTemplate: {spec: {}}}
  pipelineSpec:
    params: [{name: at}]
    workspaces: [{name: w}]
    tasks:
    - name: t
      workspaces: [{name: w}]
      taskSpec: {workspaces: [{name: w}], steps: [{name: s, image: builtin:files, args: [write, $(workspaces.w.path)/f, hello]}]}
";
    place.file("p.yaml", text);
    let said = place.stepwell(&["run", "-f", "p.yaml"]).exits(0);
    assert!(said.stdout.lines().any(|l| l.contains("workspace w: ") && l.ends_with("/p-inner")), "{}", said.stdout);
    place.stepwell(&["get", "p", "w", "out"]).exits(0);
    assert_eq!(std::fs::read_to_string(place.path().join("out/f")).ok().as_deref(), Some("hello"));
}

#[test]
fn state_directories_do_not_know_each_other() {
    let place = Place::new();
    place.module("a.wasm", &prints("a\n", 0)).file("t.yaml", &task_run("t", "a.wasm"));
    place.stepwell(&["run", "-f", "t.yaml", "--state-dir", "one"]).exits(0);
    assert!(place.stepwell(&["list", "--state-dir", "two"]).exits(0).stdout.contains("no runs yet"));
    assert!(place.stepwell(&["list", "--state-dir", "one"]).exits(0).stdout.contains("TaskRun"));
    assert!(!place.state().exists(), "the default place stays untouched");
}

/// Starts a run and waits until `line` was printed.
fn started(place: &Place, arguments: &[&str], line: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = place.command(arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut text = String::new();
    while !text.ends_with(&format!("{line}\n")) {
        let read = stdout.read_line(&mut text).expect("lines");
        assert!(read > 0, "the run ended early:\n{text}");
    }
    (child, stdout)
}

fn ended(mut child: Child, mut stdout: impl Read) -> Said {
    let mut text = String::new();
    stdout.read_to_string(&mut text).expect("text");
    let mut said = Said::of(child.wait_with_output_of());
    said.stdout = text;
    said
}

/// Waits for a child whose standard output was taken.
trait WaitWithOutput {
    fn wait_with_output_of(&mut self) -> std::process::Output;
}

impl WaitWithOutput for Child {
    fn wait_with_output_of(&mut self) -> std::process::Output {
        let mut stderr = Vec::new();
        self.stderr.take().expect("a pipe").read_to_end(&mut stderr).expect("text");
        std::process::Output { status: self.wait().expect("it ends"), stdout: Vec::new(), stderr }
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_child(child);
    kill_process(pid, signal).expect("the process is there");
}

fn spinning() -> Place {
    let place = Place::new();
    place.module("spin.wasm", &spins("spinning\n")).module("a.wasm", &prints("finally ran\n", 0));
    place.file("p.yaml", &pipeline_run("p", &[("one", "spin.wasm")], Some("a.wasm")));
    place
}

#[test]
fn one_interrupt_still_runs_finally() {
    let place = spinning();
    let (child, stdout) = started(&place, &["run", "-f", "p.yaml"], "[one : s] spinning");
    signal(&child, Signal::INT);
    let said = ended(child, stdout).exits(130);
    assert!(said.stdout.contains("Ctrl-C again") && said.stdout.contains("[last : s] finally ran"), "{}", said.stdout);
    let shown = place.stepwell(&["show", "--output", "json"]).exits(0).json();
    assert_eq!(shown["items"][0]["status"]["conditions"][0]["reason"], "Cancelled");
}

#[test]
fn an_interrupt_that_ends_the_reader_too_still_runs_finally() {
    let place = spinning();
    let (child, stdout) = started(&place, &["run", "-f", "p.yaml"], "[one : s] spinning");
    signal(&child, Signal::INT);
    drop(stdout);
    ended(child, std::io::empty()).exits(130);
    assert!(place.stepwell(&["logs"]).exits(0).stdout.contains("[last : s] finally ran"));
}

#[test]
fn cancelling_from_another_process() {
    let place = spinning();
    let (child, stdout) = started(&place, &["run", "-f", "p.yaml"], "[one : s] spinning");
    assert!(place.stepwell(&["list"]).exits(0).stdout.contains("Running"));
    place.stepwell(&["cancel"]).exits(0);
    let said = ended(child, stdout).exits(130);
    assert!(!said.stdout.contains("finally ran"), "{}", said.stdout);
    place.stepwell(&["cancel"]).exits(2);
}

#[test]
fn two_interrupts_end_everything() {
    let place = spinning();
    place.module("a.wasm", &spins("finally spins\n"));
    let (child, mut stdout) = started(&place, &["run", "-f", "p.yaml"], "[one : s] spinning");
    signal(&child, Signal::INT);
    let mut text = String::new();
    while !text.contains("finally spins") {
        assert!(stdout.read_line(&mut text).expect("lines") > 0, "the run ended early:\n{text}");
    }
    signal(&child, Signal::INT);
    let said = ended(child, stdout).exits(130);
    assert!(said.stdout.contains("leaves at once"), "{}", said.stdout);
}

#[test]
fn being_told_to_terminate_leaves_the_run_as_it_is() {
    for (number, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let place = spinning();
        let (child, stdout) = started(&place, &["run", "-f", "p.yaml"], "[one : s] spinning");
        signal(&child, number);
        ended(child, stdout).exits(code);
        assert!(place.stepwell(&["list"]).exits(0).stdout.contains("interrupted"));
        assert!(place.stepwell(&["show"]).exits(0).stdout.contains("interrupted"));
        place.stepwell(&["cancel"]).exits(0);
        assert!(place.stepwell(&["list"]).exits(0).stdout.contains("Cancelled"));
    }
}

#[test]
fn logs_are_followed_from_another_process() {
    let place = spinning();
    let (child, stdout) = started(&place, &["run", "-f", "p.yaml"], "[one : s] spinning");
    let (follower, lines) = started(&place, &["logs", "-f"], "[one : s] spinning");
    place.stepwell(&["cancel", "--grace", "CancelledRunFinally"]).exits(0);
    ended(child, stdout).exits(130);
    let said = ended(follower, lines).exits(0);
    assert_eq!(said.stdout, "[last : s] finally ran\n");
}

#[test]
fn a_reader_that_goes_away_is_an_ordinary_end() {
    let place = Place::new();
    let long = "a line that is long enough\n".repeat(2000);
    place.module("a.wasm", &prints(&long, 0)).file("t.yaml", &task_run("t", "a.wasm"));
    let mut run =
        place.command(&["run", "-f", "t.yaml"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
    drop(run.stdout.take());
    let said = Said::of(run.wait_with_output_of());
    assert!(said.stderr.is_empty() && said.code != Some(101), "{said:?}");
    place.stepwell(&["run", "-f", "t.yaml", "-q", "--logs", "none"]).exits(0);
    for command in [&["logs"][..], &["show"], &["list"], &["--help"]] {
        let mut child = place.command(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
        drop(child.stdout.take());
        let said = Said::of(child.wait_with_output_of());
        assert!(said.code == Some(0) && said.stderr.is_empty(), "{command:?}: {said:?}");
    }
}
