//! `printf`: its formats, escapes and numbers.
//!
//! Knows GNU's `printf`, with `%b`, `%q` and numbers as in C. Does not know any locale.

use crate::outcome::{Failed, Outcome, broken_pipe, output, quoted, say};
use std::ffi::OsString;
use std::io::Write;

struct Printing {
    arguments: std::vec::IntoIter<OsString>,
    /// Whether an argument was taken in this turn.
    taken: bool,
    code: i32,
    bytes: Vec<u8>,
}

/// A conversion's marks.
#[derive(Debug, Default, Clone)]
pub struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    pub width: usize,
    pub precision: Option<usize>,
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let mut arguments = arguments.into_iter().skip(1).collect::<Vec<_>>();
    if arguments.first().is_some_and(|one| one == "--") {
        arguments.remove(0);
    } else if arguments.len() == 1 && arguments[0] == "--version" {
        println!("printf (stepwell userland) {}", env!("CARGO_PKG_VERSION"));
        return Ok(0);
    }
    if arguments.is_empty() {
        return Err(Failed::from("missing operand\nTry 'printf --help' for more information."));
    }
    let format = arguments.remove(0);
    let mut printing = Printing { arguments: arguments.into_iter(), taken: false, code: 0, bytes: Vec::new() };
    let mut out = output();
    loop {
        printing.taken = false;
        let answer = printing.turn(format.as_encoded_bytes());
        if let Err(error) = out.write_all(&std::mem::take(&mut printing.bytes)) {
            return Err(error.into());
        }
        let stop = match answer {
            Ok(stop) => stop,
            Err(error) => {
                out.flush()?;
                return Err(error);
            }
        };
        if stop || printing.arguments.len() == 0 {
            break;
        }
        if !printing.taken {
            out.flush()?;
            let first = printing.arguments.next().unwrap_or_default();
            say("printf", &format!("warning: ignoring excess arguments, starting with {}", quoted(first)));
            break;
        }
    }
    match out.flush() {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(broken_pipe()),
        answer => answer.map(|()| printing.code).map_err(Failed::from),
    }
}

impl Printing {
    fn next(&mut self) -> Option<OsString> {
        let next = self.arguments.next();
        self.taken |= next.is_some();
        next
    }

    /// Goes through the format once; says whether `\c` ended it.
    fn turn(&mut self, format: &[u8]) -> Outcome<bool> {
        let mut at = 0;
        while at < format.len() {
            match format[at] {
                b'\\' => {
                    let (bytes, used, stop) = escape(&format[at..], false);
                    if stop {
                        return Ok(true);
                    }
                    self.bytes.extend(bytes);
                    at += used;
                }
                b'%' => {
                    if format.get(at + 1) == Some(&b'%') {
                        self.bytes.push(b'%');
                        at += 2;
                        continue;
                    }
                    let begin = at;
                    let mut spec = Spec::default();
                    let letter = self.spec(format, &mut at, &mut spec)?;
                    let Some(letter) = letter else {
                        let text = String::from_utf8_lossy(&format[begin..at]).into_owned();
                        return Err(Failed::from(format!("{text}: invalid conversion specification")));
                    };
                    if self.conversion(letter, &spec)? {
                        return Ok(true);
                    }
                }
                byte => {
                    self.bytes.push(byte);
                    at += 1;
                }
            }
        }
        Ok(false)
    }

    fn spec(&mut self, format: &[u8], at: &mut usize, spec: &mut Spec) -> Outcome<Option<u8>> {
        *at += 1;
        while let Some(byte) = format.get(*at) {
            match byte {
                b'-' => spec.left = true,
                b'0' => spec.zero = true,
                b'+' => spec.plus = true,
                b' ' => spec.space = true,
                b'#' => spec.alternate = true,
                b'\'' => {}
                _ => break,
            }
            *at += 1;
        }
        if let Some(width) = self.star_or_digits(format, at) {
            spec.left |= width < 0;
            spec.width = width.unsigned_abs() as usize;
        }
        if format.get(*at) == Some(&b'.') {
            *at += 1;
            let precision = self.star_or_digits(format, at).unwrap_or(0);
            spec.precision = usize::try_from(precision).ok();
        }
        while format.get(*at).is_some_and(|byte| b"hlLjzt".contains(byte)) {
            *at += 1;
        }
        let letter = format.get(*at).copied();
        *at = (*at + 1).min(format.len());
        Ok(letter.filter(|letter| b"diouxXeEfFgGaAcsbq".contains(letter)))
    }

