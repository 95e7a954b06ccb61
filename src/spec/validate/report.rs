//! Where a rule looks and what it says: paths without allocation, findings with Tekton's words.
//!
//! Knows how Tekton writes paths and errors. Does not know any rule.

use crate::model::diagnostic::{Diagnostic, Diagnostics, Severity};
pub(super) use crate::model::quoted::quoted;
use crate::model::tree::{Kind, Node, Span};
use std::collections::BTreeSet;

/// A field of the object, as a chain to its parents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
    /// An element that Tekton names by a key of its own, with its place in the list.
    Named(usize, &'a str),
}

/// `spec`, where every object's rules begin.
pub(super) const SPEC: Place<'static> = Place { parent: None, step: Step::Key("spec") };
/// `metadata`.
pub(super) const METADATA: Place<'static> = Place { parent: None, step: Step::Key("metadata") };

impl<'a> Place<'a> {
    /// The field `key` of this object.
    pub(super) fn key(&'a self, key: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Key(key) }
    }

    /// Element `index` of this list.
    pub(super) fn item(&'a self, index: usize) -> Place<'a> {
        Place { parent: Some(self), step: Step::Item(index) }
    }

    /// Element `index` of this list, shown as `[name]`.
    pub(super) fn named(&'a self, index: usize, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Named(index, name) }
    }

    /// Tekton's path.
    pub(super) fn path(&self) -> String {
        let mut path = self.parent.map(Place::path).unwrap_or_default();
        match self.step {
            Step::Key(key) if path.is_empty() => key.clone_into(&mut path),
            Step::Key(key) => {
                path.push('.');
                path.push_str(key);
            }
            Step::Item(index) => path.push_str(&format!("[{index}]")),
            Step::Named(_, name) => path.push_str(&format!("[{name}]")),
        }
        path
    }

    /// The value at this place, as far as it exists, and the span that a reader should look at.
    fn find<'n>(&self, root: &'n Node) -> (Option<&'n Node>, Span) {
        let (parent, span) = match self.parent {
            Some(parent) => parent.find(root),
            None => (Some(root), root.span),
        };
        let Some(node) = parent else { return (None, span) };
        match (&node.kind, self.step) {
            (Kind::Mapping(entries), Step::Key(key) | Step::Named(_, key)) => entries
                .iter()
                .find(|e| e.key == key)
                .or_else(|| entries.iter().find(|e| e.key.eq_ignore_ascii_case(key)))
                .map_or((None, span), |e| (Some(&e.value), scalar_span(&e.value).unwrap_or(e.key_span))),
            (Kind::Sequence(items), Step::Item(index) | Step::Named(index, _)) => match items.get(index) {
                Some(item) => (Some(item), item.span),
                None => (None, span),
            },
            _ => (None, span),
        }
    }
}

fn scalar_span(node: &Node) -> Option<Span> {
    matches!(node.kind, Kind::String(_) | Kind::Bool(_) | Kind::Number(_)).then_some(node.span)
}

/// What a rule says.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    severity: Severity,
    code: &'static str,
    message: String,
    help: String,
    /// Tekton's messages, each with its paths (`None`: the place's own) and details.
    words: Vec<Words>,
}

#[derive(Debug, Clone)]
struct Words {
    text: String,
    paths: Option<Vec<String>>,
    details: String,
}

impl Finding {
    /// An error: Tekton refuses it.
    pub(super) fn refuse(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), help: String::new(), words: Vec::new() }
    }

    /// A warning: Tekton admits it, but it is bound to fail or is not what it seems.
    pub(super) fn warn(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::refuse(code, message) }
    }

    /// The same as a warning of another rule: Tekton admits it.
    pub(super) fn into_warning(self, code: &'static str) -> Self {
        Self { severity: Severity::Warning, code, words: Vec::new(), ..self }
    }

    /// What to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Tekton's message.
    pub(super) fn words(mut self, text: impl Into<String>) -> Self {
        self.words.push(Words { text: text.into(), paths: None, details: String::new() });
        self
    }

    /// Tekton's message that says a value is invalid.
    pub(super) fn invalid(self, text: impl std::fmt::Display) -> Self {
        self.words(format!("invalid value: {text}"))
    }

    /// The paths that Tekton names for the last message, where they are not the place's own.
    pub(super) fn paths<S: Into<String>>(mut self, paths: impl IntoIterator<Item = S>) -> Self {
        if let Some(words) = self.words.last_mut() {
            let mut paths: Vec<String> = paths.into_iter().map(Into::into).collect();
            paths.sort();
            words.paths = Some(paths);
        }
        self
    }

    /// The details that Tekton adds to the last message on lines of their own.
    pub(super) fn details(mut self, details: impl Into<String>) -> Self {
        if let Some(words) = self.words.last_mut() {
            words.details = details.into();
        }
        self
    }
}

/// The findings about one object.
pub(super) struct Report<'a> {
    root: &'a Node,
    out: &'a mut Diagnostics,
    /// What was said where, so that two of Tekton's rules that meet in one fault say it once.
    said: BTreeSet<(u32, u32, &'static str, String)>,
}

impl<'a> Report<'a> {
    pub(super) fn new(root: &'a Node, out: &'a mut Diagnostics) -> Self {
        Self { root, out, said: BTreeSet::new() }
    }

    /// Says `finding` about `place`.
    pub(super) fn add(&mut self, place: &Place<'_>, finding: Finding) {
        let (_, span) = place.find(self.root);
        if !self.said.insert((span.line, span.column, finding.code, finding.message.clone())) {
            return;
        }
        let own = place.path();
        let path = finding
            .words
            .first()
            .and_then(|w| w.paths.as_ref())
            .and_then(|paths| paths.first().cloned())
            .unwrap_or_else(|| own.clone());
        let tekton: Vec<String> = finding
            .words
            .iter()
            .map(|words| {
                let paths = words.paths.as_ref().map_or_else(|| own.clone(), |p| p.join(", "));
                let separator = if words.details.is_empty() { "" } else { "\n" };
                format!("{}: {paths}{separator}{}", words.text, words.details).trim_end().to_owned()
            })
            .collect();
        self.out.push(Diagnostic {
            severity: finding.severity,
            code: finding.code.to_owned(),
            message: finding.message,
            help: finding.help,
            tekton: (!tekton.is_empty()).then(|| tekton.join("\n")),
            span: Some(span),
            path,
        });
    }

    /// Whether looking further is of little use.
    pub(super) fn full(&self) -> bool {
        self.out.is_full()
    }

    /// A place's span, for messages that name a second place.
    pub(super) fn line(&self, place: &Place<'_>) -> u32 {
        place.find(self.root).1.line
    }

    /// Where diagnostics go that have their own places.
    pub(super) fn out(&mut self) -> &mut Diagnostics {
        self.out
    }

    /// The value at a place.
    pub(super) fn node(&self, place: &Place<'_>) -> Option<&'a Node> {
        place.find(self.root).0
    }

    /// The span of a place.
    pub(super) fn span(&self, place: &Place<'_>) -> Span {
        place.find(self.root).1
    }
}

/// A text cut for a message: one line, not too long.
pub(super) fn short(text: &str) -> String {
    let line = text.trim().split('\n').next().unwrap_or_default();
    let cut: String = line.chars().take(60).collect();
    if cut.len() < text.trim().len() { format!("{cut}…") } else { cut }
}
