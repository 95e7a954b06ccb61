//! The `sandbox` blocks of an object, and the annotations that say the same.
//!
//! Knows where blocks may stand. What a block may say is known in `spec::sandbox`.

use super::report::{METADATA, Place, Report, SPEC};
use super::{Checked, report};
use crate::model::decode::nearest;
use crate::model::objects::{Metadata, PipelineSpec, SandboxSpec, TaskSpec};
use crate::spec::sandbox::{self, ANNOTATION, Annotated};
use std::collections::{BTreeMap, BTreeSet};

/// Checks every block and annotation of an object.
pub(super) fn check(object: &Checked<'_>, metadata: &Metadata, report: &mut Report<'_>) {
    match object {
        Checked::Task(task) => {
            blocks(task, &SPEC, report);
            annotations(&metadata.annotations, Some(task), &METADATA, report);
        }
        Checked::TaskRun(run) => {
            let inline = run.task_spec.as_deref();
            if let Some(task) = inline {
                blocks(task, &SPEC.key("taskSpec"), report);
            }
            annotations(&metadata.annotations, inline, &METADATA, report);
        }
        Checked::Pipeline(pipeline) => tasks(pipeline, &SPEC, report),
        Checked::PipelineRun(run) => {
            if let Some(pipeline) = &run.pipeline_spec {
                tasks(pipeline, &SPEC.key("pipelineSpec"), report);
            }
            let list = SPEC.key("taskRunSpecs");
            for (index, item) in run.task_run_specs.iter().enumerate() {
                if let Some(metadata) = &item.metadata {
                    let own = list.item(index);
                    annotations(&metadata.annotations, None, &own.key("metadata"), report);
                }
            }
        }
        Checked::StepAction(_) | Checked::CustomRun(_) => {}
    }
}

fn tasks(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    for (key, list) in [("tasks", &pipeline.tasks), ("finally", &pipeline.finally)] {
        let all = place.key(key);
        for (index, item) in list.iter().enumerate() {
            let own = all.item(index);
            if let Some(embedded) = &item.task_spec {
                let body = own.key("taskSpec");
                blocks(&embedded.task, &body, report);
                if let Some(metadata) = &embedded.metadata {
                    annotations(&metadata.annotations, Some(&embedded.task), &body.key("metadata"), report);
                }
            }
            if let Some(inner) = &item.pipeline_spec {
                tasks(inner, &own.key("pipelineSpec"), report);
            }
        }
    }
}

fn blocks(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    one(task.sandbox.as_ref(), place, report);
    if let Some(template) = &task.step_template {
        one(template.sandbox.as_ref(), &place.key("stepTemplate"), report);
    }
    let list = place.key("steps");
    for (index, step) in task.steps.iter().enumerate() {
        one(step.sandbox.as_ref(), &list.item(index), report);
    }
    let list = place.key("sidecars");
    for (index, sidecar) in task.sidecars.iter().enumerate() {
        one(sidecar.sandbox.as_ref(), &list.item(index), report);
    }
}

fn one(block: Option<&SandboxSpec>, owner: &Place<'_>, report: &mut Report<'_>) {
    let Some(block) = block else { return };
    let place = owner.key("sandbox");
    let span = report.span(&place);
    let node = report.node(&place).cloned();
    let locate = move |field: &str| node.as_ref().map_or(span, |n| n.locate(field));
    sandbox::check(block, &place.path(), &locate, report.out());
}

fn annotations(map: &BTreeMap<String, String>, task: Option<&TaskSpec>, metadata: &Place<'_>, report: &mut Report<'_>) {
    let Some(text) = map.get(ANNOTATION) else { return };
    let list = metadata.key("annotations");
    let place = list.key(ANNOTATION);
    let span = report.span(&place);
    let annotated = sandbox::annotation(text, span, &place.path(), report.out());
    if let Some(task) = task {
        unknown_steps(&annotated, task, &place, report);
    }
}

fn unknown_steps(annotated: &Annotated, task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let known: Vec<&str> = task.steps.iter().map(|s| s.name.as_str()).collect();
    let names: BTreeSet<&str> = known.iter().copied().collect();
    for name in annotated.steps.keys().filter(|n| !names.contains(n.as_str())) {
        if report.full() {
            return;
        }
        let help = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the task's steps are: {}", known.iter().take(20).copied().collect::<Vec<_>>().join(", ")),
        };
        let finding = report::Finding::refuse(
            "bad-sandbox",
            format!("the annotation names a step `{name}` that the task does not have"),
        )
        .help(help);
        report.add(place, finding);
    }
}
