//! Backslash escapes of `$'…'`, `echo -e`, `printf`; and quoting, which is the way back.

use crate::bytes;

/// Where an escape stands: each has its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `$'…'`
    Ansi,
    /// `echo -e`
    Echo,
    /// The format of `printf`
    Format,
    /// `%b` of `printf`
    Argument,
}

/// The text of `$'…'`.
#[must_use]
pub fn ansi(text: &str) -> String {
    let (bytes, _) = expand(text, Kind::Ansi, false);
    // A zero ends it, as in C.
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes::decode(bytes.get(..end).unwrap_or_default())
}

/// What escapes stand for, and whether `\c` ended all output. With `ascii` there are no other letters, as in the C locale.
#[must_use]
pub fn expand(text: &str, kind: Kind, ascii: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.extend_from_slice(&bytes::encode(char.encode_utf8(&mut [0; 4])));
            continue;
        }
        let Some(&next) = chars.peek() else {
            out.push(b'\\');
            break;
        };
        chars.next();
        match next {
            'a' => out.push(7),
            'b' => out.push(8),
            'e' | 'E' => out.push(27),
            'f' => out.push(12),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'v' => out.push(11),
            '\\' => out.push(b'\\'),
            '\'' | '"' | '?' if kind == Kind::Ansi || (kind != Kind::Echo && next != '?') => out.push(next as u8),
            'c' if kind == Kind::Ansi => {
                if let Some(control) = chars.next() {
                    out.push((control as u32 as u8) & 0x1f);
                }
            }
            'c' if kind != Kind::Format => return (out, true),
            'x' if kind == Kind::Ansi && chars.next_if_eq(&'{').is_some() => {
                let value = digits(&mut chars, 16, 8).unwrap_or(0);
                chars.next_if_eq(&'}');
                out.push(value as u8);
            }
            'x' => match digits(&mut chars, 16, 2) {
                Some(value) => out.push(value as u8),
                None => out.extend_from_slice(b"\\x"),
            },
            'u' | 'U' => match digits(&mut chars, 16, if next == 'u' { 4 } else { 8 }) {
                Some(value) => out.extend_from_slice(letter(value, ascii).as_bytes()),
                None => {
                    out.push(b'\\');
                    out.push(next as u8);
                }
            },
            '0' if matches!(kind, Kind::Echo | Kind::Argument) => {
                out.push(digits(&mut chars, 8, 3).unwrap_or(0) as u8);
            }
            '0'..='7' if kind != Kind::Echo => {
                let mut value = next as u32 - 48;
                for _ in 0..2 {
                    let Some(digit) = chars.peek().and_then(|char| char.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    chars.next();
                }
                out.push(value as u8);
            }
            other => {
                out.push(b'\\');
                out.extend_from_slice(&bytes::encode(other.encode_utf8(&mut [0; 4])));
            }
        }
    }
    (out, false)
}

/// A letter by its number; where there are none but ASCII's, how it is written.
fn letter(value: u32, ascii: bool) -> String {
    match value {
        0x80..0x1_0000 if ascii => format!("\\u{value:04X}"),
        0x80.. if ascii => format!("\\U{value:08X}"),
        value => char::from_u32(value).unwrap_or('\u{fffd}').to_string(),
    }
}

fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, base: u32, most: usize) -> Option<u32> {
    let mut value = None;
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|char| char.to_digit(base)) else { break };
        value = Some(value.unwrap_or(0) * base + digit);
        chars.next();
    }
    value
}

/// As `%q` writes it: backslashes, or `$'…'` where there are characters that cannot be seen.
#[must_use]
pub fn quote_backslash(text: &str) -> String {
    if text.is_empty() {
        return "''".into();
    }
    if needs_ansi(text) {
        return quote_ansi(text);
    }
    let mut quoted = String::with_capacity(text.len() + 8);
    for (at, char) in text.char_indices() {
        let special = match char {
            '~' | '#' => at == 0,
            _ => " \t!\"$&'()*,;<>?[\\]^`{|}".contains(char),
        };
        if special {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted
}

/// In single quotes, as `@Q` and `declare -p` write it where they have to.
#[must_use]
pub fn quote_single(text: &str) -> String {
    if needs_ansi(text) { quote_ansi(text) } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// In single quotes where that is needed, as `set` and `-x` show values.
#[must_use]
pub fn quote_if_needed(text: &str) -> String {
    if needs_ansi(text) { quote_ansi(text) } else { quote_plainly(text) }
}

/// The same for POSIX, which has no `$'…'`.
#[must_use]
pub fn quote_plainly(text: &str) -> String {
    if text.is_empty() {
        return "''".into();
    }
    let plain = |(at, char): (usize, char)| match char {
        '~' | '#' => at != 0,
        _ => !" \t\n!\"$&'()*;<>?[\\]^`{|}".contains(char),
    };
    if text.char_indices().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// In double quotes, as `declare -p` writes values.
#[must_use]
pub fn quote_double(text: &str) -> String {
    if needs_ansi(text) {
        return quote_ansi(text);
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        if matches!(char, '"' | '$' | '`' | '\\') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted.push('"');
    quoted
}

fn is_smuggled(char: char) -> bool {
    (0x10_fe80..=0x10_feff).contains(&u32::from(char))
}

fn needs_ansi(text: &str) -> bool {
    text.chars().any(|char| char.is_control() || is_smuggled(char))
}

fn quote_ansi(text: &str) -> String {
    let mut quoted = String::from("$'");
    for char in text.chars() {
        match char {
            '\x07' => quoted.push_str("\\a"),
            '\x08' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\x0b' => quoted.push_str("\\v"),
            '\x0c' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            '\x1b' => quoted.push_str("\\E"),
            '\'' | '\\' => {
                quoted.push('\\');
                quoted.push(char);
            }
            char if char.is_control() || is_smuggled(char) => {
                for byte in &*bytes::encode(char.encode_utf8(&mut [0; 4])) {
                    quoted.push_str(&format!("\\{byte:03o}"));
                }
            }
            char => quoted.push(char),
        }
    }
    quoted.push('\'');
    quoted
}
