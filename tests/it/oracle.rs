//! Every call of preview 1 in every situation, under Stepwell and under wasmtime's own WASI host, line by line.
//!
//! Knows the guest `calls` and both hosts. The differences that are meant stand in a table, each with its
//! reason; any other is a fault of one of the two.

use super::hosts;
use std::collections::BTreeMap;
use std::path::Path;

/// The differences that are meant: how what is asked begins and what it holds, what we answer ("" for anything), and why.
const MEANT: [(&str, &str, &str, &str); 27] = [
    ("allocate", "of file", "", "files can be given room; wasmtime answers ENOTSUP, as some hosts cannot"),
    ("allocate", "of std", "70", "POSIX: a pipe cannot be given room (ESPIPE)"),
    ("advise", "of std", "70", "POSIX: advice on a pipe is ESPIPE"),
    ("clock", "", "0", "processor time can be read"),
    ("resolution of clock", "", "0", "processor time can be read"),
    ("datasync", "of std", "28", "POSIX: what cannot be synced is EINVAL"),
    ("sync", "of std", "28", "POSIX: what cannot be synced is EINVAL"),
    ("fdstat", "of std", "0 type 0 flags 16", "flags that were set are told"),
    ("set flags", "of std", "0", "POSIX: flags of a stream can be set"),
    ("set flags sync", "of file", "58", "WASI: a flag that cannot be changed any more is ENOTSUP"),
    ("set rights", "", "0", "rights can be given up"),
    ("set size huge", "of file", "22", "POSIX: a size that no file can have is EFBIG"),
    ("set times", "of std", "76", "the right is not there"),
    ("prestat name", "", "8", "no name of a directory that was not there from the start, as with prestat"),
    ("readdir", "of ", "54", "POSIX: what is no directory is ENOTDIR"),
    ("raise", "", "52", "no signals: ENOSYS, as others answer"),
    ("a path from a file", "", "54", "POSIX: what is no directory is ENOTDIR"),
    ("poll reading from nothing", "", "", "POSIX: a handle that is none is told by its event, not by the call"),
    ("open", "oflags 2 ", "dir", "programs that ask for every right of a directory mean those that it has"),
    ("open", "oflags 10 ", "", "what stands at the path is looked at before the flags are compared"),
    ("", "\"out\"", "", "a link may lead out of a held directory, to where the guest may go anyway"),
    ("", "\"l", "", "POSIX: a slash behind a link means what it leads to"),
    ("stat", "\"f/", "54", "POSIX: a slash behind a file is ENOTDIR"),
    ("rename", "\"f/.\"", "10", "Linux: a last name of `.` is EBUSY, whatever stands before it"),
    ("rmdir", "\"d/\"", "0", "POSIX: a slash behind a directory changes nothing"),
    ("rmdir", "\"d/..\"", "55", "Linux: `..` is never empty"),
    ("symlink with nothing to say", "", "44", "Linux: an empty target is looked at before the path"),
];

type Lines = BTreeMap<String, String>;

fn lines(text: &str) -> Lines {
    text.lines()
        .filter_map(|line| {
            let (what, answer) = line.rsplit_once(": ")?;
            Some((what.to_owned(), answer.to_owned()))
        })
        .collect()
}

/// What wasmtime's own host answers, with a directory as `/`.
fn theirs(root: &Path) -> Lines {
    let (text, code) = hosts::wasmtime("calls", &["tame"], root);
    assert_eq!(code, 0, "{text}");
    lines(&text)
}

/// What Stepwell answers: in a step's own root, or in a workspace.
fn ours(dir: &Path, workspace: Option<&str>, args: &[&str]) -> Lines {
    let (text, succeeded) = hosts::stepwell(dir, workspace, "calls", args);
    assert!(succeeded, "{text}");
    lines(&text)
}

#[test]
fn every_call_is_answered_as_by_wasmtime_or_differently_on_purpose() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let root = dir.path().join("root");
    std::fs::create_dir(&root).expect("is made");
    let theirs = theirs(&root);
    let ours = ours(dir.path(), None, &["tame"]);
    assert!(theirs.len() > 2000, "{}", theirs.len());
    let mut used = [false; MEANT.len()];
    let mut unmeant = Vec::new();
    for (what, answer) in &theirs {
        let own = ours.get(what).map_or("nothing", String::as_str);
        if own == answer {
            continue;
        }
        let meant = MEANT.iter().position(|(begins, holds, is, _)| {
            what.starts_with(begins) && what.contains(holds) && (is.is_empty() || own == *is)
        });
        match meant {
            Some(place) => used[place] = true,
            None => unmeant.push(format!("{what}: ours {own}, theirs {answer}")),
        }
    }
    assert!(unmeant.is_empty(), "{unmeant:#?}");
    for (used, (begins, holds, _, reason)) in used.iter().zip(MEANT) {
        assert!(used, "no difference is left for `{begins} … {holds}`: {reason}");
    }
}

#[test]
fn workspaces_answer_as_the_root_does() {
    for mode in ["overlay", "live"] {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let wanted = ours(dir.path(), None, &[]);
        let found = ours(dir.path(), Some(mode), &[]);
        let different: Vec<_> = wanted.iter().filter(|(what, answer)| found.get(*what) != Some(answer)).collect();
        assert!(different.is_empty(), "{mode}: {different:?}");
    }
}
