//! Text to located trees: YAML as Kubernetes reads it (1.1 scalars, merge keys), and JSON.
//!
//! Knows limits on hostile input and what to say about broken syntax. Does not know what any
//! key means.

mod build;
mod help;
mod relax;
mod scalar;
#[cfg(test)]
mod tests;

use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::tree::{Node, Span};
use build::{Builder, Stop};
use saphyr_parser::{Event, Parser};
use std::borrow::Cow;

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// Most nesting levels of lists and mappings, aliases expanded.
pub const MAX_DEPTH: usize = 100;
/// Most values in one file, aliases not counted.
pub const MAX_NODES: usize = 1_000_000;
/// Most values that anchors and aliases of one file may copy; a long string counts as several.
pub const MAX_ALIAS_NODES: usize = 1_000_000;
/// Most times that reading goes on after a broken document.
const MAX_RESTARTS: usize = 64;

/// What one file holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The documents that are not empty.
    pub documents: Vec<Node>,
    /// What is wrong with the syntax.
    pub diagnostics: Diagnostics,
}

/// Reads all documents of `bytes`. `source` goes into every span, `name` into messages.
pub fn parse(source: u32, name: &str, bytes: &[u8]) -> Parsed {
    let mut parsed = Parsed::default();
    match checked_text(source, name, bytes) {
        Ok(text) => parsed = read_relaxed(source, &json_as_yaml(text)),
        Err(diagnostic) => parsed.diagnostics.push(*diagnostic),
    }
    parsed
}

/// Reads one embedded text (an annotation). Spans count from the text's own first line.
pub fn parse_embedded(source: u32, text: &str) -> Parsed {
    parse(source, "the annotation", text.as_bytes())
}

fn checked_text<'a>(source: u32, name: &str, bytes: &'a [u8]) -> Result<&'a str, Box<Diagnostic>> {
    if bytes.len() > MAX_BYTES {
        let message = format!("`{name}` has {} bytes; at most {MAX_BYTES} (8 MiB) are read", bytes.len());
        return Err(Box::new(
            Diagnostic::error("file-too-large", "", message)
                .with_help("split the file; data belongs into ConfigMaps of its own or into workspaces")
                .at(point(source, 1, 1)),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let (before, _) = bytes.split_at(e.valid_up_to());
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
        Box::new(
            Diagnostic::error("invalid-utf8", "", format!("`{name}` is not UTF-8 text: invalid bytes here"))
                .with_help("save the file as UTF-8")
                .with_tekton("yaml: invalid leading UTF-8 octet")
                .at(point(source, line, column)),
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match control_character(text) {
        Some((line, column, c)) => Err(Box::new(
            Diagnostic::error(
                "control-character",
                "",
                format!("the character U+{:04X} cannot stand in YAML", c as u32),
            )
            .with_help("remove it, or write it as an escape such as \"\\x00\" in a double-quoted string")
            .with_tekton("yaml: control characters are not allowed")
            .at(point(source, line, column)),
        )),
        None => Ok(text),
    }
}

/// The first character that YAML forbids, with its place.
fn control_character(text: &str) -> Option<(usize, usize, char)> {
    let forbidden = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    };
    let (at, c) = text.char_indices().find(|(_, c)| forbidden(*c))?;
    let before = text.get(..at)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some((line, column, c))
}

/// JSON allows what YAML does not: tabs between tokens, surrogate pairs in escapes. Both are
/// rewritten, where the text is JSON as a whole, without moving a line.
fn json_as_yaml(text: &str) -> Cow<'_, str> {
    let json = text.trim_start().starts_with(['{', '['])
        && (text.contains('\t') || text.contains("\\u") || text.contains("\\U"))
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if !json {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('\t', " ");
    let mut out = String::with_capacity(spaced.len());
    let mut rest = spaced.as_str();
    while let Some(at) = rest.find("\\u") {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let escaped = head.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
        let taken = match surrogate_pair(tail).filter(|_| !escaped) {
            Some(c) => {
                out.push_str(&format!("\\U{:08X}", c as u32));
                12
            }
            None => {
                out.push_str("\\u");
                2
            }
        };
        rest = tail.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of `\uD83D\uDE00` at the start of `text`.
fn surrogate_pair(text: &str) -> Option<char> {
    let hex = |from: usize| u16::from_str_radix(text.get(from..from + 4)?, 16).ok();
    let low = (text.get(6..8) == Some("\\u")).then(|| hex(8)).flatten()?;
    let c = char::decode_utf16([hex(2)?, low]).next()?.ok()?;
    (c as u32 > 0xffff).then_some(c)
}

/// Reads the text as it is; where its indentation is refused, once more with deeper
/// continuation lines in brackets and quotes.
fn read_relaxed(source: u32, text: &str) -> Parsed {
    let (parsed, broken) = read_all(source, text, &[]);
    if broken.indentation == 0 {
        return parsed;
    }
    let Some((relaxed, shifts)) = relax::relax(text) else { return parsed };
    let (second, still_broken) = read_all(source, &relaxed, &shifts);
    if still_broken.all < broken.all { second } else { parsed }
}

/// How many documents could not be read, and how many of them for their indentation.
#[derive(Default)]
struct Broken {
    all: usize,
    indentation: usize,
}

/// Reads every document; after a broken one, reading goes on at the next `---` line. `shifts`
/// are the columns that were added to each line.
fn read_all(source: u32, text: &str, shifts: &[u32]) -> (Parsed, Broken) {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut builder = Builder::new(source, &lines, shifts);
    let mut broken = Broken::default();
    let mut stops = Diagnostics::default();
    let mut first_line = 0;
    let mut rest = text;
    for _ in 0..MAX_RESTARTS {
        builder.begin(first_line);
        let Some(Stop { diagnostic, line, fatal }) = read_some(rest, &mut builder) else { break };
        broken.all += 1;
        broken.indentation += usize::from(diagnostic.message.contains("indentation"));
        stops.push(*diagnostic);
        if fatal {
            break;
        }
        // `line` counts from 1 in the whole text, so it is the index of the line after it.
        let next =
            lines.iter().enumerate().skip(line.max(first_line + 1)).find(|(_, l)| is_document_start(l)).map(|(i, _)| i);
        let Some(next) = next else { break };
        let skipped: usize = lines.iter().take(next).skip(first_line).map(|l| l.len() + 1).sum();
        rest = rest.get(skipped..).unwrap_or_default();
        first_line = next;
    }
    let (documents, mut diagnostics) = builder.finish();
    diagnostics.append(stops);
    (Parsed { documents, diagnostics }, broken)
}

fn is_document_start(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
}

/// Feeds events to the builder until the text ends (`None`) or something stops it.
fn read_some(text: &str, builder: &mut Builder<'_>) -> Option<Stop> {
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        match event {
            Ok((Event::StreamEnd, _)) => return None,
            Ok((event, span)) => {
                if let Err(stop) = builder.event(event, span) {
                    return Some(stop);
                }
            }
            Err(error) => return Some(builder.syntax_error(&error)),
        }
    }
    None
}

fn point(source: u32, line: usize, column: usize) -> Span {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { source, line: number(line), column: number(column), end_line: number(line), end_column: number(column + 1) }
}
