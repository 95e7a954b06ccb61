//! The host of modules: one engine, one linker, and every module that was prepared.
//!
//! Knows modules by digest, where they come from, and how many may run at once. Does not know
//! steps or tasks.

use super::code::asker::Asker;
use super::code::compile::{CompileError, LARGEST_MODULE};
use super::code::key::InstallationKey;
use super::code::notes::{FileIdentity, Notes};
use super::code::{Code, CodeStore, Digest, Progress, Silent, Where};
use super::component::{self, CommandPre};
use super::inspect::{ModuleInfo, inspect};
use super::quote::{LONGEST_MESSAGE, quoted};
use super::resolve::ModuleSource;
use super::slots::{SPARE, Slot, Slots};
use super::state::StepState;
use super::threads::GuestThreads;
use super::ticker::Ticker;
use super::{engine, lowered, preview1};
use crate::model::outcome::Outcome;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::{Engine, InstancePre, Linker, component::Linker as ComponentLinker};

/// What a host needs to know of this machine.
#[derive(Clone)]
pub struct HostOptions {
    /// The state directory with its version (`STATE/v1`): the key and notes lie in it.
    pub state_dir: PathBuf,
    /// The cache directory: compiled code lies in `compiled` in it.
    pub cache_dir: PathBuf,
    /// Most steps and sidecars at once; what is above waits.
    pub slots: u32,
    /// Most programs at once that steps start themselves, of all steps together; what is above is refused.
    pub reserve: u32,
    /// Told about compilations.
    pub progress: Arc<dyn Progress>,
    /// Where modules are compiled.
    pub compile: Where,
}

impl HostOptions {
    /// Options for these two directories, with everything else at its default.
    #[must_use]
    pub fn new(state_dir: PathBuf, cache_dir: PathBuf) -> Self {
        Self { state_dir, cache_dir, slots: 128, reserve: 256, progress: Arc::new(Silent), compile: Where::Here }
    }
}

/// Why there is no host.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The key cannot be read or made.
    #[error("the installation's key {path} cannot be used: {source}")]
    Key { path: String, source: std::io::Error },
    /// The engine cannot be made on this machine.
    #[error("the WebAssembly engine cannot be started: {0}")]
    Engine(String),
}

/// Prepares and runs modules.
pub struct ModuleHost {
    engine: Engine,
    linker: Linker<StepState>,
    component_linker: ComponentLinker<StepState>,
    code: CodeStore,
    key: InstallationKey,
    ticker: Ticker,
    threads: GuestThreads,
    slots: Slots,
    /// Places for programs that steps start themselves: what they wait for can then not be theirs.
    reserve: Slots,
    /// Every module that was asked for, by digest; the inner lock is held while it is compiled.
    prepared: Mutex<HashMap<Digest, Place>>,
    /// Digests of files by path, while the file stays the same.
    files: Mutex<HashMap<PathBuf, (FileIdentity, Digest)>>,
}

/// Where a module is once it is prepared, or what is wrong with it once that is known.
type Place = Arc<Mutex<Option<Result<Arc<Prepared>, CompileError>>>>;

/// A module that is ready to be instantiated.
pub struct Prepared {
    /// What it is known by.
    pub digest: Digest,
    pub(super) entry: Entry,
}

/// What is instantiated and called.
pub(super) enum Entry {
    /// A core module's `_start`.
    Start(InstancePre<StepState>),
    /// A component's `wasi:cli/run`.
    Run(CommandPre<StepState>),
}

