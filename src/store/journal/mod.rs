//! The append-only record of a run: its trait, and what a record is.
//!
//! A record is appended with an epoch (which driver of the run wrote it) and a sequence
//! number; the journal takes it or says that the writer has been fenced off by a later one.
//! Knows order and framing. Does not know what events mean, apart from their JSON form.

mod file;
mod frame;
mod memory;
#[cfg(test)]
mod tests;

pub use file::{FileJournal, read, read_header};
pub use memory::{MemoryJournal, MemoryRecords};

use super::StoreFault;
use crate::model::event::Stamped;
use std::path::PathBuf;

/// The format that this version writes, and the newest that it reads.
pub const FORMAT_VERSION: u32 = 1;
/// Bytes of the largest record. The first record carries all objects of a run, and results
/// have no limit of their own in the journal.
pub const MAX_RECORD: usize = 64 << 20;

/// Whether a record was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Appended {
    /// It was taken; after [`Journal::flush`] it can be read by others.
    Done,
    /// A later writer has the journal; nothing of this writer's is taken any more.
    Fenced,
}

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// The run's inputs, opaque here. Always the first record, with sequence 0, and only there.
    Header,
    /// A [`Stamped`] event as JSON; sequence numbers count from 0 without gaps.
    Event,
}

/// A record as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub kind: RecordKind,
    pub epoch: u64,
    pub seq: u64,
    pub payload: Vec<u8>,
}

/// An append-only record of one run. Implementations: [`FileJournal`], [`MemoryJournal`];
/// storage that several machines share takes the same shape.
pub trait Journal: Send {
    /// Takes a record; it may lie in memory until [`Journal::flush`]. `epoch` never falls
    /// from one record to the next, `seq` is the next of its kind. A payload is text: not
    /// empty, and not ending in a zero byte.
    ///
    /// # Errors
    /// [`StoreFault::OutOfOrder`], [`StoreFault::RecordTooLarge`], [`StoreFault::RecordShape`]
    /// leave the journal as it was; after any other fault nothing more is taken.
    fn append(&mut self, epoch: u64, seq: u64, kind: RecordKind, payload: &[u8]) -> Result<Appended, StoreFault>;

    /// Hands over everything appended so far: it then survives the death of this process.
    ///
    /// # Errors
    /// When storage does not take it. None of the records since the last flush counts then.
    fn flush(&mut self) -> Result<Appended, StoreFault>;

    /// Flushes, and makes what was written survive the loss of power.
    ///
    /// # Errors
    /// As [`Journal::flush`].
    fn sync(&mut self) -> Result<Appended, StoreFault>;
}

/// What a journal holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// The file that was read; empty for a journal in memory.
    pub path: PathBuf,
    /// All records before the end, the torn tail or the damage.
    pub records: Vec<Record>,
    /// Bytes of a record that was cut off while it was written; it never counted.
    pub torn: u64,
    /// [`StoreFault::Damaged`] when the middle is damaged.
    pub damage: Option<StoreFault>,
}

impl Contents {
    /// The first record's payload, or `None` when the journal broke off before it.
    #[must_use]
    pub fn header(&self) -> Option<&[u8]> {
        self.records.first().filter(|r| r.kind == RecordKind::Header).map(|r| r.payload.as_slice())
    }

    /// The epoch of the last record; 0 for an empty journal.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.records.last().map_or(0, |r| r.epoch)
    }

    /// All events.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] when a record is no event of this version.
    pub fn events(&self) -> Result<Vec<Stamped>, StoreFault> {
        let mut events = Vec::with_capacity(self.records.len());
        let mut offset = frame::FILE_HEADER;
        for (number, record) in (0_u64..).zip(&self.records) {
            if record.kind == RecordKind::Event {
                let event = decode_event(record).map_err(|what| StoreFault::Damaged {
                    path: self.path.clone(),
                    record: number,
                    offset: offset as u64,
                    what,
                })?;
                events.push(event);
            }
            offset = offset.saturating_add(frame::HEAD + record.payload.len());
        }
        Ok(events)
    }
}

fn decode_event(record: &Record) -> Result<Stamped, String> {
    let event: Stamped = serde_json::from_slice(&record.payload).map_err(|error| format!("not an event: {error}"))?;
    if event.seq == record.seq {
        Ok(event)
    } else {
        Err(format!("event {} stands in record {}", event.seq, record.seq))
    }
}

/// Where the next record belongs; shared by all implementations, so that they agree.
#[derive(Debug, Clone, Default)]
struct Order {
    /// Sequence of the next event; `None` before the header.
    next: Option<u64>,
    epoch: u64,
}

impl Order {
    /// The order that follows `records`.
    fn after(records: &[Record]) -> Self {
        let mut order = Self::default();
        for record in records {
            order.advance(record.kind, record.epoch, record.seq);
        }
        order
    }

    fn advance(&mut self, kind: RecordKind, epoch: u64, seq: u64) {
        self.epoch = epoch;
        self.next = Some(match kind {
            RecordKind::Header => 0,
            RecordKind::Event => seq.saturating_add(1),
        });
    }

    /// Whether (kind, seq) is what comes next.
    fn fits(&self, kind: RecordKind, seq: u64) -> bool {
        match (self.next, kind) {
            (None, RecordKind::Header) => seq == 0,
            (Some(next), RecordKind::Event) => seq == next,
            (None, RecordKind::Event) | (Some(_), RecordKind::Header) => false,
        }
    }

    fn expected(&self) -> String {
        self.next.map_or_else(|| "the header".to_owned(), |next| format!("event {next}"))
    }

    /// Checks a record that is to be appended, and counts it.
    fn admit(&mut self, epoch: u64, seq: u64, kind: RecordKind, payload: &[u8]) -> Result<Appended, StoreFault> {
        if epoch < self.epoch {
            return Ok(Appended::Fenced);
        }
        if payload.len() > MAX_RECORD {
            return Err(StoreFault::RecordTooLarge { bytes: payload.len(), limit: MAX_RECORD });
        }
        if payload.last().is_none_or(|byte| *byte == 0) {
            return Err(StoreFault::RecordShape);
        }
        if !self.fits(kind, seq) {
            let got = match kind {
                RecordKind::Header => format!("header {seq}"),
                RecordKind::Event => format!("event {seq}"),
            };
            return Err(StoreFault::OutOfOrder { expected: self.expected(), got });
        }
        self.advance(kind, epoch, seq);
        Ok(Appended::Done)
    }
}
