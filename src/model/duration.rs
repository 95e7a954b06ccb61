//! Go's durations: how Tekton's timeouts are written and shown.
//!
//! Knows the syntax of `time.ParseDuration` and of `Duration.String`. Does not know any timeout.

use super::decode::{Decode, Decoder};
use super::diagnostic::Diagnostic;
use super::tree::{Kind, Node};
use serde::{Serialize, Serializer};
use std::fmt;

/// A signed span of time in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub i64);

const UNITS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl Duration {
    /// `minutes` minutes.
    #[must_use]
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes * 60_000_000_000)
    }

    /// Reads Go's syntax: an optional sign, then decimal numbers with units (`1h30m`, `1.5s`), or `0`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Some(Self(0));
        }
        if rest.is_empty() {
            return None;
        }
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|&n| n > 0)?;
            let (number, tail) = rest.split_at(digits);
            let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_end);
            let scale = UNITS.iter().find(|(name, _)| *name == unit)?.1;
            total = total.checked_add(scaled(number, scale)?)?;
            rest = tail;
        }
        let total = i64::try_from(if negative { -total } else { total }).ok()?;
        Some(Self(total))
    }
}

/// `number` (digits with at most one point) times `scale`, cut to whole nanoseconds.
fn scaled(number: &str, scale: i64) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) || whole.len() > 19 {
        return None;
    }
    let mut value: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    value = value.checked_mul(i128::from(scale))?;
    let mut unit = i128::from(scale);
    for digit in fraction.chars().take(18) {
        unit /= 10;
        value += i128::from(digit.to_digit(10)?) * unit;
    }
    Some(value)
}

impl fmt::Display for Duration {
    /// As Go writes it: `1h0m0s`, `6s`, `1.5s`, `100ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        if nanos == 0 {
            return write!(f, "0s");
        }
        if nanos < 1_000_000_000 {
            let (unit, name) = match nanos {
                0..1_000 => (1, "ns"),
                1_000..1_000_000 => (1_000, "µs"),
                _ => (1_000_000, "ms"),
            };
            return write!(f, "{sign}{}{name}", decimal(nanos, unit));
        }
        let seconds = nanos / 1_000_000_000;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let rest = decimal(nanos % 60_000_000_000, 1_000_000_000);
        match (hours, minutes) {
            (0, 0) => write!(f, "{sign}{rest}s"),
            (0, _) => write!(f, "{sign}{minutes}m{rest}s"),
            (_, _) => write!(f, "{sign}{hours}h{minutes}m{rest}s"),
        }
    }
}

fn decimal(value: u64, unit: u64) -> String {
    let fraction = value % unit;
    if fraction == 0 {
        return (value / unit).to_string();
    }
    let width = unit.to_string().len() - 1;
    let digits = format!("{fraction:0width$}");
    format!("{}.{}", value / unit, digits.trim_end_matches('0'))
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Decode for Duration {
    fn decode(node: &Node, decoder: &mut Decoder) -> Self {
        let Kind::String(text) = &node.kind else {
            if node.kind != Kind::Null {
                decoder.wrong_type(node, "a duration as a string, such as \"10m\"");
            }
            return Self::default();
        };
        Self::parse(text).unwrap_or_else(|| {
            let path = decoder.path();
            decoder.diagnostics.push(
                Diagnostic::error("bad-duration", path, format!("`{text}` is not a duration"))
                    .with_help("write numbers with units h, m, s, ms, us or ns, such as 1h30m or 90s; 0 means no limit")
                    .with_tekton(format!(
                        "mutation failed: cannot decode incoming new object: time: invalid duration \"{text}\""
                    ))
                    .at(node.span),
            );
            Self::default()
        })
    }
}
