//! `cat`, `tac` and `tee`.

use crate::Exit;
use crate::options::{Bytes, Spec};
use crate::stream::{BROKEN_PIPE, Lines, Out, Source, complain, fail, file_reason, path, quoted, reason};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};

const BLOCK: usize = 64 << 10;

/// How `cat` changes what it copies.
#[derive(Default)]
struct Show {
    number: bool,
    number_nonblank: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    nonprinting: bool,
    line: u64,
    blank_before: bool,
    at_start: bool,
}

pub fn cat(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "cat",
        usage: "[OPTION]... [FILE]...",
        options: "A,show-all b,number-nonblank e E,show-ends n,number s,squeeze-blank t T,show-tabs u \
                  v,show-nonprinting",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut show = Show { at_start: true, ..Show::default() };
    for (name, _) in &parsed.options {
        match *name {
            "show-all" => (show.nonprinting, show.ends, show.tabs) = (true, true, true),
            "number-nonblank" => show.number_nonblank = true,
            "e" => (show.nonprinting, show.ends) = (true, true),
            "show-ends" => show.ends = true,
            "number" => show.number = true,
            "squeeze-blank" => show.squeeze = true,
            "t" => (show.nonprinting, show.tabs) = (true, true),
            "show-tabs" => show.tabs = true,
            "show-nonprinting" => show.nonprinting = true,
            _ => {}
        }
    }
    show.number &= !show.number_nonblank;
    let copies = !(show.number || show.number_nonblank || show.squeeze || show.ends || show.tabs || show.nonprinting);
    let mut out = Out::standard("cat");
    let mut code = 0;
    for name in parsed.files() {
        let done = Source::open(&name)
            .and_then(|source| if copies { copy(source, &mut out) } else { show.file(source, &mut out) });
        if let Err(error) = done {
            out.flush();
            code = fail("cat", &file_reason(&name, &error));
        }
    }
    Ok(code)
}

/// What is read goes out at once: it may come from one who waits for an answer.
fn copy(mut source: Source, out: &mut Out) -> std::io::Result<()> {
    let mut block = vec![0; BLOCK];
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        out.put(&block[..read]);
        out.flush();
    }
}

