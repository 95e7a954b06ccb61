//! One directory of a tree, as the Remote Execution API has it: `Directory`, its nodes, and `Tree`.
//!
//! Knows the canonical encoding, in which the same directory is always the same bytes, and refuses any other. Does
//! not know files or stores. Permission bits stand in `node_properties.unix_mode`: of a file in its node, of a
//! directory in its own message. Owners and times are no part of it.

use super::digest::Digest;
use super::wire::{Fields, Malformed, Value, Writer};

/// The permission bits that are part of a tree: those that a step sees.
pub const PERMISSIONS: u32 = 0o777;

/// Most bytes of a name: what file systems take.
const LONGEST_NAME: usize = 255;

/// Most bytes of a link's target.
pub const LONGEST_TARGET: usize = 4095;

/// One directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// Regular files.
    pub files: Vec<FileNode>,
    /// Directories in it.
    pub directories: Vec<DirectoryNode>,
    /// Symbolic links.
    pub symlinks: Vec<SymlinkNode>,
    /// Its own permission bits. Nothing: they stay as they are, or are a new directory's.
    pub mode: Option<u32>,
}

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNode {
    /// One name, no path.
    pub name: String,
    /// Its content.
    pub digest: Digest,
    /// Whether its owner may execute it: for readers that know no modes.
    pub executable: bool,
    /// Its permission bits.
    pub mode: Option<u32>,
}

impl FileNode {
    /// A file with its permission bits.
    #[must_use]
    pub fn new(name: String, digest: Digest, mode: u32) -> Self {
        Self { name, digest, executable: mode & 0o100 != 0, mode: Some(mode & PERMISSIONS) }
    }

    /// Its permission bits, or those that a file without any is given.
    #[must_use]
    pub fn permissions(&self) -> u32 {
        self.mode.unwrap_or(if self.executable { 0o755 } else { 0o644 }) & PERMISSIONS
    }
}

/// A directory within a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryNode {
    /// One name, no path.
    pub name: String,
    /// The digest of its message.
    pub digest: Digest,
}

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymlinkNode {
    /// One name, no path.
    pub name: String,
    /// What it names. It need not be there.
    pub target: String,
}

impl Directory {
    /// Sorts the nodes by name, as the encoding has them.
    pub fn sort(&mut self) {
        self.files.sort_by(|one, other| one.name.cmp(&other.name));
        self.directories.sort_by(|one, other| one.name.cmp(&other.name));
        self.symlinks.sort_by(|one, other| one.name.cmp(&other.name));
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let sorted = self.files.is_sorted_by(|one, other| one.name <= other.name)
            && self.directories.is_sorted_by(|one, other| one.name <= other.name)
            && self.symlinks.is_sorted_by(|one, other| one.name <= other.name);
        let mut writer = Writer::default();
        if sorted {
            self.write(&mut writer);
        } else {
            let mut sorted = self.clone();
            sorted.sort();
            sorted.write(&mut writer);
        }
        writer.finish()
    }

    fn write(&self, to: &mut Writer) {
        for file in &self.files {
            to.message(1, |node| {
                node.bytes(1, file.name.as_bytes());
                write_digest(node, 2, &file.digest);
                node.number(4, u64::from(file.executable));
                write_mode(node, 6, file.mode);
            });
        }
        for directory in &self.directories {
            to.message(2, |node| {
                node.bytes(1, directory.name.as_bytes());
                write_digest(node, 2, &directory.digest);
            });
        }
        for link in &self.symlinks {
            to.message(3, |node| {
                node.bytes(1, link.name.as_bytes());
                node.bytes(2, link.target.as_bytes());
            });
        }
        write_mode(to, 5, self.mode);
    }

