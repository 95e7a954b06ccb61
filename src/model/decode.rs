//! From located trees to typed objects: every unknown field and wrong type is a diagnostic,
//! all of them at once, and decoding always goes on.
//!
//! Knows how scalars, lists, maps and objects are read and what is said when one has the
//! wrong type. Does not know any particular object: those are declared with the macro `object!`.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::tree::{Kind, Node};
use std::collections::BTreeMap;

/// Fields whose content Tekton's CRDs leave open: Go's decoder alone reads it.
const SCHEMALESS: [&str; 4] = ["taskSpec", "pipelineSpec", "volumes", "volumeClaimTemplate"];

/// One step on the way to a value.
#[derive(Debug, Clone)]
pub enum Segment {
    /// A field that a type declares.
    Field(&'static str),
    /// A key of a map.
    Key(String),
    /// An element of a list.
    Item(usize),
}

/// Where decoding stands, and what it found.
#[derive(Debug, Default)]
pub struct Decoder {
    path: Vec<Segment>,
    /// How many of `path` are fields whose content Tekton's CRDs do not describe.
    schemaless: usize,
    /// Names of the objects that are being read, the innermost last.
    objects: Vec<&'static str>,
    /// What was wrong so far.
    pub diagnostics: Diagnostics,
}

impl Decoder {
    /// Reads something one step deeper.
    pub fn within<T>(&mut self, segment: Segment, read: impl FnOnce(&mut Self) -> T) -> T {
        let schemaless = usize::from(matches!(segment, Segment::Field(name) if SCHEMALESS.contains(&name)));
        self.schemaless += schemaless;
        self.path.push(segment);
        let value = read(self);
        self.path.pop();
        self.schemaless -= schemaless;
        value
    }

    /// The field that a key, which no field is called exactly, is read as. Tekton: where the CRD
    /// describes the content, names are exact; elsewhere Go reads them without regard to case,
    /// which works but is worth a word.
    pub fn other_case(&mut self, entry: &super::tree::Entry, known: &[&'static str]) -> Option<&'static str> {
        if self.schemaless == 0 {
            return None;
        }
        let key = entry.key.as_str();
        let name = *known.iter().find(|k| k.eq_ignore_ascii_case(key))?;
        self.diagnostics.push(
            Diagnostic::warning("field-case", self.path_of(key), format!("`{key}` is read as `{name}`"))
                .with_help(format!("write `{name}`; elsewhere Kubernetes refuses other spellings"))
                .at(entry.key_span),
        );
        Some(name)
    }

    /// Tekton's path of where decoding stands.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for segment in &self.path {
            match segment {
                Segment::Field(name) => path.extend([".", name]),
                Segment::Key(key) => path.extend([".", key]),
                Segment::Item(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path.trim_start_matches('.').to_owned()
    }

    /// The path of the field `key` of the object that is being read.
    fn path_of(&self, key: &str) -> String {
        let path = self.path();
        if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
    }

    /// Says that `node` should have been `wanted` (`a string`, `a list of strings`).
    pub fn wrong_type(&mut self, node: &Node, wanted: &str) {
        let mut help = format!("write {wanted} here");
        if wanted.contains("string")
            && let Kind::Bool(_) | Kind::Number(_) = node.kind
        {
            "put the value in quotes; Kubernetes reads YAML 1.1, where an unquoted y, yes, on, no or off is a boolean and digits are a number"
                .clone_into(&mut help);
        }
        let diagnostic =
            Diagnostic::error("wrong-type", self.path(), format!("expected {wanted}, found {}", node.kind_name()))
                .with_help(help)
                .with_tekton(self.go_words(node, wanted))
                .at(node.span);
        self.diagnostics.push(diagnostic);
    }

    /// Reads an object's fields; `name` is what Go calls it too.
    pub fn object<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.objects.push(name);
        let value = read(self);
        self.objects.pop();
        value
    }

    /// What Go's decoder says about a value of the wrong type.
    fn go_words(&self, node: &Node, wanted: &str) -> String {
        let fields: String = self
            .path
            .iter()
            .filter_map(|segment| match segment {
                Segment::Field(name) => Some(format!(".{name}")),
                Segment::Key(key) => Some(format!(".{key}")),
                Segment::Item(_) => None,
            })
            .collect();
        let type_ = match wanted {
            "a string" => " of type string",
            "true or false" => " of type bool",
            "a whole number" => " of type int",
            _ => "",
        };
        format!(
            "mutation failed: cannot decode incoming new object: json: cannot unmarshal {} into Go struct field {}{}{type_}",
            go_kind(node),
            self.objects.last().unwrap_or(&""),
            fields,
        )
    }

    /// Says that a key is not a field of `object`, and which known one is nearest.
    pub fn unknown_field(&mut self, entry: &super::tree::Entry, object: &str, known: &[&str]) {
        let path = self.path_of(&entry.key);
        let nearest = nearest(&entry.key, known);
        let help = match nearest {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("known fields are: {}", known.join(", ")),
        };
        self.diagnostics.push(
            Diagnostic::error("unknown-field", path.clone(), format!("`{}` is not a field of {object}", entry.key))
                .with_help(help)
                .with_tekton(match self.schemaless {
                    0 => format!("strict decoding error: unknown field \"{path}\""),
                    _ => format!("cannot decode incoming new object: json: unknown field \"{}\"", entry.key),
                })
                .at(entry.key_span),
        );
    }
}

/// Longest word that a nearest name is looked for; the search costs the square of it.
const MAX_WORD: usize = 64;
/// Most names that are compared with a word.
const MAX_NAMES: usize = 1000;

/// The name among `known` that `word` was likely meant to be.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    if word.len() > MAX_WORD {
        return None;
    }
    let lower = word.to_lowercase();
    known
        .iter()
        .take(MAX_NAMES)
        .filter(|k| k.len() <= MAX_WORD)
        .map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase()), *k))
        .filter(|(distance, k)| {
            *distance <= (k.len().max(lower.len()) / 3).max(1) && *distance < k.len().min(lower.len()).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}

fn go_kind(node: &Node) -> &'static str {
    match node.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "bool",
        Kind::Number(_) => "number",
        Kind::String(_) => "string",
        Kind::Sequence(_) => "array",
        Kind::Mapping(_) => "object",
    }
}

