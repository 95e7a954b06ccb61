//! Error numbers as guests see them, and the two ways a call of a guest can fail.
//!
//! Knows WASI's numbering and the host's. Does not know which call failed or why.

use crate::model::outcome::Outcome;
use rustix::io::Errno as HostErrno;

/// WASI's `errno` (wasi_snapshot_preview1), the ones that we answer. The numbers are the ABI's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Errno {
    /// `E2BIG`.
    TooBig = 1,
    /// `EACCES`.
    Access = 2,
    /// `EAGAIN`.
    Again = 6,
    /// `EBADF`.
    BadFd = 8,
    /// `EBUSY`.
    Busy = 10,
    /// `EDQUOT`.
    Quota = 19,
    /// `EEXIST`.
    Exists = 20,
    /// `EFAULT`.
    Fault = 21,
    /// `EFBIG`.
    FileTooBig = 22,
    /// `EILSEQ`.
    IllegalBytes = 25,
    /// `EINTR`.
    Interrupted = 27,
    /// `EINVAL`.
    Invalid = 28,
    /// `EIO`.
    Io = 29,
    /// `EISDIR`.
    IsDir = 31,
    /// `ELOOP`.
    Loop = 32,
    /// `EMFILE`.
    TooManyHandles = 33,
    /// `EMLINK`.
    TooManyLinks = 34,
    /// `ENAMETOOLONG`.
    NameTooLong = 37,
    /// `ENFILE`.
    TooManyFiles = 41,
    /// `ENODEV`.
    NoDevice = 43,
    /// `ENOENT`.
    NoEntry = 44,
    /// `ENOMEM`.
    NoMemory = 48,
    /// `ENOSPC`.
    NoSpace = 51,
    /// `ENOSYS`.
    NoCall = 52,
    /// `ENOTCAPABLE`.
    NotCapable = 76,
    /// `ENOTDIR`.
    NotDir = 54,
    /// `ENOTEMPTY`.
    NotEmpty = 55,
    /// `ENOTSOCK`.
    NotSocket = 57,
    /// `ENOTSUP`.
    NotSupported = 58,
    /// `ENOTTY`.
    NotTerminal = 59,
    /// `ENXIO`.
    NoSuchDevice = 60,
    /// `EOVERFLOW`.
    Overflow = 61,
    /// `EPERM`.
    NotPermitted = 63,
    /// `EPIPE`.
    BrokenPipe = 64,
    /// `EROFS`.
    ReadOnly = 69,
    /// `ESPIPE`.
    NotSeekable = 70,
    /// `ESTALE`.
    Stale = 72,
    /// `ETIMEDOUT`.
    TimedOut = 73,
    /// `ETXTBSY`.
    TextBusy = 74,
    /// `EXDEV`.
    CrossDevice = 75,
}

impl Errno {
    /// The ABI's number.
    #[must_use]
    pub fn code(self) -> u16 {
        self as u16
    }
}

impl std::fmt::Display for Errno {
    /// What people know these errors as.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Access => "permission denied",
            Self::Exists => "it exists already",
            Self::FileTooBig => "file too large",
            Self::Invalid => "invalid argument",
            Self::IsDir => "it is a directory",
            Self::Loop => "too many symbolic links, or one that may not be followed",
            Self::NameTooLong => "path too long",
            Self::NoEntry => "no such file or directory",
            Self::NoSpace => "no space left on the device",
            Self::NotDir => "not a directory",
            Self::NotPermitted => "operation not permitted",
            Self::ReadOnly => "read-only file system",
            other => return write!(f, "error {} ({other:?})", other.code()),
        })
    }
}

impl From<HostErrno> for Errno {
    /// What the host's kernel said, in WASI's numbers; what has none of its own is `EIO`.
    fn from(host: HostErrno) -> Self {
        match host {
            HostErrno::TOOBIG => Self::TooBig,
            HostErrno::ACCESS => Self::Access,
            HostErrno::AGAIN => Self::Again,
            HostErrno::BADF => Self::BadFd,
            HostErrno::BUSY => Self::Busy,
            HostErrno::DQUOT => Self::Quota,
            HostErrno::EXIST => Self::Exists,
            HostErrno::FAULT => Self::Fault,
            HostErrno::FBIG => Self::FileTooBig,
            HostErrno::ILSEQ => Self::IllegalBytes,
            HostErrno::INTR => Self::Interrupted,
            HostErrno::INVAL => Self::Invalid,
            HostErrno::ISDIR => Self::IsDir,
            HostErrno::LOOP => Self::Loop,
            HostErrno::MFILE => Self::TooManyHandles,
            HostErrno::MLINK => Self::TooManyLinks,
            HostErrno::NAMETOOLONG => Self::NameTooLong,
            HostErrno::NFILE => Self::TooManyFiles,
            HostErrno::NODEV => Self::NoDevice,
            HostErrno::NOENT => Self::NoEntry,
            HostErrno::NOMEM => Self::NoMemory,
            HostErrno::NOSPC => Self::NoSpace,
            HostErrno::NOSYS => Self::NoCall,
            HostErrno::NOTDIR => Self::NotDir,
            HostErrno::NOTEMPTY => Self::NotEmpty,
            HostErrno::NOTSUP => Self::NotSupported,
            HostErrno::NXIO => Self::NoSuchDevice,
            HostErrno::OVERFLOW => Self::Overflow,
            HostErrno::PERM => Self::NotPermitted,
            HostErrno::PIPE => Self::BrokenPipe,
            HostErrno::ROFS => Self::ReadOnly,
            HostErrno::SPIPE => Self::NotSeekable,
            HostErrno::STALE => Self::Stale,
            HostErrno::TXTBSY => Self::TextBusy,
            HostErrno::XDEV => Self::CrossDevice,
            _ => Self::Io,
        }
    }
}

impl From<std::io::Error> for Errno {
    fn from(error: std::io::Error) -> Self {
        if let Some(host) = HostErrno::from_io_error(&error) {
            return host.into();
        }
        // cap-std answers an escape from its directory without a number of the kernel's.
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NoEntry,
            std::io::ErrorKind::PermissionDenied => Self::NotPermitted,
            std::io::ErrorKind::AlreadyExists => Self::Exists,
            _ => Self::Io,
        }
    }
}

/// Why a call of a guest does not succeed: it gets a number, or the step ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The guest gets this number and goes on.
    Errno(Errno),
    /// The step is over, and this is how it ended.
    End(Box<Outcome>),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<HostErrno> for Stop {
    fn from(errno: HostErrno) -> Self {
        Self::Errno(errno.into())
    }
}

impl From<Outcome> for Stop {
    fn from(outcome: Outcome) -> Self {
        Self::End(Box::new(outcome))
    }
}
