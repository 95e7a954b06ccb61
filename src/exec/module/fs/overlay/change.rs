//! Calls that make and remove names, and change what is there.
//!
//! Knows the tree and the current layer. Does not know how names are moved.

use super::cell::Cell;
use super::tree::{At, DirNow, Entry, Found, Leaf, Node, Now};
use super::{Inner, Overlay};
use crate::exec::module::control::host_time;
use crate::exec::module::fs::backend::{Backend, Kind, OpenHow, SetTime, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::host::HostBackend;
use crate::exec::module::fs::path::parted;
use rustix::time::ClockId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The time that file systems stamp files with.
fn now() -> u64 {
    host_time(ClockId::RealtimeCoarse)
}

impl Overlay {
    pub(super) fn create_at(&self, path: &str, how: OpenHow) -> Result<(OpenFile, Stat), Errno> {
        let mut inner = self.write();
        let layer = self.room_for(&mut inner, path)?;
        let (OpenFile::Host(file), stat) = layer.create(path, how)? else { return Err(Errno::Io) };
        let written = Arc::new(AtomicBool::new(true));
        let leaf = Leaf {
            link: false,
            at: At::Layer(inner.current()),
            shown: stat.identity,
            written: written.clone(),
            moved: false,
        };
        self.put(&mut inner, path, leaf)?;
        Ok((OpenFile::Layered(Arc::new(Cell::own(file, &stat, written))), stat))
    }

    pub(super) fn make_link_at(&self, target: &str, path: &str) -> Result<(), Errno> {
        let mut inner = self.write();
        let layer = self.room_for(&mut inner, path)?;
        layer.make_link(target, path)?;
        let leaf = Leaf {
            link: true,
            at: At::Layer(inner.current()),
            shown: layer.stat(path)?.identity,
            written: Arc::new(AtomicBool::new(true)),
            moved: false,
        };
        self.put(&mut inner, path, leaf)
    }

    pub(super) fn link_at(&self, from: &str, to: &str) -> Result<(), Errno> {
        let mut inner = self.write();
        // Linux: both directories are looked up before what is in them.
        for path in [from, to] {
            self.dir_above(&inner, path)?;
        }
        let kind = self.stat_in(&inner, from)?.kind;
        let layer = self.room_for(&mut inner, to)?;
        if kind == Kind::Dir {
            return Err(Errno::NotPermitted);
        }
        self.copy_up(&mut inner, from, true)?;
        layer.link(from, to)?;
        inner.linked = true;
        let Some(Entry { now: Now::Leaf(leaf), .. }) = inner.tree.entry(from) else { return Err(Errno::Io) };
        let leaf = Leaf { moved: true, ..leaf.clone() };
        self.put(&mut inner, to, leaf)
    }

    pub(super) fn make_dir_at(&self, path: &str) -> Result<(), Errno> {
        let mut inner = self.write();
        let layer = self.room_for(&mut inner, path)?;
        layer.make_dir(path)?;
        let Stat { identity, mode, modified, .. } = layer.stat(path)?;
        let number = inner.current();
        let (above, name) = parted(path);
        let node = inner.tree.dir(above).ok_or(Errno::Io)?;
        let dir = Now::Dir(DirNow { identity, mode, modified, touched: true });
        let new = || Entry { now: Now::Gone, below: None, own: true, node: None };
        let entry = node.names.entry(name.to_owned()).or_insert_with(new);
        (entry.now, entry.own) = (dir, true);
        // One that was removed and comes again keeps what has to go from below.
        entry.node.get_or_insert_default().made_in = Some(number);
        self.stamp(&mut inner, above);
        Ok(())
    }

    pub(super) fn remove_file_at(&self, path: &str) -> Result<(), Errno> {
        let mut inner = self.write();
        match inner.tree.find(path)? {
            Found::Root => return Err(Errno::IsDir),
            Found::Base if self.base.stat(path)?.kind == Kind::Dir => return Err(Errno::IsDir),
            Found::Base => {}
            Found::Entry(entry) => match &entry.now {
                Now::Gone => return Err(Errno::NoEntry),
                Now::Dir(_) => return Err(Errno::IsDir),
                Now::Leaf(leaf) => {
                    if matches!(leaf.at, At::Layer(number) if number == inner.current()) {
                        inner.layer(inner.current())?.remove_file(path)?;
                    }
                }
            },
        }
        self.vacate(&mut inner, path, None)
    }

    pub(super) fn remove_dir_at(&self, path: &str) -> Result<(), Errno> {
        let mut inner = self.write();
        if self.stat_in(&inner, path)?.kind != Kind::Dir {
            return Err(Errno::NotDir);
        }
        if !self.list_in(&inner, path)?.is_empty() {
            return Err(Errno::NotEmpty);
        }
        self.touch_dir(&mut inner, path)?;
        self.remove_empty(&mut inner, path)
    }

    /// Removes a directory that was touched and in which nothing is.
    pub(super) fn remove_empty(&self, inner: &mut Inner, path: &str) -> Result<(), Errno> {
        let number = inner.current();
        let layer = inner.layer(number)?;
        let node = inner.tree.dir(path).ok_or(Errno::Io)?;
        if node.made_in.take() == Some(number) {
            layer.remove_dir(path)?;
        }
        let left = std::mem::take(node);
        self.vacate(inner, path, Some(left))
    }

    pub(super) fn set_times_at(&self, path: &str, accessed: SetTime, modified: SetTime) -> Result<(), Errno> {
        let mut inner = self.write();
        if self.stat_in(&inner, path)?.kind == Kind::Dir {
            self.touch_dir(&mut inner, path)?;
            if let Some(Entry { now: Now::Dir(dir), .. }) = inner.tree.entry(path) {
                match modified {
                    SetTime::Keep => {}
                    SetTime::Now => (dir.modified, dir.touched) = (now(), true),
                    SetTime::At(time) => (dir.modified, dir.touched) = (time, true),
                }
            }
            return Ok(());
        }
        let layer = self.changed(&mut inner, path)?;
        layer.set_times(path, accessed, modified)
    }

    pub(super) fn set_mode_at(&self, path: &str, mode: u32) -> Result<(), Errno> {
        let mut inner = self.write();
        match self.stat_in(&inner, path)?.kind {
            Kind::Dir => {
                self.touch_dir(&mut inner, path)?;
                if let Some(Entry { now: Now::Dir(dir), own, .. }) = inner.tree.entry(path) {
                    (dir.mode, *own) = (mode & crate::exec::module::fs::backend::PERMISSIONS, true);
                }
                Ok(())
            }
            Kind::Symlink => Err(Errno::NotSupported),
            _ => self.changed(&mut inner, path)?.set_mode(path, mode),
        }
    }

    /// Copies a file up that is to be changed in place, and notes that it was. Gives its layer.
    fn changed(&self, inner: &mut Inner, path: &str) -> Result<Arc<HostBackend>, Errno> {
        self.copy_up(inner, path, true)?;
        if let Some(Entry { now: Now::Leaf(leaf), .. }) = inner.tree.entry(path) {
            leaf.written.store(true, Ordering::Relaxed);
        }
        inner.layer(inner.current())
    }

    /// Makes sure that a name is free and its directory stands in the current layer, which it gives.
    fn room_for(&self, inner: &mut Inner, path: &str) -> Result<Arc<HostBackend>, Errno> {
        match self.stat_in(inner, path) {
            Ok(_) => return Err(Errno::Exists),
            Err(Errno::NoEntry) => {}
            Err(errno) => return Err(errno),
        }
        self.own_dir(inner, parted(path).0)?;
        inner.layer(inner.current())
    }

    /// Lets a name stand for a file or link in the current layer.
    pub(super) fn put(&self, inner: &mut Inner, path: &str, leaf: Leaf) -> Result<(), Errno> {
        let (above, name) = parted(path);
        let node = inner.tree.dir(above).ok_or(Errno::Io)?;
        match node.names.get_mut(name) {
            Some(entry) => (entry.now, entry.own) = (Now::Leaf(leaf), true),
            None => {
                let below = if node.base { self.base.state(path).ok() } else { None };
                let entry = Entry { now: Now::Leaf(leaf), below, own: true, node: None };
                node.names.insert(name.to_owned(), entry);
            }
        }
        self.stamp(inner, above);
        Ok(())
    }

    /// Lets a name stand for nothing. `left` is what has to go from the directory that it was.
    pub(super) fn vacate(&self, inner: &mut Inner, path: &str, left: Option<Node>) -> Result<(), Errno> {
        let (above, name) = parted(path);
        let node = self.touch_dir(inner, above)?;
        let here = if node.base { self.base.state(path).ok() } else { None };
        match node.names.get_mut(name) {
            Some(entry) => {
                (entry.now, entry.own) = (Now::Gone, entry.below.is_some());
                if left.is_some() {
                    entry.node = left.map(Box::new);
                }
                // Nothing was here before, and nothing is now; where something is, others put it
                // there since, and it stays hidden.
                if entry.below.is_none() && here.is_none() {
                    node.names.remove(name);
                }
            }
            None => {
                let entry = Entry { now: Now::Gone, below: here, own: true, node: left.map(Box::new) };
                node.names.insert(name.to_owned(), entry);
            }
        }
        self.stamp(inner, above);
        Ok(())
    }

    /// Names in a directory were changed.
    pub(super) fn stamp(&self, inner: &mut Inner, path: &str) {
        if let Some(Entry { now: Now::Dir(dir), .. }) = inner.tree.entry(path) {
            (dir.modified, dir.touched) = (now(), true);
        }
    }
}
