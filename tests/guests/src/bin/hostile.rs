//! Tries to get more than its step has by starting programs beside itself: room of the host's, processor time, handles,
//! rights, other steps' programs; and waits for what never comes. The first argument says what to try; what should
//! have been refused and was not ends it with a panic.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;
use userland_sys::{Ended, Fd, Start};

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) -> u32;
    fn clock_time_get(id: u32, precision: u64, now: *mut u64) -> u32;
}

/// WASI's rights to read, to list a directory and to open what is in it.
const READ: u64 = 1 << 1;
const LIST: u64 = 1 << 14;
const OPEN: u64 = 1 << 13;
/// Where a child finds a pipe's end beside its streams: no directory has such a number.
const BESIDE: Fd = 40;

fn start_at(directory: &str, words: &[&str], environment: &[String], handles: &[(Fd, Fd)]) -> std::io::Result<u32> {
    let arguments: Vec<String> = ["hostile"].iter().chain(words).map(|word| (*word).to_owned()).collect();
    userland_sys::start(&Start { program: None, arguments: &arguments, environment, directory, handles, mask: 0o22 })
}

fn start_in(words: &[&str], environment: &[String], handles: &[(Fd, Fd)]) -> std::io::Result<u32> {
    start_at("/", words, environment, handles)
}

fn start(words: &[&str], handles: &[(Fd, Fd)]) -> std::io::Result<u32> {
    start_in(words, &[], handles)
}

/// Starts a child with our streams.
fn child(words: &[&str]) -> u32 {
    start(words, &[(0, 0), (1, 1), (2, 2)]).expect("is started")
}

fn ended(child: u32) -> Ended {
    userland_sys::wait(Some(child), true).expect("is ours").expect("has ended").1
}

