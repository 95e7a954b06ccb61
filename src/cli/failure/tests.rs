//! What is said of each way to fail.

use super::*;
use crate::engine::view::{Condition, MetadataView, StatusView};
use crate::model::tree::Span;

const FILE: &str = "kind: Task\nspec:\n  steps:\n  - name: compile\n    image: ./c.wasm\n";

fn screen() -> Screen {
    Screen { terminal: false, style: Style::PLAIN, width: 100 }
}

fn object(kind: &str, reason: &str, steps: Vec<StepView>) -> ObjectView {
    let condition = Condition { reason: reason.into(), message: "words".into(), ..Condition::default() };
    ObjectView {
        api_version: "tekton.dev/v1".into(),
        kind: kind.into(),
        metadata: MetadataView { name: "run".into(), ..MetadataView::default() },
        spec: serde_json::Value::Null,
        status: StatusView { conditions: vec![condition], steps, ..StatusView::default() },
        id: None,
        parent: None,
        pipeline_task: "build".into(),
        span: Span { source: 0, line: 1, column: 1, end_line: 1, end_column: 5 },
        phase: Phase::Failed,
        started_at: 1,
        ended_at: 2,
    }
}

fn step(outcome: Outcome) -> StepView {
    StepView {
        name: "compile".into(),
        image: "./c.wasm".into(),
        span: Span { source: 0, line: 4, column: 5, end_line: 4, end_column: 9 },
        started_at: 1,
        ended_at: 250_000_001,
        outcome: Some(outcome),
        ..StepView::default()
    }
}

fn text(object: ObjectView) -> String {
    let view = RunView { objects: vec![object], waiting: Vec::new(), done: true, ..RunView::default() };
    let sources = [SourceText { name: "task.yaml".into(), text: FILE.into() }];
    let found = find(&view);
    assert_eq!(found.len(), 1);
    let after = String::from_utf8(end(&found[0], &sources, screen())).expect("text");
    begin(&found[0], screen()) + &after
}

#[test]
fn a_failed_step_shows_its_place() {
    let text = text(object("TaskRun", "Failed", vec![step(Outcome::Exited { code: 3 })]));
    assert_eq!(
        text,
        "failed: task build, step compile: exited with code 3 (after 250ms)
note: the step stands here
 --> task.yaml:4:5
  |
3 |   steps:
4 |   - name: compile
  |     ^^^^
5 |     image: ./c.wasm
  |

"
    );
}

#[test]
fn every_outcome_of_ours_has_a_remedy() {
    for (outcome, words) in [
        (Outcome::LimitMet { limit: LimitKind::Memory, value: 512 << 20 }, "met its memory limit of 512Mi (after"),
        (Outcome::LimitMet { limit: LimitKind::Memory, value: 512 << 20 }, "--limit memory=1Gi"),
        (Outcome::LimitMet { limit: LimitKind::Cpu, value: 20_000_000_000 }, "--limit cpu=40s"),
        (Outcome::LimitMet { limit: LimitKind::Files, value: 10 }, "--limit files=20"),
        (
            Outcome::LimitMet { limit: LimitKind::Wall, value: 1_500_000_000 },
            "raise the step's `timeout` (it is 1.50s)",
        ),
        (Outcome::Denied { capability: "network".into(), grant: "sandbox.network".into() }, "help: grant it"),
        (Outcome::TimedOut { after: 2_000_000_000 }, "timed out after 2.00s"),
        (Outcome::CommandNotFound { command: "git".into() }, "`git` is neither"),
        (Outcome::ModuleInvalid { message: "no magic".into() }, "stepwell module inspect ./c.wasm"),
        (Outcome::Infrastructure { message: "disk".into() }, "stepwell doctor"),
        (Outcome::Trapped { message: "unreachable".into(), backtrace: vec!["main\x1b".into()] }, "    at main\\x1b\n"),
    ] {
        let text = text(object("TaskRun", "Failed", vec![step(outcome)]));
        assert!(text.contains(words) && text.contains("\nhelp: "), "{text}");
    }
}

#[test]
fn a_failure_without_a_step_has_tektons_words() {
    let text = text(object("PipelineRun", "CouldntGetTask", Vec::new()));
    assert!(
        text.starts_with("failed: pipeline build: CouldntGetTask: words\nnote: it stands here\n --> task.yaml:1:1\n"),
        "{text}"
    );
    assert!(text.contains("help: put the Task into the files"), "{text}");
}

#[test]
fn what_on_error_let_pass_is_no_failure() {
    let mut passed = step(Outcome::Exited { code: 1 });
    passed.termination_reason = "Continued".into();
    let view = RunView {
        objects: vec![object("TaskRun", "Failed", vec![passed, step(Outcome::Cancelled)])],
        done: true,
        ..RunView::default()
    };
    assert_eq!(find(&view)[0].step.and_then(|s| s.outcome.clone()), Some(Outcome::Cancelled));
}
