//! Pipes between programs of a step: bytes in order, with a bound, and two ends that many may hold.
//!
//! Knows bytes, who holds which end, and how to wait. Does not know guests or handles' numbers: whoever waits hands
//! over what may end the wait.

use super::super::control::LOOK;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::limiter::Kept;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a pipe holds, in bytes: as on Linux.
pub const ROOM: usize = 64 << 10;
/// A write of as many bytes is not mixed with others': POSIX's `PIPE_BUF` on Linux.
const WHOLE: usize = 4096;

/// Asked again and again while something is waited for: an error ends the wait.
pub type Check<'c> = &'c mut dyn FnMut() -> Result<(), Stop>;

/// Bytes between two ends.
#[derive(Debug)]
pub struct Pipe {
    number: u64,
    state: Mutex<State>,
    changed: Condvar,
    /// Its [`ROOM`] counts as memory of the step that made it.
    _kept: Option<Kept>,
}

#[derive(Debug, Default)]
struct State {
    bytes: VecDeque<u8>,
    readers: usize,
    writers: usize,
    /// How often each end was opened: a named pipe is open once somebody came to the other end, though he may
    /// have gone since.
    read_opens: u64,
    write_opens: u64,
}

/// Which end of a pipe is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one to read from.
    Read,
    /// The one to write to.
    Write,
    /// Both, as a named pipe can be opened.
    Both,
}

impl Side {
    fn reads(self) -> bool {
        self != Self::Write
    }

    fn writes(self) -> bool {
        self != Self::Read
    }
}

/// One end of a pipe. A clone is another holder of the same end.
#[derive(Debug)]
pub struct PipeEnd {
    pipe: Arc<Pipe>,
    side: Side,
}

static LAST: AtomicU64 = AtomicU64::new(0);

impl Pipe {
    /// Empty, and nobody holds an end.
    #[must_use]
    pub fn new(kept: Option<Kept>) -> Arc<Self> {
        let number = LAST.fetch_add(1, Ordering::Relaxed) & 0xffff_ffff;
        Arc::new(Self { number, state: Mutex::default(), changed: Condvar::new(), _kept: kept })
    }

    /// Whether somebody could read what is written.
    #[must_use]
    pub fn has_reader(&self) -> bool {
        self.lock().readers > 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes, or a little while.
    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let waited = self.changed.wait_timeout(state, Duration::from_nanos(LOOK));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// An end of it for one more holder.
    #[must_use]
    pub fn end(self: &Arc<Self>, side: Side) -> PipeEnd {
        self.lock().open(side);
        self.changed.notify_all();
        PipeEnd { pipe: self.clone(), side }
    }

    /// Opens an end of a named pipe: waits until somebody opens the other one.
    pub fn meet(self: &Arc<Self>, side: Side, check: Check<'_>) -> Result<PipeEnd, Stop> {
        let mut state = self.lock();
        // Who waits at the other end may go on, and be gone, as soon as this one is open: so it is looked at first.
        let there = match side {
            Side::Read => state.writers > 0,
            Side::Write => state.readers > 0,
            Side::Both => true,
        };
        let before = (state.read_opens, state.write_opens);
        state.open(side);
        drop(state);
        self.changed.notify_all();
        let end = PipeEnd { pipe: self.clone(), side };
        loop {
            let state = self.lock();
            let came = match side {
                Side::Read => state.write_opens > before.1,
                Side::Write => state.read_opens > before.0,
                Side::Both => true,
            };
            if there || came {
                drop(state);
                return Ok(end);
            }
            drop(self.wait(state));
            // Not under the lock, as dropping the end takes it.
            check()?;
        }
    }
}

impl State {
    fn open(&mut self, side: Side) {
        if side.reads() {
            self.readers += 1;
            self.read_opens += 1;
        }
        if side.writes() {
            self.writers += 1;
            self.write_opens += 1;
        }
    }
}

impl PipeEnd {
    /// A number that no other pipe has at the same time.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.pipe.number
    }

    /// Which end it is.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// How many bytes can be read or written without waiting. An end that has no other any more answers 1, since
    /// a call says so at once.
    #[must_use]
    pub fn ready(&self) -> u64 {
        let state = self.pipe.lock();
        let count = match self.side {
            Side::Read if state.writers == 0 => state.bytes.len().max(1),
            Side::Read | Side::Both => state.bytes.len(),
            Side::Write if state.readers == 0 => 1,
            Side::Write => ROOM - state.bytes.len(),
        };
        count as u64
    }

