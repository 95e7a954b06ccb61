//! Edges between the tasks of a pipeline: `runAfter` and result references.
//!
//! Knows names and references. Does not know what the tasks run.

use crate::model::objects::{PipelineSpec, PipelineTask};
use crate::model::plan::TaskIx;
use crate::spec::refs;
use std::collections::{BTreeMap, BTreeSet};

/// The edges of one task.
#[derive(Debug, Clone, Default)]
pub(super) struct Edges {
    pub parents: Vec<TaskIx>,
    pub result_parents: Vec<TaskIx>,
    pub children: Vec<TaskIx>,
}

/// The edges of all tasks, those of `finally` after those of the DAG. Names that no task has
/// make no edge.
pub(super) fn edges(pipeline: &PipelineSpec) -> Vec<Edges> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, task) in pipeline.tasks.iter().enumerate() {
        places.entry(&task.name).or_insert(index);
    }
    let mut edges: Vec<Edges> = Vec::with_capacity(pipeline.tasks.len() + pipeline.finally.len());
    for task in &pipeline.tasks {
        let results = result_tasks(task, &places);
        let ordered = task.run_after.iter().filter_map(|name| places.get(name.as_str()).copied());
        let parents: BTreeSet<usize> = results.iter().copied().chain(ordered).collect();
        edges.push(Edges { parents: indices(&parents), result_parents: indices(&results), children: Vec::new() });
    }
    for task in &pipeline.finally {
        let results = result_tasks(task, &places);
        edges.push(Edges { result_parents: indices(&results), ..Edges::default() });
    }
    let links: Vec<(TaskIx, usize)> =
        edges.iter().enumerate().flat_map(|(child, e)| e.parents.iter().map(move |p| (*p, child))).collect();
    for (parent, child) in links {
        if let Some(parent) = edges.get_mut(parent.0 as usize) {
            parent.children.push(index(child));
        }
    }
    edges
}

fn result_tasks(task: &PipelineTask, places: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    refs::result_refs(task).iter().filter_map(|r| places.get(r.task).copied()).collect()
}

fn indices(set: &BTreeSet<usize>) -> Vec<TaskIx> {
    set.iter().copied().map(index).collect()
}

fn index(place: usize) -> TaskIx {
    TaskIx(u32::try_from(place).unwrap_or(u32::MAX))
}
