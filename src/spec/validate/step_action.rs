//! StepActions: one container's fields with params of their own.
//!
//! Knows Tekton's rules for them. Does not know the steps that refer to them.

use super::params::{self, Scope};
use super::report::{Finding, Place, Report, SPEC};
use super::results;
use super::variables::{self, Names};
use crate::model::objects::StepActionSpec;
use std::collections::BTreeSet;

pub(super) fn check(action: &StepActionSpec, report: &mut Report<'_>) {
    if action.image.is_empty() {
        let finding = Finding::refuse("missing-image", "the StepAction says no image")
            .help("add `image`")
            .words("missing field(s)")
            .paths(["spec.Image"]);
        report.add(&SPEC.key("image"), finding);
    }
    if !action.script.is_empty() {
        script(action, report);
    }
    let scope = Scope::of(&action.params);
    texts(action, &scope, report);
    params::declared(&action.params, &SPEC.key("params"), &["spec".to_owned()], report);
    params::objects_have_properties(&action.params, &SPEC.key("params"), report);
    let known: BTreeSet<&str> = action.results.iter().map(|r| r.name.as_str()).collect();
    for prefix in ["step.results", "results"] {
        let names = Names { prefix, known: &known, help: "declare it under `results`" };
        if let Some(finding) = variables::unknown(&action.script, &names) {
            report.add(&SPEC.key("script"), finding);
        }
    }
    let list = SPEC.key("results");
    for (index, result) in action.results.iter().enumerate() {
        results::step_result(result, &list.item(index), &format!("spec.results[{index}]"), report);
    }
    mounts(action, &scope, report);
}

fn script(action: &StepActionSpec, report: &mut Report<'_>) {
    if !action.command.is_empty() {
        let finding = Finding::refuse("script-with-command", "a StepAction has a `script` or a `command`, not both")
            .help("remove one of the two; `args` go with both")
            .words("script cannot be used with command");
        report.add(&SPEC.key("script"), finding);
    }
    if variables::mentions_params(&action.script) {
        let finding = Finding::refuse("param-in-script", "the script of a StepAction cannot use params")
            .help("put the param into `env`, and use the variable in the script: env: [{name: X, value: $(params.x)}]")
            .words("param substitution in scripts is not allowed.");
        report.add(&SPEC.key("script"), finding);
    }
}

fn texts(action: &StepActionSpec, scope: &Scope<'_>, report: &mut Report<'_>) {
    let mut check = |text: &str, place: &Place<'_>, tekton: String, array: bool| {
        if !text.contains("$(params") {
            return;
        }
        let found = if array { scope.in_element(text) } else { scope.in_string(text) };
        for finding in found {
            report.add(place, finding.paths([tekton.clone()]));
        }
    };
    check(&action.image, &SPEC.key("image"), "spec.image".to_owned(), false);
    check(&action.script, &SPEC.key("script"), "spec.script".to_owned(), false);
    let list = SPEC.key("command");
    action.command.iter().enumerate().for_each(|(i, t)| check(t, &list.item(i), format!("spec.command[{i}]"), true));
    let list = SPEC.key("args");
    action.args.iter().enumerate().for_each(|(i, t)| check(t, &list.item(i), format!("spec.args[{i}]"), true));
    let list = SPEC.key("env");
    for (index, env) in action.env.iter().enumerate() {
        check(&env.value, &list.item(index).key("value"), format!("spec.env[{}]", env.name), false);
    }
    let list = SPEC.key("volumeMounts");
    for (index, mount) in action.volume_mounts.iter().enumerate() {
        check(&mount.name, &list.item(index).key("name"), format!("spec.volumeMounts[{index}]"), false);
    }
}

/// Tekton: the name of a volume is one param and nothing else; it stops at the first that is not.
fn mounts(action: &StepActionSpec, scope: &Scope<'_>, report: &mut Report<'_>) {
    let list = SPEC.key("volumeMounts");
    for (index, mount) in action.volume_mounts.iter().enumerate() {
        let own = list.item(index);
        if !variables::is_single_param(&mount.name) {
            let finding = Finding::refuse(
                "mount-name",
                format!("`{}` is not one param: the task says which volume it is", mount.name),
            )
            .help("declare a param and write `name: $(params.volume)`")
            .invalid(&mount.name)
            .paths([format!("spec.volumeMounts[{index}].name")])
            .details("expect the Name to be a single param reference");
            report.add(&own.key("name"), finding);
            return;
        }
        let names = Names { prefix: "params", known: &scope.all, help: "declare it under `params`" };
        if let Some(finding) = variables::unknown(&mount.name, &names) {
            report.add(&own.key("name"), finding);
        }
    }
}
