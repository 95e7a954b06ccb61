//! `jq`'s arguments: options, the filter, files and variables.
//!
//! Knows jq's options with several values and its words for what is wrong with them. Runs nothing.

use super::json::{Reader, Style};
use super::value::{Map, Value};
use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, reason};
use std::ffi::OsString;
use std::io;
use std::rc::Rc;

const OPTIONS: &[&str] = &[
    "r,raw-output",
    "c,compact-output",
    "n,null-input",
    "s,slurp",
    "e,exit-status",
    "j,join-output",
    "a,ascii-output",
    "S,sort-keys",
    "R,raw-input",
    "tab",
    "indent=",
    "f,from-file",
    "M,monochrome-output",
    "C,color-output",
    "unbuffered",
    "raw-output0",
    "stream",
    "seq",
    "stream-errors",
    "L",
    "h",
    "V",
    "args",
    "jsonargs",
];

const TABLE: Table = Table::new("jq", OPTIONS).code(2);

/// What the arguments give: options, the filter, files and variables.
pub struct Call {
    pub given: Given,
    pub filter: String,
    pub files: Vec<OsString>,
    pub variables: Vec<(String, Value)>,
}

fn wrong(message: impl Into<String>) -> Failed {
    Failed::new(
        2,
        format!(
            "{}\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://jqlang.github.io/jq",
            message.into()
        ),
    )
}

/// jq's options with two values each are taken out before the others are read.
pub fn read_call(arguments: Vec<OsString>) -> Outcome<Call> {
    let mut named = Map::default();
    let mut positional = Vec::new();
    let mut words: Vec<OsString> = Vec::new();
    let mut rest: Vec<OsString> = vec![OsString::from("jq")];
    let mut mode = "files";
    let mut ended = false;
    let mut arguments = arguments.into_iter().skip(1);
    while let Some(word) = arguments.next() {
        let text = word.to_string_lossy().into_owned();
        // A filter may begin with a minus.
        let negative =
            text.len() > 1 && text[1..].starts_with(|one: char| one.is_ascii_digit() || "(.[{\"".contains(one));
        if ended || !text.starts_with('-') || text == "-" || negative {
            match mode {
                _ if words.is_empty() => words.push(word),
                "files" => words.push(word),
                "args" => positional.push(Value::from(text)),
                _ => positional
                    .push(one_value(&text).ok_or_else(|| wrong("Invalid JSON text passed to --jsonargs".to_string()))?),
            }
            continue;
        }
        match text.as_str() {
            "--" => ended = true,
            "--args" => mode = "args",
            "--jsonargs" => mode = "jsonargs",
            "--arg" | "--argjson" | "--slurpfile" | "--rawfile" | "--argfile" => {
                let (Some(name), Some(value)) = (arguments.next(), arguments.next()) else {
                    let what = if text.ends_with("file") {
                        "filename"
                    } else if text == "--arg" {
                        "value"
                    } else {
                        "text"
                    };
                    return Err(
                        wrong(format!("jq: {text} takes two parameters (e.g. {text} varname {what})")).without_name()
                    );
                };
                let name = name.to_string_lossy().into_owned();
                let value = variable(&text, &name, &value)?;
                named.entry(Rc::from(name)).or_insert(value);
            }
            "--indent" => {
                rest.push(word);
                rest.extend(arguments.next());
            }
            _ => rest.push(word),
        }
    }
    let given = TABLE.read(rest)?;
    for key in ["stream", "seq", "stream-errors", "L", "color-output"] {
        if given.has(key) {
            return Err(Failed::new(2, format!("option '{key}' is not supported here")));
        }
    }
    let (filter, files) = filter_and_files(&given, words)?;
    let variables = all_variables(named, positional);
    Ok(Call { given, filter, files, variables })
}

