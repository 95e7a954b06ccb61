//! A run object to its Plan: references followed, tasks numbered, edges known, sandbox blocks
//! merged into steps.
//!
//! Knows the object set. Does not judge: what leads nowhere stands in the plan as such.

mod graph;
pub(super) mod resolve;

use super::sandbox::{self, Annotated};
use super::{ObjectSet, RunObject, RunSpec, defaults, refs::Known};
use crate::model::objects::{ObjectRef, PipelineRunSpec, PipelineSpec, PipelineTask, TaskRunSpec, TaskSpec};
use crate::model::plan::{
    PipelinePlan, Plan, PlannedTask, Resolved, Root, RunMetadata, StepActionPlan, TaskBody, TaskPlan,
};
use crate::model::tree::Span;
use resolve::{Found, NOTHING, Site, Target, known_inside, resolved};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How deep pipelines may stand in pipelines.
pub const MAX_PIPELINE_DEPTH: usize = 16;
/// Most tasks that a run's plan may hold, those of pipelines in pipelines included.
pub const MAX_PLANNED_TASKS: usize = 100_000;

const PIPELINES: &str = "pipelines.tekton.dev";
const TASKS: &str = "tasks.tekton.dev";
const STEP_ACTIONS: &str = "stepactions.tekton.dev";

pub(super) fn plan(set: &ObjectSet, run: &RunObject, name: &str, uid: &str) -> Plan {
    let metadata = RunMetadata {
        name: name.to_owned(),
        namespace: namespace(run).to_owned(),
        uid: uid.to_owned(),
        labels: run.metadata.labels.clone(),
        annotations: run.metadata.annotations.clone(),
    };
    let mut planner = Planner {
        set,
        namespace: namespace(run),
        overrides: BTreeMap::new(),
        tasks: BTreeMap::new(),
        planned: 0,
        ancestors: Vec::new(),
    };
    let site = Site::spec(set, run.document, run.source);
    let root = match &run.spec {
        RunSpec::Pipeline(spec) => {
            Root::Pipeline { pipeline: planner.root_pipeline(spec, &site), spec: Arc::new(spec.clone()) }
        }
        RunSpec::Task(spec) => {
            Root::Task { task: planner.root_task(spec, &site, &run.metadata.annotations), spec: Arc::new(spec.clone()) }
        }
    };
    Plan { metadata, root, span: run.span }
}

/// The run's namespace, the default one when it names none.
pub(super) fn namespace(run: &RunObject) -> &str {
    if run.metadata.namespace.is_empty() { defaults::NAMESPACE } else { &run.metadata.namespace }
}

/// What the spec of a PipelineRun leads to.
pub(super) fn root_pipeline<'a>(
    set: &'a ObjectSet,
    namespace: &str,
    spec: &'a PipelineRunSpec,
    site: &Site<'a>,
) -> Target<'a, PipelineSpec> {
    match (&spec.pipeline_ref, &spec.pipeline_spec) {
        (_, Some(inline)) => Target::Found(inline_spec(inline, site.key("pipelineSpec"))),
        (Some(reference), None) => set.pipeline_of(namespace, reference, &Known::new()),
        (None, None) => Target::NotFound(String::new()),
    }
}

/// What the spec of a TaskRun leads to.
pub(super) fn root_task<'a>(
    set: &'a ObjectSet,
    namespace: &str,
    spec: &'a TaskRunSpec,
    site: &Site<'a>,
) -> Target<'a, TaskSpec> {
    match (&spec.task_ref, &spec.task_spec) {
        (_, Some(inline)) => Target::Found(inline_spec(inline, site.key("taskSpec"))),
        (Some(reference), None) => set.task_of(namespace, reference, &Known::new()),
        (None, None) => Target::NotFound(String::new()),
    }
}

