//! The engine: `Run::apply(event) -> actions`, and the view of a run.
//!
//! A run is a pure, synchronous state machine: it takes one stamped event and returns actions,
//! never asks for the time, and the same events always lead to the same state. It follows
//! Tekton's reconcilers in what is run, skipped and retried, in order, reasons and messages.
//! Knows plans. Does not know YAML, files, executors, processes or screens.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the machine's door: timers, the event, what follows |
//! | `state` | what is remembered |
//! | `pipeline`, `checks`, `params` | the beginning of a pipeline and its checks |
//! | `schedule`, `when`, `matrix` | what starts, what is skipped |
//! | `spawn`, `names`, `labels` | children and what they are called |
//! | `task`, `prepare` | the life of a TaskRun |
//! | `request`, `fields`, `scopes`, `volumes`, `sandbox` | requests, with variables in their place |
//! | `timeouts`, `cancel` | ends before the end |
//! | `verdict`, `finish` | how an end is called |
//! | `show`, `view` | the state in Tekton's shape |

pub mod action;
mod cancel;
mod checks;
mod downward;
mod fields;
mod finish;
mod labels;
mod matrix;
mod names;
mod params;
mod pipeline;
mod prepare;
mod request;
mod resources;
mod run;
mod sandbox;
mod schedule;
mod scopes;
mod show;
mod spawn;
mod state;
mod task;
mod timeouts;
mod verdict;
pub mod view;
mod volumes;
mod when;

pub use run::{AttemptName, EngineOptions, Run};
pub use show::Detail;
pub use volumes::claimed;
