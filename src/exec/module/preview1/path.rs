//! `path_*`: calls that name files.
//!
//! Knows WASI's flags and rights. Does not know how a path is walked.

use super::handles::{DirHandle, Handle, Open, flags, rights};
use super::{Answer, Call, fd, put_stat};
use crate::exec::module::fs::backend::{Device, OpenHow};
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::{OpenRequest, OpenedAt, SharedFile};
use crate::exec::module::processes::pipe::{Check, Pipe, PipeEnd, Side};
use std::sync::Arc;

/// `lookupflags`: follow a link at the end of the path.
fn follows(lookup: u32) -> Result<bool, Errno> {
    if lookup & !1 == 0 { Ok(lookup == 1) } else { Err(Errno::Invalid) }
}

pub fn path_create_directory(call: &mut Call<'_>, fd: u32, path: u32, length: u32) -> Answer {
    let path = call.memory.path((path, length))?;
    let dir = call.step.handles.dir(fd, rights::PATH_CREATE_DIRECTORY)?;
    call.step.fs.make_dir(dir.base(), path)
}

pub fn path_filestat_get(call: &mut Call<'_>, fd: u32, lookup: u32, path: u32, length: u32, result: u32) -> Answer {
    let path = call.memory.path((path, length))?;
    let dir = call.step.handles.dir(fd, rights::PATH_FILESTAT_GET)?;
    let seen = call.step.fs.stat(dir.base(), path, follows(lookup)?)?;
    Ok(put_stat(&mut call.memory, result, &seen)?)
}

#[expect(clippy::too_many_arguments, reason = "WASI's own signature")]
pub fn path_filestat_set_times(
    call: &mut Call<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    accessed: u64,
    modified: u64,
    which: u32,
) -> Answer {
    let path = call.memory.path((path, length))?;
    let (accessed, modified) = fd::times(accessed, modified, which)?;
    let dir = call.step.handles.dir(fd, rights::PATH_FILESTAT_SET_TIMES)?;
    let follow = follows(lookup)?;
    call.step.fs.set_times(dir.base(), path, follow, accessed, modified)
}

#[expect(clippy::too_many_arguments, reason = "WASI's own signature")]
pub fn path_link(
    call: &mut Call<'_>,
    old_fd: u32,
    lookup: u32,
    old: u32,
    old_length: u32,
    new_fd: u32,
    new: u32,
    new_length: u32,
) -> Answer {
    let old = call.memory.path((old, old_length))?;
    let new = call.memory.path((new, new_length))?;
    let from = call.step.handles.dir(old_fd, rights::PATH_LINK_SOURCE)?;
    let to = call.step.handles.dir(new_fd, rights::PATH_LINK_TARGET)?;
    // WASI: a link is given a second name itself, and never what it leads to.
    if follows(lookup)? {
        return Err(Errno::Invalid.into());
    }
    call.step.fs.link((from.base(), old), false, (to.base(), new))
}

#[expect(clippy::too_many_arguments, reason = "WASI's own signature")]
pub fn path_open(
    call: &mut Call<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    oflags: u32,
    base: u64,
    inheriting: u64,
    fdflags: u32,
    result: u32,
) -> Answer {
    call.memory.check(result, 4)?;
    let path = call.memory.path((path, length))?;
    let fdflags = u16::try_from(fdflags).ok().filter(|f| f & !flags::ALL == 0);
    let fdflags = fdflags.ok_or(Errno::Invalid)?;
    let request = request(oflags, base, fdflags)?;
    let follow = follows(lookup)?;
    let mut needed = rights::PATH_OPEN;
    if request.create {
        needed |= rights::PATH_CREATE_FILE;
    }
    if request.how.truncate {
        needed |= rights::PATH_FILESTAT_SET_SIZE;
    }
    let dir = call.step.handles.dir(fd, needed)?;
    let given_up = call.step.handles.get(fd)?.given_up;
    // Not asked for by name, reading is not refused: the handle only cannot be read.
    let asked = if request.how.write { base | rights::FD_WRITE } else { base & !rights::FD_WRITE };
    if !request.directory && asked & given_up & (rights::FD_READ | rights::FD_WRITE) != 0 {
        return Err(Errno::NotCapable.into());
    }
    call.step.handles.room()?;
    let opened = call.step.fs.open(dir.base(), path, follow, request)?;
    let mut open = match opened {
        OpenedAt::Dir(path) => Open {
            handle: Handle::Dir(DirHandle { path, preopen: None, open_above: false, listing: None }),
            rights: rights::DIR,
            // A program may ask for less in what it opens through this directory.
            inheriting: if inheriting == 0 { 0 } else { rights::DIR | rights::FILE },
            given_up: 0,
            flags: fdflags,
        },
        OpenedAt::Handle(number) => call.step.handles.get(number)?.again(),
        OpenedAt::Fifo(pipe) => {
            let step = &*call.step;
            let is_eager = fdflags & flags::NONBLOCK != 0;
            step.control.settle();
            let end = fifo_end(&pipe, request.how, is_eager, &mut || {
                step.control.check(step.clock.deadlines())?;
                Ok(step.control.check_caught()?)
            })?;
            pipe_handle(end, fdflags)
        }
        OpenedAt::File(file) => {
            let (file, rights) = (SharedFile::new(file), file_rights(request.how));
            Open { handle: Handle::File(file), rights, inheriting: 0, given_up: 0, flags: fdflags }
        }
        OpenedAt::Device(device) => device_handle(device, request.how, fdflags),
    };
    open.rights &= !given_up;
    open.inheriting &= !given_up;
    open.given_up |= given_up;
    let number = call.step.handles.add(open)?;
    Ok(call.memory.put_u32(result, number)?)
}

