//! Programs in the background: `jobs`, `wait`, `kill`, `disown`, `times`; and what only a terminal has.

use super::trap::{signal_list, signal_names};
use crate::jobs::{Jobs, Waited};
use crate::run::Ran;
use crate::shell::Shell;
use crate::state::{SIGNALS, signal_number};
use crate::vars::Text;
use userland_sys::{self as sys, Ended};

/// What a person at a terminal does, and no script.
pub fn no_terminal(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let name = words.first().cloned().unwrap_or_default();
    match &*name {
        "suspend" => shell.complain("suspend: cannot suspend: no job control"),
        "fg" | "bg" => shell.complain(&format!("{name}: no job control")),
        // Without a terminal there is no history and nothing to bind, as in any script.
        "history" | "fc" => {}
        _ => shell.complain(&format!("{name}: warning: line editing not enabled")),
    }
    Ok(i32::from(!matches!(&*name, "history")))
}

/// Where in the list a job is: by `%n`, `%%`, `%+`, `%-`, or the text it begins with.
fn find(shell: &Shell, spec: &str) -> Option<usize> {
    let jobs = &shell.jobs.list;
    match spec {
        "" | "%" | "+" => jobs.len().checked_sub(1),
        "-" => jobs.len().checked_sub(2).or_else(|| jobs.len().checked_sub(1)),
        spec => match (spec.parse::<u32>(), spec.strip_prefix('?')) {
            (Ok(number), _) => jobs.iter().position(|job| job.number == number),
            (_, Some(part)) => jobs.iter().position(|job| job.text.contains(part)),
            _ => jobs.iter().position(|job| job.text.starts_with(spec)),
        },
    }
}

/// The jobs of these words by their places, all where there is none; and whether each word was one.
fn chosen(shell: &mut Shell, name: &str, words: &[Text]) -> (Vec<usize>, bool) {
    if words.is_empty() {
        return ((0..shell.jobs.list.len()).collect(), true);
    }
    let mut found = Vec::new();
    let mut all = true;
    for word in words {
        let at = match (word.strip_prefix('%'), word.parse::<u32>()) {
            (Some(spec), _) => find(shell, spec),
            (None, Ok(program)) => shell.jobs.list.iter().position(|job| job.programs.contains(&program)),
            (None, Err(_)) => find(shell, word),
        };
        match at {
            Some(at) => found.push(at),
            None => {
                shell.complain(&format!("{name}: {word}: no such job"));
                all = false;
            }
        }
    }
    (found, all)
}

pub fn jobs(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "lnprs") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    shell.reap();
    let (places, all) = chosen(shell, "jobs", words.get(given.operands..).unwrap_or_default());
    let mut text = String::new();
    let count = shell.jobs.list.len();
    for at in places {
        let Some(job) = shell.jobs.list.get(at) else { continue };
        let Some(program) = job.programs.last() else { continue };
        let ended = shell.jobs.ended.get(program).copied();
        if (given.has('r') && ended.is_some()) || given.has('s') {
            continue;
        }
        if given.has('p') {
            text.push_str(&format!("{program}\n"));
            continue;
        }
        let mark = if at + 1 == count {
            '+'
        } else if at + 2 == count {
            '-'
        } else {
            ' '
        };
        let state = ended.map_or_else(|| "Running".to_owned(), crate::deaths::shown);
        let end = if ended.is_none() { " &" } else { "" };
        let number = if given.has('l') { format!("{program:>5}") } else { String::new() };
        text.push_str(&format!("[{}]{mark} {number} {state:<24}{}{end}\n", job.number, job.text));
    }
    let ended = shell.jobs.ended.clone();
    shell.jobs.list.retain(|job| !job.programs.iter().all(|program| ended.contains_key(program)));
    Ok(shell.put_out("jobs", &text)?.max(i32::from(!all)))
}

/// Takes a job that has ended out of the list, and says which signal ended it.
fn forget(shell: &mut Shell, program: u32, ended: Ended) {
    let line = shell.state.line;
    let jobs = shell.jobs.list.extract_if(.., |job| job.programs.contains(&program)).collect::<Vec<_>>();
    for job in jobs.into_iter().filter(|job| !job.told) {
        shell.say_job(line, (program, ended, job.text));
    }
}

/// Waits for one program, and forgets its job.
fn wait_one(shell: &mut Shell, program: u32) -> Ran<i32> {
    match shell.await_program(program, true) {
        Waited::Ended(ended) => {
            forget(shell, program, ended);
            Ok(i32::from(ended.status()))
        }
        Waited::Unknown => Ok(127),
        Waited::Interrupted => {
            shell.note_signals();
            let signal = shell.pending_signals.trailing_zeros();
            shell.run_pending_traps()?;
            Ok(128 + i32::try_from(signal).unwrap_or(0))
        }
    }
}

