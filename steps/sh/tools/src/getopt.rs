//! `getopt`: a script's options in order, quoted for its shell.
//!
//! Knows the forms of util-linux's, the old one too. How options are read is told by the arguments, so that it reads them
//! itself. Of shells it knows those that quote as `sh` does.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, output, say};
use std::ffi::OsString;
use std::io::Write;

const TABLE: Table = Table::new(
    "getopt",
    &[
        "a,alternative",
        "l,longoptions=",
        "n,name=",
        "o,options=",
        "q,quiet",
        "Q,quiet-output",
        "s,shell=",
        "T,test",
        "u,unquoted",
    ],
)
.code(2)
.in_order();

/// Whether an option takes a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Perhaps,
}

fn takes(colons: usize) -> Takes {
    [Takes::Nothing, Takes::Value, Takes::Perhaps][colons.min(2)]
}

/// What a script's options are, and what was found of them.
struct Reading {
    name: String,
    short: Vec<(char, Takes)>,
    long: Vec<(String, Takes)>,
    alternative: bool,
    quiet: bool,
    quoted: bool,
    found: Vec<String>,
    failed: bool,
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let first = arguments.get(1).map(|word| word.to_string_lossy().into_owned());
    let Some(first) = first else {
        return Err(Failed::new(2, "missing optstring argument\nTry 'getopt --help' for more information."));
    };
    // The old form: the letters, then the words, and nothing is quoted.
    let old = !first.starts_with('-');
    let (given, options, words) = if old {
        let words = arguments.get(2..).unwrap_or_default().to_vec();
        (crate::options::Given::default(), first, words)
    } else {
        let mut given = TABLE.read(arguments)?;
        if given.has("test") {
            return Err(Failed::silent(4));
        }
        let mut words = std::mem::take(&mut given.operands);
        let options = match given.text("options") {
            Some(options) => options,
            None if words.is_empty() => {
                return Err(Failed::new(2, "missing optstring argument\nTry 'getopt --help' for more information."));
            }
            None => words.remove(0).to_string_lossy().into_owned(),
        };
        (given, options, words)
    };
    if let Some(shell) = given.text("shell").filter(|shell| !matches!(shell.as_str(), "sh" | "bash")) {
        return Err(Failed::new(2, format!("-s {shell} is not supported here: bash is")));
    }
    // The first `--` may also stand between `getopt`'s own words and the script's.
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let (order, letters) = match options.chars().next() {
        Some(sign @ ('+' | '-')) => (Some(sign), &options[1..]),
        _ => (std::env::var_os("POSIXLY_CORRECT").map(|_| '+'), options.as_str()),
    };
    let mut reading = Reading {
        name: given.text("name").unwrap_or_else(|| "getopt".to_owned()),
        short: letters_of(letters),
        long: given.all().filter(|(key, _)| *key == "longoptions").flat_map(|(_, value)| long_of(value)).collect(),
        alternative: given.has("alternative"),
        quiet: given.has("quiet"),
        quoted: !old && !given.has("unquoted"),
        found: Vec::new(),
        failed: false,
    };
    let operands = reading.read(&words, order);
    if !given.has("quiet-output") {
        let mut text: String = reading.found.iter().map(|part| format!(" {part}")).collect();
        text.push_str(" --");
        for operand in operands {
            text.push(' ');
            text.push_str(&reading.shown(&operand));
        }
        let mut out = output();
        writeln!(out, "{text}")?;
        out.flush()?;
    }
    Ok(i32::from(reading.failed))
}

/// `ab:c::`
fn letters_of(text: &str) -> Vec<(char, Takes)> {
    let mut letters = Vec::new();
    let mut rest = text.trim_start_matches(':').chars().peekable();
    while let Some(letter) = rest.next() {
        let mut colons = 0;
        while colons < 2 && rest.next_if_eq(&':').is_some() {
            colons += 1;
        }
        letters.push((letter, takes(colons)));
    }
    letters
}

