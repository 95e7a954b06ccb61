//! The lines of `sed`'s files, one after the other, and where its output goes.
//!
//! Knows how a file is changed in place. Does not know the script.

use crate::options::Bytes;
use crate::stream::{Lines, Out, Source, bare, complain, file_reason, path, reason, shown};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

/// What is written, where a last line without an end stays so.
pub struct Output {
    pub out: Out,
    unended: bool,
}

impl Output {
    pub fn new(out: Out) -> Self {
        Self { out, unended: false }
    }

    /// Text, and its end if it has one.
    pub fn put(&mut self, text: &[u8], end: Option<u8>) {
        if std::mem::take(&mut self.unended) {
            self.out.byte(b'\n');
        }
        self.out.put(text);
        match end {
            Some(end) => self.out.byte(end),
            None => self.unended = true,
        }
    }

    /// Text that is what it is.
    pub fn raw(&mut self, text: &[u8]) {
        if std::mem::take(&mut self.unended) {
            self.out.byte(b'\n');
        }
        self.out.put(text);
    }
}

/// A file that is being changed: what is written in its place, and its name.
struct Changed {
    temporary: PathBuf,
    name: Bytes,
}

/// The files.
pub struct Input {
    files: VecDeque<Bytes>,
    current: Option<Lines>,
    pub name: Bytes,
    separate: bool,
    suffix: Option<Bytes>,
    delimiter: u8,
    changed: Option<Changed>,
    /// The output of the file that is changed.
    pub output: Option<Output>,
    pub line: u64,
    /// Whether the line that was read last had an end.
    pub ended: bool,
    pub code: i32,
}

impl Input {
    pub fn new(files: Vec<Bytes>, separate: bool, suffix: Option<Bytes>, delimiter: u8) -> Self {
        Self {
            files: files.into(),
            current: None,
            name: b"-".to_vec(),
            separate,
            suffix,
            delimiter,
            changed: None,
            output: None,
            line: 0,
            ended: true,
            code: 0,
        }
    }

    /// Reads the next line, behind what is there. False at the end of all.
    pub fn read(&mut self, space: &mut Bytes) -> bool {
        loop {
            if let Some(lines) = &mut self.current {
                match lines.next() {
                    Ok(Some(line)) => {
                        let text = bare(line, self.delimiter);
                        self.ended = text.len() < line.len();
                        space.extend_from_slice(text);
                        self.line += 1;
                        return true;
                    }
                    Ok(None) => {}
                    Err(error) => {
                        let is_folder = path(&self.name).is_dir();
                        let text = if is_folder { "Is a directory".to_owned() } else { reason(&error) };
                        complain("sed", &format!("read error on {}: {text}", shown(&self.name)));
                        self.code = 4;
                        self.files.clear();
                    }
                }
                self.close();
            }
            if !self.open() {
                return false;
            }
        }
    }

    fn open(&mut self) -> bool {
        while let Some(name) = self.files.pop_front() {
            let opened = if name == b"-" && self.suffix.is_some() { Source::file(&name) } else { Source::open(&name) };
            match opened {
                Ok(source) => {
                    if self.suffix.is_some() && !self.begin(&name) {
                        continue;
                    }
                    if self.separate {
                        self.line = 0;
                    }
                    self.current = Some(Lines::new(source, self.delimiter));
                    self.name = name;
                    return true;
                }
                Err(error) => {
                    complain("sed", &format!("can't read {}: {}", shown(&name), reason(&error)));
                    self.code = 2;
                }
            }
        }
        false
    }

    /// Begins to write a file anew.
    fn begin(&mut self, name: &[u8]) -> bool {
        if !path(name).is_file() {
            complain("sed", &format!("couldn't edit {}: not a regular file", shown(name)));
            self.code = 4;
            return false;
        }
        let folder = path(name).parent().map(PathBuf::from).unwrap_or_default();
        for number in 0..1000u32 {
            let temporary = folder.join(format!("sed{:06}", (userland_sys::own_number() + number) % 1_000_000));
            match File::options().write(true).create_new(true).open(&temporary) {
                Ok(file) => {
                    self.output = Some(Output::new(Out::file("sed", file)));
                    self.changed = Some(Changed { temporary, name: name.to_vec() });
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let temporary = temporary.display();
                    complain("sed", &format!("couldn't open temporary file {temporary}: {}", reason(&error)));
                    self.code = 4;
                    return false;
                }
            }
        }
        false
    }

    fn close(&mut self) {
        self.current = None;
        self.output = None;
        let Some(Changed { temporary, name }) = self.changed.take() else { return };
        let text = shown(&name);
        if let (Ok(mode), Some(temporary)) = (userland_sys::mode(&text, true), temporary.to_str()) {
            let _ = userland_sys::set_mode(temporary, true, mode);
        }
        let suffix = self.suffix.clone().unwrap_or_default();
        let mut done = Ok(());
        if !suffix.is_empty() {
            done = fs::rename(path(&name), path(&backup(&name, &suffix)));
        }
        if let Err(error) = done.and_then(|()| fs::rename(&temporary, path(&name))) {
            complain("sed", &format!("cannot rename {}", file_reason(&name, &error)));
            let _ = fs::remove_file(&temporary);
            self.code = 4;
        }
    }

    /// Whether the line that was read last is the last one.
    pub fn is_last(&mut self) -> bool {
        loop {
            if let Some(lines) = &mut self.current {
                if matches!(lines.at_end(), Ok(false)) {
                    return false;
                }
                if self.separate {
                    return true;
                }
            }
            // A file that is not there or empty has no line.
            let Some(name) = self.files.front() else { return true };
            let more = match Source::open(name) {
                Ok(source) => {
                    let mut lines = Lines::new(source, self.delimiter);
                    let more = matches!(lines.at_end(), Ok(false));
                    if more && self.current.is_some() {
                        lines.give_back();
                        let kept = (name == b"-").then_some(lines);
                        if let Some(lines) = kept {
                            // What was read of a pipe can't be read again.
                            self.current = Some(lines);
                            self.files.pop_front();
                        }
                        return false;
                    }
                    more
                }
                Err(error) => {
                    complain("sed", &format!("can't read {}: {}", shown(name), reason(&error)));
                    self.code = 2;
                    false
                }
            };
            if more {
                return false;
            }
            self.files.pop_front();
        }
    }

    /// Ends before all was read.
    pub fn quit(&mut self) {
        if let Some(mut lines) = self.current.take() {
            lines.give_back();
        }
        self.close();
    }
}

/// The name of what was there before: the suffix, or what a `*` in it makes of the name.
fn backup(name: &[u8], suffix: &[u8]) -> Bytes {
    if !suffix.contains(&b'*') {
        return [name, suffix].concat();
    }
    let (folder, base) = match memchr::memrchr(b'/', name) {
        Some(at) => name.split_at(at + 1),
        None => (&b""[..], name),
    };
    let made = suffix.split(|byte| *byte == b'*').collect::<Vec<_>>().join(base);
    if made.contains(&b'/') { made } else { [folder, &made].concat() }
}
