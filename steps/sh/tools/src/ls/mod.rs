//! `ls`: lists directories; `dir` and `vdir` are not here.
//!
//! Knows the formats that a pipe gets: one name a line, long, or commas. Columns and colours are for terminals, of
//! which the sandbox has none: `-C`, `-x` and `--color=always` are refused.

mod lines;

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, Report, output, quoted, reason};
use crate::sizes;
use crate::status::{Status, Time};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use userland_calendar as calendar;
use userland_text::glob;

const TABLE: Table = Table::new(
    "ls",
    &[
        "a,all",
        "A,almost-all",
        "1",
        "l",
        "R,recursive",
        "r,reverse",
        "t",
        "S",
        "U",
        "X",
        "v",
        "f",
        "sort=",
        "h,human-readable",
        "si",
        "d,directory",
        "i,inode",
        "F,classify=?",
        "p",
        "file-type",
        "indicator-style=",
        "color=?",
        "s,size",
        "n,numeric-uid-gid",
        "g",
        "o",
        "G,no-group",
        "u",
        "c",
        "time=",
        "full-time",
        "time-style=",
        "group-directories-first",
        "L,dereference",
        "H,dereference-command-line",
        "m",
        "k,kibibytes",
        "N,literal",
        "q,hide-control-chars",
        "show-control-chars",
        "Q,quote-name",
        "b,escape",
        "quoting-style=",
        "I,ignore=",
        "hide=",
        "B,ignore-backups",
        "w,width=",
        "T,tabsize=",
        "zero",
        "author",
        "C",
        "x",
        "format=",
        "block-size=",
        "hyperlink=?",
        "Z,context",
    ],
)
.code(2);

/// Half a year in seconds, as GNU counts it: older files show their year.
const HALF_YEAR: i64 = 31_556_952 / 2;

struct Entry {
    name: OsString,
    path: PathBuf,
    /// Missing where it could not be had.
    status: Option<Status>,
}

struct Listing {
    given: Given,
    long: bool,
    commas: bool,
    /// How wide a line of them is; 0 where it never ends.
    width: usize,
    sort: &'static str,
    time: &'static str,
    unit: Unit,
    /// Asked for when it is needed: a result that depends on the time is not kept.
    now: std::cell::LazyCell<Time>,
    report: Report,
    /// Whether something was already printed, so that a blank line comes first.
    begun: bool,
}

#[derive(Clone, Copy)]
enum Unit {
    Bytes,
    Human(u64),
    Of(u64),
}

/// How wide lines are: as is said, or 80.
fn width(given: &Given) -> Outcome<usize> {
    match given.text("width") {
        Some(text) => text.parse().map_err(|_| Failed::new(2, format!("invalid line width: {}", quoted(&text)))),
        None => Ok(std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(80)),
    }
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(arguments)?;
    refuse(&given)?;
    let mut operands: Vec<PathBuf> = given.operands.iter().map(PathBuf::from).collect();
    if operands.is_empty() {
        operands.push(PathBuf::from("."));
    }
    let mut listing = Listing::new(given)?;
    let mut out = output();
    listing.operands(operands, &mut out)?;
    out.flush()?;
    Ok(listing.report.code)
}

fn refuse(given: &Given) -> Outcome<()> {
    let format = given.text("format").unwrap_or_default();
    if given.last(&["C", "x", "1", "l", "m"]).is_some_and(|key| matches!(key, "C" | "x"))
        || format.starts_with("acro")
        || format == "vertical"
    {
        return Err(Failed::new(2, "columns are not supported here, as there is no terminal"));
    }
    if given.text("color").is_some_and(|when| matches!(when.as_str(), "always" | "yes" | "force"))
        || given.all().any(|(key, value)| key == "color" && value.is_none())
    {
        return Err(Failed::new(2, "colours are not supported here"));
    }
    for key in ["Z", "hyperlink"] {
        if given.has(key) || given.has("context") {
            return Err(Failed::new(2, format!("option '{key}' is not supported here")));
        }
    }
    if let Some(style) = given.text("quoting-style")
        && !matches!(style.as_str(), "literal" | "c" | "escape" | "shell")
    {
        return Err(Failed::new(2, format!("quoting style {} is not supported here", quoted(style))));
    }
    Ok(())
}

