//! Pipelines: tasks and finally together, results, statuses, workspaces, params.
//!
//! Knows Tekton's rules for a PipelineSpec as a whole. Rules for a single task of it are in
//! `pipeline_task`.

use super::params::{self, Scope};
use super::report::{Finding, Place, Report, SPEC};
use super::variables::{self, Names};
use super::{graph, matrix, pipeline_task, task, usage, workspaces};
use crate::model::objects::{PipelineResult, PipelineSpec, PipelineTask};
use crate::model::value::ParamValue;
use crate::spec::refs;
use std::collections::{BTreeMap, BTreeSet};

/// The two lists of tasks, by their keys.
fn lists(pipeline: &PipelineSpec) -> [(&'static str, &[PipelineTask]); 2] {
    [("tasks", &pipeline.tasks), ("finally", &pipeline.finally)]
}

/// The rules that hold for every pipeline, wherever it stands.
pub(super) fn spec(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let path = place.path();
    if *pipeline == PipelineSpec::default() {
        let finding = Finding::refuse("empty-pipeline", "the pipeline is empty")
            .help("add `tasks`")
            .words("expected at least one, got none")
            .paths(["description", "params", "resources", "tasks", "workspaces"].map(|f| format!("{path}.{f}")));
        report.add(place, finding);
    } else if pipeline.tasks.is_empty() && pipeline.finally.is_empty() {
        let finding = Finding::warn("no-tasks", "the pipeline has no tasks")
            .help("Tekton admits it and ends its runs at once: add `tasks`");
        report.add(place, finding);
    }
    tasks(pipeline, place, report);
    graph::check(&pipeline.tasks, place, report);
    // Tekton looks at the params twice, once for each list of tasks.
    params::declared(
        &pipeline.params,
        &place.key("params"),
        &[format!("{path}.tasks"), format!("{path}.finally")],
        report,
    );
    for (key, list) in lists(pipeline) {
        context_variables(list, &place.key(key), report);
        matrix::check(list, &place.key(key), report);
        prefixes(list, &place.key(key), report);
    }
    usage::statuses(pipeline, place, report);
    workspaces::of_pipeline(&pipeline.workspaces, place, report);
    results(pipeline, place, report);
    usage::child_results(pipeline, place, report);
    if pipeline.tasks.is_empty() && !pipeline.finally.is_empty() {
        let finding = Finding::refuse("finally-only", "`finally` runs after `tasks`, and there are none")
            .help("move a task to `tasks`")
            .invalid(format!("spec.tasks is empty but spec.finally has {} tasks", pipeline.finally.len()));
        report.add(&place.key("finally"), finding);
    }
    usage::finally(pipeline, place, report);
    usage::undeclared_results(pipeline, place, report);
}

/// What only an object of its own must do: declare the params and workspaces that it uses.
pub(super) fn declares_what_it_uses(pipeline: &PipelineSpec, report: &mut Report<'_>) {
    let scope = Scope::of(&pipeline.params);
    let workspaces: BTreeSet<&str> = pipeline.workspaces.iter().map(|w| w.name.as_str()).collect();
    for (key, list) in lists(pipeline) {
        let all = SPEC.key(key);
        for (index, item) in list.iter().enumerate() {
            if report.full() {
                return;
            }
            let own = all.item(index);
            if let Some(embedded) = &item.task_spec {
                // The task's own params come after the pipeline's, so that they win.
                let inner = Scope::of(pipeline.params.iter().chain(&embedded.task.params));
                let at = own.key("taskSpec");
                task::uses_known_params(&embedded.task, &inner, &at, &own.path(), report);
                params::objects_have_properties(&embedded.task.params, &at.key("params"), report);
            }
            pipeline_task::uses_known_params(item, &scope, &own, &own.path(), report);
            workspaces::of_pipeline_task(item, &workspaces, &own, report);
        }
    }
    // Tekton looks at the pipeline's own object params only where a task stands inline.
    if pipeline.tasks.iter().chain(&pipeline.finally).any(|t| t.task_spec.is_some()) {
        params::objects_have_properties(&pipeline.params, &SPEC.key("params"), report);
    }
}

fn tasks(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let mut seen: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (key, list) in lists(pipeline) {
        let all = place.key(key);
        for (index, item) in list.iter().enumerate() {
            if report.full() {
                return;
            }
            let own = all.item(index);
            pipeline_task::name(item, &own, report);
            if let Some((first_key, first)) = seen.get(item.name.as_str()) {
                let line = report.line(&place.key(first_key).item(*first));
                let finding = Finding::refuse(
                    "duplicate-task",
                    format!("two tasks are called `{}`, the first at line {line}", item.name),
                )
                .help("rename one of them; names are unique over `tasks` and `finally`")
                .words("expected exactly one, got both");
                report.add(&own.key("name"), finding);
            } else {
                seen.insert(&item.name, (key, index));
            }
            pipeline_task::check(item, &own, report);
        }
    }
}

/// `$(context.*)` in params. Tekton looks only at the last task of each list; the others run with
/// the text as it stands.
fn context_variables(tasks: &[PipelineTask], place: &Place<'_>, report: &mut Report<'_>) {
    let run: BTreeSet<&str> = ["name", "namespace", "uid"].into();
    let pipeline: BTreeSet<&str> = ["name"].into();
    let task: BTreeSet<&str> = ["retries"].into();
    let help = "there is no such variable";
    let known = [
        Names { prefix: "context.pipelineRun", known: &run, help },
        Names { prefix: "context.pipeline", known: &pipeline, help },
        Names { prefix: "context.pipelineTask", known: &task, help },
    ];
    for (index, item) in tasks.iter().enumerate() {
        let own = place.item(index);
        pipeline_task::each_param_text(item, &own, &mut |text, at| {
            if !text.contains("$(context.") {
                return;
            }
            for finding in known.iter().filter_map(|names| variables::unknown(text, names)) {
                let finding = if index + 1 == tasks.len() {
                    finding.paths([format!("{}.value", place.path())])
                } else {
                    finding.into_warning("unknown-context-variable")
                };
                report.add(at, finding);
            }
        });
    }
}

/// Every reference of a pipeline begins with a word that Tekton knows.
fn prefixes(tasks: &[PipelineTask], place: &Place<'_>, report: &mut Report<'_>) {
    const KNOWN: [&str; 6] = ["params", "tasks", "finally", "context", "workspaces", "results"];
    for (index, item) in tasks.iter().enumerate() {
        if report.full() {
            return;
        }
        let own = place.item(index);
        let mut check = |expressions: Vec<&str>, at: &Place<'_>, path: String| {
            for expression in expressions {
                if KNOWN.contains(&expression.split('.').next().unwrap_or_default()) {
                    continue;
                }
                let finding = Finding::refuse("unknown-prefix", format!("`$({expression})` is no variable of pipelines"))
                    .help("begin with params, tasks, finally, context, workspaces or results; a shell variable is written ${VAR}")
                    .invalid(format!("invalid variable reference \"$({expression})\", must start with a valid prefix: params, tasks, finally, context, workspaces, or results; if you meant a shell variable, use ${{VAR}} instead"))
                    .paths([path.clone()]);
                report.add(at, finding);
            }
        };
        let path = own.path();
        for (at, param) in item.params.iter().enumerate() {
            let found = refs::value_expressions(param.value.as_ref());
            check(found, &own.key("params").item(at).key("value"), format!("{path}.params[{}].value", param.name));
        }
        for (at, guard) in item.when.iter().enumerate() {
            check(refs::when_expressions(guard), &own.key("when").item(at), format!("{path}.when[{at}]"));
        }
        let Some(matrix) = &item.matrix else { continue };
        let list = own.key("matrix");
        for (at, param) in matrix.params.iter().enumerate() {
            let found = refs::value_expressions(param.value.as_ref());
            check(
                found,
                &list.key("params").item(at).key("value"),
                format!("{path}.matrix.params[{}].value", param.name),
            );
        }
        for (row, include) in matrix.include.iter().enumerate() {
            for (at, param) in include.params.iter().enumerate() {
                let found = refs::value_expressions(param.value.as_ref());
                let place = list.key("include");
                let place = place.item(row);
                check(
                    found,
                    &place.key("params").item(at).key("value"),
                    format!("{path}.matrix.include[{row}].params[{}].value", param.name),
                );
            }
        }
    }
}

