//! The orders that `sort` knows, of texts without their places.
//!
//! Does not know lines or fields.

use std::cmp::Ordering;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    #[default]
    Text,
    Numeric,
    General,
    Human,
    Month,
    Version,
    Random,
}

fn blank(byte: &u8) -> bool {
    *byte == b' ' || *byte == b'\t'
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    &text[text.iter().position(|byte| !blank(byte)).unwrap_or(text.len())..]
}

/// A decimal number as it is written: its sign, and its digits without what says nothing.
pub struct Decimal<'a> {
    negative: bool,
    whole: &'a [u8],
    part: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Decimal<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        let text = skip_blanks(text);
        let (minus, text) = match text.strip_prefix(b"-") {
            Some(text) => (true, text),
            None => (false, text),
        };
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let count = digits(text);
        let whole = &text[text[..count].iter().take_while(|byte| **byte == b'0').count()..count];
        let mut rest = &text[count..];
        let mut part: &[u8] = b"";
        if let Some(after) = rest.strip_prefix(b".") {
            let count = digits(after);
            let kept = after[..count].iter().rposition(|byte| *byte != b'0').map_or(0, |at| at + 1);
            (part, rest) = (&after[..kept], &after[count..]);
        }
        let is_zero = whole.is_empty() && part.is_empty();
        Self { negative: minus && !is_zero, whole, part, rest }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => return Ordering::Greater,
            (true, false) => return Ordering::Less,
            _ => {}
        }
        let by_size = self.whole.len().cmp(&other.whole.len());
        let order = by_size.then_with(|| self.whole.cmp(other.whole)).then_with(|| self.part.cmp(other.part));
        if self.negative { order.reverse() } else { order }
    }

    /// A number that is no larger than that of any larger decimal.
    fn rough(&self) -> f64 {
        let digit = |number: f64, byte: &u8| number * 10.0 + f64::from(byte - b'0');
        let mut number = self.whole.iter().take(17).fold(0.0, digit);
        if self.whole.len() > 17 {
            number *= 10f64.powi(self.whole.len() as i32 - 17);
        } else if self.whole.len() < 15 {
            let mut scale = 0.1;
            for byte in self.part.iter().take(15 - self.whole.len()) {
                number += f64::from(byte - b'0') * scale;
                scale /= 10.0;
            }
        }
        if self.negative { -number } else { number }
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.part.is_empty()
    }

    fn magnitude(&self) -> i32 {
        let letters = b"KMGTPEZYRQ";
        let power = match self.rest.first() {
            Some(b'k') => 1,
            Some(letter) => letters.iter().position(|known| known == letter).map_or(0, |at| at as i32 + 1),
            None => 0,
        };
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (_, true) => -power - 1,
            (_, false) => power + 1,
        }
    }
}

