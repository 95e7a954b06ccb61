//! What an earlier step left, put into the mounts of another.
//!
//! Knows records and backends. Does not know where bytes come from. All that it replaces was seen by the earlier
//! step and found the same, so nothing is lost that the step itself would have kept.

use super::Ground;
use super::record::{Digest, Left, Write};
use crate::exec::module::fs::backend::{Backend, Kind, OpenHow, Opened, SetTime};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::ident::Identities;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// What a file is to hold.
pub enum Bytes {
    Held(Vec<u8>),
    /// All of a file, which nobody else has.
    File(File),
}

/// Deepest tree that is removed: what a guest can make is no deeper.
const DEEPEST: usize = 512;

/// Puts everything into place. `bytes` opens what a file holds. Fails at the first thing that cannot be done.
pub fn restore<'b>(
    writes: &[Write],
    grounds: &[Ground],
    identities: &Identities,
    bytes: impl Fn(&Digest) -> Option<&'b Bytes>,
) -> Result<(), String> {
    let gone = writes.iter().rev().filter(|write| write.left == Left::Gone);
    let left = writes.iter().filter(|write| write.left != Left::Gone);
    for write in gone.chain(left) {
        let ground = grounds.get(write.ground).ok_or("it is of other mounts")?;
        if ground.read_only {
            return Err(format!("{} is read-only", ground.path));
        }
        let backend = &*ground.backend;
        put(backend, &write.path, &write.left, identities, &bytes)
            .map_err(|why| format!("{}/{}: {why}", ground.path, write.path))?;
    }
    Ok(())
}

fn put<'b>(
    backend: &dyn Backend,
    path: &str,
    left: &Left,
    identities: &Identities,
    bytes: &dyn Fn(&Digest) -> Option<&'b Bytes>,
) -> Result<(), String> {
    let words = |errno: Errno| errno.to_string();
    match left {
        Left::Gone => clear(backend, path, None, 0).map_err(words),
        Left::Dir { mode, whole } => {
            clear(backend, path, (!whole).then_some(Kind::Dir), 0).map_err(words)?;
            match backend.make_dirs(path) {
                Ok(()) | Err(Errno::Exists) => {}
                Err(errno) => return Err(words(errno)),
            }
            if backend.stat(path).map_err(words)?.mode != *mode {
                backend.set_mode(path, *mode).map_err(words)?;
            }
            Ok(())
        }
        Left::File { mode, digest, time, .. } => {
            let from = bytes(digest).ok_or("its bytes are not at hand")?;
            clear(backend, path, Some(Kind::File), 0).map_err(words)?;
            let how = OpenHow { read: true, write: true, truncate: true, ..OpenHow::default() };
            let (file, was) = match backend.open(path, how) {
                Ok(Opened::File(file, stat)) => (file, stat),
                Ok(Opened::Dir | Opened::Device(_) | Opened::Handle(_)) => return Err(words(Errno::Invalid)),
                Err(Errno::NoEntry) => backend.create(path, how).map_err(words)?,
                Err(errno) => return Err(words(errno)),
            };
            fill(&file, from).map_err(words)?;
            identities.wrote(was.identity);
            if was.mode != *mode {
                backend.set_mode(path, *mode).map_err(words)?;
            }
            if let Some(time) = time {
                let before = file.stat().map_err(words)?;
                file.set_times(SetTime::Keep, SetTime::At(*time)).map_err(words)?;
                identities.note_times(&before, false, SetTime::Keep, SetTime::At(*time));
            }
            Ok(())
        }
        Left::Link { target } => {
            clear(backend, path, None, 0).map_err(words)?;
            backend.make_link(target, path).map_err(words)
        }
        Left::Same { path: first } => {
            clear(backend, path, None, 0).map_err(words)?;
            backend.link(first, path).map_err(words)
        }
    }
}

/// Copies a file of ours into one of a mount.
fn fill(to: &OpenFile, from: &Bytes) -> Result<(), Errno> {
    let from = match from {
        Bytes::Held(bytes) => return if bytes.is_empty() { Ok(()) } else { to.put(bytes, 0) },
        Bytes::File(file) => file,
    };
    let mut buffer = vec![0; 128 << 10];
    let mut at = 0;
    loop {
        let count = from.read_at(&mut buffer, at)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        to.put(bytes, at)?;
        at += count as u64;
    }
}

/// Removes what stands at a path, with all in it, unless it is of this kind.
fn clear(backend: &dyn Backend, path: &str, but: Option<Kind>, depth: usize) -> Result<(), Errno> {
    let kind = match backend.stat(path) {
        Ok(stat) => stat.kind,
        Err(Errno::NoEntry) => return Ok(()),
        Err(errno) => return Err(errno),
    };
    if Some(kind) == but {
        return Ok(());
    }
    if kind != Kind::Dir {
        return backend.remove_file(path);
    }
    if depth > DEEPEST {
        return Err(Errno::NameTooLong);
    }
    for entry in backend.list(path)? {
        let inside = if path.is_empty() { entry.name } else { format!("{path}/{}", entry.name) };
        clear(backend, &inside, None, depth + 1)?;
    }
    backend.remove_dir(path)
}
