//! Why the app could not do what a front end asked.
//!
//! Knows the three classes that exit codes are made of. Does not know the codes or how an
//! error is drawn.

use crate::model::diagnostic::{Diagnostic, Diagnostics};

/// Text of an input file, for showing the line a diagnostic stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    pub name: String,
    pub text: String,
}

/// Diagnostics with the files that they point into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub sources: Vec<SourceText>,
    pub diagnostics: Vec<Diagnostic>,
    /// How many were found beyond the bound.
    pub left_out: usize,
}

impl Report {
    /// The diagnostics over their sources.
    #[must_use]
    pub fn new(sources: Vec<SourceText>, mut diagnostics: Diagnostics) -> Self {
        diagnostics.sort();
        Self { sources, left_out: diagnostics.left_out(), diagnostics: diagnostics.list().to_vec() }
    }

    /// Whether any of them refuses the input.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == crate::model::diagnostic::Severity::Error)
    }
}

/// What went wrong before or beside a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// The command line is wrong.
    #[error("{message}")]
    Usage { message: String, help: String },
    /// A file is wrong.
    #[error("the input has errors")]
    Diagnostics(Report),
    /// Our own I/O, or the machine's.
    #[error("{message}")]
    Fault { message: String, help: String },
}

impl AppError {
    /// A wrong command line.
    #[must_use]
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    /// A fault of ours or of the machine.
    #[must_use]
    pub fn fault(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Fault { message: message.into(), help: help.into() }
    }
}
