//! What every object carries: names, labels, references, params.
//!
//! Knows Kubernetes' object metadata and Tekton's param shapes. Does not know the kinds.

use crate::model::value::ParamValue;
use crate::object;
use serde_json::Value as Json;
use std::collections::BTreeMap;

object! {
    /// Kubernetes' `metadata`. Server-side fields are read and ignored.
    Metadata {
        name: String = "name",
        generate_name: String = "generateName",
        namespace: String = "namespace",
        labels: BTreeMap<String, String> = "labels",
        annotations: BTreeMap<String, String> = "annotations",
        uid: String = "uid",
        owner_references: Json = "ownerReferences",
        creation_timestamp: Json = "creationTimestamp",
        deletion_timestamp: Json = "deletionTimestamp",
        deletion_grace_period_seconds: Json = "deletionGracePeriodSeconds",
        finalizers: Json = "finalizers",
        generation: Json = "generation",
        managed_fields: Json = "managedFields",
        resource_version: Json = "resourceVersion",
        self_link: Json = "selfLink",
    }
}

object! {
    /// A declared param.
    ParamSpec {
        name: String = "name",
        /// `string`, `array` or `object`; Tekton infers it from properties, then from the default's shape.
        type_: String = "type",
        description: String = "description",
        properties: Option<BTreeMap<String, PropertySpec>> = "properties",
        default: Option<ParamValue> = "default",
        /// Allowed values of a string param; a parent's enum must cover it.
        enum_: Vec<String> = "enum",
    }
}

object! {
    /// One key of an object param or result.
    PropertySpec {
        type_: String = "type",
    }
}

object! {
    /// A param's value, given by a run, a pipeline task or a step.
    Param {
        name: String = "name",
        value: Option<ParamValue> = "value",
    }
}

object! {
    /// A declared result of a task or step.
    TaskResult {
        name: String = "name",
        type_: String = "type",
        properties: Option<BTreeMap<String, PropertySpec>> = "properties",
        description: String = "description",
        /// Only `$(steps.<step>.results.<result>)`: surfaces a step's result.
        value: Option<ParamValue> = "value",
    }
}

object! {
    /// A reference to a Task or Pipeline, by name or through a resolver.
    ObjectRef {
        name: String = "name",
        kind: String = "kind",
        api_version: String = "apiVersion",
        bundle: String = "bundle",
        resolver: String = "resolver",
        params: Vec<Param> = "params",
    }
}

object! {
    /// A guard: `input operator values`, or a CEL expression.
    WhenExpression {
        input: String = "input",
        operator: String = "operator",
        values: Vec<String> = "values",
        cel: String = "cel",
    }
}

object! {
    /// Labels and annotations of an embedded task.
    EmbeddedMetadata {
        labels: BTreeMap<String, String> = "labels",
        annotations: BTreeMap<String, String> = "annotations",
    }
}
