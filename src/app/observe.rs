//! Who is told what happens while runs go on.
//!
//! Knows the moments that a screen may want. Does not know any screen.

use crate::engine::Run;
use crate::model::event::Stamped;
use crate::model::plan::Plan;
use std::sync::Arc;

pub use crate::exec::{StepProgress, Stream};

/// A run that begins.
#[derive(Debug, Clone)]
pub struct RunInfo {
    pub id: String,
    pub plan: Arc<Plan>,
}

/// Bytes that a step or sidecar printed.
#[derive(Debug, Clone)]
pub struct LogFrame {
    pub run: String,
    pub task_run: String,
    /// The pipeline task; the TaskRun's own name where there is no pipeline.
    pub task: String,
    pub attempt: u32,
    /// Step or sidecar.
    pub container: String,
    pub stream: Stream,
    /// Nanoseconds since the run's start.
    pub at: u64,
    pub bytes: Vec<u8>,
}

/// Is called as things happen, from several threads, one call at a time for one run. Must be quick.
pub trait Observer: Send + Sync {
    /// A run begins; its journal is open.
    fn started(&self, _run: &RunInfo) {}
    /// An event was journaled and applied; `state` is the run after it.
    fn event(&self, _run: &str, _event: &Stamped, _state: &Run) {}
    /// A step printed something.
    fn log(&self, _frame: &LogFrame) {}
    /// A step said how far it is.
    fn progress(&self, _run: &str, _task_run: &str, _container: &str, _now: &StepProgress) {}
    /// A module is being compiled for the first time; `bytes` is its size.
    fn compiling(&self, _module: &str, _bytes: u64) {}
    /// Its compilation ended after `nanos`.
    fn compiled(&self, _module: &str, _nanos: u64) {}
    /// Something a user should know that does not end a run.
    fn warning(&self, _text: &str) {}
}

/// Tells nobody.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {}
