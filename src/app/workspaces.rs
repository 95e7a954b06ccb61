//! Where the workspaces of a run lie on this machine.
//!
//! Knows bindings and directories. Does not know what is in them.

use crate::engine::{Run, claimed};
use crate::model::objects::WorkspaceBinding;
use crate::model::plan::{Plan, Root};
use crate::volumes::Place;
use cap_std::fs::Dir;
use std::io;
use std::path::{Path, PathBuf};

/// A directory of the user's, in our word.
const DIRECTORY: &str = "directory";

/// Where a workspace of a run lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspacePlace {
    pub name: String,
    /// `None` where nothing is kept: an empty directory, a ConfigMap, a Secret.
    pub path: Option<PathBuf>,
    /// The part of it that the run was given; empty for all of it. What stands there is the doing of steps.
    pub sub_path: String,
    /// What stands behind it, in Tekton's word: `emptyDir`, `persistentVolumeClaim`, …
    pub kind: &'static str,
}

/// The workspaces of a run.
pub(super) fn places(plan: &Plan, run: &Run, state_dir: &Path) -> Vec<WorkspacePlace> {
    let given = run.workspaces();
    let bindings = match &plan.root {
        Root::Pipeline { spec, .. } => &spec.workspaces,
        Root::Task { spec, .. } => &spec.workspaces,
    };
    bindings
        .iter()
        .map(|binding| {
            // A run that could not begin says what is written.
            let given = given.iter().find(|given| given.name == binding.name).unwrap_or(binding);
            place(binding, given, plan, state_dir)
        })
        .collect()
}

/// Where a workspace lies that is bound as `binding` says, with its variables replaced in `given`.
fn place(binding: &WorkspaceBinding, given: &WorkspaceBinding, plan: &Plan, state_dir: &Path) -> WorkspacePlace {
    let claim = |name: &str| Some(state_dir.join("v1").join("volumes").join(&plan.metadata.namespace).join(name));
    let (kind, path) = if let Some(dir) = &binding.host_dir {
        (DIRECTORY, Some(PathBuf::from(&dir.path)))
    } else if let (Some(_), Some(source)) = (&binding.persistent_volume_claim, &given.persistent_volume_claim) {
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
    let sub_path = if binding.host_dir.is_none() { given.sub_path.clone() } else { String::new() };
    WorkspacePlace { name: binding.name.clone(), path, sub_path, kind }
}

impl WorkspacePlace {
    /// The whole path, to be shown.
    #[must_use]
    pub fn shown(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        Some(if self.sub_path.is_empty() { path.clone() } else { path.join(&self.sub_path) })
    }

    /// Opens it. Links that steps left in its own path are not followed, those in the part's path only where they stay
    /// inside the volume.
    pub(super) fn open(&self) -> io::Result<Option<Dir>> {
        let Some(path) = &self.path else { return Ok(None) };
        let volume = match self.kind {
            DIRECTORY => Place::unlinked(path)?,
            _ => Place::existing(path)?,
        };
        let Some(dir) = volume.dir()? else { return Ok(None) };
        if self.sub_path.is_empty() { dir.try_clone() } else { dir.open_dir(&self.sub_path) }.map(Some)
    }
}
