//! Workspaces and volumes of a task: their sources, their names, where they are mounted.
//!
//! Knows Tekton's rules for bindings, isolation, sub paths and generated claims. Does not know
//! directories.

use super::names::hash;
use crate::model::objects::{
    ClaimSource, ConfigMapSource, DownwardFile, DownwardSource, KeyToPath, ProjectedVolume, SecretSource, TaskSpec,
    Volume, WorkspaceBinding, WorkspaceUsage,
};
use crate::model::request::{
    MountRequest, ObjectKind, ProjectedItem, ProjectedSource, ProjectedText, VolumeRequest, VolumeSource,
};
use std::collections::BTreeSet;

/// What a file of the downward API holds.
pub(super) type Pod<'a> = &'a dyn Fn(&DownwardFile) -> String;

/// Where workspaces without a `mountPath` stand.
pub(super) const DEFAULT_MOUNT: &str = "/workspace";

/// A binding whose claim template has become a claim: named after the template, the workspace and
/// the run that owns it, so that all tasks of a run share it and no other run does.
#[must_use]
pub fn claimed(binding: &WorkspaceBinding, owner_uid: &str) -> WorkspaceBinding {
    let mut bound = binding.clone();
    if let Some(template) = bound.volume_claim_template.take() {
        let digest = hash(&format!("{}{owner_uid}", binding.name));
        let prefix = match template.metadata.name.as_str() {
            "" => "pvc",
            name => name,
        };
        let claim_name = format!("{prefix}-{}", digest.get(..10).unwrap_or_default());
        bound.persistent_volume_claim = Some(ClaimSource { claim_name, read_only: false });
    }
    bound
}

/// Tekton's name of a workspace's volume: `ws-` and five digits of a hash of the workspace's name.
fn hashed_name(workspace: &str) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in workspace.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let digits = format!("{hash:x}00000");
    format!("ws-{}", digits.get(..5).unwrap_or_default())
}

/// The volume of each binding: two bindings of one claim share the first one's.
pub(super) fn workspace_volumes(bindings: &[WorkspaceBinding]) -> Vec<String> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut names: Vec<String> = Vec::with_capacity(bindings.len());
    for (at, binding) in bindings.iter().enumerate() {
        let claim = binding.persistent_volume_claim.as_ref().map(|c| &c.claim_name);
        let twin = claim.and_then(|claim| {
            let mut before = bindings.iter().take(at);
            before.position(|b| b.persistent_volume_claim.as_ref().map(|c| &c.claim_name) == Some(claim))
        });
        if let Some(name) = twin.and_then(|t| names.get(t)) {
            names.push(name.clone());
            continue;
        }
        let mut name = hashed_name(&binding.name);
        while !used.insert(name.clone()) {
            name = hashed_name(&format!("{name}$"));
        }
        names.push(name);
    }
    names
}

/// The volume of the workspace of that name.
pub(super) fn workspace_volume(bindings: &[WorkspaceBinding], workspace: &str) -> Option<String> {
    let at = bindings.iter().position(|b| b.name == workspace)?;
    workspace_volumes(bindings).into_iter().nth(at)
}

/// What stands behind a binding; the error says why nothing can.
pub(super) fn binding_source(binding: &WorkspaceBinding, pod: Pod<'_>) -> Result<VolumeSource, String> {
    if let Some(directory) = &binding.host_dir {
        return Ok(VolumeSource::HostDir { path: directory.path.clone(), read_only: directory.read_only });
    }
    if let Some(claim) = &binding.persistent_volume_claim {
        return Ok(VolumeSource::Claim { name: claim.claim_name.clone() });
    }
    if binding.empty_dir.is_some() {
        return Ok(VolumeSource::EmptyDir);
    }
    source_of(binding.config_map.as_ref(), binding.secret.as_ref(), binding.projected.as_ref(), None, pod)
        .ok_or_else(|| format!("workspace \"{}\" has a source that cannot be mounted here", binding.name))
}

