//! Hashes a directory: the digest of its tree, at the cost of one `stat` for each file that did not change.
//!
//! Knows an open directory, a memo, and a store if what is found shall be kept. Does not know what the tree is for.
//! One directory is open at a time, and each is opened beneath the first with links refused. Each file is looked at
//! before and after it is read: one that changes meanwhile is an error.

use super::memo::{Memo, State};
use super::{DEEPEST, MOST_ENTRIES, TreeError};
use crate::cache::beneath::{join, open_dir};
use crate::cache::digest::Digest;
use crate::cache::directory::{Directory, DirectoryNode, FileNode, PERMISSIONS, SymlinkNode, is_name, is_target};
use crate::cache::local::pump;
use crate::cache::{Privacy, Store, StoreError};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir, Stat};
use rustix::io::Errno;
use std::ffi::CStr;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::SystemTime;

/// Bytes of a directory's list that are read at a time.
const LISTED: usize = 32 << 10;

/// How a directory is hashed.
pub struct Walk<'a> {
    /// What is known of its files already, and will be. Its function is that of the digests.
    pub memo: &'a mut Memo,
    /// The time: not later than the walk begins.
    pub now: SystemTime,
    /// Where files and directories are kept as they are met; nothing keeps none.
    pub keep: Option<(&'a dyn Store, Privacy)>,
    /// Told the digest and the bytes of each directory's message, the inner ones first.
    pub directory: &'a mut dyn FnMut(&Digest, &[u8]),
}

/// A hashed directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashed {
    /// The digest of its `Directory` message.
    pub root: Digest,
    /// Files, links and directories in it.
    pub entries: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Files that had to be read.
    pub read: u64,
}

/// Hashes a directory with all that is in it.
pub fn hash(root: BorrowedFd<'_>, walk: Walk<'_>) -> Result<Hashed, TreeError> {
    let function = walk.memo.function();
    assert!(walk.keep.is_none_or(|(store, _)| store.function() == function), "a tree has one function");
    let empty = function.of(&[]);
    let mut walker = Walker { root, walk, found: Hashed { root: empty, entries: 0, bytes: 0, read: 0 } };
    walker.walk.memo.begin();
    walker.found.root = walker.dir("", 0)?;
    walker.walk.memo.end();
    Ok(walker.found)
}

struct Walker<'a, 'r> {
    root: BorrowedFd<'r>,
    walk: Walk<'a>,
    found: Hashed,
}

impl Walker<'_, '_> {
    fn dir(&mut self, path: &str, depth: usize) -> Result<Digest, TreeError> {
        if depth > DEEPEST {
            return Err(TreeError::TooDeep { path: path.to_owned() });
        }
        let (mut directory, inner) = self.look(path)?;
        for name in inner {
            let digest = self.dir(&join(path, &name), depth + 1)?;
            directory.directories.push(DirectoryNode { name, digest });
        }
        directory.sort();
        let bytes = directory.encode();
        let digest = match self.walk.keep {
            Some((store, privacy)) => store.put(&bytes, privacy)?,
            None => self.walk.memo.function().of(&bytes),
        };
        (self.walk.directory)(&digest, &bytes);
        Ok(digest)
    }

