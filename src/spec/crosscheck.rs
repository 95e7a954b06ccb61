//! What a look at several objects together shows: params, workspaces and results that one
//! wants and the other lacks. Tekton starts such runs and ends them Failed, so these are warnings.
//!
//! Knows references between the objects of the input. Does not know rules of a single object.

use super::plan::resolve::Site;
use super::walk::{self, PipelineVisit, TaskVisit, Visit};
use super::{ObjectSet, RunObject, RunSpec, refs};
use crate::model::decode::nearest;
use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::objects::{ParamSpec, PipelineSpec, PipelineTask, TaskSpec};
use crate::model::tree::Span;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn warnings(set: &ObjectSet, diagnostics: &mut Diagnostics) {
    let mut findings = Findings { out: diagnostics, said: BTreeSet::new() };
    for run in &set.runs {
        of_run(set, run, &mut findings);
    }
    for ((namespace, _), pipeline) in &set.pipelines {
        let site = Site::spec(set, pipeline.document, pipeline.source);
        results(set, namespace, &pipeline.spec, &site, &mut findings);
    }
}

struct Findings<'a> {
    out: &'a mut Diagnostics,
    /// A task used by many runs is said once.
    said: BTreeSet<(Span, String)>,
}

impl Findings<'_> {
    fn warn(&mut self, code: &str, site: &Site<'_>, message: String, help: String) {
        let place = site.node.map(|n| n.span);
        if self.said.insert((place.unwrap_or_default(), message.clone())) {
            let mut diagnostic = Diagnostic::warning(code, site.path.clone(), message).with_help(help);
            diagnostic.span = place;
            self.out.push(diagnostic);
        }
    }
}

/// What a run gives by itself; it reaches into inline specs.
struct Given<'a> {
    params: BTreeSet<&'a str>,
    workspaces: BTreeSet<&'a str>,
}

fn of_run(set: &ObjectSet, run: &RunObject, findings: &mut Findings<'_>) {
    let site = Site::spec(set, run.document, run.source);
    let (params, workspaces) = match &run.spec {
        RunSpec::Task(spec) => (&spec.params, &spec.workspaces),
        RunSpec::Pipeline(spec) => (&spec.params, &spec.workspaces),
    };
    let given = Given {
        params: params.iter().map(|p| p.name.as_str()).collect(),
        workspaces: workspaces.iter().map(|w| w.name.as_str()).collect(),
    };
    missing_reference(set, run, &site, findings);
    walk::walk(set, run, &mut |visit| match visit {
        Visit::Task(visit) => task(&visit, &given, findings),
        Visit::Pipeline(visit) => pipeline(&visit, &given, findings),
        Visit::Unsupported { .. } => {}
    });
}

/// A run's own reference that leads nowhere in the files.
fn missing_reference(set: &ObjectSet, run: &RunObject, site: &Site<'_>, findings: &mut Findings<'_>) {
    let namespace = super::plan::namespace(run);
    let (kind, key, reference, known): (_, _, _, Vec<&str>) = match &run.spec {
        RunSpec::Task(spec) => ("Task", "taskRef", &spec.task_ref, set.tasks.keys().map(|(_, n)| n.as_str()).collect()),
        RunSpec::Pipeline(spec) => {
            ("Pipeline", "pipelineRef", &spec.pipeline_ref, set.pipelines.keys().map(|(_, n)| n.as_str()).collect())
        }
    };
    let Some(found) =
        reference.as_ref().filter(|r| r.resolver.is_empty() && !r.name.is_empty() && r.api_version.is_empty())
    else {
        return;
    };
    let name = (namespace.to_owned(), found.name.clone());
    if set.tasks.contains_key(&name) && kind == "Task" || set.pipelines.contains_key(&name) && kind == "Pipeline" {
        return;
    }
    let help = match nearest(&found.name, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add the {kind} to the files (-f)"),
    };
    findings.warn(
        "missing-reference",
        &site.key(key).key("name"),
        format!("the {kind} `{}` is in no file: the run will fail", found.name),
        help,
    );
}

fn task(visit: &TaskVisit<'_>, given: &Given<'_>, findings: &mut Findings<'_>) {
    let spec = visit.found.spec;
    let name = visit.found.name.as_deref().unwrap_or("the task");
    match visit.by {
        // An inline task gets its params and workspaces from around it as well.
        Some(_) if visit.found.name.is_none() => {}
        Some(by) => {
            let passed: BTreeSet<&str> = refs::all_params(by).map(|p| p.name.as_str()).collect();
            let mapped: BTreeSet<&str> = by.workspaces.iter().map(|w| w.name.as_str()).collect();
            params(&spec.params, &|p| passed.contains(p), name, &visit.caller, findings);
            task_workspaces(spec, &mapped, name, &visit.caller, findings);
        }
        None => {
            params(&spec.params, &|p| given.params.contains(p), name, &visit.caller, findings);
            task_workspaces(spec, &given.workspaces, name, &visit.caller, findings);
        }
    }
}

