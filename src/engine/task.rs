//! The life of a TaskRun: made, queued, opened, its steps one by one, closed, perhaps retried.
//!
//! Knows the order of an attempt's events and what each asks for. How an end is called in
//! Tekton's words is `verdict`'s; how requests are made is `request`'s.

use super::action::Action;
use super::params;
use super::run::{EngineOptions, Run};
use super::state::{
    Archived, Meta, PipelineIx, Stage, StepRecord, StepState, Stop, TaskRun, Truth, Values, Verdict, step_name,
};
use super::verdict::{self, OPEN_FAILED};
use super::volumes;
use crate::model::artifacts::Artifacts;
use crate::model::event::TaskRunId;
use crate::model::objects::{PodTemplate, ResourceRequirements, StepOverride, TaskRunSpec, TaskSpec, WorkspaceBinding};
use crate::model::outcome::Outcome;
use crate::model::plan::{Resolved, TaskPlan};
use crate::model::report::{AttemptReport, StepReport};
use crate::model::tree::Span;
use std::borrow::Cow;
use std::sync::Arc;

/// Most retries that follow each other without anything being run (a task that can't be prepared).
const MAX_IDLE_RETRIES: usize = 100;

/// What a TaskRun is given by whoever makes it.
pub(super) struct Settings {
    pub given: Values,
    pub workspaces: Vec<WorkspaceBinding>,
    pub service_account: String,
    pub pod_template: Option<Arc<PodTemplate>>,
    pub step_specs: Vec<StepOverride>,
    pub sidecar_specs: Vec<StepOverride>,
    pub compute_resources: Option<ResourceRequirements>,
    pub retries: i64,
    /// Nanoseconds; `None` for the default.
    pub timeout: Option<i64>,
    pub ignores_failure: bool,
}

/// A TaskRun that has not begun.
pub(super) fn made(
    mut meta: Meta,
    parent: Option<(PipelineIx, u32)>,
    resolved: &Resolved<TaskPlan>,
    inline: bool,
    settings: Settings,
    span: Span,
    options: EngineOptions,
) -> TaskRun {
    let mut spec = Arc::new(TaskSpec::default());
    if let Resolved::Found(plan) = resolved {
        spec = Arc::clone(&plan.spec);
        super::labels::under(&mut meta.labels, &plan.labels);
        super::labels::under(&mut meta.annotations, &plan.annotations);
        if let Some(name) = plan.name.as_ref().filter(|_| !inline) {
            meta.labels.insert("tekton.dev/task".to_owned(), name.clone());
        }
    }
    TaskRun {
        meta,
        parent,
        resolved: resolved.clone(),
        inline,
        spec,
        unnamed: Vec::new(),
        sources: Vec::new(),
        given: settings.given,
        params: Arc::new(Values::new()),
        workspaces: settings.workspaces,
        service_account: settings.service_account,
        pod_template: settings.pod_template,
        step_specs: settings.step_specs,
        sidecar_specs: settings.sidecar_specs,
        compute_resources: settings.compute_resources,
        retries: settings.retries,
        timeout: settings.timeout.unwrap_or(options.default_timeout),
        own_timeout: settings.timeout,
        ignores_failure: settings.ignores_failure,
        attempt: 0,
        stage: Stage::Idle,
        stop: None,
        no_retry: false,
        refused: None,
        reopened: false,
        verdict: Verdict { truth: Truth::Unknown, reason: "", message: Cow::Borrowed(""), at: 0 },
        steps: Vec::new(),
        archived: Vec::new(),
        results: Vec::new(),
        artifacts: Artifacts::default(),
        started_at: 0,
        ended_at: 0,
        deadline: None,
        span,
    }
}

/// The TaskRun of a run that is a TaskRun itself.
pub(super) fn from_run(
    meta: Meta,
    spec: &TaskRunSpec,
    resolved: &Resolved<TaskPlan>,
    span: Span,
    options: EngineOptions,
) -> TaskRun {
    let workspaces = spec.workspaces.iter().map(|w| volumes::claimed(w, &meta.uid())).collect();
    let settings = Settings {
        given: params::given(&spec.params),
        workspaces,
        service_account: spec.service_account_name.clone(),
        pod_template: spec.pod_template.clone().map(Arc::new),
        step_specs: spec.step_specs.clone(),
        sidecar_specs: spec.sidecar_specs.clone(),
        compute_resources: spec.compute_resources.clone(),
        retries: spec.retries,
        timeout: spec.timeout.map(|t| t.0),
        ignores_failure: false,
    };
    made(meta, None, resolved, spec.task_spec.is_some(), settings, span, options)
}

impl TaskRun {
    /// Name of the Task; of the TaskRun itself for an inline one, as with Tekton.
    pub(super) fn task_name(&self) -> &str {
        match &self.resolved {
            Resolved::Found(plan) => plan.name.as_deref().unwrap_or(&self.meta.name),
            Resolved::NotFound { .. } | Resolved::Unsupported { .. } => &self.meta.name,
        }
    }

