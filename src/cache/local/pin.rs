//! What is of use to a run that goes on: everything since it began.
//!
//! Knows a file for each run, held locked while the run's process lives. Does not know what the run uses: a pin
//! keeps all that was used or written since it was made. The lock of a process that died is gone, so its pin counts no
//! more.

use super::{Local, StoreError};
use crate::cache::Privacy;
use rustix::fs::FlockOperation;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Keeps what a run uses from being collected, until it is dropped.
#[derive(Debug)]
pub struct Pin {
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl Local {
    /// Pins what is used from now on. Taken before the first lookup of a run.
    pub fn pin(&self) -> Result<Pin, StoreError> {
        let draft = self.draft(Privacy::Private)?;
        let file = draft.file.try_clone()?;
        // Nobody ever sees a pin that is not locked yet.
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(io::Error::from)?;
        let name = draft.path.file_name().unwrap_or_default().to_owned();
        let path = self.dir.join("pins").join(name);
        self.set(draft, &path)?;
        Ok(Pin { path, _file: file })
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        // One that stays is unlocked, and is removed by the next collection.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// When the oldest run began that goes on. Pins of processes that died are removed.
pub(in crate::cache) fn oldest(dir: &Path) -> io::Result<Option<SystemTime>> {
    let entries = match std::fs::read_dir(dir.join("pins")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut oldest: Option<SystemTime> = None;
    for entry in entries {
        let path = entry?.path();
        let file = match OpenOptions::new().read(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
            // It may have been removed by its owner.
            let _ = std::fs::remove_file(&path);
        } else {
            let began = file.metadata()?.modified()?;
            oldest = Some(oldest.map_or(began, |oldest| oldest.min(began)));
        }
    }
    Ok(oldest)
}
