//! Variables and functions as `declare -p`, `declare -f`, `set` and `export` show them.

use crate::expand::escapes::{quote_double, quote_if_needed, quote_plainly};
use crate::run::Ran;
use crate::shell::Shell;
use crate::syntax::print;
use crate::vars::{ARRAY, EXPORT, INTEGER, LOWER, MAP, NAMEREF, READONLY, TRACE, Text, UPPER, Value, Var};

/// Letters of attributes, in the order in which they are shown.
const LETTERS: [(u16, char); 9] = [
    (ARRAY, 'a'),
    (MAP, 'A'),
    (INTEGER, 'i'),
    (NAMEREF, 'n'),
    (READONLY, 'r'),
    (TRACE, 't'),
    (EXPORT, 'x'),
    (LOWER, 'l'),
    (UPPER, 'u'),
];

/// Variables that are arrays though nobody stored them.
const SPECIAL_ARRAYS: [&str; 7] =
    ["BASH_LINENO", "BASH_SOURCE", "BASH_VERSINFO", "DIRSTACK", "FUNCNAME", "GROUPS", "PIPESTATUS"];

/// The letters of attributes.
fn letters(attributes: u16) -> String {
    LETTERS.iter().filter(|(bit, _)| attributes & bit != 0).map(|(_, letter)| *letter).collect()
}

fn attributes(var: &Var) -> String {
    let letters = letters(var.attributes);
    if letters.is_empty() { "-".to_owned() } else { letters }
}

/// The value of an array in its parentheses; nothing for what is no array.
fn compound(value: &Value) -> Option<String> {
    match value {
        Value::Array(array) => {
            let elements: Vec<String> =
                array.iter().map(|(key, text)| format!("[{key}]={}", quote_double(text))).collect();
            Some(format!("({})", elements.join(" ")))
        }
        Value::Map(map) => {
            let element = |key: &Text, text: &Text| {
                let plain = quote_if_needed(key);
                let key = if plain == **key { plain } else { quote_double(key) };
                format!("[{key}]={} ", quote_double(text))
            };
            Some(format!("({})", map.iter().map(|(key, text)| element(key.text(), text)).collect::<String>()))
        }
        Value::Unset | Value::Text(_) => None,
    }
}

/// `name=value` as `set` shows it; nothing for what has no value.
#[must_use]
pub fn shown_assignment(name: &str, var: &Var, posix: bool) -> Option<String> {
    if let Value::Text(text) = &var.value {
        let text = match (text.is_empty(), posix) {
            (true, _) => String::new(),
            (false, true) => quote_plainly(text),
            (false, false) => quote_if_needed(text),
        };
        return Some(format!("{name}={text}"));
    }
    compound(&var.value).map(|value| format!("{name}={value}"))
}

/// What stands behind `declare`: attributes, name and value.
fn shown(name: &str, var: &Var) -> String {
    let value = match &var.value {
        Value::Unset => String::new(),
        Value::Text(text) => format!("={}", quote_double(text)),
        value => compound(value).map(|value| format!("={value}")).unwrap_or_default(),
    };
    format!("{name}{value}")
}

/// A variable's line; for POSIX, by the command that declares it.
fn line(command: &str, posix: bool, name: &str, var: &Var) -> String {
    match command {
        "export" | "readonly" if posix => {
            let arrays: String = attributes(var).chars().filter(|letter| matches!(letter, 'a' | 'A')).collect();
            let flags = if arrays.is_empty() { String::new() } else { format!("-{arrays} ") };
            format!("{command} {flags}{}\n", shown(name, var))
        }
        _ => format!("declare -{} {}\n", attributes(var), shown(name, var)),
    }
}

impl Shell {
    /// All variables with these attributes, as commands.
    pub(super) fn show_variables(&mut self, command: &str, wanted: u16) -> Ran<i32> {
        let mut names: Vec<&Text> =
            self.state.vars.iter().filter(|(_, var)| var.attributes & wanted == wanted).map(|(name, _)| name).collect();
        names.sort_unstable();
        let posix = self.state.options.posix;
        let text: String = names
            .iter()
            .filter_map(|name| self.state.vars.get(*name).map(|var| line(command, posix, name, var)))
            .collect();
        self.put_out(command, &text)
    }

    /// The variables of the function that runs.
    pub(super) fn show_locals(&mut self) -> Ran<i32> {
        let mut names: Vec<Text> = match self.state.frames.last() {
            Some(frame) => frame.saved.iter().map(|(name, _)| name.clone()).collect(),
            None => Vec::new(),
        };
        names.sort_unstable();
        let text: String = names
            .iter()
            .filter_map(|name| self.state.vars.get(name).map(|var| line("local", false, name, var)))
            .collect();
        self.put_out("local", &text)
    }

    /// One variable; whether there is one.
    pub(super) fn show_variable(&mut self, command: &str, name: &str) -> Ran<bool> {
        let posix = self.state.options.posix;
        let text = match self.state.vars.get(name) {
            Some(var) => line(command, posix, name, var),
            None => match self.special_variable(name) {
                Some(var) => line(command, posix, name, &var),
                None => return Ok(false),
            },
        };
        self.put_out(command, &text)?;
        Ok(true)
    }

    /// A variable that is not stored, as if it were.
    fn special_variable(&mut self, name: &str) -> Option<Var> {
        if SPECIAL_ARRAYS.contains(&name) {
            let elements = self.special_array(name);
            if elements.is_empty() {
                return None;
            }
            let attributes = if name == "BASH_VERSINFO" { ARRAY | READONLY } else { ARRAY };
            let array = (0..).zip(elements.into_iter().map(|(_, text)| text)).collect();
            return Some(Var { value: Value::Array(std::rc::Rc::new(array)), attributes });
        }
        let text = self.special_text(name)?;
        let attributes = match name {
            "UID" | "EUID" | "PPID" => INTEGER | READONLY,
            "SHELLOPTS" | "BASHOPTS" => READONLY,
            "RANDOM" | "SRANDOM" | "SECONDS" | "LINENO" | "BASHPID" => INTEGER,
            _ => 0,
        };
        Some(Var::text(&text, attributes))
    }

    /// The functions with all of these attributes, or their names.
    pub(super) fn show_functions(&mut self, only_names: bool, wanted: u16) -> Ran<i32> {
        let mut names: Vec<Text> = self.state.functions.keys().cloned().collect();
        names.sort_unstable();
        let mut text = String::new();
        for name in names {
            let marks = self.function_marks(&name);
            if marks & wanted != wanted {
                continue;
            }
            if !only_names && let Some(function) = self.state.functions.get(&name) {
                text.push_str(&print::function(function));
            }
            if only_names || marks != 0 {
                text.push_str(&format!("declare -f{} {name}\n", letters(marks)));
            }
        }
        self.put_out("declare", &text)
    }

    /// One function, or its name.
    pub(super) fn show_function(&mut self, name: &str, only_name: bool, as_command: bool) -> Ran<()> {
        let Some(function) = self.state.functions.get(name).cloned() else { return Ok(()) };
        let marks = self.function_marks(name);
        let line = format!("declare -f{} {name}\n", letters(marks));
        let text = match (only_name, as_command) {
            (true, true) => line,
            (true, false) if self.state.shopts.extdebug => format!("{name} {} {}\n", function.line, function.source),
            (true, false) => format!("{name}\n"),
            (false, true) if marks != 0 => format!("{}{line}", print::function(&function)),
            (false, _) => print::function(&function),
        };
        self.put_out("declare", &text)?;
        Ok(())
    }
}
