//! How a pipeline ends: its children's ends, the final decision, its results.
//!
//! Knows Tekton's order of reasons and its messages (`GetPipelineConditionStatus`,
//! `ApplyTaskResultsToPipelineResults`). Does not know what starts.

use super::checks::Names;
use super::params::go_list;
use super::pipeline::{skip_of, too_much};
use super::run::{Run, Timer};
use super::scopes::TaskResults;
use super::state::{Children, Node, NodeEnd, NodeState, Pipeline, PipelineIx, Skip, Stop, Truth, Values, Verdict};
use super::timeouts;
use crate::model::duration::Duration;
use crate::model::substitute::{Budget, Lookup, Scope, Scopes, split_index, value, value_references};
use crate::model::value::ParamValue;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest text of validation errors in a message, as Tekton cuts it.
const MAX_ERRORS: usize = 1024;

/// Tasks by how they stand (Tekton: `pipelineRunStatusCount`).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    skipped: usize,
    succeeded: usize,
    failed: usize,
    ignored: usize,
    cancelled: usize,
    pub incomplete: usize,
    timed_out: usize,
    invalid: usize,
}

impl Counts {
    pub(super) fn of(pipeline: &Pipeline) -> Self {
        let mut counts = Self::default();
        for node in &pipeline.nodes {
            let count = match &node.state {
                NodeState::Done(NodeEnd::Succeeded) => &mut counts.succeeded,
                NodeState::Done(NodeEnd::TimedOut) => &mut counts.failed,
                NodeState::Done(NodeEnd::Cancelled) => &mut counts.cancelled,
                NodeState::Done(NodeEnd::Failed) if node.task.on_error == "continue" => &mut counts.ignored,
                NodeState::Done(NodeEnd::Failed) => &mut counts.failed,
                NodeState::Invalid(_) => &mut counts.invalid,
                NodeState::Skipped(skip) => {
                    counts.timed_out += usize::from(skip.is_timeout());
                    &mut counts.skipped
                }
                NodeState::Waiting | NodeState::Running => &mut counts.incomplete,
            };
            *count += 1;
        }
        counts
    }

    fn completed(self) -> usize {
        self.succeeded + self.failed + self.cancelled + self.ignored
    }

    /// Tekton's message of a run that goes on.
    pub(super) fn going_on(self) -> String {
        format!(
            "Tasks Completed: {} (Failed: {}, Cancelled {}), Incomplete: {}, Skipped: {}",
            self.completed(),
            self.failed,
            self.cancelled,
            self.incomplete,
            self.skipped
        )
    }

    /// Tekton's reason of a run that goes on.
    pub(super) fn reason(self, pipeline: &Pipeline, tasks_over: bool) -> &'static str {
        let finals_done = pipeline.finals_open == 0;
        match pipeline.mode {
            _ if tasks_over && !finals_done => "PipelineRunTimeoutRunningFinally",
            Some(crate::model::event::CancelMode::CancelledRunFinally) => "CancelledRunningFinally",
            Some(crate::model::event::CancelMode::StoppedRunFinally) => "StoppedRunningFinally",
            Some(crate::model::event::CancelMode::Cancelled) | None
                if self.cancelled > 0 || (self.failed > 0 && finals_done) =>
            {
                "PipelineRunStopping"
            }
            Some(crate::model::event::CancelMode::Cancelled) | None => "Running",
        }
    }
}

/// The skipped tasks as Tekton lists them: a run that is stopping gives its reason to every task
/// that has no TaskRun, also to child pipelines that ran.
pub(super) fn skipped(pipeline: &Pipeline) -> Vec<(u32, Skip)> {
    let dag_len = pipeline.dag_len();
    let whole = if pipeline.stopping { Some(Skip::Stopping) } else { pipeline.mode.map(skip_of) };
    (0u32..)
        .zip(&pipeline.nodes)
        .filter_map(|(ix, node)| {
            let own = match &node.state {
                NodeState::Skipped(skip) => Some(*skip),
                NodeState::Invalid(_) | NodeState::Waiting | NodeState::Running | NodeState::Done(_) => None,
            };
            if ix as usize >= dag_len || matches!(node.state, NodeState::Invalid(_)) {
                return own.map(|skip| (ix, skip));
            }
            let has_task_runs = matches!(node.children, Children::Tasks(_));
            let skip = whole.filter(|_| !has_task_runs).or(own)?;
            Some((ix, skip))
        })
        .collect()
}

