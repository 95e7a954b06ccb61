//! What a name stands for, and names that are changed: `type`, `command`, `builtin`, `alias`, `hash`, `enable`, `help`.

mod usage;

pub use usage::{Given, SYNOPSES};

use crate::expand::escapes::quote_single;
use crate::run::{Found, Ran};
use crate::shell::Shell;
use crate::syntax::print;
use crate::vars::Text;
use std::rc::Rc;

/// Words that the language itself knows.
pub const KEYWORDS: [&str; 22] = [
    "if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do", "done", "in",
    "function", "time", "{", "}", "!", "[[", "]]", "coproc",
];

/// What a name stands for, as `type` says it.
enum Kind {
    Alias(Text),
    Keyword,
    Function(Rc<crate::syntax::ast::Function>),
    Builtin,
    File(String),
}

impl Kind {
    fn word(&self) -> &'static str {
        match self {
            Self::Alias(_) => "alias",
            Self::Keyword => "keyword",
            Self::Function(_) => "function",
            Self::Builtin => "builtin",
            Self::File(_) => "file",
        }
    }
}

/// All that a name stands for, first what is run.
fn kinds(shell: &mut Shell, name: &str, functions: bool) -> Vec<Kind> {
    let mut kinds = Vec::new();
    if let Some(text) = shell.state.aliases.get(name)
        && (shell.state.shopts.expand_aliases || shell.state.options.posix)
    {
        kinds.push(Kind::Alias(text.clone()));
    }
    if KEYWORDS.contains(&name) {
        kinds.push(Kind::Keyword);
    }
    if functions && let Some(function) = shell.state.functions.get(name) {
        kinds.push(Kind::Function(function.clone()));
    }
    let disabled = shell.state.disabled.iter().any(|disabled| **disabled == *name);
    if super::find(name).is_some() && !disabled {
        kinds.push(Kind::Builtin);
    }
    match shell.find_program(name) {
        Found::File(path) => {
            // A path that was named is a command only where it can be run.
            let runs = !name.contains('/') || userland_sys::mode(&path, true).is_ok_and(|mode| mode & 0o111 != 0);
            if runs {
                kinds.push(Kind::File(path));
            }
        }
        Found::Tool(_) if name.contains('/') => kinds.push(Kind::File(name.to_owned())),
        Found::Tool(tool) => kinds.push(Kind::File(format!("/usr/bin/{tool}"))),
        Found::Module => kinds.push(Kind::File(format!("/usr/bin/{name}"))),
        Found::Function | Found::Builtin | Found::None => {}
    }
    kinds
}

/// The long sentence of `type`.
fn sentence(name: &str, kind: &Kind, posix: bool) -> String {
    match kind {
        Kind::Alias(text) => format!("{name} is aliased to `{text}'\n"),
        Kind::Keyword => format!("{name} is a shell keyword\n"),
        Kind::Function(function) => format!("{name} is a function\n{}", print::function(function)),
        Kind::Builtin if posix && super::is_special(name) => format!("{name} is a special shell builtin\n"),
        Kind::Builtin => format!("{name} is a shell builtin\n"),
        Kind::File(path) => format!("{name} is {path}\n"),
    }
}

pub fn type_(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "afptP") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let mut status = 0;
    for name in words.get(given.operands..).unwrap_or_default() {
        let mut found = kinds(shell, name, !given.has('f'));
        if given.has('P') {
            found.retain(|kind| matches!(kind, Kind::File(_)));
        }
        if !given.has('a') {
            found.truncate(1);
        }
        if found.is_empty() {
            if !given.has('t') && !given.has('p') && !given.has('P') {
                shell.complain(&format!("type: {name}: not found"));
            }
            status = 1;
        }
        for kind in &found {
            let text = match kind {
                kind if given.has('t') => format!("{}\n", kind.word()),
                Kind::File(path) if given.has('p') || given.has('P') => format!("{path}\n"),
                _ if given.has('p') || given.has('P') => String::new(),
                kind => sentence(name, kind, shell.state.options.posix),
            };
            shell.put_out("type", &text)?;
        }
    }
    Ok(status)
}

pub fn command(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "pvV") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let rest = words.get(given.operands..).unwrap_or_default();
    if !given.has('v') && !given.has('V') {
        if rest.is_empty() {
            return Ok(0);
        }
        let ran = shell.run_words_without_functions(rest);
        shell.is_grave = false;
        // An error within ends what was run, and no more.
        return match ran {
            Err(crate::run::Flow::Discard(status)) => Ok(status),
            ran => ran,
        };
    }
    let mut status = if rest.is_empty() { 0 } else { 1 };
    for name in rest {
        let Some(kind) = kinds(shell, name, true).into_iter().next() else {
            if given.has('V') {
                shell.complain(&format!("command: {name}: not found"));
            }
            continue;
        };
        status = 0;
        let text = match &kind {
            kind if given.has('V') => sentence(name, kind, shell.state.options.posix),
            Kind::Alias(text) => format!("alias {name}={}\n", quote_single(text)),
            Kind::File(path) => format!("{path}\n"),
            Kind::Keyword | Kind::Function(_) | Kind::Builtin => format!("{name}\n"),
        };
        shell.put_out("command", &text)?;
    }
    Ok(status)
}

