//! What is wrong in the user's file: where, why, and what to do.
//!
//! Knows the shape of a diagnostic and how many are kept. Does not know how one is drawn.

use super::tree::Span;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file is refused.
    Error,
    /// It works, but not as it reads, or not here.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A stable kebab-case name of the rule, such as `unknown-field`.
    pub code: String,
    /// One sentence that names the offending text.
    pub message: String,
    /// What to do; empty where the message says it.
    pub help: String,
    /// Tekton's own words for the same thing, so that people can search for them.
    pub tekton: Option<String>,
    /// Where it stands. `None` only for what no file says (a command line).
    pub span: Option<Span>,
    /// Tekton's path of the field, such as `spec.tasks[0].name`; empty at the top.
    pub path: String,
}

impl Diagnostic {
    /// An error under `code` at `path`; the span is looked up by whoever has the tree.
    #[must_use]
    pub fn error(code: &str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: code.to_owned(),
            message: message.into(),
            help: String::new(),
            tekton: None,
            span: None,
            path: path.into(),
        }
    }

    /// A warning under `code` at `path`.
    #[must_use]
    pub fn warning(code: &str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, path, message) }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same with Tekton's words.
    #[must_use]
    pub fn with_tekton(mut self, words: impl Into<String>) -> Self {
        self.tekton = Some(words.into());
        self
    }

    /// The same at a known place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }
}

/// Most diagnostics kept of one input; the rest is counted.
pub const MAX_DIAGNOSTICS: usize = 1000;

/// The diagnostics of one input, bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    left_out: usize,
}

impl Diagnostics {
    /// Keeps one more, or counts it past [`MAX_DIAGNOSTICS`].
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Takes all of `other`.
    pub fn append(&mut self, other: Diagnostics) {
        self.left_out += other.left_out;
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// Whether any of them refuses the input.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether nothing more is kept, so that looking further is of little use.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_DIAGNOSTICS
    }

    /// Those kept, in the order in which they were found.
    #[must_use]
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }

    /// How many were found beyond the bound.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Changes those kept, one by one.
    pub fn edit(&mut self, change: impl FnMut(&mut Diagnostic)) {
        self.list.iter_mut().for_each(change);
    }

    /// Sorts by file and place, so that a reader goes through the file once.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|d| d.span.map_or((u32::MAX, 0, 0), |s| (s.source, s.line, s.column)));
    }
}
