//! A directory as it was when a task attempt began, and above it what the attempt wrote.
//!
//! Knows the directory below, the layers of one attempt (one for each step that wrote), and a tree
//! of what was touched (`tree`). Does not know guests, limits, or where it is mounted; commits
//! are made from what it tells ([`Overlay::changes`]) elsewhere.
//!
//! - Looking: `look`. Names that nobody touched are asked of the directory below.
//! - Changing: `change`, `rename`. A file is copied up before it is written (`copy`), and
//!   handles that are open for reading follow it (`cell`).
//! - What other tasks commit to the directory meanwhile is kept out (`keep`).
//!
//! A hard link that lies in the directory below is broken when the file is written through it, as
//! in any overlay; one that is made here keeps the identity of its file.

mod cell;
mod change;
mod changes;
mod copy;
mod keep;
mod look;
mod mount;
mod rename;
#[cfg(test)]
pub(in crate::exec::module::fs) mod tests;
mod tree;

pub use cell::Cell;
pub use mount::OverlayMount;

use super::host::HostBackend;
use crate::volumes::Place;
use crate::volumes::commit::{Ground, Root, Seat};
use cell::Readers;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use tree::Node;

/// One attempt's view of one directory, shared by all of its mounts.
pub struct Overlay {
    me: Weak<Self>,
    base: Arc<HostBackend>,
    /// The directory below.
    root: Root,
    /// The directory in which the layers are made.
    dir: PathBuf,
    inner: RwLock<Inner>,
    readers: Mutex<Readers>,
    seat: OnceLock<Seat>,
    /// Bytes that were copied up and take room twice now, so far unasked for.
    copied: AtomicU64,
}

struct Inner {
    tree: Node,
    layers: Vec<Layer>,
    /// A file was given a second name.
    linked: bool,
}

/// What one step wrote.
#[derive(Clone)]
struct Layer {
    place: Place,
    backend: Arc<HostBackend>,
    /// The step that ended with it, counted from 0.
    sealed: Option<u32>,
}

impl Layer {
    fn new(dir: &Path, number: usize) -> Self {
        let place = Place::private(dir.join(number.to_string()));
        Self { backend: Arc::new(HostBackend::new(place.clone())), place, sealed: None }
    }
}

impl Overlay {
    /// A view of the directory as it is now. Layers are made in `dir` at the first write.
    #[must_use]
    pub fn new(base: &Place, root: Root, dir: PathBuf, ground: &Arc<Ground>) -> Arc<Self> {
        let overlay = Arc::new_cyclic(|me| Self {
            me: me.clone(),
            base: Arc::new(HostBackend::new(base.clone())),
            inner: RwLock::new(Inner { tree: Node::above_base(), layers: vec![Layer::new(&dir, 0)], linked: false }),
            readers: Mutex::default(),
            seat: OnceLock::new(),
            copied: AtomicU64::new(0),
            root: root.clone(),
            dir,
        });
        // Set once, here: it cannot be refused.
        let _ = overlay.seat.set(ground.join(root.path, overlay.me.clone()));
        overlay
    }

    /// The directory below.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The directory in which the layers are.
    #[must_use]
    pub fn layers_dir(&self) -> &Path {
        &self.dir
    }

    /// This reader's place among those of the directory.
    #[must_use]
    pub fn seat(&self) -> Option<&Seat> {
        self.seat.get()
    }

    /// Seals what a step that ended wrote: what follows goes to a layer of its own. Steps count from 0.
    pub fn seal(&self, step: u32) {
        let mut inner = self.write();
        let next = Layer::new(&self.dir, inner.layers.len());
        if let Some(layer) = inner.layers.last_mut().filter(|layer| layer.place.is_open()) {
            layer.sealed = Some(step);
            inner.layers.push(next);
        }
    }

    /// Whether the attempt changed anything.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        // Most attempts touch nothing.
        !self.read().tree.names.is_empty() && !self.changes().is_empty()
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        // A panic elsewhere leaves a tree that tells what is on disk, or less.
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The number of the layer that is written to.
    fn current(&self) -> u32 {
        u32::try_from(self.layers.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn layer(&self, number: u32) -> Result<Arc<HostBackend>, super::errno::Errno> {
        let layer = self.layers.get(number as usize).ok_or(super::errno::Errno::Io)?;
        Ok(layer.backend.clone())
    }
}
