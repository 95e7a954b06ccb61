//! Requests: what an executor is asked for, with every variable in its place.
//!
//! Knows how step, step template, pod template, sandbox block and resources come together.
//! Does not know who carries a request out. Steps are resolved at their turn, since they may
//! use results of the steps before them.

use super::resources::Container;
use super::run::Run;
use super::sandbox;
use super::scopes::{Missed, OuterParams, PipelineVars, StepArtifacts, StepResults, TaskResults, TaskVars};
use super::state::{TaskRun, step_name};
use super::{downward, fields, resources, volumes, when};
use crate::model::event::TaskRunId;
use crate::model::objects::{
    EnvFromSource, EnvVar, SecurityContext, Sidecar, Step, StepTemplate, TaskResult, VolumeMount, WorkspaceUsage,
};
use crate::model::outcome::Outcome;
use crate::model::request::{
    AttemptRequest, EnvRequest, MountRequest, ObjectKind, ProgramRequest, ResultRequest, SidecarRequest, StepOutline,
    StepRequest, UserRequest,
};
use crate::model::substitute::{Budget, Overflow, ParamScope, Scope, Scopes, text};
use crate::model::value::ParamType;
use std::sync::Arc;

/// What a step's turn comes to.
pub(super) enum StepTurn {
    Run {
        request: Box<StepRequest>,
        continues: bool,
    },
    /// Its guard says no.
    Skip,
    /// Its guard can't be evaluated.
    Fail(Outcome),
    /// Its variables expand to too much.
    Refuse(Overflow),
}

/// The scopes of a task's fields, in the order in which they are applied: what surrounds an inline
/// task, its params, everything else of the task.
pub(super) struct TaskScopes<'a> {
    outer: Option<(OuterParams<'a>, PipelineVars<'a>, TaskResults<'a>)>,
    params: ParamScope<'a>,
    vars: TaskVars<'a>,
}

impl<'a> TaskScopes<'a> {
    pub(super) fn new(run: &'a Run, task: &'a TaskRun, step: Option<usize>, usages: &'a [WorkspaceUsage]) -> Self {
        let around = task.parent.filter(|_| task.inline);
        let outer = around.and_then(|(at, _)| {
            let pipeline = run.pipelines.get(at)?;
            Some((
                OuterParams { outer: &pipeline.params, own: &task.given },
                PipelineVars { pipeline },
                TaskResults { run, pipeline: at },
            ))
        });
        Self { outer, params: ParamScope { values: &task.params, legacy: true }, vars: TaskVars { task, step, usages } }
    }

    /// All scopes.
    pub(super) fn all(&self) -> Vec<&dyn Scope> {
        let mut scopes = self.params();
        scopes.push(&self.vars);
        scopes
    }

    /// Those that give params of steps their values.
    pub(super) fn params(&self) -> Vec<&dyn Scope> {
        let mut scopes: Vec<&dyn Scope> = Vec::with_capacity(6);
        if let Some((params, vars, results)) = &self.outer {
            scopes.extend([params as &dyn Scope, vars, results]);
        }
        scopes.push(&self.params);
        scopes
    }
}

impl Run {
    /// What has to stand ready for an attempt. The volumes have been found mountable before.
    pub(super) fn attempt_request(&self, id: TaskRunId, budget: &Budget) -> AttemptRequest {
        let Some(task) = self.task(id) else {
            return empty_request();
        };
        let chain = TaskScopes::new(self, task, None, &[]);
        let list = chain.all();
        let scopes = Scopes::new(&list, budget);
        let template = task.pod_template.iter().flat_map(|t| &t.volumes);
        let all: Vec<_> = task.spec.volumes.iter().chain(template).map(|v| fields::volume(v, &scopes)).collect();
        let steps = task.spec.steps.iter().enumerate().map(|(at, step)| {
            let image = match task.spec.step_template.as_ref() {
                Some(template) if step.image.is_empty() => &template.image,
                _ => &step.image,
            };
            StepOutline { name: step_name(&task.spec, at), image: text(image, &scopes) }
        });
        AttemptRequest {
            namespace: task.meta.namespace.to_string(),
            task_run: task.meta.name.clone(),
            attempt: task.attempt,
            volumes: volumes::requests(&task.workspaces, &all, &|asked| downward::file(self, asked, task))
                .unwrap_or_default(),
            steps: steps.collect(),
            sidecars: (0..task.spec.sidecars.len()).filter_map(|at| self.sidecar_request(task, at, budget)).collect(),
            params: Arc::clone(&task.params),
            results: task.spec.results.iter().map(declared).collect(),
            service_account: match task.service_account.as_str() {
                "" => "default".to_owned(),
                account => account.to_owned(),
            },
            live: sandbox::is_live(&task.spec),
        }
    }

