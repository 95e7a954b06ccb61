//! How a front end ends runs that it started.
//!
//! Knows the drivers' command queues. Does not know signals or keys.

use crate::driver::Command;
use crate::model::event::CancelMode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Ends the runs of one [`super::App::run`]. Cloning shares it. What is asked before a run
/// starts reaches it when it does.
#[derive(Clone, Default)]
pub struct Control(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    senders: Vec<mpsc::Sender<Command>>,
    asked: Vec<Ask>,
}

#[derive(Clone)]
enum Ask {
    Cancel(CancelMode, String),
    Kill,
}

impl Ask {
    fn command(&self) -> Command {
        match self {
            Self::Cancel(mode, message) => Command::cancel(*mode, message),
            Self::Kill => Command::Kill,
        }
    }
}

impl Control {
    /// Asks all runs to end in this way. `message` says who asks.
    pub fn cancel(&self, mode: CancelMode, message: &str) {
        self.ask(Ask::Cancel(mode, message.to_owned()));
    }

    /// Stops all runs at once; they stay resumable.
    pub fn kill(&self) {
        self.ask(Ask::Kill);
    }

    /// One more run that is told.
    pub(super) fn attach(&self, sender: mpsc::Sender<Command>) {
        let mut state = self.state();
        for ask in &state.asked {
            // The queue is new and has room; a run that has ended needs no telling.
            let _ = sender.try_send(ask.command());
        }
        state.senders.push(sender);
    }

    fn ask(&self, ask: Ask) {
        let mut state = self.state();
        for sender in &state.senders {
            // A full queue holds a command that ends the run already.
            let _ = sender.try_send(ask.command());
        }
        state.asked.push(ask);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
