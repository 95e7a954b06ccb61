//! Carries the changes of a commit out, one after the other.
//!
//! Knows the directory that is changed and the layers that hold the new bytes, and never follows a
//! link in either. Does not know where a record is kept.
//!
//! Every change may have been done before, wholly or in part, by a process that died: a file that
//! is not in its layer any more was moved already, what is to go and is not there is gone.

use super::change::Change;
use super::copy::{copy_leaf, same_content};
use super::ground::{Inner, Old};
use super::past::Past;
use super::record::Record;
use super::state::State;
use super::{CommitFault, Commits};
use crate::volumes::Place;
use crate::volumes::beneath::{self, parent};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::{Errno, Result};
use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::{Arc, MutexGuard};

/// A commit under way.
pub(super) struct Work<'a> {
    record: &'a Record,
    ground: MutexGuard<'a, Inner>,
    own: Option<u64>,
    /// The record was left by a process that died.
    again: bool,
    root: Place,
    /// Where commits are recorded, and the record's name there.
    commits: &'a Commits,
    name: &'a str,
    /// Where old versions go that others still read, once there are any.
    past: Option<Arc<Past>>,
    kept: u64,
    layers: BTreeMap<u32, Place>,
    /// Where each file went.
    placed: BTreeMap<String, String>,
    /// Directories that could not be where they should: what lies under the one goes under the other.
    aside: Vec<(String, String)>,
    warnings: Vec<String>,
}

