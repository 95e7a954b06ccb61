//! Variables in text: `$(...)` found as Tekton's expressions find it, results that they name.
//!
//! Knows the syntax of references and where a pipeline task may hold one. Does not know what
//! is declared or any value.

use crate::model::objects::{EnvVar, Param, PipelineTask, Sidecar, Step, WhenExpression};
use crate::model::value::ParamValue;
use std::collections::BTreeMap;

/// A reference to a result: `tasks.<task>.results.<result>`, with an index or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResultRef<'a> {
    pub task: &'a str,
    /// Without its index.
    pub result: &'a str,
}

/// The texts between `$(` and `)` that look like variables: Tekton's
/// `\$\([_a-zA-Z0-9.-]+(\.[_a-zA-Z0-9.-]+)*(\[([0-9]+|\*)\])?\)`.
pub(super) fn expressions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    // Most texts hold no variable at all, and looking for one byte is quick.
    if !text.contains('$') {
        return found;
    }
    let mut rest = text;
    while let Some(at) = rest.find("$(") {
        let inner = rest.get(at + 2..).unwrap_or_default();
        match variable_length(inner) {
            Some(length) => {
                found.push(inner.get(..length).unwrap_or_default());
                rest = inner.get(length + 1..).unwrap_or_default();
            }
            None => rest = inner,
        }
    }
    found
}

/// Length of the variable that `text` begins with, when `)` follows it.
fn variable_length(text: &str) -> Option<usize> {
    let name = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).filter(|n| *n > 0)?;
    let rest = text.get(name..)?;
    let index = match rest.strip_prefix('[') {
        Some(inner) => {
            let close = inner.find(']')?;
            let index = inner.get(..close)?;
            let number = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
            (number || index == "*").then_some(close + 2)?
        }
        None => 0,
    };
    text.get(name + index..)?.starts_with(')').then_some(name + index)
}

/// Whether an expression has the shape of a result reference (Tekton: `LooksLikeResultRef`).
pub(super) fn looks_like_result(expression: &str) -> bool {
    let mut parts = expression.split('.');
    let first = parts.next();
    let results = parts.nth(1);
    matches!(first, Some("tasks" | "finally")) && results == Some("results") && parts.next().is_some()
}

/// The result that an expression refers to, if it is such a reference.
pub(super) fn result_ref(expression: &str) -> Option<ResultRef<'_>> {
    if !looks_like_result(expression) {
        return None;
    }
    let parts: Vec<&str> = expression.splitn(6, '.').collect();
    match parts.as_slice() {
        [_, task, _, result] => Some(ResultRef { task, result: result.split('[').next().unwrap_or(result) }),
        [_, task, _, result, _] => Some(ResultRef { task, result }),
        _ => None,
    }
}

/// Calls `act` with each text of a value.
pub(super) fn texts<'a>(value: &'a ParamValue, mut act: impl FnMut(&'a str)) {
    match value {
        ParamValue::String(text) => act(text),
        ParamValue::Array(items) => items.iter().for_each(|t| act(t)),
        ParamValue::Object(map) => map.values().for_each(|t| act(t)),
    }
}

/// The expressions of a value.
pub(super) fn value_expressions(value: Option<&ParamValue>) -> Vec<&str> {
    let mut found = Vec::new();
    if let Some(value) = value {
        texts(value, |text| found.extend(expressions(text)));
    }
    found
}

/// The expressions of a guard.
pub(super) fn when_expressions(when: &WhenExpression) -> Vec<&str> {
    let mut found = expressions(&when.input);
    found.extend(expressions(&when.cel));
    for value in &when.values {
        found.extend(expressions(value));
    }
    found
}

/// All params of a pipeline task: its own, its matrix's, those of each `include`.
pub(super) fn all_params(task: &PipelineTask) -> impl Iterator<Item = &Param> {
    let matrix = task.matrix.iter();
    task.params.iter().chain(matrix.flat_map(|m| m.params.iter().chain(m.include.iter().flat_map(|i| i.params.iter()))))
}

