//! What a scalar is, by the rules of the YAML library that Kubernetes uses (YAML 1.1
//! booleans and octals, floats as Go prints them).
//!
//! Knows text and tags. Does not know where a scalar stands.

use crate::model::tree::Kind;

/// A scalar that cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadScalar {
    /// `.inf` or `.nan`, which JSON does not have.
    NotFinite,
    /// `!!binary`.
    Binary,
    /// The text is not what its tag says.
    Tag(&'static str),
}

/// What a plain scalar without a tag is.
pub(super) fn plain(text: &str) -> Result<Kind, BadScalar> {
    if let Some(kind) = word(text) {
        return Ok(kind);
    }
    if not_finite(text) {
        return Err(BadScalar::NotFinite);
    }
    Ok(number(text).map_or_else(|| Kind::String(text.to_owned()), Kind::Number))
}

/// What a scalar with the core schema's tag `suffix` is (`str`, `int`, ...).
pub(super) fn tagged(suffix: &str, text: &str) -> Result<Kind, BadScalar> {
    match suffix {
        "binary" => Err(BadScalar::Binary),
        "null" => match word(text) {
            Some(Kind::Null) => Ok(Kind::Null),
            _ => Err(BadScalar::Tag("null")),
        },
        "bool" => match word(text) {
            Some(Kind::Bool(value)) => Ok(Kind::Bool(value)),
            _ => Err(BadScalar::Tag("a boolean")),
        },
        "int" => integer(&text.replace('_', "")).map(Kind::Number).ok_or(BadScalar::Tag("an integer")),
        "float" if not_finite(text) => Err(BadScalar::NotFinite),
        "float" => number(text).map(Kind::Number).ok_or(BadScalar::Tag("a number")),
        _ => Ok(Kind::String(text.to_owned())),
    }
}

fn word(text: &str) -> Option<Kind> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Kind::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Kind::Bool(false),
        _ => return None,
    })
}

fn not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// The JSON text of the number that `text` is, if it is one.
fn number(text: &str) -> Option<String> {
    let first = text.bytes().next()?;
    if first == b'.' {
        return text.parse::<f64>().ok().filter(|f| f.is_finite() && looks_like_float(text)).map(go_float);
    }
    if !first.is_ascii_digit() && first != b'+' && first != b'-' {
        return None;
    }
    let bare = text.replace('_', "");
    if let Some(integer) = integer(&bare) {
        return Some(integer);
    }
    if !looks_like_float(&bare) {
        return None;
    }
    bare.parse::<f64>().ok().filter(|f| f.is_finite()).map(go_float)
}

/// Go's `ParseInt(text, 0, 64)`, then `ParseUint`: a leading `0` is octal, `0x`, `0o`, `0b` as in Go.
fn integer(text: &str) -> Option<String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    match negative {
        false => Some(value.to_string()),
        true if value == 0 => Some("0".to_owned()),
        true if value <= 1 << 63 => Some(format!("-{value}")),
        true => None,
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn looks_like_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    mantissa && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// A float as Go's `encoding/json` writes it.
fn go_float(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        return match text.split_once("e-") {
            Some((digits, exponent)) if exponent.len() == 1 => format!("{digits}e-{exponent}"),
            Some(_) => text,
            None => text.replacen('e', "e+", 1),
        };
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0".to_owned() } else { "0".to_owned() };
    }
    format!("{value}")
}
