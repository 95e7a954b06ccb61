//! What starts next: the graph's counters, skips in Tekton's order, `finally`.
//!
//! Each node is looked at once, when its last parent has ended; the work of an event is in
//! proportion to what it makes ready. Does not know how a TaskRun is made or how it runs.

use super::checks::{self, cel_message};
use super::pipeline::{skip_of, too_much};
use super::run::Run;
use super::scopes::{self, PipelineTaskVars, TaskResults, TaskStatuses};
use super::state::{Children, NodeEnd, NodeState, PipelineIx, Skip};
use super::{matrix, timeouts, when};
use crate::model::objects::PipelineTask;
use crate::model::substitute::{Budget, Scopes};
use std::sync::Arc;

/// Tekton's reason for a run whose spec can't be run as it has come to be.
const INVALID: &str = "PipelineValidationFailed";

/// What is to become of a node whose parents have ended.
enum Fate {
    Start,
    Skip(Skip),
    /// The whole run fails: Tekton's reason and message.
    Fail(&'static str, String),
}

impl Run {
    /// Starts and skips what is ready in a pipeline, and ends it when nothing is left.
    pub(super) fn advance(&mut self, at: PipelineIx) {
        loop {
            let Some(pipeline) = self.pipelines.get(at) else {
                return;
            };
            if pipeline.ended {
                break;
            }
            if pipeline.stopping || pipeline.mode.is_some() {
                self.sweep(at);
            }
            let batch = match self.ready_batch(at) {
                Ok(batch) => batch,
                Err((reason, message)) => {
                    self.fail_pipeline(at, reason, message);
                    break;
                }
            };
            if !batch.is_empty() {
                self.start_batch(at, &batch);
                continue;
            }
            let Some(pipeline) = self.pipelines.get(at) else {
                return;
            };
            let begun = pipeline.finals_begun;
            if pipeline.dag_open > 0 {
                break;
            }
            if !begun {
                self.begin_finals(at);
                continue;
            }
            if pipeline.finals_open == 0 {
                self.conclude(at);
            }
            break;
        }
        self.close_pipeline(at);
    }

    /// Skips all that waits, once nothing more may start.
    fn sweep(&mut self, at: PipelineIx) {
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        if std::mem::replace(&mut pipeline.swept, true) {
            return;
        }
        let skip = pipeline.mode.filter(|_| !pipeline.stopping).map_or(Skip::Stopping, skip_of);
        pipeline.ready.clear();
        let dag_len = pipeline.dag_len();
        for node in pipeline.nodes.iter_mut().take(dag_len) {
            if node.state == NodeState::Waiting {
                node.state = NodeState::Skipped(skip);
                pipeline.dag_open -= 1;
            }
        }
    }

    /// Follows skips until only tasks are left that may start.
    fn ready_batch(&mut self, at: PipelineIx) -> Result<Vec<u32>, (&'static str, String)> {
        let mut batch = Vec::new();
        while let Some(ix) = self.pipelines.get_mut(at).and_then(|p| p.ready.pop_first()) {
            match self.fate(at, ix) {
                Fate::Start => batch.push(ix),
                Fate::Skip(skip) => self.set_skipped(at, ix, skip),
                Fate::Fail(reason, message) => return Err((reason, message)),
            }
        }
        batch.sort_unstable();
        Ok(batch)
    }

    fn set_skipped(&mut self, at: PipelineIx, ix: u32, skip: Skip) {
        self.set_state(at, ix, NodeState::Skipped(skip));
        self.node_over(at, ix);
    }

    pub(super) fn set_state(&mut self, at: PipelineIx, ix: u32, state: NodeState) {
        let node = self.pipelines.get_mut(at).and_then(|p| p.nodes.get_mut(ix as usize));
        if let Some(node) = node {
            node.state = state;
        }
    }

    /// A node has ended, whichever way: its children wait for one less.
    pub(super) fn node_over(&mut self, at: PipelineIx, ix: u32) {
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        if pipeline.is_final(ix) {
            pipeline.finals_open = pipeline.finals_open.saturating_sub(1);
            return;
        }
        pipeline.dag_open = pipeline.dag_open.saturating_sub(1);
        let Some(plan) = pipeline.plan().cloned() else {
            return;
        };
        let children = plan.tasks.get(ix as usize).map(|t| t.children.as_slice());
        for child in children.unwrap_or_default() {
            let Some(node) = pipeline.nodes.get_mut(child.0 as usize) else {
                continue;
            };
            node.pending = node.pending.saturating_sub(1);
            if node.pending == 0 && node.state == NodeState::Waiting {
                pipeline.ready.insert(child.0);
            }
        }
    }

