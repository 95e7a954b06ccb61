//! The guest's handles: numbers, what they stand for, and what may be done through them.
//!
//! Knows WASI's rights and flags. Does not know what the calls do with a handle.

use crate::exec::module::fs::backend::Device;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::walk::{Base, LONGEST_PATH};
use crate::exec::module::fs::{Entry, FileHandle, SharedFile};
use crate::exec::module::limiter::{Kept, MemoryLimiter};
use crate::exec::module::processes::pipe::PipeEnd;
use std::collections::BTreeMap;
use std::sync::MutexGuard;

/// WASI's rights, as bits.
pub mod rights {
    #![allow(missing_docs, reason = "the names are WASI's own")]
    pub const FD_DATASYNC: u64 = 1;
    pub const FD_READ: u64 = 1 << 1;
    pub const FD_SEEK: u64 = 1 << 2;
    pub const FD_FDSTAT_SET_FLAGS: u64 = 1 << 3;
    pub const FD_SYNC: u64 = 1 << 4;
    pub const FD_TELL: u64 = 1 << 5;
    pub const FD_WRITE: u64 = 1 << 6;
    pub const FD_ADVISE: u64 = 1 << 7;
    pub const FD_ALLOCATE: u64 = 1 << 8;
    pub const PATH_CREATE_DIRECTORY: u64 = 1 << 9;
    pub const PATH_CREATE_FILE: u64 = 1 << 10;
    pub const PATH_LINK_SOURCE: u64 = 1 << 11;
    pub const PATH_LINK_TARGET: u64 = 1 << 12;
    pub const PATH_OPEN: u64 = 1 << 13;
    pub const FD_READDIR: u64 = 1 << 14;
    pub const PATH_READLINK: u64 = 1 << 15;
    pub const PATH_RENAME_SOURCE: u64 = 1 << 16;
    pub const PATH_RENAME_TARGET: u64 = 1 << 17;
    pub const PATH_FILESTAT_GET: u64 = 1 << 18;
    pub const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
    pub const PATH_FILESTAT_SET_TIMES: u64 = 1 << 20;
    pub const FD_FILESTAT_GET: u64 = 1 << 21;
    pub const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
    pub const FD_FILESTAT_SET_TIMES: u64 = 1 << 23;
    pub const PATH_SYMLINK: u64 = 1 << 24;
    pub const PATH_REMOVE_DIRECTORY: u64 = 1 << 25;
    pub const PATH_UNLINK_FILE: u64 = 1 << 26;
    pub const POLL_FD_READWRITE: u64 = 1 << 27;

    /// What a directory allows.
    pub const DIR: u64 = PATH_CREATE_DIRECTORY
        | PATH_CREATE_FILE
        | PATH_LINK_SOURCE
        | PATH_LINK_TARGET
        | PATH_OPEN
        | FD_READDIR
        | PATH_READLINK
        | PATH_RENAME_SOURCE
        | PATH_RENAME_TARGET
        | PATH_FILESTAT_GET
        | PATH_FILESTAT_SET_SIZE
        | PATH_FILESTAT_SET_TIMES
        | FD_FILESTAT_GET
        | FD_FILESTAT_SET_TIMES
        | FD_FDSTAT_SET_FLAGS
        | FD_SYNC
        | FD_DATASYNC
        | PATH_SYMLINK
        | PATH_REMOVE_DIRECTORY
        | PATH_UNLINK_FILE;
    /// What a file allows that is open for reading and writing.
    pub const FILE: u64 = FD_DATASYNC
        | FD_READ
        | FD_SEEK
        | FD_FDSTAT_SET_FLAGS
        | FD_SYNC
        | FD_TELL
        | FD_WRITE
        | FD_ADVISE
        | FD_ALLOCATE
        | FD_FILESTAT_GET
        | FD_FILESTAT_SET_SIZE
        | FD_FILESTAT_SET_TIMES
        | POLL_FD_READWRITE;
    /// What only a file allows that is open for writing.
    pub const WRITING: u64 = FD_WRITE | FD_ALLOCATE | FD_FILESTAT_SET_SIZE;
    /// What a stream or device allows in both directions.
    pub const STREAM: u64 = FD_READ | FD_WRITE | FD_FDSTAT_SET_FLAGS | FD_FILESTAT_GET | POLL_FD_READWRITE;
}

/// WASI's `fdflags`, as bits.
pub mod flags {
    #![allow(missing_docs, reason = "the names are WASI's own")]
    pub const APPEND: u16 = 1;
    pub const DSYNC: u16 = 2;
    pub const NONBLOCK: u16 = 4;
    pub const RSYNC: u16 = 8;
    pub const SYNC: u16 = 16;
    pub const ALL: u16 = 31;
}

/// The most bytes of listings that a step's handles keep, together.
pub const MOST_LISTED: usize = 64 << 20;

/// What a handle stands for.
pub enum Handle {
    /// A regular file, which other handles and other programs of the step may share with its place.
    File(SharedFile),
    /// A directory.
    Dir(DirHandle),
    /// A stream of the step or a device.
    Device(Device),
    /// One end of a pipe.
    Pipe(PipeEnd),
}

