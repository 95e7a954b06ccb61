//! What stood at a path at one moment, to tell later whether somebody changed it.
//!
//! Knows what the kernel tells of a file. Does not know who may change it or what follows.

use rustix::fs::FileType;
use serde::{Deserialize, Serialize};

/// What a file was. Two equal states are taken for the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, u64),
    /// Left out where the file has several names: making or removing one changes it.
    changed: Option<(i64, u64)>,
    mode: u32,
}

impl State {
    /// The state that the kernel tells of.
    #[must_use]
    #[allow(clippy::unnecessary_cast, reason = "these fields are narrower on other processors")]
    pub fn of(stat: &rustix::fs::Stat) -> Self {
        let alone = FileType::from_raw_mode(stat.st_mode) != FileType::Directory && stat.st_nlink as u64 == 1;
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as u64),
            changed: alone.then_some((stat.st_ctime as i64, stat.st_ctime_nsec as u64)),
            mode: stat.st_mode,
        }
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        FileType::from_raw_mode(self.mode) == FileType::Directory
    }

    /// Whether `now` is what was seen: of a directory, that it is one; of all else, every field.
    #[must_use]
    pub fn holds(&self, now: &Self) -> bool {
        if self.is_dir() && now.is_dir() {
            return true;
        }
        let changed = self.changed.is_none() || now.changed.is_none() || self.changed == now.changed;
        changed && Self { changed: None, ..*self } == Self { changed: None, ..*now }
    }
}
