//! One task of a pipeline: what it runs, how it goes on after errors, the params it passes.
//!
//! Knows Tekton's rules for a PipelineTask alone. Does not know its neighbours.

use super::names::{is_label, name_help};
use super::params::Scope;
use super::report::{Finding, Place, Report};
use super::step::one_of;
use super::{pipeline, reference, task, variables, when};
use crate::model::objects::{Param, PipelineTask};
use crate::model::value::ParamValue;
use std::collections::BTreeMap;

/// The task's name is a label.
pub(super) fn name(item: &PipelineTask, own: &Place<'_>, report: &mut Report<'_>) {
    if is_label(&item.name) {
        return;
    }
    let message = if item.name.is_empty() {
        "the task has no name".to_owned()
    } else {
        format!("`{}` cannot be the name of a task", item.name)
    };
    let finding = Finding::refuse("bad-name", message)
        .help(name_help(&item.name))
        .words(format!("invalid value \"{}\"", item.name))
        .details("Pipeline Task name must be a valid DNS Label.For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names");
    report.add(&own.key("name"), finding);
}

/// The rules between a task's own fields, and those of what it embeds.
pub(super) fn check(item: &PipelineTask, own: &Place<'_>, report: &mut Report<'_>) {
    one_body(item, own, report);
    on_error(item, own, report);
    when::list(&item.when, own, report);
    let embedded_custom =
        item.task_spec.as_ref().is_some_and(|e| !e.api_version.is_empty() || !matches!(e.kind.as_str(), "" | "Task"));
    if let Some(embedded) = item.task_spec.as_ref().filter(|e| !e.task.steps.is_empty()) {
        for (key, value) in [("apiVersion", &embedded.api_version), ("kind", &embedded.kind)] {
            if !value.is_empty() {
                let finding = Finding::refuse("type-with-steps", format!("a task with `steps` says no `{key}`"))
                    .help(format!("remove `{key}`; it is for custom tasks, which have a `spec`"))
                    .words(format!("taskSpec.{key} cannot be specified when using taskSpec.steps"));
                report.add(&own.key("taskSpec").key(key), finding);
            }
        }
    }
    let ref_custom =
        item.task_ref.as_ref().is_some_and(|r| !matches!(r.kind.as_str(), "" | "Task") || !r.api_version.is_empty());
    if ref_custom || embedded_custom {
        custom(item, own, report);
        return;
    }
    if let Some(embedded) = &item.task_spec {
        task::spec(&embedded.task, &own.key("taskSpec"), report);
    }
    if let Some(found) = &item.task_ref {
        reference::object(found, &own.key("taskRef"), report);
    }
    if let Some(found) = &item.pipeline_ref {
        reference::object(found, &own.key("pipelineRef"), report);
    }
    if let Some(inner) = &item.pipeline_spec {
        pipeline::spec(inner, &own.key("pipelineSpec"), report);
    }
}

fn one_body(item: &PipelineTask, own: &Place<'_>, report: &mut Report<'_>) {
    let bodies = [
        ("taskRef", item.task_ref.is_some()),
        ("taskSpec", item.task_spec.is_some()),
        ("pipelineRef", item.pipeline_ref.is_some()),
        ("pipelineSpec", item.pipeline_spec.is_some()),
    ];
    let set: Vec<&str> = bodies.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
    let path = own.path();
    let paths = |names: &[&str]| names.iter().map(|n| format!("{path}.{n}")).collect::<Vec<_>>();
    match set.as_slice() {
        [_] => {}
        [] => {
            let finding =
                Finding::refuse("missing-body", format!("the task `{}` does not say what it runs", item.name))
                    .help("add `taskRef`, `taskSpec`, `pipelineRef` or `pipelineSpec`")
                    .words("expected exactly one, got neither")
                    .paths(paths(&bodies.map(|(name, _)| name)));
            report.add(own, finding);
        }
        several => {
            let finding = Finding::refuse(
                "several-bodies",
                format!("the task `{}` says twice what it runs: {}", item.name, several.join(", ")),
            )
            .help("keep one of them")
            .words("expected exactly one, got multiple")
            .paths(paths(several));
            report.add(&own.key(several.first().copied().unwrap_or_default()), finding);
        }
    }
}

