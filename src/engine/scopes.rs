//! What the variables of pipelines and tasks stand for.
//!
//! Knows every variable by name: context, workspaces, results, statuses, paths. Does not know
//! which fields take them.

use super::run::Run;
use super::state::{NodeEnd, NodeState, Pipeline, PipelineIx, StepRecord, TaskRun, Values};
use super::volumes::{self, DEFAULT_MOUNT};
use super::{fields, matrix};
use crate::model::substitute::{Lookup, ResultRef, Scope, select};
use crate::model::value::ParamValue;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

pub(super) use fields::{
    bindings, indexed_texts, matrix_params, pipeline_task, refers_to_results, refs_in, result_refs, task_texts,
};

fn string<'a>(text: impl Into<Cow<'a, str>>) -> Option<Lookup<'a>> {
    Some(Lookup::String(text.into()))
}

/// The name in `.x`, `["x"]` or `['x']`, when `tail` follows it.
fn named<'n>(rest: &'n str, tail: &str) -> Option<&'n str> {
    let rest = rest.strip_suffix(tail)?;
    rest.strip_prefix('.')
        .or_else(|| rest.strip_prefix("[\"")?.strip_suffix("\"]"))
        .or_else(|| rest.strip_prefix("['")?.strip_suffix("']"))
}

/// `$(context.pipeline*)` and `$(workspaces.*.bound)` of a pipeline.
pub(super) struct PipelineVars<'a> {
    pub pipeline: &'a Pipeline,
}

impl Scope for PipelineVars<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let pipeline = self.pipeline;
        if let Some(workspace) = name.strip_prefix("workspaces") {
            let workspace = named(workspace, ".bound")?;
            if pipeline.spec.workspaces.iter().any(|w| w.name == workspace) {
                return string("true");
            }
            let declared = pipeline.plan()?.spec.workspaces.iter().any(|w| w.name == workspace);
            return if declared { string("false") } else { None };
        }
        match name {
            "context.pipelineRun.name" => string(&pipeline.meta.name),
            "context.pipelineRun.namespace" => string(&*pipeline.meta.namespace),
            "context.pipelineRun.uid" => string(pipeline.meta.uid()),
            "context.pipeline.name" => string(pipeline.pipeline_name()),
            _ => None,
        }
    }
}

/// Params of a pipeline as an inline task sees them: the task's own win.
pub(super) struct OuterParams<'a> {
    pub outer: &'a Values,
    pub own: &'a Values,
}

impl Scope for OuterParams<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        select(name.strip_prefix("params")?, |key| {
            let outer = self.outer.get(key)?;
            Some(self.own.get(key).unwrap_or(outer))
        })
    }
}

/// `$(tasks.t.results.r)`, `$(tasks.t.outputs.a)` and `$(tasks.t.inputs.a)` of tasks that have ended.
pub(super) struct TaskResults<'a> {
    pub run: &'a Run,
    pub pipeline: PipelineIx,
}

impl Scope for TaskResults<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let (task, rest) = name.strip_prefix("tasks.")?.split_once('.')?;
        let pipeline = self.run.pipelines.get(self.pipeline)?;
        let (ix, node) = pipeline.node_named(task)?;
        if rest.starts_with("outputs") || rest.starts_with("inputs") {
            let super::state::Children::Tasks(ids) = &node.children else { return None };
            let ended = ids.first().and_then(|id| self.run.task(*id)).filter(|task| task.ended())?;
            return string(ended.artifacts.referred(rest)?);
        }
        select(rest.strip_prefix("results")?, |result| self.run.result_of(self.pipeline, ix, result))
    }
}

/// `$(tasks.t.status)`, `$(tasks.t.reason)` and `$(tasks.status)`, in `finally` tasks.
pub(super) struct TaskStatuses<'a> {
    pub run: &'a Run,
    pub pipeline: PipelineIx,
}

