//! From located trees to typed objects: every unknown field and wrong type is a diagnostic,
//! all of them at once, and decoding always goes on.
//!
//! Knows how scalars, lists, maps and objects are read and what is said when one has the
//! wrong type. Does not know any particular object: those are declared with [`object!`].

use super::diagnostic::{Diagnostic, Diagnostics};
use super::tree::{Kind, Node};
use std::collections::BTreeMap;

/// Fields whose content Tekton's CRDs leave open: Go's decoder alone reads it.
const SCHEMALESS: [&str; 4] = [".taskSpec", ".pipelineSpec", ".volumes", ".volumeClaimTemplate"];

/// Where decoding stands, and what it found.
#[derive(Debug, Default)]
pub struct Decoder {
    path: Vec<String>,
    /// How many of `path` are fields whose content Tekton's CRDs do not describe.
    schemaless: usize,
    /// Names of the objects that are being read, the innermost last.
    objects: Vec<&'static str>,
    /// What was wrong so far.
    pub diagnostics: Diagnostics,
}

impl Decoder {
    /// Reads `node` one path segment deeper. `segment` is `.key` or `[index]`.
    pub fn within<T>(&mut self, segment: String, read: impl FnOnce(&mut Self) -> T) -> T {
        let schemaless = usize::from(SCHEMALESS.contains(&segment.as_str()));
        self.schemaless += schemaless;
        self.path.push(segment);
        let value = read(self);
        self.path.pop();
        self.schemaless -= schemaless;
        value
    }

    /// The field that `key` is read as. Tekton: where the CRD describes the content, names are
    /// exact; elsewhere Go reads them without regard to case, which works but is worth a word.
    pub fn canonical<'a>(&mut self, entry: &'a super::tree::Entry, known: &[&'static str]) -> &'a str {
        let key = entry.key.as_str();
        if self.schemaless == 0 || known.contains(&key) {
            return key;
        }
        let Some(name) = known.iter().find(|k| k.eq_ignore_ascii_case(key)) else {
            return key;
        };
        let path = self.within(format!(".{key}"), |d| d.path());
        self.diagnostics.push(
            Diagnostic::warning("field-case", path, format!("`{key}` is read as `{name}`"))
                .with_help(format!("write `{name}`; elsewhere Kubernetes refuses other spellings"))
                .at(entry.key_span),
        );
        name
    }

    /// Tekton's path of where decoding stands.
    #[must_use]
    pub fn path(&self) -> String {
        self.path.concat().trim_start_matches('.').to_owned()
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
        let fields: Vec<&str> = self.path.iter().map(String::as_str).filter(|s| !s.starts_with('[')).collect();
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
            fields.concat(),
        )
    }

    /// Says that a key is not a field of `object`, and which known one is nearest.
    pub fn unknown_field(&mut self, entry: &super::tree::Entry, object: &str, known: &[&str]) {
        let path = self.within(format!(".{}", entry.key), |d| d.path());
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
        .filter(|(distance, k)| *distance <= (k.len().max(lower.len()) / 3).max(1))
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
                .map(|(i, item)| decoder.within(format!("[{i}]"), |d| T::decode(item, d)))
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
                    let value = decoder.within(format!(".{}", e.key), |d| T::decode(&e.value, d));
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

        impl $crate::model::decode::Decode for $name {
            fn decode(
                node: &$crate::model::tree::Node,
                decoder: &mut $crate::model::decode::Decoder,
            ) -> Self {
                let mut value = Self::default();
                match &node.kind {
                    $crate::model::tree::Kind::Mapping(entries) => decoder.object(stringify!($name), |decoder| {
                        for entry in entries {
                            match decoder.canonical(entry, Self::FIELDS) {
                                $($key => {
                                    value.$field = decoder.within(concat!(".", $key).to_owned(), |d| {
                                        $crate::model::decode::Decode::decode(&entry.value, d)
                                    });
                                })*
                                _ => decoder.unknown_field(entry, stringify!($name), Self::FIELDS),
                            }
                        }
                    }),
                    $crate::model::tree::Kind::Null => {}
                    _ => decoder.wrong_type(node, concat!("a mapping (", stringify!($name), ")")),
                }
                value
            }
        }
    };
}
