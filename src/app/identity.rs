//! Names and numbers that a new run gets from chance: a generated name's end, a uid.
//!
//! Knows their alphabets. Does not know what they name.

use super::error::AppError;

/// Kubernetes' letters for generated names: without vowels and look-alikes.
const NAME_LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The final name of an object: as written, or `generateName` with five random characters.
///
/// # Errors
/// The machine has no random bytes.
pub fn run_name(name: &str, generate_name: &str) -> Result<String, AppError> {
    if !name.is_empty() {
        return Ok(name.to_owned());
    }
    // Kubernetes cuts the base so that the whole stays within 63 characters.
    let base: String = generate_name.chars().take(58).collect();
    Ok(format!("{base}{}", letters(5, NAME_LETTERS)?))
}

/// A random UUID (version 4).
///
/// # Errors
/// The machine has no random bytes.
pub fn uid() -> Result<String, AppError> {
    let mut bytes: [u8; 16] = random()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

fn letters(count: usize, alphabet: &[u8]) -> Result<String, AppError> {
    let bytes: [u8; 16] = random()?;
    Ok(bytes.iter().take(count).map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()])).collect())
}

/// Random bytes.
///
/// # Errors
/// The machine has none.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        AppError::fault(
            format!("no random bytes from the machine: {error}"),
            "Stepwell needs the getrandom system call",
        )
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_shapes() {
        assert_eq!(run_name("fixed", "x-"), Ok("fixed".to_owned()));
        let name = run_name("", "edge-").expect("random bytes");
        assert!(name.starts_with("edge-") && name.len() == 10, "{name}");
        let uid = uid().expect("random bytes");
        assert!(uid.len() == 36 && uid.as_bytes()[14] == b'4', "{uid}");
    }
}
