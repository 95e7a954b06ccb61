//! Shows clocks and chance: `clock wall | monotonic | sleep MS | random COUNT | order`. Prints numbers only, in
//! nanoseconds; `sleep` prints how long the monotonic clock says it took, `order` the order of a hash map's keys.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["wall"] => println!("{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()),
        ["monotonic"] => {
            let first = Instant::now();
            let second = Instant::now();
            println!("{}", second.duration_since(first).as_nanos());
        }
        ["sleep", text] => {
            let before = Instant::now();
            std::thread::sleep(Duration::from_millis(text.parse().unwrap_or(0)));
            println!("{}", before.elapsed().as_nanos());
        }
        ["random", count] => println!("{}", random(count.parse().unwrap_or(0))),
        ["order"] => {
            let map: HashMap<u32, ()> = (0..16).map(|key| (key, ())).collect();
            println!("{}", map.keys().map(u32::to_string).collect::<Vec<_>>().join(" "));
        }
        _ => {
            eprintln!("usage: clock wall | monotonic | sleep MS | random COUNT | order");
            std::process::exit(2);
        }
    }
}

#[cfg(target_os = "wasi")]
fn random(count: usize) -> String {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn random_get(buffer: *mut u8, length: usize) -> u32;
    }
    let mut bytes = vec![0u8; count];
    // The buffer lives for the whole call and is as long as is said.
    let errno = unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) };
    match errno {
        0 => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        errno => format!("errno {errno}"),
    }
}

#[cfg(not(target_os = "wasi"))]
fn random(count: usize) -> String {
    format!("{count} bytes are only had from WASI")
}
