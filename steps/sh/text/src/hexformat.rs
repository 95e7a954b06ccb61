//! Formats of one's own for `hexdump`: `-e '16/1 "%02x " "\n"'`.
//!
//! Does not know where bytes come from.

use crate::options::Bytes;

enum Piece {
    Text(Bytes),
    /// A conversion: its flags, width and precision, its letter, and what follows `_`.
    Value {
        shape: Bytes,
        letter: u8,
        kind: u8,
        size: usize,
    },
}

struct Unit {
    times: usize,
    given: bool,
    size: usize,
    pieces: Vec<Piece>,
}

/// One format: units, one after the other.
pub struct Format(Vec<Unit>);

fn escaped(text: &[u8]) -> Bytes {
    let mut made = Bytes::new();
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        made.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(b'r') => b'\r',
                Some(b'a') => 7,
                Some(b'b') => 8,
                Some(b'f') => 12,
                Some(b'v') => 11,
                Some(b'0') => 0,
                Some(other) => *other,
                None => b'\\',
            },
            byte => *byte,
        });
    }
    made
}

/// How many bytes a conversion takes where its unit does not say.
fn default_size(letter: u8, kind: u8) -> usize {
    match (letter, kind) {
        (b'_', b'a' | b'A') => 0,
        (b'_' | b'c', _) => 1,
        (b'e' | b'E' | b'f' | b'g' | b'G', _) => 8,
        (b's', _) => 1,
        _ => 4,
    }
}

fn pieces(text: &[u8], size: usize) -> Result<Vec<Piece>, String> {
    let mut made = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'%' || text.get(at + 1) == Some(&b'%') {
            let length =
                text[at..].iter().skip(1).position(|byte| *byte == b'%').map_or(text.len() - at, |end| end + 1);
            let both = text[at] == b'%';
            made.push(Piece::Text(if both { b"%".to_vec() } else { text[at..at + length].to_vec() }));
            at += if both { 2 } else { length };
            continue;
        }
        let from = at + 1;
        let shape = text[from..].iter().take_while(|byte| b"-+ #.0123456789".contains(byte)).count();
        let letter = *text.get(from + shape).ok_or("format has no conversion behind %")?;
        let kind = if letter == b'_' { *text.get(from + shape + 1).unwrap_or(&0) } else { 0 };
        let known = match letter {
            b'_' => b"aAcpu".contains(&kind),
            letter => b"diouxXcseEfgG".contains(&letter),
        };
        if !known {
            return Err(format!("bad conversion character %{}", letter as char));
        }
        at = from + shape + 1;
        let mut kind = kind;
        if letter == b'_' {
            at += 1;
            if matches!(kind, b'a' | b'A') {
                // The base of the address follows.
                kind = *text.get(at).filter(|base| b"dox".contains(base)).ok_or("bad conversion character %_a")?;
                at += 1;
            }
        }
        let default = if letter == b'_' && b"dox".contains(&kind) { 0 } else { default_size(letter, kind) };
        let its = if default == 0 || size == 0 { default } else { size };
        made.push(Piece::Value { shape: text[from..from + shape].to_vec(), letter, kind, size: its });
    }
    Ok(made)
}

impl Format {
    pub fn new(text: &[u8]) -> Result<Self, String> {
        let mut units = Vec::new();
        let mut rest = text.trim_ascii();
        while !rest.is_empty() {
            let digits = |rest: &[u8]| rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let count = digits(rest);
            let times = crate::number::plain(&rest[..count]);
            rest = rest[count..].trim_ascii_start();
            let mut size = 0;
            if let Some(after) = rest.strip_prefix(b"/") {
                let count = digits(after);
                size = crate::number::plain(&after[..count]).unwrap_or(0) as usize;
                rest = after[count..].trim_ascii_start();
            }
            let inside = rest.strip_prefix(b"\"").ok_or("bad format")?;
            let mut end = 0;
            while *inside.get(end).ok_or("bad format")? != b'"' {
                end += 1 + usize::from(inside[end] == b'\\');
            }
            let pieces = pieces(&escaped(&inside[..end]), size)?;
            let total: usize =
                pieces.iter().map(|piece| if let Piece::Value { size, .. } = piece { *size } else { 0 }).sum();
            if size > 8
                || pieces
                    .iter()
                    .any(|piece| matches!(piece, Piece::Value { size, .. } if ![0, 1, 2, 4, 8].contains(size)))
            {
                return Err(format!("bad byte count {size} for conversion"));
            }
            let size = if size > 0 { size.max(total) } else { total };
            units.push(Unit { times: times.unwrap_or(1) as usize, given: times.is_some(), size, pieces });
            rest = inside[end + 1..].trim_ascii_start();
        }
        Ok(Self(units))
    }