/// Numbers as C reads them; what is none comes before all of them.
fn general(text: &[u8]) -> (u8, f64) {
    let text = skip_blanks(text);
    let lower: Vec<u8> = text.iter().take(9).map(u8::to_ascii_lowercase).collect();
    let unsigned = lower.strip_prefix(b"-").or_else(|| lower.strip_prefix(b"+")).unwrap_or(&lower);
    if unsigned.starts_with(b"nan") {
        return (1, 0.0);
    }
    if unsigned.starts_with(b"inf") {
        return (2, if lower.starts_with(b"-") { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    let (number, length) = crate::awk::number_prefix(text);
    if length == 0 { (0, 0.0) } else { (2, number) }
}

fn month(text: &[u8]) -> usize {
    let names = b"JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    let text = skip_blanks(text);
    let Some(name) = text.get(..3) else { return 0 };
    names.chunks(3).position(|known| known.eq_ignore_ascii_case(name)).map_or(0, |at| at + 1)
}

pub fn hash(text: &[u8], seed: u64) -> u64 {
    text.iter()
        .fold(seed | 1, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23))
}

pub fn compare(one: &[u8], other: &[u8], order: Order, seed: u64) -> Ordering {
    match order {
        Order::Text => one.cmp(other),
        Order::Numeric => Decimal::new(one).compare(&Decimal::new(other)),
        Order::General => {
            let (one, other) = (general(one), general(other));
            one.0.cmp(&other.0).then_with(|| one.1.partial_cmp(&other.1).unwrap_or(Ordering::Equal))
        }
        Order::Human => {
            let (one, other) = (Decimal::new(one), Decimal::new(other));
            one.magnitude().cmp(&other.magnitude()).then_with(|| one.compare(&other))
        }
        Order::Month => month(one).cmp(&month(other)),
        Order::Version => versions(one, other),
        Order::Random => hash(one, seed).cmp(&hash(other, seed)).then_with(|| one.cmp(other)),
    }
}

/// A number that never says otherwise than `compare`: where it is equal, one has to look.
pub fn rough(text: &[u8], order: Order, seed: u64) -> u64 {
    let ordered = |number: f64| {
        let bits = (number + 0.0).to_bits();
        if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
    };
    match order {
        Order::Text => {
            let mut word = [0; 8];
            let length = text.len().min(8);
            word[..length].copy_from_slice(&text[..length]);
            u64::from_be_bytes(word)
        }
        Order::Numeric => ordered(Decimal::new(text).rough()),
        Order::Month => month(text) as u64,
        Order::Random => hash(text, seed),
        Order::General | Order::Human | Order::Version => 0,
    }
}

/// Names with versions in them, as `ls -v` orders them.
pub fn versions(one: &[u8], other: &[u8]) -> Ordering {
    if one == other {
        return Ordering::Equal;
    }
    let hidden = |name: &[u8]| match name {
        b"" => 0,
        b"." => 1,
        b".." => 2,
        [b'.', ..] => 3,
        _ => 4,
    };
    let kinds = (hidden(one), hidden(other));
    if kinds.0 != kinds.1 {
        return kinds.0.cmp(&kinds.1);
    }
    let bare = |name: &[u8]| name.len() - suffix(name);
    let (first, second) = (&one[..bare(one)], &other[..bare(other)]);
    if (first.len() == one.len() && second.len() == other.len()) || first == second {
        return by_parts(one, other);
    }
    by_parts(first, second).then_with(|| by_parts(one, other))
}

/// How long the endings of a name are, such as `.tar.gz`.
fn suffix(name: &[u8]) -> usize {
    let mut begin = name.len();
    let mut at = name.len();
    while at > 0 {
        let Some(dot) = memchr::memrchr(b'.', &name[..at]) else { break };
        let part = &name[dot + 1..at];
        let fits = part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'~')
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'~');
        if !fits || dot == 0 {
            break;
        }
        (begin, at) = (dot, dot);
    }
    name.len() - begin
}

fn by_parts(one: &[u8], other: &[u8]) -> Ordering {
    let weight = |text: &[u8], at: usize| match text.get(at) {
        None => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(b'~') => -2,
        Some(byte) => i32::from(*byte) + 256,
    };
    let digit = |text: &[u8], at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let (mut a, mut b) = (0, 0);
    while a < one.len() || b < other.len() {
        while (a < one.len() && !digit(one, a)) || (b < other.len() && !digit(other, b)) {
            let order = weight(one, a).cmp(&weight(other, b));
            if order.is_ne() {
                return order;
            }
            (a, b) = (a + 1, b + 1);
        }
        while one.get(a) == Some(&b'0') {
            a += 1;
        }
        while other.get(b) == Some(&b'0') {
            b += 1;
        }
        let mut first = Ordering::Equal;
        while digit(one, a) && digit(other, b) {
            first = first.then_with(|| one[a].cmp(&other[b]));
            (a, b) = (a + 1, b + 1);
        }
        if digit(one, a) {
            return Ordering::Greater;
        }
        if digit(other, b) {
            return Ordering::Less;
        }
        if first.is_ne() {
            return first;
        }
    }
    Ordering::Equal
}