/// The results that a pipeline task refers to, everywhere where Tekton looks: params, matrix,
/// guards, and the steps and sidecars of an inline task.
pub(super) fn result_refs(task: &PipelineTask) -> Vec<ResultRef<'_>> {
    let mut found: Vec<ResultRef<'_>> = Vec::new();
    let mut take = |text| found.extend(expressions(text).into_iter().filter_map(result_ref));
    for param in all_params(task) {
        if let Some(value) = &param.value {
            texts(value, &mut take);
        }
    }
    for when in &task.when {
        take(&when.input);
        take(&when.cel);
        when.values.iter().for_each(|v| take(v));
    }
    if let Some(embedded) = &task.task_spec {
        embedded.task.steps.iter().for_each(|s| step_texts(s, &mut take));
        embedded.task.sidecars.iter().for_each(|s| sidecar_texts(s, &mut take));
    }
    found
}

fn step_texts<'a>(step: &'a Step, act: &mut impl FnMut(&'a str)) {
    for text in [&step.name, &step.image, &step.image_pull_policy, &step.script, &step.working_dir] {
        act(text);
    }
    step.command.iter().chain(&step.args).for_each(|t| act(t));
    step.env.iter().for_each(|e| env_texts(e, act));
}

fn sidecar_texts<'a>(sidecar: &'a Sidecar, act: &mut impl FnMut(&'a str)) {
    for text in [&sidecar.name, &sidecar.image, &sidecar.image_pull_policy, &sidecar.script, &sidecar.working_dir] {
        act(text);
    }
    sidecar.command.iter().chain(&sidecar.args).for_each(|t| act(t));
    sidecar.env.iter().for_each(|e| env_texts(e, act));
}

fn env_texts<'a>(env: &'a EnvVar, act: &mut impl FnMut(&'a str)) {
    act(&env.value);
    if let Some(from) = &env.value_from {
        for selector in [&from.secret_key_ref, &from.config_map_key_ref].into_iter().flatten() {
            act(&selector.key);
            act(&selector.name);
        }
    }
}

/// Params whose values are known from the files alone, strings only.
pub(super) type Known = BTreeMap<String, String>;

/// `text` with the known params in their places; the rest stays as it is.
pub(super) fn substitute(text: &str, known: &Known) -> String {
    if !text.contains("$(") || known.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("$(") {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let value = param_name(tail).and_then(|(name, length)| Some((known.get(name)?, length)));
        match value {
            Some((value, length)) => {
                out.push_str(value);
                rest = tail.get(length..).unwrap_or_default();
            }
            None => {
                out.push_str("$(");
                rest = tail.get(2..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// The name in `$(params.NAME)`, `$(params['NAME'])` or `$(params["NAME"])` at the start, and the length of it all.
fn param_name(text: &str) -> Option<(&str, usize)> {
    let (prefix, rest) =
        ["$(params", "$(inputs.params"].iter().find_map(|p| text.strip_prefix(p).map(|rest| (p.len(), rest)))?;
    for (open, close) in [(".", ")"), ("['", "'])"), ("[\"", "\"])")] {
        if let Some(inner) = rest.strip_prefix(open) {
            let end = inner.find(close)?;
            return Some((inner.get(..end)?, prefix + open.len() + end + close.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_those_of_tekton() {
        let text = "a $(params.x) $$(tasks.a-b.results.r[*]) $(date +%s) ${X} $(x[1]) $(x[a]) $() $(a";
        assert_eq!(expressions(text), ["params.x", "tasks.a-b.results.r[*]", "x[1]"]);
        assert_eq!(expressions("$($(params.x))"), ["params.x"]);
        assert_eq!(expressions("$(params['x'])"), Vec::<&str>::new());
    }

    #[test]
    fn result_references_are_taken_apart() {
        let parsed = |e| result_ref(e).map(|r| (r.task, r.result));
        assert_eq!(parsed("tasks.a.results.r"), Some(("a", "r")));
        assert_eq!(parsed("tasks.a.results.r[3]"), Some(("a", "r")));
        assert_eq!(parsed("finally.a.results.r.key"), Some(("a", "r")));
        assert_eq!(parsed("tasks.a.results.r.k.l"), None);
        assert_eq!(parsed("tasks.a.status"), None);
        assert_eq!(parsed("steps.a.results.r"), None);
    }

    #[test]
    fn known_params_are_put_in() {
        let known: Known = [("x".to_owned(), "1".to_owned()), ("a.b".to_owned(), "2".to_owned())].into();
        assert_eq!(
            substitute("$(params.x)-$(params['a.b'])-$(params[\"x\"])-$(params.y) $(", &known),
            "1-2-1-$(params.y) $("
        );
    }
}
