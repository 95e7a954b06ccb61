//! `fd_read`, `fd_write` and their kin: bytes between the guest's memory and a handle.
//!
//! Knows vectors and handles. Does not know paths. Bytes go straight between the guest's memory
//! and the file, so that a guest cannot make us allocate.

use super::handles::{Handle, Open, flags, rights};
use super::memory::{GuestMemory, Range};
use super::{Answer, Call};
use crate::exec::Stream;
use crate::exec::module::control::{Control, Deadlines};
use crate::exec::module::fs::FileHandle;
use crate::exec::module::fs::backend::Device;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::processes::pipe::PipeEnd;

/// Output is handed on in pieces of at most this size, in bytes, so that one call's vectors stay
/// together in the log where they are small.
const PIECE: usize = 64 << 10;

/// How much is copied, in bytes, before it is looked at whether the step has to end: a guest may ask for
/// gigabytes in one call.
const LONGEST_COPY: u32 = 4 << 20;

/// Counts what a call copies, and ends the step between two pieces where it has to end.
struct Watch<'s> {
    control: &'s Control,
    deadlines: &'s Deadlines,
    copied: u32,
}

impl Watch<'_> {
    /// Whether a wait may go on.
    fn waiting(&self) -> Result<(), Stop> {
        self.control.check(self.deadlines)?;
        Ok(self.control.check_caught()?)
    }

    /// A piece of so many bytes was copied.
    fn copied(&mut self, bytes: u32) -> Result<(), Stop> {
        self.copied = self.copied.saturating_add(bytes);
        if self.copied < LONGEST_COPY {
            return Ok(());
        }
        self.copied = 0;
        self.control.check(self.deadlines)
    }
}

/// All bytes of all vectors, in pieces of at most [`LONGEST_COPY`] and none of nothing.
fn pieces(vectors: &[Range]) -> impl Iterator<Item = Range> + '_ {
    vectors.iter().flat_map(|(start, length)| {
        let places = (0..*length).step_by(LONGEST_COPY as usize);
        // The vector lies in memory, so that every place in it has an address.
        places.map(move |done| (start + done, LONGEST_COPY.min(length - done)))
    })
}

pub fn fd_read(call: &mut Call<'_>, fd: u32, list: u32, count: u32, result: u32) -> Answer {
    let total = read(call, fd, list, count, None, result)?;
    Ok(call.memory.put_u32(result, total)?)
}

pub fn fd_pread(call: &mut Call<'_>, fd: u32, list: u32, count: u32, offset: u64, result: u32) -> Answer {
    i64::try_from(offset).map_err(|_| Errno::Invalid)?;
    let total = read(call, fd, list, count, Some(offset), result)?;
    Ok(call.memory.put_u32(result, total)?)
}

fn read(call: &mut Call<'_>, fd: u32, list: u32, count: u32, offset: Option<u64>, result: u32) -> Result<u32, Stop> {
    let Call { memory, step } = call;
    let mut watch = Watch { control: &step.control, deadlines: step.clock.deadlines(), copied: 0 };
    let open = step.handles.get_mut(fd)?;
    // POSIX: reading what is not open for reading is EBADF. WASI: so is every act of a file on a directory.
    if matches!(open.handle, Handle::Dir(_)) || open.rights & rights::FD_READ == 0 {
        return Err(Errno::BadFd.into());
    }
    memory.check(result, 4)?;
    let vectors = memory.vectors(list, count)?;
    match &mut open.handle {
        Handle::File(file) => read_file(memory, &mut file.lock(), &vectors, offset, &mut watch),
        Handle::Dir(_) => Err(Errno::BadFd.into()),
        Handle::Pipe(_) | Handle::Device(_) if offset.is_some() => Err(Errno::NotSeekable.into()),
        Handle::Pipe(end) => {
            let Some(first) = vectors.iter().find(|range| range.1 > 0) else { return Ok(0) };
            if open.flags & flags::NONBLOCK != 0 && end.ready() == 0 {
                return Err(Errno::Again.into());
            }
            // A pipe gives what is there: what the other vectors could hold is read by the next call.
            let read = end.read(memory.bytes_mut(*first)?, &mut || watch.waiting())?;
            Ok(read as u32)
        }
        Handle::Device(Device::Null | Device::Stdin) => Ok(0),
        Handle::Device(Device::Zero | Device::Full) => each(memory, &vectors, &mut watch, |bytes| {
            bytes.fill(0);
            Ok(())
        }),
        Handle::Device(Device::Random) => {
            let random = &mut step.random;
            each(memory, &vectors, &mut watch, |bytes| random.fill(bytes))
        }
        Handle::Device(Device::Stdout | Device::Stderr) => Err(Errno::BadFd.into()),
    }
}

/// Fills every vector.
fn each(
    memory: &mut GuestMemory<'_>,
    vectors: &[Range],
    watch: &mut Watch<'_>,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), Stop>,
) -> Result<u32, Stop> {
    let mut total = 0;
    for range in pieces(vectors) {
        fill(memory.bytes_mut(range)?)?;
        total += range.1;
        watch.copied(range.1)?;
    }
    Ok(total)
}

fn read_file(
    memory: &mut GuestMemory<'_>,
    file: &mut FileHandle,
    vectors: &[Range],
    offset: Option<u64>,
    watch: &mut Watch<'_>,
) -> Result<u32, Stop> {
    let start = offset.unwrap_or(file.position);
    let mut total = 0u32;
    for range in pieces(vectors) {
        let bytes = memory.bytes_mut(range)?;
        match file.file.read_at(bytes, start.saturating_add(u64::from(total))) {
            Ok(read) => {
                // A read gives at most the vector's length, which is 32 bits wide.
                total += read as u32;
                if read < bytes.len() {
                    break;
                }
                watch.copied(range.1)?;
            }
            // What was read before is not lost.
            Err(_) if total > 0 => break,
            Err(errno) => return Err(errno.into()),
        }
    }
    if offset.is_none() {
        file.position = start + u64::from(total);
    }
    Ok(total)
}

