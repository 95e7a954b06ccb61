//! The memory limit: all linear memories and tables of a step's instances together, and what the host keeps for them.
//!
//! Knows bytes. Does not know guests or how a step ends; a growth past the limit is an error
//! that the runner turns into the step's outcome.

use super::engine::ELEMENTS;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasmtime::ResourceLimiter;

/// Bytes that a table's element takes in the host.
const ELEMENT: usize = size_of::<usize>();

/// Counts what an instance has, against a limit that it shares with the other instances of its step.
#[derive(Debug)]
pub struct MemoryLimiter {
    limit: usize,
    /// What all of them have.
    all: Arc<AtomicUsize>,
    /// What this one has of it, which is given back with it.
    used: usize,
    /// What the growth under way added, to be taken back should it fail.
    last: usize,
    /// Whether a growth was refused for the limit.
    pub exceeded: bool,
}

impl MemoryLimiter {
    /// A limit in bytes.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, all: Arc::default(), used: 0, last: 0, exceeded: false }
    }

    /// For another instance of the same step, for which the host keeps so many bytes: none where they are too many.
    #[must_use]
    pub fn beside(&self, kept: usize) -> Option<Self> {
        self.add(kept).then(|| Self { limit: self.limit, all: self.all.clone(), used: kept, last: 0, exceeded: false })
    }

    /// Counts bytes that the host keeps for the step: none where they are too many.
    #[must_use]
    pub fn keep(&self, bytes: usize) -> Option<Kept> {
        self.add(bytes).then(|| Kept { bytes, all: self.all.clone() })
    }

    fn add(&self, bytes: usize) -> bool {
        let fits = |all: usize| all.checked_add(bytes).filter(|all| *all <= self.limit);
        self.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn give_back(&mut self, bytes: usize) {
        self.used -= bytes;
        self.all.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>, size: usize) -> wasmtime::Result<bool> {
        self.last = 0;
        // What the module itself rules out is its own affair: the guest is told no.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let added = desired.saturating_sub(current).saturating_mul(size);
        if !self.add(added) {
            self.exceeded = true;
            return Err(wasmtime::Error::msg("memory limit met"));
        }
        self.used += added;
        self.last = added;
        Ok(true)
    }
}

/// Bytes that the host keeps for a step. They are given back when this is dropped.
#[derive(Debug)]
pub struct Kept {
    bytes: usize,
    all: Arc<AtomicUsize>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Drop for MemoryLimiter {
    fn drop(&mut self) {
        self.give_back(self.used);
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.grow(current, desired, maximum, 1)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        let last = std::mem::take(&mut self.last);
        self.give_back(last);
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // A pool has no room for more, and what is told no there is told no everywhere.
        let most = maximum.map_or(ELEMENTS, |maximum| maximum.min(ELEMENTS));
        self.grow(current, desired, Some(most), ELEMENT)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        let last = std::mem::take(&mut self.last);
        self.give_back(last);
        Ok(())
    }
}
