//! The record of a commit: on disk before the first change is made, gone after the last.
//!
//! Knows one directory of records. Does not know how changes are carried out. What is read is not
//! trusted further than its shape: paths that could lead anywhere else are refused.

use super::change::Change;
use crate::volumes::Place;
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The version of the format that is written.
const VERSION: u32 = 1;

/// The largest record that is read, in bytes: some paths for each of a million files.
const LARGEST: u64 = 1 << 30;

/// A directory that attempts work in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its path on this machine, without links.
    pub path: PathBuf,
    /// Its device and inode, if it is there.
    pub identity: Option<(u64, u64)>,
}

impl Root {
    /// The directory of a place as it is now.
    pub fn of(place: &Place) -> io::Result<Self> {
        let dir = place.dir()?.map(rustix::fs::fstat).transpose()?;
        Ok(Self { path: place.canonical(), identity: dir.map(|stat| (stat.st_dev, stat.st_ino)) })
    }
}

/// Everything that is needed to carry a commit out, once more after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    version: u32,
    /// The directory that is changed.
    pub root: PathBuf,
    /// Its device and inode when the attempt began; none where it was not there yet. Another directory,
    /// or a link to one, may stand at its path by now.
    pub identity: Option<(u64, u64)>,
    /// The directory whose numbered directories are the layers.
    pub layers: PathBuf,
    /// The run's id and the TaskRun, for names and messages.
    pub run: String,
    pub task: String,
    pub changes: Vec<Change>,
}

impl Record {
    /// A record of the current version.
    #[must_use]
    pub fn new(root: Root, layers: PathBuf, run: &str, task: &str, changes: Vec<Change>) -> Self {
        let Root { path, identity } = root;
        Self { version: VERSION, root: path, identity, layers, run: run.to_owned(), task: task.to_owned(), changes }
    }
}

/// A record on disk, held by the process that carries it out.
pub struct Kept {
    path: PathBuf,
    _lock: File,
}

impl Kept {
    /// Removes the record: everything in it is done.
    pub fn done(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// Writes a record under a name of its own, whole or not at all.
pub fn write(dir: &Path, name: &str, record: &Record) -> io::Result<Kept> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join(name);
    let draft = dir.join(format!(".{name}"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
    let bytes = serde_json::to_vec(record).map_err(io::Error::other)?;
    file.write_all(&bytes)?;
    std::fs::rename(&draft, &path)?;
    Ok(Kept { path, _lock: file })
}

/// A record that was found: its name, and what is in it or why that cannot be read.
pub type Found = (String, Result<(Record, Kept), String>);

/// Records that nobody carries out: what a process left that died.
pub fn left_behind(dir: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = dir.join(&name);
        let Ok(file) = File::open(&path) else { continue };
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            continue;
        }
        let read = read(&file).map(|record| (record, Kept { path, _lock: file }));
        found.push((name, read));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn read(file: &File) -> Result<Record, String> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err("it is too large".to_owned());
    }
    let record: Record = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    if record.version != VERSION {
        return Err(format!("its version is {}, and this program knows {VERSION}", record.version));
    }
    let plain = |path: &str| {
        !path.is_empty() && !path.contains('\0') && path.split('/').all(|name| !matches!(name, "" | "." | ".."))
    };
    if record.run.contains(['/', '\0']) || !record.changes.iter().flat_map(Change::paths).all(plain) {
        return Err("a path in it leads out of its directory".to_owned());
    }
    Ok(record)
}
