//! Sorted runs: temporary files that are joined, and gone afterwards.
//!
//! Knows where they are. Does not know how they came to be sorted.

use super::keys::Keys;
use crate::options::Bytes;
use crate::stream::{Lines, Out, bare, fail, reason};
use std::cmp::Ordering;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

/// How many runs are joined at once.
const AT_ONCE: usize = 32;

pub struct Runs {
    folder: String,
    delimiter: u8,
    files: Vec<PathBuf>,
    number: u32,
}

impl Runs {
    pub fn new(folder: Option<String>, delimiter: u8) -> Self {
        let folder = folder.or_else(|| std::env::var("TMPDIR").ok().filter(|folder| !folder.is_empty()));
        Self { folder: folder.unwrap_or_else(|| "/tmp".to_owned()), delimiter, files: Vec::new(), number: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub fn wrong(&self, error: &io::Error) -> i32 {
        fail("sort", &format!("cannot create temporary file in '{}': {}", self.folder, reason(error))) + 1
    }

    /// A file for the next run.
    pub fn begin(&mut self) -> io::Result<Out> {
        loop {
            self.number += 1;
            let name = format!("sort{}-{}", userland_sys::own_number(), self.number);
            let path = PathBuf::from(&self.folder).join(name);
            match File::options().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    self.files.push(path);
                    return Ok(Out::file("sort", file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.number < 10_000 => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn opened(&mut self, count: usize) -> io::Result<Vec<Lines>> {
        let files: Vec<PathBuf> = self.files.drain(..count).collect();
        files
            .into_iter()
            .map(|path| {
                let lines = Lines::open(path.as_os_str().as_encoded_bytes(), self.delimiter)?;
                // What is open stays readable without a name; where that is not so it goes at the end.
                fs::remove_file(&path)?;
                Ok(lines)
            })
            .collect()
    }

    /// Joins runs once there are many.
    pub fn gather(&mut self, keys: &Keys) -> io::Result<()> {
        if self.files.len() < AT_ONCE {
            return Ok(());
        }
        let inputs = self.opened(AT_ONCE)?;
        let mut out = self.begin()?;
        // The run of those that were first stays first, so that equal lines keep their order.
        if let Some(last) = self.files.pop() {
            self.files.insert(0, last);
        }
        merge(inputs, keys, self.delimiter, &mut out)
    }

    pub fn merge_all(&mut self, keys: &Keys, out: &mut Out) -> io::Result<()> {
        let inputs = self.opened(self.files.len())?;
        merge(inputs, keys, self.delimiter, out)
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        for path in &self.files {
            let _ = fs::remove_file(path);
        }
    }
}

/// A run and its next line.
struct Head {
    rough: u64,
    line: Bytes,
    lines: Lines,
    index: usize,
}

impl Head {
    fn next(&mut self, keys: &Keys) -> io::Result<bool> {
        let delimiter = self.lines.delimiter;
        let Some(line) = self.lines.next()? else { return Ok(false) };
        self.line.clear();
        self.line.extend_from_slice(bare(line, delimiter));
        self.rough = keys.rough(&self.line);
        Ok(true)
    }

    fn compare(&self, other: &Self, keys: &Keys) -> Ordering {
        let order = self.rough.cmp(&other.rough).then_with(|| keys.compare(&self.line, &other.line));
        order.then_with(|| self.index.cmp(&other.index))
    }
}

/// Joins what is sorted.
pub fn merge(inputs: Vec<Lines>, keys: &Keys, delimiter: u8, out: &mut Out) -> io::Result<()> {
    let mut heads = Vec::new();
    for (index, lines) in inputs.into_iter().enumerate() {
        let mut head = Head { rough: 0, line: Bytes::new(), lines, index };
        if head.next(keys)? {
            heads.push(head);
        }
    }
    // The last one is the least.
    heads.sort_by(|one, other| other.compare(one, keys));
    let mut before: Option<Bytes> = None;
    while let Some(mut head) = heads.pop() {
        let repeats = keys.unique && before.as_ref().is_some_and(|before| keys.by_keys(before, &head.line).is_eq());
        if !repeats {
            out.put(&head.line);
            out.byte(delimiter);
            if keys.unique {
                let before = before.get_or_insert_default();
                before.clear();
                before.extend_from_slice(&head.line);
            }
        }
        if head.next(keys)? {
            let at = heads.partition_point(|other| other.compare(&head, keys).is_gt());
            heads.insert(at, head);
        }
    }
    Ok(())
}