/// What a guest asks for, from WASI's flags. What is neither for reading nor for writing can be
/// read, since programs that only want to stat it do no more.
fn request(oflags: u32, base: u64, fdflags: u16) -> Result<OpenRequest, Errno> {
    if oflags & !15 != 0 {
        return Err(Errno::Invalid);
    }
    let (create, directory) = (oflags & 1 != 0, oflags & 2 != 0);
    if create && directory {
        return Err(Errno::Invalid);
    }
    // A directory is never written to as a file; programs that ask for every right mean what
    // a directory has.
    let write = base & rights::FD_WRITE != 0 && !directory;
    let read = base & rights::FD_READ != 0 || !write;
    Ok(OpenRequest {
        how: OpenHow {
            read,
            write,
            append: fdflags & flags::APPEND != 0,
            truncate: oflags & 8 != 0,
            sync: fdflags & (flags::DSYNC | flags::SYNC | flags::RSYNC) != 0,
        },
        create,
        exclusive: oflags & 4 != 0,
        directory,
    })
}

fn file_rights(how: OpenHow) -> u64 {
    let mut own = rights::FILE;
    if !how.read {
        own &= !rights::FD_READ;
    }
    if !how.write {
        own &= !rights::WRITING;
    }
    own
}

/// Opens a named pipe. POSIX: who does not want to wait reads at once, and writes only where somebody reads.
fn fifo_end(pipe: &Arc<Pipe>, how: OpenHow, is_eager: bool, check: Check<'_>) -> Result<PipeEnd, Stop> {
    let side = match (how.read, how.write) {
        (true, true) => Side::Both,
        (_, false) => Side::Read,
        (false, true) => Side::Write,
    };
    if !is_eager || side == Side::Both {
        return pipe.meet(side, check);
    }
    if side == Side::Write && !pipe.has_reader() {
        return Err(Errno::NoSuchDevice.into());
    }
    Ok(pipe.end(side))
}

/// A handle of one end of a pipe.
pub fn pipe_handle(end: PipeEnd, flags: u16) -> Open {
    let mut own = rights::STREAM;
    match end.side() {
        Side::Read => own &= !rights::FD_WRITE,
        Side::Write => own &= !rights::FD_READ,
        Side::Both => {}
    }
    Open { handle: Handle::Pipe(end), rights: own, inheriting: 0, given_up: 0, flags }
}

/// A handle of a device or stream.
pub fn device_handle(device: Device, how: OpenHow, flags: u16) -> Open {
    let mut own = rights::STREAM;
    if !matches!(device, Device::Stdin | Device::Stdout | Device::Stderr) {
        own |= rights::FD_SEEK | rights::FD_TELL;
    }
    if !how.read || matches!(device, Device::Stdout | Device::Stderr) {
        own &= !rights::FD_READ;
    }
    if !how.write || device == Device::Stdin {
        own &= !rights::FD_WRITE;
    }
    Open { handle: Handle::Device(device), rights: own, inheriting: 0, given_up: 0, flags }
}

pub fn path_readlink(
    call: &mut Call<'_>,
    fd: u32,
    path: u32,
    length: u32,
    buffer: u32,
    room: u32,
    result: u32,
) -> Answer {
    call.memory.check(buffer, room)?;
    call.memory.check(result, 4)?;
    let path = call.memory.path((path, length))?;
    let dir = call.step.handles.dir(fd, rights::PATH_READLINK)?;
    let target = call.step.fs.read_link(dir.base(), path)?;
    // POSIX: what does not fit is cut.
    let fits = target.len().min(room as usize);
    call.memory.put(buffer, target.as_bytes().get(..fits).unwrap_or_default())?;
    Ok(call.memory.put_u32(result, fits as u32)?)
}

pub fn path_remove_directory(call: &mut Call<'_>, fd: u32, path: u32, length: u32) -> Answer {
    let path = call.memory.path((path, length))?;
    let dir = call.step.handles.dir(fd, rights::PATH_REMOVE_DIRECTORY)?;
    call.step.fs.remove_dir(dir.base(), path)
}

pub fn path_rename(
    call: &mut Call<'_>,
    old_fd: u32,
    old: u32,
    old_length: u32,
    new_fd: u32,
    new: u32,
    new_length: u32,
) -> Answer {
    let old = call.memory.path((old, old_length))?;
    let new = call.memory.path((new, new_length))?;
    let from = call.step.handles.dir(old_fd, rights::PATH_RENAME_SOURCE)?;
    let to = call.step.handles.dir(new_fd, rights::PATH_RENAME_TARGET)?;
    let (from, to) = call.step.fs.rename((from.base(), old), (to.base(), new))?;
    call.step.handles.renamed(&from, &to);
    Ok(())
}

pub fn path_symlink(call: &mut Call<'_>, target: u32, target_length: u32, fd: u32, path: u32, length: u32) -> Answer {
    let target = call.memory.path((target, target_length))?;
    let path = call.memory.path((path, length))?;
    let dir = call.step.handles.dir(fd, rights::PATH_SYMLINK)?;
    call.step.fs.make_link(target, dir.base(), path)
}

pub fn path_unlink_file(call: &mut Call<'_>, fd: u32, path: u32, length: u32) -> Answer {
    let path = call.memory.path((path, length))?;
    let dir = call.step.handles.dir(fd, rights::PATH_UNLINK_FILE)?;
    call.step.fs.remove_file(dir.base(), path)
}
