//! `declare`, `local`, `export`, `readonly`.
//!
//! The values of arrays come from the runner in `pending_arrays`, each by its word's place; how variables are shown is
//! in `declare/show.rs`, functions are in `declare/functions.rs`, and `unset` in `declare/unset.rs`.

mod functions;
mod show;
mod unset;

pub use show::shown_assignment;
pub use unset::unset;

use super::read::split_place;
use super::types::Given;
use crate::run::Ran;
use crate::shell::Shell;
use crate::syntax::ast::Assign;
use crate::vars::{ARRAY, EXPORT, INTEGER, LOWER, MAP, NAMEREF, READONLY, TRACE, Text, UPPER, Value, Var};
use std::rc::Rc;

/// What a declaration gives to each of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    on: u16,
    off: u16,
    scope: Scope,
    inherit: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Whatever variable of the name is seen.
    Seen,
    Local,
    Global,
}

/// A word that declares: its name, subscript, and value with whether it is added.
struct Operand<'a> {
    word: &'a str,
    name: &'a str,
    index: Option<&'a str>,
    value: Option<(&'a str, bool)>,
}

impl<'a> Operand<'a> {
    fn new(word: &'a str) -> Option<Self> {
        let end = word.bytes().position(|byte| !(byte == b'_' || byte.is_ascii_alphanumeric())).unwrap_or(word.len());
        let (place, value) = match word[end..].starts_with('[') {
            // A subscript may have an equals sign in it.
            true => match word[end..].find("]=").or_else(|| word[end..].find("]+=")) {
                Some(at) => (&word[..end + at + 1], &word[end + at + 1..]),
                None => (word, ""),
            },
            false => word.split_at(end),
        };
        let value = match value.strip_prefix("+=") {
            Some(value) => Some((value, true)),
            None if value.is_empty() => None,
            None => Some((value.strip_prefix('=')?, false)),
        };
        let (name, index) = split_place(place)?;
        Some(Self { word, name, index, value })
    }
}

/// The attribute of an option's letter.
fn attribute(letter: char) -> u16 {
    match letter {
        'a' => ARRAY,
        'A' => MAP,
        'i' => INTEGER,
        'l' => LOWER,
        'n' => NAMEREF,
        'r' => READONLY,
        't' => TRACE,
        'u' => UPPER,
        'x' => EXPORT,
        _ => 0,
    }
}

fn changes(given: &Given) -> (u16, u16) {
    let (mut on, mut off) = (0, 0);
    for letter in given.all() {
        let bit = attribute(letter.letter);
        if letter.plus {
            off |= bit;
        } else {
            on |= bit;
        }
    }
    if on & (LOWER | UPPER) == LOWER | UPPER {
        on &= !(LOWER | UPPER);
        off |= LOWER | UPPER;
    }
    (on, off)
}

/// `declare`, which is `typeset` too.
pub fn declare(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    declaring(shell, words, Scope::Seen)
}

/// `local`
pub fn local(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    if shell.function_frame().is_none() {
        shell.pending_arrays.clear();
        shell.complain("local: can only be used in a function");
        return Ok(1);
    }
    declaring(shell, words, Scope::Local)
}

fn declaring(shell: &mut Shell, words: &[Text], scope: Scope) -> Ran<i32> {
    let pending = std::mem::take(&mut shell.pending_arrays);
    let given = match shell.options(words, "+aAfFgIilnprtux") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let command = words.first().cloned().unwrap_or_else(|| "declare".into());
    let operands = words.get(given.operands..).unwrap_or_default();
    let (on, off) = changes(&given);
    if given.has('f') || given.has('F') {
        return functions::declare(shell, &command, operands, &given, (on, off));
    }
    if operands.is_empty() {
        return match (scope, given.has('p') || on != 0) {
            (Scope::Local, _) => shell.show_locals(),
            (_, true) => shell.show_variables(&command, on),
            (_, false) => super::set::set(shell, &["set".into()]),
        };
    }
    if given.has('p') {
        let mut status = 0;
        for name in operands {
            if !shell.show_variable(&command, name)? {
                shell.complain(&format!("{command}: {name}: not found"));
                status = 1;
            }
        }
        return Ok(status);
    }
    let scope = match scope {
        Scope::Seen if given.has('g') => Scope::Global,
        Scope::Seen if shell.function_frame().is_some() => Scope::Local,
        scope => scope,
    };
    let change = Change { on, off, scope, inherit: given.has('I') || shell.state.shopts.localvar_inherit };
    declare_all(shell, words, given.operands, change, pending)
}

