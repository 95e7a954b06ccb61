//! Every task that a run may come to, with its place and the params that are known beforehand.
//!
//! Knows how runs, pipelines and tasks contain and name each other. Does not judge them.

use super::plan::resolve::{Found, Site, Target, known_inside};
use super::plan::{self, Body, MAX_PIPELINE_DEPTH, MAX_PLANNED_TASKS};
use super::refs::Known;
use super::{ObjectSet, RunObject, RunSpec};
use crate::model::objects::{Param, PipelineSpec, PipelineTask, PipelineTaskWorkspace, TaskSpec};
use std::collections::BTreeSet;

/// What is found on the way.
pub(super) enum Visit<'a> {
    Task(TaskVisit<'a>),
    Pipeline(PipelineVisit<'a>),
    /// Something that Stepwell does not run, and why. The site is that of whoever refers to it.
    Unsupported {
        message: String,
        site: Site<'a>,
    },
}

/// A task, and who runs it.
pub(super) struct TaskVisit<'a> {
    pub found: Found<'a, TaskSpec>,
    pub known: Known,
    /// The pipeline task; `None` for a TaskRun.
    pub by: Option<&'a PipelineTask>,
    /// Where the pipeline task or the run stands.
    pub caller: Site<'a>,
    /// The first time that this task is visited.
    pub first: bool,
}

/// A pipeline, and who runs it.
pub(super) struct PipelineVisit<'a> {
    pub name: Option<String>,
    pub spec: &'a PipelineSpec,
    /// The params that are passed.
    pub params: &'a [Param],
    /// The workspaces that are passed; `None` for the run itself.
    pub workspaces: Option<&'a [PipelineTaskWorkspace]>,
    pub caller: Site<'a>,
}

/// Calls `act` with every task and pipeline of `run`, those of pipelines in pipelines included.
pub(super) fn walk<'a>(set: &'a ObjectSet, run: &'a RunObject, act: &mut dyn FnMut(Visit<'a>)) {
    let namespace = plan::namespace(run);
    let site = Site::spec(set, run.document, run.source);
    let mut walker =
        Walker { set, namespace, act, seen: BTreeSet::new(), ancestors: Vec::new(), left: MAX_PLANNED_TASKS };
    match &run.spec {
        RunSpec::Task(spec) => {
            let target = plan::root_task(set, namespace, spec, &site);
            walker.task(target, &spec.params, &Known::new(), None, site);
        }
        RunSpec::Pipeline(spec) => {
            let target = plan::root_pipeline(set, namespace, spec, &site);
            walker.pipeline(target, &spec.params, None, &Known::new(), site);
        }
    }
}

struct Walker<'a, 'f> {
    set: &'a ObjectSet,
    namespace: &'a str,
    act: &'f mut dyn FnMut(Visit<'a>),
    /// Named tasks with what was known in them.
    seen: BTreeSet<(String, Known)>,
    ancestors: Vec<String>,
    left: usize,
}

impl<'a> Walker<'a, '_> {
    fn task(
        &mut self,
        target: Target<'a, TaskSpec>,
        passed: &[Param],
        known: &Known,
        by: Option<&'a PipelineTask>,
        caller: Site<'a>,
    ) {
        match target {
            Target::Found(found) => {
                let inside = known_inside(&found.spec.params, passed, known, found.name.is_none());
                let key = found.name.clone().map(|name| (name, inside.clone()));
                let first = key.is_none_or(|key| self.seen.insert(key));
                (self.act)(Visit::Task(TaskVisit { found, known: inside, by, caller, first }));
            }
            Target::NotFound(_) => {}
            Target::Unsupported(message) => (self.act)(Visit::Unsupported { message, site: caller }),
        }
    }

    fn pipeline(
        &mut self,
        target: Target<'a, PipelineSpec>,
        passed: &'a [Param],
        workspaces: Option<&'a [PipelineTaskWorkspace]>,
        known: &Known,
        caller: Site<'a>,
    ) {
        let found = match target {
            Target::Found(found) => found,
            Target::NotFound(_) => return,
            Target::Unsupported(message) => {
                (self.act)(Visit::Unsupported { message, site: caller });
                return;
            }
        };
        let again = found.name.as_ref().is_some_and(|n| self.ancestors.contains(n));
        let size = found.spec.tasks.len() + found.spec.finally.len();
        if again || self.ancestors.len() >= MAX_PIPELINE_DEPTH || self.left < size {
            return;
        }
        self.left -= size;
        self.ancestors.push(found.name.clone().unwrap_or_default());
        let inside = known_inside(&found.spec.params, passed, known, found.name.is_none());
        let spec: &'a PipelineSpec = found.spec;
        (self.act)(Visit::Pipeline(PipelineVisit { name: found.name, spec, params: passed, workspaces, caller }));
        for (key, list) in [("tasks", &spec.tasks), ("finally", &spec.finally)] {
            for (index, item) in list.iter().enumerate() {
                let site = found.site.item(key, index);
                match plan::body(self.set, self.namespace, item, &site, &inside) {
                    Body::Task(target) => self.task(target, &item.params, &inside, Some(item), site),
                    Body::Pipeline(target) => {
                        self.pipeline(target, &item.params, Some(&item.workspaces), &inside, site)
                    }
                }
            }
        }
        self.ancestors.pop();
    }
}