pub fn fd_write(call: &mut Call<'_>, fd: u32, list: u32, count: u32, result: u32) -> Answer {
    let total = write(call, fd, list, count, None, result)?;
    Ok(call.memory.put_u32(result, total)?)
}

pub fn fd_pwrite(call: &mut Call<'_>, fd: u32, list: u32, count: u32, offset: u64, result: u32) -> Answer {
    i64::try_from(offset).map_err(|_| Errno::Invalid)?;
    let total = write(call, fd, list, count, Some(offset), result)?;
    Ok(call.memory.put_u32(result, total)?)
}

fn write(call: &mut Call<'_>, fd: u32, list: u32, count: u32, offset: Option<u64>, result: u32) -> Result<u32, Stop> {
    let Call { memory, step } = call;
    let mut watch = Watch { control: &step.control, deadlines: step.clock.deadlines(), copied: 0 };
    let Open { handle, rights: own, flags: how, .. } = step.handles.get_mut(fd)?;
    if matches!(handle, Handle::Dir(_)) || *own & rights::FD_WRITE == 0 {
        return Err(Errno::BadFd.into());
    }
    memory.check(result, 4)?;
    let vectors = memory.vectors(list, count)?;
    let stream = match handle {
        Handle::File(file) => {
            return write_file(memory, &mut file.lock(), &vectors, offset, &mut step.fs.usage, &mut watch);
        }
        Handle::Dir(_) | Handle::Device(Device::Stdin) => return Err(Errno::BadFd.into()),
        Handle::Pipe(_) | Handle::Device(_) if offset.is_some() => return Err(Errno::NotSeekable.into()),
        Handle::Pipe(end) => {
            let is_eager = *how & flags::NONBLOCK != 0;
            return write_pipe(memory, end, &vectors, is_eager, &mut watch);
        }
        Handle::Device(Device::Null | Device::Zero | Device::Random) => {
            return Ok(vectors.iter().map(|range| range.1).sum());
        }
        Handle::Device(Device::Full) => return Err(Errno::NoSpace.into()),
        Handle::Device(Device::Stdout) => Stream::Stdout,
        Handle::Device(Device::Stderr) => Stream::Stderr,
    };
    let mut total = 0;
    for range in in_pieces(memory, &vectors)? {
        step.output.write(stream, &range, &mut step.fs.usage)?;
        total += range.len() as u32;
        watch.copied(range.len() as u32)?;
    }
    Ok(total)
}

/// Writes to a pipe, waiting for room but where the guest does not want to.
fn write_pipe(
    memory: &GuestMemory<'_>,
    end: &PipeEnd,
    vectors: &[Range],
    is_eager: bool,
    watch: &mut Watch<'_>,
) -> Result<u32, Stop> {
    let mut total = 0;
    for piece in in_pieces(memory, vectors)? {
        let room = if is_eager { end.room() } else { piece.len() as u64 };
        let fits = usize::try_from(room).unwrap_or(usize::MAX).min(piece.len());
        if fits == 0 && !piece.is_empty() {
            return if total > 0 { Ok(total) } else { Err(Errno::Again.into()) };
        }
        match end.write(piece.get(..fits).unwrap_or_default(), &mut || watch.waiting()) {
            Ok(written) => total += written as u32,
            // What was written before is said; a step that has ended has ended.
            Err(Stop::Errno(_)) if total > 0 => break,
            Err(stop) => return Err(stop),
        }
        if fits < piece.len() {
            break;
        }
    }
    Ok(total)
}

/// The bytes of all vectors, joined where they are small.
fn in_pieces<'m>(memory: &'m GuestMemory<'_>, vectors: &[Range]) -> Result<Vec<std::borrow::Cow<'m, [u8]>>, Errno> {
    let size: usize = vectors.iter().map(|range| range.1 as usize).sum();
    if vectors.len() > 1 && size <= PIECE {
        let mut joined = Vec::with_capacity(size);
        for range in vectors {
            joined.extend_from_slice(memory.bytes(*range)?);
        }
        return Ok(vec![joined.into()]);
    }
    let mut pieces = Vec::with_capacity(vectors.len());
    for range in vectors {
        pieces.extend(memory.bytes(*range)?.chunks(PIECE).map(std::borrow::Cow::Borrowed));
    }
    Ok(pieces)
}

fn write_file(
    memory: &GuestMemory<'_>,
    file: &mut FileHandle,
    vectors: &[Range],
    offset: Option<u64>,
    usage: &mut crate::exec::module::fs::usage::Usage,
    watch: &mut Watch<'_>,
) -> Result<u32, Stop> {
    let start = offset.unwrap_or(file.position);
    let mut total = 0u32;
    for range in pieces(vectors) {
        let bytes = memory.bytes(range)?;
        let at = start.saturating_add(u64::from(total));
        match file.file.write_at(bytes, at, file.append, &file.paid, usage) {
            Ok(written) => {
                total += written as u32;
                if written < bytes.len() {
                    break;
                }
                watch.copied(range.1)?;
            }
            // What was written before is said; a step that has ended has ended.
            Err(Stop::Errno(_)) if total > 0 => break,
            Err(stop) => return Err(stop),
        }
    }
    if offset.is_none() && total > 0 {
        file.position = if file.append { file.file.size()? } else { start + u64::from(total) };
    }
    Ok(total)
}
