//! What an attempt's end is called in Tekton's words, and what its results are.
//!
//! Knows reasons, messages, exit codes and the order in which results are shown (Tekton:
//! `pkg/pod/status.go`). Does not know when an attempt ends.

use super::scopes::parse_value;
use super::state::{StepRecord, StepState, Stop, TaskRun, Truth, Verdict, step_name};
use crate::model::duration::Duration;
use crate::model::objects::TaskSpec;
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::report::AttemptReport;
use crate::model::substitute::{ResultRef, references};
use crate::model::value::{ParamType, ParamValue};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The reason of an attempt that could not be made ready, and of a fault of ours.
pub(super) const OPEN_FAILED: &str = "PodCreationFailed";
const USER_ERROR: &str = "[User error] ";

/// Whether `onError: continue` covers this end. Tekton's entrypoint goes on after a program that ended
/// with an error, not after one that could not be started or had to be stopped.
fn may_continue(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Exited { .. } | Outcome::Trapped { .. } | Outcome::LimitMet { .. } | Outcome::Denied { .. } => true,
        Outcome::Cancelled
        | Outcome::TimedOut { .. }
        | Outcome::CommandNotFound { .. }
        | Outcome::ModuleInvalid { .. }
        | Outcome::Infrastructure { .. } => false,
    }
}

/// Whether the step after this one may run.
pub(super) fn ends_well(record: &StepRecord, outcome: &Outcome) -> bool {
    outcome.is_success() || (record.continues && may_continue(outcome))
}

/// Why an attempt could not be made ready, in Tekton's words around ours.
pub(super) fn open_failure(task: &TaskRun, outcome: &Outcome) -> String {
    let why = match outcome {
        Outcome::Infrastructure { message } | Outcome::ModuleInvalid { message } => message.clone(),
        Outcome::Exited { .. }
        | Outcome::Trapped { .. }
        | Outcome::LimitMet { .. }
        | Outcome::Denied { .. }
        | Outcome::Cancelled
        | Outcome::TimedOut { .. }
        | Outcome::CommandNotFound { .. } => outcome.to_string(),
    };
    format!("failed to create task run pod \"{}\": {why}", task.meta.name)
}

/// How an attempt that was told to stop ends; steps that had not ended are cut.
pub(super) fn of_stop(task: &mut TaskRun, now: u64) -> Verdict {
    let name = &task.meta.name;
    let (reason, message) = match &task.stop {
        Some(Stop::Cancelled { message }) => {
            ("TaskRunCancelled", format!("TaskRun \"{name}\" was cancelled. {message}"))
        }
        Some(Stop::TimedOut) | None => {
            ("TaskRunTimeout", format!("TaskRun \"{name}\" failed to finish within \"{}\"", Duration(task.timeout)))
        }
    };
    let never_started = matches!(task.stage, super::state::Stage::Idle | super::state::Stage::Queued);
    if never_started {
        // Nothing stood ready: Tekton's TaskRun has no Pod yet, and so no steps.
        task.steps.clear();
    }
    for record in &mut task.steps {
        if matches!(record.state, StepState::Waiting | StepState::Running) {
            if record.state == StepState::Waiting {
                record.started_at = now;
            }
            record.state = StepState::Cut(reason);
            record.ended_at = now;
        }
    }
    Verdict { truth: Truth::False, reason, message: message.into(), at: now }
}

/// How an attempt that came to its own end ends, with its results.
pub(super) fn of_attempt(task: &TaskRun, report: &AttemptReport, now: u64) -> (Verdict, Vec<(String, ParamValue)>) {
    let failed = task.steps.iter().enumerate().find_map(|(at, record)| match &record.state {
        StepState::Ended(outcome) if !ends_well(record, outcome) => Some((at, outcome)),
        StepState::Ended(_)
        | StepState::Waiting
        | StepState::Running
        | StepState::Guarded
        | StepState::NotReached
        | StepState::Cut(_) => None,
    });
    let (mut truth, mut reason, mut message) =
        (Truth::True, "Succeeded", Cow::Borrowed("All Steps have completed executing"));
    if let Some((at, outcome)) = failed {
        truth = Truth::False;
        reason = if task.ignores_failure { "FailureIgnored" } else { failure_reason(outcome) };
        message = failure_message(&step_name(&task.spec, at), outcome).into();
    }
    if let Some(fault) = &report.fault {
        truth = Truth::False;
        reason = OPEN_FAILED;
        message = format!("failed to create task run pod \"{}\": {fault}", task.meta.name).into();
    }
    let (results, mismatch) = results(task, report);
    if let Some(text) = mismatch {
        truth = Truth::False;
        reason = "TaskRunValidationFailed";
        message = format!("{USER_ERROR}{text}").into();
    }
    if let Some(text) = &task.refused {
        truth = Truth::False;
        reason = "TaskRunValidationFailed";
        message = text.clone().into();
    }
    (Verdict { truth, reason, message, at: now }, results)
}

