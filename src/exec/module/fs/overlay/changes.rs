//! What an attempt changed, as the list that a commit carries out.
//!
//! Knows the tree and the layers. Does not know how a change is carried out.

use super::tree::{At, Entry, Leaf, Node, Now};
use super::{Inner, Overlay};
use crate::exec::module::fs::backend::{Backend, Identity};
use crate::exec::module::fs::path::join;
use crate::volumes::commit::Change;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

impl Overlay {
    /// Everything that was changed, in an order in which it can be done again.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let inner = self.read();
        let mut list = List { inner: &inner, changes: Vec::new(), files: BTreeMap::new(), links: Vec::new() };
        list.staying(&inner.tree, "");
        list.node(&inner.tree, "");
        list.changes.extend(list.links);
        list.changes
    }
}

struct List<'i> {
    inner: &'i Inner,
    changes: Vec<Change>,
    /// Files with several names: the first name that is put, or that stays.
    files: BTreeMap<Identity, Name>,
    /// Done last, when what they name is there.
    links: Vec<Change>,
}

enum Name {
    /// It was put there from a layer.
    Put(String),
    /// It stays as it is in the directory below.
    Stays(String),
}

impl List<'_> {
    /// Notes the names that stay, for other names of their files.
    fn staying(&mut self, node: &Node, above: &str) {
        if !self.inner.linked {
            return;
        }
        for (name, entry) in &node.names {
            let path = join(above, name);
            match (&entry.now, &entry.node) {
                (Now::Leaf(leaf), _) if stays(entry, leaf) => {
                    if let Some(identity) = self.shared(leaf, &path) {
                        self.files.entry(identity).or_insert(Name::Stays(path));
                    }
                }
                (Now::Dir(_), Some(node)) => self.staying(node, &path),
                _ => {}
            }
        }
    }

    fn node(&mut self, node: &Node, above: &str) {
        for (name, entry) in &node.names {
            self.entry(entry, join(above, name));
        }
    }

    fn entry(&mut self, entry: &Entry, path: String) {
        match &entry.now {
            Now::Gone => self.gone(entry, path),
            Now::Dir(dir) => {
                let was_dir = entry.below.is_some_and(|below| below.is_dir());
                if let Some(below) = entry.below.filter(|below| !below.is_dir()) {
                    self.changes.push(Change::Remove { path: path.clone(), below });
                }
                if entry.own {
                    // A directory that was made gets its mode as any program's would.
                    let mode = (was_dir || dir.mode != 0o755).then_some(dir.mode);
                    self.changes.push(Change::Dir { path: path.clone(), mode });
                }
                if let Some(node) = &entry.node {
                    self.node(node, &path);
                }
            }
            Now::Leaf(leaf) if entry.own && !stays(entry, leaf) => {
                let below = match entry.below {
                    Some(below) if below.is_dir() => {
                        self.gone(entry, path.clone());
                        None
                    }
                    below => below,
                };
                self.leaf(leaf, path, below);
            }
            Now::Leaf(_) => {}
        }
    }

    fn gone(&mut self, entry: &Entry, path: String) {
        let Some(below) = entry.below.filter(|_| entry.own) else { return };
        if !below.is_dir() {
            self.changes.push(Change::Remove { path, below });
            return;
        }
        if let Some(node) = &entry.node {
            self.node(node, &path);
        }
        self.changes.push(Change::RemoveDir { path });
    }

    fn leaf(&mut self, leaf: &Leaf, path: String, below: Option<crate::volumes::commit::State>) {
        let At::Layer(layer) = leaf.at else { return };
        let mut same = None;
        if let Some(identity) = self.shared(leaf, &path) {
            match self.files.get(&identity) {
                Some(Name::Stays(to)) if !leaf.written.load(Ordering::Relaxed) => {
                    self.links.push(Change::Link { path, to: to.clone(), below });
                    return;
                }
                Some(Name::Put(first)) => same = Some(first.clone()),
                Some(Name::Stays(_)) | None => {
                    self.files.insert(identity, Name::Put(path.clone()));
                }
            }
        }
        self.changes.push(Change::Put { path, layer, below, same });
    }

    /// The identity of a file that has several names in its layer.
    fn shared(&self, leaf: &Leaf, path: &str) -> Option<Identity> {
        let At::Layer(layer) = leaf.at else { return None };
        if !self.inner.linked {
            return None;
        }
        let stat = self.inner.layer(layer).ok()?.stat(path).ok()?;
        (stat.links > 1).then_some(stat.identity)
    }
}

/// Whether a file was copied up, and then left as it was.
fn stays(entry: &Entry, leaf: &Leaf) -> bool {
    entry.below.is_some_and(|below| !below.is_dir()) && !leaf.moved && !leaf.written.load(Ordering::Relaxed)
}
