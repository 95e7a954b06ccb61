//! What an executor is asked for: a task attempt, then its steps one by one, all resolved.
//!
//! Knows plain, serialisable data. Does not know executors, modules, Pods or files on
//! this machine: a runner in another process could be sent the same requests. Secret
//! values never stand here; they are named, and looked up where the step runs.

use super::outcome::Limits;
use super::value::{ParamType, ParamValue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One attempt of a task: what has to stand ready before its first step runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptRequest {
    /// Namespace in which names of claims, ConfigMaps and Secrets are looked up.
    pub namespace: String,
    /// Name of the TaskRun (unique within the run).
    pub task_run: String,
    /// 0 for the first try.
    pub attempt: u32,
    /// Everything that the steps may mount, by a key of the task's own.
    pub volumes: Vec<VolumeRequest>,
    /// The steps as they stand before step results are known: name and image.
    pub steps: Vec<StepOutline>,
    /// Containers that run beside the steps.
    pub sidecars: Vec<SidecarRequest>,
    /// The task's params by name, for programs that ask for them.
    #[serde(default)]
    pub params: Arc<BTreeMap<String, ParamValue>>,
    /// The task's declared results, whose files are read when the attempt closes.
    pub results: Vec<ResultRequest>,
    /// ServiceAccount whose credentials the steps may use.
    pub service_account: String,
    /// The task works on its workspaces themselves, as a program of it says `workspace: live`.
    #[serde(default)]
    pub live: bool,
}

/// A result that a task or step declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultRequest {
    pub name: String,
    /// The type that it is declared with.
    pub r#type: ParamType,
}

impl ResultRequest {
    /// A result that is text.
    #[must_use]
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), r#type: ParamType::String }
    }
}

/// A step before its turn: enough to decide which executor takes the task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepOutline {
    pub name: String,
    pub image: String,
}

/// Something that can be mounted, under the key that mounts use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeRequest {
    pub key: String,
    pub source: VolumeSource,
}

/// Where the bytes of a volume come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum VolumeSource {
    /// Empty at the attempt's start, gone at its end.
    EmptyDir,
    /// A directory kept under the state directory by (namespace, claim).
    Claim { name: String },
    /// A directory of the machine, named on the command line.
    HostDir { path: String, read_only: bool },
    /// Files from ConfigMaps and Secrets, read-only. One source for the plain kinds, several for `projected`. Beside them
    /// files of the downward API.
    Projected {
        sources: Vec<ProjectedSource>,
        #[serde(default)]
        texts: Vec<ProjectedText>,
    },
}

/// A text that becomes a file at `path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectedText {
    pub path: String,
    pub text: String,
    pub mode: Option<u32>,
}

/// One ConfigMap or Secret whose keys become files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectedSource {
    pub object: ObjectKind,
    pub name: String,
    pub optional: bool,
    /// (key, path, mode); empty means every key under its own name.
    pub items: Vec<ProjectedItem>,
    /// Mode of files without one of their own.
    pub default_mode: Option<u32>,
}

/// A key that becomes a file at `path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectedItem {
    pub key: String,
    pub path: String,
    pub mode: Option<u32>,
}

/// The core kinds that carry configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ObjectKind {
    ConfigMap,
    Secret,
}

/// One mount of a step or sidecar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MountRequest {
    /// Key of a [`VolumeRequest`] of the attempt.
    pub volume: String,
    /// Absolute path in the guest.
    pub mount_path: String,
    /// Path inside the volume, made if missing; empty for its root.
    pub sub_path: String,
    pub read_only: bool,
}

/// A step, fully resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRequest {
    /// Place in the task, from 0.
    pub index: u32,
    /// Tekton's name of the step; `unnamed-<index>` where it has none.
    pub name: String,
    #[serde(flatten)]
    pub program: ProgramRequest,
    /// The step's own `timeout` in nanoseconds.
    pub timeout: Option<u64>,
    /// The step's declared results, whose files are read when it ends.
    pub results: Vec<ResultRequest>,
    /// Files that standard output and error are copied to as well (`stdoutConfig`).
    pub stdout_path: Option<String>,
    pub stderr_path: Option<String>,
    /// Lines that its log begins with.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A program to run: what a step and a sidecar have in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgramRequest {
    pub image: String,
    /// Index of the input file that said `image`; module paths are relative to it.
    pub source: u32,
    pub command: Vec<String>,
    pub args: Vec<String>,
    pub script: Option<String>,
    pub env: Vec<EnvRequest>,
    /// Who it is told that it runs as; root where nobody says.
    #[serde(default)]
    pub user: Option<UserRequest>,
    pub working_dir: Option<String>,
    pub mounts: Vec<MountRequest>,
    pub sandbox: SandboxRequest,
}

