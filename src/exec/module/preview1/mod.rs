//! `wasi_snapshot_preview1`: all its functions, each a thin binding of the guest's memory and
//! handles to the step's files, clocks, random source and streams.
//!
//! Knows WASI's ABI. Does not know modules, compilation, or how the step was set up.

pub(super) mod clock;
pub(super) mod dir;
pub(super) mod fd;
pub mod handles;
pub(super) mod io;
pub mod memory;
pub(super) mod path;
pub use fd::stat_device;
pub use path::device_handle as path_device;
pub(super) mod process;

use super::fs::errno::{Errno, Stop};
use super::state::StepState;
use memory::GuestMemory;
use wasmtime::{Caller, Linker};

/// The name under which modules import these functions.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// What a call has at hand: the guest's memory and everything else of its step.
pub struct Call<'a> {
    pub(super) memory: GuestMemory<'a>,
    pub(super) step: &'a mut StepState,
}

/// How a call went.
pub type Answer = Result<(), Stop>;

/// Does a call: finds the guest's memory, and turns the answer into what WASI returns.
fn enter(mut caller: Caller<'_, StepState>, call: impl FnOnce(&mut Call<'_>) -> Answer) -> wasmtime::Result<i32> {
    let memory = match caller.data().memory {
        Some(memory) => Some(memory),
        None => caller.get_export("memory").and_then(wasmtime::Extern::into_memory),
    };
    let answer = match memory {
        Some(memory) => {
            caller.data_mut().memory = Some(memory);
            let (bytes, step) = memory.data_and_store_mut(&mut caller);
            call(&mut Call { memory: GuestMemory::new(bytes), step })
        }
        // Without a memory of its own a guest can name no address that is right.
        None => call(&mut Call { memory: GuestMemory::new(&mut []), step: caller.data_mut() }),
    };
    match answer {
        Ok(()) => Ok(0),
        Err(Stop::Errno(errno)) => {
            let StepState { fs, handles, .. } = caller.data();
            if handles.met_limit {
                fs.spoil("it met its limit of open handles");
            }
            Ok(i32::from(fs.answered(errno).code()))
        }
        Err(Stop::End(outcome)) => {
            caller.data_mut().ended = Some(*outcome);
            Err(wasmtime::Error::msg("the step has ended"))
        }
    }
}

/// Lists functions once: for the linker, and by name for messages about modules.
macro_rules! functions {
    ($($name:ident ( $($arg:ident : $kind:ty),* ) => $to:path;)*) => {
        /// The names of all functions.
        pub const FUNCTIONS: &[&str] = &[$(stringify!($name)),*];

        /// Adds all functions to a linker.
        pub fn add_to_linker(linker: &mut Linker<StepState>) -> wasmtime::Result<()> {
            $(linker.func_wrap(
                MODULE,
                stringify!($name),
                |caller: Caller<'_, StepState>, $($arg: $kind),*| enter(caller, |call| $to(call, $($arg),*)),
            )?;)*
            // The one function that has no result.
            linker.func_wrap(MODULE, "proc_exit", |caller: Caller<'_, StepState>, code: u32| {
                enter(caller, |call| process::proc_exit(call, code)).map(|_| ())
            })?;
            Ok(())
        }
    };
}

