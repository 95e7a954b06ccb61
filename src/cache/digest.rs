//! What content is known by: a hash and a length.
//!
//! Knows the two hash functions that stores speak. Does not know where content lies. Which function is used is a
//! property of a store, so a digest does not carry it.

use sha2::Digest as _;
use std::fmt;

/// Bytes of a hash, with either function.
pub const HASH_BYTES: usize = 32;

/// The function that a store's digests are made with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// The default.
    #[default]
    Blake3,
    /// For remote stores that know no other.
    Sha256,
}

impl Function {
    /// Its name in lower case, as resource names and directories have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blake3 => "blake3",
            Self::Sha256 => "sha256",
        }
    }

    /// The digest of bytes.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> Digest {
        let hash = match self {
            Self::Blake3 => *blake3::hash(bytes).as_bytes(),
            Self::Sha256 => sha2::Sha256::digest(bytes).into(),
        };
        Digest { hash, size: bytes.len() as u64 }
    }

    /// For content that comes in pieces.
    #[must_use]
    pub fn hasher(self) -> Hasher {
        let state = match self {
            Self::Blake3 => State::Blake3(Box::new(blake3::Hasher::new())),
            Self::Sha256 => State::Sha256(Box::new(sha2::Sha256::new())),
        };
        Hasher { state, size: 0 }
    }
}

/// What content is known by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    /// The hash.
    pub hash: [u8; HASH_BYTES],
    /// Bytes of the content. Part of what it is known by.
    pub size: u64,
}

impl Digest {
    /// The hash in hexadecimal, 64 characters.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut text = Vec::with_capacity(2 * HASH_BYTES);
        self.write_hex(&mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    /// Appends the hash in hexadecimal.
    pub(super) fn write_hex(&self, to: &mut Vec<u8>) {
        let digit = |number: u8| if number < 10 { b'0' + number } else { b'a' + number - 10 };
        let mut text = [0; 2 * HASH_BYTES];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.hash) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        to.extend_from_slice(&text);
    }

    /// The digest of a hash in lower-case hexadecimal.
    #[must_use]
    pub fn from_hex(hex: &[u8], size: u64) -> Option<Self> {
        let number = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let mut hash = [0; HASH_BYTES];
        if hex.len() != 2 * HASH_BYTES {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(hex.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = number(*high)? << 4 | number(*low)?;
        }
        Some(Self { hash, size })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.hex(), self.size)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A digest in the making.
pub struct Hasher {
    state: State,
    size: u64,
}

enum State {
    Blake3(Box<blake3::Hasher>),
    Sha256(Box<sha2::Sha256>),
}

impl Hasher {
    /// Takes the next piece of the content.
    pub fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        match &mut self.state {
            State::Blake3(hasher) => {
                hasher.update(bytes);
            }
            State::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// The digest of all that came.
    #[must_use]
    pub fn finish(self) -> Digest {
        let hash = match self.state {
            State::Blake3(hasher) => *hasher.finalize().as_bytes(),
            State::Sha256(hasher) => hasher.finalize().into(),
        };
        Digest { hash, size: self.size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_functions() {
        let cases = [
            (Function::Blake3, "", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262/0"),
            (Function::Blake3, "abc", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85/3"),
            (Function::Sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0"),
            (Function::Sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad/3"),
        ];
        for (function, text, expected) in cases {
            let digest = function.of(text.as_bytes());
            assert_eq!(digest.to_string(), expected);
            let mut hasher = function.hasher();
            text.bytes().for_each(|byte| hasher.update(&[byte]));
            assert_eq!(hasher.finish(), digest, "in pieces");
            assert_eq!(Digest::from_hex(digest.hex().as_bytes(), digest.size), Some(digest));
        }
        for wrong in ["", "ab", &"G".repeat(64), &"A".repeat(64), &"a".repeat(66)] {
            assert_eq!(Digest::from_hex(wrong.as_bytes(), 0), None, "{wrong}");
        }
    }
}
