//! Starts itself beside itself: pipes, shared files, waiting, signals, limits. The first argument says what to do; what
//! went wrong ends it with a panic.

use std::io::{Read, Write};
use userland_sys::{Ended, Fd, Start};

fn start(words: &[&str], handles: &[(Fd, Fd)]) -> std::io::Result<u32> {
    start_named(None, words, handles)
}

fn start_named(program: Option<&str>, words: &[&str], handles: &[(Fd, Fd)]) -> std::io::Result<u32> {
    let arguments: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    userland_sys::start(&Start {
        program,
        arguments: &arguments,
        environment: &["A=b".to_owned()],
        directory: "/",
        handles,
        mask: 0o22,
    })
}

/// Starts a child with our streams.
fn child(words: &[&str]) -> u32 {
    start(&[&["family"], words].concat(), &[(0, 0), (1, 1), (2, 2)]).expect("is started")
}

fn ended(child: u32) -> Ended {
    let (number, ended) = userland_sys::wait(Some(child), true).expect("is ours").expect("has ended");
    assert_eq!(number, child);
    ended
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.get(1..).unwrap_or_default() {
        ["pipeline"] => pipeline(),
        ["flood", count] => flood(count.parse().expect("a number")),
        ["count"] => println!("{}", std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).expect("is read")),
        ["exit", code] => std::process::exit(code.parse().expect("a number")),
        ["spin", ..] => loop {
            std::hint::black_box(0);
        },
        ["grow", megabytes] => {
            let mut held = vec![1u8; megabytes.parse::<usize>().expect("a number") << 20];
            std::hint::black_box(&mut held);
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        ["say", text] => {
            println!("{text}");
        }
        ["mute"] => std::process::exit(i32::from(userland_sys::write_all(1, b"lost").is_err())),
        ["shared"] => shared(),
        ["ends"] => ends(),
        ["signals"] => signals(),
        ["catch"] => catch(),
        ["limits"] => limits(),
        ["left"] => {
            child(&["spin"]);
            child(&["nested"]);
        }
        ["nested"] => {
            child(&["spin"]);
            loop {
                std::hint::black_box(0);
            }
        }
        ["deep", level] => deep(level.parse().expect("a number")),
        ["children", what, count] => {
            let children: Vec<u32> = (0..count.parse().expect("a number")).map(|_| child(&[what, "40"])).collect();
            children.into_iter().for_each(|child| assert_eq!(ended(child), Ended::Exited(0)));
        }
        ["command", name] => command(name),
        ["fifo"] => fifo(),
        ["send", path] => std::fs::write(path, "through a name").expect("is written"),
        ["grandchild-hears"] => {
            // A pipe's end that nobody else holds: when we are gone, it is closed.
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).expect("is read");
            println!("heard {text:?}");
        }
        other => panic!("what is {other:?}"),
    }
}

/// Writes so many bytes, until nobody reads any more.
fn flood(count: usize) {
    let bytes = [b'y'; 8192];
    let mut left = count;
    while left > 0 {
        let piece = left.min(bytes.len());
        match std::io::stdout().write_all(&bytes[..piece]) {
            Ok(()) => left -= piece,
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(141),
            Err(error) => panic!("{error}"),
        }
    }
    std::io::stdout().flush().expect("is written");
}

/// `flood | count`, with more than a pipe holds; then one whose reader goes first.
fn pipeline() {
    let (read, write) = userland_sys::pipe().expect("a pipe");
    let writer = start(&["family", "flood", "10000000"], &[(1, write), (2, 2)]).expect("is started");
    userland_sys::close(write).expect("is open");
    let reader = start(&["family", "count"], &[(0, read), (1, 1), (2, 2)]).expect("is started");
    userland_sys::close(read).expect("is open");
    assert_eq!((ended(reader), ended(writer)), (Ended::Exited(0), Ended::Exited(0)));

    let (read, write) = userland_sys::pipe().expect("a pipe");
    let writer = start(&["family", "flood", "4000000000"], &[(1, write), (2, 2)]).expect("is started");
    userland_sys::close(write).expect("is open");
    let mut first = [0; 3];
    assert_eq!(userland_sys::read(read, &mut first).expect("is read"), 3);
    assert!(userland_sys::readable(read, 1000).expect("is open"));
    userland_sys::close(read).expect("is open");
    assert_eq!(ended(writer), Ended::Exited(141));
}

/// Two children and their parent write to one file, each where the last one stopped.
fn shared() {
    let file = std::fs::File::create("/tmp/shared").expect("is made");
    let fd = std::os::fd::IntoRawFd::into_raw_fd(file) as Fd;
    userland_sys::write_all(fd, b"one\n").expect("is written");
    for text in ["two", "three"] {
        let child = start(&["family", "say", text], &[(1, fd), (2, 2)]).expect("is started");
        assert_eq!(ended(child), Ended::Exited(0));
    }
    let again = userland_sys::duplicate(fd, 20).expect("is open");
    assert_eq!(again, 20);
    userland_sys::write_all(again, b"four\n").expect("is written");
    userland_sys::replace(fd, 30).expect("is open");
    userland_sys::write_all(30, b"five\n").expect("is written");
    let whole = std::fs::read_to_string("/tmp/shared").expect("is there");
    assert_eq!(whole, "one\ntwo\nthree\nfour\nfive\n");
    let named = std::fs::File::options().write(true).open("/dev/fd/30");
    userland_sys::write_all(std::os::fd::IntoRawFd::into_raw_fd(named.expect("is open")) as Fd, b"six\n").expect("is");
    assert_eq!(std::fs::read_to_string("/tmp/shared").expect("is there"), whole + "six\n");
    assert!(userland_sys::duplicate(99, 3).is_err() && userland_sys::replace(99, 3).is_err());
    // A child has no handle that it was not given.
    let child = start(&["family", "mute"], &[(2, 2)]).expect("is started");
    assert_eq!(ended(child), Ended::Exited(1));
    println!("shared");
}

