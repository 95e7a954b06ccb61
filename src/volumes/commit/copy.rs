//! Copies one file or link as cheaply as the file systems allow, and compares two.
//!
//! Knows open files, and paths beneath directories. Does not know what they are for.

use crate::volumes::beneath::{self, parent};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::{Errno, Result};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;

/// The permission bits that a copy keeps: without those that let a program run as somebody else,
/// since a guest may have written the copy.
const PERMISSIONS: u32 = 0o777;

/// How much of two files is compared at a time, in bytes.
const PIECE: usize = 64 << 10;

/// Copies all bytes of one file into another, empty one: by sharing blocks where the file system
/// can, else within the kernel, else piece by piece. Gives how many take room twice now.
pub fn copy_bytes(from: &File, to: &File) -> io::Result<u64> {
    if rustix::fs::ioctl_ficlone(to, from).is_ok() {
        return Ok(0);
    }
    let (mut from, mut to) = (from, to);
    io::copy(&mut from, &mut to)
}

/// Copies a file with its mode and times, or a link, to a path where nothing is.
pub(super) fn copy_leaf(from: BorrowedFd<'_>, path: &str, to: BorrowedFd<'_>, new: &str) -> Result<()> {
    let stat = beneath::stat(from, path)?;
    let (to_dir, to_name) = parent(to, new)?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
        let (dir, name) = parent(from, path)?;
        let target = rustix::fs::readlinkat(&dir, name, Vec::new())?;
        return rustix::fs::symlinkat(target, &to_dir, to_name);
    }
    let source = open_file(from, path)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let copy = File::from(rustix::fs::openat(&to_dir, to_name, flags, Mode::from_raw_mode(0o600))?);
    copy_bytes(&source, &copy).map_err(number)?;
    copy_attributes(&stat, copy.as_fd())
}

/// Gives a copy the mode and times of what it is a copy of.
#[allow(clippy::unnecessary_cast, reason = "these fields are narrower on other processors")]
pub fn copy_attributes(stat: &rustix::fs::Stat, copy: BorrowedFd<'_>) -> Result<()> {
    rustix::fs::fchmod(copy, Mode::from_raw_mode(stat.st_mode & PERMISSIONS))?;
    let time = |seconds: i64, nanos: u64| rustix::fs::Timespec { tv_sec: seconds, tv_nsec: nanos as i64 };
    rustix::fs::futimens(
        copy,
        &rustix::fs::Timestamps {
            last_access: time(stat.st_atime as i64, stat.st_atime_nsec as u64),
            last_modification: time(stat.st_mtime as i64, stat.st_mtime_nsec as u64),
        },
    )
}

/// Whether two files hold the same bytes, or two links say the same.
pub(super) fn same_content(a: BorrowedFd<'_>, a_path: &str, b: BorrowedFd<'_>, b_path: &str) -> Result<bool> {
    let (one, other) = (beneath::stat(a, a_path)?, beneath::stat(b, b_path)?);
    let kind = FileType::from_raw_mode(one.st_mode);
    if kind != FileType::from_raw_mode(other.st_mode) || one.st_size != other.st_size {
        return Ok(false);
    }
    match kind {
        FileType::Symlink => Ok(target(a, a_path)? == target(b, b_path)?),
        FileType::RegularFile => same_bytes(&open_file(a, a_path)?, &open_file(b, b_path)?),
        _ => Ok(false),
    }
}

fn target(dir: BorrowedFd<'_>, path: &str) -> Result<std::ffi::CString> {
    let (dir, name) = parent(dir, path)?;
    rustix::fs::readlinkat(&dir, name, Vec::new())
}

fn open_file(dir: BorrowedFd<'_>, path: &str) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    Ok(File::from(beneath::open(dir, path, flags)?))
}

fn same_bytes(a: &File, b: &File) -> Result<bool> {
    let (mut one, mut other) = (vec![0; PIECE], vec![0; PIECE]);
    let mut at = 0u64;
    loop {
        let count = a.read_at(&mut one, at).map_err(number)?;
        let Some(piece) = other.get_mut(..count) else { return Ok(false) };
        match b.read_exact_at(piece, at) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            read => read.map_err(number)?,
        }
        if one.get(..count) != Some(&*piece) {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
        at += count as u64;
    }
}

fn number(error: io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}
