//! YAML documents as values, and beside them how they were written: comments, styles, anchors.
//!
//! Knows the parser's events and where each lies in the text. Merge keys stay keys: they are not followed.

use crate::jq::json;
use crate::jq::value::{Map, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::HashMap;
use std::rc::Rc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Plain,
    Single,
    Double,
    Literal,
    Folded,
    /// In brackets.
    Flow,
}

/// How a value was written.
#[derive(Debug, Clone, Default)]
pub struct Node {
    pub value: Value,
    pub style: Style,
    /// A plain scalar as it stood there.
    pub text: String,
    pub tag: Option<String>,
    pub anchor: Option<String>,
    /// The name of what it stands for.
    pub alias: Option<String>,
    /// Lines above it.
    pub head: Vec<String>,
    /// What stands behind it, or behind its key.
    pub line: Option<String>,
    /// Keys with how they were written, and items without.
    pub children: Vec<(Option<Rc<Node>>, Rc<Node>)>,
}

/// A document.
#[derive(Debug, Clone, Default)]
pub struct Document {
    pub root: Rc<Node>,
    /// What a file begins with, up to the line `---`.
    pub lead: Vec<String>,
    /// Comments behind all.
    pub foot: Vec<String>,
}

struct Reader<'t> {
    events: Vec<(Event<'t>, Span)>,
    at: usize,
    lines: Vec<&'t str>,
    text: Vec<char>,
    anchors: HashMap<usize, Rc<Node>>,
    /// The last line, from 1, whose comments are taken.
    seen: usize,
}

/// All documents of a text.
pub fn read(text: &str) -> Result<Vec<Document>, String> {
    let mut events = Vec::new();
    for event in Parser::new_from_str(text) {
        events.push(event.map_err(|error| error.to_string())?);
    }
    let mut reader = Reader {
        events,
        at: 0,
        lines: text.lines().collect(),
        text: text.chars().collect(),
        anchors: HashMap::new(),
        seen: 0,
    };
    let mut documents = Vec::new();
    while reader.at < reader.events.len() {
        match reader.events[reader.at].0 {
            Event::DocumentStart(marked) => {
                let line = reader.events[reader.at].1.start.line();
                reader.at += 1;
                let lead = if marked && documents.is_empty() { reader.lead(line) } else { Vec::new() };
                documents.push(Document { lead, ..reader.document()? });
            }
            _ => reader.at += 1,
        }
    }
    Ok(documents)
}

