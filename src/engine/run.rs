//! The state machine: one event in, actions out.
//!
//! Knows the order of an event's consequences: what is due by the clock of the event's stamp,
//! the event itself, what has become ready, whether something has ended, when to be woken.
//! Does not know files, executors or the time.

use super::action::Action;
use super::spawn::rebound;
use super::state::{Meta, Pipeline, PipelineIx, Stage, TaskRun, Truth};
use super::{pipeline, task};
use crate::model::duration::Duration;
use crate::model::event::{Event, Stamped, TaskRunId};
use crate::model::objects::WorkspaceBinding;
use crate::model::outcome::Limits;
use crate::model::plan::{Plan, Root};
use crate::model::substitute::{Budget, ExpansionLimits, Overflow};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What Tekton's configuration says and a run can't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineOptions {
    /// Timeout in nanoseconds of runs that don't say one (Tekton: `default-timeout-minutes`, 60); 0 for none.
    pub default_timeout: i64,
    /// Most runs of one matrix (Tekton: `default-max-matrix-combinations-count`).
    pub max_matrix: usize,
    /// Most TaskRuns of a whole run, its child pipelines included.
    pub max_task_runs: usize,
    /// How much text variables may expand to.
    pub expansion: ExpansionLimits,
    /// What the sandbox gives a step that says nothing else: bytes of memory, and of disk.
    pub memory: u64,
    pub disk: u64,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            default_timeout: Duration::from_minutes(60).0,
            max_matrix: 256,
            max_task_runs: 1_000_000,
            expansion: ExpansionLimits::default(),
            memory: Limits::default().memory,
            disk: Limits::default().disk,
        }
    }
}

/// How an attempt is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptName<'a> {
    /// Name of the TaskRun.
    pub task_run: &'a str,
    /// The pipeline task, with those of the pipelines around it before it: `parent/child`. Empty
    /// for a TaskRun of its own.
    pub pipeline_task: String,
}

/// What may be due at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Tasks(PipelineIx),
    Finally(PipelineIx),
    Pipeline(PipelineIx),
    Attempt(TaskRunId),
}

/// A run: a pure, synchronous state machine over [`Stamped`] events.
#[derive(Debug, Clone)]
pub struct Run {
    pub(super) plan: Arc<Plan>,
    pub(super) options: EngineOptions,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) tasks: Vec<TaskRun>,
    /// Bytes of expanded text and values that are kept.
    pub(super) kept: usize,
    /// Time of the newest event.
    pub(super) now: u64,
    pub(super) timers: BTreeSet<(u64, Timer)>,
    armed: Option<u64>,
    /// Pipelines in which something may have become ready or ended.
    pub(super) dirty: BTreeSet<PipelineIx>,
    pub(super) out: Vec<Action>,
    begun: bool,
    finished: bool,
    /// What became of attempts' files that a user should know, [`MOST_WARNINGS`] at most.
    pub(super) warnings: Vec<String>,
}

/// Most warnings of a run that are kept.
const MOST_WARNINGS: usize = 100;

impl Run {
    /// A run that has not begun: its first event is [`Event::Started`].
    #[must_use]
    pub fn new(plan: Arc<Plan>, options: EngineOptions) -> Self {
        let meta = Meta::top(&plan.metadata);
        let mut run = Self {
            plan: Arc::clone(&plan),
            options,
            pipelines: Vec::new(),
            tasks: Vec::new(),
            kept: 0,
            now: 0,
            timers: BTreeSet::new(),
            armed: None,
            dirty: BTreeSet::new(),
            out: Vec::new(),
            begun: false,
            finished: false,
            warnings: Vec::new(),
        };
        match &plan.root {
            Root::Pipeline { spec, pipeline } => {
                let top = pipeline::made(meta, None, Arc::clone(spec), pipeline.clone(), plan.span);
                run.pipelines.push(top);
            }
            Root::Task { spec, task } => {
                let top = task::from_run(meta, spec, task, plan.span, options);
                run.tasks.push(top);
            }
        }
        run
    }

    /// What follows from an event. An event that doesn't fit the state is ignored.
    pub fn apply(&mut self, event: &Stamped) -> Vec<Action> {
        if self.finished || (!self.begun && !matches!(event.event, Event::Started)) {
            return Vec::new();
        }
        self.now = self.now.max(event.at);
        // A slot has been given: the attempt is opened whatever is due, so that its end gives
        // the slot back; what is due may interrupt it at once.
        if let Event::AttemptStarted { id, attempt } = event.event {
            self.attempt_started(id, attempt);
        }
        self.fire_timers();
        match &event.event {
            Event::Started => self.begin(),
            Event::AttemptStarted { .. } => {}
            Event::AttemptOpened { id, attempt, failed } => {
                self.attempt_opened(*id, *attempt, failed.as_ref());
            }
            Event::StepEnded { id, attempt, step, report } => {
                self.step_ended(*id, *attempt, *step, report);
            }
            Event::AttemptClosed { id, attempt, report } => {
                let room = MOST_WARNINGS.saturating_sub(self.warnings.len());
                self.warnings.extend(report.warnings.iter().take(room).cloned());
                self.attempt_closed(*id, *attempt, report);
            }
            Event::Woke => {
                if self.armed.is_some_and(|at| at <= self.now) {
                    self.armed = None;
                }
            }
            Event::CancelRequested { mode, message } => self.cancel_requested(*mode, message),
        }
        self.settle();
        self.arm();
        std::mem::take(&mut self.out)
    }

