//! A plan's graph as text, Mermaid or DOT.
//!
//! Knows the three formats and their escaping. Does not know how edges were found.

use super::sanitize;
use crate::model::plan::{PipelinePlan, Plan, PlannedTask, Resolved, Root, TaskBody, TaskIx};
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// A format of `stepwell graph`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Indented levels, for reading.
    Text,
    /// A Mermaid flowchart, for Markdown.
    Mermaid,
    /// Graphviz DOT.
    Dot,
}

/// The graph of one run in `format`. Deeper pipelines are drawn inside their task.
#[must_use]
pub fn render(plan: &Plan, format: Format) -> String {
    let mut text = String::new();
    match format {
        Format::Text => text_run(plan, &mut text),
        Format::Mermaid => {
            text.push_str("flowchart TD\n");
            match pipeline_of(plan) {
                Some(pipeline) => mermaid(pipeline, "t", 1, &mut text),
                None => {
                    let _ = writeln!(text, "  t0[\"{}\"]", mermaid_text(&plan.metadata.name));
                }
            }
        }
        Format::Dot => {
            let _ =
                writeln!(text, "digraph \"{}\" {{\n  rankdir=TB;\n  node [shape=box];", dot_text(&plan.metadata.name));
            match pipeline_of(plan) {
                Some(pipeline) => dot(pipeline, "t", 1, &mut text),
                None => {
                    let _ = writeln!(text, "  t0 [label=\"{}\"];", dot_text(&plan.metadata.name));
                }
            }
            text.push_str("}\n");
        }
    }
    text
}

/// One run's graph for `--output json`: its tasks with their parents, and the drawing.
#[must_use]
pub fn to_json(plan: &Plan, drawing: &str) -> Json {
    let tasks = pipeline_of(plan).map(tasks_json).unwrap_or_default();
    json!({ "run": plan.metadata.name, "tasks": tasks, "drawing": drawing })
}

fn tasks_json(pipeline: &PipelinePlan) -> Vec<Json> {
    let name = |ix: &TaskIx| pipeline.tasks.get(usize::try_from(ix.0).ok()?).map(|t| t.task.name.clone());
    pipeline
        .tasks
        .iter()
        .enumerate()
        .map(|(index, planned)| {
            let inner = match &planned.body {
                TaskBody::Pipeline(Resolved::Found(child)) => tasks_json(child),
                TaskBody::Task(_) | TaskBody::Pipeline(_) => Vec::new(),
            };
            json!({
                "name": planned.task.name,
                "finally": index >= pipeline.dag_len,
                "after": planned.parents.iter().filter_map(name).collect::<Vec<_>>(),
                "tasks": inner,
            })
        })
        .collect()
}

fn pipeline_of(plan: &Plan) -> Option<&PipelinePlan> {
    match &plan.root {
        Root::Pipeline { pipeline: Resolved::Found(pipeline), .. } => Some(pipeline),
        Root::Pipeline { .. } | Root::Task { .. } => None,
    }
}

fn text_run(plan: &Plan, text: &mut String) {
    let name = sanitize::name(&plan.metadata.name);
    match &plan.root {
        Root::Pipeline { pipeline: Resolved::Found(pipeline), .. } => {
            let _ = writeln!(text, "PipelineRun {name}");
            text_pipeline(pipeline, 1, text);
        }
        Root::Pipeline { pipeline, .. } => {
            let _ = writeln!(text, "PipelineRun {name}: {}", unresolved(pipeline));
        }
        Root::Task { task: Resolved::Found(task), .. } => {
            let _ = writeln!(text, "TaskRun {name}");
            for (index, step) in task.spec.steps.iter().enumerate() {
                let _ = writeln!(text, "  step {}", step_name(&step.name, index));
            }
        }
        Root::Task { task, .. } => {
            let _ = writeln!(text, "TaskRun {name}: {}", unresolved(task));
        }
    }
}

fn step_name(name: &str, index: usize) -> String {
    if name.is_empty() { format!("unnamed-{index}") } else { sanitize::name(name) }
}