impl Listing {
    fn new(given: Given) -> Outcome<Self> {
        let long = given.has("l")
            || given.has("g")
            || given.has("o")
            || given.has("numeric-uid-gid")
            || given.has("full-time")
            || given.text("format").is_some_and(|format| matches!(format.as_str(), "long" | "verbose"));
        let width = width(&given)?;
        let commas = !long && (given.has("m") || given.text("format").is_some_and(|format| format == "commas"));
        let time = match given.text("time").as_deref() {
            Some("atime" | "access" | "use") => "atime",
            Some("ctime" | "status") => "ctime",
            Some("birth" | "creation") => return Err(Failed::new(2, "birth times are not known here")),
            Some("mtime" | "modification") => "mtime",
            Some(other) => return Err(TABLE.misused(format!("invalid argument {} for '--time'", quoted(other)))),
            None => match given.last(&["u", "c"]) {
                Some("u") => "atime",
                Some("c") => "ctime",
                _ => "mtime",
            },
        };
        let sort = match given.text("sort").as_deref() {
            Some("none") => "U",
            Some("size") => "S",
            Some("time") => "t",
            Some("version") => "v",
            Some("extension") => "X",
            Some("name") => "name",
            Some(other) => return Err(TABLE.misused(format!("invalid argument {} for '--sort'", quoted(other)))),
            None => match given.last(&["t", "S", "U", "X", "v", "f"]) {
                Some("f") => "U",
                Some(key) => key,
                // -u and -c alone sort by that time, but not together with -l.
                None if !long && (given.has("u") || given.has("c")) => "t",
                None => "name",
            },
        };
        let unit = match given.text("block-size") {
            Some(size) => Unit::Of(
                sizes::parse(&size)
                    .filter(|size| *size > 0)
                    .ok_or_else(|| Failed::new(2, format!("invalid --block-size argument {}", quoted(&size))))?,
            ),
            None if given.has("si") => Unit::Human(1000),
            None if given.has("human-readable") => Unit::Human(1024),
            None => Unit::Bytes,
        };
        Ok(Self {
            given,
            long,
            commas,
            width,
            sort,
            time,
            unit,
            now: std::cell::LazyCell::new(calendar::now),
            report: Report::new("ls"),
            begun: false,
        })
    }

    fn needs_status(&self) -> bool {
        let keys =
            ["inode", "size", "p", "file-type", "recursive", "group-directories-first", "classify", "indicator-style"];
        self.long || !matches!(self.sort, "name" | "U" | "X" | "v") || keys.iter().any(|key| self.given.has(key))
    }

    fn operands(&mut self, operands: Vec<PathBuf>, out: &mut impl Write) -> Outcome<()> {
        let several = operands.len() > 1;
        let (mut files, mut directories) = (Vec::new(), Vec::new());
        let as_themselves = self.given.has("directory");
        let follow = !self.long && !self.given.has("classify")
            || self.given.has("dereference")
            || self.given.has("dereference-command-line");
        for path in operands {
            let status = match Status::of(&path, follow && !as_themselves || self.given.has("dereference")) {
                Err(error) if follow && !self.given.has("dereference") && error.kind() == io::ErrorKind::NotFound => {
                    Status::of(&path, false)
                }
                status => status,
            };
            match status {
                Ok(status) => {
                    let entry = Entry { name: path.clone().into_os_string(), path, status: Some(status) };
                    let list = if status.is_directory() && !as_themselves { &mut directories } else { &mut files };
                    list.push(entry);
                }
                Err(error) => self.report.fail_with(2, format!("cannot access {}: {}", quoted(&path), reason(&error))),
            }
        }
        self.order(&mut files);
        self.order(&mut directories);
        if !files.is_empty() {
            self.print(&files, out)?;
            self.begun = true;
        }
        let headed = several || self.given.has("recursive");
        for directory in directories {
            self.directory(&directory, headed, true, out)?;
        }
        Ok(())
    }

