//! Directories of the host as trees of the cache, and back.
//!
//! Knows `Directory` messages, files, links and permission bits. Does not know which directories are steps' or users':
//! it is handed open ones, and never leaves them. Owners and times are no part of a tree; nothing is ignored.

mod draft;
mod hash;
mod known;
mod memo;
mod restore;
#[cfg(test)]
mod tests;

pub use draft::{Below, Draft, Each, Leaf};
pub use hash::{Hashed, Walk, hash};
pub use known::{Seen, complete, dangling, load, visit};
pub use memo::{LONGEST_MEMO, Memo};
pub use restore::{Restore, Restored, remove, restore};

use super::digest::Digest;
use super::{Malformed, StoreError};
use std::io;

/// Most directories within each other.
pub const DEEPEST: usize = 256;

/// Most entries of a tree, each time that a directory comes again counted anew.
pub const MOST_ENTRIES: u64 = 4_000_000;

/// Why a directory has no tree, or a tree does not become a directory. Paths are relative.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// Not a file, directory or link.
    #[error("{path} is a {kind}")]
    Special {
        /// Where.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// A name or a link's target that is not UTF-8, or a path that is none.
    #[error("{path:?} has a name that a tree cannot hold")]
    Name {
        /// Where.
        path: String,
    },
    /// It changed while it was read.
    #[error("{path} changed meanwhile")]
    Changed {
        /// Where.
        path: String,
    },
    /// More than [`DEEPEST`] directories within each other.
    #[error("{path} lies too deep")]
    TooDeep {
        /// Where.
        path: String,
    },
    /// More entries or bytes than it may have.
    #[error("it is too large")]
    TooLarge,
    /// Something of a tree is not in the store.
    #[error("{0} is not in the store")]
    Missing(Digest),
    /// A message of a tree is none.
    #[error("{digest} is no directory: {source}")]
    Malformed {
        /// Which.
        digest: Digest,
        /// Why.
        source: Malformed,
    },
    /// A file of the directory cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TreeError {
    fn io(path: &str, source: impl Into<io::Error>) -> Self {
        Self::Io { path: path.to_owned(), source: source.into() }
    }
}
