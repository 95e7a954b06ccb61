//! `builtin:sh`: the userland, one program by many names. Argument 0 says which: a shell (`sh`, `bash`, `ash`, `dash`), or
//! a tool. Knows who has which tool. Knows nothing of Stepwell: it is a plain command.

use std::ffi::OsString;
use userland_shell::{SHELLS, Tools};

type Tool = fn(Vec<OsString>) -> i32;

fn find(name: &str) -> Option<Tool> {
    userland_text::find(name).or_else(|| userland_tools::find(name))
}

fn has(name: &str) -> bool {
    find(name).is_some()
}

/// Whether a program of that name can be started: what starts others by name has to know the shells too.
fn starts(name: &str) -> bool {
    SHELLS.contains(&name) || has(name)
}

fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = userland_text::NAMES.iter().chain(userland_tools::NAMES).copied().collect();
    names.extend(SHELLS);
    names.sort_unstable();
    names.dedup();
    names
}

fn main() {
    // SAFETY: nothing else runs yet.
    unsafe { userland_sys::given::take() };
    start_where_told();
    // SAFETY: as above.
    unsafe { userland_sys::given::hide() };
    userland_tools::set_known(starts);
    let words: Vec<OsString> = std::env::args_os().collect();
    let zero = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let name = zero.rsplit('/').next().unwrap_or_default().trim_start_matches('-').to_owned();
    let status = if SHELLS.contains(&name.as_str()) {
        let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        userland_shell::main(&words, Tools { has, names })
    } else if let Some(tool) = find(&name) {
        tool(words)
    } else {
        eprintln!(
            "{zero}: no such command: this userland has no `{name}`. Name a module for it in the step's `sandbox.commands`, \
             or run the step in a container."
        );
        // A step's own command that is not there never started; one that a script named says 127.
        if userland_sys::own_number() == 1 { 1 } else { 127 }
    };
    std::process::exit(status);
}

/// WASI tells a program its working directory by the environment alone.
fn start_where_told() {
    #[cfg(target_os = "wasi")]
    if let Some(here) = std::env::var_os("PWD") {
        // Where it is not there, the program starts at the root, as all do.
        let _ = userland_sys::start_in(&here);
    }
}
