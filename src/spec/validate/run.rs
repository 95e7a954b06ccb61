//! TaskRuns, PipelineRuns and CustomRuns.
//!
//! Knows Tekton's rules for what a run says. Does not follow its references.

use super::report::{Finding, Place, Report, SPEC};
use super::step::one_of;
use super::workspaces::{self, Owner};
use super::{inline, params, pipeline, reference, task};
use crate::model::duration::Duration;
use crate::model::objects::{
    CustomRunSpec, ObjectRef, Param, PipelineRunSpec, ResourceRequirements, StepOverride, TaskRunDebug, TaskRunSpec,
    Timeouts,
};
use crate::spec::refs;
use std::collections::BTreeMap;

/// Tekton: default-timeout-minutes.
const DEFAULT_TIMEOUT: Duration = Duration::from_minutes(60);

pub(super) fn task_run(run: &TaskRunSpec, report: &mut Report<'_>) {
    one_of_two("taskRef", "taskSpec", run.task_ref.is_some(), run.task_spec.is_some(), report);
    if let Some(found) = &run.task_ref {
        reference::object(found, &SPEC.key("taskRef"), report);
    }
    if let Some(inline) = &run.task_spec {
        task::spec(inline, &SPEC.key("taskSpec"), report);
    }
    params::values_once(&run.params, &SPEC.key("params"), report);
    if let Some(inline) = &run.task_spec {
        inline::task_run(&run.params, inline, &SPEC.key("taskSpec"), report);
    }
    workspaces::bindings(&run.workspaces, Owner::TaskRun, &SPEC, report);
    if let Some(found) = &run.debug {
        debug(found, report);
    }
    overrides(&run.step_specs, &SPEC.key("stepSpecs"), report);
    overrides(&run.sidecar_specs, &SPEC.key("sidecarSpecs"), report);
    resources_once(run.compute_resources.as_ref(), &run.step_specs, &SPEC, report);
    task_run_status(run, report);
    if run.retries < 0 {
        let finding = Finding::refuse("negative-retries", format!("{} retries are fewer than none", run.retries))
            .help("write 0 or more")
            .invalid(format!("{} should be >= 0", run.retries));
        report.add(&SPEC.key("retries"), finding);
    }
    if let Some(timeout) = run.timeout {
        not_negative(timeout, &SPEC.key("timeout"), None, report);
    }
}

pub(super) fn pipeline_run(run: &PipelineRunSpec, report: &mut Report<'_>) {
    one_of_two("pipelineRef", "pipelineSpec", run.pipeline_ref.is_some(), run.pipeline_spec.is_some(), report);
    if let Some(found) = &run.pipeline_ref {
        reference::object(found, &SPEC.key("pipelineRef"), report);
        no_kind(found, report);
    }
    if let Some(inline) = &run.pipeline_spec {
        pipeline::spec(inline, &SPEC.key("pipelineSpec"), report);
    }
    params::values_once(&run.params, &SPEC.key("params"), report);
    no_results_in(&run.params, report);
    if let Some(inline) = &run.pipeline_spec {
        inline::pipeline_run(&run.params, inline, &SPEC.key("pipelineSpec"), report);
    }
    if let Some(found) = &run.timeouts {
        timeouts(found, report);
    }
    let list = SPEC.key("taskRunSpecs");
    for (index, item) in run.task_run_specs.iter().enumerate() {
        let own = list.item(index);
        overrides(&item.step_specs, &own.key("stepSpecs"), report);
        overrides(&item.sidecar_specs, &own.key("sidecarSpecs"), report);
        resources_once(item.compute_resources.as_ref(), &item.step_specs, &own, report);
        if let Some(timeout) = item.timeout {
            task_timeout(timeout, run.timeouts.as_ref(), &own.key("timeout"), report);
        }
    }
    pipeline_run_status(&run.status, report);
    workspaces::bindings(&run.workspaces, Owner::PipelineRun, &SPEC, report);
}

