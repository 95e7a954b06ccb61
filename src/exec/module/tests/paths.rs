//! Paths that try to leave the guest's root, and links that are followed inside it.

use super::guest::*;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::walk::{DEEPEST, LONGEST_PATH};
use crate::exec::module::preview1::path;
use crate::model::outcome::Limits;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn setting() -> (tempfile::TempDir, Guest) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let guest = guest(dir.path(), Limits::default());
    std::fs::write(dir.path().join("secret"), "outside").expect("is written");
    std::fs::write(dir.path().join("work/inside"), "inside").expect("is written");
    (dir, guest)
}

#[test]
fn dots_end_at_the_root() {
    let (_dir, mut guest) = setting();
    for path in ["../secret", "workspace/w/../../../secret", "workspace/w/../../../../../secret"] {
        refused(guest.cat(path), Errno::NoEntry);
    }
    assert_eq!(guest.cat("../../workspace/w/./..//w/inside").expect("is read"), "inside");
    // Not by text: what stands before `..` has to be there, and to be a directory.
    refused(guest.cat("absent/../workspace/w/inside"), Errno::NoEntry);
    refused(guest.cat("workspace/w/inside/../inside"), Errno::NotDir);
}

#[test]
fn a_directory_that_was_opened_holds_what_is_in_it() {
    let (_dir, mut guest) = setting();
    guest.mkdir("workspace/w/sub").expect("is made");
    let fd = guest.open("workspace/w", DIRECTORY, 0).expect("is opened");
    guest.open_at(fd, "sub/../inside", 0, READ).expect("is opened");
    for path in ["..", "../w/inside", "sub/../../w/inside", "../../fixed"] {
        refused(guest.open_at(fd, path, 0, READ), Errno::NotPermitted);
    }
    refused(guest.open_at(fd, "/workspace/w/inside", 0, READ), Errno::NotPermitted);
    refused(guest.open("/workspace/w/inside", 0, READ), Errno::NotPermitted);
}

#[test]
fn links_resolve_inside_the_root() {
    let (dir, mut guest) = setting();
    let work = dir.path().join("work");
    symlink(dir.path().join("secret"), work.join("host")).expect("is made");
    symlink("../../secret", work.join("up")).expect("is made");
    symlink("/workspace/w/inside", work.join("absolute")).expect("is made");
    symlink("/", work.join("root")).expect("is made");
    symlink("../../fixed", work.join("across")).expect("is made");
    symlink("self", work.join("self")).expect("is made");
    std::fs::write(dir.path().join("fixed/f"), "fixed").expect("is written");
    for path in ["host", "up"] {
        refused(guest.cat(&format!("workspace/w/{path}")), Errno::NoEntry);
    }
    assert_eq!(guest.cat("workspace/w/absolute").expect("is read"), "inside");
    assert_eq!(guest.cat("workspace/w/root/workspace/w/inside").expect("is read"), "inside");
    assert_eq!(guest.cat("workspace/w/across/f").expect("is read"), "fixed");
    assert_eq!(guest.cat("workspace/w/root/../fixed/f").expect("is read"), "fixed");
    refused(guest.cat("workspace/w/self"), Errno::Loop);
    refused(guest.open_with(ROOT, 0, "workspace/w/absolute", 0, READ, 0), Errno::Loop);
    // Writing through a link stays inside as well, and so does making what it says.
    guest.symlink("/tmp/new", "workspace/w/dangling").expect("is made");
    guest.save("workspace/w/dangling", "made").expect("is written");
    assert_eq!(guest.cat("tmp/new").expect("is read"), "made");
    assert!(!std::path::Path::new("/tmp/new").exists() || dir.path().join("root/tmp/new").exists());
    refused(guest.open("workspace/w/dangling", CREATE | EXCLUSIVE, WRITE), Errno::Exists);
}

#[test]
fn many_links_are_too_many() {
    let (dir, mut guest) = setting();
    let work = dir.path().join("work");
    symlink("inside", work.join("l0")).expect("is made");
    for n in 1..50 {
        symlink(format!("l{}", n - 1), work.join(format!("l{n}"))).expect("is made");
    }
    assert_eq!(guest.cat("workspace/w/l39").expect("is read"), "inside");
    refused(guest.cat("workspace/w/l40"), Errno::Loop);
}

