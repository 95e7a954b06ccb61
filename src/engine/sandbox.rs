//! The `sandbox` block and `computeResources` as one request.
//!
//! Knows that the inner one wins, and that a memory limit of the resources counts too. Does not
//! know what a limit does.

use crate::model::objects::{ResourceRequirements, SandboxSpec, TaskSpec};
use crate::model::quantity;
use crate::model::request::{CacheMode, ClockMode, RandomMode, SandboxRequest, TimesMode, WorkspaceMode};

/// The blocks of a task, its step template and a step, each over the one before.
pub(super) fn merged(
    task: Option<&SandboxSpec>,
    template: Option<&SandboxSpec>,
    step: Option<&SandboxSpec>,
) -> SandboxRequest {
    let mut request = SandboxRequest::default();
    for block in [task, template, step].into_iter().flatten() {
        put(&mut request, block);
    }
    request
}

fn put(request: &mut SandboxRequest, block: &SandboxSpec) {
    let limits = &block.limits;
    for (target, written) in [
        (&mut request.memory, quantity::bytes(&limits.memory)),
        (&mut request.cpu, quantity::cpu_nanoseconds(&limits.cpu)),
        (&mut request.disk, quantity::bytes(&limits.disk)),
        (&mut request.files, quantity::bytes(&limits.files)),
        (&mut request.output, quantity::bytes(&limits.output)),
    ] {
        *target = written.or(*target);
    }
    let handles = quantity::bytes(&limits.handles).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    request.handles = handles.or(request.handles);
    match block.clock.as_str() {
        "virtual" => request.clock = ClockMode::Virtual,
        "real" => request.clock = ClockMode::Real,
        _ => {}
    }
    match block.random.as_str() {
        "auto" => request.random = RandomMode::Auto,
        "seeded" => request.random = RandomMode::Seeded,
        "real" => request.random = RandomMode::Real,
        _ => {}
    }
    match block.cache.as_str() {
        "auto" => request.cache = CacheMode::Auto,
        "always" => request.cache = CacheMode::Always,
        "never" => request.cache = CacheMode::Never,
        _ => {}
    }
    match block.times.as_str() {
        "stable" => request.times = TimesMode::Stable,
        "real" => request.times = TimesMode::Real,
        _ => {}
    }
    match block.workspace.as_str() {
        "overlay" => request.workspace = WorkspaceMode::Overlay,
        "live" => request.workspace = WorkspaceMode::Live,
        _ => {}
    }
    request.commands.extend(block.commands.iter().map(|(k, v)| (k.clone(), v.clone())));
}

/// Whether a program of the task works on the workspaces themselves. Then all of them do, since
/// they could not see each other's files otherwise.
pub(super) fn is_live(task: &TaskSpec) -> bool {
    let (own, template) = (task.sandbox.as_ref(), task.step_template.as_ref().and_then(|t| t.sandbox.as_ref()));
    let steps = task.steps.iter().map(|step| merged(own, template, step.sandbox.as_ref()));
    let sidecars = task.sidecars.iter().map(|sidecar| merged(own, None, sidecar.sandbox.as_ref()));
    steps.chain(sidecars).any(|sandbox| sandbox.workspace == WorkspaceMode::Live)
}

/// Lowers the memory limit to what `computeResources` says; the run's override wins over the step.
pub(super) fn resources(
    request: &mut SandboxRequest,
    step: &ResourceRequirements,
    over: Option<&ResourceRequirements>,
) {
    let limit = over
        .and_then(|o| o.limits.get("memory"))
        .or_else(|| step.limits.get("memory"))
        .and_then(|memory| quantity::bytes(memory));
    request.memory = match (request.memory, limit) {
        (Some(own), Some(limit)) => Some(own.min(limit)),
        (own, limit) => own.or(limit),
    };
}
