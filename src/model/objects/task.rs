//! Task and StepAction, with steps, sidecars and workspaces.
//!
//! Knows their fields. Does not know how a task is run.

use super::meta::{Param, ParamSpec, TaskResult, WhenExpression};
use super::pod::{EnvFromSource, EnvVar, ResourceRequirements, SecurityContext, Volume, VolumeDevice, VolumeMount};
use crate::model::duration::Duration;
use crate::object;
use serde_json::Value as Json;
use std::collections::BTreeMap;

object! {
    /// `Task.spec`.
    TaskSpec {
        params: Vec<ParamSpec> = "params",
        display_name: String = "displayName",
        description: String = "description",
        steps: Vec<Step> = "steps",
        volumes: Vec<Volume> = "volumes",
        step_template: Option<StepTemplate> = "stepTemplate",
        sidecars: Vec<Sidecar> = "sidecars",
        workspaces: Vec<WorkspaceDeclaration> = "workspaces",
        results: Vec<TaskResult> = "results",
        /// Ours: the sandbox of every step of the task.
        sandbox: Option<SandboxSpec> = "sandbox",
    }
}

object! {
    /// One step.
    Step {
        name: String = "name",
        display_name: String = "displayName",
        image: String = "image",
        command: Vec<String> = "command",
        args: Vec<String> = "args",
        working_dir: String = "workingDir",
        env_from: Vec<EnvFromSource> = "envFrom",
        env: Vec<EnvVar> = "env",
        compute_resources: ResourceRequirements = "computeResources",
        volume_mounts: Vec<VolumeMount> = "volumeMounts",
        volume_devices: Vec<VolumeDevice> = "volumeDevices",
        image_pull_policy: String = "imagePullPolicy",
        security_context: Option<SecurityContext> = "securityContext",
        script: String = "script",
        timeout: Option<Duration> = "timeout",
        workspaces: Vec<WorkspaceUsage> = "workspaces",
        on_error: String = "onError",
        stdout_config: Option<StepOutputConfig> = "stdoutConfig",
        stderr_config: Option<StepOutputConfig> = "stderrConfig",
        ref_: Option<StepRef> = "ref",
        params: Vec<Param> = "params",
        results: Vec<TaskResult> = "results",
        when: Vec<WhenExpression> = "when",
        /// Ours: the sandbox of this step.
        sandbox: Option<SandboxSpec> = "sandbox",
    }
}

object! {
    /// Defaults merged into each step.
    StepTemplate {
        image: String = "image",
        command: Vec<String> = "command",
        args: Vec<String> = "args",
        working_dir: String = "workingDir",
        env_from: Vec<EnvFromSource> = "envFrom",
        env: Vec<EnvVar> = "env",
        compute_resources: ResourceRequirements = "computeResources",
        volume_mounts: Vec<VolumeMount> = "volumeMounts",
        volume_devices: Vec<VolumeDevice> = "volumeDevices",
        image_pull_policy: String = "imagePullPolicy",
        security_context: Option<SecurityContext> = "securityContext",
        /// Ours: the sandbox of every step.
        sandbox: Option<SandboxSpec> = "sandbox",
    }
}

object! {
    /// A file that a stream is copied to.
    StepOutputConfig {
        path: String = "path",
    }
}

object! {
    /// A reference to a StepAction.
    StepRef {
        name: String = "name",
        resolver: String = "resolver",
        params: Vec<Param> = "params",
    }
}

object! {
    /// A container beside the steps.
    Sidecar {
        name: String = "name",
        image: String = "image",
        command: Vec<String> = "command",
        args: Vec<String> = "args",
        working_dir: String = "workingDir",
        ports: Json = "ports",
        env_from: Vec<EnvFromSource> = "envFrom",
        env: Vec<EnvVar> = "env",
        compute_resources: ResourceRequirements = "computeResources",
        volume_mounts: Vec<VolumeMount> = "volumeMounts",
        volume_devices: Vec<VolumeDevice> = "volumeDevices",
        liveness_probe: Option<Json> = "livenessProbe",
        readiness_probe: Option<Json> = "readinessProbe",
        startup_probe: Option<Json> = "startupProbe",
        lifecycle: Option<Json> = "lifecycle",
        termination_message_path: String = "terminationMessagePath",
        termination_message_policy: String = "terminationMessagePolicy",
        image_pull_policy: String = "imagePullPolicy",
        security_context: Option<SecurityContext> = "securityContext",
        stdin: bool = "stdin",
        stdin_once: bool = "stdinOnce",
        tty: bool = "tty",
        script: String = "script",
        workspaces: Vec<WorkspaceUsage> = "workspaces",
        restart_policy: Option<String> = "restartPolicy",
        /// Ours: the sandbox of this sidecar.
        sandbox: Option<SandboxSpec> = "sandbox",
    }
}

object! {
    /// A workspace that a task declares.
    WorkspaceDeclaration {
        name: String = "name",
        description: String = "description",
        mount_path: String = "mountPath",
        read_only: bool = "readOnly",
        optional: bool = "optional",
    }
}

object! {
    /// A workspace that one step or sidecar alone uses.
    WorkspaceUsage {
        name: String = "name",
        mount_path: String = "mountPath",
    }
}

object! {
    /// `StepAction.spec`.
    StepActionSpec {
        description: String = "description",
        image: String = "image",
        command: Vec<String> = "command",
        args: Vec<String> = "args",
        env: Vec<EnvVar> = "env",
        script: String = "script",
        working_dir: String = "workingDir",
        params: Vec<ParamSpec> = "params",
        results: Vec<TaskResult> = "results",
        security_context: Option<SecurityContext> = "securityContext",
        volume_mounts: Vec<VolumeMount> = "volumeMounts",
    }
}

object! {
    /// Ours: what a step may touch and use, where it differs from the default.
    SandboxSpec {
        network: Vec<NetworkGrant> = "network",
        limits: SandboxLimits = "limits",
        clock: String = "clock",
        random: String = "random",
        isolation: String = "isolation",
        cache: String = "cache",
        times: String = "times",
        workspace: String = "workspace",
        commands: BTreeMap<String, String> = "commands",
    }
}

object! {
    /// Limits as written: Kubernetes quantities and Go durations.
    SandboxLimits {
        memory: Json = "memory",
        cpu: Json = "cpu",
        disk: Json = "disk",
        files: Json = "files",
        output: Json = "output",
        handles: Json = "handles",
    }
}

object! {
    /// One outbound grant.
    NetworkGrant {
        host: String = "host",
        port: Option<i64> = "port",
        methods: Vec<String> = "methods",
        path_prefix: String = "pathPrefix",
    }
}