fn failure_reason(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::LimitMet { limit: LimitKind::Memory, .. } => "StepOOM",
        Outcome::Infrastructure { .. } => OPEN_FAILED,
        Outcome::Exited { .. }
        | Outcome::Trapped { .. }
        | Outcome::LimitMet { .. }
        | Outcome::Denied { .. }
        | Outcome::Cancelled
        | Outcome::TimedOut { .. }
        | Outcome::CommandNotFound { .. }
        | Outcome::ModuleInvalid { .. } => "StepFailed",
    }
}

/// Tekton's message about a failed step, then ours where the end is one that Tekton doesn't know.
fn failure_message(step: &str, outcome: &Outcome) -> String {
    let container = format!("\"step-{step}\"");
    let tekton = match outcome {
        Outcome::TimedOut { .. } => {
            return format!("{container} exited because the step exceeded the specified timeout limit");
        }
        Outcome::LimitMet { limit: LimitKind::Memory, .. } => {
            format!("{container} exited with code {}: OOMKilled", outcome.exit_code())
        }
        Outcome::Exited { .. }
        | Outcome::Trapped { .. }
        | Outcome::LimitMet { .. }
        | Outcome::Denied { .. }
        | Outcome::Cancelled
        | Outcome::CommandNotFound { .. }
        | Outcome::ModuleInvalid { .. }
        | Outcome::Infrastructure { .. } => {
            format!("{container} exited with code {}: Error", outcome.exit_code())
        }
    };
    match outcome {
        // What the step printed says the rest, as with Tekton.
        Outcome::Exited { .. } | Outcome::CommandNotFound { .. } => tekton,
        Outcome::Trapped { .. }
        | Outcome::LimitMet { .. }
        | Outcome::Denied { .. }
        | Outcome::Cancelled
        | Outcome::TimedOut { .. }
        | Outcome::ModuleInvalid { .. }
        | Outcome::Infrastructure { .. } => format!("{tekton}; the step {outcome}"),
    }
}

/// Exit code, Kubernetes' reason and Tekton's `terminationReason` of a step that is over.
pub(super) fn termination(record: &StepRecord) -> Option<(i32, &'static str, &'static str)> {
    Some(match &record.state {
        StepState::Waiting | StepState::Running => return None,
        StepState::Guarded => (0, "Completed", "Skipped"),
        StepState::NotReached => (1, "Error", "Skipped"),
        StepState::Cut(reason) => (1, reason, reason),
        StepState::Ended(outcome) => {
            let code = outcome.exit_code();
            if outcome.is_success() {
                return Some((code, "Completed", "Completed"));
            }
            if record.continues && may_continue(outcome) {
                return Some((code, "Completed", "Continued"));
            }
            match outcome {
                Outcome::TimedOut { .. } => (code, "Error", "TimeoutExceeded"),
                Outcome::Cancelled => (code, "Error", "Cancelled"),
                Outcome::LimitMet { limit: LimitKind::Memory, .. } => (code, "OOMKilled", "OOMKilled"),
                Outcome::Exited { .. }
                | Outcome::Trapped { .. }
                | Outcome::LimitMet { .. }
                | Outcome::Denied { .. }
                | Outcome::CommandNotFound { .. }
                | Outcome::ModuleInvalid { .. }
                | Outcome::Infrastructure { .. } => (code, "Error", "Error"),
            }
        }
    })
}

/// A result's text as a value of its declared type.
pub(super) fn typed(text: &str, declared: &str) -> ParamValue {
    if declared.is_empty() || declared == ParamType::String.name() {
        ParamValue::String(text.to_owned())
    } else {
        parse_value(text)
    }
}

