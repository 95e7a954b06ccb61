//! What can be said of a pipeline's run before its first task: params, workspaces, references,
//! guards, results.
//!
//! Knows Tekton's checks with their reasons and texts, in the order of its reconciler. Changes
//! nothing.

use super::params::{self, declared_type, go_list};
use super::pipeline::{Refusal, USER_ERROR, refuse};
use super::state::{Pipeline, Values};
use super::{scopes, when};
use crate::model::objects::PipelineTask;
use crate::model::plan::{PipelinePlan, Resolved, TaskBody, TaskPlan};
use crate::model::substitute::value_references;
use crate::model::value::{ParamType, ParamValue};
use std::collections::{BTreeMap, BTreeSet};

/// `namespace/name` of the run and of its pipeline, as Tekton's messages say them.
pub(super) struct Names {
    pub run: String,
    pub pipeline: String,
}

impl Names {
    pub(super) fn of(pipeline: &Pipeline) -> Self {
        let space = &pipeline.meta.namespace;
        Self {
            run: format!("{space}/{}", pipeline.meta.name),
            pipeline: format!("{space}/{}", pipeline.pipeline_name()),
        }
    }
}

/// What can be said from the run's own params and workspaces (in Tekton's order).
pub(super) fn given(plan: &PipelinePlan, pipeline: &Pipeline, given: &Values, names: &Names) -> Result<(), Refusal> {
    let Names { run, pipeline: target } = names;
    let specs = &plan.spec.params;
    let missing = params::missing(specs, |n| given.contains_key(n));
    if !missing.is_empty() {
        let list = go_list(&missing);
        return refuse(
            "ParameterMissing",
            format!(
                "{USER_ERROR}PipelineRun {run} is missing some parameters required by Pipeline {target}: pipelineRun missing parameters: {list}"
            ),
        );
    }
    let types: BTreeMap<_, _> = specs.iter().map(|s| (&s.name, declared_type(s))).collect();
    let wrong: Vec<&str> = pipeline
        .spec
        .params
        .iter()
        .filter(|p| {
            let value = p.value.as_ref().map(ParamValue::param_type);
            types.get(&p.name).is_some_and(|t| value.unwrap_or_default() != *t)
        })
        .map(|p| p.name.as_str())
        .collect();
    if !wrong.is_empty() {
        let list = go_list(&wrong);
        return refuse(
            "ParameterTypeMismatch",
            format!(
                "{USER_ERROR}PipelineRun {run} parameters have mismatching types with Pipeline {target}'s parameters: parameters have inconsistent types : {list}"
            ),
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
            format!(
                "{USER_ERROR}PipelineRun {run} parameters is missing object keys required by Pipeline {target}'s parameters: pipelineRun missing object keys for parameters: {keys}"
            ),
        );
    }
    let mut values: Values = specs.iter().filter_map(|s| Some((s.name.clone(), s.default.clone()?))).collect();
    values.extend(given.iter().map(|(k, v)| (k.clone(), v.clone())));
    let places = plan.tasks.iter().enumerate();
    let texts = places.flat_map(|(at, t)| scopes::indexed_texts(&t.task, at >= plan.dag_len));
    if let Some(text) = params::out_of_bounds(texts, &values) {
        return refuse(
            "ParamArrayIndexingInvalid",
            format!(
                "{USER_ERROR}PipelineRun {run} failed validation: failed to validate Pipeline {target}'s parameter which has an invalid index while referring to an array: {text}"
            ),
        );
    }
    check_bindings(plan, pipeline, names)
}

fn check_bindings(plan: &PipelinePlan, pipeline: &Pipeline, names: &Names) -> Result<(), Refusal> {
    let Names { run, pipeline: target } = names;
    let bound = |name: &str| pipeline.spec.workspaces.iter().any(|w| w.name == name);
    let unbound = plan.spec.workspaces.iter().find(|w| !w.optional && !bound(&w.name));
    if let Some(workspace) = unbound {
        return refuse(
            "InvalidWorkspaceBindings",
            format!(
                "{USER_ERROR}PipelineRun {run} doesn't bind Pipeline {target}'s Workspaces correctly: pipeline requires workspace with name \"{}\" be provided by pipelinerun",
                workspace.name
            ),
        );
    }
    if pipeline.spec.task_run_specs.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<&str> = plan.tasks.iter().map(|t| t.task.name.as_str()).collect();
    let wrong = pipeline.spec.task_run_specs.iter().find(|s| !known.contains(s.pipeline_task_name.as_str()));
    match wrong {
        Some(spec) => refuse(
            "InvalidTaskRunSpecs",
            format!(
                "{USER_ERROR}PipelineRun {run} doesn't define taskRunSpecs correctly: pipelineRun's taskrunSpecs defined wrong taskName: \"{}\", does not exist in Pipeline",
                spec.pipeline_task_name
            ),
        ),
        None => Ok(()),
    }
}

