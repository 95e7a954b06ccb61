//! `xxd`: bytes as digits, and digits as bytes.
//!
//! Knows the options of Vim's, which are words behind one dash.

use crate::Exit;
use crate::hexdump::{filled, printable};
use crate::number::any_base;
use crate::options::Bytes;
use crate::stream::{Lines, Out, Source, fail, path, reason, shown};
use std::io::{self, Read};

#[derive(Clone, Copy)]
struct Xxd {
    columns: usize,
    group: usize,
    plain: bool,
    bits: bool,
    upper: bool,
    include: bool,
    little_end: bool,
    decimal: bool,
    capital: bool,
    skip_zeros: bool,
    offset: u64,
}

fn xxd_usage() -> i32 {
    eprintln!(
        "Usage:\n       xxd [options] [infile [outfile]]\n    or\n       xxd -r [-s [-]offset] [-c cols] [-ps] [infile [outfile]]"
    );
    1
}

impl Default for Xxd {
    fn default() -> Self {
        Self {
            columns: 0,
            group: usize::MAX,
            plain: false,
            bits: false,
            upper: false,
            include: false,
            little_end: false,
            decimal: false,
            capital: false,
            skip_zeros: false,
            offset: 0,
        }
    }
}

fn written(name: Option<&Bytes>) -> Result<Out, i32> {
    let Some(name) = name.filter(|name| *name != b"-") else { return Ok(Out::standard("xxd")) };
    let wrong = |error| fail("xxd", &format!("{}: {}", shown(name), reason(&error))) + 2;
    Ok(Out::file("xxd", userland_sys::making::create(path(name)).map_err(wrong)?))
}

pub fn xxd(args: &[Bytes]) -> Exit {
    // Its options are words with one dash: `-ps`, `-c 8`, `-c8`.
    let wrong = xxd_usage;
    let mut ask = Xxd::default();
    let (mut reverse, mut skip, mut from_end, mut most, mut name) = (false, 0u64, false, u64::MAX, None);
    let mut operands = Vec::new();
    let mut rest = args.iter().skip(1);
    while let Some(arg) = rest.next() {
        if arg.len() < 2 || arg[0] != b'-' {
            operands.push(arg.clone());
            continue;
        }
        let word = arg.strip_prefix(b"--").unwrap_or(&arg[1..]);
        match word {
            b"p" | b"ps" | b"postscript" | b"plain" => ask.plain = true,
            b"b" | b"bits" => ask.bits = true,
            b"u" | b"uppercase" => ask.upper = true,
            b"i" | b"include" => ask.include = true,
            b"r" | b"revert" => reverse = true,
            b"e" => ask.little_end = true,
            b"d" => ask.decimal = true,
            b"C" | b"capitalize" => ask.capital = true,
            b"a" | b"autoskip" => ask.skip_zeros = true,
            b"h" | b"help" => return Err(wrong()),
            b"" => {}
            _ => {
                let letter = word[0];
                if !b"cglnos".contains(&letter) {
                    return Err(wrong());
                }
                let named = [&b"cols"[..], b"groupsize", b"len", b"name", b"offset", b"seek"].contains(&word);
                let value = if word.len() > 1 && !named { Some(word[1..].to_vec()) } else { rest.next().cloned() };
                let value = value.ok_or_else(wrong)?;
                if letter == b'n' {
                    name = Some(value);
                    continue;
                }
                let minus = value.strip_prefix(b"-").filter(|_| letter == b's');
                from_end |= minus.is_some();
                let digits = value.strip_prefix(b"+").or(minus).unwrap_or(&value);
                let number = any_base(digits).ok_or_else(wrong)?;
                match letter {
                    b'c' => ask.columns = number as usize,
                    b'g' => ask.group = number as usize,
                    b'l' => most = number,
                    b'o' => ask.offset = number,
                    _ => skip = number,
                }
            }
        }
    }
    let input = operands.first().cloned().unwrap_or_else(|| b"-".to_vec());
    let open = |error: io::Error| fail("xxd", &format!("{}: {}", shown(&input), reason(&error))) + 1;
    let mut source = Source::open(&input).map_err(open)?;
    let mut out = written(operands.get(1))?;
    ask.complete();
    if reverse {
        return backwards(source, ask, &mut out).map(|()| 0).map_err(open);
    }
    if from_end {
        let from = source.left().and_then(|left| left.checked_sub(skip));
        skip = from.ok_or_else(|| fail("xxd", "Sorry, cannot seek.") + 3)?;
    }
    let skipped = io::copy(&mut (&mut source).take(skip), &mut io::sink()).map_err(open)?;
    if ask.include {
        let title = name.or_else(|| operands.first().cloned().filter(|name| name != b"-"));
        return ask.include(&mut source.take(most), title, &mut out).map(|()| 0).map_err(open);
    }
    ask.dump(&mut source.take(most), skipped, &mut out).map(|()| 0).map_err(open)
}

impl Xxd {
    /// Fills in what was not said.
    fn complete(&mut self) {
        if self.columns == 0 {
            self.columns = match (self.plain, self.bits, self.include) {
                (true, ..) => 30,
                (_, true, _) => 6,
                (_, _, true) => 12,
                _ => 16,
            };
        }
        if self.group == usize::MAX {
            self.group = match (self.bits, self.little_end) {
                (true, _) => 1,
                (_, true) => 4,
                _ => 2,
            };
        }
        if self.group == 0 || self.group > self.columns {
            self.group = self.columns;
        }
    }

