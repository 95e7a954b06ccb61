//! What an awk program reads and writes beside its main input: files, and pipes from and to commands.
//!
//! Knows how records are parted. Does not know fields.

use super::tree::Way;
use crate::child;
use crate::options::Bytes;
use crate::regex::Regex;
use crate::stream::{Lines, Out, Source, path};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::rc::Rc;
use userland_sys::{Ended, Fd};

/// What ends a record.
#[derive(Clone)]
pub enum Separator {
    Byte(u8),
    /// Empty lines.
    Paragraph,
    Regex(Rc<Regex>),
}

struct Written {
    out: Out,
    pipe: Option<(u32, Fd)>,
}

struct Read {
    lines: Lines,
    pipe: Option<(u32, Fd)>,
}

pub struct Streams {
    pub standard: Out,
    written: BTreeMap<Bytes, Written>,
    read: BTreeMap<Bytes, Read>,
}

impl Streams {
    pub fn new() -> Self {
        Self { standard: Out::standard("awk"), written: BTreeMap::new(), read: BTreeMap::new() }
    }

    pub fn flush(&mut self) {
        self.standard.flush();
        self.written.values_mut().for_each(|written| written.out.flush());
    }

    /// What to write to.
    pub fn output(&mut self, way: Way, name: &[u8]) -> io::Result<&mut Out> {
        if way != Way::Pipe && (name == b"/dev/stdout" || name == b"-") {
            return Ok(&mut self.standard);
        }
        if !self.written.contains_key(name) {
            let written = match way {
                Way::Pipe => {
                    self.flush();
                    let (number, fd) = child::writing(&child::shell(name))?;
                    Written { out: Out::handle("awk", fd), pipe: Some((number, fd)) }
                }
                _ if name == b"/dev/stderr" => {
                    let mut out = Out::handle("awk", 2);
                    out.by_line = true;
                    Written { out, pipe: None }
                }
                _ => {
                    let append = way == Way::Append;
                    let mut options = File::options();
                    options.create(true).append(append).write(true).truncate(!append);
                    let file = userland_sys::given::named(name)
                        .unwrap_or_else(|| userland_sys::making::open(&options, path(name)))?;
                    Written { out: Out::file("awk", file), pipe: None }
                }
            };
            self.written.insert(name.to_vec(), written);
        }
        match self.written.get_mut(name) {
            Some(written) => Ok(&mut written.out),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Reads a record of a file or a command. `Ok(false)` at its end.
    pub fn record(
        &mut self,
        name: &[u8],
        is_command: bool,
        by: &Separator,
        out: &mut Bytes,
        end: &mut Bytes,
    ) -> io::Result<bool> {
        if !self.read.contains_key(name) {
            self.flush();
            let read = if is_command {
                let (number, fd) = child::reading(&child::shell(name), 0)?;
                Read { lines: Lines::new(Source::Handle(fd), b'\n'), pipe: Some((number, fd)) }
            } else {
                Read { lines: Lines::open(name, b'\n')?, pipe: None }
            };
            self.read.insert(name.to_vec(), read);
        }
        match self.read.get_mut(name) {
            Some(read) => record(&mut read.lines, by, out, end),
            None => Ok(false),
        }
    }

    /// Runs a command line; nothing of ours is written later than it.
    pub fn system(&mut self, command: &[u8]) -> io::Result<Ended> {
        self.flush();
        Ok(child::wait(child::start(&child::shell(command), 0, 1)?))
    }

    /// Closes what has that name; nothing where it is not open.
    pub fn close(&mut self, name: &[u8]) -> Option<i32> {
        let mut status = None;
        if let Some(read) = self.read.remove(name) {
            status = Some(ended(read.pipe));
        }
        if let Some(mut written) = self.written.remove(name) {
            written.out.flush();
            status = Some(ended(written.pipe));
        }
        status
    }

    pub fn flush_one(&mut self, name: &[u8]) -> bool {
        match self.written.get_mut(name) {
            Some(written) => written.out.flush(),
            None if name == b"/dev/stdout" => self.standard.flush(),
            None => return false,
        }
        true
    }

    /// What goes through commands is written before what is left of our own, as other awks do.
    pub fn close_all(&mut self) {
        let names: Vec<Bytes> = self.written.keys().chain(self.read.keys()).cloned().collect();
        for name in names {
            self.close(&name);
        }
        self.standard.flush();
    }
}

fn ended(pipe: Option<(u32, Fd)>) -> i32 {
    let Some((child, fd)) = pipe else { return 0 };
    let _ = userland_sys::close(fd);
    match child::wait(child) {
        Ended::Exited(code) => i32::from(code),
        Ended::Signalled(signal) => 256 + i32::from(signal),
    }
}

/// Reads the next record, and what ended it.
pub fn record(lines: &mut Lines, by: &Separator, out: &mut Bytes, end: &mut Bytes) -> io::Result<bool> {
    out.clear();
    end.clear();
    match by {
        Separator::Byte(byte) => {
            lines.delimiter = *byte;
            let Some(line) = lines.next()? else { return Ok(false) };
            match line.strip_suffix(&[*byte]) {
                Some(text) => {
                    out.extend_from_slice(text);
                    end.push(*byte);
                }
                None => out.extend_from_slice(line),
            }
            Ok(true)
        }
        Separator::Paragraph => {
            loop {
                if lines.at_end()? {
                    return Ok(false);
                }
                let newlines = lines.ahead().iter().take_while(|byte| **byte == b'\n').count();
                if newlines == 0 {
                    break;
                }
                lines.skip(newlines);
            }
            let found = parted(lines, out, end, |text, is_all| {
                let at = memchr::memmem::find(text, b"\n\n")?;
                let length = text[at..].iter().take_while(|byte| **byte == b'\n').count();
                (at + length < text.len() || is_all).then_some((at, at + length))
            })?;
            if found && end.is_empty() && out.ends_with(b"\n") {
                out.pop();
                end.push(b'\n');
            }
            Ok(found)
        }
        Separator::Regex(regex) => {
            if lines.at_end()? {
                return Ok(false);
            }
            parted(lines, out, end, |text, is_all| {
                let mut at = 0;
                // What matches nothing ends nothing; a match up to the end may go on.
                while let Some((from, to)) = regex.find_at(text, at) {
                    if to > from {
                        return (to < text.len() || is_all).then_some((from, to));
                    }
                    at = to + 1;
                    if at > text.len() {
                        break;
                    }
                }
                None
            })
        }
    }
}

fn parted(
    lines: &mut Lines,
    out: &mut Bytes,
    end: &mut Bytes,
    find: impl Fn(&[u8], bool) -> Option<(usize, usize)>,
) -> io::Result<bool> {
    let mut is_all = false;
    loop {
        let ahead = lines.ahead();
        if let Some((from, to)) = find(ahead, is_all) {
            out.extend_from_slice(&ahead[..from]);
            end.extend_from_slice(&ahead[from..to]);
            lines.skip(to);
            return Ok(true);
        }
        if is_all {
            let length = ahead.len();
            out.extend_from_slice(ahead);
            lines.skip(length);
            return Ok(length > 0);
        }
        is_all = !lines.fill()?;
    }
}
