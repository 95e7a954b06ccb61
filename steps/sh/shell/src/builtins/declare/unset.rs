//! `unset`.

use crate::builtins::read::split_place;
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::vars::{ARRAY, NAMEREF, READONLY, Subscript, Text, Value};
use std::rc::Rc;

/// `unset`
pub fn unset(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "fnv") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if given.has('f') && given.has('v') {
        shell.complain("unset: cannot simultaneously unset a function and a variable");
        return Ok(1);
    }
    let mut status = 0;
    for name in words.get(given.operands..).unwrap_or_default() {
        let done = if given.has('f') {
            shell.unset_function(name)
        } else if given.has('n') {
            let is_reference = shell.state.vars.get(name).is_some_and(|var| var.has(NAMEREF));
            !is_reference || shell.unset_variable(name)
        } else {
            shell.unset_place(name, given.has('v'))?
        };
        if !done {
            status = 1;
        }
    }
    Ok(status)
}

impl Shell {
    /// Whether the function is not there any more.
    fn unset_function(&mut self, name: &Text) -> bool {
        let marks = self.function_marks(name);
        if marks & READONLY != 0 {
            self.complain(&format!("unset: {name}: cannot unset: readonly function"));
            return false;
        }
        self.mark_function(name, 0, marks);
        Rc::make_mut(&mut self.state.functions).remove(name);
        true
    }

    fn unset_variable(&mut self, name: &str) -> bool {
        if self.unset_var(name) {
            return true;
        }
        self.complain(&format!("unset: {name}: cannot unset: readonly variable"));
        false
    }

    fn unset_place(&mut self, word: &Text, only_variable: bool) -> Ran<bool> {
        let Some((name, index)) = split_place(word) else {
            if only_variable {
                self.complain(&format!("unset: `{word}': not a valid identifier"));
                return Ok(false);
            }
            return Ok(self.unset_function(word));
        };
        let (target, through) = self.resolve(name);
        let index = index.map(str::to_owned).or(through.map(|index| index.to_string()));
        let Some(index) = index else {
            let exists = self.state.vars.contains_key(&target) || self.special_text(&target).is_some();
            if !exists && !only_variable && self.state.functions.contains_key(&target) {
                return Ok(self.unset_function(&target));
            }
            return Ok(self.unset_variable(&target));
        };
        let Some(var) = self.state.vars.get(&target) else { return Ok(true) };
        if var.has(READONLY) {
            self.complain(&format!("unset: {target}: cannot unset: readonly variable"));
            return Ok(false);
        }
        let is_array = var.has(ARRAY);
        if is_array && matches!(&*index, "@" | "*") {
            self.put(&target, Value::Array(Rc::default()), ARRAY);
            return Ok(true);
        }
        let is_text = matches!(var.value, Value::Text(_));
        let index = self.expand_prompt(&index)?;
        let key = match self.index_key(&target, index.trim_matches(['"', '\''])) {
            Ok(key) => key,
            Err(Flow::Discard(_)) => return Ok(false),
            Err(flow) => return Err(flow),
        };
        if is_text {
            if key != Subscript::Number(0) {
                self.complain(&format!("unset: {target}: not an array variable"));
                return Ok(false);
            }
            return Ok(self.unset_variable(&target));
        }
        self.unset_element(&target, &key);
        Ok(true)
    }
}
