//! Where the driver says what happens and followers hear it.
//!
//! Knows a bounded queue of lines. Does not know sockets or clients: nobody may be listening,
//! and then saying something costs nothing.

use super::{Answer, FOLLOW_QUEUE, log_answer};
use crate::store::logs::LogKey;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Passes a run's events and the growth of its logs on to followers. Dropping it, or
/// [`Hub::end`], ends their streams.
#[derive(Debug)]
pub struct Hub(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Events below this are in the journal and have been passed on.
    next_seq: u64,
    lines: Option<broadcast::Sender<Arc<str>>>,
}

/// One follower's end.
#[derive(Debug)]
pub struct Subscription {
    /// The first event that will come through here; those before stand in the journal.
    pub next_seq: u64,
    /// Lines, newline included. `None` when the driver is done.
    pub lines: Option<broadcast::Receiver<Arc<str>>>,
}

impl Default for Hub {
    fn default() -> Self {
        let (lines, _) = broadcast::channel(FOLLOW_QUEUE);
        Self(Mutex::new(State { next_seq: 0, lines: Some(lines) }))
    }
}

impl Hub {
    /// Says that the driver begins, with `next_seq` events in the journal.
    pub fn begin(&self, next_seq: u64) {
        self.state().next_seq = next_seq;
    }

    /// Says that the event `seq`, whose JSON is `payload`, stands in the journal.
    pub fn event(&self, seq: u64, payload: &[u8]) {
        let mut state = self.state();
        state.next_seq = seq.saturating_add(1);
        if let Some(lines) = state.listeners() {
            let payload = String::from_utf8_lossy(payload);
            // Sending fails only when the last listener has just left.
            let _ = lines.send(Arc::from(format!("{{\"event\":{payload}}}\n")));
        }
    }

    /// Says that the log of `key` has grown.
    pub fn log(&self, key: &LogKey) {
        let state = self.state();
        if let Some(lines) = state.listeners() {
            let _ = lines.send(Arc::from(log_answer(key).line()));
        }
    }

    /// Says that nothing more comes from this driver.
    pub fn end(&self) {
        let mut state = self.state();
        if let Some(lines) = state.lines.take() {
            let _ = lines.send(Arc::from(Answer::End {}.line()));
        }
    }

    /// Starts to listen.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        let state = self.state();
        Subscription { next_seq: state.next_seq, lines: state.lines.as_ref().map(broadcast::Sender::subscribe) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn listeners(&self) -> Option<&broadcast::Sender<Arc<str>>> {
        self.lines.as_ref().filter(|lines| lines.receiver_count() > 0)
    }
}
