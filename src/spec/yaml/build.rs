//! The parser's events to trees: aliases expanded within a budget, merge keys merged, keys
//! checked, every value with its place.
//!
//! Knows YAML's structure. Does not know what scalars mean beyond asking for it, or objects.

use super::scalar::{self, BadScalar};
use super::{MAX_ALIAS_NODES, MAX_DEPTH, MAX_NODES, help, point};
use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::tree::{Entry, Kind, Node, Span};
use saphyr_parser::{Event, Marker, ScalarStyle, ScanError, Tag};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Mappings up to this size are searched for double keys pair by pair.
const SMALL: usize = 12;

/// Why reading stopped before the end.
pub(super) struct Stop {
    pub diagnostic: Box<Diagnostic>,
    /// The line, from 1, after which reading may go on.
    pub line: usize,
    /// The rest of the file is not read either.
    pub fatal: bool,
}

/// How much a value is: its own values (long texts count several times), and its height.
#[derive(Clone, Copy, Default)]
struct Size {
    weight: usize,
    height: usize,
}

struct Key {
    text: String,
    span: Span,
    merge: bool,
    /// Not usable as a key; the entry is dropped, since it was already said.
    bad: bool,
}

enum Frame {
    Sequence { items: Vec<Node> },
    Mapping { entries: Vec<Entry>, merges: Vec<Node>, key: Option<Key> },
}

struct Open {
    frame: Frame,
    start: Marker,
    anchor: usize,
    size: Size,
}

