//! Programs: tools of the userland, modules that were granted, scripts in files.

use super::redirect::reason;
use super::{Flow, Ran};
use crate::fds::{Capture, Handle};
use crate::shell::Shell;
use crate::vars::Text;
use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;
use userland_sys::given::{HANDLES, SHIFT};
use userland_sys::{self as sys, Fd, Start};

/// What a command's name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Function,
    Builtin,
    /// A tool of the userland, by this name.
    Tool(String),
    /// A module of `sandbox.commands`.
    Module,
    /// A file, by its path.
    File(String),
    None,
}

/// Where systems keep their tools: a path there names the userland's, though no file is there.
pub const STANDARD: [&str; 6] = ["/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin"];

/// The path of a system that says nothing else.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The names under which the program is a shell.
pub const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// The word that tells a shell what `exec -a` calls it, which comes next.
pub const CALLED: &str = "--called";

/// The function that a script has for commands that are not there.
pub const HANDLER: &str = "command_not_found_handle";

/// The variable that tells a shell who started it: `$PPID`.
pub const PARENT: &str = "SH_PARENT";

/// A program that runs, and what it prints that is gathered here.
pub struct Started {
    pub number: u32,
    /// What is gathered, and the pipe that it comes through.
    pub pumps: Vec<(Rc<RefCell<Capture>>, Handle)>,
}

fn is_executable(path: &str) -> bool {
    sys::mode(path, true).is_ok_and(|mode| mode & 0o111 != 0)
}

impl Shell {
    fn is_tool(&self, name: &str) -> bool {
        SHELLS.contains(&name) || (self.tools.has)(name)
    }

    /// Whether a path is one where a system has a tool that the userland has, or a module for it.
    pub fn is_installed(&mut self, path: &str) -> bool {
        path.rsplit_once('/').is_some_and(|(directory, name)| {
            STANDARD.contains(&directory) && (self.is_tool(name) || self.is_command(name))
        })
    }

    /// What a name stands for that is no function or builtin.
    pub fn find_program(&mut self, name: &str) -> Found {
        if let Some((directory, base)) = name.rsplit_once('/') {
            if std::fs::metadata(name).is_ok() {
                return Found::File(name.to_owned());
            }
            return match STANDARD.contains(&directory) && self.is_tool(base) {
                true => Found::Tool(base.to_owned()),
                false => Found::None,
            };
        }
        let path = match self.state.vars.contains_key("PATH") {
            true => self.var_text("PATH").unwrap_or_default(),
            false => DEFAULT_PATH.into(),
        };
        for directory in path.split(':') {
            let file = match directory {
                "" | "." => format!("./{name}"),
                directory => format!("{directory}/{name}"),
            };
            if std::fs::metadata(&file).is_ok_and(|data| data.is_file()) && is_executable(&file) {
                return Found::File(file);
            }
            if STANDARD.contains(&directory) {
                if self.is_command(name) {
                    return Found::Module;
                }
                if self.is_tool(name) {
                    return Found::Tool(name.to_owned());
                }
            }
        }
        if self.is_command(name) { Found::Module } else { Found::None }
    }

    /// Runs a program and waits for it.
    pub fn run_external(&mut self, fields: &[Text]) -> Ran<i32> {
        if let Some(handler) = self.state.functions.get(HANDLER).cloned()
            && fields.first().is_some_and(|name| !name.contains('/') && self.find_program(name) == Found::None)
        {
            let words: Vec<Text> = [HANDLER.into()].into_iter().chain(fields.iter().cloned()).collect();
            return self.in_subshell(|shell| {
                shell.state.status = shell.call(&handler, &words)?;
                Ok(())
            });
        }
        let started = match self.start_external(fields)? {
            Ok(started) => started,
            Err(status) => return Ok(status),
        };
        self.finish(started)
    }

