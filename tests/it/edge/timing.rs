//! Timeouts of tasks, steps and pipelines, retries, and what they do to one another.

use super::world::{FromScript, World};
use super::{pipeline, run_of, summary, task};
use stepwell::engine::view::RunView;

fn drive(yaml: &str) -> RunView {
    World::new(run_of(yaml), Box::new(FromScript::default())).drive()
}

#[test]
fn a_pipeline_timeout_kills_all_and_runs_no_finally() {
    let spec = format!(
        "tasks: [{}, {}], finally: [{}]",
        task("a", "sleep 60", ""),
        task("b", "echo b", "runAfter: [a],"),
        task("f", "echo f", "")
    );
    let view = drive(&pipeline(&spec, "timeouts: {pipeline: 10s},"));
    assert_eq!(summary(&view), ["run: False PipelineRunTimeout", "run-a: False TaskRunCancelled"]);
    assert_eq!(view.objects[0].status.conditions[0].message, "PipelineRun \"run\" failed to finish within \"10s\"");
    let took = view.objects[0].ended_at - view.objects[0].started_at;
    assert_eq!(took / 1_000_000_000, 10);
}

#[test]
fn parts_of_a_timeout_follow_by_subtraction() {
    let spec = format!("tasks: [{}], finally: [{}]", task("a", "sleep 60", ""), task("f", "echo f", ""));
    let view = drive(&pipeline(&spec, "timeouts: {pipeline: 30s, finally: 22s},"));
    assert_eq!(
        view.objects[0].status.conditions[0].message,
        "PipelineRun \"run\" failed due to tasks failed to finish within \"8s\""
    );
    let spec = format!("tasks: [{}], finally: [{}]", task("a", "echo a", ""), task("f", "sleep 60", ""));
    let view = drive(&pipeline(&spec, "timeouts: {pipeline: 30s, tasks: 20s},"));
    assert_eq!(summary(&view), ["run: False Failed", "run-a: True Succeeded", "run-f: False TaskRunCancelled"]);
}

#[test]
fn zero_is_no_timeout_and_an_hour_the_default() {
    let spec = format!("tasks: [{}]", task("a", "sleep 100000", "timeout: 0s,"));
    let view = drive(&pipeline(&spec, "timeouts: {pipeline: 0s},"));
    assert_eq!(summary(&view), ["run: True Succeeded", "run-a: True Succeeded"]);
    let spec = format!("tasks: [{}]", task("a", "sleep 3599", ""));
    assert_eq!(summary(&drive(&pipeline(&spec, "")))[0], "run: True Succeeded");
    let spec = format!("tasks: [{}]", task("a", "sleep 3700", ""));
    let view = drive(&pipeline(&spec, "timeouts: {pipeline: 2h},"));
    assert_eq!(summary(&view)[1], "run-a: False TaskRunTimeout");
}

#[test]
fn a_timeout_counts_anew_for_each_attempt() {
    let spec = format!("tasks: [{}]", task("a", "sleep 9", "retries: 2, timeout: 6s,"));
    let view = drive(&pipeline(&spec, ""));
    let a = &view.objects[1];
    assert_eq!(a.status.retries_status.len(), 2);
    for archived in &a.status.retries_status {
        assert_eq!(archived.conditions[0].reason, "TaskRunTimeout");
        assert_eq!(archived.steps[0].termination_reason, "TaskRunTimeout");
    }
    let took = view.objects[0].ended_at - view.objects[0].started_at;
    assert_eq!(took / 1_000_000_000, 18);
}

#[test]
fn a_step_timeout_fails_the_task_with_its_own_words() {
    let yaml = "{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {name: run}, spec: {taskSpec: {steps: [{name: s, image: busybox, timeout: 2s, onError: continue, script: sleep 10}, {name: t, image: busybox, script: echo t}]}}}";
    let view = drive(yaml);
    let status = &view.objects[0].status;
    assert_eq!(status.conditions[0].reason, "StepFailed");
    assert_eq!(status.conditions[0].message, "\"step-s\" exited because the step exceeded the specified timeout limit");
    let ends: Vec<_> = status.steps.iter().map(|s| s.termination_reason.as_str()).collect();
    assert_eq!(ends, ["TimeoutExceeded", "Skipped"]);
}

#[test]
fn retries_run_on_while_the_pipeline_is_stopping() {
    let spec = format!(
        "tasks: [{}, {}, {}]",
        task("a", "exit 1", ""),
        task("b", "sleep 2; test $(context.task.retry-count) -ge 2", "retries: 2,"),
        task("c", "echo c", "runAfter: [b],")
    );
    let view = drive(&pipeline(&spec, ""));
    assert_eq!(
        summary(&view),
        ["run: False Failed", "run/c: PipelineRun was stopping", "run-a: False StepFailed", "run-b: True Succeeded"]
    );
    assert_eq!(view.objects[2].status.retries_status.len(), 2);
}

#[test]
fn a_running_run_says_how_it_stands() {
    let spec = format!(
        "tasks: [{}, {}]",
        task("a", "test $(context.task.retry-count) -ge 1", "retries: 1,"),
        task("b", "sleep 5", "")
    );
    let mut world = World::new(run_of(&pipeline(&spec, "")), Box::new(FromScript::default()));
    let mut seen = Vec::new();
    world.drive_on(|run| {
        for line in super::summary(&run.view()) {
            if !seen.contains(&line) {
                seen.push(line);
            }
        }
    });
    for line in ["run: Unknown Running", "run-a: Unknown Running", "run-a: Unknown ToBeRetried", "run: True Succeeded"]
    {
        assert!(seen.contains(&line.to_owned()), "{line} is not among {seen:?}");
    }
}
