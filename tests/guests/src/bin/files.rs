//! Does file operations named by its arguments and prints how each ended, a line each:
//! `files OPERATION ARGUMENT... [-- OPERATION ARGUMENT...]...`. An error prints the raw WASI errno and its text.
//! With `--strict` first, it stops at the first error with exit code 1; otherwise it ends with 0. `cat` copies a
//! file to standard output as it is. Paths are passed on untouched: what they mean is the host's affair.

use std::ffi::{CString, c_char, c_int};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::UNIX_EPOCH;

const USAGE: &str = "usage: files [--strict] OPERATION ARGUMENT... [-- OPERATION ARGUMENT...]...
  read P | cat P | write P TEXT | append P TEXT | create-new P TEXT | fill P BYTES | write-at P OFFSET TEXT
  truncate P LENGTH | list P | walk P | stat P | lstat P | rename A B | copy A B | link A B | symlink TARGET P
  readlink P | canonicalize P | remove P | rmdir P | remove-all P | mkdir P | mkdir-all P | readonly P
  hold-open P COUNT | append-after-rename A B TEXT | read-after-remove P";

unsafe extern "C" {
    fn symlink(target: *const c_char, path: *const c_char) -> c_int;
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let strict = arguments.first().is_some_and(|first| first == "--strict");
    if strict {
        arguments.remove(0);
    }
    for operation in arguments.split(|argument| argument == "--") {
        let words: Vec<&str> = operation.iter().map(String::as_str).collect();
        let said = words.join(" ");
        match perform(&words) {
            Ok(None) => {
                eprintln!("files: {said}\n{USAGE}");
                std::process::exit(2);
            }
            Ok(Some(text)) if text.is_empty() => println!("{said}: ok"),
            Ok(Some(text)) => println!("{said}: ok {text}"),
            Err(error) => {
                println!("{said}: error {} {error}", error.raw_os_error().unwrap_or(-1));
                if strict {
                    std::process::exit(1);
                }
            }
        }
    }
}

/// Performs one operation; `None` for one that it does not know.
fn perform(words: &[&str]) -> io::Result<Option<String>> {
    let done = |_: ()| String::new();
    Ok(Some(match words {
        ["read", path] => format!("{:?}", String::from_utf8_lossy(&fs::read(path)?)),
        ["cat", path] => io::stdout().write_all(&fs::read(path)?).map(done)?,
        ["write", path, text] => fs::write(path, text).map(done)?,
        ["append", path, text] => {
            OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes()).map(done)?
        }
        ["create-new", path, text] => File::create_new(path)?.write_all(text.as_bytes()).map(done)?,
        ["fill", path, bytes] => fill(path, number(bytes)?).map(done)?,
        ["write-at", path, offset, text] => {
            let mut file = OpenOptions::new().write(true).open(path)?;
            file.seek(SeekFrom::Start(number(offset)?))?;
            file.write_all(text.as_bytes()).map(done)?
        }
        ["truncate", path, length] => OpenOptions::new().write(true).open(path)?.set_len(number(length)?).map(done)?,
        ["list", path] => list(path)?.join(" "),
        ["walk", path] => walk(path)?.join(" "),
        ["stat", path] => describe(&fs::metadata(path)?),
        ["lstat", path] => describe(&fs::symlink_metadata(path)?),
        ["rename", from, to] => fs::rename(from, to).map(done)?,
        ["copy", from, to] => fs::copy(from, to).map(|bytes| format!("{bytes} bytes"))?,
        ["link", from, to] => fs::hard_link(from, to).map(done)?,
        ["symlink", target, path] => make_symlink(target, path).map(done)?,
        ["readlink", path] => fs::read_link(path)?.display().to_string(),
        ["canonicalize", path] => fs::canonicalize(path)?.display().to_string(),
        ["remove", path] => fs::remove_file(path).map(done)?,
        ["rmdir", path] => fs::remove_dir(path).map(done)?,
        ["remove-all", path] => fs::remove_dir_all(path).map(done)?,
        ["mkdir", path] => fs::create_dir(path).map(done)?,
        ["mkdir-all", path] => fs::create_dir_all(path).map(done)?,
        ["readonly", path] => readonly(path)?,
        ["hold-open", path, count] => hold_open(path, number(count)?)?,
        ["append-after-rename", from, to, text] => {
            let mut file = OpenOptions::new().append(true).create(true).open(from)?;
            fs::rename(from, to)?;
            file.write_all(text.as_bytes()).map(done)?
        }
        ["read-after-remove", path] => {
            let mut file = File::open(path)?;
            fs::remove_file(path)?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            format!("{text:?}")
        }
        _ => return Ok(None),
    }))
}

fn number(text: &str) -> io::Result<u64> {
    text.parse().map_err(io::Error::other)
}

fn fill(path: &str, bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    let block = [b'.'; 64 * 1024];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(block.len() as u64);
        file.write_all(&block[..now as usize])?;
        left -= now;
    }
    Ok(())
}

fn kind(of: fs::FileType) -> &'static str {
    if of.is_symlink() {
        "link"
    } else if of.is_dir() {
        "dir"
    } else if of.is_file() {
        "file"
    } else {
        "other"
    }
}

/// Names with their kind in the order in which the host lists them.
fn list(path: &str) -> io::Result<Vec<String>> {
    fs::read_dir(path)?
        .map(|entry| {
            let entry = entry?;
            Ok(format!("{}:{}", entry.file_name().to_string_lossy(), kind(entry.file_type()?)))
        })
        .collect()
}

fn walk(path: &str) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let below = format!("{}/{}", path.trim_end_matches('/'), entry.file_name().to_string_lossy());
        found.push(below.clone());
        if entry.file_type()?.is_dir() {
            found.extend(walk(&below)?);
        }
    }
    Ok(found)
}

/// Kind, size, and the modification time in nanoseconds since 1970.
fn describe(data: &fs::Metadata) -> String {
    let time = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{} {} {}", kind(data.file_type()), data.len(), time.as_nanos())
}

fn make_symlink(target: &str, path: &str) -> io::Result<()> {
    let (target, path) = (CString::new(target)?, CString::new(path)?);
    // Both are C strings that live until the call returns.
    match unsafe { symlink(target.as_ptr(), path.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn readonly(path: &str) -> io::Result<String> {
    Ok(fs::metadata(path)?.permissions().readonly().to_string())
}

/// Holds a file open many times at once; says how often it could be opened.
fn hold_open(path: &str, count: u64) -> io::Result<String> {
    let mut held = Vec::new();
    for _ in 0..count {
        match File::open(path) {
            Ok(file) => held.push(file),
            Err(error) => return Ok(format!("{} then {}", held.len(), error.raw_os_error().unwrap_or(-1))),
        }
    }
    Ok(held.len().to_string())
}
