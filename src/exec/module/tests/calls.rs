//! The functions of WASI with right and with hostile arguments.

use super::guest::*;
use crate::exec::Stream;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::preview1::handles::rights;
use crate::exec::module::preview1::{FUNCTIONS, clock, dir, fd, io, path, process};
use crate::model::outcome::{Limits, Outcome};

const END: u32 = 1 << 20;

fn setting() -> (tempfile::TempDir, Guest) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let guest = guest(dir.path(), Limits::default());
    (dir, guest)
}

#[test]
fn all_functions_are_there() {
    // wasi_snapshot_preview1 has 46 functions, one of them without a result.
    assert_eq!(FUNCTIONS.len() + 1, 46);
}

#[test]
fn addresses_outside_memory_are_faults() {
    let (_dir, mut guest) = setting();
    guest.save("tmp/f", "text").expect("is written");
    let file = guest.open("tmp/f", 0, READ | WRITE).expect("is opened");
    let far = [END - 3, END, u32::MAX - 3, u32::MAX];
    for at in far {
        refused(guest.call(|c| clock::clock_time_get(c, 0, 0, at)), Errno::Fault);
        refused(guest.call(|c| process::args_get(c, at, BUFFER)), Errno::Fault);
        refused(guest.call(|c| process::args_get(c, BUFFER, at)), Errno::Fault);
        refused(guest.call(|c| process::random_get(c, at, 8)), Errno::Fault);
        refused(guest.call(|c| io::fd_read(c, file, at, 1, RESULT)), Errno::Fault);
        refused(guest.call(|c| fd::fd_fdstat_get(c, file, at)), Errno::Fault);
        refused(guest.call(|c| fd::fd_filestat_get(c, file, at)), Errno::Fault);
        refused(guest.call(|c| dir::fd_readdir(c, ROOT, at, 64, 0, RESULT)), Errno::Fault);
        refused(guest.call(|c| clock::poll_oneoff(c, at, BUFFER, 1, RESULT)), Errno::Fault);
        refused(guest.call(|c| path::path_create_directory(c, ROOT, at, 9)), Errno::Fault);
    }
    // A result that cannot be written is found before anything is done.
    refused(guest.call(|c| io::fd_read(c, file, BUFFER, 0, END)), Errno::Fault);
    assert_eq!(guest.read(file, 9).expect("nothing was read"), b"text");
    refused(guest.call(|c| process::random_get(c, 8, u32::MAX)), Errno::Fault);
}

