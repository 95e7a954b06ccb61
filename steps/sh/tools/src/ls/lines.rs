//! The lines of `ls`: columns of the long format, sizes, dates, marks and names.
//!
//! Knows how an entry is shown. Does not know which are, nor in what order.

use super::{Entry, HALF_YEAR, Listing, Unit};
use crate::outcome::Outcome;
use crate::sizes;
use crate::status::{Kind, Status, Time};
use std::ffi::OsStr;
use std::io::Write;
use userland_calendar as calendar;

impl Listing {
    pub fn blocks(&self, blocks: u64) -> String {
        match self.unit {
            Unit::Human(base) => sizes::human(blocks * 512, base),
            Unit::Of(unit) => (blocks * 512).div_ceil(unit).to_string(),
            Unit::Bytes => (blocks * 512).div_ceil(1024).to_string(),
        }
    }

    fn size(&self, bytes: u64) -> String {
        match self.unit {
            Unit::Human(base) => sizes::human(bytes, base),
            Unit::Of(unit) => bytes.div_ceil(unit).to_string(),
            Unit::Bytes => bytes.to_string(),
        }
    }

    fn mark(&self, status: Option<Status>) -> &'static str {
        let Some(status) = status else { return "" };
        let style = match self.given.last(&["classify", "p", "file-type", "indicator-style"]) {
            Some("indicator-style") => self.given.text("indicator-style").unwrap_or_default(),
            Some("p") => "slash".to_owned(),
            Some("file-type") => "file-type".to_owned(),
            Some(_) if !matches!(self.given.text("classify").as_deref(), Some("never" | "auto" | "tty")) => {
                "classify".to_owned()
            }
            _ => return "",
        };
        match (status.kind, style.as_str()) {
            (Kind::Directory, "slash" | "file-type" | "classify") => "/",
            (_, "slash" | "none") => "",
            (Kind::Link, _) => "@",
            (Kind::Fifo, _) => "|",
            (Kind::Socket, _) => "=",
            (Kind::File, "classify") if status.mode & 0o111 != 0 => "*",
            _ => "",
        }
    }

    fn name(&self, name: &OsStr) -> Vec<u8> {
        let bytes = name.as_encoded_bytes();
        let style = self.given.text("quoting-style");
        let key = self.given.last(&["quote-name", "escape", "literal", "hide-control-chars", "quoting-style"]);
        match (key, style.as_deref()) {
            (Some("quote-name"), _) | (Some("quoting-style"), Some("c")) => escaped(bytes, true),
            (Some("escape"), _) | (Some("quoting-style"), Some("escape")) => escaped(bytes, false),
            (Some("hide-control-chars"), _) => {
                bytes.iter().map(|byte| if byte.is_ascii_control() { b'?' } else { *byte }).collect()
            }
            (Some("quoting-style"), Some("shell")) => crate::outcome::plain(name).into_bytes(),
            _ => bytes.to_vec(),
        }
    }

    pub fn print(&self, entries: &[Entry], out: &mut impl Write) -> Outcome<()> {
        let rows: Vec<Vec<String>> = entries.iter().map(|entry| self.columns(entry)).collect();
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count)
            .map(|at| rows.iter().filter_map(|row| row.get(at)).map(String::len).max().unwrap_or(0))
            .collect();
        let end: &[u8] = if self.given.has("zero") { b"\0" } else { b"\n" };
        let mut column = entries.first().map_or(0, |first| self.length(first, rows.first()));
        for (at, (entry, row)) in entries.iter().zip(&rows).enumerate() {
            for (column, (text, width)) in row.iter().zip(&widths).enumerate() {
                if self.left(column) { write!(out, "{text:<width$} ")? } else { write!(out, "{text:>width$} ")? }
            }
            out.write_all(&self.name(&entry.name))?;
            if self.long && entry.status.is_some_and(|status| status.kind == Kind::Link) {
                if let Ok(target) = std::fs::read_link(&entry.path) {
                    out.write_all(b" -> ")?;
                    out.write_all(&self.name(target.as_os_str()))?;
                    out.write_all(self.mark(Status::of(&entry.path, true).ok()).as_bytes())?;
                }
            } else {
                out.write_all(self.mark(entry.status).as_bytes())?;
            }
            match entries.get(at + 1) {
                Some(next) if self.commas => out.write_all(self.comma(&mut column, next, rows.get(at + 1)))?,
                _ => out.write_all(end)?,
            }
        }
        Ok(())
    }

    /// How many columns a name takes among commas.
    fn length(&self, entry: &Entry, row: Option<&Vec<String>>) -> usize {
        let before: usize = row.into_iter().flatten().map(|text| text.len() + 1).sum();
        let name = self.name(&entry.name);
        before + String::from_utf8_lossy(&name).chars().count() + self.mark(entry.status).len()
    }

    /// What stands behind a name: a line ends where the next one would not fit.
    fn comma(&self, column: &mut usize, next: &Entry, row: Option<&Vec<String>>) -> &'static [u8] {
        let length = self.length(next, row);
        if self.width != 0 && *column + 2 + length >= self.width {
            *column = length;
            return b",\n";
        }
        *column += 2 + length;
        b", "
    }

    /// Whether a column of the long format has its text on the left.
    fn left(&self, column: usize) -> bool {
        let before = usize::from(self.given.has("inode")) + usize::from(self.given.has("size"));
        let Some(column) = column.checked_sub(before) else { return false };
        let names = self.owners();
        column == 0
            || column >= 2 && column < 2 + names.len() && !self.given.has("numeric-uid-gid")
            || column == 2 + names.len() + 1
    }

    fn owners(&self) -> Vec<&'static str> {
        let group = !self.given.has("o") && !self.given.has("no-group");
        let mut names = Vec::new();
        if !self.given.has("g") {
            names.push("user");
        }
        if group {
            names.push("group");
        }
        if self.given.has("author") {
            names.push("user");
        }
        names
    }

    fn columns(&self, entry: &Entry) -> Vec<String> {
        let mut row = Vec::new();
        let known = entry.status;
        let text = |text: Option<String>| text.unwrap_or_else(|| "?".to_owned());
        if self.given.has("inode") {
            row.push(text(known.map(|status| status.inode.to_string())));
        }
        if self.given.has("size") {
            row.push(text(known.map(|status| self.blocks(status.blocks))));
        }
        if !self.long {
            return row;
        }
        row.push(known.map_or_else(|| "-?????????".to_owned(), |status| status.letters()));
        row.push(text(known.map(|status| status.links.to_string())));
        for owner in self.owners() {
            let id = known.map(|status| if owner == "user" { status.user } else { status.group });
            row.push(text(id.map(|id| match id {
                0 if !self.given.has("numeric-uid-gid") => "root".to_owned(),
                id => id.to_string(),
            })));
        }
        row.push(text(known.map(|status| self.size(status.size))));
        row.push(text(known.map(|_| self.date(self.time_of(entry)))));
        row
    }

    fn date(&self, time: Time) -> String {
        let style = self.given.text("time-style").unwrap_or_default();
        let recent = || time <= *self.now && time.0 > self.now.0 - HALF_YEAR;
        let style = style.strip_prefix("posix-").unwrap_or(&style);
        if self.given.has("full-time") || style == "full-iso" {
            return calendar::format("%Y-%m-%d %H:%M:%S.%N %z", time);
        }
        if let Some(pattern) = style.strip_prefix('+') {
            let (old, new) = pattern.split_once('\n').unwrap_or((pattern, pattern));
            return calendar::format(if old != new && recent() { new } else { old }, time);
        }
        let pattern = match style {
            "long-iso" => "%Y-%m-%d %H:%M",
            "iso" if recent() => "%m-%d %H:%M",
            "iso" => "%Y-%m-%d ",
            _ if recent() => "%b %e %H:%M",
            _ => "%b %e  %Y",
        };
        calendar::format(pattern, time)
    }
}

fn escaped(name: &[u8], quotes: bool) -> Vec<u8> {
    let mut answer = Vec::new();
    if quotes {
        answer.push(b'"');
    }
    for byte in name {
        match byte {
            b'\n' => answer.extend(b"\\n"),
            b'\t' => answer.extend(b"\\t"),
            b'\r' => answer.extend(b"\\r"),
            b'\\' => answer.extend(b"\\\\"),
            b'"' if quotes => answer.extend(b"\\\""),
            b' ' if !quotes => answer.extend(b"\\ "),
            byte if byte.is_ascii_control() || !byte.is_ascii() => answer.extend(format!("\\{byte:03o}").bytes()),
            byte => answer.push(*byte),
        }
    }
    if quotes {
        answer.push(b'"');
    }
    answer
}
