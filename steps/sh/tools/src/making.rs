//! `mkdir`, `mkfifo`, `mktemp`.
//!
//! Knows modes of what is made, and names that nobody guesses.

use crate::modes::for_new;
use crate::options::{Table, missing};
use crate::outcome::{Failed, Outcome, Report, quoted, reason};
use crate::status::{self, Status};
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use userland_sys::making;

const MKDIR: Table = Table::new("mkdir", &["p,parents", "m,mode=", "v,verbose", "Z,context=?"]);

pub fn mkdir(arguments: Vec<OsString>) -> Outcome {
    let given = MKDIR.read(arguments)?;
    if given.operands.is_empty() {
        return Err(missing(&MKDIR));
    }
    let mode = given.text("mode").map(|text| for_new(&text, 0o777, true)).transpose()?;
    let mut report = Report::new("mkdir");
    for path in &given.operands {
        let path = Path::new(path);
        if given.has("parents") {
            parents(path, mode, given.has("verbose"), &mut report);
        } else {
            match making::create_dir(path) {
                Ok(()) => made(path, mode, given.has("verbose"), &mut report),
                Err(error) => report.fail(format!("cannot create directory {}: {}", quoted(path), reason(&error))),
            }
        }
    }
    Ok(report.code)
}

fn made(path: &Path, mode: Option<u32>, verbose: bool, report: &mut Report) {
    if verbose {
        println!("mkdir: created directory {}", quoted(path));
    }
    if let Some(mode) = mode
        && let Err(error) = status::set_mode(path, true, mode)
    {
        report.fail(format!("cannot set permissions of {}: {}", quoted(path), reason(&error)));
    }
}

fn parents(path: &Path, mode: Option<u32>, verbose: bool, report: &mut Report) {
    let mut above = PathBuf::new();
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        above.push(part);
        let last = parts.peek().is_none();
        match making::create_dir(&above) {
            // Whoever makes what is above has to get through it.
            Ok(()) if !last && making::mask() & 0o300 != 0 => {
                made(&above, Some(0o777 & !making::mask() | 0o300), verbose, report);
            }
            Ok(()) => made(&above, mode.filter(|_| last), verbose, report),
            Err(error) => match Status::of(&above, true) {
                Ok(status) if status.is_directory() => {}
                Ok(_) if !last => {
                    return report.fail(format!("cannot create directory {}: Not a directory", quoted(&above)));
                }
                _ => return report.fail(format!("cannot create directory {}: {}", quoted(&above), reason(&error))),
            },
        }
    }
}

const MKFIFO: Table = Table::new("mkfifo", &["m,mode=", "Z,context=?"]);

pub fn mkfifo(arguments: Vec<OsString>) -> Outcome {
    let given = MKFIFO.read(arguments)?;
    if given.operands.is_empty() {
        return Err(missing(&MKFIFO));
    }
    let mode = match given.text("mode") {
        Some(text) => for_new(&text, 0o666, false)?,
        None => 0o666 & !making::mask(),
    };
    let mut report = Report::new("mkfifo");
    for path in &given.operands {
        let made = match path.to_str() {
            Some(path) => {
                userland_sys::make_fifo(path, mode).and_then(|()| userland_sys::set_mode(path, false, mode).or(Ok(())))
            }
            None => Err(io::Error::from_raw_os_error(libc::EILSEQ)),
        };
        if let Err(error) = made {
            report.fail(format!("cannot create fifo {}: {}", quoted(path), reason(&error)));
        }
    }
    Ok(report.code)
}

const MKTEMP: Table = Table::new("mktemp", &["d,directory", "u,dry-run", "q,quiet", "suffix=", "p=", "tmpdir=?", "t"]);

