//! What steps print: one append-only stream of frames per step attempt.
//!
//! Knows frames, their files and their names. Does not know what the bytes mean, when they
//! are shown, or the clock: a frame comes with its time.

mod file;
mod memory;
mod name;
mod reader;
#[cfg(test)]
mod tests;

pub use file::FileLogs;
pub use memory::MemoryLogs;
pub use reader::LogReader;

use super::StoreFault;

/// Bytes of the largest frame; longer ones are stored in pieces.
pub const MAX_FRAME: usize = 1 << 20;

/// Whose log it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogKey {
    /// Name of the TaskRun.
    pub task_run: String,
    pub attempt: u32,
    /// Name of the step or sidecar.
    pub container: String,
}

/// Where the bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStream {
    Stdout,
    Stderr,
}

/// Bytes that were printed at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Nanoseconds since the run's start.
    pub at: u64,
    pub stream: LogStream,
    pub bytes: Vec<u8>,
}

/// Keeps logs. Implementations: [`FileLogs`], [`MemoryLogs`].
pub trait LogStore: Send + Sync {
    /// Begins, or goes on with, the log of `key`. Nothing is made on disk before the first frame.
    fn writer(&self, key: &LogKey) -> Box<dyn LogWriter>;
}

/// Appends to one log.
pub trait LogWriter: Send {
    /// Appends bytes; when this returns, a reader finds them. No bytes make no frame.
    ///
    /// # Errors
    /// When storage does not take them. What was there stays readable.
    fn append(&mut self, at: u64, stream: LogStream, bytes: &[u8]) -> Result<(), StoreFault>;
}
