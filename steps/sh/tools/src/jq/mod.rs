//! `jq`: reads JSON values, runs a filter over each and writes what comes out.
//!
//! Knows jq's options, exit codes and words; the language itself is jaq's, over values that behave as jq's. Refuses
//! modules, streaming, sequences and colours.

mod functions;
pub mod json;
mod paths;
pub mod value;

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, output, reason, say};
use functions::Data;
pub use functions::Run;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::native::Fun;
use jaq_core::{Compiler, Ctx, Filter, Vars};
use jaq_std::input::RcIter;
use json::{Reader, Style};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::rc::Rc;
use value::{Error, Map, Value};

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
struct Call {
    given: Given,
    filter: String,
    files: Vec<OsString>,
    variables: Vec<(String, Value)>,
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
fn read_call(arguments: Vec<OsString>) -> Outcome<Call> {
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
                    .push(one_value(&text).ok_or_else(|| wrong(format!("Invalid JSON text passed to --jsonargs")))?),
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
    Ok(Call { given, filter, files, variables })
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
        "--argjson" => one_value(&text).ok_or_else(|| wrong(format!("Invalid JSON text passed to --argjson"))),
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

/// Makes a filter of a text; the error is what jq would say.
fn compile(code: &str, names: &[&str]) -> Result<Filter<Run>, String> {
    compile_with(code, names, "", std::iter::empty())
}

/// The same with more definitions and functions, which come before jq's.
pub fn compile_with(
    code: &str,
    names: &[&str],
    more: &'static str,
    own: impl Iterator<Item = Fun<Run>>,
) -> Result<Filter<Run>, String> {
    let code = if code.trim().is_empty() { "." } else { code };
    let parse = |text| jaq_core::load::parse(text, |parser| parser.defs()).unwrap_or_default();
    let definitions = parse(include_str!("defs.jq")).into_iter().chain(parse(more));
    let arena = Arena::default();
    let loader = Loader::new(definitions);
    let modules = loader.load(&arena, File { code, path: () }).map_err(|errors| {
        let mut text = String::new();
        for (file, error) in errors {
            let part = match error {
                jaq_core::load::Error::Lex(list) => list.first().map(|(_, part)| (*part).to_owned()),
                jaq_core::load::Error::Parse(list) => list.first().map(|(_, part)| (*part).to_owned()),
                jaq_core::load::Error::Io(list) => list.first().map(|(path, why)| format!("{path}: {why}")),
            };
            let found = match part.as_deref() {
                None | Some("") => "unexpected end of file".to_owned(),
                Some(part) => format!("unexpected {}", part.split_whitespace().next().unwrap_or("text")),
            };
            text.push_str(&format!(
                "syntax error, {found} (Unix shell quoting issues?) at <top-level>, line {}:\n{}",
                line_of(file.code, part.as_deref()),
                file.code
            ));
        }
        format!("{text}\njq: 1 compile error")
    })?;
    let compiled = Compiler::default()
        .with_funs(functions::all().chain(own))
        .with_global_vars(names.iter().copied())
        .compile(modules);
    compiled.map_err(|errors| {
        let mut texts = Vec::new();
        for (file, list) in errors {
            for (name, undefined) in list {
                let what = match undefined {
                    jaq_core::compile::Undefined::Filter(arity) => format!("{name}/{arity}"),
                    jaq_core::compile::Undefined::Label => format!("$*label-{}", name.trim_start_matches('$')),
                    _ => name.to_owned(),
                };
                texts.push(format!(
                    "{what} is not defined at <top-level>, line {}:\n{}",
                    line_of(file.code, Some(name)),
                    file.code
                ));
            }
        }
        let count = texts.len();
        format!("{}\njq: {count} compile error{}", texts.join("\njq: error: "), if count == 1 { "" } else { "s" })
    })
}

/// What comes out of a filter, or what is wrong.
pub type Answers = Vec<Result<Value, String>>;

/// All that a filter without inputs of its own makes of a value.
pub fn answers(filter: &Filter<Run>, variables: Vec<Value>, input: Value) -> Answers {
    let inputs = RcIter::new(std::iter::empty());
    let name = RefCell::new(None);
    let data = Data { lut: &filter.lut, inputs: &inputs, name: &name };
    let context = Ctx::<Run>::new(data, Vars::new(variables));
    let answers = filter.id.run((context, input)).map(|answer| {
        answer.map_err(|exception| match exception.get_err() {
            Ok(error) => match error.into_val() {
                Value::Text(text) => text.to_string(),
                other => other.to_string(),
            },
            Err(_) => "halted".to_owned(),
        })
    });
    answers.collect()
}

fn line_of(code: &str, part: Option<&str>) -> usize {
    let at = part.and_then(|part| code.rfind(part)).unwrap_or(code.len());
    code[..at].matches('\n').count() + 1
}

/// Reads the inputs of a run, file after file.
struct Source {
    files: VecDeque<OsString>,
    reader: Option<Reader<Box<dyn Read>>>,
    name: Rc<RefCell<Option<String>>>,
    /// Lines read so far of the present file.
    lines: Rc<Cell<u64>>,
    code: Rc<Cell<i32>>,
    /// Whether a text is one value, or each line is.
    raw: Option<bool>,
    text: Option<Vec<u8>>,
}

impl Source {
    /// Opens the next file; says whether there is one.
    fn open(&mut self) -> bool {
        while let Some(path) = self.files.pop_front() {
            if path == "-" {
                self.reader = Some(Reader::new(Box::new(io::stdin())));
                return true;
            }
            match std::fs::File::open(&path).and_then(|file| {
                if file.metadata()?.is_dir() { Err(io::Error::from_raw_os_error(libc::EISDIR)) } else { Ok(file) }
            }) {
                Ok(file) => {
                    *self.name.borrow_mut() = Some(path.to_string_lossy().into_owned());
                    self.reader = Some(Reader::new(Box::new(file)));
                    return true;
                }
                Err(error) => {
                    say("jq", &format!("error: Could not open file {}: {}", path.to_string_lossy(), reason(&error)));
                    self.code.set(2);
                }
            }
        }
        false
    }

    fn next_json(&mut self) -> Option<Result<Value, String>> {
        loop {
            if self.reader.is_none() && !self.open() {
                return None;
            }
            let reader = self.reader.as_mut()?;
            let value = reader.next_value();
            self.lines.set(reader.lines());
            match value {
                Some(Ok(value)) => return Some(Ok(value)),
                Some(Err(why)) => {
                    self.reader = None;
                    self.files.clear();
                    return Some(Err(why));
                }
                None => self.reader = None,
            }
        }
    }

    fn next_raw(&mut self, whole: bool) -> Option<Result<Value, String>> {
        if self.text.is_none() {
            let mut text = Vec::new();
            while let Some(path) = self.files.pop_front() {
                let read = if path == "-" {
                    io::stdin().read_to_end(&mut text).map(|_| ())
                } else {
                    std::fs::read(&path).map(|more| text.extend(more))
                };
                if let Err(error) = read {
                    say("jq", &format!("error: Could not open file {}: {}", path.to_string_lossy(), reason(&error)));
                    self.code.set(2);
                }
            }
            text.reverse();
            self.text = Some(text);
            if whole {
                let mut text = self.text.replace(Vec::new()).unwrap_or_default();
                text.reverse();
                return Some(Ok(Value::from(String::from_utf8_lossy(&text).into_owned())));
            }
        }
        let text = self.text.as_mut().filter(|text| !text.is_empty())?;
        let at = text.iter().rposition(|byte| *byte == b'\n');
        let mut line = text.split_off(at.map_or(0, |at| at + 1));
        text.pop();
        line.reverse();
        self.lines.set(self.lines.get() + 1);
        Some(Ok(Value::from(String::from_utf8_lossy(&line).into_owned())))
    }
}

impl Iterator for Source {
    type Item = Result<Value, String>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.raw {
            Some(whole) => self.next_raw(whole),
            None => self.next_json(),
        }
    }
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let Call { given, filter, files, variables } = read_call(arguments)?;
    if given.has("V") {
        println!("jq-1.7.1");
        return Ok(0);
    }
    if given.has("h") {
        println!("Usage:\tjq [OPTIONS] FILTER [FILES...]\nOptions as jq 1.7's.");
        return Ok(0);
    }
    let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    let filter = compile(&filter, &names).map_err(|why| Failed::new(3, format!("error: {why}")))?;
    let style = style(&given)?;
    let (name, lines, code) = (Rc::new(RefCell::new(None)), Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let files = if files.is_empty() { vec![OsString::from("-")] } else { files };
    let source = Source {
        files: files.into(),
        reader: None,
        name: name.clone(),
        lines: lines.clone(),
        code: code.clone(),
        raw: given.has("raw-input").then(|| given.has("slurp")),
        text: None,
    };
    let mut running = Running { given, style, out: output(), last: None, name, lines, code, from_input: true };
    let slurp = running.given.has("slurp") && !running.given.has("raw-input");
    let inputs: Box<dyn Iterator<Item = Result<Value, String>>> = if slurp {
        let mut source = Some(source);
        Box::new(std::iter::from_fn(move || {
            source.take().map(|source| source.collect::<Result<Vec<_>, _>>().map(Value::array))
        }))
    } else {
        Box::new(source)
    };
    let inputs = RcIter::new(inputs);
    let shared: jaq_std::input::Inputs<'_, Value> = &inputs;
    let code = running.all(&filter, &variables, shared);
    let flushed = running.out.flush();
    let code = code?;
    flushed?;
    Ok(code)
}

fn style(given: &Given) -> Outcome<Style> {
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

struct Running {
    given: Given,
    style: Style,
    out: io::BufWriter<io::Stdout>,
    last: Option<bool>,
    name: Rc<RefCell<Option<String>>>,
    lines: Rc<Cell<u64>>,
    code: Rc<Cell<i32>>,
    from_input: bool,
}

impl Running {
    fn all(
        &mut self,
        filter: &Filter<Run>,
        variables: &[(String, Value)],
        inputs: jaq_std::input::Inputs<'_, Value>,
    ) -> Outcome {
        let name = self.name.clone();
        let mut nothing = self.given.has("null-input").then_some(Ok(Value::Null));
        self.from_input = nothing.is_none();
        loop {
            let input = if self.given.has("null-input") { nothing.take() } else { (&mut { inputs }).next() };
            let input = match input {
                None => break,
                Some(Ok(input)) => input,
                Some(Err(why)) => {
                    self.out.flush()?;
                    say("jq", &format!("parse error: {why}"));
                    return Ok(2);
                }
            };
            let data = Data { lut: &filter.lut, inputs, name: &name };
            let values = variables.iter().map(|(_, value)| value.clone());
            let context = Ctx::<Run>::new(data, Vars::new(values));
            for answer in filter.id.run((context, input)) {
                match answer {
                    Ok(value) => self.print(&value)?,
                    Err(exception) => match exception.get_err() {
                        Ok(error) => {
                            self.out.flush()?;
                            self.tell(error);
                            break;
                        }
                        Err(exception) => return Ok(exception.get_halt().unwrap_or(5)),
                    },
                }
            }
        }
        Ok(match (self.code.get(), self.given.has("exit-status"), self.last) {
            (0, true, None) => 4,
            (0, true, Some(false)) => 1,
            (code, ..) => code,
        })
    }

    fn place(&self) -> String {
        let name = self.name.borrow().clone().unwrap_or_else(|| "<stdin>".to_owned());
        if self.from_input { format!("{name}:{}", self.lines.get()) } else { "<unknown>".to_owned() }
    }

    fn tell(&self, error: Error) {
        let text = match error.into_val() {
            Value::Text(text) => format!("error (at {}): {text}", self.place()),
            other => format!("error (at {}) (not a string): {other}", self.place()),
        };
        say("jq", &text);
        self.code.set(5);
    }

    fn print(&mut self, value: &Value) -> Outcome<()> {
        self.last = Some(!matches!(value, Value::Null | Value::Bool(false)));
        let join = self.given.has("join-output");
        let bare = join || self.given.has("raw-output") || self.given.has("raw-output0");
        match value {
            Value::Text(text) if bare && !self.style.ascii => self.out.write_all(text.as_bytes())?,
            value => {
                let mut text = String::new();
                self.style.write(value, &mut text);
                self.out.write_all(text.as_bytes())?;
            }
        }
        if self.given.has("raw-output0") {
            self.out.write_all(b"\0")?;
        } else if !join {
            self.out.write_all(b"\n")?;
        }
        if self.given.has("unbuffered") {
            self.out.flush()?;
        }
        Ok(())
    }
}