    /// Tekton's order of reasons for a task of the DAG (`ResolvedPipelineTask.skip`).
    fn fate(&mut self, at: PipelineIx, ix: u32) -> Fate {
        let missing = match self.resolve_results(at, ix) {
            Ok(missing) => missing,
            Err(fate) => return fate,
        };
        let Some((pipeline, node)) = self.node(at, ix) else {
            return Fate::Skip(Skip::Parent);
        };
        match when::allows(&node.task.when) {
            Ok(true) => {}
            Ok(false) => return Fate::Skip(Skip::When),
            Err(error) => {
                return Fate::Fail("CELEvaluationFailed", cel_message(&pipeline.meta.name, &error));
            }
        }
        let state_of = |ix: u32| pipeline.nodes.get(ix as usize).map(|n| &n.state);
        let parents = pipeline.plan().and_then(|p| p.tasks.get(ix as usize)).map(|t| &t.parents);
        let parent_skipped = parents
            .into_iter()
            .flatten()
            .any(|parent| matches!(state_of(parent.0), Some(NodeState::Skipped(why)) if *why != Skip::When));
        if parent_skipped {
            return Fate::Skip(Skip::Parent);
        }
        if let Some(referred) = missing
            && scopes::refers_to_results(&node.task)
        {
            let by_when = state_of(referred) == Some(&NodeState::Skipped(Skip::When));
            if node.task.on_error == "continue" || by_when {
                return Fate::Skip(Skip::MissingResults);
            }
        }
        let elapsed = self.now.saturating_sub(pipeline.started_at);
        if timeouts::is_over(elapsed, self.pipeline_timeout(pipeline)) {
            return Fate::Skip(Skip::PipelineTimeout);
        }
        if timeouts::is_over(elapsed, timeouts::tasks(pipeline).unwrap_or(0)) {
            return Fate::Skip(Skip::TasksTimeout);
        }
        self.fan_out_fate(at, ix)
    }

    /// Whether a matrix lets the task start.
    fn fan_out_fate(&self, at: PipelineIx, ix: u32) -> Fate {
        let Some((pipeline, node)) = self.node(at, ix) else {
            return Fate::Skip(Skip::Parent);
        };
        let Some(fan) = &node.task.matrix else {
            return Fate::Start;
        };
        if matrix::has_empty_array(fan) {
            return Fate::Skip(Skip::EmptyMatrix);
        }
        let count = matrix::count(fan);
        if count > self.options.max_matrix {
            return Fate::Fail(
                INVALID,
                format!(
                    "[User error] Pipeline {}/{} can't be Run; it has an invalid spec: expected 0 <= {count} <= {}: matrix of pipeline task \"{}\"",
                    pipeline.meta.namespace,
                    pipeline.pipeline_name(),
                    self.options.max_matrix,
                    node.task.name
                ),
            );
        }
        Fate::Start
    }

    pub(super) fn node(&self, at: PipelineIx, ix: u32) -> Option<(&super::state::Pipeline, &super::state::Node)> {
        let pipeline = self.pipelines.get(at)?;
        Some((pipeline, pipeline.nodes.get(ix as usize)?))
    }

    /// Puts results in the place of their references, all of them or none. Says the first task
    /// whose result is missing.
    fn resolve_results(&mut self, at: PipelineIx, ix: u32) -> Result<Option<u32>, Fate> {
        let Some((pipeline, node)) = self.node(at, ix) else {
            return Ok(None);
        };
        let plan = pipeline.plan().and_then(|p| p.tasks.get(ix as usize));
        if plan.is_none_or(|t| t.result_parents.is_empty()) {
            return Ok(None);
        }
        let task = Arc::clone(&node.task);
        if let Err((referred, _)) = self.find_results(at, &task) {
            return Ok(Some(referred));
        }
        if let Some(text) = self.index_beyond(at, &task) {
            let (space, name) = (&pipeline.meta.namespace, &pipeline.meta.name);
            return Err(Fate::Fail(
                INVALID,
                format!(
                    "[User error] PipelineRun {space}/{name} can't be Run; couldn't resolve all references: {text}"
                ),
            ));
        }
        let budget = self.budget();
        let next = scopes::pipeline_task(&task, &Scopes::new(&[&TaskResults { run: self, pipeline: at }], &budget));
        self.set_task(at, ix, next, &budget).map(|()| None).map_err(|text| Fate::Fail(INVALID, text))
    }

