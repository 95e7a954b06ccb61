//! Options as GNU's `getopt_long` reads them, with its words for what is wrong.
//!
//! A table entry holds an option's names, comma between them, the last one being its key: `"a,all"`, `"w,width="` with
//! a value, `"color=?"` with one that may be missing. Does not know what any option means.

use crate::outcome::{Failed, Outcome, bytes, name_of};
use std::ffi::{OsStr, OsString};
use std::io::Write;

/// What the arguments of a tool were.
#[derive(Debug, Default)]
pub struct Given {
    options: Vec<(&'static str, Option<OsString>)>,
    /// All that is no option, in order.
    pub operands: Vec<OsString>,
    /// How many options stood before each operand.
    pub before: Vec<usize>,
}

impl Given {
    /// Whether an option was given.
    pub fn has(&self, key: &str) -> bool {
        self.options.iter().any(|(name, _)| *name == key)
    }

    /// The last value of an option.
    pub fn value(&self, key: &str) -> Option<&OsStr> {
        self.options.iter().rev().find(|(name, _)| *name == key).and_then(|(_, value)| value.as_deref())
    }

    /// The last value as text.
    pub fn text(&self, key: &str) -> Option<String> {
        self.value(key).map(|value| value.to_string_lossy().into_owned())
    }

    /// The last one given of these options.
    pub fn last(&self, keys: &[&str]) -> Option<&'static str> {
        self.options.iter().rev().find(|(name, _)| keys.contains(name)).map(|(name, _)| *name)
    }

    /// All options in order.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, Option<&OsStr>)> {
        self.options.iter().map(|(name, value)| (*name, value.as_deref()))
    }
}

/// How a tool reads its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    pub entries: &'static [&'static str],
    /// The exit code for what is wrong.
    pub code: i32,
    /// Whether options end at the first operand.
    pub in_order: bool,
}

