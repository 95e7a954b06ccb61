//! Text that others wrote, made safe for a terminal: of a guest's control characters only
//! colours pass, everything else is shown escaped.
//!
//! Knows control characters, SGR sequences and bidirectional overrides. Does not know where
//! the text came from; stored logs keep their bytes.

/// Most characters of one line that are shown; the rest is counted.
pub const MAX_SHOWN_LINE: usize = 16 << 10;

/// Longest SGR sequence that passes, in bytes after `ESC [`.
const MAX_SGR: usize = 48;

/// One line of a guest's output for a terminal. With `colours`, SGR colour sequences pass and
/// are reset at the end of the line; without, they are left out.
#[must_use]
pub fn line(bytes: &[u8], colours: bool) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let mut shown = Shown::default();
    let mut rest = bytes;
    let mut coloured = false;
    while !rest.is_empty() && shown.count < MAX_SHOWN_LINE {
        if let Some((sequence, tail)) = sgr(rest) {
            if colours {
                shown.text.push_str(sequence);
                coloured = true;
            }
            rest = tail;
            continue;
        }
        rest = shown.push_next(rest);
    }
    if coloured {
        shown.text.push_str("\x1b[0m");
    }
    if !rest.is_empty() {
        shown.text.push_str(&format!(" … ({} bytes more)", rest.len()));
    }
    shown.text
}

/// A name or a short text, on one line: nothing but printable characters remains.
#[must_use]
pub fn name(text: &str) -> String {
    escaped(text, false)
}

/// A message that may have several lines: line breaks and tabs stay, everything else as in [`name`].
#[must_use]
pub fn message(text: &str) -> String {
    escaped(text, true)
}

/// The escaped form of a character that must not reach a terminal; `None` where it may.
#[must_use]
pub fn escape(c: char) -> Option<String> {
    hidden(c).then(|| match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if u32::from(c) < 0x100 => format!("\\x{:02x}", u32::from(c)),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    })
}

fn escaped(text: &str, lines: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(escaped) if !(lines && matches!(c, '\n' | '\t')) => shown.push_str(&escaped),
            Some(_) | None => shown.push(c),
        }
    }
    shown
}

/// Control characters of both sets, separators that break lines, marks that change the
/// direction of text, and invisible tags.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[derive(Default)]
struct Shown {
    text: String,
    count: usize,
}

impl Shown {
    /// Shows the first character (or invalid byte) of `bytes` and returns the rest.
    fn push_next<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.count += 1;
        let window = bytes.get(..4).unwrap_or(bytes);
        let valid = match std::str::from_utf8(window) {
            Ok(text) => text,
            // What is valid before the error is a character of its own; an error at the very
            // start is one raw byte.
            Err(error) => std::str::from_utf8(window.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or(""),
        };
        match (valid.chars().next(), bytes.split_first()) {
            (Some(c), _) => {
                match escape(c).filter(|_| c != '\t') {
                    Some(escaped) => self.text.push_str(&escaped),
                    None => self.text.push(c),
                }
                bytes.get(c.len_utf8()..).unwrap_or_default()
            }
            (None, Some((byte, rest))) => {
                self.text.push_str(&format!("\\x{byte:02x}"));
                rest
            }
            (None, None) => bytes,
        }
    }
}

/// An SGR sequence at the start of `bytes` whose every code is a colour or a weight.
fn sgr(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let body = bytes.strip_prefix(b"\x1b[")?;
    let end = body.iter().take(MAX_SGR).position(|b| !matches!(b, b'0'..=b'9' | b';' | b':'))?;
    if body.get(end) != Some(&b'm') {
        return None;
    }
    let codes = std::str::from_utf8(body.get(..end)?).ok()?;
    if !colours_only(codes) {
        return None;
    }
    let sequence = std::str::from_utf8(bytes.get(..end + 3)?).ok()?;
    Some((sequence, bytes.get(end + 3..)?))
}

