//! An open file of an overlay, which is another file of the host once it was copied up.
//!
//! Knows open files and identities, and by which path each was opened. Does not know layers.

use super::Overlay;
use crate::exec::module::fs::backend::{Age, Identity, SetTime, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::timestamps;
use std::collections::HashMap;
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

/// How many identities are kept at least before those of closed files are cleared out.
const CLEAR_AT: usize = 1024;

/// An open file.
pub struct Cell {
    now: RwLock<Now>,
    /// The identity that is told of it.
    pub shown: Identity,
    /// When it was written last before it was opened.
    opened_as: Age,
    /// For a handle that was opened for reading on a file that was not ours to change.
    source: Option<(Weak<Overlay>, String)>,
}

struct Now {
    file: File,
    /// Noted when the file is changed; none while it is not ours to change.
    written: Option<Arc<AtomicBool>>,
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cell").field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl Cell {
    /// A file in the current layer.
    pub(super) fn own(file: File, stat: &Stat, written: Arc<AtomicBool>) -> Self {
        let now = RwLock::new(Now { file, written: Some(written) });
        Self { now, shown: stat.identity, opened_as: stat.age, source: None }
    }

    /// A file that is open for reading, at this path.
    pub(super) fn below(file: File, stat: &Stat, overlay: Weak<Overlay>, path: &str) -> Self {
        let now = RwLock::new(Now { file, written: None });
        Self { now, shown: stat.identity, opened_as: stat.age, source: Some((overlay, path.to_owned())) }
    }

    /// Does something with the file of the host that it is now.
    pub fn with<T>(&self, act: impl FnOnce(&File) -> T) -> T {
        act(&self.now.read().unwrap_or_else(PoisonError::into_inner).file)
    }

    /// When the file was written last, as far as the handle knows.
    #[must_use]
    pub fn age(&self) -> Age {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        match &now.written {
            Some(written) if written.load(Ordering::Relaxed) => Age::Timed,
            Some(_) | None => self.opened_as,
        }
    }

    /// Notes that the file was changed.
    pub fn note_written(&self) {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(written) = &now.written {
            written.store(true, Ordering::Relaxed);
        }
    }

    /// Sets the file's times, once it is ours.
    pub fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<(), Errno> {
        let own = self.now.read().unwrap_or_else(PoisonError::into_inner).written.is_some();
        if own {
            self.note_written();
            return Ok(self.with(|file| rustix::fs::futimens(file, &timestamps(accessed, modified)))?);
        }
        let Some((overlay, path)) = &self.source else { return Ok(()) };
        let Some(overlay) = overlay.upgrade() else { return Ok(()) };
        match overlay.stat_at(path) {
            // It is copied up by this, and this handle follows.
            Ok(stat) if stat.identity == self.shown => overlay.set_times_at(path, accessed, modified),
            // It has lost its name: nobody can look at its times any more but through this handle.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn replace(&self, file: File, written: Arc<AtomicBool>) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Now { file, written: Some(written) };
    }
}

/// Handles that are open for reading on files that are not in the current layer.
#[derive(Default)]
pub(super) struct Readers {
    cells: HashMap<Identity, Vec<Weak<Cell>>>,
    clear_at: usize,
}

impl Readers {
    pub fn add(&mut self, cell: &Arc<Cell>) {
        if self.cells.len() >= self.clear_at.max(CLEAR_AT) {
            self.cells.retain(|_, cells| cells.iter().any(|cell| cell.strong_count() > 0));
            self.clear_at = self.cells.len() * 2;
        }
        let cells = self.cells.entry(cell.shown).or_default();
        cells.retain(|cell| cell.strong_count() > 0);
        cells.push(Arc::downgrade(cell));
    }

    /// Lets every reader of a file go on with its copy.
    pub fn follow(&mut self, shown: Identity, written: &Arc<AtomicBool>, open: impl Fn() -> Option<File>) {
        for cell in self.cells.remove(&shown).into_iter().flatten() {
            if let Some(cell) = cell.upgrade()
                && let Some(file) = open()
            {
                cell.replace(file, written.clone());
            }
        }
    }
}
