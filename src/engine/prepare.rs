//! Before a TaskRun asks for a slot: StepActions put in place, params and workspaces checked.
//!
//! Knows Tekton's checks, their order and texts (`prepare` in the TaskRun reconciler), and how a
//! StepAction becomes a step. Does not know how an attempt runs.

use super::params::{self, declared_type, go_list};
use super::pipeline::{Refusal, USER_ERROR, refuse};
use super::request::TaskScopes;
use super::run::Run;
use super::state::{TaskRun, Values};
use super::verdict::OPEN_FAILED;
use super::{fields, task, volumes};
use crate::model::event::TaskRunId;
use crate::model::objects::{Param, ParamSpec, Step, StepActionSpec};
use crate::model::plan::{Resolved, TaskPlan};
use crate::model::quantity::thousandths;
use crate::model::substitute::{
    self, Budget, Lookup, Overflow, ParamScope, ResultRef, Scope, Scopes, has_reference, references, split_index,
};
use crate::model::value::{ParamType, ParamValue};
use std::borrow::Cow;
use std::sync::Arc;

const INVALID: &str = "TaskRunValidationFailed";
const UNRESOLVED: &str = "TaskRunResolutionFailed";

impl Run {
    /// Makes a TaskRun ready to be opened, or says why it can't be.
    pub(super) fn prepare(&mut self, id: TaskRunId) -> Result<(), Refusal> {
        let budget = self.budget();
        let plan = {
            let Some(run) = self.task(id) else {
                return Ok(());
            };
            found(run)?
        };
        if let Some(run) = self.task_mut(id) {
            run.spec = Arc::clone(&plan.spec);
            run.steps = task::blank_steps(&plan.spec);
            run.unnamed = task::unnamed(&plan.spec);
            run.sources = vec![plan.source; plan.spec.steps.len()];
            run.params = Arc::new(params::resolve_task(&plan.spec.params, &run.given, &budget));
            if let Some(limit) = budget.overflow() {
                return refuse("InvalidParamValue", too_much(&run.meta.name, limit));
            }
        }
        self.put_step_actions(id, &plan, &budget)?;
        let Some(run) = self.task_mut(id) else {
            return Ok(());
        };
        check_resources(run)?;
        check_params(run)?;
        let own: &[&dyn Scope] = &[&ParamScope { values: &run.params, legacy: true }];
        run.workspaces = fields::bindings(&run.workspaces, &Scopes::new(own, &budget));
        check_workspaces(run)?;
        check_overrides(run)?;
        check_volumes(run)?;
        let kept = params::size(&run.params).saturating_add(budget.spent());
        self.keep(kept).and_then(|()| self.check_expansion(id, &budget)).or_else(|limit| {
            let name = self.task(id).map(|t| t.meta.name.clone()).unwrap_or_default();
            refuse(INVALID, too_much(&name, limit))
        })
    }

    /// Whether what stands ready before the first step can be expanded. Steps are looked at when
    /// their turn comes.
    fn check_expansion(&self, id: TaskRunId, budget: &Budget) -> Result<(), Overflow> {
        if let Some(limit) = budget.overflow() {
            return Err(limit);
        }
        let Some(run) = self.task(id) else {
            return Ok(());
        };
        let spec = &run.spec;
        let template = spec.step_template.as_ref().is_some_and(|t| has_reference(&t.image));
        let plain = spec.volumes.is_empty() && spec.sidecars.is_empty() && run.pod_template.is_none() && !template;
        if plain && !spec.steps.iter().any(|s| has_reference(&s.image)) {
            return Ok(());
        }
        let budget = self.budget();
        self.attempt_request(id, &budget);
        budget.overflow().map_or(Ok(()), Err)
    }

    /// Puts StepActions in the place of the steps that refer to them.
    fn put_step_actions(&mut self, id: TaskRunId, plan: &TaskPlan, budget: &Budget) -> Result<(), Refusal> {
        if plan.spec.steps.iter().all(|s| s.ref_.is_none()) {
            return Ok(());
        }
        let Some(run) = self.task(id) else {
            return Ok(());
        };
        let mut spec = (*plan.spec).clone();
        let mut sources = run.sources.clone();
        for (at, step) in spec.steps.iter_mut().enumerate() {
            let Some(reference) = &step.ref_ else {
                continue;
            };
            let failed = |why: String| Refusal {
                reason: UNRESOLVED,
                message: format!("failed to resolve step ref for step \"{}\" (index {at}): {why}", step.name),
            };
            let action = match plan.step_actions.get(&reference.name) {
                Some(Resolved::Found(action)) => Arc::clone(action),
                Some(Resolved::NotFound { name, resource }) => {
                    return Err(failed(format!("{resource} \"{name}\" not found")));
                }
                Some(Resolved::Unsupported { message }) => return Err(failed(message.clone())),
                None => {
                    let name = &reference.name;
                    return Err(failed(format!("stepactions.tekton.dev \"{name}\" not found")));
                }
            };
            let chain = TaskScopes::new(self, run, Some(at), &step.workspaces);
            let given = substitute::params(&step.params, &Scopes::new(&chain.params(), budget));
            let merged = merge(step, &action.spec, &given, budget).map_err(failed)?;
            if let Some(limit) = budget.overflow() {
                return refuse(INVALID, too_much(&run.meta.name, limit));
            }
            *step = merged;
            if let Some(source) = sources.get_mut(at) {
                *source = action.source;
            }
        }
        if let Some(run) = self.task_mut(id) {
            run.spec = Arc::new(spec);
            run.sources = sources;
        }
        Ok(())
    }
}

