//! What a mount needs of whatever holds its files: the one seam through which a guest's
//! file access passes.
//!
//! Knows paths inside one mount, as text without `.`, `..`, links or doubled slashes ("" is
//! the mount's root). Does not know guests, handles, other mounts, or which links led here:
//! a backend never follows a symbolic link, it answers [`Errno::Loop`] where one stands in
//! the way, and the walk above resolves it inside the guest's root. So nothing that
//! changes between the walk and the call can lead outside.

use super::errno::Errno;
use super::file::OpenFile;
use std::path::PathBuf;

/// What something in a file system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A directory.
    Dir,
    /// A regular file.
    File,
    /// A symbolic link.
    Symlink,
    /// A character device, ours or the host's.
    CharDevice,
    /// A block device of the host: shown, never opened.
    BlockDevice,
    /// A socket of the host: shown, never opened.
    Socket,
    /// A named pipe of the host: shown, never opened.
    Pipe,
}

/// What a backend knows of one file, before it is made stable for the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Names of this file.
    pub links: u64,
    /// The file's identity on its own device; never shown.
    pub identity: Identity,
    /// Time of the last change of content, nanoseconds since 1970; never shown as it is.
    pub modified: u64,
    /// Permission bits, [`PERMISSIONS`] at most.
    pub mode: u32,
    /// When it was written last, as far as the backend knows.
    pub age: Age,
}

/// When a file was written last, seen from the task attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Its time of change tells.
    Timed,
    /// Before the attempt began.
    Old,
    /// By a step that has ended; steps count from 0.
    Step(u32),
}

/// The permission bits that a guest can see and set. What lets a program run as somebody else is
/// none of a sandbox's.
pub const PERMISSIONS: u32 = 0o777;

/// A file's identity among everything that this process can see. Never shown to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The host's device number, or a number above all of them for what is not on disk.
    pub device: u64,
    /// The host's inode number, or a place in a table of ours.
    pub inode: u64,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Name without slashes.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Identity of what the name stands for.
    pub identity: Identity,
}

/// How an existing file is to be opened, or a new one made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenHow {
    /// Reading is wanted.
    pub read: bool,
    /// Writing is wanted.
    pub write: bool,
    /// Each write goes to the end.
    pub append: bool,
    /// Cut to nothing when opened.
    pub truncate: bool,
    /// Each write reaches the disk before it returns.
    pub sync: bool,
}

/// What an open gave.
#[derive(Debug)]
pub enum Opened {
    /// A regular file, and what it was before it was opened (and cut).
    File(OpenFile, Stat),
    /// A directory: handles keep its path, nothing stays open.
    Dir,
    /// A device of ours.
    Device(Device),
    /// What the guest's own handle of this number stands for.
    Handle(u32),
}

/// The devices that every guest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// Reads end, writes vanish.
    Null,
    /// Reads give zeros, writes vanish.
    Zero,
    /// Reads give zeros, writes find no space.
    Full,
    /// Reads give random bytes of the step's source.
    Random,
    /// The step's standard input.
    Stdin,
    /// The step's standard output.
    Stdout,
    /// The step's standard error.
    Stderr,
}

/// A time to set: untouched, now, or nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetTime {
    /// Leave it.
    Keep,
    /// The moment of the call.
    Now,
    /// This time.
    At(u64),
}

/// Holds the files of one mount. Every method takes paths inside the mount, never follows a
/// symbolic link, and may be called from several threads at once. What changes something is
/// refused by a backend that does not say otherwise.
pub trait Backend: Send + Sync {
    /// What stands at `path`; a link is described itself.
    fn stat(&self, path: &str) -> Result<Stat, Errno>;
    /// Opens what exists. A link there, or on the way, is [`Errno::Loop`].
    fn open(&self, path: &str, how: OpenHow) -> Result<Opened, Errno>;
    /// Names in a directory, unsorted, without `.` and `..`.
    fn list(&self, path: &str) -> Result<Vec<Listed>, Errno>;

    /// The target of a link.
    fn read_link(&self, path: &str) -> Result<String, Errno> {
        self.stat(path).and(Err(Errno::Invalid))
    }
    /// Makes a new file and opens it; [`Errno::Exists`] if anything has that name.
    fn create(&self, _path: &str, _how: OpenHow) -> Result<(OpenFile, Stat), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Makes a directory.
    fn make_dir(&self, _path: &str) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Makes a directory and those above it where they are missing.
    fn make_dirs(&self, _path: &str) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Makes a link that says `target`.
    fn make_link(&self, _target: &str, _path: &str) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Gives a file a second name.
    fn link(&self, _from: &str, _to: &str) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Gives a file or directory another name, replacing what had it as `rename` does.
    fn rename(&self, _from: &str, _to: &str) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Removes a name that is not a directory's.
    fn remove_file(&self, _path: &str) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Removes an empty directory.
    fn remove_dir(&self, _path: &str) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Sets times of access and change.
    fn set_times(&self, _path: &str, _accessed: SetTime, _modified: SetTime) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
    /// Where its files lie, where other backends may show the same ones.
    fn place(&self) -> Option<PathBuf> {
        None
    }
    /// Bytes that calls had to copy, so far unasked for: they take room on the disk.
    fn copied(&self) -> u64 {
        0
    }
    /// Sets the permission bits of a file or directory; those of a link are [`Errno::NotSupported`].
    fn set_mode(&self, _path: &str, _mode: u32) -> Result<(), Errno> {
        Err(Errno::ReadOnly)
    }
}
