//! Ends, or refuses to end, in every way a step can: see `USAGE`. Some of the ways never return.

use std::io::Write;
use std::time::Duration;

const USAGE: &str = "usage: fail exit CODE | panic | trap | abort | spin | sleep MS | alloc MIB | recurse
     | flood BYTES | flood-stderr BYTES | line BYTES | flaky FILE TIMES | silent";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["exit", code] => std::process::exit(number(code) as i32),
        ["panic"] => panic!("asked to panic"),
        ["trap"] => trap(),
        ["abort"] => std::process::abort(),
        ["spin"] => spin(),
        ["sleep", milliseconds] => std::thread::sleep(Duration::from_millis(number(milliseconds))),
        ["alloc", mebibytes] => alloc(number(mebibytes)),
        ["recurse"] => println!("{}", recurse(1)),
        ["flood", bytes] => flood(&mut std::io::stdout(), number(bytes)),
        ["flood-stderr", bytes] => flood(&mut std::io::stderr(), number(bytes)),
        ["line", bytes] => line(number(bytes)),
        ["flaky", file, times] => flaky(file, number(times)),
        ["silent"] => {}
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|error| {
        eprintln!("fail: {text}: {error}");
        std::process::exit(2);
    })
}

#[cfg(target_arch = "wasm32")]
fn trap() {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
fn trap() {
    std::process::abort()
}

fn spin() {
    let mut count = 0u64;
    loop {
        count = std::hint::black_box(count.wrapping_add(1));
    }
}

/// Touches every page, so that the memory is really used.
fn alloc(mebibytes: u64) {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for done in 1..=mebibytes {
        kept.push(std::hint::black_box(vec![1u8; 1 << 20]));
        if done % 64 == 0 {
            println!("{done} MiB");
        }
    }
    println!("{} MiB held", kept.len());
}

#[allow(unconditional_recursion)]
fn recurse(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    recurse(depth + 1) + frame[1]
}

fn flood(to: &mut dyn Write, bytes: u64) {
    let text = [b"0123456789abcdef".repeat(3), b"0123456789abcde\n".to_vec()].concat();
    let mut left = bytes;
    while left > 0 {
        let now = left.min(text.len() as u64);
        if let Err(error) = to.write_all(&text[..now as usize]) {
            eprintln!("fail: {error}");
            std::process::exit(1);
        }
        left -= now;
    }
}

fn line(bytes: u64) {
    let mut out = std::io::stdout().lock();
    let block = [b'x'; 4096];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(block.len() as u64);
        if out.write_all(&block[..now as usize]).is_err() {
            std::process::exit(1);
        }
        left -= now;
    }
    let _ = out.write_all(b"\n");
}

/// Fails as many times as asked, counting in a file, then succeeds.
fn flaky(file: &str, times: u64) {
    let before = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
    if before < times {
        if let Err(error) = std::fs::write(file, (before + 1).to_string()) {
            eprintln!("fail: {file}: {error}");
            std::process::exit(2);
        }
        eprintln!("attempt {} fails", before + 1);
        std::process::exit(1);
    }
    println!("attempt {} succeeds", before + 1);
}
