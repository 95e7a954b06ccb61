//! `v1beta1` objects as `v1`: keys renamed and moved in the tree, so that every value keeps
//! its place and one set of types serves both.
//!
//! Knows what Tekton renamed between the two. Does not know rules.

use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::tree::{Entry, Kind, Node};

/// Fields of a v1beta1 step that Tekton reads and no longer acts on.
const IGNORED_STEP_FIELDS: [&str; 9] = [
    "ports",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "stdin",
    "stdinOnce",
];

/// `root` (an object of `kind` in v1beta1) with v1's keys. Fields that Tekton removed are refused here.
pub(super) fn to_v1(kind: &str, root: &Node, diagnostics: &mut Diagnostics) -> Node {
    let mut root = root.clone();
    if let Some(spec) = get_mut(&mut root, "spec") {
        let path = "spec".to_owned();
        let mut beta = Beta { diagnostics };
        match kind {
            "Task" => beta.task(spec, &path),
            "Pipeline" => beta.pipeline(spec, &path),
            "TaskRun" => beta.task_run(spec, &path),
            "PipelineRun" => beta.pipeline_run(spec, &path),
            _ => {}
        }
    }
    root
}

struct Beta<'a> {
    diagnostics: &'a mut Diagnostics,
}

impl Beta<'_> {
    fn task(&mut self, spec: &mut Node, path: &str) {
        self.removed(
            spec,
            path,
            "resources",
            "PipelineResources are gone from Tekton: use params, workspaces and results",
        );
        each(spec, "steps", |_, step| {
            rename(step, "resources", "computeResources");
            drop_fields(step, &IGNORED_STEP_FIELDS);
            drop_fields(step, &["tty"]);
        });
        each(spec, "sidecars", |_, sidecar| rename(sidecar, "resources", "computeResources"));
        if let Some(template) = get_mut(spec, "stepTemplate") {
            rename(template, "resources", "computeResources");
            drop_fields(template, &IGNORED_STEP_FIELDS);
            drop_fields(template, &["tty", "name"]);
        }
    }

    fn pipeline(&mut self, spec: &mut Node, path: &str) {
        self.removed(
            spec,
            path,
            "resources",
            "PipelineResources are gone from Tekton: use params, workspaces and results",
        );
        for list in ["tasks", "finally"] {
            each(spec, list, |index, task| {
                let path = format!("{path}.{list}[{index}]");
                self.removed(
                    task,
                    &path,
                    "resources",
                    "PipelineResources are gone from Tekton: use params, workspaces and results",
                );
                self.no_bundle(task, &path, "taskRef");
                self.no_bundle(task, &path, "pipelineRef");
                if let Some(inner) = get_mut(task, "taskSpec") {
                    self.task(inner, &format!("{path}.taskSpec"));
                }
                if let Some(inner) = get_mut(task, "pipelineSpec") {
                    self.pipeline(inner, &format!("{path}.pipelineSpec"));
                }
            });
        }
    }

    fn task_run(&mut self, spec: &mut Node, path: &str) {
        self.removed(
            spec,
            path,
            "resources",
            "PipelineResources are gone from Tekton: use params, workspaces and results",
        );
        self.no_bundle(spec, path, "taskRef");
        if let Some(inner) = get_mut(spec, "taskSpec") {
            self.task(inner, &format!("{path}.taskSpec"));
        }
        overrides(spec);
    }

    fn pipeline_run(&mut self, spec: &mut Node, path: &str) {
        self.removed(
            spec,
            path,
            "resources",
            "PipelineResources are gone from Tekton: use params, workspaces and results",
        );
        self.no_bundle(spec, path, "pipelineRef");
        if let Some(inner) = get_mut(spec, "pipelineSpec") {
            self.pipeline(inner, &format!("{path}.pipelineSpec"));
        }
        if let (Some(timeout), Some(timeouts)) = (spec.entry("timeout"), spec.entry("timeouts")) {
            self.diagnostics.push(
                Diagnostic::error(
                    "both-timeouts",
                    format!("{path}.timeout"),
                    "`timeout` and `timeouts` say the same thing twice",
                )
                .with_help(format!(
                    "keep `timeouts` (line {}) and say the whole run's limit in its `pipeline`",
                    timeouts.key_span.line
                ))
                .with_tekton(format!("expected exactly one, got both: {path}.timeout, {path}.timeouts"))
                .at(timeout.key_span),
            );
        }
        nest(spec, "timeout", "timeouts", "pipeline");
        nest(spec, "serviceAccountName", "taskRunTemplate", "serviceAccountName");
        nest(spec, "podTemplate", "taskRunTemplate", "podTemplate");
        each(spec, "taskRunSpecs", |_, task| {
            rename(task, "taskServiceAccountName", "serviceAccountName");
            rename(task, "taskPodTemplate", "podTemplate");
            overrides(task);
        });
    }

    /// Refuses and drops a field that Tekton removed.
    fn removed(&mut self, node: &mut Node, path: &str, field: &str, help: &str) {
        if let Some(entry) = node.entry(field).filter(|e| e.value.kind != Kind::Null) {
            self.diagnostics.push(
                Diagnostic::error(
                    "removed-field",
                    format!("{path}.{field}"),
                    format!("Tekton no longer has `{field}` here"),
                )
                .with_help(help)
                .with_tekton(format!("must not set the field(s): {path}.{field}"))
                .at(entry.key_span),
            );
        }
        drop_fields(node, &[field]);
    }

    fn no_bundle(&mut self, node: &mut Node, path: &str, reference: &str) {
        if let Some(inner) = get_mut(node, reference) {
            let path = format!("{path}.{reference}");
            self.removed(inner, &path, "bundle", "use `resolver: bundles` with params");
        }
    }
}

