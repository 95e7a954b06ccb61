//! The same in Stepwell's sandbox: the functions of `wit/` by their canonical core signatures, and WASI's own.
//!
//! Knows the canonical ABI of those functions. A list that the host hands over lies in memory that `cabi_realloc`
//! gave.

use crate::{Ended, Fd, Start};
use std::alloc::{Layout, alloc, realloc};
use std::ffi::{OsStr, c_char};
use std::io;

/// A string of the canonical ABI.
#[repr(C)]
pub struct Text(*const u8, usize);

/// A handle of a child and of its parent.
#[repr(C)]
pub struct Pair(Fd, Fd);

/// A list of strings that the host gave.
#[repr(C)]
pub struct Texts(*mut GivenText, usize);

/// A string that the host gave.
#[repr(C)]
pub struct GivenText(*mut u8, usize);

mod processes {
    use super::{Pair, Text, Texts};
    #[link(wasm_import_module = "stepwell:step/processes@0.1.0")]
    unsafe extern "C" {
        #[link_name = "pipe"]
        pub fn pipe(answer: *mut u32);
        #[link_name = "duplicate"]
        pub fn duplicate(handle: u32, least: u32, answer: *mut u32);
        #[link_name = "replace"]
        pub fn replace(handle: u32, number: u32, answer: *mut u8);
        #[link_name = "start"]
        pub fn start(
            is_named: u32,
            name: *const u8,
            name_length: usize,
            arguments: *const Text,
            argument_count: usize,
            environment: *const Text,
            variable_count: usize,
            directory: *const u8,
            directory_length: usize,
            handles: *const Pair,
            handle_count: usize,
            answer: *mut u32,
        );
        #[link_name = "wait"]
        pub fn wait(is_one: u32, child: u32, block: u32, answer: *mut u32);
        #[link_name = "kill"]
        pub fn kill(child: u32, signal: u32, answer: *mut u8);
        #[link_name = "catch"]
        pub fn catch(caught: u64, ignored: u64);
        #[link_name = "caught"]
        pub fn caught() -> u64;
        #[link_name = "commands"]
        pub fn commands(answer: *mut Texts);
        #[link_name = "self-number"]
        pub fn self_number() -> u32;
    }
}

mod modes {
    #[link(wasm_import_module = "stepwell:step/modes@0.1.0")]
    unsafe extern "C" {
        #[link_name = "get-mode"]
        pub fn get(path: *const u8, length: usize, follow: u32, answer: *mut u32);
        #[link_name = "set-mode"]
        pub fn set(path: *const u8, length: usize, follow: u32, mode: u32, answer: *mut u8);
    }
}

mod fifos {
    #[link(wasm_import_module = "stepwell:step/fifos@0.1.0")]
    unsafe extern "C" {
        #[link_name = "make"]
        pub fn make(path: *const u8, length: usize, mode: u32, answer: *mut u8);
        #[link_name = "is"]
        pub fn is(path: *const u8, length: usize, follow: u32, answer: *mut u8);
    }
}

mod wasi {
    #[repr(C)]
    pub struct Vector(pub *mut u8, pub usize);
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub fn fd_close(fd: u32) -> u32;
        pub fn fd_read(fd: u32, list: *const Vector, count: usize, read: *mut usize) -> u32;
        pub fn fd_write(fd: u32, list: *const Vector, count: usize, written: *mut usize) -> u32;
        pub fn fd_seek(fd: u32, by: i64, whence: u32, place: *mut u64) -> u32;
        pub fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u32;
        pub fn fd_fdstat_get(fd: u32, status: *mut [u64; 3]) -> u32;
        pub fn poll_oneoff(asked: *const u8, events: *mut u8, count: usize, happened: *mut usize) -> u32;
    }
}

/// Gives the host room for what it hands over, and lets it grow.
///
/// # Safety
/// As the canonical ABI says: the old range came from here, with this size and alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, size: usize, align: usize, wanted: usize) -> *mut u8 {
    let Ok(layout) = Layout::from_size_align(if size == 0 { wanted } else { size }, align) else {
        std::process::abort()
    };
    if wanted == 0 {
        return align as *mut u8;
    }
    // SAFETY: the layout has a size, and is that of the old range where there is one.
    let given = unsafe { if size == 0 { alloc(layout) } else { realloc(old, layout, wanted) } };
    if given.is_null() { std::process::abort() } else { given }
}

unsafe extern "C" {
    fn __wasilibc_register_preopened_fd(fd: i32, prefix: *const c_char) -> i32;
}

/// Goes to the working directory. The C library takes `/` for the directory that was given last under no name, which
/// is the working directory, and asks it for `/name`: so the root, which is given first, is named once more.
pub fn start_in(directory: &OsStr) -> io::Result<()> {
    const ROOT: i32 = 3;
    // SAFETY: the name ends with a zero. What a full memory leaves out is a path that is not found.
    unsafe { __wasilibc_register_preopened_fd(ROOT, c"/".as_ptr()) };
    std::env::set_current_dir(directory)
}