    /// Waits for a program, gathering what it prints.
    pub fn finish(&mut self, started: Started) -> Ran<i32> {
        for (capture, pipe) in started.pumps {
            let mut bytes = Vec::new();
            // What cannot be read any more is at its end.
            let _ = pipe.read_to_end(&mut bytes);
            capture.borrow_mut().bytes.extend(bytes);
        }
        self.status_of(started.number)
    }

    /// Starts a program; the inner error is the status where there is none to start, which has been said.
    pub fn start_external(&mut self, fields: &[Text]) -> Ran<Result<Started, i32>> {
        let Some(name) = fields.first().cloned() else { return Ok(Err(0)) };
        let words: Vec<String> = fields.iter().map(ToString::to_string).collect();
        match self.find_program(&name) {
            Found::Tool(tool) => {
                let mut words = words;
                if SHELLS.contains(&tool.as_str()) {
                    // Its first word says which shell it is: another name for it is told apart.
                    let called = self.exec_name.take().map(|called| [CALLED.to_owned(), called.to_string()]);
                    words.splice(..1, [tool].into_iter().chain(called.into_iter().flatten()));
                }
                self.start(None, &words)
            }
            Found::Module => {
                let mut words = words;
                if let (Some(called), Some(first)) = (self.exec_name.take(), words.first_mut()) {
                    *first = called.to_string();
                }
                self.start(Some(&name), &words)
            }
            Found::File(path) => self.start_file(&path, words),
            Found::Function | Found::Builtin | Found::None => {
                self.not_found(&name);
                Ok(Err(127))
            }
        }
    }

    fn not_found(&mut self, name: &str) {
        if name.contains('/') || self.var_text("PATH").is_some_and(|path| path.is_empty()) {
            self.complain(&format!("{name}: No such file or directory"));
            return;
        }
        match self.replaces {
            true => self.complain(&format!("exec: {name}: not found")),
            false => self.complain(&format!("{name}: command not found")),
        }
        let _ = self.write(
            2,
            &format!(
                "  (this userland has no `{name}`: name a module for it in the step's `sandbox.commands`, or run the step in a \
                 container)\n"
            ),
        );
    }

    /// A script in a file, by its first line.
    fn start_file(&mut self, path: &str, words: Vec<String>) -> Ran<Result<Started, i32>> {
        if std::fs::metadata(path).is_ok_and(|data| data.is_dir()) {
            self.complain(&format!("{path}: Is a directory"));
            return Ok(Err(126));
        }
        if !is_executable(path) {
            self.complain(&format!("{path}: Permission denied"));
            return Ok(Err(126));
        }
        let mut head = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(512).read_to_end(&mut head));
        if let Err(error) = read {
            self.complain(&format!("{path}: {}", reason(&error)));
            return Ok(Err(126));
        }
        let first = String::from_utf8_lossy(head.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
        let mut line = match first.strip_prefix("#!") {
            Some(line) => interpreter(line),
            None if head.contains(&0) => {
                self.complain(&format!("{path}: cannot execute binary file: Exec format error"));
                return Ok(Err(126));
            }
            None => vec![if self.state.options.posix { "sh" } else { "bash" }.to_owned()],
        };
        let program = line.first().cloned().unwrap_or_default();
        let base = program.rsplit('/').next().unwrap_or_default().to_owned();
        if !self.is_tool(&base) {
            self.complain(&format!("{path}: cannot execute: required file not found"));
            return Ok(Err(127));
        }
        if let Some(first) = line.first_mut() {
            *first = base;
        }
        line.push(path.to_owned());
        line.extend(words.into_iter().skip(1));
        self.start(None, &line)
    }

