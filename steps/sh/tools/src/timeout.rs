//! `timeout`: a command that is ended when its time is over.
//!
//! Knows the signals' names. How a command is found and started is `environment`'s.

use crate::environment::{Command, ended, how};
use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, quoted, reason};
use crate::plain::duration;
use std::ffi::OsString;
use std::io;
use std::time::Duration;

const TIMEOUT: Table =
    Table::new("timeout", &["k,kill-after=", "s,signal=", "preserve-status", "foreground", "v,verbose"])
        .code(125)
        .in_order();

/// What is missing it does not say.
fn usage() -> Failed {
    eprintln!("Try 'timeout --help' for more information.");
    Failed::silent(125)
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TIMEOUT.read(arguments)?;
    let [limit, command @ ..] = given.operands.as_slice() else { return Err(usage()) };
    if command.is_empty() {
        return Err(usage());
    }
    let interval =
        |text: &str| duration(text).ok_or_else(|| TIMEOUT.misused(format!("invalid time interval {}", quoted(text))));
    let limit = interval(&limit.to_string_lossy())?;
    let after = given.text("kill-after").map(|text| interval(&text)).transpose()?;
    let signal = match given.text("signal") {
        Some(text) => {
            signal_number(&text).ok_or_else(|| TIMEOUT.misused(format!("{}: invalid signal", quoted(&text))))?
        }
        None => 15,
    };
    let child = Command::new(command).start("timeout")?;
    if limit.is_zero() {
        return ended(child);
    }
    if let Some(code) = wait_for(child, limit)? {
        return Ok(code);
    }
    send(child, signal, &given, command);
    let code = match after {
        None if signal == 9 => killed(child)?,
        None => waited(child)?,
        Some(after) => match wait_for(child, after)? {
            Some(code) => code,
            None => {
                send(child, 9, &given, command);
                killed(child)?
            }
        },
    };
    Ok(if given.has("preserve-status") || code == 137 { code } else { 124 })
}

fn waited(child: u32) -> Outcome {
    how(child).map(|how| i32::from(how.status()))
}

/// A signal that kills is sent to the command and to whoever waits for it.
fn killed(child: u32) -> Outcome {
    let code = waited(child)?;
    let _ = userland_sys::kill(0, 9);
    Ok(code)
}

fn send(child: u32, signal: u8, given: &Given, command: &[OsString]) {
    if given.has("verbose") {
        let name = SIGNALS
            .iter()
            .find(|(_, number)| *number == signal)
            .map_or_else(|| signal.to_string(), |(name, _)| (*name).to_owned());
        crate::outcome::say("timeout", &format!("sending signal {name} to command {}", quoted(&command[0])));
    }
    let _ = userland_sys::kill(child, signal);
}

/// Waits for a child for a while: looks often at first, then every few milliseconds.
fn wait_for(child: u32, limit: Duration) -> Outcome<Option<i32>> {
    const LONGEST: Duration = Duration::from_millis(10);
    let mut left = limit;
    let mut pause = Duration::from_micros(200);
    loop {
        match userland_sys::wait(Some(child), false) {
            Ok(Some((_, how))) => return Ok(Some(i32::from(how.status()))),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failed::new(125, format!("waiting: {}", reason(&error)))),
        }
        if left.is_zero() {
            return Ok(None);
        }
        let step = pause.min(left);
        std::thread::sleep(step);
        left -= step;
        pause = (pause * 2).min(LONGEST);
    }
}

/// The signals that the sandbox delivers, with Linux's numbers.
const SIGNALS: [(&str, u8); 13] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ABRT", 6),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("CONT", 18),
    ("STOP", 19),
];

fn signal_number(text: &str) -> Option<u8> {
    if let Ok(number) = text.parse::<u8>() {
        return (number < 32).then_some(number);
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    SIGNALS.iter().find(|(one, _)| *one == name).map(|(_, number)| *number)
}
