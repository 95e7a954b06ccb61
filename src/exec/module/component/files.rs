//! `wasi:filesystem`: descriptors, what they are, their bytes, listings and times.
//!
//! Knows WIT's resources and records. Does not know how files are found or kept; calls that name a path are in
//! `paths`. Every directory is one that may be changed through: what may not be changed is its mount's to say.

use super::clock::datetime;
use super::errors::{StreamErrno, error_code};
use super::paths::dir;
use super::streams::{CHUNK, Input, Output, input, output};
use super::wasi::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, MetadataHashValue,
    NewTimestamp, OpenFlags, PathFlags,
};
use super::wasi::filesystem::{preopens, types};
use crate::exec::module::fs::FileHandle;
use crate::exec::module::fs::backend::{Device, Kind, OpenHow, SetTime};
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::ident::Seen;
use crate::exec::module::preview1::handles::{DirHandle, MOST_LISTED};
use crate::exec::module::preview1::stat_device;
use crate::exec::module::state::StepState;
use std::sync::Arc;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, IoError};

/// Flags that say when what is written is on disk.
pub(super) fn synced() -> DescriptorFlags {
    DescriptorFlags::FILE_INTEGRITY_SYNC | DescriptorFlags::DATA_INTEGRITY_SYNC | DescriptorFlags::REQUESTED_WRITE_SYNC
}

/// Shared by all that a guest has open, so that it counts them.
pub type Opened = Arc<()>;

/// How a call of this interface goes.
pub type Answer<T> = Result<T, Stop>;

/// What a guest has open.
pub enum Descriptor {
    /// A regular file.
    File(Arc<SharedFile>),
    /// A directory.
    Dir { dir: DirHandle, open: Opened },
    /// A device.
    Device(Device, OpenHow),
}

/// An open file, held by its descriptor and the streams that were made from it.
pub struct SharedFile {
    /// The file.
    pub file: FileHandle,
    /// What may be done with it.
    pub how: OpenHow,
    /// The flags that it was opened with.
    pub flags: DescriptorFlags,
    /// One of those that are counted.
    pub open: Opened,
}

/// A listing that is being read.
pub struct Entries {
    left: std::vec::IntoIter<DirectoryEntry>,
    bytes: usize,
}

fn descriptor_type(kind: Kind) -> DescriptorType {
    match kind {
        Kind::Dir => DescriptorType::Directory,
        Kind::File => DescriptorType::RegularFile,
        Kind::Symlink => DescriptorType::SymbolicLink,
        Kind::CharDevice => DescriptorType::CharacterDevice,
        Kind::BlockDevice => DescriptorType::BlockDevice,
        Kind::Socket => DescriptorType::Socket,
        Kind::Pipe => DescriptorType::Fifo,
    }
}

/// What a guest is told of a file.
pub(super) fn descriptor_stat(seen: &Seen) -> DescriptorStat {
    let time = Some(datetime(seen.time));
    DescriptorStat {
        type_: descriptor_type(seen.kind),
        link_count: seen.links,
        size: seen.size,
        data_access_timestamp: Some(datetime(seen.accessed)),
        data_modification_timestamp: time,
        status_change_timestamp: time,
    }
}

/// The file's stable number: what wasi-libc shows as inode, the same as a core module sees.
fn metadata_hash(seen: &Seen) -> MetadataHashValue {
    MetadataHashValue { lower: seen.inode, upper: 1 }
}

fn set_time(time: NewTimestamp) -> Result<SetTime, Errno> {
    Ok(match time {
        NewTimestamp::NoChange => SetTime::Keep,
        NewTimestamp::Now => SetTime::Now,
        NewTimestamp::Timestamp(time) => {
            if time.nanoseconds >= 1_000_000_000 {
                return Err(Errno::Invalid);
            }
            let seconds = time.seconds.checked_mul(1_000_000_000);
            let nanos = seconds.and_then(|nanos| nanos.checked_add(u64::from(time.nanoseconds)));
            SetTime::At(nanos.ok_or(Errno::Overflow)?)
        }
    })
}

impl StepState {
    /// A token for one more open file or directory.
    pub(super) fn open_token(&self) -> Result<Opened, Errno> {
        let open = &self.component.open;
        // One holder is the step itself.
        if Arc::strong_count(open) > self.fs.usage.limits().handles as usize {
            return Err(Errno::TooManyHandles);
        }
        Ok(open.clone())
    }

