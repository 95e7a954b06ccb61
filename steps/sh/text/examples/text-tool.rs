//! The tools by themselves, for tests: the first argument, or the name it was started by, is the tool's.
//!
//! What is no tool of this crate is run as the system has it, so that `xargs` and `find -exec` find programs.

use std::ffi::OsString;
use std::process::{Command, exit};

fn main() {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    let name = |arg: &OsString| arg.to_string_lossy().rsplit('/').next().unwrap_or_default().to_owned();
    if args.first().is_some_and(|arg| name(arg) == "text-tool") {
        args.remove(0);
    }
    let Some(tool) = args.first().map(name) else {
        eprintln!("usage: text-tool TOOL [ARGUMENT]...");
        exit(127);
    };
    match userland_text::find(&tool) {
        Some(run) => exit(run(args)),
        None => match Command::new(&args[0]).args(&args[1..]).status() {
            Ok(status) => exit(status.code().unwrap_or(128)),
            Err(_) => {
                eprintln!("text-tool: {tool}: not found");
                exit(127);
            }
        },
    }
}
