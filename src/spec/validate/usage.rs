//! What the tasks of a pipeline take from each other: statuses and results, and from where they
//! may be taken.
//!
//! Knows Tekton's rules for `tasks`, `finally` and pipelines in pipelines. Edges are `graph`'s.

use super::report::{Finding, Place, Report};
use crate::model::decode::nearest;
use crate::model::objects::{PipelineSpec, PipelineTask};
use crate::spec::refs;
use std::collections::{BTreeMap, BTreeSet};

/// Calls `act` with the expressions of each param and guard, with their place and Tekton's path.
fn each_use(task: &PipelineTask, own: &Place<'_>, act: &mut dyn FnMut(&[&str], &Place<'_>, String)) {
    for (index, param) in task.params.iter().enumerate() {
        let found = refs::value_expressions(param.value.as_ref());
        if !found.is_empty() {
            let list = own.key("params");
            let path = format!("{}.params[{}].value", own.path(), param.name);
            act(&found, &list.item(index).key("value"), path);
        }
    }
    for (index, guard) in task.when.iter().enumerate() {
        let found = refs::when_expressions(guard);
        if !found.is_empty() {
            let path = format!("{}.when[{index}]", own.path());
            act(&found, &own.key("when").item(index), path);
        }
    }
}

fn is_status(expression: &str) -> bool {
    expression.starts_with("tasks.") && (expression.ends_with(".status") || expression.ends_with(".reason"))
}

/// Statuses of tasks are known in `finally` only, and only of tasks of the DAG.
pub(super) fn statuses(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let names: BTreeSet<&str> = pipeline.tasks.iter().map(|t| t.name.as_str()).collect();
    let list = place.key("tasks");
    for (index, task) in pipeline.tasks.iter().enumerate() {
        each_use(task, &list.item(index), &mut |expressions, at, path| {
            // Tekton: beside a result reference nothing else is looked at.
            let looks = expressions.iter().any(|e| refs::looks_like_result(e));
            let Some(status) = expressions.iter().find(|e| is_status(e)).filter(|_| !looks) else { return };
            let finding = Finding::refuse("status-in-tasks", format!("`$({status})` is known only after all tasks have ended"))
                .help("move the task to `finally`, or take a result of the other task")
                .invalid("pipeline tasks can not refer to execution status of any other pipeline task or aggregate status of tasks")
                .paths([path]);
            report.add(at, finding);
        });
    }
    let list = place.key("finally");
    for (index, task) in pipeline.finally.iter().enumerate() {
        each_use(task, &list.item(index), &mut |expressions, at, path| {
            if expressions.iter().any(|e| refs::looks_like_result(e)) {
                return;
            }
            for expression in expressions.iter().filter(|e| is_status(e) && **e != "tasks.status") {
                let bare = expression.trim_start_matches("tasks.");
                let name = bare.strip_suffix(".status").or_else(|| bare.strip_suffix(".reason")).unwrap_or(bare);
                if !names.contains(name) {
                    let finding = Finding::refuse(
                        "unknown-task",
                        format!("`$({expression})` is the status of a task that `tasks` does not have"),
                    )
                    .help(near(name, &names))
                    .invalid(format!("pipeline task {name} is not defined in the pipeline"))
                    .paths([path.clone()]);
                    report.add(at, finding);
                }
            }
        });
    }
}

fn near(name: &str, names: &BTreeSet<&str>) -> String {
    let all: Vec<&str> = names.iter().copied().collect();
    match nearest(name, &all) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its tasks are: {}", all.iter().take(20).copied().collect::<Vec<_>>().join(", ")),
    }
}

