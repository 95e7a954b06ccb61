//! Content, trees and results of steps, kept so that nothing runs twice. All of it may be lost at any time.
//!
//! Knows digests, the messages of the Remote Execution API, stores of them, and directories of the host. Does not
//! know steps, keys or runs: what an action covers, what is published and what a hit does is decided above.
//!
//! # How it is used
//! ```text
//! tree::hash       a directory        → the digest of its tree (a memo makes that one `stat` for each file)
//! tree::Draft      paths and digests  → the digest of a tree, also on top of another tree
//! Action::encode   what a key covers  → bytes, whose digest is the key
//! Store::action    a key              → the result, if there is one
//! tree::complete   a result           → whether everything that belongs to it is there: ask before restoring
//! tree::restore    a tree's digest    → files in a directory; what is right already stays
//! Store::put, put_file, then put_action: a result after everything that belongs to it
//! Store::records   a key of (module, arguments, environment) → the newest records of what was read
//! ```
//! - A lookup that finds something damaged removes it and says that it is not there.
//! - [`StoreError`] never stands for a wrong or a missing entry, only for a store that cannot be used. Its caller warns
//!   once and goes on without a cache ([`StoreError::is_lasting`] says whether to ask again).
//! - [`Privacy::Private`] entries lie apart, only their owner reads them, and nothing that is shared may refer to
//!   them: [`Store::put_action`] refuses it. A remote store sends what [`Store::has`] calls shared, and nothing else.
//! - All calls block; none takes a lock.
//! - A run takes a [`Pin`] before its first lookup, so that [`upkeep::Upkeep::sweep`] leaves what the run uses.

pub mod action;
mod beneath;
pub mod digest;
pub mod directory;
pub mod local;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod upkeep;
mod wire;

pub use action::{Action, ActionResult, Command, OutputDirectory, OutputFile};
pub use digest::{Digest, Function};
pub use directory::Directory;
pub use local::{Local, LocalOptions, Pin};
pub use wire::Malformed;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Where the local store lies in a cache directory. Another form of it lies elsewhere.
#[must_use]
pub fn place(cache_dir: &Path) -> PathBuf {
    cache_dir.join("store").join("v1")
}

/// Most bytes of an encoded directory, result or record: more is refused before it is read.
pub const LONGEST_MESSAGE: u64 = 64 << 20;

/// Most records of one key that are kept.
pub const MOST_RECORDS: usize = 4;

/// Who may see an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privacy {
    /// Whoever the store is shared with.
    Shared,
    /// Only this user on this machine: it may hold a secret.
    Private,
}

/// An entry with what it may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// The entry.
    pub value: T,
    /// Who may see it, and so what is made from it.
    pub privacy: Privacy,
}

/// What an earlier attempt read, and the action whose result still holds if all of it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The key of a result. A record without its result is of no use, and is not kept.
    pub action: Digest,
    /// What was read, in the caller's own words.
    pub body: Vec<u8>,
}

/// Keeps blobs, results and records.
pub trait Store: Send + Sync {
    /// The function of all its digests.
    fn function(&self) -> Function;

    /// Whether a blob is there, and who may see it. The empty blob always is. That it was asked for counts as use.
    fn has(&self, digest: &Digest) -> Result<Option<Privacy>, StoreError>;

    /// A blob, checked. One of more than `limit` bytes is an error.
    fn get(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a blob to an empty file, and gives whether it was there and right. If not, what the file holds is
    /// to be thrown away.
    fn get_file(&self, digest: &Digest, to: &File) -> Result<bool, StoreError>;

    /// Keeps a blob.
    fn put(&self, bytes: &[u8], privacy: Privacy) -> Result<Digest, StoreError>;

    /// Keeps what a file holds, from its beginning. The digest is that of the bytes that were kept, whatever
    /// somebody writes to the file meanwhile.
    fn put_file(&self, file: &mut File, privacy: Privacy) -> Result<Digest, StoreError>;

    /// The result of an action. That it was asked for counts as use.
    fn action(&self, key: &Digest) -> Result<Option<Kept<ActionResult>>, StoreError>;

    /// Keeps the result of an action. Everything that belongs to it is there already, and is as widely seen:
    /// else it is an error.
    fn put_action(&self, key: &Digest, result: &ActionResult, privacy: Privacy) -> Result<(), StoreError>;

    /// The newest records of a key, the newest first, at most [`MOST_RECORDS`].
    fn records(&self, key: &Digest) -> Result<Vec<Kept<Record>>, StoreError>;

    /// Adds a record to a key. Records beyond the newest few go.
    fn put_record(&self, key: &Digest, record: &Record, privacy: Privacy) -> Result<(), StoreError>;
}

/// Why a store cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room: the disk, a quota, or a limit on the size of files.
    #[error("no room is left")]
    Full,
    /// It can be read at most.
    #[error("it cannot be written to")]
    ReadOnly,
    /// It has gone, or cannot be reached.
    #[error("it is gone")]
    Lost,
    /// What others can write to is not believed.
    #[error("its directory belongs to somebody else, or others may write to it")]
    Foreign,
    /// More than was asked for.
    #[error("{0} is larger than it may be")]
    TooLarge(Digest),
    /// A result before what belongs to it, or one that would show what is private.
    #[error("{0} belongs to the result, and is not there for everybody who sees the result")]
    Dangling(Digest),
    /// The file that a blob was to be written to, not the store.
    #[error("the file cannot be written: {0}")]
    Target(io::Error),
    /// Anything else.
    #[error("{0}")]
    Io(io::Error),
}

impl StoreError {
    /// Whether the next call would fail as well, as far as one can tell.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Full | Self::ReadOnly | Self::Lost | Self::Foreign | Self::Io(_) => true,
            Self::TooLarge(_) | Self::Dangling(_) | Self::Target(_) => false,
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::StaleNetworkFileHandle => {
                Self::Lost
            }
            _ => Self::Io(error),
        }
    }
}
