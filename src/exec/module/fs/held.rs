//! Files in memory that nobody can change: scripts, exit codes, ConfigMaps and Secrets.
//!
//! Knows paths and bytes. Does not know what they are for.

use super::backend::{Age, Backend, Identity, Kind, Listed, OpenHow, Opened, PERMISSIONS, Stat};
use super::errno::Errno;
use super::file::OpenFile;
use crate::volumes::{Files, HeldFile};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Device numbers of held files start here; no kernel's are as high.
static NEXT_DEVICE: AtomicU64 = AtomicU64::new(u64::MAX / 2);

/// Holds files in memory. With a file at the path "", the mount itself is that file.
pub struct HeldBackend {
    files: Files,
    device: u64,
}

impl HeldBackend {
    /// A mount of these files.
    #[must_use]
    pub fn new(files: Files) -> Self {
        Self { files, device: NEXT_DEVICE.fetch_add(1, Ordering::Relaxed) }
    }

    /// A mount that is one file.
    #[must_use]
    pub fn file(bytes: &[u8], mode: u32) -> Self {
        let mut files = Files::default();
        files.insert("", bytes, mode);
        Self::new(files)
    }

    fn find(&self, path: &str) -> Result<Found<'_>, Errno> {
        if let Some(file) = self.files.0.get(path) {
            let place = self.files.0.range(..path.to_owned()).count();
            return Ok(Found::File(file, self.identity(2 * place as u64 + 2)));
        }
        let inside = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut after = self.files.0.range(inside.clone()..);
        if path.is_empty() || after.next().is_some_and(|(own, _)| own.starts_with(&inside)) {
            // Directories have odd numbers: the place of their first file, told apart by depth.
            let place = self.files.0.range(..inside).count() as u64;
            let depth = path.matches('/').count() as u64 + u64::from(!path.is_empty());
            return Ok(Found::Dir(self.identity((place << 16) + 2 * depth + 1)));
        }
        // A file in the way is another answer than nothing there.
        let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        if above.into_iter().any(|above| self.files.0.contains_key(above)) || self.files.0.contains_key("") {
            return Err(Errno::NotDir);
        }
        Err(Errno::NoEntry)
    }

    fn identity(&self, inode: u64) -> Identity {
        Identity { device: self.device, inode }
    }
}

enum Found<'a> {
    File(&'a HeldFile, Identity),
    Dir(Identity),
}

impl Backend for HeldBackend {
    fn stat(&self, path: &str) -> Result<Stat, Errno> {
        let (kind, size, identity, mode) = match self.find(path)? {
            Found::File(file, identity) => (Kind::File, file.bytes.len() as u64, identity, file.mode),
            Found::Dir(identity) => (Kind::Dir, 0, identity, 0o755),
        };
        Ok(Stat { kind, size, links: 1, identity, modified: 0, mode: mode & PERMISSIONS, age: Age::Old })
    }

    fn open(&self, path: &str, how: OpenHow) -> Result<Opened, Errno> {
        let stat = self.stat(path)?;
        match self.find(path)? {
            Found::Dir(_) if how.write => Err(Errno::IsDir),
            Found::Dir(_) => Ok(Opened::Dir),
            Found::File(..) if how.write || how.truncate => Err(Errno::ReadOnly),
            Found::File(file, _) => Ok(Opened::File(OpenFile::Memory(file.bytes.clone(), stat), stat)),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<Listed>, Errno> {
        if let Found::File(..) = self.find(path)? {
            return Err(Errno::NotDir);
        }
        let inside = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut names: BTreeMap<&str, bool> = BTreeMap::new();
        for own in self.files.0.range(inside.clone()..).map(|(own, _)| own) {
            let Some(rest) = own.strip_prefix(inside.as_str()) else { break };
            match rest.split_once('/') {
                Some((name, _)) => names.insert(name, true),
                None => names.insert(rest, false),
            };
        }
        names
            .into_iter()
            .map(|(name, dir)| {
                let stat = self.stat(&format!("{inside}{name}"))?;
                let kind = if dir { Kind::Dir } else { Kind::File };
                Ok(Listed { name: name.to_owned(), kind, identity: stat.identity })
            })
            .collect()
    }
}