impl Run {
    /// A child of a node has ended.
    pub(super) fn child_over(&mut self, at: PipelineIx, ix: u32) {
        self.dirty.insert(at);
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        pipeline.open = pipeline.open.saturating_sub(1);
        let Some(node) = pipeline.nodes.get_mut(ix as usize) else {
            return;
        };
        node.open = node.open.saturating_sub(1);
        if node.open > 0 {
            return;
        }
        let (end, gathered) = match self.node(at, ix) {
            Some((_, node)) => (self.node_end(node), self.gathered(node)),
            None => return,
        };
        if let Some(node) = self.pipelines.get_mut(at).and_then(|p| p.nodes.get_mut(ix as usize)) {
            node.state = NodeState::Done(end);
            node.gathered = gathered;
        }
        self.node_over(at, ix);
        if end != NodeEnd::Succeeded {
            self.note_failure(at, ix);
        }
    }

    /// How a node ended, when all its children have (Tekton: `getPipelineTasksCount`).
    fn node_end(&self, node: &Node) -> NodeEnd {
        let mut end = NodeEnd::Succeeded;
        match &node.children {
            Children::None => {}
            Children::Pipelines(children) => {
                let good = |p: &PipelineIx| {
                    let verdict = self.pipelines.get(*p).and_then(|p| p.verdict.as_ref());
                    verdict.is_some_and(|v| v.truth == Truth::True)
                };
                if !children.iter().all(good) {
                    end = NodeEnd::Failed;
                }
            }
            Children::Tasks(ids) => {
                for task in ids.iter().filter_map(|id| self.task(*id)) {
                    let cancelled = task.verdict.reason == "TaskRunCancelled";
                    let by_timeout = matches!(
                        &task.stop,
                        Some(Stop::Cancelled { message }) if message == timeouts::BY_TIMEOUT
                    );
                    let own = match (task.succeeded(), cancelled, by_timeout) {
                        (true, ..) => NodeEnd::Succeeded,
                        (false, true, true) => NodeEnd::TimedOut,
                        (false, true, false) => NodeEnd::Cancelled,
                        (false, false, _) => NodeEnd::Failed,
                    };
                    end = worse(end, own);
                }
            }
        }
        end
    }

    /// The results of a fan-out: of each name a list, in the order of the TaskRuns' names.
    fn gathered(&self, node: &Node) -> Option<Arc<Values>> {
        let Children::Tasks(ids) = &node.children else {
            return None;
        };
        node.task.matrix.as_ref()?;
        let mut tasks: Vec<_> = ids.iter().filter_map(|id| self.task(*id)).collect();
        tasks.sort_by(|a, b| a.meta.name.cmp(&b.meta.name));
        let mut all = Values::new();
        for (name, value) in tasks.into_iter().flat_map(|t| &t.results) {
            let text = value.as_str().unwrap_or_default().to_owned();
            match all.entry(name.clone()).or_insert_with(|| ParamValue::Array(Vec::new())) {
                ParamValue::Array(items) => items.push(text),
                ParamValue::String(_) | ParamValue::Object(_) => {}
            }
        }
        Some(Arc::new(all))
    }

    /// Nothing is left to run: the final decision.
    pub(super) fn conclude(&mut self, at: PipelineIx) {
        let Some(pipeline) = self.pipelines.get(at) else {
            return;
        };
        let (truth, reason, message) = self.decision(pipeline);
        self.end_with(at, truth, reason, message);
    }

    fn decision(&self, pipeline: &Pipeline) -> (Truth, &'static str, String) {
        let name = &pipeline.meta.name;
        let elapsed = self.now.saturating_sub(pipeline.started_at);
        if let Some(timeout) = timeouts::tasks(pipeline)
            && timeouts::is_over(elapsed, timeout)
        {
            let message =
                format!("PipelineRun \"{name}\" failed due to tasks failed to finish within \"{}\"", Duration(timeout));
            return (Truth::False, "PipelineRunTimeout", message);
        }
        let counts = Counts::of(pipeline);
        let mut message = if counts.ignored > 0 {
            format!(
                "Tasks Completed: {} (Failed: {} (Ignored: {}), Cancelled {}), Skipped: {}",
                counts.completed(),
                counts.failed + counts.ignored,
                counts.ignored,
                counts.cancelled,
                counts.skipped
            )
        } else {
            format!(
                "Tasks Completed: {} (Failed: {}, Cancelled {}), Skipped: {}",
                counts.completed(),
                counts.failed,
                counts.cancelled,
                counts.skipped
            )
        };
        if counts.invalid > 0 {
            message += &format!(", Failed Validation: {} ({})", counts.invalid, validation_errors(pipeline));
            return (Truth::False, "PipelineValidationFailed", message);
        }
        if counts.failed > 0 || counts.timed_out > 0 {
            return (Truth::False, "Failed", message);
        }
        if pipeline.mode.is_some() {
            let message = format!("PipelineRun \"{name}\" was cancelled");
            return (Truth::False, "Cancelled", message);
        }
        if counts.cancelled > 0 {
            return (Truth::False, "Cancelled", message);
        }
        let reason = if counts.skipped > 0 { "Completed" } else { "Succeeded" };
        (Truth::True, reason, message)
    }

