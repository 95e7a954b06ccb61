//! Paths inside a mount, as text without `.`, `..` or doubled slashes ("" is the top): put together and taken apart.
//!
//! Knows slashes. Does not know files, links or mounts.

use std::borrow::Cow;

/// A name in a directory.
#[must_use]
pub fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") }
}

/// The directory above a path, and its last name.
#[must_use]
pub fn parted(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A path that starts at `top`, seen from where `top` starts.
#[must_use]
pub fn beneath<'p>(top: &'p str, path: &'p str) -> Cow<'p, str> {
    match (top.is_empty(), path.is_empty()) {
        (true, _) => path.into(),
        (false, true) => top.into(),
        (false, false) => format!("{top}/{path}").into(),
    }
}
