//! What the engine remembers of a run: pipelines with their nodes, TaskRuns with their steps.
//!
//! Plain data and small questions about it. Does not know what follows from an event.

use crate::model::artifacts::Artifacts;
use crate::model::event::{CancelMode, TaskRunId};
use crate::model::objects::{
    PipelineRunSpec, PipelineTask, PodTemplate, ResourceRequirements, StepOverride, TaskSpec, WhenExpression,
    WorkspaceBinding,
};
use crate::model::outcome::Outcome;
use crate::model::plan::{PipelinePlan, Resolved, TaskPlan};
use crate::model::report::CacheNote;
use crate::model::tree::Span;
use crate::model::value::ParamValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Place of a pipeline in [`super::run::Run::pipelines`].
pub(super) type PipelineIx = usize;

/// Values by name; `Arc` so that a scope can outlive a change of the run.
pub(super) type Values = BTreeMap<String, ParamValue>;

/// Identity of an object that runs.
#[derive(Debug, Clone)]
pub(super) struct Meta {
    pub name: String,
    pub namespace: Arc<str>,
    /// Empty where it follows from the owner's: [`Meta::uid`].
    uid: String,
    /// Of a TaskRun that a pipeline made only what its task adds: the rest follows from the pipeline.
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// Name and uid of the PipelineRun that made it.
    pub owner: Option<Arc<Owner>>,
}

/// The PipelineRun that made an object.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub name: String,
    pub uid: String,
}

impl Meta {
    /// Of a run as it stands in the input.
    pub fn top(metadata: &crate::model::plan::RunMetadata) -> Self {
        Self {
            name: metadata.name.clone(),
            namespace: metadata.namespace.as_str().into(),
            uid: metadata.uid.clone(),
            labels: metadata.labels.clone(),
            annotations: metadata.annotations.clone(),
            owner: None,
        }
    }

    /// Of an object that a PipelineRun in `namespace` makes.
    pub fn child(name: String, namespace: &Arc<str>, owner: &Arc<Owner>) -> Self {
        Self {
            name,
            namespace: Arc::clone(namespace),
            uid: String::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            owner: Some(Arc::clone(owner)),
        }
    }

    /// The uid: given, or following from the owner's and the name.
    pub fn uid(&self) -> Cow<'_, str> {
        match &self.owner {
            Some(owner) if self.uid.is_empty() => Cow::Owned(super::names::child_uid(&owner.uid, &self.name)),
            Some(_) | None => Cow::Borrowed(&self.uid),
        }
    }
}

/// The status of Tekton's condition `Succeeded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    Unknown,
}

/// Tekton's condition `Succeeded`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub truth: Truth,
    pub reason: &'static str,
    pub message: Cow<'static, str>,
    pub at: u64,
}

/// Why a task is not run, in Tekton's words ([`Skip::text`]). All `finally` tasks start at one
/// moment, so that none is late for their timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skip {
    When,
    Parent,
    Stopping,
    GracefullyCancelled,
    GracefullyStopped,
    MissingResults,
    PipelineTimeout,
    TasksTimeout,
    EmptyMatrix,
}

impl Skip {
    /// Tekton: `SkippingReason`.
    pub fn text(self) -> &'static str {
        match self {
            Self::When => "When Expressions evaluated to false",
            Self::Parent => "Parent Tasks were skipped",
            Self::Stopping => "PipelineRun was stopping",
            Self::GracefullyCancelled => "PipelineRun was gracefully cancelled",
            Self::GracefullyStopped => "PipelineRun was gracefully stopped",
            Self::MissingResults => "Results were missing",
            Self::PipelineTimeout => "PipelineRun timeout has been reached",
            Self::TasksTimeout => "PipelineRun Tasks timeout has been reached",
            Self::EmptyMatrix => "Matrix Parameters have an empty array",
        }
    }

    /// Whether a timeout came before the task could start, which fails the run.
    pub fn is_timeout(self) -> bool {
        matches!(self, Self::PipelineTimeout | Self::TasksTimeout)
    }
}

/// Where a pipeline task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NodeState {
    /// Not looked at, or its parents have not ended.
    Waiting,
    Skipped(Skip),
    /// Tekton: a task that failed validation (a result that it refers to doesn't exist).
    Invalid(String),
    Running,
    Done(NodeEnd),
}

