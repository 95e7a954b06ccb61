//! Logs in memory: for tests and simulation.
//!
//! Knows frames in a map. Does not know files.

use super::{Frame, LogKey, LogStore, LogStream, LogWriter, StoreFault};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

type Shared = Arc<Mutex<BTreeMap<LogKey, Vec<Frame>>>>;

/// All logs of a run, in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryLogs(Shared);

impl MemoryLogs {
    /// The frames of one log, in order.
    #[must_use]
    pub fn frames(&self, key: &LogKey) -> Vec<Frame> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned().unwrap_or_default()
    }
}

impl LogStore for MemoryLogs {
    fn writer(&self, key: &LogKey) -> Box<dyn LogWriter> {
        Box::new(Writer { shared: Arc::clone(&self.0), key: key.clone() })
    }
}

struct Writer {
    shared: Shared,
    key: LogKey,
}

impl LogWriter for Writer {
    fn append(&mut self, at: u64, stream: LogStream, bytes: &[u8]) -> Result<(), StoreFault> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut logs = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = Frame { at, stream, bytes: bytes.to_vec() };
        logs.entry(self.key.clone()).or_default().push(frame);
        Ok(())
    }
}
