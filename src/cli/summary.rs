//! What a run came to, in a few lines.
//!
//! Knows how a view is counted. Does not know the logs or what to do about a failure.

use super::sanitize;
use super::style::{Style, between, count, span};
use crate::app::{RunEnd, WorkspacePlace};
use crate::engine::view::{ObjectView, Phase, RunView};
use crate::model::value::ParamValue;

/// Longest result value that is shown, in characters.
const MAX_VALUE: usize = 200;

/// How many tasks of a run came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub ran: usize,
    pub cached: usize,
    /// How long the steps ran, when they ran, that did not run now; in nanoseconds.
    pub saved: u64,
    pub skipped: usize,
    pub failed: usize,
    pub cancelled: usize,
}

impl Tally {
    /// Counts TaskRuns of the whole run and the skipped tasks of every pipeline in it.
    #[must_use]
    pub fn of(view: &RunView) -> Self {
        let mut tally = Self::default();
        for object in &view.objects {
            tally.skipped += object.status.skipped_tasks.len();
            if object.kind != "TaskRun" {
                continue;
            }
            let steps = &object.status.steps;
            let hits = || steps.iter().filter_map(|step| step.cache.as_ref()?.hit.as_ref());
            tally.saved += hits().map(|hit| hit.took).sum::<u64>();
            // What did not run at all: all of its steps are known.
            let is_cached = object.phase == Phase::Succeeded && !steps.is_empty() && hits().count() == steps.len();
            tally.cached += usize::from(is_cached);
            tally.ran += usize::from(object.started_at > 0 && !is_cached);
            match object.phase {
                Phase::Failed => tally.failed += 1,
                Phase::Cancelled => tally.cancelled += 1,
                Phase::Waiting | Phase::Running | Phase::Succeeded => {}
            }
        }
        tally
    }

    fn text(self) -> String {
        let saved = if self.saved == 0 { String::new() } else { format!(" (saving {})", span(self.saved)) };
        let mut text = format!(
            "{} ran, {} cached{}, {} skipped, {} failed",
            count(self.ran, "task", "tasks"),
            self.cached,
            saved,
            self.skipped,
            self.failed
        );
        if self.cancelled > 0 {
            text.push_str(&format!(", {} cancelled", self.cancelled));
        }
        text
    }
}

/// The summary of one run that has ended.
#[must_use]
pub fn render(end: &RunEnd, style: Style) -> String {
    let Some(top) = end.view.objects.first() else {
        return String::new();
    };
    let mut text = headline(top, &end.id, style);
    text.push_str(&format!("  {}\n", Tally::of(&end.view).text()));
    if let Some(fault) = &end.fault {
        text.push_str(&format!("  {} {}\n", style.bad("fault:"), sanitize::message(fault)));
    }
    for warning in end.view.warnings.iter().chain(&end.warnings) {
        text.push_str(&format!("  {} {}\n", style.warn("warning:"), sanitize::message(warning)));
    }
    for result in &top.status.results {
        text.push_str(&format!("  result {} = {}\n", sanitize::name(&result.name), value(&result.value)));
    }
    for place in &end.workspaces {
        text.push_str(&workspace(place));
    }
    text.push_str(&format!("  {}\n", style.dim(&format!("logs: stepwell logs {0}   more: stepwell show {0}", end.id))));
    text
}

/// `PipelineRun NAME succeeded in 1.2s (run ID)`, and for anything else Tekton's reason and message.
#[must_use]
pub fn headline(top: &ObjectView, id: &str, style: Style) -> String {
    let took = between(top.started_at, top.ended_at);
    let took = if took.is_empty() { String::new() } else { format!(" in {took}") };
    let mut text = format!(
        "{} {} {}{took} (run {id})\n",
        top.kind,
        style.bold(&sanitize::name(&top.metadata.name)),
        style.phase(top.phase)
    );
    if let Some(condition) = top.status.conditions.first().filter(|_| top.phase != Phase::Succeeded) {
        let message = sanitize::message(&condition.message).replace('\n', "\n    ");
        text.push_str(&format!("  {}: {message}\n", sanitize::name(&condition.reason)));
    }
    text
}

/// Where a workspace lies, or that nothing of it is kept.
#[must_use]
pub fn workspace(place: &WorkspacePlace) -> String {
    let name = sanitize::name(&place.name);
    match place.shown() {
        Some(path) => format!("  workspace {name}: {}\n", sanitize::name(&path.display().to_string())),
        None => format!("  workspace {name}: {}, not kept\n", place.kind),
    }
}

/// A value on one line, cut at a bound.
#[must_use]
pub fn value(value: &ParamValue) -> String {
    let text = match value {
        ParamValue::String(text) => sanitize::name(text.strip_suffix('\n').unwrap_or(text)),
        ParamValue::Array(_) | ParamValue::Object(_) => sanitize::name(&value.to_json_text()),
    };
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}

#[cfg(test)]
mod tests;