fn overrides(node: &mut Node) {
    rename(node, "stepOverrides", "stepSpecs");
    rename(node, "sidecarOverrides", "sidecarSpecs");
    for list in ["stepSpecs", "sidecarSpecs"] {
        each(node, list, |_, item| rename(item, "resources", "computeResources"));
    }
}

fn entries_mut(node: &mut Node) -> Option<&mut Vec<Entry>> {
    match &mut node.kind {
        Kind::Mapping(entries) => Some(entries),
        _ => None,
    }
}

fn get_mut<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    entries_mut(node)?.iter_mut().find(|e| e.key == key).map(|e| &mut e.value)
}

fn each(node: &mut Node, key: &str, mut act: impl FnMut(usize, &mut Node)) {
    if let Some(Node { kind: Kind::Sequence(items), .. }) = get_mut(node, key) {
        for (index, item) in items.iter_mut().enumerate() {
            act(index, item);
        }
    }
}

fn rename(node: &mut Node, from: &str, to: &str) {
    if node.entry(to).is_some() {
        return;
    }
    if let Some(entry) = entries_mut(node).and_then(|e| e.iter_mut().find(|e| e.key == from)) {
        to.clone_into(&mut entry.key);
    }
}

fn drop_fields(node: &mut Node, fields: &[&str]) {
    if let Some(entries) = entries_mut(node) {
        entries.retain(|e| !fields.contains(&e.key.as_str()));
    }
}

/// Moves the value under `from` to `outer.inner`, unless that is set.
fn nest(node: &mut Node, from: &str, outer: &str, inner: &str) {
    let Some(entries) = entries_mut(node) else { return };
    let Some(at) = entries.iter().position(|e| e.key == from) else { return };
    let mut moved = entries.remove(at);
    inner.clone_into(&mut moved.key);
    let place = moved.value.span;
    match entries.iter_mut().find(|e| e.key == outer) {
        Some(Entry { value: Node { kind: Kind::Mapping(target), .. }, .. }) => {
            if !target.iter().any(|e| e.key == inner) {
                target.push(moved);
            }
        }
        Some(_) => {}
        None => {
            let key_span = moved.key_span;
            let value = Node { span: place, kind: Kind::Mapping(vec![moved]) };
            entries.push(Entry { key: outer.to_owned(), key_span, value });
        }
    }
}