    /// Reads canonical bytes. Anything else is refused: names that are paths, doubled or out of order, fields that
    /// this form does not have.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut directory = Self::default();
        let mut fields = Fields::of(bytes);
        while let Some((field, value)) = fields.next()? {
            match field {
                1 => directory.files.push(read_file(value)?),
                2 => directory.directories.push(read_directory(value)?),
                3 => directory.symlinks.push(read_link(value)?),
                5 => directory.mode = read_mode(value)?,
                _ => return Err(Malformed("a directory has an unknown field")),
            }
        }
        directory.check()?;
        let mut again = Writer::default();
        directory.write(&mut again);
        if again.finish() == bytes { Ok(directory) } else { Err(Malformed("a directory is not in canonical form")) }
    }

    /// Names are single, in order, and in one list only.
    fn check(&self) -> Result<(), Malformed> {
        let files: Vec<&str> = self.files.iter().map(|node| node.name.as_str()).collect();
        let directories: Vec<&str> = self.directories.iter().map(|node| node.name.as_str()).collect();
        let links: Vec<&str> = self.symlinks.iter().map(|node| node.name.as_str()).collect();
        for names in [&files, &directories, &links] {
            if !names.is_sorted_by(|one, other| one < other) {
                return Err(Malformed("the names in a directory are doubled or out of order"));
            }
            if !names.iter().all(|name| is_name(name)) {
                return Err(Malformed("a name in a directory is none"));
            }
        }
        let other = |name: &&str| directories.binary_search(name).is_ok() || links.binary_search(name).is_ok();
        if files.iter().any(other) || directories.iter().any(|name| links.binary_search(name).is_ok()) {
            return Err(Malformed("a name in a directory stands for two things"));
        }
        if !self.symlinks.iter().all(|link| is_target(&link.target)) {
            return Err(Malformed("a symbolic link's target is none"));
        }
        Ok(())
    }
}

/// Whether text is one name in a directory.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && name.len() <= LONGEST_NAME && !name.contains(['/', '\0'])
}

/// Whether a symbolic link can have this target.
#[must_use]
pub fn is_target(target: &str) -> bool {
    !target.is_empty() && target.len() <= LONGEST_TARGET && !target.contains('\0')
}

/// A tree with all its directories in one message, which other clients of a server ask for.
#[must_use]
pub fn encode_tree(root: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.item(1, root);
    children.iter().for_each(|child| writer.item(2, child));
    writer.finish()
}

/// A digest as a field of a message.
pub(super) fn write_digest(to: &mut Writer, field: u32, digest: &Digest) {
    to.message(field, |inner| {
        inner.hex(1, digest);
        inner.number(2, digest.size);
    });
}

/// A digest from a field of a message.
pub(super) fn read_digest(value: Value<'_>) -> Result<Digest, Malformed> {
    let (mut hash, mut size) = (&[][..], 0);
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => hash = value.bytes()?,
            2 => size = value.number()?,
            _ => {}
        }
    }
    if i64::try_from(size).is_err() {
        return Err(Malformed("a digest's size is negative"));
    }
    Digest::from_hex(hash, size).ok_or(Malformed("a digest is none"))
}

fn write_mode(to: &mut Writer, field: u32, mode: Option<u32>) {
    if let Some(mode) = mode {
        to.message(field, |properties| properties.message(3, |inner| inner.number(1, u64::from(mode))));
    }
}

fn read_mode(value: Value<'_>) -> Result<Option<u32>, Malformed> {
    let mut mode = None;
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        if field != 3 {
            return Err(Malformed("a node has properties other than its mode"));
        }
        let mut inner = Fields::of(value.bytes()?);
        let number = inner.next()?.map_or(Ok(0), |(_, value)| value.number())?;
        mode = Some(u32::try_from(number).map_err(|_| Malformed("a mode is none"))?);
    }
    Ok(mode)
}

fn read_file(value: Value<'_>) -> Result<FileNode, Malformed> {
    let (mut name, mut digest, mut executable, mut mode) = (String::new(), None, false, None);
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => name = value.text()?,
            2 => digest = Some(read_digest(value)?),
            4 => executable = value.truth()?,
            6 => mode = read_mode(value)?,
            _ => return Err(Malformed("a file has an unknown field")),
        }
    }
    let digest = digest.ok_or(Malformed("a file has no digest"))?;
    Ok(FileNode { name, digest, executable, mode })
}

fn read_directory(value: Value<'_>) -> Result<DirectoryNode, Malformed> {
    let (mut name, mut digest) = (String::new(), None);
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => name = value.text()?,
            2 => digest = Some(read_digest(value)?),
            _ => return Err(Malformed("a directory's node has an unknown field")),
        }
    }
    Ok(DirectoryNode { name, digest: digest.ok_or(Malformed("a directory's node has no digest"))? })
}

fn read_link(value: Value<'_>) -> Result<SymlinkNode, Malformed> {
    let (mut name, mut target) = (String::new(), String::new());
    let mut fields = Fields::of(value.bytes()?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => name = value.text()?,
            2 => target = value.text()?,
            _ => return Err(Malformed("a symbolic link has an unknown field")),
        }
    }
    Ok(SymlinkNode { name, target })
}
