//! Limits of disk, files, output and handles, each met by a guest that tries to pass it.

use super::guest::*;
use crate::exec::Stream;
use crate::exec::module::fs::Entry;
use crate::exec::module::fs::backend::Kind;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::host::list_up_to;
use crate::exec::module::preview1::handles::{Listing, MOST_LISTED};
use crate::exec::module::preview1::{dir, fd, io, process};
use crate::model::outcome::{LimitKind, Limits, Outcome};

fn setting(limits: Limits) -> (tempfile::TempDir, Guest) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let guest = guest(dir.path(), limits);
    (dir, guest)
}

fn met(limit: LimitKind, value: u64) -> Outcome {
    Outcome::LimitMet { limit, value }
}

#[test]
fn bytes_on_disk() {
    let disk = met(LimitKind::Disk, 100_000);
    let limits = Limits { disk: 100_000, ..Limits::default() };
    let (_dir, mut guest) = setting(limits.clone());
    guest.save("tmp/a", &"x".repeat(60_000)).expect("fits");
    // Written over, it takes no more; removed, it is given back.
    for _ in 0..5 {
        guest.save("tmp/a", &"y".repeat(60_000)).expect("fits");
    }
    guest.unlink("tmp/a").expect("is removed");
    guest.save("tmp/b", &"x".repeat(90_000)).expect("fits");
    ended(guest.save("tmp/c", &"x".repeat(20_000)), &disk);

    let (_dir, mut guest) = setting(limits.clone());
    let file = guest.open("tmp/sparse", CREATE, WRITE).expect("is opened");
    // What no limit could hold is refused; what this one cannot hold ends the step.
    refused(guest.call(|c| fd::fd_filestat_set_size(c, file, 1 << 40)), Errno::FileTooBig);
    refused(guest.call(|c| fd::fd_allocate(c, file, 1 << 40, 5)), Errno::FileTooBig);
    guest.call(|c| fd::fd_filestat_set_size(c, file, 90_000)).expect("fits");
    let other = guest.open("tmp/more", CREATE, WRITE).expect("is opened");
    ended(guest.call(|c| fd::fd_allocate(c, other, 0, 20_000)), &disk);
}

/// Cutting a file through one handle must not make room that another one writes to for nothing.
#[test]
fn no_byte_is_given_back_twice() {
    let (_dir, mut guest) = setting(Limits { disk: 100_000, ..Limits::default() });
    let mut answer = Ok(0);
    for n in 0..40 {
        let path = format!("tmp/f{n}");
        let one = guest.open(&path, CREATE, WRITE).expect("is opened");
        let two = guest.open(&path, 0, WRITE).expect("is opened");
        for _ in 0..2 {
            guest.call(|c| fd::fd_seek(c, one, 0, 0, RESULT)).expect("is sought");
            answer = guest.write(one, &[b'x'; 9_000]);
            if answer.is_err() {
                break;
            }
            if let Err(stop) = guest.call(|c| fd::fd_filestat_set_size(c, two, 0)) {
                panic!("{stop:?}");
            }
            guest.call(|c| fd::fd_seek(c, one, 0, 0, RESULT)).expect("is sought");
            answer = guest.write(one, &[b'x'; 9_000]);
        }
        if answer.is_err() {
            break;
        }
    }
    ended(answer, &met(LimitKind::Disk, 100_000));
}

/// A file without a name keeps its bytes while it is open, and so does the counter.
#[test]
fn a_file_without_a_name_still_counts() {
    let (_dir, mut guest) = setting(Limits { disk: 100_000, ..Limits::default() });
    let mut answer = Ok(0);
    for n in 0..40 {
        let path = format!("tmp/f{n}");
        let file = guest.open(&path, CREATE, WRITE).expect("is opened");
        answer = guest.write(file, &[b'x'; 9_000]);
        if answer.is_err() {
            break;
        }
        guest.unlink(&path).expect("is removed");
    }
    ended(answer, &met(LimitKind::Disk, 100_000));
}

