//! Chunks of output made whole lines, one buffer for each stream of each step.
//!
//! Knows line breaks and a bound for lines that never end. Does not know who prints them.

use crate::app::{LogFrame, Stream};
use std::collections::BTreeMap;

/// Longest line that is kept waiting for its end, in bytes; then it is passed on in pieces.
pub const MAX_WAITING_LINE: usize = 64 << 10;

/// Which stream a line belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    run: String,
    task_run: String,
    attempt: u32,
    container: String,
    error: bool,
}

/// A whole line with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub task: String,
    pub container: String,
    /// Nanoseconds since the run's start, of the line's last bytes.
    pub at: u64,
    /// Without the line break.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Default)]
struct Waiting {
    task: String,
    at: u64,
    bytes: Vec<u8>,
}

/// Lines that have begun and not ended.
#[derive(Debug, Default)]
pub struct Lines {
    waiting: BTreeMap<Key, Waiting>,
}

impl Lines {
    /// Takes a chunk and returns the lines that it completes.
    pub fn push(&mut self, frame: &LogFrame) -> Vec<Line> {
        let key = Key {
            run: frame.run.clone(),
            task_run: frame.task_run.clone(),
            attempt: frame.attempt,
            container: frame.container.clone(),
            error: frame.stream == Stream::Stderr,
        };
        let mut lines = Vec::new();
        let slot = self.waiting.entry(key).or_default();
        slot.task.clone_from(&frame.task);
        slot.at = frame.at;
        for piece in frame.bytes.split_inclusive(|b| *b == b'\n') {
            slot.bytes.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                slot.bytes.pop();
                lines.push(slot.take(&frame.container));
            }
            while slot.bytes.len() > MAX_WAITING_LINE {
                let rest = slot.bytes.split_off(MAX_WAITING_LINE);
                lines.push(slot.take(&frame.container));
                slot.bytes = rest;
            }
        }
        lines
    }

    /// The unfinished lines of one step (of every step of the attempt where `container` is
    /// `None`), which has ended.
    pub fn end(&mut self, run: &str, task_run: &str, attempt: u32, container: Option<&str>) -> Vec<Line> {
        let ended = |key: &Key| {
            key.run == run
                && key.task_run == task_run
                && key.attempt == attempt
                && container.is_none_or(|c| key.container == c)
        };
        let keys: Vec<Key> = self.waiting.keys().filter(|key| ended(key)).cloned().collect();
        let mut lines = Vec::new();
        for key in keys {
            if let Some(mut waiting) = self.waiting.remove(&key).filter(|w| !w.bytes.is_empty()) {
                lines.push(waiting.take(&key.container));
            }
        }
        lines
    }

    /// Every unfinished line.
    pub fn end_all(&mut self) -> Vec<Line> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().filter(|(_, w)| !w.bytes.is_empty()).map(|(key, mut w)| w.take(&key.container)).collect()
    }
}

impl Waiting {
    fn take(&mut self, container: &str) -> Line {
        Line {
            task: self.task.clone(),
            container: container.to_owned(),
            at: self.at,
            bytes: std::mem::take(&mut self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(container: &str, stream: Stream, bytes: &[u8]) -> LogFrame {
        LogFrame {
            run: "r".into(),
            task_run: "t".into(),
            task: "task".into(),
            attempt: 0,
            container: container.into(),
            stream,
            at: 1,
            bytes: bytes.to_vec(),
        }
    }

    fn texts(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|l| String::from_utf8_lossy(&l.bytes).into_owned()).collect()
    }

    #[test]
    fn streams_do_not_mix_within_a_line() {
        let mut lines = Lines::default();
        assert!(lines.push(&frame("a", Stream::Stdout, b"one")).is_empty());
        assert_eq!(texts(&lines.push(&frame("a", Stream::Stderr, b"err\n"))), ["err"]);
        assert_eq!(texts(&lines.push(&frame("a", Stream::Stdout, b" more\n\nx"))), ["one more", ""]);
        assert_eq!(texts(&lines.push(&frame("b", Stream::Stdout, b"y"))), Vec::<String>::new());
        assert_eq!(texts(&lines.end("r", "t", 0, Some("a"))), ["x"]);
        assert_eq!(texts(&lines.end_all()), ["y"]);
    }

    #[test]
    fn a_line_without_end_is_bounded() {
        let mut lines = Lines::default();
        let found = lines.push(&frame("a", Stream::Stdout, &vec![b'x'; 2 * MAX_WAITING_LINE + 1]));
        assert_eq!(found.iter().map(|l| l.bytes.len()).collect::<Vec<_>>(), [MAX_WAITING_LINE; 2]);
        assert_eq!(texts(&lines.end_all()), ["x"]);
    }
}