/// What a pipeline task leads to.
pub(super) enum Body<'a> {
    Task(Target<'a, TaskSpec>),
    Pipeline(Target<'a, PipelineSpec>),
}

pub(super) fn body<'a>(
    set: &'a ObjectSet,
    namespace: &str,
    task: &'a PipelineTask,
    site: &Site<'a>,
    known: &Known,
) -> Body<'a> {
    if let Some(embedded) = &task.task_spec {
        if !embedded.api_version.is_empty() || !embedded.kind.is_empty() {
            let message = resolve::custom_task(&embedded.api_version, &embedded.kind);
            return Body::Task(Target::Unsupported(message));
        }
        let mut found = inline_spec(&embedded.task, site.key("taskSpec"));
        if let Some(metadata) = &embedded.metadata {
            found.labels = &metadata.labels;
            found.annotations = &metadata.annotations;
        }
        return Body::Task(Target::Found(found));
    }
    if let Some(inline) = &task.pipeline_spec {
        return Body::Pipeline(Target::Found(inline_spec(inline, site.key("pipelineSpec"))));
    }
    if let Some(reference) = &task.pipeline_ref {
        return Body::Pipeline(set.pipeline_of(namespace, reference, known));
    }
    let nothing = ObjectRef::default();
    Body::Task(set.task_of(namespace, task.task_ref.as_ref().unwrap_or(&nothing), known))
}

fn inline_spec<'a, T>(spec: &'a Arc<T>, site: Site<'a>) -> Found<'a, T> {
    Found { name: None, labels: &NOTHING, annotations: &NOTHING, spec, site }
}

struct Planner<'a> {
    set: &'a ObjectSet,
    namespace: &'a str,
    /// The TaskRun annotations that `taskRunSpecs` give, by task of the root pipeline.
    overrides: BTreeMap<&'a str, Annotated>,
    /// Tasks that were planned before, so that a thousand references share one plan.
    tasks: BTreeMap<String, Arc<TaskPlan>>,
    planned: usize,
    /// Names of the pipelines that the current one stands in.
    ancestors: Vec<String>,
}

impl<'a> Planner<'a> {
    fn root_pipeline(&mut self, spec: &'a PipelineRunSpec, site: &Site<'a>) -> Resolved<PipelinePlan> {
        for task in &spec.task_run_specs {
            let annotated = task.metadata.as_ref().and_then(|m| sandbox::quietly(&m.annotations));
            if let Some(annotated) = annotated {
                self.overrides.insert(&task.pipeline_task_name, annotated);
            }
        }
        let target = root_pipeline(self.set, self.namespace, spec, site);
        resolved(target, PIPELINES, |found| {
            let known = known_inside(&found.spec.params, &spec.params, &Known::new(), false);
            self.pipeline(found, &known)
        })
    }

    fn root_task(
        &mut self,
        spec: &'a TaskRunSpec,
        site: &Site<'a>,
        annotations: &BTreeMap<String, String>,
    ) -> Resolved<TaskPlan> {
        let run = sandbox::quietly(annotations);
        let target = root_task(self.set, self.namespace, spec, site);
        resolved(target, TASKS, |found| Resolved::Found(self.task(found, run.as_ref())))
    }

    fn pipeline(&mut self, found: Found<'a, PipelineSpec>, known: &Known) -> Resolved<PipelinePlan> {
        if let Some(message) = self.refused(&found) {
            return Resolved::Unsupported { message };
        }
        let is_root = self.ancestors.is_empty();
        self.ancestors.push(found.name.clone().unwrap_or_default());
        let spec = found.spec;
        let edges = graph::edges(spec);
        let lists = [("tasks", &spec.tasks), ("finally", &spec.finally)];
        let all = lists.iter().flat_map(|(key, list)| list.iter().enumerate().map(move |(i, t)| (*key, i, t)));
        let mut tasks = Vec::with_capacity(edges.len());
        for ((key, index, task), edges) in all.zip(edges) {
            let site = found.site.item(key, index);
            let body = self.task_body(task, &site, known, is_root);
            tasks.push(PlannedTask {
                task: Arc::new(task.clone()),
                body,
                parents: edges.parents,
                result_parents: edges.result_parents,
                children: edges.children,
                span: site.node.map_or(Span::default(), |n| n.span),
                path: site.path,
            });
        }
        self.ancestors.pop();
        Resolved::Found(Arc::new(PipelinePlan {
            name: found.name,
            labels: found.labels.clone(),
            annotations: found.annotations.clone(),
            spec: spec.clone(),
            tasks,
            dag_len: spec.tasks.len(),
            source: found.site.source,
        }))
    }

