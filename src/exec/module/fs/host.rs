//! Files of the host under one directory, reached without ever following a link.
//!
//! Knows one directory. Does not know guests, limits, or where in a guest it is mounted. Each
//! call resolves its path beneath the directory with links refused ([`beneath`]).

use super::backend::{Age, Backend, Identity, Kind, Listed, OpenHow, Opened, PERMISSIONS, SetTime, Stat};
use super::errno::Errno;
use super::file::{OpenFile, timestamps};
use crate::volumes::Place;
use crate::volumes::beneath::{self, RETRIES, parent};
use crate::volumes::commit::State;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// The largest listing of one directory that is taken into memory, in bytes. Room for about a
/// million names; what is larger is answered with `ENOMEM`.
const LARGEST_LISTING: usize = 64 << 20;

/// A directory of the host.
pub struct HostBackend {
    place: Place,
}

impl HostBackend {
    /// A mount of one directory, which may not be on disk yet.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self { place }
    }

    /// The root directory for a call that reads. One that is not on disk has nothing in it.
    fn root(&self) -> Result<BorrowedFd<'_>, Errno> {
        let dir = self.place.dir()?;
        dir.map(AsFd::as_fd).ok_or(Errno::NoEntry)
    }

    /// Makes the root directory where it is missing.
    pub fn make_root(&self) -> Result<(), Errno> {
        self.made_root().map(|_| ())
    }

    /// What stands at a path, to tell later whether somebody changed it.
    pub fn state(&self, path: &str) -> Result<State, Errno> {
        Ok(State::of(&beneath::stat(self.root()?, path)?))
    }

    /// The root directory for a call that makes something.
    fn made_root(&self) -> Result<BorrowedFd<'_>, Errno> {
        Ok(self.place.make()?.as_fd())
    }
}

/// What a backend tells of a file, from what the kernel tells.
#[must_use]
#[allow(clippy::unnecessary_cast, reason = "these fields are narrower on other processors")]
pub fn stat_of(stat: &rustix::fs::Stat) -> Stat {
    let seconds = u64::try_from(stat.st_mtime).unwrap_or(0);
    Stat {
        kind: kind_of(FileType::from_raw_mode(stat.st_mode)),
        size: u64::try_from(stat.st_size).unwrap_or(0),
        links: stat.st_nlink as u64,
        identity: Identity { device: stat.st_dev, inode: stat.st_ino },
        modified: seconds.saturating_mul(1_000_000_000).saturating_add(stat.st_mtime_nsec as u64),
        mode: stat.st_mode & PERMISSIONS,
        age: Age::Timed,
    }
}

fn kind_of(file_type: FileType) -> Kind {
    match file_type {
        FileType::Directory => Kind::Dir,
        FileType::Symlink => Kind::Symlink,
        FileType::CharacterDevice => Kind::CharDevice,
        FileType::BlockDevice => Kind::BlockDevice,
        FileType::Socket => Kind::Socket,
        FileType::Fifo => Kind::Pipe,
        FileType::RegularFile | FileType::Unknown => Kind::File,
    }
}

/// What stands at a path, looked at without opening it: opening a device or a pipe of the host can
/// have an effect of its own. A first look may go through links, and is believed only where it finds a
/// file: that is then opened without links, and has to be the same.
fn look_before(root: BorrowedFd<'_>, path: &str) -> Result<Stat, Errno> {
    if let Ok(stat) = rustix::fs::statat(root, path, AtFlags::SYMLINK_NOFOLLOW)
        && FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
    {
        return Ok(stat_of(&stat));
    }
    let seen = beneath::open(root, path, OFlags::PATH | OFlags::NOFOLLOW)?;
    Ok(stat_of(&rustix::fs::fstat(&seen)?))
}

fn flags_of(how: OpenHow) -> OFlags {
    // What is cut has to be open for writing, whatever the guest may then do with it.
    let mut flags = match (how.read, how.write || how.truncate) {
        (_, false) => OFlags::RDONLY,
        (false, true) => OFlags::WRONLY,
        (true, true) => OFlags::RDWR,
    };
    if how.append {
        flags |= OFlags::APPEND;
    }
    if how.sync {
        flags |= OFlags::SYNC;
    }
    flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
}

/// The names in a directory, as long as they take at most so many bytes.
pub fn list_up_to(dir: OwnedFd, most: usize) -> Result<Vec<Listed>, Errno> {
    let device = rustix::fs::fstat(&dir)?.st_dev;
    let mut entries = Vec::new();
    let mut bytes = 0usize;
    for entry in rustix::fs::Dir::new(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "." || name == ".." {
            continue;
        }
        bytes = bytes.saturating_add(size_of::<Listed>() + name.len());
        if bytes > most {
            return Err(Errno::NoMemory);
        }
        entries.push(Listed {
            name,
            kind: kind_of(entry.file_type()),
            identity: Identity { device, inode: entry.ino() },
        });
    }
    Ok(entries)
}

impl Backend for HostBackend {
    fn place(&self) -> Option<std::path::PathBuf> {
        Some(self.place.path())
    }

