//! Values of params and results: a string, a list of strings, or a map of strings.
//!
//! Knows how Tekton reads and writes them. Does not know where they are used.

use super::decode::{Decode, Decoder};
use super::tree::{Kind, Node};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A param's or result's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParamValue {
    String(String),
    Array(Vec<String>),
    Object(BTreeMap<String, String>),
}

impl Default for ParamValue {
    fn default() -> Self {
        Self::String(String::new())
    }
}

/// The type of a param or result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamType {
    #[default]
    String,
    Array,
    Object,
}

impl ParamType {
    /// The type's name in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The type that `name` stands for.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "string" => Some(Self::String),
            "array" => Some(Self::Array),
            "object" => Some(Self::Object),
            _ => None,
        }
    }
}

impl ParamValue {
    /// The value's own type.
    #[must_use]
    pub fn param_type(&self) -> ParamType {
        match self {
            Self::String(_) => ParamType::String,
            Self::Array(_) => ParamType::Array,
            Self::Object(_) => ParamType::Object,
        }
    }

    /// The text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// As JSON text: how an array stands in a string field (`when.input`).
    #[must_use]
    pub fn to_json_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Decode for ParamValue {
    /// Tekton: other JSON scalars, and lists or maps that hold anything but strings, are kept as raw JSON text.
    fn decode(node: &Node, _: &mut Decoder) -> Self {
        match &node.kind {
            Kind::String(text) => Self::String(text.clone()),
            Kind::Null => Self::default(),
            Kind::Bool(_) | Kind::Number(_) => Self::String(node.to_json().to_string()),
            Kind::Sequence(items) => items
                .iter()
                .map(text_of)
                .collect::<Option<Vec<_>>>()
                .map_or_else(|| Self::String(sorted(node.to_json()).to_string()), Self::Array),
            Kind::Mapping(entries) => entries
                .iter()
                .map(|e| Some((e.key.clone(), text_of(&e.value)?)))
                .collect::<Option<BTreeMap<_, _>>>()
                .map_or_else(|| Self::String(sorted(node.to_json()).to_string()), Self::Object),
        }
    }
}

/// The text of an element; Go reads null as an empty one.
fn text_of(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::String(text) => Some(text.clone()),
        Kind::Null => Some(String::new()),
        Kind::Bool(_) | Kind::Number(_) | Kind::Sequence(_) | Kind::Mapping(_) => None,
    }
}

/// With the keys in order, as YAML reaches Tekton: through Go's maps.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Object(map) => {
            let map: BTreeMap<String, Value> = map.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(map.into_iter().collect())
        }
        other => other,
    }
}
