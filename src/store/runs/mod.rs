//! The directories of runs: made whole or not at all, locked by their driver, listed, found.
//!
//! ```text
//! STATE/v1/runs/ID/{journal, summary.json, secrets, lock, control.sock, logs/, layers/}
//! ```
//! A run is made under a hidden name and renamed when its journal has its header, so that
//! nobody sees half a run. Knows names and files. Does not know what a journal's header or a
//! secret holds.

mod select;
#[cfg(test)]
mod tests;

use super::StoreFault;
use super::journal::{Appended, FileJournal, Journal, RecordKind};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How often taking a lock is tried while others only look whether it is held.
const LOCK_TRIES: u32 = 1000;
/// Letters of an id.
const ID_LENGTH: usize = 8;

/// A run's id: eight lowercase letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// The id that eight random bytes make; the caller draws again when
    /// [`StoreFault::RunExists`] says that it is taken.
    #[must_use]
    pub fn from_random(bytes: [u8; 8]) -> Self {
        let mut rest = u64::from_le_bytes(bytes);
        let mut text = String::with_capacity(ID_LENGTH);
        for _ in 0..ID_LENGTH {
            // The remainder is below 26, so it always fits.
            text.push(char::from(b'a' + u8::try_from(rest % 26).unwrap_or(0)));
            rest /= 26;
        }
        Self(text)
    }

    /// Reads an id as [`fmt::Display`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == ID_LENGTH && text.bytes().all(|b| b.is_ascii_lowercase())).then(|| Self(text.to_owned()))
    }

    /// The eight letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a list of runs shows without reading their journals. Written when a run is made and
/// again when it ends; it can always be made anew from the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    pub name: String,
    pub namespace: String,
    /// `PipelineRun` or `TaskRun`.
    pub kind: String,
    /// When the run was made, in nanoseconds since the Unix epoch.
    pub created_at: u64,
    /// When it began and ended; 0 where that has not happened.
    pub started_at: u64,
    pub ended_at: u64,
    /// `True`, `False` or `Unknown`, as in the condition `Succeeded`.
    pub status: String,
    pub reason: String,
    pub message: String,
}

/// All runs of a state directory.
#[derive(Debug, Clone)]
pub struct RunStore {
    root: PathBuf,
}

/// A run in a list.
#[derive(Debug, Clone)]
pub struct RunEntry {
    pub dir: RunDir,
    /// `None` when it is missing or cannot be read.
    pub summary: Option<Summary>,
    /// By this a list is sorted, the newest first.
    created_at: u64,
}

/// A new run: its directory, the lock that says that somebody drives it, and its journal
/// with the header in it.
#[derive(Debug)]
pub struct NewRun {
    pub dir: RunDir,
    pub lock: RunLock,
    pub journal: FileJournal,
}

/// The directory of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    id: RunId,
    path: PathBuf,
}

/// Held by whoever drives a run; the system releases it when the process dies.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunStore {
    /// The runs under the state directory `state`, which is made if missing.
    ///
    /// # Errors
    /// When the directories cannot be made.
    pub fn open(state: &Path) -> Result<Self, StoreFault> {
        let root = state.join("v1").join("runs");
        make_dirs(&root)?;
        Ok(Self { root })
    }

    /// Makes a run: `header` is the first record of its journal, `secrets` (if any) lie beside
    /// it in a file that only the owner can read. The lock is held from the beginning.
    ///
    /// # Errors
    /// [`StoreFault::RunExists`] when the id is taken; else when a file cannot be written.
    pub fn create(
        &self,
        id: &RunId,
        header: &[u8],
        secrets: Option<&[u8]>,
        summary: &Summary,
    ) -> Result<NewRun, StoreFault> {
        let making = RunDir { id: id.clone(), path: self.root.join(format!(".new-{id}")) };
        let dir = self.dir(id);
        let taken = || StoreFault::RunExists { id: id.to_string() };
        if dir.path.exists() {
            return Err(taken());
        }
        match DirBuilder::new().mode(0o700).create(&making.path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(taken()),
            result => result.map_err(StoreFault::io("create", &making.path))?,
        }
        let made = making.fill(header, secrets, summary).and_then(|(lock, _)| {
            std::fs::rename(&making.path, &dir.path).map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty => taken(),
                _ => StoreFault::Io { doing: "create", path: dir.path.clone(), source: error },
            })?;
            // Opened by its final name, so that faults name a path that exists.
            let (journal, _) = FileJournal::open(&dir.journal_path())?;
            Ok(NewRun { dir, lock, journal })
        });
        if made.is_err() {
            // The fault that is reported is the first one; what stays behind is hidden from lists.
            let _ = std::fs::remove_dir_all(&making.path);
        }
        made
    }

    /// The directory of the run `id`, whether it is there or not.
    #[must_use]
    pub fn dir(&self, id: &RunId) -> RunDir {
        RunDir { id: id.clone(), path: self.root.join(id.as_str()) }
    }

    /// All runs, the newest first. Reads one small file for each.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> Result<Vec<RunEntry>, StoreFault> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&self.root).map_err(StoreFault::io("read", &self.root))? {
            let entry = entry.map_err(StoreFault::io("read", &self.root))?;
            if let Some(id) = entry.file_name().to_str().and_then(RunId::parse) {
                entries.push(self.entry(self.dir(&id)));
            }
        }
        entries.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.dir.id.cmp(&b.dir.id)));
        Ok(entries)
    }

    fn entry(&self, dir: RunDir) -> RunEntry {
        let summary = dir.read_summary();
        let created_at = match &summary {
            Some(summary) => summary.created_at,
            None => dir.lock_time(),
        };
        RunEntry { dir, summary, created_at }
    }
}

