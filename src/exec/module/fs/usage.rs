//! What a step has used of its disk, file and output limits.
//!
//! Knows three counters and their limits. Does not know files or streams.

use super::errno::{Errno, Stop};
use crate::model::outcome::{LimitKind, Limits, Outcome};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes on disk that a step is charged for. Clones share the counter: an open file keeps one,
/// to give its bytes back when it is closed after its last name was removed.
#[derive(Debug, Clone, Default)]
pub struct Charged(Arc<AtomicU64>);

impl Charged {
    /// Gives bytes back that no longer take room.
    pub fn give_back(&self, count: u64) {
        let less = |bytes: u64| Some(bytes.saturating_sub(count));
        // It never refuses, as the new value is always given.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// Counters of one step. What is removed is given back, never below zero.
#[derive(Debug)]
pub struct Usage {
    bytes: Charged,
    files: u64,
    output: u64,
    limits: Limits,
}

impl Usage {
    /// Nothing used yet of these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { bytes: Charged::default(), files: 0, output: 0, limits }
    }

    /// The limits that are counted against.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes bytes on disk. More than the limit could ever hold is `EFBIG`; more than what is
    /// left ends the step.
    pub fn take_bytes(&mut self, count: u64) -> Result<(), Stop> {
        if count > self.limits.disk {
            return Err(Errno::FileTooBig.into());
        }
        // Only this step's own thread adds, so what is added fits still.
        let used = self.bytes.0.load(Ordering::Relaxed).saturating_add(count);
        if used > self.limits.disk {
            return Err(met(LimitKind::Disk, self.limits.disk));
        }
        self.bytes.0.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }

    /// Gives bytes back that no longer take room.
    pub fn give_back_bytes(&mut self, count: u64) {
        self.bytes.give_back(count);
    }

    /// The counter of bytes, for an open file.
    #[must_use]
    pub fn charged(&self) -> Charged {
        self.bytes.clone()
    }

    /// Takes one file, directory or link.
    pub fn take_file(&mut self) -> Result<(), Stop> {
        if self.files >= self.limits.files {
            return Err(met(LimitKind::Files, self.limits.files));
        }
        self.files += 1;
        Ok(())
    }

    /// Gives one file back.
    pub fn give_back_file(&mut self) {
        self.files = self.files.saturating_sub(1);
    }

    /// Takes output. Gives how many of `count` bytes may still be written; when that is fewer,
    /// the step ends once they are.
    pub fn take_output(&mut self, count: u64) -> (u64, Result<(), Stop>) {
        let left = self.limits.output.saturating_sub(self.output);
        let taken = count.min(left);
        self.output += taken;
        if taken < count {
            return (taken, Err(met(LimitKind::Output, self.limits.output)));
        }
        (taken, Ok(()))
    }
}

fn met(limit: LimitKind, value: u64) -> Stop {
    Outcome::LimitMet { limit, value }.into()
}
