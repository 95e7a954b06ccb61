//! Reading a script without running it: what is no script, and which commands nobody has.
//!
//! Prints one JSON object on a line for each finding. Knows what can be told from the text alone: a command whose name is
//! a plain word.

use crate::builtins;
use crate::shell::Tools;
use crate::syntax::ast::{Argument, Chain, Command, Compound, List, Piece, Word};
use crate::syntax::{Parser, Settings};
use std::collections::BTreeSet;
use std::io::Read;

/// A command that the script names.
struct Named {
    name: String,
    line: u32,
}

/// What was gathered of a script.
#[derive(Default)]
struct Gathered {
    named: Vec<Named>,
    functions: BTreeSet<String>,
    /// It makes programs of its own, or looks for some where we cannot see: `PATH=`, `alias`, `source`.
    is_open: bool,
}

/// `--check SHELL [COMMAND...]`: the script is on standard input; the words behind are commands that there are besides the
/// userland's own.
pub fn main(words: &[String], tools: Tools) -> i32 {
    let shell = words.first().map_or("sh", String::as_str);
    let granted = words.get(1..).unwrap_or_default();
    let mut bytes = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut bytes).is_err() {
        return 2;
    }
    let text = crate::bytes::decode_owned(bytes);
    let posix = !shell.ends_with("bash");
    let mut parser = Parser::new(&text, 1, Settings { extglob: true, posix, aliases: None, source: shell.into() });
    let list = match parser.all() {
        Ok(list) => list,
        Err(error) => {
            say(error.line, "syntax", &error.message, "");
            return 1;
        }
    };
    let mut gathered = Gathered::default();
    gathered.list(&list);
    if gathered.is_open {
        return 0;
    }
    for Named { name, line } in &gathered.named {
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        let is_standard = crate::run::STANDARD.contains(&folder);
        let known = gathered.functions.contains(name)
            || builtins::find(name).is_some()
            || granted.contains(name)
            || ((tools.has)(base) && (is_standard || base == name))
            || crate::run::SHELLS.contains(&base)
            // A file of the workspace, which may be there when the step runs.
            || (name.contains('/') && !is_standard);
        if !known {
            say(*line, "command", &format!("`{name}` is no command of the userland"), name);
        }
    }
    0
}

fn say(line: u32, kind: &str, message: &str, name: &str) {
    println!(
        "{{\"line\":{line},\"column\":1,\"kind\":\"{kind}\",\"message\":{},\"name\":{}}}",
        json(message),
        json(name)
    );
}

fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            char if (char as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", char as u32)),
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

impl Gathered {
    fn list(&mut self, list: &List) {
        list.0.iter().for_each(|item| self.chain(&item.chain));
    }

    fn chain(&mut self, chain: &Chain) {
        let pipelines = [&chain.first].into_iter().chain(chain.rest.iter().map(|(_, pipeline)| pipeline));
        for pipeline in pipelines {
            pipeline.commands.iter().for_each(|command| self.command(command));
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Function(function) => {
                self.functions.insert(function.name.to_string());
                self.command(&function.body);
            }
            Command::Compound(compound, redirects, _) => {
                redirects.iter().for_each(|redirect| self.word(&redirect.target));
                self.compound(compound);
            }
            Command::Simple(simple) => {
                self.is_open |= simple.assigns.iter().any(|assign| &*assign.name == "PATH");
                for assign in &simple.assigns {
                    if let crate::syntax::ast::Value::Scalar(word) = &assign.value {
                        self.word(word);
                    }
                }
                for (at, argument) in simple.words.iter().enumerate() {
                    match argument {
                        Argument::Word(word) => {
                            if at == 0
                                && let Some(name) = word.unquoted().filter(|name| !name.is_empty())
                            {
                                self.is_open |= matches!(name.as_str(), "alias" | "source" | "." | "eval" | "export")
                                    && simple.words.iter().skip(1).any(|word| is_open(&name, word));
                                self.named.push(Named { name, line: simple.line });
                            }
                            self.word(word);
                        }
                        Argument::Assign(assign) => self.is_open |= &*assign.name == "PATH",
                    }
                }
                simple.redirects.iter().for_each(|redirect| self.word(&redirect.target));
            }
        }
    }

    fn compound(&mut self, compound: &Compound) {
        match compound {
            Compound::Brace(list) => self.list(list),
            Compound::Subshell(list) => self.list(list),
            Compound::If(branches, last) => {
                branches.iter().for_each(|(condition, body)| {
                    self.list(condition);
                    self.list(body);
                });
                last.iter().for_each(|body| self.list(body));
            }
            Compound::While(_, condition, body) => {
                self.list(condition);
                self.list(body);
            }
            Compound::For(_, words, body) | Compound::Select(_, words, body) => {
                words.iter().flatten().for_each(|word| self.word(word));
                self.list(body);
            }
            Compound::CountingFor(_, body) => self.list(body),
            Compound::Case(word, arms) => {
                self.word(word);
                arms.iter().for_each(|arm| self.list(&arm.body));
            }
            Compound::Cond(_) | Compound::Arith(_) => {}
        }
    }

    fn word(&mut self, word: &Word) {
        self.pieces(&word.pieces);
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Double(inner) => self.pieces(inner),
                Piece::Command(substitution) => self.list(&substitution.list),
                Piece::Process(_, list) => self.list(list),
                _ => {}
            }
        }
    }
}

/// Whether a word of such a builtin may bring commands that the text does not show.
fn is_open(builtin: &str, word: &Argument) -> bool {
    match (builtin, word) {
        ("export", Argument::Word(word)) => word.source().starts_with("PATH="),
        ("export", Argument::Assign(assign)) => &*assign.name == "PATH",
        _ => true,
    }
}
