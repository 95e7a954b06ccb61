//! How `diff` shows changes: in its own form, with context, or unified.
//!
//! Does not know how changes are found.

use super::forms::rcs;
use super::script::Change;
use crate::options::Bytes;
use crate::regex::Regex;
use crate::stream::Out;

#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    Normal,
    Context(usize),
    Unified(usize),
    Ed,
    Rcs,
    /// Side by side, or by formats: all lines are shown.
    Whole,
}

impl Form {
    pub fn context(self) -> usize {
        match self {
            Self::Context(lines) | Self::Unified(lines) => lines,
            _ => 0,
        }
    }
}

/// Two files, by lines with their ends.
pub struct Pair<'a> {
    pub old: Vec<&'a [u8]>,
    pub new: Vec<&'a [u8]>,
    /// What stands above a hunk of a function: lines that match this.
    pub function: Option<Regex>,
    pub color: bool,
}

fn ended(line: &[u8], out: &mut Out) {
    out.put(line);
    if !line.ends_with(b"\n") {
        out.put(b"\n\\ No newline at end of file\n");
    }
}

fn colored(color: Option<&str>, prefix: &[u8], line: &[u8], out: &mut Out) {
    let Some(color) = color else {
        out.put(prefix);
        return ended(line, out);
    };
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    out.put(format!("\x1b[{color}m").as_bytes());
    out.put(prefix);
    out.put(text);
    out.put(b"\x1b[0m\n");
    if text.len() == line.len() {
        out.put(b"\\ No newline at end of file\n");
    }
}

fn range(from: usize, count: usize, separator: char) -> String {
    match count {
        0 => from.to_string(),
        1 => (from + 1).to_string(),
        count => format!("{}{separator}{}", from + 1, from + count),
    }
}

