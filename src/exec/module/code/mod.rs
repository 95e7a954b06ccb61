//! Compiled code: made once per (module, compiler), kept in the cache directory, mapped from file.
//!
//! Knows digests, files and locks. Does not know what a module imports or how it is run. Compiled
//! code is native code, and cache directories are shared, so what is loaded has to carry
//! a seal that only this installation's key can make; anything else is compiled again.

pub mod apart;
pub mod asker;
pub mod carried;
pub mod compile;
pub mod kept;
pub mod key;
pub mod notes;

use super::engine;
use apart::Apart;
use asker::Asker;
use compile::CompileError;
use key::{InstallationKey, draft_of};
use notes::{FileIdentity, Notes, hash_file};
use rustix::fs::FlockOperation;
use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use wasmtime::component::Component;
use wasmtime::{Engine, Module, Precompiled};

/// What a module's bytes are known by.
pub type Digest = blake3::Hash;

/// Compiled code that is ready to be linked.
#[derive(Clone)]
pub enum Code {
    /// Of a core module.
    Module(Module),
    /// Of a component.
    Component(Component),
}

/// Told when compilations begin and end, so that somebody can show it.
pub trait Progress: Send + Sync {
    /// A module of this many bytes is being compiled.
    fn started(&self, name: &str, bytes: u64);
    /// It has been, or has failed to be.
    fn finished(&self, name: &str, took: Duration);
}

/// Shows nothing.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _name: &str, _bytes: u64) {}
    fn finished(&self, _name: &str, _took: Duration) {}
}

/// What notes are about.
const SEALED: &str = "seal of compiled code";
const DIGEST: &str = "digest of a module";

/// Characters in a seal's file: a digest in hexadecimal.
const SEAL_LENGTH: usize = 64;

/// Keeps compiled code.
pub struct CodeStore {
    engine: Engine,
    /// Tells compilers and their settings apart.
    compiler: String,
    dir: PathBuf,
    key: InstallationKey,
    notes: Notes,
    progress: Arc<dyn Progress>,
    compilers: Compilers,
}

/// Where modules are compiled.
#[derive(Debug, Clone)]
pub enum Where {
    /// In this process: for tests, and for programs that cannot be started again.
    Here,
    /// In a process of its own for each.
    Apart(Apart),
}

/// Those that compile, [`MOST_COMPILERS`] at once.
struct Compilers {
    place: Where,
    running: Mutex<usize>,
    ended: Condvar,
}

/// Most modules that one process has compiled at once: each takes all processors that it can get.
const MOST_COMPILERS: usize = 2;

impl Compilers {
    /// Compiles what can be a step, when it is its turn.
    fn compile(&self, engine: &Engine, bytes: &[u8], asker: Option<&Asker>) -> Result<Vec<u8>, CompileError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.ended.wait_while(running, |running| *running >= MOST_COMPILERS);
        *waited.unwrap_or_else(PoisonError::into_inner) += 1;
        let compiled = match &self.place {
            // It may have been cancelled before it was its turn.
            _ if asker.is_some_and(Asker::is_gone) => Err(CompileError::GivenUp),
            Where::Here => compile::compile_fit(engine, bytes),
            Where::Apart(apart) => apart.compile(bytes, asker),
        };
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.ended.notify_one();
        compiled
    }
}

/// Feeds anything hashable to BLAKE3, since the standard library's own hash may change.
struct StableHasher(blake3::Hasher);

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        hash.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

