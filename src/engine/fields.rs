//! Which fields of objects take variables, and which references stand in them.
//!
//! Knows the fields that Tekton substitutes in pipeline tasks, steps, sidecars, volumes and
//! workspace bindings. Does not know what any variable stands for.

use crate::model::objects::{
    EnvFromSource, EnvVar, KeyToPath, Matrix, Param, PipelineTask, Sidecar, Step, StepTemplate, TaskSpec, Volume,
    VolumeMount, WorkspaceBinding,
};
use crate::model::substitute::{
    Budget, ExpansionLimits, Lookup, ResultRef, Scope, Scopes, has_reference, list, params, references, text,
    value_has_reference, value_references, when,
};
use crate::model::value::ParamValue;
use std::cell::RefCell;
use std::sync::Arc;

fn set(target: &mut String, scopes: &Scopes<'_>) {
    if has_reference(target) {
        *target = text(target, scopes);
    }
}

/// A pipeline task with variables replaced; shared where there are none.
pub(super) fn pipeline_task(task: &Arc<PipelineTask>, scopes: &Scopes<'_>) -> Arc<PipelineTask> {
    if !has_variables(task) {
        return Arc::clone(task);
    }
    let mut task = PipelineTask::clone(task);
    task.params = params(&task.params, scopes);
    if let Some(matrix) = &mut task.matrix {
        matrix.params = params(&matrix.params, scopes);
        for include in &mut matrix.include {
            include.params = params(&include.params, scopes);
        }
    }
    set(&mut task.display_name, scopes);
    set(&mut task.on_error, scopes);
    for workspace in &mut task.workspaces {
        set(&mut workspace.sub_path, scopes);
    }
    task.when = when(&task.when, scopes);
    if let Some(reference) = &mut task.task_ref {
        set(&mut reference.name, scopes);
        reference.params = params(&reference.params, scopes);
    }
    Arc::new(task)
}

/// Whether any field of the task itself (not of an inline spec) holds a reference.
pub(super) fn has_variables(task: &PipelineTask) -> bool {
    let in_params = |params: &[Param]| params.iter().any(|p| p.value.as_ref().is_some_and(value_has_reference));
    let in_matrix = |m: &Matrix| in_params(&m.params) || m.include.iter().any(|i| in_params(&i.params));
    in_params(&task.params)
        || task.matrix.as_ref().is_some_and(in_matrix)
        || has_reference(&task.display_name)
        || has_reference(&task.on_error)
        || task.workspaces.iter().any(|w| has_reference(&w.sub_path))
        || task
            .when
            .iter()
            .any(|w| has_reference(&w.input) || has_reference(&w.cel) || w.values.iter().any(|v| has_reference(v)))
        || task.task_ref.as_ref().is_some_and(|r| has_reference(&r.name) || in_params(&r.params))
}

/// All params of a matrix, `include` with them.
pub(super) fn matrix_params(task: &PipelineTask) -> Vec<&Param> {
    let Some(matrix) = &task.matrix else {
        return Vec::new();
    };
    let included = matrix.include.iter().flat_map(|i| &i.params);
    matrix.params.iter().chain(included).collect()
}

/// References in a task's params, matrix and guards.
fn outer_references(task: &PipelineTask) -> Vec<&str> {
    let mut found: Vec<&str> = task
        .params
        .iter()
        .chain(matrix_params(task))
        .filter_map(|p| p.value.as_ref())
        .flat_map(value_references)
        .collect();
    for guard in &task.when {
        found.extend(references(&guard.input));
        found.extend(references(&guard.cel));
        found.extend(guard.values.iter().flat_map(|v| references(v)));
    }
    found
}

fn value_texts(value: &ParamValue) -> Vec<&str> {
    match value {
        ParamValue::String(text) => vec![text],
        ParamValue::Array(items) => items.iter().map(String::as_str).collect(),
        ParamValue::Object(map) => map.values().map(String::as_str).collect(),
    }
}

/// Texts of a task in which items of results are looked for.
pub(super) fn task_texts(task: &PipelineTask) -> Vec<&str> {
    let values = task.params.iter().chain(matrix_params(task)).filter_map(|p| p.value.as_ref());
    let mut texts: Vec<&str> = Vec::new();
    texts.extend(values.flat_map(value_texts));
    for guard in &task.when {
        texts.push(&guard.input);
        texts.extend(guard.values.iter().map(String::as_str));
    }
    texts
}

