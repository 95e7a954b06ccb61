//! What a step left, read from the mounts when it has ended.
//!
//! Knows which paths are the step's own. Does not know where bytes are kept: [`Blobs`] does.

use super::record::{Digest, Left, Write};
use super::{At, Trace};
use crate::exec::module::fs::backend::{Backend, Identity, Kind, OpenHow, Opened, Stat};
use crate::exec::module::fs::errno::Errno;
use crate::exec::module::fs::file::OpenFile;
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
        Ok(writing.writes)
    }
}

fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(end, _)| path.get(..end))
}

struct Writing<'t> {
    trace: &'t Trace,
    blobs: &'t mut dyn Blobs,
    writes: Vec<Write>,
    /// The first name of each file with several.
    names: BTreeMap<Identity, (usize, String)>,
}

impl Writing<'_> {
    fn add(&mut self, at: At<'_>, whole: bool) -> Result<(), String> {
        let backend = self.trace.backend(at);
        let wrong = |errno: Errno| format!("{} cannot be read: {errno}", self.trace.named(at));
        let stat = match backend.stat(at.path) {
            Ok(stat) => stat,
            Err(Errno::NoEntry | Errno::NotDir | Errno::Loop) => {
                if self.was_there(at) {
                    self.push(at, Left::Gone);
                }
                return Ok(());
            }
            Err(errno) => return Err(wrong(errno)),
        };
        match self.trace.identities.kind(stat.identity, stat.kind) {
            Kind::Dir => {
                self.push(at, Left::Dir { mode: stat.mode, whole });
                if whole {
                    for entry in backend.list(at.path).map_err(wrong)? {
                        let path = if at.path.is_empty() { entry.name } else { format!("{}/{}", at.path, entry.name) };
                        self.add(At { path: &path, ..at }, true)?;
                    }
                }
            }
            Kind::File => self.file(at, backend, &stat)?,
            Kind::Symlink => {
                let target = backend.read_link(at.path).map_err(wrong)?;
                self.push(at, Left::Link { target });
            }
            Kind::CharDevice | Kind::BlockDevice | Kind::Socket | Kind::Pipe => {
                return Err(format!("{} is no file", self.trace.named(at)));
            }
        }
        Ok(())
    }

    fn file(&mut self, at: At<'_>, backend: &dyn Backend, stat: &Stat) -> Result<(), String> {
        if stat.links > 1 {
            match self.names.get(&stat.identity) {
                Some((ground, path)) if *ground == at.ground => {
                    let path = path.clone();
                    self.push(at, Left::Same { path });
                    return Ok(());
                }
                Some(_) => return Err(format!("{} has names in several volumes", self.trace.named(at))),
                None => {
                    self.names.insert(stat.identity, (at.ground, at.path.to_owned()));
                }
            }
        }
        let wrong = |errno: Errno| format!("{} cannot be read: {errno}", self.trace.named(at));
        let (file, opened) = match backend.open(at.path, OpenHow { read: true, ..OpenHow::default() }) {
            Ok(Opened::File(file, stat)) => (file, stat),
            Ok(Opened::Dir | Opened::Device(_) | Opened::Handle(_)) => return Err(wrong(Errno::Invalid)),
            Err(errno) => return Err(wrong(errno)),
        };
        let digest = self.blobs.keep(&file, opened.size)?;
        let time = self.trace.identities.time_that_was_set(&opened);
        self.push(at, Left::File { mode: opened.mode, size: opened.size, digest, time });
        Ok(())
    }

    fn push(&mut self, at: At<'_>, left: Left) {
        self.writes.push(Write { ground: at.ground, path: at.path.to_owned(), left });
    }

    /// Whether something stood there before the step.
    fn was_there(&self, at: At<'_>) -> bool {
        let inner = self.trace.lock();
        let touched = inner.paths.get(at.ground).and_then(|paths| paths.touched.get(at.path));
        touched.is_some_and(|touched| touched.base.is_ok())
    }
}
