//! Timeouts of pipelines and TaskRuns.
//!
//! Knows how Tekton derives them and what happens when one is over. Does not know the time: a
//! timer is due by an event's stamp.

use super::run::{Run, Timer};
use super::state::{NodeState, Pipeline, PipelineIx, Stage, Stop};
use crate::model::duration::Duration;
use crate::model::event::TaskRunId;
use crate::model::objects::PipelineTaskRunSpec;

/// Tekton's `statusMessage` of a TaskRun whose PipelineRun timed out.
pub(super) const BY_TIMEOUT: &str = "TaskRun cancelled as the PipelineRun it belongs to has timed out.";

/// When a timeout that counts from `start` is over: the first moment past it. `None` without one.
pub(super) fn due(start: u64, timeout: i64) -> Option<u64> {
    let timeout = u64::try_from(timeout).ok().filter(|t| *t > 0)?;
    start.checked_add(timeout)?.checked_add(1)
}

/// Whether `elapsed` is past a timeout; 0 is none.
pub(super) fn is_over(elapsed: u64, timeout: i64) -> bool {
    u64::try_from(timeout).is_ok_and(|t| t > 0 && elapsed > t)
}

/// Tekton: `PipelineRun.TasksTimeout`. `None` where neither it nor both others are said.
pub(super) fn tasks(pipeline: &Pipeline) -> Option<i64> {
    let timeouts = pipeline.spec.timeouts.as_ref()?;
    derived(timeouts.tasks, timeouts.pipeline, timeouts.finally)
}

/// Tekton: `PipelineRun.FinallyTimeout`.
pub(super) fn finally(pipeline: &Pipeline) -> Option<i64> {
    let timeouts = pipeline.spec.timeouts.as_ref()?;
    derived(timeouts.finally, timeouts.pipeline, timeouts.tasks)
}

fn derived(own: Option<Duration>, whole: Option<Duration>, other: Option<Duration>) -> Option<i64> {
    if let Some(own) = own {
        return Some(own.0);
    }
    let (whole, other) = (whole?.0, other?.0);
    (whole != 0 && other != 0).then(|| whole.saturating_sub(other))
}

impl Run {
    /// Tekton: `PipelineRun.PipelineTimeout`; 0 for none.
    pub(super) fn pipeline_timeout(&self, pipeline: &Pipeline) -> i64 {
        let said = pipeline.spec.timeouts.as_ref().and_then(|t| t.pipeline);
        said.map_or(self.options.default_timeout, |d| d.0)
    }

    /// The timeout that a pipeline gives a TaskRun of its own (Tekton: `createTaskRun` and
    /// `pipelineRunTimeout`). `None` leaves the default.
    pub(super) fn given_timeout(
        &self,
        pipeline: &Pipeline,
        ix: u32,
        own: Option<Duration>,
        over: Option<&PipelineTaskRunSpec>,
    ) -> Option<i64> {
        if let Some(timeout) = over.and_then(|o| o.timeout).or(own) {
            return Some(timeout.0);
        }
        let part = if pipeline.is_final(ix) { finally(pipeline) } else { tasks(pipeline) };
        part.filter(|t| *t == 0 || *t > self.options.default_timeout)
    }

    pub(super) fn pipeline_timed_out(&mut self, at: PipelineIx) {
        let Some(pipeline) = self.pipelines.get(at).filter(|p| !p.ended) else {
            return;
        };
        let message = format!(
            "PipelineRun \"{}\" failed to finish within \"{}\"",
            pipeline.meta.name,
            Duration(self.pipeline_timeout(pipeline))
        );
        self.skip_overdue(at);
        self.stop_children(at, BY_TIMEOUT, None);
        self.end_pipeline(at, "PipelineRunTimeout", message);
    }

    /// What could start at the moment of the timeout is skipped because of it.
    fn skip_overdue(&mut self, at: PipelineIx) {
        if let Some(pipeline) = self.pipelines.get_mut(at) {
            pipeline.frozen = Some(super::finish::skipped(pipeline));
        }
    }

    pub(super) fn tasks_timed_out(&mut self, at: PipelineIx) {
        let live = self.pipelines.get(at).is_some_and(|p| !p.ended && !p.finals_begun);
        if live {
            self.stop_children(at, BY_TIMEOUT, Some(false));
            self.dirty.insert(at);
        }
    }

    pub(super) fn finally_timed_out(&mut self, at: PipelineIx) {
        if self.pipelines.get(at).is_some_and(|p| !p.ended && p.finals_begun) {
            self.stop_children(at, BY_TIMEOUT, Some(true));
            self.dirty.insert(at);
        }
    }

    /// Stops what runs of a pipeline: all of it, or only its `finally` tasks (`Some(true)`), or only
    /// the others. Child pipelines are cancelled.
    pub(super) fn stop_children(&mut self, at: PipelineIx, message: &str, finals: Option<bool>) {
        let Some(pipeline) = self.pipelines.get(at) else {
            return;
        };
        let mut tasks = Vec::new();
        let mut pipelines = Vec::new();
        for (ix, node) in (0u32..).zip(&pipeline.nodes) {
            if node.state != NodeState::Running || finals.is_some_and(|f| f != pipeline.is_final(ix)) {
                continue;
            }
            match &node.children {
                super::state::Children::None => {}
                super::state::Children::Tasks(ids) => tasks.extend(ids.iter().copied()),
                super::state::Children::Pipelines(children) => pipelines.extend(children.iter().copied()),
            }
        }
        for id in tasks {
            self.cancel_task(id, message);
        }
        for child in pipelines {
            self.cancel_pipeline(child, crate::model::event::CancelMode::Cancelled);
        }
    }

    pub(super) fn attempt_timed_out(&mut self, id: TaskRunId) {
        let Some(task) = self.task_mut(id) else {
            return;
        };
        task.deadline = None;
        if task.stop.is_some() {
            return;
        }
        match task.stage {
            Stage::Opening | Stage::Running(_) => {
                task.stop = Some(Stop::TimedOut);
                let attempt = task.attempt;
                self.out.push(super::action::Action::Interrupt { id, attempt });
            }
            Stage::Idle | Stage::Queued | Stage::Closing | Stage::Ended => {}
        }
    }

    /// Sets the timer of an attempt that got its slot.
    pub(super) fn start_deadline(&mut self, id: TaskRunId) {
        let now = self.now;
        let Some(task) = self.task_mut(id) else {
            return;
        };
        task.deadline = due(now, task.timeout);
        if let Some(due) = task.deadline {
            self.timers.insert((due, Timer::Attempt(id)));
        }
    }

    pub(super) fn drop_deadline(&mut self, id: TaskRunId) {
        let deadline = self.task_mut(id).and_then(|t| t.deadline.take());
        if let Some(due) = deadline {
            self.timers.remove(&(due, Timer::Attempt(id)));
        }
    }
}
