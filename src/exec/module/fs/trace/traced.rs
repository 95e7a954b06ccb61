//! A backend behind which every call is noted.
//!
//! Knows what each call sees, and what it changes. Does not know what becomes of it. What changes something is done
//! while the trace is held, so that no other program of the step takes what it left for what was there before.

use super::{At, Trace};
use crate::exec::module::fs::backend::{Backend, Kind, Listed, OpenHow, Opened, SetTime, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::path::beneath;
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

/// A mount, traced.
pub(super) struct Traced {
    inner: Arc<dyn Backend>,
    trace: Arc<Trace>,
    ground: usize,
    /// Where its top lies in the ground.
    top: String,
}

impl Traced {
    pub(super) fn new(inner: Arc<dyn Backend>, trace: Arc<Trace>, ground: usize, top: String) -> Self {
        Self { inner, trace, ground, top }
    }

    /// A path of the mount as one of the ground.
    fn at<'p>(&'p self, path: &'p str) -> Cow<'p, str> {
        beneath(&self.top, path)
    }

    fn ground<'p>(&self, path: &'p str) -> At<'p> {
        At { ground: self.ground, path }
    }

    /// Does something that makes a name: what is seen of it is whether something has it.
    fn making<T>(&self, path: &str, make: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
        let path = self.at(path);
        let mut inner = self.trace.lock();
        self.trace.parent(&mut inner, self.ground(&path));
        self.trace.touch(&mut inner, self.ground(&path), false);
        let made = make();
        let made = self.refused(&mut inner, made)?;
        Trace::made_own(&mut inner, self.ground(&path));
        Ok(made)
    }

    /// Notes an error that depends on who runs this.
    fn refused<T>(&self, inner: &mut super::Inner, answer: Result<T, Errno>) -> Result<T, Errno> {
        if let Err(errno) = &answer
            && super::is_of_the_machine(*errno)
        {
            inner.spoil(|| format!("it met an error of the machine: {errno}"));
        }
        answer
    }

    /// Notes that attributes of a directory, or the mode of a file, were set and nothing else.
    fn set(inner: &mut super::Inner, at: At<'_>) {
        if let Some(paths) = inner.paths.get_mut(at.ground) {
            paths.set.insert(at.path.to_owned());
        }
    }
}

impl Backend for Traced {
    fn place(&self) -> Option<PathBuf> {
        self.inner.place()
    }

    fn stat(&self, path: &str) -> Result<Stat, Errno> {
        let full = self.at(path);
        self.trace.touch(&mut self.trace.lock(), self.ground(&full), true);
        self.inner.stat(path)
    }

    fn open(&self, path: &str, how: OpenHow) -> Result<Opened, Errno> {
        let full = self.at(path);
        let at = self.ground(&full);
        let mut inner = self.trace.lock();
        if !(how.write || how.truncate || how.append) {
            self.trace.content(&mut inner, at, false);
            let opened = self.inner.open(path, how);
            return self.refused(&mut inner, opened);
        }
        let touched = self.trace.touch(&mut inner, at, !how.truncate);
        let is_file = touched.is_some_and(|touched| touched.base.as_ref().is_ok_and(|stat| stat.kind == Kind::File));
        if is_file && (!how.truncate || self.trace.is_pending(&inner, at)) {
            self.trace.content(&mut inner, at, true);
        }
        let opened = self.inner.open(path, how);
        let opened = self.refused(&mut inner, opened)?;
        if is_file {
            Trace::made_own(&mut inner, at);
        }
        Ok(opened)
    }

    fn list(&self, path: &str) -> Result<Vec<Listed>, Errno> {
        let full = self.at(path);
        let at = self.ground(&full);
        let mut inner = self.trace.lock();
        self.trace.touch(&mut inner, at, false);
        let listed = self.inner.list(path);
        let listed = self.refused(&mut inner, listed)?;
        self.trace.listed(&mut inner, at, &listed);
        Ok(listed)
    }

    fn read_link(&self, path: &str) -> Result<String, Errno> {
        let full = self.at(path);
        let mut inner = self.trace.lock();
        self.trace.link_target(&mut inner, self.ground(&full));
        self.inner.read_link(path)
    }

    fn create(&self, path: &str, how: OpenHow) -> Result<(OpenFile, Stat), Errno> {
        self.making(path, || self.inner.create(path, how))
    }

    fn make_dir(&self, path: &str) -> Result<(), Errno> {
        self.making(path, || self.inner.make_dir(path))
    }

