//! `du`.
//!
//! Knows what files take in blocks, or their sizes, each file once whatever its names.

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, Report, output, quoted, reason};
use crate::sizes;
use crate::status::Status;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use userland_text::glob;

const TABLE: Table = Table::new(
    "du",
    &[
        "a,all",
        "apparent-size",
        "B,block-size=",
        "b,bytes",
        "c,total",
        "d,max-depth=",
        "h,human-readable",
        "si",
        "k",
        "m",
        "s,summarize",
        "S,separate-dirs",
        "x,one-file-system",
        "L,dereference",
        "D,H,dereference-args",
        "P,no-dereference",
        "l,count-links",
        "0,null",
        "exclude=",
        "t,threshold=",
    ],
);

struct Use {
    given: Given,
    apparent: bool,
    depth: usize,
    unit: u64,
    seen: HashSet<(u64, u64)>,
    report: Report,
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(arguments)?;
    if given.has("all") && given.has("summarize") {
        return Err(TABLE.misused("cannot both summarize and show all entries"));
    }
    let depth = match given.text("max-depth") {
        Some(text) => text.parse().map_err(|_| TABLE.misused(format!("invalid maximum depth {}", quoted(&text))))?,
        None if given.has("summarize") => 0,
        None => usize::MAX,
    };
    let unit = match given.last(&["block-size", "bytes", "human-readable", "si", "k", "m"]) {
        Some("block-size") => {
            let text = given.text("block-size").unwrap_or_default();
            sizes::parse(&text)
                .filter(|size| *size > 0)
                .ok_or_else(|| Failed::from(format!("invalid --block-size argument {}", quoted(&text))))?
        }
        Some("bytes") => 1,
        Some("m") => 1 << 20,
        _ => 1024,
    };
    let apparent = given.has("apparent-size") || given.has("bytes");
    let mut operands: Vec<PathBuf> = given.operands.iter().map(PathBuf::from).collect();
    if operands.is_empty() {
        operands.push(PathBuf::from("."));
    }
    let mut using = Use { given, apparent, depth, unit, seen: HashSet::new(), report: Report::new("du") };
    let mut out = output();
    let mut total = 0;
    for path in operands {
        total += using.walk(&path, 0, &mut out)?.unwrap_or(0);
    }
    if using.given.has("total") {
        using.print(total, Path::new("total"), &mut out)?;
    }
    out.flush()?;
    Ok(using.report.code)
}

impl Use {
    fn walk(&mut self, path: &Path, level: usize, out: &mut impl Write) -> Outcome<Option<u64>> {
        let name = path.file_name().unwrap_or(path.as_os_str()).as_encoded_bytes();
        let left_out = |pattern: &std::ffi::OsStr| {
            let pattern = pattern.as_encoded_bytes();
            glob::matches(pattern, name, false) || glob::matches(pattern, path.as_os_str().as_encoded_bytes(), false)
        };
        if self.given.all().any(|(key, value)| key == "exclude" && value.is_some_and(left_out)) {
            return Ok(None);
        }
        let follow = self.given.has("dereference") || level == 0 && self.given.has("dereference-args");
        let status = match Status::of(path, follow) {
            Ok(status) => status,
            Err(error) => {
                self.report.fail(format!("cannot access {}: {}", quoted(path), reason(&error)));
                return Ok(None);
            }
        };
        let many = status.links > 1 || follow;
        if many
            && !self.given.has("count-links")
            && !self.seen.insert((status.device, status.inode))
            && (!status.is_directory() || follow)
        {
            return Ok(None);
        }
        let own = match (self.apparent, status.is_directory()) {
            (true, _) => status.size,
            (false, _) => status.blocks * 512,
        };
        let mut whole = own;
        let mut separate = own;
        if status.is_directory() {
            match std::fs::read_dir(path) {
                Ok(list) => {
                    let mut names: Vec<OsString> = list.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
                    names.sort();
                    for name in names {
                        let below = crate::destination::joined(path, &name);
                        let is_directory = Status::of(&below, follow).is_ok_and(|status| status.is_directory());
                        let size = self.walk(&below, level + 1, out)?.unwrap_or(0);
                        whole += size;
                        separate += if is_directory { 0 } else { size };
                    }
                }
                Err(error) => self.report.fail(format!("cannot read directory {}: {}", quoted(path), reason(&error))),
            }
        }
        if (status.is_directory() || level == 0 || self.given.has("all")) && level <= self.depth {
            self.print(if self.given.has("separate-dirs") { separate } else { whole }, path, out)?;
        }
        Ok(Some(whole))
    }

    fn print(&self, bytes: u64, path: &Path, out: &mut impl Write) -> Outcome<()> {
        if let Some(least) = self.given.text("threshold") {
            let (below, digits) = least.strip_prefix('-').map_or((false, least.as_str()), |digits| (true, digits));
            let least = sizes::parse(digits)
                .ok_or_else(|| Failed::from(format!("invalid --threshold argument {}", quoted(&least))))?;
            if below && bytes > least || !below && bytes < least {
                return Ok(());
            }
        }
        let size = match self.given.last(&["block-size", "bytes", "human-readable", "si", "k", "m"]) {
            Some("human-readable") => sizes::human(bytes, 1024),
            Some("si") => sizes::human(bytes, 1000),
            _ => bytes.div_ceil(self.unit).to_string(),
        };
        write!(out, "{size}\t")?;
        out.write_all(path.as_os_str().as_encoded_bytes())?;
        out.write_all(if self.given.has("null") { b"\0" } else { b"\n" })?;
        Ok(())
    }
}
