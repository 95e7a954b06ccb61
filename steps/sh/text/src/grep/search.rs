//! Searches one file by large blocks of whole lines, and prints what was asked of the lines that are selected.
//!
//! An expression is matched against a whole block, so that lines without a match cost nothing each.

use crate::options::Bytes;
use crate::regex::Regex;
use crate::stream::{Out, Source, complain, shown};
use std::io::{self, Read};

const BLOCK: usize = 128 << 10;

/// What to do with a file that has zero bytes.
#[derive(Clone, Copy, PartialEq, Default)]
pub enum Binary {
    #[default]
    Say,
    Text,
    Skip,
}

/// What is asked of each file.
#[derive(Default)]
pub struct Ask {
    pub invert: bool,
    pub max: u64,
    pub offsets: bool,
    pub numbers: bool,
    pub with_name: bool,
    pub label: Bytes,
    pub only_matching: bool,
    pub quiet: bool,
    pub binary: Binary,
    pub list: bool,
    pub list_without: bool,
    pub count: bool,
    pub null: bool,
    pub zero: bool,
    pub after: usize,
    pub before: usize,
    pub context_asked: bool,
    pub color: bool,
    /// What stands between groups of context.
    pub between: Option<Bytes>,
    /// Whether a tab stands before each line.
    pub tab: bool,
}

/// Searches files, one after the other.
pub struct Search {
    regex: Option<Regex>,
    pub ask: Ask,
    pub out: Out,
    name: Bytes,
    text: Bytes,
    /// How many bytes of the file are before the text.
    base: u64,
    /// Up to where lines were counted, and how many.
    counted: (usize, u64),
    /// Up to where something was printed, and whether ever.
    printed: usize,
    any_printed: bool,
    /// Where in the file what was printed last ends.
    last: Option<u64>,
    pending: usize,
    selected: u64,
    binary: bool,
    end: u8,
}

impl Search {
    pub fn new(regex: Option<Regex>, ask: Ask, out: Out) -> Self {
        let end = if ask.zero { 0 } else { b'\n' };
        Self {
            regex,
            ask,
            out,
            name: Bytes::new(),
            text: Bytes::new(),
            base: 0,
            counted: (0, 0),
            printed: 0,
            any_printed: false,
            last: None,
            pending: 0,
            selected: 0,
            binary: false,
            end,
        }
    }

    /// Whether no line is printed.
    fn is_mute(&self) -> bool {
        self.ask.quiet || self.ask.list || self.ask.list_without || self.ask.count
    }

    /// Searches a file; says whether that makes grep succeed.
    pub fn source(&mut self, name: &[u8], mut source: Source) -> io::Result<bool> {
        self.name = if name == b"-" { self.ask.label.clone() } else { name.to_vec() };
        (self.base, self.counted, self.printed, self.pending, self.selected) = (0, (0, 0), 0, 0, 0);
        (self.binary, self.last) = (false, None);
        let read = self.lines(&mut source);
        let read = match read {
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => return Err(error),
            read => read,
        };
        let found = self.selected > 0;
        if self.ask.list_without || self.ask.list {
            if found == self.ask.list && !self.ask.quiet {
                self.print_name();
                self.out.byte(if self.ask.null { 0 } else { b'\n' });
            }
        } else if self.ask.count && !self.ask.quiet {
            if self.ask.with_name {
                self.print_name();
                self.separator(if self.ask.null { 0 } else { b':' });
            }
            self.out.line(self.selected.to_string().as_bytes());
        } else if found && self.binary && !self.ask.quiet {
            self.out.flush();
            let name = shown(&self.name);
            complain("grep", &format!("{name}: binary file matches"));
        }
        if self.out.by_line {
            self.out.flush();
        }
        read?;
        Ok(found)
    }

    pub fn finish(&mut self) {
        self.out.flush();
    }

