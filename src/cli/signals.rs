//! The signals that end a run, and what each asks for.
//!
//! Knows SIGINT, SIGTERM and SIGHUP. Does not know how a run is ended.

use super::exit::Exit;
use std::io;
use tokio::signal::unix::{SignalKind, signal};

/// What the user or the machine asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// First Ctrl-C: end what runs, then run `finally`.
    Cancel,
    /// Second Ctrl-C: end everything.
    CancelNow,
    /// Third Ctrl-C: leave at once.
    Leave,
    /// SIGTERM or SIGHUP: stop and leave the runs as they are recorded.
    Stop(Exit),
}

/// The signals, from the moment this is made.
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupts: u32,
}

impl Signals {
    /// Takes over the signals; needs a runtime.
    ///
    /// # Errors
    /// The machine refuses a handler.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupts: 0,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Ask {
        tokio::select! {
            _ = self.interrupt.recv() => {
                self.interrupts += 1;
                match self.interrupts {
                    1 => Ask::Cancel,
                    2 => Ask::CancelNow,
                    _ => Ask::Leave,
                }
            }
            _ = self.terminate.recv() => Ask::Stop(Exit::Terminated),
            _ = self.hang_up.recv() => Ask::Stop(Exit::HungUp),
        }
    }
}
