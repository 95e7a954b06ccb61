//! Labels and annotations of what a pipeline makes: they flow from Pipeline to PipelineRun to TaskRun.
//!
//! Knows Tekton's own labels and who wins (`combineTaskRunAndTaskSpecLabels`). They are written when
//! somebody looks, not for every TaskRun.

use super::run::Run;
use super::state::{Meta, Pipeline, PipelineIx, TaskRun};
use crate::model::objects::EmbeddedMetadata;
use std::collections::BTreeMap;

type Labels = BTreeMap<String, String>;

/// Adds entries whose keys are not there.
pub(super) fn under(map: &mut Labels, more: &Labels) {
    for (key, value) in more {
        map.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// Labels and annotations that a pipeline gives the runs of its node `ix`.
pub(super) fn of_child(pipeline: &Pipeline, ix: u32) -> (Labels, Labels) {
    let Some(node) = pipeline.nodes.get(ix as usize) else {
        return (Labels::new(), Labels::new());
    };
    let task = &node.task;
    let none = EmbeddedMetadata::default();
    let over = pipeline.spec.task_run_specs.iter().rfind(|s| s.pipeline_task_name == task.name);
    let said = over.and_then(|o| o.metadata.as_ref()).unwrap_or(&none);
    let embedded = task.task_spec.as_ref().and_then(|t| t.metadata.as_ref()).unwrap_or(&none);
    let mut labels = said.labels.clone();
    let member = if pipeline.is_final(ix) { "finally" } else { "tasks" };
    for (key, value) in [
        ("tekton.dev/pipelineRun", pipeline.meta.name.as_str()),
        ("tekton.dev/pipelineRunUID", &pipeline.meta.uid()),
        ("tekton.dev/pipelineTask", task.name.as_str()),
        ("tekton.dev/memberOf", member),
    ] {
        labels.entry(key.to_owned()).or_insert_with(|| value.to_owned());
    }
    under(&mut labels, &pipeline.meta.labels);
    under(&mut labels, &embedded.labels);
    let mut annotations = said.annotations.clone();
    under(&mut annotations, &pipeline.meta.annotations);
    under(&mut annotations, &embedded.annotations);
    if task.on_error == "continue" {
        annotations.insert("pipeline.tekton.dev/pipeline-task-on-error".to_owned(), "continue".to_owned());
    }
    (labels, annotations)
}

impl Run {
    /// A TaskRun's labels and annotations: its pipeline's, then what its task adds.
    pub(super) fn labels_of(&self, task: &TaskRun) -> (Labels, Labels) {
        let given = task.parent.and_then(|(at, ix): (PipelineIx, u32)| Some(of_child(self.pipelines.get(at)?, ix)));
        let Meta { labels: own, annotations: notes, .. } = &task.meta;
        let (mut labels, mut annotations) = given.unwrap_or_default();
        under(&mut labels, own);
        under(&mut annotations, notes);
        if let Some(name) = own.get("tekton.dev/task") {
            labels.insert("tekton.dev/task".to_owned(), name.clone());
        }
        (labels, annotations)
    }
}