    /// Keeps a task with more of its variables replaced; says why it can't.
    fn set_task(&mut self, at: PipelineIx, ix: u32, task: Arc<PipelineTask>, budget: &Budget) -> Result<(), String> {
        let limit = budget.overflow().map_or_else(|| self.keep(budget.spent()), Err);
        if let Err(limit) = limit {
            let name = self.pipelines.get(at).map(|p| checks::Names::of(p).pipeline).unwrap_or_default();
            return Err(too_much(&name, limit));
        }
        let node = self.pipelines.get_mut(at).and_then(|p| p.nodes.get_mut(ix as usize));
        if let Some(node) = node {
            node.task = task;
        }
        Ok(())
    }

    /// Looks up every result that a task refers to. The error is the node of the first one that
    /// isn't there, with Tekton's text (`convertToResultRefs`, `CheckMissingResultReferences`).
    pub(super) fn find_results(&self, at: PipelineIx, task: &PipelineTask) -> Result<(), (u32, String)> {
        let Some(pipeline) = self.pipelines.get(at) else {
            return Ok(());
        };
        for (name, result) in scopes::result_refs(task) {
            let Some((ix, node)) = pipeline.node_named(&name) else {
                let text =
                    format!("Result reference error: Could not find ref \"{name}\" in internal pipelineRunState");
                return Err((u32::MAX, text));
            };
            if self.result_of(at, ix, &result).is_some() {
                continue;
            }
            let text = if !matches!(node.children, Children::Tasks(_)) {
                format!("Result reference error: Internal result ref \"{name}\" has zero-length TaskRuns")
            } else if node.state == NodeState::Done(NodeEnd::Succeeded) {
                format!(
                    "task \"{name}\" completed successfully but did not emit the result \"{result}\", which is referenced by task \"{}\"",
                    task.name
                )
            } else {
                format!(
                    "Invalid task result reference: Could not find result with name {result} for pipeline task {name}"
                )
            };
            return Err((ix, text));
        }
        Ok(())
    }

    /// Tekton: `validateArrayResultsIndex`.
    fn index_beyond(&self, at: PipelineIx, task: &PipelineTask) -> Option<String> {
        use crate::model::substitute::{ResultRef, references};
        use crate::model::value::ParamValue;
        let pipeline = self.pipelines.get(at)?;
        scopes::task_texts(task).into_iter().flat_map(references).find_map(|expression| {
            let reference = ResultRef::parse(expression)?;
            let (index, (ix, _)) = (reference.index?, pipeline.node_named(reference.task)?);
            match self.result_of(at, ix, reference.result)? {
                ParamValue::Array(items) if index >= items.len() => Some(format!(
                    "array Result Index {index} for Task {} Result {} is out of bound of size {}",
                    reference.task,
                    reference.result,
                    items.len()
                )),
                ParamValue::Array(_) | ParamValue::String(_) | ParamValue::Object(_) => None,
            }
        })
    }

    /// Starts tasks that may start together. One that refers to a missing result fails
    /// validation, and then none of them starts (Tekton: `runNextSchedulableTask`).
    fn start_batch(&mut self, at: PipelineIx, batch: &[u32]) {
        let mut invalid = Vec::new();
        for &ix in batch {
            let Some((pipeline, node)) = self.node(at, ix) else {
                continue;
            };
            let plan = pipeline.plan().and_then(|p| p.tasks.get(ix as usize));
            if plan.is_some_and(|t| !t.result_parents.is_empty())
                && let Err((_, text)) = self.find_results(at, &node.task)
            {
                invalid.push((ix, text));
            }
        }
        if invalid.is_empty() {
            for &ix in batch {
                if self.pipelines.get(at).is_some_and(|p| p.ended || p.stopping) {
                    break;
                }
                self.spawn(at, ix);
            }
            return;
        }
        for (ix, text) in invalid {
            self.set_state(at, ix, NodeState::Invalid(text));
            self.node_over(at, ix);
            self.note_failure(at, ix);
        }
    }