/// The first word is the filter, or its file.
fn filter_and_files(given: &Given, words: Vec<OsString>) -> Outcome<(String, Vec<OsString>)> {
    if words.is_empty() && !given.has("h") && !given.has("V") {
        return Err(wrong("a filter is missing"));
    }
    let mut files: Vec<OsString> = words;
    let filter = if files.is_empty() { OsString::new() } else { files.remove(0) };
    let filter = if given.has("from-file") {
        let failed = |error: io::Error| {
            Failed::new(2, format!("error: Could not open {}: {}", filter.to_string_lossy(), reason(&error)))
        };
        String::from_utf8_lossy(&std::fs::read(&filter).map_err(failed)?).into_owned()
    } else {
        filter.to_string_lossy().into_owned()
    };
    Ok((filter, files))
}

/// The variables that a filter sees.
fn all_variables(named: Map, positional: Vec<Value>) -> Vec<(String, Value)> {
    let mut variables: Vec<(String, Value)> =
        named.iter().map(|(name, value)| (format!("${name}"), value.clone())).collect();
    let mut all = Map::default();
    all.insert(Rc::from("positional"), Value::array(positional));
    all.insert(Rc::from("named"), Value::object(named));
    let environment: Map = std::env::vars_os()
        .map(|(name, value)| (Rc::from(name.to_string_lossy()), Value::text(&value.to_string_lossy())))
        .collect();
    variables.push(("$ARGS".to_owned(), Value::object(all.clone())));
    variables.push(("$__prog_args".to_owned(), Value::object(all)));
    let mut here = Map::default();
    here.insert(Rc::from("file"), Value::text("<top-level>"));
    here.insert(Rc::from("line"), Value::Number(1.0));
    variables.push(("$__loc__".to_owned(), Value::object(here)));
    variables.push(("$ENV".to_owned(), Value::object(environment)));
    variables
}

impl Failed {
    /// The message has jq's name in it already.
    fn without_name(mut self) -> Self {
        self.message = self.message.map(|message| message.trim_start_matches("jq: ").to_owned());
        self
    }
}

fn one_value(text: &str) -> Option<Value> {
    let mut reader = Reader::new(text.as_bytes());
    let value = reader.next_value()?.ok()?;
    reader.next_value().is_none().then_some(value)
}

fn variable(option: &str, name: &str, value: &OsString) -> Outcome<Value> {
    let text = value.to_string_lossy();
    let bad =
        |why: String| Failed::new(2, format!("Bad JSON in --{} {name} {text}: {why}", option.trim_start_matches('-')));
    match option {
        "--arg" => Ok(Value::text(&text)),
        "--argjson" => one_value(&text).ok_or_else(|| wrong("Invalid JSON text passed to --argjson".to_string())),
        _ => {
            let bytes =
                std::fs::read(value).map_err(|error| bad(format!("Could not open {text}: {}", reason(&error))))?;
            if option == "--rawfile" {
                return Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()));
            }
            let mut reader = Reader::new(bytes.as_slice());
            let mut list = Vec::new();
            while let Some(value) = reader.next_value() {
                list.push(value.map_err(bad)?);
            }
            Ok(if option == "--argfile" && list.len() == 1 { list.remove(0) } else { Value::array(list) })
        }
    }
}

/// How values are to be written.
pub fn style(given: &Given) -> Outcome<Style> {
    let mut indent = Some("  ".to_owned());
    for (key, value) in given.all() {
        match key {
            "compact-output" => indent = None,
            "tab" => indent = Some("\t".to_owned()),
            "indent" => {
                let count = value.and_then(|value| value.to_str()?.parse::<i64>().ok()).unwrap_or(0);
                match count {
                    count if count < 0 => return Err(wrong("Cannot indent less than zero characters")),
                    count if count > 7 => return Err(wrong("Cannot indent more than 7 characters")),
                    0 => indent = None,
                    count => indent = Some(" ".repeat(count as usize)),
                }
            }
            _ => {}
        }
    }
    Ok(Style { indent, sorted: given.has("sort-keys"), ascii: given.has("ascii-output") })
}
