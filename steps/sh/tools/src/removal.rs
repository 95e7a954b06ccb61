//! `rm`, `rmdir`, `unlink`.
//!
//! Knows GNU's questions and what it never removes: the root and the dots.

use crate::destination::{asked, joined};
use crate::options::{Table, missing};
use crate::outcome::{Failed, Outcome, Report, quoted, reason};
use crate::status::Status;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const RM: Table = Table::new(
    "rm",
    &[
        "r,R,recursive",
        "f,force",
        "i",
        "I",
        "interactive=?",
        "d,dir",
        "v,verbose",
        "one-file-system",
        "no-preserve-root",
        "preserve-root=?",
    ],
);

struct Removing {
    recursive: bool,
    force: bool,
    ask: bool,
    empty: bool,
    verbose: bool,
    report: Report,
}

pub fn rm(arguments: Vec<OsString>) -> Outcome {
    let given = RM.read(arguments)?;
    let force = given.last(&["force", "i", "I", "interactive"]) == Some("force");
    if given.operands.is_empty() {
        return if force { Ok(0) } else { Err(missing(&RM)) };
    }
    let when = given.text("interactive");
    let last = given.last(&["force", "i", "I", "interactive"]);
    let recursive = given.has("recursive");
    let once = last == Some("I") || last == Some("interactive") && when.as_deref() == Some("once");
    if once && (recursive || given.operands.len() > 3) {
        let count = given.operands.len();
        let plural = if count == 1 { "" } else { "s" };
        let how = if recursive { " recursively" } else { "" };
        if !asked(&format!("rm: remove {count} argument{plural}{how}? ")) {
            return Ok(0);
        }
    }
    let mut removing = Removing {
        recursive,
        force,
        ask: last == Some("i") || last == Some("interactive") && matches!(when.as_deref(), None | Some("always")),
        empty: given.has("dir"),
        verbose: given.has("verbose"),
        report: Report::new("rm"),
    };
    for path in &given.operands {
        let path = PathBuf::from(path);
        let name = path.as_os_str().as_encoded_bytes();
        let trimmed = &name[..name.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1)];
        if recursive && (trimmed.ends_with(b"/.") || trimmed.ends_with(b"/..") || trimmed == b"." || trimmed == b"..") {
            removing.report.fail(format!("refusing to remove '.' or '..' directory: skipping {}", quoted(&path)));
        } else if recursive && trimmed.is_empty() && !name.is_empty() && !given.has("no-preserve-root") {
            removing.report.fail("it is dangerous to operate recursively on '/'");
            removing.report.warn("use --no-preserve-root to override this failsafe");
        } else {
            removing.remove(&path);
        }
    }
    Ok(removing.report.code)
}

impl Removing {
    fn remove(&mut self, path: &Path) -> bool {
        let status = match Status::of(path, false) {
            Ok(status) => status,
            Err(error)
                if self.force && matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                return true;
            }
            Err(error) => {
                self.report.fail(format!("cannot remove {}: {}", quoted(path), reason(&error)));
                return false;
            }
        };
        if status.is_directory() {
            return self.directory(path);
        }
        let size = if status.size == 0 && status.kind == crate::status::Kind::File {
            "regular empty file"
        } else {
            status.words()
        };
        if self.ask && !asked(&format!("rm: remove {size} {}? ", quoted(path))) {
            return false;
        }
        if let Err(error) = fs::remove_file(path) {
            self.report.fail(format!("cannot remove {}: {}", quoted(path), reason(&error)));
            return false;
        }
        if self.verbose {
            println!("removed {}", quoted(path));
        }
        true
    }

    fn directory(&mut self, path: &Path) -> bool {
        if !self.recursive && !self.empty {
            self.report.fail(format!("cannot remove {}: Is a directory", quoted(path)));
            return false;
        }
        if self.recursive {
            let list = match fs::read_dir(path) {
                Ok(list) => list,
                Err(error) => {
                    self.report.fail(format!("cannot remove {}: {}", quoted(path), reason(&error)));
                    return false;
                }
            };
            let names: Vec<OsString> = list.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
            if self.ask && !names.is_empty() && !asked(&format!("rm: descend into directory {}? ", quoted(path))) {
                return false;
            }
            let kept = names.iter().filter(|name| !self.remove(&joined(path, name))).count();
            if kept > 0 {
                return false;
            }
        }
        if self.ask && !asked(&format!("rm: remove directory {}? ", quoted(path))) {
            return false;
        }
        if let Err(error) = fs::remove_dir(path) {
            self.report.fail(format!("cannot remove {}: {}", quoted(path), reason(&error)));
            return false;
        }
        if self.verbose {
            println!("removed directory {}", quoted(path));
        }
        true
    }
}

const RMDIR: Table = Table::new("rmdir", &["p,parents", "v,verbose", "ignore-fail-on-non-empty"]);

pub fn rmdir(arguments: Vec<OsString>) -> Outcome {
    let given = RMDIR.read(arguments)?;
    if given.operands.is_empty() {
        return Err(missing(&RMDIR));
    }
    let mut report = Report::new("rmdir");
    for path in &given.operands {
        let mut path = PathBuf::from(path);
        let mut first = true;
        loop {
            if given.has("verbose") {
                println!("rmdir: removing directory, {}", quoted(&path));
            }
            if let Err(error) = fs::remove_dir(&path) {
                let full = matches!(error.raw_os_error(), Some(libc::ENOTEMPTY | libc::EEXIST));
                if !(full && given.has("ignore-fail-on-non-empty")) {
                    let what = if first { "failed to remove" } else { "failed to remove directory" };
                    report.fail(format!("{what} {}: {}", quoted(&path), reason(&error)));
                }
                break;
            }
            if !given.has("parents") || !path.pop() || path.as_os_str().is_empty() {
                break;
            }
            first = false;
        }
    }
    Ok(report.code)
}

const UNLINK: Table = Table::new("unlink", &[]);

pub fn unlink(arguments: Vec<OsString>) -> Outcome {
    let given = UNLINK.read(arguments)?;
    match given.operands.as_slice() {
        [] => Err(missing(&UNLINK)),
        [path] => match fs::remove_file(path) {
            Ok(()) => Ok(0),
            Err(error) => Err(Failed::from(format!("cannot unlink {}: {}", quoted(path), reason(&error)))),
        },
        [_, more, ..] => Err(crate::options::extra(&UNLINK, more)),
    }
}
