//! wip
use crate::model::diagnostic::*;
use crate::model::objects::*;
use crate::model::tree::Node;
pub(super) enum Checked<'a> {
    Task(&'a TaskSpec),
    Pipeline(&'a PipelineSpec),
    StepAction(&'a StepActionSpec),
    TaskRun(&'a TaskRunSpec),
    PipelineRun(&'a PipelineRunSpec),
    CustomRun(&'a CustomRunSpec),
}
pub(super) fn object(_: Checked<'_>, _: &Metadata, _: &Node, _: &mut Diagnostics) {}
pub(super) fn metadata(_: &Metadata, _: &Node, _: &mut Diagnostics) {}
