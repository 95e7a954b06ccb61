//! `fd_*`: what a handle is, its place, size and times.
//!
//! Knows handles. Does not know paths; reading and writing is in `io`.

use super::handles::{Handle, flags, rights};
use super::{Answer, Call, file_type, put_stat};
use crate::exec::module::fs::backend::{Device, Kind, SetTime};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::ident::{OLD, Seen};

pub fn fd_advise(call: &mut Call<'_>, fd: u32, offset: u64, length: u64, advice: u32) -> Answer {
    // WASI: normal, sequential, random, willneed, dontneed, noreuse. Advice may be left unheeded.
    if advice > 5 || offset.checked_add(length).is_none() || i64::try_from(offset).is_err() {
        return Err(Errno::Invalid.into());
    }
    match &call.step.handles.get(fd)?.handle {
        Handle::File(_) => Ok(()),
        Handle::Dir(_) => Err(Errno::BadFd.into()),
        Handle::Device(_) | Handle::Pipe(_) => Err(Errno::NotSeekable.into()),
    }
}

pub fn fd_allocate(call: &mut Call<'_>, fd: u32, offset: u64, length: u64) -> Answer {
    let step = &mut *call.step;
    let open = step.handles.get(fd)?;
    if matches!(open.handle, Handle::File(_)) && open.rights & rights::FD_WRITE == 0 {
        return Err(Errno::BadFd.into());
    }
    let file = step.handles.file(fd, rights::FD_ALLOCATE)?;
    file.file.allocate(offset, length, &file.paid, &mut step.fs.usage)
}

pub fn fd_close(call: &mut Call<'_>, fd: u32) -> Answer {
    Ok(call.step.handles.close(fd)?)
}

pub fn fd_datasync(call: &mut Call<'_>, fd: u32) -> Answer {
    sync(call, fd, false)
}

pub fn fd_sync(call: &mut Call<'_>, fd: u32) -> Answer {
    sync(call, fd, true)
}

fn sync(call: &mut Call<'_>, fd: u32, all: bool) -> Answer {
    let right = if all { rights::FD_SYNC } else { rights::FD_DATASYNC };
    let open = call.step.handles.get(fd)?;
    match &open.handle {
        Handle::Device(_) | Handle::Pipe(_) => Err(Errno::Invalid.into()),
        // Linux syncs a directory; WASI has no such act of one.
        Handle::Dir(_) => Err(Errno::BadFd.into()),
        _ if open.rights & right == 0 => Err(Errno::NotCapable.into()),
        Handle::File(file) => Ok(file.lock().file.sync(all)?),
    }
}

