//! `basename`, `dirname`, `pwd`, `sync`: names of places.
//!
//! Knows POSIX's rules for the parts of a path, over bytes.

use crate::options::{Table, missing};
use crate::outcome::{Failed, Outcome, Report, output, quoted, reason};
use crate::status::Status;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

const BASENAME: Table = Table::new("basename", &["a,multiple", "s,suffix=", "z,zero"]).in_order();

pub fn basename(arguments: Vec<OsString>) -> Outcome {
    let given = BASENAME.read(arguments)?;
    let several = given.has("multiple") || given.has("suffix");
    if given.operands.is_empty() {
        return Err(missing(&BASENAME));
    }
    let mut suffix = given.value("suffix").map(|suffix| suffix.as_encoded_bytes().to_vec()).unwrap_or_default();
    let mut names = given.operands.as_slice();
    if !several {
        if let Some(more) = names.get(2) {
            return Err(crate::options::extra(&BASENAME, more));
        }
        if let [_, own] = names {
            suffix = own.as_encoded_bytes().to_vec();
            names = &names[..1];
        }
    }
    let mut out = output();
    for name in names {
        let name = last(name.as_encoded_bytes());
        let bare = name.strip_suffix(suffix.as_slice()).filter(|bare| !bare.is_empty()).unwrap_or(name);
        out.write_all(bare)?;
        out.write_all(if given.has("zero") { b"\0" } else { b"\n" })?;
    }
    out.flush()?;
    Ok(0)
}

fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(path.len().min(1), |at| at + 1);
    &path[..end]
}

/// The last part of a path.
pub fn last(path: &[u8]) -> &[u8] {
    let path = trimmed(path);
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) if path.len() > 1 => &path[at + 1..],
        _ => path,
    }
}

const DIRNAME: Table = Table::new("dirname", &["z,zero"]);

pub fn dirname(arguments: Vec<OsString>) -> Outcome {
    let given = DIRNAME.read(arguments)?;
    if given.operands.is_empty() {
        return Err(missing(&DIRNAME));
    }
    let mut out = output();
    for name in &given.operands {
        let path = trimmed(name.as_encoded_bytes());
        let directory = match path.iter().rposition(|byte| *byte == b'/') {
            None => &b"."[..],
            Some(at) => trimmed(&path[..=at]),
        };
        out.write_all(directory)?;
        out.write_all(if given.has("zero") { b"\0" } else { b"\n" })?;
    }
    out.flush()?;
    Ok(0)
}

const PWD: Table = Table::new("pwd", &["L,logical", "P,physical"]);

pub fn pwd(arguments: Vec<OsString>) -> Outcome {
    let given = PWD.read(arguments)?;
    if !given.operands.is_empty() {
        Report::new("pwd").warn("ignoring non-option arguments");
    }
    let real = std::env::current_dir()
        .map_err(|error| Failed::from(format!("cannot find current directory: {}", reason(&error))))?;
    let logical =
        given.last(&["logical", "physical"]) == Some("logical") || std::env::var_os("POSIXLY_CORRECT").is_some();
    let named = std::env::var_os("PWD").filter(|named| logical && Path::new(named).is_absolute());
    let same = |named: &OsString| match (Status::of(Path::new(named), true), Status::of(Path::new("."), true)) {
        (Ok(named), Ok(here)) => named.same(&here),
        _ => false,
    };
    let shown = named.filter(same).unwrap_or_else(|| real.into_os_string());
    let mut out = output();
    out.write_all(shown.as_encoded_bytes())?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(0)
}

const SYNC: Table = Table::new("sync", &["d,data", "f,file-system"]);

/// The sandbox's files are its host's to write: what was written is there already.
pub fn sync(arguments: Vec<OsString>) -> Outcome {
    let given = SYNC.read(arguments)?;
    let mut report = Report::new("sync");
    for path in &given.operands {
        if let Err(error) = Status::of(Path::new(path), true) {
            report.fail(format!("error opening {}: {}", quoted(path), reason(&error)));
        }
    }
    Ok(report.code)
}
