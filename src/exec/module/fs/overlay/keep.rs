//! Keeps out what other tasks commit to the directory while this attempt runs.
//!
//! Knows the tree, and what a name stood for before a commit. Does not know commits.

use super::Overlay;
use super::tree::{At, DirNow, Entry, Leaf, Node, Now};
use crate::exec::module::fs::backend::{Backend, Kind};
use crate::exec::module::fs::host::HostBackend;
use crate::volumes::commit::{Old, Reader};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

impl Reader for Overlay {
    fn keep(&self, path: &str, old: &Old) {
        let mut inner = self.write();
        let mut node = &mut inner.tree;
        let mut end = 0;
        for name in path.split('/') {
            end += name.len() + usize::from(end > 0);
            if end == path.len() {
                return self.keep_name(node, name, path, old);
            }
            if !node.names.contains_key(name) {
                // Nothing of it can be seen from here, or it is no directory any more.
                let here = path.get(..end).unwrap_or(path);
                let Ok(stat) = self.base.stat(here) else { return };
                if !node.base || stat.kind != Kind::Dir {
                    return;
                }
                let dir = DirNow { identity: stat.identity, mode: stat.mode, modified: stat.modified, touched: false };
                let entry = Entry {
                    now: Now::Dir(dir),
                    below: self.base.state(here).ok(),
                    own: false,
                    node: Some(Box::new(Node::above_base())),
                };
                node.names.insert(name.to_owned(), entry);
            }
            // Also where the directory was removed: it may come again.
            let Some(Entry { node: Some(next), .. }) = node.names.get_mut(name) else { return };
            node = next;
        }
    }
}

impl Overlay {
    fn keep_name(&self, node: &mut Node, name: &str, path: &str, old: &Old) {
        if let Some(entry) = node.names.get_mut(name) {
            // What the attempt did to the name itself stands. A directory has lost what it lay above.
            if let (Old::Dir, Some(node)) = (old, &mut entry.node) {
                node.base = false;
            }
            return;
        }
        if !node.base {
            return;
        }
        let entry = match old {
            Old::Nothing => Entry { now: Now::Gone, below: None, own: false, node: None },
            Old::Dir => {
                // It held nothing; all that is told of it any more is that it is there.
                let identity = node_identity(path);
                let dir = DirNow { identity, mode: 0o755, modified: 0, touched: false };
                Entry { now: Now::Dir(dir), below: None, own: false, node: Some(Box::default()) }
            }
            Old::Leaf { past, path, state } => {
                let backend = Arc::new(HostBackend::new(past.place().clone()));
                let Ok(stat) = backend.stat(path) else { return };
                let leaf = Leaf {
                    link: stat.kind == Kind::Symlink,
                    at: At::Past { backend, path: path.clone(), _kept: past.clone() },
                    shown: stat.identity,
                    written: Arc::new(AtomicBool::new(false)),
                    moved: false,
                };
                Entry { now: Now::Leaf(leaf), below: Some(*state), own: false, node: None }
            }
        };
        node.names.insert(name.to_owned(), entry);
    }
}

/// An identity for a directory that is on no disk any more.
fn node_identity(path: &str) -> crate::exec::module::fs::backend::Identity {
    let hash = blake3::hash(path.as_bytes());
    let inode = hash.as_bytes().iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    // No kernel's device number is as high.
    crate::exec::module::fs::backend::Identity { device: u64::MAX - 2, inode }
}
