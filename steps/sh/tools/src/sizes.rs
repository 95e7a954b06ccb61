//! Sizes as people write and read them: `10K`, `1.5M`, blocks.
//!
//! Knows GNU's suffixes and rounding (always up). Does not know what is measured.

const LETTERS: [char; 8] = ['K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

/// `1.5K`, rounded up as GNU does; `base` is 1024 or 1000.
pub fn human(bytes: u64, base: u64) -> String {
    if bytes < base {
        return bytes.to_string();
    }
    let (bytes, base) = (u128::from(bytes), u128::from(base));
    let mut unit = 1u128;
    let mut at = 0;
    while bytes >= unit * base && at < LETTERS.len() {
        unit *= base;
        at += 1;
    }
    let letter = |at: usize| match LETTERS[at - 1] {
        'K' if base == 1000 => 'k',
        letter => letter,
    };
    let tenths = (bytes * 10).div_ceil(unit);
    if tenths < 100 {
        return format!("{}.{}{}", tenths / 10, tenths % 10, letter(at));
    }
    let whole = bytes.div_ceil(unit);
    if whole >= base && at < LETTERS.len() {
        return format!("1.0{}", letter(at + 1));
    }
    format!("{whole}{}", letter(at))
}

/// A number with a suffix: `10`, `2K`, `2KB` (1000), `2KiB`, `1b` (512), `1c`, `1w` (2).
pub fn parse(text: &str) -> Option<u64> {
    let end = text.find(|one: char| !one.is_ascii_digit()).unwrap_or(text.len());
    let (digits, suffix) = text.split_at(end);
    let number: u64 = if digits.is_empty() { 1 } else { digits.parse().ok()? };
    if digits.is_empty() && suffix.is_empty() {
        return None;
    }
    number.checked_mul(unit(suffix)?)
}

fn unit(suffix: &str) -> Option<u64> {
    match suffix {
        "" | "c" | "B" => return Some(1),
        "w" => return Some(2),
        "b" => return Some(512),
        _ => {}
    }
    let first = suffix.chars().next()?;
    let power = LETTERS.iter().position(|letter| *letter == first.to_ascii_uppercase())? as u32 + 1;
    let base: u64 = match &suffix[1..] {
        "" | "iB" => 1024,
        "B" => 1000,
        _ => return None,
    };
    base.checked_pow(power)
}