fn on_error(item: &PipelineTask, own: &Place<'_>, report: &mut Report<'_>) {
    let value = item.on_error.as_str();
    if value.is_empty() || value.starts_with("$(params") {
        return;
    }
    if !matches!(value, "continue" | "stopAndFail") {
        let finding = Finding::refuse("bad-on-error", format!("`{value}` is not a value of onError"))
            .help(one_of(value, &["continue", "stopAndFail"]))
            .invalid(value)
            .paths([format!("{}.OnError", own.path())])
            .details("PipelineTask OnError must be either \"continue\" or \"stopAndFail\"");
        report.add(&own.key("onError"), finding);
    }
    if value == "continue" && item.retries > 0 {
        let finding =
            Finding::refuse("on-error-with-retries", "a task cannot both be retried and have its failure ignored")
                .help("remove `retries`, or `onError: continue`")
                .words("PipelineTask OnError cannot be set to \"continue\" when Retries is greater than 0")
                .paths([""; 0]);
        report.add(&own.key("onError"), finding);
    }
}

/// Custom tasks name a kind and an apiVersion of the form group/version.
fn custom(item: &PipelineTask, own: &Place<'_>, report: &mut Report<'_>) {
    let bodies = [
        item.task_ref.as_ref().map(|r| ("taskRef", "ref", &r.kind, &r.api_version)),
        item.task_spec.as_ref().map(|s| ("taskSpec", "spec", &s.kind, &s.api_version)),
    ];
    for (key, word, kind, api_version) in bodies.into_iter().flatten() {
        let body = own.key(key);
        if kind.is_empty() {
            let finding = Finding::refuse("custom-task", "a custom task needs a `kind`")
                .help("add `kind`")
                .invalid(format!("custom task {word} must specify kind"));
            report.add(&body.key("kind"), finding);
        }
        let valid =
            matches!(api_version.split('/').collect::<Vec<_>>().as_slice(), [g, v] if !g.is_empty() && !v.is_empty());
        if valid {
            continue;
        }
        let (message, words) = if api_version.is_empty() {
            (
                format!("the kind `{kind}` is a custom task, which needs an `apiVersion`"),
                format!("custom task {word} must specify apiVersion"),
            )
        } else {
            (
                format!("`{api_version}` is not an apiVersion of custom tasks"),
                format!("invalid apiVersion format \"{api_version}\", must be in the format \"group/version\""),
            )
        };
        let finding = Finding::refuse("custom-task", message)
            .help(
                "write group/version, such as example.dev/v1; Tekton's own tasks have the kind Task and no apiVersion",
            )
            .invalid(words);
        report.add(&body.key("apiVersion"), finding);
    }
}