    fn lines(&mut self, source: &mut Source) -> io::Result<()> {
        let mut text = std::mem::take(&mut self.text);
        text.resize(text.capacity().max(BLOCK), 0);
        // What is there, and up to where its lines are done.
        let (mut length, mut done) = (0, 0);
        let result = loop {
            if self.ask.max == 0 {
                break Ok(());
            }
            let keep = self.kept(&text[..done]);
            if self.ask.numbers {
                self.count_to(&text, keep);
            }
            text.copy_within(keep..length, 0);
            self.base += keep as u64;
            (length, done) = (length - keep, done - keep);
            self.counted.0 = self.counted.0.saturating_sub(keep);
            self.printed = self.printed.saturating_sub(keep);
            if length == text.len() {
                text.resize(text.len() * 2, 0);
            }
            let read = match source.read(&mut text[length..]) {
                Ok(read) => read,
                Err(error) => break Err(error),
            };
            if !self.binary && self.ask.binary != Binary::Text && !self.ask.zero {
                self.binary = memchr::memchr(0, &text[length..length + read]).is_some();
                if self.binary && self.ask.binary == Binary::Skip {
                    break Ok(());
                }
            }
            let before = length;
            length += read;
            if self.binary {
                // Zero bytes end lines as well, so that such a line is no longer than it must be.
                text[before..length].iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b'\n');
            }
            let whole = match read {
                0 => length,
                _ => memchr::memrchr(self.end, &text[before..length]).map_or(done, |at| before + at + 1),
            };
            if whole > done {
                let stop = self.block(&text[..whole], done);
                done = whole;
                if let Some(at) = stop {
                    let _ = source.seek_by(at as i64 - length as i64);
                    break Ok(());
                }
            }
            if read == 0 {
                break Ok(());
            }
        };
        self.text = text;
        result
    }

    /// From where lines before may yet be asked for as context.
    fn kept(&self, done: &[u8]) -> usize {
        if self.ask.before == 0 || self.is_mute() {
            done.len()
        } else {
            back(done, self.ask.before, self.end).max(self.printed)
        }
    }

    fn count_to(&mut self, text: &[u8], at: usize) {
        if at > self.counted.0 {
            self.counted.1 += memchr::memchr_iter(self.end, &text[self.counted.0..at]).count() as u64;
            self.counted.0 = at;
        }
    }

    /// Goes through whole lines from a place on. Gives the place to stop at once enough is known.
    fn block(&mut self, text: &[u8], from: usize) -> Option<usize> {
        let bare = text.len() - usize::from(text.ends_with(&[self.end]));
        let mut at = from;
        while at < text.len() {
            let found = match &self.regex {
                Some(regex) if self.ask.zero => Self::zero_match(regex, text, at),
                Some(regex) => regex.find_end_at(&text[..bare], at).map(|end| line_at(text, at, end, b'\n')),
                None => None,
            };
            let (start, end) = found.unwrap_or((text.len(), text.len()));
            let stop = if self.ask.invert {
                let stop = self.select(text, at, start);
                self.pass(text, start, end);
                stop
            } else {
                self.pass(text, at, start);
                self.select(text, start, end)
            };
            if stop.is_some() {
                return stop;
            }
            at = end;
        }
        None
    }

    /// With `-z` a line may hold newlines: each is matched by itself.
    fn zero_match(regex: &Regex, text: &[u8], mut at: usize) -> Option<(usize, usize)> {
        while at < text.len() {
            let end = memchr::memchr(0, &text[at..]).map_or(text.len(), |end| at + end);
            if regex.is_match(&text[at..end]) {
                return Some((at, (end + 1).min(text.len())));
            }
            at = end + 1;
        }
        None
    }

    /// Lines that are not selected: some may be context of what was before.
    fn pass(&mut self, text: &[u8], mut at: usize, to: usize) {
        while at < to && self.pending > 0 && !self.is_mute() && !self.binary {
            let (_, end) = line_at(text, at, at, self.end);
            self.print(text, at, end, b'-');
            self.pending -= 1;
            self.printed = end;
            at = end;
        }
    }

    fn select(&mut self, text: &[u8], mut at: usize, to: usize) -> Option<usize> {
        if at >= to {
            return None;
        }
        let ask = &self.ask;
        if ask.quiet || ask.list || ask.list_without || self.binary && !ask.count {
            self.selected += 1;
            return Some(line_at(text, at, at, self.end).1);
        }
        let plain =
            !(ask.numbers || ask.offsets || ask.with_name || ask.only_matching || ask.color || ask.context_asked);
        if ask.max == u64::MAX && (ask.count || plain) {
            let mut lines = if ask.count || self.selected == 0 {
                memchr::memchr_iter(self.end, &text[at..to]).count() as u64
            } else {
                0
            };
            let unended = text[to - 1] != self.end;
            lines += u64::from(unended);
            self.selected += lines;
            if !self.ask.count {
                self.out.put(&text[at..to]);
                if unended {
                    self.out.byte(self.end);
                }
            }
            return None;
        }
        while at < to {
            let (_, end) = line_at(text, at, at, self.end);
            self.selected += 1;
            if !self.ask.count {
                self.before(text, at);
                self.print(text, at, end, b':');
                self.printed = end;
                self.any_printed = true;
                self.pending = self.ask.after;
            }
            if self.selected == self.ask.max {
                self.trail(text, end);
                return Some(end);
            }
            at = end;
        }
        None
    }

    /// The lines after the last one that `-m` allows.
    fn trail(&mut self, text: &[u8], from: usize) {
        let mut at = from;
        while at < text.len() && self.pending > 0 && !self.is_mute() {
            let (_, end) = line_at(text, at, at, self.end);
            self.print(text, at, end, b'-');
            self.pending -= 1;
            at = end;
        }
    }

    fn before(&mut self, text: &[u8], at: usize) {
        if !self.ask.context_asked {
            return;
        }
        let mut from = back(&text[..at], self.ask.before, self.end).max(self.printed);
        let apart = self.last != Some(self.base + from as u64);
        if self.any_printed
            && apart
            && let Some(between) = self.ask.between.clone()
        {
            if self.ask.color {
                self.out.put(&[b"\x1b[36m\x1b[K", between.as_slice(), b"\x1b[m\x1b[K\n"].concat());
            } else {
                self.out.line(&between);
            }
        }
        while from < at {
            let (_, end) = line_at(text, from, from, self.end);
            self.print(text, from, end, b'-');
            from = end;
        }
    }

    fn print_name(&mut self) {
        let name = std::mem::take(&mut self.name);
        if self.ask.color {
            self.out.put(b"\x1b[35m\x1b[K");
            self.out.put(&name);
            self.out.put(b"\x1b[m\x1b[K");
        } else {
            self.out.put(&name);
        }
        self.name = name;
    }

    fn separator(&mut self, mark: u8) {
        if self.ask.color && mark != 0 {
            self.out.put(&[b"\x1b[36m\x1b[K", &[mark][..], b"\x1b[m\x1b[K"].concat());
        } else {
            self.out.byte(mark);
        }
    }

    fn prefix(&mut self, text: &[u8], at: usize, mark: u8) {
        if self.ask.with_name {
            self.print_name();
            self.separator(if self.ask.null { 0 } else { mark });
        }
        if self.ask.numbers {
            self.count_to(text, at);
            let number = (self.counted.1 + 1).to_string();
            self.colored(b"32", number.as_bytes());
            self.separator(mark);
        }
        if self.ask.offsets {
            let offset = (self.base + at as u64).to_string();
            self.colored(b"32", offset.as_bytes());
            self.separator(mark);
        }
        if self.ask.tab && (self.ask.with_name || self.ask.numbers || self.ask.offsets) {
            self.out.byte(b'\t');
        }
    }

    fn colored(&mut self, color: &[u8], text: &[u8]) {
        if self.ask.color {
            self.out.put(&[b"\x1b[", color, b"m\x1b[K", text, b"\x1b[m\x1b[K"].concat());
        } else {
            self.out.put(text);
        }
    }

    fn print(&mut self, text: &[u8], start: usize, end: usize, mark: u8) {
        self.last = Some(self.base + end as u64);
        let line = bare(&text[start..end], self.end);
        if self.ask.only_matching {
            if mark == b':' && !self.ask.invert {
                self.parts(text, start, line);
            }
            return;
        }
        self.prefix(text, start, mark);
        if self.ask.color && (mark == b':') != self.ask.invert {
            let mut from = 0;
            for (begin, stop) in self.matches(line) {
                self.out.put(&line[from..begin]);
                self.colored(b"01;31", &line[begin..stop]);
                from = stop;
            }
            self.out.put(&line[from..]);
        } else {
            self.out.put(line);
        }
        self.out.byte(self.end);
    }

    fn matches(&self, line: &[u8]) -> Vec<(usize, usize)> {
        let (mut found, mut at) = (Vec::new(), 0);
        let Some(regex) = &self.regex else { return found };
        while at <= line.len()
            && let Some((start, end)) = regex.find_at(line, at)
        {
            if end > start {
                found.push((start, end));
            }
            at = end.max(start + usize::from(start == end));
        }
        found
    }

    fn parts(&mut self, text: &[u8], start: usize, line: &[u8]) {
        for (from, to) in self.matches(line) {
            if self.ask.numbers {
                self.count_to(text, start);
            }
            let counted = self.counted;
            if self.ask.offsets {
                // The line's number, but the part's place.
                let numbers = std::mem::replace(&mut self.ask.offsets, false);
                self.prefix(text, start, b':');
                self.ask.offsets = numbers;
                let offset = (self.base + (start + from) as u64).to_string();
                self.colored(b"32", offset.as_bytes());
                self.separator(b':');
            } else {
                self.prefix(text, start, b':');
            }
            self.counted = counted;
            self.colored(b"01;31", &line[from..to]);
            self.out.byte(self.end);
        }
        if let (true, Some(_)) = (self.out.by_line, &self.regex) {
            self.out.flush();
        }
    }
}

fn bare(line: &[u8], end: u8) -> &[u8] {
    line.strip_suffix(&[end]).unwrap_or(line)
}

/// The line that a place is in, not looking before `least`, with what ends it.
fn line_at(text: &[u8], least: usize, at: usize, end: u8) -> (usize, usize) {
    let start = memchr::memrchr(end, &text[least..at]).map_or(least, |before| least + before + 1);
    let stop = memchr::memchr(end, &text[at..]).map_or(text.len(), |after| at + after + 1);
    (start, stop)
}

/// Where the last so many lines of a text begin.
fn back(text: &[u8], lines: usize, end: u8) -> usize {
    let mut at = text.len();
    for _ in 0..lines {
        if at == 0 {
            break;
        }
        at = memchr::memrchr(end, &text[..at - 1]).map_or(0, |before| before + 1);
    }
    at
}
