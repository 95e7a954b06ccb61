//! The record and its fields: split when one is asked for, joined again when one was changed.
//!
//! Does not know where records come from.

use super::value::Value;
use crate::options::Bytes;
use crate::regex::Regex;
use std::rc::Rc;

/// How a record is split.
#[derive(Clone)]
pub enum Splitter {
    Blanks,
    Byte(u8),
    Regex(Rc<Regex>),
    Each,
    Widths(Vec<usize>),
    /// By what a field looks like.
    Pattern(Rc<Regex>),
}

pub struct Record {
    text: Bytes,
    ranges: Vec<(usize, usize)>,
    /// The fields by themselves, once one was changed.
    values: Option<Vec<Value>>,
    split: bool,
    joined: bool,
    pub splitter: Splitter,
    /// Whether a newline parts fields as well.
    pub by_lines: bool,
}

/// The most fields that an assignment may make.
pub const MOST_FIELDS: usize = 1 << 24;

impl Record {
    pub fn new() -> Self {
        Self {
            text: Bytes::new(),
            ranges: Vec::new(),
            values: None,
            split: true,
            joined: true,
            splitter: Splitter::Blanks,
            by_lines: false,
        }
    }

    /// A place for the next record's text.
    pub fn begin(&mut self) -> &mut Bytes {
        self.text.clear();
        self.changed();
        &mut self.text
    }

    pub fn set(&mut self, text: &[u8]) {
        self.begin().extend_from_slice(text);
    }

    /// The text, for one that replaces it.
    pub fn replaced(&mut self) -> &mut Bytes {
        self.changed();
        &mut self.text
    }

    fn changed(&mut self) {
        (self.split, self.joined, self.values) = (false, true, None);
    }

    /// Splits now, by what splits now.
    pub fn split(&mut self) {
        if !self.split {
            self.split = true;
            self.ranges.clear();
            split(&self.text, &self.splitter, self.by_lines, &mut self.ranges);
        }
    }

    pub fn count(&mut self) -> usize {
        self.split();
        self.values.as_ref().map_or(self.ranges.len(), Vec::len)
    }

    /// The text of a field, where it is part of the record's.
    pub fn slice(&mut self, field: usize, separator: &[u8], format: &[u8]) -> Option<&[u8]> {
        if field == 0 {
            return Some(self.text(separator, format));
        }
        self.split();
        if self.values.is_some() {
            return None;
        }
        Some(self.ranges.get(field - 1).map_or(&b""[..], |(from, to)| &self.text[*from..*to]))
    }

    /// The whole record.
    pub fn text(&mut self, separator: &[u8], format: &[u8]) -> &[u8] {
        if !self.joined
            && let Some(values) = &self.values
        {
            self.joined = true;
            self.text.clear();
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    self.text.extend_from_slice(separator);
                }
                value.append(&mut self.text, format);
            }
        }
        &self.text
    }

    pub fn field(&mut self, field: usize, separator: &[u8], format: &[u8]) -> Value {
        if let Some(text) = self.slice(field, separator, format) {
            let is_there = field == 0 || !text.is_empty() || field <= self.ranges.len();
            return if is_there {
                Value::input(self.slice(field, separator, format).unwrap_or_default().to_vec())
            } else {
                Value::Unset
            };
        }
        self.values.as_ref().and_then(|values| values.get(field - 1)).cloned().unwrap_or_default()
    }

    fn own(&mut self) -> &mut Vec<Value> {
        self.split();
        let (text, ranges) = (&self.text, &self.ranges);
        self.values
            .get_or_insert_with(|| ranges.iter().map(|(from, to)| Value::input(text[*from..*to].to_vec())).collect())
    }

    pub fn set_field(&mut self, field: usize, value: Value) {
        let values = self.own();
        if values.len() < field {
            values.resize(field, Value::Unset);
        }
        values[field - 1] = value;
        self.joined = false;
    }

    pub fn set_count(&mut self, count: usize) {
        self.own().resize(count, Value::Unset);
        self.joined = false;
    }
}

/// Where the fields of a text are.
pub fn split(text: &[u8], splitter: &Splitter, by_lines: bool, ranges: &mut Vec<(usize, usize)>) {
    if text.is_empty() {
        return;
    }
    match splitter {
        Splitter::Blanks => blanks(text, ranges),
        Splitter::Byte(byte) => {
            let mut from = 0;
            let ends = memchr::memchr2_iter(*byte, if by_lines { b'\n' } else { *byte }, text);
            for at in ends {
                ranges.push((from, at));
                from = at + 1;
            }
            ranges.push((from, text.len()));
        }
        Splitter::Each => ranges.extend((0..text.len()).map(|at| (at, at + 1))),
        Splitter::Regex(regex) => {
            let (mut from, mut at) = (0, 0);
            while let Some((start, end)) = regex.find_at(text, at) {
                let line = if by_lines { memchr::memchr(b'\n', &text[at..start]) } else { None };
                let (start, end) = line.map_or((start, end), |line| (at + line, at + line + 1));
                if start == end {
                    // What matches nothing parts nothing.
                    at = end + 1;
                    if at > text.len() {
                        break;
                    }
                    continue;
                }
                ranges.push((from, start));
                (from, at) = (end, end);
            }
            while by_lines && let Some(line) = memchr::memchr(b'\n', &text[from..]) {
                ranges.push((from, from + line));
                from += line + 1;
            }
            ranges.push((from, text.len()));
        }
        Splitter::Widths(widths) => {
            let mut from = 0;
            for width in widths {
                if from >= text.len() {
                    break;
                }
                let to = from.saturating_add(*width).min(text.len());
                ranges.push((from, to));
                from = to;
            }
        }
        Splitter::Pattern(regex) => {
            let mut at = 0;
            let mut last = None;
            while at <= text.len()
                && let Some((start, end)) = regex.find_at(text, at)
            {
                if start == end && last == Some(start) {
                    at = end + 1;
                    continue;
                }
                ranges.push((start, end));
                last = Some(end);
                at = if start == end { end + 1 } else { end };
            }
        }
    }
}

fn blanks(text: &[u8], ranges: &mut Vec<(usize, usize)>) {
    let blank = |byte: u8| byte == b' ' || byte == b'\t' || byte == b'\n';
    let mut at = 0;
    loop {
        while at < text.len() && blank(text[at]) {
            at += 1;
        }
        if at == text.len() {
            return;
        }
        let from = at;
        while at < text.len() && !blank(text[at]) {
            at += 1;
        }
        ranges.push((from, at));
    }
}