    fn say(&mut self, truth: Truth, reason: &'static str, message: impl Into<Cow<'static, str>>, at: u64) {
        self.verdict = Verdict { truth, reason, message: message.into(), at };
    }
}

impl Run {
    /// The run is a TaskRun: begins it, as its `spec.status` says.
    pub(super) fn begin_top_task(&mut self) {
        let plan = Arc::clone(&self.plan);
        let crate::model::plan::Root::Task { spec, .. } = &plan.root else {
            return;
        };
        let (id, now) = (TaskRunId(0), self.now);
        match spec.status.as_str() {
            "TaskRunCancelled" => {
                if let Some(task) = self.task_mut(id) {
                    task.started_at = now;
                }
                self.cancel_task(id, &spec.status_message);
            }
            "TaskRunPending" => {
                if let Some(task) = self.task_mut(id) {
                    let message = format!("TaskRun \"{}\" is pending", task.meta.name);
                    task.say(Truth::Unknown, "TaskRunPending", message, now);
                }
            }
            _ => self.begin_task(id),
        }
    }

    /// Checks a TaskRun and asks for a slot; one that can't run ends at once.
    pub(super) fn begin_task(&mut self, id: TaskRunId) {
        let now = self.now;
        let prepared = self.prepare(id);
        let Some(task) = self.task_mut(id) else {
            return;
        };
        match prepared {
            Ok(()) => self.enqueue(id),
            Err(refusal) => {
                task.started_at = now;
                let end =
                    Verdict { truth: Truth::False, reason: refusal.reason, message: refusal.message.into(), at: now };
                let retries = usize::try_from(task.retries).unwrap_or(0).min(MAX_IDLE_RETRIES);
                for _ in 0..retries {
                    archive(task, end.clone(), now);
                }
                task.started_at = now;
                self.end_task(id, end);
            }
        }
    }

    fn enqueue(&mut self, id: TaskRunId) {
        let now = self.now;
        let Some(task) = self.task_mut(id) else {
            return;
        };
        task.stage = Stage::Queued;
        if task.archived.is_empty() {
            task.say(Truth::Unknown, "Pending", "waiting for a slot", now);
        }
        let attempt = task.attempt;
        self.out.push(Action::Enqueue { id, attempt });
    }

    pub(super) fn attempt_started(&mut self, id: TaskRunId, attempt: u32) {
        let now = self.now;
        let Some(task) = self.live(id, attempt, |s| s == Stage::Queued) else {
            return;
        };
        task.stage = Stage::Opening;
        if !task.reopened {
            task.started_at = now;
        }
        task.say(Truth::Unknown, "Running", "Not all Steps in the Task have finished executing", now);
        if task.deadline.is_none() {
            self.start_deadline(id);
        }
        let request = Box::new(self.attempt_request(id, &self.budget()));
        self.out.push(Action::Open { id, attempt, request });
    }

    /// An attempt that could not be made ready.
    fn end_unopened(&mut self, id: TaskRunId, message: String) {
        let now = self.now;
        self.finish_attempt(id, Verdict { truth: Truth::False, reason: OPEN_FAILED, message: message.into(), at: now });
    }

    pub(super) fn attempt_opened(&mut self, id: TaskRunId, attempt: u32, failed: Option<&Outcome>) {
        let Some(task) = self.live(id, attempt, |s| s == Stage::Opening) else {
            return;
        };
        let Some(outcome) = failed else {
            if task.stop.is_some() {
                self.close(id);
            } else {
                self.next_step(id, 0);
            }
            return;
        };
        if task.stop.is_some() {
            self.end_attempt(id);
            return;
        }
        // The one failure that is tried again unasked: nothing of the task has run yet.
        if matches!(outcome, Outcome::Infrastructure { .. }) && !task.reopened {
            task.reopened = true;
            task.stage = Stage::Queued;
            self.out.push(Action::Enqueue { id, attempt });
            return;
        }
        let message = verdict::open_failure(task, outcome);
        self.end_unopened(id, message);
    }

    /// Runs the first step from `from` on whose guard allows it; closes the attempt after the last.
    fn next_step(&mut self, id: TaskRunId, from: usize) {
        let now = self.now;
        let mut at = from;
        loop {
            let count = self.task(id).map_or(0, |t| t.spec.steps.len());
            if at >= count {
                self.close(id);
                return;
            }
            let made = self.step_request(id, at);
            let Some(task) = self.task_mut(id) else {
                return;
            };
            let attempt = task.attempt;
            let Some(record) = task.steps.get_mut(at) else {
                return;
            };
            record.started_at = now;
            match made {
                super::request::StepTurn::Run { request, continues } => {
                    record.state = StepState::Running;
                    record.continues = continues;
                    record.image.clone_from(&request.program.image);
                    task.stage = Stage::Running(request.index);
                    self.out.push(Action::RunStep { id, attempt, request });
                    return;
                }
                super::request::StepTurn::Skip => {
                    record.state = StepState::Guarded;
                    record.ended_at = now;
                    at += 1;
                }
                super::request::StepTurn::Fail(outcome) => {
                    record.state = StepState::Ended(outcome);
                    record.ended_at = now;
                    self.stop_from(id, at + 1);
                    return;
                }
                super::request::StepTurn::Refuse(limit) => {
                    task.refused = Some(super::prepare::too_much(&task.meta.name, limit));
                    self.stop_from(id, at);
                    return;
                }
            }
        }
    }

