//! PipelineRun, TaskRun and CustomRun.
//!
//! Knows their fields. Does not know what became of a run: that is the view.

use super::core_kinds::ClaimTemplate;
use super::meta::{EmbeddedMetadata, ObjectRef, Param};
use super::pipeline::PipelineSpec;
use super::pod::{
    ClaimSource, ConfigMapSource, EmptyDirSource, PodTemplate, ProjectedVolume, ResourceRequirements, SecretSource,
};
use super::task::TaskSpec;
use crate::model::decode::{Decode, Decoder};
use crate::model::diagnostic::Diagnostic;
use crate::model::duration::Duration;
use crate::model::tree::Node;
use crate::object;
use serde::Serialize;
use serde_json::Value as Json;
use std::sync::Arc;

object! {
    /// `PipelineRun.spec`.
    PipelineRunSpec {
        pipeline_ref: Option<ObjectRef> = "pipelineRef",
        pipeline_spec: Option<Arc<PipelineSpec>> = "pipelineSpec",
        params: Vec<Param> = "params",
        status: String = "status",
        timeouts: Option<Timeouts> = "timeouts",
        task_run_template: TaskRunTemplate = "taskRunTemplate",
        workspaces: Vec<WorkspaceBinding> = "workspaces",
        task_run_specs: Vec<PipelineTaskRunSpec> = "taskRunSpecs",
        managed_by: Option<String> = "managedBy",
    }
}

object! {
    /// Timeouts of a PipelineRun; 0 means none.
    Timeouts {
        pipeline: Option<Duration> = "pipeline",
        tasks: Option<Duration> = "tasks",
        finally: Option<Duration> = "finally",
    }
}

object! {
    /// What all TaskRuns of a PipelineRun get.
    TaskRunTemplate {
        pod_template: Option<PodTemplate> = "podTemplate",
        service_account_name: String = "serviceAccountName",
    }
}

object! {
    /// What the TaskRuns of one pipeline task get.
    PipelineTaskRunSpec {
        pipeline_task_name: String = "pipelineTaskName",
        service_account_name: String = "serviceAccountName",
        pod_template: Option<PodTemplate> = "podTemplate",
        step_specs: Vec<StepOverride> = "stepSpecs",
        sidecar_specs: Vec<StepOverride> = "sidecarSpecs",
        metadata: Option<EmbeddedMetadata> = "metadata",
        compute_resources: Option<ResourceRequirements> = "computeResources",
        timeout: Option<Duration> = "timeout",
    }
}

object! {
    /// Resources of one step or sidecar.
    StepOverride {
        name: String = "name",
        compute_resources: ResourceRequirements = "computeResources",
    }
}

object! {
    /// What stands behind a workspace of a run. Exactly one source.
    WorkspaceBinding {
        name: String = "name",
        sub_path: String = "subPath",
        empty_dir: Option<EmptyDirSource> = "emptyDir",
        persistent_volume_claim: Option<ClaimSource> = "persistentVolumeClaim",
        volume_claim_template: Option<ClaimTemplate> = "volumeClaimTemplate",
        config_map: Option<ConfigMapSource> = "configMap",
        secret: Option<SecretSource> = "secret",
        projected: Option<ProjectedVolume> = "projected",
        csi: Option<Json> = "csi",
        /// Ours, never from YAML: a directory named on the command line (`-w name=PATH[:ro]`).
        host_dir: Option<HostDir> = "stepwell.dev/hostDir",
    }
}

/// A directory of the machine. Only the command line can name one: reading it from a file
/// is a diagnostic, so that a file never reaches a directory that its user didn't grant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostDir {
    pub path: String,
    pub read_only: bool,
}

impl Decode for HostDir {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let path = decoder.path();
        decoder.diagnostics.push(
            Diagnostic::error(
                "host-directory",
                path.clone(),
                "a file cannot name a directory of this machine as a workspace",
            )
            .with_help("name it on the command line: -w NAME=PATH")
            .with_tekton(format!("strict decoding error: unknown field \"{path}\""))
            .at(node.span),
        );
        Self::default()
    }
}

object! {
    /// `TaskRun.spec`.
    TaskRunSpec {
        debug: Option<TaskRunDebug> = "debug",
        params: Vec<Param> = "params",
        service_account_name: String = "serviceAccountName",
        task_ref: Option<ObjectRef> = "taskRef",
        task_spec: Option<Arc<TaskSpec>> = "taskSpec",
        status: String = "status",
        status_message: String = "statusMessage",
        retries: i64 = "retries",
        timeout: Option<Duration> = "timeout",
        pod_template: Option<PodTemplate> = "podTemplate",
        workspaces: Vec<WorkspaceBinding> = "workspaces",
        step_specs: Vec<StepOverride> = "stepSpecs",
        sidecar_specs: Vec<StepOverride> = "sidecarSpecs",
        compute_resources: Option<ResourceRequirements> = "computeResources",
        managed_by: Option<String> = "managedBy",
    }
}

object! {
    /// Breakpoints.
    TaskRunDebug {
        breakpoints: Option<Breakpoints> = "breakpoints",
    }
}

object! {
    /// Where a TaskRun is held.
    Breakpoints {
        on_failure: String = "onFailure",
        before_steps: Vec<String> = "beforeSteps",
    }
}

object! {
    /// `CustomRun.spec`: read, checked, and refused by whoever would run it.
    CustomRunSpec {
        custom_ref: Option<ObjectRef> = "customRef",
        custom_spec: Option<Json> = "customSpec",
        params: Vec<Param> = "params",
        status: String = "status",
        status_message: String = "statusMessage",
        retries: i64 = "retries",
        service_account_name: String = "serviceAccountName",
        timeout: Option<Duration> = "timeout",
        workspaces: Vec<WorkspaceBinding> = "workspaces",
    }
}