pub fn mktemp(arguments: Vec<OsString>) -> Outcome {
    let given = MKTEMP.read(arguments)?;
    let own = given.operands.first().map(|name| name.to_string_lossy().into_owned());
    if given.operands.len() > 1 {
        return Err(MKTEMP.misused("too many templates"));
    }
    let template = own.clone().unwrap_or_else(|| "tmp.XXXXXXXXXX".to_owned());
    let environment =
        || std::env::var("TMPDIR").ok().filter(|directory| !directory.is_empty()).unwrap_or_else(|| "/tmp".to_owned());
    let named = given
        .last(&["p", "tmpdir"])
        .map(|key| given.text(key).filter(|directory| !directory.is_empty()).unwrap_or_else(environment));
    let directory = match (named, own.is_none() || given.has("t")) {
        (Some(directory), false) => Some(directory),
        (Some(_), true) if given.has("t") && std::env::var("TMPDIR").is_ok_and(|own| !own.is_empty()) => {
            Some(environment())
        }
        (Some(directory), true) => Some(directory),
        (None, true) => Some(environment()),
        (None, false) => None,
    };
    let (stem, suffix) = match given.text("suffix") {
        Some(_) if !template.ends_with('X') => {
            return Err(Failed::from(format!("with --suffix, template {} must end in X", quoted(&template))));
        }
        Some(suffix) => (template.clone(), suffix),
        None => {
            let end = template.rfind('X').map_or(0, |at| at + 1);
            (template[..end].to_owned(), template[end..].to_owned())
        }
    };
    let count = stem.len() - stem.trim_end_matches('X').len();
    if count < 3 {
        return Err(Failed::from(format!("too few X's in template {}", quoted(&template))));
    }
    if suffix.contains('/') {
        return Err(Failed::from(format!("invalid suffix {}, contains directory separator", quoted(&suffix))));
    }
    let whole = match directory {
        Some(_) if template.starts_with('/') && !given.has("t") => {
            return Err(Failed::from(format!(
                "invalid template, {}; with --tmpdir, it may not be absolute",
                quoted(&template)
            )));
        }
        Some(directory) => format!("{}/{}", directory.trim_end_matches('/'), stem),
        None => stem,
    };
    let begin = whole[..whole.len() - count].to_owned();
    unique(&begin, count, &suffix, given.has("directory"), given.has("dry-run"), given.has("quiet"))
}

fn unique(begin: &str, count: usize, suffix: &str, directory: bool, dry: bool, quiet: bool) -> Outcome {
    /// As often another name is tried.
    const TRIES: usize = 1000;
    let what = if directory { "directory" } else { "file" };
    let template = format!("{begin}{}{suffix}", "X".repeat(count));
    for _ in 0..TRIES {
        let name = format!("{begin}{}{suffix}", random_letters(count));
        let path = Path::new(&name);
        let made = match (dry, directory) {
            (true, _) => Status::of(path, false).map_or(Ok(()), |_| Err(io::ErrorKind::AlreadyExists.into())),
            (_, true) => fs::create_dir(path).and_then(|()| status::set_mode(path, true, 0o700 & !making::mask())),
            (_, false) => OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(path)
                .and_then(|_| status::set_mode(path, true, 0o600 & !making::mask())),
        };
        match made {
            Ok(()) => {
                let mut out = io::stdout();
                writeln!(out, "{name}")?;
                return Ok(0);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(_) if quiet => return Err(Failed::silent(1)),
            Err(error) => {
                return Err(Failed::from(format!(
                    "failed to create {what} via template {}: {}",
                    quoted(&template),
                    reason(&error)
                )));
            }
        }
    }
    Err(Failed::from(format!("failed to create {what} via template {}: File exists", quoted(&template))))
}

/// Letters and digits from what std seeds its hash maps with: the system's own randomness.
fn random_letters(count: usize) -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let state = RandomState::new();
    (0..count)
        .map(|at| {
            let mut hasher = state.build_hasher();
            hasher.write_usize(at);
            char::from(LETTERS[(hasher.finish() % 62) as usize])
        })
        .collect()
}