fn ends() {
    assert_eq!(ended(child(&["exit", "7"])), Ended::Exited(7));
    let nobody = userland_sys::wait(None, true).expect_err("there is no child");
    assert_eq!(nobody.kind(), std::io::ErrorKind::NotFound);
    let child = child(&["spin"]);
    assert_eq!(userland_sys::wait(Some(child), false).expect("is ours"), None);
    userland_sys::kill(child, 0).expect("runs");
    userland_sys::kill(child, 15).expect("runs");
    assert_eq!(ended(child), Ended::Signalled(15));
    assert!(userland_sys::kill(child, 0).is_err());
    println!("ends {}", userland_sys::own_number());
}

fn signals() {
    let (read, write) = userland_sys::pipe().expect("a pipe");
    let child = start(&["family", "catch"], &[(0, read), (1, 1), (2, 2)]).expect("is started");
    std::thread::sleep(std::time::Duration::from_millis(50));
    userland_sys::kill(child, 10).expect("runs");
    assert_eq!(ended(child), Ended::Exited(3));
    userland_sys::close(write).expect("is open");
    // What a parent ignores, its children ignore.
    userland_sys::catch(0, 1 << 15);
    let child = self::child(&["spin"]);
    userland_sys::kill(child, 15).expect("runs");
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(userland_sys::wait(Some(child), false).expect("is ours"), None);
    userland_sys::kill(child, 9).expect("runs");
    assert_eq!(ended(child), Ended::Signalled(9));
    println!("signals");
}

/// Waits for input that never comes, and for a signal that does.
fn catch() {
    userland_sys::catch(1 << 10, 0);
    let read = userland_sys::read(0, &mut [0; 1]).expect_err("nothing comes");
    assert_eq!(read.kind(), std::io::ErrorKind::Interrupted);
    assert_eq!(userland_sys::caught(), 1 << 10);
    assert_eq!(userland_sys::caught(), 0);
    std::process::exit(3);
}

/// As many children as there can be, and no more.
fn limits() {
    let mut children = Vec::new();
    let error = loop {
        match start(&["family", "spin"], &[]) {
            Ok(child) => children.push(child),
            Err(error) => break error,
        }
        assert!(children.len() < 1000);
    };
    assert_eq!(error.raw_os_error(), Some(6), "EAGAIN");
    for child in &children {
        userland_sys::kill(*child, 9).expect("runs");
    }
    let count = children.len();
    children.into_iter().for_each(|child| assert_eq!(ended(child), Ended::Signalled(9)));
    assert!(start(&[], &[]).is_err());
    assert!(start(&["a\0b"], &[]).is_err());
    assert!(start(&["x"], &[(1, 77)]).is_err());
    assert!(start(&["x"], &[(3, 1)]).is_err(), "a directory has this number");
    println!("limits {count}");
}

/// A child of a child of a child.
fn deep(level: u32) {
    match start(&["family", "deep", &(level + 1).to_string()], &[(1, 1), (2, 2)]) {
        Ok(child) => assert_eq!(ended(child), Ended::Exited(0)),
        Err(error) => println!("deep {level} {}", error.raw_os_error().unwrap_or(0)),
    }
}

fn command(name: &str) {
    assert_eq!(userland_sys::commands(), ["echo", "other"]);
    let (read, write) = userland_sys::pipe().expect("a pipe");
    let child = start_named(Some(name), &[name, "a", "b c"], &[(0, 0), (1, write), (2, 2)]).expect("is started");
    userland_sys::close(write).expect("is open");
    let mut text = Vec::new();
    let mut bytes = [0; 512];
    loop {
        match userland_sys::read(read, &mut bytes).expect("is read") {
            0 => break,
            count => text.extend(&bytes[..count]),
        }
    }
    assert_eq!(ended(child), Ended::Exited(0));
    let none = start_named(Some("none"), &["none"], &[]).expect_err("there is none");
    assert_eq!(none.kind(), std::io::ErrorKind::NotFound);
    print!("{}", String::from_utf8_lossy(&text));
}

fn fifo() {
    let path = "/workspace/claim/fifo";
    userland_sys::make_fifo(path, 0o600).expect("is made");
    assert!(userland_sys::make_fifo(path, 0o600).is_err());
    assert!(userland_sys::is_fifo(path, true) && !userland_sys::is_fifo("/workspace", true));
    let child = child(&["send", path]);
    assert_eq!(std::fs::read_to_string(path).expect("is read"), "through a name");
    assert_eq!(ended(child), Ended::Exited(0));
    std::fs::rename(path, "/workspace/claim/moved").expect("is moved");
    assert!(userland_sys::is_fifo("/workspace/claim/moved", true));
    println!("fifo");
}
