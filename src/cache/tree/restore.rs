//! Makes a directory hold what a tree says: what is missing is written, what is right stays as it is, and names that
//! the tree does not speak of are left alone.
//!
//! Knows an open directory, a store and a tree, each of which may be hostile. Does not know whose directory it is.
//! Files are reflinked or copied, never linked: whoever writes to them later does not write to the store. Nothing
//! outside the directory is reached: directories are opened beneath it with links refused, files and links are made
//! under names of their own and renamed, and a link in the place of a directory is replaced, not followed.

use super::known::load;
use super::memo::Memo;
use super::{DEEPEST, MOST_ENTRIES, TreeError};
use crate::cache::Store;
use crate::cache::beneath::{draft_name, join, open_dir, parted};
use crate::cache::digest::Digest;
use crate::cache::directory::{FileNode, PERMISSIONS, SymlinkNode, is_name};
use crate::cache::local::pump;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Permission bits of a directory that is made and has none in the tree.
const NEW_DIRECTORY: u32 = 0o755;

/// What a file is called until it is whole.
const DRAFT: &str = ".stepwell-";

/// How a tree is restored.
#[derive(Clone, Copy)]
pub struct Restore<'a> {
    /// Where the tree is.
    pub store: &'a dyn Store,
    /// What is known of the files that are there already; without it they are read.
    pub memo: Option<&'a Memo>,
    /// Most bytes that are written.
    pub most_bytes: u64,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files and links that were written.
    pub written: u64,
    /// Files and links that were right.
    pub kept: u64,
    /// Bytes that were written.
    pub bytes: u64,
}

/// Makes a directory hold what a tree says.
pub fn restore(root: &Digest, into: BorrowedFd<'_>, how: Restore<'_>) -> Result<Restored, TreeError> {
    let mut work = Work { into, how, done: Restored::default(), entries: 0 };
    work.all(root)?;
    Ok(work.done)
}

