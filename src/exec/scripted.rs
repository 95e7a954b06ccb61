//! An executor that does what it was told: for tests and for simulating plans.
//!
//! Knows scripts of outcomes and delays, and remembers what it was asked. Does not know modules,
//! files or processes. Delays are tokio's, so that paused time makes them free.

use super::{AttemptContext, AttemptReport, Executor, Interrupt, Session, StepReport, Stream};
use crate::model::outcome::Outcome;
use crate::model::request::{AttemptRequest, StepRequest};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What one step does.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptedStep {
    /// How it ends.
    pub outcome: Outcome,
    /// How long it takes. Past the step's own timeout it ends with [`Outcome::TimedOut`].
    pub delay: Duration,
    /// What it prints to standard output.
    pub output: String,
    /// Its own results.
    pub results: BTreeMap<String, String>,
    /// What it adds to the task's results.
    pub task_results: BTreeMap<String, String>,
}

impl Default for ScriptedStep {
    fn default() -> Self {
        Self::exit(0)
    }
}

impl ScriptedStep {
    /// A step that ends at once with this code.
    #[must_use]
    pub fn exit(code: u8) -> Self {
        Self::ends(Outcome::Exited { code })
    }

    /// A step that ends at once in this way.
    #[must_use]
    pub fn ends(outcome: Outcome) -> Self {
        Self {
            outcome,
            delay: Duration::ZERO,
            output: String::new(),
            results: BTreeMap::new(),
            task_results: BTreeMap::new(),
        }
    }

    /// The same, but it takes this long.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The same, and it writes this result of its task.
    #[must_use]
    pub fn task_result(mut self, name: &str, value: &str) -> Self {
        self.task_results.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same, and it writes this result of its own.
    #[must_use]
    pub fn result(mut self, name: &str, value: &str) -> Self {
        self.results.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// Something that the executor was asked for, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// An attempt was opened.
    Open(AttemptRequest),
    /// A step was run.
    Step {
        /// Name of the TaskRun, and which try.
        task_run: String,
        attempt: u32,
        /// The step as asked for.
        request: Box<StepRequest>,
    },
    /// An attempt was closed.
    Close {
        /// Name of the TaskRun, and which try.
        task_run: String,
        attempt: u32,
    },
}

/// Decides what a step does, from the TaskRun's name, the attempt and the step.
pub type Script = dyn Fn(&str, u32, &StepRequest) -> ScriptedStep + Send + Sync;

/// Runs scripts instead of programs. Clones share their memory.
#[derive(Clone)]
pub struct ScriptedExecutor {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl ScriptedExecutor {
    /// Does what a function says.
    #[must_use]
    pub fn new(script: impl Fn(&str, u32, &StepRequest) -> ScriptedStep + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), asked: Arc::default() }
    }

    /// Does what a table says, by (TaskRun, step, attempt); what is not in it succeeds at once.
    #[must_use]
    pub fn from_table(table: BTreeMap<(String, String, u32), ScriptedStep>) -> Self {
        Self::new(move |task_run, attempt, step| {
            let key = (task_run.to_owned(), step.name.clone(), attempt);
            table.get(&key).cloned().unwrap_or_default()
        })
    }

    /// Everything that was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, asked: Asked) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }
}

#[async_trait]
impl Executor for ScriptedExecutor {
    async fn open(&self, request: AttemptRequest, context: AttemptContext) -> Result<Box<dyn Session>, Outcome> {
        self.note(Asked::Open(request.clone()));
        Ok(Box::new(ScriptedSession { executor: self.clone(), request, context, results: BTreeMap::new() }))
    }
}

struct ScriptedSession {
    executor: ScriptedExecutor,
    request: AttemptRequest,
    context: AttemptContext,
    results: BTreeMap<String, String>,
}

#[async_trait]
impl Session for ScriptedSession {
    async fn run_step(&mut self, request: StepRequest) -> StepReport {
        let (task_run, attempt) = (self.request.task_run.clone(), self.request.attempt);
        let step = (self.executor.script)(&task_run, attempt, &request);
        let image_id = format!("scripted:{}", request.program.image);
        let (name, timeout) = (request.name.clone(), request.timeout);
        self.executor.note(Asked::Step { task_run, attempt, request: Box::new(request) });
        let cut = timeout.map(Duration::from_nanos).filter(|limit| *limit < step.delay);
        let mut interrupt = self.context.interrupt.clone();
        let outcome = tokio::select! {
            biased;
            Ok(_) = interrupt.wait_for(|now| *now != Interrupt::None) => Outcome::Cancelled,
            () = tokio::time::sleep(cut.unwrap_or(step.delay)) => match cut {
                Some(limit) => Outcome::TimedOut {
                    after: u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX),
                },
                None => step.outcome,
            },
        };
        if matches!(outcome, Outcome::Cancelled | Outcome::TimedOut { .. }) {
            return StepReport::of(outcome, image_id);
        }
        if !step.output.is_empty() {
            self.context.logs.write(&name, Stream::Stdout, step.output.as_bytes());
        }
        self.results.extend(step.task_results);
        StepReport { results: step.results, ..StepReport::of(outcome, image_id) }
    }

    async fn close(self: Box<Self>) -> AttemptReport {
        let (task_run, attempt) = (self.request.task_run.clone(), self.request.attempt);
        self.executor.note(Asked::Close { task_run, attempt });
        let declared = &self.request.results;
        let results = self.results.into_iter().filter(|(name, _)| declared.iter().any(|own| own.name == *name));
        AttemptReport { results: results.collect(), ..AttemptReport::default() }
    }
}

#[cfg(test)]
mod tests;