impl CodeStore {
    /// A store in `dir`, made at the first compilation.
    #[must_use]
    pub fn new(
        engine: Engine,
        dir: PathBuf,
        key: InstallationKey,
        notes: Notes,
        progress: Arc<dyn Progress>,
        place: Where,
    ) -> Self {
        let mut hasher = StableHasher(blake3::Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let compiler = format!("{:016x}", hasher.finish());
        let compilers = Compilers { place, running: Mutex::new(0), ended: Condvar::new() };
        Self { engine, compiler, dir, key, notes, progress, compilers }
    }

    fn path(&self, digest: &Digest, ending: &str) -> PathBuf {
        self.dir.join(format!("{}-{}.{ending}", digest.to_hex(), self.compiler))
    }

    /// Whether compiled code of this module is there (it may still fail its check).
    #[must_use]
    pub fn has(&self, digest: &Digest) -> bool {
        self.path(digest, "cwasm").exists()
    }

    /// The digest of a module's file. Remembered, so that a large file is read once.
    pub fn digest_of(&self, file: &mut File) -> io::Result<(Digest, FileIdentity)> {
        let meta = file.metadata()?;
        let identity = FileIdentity::of(&meta);
        if let Some(digest) = self.notes.get(DIGEST, &identity) {
            return Ok((Digest::from_bytes(digest), identity));
        }
        let digest = hash_file(file, blake3::Hasher::new())?;
        // A file that changed a moment ago may change again without its times changing.
        let age = meta.modified().ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > Duration::from_millis(100)) {
            self.notes.put(DIGEST, &identity, digest.as_bytes());
        }
        Ok((digest, identity))
    }