    /// A step at its turn.
    pub(super) fn step_request(&self, id: TaskRunId, at: usize) -> StepTurn {
        let gone = || StepTurn::Fail(Outcome::Infrastructure { message: "no such step".to_owned() });
        let Some(task) = self.task(id) else {
            return gone();
        };
        let Some(written) = task.spec.steps.get(at) else {
            return gone();
        };
        let budget = self.budget();
        let missed = Missed::default();
        let step = self.resolved_step(task, at, written, &missed, &budget);
        let mounts = self.mounts(task, &step.volume_mounts, &step.workspaces, &budget);
        if let Some(limit) = budget.overflow() {
            return StepTurn::Refuse(limit);
        }
        match when::allows(&step.when) {
            Ok(true) => {}
            Ok(false) => return StepTurn::Skip,
            // Tekton's entrypoint ends with 1 when it can't evaluate a guard.
            Err(_) => return StepTurn::Fail(Outcome::Exited { code: 1 }),
        }
        let continues = step.on_error == "continue";
        let Some(container) = Container::step(task, at) else {
            return gone();
        };
        let path = |config: &Option<crate::model::objects::StepOutputConfig>| {
            config.as_ref().map(|c| c.path.clone()).filter(|p| !p.is_empty())
        };
        let request = StepRequest {
            index: u32::try_from(at).unwrap_or(u32::MAX),
            name: step_name(&task.spec, at),
            timeout: step.timeout.and_then(|t| u64::try_from(t.0).ok()).filter(|t| *t > 0),
            results: step.results.iter().map(declared).collect(),
            stdout_path: path(&step.stdout_config),
            stderr_path: path(&step.stderr_config),
            notes: missed.notes(),
            program: ProgramRequest {
                source: task.sources.get(at).copied().unwrap_or_default(),
                env: environment(self, &step.env_from, &step.env, task, &container),
                user: user(step.security_context.as_ref(), task),
                mounts,
                image: step.image,
                command: step.command,
                args: step.args,
                script: Some(step.script).filter(|s| !s.is_empty()),
                working_dir: Some(step.working_dir).filter(|d| !d.is_empty()),
                sandbox: container.sandbox().clone(),
            },
        };
        StepTurn::Run { request: Box::new(request), continues }
    }

    /// A step with its template merged in and all variables replaced that are known at its turn.
    fn resolved_step(&self, task: &TaskRun, at: usize, written: &Step, missed: &Missed, budget: &Budget) -> Step {
        let chain = TaskScopes::new(self, task, Some(at), &written.workspaces);
        let list = chain.all();
        let scopes = Scopes::new(&list, budget);
        let mut step = fields::step(written, &scopes);
        if let Some(template) = &task.spec.step_template {
            let template = fields::template(template, &scopes);
            merge_template(&mut step, &template);
        }
        let (results, artifacts) = (StepResults { task }, StepArtifacts { task });
        fields::step_at_its_turn(&mut step, &Scopes::new(&[&results, &artifacts, missed], budget));
        // Tekton's entrypoint puts artifacts into scripts too, and results not.
        step.script = text(&step.script, &Scopes::new(&[&artifacts, missed], budget));
        step
    }