#[test]
fn names_are_taken_as_they_are() {
    let (_dir, mut guest) = setting();
    for name in ["a\nb", "c\\d", "e:f", "\u{1f980}", " ", "~", "$HOME", "CON"] {
        let path = format!("workspace/w/{name}");
        guest.save(&path, name).expect("is written");
        assert_eq!(guest.cat(&path).expect("is read"), name);
        assert!(guest.list("workspace/w", 4096).expect("is listed").contains(&name.to_owned()));
    }
    refused(guest.save("workspace/w/A\0b", ""), Errno::Invalid);
    refused(guest.save("", ""), Errno::NoEntry);
    refused(guest.save(&"x".repeat(256), ""), Errno::NameTooLong);
    refused(guest.save(&"x/".repeat(2049), ""), Errno::NameTooLong);
    let bad = guest.with_path(b"workspace/w/\xff", |c, at, n| path::path_create_directory(c, ROOT, at, n));
    refused(bad, Errno::IllegalBytes);
}

#[test]
fn a_slash_at_the_end_means_a_directory() {
    let (_dir, mut guest) = setting();
    guest.mkdir("tmp/d/").expect("is made");
    guest.save("tmp/f", "").expect("is made");
    guest.symlink("f", "tmp/l").expect("is made");
    refused(guest.open("tmp/f/", 0, READ), Errno::NotDir);
    refused(guest.open("tmp/l/", 0, READ), Errno::NotDir);
    refused(guest.open("tmp/new/", CREATE, WRITE), Errno::IsDir);
    refused(guest.unlink("tmp/f/"), Errno::NotDir);
    refused(guest.rename("tmp/f", "tmp/g/"), Errno::NotDir);
    refused(guest.rename("tmp/f/", "tmp/g"), Errno::NotDir);
    refused(guest.symlink("x", "tmp/new/"), Errno::NoEntry);
    refused(guest.symlink("x", "tmp/d/"), Errno::Exists);
    refused(guest.symlink("x", "tmp/f/"), Errno::NotDir);
    refused(guest.stat("tmp/f/", 0), Errno::NotDir);
    guest.rename("tmp/d", "tmp/e/").expect("is renamed");
    guest.rmdir("tmp/e/").expect("is removed");
}

/// Only a name that is nothing but dots is more than a name.
#[test]
fn names_may_end_in_dots() {
    let (_dir, mut guest) = setting();
    for name in ["x..", "...", "x.", "..x", "....", ".x.."] {
        let path = format!("tmp/{name}");
        guest.save(&path, name).expect("is written");
        assert_eq!(guest.cat(&path).expect("is read"), name);
        guest.unlink(&path).expect("is removed");
    }
    guest.save("tmp/f", "").expect("is written");
    for path in ["tmp/f/.", "tmp/f/..", "tmp/f/"] {
        refused(guest.cat(path), Errno::NotDir);
    }
    guest.save("...", "").expect("is written");
    refused(guest.open("..", CREATE, WRITE), Errno::IsDir);
}

#[test]
fn depth_has_an_end() {
    let (_dir, mut guest) = setting();
    let deep = |levels: usize| ["tmp"].into_iter().chain((1..levels).map(|_| "d")).collect::<Vec<_>>().join("/");
    for level in 2..=DEEPEST {
        guest.mkdir(&deep(level)).expect("is made");
    }
    refused(guest.mkdir(&deep(DEEPEST + 1)), Errno::NameTooLong);
    refused(guest.save(&format!("{}/f", deep(DEEPEST)), ""), Errno::NameTooLong);
    guest.save("tmp/f", "").expect("is written");
    refused(guest.rename("tmp/f", &format!("{}/f", deep(DEEPEST))), Errno::NameTooLong);
}

/// Two directories, one moved to the end of the other over and over: a handle's path follows, and
/// does not grow without end.
#[test]
fn renames_in_a_circle_do_not_grow_paths() {
    let (_dir, mut guest) = setting();
    let name = "n".repeat(250);
    guest.mkdir("tmp/c").expect("is made");
    let fd = guest.open("tmp/c", DIRECTORY, 0).expect("is opened");
    for _ in 0..40 {
        guest.mkdir("tmp/d").expect("is made");
        guest.mkdir(&format!("tmp/d/{name}")).expect("is made");
        guest.rename("tmp/c", &format!("tmp/d/{name}/c")).expect("is renamed");
        guest.rename("tmp/d", "tmp/c").expect("is renamed");
    }
    assert!(guest.step.handles.dir(fd, 0).expect("a directory").path.len() <= LONGEST_PATH + 1);
    refused(guest.open_at(fd, "f", CREATE, WRITE), Errno::NameTooLong);
    refused(guest.open_at(fd, ".", DIRECTORY, 0), Errno::NameTooLong);
}

