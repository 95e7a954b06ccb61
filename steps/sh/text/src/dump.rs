//! `od`: bytes as numbers and characters of many kinds.

use crate::Exit;
use crate::number::any_base;
use crate::options::{Bytes, Spec};
use crate::stream::{Out, Source, fail, file_reason, reason, shown};
use std::io::{self, Read};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Named,
    Character,
    Signed,
    Unsigned,
    Octal,
    Hexadecimal,
    Float,
}

#[derive(Clone, Copy)]
struct Type {
    kind: Kind,
    size: usize,
    text: bool,
}

impl Type {
    /// How wide one number is.
    fn width(self) -> usize {
        match (self.kind, self.size) {
            (Kind::Named | Kind::Character, _) => 3,
            (Kind::Octal, size) => [3, 6, 11, 22][size.trailing_zeros() as usize],
            (Kind::Hexadecimal, size) => size * 2,
            (Kind::Unsigned, size) => [3, 5, 10, 20][size.trailing_zeros() as usize],
            (Kind::Signed, size) => [4, 6, 11, 20][size.trailing_zeros() as usize],
            (Kind::Float, 4) => 15,
            (Kind::Float, _) => 24,
        }
    }

    fn show(self, bytes: &[u8], big_end: bool) -> String {
        let mut whole = [0; 8];
        for (at, byte) in bytes.iter().enumerate() {
            whole[if big_end { self.size - 1 - at } else { at }] = *byte;
        }
        let value = u64::from_le_bytes(whole);
        let width = self.width();
        match self.kind {
            Kind::Named => format!("{:>3}", named(bytes[0] & 127)),
            Kind::Character => format!("{:>3}", character(bytes[0])),
            Kind::Octal => format!("{value:0width$o}"),
            Kind::Hexadecimal => format!("{value:0width$x}"),
            Kind::Unsigned => format!("{value:>width$}"),
            Kind::Signed => {
                let shift = 64 - self.size * 8;
                format!("{:>width$}", ((value << shift) as i64) >> shift)
            }
            Kind::Float if self.size == 4 => {
                format!("{:>width$}", shortest(f64::from(f32::from_bits(value as u32)), 4))
            }
            Kind::Float => format!("{:>width$}", shortest(f64::from_bits(value), 8)),
        }
    }
}

/// The shortest text that is read as the same number.
fn shortest(value: f64, size: usize) -> String {
    let most = if size == 4 { 9 } else { 17 };
    for digits in 1..most {
        let mut text = Bytes::new();
        crate::awk::format_number(format!("%.{digits}g").as_bytes(), value, &mut text);
        let text = shown(&text);
        let same = match size {
            4 => text.parse::<f32>().is_ok_and(|back| back == value as f32),
            _ => text.parse::<f64>().is_ok_and(|back| back == value),
        };
        if same {
            return text;
        }
    }
    let mut text = Bytes::new();
    crate::awk::format_number(format!("%.{most}g").as_bytes(), value, &mut text);
    shown(&text)
}

fn named(byte: u8) -> String {
    const NAMES: [&str; 33] = [
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr", "so", "si", "dle",
        "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc", "fs", "gs", "rs", "us", "sp",
    ];
    match byte {
        0..=32 => NAMES[usize::from(byte)].to_owned(),
        127 => "del".to_owned(),
        byte => (byte as char).to_string(),
    }
}

