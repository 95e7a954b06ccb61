//! What a step may ask of a container's resources: limits and requests, in units of its own.
//!
//! Knows Kubernetes' rules for what a container does not say, and that the sandbox's limits stand for a node's. Does not
//! know who asks.

use super::run::EngineOptions;
use super::sandbox;
use super::state::{TaskRun, step_name};
use crate::model::objects::{PodResource, ResourceKind, ResourceRef, ResourceRequirements, StepOverride};
use crate::model::quantity::{Quantity, bytes, thousandths};
use crate::model::request::SandboxRequest;

/// What a container has.
pub(super) struct Container {
    /// What it says, its run's own words for it over the task's.
    said: ResourceRequirements,
    /// What its sandbox gives it.
    sandbox: SandboxRequest,
}

impl Container {
    /// The container of a step.
    pub(super) fn step(task: &TaskRun, at: usize) -> Option<Self> {
        let step = task.spec.steps.get(at)?;
        let template = task.spec.step_template.as_ref();
        let mut said = step.compute_resources.clone();
        if let Some(template) = template {
            fill(&mut said, &template.compute_resources);
        }
        // Tekton: what the run says of the task is each step's limit.
        if let Some(all) = &task.compute_resources {
            said.limits.clone_from(&all.limits);
        }
        let over = task.step_specs.iter().find(|own| own.name == step.name);
        let blocks = (task.spec.sandbox.as_ref(), template.and_then(|t| t.sandbox.as_ref()), step.sandbox.as_ref());
        Some(Self::new(said, over, sandbox::merged(blocks.0, blocks.1, blocks.2)))
    }

    /// The container of a sidecar.
    pub(super) fn sidecar(task: &TaskRun, at: usize) -> Option<Self> {
        let sidecar = task.spec.sidecars.get(at)?;
        let over = task.sidecar_specs.iter().find(|own| own.name == sidecar.name);
        let sandbox = sandbox::merged(task.spec.sandbox.as_ref(), None, sidecar.sandbox.as_ref());
        Some(Self::new(sidecar.compute_resources.clone(), over, sandbox))
    }

    /// The container of that name in the task's Pod.
    pub(super) fn named(task: &TaskRun, name: &str) -> Option<Self> {
        let spec = &task.spec;
        if let Some(step) = name.strip_prefix("step-") {
            let at = (0..spec.steps.len()).find(|at| step_name(spec, *at) == step)?;
            return Self::step(task, at);
        }
        let sidecar = name.strip_prefix("sidecar-")?;
        Self::sidecar(task, spec.sidecars.iter().position(|own| own.name == sidecar)?)
    }

    fn new(own: ResourceRequirements, over: Option<&StepOverride>, mut sandbox: SandboxRequest) -> Self {
        let mut said = over.map(|over| over.compute_resources.clone()).unwrap_or_default();
        fill(&mut said, &own);
        sandbox::resources(&mut sandbox, &own, over.map(|over| &over.compute_resources));
        Self { said, sandbox }
    }

    /// What the sandbox is asked for.
    pub(super) fn sandbox(&self) -> &SandboxRequest {
        &self.sandbox
    }

    /// Kubernetes: rounded up. A limit that is not said is the node's, a request that is not said is the limit that is.
    pub(super) fn value(&self, asked: &ResourceRef, options: &EngineOptions) -> Option<String> {
        let resource = PodResource::parse(&asked.resource)?;
        let unit = resource.unit(&asked.divisor)?;
        let key = resource.kind.key();
        let amount = |said: &Quantity| match resource.kind {
            ResourceKind::Cpu => thousandths(said),
            ResourceKind::Memory | ResourceKind::Storage => bytes(said).map(u128::from),
        };
        let limit = self.said.limits.get(key).and_then(amount);
        let amount = if resource.is_limit {
            limit.filter(|limit| *limit > 0).unwrap_or_else(|| self.own(resource.kind, options))
        } else {
            self.said.requests.get(key).and_then(amount).or(limit).unwrap_or(0)
        };
        Some(amount.div_ceil(unit).to_string())
    }

    /// What the sandbox gives: one processor, and no more memory and disk than both the block and the operator say.
    fn own(&self, kind: ResourceKind, options: &EngineOptions) -> u128 {
        let lower = |own: Option<u64>, most: u64| u128::from(own.map_or(most, |own| own.min(most)));
        match kind {
            ResourceKind::Cpu => 1000,
            ResourceKind::Memory => lower(self.sandbox.memory, options.memory),
            ResourceKind::Storage => lower(self.sandbox.disk, options.disk),
        }
    }
}

/// Adds what `own` does not say.
pub(super) fn fill(own: &mut ResourceRequirements, from: &ResourceRequirements) {
    for (key, value) in &from.limits {
        own.limits.entry(key.clone()).or_insert_with(|| value.clone());
    }
    for (key, value) in &from.requests {
        own.requests.entry(key.clone()).or_insert_with(|| value.clone());
    }
}
