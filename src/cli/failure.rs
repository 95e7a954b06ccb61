//! Why a run failed: the step, how it ended, its whole log, its place in the file, the remedy.
//!
//! Knows what to do about each outcome. Does not know how logs are stored: it is handed them.

use super::diagnostics;
use super::sanitize;
use super::settings::Screen;
use super::style::{Style, between, span};
use crate::app::SourceText;
use crate::engine::view::{ObjectView, Phase, RunView, StepView};
use crate::model::outcome::{LimitKind, Outcome};

/// A TaskRun (or a run without one) that failed.
pub struct Failure<'a> {
    pub object: &'a ObjectView,
    /// The step that ended it; `None` where no step did.
    pub step: Option<&'a StepView>,
}

/// The failures of a run in the order of its objects. A pipeline's own failure is named only
/// where none of its tasks failed.
#[must_use]
pub fn find(view: &RunView) -> Vec<Failure<'_>> {
    let failed = |object: &&ObjectView| object.phase == Phase::Failed;
    let tasks: Vec<Failure<'_>> = view
        .objects
        .iter()
        .filter(failed)
        .filter(|o| o.kind == "TaskRun")
        .map(|object| Failure { object, step: object.status.steps.iter().find(|s| ended_badly(s)) })
        .collect();
    if !tasks.is_empty() {
        return tasks;
    }
    view.objects.iter().filter(failed).map(|object| Failure { object, step: None }).collect()
}

fn ended_badly(step: &StepView) -> bool {
    step.termination_reason != "Continued" && step.outcome.as_ref().is_some_and(|o| !o.is_success())
}

impl Failure<'_> {
    /// The name that people know the task by.
    #[must_use]
    pub fn task(&self) -> &str {
        let object = self.object;
        if object.pipeline_task.is_empty() { &object.metadata.name } else { &object.pipeline_task }
    }
}

/// What comes before the log of the step that failed: which one, and how it ended.
#[must_use]
pub fn begin(failure: &Failure<'_>, screen: Screen) -> String {
    title(failure, screen.style)
}

/// What comes after the log: a trap's backtrace, the place in the file, the remedy.
#[must_use]
pub fn end(failure: &Failure<'_>, sources: &[SourceText], screen: Screen) -> Vec<u8> {
    let style = screen.style;
    let mut text = Vec::new();
    if let Some(Outcome::Trapped { backtrace, .. }) = failure.step.and_then(|s| s.outcome.as_ref()) {
        for frame in backtrace {
            text.extend(format!("    at {}\n", sanitize::name(frame)).into_bytes());
        }
    }
    let place = failure.step.map_or(failure.object.span, |s| s.span);
    let what = if failure.step.is_some() { "the step stands here" } else { "it stands here" };
    if let Some(snippet) = diagnostics::snippet(what, place, sources, style, screen.width) {
        text.extend(snippet.into_bytes());
        text.push(b'\n');
    }
    if let Some(remedy) = remedy(failure) {
        text.extend(format!("{} {}\n", style.bold("help:"), sanitize::message(&remedy)).into_bytes());
    }
    text.push(b'\n');
    text
}

fn title(failure: &Failure<'_>, style: Style) -> String {
    let task = sanitize::name(failure.task());
    let object = failure.object;
    let word = if object.kind == "PipelineRun" { "pipeline" } else { "task" };
    match failure.step.and_then(|s| s.outcome.as_ref().map(|o| (s, o))) {
        Some((step, outcome)) => {
            let took = between(step.started_at, step.ended_at);
            let after = if took.is_empty() { String::new() } else { format!(" (after {took})") };
            let step = sanitize::name(&step.name);
            format!(
                "{} {word} {task}, step {step}: {}{after}\n",
                style.bad("failed:"),
                sanitize::message(&told(outcome))
            )
        }
        None => {
            let condition = object.status.conditions.first();
            let words = condition.map(|c| format!("{}: {}", c.reason, c.message)).unwrap_or_default();
            format!("{} {word} {task}: {}\n", style.bad("failed:"), sanitize::message(&words))
        }
    }
}

