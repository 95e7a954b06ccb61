//! The view: the run's state in Tekton's shape.
//!
//! Knows how state is written as status. Decides nothing: every condition of an ended object
//! was decided when it ended.

use super::finish::{Counts, skipped};
use super::names::time;
use super::request::TaskScopes;
use super::run::Run;
use super::spawn::as_params;
use super::state::{
    Archived, Children, Meta, NodeState, Pipeline, PipelineIx, Skip, Stage, StepRecord, StepState, TaskRun, Truth,
    Verdict, guards, step_name,
};
use super::verdict::{termination, typed};
use super::view::{
    ChildReference, Condition, MetadataView, ObjectView, OwnerReference, Phase, ResultView, RunView, SidecarView,
    SkippedTask, StatusView, StepView, Terminated,
};
use super::{fields, timeouts};
use crate::model::duration::Duration;
use crate::model::event::TaskRunId;
use crate::model::objects::{PipelineSpec, TaskRunSpec, TaskSpec};
use crate::model::plan::{Resolved, Root};
use crate::model::substitute::{Budget, ExpansionLimits, ParamScope, Scope, Scopes, text};
use crate::model::tree::Span;
use crate::model::value::ParamValue;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const API_VERSION: &str = "tekton.dev/v1";

/// How much a view holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Everything: as the object would be printed.
    Full,
    /// Without specs, for screens that follow a run.
    Brief,
}

/// How a view is made: variables that its budget can't pay for are shown as written.
struct Look {
    detail: Detail,
    budget: Budget,
}

impl Run {
    /// The run as it stands, whole.
    #[must_use]
    pub fn view(&self) -> RunView {
        self.view_with(Detail::Full)
    }

    /// The run as it stands, with or without specs.
    #[must_use]
    pub fn view_with(&self, detail: Detail) -> RunView {
        let limits = self.options.expansion;
        let whole = ExpansionLimits { object: limits.run, ..limits };
        let look = &Look { detail, budget: Budget::new(whole, 0) };
        let mut view = RunView { done: self.done(), warnings: self.warnings.clone(), ..RunView::default() };
        if self.pipelines.is_empty() {
            view.objects
                .extend((0..).zip(&self.tasks).map(|(id, task)| self.task_object(TaskRunId(id), task, None, look)));
        } else {
            self.add_pipeline(&mut view, 0, None, look);
            if let Some(top) = self.pipelines.first().filter(|p| !p.ended) {
                let waiting = top.nodes.iter().filter(|n| n.state == NodeState::Waiting);
                view.waiting = waiting.map(|n| n.task.name.clone()).collect();
            }
        }
        view
    }

    /// A pipeline, its own children, then the children of its child pipelines.
    fn add_pipeline(&self, view: &mut RunView, at: PipelineIx, parent: Option<usize>, look: &Look) {
        let Some(pipeline) = self.pipelines.get(at) else {
            return;
        };
        let own = view.objects.len();
        view.objects.push(self.pipeline_object(at, pipeline, parent, look));
        let mut later = Vec::new();
        for node in &pipeline.nodes {
            match &node.children {
                Children::None => {}
                Children::Tasks(ids) => {
                    for id in ids {
                        if let Some(task) = self.task(*id) {
                            view.objects.push(self.task_object(*id, task, Some(own), look));
                        }
                    }
                }
                Children::Pipelines(children) => later.extend(children.iter().copied()),
            }
        }
        for child in later {
            self.add_pipeline(view, child, Some(own), look);
        }
    }

    fn pipeline_object(&self, at: PipelineIx, pipeline: &Pipeline, parent: Option<usize>, look: &Look) -> ObjectView {
        let mut status = StatusView {
            conditions: self.pipeline_condition(pipeline).into_iter().collect(),
            start_time: moment(pipeline.begun || pipeline.ended, pipeline.started_at),
            completion_time: moment(pipeline.ended, pipeline.ended_at),
            finally_start_time: moment(pipeline.finally_at > 0, pipeline.finally_at),
            child_references: self.child_references(pipeline, look),
            results: pipeline.results.iter().map(|(name, value)| untyped(name, value)).collect(),
            ..StatusView::default()
        };
        let list = pipeline.frozen.clone().unwrap_or_else(|| skipped(pipeline));
        status.skipped_tasks = list.into_iter().filter_map(|(ix, skip)| skipped_task(pipeline, ix, skip)).collect();
        let mut spec = Json::Null;
        if look.detail == Detail::Full {
            spec = serde_json::to_value(&*pipeline.spec).unwrap_or_default();
            status.pipeline_spec = resolved_pipeline(pipeline);
            status.provenance = Some(provenance());
        }
        let phase = match &pipeline.verdict {
            Some(v) if pipeline.ended => phase_of(v),
            Some(_) | None if pipeline.begun => Phase::Running,
            Some(_) | None => Phase::Waiting,
        };
        ObjectView {
            api_version: API_VERSION.to_owned(),
            kind: "PipelineRun".to_owned(),
            metadata: metadata(&pipeline.meta),
            spec,
            status,
            id: None,
            parent,
            pipeline_task: self.name_in_parent(pipeline.parent),
            span: pipeline.span,
            phase,
            started_at: pipeline.started_at,
            ended_at: if self.pipelines.get(at).is_some_and(|p| p.ended) { pipeline.ended_at } else { 0 },
        }
    }