/// Makes documents of events.
pub(super) struct Builder<'a> {
    source: u32,
    lines: &'a [&'a str],
    /// Columns that were added to each line.
    shifts: &'a [u32],
    first_line: usize,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, Size)>,
    nodes: usize,
    copied: usize,
    documents: Vec<Node>,
    diagnostics: Diagnostics,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: u32, lines: &'a [&'a str], shifts: &'a [u32]) -> Self {
        Self {
            source,
            lines,
            shifts,
            first_line: 0,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            copied: 0,
            documents: Vec::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// Starts a run of events whose lines count from `first_line` (from 0) of the text.
    pub(super) fn begin(&mut self, first_line: usize) {
        self.first_line = first_line;
        self.open.clear();
        self.anchors.clear();
    }

    pub(super) fn finish(self) -> (Vec<Node>, Diagnostics) {
        (self.documents, self.diagnostics)
    }

    /// The diagnostic of a syntax error, and where to go on after it.
    pub(super) fn syntax_error(&self, error: &ScanError) -> Stop {
        if error.info().contains("recursion limit") {
            return self.too_deep(*error.marker());
        }
        let mut line = self.line(*error.marker());
        let mut column = error.marker().col();
        if error.info().contains("tab") {
            // The parser names the value before the tab; the line with the tab helps more.
            let near = self.lines.iter().enumerate().skip(line.saturating_sub(1)).take(3);
            if let Some((index, at)) = near.filter_map(|(i, l)| Some((i, tab_in_indentation(l)?))).next() {
                (line, column) = (index + 1, at);
            }
        }
        let text = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let diagnostic = Diagnostic::error("yaml-syntax", "", format!("this is not valid YAML: {}", error.info()))
            .with_help(help::for_syntax(error.info(), text, column))
            .with_tekton(format!("error converting YAML to JSON: yaml: line {line}: {}", error.info()))
            .at(self.unshifted(point(self.source, line, column + 1)));
        Stop { diagnostic: Box::new(diagnostic), line, fatal: false }
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: saphyr_parser::Span) -> Result<(), Stop> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.open.clear();
                self.anchors.clear();
                Ok(())
            }
            Event::Alias(id) => self.alias(id, span),
            Event::Scalar(text, style, anchor, tag) => {
                self.count(span.start)?;
                let (node, merge) = self.scalar(&text, style, tag, span);
                let size = Size { weight: 1 + text.len() / 32, height: 0 };
                self.register(anchor, &node, size, span.start)?;
                self.place(node, size, merge);
                Ok(())
            }
            Event::SequenceStart(anchor, _) => self.start(Frame::Sequence { items: Vec::new() }, anchor, span),
            Event::MappingStart(anchor, _) => {
                let frame = Frame::Mapping { entries: Vec::new(), merges: Vec::new(), key: None };
                self.start(frame, anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
        }
    }

    fn start(&mut self, frame: Frame, anchor: usize, span: saphyr_parser::Span) -> Result<(), Stop> {
        self.count(span.start)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_deep(span.start));
        }
        self.open.push(Open { frame, start: span.start, anchor, size: Size { weight: 1, height: 1 } });
        Ok(())
    }

    fn end(&mut self, span: saphyr_parser::Span) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let start = self.span(open.start, open.start);
        let (kind, last) = match open.frame {
            Frame::Sequence { items } => {
                let last = items.last().map(|n| n.span);
                (Kind::Sequence(items), last)
            }
            Frame::Mapping { entries, merges, .. } => {
                let last = entries.last().map(|e| e.value.span);
                (Kind::Mapping(self.mapping(entries, merges)), last)
            }
        };
        // A flow collection ends with its bracket; a block collection with its last value.
        let end = self.span(span.start, span.end);
        let flow = (end.line, end.column) != (end.end_line, end.end_column);
        let (end_line, end_column) = match last {
            Some(last) if !flow && (last.end_line, last.end_column) >= (start.line, start.column) => {
                (last.end_line, last.end_column)
            }
            _ => (end.end_line, end.end_column),
        };
        let node = Node { span: Span { end_line, end_column, ..start }, kind };
        self.register(open.anchor, &node, open.size, open.start)?;
        self.place(node, open.size, false);
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, mut node: Node, size: Size, merge: bool) {
        let Some(open) = self.open.last_mut() else {
            if node.kind != Kind::Null {
                self.documents.push(node);
            }
            return;
        };
        open.size.weight = open.size.weight.saturating_add(size.weight);
        open.size.height = open.size.height.max(size.height + 1);
        match &mut open.frame {
            Frame::Sequence { items } => items.push(node),
            Frame::Mapping { entries, merges, key } => match key.take() {
                None => {
                    let made = key_of(&node, merge);
                    if made.bad {
                        let line =
                            self.lines.get(node.span.line.saturating_sub(1) as usize).copied().unwrap_or_default();
                        self.diagnostics.push(
                            Diagnostic::error("bad-key", "", format!("{} cannot be a key", node.kind_name()))
                                .with_help(help::for_key(line))
                                .with_tekton("error converting YAML to JSON: unsupported map key")
                                .at(node.span),
                        );
                    }
                    *key = Some(made);
                }
                Some(key) if key.bad => {}
                Some(key) if key.merge => merges.push(node),
                Some(key) => {
                    if node.kind == Kind::Null && is_empty(node.span) {
                        node.span = key.span;
                    }
                    entries.push(Entry { key: key.text, key_span: key.span, value: node });
                }
            },
        }
    }

    /// Entries without doubles, with those of merge keys that are not overridden.
    fn mapping(&mut self, mut entries: Vec<Entry>, merges: Vec<Node>) -> Vec<Entry> {
        let doubles = self.doubles(&entries);
        if !doubles.is_empty() {
            let mut at = 0;
            entries.retain(|_| {
                at += 1;
                doubles.binary_search(&(at - 1)).is_err()
            });
        }
        if merges.is_empty() {
            return entries;
        }
        let mut known: BTreeSet<String> = entries.iter().map(|e| e.key.clone()).collect();
        for merged in merges {
            let sources = match merged.kind {
                Kind::Sequence(items) => items,
                kind => vec![Node { span: merged.span, kind }],
            };
            for source in sources {
                match source.kind {
                    Kind::Mapping(more) => entries.extend(more.into_iter().filter(|e| known.insert(e.key.clone()))),
                    _ => self.diagnostics.push(
                        Diagnostic::error("bad-merge", "", "a merge key `<<` takes a mapping or a list of mappings")
                            .with_help("write `<<: *name`, where &name is an anchor on a mapping")
                            .with_tekton("yaml: map merge requires map or sequence of maps as the value")
                            .at(source.span),
                    ),
                }
            }
        }
        entries
    }

    /// The places of keys that stand in `entries` before, each said.
    fn doubles(&mut self, entries: &[Entry]) -> Vec<usize> {
        // Most mappings are small: comparing all pairs is cheaper than sorting.
        if entries.len() <= SMALL
            && entries.iter().enumerate().all(|(i, e)| entries.iter().take(i).all(|o| o.key != e.key))
        {
            return Vec::new();
        }
        let mut first: BTreeMap<&str, &Entry> = BTreeMap::new();
        let mut doubles = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            match first.get(entry.key.as_str()) {
                Some(before) => {
                    self.diagnostics.push(duplicate(before, entry));
                    doubles.push(index);
                }
                None => {
                    first.insert(&entry.key, entry);
                }
            }
        }
        doubles
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<Cow<'_, Tag>>,
        span: saphyr_parser::Span,
    ) -> (Node, bool) {
        let place = self.scalar_span(style, span);
        let tag = tag.as_deref();
        let kind = match tag {
            Some(tag) if tag.is_yaml_core_schema() => scalar::tagged(&tag.suffix, text),
            Some(_) => Ok(Kind::String(text.to_owned())),
            None if style == ScalarStyle::Plain => scalar::plain(text),
            None => Ok(Kind::String(text.to_owned())),
        };
        let merge = tag.is_none() && style == ScalarStyle::Plain && text == "<<";
        let kind = kind.unwrap_or_else(|bad| {
            self.diagnostics.push(bad_scalar(&bad, text).at(place));
            Kind::String(text.to_owned())
        });
        (Node { span: place, kind }, merge)
    }

    fn alias(&mut self, id: usize, span: saphyr_parser::Span) -> Result<(), Stop> {
        let Some((node, size)) = self.anchors.get(&id) else {
            self.diagnostics.push(
                Diagnostic::error("alias-of-itself", "", "this alias stands inside the value that it stands for")
                    .with_help("write the value out; a value cannot contain itself")
                    .with_tekton("yaml: anchor value contains itself")
                    .at(self.span(span.start, span.end)),
            );
            // A mapping, so that a merge key has nothing more to say.
            let node = Node { span: self.span(span.start, span.end), kind: Kind::Mapping(Vec::new()) };
            self.place(node, Size { weight: 1, height: 0 }, false);
            return Ok(());
        };
        let size = *size;
        self.copied = self.copied.saturating_add(size.weight);
        if self.copied > MAX_ALIAS_NODES {
            return Err(self.alias_bomb(span.start));
        }
        if self.open.len() + size.height > MAX_DEPTH {
            return Err(self.too_deep(span.start));
        }
        let node = node.clone();
        self.place(node, size, false);
        Ok(())
    }

    fn register(&mut self, anchor: usize, node: &Node, size: Size, at: Marker) -> Result<(), Stop> {
        if anchor == 0 {
            return Ok(());
        }
        self.copied = self.copied.saturating_add(size.weight);
        if self.copied > MAX_ALIAS_NODES {
            return Err(self.alias_bomb(at));
        }
        self.anchors.insert(anchor, (node.clone(), size));
        Ok(())
    }

    fn count(&mut self, at: Marker) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let diagnostic = Diagnostic::error("too-many-values", "", format!("the file has more than {MAX_NODES} values"))
            .with_help("split the file")
            .at(self.span(at, at));
        Err(Stop { diagnostic: Box::new(diagnostic), line: self.line(at), fatal: true })
    }

    fn alias_bomb(&self, at: Marker) -> Stop {
        let message = format!("anchors and aliases copy more than {MAX_ALIAS_NODES} values: an alias bomb");
        let diagnostic = Diagnostic::error("alias-bomb", "", message)
            .with_help("write the values out, or use fewer aliases of aliases")
            .with_tekton("yaml: document contains excessive aliasing")
            .at(self.span(at, at));
        Stop { diagnostic: Box::new(diagnostic), line: self.line(at), fatal: true }
    }

    fn too_deep(&self, at: Marker) -> Stop {
        let diagnostic =
            Diagnostic::error("too-deep", "", format!("lists and mappings are nested deeper than {MAX_DEPTH} levels"))
                .with_help("nest fewer lists and mappings")
                .with_tekton(format!("yaml: exceeded max depth of {MAX_DEPTH}"))
                .at(self.span(at, at));
        Stop { diagnostic: Box::new(diagnostic), line: self.line(at), fatal: false }
    }

    /// The line of `mark` in the whole text, from 1.
    fn line(&self, mark: Marker) -> usize {
        self.first_line + mark.line()
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        let start_place = point(self.source, self.line(start), start.col() + 1);
        let end_place = point(self.source, self.line(end), end.col() + 1);
        self.unshifted(Span { end_line: end_place.line, end_column: end_place.column, ..start_place })
    }

    /// A place in the text as the user wrote it.
    fn unshifted(&self, span: Span) -> Span {
        if self.shifts.is_empty() {
            return span;
        }
        let shift = |line: u32| self.shifts.get(line.saturating_sub(1) as usize).copied().unwrap_or(0);
        Span {
            column: span.column.saturating_sub(shift(span.line)).max(1),
            end_column: span.end_column.saturating_sub(shift(span.end_line)).max(1),
            ..span
        }
    }

    /// A block scalar's end is that of its last line with text.
    fn scalar_span(&self, style: ScalarStyle, span: saphyr_parser::Span) -> Span {
        let mut place = self.span(span.start, span.end);
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return place;
        }
        if let Some((line, column)) = self.block_header(place.line) {
            place.line = line;
            place.column = column;
        }
        let mut line = place.end_line;
        if place.end_column == 1 || self.blank(line) {
            line = line.saturating_sub(1);
        }
        while line > place.line && self.blank(line) {
            line -= 1;
        }
        let text = self.lines.get(line.saturating_sub(1) as usize).copied().unwrap_or_default();
        let width = text.trim_end_matches('\r').chars().count() + 1;
        if line > place.line || width as u32 > place.column {
            place.end_line = line;
            place.end_column = u32::try_from(width).unwrap_or(u32::MAX);
        }
        place
    }

    /// Where the `|` or `>` stands that opens the block scalar whose text begins at `line`:
    /// on the nearest line above that is not blank.
    fn block_header(&self, line: u32) -> Option<(u32, u32)> {
        let above = self.lines.get(..line.saturating_sub(1) as usize)?;
        let (index, text) = above.iter().enumerate().rev().find(|(_, l)| !l.trim().is_empty())?;
        let (at, _) = text
            .char_indices()
            .find(|(at, c)| matches!(c, '|' | '>') && text.get(at + 1..).is_some_and(is_header_rest))?;
        let column = text.get(..at)?.chars().count() + 1;
        Some((u32::try_from(index + 1).ok()?, u32::try_from(column).ok()?))
    }

    fn blank(&self, line: u32) -> bool {
        self.lines.get(line.saturating_sub(1) as usize).is_none_or(|l| l.trim().is_empty())
    }
}

