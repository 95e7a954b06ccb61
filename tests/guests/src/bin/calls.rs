//! Calls every function of `wasi_snapshot_preview1` in every situation that it answers differently in, and prints a line
//! for each call: what was asked, and the error number or what was given. Works in a folder `t` that it makes in the
//! directory that is open as `/`.
//!
//! `calls tame` leaves out what some hosts end a program for instead of answering: numbers that name nothing, addresses
//! that are not there.

#![allow(clippy::too_many_arguments)]

#[rustfmt::skip]
mod raw {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub fn args_get(argv: *mut u8, buf: *mut u8) -> u32;
        pub fn args_sizes_get(count: *mut u32, size: *mut u32) -> u32;
        pub fn environ_get(environ: *mut u8, buf: *mut u8) -> u32;
        pub fn environ_sizes_get(count: *mut u32, size: *mut u32) -> u32;
        pub fn clock_res_get(id: u32, out: *mut u64) -> u32;
        pub fn clock_time_get(id: u32, precision: u64, out: *mut u64) -> u32;
        pub fn fd_advise(fd: u32, offset: u64, len: u64, advice: u32) -> u32;
        pub fn fd_allocate(fd: u32, offset: u64, len: u64) -> u32;
        pub fn fd_close(fd: u32) -> u32;
        pub fn fd_datasync(fd: u32) -> u32;
        pub fn fd_fdstat_get(fd: u32, out: *mut u8) -> u32;
        pub fn fd_fdstat_set_flags(fd: u32, flags: u32) -> u32;
        pub fn fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) -> u32;
        pub fn fd_filestat_get(fd: u32, out: *mut u8) -> u32;
        pub fn fd_filestat_set_size(fd: u32, size: u64) -> u32;
        pub fn fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, flags: u32) -> u32;
        pub fn fd_pread(fd: u32, iovs: *const u32, count: u32, offset: u64, out: *mut u32) -> u32;
        pub fn fd_prestat_get(fd: u32, out: *mut u8) -> u32;
        pub fn fd_prestat_dir_name(fd: u32, path: *mut u8, len: u32) -> u32;
        pub fn fd_pwrite(fd: u32, iovs: *const u32, count: u32, offset: u64, out: *mut u32) -> u32;
        pub fn fd_read(fd: u32, iovs: *const u32, count: u32, out: *mut u32) -> u32;
        pub fn fd_readdir(fd: u32, buf: *mut u8, len: u32, cookie: u64, out: *mut u32) -> u32;
        pub fn fd_renumber(from: u32, to: u32) -> u32;
        pub fn fd_seek(fd: u32, offset: i64, whence: u32, out: *mut u64) -> u32;
        pub fn fd_sync(fd: u32) -> u32;
        pub fn fd_tell(fd: u32, out: *mut u64) -> u32;
        pub fn fd_write(fd: u32, iovs: *const u32, count: u32, out: *mut u32) -> u32;
        pub fn path_create_directory(fd: u32, path: *const u8, len: usize) -> u32;
        pub fn path_filestat_get(fd: u32, flags: u32, path: *const u8, len: usize, out: *mut u8) -> u32;
        pub fn path_filestat_set_times(fd: u32, flags: u32, path: *const u8, len: usize, a: u64, m: u64, which: u32) -> u32;
        pub fn path_link(old_fd: u32, flags: u32, old: *const u8, old_len: usize, fd: u32, new: *const u8, new_len: usize) -> u32;
        pub fn path_open(fd: u32, look: u32, path: *const u8, len: usize, oflags: u32, base: u64, inheriting: u64, flags: u32, out: *mut u32) -> u32;
        pub fn path_readlink(fd: u32, path: *const u8, len: usize, buf: *mut u8, room: u32, out: *mut u32) -> u32;
        pub fn path_remove_directory(fd: u32, path: *const u8, len: usize) -> u32;
        pub fn path_rename(fd: u32, old: *const u8, old_len: usize, new_fd: u32, new: *const u8, new_len: usize) -> u32;
        pub fn path_symlink(target: *const u8, target_len: usize, fd: u32, path: *const u8, len: usize) -> u32;
        pub fn path_unlink_file(fd: u32, path: *const u8, len: usize) -> u32;
        pub fn poll_oneoff(input: *const u8, output: *mut u8, count: u32, out: *mut u32) -> u32;
        pub fn proc_raise(signal: u32) -> u32;
        pub fn random_get(buf: *mut u8, len: u32) -> u32;
        pub fn sched_yield() -> u32;
        pub fn sock_accept(fd: u32, flags: u32, out: *mut u32) -> u32;
        pub fn sock_recv(fd: u32, iovs: *const u32, count: u32, flags: u32, size: *mut u32, out: *mut u32) -> u32;
        pub fn sock_send(fd: u32, iovs: *const u32, count: u32, flags: u32, size: *mut u32) -> u32;
        pub fn sock_shutdown(fd: u32, how: u32) -> u32;
    }
}