    /// Compiled code of a module, from the store or compiled now. `bytes` is asked for only when
    /// it has to be compiled; of several that ask at once, here or in other processes,
    /// one compiles. An asker that goes away ends the compilation.
    pub fn load<'b>(
        &self,
        name: &str,
        digest: &Digest,
        bytes: impl FnOnce() -> Result<Cow<'b, [u8]>, CompileError>,
        asker: Option<&Asker>,
    ) -> Result<Code, CompileError> {
        let code = self.find(name, digest, bytes, asker)?;
        let fits = match &code {
            Code::Module(module) => engine::fits(&module.resources_required(), false),
            Code::Component(component) => {
                component.resources_required().map_or(Ok(()), |needs| engine::fits(&needs, true))
            }
        };
        fits.map(|()| code).map_err(CompileError::Unfit)
    }

    fn find<'b>(
        &self,
        name: &str,
        digest: &Digest,
        bytes: impl FnOnce() -> Result<Cow<'b, [u8]>, CompileError>,
        asker: Option<&Asker>,
    ) -> Result<Code, CompileError> {
        if let Some(code) = self.load_kept(digest) {
            return Ok(code);
        }
        let lock = self.lock(digest);
        if lock.is_ok()
            && let Some(code) = self.load_kept(digest)
        {
            return Ok(code);
        }
        if let Some(code) = self.load_carried(digest, lock.is_ok()) {
            return Ok(code);
        }
        let bytes = bytes()?;
        self.progress.started(name, bytes.len() as u64);
        let begun = super::control::host_time(rustix::time::ClockId::Monotonic);
        let compiled = self.compilers.compile(&self.engine, &bytes, asker);
        let ended = super::control::host_time(rustix::time::ClockId::Monotonic);
        self.progress.finished(name, Duration::from_nanos(ended.saturating_sub(begun)));
        let compiled = compiled?;
        // A cache that cannot be written is no reason not to run.
        if lock.is_ok()
            && self.keep(digest, &compiled).is_ok()
            && let Some(code) = self.load_kept(digest)
        {
            return Ok(code);
        }
        // SAFETY: the bytes were made by this process's own compiler just now.
        let code = unsafe {
            match Engine::detect_precompiled(&compiled) {
                Some(Precompiled::Component) => Component::deserialize(&self.engine, &compiled).map(Code::Component),
                Some(Precompiled::Module) | None => Module::deserialize(&self.engine, &compiled).map(Code::Module),
            }
        };
        code.map_err(|e| CompileError::Compiler(format!("{e:#}")))
    }

    /// Code that this program carries, kept from then on as if it had been compiled here: a file can be mapped.
    fn load_carried(&self, digest: &Digest, is_kept: bool) -> Option<Code> {
        let code = carried::find(digest)?;
        if is_kept
            && self.keep(digest, &code).is_ok()
            && let Some(code) = self.load_kept(digest)
        {
            return Some(code);
        }
        // SAFETY: the code is part of this program, which was made by its own build.
        unsafe { Module::deserialize(&self.engine, &code) }.ok().map(Code::Module)
    }

    /// Waits until no other process compiles this module.
    fn lock(&self, digest: &Digest) -> io::Result<File> {
        std::fs::create_dir_all(&self.dir)?;
        let path = self.path(digest, "lock");
        let mut options = OpenOptions::new();
        let file = open_plain(&path, options.create(true).truncate(false).write(true).mode(0o600))?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
        Ok(file)
    }

    fn load_kept(&self, digest: &Digest) -> Option<Code> {
        let mut file = open_plain(&self.path(digest, "cwasm"), OpenOptions::new().read(true)).ok()?;
        let mut seal = String::with_capacity(SEAL_LENGTH);
        let kept = open_plain(&self.path(digest, "mac"), OpenOptions::new().read(true)).ok()?;
        (&kept).take(SEAL_LENGTH as u64 + 1).read_to_string(&mut seal).ok()?;
        let seal = Digest::from_hex(&seal).ok()?;
        let meta = file.metadata().ok()?;
        // What somebody else can write to may be changed after it was checked, and while it runs.
        if meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o022 != 0 {
            return None;
        }
        let identity = FileIdentity::of(&meta);
        let noted = self.notes.get(SEALED, &identity).map(Digest::from_bytes);
        if noted != Some(seal) {
            if hash_file(&mut file, self.sealer(digest)).ok()? != seal {
                return None;
            }
            self.notes.put(SEALED, &identity, seal.as_bytes());
        }
        mark_used(&kept);
        let same = file.try_clone().ok()?;
        // Components are loaded by path only: the open file's own, so that it is the one that was checked.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        // SAFETY: the file carries this installation's seal, so it was written by our own
        // compiler, for this module, and has not changed since it was checked.
        unsafe {
            match Module::deserialize_open_file(&self.engine, same) {
                Ok(module) => Some(Code::Module(module)),
                Err(_) => Component::deserialize_file(&self.engine, path).ok().map(Code::Component),
            }
        }
    }

    /// The seal covers which module and which compiler the code is of, so that one module's code
    /// cannot be put in the place of another's.
    fn sealer(&self, digest: &Digest) -> blake3::Hasher {
        let mut hasher = self.key.hasher(SEALED);
        hasher.update(digest.as_bytes());
        hasher.update(self.compiler.as_bytes());
        hasher
    }

    fn keep(&self, digest: &Digest, compiled: &[u8]) -> io::Result<()> {
        let mut sealer = self.sealer(digest);
        sealer.update(compiled);
        let seal = sealer.finalize();
        let path = self.path(digest, "cwasm");
        write_whole(&self.path(digest, "mac"), seal.to_hex().as_bytes())?;
        let file = write_whole(&path, compiled)?;
        let identity = FileIdentity::of(&file.metadata()?);
        self.notes.put(SEALED, &identity, seal.as_bytes());
        Ok(())
    }
}

/// Notes that compiled code is of use, in the time of its seal: that of the code tells whether the code changed.
fn mark_used(seal: &File) {
    let now = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
    let omit = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT };
    let times = rustix::fs::Timestamps { last_access: omit, last_modification: now };
    // Where it cannot be noted, the code is collected sooner, and compiled again.
    let _ = rustix::fs::futimens(seal, &times);
}

/// Opens a regular file and nothing else. Others may write to a cache directory that is shared: a
/// link, pipe or device there could be read without end, or be waited for.
fn open_plain(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = options.custom_flags(flags.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

/// Writes a file so that it is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let draft = draft_of(path)?;
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        std::fs::rename(&draft, path)?;
        Ok(file)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written
}