    fn directory(&mut self, directory: &Entry, headed: bool, named: bool, out: &mut impl Write) -> Outcome<()> {
        let list = match std::fs::read_dir(&directory.path) {
            Ok(list) => list,
            Err(error) => {
                let text = format!("cannot open directory {}: {}", quoted(&directory.path), reason(&error));
                self.report.fail_with(if named { 2 } else { 1 }, text);
                return Ok(());
            }
        };
        let mut entries = Vec::new();
        let all = self.given.last(&["all", "almost-all", "f"]);
        if matches!(all, Some("all" | "f")) {
            for name in [".", ".."] {
                entries.push(self.entry(&directory.path, OsStr::new(name)));
            }
        }
        for entry in list {
            let name = entry?.file_name();
            if self.shown(&name, all.is_some()) {
                entries.push(self.entry(&directory.path, &name));
            }
        }
        self.order(&mut entries);
        if self.begun {
            writeln!(out)?;
        }
        if headed {
            out.write_all(directory.path.as_os_str().as_encoded_bytes())?;
            out.write_all(b":\n")?;
        }
        self.begun = true;
        if self.long || self.given.has("size") {
            let blocks: u64 = entries.iter().filter_map(|entry| entry.status).map(|status| status.blocks).sum();
            writeln!(out, "total {}", self.blocks(blocks))?;
        }
        self.print(&entries, out)?;
        if self.given.has("recursive") {
            for entry in &entries {
                let is_dots = entry.name == "." || entry.name == "..";
                if entry.status.is_some_and(|status| status.is_directory()) && !is_dots {
                    self.directory(entry, true, false, out)?;
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, directory: &Path, name: &OsStr) -> Entry {
        let mut path = directory.as_os_str().to_owned();
        if !path.as_encoded_bytes().ends_with(b"/") {
            path.push("/");
        }
        path.push(name);
        let path = PathBuf::from(path);
        let mut status = None;
        if self.needs_status() {
            let found = Status::of(&path, self.given.has("dereference"));
            // Above the sandbox's root is nothing: as on Linux, the root is above itself.
            let found = if name == ".." { found.or_else(|_| Status::of(directory, true)) } else { found };
            match found {
                Ok(found) => status = Some(found),
                Err(error) => self.report.fail(format!("cannot access {}: {}", quoted(&path), reason(&error))),
            }
        }
        Entry { name: name.to_owned(), path, status }
    }

    fn shown(&self, name: &OsStr, all: bool) -> bool {
        let bytes = name.as_encoded_bytes();
        if !all && bytes.starts_with(b".") || self.given.has("ignore-backups") && bytes.ends_with(b"~") {
            return false;
        }
        let matched = |key: &str| {
            self.given.all().any(|(name, pattern)| {
                name == key && pattern.is_some_and(|pattern| glob::matches(pattern.as_encoded_bytes(), bytes, false))
            })
        };
        !matched("ignore") && (all || !matched("hide"))
    }

    fn time_of(&self, entry: &Entry) -> Time {
        match (entry.status, self.time) {
            (Some(status), "atime") => status.accessed,
            (Some(status), "ctime") => status.changed,
            (Some(status), _) => status.modified,
            (None, _) => (0, 0),
        }
    }

    fn order(&self, entries: &mut [Entry]) {
        if self.sort == "U" {
            return;
        }
        let size = |entry: &Entry| entry.status.map_or(0, |status| status.size);
        let extension = |entry: &Entry| {
            let name = entry.name.as_encoded_bytes();
            name.iter().rposition(|byte| *byte == b'.').map(|at| name[at..].to_vec()).unwrap_or_default()
        };
        entries.sort_by(|one, other| {
            let by_name = one.name.as_encoded_bytes().cmp(other.name.as_encoded_bytes());
            let order = match self.sort {
                "t" => self.time_of(other).cmp(&self.time_of(one)),
                "S" => size(other).cmp(&size(one)),
                "X" => extension(one).cmp(&extension(other)),
                "v" => userland_text::versions(one.name.as_encoded_bytes(), other.name.as_encoded_bytes()),
                _ => by_name,
            };
            let order = order.then(by_name);
            if self.given.has("reverse") { order.reverse() } else { order }
        });
        if self.given.has("group-directories-first") {
            let rank = |entry: &Entry| {
                let follow = Status::of(&entry.path, true).ok().or(entry.status);
                !follow.is_some_and(|status| status.is_directory())
            };
            entries.sort_by_key(rank);
        }
    }
}
