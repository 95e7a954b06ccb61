//! Tekton's static defaults, set as its admission sets them: so that a status shows them too.
//!
//! Knows which field gets what. Timeouts are not set here: the engine tells an absent one
//! from a written one.

use crate::model::objects::{
    ObjectRef, ParamSpec, PipelineRunSpec, PipelineSpec, PipelineTask, StepActionSpec, TaskResult, TaskRunSpec,
    TaskSpec,
};
use crate::model::value::ParamValue;
use std::sync::Arc;

/// The namespace of objects that name none.
pub(super) const NAMESPACE: &str = "default";
/// The ServiceAccount of runs that name none.
pub(super) const SERVICE_ACCOUNT: &str = "default";

pub(super) fn task(spec: &mut TaskSpec) {
    spec.params.iter_mut().for_each(param);
    spec.results.iter_mut().for_each(result);
    for step in &mut spec.steps {
        step.results.iter_mut().for_each(result);
    }
}

pub(super) fn step_action(spec: &mut StepActionSpec) {
    spec.params.iter_mut().for_each(param);
    spec.results.iter_mut().for_each(result);
}

pub(super) fn pipeline(spec: &mut PipelineSpec) {
    spec.params.iter_mut().for_each(param);
    spec.tasks.iter_mut().chain(&mut spec.finally).for_each(pipeline_task);
}

fn pipeline_task(task_of: &mut PipelineTask) {
    task_of.task_ref.iter_mut().for_each(task_ref);
    if let Some(embedded) = &mut task_of.task_spec {
        task(Arc::make_mut(&mut embedded.task));
    }
    if let Some(inner) = &mut task_of.pipeline_spec {
        pipeline(Arc::make_mut(inner));
    }
}

pub(super) fn pipeline_run(spec: &mut PipelineRunSpec) {
    if spec.task_run_template.service_account_name.is_empty() {
        SERVICE_ACCOUNT.clone_into(&mut spec.task_run_template.service_account_name);
    }
    if let Some(inner) = &mut spec.pipeline_spec {
        pipeline(Arc::make_mut(inner));
    }
}

pub(super) fn task_run(spec: &mut TaskRunSpec) {
    if spec.service_account_name.is_empty() {
        SERVICE_ACCOUNT.clone_into(&mut spec.service_account_name);
    }
    spec.task_ref.iter_mut().for_each(task_ref);
    if let Some(inner) = &mut spec.task_spec {
        task(Arc::make_mut(inner));
    }
}

fn task_ref(reference: &mut ObjectRef) {
    if reference.kind.is_empty() && reference.resolver.is_empty() {
        "Task".clone_into(&mut reference.kind);
    }
}

/// Tekton: the type as written, else from `properties`, else from the default's shape, else string.
fn param(param: &mut ParamSpec) {
    if param.type_.is_empty() {
        let inferred = match (&param.properties, &param.default) {
            (Some(_), _) | (None, Some(ParamValue::Object(_))) => "object",
            (None, Some(ParamValue::Array(_))) => "array",
            (None, Some(ParamValue::String(_)) | None) => "string",
        };
        inferred.clone_into(&mut param.type_);
    }
    for property in param.properties.iter_mut().flat_map(|p| p.values_mut()) {
        if property.type_.is_empty() {
            "string".clone_into(&mut property.type_);
        }
    }
}

fn result(result: &mut TaskResult) {
    if result.type_.is_empty() {
        let inferred = if result.properties.is_some() { "object" } else { "string" };
        inferred.clone_into(&mut result.type_);
    }
    for property in result.properties.iter_mut().flat_map(|p| p.values_mut()) {
        if property.type_.is_empty() {
            "string".clone_into(&mut property.type_);
        }
    }
}
