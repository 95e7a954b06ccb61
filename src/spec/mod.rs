//! Text to objects to Plan: everything that is wrong in the user's files is said here.
//!
//! Knows YAML, Tekton's kinds, Tekton's validation and how references between objects are
//! followed. Does not know files, executors, or what a run does: texts come in, and module
//! paths are only passed on.

mod beta;
mod cannot_run;
mod crosscheck;
mod defaults;
mod documents;
mod plan;
mod refs;
mod sandbox;
mod scripts;
mod secrets;
mod validate;
mod walk;
pub mod yaml;

#[cfg(test)]
mod tests;

use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::objects::{
    ConfigMapData, Metadata, ObjectRef, PipelineRunSpec, PipelineSpec, SecretData, ServiceAccountData, StepActionSpec,
    TaskRunSpec, TaskSpec,
};
use crate::model::plan::Plan;
use crate::model::tree::{Node, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use scripts::{CommandUse, EXPANDED, Programs, ScriptUse, VARIABLE, Word};
pub use secrets::may_quote;

/// One input text.
#[derive(Debug, Clone)]
pub struct Source {
    /// How it is called in messages: a path, or `<stdin>`.
    pub name: String,
    pub text: Vec<u8>,
}

/// One object as it was written. A Secret's values are empty here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Index into [`ObjectSet::sources`].
    pub source: u32,
    pub root: Node,
}

/// The two kinds of run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    PipelineRun,
    TaskRun,
}

/// A run's spec.
#[derive(Debug, Clone, PartialEq)]
pub enum RunSpec {
    Pipeline(PipelineRunSpec),
    Task(TaskRunSpec),
}

/// A PipelineRun or TaskRun of the input, or one made for a Task or Pipeline by name.
#[derive(Debug, Clone, PartialEq)]
pub struct RunObject {
    pub kind: RunKind,
    /// The namespace is filled in; the name may be empty where there is a `generateName`.
    pub metadata: Metadata,
    pub spec: RunSpec,
    /// Index into [`ObjectSet::sources`].
    pub source: u32,
    /// Index into [`ObjectSet::documents`].
    pub document: usize,
    pub span: Span,
}

/// An object that others refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared<T> {
    pub metadata: Metadata,
    pub spec: Arc<T>,
    /// Index into [`ObjectSet::sources`].
    pub source: u32,
    /// Index into [`ObjectSet::documents`].
    pub document: usize,
    pub span: Span,
}

/// A Secret. Its values are in memory only.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredSecret {
    /// With annotations such as `tekton.dev/git-0`.
    pub metadata: Metadata,
    pub data: SecretData,
}

/// Namespace and name.
pub type Key = (String, String);

/// Everything that the input holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectSet {
    /// Names of the inputs, by the index in spans.
    pub sources: Vec<String>,
    pub documents: Vec<Document>,
    /// In the order of the input.
    pub runs: Vec<RunObject>,
    pub tasks: BTreeMap<Key, Declared<TaskSpec>>,
    pub pipelines: BTreeMap<Key, Declared<PipelineSpec>>,
    pub step_actions: BTreeMap<Key, Declared<StepActionSpec>>,
    pub config_maps: BTreeMap<Key, ConfigMapData>,
    pub secrets: BTreeMap<Key, DeclaredSecret>,
    pub claims: BTreeMap<Key, ()>,
    pub service_accounts: BTreeMap<Key, ServiceAccountData>,
    /// Objects of other kinds: kind, name and place.
    pub passed_over: Vec<(String, String, Span)>,
}

/// Reads, decodes and validates everything. Diagnostics are sorted by place.
#[must_use]
pub fn read(sources: &[Source]) -> (ObjectSet, Diagnostics) {
    documents::read(sources)
}

impl ObjectSet {
    /// The set that `documents` (of a journal) make. Values of Secrets are empty.
    #[must_use]
    pub fn from_documents(sources: Vec<String>, documents: Vec<Document>) -> (Self, Diagnostics) {
        documents::from_documents(sources, documents)
    }

