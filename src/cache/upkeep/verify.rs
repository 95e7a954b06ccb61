//! Reads all of a store, and removes what is not what its name says.
//!
//! Knows how each kind of file is checked. Does not know what the results are. Blobs come first, so that results of
//! which something is missing then are found too.

use super::Upkeep;
use super::census::Census;
use crate::cache::local::{pump, read_entry, read_record_entry};
use crate::cache::tree::{LONGEST_MEMO, Memo, complete};
use crate::cache::{ActionResult, Digest, Function, Privacy, StoreError};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Blobs that were read.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Results, records and memos that were read.
    pub entries: u64,
    /// What was damaged, within the store's directory. It is gone now.
    pub damaged: Vec<PathBuf>,
    /// Results and records of which something is missing. They are gone now.
    pub incomplete: Vec<PathBuf>,
}

impl Upkeep {
    /// Reads everything, and removes what is damaged.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        let _lock = self.lock()?;
        let census = Census::take(&self.dir)?;
        let mut found = Verified::default();
        for stranger in &census.strangers {
            self.discard(stranger, &mut found.damaged);
        }
        for blob in &census.blobs {
            match digest_of_file(&blob.path, blob.function)? {
                None => {}
                Some(digest) if digest == blob.digest => {
                    found.blobs += 1;
                    found.bytes = found.bytes.saturating_add(digest.size);
                }
                Some(_) => self.discard(&blob.path, &mut found.damaged),
            }
        }
        let mut results = std::collections::HashSet::new();
        for piece in &census.results {
            let result = read_entry(&piece.path, &piece.digest)?.and_then(|body| ActionResult::decode(&body).ok());
            let Some(result) = result else {
                if piece.path.exists() {
                    self.discard(&piece.path, &mut found.damaged);
                }
                continue;
            };
            let store = self.store(piece.function)?;
            let whole = match piece.privacy {
                Privacy::Private => complete(&store, &result)?,
                Privacy::Shared => crate::cache::tree::dangling(&store, &result, Privacy::Shared)?.is_none(),
            };
            if whole {
                found.entries += 1;
                results.insert((piece.function, piece.namespace.as_str(), piece.digest));
            } else {
                self.discard(&piece.path, &mut found.incomplete);
            }
        }
        for piece in &census.records {
            match read_record_entry(&piece.path, &piece.digest)? {
                Some(record) if results.contains(&(piece.function, piece.namespace.as_str(), record.action)) => {
                    found.entries += 1;
                }
                Some(_) => self.discard(&piece.path, &mut found.incomplete),
                None if piece.path.exists() => self.discard(&piece.path, &mut found.damaged),
                None => {}
            }
        }
        for memo in &census.memos {
            let Ok(bytes) = std::fs::read(&memo.path) else { continue };
            let whole = |function: Function| Memo::decode(&bytes, function).is_some();
            if bytes.len() as u64 <= LONGEST_MEMO && super::census::FUNCTIONS.into_iter().any(whole) {
                found.entries += 1;
            } else {
                self.discard(&memo.path, &mut found.damaged);
            }
        }
        Ok(found)
    }

    fn discard(&self, path: &Path, list: &mut Vec<PathBuf>) {
        let meta = std::fs::symlink_metadata(path);
        let removed = match &meta {
            Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(path),
            _ => std::fs::remove_file(path),
        };
        // What cannot be removed is found, and said, again.
        if removed.is_ok() || meta.is_ok() {
            list.push(path.strip_prefix(&self.dir).unwrap_or(path).to_owned());
        }
    }
}

/// The digest of what a file holds; nothing if it has gone.
fn digest_of_file(path: &Path, function: Function) -> Result<Option<Digest>, StoreError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut hasher = function.hasher();
    match pump(&mut file, &mut hasher, |_| Ok(())) {
        Ok(()) => Ok(Some(hasher.finish())),
        // A disk that cannot read a file back has damaged it.
        Err(StoreError::Io(_)) => Ok(Some(function.of(&[]))),
        Err(error) => Err(error),
    }
}