    /// A directory's own files and links, and the names of the directories in it.
    fn look(&mut self, path: &str) -> Result<(Directory, Vec<String>), TreeError> {
        let fail = |errno: Errno| match errno {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP if !path.is_empty() => changed(path),
            errno => TreeError::io(path, errno),
        };
        let dir = open_dir(self.root, path).map_err(fail)?;
        let mut names = Vec::new();
        let mut buffer = Vec::with_capacity(LISTED);
        let mut list = RawDir::new(&dir, buffer.spare_capacity_mut());
        while let Some(entry) = list.next() {
            let entry = entry.map_err(fail)?;
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                names.push((entry.file_name().to_owned(), entry.file_type()));
                self.found.entries += 1;
            }
            if self.found.entries > MOST_ENTRIES {
                return Err(TreeError::TooLarge);
            }
        }
        let fd = dir.as_fd();
        let mode = rustix::fs::fstat(fd).map_err(fail)?.st_mode & PERMISSIONS;
        let mut directory = Directory { mode: Some(mode), ..Directory::default() };
        let mut inner = Vec::new();
        for (name, kind) in names {
            let Some(text) = name.to_str().ok().filter(|name| is_name(name)) else {
                return Err(TreeError::Name { path: join(path, &name.to_string_lossy()) });
            };
            match kind {
                FileType::Directory => inner.push(text.to_owned()),
                FileType::Symlink => directory.symlinks.push(link(fd, &name, text, path)?),
                // A file, or a file system that does not say.
                _ => {
                    let whole = || join(path, text);
                    let stat = rustix::fs::statat(fd, &name, AtFlags::SYMLINK_NOFOLLOW);
                    let stat = stat.map_err(|errno| gone_or(errno, &whole()))?;
                    match FileType::from_raw_mode(stat.st_mode) {
                        FileType::RegularFile => {
                            let digest = self.file(fd, &name, &stat, &whole)?;
                            directory.files.push(FileNode::new(text.to_owned(), digest, stat.st_mode));
                        }
                        FileType::Directory => inner.push(text.to_owned()),
                        FileType::Symlink => directory.symlinks.push(link(fd, &name, text, path)?),
                        other => return Err(TreeError::Special { path: whole(), kind: kind_of(other) }),
                    }
                }
            }
        }
        Ok((directory, inner))
    }

    fn file(
        &mut self,
        dir: BorrowedFd<'_>,
        name: &CStr,
        stat: &Stat,
        path: &dyn Fn() -> String,
    ) -> Result<Digest, TreeError> {
        self.found.bytes = self.found.bytes.saturating_add(stat.st_size.cast_unsigned());
        if let Some(digest) = self.walk.memo.meet(stat)
            && self.is_kept(&digest)?
        {
            return Ok(digest);
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(dir, name, flags, Mode::empty());
        let mut file = File::from(opened.map_err(|errno| gone_or(errno, &path()))?);
        let same = |file: &File| {
            let now = rustix::fs::fstat(file)?;
            let place = (now.st_dev, now.st_ino) == (stat.st_dev, stat.st_ino);
            Ok(place && State::of(&now) == State::of(stat))
        };
        let settled = |held: Result<bool, Errno>| match held {
            Ok(true) => Ok(()),
            Ok(false) => Err(changed(&path())),
            Err(errno) => Err(TreeError::io(&path(), errno)),
        };
        settled(same(&file))?;
        let digest = match self.walk.keep {
            Some((store, privacy)) => store.put_file(&mut file, privacy)?,
            None => {
                let mut hasher = self.walk.memo.function().hasher();
                pump(&mut file, &mut hasher, |_| Ok(())).map_err(|error| unreadable(error, &path()))?;
                hasher.finish()
            }
        };
        settled(same(&file))?;
        self.walk.memo.put(stat, digest, self.walk.now);
        self.found.read += 1;
        Ok(digest)
    }

    /// Whether a known file is in the store already, if it shall be.
    fn is_kept(&self, digest: &Digest) -> Result<bool, TreeError> {
        let Some((store, privacy)) = self.walk.keep else { return Ok(true) };
        Ok(store.has(digest)?.is_some_and(|there| there <= privacy))
    }
}

fn link(dir: BorrowedFd<'_>, name: &CStr, text: &str, above: &str) -> Result<SymlinkNode, TreeError> {
    let path = || join(above, text);
    let target = rustix::fs::readlinkat(dir, name, Vec::new());
    let target = target.map_err(|errno| match errno {
        Errno::INVAL => changed(&path()),
        errno => gone_or(errno, &path()),
    })?;
    match target.into_string() {
        Ok(target) if is_target(&target) => Ok(SymlinkNode { name: text.to_owned(), target }),
        Ok(_) | Err(_) => Err(TreeError::Name { path: path() }),
    }
}

fn changed(path: &str) -> TreeError {
    TreeError::Changed { path: path.to_owned() }
}

fn gone_or(errno: Errno, path: &str) -> TreeError {
    match errno {
        Errno::NOENT | Errno::LOOP => changed(path),
        errno => TreeError::io(path, errno),
    }
}

/// A file that cannot be read is no fault of the store.
fn unreadable(error: StoreError, path: &str) -> TreeError {
    match error {
        StoreError::Io(source) => TreeError::io(path, source),
        error => TreeError::Store(error),
    }
}

fn kind_of(kind: FileType) -> &'static str {
    match kind {
        FileType::Fifo => "named pipe",
        FileType::Socket => "socket",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
        _ => "thing of an unknown kind",
    }
}
