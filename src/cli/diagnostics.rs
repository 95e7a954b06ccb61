//! Diagnostics as people read them (file, line, snippet, help, Tekton's own words) and as JSON.
//!
//! Knows how a place in a file is drawn. Does not know what rules there are. Lines of a
//! document that holds a Secret are never shown.

use super::sanitize;
use super::style::{Style, count};
use crate::app::{Report, SourceText};
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::tree::Span;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value as Json, json};

/// Lines shown before and after the place.
const CONTEXT: u32 = 1;

/// Longest line, in bytes, that a snippet shows; of longer ones only the place is named.
const MAX_SNIPPET_LINE: usize = 2000;

/// Columns that line numbers and the margin take.
const MARGIN: usize = 10;

/// Most lines that one snippet marks.
const MAX_MARKED: u32 = 6;

/// A report as text, each diagnostic followed by an empty line, a count at the end.
/// `width` is the screen's, in columns.
#[must_use]
pub fn render(report: &Report, style: Style, width: usize) -> String {
    let mut text = String::new();
    for diagnostic in &report.diagnostics {
        let source = diagnostic.span.and_then(|s| source_of(&report.sources, s));
        text.push_str(&one(diagnostic, source, style, width));
        text.push_str("\n\n");
    }
    text.push_str(&tally(report));
    text
}

/// How many errors and warnings there are, in one line; empty when there are none.
fn tally(report: &Report) -> String {
    let errors = report.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let warnings = report.diagnostics.len() - errors;
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(count(errors, "error", "errors"));
    }
    if warnings > 0 {
        parts.push(count(warnings, "warning", "warnings"));
    }
    if report.left_out > 0 {
        parts.push(format!("{} more not shown", report.left_out));
    }
    if parts.is_empty() { String::new() } else { format!("{}\n", parts.join(", ")) }
}

fn one(diagnostic: &Diagnostic, source: Option<&SourceText>, style: Style, width: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(sanitize::message(&diagnostic.message)).id(sanitize::name(&diagnostic.code));
    let mut group = match diagnostic.span.zip(source) {
        Some((span, source)) => place(Group::with_title(title), span, source),
        None => Group::with_title(title),
    };
    if !diagnostic.path.is_empty() {
        group = group.element(Level::NOTE.message(format!("field: {}", sanitize::name(&diagnostic.path))));
    }
    if let Some(words) = &diagnostic.tekton {
        group = group.element(Level::NOTE.message(format!("Tekton: {}", sanitize::message(words))));
    }
    if !diagnostic.help.is_empty() {
        group = group.element(Level::HELP.message(sanitize::message(&diagnostic.help)));
    }
    renderer(style, width).render(&[group])
}

/// The lines around `span`, marked, under `title`; for saying where something stands.
/// `None` when the place is in no file or must not be shown.
#[must_use]
pub fn snippet(title: &str, span: Span, sources: &[SourceText], style: Style, width: usize) -> Option<String> {
    let source = source_of(sources, span)?;
    let group = place(Group::with_title(Level::NOTE.primary_title(sanitize::message(title))), span, source);
    Some(renderer(style, width).render(&[group]))
}

fn renderer(style: Style, width: usize) -> Renderer {
    let renderer = if style.colours { Renderer::styled() } else { Renderer::plain() };
    // The width counts a snippet's text alone, without line numbers and margin.
    renderer.term_width(width.saturating_sub(MARGIN))
}

fn source_of(sources: &[SourceText], span: Span) -> Option<&SourceText> {
    usize::try_from(span.source).ok().and_then(|index| sources.get(index)).filter(|_| span.line > 0)
}

fn place<'a>(group: Group<'a>, span: Span, source: &SourceText) -> Group<'a> {
    let path = sanitize::name(&source.name);
    match window(span, &source.text) {
        Some(window) => group.element(
            Snippet::source(window.text)
                .line_start(window.first_line)
                .fold(false)
                .path(path)
                .annotation(AnnotationKind::Primary.span(window.marked)),
        ),
        None => group.element(
            Origin::path(path)
                .line(usize::try_from(span.line).unwrap_or(1))
                .char_column(usize::try_from(span.column).unwrap_or(1)),
        ),
    }
}

/// A few lines of a file with a marked part, as byte offsets into them.
struct Window {
    text: String,
    first_line: usize,
    marked: std::ops::Range<usize>,
}

