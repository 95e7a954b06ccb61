//! What a run asks for that Tekton would admit and Stepwell cannot do here: said before
//! anything runs.
//!
//! Knows what this version does not do, and which objects the files hold. Whether an image can
//! be run is asked of whoever knows executors.

mod accounts;
mod objects;
mod task;

use super::plan::resolve::Site;
use super::walk::{self, Visit};
use super::{ObjectSet, RunObject, RunSpec, plan};
use crate::model::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::objects::{TaskRunDebug, WhenExpression, WorkspaceBinding};
use crate::model::tree::Span;
use objects::Objects;
use std::collections::BTreeSet;

/// Tekton's own controller, the default of `managedBy`.
const TEKTON_CONTROLLER: &str = "tekton.dev/pipeline";

pub(super) fn cannot_run(
    set: &ObjectSet,
    run: &RunObject,
    images: &dyn Fn(&str, u32) -> Result<(), String>,
) -> Diagnostics {
    let mut findings = Findings { out: Diagnostics::default(), said: BTreeSet::new() };
    let namespace = plan::namespace(run);
    let objects = Objects { set, namespace, task: None };
    let site = Site::spec(set, run.document, run.source);
    let (managed_by, bindings) = match &run.spec {
        RunSpec::Pipeline(spec) => (&spec.managed_by, &spec.workspaces),
        RunSpec::Task(spec) => {
            debug(spec.debug.as_ref(), &site.key("debug"), &mut findings);
            (&spec.managed_by, &spec.workspaces)
        }
    };
    if let Some(manager) = managed_by.as_ref().filter(|m| !m.is_empty() && *m != TEKTON_CONTROLLER) {
        let message = format!("the run is left to `{manager}`: Tekton does not touch it");
        findings.refuse(
            "managed-by",
            &site.key("managedBy"),
            message,
            format!("remove `managedBy`, or write {TEKTON_CONTROLLER}"),
        );
    }
    for (index, binding) in bindings.iter().enumerate() {
        workspace(binding, &site.item("workspaces", index), &objects, &mut findings);
    }
    accounts::check(&run.spec, &site, &objects, &mut findings);
    let run_annotation = match run.spec {
        RunSpec::Task(_) => super::sandbox::quietly(&run.metadata.annotations),
        RunSpec::Pipeline(_) => None,
    };
    walk::walk(set, run, &mut |visit| match visit {
        Visit::Task(visit) => {
            if let Some(by) = visit.by {
                guards(&by.when, &visit.caller, &mut findings);
            }
            if visit.first {
                task::check(&visit.found, &visit.known, run_annotation.as_ref(), &objects, images, &mut findings);
            }
        }
        Visit::Pipeline(_) => {}
        Visit::Unsupported { message, site } => {
            let help = "remove the reference, or run it on Tekton";
            findings.refuse("unsupported-reference", &reference(&site), message, help.to_owned());
        }
    });
    findings.out.sort();
    findings.out
}

/// The reference of a pipeline task or a run, for a diagnostic's place.
fn reference<'a>(site: &Site<'a>) -> Site<'a> {
    ["taskRef", "pipelineRef", "taskSpec"]
        .iter()
        .map(|key| site.key(key))
        .find(|inner| inner.node.is_some())
        .unwrap_or_else(|| site.clone())
}

/// Functions of CEL that are not there: those of times.
const NO_FUNCTIONS: [&str; 3] = ["timestamp", "duration", "getFullYear"];

/// Guards that could not be evaluated when their turn comes.
fn guards(guards: &[WhenExpression], owner: &Site<'_>, findings: &mut Findings) {
    for (index, guard) in guards.iter().enumerate() {
        if let Some(name) = NO_FUNCTIONS.iter().find(|name| guard.cel.contains(&format!("{name}("))) {
            let message = format!("the guard's CEL uses `{name}`: times are not supported here");
            let help = "compare texts: size, contains, startsWith, endsWith, matches, in".to_owned();
            findings.refuse("unsupported-cel", &owner.item("when", index).key("cel"), message, help);
        }
    }
}

fn debug(found: Option<&TaskRunDebug>, site: &Site<'_>, findings: &mut Findings) {
    if found.is_some_and(|d| d.breakpoints.is_some()) {
        let message = "breakpoints hold a Pod until somebody goes into it, and there is no Pod here".to_owned();
        findings.refuse("debug", site, message, "remove `debug`".to_owned());
    }
}

fn workspace(binding: &WorkspaceBinding, site: &Site<'_>, objects: &Objects<'_>, findings: &mut Findings) {
    if let Some(source) = &binding.config_map {
        objects.config_map_volume(source, &super::refs::Known::new(), &site.key("configMap"), findings);
    }
    if let Some(source) = &binding.secret {
        objects.secret_volume(source, &source.secret_name, &super::refs::Known::new(), &site.key("secret"), findings);
    }
    if let Some(source) = &binding.projected {
        objects.projected(source, &super::refs::Known::new(), &site.key("projected"), findings);
    }
    if let Some(source) = &binding.persistent_volume_claim {
        objects.claim(&source.claim_name, &site.key("persistentVolumeClaim"), findings);
    }
    if binding.csi.is_some() {
        let message = format!("the workspace `{}` is a CSI volume, which needs a cluster's driver", binding.name);
        findings.refuse(
            "unsupported-volume",
            &site.key("csi"),
            message,
            "use emptyDir, a claim, or -w NAME=PATH".to_owned(),
        );
    }
}

/// The findings, each said once however often a task is used.
struct Findings {
    out: Diagnostics,
    said: BTreeSet<(Span, String)>,
}

impl Findings {
    fn refuse(&mut self, code: &str, site: &Site<'_>, message: String, help: String) {
        self.add(Severity::Error, code, site, message, help);
    }

    fn warn(&mut self, code: &str, site: &Site<'_>, message: String, help: String) {
        self.add(Severity::Warning, code, site, message, help);
    }

    fn add(&mut self, severity: Severity, code: &str, site: &Site<'_>, message: String, help: String) {
        let place = site.node.map(|n| n.span);
        if !self.said.insert((place.unwrap_or_default(), message.clone())) {
            return;
        }
        let mut diagnostic = Diagnostic::error(code, site.path.clone(), message).with_help(help);
        diagnostic.severity = severity;
        diagnostic.span = place;
        self.out.push(diagnostic);
    }
}