    fn seen(&self, descriptor: &Resource<Descriptor>) -> Answer<Seen> {
        Ok(match self.component.table.get(descriptor)? {
            Descriptor::File(file) => self.fs.stat_file(&file.file)?,
            Descriptor::Dir { dir, .. } => self.fs.stat_dir(&dir.path)?,
            Descriptor::Device(device, _) => stat_device(*device),
        })
    }

    fn file(&self, descriptor: &Resource<Descriptor>, not_a_file: Errno) -> Answer<Arc<SharedFile>> {
        match self.component.table.get(descriptor)? {
            Descriptor::File(file) => Ok(file.clone()),
            Descriptor::Dir { .. } | Descriptor::Device(..) => Err(not_a_file.into()),
        }
    }

    fn sync_all(&self, descriptor: &Resource<Descriptor>, all: bool) -> Answer<()> {
        match self.component.table.get(descriptor)? {
            Descriptor::File(file) => Ok(file.file.file.sync(all)?),
            Descriptor::Dir { .. } => Ok(()),
            Descriptor::Device(..) => Err(Errno::Invalid.into()),
        }
    }

    fn writing(&mut self, descriptor: &Resource<Descriptor>, offset: Option<u64>) -> Answer<Resource<DynOutputStream>> {
        let stream = match self.component.table.get(descriptor)? {
            Descriptor::File(file) if !file.how.write => return Err(Errno::BadFd.into()),
            Descriptor::File(file) => match offset {
                Some(position) => Output::File { file: file.clone(), position },
                None => Output::End(file.clone()),
            },
            Descriptor::Dir { .. } => return Err(Errno::BadFd.into()),
            Descriptor::Device(_, how) if !how.write => return Err(Errno::BadFd.into()),
            Descriptor::Device(device, _) => Output::Device(*device),
        };
        output(&mut self.component.table, stream)
    }

    fn entries(&mut self, descriptor: &Resource<Descriptor>) -> Answer<Resource<Entries>> {
        let dir = dir(&self.component.table, descriptor)?;
        let listed = self.fs.list(&dir.path)?;
        let names = listed.into_iter().filter(|entry| !matches!(entry.name.as_str(), "." | ".."));
        let entries: Vec<DirectoryEntry> =
            names.map(|entry| DirectoryEntry { type_: descriptor_type(entry.kind), name: entry.name }).collect();
        let bytes = entries.iter().map(|entry| size_of::<DirectoryEntry>() + entry.name.len()).sum();
        if self.component.listed.saturating_add(bytes) > MOST_LISTED {
            return Err(Errno::NoMemory.into());
        }
        let made = self.component.table.push(Entries { left: entries.into_iter(), bytes })?;
        self.component.listed += bytes;
        Ok(made)
    }
}

impl types::Host for StepState {
    fn convert_error_code(&mut self, stop: Stop) -> wasmtime::Result<ErrorCode> {
        match stop {
            Stop::Errno(errno) => Ok(error_code(self.fs.answered(errno))),
            Stop::End(_) => Err(self.ends(stop)),
        }
    }

    fn filesystem_error_code(&mut self, error: Resource<IoError>) -> wasmtime::Result<Option<ErrorCode>> {
        match self.component.table.get(&error) {
            Ok(error) => Ok(error.downcast_ref::<StreamErrno>().map(|StreamErrno(errno)| error_code(*errno))),
            Err(error) => Err(self.ends(error.into())),
        }
    }
}

impl types::HostDescriptor for StepState {
    fn read_via_stream(&mut self, this: Resource<Descriptor>, offset: u64) -> Answer<Resource<DynInputStream>> {
        let stream = match self.component.table.get(&this)? {
            Descriptor::File(file) if !file.how.read => return Err(Errno::BadFd.into()),
            Descriptor::File(file) => Input::File { file: file.clone(), position: offset },
            Descriptor::Dir { .. } => return Err(Errno::IsDir.into()),
            Descriptor::Device(_, how) if !how.read => return Err(Errno::BadFd.into()),
            Descriptor::Device(device, _) => Input::Device(*device),
        };
        input(&mut self.component.table, stream)
    }

    fn write_via_stream(&mut self, this: Resource<Descriptor>, offset: u64) -> Answer<Resource<DynOutputStream>> {
        self.writing(&this, Some(offset))
    }

    fn append_via_stream(&mut self, this: Resource<Descriptor>) -> Answer<Resource<DynOutputStream>> {
        self.writing(&this, None)
    }

