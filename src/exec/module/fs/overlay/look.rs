//! Calls that look: what stands where, what it holds.
//!
//! Knows the tree and the directory below it. Does not know how anything is changed.

use super::cell::Cell;
use super::tree::{At, Entry, Found, Leaf, Now};
use super::{Inner, Overlay};
use crate::exec::module::fs::backend::{Age, Backend, Kind, Listed, OpenHow, Opened, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::host::HostBackend;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

impl Inner {
    /// Where the bytes of a file or link lie.
    pub(super) fn place_of(&self, leaf: &Leaf, path: &str) -> Result<(Arc<HostBackend>, String), Errno> {
        match &leaf.at {
            At::Layer(number) => Ok((self.layer(*number)?, path.to_owned())),
            At::Past { backend, path, .. } => Ok((backend.clone(), path.clone())),
        }
    }

    pub(super) fn stat_entry(&self, entry: &Entry, path: &str) -> Result<Stat, Errno> {
        match &entry.now {
            Now::Gone => Err(Errno::NoEntry),
            Now::Dir(dir) => Ok(Stat {
                kind: Kind::Dir,
                size: 0,
                links: 1,
                identity: dir.identity,
                modified: dir.modified,
                mode: dir.mode,
                age: if dir.touched { Age::Timed } else { Age::Old },
            }),
            Now::Leaf(leaf) => {
                let (backend, path) = self.place_of(leaf, path)?;
                Ok(self.shown(leaf, backend.stat(&path)?))
            }
        }
    }

    /// What is told of a file, from what its copy is.
    pub(super) fn shown(&self, leaf: &Leaf, stat: Stat) -> Stat {
        let sealed = match leaf.at {
            At::Layer(number) => self.layers.get(number as usize).and_then(|layer| layer.sealed),
            At::Past { .. } => None,
        };
        let age = match (leaf.written.load(Ordering::Relaxed), sealed) {
            (false, _) => Age::Old,
            (true, Some(step)) => Age::Step(step),
            (true, None) => Age::Timed,
        };
        Stat { identity: leaf.shown, age, ..stat }
    }
}

impl Overlay {
    pub(super) fn stat_at(&self, path: &str) -> Result<Stat, Errno> {
        let inner = self.read();
        match inner.tree.find(path)? {
            Found::Root | Found::Base => self.base_stat(path),
            Found::Entry(entry) => inner.stat_entry(entry, path),
        }
    }

    /// What nobody touched is older than the attempt, whatever its time says.
    pub(super) fn base_stat(&self, path: &str) -> Result<Stat, Errno> {
        Ok(Stat { age: Age::Old, ..self.base.stat(path)? })
    }

    /// Opens what is there. Only for reading: what is opened for writing is copied up first.
    pub(super) fn open_at(&self, path: &str, how: OpenHow) -> Result<Opened, Errno> {
        if how.write || how.truncate {
            return self.open_to_write(path, how);
        }
        let inner = self.read();
        let (opened, leaf) = match inner.tree.find(path)? {
            Found::Root => return Ok(Opened::Dir),
            Found::Base => (self.base.open(path, how)?, None),
            Found::Entry(entry) => match &entry.now {
                Now::Gone => return Err(Errno::NoEntry),
                Now::Dir(_) => return Ok(Opened::Dir),
                Now::Leaf(leaf) if leaf.link => return Err(Errno::Loop),
                Now::Leaf(leaf) => {
                    let (backend, path) = inner.place_of(leaf, path)?;
                    (backend.open(&path, how)?, Some(leaf))
                }
            },
        };
        let Opened::File(OpenFile::Host(file), stat) = opened else { return Ok(opened) };
        let stat = leaf.map_or(Stat { age: Age::Old, ..stat }, |leaf| inner.shown(leaf, stat));
        let own = leaf.filter(|leaf| matches!(leaf.at, At::Layer(number) if number == inner.current()));
        let cell = match own {
            // It is not copied again.
            Some(leaf) => Arc::new(Cell::own(file, &stat, leaf.written.clone())),
            None => {
                let cell = Arc::new(Cell::below(file, &stat, self.me.clone(), path));
                // While the tree is held still: a copy made from now on finds this handle.
                self.readers.lock().unwrap_or_else(PoisonError::into_inner).add(&cell);
                cell
            }
        };
        Ok(Opened::File(OpenFile::Layered(cell), stat))
    }

    fn open_to_write(&self, path: &str, how: OpenHow) -> Result<Opened, Errno> {
        let mut inner = self.write();
        match inner.tree.find(path)? {
            Found::Root => return Err(Errno::IsDir),
            Found::Base => {
                let stat = self.base.stat(path)?;
                match stat.kind {
                    Kind::File => may_write(&stat)?,
                    Kind::Dir => return Err(Errno::IsDir),
                    Kind::Symlink => return Err(Errno::Loop),
                    Kind::CharDevice | Kind::BlockDevice | Kind::Socket | Kind::Pipe => return Err(Errno::Access),
                }
            }
            Found::Entry(entry) => match &entry.now {
                Now::Gone => return Err(Errno::NoEntry),
                Now::Dir(_) => return Err(Errno::IsDir),
                Now::Leaf(leaf) if leaf.link => return Err(Errno::Loop),
                Now::Leaf(_) => may_write(&inner.stat_entry(entry, path)?)?,
            },
        }
        self.copy_up(&mut inner, path, !how.truncate)?;
        let layer = inner.layer(inner.current())?;
        let Found::Entry(Entry { now: Now::Leaf(leaf), .. }) = inner.tree.find(path)? else {
            return Err(Errno::Io);
        };
        let opened = layer.open(path, how)?;
        let Opened::File(OpenFile::Host(file), stat) = opened else { return Ok(opened) };
        if how.truncate {
            leaf.written.store(true, Ordering::Relaxed);
        }
        let stat = inner.shown(leaf, stat);
        let cell = Cell::own(file, &stat, leaf.written.clone());
        Ok(Opened::File(OpenFile::Layered(Arc::new(cell)), stat))
    }

    pub(super) fn list_at(&self, path: &str) -> Result<Vec<Listed>, Errno> {
        self.list_in(&self.read(), path)
    }

    pub(super) fn list_in(&self, inner: &Inner, path: &str) -> Result<Vec<Listed>, Errno> {
        let node = match inner.tree.find(path)? {
            Found::Root => &inner.tree,
            Found::Base => return self.base.list(path),
            Found::Entry(entry) => match (&entry.now, &entry.node) {
                (Now::Dir(_), Some(node)) => &**node,
                (Now::Leaf(leaf), _) if leaf.link => return Err(Errno::Loop),
                _ => return Err(Errno::NotDir),
            },
        };
        let below = match node.base.then(|| self.base.list(path)) {
            None | Some(Err(Errno::NoEntry)) => Vec::new(),
            Some(listed) => listed?,
        };
        if node.names.is_empty() {
            return Ok(below);
        }
        let mut listed: BTreeMap<String, Listed> =
            below.into_iter().map(|listed| (listed.name.clone(), listed)).collect();
        for (name, entry) in &node.names {
            let (kind, identity) = match &entry.now {
                Now::Gone => {
                    listed.remove(name);
                    continue;
                }
                Now::Dir(dir) => (Kind::Dir, dir.identity),
                Now::Leaf(leaf) => (if leaf.link { Kind::Symlink } else { Kind::File }, leaf.shown),
            };
            listed.insert(name.clone(), Listed { name: name.clone(), kind, identity });
        }
        Ok(listed.into_values().collect())
    }

    pub(super) fn read_link_at(&self, path: &str) -> Result<String, Errno> {
        let inner = self.read();
        match inner.tree.find(path)? {
            Found::Root => Err(Errno::Invalid),
            Found::Base => self.base.read_link(path),
            Found::Entry(entry) => match &entry.now {
                Now::Gone => Err(Errno::NoEntry),
                Now::Leaf(leaf) if leaf.link => {
                    let (backend, path) = inner.place_of(leaf, path)?;
                    backend.read_link(&path)
                }
                Now::Dir(_) | Now::Leaf(_) => Err(Errno::Invalid),
            },
        }
    }
}

/// Whether a file may be written to. Asked before it is copied up: the copy would be made anew, and cut, though the file
/// itself may not be.
fn may_write(stat: &Stat) -> Result<(), Errno> {
    let is_root = rustix::process::geteuid().is_root();
    if is_root || stat.mode & 0o222 != 0 { Ok(()) } else { Err(Errno::Access) }
}
