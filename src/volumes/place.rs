//! A directory of the host that may not be on disk yet: made at the first write.
//!
//! Knows one directory and how to make it. Does not know what it is for, who may write to
//! it, or guests.

use super::beneath;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use rustix::fs::OFlags;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A directory, opened once it exists. Clones share it.
#[derive(Debug, Clone)]
pub struct Place(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    anchor: Anchor,
    dir: OnceLock<Dir>,
}

#[derive(Debug)]
enum Anchor {
    /// A path of the machine. `private`: nobody else makes it, so that until we do it is not
    /// looked for.
    Host { path: PathBuf, private: bool },
    /// A directory inside another place, at a relative path.
    Inside { outer: Place, path: String },
}

impl Place {
    /// A directory that others may make or have made.
    #[must_use]
    pub fn shared(path: PathBuf) -> Self {
        Self::new(Anchor::Host { path, private: false })
    }

    /// A directory that is ours alone and is not there yet.
    #[must_use]
    pub fn private(path: PathBuf) -> Self {
        Self::new(Anchor::Host { path, private: true })
    }

    /// A directory that has to be there already. Fails as opening it does.
    pub fn existing(path: &Path) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        let place = Self::shared(path.to_owned());
        // A place that was just made holds nothing yet, so this cannot be refused.
        let _ = place.0.dir.set(dir);
        Ok(place)
    }

    /// A directory that has to be there already, at an absolute path that was found to be without
    /// links: one that stands in it now was put there since, and is refused.
    pub fn unlinked(path: &Path) -> io::Result<Self> {
        let root = std::fs::File::open("/")?;
        let inside = path.to_str().and_then(|path| path.strip_prefix('/')).ok_or(io::ErrorKind::InvalidInput)?;
        let dir = beneath::open(root.as_fd(), inside, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let place = Self::shared(path.to_owned());
        // A place that was just made holds nothing yet, so this cannot be refused.
        let _ = place.0.dir.set(Dir::from_std_file(dir.into()));
        Ok(place)
    }

    /// The directory at a path inside this one. Links on the way are followed where they stay
    /// inside.
    #[must_use]
    pub fn inside(&self, path: &str) -> Self {
        Self::new(Anchor::Inside { outer: self.clone(), path: path.to_owned() })
    }

    fn new(anchor: Anchor) -> Self {
        Self(Arc::new(Inner { anchor, dir: OnceLock::new() }))
    }

    /// The directory if it is on disk.
    pub fn dir(&self) -> io::Result<Option<&Dir>> {
        if let Some(dir) = self.0.dir.get() {
            return Ok(Some(dir));
        }
        let opened = match &self.0.anchor {
            Anchor::Host { private: true, .. } => return Ok(None),
            Anchor::Host { path, .. } => Dir::open_ambient_dir(path, ambient_authority()),
            Anchor::Inside { outer, path } => match outer.dir()? {
                Some(dir) => dir.open_dir(path),
                None => return Ok(None),
            },
        };
        match opened {
            Ok(dir) => Ok(Some(self.0.dir.get_or_init(|| dir))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The directory, made with those above it where it is missing.
    pub fn make(&self) -> io::Result<&Dir> {
        if let Some(dir) = self.0.dir.get() {
            return Ok(dir);
        }
        let dir = match &self.0.anchor {
            Anchor::Host { path, .. } => {
                std::fs::create_dir_all(path)?;
                Dir::open_ambient_dir(path, ambient_authority())?
            }
            Anchor::Inside { outer, path } => {
                let outer = outer.make()?;
                outer.create_dir_all(path)?;
                outer.open_dir(path)?
            }
        };
        Ok(self.0.dir.get_or_init(|| dir))
    }

    /// Whether the directory has been opened or made through this place.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.dir.get().is_some()
    }

    /// Where it is or would be on the machine, without links as far as it is there.
    #[must_use]
    pub fn canonical(&self) -> PathBuf {
        let path = std::path::absolute(self.path()).unwrap_or_else(|_| self.path());
        let mut missing = Vec::new();
        for above in path.ancestors() {
            if let Ok(mut found) = std::fs::canonicalize(above) {
                found.extend(missing.iter().rev());
                return found;
            }
            missing.extend(above.file_name());
        }
        path
    }

    /// Where it is or would be on the machine.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match &self.0.anchor {
            Anchor::Host { path, .. } => path.clone(),
            Anchor::Inside { outer, path } => outer.path().join(path),
        }
    }
}
