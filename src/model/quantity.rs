//! Kubernetes' quantities: `256Mi`, `1.5Gi`, `100k`, `2e6`.
//!
//! Knows their syntax. Does not know which field one stands in.

use super::decode::{Decode, Decoder};
use super::diagnostic::Diagnostic;
use super::duration::Duration;
use super::tree::{Kind, Node};
use serde::Serialize;
use serde_json::Value as Json;
use std::ops::Deref;

/// A quantity as written: text or a number. Reading anything else is a diagnostic.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Quantity(Json);

impl Deref for Quantity {
    type Target = Json;

    fn deref(&self) -> &Json {
        &self.0
    }
}

impl Decode for Quantity {
    /// Kubernetes: a quantity that can't be parsed is refused when the object is decoded, so no
    /// variable may stand in one.
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let good = match &node.kind {
            Kind::String(text) => is_quantity(text),
            Kind::Number(text) => is_quantity(text),
            Kind::Null => true,
            Kind::Bool(_) | Kind::Sequence(_) | Kind::Mapping(_) => {
                decoder.wrong_type(node, "a quantity, such as 500m or 256Mi");
                return Self::default();
            }
        };
        if !good {
            let path = decoder.path();
            let text = node.to_json();
            decoder.diagnostics.push(
                Diagnostic::error("bad-quantity", path, format!("{text} is not a quantity"))
                    .with_help("write a number with a suffix such as m, k, M, G, Ki, Mi or Gi: 500m, 256Mi; variables are not replaced here")
                    .with_tekton("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
                    .at(node.span),
            );
        }
        Self(node.to_json())
    }
}

/// Whether Kubernetes reads `text` as a quantity, of whatever size and sign.
fn is_quantity(text: &str) -> bool {
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
    let (number, suffix) = number.split_at(digits);
    let exponent = || {
        let power = suffix.strip_prefix(['e', 'E']).map(|p| p.strip_prefix(['+', '-']).unwrap_or(p));
        power.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    };
    number.bytes().any(|b| b.is_ascii_digit())
        && number.bytes().filter(|b| *b == b'.').count() <= 1
        // Kubernetes has no suffix `K`; the sandbox's own limits take it.
        && ((suffix != "K" && SUFFIXES.iter().any(|(name, ..)| *name == suffix)) || exponent())
}

/// Factors of the suffixes: as (numerator, denominator).
const SUFFIXES: [(&str, u128, u128); 17] = [
    ("Ki", 1 << 10, 1),
    ("Mi", 1 << 20, 1),
    ("Gi", 1 << 30, 1),
    ("Ti", 1 << 40, 1),
    ("Pi", 1 << 50, 1),
    ("Ei", 1 << 60, 1),
    ("n", 1, 1_000_000_000),
    ("u", 1, 1_000_000),
    ("m", 1, 1000),
    ("k", 1000, 1),
    ("K", 1000, 1),
    ("M", 1_000_000, 1),
    ("G", 1_000_000_000, 1),
    ("T", 1_000_000_000_000, 1),
    ("P", 1_000_000_000_000_000, 1),
    ("E", 1_000_000_000_000_000_000, 1),
    ("", 1, 1),
];

/// The whole number (bytes, files) that a quantity stands for, rounded up as Kubernetes does.
/// `None` when it is not a quantity, is negative or is too large.
#[must_use]
pub fn bytes(value: &Json) -> Option<u64> {
    match value {
        Json::String(text) => parse(text),
        Json::Number(number) => parse(&number.to_string()),
        _ => None,
    }
}

/// Thousandths of what a quantity stands for, rounded up, to compare quantities as small as `500m`.
/// `None` as with [`bytes`].
#[must_use]
pub fn thousandths(value: &Json) -> Option<u128> {
    match value {
        Json::String(text) => scaled(text, 1000),
        Json::Number(number) => scaled(&number.to_string(), 1000),
        _ => None,
    }
}

/// The processor time in nanoseconds that `20s` (a Go duration) or a bare number of seconds stands for.
#[must_use]
pub fn cpu_nanoseconds(value: &Json) -> Option<u64> {
    match value {
        Json::String(text) => Duration::parse(text).and_then(|d| u64::try_from(d.0).ok()),
        Json::Number(number) => number.as_u64()?.checked_mul(1_000_000_000),
        _ => None,
    }
}

fn parse(text: &str) -> Option<u64> {
    u64::try_from(scaled(text, 1)?).ok()
}

/// `times` the number that `text` stands for, rounded up.
fn scaled(text: &str, times: u128) -> Option<u128> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || whole.len() > 20 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0').get(..18).unwrap_or_else(|| fraction.trim_end_matches('0'));
    let scale = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits = format!("{whole}{fraction}");
    let value: u128 = digits.parse().ok()?;
    let (numerator, denominator) = factor(suffix)?;
    let total = value.checked_mul(numerator)?.checked_mul(times)?;
    Some(total.div_ceil(denominator.checked_mul(scale)?))
}

fn factor(suffix: &str) -> Option<(u128, u128)> {
    if let Some((_, numerator, denominator)) = SUFFIXES.iter().find(|(name, ..)| *name == suffix) {
        return Some((*numerator, *denominator));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let (negative, digits) = match exponent.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    if digits.is_empty() || digits.len() > 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let power = 10u128.checked_pow(digits.parse().ok()?)?;
    Some(if negative { (1, power) } else { (power, 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        for (value, wanted) in [
            (json!("256Mi"), Some(256 << 20)),
            (json!("1.5Gi"), Some(3 << 29)),
            (json!("100k"), Some(100_000)),
            (json!("100m"), Some(1)),
            (json!("2e6"), Some(2_000_000)),
            (json!("1E"), Some(1_000_000_000_000_000_000)),
            (json!(5), Some(5)),
            (json!("0"), Some(0)),
            (json!("0.1"), Some(1)),
            (json!("-1"), None),
            (json!(""), None),
            (json!("x"), None),
            (json!("1.2.3"), None),
            (json!("99999999999999999999Gi"), None),
            (json!("1e999999"), None),
            (json!([1]), None),
        ] {
            assert_eq!(bytes(&value), wanted, "{value}");
        }
        assert_eq!(cpu_nanoseconds(&json!("20s")), Some(20_000_000_000));
        assert_eq!(cpu_nanoseconds(&json!("-1s")), None);
        assert_eq!(cpu_nanoseconds(&json!(2)), Some(2_000_000_000));
    }

    #[test]
    fn what_is_no_quantity_is_told() {
        for text in ["1", "500m", "1.5Gi", "+2", "-1", ".5", "1e3", "1E", "1e-9", "99999999999999999999999"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "abc", "1Gb", "1K", "1 Gi", "$(params.x)", "1.2.3", "Mi", "1e", "0x10", "--1"] {
            assert!(!is_quantity(text), "{text}");
        }
    }

    #[test]
    fn thousandths_tell_parts_of_one_from_one() {
        for (value, wanted) in [(json!("500m"), Some(500)), (json!(1), Some(1000)), (json!("1.5Ki"), Some(1_536_000))] {
            assert_eq!(thousandths(&value), wanted, "{value}");
        }
        assert_eq!(thousandths(&json!("abc")), None);
    }
}
