//! Simple commands: words, assignments and redirections, and what the first word stands for.

use super::external::Found;
use super::{Flow, Ran};
use crate::builtins;
use crate::expand::escapes::{quote_if_needed, quote_plainly, quote_single};
use crate::shell::Shell;
use crate::state::{DEBUG, Frame};
use crate::syntax::ast::{Argument, Assign, Command, Element, Piece, Simple, Value, Word};
use crate::syntax::print;
use crate::vars::{EXPORT, Text};

/// Builtins whose arguments may be assignments.
const DECLARING: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];

impl Shell {
    /// A simple command.
    pub fn run_simple(&mut self, simple: &Simple) -> Ran<()> {
        self.state.line = simple.line;
        let in_pipe = std::mem::take(&mut self.in_pipe);
        self.before_command(|| print::command(&Command::Simple(simple.clone())).trim_end().to_owned())?;
        self.substituted = None;
        let held = self.held.len();
        let fields = self.arguments(&simple.words)?;
        let saved = (!simple.redirects.is_empty() || !self.held.is_empty()).then(|| self.fds.clone());
        let ran = self.run_fields(simple, &fields);
        if let Some(saved) = saved
            && !std::mem::take(&mut self.keeps_handles)
        {
            self.put_back(saved);
        }
        self.held.truncate(held);
        self.state.last_argument = fields.last().cloned().unwrap_or_else(|| "".into());
        // Whoever runs a pipeline says it of all of it; what took the shell's place ends it.
        if !in_pipe && !self.replaces {
            self.say_deaths(simple);
        }
        self.state.status = ran?;
        Ok(())
    }

    /// What traps see before a command: its text, and the DEBUG trap runs.
    pub fn before_command(&mut self, text: impl FnOnce() -> String) -> Ran<()> {
        if (self.state.traps.is_empty() && !self.state.asks_command) || self.in_trap {
            return Ok(());
        }
        if !self.answers_trap {
            self.command = text().into();
        }
        self.run_debug_trap()
    }

    /// The DEBUG trap, before a command or a function's first one.
    pub fn run_debug_trap(&mut self) -> Ran<()> {
        if self.state.traps.contains_key(&DEBUG) {
            let line = self.state.line;
            self.run_trap(DEBUG)?;
            self.state.line = line;
        }
        Ok(())
    }

    fn run_fields(&mut self, simple: &Simple, fields: &[Text]) -> Ran<i32> {
        let Some(name) = fields.first() else { return self.run_assignments(simple) };
        let builtin = self.builtin(name);
        let special = builtin.is_some() && builtins::is_special(name);
        if simple.assigns.is_empty() {
            // What is traced goes where errors went before the command.
            self.trace_words(fields);
            return match self.redirect_all(&simple.redirects)? {
                true => self.run_words(fields, true),
                false => self.not_redirected(special),
            };
        }
        let mut frame = Frame::default();
        for assign in &simple.assigns {
            let keeps = special && self.state.options.posix;
            if !keeps {
                self.save_for_frame(&mut frame, &assign.name);
            }
            match self.assign_for_command(assign) {
                // Only a POSIX shell gives the command up.
                Err(Flow::Discard(_)) if !self.state.options.posix && !self.state.options.errexit => {}
                Err(flow) => {
                    self.restore(frame.saved);
                    return Err(flow);
                }
                Ok(()) => {}
            }
        }
        self.trace_words(fields);
        let ran = match self.redirect_all(&simple.redirects) {
            Ok(true) => self.run_words(fields, true),
            Ok(false) => self.not_redirected(special),
            Err(flow) => Err(flow),
        };
        self.restore(frame.saved);
        ran
    }

    /// A redirection failed: the command's status, or the end of a POSIX shell.
    fn not_redirected(&self, special: bool) -> Ran<i32> {
        if special && self.state.options.posix { Err(Flow::Exit(1)) } else { Ok(1) }
    }

    /// An assignment before a command: it is exported to it.
    fn assign_for_command(&mut self, assign: &Assign) -> Ran<()> {
        self.assign(assign)?;
        if let Some(var) = std::rc::Rc::make_mut(&mut self.state.vars).get_mut(&*assign.name) {
            var.attributes |= EXPORT;
        }
        self.environment = None;
        Ok(())
    }

    /// Assignments alone, and redirections that nobody uses.
    fn run_assignments(&mut self, simple: &Simple) -> Ran<i32> {
        for assign in &simple.assigns {
            self.assign(assign)?;
        }
        if !self.redirect_all(&simple.redirects)? {
            return Ok(1);
        }
        Ok(self.substituted.unwrap_or(0))
    }

    /// Carries an assignment out.
    pub fn assign(&mut self, assign: &Assign) -> Ran<()> {
        let sign = if assign.append { "+=" } else { "=" };
        match &assign.value {
            Value::Array(_) => {
                if self.state.options.xtrace {
                    self.trace(&print::assign(assign));
                }
                self.assign_compound(assign)
            }
            Value::Scalar(word) => {
                let text = self.expand_assigned(word)?;
                if self.state.options.xtrace {
                    let index = assign.index.as_ref().map(|index| format!("[{}]", index.source())).unwrap_or_default();
                    let value = if text.is_empty() { String::new() } else { self.quoted(&text) };
                    self.trace(&format!("{}{index}{sign}{value}", assign.name));
                }
                match &assign.index {
                    Some(index) => {
                        let key = self.subscript(&assign.name, index)?;
                        self.assign_element(&assign.name, &key, &text, assign.append)
                    }
                    None if assign.append => self.append_text(&assign.name, &text),
                    None => self.assign_text(&assign.name, &text),
                }
            }
        }
    }

