//! A read-only mount stays so through every call.

use super::guest::*;
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::walk::Base;
use crate::exec::module::preview1::{fd, path};
use crate::model::outcome::Limits;

const BASE: Base<'static> = Base { path: "", open_above: true };

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
        let mode = guest.step.fs.set_mode(BASE, file, true, 0o600);
        refused(mode, Errno::ReadOnly);
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

#[test]
fn modes_are_kept_and_nothing_can_run_as_somebody_else() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut guest = guest(dir.path(), Limits::default());
    guest.save("workspace/w/f", "x").expect("is written");
    std::fs::write(dir.path().join("outside"), "x").expect("is written");
    std::fs::set_permissions(dir.path().join("outside"), PermissionsExt::from_mode(0o644)).expect("is set");
    std::os::unix::fs::symlink("f", dir.path().join("work/l")).expect("is made");
    std::os::unix::fs::symlink("../outside", dir.path().join("work/out")).expect("is made");
    guest.step.fs.set_mode(BASE, "workspace/w/l", true, 0o6751).expect("is set");
    assert_eq!(guest.step.fs.stat(BASE, "workspace/w/f", true).expect("is there").mode, 0o751);
    let mode = std::fs::metadata(dir.path().join("work/f")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o751, "without the set-user-id bit");
    refused(guest.step.fs.set_mode(BASE, "workspace/w/l", false, 0o600), Errno::NotSupported);
    refused(guest.step.fs.set_mode(BASE, "workspace/w/out", true, 0o777), Errno::NoEntry);
    let mode = std::fs::metadata(dir.path().join("outside")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}