    /// How many bytes the format takes.
    pub fn size(&self) -> usize {
        self.0.iter().map(|unit| unit.size * unit.times).sum()
    }

    /// Lets the last unit that may go on as often as the longest format needs.
    pub fn stretch(&mut self, block: usize) {
        let missing = block - self.size();
        if let Some(unit) = self.0.iter_mut().rev().find(|unit| unit.size > 0)
            && !unit.given
        {
            unit.times += missing / unit.size;
        }
    }

    /// Shows a block of which so many bytes are there.
    pub fn show(&self, block: &[u8], length: usize, place: u64, out: &mut Bytes) {
        let mut at = 0;
        for unit in &self.0 {
            for turn in 0..unit.times {
                if unit.size > 0
                    && at >= length
                    && length < block.len()
                    && !unit.pieces.iter().any(|piece| matches!(piece, Piece::Text(_)))
                {
                    at += unit.size;
                    continue;
                }
                let is_last = turn + 1 == unit.times && unit.times > 1;
                for (index, piece) in unit.pieces.iter().enumerate() {
                    match piece {
                        Piece::Text(text) => {
                            // Behind the last turn blanks are left out.
                            let last = is_last && index + 1 == unit.pieces.len();
                            out.extend_from_slice(if last { text.trim_ascii_end() } else { text });
                        }
                        Piece::Value { shape, letter, kind, size } => {
                            let from = at.min(block.len());
                            let bytes = &block[from..(at + size).min(block.len())];
                            value(shape, *letter, *kind, bytes, place + at as u64, *size == 0 || at < length, out);
                            at += size;
                        }
                    }
                }
            }
        }
    }
}

fn value(shape: &[u8], letter: u8, kind: u8, bytes: &[u8], place: u64, is_there: bool, out: &mut Bytes) {
    let format = |letter: u8| [b"%", shape, &[letter]].concat();
    let number = bytes.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let mut made = Bytes::new();
    let text = |text: &str, made: &mut Bytes| {
        let width: Bytes = shape.iter().copied().filter(|byte| *byte != b'0' || shape.len() > 1).collect();
        let width: usize = String::from_utf8_lossy(&width).trim_start_matches('-').parse().unwrap_or(0);
        let left = shape.starts_with(b"-");
        let text = if left { format!("{text:<width$}") } else { format!("{text:>width$}") };
        made.extend_from_slice(text.as_bytes());
    };
    match (letter, kind) {
        (b'_', b'd' | b'o' | b'x') => crate::awk::format_number(&format(kind), place as f64, &mut made),
        (b'_', b'p') => {
            let byte = bytes.first().copied().unwrap_or(0);
            text(&((if (32..127).contains(&byte) { byte } else { b'.' }) as char).to_string(), &mut made);
        }
        (b'_', _) => text(&super::hexdump::letter(bytes.first().copied().unwrap_or(0)), &mut made),
        (b'c', _) => made.extend(bytes.first()),
        (b's', _) => made.extend(bytes.iter().take_while(|byte| **byte != 0)),
        (b'd' | b'i', _) => {
            let shift = 64 - bytes.len().max(1) * 8;
            crate::awk::format_number(&format(letter), (((number << shift) as i64) >> shift) as f64, &mut made);
        }
        (b'e' | b'E' | b'f' | b'g' | b'G', _) => {
            let number =
                if bytes.len() == 4 { f64::from(f32::from_bits(number as u32)) } else { f64::from_bits(number) };
            crate::awk::format_number(&format(letter), number, &mut made);
        }
        _ => crate::awk::format_number(&format(letter), number as f64, &mut made),
    }
    if is_there {
        out.extend_from_slice(&made);
    } else {
        // What is not there takes only the width that was asked for.
        let digits: Bytes =
            shape.iter().copied().skip_while(|byte| !byte.is_ascii_digit()).take_while(u8::is_ascii_digit).collect();
        let width = crate::number::plain(&digits).unwrap_or(0) as usize;
        out.extend(std::iter::repeat_n(b' ', width));
    }
}
