//! Removes a tree of files, however deep it is.
//!
//! Knows directories and names. Does not know what they are for or who made them: a guest can
//! make a tree deeper than any stack or any number of open files, by moving one directory into
//! another over and over.

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// How often the top directory is looked through again when others still write to it.
const PASSES: usize = 8;

/// How a directory is opened: itself, never what a link names.
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Removes a directory with everything in it; one that is not there is no error, and a link is
/// removed itself. Directories that lie deeper are moved to the top before they are emptied, so
/// that two directories are open at once and nothing recurses.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let top = match openat(CWD, path, OPEN, Mode::empty()) {
        Ok(top) => top,
        Err(Errno::NOENT) => return Ok(()),
        // Not a directory: a link, which is removed, or a file, which is not ours to remove.
        Err(errno @ (Errno::NOTDIR | Errno::LOOP)) => {
            let link = std::fs::symlink_metadata(path)?.is_symlink();
            return if link { Ok(unlinkat(CWD, path, AtFlags::empty())?) } else { Err(errno.into()) };
        }
        Err(errno) => return Err(errno.into()),
    };
    let mut removal = Removal { top: top.as_fd(), waiting: Vec::new(), moved: 0 };
    for _ in 0..PASSES {
        removal.pass()?;
        match unlinkat(CWD, path, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => return Ok(()),
            Err(Errno::NOTEMPTY | Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Err(Errno::NOTEMPTY.into())
}

/// One removal under way.
struct Removal<'a> {
    top: BorrowedFd<'a>,
    /// Names of directories at the top that are not empty. As many as there are directories in
    /// the tree, at most.
    waiting: Vec<CString>,
    /// The number that the next directory which is moved to the top is called by.
    moved: u64,
}

impl Removal<'_> {
    /// Empties the top directory of what is in it now.
    fn pass(&mut self) -> io::Result<()> {
        self.empty(Dir::read_from(self.top)?, true)?;
        while let Some(name) = self.waiting.pop() {
            match openat(self.top, &name, OPEN, Mode::empty()) {
                Ok(dir) => self.empty(Dir::new(dir)?, false)?,
                Err(Errno::NOENT) => continue,
                Err(errno) => return Err(errno.into()),
            }
            match unlinkat(self.top, &name, AtFlags::REMOVEDIR) {
                // What somebody put there meanwhile is met by the next pass.
                Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// Removes everything in a directory but what is in directories of it; these wait at the top.
    fn empty(&mut self, mut dir: Dir, is_top: bool) -> io::Result<()> {
        while let Some(entry) = dir.read() {
            let entry = entry?;
            let name = entry.file_name();
            if !matches!(name.to_bytes(), b"." | b"..") && !removed(dir.fd()?, name, entry.file_type())? {
                let waits = if is_top { Some(name.to_owned()) } else { self.move_up(dir.fd()?, name)? };
                self.waiting.extend(waits);
            }
        }
        Ok(())
    }

    /// Moves a directory to the top, under a name that nothing has there: a rename replaces no more
    /// than an empty directory. Gives nothing if the directory has gone.
    fn move_up(&mut self, dir: BorrowedFd<'_>, name: &CStr) -> io::Result<Option<CString>> {
        loop {
            let new = CString::new(self.moved.to_string())?;
            self.moved += 1;
            match renameat(dir, name, self.top, &new) {
                Ok(()) => return Ok(Some(new)),
                Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

/// Removes a name, unless it is that of a directory with something in it. Whether it is gone.
fn removed(dir: BorrowedFd<'_>, name: &CStr, kind: FileType) -> io::Result<bool> {
    if kind != FileType::Directory {
        match unlinkat(dir, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => return Ok(true),
            // File systems may leave open what a name stands for.
            Err(Errno::ISDIR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    match unlinkat(dir, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}