/// What a plain scalar means.
pub fn resolved(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Number(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" => return Value::Number(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Number(f64::NEG_INFINITY),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix: &str, radix: u32| {
        digits.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, radix).ok())
    };
    if let Some(value) = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("0b", 2)) {
        return Value::Number(if text.starts_with('-') { -value } else { value } as f64);
    }
    let begins = digits.starts_with(|one: char| one.is_ascii_digit())
        || digits.starts_with('.') && digits[1..].starts_with(|one: char| one.is_ascii_digit());
    let fits = digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    if begins && fits && text.parse::<f64>().is_ok() {
        return json::number(text.trim_start_matches('+'));
    }
    Value::text(text)
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Document, String> {
        let root = self.node(true)?;
        let end = self.events.get(self.at).map_or(self.lines.len(), |(_, span)| span.start.line());
        let end = if matches!(self.events.get(self.at), Some((Event::DocumentEnd, _))) {
            let next = self
                .events
                .get(self.at + 1)
                .map(|(event, span)| (matches!(event, Event::DocumentStart(true)), span.start.line()));
            match next {
                Some((true, line)) => line.saturating_sub(1),
                _ => self.lines.len(),
            }
        } else {
            end
        };
        let foot = self.comments(end, 0);
        Ok(Document { root, foot, lead: Vec::new() })
    }

    /// The lines up to the one that says that a document begins, where nothing else stands in it.
    fn lead(&mut self, line: usize) -> Vec<String> {
        if self.lines.get(line.wrapping_sub(1)).is_none_or(|text| text.trim_end() != "---") {
            return Vec::new();
        }
        self.seen = line;
        self.lines[..line].iter().map(|line| (*line).to_owned()).collect()
    }

    /// The comment lines that come before the end of a line and were not taken yet.
    fn comments(&mut self, until: usize, column: usize) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for line in self.lines.iter().take(until).skip(self.seen) {
            let trimmed = line.trim();
            if trimmed.starts_with('#') {
                // One that stands deeper belongs to what came before, and stays there.
                let deeper = (line.len() - line.trim_start().len()).saturating_sub(column);
                found.push(format!("{}{trimmed}", " ".repeat(deeper)));
            } else if trimmed.is_empty() && found.last().is_some_and(|last| !last.is_empty()) {
                found.push(String::new());
            } else if !trimmed.is_empty() {
                found.clear();
            }
        }
        self.seen = self.seen.max(until);
        found
    }

    /// The comment behind a place in a line.
    fn behind(&mut self, line: usize, column: usize) -> Option<String> {
        let rest: String = self.lines.get(line.checked_sub(1)?)?.chars().skip(column).collect();
        let rest = rest.trim_start_matches([',', ']', '}', ' ', '\t', ':']);
        rest.starts_with('#').then(|| rest.trim_end().to_owned())
    }

    fn anchor(&self, id: usize, span: Span) -> Option<String> {
        if id == 0 {
            return None;
        }
        // The properties stand before the node, or its place takes them in.
        let begin = span.start.index();
        let from = self.text[..begin.min(self.text.len())].iter().rposition(|one| *one == '&');
        let here = self.text.get(begin) == Some(&'&');
        let at = if here { begin } else { from? };
        Some(self.text[at + 1..].iter().take_while(|one| !one.is_whitespace() && !",[]{}".contains(**one)).collect())
    }

    fn node(&mut self, with_head: bool) -> Result<Rc<Node>, String> {
        let Some((event, span)) = self.events.get(self.at).cloned() else {
            return Err("unexpected end of file".to_owned());
        };
        self.at += 1;
        let mut node = Node::default();
        let container = matches!(event, Event::SequenceStart(..) | Event::MappingStart(..));
        if with_head && !container {
            node.head = self.comments(span.start.line().saturating_sub(1), span.start.col());
        }
        match event {
            Event::Alias(id) => {
                let target = self.anchors.get(&id).ok_or("unknown anchor")?;
                node.value = target.value.clone();
                node.alias = target.anchor.clone();
                node.line = self.behind(span.end.line(), span.end.col());
            }
            Event::Scalar(text, style, id, tag) => {
                node.style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                node.tag = tag
                    .filter(|tag| !tag.handle.is_empty() || !tag.suffix.is_empty())
                    .map(|tag| shown_tag(&tag.handle, &tag.suffix));
                let is_text = node.tag.as_deref() == Some("!!str");
                node.value = if style == ScalarStyle::Plain && !is_text { resolved(&text) } else { Value::text(&text) };
                node.text = text.into_owned();
                node.anchor = self.anchor(id, span);
                if matches!(node.style, Style::Literal | Style::Folded) {
                    self.seen = self.seen.max(span.end.line().saturating_sub(1));
                } else {
                    node.line = self.behind(span.end.line(), span.end.col());
                    self.seen = self.seen.max(span.end.line());
                }
                self.remember(id, &node);
            }
            Event::SequenceStart(id, _) => self.sequence(&mut node, span, id)?,
            Event::MappingStart(id, _) => self.mapping(&mut node, span, id)?,
            other => return Err(format!("unexpected {other:?}")),
        }
        Ok(Rc::new(node))
    }

    fn sequence(&mut self, node: &mut Node, span: Span, id: usize) -> Result<(), String> {
        self.container(node, span, '[');
        node.anchor = self.anchor(id, span);
        let mut list = Vec::new();
        while !matches!(self.events.get(self.at), None | Some((Event::SequenceEnd, _))) {
            let head = self.head_of_next(node.style);
            let mut item = self.node(false)?;
            list.push(item.value.clone());
            Rc::make_mut(&mut item).head = head;
            node.children.push((None, item));
        }
        self.end(node);
        node.value = Value::array(list);
        self.remember(id, node);
        Ok(())
    }

    fn mapping(&mut self, node: &mut Node, span: Span, id: usize) -> Result<(), String> {
        self.container(node, span, '{');
        node.anchor = self.anchor(id, span);
        let mut map = Map::default();
        while !matches!(self.events.get(self.at), None | Some((Event::MappingEnd, _))) {
            let head = self.head_of_next(node.style);
            let mut key = self.node(false)?;
            let place = self.events.get(self.at - 1).map(|(_, span)| span.end);
            let mut value = self.node(false)?;
            let line = place.and_then(|place| self.behind(place.line(), place.col()));
            Rc::make_mut(&mut key).head = head;
            let is_container = matches!(value.value, Value::Array(_) | Value::Object(_))
                || matches!(value.style, Style::Literal | Style::Folded);
            Rc::make_mut(&mut key).line = line.filter(|_| is_container && node.style != Style::Flow);
            map.insert(Rc::from(key_text(&key)), value.value.clone());
            if !value.head.is_empty() {
                Rc::make_mut(&mut value).head.clear();
            }
            node.children.push((Some(key), value));
        }
        self.end(node);
        node.value = Value::object(map);
        self.remember(id, node);
        Ok(())
    }

    fn container(&self, node: &mut Node, span: Span, bracket: char) {
        // Its properties may stand before it.
        let mut at = span.start.index();
        while self.text.get(at).is_some_and(|one| matches!(one, '&' | '!')) {
            at += self.text[at..].iter().take_while(|one| !one.is_whitespace()).count();
            at += self.text[at..].iter().take_while(|one| **one == ' ').count();
        }
        if self.text.get(at) == Some(&bracket) {
            node.style = Style::Flow;
        }
    }

    fn head_of_next(&mut self, style: Style) -> Vec<String> {
        if style == Style::Flow {
            return Vec::new();
        }
        let (line, column) = self.events.get(self.at).map_or((0, 0), |(_, span)| (span.start.line(), span.start.col()));
        // An item stands behind its dash.
        let dash = self.lines.get(line.saturating_sub(1)).map_or(column, |line| line.len() - line.trim_start().len());
        self.comments(line.saturating_sub(1), column.min(dash))
    }

    fn end(&mut self, node: &mut Node) {
        if let Some((_, span)) = self.events.get(self.at).cloned()
            && node.style == Style::Flow
        {
            node.line = self.behind(span.end.line(), span.end.col());
            self.seen = self.seen.max(span.end.line());
        }
        self.at += 1;
    }

    fn remember(&mut self, id: usize, node: &Node) {
        if id > 0 {
            self.anchors.insert(id, Rc::new(node.clone()));
        }
    }
}

fn shown_tag(handle: &str, suffix: &str) -> String {
    match handle {
        "tag:yaml.org,2002:" => format!("!!{suffix}"),
        handle => format!("{handle}{suffix}"),
    }
}

/// A key as the value has it.
pub fn key_text(key: &Node) -> String {
    match &key.value {
        Value::Text(text) => text.to_string(),
        _ if !key.text.is_empty() => key.text.clone(),
        other => other.to_string(),
    }
}