    fn name_in_parent(&self, parent: Option<(PipelineIx, u32)>) -> String {
        parent.and_then(|(at, ix)| Some(self.pipelines.get(at)?.node_name(ix).to_owned())).unwrap_or_default()
    }

    fn pipeline_condition(&self, pipeline: &Pipeline) -> Option<Condition> {
        if let Some(verdict) = &pipeline.verdict {
            return Some(condition(verdict));
        }
        if !pipeline.begun {
            return None;
        }
        let elapsed = self.now.saturating_sub(pipeline.started_at);
        let over = timeouts::is_over(elapsed, timeouts::tasks(pipeline).unwrap_or(0));
        let counts = Counts::of(pipeline);
        Some(Condition {
            type_: "Succeeded".to_owned(),
            status: "Unknown".to_owned(),
            reason: counts.reason(pipeline, over).to_owned(),
            message: counts.going_on(),
            last_transition_time: Some(time(pipeline.started_at)),
        })
    }

    fn child_references(&self, pipeline: &Pipeline, look: &Look) -> Vec<ChildReference> {
        let mut references = Vec::new();
        for node in &pipeline.nodes {
            let mut add = |kind: &str, name: &str, display_name: String| {
                references.push(ChildReference {
                    api_version: API_VERSION.to_owned(),
                    kind: kind.to_owned(),
                    name: name.to_owned(),
                    display_name,
                    pipeline_task_name: node.task.name.clone(),
                    when_expressions: guards(&node.task.when),
                });
            };
            match &node.children {
                Children::None => {}
                Children::Tasks(ids) => {
                    for task in ids.iter().filter_map(|id| self.task(*id)) {
                        add("TaskRun", &task.meta.name, display_name(node, &task.given, &look.budget));
                    }
                }
                Children::Pipelines(children) => {
                    for child in children.iter().filter_map(|p| self.pipelines.get(*p)) {
                        let given = super::params::given(&child.spec.params);
                        add("PipelineRun", &child.meta.name, display_name(node, &given, &look.budget));
                    }
                }
            }
        }
        references
    }

    fn task_object(&self, id: TaskRunId, task: &TaskRun, parent: Option<usize>, look: &Look) -> ObjectView {
        let mut status = StatusView {
            start_time: moment(task.started_at > 0, task.started_at),
            completion_time: moment(task.ended(), task.ended_at),
            results: task.results.iter().map(|(name, value)| with_type(name, value)).collect(),
            artifacts: task.artifacts.clone(),
            steps: self.steps(task, &task.steps),
            retries_status: task.archived.iter().map(|a| self.archived(task, a)).collect(),
            ..StatusView::default()
        };
        if !task.verdict.reason.is_empty() {
            status.conditions.push(condition(&task.verdict));
        }
        if task.steps.iter().any(|s| s.state != StepState::Waiting) {
            status.sidecars = sidecars(&task.spec);
        }
        let mut spec = Json::Null;
        if look.detail == Detail::Full {
            spec = self.task_run_spec(task);
            status.task_spec = self.resolved_task(task, &look.budget);
            status.provenance = Some(provenance());
        }
        let mut metadata = metadata(&task.meta);
        (metadata.labels, metadata.annotations) = self.labels_of(task);
        let phase = match task.stage {
            Stage::Ended => phase_of(&task.verdict),
            Stage::Idle | Stage::Queued => Phase::Waiting,
            Stage::Opening | Stage::Running(_) | Stage::Closing => Phase::Running,
        };
        ObjectView {
            api_version: API_VERSION.to_owned(),
            kind: "TaskRun".to_owned(),
            metadata,
            spec,
            status,
            id: Some(id),
            parent,
            pipeline_task: self.name_in_parent(task.parent),
            span: task.span,
            phase,
            started_at: task.started_at,
            ended_at: task.ended_at,
        }
    }

    fn archived(&self, task: &TaskRun, archived: &Archived) -> StatusView {
        StatusView {
            conditions: vec![condition(&archived.verdict)],
            start_time: moment(archived.started_at > 0, archived.started_at),
            completion_time: moment(true, archived.ended_at),
            results: archived.results.iter().map(|(n, v)| with_type(n, v)).collect(),
            artifacts: archived.artifacts.clone(),
            steps: self.steps(task, &archived.steps),
            ..StatusView::default()
        }
    }