/// `name,name:,name::`
fn long_of(value: Option<&std::ffi::OsStr>) -> Vec<(String, Takes)> {
    let text = value.unwrap_or_default().to_string_lossy().into_owned();
    let names = text.split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let bare = name.trim_end_matches(':');
            (bare.to_owned(), takes(name.len() - bare.len()))
        })
        .collect()
}

impl Reading {
    /// Reads the words; gives those that are no options.
    fn read(&mut self, words: &[String], order: Option<char>) -> Vec<String> {
        let mut operands = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            if word == "--" {
                operands.extend(words.get(at..).unwrap_or_default().iter().cloned());
                break;
            }
            if let Some(text) = word.strip_prefix("--") {
                self.long(text, "--", words, &mut at);
            } else if let Some(text) = word.strip_prefix('-').filter(|text| !text.is_empty()) {
                let name = text.split('=').next().unwrap_or(text);
                let is_long = self.alternative
                    && (text.chars().nth(1).is_some() && !self.matching(name).is_empty()
                        || !self.short.iter().any(|(letter, _)| text.starts_with(*letter)));
                if is_long {
                    self.long(text, "-", words, &mut at);
                } else {
                    self.letters(text, words, &mut at);
                }
            } else if order == Some('-') {
                self.found.push(self.shown(word));
            } else {
                operands.push(word.clone());
                if order == Some('+') {
                    operands.extend(words.get(at..).unwrap_or_default().iter().cloned());
                    break;
                }
            }
        }
        operands
    }

    fn fail(&mut self, message: &str) {
        self.failed = true;
        if !self.quiet {
            say(&self.name, message);
        }
    }

    /// The options that a long name may stand for: itself, or those that begin with it.
    fn matching(&self, name: &str) -> Vec<(String, Takes)> {
        match self.long.iter().find(|(known, _)| known == name) {
            Some(exact) => vec![exact.clone()],
            None => self.long.iter().filter(|(known, _)| known.starts_with(name)).cloned().collect(),
        }
    }

    fn long(&mut self, text: &str, dashes: &str, words: &[String], at: &mut usize) {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let matching = self.matching(name);
        let (known, takes) = match matching.as_slice() {
            [one] => one.clone(),
            [] => return self.fail(&format!("unrecognized option '{dashes}{name}'")),
            several => {
                let all: Vec<String> = several.iter().map(|(name, _)| format!("'{dashes}{name}'")).collect();
                return self.fail(&format!("option '{dashes}{text}' is ambiguous; possibilities: {}", all.join(" ")));
            }
        };
        let value = match (takes, value) {
            (Takes::Nothing, Some(_)) => {
                return self.fail(&format!("option '{dashes}{known}' doesn't allow an argument"));
            }
            (Takes::Value, None) => match words.get(*at) {
                Some(value) => {
                    *at += 1;
                    Some(value.clone())
                }
                None => return self.fail(&format!("option '{dashes}{known}' requires an argument")),
            },
            (_, value) => value.map(ToOwned::to_owned),
        };
        self.found.push(format!("--{known}"));
        if takes != Takes::Nothing {
            self.found.push(self.shown(&value.unwrap_or_default()));
        }
    }

    fn letters(&mut self, text: &str, words: &[String], at: &mut usize) {
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            let known = self.short.iter().find(|(known, _)| *known == letter && letter != ':');
            let Some((_, takes)) = known.copied() else {
                self.fail(&format!("invalid option -- '{letter}'"));
                continue;
            };
            if takes == Takes::Nothing {
                self.found.push(format!("-{letter}"));
                continue;
            }
            let value = match rest {
                "" if takes == Takes::Value => match words.get(*at) {
                    Some(value) => {
                        *at += 1;
                        value.clone()
                    }
                    None => return self.fail(&format!("option requires an argument -- '{letter}'")),
                },
                rest => rest.to_owned(),
            };
            self.found.push(format!("-{letter}"));
            return self.found.push(self.shown(&value));
        }
    }

    /// A word as the script's `eval` gets it.
    fn shown(&self, text: &str) -> String {
        if self.quoted { format!("'{}'", text.replace('\'', "'\\''")) } else { text.to_owned() }
    }
}
