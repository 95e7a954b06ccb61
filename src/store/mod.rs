//! What outlives the process: one journal per run, the directory it lies in, the logs beside
//! it, and the socket through which other processes reach a running driver.
//!
//! Knows files, records, frames and lines. Does not know what an event means, who runs steps,
//! or when anything happens: times and random bytes are handed in.

pub mod control;
pub mod journal;
pub mod logs;
pub mod runs;

use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Our own storage failing, or not holding what was asked for. Texts are fragments; front
/// ends make sentences of them.
#[derive(Debug, Error)]
pub enum StoreFault {
    /// A call to the operating system failed.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    /// Bytes in the middle of a journal are not what was written. Records before can be read.
    #[error("journal {} is damaged at record {record} (byte {offset}): {what}", path.display())]
    Damaged { path: PathBuf, record: u64, offset: u64, what: String },
    /// Bytes in the middle of a log are not what was written. Frames before can be read.
    #[error("log {} is damaged at byte {offset}: {what}", path.display())]
    DamagedLog { path: PathBuf, offset: u64, what: &'static str },
    /// The file says a format that this version does not know.
    #[error("{} has format version {found}; this version of stepwell reads up to {known}", path.display())]
    NewerFormat { path: PathBuf, found: u32, known: u32 },
    /// The file does not begin as it should.
    #[error("{} is not a {expected}", path.display())]
    Foreign { path: PathBuf, expected: &'static str },
    /// A record is larger than [`journal::MAX_RECORD`].
    #[error("a record of {bytes} bytes is larger than a journal takes ({limit} bytes)")]
    RecordTooLarge { bytes: usize, limit: usize },
    /// A record is empty or ends in a zero byte, so that a torn write could pass for it.
    #[error("a record must not be empty or end in a zero byte")]
    RecordShape,
    /// A record comes out of order: a bug of the writer.
    #[error("record {got} comes where {expected} belongs")]
    OutOfOrder { expected: String, got: String },
    /// An earlier write failed, so nothing more is taken.
    #[error("an earlier write failed: {cause}")]
    Broken { cause: String },
    /// A run with this id is there already.
    #[error("run {id} exists already")]
    RunExists { id: String },
    /// Another process drives the run.
    #[error("run {id} is driven by another process")]
    Driven { id: String },
    /// The driver of a run refused a request, or its answer could not be read.
    #[error("the driver of the run did not do it: {message}")]
    Control { message: String },
    /// There are no runs at all.
    #[error("there are no runs")]
    NoRuns,
    /// No run has this id, id prefix or name.
    #[error("no run matches {selector:?}; the newest are {}", candidates.join(", "))]
    NoSuchRun { selector: String, candidates: Vec<String> },
    /// The prefix fits several ids.
    #[error("{selector:?} is the beginning of several runs: {}", candidates.join(", "))]
    AmbiguousRun { selector: String, candidates: Vec<String> },
}

impl StoreFault {
    /// Makes an I/O fault: `doing` is a verb such as `read`.
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }
}
