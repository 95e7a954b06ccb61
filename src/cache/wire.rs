//! The encoding of protocol buffers: fields out in the order in which they are written, fields in with every length
//! checked.
//!
//! Knows field numbers and wire types. Does not know messages. What is written is canonical if its writer names the
//! fields in their order and leaves defaults out, which the methods do.

/// Why bytes are not the message that they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

/// A message in the making.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// The bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(low(value) | 0x80);
            value >>= 7;
        }
        self.0.push(low(value));
    }

    fn tag(&mut self, field: u32, kind: u64) {
        self.varint(u64::from(field) << 3 | kind);
    }

    /// A number; 0 is the default and is left out.
    pub fn number(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.tag(field, VARINT);
            self.varint(value);
        }
    }

    /// Text or bytes; empty is the default and is left out.
    pub fn bytes(&mut self, field: u32, value: &[u8]) {
        if !value.is_empty() {
            self.item(field, value);
        }
    }

    /// One of a list of texts: there also when it is empty.
    pub fn item(&mut self, field: u32, value: &[u8]) {
        self.tag(field, BYTES);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    /// A hash in hexadecimal.
    pub fn hex(&mut self, field: u32, digest: &super::digest::Digest) {
        self.tag(field, BYTES);
        self.varint(2 * digest.hash.len() as u64);
        digest.write_hex(&mut self.0);
    }

    /// A message, which may be empty.
    pub fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.tag(field, BYTES);
        let start = self.0.len();
        // Most are short: their length takes the one byte that is kept for it.
        self.0.push(0);
        write(self);
        let length = (self.0.len() - start - 1) as u64;
        match self.0.get_mut(start) {
            Some(kept) if length < 0x80 => *kept = low(length),
            _ => {
                let mut prefix = Self::default();
                prefix.varint(length);
                self.0.splice(start..=start, prefix.0);
            }
        }
    }
}

fn low(value: u64) -> u8 {
    // Only these seven bits.
    (value & 0x7f) as u8
}

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number.
    Number(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// Eight or four bytes: none of our messages has them.
    Fixed,
}

impl<'a> Value<'a> {
    /// The number.
    pub fn number(self) -> Result<u64, Malformed> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Bytes(_) | Self::Fixed => Err(Malformed("a field has another type")),
        }
    }

    /// Whether it is true.
    pub fn truth(self) -> Result<bool, Malformed> {
        Ok(self.number()? != 0)
    }

    /// The bytes.
    pub fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) | Self::Fixed => Err(Malformed("a field has another type")),
        }
    }

    /// The text.
    pub fn text(self) -> Result<String, Malformed> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| Malformed("a text is not UTF-8"))?;
        Ok(text.to_owned())
    }
}

/// The fields of a message, one after another.
#[derive(Debug, Clone)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Of a message's bytes.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Malformed("it ends within a number"))?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed("a number is too long"))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed("a length is too large"))?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed("it ends within a field"))?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next field's number and value.
    pub fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Malformed> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            VARINT => Value::Number(self.varint()?),
            BYTES => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            FIXED64 => self.take(8).map(|_| Value::Fixed)?,
            FIXED32 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err(Malformed("a field has no type")),
        };
        Ok(Some((tag >> 3, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::default();
        writer.number(1, 0);
        writer.number(1, 300);
        writer.bytes(2, b"");
        writer.item(2, b"");
        writer.message(3, |inner| inner.bytes(1, &[7; 200]));
        writer.message(20, |_| {});
        let bytes = writer.finish();
        let mut fields = Fields::of(&bytes);
        let mut next = || fields.next().expect("it is well-formed");
        assert_eq!(next(), Some((1, Value::Number(300))));
        assert_eq!(next(), Some((2, Value::Bytes(b""))));
        let Some((3, Value::Bytes(inner))) = next() else { panic!("a message follows") };
        assert_eq!(Fields::of(inner).next(), Ok(Some((1, Value::Bytes(&[7; 200])))));
        assert_eq!(next(), Some((20, Value::Bytes(b""))));
        assert_eq!(next(), None);
        for end in 1..bytes.len() {
            let mut fields = Fields::of(&bytes[..end]);
            // Every cut ends in a field's end or an error, and in no panic.
            while let Ok(Some(_)) = fields.next() {}
        }
    }

    #[test]
    fn lengths_beyond_the_end_are_refused() {
        for bytes in [
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..],
            &[0x0a, 2, 1],
            &[0x0b],
            &[0x80; 11],
            &[9, 1],
        ] {
            assert!(Fields::of(bytes).next().is_err(), "{bytes:?}");
        }
    }
}
