//! Runs as the JSON that `--output json` and `--events` print.
//!
//! Knows Kubernetes' `List` and the shape of an event line. Does not know where it is printed.

use crate::app::RunSummary;
use crate::engine::Run;
use crate::engine::view::RunView;
use crate::model::event::{Event, Stamped, TaskRunId};
use serde_json::{Map, Value as Json, json};

/// Version of an event line.
pub const EVENT_VERSION: u32 = 1;

/// One `List`: the runs of the files first, then the children of each.
#[must_use]
pub fn list<'a>(views: impl IntoIterator<Item = &'a RunView> + Clone) -> Json {
    let tops = views.clone().into_iter().filter_map(|v| v.objects.first());
    let children = views.into_iter().flat_map(|v| v.objects.iter().skip(1));
    let items: Vec<Json> = tops.chain(children).map(|o| serde_json::to_value(o).unwrap_or_default()).collect();
    items_list(items)
}

/// The runs of a state directory as one `List`, without children and specs.
#[must_use]
pub fn summaries(runs: &[RunSummary]) -> Json {
    items_list(runs.iter().map(summary).collect())
}

fn items_list(items: Vec<Json>) -> Json {
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}

fn summary(run: &RunSummary) -> Json {
    let mut status = Map::new();
    let mut condition = json!({ "type": "Succeeded", "status": run.status, "reason": super::list::state(run) });
    if run.interrupted {
        condition["message"] = json!("nobody drives this run; its journal ends before the run does");
    }
    status.insert("conditions".into(), json!([condition]));
    for (key, at) in [("startTime", run.started_at), ("completionTime", run.ended_at)] {
        if at > 0 {
            status.insert(key.into(), json!(super::style::moment(at)));
        }
    }
    json!({
        "apiVersion": "tekton.dev/v1",
        "kind": run.kind,
        "metadata": {
            "name": run.name,
            "namespace": run.namespace,
            "annotations": { "stepwell.dev/run-id": run.id, "stepwell.dev/interrupted": run.interrupted.to_string() },
        },
        "status": status,
    })
}

/// One line of `--events`, with a line break: the journal's event with the names it stands for.
#[must_use]
pub fn event_line(run: &str, stamped: &Stamped, state: &Run) -> String {
    let names =
        task_run_of(&stamped.event).and_then(|id| state.attempt_name(id)).map(|n| (n.task_run, n.pipeline_task));
    let step = match &stamped.event {
        Event::StepEnded { id, step, .. } => state.step_name(*id, *step),
        Event::Started
        | Event::AttemptStarted { .. }
        | Event::AttemptOpened { .. }
        | Event::AttemptClosed { .. }
        | Event::Woke
        | Event::CancelRequested { .. } => None,
    };
    let mut line = Map::new();
    line.insert("v".into(), json!(EVENT_VERSION));
    line.insert("seq".into(), json!(stamped.seq));
    line.insert("time".into(), json!(stamped.at));
    line.insert("run".into(), json!(run));
    if let Ok(Json::Object(fields)) = serde_json::to_value(&stamped.event) {
        line.extend(fields);
    }
    if let Some((task_run, pipeline_task)) = names {
        line.insert("taskRun".into(), json!(task_run));
        line.insert("pipelineTask".into(), json!(pipeline_task));
    }
    if let Some(step) = step {
        line.insert("stepName".into(), json!(step));
    }
    format!("{}\n", Json::Object(line))
}

/// The TaskRun that an event speaks of.
#[must_use]
pub fn task_run_of(event: &Event) -> Option<TaskRunId> {
    match event {
        Event::AttemptStarted { id, .. }
        | Event::AttemptOpened { id, .. }
        | Event::StepEnded { id, .. }
        | Event::AttemptClosed { id, .. } => Some(*id),
        Event::Started | Event::Woke | Event::CancelRequested { .. } => None,
    }
}
