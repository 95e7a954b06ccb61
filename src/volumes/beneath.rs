//! Paths beneath an open directory, resolved without ever following a link.
//!
//! Knows directories and relative paths ("" is the directory itself). Does not know guests, mounts
//! or layers. Each call resolves its path in the kernel beneath the directory with links refused,
//! so that whatever another process changes meanwhile, nothing outside can be reached.

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, Result};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How often a call is repeated when a path changes under it.
pub const RETRIES: usize = 8;

/// A directory that holds the last part of a path.
pub enum Parent<'a> {
    /// The directory that the path starts from.
    Root(BorrowedFd<'a>),
    /// One beneath it.
    Own(OwnedFd),
}

impl AsFd for Parent<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Root(fd) => *fd,
            Self::Own(fd) => fd.as_fd(),
        }
    }
}

/// Opens the directory above a path, and gives the path's last name. The root itself has none, and
/// is `EBUSY`.
pub fn parent<'a, 'p>(root: BorrowedFd<'a>, path: &'p str) -> Result<(Parent<'a>, &'p str)> {
    if path.is_empty() {
        return Err(Errno::BUSY);
    }
    match path.rsplit_once('/') {
        None => Ok((Parent::Root(root), path)),
        Some((above, name)) => {
            let flags = OFlags::PATH | OFlags::DIRECTORY;
            Ok((Parent::Own(open(root, above, flags)?), name))
        }
    }
}

/// Opens a path beneath a directory; a link anywhere is `ELOOP` (the last part may be one when
/// `flags` say PATH and NOFOLLOW).
pub fn open(root: BorrowedFd<'_>, path: &str, flags: OFlags) -> Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let path = if path.is_empty() { "." } else { path };
    for _ in 0..RETRIES {
        match rustix::fs::openat2(root, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Ok(fd) => return Ok(fd),
            // Something was renamed during the call, and the kernel could not be sure.
            Err(Errno::AGAIN | Errno::INTR) => {}
            // A kernel or a filter without this call: the same, one name at a time.
            Err(Errno::NOSYS) => return name_by_name(root, path, flags),
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::AGAIN)
}

/// What [`open`] does, for kernels that cannot do it in one call. Each name is opened by itself
/// from the directory before it, so that no name can lead out of it.
fn name_by_name(root: BorrowedFd<'_>, path: &str, flags: OFlags) -> Result<OwnedFd> {
    let step = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at: Option<OwnedFd> = None;
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        let dir = at.as_ref().map_or(root, AsFd::as_fd);
        if names.peek().is_none() {
            let seen = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW);
            let link = matches!(&seen, Ok(s) if FileType::from_raw_mode(s.st_mode) == FileType::Symlink);
            if link && !flags.contains(OFlags::PATH | OFlags::NOFOLLOW) {
                return Err(Errno::LOOP);
            }
            let last = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            return rustix::fs::openat(dir, name, last, Mode::empty());
        }
        let next = rustix::fs::openat(dir, name, step, Mode::empty())?;
        match FileType::from_raw_mode(rustix::fs::fstat(&next)?.st_mode) {
            FileType::Directory => at = Some(next),
            FileType::Symlink => return Err(Errno::LOOP),
            _ => return Err(Errno::NOTDIR),
        }
    }
    Err(Errno::NOENT)
}

/// What stands at a path; a link is described itself.
pub fn stat(root: BorrowedFd<'_>, path: &str) -> Result<rustix::fs::Stat> {
    if path.is_empty() {
        return rustix::fs::fstat(root);
    }
    let (dir, name) = parent(root, path)?;
    rustix::fs::statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW)
}