/// What can be said once references are followed: missing tasks, params of tasks, enums, CEL.
pub(super) fn nodes(plan: &PipelinePlan, pipeline: &Pipeline, names: &Names) -> Result<(), Refusal> {
    for node in &pipeline.nodes {
        let on_error = node.task.on_error.as_str();
        if !matches!(on_error, "" | "continue" | "stopAndFail") {
            return refuse(
                "PipelineValidationFailed",
                format!(
                    "{USER_ERROR}Pipeline {} can't be Run; it has an invalid spec: invalid value: {on_error}: OnError\nPipelineTask OnError must be either \"continue\" or \"stopAndFail\"",
                    names.pipeline
                ),
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
            format!(
                "Pipeline {} can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task \"{name}\": {resource} \"{name}\" not found",
                names.pipeline
            ),
        ),
        TaskBody::Pipeline(Resolved::NotFound { name, resource }) => refuse(
            "CouldntGetPipeline",
            format!(
                "Pipeline {} can't be Run; it contains child Pipelines that don't exist: Couldn't retrieve Pipeline \"{name}\": tekton client cannot get pipeline {name} from local cluster: {resource} \"{name}\" not found",
                names.pipeline
            ),
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
    if let Err(text) = params::check_task(&found.spec.params, &params::pairs(&task.params), &matrix) {
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
fn enum_subset(plan: &PipelinePlan, written: &PipelineTask, task: &TaskPlan) -> Option<String> {
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
        if inner.enum_.is_empty() || declared_type(outer) != ParamType::String {
            return None;
        }
        let name = task.name.as_deref().unwrap_or_default();
        let allowed = go_list(&inner.enum_);
        if outer.enum_.is_empty() {
            return Some(format!(
                "pipeline param \"{}\" has no enum, but referenced in \"{name}\" task has enums: {allowed}",
                outer.name
            ));
        }
        if !outer.enum_.iter().all(|e| inner.enum_.contains(e)) {
            return Some(format!(
                "pipeline param \"{}\" enum: {} is not a subset of the referenced in \"{name}\" task param enum: {allowed}",
                outer.name,
                go_list(&outer.enum_)
            ));
        }
    }
    None
}

/// Result references that can never be there (Tekton: `ValidatePipelineTaskResults`,
/// `ValidatePipelineResults`).
pub(super) fn results(plan: &PipelinePlan, pipeline: &Pipeline) -> Result<(), Refusal> {
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
            Some(TaskBody::Pipeline(_)) => {
                Err(format!("unable to validate result referencing pipeline task \"{task}\": task spec not found"))
            }
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
                    format!(
                        "Failed to resolve pipeline result reference for \"{}\" with error invalid pipeline result \"{}\": {text}",
                        pipeline.meta.name, result.name
                    ),
                );
            }
        }
    }
    Ok(())
}

/// Tekton: `ValidateOptionalWorkspaces`.
pub(super) fn optional_workspaces(plan: &PipelinePlan, pipeline: &Pipeline) -> Result<(), Refusal> {
    let optional = |name: &str| plan.spec.workspaces.iter().any(|w| w.optional && w.name == name);
    for (planned, node) in plan.tasks.iter().zip(&pipeline.nodes) {
        let TaskBody::Task(Resolved::Found(task)) = &planned.body else {
            continue;
        };
        for mapped in node.task.workspaces.iter().filter(|w| optional(&w.workspace)) {
            let needed = |w: &&crate::model::objects::WorkspaceDeclaration| w.name == mapped.name && !w.optional;
            if task.spec.workspaces.iter().any(|w| needed(&w)) {
                return refuse(
                    "RequiredWorkspaceMarkedOptional",
                    format!(
                        "{USER_ERROR}Optional workspace not supported by task: pipeline workspace \"{}\" is marked optional but pipeline task \"{}\" requires it be provided",
                        mapped.workspace, node.task.name
                    ),
                );
            }
        }
    }
    Ok(())
}