impl Scope for TaskStatuses<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let pipeline = self.run.pipelines.get(self.pipeline)?;
        if name == "tasks.status" {
            return string(self.run.aggregate_status(self.pipeline));
        }
        let (task, what) = name.strip_prefix("tasks.")?.split_once('.')?;
        let (ix, _) = pipeline.node_named(task).filter(|(ix, _)| !pipeline.is_final(*ix))?;
        match what {
            "status" => string(self.run.node_status(self.pipeline, ix)),
            "reason" => string(self.run.node_reason(self.pipeline, ix)),
            _ => None,
        }
    }
}

/// `$(context.pipelineTask.retries)` and the lengths of fan-outs.
pub(super) struct PipelineTaskVars<'a> {
    pub run: &'a Run,
    pub pipeline: PipelineIx,
    pub retries: i64,
}

impl Scope for PipelineTaskVars<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        if name == "context.pipelineTask.retries" {
            return string(self.retries.to_string());
        }
        let (task, rest) = name.strip_prefix("tasks.")?.split_once('.')?;
        let what = rest.strip_prefix("matrix.")?;
        let pipeline = self.run.pipelines.get(self.pipeline)?;
        let (_, node) = pipeline.node_named(task)?;
        let length = match what.strip_suffix(".length") {
            None if what == "length" => matrix::count(node.task.matrix.as_ref()?),
            None => return None,
            Some(result) => match node.gathered.as_ref()?.get(result) {
                Some(ParamValue::Array(items)) => items.len(),
                Some(ParamValue::String(_) | ParamValue::Object(_)) | None => 0,
            },
        };
        string(length.to_string())
    }
}

/// The variables of a task that are not params: context, paths, workspaces.
pub(super) struct TaskVars<'a> {
    pub task: &'a TaskRun,
    /// The step in whose fields the variables stand.
    pub step: Option<usize>,
    /// Mount paths that this step or sidecar gives its workspaces.
    pub usages: &'a [crate::model::objects::WorkspaceUsage],
}

impl TaskVars<'_> {
    fn workspace(&self, rest: &str) -> Option<Lookup<'_>> {
        let (name, what) = rest.strip_prefix('.')?.rsplit_once('.')?;
        let task = self.task;
        let bound = task.workspaces.iter().find(|w| w.name == name);
        let declared = task.spec.workspaces.iter().find(|w| w.name == name);
        let absent = bound.is_none() && declared.is_none_or(|d| d.optional);
        if bound.is_none() && declared.is_none() {
            return None;
        }
        match what {
            "bound" => string(if absent { "false" } else { "true" }),
            "path" if absent => string(""),
            "path" => {
                let usage = self.usages.iter().find(|u| u.name == name);
                let own = usage.map(|u| u.mount_path.as_str()).filter(|p| !p.is_empty());
                let written = declared.map(|d| d.mount_path.as_str()).filter(|p| !p.is_empty());
                match own.or(written) {
                    Some(path) => string(path),
                    None => string(format!("{DEFAULT_MOUNT}/{name}")),
                }
            }
            "claim" => {
                let claim = bound?.persistent_volume_claim.as_ref();
                string(claim.map_or("", |c| c.claim_name.as_str()))
            }
            "volume" => {
                bound?;
                string(volumes::workspace_volume(&task.workspaces, name)?)
            }
            _ => None,
        }
    }

    /// Tekton's container name of the step.
    fn container(&self) -> Option<String> {
        Some(format!("step-{}", super::state::step_name(&self.task.spec, self.step?)))
    }
}