/// Numbers of a user and a group (`runAsUser`, `runAsGroup`). No right depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRequest {
    pub user: u32,
    pub group: u32,
}

/// A sidecar, fully resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SidecarRequest {
    pub name: String,
    #[serde(flatten)]
    pub program: ProgramRequest,
    /// Kubernetes' probe as written, kept as JSON.
    pub readiness_probe: Option<serde_json::Value>,
}

/// One entry of the environment, in the order in which it applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum EnvRequest {
    /// A plain value.
    Value { name: String, value: String },
    /// One key of a ConfigMap or Secret.
    Key { name: String, object: ObjectKind, object_name: String, key: String, optional: bool },
    /// Every key of a ConfigMap or Secret, with a prefix (`envFrom`).
    All { prefix: String, object: ObjectKind, object_name: String, optional: bool },
}

/// What the `sandbox` block and `computeResources` say, merged by the inner-wins rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SandboxRequest {
    pub memory: Option<u64>,
    pub cpu: Option<u64>,
    pub disk: Option<u64>,
    pub files: Option<u64>,
    pub output: Option<u64>,
    pub handles: Option<u32>,
    pub clock: ClockMode,
    pub random: RandomMode,
    pub cache: CacheMode,
    pub times: TimesMode,
    pub workspace: WorkspaceMode,
    /// Modules that a script may call by name.
    pub commands: BTreeMap<String, String>,
}

macro_rules! mode {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
    };
}
mode!(/// `sandbox.clock`.
    ClockMode { #[default] /// The machine's clock.
    Real, /// A fixed start; sleeping advances it at once.
    Virtual });
mode!(/// `sandbox.random`.
    RandomMode { #[default] /// Seeded where the step can be cached, else real.
    Auto, /// Always from the seed.
    Seeded, /// Always from the machine.
    Real });
mode!(/// `sandbox.cache`.
    CacheMode { #[default] /// By the rules of the cache.
    Auto, /// Even where the rules say no; then private.
    Always, /// Not at all.
    Never });
mode!(/// `sandbox.times`.
    TimesMode { #[default] /// One constant for what is older than the task.
    Stable, /// As on the host.
    Real });
mode!(/// `sandbox.workspace`.
    WorkspaceMode { #[default] /// A layer above the workspace.
    Overlay, /// The directory itself.
    Live });

impl SandboxRequest {
    /// The limits that the sandbox enforces: `defaults`, lowered (never raised) by what the request says.
    #[must_use]
    pub fn limits(&self, defaults: &Limits, wall: Option<u64>) -> Limits {
        let lower = |own: Option<u64>, top: u64| own.map_or(top, |v| v.min(top));
        Limits {
            memory: lower(self.memory, defaults.memory),
            cpu: match (self.cpu, defaults.cpu) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            wall,
            output: lower(self.output, defaults.output),
            disk: lower(self.disk, defaults.disk),
            files: lower(self.files, defaults.files),
            handles: self.handles.map_or(defaults.handles, |own| own.min(defaults.handles)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipeline lowers what the operator allows, and never raises it.
    #[test]
    fn limits_are_only_lowered() {
        let top = Limits { cpu: Some(20), ..Limits::default() };
        let all = |value: u64| SandboxRequest {
            memory: Some(value),
            cpu: Some(value),
            disk: Some(value),
            files: Some(value),
            output: Some(value),
            handles: Some(u32::try_from(value).unwrap_or(u32::MAX)),
            ..SandboxRequest::default()
        };
        assert_eq!(SandboxRequest::default().limits(&top, None), top);
        assert_eq!(all(u64::MAX).limits(&top, Some(5)), Limits { wall: Some(5), ..top.clone() });
        let low = Limits { memory: 7, cpu: Some(7), wall: None, output: 7, disk: 7, files: 7, handles: 7 };
        assert_eq!(all(7).limits(&top, None), low);
        assert_eq!(all(7).limits(&Limits { cpu: None, ..top }, None), low);
    }
}