impl Show {
    fn file(&mut self, source: Source, out: &mut Out) -> std::io::Result<()> {
        let mut lines = Lines::new(source, b'\n');
        while let Some(line) = lines.next()? {
            self.line(line, out);
            if !lines.ahead().contains(&b'\n') {
                out.flush();
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8], out: &mut Out) {
        let ended = line.ends_with(b"\n");
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        if self.at_start {
            let blank = text.is_empty() && ended;
            if blank && self.blank_before && self.squeeze {
                return;
            }
            self.blank_before = blank;
            if self.number || (self.number_nonblank && !blank) {
                self.line += 1;
                out.put(format!("{:6}\t", self.line).as_bytes());
            }
        }
        if self.nonprinting || self.tabs {
            // With -E a carriage return before the end is shown as well.
            text.iter().for_each(|byte| self.byte(*byte, out));
        } else if self.ends && ended && text.ends_with(b"\r") {
            out.put(&text[..text.len() - 1]);
            out.put(b"^M");
        } else {
            out.put(text);
        }
        if ended {
            out.put(if self.ends { b"$\n" } else { b"\n" });
        }
        self.at_start = ended;
    }

    fn byte(&self, byte: u8, out: &mut Out) {
        match byte {
            b'\t' if self.tabs => out.put(b"^I"),
            b'\t' => out.byte(byte),
            _ if !self.nonprinting => out.byte(byte),
            0..32 => out.put(&[b'^', byte + 64]),
            127 => out.put(b"^?"),
            128.. => {
                out.put(b"M-");
                match byte - 128 {
                    low @ 0..32 => out.put(&[b'^', low + 64]),
                    127 => out.put(b"^?"),
                    low => out.byte(low),
                }
            }
            _ => out.byte(byte),
        }
    }
}

pub fn tac(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "tac",
        usage: "[OPTION]... [FILE]...",
        options: "b,before r,regex s,separator=",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    if parsed.has("regex") {
        return Err(fail("tac", "a separator that is a regular expression is not supported"));
    }
    let separator = parsed.last("separator").unwrap_or(b"\n");
    let separator = if separator.is_empty() { b"\0" } else { separator };
    let mut out = Out::standard("tac");
    let mut code = 0;
    for name in parsed.files() {
        let done = Source::open(&name).and_then(|mut source| {
            let length = source.left().unwrap_or(0);
            if length > 4 * BLOCK as u64 && separator.len() == 1 && !parsed.has("before") {
                return backwards(&mut source, length, separator[0], &mut out);
            }
            reverse(&source.all()?, separator, parsed.has("before"), &mut out);
            Ok(())
        });
        if let Err(error) = done {
            let word = if path(&name).is_dir() { "read error" } else { "failed to open" };
            code = match word {
                "read error" => fail("tac", &format!("{}: {word}: {}", quoted(&name), "Is a directory")),
                _ => fail(
                    "tac",
                    &format!("failed to open '{}' for reading: {}", crate::stream::shown(&name), reason(&error)),
                ),
            };
        }
    }
    Ok(code)
}

fn reverse(text: &[u8], separator: &[u8], before: bool, out: &mut Out) {
    let mut end = text.len();
    let mut places: Vec<usize> = memchr::memmem::find_iter(text, separator).collect();
    while let Some(at) = places.pop() {
        let cut = if before { at } else { at + separator.len() };
        out.put(&text[cut..end]);
        end = cut;
    }
    out.put(&text[..end]);
}

/// By blocks from the end, so that a large file is never held.
fn backwards(source: &mut Source, length: u64, separator: u8, out: &mut Out) -> std::io::Result<()> {
    let mut rest = Bytes::new();
    let mut left = length;
    source.seek_by(length as i64)?;
    while left > 0 {
        let size = left.min(BLOCK as u64) as usize;
        source.seek_by(-(size as i64))?;
        let mut block = vec![0; size];
        source.read_exact(&mut block)?;
        source.seek_by(-(size as i64))?;
        left -= size as u64;
        // What begins after a separator is whole; what is before the first waits for the block before it.
        let mut end = block.len();
        while let Some(at) = memchr::memrchr(separator, &block[..end]) {
            out.put(&block[at + 1..end]);
            out.put(&rest);
            rest.clear();
            end = at + 1;
            rest.push(block[at]);
            end -= 1;
        }
        block.truncate(end);
        block.extend_from_slice(&rest);
        rest = block;
    }
    out.put(&rest);
    Ok(())
}

pub fn tee(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "tee",
        usage: "[OPTION]... [FILE]...",
        options: "a,append i,ignore-interrupts p output-error?",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let keep_on = parsed.has("p") || parsed.has("output-error");
    let mut code = 0;
    let mut files: Vec<(Bytes, File)> = Vec::new();
    for name in &parsed.operands {
        let append = parsed.has("append");
        let mut options = File::options();
        options.create(true).append(append).write(true).truncate(!append);
        let opened =
            userland_sys::given::named(name).unwrap_or_else(|| userland_sys::making::open(&options, path(name)));
        match opened {
            Ok(file) => files.push((name.clone(), file)),
            Err(error) => code = fail("tee", &file_reason(name, &error)),
        }
    }
    let mut source = Source::Handle(0);
    let mut standard = true;
    let mut block = vec![0; BLOCK];
    loop {
        let read = match source.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) => return Err(fail("tee", &format!("read error: {}", reason(&error)))),
        };
        if standard && let Err(error) = userland_sys::write_all(1, &block[..read]) {
            if error.kind() != ErrorKind::BrokenPipe {
                code = fail("tee", &format!("'standard output': {}", reason(&error)));
            } else if !keep_on {
                return Err(BROKEN_PIPE);
            }
            standard = false;
        }
        files.retain_mut(|(name, file)| match file.write_all(&block[..read]) {
            Ok(()) => true,
            Err(error) => {
                complain("tee", &file_reason(name, &error));
                code = 1;
                false
            }
        });
    }
    Ok(code)
}
