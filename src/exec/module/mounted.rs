//! The volumes of a task attempt as its programs mount them: what outlives the attempt lies
//! beneath an overlay, unless the task works on it directly.
//!
//! Knows volumes and overlays. Does not know programs, mount points, or Tekton's paths.

use super::fs::backend::Backend;
use super::fs::errno::Errno;
use super::fs::held::HeldBackend;
use super::fs::host::HostBackend;
use super::fs::overlay::{Overlay, OverlayMount};
use crate::volumes::commit::{CommitFault, Commits, Record, Root};
use crate::volumes::{Content, Files, Place, Volume, VolumeError};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// How the names of the directories begin in which overlays have their layers.
pub const LAYERS: &str = "overlay-";

/// A volume that can be mounted.
#[derive(Clone)]
pub struct Mounted {
    content: Source,
    /// Nobody may write to it, whatever a mount says.
    pub read_only: bool,
}

#[derive(Clone)]
enum Source {
    Host(Place),
    Overlay(OverlayMount),
    Held(Files),
}

/// Why a path in a volume cannot be mounted.
#[derive(Debug, thiserror::Error)]
pub enum MountError {
    /// It is no path in a volume.
    #[error(transparent)]
    Path(#[from] VolumeError),
    /// It leads elsewhere than to a directory.
    #[error("{path:?} in the volume cannot be mounted: {errno}")]
    Place { path: String, errno: Errno },
}

impl Mounted {
    /// The part of the volume at a path inside it, made at the first write if it is missing.
    pub fn inside(&self, path: &str) -> Result<Self, MountError> {
        if path.trim_matches('/').is_empty() {
            return Ok(self.clone());
        }
        let path = crate::volumes::relative_path(path.trim_end_matches('/'))?;
        let content = match &self.content {
            Source::Host(place) => Source::Host(place.inside(&path)),
            Source::Held(files) => Source::Held(files.inside(&path)),
            Source::Overlay(mount) => {
                Source::Overlay(mount.inside(&path).map_err(|errno| MountError::Place { path, errno })?)
            }
        };
        Ok(Self { content, read_only: self.read_only })
    }

    /// What serves it, and whether it is one file.
    #[must_use]
    pub fn backend(&self) -> (Arc<dyn Backend>, bool) {
        match &self.content {
            Source::Host(place) => (Arc::new(HostBackend::new(place.clone())), false),
            Source::Overlay(mount) => (Arc::new(mount.clone()), false),
            Source::Held(files) => (Arc::new(HeldBackend::new(files.clone())), files.0.contains_key("")),
        }
    }
}

/// The volumes of an attempt by key, and the overlays that some of them lie in.
#[derive(Default)]
pub struct MountedVolumes {
    pub by_key: BTreeMap<String, Mounted>,
    overlays: Vec<Arc<Overlay>>,
}

impl MountedVolumes {
    /// Makes volumes ready. Layers are made in `dir` at the first write; `live` leaves them out.
    /// Fails where one directory of the user's lies in another and cannot be reached there.
    pub fn new(
        volumes: BTreeMap<String, Volume>,
        dir: &Path,
        commits: &Commits,
        live: bool,
    ) -> Result<Self, MountError> {
        let mut mounted = Self::default();
        let mut shared = Vec::new();
        for (key, Volume { content, read_only }) in volumes {
            let content = match content {
                Content::Shared(place) if !live => {
                    let root = Root::of(&place).map_err(|error| MountError::Place {
                        path: place.path().display().to_string(),
                        errno: error.into(),
                    })?;
                    shared.push((root, key, place, read_only));
                    continue;
                }
                Content::Own(place) | Content::Shared(place) => Source::Host(place),
                Content::Held(files) => Source::Held(files),
            };
            mounted.by_key.insert(key, Mounted { content, read_only });
        }
        // An outer directory comes before what lies in it.
        shared.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        for (root, key, place, read_only) in shared {
            let mount = mounted.overlay(root, &place, dir, commits)?;
            mounted.by_key.insert(key, Mounted { content: Source::Overlay(mount), read_only });
        }
        Ok(mounted)
    }

    /// A directory in its overlay. Two that are one, or lie in each other, share one.
    fn overlay(
        &mut self,
        root: Root,
        place: &Place,
        dir: &Path,
        commits: &Commits,
    ) -> Result<OverlayMount, MountError> {
        for outer in &self.overlays {
            if let Ok(inside) = root.path.strip_prefix(&outer.root().path) {
                let mount = OverlayMount::new(outer.clone());
                return match inside.to_str() {
                    Some("") => Ok(mount),
                    Some(path) => {
                        mount.inside(path).map_err(|errno| MountError::Place { path: path.to_owned(), errno })
                    }
                    None => Err(MountError::Place { path: inside.display().to_string(), errno: Errno::IllegalBytes }),
                };
            }
        }
        let layers = dir.join(format!("{LAYERS}{}", self.overlays.len()));
        let overlay = Overlay::new(place, root, layers, &commits.ground);
        self.overlays.push(overlay.clone());
        Ok(OverlayMount::new(overlay))
    }

    /// Seals what a step that ended wrote. Steps count from 0.
    pub fn seal(&self, step: u32) {
        self.overlays.iter().for_each(|overlay| overlay.seal(step));
    }

    /// Whether anything is to be committed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.overlays.iter().any(|overlay| overlay.is_changed())
    }

    /// Commits everything that was written. Gives what a user should know.
    pub fn commit(&self, commits: &Commits, run: &str, task: &str) -> Result<Vec<String>, CommitFault> {
        let mut warnings = Vec::new();
        for overlay in self.overlays.iter().filter(|overlay| overlay.is_changed()) {
            let layers = overlay.layers_dir().to_owned();
            let record = Record::new(overlay.root().clone(), layers, run, task, overlay.changes());
            warnings.extend(commits.commit(&record, overlay.seat())?);
        }
        Ok(warnings)
    }
}