fn declare_all(
    shell: &mut Shell,
    words: &[Text],
    first: usize,
    change: Change,
    mut pending: Vec<(usize, Assign)>,
) -> Ran<i32> {
    let command = words.first().cloned().unwrap_or_else(|| "declare".into());
    let before = shell.arith_command.replace(command.clone());
    let mut status = 0;
    let mut ran = Ok(());
    for (at, word) in words.iter().enumerate().skip(first) {
        if &**word == "-" && change.scope == Scope::Local {
            let options = shell.state.options;
            if let Some(frame) = shell.function_frame().and_then(|at| shell.state.frames.get_mut(at)) {
                frame.options.get_or_insert(options);
            }
            continue;
        }
        if shell.state.options.xtrace
            && matches!(&*command, "export" | "readonly")
            && let Some(Operand { name, value: Some((value, append)), index: None, .. }) = Operand::new(word)
        {
            let value = if value.is_empty() { String::new() } else { shell.quoted(value) };
            shell.trace(&format!("{name}{}={value}", if append { "+" } else { "" }));
        }
        let array = pending.iter().position(|(place, _)| *place == at).map(|place| pending.remove(place).1);
        match shell.declare_one(&command, word, change, array.as_ref()) {
            Ok(true) => {}
            Ok(false) => status = 1,
            Err(flow) => {
                ran = Err(flow);
                break;
            }
        }
    }
    shell.arith_command = before;
    ran.map(|()| status)
}

impl Shell {
    /// The frame of the function that runs: a sourced file in it has none of its own for variables.
    fn function_frame(&self) -> Option<usize> {
        self.state.frames.iter().rposition(|frame| &*frame.name != "source")
    }

    fn make_local_to_function(&mut self, name: &str, inherit: bool) {
        let Some(at) = self.function_frame() else { return };
        let inner = self.state.frames.split_off(at + 1);
        self.make_local(name, inherit);
        self.state.frames.extend(inner);
    }

    /// Does something with a variable as it is outside of all functions.
    fn globally<T>(&mut self, name: &str, run: impl FnOnce(&mut Self) -> T) -> T {
        let hidden = self.state.frames.iter().enumerate().find_map(|(depth, frame)| {
            frame.saved.iter().position(|(saved, _)| **saved == *name).map(|place| (depth, place))
        });
        let Some((depth, place)) = hidden else { return run(self) };
        let outer = self.state.frames[depth].saved[place].1.take();
        let inner = self.replace_var(name, outer);
        let done = run(self);
        let outer = self.replace_var(name, inner);
        if let Some(saved) = self.state.frames.get_mut(depth).and_then(|frame| frame.saved.get_mut(place)) {
            saved.1 = outer;
        }
        done
    }

    fn replace_var(&mut self, name: &str, var: Option<Var>) -> Option<Var> {
        self.environment = None;
        let vars = Rc::make_mut(&mut self.state.vars);
        match var {
            Some(var) => vars.insert(name.into(), var),
            None => vars.remove(name),
        }
    }

    /// Carries one word of a declaration out; whether that was possible.
    fn declare_one(&mut self, command: &str, word: &str, change: Change, array: Option<&Assign>) -> Ran<bool> {
        let Some(operand) = Operand::new(word) else {
            self.complain(&format!("{command}: `{word}': not a valid identifier"));
            return Ok(false);
        };
        match change.scope {
            Scope::Global => self.globally(operand.name, |shell| shell.declare_here(command, &operand, change, array)),
            Scope::Local => {
                self.make_local_to_function(operand.name, change.inherit);
                self.declare_here(command, &operand, change, array)
            }
            Scope::Seen => self.declare_here(command, &operand, change, array),
        }
    }

    fn declare_here(
        &mut self,
        command: &str,
        operand: &Operand<'_>,
        change: Change,
        array: Option<&Assign>,
    ) -> Ran<bool> {
        if change.on & NAMEREF != 0 {
            return self.declare_reference(command, operand, change);
        }
        let name = match change.off & NAMEREF {
            0 => self.resolve(operand.name).0,
            _ => operand.name.into(),
        };
        let known = self.state.vars.get(&name);
        let attributes = known.map_or(0, |var| var.attributes);
        let wrong = if attributes & READONLY != 0
            && (operand.value.is_some() || array.is_some() || change.off & READONLY != 0)
        {
            Some("readonly variable")
        } else if change.on & MAP != 0 && attributes & ARRAY != 0 {
            Some("cannot convert indexed to associative array")
        } else if change.on & ARRAY != 0 && attributes & MAP != 0 {
            Some("cannot convert associative to indexed array")
        } else if change.off & attributes & (ARRAY | MAP) != 0 {
            Some("cannot destroy array variables in this way")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            let prefix = if matches!(command, "export" | "readonly") { String::new() } else { format!("{command}: ") };
            self.complain(&format!("{prefix}{name}: {wrong}"));
            self.is_grave = true;
            return Ok(false);
        }
        self.set_attributes(&name, change, operand.index.is_some());
        self.declare_value(&name, operand, array)?;
        // Only now, as nothing could be set any more.
        if change.on & READONLY != 0 {
            self.add_attributes(&name, READONLY);
        }
        Ok(true)
    }