    fn sidecar_request(&self, task: &TaskRun, at: usize, budget: &Budget) -> Option<SidecarRequest> {
        let written = task.spec.sidecars.get(at)?;
        let chain = TaskScopes::new(self, task, None, &written.workspaces);
        let sidecar: Sidecar = fields::sidecar(written, &Scopes::new(&chain.all(), budget));
        let container = Container::sidecar(task, at)?;
        let name = if sidecar.name.is_empty() { format!("unnamed-{at}") } else { sidecar.name };
        let source = match &task.resolved {
            crate::model::plan::Resolved::Found(plan) => plan.source,
            crate::model::plan::Resolved::NotFound { .. } | crate::model::plan::Resolved::Unsupported { .. } => 0,
        };
        Some(SidecarRequest {
            name,
            readiness_probe: sidecar.readiness_probe,
            program: ProgramRequest {
                source,
                env: environment(self, &sidecar.env_from, &sidecar.env, task, &container),
                user: user(sidecar.security_context.as_ref(), task),
                mounts: self.mounts(task, &sidecar.volume_mounts, &sidecar.workspaces, budget),
                image: sidecar.image,
                command: sidecar.command,
                args: sidecar.args,
                script: Some(sidecar.script).filter(|s| !s.is_empty()),
                working_dir: Some(sidecar.working_dir).filter(|d| !d.is_empty()),
                sandbox: container.sandbox().clone(),
            },
        })
    }

    /// A program's mounts: its workspaces, and what it mounts by hand, which wins at the same path.
    fn mounts(
        &self,
        task: &TaskRun,
        by_hand: &[VolumeMount],
        usages: &[WorkspaceUsage],
        budget: &Budget,
    ) -> Vec<MountRequest> {
        let chain = TaskScopes::new(self, task, None, &[]);
        let list = chain.all();
        let scopes = Scopes::new(&list, budget);
        let declared = |name: &str| {
            let workspace = task.spec.workspaces.iter().find(|w| w.name == name)?;
            Some(text(&workspace.mount_path, &scopes))
        };
        let mut mounts = volumes::workspace_mounts(&task.spec, &task.workspaces, usages, declared);
        for mount in by_hand {
            mounts.retain(|m| m.mount_path != mount.mount_path);
            mounts.push(MountRequest {
                volume: mount.name.clone(),
                mount_path: mount.mount_path.clone(),
                sub_path: mount.sub_path.clone(),
                read_only: mount.read_only,
            });
        }
        mounts
    }
}

/// A declared result with its type. Tekton: an object where it has properties, else a string, unless it says.
fn declared(result: &TaskResult) -> ResultRequest {
    let r#type = match result.type_.as_str() {
        "array" => ParamType::Array,
        "object" => ParamType::Object,
        "" if result.properties.is_some() => ParamType::Object,
        _ => ParamType::String,
    };
    ResultRequest { name: result.name.clone(), r#type }
}

fn empty_request() -> AttemptRequest {
    AttemptRequest {
        namespace: String::new(),
        task_run: String::new(),
        attempt: 0,
        volumes: Vec::new(),
        steps: Vec::new(),
        sidecars: Vec::new(),
        params: Arc::default(),
        results: Vec::new(),
        service_account: String::new(),
        live: false,
    }
}

/// Tekton: `MergeStepsWithStepTemplate`: env by name, mounts by path, command and args replaced.
fn merge_template(step: &mut Step, template: &StepTemplate) {
    let fill = |own: &mut String, from: &String| {
        if own.is_empty() {
            own.clone_from(from);
        }
    };
    fill(&mut step.image, &template.image);
    fill(&mut step.working_dir, &template.working_dir);
    fill(&mut step.image_pull_policy, &template.image_pull_policy);
    // A script is the step's command: the template's would stand against it.
    if step.command.is_empty() && step.script.is_empty() {
        step.command.clone_from(&template.command);
    }
    if step.args.is_empty() {
        step.args.clone_from(&template.args);
    }
    step.env = merged_env(&template.env, std::mem::take(&mut step.env));
    // Kubernetes: a list that is no list of its own names is replaced.
    if step.env_from.is_empty() {
        step.env_from.clone_from(&template.env_from);
    }
    let mut mounts: Vec<VolumeMount> = template
        .volume_mounts
        .iter()
        .filter(|m| !step.volume_mounts.iter().any(|own| own.mount_path == m.mount_path))
        .cloned()
        .collect();
    mounts.append(&mut step.volume_mounts);
    step.volume_mounts = mounts;
    resources::fill(&mut step.compute_resources, &template.compute_resources);
    if let (Some(own), Some(from)) = (&mut step.security_context, &template.security_context) {
        own.run_as_user = own.run_as_user.or(from.run_as_user);
        own.run_as_group = own.run_as_group.or(from.run_as_group);
    } else if step.security_context.is_none() {
        step.security_context.clone_from(&template.security_context);
    }
}

