//! The tools as one program, for the tests: `argv[0]` or else the first argument picks one.
//!
//! Nobody ships it: the userland's own binary has the shell and the tools for text too.

use std::ffi::OsString;

fn main() {
    // SAFETY: nothing else runs yet.
    unsafe {
        userland_sys::given::take();
        userland_sys::given::hide();
    }
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let name = |arguments: &[OsString]| {
        let whole = arguments.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        whole.rsplit('/').next().unwrap_or_default().to_owned()
    };
    if userland_tools::find(&name(&arguments)).is_none() {
        arguments.remove(0);
    }
    let tool = userland_tools::find(&name(&arguments));
    let Some(tool) = tool else {
        eprintln!("{}: no such tool", name(&arguments));
        std::process::exit(127);
    };
    std::process::exit(tool(arguments));
}
