//! The mount table of a step: which mount a guest's path belongs to.
//!
//! Knows mount points, and directories that exist only because something is mounted beneath
//! them. Does not know files, links or guests.

use super::backend::{Age, Backend, Identity, Kind, Stat};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The device number of directories that are only in the table; no kernel's is as high.
const TABLE_DEVICE: u64 = u64::MAX;

/// Something mounted in the guest's root.
#[derive(Clone)]
pub struct Mount {
    /// Absolute path in the guest without a slash at the end; "" is the root.
    pub path: String,
    /// Holds its files: one place that every access passes, with layers of its own.
    pub backend: Arc<dyn Backend>,
    /// Every call that would change something is refused.
    pub read_only: bool,
    /// The mount is one file.
    pub is_file: bool,
}

/// All mounts of a step.
pub struct MountTable {
    mounts: Vec<Mount>,
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    children: BTreeMap<String, usize>,
    mount: Option<usize>,
}

/// A guest's path, and the mount that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Absolute, without links, `.` and `..`; "" is the root.
    pub path: String,
    mount: usize,
    /// Where the path inside the mount starts.
    inside: usize,
    /// The place in the table, where there is one: a mount point or a directory above one.
    node: Option<usize>,
}

impl Spot {
    /// The path inside its mount.
    #[must_use]
    pub fn inside(&self) -> &str {
        self.path.get(self.inside..).unwrap_or("")
    }

    /// Whether the path stands in the table, so that it can be neither removed nor replaced.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.node.is_some()
    }
}

impl MountTable {
    /// A table of these mounts. A later mount of one path wins. `dirs` are directories that exist
    /// though nothing is mounted at them.
    #[must_use]
    pub fn new(root: Arc<dyn Backend>, mounts: Vec<Mount>, dirs: &[&str]) -> Self {
        let root = Mount { path: String::new(), backend: root, read_only: false, is_file: false };
        let mut table = Self { mounts: vec![root], nodes: vec![Node::default()] };
        table.set_mount(0, 0);
        for mount in mounts {
            let node = table.node_for(&mount.path);
            table.mounts.push(mount);
            table.set_mount(node, table.mounts.len() - 1);
        }
        for dir in dirs {
            table.node_for(dir);
        }
        table
    }

    fn set_mount(&mut self, node: usize, mount: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.mount = Some(mount);
        }
    }

    /// The node of a path, made with those above it where they are missing.
    fn node_for(&mut self, path: &str) -> usize {
        let mut at = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let next = self.nodes.len();
            let child = match self.nodes.get_mut(at) {
                Some(node) => *node.children.entry(name.to_owned()).or_insert(next),
                None => next,
            };
            if child == next {
                self.nodes.push(Node::default());
            }
            at = child;
        }
        at
    }

    /// Which mount a path belongs to: the one with the longest path above it.
    #[must_use]
    pub fn spot(&self, path: String) -> Spot {
        let mut node = Some(0);
        let mut spot = Spot { path: String::new(), mount: 0, inside: 0, node: None };
        let mut end = 0;
        for name in path.split('/').skip(1) {
            end += 1 + name.len();
            node = node.and_then(|at| self.nodes.get(at)?.children.get(name).copied());
            if let Some(mount) = node.and_then(|at| self.nodes.get(at)?.mount) {
                spot.mount = mount;
                spot.inside = end;
            }
            if node.is_none() {
                break;
            }
        }
        if spot.inside < path.len() {
            // Past the slash behind the mount's own path.
            spot.inside += 1;
        }
        spot.node = node;
        spot.path = path;
        spot
    }

    /// The mount of a spot.
    #[must_use]
    pub fn mount(&self, spot: &Spot) -> &Mount {
        // Spots are only made by this table, and mounts are never taken out of it.
        self.mounts.get(spot.mount).expect("a spot's mount stands in its table")
    }

    /// Whether two spots belong to one mount.
    #[must_use]
    pub fn same_mount(&self, a: &Spot, b: &Spot) -> bool {
        a.mount == b.mount
    }

    /// What a directory of the table is, where the spot is one. A mount that is one file is not.
    #[must_use]
    pub fn fixed_dir(&self, spot: &Spot) -> Option<Stat> {
        let node = spot.node?;
        if self.is_file_node(node) {
            return None;
        }
        let identity = Identity { device: TABLE_DEVICE, inode: node as u64 };
        Some(Stat { kind: Kind::Dir, size: 0, links: 1, identity, modified: 0, mode: 0o755, age: Age::Old })
    }

    fn is_file_node(&self, node: usize) -> bool {
        let mount = self.nodes.get(node).and_then(|node| node.mount);
        mount.and_then(|mount| self.mounts.get(mount)).is_some_and(|mount| mount.is_file)
    }

    /// Names that the table puts into a directory, with what they are.
    pub fn names_in(&self, spot: &Spot) -> impl Iterator<Item = (&str, Kind, Option<Identity>)> {
        let node = spot.node.and_then(|node| self.nodes.get(node));
        node.into_iter().flat_map(|node| &node.children).map(|(name, child)| {
            if self.is_file_node(*child) {
                return (name.as_str(), Kind::File, None);
            }
            let identity = Identity { device: TABLE_DEVICE, inode: *child as u64 };
            (name.as_str(), Kind::Dir, Some(identity))
        })
    }

    /// The paths of all mounts but the root.
    pub fn mount_paths(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().skip(1).filter(|m| !m.is_file).map(|mount| mount.path.as_str())
    }
}
