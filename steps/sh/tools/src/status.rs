//! What a file's status is: its kind, size, mode, links and times, the same on both systems.
//!
//! Knows libc's `stat`, and that the sandbox tells permission bits by a call of its own. All files there are root's.

use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::path::Path;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
    Link,
    Fifo,
    Socket,
    Characters,
    Blocks,
}

/// A time: seconds and nanoseconds since 1970.
pub use userland_calendar::Time;

/// The status of a file.
#[derive(Debug, Clone, Copy)]
pub struct Status {
    pub device: u64,
    pub inode: u64,
    pub kind: Kind,
    /// Permission bits, with set-user-id and the like.
    pub mode: u32,
    pub links: u64,
    pub user: u32,
    pub group: u32,
    pub size: u64,
    /// Of 512 bytes.
    pub blocks: u64,
    pub accessed: Time,
    pub modified: Time,
    pub changed: Time,
}

/// A path for libc.
pub fn c_path(path: &Path) -> io::Result<CString> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    CString::new(bytes).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

impl Status {
    /// Of what a path leads to; with `follow` of what a link leads to.
    pub fn of(path: &Path, follow: bool) -> io::Result<Self> {
        let text = c_path(path)?;
        let mut status = MaybeUninit::<libc::stat>::zeroed();
        // SAFETY: the path ends with a zero and the structure has room.
        let answer = unsafe {
            if follow {
                libc::stat(text.as_ptr(), status.as_mut_ptr())
            } else {
                libc::lstat(text.as_ptr(), status.as_mut_ptr())
            }
        };
        if answer != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call has filled it, and zeroes were valid before.
        let status = unsafe { status.assume_init() };
        Ok(Self::from(&status, path, follow))
    }

    #[allow(clippy::unnecessary_cast, clippy::cast_lossless, reason = "the types differ between the two systems")]
    fn from(status: &libc::stat, path: &Path, follow: bool) -> Self {
        let kind = match status.st_mode & libc::S_IFMT {
            libc::S_IFDIR => Kind::Directory,
            libc::S_IFLNK => Kind::Link,
            libc::S_IFCHR => Kind::Characters,
            libc::S_IFBLK => Kind::Blocks,
            libc::S_IFREG => Kind::File,
            other => other_kind(other as u32, path, follow),
        };
        let size = status.st_size as u64;
        Self {
            device: status.st_dev as u64,
            inode: status.st_ino as u64,
            kind,
            mode: mode(status.st_mode as u32, kind, path, follow),
            links: status.st_nlink as u64,
            user: status.st_uid as u32,
            group: status.st_gid as u32,
            size,
            blocks: blocks(status.st_blocks as u64, size, kind),
            accessed: accessed(status),
            modified: modified(status),
            changed: changed(status),
        }
    }

    pub fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// Whether two are one file.
    pub fn same(&self, other: &Self) -> bool {
        self.device == other.device && self.inode == other.inode
    }

    /// `drwxr-xr-x`.
    pub fn letters(&self) -> String {
        let mut text = String::from(match self.kind {
            Kind::File => "-",
            Kind::Directory => "d",
            Kind::Link => "l",
            Kind::Fifo => "p",
            Kind::Socket => "s",
            Kind::Characters => "c",
            Kind::Blocks => "b",
        });
        for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
            let bits = self.mode >> shift;
            text.push(if bits & 4 != 0 { 'r' } else { '-' });
            text.push(if bits & 2 != 0 { 'w' } else { '-' });
            text.push(match (bits & 1 != 0, self.mode & special != 0) {
                (true, true) => letter,
                (false, true) => letter.to_ascii_uppercase(),
                (true, false) => 'x',
                (false, false) => '-',
            });
        }
        text
    }

    /// The bits of the kind as `st_mode` has them on Linux.
    pub fn raw_mode(&self) -> u32 {
        let kind = match self.kind {
            Kind::File => 0o100_000,
            Kind::Directory => 0o040_000,
            Kind::Link => 0o120_000,
            Kind::Fifo => 0o010_000,
            Kind::Socket => 0o140_000,
            Kind::Characters => 0o020_000,
            Kind::Blocks => 0o060_000,
        };
        kind | self.mode
    }

    /// In words, as `stat` says it.
    pub fn words(&self) -> &'static str {
        match self.kind {
            Kind::File if self.size == 0 => "regular empty file",
            Kind::File => "regular file",
            Kind::Directory => "directory",
            Kind::Link => "symbolic link",
            Kind::Fifo => "fifo",
            Kind::Socket => "socket",
            Kind::Characters => "character special file",
            Kind::Blocks => "block special file",
        }
    }
}

