//! Compiles in a process of its own, which a hostile module can exhaust or crash and nothing else.
//!
//! Knows both ends: who starts the process and waits for it, and what that process does. Does not
//! know caches, keys or what a module is for.
//!
//! The module goes in as standard input and compiled code comes out as standard output, both files in
//! memory that no path leads to; words about what is wrong come as standard error. The process is
//! this same program. It sets its own limits before it looks at the first byte of the module, and
//! dies with whoever started it.

use super::asker::Asker;
use super::compile::{CompileError, LARGEST_MODULE, compile_fit};
use crate::exec::module::control::host_time;
use crate::exec::module::engine;
use crate::model::outcome::CompileLimits;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::MemfdFlags;
use rustix::process::{PidfdFlags, Resource, Rlimit, Signal, getppid, pidfd_open, setrlimit};
use rustix::time::ClockId;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::RawFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// The hidden command that makes this program a compiler.
pub const COMMAND: &str = "__compile";

/// The largest compiled code, in bytes: some ten times the largest module.
const LARGEST_CODE: u64 = 4 << 30;

/// The most words about what is wrong, in bytes.
const LONGEST_WORDS: u64 = 4096;

/// Handles that a compiler may have.
const HANDLES: u64 = 64;

/// How the process says which error it means.
const NOT_WASM: u8 = 10;
const UNFIT: u8 = 11;
const INVALID: u8 = 12;
const GAVE_UP: u8 = 13;

/// A program that compiles, and what it may use.
#[derive(Debug, Clone)]
pub struct Apart {
    /// This program, as it can be started again.
    pub program: PathBuf,
    pub limits: CompileLimits,
}

impl Apart {
    /// Compiles a module that can be a step, as long as somebody waits for it.
    pub fn compile(&self, bytes: &[u8], asker: Option<&Asker>) -> Result<Vec<u8>, CompileError> {
        let size = bytes.len() as u64;
        if size > LARGEST_MODULE {
            return Err(CompileError::TooLarge { size });
        }
        let fault = |error: io::Error| CompileError::Fault(error.to_string());
        let (mut child, mut code) = self.start(bytes).map_err(fault)?;
        let ended = wait(&mut child, self.limits.time, asker).map_err(fault);
        if !matches!(ended, Ok(Waited::Ended(_))) {
            // It ends at once, and is then waited for, whatever it was doing.
            child.kill().and_then(|()| child.wait()).map_err(fault)?;
        }
        let status = match ended? {
            Waited::Ended(status) => status,
            Waited::GivenUp => return Err(CompileError::GivenUp),
            Waited::TooLong => {
                return Err(CompileError::Limit(format!(
                    "compiling it takes longer than {} (limits.compileTime)",
                    seconds(self.limits.time)
                )));
            }
        };
        let mut words = String::new();
        if let Some(stderr) = child.stderr.take() {
            let mut bytes = Vec::new();
            stderr.take(LONGEST_WORDS).read_to_end(&mut bytes).map_err(fault)?;
            words = String::from_utf8_lossy(&bytes).into_owned();
        }
        if !status.success() {
            return Err(self.error(status, words));
        }
        let mut compiled = Vec::new();
        code.rewind().and_then(|()| code.take(LARGEST_CODE).read_to_end(&mut compiled)).map_err(fault)?;
        Ok(compiled)
    }

    fn start(&self, bytes: &[u8]) -> io::Result<(Child, File)> {
        let mut module = File::from(rustix::fs::memfd_create("module", MemfdFlags::CLOEXEC)?);
        module.write_all(bytes)?;
        module.rewind()?;
        let code = File::from(rustix::fs::memfd_create("code", MemfdFlags::CLOEXEC)?);
        let child = Command::new(&self.program)
            .arg(COMMAND)
            .arg(self.limits.memory.to_string())
            .arg(self.limits.time.to_string())
            .arg(std::process::id().to_string())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(module))
            .stdout(Stdio::from(code.try_clone()?))
            .stderr(Stdio::piped())
            .spawn()?;
        Ok((child, code))
    }

    /// What a process that ended badly means.
    fn error(&self, status: ExitStatus, words: String) -> CompileError {
        let memory = || {
            let limit = self.limits.memory >> 20;
            CompileError::Limit(format!("compiling it takes more than {limit} Mi of memory (limits.compileMemory)"))
        };
        match (status.code().and_then(|code| u8::try_from(code).ok()), status.signal()) {
            (Some(NOT_WASM), _) => CompileError::NotWasm,
            (Some(UNFIT), _) => CompileError::Unfit(words),
            (Some(INVALID), _) => CompileError::Invalid(words),
            (Some(GAVE_UP), _) if words.contains("annot allocate memory") => memory(),
            (Some(GAVE_UP), _) => CompileError::Compiler(words),
            (_, Some(signal)) if signal == Signal::XCPU.as_raw() => CompileError::Limit(format!(
                "compiling it takes more processor time than {} (limits.compileTime)",
                seconds(self.limits.time)
            )),
            // The allocator's own words; it aborts.
            _ if words.contains("memory allocation of") || words.contains("annot allocate memory") => memory(),
            (_, Some(signal)) => CompileError::Compiler(format!("its compiler crashed (signal {signal})")),
            (code, None) => CompileError::Compiler(format!("its compiler ended with {code:?}: {words}")),
        }
    }
}

