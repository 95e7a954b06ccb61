//! What a task attempt changed above a directory: a tree of the names that it touched.
//!
//! Knows names, and where the bytes of each lie. Does not know how bytes are read or copied. A name
//! that is not in the tree is in the directory below, at the same path; so looking something up
//! that nobody touched costs no call of the system.

use crate::exec::module::fs::backend::Identity;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::host::HostBackend;
use crate::exec::module::fs::path::parted;
use crate::volumes::commit::{Past, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A directory that was touched.
#[derive(Default)]
pub(super) struct Node {
    /// Names that are not here may be in the directory below, at the same path.
    pub base: bool,
    /// The newest layer in which this directory stands.
    pub made_in: Option<u32>,
    pub names: BTreeMap<String, Entry>,
}

/// A name that was touched.
pub(super) struct Entry {
    pub now: Now,
    /// What the directory below held when the attempt first touched the name.
    pub below: Option<State>,
    /// The attempt changed it; else it only keeps what another task is changing.
    pub own: bool,
    /// Names in the directory that it is, or was before it was removed.
    pub node: Option<Box<Node>>,
}

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Now {
    /// Nothing.
    Gone,
    /// A directory: [`Entry::node`] is there.
    Dir(DirNow),
    /// A file or a link.
    Leaf(Leaf),
}

/// What is told of a directory; a host's own would change with each layer.
#[derive(Clone, Copy)]
pub(super) struct DirNow {
    pub identity: Identity,
    pub mode: u32,
    /// Nanoseconds since 1970.
    pub modified: u64,
    /// Names in it were changed, or its times were set.
    pub touched: bool,
}

/// A file or a link.
#[derive(Clone)]
pub(super) struct Leaf {
    pub link: bool,
    pub at: At,
    /// The identity that is told of it, the same before and after it was copied up.
    pub shown: Identity,
    /// Its content or attributes were changed; one value for all names of one file.
    pub written: Arc<AtomicBool>,
    /// It came to this name by a rename or a link.
    pub moved: bool,
}

/// Where the bytes of a file or link lie.
#[derive(Clone)]
pub(super) enum At {
    /// In a layer, at the same path.
    Layer(u32),
    /// Where another task's commit put the version that this attempt began with.
    Past { backend: Arc<HostBackend>, path: String, _kept: Arc<Past> },
}

/// Where a path leads.
pub(super) enum Found<'t> {
    /// The top.
    Root,
    /// To the directory below, at the same path.
    Base,
    /// To something that was touched, and is there.
    Entry(&'t Entry),
}

impl Node {
    /// A directory that has one below it.
    pub fn above_base() -> Self {
        Self { base: true, ..Self::default() }
    }

    /// Where a path leads. [`Errno::NoEntry`] where it was removed, or nothing can be below.
    pub fn find(&self, path: &str) -> Result<Found<'_>, Errno> {
        if path.is_empty() {
            return Ok(Found::Root);
        }
        let (mut node, mut rest) = (self, path);
        loop {
            let (name, more) = match rest.split_once('/') {
                Some((name, more)) => (name, Some(more)),
                None => (rest, None),
            };
            let Some(entry) = node.names.get(name) else {
                return if node.base { Ok(Found::Base) } else { Err(Errno::NoEntry) };
            };
            match (&entry.now, more, &entry.node) {
                (Now::Gone, ..) => return Err(Errno::NoEntry),
                (_, None, _) => return Ok(Found::Entry(entry)),
                (Now::Leaf(leaf), Some(_), _) => return Err(if leaf.link { Errno::Loop } else { Errno::NotDir }),
                (Now::Dir(_), Some(more), Some(below)) => (node, rest) = (below, more),
                (Now::Dir(_), Some(_), None) => return Err(Errno::NoEntry),
            }
        }
    }

    /// The directory at a path, if it was touched and is there.
    pub fn dir(&mut self, path: &str) -> Option<&mut Self> {
        let mut node = self;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let entry = node.names.get_mut(name)?;
            node = match entry.now {
                Now::Dir(_) => entry.node.as_deref_mut()?,
                Now::Gone | Now::Leaf(_) => return None,
            };
        }
        Some(node)
    }

    /// What was touched at a path, there or gone, if what is above it is there.
    pub fn entry(&mut self, path: &str) -> Option<&mut Entry> {
        let (above, name) = parted(path);
        self.dir(above)?.names.get_mut(name)
    }

    /// Takes a tree apart that is renamed: what moves, new where it comes to, and what it leaves,
    /// which is what has to go from the directory below. Recursive: trees have a bounded depth.
    pub fn part(self) -> (Self, Self) {
        let mut moves = Self { base: false, made_in: self.made_in, names: BTreeMap::new() };
        let mut leaves = Self { base: self.base, made_in: None, names: BTreeMap::new() };
        for (name, entry) in self.names {
            let Entry { now, below, node, own } = entry;
            let (inner, left) = match node.map(|node| node.part()) {
                Some((inner, left)) => (Some(Box::new(inner)), Some(Box::new(left))),
                None => (None, None),
            };
            // A name that only hid what others made goes on hiding it.
            if below.is_some() || !own {
                let gone = Entry { now: Now::Gone, below, own: below.is_some(), node: left };
                leaves.names.insert(name.clone(), gone);
            }
            let now = match now {
                Now::Gone => continue,
                Now::Dir(dir) => Now::Dir(dir),
                Now::Leaf(leaf) => Now::Leaf(Leaf { moved: true, ..leaf }),
            };
            moves.names.insert(name, Entry { now, below: None, own: true, node: inner });
        }
        (moves, leaves)
    }

    /// Puts a tree that moved here above what was here and is gone.
    pub fn cover(&mut self, gone: Self) {
        for (name, old) in gone.names {
            match self.names.get_mut(&name) {
                Some(entry) => {
                    entry.below = old.below;
                    match (&mut entry.node, old.node) {
                        (Some(node), Some(old)) => node.cover(*old),
                        (node @ None, old) => *node = old,
                        (Some(_), None) => {}
                    }
                }
                None => {
                    self.names.insert(name, old);
                }
            }
        }
    }
}
