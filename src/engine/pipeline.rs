//! The beginning of a pipeline: the checks in Tekton's order, the first values in the place of
//! variables, the graph's counters, the first tasks.
//!
//! Knows Tekton's reasons and texts for a run that can't start. Does not know how tasks are
//! scheduled or end.

use super::params::{self, declared_type, go_list};
use super::run::{Run, Timer};
use super::scopes::{self, PipelineVars};
use super::state::{
    Children, Meta, Node, NodeState, Pipeline, PipelineIx, Skip, Truth, Values, Verdict,
};
use super::when;
use crate::model::event::CancelMode;
use crate::model::objects::{PipelineRunSpec, PipelineTask};
use crate::model::plan::{PipelinePlan, Resolved, TaskBody};
use crate::model::substitute::{ParamScope, value_references};
use crate::model::tree::Span;
use std::collections::{BTreeMap, BTreeSet};
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
    Pipeline {
        meta,
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

/// Adds entries whose keys are not there.
pub(super) fn under(map: &mut BTreeMap<String, String>, more: &BTreeMap<String, String>) {
    for (key, value) in more {
        map.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// Why a pipeline can't run: Tekton's reason and message.
pub(super) struct Refusal {
    pub reason: &'static str,
    pub message: String,
}

/// Tekton marks what the user has to mend.
pub(super) const USER_ERROR: &str = "[User error] ";

fn refuse<T>(reason: &'static str, message: String) -> Result<T, Refusal> {
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
                    reason: "PipelineRunPending".to_owned(),
                    message,
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
        let Some(pipeline) = self.pipelines.get_mut(at) else {
            return Ok(());
        };
        let names = Names::of(pipeline);
        let given = params::given(&pipeline.spec.params);
        check_given(&plan, pipeline, &given, &names)?;
        pipeline.workspaces = scopes::bindings(
            &pipeline.spec.workspaces,
            &[&ParamScope { values: &given, legacy: false }],
        );
        pipeline.params = params::resolve_pipeline(&plan.spec.params, given).or_else(|text| {
            refuse(
                "PipelineValidationFailed",
                format!(
                    "{USER_ERROR}Failed to apply parameters to Pipeline {}: {text}",
                    names.pipeline
                ),
            )
        })?;
        let nodes = substituted(&plan, pipeline);
        pipeline.nodes = nodes;
        check_nodes(&plan, pipeline, &names)?;
        let mut order: Vec<u32> = (0..).take(pipeline.nodes.len()).collect();
        order.sort_by(|a, b| pipeline.node_name(*a).cmp(pipeline.node_name(*b)));
        pipeline.by_name = order;
        check_results(&plan, pipeline)?;
        check_optional_workspaces(&plan, pipeline)?;
        pipeline.dag_open = plan.dag_len;
        pipeline.finals_open = plan.tasks.len().saturating_sub(plan.dag_len);
        pipeline.ready = (0..)
            .zip(plan.tasks.iter().take(plan.dag_len))
            .filter(|(_, task)| task.parents.is_empty())
            .map(|(ix, _)| ix)
            .collect();
        Ok(())
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
            format!(
                "Error retrieving pipeline for pipelinerun {}/{}: {error}",
                meta.namespace, meta.name
            ),
        )
    }
}

/// `namespace/name` of the run and of its pipeline, as Tekton's messages say them.
struct Names {
    run: String,
    pipeline: String,
}

impl Names {
    fn of(pipeline: &Pipeline) -> Self {
        let space = &pipeline.meta.namespace;
        Self {
            run: format!("{space}/{}", pipeline.meta.name),
            pipeline: format!("{space}/{}", pipeline.pipeline_name()),
        }
    }
}

/// What can be said from the run's own params and workspaces (in Tekton's order).
fn check_given(
    plan: &PipelinePlan,
    pipeline: &Pipeline,
    given: &Values,
    names: &Names,
) -> Result<(), Refusal> {
    let Names { run, pipeline: target } = names;
    let specs = &plan.spec.params;
    let missing = params::missing(specs, |n| given.contains_key(n));
    if !missing.is_empty() {
        let list = go_list(&missing);
        return refuse(
            "ParameterMissing",
            format!("{USER_ERROR}PipelineRun {run} is missing some parameters required by Pipeline {target}: pipelineRun missing parameters: {list}"),
        );
    }
    let types: BTreeMap<_, _> = specs.iter().map(|s| (&s.name, declared_type(s))).collect();
    let wrong: Vec<&str> = pipeline
        .spec
        .params
        .iter()
        .filter(|p| {
            let value = p.value.as_ref().map(crate::model::value::ParamValue::param_type);
            types.get(&p.name).is_some_and(|t| value.unwrap_or_default() != *t)
        })
        .map(|p| p.name.as_str())
        .collect();
    if !wrong.is_empty() {
        let list = go_list(&wrong);
        return refuse(
            "ParameterTypeMismatch",
            format!("{USER_ERROR}PipelineRun {run} parameters have mismatching types with Pipeline {target}'s parameters: parameters have inconsistent types : {list}"),
        );
    }
    if let Some(text) = params::outside_enum(specs, given) {
        return refuse(
            "InvalidParamValue",
            format!("{USER_ERROR}PipelineRun {run} parameters have invalid value: {text}"),
        );
    }
    if let Some(keys) = params::missing_keys(specs, given) {
        return refuse(
            "ObjectParameterMissKeys",
            format!("{USER_ERROR}PipelineRun {run} parameters is missing object keys required by Pipeline {target}'s parameters: pipelineRun missing object keys for parameters: {keys}"),
        );
    }
    let mut values: Values = specs
        .iter()
        .filter_map(|s| Some((s.name.clone(), s.default.clone()?)))
        .collect();
    values.extend(given.iter().map(|(k, v)| (k.clone(), v.clone())));
    let texts = plan.tasks.iter().flat_map(|t| scopes::task_texts(&t.task));
    if let Some(text) = params::out_of_bounds(texts, &values) {
        return refuse(
            "ParamArrayIndexingInvalid",
            format!("{USER_ERROR}PipelineRun {run} failed validation: failed to validate Pipeline {target}'s parameter which has an invalid index while referring to an array: {text}"),
        );
    }
    check_bindings(plan, pipeline, names)
}

fn check_bindings(
    plan: &PipelinePlan,
    pipeline: &Pipeline,
    names: &Names,
) -> Result<(), Refusal> {
    let Names { run, pipeline: target } = names;
    let bound = |name: &str| pipeline.spec.workspaces.iter().any(|w| w.name == name);
    let unbound = plan.spec.workspaces.iter().find(|w| !w.optional && !bound(&w.name));
    if let Some(workspace) = unbound {
        return refuse(
            "InvalidWorkspaceBindings",
            format!("{USER_ERROR}PipelineRun {run} doesn't bind Pipeline {target}'s Workspaces correctly: pipeline requires workspace with name \"{}\" be provided by pipelinerun", workspace.name),
        );
    }
    let known: BTreeSet<&str> = plan.tasks.iter().map(|t| t.task.name.as_str()).collect();
    let wrong = pipeline
        .spec
        .task_run_specs
        .iter()
        .find(|s| !known.contains(s.pipeline_task_name.as_str()));
    match wrong {
        Some(spec) => refuse(
            "InvalidTaskRunSpecs",
            format!("{USER_ERROR}PipelineRun {run} doesn't define taskRunSpecs correctly: pipelineRun's taskrunSpecs defined wrong taskName: \"{}\", does not exist in Pipeline", spec.pipeline_task_name),
        ),
        None => Ok(()),
    }
}

/// The nodes, with params, context and workspaces in the place of variables.
fn substituted(plan: &PipelinePlan, pipeline: &Pipeline) -> Vec<Node> {
    let params = ParamScope { values: &pipeline.params, legacy: false };
    let vars = PipelineVars { pipeline };
    plan.tasks
        .iter()
        .map(|planned| Node {
            task: scopes::pipeline_task(&planned.task, &[&params, &vars]),
            state: NodeState::Waiting,
            pending: u32::try_from(planned.parents.len()).unwrap_or(u32::MAX),
            children: Children::None,
            open: 0,
            gathered: None,
        })
        .collect()
}

/// What can be said once references are followed: missing tasks, params of tasks, enums, CEL.
fn check_nodes(plan: &PipelinePlan, pipeline: &Pipeline, names: &Names) -> Result<(), Refusal> {
    for node in &pipeline.nodes {
        let on_error = node.task.on_error.as_str();
        if !matches!(on_error, "" | "continue" | "stopAndFail") {
            return refuse(
                "PipelineValidationFailed",
                format!("{USER_ERROR}Pipeline {} can't be Run; it has an invalid spec: invalid value: {on_error}: OnError\nPipelineTask OnError must be either \"continue\" or \"stopAndFail\"", names.pipeline),
            );
        }
    }
    for planned in &plan.tasks {
        check_reference(&planned.body, names)?;
    }
    for (planned, node) in plan.tasks.iter().zip(&pipeline.nodes) {
        check_task_params(plan, &planned.task, &planned.body, &node.task, pipeline)?;
    }
    for node in &pipeline.nodes {
        if node.task.when.iter().any(|w| !w.cel.is_empty())
            && let Err(error) = when::allows(&node.task.when)
        {
            return refuse("CELEvaluationFailed", cel_message(&pipeline.meta.name, &error));
        }
    }
    Ok(())
}

/// Tekton's message for CEL that can't be evaluated.
pub(super) fn cel_message(run: &str, error: &when::CelError) -> String {
    format!("{USER_ERROR}Error evaluating CEL {run}: {error}")
}

fn check_reference(body: &TaskBody, names: &Names) -> Result<(), Refusal> {
    match body {
        TaskBody::Task(Resolved::NotFound { name, resource }) => refuse(
            "CouldntGetTask",
            format!("Pipeline {} can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task \"{name}\": {resource} \"{name}\" not found", names.pipeline),
        ),
        TaskBody::Pipeline(Resolved::NotFound { name, resource }) => refuse(
            "CouldntGetPipeline",
            format!("Pipeline {} can't be Run; it contains child Pipelines that don't exist: Couldn't retrieve Pipeline \"{name}\": tekton client cannot get pipeline {name} from local cluster: {resource} \"{name}\" not found", names.pipeline),
        ),
        TaskBody::Task(Resolved::Found(_) | Resolved::Unsupported { .. })
        | TaskBody::Pipeline(Resolved::Found(_) | Resolved::Unsupported { .. }) => Ok(()),
    }
}

fn check_task_params(
    plan: &PipelinePlan,
    written: &PipelineTask,
    body: &TaskBody,
    task: &PipelineTask,
    pipeline: &Pipeline,
) -> Result<(), Refusal> {
    let TaskBody::Task(Resolved::Found(found)) = body else {
        return Ok(());
    };
    let matrix = scopes::matrix_params(task);
    if let Err(text) = params::check_task(&found.spec.params, &task.params, &matrix) {
        return refuse(
            "PipelineValidationFailed",
            format!(
                "{USER_ERROR}Validation failed for pipelinerun {} with error invalid input params for task {}: {text}",
                pipeline.meta.name,
                found.name.as_deref().unwrap_or_default()
            ),
        );
    }
    match enum_subset(plan, written, found) {
        Some(text) => refuse(
            "PipelineValidationFailed",
            format!("{USER_ERROR}Validation failed for pipelinerun with error {text}"),
        ),
        None => Ok(()),
    }
}

/// A pipeline param whose enum allows more than the task param that takes it (Tekton:
/// `ValidateParamEnumSubset`).
fn enum_subset(
    plan: &PipelinePlan,
    written: &PipelineTask,
    task: &crate::model::plan::TaskPlan,
) -> Option<String> {
    for param in &written.params {
        let refs: Vec<&str> = param
            .value
            .as_ref()
            .filter(|v| v.as_str().is_some())
            .map(value_references)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|r| r.strip_prefix("params."))
            .collect();
        let [reference] = refs.as_slice() else {
            continue;
        };
        let inner = task.spec.params.iter().find(|s| s.name == param.name)?;
        let outer = plan.spec.params.iter().find(|s| s.name == *reference)?;
        if inner.enum_.is_empty() || declared_type(outer) != crate::model::value::ParamType::String {
            return None;
        }
        let name = task.name.as_deref().unwrap_or_default();
        let allowed = go_list(&inner.enum_);
        if outer.enum_.is_empty() {
            return Some(format!("pipeline param \"{}\" has no enum, but referenced in \"{name}\" task has enums: {allowed}", outer.name));
        }
        if !outer.enum_.iter().all(|e| inner.enum_.contains(e)) {
            return Some(format!("pipeline param \"{}\" enum: {} is not a subset of the referenced in \"{name}\" task param enum: {allowed}", outer.name, go_list(&outer.enum_)));
        }
    }
    None
}

