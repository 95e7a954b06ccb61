//! Pipeline and its tasks.
//!
//! Knows their fields. Does not know the graph they make.

use super::meta::{EmbeddedMetadata, ObjectRef, Param, ParamSpec, WhenExpression};
use super::task::TaskSpec;
use crate::model::decode::{Decode, Decoder, Segment};
use crate::model::duration::Duration;
use crate::model::tree::{Kind, Node};
use crate::model::value::ParamValue;
use crate::object;
use serde::Serialize;
use serde_json::Value as Json;
use std::sync::Arc;

object! {
    /// `Pipeline.spec`.
    PipelineSpec {
        display_name: String = "displayName",
        description: String = "description",
        params: Vec<ParamSpec> = "params",
        workspaces: Vec<PipelineWorkspace> = "workspaces",
        tasks: Vec<PipelineTask> = "tasks",
        finally: Vec<PipelineTask> = "finally",
        results: Vec<PipelineResult> = "results",
    }
}

object! {
    /// A workspace that a pipeline declares.
    PipelineWorkspace {
        name: String = "name",
        description: String = "description",
        optional: bool = "optional",
    }
}

object! {
    /// A result of a pipeline, made of its tasks' results.
    PipelineResult {
        name: String = "name",
        type_: String = "type",
        description: String = "description",
        value: Option<ParamValue> = "value",
    }
}

object! {
    /// One task of a pipeline. Exactly one of `task_ref`, `task_spec`, `pipeline_ref`, `pipeline_spec`.
    PipelineTask {
        name: String = "name",
        display_name: String = "displayName",
        description: String = "description",
        task_ref: Option<ObjectRef> = "taskRef",
        task_spec: Option<EmbeddedTask> = "taskSpec",
        pipeline_ref: Option<ObjectRef> = "pipelineRef",
        pipeline_spec: Option<Arc<PipelineSpec>> = "pipelineSpec",
        when: Vec<WhenExpression> = "when",
        retries: i64 = "retries",
        run_after: Vec<String> = "runAfter",
        params: Vec<Param> = "params",
        matrix: Option<Matrix> = "matrix",
        workspaces: Vec<PipelineTaskWorkspace> = "workspaces",
        timeout: Option<Duration> = "timeout",
        on_error: String = "onError",
    }
}

object! {
    /// How a pipeline task maps a workspace.
    PipelineTaskWorkspace {
        name: String = "name",
        /// The pipeline's workspace; the same name when empty.
        workspace: String = "workspace",
        sub_path: String = "subPath",
    }
}

object! {
    /// Fan-out over param values.
    Matrix {
        params: Vec<Param> = "params",
        include: Vec<MatrixInclude> = "include",
    }
}

object! {
    /// One explicit combination.
    MatrixInclude {
        name: String = "name",
        params: Vec<Param> = "params",
    }
}

/// A task inside a pipeline: a Task's spec with metadata, or a custom task's spec.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmbeddedTask {
    /// Set for custom tasks.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
    /// Set for custom tasks.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<EmbeddedMetadata>,
    /// The custom task's own `spec`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<Json>,
    /// The task, when it is Tekton's own.
    #[serde(flatten)]
    pub task: Arc<TaskSpec>,
}

impl Decode for EmbeddedTask {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let Kind::Mapping(entries) = &node.kind else {
            if node.kind != Kind::Null {
                decoder.wrong_type(node, "a mapping (TaskSpec)");
            }
            return Self::default();
        };
        let mut embedded = Self::default();
        for entry in entries {
            let value = &entry.value;
            match entry.key.as_str() {
                "apiVersion" => {
                    embedded.api_version = decoder.within(Segment::Field("apiVersion"), |d| Decode::decode(value, d));
                }
                "kind" => embedded.kind = decoder.within(Segment::Field("kind"), |d| Decode::decode(value, d)),
                "metadata" => {
                    embedded.metadata = decoder.within(Segment::Field("metadata"), |d| Decode::decode(value, d));
                }
                "spec" => embedded.spec = Some(value.to_json()),
                _ => {}
            }
        }
        let own = |key: &str| matches!(key, "apiVersion" | "kind" | "metadata" | "spec");
        embedded.task = Arc::new(TaskSpec::read(entries.iter().filter(|e| !own(&e.key)), decoder));
        embedded
    }
}

impl<T: Decode> Decode for Arc<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        Arc::new(T::decode(node, decoder))
    }
}
