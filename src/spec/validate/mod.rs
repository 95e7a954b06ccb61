//! Tekton's admission rules, rule by rule, with alpha fields on: what it refuses is refused
//! for the same reason in clearer words, what it admits is admitted.
//!
//! Knows one object at a time. References between objects are looked at in `crosscheck`.

mod graph;
mod inline;
mod matrix;
mod names;
mod params;
mod pipeline;
mod pipeline_task;
mod reference;
mod report;
mod results;
mod run;
mod sandboxes;
mod step;
mod step_action;
mod task;
mod usage;
mod variables;
mod when;
mod workspaces;

use crate::model::diagnostic::Diagnostics;
use crate::model::objects::{
    CustomRunSpec, Metadata, PipelineRunSpec, PipelineSpec, StepActionSpec, TaskRunSpec, TaskSpec,
};
use crate::model::tree::Node;
use report::Report;

/// An object of Tekton's with its defaults set.
pub(super) enum Checked<'a> {
    Task(&'a TaskSpec),
    Pipeline(&'a PipelineSpec),
    StepAction(&'a StepActionSpec),
    TaskRun(&'a TaskRunSpec),
    PipelineRun(&'a PipelineRunSpec),
    CustomRun(&'a CustomRunSpec),
}

/// Says what is wrong with an object. `root` is its tree, with v1's keys.
pub(super) fn object(object: Checked<'_>, metadata: &Metadata, root: &Node, diagnostics: &mut Diagnostics) {
    let mut report = Report::new(root, diagnostics);
    names::metadata(metadata, &mut report);
    match object {
        Checked::Task(spec) => {
            task::spec(spec, &report::SPEC, &mut report);
            task::declares_its_params(spec, &mut report);
        }
        Checked::Pipeline(spec) => {
            pipeline::spec(spec, &report::SPEC, &mut report);
            pipeline::declares_what_it_uses(spec, &mut report);
        }
        Checked::StepAction(spec) => step_action::check(spec, &mut report),
        Checked::TaskRun(spec) => run::task_run(spec, &mut report),
        Checked::PipelineRun(spec) => run::pipeline_run(spec, &mut report),
        Checked::CustomRun(spec) => run::custom_run(spec, &mut report),
    }
    sandboxes::check(&object, metadata, &mut report);
}

/// The rules for the name of any object.
pub(super) fn metadata(metadata: &Metadata, root: &Node, diagnostics: &mut Diagnostics) {
    names::metadata(metadata, &mut Report::new(root, diagnostics));
}
