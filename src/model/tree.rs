//! A document as a tree in which every value knows where it stands in its file.
//!
//! Knows kinds of values and positions. Does not know YAML's syntax (the reader in `spec`
//! makes these trees) or what any key means.

use serde::{Deserialize, Serialize};

/// A place in an input file. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// Index into the run's list of input files.
    pub source: u32,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub span: Span,
    pub kind: Kind,
}

/// What a value is, after YAML 1.1's rules for plain scalars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    Null,
    Bool(bool),
    /// A number as JSON would write it, kept as text so that nothing is lost.
    Number(String),
    String(String),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    /// The value under `key`, when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry under `key`, when this is a mapping that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Mapping(entries) => entries.iter().find(|e| e.key == key),
            _ => None,
        }
    }

    /// The text, when this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// What a person would call this kind of value.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// The same value as JSON. Numbers that JSON can't hold become strings.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Sequence(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Mapping(entries) => {
                Value::Object(entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect())
            }
        }
    }

    /// The place that `path` names, or the nearest place on the way to it that exists.
    ///
    /// Paths are Tekton's: `spec.tasks[0].params[x].value`; a bracket holds an index or the
    /// `name` of an element.
    #[must_use]
    pub fn locate(&self, path: &str) -> Span {
        let mut node = self;
        let mut span = self.span;
        for segment in segments(path) {
            let next = match segment {
                Segment::Key(key) => match node.entry(key) {
                    Some(entry) => {
                        span = entry.key_span;
                        Some(&entry.value)
                    }
                    None => None,
                },
                Segment::Item(which) => node.item(which).inspect(|n| span = n.span),
            };
            match next {
                Some(next) => node = next,
                None => return span,
            }
        }
        match node.kind {
            Kind::Null | Kind::Sequence(_) | Kind::Mapping(_) => span,
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => node.span,
        }
    }

    fn item(&self, which: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Sequence(items) => match which.parse::<usize>() {
                Ok(index) => items.get(index),
                Err(_) => items.iter().find(|n| n.get("name").and_then(Node::as_str) == Some(which)),
            },
            Kind::Mapping(_) => self.get(which),
            _ => None,
        }
    }
}

enum Segment<'a> {
    Key(&'a str),
    Item(&'a str),
}

fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
    path.split('.').flat_map(|part| {
        let (key, rest) = part.split_once('[').map_or((part, ""), |(k, r)| (k, r));
        let keys = (!key.is_empty()).then_some(Segment::Key(key));
        let items = rest
            .split('[')
            .filter_map(|item| item.strip_suffix(']').or(Some(item)))
            .filter(|item| !item.is_empty())
            .map(Segment::Item);
        keys.into_iter().chain(items)
    })
}
