//! The tree of a run.

use super::*;
use crate::engine::view::{Condition, MetadataView, ResultView, SkippedTask, StatusView, Terminated};
use crate::model::outcome::Outcome;
use crate::model::tree::Span;
use crate::model::value::ParamValue;

fn object(kind: &str, name: &str, task: &str, parent: Option<usize>, phase: Phase) -> ObjectView {
    ObjectView {
        api_version: "tekton.dev/v1".into(),
        kind: kind.into(),
        metadata: MetadataView { name: name.into(), namespace: "default".into(), ..MetadataView::default() },
        spec: serde_json::Value::Null,
        status: StatusView::default(),
        id: None,
        parent,
        pipeline_task: task.into(),
        span: Span::default(),
        phase,
        started_at: 946_684_800_000_000_000,
        ended_at: 946_684_801_000_000_000,
    }
}

fn step(name: &str, outcome: Option<Outcome>) -> StepView {
    let exit_code = outcome.as_ref().map_or(1, Outcome::exit_code);
    StepView {
        name: name.into(),
        container: format!("step-{name}"),
        image_id: "builtin:sh@blake3:00".into(),
        image: "busybox:1.36".into(),
        termination_reason: if outcome.is_none() { "Skipped".into() } else { String::new() },
        terminated: Some(Terminated { exit_code, ..Terminated::default() }),
        outcome,
        ..StepView::default()
    }
}

fn failed_run() -> RunView {
    let mut top = object("PipelineRun", "nightly", "", None, Phase::Failed);
    top.status.conditions = vec![Condition {
        reason: "Failed".into(),
        message: "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 1".into(),
        ..Condition::default()
    }];
    top.status.skipped_tasks = vec![SkippedTask {
        name: "deploy".into(),
        reason: "When Expressions evaluated to false".into(),
        when_expressions: vec![serde_json::json!({"input": "a", "operator": "in", "values": ["b"]})],
    }];
    let mut build = object("TaskRun", "nightly-build", "build", Some(0), Phase::Failed);
    build.status.conditions = vec![Condition {
        reason: "Failed".into(),
        message: "\"step-compile\" exited with code 3".into(),
        ..Condition::default()
    }];
    build.status.steps = vec![
        step("fetch", Some(Outcome::Exited { code: 0 })),
        step("compile", Some(Outcome::Exited { code: 3 })),
        step("last", None),
    ];
    let result = ResultView { name: "size".into(), type_: None, value: ParamValue::String("7".into()) };
    build.status.results = vec![result];
    let child = object("PipelineRun", "nightly-child", "child", Some(0), Phase::Succeeded);
    let one = object("TaskRun", "nightly-child-x-0", "x", Some(2), Phase::Succeeded);
    let two = object("TaskRun", "nightly-child-x-1", "x", Some(2), Phase::Succeeded);
    RunView {
        objects: vec![top, build, child, one, two],
        waiting: vec!["later".into()],
        done: true,
        ..RunView::default()
    }
}

#[test]
fn the_tree_names_every_task_and_why() {
    let view = failed_run();
    let shown = Shown { id: "abcdefgh", view: &view, workspaces: &[], interrupted: true };
    assert_eq!(
        render(&shown, Style::PLAIN),
        "PipelineRun nightly failed in 1.00s (run abcdefgh)
  Failed: Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 1
  namespace default, started 2000-01-01T00:00:00Z
  interrupted: nobody drives this run; what it has recorded is kept
  task build: failed, 1.00s
    Failed: \"step-compile\" exited with code 3
    step fetch: succeeded  busybox:1.36 → builtin:sh
    step compile: exited with code 3  busybox:1.36 → builtin:sh
    step last: not run  busybox:1.36 → builtin:sh
    result size = 7
  pipeline child: succeeded, 1.00s
    task x (nightly-child-x-0): succeeded, 1.00s
    task x (nightly-child-x-1): succeeded, 1.00s
  task deploy: skipped (When Expressions evaluated to false)
    when {\"input\":\"a\",\"operator\":\"in\",\"values\":[\"b\"]}
  task later: not started
"
    );
}

#[test]
fn parents_that_make_no_sense_do_not_loop() {
    let mut view = failed_run();
    for object in &mut view.objects {
        object.parent = Some(7);
    }
    let shown = Shown { id: "i", view: &view, workspaces: &[], interrupted: false };
    assert!(render(&shown, Style::PLAIN).starts_with("PipelineRun nightly"));
    let nothing = RunView::default();
    let shown = Shown { id: "i", view: &nothing, workspaces: &[], interrupted: false };
    assert_eq!(render(&shown, Style::PLAIN), "run i has no objects\n");
}

#[test]
fn only_what_an_image_stands_for_is_named() {
    let mut one = step("s", None);
    assert_eq!(image(&one), "busybox:1.36 → builtin:sh");
    one.image = "builtin:digest".into();
    one.image_id = "builtin:digest@blake3:00".into();
    assert_eq!(image(&one), "builtin:digest");
    one.image = "./a.wasm".into();
    one.image_id = "blake3:00".into();
    assert_eq!(image(&one), "./a.wasm");
}