/// Every program that has not been waited for.
fn programs(shell: &Shell) -> Vec<u32> {
    let all = shell.jobs.list.iter().flat_map(|job| job.programs.clone());
    all.filter(|program| !shell.jobs.foreign.contains(program)).collect()
}

pub fn wait(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let mut rest = words.get(1..).unwrap_or_default();
    let (mut next, mut into) = (false, None);
    while let Some((option, others)) = rest.split_first() {
        match &**option {
            "-n" => next = true,
            "-f" => {}
            "-p" => {
                into = others.first().cloned();
                rest = others.get(1..).unwrap_or_default();
                continue;
            }
            "--" => {
                rest = others;
                break;
            }
            option if option.starts_with('-') && option.len() > 1 => {
                return shell.invalid_option("wait", option);
            }
            _ => break,
        }
        rest = others;
    }
    if next {
        return wait_next(shell, rest, into.as_deref());
    }
    if rest.is_empty() {
        for program in programs(shell) {
            let status = wait_one(shell, program)?;
            if status > 128 && shell.jobs.list.iter().any(|job| job.programs.contains(&program)) {
                return Ok(status);
            }
        }
        let Jobs { list, foreign, .. } = &mut shell.jobs;
        list.retain(|job| job.programs.iter().any(|program| foreign.contains(program)));
        return Ok(0);
    }
    let mut status = 0;
    for word in rest {
        let program = match named(shell, word) {
            Ok(program) => program,
            Err(code) => {
                status = code;
                continue;
            }
        };
        // `$!` may be a process substitution's, which is no job.
        // Within `$( )` the status of one that was waited for is still known.
        let told = shell.state.substitutes && shell.waited.contains_key(&program);
        let foreign = shell.jobs.foreign.contains(&program) && !told;
        let known = shell.jobs.list.iter().any(|job| job.programs.contains(&program))
            || (shell.state.background == Some(program) && !shell.waited.contains_key(&program));
        if foreign || !known && !shell.jobs.ended.contains_key(&program) && !shell.waited.contains_key(&program) {
            shell.complain(&format!("wait: pid {program} is not a child of this shell"));
            status = 127;
            continue;
        }
        // One that was waited for before is known by its status.
        status = match shell.waited.get(&program) {
            Some(status) if !known => *status,
            _ => wait_one(shell, program)?,
        };
        shell.waited.insert(program, status);
        if let Some(name) = &into {
            shell.assign_text(name, &program.to_string())?;
        }
    }
    Ok(status)
}

/// The program that a word of `wait` names; an error has been said, and is the status.
fn named(shell: &mut Shell, word: &str) -> Result<u32, i32> {
    let Some(spec) = word.strip_prefix('%') else {
        return word.parse::<u32>().map_err(|_| {
            shell.complain(&format!("wait: `{word}': not a pid or valid job spec"));
            1
        });
    };
    let program = find(shell, spec).and_then(|at| shell.jobs.list.get(at)?.programs.last().copied());
    program.ok_or_else(|| {
        shell.complain(&format!("wait: {word}: no such job"));
        127
    })
}

fn wait_next(shell: &mut Shell, rest: &[Text], into: Option<&str>) -> Ran<i32> {
    let wanted: Vec<u32> = match rest {
        [] => programs(shell),
        rest => {
            let named = rest.iter().filter_map(|word| word.parse().ok());
            named.filter(|program| !shell.jobs.foreign.contains(program)).collect()
        }
    };
    if wanted.is_empty() {
        return Ok(127);
    }
    loop {
        let ended = shell.jobs.ended.iter().find(|(program, _)| wanted.contains(program));
        if let Some((program, ended)) = ended.map(|(program, ended)| (*program, *ended)) {
            shell.jobs.ended.remove(&program);
            forget(shell, program, ended);
            if let Some(name) = into {
                shell.assign_text(name, &program.to_string())?;
            }
            return Ok(i32::from(ended.status()));
        }
        match sys::wait(None, true) {
            Ok(Some((program, ended))) => {
                shell.jobs.ended.insert(program, ended);
            }
            Ok(None) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                shell.note_signals();
                let signal = shell.pending_signals.trailing_zeros();
                shell.run_pending_traps()?;
                return Ok(128 + i32::try_from(signal).unwrap_or(0));
            }
            Err(_) => return Ok(127),
        }
    }
}

