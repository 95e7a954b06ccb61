//! How much a gzip file saves, as `gzip` tells it: without the file's own head and foot.
//!
//! Does not know how files are packed.

use std::fs::File;
use std::io::Read;

/// How long the head and the foot of a gzip file are, of which its ratio does not tell.
pub fn around(path: &str) -> u64 {
    const HEAD: usize = 10;
    const FOOT: u64 = 8;
    let mut begin = [0; 1024];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin)).unwrap_or(0);
    // A name follows where the fourth byte says so.
    let name = if begin[3] & 8 != 0 && read > HEAD {
        begin[HEAD..read].iter().position(|byte| *byte == 0).map_or(0, |at| at + 1)
    } else {
        0
    };
    (HEAD + name) as u64 + FOOT
}

pub fn ratio(packed: u64, plain: u64) -> String {
    let saved = if plain == 0 { 0.0 } else { (plain as f64 - packed as f64) * 100.0 / plain as f64 };
    format!("{saved:.1}")
}
