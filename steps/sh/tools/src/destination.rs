//! Where `cp`, `mv`, `ln` and `install` put what they are given, and what becomes of what was there.
//!
//! Knows `-t`, `-T`, backups and the question before overwriting. Does not know how anything is copied.

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, quoted, reason};
use crate::status::Status;
use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

/// What goes where.
#[derive(Debug)]
pub struct Placement {
    pub pairs: Vec<(PathBuf, PathBuf)>,
}

/// Whether a path leads to a directory.
fn leads_to_directory(path: &Path) -> bool {
    Status::of(path, true).is_ok_and(|status| status.is_directory())
}

/// The last part of a path, whatever slashes follow it; the dots are theirs.
pub fn last_name(path: &Path) -> OsString {
    crate::outcome::name_of(crate::names::last(path.as_os_str().as_encoded_bytes()).to_vec())
}

impl Placement {
    /// Reads the operands; with `parents` a source keeps its directories.
    pub fn of(table: &Table, given: &mut Given, parents: bool) -> Outcome<Self> {
        let strip = given.has("strip-trailing-slashes");
        let mut sources: Vec<PathBuf> = std::mem::take(&mut given.operands).into_iter().map(PathBuf::from).collect();
        if sources.is_empty() {
            return Err(table.misused("missing file operand"));
        }
        let target = given.value("target-directory").map(PathBuf::from);
        if target.is_some() && given.has("no-target-directory") {
            return Err(Failed::from("cannot combine --target-directory (-t) and --no-target-directory (-T)"));
        }
        let (directory, target) = if let Some(target) = target {
            Self::must_be_directory(&target, "target directory")?;
            (true, target)
        } else {
            if sources.len() == 1 {
                let text = format!("missing destination file operand after {}", quoted(&sources[0]));
                return Err(table.misused(text));
            }
            let target = sources.pop().unwrap_or_default();
            if given.has("no-target-directory") {
                if let Some(extra) = sources.get(1) {
                    let extra = if sources.len() == 2 { &target } else { extra };
                    return Err(table.misused(format!("extra operand {}", quoted(extra))));
                }
                (false, target)
            } else {
                let directory = leads_to_directory(&target);
                if !directory && parents {
                    return Err(table.misused("with --parents, the destination must be a directory"));
                }
                if !directory && sources.len() > 1 {
                    Self::must_be_directory(&target, "target")?;
                }
                (directory, target)
            }
        };
        let pairs = sources.into_iter().map(|source| {
            let source = if strip { trimmed(&source) } else { source };
            let place = match (directory, parents) {
                (false, _) => target.clone(),
                (true, false) => match last_name(&source) {
                    dots if dots == "." || dots == ".." => target.clone(),
                    name => joined(&target, &name),
                },
                (true, true) => joined(&target, source.strip_prefix("/").unwrap_or(&source).as_os_str()),
            };
            (source, place)
        });
        Ok(Self { pairs: pairs.collect() })
    }

    fn must_be_directory(target: &Path, what: &str) -> Outcome<()> {
        match Status::of(target, true) {
            Ok(status) if status.is_directory() => Ok(()),
            Ok(_) => Err(Failed::from(format!("{what} {}: Not a directory", quoted(target)))),
            Err(error) => Err(Failed::from(format!("{what} {}: {}", quoted(target), reason(&error)))),
        }
    }
}

fn trimmed(path: &Path) -> PathBuf {
    let text = path.as_os_str().as_encoded_bytes();
    let end = text.iter().rposition(|byte| *byte != b'/').map_or(text.len().min(1), |at| at + 1);
    PathBuf::from(crate::outcome::name_of(text[..end].to_vec()))
}

/// A name below a directory, as GNU joins them: with one slash between.
pub fn joined(directory: &Path, name: &std::ffi::OsStr) -> PathBuf {
    let mut whole = directory.as_os_str().to_owned();
    if !whole.as_encoded_bytes().ends_with(b"/") && !whole.is_empty() {
        whole.push("/");
    }
    whole.push(name);
    PathBuf::from(whole)
}

/// How what is in the way is kept.
#[derive(Debug, Clone)]
pub enum Backup {
    No,
    Simple(String),
    Numbered,
    /// Numbered where there are numbered ones.
    Existing(String),
}

impl Backup {
    pub fn of(given: &Given) -> Outcome<Self> {
        let suffix = given.text("suffix").unwrap_or_else(|| "~".to_owned());
        if !given.has("backup") && !given.has("b") {
            return Ok(if given.has("suffix") { Self::Existing(suffix) } else { Self::No });
        }
        let control = given.text("backup").or_else(|| std::env::var("VERSION_CONTROL").ok());
        Ok(match control.as_deref() {
            None | Some("existing" | "nil") => Self::Existing(suffix),
            Some("simple" | "never") => Self::Simple(suffix),
            Some("numbered" | "t") => Self::Numbered,
            Some("none" | "off") => Self::No,
            Some(other) => return Err(Failed::from(format!("invalid argument {} for 'backup type'", quoted(other)))),
        })
    }

    /// Moves away what is there; says where to.
    pub fn keep(&self, path: &Path) -> io::Result<Option<PathBuf>> {
        if Status::of(path, false).is_err() {
            return Ok(None);
        }
        let with = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        let numbered = |least: u32| {
            (least..)
                .map(|number| (number, with(&format!(".~{number}~"))))
                .find(|(_, path)| Status::of(path, false).is_err())
        };
        let to = match self {
            Self::No => return Ok(None),
            Self::Simple(suffix) => with(suffix),
            Self::Numbered => numbered(1).map(|(_, path)| path).unwrap_or_default(),
            Self::Existing(suffix) => match numbered(1) {
                Some((number, path)) if number > 1 => path,
                _ => with(suffix),
            },
        };
        std::fs::rename(path, &to)?;
        Ok(Some(to))
    }
}

/// Asks on standard error and reads the answer from standard input.
pub fn asked(question: &str) -> bool {
    let _ = write!(io::stderr(), "{question}");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim_start().starts_with(['y', 'Y'])
}