#[test]
fn vectors_are_bounded() {
    let (_dir, mut guest) = setting();
    let file = guest.open("tmp/f", CREATE, READ | WRITE).expect("is opened");
    refused(guest.call(|c| io::fd_write(c, file, 0, 1025, RESULT)), Errno::Invalid);
    refused(guest.call(|c| io::fd_read(c, file, 0, u32::MAX, RESULT)), Errno::Invalid);
    // A thousand vectors over the same bytes cannot ask for more than a result can say.
    for n in 0..1024usize {
        let at = BUFFER as usize + n * 8;
        guest.memory[at..at + 4].copy_from_slice(&0u32.to_le_bytes());
        guest.memory[at + 4..at + 8].copy_from_slice(&(1u32 << 20).to_le_bytes());
    }
    guest.call(|c| io::fd_read(c, file, BUFFER, 1024, RESULT)).expect("the file is empty");
    guest.memory[BUFFER as usize + 4..BUFFER as usize + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    refused(guest.call(|c| io::fd_write(c, file, BUFFER, 1024, RESULT)), Errno::Fault);
}

#[test]
fn files_are_read_and_written() {
    let (dir, mut guest) = setting();
    let file = guest.open("workspace/w/f", CREATE | EXCLUSIVE, READ | WRITE).expect("is made");
    guest.write(file, b"hello world").expect("is written");
    guest.call(|c| fd::fd_seek(c, file, -5, 2, RESULT)).expect("is sought");
    assert_eq!(guest.u64(RESULT), 6);
    assert_eq!(guest.read(file, 99).expect("is read"), b"world");
    refused(guest.call(|c| fd::fd_seek(c, file, -99, 1, RESULT)), Errno::Invalid);
    refused(guest.call(|c| fd::fd_seek(c, file, i64::MAX, 1, RESULT)), Errno::Invalid);
    refused(guest.call(|c| fd::fd_seek(c, file, 0, 3, RESULT)), Errno::Invalid);
    guest.call(|c| fd::fd_tell(c, file, RESULT)).expect("is told");
    assert_eq!(guest.u64(RESULT), 11);
    guest.call(|c| fd::fd_filestat_set_size(c, file, 5)).expect("is cut");
    guest.call(|c| fd::fd_allocate(c, file, 0, 3)).expect("is there already");
    assert_eq!(std::fs::read(dir.path().join("work/f")).expect("is there"), b"hello");
    // Appending goes to the end, whatever the place.
    let append = guest.open_with(ROOT, 1, "workspace/w/f", 0, WRITE, 1).expect("is opened");
    guest.call(|c| fd::fd_seek(c, append, 0, 0, RESULT)).expect("is sought");
    guest.write(append, b"!").expect("is written");
    assert_eq!(std::fs::read(dir.path().join("work/f")).expect("is there"), b"hello!");
    refused(guest.read(append, 1), Errno::BadFd);
    let reader = guest.open("workspace/w/f", 0, READ).expect("is opened");
    refused(guest.write(reader, b"x"), Errno::BadFd);
    refused(guest.read(ROOT, 1), Errno::BadFd);
    refused(guest.write(ROOT, b"x"), Errno::BadFd);
    refused(guest.open("workspace/w/f", CREATE | EXCLUSIVE, WRITE), Errno::Exists);
    refused(guest.open("workspace/w/f", DIRECTORY, READ), Errno::NotDir);
    refused(guest.open("workspace/w/f/x", CREATE, WRITE), Errno::NotDir);
    refused(guest.open("workspace/w", 0, WRITE), Errno::IsDir);
    refused(guest.open("workspace/w/x", CREATE | DIRECTORY, READ), Errno::Invalid);
    refused(guest.open_at(file, "x", 0, READ), Errno::NotDir);
    refused(guest.open_at(99, "x", 0, READ), Errno::BadFd);
    // A file that lost its name still has its bytes.
    guest.unlink("workspace/w/f").expect("is removed");
    assert_eq!(guest.read(reader, 99).expect("is read"), b"hello!");
    refused(guest.cat("workspace/w/f"), Errno::NoEntry);
}

#[test]
fn names_are_made_and_removed() {
    let (_dir, mut guest) = setting();
    guest.mkdir("tmp/d").expect("is made");
    refused(guest.mkdir("tmp/d"), Errno::Exists);
    guest.save("tmp/d/f", "x").expect("is written");
    refused(guest.rmdir("tmp/d"), Errno::NotEmpty);
    refused(guest.unlink("tmp/d"), Errno::IsDir);
    refused(guest.rmdir("tmp/d/f"), Errno::NotDir);
    guest.symlink("nowhere", "tmp/l").expect("is made");
    assert_eq!(guest.readlink("tmp/l").expect("is read"), "nowhere");
    refused(guest.readlink("tmp/d"), Errno::Invalid);
    refused(guest.link("tmp/d", "tmp/e"), Errno::NotPermitted);
    guest.link("tmp/d/f", "tmp/g").expect("is linked");
    refused(guest.link("tmp/d/f", "tmp/g"), Errno::Exists);
    guest.save("tmp/h", "other").expect("is written");
    guest.rename("tmp/h", "tmp/g").expect("replaces");
    assert_eq!(guest.cat("tmp/g").expect("is read"), "other");
    refused(guest.rename("tmp/d", "tmp/d/inside"), Errno::Invalid);
    refused(guest.rename("tmp/absent", "tmp/x"), Errno::NoEntry);
    guest.unlink("tmp/d/f").expect("is removed");
    guest.rmdir("tmp/d").expect("is removed");
}

#[test]
fn handles_have_lowest_numbers_and_rights_that_only_shrink() {
    let (_dir, mut guest) = setting();
    let one = guest.open("tmp", DIRECTORY, 0).expect("is opened");
    let two = guest.open("tmp", DIRECTORY, 0).expect("is opened");
    guest.close(one).expect("is closed");
    refused(guest.close(one), Errno::BadFd);
    assert_eq!(guest.open("tmp/f", CREATE, READ | WRITE).expect("is opened"), one);
    refused(guest.call(|c| fd::fd_renumber(c, one, 77)), Errno::BadFd);
    guest.call(|c| fd::fd_renumber(c, one, two)).expect("is renumbered");
    refused(guest.close(one), Errno::BadFd);
    guest.write(two, b"x").expect("is the file now");
    refused(guest.call(|c| fd::fd_fdstat_set_rights(c, two, u64::MAX, 0)), Errno::NotCapable);
    guest.call(|c| fd::fd_fdstat_set_rights(c, two, READ, 0)).expect("are given up");
    refused(guest.call(|c| fd::fd_fdstat_set_rights(c, two, READ | WRITE, 0)), Errno::NotCapable);
    refused(guest.write(two, b"x"), Errno::BadFd);
    refused(guest.call(|c| fd::fd_seek(c, two, 0, 0, RESULT)), Errno::NotCapable);
    refused(guest.call(|c| fd::fd_filestat_get(c, two, RESULT)), Errno::NotCapable);
    // The root is there under its name, and nothing else is.
    guest.call(|c| dir::fd_prestat_get(c, ROOT, RESULT)).expect("is there");
    assert_eq!(guest.u64(RESULT), 1 << 32);
    guest.call(|c| dir::fd_prestat_dir_name(c, ROOT, BUFFER, 1)).expect("is told");
    assert_eq!(guest.memory[BUFFER as usize], b'/');
    refused(guest.call(|c| dir::fd_prestat_dir_name(c, ROOT, BUFFER, 0)), Errno::NameTooLong);
    refused(guest.call(|c| dir::fd_prestat_get(c, ROOT + 9, RESULT)), Errno::BadFd);
    refused(guest.call(|c| process::sock_shutdown(c, 1, 0)), Errno::NotSocket);
    refused(guest.call(|c| process::sock_accept(c, 88, 0, RESULT)), Errno::BadFd);
    refused(guest.call(|c| process::proc_raise(c, 9)), Errno::NoCall);
    refused(guest.call(|c| fd::fd_seek(c, 1, 0, 0, RESULT)), Errno::NotSeekable);
    refused(guest.call(|c| fd::fd_advise(c, ROOT, 0, 0, 0)), Errno::BadFd);
}

/// What a guest gave up of a directory, nothing has that is opened through it, at any depth.
#[test]
fn rights_that_a_directory_gave_up_are_gone_below_it() {
    let (_dir, mut guest) = setting();
    guest.mkdir("tmp/d").expect("is made");
    guest.save("tmp/d/f", "kept").expect("is written");
    let dir = guest.open("tmp", DIRECTORY, rights::DIR).expect("is opened");
    let set =
        |guest: &mut Guest, fd, base, inheriting| guest.call(|c| fd::fd_fdstat_set_rights(c, fd, base, inheriting));
    set(&mut guest, dir, rights::PATH_OPEN, rights::PATH_OPEN | READ).expect("are given up");
    refused(set(&mut guest, dir, rights::PATH_OPEN, rights::PATH_OPEN | WRITE), Errno::NotCapable);
    for path in ["d/f", "d/../d/f"] {
        refused(guest.open_at(dir, path, 0, WRITE), Errno::NotCapable);
        refused(guest.open_at(dir, path, TRUNCATE, READ), Errno::NotCapable);
        refused(guest.open_at(dir, path, CREATE, READ), Errno::NotCapable);
    }
    let below = guest.open_at(dir, "d", DIRECTORY, rights::DIR).expect("is opened");
    refused(guest.open_at(below, "f", 0, WRITE), Errno::NotCapable);
    refused(set(&mut guest, below, rights::DIR, READ), Errno::NotCapable);
    refused(guest.call(|c| dir::fd_readdir(c, below, BUFFER, 100, 0, RESULT)), Errno::NotCapable);
    let file = guest.open_at(below, "f", 0, READ).expect("is opened");
    assert_eq!(guest.read(file, 10).expect("is read"), b"kept");
    refused(guest.call(|c| fd::fd_filestat_set_times(c, file, 1, 1, 5)), Errno::NotCapable);
    refused(guest.write(file, b"x"), Errno::BadFd);
}

#[test]
fn programs_are_told_their_arguments() {
    let (_dir, mut guest) = setting();
    guest.call(|c| process::args_sizes_get(c, RESULT, RESULT + 4)).expect("are counted");
    assert_eq!((guest.u32(RESULT), guest.u32(RESULT + 4)), (2, 9));
    guest.call(|c| process::args_get(c, RESULT, BUFFER)).expect("are given");
    let at = BUFFER as usize;
    assert_eq!(&guest.memory[at..at + 9], b"prog\0a b\0");
    assert_eq!(guest.u32(RESULT + 4), BUFFER + 5);
    guest.call(|c| process::environ_get(c, RESULT, BUFFER)).expect("is given");
    assert_eq!(&guest.memory[at..at + 4], b"A=1\0");
    ended(guest.call(|c| process::proc_exit(c, 256 + 7)), &Outcome::Exited { code: 7 });
    ended(guest.call(|c| process::proc_exit(c, u32::MAX)), &Outcome::Exited { code: 255 });
}

#[test]
fn output_goes_to_the_log() {
    let (_dir, mut guest) = setting();
    guest.write(1, b"out").expect("is printed");
    guest.write(2, b"err").expect("is printed");
    assert_eq!(guest.printed.text(Stream::Stdout), "out");
    assert_eq!(guest.printed.text(Stream::Stderr), "err");
    assert_eq!(guest.read(0, 8).expect("ends"), b"");
}

#[test]
fn clocks_are_coarse_and_waiting_works() {
    let (_dir, mut guest) = setting();
    for id in 0..4 {
        guest.call(|c| clock::clock_res_get(c, id, RESULT)).expect("is told");
        assert_eq!(guest.u64(RESULT), 1000);
        guest.call(|c| clock::clock_time_get(c, id, 0, RESULT)).expect("is told");
        assert_eq!(guest.u64(RESULT) % 1000, 0);
    }
    refused(guest.call(|c| clock::clock_time_get(c, 4, 0, RESULT)), Errno::Invalid);
    refused(guest.call(|c| clock::poll_oneoff(c, 0, BUFFER, 0, RESULT)), Errno::Invalid);
    refused(guest.call(|c| clock::poll_oneoff(c, 0, BUFFER, 5000, RESULT)), Errno::Invalid);
    let now = |guest: &mut Guest| {
        guest.call(|c| clock::clock_time_get(c, 1, 0, RESULT)).expect("is told");
        guest.u64(RESULT)
    };
    let before = now(&mut guest);
    // One subscription: the monotonic clock, relative, five milliseconds.
    let mut wait = [0u8; 96];
    wait[0..8].copy_from_slice(&42u64.to_le_bytes());
    wait[16] = 1;
    wait[24..32].copy_from_slice(&5_000_000u64.to_le_bytes());
    guest.memory[0..96].copy_from_slice(&wait);
    guest.call(|c| clock::poll_oneoff(c, 0, BUFFER, 1, RESULT)).expect("is waited for");
    assert_eq!((guest.u32(RESULT), guest.u64(BUFFER), guest.u64(BUFFER + 8)), (1, 42, 0));
    assert!(now(&mut guest) - before >= 5_000_000);
    // With a handle that is ready beside an hour of waiting, there is no waiting.
    guest.memory[24..32].copy_from_slice(&3_600_000_000_000u64.to_le_bytes());
    guest.memory[48..56].copy_from_slice(&43u64.to_le_bytes());
    guest.memory[56] = 2;
    guest.memory[64] = 1;
    guest.call(|c| clock::poll_oneoff(c, 0, BUFFER, 2, RESULT)).expect("is ready");
    assert_eq!((guest.u32(RESULT), guest.u64(BUFFER)), (1, 43));
    // A handle that is none is an event with an error.
    guest.memory[64] = 99;
    guest.call(|c| clock::poll_oneoff(c, 0, BUFFER, 2, RESULT)).expect("is answered");
    assert_eq!(guest.memory[BUFFER as usize + 8], Errno::BadFd.code() as u8);
}
