//! Devices of ours, special files of the host, listings, inodes and times.

use super::guest::*;
use crate::exec::Stream;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::ident::OLD;
use crate::exec::module::preview1::{fd, path};
use crate::model::outcome::Limits;
use rustix::fs::{CWD, FileType, Mode};
use std::time::{Duration, SystemTime};

fn setting() -> (tempfile::TempDir, Guest) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let guest = guest(dir.path(), Limits::default());
    (dir, guest)
}

#[test]
fn special_files_of_the_host_are_shown_and_never_opened() {
    let (dir, mut guest) = setting();
    let pipe = dir.path().join("work/pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o666), 0).expect("made");
    let socket = dir.path().join("work/socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("is bound");
    for name in ["pipe", "socket"] {
        let path = format!("workspace/w/{name}");
        for (oflags, rights) in [(0, READ), (0, WRITE), (TRUNCATE, READ | WRITE), (CREATE, WRITE)] {
            refused(guest.open(&path, oflags, rights), Errno::Access);
        }
        guest.file_type(&path).expect("is shown");
    }
    assert_eq!(guest.list("workspace/w", 4096).expect("listed"), [".", "..", "pipe", "socket"]);
    assert_eq!(guest.file_type("workspace/w/pipe").expect("is shown"), 0);
    assert_eq!(guest.file_type("workspace/w/socket").expect("is shown"), 6);
}

#[test]
fn our_devices_do_what_such_devices_do() {
    let (_dir, mut guest) = setting();
    let mut open = |name: &str| guest.open(&format!("dev/{name}"), 0, READ | WRITE).expect(name);
    let (null, zero, full) = (open("null"), open("zero"), open("full"));
    let (random, stdout, stdin) = (open("urandom"), open("stdout"), open("stdin"));
    assert_eq!(guest.read(null, 8).expect("ends"), b"");
    assert_eq!(guest.write(null, b"gone").expect("vanishes"), 4);
    assert_eq!(guest.read(zero, 4).expect("zeros"), [0; 4]);
    refused(guest.write(full, b"x"), Errno::NoSpace);
    let (one, two) = (guest.read(random, 16), guest.read(random, 16));
    assert_ne!(one.expect("random"), two.expect("random"));
    guest.write(stdout, b"out").expect("is printed");
    refused(guest.read(stdout, 1), Errno::BadFd);
    assert_eq!(guest.read(stdin, 8).expect("ends"), b"");
    refused(guest.write(stdin, b"x"), Errno::BadFd);
    assert_eq!(guest.printed.text(Stream::Stdout), "out");
    refused(guest.open("dev/tty", 0, READ), Errno::NoSuchDevice);
    refused(guest.save("dev/new", ""), Errno::ReadOnly);
    refused(guest.unlink("dev/null"), Errno::ReadOnly);
    refused(guest.open("dev/null/x", 0, READ), Errno::NotDir);
    guest.save("dev/null", "> /dev/null").expect("creating and cutting it is no change");
    // A stream is no terminal.
    guest.call(|c| fd::fd_fdstat_get(c, 1, RESULT)).expect("has a state");
    assert_eq!(guest.memory[RESULT as usize], 0);
}

#[test]
fn a_large_listing_is_whole_sorted_and_stable() {
    let (dir, mut guest) = setting();
    for n in 0..10_000 {
        std::fs::write(dir.path().join(format!("work/f{n:05}")), "").expect("is written");
    }
    let names = guest.list("workspace/w", 4096).expect("is listed");
    let mut wanted: Vec<String> = vec![".".into(), "..".into()];
    wanted.extend((0..10_000).map(|n| format!("f{n:05}")));
    assert_eq!(names, wanted);
    // A small buffer cuts the last entry, and a place stays what it was when files go.
    let fd = guest.open("workspace/w", DIRECTORY, 0).expect("is opened");
    let read = |guest: &mut Guest, cookie| {
        use crate::exec::module::preview1::dir::fd_readdir;
        guest.call(|c| fd_readdir(c, fd, BUFFER, 64, cookie, RESULT)).expect("is read");
        (guest.u32(RESULT), guest.u64(BUFFER))
    };
    assert_eq!(read(&mut guest, 0), (64, 1));
    guest.unlink("workspace/w/f00000").expect("is removed");
    assert_eq!(read(&mut guest, 2), (64, 3));
    let at = BUFFER as usize + 24;
    assert_eq!(&guest.memory[at..at + 6], b"f00000");
    assert_eq!(read(&mut guest, 10_002).0, 0);
    assert_eq!(read(&mut guest, u64::MAX).0, 0);
}

#[test]
fn inodes_and_times_tell_nothing_of_the_machine() {
    let (dir, mut guest) = setting();
    std::fs::write(dir.path().join("work/old"), "x").expect("is written");
    let file = std::fs::File::open(dir.path().join("work/old")).expect("is opened");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)).expect("set");
    let stat = |guest: &mut Guest, path: &str| {
        guest.stat(path, 0).expect("is there");
        (guest.u64(RESULT), guest.u64(RESULT + 8), guest.u64(RESULT + 48))
    };
    assert_eq!(stat(&mut guest, "workspace/w/old"), (1, 1, OLD));
    guest.save("workspace/w/new", "y").expect("is written");
    let (_, inode, time) = stat(&mut guest, "workspace/w/new");
    assert_eq!(inode, 2);
    assert!(time > OLD && time < OLD + 60_000_000_000, "{time}");
    // The same file under two names is the same file; what a listing says agrees.
    guest.link("workspace/w/old", "workspace/w/also").expect("is linked");
    assert_eq!(stat(&mut guest, "workspace/w/also").1, 1);
    // What the guest sets stays, until something else writes the file.
    let set = guest.with_path(b"workspace/w/old", |c, at, n| {
        path::path_filestat_set_times(c, ROOT, 1, at, n, 7, 7_000_000_001, 5)
    });
    set.expect("is set");
    assert_eq!(stat(&mut guest, "workspace/w/old").2, 7_000_000_001);
    guest.save("workspace/w/old", "again").expect("is written");
    assert!(stat(&mut guest, "workspace/w/old").2 > OLD);
    let both =
        guest.with_path(b"workspace/w/old", |c, at, n| path::path_filestat_set_times(c, ROOT, 1, at, n, 7, 7, 3));
    refused(both, Errno::Invalid);
}
