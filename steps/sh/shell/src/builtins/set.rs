//! What sets the shell itself: `set`, `shift`, `shopt`, `umask`, `ulimit`.

use super::declare::shown_assignment;
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::state::{LETTERS, Options, Shopts};
use crate::syntax::print;
use crate::vars::Text;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The option that a letter of `set` stands for.
fn option_of(letter: char) -> Option<&'static str> {
    LETTERS.iter().find(|(known, name)| *known == letter && !name.is_empty()).map(|(_, name)| *name)
}

/// A line that shows whether something is on.
fn shown(name: &str, on: bool) -> String {
    format!("{name:<15}\t{}\n", if on { "on" } else { "off" })
}

fn shown_options(options: &Options, as_commands: bool) -> String {
    let names = Options::NAMES.iter().map(|name| (name, options.get(name) == Some(true)));
    names
        .map(|(name, on)| match as_commands {
            true => format!("set {}o {name}\n", if on { '-' } else { '+' }),
            false => shown(name, on),
        })
        .collect()
}

/// `set`
pub fn set(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let words = words.get(1..).unwrap_or_default();
    if words.is_empty() {
        return list_variables(shell);
    }
    if let Some(wrong) = invalid_letter(words) {
        return shell.invalid_option("set", &wrong);
    }
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let on = word.starts_with('-');
        if !on && !word.starts_with('+') {
            break;
        }
        at += 1;
        match &**word {
            "--" => {
                shell.state.positional = Rc::new(words.get(at..).unwrap_or_default().to_vec());
                shell.gave_positional = true;
                return Ok(0);
            }
            "-" => {
                shell.state.options.xtrace = false;
                shell.state.options.verbose = false;
                break;
            }
            _ => {}
        }
        for letter in word[1..].chars() {
            if let Some(name) = option_of(letter) {
                shell.state.options.set(name, on);
                continue;
            }
            let Some(name) = words.get(at) else {
                let text = shown_options(&shell.state.options, !on);
                return shell.put_out("set", &text);
            };
            at += 1;
            if !shell.state.options.set(name, on) {
                return shell.misused("set", &format!("{name}: invalid option name"));
            }
        }
    }
    if let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        shell.state.positional = Rc::new(rest.to_vec());
        shell.gave_positional = true;
    }
    Ok(0)
}

/// The first option that there is not: nothing is set then.
fn invalid_letter(words: &[Text]) -> Option<String> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !word.starts_with(['-', '+']) || matches!(&**word, "--" | "-") {
            return None;
        }
        at += 1;
        for letter in word[1..].chars() {
            match letter {
                'o' => at += usize::from(words.get(at).is_some()),
                letter if option_of(letter).is_none() => return Some(format!("{}{letter}", &word[..1])),
                _ => {}
            }
        }
    }
    None
}

fn list_variables(shell: &mut Shell) -> Ran<i32> {
    let mut names: Vec<&Text> = shell.state.vars.keys().collect();
    names.sort_unstable();
    let mut text = String::new();
    for name in names {
        if let Some(line) =
            shell.state.vars.get(name).and_then(|var| shown_assignment(name, var, shell.state.options.posix))
        {
            text.push_str(&line);
            text.push('\n');
        }
    }
    if !shell.state.options.posix {
        let mut functions: Vec<_> = shell.state.functions.iter().collect();
        functions.sort_unstable_by(|one, other| one.0.cmp(other.0));
        for (_, function) in functions {
            text.push_str(&print::function(function));
        }
    }
    shell.put_out("set", &text)
}