impl RunDir {
    /// The run's id.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run's journal lies.
    #[must_use]
    pub fn journal_path(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// Where the run's logs lie.
    #[must_use]
    pub fn logs_path(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// Takes the right to drive the run, or to append to its journal in the driver's absence.
    ///
    /// # Errors
    /// [`StoreFault::Driven`] when another process holds it.
    pub fn lock(&self) -> Result<RunLock, StoreFault> {
        let path = self.path.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(StoreFault::io("open", &path))?;
        let driven = || StoreFault::Driven { id: self.id.to_string() };
        for _ in 0..LOCK_TRIES {
            if try_lock(&file, FlockOperation::NonBlockingLockExclusive, &path)? {
                return Ok(RunLock { _file: file });
            }
            // Somebody who only looks holds it shared and for a moment: then so can we, and
            // the next try comes through. A driver holds it alone.
            if !try_lock(&file, FlockOperation::NonBlockingLockShared, &path)? {
                return Err(driven());
            }
            flock(&file, FlockOperation::Unlock).map_err(|e| StoreFault::io("unlock", &path)(e.into()))?;
            std::thread::yield_now();
        }
        Err(driven())
    }

    /// Whether a living process drives the run.
    ///
    /// # Errors
    /// When the lock file cannot be looked at.
    pub fn driven(&self) -> Result<bool, StoreFault> {
        let path = self.path.join("lock");
        let file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            result => result.map_err(StoreFault::io("open", &path))?,
        };
        Ok(!try_lock(&file, FlockOperation::NonBlockingLockShared, &path)?)
    }

    /// Writes the summary, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_summary(&self, summary: &Summary) -> Result<(), StoreFault> {
        let path = self.path.join("summary.json");
        let new = self.path.join("summary.json.new");
        let text = serde_json::to_vec(summary)
            .map_err(|error| StoreFault::io("write", &path)(std::io::Error::other(error)))?;
        write_private(&new, &text)?;
        std::fs::rename(&new, &path).map_err(StoreFault::io("write", &path))
    }

    /// The summary, or `None` when it is missing or cannot be read.
    #[must_use]
    pub fn read_summary(&self) -> Option<Summary> {
        let bytes = std::fs::read(self.path.join("summary.json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The run's secrets; `None` when it has none, or has ended.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read_secrets(&self) -> Result<Option<Vec<u8>>, StoreFault> {
        let path = self.path.join("secrets");
        match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            result => result.map(Some).map_err(StoreFault::io("read", &path)),
        }
    }

    /// Removes the run's secrets, once it has ended.
    ///
    /// # Errors
    /// When they are there and cannot be removed.
    pub fn remove_secrets(&self) -> Result<(), StoreFault> {
        let path = self.path.join("secrets");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result.map_err(StoreFault::io("remove", &path)),
        }
    }

    fn fill(
        &self,
        header: &[u8],
        secrets: Option<&[u8]>,
        summary: &Summary,
    ) -> Result<(RunLock, FileJournal), StoreFault> {
        let lock = self.lock()?;
        if let Some(secrets) = secrets {
            write_private(&self.path.join("secrets"), secrets)?;
        }
        self.write_summary(summary)?;
        let mut journal = FileJournal::create(&self.journal_path())?;
        let first = journal.append(0, 0, RecordKind::Header, header)?;
        let written = journal.flush()?;
        assert!(
            first == Appended::Done && written == Appended::Done,
            "nobody else can write to a journal that was made a moment ago under the run's lock"
        );
        Ok((lock, journal))
    }

    /// When the lock file was made: stands in for the time of a run without a summary.
    fn lock_time(&self) -> u64 {
        std::fs::metadata(self.path.join("lock"))
            .and_then(|data| data.modified())
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .and_then(|since| u64::try_from(since.as_nanos()).ok())
            .unwrap_or(0)
    }
}

fn try_lock(file: &File, how: FlockOperation, path: &Path) -> Result<bool, StoreFault> {
    match flock(file, how) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(StoreFault::io("lock", path)(error.into())),
    }
}

fn make_dirs(path: &Path) -> Result<(), StoreFault> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StoreFault::io("create", path))
}

/// Writes a file that only the owner can read, over what was there.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreFault> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(StoreFault::io("write", path))?;
    file.write_all(bytes).map_err(StoreFault::io("write", path))
}
