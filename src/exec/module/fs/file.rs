//! An open regular file: bytes at offsets, size, times, and what its growth costs.
//!
//! Knows one file, on the host or in memory. Does not know paths, mounts, handles or the
//! guest's memory.

use super::backend::{SetTime, Stat};
use super::errno::{Errno, Stop};
use super::ident::Paid;
use super::overlay::Cell;
use super::usage::Usage;
use rustix::fs::{OFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The largest file offset that a guest can reach, as on the host.
const LARGEST: u64 = i64::MAX as u64;

/// An open regular file.
#[derive(Debug)]
pub enum OpenFile {
    /// A file of the host.
    Host(File),
    /// A file of the host in an overlay.
    Layered(Arc<Cell>),
    /// Bytes that we hold ourselves and nobody can change.
    Memory(Arc<[u8]>, Stat),
}

impl OpenFile {
    /// Does something with the file of the host, if it is one.
    fn with_host<T>(&self, act: impl FnOnce(&File) -> T) -> Option<T> {
        match self {
            Self::Host(file) => Some(act(file)),
            Self::Layered(cell) => Some(cell.with(act)),
            Self::Memory(..) => None,
        }
    }

    /// Changes the file of the host; what we hold ourselves cannot be changed.
    fn change<T, E>(&self, act: impl FnOnce(&File) -> Result<T, E>) -> Result<T, Stop>
    where
        Stop: From<E>,
    {
        if let Self::Layered(cell) = self {
            cell.note_written();
        }
        Ok(self.with_host(act).ok_or(Errno::ReadOnly)??)
    }

    /// Reads at an offset; 0 at the end.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize, Errno> {
        match self {
            Self::Host(file) => Ok(retry(|| file.read_at(buffer, offset))?),
            Self::Layered(cell) => Ok(cell.with(|file| retry(|| file.read_at(buffer, offset)))?),
            Self::Memory(bytes, _) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let rest = bytes.get(start..).unwrap_or(&[]);
                let count = rest.len().min(buffer.len());
                if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
                    to.copy_from_slice(from);
                }
                Ok(count)
            }
        }
    }

    /// Writes at an offset, or at the end. Growth is charged before it happens.
    pub fn write_at(
        &self,
        bytes: &[u8],
        offset: u64,
        append: bool,
        paid: &Paid,
        usage: &mut Usage,
    ) -> Result<usize, Stop> {
        if matches!(self, Self::Memory(..)) {
            return Err(Errno::ReadOnly.into());
        }
        if bytes.is_empty() {
            return Ok(0);
        }
        let start = if append { self.size()? } else { offset };
        let end = start.checked_add(bytes.len() as u64).filter(|end| *end <= LARGEST).ok_or(Errno::FileTooBig)?;
        grow(end, paid, usage)?;
        self.change(|file| retry(|| file.write_at(bytes, offset)).map_err(Errno::from))
    }

    /// All that it holds, of `most` bytes at most.
    pub fn all(&self, most: u64) -> Result<Vec<u8>, Errno> {
        let mut bytes = Vec::new();
        let size = self.size()?.saturating_add(1).min(64 << 10);
        let mut buffer = vec![0; usize::try_from(size).unwrap_or(1)];
        loop {
            let count = self.read_at(&mut buffer, bytes.len() as u64)?;
            let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { return Ok(bytes) };
            if bytes.len() as u64 + count as u64 > most {
                return Err(Errno::FileTooBig);
            }
            bytes.extend_from_slice(part);
        }
    }

    /// The file of the host, if it is one.
    pub fn to_host(&self) -> Option<std::io::Result<File>> {
        self.with_host(File::try_clone)
    }

    /// Writes at an offset, at nobody's cost.
    pub fn put(&self, bytes: &[u8], offset: u64) -> Result<(), Errno> {
        let written = self.change(|file| file.write_all_at(bytes, offset).map_err(Errno::from));
        written.map_err(|stop| match stop {
            Stop::Errno(errno) => errno,
            Stop::End(_) => Errno::Io,
        })
    }

    /// Bytes in the file now.
    pub fn size(&self) -> Result<u64, Errno> {
        match self {
            Self::Host(file) => Ok(file.metadata()?.len()),
            Self::Layered(cell) => Ok(cell.with(File::metadata)?.len()),
            Self::Memory(bytes, _) => Ok(bytes.len() as u64),
        }
    }

    /// Cuts or extends the file.
    pub fn set_size(&self, size: u64, paid: &Paid, usage: &mut Usage) -> Result<(), Stop> {
        if matches!(self, Self::Memory(..)) {
            return Err(Errno::ReadOnly.into());
        }
        if size > LARGEST {
            return Err(Errno::FileTooBig.into());
        }
        let before = self.size()?;
        grow(size, paid, usage)?;
        self.change(|file| file.set_len(size).map_err(Errno::from))?;
        if size < before {
            usage.give_back_bytes(paid.swap(size, Ordering::Relaxed).saturating_sub(size));
        }
        Ok(())
    }

    /// Makes room up to `offset + length` without changing what is there.
    pub fn allocate(&self, offset: u64, length: u64, paid: &Paid, usage: &mut Usage) -> Result<(), Stop> {
        if length == 0 {
            return Err(Errno::Invalid.into());
        }
        let end = offset.checked_add(length).filter(|end| *end <= LARGEST).ok_or(Errno::FileTooBig)?;
        if end > self.size()? {
            self.set_size(end, paid, usage)?;
        }
        Ok(())
    }

    /// Waits until data (and, with `all`, times and size) are on disk.
    pub fn sync(&self, all: bool) -> Result<(), Errno> {
        let synced = self.with_host(|file| if all { file.sync_all() } else { file.sync_data() });
        Ok(synced.unwrap_or(Ok(()))?)
    }

    /// What the file is now.
    pub fn stat(&self) -> Result<Stat, Errno> {
        match self {
            Self::Host(file) => Ok(super::host::stat_of(&rustix::fs::fstat(file)?)),
            Self::Layered(cell) => {
                let stat = super::host::stat_of(&cell.with(|file| rustix::fs::fstat(file))?);
                Ok(Stat { identity: cell.shown, age: cell.age(), ..stat })
            }
            Self::Memory(_, stat) => Ok(*stat),
        }
    }

    /// Sets times of access and change.
    pub fn set_times(&self, accessed: SetTime, modified: SetTime) -> Result<(), Errno> {
        match self {
            Self::Host(file) => Ok(rustix::fs::futimens(file, &timestamps(accessed, modified))?),
            Self::Layered(cell) => cell.set_times(accessed, modified),
            Self::Memory(..) => Err(Errno::ReadOnly),
        }
    }

    /// Turns writing at the end on or off.
    pub fn set_append(&self, append: bool) -> Result<(), Errno> {
        let set = self.with_host(|file| {
            let flags = rustix::fs::fcntl_getfl(file)?;
            let wanted = if append { flags | OFlags::APPEND } else { flags - OFlags::APPEND };
            rustix::fs::fcntl_setfl(file, wanted)
        });
        Ok(set.unwrap_or(Ok(()))?)
    }
}

/// Charges the growth of a file to `end`, as far as it has not been paid for yet.
fn grow(end: u64, paid: &Paid, usage: &mut Usage) -> Result<(), Stop> {
    let before = paid.load(Ordering::Relaxed);
    if end > before {
        usage.take_bytes(end - before)?;
        paid.fetch_max(end, Ordering::Relaxed);
    }
    Ok(())
}

/// Times in the host's form.
#[must_use]
pub fn timestamps(accessed: SetTime, modified: SetTime) -> Timestamps {
    let one = |time: SetTime| match time {
        SetTime::Keep => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        SetTime::Now => Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
        SetTime::At(nanos) => Timespec {
            tv_sec: i64::try_from(nanos / 1_000_000_000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(nanos % 1_000_000_000).unwrap_or(0),
        },
    };
    Timestamps { last_access: one(accessed), last_modification: one(modified) }
}

/// Repeats a call that a signal interrupted.
fn retry(mut call: impl FnMut() -> std::io::Result<usize>) -> std::io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
