//! The one place where parts are wired: files to plans, plans to drivers, drivers to journals
//! and executors, journals back to views.
//!
//! Front ends see this floor only. Knows every part's constructor. Does not know flags,
//! terminals, environment variables or exit codes: it takes [`Options`].

mod cache;
mod commands;
mod control;
mod doctor;
mod effects;
mod error;
mod export;
mod header;
mod history;
mod identity;
mod images;
mod input;
mod modules;
mod observe;
mod prepare;
mod run;
mod scripts;
mod selection;
mod workspaces;

pub use cache::{Count, Counts, Rules, Swept, Verified};
pub use control::Control;
pub use doctor::Finding;
pub use effects::Idle;
pub use error::{AppError, Report, SourceText};
pub use history::{LoadedRun, LogQuery, RunSummary};
pub use images::{ImageRule, default_map};
pub use input::InputPath;
pub use modules::ModuleInfo;
pub use observe::{LogFrame, Observer, RunInfo, Silent, StepProgress, Stream};
pub use prepare::{Checked, Extent, ImageUse, Prepared, PreparedRun};
pub use run::{RunEnd, WorkspacePlace};
pub use selection::Selection;

use crate::exec::module::{ModuleHost, apart, carried};
use crate::model::outcome::{CompileLimits, Limits};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// What the app is told: everything it would otherwise have to ask the machine for.
#[derive(Clone)]
pub struct Options {
    /// What must not be lost: journals, logs, volumes, the key.
    pub state_dir: PathBuf,
    /// What may be lost: compiled modules, results of steps.
    pub cache_dir: PathBuf,
    /// Absolute; relative paths of the command line start here.
    pub working_dir: PathBuf,
    /// Most attempts that run at one time.
    pub parallel: usize,
    /// Neither reads nor writes step results: compiled modules are always kept.
    pub no_cache: bool,
    /// Reads no step results, but writes them.
    pub refresh: bool,
    /// The image map; empty when it is turned off.
    pub image_map: Vec<ImageRule>,
    /// Limits of every step; a pipeline can only lower them.
    pub limits: Limits,
    /// What compiling one module may take.
    pub compile: CompileLimits,
    /// This program, as it can be started again to compile; `None` compiles in this process.
    pub program: Option<PathBuf>,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
}

/// Where the command line is that of a compiler, started by a Stepwell or by its build: compiles, and gives
/// the exit code.
#[must_use]
pub fn compiler(arguments: &[OsString]) -> Option<u8> {
    let (command, rest) = arguments.get(1..)?.split_first()?;
    if command == carried::COMMAND {
        return Some(carried::serve(rest, BUILTIN));
    }
    (command == apart::COMMAND).then(|| apart::serve(rest))
}

/// Everything that front ends do, over one state directory.
pub struct App {
    options: Options,
    /// Made when the first module is needed.
    host: OnceLock<Arc<ModuleHost>>,
}

impl App {
    /// Opens the app. Nothing is made on disk yet.
    #[must_use]
    pub fn open(options: Options) -> Self {
        Self { options, host: OnceLock::new() }
    }
}

/// Names of the modules that this binary carries.
#[must_use]
pub fn builtin_names() -> Vec<String> {
    BUILTIN.iter().map(|(name, ..)| (*name).to_owned()).collect()
}

/// Version of wasmtime in this binary.
#[must_use]
pub fn wasmtime_version() -> &'static str {
    env!("STEPWELL_WASMTIME")
}
