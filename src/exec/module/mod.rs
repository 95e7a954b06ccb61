//! Runs steps as WASI modules in this process.
//!
//! Knows wasmtime, the guest's files, clocks and streams, and Tekton's layout of a step's
//! root. Does not know graphs, runs, other executors, or anything of Kubernetes' API.
//!
//! A [`ModuleHost`] holds the engine and everything compiled. A [`ModuleExecutor`] opens a session
//! per task attempt; each step becomes a [`state::StepState`] (made in [`setup`]) in a store of
//! its own ([`run`]). Every call of a guest arrives in [`preview1`] or [`component`], and every access to a file
//! passes through [`fs::GuestFs`].

pub mod cached;
pub mod clock;
pub mod code;
pub mod component;
pub mod control;
mod credentials;
pub mod engine;
pub mod fs;
pub mod host;
mod image;
pub mod inspect;
mod launch;
pub mod limiter;
pub mod lowered;
pub mod mounted;
pub mod preview1;
mod probe;
pub mod processes;
pub mod quote;
pub mod random;
pub mod resolve;
pub mod run;
mod scratch;
pub mod scripts;
mod seed;
pub mod session;
pub mod setup;
mod sidecar;
pub mod slots;
pub mod state;
pub mod threads;
pub mod ticker;
pub mod world;

#[cfg(any(test, fuzzing))]
pub mod tests;

pub use code::apart::{self, Apart};
pub use code::carried;
pub use code::{Digest, Progress, Silent, Where};
pub use host::{HostError, HostOptions, ModuleHost};
pub use inspect::ModuleInfo;
pub use resolve::{ImageDefaults, ModuleResolver, ModuleSource, PathResolver, is_module};
pub use scratch::clear_ended;
pub use session::{ExecutorOptions, ModuleExecutor};
