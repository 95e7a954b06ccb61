//! Clocks and `poll_oneoff`.
//!
//! Knows WASI's subscriptions and events. Does not know how time is told or how a step that
//! sleeps is woken.

use super::handles::{Handle, Handles, Open, rights};
use super::memory::GuestMemory;
use super::{Answer, Call};
use crate::exec::module::clock::ClockId;
use crate::exec::module::fs::backend::Device;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::processes::pipe::PipeEnd;
use crate::exec::module::state::StepState;
use std::time::Duration;

/// Most subscriptions in one call.
const MOST_SUBSCRIPTIONS: u32 = 4096;
/// How often several pipes are looked at while they are waited for, in nanoseconds.
const GLANCE: u64 = 1_000_000;
/// Bytes of a subscription and of an event.
const SUBSCRIPTION: u32 = 48;
const EVENT: u32 = 32;

fn clock_id(id: u32) -> Result<ClockId, Errno> {
    match id {
        0 => Ok(ClockId::Wall),
        1 => Ok(ClockId::Monotonic),
        2 | 3 => Ok(ClockId::Cpu),
        _ => Err(Errno::Invalid),
    }
}

pub fn clock_res_get(call: &mut Call<'_>, id: u32, result: u32) -> Answer {
    let resolution = call.step.clock.resolution(clock_id(id)?);
    Ok(call.memory.put_u64(result, resolution)?)
}

pub fn clock_time_get(call: &mut Call<'_>, id: u32, _precision: u64, result: u32) -> Answer {
    let now = call.step.clock.now(clock_id(id)?);
    Ok(call.memory.put_u64(result, now)?)
}

/// What a guest waits for.
struct Wait {
    userdata: u64,
    kind: WaitKind,
}

enum WaitKind {
    /// Nanoseconds of the monotonic clock.
    Until(u64),
    /// A handle, and whether reading (or else writing) is meant.
    Handle(u32, bool),
    /// It cannot be waited for.
    Wrong(Errno, u8),
}

pub fn poll_oneoff(call: &mut Call<'_>, input: u32, output: u32, count: u32, result: u32) -> Answer {
    let Call { memory, step } = call;
    if count == 0 || count > MOST_SUBSCRIPTIONS {
        return Err(Errno::Invalid.into());
    }
    memory.check(input, count.saturating_mul(SUBSCRIPTION))?;
    memory.check(output, count.saturating_mul(EVENT))?;
    memory.check(result, 4)?;
    let mut waits = Vec::with_capacity(count as usize);
    for index in 0..count {
        waits.push(subscription(memory, &mut step.clock, input + index * SUBSCRIPTION)?);
    }
    wait_for_first(step, &waits)?;
    let now = step.clock.now(ClockId::Monotonic);
    let mut events = 0;
    for wait in &waits {
        let (errno, kind, size) = match wait.kind {
            WaitKind::Until(time) if time <= now => (None, 0, 0),
            WaitKind::Until(_) => continue,
            WaitKind::Handle(fd, _) if blocking(&step.handles, fd).is_some_and(|end| end.ready() == 0) => continue,
            WaitKind::Handle(fd, reading) => {
                let kind = if reading { 1 } else { 2 };
                match ready_size(&step.handles, fd, reading) {
                    Ok(size) => (None, kind, size),
                    Err(errno) => (Some(errno), kind, 0),
                }
            }
            WaitKind::Wrong(errno, kind) => (Some(errno), kind, 0),
        };
        put_event(memory, output + events * EVENT, wait.userdata, errno, kind, size)?;
        events += 1;
    }
    Ok(memory.put_u32(result, events)?)
}

/// The pipe that a handle is an end of: nothing else blocks, no file, stream or device.
fn blocking(handles: &Handles, fd: u32) -> Option<&PipeEnd> {
    match handles.get(fd) {
        Ok(Open { handle: Handle::Pipe(end), rights, .. }) if rights & rights::POLL_FD_READWRITE != 0 => Some(end),
        Ok(_) | Err(_) => None,
    }
}