/// The error that something was refused with.
fn refused<T>(answer: std::io::Result<T>) -> i32 {
    match answer {
        Ok(_) => panic!("was not refused"),
        Err(error) => error.raw_os_error().unwrap_or_else(|| panic!("{error}")),
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.get(1..).unwrap_or_default() {
        ["wait", what] => wait(what),
        ["pipes"] => pipes(),
        ["words"] => many_words(),
        ["heavy", count] => heavy(count.parse().expect("a number")),
        ["many-directories", count] => many_directories(count.parse().expect("a number")),
        ["heavy-again", count] => {
            for _ in 0..count.parse().expect("a number") {
                assert_eq!(ended(start_in(&["say", ""], &most_words(), &[]).expect("is started")), Ended::Exited(0));
            }
        }
        ["brief", count] => {
            for _ in 0..count.parse().expect("a number") {
                assert_eq!(ended(child(&["burn"])), Ended::Exited(0));
            }
        }
        ["hold"] => hold(),
        ["leave", what] => drop(child(&[what])),
        ["rights"] => rights(),
        ["handles"] => handles(),
        ["each", words @ ..] => {
            let children: Vec<u32> =
                (0..4).map(|number: u32| child(&[words, &[&number.to_string()]].concat())).collect();
            children.into_iter().for_each(|child| assert_eq!(ended(child), Ended::Exited(0)));
        }
        ["fifos"] => fifos(),
        ["meet", path] => {
            userland_sys::make_fifo(path, 0o600).expect("is made");
            println!("made");
            sleep();
        }
        ["read", path] => print!("{:?}", std::fs::read(path).expect("is read")),
        ["strangers"] => strangers(),
        ["uncatchable"] => uncatchable(),
        ["kill-self", signal] => {
            userland_sys::kill(0, signal.parse().expect("a number")).expect("is sent");
            println!("goes on");
        }
        ["environment"] => {
            let own = ["OWN=1", "PWD=/"].map(str::to_owned);
            let child = start_in(&["environment-of-child"], &own, &[(1, 1)]).expect("is started");
            assert_eq!(ended(child), Ended::Exited(0));
        }
        ["device-handles"] => device_handles(),
        ["hears"] => hears(),
        ["directories"] => directories(),
        ["ended"] => println!("{}", left_over()),
        ["numbers"] => numbers(),
        ["many-handles"] => {
            let handles: Vec<(Fd, Fd)> = (0..5000).map(|number| (BESIDE + number, 1)).collect();
            let _ = start(&["say", ""], &handles);
        }
        words => be_a_child(words),
    }
}

/// What those do that were started by what is tried.
fn be_a_child(words: &[&str]) {
    match words {
        ["sleep"] => sleep(),
        ["say", text] => println!("{text}"),
        ["ask"] => {
            println!("asked");
            burn(u64::MAX);
        }
        ["burn"] => burn(3_000_000),
        ["bomb"] => bomb(),
        ["write", path] => std::process::exit(std::fs::write(path, "x").map_or_else(code, |()| 0)),
        ["list", path] => std::process::exit(std::fs::read_dir(path).map_or_else(code, |_| 0)),
        ["open", count] => open(count.parse().expect("a number")),
        ["fill", size, name] => {
            std::fs::write(format!("/tmp/{name}"), vec![1; size.parse().expect("a number")]).expect("is written");
        }
        ["make", count, name] => {
            for number in 0..count.parse().expect("a number") {
                std::fs::create_dir(format!("/tmp/{name}-{number}")).expect("is made");
            }
        }
        ["nested"] => {
            let child = child(&["sleep"]);
            println!("{child}");
            sleep();
        }
        ["catches"] => {
            userland_sys::catch(u64::MAX, u64::MAX);
            userland_sys::write_all(BESIDE, b"x").expect("is written");
            loop {
                std::thread::sleep(Duration::from_millis(1));
                let _ = userland_sys::caught();
            }
        }
        ["environment-of-child"] => println!("{:?}", std::env::vars().collect::<Vec<_>>()),
        ["trap", ..] => core::arch::wasm32::unreachable(),
        ["touch", path] => touch(path),
        other => panic!("what is {other:?}"),
    }
}

fn code(error: std::io::Error) -> i32 {
    error.raw_os_error().unwrap_or(255)
}

fn sleep() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

/// Waits for what nobody but itself could bring.
fn wait(what: &str) {
    let (read, write) = userland_sys::pipe().expect("a pipe");
    match what {
        "read" => drop(userland_sys::read(read, &mut [0; 1])),
        "write" => drop(userland_sys::write_all(write, &[1; (64 << 10) + 1])),
        "poll" => drop(userland_sys::readable(read, u64::MAX)),
        "fifo" => {
            userland_sys::make_fifo("/workspace/claim/fifo", 0o600).expect("is made");
            drop(std::fs::read("/workspace/claim/fifo"));
        }
        "child" => drop(ended(child(&["wait", "read"]))),
        "circle" => {
            // Each waits for a word of the other, which comes after the other has heard one.
            let (its, ours) = userland_sys::pipe().expect("a pipe");
            start(&["wait", "stdin"], &[(0, its), (1, write)]).expect("is started");
            userland_sys::close(write).expect("is open");
            drop(userland_sys::read(read, &mut [0; 1]));
            drop(userland_sys::write_all(ours, b"x"));
        }
        "stdin" => drop(std::io::stdin().read(&mut [0; 1])),
        other => panic!("what is {other:?}"),
    }
    panic!("nothing came, and the wait is over");
}

/// As many pipes as there can be, each filled.
fn pipes() {
    let mut count = 0;
    let error = loop {
        match userland_sys::pipe() {
            Ok((_, write)) => userland_sys::write_all(write, &[1; 64 << 10]).expect("has room"),
            Err(error) => break error,
        }
        count += 1;
    };
    assert_eq!(code(error), 6, "EAGAIN");
    println!("{count}");
}

/// More words than a program is started with, in bytes and in number.
fn many_words() {
    const INVALID: i32 = 28;
    let long = vec!["x".repeat(100 << 10); 40];
    assert_eq!(refused(start_in(&["say"], &long, &[])), INVALID);
    assert_eq!(refused(start_in(&["say"], &["x".repeat(200 << 10)], &[])), INVALID);
    assert_eq!(refused(start_in(&["say"], &vec!["x".to_owned(); 70_000], &[])), INVALID);
    // The same bytes again and again cost a guest nothing.
    assert_eq!(refused(start_in(&["say"], &vec!["x".repeat(1000); 60_000], &[])), INVALID);
    println!("refused");
}

/// Nearly as many words as a program is started with: 1.9 MB.
fn most_words() -> Vec<String> {
    vec!["x".repeat(100 << 10); 19]
}

/// So many children at one time, each with as many words as it can have.
fn heavy(count: u32) {
    let words = most_words();
    for _ in 0..count {
        start_in(&["sleep"], &words, &[]).expect("is started");
    }
    println!("all");
}

/// So many children at one time, each with thousands of directories that are open from its start.
fn many_directories(count: u32) {
    for number in 0..2000 {
        std::fs::create_dir(format!("/{number:0>200}")).expect("is made");
    }
    for _ in 0..count {
        start_at("/tmp", &["sleep"], &[], &[]).expect("is started");
    }
    println!("all");
}

/// Uses so many nanoseconds of processor time.
fn burn(time: u64) {
    let used = || {
        let mut now = 0;
        // SAFETY: one number is written.
        assert_eq!(unsafe { clock_time_get(2, 1, &raw mut now) }, 0);
        now
    };
    let begun = used();
    while used() - begun < time {}
}

/// As many programs as it can get, for as long as it can.
fn hold() {
    let mut count = 0;
    while start(&["sleep"], &[]).is_ok() {
        count += 1;
    }
    println!("{count}");
    sleep();
}

/// Programs that start others for as long as they can, and do not wait for them.
fn bomb() {
    loop {
        let _ = start(&["bomb"], &[]);
        while let Ok(Some(_)) = userland_sys::wait(None, false) {}
    }
}

/// What this program gave up its children have not either.
fn rights() {
    std::fs::write("/tmp/own", "x").expect("is written");
    assert_eq!(ended(child(&["write", "/tmp/own"])), Ended::Exited(0));
    let narrow = |base: u64, inheriting: u64| {
        // SAFETY: no memory is handed over.
        let all = (3..20).map(|fd| unsafe { fd_fdstat_set_rights(fd, base, inheriting) });
        assert!(all.filter(|errno| *errno == 0).count() > 0);
    };
    narrow(OPEN | LIST | READ_LINKS, READ | LIST | OPEN);
    const NOT_CAPABLE: u8 = 76;
    assert_eq!(refused(std::fs::write("/tmp/own", "x")), i32::from(NOT_CAPABLE));
    assert_eq!(ended(child(&["write", "/tmp/own"])), Ended::Exited(NOT_CAPABLE));
    assert_eq!(ended(child(&["write", "/workspace/claim/f"])), Ended::Exited(NOT_CAPABLE));
    assert_eq!(ended(child(&["list", "/tmp"])), Ended::Exited(0));
    // Closed is given up altogether; what names it no longer finds it.
    (3..20).for_each(|fd| drop(userland_sys::close(fd)));
    assert_ne!(ended(child(&["list", "/tmp"])), Ended::Exited(0));
    println!("given up");
}

/// To follow links, and to stat.
const READ_LINKS: u64 = 1 << 15 | 1 << 18;

/// Children that open all files that they can, at one time.
fn handles() {
    let (told, tell) = userland_sys::pipe().expect("a pipe");
    let (go, end) = userland_sys::pipe().expect("a pipe");
    let children: Vec<u32> =
        (0..4).map(|_| start(&["open", "400"], &[(0, go), (2, 2), (BESIDE, tell)]).expect("is started")).collect();
    userland_sys::close(go).expect("is open");
    let mut total = 0;
    for _ in 0..children.len() {
        let mut count = [0; 4];
        assert_eq!(userland_sys::read(told, &mut count).expect("is read"), 4);
        total += u32::from_le_bytes(count);
    }
    userland_sys::close(end).expect("is open");
    children.into_iter().for_each(|child| assert_eq!(ended(child), Ended::Exited(0)));
    println!("{total}");
    // They are given back.
    std::fs::write("/tmp/again", "x").expect("is written");
}

/// Opens files, says how many, and holds them until it is told.
fn open(most: usize) {
    let mut files = Vec::new();
    for _ in 0..most {
        match std::fs::File::create("/tmp/file") {
            Ok(file) => files.push(file),
            Err(error) => {
                assert_eq!(code(error), 33, "EMFILE");
                break;
            }
        }
    }
    userland_sys::write_all(BESIDE, &(files.len() as u32).to_le_bytes()).expect("is written");
    assert_eq!(std::io::stdin().read(&mut [0; 1]).expect("is read"), 0);
}

fn fifos() {
    let path = |number: usize| format!("/workspace/claim/{number}");
    let make = |number: usize| userland_sys::make_fifo(&path(number), 0o600);
    assert_eq!(refused(userland_sys::make_fifo("/etc/secret/fifo", 0o600)), 69, "EROFS");
    assert_eq!(refused(userland_sys::make_fifo("/fixed/fifo", 0o600)), 69, "EROFS");
    (0..256).for_each(|number| make(number).expect("is made"));
    assert_eq!(refused(make(256)), 29, "EIO: there is no room");
    std::fs::remove_file(path(0)).expect("is removed");
    make(0).expect("there is room again");
    std::fs::rename(path(1), path(0)).expect("is moved");
    make(1).expect("there is room again");
    assert!(userland_sys::make_fifo("/dev/fifo", 0o600).is_err());
    assert!(userland_sys::make_fifo("/workspace/claim/0", 0o600).is_err());
    assert!(userland_sys::make_fifo("/workspace/claim", 0o600).is_err());
    assert!(userland_sys::make_fifo(&"../".repeat(99).replace("//", "/"), 0o600).is_err());
    println!("fifos");
}

/// Other steps' programs, and those that are not its children.
fn strangers() {
    let (told, tell) = userland_sys::pipe().expect("a pipe");
    let child = start(&["nested"], &[(0, 0), (1, tell), (2, 2)]).expect("is started");
    let mut text = [0; 16];
    let count = userland_sys::read(told, &mut text).expect("is read");
    let grandchild: u32 = std::str::from_utf8(&text[..count]).expect("a text").trim().parse().expect("a number");
    let not_ours = userland_sys::wait(Some(grandchild), false).expect_err("is nobody's but its parent's");
    assert_eq!(not_ours.kind(), ErrorKind::NotFound);
    for number in (2..2000).filter(|number| ![child, grandchild].contains(number)) {
        assert_eq!(userland_sys::kill(number, 9).expect_err("is not there").kind(), ErrorKind::NotFound);
        assert_eq!(userland_sys::wait(Some(number), false).expect_err("is not there").kind(), ErrorKind::NotFound);
    }
    assert_eq!(refused(userland_sys::kill(child, 64)), 28);
    println!("strangers");
}

/// A child that asks to be told of every signal, and to ignore every one, is ended all the same.
fn uncatchable() {
    let (told, tell) = userland_sys::pipe().expect("a pipe");
    let child = start(&["catches"], &[(2, 2), (BESIDE, tell)]).expect("is started");
    assert_eq!(userland_sys::read(told, &mut [0; 1]).expect("is read"), 1);
    for signal in [1, 2, 15] {
        userland_sys::kill(child, signal).expect("runs");
    }
    assert_eq!(userland_sys::wait(Some(child), false).expect("is ours"), None);
    userland_sys::kill(child, 9).expect("runs");
    assert_eq!(ended(child), Ended::Signalled(9));
    println!("ended");
}

/// What `/dev/fd` opens has the rights of the handle that it names, and no more.
fn device_handles() {
    const BAD: i32 = 8;
    std::fs::write("/tmp/own", "kept").expect("is written");
    let fd = userland_sys::into_fd(std::fs::File::open("/tmp/own").expect("is open")).expect("a number");
    let name = format!("/dev/fd/{fd}");
    for options in
        [std::fs::File::options().write(true), std::fs::File::options().read(true).write(true).truncate(true)]
    {
        if let Ok(mut file) = options.open(&name) {
            assert_eq!(refused(file.write(b"lost")), BAD);
            assert!(file.set_len(0).is_err());
        }
    }
    assert_eq!(std::fs::read("/tmp/own").expect("is read"), b"kept");
    let (read, write) = userland_sys::pipe().expect("a pipe");
    let mut other = std::fs::File::options().read(true).write(true).open(format!("/dev/fd/{read}")).expect("is open");
    assert_eq!(refused(other.write(b"x")), BAD);
    assert!(std::fs::File::open(format!("/dev/fd/{write}")).expect("is open").read(&mut [0; 1]).is_err());
    for none in ["/dev/fd/999", "/dev/fd/-1", "/dev/fd/4294967296", "/dev/fd/../fd/999", "/dev/fd/+3", "/dev/fd/0x3"] {
        assert!(std::fs::File::open(none).is_err(), "{none}");
    }
    println!("kept");
}

/// Waits for a word of a child, which has the only other end of the pipe.
fn hears() {
    let (read, write) = userland_sys::pipe().expect("a pipe");
    start(&["say", "x"], &[(1, 1), (BESIDE, write)]).expect("is started");
    userland_sys::close(write).expect("is open");
    userland_sys::read(read, &mut [0; 1]).expect("is read");
}

/// Children whose working directory is said to be where they may not go.
fn directories() {
    let up = "../".repeat(20);
    for here in ["/workspace/part/..", "/workspace/part/x/../..", "/workspace/part/link/..", "..", "/../..", &up] {
        for path in ["other/f", "../other/f", "f"] {
            let child = start_in(&["touch", path], &[format!("PWD={here}")], &[(1, 1), (2, 2)]).expect("is started");
            assert_eq!(ended(child), Ended::Exited(0), "{path:?} in {here:?}");
        }
    }
    let here = "PWD=/workspace/part/link".to_owned();
    assert_eq!(ended(start_in(&["touch", "f"], &[here], &[(1, 1), (2, 2)]).expect("is started")), Ended::Exited(0));
}

/// Finds nothing at a path, and makes nothing beside it.
fn touch(path: &str) {
    assert!(userland_sys::mode(path, true).is_err(), "{path}");
    assert!(userland_sys::set_mode(path, true, 0o777).is_err(), "{path}");
    if path.contains("other") {
        assert!(userland_sys::make_fifo(&format!("{path}-pipe"), 0o600).is_err(), "{path}");
    }
}

/// Children that end, and are never waited for: how many there can be.
fn left_over() -> usize {
    let ends = |_: &u32| {
        let (read, write) = userland_sys::pipe().expect("a pipe");
        let is_started = start(&["say", ""], &[(BESIDE, write)]).is_ok();
        userland_sys::close(write).expect("is open");
        assert_eq!(userland_sys::read(read, &mut [0; 1]).expect("is read"), 0);
        userland_sys::close(read).expect("is open");
        is_started
    };
    (0..1000).take_while(ends).count()
}

fn numbers() {
    for number in [1100, 100_000, u32::MAX] {
        assert!(userland_sys::duplicate(1, number).is_err());
        assert!(userland_sys::replace(1, number).is_err());
        assert!(start(&["say", ""], &[(number, 1)]).is_err());
    }
    println!("refused");
}