    fn stat(&self, path: &str) -> Result<Stat, Errno> {
        Ok(stat_of(&beneath::stat(self.root()?, path)?))
    }

    fn open(&self, path: &str, how: OpenHow) -> Result<Opened, Errno> {
        let root = self.root()?;
        for _ in 0..RETRIES {
            let seen = look_before(root, path)?;
            match seen.kind {
                Kind::Dir if how.write || how.truncate => return Err(Errno::IsDir),
                Kind::Dir => return Ok(Opened::Dir),
                Kind::Symlink => return Err(Errno::Loop),
                Kind::CharDevice | Kind::BlockDevice | Kind::Socket | Kind::Pipe => {
                    return Err(Errno::Access);
                }
                Kind::File => {}
            }
            let fd = beneath::open(root, path, flags_of(how))?;
            let stat = stat_of(&rustix::fs::fstat(&fd)?);
            if stat.identity != seen.identity {
                continue;
            }
            let file = File::from(fd);
            if how.truncate {
                file.set_len(0)?;
            }
            return Ok(Opened::File(OpenFile::Host(file), stat));
        }
        Err(Errno::Again)
    }

    fn create(&self, path: &str, how: OpenHow) -> Result<(OpenFile, Stat), Errno> {
        let (dir, name) = parent(self.made_root()?, path)?;
        let flags = flags_of(how) | OFlags::CREATE | OFlags::EXCL;
        let fd = rustix::fs::openat(&dir, name, flags, Mode::from_raw_mode(0o666))?;
        let stat = stat_of(&rustix::fs::fstat(&fd)?);
        Ok((OpenFile::Host(File::from(fd)), stat))
    }

    fn list(&self, path: &str) -> Result<Vec<Listed>, Errno> {
        list_up_to(beneath::open(self.root()?, path, OFlags::RDONLY | OFlags::DIRECTORY)?, LARGEST_LISTING)
    }

    fn read_link(&self, path: &str) -> Result<String, Errno> {
        let (dir, name) = parent(self.root()?, path)?;
        let target = rustix::fs::readlinkat(&dir, name, Vec::new())?;
        target.into_string().map_err(|_| Errno::IllegalBytes)
    }

    fn make_dir(&self, path: &str) -> Result<(), Errno> {
        let (dir, name) = parent(self.made_root()?, path)?;
        Ok(rustix::fs::mkdirat(&dir, name, Mode::from_raw_mode(0o777))?)
    }

    fn make_dirs(&self, path: &str) -> Result<(), Errno> {
        self.made_root()?;
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            match self.make_dir(path.get(..end).unwrap_or(path)) {
                Ok(()) | Err(Errno::Exists) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    fn make_link(&self, target: &str, path: &str) -> Result<(), Errno> {
        let (dir, name) = parent(self.made_root()?, path)?;
        Ok(rustix::fs::symlinkat(target, &dir, name)?)
    }

    fn link(&self, from: &str, to: &str) -> Result<(), Errno> {
        let root = self.root()?;
        let (from_dir, from_name) = parent(root, from)?;
        let (to_dir, to_name) = parent(root, to)?;
        let none = AtFlags::empty();
        Ok(rustix::fs::linkat(&from_dir, from_name, &to_dir, to_name, none)?)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        let root = self.root()?;
        let (from_dir, from_name) = parent(root, from)?;
        let (to_dir, to_name) = parent(root, to)?;
        Ok(rustix::fs::renameat(&from_dir, from_name, &to_dir, to_name)?)
    }

    fn remove_file(&self, path: &str) -> Result<(), Errno> {
        let (dir, name) = parent(self.root()?, path)?;
        Ok(rustix::fs::unlinkat(&dir, name, AtFlags::empty())?)
    }

    fn remove_dir(&self, path: &str) -> Result<(), Errno> {
        let (dir, name) = parent(self.root()?, path)?;
        Ok(rustix::fs::unlinkat(&dir, name, AtFlags::REMOVEDIR)?)
    }

    fn set_times(&self, path: &str, accessed: SetTime, modified: SetTime) -> Result<(), Errno> {
        let (dir, name) = parent(self.root()?, path)?;
        let times = timestamps(accessed, modified);
        Ok(rustix::fs::utimensat(&dir, name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn set_mode(&self, path: &str, mode: u32) -> Result<(), Errno> {
        let found = beneath::open(self.root()?, path, OFlags::PATH | OFlags::NOFOLLOW)?;
        match stat_of(&rustix::fs::fstat(&found)?).kind {
            Kind::File | Kind::Dir => {}
            Kind::Symlink => return Err(Errno::NotSupported),
            Kind::CharDevice | Kind::BlockDevice | Kind::Socket | Kind::Pipe => return Err(Errno::Access),
        }
        // By the handle and not by the name, which may stand for another file by now.
        let handle = format!("/proc/self/fd/{}", found.as_raw_fd());
        Ok(rustix::fs::chmod(handle, Mode::from_raw_mode(mode & PERMISSIONS))?)
    }
}
