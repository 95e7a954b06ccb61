//! Everything that one running program of a step has: files, handles, streams, clocks, random bytes, limits.
//!
//! Knows the parts. Does not know how they were made or what the guest's calls do with them.

use super::clock::StepClock;
use super::component::ComponentState;
use super::control::Control;
use super::fs::errno::Stop;
use super::fs::usage::Usage;
use super::fs::{GuestFs, SharedFile};
use super::limiter::MemoryLimiter;
use super::preview1::handles::Handles;
use super::processes::Process;
use super::random::RandomSource;
use super::world::TaskState;
use crate::exec::{LogSink, Stream};
use crate::model::outcome::Outcome;
use std::sync::Arc;
use wasmtime::Memory;

/// One program of a step while it runs: the data of its store.
pub struct StepState {
    /// What it sees of files.
    pub fs: GuestFs,
    /// Its handles.
    pub handles: Handles,
    /// Its arguments, the program's name first.
    pub arguments: Vec<String>,
    /// Its environment as `NAME=value`.
    pub environment: Vec<String>,
    /// Its clocks.
    pub clock: StepClock,
    /// Its random bytes.
    pub random: RandomSource,
    /// Where what it prints goes.
    pub output: Output,
    /// Ends it from outside.
    pub control: Arc<Control>,
    /// Counts its memory.
    pub limiter: MemoryLimiter,
    /// The guest's memory, once it is known.
    pub memory: Option<Memory>,
    /// What is open from the start: the name that a guest sees, and the path without links ("" is the root).
    pub preopens: Vec<(String, String)>,
    /// What it can ask of its task.
    pub task: TaskState,
    /// Which program of its step it is.
    pub process: Process,
    /// What only a component has.
    pub component: ComponentState,
    /// What it asked for and was not granted: its outcome, should it fail.
    pub denied: Option<Outcome>,
    /// How it ended, where a call of ours ended it.
    pub ended: Option<Outcome>,
}

/// A step's standard output and error. Clones write to the same.
#[derive(Clone)]
pub struct Output {
    /// Takes the bytes.
    pub logs: Arc<dyn LogSink>,
    /// The step's or sidecar's name.
    pub container: String,
    /// Files that get the same bytes (`stdoutConfig`, `stderrConfig`).
    pub stdout_copy: Option<SharedFile>,
    pub stderr_copy: Option<SharedFile>,
}

impl Output {
    /// Writes bytes, as far as the step's output limit goes.
    pub fn write(&mut self, stream: Stream, bytes: &[u8], usage: &mut Usage) -> Result<(), Stop> {
        let (allowed, answer) = usage.take_output(bytes.len() as u64);
        let allowed = usize::try_from(allowed).unwrap_or(bytes.len());
        let bytes = bytes.get(..allowed).unwrap_or(bytes);
        if !bytes.is_empty() {
            self.logs.write(&self.container, stream, bytes);
        }
        let copy = match stream {
            Stream::Stdout => &self.stdout_copy,
            Stream::Stderr => &self.stderr_copy,
        };
        if let Some(copy) = copy {
            let mut rest = bytes;
            let mut copy = copy.lock();
            while !rest.is_empty() {
                let at = copy.position;
                let written = copy.file.write_at(rest, at, true, &copy.paid, usage)?;
                copy.position += written as u64;
                rest = rest.get(written..).unwrap_or_default();
            }
        }
        answer
    }
}