fn errno(number: u32) -> io::Error {
    io::Error::from_raw_os_error(number as i32)
}

fn done(number: u32) -> io::Result<()> {
    if number == 0 { Ok(()) } else { Err(errno(number)) }
}

/// The refusals of `processes`, as WASI's error codes.
fn refused(case: u8) -> io::Error {
    errno(match case {
        0 => 8,
        1 => return io::ErrorKind::NotFound.into(),
        2 => 6,
        3 => 28,
        4 => 27,
        5 => 63,
        6 => 58,
        _ => 29,
    })
}

/// The refusals of `modes`, as WASI's error codes.
fn no_mode(case: u8) -> io::Error {
    errno([44, 54, 32, 37, 63, 69, 28, 29].get(usize::from(case)).copied().unwrap_or(29))
}

fn lists(texts: &[String]) -> Vec<Text> {
    texts.iter().map(|text| Text(text.as_ptr(), text.len())).collect()
}

// In all of the calls below the host reads what lies at the addresses, for as long as is said, and writes no more to
// `answer` than its type of `wit/` has.

pub fn pipe() -> io::Result<(Fd, Fd)> {
    let mut answer = [0u32; 3];
    // SAFETY: `result<tuple<u32, u32>, refusal>` has 12 bytes.
    unsafe { processes::pipe(answer.as_mut_ptr()) };
    match answer {
        [0, read, write] => Ok((read, write)),
        [_, case, _] => Err(refused(case as u8)),
    }
}

fn one(answer: [u32; 2]) -> io::Result<u32> {
    if answer[0] & 0xff == 0 { Ok(answer[1]) } else { Err(refused(answer[1] as u8)) }
}

pub fn duplicate(fd: Fd, least: Fd) -> io::Result<Fd> {
    let mut answer = [0u32; 2];
    // SAFETY: `result<u32, refusal>` has 8 bytes.
    unsafe { processes::duplicate(fd, least, answer.as_mut_ptr()) };
    one(answer)
}

fn nothing(answer: [u8; 2]) -> io::Result<()> {
    if answer[0] == 0 { Ok(()) } else { Err(refused(answer[1])) }
}

pub fn replace(fd: Fd, to: Fd) -> io::Result<()> {
    let mut answer = [0u8; 2];
    // SAFETY: `result<_, refusal>` has 2 bytes.
    unsafe { processes::replace(fd, to, answer.as_mut_ptr()) };
    nothing(answer)
}

pub fn close(fd: Fd) -> io::Result<()> {
    // SAFETY: no memory is handed over; the numbers are the shell's own to close.
    done(unsafe { wasi::fd_close(fd) })
}

pub fn is_open(fd: Fd) -> bool {
    let mut status = [0; 3];
    // SAFETY: `fdstat` has 24 bytes.
    unsafe { wasi::fd_fdstat_get(fd, &raw mut status) == 0 }
}

pub fn read(fd: Fd, bytes: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    let vector = wasi::Vector(bytes.as_mut_ptr(), bytes.len());
    // SAFETY: one vector, as long as the slice.
    done(unsafe { wasi::fd_read(fd, &raw const vector, 1, &raw mut read) })?;
    Ok(read)
}

pub fn write(fd: Fd, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    let vector = wasi::Vector(bytes.as_ptr().cast_mut(), bytes.len());
    // SAFETY: one vector, as long as the slice, which is only read.
    done(unsafe { wasi::fd_write(fd, &raw const vector, 1, &raw mut written) })?;
    Ok(written)
}

pub fn seek_by(fd: Fd, by: i64) -> io::Result<u64> {
    let mut place = 0;
    // SAFETY: one number is written.
    done(unsafe { wasi::fd_seek(fd, by, 1, &raw mut place) })?;
    Ok(place)
}

pub fn monotonic() -> u64 {
    let mut time = 0;
    // SAFETY: one number is written. The clock is there for every program, so nothing is said of a failure.
    unsafe { wasi::clock_time_get(1, 1, &raw mut time) };
    time
}

pub fn readable(fd: Fd, milliseconds: u64) -> io::Result<bool> {
    // Two subscriptions of 48 bytes: a relative time on the monotonic clock, and bytes to be read.
    let mut asked = [0u64; 12];
    let mut events = [0u64; 8];
    asked[2] = 1;
    asked[3] = milliseconds.saturating_mul(1_000_000);
    asked[6] = 1;
    asked[7] = 1;
    asked[8] = u64::from(fd);
    let mut happened = 0;
    // SAFETY: two subscriptions, and room for two events of 32 bytes.
    done(unsafe { wasi::poll_oneoff(asked.as_ptr().cast(), events.as_mut_ptr().cast(), 2, &raw mut happened) })?;
    let mut events = events.chunks(4).take(happened);
    Ok(events.any(|event| event[0] == 1))
}

