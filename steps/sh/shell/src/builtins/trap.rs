//! `trap`.

use crate::expand::escapes::quote_single;
use crate::run::Ran;
use crate::shell::Shell;
use crate::state::{DEBUG, ERR, EXIT, RETURN, signal_name, signal_number};
use crate::vars::Text;

/// The traps as `trap -p` shows them.
fn shown(shell: &Shell, only: &[u8]) -> String {
    // A sub-shell shows its parent's, until it has its own.
    let traps = if shell.state.traps.is_empty() { &shell.state.shown_traps } else { &shell.state.traps };
    traps
        .iter()
        .filter(|(signal, _)| only.is_empty() || only.contains(signal))
        .map(|(signal, text)| line(*signal, Some(text), shell.state.options.posix))
        .collect()
}

/// One trap as a command. POSIX: signals are named without `SIG`.
fn line(signal: u8, text: Option<&Text>, posix: bool) -> String {
    let name = signal_name(signal);
    match (text, posix) {
        (None, _) => format!("trap -- - {}\n", name.strip_prefix("SIG").unwrap_or(&name)),
        (Some(text), false) => format!("trap -- {} {name}\n", quote_single(text)),
        (Some(text), true) => {
            let name = name.strip_prefix("SIG").unwrap_or(&name);
            format!("trap -- '{}' {name}\n", text.replace('\'', "'\\''"))
        }
    }
}

/// All signals, those without a trap too: POSIX's `trap -p`.
fn shown_with_defaults(shell: &Shell, only: &[u8]) -> String {
    let traps = if shell.state.traps.is_empty() { &shell.state.shown_traps } else { &shell.state.traps };
    let all = (EXIT..65).chain([DEBUG, ERR, RETURN]);
    all.filter(|signal| only.is_empty() || only.contains(signal))
        .map(|signal| line(signal, traps.get(&signal), true))
        .collect()
}

/// `trap -l` and `kill -l`: five in a row.
pub fn signal_list() -> String {
    let mut text = String::new();
    for (number, (signal, name)) in signals().enumerate() {
        let end = if (number + 1) % 5 == 0 { "\n" } else { "\t" };
        text.push_str(&format!("{signal:2}) {name}{end}"));
    }
    if text.ends_with('\t') {
        text.pop();
        text.push('\n');
    }
    text
}

/// POSIX's `kill -l`: the names in a line.
pub fn signal_names() -> String {
    let names: Vec<String> = signals().map(|(_, name)| name.trim_start_matches("SIG").to_owned()).collect();
    format!("{}\n", names.join(" "))
}

/// The signals that have names.
fn signals() -> impl Iterator<Item = (u8, String)> {
    (1..65).filter(|signal| !matches!(signal, 32 | 33)).map(|signal| (signal, signal_name(signal)))
}

pub fn trap(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let mut rest = words.get(1..).unwrap_or_default();
    match rest.first().map(|word| &**word) {
        None => {
            let text = shown(shell, &[]);
            return shell.put_out("trap", &text);
        }
        Some("-l") => return shell.put_out("trap", &signal_list()),
        Some("-p") => {
            let mut signals = Vec::new();
            for word in rest.get(1..).unwrap_or_default() {
                match signal_number(word) {
                    Some(signal) => signals.push(signal),
                    None => {
                        shell.complain(&format!("trap: {word}: invalid signal specification"));
                        return Ok(1);
                    }
                }
            }
            let text = match shell.state.options.posix {
                true => shown_with_defaults(shell, &signals),
                false => shown(shell, &signals),
            };
            return shell.put_out("trap", &text);
        }
        Some("--") => rest = rest.get(1..).unwrap_or_default(),
        Some(option) if option.starts_with('-') && option.len() > 1 => {
            return shell.invalid_option("trap", option);
        }
        Some(_) => {}
    }
    let Some((action, signals)) = rest.split_first() else {
        let text = shown(shell, &[]);
        return shell.put_out("trap", &text);
    };
    // A sole signal, or a number first: all of them go back to what they were.
    let resets = signals.is_empty() || action.parse::<u8>().is_ok();
    let (action, signals) =
        if resets { (None, rest) } else { (Some(action).filter(|action| &***action != "-"), signals) };
    let is_none =
        |word: &Text| signal_number(word).is_none() || (shell.state.options.posix && word.parse::<u8>().is_err());
    if resets && signals.len() == 1 && is_none(action.unwrap_or(&signals[0])) {
        return shell.usage("trap");
    }
    let mut status = 0;
    for word in signals {
        let Some(signal) = signal_number(word) else {
            shell.complain(&format!("trap: {word}: invalid signal specification"));
            status = 1;
            continue;
        };
        shell.state.shown_traps.clear();
        match action {
            Some(action) => {
                shell.state.traps.insert(signal, action.clone());
            }
            None => {
                shell.state.traps.remove(&signal);
            }
        }
    }
    shell.traps_changed();
    Ok(status)
}