/// A file that is written, loses its name and is closed, as `tmpfile` does, holds nothing more.
#[test]
fn a_file_without_a_name_is_given_back_when_it_is_closed() {
    let (_dir, mut guest) = setting(Limits { disk: 100_000, ..Limits::default() });
    for n in 0..40 {
        let path = format!("tmp/f{n}");
        let one = guest.open(&path, CREATE, WRITE).expect("is opened");
        let two = guest.open(&path, 0, WRITE).expect("is opened");
        guest.write(one, &[b'x'; 60_000]).expect("fits");
        match n % 2 {
            0 => guest.unlink(&path).expect("is removed"),
            _ => {
                guest.save("tmp/other", "").expect("is written");
                guest.rename("tmp/other", &path).expect("replaces it");
            }
        }
        guest.close(one).expect("is closed");
        guest.write(two, &[b'y'; 70_000]).expect("fits, as the first handle's bytes are these");
        guest.close(two).expect("is closed");
    }
    // Nothing is given back for what has another name.
    let file = guest.open("tmp/a", CREATE, WRITE).expect("is opened");
    guest.write(file, &[b'x'; 60_000]).expect("fits");
    guest.link("tmp/a", "tmp/b").expect("is made");
    guest.unlink("tmp/a").expect("is removed");
    guest.close(file).expect("is closed");
    ended(guest.save("tmp/c", &"x".repeat(60_000)), &met(LimitKind::Disk, 100_000));
}

/// Numbers of files that are gone are not kept, and not given out again.
#[test]
fn files_that_are_gone_are_forgotten() {
    let (_dir, mut guest) = setting(Limits::default());
    let mut last = 0;
    for _ in 0..100 {
        guest.save("tmp/f", "x").expect("is written");
        guest.stat("tmp/f", 0).expect("is there");
        let inode = guest.u64(RESULT + 8);
        assert!(inode > last, "{inode} after {last}");
        last = inode;
        guest.unlink("tmp/f").expect("is removed");
    }
    guest.mkdir("tmp/d").expect("is made");
    guest.stat("tmp/d", 0).expect("is there");
    assert_eq!(guest.u64(RESULT + 8), last + 1);
}

/// Names from a place on, of a handle that may have been read before.
fn names_from(guest: &mut Guest, fd: u32, cookie: u64, room: u32) -> Vec<String> {
    guest.call(|c| dir::fd_readdir(c, fd, BUFFER, room, cookie, RESULT)).expect("is listed");
    let (mut names, mut at, used) = (Vec::new(), 0, guest.u32(RESULT));
    while at + 24 <= used {
        let (start, length) = (BUFFER + at + 24, guest.u32(BUFFER + at + 16));
        let name = guest.memory[start as usize..(start + length) as usize].to_vec();
        names.push(String::from_utf8(name).expect("is text"));
        at += 24 + length;
    }
    names
}

/// What handles remember of directories has room for little: one that lost its listing to others
/// goes on where it was.
#[test]
fn listings_of_all_handles_together_are_bounded() {
    let (_dir, mut guest) = setting(Limits::default());
    for name in ["a", "b", "c"] {
        guest.save(&format!("tmp/{name}"), "").expect("is written");
    }
    let fds: Vec<u32> = (0..20).map(|_| guest.open("tmp", DIRECTORY, 0).expect("is opened")).collect();
    let large = || {
        let entry = || Entry { name: "n".repeat(1 << 20), kind: Kind::File, inode: 1 };
        Listing::new(std::iter::repeat_with(entry).take(5).collect())
    };
    assert_eq!(names_from(&mut guest, fds[0], 0, 25 + 26 + 25), [".", "..", "a"]);
    for fd in &fds[1..] {
        guest.step.handles.keep_listing(*fd, large()).expect("is kept");
        let kept = |fd: &u32| guest.step.handles.dir(*fd, 0).expect("a directory").listing.is_some();
        let count = fds.iter().filter(|fd| kept(fd)).count();
        assert!(kept(fd) && count * (5 << 20) <= MOST_LISTED + (5 << 20), "{count} listings");
    }
    assert!(guest.step.handles.dir(fds[0], 0).expect("a directory").listing.is_none());
    assert_eq!(names_from(&mut guest, fds[0], 3, 4096), ["b", "c"]);
}

/// What the host keeps of listings is memory of the step: one that has no room for a second takes it in place of the
/// first, and one that has none for a first has none.
#[test]
fn listings_count_as_memory_of_their_step() {
    let (_dir, mut guest) = setting(Limits { memory: 64 << 10, ..Limits::default() });
    let mut fill = |dir: &str, count: usize| {
        guest.mkdir(dir).expect("is made");
        (0..count).for_each(|n| guest.save(&format!("{dir}/{n:0200}"), "").expect("is written"));
        guest.open(dir, DIRECTORY, 0).expect("is opened")
    };
    let [one, two, large] =
        [("tmp/one", 150), ("tmp/two", 150), ("tmp/large", 500)].map(|(dir, count)| fill(dir, count));
    let mut list = |fd| guest.call(|c| dir::fd_readdir(c, fd, BUFFER, 4096, 0, RESULT));
    list(one).expect("has room");
    list(two).expect("takes the other's");
    refused(list(large), Errno::NoMemory);
    let kept = |fd: u32| guest.step.handles.dir(fd, 0).expect("a directory").listing.is_some();
    assert_eq!([one, two, large].map(kept), [false; 3]);
}

