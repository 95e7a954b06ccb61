//! Every file of a local store, by what it is.
//!
//! Knows how the store lays out its files. Does not open any of them. What vanishes while it looks is left out; what
//! has no name of ours is a stranger.

use super::{Counts, digest_of, room};
use crate::cache::local::{ACTIONS, AREAS, BLOBS, RECORDS, area};
use crate::cache::{Digest, Function, Privacy, StoreError};
use std::fs::{DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The functions that stores have.
pub(super) const FUNCTIONS: [Function; 2] = [Function::Blake3, Function::Sha256];

/// One file.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub path: PathBuf,
    pub function: Function,
    pub privacy: Privacy,
    /// A blob's own digest, the key of a result or of a record.
    pub digest: Digest,
    /// Of results and records: whose they are.
    pub namespace: String,
    pub length: u64,
    /// When it was last of use.
    pub used: SystemTime,
}

impl Piece {
    pub(super) fn room(&self) -> u64 {
        room(self.length)
    }
}

/// A file that is known by its path only.
#[derive(Debug, Clone)]
pub(super) struct Loose {
    pub path: PathBuf,
    pub room: u64,
    pub used: SystemTime,
}

/// Every file.
#[derive(Debug, Default)]
pub(super) struct Census {
    pub blobs: Vec<Piece>,
    pub results: Vec<Piece>,
    pub records: Vec<Piece>,
    pub memos: Vec<Loose>,
    pub drafts: Vec<Loose>,
    /// What is none of the store's.
    pub strangers: Vec<PathBuf>,
}

impl Census {
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let mut census = Self::default();
        // What is written last is listed first: so that what it needs is met, whoever writes meanwhile.
        for (kind, levels) in [(RECORDS, 1), (ACTIONS, 0), (BLOBS, 0)] {
            for (privacy, function) in AREAS.into_iter().flat_map(|area| FUNCTIONS.map(|function| (area, function))) {
                let place = dir.join(area(privacy)).join(kind).join(function.name());
                if kind == BLOBS {
                    census.pieces(&place, privacy, function, "", levels)?;
                    continue;
                }
                for namespace in entries(&place)? {
                    let name = namespace.file_name().to_string_lossy().into_owned();
                    census.pieces(&namespace.path(), privacy, function, &name, levels)?;
                }
            }
        }
        for function in FUNCTIONS {
            census.memos.extend(loose(&dir.join("memos").join(function.name()))?);
        }
        census.drafts = loose(&dir.join("tmp"))?;
        Ok(census)
    }

    /// The files below a directory of directories by the beginnings of names; records lie one level deeper.
    fn pieces(
        &mut self,
        place: &Path,
        privacy: Privacy,
        function: Function,
        namespace: &str,
        levels: usize,
    ) -> Result<(), StoreError> {
        for group in entries(place)? {
            for entry in entries(&group.path())? {
                let Some(meta) = meta_of(&entry)? else { continue };
                let name = entry.file_name();
                let digest = name.to_str().and_then(digest_of);
                let digest = digest.filter(|_| meta.is_dir() == (levels == 1) && (meta.is_dir() || meta.is_file()));
                let Some(digest) = digest else {
                    self.strangers.push(entry.path());
                    continue;
                };
                let piece = |path: PathBuf, meta: &Metadata| -> io::Result<Piece> {
                    let (length, used) = (meta.len(), meta.modified()?);
                    let namespace = namespace.to_owned();
                    Ok(Piece { path, function, privacy, digest, namespace, length, used })
                };
                if levels == 0 {
                    let list = if namespace.is_empty() { &mut self.blobs } else { &mut self.results };
                    list.push(piece(entry.path(), &meta)?);
                    continue;
                }
                for record in entries(&entry.path())? {
                    match meta_of(&record)? {
                        Some(meta) if meta.is_file() => self.records.push(piece(record.path(), &meta)?),
                        Some(_) => self.strangers.push(record.path()),
                        None => {}
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for blob in &self.blobs {
            let count = match blob.privacy {
                Privacy::Shared => &mut counts.blobs,
                Privacy::Private => &mut counts.private_blobs,
            };
            count.add(blob.room());
        }
        self.results.iter().for_each(|piece| counts.results.add(piece.room()));
        self.records.iter().for_each(|piece| counts.records.add(piece.room()));
        self.memos.iter().for_each(|loose| counts.memos.add(loose.room));
        self.drafts.iter().for_each(|loose| counts.drafts.add(loose.room));
        counts
    }
}

fn loose(dir: &Path) -> Result<Vec<Loose>, StoreError> {
    let mut found = Vec::new();
    for entry in entries(dir)? {
        if let Some(meta) = meta_of(&entry)? {
            found.push(Loose { path: entry.path(), room: room(meta.len()), used: meta.modified()? });
        }
    }
    Ok(found)
}

/// What is in a directory; nothing if it is none.
fn entries(dir: &Path) -> io::Result<Vec<DirEntry>> {
    match std::fs::read_dir(dir) {
        Ok(entries) => entries.collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn meta_of(entry: &DirEntry) -> io::Result<Option<Metadata>> {
    match entry.metadata() {
        Ok(meta) => Ok(Some(meta)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
