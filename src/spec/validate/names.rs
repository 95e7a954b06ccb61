//! Names: Kubernetes' labels, subdomains and qualified names, Tekton's param and result names.
//!
//! Knows the syntax and Kubernetes' words about it. Does not know whose name it is.

use super::report::{Finding, METADATA, Report};
use crate::model::objects::Metadata;

/// Longest name of a label, and of a Tekton object.
const MAX_LABEL: usize = 63;
const MAX_SUBDOMAIN: usize = 253;
/// How much of a `generateName` Kubernetes keeps.
const MAX_PREFIX: usize = 58;

const SUBDOMAIN_WORDS: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Lower-case letters, digits and `-`, an alphanumeric one at both ends, at most 63.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= MAX_LABEL && is_label_of_any_length(text)
}

fn is_label_of_any_length(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_label_of_any_length)
}

/// Kubernetes' words about a name that is not a qualified one; `None` when it is.
pub(super) fn qualified_name_fault(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts.as_slice() {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                return Some("prefix part must be non-empty".to_owned());
            }
            if !is_subdomain(prefix) {
                return Some(format!("prefix part {SUBDOMAIN_WORDS}"));
            }
            name
        }
        _ => {
            return Some("a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')".to_owned());
        }
    };
    if name.is_empty() {
        return Some("name part must be non-empty".to_owned());
    }
    if name.len() > MAX_LABEL {
        return Some("name part must be no more than 63 characters".to_owned());
    }
    (!is_result_name(name)).then(|| "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')".to_owned())
}

/// `^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`
pub(super) fn is_result_name(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A letter or `_`, then letters, digits, `_`, `-`, and with `dots` also `.`.
pub(super) fn is_param_name(text: &str, dots: bool) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || (dots && b == b'.'))
}

/// The rules for an object's own name.
pub(super) fn metadata(metadata: &Metadata, report: &mut Report<'_>) {
    let Metadata { name, generate_name, .. } = metadata;
    if name.is_empty() && !generate_name.is_empty() {
        let prefix: String = generate_name.chars().take(MAX_PREFIX).collect();
        if !is_subdomain(&format!("{prefix}abcde")) {
            let finding = Finding::refuse("bad-name", format!("`{generate_name}` cannot begin a name"))
                .help(name_help(generate_name))
                .words(format!("metadata.generateName: Invalid value: \"{generate_name}\": {SUBDOMAIN_WORDS}"));
            report.add(&METADATA.key("generateName"), finding.paths([""; 0]));
        }
        return;
    }
    if name.is_empty() {
        let finding = Finding::refuse("missing-name", "the object has no name")
            .help("write metadata.name, or metadata.generateName for a run that gets a new name each time")
            .words("invalid resource name \"\": must be a valid DNS label");
        report.add(&METADATA.key("name"), finding);
        return;
    }
    if !is_subdomain(name) {
        let finding = Finding::refuse("bad-name", format!("`{name}` cannot be the name of an object"))
            .help(name_help(name))
            .words(format!("metadata.name: Invalid value: \"{name}\": {SUBDOMAIN_WORDS}"))
            .paths([""; 0]);
        report.add(&METADATA.key("name"), finding);
    } else if name.len() > MAX_LABEL {
        let finding = Finding::refuse("bad-name", format!("the name `{name}` has {} characters", name.len()))
            .help("names have at most 63 characters")
            .words("Invalid resource name: length must be no more than 63 characters");
        report.add(&METADATA.key("name"), finding);
    }
}

/// What a name may be, with a likely repair.
pub(super) fn name_help(name: &str) -> String {
    let repaired: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(MAX_LABEL)
        .collect();
    let repaired = repaired.trim_matches('-');
    let rule = "use lower-case letters, digits and -, at most 63, beginning and ending with a letter or digit";
    if repaired.is_empty() { rule.to_owned() } else { format!("{rule}: for example `{repaired}`") }
}