    /// Ends a pipeline that was cut short, with the results that are there.
    pub(super) fn end_pipeline(&mut self, at: PipelineIx, reason: &'static str, message: String) {
        if reason == "PipelineRunTimeout" {
            self.end_with(at, Truth::False, reason, message);
        } else {
            self.set_verdict(at, Truth::False, reason, message);
        }
    }

    /// A pipeline that can't go on. What runs is left to end by itself, as with Tekton.
    pub(super) fn fail_pipeline(&mut self, at: PipelineIx, reason: &'static str, message: String) {
        if let Some(pipeline) = self.pipelines.get_mut(at) {
            pipeline.frozen = Some(if pipeline.open > 0 { skipped(pipeline) } else { Vec::new() });
        }
        self.set_verdict(at, Truth::False, reason, message);
    }

    fn end_with(&mut self, at: PipelineIx, truth: Truth, reason: &'static str, message: String) {
        let budget = self.budget();
        let (results, invalid) = self.pipeline_results(at, &budget);
        if let Some(limit) = budget.overflow() {
            let name = self.pipelines.get(at).map(|p| Names::of(p).pipeline).unwrap_or_default();
            self.set_verdict(at, Truth::False, "PipelineValidationFailed", too_much(&name, limit));
            return;
        }
        self.kept = self.kept.saturating_add(budget.spent());
        if let Some(pipeline) = self.pipelines.get_mut(at) {
            pipeline.results = results;
        }
        if invalid.is_empty() {
            self.set_verdict(at, truth, reason, message);
            return;
        }
        let name = self.pipelines.get(at).map(|p| p.meta.name.clone()).unwrap_or_default();
        let message = format!(
            "Failed to get PipelineResult from TaskRun Results for PipelineRun {name}: invalid pipelineresults {}, the referenced results don't exist",
            go_list(&invalid)
        );
        self.set_verdict(at, Truth::False, "CouldntGetPipelineResult", message);
    }

    fn set_verdict(&mut self, at: PipelineIx, truth: Truth, reason: &'static str, message: String) {
        let now = self.now;
        if let Some(pipeline) = self.pipelines.get_mut(at).filter(|p| !p.ended) {
            pipeline.verdict = Some(Verdict { truth, reason, message: message.into(), at: now });
            pipeline.ended = true;
            pipeline.ended_at = now;
            let start = pipeline.started_at;
            let finals = pipeline.finally_at;
            let (all, tasks) = (pipeline.spec.timeouts.as_ref().and_then(|t| t.pipeline), timeouts::tasks(pipeline));
            let last = timeouts::finally(pipeline);
            let all = all.map_or(self.options.default_timeout, |d| d.0);
            for (start, timeout, timer) in [
                (start, Some(all), Timer::Pipeline(at)),
                (start, tasks, Timer::Tasks(at)),
                (finals, last, Timer::Finally(at)),
            ] {
                if let Some(due) = timeouts::due(start, timeout.unwrap_or(0)) {
                    self.timers.remove(&(due, timer));
                }
            }
        }
        self.dirty.insert(at);
    }

    /// Tells the parent once a pipeline has ended and nothing of it is open.
    pub(super) fn close_pipeline(&mut self, at: PipelineIx) {
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        if !pipeline.ended || pipeline.closed || pipeline.open > 0 {
            return;
        }
        pipeline.closed = true;
        if let Some((parent, node)) = pipeline.parent {
            self.child_over(parent, node);
        }
    }

    /// The results that can be given, and the names of those whose references lead nowhere
    /// although the task succeeded.
    fn pipeline_results(&self, at: PipelineIx, budget: &Budget) -> (Vec<(String, ParamValue)>, Vec<String>) {
        let (mut results, mut invalid) = (Vec::new(), Vec::new());
        let Some(pipeline) = self.pipelines.get(at) else {
            return (results, invalid);
        };
        let Some(plan) = pipeline.plan() else {
            return (results, invalid);
        };
        let scope = Final { results: TaskResults { run: self, pipeline: at } };
        let mut whole = BTreeSet::new();
        for result in &plan.spec.results {
            let Some(written) = result.value.as_ref().map(|w| first_items(w, &scope, &mut whole)) else {
                continue;
            };
            let references = value_references(&written);
            if references.is_empty() {
                continue;
            }
            let mut valid = true;
            for reference in references {
                match self.result_exists(pipeline, &scope, reference) {
                    Exists::Yes => {}
                    Exists::TaskDidNotSucceed => valid = false,
                    Exists::No => {
                        valid = false;
                        invalid.push(result.name.clone());
                    }
                }
            }
            if valid {
                results.push((result.name.clone(), value(&written, &Scopes::new(&[&scope], budget))));
            }
        }
        (results, invalid)
    }