    fn advise(&mut self, this: Resource<Descriptor>, offset: u64, length: u64, _advice: Advice) -> Answer<()> {
        // Advice may be left unheeded.
        if offset.checked_add(length).is_none() || i64::try_from(offset).is_err() {
            return Err(Errno::Invalid.into());
        }
        match self.component.table.get(&this)? {
            Descriptor::File(_) => Ok(()),
            Descriptor::Dir { .. } => Err(Errno::BadFd.into()),
            Descriptor::Device(..) => Err(Errno::NotSeekable.into()),
        }
    }

    fn sync_data(&mut self, this: Resource<Descriptor>) -> Answer<()> {
        self.sync_all(&this, false)
    }

    fn get_flags(&mut self, this: Resource<Descriptor>) -> Answer<DescriptorFlags> {
        let access = |how: &OpenHow| {
            let read = if how.read { DescriptorFlags::READ } else { DescriptorFlags::empty() };
            let write = if how.write { DescriptorFlags::WRITE } else { DescriptorFlags::empty() };
            read | write
        };
        Ok(match self.component.table.get(&this)? {
            Descriptor::File(file) => access(&file.how) | (file.flags & synced()),
            Descriptor::Dir { .. } => DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
            Descriptor::Device(_, how) => access(how),
        })
    }

    fn get_type(&mut self, this: Resource<Descriptor>) -> Answer<DescriptorType> {
        Ok(match self.component.table.get(&this)? {
            Descriptor::File(_) => DescriptorType::RegularFile,
            Descriptor::Dir { .. } => DescriptorType::Directory,
            Descriptor::Device(device, _) => descriptor_type(stat_device(*device).kind),
        })
    }

    fn set_size(&mut self, this: Resource<Descriptor>, size: u64) -> Answer<()> {
        let file = self.file(&this, Errno::Invalid)?;
        if !file.how.write {
            return Err(Errno::Invalid.into());
        }
        file.file.file.set_size(size, &file.file.paid, &mut self.fs.usage)
    }

    fn set_times(&mut self, this: Resource<Descriptor>, accessed: NewTimestamp, modified: NewTimestamp) -> Answer<()> {
        let (accessed, modified) = (set_time(accessed)?, set_time(modified)?);
        match self.component.table.get(&this)? {
            Descriptor::File(file) => Ok(self.fs.set_file_times(&file.file, accessed, modified)?),
            Descriptor::Dir { dir, .. } => Ok(self.fs.set_times(dir.base(), ".", true, accessed, modified)?),
            Descriptor::Device(..) => Err(Errno::NotPermitted.into()),
        }
    }