    fn make_dirs(&self, path: &str) -> Result<(), Errno> {
        let full = self.at(path);
        let mut inner = self.trace.lock();
        self.trace.touch(&mut inner, self.ground(""), false);
        let mut missing = Vec::new();
        for end in full.match_indices('/').map(|(end, _)| end).chain([full.len()]) {
            let Some(part) = full.get(..end) else { continue };
            let touched = self.trace.touch(&mut inner, self.ground(part), false);
            if touched.is_some_and(|touched| touched.base.is_err()) {
                missing.push(part);
            }
        }
        let made = self.inner.make_dirs(path);
        self.refused(&mut inner, made)?;
        // Those beneath the first are beneath what is own then.
        missing.into_iter().for_each(|part| Trace::made_own(&mut inner, self.ground(part)));
        Ok(())
    }

    fn make_link(&self, target: &str, path: &str) -> Result<(), Errno> {
        self.making(path, || self.inner.make_link(target, path))
    }

    fn link(&self, from: &str, to: &str) -> Result<(), Errno> {
        let (source, target) = (self.at(from), self.at(to));
        let mut inner = self.trace.lock();
        // Which error comes first depends on what is above either.
        self.trace.parent(&mut inner, self.ground(&source));
        let is_theirs = self.trace.touch(&mut inner, self.ground(&source), true).is_some();
        self.trace.parent(&mut inner, self.ground(&target));
        self.trace.touch(&mut inner, self.ground(&target), false);
        let linked = self.inner.link(from, to);
        self.refused(&mut inner, linked)?;
        if is_theirs {
            // It would have to be told which names of the file were there before.
            inner.spoil(|| "it gave a further name to a file that it did not make".to_owned());
        }
        Trace::made_own(&mut inner, self.ground(&target));
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        let (source, target) = (self.at(from), self.at(to));
        let mut inner = self.trace.lock();
        self.trace.parent(&mut inner, self.ground(&source));
        self.trace.parent(&mut inner, self.ground(&target));
        self.trace.whole(&mut inner, self.ground(&source));
        self.trace.leaves(&mut inner, self.ground(&target));
        let replaced = self.trace.touch(&mut inner, self.ground(&target), false);
        if replaced.is_some_and(|touched| touched.base.as_ref().is_ok_and(|stat| stat.kind == Kind::Dir))
            && let Ok(listed) = self.inner.list(to)
        {
            self.trace.listed(&mut inner, self.ground(&target), &listed);
        }
        let renamed = self.inner.rename(from, to);
        self.refused(&mut inner, renamed)?;
        Trace::made_own(&mut inner, self.ground(&source));
        Trace::made_own(&mut inner, self.ground(&target));
        Ok(())
    }

    fn remove_file(&self, path: &str) -> Result<(), Errno> {
        let full = self.at(path);
        let at = self.ground(&full);
        let mut inner = self.trace.lock();
        self.trace.parent(&mut inner, at);
        self.trace.touch(&mut inner, at, false);
        self.trace.leaves(&mut inner, at);
        let removed = self.inner.remove_file(path);
        self.refused(&mut inner, removed)?;
        Trace::made_own(&mut inner, at);
        Ok(())
    }

    fn remove_dir(&self, path: &str) -> Result<(), Errno> {
        let full = self.at(path);
        let at = self.ground(&full);
        let mut inner = self.trace.lock();
        self.trace.parent(&mut inner, at);
        self.trace.touch(&mut inner, at, false);
        if let Ok(listed) = self.inner.list(path) {
            self.trace.listed(&mut inner, at, &listed);
        }
        let removed = self.inner.remove_dir(path);
        self.refused(&mut inner, removed)?;
        Trace::made_own(&mut inner, at);
        Ok(())
    }

    fn set_times(&self, path: &str, accessed: SetTime, modified: SetTime) -> Result<(), Errno> {
        let full = self.at(path);
        let at = self.ground(&full);
        let mut inner = self.trace.lock();
        let kind = self.trace.touch(&mut inner, at, true).and_then(|touched| touched.base.ok()).map(|stat| stat.kind);
        match kind {
            // What it holds is put there again with them.
            Some(Kind::File) => self.trace.content(&mut inner, at, true),
            Some(Kind::Symlink) => self.trace.link_target(&mut inner, at),
            Some(_) | None => {}
        }
        let set = self.inner.set_times(path, accessed, modified);
        self.refused(&mut inner, set)?;
        match kind {
            Some(Kind::Dir) => Self::set(&mut inner, at),
            Some(_) => Trace::made_own(&mut inner, at),
            None => {}
        }
        Ok(())
    }

    fn copied(&self) -> u64 {
        self.inner.copied()
    }

    fn set_mode(&self, path: &str, mode: u32) -> Result<(), Errno> {
        let full = self.at(path);
        let at = self.ground(&full);
        let mut inner = self.trace.lock();
        let is_theirs = self.trace.touch(&mut inner, at, false).is_some();
        let set = self.inner.set_mode(path, mode);
        self.refused(&mut inner, set)?;
        if is_theirs {
            Self::set(&mut inner, at);
        }
        Ok(())
    }
}