/// Result references that can never be there (Tekton: `ValidatePipelineTaskResults`,
/// `ValidatePipelineResults`).
fn check_results(plan: &PipelinePlan, pipeline: &Pipeline) -> Result<(), Refusal> {
    let check = |task: &str, result: &str| -> Result<(), String> {
        let Some((ix, _)) = pipeline.node_named(task) else {
            return Err(format!("referenced pipeline task \"{task}\" does not exist"));
        };
        match plan.tasks.get(ix as usize).map(|t| &t.body) {
            Some(TaskBody::Task(Resolved::Found(found))) => {
                if found.spec.results.iter().any(|r| r.name == result) {
                    return Ok(());
                }
                Err(format!("\"{result}\" is not a named result returned by pipeline task \"{task}\""))
            }
            Some(TaskBody::Pipeline(_)) => Err(format!(
                "unable to validate result referencing pipeline task \"{task}\": task spec not found"
            )),
            Some(TaskBody::Task(_)) | None => Ok(()),
        }
    };
    for node in &pipeline.nodes {
        for reference in scopes::result_refs(&node.task) {
            if let Err(text) = check(&reference.0, &reference.1) {
                return refuse(
                    "InvalidTaskResultReference",
                    format!("invalid result reference in pipeline task \"{}\": {text}", node.task.name),
                );
            }
        }
    }
    for result in &plan.spec.results {
        for (task, name) in scopes::refs_in(result.value.iter().flat_map(value_references)) {
            if let Err(text) = check(&task, &name) {
                return refuse(
                    "InvalidPipelineResultReference",
                    format!("Failed to resolve pipeline result reference for \"{}\" with error invalid pipeline result \"{}\": {text}", pipeline.meta.name, result.name),
                );
            }
        }
    }
    Ok(())
}

