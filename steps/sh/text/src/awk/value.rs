//! Values of awk: numbers, strings, and input that may be either; and how they turn into each other.
//!
//! Does not know where a value is kept.

use crate::options::Bytes;
use std::cmp::Ordering;
use std::rc::Rc;

#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Unset,
    Number(f64),
    Text(Rc<Bytes>),
    /// Text from outside: a number where it looks like one.
    Input(Rc<Bytes>),
}

impl Value {
    pub fn text(bytes: Bytes) -> Self {
        Self::Text(Rc::new(bytes))
    }

    pub fn input(bytes: Bytes) -> Self {
        Self::Input(Rc::new(bytes))
    }

    pub fn number(&self) -> f64 {
        match self {
            Self::Unset => 0.0,
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => number(text),
        }
    }

    /// Writes it as text behind what is there; `format` is CONVFMT or OFMT.
    pub fn append(&self, out: &mut Bytes, format: &[u8]) {
        match self {
            Self::Unset => {}
            Self::Number(number) => append_number(*number, out, format),
            Self::Text(text) | Self::Input(text) => out.extend_from_slice(text),
        }
    }

    pub fn truth(&self) -> bool {
        match self {
            Self::Unset => false,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => looks_numeric(text).map_or(!text.is_empty(), |number| number != 0.0),
        }
    }

    /// Its number, if it is one or looks like one from outside.
    fn numeric(&self) -> Option<f64> {
        match self {
            Self::Unset => Some(0.0),
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
            Self::Input(text) => looks_numeric(text),
        }
    }
}

/// Compares as numbers where both are, else as texts.
pub fn compare(one: &Value, other: &Value, format: &[u8]) -> Option<Ordering> {
    if let (Some(one), Some(other)) = (one.numeric(), other.numeric()) {
        return one.partial_cmp(&other);
    }
    let text = |value: &Value| {
        let mut out = Bytes::new();
        value.append(&mut out, format);
        out
    };
    match (one, other) {
        (Value::Text(one) | Value::Input(one), Value::Text(other) | Value::Input(other)) => Some(one.cmp(other)),
        _ => Some(text(one).cmp(&text(other))),
    }
}

/// A whole number as digits, another by the format.
pub fn append_number(number: f64, out: &mut Bytes, format: &[u8]) {
    if number.fract() == 0.0 && number.abs() < 1e16 {
        append_whole(number as i64, out);
    } else if number.is_nan() || number.is_infinite() {
        let sign = if number.is_sign_negative() { "-" } else { "+" };
        out.extend_from_slice(format!("{sign}{}", if number.is_nan() { "nan" } else { "inf" }).as_bytes());
    } else if number.fract() == 0.0 {
        out.extend_from_slice(format!("{number:.0}").as_bytes());
    } else {
        super::format::one(format, number, out);
    }
}

fn append_whole(number: i64, out: &mut Bytes) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut left = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// The number that a text begins with.
pub fn number(text: &[u8]) -> f64 {
    prefix(text).0
}

/// The number of a text that is nothing but one, with blanks around.
pub fn looks_numeric(text: &[u8]) -> Option<f64> {
    let first = *text.iter().find(|byte| !blank(**byte))?;
    if !(first.is_ascii_digit() || b"+-.".contains(&first)) {
        return None;
    }
    let (number, length) = prefix(text);
    (length > 0 && text[length..].iter().all(|byte| blank(*byte))).then_some(number)
}

fn blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 11
}

/// The number at the start of a text, and where it ends; nothing is 0.
pub fn prefix(text: &[u8]) -> (f64, usize) {
    let mut at = text.iter().position(|byte| !blank(*byte)).unwrap_or(text.len());
    let start = at;
    let negative = text.get(at) == Some(&b'-');
    at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    let digits = at;
    let mut whole: u64 = 0;
    while let Some(byte @ b'0'..=b'9') = text.get(at) {
        whole = whole.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        at += 1;
    }
    let mut count = at - digits;
    if count > 0 && count < 16 && !matches!(text.get(at), Some(b'.' | b'e' | b'E')) {
        let number = whole as f64;
        return (if negative { -number } else { number }, at);
    }
    if text.get(at) == Some(&b'.') {
        let from = at + 1;
        let more = text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        count += more;
        at = from + more;
    }
    if count == 0 {
        return special(&text[start..]).map_or((0.0, 0), |number| (number, start + 4));
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let from = at + 1 + sign;
        let more = text[from.min(text.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if more > 0 {
            at = from + more;
        }
    }
    let number = std::str::from_utf8(&text[start..at]).ok().and_then(|text| text.parse().ok());
    (number.unwrap_or(0.0), at)
}

/// `+inf` and `-nan`, which awk reads only with a sign.
fn special(text: &[u8]) -> Option<f64> {
    if text.get(4).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    match text.get(..4)?.to_ascii_lowercase().as_slice() {
        b"+inf" => Some(f64::INFINITY),
        b"-inf" => Some(f64::NEG_INFINITY),
        b"+nan" => Some(f64::NAN),
        b"-nan" => Some(-f64::NAN),
        _ => None,
    }
}
