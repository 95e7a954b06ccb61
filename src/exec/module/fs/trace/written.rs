//! What a step left, read from the mounts when it has ended.
//!
//! Knows which paths are the step's own. Does not know where bytes are kept: [`Blobs`] does.

use super::record::{Digest, Left, Times, Write};
use super::{At, Trace};
use crate::exec::module::fs::backend::{Backend, Identity, Kind, OpenHow, Opened, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
use crate::exec::module::fs::path::{join, parted};
use std::collections::BTreeMap;

/// Keeps the bytes of files.
pub trait Blobs {
    /// Keeps what a file holds, of so many bytes. Fails with the reason for a person.
    fn keep(&mut self, file: &OpenFile, size: u64) -> Result<Digest, String>;
}

impl Trace {
    /// What the step left, in an order in which it can be put into place. Fails with the reason why that cannot
    /// be told.
    pub fn writes(&self, blobs: &mut dyn Blobs) -> Result<Vec<Write>, String> {
        // Nobody writes any more.
        let names: Vec<(usize, String, bool)> = {
            let inner = self.lock();
            if let Some(why) = &inner.spoiled {
                return Err(why.clone());
            }
            let mut names = Vec::new();
            for (ground, paths) in inner.paths.iter().enumerate() {
                // What is beneath a name of its own comes with it.
                let all = paths.own.iter().filter(|path| !above(path).any(|above| paths.own.contains(above)));
                names.extend(all.map(|path| (ground, path.clone(), true)));
                let set = paths.set.iter().filter(|path| !paths.is_own(path));
                names.extend(set.map(|path| (ground, path.clone(), false)));
            }
            names
        };
        let mut writing = Writing { trace: self, blobs, writes: Vec::new(), names: BTreeMap::new() };
        for (ground, path, whole) in names {
            writing.add(At { ground, path: &path }, whole)?;
        }
        match writing.names.values().find(|name| name.seen != name.links) {
            Some(name) => Err(format!("{} has names that it did not make", name.path)),
            None => Ok(writing.writes),
        }
    }
}

fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(end, _)| path.get(..end))
}

struct Writing<'t> {
    trace: &'t Trace,
    blobs: &'t mut dyn Blobs,
    writes: Vec<Write>,
    /// Each file with several names.
    names: BTreeMap<Identity, Named>,
}

/// A file with several names.
struct Named {
    ground: usize,
    /// The first of them.
    path: String,
    links: u64,
    /// How many of them are known.
    seen: u64,
}

impl Writing<'_> {
    fn add(&mut self, at: At<'_>, whole: bool) -> Result<(), String> {
        let backend = self.trace.backend(at);
        let wrong = |errno: Errno| format!("{} cannot be read: {errno}", self.trace.named(at));
        let stat = match backend.stat(at.path) {
            Ok(stat) => stat,
            Err(Errno::NoEntry | Errno::NotDir | Errno::Loop) => {
                match self.before(at) {
                    Some(_) => self.push(at, Left::Gone),
                    // It came and went, and its directory has that time.
                    None => self.stamp(at),
                }
                return Ok(());
            }
            Err(errno) => return Err(wrong(errno)),
        };
        let times = self.times(&stat);
        match self.trace.identities.kind(stat.identity, stat.kind) {
            Kind::Dir => {
                if whole {
                    self.is_new(at, &stat)?;
                }
                self.push(at, Left::Dir { mode: stat.mode, whole, times });
                if whole {
                    for entry in backend.list(at.path).map_err(wrong)? {
                        let path = join(at.path, &entry.name);
                        self.add(At { path: &path, ..at }, true)?;
                    }
                }
            }
            Kind::File if whole => self.file(at, backend, &stat)?,
            Kind::File => self.push(at, Left::Mode { mode: stat.mode }),
            Kind::Symlink => {
                self.is_new(at, &stat)?;
                let target = backend.read_link(at.path).map_err(wrong)?;
                self.push(at, Left::Link { target, times });
            }
            Kind::CharDevice | Kind::BlockDevice | Kind::Socket | Kind::Pipe => {
                return Err(format!("{} is no file", self.trace.named(at)));
            }
        }
        Ok(())
    }

    fn times(&self, stat: &Stat) -> Times {
        let identities = &self.trace.identities;
        Times { modified: identities.time_that_was_set(stat), accessed: identities.accessed_of(stat.identity) }
    }

    /// Fails where something has the time of what was there before the step: what is put into place has that of now.
    fn is_new(&self, at: At<'_>, stat: &Stat) -> Result<(), String> {
        let identities = &self.trace.identities;
        if identities.is_of_running_step(stat) || identities.time_that_was_set(stat).is_some() {
            return Ok(());
        }
        Err(format!("it moved {}, which was there before it", self.trace.named(at)))
    }

    fn stamp(&mut self, at: At<'_>) {
        self.push(At { path: parted(at.path).0, ..at }, Left::Stamped);
    }

    fn file(&mut self, at: At<'_>, backend: &dyn Backend, stat: &Stat) -> Result<(), String> {
        if stat.links > 1 {
            match self.names.get_mut(&stat.identity) {
                Some(named) if named.ground == at.ground => {
                    named.seen += 1;
                    let path = named.path.clone();
                    self.push(at, Left::Same { path });
                    return Ok(());
                }
                Some(_) => return Err(format!("{} has names in several volumes", self.trace.named(at))),
                None => {
                    let (ground, path) = (at.ground, at.path.to_owned());
                    self.names.insert(stat.identity, Named { ground, path, links: stat.links, seen: 1 });
                }
            }
        }
        self.is_new(at, stat)?;
        let wrong = |errno: Errno| format!("{} cannot be read: {errno}", self.trace.named(at));
        let (file, opened) = match backend.open(at.path, OpenHow { read: true, ..OpenHow::default() }) {
            Ok(Opened::File(file, stat)) => (file, stat),
            Ok(Opened::Dir | Opened::Device(_) | Opened::Handle(_)) => return Err(wrong(Errno::Invalid)),
            Err(errno) => return Err(wrong(errno)),
        };
        let digest = self.blobs.keep(&file, opened.size)?;
        let in_place = self.before(at).is_some_and(|before| before.identity == opened.identity);
        let times = self.times(&opened);
        self.push(at, Left::File { mode: opened.mode, size: opened.size, digest, in_place, times });
        Ok(())
    }

    fn push(&mut self, at: At<'_>, left: Left) {
        self.writes.push(Write { ground: at.ground, path: at.path.to_owned(), left });
    }

    /// What stood there before the step.
    fn before(&self, at: At<'_>) -> Option<Stat> {
        let inner = self.trace.lock();
        inner.paths.get(at.ground).and_then(|paths| paths.touched.get(at.path)).and_then(|touched| touched.base.ok())
    }
}
