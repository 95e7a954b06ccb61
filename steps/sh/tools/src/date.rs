//! `date`.
//!
//! Knows GNU's formats and everyday forms of moments, in the zone of `TZ`. The clock can't be set.

use crate::moments::parse;
use crate::options::Table;
use crate::outcome::{Failed, Outcome, Report, output, quoted, reason};
use crate::status::{Status, Time};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use userland_calendar::{format, now, use_utc, zone};

const TABLE: Table = Table::new(
    "date",
    &[
        "u,utc,universal,uct",
        "d,date=",
        "f,file=",
        "I,iso-8601=?",
        "R,rfc-email,rfc-2822",
        "rfc-3339=",
        "r,reference=",
        "s,set=",
        "debug",
    ],
);

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(arguments)?;
    if given.has("set") {
        return Err(Failed::from("cannot set date: Operation not permitted"));
    }
    let sources = ["date", "file", "reference"].iter().filter(|key| given.has(key)).count();
    if sources > 1 {
        return Err(TABLE.misused("the options to specify dates for printing are mutually exclusive"));
    }
    let pattern = pattern(&given)?;
    if given.has("uct") {
        use_utc();
    }
    warn_of_zone();
    let mut report = Report::new("date");
    let mut out = output();
    if let Some(path) = given.value("file") {
        let input: Box<dyn Read> = match path.to_str() {
            Some("-") => Box::new(std::io::stdin()),
            _ => Box::new(
                std::fs::File::open(path)
                    .map_err(|error| Failed::from(format!("{}: {}", path.to_string_lossy(), reason(&error))))?,
            ),
        };
        for line in BufReader::new(input).lines() {
            let line = line?;
            match parse(&line, now()) {
                Some(time) => writeln!(out, "{}", format(&pattern, time))?,
                None => report.fail(format!("invalid date {}", quoted(&line))),
            }
        }
        out.flush()?;
        return Ok(report.code);
    }
    let time: Time = if let Some(path) = given.value("reference") {
        Status::of(Path::new(path), true)
            .map_err(|error| Failed::from(format!("{}: {}", path.to_string_lossy(), reason(&error))))?
            .modified
    } else if let Some(text) = given.text("date") {
        parse(&text, now()).ok_or_else(|| Failed::from(format!("invalid date {}", quoted(&text))))?
    } else {
        now()
    };
    writeln!(out, "{}", format(&pattern, time))?;
    out.flush()?;
    Ok(report.code)
}

fn pattern(given: &crate::options::Given) -> Outcome<String> {
    let own = match given.operands.as_slice() {
        [] => None,
        [one] => match one.to_string_lossy().strip_prefix('+') {
            Some(pattern) => Some(pattern.to_owned()),
            None if given.has("date") => {
                return Err(TABLE.misused(format!(
                    "the argument {} lacks a leading '+';\nwhen using an option to specify date(s), any non-option\nargument must be a format string beginning with '+'",
                    quoted(one)
                )));
            }
            None => {
                let digits = one.to_string_lossy().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                return Err(Failed::from(if digits {
                    "cannot set date: Operation not permitted".to_owned()
                } else {
                    format!("invalid date {}", quoted(one))
                }));
            }
        },
        [_, more, ..] => return Err(TABLE.misused(format!("extra operand {}", quoted(more)))),
    };
    let iso = |precision: Option<String>| {
        Ok(match precision.as_deref() {
            None | Some("date") => "%Y-%m-%d",
            Some("hours") => "%Y-%m-%dT%H%:z",
            Some("minutes") => "%Y-%m-%dT%H:%M%:z",
            Some("seconds") => "%Y-%m-%dT%H:%M:%S%:z",
            Some("ns") => "%Y-%m-%dT%H:%M:%S,%N%:z",
            Some(other) => return Err(TABLE.misused(format!("invalid argument {} for '--iso-8601'", quoted(other)))),
        })
    };
    let named = match given.last(&["iso-8601", "rfc-2822", "rfc-3339"]) {
        Some("iso-8601") => Some(iso(given.text("iso-8601"))?.to_owned()),
        Some("rfc-3339") => Some(iso(given.text("rfc-3339"))?.replace('T', " ").replace(',', ".")),
        Some(_) => Some("%a, %d %b %Y %H:%M:%S %z".to_owned()),
        None => None,
    };
    match (own, named) {
        (Some(_), Some(_)) => Err(Failed::from("multiple output formats specified")),
        (Some(pattern), None) | (None, Some(pattern)) => Ok(pattern),
        (None, None) => Ok("%a %b %e %H:%M:%S %Z %Y".to_owned()),
    }
}

/// A zone that is asked for and not known is said, not silently taken for UTC.
fn warn_of_zone() {
    if let Err(name) = zone() {
        Report::new("date").warn(format!("time zone {} is not known here: times are in UTC", quoted(name)));
    }
}
