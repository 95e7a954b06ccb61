//! Trees as a store has them: reading their directories, and whether all of a result is there.
//!
//! Knows stores and messages. Does not know directories of the host. A store's trees may be anybody's making: what
//! is looked at has a bound, and directories that come again are looked at once.

use super::{DEEPEST, MOST_ENTRIES, TreeError};
use crate::cache::digest::Digest;
use crate::cache::directory::Directory;
use crate::cache::{ActionResult, LONGEST_MESSAGE, Privacy, Store, StoreError};
use std::collections::HashSet;

/// A directory's message.
pub fn load(store: &dyn Store, digest: &Digest) -> Result<Directory, TreeError> {
    let bytes = store.get(digest, LONGEST_MESSAGE)?.ok_or(TreeError::Missing(*digest))?;
    Directory::decode(&bytes).map_err(|source| TreeError::Malformed { digest: *digest, source })
}

/// What was gone through. A file may hold what is a directory elsewhere, so both are told apart.
#[derive(Debug, Default)]
pub struct Seen {
    directories: HashSet<Digest>,
    files: HashSet<Digest>,
}

impl Seen {
    fn count(&self) -> u64 {
        (self.directories.len() + self.files.len()) as u64
    }
}

/// Goes through the blobs of a tree: each directory's message, then the files in it. Each comes once. `each` says
/// whether to go on.
pub fn visit(
    store: &dyn Store,
    root: &Digest,
    seen: &mut Seen,
    each: &mut dyn FnMut(&Digest) -> Result<bool, TreeError>,
) -> Result<bool, TreeError> {
    let mut waiting = vec![(*root, 0)];
    while let Some((digest, depth)) = waiting.pop() {
        if depth > DEEPEST || seen.count() > MOST_ENTRIES {
            return Err(TreeError::TooLarge);
        }
        if !seen.directories.insert(digest) {
            continue;
        }
        if !each(&digest)? {
            return Ok(false);
        }
        let directory = load(store, &digest)?;
        for file in &directory.files {
            if seen.files.insert(file.digest) && !each(&file.digest)? {
                return Ok(false);
            }
        }
        waiting.extend(directory.directories.iter().map(|inner| (inner.digest, depth + 1)));
    }
    Ok(true)
}

/// Whether everything that belongs to a result is there.
pub fn complete(store: &dyn Store, result: &ActionResult) -> Result<bool, StoreError> {
    Ok(dangling(store, result, Privacy::Private)?.is_none())
}

/// Something that belongs to a result and is not there for all who may see the result.
pub fn dangling(store: &dyn Store, result: &ActionResult, privacy: Privacy) -> Result<Option<Digest>, StoreError> {
    let is_there =
        |digest: &Digest| -> Result<bool, StoreError> { Ok(store.has(digest)?.is_some_and(|there| there <= privacy)) };
    let trees = result.directories.iter().filter_map(|directory| directory.tree);
    let own = result.files.iter().map(|file| file.digest).chain(trees).chain(result.stdout).chain(result.stderr);
    for digest in own {
        if !is_there(&digest)? {
            return Ok(Some(digest));
        }
    }
    let mut seen = Seen::default();
    for root in result.directories.iter().filter_map(|directory| directory.root) {
        let mut missing = None;
        let visited = visit(store, &root, &mut seen, &mut |digest| {
            let there = is_there(digest)?;
            missing = (!there).then_some(*digest);
            Ok(there)
        });
        match visited {
            Ok(_) if missing.is_none() => {}
            Ok(_) => return Ok(missing),
            Err(TreeError::Missing(digest) | TreeError::Malformed { digest, .. }) => return Ok(Some(digest)),
            Err(TreeError::Store(error)) => return Err(error),
            Err(_) => return Ok(Some(root)),
        }
    }
    Ok(None)
}
