//! `tree`.
//!
//! Knows the drawing in ASCII, as `tree` makes it in the C locale. Colours and the formats for machines are refused.

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, output};
use crate::sizes;
use crate::status::{Kind, Status};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use userland_text::glob;

const TABLE: Table = Table::new(
    "tree",
    &[
        "a",
        "d",
        "f",
        "i",
        "l",
        "L=",
        "I=",
        "P=",
        "F",
        "p",
        "s",
        "h",
        "r",
        "t",
        "U",
        "n",
        "N",
        "Q",
        "u",
        "g",
        "C",
        "J",
        "X",
        "o=",
        "x",
        "D",
        "dirsfirst",
        "noreport",
        "prune",
        "charset=",
        "matchdirs",
        "ignore-case",
        "sort=",
        "gitignore",
        "du",
        "v",
        "c",
    ],
);

struct Drawing {
    given: Given,
    depth: usize,
    directories: usize,
    files: usize,
    /// Whether lines are drawn with box characters.
    boxes: bool,
}

struct Branch {
    name: OsString,
    path: PathBuf,
    status: Option<Status>,
    below: Vec<Branch>,
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(arguments)?;
    for key in ["C", "J", "X", "o", "D", "u", "g", "gitignore", "du", "c", "x", "Q"] {
        if given.has(key) {
            return Err(Failed::from(format!("option '{key}' is not supported here")));
        }
    }
    let depth = match given.text("L") {
        Some(text) => match text.parse::<usize>() {
            Ok(depth) if depth > 0 => depth,
            _ => return Err(Failed::from("Invalid level, must be greater than 0.")),
        },
        None => usize::MAX,
    };
    let boxes = given
        .text("charset")
        .is_some_and(|name| name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8"));
    let mut drawing = Drawing { given, depth, directories: 0, files: 0, boxes };
    let mut operands: Vec<PathBuf> = drawing.given.operands.iter().map(PathBuf::from).collect();
    if operands.is_empty() {
        operands.push(PathBuf::from("."));
    }
    let mut out = output();
    let mut code = 0;
    for path in operands {
        let status = Status::of(&path, true).ok();
        let Some(status) = status.filter(Status::is_directory) else {
            writeln!(out, "{}  [error opening dir]", path.display())?;
            code = 2;
            continue;
        };
        let branches = drawing.read(&path, 1);
        drawing.directories += usize::from(!branches.is_empty());
        let facts = drawing.facts(&status);
        write!(out, "{facts}")?;
        out.write_all(path.as_os_str().as_encoded_bytes())?;
        let slash = drawing.given.has("F") && !path.as_os_str().as_encoded_bytes().ends_with(b"/");
        writeln!(out, "{}", if slash { "/" } else { "" })?;
        drawing.draw(&branches, "", &mut out)?;
    }
    if !drawing.given.has("noreport") {
        let plural = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        write!(out, "\n{}", plural(drawing.directories, "directory", "directories"))?;
        if !drawing.given.has("d") {
            write!(out, ", {}", plural(drawing.files, "file", "files"))?;
        }
        writeln!(out)?;
    }
    out.flush()?;
    Ok(code)
}

impl Drawing {
    fn read(&self, path: &Path, level: usize) -> Vec<Branch> {
        let Ok(list) = std::fs::read_dir(path) else { return Vec::new() };
        let mut branches = Vec::new();
        for name in list.filter_map(Result::ok).map(|entry| entry.file_name()) {
            let text = name.as_encoded_bytes();
            if text.starts_with(b".") && !self.given.has("a") {
                continue;
            }
            let whole = crate::destination::joined(path, &name);
            let status = Status::of(&whole, false).ok();
            let leads = Status::of(&whole, true).is_ok_and(|status| status.is_directory());
            let is_directory = status.is_some_and(|status| status.is_directory()) || self.given.has("l") && leads;
            if self.given.has("d") && !leads || self.any("I", text) {
                continue;
            }
            if !is_directory && self.given.has("P") && !self.any("P", text) {
                continue;
            }
            let below = if is_directory && level < self.depth { self.read(&whole, level + 1) } else { Vec::new() };
            if is_directory && self.given.has("prune") && below.is_empty() {
                continue;
            }
            branches.push(Branch { name, path: whole, status, below });
        }
        self.order(&mut branches);
        branches
    }