use raw::*;

const READ: u64 = 1 << 1;
const WRITE: u64 = 1 << 6;
const ALL: u64 = (1 << 29) - 1;
const CREATE: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;
/// Bytes where a host may want them.
#[repr(align(8))]
struct Aligned<const N: usize>([u8; N]);

/// An address that no guest of ours has.
const NOWHERE: *mut u8 = 0xffff_fff0 as *mut u8;
const NO_FD: u32 = 99;

/// Whether numbers and addresses that are wrong are tried.
fn wild() -> bool {
    std::env::args().nth(1).is_none()
}

fn say(what: &str, errno: u32) {
    println!("{what}: {errno}");
}

/// Opens a path, or gives the error number.
fn open(fd: u32, path: &str, look: u32, oflags: u32, rights: u64, flags: u32) -> Result<u32, u32> {
    let mut out = 0;
    match unsafe { path_open(fd, look, path.as_ptr(), path.len(), oflags, rights, ALL, flags, &mut out) } {
        0 => Ok(out),
        errno => Err(errno),
    }
}

fn write(fd: u32, bytes: &[u8]) -> (u32, u32) {
    let list = [bytes.as_ptr() as u32, bytes.len() as u32];
    let mut out = 0;
    (unsafe { fd_write(fd, list.as_ptr(), 1, &mut out) }, out)
}

fn read(fd: u32) -> (u32, u32) {
    let mut bytes = [0u8; 16];
    let list = [bytes.as_mut_ptr() as u32, 16];
    let mut out = 0;
    (unsafe { fd_read(fd, list.as_ptr(), 1, &mut out) }, out)
}

/// Type, size and number of names.
fn stat(fd: u32, look: u32, path: &str) -> String {
    let mut aligned = Aligned([0u8; 64]);
    let out = &mut aligned.0;
    match unsafe { path_filestat_get(fd, look, path.as_ptr(), path.len(), out.as_mut_ptr()) } {
        0 => seen(out),
        errno => errno.to_string(),
    }
}

fn seen(out: &[u8; 64]) -> String {
    let number = |at: usize| u64::from_le_bytes(out[at..at + 8].try_into().expect("eight"));
    match out[16] {
        3 => "dir".to_owned(),
        kind => format!("type {kind} names {} size {}", number(24), number(32)),
    }
}

/// The files that every situation begins with, in a fresh folder `t`.
struct Place {
    root: u32,
    fd: u32,
}

impl Place {
    fn clear(root: u32, path: &str) {
        unsafe {
            for (name, is_dir) in names(root, path) {
                let full = format!("{path}/{name}");
                if is_dir {
                    Self::clear(root, &full);
                    path_remove_directory(root, full.as_ptr(), full.len());
                } else {
                    path_unlink_file(root, full.as_ptr(), full.len());
                }
            }
        }
    }