impl Drop for ModuleHost {
    fn drop(&mut self) {
        self.ticker.close();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is locked here is whole after every statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ModuleHost {
    /// Starts the engine and reads the installation's key. Compiles nothing.
    pub fn new(options: HostOptions) -> Result<Self, HostError> {
        let path = options.state_dir.join("key");
        let key = InstallationKey::open(&path)
            .map_err(|source| HostError::Key { path: path.display().to_string(), source })?;
        let failed = |error: wasmtime::Error| HostError::Engine(format!("{error:#}"));
        let places = options.slots.saturating_add(options.reserve).saturating_add(2 * SPARE);
        let engine = engine::engine(places).map_err(failed)?;
        let mut linker = Linker::new(&engine);
        preview1::add_to_linker(&mut linker).map_err(failed)?;
        lowered::add_to_linker(&mut linker).map_err(failed)?;
        let mut component_linker = ComponentLinker::new(&engine);
        component::add_to_linker(&mut component_linker).map_err(failed)?;
        let notes = Notes::new(options.state_dir.join("modules").join("notes"), key.clone());
        let code = CodeStore::new(
            engine.clone(),
            super::code::kept::place(&options.cache_dir),
            key.clone(),
            notes,
            options.progress,
            options.compile,
        );
        Ok(Self {
            ticker: Ticker::new(engine.clone()),
            engine,
            linker,
            component_linker,
            code,
            key,
            threads: GuestThreads::default(),
            slots: Slots::new(options.slots),
            reserve: Slots::new(options.reserve),
            prepared: Mutex::default(),
            files: Mutex::default(),
        })
    }

    /// The engine, for stores.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What interrupts guests.
    #[must_use]
    pub fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    /// The threads that guests run on.
    #[must_use]
    pub fn threads(&self) -> &GuestThreads {
        &self.threads
    }

    /// The installation's key.
    #[must_use]
    pub fn key(&self) -> &InstallationKey {
        &self.key
    }

    /// Waits for a place among those that may run at once; it is given back when dropped. Fails
    /// only if all of them were lost to faults of ours.
    pub async fn slot(&self) -> Option<Slot> {
        self.slots.take().await
    }

    /// A place among those that may run at once, if there is one now.
    #[must_use]
    pub fn free_slot(&self) -> Option<Slot> {
        self.slots.try_take(0)
    }

    /// A place for a program that a step starts itself, which runs so many already, if there is one for it now.
    #[must_use]
    pub fn reserved(&self, runs: usize) -> Option<Slot> {
        self.reserve.try_take(runs)
    }

    /// A module ready to run: from memory, from compiled code on disk, or compiled now.
    pub fn prepare(&self, source: &ModuleSource) -> Result<Arc<Prepared>, Outcome> {
        self.prepare_for(source, None)
    }

    /// As [`Self::prepare`], for somebody who may go away before it is compiled. What cannot be compiled
    /// is not tried again.
    pub fn prepare_for(&self, source: &ModuleSource, asker: Option<&Asker>) -> Result<Arc<Prepared>, Outcome> {
        let digest = self.digest_of(source)?;
        let place = lock(&self.prepared).entry(digest).or_default().clone();
        // Held while compiling, so that one module is compiled once however many ask.
        let mut place = lock(&place);
        let ended = match place.take() {
            Some(known) => known,
            None => self.link(source, digest, asker).map(Arc::new),
        };
        if ended.as_ref().err().is_none_or(CompileError::is_lasting) {
            *place = Some(ended.clone());
        }
        ended.map_err(|error| outcome(source, &error))
    }

    /// A module that is ready in memory already. Reads no file, so that it can be asked anywhere.
    pub fn prepared(&self, source: &ModuleSource) -> Option<Arc<Prepared>> {
        let digest = match source {
            ModuleSource::BuiltIn { digest, .. } => *digest,
            ModuleSource::File { path, .. } => {
                let identity = FileIdentity::of(&std::fs::metadata(path).ok()?);
                let files = lock(&self.files);
                let (_, digest) = files.get(path).filter(|(known, _)| *known == identity)?;
                *digest
            }
        };
        let place = lock(&self.prepared).get(&digest)?.clone();
        let place = place.try_lock().ok()?;
        place.as_ref()?.as_ref().ok().cloned()
    }

    fn link(&self, source: &ModuleSource, digest: Digest, asker: Option<&Asker>) -> Result<Prepared, CompileError> {
        let bytes = || {
            let bytes = source_bytes(source).map_err(CompileError::Unread)?;
            // The file may have been written since its digest was taken.
            if blake3::hash(&bytes) != digest {
                return Err(CompileError::Unread("it changed while it was read".into()));
            }
            Ok(bytes)
        };
        let code = self.code.load(source.name(), &digest, bytes, asker)?;
        let unfit = CompileError::Unfit;
        let entry = match code {
            Code::Module(module) => {
                check_start(&module).map_err(unfit)?;
                Entry::Start(self.linker.instantiate_pre(&module).map_err(|e| unfit(format!("{e:#}")))?)
            }
            Code::Component(code) => Entry::Run(component::command(&self.component_linker, &code).map_err(unfit)?),
        };
        Ok(Prepared { digest, entry })
    }

    /// The digest of a module.
    pub fn digest_of(&self, source: &ModuleSource) -> Result<Digest, Outcome> {
        match source {
            ModuleSource::BuiltIn { digest, .. } => Ok(*digest),
            ModuleSource::File { path, name } => self
                .digest_of_file(path)
                .map_err(|error| Outcome::ModuleInvalid { message: format!("{name}: cannot be read: {error}") }),
        }
    }

    fn digest_of_file(&self, path: &Path) -> std::io::Result<Digest> {
        let meta = std::fs::metadata(path)?;
        if !meta.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        if meta.len() > LARGEST_MODULE {
            let error = CompileError::TooLarge { size: meta.len() };
            return Err(std::io::Error::other(error.to_string()));
        }
        let identity = FileIdentity::of(&meta);
        if let Some((known, digest)) = lock(&self.files).get(path)
            && *known == identity
        {
            return Ok(*digest);
        }
        let (digest, identity) = self.code.digest_of(&mut File::open(path)?)?;
        lock(&self.files).insert(path.to_owned(), (identity, digest));
        Ok(digest)
    }

    /// What a module says of itself, and whether compiled code of it is at hand.
    pub fn inspect(&self, source: &ModuleSource) -> Result<ModuleInfo, String> {
        let bytes = source_bytes(source)?;
        let mut info = inspect(&bytes).map_err(|error| error.to_string())?;
        info.compiled = self.code.has(&blake3::hash(&bytes));
        Ok(info)
    }
}

/// How a step ends whose module cannot be had.
fn outcome(source: &ModuleSource, error: &CompileError) -> Outcome {
    // Compilers and linkers repeat the module's own words.
    let message = format!("{}: {}", source.name(), quoted(error, LONGEST_MESSAGE));
    match error {
        CompileError::GivenUp => Outcome::Cancelled,
        CompileError::Fault(_) => Outcome::Infrastructure { message },
        CompileError::TooLarge { .. }
        | CompileError::NotWasm
        | CompileError::Unfit(_)
        | CompileError::Invalid(_)
        | CompileError::Compiler(_)
        | CompileError::Unread(_)
        | CompileError::Limit(_) => Outcome::ModuleInvalid { message },
    }
}

/// A program is started by calling `_start` with nothing, and gives nothing back.
fn check_start(module: &wasmtime::Module) -> Result<(), String> {
    match module.get_export("_start") {
        Some(wasmtime::ExternType::Func(start)) if start.params().len() == 0 && start.results().len() == 0 => Ok(()),
        Some(wasmtime::ExternType::Func(start)) => Err(format!(
            "its `_start` takes {} parameters and gives {} results, and has to take and give none: build it as a \
             command (a program with a `main`)",
            start.params().len(),
            start.results().len()
        )),
        _ => Err("it exports no function `_start`".to_owned()),
    }
}

/// A module's bytes, at most as many as can be compiled.
fn source_bytes(source: &ModuleSource) -> Result<Cow<'_, [u8]>, String> {
    match source {
        ModuleSource::BuiltIn { bytes, .. } => Ok(Cow::Borrowed(bytes)),
        ModuleSource::File { path, .. } => {
            let mut bytes = Vec::new();
            File::open(path)
                .and_then(|file| file.take(LARGEST_MODULE + 1).read_to_end(&mut bytes))
                .map_err(|error| format!("cannot be read: {error}"))?;
            if bytes.len() as u64 > LARGEST_MODULE {
                return Err(CompileError::TooLarge { size: bytes.len() as u64 }.to_string());
            }
            Ok(bytes.into())
        }
    }
}