    fn add_attributes(&mut self, name: &str, on: u16) {
        if let Some(var) = Rc::make_mut(&mut self.state.vars).get_mut(name) {
            var.attributes |= on;
        }
    }

    fn set_attributes(&mut self, name: &str, change: Change, element: bool) {
        self.environment = None;
        let vars = Rc::make_mut(&mut self.state.vars);
        let var = vars.entry(name.into()).or_insert_with(|| Var { value: Value::Unset, attributes: 0 });
        if change.on & LOWER != 0 {
            var.attributes &= !UPPER;
        }
        if change.on & UPPER != 0 {
            var.attributes &= !LOWER;
        }
        var.attributes = (var.attributes | (change.on & !READONLY)) & !change.off;
        let is_text = matches!(var.value, Value::Text(_));
        if is_text && (change.on & (ARRAY | MAP) != 0 || element) {
            self.array_var(name, change.on & MAP != 0);
        }
    }

    fn declare_value(&mut self, name: &str, operand: &Operand<'_>, array: Option<&Assign>) -> Ran<()> {
        if let Some(array) = array {
            return self.assign_compound(array);
        }
        let Some((value, append)) = operand.value else {
            return Ok(());
        };
        if let Some(index) = operand.index {
            let index = self.expand_prompt(index)?;
            let key = self.index_key(name, &index)?;
            return self.assign_element(name, &key, value, append);
        }
        let is_array = self.state.vars.get(name).is_some_and(|var| var.has(ARRAY | MAP));
        if is_array && value.starts_with('(') && value.ends_with(')') {
            let sign = if append { "+=" } else { "=" };
            return self.run_text(&format!("{name}{sign}{value}"), "declare");
        }
        if append { self.append_text(name, value) } else { self.assign_text(name, value) }
    }

    /// `declare -n`
    fn declare_reference(&mut self, command: &str, operand: &Operand<'_>, change: Change) -> Ran<bool> {
        let name = operand.name;
        if operand.index.is_some() {
            self.complain(&format!("{command}: {}: reference variable cannot be an array", operand.word));
            return Ok(false);
        }
        let known = self.state.vars.get(name);
        if known.is_some_and(|var| var.has(READONLY)) {
            self.complain(&format!("{command}: {name}: readonly variable"));
            return Ok(false);
        }
        if known.is_some_and(|var| var.has(ARRAY | MAP)) {
            self.complain(&format!("{command}: {name}: reference variable cannot be an array"));
            return Ok(false);
        }
        let old = known.and_then(|var| var.scalar().cloned());
        let target = operand.value.map(|(value, _)| Text::from(value)).or(old);
        if let Some(target) = &target {
            if target.is_empty() {
                self.complain(&format!("{command}: `': not a valid identifier"));
                return Ok(false);
            }
            if split_place(target).is_none() {
                self.complain(&format!("{command}: `{target}': invalid variable name for name reference"));
                return Ok(false);
            }
            if **target == *name {
                // In a function it stands for the variable of the same name outside.
                if change.scope != Scope::Local {
                    self.complain(&format!("{command}: {name}: nameref variable self references not allowed"));
                    return Ok(false);
                }
                self.complain(&format!("warning: {name}: circular name reference"));
            }
        }
        let value = target.map_or(Value::Unset, Value::Text);
        self.put(name, value, change.on);
        Ok(true)
    }
}

/// `export`
pub fn export(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    marking(shell, words, "fnp", EXPORT)
}

/// `readonly`
pub fn readonly(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    marking(shell, words, "aAfp", READONLY)
}

fn marking(shell: &mut Shell, words: &[Text], spec: &str, bit: u16) -> Ran<i32> {
    let pending = std::mem::take(&mut shell.pending_arrays);
    let given = match shell.options(words, spec) {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let command = words.first().cloned().unwrap_or_else(|| "export".into());
    let operands = words.get(given.operands..).unwrap_or_default();
    let arrays = changes(&given).0 & (ARRAY | MAP);
    if given.has('f') {
        return functions::mark(shell, &command, operands, &given, bit);
    }
    if operands.is_empty() {
        return shell.show_variables(&command, bit | arrays);
    }
    let change = match given.has('n') {
        true => Change { on: 0, off: bit, scope: Scope::Seen, inherit: false },
        false => Change { on: bit | arrays, off: 0, scope: Scope::Seen, inherit: false },
    };
    declare_all(shell, words, given.operands, change, pending)
}