/// An outcome in words, its numbers with units.
#[must_use]
pub fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::LimitMet { limit, value } => format!("met its {} limit of {}", limit.field(), limit.written(*value)),
        Outcome::TimedOut { after } => format!("timed out after {}", span(*after)),
        Outcome::Denied { capability, .. } => format!("was denied {capability}"),
        Outcome::Exited { .. }
        | Outcome::Trapped { .. }
        | Outcome::Cancelled
        | Outcome::CommandNotFound { .. }
        | Outcome::ModuleInvalid { .. }
        | Outcome::Infrastructure { .. } => outcome.to_string(),
    }
}

/// What to do about it; `None` where the program's own words are all there is.
fn remedy(failure: &Failure<'_>) -> Option<String> {
    let Some((step, outcome)) = failure.step.and_then(|s| s.outcome.as_ref().map(|o| (s, o))) else {
        return condition_remedy(failure.object);
    };
    match outcome {
        Outcome::Exited { .. } => None,
        Outcome::Cancelled => None,
        Outcome::Trapped { .. } => Some(
            "the program itself stopped with a WebAssembly trap (a panic, an abort, an access out of bounds); build it \
             with debug information to see lines in the backtrace"
                .to_owned(),
        ),
        Outcome::LimitMet { limit, value } => Some(raise(*limit, *value)),
        Outcome::Denied { grant, .. } => Some(format!("grant it if the step should have it: {grant}")),
        Outcome::TimedOut { after } => {
            Some(format!("raise the step's `timeout` (it is {}), or leave it out", span(*after)))
        }
        Outcome::CommandNotFound { command } => Some(format!(
            "`{command}` is neither the module's own name nor a module named in the step's `sandbox.commands`"
        )),
        Outcome::ModuleInvalid { .. } => Some(format!(
            "`stepwell module inspect {}` says what the module is and what it imports; programs are built for \
             wasm32-wasip1",
            step.image
        )),
        Outcome::Infrastructure { .. } => {
            Some("this is no fault of the pipeline's; `stepwell doctor` looks at this machine".to_owned())
        }
    }
}

fn raise(limit: LimitKind, value: u64) -> String {
    let (field, twice) = (limit.field(), limit.written(value.saturating_mul(2).max(1)));
    let lower = match limit {
        LimitKind::Wall => return format!("raise the step's `timeout` (it is {})", span(value)),
        LimitKind::Memory => " or `computeResources`",
        LimitKind::Cpu | LimitKind::Output | LimitKind::Disk | LimitKind::Files => "",
    };
    format!(
        "raise it with --limit {field}={twice} or in the configuration file, and in the step's `sandbox.limits.{field}`{lower} \
         where that is lower"
    )
}

/// What to do about a failure that no step caused, by Tekton's reason.
fn condition_remedy(object: &ObjectView) -> Option<String> {
    let condition = object.status.conditions.first()?;
    let help = match condition.reason.as_str() {
        "TaskRunValidationFailed" if condition.message.contains("results") => {
            "write the JSON that the result declares to its file: a list of texts, or a map with every property"
        }
        "TaskRunTimeout" => "raise the task's `timeout`, or set it to 0 for none",
        "PipelineRunTimeout" => "raise `timeouts.pipeline` of the PipelineRun, or set it to 0 for none",
        "CouldntGetTask" | "TaskRunResolutionFailed" => "put the Task into the files given with -f",
        "CouldntGetPipeline" => "put the Pipeline into the files given with -f",
        "InvalidParamValue" if condition.message.contains("enum") => {
            "give one of the values that the param's `enum` lists"
        }
        "ParameterMissing" | "ParamValidationFailed" | "ParameterTypeMismatch" | "InvalidParamValue" => {
            "give the params in the run object, or with -p NAME=VALUE"
        }
        "ParamKeyNotFound" | "ObjectParameterMissKeys" => "give every key that the param declares",
        "InvalidWorkspaceBindings" | "InvalidWorkspaceBinding" | "TaskRunValidationFailed" => {
            "bind what the task declares: in the run object, or with -p NAME=VALUE and -w NAME=SOURCE"
        }
        "PodCreationFailed" => "this is no fault of the pipeline's; `stepwell doctor` looks at this machine",
        _ => return None,
    };
    Some(help.to_owned())
}

#[cfg(test)]
mod tests;
