//! `split`: a file in parts.

use crate::number::{plain, sized};
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Lines, Out, Source, fail, file_reason, path, quoted, reason, shown};
use crate::{Exit, child};
use std::io::{self, Read};

const OUT_OF_RANGE: &str = ": Numerical result out of range";

#[derive(Clone, Copy)]
enum By {
    Lines(u64),
    Bytes(u64),
    LineBytes(u64),
    Number { parts: u64, kind: Kind, only: Option<u64> },
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bytes,
    Lines,
    RoundRobin,
}

/// The names of parts: letters, or digits of a base.
struct Names {
    prefix: Bytes,
    suffix: Bytes,
    length: usize,
    base: u64,
    start: u64,
    may_grow: bool,
    next: u64,
    verbose: bool,
    filter: Option<Bytes>,
}

/// Where a part goes.
enum Part {
    File(Out),
    Command(Out, u32, u32),
}

impl Part {
    fn out(&mut self) -> &mut Out {
        match self {
            Self::File(out) | Self::Command(out, ..) => out,
        }
    }

    fn end(self) {
        if let Self::Command(out, child, fd) = self {
            drop(out);
            let _ = userland_sys::close(fd);
            child::wait(child);
        }
    }
}

impl Names {
    fn name(&self, number: u64) -> Option<Bytes> {
        let (mut length, mut number, mut lead) = (self.length, number + self.start, 0);
        // When all but the last first letter are used, names become longer: `yz`, then `zaaa`.
        if self.may_grow {
            let mut room = self.base.pow(length as u32) - self.base.pow(length as u32 - 1);
            while number >= room && self.start == 0 {
                number -= room;
                lead += 1;
                length += 1;
                room = self.base.pow(length as u32) - self.base.pow(length as u32 - 1);
            }
        }
        let limit = self.base.checked_pow(length as u32)?;
        if number >= limit {
            return None;
        }
        let letter = |digit: u64| match self.base {
            26 => b'a' + digit as u8,
            _ => b"0123456789abcdef"[digit as usize],
        };
        let mut text = vec![letter(0); length];
        for place in text.iter_mut().rev() {
            *place = letter(number % self.base);
            number /= self.base;
        }
        let lead = vec![letter(self.base - 1); lead];
        Some([self.prefix.as_slice(), &lead, &text, &self.suffix].concat())
    }

    fn part(&mut self, number: u64) -> Result<Part, i32> {
        let Some(name) = self.name(number) else { return Err(fail("split", "output file suffixes exhausted")) };
        if let Some(filter) = &self.filter {
            // The command knows its file by a variable.
            let command = [b"FILE='", name.as_slice(), b"'; export FILE; ", filter.as_slice()].concat();
            if self.verbose {
                println!("executing with FILE={}", quoted(&name));
            }
            return match child::writing(&child::shell(&command)) {
                Ok((number, fd)) => Ok(Part::Command(Out::handle("split", fd), number, fd)),
                Err(error) => Err(fail("split", &reason(&error))),
            };
        }
        if self.verbose {
            println!("creating file '{}'", shown(&name));
        }
        match userland_sys::making::create(path(&name)) {
            Ok(file) => Ok(Part::File(Out::file("split", file))),
            Err(error) => Err(fail("split", &file_reason(&name, &error))),
        }
    }

    fn following(&mut self) -> Result<Part, i32> {
        self.next += 1;
        self.part(self.next - 1)
    }
}

pub fn split(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "split",
        usage: "[OPTION]... [FILE [PREFIX]]",
        options: "a,suffix-length= additional-suffix= b,bytes= C,line-bytes= d numeric-suffixes? e,elide-empty-files \
                  filter= l,lines= n,number= t,separator= u,unbuffered verbose x hex-suffixes? #",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    if let Some(extra) = parsed.operands.get(2) {
        return Err(spec.wrong(&format!("extra operand '{}'", shown(extra))));
    }
    let by = by(&spec, &parsed)?;
    let mut names = names(&parsed, by)?;
    let separator = match parsed.last("separator") {
        None => b'\n',
        Some([byte]) => *byte,
        Some(b"\\0") => 0,
        Some([]) => return Err(fail("split", "empty record separator")),
        Some(more) => return Err(fail("split", &format!("multi-character separator '{}'", shown(more)))),
    };
    let input = parsed.operands.first().cloned().unwrap_or_else(|| b"-".to_vec());
    let mut source = Source::open(&input)
        .map_err(|error| fail("split", &format!("cannot open '{}' for reading: {}", shown(&input), reason(&error))))?;
    let wrong = |error: io::Error| fail("split", &file_reason(&input, &error));
    match by {
        By::Lines(count) => lines(Lines::new(source, separator), count, &mut names).map_err(wrong)?,
        By::Bytes(count) => bytes(&mut source, count, &mut names).map_err(wrong)?,
        By::LineBytes(count) => line_bytes(Lines::new(source, separator), count, &mut names).map_err(wrong)?,
        By::Number { parts, kind, only } => {
            let elide = parsed.has("elide-empty-files");
            return numbered(source, separator, (parts, kind, only), elide, &mut names).map_err(wrong)?;
        }
    }?;
    Ok(0)
}

