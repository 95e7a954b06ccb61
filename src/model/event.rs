//! What happens to a run: the events that the driver journals and the engine applies.
//!
//! Knows the closed list of events. Does not know what follows from one: that is the engine.

use super::outcome::Outcome;
use super::report::{AttemptReport, StepReport};
use serde::{Deserialize, Serialize};

/// A TaskRun of a run, by the order in which the engine made it; stable under replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskRunId(pub u32);

/// An event with its place in the run's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// Counts from 0 within the run, without gaps.
    pub seq: u64,
    /// Nanoseconds since the Unix epoch; never less than that of the event before.
    pub at: u64,
    #[serde(flatten)]
    pub event: Event,
}

/// Everything that can happen to a run. Closed: matched without a wildcard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The run begins. Always the first event.
    Started,
    /// An attempt got its slot; it is about to be opened.
    AttemptStarted { id: TaskRunId, attempt: u32 },
    /// The attempt's mounts and sidecars stand ready, or `failed` says why not.
    AttemptOpened { id: TaskRunId, attempt: u32, failed: Option<Outcome> },
    /// A step ended.
    StepEnded {
        id: TaskRunId,
        attempt: u32,
        /// Place of the step in its task, from 0.
        step: u32,
        report: StepReport,
    },
    /// The attempt is over and its results are read.
    AttemptClosed { id: TaskRunId, attempt: u32, report: AttemptReport },
    /// A moment that the engine asked to be woken at has come.
    Woke,
    /// Somebody asked for an end.
    CancelRequested {
        mode: CancelMode,
        /// Who or what asked, shown in the condition's message where Tekton has one.
        message: String,
    },
}

/// How a run is asked to end: Tekton's `spec.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CancelMode {
    /// Kill all; `finally` does not run. For a TaskRun: `TaskRunCancelled`.
    Cancelled,
    /// Kill what runs, then run `finally`.
    CancelledRunFinally,
    /// Let what runs end (with its retries), start nothing more, then run `finally`.
    StoppedRunFinally,
}

impl CancelMode {
    /// The mode that `text` names in `spec.status` of a PipelineRun.
    #[must_use]
    pub fn from_status(text: &str) -> Option<Self> {
        match text {
            "Cancelled" => Some(Self::Cancelled),
            "CancelledRunFinally" => Some(Self::CancelledRunFinally),
            "StoppedRunFinally" => Some(Self::StoppedRunFinally),
            _ => None,
        }
    }
}
