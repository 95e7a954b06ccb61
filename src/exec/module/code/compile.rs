//! From WebAssembly to compiled code: the one call that another process can take over.
//!
//! Knows what is refused before the compiler sees it. Does not know caches, keys or linking.

use crate::exec::module::inspect::inspect;
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmtime::Engine;

/// The largest module that is compiled, in bytes.
pub const LARGEST_MODULE: u64 = 256 << 20;

/// Why bytes cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// Larger than [`LARGEST_MODULE`].
    #[error("it has {size} bytes, and modules may have up to {LARGEST_MODULE}")]
    TooLarge { size: u64 },
    /// Not WebAssembly at all.
    #[error("it is not WebAssembly (it does not start with `\\0asm`)")]
    NotWasm,
    /// A valid module that is not a command for this host.
    #[error("{0}")]
    Unfit(String),
    /// Invalid WebAssembly, or a feature that is off.
    #[error("it is not valid WebAssembly: {0}")]
    Invalid(String),
    /// The compiler gave up.
    #[error("it cannot be compiled: {0}")]
    Compiler(String),
    /// Its bytes cannot be had.
    #[error("{0}")]
    Unread(String),
    /// The compiler cannot be run on this machine.
    #[error("its compiler cannot be run: {0}")]
    Fault(String),
    /// Nobody waits for it any more.
    #[error("nobody waits for it any more")]
    GivenUp,
    /// It takes more than the operator allows.
    #[error("{0}; allow more with `--limit` or in the configuration file, or use a smaller module")]
    Limit(String),
}

impl CompileError {
    /// Whether the same bytes would end the same way again, so that nobody has to try.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::NotWasm | Self::Unfit(_) | Self::Invalid(_) | Self::Limit(_) => true,
            // The machine may have been short of something.
            Self::Compiler(_) | Self::Unread(_) | Self::Fault(_) | Self::GivenUp => false,
        }
    }
}

/// The two kinds of WebAssembly binaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ModuleKind {
    /// A core module.
    Core,
    /// A component.
    Component,
}

/// What the first bytes say.
pub fn kind_of(bytes: &[u8]) -> Result<ModuleKind, CompileError> {
    match bytes.get(..8) {
        Some(b"\0asm\x01\0\0\0") => Ok(ModuleKind::Core),
        Some(b"\0asm\x0d\0\x01\0") => Ok(ModuleKind::Component),
        Some([0, b'a', b's', b'm', version @ ..]) => Err(CompileError::Invalid(format!("unknown version {version:?}"))),
        _ => Err(CompileError::NotWasm),
    }
}

/// Compiles what can be a step; says what keeps it from being one before the compiler is asked,
/// which may take a minute.
pub fn compile_fit(engine: &Engine, bytes: &[u8]) -> Result<Vec<u8>, CompileError> {
    match inspect(bytes)?.unfit() {
        Some(reason) => Err(CompileError::Unfit(reason)),
        None => compile(engine, bytes),
    }
}

/// Validates and compiles a module or component. Runs for as long as the compiler takes.
pub fn compile(engine: &Engine, bytes: &[u8]) -> Result<Vec<u8>, CompileError> {
    let size = bytes.len() as u64;
    if size > LARGEST_MODULE {
        return Err(CompileError::TooLarge { size });
    }
    let kind = kind_of(bytes)?;
    // A panic of the compiler is the module's fault, and must not be more than that.
    let compiled = catch_unwind(AssertUnwindSafe(|| {
        let mut validator = wasmparser::Validator::new();
        validator.validate_all(bytes).map_err(|e| CompileError::Invalid(e.to_string()))?;
        let compiled = match kind {
            ModuleKind::Core => engine.precompile_module(bytes),
            ModuleKind::Component => engine.precompile_component(bytes),
        };
        compiled.map_err(|e| CompileError::Compiler(format!("{e:#}")))
    }));
    compiled.unwrap_or_else(|_| Err(CompileError::Compiler("the compiler panicked".into())))
}