/// WASI has no kind for named pipes: the sandbox tells them by a call of its own.
fn other_kind(kind: u32, path: &Path, follow: bool) -> Kind {
    match path.to_str() {
        Some(path) if userland_sys::is_fifo(path, follow) => Kind::Fifo,
        _ if kind == 0o140_000 => Kind::Socket,
        _ => Kind::File,
    }
}

#[cfg(unix)]
fn mode(bits: u32, _kind: Kind, _path: &Path, _follow: bool) -> u32 {
    bits & 0o7777
}

#[cfg(target_os = "wasi")]
fn mode(_bits: u32, kind: Kind, path: &Path, follow: bool) -> u32 {
    let otherwise = match kind {
        Kind::Directory => 0o755,
        Kind::Link => 0o777,
        _ => 0o644,
    };
    if kind == Kind::Link {
        return 0o777;
    }
    path.to_str().and_then(|path| userland_sys::mode(path, follow).ok()).unwrap_or(otherwise)
}

#[cfg(unix)]
fn blocks(blocks: u64, _size: u64, _kind: Kind) -> u64 {
    blocks
}

/// WASI tells no blocks: what a usual file system would take.
#[cfg(target_os = "wasi")]
fn blocks(_blocks: u64, size: u64, kind: Kind) -> u64 {
    match kind {
        Kind::Directory => 8,
        // A short target lies in the inode.
        Kind::Link if size < 60 => 0,
        _ => size.div_ceil(4096) * 8,
    }
}

#[cfg(unix)]
fn accessed(status: &libc::stat) -> Time {
    (status.st_atime, status.st_atime_nsec)
}
#[cfg(unix)]
fn modified(status: &libc::stat) -> Time {
    (status.st_mtime, status.st_mtime_nsec)
}
#[cfg(unix)]
fn changed(status: &libc::stat) -> Time {
    (status.st_ctime, status.st_ctime_nsec)
}
#[cfg(target_os = "wasi")]
fn accessed(status: &libc::stat) -> Time {
    (status.st_atim.tv_sec as i64, i64::from(status.st_atim.tv_nsec))
}
#[cfg(target_os = "wasi")]
fn modified(status: &libc::stat) -> Time {
    (status.st_mtim.tv_sec as i64, i64::from(status.st_mtim.tv_nsec))
}
#[cfg(target_os = "wasi")]
fn changed(status: &libc::stat) -> Time {
    (status.st_ctim.tv_sec as i64, i64::from(status.st_ctim.tv_nsec))
}

/// To be set: the time of the file system's own clock.
pub const NOW: Time = (0, libc::UTIME_NOW as i64);

/// Which of a file's two times to set, `None` to leave one as it is.
pub fn set_times(path: &Path, accessed: Option<Time>, modified: Option<Time>, follow: bool) -> io::Result<()> {
    let text = c_path(path)?;
    let part = |time: Option<Time>| match time {
        Some((seconds, nanoseconds)) => libc::timespec { tv_sec: seconds as _, tv_nsec: nanoseconds as _ },
        None => libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_OMIT as _ },
    };
    let times = [part(accessed), part(modified)];
    let how = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: the path ends with a zero, and there are two times.
    match unsafe { libc::utimensat(libc::AT_FDCWD, text.as_ptr(), times.as_ptr(), how) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Makes a symbolic link.
pub fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    let (target, link) = (c_path(target)?, c_path(link)?);
    // SAFETY: both end with a zero.
    match unsafe { libc::symlink(target.as_ptr(), link.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sets permission bits.
pub fn set_mode(path: &Path, follow: bool, mode: u32) -> io::Result<()> {
    let text = path.to_str().ok_or_else(|| io::Error::from_raw_os_error(libc::EILSEQ))?;
    userland_sys::set_mode(text, follow, mode)
}