fn unresolved<T>(resolved: &Resolved<T>) -> String {
    match resolved {
        Resolved::Found(_) => String::new(),
        Resolved::NotFound { name, resource } => format!("{resource} \"{}\" is in no file", sanitize::name(name)),
        Resolved::Unsupported { message } => sanitize::name(message),
    }
}

/// Tasks by level: a level holds those whose parents all stand above it.
fn text_pipeline(pipeline: &PipelinePlan, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let levels = levels(pipeline);
    let last = levels.iter().copied().max().unwrap_or(0);
    for level in 0..=last {
        let here: Vec<&PlannedTask> =
            dag(pipeline).zip(&levels).filter(|(_, l)| **l == level).map(|(t, _)| t).collect();
        if here.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{indent}level {}", level + 1);
        for task in here {
            text_task(pipeline, task, depth + 1, text);
        }
    }
    if pipeline.tasks.len() > pipeline.dag_len {
        let _ = writeln!(text, "{indent}finally");
        for task in pipeline.tasks.iter().skip(pipeline.dag_len) {
            text_task(pipeline, task, depth + 1, text);
        }
    }
}

fn text_task(pipeline: &PipelinePlan, planned: &PlannedTask, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let _ = write!(text, "{indent}{}", sanitize::name(&planned.task.name));
    let notes = notes(planned);
    if !notes.is_empty() {
        let _ = write!(text, " ({})", notes.join(", "));
    }
    let parents: Vec<String> = planned
        .parents
        .iter()
        .filter_map(|ix| pipeline.tasks.get(usize::try_from(ix.0).ok()?))
        .map(|t| sanitize::name(&t.task.name))
        .collect();
    if !parents.is_empty() {
        let _ = write!(text, " after {}", parents.join(", "));
    }
    text.push('\n');
    match &planned.body {
        TaskBody::Pipeline(Resolved::Found(child)) => text_pipeline(child, depth + 1, text),
        TaskBody::Pipeline(other) if !unresolved(other).is_empty() => {
            let _ = writeln!(text, "{indent}  {}", unresolved(other));
        }
        TaskBody::Task(other) if !unresolved(other).is_empty() => {
            let _ = writeln!(text, "{indent}  {}", unresolved(other));
        }
        TaskBody::Task(_) | TaskBody::Pipeline(_) => {}
    }
}

/// What a reader of the graph wants to know of a task beside its edges.
fn notes(planned: &PlannedTask) -> Vec<String> {
    let task = &planned.task;
    let mut notes = Vec::new();
    if task.matrix.is_some() {
        notes.push("matrix".to_owned());
    }
    if !task.when.is_empty() {
        notes.push("when".to_owned());
    }
    if task.retries > 0 {
        notes.push(format!("retries {}", task.retries));
    }
    notes
}

fn dag(pipeline: &PipelinePlan) -> impl Iterator<Item = &PlannedTask> {
    pipeline.tasks.iter().take(pipeline.dag_len)
}

/// The level of each DAG task, from 0: one more than its deepest parent's.
fn levels(pipeline: &PipelinePlan) -> Vec<usize> {
    let count = pipeline.dag_len.min(pipeline.tasks.len());
    let mut levels = vec![0; count];
    let mut missing: Vec<usize> = dag(pipeline).map(|t| t.parents.len()).collect();
    let mut ready: Vec<usize> = (0..count).filter(|i| missing[*i] == 0).collect();
    while let Some(index) = ready.pop() {
        let Some(task) = pipeline.tasks.get(index) else { continue };
        for child in &task.children {
            let Some(child) = usize::try_from(child.0).ok().filter(|c| *c < count) else { continue };
            levels[child] = levels[child].max(levels[index] + 1);
            missing[child] = missing[child].saturating_sub(1);
            if missing[child] == 0 {
                ready.push(child);
            }
        }
    }
    levels
}

/// A node's identifier: its place, never its name, so that no name can break the syntax.
fn node(prefix: &str, index: usize) -> String {
    format!("{prefix}{index}")
}