fn character(byte: u8) -> String {
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

/// Reads `x1c` or `u4z`.
fn types(text: &[u8]) -> Result<Vec<Type>, i32> {
    let mut types = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let letter = text[at];
        at += 1;
        let (kind, default) = match letter {
            b'a' => (Kind::Named, 1),
            b'c' => (Kind::Character, 1),
            b'd' => (Kind::Signed, 4),
            b'u' => (Kind::Unsigned, 4),
            b'o' => (Kind::Octal, 4),
            b'x' => (Kind::Hexadecimal, 4),
            b'f' => (Kind::Float, 8),
            _ => {
                let text = format!("invalid character '{}' in type string '{}'", letter as char, shown(text));
                return Err(fail("od", &text));
            }
        };
        let mut size = default;
        if kind != Kind::Named && kind != Kind::Character {
            let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits > 0 {
                size = crate::number::plain(&text[at..at + digits]).unwrap_or(0) as usize;
                at += digits;
            } else if let Some(letter) = text.get(at) {
                let named = match (kind, letter) {
                    (Kind::Float, b'F') | (_, b'I') if kind == Kind::Float || *letter == b'I' => Some(4),
                    (Kind::Float, b'D') => Some(8),
                    (_, b'C') => Some(1),
                    (_, b'S') => Some(2),
                    (_, b'L') => Some(8),
                    _ => None,
                };
                if let Some(named) = named {
                    size = named;
                    at += 1;
                }
            }
        }
        let fits = if kind == Kind::Float { [4, 8].contains(&size) } else { [1, 2, 4, 8].contains(&size) };
        if !fits {
            let what = if kind == Kind::Float { "floating point" } else { "integral" };
            let text = format!(
                "invalid type string '{}';\nthis system doesn't provide a {size}-byte {what} type",
                shown(text)
            );
            return Err(fail("od", &text));
        }
        let with_text = text.get(at) == Some(&b'z');
        at += usize::from(with_text);
        types.push(Type { kind, size, text: with_text });
    }
    Ok(types)
}

/// All files as one, with what can't be read said.
struct Joined {
    files: std::vec::IntoIter<Bytes>,
    current: Option<(Bytes, Source)>,
    code: i32,
    /// Whether there was a file at all.
    any: bool,
}

impl Read for Joined {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some((name, source)) = &mut self.current {
                match source.read(bytes) {
                    Ok(0) => {}
                    Ok(read) => return Ok(read),
                    Err(error) => self.code = fail("od", &file_reason(name, &error)),
                }
                self.current = None;
            }
            let Some(name) = self.files.next() else { return Ok(0) };
            match Source::open(&name) {
                Ok(source) => {
                    self.any = true;
                    self.current = Some((name, source));
                }
                Err(error) => self.code = fail("od", &file_reason(&name, &error)),
            }
        }
    }
}

const OPTIONS: &str = "A,address-radix= j,skip-bytes= N,read-bytes= S,strings? t,format= v,output-duplicates w,width? \
    endian= traditional a b c d f i l o s x B D e F h H I L O X";

/// The type that an option of one letter stands for.
fn short_type(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "a" => b"a",
        "b" => b"o1",
        "c" => b"c",
        "d" => b"u2",
        "f" | "e" => b"fF",
        "F" => b"fD",
        "i" => b"dI",
        "D" => b"uI",
        "l" | "L" | "I" => b"dL",
        "o" | "B" => b"o2",
        "O" => b"oI",
        "s" => b"d2",
        "x" | "h" => b"x2",
        "X" | "H" => b"xI",
        _ => return None,
    })
}

pub fn od(args: &[Bytes]) -> Exit {
    let spec = Spec { name: "od", usage: "[OPTION]... [FILE]...", options: OPTIONS, wrong: 1, mixed: true };
    let parsed = spec.parse(args)?;
    let mut formats = Vec::new();
    let (mut radix, mut skip, mut most, mut width, mut big_end) = (b'o', 0, u64::MAX, None, false);
    for (name, value) in &parsed.options {
        let number = |option: &str| {
            any_base(value).ok_or_else(|| fail("od", &format!("invalid {option} argument '{}'", shown(value))))
        };
        let short: &[u8] = match *name {
            name if short_type(name).is_some() => short_type(name).unwrap_or_default(),
            "format" => value,
            "address-radix" => {
                radix = *value.first().unwrap_or(&b'?');
                if !b"doxn".contains(&radix) {
                    let text = format!(
                        "invalid output address radix '{}'; it must be one character from [doxn]",
                        radix as char
                    );
                    return Err(fail("od", &text));
                }
                continue;
            }
            "skip-bytes" => {
                skip = number("-j")?;
                continue;
            }
            "read-bytes" => {
                most = number("-N")?;
                continue;
            }
            "width" => {
                width = Some(if value.is_empty() { 32 } else { number("-w")? as usize });
                continue;
            }
            "endian" => {
                big_end = value == b"big";
                continue;
            }
            "strings" | "traditional" => return Err(fail("od", &format!("--{name} is not supported"))),
            _ => continue,
        };
        formats.extend(types(short)?);
    }
    if formats.is_empty() {
        formats = types(b"o2")?;
    }
    let unit = formats.iter().map(|format| format.size).max().unwrap_or(1);
    let mut per_line = width.unwrap_or(16.max(unit));
    if per_line == 0 || per_line % unit != 0 {
        crate::stream::complain("od", &format!("warning: invalid width {per_line}; using {unit} instead"));
        per_line = unit;
    }
    let dump = Dump { formats, radix, per_line, repeats: parsed.has("output-duplicates"), big_end };
    let mut input = Joined { files: parsed.files().into_iter(), current: None, code: 0, any: false };
    let skipped =
        io::copy(&mut (&mut input).take(skip), &mut io::sink()).map_err(|error| fail("od", &reason(&error)))?;
    if skipped < skip {
        return Err(fail("od", "cannot skip past end of combined input"));
    }
    dump.all(&mut input, skip, most).map_err(|error| fail("od", &reason(&error)))?;
    Ok(input.code)
}

