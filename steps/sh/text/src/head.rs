//! `head`.

use crate::Exit;
use crate::number::sized;
use crate::options::{Bytes, Spec};
use crate::stream::{Lines, Out, Source, fail, file_reason, reason, shown};
use std::collections::VecDeque;
use std::io::{self, Read};

const BLOCK: usize = 32 << 10;

/// How much of each file.
#[derive(Clone, Copy)]
pub enum Amount {
    Lines(u64),
    AllButLines(u64),
    Bytes(u64),
    AllButBytes(u64),
}

/// Whether names stand above what is of each file.
pub struct Headers {
    pub shown: bool,
    first: bool,
}

impl Headers {
    pub fn new(shown: bool) -> Self {
        Self { shown, first: true }
    }

    pub fn print(&mut self, name: &[u8], out: &mut Out) {
        if self.shown {
            let name = if name == b"-" { b"standard input" } else { name };
            let gap = if std::mem::take(&mut self.first) { "" } else { "\n" };
            out.put(format!("{gap}==> {} <==\n", shown(name)).as_bytes());
        }
    }
}

/// `-5c` and `-5k`, as it was once written: the first argument only.
pub fn modern(args: &[Bytes]) -> Vec<Bytes> {
    let mut args = args.to_vec();
    let first = args.get(1).cloned().unwrap_or_default();
    let [b'-', digits @ .., unit @ (b'c' | b'b' | b'k' | b'm' | b'l')] = first.as_slice() else {
        return args;
    };
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        args[1] = match unit {
            b'c' => [b"--bytes=", digits].concat(),
            b'l' => [b"--lines=", digits].concat(),
            unit => [b"--bytes=", digits, &[unit.to_ascii_uppercase()]].concat(),
        };
        if *unit == b'b' {
            args[1] = [b"--bytes=", digits, b"b"].concat();
        }
    }
    args
}

pub fn head(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "head",
        usage: "[OPTION]... [FILE]...",
        options: "c,bytes= n,lines= q,quiet silent v,verbose z,zero-terminated #",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(&modern(args))?;
    let (mut amount, mut headers) = (Amount::Lines(10), None);
    for (name, value) in &parsed.options {
        let number = |what: &str| {
            let (minus, digits) = match value.strip_prefix(b"-") {
                Some(digits) => (true, digits),
                None => (false, value.strip_prefix(b"+").unwrap_or(value)),
            };
            let wrong = || fail("head", &format!("invalid number of {what}: '{}'", shown(value)));
            sized(digits).map(|number| (minus, number)).ok_or_else(wrong)
        };
        match *name {
            "lines" | "#" => {
                amount = match number("lines")? {
                    (true, count) => Amount::AllButLines(count),
                    (false, count) => Amount::Lines(count),
                }
            }
            "bytes" => {
                amount = match number("bytes")? {
                    (true, count) => Amount::AllButBytes(count),
                    (false, count) => Amount::Bytes(count),
                }
            }
            "quiet" | "silent" => headers = Some(false),
            "verbose" => headers = Some(true),
            _ => {}
        }
    }
    let delimiter = if parsed.has("zero-terminated") { 0 } else { b'\n' };
    let files = parsed.files();
    let mut headers = Headers::new(headers.unwrap_or(files.len() > 1));
    let mut out = Out::standard("head");
    let mut code = 0;
    for name in files {
        let source = match Source::open(&name) {
            Ok(source) => source,
            Err(error) => {
                out.flush();
                let text = format!("cannot open '{}' for reading: {}", shown(&name), reason(&error));
                code = fail("head", &text);
                continue;
            }
        };
        headers.print(&name, &mut out);
        if let Err(error) = first(source, amount, delimiter, &mut out) {
            out.flush();
            let text = file_reason(&name, &error);
            let text = text.split_once(": ").map_or("", |(_, why)| why);
            code = fail("head", &format!("error reading '{}': {text}", shown(&name)));
        }
    }
    Ok(code)
}

fn first(mut source: Source, amount: Amount, delimiter: u8, out: &mut Out) -> io::Result<()> {
    match amount {
        Amount::Lines(0) => Ok(()),
        Amount::Lines(count) => {
            let mut lines = Lines::new(source, delimiter);
            for _ in 0..count {
                match lines.next()? {
                    Some(line) => out.put(line),
                    None => return Ok(()),
                }
            }
            lines.give_back();
            Ok(())
        }
        Amount::AllButLines(count) => {
            let mut lines = Lines::new(source, delimiter);
            let mut held: VecDeque<Bytes> = VecDeque::new();
            while let Some(line) = lines.next()? {
                held.push_back(line.to_vec());
                if held.len() as u64 > count
                    && let Some(line) = held.pop_front()
                {
                    out.put(&line);
                }
            }
            Ok(())
        }
        Amount::Bytes(mut count) => {
            let mut block = vec![0; BLOCK];
            while count > 0 {
                let read = source.read(&mut block[..count.min(BLOCK as u64) as usize])?;
                if read == 0 {
                    break;
                }
                out.put(&block[..read]);
                count -= read as u64;
            }
            Ok(())
        }
        Amount::AllButBytes(count) => all_but(&mut source, usize::try_from(count).unwrap_or(usize::MAX), out),
    }
}

fn all_but(source: &mut Source, count: usize, out: &mut Out) -> io::Result<()> {
    let mut held = Bytes::new();
    let mut block = vec![0; BLOCK];
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        held.extend_from_slice(&block[..read]);
        let ready = held.len().saturating_sub(count);
        if ready >= BLOCK || ready * 2 > held.len() {
            out.put(&held[..ready]);
            held.drain(..ready);
        }
        if ready > 0 && ready < BLOCK && held.len() > count {
            out.put(&held[..held.len() - count]);
            held.drain(..held.len() - count);
        }
    }
}