/// Texts of a pipeline's task in which Tekton looks for items of the pipeline's array params: not
/// the rows that a matrix includes, and sub paths only of tasks that are not `finally`
/// (`PipelineSpec.GetIndexingReferencesToArrayParams`).
pub(super) fn indexed_texts(task: &PipelineTask, is_final: bool) -> Vec<&str> {
    let matrix = task.matrix.iter().flat_map(|m| &m.params);
    let mut texts: Vec<&str> =
        task.params.iter().chain(matrix).filter_map(|p| p.value.as_ref()).flat_map(value_texts).collect();
    for guard in &task.when {
        texts.push(&guard.input);
        texts.extend(guard.values.iter().map(String::as_str));
    }
    if !is_final {
        texts.extend(task.workspaces.iter().map(|w| w.sub_path.as_str()));
    }
    texts
}

/// References in all fields of a task that Tekton searches for items of the task's array params
/// (`TaskSpec.GetIndexingReferencesToArrayParams`), each as text.
pub(super) fn task_references(spec: &TaskSpec) -> Vec<String> {
    let seen = Seen::default();
    let budget = Budget::new(ExpansionLimits::default(), 0);
    let list: &[&dyn Scope] = &[&seen];
    let scopes = Scopes::new(list, &budget);
    for written in &spec.steps {
        let mut own = written.clone();
        own.when.clear();
        own.params.clear();
        own.on_error.clear();
        (own.stdout_config, own.stderr_config) = (None, None);
        step(&own, &scopes);
    }
    spec.step_template.iter().for_each(|t| drop(template(t, &scopes)));
    spec.sidecars.iter().for_each(|s| drop(sidecar(s, &scopes)));
    spec.volumes.iter().for_each(|v| drop(volume(v, &scopes)));
    spec.workspaces.iter().for_each(|w| drop(text(&w.mount_path, &scopes)));
    seen.0.take()
}

/// Knows no name, and keeps those that it is asked for.
#[derive(Default)]
struct Seen(RefCell<Vec<String>>);

impl Scope for Seen {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        self.0.borrow_mut().push(format!("$({name})"));
        None
    }
}

/// (task, result) of the result references among `expressions`.
pub(super) fn refs_in<'a>(expressions: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    expressions.into_iter().filter_map(ResultRef::parse).map(|r| (r.task.to_owned(), r.result.to_owned())).collect()
}

/// (task, result) of every result that a task refers to: in its params, matrix, guards and the text
/// of its inline steps and sidecars (Tekton: `PipelineTaskResultRefs`).
pub(super) fn result_refs(task: &PipelineTask) -> Vec<(String, String)> {
    let mut found = refs_in(outer_references(task));
    if let Some(embedded) = &task.task_spec {
        for step in &embedded.task.steps {
            let texts = [&step.name, &step.image, &step.working_dir, &step.script];
            found.extend(program_refs(texts, &step.command, &step.args, &step.env));
        }
        for sidecar in &embedded.task.sidecars {
            let texts = [&sidecar.name, &sidecar.image, &sidecar.working_dir, &sidecar.script];
            found.extend(program_refs(texts, &sidecar.command, &sidecar.args, &sidecar.env));
        }
    }
    found
}

fn program_refs(texts: [&String; 4], command: &[String], args: &[String], env: &[EnvVar]) -> Vec<(String, String)> {
    let all = texts.into_iter().chain(command).chain(args).chain(env.iter().map(|e| &e.value));
    refs_in(all.flat_map(|t| references(t)))
}

/// Whether a task's params or guards refer to results (Tekton: `hasResultReferences`).
pub(super) fn refers_to_results(task: &PipelineTask) -> bool {
    let in_params = task.params.iter().filter_map(|p| p.value.as_ref()).flat_map(value_references);
    let in_when = task.when.iter().flat_map(|w| {
        references(&w.input).into_iter().chain(references(&w.cel)).chain(w.values.iter().flat_map(|v| references(v)))
    });
    let mut all = in_params.chain(in_when);
    all.any(|r| ResultRef::parse(r).is_some())
}

/// Workspace bindings with variables replaced.
pub(super) fn bindings(bindings: &[WorkspaceBinding], scopes: &Scopes<'_>) -> Vec<WorkspaceBinding> {
    bindings.iter().map(|b| binding(b, scopes)).collect()
}

/// A workspace binding with variables replaced.
pub(super) fn binding(binding: &WorkspaceBinding, scopes: &Scopes<'_>) -> WorkspaceBinding {
    let mut binding = binding.clone();
    set(&mut binding.sub_path, scopes);
    if let Some(claim) = &mut binding.persistent_volume_claim {
        set(&mut claim.claim_name, scopes);
    }
    if let Some(map) = &mut binding.config_map {
        set(&mut map.name, scopes);
        items(&mut map.items, scopes);
    }
    if let Some(secret) = &mut binding.secret {
        set(&mut secret.secret_name, scopes);
        items(&mut secret.items, scopes);
    }
    if let Some(projected) = &mut binding.projected {
        for source in &mut projected.sources {
            if let Some(map) = &mut source.config_map {
                set(&mut map.name, scopes);
                items(&mut map.items, scopes);
            }
            if let Some(secret) = &mut source.secret {
                set(&mut secret.name, scopes);
                items(&mut secret.items, scopes);
            }
        }
    }
    binding
}