pub fn builtin(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let rest = match words.get(1).map(|word| &**word) {
        Some("--") => words.get(2..).unwrap_or_default(),
        _ => words.get(1..).unwrap_or_default(),
    };
    let Some(name) = rest.first() else { return Ok(0) };
    match super::find(name) {
        Some(builtin) => builtin(shell, rest),
        None => {
            shell.complain(&format!("builtin: {name}: not a shell builtin"));
            Ok(1)
        }
    }
}

pub fn alias(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "p") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let rest = words.get(given.operands..).unwrap_or_default();
    let prefix = if shell.state.options.posix && !given.has('p') { "" } else { "alias " };
    let mut status = 0;
    if rest.is_empty() || given.has('p') {
        let mut all: Vec<(Text, Text)> =
            shell.state.aliases.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        all.sort();
        let text: String = all.iter().map(|(name, text)| format!("{prefix}{name}={}\n", quote_single(text))).collect();
        shell.put_out("alias", &text)?;
    }
    for word in rest {
        match word.split_once('=') {
            Some((name, _))
                if name
                    .contains(['/', '$', '`', '\'', '"', '\\', ' ', '\t', '\n', '&', '|', ';', '(', ')', '<', '>']) =>
            {
                shell.complain(&format!("alias: `{name}': invalid alias name"));
                status = 1;
            }
            Some((name, text)) if !name.is_empty() => {
                Rc::make_mut(&mut shell.state.aliases).insert(name.into(), text.into());
            }
            _ => match shell.state.aliases.get(word).cloned() {
                Some(text) => {
                    shell.put_out("alias", &format!("{prefix}{word}={}\n", quote_single(&text)))?;
                }
                None => {
                    shell.complain(&format!("alias: {word}: not found"));
                    status = 1;
                }
            },
        }
    }
    Ok(status)
}

pub fn unalias(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "a") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if given.has('a') {
        shell.state.aliases = Rc::default();
        return Ok(0);
    }
    let rest = words.get(given.operands..).unwrap_or_default();
    if rest.is_empty() {
        return shell.usage("unalias");
    }
    let mut status = 0;
    for name in rest {
        if Rc::make_mut(&mut shell.state.aliases).remove(name).is_none() {
            shell.complain(&format!("unalias: {name}: not found"));
            status = 1;
        }
    }
    Ok(status)
}

/// Nothing is remembered of where programs are, so that there is nothing to forget.
pub fn hash(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "dlrtp:") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if words.len() == 1 {
        return shell.put_out("hash", "hash: hash table empty\n");
    }
    let mut status = 0;
    let names = words.get(given.operands..).unwrap_or_default();
    for name in names {
        let found = kinds(shell, name, false).into_iter().find_map(|kind| match kind {
            Kind::File(path) => Some(path),
            _ => None,
        });
        match found {
            Some(path) if given.has('t') => {
                let lead = if names.len() > 1 { format!("{name}\t") } else { String::new() };
                shell.put_out("hash", &format!("{lead}{path}\n"))?;
            }
            Some(_) => {}
            None if super::find(name).is_some() && !given.has('t') => {}
            None => {
                shell.complain(&format!("hash: {name}: not found"));
                status = 1;
            }
        }
    }
    Ok(status)
}

pub fn enable(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "adnpsf:") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    if given.has('f') || given.has('d') {
        shell.complain("enable: dynamic loading not available");
        return Ok(1);
    }
    let rest = words.get(given.operands..).unwrap_or_default();
    if rest.is_empty() {
        let disabled = shell.state.disabled.clone();
        let is_off = |name: &str| disabled.iter().any(|disabled| **disabled == *name);
        let text: String = super::ALL
            .iter()
            .filter(|(name, _)| given.has('a') || is_off(name) == given.has('n'))
            .filter(|(name, _)| !given.has('s') || super::is_special(name))
            .map(|(name, _)| format!("enable {}{name}\n", if is_off(name) { "-n " } else { "" }))
            .collect();
        return shell.put_out("enable", &text);
    }
    let mut status = 0;
    for name in rest {
        if super::find(name).is_none() {
            shell.complain(&format!("enable: {name}: not a shell builtin"));
            status = 1;
            continue;
        }
        let disabled = Rc::make_mut(&mut shell.state.disabled);
        disabled.retain(|known| known != name);
        if given.has('n') {
            disabled.push(name.clone());
        }
    }
    Ok(status)
}

pub fn help(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let wanted: Vec<&Text> = words.iter().skip(1).filter(|word| !word.starts_with('-')).collect();
    let text: String = SYNOPSES
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| ***wanted == **name))
        .map(|(_, synopsis)| format!(" {synopsis}\n"))
        .collect();
    if text.is_empty() {
        let wanted = wanted.first().map(ToString::to_string).unwrap_or_default();
        shell.complain(&format!(
            "help: no help topics match `{wanted}'.  Try `help help' or `man -k {wanted}' or `info {wanted}'."
        ));
        return Ok(1);
    }
    shell.put_out("help", &text)
}