/// A single directory that is larger than any listing may be.
#[test]
fn a_listing_that_is_too_large_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for n in 0..100 {
        std::fs::write(dir.path().join(format!("{n:0200}")), "").expect("is written");
    }
    let open = || std::fs::File::open(dir.path()).expect("is opened").into();
    assert_eq!(list_up_to(open(), 20_000).map(|names| names.len()), Err(Errno::NoMemory));
    assert_eq!(list_up_to(open(), 40_000).map(|names| names.len()), Ok(100));
}

/// Makes the file of this number.
type Maker = fn(&mut Guest, usize) -> Result<(), Stop>;

#[test]
fn number_of_files() {
    let files = met(LimitKind::Files, 10);
    let makers: [Maker; 4] = [
        |guest, n| guest.save(&format!("tmp/f{n}"), ""),
        |guest, n| guest.mkdir(&format!("tmp/d{n}")),
        |guest, n| guest.symlink("x", &format!("tmp/s{n}")),
        |guest, n| match n {
            0 => guest.save("tmp/base", ""),
            n => guest.link("tmp/base", &format!("tmp/l{n}")),
        },
    ];
    for make in makers {
        let (_dir, mut guest) = setting(Limits { files: 10, ..Limits::default() });
        for n in 0..10 {
            make(&mut guest, n).expect("fits");
        }
        ended(make(&mut guest, 10), &files);
    }
    // Temporary files that are renamed over others, or removed, are not counted for ever.
    let (_dir, mut guest) = setting(Limits { files: 10, ..Limits::default() });
    for n in 0..100 {
        guest.save("tmp/draft", "x").expect("fits");
        guest.rename("tmp/draft", "tmp/final").expect("is renamed");
        guest.mkdir(&format!("tmp/d{n}")).expect("fits");
        guest.rmdir(&format!("tmp/d{n}")).expect("is removed");
    }
}

#[test]
fn bytes_of_output() {
    let (_dir, mut guest) = setting(Limits { output: 10, ..Limits::default() });
    guest.write(1, b"12345678").expect("fits");
    ended(guest.write(2, b"abcd"), &met(LimitKind::Output, 10));
    assert_eq!(guest.printed.text(Stream::Stderr), "ab");
}

/// A guest may ask for gigabytes in one call: the call ends with its step.
#[test]
fn long_calls_are_ended_with_their_step() {
    const LARGE: u32 = 512 << 10;
    let (_dir, mut guest) = setting(Limits::default());
    let file = guest.open("tmp/f", CREATE, READ | WRITE).expect("is opened");
    guest.call(|c| fd::fd_filestat_set_size(c, file, 1 << 30)).expect("fits");
    let zero = guest.open("dev/zero", 0, READ).expect("is opened");
    let random = guest.open("dev/urandom", 0, READ).expect("is opened");
    // The same half of a megabyte 1,024 times.
    for number in 0..1024u32 {
        let at = 0x400 + number as usize * 8;
        guest.memory[at..at + 4].copy_from_slice(&BUFFER.to_le_bytes());
        guest.memory[at + 4..at + 8].copy_from_slice(&LARGE.to_le_bytes());
    }
    guest.step.control.cancel();
    let list = (0x400, 1024);
    for fd in [file, zero, random] {
        ended(guest.call(|c| io::fd_read(c, fd, list.0, list.1, RESULT)), &Outcome::Cancelled);
        ended(guest.call(|c| io::fd_pread(c, file, list.0, list.1, 0, RESULT)), &Outcome::Cancelled);
    }
    for fd in [file, 1, 2] {
        ended(guest.call(|c| io::fd_write(c, fd, list.0, list.1, RESULT)), &Outcome::Cancelled);
    }
    ended(guest.call(|c| process::random_get(c, BUFFER, LARGE)), &Outcome::Cancelled);
}

#[test]
fn open_handles_are_refused_and_the_step_goes_on() {
    let (_dir, mut guest) = setting(Limits { handles: 8, ..Limits::default() });
    let opened: Vec<u32> = (0..8).map(|_| guest.open("tmp", 0, READ).expect("fits")).collect();
    refused(guest.open("tmp", 0, READ), Errno::TooManyHandles);
    refused(guest.open("tmp/never", CREATE, WRITE), Errno::TooManyHandles);
    guest.close(opened[3]).expect("is closed");
    assert_eq!(guest.open("tmp", 0, READ).expect("fits"), opened[3]);
    assert_eq!(guest.list("tmp", 999).map_err(|_| ()), Err(()));
}