    fn result_exists(&self, pipeline: &Pipeline, scope: &Final<'_>, name: &str) -> Exists {
        let parts: Vec<&str> = name.split('.').collect();
        let known = matches!(
            parts.as_slice(),
            ["tasks" | "finally", _, "results", _] | ["tasks" | "finally", _, "results", _, _]
        );
        let (Some(task), true) = (parts.get(1), known) else {
            return Exists::No;
        };
        let base = name.strip_suffix("[*]").unwrap_or(name);
        if scope.lookup(base).is_some() {
            return Exists::Yes;
        }
        let Some((ix, _)) = pipeline.node_named(task) else {
            return Exists::No;
        };
        let at = self.pipelines.iter().position(|p| std::ptr::eq(p, pipeline));
        let status = at.map_or("None", |at| self.node_status(at, ix));
        let result = parts.get(3).map(|r| split_index(r).map_or(*r, |(b, _)| b));
        let there = match (at, result) {
            (Some(at), Some(result)) => self.result_of(at, ix, result).is_some(),
            _ => false,
        };
        if there || status == "Succeeded" { Exists::No } else { Exists::TaskDidNotSucceed }
    }
}

/// A pipeline result's value in which a reference to an array without an index is one to its first
/// item, as Tekton takes it (`ApplyTaskResultsToPipelineResults`), unless this result or one before it
/// asked for all items of it. `whole` holds those arrays.
fn first_items(written: &ParamValue, scope: &Final<'_>, whole: &mut BTreeSet<String>) -> ParamValue {
    let mut first = Vec::new();
    for reference in value_references(written) {
        if let Some(array) = reference.strip_suffix("[*]") {
            whole.insert(array.to_owned());
        } else if !whole.contains(reference) && matches!(scope.lookup(reference), Some(Lookup::Array(_))) {
            first.push((format!("$({reference})"), format!("$({reference}[0])")));
        }
    }
    let with = |text: &String| first.iter().fold(text.clone(), |text, (from, to)| text.replace(from, to));
    match written {
        ParamValue::String(text) => ParamValue::String(with(text)),
        ParamValue::Array(items) => ParamValue::Array(items.iter().map(with).collect()),
        ParamValue::Object(map) => ParamValue::Object(map.iter().map(|(k, v)| (k.clone(), with(v))).collect()),
    }
}

enum Exists {
    Yes,
    /// Left out without a word (Tekton: the task was skipped or failed).
    TaskDidNotSucceed,
    No,
}

/// Results under `tasks` and under `finally`.
struct Final<'a> {
    results: TaskResults<'a>,
}

impl Scope for Final<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        match name.strip_prefix("finally.") {
            Some(rest) => self.results.lookup(&format!("tasks.{rest}")),
            None => self.results.lookup(name),
        }
    }
}

/// The end of a fan-out is that of its worst run, in Tekton's order.
fn worse(one: NodeEnd, other: NodeEnd) -> NodeEnd {
    let rank = |end: NodeEnd| match end {
        NodeEnd::Succeeded => 0,
        NodeEnd::Failed => 1,
        NodeEnd::Cancelled => 2,
        NodeEnd::TimedOut => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// The texts of tasks that failed validation, by the tasks' names.
fn validation_errors(pipeline: &Pipeline) -> String {
    let mut errors: Vec<(&str, &str)> = pipeline
        .nodes
        .iter()
        .filter_map(|n| match &n.state {
            NodeState::Invalid(text) => Some((n.task.name.as_str(), text.as_str())),
            NodeState::Waiting | NodeState::Skipped(_) | NodeState::Running | NodeState::Done(_) => None,
        })
        .collect();
    errors.sort_unstable();
    let texts: Vec<&str> = errors.into_iter().map(|(_, text)| text).collect();
    let all = texts.join("; ");
    if all.len() <= MAX_ERRORS {
        return all;
    }
    let mut end = MAX_ERRORS;
    while !all.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", all.get(..end).unwrap_or_default())
}
