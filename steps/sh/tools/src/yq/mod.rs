//! `yq` as mikefarah's version 4 has it: reads YAML or JSON, changes or asks it, writes it as it was written.
//!
//! Knows the options in everyday use; the language is jq's with what `language` makes of yq's. Refuses other formats, and
//! styles and comments as values.

mod emit;
mod language;
mod node;

use crate::jq::json::Style as JsonStyle;
use crate::jq::value::{Map, Value, error};
use crate::jq::{self, Answers, lenient};
use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, output, reason};
use emit::Emitter;
use jaq_core::native::{Fun, bome, run as native, v};
use node::Document;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::rc::Rc;

const TABLE: Table = Table::new(
    "yq",
    &[
        "i,inplace",
        "o,output-format=",
        "p,input-format=",
        "P,prettyPrint",
        "r,unwrapScalar=?",
        "n,null-input",
        "N,no-doc",
        "e,exit-status",
        "I,indent=",
        "j,tojson",
        "M,no-colors",
        "C,colors",
        "v,verbose",
        "s,split-exp=",
        "0,nul-output",
        "from-file=",
        "expression=",
        "front-matter=",
        "V",
        "header-preprocess",
    ],
);

fn fail(message: impl std::fmt::Display) -> Failed {
    eprintln!("Error: {message}");
    Failed::silent(1)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
    Properties,
}

fn format(name: &str) -> Outcome<Format> {
    match name {
        "yaml" | "y" | "yml" | "auto" | "a" => Ok(Format::Yaml),
        "json" | "j" => Ok(Format::Json),
        "props" | "p" | "properties" => Ok(Format::Properties),
        other => Err(fail(format!("format '{other}' is not supported here"))),
    }
}

/// The format that was asked for.
fn format_of(call: &Call) -> Outcome<Format> {
    match call.given.text("output-format") {
        Some(name) => format(&name),
        None if call.given.has("tojson") => Ok(Format::Json),
        None => Ok(Format::Yaml),
    }
}

/// A document and where it comes from.
struct Input {
    document: Document,
    file: usize,
    index: usize,
    name: String,
}

impl Input {
    /// Whether it is a file without a document.
    fn is_blank(&self) -> bool {
        !self.document.lead.iter().any(|line| line.trim_end() == "---")
    }
}

struct Call {
    given: Given,
    expression: String,
    files: Vec<String>,
    together: bool,
}

fn read_call(arguments: Vec<OsString>) -> Outcome<Call> {
    // -o=json is -o json.
    let arguments = arguments.into_iter().map(|word| match word.to_str() {
        Some(text) if text.starts_with("-o=") || text.starts_with("-p=") || text.starts_with("-I=") => {
            OsString::from(text.replacen('=', "", 1))
        }
        Some(text) if text.starts_with("-r=") => OsString::from(text.replacen("-r", "--unwrapScalar", 1)),
        _ => word,
    });
    let mut given = TABLE.read(arguments.collect())?;
    for key in ["split-exp", "front-matter", "colors"] {
        if given.has(key) {
            return Err(fail(format!("option '{key}' is not supported here")));
        }
    }
    let mut words: Vec<String> =
        std::mem::take(&mut given.operands).into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let mut together = false;
    if let Some(first) = words.first().filter(|first| matches!(first.as_str(), "eval" | "e" | "eval-all" | "ea")) {
        together = first.ends_with('a') || first.ends_with("all");
        words.remove(0);
    }
    let expression = if let Some(path) = given.text("from-file") {
        std::fs::read_to_string(&path).map_err(|error| fail(format!("open {path}: {}", lower(&error))))?
    } else if let Some(expression) = given.text("expression") {
        expression
    } else if words.is_empty()
        || words.len() == 1 && !given.has("null-input") && std::path::Path::new(&words[0]).is_file()
    {
        ".".to_owned()
    } else {
        words.remove(0)
    };
    Ok(Call { given, expression, files: words, together })
}

