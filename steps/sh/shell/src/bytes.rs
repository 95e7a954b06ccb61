//! Texts that are not UTF-8: each byte that is no part of a character stands as one from the end of Unicode, which
//! nobody uses, and turns back into the byte when it is written.

const BASE: u32 = 0x10_fe00;

/// The text of these bytes.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(BASE + u32::from(*byte))));
    }
    text
}

/// The same of bytes that may be kept.
#[must_use]
pub fn decode_owned(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| decode(error.as_bytes()))
}

/// The bytes of a text.
#[must_use]
pub fn encode(text: &str) -> std::borrow::Cow<'_, [u8]> {
    // All such characters begin with this byte.
    if !text.as_bytes().contains(&0xf4) {
        return text.as_bytes().into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for char in text.chars() {
        match u32::from(char).checked_sub(BASE) {
            Some(byte @ 0x80..=0xff) => bytes.push(byte as u8),
            _ => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes.into()
}
