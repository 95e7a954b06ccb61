//! Named pipes: a file without bytes stands for each, so that it has a name, moves, and goes as files do.
//!
//! Knows the file and the pipe. Does not know who opens it.

use super::pipe::Pipe;
use crate::exec::module::fs::SharedFile;
use crate::exec::module::fs::backend::{Backend, Identity};
use std::sync::Arc;

/// One named pipe of a task attempt.
pub struct Fifo {
    /// What is written and read.
    pub pipe: Arc<Pipe>,
    /// Where it was made.
    pub backend: Arc<dyn Backend>,
    /// Its path there.
    pub inside: String,
    /// Keeps the file, so that no other one gets its number.
    pub _file: SharedFile,
}

impl Fifo {
    /// Removes the file, where it still has its name.
    pub fn remove(self, identity: Identity) {
        if self.backend.stat(&self.inside).is_ok_and(|stat| stat.identity == identity) {
            // What stays is a file without bytes.
            let _ = self.backend.remove_file(&self.inside);
        }
    }
}

impl std::fmt::Debug for Fifo {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Fifo").field("inside", &self.inside).finish_non_exhaustive()
    }
}
