//! Names of members: what is left out of them, and which patterns they fit.
//!
//! Knows GNU's rules. A member never leads out of where it is unpacked.

use userland_text::glob;

/// A name without what would lead out: leading slashes, and all up to the last `..`. With what was taken away.
pub fn safe(name: &[u8]) -> (&[u8], &[u8]) {
    let mut begin = 0;
    let mut at = 0;
    for part in name.split(|byte| *byte == b'/') {
        let end = at + part.len();
        if part == b".." {
            begin = end;
        }
        at = end + 1;
    }
    begin = begin.min(name.len());
    while name.get(begin) == Some(&b'/') {
        begin += 1;
    }
    (&name[begin..], &name[..begin])
}

/// A name without its first parts; `None` where it has no more.
pub fn stripped(name: &[u8], count: usize) -> Option<&[u8]> {
    let mut rest = name;
    for _ in 0..count {
        while let Some(after) = rest.strip_prefix(b"/") {
            rest = after;
        }
        let at = rest.iter().position(|byte| *byte == b'/')?;
        rest = &rest[at + 1..];
    }
    while let Some(after) = rest.strip_prefix(b"/") {
        rest = after;
    }
    (!rest.is_empty() || count == 0).then_some(rest)
}

/// Whether a pattern leaves a name out: one that fits it, or a directory above it, from any slash on.
pub fn excludes(pattern: &[u8], name: &[u8]) -> bool {
    let pattern = trimmed(pattern);
    let name = trimmed(name);
    let starts =
        std::iter::once(0).chain(name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at + 1));
    starts.into_iter().any(|start| {
        let part = &name[start..];
        let ends = part.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        ends.chain(std::iter::once(part.len())).any(|end| glob::matches(pattern, &part[..end], false))
    })
}

/// Whether a name, or a directory above it, is the one asked for.
pub fn asked_for(asked: &[u8], name: &[u8], wildcards: bool) -> bool {
    let (asked, name) = (trimmed(asked), trimmed(name));
    if wildcards {
        let ends = name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        return ends.chain(std::iter::once(name.len())).any(|end| glob::matches(asked, &name[..end], false));
    }
    name == asked || name.starts_with(asked) && name.get(asked.len()) == Some(&b'/')
}

fn trimmed(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|byte| *byte != b'/').map_or(name.len().min(1), |at| at + 1);
    &name[..end]
}
