//! Reading a script without running it: what is no script, and which commands nobody has.
//!
//! Prints one JSON object on a line for each finding. Knows what can be told from the text alone: a command whose name is
//! a plain word. A command that a script may bring itself, or that it asks for before it uses it, is not named.

use crate::builtins;
use crate::run::{SHELLS, STANDARD};
use crate::shell::Tools;
use crate::syntax::ast::{Argument, Chain, Command, Compound, Item, List, Piece, Simple, Value, Word};
use crate::syntax::{Parsed, Parser, Settings};
use std::collections::BTreeSet;
use std::io::Read;

/// Most commands of one script that are named.
const MOST_NAMED: usize = 50;

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
    /// Names that the script asks about: `command -v NAME`.
    asked: BTreeSet<String>,
    /// It makes programs of its own, or looks for some where we cannot see: `PATH=`, `alias`, `source`.
    is_open: bool,
    /// It turned extended patterns on.
    extglob: bool,
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
    // A script that turns extended patterns on is read with them from there on; one that does so where the text does
    // not show it may be right all the same.
    let read = gather(&text, shell, false).or_else(|first| gather(&text, shell, true).map_err(|_| first));
    let gathered = match read {
        Ok(gathered) => gathered,
        Err(error) => {
            say(error.line, "syntax", &error.message, "");
            return 1;
        }
    };
    if gathered.is_open {
        return 0;
    }
    let installed = installed(&text);
    let mut said = BTreeSet::new();
    for Named { name, line } in &gathered.named {
        let known = !is_plain(name)
            || installed.contains(name.as_str())
            || gathered.asked.contains(name)
            || gathered.functions.contains(name)
            || builtins::find(name).is_some()
            || granted.contains(name)
            || (tools.has)(name)
            || SHELLS.contains(&name.as_str());
        if !known && said.insert(name) {
            say(*line, "command", &format!("`{name}` is no command of the userland"), name);
            if said.len() == MOST_NAMED {
                break;
            }
        }
    }
    0
}

/// Whether a word is a name that is looked for in `PATH`, and nothing that has to be expanded first. A path is a file's,
/// which may be there when the step runs.
fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && name.chars().all(|char| char.is_ascii_alphanumeric() || "._+-".contains(char))
}

/// The names behind `bin/` anywhere in the text: programs that it may put there.
fn installed(text: &str) -> BTreeSet<&str> {
    let is_other = |char: char| !char.is_ascii_alphanumeric() && !"._+-".contains(char);
    let rests = text.match_indices("bin/").filter_map(|(at, found)| text.get(at + found.len()..));
    rests.filter_map(|rest| rest.split(is_other).next()).collect()
}

/// Reads a script as it would be run: command by command, up to one after which it cannot go on.
fn gather(text: &str, shell: &str, extglob: bool) -> Parsed<Gathered> {
    let posix = !shell.ends_with("bash");
    let mut parser = Parser::new(text, 1, Settings { extglob, posix, aliases: None, source: shell.into() });
    let mut gathered = Gathered::default();
    while let Some(list) = parser.next_command()? {
        gathered.list(&list);
        // Whatever follows is never read: data, or another program.
        if list.0.iter().any(ends) {
            break;
        }
        parser.settings.extglob |= gathered.extglob;
    }
    Ok(gathered)
}

/// Whether a script ends here in any case: `exit`, or `exec` with a command.
fn ends(item: &Item) -> bool {
    let alone = !item.background && item.chain.rest.is_empty() && item.chain.first.commands.len() == 1;
    let Some(Command::Simple(simple)) = item.chain.first.commands.first().map(|command| &**command).filter(|_| alone)
    else {
        return false;
    };
    match simple.words.first() {
        Some(Argument::Word(word)) => match word.unquoted().as_deref() {
            Some("exit") => true,
            Some("exec") => simple.words.len() > 1,
            _ => false,
        },
        _ => false,
    }
}

fn say(line: u32, kind: &str, message: &str, name: &str) {
    println!("{{\"line\":{line},\"kind\":\"{kind}\",\"message\":{},\"name\":{}}}", json(message), json(name));
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
                self.is_open |= &*function.name == "command_not_found_handle";
                self.functions.insert(function.name.to_string());
                self.command(&function.body);
            }
            Command::Compound(compound, redirects, _) => {
                redirects.iter().for_each(|redirect| self.word(&redirect.target));
                self.compound(compound);
            }
            Command::Simple(simple) => self.simple(simple),
        }
    }

    fn simple(&mut self, simple: &Simple) {
        self.is_open |= simple.assigns.iter().any(|assign| &*assign.name == "PATH");
        for assign in &simple.assigns {
            match &assign.value {
                Value::Scalar(word) => self.word(word),
                Value::Array(elements) => elements.iter().for_each(|element| self.word(&element.value)),
            }
        }
        let mut words = simple.words.iter();
        let mut first = String::new();
        match words.next() {
            Some(Argument::Word(word)) => {
                self.word(word);
                first = word.unquoted().unwrap_or_default();
            }
            Some(Argument::Assign(assign)) => self.is_open |= &*assign.name == "PATH",
            None => {}
        }
        if !first.is_empty() {
            self.named.push(Named { name: first.clone(), line: simple.line });
        }
        for argument in words {
            match argument {
                Argument::Word(word) => {
                    self.word(word);
                    self.argument(&first, word);
                }
                Argument::Assign(assign) => self.is_open |= &*assign.name == "PATH",
            }
        }
        simple.redirects.iter().for_each(|redirect| self.word(&redirect.target));
    }

    /// What an argument of a command says of other commands.
    fn argument(&mut self, command: &str, word: &Word) {
        let text = word.unquoted().unwrap_or_default();
        self.is_open |= match command {
            "alias" | "source" | "." | "eval" | "enable" => true,
            "export" => word.source().starts_with("PATH="),
            // Programs are put there, or looked for.
            _ => STANDARD.contains(&text.trim_end_matches('/')),
        };
        match command {
            "command" | "type" | "which" | "hash" => {
                self.asked.insert(text);
            }
            "shopt" => self.extglob |= text == "extglob",
            _ => {}
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
            Compound::Coproc(_, command) => self.command(command),
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
