//! A mount of an overlay, or of a directory in it.
//!
//! Knows the path of its top. Does not know what the overlay does with a path. Several mounts of
//! one overlay show the same files.

use super::Overlay;
use crate::exec::module::fs::backend::{Backend, Kind, Listed, OpenHow, Opened, SetTime, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::path::{beneath, join};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Linux: how many links one path may go through.
const MOST_LINKS: usize = 40;

/// A directory of an overlay as the top of a mount.
#[derive(Clone)]
pub struct OverlayMount {
    overlay: Arc<Overlay>,
    /// Without links, `.` and `..`; "" is the overlay's own top.
    top: String,
}

impl OverlayMount {
    /// A mount of the whole overlay.
    #[must_use]
    pub fn new(overlay: Arc<Overlay>) -> Self {
        Self { overlay, top: String::new() }
    }

    /// The overlay.
    #[must_use]
    pub fn overlay(&self) -> &Arc<Overlay> {
        &self.overlay
    }

    /// A mount of the directory at a path in this one, made at the first write where it is missing.
    /// Links on the way are followed where they stay inside. Fails where something else than a
    /// directory stands there.
    pub fn inside(&self, path: &str) -> Result<Self, Errno> {
        let mut pending: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        let (mut here, mut links) = (self.top.clone(), 0);
        while let Some(name) = pending.pop_front() {
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    if here == self.top {
                        return Err(Errno::NotPermitted);
                    }
                    here.truncate(here.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let next = join(&here, &name);
            match self.overlay.stat_at(&next).map(|stat| stat.kind) {
                Ok(Kind::Dir) | Err(Errno::NoEntry) => here = next,
                Ok(Kind::Symlink) => {
                    links += 1;
                    let target = self.overlay.read_link_at(&next)?;
                    if links > MOST_LINKS {
                        return Err(Errno::Loop);
                    }
                    if target.starts_with('/') {
                        return Err(Errno::NotPermitted);
                    }
                    for part in target.rsplit('/') {
                        pending.push_front(part.to_owned());
                    }
                }
                Ok(_) => return Err(Errno::NotDir),
                Err(errno) => return Err(errno),
            }
        }
        Ok(Self { overlay: self.overlay.clone(), top: here })
    }

    fn at<'p>(&'p self, path: &'p str) -> Cow<'p, str> {
        beneath(&self.top, path)
    }

    /// Does something that makes a name; where the mount's own directory is missing, makes that first.
    fn making<T>(&self, make: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
        match make() {
            Err(Errno::NoEntry) if !self.top.is_empty() && self.overlay.stat_at(&self.top) == Err(Errno::NoEntry) => {
                self.make_dirs("")?;
                make()
            }
            made => made,
        }
    }
}

impl Backend for OverlayMount {
    fn place(&self) -> Option<std::path::PathBuf> {
        let root = &self.overlay.root().path;
        Some(if self.top.is_empty() { root.clone() } else { root.join(&self.top) })
    }

    fn stat(&self, path: &str) -> Result<Stat, Errno> {
        self.overlay.stat_at(&self.at(path))
    }

    fn open(&self, path: &str, how: OpenHow) -> Result<Opened, Errno> {
        self.overlay.open_at(&self.at(path), how)
    }

    fn list(&self, path: &str) -> Result<Vec<Listed>, Errno> {
        self.overlay.list_at(&self.at(path))
    }

    fn read_link(&self, path: &str) -> Result<String, Errno> {
        self.overlay.read_link_at(&self.at(path))
    }

    fn create(&self, path: &str, how: OpenHow) -> Result<(OpenFile, Stat), Errno> {
        self.making(|| self.overlay.create_at(&self.at(path), how))
    }

    fn make_dir(&self, path: &str) -> Result<(), Errno> {
        self.making(|| self.overlay.make_dir_at(&self.at(path)))
    }

    fn make_dirs(&self, path: &str) -> Result<(), Errno> {
        let path = self.at(path);
        for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
            match self.overlay.make_dir_at(path.get(..end).unwrap_or(&path)) {
                Ok(()) | Err(Errno::Exists) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    fn make_link(&self, target: &str, path: &str) -> Result<(), Errno> {
        self.making(|| self.overlay.make_link_at(target, &self.at(path)))
    }

    fn link(&self, from: &str, to: &str) -> Result<(), Errno> {
        self.overlay.link_at(&self.at(from), &self.at(to))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        self.overlay.rename_at(&self.at(from), &self.at(to))
    }

    fn remove_file(&self, path: &str) -> Result<(), Errno> {
        self.overlay.remove_file_at(&self.at(path))
    }

    fn remove_dir(&self, path: &str) -> Result<(), Errno> {
        self.overlay.remove_dir_at(&self.at(path))
    }

    fn set_times(&self, path: &str, accessed: SetTime, modified: SetTime) -> Result<(), Errno> {
        self.overlay.set_times_at(&self.at(path), accessed, modified)
    }

    fn copied(&self) -> u64 {
        self.overlay.copied.swap(0, Ordering::Relaxed)
    }

    fn set_mode(&self, path: &str, mode: u32) -> Result<(), Errno> {
        self.overlay.set_mode_at(&self.at(path), mode)
    }
}
