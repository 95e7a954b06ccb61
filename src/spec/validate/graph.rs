//! The graph of a pipeline: every edge leads to a task that is there, and no edges go round.
//!
//! Knows names and edges. Prints the cycle that it finds.

use super::report::{Finding, Place, Report};
use crate::model::decode::nearest;
use crate::model::objects::PipelineTask;
use crate::spec::refs;
use std::collections::{BTreeMap, BTreeSet};

/// The rules for the DAG tasks of the pipeline at `place`.
pub(super) fn check(tasks: &[PipelineTask], place: &Place<'_>, report: &mut Report<'_>) {
    let names: BTreeSet<&str> = tasks.iter().map(|t| t.name.as_str()).collect();
    let list = place.key("tasks");
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (index, task) in tasks.iter().enumerate() {
        if report.full() {
            return;
        }
        let own = list.item(index);
        let mut parents: BTreeSet<&str> = task.run_after.iter().map(String::as_str).collect();
        for (at, parent) in task.run_after.iter().enumerate().filter(|(_, p)| !names.contains(p.as_str())) {
            missing(task, parent, &names, &own.key("runAfter").item(at), &list, report);
        }
        let mut said: BTreeSet<&str> = task.run_after.iter().map(String::as_str).collect();
        for reference in refs::result_refs(task) {
            parents.insert(reference.task);
            if !names.contains(reference.task) && said.insert(reference.task) {
                at_reference(task, reference.task, &own, |at| missing(task, reference.task, &names, at, &list, report));
            }
        }
        if !parents.is_empty() {
            edges.entry(&task.name).or_default().extend(parents);
        }
    }
    cycle(tasks, &edges, &list, report);
}

fn missing(
    task: &PipelineTask,
    parent: &str,
    names: &BTreeSet<&str>,
    at: &Place<'_>,
    list: &Place<'_>,
    report: &mut Report<'_>,
) {
    let all: Vec<&str> = names.iter().copied().collect();
    let help = match nearest(parent, &all) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the pipeline's tasks are: {}", all.iter().take(20).copied().collect::<Vec<_>>().join(", ")),
    };
    let name = &task.name;
    let finding = Finding::refuse("unknown-task", format!("the task `{name}` depends on `{parent}`, which the pipeline does not have"))
        .help(help)
        .invalid(format!("couldn't add link between {name} and {parent}: task {name} depends on {parent} but {parent} wasn't present in Pipeline"))
        .paths([list.path()]);
    report.add(at, finding);
}

/// Calls `act` with the place of the first reference to a result of `wanted` in a task.
fn at_reference(task: &PipelineTask, wanted: &str, own: &Place<'_>, act: impl FnOnce(&Place<'_>)) {
    let names = |e: Vec<&str>| e.into_iter().filter_map(refs::result_ref).any(|r| r.task == wanted);
    let in_params = task.params.iter().position(|p| names(refs::value_expressions(p.value.as_ref())));
    if let Some(index) = in_params {
        return act(&own.key("params").item(index).key("value"));
    }
    let matrix = task.matrix.as_ref();
    let in_matrix = matrix.and_then(|m| m.params.iter().position(|p| names(refs::value_expressions(p.value.as_ref()))));
    if let Some(index) = in_matrix {
        return act(&own.key("matrix").key("params").item(index).key("value"));
    }
    if let Some(index) = task.when.iter().position(|w| names(refs::when_expressions(w))) {
        return act(&own.key("when").item(index));
    }
    act(&own.key("name"));
}

/// Tekton: Kahn's algorithm; it names the first task that is left and what it waits for.
fn cycle(tasks: &[PipelineTask], edges: &BTreeMap<&str, BTreeSet<&str>>, list: &Place<'_>, report: &mut Report<'_>) {
    let mut waiting: BTreeMap<&str, usize> = edges.iter().map(|(task, parents)| (*task, parents.len())).collect();
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (task, parents) in edges {
        for parent in parents {
            children.entry(parent).or_default().push(task);
        }
    }
    let mut ready: Vec<&str> = children.keys().copied().filter(|p| !edges.contains_key(p)).collect();
    while let Some(parent) = ready.pop() {
        for child in children.get(parent).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    waiting.remove(child);
                    ready.push(child);
                }
            }
        }
    }
    let Some(first) = waiting.keys().next().copied() else { return };
    let left = |task: &str| {
        edges.get(task).into_iter().flatten().copied().filter(|p| waiting.contains_key(p)).collect::<Vec<&str>>()
    };
    // From any task that is left, going to a parent that is left must come round.
    let mut trail: Vec<&str> = vec![first];
    let mut seen: BTreeMap<&str, usize> = [(first, 0)].into();
    let ring = loop {
        let Some(next) = trail.last().and_then(|last| left(last).first().copied()) else { return };
        if let Some(start) = seen.get(next) {
            break trail.split_off(*start);
        }
        seen.insert(next, trail.len());
        trail.push(next);
    };
    // The trail goes from a task to what it waits for; people read the order of running.
    let mut shown: Vec<&str> = ring.iter().rev().copied().collect();
    let lowest = shown.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(i, _)| i);
    shown.rotate_left(lowest);
    let whole = shown.iter().chain(shown.first()).copied().collect::<Vec<&str>>().join(" -> ");
    let parents: Vec<String> = left(first).iter().map(|p| format!("\"{p}\"")).collect();
    let index = tasks.iter().position(|t| Some(t.name.as_str()) == shown.first().copied()).unwrap_or(0);
    let finding = Finding::refuse("cycle", format!("the tasks wait for each other: {whole}"))
        .help("remove one of the `runAfter` entries or result references among them")
        .invalid(format!("cycle detected; task \"{first}\" depends on {}", parents.join(", ")))
        .paths([list.path()]);
    let task = list.item(index);
    if tasks.get(index).is_some_and(|t| t.run_after.is_empty()) {
        report.add(&task, finding);
    } else {
        report.add(&task.key("runAfter"), finding);
    }
}
