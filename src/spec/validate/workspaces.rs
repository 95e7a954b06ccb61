//! Workspaces: declared by tasks and pipelines, used by steps, bound by runs.
//!
//! Knows Tekton's rules for names, mount paths and sources. Does not know what a source holds.

use super::report::{Finding, Place, Report};
use super::step::clean;
use crate::model::decode::nearest;
use crate::model::objects::{PipelineTask, PipelineWorkspace, TaskSpec, WorkspaceBinding, WorkspaceUsage};
use std::collections::{BTreeMap, BTreeSet};

/// Workspaces that a task declares: names and mount paths once.
pub(super) fn declared(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let list = place.key("workspaces");
    let template = task.step_template.iter().flat_map(|t| &t.volume_mounts);
    let mounts = task.steps.iter().flat_map(|s| &s.volume_mounts).chain(template);
    let mut paths: BTreeSet<String> = mounts.map(|m| clean(&m.mount_path)).collect();
    let mut names = BTreeSet::new();
    for (index, workspace) in task.workspaces.iter().enumerate() {
        let own = list.item(index);
        if !names.insert(&workspace.name) {
            let finding =
                Finding::refuse("duplicate-workspace", format!("the workspace `{}` is declared twice", workspace.name))
                    .help("rename or remove one of them")
                    .words(format!("workspace name \"{}\" must be unique", workspace.name));
            report.add(&own.key("name"), finding);
        }
        let path = if workspace.mount_path.is_empty() {
            format!("/workspace/{}", workspace.name)
        } else {
            workspace.mount_path.clone()
        };
        let path = clean(&path);
        if !paths.insert(path.clone()) {
            let finding = Finding::refuse("duplicate-mount", format!("something else is mounted at `{path}` already"))
                .help("give the workspace a `mountPath` of its own")
                .words(format!("workspace mount path \"{path}\" must be unique"))
                .paths([format!("{}.mountpath", own.path())]);
            report.add(&own.key("mountPath"), finding);
        }
    }
}

/// Workspaces that steps and sidecars use alone are declared by the task.
pub(super) fn used(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let names: BTreeSet<&str> = task.workspaces.iter().map(|w| w.name.as_str()).collect();
    let known: Vec<&str> = names.iter().copied().collect();
    let mut check = |list: &str, index: usize, uses: &[WorkspaceUsage]| {
        for (at, usage) in uses.iter().enumerate().filter(|(_, u)| !names.contains(u.name.as_str())) {
            if report.full() {
                return;
            }
            let help = match nearest(&usage.name, &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare it under the task's `workspaces`".to_owned(),
            };
            let finding =
                Finding::refuse("unknown-workspace", format!("the task declares no workspace `{}`", usage.name))
                    .help(help)
                    .words(format!("undefined workspace \"{}\"", usage.name));
            let all = place.key(list);
            let own = all.item(index);
            report.add(&own.key("workspaces").item(at).key("name"), finding);
        }
    };
    task.steps.iter().enumerate().for_each(|(i, s)| check("steps", i, &s.workspaces));
    task.sidecars.iter().enumerate().for_each(|(i, s)| check("sidecars", i, &s.workspaces));
}

/// Workspaces that a pipeline declares.
pub(super) fn of_pipeline(workspaces: &[PipelineWorkspace], place: &Place<'_>, report: &mut Report<'_>) {
    let list = place.key("workspaces");
    let mut seen = BTreeSet::new();
    for (index, workspace) in workspaces.iter().enumerate() {
        let own = list.item(index);
        if workspace.name.is_empty() {
            let finding = Finding::refuse("missing-name", "the workspace has no name")
                .help("add a `name`")
                .invalid(format!("workspace {index} has empty name"));
            report.add(&own, finding);
        }
        if !seen.insert(&workspace.name) {
            let finding =
                Finding::refuse("duplicate-workspace", format!("the workspace `{}` is declared twice", workspace.name))
                    .help("rename or remove one of them")
                    .invalid(format!("workspace with name \"{}\" appears more than once", workspace.name));
            report.add(&own, finding);
        }
    }
}

/// Workspaces that a pipeline task maps are declared by the pipeline.
pub(super) fn of_pipeline_task(
    task: &PipelineTask,
    known: &BTreeSet<&str>,
    place: &Place<'_>,
    report: &mut Report<'_>,
) {
    let list = place.key("workspaces");
    let mut seen = BTreeSet::new();
    for (index, workspace) in task.workspaces.iter().enumerate() {
        let own = list.item(index);
        if !seen.insert(&workspace.name) {
            let finding = Finding::refuse(
                "duplicate-workspace",
                format!("the task's workspace `{}` is mapped twice", workspace.name),
            )
            .help("keep one of the two")
            .words(format!("workspace name \"{}\" must be unique", workspace.name));
            report.add(&own, finding);
        }
        let wanted = if workspace.workspace.is_empty() { &workspace.name } else { &workspace.workspace };
        if !known.contains(wanted.as_str()) {
            let all: Vec<&str> = known.iter().copied().collect();
            let help = match nearest(wanted, &all) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare it under the pipeline's `workspaces`".to_owned(),
            };
            let finding = Finding::refuse(
                "unknown-workspace",
                format!("the pipeline declares no workspace `{wanted}`"),
            )
            .help(help)
            .invalid(format!(
                "pipeline task \"{}\" expects workspace with name \"{wanted}\" but none exists in pipeline spec",
                task.name
            ));
            let field = if workspace.workspace.is_empty() { "name" } else { "workspace" };
            report.add(&own.key(field), finding.paths([own.path()]));
        }
    }
}

