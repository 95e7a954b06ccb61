//! `fd_readdir` and the directories that are there from the start.
//!
//! Knows WASI's layout of directory entries. Does not know where a listing comes from.

use super::handles::{Handle, Listing, rights};
use super::{Answer, Call, file_type};
use crate::exec::module::fs::errno::Errno;

pub fn fd_prestat_get(call: &mut Call<'_>, fd: u32, result: u32) -> Answer {
    let length = preopen(call, fd)?.len();
    let length = u32::try_from(length).map_err(|_| Errno::NameTooLong)?;
    // The tag of a directory is 0.
    call.memory.put_u32(result, 0)?;
    let second = result.checked_add(4).ok_or(Errno::Fault)?;
    Ok(call.memory.put_u32(second, length)?)
}

pub fn fd_prestat_dir_name(call: &mut Call<'_>, fd: u32, path: u32, length: u32) -> Answer {
    let name = preopen(call, fd)?.to_owned();
    if name.len() > length as usize {
        return Err(Errno::NameTooLong.into());
    }
    Ok(call.memory.put(path, name.as_bytes())?)
}

fn preopen<'c>(call: &'c Call<'_>, fd: u32) -> Result<&'c str, Errno> {
    match &call.step.handles.get(fd)?.handle {
        Handle::Dir(dir) => dir.preopen.as_deref().ok_or(Errno::BadFd),
        Handle::File(_) | Handle::Device(_) | Handle::Pipe(_) => Err(Errno::BadFd),
    }
}

/// Fills the buffer with entries from a place on; the last one may be cut, which tells the guest
/// that there are more. The listing is taken when it is started, so that places stay what they
/// were, and a large directory is read once; again only where the room was needed for others.
pub fn fd_readdir(call: &mut Call<'_>, fd: u32, buffer: u32, length: u32, cookie: u64, result: u32) -> Answer {
    let Call { memory, step } = call;
    memory.check(buffer, length)?;
    memory.check(result, 4)?;
    let dir = step.handles.dir(fd, rights::FD_READDIR)?;
    if cookie == 0 || dir.listing.is_none() {
        let mut listing = Listing::new(step.fs.list(&dir.path)?);
        if !listing.count(&step.limiter) {
            step.handles.forget_listings();
            if !listing.count(&step.limiter) {
                return Err(Errno::NoMemory.into());
            }
        }
        step.handles.keep_listing(fd, listing)?;
    }
    let entries = match &step.handles.dir(fd, rights::FD_READDIR)?.listing {
        Some(listing) => listing.entries.as_slice(),
        None => &[],
    };
    let first = usize::try_from(cookie).unwrap_or(usize::MAX);
    let mut used = 0u32;
    for (place, entry) in entries.iter().enumerate().skip(first) {
        let mut head = [0u8; 24];
        let fields: [(usize, &[u8]); 4] = [
            (0, &(place as u64 + 1).to_le_bytes()),
            (8, &entry.inode.to_le_bytes()),
            (16, &(entry.name.len() as u32).to_le_bytes()),
            (20, &[file_type(entry.kind)]),
        ];
        for (at, bytes) in fields {
            if let Some(to) = head.get_mut(at..at + bytes.len()) {
                to.copy_from_slice(bytes);
            }
        }
        for bytes in [&head[..], entry.name.as_bytes()] {
            let fits = bytes.len().min((length - used) as usize);
            let part = bytes.get(..fits).unwrap_or(bytes);
            memory.put(buffer.checked_add(used).ok_or(Errno::Fault)?, part)?;
            used += fits as u32;
        }
        if used == length {
            break;
        }
    }
    Ok(memory.put_u32(result, used)?)
}