pub fn kill(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let mut rest = words.get(1..).unwrap_or_default();
    let mut signal = 15;
    let named = match rest.first().map(|word| &**word) {
        None => return shell.usage("kill"),
        Some("-l" | "-L") => return list(shell, rest.get(1..).unwrap_or_default()),
        Some(option @ ("-s" | "-n")) if rest.len() == 1 => {
            shell.complain(&format!("kill: {option}: option requires an argument"));
            return Ok(1);
        }
        Some("-s" | "-n") => {
            let name = rest.get(1).cloned();
            rest = rest.get(2..).unwrap_or_default();
            name
        }
        Some("--") => {
            rest = rest.get(1..).unwrap_or_default();
            None
        }
        Some(option) if option.starts_with('-') && option.len() > 1 => {
            let name = Text::from(&option[1..]);
            rest = rest.get(1..).unwrap_or_default();
            Some(name)
        }
        Some(_) => None,
    };
    if rest.first().is_some_and(|word| &**word == "--") {
        rest = rest.get(1..).unwrap_or_default();
    }
    if let Some(name) = named {
        match signal_number(&name) {
            Some(number) => signal = number,
            None => {
                shell.complain(&format!("kill: {name}: invalid signal specification"));
                return Ok(1);
            }
        }
    }
    if rest.is_empty() {
        return shell.usage("kill");
    }
    let mut status = 1;
    for word in rest {
        let targets = match word.strip_prefix('%') {
            Some(spec) => match find(shell, spec).and_then(|at| shell.jobs.list.get(at)) {
                Some(job) => job.programs.clone(),
                None => {
                    shell.complain(&format!("kill: {word}: no such job"));
                    continue;
                }
            },
            None => match word.trim_start_matches('-').parse::<u32>() {
                Ok(program) => vec![program],
                Err(_) => {
                    shell.complain(&format!("kill: {word}: arguments must be process or job IDs"));
                    continue;
                }
            },
        };
        for program in targets {
            if send(shell, program, signal)? {
                status = 0;
            }
        }
    }
    Ok(status)
}

/// Sends a signal to a program; whether it is there.
fn send(shell: &mut Shell, program: u32, signal: u8) -> Ran<bool> {
    if shell.subshells.last() == Some(&program) {
        shell.signal_subshell(signal)?;
        return Ok(true);
    }
    // A sub-shell around this one is this process, too.
    let target = if shell.subshells.contains(&program) { sys::own_number() } else { program };
    if shell.jobs.ended.contains_key(&program) || sys::kill(target, signal).is_err() {
        shell.complain(&format!("kill: ({program}) - No such process"));
        return Ok(false);
    }
    Ok(true)
}

/// `kill -l`.
fn list(shell: &mut Shell, rest: &[Text]) -> Ran<i32> {
    if rest.is_empty() {
        let text = if shell.state.options.posix { signal_names() } else { signal_list() };
        return shell.put_out("kill", &text);
    }
    for word in rest {
        let text = match word.parse::<usize>() {
            Ok(number) => {
                let number = if number > 128 { number - 128 } else { number };
                SIGNALS.get(number).map(|name| (*name).to_owned())
            }
            Err(_) => signal_number(word).map(|number| number.to_string()),
        };
        match text {
            Some(text) => {
                shell.put_out("kill", &format!("{text}\n"))?;
            }
            None => {
                shell.complain(&format!("kill: {word}: invalid signal specification"));
                return Ok(1);
            }
        }
    }
    Ok(0)
}

pub fn disown(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "ahr") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let rest = words.get(given.operands..).unwrap_or_default();
    let whole = rest.is_empty() && (given.has('a') || given.has('r'));
    let (places, all) = match rest {
        [] if !whole && shell.jobs.list.is_empty() => {
            shell.complain("disown: current: no such job");
            return Ok(1);
        }
        [] if !whole => (vec![shell.jobs.list.len() - 1], true),
        rest => chosen(shell, "disown", rest),
    };
    if !given.has('h') {
        let mut at = 0;
        shell.jobs.list.retain(|_| {
            at += 1;
            !places.contains(&(at - 1))
        });
    }
    Ok(i32::from(!all))
}

pub fn times(shell: &mut Shell, _: &[Text]) -> Ran<i32> {
    let time = sys::processor_time();
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs_f64() % 60.0);
    // What of it was the system's, and what programs used that were started, nobody tells.
    shell.put_out("times", &format!("{minutes}m{seconds:.3}s 0m0.000s\n0m0.000s 0m0.000s\n"))
}
