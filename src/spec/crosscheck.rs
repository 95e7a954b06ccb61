//! What a look at several objects together shows: params, workspaces and results that one
//! wants and the other lacks. Tekton starts such runs and ends them Failed, so these are warnings.
//!
//! Knows references between the objects of the input. Does not know rules of a single object.

use super::plan::resolve::Site;
use super::walk::{self, PipelineVisit, TaskVisit, Visit};
use super::{ObjectSet, RunObject, RunSpec, refs};
use crate::model::decode::nearest;
use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::objects::{Param, ParamSpec, PipelineSpec, PipelineTask};
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

fn of_run(set: &ObjectSet, run: &RunObject, findings: &mut Findings<'_>) {
    let site = Site::spec(set, run.document, run.source);
    // Params and workspaces of the run reach into inline specs by themselves.
    let (run_params, bound): (&[Param], BTreeSet<&str>) = match &run.spec {
        RunSpec::Task(spec) => (&spec.params, spec.workspaces.iter().map(|w| w.name.as_str()).collect()),
        RunSpec::Pipeline(spec) => (&spec.params, spec.workspaces.iter().map(|w| w.name.as_str()).collect()),
    };
    missing_reference(set, run, &site, findings);
    walk::walk(set, run, &mut |visit| match visit {
        Visit::Task(visit) => task(&visit, run_params, &bound, findings),
        Visit::Pipeline(visit) => pipeline(&visit, run_params, &bound, findings),
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

fn task(visit: &TaskVisit<'_>, run_params: &[Param], bound: &BTreeSet<&str>, findings: &mut Findings<'_>) {
    let spec = visit.found.spec;
    let inline = visit.found.name.is_none();
    let name = visit.found.name.as_deref().unwrap_or("the task");
    let mut given: BTreeSet<&str> = match visit.by {
        Some(by) => refs::all_params(by).map(|p| p.name.as_str()).collect(),
        None => run_params.iter().map(|p| p.name.as_str()).collect(),
    };
    if inline {
        given.extend(run_params.iter().map(|p| p.name.as_str()));
        // Params of the pipeline around an inline task are known inside as well.
        given.extend(visit.known.keys().map(String::as_str));
    }
    params(&spec.params, &given, name, visit.by.is_some() && inline, &visit.caller, findings);
    for workspace in spec.workspaces.iter().filter(|w| !w.optional) {
        let has = match visit.by {
            Some(by) => {
                by.workspaces.iter().any(|w| w.name == workspace.name)
                    || (inline && bound.contains(workspace.name.as_str()))
            }
            None => bound.contains(workspace.name.as_str()),
        };
        let inherits = inline && visit.by.is_some();
        if !has && !inherits {
            let message =
                format!("{name} needs the workspace `{}`, which it is not given: the run will fail", workspace.name);
            findings.warn("missing-workspace", &visit.caller, message, "add it under `workspaces`".to_owned());
        }
    }
}

fn pipeline(visit: &PipelineVisit<'_>, run_params: &[Param], bound: &BTreeSet<&str>, findings: &mut Findings<'_>) {
    let inline = visit.name.is_none();
    let name = visit.name.as_deref().unwrap_or("the pipeline");
    let mut given: BTreeSet<&str> = visit.params.iter().map(|p| p.name.as_str()).collect();
    if inline {
        given.extend(run_params.iter().map(|p| p.name.as_str()));
    }
    params(&visit.spec.params, &given, name, inline && visit.workspaces.is_some(), &visit.caller, findings);
    for workspace in visit.spec.workspaces.iter().filter(|w| !w.optional) {
        let has = match visit.workspaces {
            Some(passed) => {
                passed.iter().any(|w| w.name == workspace.name) || (inline && bound.contains(workspace.name.as_str()))
            }
            None => bound.contains(workspace.name.as_str()),
        };
        if !has {
            let message =
                format!("{name} needs the workspace `{}`, which it is not given: the run will fail", workspace.name);
            let help = "bind it under `workspaces`, for example `emptyDir: {}`".to_owned();
            findings.warn("missing-workspace", &visit.caller, message, help);
        }
    }
}

/// Required params that are not given. `unsure`: an inline spec deep inside may get them from around it.
fn params(
    declared: &[ParamSpec],
    given: &BTreeSet<&str>,
    name: &str,
    unsure: bool,
    caller: &Site<'_>,
    findings: &mut Findings<'_>,
) {
    let missing: Vec<&str> = declared
        .iter()
        .filter(|p| p.default.is_none() && !given.contains(p.name.as_str()))
        .map(|p| p.name.as_str())
        .collect();
    if missing.is_empty() || unsure {
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
