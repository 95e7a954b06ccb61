//! A tree in the making: paths and digests, alone or on top of a tree that is known.
//!
//! Knows paths, leaves and `Directory` messages; directories of the tree below are read only where something in them
//! changes. Does not know files of the host.

use super::{DEEPEST, TreeError};
use crate::cache::digest::{Digest, Function};
use crate::cache::directory::{Directory, DirectoryNode, FileNode, PERMISSIONS, SymlinkNode, is_name, is_target};
use std::collections::BTreeMap;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// A regular file with its permission bits.
    File {
        /// Its content.
        digest: Digest,
        /// Its permission bits.
        mode: u32,
    },
    /// A symbolic link.
    Link {
        /// What it names.
        target: String,
    },
    /// A directory with its permission bits. One that is there keeps what is in it.
    Directory {
        /// Its permission bits; nothing leaves them as they are.
        mode: Option<u32>,
    },
}

/// Reads the directories of the tree below.
pub type Below<'a> = &'a dyn Fn(&Digest) -> Result<Directory, TreeError>;

/// Takes the digest and the bytes of a directory.
pub type Each<'a> = dyn FnMut(&Digest, Vec<u8>) -> Result<(), TreeError> + 'a;

/// A tree in the making.
#[derive(Debug, Clone)]
pub struct Draft(Node);

#[derive(Debug, Clone)]
enum Node {
    File(Digest, u32),
    Link(String),
    /// A directory that nothing changed in.
    Known(Digest),
    Open(Open),
}

#[derive(Debug, Clone, Default)]
struct Open {
    mode: Option<u32>,
    names: BTreeMap<String, Node>,
}

impl Default for Draft {
    fn default() -> Self {
        Self(Node::Open(Open::default()))
    }
}

impl Draft {
    /// On top of a tree.
    #[must_use]
    pub fn above(root: Digest) -> Self {
        Self(Node::Known(root))
    }

    /// Puts something at a path ("" is the root, which stays a directory). Directories above it that are missing are
    /// made without permission bits; what is no directory there is replaced.
    pub fn set(&mut self, path: &str, leaf: Leaf, below: Below<'_>) -> Result<(), TreeError> {
        let fits = match &leaf {
            Leaf::Link { target } => is_target(target) && !path.is_empty(),
            Leaf::File { .. } => !path.is_empty(),
            Leaf::Directory { .. } => true,
        };
        let names = names(path)?;
        if !fits {
            return Err(TreeError::Name { path: path.to_owned() });
        }
        let mut node = &mut self.0;
        for name in names {
            let open = node.open(below)?;
            let empty = || Node::Open(Open::default());
            node = open.names.entry(name.to_owned()).or_insert_with(empty);
        }
        match leaf {
            Leaf::File { digest, mode } => *node = Node::File(digest, mode & PERMISSIONS),
            Leaf::Link { target } => *node = Node::Link(target),
            Leaf::Directory { mode } => {
                let open = node.open(below)?;
                open.mode = mode.map(|mode| mode & PERMISSIONS).or(open.mode);
            }
        }
        Ok(())
    }

    /// Takes away what stands at a path, with all that is in it. Whether there was something.
    pub fn remove(&mut self, path: &str, below: Below<'_>) -> Result<bool, TreeError> {
        let mut names = names(path)?;
        let Some(last) = names.pop() else { return Err(TreeError::Name { path: path.to_owned() }) };
        let mut node = &mut self.0;
        for name in names {
            if matches!(node, Node::File(..) | Node::Link(_)) {
                return Ok(false);
            }
            let Some(next) = node.open(below)?.names.get_mut(name) else { return Ok(false) };
            node = next;
        }
        if matches!(node, Node::File(..) | Node::Link(_)) {
            return Ok(false);
        }
        Ok(node.open(below)?.names.remove(last).is_some())
    }

    /// What stands at a path.
    pub fn get(&mut self, path: &str, below: Below<'_>) -> Result<Option<Leaf>, TreeError> {
        let mut node = &mut self.0;
        for name in names(path)? {
            if matches!(node, Node::File(..) | Node::Link(_)) {
                return Ok(None);
            }
            let Some(next) = node.open(below)?.names.get_mut(name) else { return Ok(None) };
            node = next;
        }
        Ok(Some(match node {
            Node::File(digest, mode) => Leaf::File { digest: *digest, mode: *mode },
            Node::Link(target) => Leaf::Link { target: target.clone() },
            Node::Known(_) | Node::Open(_) => Leaf::Directory { mode: node.open(below)?.mode },
        }))
    }

    /// The digest of the tree. `each` is told the digest and the bytes of every directory that is new, the inner ones
    /// first, so that it can be kept.
    pub fn finish(&self, function: Function, each: &mut Each<'_>) -> Result<Digest, TreeError> {
        match &self.0 {
            Node::Open(open) => open.finish(function, each),
            Node::Known(digest) => Ok(*digest),
            // The root is never replaced.
            Node::File(..) | Node::Link(_) => Err(TreeError::Name { path: String::new() }),
        }
    }
}

impl Node {
    /// This directory's names; what is none becomes an empty one.
    fn open(&mut self, below: Below<'_>) -> Result<&mut Open, TreeError> {
        if let Self::Known(digest) = self {
            *self = Self::Open(Open::of(below(digest)?));
        }
        if !matches!(self, Self::Open(_)) {
            *self = Self::Open(Open::default());
        }
        match self {
            Self::Open(open) => Ok(open),
            Self::File(..) | Self::Link(_) | Self::Known(_) => Err(TreeError::Name { path: String::new() }),
        }
    }
}

impl Open {
    fn of(directory: Directory) -> Self {
        let mut names = BTreeMap::new();
        for file in directory.files {
            let mode = file.permissions();
            names.insert(file.name, Node::File(file.digest, mode));
        }
        names.extend(directory.directories.into_iter().map(|inner| (inner.name, Node::Known(inner.digest))));
        names.extend(directory.symlinks.into_iter().map(|link| (link.name, Node::Link(link.target))));
        Self { mode: directory.mode, names }
    }

    fn finish(&self, function: Function, each: &mut Each<'_>) -> Result<Digest, TreeError> {
        let mut directory = Directory { mode: self.mode, ..Directory::default() };
        for (name, node) in &self.names {
            let name = name.clone();
            match node {
                Node::File(digest, mode) => directory.files.push(FileNode::new(name, *digest, *mode)),
                Node::Link(target) => directory.symlinks.push(SymlinkNode { name, target: target.clone() }),
                Node::Known(digest) => directory.directories.push(DirectoryNode { name, digest: *digest }),
                Node::Open(open) => {
                    let digest = open.finish(function, each)?;
                    directory.directories.push(DirectoryNode { name, digest });
                }
            }
        }
        let bytes = directory.encode();
        let digest = function.of(&bytes);
        each(&digest, bytes)?;
        Ok(digest)
    }
}

/// The names of a relative path. Also the bound of how deep a draft is.
fn names(path: &str) -> Result<Vec<&str>, TreeError> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = path.split('/').collect();
    if names.len() > DEEPEST {
        return Err(TreeError::TooDeep { path: path.to_owned() });
    }
    if names.iter().all(|name| is_name(name)) { Ok(names) } else { Err(TreeError::Name { path: path.to_owned() }) }
}
