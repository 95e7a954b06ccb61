//! `xargs`: runs a command with arguments that are read.
//!
//! Knows how arguments are parted and how many go to one command.

use crate::number::plain;
use crate::options::{Bytes, Spec};
use crate::stream::{Source, complain, fail, quoted, reason, shown};
use crate::{Exit, child};
use std::io::{self, Read};
use userland_sys::Ended;

/// The most bytes that a command is given.
const MOST_BYTES: usize = 128 << 10;

struct Ask {
    most_arguments: usize,
    most_lines: usize,
    most_bytes: usize,
    replace: Option<Bytes>,
    delimiter: Option<u8>,
    end: Option<Bytes>,
    never_empty: bool,
    trace: bool,
    exit_if_large: bool,
    at_once: usize,
}

/// Reads arguments, one after the other.
struct Arguments {
    source: Source,
    block: Bytes,
    at: usize,
    delimiter: Option<u8>,
    whole_lines: bool,
    end: Option<Bytes>,
    ended: bool,
}

/// An argument, and whether its line ended behind it.
struct Argument {
    text: Bytes,
    ends_line: bool,
}

impl Arguments {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        if self.at == self.block.len() {
            self.block.resize(32 << 10, 0);
            let read = self.source.read(&mut self.block)?;
            self.block.truncate(read);
            self.at = 0;
            if read == 0 {
                return Ok(None);
            }
        }
        self.at += 1;
        Ok(Some(self.block[self.at - 1]))
    }

    fn next(&mut self) -> Result<Option<Argument>, i32> {
        if self.ended {
            return Ok(None);
        }
        let wrong = |error: io::Error| fail("xargs", &reason(&error));
        let argument = match self.delimiter {
            Some(delimiter) => self.parted(delimiter).map_err(wrong)?,
            None => self.word()?,
        };
        if let (Some(argument), Some(end)) = (&argument, &self.end)
            && argument.text == *end
        {
            self.ended = true;
            return Ok(None);
        }
        Ok(argument)
    }

    fn parted(&mut self, delimiter: u8) -> io::Result<Option<Argument>> {
        let mut text = Bytes::new();
        let mut any = false;
        while let Some(byte) = self.byte()? {
            any = true;
            if byte == delimiter {
                return Ok(Some(Argument { text, ends_line: true }));
            }
            text.push(byte);
        }
        Ok(any.then_some(Argument { text, ends_line: true }))
    }

    fn word(&mut self) -> Result<Option<Argument>, i32> {
        let wrong = |error: io::Error| fail("xargs", &reason(&error));
        let (mut text, mut any, mut quote, mut last) = (Bytes::new(), false, None, 0);
        while let Some(byte) = self.byte().map_err(wrong)? {
            match (quote, byte) {
                (Some(mark), byte) if byte == mark => quote = None,
                (Some(mark), b'\n') => return Err(unmatched(mark)),
                (Some(_), byte) => text.push(byte),
                (None, b'\'' | b'"') => (quote, any) = (Some(byte), true),
                (None, b'\\') => {
                    any = true;
                    text.extend(self.byte().map_err(wrong)?);
                }
                (None, b'\n') => {
                    if any {
                        // A blank at the end of a line says that the next line belongs to it.
                        let goes_on = (last == b' ' || last == b'\t') && !self.whole_lines;
                        return Ok(Some(Argument { text, ends_line: !goes_on }));
                    }
                }
                (None, b' ' | b'\t') if !any => {}
                (None, b' ' | b'\t') if !self.whole_lines => {
                    let ends_line = self.skip_blanks().map_err(wrong)?;
                    return Ok(Some(Argument { text, ends_line }));
                }
                (None, byte) => {
                    any = true;
                    text.push(byte);
                }
            }
            last = byte;
        }
        if let Some(mark) = quote {
            return Err(unmatched(mark));
        }
        Ok(any.then_some(Argument { text, ends_line: true }))
    }

    /// Goes over blanks behind an argument. A line that ends behind one goes on in the next.
    fn skip_blanks(&mut self) -> io::Result<bool> {
        while let Some(byte) = self.byte()? {
            if byte != b' ' && byte != b'\t' {
                self.at -= 1;
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn unmatched(mark: u8) -> i32 {
    let kind = if mark == b'"' { "double" } else { "single" };
    fail(
        "xargs",
        &format!("unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"),
    )
}

fn asked(spec: &Spec, parsed: &crate::options::Parsed) -> Result<Ask, i32> {
    let mut ask = Ask {
        most_arguments: usize::MAX,
        most_lines: usize::MAX,
        most_bytes: MOST_BYTES,
        replace: None,
        delimiter: None,
        end: None,
        never_empty: false,
        trace: false,
        exit_if_large: false,
        at_once: 1,
    };
    for (name, value) in &parsed.options {
        let number = |letter: char, least: u64| match plain(value) {
            Some(number) if number >= least => Ok(number as usize),
            Some(_) => Err(spec.wrong(&format!("value {} for -{letter} option should be >= {least}", shown(value)))),
            None => Err(spec.wrong(&format!("invalid number \"{}\" for -{letter} option", shown(value)))),
        };
        match *name {
            "null" => ask.delimiter = Some(0),
            "delimiter" => ask.delimiter = Some(delimiter(value)?),
            "E" | "eof" => ask.end = (!value.is_empty()).then(|| value.clone()),
            "I" => (ask.replace, ask.most_arguments) = (Some(value.clone()), usize::MAX),
            "replace" => ask.replace = Some(if value.is_empty() { b"{}".to_vec() } else { value.clone() }),
            "L" | "max-lines" => {
                ask.most_lines = if value.is_empty() { 1 } else { number('L', 1)? };
                (ask.replace, ask.most_arguments) = (None, usize::MAX);
            }
            "max-args" => {
                ask.most_arguments = number('n', 1)?;
                // One at a time is what -I does anyway.
                if ask.most_arguments > 1 || ask.replace.is_none() {
                    (ask.replace, ask.most_lines) = (None, usize::MAX);
                }
            }
            "max-chars" => ask.most_bytes = number('s', 1)?.min(MOST_BYTES),
            "max-procs" => ask.at_once = number('P', 0)?,
            "no-run-if-empty" => ask.never_empty = true,
            "verbose" => ask.trace = true,
            "exit" => ask.exit_if_large = true,
            _ => {}
        }
    }
    Ok(ask)
}

fn delimiter(text: &[u8]) -> Result<u8, i32> {
    match text {
        [byte] => Ok(*byte),
        [b'\\', b'n'] => Ok(b'\n'),
        [b'\\', b't'] => Ok(b'\t'),
        [b'\\', b'r'] => Ok(b'\r'),
        [b'\\', b'0'] => Ok(0),
        [b'\\', b'\\'] => Ok(b'\\'),
        [b'\\', b'x', digits @ ..] => u8::from_str_radix(&shown(digits), 16).map_err(|_| {
            fail("xargs", &format!("Invalid escape sequence {} in input delimiter specification.", shown(text)))
        }),
        [b'\\', digits @ ..] if !digits.is_empty() && digits.iter().all(|byte| (b'0'..=b'7').contains(byte)) => {
            u8::from_str_radix(&shown(digits), 8).map_err(|_| {
                fail("xargs", &format!("Invalid escape sequence {} in input delimiter specification.", shown(text)))
            })
        }
        _ => {
            let text = format!(
                "Invalid input delimiter specification {}: the delimiter must be either a single character or an escape \
                 sequence starting with \\.",
                shown(text)
            );
            Err(fail("xargs", &text))
        }
    }
}

pub fn xargs(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "xargs",
        usage: "[OPTION]... COMMAND [INITIAL-ARGS]...",
        options: "0,null a,arg-file= d,delimiter= E= e,eof? I= i,replace? L= l,max-lines? n,max-args= \
                  P,max-procs= r,no-run-if-empty s,max-chars= t,verbose x,exit",
        wrong: 1,
        mixed: false,
    };
    let parsed = spec.parse(args)?;
    let ask = asked(&spec, &parsed)?;
    let source = match parsed.last("arg-file") {
        None => Source::Handle(0),
        Some(name) => Source::open(name).map_err(|error| {
            fail("xargs", &format!("Cannot open input file {}: {}", quoted_always(name), reason(&error)))
        })?,
    };
    // What is read for arguments is not for the commands.
    let input = if parsed.has("arg-file") { Some(0) } else { userland_sys::pipe().ok().map(closed_pipe) };
    let command = if parsed.operands.is_empty() { vec![b"echo".to_vec()] } else { parsed.operands.clone() };
    let mut run = Run { command, input: input.unwrap_or(0), code: 0, running: Vec::new(), ask };
    let mut arguments = Arguments {
        source,
        block: Bytes::new(),
        at: 0,
        delimiter: run.ask.delimiter,
        whole_lines: run.ask.replace.is_some(),
        end: run.ask.end.clone(),
        ended: false,
    };
    let done = run.all(&mut arguments);
    while !run.running.is_empty() {
        run.wait_one()?;
    }
    done?;
    Ok(run.code)
}

fn quoted_always(name: &[u8]) -> String {
    let text = quoted(name);
    if text.starts_with('\'') { text } else { format!("'{text}'") }
}

/// The end to read of a pipe that has no other: there is nothing to be read.
fn closed_pipe(ends: (u32, u32)) -> u32 {
    let _ = userland_sys::close(ends.1);
    ends.0
}

struct Run {
    command: Vec<Bytes>,
    input: u32,
    code: i32,
    running: Vec<u32>,
    ask: Ask,
}

impl Run {
    fn all(&mut self, arguments: &mut Arguments) -> Result<(), i32> {
        if let Some(mark) = self.ask.replace.clone() {
            while let Some(argument) = arguments.next()? {
                let words: Vec<Bytes> = self.command.iter().map(|word| replaced(word, &mark, &argument.text)).collect();
                self.start(&words)?;
            }
            return Ok(());
        }
        let own: usize = self.command.iter().map(|word| word.len() + 1).sum();
        let (mut gathered, mut bytes, mut lines, mut any) = (Vec::new(), own, 0, false);
        while let Some(argument) = arguments.next()? {
            let length = argument.text.len() + 1;
            if bytes + length > self.ask.most_bytes {
                if gathered.is_empty() || self.ask.exit_if_large && self.ask.most_arguments != usize::MAX {
                    return Err(fail("xargs", "argument line too long"));
                }
                self.gathered(&mut gathered)?;
                (bytes, lines, any) = (own, 0, true);
            }
            gathered.push(argument.text);
            bytes += length;
            lines += usize::from(argument.ends_line);
            if gathered.len() >= self.ask.most_arguments || lines >= self.ask.most_lines {
                self.gathered(&mut gathered)?;
                (bytes, lines, any) = (own, 0, true);
            }
        }
        if !gathered.is_empty() || !any && !self.ask.never_empty {
            self.gathered(&mut gathered)?;
        }
        Ok(())
    }

    fn gathered(&mut self, arguments: &mut Vec<Bytes>) -> Result<(), i32> {
        let words: Vec<Bytes> = self.command.iter().cloned().chain(arguments.drain(..)).collect();
        self.start(&words)
    }

    fn start(&mut self, words: &[Bytes]) -> Result<(), i32> {
        if self.ask.trace {
            let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            eprintln!("{}", line.join(" "));
        }
        while self.ask.at_once > 0 && self.running.len() >= self.ask.at_once {
            self.wait_one()?;
        }
        match child::start(words, self.input, 1) {
            Ok(number) => self.running.push(number),
            // There are as many programs as there can be: one of them has to end first.
            Err(_) if !self.running.is_empty() => {
                self.wait_one()?;
                return self.start(words);
            }
            Err(error) => return Err(fail("xargs", &format!("{}: {}", shown(&words[0]), reason(&error))) + 125),
        }
        if self.ask.at_once == 1 {
            self.wait_one()?;
        }
        Ok(())
    }

    fn wait_one(&mut self) -> Result<(), i32> {
        if self.running.is_empty() {
            return Ok(());
        }
        let number = self.running.remove(0);
        let name = shown(&self.command[0]);
        match child::wait(number) {
            Ended::Exited(0) => {}
            Ended::Exited(code @ (126 | 127)) => return Err(i32::from(code)),
            Ended::Exited(255) => {
                complain("xargs", &format!("{name}: exited with status 255; aborting"));
                return Err(124);
            }
            Ended::Exited(_) => self.code = 123,
            Ended::Signalled(signal) => {
                complain("xargs", &format!("{name}: terminated by signal {signal}"));
                return Err(125);
            }
        }
        Ok(())
    }
}

fn replaced(word: &[u8], mark: &[u8], by: &[u8]) -> Bytes {
    let mut made = Bytes::new();
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&word[at..], mark) {
        made.extend_from_slice(&word[at..at + found]);
        made.extend_from_slice(by);
        at += found + mark.len();
    }
    made.extend_from_slice(&word[at..]);
    made
}