#[test]
fn mounts_are_apart() {
    let (_dir, mut guest) = setting();
    guest.save("tmp/f", "x").expect("is written");
    refused(guest.rename("tmp/f", "workspace/w/f"), Errno::CrossDevice);
    refused(guest.link("tmp/f", "workspace/w/f"), Errno::CrossDevice);
    refused(guest.rename("workspace", "other"), Errno::Busy);
    refused(guest.rename("tmp/f", "workspace"), Errno::Busy);
    refused(guest.rmdir("workspace/w"), Errno::Busy);
    refused(guest.unlink("workspace"), Errno::IsDir);
    refused(guest.mkdir("workspace"), Errno::Exists);
    refused(guest.open("workspace", CREATE | EXCLUSIVE, WRITE), Errno::Exists);
    let root = guest.list("", 4096);
    refused(root, Errno::NoEntry);
    let root = guest.list(".", 4096).expect("is listed");
    assert_eq!(root, [".", "..", "dev", "fixed", "tmp", "workspace"]);
    assert_eq!(guest.list("workspace", 4096).expect("is listed"), [".", "..", "w"]);
    // What is made beside a mount point joins it in the listing.
    guest.mkdir("workspace/other").expect("is made");
    assert_eq!(guest.list("workspace", 4096).expect("is listed"), [".", "..", "other", "w"]);
}

#[test]
fn a_directory_handle_follows_its_rename() {
    let (_dir, mut guest) = setting();
    guest.mkdir("tmp/a").expect("is made");
    guest.mkdir("tmp/a/b").expect("is made");
    guest.save("tmp/a/b/f", "x").expect("is made");
    let fd = guest.open("tmp/a/b", DIRECTORY, 0).expect("is opened");
    guest.rename("tmp/a", "tmp/z").expect("is renamed");
    guest.open_at(fd, "f", 0, READ).expect("is still there");
}

/// While one thread swaps a directory for a link that leads out, another opens through it.
#[test]
fn a_link_that_is_swapped_in_leads_nowhere() {
    let (dir, mut guest) = setting();
    let work = dir.path().join("work");
    let outside = dir.path().join("outside");
    for place in [&outside, &work.join("real")] {
        std::fs::create_dir(place).expect("is made");
    }
    std::fs::write(outside.join("f"), "outside").expect("is written");
    std::fs::write(work.join("real/f"), "inside").expect("is written");
    std::fs::create_dir(work.join("a")).expect("is made");
    std::fs::write(work.join("a/f"), "inside").expect("is written");
    symlink(&outside, work.join("b")).expect("is made");
    let stop = Arc::new(AtomicBool::new(false));
    let (own, place) = (stop.clone(), work.clone());
    let swapper = std::thread::Builder::new()
        .spawn(move || {
            let flags = rustix::fs::RenameFlags::EXCHANGE;
            let cwd = rustix::fs::CWD;
            while !own.load(Ordering::Relaxed) {
                let (a, b) = (place.join("a"), place.join("b"));
                rustix::fs::renameat_with(cwd, &a, cwd, &b, flags).expect("are swapped");
            }
        })
        .expect("a thread");
    let mut seen = [0; 2];
    for round in 0..4000 {
        match guest.cat("workspace/w/a/f") {
            Ok(text) => {
                assert_eq!(text, "inside");
                seen[0] += 1;
            }
            Err(Stop::Errno(_)) => seen[1] += 1,
            Err(end) => panic!("{end:?}"),
        }
        let written = guest.save(&format!("workspace/w/a/new{round}"), "x");
        assert!(matches!(written, Ok(()) | Err(Stop::Errno(_))));
        let _ = guest.unlink("workspace/w/a/f2");
    }
    stop.store(true, Ordering::Relaxed);
    swapper.join().expect("ends");
    assert_eq!(std::fs::read_dir(&outside).expect("is listed").count(), 1);
    assert!(seen[0] > 0 && seen[1] > 0, "both were met: {seen:?}");
}
