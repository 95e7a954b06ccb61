//! Cancelling and stopping: Tekton's `spec.status`, asked for at the start or while a run goes on.
//!
//! Knows what each way does to tasks that run, wait or are `finally`. Does not know who asks.

use super::action::Action;
use super::run::Run;
use super::state::{Children, NodeState, PipelineIx, Stage, Stop};
use crate::model::event::{CancelMode, TaskRunId};

/// Tekton's `statusMessage` of a TaskRun whose PipelineRun was cancelled.
const BY_PIPELINE: &str = "TaskRun cancelled as the PipelineRun it belongs to has been cancelled.";

/// How far a way to end goes; only a farther one replaces another.
fn rank(mode: CancelMode) -> u8 {
    match mode {
        CancelMode::StoppedRunFinally => 1,
        CancelMode::CancelledRunFinally => 2,
        CancelMode::Cancelled => 3,
    }
}

impl Run {
    pub(super) fn cancel_requested(&mut self, mode: CancelMode, message: &str) {
        if self.pipelines.is_empty() {
            self.cancel_task(TaskRunId(0), message);
        } else {
            self.cancel_pipeline(0, mode);
        }
    }

    /// Ends a pipeline the way `mode` says. Child pipelines that run are ended the same way, where
    /// Tekton 1.15 can't (it answers PipelineRunCouldntCancel).
    pub(super) fn cancel_pipeline(&mut self, at: PipelineIx, mode: CancelMode) {
        let Some(pipeline) = self.pipelines.get_mut(at).filter(|p| !p.ended) else {
            return;
        };
        if pipeline.mode.is_some_and(|now| rank(now) >= rank(mode)) {
            return;
        }
        if mode == CancelMode::Cancelled {
            pipeline.frozen = Some(super::finish::skipped(pipeline));
        }
        pipeline.mode = Some(mode);
        pipeline.swept = false;
        let message = format!("PipelineRun \"{}\" was cancelled", pipeline.meta.name);
        if !pipeline.begun && mode != CancelMode::Cancelled {
            self.start_pipeline(at);
            return;
        }
        self.dirty.insert(at);
        match mode {
            CancelMode::Cancelled => {
                self.stop_children(at, BY_PIPELINE, None);
                self.end_pipeline(at, "Cancelled", message);
            }
            CancelMode::CancelledRunFinally => self.cancel_running(at),
            CancelMode::StoppedRunFinally => self.stop_child_pipelines(at, mode),
        }
    }

    /// Cancels the DAG tasks that run; `finally` is left alone.
    fn cancel_running(&mut self, at: PipelineIx) {
        let tasks: Vec<TaskRunId> = self
            .running_dag(at)
            .filter_map(|c| match c {
                Children::Tasks(ids) => Some(ids.clone()),
                Children::None | Children::Pipelines(_) => None,
            })
            .flatten()
            .collect();
        for id in tasks {
            self.cancel_task(id, BY_PIPELINE);
        }
        self.stop_child_pipelines(at, CancelMode::CancelledRunFinally);
    }

    fn stop_child_pipelines(&mut self, at: PipelineIx, mode: CancelMode) {
        let children: Vec<PipelineIx> = self
            .running_dag(at)
            .filter_map(|c| match c {
                Children::Pipelines(pipelines) => Some(pipelines.clone()),
                Children::None | Children::Tasks(_) => None,
            })
            .flatten()
            .collect();
        for child in children {
            self.cancel_pipeline(child, mode);
        }
    }

    fn running_dag(&self, at: PipelineIx) -> impl Iterator<Item = &Children> {
        let pipeline = self.pipelines.get(at);
        let dag_len = pipeline.map_or(0, super::state::Pipeline::dag_len);
        pipeline
            .into_iter()
            .flat_map(move |p| p.nodes.iter().take(dag_len))
            .filter(|n| n.state == NodeState::Running)
            .map(|n| &n.children)
    }

    /// Cancels a TaskRun: it is not retried, what runs is interrupted.
    pub(super) fn cancel_task(&mut self, id: TaskRunId, message: &str) {
        let Some(task) = self.task_mut(id) else {
            return;
        };
        let attempt = task.attempt;
        let stop = Stop::Cancelled { message: message.to_owned() };
        match task.stage {
            Stage::Ended => {}
            Stage::Closing => task.no_retry = true,
            Stage::Idle | Stage::Queued => {
                let queued = task.stage == Stage::Queued;
                task.stop = Some(stop);
                if queued {
                    self.out.push(Action::Dequeue { id, attempt });
                }
                self.end_attempt(id);
            }
            Stage::Opening | Stage::Running(_) => {
                let told = task.stop.is_some();
                task.stop = Some(stop);
                if !told {
                    self.out.push(Action::Interrupt { id, attempt });
                }
            }
        }
    }
}
