//! What is kept of a step's trace: plain data, the same on every machine.
//!
//! Knows shapes. Does not know files. A ground is told by its number among the step's mounts, whose order is part of
//! what is asked for; a path is inside its ground.

use crate::exec::module::fs::backend::Kind;
use serde::{Deserialize, Serialize};

/// BLAKE3 of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl From<blake3::Hasher> for Digest {
    fn from(hasher: blake3::Hasher) -> Self {
        Self(*hasher.finalize().as_bytes())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        blake3::Hash::from_bytes(digest.0).to_hex().to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = blake3::HexError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Self(*blake3::Hash::from_hex(text)?.as_bytes()))
    }
}

/// A path, and what the step saw there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    pub ground: usize,
    pub path: String,
    pub seen: Observed,
}

/// What a step saw at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// What stood there, or the error (WASI's number) that said why nothing did.
    pub there: Result<Shown, u16>,
    /// All of that was seen, and not only what it is and its mode.
    pub full: bool,
    /// What it held, where that was seen.
    pub content: Option<Digest>,
    /// Which names it held, where that was seen.
    pub listing: Option<Digest>,
}

/// What a guest is shown of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub kind: Kinds,
    pub mode: u32,
    pub size: u64,
    pub links: u64,
    pub time: u64,
    /// The time of access, where it is another.
    pub accessed: Option<u64>,
}

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kinds {
    Dir,
    File,
    Link,
    Other,
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Dir => Self::Dir,
            Kind::File => Self::File,
            Kind::Symlink => Self::Link,
            Kind::CharDevice | Kind::BlockDevice | Kind::Socket | Kind::Pipe => Self::Other,
        }
    }
}

/// What a step left at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    pub ground: usize,
    pub path: String,
    pub left: Left,
}

/// What stands there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Left {
    /// Nothing.
    Gone,
    /// A directory; `whole` where the step made or replaced it, so that it holds nothing but what is told of it.
    Dir {
        mode: u32,
        whole: bool,
        times: Times,
    },
    /// A directory that is as it was, but for its time.
    Stamped,
    /// A file that was there, of which only the mode was set.
    Mode {
        mode: u32,
    },
    /// A file; `in_place` where it is the one that was there, written to.
    File {
        mode: u32,
        size: u64,
        digest: Digest,
        in_place: bool,
        times: Times,
    },
    Link {
        target: String,
        times: Times,
    },
    /// A further name of a file that was written before it, at this path of the same ground.
    Same {
        path: String,
    },
}

/// Times that the step set itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub modified: Option<u64>,
    pub accessed: Option<u64>,
}

/// The digest of names and what they stand for, in the order of their bytes.
#[must_use]
pub fn listing<'n>(names: impl IntoIterator<Item = (&'n str, Kind)>) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for (name, kind) in names {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(&[Kinds::from(kind) as u8]);
    }
    Digest::from(hasher)
}