/// Who a program runs as: its own context's words for it, else its Pod's.
fn user(own: Option<&SecurityContext>, task: &TaskRun) -> Option<UserRequest> {
    let pod = task.pod_template.as_ref().and_then(|template| template.security_context.as_ref());
    let number = |own: Option<i64>, pod: Option<i64>| own.or(pod).and_then(|number| u32::try_from(number).ok());
    let user = number(own.and_then(|c| c.run_as_user), pod.and_then(|c| c.run_as_user));
    let group = number(own.and_then(|c| c.run_as_group), pod.and_then(|c| c.run_as_group));
    let said = UserRequest { user: user.unwrap_or(0), group: group.unwrap_or(0) };
    (said != UserRequest { user: 0, group: 0 }).then_some(said)
}

/// Kubernetes' merge of lists with names (`mergeSortedSlice`): each keeps its order, and one of the template stands before
/// the step's next one only where the template has both, in that order.
fn merged_env(template: &[EnvVar], own: Vec<EnvVar>) -> Vec<EnvVar> {
    let place = |name: &str| template.iter().position(|variable| variable.name == name);
    let mut left = template.iter().enumerate().filter(|(_, t)| !own.iter().any(|o| o.name == t.name)).peekable();
    let mut merged = Vec::with_capacity(template.len() + own.len());
    for variable in &own {
        if let Some(place) = place(&variable.name) {
            while let Some((_, before)) = left.next_if(|(at, _)| *at < place) {
                merged.push(before.clone());
            }
        }
        merged.push(variable.clone());
    }
    merged.extend(left.map(|(_, variable)| variable.clone()));
    merged
}

/// The environment in the order in which it applies: whole objects, the program's own, the pod
/// template's (Tekton: the last wins).
fn environment(
    run: &Run,
    from: &[EnvFromSource],
    own: &[EnvVar],
    task: &TaskRun,
    container: &Container,
) -> Vec<EnvRequest> {
    let mut env = Vec::with_capacity(from.len() + own.len());
    for source in from {
        let sources = [(ObjectKind::ConfigMap, &source.config_map_ref), (ObjectKind::Secret, &source.secret_ref)];
        for (object, name) in sources {
            if let Some(name) = name {
                env.push(EnvRequest::All {
                    prefix: source.prefix.clone(),
                    object,
                    object_name: name.name.clone(),
                    optional: name.optional,
                });
            }
        }
    }
    let template = task.pod_template.iter().flat_map(|t| &t.env);
    env.extend(own.iter().chain(template).map(|v| variable(run, v, task, container)));
    env
}

fn variable(run: &Run, variable: &EnvVar, task: &TaskRun, container: &Container) -> EnvRequest {
    let name = variable.name.clone();
    let Some(from) = &variable.value_from else {
        return EnvRequest::Value { name, value: variable.value.clone() };
    };
    let keys = [(ObjectKind::ConfigMap, &from.config_map_key_ref), (ObjectKind::Secret, &from.secret_key_ref)];
    for (object, key) in keys {
        if let Some(key) = key {
            return EnvRequest::Key {
                name,
                object,
                object_name: key.name.clone(),
                key: key.key.clone(),
                optional: key.optional,
            };
        }
    }
    // Kubernetes: `$(NAME)` stands for a variable only in what the user wrote.
    let value = downward::variable(run, from, task, Some(container)).replace('$', "$$");
    EnvRequest::Value { name, value }
}
