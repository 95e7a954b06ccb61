//! The loop of a run: an event is appended to the journal and applied, the journal is flushed,
//! and only then are the actions performed that followed.
//!
//! Owns the clock, spawning and cancellation; nothing below and nothing beside waits for time
//! or starts a task. Knows that attempts are opened, run and closed by an executor. Does not
//! know modules, Pods, graphs, files or screens.
//!
//! - [`drive`] drives one run to its end; several may share [`Slots`].
//! - [`Clock`] stamps events and wakes the engine; [`SystemClock`], [`TokioClock`].
//! - [`Observer`] hears of events and output as they come.
//! - [`ControlServer`] lets other processes cancel and follow the run.

mod attempts;
mod clock;
mod control;
mod replay;
mod sink;
mod slots;
#[cfg(test)]
mod tests;
mod turns;

pub use clock::{Clock, SystemClock, TokioClock};
pub use control::ControlServer;
pub use slots::{Seat, Slots};
pub use turns::drive;

use crate::engine::Run;
use crate::exec::{Executor, StepProgress, Stream};
use crate::model::event::{CancelMode, Stamped, TaskRunId};
use crate::store::control::Hub;
use crate::store::journal::Journal;
use crate::store::logs::LogStore;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait for a run; whoever sends one more waits.
pub const COMMAND_QUEUE: usize = 16;

/// Everything that driving a run takes.
pub struct DriveInput {
    /// The run's id, as observers are told.
    pub id: Arc<str>,
    /// The run before its first event. Events of `replay` are applied by [`drive`].
    pub run: Run,
    /// Stands behind its header and the events of `replay`.
    pub journal: Box<dyn Journal>,
    /// Above that of every record in the journal, or 0 for a new run.
    pub epoch: u64,
    /// What the journal holds already; empty for a new run.
    pub replay: Vec<Stamped>,
    pub executor: Arc<dyn Executor>,
    /// The run's place among those that share slots.
    pub slots: Seat,
    pub clock: Arc<dyn Clock>,
    pub observer: Arc<dyn Observer>,
    pub logs: Arc<dyn LogStore>,
    /// Where followers in other processes listen.
    pub hub: Arc<Hub>,
    /// Made with room for [`COMMAND_QUEUE`]. A run goes on when all senders are gone.
    pub control: mpsc::Receiver<Command>,
}

/// What a driver can be told.
#[derive(Debug)]
pub enum Command {
    /// Ask the run to end.
    Cancel {
        mode: CancelMode,
        /// Who or what asks.
        message: String,
        /// Told once the request stands in the journal; dropped when the run ended first.
        recorded: Option<oneshot::Sender<()>>,
    },
    /// Stop at once, recording nothing more: the run can be resumed.
    Kill,
}

impl Command {
    /// A cancellation that nobody waits for.
    #[must_use]
    pub fn cancel(mode: CancelMode, message: &str) -> Self {
        Self::Cancel { mode, message: message.to_owned(), recorded: None }
    }
}

/// How driving a run ended, and the run as it then stood.
pub struct DriveEnd {
    pub how: How,
    pub run: Run,
    /// How many events the journal holds.
    pub events: u64,
    /// The first reason why output could not be kept, if any. The run went on without it.
    pub log_fault: Option<String>,
}

/// Why a driver stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The run has ended; the engine says how.
    Finished,
    /// It was told to stop at once. The run can be resumed.
    Killed,
    /// Another driver has the run.
    Fenced,
    /// Our own storage failed, or the engine fell silent. What is in the journal holds.
    Fault(String),
}

/// Hears what happens to runs, on the driver's own threads: it returns soon and never waits
/// for the driver. Called for several runs and attempts at once.
pub trait Observer: Send + Sync {
    /// `event` has been appended and applied; `state` is the run right after it.
    fn event(&self, run: &str, event: &Stamped, state: &Run);
    /// A step or sidecar printed something, which is now kept.
    fn log(&self, frame: &LogFrame<'_>);
    /// A step or sidecar said how far it is; this is kept nowhere.
    fn progress(&self, _run: &str, _task_run: &str, _container: &str, _now: &StepProgress) {}
}

/// What a step or sidecar printed at one moment. Not split into lines.
#[derive(Debug, Clone, Copy)]
pub struct LogFrame<'a> {
    /// The run's id.
    pub run: &'a str,
    pub id: TaskRunId,
    /// Name of the TaskRun, and of the pipeline task that it runs.
    pub task_run: &'a str,
    pub pipeline_task: &'a str,
    pub attempt: u32,
    /// Name of the step or sidecar.
    pub container: &'a str,
    pub stream: Stream,
    /// Nanoseconds since the run's start.
    pub at: u64,
    pub bytes: &'a [u8],
}