/// Whether the codes are colours and weights only: no blinking, no concealed text.
fn colours_only(codes: &str) -> bool {
    let mut parts = codes.split(';');
    while let Some(part) = parts.next() {
        // The colon form carries its arguments itself: 38:2::R:G:B, 4:3.
        let code = part.split(':').next().unwrap_or("");
        match code.trim_start_matches('0').parse::<u32>() {
            Err(_) if code.trim_start_matches('0').is_empty() => {}
            Ok(38 | 48 | 58) if !part.contains(':') => {
                let arguments = match parts.next() {
                    Some("5") => 1,
                    Some("2") => 3,
                    _ => return false,
                };
                if (0..arguments).any(|_| parts.next().is_none_or(|n| n.parse::<u8>().is_err())) {
                    return false;
                }
            }
            Ok(1..=4 | 7 | 9 | 21..=24 | 27 | 29..=49 | 58 | 59 | 90..=97 | 100..=107) => {}
            Ok(_) | Err(_) => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &[u8], shown: &str) {
        assert_eq!(line(input, true), shown);
    }

    #[test]
    fn colours_pass_and_are_reset() {
        check(b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m\x1b[0m");
        check(b"\x1b[1;38;5;208mx", "\x1b[1;38;5;208mx\x1b[0m");
        check(b"\x1b[38;2;1;2;3mx", "\x1b[38;2;1;2;3mx\x1b[0m");
        check(b"\x1b[mx", "\x1b[mx\x1b[0m");
        assert_eq!(line(b"\x1b[31mred\x1b[0m", false), "red");
    }

    #[test]
    fn everything_else_is_shown() {
        for (input, shown) in [
            (&b"\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\"[..], "\\x1b]8;;http://evil\\x1b\\click\\x1b]8;;\\x1b\\"),
            (b"\x1b]52;c;cm0gLXJm\x07", "\\x1b]52;c;cm0gLXJm\\x07"),
            (b"\x1b]0;title\x07", "\\x1b]0;title\\x07"),
            (b"\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"),
            (b"\x1b[3Aup", "\\x1b[3Aup"),
            (b"\x1b[6n", "\\x1b[6n"),
            (b"\x1bc", "\\x1bc"),
            (b"\x1bP1$r\x1b\\", "\\x1bP1$r\\x1b\\"),
            (b"\x1b[8mhidden", "\\x1b[8mhidden"),
            (b"\x1b[5mblink", "\\x1b[5mblink"),
            (b"\x1b[38;8mx", "\\x1b[38;8mx"),
            (b"\x1b[31", "\\x1b[31"),
            (b"\x1b[?25l", "\\x1b[?25l"),
            (b"100%\rok", "100%\\rok"),
            (b"a\x08b\x00\x7f", "a\\x08b\\x00\\x7f"),
            ("\u{9b}2J\u{85}".as_bytes(), "\\x9b2J\\x85"),
            ("\u{202e}gpj.exe\u{2066}".as_bytes(), "\\u{202e}gpj.exe\\u{2066}"),
            (b"\xff\xc3(", "\\xff\\xc3("),
            (b"\xf0\x9f\x8e", "\\xf0\\x9f\\x8e"),
            ("tab\tüñ🎉".as_bytes(), "tab\tüñ🎉"),
            (b"ends\r\n", "ends"),
        ] {
            check(input, shown);
        }
    }

    #[test]
    fn overlong_lines_are_cut() {
        let shown = line(&vec![b'x'; MAX_SHOWN_LINE + 5], true);
        assert!(shown.ends_with("x … (5 bytes more)"), "{}", &shown[shown.len() - 40..]);
        let long_sequence = [b"\x1b[".as_slice(), &[b'1'; 4096], b"m"].concat();
        assert!(line(&long_sequence, true).starts_with("\\x1b["));
    }

    #[test]
    fn names_stay_on_one_line() {
        assert_eq!(name("a\nb\x1b[31mc"), "a\\nb\\x1b[31mc");
        assert_eq!(message("a\nb\x1b[31mc"), "a\nb\\x1b[31mc");
    }
}
