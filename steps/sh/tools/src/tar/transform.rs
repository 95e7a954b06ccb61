//! `--transform`: names changed as `sed` would, on their way into an archive or out of it.
//!
//! Knows the flags that say which names an expression is for. The expressions themselves are `sed`'s.

use userland_text::regex::{Flavour, How, Lines, Regex, Slots};
use userland_text::replacement::{self, Part};

/// Which names an expression is for.
#[derive(Clone, Copy, PartialEq)]
pub enum Of {
    Member,
    Symlink,
    HardLink,
}

struct Change {
    pattern: Regex,
    parts: Vec<Part>,
    global: bool,
    number: usize,
    member: bool,
    symlink: bool,
    hard_link: bool,
}

/// What changes names, one expression after the other.
#[derive(Default)]
pub struct Transform(Vec<Change>);

impl Transform {
    /// Adds the expressions of an option: `s,old,new,` with `;` between them.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let wrong = || "Invalid transform expression".to_owned();
        let bytes = text.as_bytes();
        let mut at = 0;
        // `flags=r;` holds for all that follow.
        let mut shared: &[u8] = b"";
        while at < bytes.len() {
            if let Some(rest) = bytes[at..].strip_prefix(b"flags=") {
                let length = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
                shared = &rest[..length];
                at += b"flags=".len() + length + 1;
                continue;
            }
            if bytes[at] != b's' {
                return Err(wrong());
            }
            let delimiter = *bytes.get(at + 1).ok_or_else(wrong)?;
            let (pattern, after) = delimited(bytes, at + 2, delimiter).ok_or_else(wrong)?;
            let (by, after) = delimited(bytes, after, delimiter).ok_or_else(wrong)?;
            let end = bytes[after..].iter().position(|byte| *byte == b';').map_or(bytes.len(), |end| after + end);
            self.0.push(change(&pattern, &by, &[shared, &bytes[after..end]].concat())?);
            at = end + 1;
        }
        Ok(())
    }

    /// A name as it is made.
    pub fn apply(&self, name: &[u8], of: Of) -> Vec<u8> {
        let mut name = name.to_vec();
        for change in &self.0 {
            let is_for = match of {
                Of::Member => change.member,
                Of::Symlink => change.symlink,
                Of::HardLink => change.hard_link,
            };
            if is_for {
                name = change.apply(&name);
            }
        }
        name
    }
}

/// The text up to a delimiter, and where what follows begins.
fn delimited(bytes: &[u8], from: usize, delimiter: u8) -> Option<(Vec<u8>, usize)> {
    let mut text = Vec::new();
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            byte if byte == delimiter => return Some((text, at + 1)),
            b'\\' if bytes.get(at + 1) == Some(&delimiter) => {
                text.push(delimiter);
                at += 2;
            }
            b'\\' => {
                text.extend_from_slice(bytes.get(at..at + 2)?);
                at += 2;
            }
            byte => {
                text.push(byte);
                at += 1;
            }
        }
    }
}

fn change(pattern: &[u8], by: &[u8], flags: &[u8]) -> Result<Change, String> {
    let mut flavour = Flavour::Basic;
    let (mut global, mut number, mut ignore_case) = (false, 0, false);
    let (mut member, mut symlink, mut hard_link) = (true, true, true);
    for flag in flags {
        match flag {
            b'g' => global = true,
            b'i' => ignore_case = true,
            b'x' => flavour = Flavour::Extended,
            b'0'..=b'9' => number = number * 10 + usize::from(flag - b'0'),
            b'r' => member = true,
            b'R' => member = false,
            b's' => symlink = true,
            b'S' => symlink = false,
            b'h' => hard_link = true,
            b'H' => hard_link = false,
            other => return Err(format!("Unknown flag in transform expression: {}", char::from(*other))),
        }
        number = number.min(1 << 16);
    }
    let how = How { flavour, escapes: false, ignore_case, lines: Lines::One };
    let pattern = Regex::new(pattern, how).map_err(|why| format!("Invalid transform expression: {why}"))?;
    let (parts, highest) = replacement::replacement(by);
    if highest > pattern.groups {
        return Err("Invalid transform replacement: back reference out of range".to_owned());
    }
    Ok(Change { pattern, parts, global, number, member, symlink, hard_link })
}

impl Change {
    fn apply(&self, name: &[u8]) -> Vec<u8> {
        let mut made = Vec::new();
        let mut slots = Slots::new();
        let (mut at, mut copied, mut count) = (0, 0, 0);
        while at <= name.len() && self.pattern.captures_at(name, at, &mut slots) {
            let (Some(Some(from)), Some(Some(to))) = (slots.first().copied(), slots.get(1).copied()) else { break };
            count += 1;
            if count >= self.number.max(1) {
                made.extend_from_slice(&name[copied..from]);
                replacement::write(&self.parts, name, &slots, &mut made);
                copied = to;
                if !self.global {
                    break;
                }
            }
            at = if to > from { to } else { to + 1 };
        }
        made.extend_from_slice(&name[copied..]);
        made
    }
}
