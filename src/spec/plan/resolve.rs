//! Following references: from a run or a pipeline task to the Task, Pipeline or StepAction
//! that it names, with the place where that stands.
//!
//! Knows the object set and Tekton's ways to refer. Does not know graphs.

use crate::model::objects::{ObjectRef, Param, ParamSpec, PipelineSpec, StepRef, TaskSpec};
use crate::model::plan::Resolved;
use crate::model::tree::{Kind, Node};
use crate::model::value::ParamValue;
use crate::spec::refs::{Known, substitute};
use crate::spec::{Declared, Key, ObjectSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A node of a document with Tekton's path of it.
#[derive(Debug, Clone)]
pub(in crate::spec) struct Site<'a> {
    /// `None` where the tree has nothing there.
    pub node: Option<&'a Node>,
    pub path: String,
    /// Index of the input file.
    pub source: u32,
}

impl<'a> Site<'a> {
    /// The spec of document number `document`.
    pub(in crate::spec) fn spec(set: &'a ObjectSet, document: usize, source: u32) -> Self {
        let node = set.documents.get(document).and_then(|d| d.root.get("spec"));
        Self { node, path: "spec".to_owned(), source }
    }

    /// The value under `key`.
    pub(in crate::spec) fn key(&self, key: &str) -> Self {
        Self { node: self.node.and_then(|n| n.get(key)), path: format!("{}.{key}", self.path), source: self.source }
    }

    /// Element number `index` of the list under `key`.
    pub(in crate::spec) fn item(&self, key: &str, index: usize) -> Self {
        let node = self.node.and_then(|n| n.get(key)).and_then(|list| match &list.kind {
            Kind::Sequence(items) => items.get(index),
            _ => None,
        });
        Self { node, path: format!("{}.{key}[{index}]", self.path), source: self.source }
    }
}

/// What a reference or an inline spec leads to.
pub(in crate::spec) enum Target<'a, T> {
    Found(Found<'a, T>),
    NotFound(String),
    Unsupported(String),
}

/// A spec with its name (where it has one), its labels and annotations, and its place.
pub(in crate::spec) struct Found<'a, T> {
    pub name: Option<String>,
    pub labels: &'a BTreeMap<String, String>,
    pub annotations: &'a BTreeMap<String, String>,
    pub spec: &'a Arc<T>,
    pub site: Site<'a>,
}

/// Labels of what has none.
pub(in crate::spec) static NOTHING: BTreeMap<String, String> = BTreeMap::new();

impl ObjectSet {
    fn declared<'a, T>(
        &'a self,
        objects: &'a BTreeMap<Key, Declared<T>>,
        namespace: &str,
        name: String,
    ) -> Target<'a, T> {
        let key = (namespace.to_owned(), name);
        match objects.get(&key) {
            Some(object) => Target::Found(Found {
                name: Some(key.1),
                labels: &object.metadata.labels,
                annotations: &object.metadata.annotations,
                spec: &object.spec,
                site: Site::spec(self, object.document, object.source),
            }),
            None => Target::NotFound(key.1),
        }
    }

    /// The Task that `reference` names.
    pub(in crate::spec) fn task_of<'a>(
        &'a self,
        namespace: &str,
        reference: &ObjectRef,
        known: &Known,
    ) -> Target<'a, TaskSpec> {
        if let Some(message) = unsupported(reference, "Task") {
            return Target::Unsupported(message);
        }
        self.declared(&self.tasks, namespace, substitute(&reference.name, known))
    }

    /// The Pipeline that `reference` names.
    pub(in crate::spec) fn pipeline_of<'a>(
        &'a self,
        namespace: &str,
        reference: &ObjectRef,
        known: &Known,
    ) -> Target<'a, PipelineSpec> {
        if let Some(message) = unsupported(reference, "Pipeline") {
            return Target::Unsupported(message);
        }
        self.declared(&self.pipelines, namespace, substitute(&reference.name, known))
    }

    /// The StepAction that `reference` names.
    pub(in crate::spec) fn step_action_of<'a>(
        &'a self,
        namespace: &str,
        reference: &StepRef,
    ) -> Target<'a, crate::model::objects::StepActionSpec> {
        if !reference.resolver.is_empty() {
            return Target::Unsupported(resolver(&reference.resolver));
        }
        self.declared(&self.step_actions, namespace, reference.name.clone())
    }
}

/// Why a reference cannot be followed here, if so.
fn unsupported(reference: &ObjectRef, kind: &str) -> Option<String> {
    if !reference.resolver.is_empty() {
        return Some(resolver(&reference.resolver));
    }
    let own_kind = reference.kind.is_empty() || reference.kind == kind;
    // Tekton: an apiVersion on a task reference makes it a custom task, whatever it says.
    if kind == "Task" && (!own_kind || !reference.api_version.is_empty()) {
        return Some(custom_task(&reference.api_version, &reference.kind));
    }
    None
}

fn resolver(name: &str) -> String {
    format!("the resolver `{name}` is not supported: put the object into a file and refer to it by name")
}

/// The sentence about a custom task.
pub(in crate::spec) fn custom_task(api_version: &str, kind: &str) -> String {
    format!("custom tasks ({api_version} {kind}) need a controller of their own and cannot run here")
}

/// What a found thing becomes in a plan.
pub(super) fn resolved<'a, T, P>(
    target: Target<'a, T>,
    resource: &'static str,
    make: impl FnOnce(Found<'a, T>) -> Resolved<P>,
) -> Resolved<P> {
    match target {
        Target::Found(found) => make(found),
        Target::NotFound(name) => Resolved::NotFound { name, resource },
        Target::Unsupported(message) => Resolved::Unsupported { message },
    }
}

/// Most params that are handed on to what stands inside: each inline task gets a copy, and with
/// more than these a file of some megabytes could ask for minutes. The others are known later.
const MAX_KNOWN: usize = 200;

/// The string params that are known inside a spec: its declared params with the values that are
/// passed, else with their defaults. With `outer` (an inline spec), what is known outside stays
/// known; the inner scope wins.
pub(in crate::spec) fn known_inside(declared: &[ParamSpec], passed: &[Param], known: &Known, outer: bool) -> Known {
    let mut inside = if outer && known.len() <= MAX_KNOWN { known.clone() } else { Known::new() };
    for param in declared {
        inside.remove(&param.name);
        if let Some(ParamValue::String(text)) = &param.default {
            inside.insert(param.name.clone(), text.clone());
        }
    }
    for param in passed {
        match &param.value {
            Some(ParamValue::String(text)) => {
                inside.insert(param.name.clone(), substitute(text, known));
            }
            _ => {
                inside.remove(&param.name);
            }
        }
    }
    // A value that still holds a variable is known only when the run goes on.
    inside.retain(|_, text| !text.contains("$("));
    inside
}
