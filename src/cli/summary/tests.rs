//! The words of a summary.

use super::*;
use crate::engine::view::{Condition, MetadataView, ResultView, SkippedTask, StatusView};
use crate::model::plan::{Plan, Resolved, Root, RunMetadata};
use crate::model::tree::Span;
use std::path::PathBuf;
use std::sync::Arc;

fn object(kind: &str, name: &str, phase: Phase) -> ObjectView {
    ObjectView {
        api_version: "tekton.dev/v1".into(),
        kind: kind.into(),
        metadata: MetadataView { name: name.into(), namespace: "default".into(), ..MetadataView::default() },
        spec: serde_json::Value::Null,
        status: StatusView::default(),
        id: None,
        parent: (kind == "TaskRun").then_some(0),
        pipeline_task: name.into(),
        span: Span::default(),
        phase,
        started_at: 1_000_000_000,
        ended_at: 3_500_000_000,
    }
}

fn end(phase: Phase, reason: &str, message: &str) -> RunEnd {
    let mut top = object("PipelineRun", "nightly", phase);
    top.status.conditions = vec![Condition { reason: reason.into(), message: message.into(), ..Condition::default() }];
    top.status.skipped_tasks = vec![SkippedTask { name: "deploy".into(), ..SkippedTask::default() }];
    let value = ParamValue::String("abc\x1b[2J\n".into());
    top.status.results = vec![ResultView { name: "commit".into(), type_: None, value }];
    let objects = vec![top, object("TaskRun", "a", Phase::Succeeded), object("TaskRun", "b", phase)];
    RunEnd {
        id: "abcdefgh".into(),
        plan: Arc::new(Plan {
            metadata: RunMetadata::default(),
            root: Root::Task { spec: Arc::default(), task: Resolved::Unsupported { message: String::new() } },
            span: Span::default(),
        }),
        view: RunView { objects, waiting: Vec::new(), done: true, ..RunView::default() },
        succeeded: phase == Phase::Succeeded,
        fault: None,
        warnings: Vec::new(),
        workspaces: vec![
            WorkspacePlace {
                name: "source".into(),
                path: Some(PathBuf::from("/data/source")),
                sub_path: String::new(),
                kind: "directory",
            },
            WorkspacePlace { name: "tmp".into(), path: None, sub_path: String::new(), kind: "emptyDir" },
        ],
    }
}

#[test]
fn a_success_is_counted_and_says_where_things_lie() {
    assert_eq!(
        render(&end(Phase::Succeeded, "Completed", "all well"), Style::PLAIN),
        "PipelineRun nightly succeeded in 2.50s (run abcdefgh)
  2 tasks ran, 0 cached, 1 skipped, 0 failed
  result commit = abc\\x1b[2J
  workspace source: /data/source
  workspace tmp: emptyDir, not kept
  logs: stepwell logs abcdefgh   more: stepwell show abcdefgh
"
    );
}

#[test]
fn anything_else_carries_tektons_words() {
    let text = render(&end(Phase::Failed, "Failed", "Tasks Completed: 2"), Style::PLAIN);
    assert!(
        text.starts_with("PipelineRun nightly failed in 2.50s (run abcdefgh)\n  Failed: Tasks Completed: 2\n"),
        "{text}"
    );
    assert!(text.contains("2 tasks ran, 0 cached, 1 skipped, 1 failed"), "{text}");
    let mut fault = end(Phase::Cancelled, "Cancelled", "");
    fault.fault = Some("disk full".into());
    fault.warnings = vec!["a log was cut".into()];
    let text = render(&fault, Style::PLAIN);
    assert!(text.contains("0 failed, 1 cancelled\n  fault: disk full\n  warning: a log was cut\n"), "{text}");
}

#[test]
fn long_values_are_cut() {
    let text = value(&ParamValue::String("é".repeat(300)));
    assert!(text.ends_with("é… (300 characters)"), "{text}");
    assert_eq!(value(&ParamValue::Array(vec!["a".into(), "b".into()])), r#"["a","b"]"#);
}
