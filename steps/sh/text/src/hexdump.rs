//! `hexdump` (and `hd`), and `xxd`.
//!
//! Formats of one's own are `hexformat`'s.

use crate::Exit;
use crate::hexformat::Format;
use crate::number::any_base;
use crate::options::{Bytes, Spec};
use crate::stream::{Lines, Out, Source, complain, fail, file_reason, path, reason, shown};
use std::fs::File;
use std::io::{self, Read};

/// Reads as much as there is, up to a length.
fn filled(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        match source.read(&mut bytes[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

fn printable(byte: u8) -> u8 {
    if (32..127).contains(&byte) { byte } else { b'.' }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Words,
    Canonical,
    Octal,
    Characters,
    Decimal,
    TwoOctal,
}

pub fn hexdump(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "hexdump",
        usage: "[options] <file>...",
        options: "b,one-byte-octal c,one-byte-char C,canonical d,two-bytes-decimal o,two-bytes-octal x,two-bytes-hex \
                  e,format= f,format-file= n,length= s,skip= v,no-squeezing",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut forms = Vec::new();
    let mut own: Vec<Format> = Vec::new();
    let (mut most, mut skip) = (u64::MAX, 0);
    for (name, value) in &parsed.options {
        let number = |what: &str| {
            any_base(value).ok_or_else(|| fail("hexdump", &format!("failed to parse {what}: '{}'", shown(value))))
        };
        match *name {
            "one-byte-octal" => forms.push(Form::Octal),
            "one-byte-char" => forms.push(Form::Characters),
            "canonical" => forms.push(Form::Canonical),
            "two-bytes-decimal" => forms.push(Form::Decimal),
            "two-bytes-octal" => forms.push(Form::TwoOctal),
            "two-bytes-hex" => forms.push(Form::Words),
            "length" => most = number("length")?,
            "skip" => skip = number("offset")?,
            "format" => own.push(Format::new(value).map_err(|text| fail("hexdump", &text))?),
            "format-file" => {
                let text = Source::open(value).and_then(|mut source| source.all());
                let text = text.map_err(|error| fail("hexdump", &file_reason(value, &error)))?;
                for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
                    if !line.is_empty() && !line.starts_with(b"#") {
                        own.push(Format::new(line).map_err(|text| fail("hexdump", &text))?);
                    }
                }
            }
            _ => {}
        }
    }
    if args.first().is_some_and(|name| name == b"hd" || name.ends_with(b"/hd")) {
        forms.push(Form::Canonical);
    }
    let wide = forms.contains(&Form::Words);
    if forms.is_empty() {
        forms.push(Form::Words);
    }
    let mut code = 0;
    let mut all: Box<dyn Read> = Box::new(io::empty());
    let mut any = false;
    for name in parsed.files() {
        match Source::open(&name) {
            Ok(source) => {
                any = true;
                all = Box::new(all.chain(source));
            }
            Err(error) => code = fail("hexdump", &file_reason(&name, &error)),
        }
    }
    if !any {
        complain("hexdump", "all input file arguments failed");
        return Err(1);
    }
    if !own.is_empty() {
        let done = formatted(&mut all, own, skip, most, parsed.has("no-squeezing"));
        return done.map(|()| code).map_err(|error| fail("hexdump", &reason(&error)));
    }
    let done = dump(&mut all, &forms, wide, skip, most, parsed.has("no-squeezing"));
    done.map(|()| code).map_err(|error| fail("hexdump", &reason(&error)))
}

/// By formats of one's own, all of which show the same block.
fn formatted(all: &mut dyn Read, mut formats: Vec<Format>, skip: u64, mut left: u64, repeats: bool) -> io::Result<()> {
    let mut all = all;
    let mut place = io::copy(&mut (&mut all).take(skip), &mut io::sink())?;
    let size = formats.iter().map(Format::size).max().unwrap_or(0).max(1);
    formats.iter_mut().for_each(|format| format.stretch(size));
    let mut out = Out::standard("hexdump");
    let (mut before, mut starred, mut text) = (None, false, Bytes::new());
    loop {
        let mut block = vec![0; size];
        let length = filled(&mut all, &mut block[..left.min(size as u64) as usize])?;
        if length == 0 {
            return Ok(());
        }
        left -= length as u64;
        if length == size && !repeats && before.as_ref() == Some(&block) {
            if !std::mem::replace(&mut starred, true) {
                out.put(b"*\n");
            }
        } else {
            starred = false;
            text.clear();
            formats.iter().for_each(|format| format.show(&block, length, place, &mut text));
            out.put(&text);
        }
        place += length as u64;
        before = (length == size).then_some(block);
    }
}

fn dump(all: &mut dyn Read, forms: &[Form], wide: bool, skip: u64, mut left: u64, repeats: bool) -> io::Result<()> {
    let mut all = all;
    let mut place = io::copy(&mut (&mut all).take(skip), &mut io::sink())?;
    let mut out = Out::standard("hexdump");
    let mut before: Option<[u8; 16]> = None;
    let mut starred = false;
    let canonical = forms[0] == Form::Canonical;
    let mut any = false;
    loop {
        let mut line = [0; 16];
        let length = filled(&mut all, &mut line[..left.min(16) as usize])?;
        if length == 0 {
            break;
        }
        any = true;
        left -= length as u64;
        if length == 16 && !repeats && before == Some(line) {
            if !std::mem::replace(&mut starred, true) {
                out.put(b"*\n");
            }
        } else {
            starred = false;
            for form in forms {
                shown_line(*form, &line, length, place, wide, &mut out);
            }
        }
        before = (length == 16).then_some(line);
        place += length as u64;
    }
    if any || skip > 0 {
        out.line(if canonical { format!("{place:08x}") } else { format!("{place:07x}") }.as_bytes());
    }
    Ok(())
}

fn shown_line(form: Form, line: &[u8; 16], length: usize, place: u64, wide: bool, out: &mut Out) {
    let mut text = if form == Form::Canonical { format!("{place:08x}") } else { format!("{place:07x}") };
    let words = || line.chunks(2).take(length.div_ceil(2)).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let (shown, width) = match form {
        Form::Canonical => {
            for (at, byte) in line.iter().enumerate() {
                if at % 8 == 0 {
                    text.push(' ');
                }
                text.push_str(&if at < length { format!(" {byte:02x}") } else { "   ".to_owned() });
            }
            let ascii: String = line[..length].iter().map(|byte| printable(*byte) as char).collect();
            return out.line(format!("{text}  |{ascii}|").as_bytes());
        }
        Form::Words if wide => (words().map(|word| format!("    {word:04x}")).collect::<String>(), 64),
        Form::Words => (words().map(|word| format!(" {word:04x}")).collect(), 40),
        Form::Octal => (line[..length].iter().map(|byte| format!(" {byte:03o}")).collect(), 64),
        Form::Characters => (line[..length].iter().map(|byte| format!(" {:>3}", letter(*byte))).collect(), 64),
        Form::Decimal => (words().map(|word| format!("   {word:05}")).collect(), 64),
        Form::TwoOctal => (words().map(|word| format!("  {word:06o}")).collect(), 64),
    };
    out.line(format!("{text}{shown:<width$}").as_bytes());
}

pub fn letter(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        32..127 => (byte as char).to_string(),
        byte => format!("{byte:03o}"),
    }
}

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
            offset: 0,
        }
    }
}

pub fn xxd(args: &[Bytes]) -> Exit {
    // Its options are words with one dash: `-ps`, `-c 8`, `-c8`.
    let wrong = xxd_usage;
    let mut ask = Xxd::default();
    let (mut reverse, mut skip, mut most, mut name) = (false, 0u64, u64::MAX, None);
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
                let digits = value.strip_prefix(b"+").unwrap_or(&value);
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
    let mut out = match operands.get(1) {
        Some(name) if name != b"-" => Out::file(
            "xxd",
            File::create(path(name))
                .map_err(|error| fail("xxd", &format!("{}: {}", shown(name), reason(&error))) + 2)?,
        ),
        _ => Out::standard("xxd"),
    };
    ask.complete();
    if reverse {
        return backwards(source, ask, &mut out).map(|()| 0).map_err(open);
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
        let mut line = vec![0; self.columns];
        loop {
            let length = filled(source, &mut line)?;
            if length == 0 {
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
            out.line(text.as_bytes());
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
            out.put(format!("}};\nunsigned int {name}_len = {};\n", all.len()).as_bytes());
        }
        Ok(())
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