/// A directory that the guest holds.
pub struct DirHandle {
    /// Its path without links; follows renames that this step makes.
    pub path: String,
    /// The name under which it was there from the start.
    pub preopen: Option<String>,
    /// Whether `..` may lead out of it.
    pub open_above: bool,
    /// What the listing held when it was last started; it stays so until it is started again. None
    /// where it was not started, or where other listings needed the room.
    pub listing: Option<Listing>,
}

/// The names in a directory at one time.
pub struct Listing {
    /// In the order in which the guest sees them.
    pub entries: Vec<Entry>,
    bytes: usize,
    /// They count as memory of the step.
    kept: Option<Kept>,
}

impl Listing {
    /// A listing of these entries.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        let bytes = entries.iter().map(|entry| size_of::<Entry>() + entry.name.len()).sum();
        Self { entries, bytes, kept: None }
    }

    /// Counts it as memory of the step; whether there is room for it.
    pub fn count(&mut self, limiter: &MemoryLimiter) -> bool {
        self.kept = limiter.keep(self.bytes);
        self.kept.is_some()
    }
}

impl DirHandle {
    /// A directory that is there from the start, under this name.
    #[must_use]
    pub fn preopened(name: &str, path: &str) -> Self {
        Self { path: path.to_owned(), preopen: Some(name.to_owned()), open_above: true, listing: None }
    }

    /// Follows a rename. A handle that is moved deeper than any path may reach is left with a path
    /// that every call refuses as too long, so that renames in a circle cannot make paths grow without
    /// end.
    pub fn renamed(&mut self, from: &str, to: &str) {
        if let Some(rest) = self.path.strip_prefix(from)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            self.path = match to.len() + rest.len() {
                0..=LONGEST_PATH => format!("{to}{rest}"),
                _ => format!("/{}", "-".repeat(LONGEST_PATH)),
            };
        }
    }

    /// Where paths relative to this directory start.
    pub fn base(&self) -> Base<'_> {
        Base { path: &self.path, open_above: self.open_above }
    }
}

/// One open handle.
pub struct Open {
    /// What it stands for.
    pub handle: Handle,
    /// What may be done through it.
    pub rights: u64,
    /// What files opened through it may have, as the guest is told.
    pub inheriting: u64,
    /// What files opened through it may not have any more: the guest gave it up.
    pub given_up: u64,
    /// `fdflags`.
    pub flags: u16,
}

impl Open {
    /// A second handle for the same.
    #[must_use]
    pub fn again(&self) -> Self {
        let handle = match &self.handle {
            Handle::File(file) => Handle::File(file.clone()),
            Handle::Device(device) => Handle::Device(*device),
            Handle::Pipe(end) => Handle::Pipe(end.clone()),
            Handle::Dir(dir) => Handle::Dir(DirHandle {
                path: dir.path.clone(),
                preopen: None,
                open_above: dir.open_above,
                listing: None,
            }),
        };
        Self { handle, rights: self.rights, inheriting: self.inheriting, given_up: self.given_up, flags: self.flags }
    }
}

/// All handles of a program.
pub struct Handles {
    open: Vec<Option<Open>>,
    count: usize,
    limit: usize,
    /// A number was asked for that the limit rules out.
    pub met_limit: bool,
}