impl Scope for TaskVars<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let task = self.task;
        match name {
            "context.taskRun.name" => return string(&task.meta.name),
            "context.taskRun.namespace" => return string(&*task.meta.namespace),
            "context.taskRun.uid" => return string(task.meta.uid()),
            "context.task.name" => return string(task.task_name()),
            "context.task.retry-count" => return string(task.archived.len().to_string()),
            "credentials.path" => return string("/tekton/creds"),
            "artifacts.path" => return string("/tekton/artifacts/provenance.json"),
            "step.artifacts.path" => {
                return string(format!("/tekton/steps/{}/artifacts/provenance.json", self.container()?));
            }
            _ => {}
        }
        if let Some(rest) = name.strip_prefix("results") {
            let result = named(rest, ".path")?;
            let declared = task.spec.results.iter().any(|r| r.name == result);
            return if declared { string(format!("/tekton/results/{result}")) } else { None };
        }
        if let Some(rest) = name.strip_prefix("step.results") {
            let result = named(rest, ".path")?;
            let step = task.spec.steps.get(self.step?)?;
            step.results.iter().find(|r| r.name == result)?;
            return string(format!("/tekton/steps/{}/results/{result}", self.container()?));
        }
        if let Some(rest) = name.strip_prefix("steps.step-") {
            let step = rest.strip_suffix(".exitCode.path")?;
            let known = (0..task.spec.steps.len()).any(|i| super::state::step_name(&task.spec, i) == step);
            return if known { string(format!("/tekton/steps/step-{step}/exitCode")) } else { None };
        }
        self.workspace(name.strip_prefix("workspaces")?)
    }
}

/// `$(steps.s.results.r)` of the steps that have ended.
pub(super) struct StepResults<'a> {
    pub task: &'a TaskRun,
}

impl<'a> StepResults<'a> {
    fn record(&self, step: &str) -> Option<&'a StepRecord> {
        let spec = &self.task.spec;
        let at = (0..spec.steps.len()).find(|i| super::state::step_name(spec, *i) == step)?;
        self.task.steps.get(at)
    }
}

impl Scope for StepResults<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let reference = ResultRef::parse_step(name)?;
        let written = self.record(reference.task)?.results.get(reference.result)?;
        match (parse_value(written), reference.index, reference.key) {
            (ParamValue::Array(items), Some(index), _) => string(items.into_iter().nth(index)?),
            (ParamValue::Array(items), None, _) => Some(Lookup::Array(Cow::Owned(items))),
            (ParamValue::Object(mut map), _, Some(key)) => string(map.remove(key)?),
            (ParamValue::Object(map), _, None) => Some(Lookup::Object(Cow::Owned(map))),
            (ParamValue::String(text), None, None) => string(text),
            (ParamValue::String(_), _, _) => None,
        }
    }
}

/// `$(steps.s.outputs.a)` and `$(steps.s.inputs.a)` of the steps that have ended.
pub(super) struct StepArtifacts<'a> {
    pub task: &'a TaskRun,
}

impl Scope for StepArtifacts<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let (step, rest) = name.strip_prefix("steps.")?.split_once('.')?;
        string(StepResults { task: self.task }.record(step)?.artifacts.referred(rest)?)
    }
}

/// Knows nothing, and keeps the steps' results and artifacts that it is asked for: those that are not there. Tekton's
/// entrypoint logs them and leaves them as they are written.
#[derive(Default)]
pub(super) struct Missed(RefCell<BTreeSet<String>>);

impl Missed {
    /// What a user should know of them.
    pub(super) fn notes(&self) -> Vec<String> {
        let note = |name: &String| format!("$({name}) stays as it is written: no step before this one left that");
        self.0.borrow().iter().map(note).collect()
    }
}

impl Scope for Missed {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let (_, rest) = name.strip_prefix("steps.")?.split_once('.')?;
        let kind = rest.split_once('.').map_or(rest, |(kind, _)| kind);
        if matches!(kind, "results" | "outputs" | "inputs") {
            self.0.borrow_mut().insert(name.to_owned());
        }
        None
    }
}

