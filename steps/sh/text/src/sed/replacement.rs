//! What `s` puts in a match's place, and how `l` shows a text.
//!
//! Does not know where the match came from.

use crate::options::Bytes;
use crate::regex::Slots;

/// A piece of a replacement.
#[derive(Debug)]
pub enum Part {
    Text(Bytes),
    Group(usize),
    Case(Case),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Case {
    /// `\U`, `\L`: all that follows, up to `\E`.
    Upper,
    Lower,
    End,
    /// `\u`, `\l`: the next letter.
    OneUpper,
    OneLower,
}

/// The pieces, and the highest group among them.
pub fn replacement(text: &[u8]) -> (Vec<Part>, usize) {
    let (mut parts, mut plain, mut highest) = (Vec::new(), Bytes::new(), 0);
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        let part = match (byte, text.get(at)) {
            (b'&', _) => Part::Group(0),
            (b'\\', Some(next)) => {
                at += 1;
                match next {
                    b'0'..=b'9' => {
                        highest = highest.max(usize::from(next - b'0'));
                        Part::Group(usize::from(next - b'0'))
                    }
                    b'U' => Part::Case(Case::Upper),
                    b'L' => Part::Case(Case::Lower),
                    b'E' => Part::Case(Case::End),
                    b'u' => Part::Case(Case::OneUpper),
                    b'l' => Part::Case(Case::OneLower),
                    _ => {
                        let (byte, more) = escape(*next, &text[at..]);
                        plain.push(byte);
                        at += more;
                        continue;
                    }
                }
            }
            _ => {
                plain.push(byte);
                continue;
            }
        };
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(part);
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    (parts, highest)
}

/// The byte that an escape stands for, and how much of what follows belongs to it.
pub fn escape(letter: u8, rest: &[u8]) -> (u8, usize) {
    let based = |base: u32, most: usize| {
        let digits = rest.iter().take(most).take_while(|byte| (**byte as char).is_digit(base)).count();
        let value = |n: u32, byte: &u8| n * base + (*byte as char).to_digit(base).unwrap_or(0);
        (digits > 0).then(|| (rest[..digits].iter().fold(0, value) as u8, digits))
    };
    match letter {
        b'n' => (b'\n', 0),
        b't' => (b'\t', 0),
        b'r' => (b'\r', 0),
        b'f' => (12, 0),
        b'v' => (11, 0),
        b'a' => (7, 0),
        b'x' => based(16, 2).unwrap_or((b'x', 0)),
        b'o' => based(8, 3).unwrap_or((b'o', 0)),
        b'd' => based(10, 3).unwrap_or((b'd', 0)),
        b'c' if !rest.is_empty() => (rest[0].to_ascii_uppercase() ^ 64, 1),
        other => (other, 0),
    }
}

/// Writes a replacement for a match.
pub fn write(parts: &[Part], text: &[u8], slots: &Slots, out: &mut Bytes) {
    let (mut all, mut one) = (Case::End, None);
    for part in parts {
        let piece: &[u8] = match part {
            Part::Text(piece) => piece,
            Part::Group(number) => match (slots.get(number * 2), slots.get(number * 2 + 1)) {
                (Some(Some(from)), Some(Some(to))) => &text[*from..*to],
                _ => b"",
            },
            Part::Case(case @ (Case::OneUpper | Case::OneLower)) => {
                one = Some(*case);
                continue;
            }
            Part::Case(case) => {
                (all, one) = (*case, None);
                continue;
            }
        };
        let from = out.len();
        out.extend_from_slice(piece);
        match all {
            Case::Upper => out[from..].make_ascii_uppercase(),
            Case::Lower => out[from..].make_ascii_lowercase(),
            _ => {}
        }
        if let (Some(case), Some(first)) = (one, out.get_mut(from)) {
            if case == Case::OneUpper {
                first.make_ascii_uppercase()
            } else {
                first.make_ascii_lowercase()
            }
            one = None;
        }
    }
}

/// As `l` shows a text.
pub fn list(text: &[u8], width: usize) -> Bytes {
    let (mut shown, mut column) = (Bytes::new(), 0);
    let width = if width > 1 { width - 1 } else { usize::MAX };
    for byte in text {
        let piece = match byte {
            b'\\' => "\\\\".to_owned(),
            7 => "\\a".to_owned(),
            8 => "\\b".to_owned(),
            12 => "\\f".to_owned(),
            b'\n' => "\\n".to_owned(),
            b'\r' => "\\r".to_owned(),
            b'\t' => "\\t".to_owned(),
            11 => "\\v".to_owned(),
            32..127 => (*byte as char).to_string(),
            _ => format!("\\{byte:03o}"),
        };
        if column + piece.len() > width {
            shown.extend_from_slice(b"\\\n");
            column = 0;
        }
        column += piece.len();
        shown.extend_from_slice(piece.as_bytes());
    }
    shown.extend_from_slice(b"$\n");
    shown
}
