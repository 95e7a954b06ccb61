//! `touch` and `truncate`.
//!
//! Knows file times as the sandbox sets them, and sizes.

use crate::moments;
use crate::options::Table;
use crate::outcome::{Failed, Outcome, Report, quoted, reason};
use crate::sizes;
use crate::status::{NOW, Status, Time, set_times};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use userland_calendar::{Fields, local_fields, local_seconds, now};

const TOUCH: Table =
    Table::new("touch", &["a", "m", "c,no-create", "d,date=", "r,reference=", "t=", "f", "h,no-dereference", "time="]);

pub fn touch(arguments: Vec<OsString>) -> Outcome {
    let given = TOUCH.read(arguments)?;
    let (mut accessed, mut modified) = (None, None);
    if let Some(path) = given.value("reference") {
        let status = Status::of(Path::new(path), !given.has("no-dereference")).map_err(|error| {
            Failed::from(format!("failed to get attributes of {}: {}", quoted(path), reason(&error)))
        })?;
        (accessed, modified) = (Some(status.accessed), Some(status.modified));
    }
    if let Some(text) = given.text("date") {
        let read = |from: Time| {
            moments::parse(&text, from).ok_or_else(|| Failed::from(format!("invalid date format {}", quoted(&text))))
        };
        accessed = Some(read(accessed.unwrap_or_else(now))?);
        modified = Some(read(modified.unwrap_or_else(now))?);
    }
    if let Some(text) = given.text("t") {
        let time = stamp(&text).ok_or_else(|| Failed::from(format!("invalid date format {}", quoted(&text))))?;
        (accessed, modified) = (Some(time), Some(time));
    }
    if given.operands.is_empty() {
        return Err(TOUCH.misused("missing file operand"));
    }
    // The file system's own time, which is that of files that are written: `touch stamp` is compared with them.
    let (mut accessed, mut modified) = (accessed.or(Some(NOW)), modified.or(Some(NOW)));
    let word = given.text("time");
    let only_accessed = given.has("a") || matches!(word.as_deref(), Some("access" | "atime" | "use"));
    let only_modified = given.has("m") || matches!(word.as_deref(), Some("modify" | "mtime"));
    if only_accessed && !only_modified {
        modified = None;
    }
    if only_modified && !only_accessed {
        accessed = None;
    }
    let mut report = Report::new("touch");
    for path in &given.operands {
        let path = Path::new(path);
        let link = given.has("no-dereference");
        let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        match Status::of(path, !link) {
            Err(error) if missing(&error) && (given.has("no-create") || link) => {
                if link && !given.has("no-create") {
                    report.fail(format!("setting times of {}: {}", quoted(path), reason(&error)));
                }
                continue;
            }
            Err(error) if missing(&error) => {
                if let Err(error) =
                    userland_sys::making::open(OpenOptions::new().write(true).create(true).truncate(false), path)
                {
                    report.fail(format!("cannot touch {}: {}", quoted(path), reason(&error)));
                    continue;
                }
            }
            Err(error) => {
                report.fail(format!("cannot touch {}: {}", quoted(path), reason(&error)));
                continue;
            }
            Ok(_) => {}
        }
        if let Err(error) = set_times(path, accessed, modified, !link) {
            report.fail(format!("setting times of {}: {}", quoted(path), reason(&error)));
        }
    }
    Ok(report.code)
}

/// `[[CC]YY]MMDDhhmm[.ss]`.
fn stamp(text: &str) -> Option<Time> {
    let (digits, second) = text.split_once('.').unwrap_or((text, "0"));
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| pair.parse::<i64>().ok());
    let (year, at) = match digits.len() {
        8 => (local_fields(now().0).year, 0),
        10 => (pair(0).map(|year| if year < 69 { year + 2000 } else { year + 1900 })?, 2),
        12 => (digits[..4].parse().ok()?, 4),
        _ => return None,
    };
    let fields = Fields {
        year,
        month: pair(at)?,
        day: pair(at + 2)?,
        hour: pair(at + 4)?,
        minute: pair(at + 6)?,
        second: second.parse().ok()?,
    };
    // A field out of its range would come back as another.
    (Fields::of(fields.seconds()) == fields).then(|| (local_seconds(&fields), 0))
}

const TRUNCATE: Table = Table::new("truncate", &["s,size=", "r,reference=", "c,no-create", "o,io-blocks"]);

pub fn truncate(arguments: Vec<OsString>) -> Outcome {
    let given = TRUNCATE.read(arguments)?;
    let text = given.text("size");
    if text.is_none() && !given.has("reference") {
        return Err(TRUNCATE.misused("you must specify either '--size' or '--reference'"));
    }
    if given.operands.is_empty() {
        return Err(TRUNCATE.misused("missing file operand"));
    }
    let reference = match given.value("reference") {
        Some(path) => Some(
            Status::of(Path::new(path), true)
                .map_err(|error| Failed::from(format!("cannot stat {}: {}", quoted(path), reason(&error))))?
                .size,
        ),
        None => None,
    };
    let wanted = match &text {
        Some(text) => Some(size(text).ok_or_else(|| Failed::from(format!("Invalid number: {}", quoted(text))))?),
        None => None,
    };
    let mut report = Report::new("truncate");
    for path in &given.operands {
        let opened = userland_sys::making::open(
            OpenOptions::new().write(true).create(!given.has("no-create")).truncate(false),
            path,
        );
        let file = match opened {
            Ok(file) => file,
            Err(error) if given.has("no-create") && error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                report.fail(format!("cannot open {} for writing: {}", quoted(path), reason(&error)));
                continue;
            }
        };
        let done = file.metadata().and_then(|there| {
            let before = reference.unwrap_or(there.len());
            let after = match wanted {
                None => before,
                Some((mark, size)) => match mark {
                    '+' => before.saturating_add(size),
                    '-' => before.saturating_sub(size),
                    '<' => before.min(size),
                    '>' => before.max(size),
                    '/' => before - before % size.max(1),
                    '%' => before.div_ceil(size.max(1)) * size.max(1),
                    _ => size,
                },
            };
            file.set_len(after)
        });
        if let Err(error) = done {
            report.fail(format!("failed to truncate {}: {}", quoted(path), reason(&error)));
        }
    }
    Ok(report.code)
}

fn size(text: &str) -> Option<(char, u64)> {
    let mark = text.chars().next().filter(|one| "+-<>/%".contains(*one));
    let digits = text.trim_start_matches(['+', '-', '<', '>', '/', '%']);
    Some((mark.unwrap_or('='), sizes::parse(digits).filter(|_| digits.starts_with(|one: char| one.is_ascii_digit()))?))
}
