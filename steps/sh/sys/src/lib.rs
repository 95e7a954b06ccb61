//! What the userland needs of a system beyond std: processes, pipes, handles, signals, modes, named pipes.
//!
//! Knows two systems: Stepwell's sandbox, by the functions of `wit/` (`wasm.rs`), and a Unix for tests and for work
//! on the userland itself (`unix.rs`), where a second instance of this program is a process. Does not know what a
//! shell or a tool does with any of it.

use std::io;

pub mod given;
pub mod making;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;
#[cfg(target_os = "wasi")]
mod wasm;
#[cfg(target_os = "wasi")]
use wasm as system;

/// A handle's number.
pub type Fd = u32;

/// A program to be started beside this one.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// One of [`commands`]; without it, this program again.
    pub program: Option<&'a str>,
    /// All arguments, the program's name first.
    pub arguments: &'a [String],
    /// `NAME=value`.
    pub environment: &'a [String],
    /// Its working directory, absolute.
    pub directory: &'a str,
    /// Which bits files that it makes do not get. Modules know no mask.
    pub mask: u32,
    /// Its handles: its own number, and which of ours it is. It has no others.
    pub handles: &'a [(Fd, Fd)],
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Its exit code.
    Exited(u8),
    /// By this signal.
    Signalled(u8),
}

impl Ended {
    /// As a shell's `$?` says it.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Signalled(signal) => 128u8.saturating_add(signal),
        }
    }
}

/// Nanoseconds on a clock that only goes forward, and is one for all programs of a step. It tells nothing of the time of
/// day, so that what a program does with it is the same on every day.
#[must_use]
pub fn monotonic() -> u64 {
    system::monotonic()
}

/// Begins in this working directory, which WASI tells a program by its environment alone.
#[cfg(target_os = "wasi")]
pub fn start_in(directory: &std::ffi::OsStr) -> io::Result<()> {
    system::start_in(directory)
}

/// A pipe: the end to read, then the end to write.
pub fn pipe() -> io::Result<(Fd, Fd)> {
    system::pipe()
}

/// A second handle numbered `least` or higher for what `fd` stands for.
pub fn duplicate(fd: Fd, least: Fd) -> io::Result<Fd> {
    system::duplicate(fd, least)
}

/// Makes `number` a second handle for what `fd` stands for.
pub fn replace(fd: Fd, number: Fd) -> io::Result<()> {
    system::replace(fd, number)
}

/// Closes a handle.
pub fn close(fd: Fd) -> io::Result<()> {
    system::close(fd)
}

/// The handle of a file that was opened by std, which no longer closes it.
pub fn into_fd(file: std::fs::File) -> io::Result<Fd> {
    Fd::try_from(std::os::fd::IntoRawFd::into_raw_fd(file)).map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// Whether a handle is open.
#[must_use]
pub fn is_open(fd: Fd) -> bool {
    system::is_open(fd)
}

/// Reads what is there, at most as much as fits; 0 at the end.
pub fn read(fd: Fd, bytes: &mut [u8]) -> io::Result<usize> {
    system::read(fd, bytes)
}

/// Writes all of it.
pub fn write_all(fd: Fd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match system::write(fd, bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Where reading a file has come to, or goes to: for those who read ahead and give back. Fails for pipes.
pub fn seek_by(fd: Fd, by: i64) -> io::Result<u64> {
    system::seek_by(fd, by)
}

/// Waits until a handle can be read, for so many milliseconds at most; says whether it can.
pub fn readable(fd: Fd, milliseconds: u64) -> io::Result<bool> {
    system::readable(fd, milliseconds)
}

/// Starts a program and gives its number.
pub fn start(start: &Start<'_>) -> io::Result<u32> {
    if start.program.is_some() { system::start(start) } else { given::start(start) }
}

/// Waits for a child, or any. `None` where none has ended and it was not to block. An error of kind `NotFound`
/// where there is no such child, `Interrupted` where a caught signal came first.
pub fn wait(child: Option<u32>, block: bool) -> io::Result<Option<(u32, Ended)>> {
    system::wait(child, block)
}

/// Sends a signal to a child, or as 0 to this program.
pub fn kill(child: u32, signal: u8) -> io::Result<()> {
    system::kill(child, signal)
}

/// Which signals to catch and to ignore: bit N for signal N.
pub fn catch(caught: u64, ignored: u64) {
    system::catch(caught, ignored);
}

/// The signals caught since the last call.
#[must_use]
pub fn caught() -> u64 {
    system::caught()
}

/// How long this program has used its processor. What programs that it started used is not in it.
#[must_use]
pub fn processor_time() -> std::time::Duration {
    std::time::Duration::from_nanos(system::processor_time())
}

/// The names of modules that can be started by name, sorted.
#[must_use]
pub fn commands() -> Vec<String> {
    system::commands()
}

/// The number of this program: `$$`.
#[must_use]
pub fn own_number() -> u32 {
    system::own_number()
}

/// The numbers of the user and group that the step is told that it runs as: root's where nobody says otherwise.
#[must_use]
pub fn user() -> (u32, u32) {
    static KNOWN: std::sync::OnceLock<(u32, u32)> = std::sync::OnceLock::new();
    *KNOWN.get_or_init(|| {
        // Compared with the system's tools, this is root whoever runs it.
        let status =
            if cfg!(target_family = "wasm") { std::fs::read_to_string("/proc/self/status") } else { Ok(String::new()) };
        let status = status.unwrap_or_default();
        let number = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        (number("Uid:"), number("Gid:"))
    })
}

/// The permission bits of a file.
pub fn mode(path: &str, follow: bool) -> io::Result<u32> {
    system::mode(path, follow)
}

/// Sets them.
pub fn set_mode(path: &str, follow: bool, mode: u32) -> io::Result<()> {
    system::set_mode(path, follow, mode)
}

/// Makes a named pipe.
pub fn make_fifo(path: &str, mode: u32) -> io::Result<()> {
    system::make_fifo(path, mode)
}

/// Whether a path is a named pipe's.
#[must_use]
pub fn is_fifo(path: &str, follow: bool) -> bool {
    system::is_fifo(path, follow)
}
