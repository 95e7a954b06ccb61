//! Making what a pipeline task runs: TaskRuns, or a child PipelineRun.
//!
//! Knows names, labels, params, workspaces and settings of children (Tekton: `createTaskRun`,
//! `createChildPipelineRun`). Does not know how they run.

use super::checks::Names;
use super::names::run_names;
use super::run::Run;
use super::scopes::{PipelineVars, TaskResults};
use super::state::{Children, Meta, NodeState, Pipeline, PipelineIx, Values};
use super::{fields, labels, matrix, params, pipeline, task, volumes};
use crate::model::event::TaskRunId;
use crate::model::objects::{Param, PipelineRunSpec, PipelineTask, PipelineTaskRunSpec, PodTemplate, WorkspaceBinding};
use crate::model::plan::{PipelinePlan, Resolved, TaskBody, TaskPlan};
use crate::model::substitute::{Budget, Overflow, Scopes, text};
use crate::model::tree::Span;
use std::sync::Arc;

const INVALID: &str = "PipelineValidationFailed";
const CREATE_FAILED: &str = "CreateRunFailed";

impl Run {
    /// Makes the runs of a node and starts them.
    pub(super) fn spawn(&mut self, at: PipelineIx, ix: u32) {
        let Some(task) = self.last_variables(at, ix) else {
            return;
        };
        let Some((pipeline, _)) = self.node(at, ix) else {
            return;
        };
        let planned = pipeline.plan().and_then(|p| p.tasks.get(ix as usize));
        let Some((body, span)) = planned.map(|t| (t.body.clone(), t.span)) else {
            return;
        };
        if task.matrix.is_some()
            && let Some(wrong) =
                pipeline.nodes.iter().find_map(|n| matrix::wrong_type(&n.task.name, n.task.matrix.as_ref()?))
        {
            let message = format!("Failed to validate matrix {:?} with error [User error] {wrong}", pipeline.meta.name);
            return self.fail_pipeline(at, "InvalidMatrixParameterTypes", message);
        }
        match body {
            TaskBody::Task(Resolved::Unsupported { message })
            | TaskBody::Pipeline(Resolved::Unsupported { message }) => {
                self.fail_pipeline(at, CREATE_FAILED, message);
            }
            TaskBody::Task(resolved) => self.spawn_tasks(at, ix, &task, resolved, span),
            TaskBody::Pipeline(resolved) => self.spawn_pipelines(at, ix, &task, resolved, span),
        }
    }

    /// The params of each TaskRun that a task makes: one, or one for each row of its matrix; and
    /// how many bytes they hold. The error is the run's reason and message.
    fn given_rows(
        &self,
        pipeline: &Pipeline,
        task: &PipelineTask,
        resolved: &Resolved<TaskPlan>,
    ) -> Result<(Vec<Values>, usize), (&'static str, String)> {
        let (rows, count) = match &task.matrix {
            Some(fan) => (matrix::fan_out(fan), matrix::count(fan)),
            None => (Vec::new(), 1),
        };
        let specs = match resolved {
            Resolved::Found(plan) => plan.spec.params.as_slice(),
            Resolved::NotFound { .. } | Resolved::Unsupported { .. } => &[],
        };
        let mut all = Vec::with_capacity(count);
        let mut held = 0usize;
        for row in 0..count {
            let mut values = rows.get(row).cloned().unwrap_or_default();
            values.extend(task.params.iter().cloned());
            let values = params::given(&values);
            held = held.saturating_add(params::size(&values));
            if self.kept.saturating_add(held) > self.options.expansion.run {
                let limit = Overflow::Run(self.options.expansion.run);
                return Err((INVALID, pipeline::too_much(&Names::of(pipeline).pipeline, limit)));
            }
            if let Some(bad) = params::outside_enum(specs, &values) {
                let name = &task.name;
                let message = format!("[User error] Invalid param value from PipelineTask \"{name}\": {bad}");
                return Err(("InvalidParamValue", message));
            }
            all.push(values);
        }
        Ok((all, held))
    }