    /// The graph of `run` under its final `name`. References that lead nowhere stand in the plan as such.
    #[must_use]
    pub fn plan(&self, run: &RunObject, name: &str, uid: &str) -> Plan {
        plan::plan(self, run, name, uid)
    }

    /// What `run` cannot do here although Tekton would admit it. `images` answers for an image,
    /// and the index of the file that says it, whether an executor takes it.
    #[must_use]
    pub fn cannot_run(&self, run: &RunObject, images: &dyn Fn(&str, u32) -> Result<(), String>) -> Diagnostics {
        cannot_run::cannot_run(self, run, images)
    }

    /// The scripts that `runs` come to, and with `all` those of every Task and Pipeline that none of them uses.
    #[must_use]
    pub fn scripts(&self, runs: &[RunObject], all: bool) -> Programs {
        scripts::scripts(self, runs, all)
    }

    /// A run object for the Task or Pipeline `name`; `kind` decides where both exist.
    ///
    /// # Errors
    /// A diagnostic when there is none, or one of each and no `kind`.
    pub fn run_for(&self, kind: Option<&str>, name: &str) -> Result<RunObject, Diagnostic> {
        let task = find(&self.tasks, name).filter(|_| kind.is_none_or(|k| k.eq_ignore_ascii_case("task")));
        let pipeline = find(&self.pipelines, name).filter(|_| kind.is_none_or(|k| k.eq_ignore_ascii_case("pipeline")));
        let reference =
            |kind: &str| Some(ObjectRef { name: name.to_owned(), kind: kind.to_owned(), ..ObjectRef::default() });
        let metadata = |of: &Metadata| Metadata {
            generate_name: format!("{name}-run-"),
            namespace: of.namespace.clone(),
            ..Metadata::default()
        };
        match (task, pipeline) {
            (Some(_), Some(_)) => {
                Err(Diagnostic::error("ambiguous-name", "", format!("there is a Task and a Pipeline called `{name}`"))
                    .with_help(format!("say which: task/{name} or pipeline/{name}")))
            }
            (Some(task), None) => {
                let mut spec = TaskRunSpec { task_ref: reference("Task"), ..TaskRunSpec::default() };
                defaults::task_run(&mut spec);
                Ok(RunObject {
                    kind: RunKind::TaskRun,
                    metadata: metadata(&task.metadata),
                    spec: RunSpec::Task(spec),
                    source: task.source,
                    document: task.document,
                    span: task.span,
                })
            }
            (None, Some(pipeline)) => {
                let mut spec = PipelineRunSpec { pipeline_ref: reference(""), ..PipelineRunSpec::default() };
                defaults::pipeline_run(&mut spec);
                Ok(RunObject {
                    kind: RunKind::PipelineRun,
                    metadata: metadata(&pipeline.metadata),
                    spec: RunSpec::Pipeline(spec),
                    source: pipeline.source,
                    document: pipeline.document,
                    span: pipeline.span,
                })
            }
            (None, None) => Err(self.no_such(kind, name)),
        }
    }

    fn no_such(&self, kind: Option<&str>, name: &str) -> Diagnostic {
        let known: Vec<&str> = self.tasks.keys().chain(self.pipelines.keys()).map(|(_, name)| name.as_str()).collect();
        let help = match crate::model::decode::nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "the files hold no Task and no Pipeline".to_owned(),
            None => format!("the files hold: {}", known.join(", ")),
        };
        let kind = kind.unwrap_or("Task or Pipeline");
        Diagnostic::error("not-found", "", format!("there is no {kind} called `{name}` in the files")).with_help(help)
    }
}

/// The object called `name`: that of the default namespace first, else the only one.
fn find<'a, T>(objects: &'a BTreeMap<Key, Declared<T>>, name: &str) -> Option<&'a Declared<T>> {
    objects
        .get(&(defaults::NAMESPACE.to_owned(), name.to_owned()))
        .or_else(|| objects.iter().find(|((_, n), _)| n == name).map(|(_, object)| object))
}