/// What stands behind a volume of a task or pod template.
pub(super) fn volume_source(volume: &Volume, pod: Pod<'_>) -> Result<VolumeSource, String> {
    if let Some(claim) = &volume.persistent_volume_claim {
        return Ok(VolumeSource::Claim { name: claim.claim_name.clone() });
    }
    let (projected, downward) = (volume.projected.as_ref(), volume.downward_api.as_ref());
    let projected = source_of(volume.config_map.as_ref(), volume.secret.as_ref(), projected, downward, pod);
    if let Some(source) = projected {
        return Ok(source);
    }
    let bare = Volume { name: volume.name.clone(), ..Volume::default() };
    if volume.empty_dir.is_some() || *volume == bare {
        return Ok(VolumeSource::EmptyDir);
    }
    Err(format!("volume \"{}\" has a source that cannot be mounted here", volume.name))
}

fn source_of(
    config_map: Option<&ConfigMapSource>,
    secret: Option<&SecretSource>,
    projected: Option<&ProjectedVolume>,
    downward: Option<&DownwardSource>,
    pod: Pod<'_>,
) -> Option<VolumeSource> {
    let (mut sources, mut texts) = (Vec::new(), Vec::new());
    texts.extend(downward.into_iter().flat_map(|d| from_downward(d, None, pod)));
    sources.extend(config_map.map(|m| from_config_map(m, None)));
    sources.extend(secret.map(|s| from_secret(s, None)));
    if let Some(projected) = projected {
        for source in &projected.sources {
            let mode = projected.default_mode;
            sources.extend(source.config_map.as_ref().map(|m| from_config_map(m, mode)));
            sources.extend(source.secret.as_ref().map(|s| from_secret(s, mode)));
            texts.extend(source.downward_api.iter().flat_map(|d| from_downward(d, mode, pod)));
        }
    }
    let any = config_map.is_some() || secret.is_some() || projected.is_some() || downward.is_some();
    any.then_some(VolumeSource::Projected { sources, texts })
}

fn from_downward(source: &DownwardSource, default_mode: Option<i64>, pod: Pod<'_>) -> Vec<ProjectedText> {
    let text = |file: &DownwardFile| ProjectedText {
        path: file.path.clone(),
        text: pod(file),
        mode: mode(file.mode.or(source.default_mode).or(default_mode)),
    };
    source.items.iter().map(text).collect()
}

fn mode(mode: Option<i64>) -> Option<u32> {
    mode.and_then(|m| u32::try_from(m).ok())
}

fn items(items: &[KeyToPath]) -> Vec<ProjectedItem> {
    items.iter().map(|i| ProjectedItem { key: i.key.clone(), path: i.path.clone(), mode: mode(i.mode) }).collect()
}

fn from_config_map(map: &ConfigMapSource, default_mode: Option<i64>) -> ProjectedSource {
    ProjectedSource {
        object: ObjectKind::ConfigMap,
        name: map.name.clone(),
        optional: map.optional,
        items: items(&map.items),
        default_mode: mode(map.default_mode.or(default_mode)),
    }
}

fn from_secret(secret: &SecretSource, default_mode: Option<i64>) -> ProjectedSource {
    let name = if secret.secret_name.is_empty() { &secret.name } else { &secret.secret_name };
    ProjectedSource {
        object: ObjectKind::Secret,
        name: name.clone(),
        optional: secret.optional,
        items: items(&secret.items),
        default_mode: mode(secret.default_mode.or(default_mode)),
    }
}

/// All that the steps of a task may mount: workspaces, the task's volumes, the pod template's.
pub(super) fn requests(
    bindings: &[WorkspaceBinding],
    volumes: &[Volume],
    pod: Pod<'_>,
) -> Result<Vec<VolumeRequest>, String> {
    let mut requests: Vec<VolumeRequest> = Vec::new();
    for (binding, key) in bindings.iter().zip(workspace_volumes(bindings)) {
        if !requests.iter().any(|r| r.key == key) {
            requests.push(VolumeRequest { key, source: binding_source(binding, pod)? });
        }
    }
    for volume in volumes {
        requests.push(VolumeRequest { key: volume.name.clone(), source: volume_source(volume, pod)? });
    }
    Ok(requests)
}

