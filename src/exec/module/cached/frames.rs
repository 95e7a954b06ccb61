//! What a step printed, piece by piece with its times, as one blob.
//!
//! Knows streams and bytes. Does not know where logs go.

use crate::exec::module::control::host_time;
use crate::exec::{LogSink, StepProgress, Stream};
use rustix::time::ClockId;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most bytes that are kept of what a step prints.
pub const MOST_PRINTED: usize = 16 << 20;

/// Bytes before each piece: its stream, its time, its length.
const HEAD: usize = 1 + 8 + 4;

/// Passes on what a step prints, and keeps it.
pub struct Recording {
    inner: Arc<dyn LogSink>,
    begun: u64,
    kept: Mutex<Printed>,
}

#[derive(Default)]
struct Printed {
    bytes: Vec<u8>,
    is_too_much: bool,
}

impl Recording {
    /// For a step that begins now.
    #[must_use]
    pub fn new(inner: Arc<dyn LogSink>) -> Arc<Self> {
        Arc::new(Self { inner, begun: host_time(ClockId::Monotonic), kept: Mutex::default() })
    }

    /// What was printed; none where it is more than is kept.
    pub fn take(&self) -> Option<Vec<u8>> {
        let mut kept = self.lock();
        let bytes = std::mem::take(&mut kept.bytes);
        (!kept.is_too_much).then_some(bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Printed> {
        // A piece is whole, or cut off at the end, which is seen when it is read.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogSink for Recording {
    fn write(&self, container: &str, stream: Stream, bytes: &[u8]) {
        let mut kept = self.lock();
        if kept.bytes.len() + HEAD + bytes.len() > MOST_PRINTED {
            kept.is_too_much = true;
            kept.bytes = Vec::new();
        } else if !kept.is_too_much {
            let time = host_time(ClockId::Monotonic).saturating_sub(self.begun);
            put(&mut kept.bytes, stream, time, bytes);
        }
        drop(kept);
        self.inner.write(container, stream, bytes);
    }

    fn progress(&self, container: &str, now: &StepProgress) {
        self.inner.progress(container, now);
    }
}

fn put(to: &mut Vec<u8>, stream: Stream, time: u64, bytes: &[u8]) {
    to.push(u8::from(stream == Stream::Stderr));
    to.extend_from_slice(&time.to_le_bytes());
    to.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    to.extend_from_slice(bytes);
}

/// One piece, and when it was printed, in nanoseconds since the step began.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'b> {
    pub stream: Stream,
    pub time: u64,
    pub bytes: &'b [u8],
}

/// The pieces of a blob; none where it is not one.
#[must_use]
pub fn read(mut blob: &[u8]) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    while !blob.is_empty() {
        let (head, rest) = blob.split_at_checked(HEAD)?;
        let stream = match head.first()? {
            0 => Stream::Stdout,
            1 => Stream::Stderr,
            _ => return None,
        };
        let time = u64::from_le_bytes(head.get(1..9)?.try_into().ok()?);
        let length = u32::from_le_bytes(head.get(9..)?.try_into().ok()?);
        let (bytes, rest) = rest.split_at_checked(length as usize)?;
        pieces.push(Piece { stream, time, bytes });
        blob = rest;
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_as_they_were_put() {
        let mut blob = Vec::new();
        put(&mut blob, Stream::Stdout, 7, b"one\n");
        put(&mut blob, Stream::Stderr, 9, b"");
        let pieces = read(&blob).expect("is whole");
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces.first(), Some(&Piece { stream: Stream::Stdout, time: 7, bytes: b"one\n" }));
        for end in 1..blob.len() {
            let cut = read(blob.get(..end).expect("is shorter"));
            assert!(cut.is_none_or(|pieces| pieces.len() == 1 && end == HEAD + 4), "{end}");
        }
        assert_eq!(read(&[2; 40]), None);
    }
}
