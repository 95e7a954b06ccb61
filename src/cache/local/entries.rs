//! Results and records of a local store.
//!
//! Knows how they are framed: a mark, the body, a checksum that covers which key it stands under. Does not know who
//! asks for them or why.

use super::{ACTIONS, AREAS, Local, RECORDS, discard, read_plain, touch};
use crate::cache::digest::{Digest, HASH_BYTES};
use crate::cache::{ActionResult, Kept, LONGEST_MESSAGE, MOST_RECORDS, Privacy, Record, StoreError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The mark of this form. Another form has another.
const MARK: &[u8; 8] = b"swentry1";

/// Most files of one key's records that are looked at.
const MOST_LISTED: usize = 64;

impl Local {
    pub(super) fn get_action(&self, key: &Digest) -> Result<Option<Kept<ActionResult>>, StoreError> {
        for privacy in AREAS {
            let path = self.path(privacy, ACTIONS, key);
            let Some(framed) = read_plain(&path, LONGEST_MESSAGE)? else { continue };
            match unframed(&framed, key).and_then(|body| ActionResult::decode(body).ok()) {
                Some(value) => {
                    // A store that can only be read still answers.
                    let _ = touch(&path);
                    return Ok(Some(Kept { value, privacy }));
                }
                None => discard(&path, None),
            }
        }
        self.is_there()?;
        Ok(None)
    }

    pub(super) fn write_action(&self, key: &Digest, result: &ActionResult, privacy: Privacy) -> Result<(), StoreError> {
        if let Some(missing) = crate::cache::tree::dangling(self, result, privacy)? {
            return Err(StoreError::Dangling(missing));
        }
        let body = result.encode();
        if body.len() as u64 > LONGEST_MESSAGE / 2 {
            return Err(StoreError::TooLarge(self.function.of(&body)));
        }
        Ok(self.write_whole(&self.path(privacy, ACTIONS, key), &framed(&body, key), privacy)?)
    }

    pub(super) fn list_records(&self, key: &Digest) -> Result<Vec<Kept<Record>>, StoreError> {
        let mut records = Vec::new();
        for (_, path, privacy) in self.record_files(key)? {
            let Some(bytes) = read_plain(&path, LONGEST_MESSAGE)? else { continue };
            match unframed(&bytes, key).and_then(read_record) {
                Some(value) => records.push(Kept { value, privacy }),
                None => discard(&path, None),
            }
            if records.len() == MOST_RECORDS {
                break;
            }
        }
        Ok(records)
    }

    pub(super) fn write_record(&self, key: &Digest, record: &Record, privacy: Privacy) -> Result<(), StoreError> {
        let body = write_record(record);
        let digest = self.function.of(&body);
        if digest.size > LONGEST_MESSAGE / 2 {
            return Err(StoreError::TooLarge(digest));
        }
        let path = self.path(privacy, RECORDS, key).join(super::file_name(&digest));
        self.write_whole(&path, &framed(&body, key), privacy)?;
        for (_, old, _) in self.record_files(key)?.into_iter().skip(MOST_RECORDS) {
            // Another process may have removed it.
            let _ = std::fs::remove_file(old);
        }
        Ok(())
    }

    /// The files of a key's records, the newest first.
    fn record_files(&self, key: &Digest) -> Result<Vec<(SystemTime, PathBuf, Privacy)>, StoreError> {
        let mut files = Vec::new();
        for privacy in AREAS {
            let entries = match std::fs::read_dir(self.path(privacy, RECORDS, key)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            for entry in entries.take(MOST_LISTED) {
                let path = entry?.path();
                if let Ok(time) = std::fs::symlink_metadata(&path).and_then(|meta| meta.modified()) {
                    files.push((time, path, privacy));
                }
            }
        }
        files.sort_by(|one, other| other.cmp(one));
        Ok(files)
    }
}

/// What is checked of an entry: that it is whole, and that it is the one of its key.
fn checksum(body: &[u8], key: &Digest) -> [u8; HASH_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(MARK).update(&key.hash).update(&key.size.to_le_bytes()).update(body);
    *hasher.finalize().as_bytes()
}

fn framed(body: &[u8], key: &Digest) -> Vec<u8> {
    [MARK.as_slice(), body, &checksum(body, key)].concat()
}

/// The body of the entry in a file, if it is there and whole.
pub(in crate::cache) fn read_entry(path: &Path, key: &Digest) -> io::Result<Option<Vec<u8>>> {
    let framed = read_plain(path, LONGEST_MESSAGE)?;
    Ok(framed.and_then(|framed| unframed(&framed, key).map(<[u8]>::to_vec)))
}

/// The record in a file, if it is there and whole.
pub(in crate::cache) fn read_record_entry(path: &Path, key: &Digest) -> io::Result<Option<Record>> {
    Ok(read_entry(path, key)?.and_then(|body| read_record(&body)))
}

/// The body of a whole entry.
fn unframed<'a>(bytes: &'a [u8], key: &Digest) -> Option<&'a [u8]> {
    let rest = bytes.strip_prefix(MARK.as_slice())?;
    let (body, sum) = rest.split_last_chunk::<HASH_BYTES>()?;
    (*sum == checksum(body, key)).then_some(body)
}

fn write_record(record: &Record) -> Vec<u8> {
    [&record.action.hash[..], &record.action.size.to_le_bytes(), &record.body].concat()
}

/// A record from its bytes.
fn read_record(bytes: &[u8]) -> Option<Record> {
    let (hash, rest) = bytes.split_first_chunk::<HASH_BYTES>()?;
    let (size, body) = rest.split_first_chunk::<8>()?;
    let action = Digest { hash: *hash, size: u64::from_le_bytes(*size) };
    Some(Record { action, body: body.to_vec() })
}