/// `shift`
pub fn shift(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let rest = match words.get(1..).unwrap_or_default() {
        [first, rest @ ..] if &**first == "--" => rest,
        rest => rest,
    };
    let by = match rest {
        [] => 1,
        [text] => match text.trim().parse::<i64>() {
            Ok(by) => by,
            Err(_) => {
                shell.complain(&format!("shift: {text}: numeric argument required"));
                return Ok(1);
            }
        },
        _ => {
            shell.complain("shift: too many arguments");
            return Err(Flow::Discard(1));
        }
    };
    let count = shell.state.positional.len();
    match usize::try_from(by) {
        Err(_) => {
            shell.complain(&format!("shift: {by}: shift count out of range"));
            Ok(1)
        }
        Ok(by) if by > count => {
            if shell.state.shopts.shift_verbose || shell.state.options.posix {
                let given = rest.first().map(|text| format!("{text}: ")).unwrap_or_default();
                shell.complain(&format!("shift: {given}shift count out of range"));
            }
            Ok(1)
        }
        Ok(by) => {
            Rc::make_mut(&mut shell.state.positional).drain(..by);
            Ok(0)
        }
    }
}

/// `shopt`
pub fn shopt(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "psuoq") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let (turn_on, turn_off) = (given.has('s'), given.has('u'));
    let (quiet, commands, of_set) = (given.has('q'), given.has('p'), given.has('o'));
    if turn_on && turn_off {
        shell.complain("shopt: cannot set and unset shell options simultaneously");
        return Ok(1);
    }
    let names = words.get(given.operands..).unwrap_or_default();
    let value = |shell: &Shell, name: &str| match of_set {
        true => shell.state.options.get(name),
        false => shell.state.shopts.get(name),
    };
    let line = |name: &str, on: bool| match (commands, of_set) {
        (false, _) => shown(name, on),
        (true, false) => format!("shopt {} {name}\n", if on { "-s" } else { "-u" }),
        (true, true) => format!("set {}o {name}\n", if on { '-' } else { '+' }),
    };
    if names.is_empty() {
        let all = if of_set { Options::NAMES } else { Shopts::NAMES };
        let all = all.iter().filter_map(|name| value(shell, name).map(|on| (name, on)));
        let wanted = all.filter(|(_, on)| !(turn_on && !on || turn_off && *on));
        let text: String = wanted.map(|(name, on)| line(name, on)).collect();
        return if quiet { Ok(0) } else { shell.put_out("shopt", &text) };
    }
    let mut status = 0;
    let mut text = String::new();
    for name in names {
        let Some(on) = value(shell, name) else {
            let kind = if of_set { "option name" } else { "shell option name" };
            shell.complain(&format!("shopt: {name}: invalid {kind}"));
            status = 1;
            continue;
        };
        if turn_on || turn_off {
            match of_set {
                true => shell.state.options.set(name, turn_on),
                false => shell.state.shopts.set(name, turn_on),
            };
        } else {
            status = if on { status } else { 1 };
            text.push_str(&line(name, on));
        }
    }
    if quiet || text.is_empty() {
        return Ok(status);
    }
    Ok(shell.put_out("shopt", &text)?.max(status))
}

/// What a mask lets through, as `u=rwx,g=rx,o=rx`.
fn symbolic(mask: u32) -> String {
    let part = |shift: u32| -> String {
        let bits = !mask >> shift & 7;
        [(4, 'r'), (2, 'w'), (1, 'x')].iter().filter(|(bit, _)| bits & bit != 0).map(|(_, char)| *char).collect()
    };
    format!("u={},g={},o={}", part(6), part(3), part(0))
}

/// The bits let through, changed as a symbolic mode says; or what is wrong with it.
fn symbolic_mode(mode: &str, mut bits: u32) -> Result<u32, String> {
    for clause in mode.split(',') {
        let who = clause.len() - clause.trim_start_matches(['u', 'g', 'o', 'a']).len();
        let mut classes = 0;
        for char in clause[..who].chars() {
            classes |= match char {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                _ => 0o777,
            };
        }
        let classes = if who == 0 { 0o777 } else { classes };
        let mut rest = clause[who..].chars();
        let operator = match rest.next() {
            Some(operator @ ('+' | '-' | '=')) => operator,
            other => {
                return Err(format!(
                    "`{}': invalid symbolic mode operator",
                    other.map(String::from).unwrap_or_default()
                ));
            }
        };
        let mut wanted = 0;
        for char in rest {
            wanted |= match char {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                other => return Err(format!("`{other}': invalid symbolic mode character")),
            };
        }
        bits = match operator {
            '+' => bits | (wanted & classes),
            '-' => bits & !(wanted & classes),
            _ => bits & !classes | (wanted & classes),
        };
    }
    Ok(bits)
}

