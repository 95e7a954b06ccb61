//! Sets of bytes, as bracket expressions and classes write them.
//!
//! Does not know what is around them.

use super::syntax::{Flavour, Parser};
use std::fmt;

/// A set of bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Set(pub [bool; 256]);

impl fmt::Debug for Set {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries((0..=255u8).filter(|byte| self.has(*byte))).finish()
    }
}

impl Set {
    pub fn none() -> Self {
        Self([false; 256])
    }

    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    pub fn add(&mut self, byte: u8) {
        self.0[usize::from(byte)] = true;
    }

    pub fn remove(&mut self, byte: u8) {
        self.0[usize::from(byte)] = false;
    }

    /// Adds each letter's other case.
    pub fn fold(&mut self) {
        for byte in b'a'..=b'z' {
            let either = self.has(byte) || self.has(byte.to_ascii_uppercase());
            self.0[usize::from(byte)] = either;
            self.0[usize::from(byte.to_ascii_uppercase())] = either;
        }
    }
}

/// All bytes that are so.
pub fn every(inside: impl Fn(u8) -> bool) -> Set {
    Set(std::array::from_fn(|byte| inside(byte as u8)))
}

/// Whether a byte is part of a word.
pub fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const UNMATCHED: &str = "Unmatched [, [^, [:, [., or [=";

/// What follows `[`, up to its end.
pub fn bracket(parser: &mut Parser<'_>) -> Result<Set, &'static str> {
    let mut set = Set::none();
    let negative = parser.text.get(parser.at) == Some(&b'^');
    parser.at += usize::from(negative);
    let first = parser.at;
    loop {
        let Some(&byte) = parser.text.get(parser.at) else { return Err(UNMATCHED) };
        if byte == b']' && parser.at > first {
            parser.at += 1;
            break;
        }
        if byte == b'[' && parser.text.get(parser.at + 1) == Some(&b':') {
            let inside = &parser.text[parser.at + 2..];
            let end = memchr::memmem::find(inside, b":]").ok_or(UNMATCHED)?;
            let (_, class) = crate::bytes::class(&inside[..end]).ok_or("Invalid character class name")?;
            (0..=255u8).filter(class).for_each(|byte| set.add(byte));
            parser.at += end + 4;
            continue;
        }
        if perl_class(parser, &mut set) {
            continue;
        }
        let from = element(parser)?;
        let is_range = parser.text.get(parser.at) == Some(&b'-')
            && parser.text.get(parser.at + 1).is_some_and(|byte| *byte != b']');
        if !is_range {
            set.add(from);
            continue;
        }
        parser.at += 1;
        let to = element(parser)?;
        if to < from {
            return Err("Invalid range end");
        }
        (from..=to).for_each(|byte| set.add(byte));
    }
    Ok(if negative { every(|byte| !set.has(byte)) } else { set })
}

/// `\d` and the like inside brackets, which only Perl has.
fn perl_class(parser: &mut Parser<'_>, set: &mut Set) -> bool {
    if parser.reading.flavour != Flavour::Perl || parser.text[parser.at] != b'\\' {
        return false;
    }
    let inside: fn(u8) -> bool = match parser.text.get(parser.at + 1) {
        Some(b'd') => |byte| byte.is_ascii_digit(),
        Some(b'D') => |byte| !byte.is_ascii_digit(),
        Some(b'w') => word,
        Some(b'W') => |byte| !word(byte),
        Some(b's') => |byte| byte.is_ascii_whitespace() || byte == 11,
        Some(b'S') => |byte| !(byte.is_ascii_whitespace() || byte == 11),
        Some(b'h') => |byte| byte == b' ' || byte == b'\t',
        _ => return false,
    };
    parser.at += 2;
    (0..=255u8).filter(|byte| inside(*byte)).for_each(|byte| set.add(byte));
    true
}

/// One byte of a bracket expression, which may be an end of a range.
fn element(parser: &mut Parser<'_>) -> Result<u8, &'static str> {
    let rest = &parser.text[parser.at..];
    let &byte = rest.first().ok_or(UNMATCHED)?;
    if byte == b'[' && matches!(rest.get(1), Some(b'.' | b'=')) {
        let mark = rest[1];
        let end = memchr::memmem::find(&rest[2..], &[mark, b']']).ok_or(UNMATCHED)?;
        if end != 1 {
            return Err("Invalid collation character");
        }
        parser.at += 5;
        return Ok(rest[2]);
    }
    parser.at += 1;
    if byte == b'\\' {
        if let Some((byte, length)) = parser.escaped_byte() {
            parser.at += length;
            return Ok(byte);
        }
        let escapes_all = matches!(parser.reading.flavour, Flavour::Awk | Flavour::Perl);
        if escapes_all && let Some(&byte) = parser.text.get(parser.at) {
            parser.at += 1;
            return Ok(byte);
        }
    }
    Ok(byte)
}
