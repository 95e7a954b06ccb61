//! Looks after a store as a whole: counts it, collects what is of no use any more, finds what is damaged.
//!
//! Knows the files of a local store, of all functions and namespaces, and files beside it that the caller names. Does
//! not know what they are for. One process does this at a time; others go on reading and writing meanwhile, and
//! lose nothing that they use: what is to go is renamed first, looked at again, and put back if it was used.

mod census;
mod sweep;
#[cfg(test)]
mod tests;
mod verify;

pub use sweep::{Rules, Swept};
pub use verify::Verified;

use super::{Digest, Local, StoreError, local};
use census::Census;
use rustix::fs::FlockOperation;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::SystemTime;

/// Files beside the store that are collected by the same rules: one thing, all or nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its files.
    pub paths: Vec<PathBuf>,
    /// Bytes of its files.
    pub bytes: u64,
    /// When it was last of use.
    pub used: SystemTime,
}

/// A number of things, and the room that they take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub number: u64,
    /// Bytes, each file's rounded up to whole blocks.
    pub bytes: u64,
}

impl Count {
    fn add(&mut self, bytes: u64) {
        self.number += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Blobs that may be shared.
    pub blobs: Count,
    /// Blobs that may not.
    pub private_blobs: Count,
    /// Results of steps.
    pub results: Count,
    /// Records of what steps read.
    pub records: Count,
    /// What is known of directories' files.
    pub memos: Count,
    /// Files that were begun and are not whole.
    pub drafts: Count,
    /// What lies beside the store.
    pub beside: Count,
}

impl Counts {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Count {
        let Self { blobs, private_blobs, results, records, memos, drafts, beside } = self;
        [blobs, private_blobs, results, records, memos, drafts, beside].into_iter().fold(
            Count::default(),
            |sum, count| Count { number: sum.number + count.number, bytes: sum.bytes.saturating_add(count.bytes) },
        )
    }
}

/// Who looks after a store.
#[derive(Debug)]
pub struct Upkeep {
    dir: PathBuf,
}

impl Upkeep {
    /// Of the store in a directory, which is made if it is missing.
    pub fn open(dir: PathBuf) -> Result<Self, StoreError> {
        // The same conditions as for any other use.
        Local::open(super::LocalOptions::of(dir.clone()))?;
        Ok(Self { dir })
    }

    /// What there is.
    pub fn counts(&self, beside: &[Beside]) -> Result<Counts, StoreError> {
        let mut counts = Census::take(&self.dir)?.counts();
        beside.iter().for_each(|thing| counts.beside.add(thing.bytes));
        Ok(counts)
    }

    /// Waits until nobody else collects or verifies.
    fn lock(&self) -> Result<File, StoreError> {
        let path = self.dir.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive).map_err(io::Error::from)?;
        Ok(file)
    }

    /// Removes a file that was last of use at `used`, unless it was used since. Whether it has gone.
    fn take_away(&self, path: &std::path::Path, used: SystemTime) -> io::Result<bool> {
        let gone = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(false) } else { Err(error) };
        let aside = self.dir.join("tmp").join(super::beneath::draft_name("")?);
        if let Some(tmp) = aside.parent() {
            std::fs::create_dir_all(tmp)?;
        }
        if let Err(error) = std::fs::rename(path, &aside) {
            return gone(error);
        }
        // From here on whoever wants it finds it missing, and writes it again. Who touched it before is seen now.
        let unused = std::fs::symlink_metadata(&aside)?.modified()? == used;
        if !unused {
            match std::fs::hard_link(&aside, path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                // Somebody has written it again.
                Ok(()) | Err(_) => {}
            }
        }
        std::fs::remove_file(&aside)?;
        Ok(unused)
    }

    /// The store of a function, for reading trees. Its namespace does not matter to blobs.
    fn store(&self, function: super::Function) -> Result<Local, StoreError> {
        Local::open(super::LocalOptions { function, ..super::LocalOptions::of(self.dir.clone()) })
    }
}

/// The room that a file of this length takes.
fn room(length: u64) -> u64 {
    length.div_ceil(4096).saturating_mul(4096)
}

/// The digest that a file's name stands for.
fn digest_of(name: &str) -> Option<Digest> {
    let (hex, size) = name.split_once('-')?;
    let digest = Digest::from_hex(hex.as_bytes(), size.parse().ok()?)?;
    // `+1` and `01` are no sizes of ours.
    (local::file_name(&digest) == name).then_some(digest)
}