    /// Why a pipeline is not planned: it contains itself, or there is too much of it.
    fn refused(&mut self, found: &Found<'_, PipelineSpec>) -> Option<String> {
        if let Some(name) = found.name.as_ref().filter(|n| self.ancestors.contains(n)) {
            let chain: Vec<&str> = self.ancestors.iter().rev().map(String::as_str).filter(|n| !n.is_empty()).collect();
            // Tekton's words; it lists the chain from the inside outwards.
            return Some(format!(
                "detected cycle in pipeline-in-pipeline: pipeline \"{name}\" is already running in ancestor chain [{}]",
                chain.join(" ")
            ));
        }
        if self.ancestors.len() >= MAX_PIPELINE_DEPTH {
            return Some(format!("pipelines stand in pipelines more than {MAX_PIPELINE_DEPTH} deep"));
        }
        self.planned = self.planned.saturating_add(found.spec.tasks.len() + found.spec.finally.len());
        if self.planned > MAX_PLANNED_TASKS {
            return Some(format!("the run would have more than {MAX_PLANNED_TASKS} tasks"));
        }
        None
    }

    fn task_body(&mut self, task: &'a PipelineTask, site: &Site<'a>, known: &Known, is_root: bool) -> TaskBody {
        match body(self.set, self.namespace, task, site, known) {
            Body::Task(target) => {
                let run = self.overrides.get(task.name.as_str()).filter(|_| is_root).cloned();
                TaskBody::Task(resolved(target, TASKS, |found| Resolved::Found(self.task(found, run.as_ref()))))
            }
            Body::Pipeline(target) => TaskBody::Pipeline(resolved(target, PIPELINES, |found| {
                let inside = known_inside(&found.spec.params, &task.params, known, found.name.is_none());
                self.pipeline(found, &inside)
            })),
        }
    }

    fn task(&mut self, found: Found<'a, TaskSpec>, run: Option<&Annotated>) -> Arc<TaskPlan> {
        let name = found.name.clone().filter(|_| run.is_none());
        if let Some(plan) = name.as_ref().and_then(|n| self.tasks.get(n)) {
            return plan.clone();
        }
        let own = sandbox::quietly(found.annotations);
        let spec = sandbox::merged(found.spec, run, own.as_ref()).map_or_else(|| found.spec.clone(), Arc::new);
        let mut step_actions = BTreeMap::new();
        for reference in spec.steps.iter().filter_map(|s| s.ref_.as_ref()) {
            let target = self.set.step_action_of(self.namespace, reference);
            let action = resolved(target, STEP_ACTIONS, |found| {
                Resolved::Found(Arc::new(StepActionPlan {
                    name: reference.name.clone(),
                    spec: found.spec.clone(),
                    source: found.site.source,
                }))
            });
            step_actions.insert(reference.name.clone(), action);
        }
        let step_spans = (0..spec.steps.len())
            .map(|i| found.site.item("steps", i).node.map_or(Span::default(), |n| n.span))
            .collect();
        let plan = Arc::new(TaskPlan {
            name: found.name,
            labels: found.labels.clone(),
            annotations: found.annotations.clone(),
            spec,
            step_actions,
            source: found.site.source,
            step_spans,
        });
        if let Some(name) = name {
            self.tasks.insert(name, plan.clone());
        }
        plan
    }
}