fn by(spec: &Spec, parsed: &Parsed) -> Result<By, i32> {
    let mut found = None;
    let mut digits = Bytes::new();
    for (name, value) in &parsed.options {
        let number = |what: &str| match sized(value) {
            Some(number) if number > 0 => Ok(number),
            found => {
                let range = if found.is_some() { OUT_OF_RANGE } else { "" };
                Err(fail("split", &format!("invalid number of {what}: '{}'{range}", shown(value))))
            }
        };
        let one = match *name {
            "lines" => By::Lines(number("lines")?),
            "bytes" => By::Bytes(number("bytes")?),
            "line-bytes" => By::LineBytes(number("lines")?),
            "number" => chunks(value)?,
            "#" => {
                digits.extend_from_slice(value);
                continue;
            }
            _ => continue,
        };
        if found.replace(one).is_some() {
            return Err(spec.wrong("cannot split in more than one way"));
        }
    }
    match plain(&digits) {
        Some(0) => Err(fail("split", "invalid number of lines: '0': Numerical result out of range")),
        Some(number) if found.is_none() => Ok(By::Lines(number)),
        Some(_) => Err(spec.wrong("cannot split in more than one way")),
        None => Ok(found.unwrap_or(By::Lines(1000))),
    }
}

/// `N`, `K/N`, `l/N`, `l/K/N`, `r/N`, `r/K/N`.
fn chunks(value: &[u8]) -> Result<By, i32> {
    let mut parts: Vec<&[u8]> = value.split(|byte| *byte == b'/').collect();
    let kind = match parts[0] {
        b"l" => Kind::Lines,
        b"r" => Kind::RoundRobin,
        _ => Kind::Bytes,
    };
    if kind != Kind::Bytes {
        parts.remove(0);
    }
    let wrong = |part: &[u8]| {
        let range = if plain(part) == Some(0) { OUT_OF_RANGE } else { "" };
        fail("split", &format!("invalid number of chunks: '{}'{range}", shown(part)))
    };
    let number = |part: &[u8]| plain(part).filter(|number| *number > 0).ok_or_else(|| wrong(part));
    match parts.as_slice() {
        [parts] => Ok(By::Number { parts: number(parts)?, kind, only: None }),
        [only, parts] => {
            let parts = number(parts)?;
            match plain(only).filter(|only| (1..=parts).contains(only)) {
                Some(only) => Ok(By::Number { parts, kind, only: Some(only) }),
                None => Err(fail("split", &format!("invalid chunk number: '{}'", shown(only)))),
            }
        }
        _ => Err(wrong(value)),
    }
}

fn names(parsed: &Parsed, by: By) -> Result<Names, i32> {
    let (mut base, mut start, mut length) = (26, 0, None);
    for (name, value) in &parsed.options {
        match *name {
            "d" => base = 10,
            "x" => base = 16,
            "numeric-suffixes" | "hex-suffixes" => {
                base = if *name == "hex-suffixes" { 16 } else { 10 };
                if !value.is_empty() {
                    let number = u64::from_str_radix(&shown(value), base as u32).ok();
                    start = number.ok_or_else(|| {
                        fail("split", &format!("{}: invalid start value for numerical suffix", shown(value)))
                    })?;
                }
            }
            "suffix-length" => {
                let wrong = || fail("split", &format!("invalid suffix length: '{}'", shown(value)));
                length = Some(plain(value).ok_or_else(wrong)? as usize);
            }
            _ => {}
        }
    }
    let mut may_grow = length.is_none() && start == 0;
    let mut needed = 2;
    if let By::Number { parts, .. } = by {
        // As many letters as the parts need from the beginning.
        may_grow = false;
        let mut room = 1u64;
        let mut letters = 0;
        while room < parts + start {
            room = room.saturating_mul(base);
            letters += 1;
        }
        needed = letters.max(2);
    }
    let suffix = parsed.last("additional-suffix").unwrap_or_default().to_vec();
    if suffix.contains(&b'/') {
        return Err(fail("split", &format!("invalid suffix '{}', contains directory separator", shown(&suffix))));
    }
    Ok(Names {
        prefix: parsed.operands.get(1).cloned().unwrap_or_else(|| b"x".to_vec()),
        suffix,
        length: length.filter(|length| *length > 0).unwrap_or(needed),
        base,
        start,
        may_grow,
        next: 0,
        verbose: parsed.has("verbose"),
        filter: parsed.last("filter").map(<[u8]>::to_vec),
    })
}