/// Tekton: `ValidateOptionalWorkspaces`.
fn check_optional_workspaces(plan: &PipelinePlan, pipeline: &Pipeline) -> Result<(), Refusal> {
    let optional = |name: &str| plan.spec.workspaces.iter().any(|w| w.optional && w.name == name);
    for (planned, node) in plan.tasks.iter().zip(&pipeline.nodes) {
        let TaskBody::Task(Resolved::Found(task)) = &planned.body else {
            continue;
        };
        for mapped in node.task.workspaces.iter().filter(|w| optional(&w.workspace)) {
            let needed = |w: &&crate::model::objects::WorkspaceDeclaration| {
                w.name == mapped.name && !w.optional
            };
            if task.spec.workspaces.iter().any(|w| needed(&w)) {
                return refuse(
                    "RequiredWorkspaceMarkedOptional",
                    format!("{USER_ERROR}Optional workspace not supported by task: pipeline workspace \"{}\" is marked optional but pipeline task \"{}\" requires it be provided", mapped.workspace, node.task.name),
                );
            }
        }
    }
    Ok(())
}

/// The skip reason that a way to end gives to tasks that have not started.
pub(super) fn skip_of(mode: CancelMode) -> Skip {
    match mode {
        CancelMode::Cancelled | CancelMode::CancelledRunFinally => Skip::GracefullyCancelled,
        CancelMode::StoppedRunFinally => Skip::GracefullyStopped,
    }
}
