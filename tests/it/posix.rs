//! Programs in C and Go that go through POSIX's functions and check every answer themselves: under Stepwell in a step's
//! root, an overlay and a live workspace, where all of it is right, and under wasmtime's own WASI host, which shows that they
//! ask for what other hosts give too.
//!
//! Knows the guests `posix`, `names` and `raw` in C and `posix` in Go. What wasmtime answers otherwise stands in a table,
//! each line with its reason.

use super::hosts;

/// What wasmtime's host answers differently: the guest, how the check begins, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("c-posix", "readv", "one vector at a time, as POSIX allows"),
    ("c-posix", "memcmp(bytes, \"456\"", "as above"),
    ("c-posix", "read(fd, bytes, 16)", "as above"),
    ("c-posix", "preadv", "as above"),
    ("c-posix", "memcmp(bytes, \"123\"", "as above"),
    ("c-posix", "writev", "as above"),
    ("c-posix", "pwritev", "as above"),
    ("c-posix", "get(\"f\"): cde3", "as above"),
    ("c-posix", "posix_fallocate", "no room is made: ENOTSUP"),
    ("c-posix", "seen(\"f\").st_size: 8, not 104", "as above"),
    ("c-posix", "files", "places in a listing are numbers that move when names go"),
    ("c-names", "fstatat(fd, \"x\"", "a path from a file is EBADF"),
    ("c-names", "rmdir(\"d/e/..\")", "`..` as last name is EINVAL"),
    ("c-names", "unlink(\"ld/\")", "a slash behind a link means what it leads to"),
    ("c-names", "unlinkat(fd, \"slash/\"", "a slash behind a folder is EINVAL"),
    ("c-names", "rmdir(\"t\")", "as above: the folder is left"),
];

const GUESTS: [&str; 4] = ["c-posix", "c-names", "c-raw", "go-posix"];

/// Guests for whose language there was no compiler are not there; `make guests` says so.
fn built() -> Vec<&'static str> {
    let built: Vec<_> = GUESTS.into_iter().filter(|name| hosts::guest(name).is_file()).collect();
    assert!(std::env::var_os("CI").is_none() || built == GUESTS, "only {built:?} were built");
    built
}

fn check(name: &str, workspace: Option<&str>) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let base = if workspace.is_some() { "/w" } else { "/" };
    if workspace.is_some() {
        std::fs::create_dir(dir.path().join("ws")).expect("is made");
        std::fs::write(dir.path().join("ws/before"), "before").expect("is written");
    }
    let (text, succeeded) = hosts::stepwell(dir.path(), workspace, name, &[base]);
    assert!(succeeded && text.starts_with("ok "), "{name} in {workspace:?}: {text}");
    if workspace.is_some() {
        let left = std::fs::read_dir(dir.path().join("ws")).expect("is a folder");
        let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
        assert_eq!(left, ["before"], "{name} in {workspace:?}");
    }
}

#[test]
fn programs_find_posix_in_a_steps_root() {
    built().into_iter().for_each(|name| check(name, None));
}

#[test]
fn programs_find_posix_in_an_overlay() {
    built().into_iter().for_each(|name| check(name, Some("overlay")));
}

#[test]
fn programs_find_posix_in_a_live_workspace() {
    built().into_iter().for_each(|name| check(name, Some("live")));
}

#[test]
fn what_programs_require_other_hosts_give_too() {
    let mut used = vec![false; OTHERWISE.len()];
    let mut unmeant = Vec::new();
    // Rights cannot be given up there, so that the guest `raw` finds nothing as it requires it; `calls` compares these.
    for name in built().into_iter().filter(|name| *name != "c-raw") {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (text, _) = hosts::wasmtime(name, &["/", "tame"], dir.path());
        let last = text.lines().last().unwrap_or_default();
        assert!(last.starts_with("ok ") || last.ends_with(" are wrong"), "{name} came to its end: {text}");
        for line in text.lines().filter_map(|line| line.strip_prefix("not ok ")) {
            let (_, what) = line.split_once(' ').expect("a line has its number");
            match OTHERWISE.iter().position(|(guest, begins, _)| *guest == name && what.starts_with(begins)) {
                Some(place) => used[place] = true,
                None => unmeant.push(format!("{name} {line}")),
            }
        }
    }
    assert!(unmeant.is_empty(), "{unmeant:#?}");
    for (used, (guest, begins, reason)) in used.iter().zip(OTHERWISE) {
        assert!(*used || !built().contains(guest), "no difference is left for {guest} `{begins}`: {reason}");
    }
}