fn seconds(nanos: u64) -> String {
    format!("{} s", nanos / 1_000_000_000)
}

/// What was waited for.
enum Waited {
    Ended(ExitStatus),
    /// The time is over.
    TooLong,
    GivenUp,
}

/// Waits until a process has ended, so many nanoseconds have passed, or nobody waits for it any more.
fn wait(child: &mut Child, time: u64, asker: Option<&Asker>) -> io::Result<Waited> {
    let pid = rustix::process::Pid::from_child(child);
    let handle = pidfd_open(pid, PidfdFlags::empty())?;
    let end = host_time(ClockId::Monotonic).saturating_add(time);
    loop {
        let left = Duration::from_nanos(end.saturating_sub(host_time(ClockId::Monotonic)));
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        let ended = PollFd::new(&handle, PollFlags::IN);
        let gone = asker.map(|asker| PollFd::new(asker, PollFlags::IN));
        let mut both: Vec<PollFd<'_>> = [Some(ended), gone].into_iter().flatten().collect();
        match poll(&mut both, Some(&left)) {
            Ok(0) => return Ok(Waited::TooLong),
            Ok(_) if both.first().is_some_and(|ended| !ended.revents().is_empty()) => {
                return child.wait().map(Waited::Ended);
            }
            Ok(_) => return Ok(Waited::GivenUp),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// What the process does that [`COMMAND`] makes of this program: arguments are bytes of memory,
/// nanoseconds, and whose child it is. Gives its exit code.
#[must_use]
pub fn serve(arguments: &[OsString]) -> u8 {
    match compile_input(arguments) {
        Ok(code) => match io::stdout().write_all(&code) {
            Ok(()) => 0,
            Err(error) => said(GAVE_UP, &error.to_string()),
        },
        Err(CompileError::NotWasm) => NOT_WASM,
        Err(CompileError::Unfit(words)) => said(UNFIT, &words),
        Err(CompileError::Invalid(words)) => said(INVALID, &words),
        Err(CompileError::Compiler(words) | CompileError::Limit(words)) => said(GAVE_UP, &words),
        Err(
            error @ (CompileError::TooLarge { .. }
            | CompileError::Unread(_)
            | CompileError::Fault(_)
            | CompileError::GivenUp),
        ) => said(GAVE_UP, &error.to_string()),
    }
}

/// Says what is wrong, as far as it is listened to.
fn said(code: u8, words: &str) -> u8 {
    let bytes = words.as_bytes();
    let _ = io::stderr().write_all(bytes.get(..LONGEST_WORDS as usize).unwrap_or(bytes));
    code
}

fn compile_input(arguments: &[OsString]) -> Result<Vec<u8>, CompileError> {
    let number = |at: usize| arguments.get(at).and_then(|text| text.to_str()).and_then(|text| text.parse::<u64>().ok());
    let (Some(memory), Some(time), Some(parent)) = (number(0), number(1), number(2)) else {
        return Err(CompileError::Compiler("this command is for Stepwell itself".to_owned()));
    };
    let fault = |error: io::Error| CompileError::Compiler(error.to_string());
    close_others().map_err(fault)?;
    let engine = engine::compiler().map_err(|error| CompileError::Compiler(format!("{error:#}")))?;
    confine(memory, time, parent).map_err(fault)?;
    let mut bytes = Vec::new();
    io::stdin().take(LARGEST_MODULE + 1).read_to_end(&mut bytes).map_err(fault)?;
    compile_fit(&engine, &bytes)
}

/// Closes what was left open by whoever started the one that started this.
fn close_others() -> io::Result<()> {
    let names: io::Result<Vec<OsString>> =
        std::fs::read_dir("/proc/self/fd")?.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let numbers = names?.into_iter().filter_map(|name| name.to_str().and_then(|name| name.parse::<RawFd>().ok()));
    for number in numbers.filter(|number| *number > 2) {
        // SAFETY: this process has opened nothing of its own yet but the listing, which is closed
        // already, so that nobody holds these.
        unsafe { rustix::io::close(number) };
    }
    Ok(())
}

/// Sets the limits of this process.
fn confine(memory: u64, time: u64, parent: u64) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The one who started it may have died before that was said.
    let living = getppid().is_some_and(|pid| u64::try_from(pid.as_raw_nonzero().get()) == Ok(parent));
    if !living {
        return Err(io::Error::other("nobody waits for this compiler"));
    }
    let both = |limit: u64| Rlimit { current: Some(limit), maximum: Some(limit) };
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let processor_time = (time / 1_000_000_000).saturating_add(1).saturating_mul(processors);
    setrlimit(Resource::Core, both(0))?;
    setrlimit(Resource::Cpu, both(processor_time))?;
    setrlimit(Resource::Fsize, both(LARGEST_CODE))?;
    setrlimit(Resource::Nofile, both(HANDLES))?;
    // What is mapped already is this program itself.
    setrlimit(Resource::As, both(mapped()?.saturating_add(memory)))?;
    Ok(())
}

/// Bytes of address space that this process has.
fn mapped() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages = text.split(' ').next().and_then(|pages| pages.parse::<u64>().ok());
    let pages = pages.ok_or_else(|| io::Error::other("/proc/self/statm cannot be read"))?;
    Ok(pages.saturating_mul(rustix::param::page_size() as u64))
}
