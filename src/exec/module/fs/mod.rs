//! The guest's file system: one root made of mounts, with every call of a guest that names a
//! file passing through [`GuestFs`].
//!
//! Knows mounts, read-only rules, what calls cost of the step's limits, and POSIX's
//! answers. Does not know WASI's ABI, the guest's memory or its handles' numbers.

pub mod backend;
pub mod device;
pub mod errno;
pub mod file;
pub mod held;
pub mod host;
pub mod ident;
mod link;
pub mod overlay;
mod path;
pub mod table;
pub mod trace;
pub mod usage;
pub mod walk;

use super::processes::fifo::Fifo;
use super::processes::pipe::Pipe;
use backend::{Device, Identity, Kind, OpenHow, Opened, PERMISSIONS, SetTime, Stat};
use errno::{Errno, Stop};
use file::OpenFile;
use ident::{Identities, Paid, Seen};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use table::{MountTable, Spot};
use trace::Trace;
use usage::{Charged, Opening, Usage};
use walk::{Base, DEEPEST, Parsed, parse};

/// How often an open is tried again when others make and remove the same name meanwhile.
const RETRIES: usize = 8;

/// What a step sees of files, and what it has used.
pub struct GuestFs {
    /// The step's mounts.
    pub table: Arc<MountTable>,
    /// Inodes and times of the attempt.
    pub identities: Arc<Identities>,
    /// What has been used of the limits.
    pub usage: Usage,
    /// Times are shown as the host has them.
    pub real_times: bool,
    /// Notes what the step sees and changes, where its result could be kept.
    pub trace: Option<Arc<Trace>>,
}

/// What a guest asks of an open.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenRequest {
    /// Reading, writing and their kin.
    pub how: OpenHow,
    /// Make it where it is missing.
    pub create: bool,
    /// Fail where it is there.
    pub exclusive: bool,
    /// Fail where it is not a directory.
    pub directory: bool,
}

/// What an open gave.
pub enum OpenedAt {
    /// A regular file.
    File(FileHandle),
    /// A directory, by its path without links.
    Dir(String),
    /// A device.
    Device(Device),
    /// What the guest's own handle of this number stands for.
    Handle(u32),
    /// A named pipe, not open yet: opening it waits for its other end.
    Fifo(Arc<Pipe>),
}

/// An open regular file that several handles share, its place included. Clones share it.
#[derive(Clone)]
pub struct SharedFile(Arc<Mutex<FileHandle>>);

impl SharedFile {
    /// A file that nobody shares yet.
    #[must_use]
    pub fn new(file: FileHandle) -> Self {
        Self(Arc::new(Mutex::new(file)))
    }

    /// The file, for one call.
    pub fn lock(&self) -> MutexGuard<'_, FileHandle> {
        // A place in a file is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open regular file with a place in it.
pub struct FileHandle {
    /// The file.
    pub file: OpenFile,
    /// Where the next read or write goes.
    pub position: u64,
    /// The size up to which the file's bytes are paid for.
    pub paid: Paid,
    /// Writes go to the end.
    pub append: bool,
    /// It lies in a read-only mount: its times are not the guest's to set.
    read_only: bool,
    /// It was opened for reading alone.
    only_read: bool,
    identity: Identity,
    identities: Arc<Identities>,
    /// Gets the bytes back if the file goes with this handle.
    charged: Charged,
    _opening: Opening,
}

impl Drop for FileHandle {
    fn drop(&mut self) {
        let gone = self.identities.closed(self.identity);
        // Asked once more: somebody may have given the file another name while one was removed.
        if gone && self.file.stat().is_ok_and(|stat| stat.links == 0) {
            self.charged.give_back(self.paid.load(Ordering::Relaxed));
        }
    }
}

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name without slashes.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Stable number of the file.
    pub inode: u64,
}

impl GuestFs {
    /// Nothing can be said of this step for those who would run it again, for this reason.
    pub fn spoil(&self, why: &str) {
        if let Some(trace) = &self.trace {
            trace.spoil(|| why.to_owned());
        }
    }