/// How a pipeline task ended, by its runs (Tekton: `getPipelineTasksCount`, in that order).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeEnd {
    Succeeded,
    /// One of its TaskRuns was cancelled because the PipelineRun timed out.
    TimedOut,
    Cancelled,
    Failed,
}

/// What a pipeline task made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Children {
    None,
    Tasks(Vec<TaskRunId>),
    Pipelines(Vec<PipelineIx>),
}

/// A task of a pipeline.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The task with what is known so far in the place of variables.
    pub task: Arc<PipelineTask>,
    pub state: NodeState,
    /// Parents that have not ended.
    pub pending: u32,
    pub children: Children,
    /// Children that have not ended.
    pub open: u32,
    /// Results of a fan-out, gathered from its TaskRuns.
    pub gathered: Option<Arc<Values>>,
}

/// A PipelineRun: the run itself or a child pipeline.
#[derive(Debug, Clone)]
pub(super) struct Pipeline {
    pub meta: Meta,
    /// What its children name as their owner.
    pub owner: Arc<Owner>,
    /// The pipeline and the node that made it.
    pub parent: Option<(PipelineIx, u32)>,
    pub spec: Arc<PipelineRunSpec>,
    pub resolved: Resolved<PipelinePlan>,
    /// Values of params, given and default.
    pub params: Values,
    pub workspaces: Vec<WorkspaceBinding>,
    /// Places of the nodes, sorted by their names.
    pub by_name: Vec<u32>,
    pub nodes: Vec<Node>,
    /// Nodes whose parents have ended and that have not been looked at; smallest first.
    pub ready: std::collections::BTreeSet<u32>,
    /// It has started (a pending one has not).
    pub begun: bool,
    pub mode: Option<CancelMode>,
    /// A task failed: nothing more is started.
    pub stopping: bool,
    /// Whether the waiting tasks have been skipped after `stopping` or `mode`.
    pub swept: bool,
    /// Tasks (not `finally`) that have not ended.
    pub dag_open: usize,
    pub finals_open: usize,
    pub finals_begun: bool,
    /// Children, of all nodes, that have not ended.
    pub open: usize,
    pub verdict: Option<Verdict>,
    /// The verdict is final.
    pub ended: bool,
    /// The end has been told to the parent: no child is open.
    pub closed: bool,
    pub started_at: u64,
    pub ended_at: u64,
    pub finally_at: u64,
    /// The skipped tasks as they were when the run was cut short.
    pub frozen: Option<Vec<(u32, Skip)>>,
    pub results: Vec<(String, ParamValue)>,
    pub span: Span,
}

impl Pipeline {
    /// The graph, where the pipeline was found.
    pub fn plan(&self) -> Option<&Arc<PipelinePlan>> {
        match &self.resolved {
            Resolved::Found(plan) => Some(plan),
            Resolved::NotFound { .. } | Resolved::Unsupported { .. } => None,
        }
    }

    /// Name of the Pipeline; of the run for an inline one, as with Tekton.
    pub fn pipeline_name(&self) -> &str {
        self.plan().and_then(|p| p.name.as_deref()).unwrap_or(&self.meta.name)
    }

    /// Number of tasks that are not `finally`.
    pub fn dag_len(&self) -> usize {
        self.plan().map_or(0, |p| p.dag_len)
    }

    /// Whether node `ix` is a `finally` task.
    pub fn is_final(&self, ix: u32) -> bool {
        ix as usize >= self.dag_len()
    }

    /// The node of that name.
    pub fn node_named(&self, name: &str) -> Option<(u32, &Node)> {
        let at = self.by_name.binary_search_by(|ix| self.node_name(*ix).cmp(name)).ok()?;
        let ix = *self.by_name.get(at)?;
        Some((ix, self.nodes.get(ix as usize)?))
    }

    /// The name of node `ix`.
    pub fn node_name(&self, ix: u32) -> &str {
        self.nodes.get(ix as usize).map_or("", |n| n.task.name.as_str())
    }
}

/// Where a TaskRun stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Made; the run has not begun, or it is held (`TaskRunPending`).
    Idle,
    /// Waits for a slot.
    Queued,
    /// Its mounts and sidecars are being made ready.
    Opening,
    /// Step `.0` runs.
    Running(u32),
    /// Its results are being read.
    Closing,
    Ended,
}

/// Why a running attempt was told to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// With Tekton's `statusMessage`.
    Cancelled {
        message: String,
    },
    TimedOut,
}