pub fn start(start: &Start<'_>) -> io::Result<u32> {
    let mut answer = [0u32; 2];
    let (arguments, environment) = (lists(start.arguments), lists(start.environment));
    let handles: Vec<Pair> = start.handles.iter().map(|(its, ours)| Pair(*its, *ours)).collect();
    let name = start.program.unwrap_or("");
    // SAFETY: each list and text is as long as said; `result<u32, refusal>` has 8 bytes.
    unsafe {
        processes::start(
            u32::from(start.program.is_some()),
            name.as_ptr(),
            name.len(),
            arguments.as_ptr(),
            arguments.len(),
            environment.as_ptr(),
            environment.len(),
            start.directory.as_ptr(),
            start.directory.len(),
            handles.as_ptr(),
            handles.len(),
            answer.as_mut_ptr(),
        );
    }
    one(answer)
}

pub fn wait(child: Option<u32>, block: bool) -> io::Result<Option<(u32, Ended)>> {
    // `result<option<tuple<u32, ended>>, refusal>`: the case of the result at byte 0, from byte 4 the refusal or the
    // case of the option, from byte 8 the child's number, at 12 the case of how it ended and at 13 its number.
    let mut answer = [0u32; 4];
    // SAFETY: it has 16 bytes.
    unsafe { processes::wait(u32::from(child.is_some()), child.unwrap_or(0), u32::from(block), answer.as_mut_ptr()) };
    if answer[0] & 0xff != 0 {
        return Err(refused(answer[1] as u8));
    }
    if answer[1] & 0xff == 0 {
        return Ok(None);
    }
    let [case, value, ..] = answer[3].to_le_bytes();
    Ok(Some((answer[2], if case == 0 { Ended::Exited(value) } else { Ended::Signalled(value) })))
}

pub fn kill(child: u32, signal: u8) -> io::Result<()> {
    let mut answer = [0u8; 2];
    // SAFETY: `result<_, refusal>` has 2 bytes.
    unsafe { processes::kill(child, u32::from(signal), answer.as_mut_ptr()) };
    nothing(answer)
}

pub fn catch(caught: u64, ignored: u64) {
    // SAFETY: no memory is handed over.
    unsafe { processes::catch(caught, ignored) };
}

pub fn caught() -> u64 {
    // SAFETY: no memory is handed over.
    unsafe { processes::caught() }
}

pub fn processor_time() -> u64 {
    const PROCESSOR: u32 = 2;
    let mut time = 0;
    // SAFETY: one number is written. Where there is no such clock it stays 0.
    unsafe { wasi::clock_time_get(PROCESSOR, 1000, &raw mut time) };
    time
}

pub fn commands() -> Vec<String> {
    let mut answer = Texts(std::ptr::null_mut(), 0);
    // SAFETY: a list has 8 bytes; its elements and their texts came from `cabi_realloc` with these sizes, and are ours.
    unsafe {
        processes::commands(&raw mut answer);
        let Texts(list, count) = answer;
        if count == 0 {
            return Vec::new();
        }
        let texts = Vec::from_raw_parts(list, count, count);
        let text = |GivenText(at, length)| match length {
            0 => String::new(),
            length => String::from_utf8_lossy(&Vec::from_raw_parts(at, length, length)).into_owned(),
        };
        texts.into_iter().map(text).collect()
    }
}

pub fn own_number() -> u32 {
    // SAFETY: no memory is handed over.
    unsafe { processes::self_number() }
}

pub fn mode(path: &str, follow: bool) -> io::Result<u32> {
    let mut answer = [0u32; 2];
    // SAFETY: the text is as long as said; `result<u32, refusal>` has 8 bytes.
    unsafe { modes::get(path.as_ptr(), path.len(), u32::from(follow), answer.as_mut_ptr()) };
    if answer[0] & 0xff == 0 { Ok(answer[1]) } else { Err(no_mode(answer[1] as u8)) }
}

pub fn set_mode(path: &str, follow: bool, mode: u32) -> io::Result<()> {
    let mut answer = [0u8; 2];
    // SAFETY: the text is as long as said; `result<_, refusal>` has 2 bytes.
    unsafe { modes::set(path.as_ptr(), path.len(), u32::from(follow), mode, answer.as_mut_ptr()) };
    if answer[0] == 0 { Ok(()) } else { Err(no_mode(answer[1])) }
}

pub fn make_fifo(path: &str, mode: u32) -> io::Result<()> {
    let mut answer = [0u8; 2];
    // SAFETY: as above.
    unsafe { fifos::make(path.as_ptr(), path.len(), mode, answer.as_mut_ptr()) };
    // What has that name is no lack of rights.
    match answer {
        [0, _] => Ok(()),
        [_, 4] => Err(errno(20)),
        [_, case] => Err(no_mode(case)),
    }
}

pub fn is_fifo(path: &str, follow: bool) -> bool {
    let mut answer = [0u8; 2];
    // SAFETY: as above; `result<bool, refusal>` has 2 bytes.
    unsafe { fifos::is(path.as_ptr(), path.len(), u32::from(follow), answer.as_mut_ptr()) };
    answer == [0, 1]
}