    /// Whether one of the patterns of an option, with `|` between, is the name's.
    fn any(&self, key: &str, name: &[u8]) -> bool {
        self.given.all().filter(|(one, _)| *one == key).filter_map(|(_, value)| value).any(|value| {
            value
                .as_encoded_bytes()
                .split(|byte| *byte == b'|')
                .any(|pattern| glob::matches(pattern, name, self.given.has("ignore-case")))
        })
    }

    fn order(&self, branches: &mut [Branch]) {
        let sort = self.given.text("sort");
        if self.given.has("U") || sort.as_deref() == Some("none") {
            return;
        }
        branches.sort_by(|one, other| {
            let name = one.name.cmp(&other.name);
            let order = match sort.as_deref() {
                _ if self.given.has("t") => modified(one).cmp(&modified(other)).then(name),
                Some("mtime") => modified(one).cmp(&modified(other)).then(name),
                Some("size") => size(other).cmp(&size(one)).then(name),
                _ if self.given.has("v") => {
                    userland_text::versions(one.name.as_encoded_bytes(), other.name.as_encoded_bytes())
                }
                _ => name,
            };
            if self.given.has("r") { order.reverse() } else { order }
        });
        if self.given.has("dirsfirst") {
            branches.sort_by_key(|branch| !Status::of(&branch.path, true).is_ok_and(|status| status.is_directory()));
        }
    }

    fn facts(&self, status: &Status) -> String {
        let mut facts = Vec::new();
        if self.given.has("p") {
            facts.push(status.letters());
        }
        if self.given.has("h") {
            facts.push(format!("{:>4}", sizes::human(status.size, 1024)));
        } else if self.given.has("s") {
            facts.push(format!("{:>11}", status.size));
        }
        if facts.is_empty() { String::new() } else { format!("[{}]  ", facts.join(" ")) }
    }

    fn draw(&mut self, branches: &[Branch], before: &str, out: &mut impl Write) -> Outcome<()> {
        let (tee, corner, line) =
            if self.boxes { ("├── ", "└── ", "│   ") } else { ("|-- ", "`-- ", "|   ") };
        for (at, branch) in branches.iter().enumerate() {
            let last = at + 1 == branches.len();
            let is_directory = branch.status.is_some_and(|status| status.is_directory());
            if !self.given.has("i") {
                write!(out, "{before}{}", if last { corner } else { tee })?;
            }
            if let Some(status) = &branch.status {
                write!(out, "{}", self.facts(status))?;
            }
            let name = if self.given.has("f") { branch.path.as_os_str() } else { &branch.name };
            out.write_all(name.as_encoded_bytes())?;
            let leads = self.mark(branch, out)?;
            writeln!(out)?;
            if is_directory || leads {
                self.directories += 1
            } else {
                self.files += 1
            }
            let next = format!("{before}{}", if last { "    " } else { line });
            self.draw(&branch.below, &next, out)?;
        }
        Ok(())
    }

    /// What follows a name; says whether it is a link to a directory.
    fn mark(&self, branch: &Branch, out: &mut impl Write) -> Outcome<bool> {
        let Some(status) = branch.status else { return Ok(false) };
        let marked = self.given.has("F");
        match status.kind {
            Kind::Link => {
                let target = std::fs::read_link(&branch.path).unwrap_or_default();
                write!(out, " -> ")?;
                out.write_all(target.as_os_str().as_encoded_bytes())?;
                let leads = Status::of(&branch.path, true).is_ok_and(|status| status.is_directory());
                let runs = Status::of(&branch.path, true).is_ok_and(|status| status.mode & 0o111 != 0);
                match (marked, leads, runs) {
                    (true, true, _) => write!(out, "/")?,
                    (true, false, true) => write!(out, "*")?,
                    _ => {}
                }
                return Ok(leads);
            }
            Kind::Directory if marked => write!(out, "/")?,
            Kind::Fifo if marked => write!(out, "|")?,
            Kind::Socket if marked => write!(out, "=")?,
            Kind::File if marked && status.mode & 0o111 != 0 => write!(out, "*")?,
            _ => {}
        }
        Ok(false)
    }
}

fn modified(branch: &Branch) -> (i64, i64) {
    branch.status.map_or((0, 0), |status| status.modified)
}

fn size(branch: &Branch) -> u64 {
    branch.status.map_or(0, |status| status.size)
}