impl Handles {
    /// No handles yet, and room for this many.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { open: Vec::new(), count: 0, limit: limit as usize, met_limit: false }
    }

    /// Adds a handle under the lowest free number.
    pub fn add(&mut self, open: Open) -> Result<u32, Errno> {
        self.room()?;
        let free = if self.count == self.open.len() {
            self.open.len()
        } else {
            self.open.iter().position(Option::is_none).unwrap_or(self.open.len())
        };
        match self.open.get_mut(free) {
            Some(place) => *place = Some(open),
            None => self.open.push(Some(open)),
        }
        self.count += 1;
        u32::try_from(free).map_err(|_| Errno::TooManyHandles)
    }

    /// Fails if no handle can be added.
    pub fn room(&self) -> Result<(), Errno> {
        if self.count >= self.limit { Err(Errno::TooManyHandles) } else { Ok(()) }
    }

    /// A handle by number.
    pub fn get(&self, fd: u32) -> Result<&Open, Errno> {
        self.open.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::BadFd)
    }

    /// A handle by number, to be changed.
    pub fn get_mut(&mut self, fd: u32) -> Result<&mut Open, Errno> {
        self.open.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::BadFd)
    }

    /// A handle that has to have these rights.
    pub fn with(&self, fd: u32, rights: u64) -> Result<&Open, Errno> {
        let open = self.get(fd)?;
        if open.rights & rights == rights { Ok(open) } else { Err(Errno::NotCapable) }
    }

    /// A directory that has to have these rights.
    pub fn dir(&self, fd: u32, rights: u64) -> Result<&DirHandle, Errno> {
        match self.get(fd)? {
            Open { handle: Handle::Dir(dir), rights: own, .. } if own & rights == rights => Ok(dir),
            Open { handle: Handle::Dir(_), .. } => Err(Errno::NotCapable),
            Open { handle: Handle::File(_) | Handle::Device(_) | Handle::Pipe(_), .. } => Err(Errno::NotDir),
        }
    }

    /// The directories that are open from the start, by path: what may be done in each, and with what is opened there.
    #[must_use]
    pub fn rights_from_the_start(&self) -> BTreeMap<&str, (u64, u64)> {
        fn of(open: &Open) -> Option<(&str, (u64, u64))> {
            match &open.handle {
                Handle::Dir(DirHandle { path, preopen: Some(_), .. }) => Some((path, (open.rights, open.inheriting))),
                _ => None,
            }
        }
        self.open.iter().flatten().filter_map(of).collect()
    }

    /// A regular file that has to have these rights, to be changed.
    pub fn file(&self, fd: u32, rights: u64) -> Result<MutexGuard<'_, FileHandle>, Errno> {
        let open = self.get(fd)?;
        match &open.handle {
            Handle::File(file) if open.rights & rights == rights => Ok(file.lock()),
            Handle::File(_) => Err(Errno::NotCapable),
            Handle::Dir(_) => Err(Errno::BadFd),
            Handle::Device(_) | Handle::Pipe(_) => Err(Errno::NotSeekable),
        }
    }

    /// Forgets all listings; they are taken again when the guest goes on with them.
    pub fn forget_listings(&mut self) {
        for open in self.open.iter_mut().flatten() {
            if let Handle::Dir(dir) = &mut open.handle {
                dir.listing = None;
            }
        }
    }

    /// Keeps a listing with its handle. Where all of them together are more than [`MOST_LISTED`],
    /// those of the other handles go; they are taken again when the guest goes on with them.
    pub fn keep_listing(&mut self, fd: u32, listing: Listing) -> Result<(), Errno> {
        let others = self.open.iter_mut().enumerate().filter(|(number, _)| *number != fd as usize);
        let mut others: Vec<&mut Option<Listing>> = others
            .filter_map(|(_, open)| match open {
                Some(Open { handle: Handle::Dir(dir), .. }) => Some(&mut dir.listing),
                _ => None,
            })
            .collect();
        let kept: usize = others.iter().filter_map(|kept| kept.as_ref()).map(|kept| kept.bytes).sum();
        if kept.saturating_add(listing.bytes) > MOST_LISTED {
            others.iter_mut().for_each(|kept| **kept = None);
        }
        match &mut self.get_mut(fd)?.handle {
            Handle::Dir(dir) => dir.listing = Some(listing),
            Handle::File(_) | Handle::Device(_) | Handle::Pipe(_) => return Err(Errno::NotDir),
        }
        Ok(())
    }

    /// A second handle, with the lowest free number from `least` on, for what a handle stands for.
    pub fn duplicate(&mut self, fd: u32, least: u32) -> Result<u32, Errno> {
        self.room()?;
        if least as usize >= self.limit {
            self.met_limit = true;
            return Err(Errno::Invalid);
        }
        let open = self.get(fd)?.again();
        let free = self.open.iter().skip(least as usize).position(Option::is_none);
        let free = free.map_or(self.open.len().max(least as usize), |place| place + least as usize);
        self.put(free, open);
        u32::try_from(free).map_err(|_| Errno::TooManyHandles)
    }

    /// Makes a number stand for what a handle stands for, whatever it was before.
    pub fn replace(&mut self, fd: u32, to: u32) -> Result<(), Errno> {
        let open = self.get(fd)?.again();
        if to as usize >= self.limit {
            self.met_limit = true;
            return Err(Errno::BadFd);
        }
        self.get(to).map(|_| ()).or_else(|_| self.room())?;
        if fd != to {
            self.put(to as usize, open);
        }
        Ok(())
    }

    /// Gives a handle a number, and closes what had it.
    pub fn put(&mut self, number: usize, open: Open) {
        if self.open.len() <= number {
            self.open.resize_with(number + 1, || None);
        }
        if let Some(place) = self.open.get_mut(number)
            && place.replace(open).is_none()
        {
            self.count += 1;
        }
    }

    /// Closes a handle.
    pub fn close(&mut self, fd: u32) -> Result<(), Errno> {
        let place = self.open.get_mut(fd as usize).ok_or(Errno::BadFd)?;
        place.take().ok_or(Errno::BadFd)?;
        self.count -= 1;
        Ok(())
    }

    /// Gives a handle the number of another one, which is closed.
    pub fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.get(from)?;
        self.get(to)?;
        if from != to {
            let open = self.open.get_mut(from as usize).and_then(Option::take);
            if let Some(place) = self.open.get_mut(to as usize) {
                *place = open;
            }
            self.count -= 1;
        }
        Ok(())
    }

    /// Lets directory handles follow a rename.
    pub fn renamed(&mut self, from: &str, to: &str) {
        for open in self.open.iter_mut().flatten() {
            if let Handle::Dir(dir) = &mut open.handle {
                dir.renamed(from, to);
            }
        }
    }
}