/// CustomRuns are checked until the first fault, as Tekton does.
pub(super) fn custom_run(run: &CustomRunSpec, report: &mut Report<'_>) {
    let spec = run.custom_spec.as_ref();
    if *run == CustomRunSpec::default() {
        let finding = Finding::refuse("missing-spec", "the CustomRun is empty")
            .help("add `spec.customRef` or `spec.customSpec`")
            .words("missing field(s)");
        report.add(&SPEC, finding);
        return;
    }
    one_of_two("customRef", "customSpec", run.custom_ref.is_some(), spec.is_some(), report);
    let text =
        |key: &str| spec.and_then(|s| s.get(key)).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let types = match (&run.custom_ref, spec) {
        (Some(found), None) => Some(("customRef", found.api_version.clone(), found.kind.clone())),
        (None, Some(_)) => Some(("customSpec", text("apiVersion"), text("kind"))),
        _ => None,
    };
    if let Some((key, api_version, kind)) = types {
        let lacking = [("apiVersion", api_version.is_empty()), ("kind", kind.is_empty())];
        if let Some((field, _)) = lacking.iter().find(|(_, lacks)| *lacks) {
            let finding = Finding::refuse("missing-field", format!("`{key}` needs `{field}`"))
                .help("custom tasks are told apart by apiVersion and kind")
                .words("missing field(s)");
            let body = SPEC.key(key);
            report.add(&body.key(field), finding);
        }
    }
    if run.status.is_empty() && !run.status_message.is_empty() {
        message_without_status(&run.status_message, report);
    }
    params::values_once(&run.params, &SPEC.key("params"), report);
    workspaces::bindings(&run.workspaces, Owner::TaskRun, &SPEC, report);
}

fn one_of_two(reference: &str, inline: &str, has_reference: bool, has_inline: bool, report: &mut Report<'_>) {
    let paths = [format!("spec.{reference}"), format!("spec.{inline}")];
    if !has_reference && !has_inline {
        let finding = Finding::refuse("missing-body", "the run does not say what it runs")
            .help(format!("add `{reference}` or `{inline}`"))
            .words("expected exactly one, got neither")
            .paths(paths);
        report.add(&SPEC, finding);
    } else if has_reference && has_inline {
        let finding =
            Finding::refuse("several-bodies", format!("the run says twice what it runs: {reference} and {inline}"))
                .help("keep one of the two")
                .words("expected exactly one, got both")
                .paths(paths);
        report.add(&SPEC.key(reference), finding);
    }
}

fn no_kind(found: &ObjectRef, report: &mut Report<'_>) {
    if !found.kind.is_empty() {
        let finding = Finding::refuse("unknown-field", "`kind` is not a field of pipelineRef")
            .help("remove it: a pipelineRef is always to a Pipeline")
            .words("strict decoding error: unknown field \"spec.pipelineRef.kind\"")
            .paths([""; 0]);
        let place = SPEC.key("pipelineRef");
        report.add(&place.key("kind"), finding);
    }
}

/// A run's params are given before any task has results.
fn no_results_in(given: &[Param], report: &mut Report<'_>) {
    let list = SPEC.key("params");
    for (index, param) in given.iter().enumerate() {
        let found: Vec<&str> =
            refs::value_expressions(param.value.as_ref()).into_iter().filter(|e| refs::looks_like_result(e)).collect();
        if found.iter().any(|e| refs::result_ref(e).is_some()) {
            let finding = Finding::refuse(
                "result-in-run-param",
                format!("the run's param `{}` uses the result of a task", param.name),
            )
            .help("use the result where the pipeline passes params to a task")
            .invalid(format!("cannot use result expressions in [{}] as PipelineRun parameter values", found.join(" ")))
            .paths([format!("spec.params[{}].value", param.name)]);
            report.add(&list.item(index).key("value"), finding);
        }
    }
}