fn mermaid(pipeline: &PipelinePlan, prefix: &str, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for (index, planned) in pipeline.tasks.iter().enumerate() {
        let (id, name) = (node(prefix, index), mermaid_text(&label(planned)));
        match &planned.body {
            TaskBody::Pipeline(Resolved::Found(child)) => {
                let _ = writeln!(text, "{indent}subgraph {id}[\"{name}\"]");
                mermaid(child, &format!("{id}_"), depth + 1, text);
                let _ = writeln!(text, "{indent}end");
            }
            TaskBody::Task(_) | TaskBody::Pipeline(_) if index >= pipeline.dag_len => {
                let _ = writeln!(text, "{indent}{id}([\"{name}\"])");
            }
            TaskBody::Task(_) | TaskBody::Pipeline(_) => {
                let _ = writeln!(text, "{indent}{id}[\"{name}\"]");
            }
        }
    }
    for (from, to) in edges(pipeline) {
        let _ = writeln!(text, "{indent}{} --> {}", node(prefix, from), node(prefix, to));
    }
    for (from, to) in finally_edges(pipeline) {
        let _ = writeln!(text, "{indent}{} -.-> {}", node(prefix, from), node(prefix, to));
    }
}

fn dot(pipeline: &PipelinePlan, prefix: &str, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for (index, planned) in pipeline.tasks.iter().enumerate() {
        let (id, name) = (node(prefix, index), dot_text(&label(planned)));
        let look = if index >= pipeline.dag_len { ", style=dashed" } else { "" };
        let _ = writeln!(text, "{indent}{id} [label=\"{name}\"{look}];");
        if let TaskBody::Pipeline(Resolved::Found(child)) = &planned.body {
            let _ = writeln!(text, "{indent}subgraph cluster_{id} {{\n{indent}  label=\"{name}\";");
            dot(child, &format!("{id}_"), depth + 1, text);
            let _ = writeln!(text, "{indent}}}");
            if !child.tasks.is_empty() {
                let _ = writeln!(text, "{indent}{id} -> {} [style=dotted];", node(&format!("{id}_"), 0));
            }
        }
    }
    for (from, to) in edges(pipeline) {
        let _ = writeln!(text, "{indent}{} -> {};", node(prefix, from), node(prefix, to));
    }
    for (from, to) in finally_edges(pipeline) {
        let _ = writeln!(text, "{indent}{} -> {} [style=dashed];", node(prefix, from), node(prefix, to));
    }
}

fn label(planned: &PlannedTask) -> String {
    let notes = notes(planned);
    if notes.is_empty() { planned.task.name.clone() } else { format!("{} ({})", planned.task.name, notes.join(", ")) }
}

fn edges(pipeline: &PipelinePlan) -> impl Iterator<Item = (usize, usize)> {
    pipeline.tasks.iter().enumerate().flat_map(|(index, task)| {
        task.parents.iter().filter_map(move |parent| Some((usize::try_from(parent.0).ok()?, index)))
    })
}

/// From the DAG's last tasks to each `finally` task, which waits for all of them.
fn finally_edges(pipeline: &PipelinePlan) -> Vec<(usize, usize)> {
    let ends: Vec<usize> = dag(pipeline)
        .enumerate()
        .filter(|(_, t)| t.children.iter().all(|c| usize::try_from(c.0).is_ok_and(|c| c >= pipeline.dag_len)))
        .map(|(i, _)| i)
        .collect();
    (pipeline.dag_len..pipeline.tasks.len()).flat_map(|f| ends.iter().map(move |e| (*e, f))).collect()
}

/// Text inside Mermaid's quotes: entities for what would end them or be read as markup.
fn mermaid_text(text: &str) -> String {
    let mut shown = String::new();
    for c in sanitize::name(text).chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | '`' | ';' | '\\' => {
                let _ = write!(shown, "#{};", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Text inside DOT's quotes.
fn dot_text(text: &str) -> String {
    sanitize::name(text).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests;
