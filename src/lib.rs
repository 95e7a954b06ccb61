//! Stepwell runs Tekton pipelines. Each step is a WASI module in a wasmtime sandbox; one
//! engine schedules the graph. This page is the map of the code: start here.
//!
//! # Floors
//! A module imports only from floors below its own; neighbours on one floor do not know each
//! other. A test (`tests/it/tidy.rs`) reads every `use` and holds this true.
//!
//! ```text
//! 7  main                 parse, pick a front end, return the exit code
//! 6  cli                  the terminal front end: sees app, the engine's view, model
//! 5  app                  the one place where parts are wired
//! 4  driver               the loop of a run: journal, apply, act; owns clock, spawn, cancellation
//! 3  exec                 one trait, a session per task attempt; the module executor
//! 2  cache                content, trees and results of steps, kept so that nothing runs twice
//!    store  volumes       one journal per run, logs, control; directories that tasks mount
//! 1  spec   engine        YAML to Plan; Run::apply(event) -> actions, and the view
//! 0  model                Tekton's objects, values, diagnostics, Plan, Event, Outcome
//! ```
//!
//! # One direction
//! ```text
//! text → objects → Plan (or diagnostics) → Run::apply(event) → actions → executors
//!      → outcomes → events → journal → RunView → every screen
//! ```
//! - [`spec::read`] turns text into objects, [`spec::ObjectSet::plan`] a run object into a
//!   [`model::plan::Plan`]. Nothing later looks at YAML.
//! - [`engine::Run`] is a pure, synchronous state machine. Time arrives in an event's stamp.
//! - [`driver`] appends an event to the journal, applies it, performs the actions. An
//!   attempt's start is written before the attempt begins.
//! - [`exec::Executor`] is the seam to whatever runs a task: WASI modules in this process,
//!   a script of outcomes in tests.
//! - Every front end folds the same events into the same [`engine::view::RunView`].
//!
//! # What must hold, mostly as absences
//! - `model`, `spec` and `engine` know no file, clock, network, thread or environment, and do
//!   not panic on any input.
//! - Nothing above `exec` knows that a step is a module.
//! - Only the driver reads the clock and spawns.
//! - Below `cli` nobody reads the home directory, environment variables or the terminal.
//! - A guest reaches the host's files through one place: `exec::module::fs`.
//! - No Secret's value is in a journal, a log, a diagnostic or a view.
//!
//! # Three kinds of bad news, never mixed
//! *Diagnostics* say what is wrong in the user's file; an *outcome* is how a step ended, and
//! is data; a *fault* is our own I/O failing.
//!
//! # Words
//! *run* a PipelineRun or TaskRun · *plan* its validated graph · *attempt* one try of a task ·
//! *module* a WASI core module · *grant* what a step may touch · *view* a run's state as shown ·
//! *journal* the append-only record of a run.

pub mod app;
pub mod cache;
pub mod cli;
pub mod driver;
pub mod engine;
pub mod exec;
pub mod model;
pub mod spec;
pub mod store;
pub mod volumes;