fn not_negative(timeout: Duration, place: &Place<'_>, tekton: Option<String>, report: &mut Report<'_>) {
    if timeout.0 < 0 {
        let finding = Finding::refuse("negative-timeout", format!("the timeout {timeout} is negative"))
            .help("write a positive duration such as 10m, or 0 for none")
            .invalid(format!("{timeout} should be >= 0"))
            .paths([tekton.unwrap_or_else(|| place.path())]);
        report.add(place, finding);
    }
}

/// Tekton: the parts fit into the whole, which is an hour when it is not said. 0 means none.
fn timeouts(found: &Timeouts, report: &mut Report<'_>) {
    let place = SPEC.key("timeouts");
    for (key, part) in [("tasks", found.tasks), ("finally", found.finally), ("pipeline", found.pipeline)] {
        if let Some(timeout) = part {
            not_negative(timeout, &place.key(key), None, report);
        }
    }
    let whole = found.pipeline.unwrap_or(DEFAULT_TIMEOUT);
    let said = if found.pipeline.is_some() { format!("`pipeline`, {whole}") } else { format!("the default, {whole}") };
    for (key, part) in [("tasks", found.tasks), ("finally", found.finally)] {
        let Some(part) = part else { continue };
        let endless = part.0 == 0;
        if whole.0 == 0 || (part <= whole && !endless) {
            continue;
        }
        let shown = if endless { format!("{part} (no timeout)") } else { part.to_string() };
        let finding =
            Finding::refuse("timeout-exceeds", format!("the timeout of `{key}`, {shown}, is longer than {said}"))
                .help("shorten it, or raise `timeouts.pipeline` (0 means no limit)")
                .invalid(format!("{shown} should be <= pipeline duration"));
        report.add(&place.key(key), finding);
    }
    if let (Some(tasks), Some(finally)) = (found.tasks, found.finally)
        && tasks.0.saturating_add(finally.0) > whole.0
    {
        let finding = Finding::refuse("timeout-exceeds", format!("`tasks` and `finally` together, {tasks} + {finally}, are longer than {said}"))
            .help("shorten one of them, or raise `timeouts.pipeline`; give only two of the three, and Tekton derives the third")
            .invalid(format!("{tasks} + {finally} should be <= pipeline duration"))
            .paths(["spec.timeouts.finally", "spec.timeouts.tasks"]);
        report.add(&place.key("finally"), finding);
    }
}

/// The timeout of one task's runs fits into that of the tasks, or of the pipeline.
fn task_timeout(timeout: Duration, run: Option<&Timeouts>, place: &Place<'_>, report: &mut Report<'_>) {
    if timeout.0 < 0 {
        not_negative(timeout, place, None, report);
        return;
    }
    let (limit, whose) = match (run.and_then(|t| t.tasks), run.and_then(|t| t.pipeline)) {
        (Some(tasks), _) => (tasks, "pipeline tasks duration"),
        (None, pipeline) => (pipeline.unwrap_or(DEFAULT_TIMEOUT), "pipeline duration"),
    };
    if limit.0 > 0 && timeout > limit {
        let finding =
            Finding::refuse("timeout-exceeds", format!("the timeout {timeout} is longer than the {whose}, {limit}"))
                .help("shorten it, or raise `timeouts` of the run")
                .invalid(format!("{timeout} should be <= {whose} {limit}"));
        report.add(place, finding);
    }
}

fn overrides(list: &[StepOverride], place: &Place<'_>, report: &mut Report<'_>) {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut counted = 0;
    for (index, item) in list.iter().enumerate() {
        let own = place.item(index);
        if item.name.is_empty() {
            let finding = Finding::refuse("missing-name", "this entry does not say for which step or sidecar it is")
                .help("add `name`")
                .words("missing field(s)");
            report.add(&own.key("name"), finding);
            continue;
        }
        if names.insert(item.name.to_lowercase(), index).is_some() {
            let finding = Finding::refuse("duplicate-override", format!("`{}` is listed twice", item.name))
                .help("keep one of the two")
                .words("expected exactly one, got both")
                .paths([format!("{}[{counted}].name", place.path())]);
            report.add(&own.key("name"), finding);
        }
        counted += 1;
    }
}