    fn steps(&self, task: &TaskRun, records: &[StepRecord]) -> Vec<StepView> {
        let spans = match &task.resolved {
            Resolved::Found(plan) => plan.step_spans.as_slice(),
            Resolved::NotFound { .. } | Resolved::Unsupported { .. } => &[],
        };
        let opened = !matches!(task.stage, Stage::Idle | Stage::Queued | Stage::Ended);
        records
            .iter()
            .enumerate()
            .map(|(at, record)| {
                let span = spans.get(at).copied().unwrap_or_default();
                step_view(task, at, record, span, opened)
            })
            .collect()
    }

    fn task_run_spec(&self, task: &TaskRun) -> Json {
        if task.parent.is_none()
            && let Root::Task { spec, .. } = &self.plan.root
        {
            return serde_json::to_value(&**spec).unwrap_or_default();
        }
        let node = task.parent.and_then(|(at, ix)| self.node(at, ix)).map(|(_, node)| node);
        let spec = TaskRunSpec {
            params: as_params(&task.given),
            service_account_name: task.service_account.clone(),
            task_ref: node.and_then(|n| n.task.task_ref.clone()),
            task_spec: node.and_then(|n| n.task.task_spec.as_ref().map(|t| Arc::clone(&t.task))),
            retries: task.retries,
            timeout: task.own_timeout.map(Duration),
            pod_template: task.pod_template.as_deref().cloned(),
            workspaces: task.workspaces.clone(),
            step_specs: task.step_specs.clone(),
            sidecar_specs: task.sidecar_specs.clone(),
            ..TaskRunSpec::default()
        };
        serde_json::to_value(&spec).unwrap_or_default()
    }

    /// The task as it runs: StepActions in place, variables replaced.
    fn resolved_task(&self, task: &TaskRun, budget: &Budget) -> Option<Json> {
        if !matches!(task.resolved, Resolved::Found(_)) {
            return None;
        }
        let mut spec = TaskSpec::clone(&task.spec);
        let chain = TaskScopes::new(self, task, None, &[]);
        let list = chain.all();
        let scopes = Scopes::new(&list, budget);
        for (at, step) in spec.steps.iter_mut().enumerate() {
            let usages = step.workspaces.clone();
            let chain = TaskScopes::new(self, task, Some(at), &usages);
            *step = fields::step(step, &Scopes::new(&chain.all(), budget));
        }
        for sidecar in &mut spec.sidecars {
            let usages = sidecar.workspaces.clone();
            *sidecar =
                fields::sidecar(sidecar, &Scopes::new(&TaskScopes::new(self, task, None, &usages).all(), budget));
        }
        if let Some(template) = &mut spec.step_template {
            *template = fields::template(template, &scopes);
        }
        for volume in &mut spec.volumes {
            *volume = fields::volume(volume, &scopes);
        }
        for workspace in &mut spec.workspaces {
            workspace.mount_path = text(&workspace.mount_path, &scopes);
        }
        serde_json::to_value(&spec).ok()
    }
}

/// The pipeline as it runs: params, context and workspaces in the place of variables.
fn resolved_pipeline(pipeline: &Pipeline) -> Option<Json> {
    let plan = pipeline.plan()?;
    let mut spec = PipelineSpec::clone(&plan.spec);
    let nodes = &pipeline.nodes;
    if !nodes.is_empty() {
        let tasks = spec.tasks.iter_mut().chain(&mut spec.finally);
        for (task, node) in tasks.zip(nodes) {
            node.task.as_ref().clone_into(task);
        }
    }
    serde_json::to_value(&spec).ok()
}

/// Tekton's switches as this engine has them on.
fn provenance() -> Json {
    json!({"featureFlags": {
        "enableAPIFields": "alpha",
        "enableCELInWhenExpression": true,
        "enableParamEnum": true,
        "enableStepActions": true,
        "enableArtifacts": true,
    }})
}

fn moment(happened: bool, at: u64) -> Option<String> {
    happened.then(|| time(at))
}

fn phase_of(verdict: &Verdict) -> Phase {
    match (verdict.truth, verdict.reason) {
        (Truth::True, _) => Phase::Succeeded,
        (Truth::False, "Cancelled" | "TaskRunCancelled") => Phase::Cancelled,
        (Truth::False, _) => Phase::Failed,
        (Truth::Unknown, _) => Phase::Running,
    }
}

fn condition(verdict: &Verdict) -> Condition {
    let status = match verdict.truth {
        Truth::True => "True",
        Truth::False => "False",
        Truth::Unknown => "Unknown",
    };
    Condition {
        type_: "Succeeded".to_owned(),
        status: status.to_owned(),
        reason: verdict.reason.to_owned(),
        message: verdict.message.clone().into_owned(),
        last_transition_time: Some(time(verdict.at)),
    }
}