/// How a step got its state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum StepState {
    /// Its turn has not come.
    #[default]
    Waiting,
    Running,
    /// It ended by itself.
    Ended(Outcome),
    /// Its guard said no.
    Guarded,
    /// A step before it failed.
    NotReached,
    /// The TaskRun was cancelled or timed out before the step's end; Tekton's reason.
    Cut(&'static str),
}

/// A step of an attempt.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct StepRecord {
    pub state: StepState,
    pub started_at: u64,
    pub ended_at: u64,
    pub image_id: String,
    /// The image after substitution; empty before its turn.
    pub image: String,
    /// `onError: continue`, after substitution.
    pub continues: bool,
    /// Text of the results that were written.
    pub results: BTreeMap<String, String>,
    /// What it says that it read and made.
    pub artifacts: Artifacts,
    /// What became of it in the cache.
    pub cache: Option<Box<CacheNote>>,
}

/// What is kept of an attempt that was retried.
#[derive(Debug, Clone)]
pub(super) struct Archived {
    pub verdict: Verdict,
    pub steps: Vec<StepRecord>,
    pub results: Vec<(String, ParamValue)>,
    pub artifacts: Artifacts,
    pub started_at: u64,
    pub ended_at: u64,
}

/// A TaskRun.
#[derive(Debug, Clone)]
pub(super) struct TaskRun {
    pub meta: Meta,
    /// The pipeline and the node that made it; `None` for the top.
    pub parent: Option<(PipelineIx, u32)>,
    pub resolved: Resolved<TaskPlan>,
    /// Whether the spec is part of the run's own file, so that what surrounds it is seen inside.
    pub inline: bool,
    /// The task with its StepActions in place; the task's own until it has been prepared.
    pub spec: Arc<TaskSpec>,
    /// `unnamed-<index>` for each step; empty when all steps have names.
    pub unnamed: Vec<String>,
    /// For each step the input file that said its image.
    pub sources: Vec<u32>,
    /// Params as given.
    pub given: Values,
    /// Given and default values.
    pub params: Arc<Values>,
    pub workspaces: Vec<WorkspaceBinding>,
    pub service_account: String,
    pub pod_template: Option<Arc<PodTemplate>>,
    pub step_specs: Vec<StepOverride>,
    pub sidecar_specs: Vec<StepOverride>,
    /// The run's words for all steps together.
    pub compute_resources: Option<ResourceRequirements>,
    pub retries: i64,
    /// Nanoseconds; 0 for none.
    pub timeout: i64,
    /// The timeout as it was given to this TaskRun, for its spec in the view.
    pub own_timeout: Option<i64>,
    /// The pipeline task says `onError: continue`.
    pub ignores_failure: bool,
    pub attempt: u32,
    pub stage: Stage,
    pub stop: Option<Stop>,
    /// Cancelled while its end was under way: no more retries.
    pub no_retry: bool,
    /// Why the attempt's next step can't be asked for.
    pub refused: Option<String>,
    /// An attempt has been opened a second time after a fault of ours.
    pub reopened: bool,
    pub verdict: Verdict,
    pub steps: Vec<StepRecord>,
    pub archived: Vec<Archived>,
    pub results: Vec<(String, ParamValue)>,
    /// What its steps say that they read and made.
    pub artifacts: Artifacts,
    pub started_at: u64,
    pub ended_at: u64,
    /// When the attempt's timeout ends.
    pub deadline: Option<u64>,
    pub span: Span,
}

impl TaskRun {
    /// Whether it has ended for good.
    pub fn ended(&self) -> bool {
        self.stage == Stage::Ended
    }

    /// Whether it ended well.
    pub fn succeeded(&self) -> bool {
        self.ended() && self.verdict.truth == Truth::True
    }

    /// The result of that name.
    pub fn result(&self, name: &str) -> Option<&ParamValue> {
        self.results.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }
}

/// Tekton's name of step `index`: `unnamed-<index>` where it has none.
pub(super) fn step_name(spec: &TaskSpec, index: usize) -> String {
    match spec.steps.get(index) {
        Some(step) if !step.name.is_empty() => step.name.clone(),
        _ => format!("unnamed-{index}"),
    }
}

/// A guard as Tekton's status shows it.
pub(super) fn guards(when: &[WhenExpression]) -> Vec<serde_json::Value> {
    when.iter().map(|g| serde_json::to_value(g).unwrap_or_default()).collect()
}