/// A pipeline's results are made of results of its tasks.
fn results(pipeline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let tasks: BTreeSet<&str> = pipeline.tasks.iter().map(|t| t.name.as_str()).collect();
    let finally: BTreeSet<&str> = pipeline.finally.iter().map(|t| t.name.as_str()).collect();
    let list = place.key("results");
    for (index, result) in pipeline.results.iter().enumerate() {
        let own = list.item(index);
        let path = format!("{}.value", own.path());
        let Some((message, words)) = result_fault(result, &tasks, &finally) else { continue };
        let mut finding = Finding::refuse("bad-pipeline-result", message).help(
            "write $(tasks.<task>.results.<result>) or $(finally.<task>.results.<result>), with tasks of this pipeline",
        );
        for text in words {
            finding = finding.invalid(text).paths([path.clone()]);
        }
        report.add(&own.key("value"), finding);
    }
}

/// What is wrong with a result's value: our sentence, and Tekton's messages.
fn result_fault(
    result: &PipelineResult,
    tasks: &BTreeSet<&str>,
    finally: &BTreeSet<&str>,
) -> Option<(String, Vec<String>)> {
    let name = &result.name;
    let found = refs::value_expressions(result.value.as_ref());
    let mut message = None;
    let mut words = Vec::new();
    if found.is_empty() {
        message = Some(format!("the value of the result `{name}` names no result of a task"));
        words.push("expected pipeline results to be task result expressions but no expressions were found".to_owned());
    }
    if !found.iter().any(|e| refs::looks_like_result(e)) {
        message.get_or_insert_with(|| {
            format!("the value of the result `{name}` names something other than results of tasks")
        });
        words.push(
            "expected pipeline results to be task result expressions but an invalid expressions was found".to_owned(),
        );
    }
    let looking: Vec<&str> = found.iter().copied().filter(|e| refs::looks_like_result(e)).collect();
    let parsed = looking.iter().filter(|e| refs::result_ref(e).is_some()).count();
    if parsed != looking.len() {
        message.get_or_insert_with(|| format!("a reference in the value of the result `{name}` has too many parts"));
        words.push(format!(
            "expected all of the expressions [{}] to be result expressions but only {parsed} were",
            looking.join(" ")
        ));
    }
    let text = result.value.as_ref().and_then(ParamValue::as_str).unwrap_or_default();
    if let Some(fault) = nonexistent(text, tasks, finally) {
        message.get_or_insert_with(|| format!("the value of the result `{name}` {fault}"));
        words.push("referencing a nonexistent task".to_owned());
    }
    message.map(|m| (m, words))
}

/// Tekton takes the text apart at every `$`; text before the first reference is a fault of its own.
fn nonexistent(text: &str, tasks: &BTreeSet<&str>, finally: &BTreeSet<&str>) -> Option<String> {
    for part in text.split('$').filter(|p| !p.is_empty()) {
        let bare = part.strip_prefix('(').map_or_else(|| format!("${part}"), str::to_owned);
        let bare = bare.strip_suffix(')').unwrap_or(&bare);
        let Some(reference) = refs::result_ref(bare) else {
            return Some(format!("has `{part}` beside its references: text may only follow one"));
        };
        let known = if bare.starts_with("tasks") { tasks } else { finally };
        if !known.contains(reference.task) {
            return Some(format!("refers to a task `{}` that the pipeline does not have there", reference.task));
        }
    }
    None
}
