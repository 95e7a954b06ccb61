//! What every implementation of a trait does: one suite per trait, run over each of them.
//!
//! Journals and log stores so far. What only files suffer is tested beside the files.

mod journals;
mod logs;
