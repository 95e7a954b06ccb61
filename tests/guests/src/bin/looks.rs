//! Looks for the machine that it runs on, and prints all that it finds: environment, arguments, what stands at the root,
//! processors, how finely clocks tick, whether a process, a thread, a connection, a socket or an address can be had, and
//! what the files are that its arguments name. A line each; errors by their number.

use std::fs;
use std::io;
use std::net::{TcpStream, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const SAMPLES: usize = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    for (name, value) in std::env::vars() {
        println!("env {name}={value}");
    }
    println!("program {}", arguments[0]);
    println!("here {:?}", std::env::current_dir().ok());
    println!("temporary {:?}", fs::canonicalize("/tmp").ok());
    let mut root: Vec<String> = fs::read_dir("/").map_or(Vec::new(), |entries| {
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    });
    root.sort();
    println!("root {}", root.join(" "));
    println!("processors {}", std::thread::available_parallelism().map_or(1, |count| count.get()));
    let start = Instant::now();
    let monotonic = (0..SAMPLES).all(|_| start.elapsed().subsec_nanos() % 1000 == 0);
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    println!("whole microseconds {monotonic} {}", (0..SAMPLES).all(|_| now().subsec_nanos() % 1000 == 0));
    said("process", std::process::Command::new("/bin/sh").arg("-c").arg("exit").status());
    said("thread", std::thread::Builder::new().spawn(|| ()).map(|_| ()));
    let target = arguments.get(1).map_or("127.0.0.1:80", String::as_str);
    said("connection", TcpStream::connect(target));
    said("socket", UdpSocket::bind("127.0.0.1:0"));
    said("address", "localhost:80".to_socket_addrs().map(|_| ()));
    for (place, path) in arguments.iter().enumerate().skip(2) {
        said(&format!("read {place}"), fs::read(path));
        said(&format!("list {place}"), fs::read_dir(path).map(|_| ()));
        said(&format!("stat {place}"), fs::symlink_metadata(path));
        said(&format!("write {place}"), fs::OpenOptions::new().write(true).open(path).map(|_| ()));
    }
}

/// Whether something could be had.
fn said<T>(what: &str, got: io::Result<T>) {
    match got {
        Ok(_) => println!("{what}: had"),
        Err(error) => println!("{what}: error {}", error.raw_os_error().unwrap_or(-1)),
    }
}