/// What may follow `|`: chomping, an indentation digit, a comment.
fn is_header_rest(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c == '+' || c == '-' || c.is_ascii_digit());
    rest.trim().is_empty() || (rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#'))
}

/// The place of a tab among the white space that a line begins with.
fn tab_in_indentation(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    line.get(..indent)?.find('\t')
}

fn is_empty(span: Span) -> bool {
    (span.line, span.column) >= (span.end_line, span.end_column)
}

/// The key that a value is: texts as they are, booleans and numbers as Kubernetes writes them.
fn key_of(node: &Node, merge: bool) -> Key {
    let (text, bad) = match &node.kind {
        Kind::String(text) | Kind::Number(text) => (text.clone(), false),
        Kind::Bool(value) => (value.to_string(), false),
        Kind::Null | Kind::Sequence(_) | Kind::Mapping(_) => (String::new(), true),
    };
    Key { text, span: node.span, merge, bad }
}

fn duplicate(first: &Entry, second: &Entry) -> Diagnostic {
    let message = format!(
        "`{}` stands twice in this mapping: at {}:{} and at {}:{}",
        second.key, first.key_span.line, first.key_span.column, second.key_span.line, second.key_span.column
    );
    Diagnostic::error("duplicate-key", "", message)
        .with_help("keep one of the two; a list needs a `-` before each element")
        .with_tekton(format!("yaml: unmarshal errors: key \"{}\" already set in map", second.key))
        .at(second.key_span)
}

fn bad_scalar(bad: &BadScalar, text: &str) -> Diagnostic {
    match bad {
        BadScalar::NotFinite => Diagnostic::error(
            "not-finite",
            "",
            format!("`{text}` is not a number that JSON, and so Kubernetes, can hold"),
        )
        .with_help("write a finite number, or put the text in quotes")
        .with_tekton(format!("json: unsupported value: {text}")),
        BadScalar::Binary => Diagnostic::error("binary", "", "binary values (`!!binary`) are not taken")
            .with_help("use a Secret's `data` or a ConfigMap's `binaryData`, which hold base64 as plain text"),
        BadScalar::Tag(wanted) => {
            Diagnostic::error("wrong-tag", "", format!("the value is not {wanted}, as its tag says"))
                .with_help("correct the value or remove the `!!` tag")
                .with_tekton("yaml: cannot decode !!str")
        }
    }
}
