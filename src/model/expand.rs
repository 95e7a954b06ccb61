//! Kubernetes' own variables: `$(NAME)` in a container's command, arguments and environment
//! stands for a variable of that environment.
//!
//! Knows the syntax: `$$` is a `$`, and what names no variable stays as written. Does not know
//! Tekton's variables, which have been replaced before, or scripts, in which nothing is replaced.

/// Bytes that one text may grow to. Linux takes no longer argument than 128 KiB; this leaves
/// room for programs that are given more.
pub const MAX_EXPANDED: usize = 1 << 20;

/// A text that grows beyond [`MAX_EXPANDED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its variables make it longer than {MAX_EXPANDED} bytes")]
pub struct TooLong;

/// `text` with its references replaced by what `value` gives (Kubernetes: `expansion.Expand`).
///
/// # Errors
/// [`TooLong`]; a text without references has no limit.
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
        if out.len() > MAX_EXPANDED {
            return Err(TooLong);
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
        assert_eq!(expand(&"$(A)".repeat(300_000), |_| Some(&long)), Err(TooLong));
        assert!(expand(&long.repeat(20), |_| None).is_ok(), "a text without references has none");
    }
}
