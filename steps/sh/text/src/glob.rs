//! Patterns of file names: `*`, `?`, `[...]`.
//!
//! Knows nothing of files; a `*` goes over slashes and leading periods unless told not to.

use crate::bytes::class;

/// Whether a name is as a pattern says.
pub fn matches(pattern: &[u8], name: &[u8], ignore_case: bool) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where to try again with a star that takes one byte more.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, n));
                p += 1;
                continue;
            }
            None if n == name.len() => return true,
            None => None,
            Some(_) if n == name.len() => None,
            Some(b'?') => Some(1),
            Some(b'[') => match set(&pattern[p..], name[n], ignore_case) {
                Some((true, length)) => Some(length),
                Some((false, _)) => None,
                None => (name[n] == b'[').then_some(1),
            },
            Some(b'\\') if p + 1 < pattern.len() => same(pattern[p + 1], name[n], ignore_case).then_some(2),
            Some(byte) => same(*byte, name[n], ignore_case).then_some(1),
        };
        match (step, star) {
            (Some(length), _) => (p, n) = (p + length, n + 1),
            (None, Some((after, taken))) if taken < name.len() => {
                star = Some((after, taken + 1));
                (p, n) = (after, taken + 1);
            }
            _ => return false,
        }
    }
}

fn same(one: u8, other: u8, ignore_case: bool) -> bool {
    one == other || ignore_case && one.eq_ignore_ascii_case(&other)
}

/// Whether a byte is in the set at the start of a pattern, and the set's length; nothing where it has no end.
fn set(pattern: &[u8], byte: u8, ignore_case: bool) -> Option<(bool, usize)> {
    let mut at = 1;
    let negative = matches!(pattern.get(at), Some(b'!' | b'^'));
    at += usize::from(negative);
    let first = at;
    let mut inside = false;
    loop {
        let from = *pattern.get(at)?;
        if from == b']' && at > first {
            return Some((inside != negative, at + 1));
        }
        if from == b'[' && pattern.get(at + 1) == Some(&b':') {
            let end = memchr::memmem::find(&pattern[at + 2..], b":]")?;
            let (_, is) = class(&pattern[at + 2..at + 2 + end])?;
            inside |= is(&byte);
            at += end + 4;
            continue;
        }
        let escaped = from == b'\\' && at + 1 < pattern.len();
        let from = if escaped { pattern[at + 1] } else { from };
        at += 1 + usize::from(escaped);
        if pattern.get(at) == Some(&b'-') && pattern.get(at + 1).is_some_and(|byte| *byte != b']') {
            let to = pattern[at + 1];
            at += 2;
            inside |= (from..=to).contains(&byte);
            let other = if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
            inside |= ignore_case && (from..=to).contains(&other);
        } else {
            inside |= same(from, byte, ignore_case);
        }
    }
}