fn lower(error: &io::Error) -> String {
    let text = reason(error);
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| format!("{}{}", first.to_lowercase(), letters.as_str()))
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let call = read_call(arguments)?;
    if call.given.has("V") {
        println!("yq (stepwell userland) version v4.44.3");
        return Ok(0);
    }
    let translated = language::translate(&call.expression).map_err(fail)?;
    if call.given.has("inplace") {
        if call.files.is_empty() {
            return Err(fail("write in place flag only applicable when giving an expression and at least one file"));
        }
        let mut matched = false;
        for file in call.files.clone() {
            let inputs = inputs(&call, std::slice::from_ref(&file))?;
            let (text, any) = evaluate(&call, &translated, &inputs)?;
            let mode = crate::status::Status::of(std::path::Path::new(&file), true).map(|status| status.mode);
            userland_sys::making::write(&file, text)
                .map_err(|error| fail(format!("open {file}: {}", lower(&error))))?;
            if let Ok(mode) = mode {
                let _ = crate::status::set_mode(std::path::Path::new(&file), true, mode);
            }
            matched |= any;
        }
        return ended(&call, matched);
    }
    let files = if call.files.is_empty() { vec!["-".to_owned()] } else { call.files.clone() };
    let inputs = inputs(&call, &files)?;
    let (text, any) = evaluate(&call, &translated, &inputs)?;
    let mut out = output();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    ended(&call, any)
}

fn ended(call: &Call, matched: bool) -> Outcome {
    if call.given.has("exit-status") && !matched {
        return Err(fail("no matches found"));
    }
    Ok(0)
}

fn inputs(call: &Call, files: &[String]) -> Outcome<Vec<Input>> {
    let mut inputs = Vec::new();
    if call.given.has("null-input") {
        let document = Document::default();
        return Ok(vec![Input { document, file: 0, index: 0, name: String::new() }]);
    }
    let mut index = 0;
    for (file, name) in files.iter().enumerate() {
        let mut text = Vec::new();
        let read = if name == "-" {
            io::stdin().read_to_end(&mut text).map(|_| ())
        } else {
            std::fs::read(name).map(|read| text = read)
        };
        read.map_err(|error| fail(format!("open {name}: {}", lower(&error))))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let bad = |why: String| fail(format!("bad file '{name}': yaml: {why}"));
        let documents = node::read(&text).map_err(bad)?;
        if documents.is_empty() && call.expression.trim() == "." && format_of(call)? == Format::Yaml {
            // Nothing is there but comments, which stay.
            let lead = if text.is_empty() { vec![String::new()] } else { text.lines().map(str::to_owned).collect() };
            let document = Document { lead, ..Document::default() };
            inputs.push(Input { document, file, index, name: name.clone() });
        }
        for document in documents {
            inputs.push(Input { document, file, index, name: name.clone() });
            index += 1;
        }
        if !call.together {
            index = 0;
        }
    }
    if inputs.is_empty() {
        let document = Document::default();
        inputs.push(Input { document, file: 0, index: 0, name: String::new() });
    }
    Ok(inputs)
}

fn own_functions() -> impl Iterator<Item = Fun<jq::Run>> {
    let list: Vec<jaq_core::native::Filter<jaq_core::RunPtr<jq::Run>>> = vec![
        ("strenv_of", v(1), |mut cv| {
            let name = cv.0.pop_var();
            let name = name.as_text().unwrap_or_default();
            bome(Ok(Value::from(std::env::var(name).unwrap_or_default())))
        }),
        ("env_of", v(1), |mut cv| {
            let name = cv.0.pop_var();
            let name = name.as_text().unwrap_or_default();
            let text = std::env::var(name)
                .map_err(|_| error(format!("value for env variable '{name}' not provided in env()")));
            bome(text.and_then(|text| parsed(&text)))
        }),
        ("yaml_value", v(0), |cv| bome(parsed(cv.1.as_text().unwrap_or_default()))),
        ("to_yaml", v(0), |cv| {
            let mut text = String::new();
            Emitter { indent: 2, ..Emitter::default() }.document(&cv.1, None, &mut text);
            bome(Ok(Value::from(text)))
        }),
        ("exploded", v(0), |cv| bome(Ok(lenient::exploded(&cv.1)))),
        ("json_indented", v(1), |mut cv| {
            let width = cv.0.pop_var().number().unwrap_or(0.0).clamp(0.0, 16.0) as usize;
            let indent = (width > 0).then(|| " ".repeat(width));
            let mut text = String::new();
            JsonStyle { indent, sorted: false, ascii: false }.write(&lenient::exploded(&cv.1), &mut text);
            text.push_str(if width > 0 { "\n" } else { "" });
            bome(Ok(Value::from(text)))
        }),
        ("load", v(1), |mut cv| {
            let name = cv.0.pop_var();
            let name = name.as_text().unwrap_or_default();
            bome(match std::fs::read_to_string(name) {
                Ok(text) => parsed(&text),
                Err(why) => Err(error(format!("failed to load {name}: open {name}: {}", lower(&why)))),
            })
        }),
        ("trim", v(0), |cv| bome(Ok(cv.1.as_text().map_or(Value::Null, |text| Value::text(text.trim()))))),
    ];
    list.into_iter().map(native::<jq::Run>)
}

