//! `trap`.

use crate::expand::escapes::quote_single;
use crate::run::Ran;
use crate::shell::Shell;
use crate::state::{SIGNALS, signal_name, signal_number};
use crate::vars::Text;

/// The traps as `trap -p` shows them.
fn shown(shell: &Shell, only: &[u8]) -> String {
    // A sub-shell shows its parent's, until it has its own.
    let traps = if shell.state.traps.is_empty() { &shell.state.shown_traps } else { &shell.state.traps };
    traps
        .iter()
        .filter(|(signal, _)| only.is_empty() || only.contains(signal))
        .map(|(signal, text)| format!("trap -- {} {}\n", quote_single(text), signal_name(*signal)))
        .collect()
}

/// `trap -l` and `kill -l`: five in a row.
pub fn signal_list() -> String {
    let mut text = String::new();
    for (number, name) in SIGNALS.iter().enumerate().skip(1) {
        let end = if number % 5 == 0 { "\n" } else { "\t" };
        text.push_str(&format!("{number:2}) SIG{name}{end}"));
    }
    if text.ends_with('\t') {
        text.pop();
        text.push('\n');
    }
    text
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
            let text = shown(shell, &signals);
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
    if resets && signals.len() == 1 && signal_number(action.map_or(&signals[0], |action| action)).is_none() {
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
