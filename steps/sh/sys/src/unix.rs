//! The same on a Unix: a program beside this one is this executable in a process of its own.
//!
//! Knows libc. It is here for the tests, which compare with the system's own shell and tools, and for work on the
//! userland without a sandbox; nobody ships it.

use crate::{Ended, Fd, Start};
use std::ffi::{CString, c_int};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// No handle of the userland has a higher number.
const HIGHEST: c_int = 1024;

fn number(answer: c_int) -> io::Result<c_int> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}

fn own(fd: Fd) -> io::Result<c_int> {
    c_int::try_from(fd).map_err(|_| io::Error::from_raw_os_error(libc::EBADF))
}

fn path(text: &str) -> io::Result<CString> {
    CString::new(text).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

pub fn pipe() -> io::Result<(Fd, Fd)> {
    let mut ends = [0; 2];
    // SAFETY: the array has room for the two numbers.
    number(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
    Ok((ends[0] as Fd, ends[1] as Fd))
}

pub fn duplicate(fd: Fd, least: Fd) -> io::Result<Fd> {
    // SAFETY: no memory is handed over.
    Ok(number(unsafe { libc::fcntl(own(fd)?, libc::F_DUPFD_CLOEXEC, own(least)?) })? as Fd)
}

pub fn replace(fd: Fd, to: Fd) -> io::Result<()> {
    // SAFETY: no memory is handed over.
    number(unsafe { libc::dup2(own(fd)?, own(to)?) }).map(|_| ())
}

pub fn close(fd: Fd) -> io::Result<()> {
    // SAFETY: no memory is handed over; the numbers are the shell's own to close.
    number(unsafe { libc::close(own(fd)?) }).map(|_| ())
}

pub fn is_open(fd: Fd) -> bool {
    // SAFETY: no memory is handed over.
    own(fd).is_ok_and(|fd| unsafe { libc::fcntl(fd, libc::F_GETFD) } >= 0)
}

pub fn read(fd: Fd, bytes: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the slice is as long as said.
    let read = unsafe { libc::read(own(fd)?, bytes.as_mut_ptr().cast(), bytes.len()) };
    usize::try_from(read).map_err(|_| io::Error::last_os_error())
}

pub fn write(fd: Fd, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the slice is as long as said.
    let written = unsafe { libc::write(own(fd)?, bytes.as_ptr().cast(), bytes.len()) };
    usize::try_from(written).map_err(|_| io::Error::last_os_error())
}

pub fn seek_by(fd: Fd, by: i64) -> io::Result<u64> {
    // SAFETY: no memory is handed over.
    let place = unsafe { libc::lseek(own(fd)?, by, libc::SEEK_CUR) };
    u64::try_from(place).map_err(|_| io::Error::last_os_error())
}

pub fn monotonic() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    (time.tv_sec as u64) * 1_000_000_000 + time.tv_nsec as u64
}

pub fn readable(fd: Fd, milliseconds: u64) -> io::Result<bool> {
    let mut asked = libc::pollfd { fd: own(fd)?, events: libc::POLLIN, revents: 0 };
    let milliseconds = c_int::try_from(milliseconds).unwrap_or(c_int::MAX);
    // SAFETY: one structure is handed over.
    Ok(number(unsafe { libc::poll(&raw mut asked, 1, milliseconds) })? > 0)
}

pub fn start(start: &Start<'_>) -> io::Result<u32> {
    if start.program.is_some() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let (name, arguments) = start.arguments.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg0(name).args(arguments).current_dir(start.directory).env_clear();
    for variable in start.environment {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        command.env(name, value);
    }
    let handles: Vec<(c_int, c_int)> =
        start.handles.iter().map(|(its, ours)| Ok((own(*its)?, own(*ours)?))).collect::<io::Result<_>>()?;
    let mut copies = vec![0; handles.len()];
    // SAFETY: between fork and exec only system calls are made, on memory that was made before.
    unsafe {
        command.pre_exec(move || {
            for (copy, (_, ours)) in copies.iter_mut().zip(&handles) {
                *copy = number(libc::fcntl(*ours, libc::F_DUPFD_CLOEXEC, HIGHEST))?;
            }
            // What std wants of its own to tell us of a failed exec has a higher number, or is closed by exec.
            for fd in 0..64 {
                if handles.iter().all(|(its, _)| *its != fd) {
                    let flags = libc::fcntl(fd, libc::F_GETFD);
                    if flags >= 0 {
                        libc::fcntl(fd, libc::F_SETFD, flags | libc::FD_CLOEXEC);
                    }
                }
            }
            for (copy, (its, _)) in copies.iter().zip(&handles) {
                number(libc::dup2(*copy, *its))?;
            }
            Ok(())
        });
    }
    let child = command.spawn()?;
    Ok(child.id())
}

pub fn wait(child: Option<u32>, block: bool) -> io::Result<Option<(u32, Ended)>> {
    let mut status = 0;
    let which = child.map_or(Ok(-1), own)?;
    // SAFETY: one number is handed over.
    let ended = number(unsafe { libc::waitpid(which, &raw mut status, if block { 0 } else { libc::WNOHANG }) });
    let ended = match ended {
        Err(error) if error.raw_os_error() == Some(libc::ECHILD) => return Err(io::ErrorKind::NotFound.into()),
        ended => ended?,
    };
    if ended == 0 {
        return Ok(None);
    }
    let how = if libc::WIFSIGNALED(status) {
        Ended::Signalled(libc::WTERMSIG(status) as u8)
    } else {
        Ended::Exited(libc::WEXITSTATUS(status) as u8)
    };
    Ok(Some((ended as u32, how)))
}

pub fn kill(child: u32, signal: u8) -> io::Result<()> {
    let to = if child == 0 { std::process::id() } else { child };
    // SAFETY: no memory is handed over.
    number(unsafe { libc::kill(own(to)?, c_int::from(signal)) }).map(|_| ())
}

static CAUGHT: AtomicU64 = AtomicU64::new(0);
static SET: AtomicU64 = AtomicU64::new(0);

extern "C" fn note(signal: c_int) {
    CAUGHT.fetch_or(1 << signal, Ordering::Relaxed);
}

pub fn catch(caught: u64, ignored: u64) {
    let set = SET.swap(caught | ignored, Ordering::Relaxed);
    for signal in 1..32 {
        let bit = 1u64 << signal;
        if bit & (set | caught | ignored) == 0 {
            continue;
        }
        // SAFETY: all fields may be zero, and the handler only sets a bit of an atomic.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let handler: extern "C" fn(c_int) = note;
            action.sa_sigaction = match bit {
                bit if caught & bit != 0 => handler as libc::sighandler_t,
                bit if ignored & bit != 0 => libc::SIG_IGN,
                _ => libc::SIG_DFL,
            };
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
}

pub fn caught() -> u64 {
    CAUGHT.swap(0, Ordering::Relaxed)
}

pub fn processor_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure has room for the time.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    (time.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(time.tv_nsec as u64)
}

pub fn commands() -> Vec<String> {
    Vec::new()
}

pub fn own_number() -> u32 {
    std::process::id()
}

fn status(text: &str, follow: bool) -> io::Result<libc::stat> {
    let text = path(text)?;
    // SAFETY: all fields may be zero; the path ends with a zero and the structure has room.
    unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        number(if follow {
            libc::stat(text.as_ptr(), &raw mut status)
        } else {
            libc::lstat(text.as_ptr(), &raw mut status)
        })?;
        Ok(status)
    }
}

pub fn mode(path: &str, follow: bool) -> io::Result<u32> {
    Ok(status(path, follow)?.st_mode & 0o777)
}

pub fn set_mode(text: &str, follow: bool, mode: u32) -> io::Result<()> {
    let text = path(text)?;
    let how = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: the path ends with a zero.
    number(unsafe { libc::fchmodat(libc::AT_FDCWD, text.as_ptr(), mode, how) }).map(|_| ())
}

pub fn make_fifo(text: &str, mode: u32) -> io::Result<()> {
    let text = path(text)?;
    // SAFETY: the path ends with a zero.
    number(unsafe { libc::mkfifo(text.as_ptr(), mode) }).map(|_| ())
}

pub fn is_fifo(path: &str, follow: bool) -> bool {
    status(path, follow).is_ok_and(|status| status.st_mode & libc::S_IFMT == libc::S_IFIFO)
}