impl Table {
    pub const fn new(name: &'static str, entries: &'static [&'static str]) -> Self {
        Self { name, entries, code: 1, in_order: false }
    }

    pub const fn code(self, code: i32) -> Self {
        Self { code, ..self }
    }

    pub const fn in_order(self) -> Self {
        Self { in_order: true, ..self }
    }

    /// Says what is wrong with the arguments, and where to look.
    pub fn misused(&self, message: impl AsRef<str>) -> Failed {
        // Programs of another family name another option, too.
        let usage = if self.name == "tar" { " or 'tar --usage'" } else { "" };
        Failed::new(self.code, format!("{}\nTry '{} --help'{usage} for more information.", message.as_ref(), self.name))
    }

    /// Reads arguments, the tool's name first.
    pub fn read(&self, arguments: Vec<OsString>) -> Outcome<Given> {
        let mut given = Given::default();
        let mut arguments = arguments.into_iter().skip(1);
        while let Some(argument) = arguments.next() {
            let text = bytes(&argument);
            if text == b"--" {
                given.operands.extend(arguments);
                given.before.resize(given.operands.len(), given.options.len());
                break;
            }
            if let Some(long) = text.strip_prefix(b"--") {
                self.long(long, &mut arguments, &mut given)?;
            } else if text.len() > 1 && text[0] == b'-' {
                self.short(&text[1..], &mut arguments, &mut given)?;
            } else {
                given.operands.push(argument);
                given.before.push(given.options.len());
                if self.in_order {
                    given.operands.extend(arguments);
                    break;
                }
            }
        }
        Ok(given)
    }

    fn long(&self, text: &[u8], rest: &mut impl Iterator<Item = OsString>, given: &mut Given) -> Outcome<()> {
        let (name, value) = match text.iter().position(|byte| *byte == b'=') {
            Some(at) => (&text[..at], Some(name_of(text[at + 1..].to_vec()))),
            None => (text, None),
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let entry = self.by_long_name(&name)?;
        let (key, takes) = parts(entry);
        let full = names(entry).find(|one| one.len() > 1 && one.starts_with(&name)).unwrap_or(key);
        let value = match (takes, value) {
            (Takes::Nothing, Some(_)) => {
                return Err(self.misused(format!("option '--{full}' doesn't allow an argument")));
            }
            (Takes::Value, None) => match rest.next() {
                Some(value) => Some(value),
                None => return Err(self.misused(format!("option '--{full}' requires an argument"))),
            },
            (_, value) => value,
        };
        given.options.push((key, value));
        Ok(())
    }

    fn by_long_name(&self, name: &str) -> Outcome<&'static str> {
        let long = |entry: &&&'static str| names(entry).any(|one| one.len() > 1 && one == name);
        if let Some(entry) = self.entries.iter().find(long) {
            return Ok(entry);
        }
        if name == "help" || name == "version" {
            return Err(self.explain(name == "version"));
        }
        let begins = |entry: &&&'static str| names(entry).any(|one| one.len() > 1 && one.starts_with(name));
        let found: Vec<_> = self.entries.iter().filter(begins).collect();
        match found.as_slice() {
            [entry] => Ok(entry),
            [] => Err(self.misused(format!("unrecognized option '--{name}'"))),
            several => {
                let all = several.iter().flat_map(|entry| names(entry));
                let possible: Vec<_> =
                    all.filter(|one| one.starts_with(name) && one.len() > 1).map(|one| format!("'--{one}'")).collect();
                Err(self.misused(format!("option '--{name}' is ambiguous; possibilities: {}", possible.join(" "))))
            }
        }
    }

    fn short(&self, mut text: &[u8], rest: &mut impl Iterator<Item = OsString>, given: &mut Given) -> Outcome<()> {
        while let Some((letter, after)) = text.split_first() {
            let letter = char::from(*letter);
            let is = |one: &str| one.len() == 1 && one.starts_with(letter);
            let Some(entry) = self.entries.iter().find(|entry| names(entry).any(is)) else {
                return Err(self.misused(format!("invalid option -- '{letter}'")));
            };
            let (key, takes) = parts(entry);
            let here = (!after.is_empty()).then(|| name_of(after.to_vec()));
            let value = match takes {
                Takes::Nothing => {
                    given.options.push((key, None));
                    text = after;
                    continue;
                }
                Takes::Value => match here.or_else(|| rest.next()) {
                    Some(value) => Some(value),
                    None => return Err(self.misused(format!("option requires an argument -- '{letter}'"))),
                },
                Takes::Perhaps => here,
            };
            given.options.push((key, value));
            return Ok(());
        }
        Ok(())
    }

    fn explain(&self, version: bool) -> Failed {
        let mut out = std::io::stdout();
        let _ = if version {
            writeln!(out, "{} (stepwell userland) {}", self.name, env!("CARGO_PKG_VERSION"))
        } else {
            writeln!(out, "Usage: {} [OPTION]... [ARGUMENT]...\nOptions as GNU's, of them:", self.name)
        };
        for entry in self.entries.iter().filter(|_| !version) {
            let value = if parts(entry).1 == Takes::Nothing { "" } else { " VALUE" };
            let dashed = names(entry).map(|one| format!("{}{one}", if one.len() == 1 { "-" } else { "--" }));
            let _ = writeln!(out, "  {}{value}", dashed.collect::<Vec<_>>().join(", "));
        }
        Failed::silent(0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Perhaps,
}

fn names(entry: &'static str) -> impl Iterator<Item = &'static str> {
    entry.trim_end_matches(['=', '?']).split(',')
}

fn parts(entry: &'static str) -> (&'static str, Takes) {
    let takes = match entry {
        entry if entry.ends_with("=?") => Takes::Perhaps,
        entry if entry.ends_with('=') => Takes::Value,
        _ => Takes::Nothing,
    };
    (names(entry).last().unwrap_or(entry), takes)
}

/// A missing operand, as GNU says it.
pub fn missing(table: &Table) -> Failed {
    table.misused("missing operand")
}

/// One operand too many, as GNU says it.
pub fn extra(table: &Table, operand: &OsStr) -> Failed {
    table.misused(format!("extra operand {}", crate::outcome::quoted(operand)))
}
