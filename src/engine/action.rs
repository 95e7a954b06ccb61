//! What the engine asks of the world.
//!
//! Knows the closed list of actions. Does not know who performs them.

use crate::model::event::TaskRunId;
use crate::model::request::{AttemptRequest, StepRequest};

/// Something to do. Each is answered by an event; replaying a journal yields them again, and
/// those already answered are not performed.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// An attempt is ready and wants a slot. Answered by `AttemptStarted`.
    Enqueue { id: TaskRunId, attempt: u32 },
    /// An attempt that was enqueued is no longer wanted; not answered. It was not started: an attempt
    /// that has started ends by being closed, or by its opening's failure.
    Dequeue { id: TaskRunId, attempt: u32 },
    /// Make the attempt ready. Answered by `AttemptOpened`; one that could not be made ready is over,
    /// and is not closed.
    Open { id: TaskRunId, attempt: u32, request: Box<AttemptRequest> },
    /// Run one step. Answered by `StepEnded`.
    RunStep { id: TaskRunId, attempt: u32, request: Box<StepRequest> },
    /// Interrupt the open or running attempt; its step (or opening) then ends as cancelled. Not answered by itself.
    Interrupt { id: TaskRunId, attempt: u32 },
    /// End the attempt and read its results. Answered by `AttemptClosed`.
    Close { id: TaskRunId, attempt: u32 },
    /// Send `Woke` at this time (nanoseconds since the Unix epoch), unless an earlier event comes
    /// first and asks for another time: the last request holds.
    WakeAt { at: u64 },
    /// The run has ended. Nothing follows.
    Finish,
}