fn items(items: &mut [KeyToPath], scopes: &Scopes<'_>) {
    for item in items {
        set(&mut item.key, scopes);
        set(&mut item.path, scopes);
    }
}

/// A task's volume with variables replaced.
pub(super) fn volume(volume: &Volume, scopes: &Scopes<'_>) -> Volume {
    let mut volume = volume.clone();
    set(&mut volume.name, scopes);
    if let Some(map) = &mut volume.config_map {
        set(&mut map.name, scopes);
        items(&mut map.items, scopes);
    }
    if let Some(secret) = &mut volume.secret {
        set(&mut secret.secret_name, scopes);
        items(&mut secret.items, scopes);
    }
    if let Some(claim) = &mut volume.persistent_volume_claim {
        set(&mut claim.claim_name, scopes);
    }
    if let Some(projected) = &mut volume.projected {
        for source in &mut projected.sources {
            if let Some(map) = &mut source.config_map {
                set(&mut map.name, scopes);
            }
            if let Some(secret) = &mut source.secret {
                set(&mut secret.name, scopes);
            }
        }
    }
    volume
}

fn environment(env: &mut [EnvVar], env_from: &mut [EnvFromSource], scopes: &Scopes<'_>) {
    for variable in env {
        set(&mut variable.value, scopes);
        if let Some(from) = &mut variable.value_from {
            for key in [&mut from.secret_key_ref, &mut from.config_map_key_ref].into_iter().flatten() {
                set(&mut key.name, scopes);
                set(&mut key.key, scopes);
            }
        }
    }
    for source in env_from {
        set(&mut source.prefix, scopes);
        for name in [&mut source.config_map_ref, &mut source.secret_ref].into_iter().flatten() {
            set(&mut name.name, scopes);
        }
    }
}

fn mounts(mounts: &mut [VolumeMount], scopes: &Scopes<'_>) {
    for mount in mounts {
        set(&mut mount.name, scopes);
        set(&mut mount.mount_path, scopes);
        set(&mut mount.sub_path, scopes);
    }
}

/// A step with variables replaced.
pub(super) fn step(step: &Step, scopes: &Scopes<'_>) -> Step {
    let mut step = step.clone();
    for field in [
        &mut step.name,
        &mut step.image,
        &mut step.image_pull_policy,
        &mut step.script,
        &mut step.working_dir,
        &mut step.on_error,
    ] {
        set(field, scopes);
    }
    step.command = list(&step.command, scopes);
    step.args = list(&step.args, scopes);
    environment(&mut step.env, &mut step.env_from, scopes);
    mounts(&mut step.volume_mounts, scopes);
    for config in [&mut step.stdout_config, &mut step.stderr_config].into_iter().flatten() {
        set(&mut config.path, scopes);
    }
    step.when = when(&step.when, scopes);
    step.params = params(&step.params, scopes);
    step
}

/// What `steps.<s>.results` may stand in (Tekton's entrypoint): command, args, env and guards.
pub(super) fn step_at_its_turn(step: &mut Step, scopes: &Scopes<'_>) {
    step.command = list(&step.command, scopes);
    step.args = list(&step.args, scopes);
    for variable in &mut step.env {
        set(&mut variable.value, scopes);
    }
    step.when = when(&step.when, scopes);
}

/// A step template with variables replaced.
pub(super) fn template(template: &StepTemplate, scopes: &Scopes<'_>) -> StepTemplate {
    let mut template = template.clone();
    for field in [&mut template.image, &mut template.image_pull_policy, &mut template.working_dir] {
        set(field, scopes);
    }
    template.command = list(&template.command, scopes);
    template.args = list(&template.args, scopes);
    environment(&mut template.env, &mut template.env_from, scopes);
    mounts(&mut template.volume_mounts, scopes);
    template
}

/// A sidecar with variables replaced.
pub(super) fn sidecar(sidecar: &Sidecar, scopes: &Scopes<'_>) -> Sidecar {
    let mut sidecar = sidecar.clone();
    for field in [
        &mut sidecar.name,
        &mut sidecar.image,
        &mut sidecar.image_pull_policy,
        &mut sidecar.script,
        &mut sidecar.working_dir,
    ] {
        set(field, scopes);
    }
    sidecar.command = list(&sidecar.command, scopes);
    sidecar.args = list(&sidecar.args, scopes);
    environment(&mut sidecar.env, &mut sidecar.env_from, scopes);
    mounts(&mut sidecar.volume_mounts, scopes);
    sidecar
}
