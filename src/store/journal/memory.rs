//! A journal in memory, with the behaviour of the one in a file: for tests, simulation and
//! runs that nobody wants to keep.
//!
//! Knows records in a shared list. Does not know files.

use super::{Appended, Contents, Journal, Order, Record, RecordKind, StoreFault};
use std::sync::{Arc, Mutex, PoisonError};

/// The records that writers of one journal share.
#[derive(Debug, Clone, Default)]
pub struct MemoryRecords(Arc<Mutex<Vec<Record>>>);

impl MemoryRecords {
    /// What has been flushed so far.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Contents { records, ..Contents::default() }
    }

    /// A writer that goes on where the records end.
    #[must_use]
    pub fn open(&self) -> MemoryJournal {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        MemoryJournal {
            order: Order::after(&records),
            length: records.len(),
            shared: self.clone(),
            pending: Vec::new(),
            fenced: false,
        }
    }
}

/// A writer of [`MemoryRecords`].
#[derive(Debug)]
pub struct MemoryJournal {
    shared: MemoryRecords,
    order: Order,
    /// Records that this writer knows to be there.
    length: usize,
    pending: Vec<Record>,
    fenced: bool,
}

impl Journal for MemoryJournal {
    fn append(&mut self, epoch: u64, seq: u64, kind: RecordKind, payload: &[u8]) -> Result<Appended, StoreFault> {
        if self.fenced || self.order.admit(epoch, seq, kind, payload)? == Appended::Fenced {
            return Ok(Appended::Fenced);
        }
        self.pending.push(Record { kind, epoch, seq, payload: payload.to_vec() });
        Ok(Appended::Done)
    }

    fn flush(&mut self) -> Result<Appended, StoreFault> {
        let mut records = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        if self.fenced || (records.len() > self.length && !self.pending.is_empty()) {
            self.fenced = true;
            return Ok(Appended::Fenced);
        }
        records.append(&mut self.pending);
        self.length = records.len();
        Ok(Appended::Done)
    }

    fn sync(&mut self) -> Result<Appended, StoreFault> {
        self.flush()
    }
}
