//! `stdbuf` and `setsid`: commands under circumstances that the sandbox has for all.
//!
//! Programs there write as they please, and there are no sessions of terminals: a command runs as it would without. How
//! it is found and started is `environment`'s.

use crate::environment::{Command, ended};
use crate::options::Table;
use crate::outcome::{Failed, Outcome, quoted};
use std::ffi::OsString;

const STDBUF: Table = Table::new("stdbuf", &["i,input=", "o,output=", "e,error="]).code(125).in_order();

pub fn stdbuf(arguments: Vec<OsString>) -> Outcome {
    let given = STDBUF.read(arguments)?;
    if given.operands.is_empty() {
        return Err(crate::options::missing(&STDBUF));
    }
    for (key, value) in given.all() {
        let mode = value.unwrap_or_default().to_string_lossy().into_owned();
        let digits = mode.trim_end_matches(|one: char| one.is_ascii_alphabetic());
        if mode == "L" && key == "input" {
            return Err(STDBUF.misused("line buffering stdin is meaningless"));
        }
        if mode != "L" && digits.parse::<u64>().is_err() {
            return Err(Failed::new(125, format!("invalid mode {}", quoted(&mode))));
        }
    }
    if given.all().next().is_none() {
        return Err(STDBUF.misused("you must specify a buffering mode option"));
    }
    ended(Command::new(&given.operands).start("stdbuf")?)
}

const SETSID: Table = Table::new("setsid", &["c,ctty", "f,fork", "w,wait"]).in_order();

pub fn setsid(arguments: Vec<OsString>) -> Outcome {
    let given = SETSID.read(arguments)?;
    if given.operands.is_empty() {
        return Err(SETSID.misused("no command specified"));
    }
    if given.has("fork") && !given.has("wait") {
        return Err(Failed::from("--fork is not supported here: start the command with &"));
    }
    ended(Command::new(&given.operands).start("setsid")?)
}