    fn new(root: u32) -> Self {
        Self::clear(root, "t");
        unsafe {
            path_create_directory(root, "t".as_ptr(), 1);
            let fd = open(root, "t", 0, DIRECTORY, ALL & !WRITE, 0).expect("the folder is opened");
            for dir in ["d", "full"] {
                path_create_directory(fd, dir.as_ptr(), dir.len());
            }
            for file in ["f", "g", "full/x"] {
                let file = open(fd, file, 0, CREATE, READ | WRITE, 0).expect("is made");
                write(file, b"some text");
                fd_close(file);
            }
            for (target, name) in [("f", "lf"), ("d", "ld"), ("nothing", "ln"), ("loop", "loop"), ("../../..", "out")] {
                path_symlink(target.as_ptr(), target.len(), fd, name.as_ptr(), name.len());
            }
            Self { root, fd }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        unsafe { fd_close(self.fd) };
        Self::clear(self.root, "t");
    }
}

/// The names in a directory.
fn names(root: u32, path: &str) -> Vec<(String, bool)> {
    let Ok(fd) = open(root, path, 0, DIRECTORY, ALL & !WRITE, 0) else { return Vec::new() };
    let found = listed(fd);
    unsafe { fd_close(fd) };
    found.into_iter().filter(|(name, _)| name != "." && name != "..").collect()
}

fn listed(fd: u32) -> Vec<(String, bool)> {
    let mut buffer = vec![0u8; 65536];
    let mut used = 0;
    if unsafe { fd_readdir(fd, buffer.as_mut_ptr(), 65536, 0, &mut used) } != 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at + 24 <= used as usize {
        let length = u32::from_le_bytes(buffer[at + 16..at + 20].try_into().expect("four")) as usize;
        let name = String::from_utf8_lossy(&buffer[at + 24..at + 24 + length]).into_owned();
        found.push((name, buffer[at + 20] == 3));
        at += 24 + length;
    }
    found.sort();
    found
}

const PATHS: [&str; 26] = [
    "f", "f/", "f/.", "f/x", "d", "d/", "d/.", "d/..", "full", "full/x", "lf", "lf/", "ld", "ld/", "ln", "ln/", "loop",
    "out", "new", "new/", "new/x", ".", "..", "../t", "/f", "",
];

fn opens(root: u32) {
    for path in PATHS {
        for oflags in [
            0,
            CREATE,
            DIRECTORY,
            CREATE | EXCLUSIVE,
            TRUNCATE,
            CREATE | TRUNCATE,
            CREATE | DIRECTORY,
            DIRECTORY | TRUNCATE,
        ] {
            for (rights, word) in [(READ, "r"), (WRITE, "w"), (READ | WRITE, "rw")] {
                for look in [0, 1] {
                    let place = Place::new(root);
                    let opened = match open(place.fd, path, look, oflags, rights, 0) {
                        Ok(fd) => {
                            let mut aligned = Aligned([0u8; 64]);
                            let out = &mut aligned.0;
                            unsafe { fd_filestat_get(fd, out.as_mut_ptr()) };
                            let told = seen(out);
                            unsafe { fd_close(fd) };
                            told
                        }
                        Err(errno) => errno.to_string(),
                    };
                    println!("open {path:?} oflags {oflags} {word} follow {look}: {opened}");
                }
            }
        }
    }
}

fn paths(root: u32) {
    unsafe {
        for path in PATHS {
            let (at, len) = (path.as_ptr(), path.len());
            let with = |what: &str, call: &dyn Fn(&Place) -> u32| {
                let place = Place::new(root);
                say(&format!("{what} {path:?}"), call(&place));
            };
            with("mkdir", &|p| path_create_directory(p.fd, at, len));
            with("rmdir", &|p| path_remove_directory(p.fd, at, len));
            with("unlink", &|p| path_unlink_file(p.fd, at, len));
            with("symlink", &|p| path_symlink("to".as_ptr(), 2, p.fd, at, len));
            with("symlink with nothing to say", &|p| path_symlink("".as_ptr(), 0, p.fd, at, len));
            let place = Place::new(root);
            println!("stat {path:?}: {}", stat(place.fd, 0, path));
            println!("stat following {path:?}: {}", stat(place.fd, 1, path));
            let mut buffer = [0u8; 64];
            let mut used = 0;
            say(&format!("readlink {path:?}"), path_readlink(place.fd, at, len, buffer.as_mut_ptr(), 64, &mut used));
            say(
                &format!("readlink short {path:?}"),
                path_readlink(place.fd, at, len, buffer.as_mut_ptr(), 3, &mut used),
            );
            println!("readlink gave {path:?}: {used}");
            for look in [0, 1] {
                with(&format!("times follow {look}"), &|p| path_filestat_set_times(p.fd, look, at, len, 5, 7, 5));
                with(&format!("times now follow {look}"), &|p| path_filestat_set_times(p.fd, look, at, len, 5, 7, 10));
                with(&format!("times both follow {look}"), &|p| path_filestat_set_times(p.fd, look, at, len, 5, 7, 12));
                with(&format!("link to new, follow {look}"), &|p| {
                    path_link(p.fd, look, at, len, p.fd, "made".as_ptr(), 4)
                });
            }
            with("link f to", &|p| path_link(p.fd, 0, "f".as_ptr(), 1, p.fd, at, len));
            for other in ["f", "d", "full", "lf", "ld", "new", "new/", "d/"] {
                let (to, to_len) = (other.as_ptr(), other.len());
                with(&format!("rename to {other:?}"), &|p| path_rename(p.fd, at, len, p.fd, to, to_len));
            }
        }
    }
}

/// Handles of every kind, by what they are.
fn handles(place: &Place) -> Vec<(&'static str, u32)> {
    let file = |flags, rights| open(place.fd, "f", 0, 0, rights, flags).expect("is opened");
    vec![
        ("none", NO_FD),
        ("stdin", 0),
        ("stdout", 1),
        ("directory", place.fd),
        ("file for reading", file(0, READ | (1 << 2) | (1 << 5) | (1 << 21) | (1 << 27))),
        ("file for writing", file(0, WRITE | (1 << 2) | (1 << 5) | (1 << 8) | (1 << 21) | (1 << 22) | (1 << 23))),
        ("file for both", file(0, ALL & !(1 << 14))),
        ("file for appending", file(1, ALL & !(1 << 14))),
    ]
}

/// Calls with three vectors, one of them of nothing.
unsafe fn vectors(fd: u32, call: unsafe extern "C" fn(u32, *const u32, u32, u64, *mut u32) -> u32, offset: u64) -> u32 {
    let mut bytes = *b"0123456789abcdef";
    let list = [bytes.as_mut_ptr() as u32, 4, bytes.as_mut_ptr() as u32, 0, bytes.as_mut_ptr() as u32, 4];
    let mut out = 0;
    unsafe { call(fd, list.as_ptr(), 3, offset, &mut out) }
}

fn fds(root: u32) {
    type Act = fn(u32) -> u32;
    let acts: [(&str, Act); 38] = [
        ("advise", |fd| unsafe { fd_advise(fd, 0, 10, 0) }),
        ("advise what is none", |fd| if wild() { unsafe { fd_advise(fd, 0, 10, 77) } } else { 0 }),
        ("allocate", |fd| unsafe { fd_allocate(fd, 0, 100) }),
        ("allocate nothing", |fd| unsafe { fd_allocate(fd, 0, 0) }),
        ("datasync", |fd| unsafe { fd_datasync(fd) }),
        ("sync", |fd| unsafe { fd_sync(fd) }),
        ("set flags append", |fd| unsafe { fd_fdstat_set_flags(fd, 1) }),
        ("set flags nonblock", |fd| unsafe { fd_fdstat_set_flags(fd, 4) }),
        ("set flags sync", |fd| unsafe { fd_fdstat_set_flags(fd, 16) }),
        ("set flags wrong", |fd| if wild() { unsafe { fd_fdstat_set_flags(fd, 64) } } else { 0 }),
        ("set rights none", |fd| if fd < 3 { 0 } else { unsafe { fd_fdstat_set_rights(fd, 0, 0) } }),
        ("set size", |fd| unsafe { fd_filestat_set_size(fd, 3) }),
        ("set size huge", |fd| unsafe { fd_filestat_set_size(fd, u64::MAX) }),
        ("set times", |fd| unsafe { fd_filestat_set_times(fd, 5, 7, 5) }),
        ("set times wrong", |fd| if wild() { unsafe { fd_filestat_set_times(fd, 5, 7, 3) } } else { 0 }),
        ("pread", |fd| unsafe { vectors(fd, fd_pread, 2) }),
        ("pread far", |fd| unsafe { vectors(fd, fd_pread, 1 << 40) }),
        ("pwrite", |fd| unsafe { vectors(fd, fd_pwrite, 2) }),
        ("prestat", |fd| unsafe { fd_prestat_get(fd, Aligned([0u8; 8]).0.as_mut_ptr()) }),
        ("prestat name", |fd| unsafe { fd_prestat_dir_name(fd, Aligned([0u8; 8]).0.as_mut_ptr(), 8) }),
        ("read", |fd| if fd == 0 { 0 } else { read(fd).0 }),
        ("read nowhere", |fd| if wild() { unsafe { fd_read(fd, NOWHERE.cast(), 1, &mut 0) } } else { 0 }),
        ("write nowhere", |fd| if wild() { unsafe { fd_write(fd, NOWHERE.cast(), 1, &mut 0) } } else { 0 }),
        ("write", |fd| if fd == 1 { 0 } else { write(fd, b"more").0 }),
        ("readdir", |fd| unsafe { fd_readdir(fd, [0u8; 256].as_mut_ptr(), 256, 0, &mut 0) }),
        ("readdir far", |fd| unsafe { fd_readdir(fd, [0u8; 256].as_mut_ptr(), 256, 1000, &mut 0) }),
        ("seek set", |fd| unsafe { fd_seek(fd, 3, 0, &mut 0) }),
        ("seek from here", |fd| unsafe { fd_seek(fd, 3, 1, &mut 0) }),
        ("seek from the end", |fd| unsafe { fd_seek(fd, -3, 2, &mut 0) }),
        ("seek before the start", |fd| unsafe { fd_seek(fd, -300, 0, &mut 0) }),
        ("seek wrong", |fd| if wild() { unsafe { fd_seek(fd, 0, 9, &mut 0) } } else { 0 }),
        ("tell", |fd| unsafe { fd_tell(fd, &mut 0) }),
        ("renumber to itself", |fd| unsafe { fd_renumber(fd, fd) }),
        ("renumber to none", |fd| if fd < 3 { 0 } else { unsafe { fd_renumber(fd, NO_FD + 1) } }),
        ("accept", |fd| unsafe { sock_accept(fd, 0, &mut 0) }),
        ("recv", |fd| unsafe { sock_recv(fd, [0u32; 2].as_ptr(), 0, 0, &mut 0, &mut 0) }),
        ("send", |fd| unsafe { sock_send(fd, [0u32; 2].as_ptr(), 0, 0, &mut 0) }),
        ("shutdown", |fd| unsafe { sock_shutdown(fd, 0) }),
    ];
    for (what, act) in acts {
        let place = Place::new(root);
        for (kind, fd) in handles(&place) {
            say(&format!("{what} of {kind}"), act(fd));
            if fd > place.fd && fd != NO_FD {
                unsafe { fd_close(fd) };
            }
        }
    }
    let place = Place::new(root);
    for (kind, fd) in handles(&place) {
        let mut aligned = Aligned([0u8; 64]);
        let out = &mut aligned.0;
        let errno = unsafe { fd_fdstat_get(fd, out.as_mut_ptr()) };
        println!("fdstat of {kind}: {errno} type {} flags {}", out[0], out[2]);
        say(&format!("filestat of {kind}"), unsafe { fd_filestat_get(fd, out.as_mut_ptr()) });
        if fd > place.fd && fd != NO_FD {
            say(&format!("close of {kind}"), unsafe { fd_close(fd) });
            say(&format!("close again of {kind}"), unsafe { fd_close(fd) });
        }
    }
}

/// What reads and writes give, one after the other.
fn content(root: u32) {
    let place = Place::new(root);
    let fd = open(place.fd, "f", 0, 0, ALL & !(1 << 14), 0).expect("is opened");
    let mut at = 0;
    println!("read: {:?}", read(fd));
    println!("read at the end: {:?}", read(fd));
    unsafe { fd_seek(fd, 20, 0, &mut at) };
    println!("write past the end: {:?} {}", write(fd, b"zz"), stat(place.fd, 0, "f"));
    unsafe { fd_filestat_set_size(fd, 4) };
    println!("cut: {}", stat(place.fd, 0, "f"));
    unsafe { fd_seek(fd, 0, 1, &mut at) };
    println!("place after the cut: {at}");
    let more = open(place.fd, "f", 0, 0, ALL & !(1 << 14), 1).expect("is opened");
    println!("append: {:?} {}", write(more, b"end"), stat(place.fd, 0, "f"));
    unsafe { fd_tell(more, &mut at) };
    println!("place after the append: {at}");
    unsafe { path_unlink_file(place.fd, "f".as_ptr(), 1) };
    println!("unlinked: {}", stat(place.fd, 0, "f"));
    unsafe { fd_seek(fd, 0, 0, &mut at) };
    println!("read what is unlinked: {:?}", read(fd));
    println!("renumber: {}", unsafe { fd_renumber(more, fd) });
    println!("the number is free: {}", write(more, b"x").0);
    unsafe { path_link(place.fd, 0, "g".as_ptr(), 1, place.fd, "g2".as_ptr(), 2) };
    println!("two names: {} {}", stat(place.fd, 0, "g"), stat(place.fd, 0, "g2"));
    println!("listed: {:?}", listed(place.fd));
    let mut small = [0u8; 40];
    let mut used = 0;
    println!("listed into little: {} {used}", unsafe { fd_readdir(place.fd, small.as_mut_ptr(), 40, 0, &mut used) });
    println!("used: {used}");
    let long = "n".repeat(300);
    say("a long name", unsafe { path_create_directory(place.fd, long.as_ptr(), long.len()) });
    let long = "n/".repeat(3000);
    say("a long path", unsafe { path_create_directory(place.fd, long.as_ptr(), long.len()) });
    say("a name that is no text", unsafe { path_create_directory(place.fd, b"\xff".as_ptr(), 1) });
    say("a name with a zero byte", unsafe { path_create_directory(place.fd, b"a\0b".as_ptr(), 3) });
    if wild() {
        say("a path nowhere", unsafe { path_create_directory(place.fd, NOWHERE, 3) });
    }
    say("a path from a file", unsafe { path_create_directory(fd, "x".as_ptr(), 1) });
    say("a path from nothing", unsafe { path_create_directory(NO_FD, "x".as_ptr(), 1) });
}

fn others() {
    unsafe {
        let mut time = 0;
        for id in 0..if wild() { 5 } else { 4 } {
            say(&format!("clock {id}"), clock_time_get(id, 1, &mut time));
            say(&format!("resolution of clock {id}"), clock_res_get(id, &mut time));
        }
        if wild() {
            say("clock nowhere", clock_time_get(0, 1, NOWHERE.cast()));
        }
        let (mut count, mut size) = (0, 0);
        say("args sizes", args_sizes_get(&mut count, &mut size));
        println!("args: {count} {size}");
        if wild() {
            say("args nowhere", args_get(NOWHERE, NOWHERE));
        }
        say("environ sizes", environ_sizes_get(&mut count, &mut size));
        if wild() {
            say("environ nowhere", environ_get(NOWHERE, NOWHERE));
        }
        say("random", random_get([0u8; 64].as_mut_ptr(), 64));
        if wild() {
            say("random nowhere", random_get(NOWHERE, 64));
        }
        say("yield", sched_yield());
        let mut aligned = Aligned([0u8; 128]);
        let events = &mut aligned.0;
        let mut used = 0;
        say("poll nothing", poll_oneoff(Aligned([0u8; 48]).0.as_ptr(), events.as_mut_ptr(), 0, &mut used));
        let clock = |id: u32, timeout: u64, absolute: u16| {
            let mut one = Aligned([0u8; 48]);
            one.0[0] = 7;
            one.0[16..20].copy_from_slice(&id.to_le_bytes());
            one.0[24..32].copy_from_slice(&timeout.to_le_bytes());
            one.0[40..42].copy_from_slice(&absolute.to_le_bytes());
            one
        };
        let of_fd = |tag: u8, fd: u32| {
            let mut one = Aligned([0u8; 48]);
            one.0[8] = tag;
            one.0[16..20].copy_from_slice(&fd.to_le_bytes());
            one
        };
        for (what, one) in [
            ("monotonic", clock(1, 1_000_000, 0)),
            ("wall", clock(0, 1_000_000, 0)),
            ("monotonic at a time gone by", clock(1, 0, 1)),
            ("wall at a time gone by", clock(0, 5, 1)),
            ("a clock that is none", clock(9, 5, 0)),
            ("writing to output", of_fd(2, 1)),
            ("reading from nothing", of_fd(1, NO_FD)),
        ] {
            if !wild() && what == "a clock that is none" {
                continue;
            }
            let errno = poll_oneoff(one.0.as_ptr(), events.as_mut_ptr(), 1, &mut used);
            println!("poll {what}: {errno} events {used} error {} type {}", events[8], events[10]);
        }
        say("raise nothing", proc_raise(0));
    }
}

fn main() {
    others();
    // The first directory that is open from the start is the root.
    let root = 3;
    Place::clear(root, "t");
    fds(root);
    content(root);
    paths(root);
    opens(root);
}
