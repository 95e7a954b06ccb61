//! `getopts`.

use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::vars::{Text, is_name};

/// What the next option is.
enum Next {
    End,
    Option(char, Option<Text>),
    Unknown(char),
    Missing(char),
}

/// `getopts`
pub fn getopts(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let operands = words.get(given.operands..).unwrap_or_default();
    let [spec, name, rest @ ..] = operands else { return shell.usage("getopts") };
    let positional = shell.state.positional.clone();
    let arguments: &[Text] = if rest.is_empty() { &positional } else { rest };
    let silent = spec.starts_with(':');
    let speaks = !silent && shell.var_text("OPTERR").as_deref() != Some("0");
    let next = next(shell, spec, arguments);
    let zero = shell.state.zero.clone();
    let say = |shell: &mut Shell, what: &str, option: char| {
        if speaks {
            // Who closed standard error hears nothing.
            let _ = shell.write(2, &format!("{zero}: {what} -- {option}\n"));
        }
    };
    let (value, argument, status) = match next {
        Next::End => ("?".to_owned(), None, 1),
        Next::Option(option, argument) => (option.to_string(), argument, 0),
        Next::Unknown(option) => {
            say(shell, "illegal option", option);
            ("?".to_owned(), silent.then(|| option.to_string().into()), 0)
        }
        Next::Missing(option) => {
            say(shell, "option requires an argument", option);
            match silent {
                true => (":".to_owned(), Some(option.to_string().into()), 0),
                false => ("?".to_owned(), None, 0),
            }
        }
    };
    match argument {
        Some(argument) => shell.set_own("OPTARG", &argument),
        None => {
            shell.unset_var("OPTARG");
        }
    }
    if !is_name(name) {
        shell.complain(&format!("getopts: `{name}': not a valid identifier"));
        return Ok(1);
    }
    match shell.assign_text(name, &value) {
        Ok(()) => Ok(status),
        // The variable is read-only.
        Err(Flow::Discard(_)) => Ok(2),
        Err(flow) => Err(flow),
    }
}

/// Goes on by one option, and leaves in `OPTIND` and the state where the next one is.
fn next(shell: &mut Shell, spec: &str, arguments: &[Text]) -> Next {
    let index = shell.var_text("OPTIND").and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(1).max(1);
    let mut place = shell.state.option_place;
    let word = arguments.get(index - 1);
    if place > 0 && word.is_none_or(|word| place >= word.len() || !word.is_char_boundary(place)) {
        place = 0;
    }
    let leave = |shell: &mut Shell, index: usize, place: usize| {
        shell.set_own("OPTIND", &index.to_string());
        shell.state.option_place = place;
    };
    let Some(word) = word.filter(|word| place > 0 || (word.starts_with('-') && word.len() > 1)) else {
        leave(shell, index.min(arguments.len() + 1), 0);
        return Next::End;
    };
    if place == 0 && &**word == "--" {
        leave(shell, index + 1, 0);
        return Next::End;
    }
    let place = place.max(1);
    let mut rest = word[place..].chars();
    let Some(option) = rest.next() else {
        leave(shell, index + 1, 0);
        return Next::End;
    };
    let rest = rest.as_str();
    let after = if rest.is_empty() { (index + 1, 0) } else { (index, word.len() - rest.len()) };
    let known = spec.find(option).filter(|_| option != ':');
    let Some(known) = known else {
        leave(shell, after.0, after.1);
        return Next::Unknown(option);
    };
    if !spec[known + option.len_utf8()..].starts_with(':') {
        leave(shell, after.0, after.1);
        return Next::Option(option, None);
    }
    if !rest.is_empty() {
        leave(shell, index + 1, 0);
        return Next::Option(option, Some(rest.into()));
    }
    match arguments.get(index) {
        Some(argument) => {
            leave(shell, index + 2, 0);
            Next::Option(option, Some(argument.clone()))
        }
        None => {
            leave(shell, index + 1, 0);
            Next::Missing(option)
        }
    }
}
