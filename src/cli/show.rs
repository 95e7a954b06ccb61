//! A run as a tree: tasks, steps, how each ended, results, what was skipped and why.
//!
//! Knows how a view is drawn as indented text. Does not know where the view came from.

use super::failure::told;
use super::sanitize;
use super::style::{Style, between, moment};
use super::summary::{headline, value, workspace};
use crate::app::WorkspacePlace;
use crate::engine::view::{ObjectView, Phase, RunView, StepView};
use crate::model::report::CacheNote;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What is drawn beside the view.
pub struct Shown<'a> {
    pub id: &'a str,
    pub view: &'a RunView,
    pub workspaces: &'a [WorkspacePlace],
    /// Nobody drives the run and it has not ended.
    pub interrupted: bool,
}

/// The tree of a run.
#[must_use]
pub fn render(shown: &Shown<'_>, style: Style) -> String {
    let Some(top) = shown.view.objects.first() else {
        return format!("run {} has no objects\n", shown.id);
    };
    let mut text = headline(top, shown.id, style);
    if top.started_at > 0 {
        let _ = writeln!(
            text,
            "  namespace {}, started {}",
            sanitize::name(&top.metadata.namespace),
            moment(top.started_at)
        );
    }
    if shown.interrupted {
        let note = "interrupted: nobody drives this run; what it has recorded is kept";
        let _ = writeln!(text, "  {}", style.warn(note));
    }
    for warning in &shown.view.warnings {
        let _ = writeln!(text, "  {} {}", style.warn("warning:"), sanitize::message(warning));
    }
    for result in &top.status.results {
        let _ = writeln!(text, "  result {} = {}", sanitize::name(&result.name), value(&result.value));
    }
    for place in shown.workspaces {
        text.push_str(&workspace(place));
    }
    let children = children_of(shown.view);
    if top.kind == "TaskRun" {
        steps(top, 1, style, &mut text);
    }
    inside(shown.view, &children, 0, 1, style, &mut text);
    for name in &shown.view.waiting {
        let _ = writeln!(text, "  task {}: {}", sanitize::name(name), style.dim("not started"));
    }
    text
}

/// The children of each object, in order.
fn children_of(view: &RunView) -> BTreeMap<usize, Vec<usize>> {
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, object) in view.objects.iter().enumerate() {
        if let Some(parent) = object.parent.filter(|parent| *parent < index) {
            children.entry(parent).or_default().push(index);
        }
    }
    children
}

/// The children and skipped tasks of the pipeline at `index`.
fn inside(
    view: &RunView,
    children: &BTreeMap<usize, Vec<usize>>,
    index: usize,
    depth: usize,
    style: Style,
    text: &mut String,
) {
    let Some(parent) = view.objects.get(index) else { return };
    let here = children.get(&index).map(Vec::as_slice).unwrap_or_default();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for child in here.iter().filter_map(|i| view.objects.get(*i)) {
        *uses.entry(child.pipeline_task.as_str()).or_default() += 1;
    }
    for (child_index, child) in here.iter().filter_map(|i| Some((*i, view.objects.get(*i)?))) {
        let many = uses.get(child.pipeline_task.as_str()).is_some_and(|n| *n > 1);
        object(child, many, depth, style, text);
        inside(view, children, child_index, depth + 1, style, text);
    }
    for skipped in &parent.status.skipped_tasks {
        let indent = "  ".repeat(depth);
        let name = sanitize::name(&skipped.name);
        let _ = writeln!(text, "{indent}task {name}: {} ({})", style.dim("skipped"), sanitize::name(&skipped.reason));
        for when in &skipped.when_expressions {
            let _ = writeln!(text, "{indent}  when {}", sanitize::name(&when.to_string()));
        }
    }
}