/// A type that is read from a tree. Null reads as the default everywhere, as in Go.
pub trait Decode: Sized + Default {
    /// Reads `node`; what is wrong goes to `decoder`, and a default takes its place.
    fn decode(node: &Node, decoder: &mut Decoder) -> Self;
}

impl Decode for String {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.kind {
            Kind::String(text) => text.clone(),
            Kind::Null => Self::new(),
            _ => {
                decoder.wrong_type(node, "a string");
                Self::new()
            }
        }
    }
}

impl Decode for bool {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.kind {
            Kind::Bool(value) => *value,
            Kind::Null => false,
            _ => {
                decoder.wrong_type(node, "true or false");
                false
            }
        }
    }
}

impl Decode for i64 {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.kind {
            Kind::Number(text) => text.parse().unwrap_or_else(|_| {
                decoder.wrong_type(node, "a whole number");
                0
            }),
            Kind::Null => 0,
            _ => {
                decoder.wrong_type(node, "a whole number");
                0
            }
        }
    }
}

impl Decode for serde_json::Value {
    fn decode(node: &Node, _: &mut Decoder) -> Self {
        node.to_json()
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match node.kind {
            Kind::Null => None,
            _ => Some(T::decode(node, decoder)),
        }
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        Box::new(T::decode(node, decoder))
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.kind {
            Kind::Sequence(items) => items
                .iter()
                .enumerate()
                .map(|(i, item)| decoder.within(Segment::Item(i), |d| T::decode(item, d)))
                .collect(),
            Kind::Null => Self::new(),
            _ => {
                decoder.wrong_type(node, "a list");
                Self::new()
            }
        }
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        match &node.kind {
            Kind::Mapping(entries) => entries
                .iter()
                .map(|e| {
                    let value = decoder.within(Segment::Key(e.key.clone()), |d| T::decode(&e.value, d));
                    (e.key.clone(), value)
                })
                .collect(),
            Kind::Null => Self::new(),
            _ => {
                decoder.wrong_type(node, "a mapping");
                Self::new()
            }
        }
    }
}

/// Whether a field is left out when an object is written: Go's `omitempty`.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Declares an object once: its fields with their names in YAML, how it is read, how it is
/// written (defaults left out, as Go's `omitempty` does).
#[macro_export]
macro_rules! object {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident : $ty:ty = $key:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
        pub struct $name {
            $($(#[$fmeta])*
            #[serde(rename = $key, skip_serializing_if = "crate::model::decode::is_default")]
            pub $field: $ty),*
        }

        impl $name {
            /// The object's fields as YAML names them.
            pub const FIELDS: &'static [&'static str] = &[$($key),*];
        }

        impl $name {
            /// Reads the fields that `entries` hold; others are said to be unknown.
            pub fn read<'n>(
                entries: impl Iterator<Item = &'n $crate::model::tree::Entry>,
                decoder: &mut $crate::model::decode::Decoder,
            ) -> Self {
                let mut value = Self::default();
                decoder.object(stringify!($name), |decoder| {
                    for entry in entries {
                        let mut key = entry.key.as_str();
                        loop {
                            match key {
                                $($key => {
                                    value.$field =
                                        decoder.within($crate::model::decode::Segment::Field($key), |d| {
                                            $crate::model::decode::Decode::decode(&entry.value, d)
                                        });
                                })*
                                _ => {
                                    if let Some(name) = decoder.other_case(entry, Self::FIELDS) {
                                        key = name;
                                        continue;
                                    }
                                    decoder.unknown_field(entry, stringify!($name), Self::FIELDS);
                                }
                            }
                            break;
                        }
                    }
                });
                value
            }
        }

        impl $crate::model::decode::Decode for $name {
            fn decode(
                node: &$crate::model::tree::Node,
                decoder: &mut $crate::model::decode::Decoder,
            ) -> Self {
                match &node.kind {
                    $crate::model::tree::Kind::Mapping(entries) => Self::read(entries.iter(), decoder),
                    $crate::model::tree::Kind::Null => Self::default(),
                    _ => {
                        decoder.wrong_type(node, concat!("a mapping (", stringify!($name), ")"));
                        Self::default()
                    }
                }
            }
        }
    };
}