/// `umask`
pub fn umask(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "Sp") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let mask = shell.state.umask;
    if let Some(mode) = words.get(given.operands) {
        if mode.starts_with(|char: char| char.is_ascii_digit()) {
            match u32::from_str_radix(mode, 8).ok().filter(|mask| *mask <= 0o777) {
                Some(mask) => shell.state.umask = mask,
                None => {
                    shell.complain(&format!("umask: {mode}: octal number out of range"));
                    return Ok(1);
                }
            }
        } else {
            match symbolic_mode(mode, !mask & 0o777) {
                Ok(bits) => shell.state.umask = !bits & 0o777,
                Err(wrong) => {
                    shell.complain(&format!("umask: {wrong}"));
                    return Ok(1);
                }
            }
        }
        if !given.has('S') {
            return Ok(0);
        }
    }
    let mask = shell.state.umask;
    let prefix = match (given.has('p'), given.has('S')) {
        (true, true) => "umask -S ",
        (true, false) => "umask ",
        _ => "",
    };
    let text = if given.has('S') { symbolic(mask) } else { format!("{mask:04o}") };
    shell.put_out("umask", &format!("{prefix}{text}\n"))
}

/// What `ulimit` can be asked about.
const LIMITS: [(char, &str, &str); 16] = [
    ('R', "real-time non-blocking time", "(microseconds, -R)"),
    ('c', "core file size", "(blocks, -c)"),
    ('d', "data seg size", "(kbytes, -d)"),
    ('e', "scheduling priority", "(-e)"),
    ('f', "file size", "(blocks, -f)"),
    ('i', "pending signals", "(-i)"),
    ('l', "max locked memory", "(kbytes, -l)"),
    ('m', "max memory size", "(kbytes, -m)"),
    ('n', "open files", "(-n)"),
    ('p', "pipe size", "(512 bytes, -p)"),
    ('q', "POSIX message queues", "(bytes, -q)"),
    ('r', "real-time priority", "(-r)"),
    ('s', "stack size", "(kbytes, -s)"),
    ('t', "cpu time", "(seconds, -t)"),
    ('u', "max user processes", "(-u)"),
    ('v', "virtual memory", "(kbytes, -v)"),
];

/// Whether it was said that limits cannot be set.
static SAID: AtomicBool = AtomicBool::new(false);

/// `ulimit`: there are no limits of this kind here.
pub fn ulimit(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let mut text = String::new();
    let mut asked = false;
    let mut words = words.get(1..).unwrap_or_default().iter().peekable();
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            asked = true;
            if !limit(shell, word) {
                return Ok(1);
            }
            continue;
        };
        for letter in letters.chars() {
            match letter {
                'S' | 'H' => continue,
                'a' => text.extend(LIMITS.iter().map(|(_, name, unit)| format!("{name:<27}{unit:>20} unlimited\n"))),
                letter if "bcdefiklmnpqrstuvxPRT".contains(letter) => {}
                letter => return shell.invalid_option("ulimit", &format!("-{letter}")),
            }
            asked = true;
        }
        let shows = letters.chars().any(|letter| !matches!(letter, 'S' | 'H' | 'a'));
        if shows && words.peek().is_none_or(|next| next.starts_with('-')) {
            text.push_str("unlimited\n");
        }
    }
    if !asked {
        text.push_str("unlimited\n");
    }
    shell.put_out("ulimit", &text)
}

/// Takes a limit that is to be set; whether it is one.
fn limit(shell: &mut Shell, word: &str) -> bool {
    if word.parse::<u64>().is_err() && !matches!(word, "unlimited" | "hard" | "soft") {
        shell.complain(&format!("ulimit: {word}: invalid number"));
        return false;
    }
    if !SAID.swap(true, Ordering::Relaxed) {
        shell.complain("ulimit: limits of this kind do not exist here: nothing is changed");
    }
    true
}
