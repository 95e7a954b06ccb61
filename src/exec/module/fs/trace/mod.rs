//! What a step saw of the files that were there before it, and which of them it changed.
//!
//! Every mount whose files outlive a step is wrapped (`Traced`), so that every access passes here before it
//! reaches the files. A path is noted as it stood when the step first came to it, whatever the step did there; what
//! the step made itself is its own and is noted no more. Knows backends, and what guests are shown of a file. Does
//! not know guests, keys or stores.
//!
//! - `record`: what is kept of it: plain data.
//! - `written`: what the step left, read when it has ended.
//! - `check`: whether what an earlier step saw still stands.
//! - `restore`: what it left, put into the mounts of another.

mod check;
pub mod record;
mod restore;
#[cfg(test)]
mod tests;
mod traced;
mod written;

pub use check::differs;
pub use restore::{Bytes, restore};
pub use written::Blobs;

use super::backend::{Age, Backend, Kind, Listed, OpenHow, Opened, Stat};
use super::errno::Errno;
use super::file::OpenFile;
use super::ident::{Identities, OLD};
use super::path::{join, parted};
use super::table::Mount;
use record::{Digest, Observed, Read, Shown};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use traced::Traced;

/// The most paths that are noted of one step.
const MOST_PATHS: usize = 500_000;

/// Most bytes that are read with one call.
const LARGEST_READ: usize = 128 << 10;

/// Most bytes that are read again of one step: reading them takes longer than most steps.
const MOST_READ: u64 = 2 << 30;

/// The mounts of a step as they are traced: several that show one directory are one ground.
#[derive(Clone)]
pub struct Ground {
    /// Where the first of its mounts stands in the guest.
    pub path: String,
    /// Holds its files.
    pub backend: Arc<dyn Backend>,
    /// Nobody may write to it, through none of its mounts.
    pub read_only: bool,
}

/// Notes what one step sees and changes. Shared by all of its programs.
pub struct Trace {
    grounds: Vec<Ground>,
    identities: Arc<Identities>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By ground.
    paths: Vec<Paths>,
    count: usize,
    /// Bytes that were read again.
    read: u64,
    /// The first reason why nothing can be said of this step.
    spoiled: Option<String>,
}

#[derive(Default)]
struct Paths {
    touched: BTreeMap<String, Touched>,
    /// Names that the step made, replaced or removed: they and all beneath them are its own.
    own: BTreeSet<String>,
    /// Directories of which it changed the attributes.
    set: BTreeSet<String>,
}

/// A path that was there before the step, or was not, as it stood when the step first came to it.
struct Touched {
    base: Result<Stat, Errno>,
    shown: Option<Shown>,
    /// The step could tell more than what it is and its mode.
    full: bool,
    content: Content,
    listing: Option<Digest>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Unread,
    /// It was opened, and is read by us when the step ends or before it changes.
    Pending,
    Known(Digest),
}

/// Where a path lies.
#[derive(Clone, Copy)]
struct At<'p> {
    ground: usize,
    path: &'p str,
}

impl Trace {
    /// Wraps mounts. Gives what is noted through them.
    pub fn of(mounts: Vec<Mount>, identities: &Arc<Identities>) -> (Vec<Mount>, Arc<Self>, Shape) {
        let places: Vec<Option<PathBuf>> = mounts.iter().map(|mount| mount.backend.place()).collect();
        let mut grounds: Vec<(usize, Ground)> = Vec::new();
        let mut shape = Shape::default();
        let mut tops = Vec::new();
        for (index, mount) in mounts.iter().enumerate() {
            // The outermost of those that show the same files; of equals the first.
            let outer = places.iter().enumerate().filter_map(|(other, place)| {
                let (own, place) = (places.get(index)?.as_ref()?, place.as_ref()?);
                let inside = beneath(own, place)?;
                Some((place.as_os_str().len(), other, inside.to_owned()))
            });
            let (_, first, top) = outer.min().unwrap_or((0, index, String::new()));
            let known = grounds.iter().position(|(of, _)| *of == first);
            let ground = known.unwrap_or_else(|| {
                let Mount { path, backend, .. } = mounts.get(first).unwrap_or(mount);
                grounds.push((first, Ground { path: path.clone(), backend: backend.clone(), read_only: true }));
                grounds.len() - 1
            });
            if let Some((_, ground)) = grounds.get_mut(ground) {
                ground.read_only &= mount.read_only;
            }
            shape.0.push((mount.path.clone(), mount.read_only, mount.is_file, ground, top.clone()));
            tops.push((ground, top));
        }
        let grounds: Vec<Ground> = grounds.into_iter().map(|(_, ground)| ground).collect();
        let paths = grounds.iter().map(|_| Paths::default()).collect();
        let inner = Mutex::new(Inner { paths, ..Inner::default() });
        let trace = Arc::new(Self { grounds, identities: identities.clone(), inner });
        let wrap = |(mount, (ground, top)): (Mount, (usize, String))| {
            let backend = Arc::new(Traced::new(mount.backend, trace.clone(), ground, top));
            Mount { backend, ..mount }
        };
        (mounts.into_iter().zip(tops).map(wrap).collect(), trace, shape)
    }