functions! {
    args_get(argv: u32, buffer: u32) => process::args_get;
    args_sizes_get(count: u32, size: u32) => process::args_sizes_get;
    environ_get(environ: u32, buffer: u32) => process::environ_get;
    environ_sizes_get(count: u32, size: u32) => process::environ_sizes_get;
    clock_res_get(id: u32, result: u32) => clock::clock_res_get;
    clock_time_get(id: u32, precision: u64, result: u32) => clock::clock_time_get;
    fd_advise(fd: u32, offset: u64, length: u64, advice: u32) => fd::fd_advise;
    fd_allocate(fd: u32, offset: u64, length: u64) => fd::fd_allocate;
    fd_close(fd: u32) => fd::fd_close;
    fd_datasync(fd: u32) => fd::fd_datasync;
    fd_fdstat_get(fd: u32, result: u32) => fd::fd_fdstat_get;
    fd_fdstat_set_flags(fd: u32, flags: u32) => fd::fd_fdstat_set_flags;
    fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) => fd::fd_fdstat_set_rights;
    fd_filestat_get(fd: u32, result: u32) => fd::fd_filestat_get;
    fd_filestat_set_size(fd: u32, size: u64) => fd::fd_filestat_set_size;
    fd_filestat_set_times(fd: u32, accessed: u64, modified: u64, flags: u32) => fd::fd_filestat_set_times;
    fd_pread(fd: u32, list: u32, count: u32, offset: u64, result: u32) => io::fd_pread;
    fd_prestat_get(fd: u32, result: u32) => dir::fd_prestat_get;
    fd_prestat_dir_name(fd: u32, path: u32, length: u32) => dir::fd_prestat_dir_name;
    fd_pwrite(fd: u32, list: u32, count: u32, offset: u64, result: u32) => io::fd_pwrite;
    fd_read(fd: u32, list: u32, count: u32, result: u32) => io::fd_read;
    fd_readdir(fd: u32, buffer: u32, length: u32, cookie: u64, result: u32) => dir::fd_readdir;
    fd_renumber(from: u32, to: u32) => fd::fd_renumber;
    fd_seek(fd: u32, offset: i64, whence: u32, result: u32) => fd::fd_seek;
    fd_sync(fd: u32) => fd::fd_sync;
    fd_tell(fd: u32, result: u32) => fd::fd_tell;
    fd_write(fd: u32, list: u32, count: u32, result: u32) => io::fd_write;
    path_create_directory(fd: u32, path: u32, length: u32) => path::path_create_directory;
    path_filestat_get(fd: u32, flags: u32, path: u32, length: u32, result: u32) => path::path_filestat_get;
    path_filestat_set_times(fd: u32, flags: u32, path: u32, length: u32, accessed: u64, modified: u64, which: u32) => path::path_filestat_set_times;
    path_link(old_fd: u32, flags: u32, old: u32, old_length: u32, new_fd: u32, new: u32, new_length: u32) => path::path_link;
    path_open(fd: u32, dirflags: u32, path: u32, length: u32, oflags: u32, base: u64, inheriting: u64, flags: u32, result: u32) => path::path_open;
    path_readlink(fd: u32, path: u32, length: u32, buffer: u32, room: u32, result: u32) => path::path_readlink;
    path_remove_directory(fd: u32, path: u32, length: u32) => path::path_remove_directory;
    path_rename(old_fd: u32, old: u32, old_length: u32, new_fd: u32, new: u32, new_length: u32) => path::path_rename;
    path_symlink(target: u32, target_length: u32, fd: u32, path: u32, length: u32) => path::path_symlink;
    path_unlink_file(fd: u32, path: u32, length: u32) => path::path_unlink_file;
    poll_oneoff(input: u32, output: u32, count: u32, result: u32) => clock::poll_oneoff;
    proc_raise(signal: u32) => process::proc_raise;
    sched_yield() => process::sched_yield;
    random_get(buffer: u32, length: u32) => process::random_get;
    sock_accept(fd: u32, flags: u32, result: u32) => process::sock_accept;
    sock_recv(fd: u32, list: u32, count: u32, flags: u32, size: u32, result: u32) => process::sock_recv;
    sock_send(fd: u32, list: u32, count: u32, flags: u32, result: u32) => process::sock_send;
    sock_shutdown(fd: u32, how: u32) => process::sock_shutdown;
}

/// Whether a function of this name is there.
#[must_use]
pub fn has(name: &str) -> bool {
    name == "proc_exit" || FUNCTIONS.contains(&name)
}

/// WASI's `filestat` of 64 bytes.
fn put_stat(memory: &mut GuestMemory<'_>, address: u32, seen: &super::fs::ident::Seen) -> Result<(), Errno> {
    let mut bytes = [0u8; 64];
    let fields = [
        (0, 1u64),
        (8, seen.inode),
        (16, u64::from(file_type(seen.kind))),
        (24, seen.links),
        (32, seen.size),
        (40, seen.accessed),
        (48, seen.time),
        (56, seen.time),
    ];
    for (at, value) in fields {
        if let Some(place) = bytes.get_mut(at..at + 8) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }
    memory.put(address, &bytes)
}

/// WASI's `filetype`.
fn file_type(kind: super::fs::backend::Kind) -> u8 {
    use super::fs::backend::Kind;
    match kind {
        // WASI has no number for named pipes.
        Kind::Pipe => 0,
        Kind::BlockDevice => 1,
        Kind::CharDevice => 2,
        Kind::Dir => 3,
        Kind::File => 4,
        Kind::Socket => 6,
        Kind::Symlink => 7,
    }
}