    /// Reads what is there, waiting for the first byte; 0 where nobody can write any more.
    pub fn read(&self, to: &mut [u8], check: Check<'_>) -> Result<usize, Stop> {
        if to.is_empty() {
            return Ok(0);
        }
        let mut state = self.pipe.lock();
        while state.bytes.is_empty() {
            if state.writers == 0 {
                return Ok(0);
            }
            check()?;
            state = self.pipe.wait(state);
        }
        let (first, second) = state.bytes.as_slices();
        let from_first = first.len().min(to.len());
        let from_second = second.len().min(to.len() - from_first);
        let count = from_first + from_second;
        if let Some((head, tail)) = to.get_mut(..count).map(|to| to.split_at_mut(from_first)) {
            head.copy_from_slice(first.get(..from_first).unwrap_or_default());
            tail.copy_from_slice(second.get(..from_second).unwrap_or_default());
        }
        state.bytes.drain(..count);
        self.pipe.changed.notify_all();
        Ok(count)
    }

    /// Writes all of it, waiting for room. `EPIPE` where nobody can read any more; what was written before that, or
    /// before the wait was ended, is lost to nobody who still reads.
    pub fn write(&self, from: &[u8], check: Check<'_>) -> Result<usize, Stop> {
        let mut done = 0;
        let mut state = self.pipe.lock();
        loop {
            if state.readers == 0 {
                return Err(Errno::BrokenPipe.into());
            }
            let rest = from.get(done..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(done);
            }
            let room = ROOM - state.bytes.len();
            // What is short is written in one piece.
            if room > 0 && (from.len() > WHOLE || room >= rest.len()) {
                let count = room.min(rest.len());
                state.bytes.extend(rest.get(..count).unwrap_or_default());
                done += count;
                self.pipe.changed.notify_all();
                continue;
            }
            match check() {
                Ok(()) => {}
                // A signal came: what was written is said.
                Err(Stop::Errno(Errno::Interrupted)) if done > 0 => return Ok(done),
                Err(stop) => return Err(stop),
            }
            state = self.pipe.wait(state);
        }
    }

    /// How many bytes can be written without waiting, as [`Self::ready`] says it of an end to write.
    #[must_use]
    pub fn room(&self) -> u64 {
        let state = self.pipe.lock();
        if state.readers == 0 { 1 } else { (ROOM - state.bytes.len()) as u64 }
    }

    /// Waits until it can be read or written without waiting, or for this long. Says whether it can.
    pub fn wait_ready(&self, time: Duration) -> bool {
        let state = self.pipe.lock();
        let is_ready = |state: &State| match self.side {
            Side::Read | Side::Both => !state.bytes.is_empty() || state.writers == 0,
            Side::Write => state.bytes.len() < ROOM || state.readers == 0,
        };
        if is_ready(&state) {
            return true;
        }
        let waited = self.pipe.changed.wait_timeout(state, time.min(Duration::from_nanos(LOOK)));
        is_ready(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl Clone for PipeEnd {
    fn clone(&self) -> Self {
        self.pipe.end(self.side)
    }
}

impl Drop for PipeEnd {
    fn drop(&mut self) {
        let mut state = self.pipe.lock();
        state.readers -= usize::from(self.side.reads());
        state.writers -= usize::from(self.side.writes());
        // A named pipe that nobody holds any more is empty for those who come next.
        if state.readers == 0 && state.writers == 0 {
            state.bytes.clear();
        }
        self.pipe.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wait that ends at once, as for a signal.
    fn no_wait() -> Result<(), Stop> {
        Err(Errno::Interrupted.into())
    }

    #[test]
    fn a_pipe_holds_no_more_than_its_room() {
        let pipe = Pipe::new(None);
        let (read, write) = (pipe.end(Side::Read), pipe.end(Side::Write));
        assert_eq!(write.write(&[1; ROOM * 2], &mut no_wait), Ok(ROOM));
        assert_eq!(write.write(&[1; 1], &mut no_wait), Err(Errno::Interrupted.into()));
        assert_eq!((read.ready(), write.room()), (ROOM as u64, 0));
        assert_eq!(read.read(&mut [0; 10], &mut no_wait), Ok(10));
        // What is short is written in one piece or not at all.
        assert_eq!(write.write(&[1; 11], &mut no_wait), Err(Errno::Interrupted.into()));
        assert_eq!(write.write(&[1; 10], &mut no_wait), Ok(10));
        drop(read);
        assert_eq!(write.write(&[1; 1], &mut no_wait), Err(Errno::BrokenPipe.into()));
    }
}
