//! The changes that a task attempt made in a directory, in the order in which they are done.
//!
//! Knows paths, what stood at them when the attempt first changed them, and where the new bytes
//! lie. Does not know how a change is carried out. Plain data, written to disk before the first
//! of them is done.

use super::state::State;
use serde::{Deserialize, Serialize};

/// One change of a directory's content. Paths are relative to the directory, without `.`, `..` and
/// doubled slashes; `below` is what the attempt found there, `None` for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Change {
    /// A directory is there. Its permission bits are set where they are said.
    Dir { path: String, mode: Option<u32> },
    /// A file or link lies in a layer at the same path, and takes its place. `same` is the path of
    /// another name of the same file, put before it.
    Put { path: String, layer: u32, below: Option<State>, same: Option<String> },
    /// A second name of a file that the attempt did not change.
    Link { path: String, to: String, below: Option<State> },
    /// A file or link is gone.
    Remove { path: String, below: State },
    /// A directory is gone, if nothing is in it any more.
    RemoveDir { path: String },
}

impl Change {
    /// Every path that the change names.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let (path, other) = match self {
            Self::Dir { path, .. } | Self::Remove { path, .. } | Self::RemoveDir { path } => (path, None),
            Self::Put { path, same, .. } => (path, same.as_ref()),
            Self::Link { path, to, .. } => (path, Some(to)),
        };
        std::iter::once(path).chain(other).map(String::as_str)
    }
}