/// Whose run a binding belongs to: Tekton words a double name differently.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Owner {
    TaskRun,
    PipelineRun,
}

/// Workspaces that a run binds.
pub(super) fn bindings(list: &[WorkspaceBinding], owner: Owner, place: &Place<'_>, report: &mut Report<'_>) {
    let all = place.key("workspaces");
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, binding) in list.iter().enumerate() {
        let own = all.item(index);
        source(binding, &own, report);
        let key = if owner == Owner::TaskRun { binding.name.to_lowercase() } else { binding.name.clone() };
        if let Some(first) = seen.insert(key, index) {
            let words = match owner {
                Owner::TaskRun => "expected exactly one, got both".to_owned(),
                Owner::PipelineRun => {
                    format!(
                        "workspace \"{}\" provided by pipelinerun more than once, at index {first} and {index}",
                        binding.name
                    )
                }
            };
            let line = report.line(&all.item(first));
            let finding = Finding::refuse(
                "duplicate-workspace",
                format!("the workspace `{}` is bound twice, first at line {line}", binding.name),
            )
            .help("keep one of the two")
            .words(words);
            report.add(&own.key("name"), finding);
        }
    }
}

fn source(binding: &WorkspaceBinding, own: &Place<'_>, report: &mut Report<'_>) {
    if *binding == WorkspaceBinding::default() {
        let finding = Finding::refuse("empty-binding", "the workspace binding is empty")
            .help("write a `name` and a source such as `emptyDir: {}`")
            .words("missing field(s)");
        report.add(own, finding);
        return;
    }
    let sources: Vec<&str> = [
        ("emptyDir", binding.empty_dir.is_some()),
        ("persistentVolumeClaim", binding.persistent_volume_claim.is_some()),
        ("volumeClaimTemplate", binding.volume_claim_template.is_some()),
        ("configMap", binding.config_map.is_some()),
        ("secret", binding.secret.is_some()),
        ("projected", binding.projected.is_some()),
        ("csi", binding.csi.is_some()),
    ]
    .into_iter()
    .filter(|(_, set)| *set)
    .map(|(name, _)| name)
    .collect();
    let own_path = own.path();
    let fields = ["persistentvolumeclaim", "volumeclaimtemplate", "emptydir", "configmap", "secret"]
        .map(|f| format!("{own_path}.{f}"));
    match sources.as_slice() {
        [] => {
            let finding = Finding::refuse("missing-source", format!("the workspace `{}` says no source", binding.name))
                .help("add one, such as `emptyDir: {}` or `persistentVolumeClaim: {claimName: ...}`")
                .words("expected exactly one, got neither")
                .paths(fields);
            report.add(own, finding);
        }
        [_] => named_source(binding, own, report),
        several => {
            let finding = Finding::refuse(
                "several-sources",
                format!("the workspace `{}` has several sources: {}", binding.name, several.join(", ")),
            )
            .help("keep one of them")
            .words("expected exactly one, got both")
            .paths(fields);
            report.add(own, finding);
        }
    }
}

/// Sources that refer to something name it.
fn named_source(binding: &WorkspaceBinding, own: &Place<'_>, report: &mut Report<'_>) {
    let claim = binding.persistent_volume_claim.as_ref().is_some_and(|c| c.claim_name.is_empty());
    let config = binding.config_map.as_ref().is_some_and(|c| c.name.is_empty());
    let secret = binding.secret.as_ref().is_some_and(|s| s.secret_name.is_empty());
    let projected = binding.projected.as_ref().is_some_and(|p| p.sources.is_empty());
    let csi = binding
        .csi
        .as_ref()
        .is_some_and(|c| c.get("driver").and_then(serde_json::Value::as_str).unwrap_or_default().is_empty());
    let lacking = [
        (claim, "persistentVolumeClaim", "claimName", "persistentvolumeclaim.claimname"),
        (config, "configMap", "name", "configmap.name"),
        (secret, "secret", "secretName", "secret.secretName"),
        (projected, "projected", "sources", "projected.sources"),
        (csi, "csi", "driver", "csi.driver"),
    ];
    for (_, source, field, tekton) in lacking.into_iter().filter(|(lacks, ..)| *lacks) {
        let finding =
            Finding::refuse("missing-field", format!("`{source}` of the workspace `{}` needs `{field}`", binding.name))
                .help(format!("add `{field}`"))
                .words("missing field(s)")
                .paths([format!("{}.{tekton}", own.path())]);
        report.add(&own.key(source), finding);
    }
}