struct Dump {
    formats: Vec<Type>,
    radix: u8,
    per_line: usize,
    repeats: bool,
    big_end: bool,
}

impl Dump {
    fn address(&self, place: u64) -> String {
        match self.radix {
            b'o' => format!("{place:07o}"),
            b'd' => format!("{place:07}"),
            b'x' => format!("{place:06x}"),
            _ => String::new(),
        }
    }

    fn all(&self, input: &mut Joined, mut place: u64, mut left: u64) -> io::Result<()> {
        let mut out = Out::standard("od");
        let mut before: Option<Bytes> = None;
        let mut starred = false;
        loop {
            let mut line = vec![0; self.per_line];
            let mut length = 0;
            let wanted = (self.per_line as u64).min(left) as usize;
            while length < wanted {
                match input.read(&mut line[length..wanted])? {
                    0 => break,
                    read => length += read,
                }
            }
            if length == 0 {
                break;
            }
            left -= length as u64;
            let whole = length == self.per_line;
            if whole && !self.repeats && before.as_ref() == Some(&line) {
                if !std::mem::replace(&mut starred, true) {
                    out.put(b"*\n");
                }
            } else {
                self.line(&line, length, place, &mut out);
                starred = false;
            }
            place += length as u64;
            before = whole.then_some(line);
        }
        if self.radix != b'n' && input.any {
            out.line(self.address(place).as_bytes());
        }
        Ok(())
    }

    fn line(&self, line: &[u8], length: usize, place: u64, out: &mut Out) {
        // The widest format says how far apart the units of all are.
        let unit = self.formats.iter().map(|format| format.size).max().unwrap_or(1);
        let room = |format: &Type| (unit / format.size) * (format.width() + 1);
        let most = self.formats.iter().map(room).max().unwrap_or(4);
        for (index, format) in self.formats.iter().enumerate() {
            let address = self.address(place);
            if index == 0 {
                out.put(address.as_bytes());
            } else {
                out.put(" ".repeat(address.len()).as_bytes());
            }
            // What is left of the line's room is spread over its numbers.
            let total = self.per_line / format.size;
            let extra = (most - room(format)) * (self.per_line / unit);
            let shown_units = length.div_ceil(format.size);
            let mut text = String::new();
            for at in 0..total {
                let behind = total - at;
                let pad = extra * behind / total - extra * (behind - 1) / total;
                if at < shown_units {
                    text.push(' ');
                    text.push_str(&" ".repeat(pad));
                    text.push_str(&format.show(&line[at * format.size..(at + 1) * format.size], self.big_end));
                } else if format.text {
                    text.push_str(&" ".repeat(1 + pad + format.width()));
                }
            }
            out.put(text.as_bytes());
            if format.text {
                let shown: Bytes =
                    line[..length].iter().map(|byte| if (32..127).contains(byte) { *byte } else { b'.' }).collect();
                out.put(b"  >");
                out.put(&shown);
                out.put(b"<");
            }
            out.byte(b'\n');
        }
    }
}
