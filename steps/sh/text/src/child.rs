//! Programs that a tool starts, with pipes to and from them.
//!
//! Which program has a name is decided by whoever starts: a module of its own, or this one, which knows the tools,
//! the shell and scripts. Does not know why they are started.

use crate::options::Bytes;
use crate::stream::Source;
use std::io::{self, Read};
use userland_sys::{Ended, Fd, Start};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Starts a program with these arguments, its name first, reading and writing these handles.
pub fn start(arguments: &[Bytes], input: Fd, output: Fd) -> io::Result<u32> {
    start_in(arguments, input, output, None)
}

/// The same in another folder.
pub fn start_in(arguments: &[Bytes], input: Fd, output: Fd, folder: Option<&str>) -> io::Result<u32> {
    let arguments: Vec<String> = arguments.iter().map(|argument| text(argument)).collect();
    let mut environment: Vec<String> = std::env::vars_os()
        .map(|(name, value)| text(&[name.into_encoded_bytes(), b"=".to_vec(), value.into_encoded_bytes()].concat()))
        .collect();
    let current = std::env::current_dir().map(|path| path.to_string_lossy().into_owned());
    let directory = folder.map_or_else(|| current.unwrap_or_else(|_| "/".to_owned()), str::to_owned);
    if cfg!(target_os = "wasi") && folder.is_some() {
        // There a program is told its working directory by the environment.
        environment.retain(|variable| !variable.starts_with("PWD="));
        environment.push(format!("PWD={directory}"));
    }
    let name = arguments.first().map_or("", String::as_str);
    let commands = userland_sys::commands();
    let handles = [(0, input), (1, output), (2, 2)];
    userland_sys::start(&Start {
        program: commands.iter().find(|command| *command == name).map(String::as_str),
        arguments: &arguments,
        environment: &environment,
        directory: &directory,
        mask: userland_sys::making::mask(),
        handles: &handles[..if userland_sys::is_open(2) { 3 } else { 2 }],
    })
}

/// Waits for a program's end.
pub fn wait(child: u32) -> Ended {
    loop {
        match userland_sys::wait(Some(child), true) {
            Ok(Some((_, ended))) => return ended,
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Ended::Exited(127),
            _ => {}
        }
    }
}

/// The arguments for a shell to run a command line.
pub fn shell(command: &[u8]) -> [Bytes; 3] {
    [b"sh".to_vec(), b"-c".to_vec(), command.to_vec()]
}

/// Starts a program and gives what it writes to be read.
pub fn reading(arguments: &[Bytes], input: Fd) -> io::Result<(u32, Fd)> {
    let (read, write) = userland_sys::pipe()?;
    let child = start(arguments, input, write);
    let _ = userland_sys::close(write);
    match child {
        Ok(child) => Ok((child, read)),
        Err(error) => {
            let _ = userland_sys::close(read);
            Err(error)
        }
    }
}

/// Starts a program and gives what it reads to be written.
pub fn writing(arguments: &[Bytes]) -> io::Result<(u32, Fd)> {
    let (read, write) = userland_sys::pipe()?;
    let child = start(arguments, read, 1);
    let _ = userland_sys::close(read);
    match child {
        Ok(child) => Ok((child, write)),
        Err(error) => {
            let _ = userland_sys::close(write);
            Err(error)
        }
    }
}

/// What a command line writes.
pub fn output(command: &[u8]) -> io::Result<Bytes> {
    let (child, read) = reading(&shell(command), 0)?;
    let mut all = Bytes::new();
    let done = Source::Handle(read).read_to_end(&mut all);
    let _ = userland_sys::close(read);
    wait(child);
    done.map(|_| all)
}
