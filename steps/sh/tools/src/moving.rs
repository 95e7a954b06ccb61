//! `mv`.
//!
//! Renames, and where that can't be done, copies and removes. Knows backups and questions as `cp` does.

use crate::copy::{Copying, inside};
use crate::destination::{Backup, Placement, asked};
use crate::options::{Given, Table};
use crate::outcome::{Outcome, Report, quoted, reason};
use crate::status::{Kind, Status};
use std::ffi::OsString;
use std::io;
use std::path::Path;

const TABLE: Table = Table::new(
    "mv",
    &[
        "f,force",
        "i,interactive",
        "n,no-clobber",
        "u,update=?",
        "v,verbose",
        "T,no-target-directory",
        "t,target-directory=",
        "strip-trailing-slashes",
        "b",
        "backup=?",
        "S,suffix=",
        "debug",
    ],
);

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let mut given = TABLE.read(arguments)?;
    let placement = Placement::of(&TABLE, &mut given, false)?;
    let backup = Backup::of(&given)?;
    let mut report = Report::new("mv");
    for (source, place) in placement.pairs {
        one(&source, &place, &given, &backup, &mut report);
    }
    Ok(report.code)
}

fn one(source: &Path, place: &Path, given: &Given, backup: &Backup, report: &mut Report) {
    let status = match Status::of(source, false) {
        Ok(status) => status,
        Err(error) => return report.fail(format!("cannot stat {}: {}", quoted(source), reason(&error))),
    };
    let there = Status::of(place, false).ok();
    if let Some(there) = &there
        && !allowed(source, place, &status, there, given, report)
    {
        return;
    }
    if status.is_directory() && inside(place, source) {
        let text = format!("cannot move {} to a subdirectory of itself, {}", quoted(source), quoted(place));
        return report.fail(text);
    }
    let kept = match backup.keep(place) {
        Ok(kept) => kept,
        Err(error) => return report.fail(format!("cannot backup {}: {}", quoted(place), reason(&error))),
    };
    if let Err(error) = moved(source, place, report) {
        return report.fail(format!("cannot move {} to {}: {}", quoted(source), quoted(place), reason(&error)));
    }
    if given.has("verbose") {
        let kept = kept.map(|kept| format!(" (backup: {})", quoted(kept))).unwrap_or_default();
        println!("renamed {} -> {}{kept}", quoted(source), quoted(place));
    }
}

fn allowed(source: &Path, place: &Path, status: &Status, there: &Status, given: &Given, report: &mut Report) -> bool {
    let last = given.last(&["interactive", "no-clobber", "force"]);
    let update = given.text("update").unwrap_or_else(|| "older".to_owned());
    if last == Some("no-clobber") || given.has("update") && update.starts_with("none") {
        return false;
    }
    if there.same(status) && status.kind != Kind::Link {
        report.fail(format!("{} and {} are the same file", quoted(source), quoted(place)));
        return false;
    }
    if given.has("update") && update == "older" && !status.is_directory() && there.modified >= status.modified {
        return false;
    }
    if there.is_directory() && !status.is_directory() {
        report.fail(format!("cannot overwrite directory {} with non-directory", quoted(place)));
        return false;
    }
    if !there.is_directory() && status.is_directory() {
        report.fail(format!("cannot overwrite non-directory {} with directory {}", quoted(place), quoted(source)));
        return false;
    }
    last != Some("interactive") || asked(&format!("mv: overwrite {}? ", quoted(place)))
}

fn moved(source: &Path, place: &Path, report: &mut Report) -> io::Result<()> {
    match std::fs::rename(source, place) {
        Err(error) if error.raw_os_error() == Some(libc::EXDEV) => {
            let mut copying = Copying::exact("mv");
            copying.copy(source, place, true);
            if copying.report.code != 0 {
                report.code = 1;
                return Ok(());
            }
            if Status::of(source, false)?.is_directory() {
                std::fs::remove_dir_all(source)
            } else {
                std::fs::remove_file(source)
            }
        }
        answer => answer,
    }
}