fn resources_once(
    task: Option<&ResourceRequirements>,
    steps: &[StepOverride],
    place: &Place<'_>,
    report: &mut Report<'_>,
) {
    let some = |r: &ResourceRequirements| *r != ResourceRequirements::default();
    if task.is_some() && steps.iter().any(|s| some(&s.compute_resources)) {
        let path = place.path();
        let finding = Finding::refuse("resources-twice", "resources are said for the task and for single steps")
            .help("keep `computeResources`, or `stepSpecs`")
            .words("expected exactly one, got both")
            .paths([format!("{path}.computeResources"), format!("{path}.stepSpecs.resources")]);
        report.add(&place.key("computeResources"), finding);
    }
}

fn debug(found: &TaskRunDebug, report: &mut Report<'_>) {
    let Some(breakpoints) = &found.breakpoints else { return };
    let place = SPEC.key("debug");
    let place = place.key("breakpoints");
    if breakpoints.on_failure != "enabled" {
        let value = &breakpoints.on_failure;
        let (message, words) = if value.is_empty() {
            (
                "the breakpoints do not say `onFailure`".to_owned(),
                "onFailure breakpoint is empty, it is only allowed to be set as enabled".to_owned(),
            )
        } else {
            (
                format!("`{value}` is not a value of onFailure"),
                format!(
                    "{value} is not a valid onFailure breakpoint value, onFailure breakpoint is only allowed to be set as enabled"
                ),
            )
        };
        let finding = Finding::refuse("bad-breakpoint", message).help("write `onFailure: enabled`").invalid(words);
        report.add(&place.key("onFailure"), finding);
    }
    let list = place.key("beforeSteps");
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, step) in breakpoints.before_steps.iter().enumerate() {
        if seen.insert(step, index).is_some() {
            let finding = Finding::refuse("bad-breakpoint", format!("the step `{step}` is listed twice"))
                .help("keep one of the two")
                .words(format!("before step must be unique, the same step: {step} is defined multiple times at"));
            report.add(&list.item(index), finding);
        }
    }
}

fn task_run_status(run: &TaskRunSpec, report: &mut Report<'_>) {
    const KNOWN: [&str; 2] = ["TaskRunCancelled", "TaskRunPending"];
    if run.status.is_empty() {
        if !run.status_message.is_empty() {
            message_without_status(&run.status_message, report);
        }
    } else if !KNOWN.contains(&run.status.as_str()) {
        let finding =
            Finding::refuse("bad-status", format!("`{}` is not a status that a TaskRun can be given", run.status))
                .help(one_of(&run.status, &KNOWN))
                .invalid(format!("{} should be TaskRunCancelled or TaskRunPending", run.status));
        report.add(&SPEC.key("status"), finding);
    }
}

fn message_without_status(message: &str, report: &mut Report<'_>) {
    let finding = Finding::refuse("message-without-status", "`statusMessage` explains a `status`, and there is none")
        .help("remove it, or add `status`")
        .invalid(format!("statusMessage should not be set if status is not set, but it is currently set to {message}"));
    report.add(&SPEC.key("statusMessage"), finding);
}

fn pipeline_run_status(status: &str, report: &mut Report<'_>) {
    const KNOWN: [&str; 4] = ["Cancelled", "CancelledRunFinally", "StoppedRunFinally", "PipelineRunPending"];
    if !status.is_empty() && !KNOWN.contains(&status) {
        let finding =
            Finding::refuse("bad-status", format!("`{status}` is not a status that a PipelineRun can be given"))
                .help(one_of(status, &KNOWN))
                .invalid(format!(
                    "{status} should be Cancelled, CancelledRunFinally, StoppedRunFinally or PipelineRunPending"
                ));
        report.add(&SPEC.key("status"), finding);
    }
}
