//! Directories of old versions that somebody still reads: gone with the last reader.
//!
//! Knows one directory for each commit that needs one. Does not know what is in it.

use crate::volumes::{Place, remove_tree};
use rustix::fs::FlockOperation;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What the names of such directories begin with.
const PREFIX: &str = ".past-";

/// A directory of old versions. Removed when it is dropped.
#[derive(Debug)]
pub struct Past {
    path: PathBuf,
    place: Place,
    /// Tells others that somebody lives who needs it.
    _lock: File,
}

impl Past {
    /// Makes a directory of this name in `dir`.
    pub(super) fn make(dir: &Path, name: &str) -> io::Result<Self> {
        let path = dir.join(format!("{PREFIX}{name}"));
        remove_tree(&path)?;
        std::fs::create_dir_all(&path)?;
        let lock = File::open(&path)?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { place: Place::existing(&path)?, path, _lock: lock })
    }

    /// The directory.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }
}

impl Drop for Past {
    fn drop(&mut self) {
        // What stays is found by the next recovery.
        let _ = remove_tree(&self.path);
    }
}

/// Removes the directories whose readers have died.
pub(super) fn clear(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let free = |file: &File| rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive).is_ok();
        if File::open(entry.path()).is_ok_and(|file| free(&file)) {
            let _ = remove_tree(&entry.path());
        }
    }
}