    fn star_or_digits(&mut self, format: &[u8], at: &mut usize) -> Option<i64> {
        if format.get(*at) == Some(&b'*') {
            *at += 1;
            let value = self.next().unwrap_or_default();
            return Some(self.integer(&value) as i64);
        }
        let begin = *at;
        while format.get(*at).is_some_and(u8::is_ascii_digit) {
            *at += 1;
        }
        std::str::from_utf8(&format[begin..*at]).ok()?.parse().ok()
    }

    fn conversion(&mut self, letter: u8, spec: &Spec) -> Outcome<bool> {
        let argument = self.next();
        match letter {
            b's' => {
                let text = argument.unwrap_or_default();
                let text = text.as_encoded_bytes();
                let text = &text[..spec.precision.unwrap_or(usize::MAX).min(text.len())];
                self.padded(text, spec);
            }
            b'b' => {
                let (bytes, stop) = unescaped(argument.unwrap_or_default().as_encoded_bytes(), true);
                self.padded(&bytes[..spec.precision.unwrap_or(usize::MAX).min(bytes.len())], spec);
                return Ok(stop);
            }
            b'q' => {
                let text = argument.unwrap_or_default();
                let shown = crate::outcome::plain(&text);
                self.padded(shown.as_bytes(), spec);
            }
            b'c' => {
                let text = argument.unwrap_or_default();
                let one: Vec<u8> = text.as_encoded_bytes().iter().take(1).copied().collect();
                self.padded(&one, spec);
            }
            b'd' | b'i' => {
                let value = argument.map_or(0, |text| self.integer(&text));
                let value = self.clamp(value, i128::from(i64::MIN), i128::from(i64::MAX));
                let text = signed(value, spec);
                self.bytes.extend(text.bytes());
            }
            b'o' | b'u' | b'x' | b'X' => {
                let value = argument.map_or(0, |text| self.integer(&text));
                let value = self.clamp(value, -i128::from(u64::MAX), i128::from(u64::MAX));
                let text = unsigned(value as u64, letter, spec);
                self.bytes.extend(text.bytes());
            }
            _ => {
                let value = argument.map_or(0.0, |text| self.float(&text));
                let text = float(value, letter, spec);
                self.bytes.extend(text.bytes());
            }
        }
        Ok(false)
    }

    fn clamp(&mut self, value: i128, least: i128, most: i128) -> i128 {
        if value < least || value > most {
            say("printf", &format!("{}: Numerical result out of range", quoted(value.to_string())));
            self.code = 1;
        }
        value.clamp(least, most)
    }

    fn padded(&mut self, text: &[u8], spec: &Spec) {
        let room = spec.width.saturating_sub(text.len());
        if !spec.left {
            self.bytes.extend(std::iter::repeat_n(b' ', room));
        }
        self.bytes.extend(text);
        if spec.left {
            self.bytes.extend(std::iter::repeat_n(b' ', room));
        }
    }

    fn bad(&mut self, text: &str, rest: &str) {
        let what = if rest == text { "expected a numeric value" } else { "value not completely converted" };
        say("printf", &format!("{}: {what}", quoted(text)));
        self.code = 1;
    }

    fn integer(&mut self, text: &OsString) -> i128 {
        let whole = text.to_string_lossy().into_owned();
        if let Some(quoted) = whole.strip_prefix(['\'', '"']) {
            return quoted.chars().next().map_or(0, |one| i128::from(one as u32));
        }
        let trimmed = whole.trim_start();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (radix, digits) = match digits {
            digits if digits.starts_with("0x") || digits.starts_with("0X") => (16, &digits[2..]),
            digits if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
            digits => (10, digits),
        };
        let end = digits.find(|one: char| !one.is_digit(radix)).unwrap_or(digits.len());
        let rest = &digits[end..];
        if !rest.is_empty() || whole.is_empty() || end == 0 && radix == 10 {
            let nothing = end == 0 && radix == 10;
            self.bad(&whole, if nothing { &whole } else { rest });
        }
        let mut value: i128 = 0;
        for digit in digits[..end].chars().filter_map(|one| one.to_digit(radix)) {
            value = value.saturating_mul(i128::from(radix)).saturating_add(i128::from(digit));
        }
        if negative { -value } else { value }
    }

