//! Interrupts running guests from time to time, so that they can be looked at.
//!
//! Knows an engine's epoch. Does not know steps or limits. Its thread is its own, since a
//! guest that never returns may hold any other; it sleeps while nothing runs.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use wasmtime::Engine;

/// How often running guests are looked at.
const TICK: Duration = Duration::from_millis(10);

/// Ticks an engine's epoch while anything runs.
#[derive(Clone)]
pub struct Ticker(Arc<Shared>);

struct Shared {
    engine: Engine,
    running: Mutex<Running>,
    changed: Condvar,
}

#[derive(Default)]
struct Running {
    guests: usize,
    thread: bool,
    closed: bool,
}

/// A running guest: while this lives, the epoch moves.
pub struct Tick(Arc<Shared>);

impl Ticker {
    /// A ticker that has no thread yet.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self(Arc::new(Shared { engine, running: Mutex::default(), changed: Condvar::new() }))
    }

    /// Counts a guest as running. Fails if the thread cannot be made, as then nothing could
    /// end the guest.
    pub fn start(&self) -> std::io::Result<Tick> {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.thread {
            let shared = self.0.clone();
            std::thread::Builder::new().name("stepwell-ticker".into()).spawn(move || tick(&shared))?;
            running.thread = true;
        }
        running.guests += 1;
        if running.guests == 1 {
            self.0.changed.notify_one();
        }
        Ok(Tick(self.0.clone()))
    }

    /// Lets the thread end. Guests that still run are no longer interrupted.
    pub fn close(&self) {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.0.changed.notify_one();
    }
}

impl Drop for Tick {
    fn drop(&mut self) {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).guests -= 1;
    }
}

fn tick(shared: &Shared) {
    let mut running = shared.running.lock().unwrap_or_else(PoisonError::into_inner);
    while !running.closed {
        if running.guests == 0 {
            running = shared.changed.wait(running).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        drop(running);
        std::thread::sleep(TICK);
        shared.engine.increment_epoch();
        running = shared.running.lock().unwrap_or_else(PoisonError::into_inner);
    }
}
