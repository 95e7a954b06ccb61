//! Blobs of a local store: in, out, and checked on the way.
//!
//! Knows digests and files. Does not know what a blob means.

use super::{AREAS, BLOBS, Local, discard, open_plain, touch};
use crate::cache::digest::{Digest, Hasher};
use crate::cache::{Privacy, StoreError};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd;
use std::path::Path;

/// Bytes that are read, hashed and written at a time: they fit into a processor's cache.
const PIECE: usize = 128 << 10;

/// Smaller files are copied: sharing their blocks costs more than that.
const REFLINK_FROM: u64 = 64 << 10;

impl Local {
    pub(super) fn has_blob(&self, digest: &Digest) -> Result<Option<Privacy>, StoreError> {
        if digest.size == 0 {
            return Ok((*digest == self.function.of(&[])).then_some(Privacy::Shared));
        }
        for privacy in AREAS {
            let path = self.path(privacy, BLOBS, digest);
            match std::fs::symlink_metadata(&path) {
                Ok(meta) if meta.is_file() && meta.len() == digest.size => {
                    // Whoever asks goes on to rely on it. A store that can only be read still answers.
                    let _ = touch(&path);
                    return Ok(Some(privacy));
                }
                // One of another length is damaged, which the first read of it finds.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.is_there()?;
        Ok(None)
    }

    /// Fails if the store's directory has gone: then nothing is in it, and nothing can be said of it.
    pub(super) fn is_there(&self) -> Result<(), StoreError> {
        Ok(std::fs::symlink_metadata(&self.dir).map(drop)?)
    }

    /// Opens a blob that has the right length.
    fn open_blob(&self, digest: &Digest) -> Result<Option<(File, std::path::PathBuf)>, StoreError> {
        for privacy in AREAS {
            let path = self.path(privacy, BLOBS, digest);
            let Some((file, size)) = open_plain(&path)? else { continue };
            if size == digest.size {
                return Ok(Some((file, path)));
            }
            discard(&path, Some(&file));
        }
        self.is_there()?;
        Ok(None)
    }

    pub(super) fn get_blob(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if digest.size == 0 {
            return Ok((*digest == self.function.of(&[])).then(Vec::new));
        }
        if digest.size > limit {
            return Err(StoreError::TooLarge(*digest));
        }
        let Some((mut file, path)) = self.open_blob(digest)? else { return Ok(None) };
        // The file has this length, so it is not asked for more memory than there is content.
        let mut bytes = vec![0; usize::try_from(digest.size).map_err(|_| StoreError::TooLarge(*digest))?];
        match file.read_exact(&mut bytes) {
            Ok(()) if self.function.of(&bytes) == *digest => return Ok(Some(bytes)),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(StoreError::Io(error)),
            Ok(()) | Err(_) => {}
        }
        discard(&path, Some(&file));
        Ok(None)
    }

    pub(super) fn copy_blob(&self, digest: &Digest, to: &File) -> Result<bool, StoreError> {
        if digest.size == 0 {
            return Ok(*digest == self.function.of(&[]));
        }
        if digest.size < REFLINK_FROM {
            let Some(bytes) = self.get_blob(digest, REFLINK_FROM)? else { return Ok(false) };
            (&mut &*to).write_all(&bytes).map_err(StoreError::Target)?;
            return Ok(true);
        }
        let Some((mut file, path)) = self.open_blob(digest)? else { return Ok(false) };
        let mut hasher = self.function.hasher();
        let shared = rustix::fs::ioctl_ficlone(to.as_fd(), file.as_fd()).is_ok();
        if shared {
            pump(&mut file, &mut hasher, |_| Ok(()))?;
        } else {
            pump(&mut file, &mut hasher, |piece| (&mut &*to).write_all(piece).map_err(StoreError::Target))?;
        }
        if hasher.finish() == *digest {
            return Ok(true);
        }
        discard(&path, Some(&file));
        Ok(false)
    }

    pub(super) fn put_bytes(&self, bytes: &[u8], privacy: Privacy) -> Result<Digest, StoreError> {
        let digest = self.function.of(bytes);
        if digest.size > 0 && !self.is_kept(&digest, privacy)? {
            let path = self.path(privacy, BLOBS, &digest);
            self.write_whole(&path, bytes, privacy)?;
            self.unveil(&digest, privacy);
        }
        Ok(digest)
    }

    pub(super) fn put_blob(&self, file: &mut File, privacy: Privacy) -> Result<Digest, StoreError> {
        file.rewind()?;
        let mut hasher = self.function.hasher();
        pump(file, &mut hasher, |_| Ok(()))?;
        let digest = hasher.finish();
        if digest.size == 0 || self.is_kept(&digest, privacy)? {
            return Ok(digest);
        }
        file.rewind()?;
        let mut draft = self.draft(privacy)?;
        let mut hasher = self.function.hasher();
        if digest.size >= REFLINK_FROM && rustix::fs::ioctl_ficlone(draft.file.as_fd(), file.as_fd()).is_ok() {
            // From here on nobody else can change it.
            draft.file.rewind()?;
            pump(&mut draft.file, &mut hasher, |_| Ok(()))?;
        } else {
            pump(file, &mut hasher, |piece| Ok(draft.file.write_all(piece)?))?;
        }
        // Somebody may have written to the file meanwhile: what was copied is what is kept.
        let digest = hasher.finish();
        if digest.size > 0 {
            self.set(draft, &self.path(privacy, BLOBS, &digest))?;
            self.unveil(&digest, privacy);
        }
        Ok(digest)
    }

    /// Whether a blob is there already for all who shall see it; if so, it counts as used.
    fn is_kept(&self, digest: &Digest, privacy: Privacy) -> Result<bool, StoreError> {
        for area in AREAS.into_iter().filter(|area| *area <= privacy) {
            let path = self.path(area, BLOBS, digest);
            if has_size(&path, digest.size) && touch(&path)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is shared now is private no more.
    fn unveil(&self, digest: &Digest, privacy: Privacy) {
        if privacy == Privacy::Shared {
            // Mostly there is none; one that stays does no harm.
            let _ = std::fs::remove_file(self.path(Privacy::Private, BLOBS, digest));
        }
    }
}

fn has_size(path: &Path, size: u64) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == size)
}

/// Reads a file to its end, piece by piece, through a hash.
pub(in crate::cache) fn pump(
    file: &mut File,
    hasher: &mut Hasher,
    mut each: impl FnMut(&[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let size = file.metadata()?.len();
    let mut piece = vec![0; usize::try_from(size).unwrap_or(PIECE).saturating_add(1).min(PIECE)];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                let read = piece.get(..count).unwrap_or_default();
                hasher.update(read);
                each(read)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::Io(error)),
        }
    }
}