type Results = Vec<(String, ParamValue)>;

/// The results that an attempt leaves, and what is wrong with those that are left out.
fn results(task: &TaskRun, report: &AttemptReport) -> (Results, Option<String>) {
    let mut found: Vec<((usize, bool, String), String, ParamValue)> = Vec::new();
    let mut mismatched: BTreeMap<&str, String> = BTreeMap::new();
    for result in &task.spec.results {
        let (order, value) = match surfaced(task, result) {
            Some((step, value)) => ((step, true, result.name.clone()), Some(value)),
            None => {
                let first = first_step_of(&task.spec, &result.name);
                let text = report.results.get(&result.name);
                let value = text.map(|t| typed(t, &result.type_));
                ((first, false, result.name.clone()), value)
            }
        };
        let Some(value) = value else {
            continue;
        };
        let wanted = ParamType::from_name(&result.type_).unwrap_or_default();
        if value.param_type() == wanted {
            found.push((order, result.name.clone(), value));
        } else {
            let (wanted, is) = (wanted.name(), value.param_type().name());
            mismatched.insert(
                &result.name,
                format!(
                    "task result is expected to be \"{wanted}\" type but was initialized to a different type \"{is}\""
                ),
            );
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let results: Results = found.into_iter().map(|(_, name, value)| (name, value)).collect();
    if !mismatched.is_empty() {
        let parts: Vec<_> = mismatched.iter().map(|(k, v)| format!(" \"{k}\": {v}")).collect();
        let text = format!(
            "Provided results don't match declared results; may be invalid JSON or missing result declaration: {}",
            parts.join(",")
        );
        return (results, Some(text));
    }
    let lacking = missing_keys(&task.spec, &results);
    (results, lacking)
}

/// The value of a task result that surfaces a step's, with the step's place.
fn surfaced(task: &TaskRun, result: &crate::model::objects::TaskResult) -> Option<(usize, ParamValue)> {
    let text = result.value.as_ref()?.as_str()?;
    let reference = references(text).into_iter().find_map(ResultRef::parse_step)?;
    let at = (0..task.spec.steps.len()).find(|i| step_name(&task.spec, *i) == reference.task)?;
    let declared = task.spec.steps.get(at)?.results.iter().find(|r| r.name == reference.result)?;
    let written = task.steps.get(at)?.results.get(reference.result)?;
    Some((at, typed(written, &declared.type_)))
}

/// The first step in whose text the result's path stands: Tekton lists results by the step after
/// which they were first there, and by name within a step.
fn first_step_of(spec: &TaskSpec, result: &str) -> usize {
    let forms = [
        format!("results.{result}.path"),
        format!("results[\"{result}\"].path"),
        format!("results['{result}'].path"),
        format!("/tekton/results/{result}"),
    ];
    let stands_in = |text: &String| {
        forms.iter().any(|form| {
            text.match_indices(form.as_str()).any(|(at, _)| {
                let after = text.get(at + form.len()..).and_then(|t| t.chars().next());
                !after.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            })
        })
    };
    spec.steps
        .iter()
        .position(|step| {
            stands_in(&step.script)
                || step.command.iter().chain(&step.args).any(stands_in)
                || step.env.iter().any(|e| stands_in(&e.value))
        })
        .unwrap_or(usize::MAX)
}

/// Tekton: `missingKeysofObjectResults`.
fn missing_keys(spec: &TaskSpec, results: &Results) -> Option<String> {
    let mut missing: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, value) in results {
        let ParamValue::Object(map) = value else {
            continue;
        };
        let declared = spec.results.iter().find(|r| &r.name == name);
        let Some(properties) = declared.and_then(|r| r.properties.as_ref()) else {
            continue;
        };
        let lacking: Vec<&str> = properties.keys().filter(|k| !map.contains_key(*k)).map(String::as_str).collect();
        if !lacking.is_empty() && seen.insert(name) {
            missing.push(format!("{name}:[{}]", lacking.join(" ")));
        }
    }
    missing.sort();
    (!missing.is_empty()).then(|| {
        format!(
            "missing keys for these results which are required in TaskResult's properties map[{}]",
            missing.join(" ")
        )
    })
}