/// Waits until the first of them is there.
fn wait_for_first(step: &mut StepState, waits: &[Wait]) -> Answer {
    let first = waits.iter().filter_map(|wait| match wait.kind {
        WaitKind::Until(time) => Some(time),
        WaitKind::Handle(..) | WaitKind::Wrong(..) => None,
    });
    let first = first.min();
    let ends = || {
        waits.iter().filter_map(|wait| match wait.kind {
            WaitKind::Handle(fd, _) => blocking(&step.handles, fd),
            WaitKind::Until(_) | WaitKind::Wrong(..) => None,
        })
    };
    let others = waits.iter().any(|wait| match wait.kind {
        WaitKind::Until(_) => false,
        WaitKind::Handle(fd, _) => blocking(&step.handles, fd).is_none(),
        WaitKind::Wrong(..) => true,
    });
    if others {
        return Ok(());
    }
    let pipes: Vec<&PipeEnd> = ends().collect();
    let Some(one) = pipes.first() else {
        return match first {
            Some(first) => step.clock.sleep_until(first, &step.control),
            None => Ok(()),
        };
    };
    while !pipes.iter().any(|end| end.ready() > 0) {
        step.control.check(step.clock.deadlines())?;
        step.control.check_caught()?;
        let left = first.map_or(u64::MAX, |first| step.clock.left(first));
        if left == 0 {
            step.fs.spoil("a wait of it ran out of time");
            break;
        }
        // Of several, the others are looked at again soon.
        let most = if pipes.len() == 1 { u64::MAX } else { GLANCE };
        one.wait_ready(Duration::from_nanos(left.min(most)));
    }
    if let Some(first) = first {
        step.clock.pass(first);
    }
    Ok(())
}

fn subscription(
    memory: &GuestMemory<'_>,
    clock: &mut crate::exec::module::clock::StepClock,
    at: u32,
) -> Result<Wait, Errno> {
    let userdata = memory.u64(at)?;
    let kind = match memory.u8(at + 8)? {
        0 => {
            let timeout = memory.u64(at + 24)?;
            let absolute = match memory.u16(at + 40)? {
                0 => false,
                1 => true,
                _ => return Err(Errno::Invalid),
            };
            match clock_id(memory.u32(at + 16)?) {
                // Linux: a processor's time cannot be waited for this way.
                Ok(ClockId::Cpu) => WaitKind::Wrong(Errno::NotSupported, 0),
                Ok(id) => WaitKind::Until(clock.deadline(id, timeout, absolute)),
                Err(errno) => WaitKind::Wrong(errno, 0),
            }
        }
        tag @ (1 | 2) => WaitKind::Handle(memory.u32(at + 16)?, tag == 1),
        _ => return Err(Errno::Invalid),
    };
    Ok(Wait { userdata, kind })
}

/// How many bytes can be read at once, where that is known.
fn ready_size(handles: &Handles, fd: u32, reading: bool) -> Result<u64, Errno> {
    let open = handles.get(fd)?;
    if open.rights & rights::POLL_FD_READWRITE == 0 {
        return Err(Errno::NotCapable);
    }
    let right = if reading { rights::FD_READ } else { rights::FD_WRITE };
    if open.rights & right == 0 {
        return Err(Errno::BadFd);
    }
    match &open.handle {
        Handle::File(file) if reading => {
            let file = file.lock();
            Ok(file.file.size()?.saturating_sub(file.position))
        }
        Handle::Pipe(end) => Ok(end.ready()),
        Handle::Device(Device::Null | Device::Stdin) => Ok(0),
        Handle::File(_) | Handle::Device(_) => Ok(1),
        Handle::Dir(_) => Err(Errno::BadFd),
    }
}

fn put_event(
    memory: &mut GuestMemory<'_>,
    at: u32,
    userdata: u64,
    errno: Option<Errno>,
    kind: u8,
    size: u64,
) -> Result<(), Errno> {
    let mut bytes = Vec::with_capacity(EVENT as usize);
    bytes.extend(userdata.to_le_bytes());
    bytes.extend(errno.map_or(0, Errno::code).to_le_bytes());
    bytes.extend([kind, 0, 0, 0, 0, 0]);
    bytes.extend(size.to_le_bytes());
    bytes.extend([0; 8]);
    memory.put(at, &bytes)
}
