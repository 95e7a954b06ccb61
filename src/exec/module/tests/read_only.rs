//! A read-only mount stays so through every call.

use super::guest::*;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::preview1::{fd, path};
use crate::model::outcome::Limits;

#[test]
fn nothing_changes_a_read_only_mount() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut guest = guest(dir.path(), Limits::default());
    let fixed = dir.path().join("fixed");
    std::fs::write(fixed.join("f"), "kept").expect("is written");
    std::fs::create_dir(fixed.join("d")).expect("is made");
    std::os::unix::fs::symlink("f", fixed.join("l")).expect("is made");
    let before = std::fs::metadata(fixed.join("f")).expect("is there");

    for path in ["fixed/f", "fixed/l"] {
        for (oflags, rights) in [(0, WRITE), (0, READ | WRITE), (TRUNCATE, READ), (CREATE, WRITE)] {
            refused(guest.open(path, oflags, rights), Errno::ReadOnly);
        }
    }
    refused(guest.open_with(ROOT, 1, "fixed/f", 0, WRITE, 1), Errno::ReadOnly);
    refused(guest.open("fixed/new", CREATE, READ), Errno::ReadOnly);
    refused(guest.open("fixed/new", 0, WRITE), Errno::NoEntry);
    refused(guest.open("fixed/f", CREATE | EXCLUSIVE, WRITE), Errno::Exists);
    refused(guest.mkdir("fixed/new"), Errno::ReadOnly);
    refused(guest.mkdir("fixed/d"), Errno::Exists);
    refused(guest.unlink("fixed/f"), Errno::ReadOnly);
    refused(guest.unlink("fixed/l"), Errno::ReadOnly);
    refused(guest.rmdir("fixed/d"), Errno::ReadOnly);
    refused(guest.symlink("f", "fixed/new"), Errno::ReadOnly);
    refused(guest.link("fixed/f", "fixed/new"), Errno::ReadOnly);
    refused(guest.rename("fixed/f", "fixed/new"), Errno::ReadOnly);
    refused(guest.rename("fixed/f", "tmp/new"), Errno::CrossDevice);
    guest.save("tmp/own", "x").expect("is written");
    refused(guest.rename("tmp/own", "fixed/new"), Errno::CrossDevice);
    refused(guest.link("tmp/own", "fixed/new"), Errno::CrossDevice);
    refused(guest.link("fixed/f", "tmp/new"), Errno::CrossDevice);
    for file in ["fixed/f", "fixed/l", "fixed/d"] {
        let set =
            guest.with_path(file.as_bytes(), |c, at, n| path::path_filestat_set_times(c, ROOT, 1, at, n, 1, 1, 5));
        refused(set, Errno::ReadOnly);
    }
    // Opened for reading, which is allowed, a handle changes nothing either.
    for oflags in [0, CREATE] {
        let handle = guest.open("fixed/f", oflags, READ).expect("is opened");
        refused(guest.write(handle, b"x"), Errno::BadFd);
        refused(guest.call(|c| fd::fd_filestat_set_size(c, handle, 0)), Errno::Invalid);
        refused(guest.call(|c| fd::fd_allocate(c, handle, 0, 100)), Errno::BadFd);
        refused(guest.call(|c| fd::fd_filestat_set_times(c, handle, 1, 1, 5)), Errno::ReadOnly);
        assert_eq!(guest.read(handle, 10).expect("is read"), b"kept");
    }
    let after = std::fs::metadata(fixed.join("f")).expect("is there");
    assert_eq!(before.modified().expect("a time"), after.modified().expect("a time"));
    assert_eq!(std::fs::read_dir(&fixed).expect("is listed").count(), 3);
}
