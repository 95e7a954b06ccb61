//! The beginning of a pipeline: the checks in their order, the first values in the place of
//! variables, the graph's counters, the first tasks.
//!
//! Does not know what is checked, or how tasks are scheduled or end.

use super::checks::{self, Names};
use super::labels::under;
use super::params;
use super::run::{Run, Timer};
use super::scopes::{self, PipelineVars};
use super::state::{Children, Meta, Node, NodeState, Owner, Pipeline, PipelineIx, Skip, Truth, Values, Verdict};
use crate::model::event::CancelMode;
use crate::model::objects::PipelineRunSpec;
use crate::model::plan::{PipelinePlan, Resolved};
use crate::model::substitute::{Budget, Overflow, ParamScope, Scope, Scopes};
use crate::model::tree::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A pipeline that has not begun.
pub(super) fn made(
    mut meta: Meta,
    parent: Option<(PipelineIx, u32)>,
    spec: Arc<PipelineRunSpec>,
    resolved: Resolved<PipelinePlan>,
    span: Span,
) -> Pipeline {
    label(&mut meta, &resolved);
    let owner = Arc::new(Owner { name: meta.name.clone(), uid: meta.uid().into_owned() });
    Pipeline {
        meta,
        owner,
        parent,
        spec,
        resolved,
        params: Values::new(),
        workspaces: Vec::new(),
        by_name: Vec::new(),
        nodes: Vec::new(),
        ready: BTreeSet::new(),
        begun: false,
        mode: None,
        stopping: false,
        swept: false,
        dag_open: 0,
        finals_open: 0,
        finals_begun: false,
        open: 0,
        verdict: None,
        ended: false,
        closed: false,
        started_at: 0,
        ended_at: 0,
        finally_at: 0,
        frozen: None,
        results: Vec::new(),
        span,
    }
}

/// Tekton: the Pipeline's labels and annotations flow to its run, whose own win.
fn label(meta: &mut Meta, resolved: &Resolved<PipelinePlan>) {
    if let Resolved::Found(plan) = resolved {
        under(&mut meta.labels, &plan.labels);
        under(&mut meta.annotations, &plan.annotations);
        let name = plan.name.clone().unwrap_or_else(|| meta.name.clone());
        meta.labels.insert("tekton.dev/pipeline".to_owned(), name);
    }
}

/// Why a pipeline can't run: Tekton's reason and message.
pub(super) struct Refusal {
    pub reason: &'static str,
    pub message: String,
}

/// Tekton marks what the user has to mend.
pub(super) const USER_ERROR: &str = "[User error] ";

/// A pipeline whose variables expand to too much.
pub(super) fn too_much(pipeline: &str, limit: Overflow) -> String {
    format!("{USER_ERROR}Failed to apply variables to Pipeline {pipeline}: {limit}")
}

pub(super) fn refuse<T>(reason: &'static str, message: String) -> Result<T, Refusal> {
    Err(Refusal { reason, message })
}

impl Run {
    pub(super) fn begin_pipeline(&mut self, at: PipelineIx) {
        let now = self.now;
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        match pipeline.spec.status.as_str() {
            "PipelineRunPending" => {
                let message = format!("PipelineRun \"{}\" is pending", pipeline.meta.name);
                pipeline.verdict = Some(Verdict {
                    truth: Truth::Unknown,
                    reason: "PipelineRunPending",
                    message: message.into(),
                    at: now,
                });
                return;
            }
            "Cancelled" => {
                pipeline.started_at = now;
                self.cancel_pipeline(at, CancelMode::Cancelled);
                return;
            }
            status => pipeline.mode = CancelMode::from_status(status).or(pipeline.mode),
        }
        self.start_pipeline(at);
    }