fn object(child: &ObjectView, many: bool, depth: usize, style: Style, text: &mut String) {
    let indent = "  ".repeat(depth);
    let word = if child.kind == "PipelineRun" { "pipeline" } else { "task" };
    let name = if child.pipeline_task.is_empty() { &child.metadata.name } else { &child.pipeline_task };
    let _ = write!(text, "{indent}{word} {}", style.bold(&sanitize::name(name)));
    if many {
        let _ = write!(text, " ({})", sanitize::name(&child.metadata.name));
    }
    let _ = write!(text, ": {}", style.phase(child.phase));
    let took = between(child.started_at, child.ended_at);
    if !took.is_empty() {
        let _ = write!(text, ", {took}");
    }
    let tries = child.status.retries_status.len();
    if tries > 0 {
        let _ = write!(text, ", {} tries", tries + 1);
    }
    text.push('\n');
    if let Some(condition) =
        child.status.conditions.first().filter(|_| matches!(child.phase, Phase::Failed | Phase::Cancelled))
    {
        let message = sanitize::message(&condition.message).replace('\n', &format!("\n{indent}    "));
        let _ = writeln!(text, "{indent}  {}: {message}", sanitize::name(&condition.reason));
    }
    if child.kind == "TaskRun" {
        steps(child, depth + 1, style, text);
    }
    for result in &child.status.results {
        let _ = writeln!(text, "{indent}  result {} = {}", sanitize::name(&result.name), value(&result.value));
    }
}

fn steps(task_run: &ObjectView, depth: usize, style: Style, text: &mut String) {
    let indent = "  ".repeat(depth);
    for step in &task_run.status.steps {
        let _ = write!(text, "{indent}step {}: {}", sanitize::name(&step.name), step_state(step, style));
        let took = between(step.started_at, step.ended_at);
        if !took.is_empty() {
            let _ = write!(text, ", {took}");
        }
        let image = image(step);
        if !image.is_empty() {
            let _ = write!(text, "  {}", style.dim(&image));
        }
        text.push('\n');
        if let Some(note) = step.cache.as_deref().map(cache_note).filter(|note| !note.is_empty()) {
            let _ = writeln!(text, "{indent}  {}", style.dim(&note));
        }
        for result in &step.results {
            let _ = writeln!(text, "{indent}  result {} = {}", sanitize::name(&result.name), value(&result.value));
        }
    }
}

/// How a step ended, in our words, or where it stands.
fn step_state(step: &StepView, style: Style) -> String {
    match (&step.outcome, &step.terminated) {
        (Some(outcome), _) => {
            let words = sanitize::name(&told(outcome));
            let words = if outcome.is_success() { style.good(&words) } else { style.bad(&words) };
            if step.termination_reason == "Continued" { format!("{words} (onError: continue)") } else { words }
        }
        (None, Some(_)) if step.termination_reason == "Skipped" => style.dim("not run"),
        (None, Some(ended)) => style.dim(&format!("{}, code {}", sanitize::name(&ended.reason), ended.exit_code)),
        (None, None) if step.running.is_some() => style.dim("running"),
        (None, None) => style.dim("not started"),
    }
}

/// Whose result a step has, or why it was run, and why its result is not kept.
fn cache_note(note: &CacheNote) -> String {
    let CacheNote { hit, missed, unkept } = note;
    let hit = hit.as_ref().map(|hit| format!("cached, from run {}", sanitize::name(&hit.run)));
    let missed = missed.as_ref().map(|why| format!("run: {}", sanitize::message(why)));
    let unkept = unkept.as_ref().map(|why| format!("not kept: {}", sanitize::message(why)));
    [hit, missed, unkept].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The image as written, and what it ran as where that is something else.
#[must_use]
pub fn image(step: &StepView) -> String {
    let runs_as = step.image_id.split_once('@').map_or(step.image_id.as_str(), |(name, _)| name);
    let mapped = runs_as.starts_with("builtin:") && !step.image.starts_with("builtin:");
    let image = sanitize::name(&step.image);
    if mapped { format!("{image} → {}", sanitize::name(runs_as)) } else { image }
}

#[cfg(test)]
mod tests;