    /// Starts a program with the script's handles.
    fn start(&mut self, module: Option<&str>, words: &[String]) -> Ran<Result<Started, i32>> {
        let environment = self.environment();
        let (handles, pumps, kept) = self.handles_for_child()?;
        let mut own;
        let mut variables: &[String] = &environment;
        let high: Vec<String> = self.high_handles().iter().map(ToString::to_string).collect();
        let is_shell = words.first().is_some_and(|name| SHELLS.contains(&name.as_str()));
        if module.is_none() && (is_shell || !high.is_empty()) {
            own = environment.to_vec();
            if !high.is_empty() {
                own.push(format!("{HANDLES}={}", high.join(",")));
            }
            if is_shell {
                own.push(format!("{PARENT}={}", sys::own_number()));
            }
            variables = &own;
        }
        let handles: Vec<(Fd, Fd)> = handles.into_iter().filter(|(own, _)| module.is_none() || *own < 3).collect();
        let start = Start {
            program: module,
            arguments: words,
            environment: variables,
            directory: &self.directory,
            mask: self.state.umask,
            handles: &handles,
        };
        let started = sys::start(&start);
        drop(kept);
        match started {
            Ok(number) => Ok(Ok(Started { number, pumps })),
            Err(error) => {
                let name = words.first().map(String::as_str).unwrap_or_default();
                self.complain(&format!("{name}: {}", start_reason(&error)));
                Ok(Err(126))
            }
        }
    }

    /// The script's handles from 3 on that programs get.
    pub fn high_handles(&self) -> Vec<Fd> {
        self.fds.0.keys().copied().filter(|fd| *fd > 2 && !self.own_handles.contains(fd)).collect()
    }

    /// The handles of a program that is started: their numbers there and here, what is gathered of what it
    /// prints, and what has to be held until it runs.
    #[expect(clippy::type_complexity, reason = "the three belong together")]
    pub fn handles_for_child(&mut self) -> Ran<(Vec<(Fd, Fd)>, Vec<(Rc<RefCell<Capture>>, Handle)>, Vec<Handle>)> {
        let mut handles = Vec::new();
        let mut pumps: Vec<(Rc<RefCell<Capture>>, Handle)> = Vec::new();
        let mut kept: Vec<Handle> = Vec::new();
        let mut ends: Vec<(Rc<RefCell<Capture>>, Fd)> = Vec::new();
        for (number, handle) in self.fds.0.iter().filter(|(number, _)| !self.own_handles.contains(number)) {
            let own = if *number < 3 { *number } else { number + SHIFT };
            match handle {
                Handle::Real(_) => handles.extend(handle.real().map(|real| (own, real))),
                Handle::Memory(capture) => {
                    let known = ends.iter().find(|(other, _)| Rc::ptr_eq(other, capture)).map(|(_, fd)| *fd);
                    let fd = match known {
                        Some(fd) => fd,
                        None => {
                            let Ok((read, write)) = crate::fds::pipe() else { return Err(Flow::Exit(254)) };
                            let fd = write.real().unwrap_or_default();
                            pumps.push((capture.clone(), read));
                            kept.push(write);
                            ends.push((capture.clone(), fd));
                            fd
                        }
                    };
                    handles.push((own, fd));
                }
            }
        }
        for held in &self.held {
            handles.extend(held.real().map(|real| (real, real)));
        }
        Ok((handles, pumps, kept))
    }
}

/// What stands behind `#!`: the interpreter, and what follows it. `env NAME` is NAME.
fn interpreter(line: &str) -> Vec<String> {
    let line = line.trim();
    let (program, rest) = line.split_once([' ', '\t']).map_or((line, ""), |(program, rest)| (program, rest.trim()));
    if program.rsplit('/').next() == Some("env") {
        let rest = rest.strip_prefix("-S").unwrap_or(rest);
        return rest.split_whitespace().map(str::to_owned).collect();
    }
    [program, rest].into_iter().filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Why a program could not be started.
pub fn start_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::WouldBlock => {
            "fork: Resource temporarily unavailable (there is no place for another program now)".to_owned()
        }
        std::io::ErrorKind::ArgumentListTooLong => "Argument list too long".to_owned(),
        _ => reason(error),
    }
}

/// The handles from 3 on that this program was given, by the script's numbers.
pub fn given_handles() -> Vec<(Fd, Handle)> {
    sys::given::take_handles().into_iter().map(|fd| (fd, Handle::own(fd + SHIFT))).collect()
}
