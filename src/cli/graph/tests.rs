//! The three drawings of one graph.

use super::*;
use crate::model::objects::{PipelineSpec, PipelineTask};
use crate::model::plan::RunMetadata;
use crate::model::tree::Span;
use std::sync::Arc;

fn task(name: &str, parents: &[u32], children: &[u32], body: TaskBody) -> PlannedTask {
    PlannedTask {
        task: Arc::new(PipelineTask { name: name.into(), ..PipelineTask::default() }),
        body,
        parents: parents.iter().copied().map(TaskIx).collect(),
        result_parents: Vec::new(),
        children: children.iter().copied().map(TaskIx).collect(),
        span: Span::default(),
        path: String::new(),
    }
}

fn nothing() -> TaskBody {
    TaskBody::Task(Resolved::Unsupported { message: String::new() })
}

fn pipeline(tasks: Vec<PlannedTask>, dag_len: usize) -> PipelinePlan {
    PipelinePlan {
        name: None,
        labels: Default::default(),
        annotations: Default::default(),
        spec: Arc::new(PipelineSpec::default()),
        tasks,
        dag_len,
        source: 0,
    }
}

fn plan() -> Plan {
    let child = pipeline(vec![task("inner", &[], &[], nothing())], 1);
    let tasks = vec![
        task("a\"<b>", &[], &[2], nothing()),
        task("child", &[], &[2], TaskBody::Pipeline(Resolved::Found(Arc::new(child)))),
        task("last", &[0, 1], &[], nothing()),
        task("tell", &[], &[], nothing()),
    ];
    Plan {
        metadata: RunMetadata { name: "run".into(), ..RunMetadata::default() },
        root: Root::Pipeline { spec: Arc::default(), pipeline: Resolved::Found(Arc::new(pipeline(tasks, 3))) },
        span: Span::default(),
    }
}

#[test]
fn text_shows_levels() {
    assert_eq!(
        render(&plan(), Format::Text),
        "PipelineRun run
  level 1
    a\"<b>
    child
      level 1
        inner
  level 2
    last after a\"<b>, child
  finally
    tell
"
    );
}

#[test]
fn mermaid_escapes_names() {
    assert_eq!(
        render(&plan(), Format::Mermaid),
        "flowchart TD
  t0[\"a#34;#60;b#62;\"]
  subgraph t1[\"child\"]
    t1_0[\"inner\"]
  end
  t2[\"last\"]
  t3([\"tell\"])
  t0 --> t2
  t1 --> t2
  t2 -.-> t3
"
    );
}

#[test]
fn dot_escapes_names() {
    let text = render(&plan(), Format::Dot);
    assert!(text.starts_with("digraph \"run\" {\n  rankdir=TB;\n"), "{text}");
    assert!(text.contains("  t0 [label=\"a\\\"<b>\"];\n") && text.contains("  t2 -> t3 [style=dashed];\n"), "{text}");
    assert!(
        text.contains("  subgraph cluster_t1 {\n    label=\"child\";\n    t1_0 [label=\"inner\"];\n  }\n"),
        "{text}"
    );
}

#[test]
fn json_has_parents_and_children() {
    let found = to_json(&plan(), "drawing");
    assert_eq!(found["tasks"][2]["after"], json!(["a\"<b>", "child"]));
    assert_eq!(found["tasks"][1]["tasks"][0]["name"], "inner");
    assert_eq!((&found["tasks"][3]["finally"], &found["drawing"]), (&json!(true), &json!("drawing")));
}
