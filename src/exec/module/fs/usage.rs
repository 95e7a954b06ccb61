//! What a step has used of its limits of disk, files, output and open files, all of its programs together.
//!
//! Knows four counters and their limits. Does not know files or streams.

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

/// Counters of one step. What is removed is given back, never below zero. Clones share the counters: each program of
/// the step has one.
#[derive(Debug, Clone)]
pub struct Usage {
    bytes: Charged,
    counts: Arc<Counts>,
    limits: Limits,
}

#[derive(Debug, Default)]
struct Counts {
    files: AtomicU64,
    output: AtomicU64,
    /// Files of the host that are open. It never comes to more than the limit and one for each thread.
    open: AtomicU64,
}

/// Files that are open from the start: those that get a copy of what a step prints.
const FROM_START: u64 = 2;

/// A file that a step has open, counted until this is dropped.
#[derive(Debug)]
pub struct Opening(Arc<Counts>);

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Adds to a counter as far as a limit goes; gives how much was added.
fn add(counter: &AtomicU64, count: u64, limit: u64) -> u64 {
    let mut added = 0;
    let more = |used: u64| {
        added = count.min(limit.saturating_sub(used));
        Some(used + added)
    };
    // It never refuses, as the new value is always given.
    let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    added
}

impl Usage {
    /// Nothing used yet of these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { bytes: Charged::default(), counts: Arc::default(), limits }
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
        let fits = |used: u64| used.checked_add(count).filter(|used| *used <= self.limits.disk);
        match self.bytes.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => Ok(()),
            Err(_) => Err(met(LimitKind::Disk, self.limits.disk)),
        }
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
        match add(&self.counts.files, 1, self.limits.files) {
            0 => Err(met(LimitKind::Files, self.limits.files)),
            _ => Ok(()),
        }
    }

    /// Gives one file back.
    pub fn give_back_file(&mut self) {
        let less = |files: u64| Some(files.saturating_sub(1));
        // It never refuses, as the new value is always given.
        let _ = self.counts.files.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Counts a file that is opened. Each program has its own handles; the files that all of them have open together are
    /// no more than one may have.
    pub fn open_file(&self) -> Result<Opening, Errno> {
        let opening = Opening(self.counts.clone());
        let before = self.counts.open.fetch_add(1, Ordering::Relaxed);
        if before < u64::from(self.limits.handles) + FROM_START { Ok(opening) } else { Err(Errno::TooManyHandles) }
    }

    /// Takes output. Gives how many of `count` bytes may still be written; when that is fewer,
    /// the step ends once they are.
    pub fn take_output(&mut self, count: u64) -> (u64, Result<(), Stop>) {
        let taken = add(&self.counts.output, count, self.limits.output);
        if taken < count {
            return (taken, Err(met(LimitKind::Output, self.limits.output)));
        }
        (taken, Ok(()))
    }
}

fn met(limit: LimitKind, value: u64) -> Stop {
    Outcome::LimitMet { limit, value }.into()
}