    /// The fields of a command's words; assignments after a declaring builtin stay one each.
    fn arguments(&mut self, words: &[Argument]) -> Ran<Vec<Text>> {
        let mut fields = Vec::with_capacity(words.len());
        let mut declares = false;
        for word in words {
            match word {
                Argument::Word(word) => {
                    self.expand_into(word, &mut fields)?;
                    declares |= fields.first().is_some_and(|name| DECLARING.contains(&&**name));
                }
                Argument::Assign(assign) => match &assign.value {
                    Value::Scalar(value) => {
                        let sign = if assign.append { "+=" } else { "=" };
                        let index = match &assign.index {
                            Some(index) => format!("[{}]", self.expand_text(index)?),
                            None => String::new(),
                        };
                        let text = self.expand_assigned(value)?;
                        fields.push(format!("{}{index}{sign}{text}", assign.name).into());
                    }
                    Value::Array(_) if declares => {
                        let own = if self.state.options.xtrace { self.traced(assign)? } else { (**assign).clone() };
                        self.pending_arrays.push((fields.len(), own));
                        fields.push(assign.name.clone());
                    }
                    Value::Array(_) => {
                        self.complain("syntax error near unexpected token `('");
                        return Err(Flow::Discard(2));
                    }
                },
            }
        }
        Ok(fields)
    }

    /// Shows an array's values as they are assigned, and gives them so that nothing is left to be expanded.
    fn traced(&mut self, assign: &Assign) -> Ran<Assign> {
        let Value::Array(elements) = &assign.value else { return Ok(assign.clone()) };
        let quoted = |text: Text| Word { pieces: vec![Piece::Quoted(text)], braces: false, raw: None };
        let mut expanded = Vec::new();
        let mut shown = Vec::new();
        for element in elements {
            let Some(index) = &element.index else {
                for text in self.expand_words(std::slice::from_ref(&element.value))? {
                    shown.push(quote_single(&text));
                    expanded.push(Element { index: None, append: false, value: quoted(text) });
                }
                continue;
            };
            let (index, value) = (self.expand_text(index)?, self.expand_text(&element.value)?);
            let sign = if element.append { "+=" } else { "=" };
            shown.push(format!("[{}]{sign}{}", quote_single(&index), quote_single(&value)));
            expanded.push(Element { index: Some(quoted(index)), append: element.append, value: quoted(value) });
        }
        let sign = if assign.append { "+=" } else { "=" };
        self.trace(&format!("{}{sign}({})", assign.name, shown.join(" ")));
        Ok(Assign { value: Value::Array(expanded), ..assign.clone() })
    }

    /// The builtin of a name that no function hides and nobody disabled.
    fn builtin(&self, name: &str) -> Option<builtins::Builtin> {
        let is_special = self.state.options.posix && builtins::is_special(name);
        if !is_special && self.state.functions.contains_key(name) {
            return None;
        }
        let disabled = self.state.disabled.iter().any(|disabled| **disabled == *name);
        builtins::find(name).filter(|_| !disabled)
    }

    /// Runs a command by its words, and gives its status.
    pub fn run_words(&mut self, fields: &[Text], functions: bool) -> Ran<i32> {
        let Some(name) = fields.first() else { return Ok(0) };
        let special = self.state.options.posix && builtins::is_special(name);
        if functions
            && !special
            && let Some(function) = self.state.functions.get(name).cloned()
        {
            return self.call(&function, fields);
        }
        let disabled = self.state.disabled.iter().any(|disabled| disabled == name);
        if let Some(builtin) = builtins::find(name).filter(|_| !disabled) {
            let status = builtin(self, fields)?;
            // POSIX: an error of a special builtin ends a script, unless `command` ran it.
            let grave = std::mem::take(&mut self.is_grave);
            let ends = grave && special && functions;
            return if ends { Err(Flow::Exit(status)) } else { Ok(status) };
        }
        self.run_external(fields)
    }

    /// The same for `command`: functions do not count.
    pub fn run_words_without_functions(&mut self, fields: &[Text]) -> Ran<i32> {
        self.run_words(fields, false)
    }

    /// What a name stands for as a command.
    pub fn find_command(&mut self, name: &str) -> Found {
        if self.state.functions.contains_key(name) {
            return Found::Function;
        }
        if self.builtin(name).is_some() {
            return Found::Builtin;
        }
        self.find_program(name)
    }

    /// `set -x`: the command as it is run.
    fn trace_words(&mut self, fields: &[Text]) {
        if !self.state.options.xtrace {
            return;
        }
        let words: Vec<String> = fields.iter().map(|field| self.quoted(field)).collect();
        self.trace(&words.join(" "));
    }

    /// A word as it could be typed again.
    pub fn quoted(&self, text: &str) -> String {
        // What blanks or quotes make necessary comes before what cannot be seen.
        let plain = quote_plainly(text);
        if plain == text { quote_if_needed(text) } else { plain }
    }

    /// One line of `set -x`.
    pub fn trace(&mut self, text: &str) {
        let prompt = self.var_text("PS4").unwrap_or_else(|| "+ ".into());
        // Expanding the prompt is not traced itself.
        self.state.options.xtrace = false;
        let prompt = self.expand_prompt(&prompt).unwrap_or_else(|_| prompt.to_string());
        self.state.options.xtrace = true;
        let first = prompt.chars().next().map(String::from).unwrap_or_default();
        let deeper = first.repeat(usize::try_from(self.trace_depth()).unwrap_or(0));
        let _ = self.write(2, &format!("{deeper}{prompt}{text}\n"));
    }

    /// How often the first character of `PS4` is repeated: for each substitution that this is within.
    fn trace_depth(&self) -> u32 {
        self.nesting
    }
}
