//! Tekton's objects as typed data: `tekton.dev/v1` shapes with Tekton's field names, and
//! the core kinds that steps refer to. `v1beta1` is renamed to these before it is read.
//!
//! Knows fields, their types and Tekton's static defaults. Does not know rules between
//! fields (validation is `spec`'s) or what a run does with them.

pub mod core_kinds;
pub mod downward;
pub mod meta;
pub mod pipeline;
pub mod pod;
pub mod run;
pub mod task;

pub use core_kinds::*;
pub use downward::*;
pub use meta::*;
pub use pipeline::*;
pub use pod::*;
pub use run::*;
pub use task::*;
