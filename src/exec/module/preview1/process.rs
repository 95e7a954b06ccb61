//! Arguments, environment, exit, random bytes, and what WASI has of sockets.
//!
//! Knows the step's program. Does not know files or time.

use super::{Answer, Call};
use crate::exec::module::fs::errno::Errno;
use crate::model::outcome::Outcome;

/// Random bytes are made in pieces of this size, so that a cancelled step stops soon.
const PIECE: u32 = 1 << 20;

pub fn args_get(call: &mut Call<'_>, argv: u32, buffer: u32) -> Answer {
    let Call { memory, step } = call;
    strings_get(memory, &step.arguments, argv, buffer)
}

pub fn args_sizes_get(call: &mut Call<'_>, count: u32, size: u32) -> Answer {
    let Call { memory, step } = call;
    strings_sizes(memory, &step.arguments, count, size)
}

pub fn environ_get(call: &mut Call<'_>, environ: u32, buffer: u32) -> Answer {
    let Call { memory, step } = call;
    strings_get(memory, &step.environment, environ, buffer)
}

pub fn environ_sizes_get(call: &mut Call<'_>, count: u32, size: u32) -> Answer {
    let Call { memory, step } = call;
    strings_sizes(memory, &step.environment, count, size)
}

fn strings_get(memory: &mut super::memory::GuestMemory<'_>, strings: &[String], pointers: u32, buffer: u32) -> Answer {
    let mut pointer = pointers;
    let mut at = buffer;
    for string in strings {
        memory.put_u32(pointer, at)?;
        memory.put(at, string.as_bytes())?;
        at = add(at, string.len())?;
        memory.put(at, &[0])?;
        at = add(at, 1)?;
        pointer = add(pointer, 4)?;
    }
    Ok(())
}

fn strings_sizes(memory: &mut super::memory::GuestMemory<'_>, strings: &[String], count: u32, size: u32) -> Answer {
    let bytes: usize = strings.iter().map(|string| string.len() + 1).sum();
    let number = u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?;
    memory.put_u32(count, number)?;
    Ok(memory.put_u32(size, u32::try_from(bytes).map_err(|_| Errno::Overflow)?)?)
}

fn add(at: u32, length: usize) -> Result<u32, Errno> {
    let length = u32::try_from(length).map_err(|_| Errno::Fault)?;
    at.checked_add(length).ok_or(Errno::Fault)
}

pub fn proc_exit(_call: &mut Call<'_>, code: u32) -> Answer {
    // Linux: of an exit code, its lowest byte is kept.
    Err(Outcome::Exited { code: code.to_le_bytes()[0] }.into())
}

pub fn proc_raise(_call: &mut Call<'_>, _signal: u32) -> Answer {
    Err(Errno::NoCall.into())
}

pub fn sched_yield(_call: &mut Call<'_>) -> Answer {
    std::thread::yield_now();
    Ok(())
}

pub fn random_get(call: &mut Call<'_>, buffer: u32, length: u32) -> Answer {
    let Call { memory, step } = call;
    memory.check(buffer, length)?;
    let mut done = 0;
    while done < length {
        let piece = PIECE.min(length - done);
        step.random.fill(memory.bytes_mut((add(buffer, done as usize)?, piece))?)?;
        step.control.check(step.clock.deadlines())?;
        done += piece;
    }
    Ok(())
}

pub fn sock_accept(call: &mut Call<'_>, fd: u32, _flags: u32, _result: u32) -> Answer {
    not_a_socket(call, fd)
}

pub fn sock_recv(
    call: &mut Call<'_>,
    fd: u32,
    _list: u32,
    _count: u32,
    _flags: u32,
    _size: u32,
    _result: u32,
) -> Answer {
    not_a_socket(call, fd)
}

pub fn sock_send(call: &mut Call<'_>, fd: u32, _list: u32, _count: u32, _flags: u32, _result: u32) -> Answer {
    not_a_socket(call, fd)
}

pub fn sock_shutdown(call: &mut Call<'_>, fd: u32, _how: u32) -> Answer {
    not_a_socket(call, fd)
}

/// No handle is ever a socket: nothing gives a step one.
fn not_a_socket(call: &Call<'_>, fd: u32) -> Answer {
    call.step.handles.get(fd)?;
    Err(Errno::NotSocket.into())
}