/// A TaskRun whose variables expand to too much.
pub(super) fn too_much(name: &str, limit: Overflow) -> String {
    format!("{USER_ERROR}failed to apply variables to TaskRun {name}: {limit}")
}

fn found(run: &TaskRun) -> Result<Arc<TaskPlan>, Refusal> {
    match &run.resolved {
        Resolved::Found(plan) => Ok(Arc::clone(plan)),
        Resolved::NotFound { name, resource } => refuse(
            UNRESOLVED,
            format!("error when listing tasks for taskRun {}: {resource} \"{name}\" not found", run.meta.name),
        ),
        Resolved::Unsupported { message } => refuse(UNRESOLVED, message.clone()),
    }
}

/// A step that requests more than its limit, or than the template's where it has none (Tekton:
/// `validateTaskSpecRequestResources`).
fn check_resources(run: &TaskRun) -> Result<(), Refusal> {
    let template = run.spec.step_template.as_ref().map(|t| &t.compute_resources.limits);
    for step in &run.spec.steps {
        for (key, request) in &step.compute_resources.requests {
            let own = step.compute_resources.limits.get(key);
            let Some(limit) = own.or_else(|| template?.get(key)) else {
                continue;
            };
            if thousandths(request).zip(thousandths(limit)).is_some_and(|(request, limit)| request > limit) {
                let said = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                return refuse(
                    INVALID,
                    format!(
                        "{USER_ERROR}invalid request resource value: {} must be less or equal to limit {}",
                        said(request),
                        said(limit)
                    ),
                );
            }
        }
    }
    Ok(())
}

fn check_params(run: &TaskRun) -> Result<(), Refusal> {
    let specs = &run.spec.params;
    let given: Vec<_> = run.given.iter().map(|(name, value)| (name.as_str(), value)).collect();
    if let Err(text) = params::check_task(specs, &given, &[]) {
        let name = run.task_name();
        return refuse(INVALID, format!("{USER_ERROR}invalid input params for task {name}: {text}"));
    }
    if let Some(text) = params::outside_enum(specs, &run.given) {
        return refuse("InvalidParamValue", format!("{USER_ERROR}{text}"));
    }
    let arrays = |p: &ParamValue| matches!(p, ParamValue::Array(_));
    if run.params.values().any(arrays) {
        let texts = fields::task_references(&run.spec);
        if let Some(text) = params::out_of_bounds(texts.iter().map(String::as_str), &run.params) {
            return refuse(INVALID, format!("{USER_ERROR}{text}"));
        }
    }
    Ok(())
}

/// Tekton: `workspace.ValidateBindings`. An inline task takes workspaces that it doesn't declare.
fn check_workspaces(run: &TaskRun) -> Result<(), Refusal> {
    let bound = |name: &str| run.workspaces.iter().any(|w| w.name == name);
    let lacking = run.spec.workspaces.iter().find(|w| !w.optional && !bound(&w.name));
    if let Some(workspace) = lacking {
        return refuse(
            INVALID,
            format!("{USER_ERROR}declared workspace \"{}\" is required but has not been bound", workspace.name),
        );
    }
    let declared = |name: &str| run.spec.workspaces.iter().any(|w| w.name == name);
    let extra = run.workspaces.iter().find(|w| !run.inline && !declared(&w.name));
    match extra {
        Some(workspace) => refuse(
            INVALID,
            format!("{USER_ERROR}workspace binding \"{}\" does not match any declared workspace", workspace.name),
        ),
        None => Ok(()),
    }
}

