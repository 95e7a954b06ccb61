//! `cmp`: the first byte that differs, or all of them.

use crate::Exit;
use crate::number::sized;
use crate::options::{Bytes, Spec};
use crate::stream::{Out, Source, complain, fail, file_reason, reason, shown};
use std::io::{self, Read};

const BLOCK: usize = 64 << 10;

struct Side {
    source: Source,
    block: Bytes,
    at: usize,
}

impl Side {
    fn new(name: &[u8], skip: u64) -> io::Result<Self> {
        let mut source = Source::open(name)?;
        io::copy(&mut (&mut source).take(skip), &mut io::sink())?;
        Ok(Self { source, block: Bytes::new(), at: 0 })
    }

    /// What is there; empty at the end.
    fn ahead(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() {
            self.block.resize(BLOCK, 0);
            let read = self.source.read(&mut self.block)?;
            self.block.truncate(read);
            self.at = 0;
        }
        Ok(&self.block[self.at..])
    }
}

fn visible(byte: u8) -> String {
    let low = |byte: u8| match byte {
        0..32 => format!("^{}", (byte + 64) as char),
        127 => "^?".to_owned(),
        byte => (byte as char).to_string(),
    };
    if byte >= 128 { format!("M-{}", low(byte - 128)) } else { low(byte) }
}

pub fn cmp(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "cmp",
        usage: "[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]",
        options: "b,print-bytes i,ignore-initial= l,verbose n,bytes= s,quiet silent",
        wrong: 2,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let operands = &parsed.operands;
    if operands.is_empty() {
        return Err(spec.wrong("missing operand after 'cmp'"));
    }
    let number = |option: &str, value: &[u8]| {
        sized(value).ok_or_else(|| spec.wrong(&format!("invalid {option} value '{}'", shown(value))))
    };
    let mut skips = [0, 0];
    if let Some(value) = parsed.last("ignore-initial") {
        let (one, other) = match memchr::memchr(b':', value) {
            Some(at) => (&value[..at], &value[at + 1..]),
            None => (value, value),
        };
        skips = [number("--ignore-initial", one)?, number("--ignore-initial", other)?];
    }
    for (index, value) in operands.iter().skip(2).take(2).enumerate() {
        skips[index] = skips[index].max(number("--ignore-initial", value)?);
    }
    if let Some(extra) = operands.get(4) {
        return Err(spec.wrong(&format!("extra operand '{}'", shown(extra))));
    }
    let most = parsed.last("bytes").map(|value| number("--bytes", value)).transpose()?.unwrap_or(u64::MAX);
    let names = [operands[0].clone(), operands.get(1).cloned().unwrap_or_else(|| b"-".to_vec())];
    let silent = parsed.has("quiet") || parsed.has("silent");
    let mut sides = Vec::new();
    for (name, skip) in names.iter().zip(skips) {
        match Side::new(name, skip) {
            Ok(side) => sides.push(side),
            Err(error) => {
                if !silent {
                    complain("cmp", &file_reason(name, &error));
                }
                return Err(2);
            }
        }
    }
    let show = Show { all: parsed.has("verbose"), bytes: parsed.has("print-bytes"), silent, most };
    show.compare(&names, &mut sides).map_err(|error| {
        let folder = names.iter().find(|name| crate::stream::path(name).is_dir());
        let text = folder.map_or_else(|| reason(&error), |name| format!("{}: Is a directory", shown(name)));
        fail("cmp", &text) + 1
    })
}

struct Show {
    all: bool,
    bytes: bool,
    silent: bool,
    most: u64,
}

impl Show {
    fn compare(&self, names: &[Bytes; 2], sides: &mut [Side]) -> io::Result<i32> {
        let [one, other] = sides else { return Ok(2) };
        let mut out = Out::standard("cmp");
        let (mut place, mut line, mut differs, mut last) = (0u64, 1u64, false, 0u8);
        while place < self.most {
            let (first, second) = (one.ahead()?, other.ahead()?);
            if first.is_empty() || second.is_empty() {
                if first.is_empty() && second.is_empty() {
                    break;
                }
                let name = &names[usize::from(!first.is_empty())];
                out.flush();
                if !self.silent {
                    complain("cmp", &self.at_end(name, place, line, last));
                }
                return Ok(1);
            }
            let length = first.len().min(second.len()).min((self.most - place).min(BLOCK as u64) as usize);
            let (first, second) = (&first[..length], &second[..length]);
            let mut at = 0;
            while let Some(found) = first[at..].iter().zip(&second[at..]).position(|(one, other)| one != other) {
                differs = true;
                if self.silent {
                    return Ok(1);
                }
                let found = at + found;
                let (a, b) = (first[found], second[found]);
                let number = place + found as u64 + 1;
                if !self.all {
                    line += memchr::memchr_iter(b'\n', &first[..found]).count() as u64;
                    let names = format!("{} {}", shown(&names[0]), shown(&names[1]));
                    let bytes = if self.bytes {
                        format!(" is {a:3o} {} {b:3o} {}", visible(a), visible(b))
                    } else {
                        String::new()
                    };
                    let what = if self.bytes { "byte" } else { "char" };
                    out.put(format!("{names} differ: {what} {number}, line {line}{bytes}\n").as_bytes());
                    return Ok(1);
                }
                let width = self.width(names);
                let text = if self.bytes {
                    format!("{number:width$} {a:3o} {:<4} {b:3o} {}\n", visible(a), visible(b))
                } else {
                    format!("{number:width$} {a:3o} {b:3o}\n")
                };
                out.put(text.as_bytes());
                at = found + 1;
            }
            line += memchr::memchr_iter(b'\n', first).count() as u64;
            last = first[length - 1];
            place += length as u64;
            one.at += length;
            other.at += length;
        }
        Ok(i32::from(differs))
    }

    /// As wide as the larger file's size needs.
    fn width(&self, names: &[Bytes; 2]) -> usize {
        let size = |name: &Bytes| {
            let status = if name == b"-" {
                crate::stream::handle_status(0)
            } else {
                std::fs::metadata(crate::stream::path(name)).ok()
            };
            status.filter(std::fs::Metadata::is_file).map_or(u64::MAX >> 1, |status| status.len())
        };
        size(&names[0]).min(size(&names[1])).min(self.most).to_string().len()
    }

    fn at_end(&self, name: &[u8], place: u64, line: u64, last: u8) -> String {
        if place == 0 {
            return format!("EOF on {} which is empty", shown(name));
        }
        let text = format!("EOF on {} after byte {place}", shown(name));
        if self.all {
            return text;
        }
        if last == b'\n' { format!("{text}, line {}", line - 1) } else { format!("{text}, in line {line}") }
    }
}
