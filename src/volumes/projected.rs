//! ConfigMaps and Secrets as files in memory: they never reach a disk of ours.
//!
//! Knows how Kubernetes turns keys into files. Does not know mounts or guests.

use super::VolumeError;
use super::objects::Objects;
use crate::model::request::{ProjectedItem, ProjectedSource, ProjectedText};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Kubernetes: mode of projected files where none is given.
const DEFAULT_MODE: u32 = 0o644;

/// Files that are held in memory and cannot be changed, by relative path (`a/b`).
#[derive(Clone, Default)]
pub struct Files(pub BTreeMap<String, HeldFile>);

/// One file of [`Files`].
#[derive(Clone)]
pub struct HeldFile {
    /// Content.
    pub bytes: Arc<[u8]>,
    /// Permission bits.
    pub mode: u32,
}

impl fmt::Debug for Files {
    /// Paths and sizes only: the content may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(path, file)| (path, file.bytes.len()))).finish()
    }
}

impl Files {
    /// Adds a file.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Arc<[u8]>>, mode: u32) {
        self.0.insert(path.into(), HeldFile { bytes: bytes.into(), mode });
    }

    /// The files beneath a directory, by their paths inside it, or the one file at this path under
    /// the path "".
    #[must_use]
    pub fn inside(&self, path: &str) -> Self {
        if path.is_empty() {
            return self.clone();
        }
        let files = self.0.iter().filter_map(|(own, file)| {
            let rest = own.strip_prefix(path)?;
            let rest = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
            Some((rest.to_owned(), file.clone()))
        });
        Self(files.collect())
    }
}

/// The files of a projected volume. A later source wins where two give one path, and texts win over all.
pub(super) fn project(
    objects: &Objects,
    namespace: &str,
    sources: &[ProjectedSource],
    texts: &[ProjectedText],
) -> Result<Files, VolumeError> {
    let mut files = Files::default();
    for source in sources {
        let data = objects.require(namespace, source.object, &source.name, source.optional)?;
        let Some(data) = data else { continue };
        let mode = source.default_mode.unwrap_or(DEFAULT_MODE);
        if source.items.is_empty() {
            for (key, bytes) in data {
                files.insert(key.as_str(), bytes.as_slice(), mode);
            }
            continue;
        }
        for ProjectedItem { key, path, mode: own } in &source.items {
            let path = super::relative_path(path)?;
            match data.get(key) {
                Some(bytes) => files.insert(path, bytes.as_slice(), own.unwrap_or(mode)),
                None if source.optional => {}
                None => {
                    return Err(VolumeError::KeyMissing {
                        kind: source.object,
                        namespace: namespace.to_owned(),
                        name: source.name.clone(),
                        key: key.clone(),
                    });
                }
            }
        }
    }
    for ProjectedText { path, text, mode } in texts {
        files.insert(super::relative_path(path)?, text.as_bytes(), mode.unwrap_or(DEFAULT_MODE));
    }
    Ok(files)
}
