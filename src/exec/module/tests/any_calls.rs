//! Any calls with any arguments: nothing panics, nothing outside changes, limits hold.
//!
//! Knows the functions of preview 1, and how bytes from a fuzzer or a generator choose calls. Does not know where the
//! bytes come from.

use super::bytes::Bytes;
use super::guest::*;
use crate::exec::module::fs::errno::Stop;
use crate::exec::module::preview1::{Call, clock, dir, fd, io, path, process};
use crate::model::outcome::Limits;
use std::path::Path;

/// One call: which function, and what it is given.
#[derive(Debug, Clone)]
struct Random {
    function: u8,
    numbers: [u32; 9],
    wide: u64,
}

const TEXTS: u32 = 0x2000;
const LIST: u32 = 0x3000;

/// The most calls that bytes are read for.
const MOST_CALLS: usize = 200;

/// A number that means something here and there: a handle, a small length, the address of a string below.
fn number(bytes: &mut Bytes<'_>) -> u32 {
    const PLACES: [u32; 8] = [TEXTS, TEXTS + 8, TEXTS + 16, TEXTS + 24, TEXTS + 32, LIST, RESULT, BUFFER];
    const EDGES: [u32; 6] = [u32::MAX, u32::MAX - 7, 0xffff, 0x10_0000, 0xf_fff8, 1 << 31];
    match bytes.below(11) {
        0..=3 => bytes.below(8),
        4..=6 => bytes.one_of(&PLACES),
        7 | 8 => bytes.below(64),
        9 => bytes.one_of(&EDGES),
        _ => bytes.u32(),
    }
}

fn random(bytes: &mut Bytes<'_>) -> Random {
    let function = bytes.below(46) as u8;
    let numbers = std::array::from_fn(|_| number(bytes));
    let wide = match bytes.below(6) {
        0..=2 => u64::from(bytes.below(64)),
        3 => u64::from(bytes.u32()) << 32 | u64::from(bytes.u32()),
        4 => u64::MAX,
        _ => (1 << 29) - 1,
    };
    Random { function, numbers, wide }
}

#[rustfmt::skip]
fn act(c: &mut Call<'_>, r: &Random) -> Result<(), Stop> {
    let [a, b, d, e, f, g, h, i, _] = r.numbers;
    let w = r.wide;
    match r.function {
        0 => process::args_get(c, a, b), 1 => process::args_sizes_get(c, a, b),
        2 => process::environ_get(c, a, b), 3 => process::environ_sizes_get(c, a, b),
        4 => clock::clock_res_get(c, a, b), 5 => clock::clock_time_get(c, a, w, b),
        6 => fd::fd_advise(c, a, w, w, b), 7 => fd::fd_allocate(c, a, w, w), 8 => fd::fd_close(c, a),
        9 => fd::fd_datasync(c, a), 10 => fd::fd_sync(c, a), 11 => fd::fd_fdstat_get(c, a, b),
        12 => fd::fd_fdstat_set_flags(c, a, b), 13 => fd::fd_fdstat_set_rights(c, a, w, w),
        14 => fd::fd_filestat_get(c, a, b), 15 => fd::fd_filestat_set_size(c, a, w),
        16 => fd::fd_filestat_set_times(c, a, w, w, b), 17 => io::fd_pread(c, a, b, d, w, e),
        18 => dir::fd_prestat_get(c, a, b), 19 => dir::fd_prestat_dir_name(c, a, b, d),
        20 => io::fd_pwrite(c, a, b, d, w, e), 21 => io::fd_read(c, a, b, d, e),
        22 => dir::fd_readdir(c, a, b, d, w, e), 23 => fd::fd_renumber(c, a, b),
        24 => fd::fd_seek(c, a, w as i64, b, d), 25 => fd::fd_tell(c, a, b), 26 => io::fd_write(c, a, b, d, e),
        27 => path::path_create_directory(c, a, b, d), 28 => path::path_filestat_get(c, a, b, d, e, f),
        29 => path::path_filestat_set_times(c, a, b, d, e, w, w, f), 30 => path::path_link(c, a, b, d, e, f, g, h),
        31..=34 => path::path_open(c, a, b, d, e, f, w, w, g, h), 35 => path::path_readlink(c, a, b, d, e, f, g),
        36 => path::path_remove_directory(c, a, b, d), 37 => path::path_rename(c, a, b, d, e, f, g),
        38 => path::path_symlink(c, a, b, d, e, f), 39 => path::path_unlink_file(c, a, b, d),
        // A guest that sleeps for long would do just that.
        40 => clock::poll_oneoff(c, a, b, d.min(1), if i == 0 { e } else { f }), 41 => process::random_get(c, a, b),
        42 => process::sock_accept(c, a, b, d), 43 => process::sock_recv(c, a, b, d, e, f, g),
        44 => process::sock_send(c, a, b, d, e, f), _ => process::sock_shutdown(c, a, b),
    }
}

/// Makes the calls that these bytes choose, in an empty directory.
pub fn check(dir: &Path, bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let canary = dir.join("canary");
    std::fs::write(&canary, "untouched").expect("is written");
    let limits = Limits { wall: Some(200_000_000), disk: 1 << 20, output: 1 << 20, handles: 16, ..Limits::default() };
    let mut guest = guest(dir, limits);
    std::fs::write(dir.join("fixed/f"), "fixed").expect("is written");
    for (at, text) in [b"a/../b\0\0", b"../../ca", b"nary\0\0\0\0", b"workspac", b"e/w/fixd"].iter().enumerate() {
        guest.memory[TEXTS as usize + at * 8..][..8].copy_from_slice(*text);
    }
    for word in 0..64u32 {
        let bytes = (word * 3 % 40).to_le_bytes();
        guest.memory[(LIST + word * 4) as usize..][..4].copy_from_slice(&bytes);
    }
    let size = guest.memory.len();
    for _ in 0..MOST_CALLS {
        let call = random(&mut bytes);
        if bytes.is_over() || matches!(guest.call(|c| act(c, &call)), Err(Stop::End(_))) {
            break;
        }
    }
    assert_eq!(guest.memory.len(), size, "no call makes memory");
    assert_eq!(std::fs::read_to_string(&canary).expect("is there"), "untouched");
    assert_eq!(std::fs::read_to_string(dir.join("fixed/f")).expect("is there"), "fixed");
}
