//! Where the workspaces of a run lie on this machine.
//!
//! Knows bindings and directories. Does not know what is in them.

use crate::engine::claimed;
use crate::model::objects::WorkspaceBinding;
use crate::model::plan::{Plan, Root};
use std::path::{Path, PathBuf};

/// Where a workspace of a run lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspacePlace {
    pub name: String,
    /// `None` where nothing is kept: an empty directory, a ConfigMap, a Secret.
    pub path: Option<PathBuf>,
    /// What stands behind it, in Tekton's word: `emptyDir`, `persistentVolumeClaim`, …
    pub kind: &'static str,
}

/// The workspaces of a run.
pub(super) fn places(plan: &Plan, state_dir: &Path) -> Vec<WorkspacePlace> {
    let bindings = match &plan.root {
        Root::Pipeline { spec, .. } => &spec.workspaces,
        Root::Task { spec, .. } => &spec.workspaces,
    };
    bindings.iter().map(|binding| place(binding, plan, state_dir)).collect()
}

fn place(binding: &WorkspaceBinding, plan: &Plan, state_dir: &Path) -> WorkspacePlace {
    let claim = |name: &str| {
        let path = state_dir.join("v1").join("volumes").join(&plan.metadata.namespace).join(name);
        Some(if binding.sub_path.is_empty() { path } else { path.join(&binding.sub_path) })
    };
    let (kind, path) = if let Some(dir) = &binding.host_dir {
        ("directory", Some(PathBuf::from(&dir.path)))
    } else if let Some(source) = &binding.persistent_volume_claim {
        ("persistentVolumeClaim", claim(&source.claim_name))
    } else if binding.volume_claim_template.is_some() {
        let bound = claimed(binding, &plan.metadata.uid).persistent_volume_claim;
        ("volumeClaimTemplate", bound.and_then(|source| claim(&source.claim_name)))
    } else if binding.config_map.is_some() {
        ("configMap", None)
    } else if binding.secret.is_some() {
        ("secret", None)
    } else if binding.projected.is_some() {
        ("projected", None)
    } else {
        ("emptyDir", None)
    };
    WorkspacePlace { name: binding.name.clone(), path, kind }
}
