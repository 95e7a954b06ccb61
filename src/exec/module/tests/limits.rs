//! Limits of disk, files, output and handles, each met by a guest that tries to pass it.

use super::guest::*;
use crate::exec::Stream;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::preview1::fd;
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