    /// Notes an error that a guest is answered.
    pub fn answered(&self, errno: Errno) -> Errno {
        if let Some(trace) = &self.trace {
            trace.answered(errno);
        }
        errno
    }

    /// Opens a path.
    pub fn open(&mut self, base: Base<'_>, text: &str, follow: bool, request: OpenRequest) -> Result<OpenedAt, Stop> {
        let parsed = parse(text)?;
        let follow = (follow || parsed.must_be_dir) && !(request.create && request.exclusive);
        let table = self.table.clone();
        walk::at(&table, base, &parsed, follow, |spot| {
            let opened = self.open_spot(spot, request, &parsed)?;
            self.take_copied(spot)?;
            Ok(opened)
        })
    }

    /// Charges what a call had to copy.
    fn take_copied(&mut self, spot: &Spot) -> Result<(), Stop> {
        match self.table.mount(spot).backend.copied() {
            0 => Ok(()),
            copied => self.usage.take_bytes(copied.min(self.usage.limits().disk)),
        }
    }

    fn open_spot(&mut self, spot: &Spot, request: OpenRequest, parsed: &Parsed<'_>) -> Result<OpenedAt, Stop> {
        let OpenRequest { how, create, exclusive, directory } = request;
        if directory || parsed.must_be_dir || self.table.fixed_dir(spot).is_some() {
            let slash = parsed.must_be_dir && parsed.ends_in_dot.is_none();
            return self.open_dir(spot, request, slash);
        }
        let table = self.table.clone();
        let mount = table.mount(spot);
        if mount.read_only && (how.write || how.truncate || create) {
            return self.open_read_only(spot, request);
        }
        // Before anything is made, or cut.
        let opening = self.usage.open_file()?;
        for _ in 0..RETRIES {
            if !(create && exclusive) {
                match mount.backend.open(spot.inside(), how) {
                    Ok(Opened::Dir) if create => return Err(Errno::IsDir.into()),
                    Ok(opened) => return Ok(self.opened(opened, how, spot, opening)),
                    Err(Errno::NoEntry) if create => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
            match self.making(spot, |inside| mount.backend.create(inside, how)) {
                Ok((file, stat)) => {
                    return Ok(self.opened(Opened::File(file, stat), how, spot, opening));
                }
                Err(Stop::Errno(Errno::Exists)) if !exclusive => {}
                Err(stop) => return Err(stop),
            }
        }
        Err(Errno::Again.into())
    }

    fn open_dir(&self, spot: &Spot, request: OpenRequest, slash: bool) -> Result<OpenedAt, Stop> {
        let found = self.stat_spot(spot);
        match found {
            // Linux: a file that may be made cannot be called `name/`, whatever stands there.
            Ok(stat) if request.create && slash && (request.exclusive || stat.kind != Kind::Symlink) => {
                Err(Errno::IsDir.into())
            }
            Ok(stat) if stat.kind == Kind::Symlink => Err(Errno::Loop.into()),
            Ok(stat) if stat.kind != Kind::Dir => Err(Errno::NotDir.into()),
            Ok(_) if request.create && request.exclusive => Err(Errno::Exists.into()),
            Ok(_) if request.how.write || request.how.truncate || request.create => Err(Errno::IsDir.into()),
            Ok(_) => Ok(OpenedAt::Dir(spot.path.clone())),
            // Linux: a new file cannot be called `name/`.
            Err(Errno::NoEntry) if request.create => Err(Errno::IsDir.into()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// An open of a read-only mount that would change something, or make a file that may be there.
    fn open_read_only(&mut self, spot: &Spot, request: OpenRequest) -> Result<OpenedAt, Stop> {
        let table = self.table.clone();
        let mount = table.mount(spot);
        let changes = request.how.write || request.how.truncate;
        match mount.backend.stat(spot.inside()) {
            Ok(_) if request.create && request.exclusive => Err(Errno::Exists.into()),
            Ok(stat) if stat.kind == Kind::Symlink => Err(Errno::Loop.into()),
            Ok(stat) if stat.kind == Kind::Dir => Err(Errno::IsDir.into()),
            Ok(_) if changes => Err(Errno::ReadOnly.into()),
            Ok(_) => {
                let opening = self.usage.open_file()?;
                let opened = mount.backend.open(spot.inside(), request.how)?;
                Ok(self.opened(opened, request.how, spot, opening))
            }
            Err(Errno::NoEntry) if request.create => Err(Errno::ReadOnly.into()),
            Err(errno) => Err(errno.into()),
        }
    }

    fn opened(&mut self, opened: Opened, how: OpenHow, spot: &Spot, opening: Opening) -> OpenedAt {
        match opened {
            Opened::Dir => OpenedAt::Dir(spot.path.clone()),
            Opened::Device(device) => OpenedAt::Device(device),
            Opened::Handle(number) => OpenedAt::Handle(number),
            Opened::File(file, stat) => {
                if let Some(pipe) = self.identities.fifo(stat.identity) {
                    self.spoil("it opened a named pipe");
                    return OpenedAt::Fifo(pipe);
                }
                if how.write || how.truncate || how.append {
                    self.identities.wrote(stat.identity);
                }
                let paid = self.identities.opened(stat.identity, stat.size);
                if how.truncate {
                    self.usage.give_back_bytes(paid.swap(0, Ordering::Relaxed));
                }
                OpenedAt::File(FileHandle {
                    file,
                    position: 0,
                    paid,
                    append: how.append,
                    read_only: self.table.mount(spot).read_only,
                    only_read: !(how.write || how.truncate || how.append),
                    identity: stat.identity,
                    identities: self.identities.clone(),
                    charged: self.usage.charged(),
                    _opening: opening,
                })
            }
        }
    }

    /// Makes a named pipe: a file without bytes, that all programs of the attempt take for a pipe.
    pub fn make_fifo(&mut self, base: Base<'_>, text: &str, mode: u32) -> Result<(), Stop> {
        self.identities.room_for_fifo()?;
        self.spoil("it made a named pipe");
        let how = OpenHow { write: true, ..OpenHow::default() };
        let request = OpenRequest { how, create: true, exclusive: true, ..OpenRequest::default() };
        let parsed = parse(text)?;
        let table = self.table.clone();
        let (file, backend, inside) = walk::at(&table, base, &parsed, false, |spot| {
            let opened = self.open_spot(spot, request, &parsed)?;
            let OpenedAt::File(file) = opened else { return Err(Errno::Exists.into()) };
            table.mount(spot).backend.set_mode(spot.inside(), mode & PERMISSIONS)?;
            Ok::<_, Stop>((file, table.mount(spot).backend.clone(), spot.inside().to_owned()))
        })?;
        let identity = file.identity;
        self.identities
            .add_fifo(identity, Fifo { pipe: Pipe::new(None), backend, inside, _file: SharedFile::new(file) });
        Ok(())
    }

    /// Makes something that counts as a file, and the directories of the table above it where they
    /// are not on disk yet.
    fn making<T>(&mut self, spot: &Spot, make: impl Fn(&str) -> Result<T, Errno>) -> Result<T, Stop> {
        refuse_too_deep(spot)?;
        let mut made = make(spot.inside());
        if matches!(made, Err(Errno::NoEntry)) && self.make_fixed_above(spot)? {
            made = make(spot.inside());
        }
        let made = made?;
        // Counted once it is there, so that a name that exists already costs nothing.
        self.usage.take_file()?;
        Ok(made)
    }

    /// Makes the directory above a spot on disk, if it is one that exists only in the table.
    fn make_fixed_above(&self, spot: &Spot) -> Result<bool, Errno> {
        let above = spot.path.rsplit_once('/').map_or("", |(above, _)| above);
        let above = self.table.spot(above.to_owned());
        let only_in_table = above.is_fixed() && !above.inside().is_empty() && self.table.same_mount(&above, spot);
        if only_in_table {
            self.table.mount(&above).backend.make_dirs(above.inside())?;
        }
        Ok(only_in_table)
    }

    /// Notes that the running step made what is no file; one is noted when it is opened.
    fn note_made(&self, spot: &Spot) {
        if let Ok(stat) = self.table.mount(spot).backend.stat(spot.inside()) {
            self.identities.wrote(stat.identity);
        }
    }

    /// What stands at a spot.
    fn stat_spot(&self, spot: &Spot) -> Result<Stat, Errno> {
        match self.table.fixed_dir(spot) {
            Some(stat) => Ok(stat),
            None => self.table.mount(spot).backend.stat(spot.inside()),
        }
    }

    /// What stands at a path.
    pub fn stat(&self, base: Base<'_>, text: &str, follow: bool) -> Result<Seen, Errno> {
        let parsed = parse(text)?;
        let follow = follow || parsed.must_be_dir;
        let stat = walk::at(&self.table, base, &parsed, follow, |spot| {
            let stat = self.stat_spot(spot)?;
            match stat.kind {
                Kind::Symlink if follow => Err(Errno::Loop),
                Kind::Dir => Ok(stat),
                _ if parsed.must_be_dir => Err(Errno::NotDir),
                _ => Ok(stat),
            }
        })?;
        Ok(self.identities.seen(&stat, self.real_times))
    }

    /// What stands at a path without links: a directory that a guest holds.
    pub fn stat_dir(&self, path: &str) -> Result<Seen, Errno> {
        let stat = self.stat_spot(&self.table.spot(path.to_owned()))?;
        Ok(self.identities.seen(&stat, self.real_times))
    }

    /// What an open file is.
    pub fn stat_file(&self, handle: &FileHandle) -> Result<Seen, Errno> {
        Ok(self.identities.seen(&handle.file.stat()?, self.real_times))
    }

    /// Sets an open file's times, and remembers that the guest chose them.
    pub fn set_file_times(&self, handle: &FileHandle, accessed: SetTime, modified: SetTime) -> Result<(), Errno> {
        if handle.read_only {
            return Err(Errno::ReadOnly);
        }
        if handle.only_read {
            self.spoil("it set the times of a file that it only read");
        }
        let before = handle.file.stat()?;
        handle.file.set_times(accessed, modified)?;
        self.identities.note_times(&before, self.real_times, accessed, modified);
        Ok(())
    }

    /// The names in a directory that a guest holds: `.` and `..` first, then by their bytes.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>, Errno> {
        let spot = self.table.spot(path.to_owned());
        let mount = self.table.mount(&spot);
        let listed = match mount.backend.list(spot.inside()) {
            Err(Errno::NoEntry) if spot.is_fixed() => Vec::new(),
            listed => listed?,
        };
        let fixed: Vec<_> = self.table.names_in(&spot).collect();
        let mut names: Vec<_> = listed
            .into_iter()
            .filter(|entry| !fixed.iter().any(|(name, ..)| *name == entry.name))
            .map(|entry| (entry.name, entry.kind, entry.identity))
            .collect();
        for (name, kind, identity) in fixed {
            let identity = match identity {
                Some(identity) => identity,
                None => self.stat_spot(&self.table.spot(format!("{path}/{name}")))?.identity,
            };
            names.push((name.to_owned(), kind, identity));
        }
        names.sort_by(|a, b| a.0.cmp(&b.0));
        let above = path.rfind('/').and_then(|end| path.get(..end)).unwrap_or("");
        let mut entries = vec![
            Entry { name: ".".into(), kind: Kind::Dir, inode: self.stat_dir(path)?.inode },
            Entry { name: "..".into(), kind: Kind::Dir, inode: self.stat_dir(above)?.inode },
        ];
        entries.extend(names.into_iter().map(|(name, kind, identity)| Entry {
            name,
            kind: self.identities.kind(identity, kind),
            inode: self.identities.inode(identity),
        }));
        Ok(entries)
    }
}

/// Refuses to make or move anything to where a path has more than [`DEEPEST`] names. What a moved
/// directory holds is not looked at, so a tree can still be deeper.
fn refuse_too_deep(spot: &Spot) -> Result<(), Errno> {
    if spot.path.matches('/').count() > DEEPEST { Err(Errno::NameTooLong) } else { Ok(()) }
}