    fn read(&mut self, this: Resource<Descriptor>, length: u64, offset: u64) -> Answer<(Vec<u8>, bool)> {
        if matches!(self.component.table.get(&this)?, Descriptor::Dir { .. }) {
            return Err(Errno::IsDir.into());
        }
        let file = self.file(&this, Errno::NotSeekable)?;
        if !file.how.read {
            return Err(Errno::BadFd.into());
        }
        i64::try_from(offset).map_err(|_| Errno::Invalid)?;
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(CHUNK).min(CHUNK)];
        let read = file.file.file.read_at(&mut bytes, offset)?;
        bytes.truncate(read);
        Ok((bytes, read == 0))
    }

    fn write(&mut self, this: Resource<Descriptor>, bytes: Vec<u8>, offset: u64) -> Answer<u64> {
        if matches!(self.component.table.get(&this)?, Descriptor::Dir { .. }) {
            return Err(Errno::BadFd.into());
        }
        let file = self.file(&this, Errno::NotSeekable)?;
        if !file.how.write {
            return Err(Errno::BadFd.into());
        }
        i64::try_from(offset).map_err(|_| Errno::Invalid)?;
        let written = file.file.file.write_at(&bytes, offset, false, &file.file.paid, &mut self.fs.usage)?;
        Ok(written as u64)
    }

    fn read_directory(&mut self, this: Resource<Descriptor>) -> Answer<Resource<Entries>> {
        self.entries(&this)
    }

    fn sync(&mut self, this: Resource<Descriptor>) -> Answer<()> {
        self.sync_all(&this, true)
    }

    fn create_directory_at(&mut self, this: Resource<Descriptor>, path: String) -> Answer<()> {
        self.fs.make_dir(dir(&self.component.table, &this)?.base(), &path)
    }

    fn stat(&mut self, this: Resource<Descriptor>) -> Answer<DescriptorStat> {
        Ok(descriptor_stat(&self.seen(&this)?))
    }

    fn stat_at(&mut self, this: Resource<Descriptor>, lookup: PathFlags, path: String) -> Answer<DescriptorStat> {
        self.stat_path(&this, lookup, &path)
    }

    fn set_times_at(
        &mut self,
        this: Resource<Descriptor>,
        lookup: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> Answer<()> {
        self.set_path_times(&this, lookup, &path, (set_time(accessed)?, set_time(modified)?))
    }

    fn link_at(
        &mut self,
        this: Resource<Descriptor>,
        lookup: PathFlags,
        old: String,
        to: Resource<Descriptor>,
        new: String,
    ) -> Answer<()> {
        self.link_path((&this, lookup, &old), (&to, &new))
    }

    fn open_at(
        &mut self,
        this: Resource<Descriptor>,
        lookup: PathFlags,
        path: String,
        open: OpenFlags,
        flags: DescriptorFlags,
    ) -> Answer<Resource<Descriptor>> {
        self.open_path(&this, lookup, &path, open, flags)
    }

    fn readlink_at(&mut self, this: Resource<Descriptor>, path: String) -> Answer<String> {
        Ok(self.fs.read_link(dir(&self.component.table, &this)?.base(), &path)?)
    }

    fn remove_directory_at(&mut self, this: Resource<Descriptor>, path: String) -> Answer<()> {
        self.fs.remove_dir(dir(&self.component.table, &this)?.base(), &path)
    }

    fn rename_at(
        &mut self,
        this: Resource<Descriptor>,
        old: String,
        to: Resource<Descriptor>,
        new: String,
    ) -> Answer<()> {
        self.rename_path((&this, &old), (&to, &new))
    }

    fn symlink_at(&mut self, this: Resource<Descriptor>, target: String, path: String) -> Answer<()> {
        self.fs.make_link(&target, dir(&self.component.table, &this)?.base(), &path)
    }

    fn unlink_file_at(&mut self, this: Resource<Descriptor>, path: String) -> Answer<()> {
        self.fs.remove_file(dir(&self.component.table, &this)?.base(), &path)
    }

    fn is_same_object(&mut self, this: Resource<Descriptor>, other: Resource<Descriptor>) -> wasmtime::Result<bool> {
        match (self.seen(&this), self.seen(&other)) {
            (Ok(this), Ok(other)) => Ok(this.inode == other.inode),
            // What is no longer there is the same as nothing.
            (Err(Stop::Errno(_)), _) | (_, Err(Stop::Errno(_))) => Ok(false),
            (Err(stop), _) | (_, Err(stop)) => Err(self.ends(stop)),
        }
    }

    fn metadata_hash(&mut self, this: Resource<Descriptor>) -> Answer<MetadataHashValue> {
        Ok(metadata_hash(&self.seen(&this)?))
    }

    fn metadata_hash_at(
        &mut self,
        this: Resource<Descriptor>,
        lookup: PathFlags,
        path: String,
    ) -> Answer<MetadataHashValue> {
        Ok(metadata_hash(&self.see_path(&this, lookup, &path)?))
    }

    fn drop(&mut self, this: Resource<Descriptor>) -> wasmtime::Result<()> {
        self.component.table.delete(this).map(|_| ()).map_err(|error| self.ends(error.into()))
    }
}

impl types::HostDirectoryEntryStream for StepState {
    fn read_directory_entry(&mut self, this: Resource<Entries>) -> Answer<Option<DirectoryEntry>> {
        Ok(self.component.table.get_mut(&this)?.left.next())
    }

    fn drop(&mut self, this: Resource<Entries>) -> wasmtime::Result<()> {
        match self.component.table.delete(this) {
            Ok(entries) => {
                self.component.listed -= entries.bytes;
                Ok(())
            }
            Err(error) => Err(self.ends(error.into())),
        }
    }
}

impl preopens::Host for StepState {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mut directories = Vec::with_capacity(self.preopens.len());
        for (name, path) in &self.preopens {
            let dir = DirHandle::preopened(name, path);
            match self.component.table.push(Descriptor::Dir { dir, open: Opened::default() }) {
                Ok(descriptor) => directories.push((descriptor, name.clone())),
                Err(error) => return Err(self.ends(error.into())),
            }
        }
        Ok(directories)
    }
}