    fn begin(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        if self.pipelines.is_empty() {
            self.begin_top_task();
        } else {
            self.begin_pipeline(0);
        }
    }

    /// Follows consequences until nothing changes; then the run may have ended.
    fn settle(&mut self) {
        while let Some(at) = self.dirty.pop_first() {
            self.advance(at);
        }
        let over = match self.pipelines.first() {
            Some(top) => top.closed,
            None => self.tasks.first().is_some_and(TaskRun::ended),
        };
        if over {
            self.finished = true;
            self.timers.clear();
            self.out.push(Action::Finish);
        }
    }

    fn fire_timers(&mut self) {
        while let Some(&(at, timer)) = self.timers.first() {
            if at > self.now {
                break;
            }
            self.timers.pop_first();
            match timer {
                Timer::Tasks(pipeline) => self.tasks_timed_out(pipeline),
                Timer::Finally(pipeline) => self.finally_timed_out(pipeline),
                Timer::Pipeline(pipeline) => self.pipeline_timed_out(pipeline),
                Timer::Attempt(id) => self.attempt_timed_out(id),
            }
        }
    }

    /// Asks to be woken when the earliest timer is due, if that was not asked before.
    fn arm(&mut self) {
        let Some(&(at, _)) = self.timers.first() else {
            return;
        };
        if !self.finished && self.armed != Some(at) {
            self.armed = Some(at);
            self.out.push(Action::WakeAt { at });
        }
    }

    /// Whether the run has ended and nothing of it is open.
    #[must_use]
    pub fn done(&self) -> bool {
        self.finished
    }

    /// How the run ended; `None` while it goes on.
    #[must_use]
    pub fn succeeded(&self) -> Option<bool> {
        if !self.finished {
            return None;
        }
        let verdict = match self.pipelines.first() {
            Some(top) => top.verdict.as_ref().map(|v| v.truth),
            None => self.tasks.first().map(|t| t.verdict.truth),
        };
        Some(verdict == Some(Truth::True))
    }

    /// The workspaces that the run was given, as its tasks get them; none before it has begun.
    #[must_use]
    pub fn workspaces(&self) -> Vec<WorkspaceBinding> {
        let budget = self.budget();
        let top = |of: &Pipeline| of.workspaces.iter().map(|w| rebound(self, 0, w, &w.name, "", &budget)).collect();
        match (self.pipelines.first(), self.tasks.first()) {
            (Some(pipeline), _) => top(pipeline),
            (None, Some(task)) => task.workspaces.clone(),
            (None, None) => Vec::new(),
        }
    }

    /// How the attempts of a TaskRun are called.
    #[must_use]
    pub fn attempt_name(&self, id: TaskRunId) -> Option<AttemptName<'_>> {
        let task = self.task(id)?;
        Some(AttemptName { task_run: &task.meta.name, pipeline_task: self.path_of(task.parent) })
    }

    /// The pipeline tasks on the way to a node, joined by `/`.
    pub(super) fn path_of(&self, mut parent: Option<(PipelineIx, u32)>) -> String {
        let mut parts = Vec::new();
        while let Some((pipeline, node)) = parent {
            let Some(pipeline) = self.pipelines.get(pipeline) else {
                break;
            };
            parts.push(pipeline.node_name(node));
            parent = pipeline.parent;
        }
        parts.reverse();
        parts.join("/")
    }

    /// Tekton's name of a step: `unnamed-<index>` where its task gives none.
    #[must_use]
    pub fn step_name(&self, id: TaskRunId, step: u32) -> Option<&str> {
        let (task, at) = (self.task(id)?, step as usize);
        match task.spec.steps.get(at)?.name.as_str() {
            "" => task.unnamed.get(at).map(String::as_str),
            name => Some(name),
        }
    }

    /// An account for the expansions of one object.
    pub(super) fn budget(&self) -> Budget {
        Budget::new(self.options.expansion, self.kept)
    }

    /// Notes that `bytes` more are kept; the limit when that is too much.
    pub(super) fn keep(&mut self, bytes: usize) -> Result<(), Overflow> {
        self.kept = self.kept.saturating_add(bytes);
        let most = self.options.expansion.run;
        if self.kept > most { Err(Overflow::Run(most)) } else { Ok(()) }
    }

    pub(super) fn task(&self, id: TaskRunId) -> Option<&TaskRun> {
        self.tasks.get(id.0 as usize)
    }

    pub(super) fn task_mut(&mut self, id: TaskRunId) -> Option<&mut TaskRun> {
        self.tasks.get_mut(id.0 as usize)
    }

    /// The TaskRun when it stands at `stage`-like state for that attempt.
    pub(super) fn live(&mut self, id: TaskRunId, attempt: u32, fits: impl Fn(Stage) -> bool) -> Option<&mut TaskRun> {
        self.task_mut(id).filter(|t| t.attempt == attempt && fits(t.stage))
    }
}
