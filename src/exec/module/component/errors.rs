//! How calls of components fail: WASI 0.2's error codes for our error numbers, errors of streams, and
//! misuse that ends the guest.
//!
//! Knows both numberings. Does not know which call failed.

use super::misused;
use super::wasi::filesystem::types::ErrorCode;
use crate::exec::module::fs::errno::{Errno, Stop};
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::p2::StreamError;

/// An error number that travels as `wasi:io/error`, to be asked for by `filesystem-error-code`.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0}")]
pub struct StreamErrno(pub Errno);

/// Why a call of a stream does not succeed.
#[derive(Debug)]
pub enum StreamStop {
    /// There is nothing more to come.
    Closed,
    /// As any other call.
    Stop(Stop),
    /// What the library said of a stream of its own.
    Library(StreamError),
}

impl<T: Into<Stop>> From<T> for StreamStop {
    fn from(stop: T) -> Self {
        Self::Stop(stop.into())
    }
}

impl From<StreamError> for StreamStop {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Closed => Self::Closed,
            other => Self::Library(other),
        }
    }
}

impl From<ResourceTableError> for Stop {
    fn from(error: ResourceTableError) -> Self {
        misused(match error {
            ResourceTableError::Full => "the guest holds too many resources of its host at once",
            ResourceTableError::NotPresent | ResourceTableError::WrongType => "the guest named a resource that is gone",
            ResourceTableError::HasChildren => "the guest dropped a resource before what was made from it",
        })
        .into()
    }
}

/// The error code that says what an error number says. `EMFILE`, for which WASI 0.2 has no word, is a quota that
/// was used up.
#[must_use]
pub fn error_code(errno: Errno) -> ErrorCode {
    match errno {
        Errno::Access => ErrorCode::Access,
        Errno::Again => ErrorCode::WouldBlock,
        Errno::BadFd | Errno::NotSocket | Errno::Stale => ErrorCode::BadDescriptor,
        Errno::Busy => ErrorCode::Busy,
        Errno::Quota | Errno::TooManyHandles | Errno::TooManyFiles => ErrorCode::Quota,
        Errno::Exists => ErrorCode::Exist,
        Errno::FileTooBig => ErrorCode::FileTooLarge,
        Errno::IllegalBytes => ErrorCode::IllegalByteSequence,
        Errno::Interrupted => ErrorCode::Interrupted,
        Errno::Invalid | Errno::TooBig | Errno::Fault => ErrorCode::Invalid,
        Errno::Io | Errno::TimedOut => ErrorCode::Io,
        Errno::IsDir => ErrorCode::IsDirectory,
        Errno::Loop => ErrorCode::Loop,
        Errno::TooManyLinks => ErrorCode::TooManyLinks,
        Errno::NameTooLong => ErrorCode::NameTooLong,
        Errno::NoDevice => ErrorCode::NoDevice,
        Errno::NoEntry => ErrorCode::NoEntry,
        Errno::NoMemory => ErrorCode::InsufficientMemory,
        Errno::NoSpace => ErrorCode::InsufficientSpace,
        Errno::NoCall | Errno::NotSupported => ErrorCode::Unsupported,
        Errno::NotDir => ErrorCode::NotDirectory,
        Errno::NotEmpty => ErrorCode::NotEmpty,
        Errno::NotTerminal => ErrorCode::NoTty,
        Errno::NoSuchDevice => ErrorCode::NoSuchDevice,
        Errno::Overflow => ErrorCode::Overflow,
        Errno::NotPermitted | Errno::NotCapable => ErrorCode::NotPermitted,
        Errno::BrokenPipe => ErrorCode::Pipe,
        Errno::ReadOnly => ErrorCode::ReadOnly,
        Errno::NotSeekable => ErrorCode::InvalidSeek,
        Errno::TextBusy => ErrorCode::TextFileBusy,
        Errno::CrossDevice => ErrorCode::CrossDevice,
    }
}
