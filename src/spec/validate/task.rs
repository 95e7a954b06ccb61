//! Tasks: their steps, sidecars, volumes, workspaces, params and results.
//!
//! Knows Tekton's rules between the fields of a TaskSpec. Does not know who refers to the task.

use super::params::{self, Scope};
use super::report::{Finding, Place, Report, SPEC};
use super::step::{self, FieldPlace};
use super::variables::{self, Names};
use super::{names, results, workspaces};
use crate::model::objects::TaskSpec;
use std::collections::{BTreeMap, BTreeSet};

/// The rules that hold for every task, wherever it stands.
pub(super) fn spec(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    if task.steps.is_empty() {
        let finding = Finding::refuse("missing-steps", "a task needs at least one step")
            .help("add `steps`, each with an `image` and a `script` or `command`")
            .words("missing field(s)")
            .paths([format!("{}.steps", place.path())]);
        report.add(&place.key("steps"), finding);
    }
    volumes(task, place, report);
    workspaces::declared(task, place, report);
    workspaces::used(task, place, report);
    step::list(task, place, report);
    step::sidecars(task, place, report);
    params::declared(&task.params, &place.key("params"), &[place.path()], report);
    texts(task, place, report);
    let list = place.key("results");
    for (index, result) in task.results.iter().enumerate() {
        results::task_result(result, &list.item(index), report);
    }
}

/// What only an object of its own must do: declare every param that it uses.
pub(super) fn declares_its_params(task: &TaskSpec, report: &mut Report<'_>) {
    let scope = Scope::of(&task.params);
    uses_known_params(task, &scope, &SPEC, "spec", report);
    params::objects_have_properties(&task.params, &SPEC.key("params"), report);
}

/// Every param that the steps use is in `scope`. `tekton` is the path that Tekton puts before
/// `.steps`, which leaves `taskSpec` out.
pub(super) fn uses_known_params(
    task: &TaskSpec,
    scope: &Scope<'_>,
    place: &Place<'_>,
    tekton: &str,
    report: &mut Report<'_>,
) {
    for field in step::fields(task) {
        if report.full() {
            return;
        }
        let mut found = scope.unknown(field.text);
        if !matches!(field.place, FieldPlace::Key("onError")) {
            found.extend(variables::object_in_string(field.text, scope.object_names()));
        }
        for finding in found {
            let finding = finding.paths([field.path(tekton)]);
            field.at(place, |at| report.add(at, finding));
        }
    }
}

/// Arrays of `scope` stand in the steps only where arrays may.
pub(super) fn arrays_in_their_places(
    task: &TaskSpec,
    arrays: &BTreeSet<&str>,
    place: &Place<'_>,
    tekton: &str,
    report: &mut Report<'_>,
) {
    if arrays.is_empty() {
        return;
    }
    for field in step::fields(task) {
        if report.full() {
            return;
        }
        let finding = if field.takes_arrays() {
            variables::array_not_alone(field.text, arrays)
        } else if matches!(field.place, FieldPlace::Key("onError")) {
            None
        } else {
            variables::array_in_string(field.text, arrays)
        };
        if let Some(finding) = finding {
            let finding = finding.paths([field.path(tekton)]);
            field.at(place, |at| report.add(at, finding));
        }
    }
}

/// Rules for references in the steps' texts that do not depend on who uses the task.
fn texts(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let tekton = place.path();
    arrays_in_their_places(task, &Scope::of(&task.params).arrays, place, &tekton, report);
    let task_run: BTreeSet<&str> = ["name", "namespace", "uid"].into();
    let own: BTreeSet<&str> = ["name", "retry-count"].into();
    let results: BTreeSet<&str> = task.results.iter().map(|r| r.name.as_str()).collect();
    let workspaces: BTreeSet<&str> = task.workspaces.iter().map(|w| w.name.as_str()).collect();
    let known = [
        Names { prefix: "context.taskRun", known: &task_run, help: "there is no such variable" },
        Names { prefix: "context.task", known: &own, help: "there is no such variable" },
    ];
    let declared = Names { prefix: "results", known: &results, help: "declare it under the task's `results`" };
    let bound = Names { prefix: "workspaces", known: &workspaces, help: "declare it under the task's `workspaces`" };
    for field in step::fields(task) {
        if report.full() {
            return;
        }
        let mut found: Vec<Finding> = known.iter().filter_map(|names| variables::unknown(field.text, names)).collect();
        if matches!(field.place, FieldPlace::Key("script")) {
            found.extend(variables::unknown(field.text, &declared));
        }
        for finding in found {
            let finding = finding.paths([field.path(&tekton)]);
            field.at(place, |at| report.add(at, finding));
        }
        if !task.workspaces.is_empty()
            && let Some(finding) = variables::unknown(field.text, &bound)
        {
            field.at(place, |at| report.add(at, finding.into_warning("unknown-workspace-variable")));
        }
    }
}

fn volumes(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let list = place.key("volumes");
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, volume) in task.volumes.iter().enumerate() {
        let own = list.item(index);
        let name = own.key("name");
        if let Some(first) = seen.insert(&volume.name, index) {
            let line = report.line(&list.item(first));
            let finding = Finding::refuse(
                "duplicate-volume",
                format!("two volumes are called `{}`, the first at line {line}", volume.name),
            )
            .help("rename one of them")
            .words(format!("multiple volumes with same name \"{}\"", volume.name));
            report.add(&name, finding);
        }
        if !volume.name.contains("$(") && !names::is_label(&volume.name) {
            let finding = Finding::warn("bad-name", format!("`{}` cannot be the name of a volume", volume.name))
                .help(names::name_help(&volume.name));
            report.add(&name, finding);
        }
    }
}
