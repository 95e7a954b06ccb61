//! Steps that need not run: what an earlier one left is taken where all that it saw still stands.
//!
//! Knows actions, traces and the store. Does not know how a step is run. A store that fails costs one warning, and
//! the steps run.
//!
//! - [`action`]: what is asked for. Its digest is the key under which records lie.
//! - A record says what an earlier step saw ([`super::fs::trace`]), and names a result: what it left and printed.
//! - [`frames`]: what it printed.

pub mod action;
pub mod frames;

use super::fs::file::OpenFile;
use super::fs::ident::Identities;
use super::fs::trace::record::{Digest, Left, Read, Write};
use super::fs::trace::{Blobs, Bytes, Ground, Trace, differs, restore};
use crate::cache::{self, ActionResult, OutputFile, Privacy, Record, Store, StoreError};
use crate::exec::LogSink;
use crate::model::report::CacheHit;
use action::Action;
use frames::Recording;
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The type of our own message in a result.
const LEFT_TYPE: &str = "type.googleapis.com/stepwell.dev.v1.Left";

/// The path of the log among a result's files.
const LOG: &str = "log";

/// A file of up to so many bytes is held in memory between the store and its place.
const IN_MEMORY: u64 = 1 << 20;
/// Most bytes of files that are kept of one step.
const MOST_KEPT: u64 = 1 << 30;
/// Most bytes that are held so at once.
const MOST_IN_MEMORY: u64 = 32 << 20;

/// The results of steps.
pub struct StepCache {
    /// None where it could not be opened.
    store: Option<Arc<dyn Store>>,
    /// What is there is taken.
    reads: bool,
    /// Where files lie on their way.
    temporary: PathBuf,
    /// The first reason why the store cannot be used.
    fault: Mutex<Option<String>>,
}

/// What a record says.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    fields: Vec<(String, String)>,
    reads: Vec<Read>,
}

/// What a result says beside its files.
#[derive(Debug, Serialize, Deserialize)]
struct Leavings {
    writes: Vec<Write>,
    /// The run that it came from.
    run: String,
    /// How long it ran, in nanoseconds.
    took: u64,
}

/// An earlier step's result, all of it at hand.
pub struct Hit {
    writes: Vec<Write>,
    bytes: BTreeMap<Digest, Bytes>,
    log: Vec<u8>,
    /// Where it came from.
    pub note: CacheHit,
}

/// Where a step stands that is to run.
pub struct Place<'a> {
    pub action: &'a Action,
    pub grounds: &'a [Ground],
    pub identities: &'a Identities,
}

/// What a step that ran is kept with.
pub struct Finished<'a> {
    pub action: &'a Action,
    pub trace: &'a Trace,
    pub recording: &'a Recording,
    pub run: &'a str,
    pub took: u64,
    /// Who may see it.
    pub privacy: Privacy,
}

