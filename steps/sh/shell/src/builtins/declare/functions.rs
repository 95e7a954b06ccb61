//! What `declare`, `export` and `readonly` do with functions; and how functions come and go by the environment.

use crate::builtins::types::Given;
use crate::run::Ran;
use crate::shell::Shell;
use crate::syntax::ast::{Command, Function};
use crate::syntax::{Parser, Settings, print};
use crate::vars::{EXPORT, READONLY, TRACE, Text};
use std::rc::Rc;

/// How a function's variable in the environment is called: this, its name, and the end.
const PREFIX: &str = "BASH_FUNC_";
const SUFFIX: &str = "%%";

/// `declare -f` and `declare -F`.
pub fn declare(shell: &mut Shell, command: &str, names: &[Text], given: &Given, change: (u16, u16)) -> Ran<i32> {
    let (on, off) = change;
    if names.is_empty() {
        return shell.show_functions(given.has('F'), on);
    }
    let mut status = 0;
    for name in names {
        if !shell.state.functions.contains_key(name) {
            if given.has('p') || on != 0 {
                shell.complain(&format!("{command}: {name}: not found"));
            }
            status = 1;
        } else if on | off != 0 {
            shell.mark_function(name, on, off);
        } else {
            shell.show_function(name, given.has('F'), given.has('p'))?;
        }
    }
    Ok(status)
}

/// `export -f` and `readonly -f`.
pub fn mark(shell: &mut Shell, command: &str, names: &[Text], given: &Given, bit: u16) -> Ran<i32> {
    if names.is_empty() {
        return shell.show_functions(false, bit);
    }
    let mut status = 0;
    for name in names {
        if !shell.state.functions.contains_key(name) {
            shell.complain(&format!("{command}: {name}: not a function"));
            status = 1;
        } else if given.has('n') {
            shell.mark_function(name, 0, bit);
        } else {
            shell.mark_function(name, bit, 0);
        }
    }
    Ok(status)
}

impl Shell {
    /// The attributes of a function.
    #[must_use]
    pub fn function_marks(&self, name: &str) -> u16 {
        self.state.function_marks.get(name).copied().unwrap_or(0)
    }

    /// Gives attributes to a function, and takes others from it.
    pub fn mark_function(&mut self, name: &str, on: u16, off: u16) {
        self.environment = None;
        let marks = (self.function_marks(name) | on) & (EXPORT | READONLY | TRACE) & !off;
        let all = Rc::make_mut(&mut self.state.function_marks);
        if marks == 0 {
            all.remove(name);
        } else {
            all.insert(name.into(), marks);
        }
    }

    /// The functions that are exported, as programs are given them.
    #[must_use]
    pub fn exported_functions(&self) -> Vec<String> {
        let exported = self.state.function_marks.iter().filter(|(_, marks)| **marks & EXPORT != 0);
        exported
            .filter_map(|(name, _)| {
                let text = print::function(self.state.functions.get(name)?);
                let body = text.strip_prefix(&**name)?.trim_start().strip_prefix("()")?;
                Some(format!("{PREFIX}{name}{SUFFIX}=() {}", body.trim()))
            })
            .collect()
    }

    /// Takes the functions that the environment has.
    pub fn import_functions(&mut self) {
        let (functions, others): (Vec<String>, Vec<String>) =
            self.state.foreign.iter().cloned().partition(|variable| imported(variable).is_some());
        if functions.is_empty() {
            return;
        }
        self.state.foreign = Rc::new(others);
        for function in functions.iter().filter_map(|variable| imported(variable)) {
            let name = function.name.clone();
            Rc::make_mut(&mut self.state.functions).insert(name.clone(), function);
            self.mark_function(&name, EXPORT, 0);
        }
    }
}

/// The function that a variable of the environment is: nothing but one, whatever else it may say.
fn imported(variable: &str) -> Option<Rc<Function>> {
    let (name, text) = variable.strip_prefix(PREFIX)?.split_once(&format!("{SUFFIX}=() {{"))?;
    let script = format!("{name} () {{{text}");
    let settings = Settings { source: "environment".into(), ..Settings::default() };
    let list = Parser::new(&script, 1, settings).all().ok()?;
    let [item] = list.0.as_slice() else { return None };
    let ([command], true) = (item.chain.first.commands.as_slice(), item.chain.rest.is_empty()) else { return None };
    match &**command {
        Command::Function(function) if &*function.name == name => Some(function.clone()),
        _ => None,
    }
}
