//! What Kubernetes' downward API says of a task's Pod, as far as it is known where there is none.
//!
//! Knows Tekton's name of the Pod and how maps become files. Does not know how a container's resources are counted.

use super::resources::Container;
use super::run::Run;
use super::state::TaskRun;
use crate::model::objects::{DownwardFile, EnvVarSource, PodField, ResourceRef};
use crate::model::quoted::quoted;
use std::collections::BTreeMap;

/// The node that every step is on: the host name that steps see.
const NODE: &str = "stepwell";

/// The value of a variable that asks for a field or a resource; `own` is the container that has it.
pub(super) fn variable(run: &Run, asked: &EnvVarSource, task: &TaskRun, own: Option<&Container>) -> String {
    let field = asked.field_ref.as_ref().and_then(|f| PodField::parse(&f.field_path));
    match (field, &asked.resource_field_ref) {
        (Some(field), _) => value(run, field, task),
        (None, Some(asked)) => resource(run, asked, task, own),
        (None, None) => String::new(),
    }
}

/// What a file holds.
pub(super) fn file(run: &Run, asked: &DownwardFile, task: &TaskRun) -> String {
    let field = asked.field_ref.as_ref().and_then(|f| PodField::parse(&f.field_path));
    match (field, &asked.resource_field_ref) {
        (Some(field), _) => value(run, field, task),
        (None, Some(asked)) => resource(run, asked, task, None),
        (None, None) => String::new(),
    }
}

fn resource(run: &Run, asked: &ResourceRef, task: &TaskRun, own: Option<&Container>) -> String {
    let named = Container::named(task, &asked.container_name);
    let container = if asked.container_name.is_empty() { own } else { named.as_ref() };
    container.and_then(|container| container.value(asked, &run.options)).unwrap_or_default()
}

fn value(run: &Run, field: PodField<'_>, task: &TaskRun) -> String {
    let labels = || {
        let mut labels = run.labels_of(task).0;
        // Tekton: a Pod has its TaskRun's labels and two of its own.
        labels.insert("tekton.dev/taskRun".to_owned(), task.meta.name.clone());
        labels.insert("tekton.dev/taskRunUID".to_owned(), task.meta.uid().into_owned());
        labels
    };
    let annotations = || run.labels_of(task).1;
    match field {
        PodField::Name => format!("{}-pod", task.meta.name),
        PodField::Namespace => task.meta.namespace.to_string(),
        PodField::Uid => task.meta.uid().into_owned(),
        PodField::NodeName => NODE.to_owned(),
        PodField::ServiceAccountName if task.service_account.is_empty() => "default".to_owned(),
        PodField::ServiceAccountName => task.service_account.clone(),
        PodField::Labels => lines(&labels()),
        PodField::Annotations => lines(&annotations()),
        PodField::Label(key) => labels().remove(key).unwrap_or_default(),
        PodField::Annotation(key) => annotations().remove(key).unwrap_or_default(),
    }
}

/// Kubernetes: `key="value"` in the order of keys, no newline behind the last.
fn lines(map: &BTreeMap<String, String>) -> String {
    map.iter().map(|(key, value)| format!("{key}={}", quoted(value))).collect::<Vec<_>>().join("\n")
}
