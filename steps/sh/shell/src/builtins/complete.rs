//! `compgen`, `complete` and `compopt`: what could be typed.
//!
//! Nobody types here: `complete` keeps what it is told and shows it again. `compgen` answers from what the shell knows of
//! itself, the files, and the names of the userland's programs. Does not know how lines are edited.

use super::types::Given;
use crate::expand::escapes::quote_single;
use crate::pattern::Pattern;
use crate::run::Ran;
use crate::shell::Shell;
use crate::state::{Options, Shopts, signal_name};
use crate::vars::{EXPORT, Text, Value};
use std::rc::Rc;

/// The letters of actions, and their names.
const LETTERS: [(char, &str); 13] = [
    ('a', "alias"),
    ('b', "builtin"),
    ('c', "command"),
    ('d', "directory"),
    ('e', "export"),
    ('f', "file"),
    ('g', "group"),
    ('j', "job"),
    ('k', "keyword"),
    ('s', "service"),
    ('u', "user"),
    ('v', "variable"),
    // The last one is no option's.
    ('\0', ""),
];

/// All actions, in the order in which their answers come.
const ACTIONS: [&str; 24] = [
    "alias",
    "arrayvar",
    "binding",
    "builtin",
    "disabled",
    "enabled",
    "export",
    "function",
    "helptopic",
    "hostname",
    "job",
    "keyword",
    "running",
    "setopt",
    "shopt",
    "signal",
    "stopped",
    "variable",
    "command",
    "file",
    "user",
    "group",
    "service",
    "directory",
];

const OPTIONS: [&str; 8] =
    ["bashdefault", "default", "dirnames", "filenames", "noquote", "nosort", "nospace", "plusdirs"];

const SPEC: &str = "abcdefgjksuvo:A:G:W:F:C:X:P:S:";

/// The actions of a command line; the error is a status, and has been said.
fn actions(shell: &mut Shell, name: &str, given: &Given) -> Result<Vec<&'static str>, i32> {
    let mut asked = Vec::new();
    for one in given.all() {
        let value = one.value.as_deref().unwrap_or_default();
        match one.letter {
            'A' => match ACTIONS.iter().find(|action| **action == value) {
                Some(action) => asked.push(*action),
                None => {
                    shell.complain(&format!("{name}: {value}: invalid action name"));
                    return Err(2);
                }
            },
            'o' if !OPTIONS.contains(&value) => {
                shell.complain(&format!("{name}: {value}: invalid option name"));
                return Err(2);
            }
            letter => asked.extend(LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, action)| *action)),
        }
    }
    Ok(asked)
}

/// What an action offers for a word.
fn offered(shell: &mut Shell, action: &str, word: &str) -> Vec<String> {
    let shown = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut names: Vec<String> = match action {
        "alias" => shell.state.aliases.keys().map(ToString::to_string).collect(),
        "function" => shell.state.functions.keys().map(ToString::to_string).collect(),
        "export" | "arrayvar" | "variable" => variables(shell, action),
        "builtin" | "enabled" | "disabled" => {
            let off = |name: &str| shell.state.disabled.iter().any(|disabled| **disabled == *name);
            let all = super::ALL.iter().map(|(name, _)| *name);
            all.filter(|name| action == "builtin" || off(name) == (action == "disabled")).map(str::to_owned).collect()
        }
        "helptopic" => super::ALL.iter().map(|(name, _)| (*name).to_owned()).collect(),
        "keyword" => shown(&super::types::KEYWORDS),
        "setopt" => shown(Options::NAMES),
        "shopt" => shown(Shopts::NAMES),
        "signal" => (0..=64).map(signal_name).collect(),
        "user" | "group" => shown(&["root"]),
        "hostname" => shown(&["localhost"]),
        "job" | "running" => shell.jobs.list.iter().map(|job| job.text.clone()).collect(),
        "command" => {
            let mut all: Vec<String> =
                ["alias", "keyword", "function", "builtin"].iter().flat_map(|one| offered(shell, one, word)).collect();
            all.extend((shell.tools.names)().into_iter().map(str::to_owned));
            all.extend(userland_sys::commands());
            return all.into_iter().filter(|name| name.starts_with(word)).collect();
        }
        "file" | "directory" => return files(word, action == "directory"),
        _ => Vec::new(),
    };
    if matches!(action, "alias" | "function" | "export" | "arrayvar" | "variable") {
        names.sort_unstable();
        names.dedup();
    }
    names.retain(|name| name.starts_with(word));
    names
}

fn variables(shell: &Shell, action: &str) -> Vec<String> {
    let set = shell.state.vars.iter().filter(|(_, var)| match action {
        "export" => var.has(EXPORT),
        "arrayvar" => matches!(var.value, Value::Array(_) | Value::Map(_)),
        _ => true,
    });
    let mut names: Vec<String> = set.map(|(name, _)| name.to_string()).collect();
    if action == "variable" {
        names.extend(crate::special::NAMES.iter().map(|name| (*name).to_owned()));
    }
    names
}

