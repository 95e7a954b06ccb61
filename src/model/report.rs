//! What executors report: how a step ended and what it and its attempt left.
//!
//! Knows plain data, journaled as part of events. Does not know who runs steps.

use super::artifacts::Artifacts;
use super::outcome::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a step ended, and what it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    pub outcome: Outcome,
    /// What the image was resolved to (`builtin:NAME@blake3:…`, a file's digest, an image's digest).
    pub image_id: String,
    /// The text of each declared step result that was written, verbatim.
    pub results: BTreeMap<String, String>,
    /// The step read the wall clock or the host's times of files: what it did may depend on them.
    #[serde(default)]
    pub saw_time: bool,
    /// What the cache had to say of it, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<Box<CacheNote>>,
    /// What the step says that it read and made.
    #[serde(default, skip_serializing_if = "Artifacts::is_empty")]
    pub artifacts: Artifacts,
    /// What stands there for the whole task, as the step left it.
    #[serde(default, skip_serializing_if = "Artifacts::is_empty")]
    pub task_artifacts: Artifacts,
}

impl StepReport {
    /// A report of a step that left nothing.
    #[must_use]
    pub fn of(outcome: Outcome, image_id: impl Into<String>) -> Self {
        Self {
            outcome,
            image_id: image_id.into(),
            results: BTreeMap::new(),
            saw_time: false,
            cache: None,
            artifacts: Artifacts::default(),
            task_artifacts: Artifacts::default(),
        }
    }
}

/// What became of a step in the cache.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CacheNote {
    /// It was not run: this is whose result it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit: Option<CacheHit>,
    /// Why it was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<String>,
    /// Why its result is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unkept: Option<String>,
}

/// An earlier step whose result was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheHit {
    /// The run that it ran in.
    pub run: String,
    /// How long it ran then, in nanoseconds.
    pub took: u64,
}

/// What a closed attempt left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptReport {
    /// The text of each declared task result that was written, verbatim.
    pub results: BTreeMap<String, String>,
    /// A fault while closing; the attempt then ends as an infrastructure failure.
    pub fault: Option<String>,
    /// What a user should know of what became of the attempt's files, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}
