//! Parts of file names for the names of tasks and containers, safe whatever they hold, and back.
//!
//! Letters, digits, `-`, `_` and inner dots stand for themselves, every other byte as `%XX`.
//! A name that grows too long is cut and ends in `%~` and a digest. Does no I/O.

/// Bytes of the longest name made here: two of them, a number and an ending make a file's
/// name, and file systems take 255.
const LONGEST: usize = 115;
const DIGEST_MARK: &str = "%~";

/// The part of a file's name that stands for `name`. Never holds a comma.
pub(super) fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            b'.' if !out.is_empty() => out.push('.'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    if out.is_empty() {
        return "%".to_owned();
    }
    if out.len() > LONGEST {
        let digest = blake3::hash(name.as_bytes()).to_hex();
        out.truncate(LONGEST - DIGEST_MARK.len() - 32);
        out.push_str(DIGEST_MARK);
        out.extend(digest.chars().take(32));
    }
    out
}

/// The name that `part` stands for, as far as it is still known: a name that was cut comes
/// back with its digest.
pub(super) fn decode(part: &str) -> String {
    let mut out = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find('%') {
        let (plain, code) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let byte = code.get(1..3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                out.push(byte);
                rest = code.get(3..).unwrap_or_default();
            }
            None => {
                rest = code.get(1..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}
