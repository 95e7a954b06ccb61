//! The memory limit: all linear memories and tables of an instance together.
//!
//! Knows bytes. Does not know guests or how a step ends; a growth past the limit is an error
//! that the runner turns into the step's outcome.

use wasmtime::ResourceLimiter;

/// Bytes that a table's element takes in the host.
const ELEMENT: usize = size_of::<usize>();

/// Counts what an instance has, against a limit.
#[derive(Debug)]
pub struct MemoryLimiter {
    limit: usize,
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
        Self { limit, used: 0, last: 0, exceeded: false }
    }

    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>, size: usize) -> wasmtime::Result<bool> {
        self.last = 0;
        // What the module itself rules out is its own affair: the guest is told no.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let added = desired.saturating_sub(current).saturating_mul(size);
        let used = self.used.saturating_add(added);
        if used > self.limit {
            self.exceeded = true;
            return Err(wasmtime::Error::msg("memory limit met"));
        }
        self.used = used;
        self.last = added;
        Ok(true)
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.grow(current, desired, maximum, 1)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.used -= std::mem::take(&mut self.last);
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.grow(current, desired, maximum, ELEMENT)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.used -= std::mem::take(&mut self.last);
        Ok(())
    }
}
