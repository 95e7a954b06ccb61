//! The kinds of regular expressions that `find` knows by name.
//!
//! Does not know how they are matched.

use crate::options::Bytes;
use crate::regex::Flavour;
use crate::stream::shown;

/// Emacs's kind of expression as a basic one: `+` and `?` repeat without a backslash.
pub fn emacs(text: &[u8]) -> Bytes {
    let mut made = Bytes::new();
    let (mut at, mut in_brackets) = (0, false);
    while at < text.len() {
        match text[at] {
            b'\\' if at + 1 < text.len() && !in_brackets => {
                made.extend_from_slice(&text[at..at + 2]);
                at += 1;
            }
            b'[' => {
                in_brackets = true;
                made.push(b'[');
            }
            b']' => {
                in_brackets = false;
                made.push(b']');
            }
            byte @ (b'+' | b'?') if !in_brackets => made.extend_from_slice(&[b'\\', byte]),
            byte => made.push(byte),
        }
        at += 1;
    }
    made
}

/// The kind of regular expressions that `-regextype` names.
pub fn flavour(kind: &[u8]) -> Result<Flavour, String> {
    match kind {
        b"posix-extended" | b"egrep" | b"posix-egrep" | b"awk" | b"posix-awk" | b"gnu-awk" => Ok(Flavour::Extended),
        b"emacs" | b"grep" | b"posix-basic" | b"sed" | b"ed" | b"findutils-default" => Ok(Flavour::Basic),
        _ => Err(format!("Unknown regular expression type `{}'", shown(kind))),
    }
}