    fn spawn_tasks(
        &mut self,
        at: PipelineIx,
        ix: u32,
        task: &Arc<PipelineTask>,
        resolved: Resolved<TaskPlan>,
        span: Span,
    ) {
        let Some(pipeline) = self.pipelines.get(at) else {
            return;
        };
        let (all, held) = match self.given_rows(pipeline, task, &resolved) {
            Ok(rows) => rows,
            Err((reason, message)) => return self.fail_pipeline(at, reason, message),
        };
        let count = all.len();
        let budget = self.budget();
        let workspaces = match task_workspaces(self, at, pipeline, task, &resolved, &budget) {
            Ok(_) if let Some(limit) = budget.overflow() => {
                let message = pipeline::too_much(&Names::of(pipeline).pipeline, limit);
                return self.fail_pipeline(at, INVALID, message);
            }
            Ok(workspaces) => workspaces,
            Err(message) => return self.fail_pipeline(at, CREATE_FAILED, message),
        };
        if self.tasks.len() + count > self.options.max_task_runs {
            let most = self.options.max_task_runs;
            let message = format!("the run would have more than {most} TaskRuns");
            return self.fail_pipeline(at, CREATE_FAILED, message);
        }
        let over = pipeline.spec.task_run_specs.iter().rfind(|s| s.pipeline_task_name == task.name);
        let common = Common::of(pipeline, over);
        let own_timeout = self.given_timeout(pipeline, ix, task.timeout, over);
        let mut ids = Vec::with_capacity(count);
        for (name, given) in run_names(&pipeline.meta.name, &task.name, count).into_iter().zip(all) {
            let id = TaskRunId(u32::try_from(self.tasks.len()).unwrap_or(u32::MAX));
            let meta = Meta::child(name, &pipeline.meta.namespace, &pipeline.owner);
            let settings = task::Settings {
                given,
                workspaces: workspaces.clone(),
                service_account: common.service_account.clone(),
                pod_template: common.pod_template.clone(),
                step_specs: over.map(|o| o.step_specs.clone()).unwrap_or_default(),
                sidecar_specs: over.map(|o| o.sidecar_specs.clone()).unwrap_or_default(),
                compute_resources: over.and_then(|o| o.compute_resources.clone()),
                retries: task.retries,
                timeout: own_timeout,
                ignores_failure: task.on_error == "continue",
            };
            let inline = task.task_spec.is_some();
            let run = task::made(meta, Some((at, ix)), &resolved, inline, settings, span, self.options);
            self.tasks.push(run);
            ids.push(id);
        }
        self.kept = self.kept.saturating_add(held).saturating_add(budget.spent());
        self.set_children(at, ix, Children::Tasks(ids.clone()), ids.len());
        for id in ids {
            self.begin_task(id);
        }
    }

    fn set_children(&mut self, at: PipelineIx, ix: u32, children: Children, count: usize) {
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        pipeline.open += count;
        if let Some(node) = pipeline.nodes.get_mut(ix as usize) {
            node.state = NodeState::Running;
            node.open = u32::try_from(count).unwrap_or(u32::MAX);
            node.children = children;
        }
    }

    fn spawn_pipelines(
        &mut self,
        at: PipelineIx,
        ix: u32,
        task: &Arc<PipelineTask>,
        resolved: Resolved<PipelinePlan>,
        span: Span,
    ) {
        let Some(parent) = self.pipelines.get(at) else {
            return;
        };
        let count = task.matrix.as_ref().map_or(1, matrix::count);
        let budget = self.budget();
        let mut workspaces = Vec::new();
        for mapped in &task.workspaces {
            let name = if mapped.workspace.is_empty() { &mapped.name } else { &mapped.workspace };
            if let Some(binding) = parent.workspaces.iter().find(|w| &w.name == name) {
                workspaces.push(rebound(self, at, binding, &mapped.name, &mapped.sub_path, &budget));
            }
        }
        if let Some(limit) = budget.overflow() {
            let message = pipeline::too_much(&Names::of(parent).pipeline, limit);
            return self.fail_pipeline(at, INVALID, message);
        }
        let spec = Arc::new(PipelineRunSpec {
            pipeline_ref: task.pipeline_ref.clone(),
            pipeline_spec: task.pipeline_spec.clone(),
            params: task.params.clone(),
            task_run_template: parent.spec.task_run_template.clone(),
            workspaces,
            ..PipelineRunSpec::default()
        });
        let mut made = Vec::with_capacity(count);
        for name in run_names(&parent.meta.name, &task.name, count) {
            let mut meta = Meta::child(name, &parent.meta.namespace, &parent.owner);
            (meta.labels, meta.annotations) = labels::of_child(parent, ix);
            meta.labels.remove("tekton.dev/pipeline");
            made.push(pipeline::made(meta, Some((at, ix)), Arc::clone(&spec), resolved.clone(), span));
        }
        self.kept = self.kept.saturating_add(budget.spent());
        let first = self.pipelines.len();
        self.pipelines.extend(made);
        let children: Vec<PipelineIx> = (first..self.pipelines.len()).collect();
        self.set_children(at, ix, Children::Pipelines(children.clone()), children.len());
        for child in children {
            self.begin_pipeline(child);
            self.dirty.insert(child);
        }
    }
}

