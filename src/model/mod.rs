//! Tekton's objects and the words that every other floor speaks: values, diagnostics,
//! plans, requests, events and outcomes.
//!
//! Plain data and pure functions over it. Knows nothing of ours above it: no files, no
//! clock, no process, no executor, no screen.

pub mod artifacts;
pub mod credentials;
pub mod decode;
pub mod diagnostic;
pub mod duration;
pub mod event;
pub mod expand;
pub mod objects;
pub mod outcome;
pub mod plan;
pub mod quantity;
pub mod quoted;
pub mod report;
pub mod request;
pub mod substitute;
pub mod tree;
pub mod value;