/// Tekton: `validateOverrides`.
fn check_overrides(run: &TaskRun) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    for over in &run.step_specs {
        if !run.spec.steps.iter().any(|s| s.name == over.name) {
            wrong.push(format!("invalid StepOverride: No Step named {}", over.name));
        }
    }
    for over in &run.sidecar_specs {
        if !run.spec.sidecars.iter().any(|s| s.name == over.name) {
            wrong.push(format!("invalid SidecarOverride: No Sidecar named {}", over.name));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    refuse(INVALID, format!("{USER_ERROR}{}", wrong.join("\n")))
}

fn check_volumes(run: &TaskRun) -> Result<(), Refusal> {
    let template = run.pod_template.iter().flat_map(|t| &t.volumes);
    let all: Vec<_> = run.spec.volumes.iter().chain(template).cloned().collect();
    if all.is_empty() && run.workspaces.is_empty() {
        return Ok(());
    }
    match volumes::requests(&run.workspaces, &all, &|_| String::new()) {
        Ok(_) => Ok(()),
        Err(why) => refuse(OPEN_FAILED, format!("failed to create task run pod \"{}\": {why}", run.meta.name)),
    }
}

/// A StepAction with a step's params in the place of a step that refers to it (Tekton:
/// `resolveStepRef`).
fn merge(step: &Step, action: &StepActionSpec, given: &[Param], budget: &Budget) -> Result<Step, String> {
    check_step_params(action, given)?;
    let mut values = params::resolve_task(&action.params, &params::given(given), budget);
    let is_array = |v: &ParamValue| v.param_type() == ParamType::Array;
    let is_object = |v: &ParamValue| v.param_type() == ParamType::Object;
    for spec in &action.params {
        let (Some(default), Some(value)) = (&spec.default, values.get(&spec.name)) else {
            continue;
        };
        let clash = is_array(default) != is_array(value) && !is_object(default) && !is_object(value);
        if clash && step_reference(value).is_none() {
            return Err(format!(
                "invalid parameter substitution: {}. Please check the types of the default value and the passed value",
                spec.name
            ));
        }
    }
    // Tekton: a text that is given for an object takes no key's default away.
    for spec in &action.params {
        if let Some(default @ ParamValue::Object(_)) = &spec.default
            && let Some(value @ ParamValue::String(_)) = values.get_mut(&spec.name)
            && step_reference(value).is_none()
        {
            *value = default.clone();
        }
    }
    let written = Step {
        image: action.image.clone(),
        command: action.command.clone(),
        args: action.args.clone(),
        env: action.env.clone(),
        script: action.script.clone(),
        working_dir: action.working_dir.clone(),
        volume_mounts: action.volume_mounts.clone(),
        ..Step::default()
    };
    let deferred = DeferredParams { specs: &action.params, values: &values };
    let scope = ParamScope { values: &values, legacy: true };
    let mut body = fields::step(&written, &Scopes::new(&[&Both { first: &deferred, second: &scope }], budget));
    let mut merged = step.clone();
    merged.ref_ = None;
    merged.params.clear();
    merged.image = std::mem::take(&mut body.image);
    merged.security_context.clone_from(&action.security_context);
    merged.working_dir = std::mem::take(&mut body.working_dir);
    if !body.command.is_empty() {
        merged.command = body.command;
    }
    if !body.args.is_empty() {
        merged.args = body.args;
    }
    if !body.script.is_empty() {
        merged.script = body.script;
    }
    if !body.env.is_empty() {
        merged.env = body.env;
    }
    if !body.volume_mounts.is_empty() {
        merged.volume_mounts = body.volume_mounts;
    }
    if !action.results.is_empty() {
        merged.results.clone_from(&action.results);
    }
    Ok(merged)
}

/// Tekton: `validateStepHasStepActionParameters`.
fn check_step_params(action: &StepActionSpec, given: &[Param]) -> Result<(), String> {
    let known = |name: &str| action.params.iter().any(|s| s.name == name);
    let extra: Vec<&str> = given.iter().map(|p| p.name.as_str()).filter(|n| !known(n)).collect();
    if !extra.is_empty() {
        return Err(format!("extra params passed by Step to StepAction: {}", go_list(&extra)));
    }
    let missing = params::missing(&action.params, |n| given.iter().any(|p| p.name == n));
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("non-existent params in Step: {}", go_list(&missing)))
}

/// Two scopes in one pass; the first is asked first.
struct Both<'a> {
    first: &'a dyn Scope,
    second: &'a dyn Scope,
}

impl Scope for Both<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        self.first.lookup(name).or_else(|| self.second.lookup(name))
    }
}

/// The step result that a param's value is nothing but a reference to.
fn step_reference(value: &ParamValue) -> Option<ResultRef<'_>> {
    let text = value.as_str().filter(|t| t.starts_with("$(steps."))?;
    ResultRef::parse_step(references(text).first()?)
}

/// Params of type array or object whose value is a step's result: what refers to them comes to
/// refer to the result, which is known at the step's turn (Tekton: `replacementsFromStepResults`).
struct DeferredParams<'a> {
    specs: &'a [ParamSpec],
    values: &'a Values,
}

impl Scope for DeferredParams<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let rest = name.strip_prefix("params.")?;
        let find = |param: &str| {
            let spec = self.specs.iter().find(|s| s.name == param)?;
            let wanted = declared_type(spec);
            let reference = step_reference(self.values.get(param)?)?;
            (wanted != ParamType::String).then_some((wanted, reference))
        };
        let (tail, (kind, reference)) = match split_index(rest) {
            Some((param, _)) => (rest.get(param.len()..)?, find(param)?),
            None => {
                let (param, key) = rest.split_once('.').map_or((rest, None), |(p, k)| (p, Some(k)));
                let tail = key.and_then(|k| rest.get(rest.len() - k.len() - 1..));
                (tail.unwrap_or("[*]"), find(param)?)
            }
        };
        let fits = match kind {
            ParamType::Array => tail.starts_with('['),
            ParamType::Object => true,
            ParamType::String => false,
        };
        fits.then(|| {
            let text = format!("$(steps.{}.results.{}{tail})", reference.task, reference.result);
            Lookup::String(Cow::Owned(text))
        })
    }
}
