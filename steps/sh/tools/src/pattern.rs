//! Shell patterns over bytes, and GNU's order of versions.
//!
//! Knows `*`, `?`, `[...]` and `\`. A slash is like any other byte.

use std::cmp::Ordering;

/// Whether a pattern is the whole of a text.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while place < text.len() {
        let step = match pattern.get(at) {
            Some(b'*') => {
                again = Some((at + 1, place));
                at += 1;
                continue;
            }
            Some(_) => one(&pattern[at..], text[place]),
            None => None,
        };
        match (step, again) {
            (Some(length), _) => {
                at += length;
                place += 1;
            }
            (None, Some((after, from))) => {
                at = after;
                place = from + 1;
                again = Some((after, from + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// How long the part of the pattern is that stands for this byte.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern[0] {
        b'?' => Some(1),
        b'\\' if pattern.len() > 1 => (pattern[1] == byte).then_some(2),
        b'[' => match set(pattern, byte) {
            Some((true, length)) => Some(length),
            Some((false, _)) => None,
            None => (byte == b'[').then_some(1),
        },
        other => (other == byte).then_some(1),
    }
}

/// Whether a byte is in the set that a pattern begins with, and how long that is.
fn set(pattern: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let mut at = if negated { 2 } else { 1 };
    let first = at;
    let mut found = false;
    while let Some(&low) = pattern.get(at) {
        if low == b']' && at > first {
            return Some((found != negated, at + 1));
        }
        if let (b'-', Some(&high)) = (pattern.get(at + 1).copied().unwrap_or(0), pattern.get(at + 2))
            && high != b']'
        {
            found |= (low..=high).contains(&byte);
            at += 3;
        } else {
            found |= low == byte;
            at += 1;
        }
    }
    None
}

/// How a byte outside of numbers is placed.
fn rank(byte: Option<&u8>) -> i32 {
    match byte {
        None => -1,
        Some(b'~') => -2,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    }
}

/// Numbers within names by their value, as `ls -v` orders them: endings like `.tar.gz` count last.
pub fn version_order(one: &[u8], other: &[u8]) -> Ordering {
    by_parts(stem(one), stem(other)).then_with(|| by_parts(one, other))
}

/// A name without what looks like its endings.
fn stem(name: &[u8]) -> &[u8] {
    let mut end = name.len();
    while let Some(dot) = name[..end].iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > 0) {
        let ending = &name[dot + 1..end];
        let first = ending.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'~');
        if !first || !ending.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'~') {
            break;
        }
        end = dot;
    }
    &name[..end]
}

fn by_parts(one: &[u8], other: &[u8]) -> Ordering {
    let (mut a, mut b) = (one, other);
    while !a.is_empty() || !b.is_empty() {
        while a.first().is_some_and(|byte| !byte.is_ascii_digit())
            || b.first().is_some_and(|byte| !byte.is_ascii_digit())
        {
            let order = rank(a.first()).cmp(&rank(b.first()));
            if order != Ordering::Equal {
                return order;
            }
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        }
        let (first, second) = (digits(&mut a), digits(&mut b));
        let order = first.len().cmp(&second.len()).then(first.cmp(second));
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The number that a text begins with, without its zeros.
fn digits<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    *text = rest;
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    &number[zeros..]
}
