//! Params of a run that reach into its inline spec: what is declared, given by the run or passed
//! to a task is known everywhere inside.
//!
//! Knows Tekton's rules for propagated params. Does not know the other rules of runs.

use super::params::{Scope, without_properties};
use super::report::{Place, Report};
use super::{pipeline_task, task};
use crate::model::objects::{Param, ParamSpec, PipelineSpec, TaskSpec};
use crate::model::value::{ParamType, ParamValue};
use std::collections::{BTreeMap, BTreeSet};

/// A param as Tekton merges it from values and declarations.
struct Merged<'a> {
    type_: ParamType,
    keys: BTreeSet<&'a str>,
}

#[derive(Default)]
struct Params<'a> {
    known: BTreeMap<&'a str, Merged<'a>>,
}

impl<'a> Params<'a> {
    fn give(&mut self, param: &'a Param) {
        let Some(value) = &param.value else {
            self.known.insert(&param.name, Merged { type_: ParamType::String, keys: BTreeSet::new() });
            return;
        };
        let keys = match value {
            ParamValue::Object(map) => map.keys().map(String::as_str).collect(),
            ParamValue::String(_) | ParamValue::Array(_) => BTreeSet::new(),
        };
        self.known.insert(&param.name, Merged { type_: value.param_type(), keys });
    }

    /// A param passed to a task: adds keys to what is known, or becomes known.
    fn pass(&mut self, param: &'a Param) {
        match (self.known.get_mut(param.name.as_str()), &param.value) {
            (Some(known), Some(ParamValue::Object(map))) => known.keys.extend(map.keys().map(String::as_str)),
            (Some(_), _) => {}
            (None, _) => self.give(param),
        }
    }

    /// A declaration. `Err` when an object param that is given a value does not say its keys.
    fn declare(&mut self, param: &'a ParamSpec) -> Result<(), ()> {
        let declared = || param.properties.iter().flatten().map(|(key, _)| key.as_str()).collect::<BTreeSet<_>>();
        let Some(known) = self.known.get_mut(param.name.as_str()) else {
            let type_ = ParamType::from_name(&param.type_).unwrap_or_default();
            self.known.insert(&param.name, Merged { type_, keys: declared() });
            return Ok(());
        };
        let object_default = matches!(&param.default, Some(ParamValue::Object(_)));
        if (object_default || known.type_ == ParamType::Object) && param.properties.is_none() {
            return Err(());
        }
        if known.type_ == ParamType::Object {
            known.keys = declared();
        }
        Ok(())
    }

    fn scope(&self) -> Scope<'a> {
        let mut scope = Scope::default();
        for (name, param) in &self.known {
            scope.insert(name, param.type_, param.keys.clone());
        }
        scope
    }
}

fn declare_all<'a>(params: &mut Params<'a>, list: &'a [ParamSpec], place: &Place<'_>, report: &mut Report<'_>) {
    for (index, param) in list.iter().enumerate() {
        if params.declare(param).is_err() {
            report.add(&place.item(index).key("name"), without_properties(param));
        }
    }
}

/// The params of a TaskRun with an inline task.
pub(super) fn task_run(given: &[Param], inline: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let mut params = Params::default();
    given.iter().for_each(|p| params.give(p));
    declare_all(&mut params, &inline.params, &place.key("params"), report);
    uses(inline, &params.scope(), place, report);
}

/// The params of a PipelineRun with an inline pipeline.
pub(super) fn pipeline_run(given: &[Param], inline: &PipelineSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let mut params = Params::default();
    given.iter().for_each(|p| params.give(p));
    declare_all(&mut params, &inline.params, &place.key("params"), report);
    let tasks = place.key("tasks");
    for (index, item) in inline.tasks.iter().enumerate() {
        item.params.iter().for_each(|p| params.pass(p));
        if let Some(embedded) = &item.task_spec {
            let own = tasks.item(index);
            let own = own.key("taskSpec");
            declare_all(&mut params, &embedded.task.params, &own.key("params"), report);
        }
    }
    let scope = params.scope();
    for (index, item) in inline.tasks.iter().enumerate() {
        if report.full() {
            return;
        }
        let own = tasks.item(index);
        if let Some(embedded) = &item.task_spec {
            uses(&embedded.task, &scope, &own.key("taskSpec"), report);
        }
        // Tekton leaves `tasks` out of this path.
        pipeline_task::uses_known_params(item, &scope, &own, &format!("spec[{index}]"), report);
    }
}

fn uses(inline: &TaskSpec, scope: &Scope<'_>, place: &Place<'_>, report: &mut Report<'_>) {
    // Arrays that the task itself declares were looked at with the task; a fault is said once.
    task::arrays_in_their_places(inline, &scope.arrays, place, "spec", report);
    task::uses_known_params(inline, scope, place, "spec", report);
}