    /// The grounds, by number.
    #[must_use]
    pub fn grounds(&self) -> &[Ground] {
        &self.grounds
    }

    /// From now on nothing can be said of this step, for this reason.
    pub fn spoil(&self, why: impl FnOnce() -> String) {
        self.lock().spoil(why);
    }

    /// Notes an error that a guest is answered: whether another run would meet it is anybody's guess, where it is the
    /// machine's and not the files'.
    pub fn answered(&self, errno: Errno) {
        if is_of_the_machine(errno) {
            self.spoil(|| format!("it met an error of the machine: {errno}"));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // What was noted before a panic stands.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn backend(&self, at: At<'_>) -> &dyn Backend {
        let ground = self.grounds.get(at.ground).expect("numbers of grounds are given by `of`");
        &*ground.backend
    }

    /// Notes a path as it stands, where the step comes to it for the first time. None where it is the step's own.
    fn touch<'i>(&self, inner: &'i mut Inner, at: At<'_>, full: bool) -> Option<&'i mut Touched> {
        let Inner { paths, count, spoiled, .. } = inner;
        let paths = paths.get_mut(at.ground)?;
        if paths.is_own(at.path) {
            return None;
        }
        if !paths.touched.contains_key(at.path) {
            *count += 1;
            if *count > MOST_PATHS {
                spoiled.get_or_insert_with(|| format!("it looked at more than {MOST_PATHS} paths"));
                return None;
            }
            let base = self.backend(at).stat(at.path);
            if let Err(errno) = base
                && is_of_the_machine(errno)
            {
                spoiled.get_or_insert_with(|| format!("{}: {errno}", self.named(at)));
            }
            if base.is_ok_and(|stat| stat.kind == Kind::File && stat.links > 1) {
                // Whoever writes to one name writes to all of them, wherever they are.
                spoiled.get_or_insert_with(|| format!("{} has several names", self.named(at)));
            }
            let shown = base.as_ref().ok().map(|stat| shown(stat, &self.identities));
            let touched = Touched { base, shown, full: false, content: Content::Unread, listing: None };
            paths.touched.insert(at.path.to_owned(), touched);
        }
        let touched = paths.touched.get_mut(at.path)?;
        touched.full |= full;
        Some(touched)
    }

    /// Notes the directory in which a name is about to change: it will look as if it had been written.
    fn parent(&self, inner: &mut Inner, at: At<'_>) {
        if !at.path.is_empty() {
            self.touch(inner, At { path: parted(at.path).0, ..at }, false);
        }
    }

    /// Notes that a file was opened, or that what becomes of it depends on what it holds.
    fn content(&self, inner: &mut Inner, at: At<'_>, now: bool) {
        let Some(touched) = self.touch(inner, at, true) else { return };
        let is_file = touched.base.as_ref().is_ok_and(|stat| stat.kind == Kind::File);
        if is_file && touched.content == Content::Unread {
            touched.content = Content::Pending;
        }
        if now && touched.content == Content::Pending {
            self.settle(inner, at);
        }
    }

    /// Whether a file was opened that we have not read yet.
    fn is_pending(&self, inner: &Inner, at: At<'_>) -> bool {
        let touched = inner.paths.get(at.ground).and_then(|paths| paths.touched.get(at.path));
        touched.is_some_and(|touched| touched.content == Content::Pending)
    }

    /// What stands at a path is about to go from there: what was read of it is read by us now.
    fn leaves(&self, inner: &mut Inner, at: At<'_>) {
        if self.is_pending(inner, at) {
            self.settle(inner, at);
        }
    }

    /// Notes all that lies in a directory: it is renamed as a whole.
    fn subtree(&self, inner: &mut Inner, at: At<'_>) {
        let listed = self.backend(at).list(at.path);
        let Ok(listed) = listed else { return };
        self.listed(inner, at, &listed);
        for entry in listed {
            let path = join(at.path, &entry.name);
            self.whole(inner, At { path: &path, ..at });
        }
    }

    /// Notes all of what stands at a path.
    fn whole(&self, inner: &mut Inner, at: At<'_>) {
        let kind = self.touch(inner, at, true).and_then(|touched| touched.base.ok()).map(|stat| stat.kind);
        match kind {
            Some(Kind::File) => self.content(inner, at, true),
            Some(Kind::Dir) => self.subtree(inner, at),
            Some(Kind::Symlink) => self.link_target(inner, at),
            Some(_) | None => {}
        }
    }

    fn link_target(&self, inner: &mut Inner, at: At<'_>) {
        let Some(touched) = self.touch(inner, at, true) else { return };
        if touched.base.as_ref().is_ok_and(|stat| stat.kind == Kind::Symlink)
            && let Ok(target) = self.backend(at).read_link(at.path)
        {
            touched.content = Content::Known(Digest::of(target.as_bytes()));
        }
    }

    /// Notes a listing, without what the step itself made or removed.
    fn listed(&self, inner: &mut Inner, at: At<'_>, listed: &[Listed]) {
        let Some(touched) = self.touch(inner, at, false) else { return };
        if touched.listing.is_some() {
            return;
        }
        let mut all: Vec<(&str, Kind)> = names(listed, &self.identities);
        if all.iter().any(|(name, _)| name.contains('\u{fffd}')) {
            inner.spoil(|| format!("{} holds a name that is not UTF-8", self.named(at)));
        }
        let Some(paths) = inner.paths.get(at.ground) else { return };
        let inside = if at.path.is_empty() { String::new() } else { format!("{}/", at.path) };
        let own = paths.own.range(inside.clone()..).take_while(|path| path.starts_with(&inside));
        for path in own {
            let Some(name) = path.get(inside.len()..).filter(|name| !name.contains('/')) else { continue };
            all.retain(|(known, _)| *known != name);
            if let Some(Ok(stat)) = paths.touched.get(path).map(|touched| &touched.base) {
                all.push((name, stat.kind));
            }
        }
        all.sort_unstable();
        let digest = record::listing(all);
        if let Some(touched) = inner.paths.get_mut(at.ground).and_then(|paths| paths.touched.get_mut(at.path)) {
            touched.listing = Some(digest);
        }
    }

    /// The step made, replaced or removed what has this name.
    fn made_own(inner: &mut Inner, at: At<'_>) {
        // The top of a mount is there for every step, whether it is on disk yet or not.
        if let Some(paths) = inner.paths.get_mut(at.ground)
            && !at.path.is_empty()
            && !paths.is_own(at.path)
        {
            paths.own.insert(at.path.to_owned());
        }
    }

    /// What the step saw, once it has ended. Fails with the reason why nothing can be said.
    pub fn reads(&self) -> Result<Vec<Read>, String> {
        let mut inner = self.lock();
        for ground in 0..self.grounds.len() {
            let pending = inner.paths.get(ground).into_iter().flat_map(|paths| &paths.touched);
            let pending: Vec<String> = pending
                .filter(|(_, touched)| touched.content == Content::Pending)
                .map(|(path, _)| path.clone())
                .collect();
            for path in pending {
                self.settle(&mut inner, At { ground, path: &path });
            }
        }
        if let Some(why) = &inner.spoiled {
            return Err(why.clone());
        }
        let mut reads = Vec::new();
        for (ground, paths) in inner.paths.iter().enumerate() {
            for (path, touched) in &paths.touched {
                reads.push(Read { ground, path: path.clone(), seen: touched.observed() });
            }
        }
        Ok(reads)
    }

    /// Reads a file that the step read.
    fn settle(&self, inner: &mut Inner, at: At<'_>) {
        let Inner { paths, read, spoiled, .. } = inner;
        let Some(touched) = paths.get_mut(at.ground).and_then(|paths| paths.touched.get_mut(at.path)) else { return };
        *read = read.saturating_add(touched.base.map_or(0, |stat| stat.size));
        if *read > MOST_READ {
            spoiled.get_or_insert_with(|| format!("it read more than {} GiB", MOST_READ >> 30));
        }
        if spoiled.is_some() {
            return;
        }
        match (&touched.base, digest_of(self.backend(at), at.path)) {
            (Ok(base), Ok((stat, digest))) if is_same(base, &stat) => touched.content = Content::Known(digest),
            _ => *spoiled = Some(format!("{} changed while it ran", self.named(at))),
        }
    }

    /// A path as the guest knows it.
    fn named(&self, at: At<'_>) -> String {
        let top = self.grounds.get(at.ground).map_or("", |ground| ground.path.as_str());
        if at.path.is_empty() { top.to_owned() } else { format!("{top}/{}", at.path) }
    }
}

impl Inner {
    /// Nothing can be said of this step, for the first reason that there is.
    fn spoil(&mut self, why: impl FnOnce() -> String) {
        self.spoiled.get_or_insert_with(why);
    }
}

impl Touched {
    fn observed(&self) -> Observed {
        let content = match self.content {
            Content::Known(digest) => Some(digest),
            Content::Unread | Content::Pending => None,
        };
        let (listing, full) = (self.listing, self.full);
        let there = match (&self.base, &self.shown) {
            (Ok(_), Some(shown)) => Ok(shown.clone()),
            (Ok(_), None) => Err(Errno::Io.code()),
            (Err(errno), _) => Err(errno.code()),
        };
        Observed { there, full, content, listing }
    }
}

impl Paths {
    /// Whether a path, or one above it, is the step's own.
    fn is_own(&self, path: &str) -> bool {
        if self.own.is_empty() {
            return false;
        }
        let above = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        above.chain([path]).any(|path| self.own.contains(path))
    }
}

/// How the mounts of a step stand to each other: where each is, what may be done with it, and which files it shows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Shape(pub Vec<(String, bool, bool, usize, String)>);

/// What a guest is shown of a file, apart from its number.
fn shown(stat: &Stat, identities: &Identities) -> Shown {
    let kind = identities.kind(stat.identity, stat.kind);
    let is_dir = kind == Kind::Dir;
    Shown {
        kind: kind.into(),
        mode: stat.mode,
        size: if is_dir { 0 } else { stat.size },
        links: if is_dir { 1 } else { stat.links },
        time: match (identities.time_that_was_set(stat), identities.shown_time(stat)) {
            (Some(time), _) => time,
            // Of what is no file, the clock tells no more than that it is of this attempt.
            (None, time) if stat.age == Age::Timed && kind != Kind::File => time.min(OLD + 1),
            (None, time) => time,
        },
        accessed: identities.accessed_of(stat.identity),
    }
}

/// What is left of a path beneath another. Compared as bytes: there are many pairs, and few that fit.
fn beneath<'p>(path: &'p Path, above: &Path) -> Option<&'p str> {
    let rest = path.as_os_str().as_bytes().strip_prefix(above.as_os_str().as_bytes())?;
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(b"/")? };
    std::str::from_utf8(rest).ok()
}

