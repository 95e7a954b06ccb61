//! Opens, reads and closes files, as build tools do: `reads FOLDER COUNT` reads FOLDER/f0 to FOLDER/f(COUNT-1) one after
//! the other and prints how many bytes they had and how long that took, in nanoseconds. The benchmarks build this
//! for WASI and for the machine itself, and compare.

use std::fs::File;
use std::io::Read;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, count] = arguments.as_slice() else {
        eprintln!("usage: reads FOLDER COUNT");
        std::process::exit(2);
    };
    let count: u32 = count.parse().expect("COUNT is a number");
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0;
    let start = Instant::now();
    for n in 0..count {
        let mut file = File::open(format!("{folder}/f{n}")).expect("the file is opened");
        loop {
            match file.read(&mut buffer).expect("the file is read") {
                0 => break,
                read => bytes += read,
            }
        }
    }
    println!("{bytes} {}", start.elapsed().as_nanos());
}