fn metadata(meta: &Meta) -> MetadataView {
    let owner = meta.owner.as_ref().map(|owner| OwnerReference {
        api_version: API_VERSION.to_owned(),
        kind: "PipelineRun".to_owned(),
        name: owner.name.clone(),
        uid: owner.uid.clone(),
        controller: true,
        block_owner_deletion: true,
    });
    MetadataView {
        name: meta.name.clone(),
        namespace: meta.namespace.to_string(),
        uid: meta.uid().into_owned(),
        labels: meta.labels.clone(),
        annotations: meta.annotations.clone(),
        owner_references: owner.into_iter().collect(),
    }
}

fn skipped_task(pipeline: &Pipeline, ix: u32, skip: Skip) -> Option<SkippedTask> {
    let node = pipeline.nodes.get(ix as usize)?;
    // Tekton shows a `finally` task's guards only where they are the reason.
    let shown = !pipeline.is_final(ix) || skip == Skip::When;
    Some(SkippedTask {
        name: node.task.name.clone(),
        reason: skip.text().to_owned(),
        when_expressions: if shown { guards(&node.task.when) } else { Vec::new() },
    })
}

/// Tekton: `getDisplayName`; names of matching matrix rows win over the task's own.
fn display_name(node: &super::state::Node, given: &super::state::Values, budget: &Budget) -> String {
    let list: &[&dyn Scope] = &[&ParamScope { values: given, legacy: false }];
    let scopes = Scopes::new(list, budget);
    let mut rows = Vec::new();
    for include in node.task.matrix.iter().flat_map(|m| &m.include) {
        let fits = include.params.iter().all(|p| match (given.get(&p.name), &p.value) {
            (Some(ParamValue::String(own)), Some(ParamValue::String(row))) => own == row,
            (Some(_), _) => true,
            (None, _) => false,
        });
        if fits && !include.name.is_empty() {
            rows.push(text(&include.name, &scopes));
        }
    }
    if rows.is_empty() { text(&node.task.display_name, &scopes) } else { rows.join(" ") }
}

fn untyped(name: &str, value: &ParamValue) -> ResultView {
    ResultView { name: name.to_owned(), type_: None, value: value.clone() }
}

fn with_type(name: &str, value: &ParamValue) -> ResultView {
    ResultView { name: name.to_owned(), type_: Some(value.param_type().name().to_owned()), value: value.clone() }
}

fn sidecars(spec: &TaskSpec) -> Vec<SidecarView> {
    let names = spec.sidecars.iter().map(|s| s.name.as_str()).filter(|n| !n.is_empty());
    names.map(|name| SidecarView { name: name.to_owned(), container: format!("sidecar-{name}") }).collect()
}

fn step_view(task: &TaskRun, at: usize, record: &StepRecord, span: Span, opened: bool) -> StepView {
    let name = step_name(&task.spec, at);
    let declared = task.spec.steps.get(at).map(|s| s.results.as_slice()).unwrap_or_default();
    let results = record.results.iter().map(|(result, written)| {
        let kind = declared.iter().find(|r| &r.name == result).map_or("", |r| r.type_.as_str());
        with_type(result, &typed(written, kind))
    });
    let mut view = StepView {
        container: format!("step-{name}"),
        image_id: record.image_id.clone(),
        results: results.collect(),
        artifacts: record.artifacts.clone(),
        cache: record.cache.clone(),
        image: record.image.clone(),
        span,
        started_at: record.started_at,
        ended_at: record.ended_at,
        ..StepView::default()
    };
    match &record.state {
        StepState::Waiting if opened => {
            view.waiting = Some(json!({"reason": "PodInitializing"}));
        }
        // Tekton lists the steps of a TaskRun that never got a Pod by their names alone.
        StepState::Waiting => view.container = String::new(),
        StepState::Running => view.running = Some(json!({"startedAt": time(record.started_at)})),
        StepState::Ended(outcome) => view.outcome = Some(outcome.clone()),
        StepState::Guarded | StepState::NotReached | StepState::Cut(_) => {}
    }
    if let Some((exit_code, reason, termination_reason)) = termination(record) {
        termination_reason.clone_into(&mut view.termination_reason);
        let cut = matches!(record.state, StepState::Cut(_));
        view.terminated = Some(Terminated {
            exit_code,
            reason: reason.to_owned(),
            message: if cut {
                format!("Step {name} terminated as pod {}-pod is terminated", task.meta.name)
            } else {
                String::new()
            },
            started_at: Some(time(record.started_at)),
            finished_at: Some(time(record.ended_at)),
        });
    }
    view.name = name;
    view
}