    /// Begins a pipeline whose `spec.status` doesn't hold it back.
    pub(super) fn start_pipeline(&mut self, at: PipelineIx) {
        let now = self.now;
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return;
        };
        pipeline.begun = true;
        pipeline.started_at = now;
        match self.prepare_pipeline(at) {
            Ok(()) => {
                self.start_clocks(at);
                self.dirty.insert(at);
            }
            Err(refusal) => self.fail_pipeline(at, refusal.reason, refusal.message),
        }
    }

    /// The timers of a pipeline that count from its start.
    fn start_clocks(&mut self, at: PipelineIx) {
        let Some(pipeline) = self.pipelines.get(at) else {
            return;
        };
        let start = pipeline.started_at;
        for (timeout, timer) in [
            (self.pipeline_timeout(pipeline), Timer::Pipeline(at)),
            (super::timeouts::tasks(pipeline).unwrap_or(0), Timer::Tasks(at)),
        ] {
            if let Some(due) = super::timeouts::due(start, timeout) {
                self.timers.insert((due, timer));
            }
        }
    }

    /// Everything between the start and the first task.
    fn prepare_pipeline(&mut self, at: PipelineIx) -> Result<(), Refusal> {
        let plan = self.found_plan(at)?;
        self.substitute_pipeline(at, &plan)?;
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return Ok(());
        };
        let names = Names::of(pipeline);
        checks::nodes(&plan, pipeline, &names)?;
        let mut order: Vec<u32> = (0..).take(pipeline.nodes.len()).collect();
        order.sort_unstable_by(|a, b| pipeline.node_name(*a).cmp(pipeline.node_name(*b)));
        pipeline.by_name = order;
        checks::results(&plan, pipeline)?;
        checks::optional_workspaces(&plan, pipeline)?;
        pipeline.dag_open = plan.dag_len;
        pipeline.finals_open = plan.tasks.len().saturating_sub(plan.dag_len);
        pipeline.ready = (0..)
            .zip(plan.tasks.iter().take(plan.dag_len))
            .filter(|(_, task)| task.parents.is_empty())
            .map(|(ix, _)| ix)
            .collect();
        Ok(())
    }

    /// Checks what is given and puts it in the place of variables.
    fn substitute_pipeline(&mut self, at: PipelineIx, plan: &PipelinePlan) -> Result<(), Refusal> {
        let budget = self.budget();
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return Ok(());
        };
        let names = Names::of(pipeline);
        let given = params::given(&pipeline.spec.params);
        checks::given(plan, pipeline, &given, &names)?;
        let scope: &[&dyn Scope] = &[&ParamScope { values: &given, legacy: false }];
        pipeline.workspaces = scopes::bindings(&pipeline.spec.workspaces, &Scopes::new(scope, &budget));
        let resolved = params::resolve_pipeline(&plan.spec.params, given, &budget);
        if let Some(limit) = budget.overflow() {
            return refuse("InvalidParamValue", too_much(&names.pipeline, limit));
        }
        pipeline.params = resolved.or_else(|text| {
            refuse(
                "PipelineValidationFailed",
                format!("{USER_ERROR}Failed to apply parameters to Pipeline {}: {text}", names.pipeline),
            )
        })?;
        let nodes = substituted(plan, pipeline, &budget);
        pipeline.nodes = nodes;
        let kept = params::size(&pipeline.params);
        let limit = budget.overflow().map_or(Ok(()), Err);
        limit
            .and_then(|()| self.keep(budget.spent().saturating_add(kept)))
            .or_else(|limit| refuse("PipelineValidationFailed", too_much(&names.pipeline, limit)))
    }

    fn found_plan(&self, at: PipelineIx) -> Result<Arc<PipelinePlan>, Refusal> {
        let Some(pipeline) = self.pipelines.get(at) else {
            return refuse("CouldntGetPipeline", String::new());
        };
        let meta = &pipeline.meta;
        let error = match &pipeline.resolved {
            Resolved::Found(plan) => return Ok(Arc::clone(plan)),
            Resolved::NotFound { name, resource } => format!(
                "error when getting Pipeline for PipelineRun {}: tekton client cannot get pipeline {name} from local cluster: {resource} \"{name}\" not found",
                meta.name
            ),
            Resolved::Unsupported { message } => message.clone(),
        };
        refuse(
            "CouldntGetPipeline",
            format!("Error retrieving pipeline for pipelinerun {}/{}: {error}", meta.namespace, meta.name),
        )
    }
}

/// The nodes, with params, context and workspaces in the place of variables.
fn substituted(plan: &PipelinePlan, pipeline: &Pipeline, budget: &Budget) -> Vec<Node> {
    let params = ParamScope { values: &pipeline.params, legacy: false };
    let vars = PipelineVars { pipeline };
    let list: &[&dyn Scope] = &[&params, &vars];
    let scopes = Scopes::new(list, budget);
    plan.tasks
        .iter()
        .map(|planned| Node {
            task: scopes::pipeline_task(&planned.task, &scopes),
            state: NodeState::Waiting,
            pending: u32::try_from(planned.parents.len()).unwrap_or(u32::MAX),
            children: Children::None,
            open: 0,
            gathered: None,
        })
        .collect()
}

/// The skip reason that a way to end gives to tasks that have not started.
pub(super) fn skip_of(mode: CancelMode) -> Skip {
    match mode {
        CancelMode::Cancelled | CancelMode::CancelledRunFinally => Skip::GracefullyCancelled,
        CancelMode::StoppedRunFinally => Skip::GracefullyStopped,
    }
}
