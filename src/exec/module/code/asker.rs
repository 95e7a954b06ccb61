//! Somebody who waits for compiled code, and may stop waiting: a step that was cancelled.
//!
//! Knows one moment. Does not know what is waited for.

use rustix::event::{EventfdFlags, eventfd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Clones are the same asker.
#[derive(Debug, Clone)]
pub struct Asker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    is_gone: AtomicBool,
    /// Can be read once the asker has gone, so that it can be waited for beside a process.
    gone: OwnedFd,
}

/// Whoever holds this asks; dropping it means that nobody waits any more.
#[derive(Debug)]
pub struct Asking(Asker);

impl Asker {
    /// An asker, who waits as long as what is given beside it lives.
    ///
    /// # Errors
    /// When there are no more handles.
    pub fn new() -> io::Result<(Self, Asking)> {
        let gone = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let asker = Self(Arc::new(Shared { is_gone: AtomicBool::new(false), gone }));
        Ok((asker.clone(), Asking(asker)))
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.0.is_gone.load(Ordering::Acquire)
    }
}

impl AsFd for Asker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.gone.as_fd()
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let shared = &self.0.0;
        shared.is_gone.store(true, Ordering::Release);
        // It fails only where it can be read already.
        let _ = rustix::io::write(&shared.gone, &1u64.to_ne_bytes());
    }
}