    fn byte(&self, byte: u8) -> String {
        match (self.bits, self.upper) {
            (true, _) => format!("{byte:08b}"),
            (_, true) => format!("{byte:02X}"),
            _ => format!("{byte:02x}"),
        }
    }

    fn dump(&self, source: &mut impl Read, start: u64, out: &mut Out) -> io::Result<()> {
        let mut place = start + self.offset;
        let mut zeros = Zeros::default();
        let mut line = vec![0; self.columns];
        loop {
            let length = filled(source, &mut line)?;
            if length == 0 {
                zeros.end(out);
                return Ok(());
            }
            if self.plain {
                let text: String = line[..length].iter().map(|byte| self.byte(*byte)).collect();
                out.line(text.as_bytes());
                continue;
            }
            let mut text = if self.decimal { format!("{place:08}: ") } else { format!("{place:08x}: ") };
            let begin = text.len();
            let digits = if self.bits { 8 } else { 2 };
            for at in 0..self.columns {
                let from = if self.little_end {
                    let first = at / self.group * self.group;
                    first + self.group - 1 - at % self.group
                } else {
                    at
                };
                text.push_str(&if from < length { self.byte(line[from]) } else { " ".repeat(digits) });
                if at % self.group == self.group - 1 {
                    text.push(' ');
                }
            }
            let groups = self.columns.div_ceil(self.group);
            let width = self.columns * digits + groups + usize::from(true);
            while text.len() < begin + width {
                text.push(' ');
            }
            text.extend(line[..length].iter().map(|byte| printable(*byte) as char));
            let is_zero = self.skip_zeros && length == self.columns && line.iter().all(|byte| *byte == 0);
            zeros.line(text, is_zero, out);
            place += length as u64;
        }
    }

    /// As a C array.
    fn include(&self, source: &mut impl Read, title: Option<Bytes>, out: &mut Out) -> io::Result<()> {
        let mut all = Bytes::new();
        source.read_to_end(&mut all)?;
        let name = title.as_ref().map(|title| {
            let letter = |byte: &u8| if byte.is_ascii_alphanumeric() { *byte as char } else { '_' };
            let name: String = title.iter().map(letter).collect();
            if name.starts_with(|first: char| first.is_ascii_digit()) { format!("__{name}") } else { name }
        });
        let name = if self.capital { name.map(|name| name.to_uppercase()) } else { name };
        if let Some(name) = &name {
            out.line(format!("unsigned char {name}[] = {{").as_bytes());
        }
        for (at, byte) in all.iter().enumerate() {
            let text = if self.upper { format!("0X{byte:02X}") } else { format!("0x{byte:02x}") };
            let gap = match (at % self.columns, at) {
                (0, 0) => "  ",
                (0, _) => ",\n  ",
                _ => ", ",
            };
            out.put(format!("{gap}{text}").as_bytes());
        }
        if !all.is_empty() {
            out.byte(b'\n');
        }
        if let Some(name) = &name {
            out.put(
                format!("}};\nunsigned int {name}_{} = {};\n", if self.capital { "LEN" } else { "len" }, all.len())
                    .as_bytes(),
            );
        }
        Ok(())
    }
}

/// Lines of zeros only, of which the first is shown and then one line that stands for others.
#[derive(Default)]
struct Zeros {
    count: usize,
    held: Option<String>,
}

impl Zeros {
    fn line(&mut self, text: String, is_zero: bool, out: &mut Out) {
        if !is_zero {
            self.end(out);
            self.count = 0;
        }
        self.count += usize::from(is_zero);
        match self.count {
            0 | 1 => out.line(text.as_bytes()),
            2 => self.held = Some(text),
            3 => {
                out.line(b"*");
                self.held = Some(String::new());
            }
            _ => {}
        }
    }

    /// A single line that was held back is shown after all.
    fn end(&mut self, out: &mut Out) {
        if let Some(text) = self.held.take().filter(|text| !text.is_empty()) {
            out.line(text.as_bytes());
        }
    }
}

/// Bytes of what was dumped.
fn backwards(source: Source, ask: Xxd, out: &mut Out) -> io::Result<()> {
    let mut lines = Lines::new(source, b'\n');
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let mut place = 0u64;
    let mut half = None;
    while let Some(line) = lines.bare()? {
        if ask.plain {
            for value in line.iter().filter_map(|byte| digit(*byte)) {
                match half.take() {
                    Some(high) => out.byte(high << 4 | value),
                    None => half = Some(value),
                }
            }
            continue;
        }
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let at = std::str::from_utf8(&line[..colon]).ok().and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
        let Some(at) = at else { continue };
        while place < at {
            out.byte(0);
            place += 1;
        }
        let (mut count, mut spaces) = (0, 0);
        let mut rest = line[colon + 1..].iter().copied();
        let step = if ask.bits { 8 } else { 2 };
        let mut unit: Bytes = Bytes::new();
        while count < ask.columns {
            let Some(byte) = rest.next() else { break };
            if byte == b' ' {
                spaces += 1;
                // Two spaces part what is shown as text.
                if spaces > 1 && count > 0 {
                    break;
                }
                continue;
            }
            spaces = 0;
            unit.push(byte);
            if unit.len() == step {
                let text = String::from_utf8_lossy(&unit).into_owned();
                let Ok(value) = u8::from_str_radix(&text, if ask.bits { 2 } else { 16 }) else { break };
                out.byte(value);
                place += 1;
                count += 1;
                unit.clear();
            }
        }
    }
    Ok(())
}