impl StepCache {
    /// Results in a store: kept, and taken where `reads` says so. Nothing is asked of it yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, reads: bool, temporary: PathBuf) -> Self {
        Self { store: Some(store), reads, temporary, fault: Mutex::default() }
    }

    /// A store that could not be opened.
    #[must_use]
    pub fn broken(error: &StoreError) -> Self {
        Self { store: None, reads: false, temporary: PathBuf::new(), fault: Mutex::new(Some(error.to_string())) }
    }

    /// The store, while it can be used.
    fn store(&self) -> Result<&dyn Store, String> {
        let usable = self.store.as_deref().filter(|_| self.lock().is_none());
        usable.ok_or_else(|| "the cache cannot be used".to_owned())
    }

    /// Why the store could not be used, if so.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An answer of the store; none where it failed, which is said once.
    fn told<T>(&self, answer: Result<T, StoreError>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                if error.is_lasting() {
                    self.lock().get_or_insert_with(|| error.to_string());
                }
                None
            }
        }
    }

    /// An earlier result that still holds; else why there is none.
    pub fn find(&self, place: &Place<'_>) -> Result<Hit, String> {
        let store = self.store()?;
        if !self.reads {
            return Err("the cache is not read".to_owned());
        }
        let key = store.function().of(&place.action.bytes());
        let records = self.told(store.records(&key)).unwrap_or_default();
        let mut why = None;
        for record in records {
            let Ok(body) = serde_json::from_slice::<Body>(&record.value.body) else { continue };
            if let Some(difference) = differs(&body.reads, place.grounds, place.identities) {
                why.get_or_insert(difference);
                continue;
            }
            match self.result(store, &record.value.action) {
                Some(hit) => return Ok(hit),
                None => {
                    why.get_or_insert_with(|| "its result is no longer there".to_owned());
                }
            }
        }
        Err(why.unwrap_or_else(|| "nothing like it has run".to_owned()))
    }

    /// A result with all its bytes.
    fn result(&self, store: &dyn Store, action: &cache::Digest) -> Option<Hit> {
        let result = self.told(store.action(action))??.value;
        let (_, message) = result.auxiliary.iter().find(|(kind, _)| kind == LEFT_TYPE)?;
        let Leavings { writes, run, took } = serde_json::from_slice(message).ok()?;
        // All of it is asked for, whatever is missing: what is damaged goes when it is read.
        let log = result.files.iter().find(|file| file.path == LOG)?;
        let log = self.told(store.get(&log.digest, frames::MOST_PRINTED as u64)).flatten();
        let mut bytes = BTreeMap::new();
        let mut in_memory = 0;
        for write in &writes {
            let Left::File { size, digest, .. } = &write.left else { continue };
            if !bytes.contains_key(digest) {
                in_memory += size;
                let is_small = *size <= IN_MEMORY && in_memory <= MOST_IN_MEMORY;
                bytes.insert(*digest, self.bytes(store, cache::Digest { hash: digest.0, size: *size }, is_small));
            }
        }
        let bytes: Option<BTreeMap<_, _>> =
            bytes.into_iter().map(|(digest, bytes)| bytes.map(|bytes| (digest, bytes))).collect();
        let (log, bytes) = (log.filter(|log| frames::read(log).is_some())?, bytes?);
        Some(Hit { writes, bytes, log, note: CacheHit { run, took } })
    }

    fn bytes(&self, store: &dyn Store, wanted: cache::Digest, is_small: bool) -> Option<Bytes> {
        if is_small {
            return self.told(store.get(&wanted, IN_MEMORY))?.map(Bytes::Held);
        }
        let file = self.unnamed().ok()?;
        self.told(store.get_file(&wanted, &file))?.then_some(Bytes::File(file))
    }

    /// A file without a name.
    fn unnamed(&self) -> std::io::Result<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        Ok(rustix::fs::open(&self.temporary, flags, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// Keeps what a step left that succeeded. Gives the reason where it is not kept.
    pub fn keep(&self, finished: &Finished<'_>) -> Result<(), String> {
        let store = self.store()?;
        let reads = finished.trace.reads()?;
        let Some(log) = finished.recording.take() else {
            return Err(format!("it printed more than {} MiB", frames::MOST_PRINTED >> 20));
        };
        let privacy = finished.privacy;
        let mut keeping = Keeping { cache: self, store, privacy, files: Vec::new(), bytes: 0 };
        let writes = finished.trace.writes(&mut keeping)?;
        let failed = || "the cache cannot be used".to_owned();
        let log = self.told(store.put(&log, privacy)).ok_or_else(failed)?;
        let mut files = keeping.files;
        files.push(OutputFile { path: LOG.to_owned(), digest: log, executable: false });
        let left = Leavings { writes, run: finished.run.to_owned(), took: finished.took };
        let message = serde_json::to_vec(&left).map_err(|error| error.to_string())?;
        let result =
            ActionResult { files, auxiliary: vec![(LEFT_TYPE.to_owned(), message)], ..ActionResult::default() };
        let body = Body { fields: finished.action.fields.clone(), reads };
        let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
        let function = store.function();
        let (key, action) = (function.of(&finished.action.bytes()), function.of(&body));
        self.told(store.put_action(&action, &result, privacy)).ok_or_else(failed)?;
        let record = Record { action, body };
        self.told(store.put_record(&key, &record, privacy)).ok_or_else(failed)
    }
}

impl Hit {
    /// Puts what the step left into the mounts.
    pub fn restore(&self, place: &Place<'_>) -> Result<(), String> {
        restore(&self.writes, place.grounds, place.identities, |digest| self.bytes.get(digest))
    }

    /// Prints what it printed.
    pub fn replay(&self, container: &str, logs: &dyn LogSink) {
        for piece in frames::read(&self.log).unwrap_or_default() {
            logs.write(container, piece.stream, piece.bytes);
        }
    }
}

/// Keeps files while they are listed.
struct Keeping<'c> {
    cache: &'c StepCache,
    store: &'c dyn Store,
    privacy: Privacy,
    files: Vec<OutputFile>,
    bytes: u64,
}

impl Blobs for Keeping<'_> {
    fn keep(&mut self, file: &OpenFile, size: u64) -> Result<Digest, String> {
        let failed = || "the cache cannot be used".to_owned();
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > MOST_KEPT {
            return Err(format!("it wrote more than {} GiB", MOST_KEPT >> 30));
        }
        let store = self.store;
        let kept = if size <= IN_MEMORY {
            let bytes = file.all(IN_MEMORY).map_err(|errno| errno.to_string())?;
            store.put(&bytes, self.privacy)
        } else {
            let mut host = file.to_host().ok_or_else(failed)?.map_err(|error| error.to_string())?;
            store.put_file(&mut host, self.privacy)
        };
        let digest = self.cache.told(kept).ok_or_else(failed)?;
        let path = format!("files/{}", self.files.len());
        self.files.push(OutputFile { path, digest, executable: false });
        Ok(Digest(digest.hash))
    }
}
