//! Who looks at which directory, and what was committed to it meanwhile: one for a process.
//!
//! Knows directories by their paths on this machine, and whoever reads beneath them. Does not know
//! layers, guests, or how a change is carried out.

use super::past::Past;
use super::state::State;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Somebody who sees a directory as it was when he began, and has to be told what is about to change.
pub trait Reader: Send + Sync {
    /// The name `path`, relative to the reader's directory, is about to change; until now it stood
    /// for `old`. Called before the change, from another thread.
    fn keep(&self, path: &str, old: &Old);
}

/// What a name stood for before a commit.
#[derive(Clone)]
pub enum Old {
    /// Nothing.
    Nothing,
    /// A file or link, kept at a path in another directory.
    Leaf { past: Arc<Past>, path: String, state: State },
    /// A directory, whose content is gone already.
    Dir,
}

/// The readers and recent commits of one process. Held while a commit is carried out, so that
/// commits come one after the other.
#[derive(Default)]
pub struct Ground(Mutex<Inner>);

#[derive(Default)]
pub(super) struct Inner {
    readers: Vec<(u64, PathBuf, Weak<dyn Reader>)>,
    last: u64,
    /// What commits put where since the oldest reader began, and for which task.
    recent: HashMap<PathBuf, (Option<State>, String)>,
}

/// A reader's place among the others; he is forgotten when it is dropped.
pub struct Seat {
    ground: Arc<Ground>,
    id: u64,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ground")
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.ground.lock();
        inner.readers.retain(|(id, ..)| *id != self.id);
        if inner.readers.is_empty() {
            inner.recent = HashMap::new();
        }
    }
}

impl Seat {
    pub(super) fn id(&self) -> u64 {
        self.id
    }
}

impl Ground {
    /// Adds a reader of the directory at `root`.
    pub fn join(self: &Arc<Self>, root: PathBuf, reader: Weak<dyn Reader>) -> Seat {
        let mut inner = self.lock();
        inner.last += 1;
        let id = inner.last;
        inner.readers.push((id, root, reader));
        Seat { ground: self.clone(), id }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        // The lists are whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether anybody but `own` sees what is at `path`.
    pub(super) fn is_read(&self, path: &Path, own: Option<u64>) -> bool {
        self.readers.iter().any(|(id, root, _)| Some(*id) != own && path.starts_with(root))
    }

    /// Tells every reader but `own` what `path` stood for.
    pub(super) fn keep(&self, path: &Path, own: Option<u64>, old: &Old) {
        for (id, root, reader) in &self.readers {
            if Some(*id) != own
                && let Ok(inside) = path.strip_prefix(root)
                && let Some(inside) = inside.to_str()
                && let Some(reader) = reader.upgrade()
            {
                reader.keep(inside, old);
            }
        }
    }

    /// Which task's commit put `now` at `path`, if one did.
    pub(super) fn writer(&self, path: &Path, now: Option<&State>) -> Option<&str> {
        let (state, task) = self.recent.get(path)?;
        let same = match (state, now) {
            (Some(state), Some(now)) => state.holds(now),
            (None, None) => true,
            _ => false,
        };
        same.then_some(task)
    }

    /// Notes what a commit for `task` left at `path`.
    pub(super) fn wrote(&mut self, path: PathBuf, state: Option<State>, task: &str) {
        // Where nobody reads, nobody can have begun before this commit.
        if !self.readers.is_empty() {
            self.recent.insert(path, (state, task.to_owned()));
        }
    }
}