    fn float(&mut self, text: &OsString) -> f64 {
        let whole = text.to_string_lossy().into_owned();
        if let Some(quoted) = whole.strip_prefix(['\'', '"']) {
            return quoted.chars().next().map_or(0.0, |one| f64::from(one as u32));
        }
        let trimmed = whole.trim_start();
        if trimmed.trim_start_matches(['-', '+']).to_ascii_lowercase().starts_with("0x") {
            return self.integer(text) as f64;
        }
        let longest = (0..=trimmed.len()).rev().filter(|end| trimmed.is_char_boundary(*end));
        for end in longest {
            if let Ok(value) = trimmed[..end].parse::<f64>() {
                if end < trimmed.len() {
                    self.bad(&whole, &trimmed[end..]);
                }
                return value;
            }
        }
        self.bad(&whole, &whole);
        0.0
    }
}

fn signed(value: i128, spec: &Spec) -> String {
    let digits = value.unsigned_abs().to_string();
    let digits = spec.precision.map_or(digits.clone(), |least| format!("{digits:0>least$}"));
    let sign = if value < 0 {
        "-"
    } else if spec.plus {
        "+"
    } else if spec.space {
        " "
    } else {
        ""
    };
    filled(sign, &digits, spec, spec.precision.is_none())
}

fn unsigned(value: u64, letter: u8, spec: &Spec) -> String {
    let digits = match letter {
        b'o' => format!("{value:o}"),
        b'x' => format!("{value:x}"),
        b'X' => format!("{value:X}"),
        _ => value.to_string(),
    };
    let mut digits = spec.precision.map_or(digits.clone(), |least| format!("{digits:0>least$}"));
    let prefix = match letter {
        b'x' if spec.alternate && value != 0 => "0x",
        b'X' if spec.alternate && value != 0 => "0X",
        _ => "",
    };
    if letter == b'o' && spec.alternate && !digits.starts_with('0') {
        digits.insert(0, '0');
    }
    filled(prefix, &digits, spec, spec.precision.is_none())
}

fn filled(sign: &str, digits: &str, spec: &Spec, zeros: bool) -> String {
    let room = spec.width.saturating_sub(sign.len() + digits.len());
    match () {
        () if spec.left => format!("{sign}{digits}{}", " ".repeat(room)),
        () if spec.zero && zeros => format!("{sign}{}{digits}", "0".repeat(room)),
        () => format!("{}{sign}{digits}", " ".repeat(room)),
    }
}

fn float(value: f64, letter: u8, spec: &Spec) -> String {
    let upper = letter.is_ascii_uppercase();
    let magnitude = value.abs();
    let sign = if value.is_sign_negative() {
        "-"
    } else if spec.plus {
        "+"
    } else if spec.space {
        " "
    } else {
        ""
    };
    if !magnitude.is_finite() {
        let text = if magnitude.is_nan() { "nan" } else { "inf" };
        let text = if upper { text.to_uppercase() } else { text.to_owned() };
        return filled(sign, &text, spec, false);
    }
    let precision = spec.precision.unwrap_or(6);
    let text = match letter.to_ascii_lowercase() {
        b'f' => format!("{magnitude:.precision$}"),
        b'e' => scientific(magnitude, precision),
        b'a' => hexadecimal(magnitude, spec.precision),
        _ => general(magnitude, precision, spec.alternate),
    };
    let text = if upper { text.to_uppercase() } else { text };
    filled(sign, &text, spec, true)
}