fn lines(mut lines: Lines, count: u64, names: &mut Names) -> io::Result<Result<(), i32>> {
    let (mut part, mut written): (Option<Part>, u64) = (None, 0);
    while let Some(line) = lines.next()? {
        if part.is_none() || written == count {
            if let Some(part) = part.take() {
                part.end();
            }
            written = 0;
            part = Some(match names.following() {
                Ok(part) => part,
                Err(code) => return Ok(Err(code)),
            });
        }
        if let Some(part) = &mut part {
            part.out().put(line);
        }
        written += 1;
    }
    if let Some(part) = part {
        part.end();
    }
    Ok(Ok(()))
}

fn bytes(source: &mut Source, count: u64, names: &mut Names) -> io::Result<Result<(), i32>> {
    let mut block = vec![0; 64 << 10];
    let (mut part, mut left): (Option<Part>, u64) = (None, 0);
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            break;
        }
        let mut rest = &block[..read];
        while !rest.is_empty() {
            if left == 0 {
                if let Some(part) = part.take() {
                    part.end();
                }
                part = Some(match names.following() {
                    Ok(part) => part,
                    Err(code) => return Ok(Err(code)),
                });
                left = count;
            }
            let length = (rest.len() as u64).min(left) as usize;
            if let Some(part) = &mut part {
                part.out().put(&rest[..length]);
            }
            left -= length as u64;
            rest = &rest[length..];
        }
    }
    if let Some(part) = part {
        part.end();
    }
    Ok(Ok(()))
}

/// At most so many bytes of whole lines; a longer line is cut.
fn line_bytes(mut lines: Lines, count: u64, names: &mut Names) -> io::Result<Result<(), i32>> {
    let (mut part, mut left): (Option<Part>, u64) = (None, 0);
    while let Some(line) = lines.next()? {
        let mut rest = line;
        while !rest.is_empty() {
            let fits = rest.len() as u64 <= left;
            if !fits && left < count || part.is_none() {
                if let Some(part) = part.take() {
                    part.end();
                }
                part = Some(match names.following() {
                    Ok(part) => part,
                    Err(code) => return Ok(Err(code)),
                });
                left = count;
            }
            let length = (rest.len() as u64).min(left) as usize;
            if let Some(part) = &mut part {
                part.out().put(&rest[..length]);
            }
            left -= length as u64;
            rest = &rest[length..];
            if left == 0
                && let Some(part) = part.take()
            {
                part.end();
            }
        }
    }
    if let Some(part) = part {
        part.end();
    }
    Ok(Ok(()))
}

fn numbered(
    mut source: Source,
    separator: u8,
    (parts, kind, only): (u64, Kind, Option<u64>),
    elide: bool,
    names: &mut Names,
) -> io::Result<Exit> {
    let all = source.all()?;
    let size = all.len() as u64;
    let mut pieces: Vec<Vec<&[u8]>> = vec![Vec::new(); parts as usize];
    match kind {
        Kind::Bytes => {
            let mut from = 0;
            for (index, piece) in pieces.iter_mut().enumerate() {
                let is_last = index as u64 + 1 == parts;
                let length = if is_last { size - from } else { size / parts };
                piece.push(&all[from as usize..(from + length) as usize]);
                from += length;
            }
        }
        Kind::Lines => {
            let mut from = 0u64;
            let ends = |index: u64| size / parts * (index + 1);
            let mut index = 0;
            for line in all.split_inclusive(|byte| *byte == separator) {
                while index + 1 < parts && from >= ends(index) {
                    index += 1;
                }
                pieces[index as usize].push(line);
                from += line.len() as u64;
            }
        }
        Kind::RoundRobin => {
            for (index, line) in all.split_inclusive(|byte| *byte == separator).enumerate() {
                pieces[(index as u64 % parts) as usize].push(line);
            }
        }
    }
    if let Some(only) = only {
        let mut out = Out::standard("split");
        pieces[only as usize - 1].iter().for_each(|piece| out.put(piece));
        return Ok(Ok(0));
    }
    for piece in pieces {
        if elide && piece.iter().all(|piece| piece.is_empty()) {
            continue;
        }
        let mut part = match names.following() {
            Ok(part) => part,
            Err(code) => return Ok(Err(code)),
        };
        piece.iter().for_each(|piece| part.out().put(piece));
        part.end();
    }
    Ok(Ok(0))
}
