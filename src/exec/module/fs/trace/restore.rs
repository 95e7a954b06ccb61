//! What an earlier step left, put into the mounts of another.
//!
//! Knows records and backends. Does not know where bytes come from. All that it replaces was seen by the earlier
//! step and found the same, so nothing is lost that the step itself would have kept.

use super::Ground;
use super::record::{Digest, Left, Times, Write};
use crate::exec::module::fs::backend::{Backend, Kind, OpenHow, Opened, SetTime};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::ident::Identities;
use crate::exec::module::fs::path::{join, parted};
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

/// Puts everything into place. `bytes` gives what a file holds. Fails at the first thing that cannot be done.
pub fn restore<'b>(
    writes: &[Write],
    grounds: &[Ground],
    identities: &Identities,
    bytes: impl Fn(&Digest) -> Option<&'b Bytes>,
) -> Result<(), String> {
    let gone = |write: &&Write| write.left == Left::Gone;
    // Modes and times of directories come last, the innermost first: they may keep others out, and change with what is
    // put into them.
    let late = |write: &&Write| matches!(write.left, Left::Dir { .. } | Left::Stamped);
    let with = |write: &Write, act: &dyn Fn(&dyn Backend) -> Result<(), String>| {
        let ground = grounds.get(write.ground).ok_or("it is of other mounts")?;
        let result = if ground.read_only { Err("it is read-only".to_owned()) } else { act(&*ground.backend) };
        result.map_err(|why| format!("{}/{}: {why}", ground.path, write.path))
    };
    for write in writes.iter().rev().filter(gone).chain(writes.iter().filter(|write| !gone(write))) {
        with(write, &|backend| put(backend, &write.path, &write.left, identities, &bytes))?;
    }
    for write in writes.iter().rev().filter(late) {
        with(write, &|backend| finish(backend, &write.path, &write.left, identities).map_err(|e| e.to_string()))?;
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
        Left::Stamped => Ok(()),
        Left::Mode { mode } => backend.set_mode(path, *mode).map_err(words),
        Left::Dir { whole, .. } => {
            clear(backend, path, (!whole).then_some(Kind::Dir), 0).map_err(words)?;
            match backend.make_dirs(path) {
                Ok(()) | Err(Errno::Exists) => Ok(()),
                Err(errno) => Err(words(errno)),
            }
        }
        Left::File { mode, digest, in_place, times, .. } => {
            let from = bytes(digest).ok_or("its bytes are not at hand")?;
            file(backend, path, *mode, *in_place, from, *times, identities).map_err(words)
        }
        Left::Link { target, times } => {
            clear(backend, path, None, 0).map_err(words)?;
            making(backend, path, || backend.make_link(target, path)).map_err(words)?;
            set_times(backend, path, *times, identities).map_err(words)
        }
        Left::Same { path: first } => {
            clear(backend, path, None, 0).map_err(words)?;
            making(backend, path, || backend.link(first, path)).map_err(words)
        }
    }
}

/// Makes a name. The top of a mount that lies within another is made at its first write; so it is here.
fn making<T>(backend: &dyn Backend, path: &str, make: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
    match make() {
        Err(Errno::NoEntry) => match backend.make_dirs(parted(path).0) {
            Ok(()) | Err(Errno::Exists) => make(),
            Err(errno) => Err(errno),
        },
        made => made,
    }
}

fn file(
    backend: &dyn Backend,
    path: &str,
    mode: u32,
    in_place: bool,
    from: &Bytes,
    times: Times,
    identities: &Identities,
) -> Result<(), Errno> {
    // A file that the step put in the place of another is another file: other names of that one keep what it held.
    clear(backend, path, in_place.then_some(Kind::File), 0)?;
    let how = OpenHow { read: true, write: true, truncate: true, ..OpenHow::default() };
    let mut opened = backend.open(path, how);
    if matches!(opened, Err(Errno::Access | Errno::NotPermitted)) {
        // The step gave itself the right to write to it for a while.
        backend.set_mode(path, 0o600)?;
        opened = backend.open(path, how);
    }
    let (file, was) = match opened {
        Ok(Opened::File(file, stat)) => (file, stat),
        Ok(Opened::Dir | Opened::Device(_) | Opened::Handle(_)) => return Err(Errno::Invalid),
        Err(Errno::NoEntry) => making(backend, path, || backend.create(path, how))?,
        Err(errno) => return Err(errno),
    };
    fill(&file, from)?;
    identities.wrote(was.identity);
    let before = file.stat()?;
    if before.mode != mode {
        backend.set_mode(path, mode)?;
    }
    let one = |time: Option<u64>| time.map_or(SetTime::Keep, SetTime::At);
    if times != Times::default() {
        file.set_times(SetTime::Keep, one(times.modified))?;
        identities.note_times(&before, false, one(times.accessed), one(times.modified));
    }
    Ok(())
}

/// Gives a directory its mode and times.
fn finish(backend: &dyn Backend, path: &str, left: &Left, identities: &Identities) -> Result<(), Errno> {
    match left {
        Left::Dir { mode, times, .. } => {
            if backend.stat(path)?.mode != *mode {
                backend.set_mode(path, *mode)?;
            }
            set_times(backend, path, *times, identities)
        }
        _ => match backend.set_times(path, SetTime::Keep, SetTime::Now) {
            // The top of a mount, which may not be on disk yet, has a time that nobody sets.
            Err(Errno::NoEntry | Errno::Busy) if path.is_empty() => match backend.make_dirs(path) {
                Ok(()) | Err(Errno::Exists | Errno::Busy) => Ok(()),
                Err(errno) => Err(errno),
            },
            set => set,
        },
    }
}

fn set_times(backend: &dyn Backend, path: &str, times: Times, identities: &Identities) -> Result<(), Errno> {
    if times == Times::default() {
        return Ok(());
    }
    let one = |time: Option<u64>| time.map_or(SetTime::Keep, SetTime::At);
    let before = backend.stat(path)?;
    backend.set_times(path, SetTime::Keep, one(times.modified))?;
    identities.note_times(&before, false, one(times.accessed), one(times.modified));
    Ok(())
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
        clear(backend, &join(path, &entry.name), None, depth + 1)?;
    }
    backend.remove_dir(path)
}
