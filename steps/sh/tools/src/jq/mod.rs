//! `jq`: reads JSON values, runs a filter over each and writes what comes out.
//!
//! Knows jq's options, exit codes and words; the language itself is jaq's, over values that behave as jq's. Refuses
//! modules, streaming, sequences and colours.

mod call;
mod functions;
pub mod json;
pub mod lenient;
mod paths;
mod source;
pub mod value;

use crate::options::Given;
use crate::outcome::{Failed, Outcome, output, say};
use call::{Call, read_call, style};
use functions::Data;
pub use functions::Run;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::native::Fun;
use jaq_core::{Compiler, Ctx, Filter, Vars};
use jaq_std::input::RcIter;
use json::Style;
use source::Source;
use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::io::{self, Write};
use std::rc::Rc;
use value::{Error, Value};

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