/// The names of a listing and what they stand for, in order.
fn names<'l>(listed: &'l [Listed], identities: &Identities) -> Vec<(&'l str, Kind)> {
    let name = |entry: &'l Listed| (entry.name.as_str(), identities.kind(entry.identity, entry.kind));
    let mut names: Vec<_> = listed.iter().map(name).collect();
    names.sort_unstable();
    names
}

/// Whether a file is the very one that it was.
fn is_same(before: &Stat, after: &Stat) -> bool {
    (before.kind, before.size, before.identity, before.modified)
        == (after.kind, after.size, after.identity, after.modified)
}

/// Whether an error tells of the machine's state, so that another run may not meet it.
fn is_of_the_machine(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::Access
            | Errno::NotPermitted
            | Errno::Again
            | Errno::Busy
            | Errno::Quota
            | Errno::FileTooBig
            | Errno::Interrupted
            | Errno::Io
            | Errno::TooManyHandles
            | Errno::TooManyFiles
            | Errno::NoMemory
            | Errno::NoSpace
            | Errno::Stale
            | Errno::TimedOut
    )
}

/// What a file holds, and what it was when it was opened for that.
fn digest_of(backend: &dyn Backend, path: &str) -> Result<(Stat, Digest), Errno> {
    match backend.open(path, OpenHow { read: true, ..OpenHow::default() })? {
        Opened::File(file, stat) => Ok((stat, digest_of_file(&file, stat.size)?)),
        Opened::Dir | Opened::Device(_) | Opened::Handle(_) => Err(Errno::Invalid),
    }
}

fn digest_of_file(file: &OpenFile, size: u64) -> Result<Digest, Errno> {
    let mut hasher = blake3::Hasher::new();
    // One byte more than there is, so that the end is seen.
    let mut buffer =
        vec![0; usize::try_from(size.saturating_add(1)).map_or(LARGEST_READ, |size| size.min(LARGEST_READ))];
    let mut at = 0;
    loop {
        let count = file.read_at(&mut buffer, at)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
        at += count as u64;
    }
    Ok(Digest::from(hasher))
}
