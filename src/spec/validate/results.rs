//! Results of tasks and steps: names, types, the value that surfaces a step's result.
//!
//! Knows Tekton's rules for them. Does not know who consumes a result.

use super::names::{is_label, is_result_name};
use super::report::{Finding, Place, Report};
use super::step::one_of;
use crate::model::objects::TaskResult;
use crate::model::value::ParamValue;

const NAME_DETAILS: &str = "Name must consist of alphanumeric characters, '-', '_', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my-name',  or 'my_name', regex used for validation is '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')";
const TYPES: [&str; 3] = ["string", "array", "object"];

/// A result of a task.
pub(super) fn task_result(result: &TaskResult, place: &Place<'_>, report: &mut Report<'_>) {
    let tekton = place.path();
    if !name(result, place, &tekton, report) {
        return;
    }
    if !TYPES.contains(&result.type_.as_str()) {
        let finding = bad_type(&result.type_).paths([format!("{tekton}.type")]).details("type must be string");
        report.add(&place.key("type"), finding);
    }
    object(result, "The", place, &tekton, report);
    value(result, place, &tekton, report);
}

/// A result of a step.
pub(super) fn step_result(result: &TaskResult, place: &Place<'_>, tekton: &str, report: &mut Report<'_>) {
    if !name(result, place, tekton, report) {
        return;
    }
    if !TYPES.contains(&result.type_.as_str()) {
        let finding =
            bad_type(&result.type_).paths([format!("{tekton}.type")]).details(format!("invalid type {}", result.type_));
        report.add(&place.key("type"), finding);
    }
    object(result, "the", place, tekton, report);
}

fn bad_type(type_: &str) -> Finding {
    Finding::refuse("bad-type", format!("`{type_}` is not a type of results"))
        .help(one_of(type_, &TYPES))
        .invalid(type_)
}

fn name(result: &TaskResult, place: &Place<'_>, tekton: &str, report: &mut Report<'_>) -> bool {
    if is_result_name(&result.name) {
        return true;
    }
    let finding = Finding::refuse("bad-result-name", format!("`{}` cannot be the name of a result", result.name))
        .help("use letters, digits, - _ and ., beginning and ending with a letter or digit")
        .words(format!("invalid key name \"{}\"", result.name))
        .paths([format!("{tekton}.name")])
        .details(NAME_DETAILS);
    report.add(&place.key("name"), finding);
    false
}

fn object(result: &TaskResult, the: &str, place: &Place<'_>, tekton: &str, report: &mut Report<'_>) {
    if result.type_ != "object" {
        return;
    }
    let path = format!("{tekton}.{}.properties", result.name);
    let Some(properties) = &result.properties else {
        let finding =
            Finding::refuse("missing-properties", format!("the object result `{}` does not say its keys", result.name))
                .help("add `properties: {key: {type: string}}`")
                .words("missing field(s)")
                .paths([path]);
        report.add(&place.key("name"), finding);
        return;
    };
    let wrong: Vec<&str> = properties.iter().filter(|(_, p)| p.type_ != "string").map(|(k, _)| k.as_str()).collect();
    if !wrong.is_empty() {
        let finding = Finding::refuse(
            "bad-property",
            format!("the keys {} of `{}` are not strings", wrong.join(", "), result.name),
        )
        .help("the values of an object result are strings: write `type: string`")
        .words(format!(
            "{the} value type specified for these keys [{}] is invalid, the type must be string",
            wrong.join(" ")
        ))
        .paths([path]);
        report.add(&place.key("properties"), finding);
    }
}

/// Tekton: the value is a string that holds `$(steps.<step>.results.<result>)`.
fn value(result: &TaskResult, place: &Place<'_>, tekton: &str, report: &mut Report<'_>) {
    let Some(value) = &result.value else { return };
    let own = place.key("value");
    let ParamValue::String(text) = value else {
        let type_ = value.param_type().name();
        let finding =
            Finding::refuse("bad-result-value", format!("the value of the result `{}` is not a string", result.name))
                .help("write $(steps.<step>.results.<result>)")
                .words(format!("Invalid Type. Wanted string but got: \"{type_}\""))
                .paths([format!("{tekton}.{}.type", result.name)]);
        report.add(&own, finding);
        return;
    };
    if text.is_empty() {
        return;
    }
    let path = format!("{tekton}.{}.value", result.name);
    let Some((step, name)) = step_and_result(text) else {
        let finding = Finding::refuse("bad-result-value", format!("`{text}` does not name the result of a step"))
            .help("a task's result takes its value from a file, or from a step's result: $(steps.<step>.results.<result>)")
            .words(format!("Could not extract step name and result name. Expected value to look like $(steps.<stepName>.results.<resultName>) but got \"{text}\""))
            .paths([path]);
        report.add(&own, finding);
        return;
    };
    if !is_label(step) {
        let finding = Finding::refuse("bad-result-value", format!("`{step}` cannot be the name of a step"))
            .help("write $(steps.<step>.results.<result>) with the name of a step")
            .words(format!("invalid extracted step name \"{step}\""))
            .paths([path.clone()])
            .details("stepName in $(steps.<stepName>.results.<resultName>) must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names");
        report.add(&own, finding);
    }
    if !is_result_name(name) {
        let finding = Finding::refuse("bad-result-value", format!("`{name}` cannot be the name of a result"))
            .help("write $(steps.<step>.results.<result>) with the name of a result")
            .words(format!("invalid extracted result name \"{name}\""))
            .paths([path])
            .details(format!(
                "resultName in $(steps.<stepName>.results.<resultName>) must consist of{}",
                NAME_DETAILS.trim_start_matches("Name must consist of")
            ));
        report.add(&own, finding);
    }
}

/// `\$\(steps\.(.*?)\.results\.(.*?)\)`
pub(super) fn step_and_result(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once("$(steps.")?;
    let (step, rest) = rest.split_once(".results.")?;
    let (result, _) = rest.split_once(')')?;
    Some((step, result))
}