fn task_workspaces(
    spec: &TaskSpec,
    bound: &BTreeSet<&str>,
    name: &str,
    caller: &Site<'_>,
    findings: &mut Findings<'_>,
) {
    for workspace in spec.workspaces.iter().filter(|w| !w.optional && !bound.contains(w.name.as_str())) {
        missing_workspace(&workspace.name, name, caller, findings);
    }
}

fn missing_workspace(workspace: &str, name: &str, caller: &Site<'_>, findings: &mut Findings<'_>) {
    let message = format!("{name} needs the workspace `{workspace}`, which it is not given: the run will fail");
    let help = "add it under `workspaces`; a run binds it to a source, for example `emptyDir: {}`".to_owned();
    findings.warn("missing-workspace", caller, message, help);
}

fn pipeline(visit: &PipelineVisit<'_>, given: &Given<'_>, findings: &mut Findings<'_>) {
    let inline = visit.name.is_none();
    let name = visit.name.as_deref().unwrap_or("the pipeline");
    let Some(mapped) = visit.workspaces else {
        // The run's own pipeline.
        params(&visit.spec.params, &|p| given.params.contains(p), name, &visit.caller, findings);
        for workspace in visit.spec.workspaces.iter().filter(|w| !w.optional) {
            if !given.workspaces.contains(workspace.name.as_str()) {
                missing_workspace(&workspace.name, name, &visit.caller, findings);
            }
        }
        return;
    };
    if inline {
        return;
    }
    let passed: BTreeSet<&str> = visit.params.iter().map(|p| p.name.as_str()).collect();
    let mapped: BTreeSet<&str> = mapped.iter().map(|w| w.name.as_str()).collect();
    params(&visit.spec.params, &|p| passed.contains(p), name, &visit.caller, findings);
    for workspace in visit.spec.workspaces.iter().filter(|w| !w.optional && !mapped.contains(w.name.as_str())) {
        missing_workspace(&workspace.name, name, &visit.caller, findings);
    }
}

/// Required params that are not given.
fn params(
    declared: &[ParamSpec],
    given: &dyn Fn(&str) -> bool,
    name: &str,
    caller: &Site<'_>,
    findings: &mut Findings<'_>,
) {
    let missing: Vec<&str> =
        declared.iter().filter(|p| p.default.is_none() && !given(&p.name)).map(|p| p.name.as_str()).collect();
    if missing.is_empty() {
        return;
    }
    let message = format!(
        "{name} needs the params {}, which have no default and are not given: the run will fail",
        missing.join(", ")
    );
    findings.warn("missing-param", caller, message, "add them under `params`, or give them a `default`".to_owned());
}

/// Results of Tasks in the files that those Tasks do not declare.
fn results(set: &ObjectSet, namespace: &str, pipeline: &PipelineSpec, site: &Site<'_>, findings: &mut Findings<'_>) {
    let known = refs::Known::new();
    let declared: BTreeMap<&str, BTreeSet<&str>> = pipeline
        .tasks
        .iter()
        .filter_map(|t| {
            let reference = t.task_ref.as_ref()?;
            let super::plan::resolve::Target::Found(found) = set.task_of(namespace, reference, &known) else {
                return None;
            };
            let names = found.spec.results.iter().map(|r| r.name.as_str()).collect();
            Some((t.name.as_str(), names))
        })
        .collect();
    for (key, list) in [("tasks", &pipeline.tasks), ("finally", &pipeline.finally)] {
        for (index, item) in list.iter().enumerate() {
            undeclared(item, &declared, &site.item(key, index), findings);
        }
    }
}

fn undeclared(
    item: &PipelineTask,
    declared: &BTreeMap<&str, BTreeSet<&str>>,
    site: &Site<'_>,
    findings: &mut Findings<'_>,
) {
    for reference in refs::result_refs(item) {
        let Some(results) = declared.get(reference.task).filter(|r| !r.contains(reference.result)) else { continue };
        let known: Vec<&str> = results.iter().copied().collect();
        let help = match nearest(reference.result, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "declare it under the task's `results`".to_owned(),
        };
        let message = format!("the task `{}` declares no result `{}`", reference.task, reference.result);
        findings.warn("undeclared-result", site, message, help);
    }
}