/// The names of workspaces that only steps and sidecars which list them may see.
fn isolated(spec: &TaskSpec) -> BTreeSet<&str> {
    let steps = spec.steps.iter().flat_map(|s| &s.workspaces);
    let sidecars = spec.sidecars.iter().flat_map(|s| &s.workspaces);
    steps.chain(sidecars).map(|u| u.name.as_str()).collect()
}

/// The mounts of a step's or sidecar's workspaces (Tekton: `workspace.Apply`). `path_of` is the
/// mount path that the task declares, with variables replaced.
pub(super) fn workspace_mounts(
    spec: &TaskSpec,
    bindings: &[WorkspaceBinding],
    usages: &[WorkspaceUsage],
    path_of: impl Fn(&str) -> Option<String>,
) -> Vec<MountRequest> {
    let isolated = isolated(spec);
    let mut mounts = Vec::new();
    for (binding, volume) in bindings.iter().zip(workspace_volumes(bindings)) {
        let name = binding.name.as_str();
        let usage = usages.iter().find(|u| u.name == name);
        if isolated.contains(name) && usage.is_none() {
            continue;
        }
        let own = usage.map(|u| u.mount_path.clone()).filter(|p| !p.is_empty());
        let path = own.or_else(|| path_of(name).filter(|p| !p.is_empty()));
        let declared = spec.workspaces.iter().find(|w| w.name == name);
        mounts.push(MountRequest {
            volume,
            mount_path: path.unwrap_or_else(|| format!("{DEFAULT_MOUNT}/{name}")),
            sub_path: binding.sub_path.clone(),
            read_only: declared.is_some_and(|w| w.read_only)
                || binding.persistent_volume_claim.as_ref().is_some_and(|c| c.read_only)
                || binding.host_dir.as_ref().is_some_and(|h| h.read_only),
        });
    }
    mounts
}

/// The workspaces whose variables stand in an inline task, which takes them from its run without
/// declaring them (Tekton: `FindWorkspacesUsedByTask`).
pub(super) fn used_workspaces(spec: &TaskSpec) -> BTreeSet<String> {
    let mut texts: Vec<&str> = Vec::new();
    for step in &spec.steps {
        texts.extend([step.script.as_str(), step.working_dir.as_str()]);
        texts.extend(step.command.iter().chain(&step.args).map(String::as_str));
        texts.extend(step.env.iter().map(|e| e.value.as_str()));
        for value in step.params.iter().filter_map(|p| p.value.as_ref()) {
            match value {
                crate::model::value::ParamValue::String(text) => texts.push(text),
                crate::model::value::ParamValue::Array(items) => {
                    texts.extend(items.iter().map(String::as_str));
                }
                crate::model::value::ParamValue::Object(map) => {
                    texts.extend(map.values().map(String::as_str));
                }
            }
        }
    }
    for sidecar in &spec.sidecars {
        texts.extend([sidecar.script.as_str(), sidecar.working_dir.as_str()]);
        texts.extend(sidecar.command.iter().chain(&sidecar.args).map(String::as_str));
        texts.extend(sidecar.env.iter().map(|e| e.value.as_str()));
    }
    if let Some(template) = &spec.step_template {
        texts.push(&template.working_dir);
        texts.extend(template.command.iter().chain(&template.args).map(String::as_str));
        texts.extend(template.env.iter().map(|e| e.value.as_str()));
    }
    let mut used = BTreeSet::new();
    for text in texts.into_iter().filter(|t| t.contains("$(workspaces")) {
        for reference in crate::model::substitute::references(text) {
            if let Some(rest) = reference.strip_prefix("workspaces.") {
                let name = rest.split_once('.').map_or(rest, |(name, _)| name);
                used.insert(name.to_owned());
            }
        }
    }
    used
}