/// Cuts the lines around `span` out of `text`, control characters escaped; `None` where a line
/// is too long or the document holds a Secret.
fn window(span: Span, text: &str) -> Option<Window> {
    let document = document_around(text, span.line)?;
    if holds_secret(document.text) {
        return None;
    }
    let first = span.line.saturating_sub(CONTEXT).max(document.first_line);
    let last_marked = span.end_line.clamp(span.line, span.line + MAX_MARKED);
    let skip = usize::try_from(first - document.first_line).ok()?;
    let take = usize::try_from(last_marked + CONTEXT - first + 1).ok()?;
    let mut shown = String::new();
    let (mut start, mut end) = (None, None);
    for (number, line) in (first..).zip(document.text.lines().skip(skip).take(take)) {
        if line.len() > MAX_SNIPPET_LINE {
            return None;
        }
        let mut column = 1;
        for c in line.chars() {
            mark(span, last_marked, number, column, shown.len(), &mut start, &mut end);
            match sanitize::escape(c).filter(|_| c != '\t') {
                Some(escaped) => shown.push_str(&escaped),
                None => shown.push(c),
            }
            column += 1;
        }
        mark(span, last_marked, number, column, shown.len(), &mut start, &mut end);
        if number == last_marked && end.is_none() {
            end = Some(shown.len());
        }
        shown.push('\n');
    }
    if shown.ends_with('\n') {
        shown.pop();
    }
    let start = start?;
    let end = end.unwrap_or(shown.len()).min(shown.len()).max(start);
    Some(Window { text: shown, first_line: usize::try_from(first).ok()?, marked: start..end })
}

/// Notes the offsets at which the marked part begins and ends.
fn mark(
    span: Span,
    last_marked: u32,
    line: u32,
    column: u32,
    offset: usize,
    start: &mut Option<usize>,
    end: &mut Option<usize>,
) {
    if start.is_none() && line == span.line && column == span.column {
        *start = Some(offset);
    }
    if end.is_none() && line == span.end_line && line <= last_marked && column == span.end_column {
        *end = Some(offset);
    }
}

struct Document<'a> {
    text: &'a str,
    first_line: u32,
}

/// The part between two `---` lines that holds line `line`.
fn document_around(text: &str, line: u32) -> Option<Document<'_>> {
    let (mut begin, mut first_line, mut offset, mut number) = (0, 1, 0, 0);
    for piece in text.split_inclusive('\n') {
        number += 1;
        if piece.starts_with("---") && piece[3..].trim_start_matches([' ', '\t', '\r', '\n']).len() < piece.len() - 3
            || piece == "---"
        {
            if number > line {
                return Some(Document { text: text.get(begin..offset)?, first_line });
            }
            (begin, first_line) = (offset, number);
        }
        offset += piece.len();
    }
    (line <= number + 1).then_some(Document { text: text.get(begin..)?, first_line })
}

/// Whether a document may hold a Secret: it has that word and a key for data. A document that
/// only talks about one loses its snippets, which is the lesser harm.
fn holds_secret(document: &str) -> bool {
    let word = document.match_indices("Secret").any(|(at, word)| {
        let before = document[..at].chars().next_back();
        let after = document[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    });
    word && (document.contains("data") || document.contains("stringData"))
}

/// The documented object: `{diagnostics: [...]}`.
#[must_use]
pub fn to_json(report: &Report) -> Json {
    let list: Vec<Json> = report
        .diagnostics
        .iter()
        .map(|d| {
            let file = d.span.and_then(|s| source_of(&report.sources, s)).map(|s| s.name.as_str());
            let span = d.span.filter(|_| file.is_some());
            json!({
                "severity": d.severity,
                "code": d.code,
                "message": d.message,
                "help": d.help,
                "tekton": d.tekton,
                "file": file,
                "line": span.map(|s| s.line),
                "column": span.map(|s| s.column),
                "endLine": span.map(|s| s.end_line),
                "endColumn": span.map(|s| s.end_column),
                "path": d.path,
            })
        })
        .collect();
    json!({ "diagnostics": list })
}

/// A wrong command line as the same object.
#[must_use]
pub fn usage_json(message: &str, help: &str) -> Json {
    let diagnostic = Diagnostic::error("usage", "", message).with_help(help);
    to_json(&Report { sources: Vec::new(), diagnostics: vec![diagnostic], left_out: 0 })
}

#[cfg(test)]
mod tests;
