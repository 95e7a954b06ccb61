//! `base64` and `base32`, streaming.
//!
//! Knows RFC 4648's two alphabets; wraps at 76 columns as GNU does.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, output, plain, quoted, reason};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};

const OPTIONS: &[&str] = &["d,decode", "i,ignore-garbage", "w,wrap="];

struct Base {
    alphabet: &'static [u8],
    /// Bits a letter.
    bits: u32,
    /// Bytes and letters of a whole group.
    bytes: usize,
    letters: usize,
}

const SIXTY_FOUR: Base = Base {
    alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    bits: 6,
    bytes: 3,
    letters: 4,
};
const THIRTY_TWO: Base = Base { alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bits: 5, bytes: 5, letters: 8 };

pub fn base64(arguments: Vec<OsString>) -> Outcome {
    run(&Table::new("base64", OPTIONS), arguments, &SIXTY_FOUR)
}

pub fn base32(arguments: Vec<OsString>) -> Outcome {
    run(&Table::new("base32", OPTIONS), arguments, &THIRTY_TWO)
}

fn run(table: &Table, arguments: Vec<OsString>, base: &Base) -> Outcome {
    let given = table.read(arguments)?;
    if let Some(more) = given.operands.get(1) {
        return Err(crate::options::extra(table, more));
    }
    let wrap = match given.text("wrap") {
        Some(text) => {
            text.parse::<usize>().map_err(|_| Failed::from(format!("invalid wrap size: {}", quoted(&text))))?
        }
        None => 76,
    };
    let input: Box<dyn Read> = match given.operands.first() {
        Some(name) if name != "-" => {
            Box::new(File::open(name).map_err(|error| Failed::from(format!("{}: {}", plain(name), reason(&error))))?)
        }
        _ => Box::new(io::stdin()),
    };
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut out = output();
    let answer = if given.has("decode") {
        decode(base, &mut input, given.has("ignore-garbage"), &mut out)
    } else {
        encode(base, &mut input, wrap, &mut out)
    };
    out.flush()?;
    answer.map(|()| 0)
}

fn read_error(error: &io::Error) -> Failed {
    Failed::from(format!("read error: {}", reason(error)))
}

fn encode(base: &Base, input: &mut impl Read, wrap: usize, out: &mut impl Write) -> Outcome<()> {
    let mut block = vec![0; base.bytes * 4096];
    let mut column = 0;
    loop {
        let mut filled = 0;
        while filled < block.len() {
            match input.read(&mut block[filled..]).map_err(|error| read_error(&error))? {
                0 => break,
                read => filled += read,
            }
        }
        let mut text = Vec::with_capacity(filled * 2);
        let mut whole = 0;
        if base.bits == 6 {
            // The usual case, a letter at a time without a loop.
            let letter = |value: u32| SIXTY_FOUR.alphabet[(value & 63) as usize];
            for group in block[..filled].chunks_exact(3) {
                let value = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
                text.extend([letter(value >> 18), letter(value >> 12), letter(value >> 6), letter(value)]);
            }
            whole = filled / 3 * 3;
        }
        for group in block[whole..filled].chunks(base.bytes) {
            let value =
                (0..base.bytes).fold(0u64, |value, at| value << 8 | u64::from(group.get(at).copied().unwrap_or(0)));
            let used = (group.len() * 8).div_ceil(base.bits as usize);
            for at in 0..base.letters {
                let shift = base.bits * (base.letters - 1 - at) as u32;
                let letter = base.alphabet[(value >> shift) as usize & (base.alphabet.len() - 1)];
                text.push(if at < used { letter } else { b'=' });
            }
        }
        if wrap == 0 {
            out.write_all(&text)?;
        } else {
            let mut rest = text.as_slice();
            while !rest.is_empty() {
                let (line, after) = rest.split_at((wrap - column).min(rest.len()));
                out.write_all(line)?;
                column += line.len();
                rest = after;
                if column == wrap {
                    out.write_all(b"\n")?;
                    column = 0;
                }
            }
        }
        if filled < block.len() {
            break;
        }
    }
    if column > 0 {
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn decode(base: &Base, input: &mut impl Read, ignore: bool, out: &mut impl Write) -> Outcome<()> {
    let mut values = [255u8; 256];
    for (value, letter) in base.alphabet.iter().enumerate() {
        values[usize::from(*letter)] = value as u8;
    }
    let mut block = vec![0; 64 * 1024];
    let mut group: Vec<u8> = Vec::with_capacity(base.letters);
    let mut padding = 0;
    let wrong = || Failed::from("invalid input");
    loop {
        let read = input.read(&mut block).map_err(|error| read_error(&error))?;
        if read == 0 {
            break;
        }
        for byte in &block[..read] {
            match (values[usize::from(*byte)], byte) {
                (_, b'\n') => continue,
                (255, b'=') if !group.is_empty() => padding += 1,
                (255, _) if ignore => continue,
                (255, _) => {
                    write_group(base, &group, out)?;
                    return Err(wrong());
                }
                (value, _) if padding == 0 => group.push(value),
                _ => return Err(wrong()),
            }
            if group.len() + padding == base.letters {
                write_group(base, &group, out)?;
                if padding > 0 && group.len() * base.bits as usize % 8 >= base.bits as usize {
                    return Err(wrong());
                }
                group.clear();
                padding = 0;
            }
        }
    }
    if group.is_empty() && padding == 0 {
        return Ok(());
    }
    write_group(base, &group, out)?;
    Err(wrong())
}

fn write_group(base: &Base, group: &[u8], out: &mut impl Write) -> Outcome<()> {
    let value =
        (0..base.letters).fold(0u64, |value, at| value << base.bits | u64::from(group.get(at).copied().unwrap_or(0)));
    let count = group.len() * base.bits as usize / 8;
    let bytes = value.to_be_bytes();
    out.write_all(&bytes[8 - base.bytes..8 - base.bytes + count])?;
    Ok(())
}