/// What all runs of one pipeline task have in common.
struct Common {
    service_account: String,
    pod_template: Option<Arc<PodTemplate>>,
}

impl Common {
    fn of(pipeline: &Pipeline, over: Option<&PipelineTaskRunSpec>) -> Self {
        let template = &pipeline.spec.task_run_template;
        let account = over.map_or("", |o| o.service_account_name.as_str());
        let account = if account.is_empty() { &template.service_account_name } else { account };
        Self {
            service_account: account.to_owned(),
            pod_template: merged_template(over.and_then(|o| o.pod_template.as_ref()), template.pod_template.as_ref()),
        }
    }
}

/// A task's pod template over the run's: what it says wins, env and volumes by name.
fn merged_template(own: Option<&PodTemplate>, outer: Option<&PodTemplate>) -> Option<Arc<PodTemplate>> {
    let (own, outer) = match (own, outer) {
        (None, None) => return None,
        (Some(one), None) | (None, Some(one)) => return Some(Arc::new(one.clone())),
        (Some(own), Some(outer)) => (own, outer),
    };
    let mut merged = own.clone();
    for env in &outer.env {
        if !merged.env.iter().any(|e| e.name == env.name) {
            merged.env.push(env.clone());
        }
    }
    for volume in &outer.volumes {
        if !merged.volumes.iter().any(|v| v.name == volume.name) {
            merged.volumes.push(volume.clone());
        }
    }
    if merged.security_context.is_none() {
        merged.security_context.clone_from(&outer.security_context);
    }
    Some(Arc::new(merged))
}

/// The workspaces that a pipeline task hands to its TaskRuns (Tekton: `getTaskrunWorkspaces`).
fn task_workspaces(
    run: &Run,
    at: PipelineIx,
    pipeline: &Pipeline,
    task: &PipelineTask,
    resolved: &Resolved<TaskPlan>,
    budget: &Budget,
) -> Result<Vec<WorkspaceBinding>, String> {
    let mut wanted: Vec<(String, String, String)> = task
        .workspaces
        .iter()
        .map(|w| {
            let outer = if w.workspace.is_empty() { &w.name } else { &w.workspace };
            (w.name.clone(), outer.clone(), w.sub_path.clone())
        })
        .collect();
    if let Some(embedded) = &task.task_spec {
        for name in volumes::used_workspaces(&embedded.task) {
            if !wanted.iter().any(|(own, ..)| *own == name) {
                wanted.push((name.clone(), name, String::new()));
            }
        }
    }
    let optional = |name: &str| match resolved {
        Resolved::Found(plan) => plan.spec.workspaces.iter().any(|w| w.name == name && w.optional),
        Resolved::NotFound { .. } | Resolved::Unsupported { .. } => false,
    };
    let mut bindings = Vec::with_capacity(wanted.len());
    for (own, outer, sub_path) in wanted {
        match pipeline.workspaces.iter().find(|w| w.name == outer) {
            Some(binding) => bindings.push(rebound(run, at, binding, &own, &sub_path, budget)),
            None if optional(&own) => {}
            None => {
                return Err(format!(
                    "expected workspace \"{outer}\" to be provided by pipelinerun for pipeline task \"{}\"",
                    task.name
                ));
            }
        }
    }
    Ok(bindings)
}

/// A binding under another name, with both sub paths and with results in the place of their
/// references; a claim template becomes its claim.
pub(super) fn rebound(
    run: &Run,
    at: PipelineIx,
    binding: &WorkspaceBinding,
    name: &str,
    sub_path: &str,
    budget: &Budget,
) -> WorkspaceBinding {
    let results = TaskResults { run, pipeline: at };
    let mut bound = fields::binding(binding, &Scopes::new(&[&results], budget));
    let Some(pipeline) = run.pipelines.get(at) else {
        return bound;
    };
    bound = volumes::claimed(&bound, &pipeline.owner.uid);
    name.clone_into(&mut bound.name);
    bound.sub_path = match (bound.sub_path.as_str(), sub_path) {
        ("", inner) => inner.to_owned(),
        (outer, "") => outer.to_owned(),
        (outer, inner) => format!("{}/{}", outer.trim_end_matches('/'), inner.trim_start_matches('/')),
    };
    bound.sub_path = text(&bound.sub_path, &Scopes::new(&[&PipelineVars { pipeline }], budget));
    bound
}

/// Params of a pipeline task as written, for the view.
pub(super) fn as_params(values: &super::state::Values) -> Vec<Param> {
    values.iter().map(|(name, value)| Param { name: name.clone(), value: Some(value.clone()) }).collect()
}