impl Pair<'_> {
    pub fn show(&self, form: Form, changes: &[(Change, bool)], out: &mut Out) {
        match form {
            Form::Normal => {
                changes.iter().filter(|(_, counts)| *counts).for_each(|(change, _)| self.normal(change, out))
            }
            Form::Ed => self.ed(changes, out),
            Form::Rcs => rcs(self, changes, out),
            Form::Whole => {}
            Form::Context(lines) | Form::Unified(lines) => {
                for hunk in hunks(changes, lines) {
                    if hunk.iter().any(|(_, counts)| *counts) {
                        if let Form::Context(_) = form {
                            self.context(hunk, lines, out);
                        } else {
                            self.unified(hunk, lines, out);
                        }
                    }
                }
            }
        }
    }

    fn color(&self, color: &'static str) -> Option<&'static str> {
        self.color.then_some(color)
    }

    fn normal(&self, change: &Change, out: &mut Out) {
        let letter = match (change.deleted, change.inserted) {
            (0, _) => 'a',
            (_, 0) => 'd',
            _ => 'c',
        };
        let old = range(change.old, change.deleted, ',');
        let new = range(change.new, change.inserted, ',');
        let head = format!("{old}{letter}{new}");
        match self.color {
            true => out.put(format!("\x1b[36m{head}\x1b[0m\n").as_bytes()),
            false => out.line(head.as_bytes()),
        }
        for line in &self.old[change.old..change.old + change.deleted] {
            colored(self.color("31"), b"< ", line, out);
        }
        if letter == 'c' {
            out.put(b"---\n");
        }
        for line in &self.new[change.new..change.new + change.inserted] {
            colored(self.color("32"), b"> ", line, out);
        }
    }

    /// A script for `ed`, from the end on.
    fn ed(&self, changes: &[(Change, bool)], out: &mut Out) {
        for (change, _) in changes.iter().rev().filter(|(_, counts)| *counts) {
            let letter = match (change.deleted, change.inserted) {
                (0, _) => 'a',
                (_, 0) => 'd',
                _ => 'c',
            };
            out.put(format!("{}{letter}\n", range(change.old, change.deleted, ',')).as_bytes());
            if change.inserted > 0 {
                for line in &self.new[change.new..change.new + change.inserted] {
                    out.line(line.strip_suffix(b"\n").unwrap_or(line));
                }
                out.put(b".\n");
            }
        }
    }

    /// The part of both files that a hunk shows.
    fn bounds(&self, hunk: &[(Change, bool)], lines: usize) -> (usize, usize, usize, usize) {
        let (first, last) = (&hunk[0].0, &hunk[hunk.len() - 1].0);
        let before = lines.min(first.old).min(first.new);
        let old_end = last.old + last.deleted;
        let new_end = last.new + last.inserted;
        let after = lines.min(self.old.len() - old_end).min(self.new.len() - new_end);
        (first.old - before, old_end + after, first.new - before, new_end + after)
    }

    /// The last line before a place that a function begins with.
    fn heading(&self, before: usize) -> Bytes {
        let Some(regex) = &self.function else { return Bytes::new() };
        let found =
            self.old[..before].iter().rev().find(|line| regex.is_match(line.strip_suffix(b"\n").unwrap_or(line)));
        found.map_or_else(Bytes::new, |line| {
            let line = line.trim_ascii_end();
            [b" ", &line[..line.len().min(40)]].concat()
        })
    }

    fn unified(&self, hunk: &[(Change, bool)], lines: usize, out: &mut Out) {
        let (old, old_end, new, new_end) = self.bounds(hunk, lines);
        let span = |from: usize, to: usize| match to - from {
            0 => format!("{from},0"),
            1 => (from + 1).to_string(),
            count => format!("{},{count}", from + 1),
        };
        let head = format!("@@ -{} +{} @@", span(old, old_end), span(new, new_end));
        match self.color {
            true => out.put(format!("\x1b[36m{head}\x1b[0m").as_bytes()),
            false => out.put(head.as_bytes()),
        }
        out.put(&self.heading(old));
        out.byte(b'\n');
        let mut at = old;
        for (change, _) in hunk {
            self.old[at..change.old].iter().for_each(|line| colored(None, b" ", line, out));
            for line in &self.old[change.old..change.old + change.deleted] {
                colored(self.color("31"), b"-", line, out);
            }
            for line in &self.new[change.new..change.new + change.inserted] {
                colored(self.color("32"), b"+", line, out);
            }
            at = change.old + change.deleted;
        }
        self.old[at..old_end].iter().for_each(|line| colored(None, b" ", line, out));
    }

    fn context(&self, hunk: &[(Change, bool)], lines: usize, out: &mut Out) {
        let (old, old_end, new, new_end) = self.bounds(hunk, lines);
        let span = |from: usize, to: usize| match to - from {
            0 | 1 => to.to_string(),
            _ => format!("{},{to}", from + 1),
        };
        out.put(b"***************");
        out.put(&self.heading(old));
        out.put(format!("\n*** {} ****\n", span(old, old_end)).as_bytes());
        let is_change = |change: &Change| change.deleted > 0 && change.inserted > 0;
        if hunk.iter().any(|(change, _)| change.deleted > 0) {
            let mut at = old;
            for (change, _) in hunk {
                self.old[at..change.old].iter().for_each(|line| colored(None, b"  ", line, out));
                let prefix: &[u8] = if is_change(change) { b"! " } else { b"- " };
                for line in &self.old[change.old..change.old + change.deleted] {
                    colored(self.color("31"), prefix, line, out);
                }
                at = change.old + change.deleted;
            }
            self.old[at..old_end].iter().for_each(|line| colored(None, b"  ", line, out));
        }
        out.put(format!("--- {} ----\n", span(new, new_end)).as_bytes());
        if hunk.iter().any(|(change, _)| change.inserted > 0) {
            let mut at = new;
            for (change, _) in hunk {
                self.new[at..change.new].iter().for_each(|line| colored(None, b"  ", line, out));
                let prefix: &[u8] = if is_change(change) { b"! " } else { b"+ " };
                for line in &self.new[change.new..change.new + change.inserted] {
                    colored(self.color("32"), prefix, line, out);
                }
                at = change.new + change.inserted;
            }
            self.new[at..new_end].iter().for_each(|line| colored(None, b"  ", line, out));
        }
    }
}

/// Changes that are shown together, since what is between them is context of both.
fn hunks(changes: &[(Change, bool)], lines: usize) -> Vec<&[(Change, bool)]> {
    let mut hunks = Vec::new();
    let mut start = 0;
    for at in 1..=changes.len() {
        let apart = changes.get(at).is_none_or(|(next, counts)| {
            let before = &changes[at - 1].0;
            // One that does not count needs less to stand apart.
            let most = if *counts { 2 * lines + 1 } else { lines.max(1) };
            next.old - (before.old + before.deleted) >= most
        });
        if apart {
            hunks.push(&changes[start..at]);
            start = at;
        }
    }
    hunks
}