    /// After a failure nothing more starts, unless the task says `onError: continue`.
    pub(super) fn note_failure(&mut self, at: PipelineIx, ix: u32) {
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        let ignored = pipeline.nodes.get(ix as usize).is_some_and(|n| n.task.on_error == "continue");
        if !pipeline.is_final(ix) && !ignored {
            pipeline.stopping = true;
            pipeline.swept = false;
        }
    }

    /// The DAG has ended: all `finally` tasks start together.
    fn begin_finals(&mut self, at: PipelineIx) {
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        pipeline.finals_begun = true;
        let first = u32::try_from(pipeline.dag_len()).unwrap_or(u32::MAX);
        let last = u32::try_from(pipeline.nodes.len()).unwrap_or(u32::MAX);
        if first == last {
            return;
        }
        let mut starting = Vec::new();
        for ix in first..last {
            match self.final_fate(at, ix) {
                Fate::Start => starting.push(ix),
                Fate::Skip(skip) => self.set_skipped(at, ix, skip),
                Fate::Fail(reason, message) => {
                    self.fail_pipeline(at, reason, message);
                    return;
                }
            }
        }
        if !starting.is_empty()
            && let Some(pipeline) = self.pipelines.get_mut(at)
        {
            pipeline.finally_at = self.now;
            let timeout = timeouts::finally(pipeline).unwrap_or(0);
            if let Some(due) = timeouts::due(self.now, timeout) {
                self.timers.insert((due, super::run::Timer::Finally(at)));
            }
        }
        for ix in starting {
            if self.pipelines.get(at).is_some_and(|p| p.ended) {
                break;
            }
            self.spawn(at, ix);
        }
    }

    /// Tekton's order of reasons for a `finally` task (`IsFinallySkipped`).
    fn final_fate(&mut self, at: PipelineIx, ix: u32) -> Fate {
        let Some((_, node)) = self.node(at, ix) else {
            return Fate::Skip(Skip::MissingResults);
        };
        let statuses = TaskStatuses { run: self, pipeline: at };
        let results = TaskResults { run: self, pipeline: at };
        let budget = self.budget();
        let task = scopes::pipeline_task(&node.task, &Scopes::new(&[&statuses], &budget));
        if self.find_results(at, &task).is_err() {
            return match self.set_task(at, ix, task, &budget) {
                Ok(()) => Fate::Skip(Skip::MissingResults),
                Err(text) => Fate::Fail(INVALID, text),
            };
        }
        let task = scopes::pipeline_task(&task, &Scopes::new(&[&results], &budget));
        let allowed = when::allows(&task.when);
        if let Err(text) = self.set_task(at, ix, task, &budget) {
            return Fate::Fail(INVALID, text);
        }
        let Some((pipeline, _)) = self.node(at, ix) else {
            return Fate::Skip(Skip::MissingResults);
        };
        match allowed {
            Ok(true) => {}
            Ok(false) => return Fate::Skip(Skip::When),
            Err(error) => {
                return Fate::Fail("CELEvaluationFailed", cel_message(&pipeline.meta.name, &error));
            }
        }
        let elapsed = self.now.saturating_sub(pipeline.started_at);
        if timeouts::is_over(elapsed, self.pipeline_timeout(pipeline)) {
            return Fate::Skip(Skip::PipelineTimeout);
        }
        self.fan_out_fate(at, ix)
    }

    /// The last replacements before runs are made: retries, lengths of fan-outs.
    pub(super) fn last_variables(&mut self, at: PipelineIx, ix: u32) -> Option<Arc<PipelineTask>> {
        let budget = self.budget();
        let (_, node) = self.node(at, ix)?;
        let vars = PipelineTaskVars { run: self, pipeline: at, retries: node.task.retries };
        let task = scopes::pipeline_task(&node.task, &Scopes::new(&[&vars], &budget));
        match self.set_task(at, ix, Arc::clone(&task), &budget) {
            Ok(()) => Some(task),
            Err(text) => {
                self.fail_pipeline(at, INVALID, text);
                None
            }
        }
    }
}
