//! Renames of files and whole directories.
//!
//! Knows the tree and the current layer: what moves is copied up first, all of it, so that one
//! rename within the layer moves it. Does not know how anything is copied.

use super::tree::{Entry, Leaf, Now};
use super::{Inner, Overlay};
use crate::exec::module::fs::backend::{Backend, Kind, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::path::parted;
use crate::exec::module::fs::walk::DEEPEST;

impl Overlay {
    pub(super) fn rename_at(&self, from: &str, to: &str) -> Result<(), Errno> {
        let mut inner = self.write();
        // Linux: both directories are looked up before what is in them.
        for path in [from, to] {
            self.dir_above(&inner, path)?;
        }
        let source = self.stat_in(&inner, from)?;
        let target = match self.stat_in(&inner, to) {
            Ok(stat) => Some(stat),
            Err(Errno::NoEntry) => None,
            Err(errno) => return Err(errno),
        };
        let is_dir = source.kind == Kind::Dir;
        if from == to {
            return Ok(());
        }
        if inside(to, from) {
            return Err(Errno::Invalid);
        }
        if inside(from, to) {
            return Err(Errno::NotEmpty);
        }
        match target {
            Some(Stat { kind: Kind::Dir, .. }) if !is_dir => return Err(Errno::IsDir),
            Some(Stat { kind: Kind::Dir, .. }) if !self.list_in(&inner, to)?.is_empty() => {
                return Err(Errno::NotEmpty);
            }
            Some(Stat { kind: Kind::Dir, .. }) | None => {}
            Some(_) if is_dir => return Err(Errno::NotDir),
            // Linux: two names of one file stay as they are.
            Some(stat) if stat.identity == source.identity => return Ok(()),
            Some(_) => {}
        }
        self.own_dir(&mut inner, parted(to).0)?;
        if is_dir {
            self.move_dir(&mut inner, from, to, target.is_some())
        } else {
            self.move_leaf(&mut inner, from, to)
        }
    }

    /// Fails unless a path's name is one in a directory.
    pub(super) fn dir_above(&self, inner: &Inner, path: &str) -> Result<(), Errno> {
        let above = parted(path).0;
        match if above.is_empty() { Kind::Dir } else { self.stat_in(inner, above)?.kind } {
            Kind::Dir => Ok(()),
            Kind::Symlink => Err(Errno::Loop),
            _ => Err(Errno::NotDir),
        }
    }

    fn move_leaf(&self, inner: &mut Inner, from: &str, to: &str) -> Result<(), Errno> {
        self.copy_up(inner, from, true)?;
        inner.layer(inner.current())?.rename(from, to)?;
        let Some(Entry { now: Now::Leaf(leaf), .. }) = inner.tree.entry(from) else { return Err(Errno::Io) };
        let leaf = Leaf { moved: true, ..leaf.clone() };
        self.vacate(inner, from, None)?;
        self.put(inner, to, leaf)
    }

    fn move_dir(&self, inner: &mut Inner, from: &str, to: &str, replaces: bool) -> Result<(), Errno> {
        let deeper = to.matches('/').count().saturating_sub(from.matches('/').count());
        self.copy_up_tree(inner, from, DEEPEST.saturating_sub(deeper))?;
        if replaces {
            self.touch_dir(inner, to)?;
            self.remove_empty(inner, to)?;
        }
        inner.layer(inner.current())?.rename(from, to)?;
        let Some(Entry { now: Now::Dir(dir), node: Some(node), .. }) = inner.tree.entry(from) else {
            return Err(Errno::Io);
        };
        let (dir, (mut moves, leaves)) = (*dir, std::mem::take(&mut **node).part());
        self.vacate(inner, from, Some(leaves))?;
        let (above, name) = parted(to);
        let below = inner.tree.dir(above).ok_or(Errno::Io)?;
        let gone = below.names.remove(name);
        let state = gone.as_ref().and_then(|gone| gone.below);
        if let Some(node) = gone.and_then(|gone| gone.node) {
            moves.cover(*node);
        }
        let entry = Entry { now: Now::Dir(dir), below: state, own: true, node: Some(Box::new(moves)) };
        below.names.insert(name.to_owned(), entry);
        self.stamp(inner, above);
        Ok(())
    }
}

/// Whether a path lies beneath another.
fn inside(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}
