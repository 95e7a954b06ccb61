//! `printf` as C has it, over awk's values.
//!
//! Does not know where a format came from.

use super::value::{Value, looks_numeric, number};
use crate::options::Bytes;

#[derive(Default, Clone, Copy)]
struct Shape {
    left: bool,
    plus: bool,
    space: bool,
    other: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// One number by a format such as `%.6g`.
pub fn one(format: &[u8], number: f64, out: &mut Bytes) {
    let _ = formatted(format, &[Value::Number(number)], out);
}

/// Writes values by a format. An error is a format that wants more of them than there are.
pub fn formatted(format: &[u8], values: &[Value], out: &mut Bytes) -> Result<(), String> {
    let mut values = values.iter();
    let mut at = 0;
    while at < format.len() {
        let plain = memchr::memchr(b'%', &format[at..]).unwrap_or(format.len() - at);
        out.extend_from_slice(&format[at..at + plain]);
        at += plain;
        if at >= format.len() {
            break;
        }
        let from = at;
        at += 1;
        let mut shape = Shape::default();
        let none = || "not enough arguments to satisfy format string".to_owned();
        flags(format, &mut at, &mut shape);
        if format.get(at) == Some(&b'*') {
            let width = values.next().ok_or_else(none)?.number();
            shape.left |= width < 0.0;
            shape.width = width.abs() as usize;
            at += 1;
        } else {
            shape.width = digits(format, &mut at);
        }
        if format.get(at) == Some(&b'.') {
            at += 1;
            if format.get(at) == Some(&b'*') {
                let precision = values.next().ok_or_else(none)?.number();
                shape.precision = (precision >= 0.0).then_some(precision as usize);
                at += 1;
            } else {
                shape.precision = Some(digits(format, &mut at));
            }
        }
        while matches!(format.get(at), Some(b'l' | b'h' | b'L' | b'q' | b'j' | b'z')) {
            at += 1;
        }
        let Some(&letter) = format.get(at) else {
            out.extend_from_slice(&format[from..]);
            break;
        };
        at += 1;
        match letter {
            b'%' => out.push(b'%'),
            b'c' => pad(&character(values.next().ok_or_else(none)?), shape, out),
            b's' => {
                let mut text = Bytes::new();
                values.next().ok_or_else(none)?.append(&mut text, b"%.6g");
                if let Some(precision) = shape.precision {
                    text.truncate(precision);
                }
                pad(&text, shape, out);
            }
            b'd' | b'i' | b'o' | b'x' | b'X' | b'u' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'a' | b'A' => {
                put_number(letter, values.next().ok_or_else(none)?.number(), shape, out);
            }
            _ => out.extend_from_slice(&format[from..at]),
        }
    }
    Ok(())
}

fn flags(format: &[u8], at: &mut usize, shape: &mut Shape) {
    while let Some(flag) = format.get(*at) {
        match flag {
            b'-' => shape.left = true,
            b'+' => shape.plus = true,
            b' ' => shape.space = true,
            b'#' => shape.other = true,
            b'0' => shape.zero = true,
            b'\'' => {}
            _ => break,
        }
        *at += 1;
    }
}

fn digits(format: &[u8], at: &mut usize) -> usize {
    let mut number = 0usize;
    while let Some(digit @ b'0'..=b'9') = format.get(*at) {
        number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0')).min(1 << 24);
        *at += 1;
    }
    number
}

fn character(value: &Value) -> Bytes {
    let byte = |number: f64| vec![number as i64 as u8];
    match value {
        Value::Number(number) => byte(*number),
        Value::Input(text) => match looks_numeric(text) {
            Some(number) => byte(number),
            None => text.iter().take(1).copied().collect(),
        },
        Value::Text(text) if !text.is_empty() => vec![text[0]],
        Value::Text(_) | Value::Unset => vec![0],
    }
}

fn pad(text: &[u8], shape: Shape, out: &mut Bytes) {
    let fill = shape.width.saturating_sub(text.len());
    if !shape.left {
        out.extend(std::iter::repeat_n(b' ', fill));
    }
    out.extend_from_slice(text);
    if shape.left {
        out.extend(std::iter::repeat_n(b' ', fill));
    }
}

fn put_number(letter: u8, value: f64, mut shape: Shape, out: &mut Bytes) {
    if value.is_nan() || value.is_infinite() {
        let sign = if value.is_sign_negative() { "-" } else { "+" };
        shape.zero = false;
        return pad(format!("{sign}{}", if value.is_nan() { "nan" } else { "inf" }).as_bytes(), shape, out);
    }
    let negative = value.is_sign_negative() && (value != 0.0 || !b"diouxX".contains(&letter));
    let positive = value.abs();
    let digits = match letter {
        b'd' | b'i' | b'u' => whole(positive, 10, shape, false),
        b'o' => whole(positive, 8, shape, false),
        b'x' => whole(positive, 16, shape, false),
        b'X' => whole(positive, 16, shape, true),
        b'f' | b'F' => format!("{positive:.*}", shape.precision.unwrap_or(6)),
        b'e' | b'E' => scientific(positive, shape.precision.unwrap_or(6), letter == b'E'),
        b'a' | b'A' => format!("0x{positive:e}"),
        _ => general(positive, shape, letter == b'G'),
    };
    let negative = negative && !(b"diouxX".contains(&letter) && digits == "0");
    let sign = match (negative, shape.plus, shape.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    let prefix = match letter {
        b'x' if shape.other && digits != "0" => "0x",
        b'X' if shape.other && digits != "0" => "0X",
        b'o' if shape.other && digits != "0" => "0",
        _ => "",
    };
    let length = sign.len() + prefix.len() + digits.len();
    let by_precision = shape.precision.is_some() && b"diouxX".contains(&letter);
    if shape.zero && !shape.left && !by_precision && length < shape.width {
        let zeros = "0".repeat(shape.width - length);
        return pad(format!("{sign}{prefix}{zeros}{digits}").as_bytes(), shape, out);
    }
    pad(format!("{sign}{prefix}{digits}").as_bytes(), shape, out);
}

fn whole(value: f64, base: u32, shape: Shape, upper: bool) -> String {
    let value = value.trunc();
    let digits = if value >= 18_446_744_073_709_551_616.0 {
        format!("{value:.0}")
    } else {
        match (base, upper) {
            (8, _) => format!("{:o}", value as u64),
            (16, false) => format!("{:x}", value as u64),
            (16, true) => format!("{:X}", value as u64),
            _ => format!("{}", value as u64),
        }
    };
    match shape.precision {
        Some(0) if value == 0.0 => String::new(),
        Some(precision) if digits.len() < precision => format!("{}{digits}", "0".repeat(precision - digits.len())),
        _ => digits,
    }
}

fn scientific(value: f64, precision: usize, upper: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{}{sign}{:02}", if upper { 'E' } else { 'e' }, exponent.abs())
}

fn general(value: f64, shape: Shape, upper: bool) -> String {
    let precision = shape.precision.unwrap_or(6).max(1);
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.*e}", precision - 1);
    let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let shorter = |text: &str| match text.contains('.') && !shape.other {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= precision as i32 {
        let text = scientific(value, precision - 1, upper);
        let at = text.find(['e', 'E']).unwrap_or(text.len());
        return format!("{}{}", shorter(&text[..at]), &text[at..]);
    }
    shorter(&format!("{value:.*}", (precision as i32 - 1 - exponent).max(0) as usize))
}

/// What `strtonum` makes of a text: hexadecimal and octal too.
pub fn strtonum(text: &[u8]) -> f64 {
    let trimmed = text.trim_ascii();
    let (negative, digits) = match trimmed.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, trimmed),
    };
    let based = |digits: &[u8], base: u32| {
        let valid = digits.iter().map_while(|byte| (*byte as char).to_digit(base));
        valid.fold(0.0, |number, digit| number * f64::from(base) + f64::from(digit))
    };
    let value = match digits {
        [b'0', b'x' | b'X', rest @ ..] => based(rest, 16),
        [b'0', rest @ ..] if !rest.is_empty() && rest.iter().all(|byte| (b'0'..=b'7').contains(byte)) => based(rest, 8),
        _ => return number(text),
    };
    if negative { -value } else { value }
}
