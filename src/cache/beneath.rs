//! Directories beneath an open directory, reached without ever following a link.
//!
//! Knows directories and relative paths ("" is the directory itself). Does not know what is in them. The kernel
//! resolves a path beneath the directory with links refused, so whatever another process changes meanwhile,
//! nothing outside can be reached.

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, Result};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How often a call is repeated when a path changes under it.
const RETRIES: usize = 8;

/// How a directory is opened: itself, never what a link names.
const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Opens a directory for reading. A link anywhere on the way is `ELOOP`, or `ENOTDIR` at its end.
pub(super) fn open_dir(root: BorrowedFd<'_>, path: &str) -> Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let path = if path.is_empty() { "." } else { path };
    for _ in 0..RETRIES {
        match rustix::fs::openat2(root, path, DIRECTORY | OFlags::RDONLY, Mode::empty(), resolve) {
            Ok(fd) => return Ok(fd),
            // Something was renamed during the call, and the kernel could not be sure.
            Err(Errno::AGAIN | Errno::INTR) => {}
            // A kernel or a filter without this call: the same, one name at a time.
            Err(Errno::NOSYS) => return name_by_name(root, path),
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::AGAIN)
}

/// Each name is opened by itself from the directory before it, so that no name can lead out of it.
fn name_by_name(root: BorrowedFd<'_>, path: &str) -> Result<OwnedFd> {
    let mut at: Option<OwnedFd> = None;
    for name in path.split('/') {
        if name == ".." {
            return Err(Errno::XDEV);
        }
        let dir = at.as_ref().map_or(root, AsFd::as_fd);
        at = Some(rustix::fs::openat(dir, name, DIRECTORY | OFlags::RDONLY, Mode::empty())?);
    }
    at.ok_or(Errno::NOENT)
}

/// A path's directory and its last name; the root itself has none.
pub(super) fn parted(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A name under a path.
pub(super) fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
}

/// A name that nobody has chosen, with a beginning of ours.
pub(super) fn draft_name(beginning: &str) -> std::io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(format!("{beginning}{:032x}", u128::from_le_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn no_way_leads_out() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir_all(dir.path().join("in/a/b")).expect("is made");
        std::fs::create_dir(dir.path().join("out")).expect("is made");
        std::os::unix::fs::symlink("../out", dir.path().join("in/link")).expect("is made");
        std::os::unix::fs::symlink("a", dir.path().join("in/short")).expect("is made");
        let root = File::open(dir.path().join("in")).expect("opens");
        for open in [open_dir, |root: BorrowedFd<'_>, path: &str| name_by_name(root, path)] {
            assert!(open(root.as_fd(), "a/b").is_ok());
            for path in ["..", "a/../../out", "link", "short/b", "missing"] {
                assert!(open(root.as_fd(), path).is_err(), "{path}");
            }
        }
    }
}
