//! Kubernetes' own variables: `$(NAME)` in a container's command, arguments and environment
//! stands for a variable of that environment.
//!
//! Knows the syntax: `$$` is a `$`, and what names no variable stays as written. Does not know
//! Tekton's variables, which have been replaced before, or scripts, in which nothing is replaced.

/// Linux: the bytes of one argument or variable (`NAME=value`), the one that ends it included.
pub const LONGEST: usize = 128 << 10;

/// Linux: the bytes of all arguments and variables together, `EACH` more for every one.
pub const MOST: usize = 2 << 20;

/// Linux: the end of a string and the pointer to it.
const EACH: usize = 9;

/// More words than any program is started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooLong {
    /// One is longer than [`LONGEST`].
    #[error(
        "it is longer than 128 KiB, the most that one argument or variable may have, as on Linux; hand it over in a file"
    )]
    One,
    /// All are longer than [`MOST`].
    #[error(
        "arguments and environment are longer than 2 MiB together, the most that a program is started with, as on \
         Linux; hand the large ones over in files"
    )]
    All,
}

/// The room that a program has for its arguments and environment.
#[derive(Debug)]
pub struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MOST)
    }
}

impl Room {
    /// Takes room for a word of so many bytes.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn take(&mut self, length: usize) -> Result<(), TooLong> {
        if length >= LONGEST {
            return Err(TooLong::One);
        }
        self.0 = self.0.checked_sub(length + EACH).ok_or(TooLong::All)?;
        Ok(())
    }

    /// Gives the room of a word back.
    pub fn give_back(&mut self, length: usize) {
        self.0 += length + EACH;
    }
}

/// `text` with its references replaced by what `value` gives (Kubernetes: `expansion.Expand`).
///
/// # Errors
/// [`TooLong::One`]; a text without references has no limit here.
pub fn expand<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, TooLong> {
    if !text.contains('$') {
        return Ok(text.to_owned());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let reference = after.strip_prefix('(').and_then(|inside| inside.split_once(')'));
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((name, tail)) = reference {
            match value(name) {
                Some(value) => out.push_str(value),
                None => out.extend(["$(", name, ")"]),
            }
            rest = tail;
        } else {
            out.push('$');
            rest = after;
        }
        if out.len() > LONGEST {
            return Err(TooLong::One);
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_as_kubernetes_does() {
        let value = |name: &str| match name {
            "A" => Some("one"),
            "EMPTY" => Some(""),
            _ => None,
        };
        for (text, expected) in [
            ("plain", "plain"),
            ("$(A)-$(A)", "one-one"),
            ("[$(EMPTY)]", "[]"),
            ("$(B)", "$(B)"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$one"),
            ("$$$$", "$$"),
            ("$A $", "$A $"),
            ("$(A", "$(A"),
            ("$(A $(A)", "$(A $(A)"),
            ("é$(A)ü", "éoneü"),
        ] {
            assert_eq!(expand(text, value), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn growth_has_a_limit() {
        let long = "x".repeat(100_000);
        assert_eq!(expand(&"$(A)".repeat(300_000), |_| Some(&long)), Err(TooLong::One));
        assert!(expand(&long.repeat(20), |_| None).is_ok(), "a text without references has none");
    }

    #[test]
    fn words_have_room_as_on_linux() {
        let mut room = Room::default();
        assert_eq!(room.take(LONGEST), Err(TooLong::One));
        for _ in 0..15 {
            room.take(LONGEST - 1).expect("has room");
        }
        assert_eq!(room.take(LONGEST - 1), Err(TooLong::All));
        room.give_back(LONGEST - 1);
        room.take(LONGEST - 1).expect("has room again");
        assert!((0..MOST).any(|_| room.take(0) == Err(TooLong::All)), "empty words take room too");
    }
}
