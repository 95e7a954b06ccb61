//! `install`.
//!
//! Knows how to copy with a mode and to make directories. Stripping, and owners other than root, are refused.

use crate::copy::{Copying, Follow};
use crate::destination::{Backup, Placement};
use crate::modes::for_new;
use crate::options::Table;
use crate::outcome::{Failed, Outcome, Report, quoted, reason};
use crate::status::{self, Status};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

const TABLE: Table = Table::new(
    "install",
    &[
        "d,directory",
        "m,mode=",
        "D",
        "t,target-directory=",
        "T,no-target-directory",
        "v,verbose",
        "p,preserve-timestamps",
        "o,owner=",
        "g,group=",
        "s,strip",
        "strip-program=",
        "C,compare",
        "b",
        "backup=?",
        "S,suffix=",
        "c",
        "Z",
        "context=?",
    ],
);

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let mut given = TABLE.read(arguments)?;
    if given.has("strip") {
        return Err(Failed::from("stripping is not supported here"));
    }
    for key in ["owner", "group"] {
        if let Some(name) = given.text(key).filter(|name| !matches!(name.as_str(), "root" | "0")) {
            let what = if key == "owner" { "user" } else { "group" };
            return Err(Failed::from(format!("invalid {what} {}", quoted(name))));
        }
    }
    let mode = for_new(&given.text("mode").unwrap_or_else(|| "755".to_owned()), 0, given.has("directory"))?;
    let mut report = Report::new("install");
    if given.has("directory") {
        if given.operands.is_empty() {
            return Err(TABLE.misused("missing file operand"));
        }
        for path in &given.operands {
            directory(Path::new(path), mode, given.has("verbose"), &mut report);
        }
        return Ok(report.code);
    }
    let leading = given.has("D");
    if leading && let Some(target) = given.value("target-directory") {
        let target = PathBuf::from(target);
        above(&target, given.has("verbose"), &mut report);
    }
    let placement = Placement::of(&TABLE, &mut given, false)?;
    let mut copying = Copying {
        follow: Follow::Always,
        recursive: false,
        keep_mode: false,
        keep_links: false,
        keep_times: given.has("preserve-timestamps"),
        remove_first: true,
        backup: Backup::of(&given)?,
        ..Copying::exact("install")
    };
    for (source, place) in placement.pairs {
        if let Ok(status) = Status::of(&source, true)
            && status.is_directory()
        {
            copying.report.fail(format!("omitting directory {}", quoted(&source)));
            continue;
        }
        if leading && let Some(parent) = place.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            above(parent, given.has("verbose"), &mut copying.report);
        }
        if given.has("compare") && same(&source, &place, mode) {
            continue;
        }
        let before = copying.report.code;
        copying.report.code = 0;
        copying.copy(&source, &place, true);
        if copying.report.code == 0 {
            if let Err(error) = status::set_mode(&place, true, mode) {
                copying.report.fail(format!("cannot change permissions of {}: {}", quoted(&place), reason(&error)));
            } else if given.has("verbose") {
                println!("{} -> {}", quoted(&source), quoted(&place));
            }
        }
        copying.report.code = copying.report.code.max(before);
    }
    Ok(report.code.max(copying.report.code))
}

fn same(source: &Path, place: &Path, mode: u32) -> bool {
    let alike = Status::of(place, true).is_ok_and(|status| status.mode == mode);
    alike && matches!((fs::read(source), fs::read(place)), (Ok(one), Ok(other)) if one == other)
}

fn above(path: &Path, verbose: bool, report: &mut Report) {
    let mut whole = PathBuf::new();
    for part in path.components() {
        whole.push(part);
        if Status::of(&whole, true).is_err() {
            match fs::create_dir(&whole) {
                Ok(()) if verbose => println!("install: creating directory {}", quoted(&whole)),
                Ok(()) => {}
                Err(error) => {
                    return report.fail(format!("cannot create directory {}: {}", quoted(&whole), reason(&error)));
                }
            }
        }
    }
}

fn directory(path: &Path, mode: u32, verbose: bool, report: &mut Report) {
    let code = report.code;
    report.code = 0;
    above(path, verbose, report);
    if report.code == 0 {
        match Status::of(path, true) {
            Ok(status) if !status.is_directory() => {
                report.fail(format!("{} exists but is not a directory", quoted(path)))
            }
            _ => {
                if let Err(error) = status::set_mode(path, true, mode) {
                    report.fail(format!("cannot change permissions of {}: {}", quoted(path), reason(&error)));
                }
            }
        }
    }
    report.code = report.code.max(code);
}