/// The files whose paths begin so.
fn files(word: &str, directories: bool) -> Vec<String> {
    let (folder, begin) = word.rsplit_once('/').map_or(("", word), |(folder, begin)| (folder, begin));
    let lead = &word[..word.len() - begin.len()];
    let place = if lead.is_empty() {
        "."
    } else if folder.is_empty() {
        "/"
    } else {
        folder
    };
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| !directories || entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(begin))
        .map(|name| format!("{lead}{name}"))
        .collect();
    names.sort_unstable();
    names
}

pub fn compgen(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, SPEC) {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let asked = match actions(shell, "compgen", &given) {
        Ok(asked) => asked,
        Err(status) => return Ok(status),
    };
    if given.value('F').is_some() || given.value('C').is_some() {
        shell.complain("compgen: -F and -C are not supported: nothing is typed here");
        return Ok(1);
    }
    let word = words.get(given.operands).cloned().unwrap_or_else(|| "".into());
    let mut found = Vec::new();
    for action in ACTIONS.iter().filter(|action| asked.contains(action)) {
        found.extend(offered(shell, action, &word));
    }
    if let Some(pattern) = given.value('G') {
        found.extend(crate::glob::files(&pattern, &shell.state.shopts));
    }
    if let Some(list) = given.value('W') {
        let text = shell.expand_prompt(&list)?;
        let separators = shell.var_text("IFS").unwrap_or_else(|| " \t\n".into());
        let parts = text.split(|one: char| separators.contains(one)).filter(|part| !part.is_empty());
        found.extend(parts.filter(|part| part.starts_with(&*word)).map(str::to_owned));
    }
    if let Some(filter) = given.value('X') {
        let (keeps, pattern) = filter.strip_prefix('!').map_or((false, &*filter), |pattern| (true, pattern));
        let pattern = Pattern::new(pattern, shell.state.shopts.extglob, false);
        found.retain(|name| pattern.matches(name) == keeps);
    }
    let (before, behind) = (given.value('P').unwrap_or_default(), given.value('S').unwrap_or_default());
    let text: String = found.iter().map(|name| format!("{before}{name}{behind}\n")).collect();
    let status = i32::from(found.is_empty());
    Ok(shell.put_out("compgen", &text)?.max(status))
}

/// What `complete` was told, as it shows it.
fn specification(given: &Given, asked: &[&'static str]) -> String {
    let mut text = String::new();
    for option in OPTIONS {
        if given.all().iter().any(|one| one.letter == 'o' && one.value.as_deref() == Some(option)) {
            text.push_str(&format!(" -o {option}"));
        }
    }
    for (letter, action) in LETTERS.iter().filter(|(_, action)| asked.contains(action)) {
        text.push_str(&if *letter == '\0' { format!(" -A {action}") } else { format!(" -{letter}") });
    }
    let others = ACTIONS.iter().filter(|action| !LETTERS.iter().any(|(_, known)| known == *action));
    for action in others.filter(|action| asked.contains(action)) {
        text.push_str(&format!(" -A {action}"));
    }
    for letter in ['G', 'W', 'P', 'S', 'X', 'C'] {
        if let Some(value) = given.value(letter) {
            text.push_str(&format!(" -{letter} {}", quote_single(&value)));
        }
    }
    if let Some(function) = given.value('F') {
        text.push_str(&format!(" -F {function}"));
    }
    text
}

pub fn complete(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, &format!("{SPEC}prDEI")) {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let asked = match actions(shell, "complete", &given) {
        Ok(asked) => asked,
        Err(status) => return Ok(status),
    };
    let mut names = words.get(given.operands..).unwrap_or_default().to_vec();
    for letter in ['D', 'E', 'I'] {
        if given.has(letter) {
            names.push(format!("-{letter}").into());
        }
    }
    let known = shell.state.completions.clone();
    let shows = given.has('p') || words.len() == 1;
    if given.has('r') && names.is_empty() {
        shell.state.completions = Rc::default();
        return Ok(0);
    }
    if !shows && !given.has('r') {
        if names.is_empty() {
            return shell.usage("complete");
        }
        let text = specification(&given, &asked);
        let all = Rc::make_mut(&mut shell.state.completions);
        for name in names {
            all.retain(|(known, _)| *known != name);
            all.push((name, text.as_str().into()));
        }
        return Ok(0);
    }
    let mut status = 0;
    let mut text = String::new();
    let all = if names.is_empty() { known.iter().map(|(name, _)| name.clone()).collect() } else { names };
    for name in all {
        let Some((_, told)) = known.iter().find(|(known, _)| *known == name) else {
            shell.complain(&format!("complete: {name}: no completion specification"));
            status = 1;
            continue;
        };
        if shows {
            text.push_str(&format!("complete{told} {name}\n"));
        } else {
            Rc::make_mut(&mut shell.state.completions).retain(|(known, _)| *known != name);
        }
    }
    Ok(shell.put_out("complete", &text)?.max(status))
}

pub fn compopt(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "+o:DEI") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let names = words.get(given.operands..).unwrap_or_default();
    if names.is_empty() && !['D', 'E', 'I'].iter().any(|letter| given.has(*letter)) {
        shell.complain("compopt: not currently executing completion function");
        return Ok(1);
    }
    for name in names {
        if !shell.state.completions.iter().any(|(known, _)| known == name) {
            shell.complain(&format!("compopt: {name}: no completion specification"));
            return Ok(1);
        }
    }
    Ok(0)
}