/// `1.5e+10`, with two digits of exponent at least.
pub fn scientific(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// C's `%g`.
pub fn general(value: f64, precision: usize, keep_zeros: bool) -> String {
    let precision = precision.max(1);
    let rounded = format!("{value:.*e}", precision - 1);
    let exponent: i32 = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let trim = |text: String| {
        if keep_zeros || !text.contains('.') {
            text
        } else {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    if exponent < -4 || exponent >= precision as i32 {
        let text = scientific(value, precision - 1);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
        return format!("{}e{exponent}", trim(mantissa.to_owned()));
    }
    trim(format!("{value:.*}", (precision as i32 - 1 - exponent).max(0) as usize))
}

fn hexadecimal(value: f64, precision: Option<usize>) -> String {
    if value == 0.0 {
        return "0x0p+0".to_owned();
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1023;
    let mut digits = format!("{:013x}", bits & ((1 << 52) - 1));
    match precision {
        Some(precision) => digits.truncate(precision),
        None => digits = digits.trim_end_matches('0').to_owned(),
    }
    let point = if digits.is_empty() { "" } else { "." };
    format!("0x1{point}{digits}p{exponent:+}")
}

/// A number by a format with one conversion, as `seq -f` has it.
pub fn one_number(format: &str, value: f64) -> Result<Vec<u8>, String> {
    let mut printing = Printing { arguments: Vec::new().into_iter(), taken: false, code: 0, bytes: Vec::new() };
    let bytes = format.as_bytes();
    let (mut at, mut seen) = (0, false);
    while at < bytes.len() {
        if bytes[at] == b'%' && bytes.get(at + 1) == Some(&b'%') {
            printing.bytes.push(b'%');
            at += 2;
        } else if bytes[at] == b'%' {
            let mut spec = Spec::default();
            let letter = printing.spec(bytes, &mut at, &mut spec).ok().flatten();
            match letter.filter(|letter| b"eEfFgGaA".contains(letter)) {
                Some(letter) if !seen => printing.bytes.extend(float(value, letter, &spec).bytes()),
                Some(_) => return Err(format!("format {} has too many % directives", quoted(format))),
                None => {
                    let letter = bytes.get(at - 1).map_or(' ', |byte| char::from(*byte));
                    return Err(format!("format {} has unknown %{letter} directive", quoted(format)));
                }
            }
            seen = true;
        } else {
            printing.bytes.push(bytes[at]);
            at += 1;
        }
    }
    if seen { Ok(printing.bytes) } else { Err(format!("format {} has no % directive", quoted(format))) }
}

/// A text with its escapes read; says whether `\c` ended it. With `zero`, octal numbers begin with a zero.
pub fn unescaped(text: &[u8], zero: bool) -> (Vec<u8>, bool) {
    let mut answer = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'\\' {
            let (bytes, used, stop) = escape(&text[at..], zero);
            if stop {
                return (answer, true);
            }
            answer.extend(bytes);
            at += used;
        } else {
            answer.push(text[at]);
            at += 1;
        }
    }
    (answer, false)
}

/// What an escape stands for, how long it is, and whether it ends all.
fn escape(text: &[u8], zero: bool) -> (Vec<u8>, usize, bool) {
    let digits = |from: usize, most: usize, radix: u32| {
        let end = text[from..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let value = std::str::from_utf8(&text[from..from + end])
            .ok()
            .and_then(|digits| u32::from_str_radix(digits, radix).ok());
        (value.unwrap_or(0), end)
    };
    let one = |byte: u8| (vec![byte], 2, false);
    match text.get(1) {
        Some(b'n') => one(b'\n'),
        Some(b't') => one(b'\t'),
        Some(b'r') => one(b'\r'),
        Some(b'a') => one(7),
        Some(b'b') => one(8),
        Some(b'f') => one(12),
        Some(b'v') => one(11),
        Some(b'e') => one(27),
        Some(b'\\') => one(b'\\'),
        Some(b'"') if !zero => one(b'"'),
        Some(b'c') => (Vec::new(), 2, true),
        Some(b'x') => match digits(2, 2, 16) {
            (_, 0) => (text[..2].to_vec(), 2, false),
            (value, used) => (vec![value as u8], 2 + used, false),
        },
        Some(b'0') if zero => {
            let (value, used) = digits(2, 3, 8);
            (vec![value as u8], 2 + used, false)
        }
        Some(b'0'..=b'7') => {
            let (value, used) = digits(1, 3, 8);
            (vec![value as u8], 1 + used, false)
        }
        Some(letter @ (b'u' | b'U')) => {
            let (value, used) = digits(2, if *letter == b'u' { 4 } else { 8 }, 16);
            (letter_of(value), 2 + used, false)
        }
        Some(other) => (vec![b'\\', *other], 2, false),
        None => (vec![b'\\'], 1, false),
    }
}

/// A character by its number; where a script asks for ASCII alone (`LC_ALL=C`), what others are written as there.
fn letter_of(value: u32) -> Vec<u8> {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os).find(|text| !text.is_empty());
    match set.as_ref().and_then(|text| text.to_str()) {
        Some("C" | "POSIX") if (0x80..0x1_0000).contains(&value) => format!("\\u{value:04X}").into_bytes(),
        Some("C" | "POSIX") if value >= 0x80 => format!("\\U{value:08X}").into_bytes(),
        _ => char::from_u32(value).into_iter().collect::<String>().into_bytes(),
    }
}