/// Tasks of `finally` run after nothing in particular, and take results of DAG tasks only.
pub(super) fn finally(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let names: BTreeSet<&str> = pipeline.tasks.iter().map(|t| t.name.as_str()).collect();
    let finals: BTreeSet<&str> = pipeline.finally.iter().map(|t| t.name.as_str()).collect();
    let list = place.key("finally");
    for (index, task) in pipeline.finally.iter().enumerate() {
        let own = list.item(index);
        if !task.run_after.is_empty() {
            let finding =
                Finding::refuse("finally-run-after", format!("the task `{}` of `finally` has `runAfter`", task.name))
                    .help("remove it: all of `finally` runs at once, after `tasks`")
                    .invalid(format!(
                        "no runAfter allowed under spec.finally, final task {} has runAfter specified",
                        task.name
                    ))
                    .paths([own.path()]);
            report.add(&own.key("runAfter"), finding);
        }
        each_use(task, &own, &mut |expressions, at, path| {
            for reference in expressions.iter().filter_map(|e| refs::result_ref(e)) {
                let name = reference.task;
                let (message, words) = if finals.contains(name) {
                    (
                        format!("`{name}` is a task of `finally` too, and they run at the same time"),
                        format!(
                            "invalid task result reference, final task has task result reference from a final task {name}"
                        ),
                    )
                } else if !names.contains(name) {
                    (
                        format!("the pipeline has no task `{name}` whose result could be used"),
                        format!(
                            "invalid task result reference, final task has task result reference from a task {name} which is not defined in the pipeline"
                        ),
                    )
                } else {
                    continue;
                };
                let help =
                    if finals.contains(name) { "take results of `tasks` only".to_owned() } else { near(name, &names) };
                let finding =
                    Finding::refuse("finally-result", message).help(help).invalid(words).paths([path.clone()]);
                report.add(at, finding);
            }
        });
    }
}

/// A child pipeline's results cannot be used by its parent (Tekton: not yet implemented).
pub(super) fn child_results(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let children: BTreeSet<&str> = pipeline
        .tasks
        .iter()
        .filter(|t| t.pipeline_ref.is_some() || t.pipeline_spec.is_some())
        .map(|t| t.name.as_str())
        .collect();
    if children.is_empty() {
        return;
    }
    for (key, list) in [("tasks", &pipeline.tasks), ("finally", &pipeline.finally)] {
        let all = place.key(key);
        for (index, task) in list.iter().enumerate() {
            let Some(reference) = refs::result_refs(task).into_iter().find(|r| children.contains(r.task)) else {
                continue;
            };
            let finding = Finding::refuse("child-pipeline-result", format!("`{}` is a pipeline, and results of a child pipeline cannot be used here", reference.task))
                .help("let the child hand its values on through a workspace")
                .invalid(format!("result reference to pipelineTask \"{}\" is not supported: referenced task uses pipelineRef or pipelineSpec and result propagation from child Pipelines is not yet implemented", reference.task));
            report.add(&all.item(index), finding);
        }
    }
}

/// Results that an inline task does not declare: Tekton admits it, and the run fails.
pub(super) fn undeclared_results(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let declared: BTreeMap<&str, BTreeSet<&str>> = pipeline
        .tasks
        .iter()
        .filter_map(|t| {
            let embedded = t.task_spec.as_ref().filter(|e| e.api_version.is_empty() && e.spec.is_none())?;
            Some((t.name.as_str(), embedded.task.results.iter().map(|r| r.name.as_str()).collect()))
        })
        .collect();
    for (key, list) in [("tasks", &pipeline.tasks), ("finally", &pipeline.finally)] {
        let all = place.key(key);
        for (index, task) in list.iter().enumerate() {
            each_use(task, &all.item(index), &mut |expressions, at, _| {
                for reference in expressions.iter().filter_map(|e| refs::result_ref(e)) {
                    let Some(results) = declared.get(reference.task).filter(|r| !r.contains(reference.result)) else {
                        continue;
                    };
                    let known: Vec<&str> = results.iter().copied().collect();
                    let help = match nearest(reference.result, &known) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("declare it under the `results` of `{}`", reference.task),
                    };
                    let finding = Finding::warn(
                        "undeclared-result",
                        format!("the task `{}` declares no result `{}`", reference.task, reference.result),
                    )
                    .help(help);
                    report.add(at, finding);
                }
            });
        }
    }
}
