//! A run's validated graph: references replaced by what they refer to, tasks numbered,
//! edges known.
//!
//! Made by `spec`, executed by the engine. Knows no values of params: substitution happens
//! as the run goes on, as with Tekton. Does not know files or executors.

use super::objects::{PipelineRunSpec, PipelineSpec, PipelineTask, StepActionSpec, TaskRunSpec, TaskSpec};
use super::tree::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One run, ready to be driven.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub metadata: RunMetadata,
    pub root: Root,
    /// Where the run object stands.
    pub span: Span,
}

/// Identity of a run object; `name` is final (`generateName` has been resolved).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunMetadata {
    pub name: String,
    pub namespace: String,
    pub uid: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
}

/// What kind of run it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Root {
    Pipeline { spec: Arc<PipelineRunSpec>, pipeline: Resolved<PipelinePlan> },
    Task { spec: Arc<TaskRunSpec>, task: Resolved<TaskPlan> },
}

/// What a reference led to. An unresolved one is not an error of the file: Tekton starts such
/// a run and ends it Failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved<T> {
    Found(Arc<T>),
    /// The name that was not found, and the API group resource it was looked for under
    /// (`pipelines.tekton.dev`, `tasks.tekton.dev`, `stepactions.tekton.dev`).
    NotFound {
        name: String,
        resource: &'static str,
    },
    /// Something that Stepwell doesn't run (custom tasks, resolvers), with the sentence that says so.
    Unsupported {
        message: String,
    },
}

/// A pipeline with its graph.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelinePlan {
    /// Name of the Pipeline; `None` for an inline spec.
    pub name: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub spec: Arc<PipelineSpec>,
    /// The tasks in the order of the file, then those of `finally`; [`TaskIx`] counts through both.
    pub tasks: Vec<PlannedTask>,
    /// How many of `tasks` are not `finally`.
    pub dag_len: usize,
    /// Index of the input file.
    pub source: u32,
}

/// A task of a pipeline, by its place in [`PipelinePlan::tasks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskIx(pub u32);

/// One task of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedTask {
    pub task: Arc<PipelineTask>,
    pub body: TaskBody,
    /// Tasks that must have ended before: `runAfter` and result references together, sorted,
    /// without doubles. Empty for `finally` tasks, which wait for the whole DAG.
    pub parents: Vec<TaskIx>,
    /// Those of `parents` whose results are used: when one is skipped, so is this task. For
    /// `finally` tasks: the DAG tasks whose results are used.
    pub result_parents: Vec<TaskIx>,
    /// The tasks that name this one in `parents`.
    pub children: Vec<TaskIx>,
    /// Where the task stands.
    pub span: Span,
    /// Tekton's path of the task in its object, such as `spec.tasks[0]`.
    pub path: String,
}

/// What a pipeline task runs.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskBody {
    Task(Resolved<TaskPlan>),
    Pipeline(Resolved<PipelinePlan>),
}

/// A task with everything its steps refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskPlan {
    /// Name of the Task; `None` for an inline spec.
    pub name: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub spec: Arc<TaskSpec>,
    /// The StepActions that the steps refer to, by name.
    pub step_actions: BTreeMap<String, Resolved<StepActionPlan>>,
    /// Index of the input file that holds the task; module paths are relative to it.
    pub source: u32,
    /// Where the steps stand, by index.
    pub step_spans: Vec<Span>,
}

/// A StepAction.
#[derive(Debug, Clone, PartialEq)]
pub struct StepActionPlan {
    pub name: String,
    pub spec: Arc<StepActionSpec>,
    /// Index of the input file; its module path is relative to it.
    pub source: u32,
}
