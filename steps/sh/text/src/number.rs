//! Numbers of a command line, with the suffixes that GNU's tools multiply them by.
//!
//! Does not know what is counted.

/// A whole number without a sign or a suffix.
pub fn plain(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |number: u64, byte: &u8| number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
    Some(text.iter().fold(0, digit))
}

/// What a suffix multiplies by: `b` is 512, `K` and `KiB` 1024, `kB` and `KB` 1000, and so on.
pub fn multiplier(suffix: &[u8]) -> Option<u64> {
    let power = |letter: u8| b"KMGTPE".iter().position(|known| *known == letter).map(|at| at as u32 + 1);
    match suffix {
        [] => Some(1),
        [b'b'] => Some(512),
        [letter] | [letter, b'i', b'B'] => Some(1024u64.pow(power(upper(*letter))?)),
        [letter, b'B'] => Some(1000u64.pow(power(upper(*letter))?)),
        _ => None,
    }
}

fn upper(letter: u8) -> u8 {
    if letter == b'k' || letter == b'm' { letter.to_ascii_uppercase() } else { letter }
}

/// A whole number with a suffix.
pub fn sized(text: &[u8]) -> Option<u64> {
    let digits = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    Some(plain(&text[..digits])?.saturating_mul(multiplier(&text[digits..])?))
}

/// A number that may be octal or hexadecimal, with a suffix.
pub fn any_base(text: &[u8]) -> Option<u64> {
    if let Some(hex) = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")) {
        return u64::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok();
    }
    let digits = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let base = if text.starts_with(b"0") && digits > 1 { 8 } else { 10 };
    let number = u64::from_str_radix(std::str::from_utf8(&text[..digits]).ok()?, base).ok()?;
    Some(number.saturating_mul(multiplier(&text[digits..])?))
}
