//! A run's state as shown: Tekton's objects with Tekton's status.
//!
//! Knows the shape. The engine fills it ([`super::Run::view`]); every front end draws it and
//! nothing else. Does not know how anything is drawn.

use crate::model::artifacts::Artifacts;
use crate::model::event::TaskRunId;
use crate::model::outcome::Outcome;
use crate::model::report::CacheNote;
use crate::model::tree::Span;
use crate::model::value::ParamValue;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A run and its children.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunView {
    /// The run itself, then its children in the order in which they were made; children of a
    /// child pipeline follow their parent's own children.
    pub objects: Vec<ObjectView>,
    /// Tasks of the top pipeline that have not been started yet, in the order of the file.
    pub waiting: Vec<String>,
    /// Whether the run has ended.
    pub done: bool,
    /// What became of tasks' files that a user should know, a sentence each.
    pub warnings: Vec<String>,
}

/// One run object as Kubernetes would print it; fields that are not serialised serve screens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectView {
    /// `tekton.dev/v1`.
    pub api_version: String,
    /// `PipelineRun` or `TaskRun`.
    pub kind: String,
    pub metadata: MetadataView,
    /// The run's spec as written or made for the child.
    pub spec: Json,
    pub status: StatusView,
    /// The TaskRun's number; `None` for PipelineRuns.
    #[serde(skip)]
    pub id: Option<TaskRunId>,
    /// Index of the parent in [`RunView::objects`].
    #[serde(skip)]
    pub parent: Option<usize>,
    /// The pipeline task that made it; empty for the top.
    #[serde(skip)]
    pub pipeline_task: String,
    /// Where the pipeline task (or the run) stands in the files.
    #[serde(skip)]
    pub span: Span,
    #[serde(skip)]
    pub phase: Phase,
    /// Nanoseconds since the Unix epoch; 0 where it has not happened.
    #[serde(skip)]
    pub started_at: u64,
    #[serde(skip)]
    pub ended_at: u64,
}

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Made, but without a slot yet.
    #[default]
    Waiting,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// `metadata` of a run object.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataView {
    pub name: String,
    pub namespace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owner_references: Vec<OwnerReference>,
}

/// An owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerReference {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub uid: String,
    pub controller: bool,
    pub block_owner_deletion: bool,
}

/// `status` of a PipelineRun or TaskRun; empty fields are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finally_start_time: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub child_references: Vec<ChildReference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped_tasks: Vec<SkippedTask>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<ResultView>,
    #[serde(skip_serializing_if = "Artifacts::is_empty")]
    pub artifacts: Artifacts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sidecars: Vec<SidecarView>,
    /// Earlier attempts, each a whole status.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retries_status: Vec<StatusView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_spec: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_spec: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Json>,
}

/// A Kubernetes condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// `Succeeded`.
    #[serde(rename = "type")]
    pub type_: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    pub reason: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<String>,
}

/// A child of a PipelineRun.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildReference {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    pub pipeline_task_name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when_expressions: Vec<Json>,
}

/// A task that was not run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkippedTask {
    pub name: String,
    pub reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when_expressions: Vec<Json>,
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultView {
    pub name: String,
    /// Tekton gives the type for results of tasks and steps, not of pipelines.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    pub value: ParamValue,
}

/// A step's state.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    pub name: String,
    pub container: String,
    #[serde(rename = "imageID", skip_serializing_if = "String::is_empty")]
    pub image_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminated: Option<Terminated>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub termination_reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<ResultView>,
    /// What it says that it read and made.
    #[serde(flatten)]
    pub artifacts: Artifacts,
    /// What became of it in the cache.
    #[serde(skip)]
    pub cache: Option<Box<CacheNote>>,
    /// How the step ended, in our words; `None` while it runs or when it was never started.
    #[serde(skip)]
    pub outcome: Option<Outcome>,
    /// The image as written, after substitution.
    #[serde(skip)]
    pub image: String,
    /// Where the step stands in the files.
    #[serde(skip)]
    pub span: Span,
    #[serde(skip)]
    pub started_at: u64,
    #[serde(skip)]
    pub ended_at: u64,
}

/// A terminated container, in Kubernetes' shape.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Terminated {
    pub exit_code: i32,
    pub reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
}

/// A sidecar's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SidecarView {
    pub name: String,
    pub container: String,
}