/// Removes what stands at a path, with all that is in it. What is not there is removed.
pub fn remove(from: BorrowedFd<'_>, path: &str) -> Result<(), TreeError> {
    let (above, name) = parted(path);
    if !path.split('/').all(is_name) {
        return Err(TreeError::Name { path: path.to_owned() });
    }
    match open_dir(from, above) {
        Ok(dir) => clear(dir.as_fd(), name).map_err(|errno| TreeError::io(path, errno)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(()),
        Err(errno) => Err(TreeError::io(path, errno)),
    }
}

struct Work<'a, 'r> {
    into: BorrowedFd<'r>,
    how: Restore<'a>,
    done: Restored,
    entries: u64,
}

/// What is to be done next.
enum Turn {
    /// Fill a directory.
    Enter { path: String, digest: Digest, fresh: bool, depth: usize },
    /// Give it its permission bits, once everything in it is there.
    Leave { path: String, mode: u32 },
}

impl Work<'_, '_> {
    /// One directory is open at a time, however deep the tree is.
    fn all(&mut self, root: &Digest) -> Result<(), TreeError> {
        let mut waiting = vec![Turn::Enter { path: String::new(), digest: *root, fresh: false, depth: 0 }];
        while let Some(turn) = waiting.pop() {
            match turn {
                Turn::Enter { path, depth, .. } if depth > DEEPEST => return Err(TreeError::TooDeep { path }),
                Turn::Enter { path, digest, fresh, depth } => self.dir(path, &digest, fresh, depth, &mut waiting)?,
                Turn::Leave { path, mode } => {
                    let dir = open_dir(self.into, &path).map_err(|errno| TreeError::io(&path, errno))?;
                    set_mode(&dir, mode).map_err(|errno| TreeError::io(&path, errno))?;
                }
            }
        }
        Ok(())
    }

    /// `fresh`: the directory was made just now, for this.
    fn dir(
        &mut self,
        path: String,
        digest: &Digest,
        fresh: bool,
        depth: usize,
        waiting: &mut Vec<Turn>,
    ) -> Result<(), TreeError> {
        let tree = load(self.how.store, digest)?;
        self.entries += 1 + (tree.files.len() + tree.symlinks.len() + tree.directories.len()) as u64;
        if self.entries > MOST_ENTRIES {
            return Err(TreeError::TooLarge);
        }
        let at = |errno| TreeError::io(&path, errno);
        let dir = open_dir(self.into, &path).map_err(at)?;
        let before = if fresh { NEW_DIRECTORY } else { rustix::fs::fstat(&dir).map_err(at)?.st_mode & PERMISSIONS };
        let after = tree.mode.map_or(before, |mode| mode & PERMISSIONS);
        let mut now = if fresh { 0o700 } else { before };
        if now & 0o700 != 0o700 {
            now |= 0o700;
            set_mode(&dir, now).map_err(at)?;
        }
        for file in &tree.files {
            self.file(dir.as_fd(), file, &path, fresh)?;
        }
        for link in &tree.symlinks {
            self.link(dir.as_fd(), link, &path, fresh)?;
        }
        let mut inner = Vec::with_capacity(tree.directories.len());
        for node in tree.directories {
            let fresh = make_dir(dir.as_fd(), &node.name, fresh).map_err(|errno| inside(&path, &node.name, errno))?;
            inner.push(Turn::Enter { path: join(&path, &node.name), digest: node.digest, fresh, depth: depth + 1 });
        }
        if after != now && inner.is_empty() {
            set_mode(&dir, after).map_err(at)?;
        } else if after != now {
            waiting.push(Turn::Leave { path, mode: after });
        }
        waiting.extend(inner.into_iter().rev());
        Ok(())
    }

    fn file(&mut self, dir: BorrowedFd<'_>, node: &FileNode, above: &str, fresh: bool) -> Result<(), TreeError> {
        let fail = |errno| inside(above, &node.name, errno);
        if !fresh && self.is_right(dir, node).map_err(fail)? {
            self.done.kept += 1;
            return Ok(());
        }
        self.done.bytes = self.done.bytes.saturating_add(node.digest.size);
        if self.done.bytes > self.how.most_bytes {
            return Err(TreeError::TooLarge);
        }
        // In a directory of our own making nobody looks for the file before it is whole.
        let draft = if fresh { None } else { Some(draft_name(DRAFT).map_err(|error| TreeError::io(above, error))?) };
        let name = draft.as_deref().unwrap_or(&node.name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(dir, name, flags, Mode::RUSR | Mode::WUSR).map_err(fail)?);
        let written = self.fill(&file, node, above).and_then(|()| match &draft {
            Some(draft) => replace(dir, draft, &node.name).map_err(fail),
            None => Ok(()),
        });
        if written.is_err() {
            // What is not whole is not left behind.
            let _ = rustix::fs::unlinkat(dir, name, AtFlags::empty());
        }
        self.done.written += 1;
        written
    }

    fn fill(&self, file: &File, node: &FileNode, above: &str) -> Result<(), TreeError> {
        match self.how.store.get_file(&node.digest, file) {
            Ok(true) => {}
            Ok(false) => return Err(TreeError::Missing(node.digest)),
            Err(crate::cache::StoreError::Target(error)) => {
                return Err(TreeError::io(&join(above, &node.name), error));
            }
            Err(error) => return Err(error.into()),
        }
        rustix::fs::fchmod(file, Mode::from_raw_mode(node.permissions()))
            .map_err(|errno| inside(above, &node.name, errno))
    }

    /// Whether a file is there and right already; its permission bits are made right.
    fn is_right(&self, dir: BorrowedFd<'_>, node: &FileNode) -> Result<bool, Errno> {
        let Some(stat) = look(dir, &node.name)? else { return Ok(false) };
        let plain = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        if !plain || stat.st_size.cast_unsigned() != node.digest.size {
            return Ok(false);
        }
        let same_mode = stat.st_mode & 0o7777 == node.permissions();
        if !same_mode && stat.st_nlink > 1 {
            // Its other name is not ours to change.
            return Ok(false);
        }
        let known = self.how.memo.and_then(|memo| memo.get(&stat));
        if known.is_some_and(|known| known != node.digest) {
            return Ok(false);
        }
        if same_mode && known.is_some() {
            return Ok(true);
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(file) = rustix::fs::openat(dir, &node.name, flags, Mode::empty()) else { return Ok(false) };
        let mut file = File::from(file);
        let now = rustix::fs::fstat(&file)?;
        if (now.st_dev, now.st_ino) != (stat.st_dev, stat.st_ino) {
            return Ok(false);
        }
        let mut hasher = self.how.store.function().hasher();
        if pump(&mut file, &mut hasher, |_| Ok(())).is_err() || hasher.finish() != node.digest {
            return Ok(false);
        }
        if !same_mode {
            rustix::fs::fchmod(&file, Mode::from_raw_mode(node.permissions()))?;
        }
        Ok(true)
    }

    fn link(&mut self, dir: BorrowedFd<'_>, node: &SymlinkNode, above: &str, fresh: bool) -> Result<(), TreeError> {
        let fail = |errno| inside(above, &node.name, errno);
        if !fresh {
            match rustix::fs::readlinkat(dir, &node.name, Vec::new()) {
                Ok(target) if target.as_bytes() == node.target.as_bytes() => {
                    self.done.kept += 1;
                    return Ok(());
                }
                Ok(_) | Err(Errno::INVAL | Errno::NOENT) => {}
                Err(errno) => return Err(fail(errno)),
            }
        }
        self.done.written += 1;
        if fresh {
            return rustix::fs::symlinkat(&node.target, dir, &node.name).map_err(fail);
        }
        let draft = draft_name(DRAFT).map_err(|error| TreeError::io(above, error))?;
        rustix::fs::symlinkat(&node.target, dir, &draft).map_err(fail)?;
        let placed = replace(dir, &draft, &node.name).map_err(fail);
        if placed.is_err() {
            // What has no place is not left behind.
            let _ = rustix::fs::unlinkat(dir, &draft, AtFlags::empty());
        }
        placed
    }
}

fn inside(above: &str, name: &str, errno: Errno) -> TreeError {
    TreeError::io(&join(above, name), errno)
}

fn set_mode(dir: &OwnedFd, mode: u32) -> Result<(), Errno> {
    rustix::fs::fchmod(dir, Mode::from_raw_mode(mode))
}

fn look(dir: BorrowedFd<'_>, name: &str) -> Result<Option<Stat>, Errno> {
    match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Sees to it that a name is a directory. Whether it was made.
fn make_dir(dir: BorrowedFd<'_>, name: &str, fresh: bool) -> Result<bool, Errno> {
    let made = rustix::fs::mkdirat(dir, name, Mode::RWXU);
    if made != Err(Errno::EXIST) || fresh {
        return made.map(|()| true);
    }
    let stat = look(dir, name)?;
    if stat.is_some_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory) {
        return Ok(false);
    }
    clear(dir, name)?;
    rustix::fs::mkdirat(dir, name, Mode::RWXU).map(|()| true)
}

/// Renames over whatever has the name.
fn replace(dir: BorrowedFd<'_>, from: &str, to: &str) -> Result<(), Errno> {
    match rustix::fs::renameat(dir, from, dir, to) {
        Err(Errno::ISDIR | Errno::EXIST | Errno::NOTEMPTY) => {}
        renamed => return renamed,
    }
    clear(dir, to)?;
    rustix::fs::renameat(dir, from, dir, to)
}

/// Removes a name with all that is below it. Links are removed, not followed.
fn clear(dir: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    // Directories that are to be removed, once what was found in them is gone.
    let mut waiting = vec![(name.to_owned(), false)];
    while let Some((path, emptied)) = waiting.pop() {
        let (above, last) = parted(&path);
        let parent: OwnedFd = match open_dir(dir, above) {
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
            opened => opened?,
        };
        match rustix::fs::unlinkat(&parent, last, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => continue,
            // Which of them says that it is a directory differs from system to system.
            Err(Errno::ISDIR | Errno::PERM) => {}
            Err(errno) => return Err(errno),
        }
        match rustix::fs::unlinkat(&parent, last, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => continue,
            Err(Errno::NOTEMPTY | Errno::EXIST) if !emptied => {}
            Err(errno) => return Err(errno),
        }
        let inner = open_dir(dir, &path)?;
        let mut list = Dir::new(inner)?;
        waiting.push((path.clone(), true));
        while let Some(entry) = list.read() {
            let entry = entry?;
            let name = entry.file_name();
            if !matches!(name.to_bytes(), b"." | b"..") {
                // Only what a tree could hold is removed with it.
                let name = name.to_str().map_err(|_| Errno::ILSEQ)?;
                waiting.push((join(&path, name), false));
            }
        }
    }
    Ok(())
}