pub fn fd_fdstat_get(call: &mut Call<'_>, fd: u32, result: u32) -> Answer {
    let open = call.step.handles.get(fd)?;
    let kind = match &open.handle {
        Handle::File(_) => Kind::File,
        Handle::Dir(_) => Kind::Dir,
        Handle::Device(device) => device_kind(*device),
        Handle::Pipe(_) => Kind::Pipe,
    };
    let mut bytes = Vec::with_capacity(24);
    bytes.extend([file_type(kind), 0]);
    bytes.extend(open.flags.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(open.rights.to_le_bytes());
    bytes.extend(open.inheriting.to_le_bytes());
    Ok(call.memory.put(result, &bytes)?)
}

/// What a device is to a guest. The standard streams are pipes: a character device would be taken
/// for a terminal.
fn device_kind(device: Device) -> Kind {
    match device {
        Device::Stdin | Device::Stdout | Device::Stderr => Kind::Pipe,
        Device::Null | Device::Zero | Device::Full | Device::Random => Kind::CharDevice,
    }
}

pub fn fd_fdstat_set_flags(call: &mut Call<'_>, fd: u32, wanted: u32) -> Answer {
    let wanted = u16::try_from(wanted).ok().filter(|w| w & !flags::ALL == 0);
    let wanted = wanted.ok_or(Errno::Invalid)?;
    if matches!(call.step.handles.with(fd, rights::FD_FDSTAT_SET_FLAGS)?.handle, Handle::Dir(_)) {
        return Err(Errno::BadFd.into());
    }
    let open = call.step.handles.get_mut(fd)?;
    if let Handle::File(file) = &mut open.handle {
        // Linux: what is written through is chosen when the file is opened.
        let fixed = flags::DSYNC | flags::RSYNC | flags::SYNC;
        if (open.flags ^ wanted) & fixed != 0 {
            return Err(Errno::NotSupported.into());
        }
        let append = wanted & flags::APPEND != 0;
        let mut file = file.lock();
        if append != file.append {
            file.file.set_append(append)?;
            file.append = append;
        }
    }
    open.flags = wanted;
    Ok(())
}

pub fn fd_fdstat_set_rights(call: &mut Call<'_>, fd: u32, base: u64, inheriting: u64) -> Answer {
    let open = call.step.handles.get_mut(fd)?;
    // Rights can only be given up.
    if base & !open.rights != 0 || inheriting & !open.inheriting != 0 {
        return Err(Errno::NotCapable.into());
    }
    open.rights = base;
    open.given_up |= open.inheriting & !inheriting;
    open.inheriting = inheriting;
    Ok(())
}

pub fn fd_filestat_get(call: &mut Call<'_>, fd: u32, result: u32) -> Answer {
    let step = &mut *call.step;
    let open = step.handles.with(fd, rights::FD_FILESTAT_GET)?;
    let seen = match &open.handle {
        Handle::File(file) => step.fs.stat_file(&file.lock())?,
        Handle::Dir(dir) => step.fs.stat_dir(&dir.path)?,
        Handle::Device(device) => stat_device(*device),
        Handle::Pipe(end) => stat_pipe(end.number()),
    };
    Ok(put_stat(&mut call.memory, result, &seen)?)
}

/// What a guest sees of an open device or stream.
pub fn stat_device(device: Device) -> Seen {
    Seen {
        // Each device has a number, above those of any attempt's files.
        inode: (1 << 62) + device as u64,
        kind: device_kind(device),
        links: 1,
        size: 0,
        time: OLD,
        accessed: OLD,
        mode: 0o666,
    }
}

/// What a guest sees of an open pipe: it has a number, above those of devices.
fn stat_pipe(number: u64) -> Seen {
    Seen {
        inode: (1 << 62) + (1 << 32) + number,
        kind: Kind::Pipe,
        links: 1,
        size: 0,
        time: OLD,
        accessed: OLD,
        mode: 0o600,
    }
}

pub fn fd_filestat_set_size(call: &mut Call<'_>, fd: u32, size: u64) -> Answer {
    let step = &mut *call.step;
    let open = step.handles.get(fd)?;
    match &open.handle {
        Handle::File(_) if open.rights & rights::FD_WRITE == 0 => return Err(Errno::Invalid.into()),
        Handle::File(_) => {}
        _ => return Err(Errno::BadFd.into()),
    }
    let file = step.handles.file(fd, rights::FD_FILESTAT_SET_SIZE)?;
    file.file.set_size(size, &file.paid, &mut step.fs.usage)
}

pub fn fd_filestat_set_times(call: &mut Call<'_>, fd: u32, accessed: u64, modified: u64, which: u32) -> Answer {
    let (accessed, modified) = times(accessed, modified, which)?;
    let step = &mut *call.step;
    let open = step.handles.with(fd, rights::FD_FILESTAT_SET_TIMES);
    match &open?.handle {
        Handle::Dir(dir) => Ok(step.fs.set_times(dir.base(), ".", true, accessed, modified)?),
        Handle::File(file) => Ok(step.fs.set_file_times(&file.lock(), accessed, modified)?),
        Handle::Device(_) | Handle::Pipe(_) => Err(Errno::NotPermitted.into()),
    }
}

/// WASI's two times and their flags.
pub(super) fn times(accessed: u64, modified: u64, which: u32) -> Result<(SetTime, SetTime), Errno> {
    if which & !15 != 0 {
        return Err(Errno::Invalid);
    }
    let one = |set: bool, now: bool, time: u64| match (set, now) {
        (true, true) => Err(Errno::Invalid),
        (true, false) => Ok(SetTime::At(time)),
        (false, true) => Ok(SetTime::Now),
        (false, false) => Ok(SetTime::Keep),
    };
    Ok((one(which & 1 != 0, which & 2 != 0, accessed)?, one(which & 4 != 0, which & 8 != 0, modified)?))
}

pub fn fd_renumber(call: &mut Call<'_>, from: u32, to: u32) -> Answer {
    Ok(call.step.handles.renumber(from, to)?)
}

pub fn fd_seek(call: &mut Call<'_>, fd: u32, offset: i64, whence: u32, result: u32) -> Answer {
    call.memory.check(result, 8)?;
    // WASI: telling the place needs less than changing it.
    let telling = offset == 0 && whence == 1;
    let right = if telling { rights::FD_TELL } else { rights::FD_SEEK };
    // Linux: these devices are always at their start.
    if let Handle::Device(Device::Null | Device::Zero | Device::Full | Device::Random) =
        call.step.handles.get(fd)?.handle
    {
        return Ok(call.memory.put_u64(result, 0)?);
    }
    let mut file = call.step.handles.file(fd, right)?;
    let from = match whence {
        0 => 0,
        1 => file.position,
        2 => file.file.size()?,
        _ => return Err(Errno::Invalid.into()),
    };
    let to = from.checked_add_signed(offset).filter(|to| i64::try_from(*to).is_ok());
    file.position = to.ok_or(Errno::Invalid)?;
    Ok(call.memory.put_u64(result, file.position)?)
}

pub fn fd_tell(call: &mut Call<'_>, fd: u32, result: u32) -> Answer {
    let position = call.step.handles.file(fd, rights::FD_TELL)?.position;
    Ok(call.memory.put_u64(result, position)?)
}