fn parsed(text: &str) -> Result<Value, crate::jq::value::Error> {
    let documents = node::read(text).map_err(error)?;
    Ok(documents.first().map(|document| document.root.value.clone()).unwrap_or_default())
}

/// What an expression makes of the documents, as text, and whether anything but null and false came out.
fn evaluate(call: &Call, translated: &language::Translated, inputs: &[Input]) -> Outcome<(String, bool)> {
    let first = inputs.first().map(|input| input.name.clone()).unwrap_or_default();
    let as_json = |name: &str| name.ends_with(".json");
    let read_as = call.given.text("input-format").map(|name| format(&name)).transpose()?;
    if read_as == Some(Format::Properties) {
        return Err(fail("properties are not read here"));
    }
    let from_json = read_as == Some(Format::Json) || read_as.is_none() && as_json(&first);
    let format = match format_of(call)? {
        Format::Yaml if !call.given.has("output-format") && read_as.is_none() && as_json(&first) => Format::Json,
        format => format,
    };
    let indent = match call.given.text("indent") {
        Some(text) => {
            text.parse().map_err(|_| fail(format!("invalid argument \"{text}\" for \"-I, --indent\" flag")))?
        }
        None => 2,
    };
    if format == Format::Yaml && call.given.text("unwrapScalar").is_some_and(|text| text == "false") {
        return Err(fail("option 'unwrapScalar=false' is not supported here"));
    }
    let mut emitter = Emitter {
        pretty: call.given.has("prettyPrint") || translated.pretty || from_json && format == Format::Yaml,
        indent,
        no_comments: translated.no_comments,
        no_anchors: translated.exploded,
        ..Emitter::default()
    };
    for input in inputs {
        emitter.learn(&input.document.root);
    }
    let names = ["$__filename", "$__di", "$__fi", "$docs", "$files", "$ENV"];
    let code = if call.together { together(&translated.code)? } else { translated.code.clone() };
    let filter = jq::compile_with(&code, &names, language::DEFINITIONS, own_functions()).map_err(|why| {
        fail(format!("bad expression, please check expression syntax: {}", why.lines().next().unwrap_or_default()))
    })?;
    let all = Value::array(inputs.iter().map(|input| input.document.root.value.clone()).collect());
    let files = inputs.iter().map(|input| input.file + 1).max().unwrap_or(0);
    let of = |file: usize| {
        inputs
            .iter()
            .filter(|input| input.file == file)
            .map(|input| input.document.root.value.clone())
            .collect::<Value>()
    };
    let by_file = Value::array((0..files).map(of).collect());
    lenient::turn_on();
    let environment: Map = std::env::vars().map(|(name, value)| (Rc::from(name), Value::from(value))).collect();
    let mut writing = Writing { emitter, format, indent, given: &call.given, out: String::new(), matched: false };
    let runs = if call.together { &inputs[..inputs.len().min(1)] } else { inputs };
    let mut previous: Option<usize> = None;
    for (at, input) in runs.iter().enumerate() {
        let variables = vec![
            Value::text(&input.name),
            Value::from(input.index),
            Value::from(input.file),
            all.clone(),
            by_file.clone(),
            Value::object(environment.clone()),
        ];
        let answers: Answers = jq::answers(&filter, variables, input.document.root.value.clone());
        for answer in answers {
            let value = answer.map_err(fail)?;
            let between = previous.is_some_and(|previous| previous != at);
            writing.answer(&value, input, between);
            previous = Some(at);
        }
    }
    Ok((writing.out, writing.matched))
}

