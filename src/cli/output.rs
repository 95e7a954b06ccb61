//! The standard streams as places to write to, without a panic when a reader goes away.
//!
//! Knows that a closed pipe is an ordinary end. Does not know what is written.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Writes `text` to standard output at once.
///
/// # Errors
/// Its reader went away (`BrokenPipe`), or the machine's fault.
pub fn print(text: &str) -> io::Result<()> {
    print_bytes(text.as_bytes())
}

/// Writes `bytes` to standard output at once.
///
/// # Errors
/// As [`print()`].
pub fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Writes words for people to standard error. Nobody may be there to read them, and nothing
/// can be done about that.
pub fn tell(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
}

/// One of the standard streams, shared by threads that have no way to return an error.
#[derive(Debug)]
pub struct Pipe {
    stdout: bool,
    closed: AtomicBool,
    wake: Notify,
}

impl Pipe {
    /// Standard output, or standard error.
    #[must_use]
    pub fn new(stdout: bool) -> Self {
        Self { stdout, closed: AtomicBool::new(false), wake: Notify::new() }
    }

    /// Writes `bytes`, unless the reader has gone.
    pub fn write(&self, bytes: &[u8]) {
        if bytes.is_empty() || self.closed.load(Ordering::Relaxed) {
            return;
        }
        let written = if self.stdout { print_bytes(bytes) } else { io::stderr().lock().write_all(bytes) };
        if written.is_err() && self.stdout {
            self.closed.store(true, Ordering::Relaxed);
            self.wake.notify_one();
        }
    }

    /// Returns once the reader of standard output has gone.
    pub async fn closed(&self) {
        while !self.closed.load(Ordering::Relaxed) {
            self.wake.notified().await;
        }
    }
}
