//! What files say that is accepted, as Tekton accepts it, and has no effect where there is no Pod.
//!
//! Knows which fields those are. Does not judge them: a file that runs on a cluster says them for good reasons.

use crate::model::objects::{PodTemplate, ResourceRequirements, SecurityContext, Sidecar, Step, StepTemplate, Volume};
use crate::model::plan::{PipelinePlan, Plan, Resolved, Root, TaskBody, TaskPlan};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Fields without effect, each with the places that say it: `TASK/STEP`, or the run itself.
pub type Idle = BTreeMap<String, BTreeSet<String>>;

/// The tasks of a plan, each with the pipeline tasks on the way to it.
pub(super) fn tasks(plan: &Plan) -> Vec<(String, &TaskPlan)> {
    let mut found = Vec::new();
    match &plan.root {
        Root::Pipeline { pipeline: Resolved::Found(pipeline), .. } => below(pipeline, "", &mut found),
        Root::Task { task: Resolved::Found(task), .. } => found.push((plan.metadata.name.clone(), &**task)),
        Root::Pipeline { .. } | Root::Task { .. } => {}
    }
    found
}

fn below<'a>(pipeline: &'a PipelinePlan, prefix: &str, found: &mut Vec<(String, &'a TaskPlan)>) {
    for planned in &pipeline.tasks {
        let name = format!("{prefix}{}", planned.task.name);
        match &planned.body {
            TaskBody::Task(Resolved::Found(task)) => found.push((name, task)),
            TaskBody::Pipeline(Resolved::Found(child)) => below(child, &format!("{name}/"), found),
            TaskBody::Task(_) | TaskBody::Pipeline(_) => {}
        }
    }
}

/// Tekton's name of a step, where its task gives none too.
pub(super) fn step_name(step: &Step, index: usize) -> String {
    if step.name.is_empty() { format!("unnamed-{index}") } else { step.name.clone() }
}

/// Adds what a plan says without effect.
pub(super) fn gather(plan: &Plan, idle: &mut Idle) {
    let mut places = Places { idle };
    match &plan.root {
        Root::Pipeline { spec, .. } => {
            places.template(spec.task_run_template.pod_template.as_ref(), "the run");
            for own in &spec.task_run_specs {
                places.template(own.pod_template.as_ref(), &own.pipeline_task_name);
            }
        }
        Root::Task { spec, .. } => places.template(spec.pod_template.as_ref(), "the run"),
    }
    for (name, task) in tasks(plan) {
        if let Some(template) = &task.spec.step_template {
            places.step_template(template, &format!("{name}/stepTemplate"));
        }
        task.spec.volumes.iter().for_each(|volume| places.volume(volume, &name));
        for (index, step) in task.spec.steps.iter().enumerate() {
            let place = format!("{name}/{}", step_name(step, index));
            places.container(step.security_context.as_ref(), &step.compute_resources, &step.image_pull_policy, &place);
        }
        for sidecar in &task.spec.sidecars {
            places.sidecar(sidecar, &format!("{name}/{}", sidecar.name));
        }
    }
}

/// What of a security context programs are told.
const WHO: [&str; 2] = ["runAsUser", "runAsGroup"];

struct Places<'a> {
    idle: &'a mut Idle,
}

impl Places<'_> {
    fn say(&mut self, field: &str, place: &str) {
        self.idle.entry(field.to_owned()).or_default().insert(place.to_owned());
    }

    /// Every field that an object sets, but those that have an effect.
    fn each(&mut self, of: &str, object: &impl Serialize, but: &[&str], place: &str) {
        // What cannot be written as JSON sets nothing.
        let Ok(Json::Object(fields)) = serde_json::to_value(object) else { return };
        for field in fields.keys().filter(|field| !but.contains(&field.as_str())) {
            self.say(&format!("{of}.{field}"), place);
        }
    }

    fn template(&mut self, template: Option<&PodTemplate>, place: &str) {
        if let Some(template) = template {
            self.each("podTemplate", template, &["env", "volumes", "securityContext"], place);
            template.volumes.iter().for_each(|volume| self.volume(volume, place));
            if let Some(context) = &template.security_context {
                self.each("podTemplate.securityContext", context, &WHO, place);
            }
        }
    }

    fn volume(&mut self, volume: &Volume, place: &str) {
        if let Some(empty) = &volume.empty_dir {
            self.each("emptyDir", empty, &[], &format!("{place}, volume {}", volume.name));
        }
    }

    fn step_template(&mut self, template: &StepTemplate, place: &str) {
        let StepTemplate { security_context, compute_resources, image_pull_policy, .. } = template;
        self.container(security_context.as_ref(), compute_resources, image_pull_policy, place);
    }

    fn container(
        &mut self,
        context: Option<&SecurityContext>,
        resources: &ResourceRequirements,
        pull: &str,
        place: &str,
    ) {
        if let Some(context) = context {
            self.each("securityContext", context, &WHO, place);
        }
        self.each("computeResources", resources, &["limits"], place);
        // A limit of memory is the sandbox's too.
        for resource in resources.limits.keys().filter(|resource| *resource != "memory") {
            self.say(&format!("computeResources.limits.{resource}"), place);
        }
        if !pull.is_empty() {
            self.say("imagePullPolicy", place);
        }
    }

    fn sidecar(&mut self, sidecar: &Sidecar, place: &str) {
        let Sidecar { security_context, compute_resources, image_pull_policy, .. } = sidecar;
        self.container(security_context.as_ref(), compute_resources, image_pull_policy, place);
        let fields = [
            ("ports", !sidecar.ports.is_null()),
            ("livenessProbe", sidecar.liveness_probe.is_some()),
            ("startupProbe", sidecar.startup_probe.is_some()),
            ("lifecycle", sidecar.lifecycle.is_some()),
            ("terminationMessagePath", !sidecar.termination_message_path.is_empty()),
            ("terminationMessagePolicy", !sidecar.termination_message_policy.is_empty()),
            ("stdin", sidecar.stdin),
            ("stdinOnce", sidecar.stdin_once),
            ("tty", sidecar.tty),
            ("restartPolicy", sidecar.restart_policy.is_some()),
        ];
        for (field, _) in fields.into_iter().filter(|(_, is_set)| *is_set) {
            self.say(field, place);
        }
    }
}