impl<'a> Work<'a> {
    /// Waits until no other commit of this process is under way.
    pub(super) fn new(record: &'a Record, commits: &'a Commits, name: &'a str, own: Option<u64>, again: bool) -> Self {
        Self {
            record,
            ground: commits.ground.lock(),
            commits,
            name,
            own,
            again,
            root: Place::shared(record.root.clone()),
            past: None,
            kept: 0,
            layers: layers(record),
            placed: BTreeMap::new(),
            aside: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Makes every change. Gives what a user should know.
    pub(super) fn carry_out(mut self) -> std::result::Result<Vec<String>, CommitFault> {
        let fault = |path: &str, source: std::io::Error| CommitFault::Change {
            root: self.record.root.display().to_string(),
            path: path.to_owned(),
            source,
        };
        let root = self.root.make().map_err(|error| fault("the directory itself", error))?;
        let found = rustix::fs::fstat(root).map_err(|errno| fault("the directory itself", errno.into()))?;
        if self.record.identity.is_some_and(|known| known != (found.st_dev, found.st_ino)) {
            return Err(CommitFault::Replaced { root: self.record.root.display().to_string() });
        }
        let record = self.record;
        for change in &record.changes {
            let done = match change {
                Change::Dir { path, mode } => self.dir(path, *mode),
                Change::Put { path, layer, below, same } => self.put(path, *layer, *below, same.as_deref()),
                Change::Link { path, to, below } => self.link(path, to, *below),
                Change::Remove { path, below } => self.remove(path, *below),
                Change::RemoveDir { path } => self.remove_dir(path),
            };
            done.map_err(|errno| CommitFault::Change {
                root: record.root.display().to_string(),
                path: change.paths().next().unwrap_or_default().to_owned(),
                source: errno.into(),
            })?;
        }
        Ok(self.warnings)
    }

    fn root(&self) -> Result<BorrowedFd<'_>> {
        directory(&self.root)
    }

    fn state(&self, path: &str) -> Result<Option<State>> {
        match beneath::stat(self.root()?, path) {
            Ok(stat) => Ok(Some(State::of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn dir(&mut self, path: &str, mode: Option<u32>) -> Result<()> {
        let path = self.way_to(path)?;
        match self.state(&path)? {
            Some(state) if state.is_dir() => {}
            Some(_) => {
                let beside = self.beside(&path)?;
                self.make_dir(&beside)?;
                self.warn_kept(&path, &beside);
                self.aside.push((path, beside));
                return Ok(());
            }
            None => {
                self.tell(&path, &Old::Nothing);
                self.make_dir(&path)?;
            }
        }
        if let Some(mode) = mode {
            let dir = beneath::open(self.root()?, &path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW)?;
            rustix::fs::fchmod(&dir, Mode::from_raw_mode(mode))?;
        }
        Ok(())
    }

    fn make_dir(&self, path: &str) -> Result<()> {
        let (dir, name) = parent(self.root()?, path)?;
        match rustix::fs::mkdirat(&dir, name, Mode::from_raw_mode(0o777)) {
            Err(Errno::EXIST) | Ok(()) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    fn put(&mut self, path: &str, layer: u32, below: Option<State>, same: Option<&str>) -> Result<()> {
        match beneath::stat(self.layer(layer)?, path) {
            Ok(_) => {}
            // It was moved before the process died that began this.
            Err(Errno::NOENT) if self.again => {
                self.placed.insert(path.to_owned(), self.mapped(path));
                return Ok(());
            }
            Err(errno) => return Err(errno),
        }
        let to = self.way_to(path)?;
        let now = self.state(&to)?;
        if self.again && now.is_some() && same_content(self.layer(layer)?, path, self.root()?, &to)? {
            return self.forget_source(layer, path);
        }
        let to = if self.may_replace(&to, below, now) { to } else { self.put_beside(&to)? };
        self.keep_old(&to)?;
        self.bring(layer, path, &to, same)?;
        self.placed.insert(path.to_owned(), to.clone());
        self.wrote(&to)
    }

    fn link(&mut self, path: &str, existing: &str, below: Option<State>) -> Result<()> {
        let to = self.way_to(path)?;
        let now = self.state(&to)?;
        let source = match beneath::stat(self.root()?, existing) {
            Ok(stat) => State::of(&stat),
            // Somebody removed the file that is to have a second name: there is none to give.
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => return Err(errno),
        };
        if now.is_some_and(|now| now.holds(&source)) {
            return Ok(());
        }
        let to = if self.may_replace(&to, below, now) { to } else { self.put_beside(&to)? };
        self.keep_old(&to)?;
        let draft = self.draft(&to);
        self.unlink(&draft)?;
        {
            let root = self.root()?;
            let ((from, name), (dir, new)) = (parent(root, existing)?, parent(root, &draft)?);
            rustix::fs::linkat(&from, name, &dir, new, AtFlags::empty())?;
        }
        self.rename_within(&draft, &to)?;
        self.wrote(&to)
    }

    fn remove(&mut self, path: &str, below: State) -> Result<()> {
        let path = self.mapped(path);
        let now = match self.state(&path) {
            Ok(now) => now,
            // What stood above is no directory any more.
            Err(Errno::NOTDIR | Errno::LOOP) => None,
            Err(errno) => return Err(errno),
        };
        let Some(found) = now else { return Ok(()) };
        if found.is_dir() || !self.may_replace(&path, Some(below), now) {
            self.warnings.push(format!(
                "{} was changed while task {} ran, which removed it: it was kept",
                self.shown(&path),
                self.record.task
            ));
            return Ok(());
        }
        self.keep_old(&path)?;
        self.unlink(&path)?;
        self.wrote(&path)
    }

    fn remove_dir(&mut self, path: &str) -> Result<()> {
        let path = self.mapped(path);
        let removed = {
            match parent(self.root()?, &path) {
                Ok((dir, name)) => rustix::fs::unlinkat(&dir, name, AtFlags::REMOVEDIR),
                Err(errno) => Err(errno),
            }
        };
        match removed {
            Ok(()) => self.tell(&path, &Old::Dir),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            Err(Errno::NOTEMPTY | Errno::EXIST) => self.warnings.push(format!(
                "{} was removed by task {}, and kept, as something else was put into it meanwhile",
                self.shown(&path),
                self.record.task
            )),
            Err(errno) => return Err(errno),
        }
        Ok(())
    }

    /// Whether what stands at a path may be replaced: it is what the attempt found there, or
    /// another task of this process put it there (then both are named).
    fn may_replace(&mut self, path: &str, below: Option<State>, now: Option<State>) -> bool {
        let same = match (below, now) {
            (Some(below), Some(now)) => below.holds(&now),
            (None, None) => true,
            // Nothing is lost by putting a file where one was removed.
            (Some(_), None) => self.ground.writer(&self.record.root.join(path), None).is_none(),
            (None, Some(_)) => false,
        };
        if same {
            return true;
        }
        let Some(other) = self.ground.writer(&self.record.root.join(path), now.as_ref()) else { return false };
        self.warnings.push(format!(
            "tasks {other} and {} both wrote {}: that of {} stands",
            self.record.task,
            self.shown(path),
            self.record.task
        ));
        true
    }

    /// A path beside one that stays, which is said.
    fn put_beside(&mut self, path: &str) -> Result<String> {
        let beside = self.beside(path)?;
        self.warn_kept(path, &beside);
        Ok(beside)
    }

    fn warn_kept(&mut self, path: &str, beside: &str) {
        self.warnings.push(format!(
            "{} was changed by somebody else while task {} ran: it was kept, and what the task wrote is {}",
            self.shown(path),
            self.record.task,
            self.shown(beside)
        ));
    }

    fn beside(&self, path: &str) -> Result<String> {
        let first = format!("{path}.stepwell-{}", self.record.run);
        let mut beside = first.clone();
        for number in 2..u32::MAX {
            if self.state(&beside)?.is_none() {
                return Ok(beside);
            }
            beside = format!("{first}-{number}");
        }
        Err(Errno::EXIST)
    }

    /// The path of a change, once everything above it is a directory: made where it is missing,
    /// put beside where something else stands in its place.
    fn way_to(&mut self, path: &str) -> Result<String> {
        let mut path = self.mapped(path);
        let mut from = 0;
        while let Some(end) = path.get(from..).and_then(|rest| rest.find('/')).map(|at| from + at) {
            let above = path.get(..end).unwrap_or_default().to_owned();
            match self.state(&above)? {
                Some(state) if state.is_dir() => from = end + 1,
                Some(_) => {
                    let beside = self.beside(&above)?;
                    self.make_dir(&beside)?;
                    self.warn_kept(&above, &beside);
                    path = format!("{beside}{}", path.get(end..).unwrap_or_default());
                    from = beside.len() + 1;
                    self.aside.push((above, beside));
                }
                None => {
                    self.tell(&above, &Old::Nothing);
                    self.make_dir(&above)?;
                    from = end + 1;
                }
            }
        }
        Ok(path)
    }

    /// A path with what was put aside above it.
    fn mapped(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for (from, to) in &self.aside {
            if let Some(rest) = path.strip_prefix(from.as_str())
                && rest.starts_with('/')
            {
                path = format!("{to}{rest}");
            }
        }
        path
    }

    /// Sees to it that others keep what stands at a path.
    fn keep_old(&mut self, path: &str) -> Result<()> {
        let full = self.record.root.join(path);
        if !self.ground.is_read(&full, self.own) {
            return Ok(());
        }
        let Some(state) = self.state(path)? else {
            self.tell(path, &Old::Nothing);
            return Ok(());
        };
        self.kept += 1;
        let name = self.kept.to_string();
        let past = match &self.past {
            Some(past) => past.clone(),
            None => {
                let made = Past::make(&self.commits.dir, self.name);
                let made = made.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
                self.past.insert(Arc::new(made)).clone()
            }
        };
        {
            let (to, (dir, old)) = (directory(past.place())?, parent(self.root()?, path)?);
            if rustix::fs::linkat(&dir, old, to, name.as_str(), AtFlags::empty()).is_err() {
                // Another file system, or one without links.
                copy_leaf(self.root()?, path, to, &name)?;
            }
        }
        self.tell(path, &Old::Leaf { past, path: name, state });
        Ok(())
    }

    fn tell(&self, path: &str, old: &Old) {
        self.ground.keep(&self.record.root.join(path), self.own, old);
    }

    /// Moves a file or link out of its layer, or copies it where that is another file system.
    fn bring(&mut self, layer: u32, path: &str, to: &str, same: Option<&str>) -> Result<()> {
        let moved = {
            let ((from, name), (dir, new)) = (parent(self.layer(layer)?, path)?, parent(self.root()?, to)?);
            rustix::fs::renameat(&from, name, &dir, new)
        };
        match moved {
            Err(Errno::XDEV) => {}
            moved => return moved,
        }
        let draft = self.draft(to);
        self.unlink(&draft)?;
        let linked = match same.and_then(|same| self.placed.get(same)) {
            // One that was put there before the process died may have been changed since.
            Some(same) if !self.again || same_content(self.layer(layer)?, path, self.root()?, same)? => {
                let root = self.root()?;
                let ((from, name), (dir, new)) = (parent(root, same)?, parent(root, &draft)?);
                rustix::fs::linkat(&from, name, &dir, new, AtFlags::empty()).is_ok()
            }
            Some(_) | None => false,
        };
        if !linked {
            copy_leaf(self.layer(layer)?, path, self.root()?, &draft)?;
        }
        self.rename_within(&draft, to)?;
        self.forget_source(layer, path)
    }

    /// The name under which a file is written until it is whole.
    fn draft(&self, to: &str) -> String {
        let hash = blake3::hash(to.as_bytes()).to_hex();
        let name = format!(".stepwell-{}-{}", self.record.run, hash.as_str().get(..12).unwrap_or_default());
        match to.rsplit_once('/') {
            Some((above, _)) => format!("{above}/{name}"),
            None => name,
        }
    }

    fn rename_within(&self, from: &str, to: &str) -> Result<()> {
        let root = self.root()?;
        let ((dir, name), (to_dir, to_name)) = (parent(root, from)?, parent(root, to)?);
        rustix::fs::renameat(&dir, name, &to_dir, to_name)?;
        // Two names of one file: the rename did nothing, and the draft is one name too many.
        self.unlink(from)
    }

    fn unlink(&self, path: &str) -> Result<()> {
        let (dir, name) = parent(self.root()?, path)?;
        match rustix::fs::unlinkat(&dir, name, AtFlags::empty()) {
            Err(Errno::NOENT) | Ok(()) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    fn forget_source(&self, layer: u32, path: &str) -> Result<()> {
        let (dir, name) = parent(self.layer(layer)?, path)?;
        rustix::fs::unlinkat(&dir, name, AtFlags::empty())
    }

    fn wrote(&mut self, path: &str) -> Result<()> {
        let state = self.state(path)?;
        self.ground.wrote(self.record.root.join(path), state, &self.record.task);
        Ok(())
    }

    fn layer(&self, layer: u32) -> Result<BorrowedFd<'_>> {
        directory(self.layers.get(&layer).ok_or(Errno::NOENT)?)
    }

    fn shown(&self, path: &str) -> String {
        self.record.root.join(Path::new(path)).display().to_string()
    }
}

/// The directories of all layers that a record names.
fn layers(record: &Record) -> BTreeMap<u32, Place> {
    let numbers = record.changes.iter().filter_map(|change| match change {
        Change::Put { layer, .. } => Some(*layer),
        Change::Dir { .. } | Change::Link { .. } | Change::Remove { .. } | Change::RemoveDir { .. } => None,
    });
    numbers.map(|number| (number, Place::shared(record.layers.join(number.to_string())))).collect()
}

fn directory(place: &Place) -> Result<BorrowedFd<'_>> {
    match place.dir() {
        Ok(Some(dir)) => Ok(dir.as_fd()),
        Ok(None) => Err(Errno::NOENT),
        Err(error) => Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
    }
}
