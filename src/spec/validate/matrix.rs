//! Matrices: how many combinations, which params, and who consumes their results.
//!
//! Knows Tekton's rules. The combinations themselves are the engine's.

use super::pipeline_task::given_once;
use super::report::{Finding, Place, Report};
use crate::model::objects::{Matrix, Param, PipelineTask};
use crate::model::value::ParamValue;
use crate::spec::refs;
use std::collections::{BTreeMap, BTreeSet};

/// Tekton: default-max-matrix-combinations-count.
const MAX_COMBINATIONS: usize = 256;

/// The rules for the matrices of one list of tasks.
pub(super) fn check(tasks: &[PipelineTask], place: &Place<'_>, report: &mut Report<'_>) {
    for (index, task) in tasks.iter().enumerate() {
        if let Some(matrix) = &task.matrix {
            one(task, matrix, &place.item(index), report);
        }
    }
    consumers(tasks, place, report);
}

fn is_matrixed(task: &PipelineTask) -> bool {
    task.matrix.as_ref().is_some_and(|m| !m.params.is_empty() || !m.include.is_empty())
}

fn one(task: &PipelineTask, matrix: &Matrix, own: &Place<'_>, report: &mut Report<'_>) {
    let place = own.key("matrix");
    let count = combinations(matrix);
    if count > MAX_COMBINATIONS {
        let finding = Finding::refuse(
            "matrix-too-large",
            format!("the matrix makes {count} combinations; at most {MAX_COMBINATIONS} are run"),
        )
        .help("use fewer or shorter arrays, or several tasks")
        .words(format!("expected 0 <= {count} <= {MAX_COMBINATIONS}"));
        report.add(&place, finding);
    }
    for (row, include) in matrix.include.iter().enumerate() {
        let rows = place.key("include");
        let list = rows.item(row);
        let tekton = format!("{}.matrix.include[{row}].params", own.path());
        given_once(&include.params, &list.key("params"), &tekton, report);
    }
    let tekton = format!("{}.matrix.params", own.path());
    given_once(&matrix.params, &place.key("params"), &tekton, report);
    for (index, param) in matrix.params.iter().enumerate() {
        let whole = |t: &str| t.starts_with("$(") && t.ends_with("[*])");
        if let Some(ParamValue::String(text)) = &param.value
            && !whole(text)
        {
            let finding = Finding::warn("matrix-string", format!("the matrix param `{}` is a string, not an array", param.name))
                .help("write a list of values, or a whole array such as $(params.list[*]); runs of it will fail with InvalidMatrixParameterTypes");
            let list = place.key("params");
            report.add(&list.item(index).key("value"), finding);
        }
    }
    let names: BTreeSet<&str> =
        matrix.params.iter().chain(matrix.include.iter().flat_map(|i| &i.params)).map(|p| p.name.as_str()).collect();
    for (index, param) in task.params.iter().enumerate().filter(|(_, p)| names.contains(p.name.as_str())) {
        let finding =
            Finding::refuse("param-and-matrix", format!("`{}` is given in `params` and in `matrix`", param.name))
                .help("keep one of the two")
                .words("expected exactly one, got both")
                .paths([
                    format!("{}.matrix[{}]", own.path(), param.name),
                    format!("{}.params[{}]", own.path(), param.name),
                ]);
        let list = own.key("params");
        report.add(&list.item(index).key("name"), finding);
    }
}

/// Tekton: the product of the arrays' lengths (empty ones do not count), and what `include` adds.
fn combinations(matrix: &Matrix) -> usize {
    let array = |value: &Option<ParamValue>| match value {
        Some(ParamValue::Array(items)) => items.len(),
        _ => 0,
    };
    let mut count: usize = usize::from(!matrix.params.is_empty());
    for length in matrix.params.iter().map(|p| array(&p.value)).filter(|l| *l > 0) {
        count = count.saturating_mul(length);
    }
    if matrix.params.is_empty() {
        return matrix.include.len();
    }
    let params: BTreeMap<&str, &Param> = matrix.params.iter().rev().map(|p| (p.name.as_str(), p)).collect();
    for include in &matrix.include {
        for param in &include.params {
            let Some(own) = params.get(param.name.as_str()) else { continue };
            let text = param.value.as_ref().and_then(ParamValue::as_str).unwrap_or_default();
            let known = matches!(&own.value, Some(ParamValue::Array(items)) if items.iter().any(|i| i == text));
            if known {
                break;
            }
            count = count.saturating_add(1);
        }
    }
    count
}

/// Results of a matrixed task are consumed whole, and are strings.
fn consumers(tasks: &[PipelineTask], place: &Place<'_>, report: &mut Report<'_>) {
    let matrixed: BTreeMap<&str, &PipelineTask> =
        tasks.iter().filter(|t| is_matrixed(t)).map(|t| (t.name.as_str(), t)).collect();
    if matrixed.is_empty() {
        return;
    }
    for (index, task) in tasks.iter().enumerate() {
        for (at, param) in task.params.iter().enumerate() {
            for expression in refs::value_expressions(param.value.as_ref()) {
                let Some(reference) = refs::result_ref(expression) else { continue };
                let Some(producer) = matrixed.get(reference.task) else { continue };
                let own = place.item(index);
                let list = own.key("params");
                let item = list.item(at);
                if !expression.ends_with("[*]") {
                    let finding = Finding::refuse("matrix-result", format!("`$({expression})` takes one result of a task that a matrix runs several times"))
                        .help("take them all, as an array: end the reference with [*]")
                        .words(format!("A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is currently set to {expression}"))
                        .paths([""; 0]);
                    report.add(&item.key("value"), finding);
                } else if let Some(type_) = other_type(producer, reference.result) {
                    let finding = Finding::refuse("matrix-result", format!("the result `{}` of `{}` is {type_}; results of a matrix are strings", reference.result, reference.task))
                        .help("write `type: string`")
                        .invalid(format!("Matrixed PipelineTasks emitting results must have an underlying type string, but result {} has type {type_} in pipelineTask", reference.result))
                        .paths([place.path()]);
                    report.add(&item.key("value"), finding);
                }
            }
        }
    }
}

fn other_type<'a>(producer: &'a PipelineTask, result: &str) -> Option<&'a str> {
    let embedded = producer.task_spec.as_ref()?;
    let found = embedded.task.results.iter().find(|r| r.name == result)?;
    (found.type_ != "string").then_some(&found.type_)
}