/// Params given twice, and params, matrix and guards that use what `scope` does not have.
pub(super) fn uses_known_params(
    item: &PipelineTask,
    scope: &Scope<'_>,
    own: &Place<'_>,
    tekton: &str,
    report: &mut Report<'_>,
) {
    let list = own.key("params");
    given_once(&item.params, &list, &format!("{tekton}.params"), report);
    for (index, param) in item.params.iter().enumerate() {
        let at = list.named(index, &param.name);
        value(param, scope, &at, &format!("{tekton}.params[{}]", param.name), report);
    }
    if let Some(matrix) = &item.matrix {
        let place = own.key("matrix");
        for (row, include) in matrix.include.iter().enumerate() {
            let rows = place.key("include");
            let row = rows.item(row);
            for (index, param) in include.params.iter().enumerate() {
                let text = param.value.as_ref().and_then(ParamValue::as_str).unwrap_or_default();
                let path = format!("{tekton}.matrix.include.params[{index}]");
                add_all(scope.in_string(text), &row.key("params").item(index).key("value"), &path, report);
            }
        }
        for (index, param) in matrix.params.iter().enumerate() {
            let Some(ParamValue::Array(items)) = &param.value else { continue };
            let params = place.key("params");
            let at = params.item(index);
            for (element, text) in items.iter().enumerate() {
                let path = format!("{tekton}.matrix.params[{}].value[{element}]", param.name);
                add_all(scope.in_element(text), &at.key("value").item(element), &path, report);
            }
        }
    }
    let guards = own.key("when");
    for (index, guard) in item.when.iter().enumerate() {
        let at = guards.item(index);
        let path = format!("{tekton}.when[{index}]");
        add_all(scope.in_string(&guard.input), &at.key("input"), &format!("{path}.input"), report);
        for (element, text) in guard.values.iter().enumerate() {
            let name = text.trim_start_matches("$(params.").trim_end_matches("[*])");
            let found = if scope.arrays.contains(name) { scope.in_element(text) } else { scope.in_string(text) };
            add_all(found, &at.key("values").item(element), &format!("{path}.values"), report);
        }
    }
}

fn value(param: &Param, scope: &Scope<'_>, at: &Place<'_>, path: &str, report: &mut Report<'_>) {
    let own = at.key("value");
    match &param.value {
        None => {}
        Some(ParamValue::String(text)) if variables::is_whole_reference(text) => {
            let names = variables::Names { prefix: "params", known: &scope.all, help: "declare it under `params`" };
            add_all(variables::unknown(text, &names).into_iter().collect(), &own, path, report);
        }
        Some(ParamValue::String(text)) => add_all(scope.in_string(text), &own, path, report),
        Some(ParamValue::Array(items)) => {
            for (index, text) in items.iter().enumerate() {
                add_all(scope.in_element(text), &own.item(index), &format!("{path}.value[{index}]"), report);
            }
        }
        Some(ParamValue::Object(map)) => {
            for (key, text) in map {
                add_all(scope.in_string(text), &own.key(key), &format!("{path}.properties[{key}]"), report);
            }
        }
    }
}

fn add_all(found: Vec<Finding>, at: &Place<'_>, path: &str, report: &mut Report<'_>) {
    for finding in found {
        report.add(at, finding.paths([path.to_owned()]));
    }
}

/// Params of one list, each given once (Tekton: `validateDuplicateParameters`).
pub(super) fn given_once(params: &[Param], list: &Place<'_>, tekton: &str, report: &mut Report<'_>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, param) in params.iter().enumerate() {
        let Some(first) = seen.insert(&param.name, index) else { continue };
        let line = report.line(&list.item(first));
        let finding = Finding::refuse(
            "duplicate-param",
            format!("the param `{}` is given twice, first at line {line}", param.name),
        )
        .help("keep one of the two values")
        .words(format!("parameter names must be unique, the parameter \"{}\" is also defined at", param.name))
        .paths([format!("{tekton}[{index}].name")]);
        report.add(&list.item(index).key("name"), finding);
    }
}

/// Calls `act` with every text of the task's params, matrix included, and its place.
pub(super) fn each_param_text(item: &PipelineTask, own: &Place<'_>, act: &mut dyn FnMut(&str, &Place<'_>)) {
    let mut list = |params: &[Param], place: &Place<'_>| {
        for (index, param) in params.iter().enumerate() {
            let Some(value) = &param.value else { continue };
            let at = place.item(index);
            crate::spec::refs::texts(value, |text| act(text, &at.key("value")));
        }
    };
    list(&item.params, &own.key("params"));
    if let Some(matrix) = &item.matrix {
        let place = own.key("matrix");
        list(&matrix.params, &place.key("params"));
        for (row, include) in matrix.include.iter().enumerate() {
            let rows = place.key("include");
            list(&include.params, &rows.item(row).key("params"));
        }
    }
}
