//! Notes on files by their identity: what was found out about a file once is not found out
//! again while the file stays the same.
//!
//! Knows identities of files and 32-byte values, authenticated with the installation's key. Does
//! not know what a value means.

use super::key::{InstallationKey, draft_of};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// What changes whenever a file's content does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity([i64; 7]);

impl FileIdentity {
    /// The identity of a file.
    #[must_use]
    pub fn of(meta: &Metadata) -> Self {
        Self([
            meta.dev() as i64,
            meta.ino() as i64,
            meta.size() as i64,
            meta.mtime(),
            meta.mtime_nsec(),
            meta.ctime(),
            meta.ctime_nsec(),
        ])
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|field| field.to_le_bytes()).collect()
    }
}

/// A directory of notes. What cannot be read or written is as if it had not been noted.
#[derive(Debug, Clone)]
pub struct Notes {
    dir: PathBuf,
    key: InstallationKey,
}

impl Notes {
    /// Notes in a directory, made at the first note.
    #[must_use]
    pub fn new(dir: PathBuf, key: InstallationKey) -> Self {
        Self { dir, key }
    }

    /// One file per (purpose, inode), so that notes on old content are written over.
    fn path(&self, purpose: &str, identity: &FileIdentity) -> PathBuf {
        let mut hasher = self.key.hasher("name of a note");
        hasher.update(purpose.as_bytes());
        for field in identity.0.iter().take(2) {
            hasher.update(&field.to_le_bytes());
        }
        let name = hasher.finalize().to_hex();
        self.dir.join(name.as_str().get(..32).unwrap_or_default())
    }

    fn seal(&self, purpose: &str, identity: &FileIdentity, value: &[u8; 32]) -> blake3::Hash {
        let mut hasher = self.key.hasher("a note");
        hasher.update(&(purpose.len() as u64).to_le_bytes());
        hasher.update(purpose.as_bytes());
        hasher.update(&identity.bytes());
        hasher.update(value);
        hasher.finalize()
    }

    /// What was noted on exactly this file.
    #[must_use]
    pub fn get(&self, purpose: &str, identity: &FileIdentity) -> Option<[u8; 32]> {
        let bytes = std::fs::read(self.path(purpose, identity)).ok()?;
        let value = <[u8; 32]>::try_from(bytes.get(..32)?).ok()?;
        let seal = <[u8; 32]>::try_from(bytes.get(32..)?).ok()?;
        // Compared in constant time: equality of hashes is.
        (self.seal(purpose, identity, &value) == blake3::Hash::from_bytes(seal)).then_some(value)
    }

    /// Notes something on this file.
    pub fn put(&self, purpose: &str, identity: &FileIdentity, value: &[u8; 32]) {
        let path = self.path(purpose, identity);
        let mut bytes = value.to_vec();
        bytes.extend(self.seal(purpose, identity, value).as_bytes());
        // A note that is not kept costs time the next time, and nothing else.
        let _ = std::fs::create_dir_all(&self.dir).and_then(|()| draft_of(&path)).and_then(|draft| {
            std::fs::write(&draft, &bytes)?;
            std::fs::rename(&draft, &path)
        });
    }
}

/// The keyless hash of a file, read in pieces.
pub fn hash_file(file: &mut File, mut hasher: blake3::Hasher) -> io::Result<blake3::Hash> {
    hasher.update_reader(file)?;
    Ok(hasher.finalize())
}