/// What `eval-all` is mostly used for: documents named by their files, and a reduction over all of them.
fn together(code: &str) -> Outcome<String> {
    let mut code = code.replace("select(.\"fi\"", "select($__fi");
    for number in 0..10 {
        for spaces in ["==", " == "] {
            code = code.replace(&format!("select($__fi{spaces}{number})"), &format!("$files[{number}][]"));
            code = code.replace(&format!("select($__di{spaces}{number})"), &format!("$docs[{number}]"));
        }
    }
    let code = code.replace("reduce (.) as", "reduce $docs[] as");
    if code.contains("$__fi")
        || code.contains("$__di")
        || !code.contains("$docs") && !code.contains("$files") && code.trim() != "[.]"
    {
        return Err(fail("this use of eval-all is not supported here"));
    }
    Ok(if code.trim() == "[.]" { "$docs".to_owned() } else { code })
}

struct Writing<'g> {
    emitter: Emitter,
    format: Format,
    indent: usize,
    given: &'g Given,
    out: String,
    matched: bool,
}

impl Writing<'_> {
    fn answer(&mut self, value: &Value, input: &Input, between: bool) {
        self.matched |= !matches!(value, Value::Null | Value::Bool(false));
        if between && self.format == Format::Yaml && !self.given.has("no-doc") {
            self.out.push_str("---\n");
        }
        let before = self.out.len();
        match (self.format, value) {
            (Format::Yaml, Value::Null) if !input.document.lead.is_empty() && input.is_blank() => {
                self.lead(&input.document.lead);
            }
            (Format::Properties, value) => properties("", &lenient::exploded(value), &mut self.out),
            (Format::Json, value) => {
                let unwrap = self.given.has("unwrapScalar");
                let refused = self.given.text("unwrapScalar").is_some_and(|text| text == "false");
                if let (Value::Text(text), true) = (value, unwrap && !refused) {
                    self.out.push_str(text);
                } else {
                    let indent = (self.indent > 0).then(|| " ".repeat(self.indent));
                    JsonStyle { indent, sorted: false, ascii: false }.write(&lenient::exploded(value), &mut self.out);
                }
                self.out.push('\n');
            }
            (Format::Yaml, Value::Text(text)) => {
                self.out.push_str(text);
                self.out.push('\n');
            }
            (Format::Yaml, value) => {
                let root = &input.document.root;
                let _ = self.emitter.foot.replace(input.document.foot.clone());
                let whole = emit::address(value).is_some() && value.kind() == root.value.kind();
                if whole && shares(value, &root.value) {
                    self.lead(&input.document.lead);
                }
                self.emitter.document(value, Some(root).filter(|_| whole), &mut self.out);
                if whole && !self.emitter.no_comments && shares(value, &root.value) {
                    for line in self.emitter.foot.take() {
                        self.out.push_str(&line);
                        self.out.push('\n');
                    }
                }
            }
        }
        if self.given.has("nul-output") {
            let end = self.out.trim_end_matches('\n').len().max(before);
            self.out.truncate(end);
            self.out.push('\0');
        }
    }
}

impl Writing<'_> {
    fn lead(&mut self, lines: &[String]) {
        for line in lines {
            let left = if line.trim_end() == "---" { self.given.has("no-doc") } else { self.emitter.no_comments };
            if !left {
                self.out.push_str(line);
                self.out.push('\n');
            }
        }
    }
}

/// Whether one is the other, or was made of it.
fn shares(value: &Value, root: &Value) -> bool {
    match (value, root) {
        (Value::Object(one), Value::Object(other)) => other.is_empty() || other.keys().any(|key| one.contains_key(key)),
        (Value::Array(one), Value::Array(other)) => one.iter().any(|value| other.contains(value)),
        _ => false,
    }
}

fn properties(path: &str, value: &Value, out: &mut String) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| properties(&below(key), value, out)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| properties(&below(&at.to_string()), value, out))
        }
        Value::Text(text) => out.push_str(&format!("{path} = {}\n", text.replace('\\', "\\\\").replace('\n', "\\n"))),
        other => out.push_str(&format!(
            "{path} = {}\n",
            if matches!(other, Value::Null) { String::new() } else { other.to_string() }
        )),
    }
}
