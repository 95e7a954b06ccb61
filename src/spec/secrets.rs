//! Secrets: their data decoded, their values taken out of what is kept and shown.
//!
//! Knows base64 and where values stand. Does not know who uses a Secret.

use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::objects::SecretData;
use crate::model::tree::{Entry, Kind, Node};
use base64::Engine as _;

/// The annotation in which kubectl keeps a copy of a whole object, values of a Secret included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The data of a Secret. What is wrong is said without any value, and without its place on the
/// line, so that nobody quotes the line.
pub(super) fn decode(root: &Node, diagnostics: &mut Diagnostics) -> SecretData {
    let mut secret = SecretData::default();
    if let Some(kind) = root.get("type").and_then(Node::as_str) {
        kind.clone_into(&mut secret.type_);
    }
    for field in ["data", "stringData"] {
        let Some(node) = root.get(field) else { continue };
        match &node.kind {
            Kind::Null => {}
            Kind::Mapping(entries) => {
                for entry in entries {
                    match value(field, entry) {
                        Ok(bytes) => {
                            secret.values.insert(entry.key.clone(), bytes);
                        }
                        Err(problem) => diagnostics.push(*problem),
                    }
                }
            }
            _ => diagnostics.push(
                Diagnostic::error("wrong-type", field, format!("`{field}` of a Secret is a mapping of keys to texts"))
                    .with_help("write `key: value` lines below it")
                    .at(node.span),
            ),
        }
    }
    secret
}

fn value(field: &str, entry: &Entry) -> Result<Vec<u8>, Box<Diagnostic>> {
    let path = format!("{field}.{}", entry.key);
    let text = match &entry.value.kind {
        Kind::String(text) => text.as_str(),
        Kind::Null => "",
        Kind::Bool(_) | Kind::Number(_) | Kind::Sequence(_) | Kind::Mapping(_) => {
            return Err(Box::new(Diagnostic::error(
                "wrong-type",
                path.clone(),
                format!("the value of `{}` is {}, not a string", entry.key, entry.value.kind_name()),
            )
            .with_help("put the value in quotes; Kubernetes reads an unquoted y, on, no or off as a boolean and digits as a number")
            .with_tekton(format!("cannot unmarshal into Go struct field Secret.{path} of type string"))
            .at(entry.key_span)));
        }
    };
    if field == "stringData" {
        return Ok(text.as_bytes().to_vec());
    }
    let packed: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    base64::engine::general_purpose::STANDARD.decode(packed).map_err(|_| {
        Box::new(
            Diagnostic::error("not-base64", path, format!("the value of `{}` is not base64", entry.key))
                .with_help("values of `data` are base64; put plain text under `stringData`")
                .with_tekton("illegal base64 data at input byte")
                .at(entry.key_span),
        )
    })
}

/// Empties every value of a Secret's tree.
pub(super) fn redact(root: &mut Node) {
    let Kind::Mapping(entries) = &mut root.kind else { return };
    for entry in entries {
        match entry.key.as_str() {
            "data" | "stringData" => empty(&mut entry.value),
            "metadata" => {
                if let Kind::Mapping(metadata) = &mut entry.value.kind {
                    metadata.iter_mut().filter(|e| e.key == "annotations").for_each(|annotations| {
                        if let Kind::Mapping(list) = &mut annotations.value.kind {
                            list.iter_mut().filter(|e| e.key == LAST_APPLIED).for_each(|e| empty(&mut e.value));
                        }
                    });
                }
            }
            // A misspelt `data` may hold values as well.
            "apiVersion" | "kind" | "type" | "immutable" => {}
            _ => empty(&mut entry.value),
        }
    }
}

fn empty(node: &mut Node) {
    match &mut node.kind {
        Kind::Mapping(entries) => entries.iter_mut().for_each(|e| empty(&mut e.value)),
        Kind::Sequence(items) => items.clear(),
        kind => *kind = Kind::String(String::new()),
    }
}

/// Whether the line (from 1) of a file may be shown: false where it belongs to a document that
/// is, or may be, a Secret. Works on the text alone, so that it holds for broken files too.
#[must_use]
pub fn may_quote(text: &str, line: u32) -> bool {
    let index = (line as usize).saturating_sub(1);
    quotable(text).get(index).copied().unwrap_or(true)
}

/// [`may_quote`] for every line.
pub(super) fn quotable(text: &str) -> Vec<bool> {
    let mut lines: Vec<bool> = Vec::new();
    let mut start = 0;
    let mut secret = false;
    for line in text.split('\n') {
        if line.starts_with("---") {
            start = lines.len();
            secret = false;
        }
        if !secret && names_secret(line) {
            secret = true;
            lines.iter_mut().skip(start).for_each(|l| *l = false);
        }
        lines.push(!secret);
    }
    lines
}

/// Whether a line says `kind: Secret` in YAML or JSON, quoted or not.
fn names_secret(line: &str) -> bool {
    line.match_indices("kind").any(|(at, word)| {
        line.get(at + word.len()..)
            .unwrap_or_default()
            .trim_start_matches(['"', '\'', ' ', '\t', '\\'])
            .strip_prefix(':')
            .is_some_and(|rest| {
                let value = rest.trim_start_matches(['"', '\'', ' ', '\t', '\\']);
                value.is_empty() || value.starts_with("Secret") || value.starts_with(['&', '!', '*', '|', '>', '#'])
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_secrets_are_not_quoted() {
        let text = "kind: Task\nspec: 1\n---\nstringData: {p: hunter2}\nkind: \"Secret\"\n---\nkind: ConfigMap\n";
        let shown: Vec<bool> = (1..=7).map(|line| may_quote(text, line)).collect();
        assert_eq!(shown, [true, true, false, false, false, true, true]);
        assert!(!may_quote("{\"kind\":\"Secret\",\"data\":{}}", 1));
        assert!(!may_quote("kind:\n  Secret\ndata: x", 3));
        assert!(!may_quote("kind: Secret\ndata: [", 2));
    }
}
