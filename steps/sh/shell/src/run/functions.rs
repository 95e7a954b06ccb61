//! Functions and sourced files: defining and calling.

use super::{Flow, Ran};
use crate::shell::Shell;
use crate::state::{self, Frame};
use crate::syntax::ast::{Command, Function};
use crate::vars::Text;
use std::rc::Rc;

impl Shell {
    /// Defines a function. POSIX: it has a name like a variable's, and none of a special builtin.
    pub fn define(&mut self, function: &Rc<Function>) -> Ran<()> {
        if self.state.options.posix {
            let name = &*function.name;
            let wrong = match crate::vars::is_name(name) {
                true if crate::builtins::is_special(name) => Some("is a special builtin"),
                true => None,
                false => Some("not a valid identifier"),
            };
            if let Some(wrong) = wrong {
                let colon = if wrong.starts_with("is") { "" } else { ":" };
                self.state.line = function.line;
                self.complain(&format!("`{name}'{colon} {wrong}"));
                return Err(Flow::Exit(2));
            }
        }
        if self.function_marks(&function.name) & crate::vars::READONLY != 0 {
            self.state.line = function.line;
            self.complain(&format!("{}: readonly function", function.name));
            self.state.status = 1;
            return Ok(());
        }
        Rc::make_mut(&mut self.state.functions).insert(function.name.clone(), function.clone());
        self.state.status = 0;
        Ok(())
    }

    /// Calls a function with these words, its name first.
    pub fn call(&mut self, function: &Rc<Function>, words: &[Text]) -> Ran<i32> {
        self.deeper()?;
        let arguments = words.get(1..).unwrap_or_default().to_vec();
        let before = std::mem::replace(&mut self.state.positional, Rc::new(arguments));
        let line = self.state.line;
        let outer_line = std::mem::replace(&mut self.state.outer_line, body_line(function));
        let loops = std::mem::take(&mut self.state.loops);
        let source = self.state.source.clone();
        let frame = Frame {
            name: function.name.clone(),
            source: function.source.clone(),
            line,
            saved: Vec::new(),
            options: None,
        };
        self.state.frames.push(frame);
        let traced = self.state.options.functrace || self.function_marks(&function.name) & crate::vars::TRACE != 0;
        let debug = if traced { None } else { self.state.traps.remove(&state::DEBUG) };
        let returns = if traced { None } else { self.state.traps.remove(&state::RETURN) };
        let begun = if traced { self.run_debug_trap() } else { Ok(()) };
        let mut ran = begun.and_then(|()| self.run_command(&function.body));
        if self.state.traps.contains_key(&state::RETURN) && matches!(ran, Ok(()) | Err(Flow::Return)) {
            let status = self.state.status;
            ran = self.run_trap(state::RETURN).and(ran);
            self.state.status = status;
        }
        if let Some(returns) = returns {
            self.state.traps.entry(state::RETURN).or_insert(returns);
        }
        if let Some(debug) = debug {
            self.state.traps.entry(state::DEBUG).or_insert(debug);
        }
        self.leave_frame();
        self.state.positional = before;
        self.state.loops = loops;
        self.state.line = line;
        self.state.outer_line = outer_line;
        self.state.source = source;
        self.depth -= 1;
        match ran {
            Ok(()) | Err(Flow::Return) => Ok(self.state.status),
            Err(flow) => Err(flow),
        }
    }

    /// Puts back what the innermost function's local variables hid.
    pub fn leave_frame(&mut self) {
        if let Some(frame) = self.state.frames.pop() {
            self.restore(frame.saved);
            if let Some(options) = frame.options {
                self.state.options = options;
            }
        }
    }
}

/// The line on which a function's body begins.
fn body_line(function: &Function) -> u32 {
    match &function.body {
        Command::Compound(_, _, line) => *line,
        _ => function.line,
    }
}
