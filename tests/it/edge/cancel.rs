//! Cancelling and stopping, each way at each phase of a run.

use super::world::{FromScript, World};
use super::{pipeline, run_of, summary, task};
use stepwell::engine::view::RunView;
use stepwell::model::event::{CancelMode, Event};

const SECOND: u64 = 1_000_000_000;

/// `a` sleeps, `b` comes after it, `f` is `finally` and sleeps as well.
fn sleepers() -> String {
    let spec = format!(
        "tasks: [{}, {}], finally: [{}]",
        task("a", "sleep 10", "retries: 1,"),
        task("b", "echo b", "runAfter: [a],"),
        task("f", "sleep 5", "")
    );
    pipeline(&spec, "")
}

fn cancelled_at(yaml: &str, seconds: u64, mode: CancelMode) -> RunView {
    let cancel = Event::CancelRequested { mode, message: "by the test".to_owned() };
    World::new(run_of(yaml), Box::new(FromScript::default())).also(seconds * SECOND, cancel).drive()
}

#[test]
fn cancelling_kills_and_leaves_finally_out() {
    let view = cancelled_at(&sleepers(), 3, CancelMode::Cancelled);
    assert_eq!(summary(&view), ["run: False Cancelled", "run-a: False TaskRunCancelled"]);
    let a = &view.objects[1].status;
    assert_eq!(
        a.conditions[0].message,
        "TaskRun \"run-a\" was cancelled. TaskRun cancelled as the PipelineRun it belongs to has been cancelled."
    );
    assert_eq!(a.steps[0].termination_reason, "TaskRunCancelled");
    assert!(a.retries_status.is_empty(), "a cancelled TaskRun is not retried");
}

#[test]
fn cancelling_gracefully_kills_and_runs_finally() {
    let view = cancelled_at(&sleepers(), 3, CancelMode::CancelledRunFinally);
    assert_eq!(
        summary(&view),
        [
            "run: False Cancelled",
            "run/b: PipelineRun was stopping",
            "run-a: False TaskRunCancelled",
            "run-f: True Succeeded"
        ]
    );
    assert_eq!(view.objects[0].status.conditions[0].message, "PipelineRun \"run\" was cancelled");
}

#[test]
fn stopping_lets_what_runs_end() {
    let view = cancelled_at(&sleepers(), 3, CancelMode::StoppedRunFinally);
    assert_eq!(
        summary(&view),
        [
            "run: False Cancelled",
            "run/b: PipelineRun was gracefully stopped",
            "run-a: True Succeeded",
            "run-f: True Succeeded"
        ]
    );
}

#[test]
fn once_finally_runs_only_cancelling_ends_it() {
    for (mode, last) in [
        (CancelMode::StoppedRunFinally, "run-f: True Succeeded"),
        (CancelMode::CancelledRunFinally, "run-f: True Succeeded"),
        (CancelMode::Cancelled, "run-f: False TaskRunCancelled"),
    ] {
        let view = cancelled_at(&sleepers(), 12, mode);
        let lines = summary(&view);
        assert_eq!(lines[0], "run: False Cancelled", "{mode:?}");
        assert_eq!(lines.last().map(String::as_str), Some(last), "{mode:?}");
    }
}

#[test]
fn a_second_request_goes_only_farther() {
    let ask = |mode| Event::CancelRequested { mode, message: String::new() };
    let world = |first, second| {
        World::new(run_of(&sleepers()), Box::new(FromScript::default()))
            .also(2 * SECOND, ask(first))
            .also(3 * SECOND, ask(second))
            .drive()
    };
    let killed = world(CancelMode::CancelledRunFinally, CancelMode::Cancelled);
    assert_eq!(summary(&killed).last().map(String::as_str), Some("run-f: False TaskRunCancelled"));
    let still = world(CancelMode::CancelledRunFinally, CancelMode::StoppedRunFinally);
    assert_eq!(summary(&still).last().map(String::as_str), Some("run-f: True Succeeded"));
}

#[test]
fn child_pipelines_are_cancelled_with_their_parent() {
    let child = format!(
        "{{name: c, pipelineSpec: {{tasks: [{}], finally: [{}]}}}}",
        task("x", "sleep 10", ""),
        task("z", "echo z", "")
    );
    let yaml = pipeline(&format!("tasks: [{child}], finally: [{}]", task("f", "echo f", "")), "");
    let view = cancelled_at(&yaml, 3, CancelMode::Cancelled);
    assert_eq!(summary(&view), ["run: False Cancelled", "run-c: False Cancelled", "run-c-x: False TaskRunCancelled"]);
    let view = cancelled_at(&yaml, 3, CancelMode::CancelledRunFinally);
    let lines = summary(&view);
    assert!(lines.contains(&"run-c-z: True Succeeded".to_owned()), "{lines:?}");
    assert!(lines.contains(&"run-f: True Succeeded".to_owned()), "{lines:?}");
}

#[test]
fn a_task_run_takes_the_message_of_who_asks() {
    let yaml = "{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {name: run}, spec: {retries: 3, taskSpec: {steps: [{name: s, image: busybox, script: sleep 10}, {name: t, image: busybox, script: echo t}]}}}";
    let view = cancelled_at(yaml, 2, CancelMode::CancelledRunFinally);
    let status = &view.objects[0].status;
    assert_eq!(status.conditions[0].reason, "TaskRunCancelled");
    assert_eq!(status.conditions[0].message, "TaskRun \"run\" was cancelled. by the test");
    let ends: Vec<_> = status.steps.iter().map(|s| s.termination_reason.as_str()).collect();
    assert_eq!(ends, ["TaskRunCancelled", "TaskRunCancelled"]);
}

#[test]
fn a_pending_run_waits_and_can_be_cancelled() {
    let yaml = pipeline(&format!("tasks: [{}]", task("a", "echo a", "")), "status: PipelineRunPending,");
    let mut world = World::new(run_of(&yaml), Box::new(FromScript::default()));
    world.drive_on(|_| ());
    let view = world.run().view();
    assert!(!view.done);
    assert_eq!(summary(&view), ["run: Unknown PipelineRunPending"]);
    let view = cancelled_at(&yaml, 1, CancelMode::Cancelled);
    assert_eq!(summary(&view), ["run: False Cancelled"]);
}