/// A result's text as a value (Tekton: `ParamValue.UnmarshalJSON`): a JSON list of strings, a JSON
/// map of strings, a JSON string, or else the text itself.
pub(super) fn parse_value(text: &str) -> ParamValue {
    let parsed = match text.as_bytes().first() {
        Some(b'[') => serde_json::from_str(text).ok().map(ParamValue::Array),
        Some(b'{') => serde_json::from_str(text).ok().map(ParamValue::Object),
        _ => None,
    };
    parsed
        .or_else(|| serde_json::from_str(text).ok().map(ParamValue::String))
        .unwrap_or_else(|| ParamValue::String(text.to_owned()))
}

impl Run {
    /// A result of a node that has ended, of its one TaskRun or gathered from a fan-out.
    pub(super) fn result_of(&self, at: PipelineIx, ix: u32, result: &str) -> Option<&ParamValue> {
        let node = self.pipelines.get(at)?.nodes.get(ix as usize)?;
        if !matches!(node.state, NodeState::Done(_)) {
            return None;
        }
        match (&node.gathered, &node.children) {
            (Some(gathered), _) => gathered.get(result),
            (None, super::state::Children::Tasks(ids)) => self.task(*ids.first()?)?.result(result),
            (None, super::state::Children::None | super::state::Children::Pipelines(_)) => None,
        }
    }

    /// Tekton's `tasks.<t>.status`: Succeeded, Failed or None.
    pub(super) fn node_status(&self, at: PipelineIx, ix: u32) -> &'static str {
        let state = self.pipelines.get(at).and_then(|p| p.nodes.get(ix as usize)).map(|n| &n.state);
        match state {
            Some(NodeState::Done(NodeEnd::Succeeded)) => "Succeeded",
            Some(NodeState::Done(NodeEnd::Failed | NodeEnd::TimedOut | NodeEnd::Cancelled)) => "Failed",
            Some(NodeState::Waiting | NodeState::Skipped(_) | NodeState::Invalid(_) | NodeState::Running) | None => {
                "None"
            }
        }
    }

    /// Tekton's `tasks.<t>.reason`: of the first run that didn't succeed, else of the first.
    pub(super) fn node_reason(&self, at: PipelineIx, ix: u32) -> &'static str {
        let reasons = self.child_reasons(at, ix);
        let bad = reasons.iter().find(|(ok, _)| !ok);
        bad.or(reasons.first()).map(|(_, r)| *r).unwrap_or_default()
    }

    fn child_reasons(&self, at: PipelineIx, ix: u32) -> Vec<(bool, &'static str)> {
        let Some(node) = self.pipelines.get(at).and_then(|p| p.nodes.get(ix as usize)) else {
            return Vec::new();
        };
        match &node.children {
            super::state::Children::None => Vec::new(),
            super::state::Children::Tasks(ids) => {
                ids.iter().filter_map(|id| self.task(*id)).map(|t| (t.succeeded(), t.verdict.reason)).collect()
            }
            super::state::Children::Pipelines(pipelines) => pipelines
                .iter()
                .filter_map(|p| self.pipelines.get(*p)?.verdict.as_ref())
                .map(|v| (v.truth == super::state::Truth::True, v.reason))
                .collect(),
        }
    }

    /// Tekton's `tasks.status` once the DAG has ended.
    pub(super) fn aggregate_status(&self, at: PipelineIx) -> &'static str {
        let Some(pipeline) = self.pipelines.get(at) else {
            return "None";
        };
        if pipeline.dag_open > 0 {
            return "None";
        }
        let mut status = "Succeeded";
        for node in pipeline.nodes.iter().take(pipeline.dag_len()) {
            match &node.state {
                NodeState::Done(NodeEnd::Failed | NodeEnd::TimedOut | NodeEnd::Cancelled) => {
                    return "Failed";
                }
                NodeState::Skipped(_) => status = "Completed",
                NodeState::Done(NodeEnd::Succeeded)
                | NodeState::Waiting
                | NodeState::Running
                | NodeState::Invalid(_) => {}
            }
        }
        status
    }
}
