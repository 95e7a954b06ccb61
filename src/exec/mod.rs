//! One trait for whatever runs a task: a session per task attempt.
//!
//! `open` makes the attempt's mounts stand ready and starts its sidecars, `run_step` runs
//! one step after the other (each resolved by the engine only then, since it may use the
//! results of those before it), `close` stops the sidecars and reads the task's results.
//! Knows requests and outcomes. Does not know graphs, runs, retries or journals; nothing
//! here says whether a step is a module or a container.

pub mod module;
pub mod scripted;

use crate::model::outcome::Outcome;
pub use crate::model::report::{AttemptReport, StepReport};
use crate::model::request::{AttemptRequest, StepRequest};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::watch;

/// Runs task attempts. Implementations: [`module`] (WASI modules in this process),
/// [`scripted`] (for tests and simulation); a Pod executor takes the same shape.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Makes an attempt ready for its first step. An `Err` ends the attempt with that outcome.
    async fn open(&self, request: AttemptRequest, context: AttemptContext) -> Result<Box<dyn Session>, Outcome>;
}

/// One attempt of a task, between `open` and `close`. Dropping it without `close` throws it away.
#[async_trait]
pub trait Session: Send {
    /// Runs one step to its end. Never fails as a call: how it went is the report's outcome.
    async fn run_step(&mut self, request: StepRequest) -> StepReport;

    /// Ends the attempt: sidecars stop, results are read, what was written becomes visible to others.
    async fn close(self: Box<Self>) -> AttemptReport;
}

/// What an attempt is given besides its request: things that are not data.
#[derive(Clone)]
pub struct AttemptContext {
    /// Where log bytes go.
    pub logs: Arc<dyn LogSink>,
    /// Turns to something else than [`Interrupt::None`] when the attempt has to stop.
    pub interrupt: watch::Receiver<Interrupt>,
}

/// Why a running attempt has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interrupt {
    /// Go on.
    #[default]
    None,
    /// End the running step with [`Outcome::Cancelled`] as soon as possible; `close` follows.
    Cancel,
}

/// Which stream of a step bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Takes what steps and sidecars print, as it comes. Must not block for long and cannot fail:
/// a log that can't be kept is the sink's to report.
pub trait LogSink: Send + Sync {
    /// `container` is the step's or sidecar's name. Bytes are raw, not split into lines.
    fn write(&self, container: &str, stream: Stream, bytes: &[u8]);

    /// Takes what a step or sidecar says of how far it is. For those who watch: it is not kept.
    fn progress(&self, _container: &str, _now: &StepProgress) {}
}

/// How far a step says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepProgress {
    /// What it is doing, in its own words.
    pub what: String,
    /// How much of how much is done, where it says so.
    pub done: Option<u64>,
    pub total: Option<u64>,
}
