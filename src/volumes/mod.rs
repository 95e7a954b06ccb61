//! Makes a task's volumes stand ready: claims, fresh directories, the user's directories,
//! ConfigMaps and Secrets as files.
//!
//! Knows where volumes lie on this machine and that nothing is made on disk before the first
//! write. Does not know guests, mounts of a step, or which task a volume is for.

pub mod beneath;
pub mod commit;
mod objects;
mod place;
mod projected;
mod remove;
#[cfg(test)]
mod tests;

pub use objects::{ObjectData, Objects};
pub use place::Place;
pub use projected::{Files, HeldFile};
pub use remove::remove_tree;

use crate::model::expand::TooLong;
use crate::model::request::{ObjectKind, VolumeRequest, VolumeSource};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest path inside a volume, as on Linux.
const LONGEST_PATH: usize = 4096;

/// Why a directory of the user's is not used any more.
const LINKED: &str = "a link stands in its path now, where a directory stood when the run began";

/// What [`Volumes`] needs to know of this machine.
#[derive(Debug, Clone)]
pub struct VolumesOptions {
    /// Where claims lie: `VOLUMES/NAMESPACE/CLAIM`.
    pub volumes_dir: PathBuf,
    /// The run's ConfigMaps and Secrets.
    pub objects: Arc<Objects>,
    /// How what tasks write reaches claims and directories.
    pub commits: commit::Commits,
}

/// Opens volumes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Volumes {
    options: VolumesOptions,
}

/// A volume that is ready to be mounted.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Where its bytes are.
    pub content: Content,
    /// Nobody may write to it, whatever a mount says.
    pub read_only: bool,
}

/// Where a volume's bytes are.
#[derive(Debug, Clone)]
pub enum Content {
    /// In a directory that the attempt has to itself.
    Own(Place),
    /// In a directory of the machine that was there before, or is kept.
    Shared(Place),
    /// In memory, and unchangeable.
    Held(Files),
}

/// Why a volume or a value cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VolumeError {
    /// A ConfigMap or Secret that is in none of the files.
    #[error("{kind:?} {name:?} is not in the files (namespace {namespace:?})")]
    ObjectMissing { kind: ObjectKind, namespace: String, name: String },
    /// A ConfigMap or Secret without that key.
    #[error("{kind:?} {name:?} has no key {key:?} (namespace {namespace:?})")]
    KeyMissing { kind: ObjectKind, namespace: String, name: String, key: String },
    /// A variable that is longer than a program is started with.
    #[error("environment variable {name:?}: {error}")]
    Variable { name: String, error: TooLong },
    /// A name that cannot be a directory's.
    #[error("{name:?} cannot be the name of a {what}")]
    BadName { what: &'static str, name: String },
    /// A path that is absolute, empty, too long, or leads out of its volume.
    #[error("path {path:?} has to be relative and must not contain `..`")]
    BadPath { path: String },
    /// A directory of the user's that cannot be opened.
    #[error("directory {path:?} cannot be opened: {reason}")]
    Directory { path: String, reason: String },
}

impl Volumes {
    /// Opens nothing yet.
    #[must_use]
    pub fn new(options: VolumesOptions) -> Self {
        Self { options }
    }

    /// The run's ConfigMaps and Secrets.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.options.objects
    }

    /// How what tasks write reaches claims and directories.
    #[must_use]
    pub fn commits(&self) -> &commit::Commits {
        &self.options.commits
    }

    /// Where a claim lies on this machine. Fails if a name cannot be a directory's.
    pub fn claim_path(&self, namespace: &str, claim: &str) -> Result<PathBuf, VolumeError> {
        let namespace = directory_name("namespace", namespace)?;
        let claim = directory_name("PersistentVolumeClaim", claim)?;
        Ok(self.options.volumes_dir.join(namespace).join(claim))
    }

    /// Makes a volume ready. `scratch` is the attempt's own directory, which its owner removes
    /// at the end; a fresh volume is a directory in it.
    pub fn open(&self, namespace: &str, request: &VolumeRequest, scratch: &Path) -> Result<Volume, VolumeError> {
        let mut read_only = false;
        let content = match &request.source {
            VolumeSource::EmptyDir => {
                // The key is the task's own word: hashed, it is a safe name on every disk.
                let name = blake3::hash(request.key.as_bytes()).to_hex();
                let name = name.as_str().get(..16).unwrap_or_default().to_owned();
                Content::Own(Place::private(scratch.join(format!("volume-{name}"))))
            }
            VolumeSource::Claim { name } => Content::Shared(Place::shared(self.claim_path(namespace, name)?)),
            VolumeSource::HostDir { path, read_only: only } => {
                read_only = *only;
                let place = Place::unlinked(Path::new(path)).map_err(|error| {
                    let linked = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
                    let reason = if linked { LINKED.to_owned() } else { error.to_string() };
                    VolumeError::Directory { path: path.clone(), reason }
                })?;
                Content::Shared(place)
            }
            VolumeSource::Projected { sources, texts } => {
                read_only = true;
                Content::Held(projected::project(self.objects(), namespace, sources, texts)?)
            }
        };
        Ok(Volume { content, read_only })
    }
}

/// A relative path without `.`, `..` and doubled slashes.
pub fn relative_path(path: &str) -> Result<String, VolumeError> {
    let bad = || VolumeError::BadPath { path: path.to_owned() };
    if path.starts_with('/') || path.contains('\0') || path.len() > LONGEST_PATH {
        return Err(bad());
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(bad()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err(bad());
    }
    Ok(parts.join("/"))
}

/// A name that is one directory's and nothing else.
fn directory_name<'a>(what: &'static str, name: &'a str) -> Result<&'a str, VolumeError> {
    let plain = !name.is_empty()
        && name.len() <= 253
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if plain { Ok(name) } else { Err(VolumeError::BadName { what, name: name.to_owned() }) }
}