    /// The steps from `first` on are not reached.
    fn stop_from(&mut self, id: TaskRunId, first: usize) {
        let now = self.now;
        if let Some(task) = self.task_mut(id) {
            for record in task.steps.iter_mut().skip(first) {
                record.state = StepState::NotReached;
                record.started_at = now;
                record.ended_at = now;
            }
        }
        self.close(id);
    }

    pub(super) fn step_ended(&mut self, id: TaskRunId, attempt: u32, step: u32, report: &StepReport) {
        let now = self.now;
        let Some(task) = self.live(id, attempt, |s| s == Stage::Running(step)) else {
            return;
        };
        let stopping = task.stop.is_some();
        let at = step as usize;
        let Some(record) = task.steps.get_mut(at) else {
            return;
        };
        record.ended_at = now;
        record.image_id.clone_from(&report.image_id);
        record.results.clone_from(&report.results);
        record.artifacts.clone_from(&report.artifacts);
        record.cache.clone_from(&report.cache);
        task.artifacts.merge(&report.task_artifacts);
        task.artifacts.merge(&report.artifacts);
        let cut = stopping && report.outcome == Outcome::Cancelled;
        let good = verdict::ends_well(record, &report.outcome);
        if !cut {
            record.state = StepState::Ended(report.outcome.clone());
        }
        if stopping {
            self.close(id);
        } else if good {
            self.next_step(id, at + 1);
        } else {
            self.stop_from(id, at + 1);
        }
    }

    fn close(&mut self, id: TaskRunId) {
        if let Some(task) = self.task_mut(id) {
            task.stage = Stage::Closing;
            let attempt = task.attempt;
            self.out.push(Action::Close { id, attempt });
        }
    }

    pub(super) fn attempt_closed(&mut self, id: TaskRunId, attempt: u32, report: &AttemptReport) {
        let now = self.now;
        let Some(task) = self.live(id, attempt, |s| s == Stage::Closing) else {
            return;
        };
        if task.stop.is_some() {
            self.end_attempt(id);
            return;
        }
        let (end, results) = verdict::of_attempt(task, report, now);
        task.results = results;
        self.finish_attempt(id, end);
    }

    /// Ends an attempt that was told to stop.
    pub(super) fn end_attempt(&mut self, id: TaskRunId) {
        let now = self.now;
        let Some(task) = self.task_mut(id) else {
            return;
        };
        let end = verdict::of_stop(task, now);
        self.finish_attempt(id, end);
    }

    /// The attempt is over with `end`: the TaskRun has ended, or is tried again.
    fn finish_attempt(&mut self, id: TaskRunId, end: Verdict) {
        let now = self.now;
        self.drop_deadline(id);
        let Some(task) = self.task_mut(id) else {
            return;
        };
        let cancelled = matches!(task.stop, Some(Stop::Cancelled { .. })) || task.no_retry;
        let left = usize::try_from(task.retries).unwrap_or(0) > task.archived.len();
        if end.truth == Truth::False && left && !cancelled {
            let message = end.message.clone();
            archive(task, end, now);
            task.attempt += 1;
            task.stop = None;
            task.reopened = false;
            task.refused = None;
            task.steps = blank_steps(&task.spec);
            task.say(Truth::Unknown, "ToBeRetried", message, now);
            self.enqueue(id);
            return;
        }
        self.end_task(id, end);
    }

    fn end_task(&mut self, id: TaskRunId, end: Verdict) {
        let now = self.now;
        let Some(task) = self.task_mut(id) else {
            return;
        };
        task.stage = Stage::Ended;
        task.ended_at = now;
        task.verdict = end;
        if let Some((pipeline, node)) = task.parent {
            self.child_over(pipeline, node);
        }
    }
}

/// Steps whose turn has not come.
pub(super) fn blank_steps(spec: &TaskSpec) -> Vec<StepRecord> {
    vec![StepRecord::default(); spec.steps.len()]
}

/// `unnamed-<index>` for each step, when one has no name.
pub(super) fn unnamed(spec: &TaskSpec) -> Vec<String> {
    if spec.steps.iter().all(|s| !s.name.is_empty()) {
        return Vec::new();
    }
    (0..spec.steps.len()).map(|i| step_name(spec, i)).collect()
}

/// Keeps an attempt that is tried again (Tekton: `retryTaskRun`).
fn archive(task: &mut TaskRun, verdict: Verdict, now: u64) {
    task.archived.push(Archived {
        verdict,
        steps: std::mem::take(&mut task.steps),
        results: std::mem::take(&mut task.results),
        artifacts: std::mem::take(&mut task.artifacts),
        started_at: task.started_at,
        ended_at: now,
    });
    task.steps = blank_steps(&task.spec);
}
