//! Calls every function of `wasi:filesystem`, `io`, `clocks`, `random` and `cli` that a program can call, in the folder
//! that its first argument names and it makes (below the first preopened directory), and prints how each ended, a line each.
//! What differs from machine to machine is printed as what has to hold of it. Built as a core module whose imports
//! are WIT's; the tests make a component of it.

wit_bindgen::generate!({ path: "../../../wit", world: "wasi:cli/imports@0.2.12", generate_all });

use std::fmt::Debug;
use wasi::cli::{environment, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::filesystem::preopens;
use wasi::filesystem::types::{
    Advice, Descriptor, DescriptorFlags as Flags, ErrorCode, NewTimestamp, OpenFlags, PathFlags, filesystem_error_code,
};
use wasi::io::poll;
use wasi::io::streams::StreamError;
use wasi::random::{insecure, insecure_seed, random};

const NONE: PathFlags = PathFlags::empty();
const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

/// Prints how a call ended.
fn say<T: Debug>(call: &str, answer: Result<T, ErrorCode>) {
    match answer {
        Ok(value) => println!("{call}: {value:?}"),
        Err(code) => println!("{call}: error {}", code.name()),
    }
}

/// The same of a stream's call.
fn say_stream<T: Debug>(call: &str, answer: Result<T, StreamError>) {
    match answer {
        Ok(value) => println!("{call}: {value:?}"),
        Err(StreamError::Closed) => println!("{call}: closed"),
        Err(StreamError::LastOperationFailed(error)) => {
            println!("{call}: failed {:?}", filesystem_error_code(&error).map(|code| code.name()));
        }
    }
}

fn open(base: &Descriptor, path: &str, how: OpenFlags, flags: Flags) -> Descriptor {
    base.open_at(FOLLOW, path, how, flags).unwrap_or_else(|code| panic!("{path}: {}", code.name()))
}

fn file(base: &Descriptor, path: &str, text: &[u8]) -> Descriptor {
    let made = open(base, path, OpenFlags::CREATE | OpenFlags::TRUNCATE, Flags::READ | Flags::WRITE);
    assert_eq!(made.write(text, 0).expect("is written"), text.len() as u64);
    made
}

/// What a stat says, without what is the machine's own.
fn seen(base: &Descriptor, follow: PathFlags, path: &str) -> Result<String, ErrorCode> {
    let stat = base.stat_at(follow, path)?;
    let size = if stat.type_ == wasi::filesystem::types::DescriptorType::RegularFile { stat.size } else { 0 };
    let times = stat.data_access_timestamp.is_some() && stat.data_modification_timestamp.is_some();
    Ok(format!("{:?} size {size} times {times}", stat.type_))
}

fn names(dir: &Descriptor) -> Result<Vec<String>, ErrorCode> {
    let entries = dir.read_directory()?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry()? {
        names.push(format!("{} {:?}", entry.name, entry.type_));
    }
    names.sort();
    Ok(names)
}

fn opens(dir: &Descriptor) {
    file(dir, "f", b"0123456789");
    let read = Flags::READ;
    let write = Flags::READ | Flags::WRITE;
    let none = OpenFlags::empty();
    let cases: [(&str, PathFlags, &str, OpenFlags, Flags); 26] = [
        ("read", FOLLOW, "f", none, read),
        ("missing", FOLLOW, "nothing", none, read),
        ("empty", FOLLOW, "", none, read),
        ("absolute", FOLLOW, "/f", none, read),
        ("above", FOLLOW, "../x", none, read),
        ("through a file", FOLLOW, "f/x", none, read),
        ("slash after a file", FOLLOW, "f/", none, read),
        ("create", FOLLOW, "new", OpenFlags::CREATE, write),
        ("create again", FOLLOW, "new", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, write),
        ("create in nothing", FOLLOW, "no/new", OpenFlags::CREATE, write),
        ("truncate", FOLLOW, "new", OpenFlags::TRUNCATE, write),
        ("directory", FOLLOW, "f", OpenFlags::DIRECTORY, read),
        ("create a directory", FOLLOW, "d", OpenFlags::CREATE | OpenFlags::DIRECTORY, read),
        ("itself", FOLLOW, ".", none, read),
        ("itself to write", FOLLOW, ".", none, write),
        ("long name", FOLLOW, &"n".repeat(256), none, read),
        ("long path", FOLLOW, &"n/".repeat(4000), none, read),
        ("nul", FOLLOW, "a\0b", none, read),
        ("link", FOLLOW, "to-f", none, read),
        ("link itself", NONE, "to-f", none, read),
        ("link out", FOLLOW, "out", none, read),
        ("link to itself", FOLLOW, "ring", none, read),
        ("dangling", FOLLOW, "dangling", none, read),
        ("create through dangling", FOLLOW, "dangling", OpenFlags::CREATE, write),
        ("create at a link", NONE, "to-f", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, write),
        ("unicode", FOLLOW, "ünï", OpenFlags::CREATE, write),
    ];
    for (target, link) in [("f", "to-f"), ("../../../etc/passwd", "out"), ("ring", "ring"), ("made", "dangling")] {
        say(&format!("symlink {link}"), dir.symlink_at(target, link));
    }
    for (call, follow, path, how, flags) in cases {
        say(&format!("open {call}"), dir.open_at(follow, path, how, flags).map(|_| ()));
    }
    say("symlink absolute", dir.symlink_at("/etc/passwd", "absolute"));
    let _ = dir.unlink_file_at("absolute");
    say("symlink again", dir.symlink_at("f", "to-f"));
    say("symlink empty", dir.symlink_at("", "empty"));
    for path in ["to-f", "f", "nothing", "dangling"] {
        say(&format!("readlink {path}"), dir.readlink_at(path));
        say(&format!("stat {path}"), seen(dir, FOLLOW, path));
        say(&format!("lstat {path}"), seen(dir, NONE, path));
    }
    say("names", names(dir));
    say("names of a file", names(&open(dir, "f", none, read)));
}

fn changes(dir: &Descriptor) {
    let under = |path: &str| dir.create_directory_at(path);
    for path in ["d", "d", "f", "d/e", "no/e", "", "d/.", "../d", "with/"] {
        say(&format!("mkdir {path:?}"), under(path));
    }
    let link = |from: &str, to: &str| dir.link_at(NONE, from, dir, to);
    for (from, to) in [("f", "hard"), ("f", "hard"), ("nothing", "x"), ("d", "x"), ("to-f", "soft"), ("f", "no/x"), ("f", "../x")] {
        say(&format!("link {from} {to}"), link(from, to));
    }
    say("links", dir.stat_at(NONE, "hard").map(|stat| stat.link_count));
    let rename = |from: &str, to: &str| dir.rename_at(from, dir, to);
    let moves = [
        ("hard", "moved"), ("nothing", "x"), ("d", "f"), ("f", "d"), ("d", "d/e/deeper"), ("moved", "no/x"), ("d", "g"),
        ("g", "g"), ("moved", "../x"), (".", "x"), ("moved", "g/e/in"),
    ];
    for (from, to) in moves {
        say(&format!("rename {from} {to}"), rename(from, to));
    }
    for path in ["g", "g/e/in", "nothing", "to-f", "to-f", "", ".", "new/"] {
        say(&format!("unlink {path:?}"), dir.unlink_file_at(path));
    }
    for path in ["g", "f", "nothing", "g/e", "g", "", ".", "with/"] {
        say(&format!("rmdir {path:?}"), dir.remove_directory_at(path));
    }
    let _ = dir.remove_directory_at("with");
    say("names", names(dir));
}

fn bytes(dir: &Descriptor) {
    let f = file(dir, "f", b"0123456789");
    let here = dir;
    say("read", f.read(4, 3));
    say("read past", f.read(100, 8));
    say("read at the end", f.read(1, 10));
    say("read nothing", f.read(0, 0).map(|(bytes, _)| bytes));
    say("read far", f.read(1, u64::MAX >> 1).map(|(bytes, end)| (bytes, end)));
    say("write over", f.write(b"ab", 2));
    say("write behind", f.write(b"z", 12));
    say("content", f.read(100, 0).map(|(bytes, _)| bytes));
    say("cut", f.set_size(3));
    say("grow", f.set_size(6));
    say("content", f.read(100, 0).map(|(bytes, _)| bytes));
    say("flags", f.get_flags());
    say("type", f.get_type());
    say("advise", f.advise(0, 10, Advice::Sequential));
    say("sync", f.sync());
    say("sync-data", f.sync_data());
    let only = open(here, "f", OpenFlags::empty(), Flags::READ);
    say("write to read-only", only.write(b"x", 0));
    say("cut read-only", only.set_size(0));
    say("stream to read-only", only.write_via_stream(0).map(|_| ()));
    say("append to read-only", only.append_via_stream().map(|_| ()));
    let written = open(here, "f", OpenFlags::empty(), Flags::WRITE);
    say("read of write-only", written.read(1, 0));
    say("stream of write-only", written.read_via_stream(0).map(|_| ()));
    for (call, answer) in [("read", dir.read(1, 0).map(|_| ())), ("write", dir.write(b"x", 0).map(|_| ()))] {
        say(&format!("{call} a directory"), answer);
    }
    say("cut a directory", dir.set_size(0));
    say("stream a directory", dir.read_via_stream(0).map(|_| ()));
    say("sync a directory", dir.sync());
    say("type of a directory", dir.get_type());
    say("stat of a file as directory", f.stat_at(FOLLOW, "x").map(|_| ()));
    say("open at a file", f.open_at(FOLLOW, "x", OpenFlags::empty(), Flags::READ).map(|_| ()));
    let again = open(here, "f", OpenFlags::empty(), Flags::READ);
    println!("same {} other {}", f.is_same_object(&again), f.is_same_object(dir));
    let hash = |d: &Descriptor| d.metadata_hash().map(|hash| (hash.upper, hash.lower));
    println!("hash same {} other {}", hash(&f) == hash(&again), hash(&f) == hash(dir));
    println!("hash at {}", dir.metadata_hash_at(FOLLOW, "f").map(|h| (h.upper, h.lower)).ok() == hash(&f).ok());
    say("hash of nothing", dir.metadata_hash_at(FOLLOW, "nothing").map(|_| ()));
}

fn times(dir: &Descriptor) {
    let f = file(dir, "t", b"x");
    let at = |seconds, nanoseconds| NewTimestamp::Timestamp(wall_clock::Datetime { seconds, nanoseconds });
    say("set-times", f.set_times(NewTimestamp::NoChange, at(1_000_000_000, 5000)));
    say("time", f.stat().map(|stat| stat.data_modification_timestamp.map(|t| (t.seconds, t.nanoseconds))));
    say("set-times-at", dir.set_times_at(FOLLOW, "t", at(1, 0), at(2, 0)));
    say("time", dir.stat_at(FOLLOW, "t").map(|stat| stat.data_modification_timestamp.map(|t| t.seconds)));
    say("set-times now", f.set_times(NewTimestamp::Now, NewTimestamp::Now));
    say("times of nothing", dir.set_times_at(FOLLOW, "nothing", at(1, 0), at(2, 0)));
}

fn streams(dir: &Descriptor) {
    let f = file(dir, "s", b"hello stream");
    let read = f.read_via_stream(6).expect("is read");
    // Without it, a host that reads ahead may have nothing yet.
    read.subscribe().block();
    say_stream("read", read.read(3).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    read.subscribe().block();
    say_stream("skip", read.skip(1));
    say_stream("blocking-read", read.blocking_read(100).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    read.subscribe().block();
    say_stream("at the end", read.blocking_read(1));
    say_stream("skip at the end", read.blocking_skip(1));
    let write = f.write_via_stream(0).expect("is written");
    println!("check-write {}", write.check_write().is_ok_and(|room| room >= 4096));
    say_stream("write", write.write(b"HE"));
    say_stream("flush", write.flush());
    say_stream("blocking-flush", write.blocking_flush());
    say_stream("write-and-flush", write.blocking_write_and_flush(b"L"));
    say_stream("zeroes", write.blocking_write_zeroes_and_flush(1));
    let pollable = write.subscribe();
    pollable.block();
    println!("ready {}", pollable.ready());
    drop(pollable);
    let end = f.append_via_stream().expect("is written");
    say_stream("append", end.blocking_write_and_flush(b"!"));
    let from = f.read_via_stream(0).expect("is read");
    let copy = file(dir, "copy", b"");
    let to = copy.write_via_stream(0).expect("is written");
    say_stream("splice", to.blocking_splice(&from, 5));
    say_stream("flush", to.blocking_flush());
    say("content", f.read(100, 0).map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned()));
    say("copy", copy.read(100, 0).map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned()));
}

fn rest() {
    let before = monotonic_clock::now();
    monotonic_clock::subscribe_duration(2_000_000).block();
    println!("slept {}", monotonic_clock::now() - before >= 2_000_000);
    let (soon, late) = (monotonic_clock::subscribe_duration(1_000), monotonic_clock::subscribe_duration(60_000_000_000));
    println!("first {:?} late {}", poll::poll(&[&late, &soon]), late.ready());
    let past = monotonic_clock::subscribe_instant(0);
    println!("past: {}", past.ready());
    println!("both: {:?}", poll::poll(&[&past, &past]));
    println!("wall {} resolution {}", wall_clock::now().seconds > 900_000_000, monotonic_clock::resolution() > 0);
    println!("bytes {:?}", [0, 1, 33].map(|n| random::get_random_bytes(n).len()));
    println!("numbers {}", random::get_random_u64() != random::get_random_u64());
    println!("insecure {:?} {}", insecure::get_insecure_random_bytes(5).len(), insecure::get_insecure_random_u64() > 0);
    let _ = insecure_seed::insecure_seed();
    println!("arguments {:?}", &environment::get_arguments()[1..]);
    println!("environment {:?}", environment::get_environment().iter().find(|(name, _)| name == "GIVEN"));
    let none = (terminal_stdin::get_terminal_stdin().is_none(), terminal_stdout::get_terminal_stdout().is_none());
    println!("terminals {none:?} {}", terminal_stderr::get_terminal_stderr().is_none());
    say_stream("stdin", stdin::get_stdin().blocking_read(1));
    say_stream("stdout", stdout::get_stdout().blocking_write_and_flush(b"out\n"));
    say_stream("stderr", stderr::get_stderr().blocking_write_and_flush(b"err\n"));
    println!("preopens: {:?}", preopens::get_directories().iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>());
}

fn main() {
    let folder = std::env::args().nth(1).expect("a folder is named");
    let (root, _) = preopens::get_directories().into_iter().next().expect("a directory is preopened");
    root.create_directory_at(&folder).expect("is made");
    let dir = root
        .open_at(FOLLOW, &folder, OpenFlags::DIRECTORY, Flags::READ | Flags::MUTATE_DIRECTORY)
        .expect("the folder is there");
    opens(&dir);
    changes(&dir);
    bytes(&dir);
    times(&dir);
    streams(&dir);
    rest();
    wasi::cli::exit::exit_with_code(7);
}
