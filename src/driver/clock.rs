//! The time, as the driver tells it: nanoseconds since the Unix epoch, never going back.
//!
//! Knows two sources. Does not know what is timed.

use async_trait::async_trait;
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Tells the time and waits for it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Nanoseconds since the Unix epoch. Never less than it said before.
    fn now(&self) -> u64;

    /// Returns when `now` has reached `at`.
    async fn sleep_until(&self, at: u64);
}

/// The machine's clock: read once from the wall, then carried on by the clock that runs evenly
/// and also while the machine sleeps, so that setting the wall clock ends no timeout.
#[derive(Debug)]
pub struct SystemClock {
    /// Wall clock minus the even clock, in nanoseconds.
    offset: u64,
}

impl SystemClock {
    /// Reads the wall clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the wall clock is read")]
    pub fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanoseconds);
        Self { offset: wall.saturating_sub(even_nanoseconds()) }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> u64 {
        self.offset.saturating_add(even_nanoseconds())
    }

    async fn sleep_until(&self, at: u64) {
        // Sleeping ends by another clock than `now` is told by, so it may end too early.
        loop {
            let left = at.saturating_sub(self.now());
            if left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_nanos(left)).await;
        }
    }
}

/// A clock that follows tokio's time: with time paused, sleeping costs none.
#[derive(Debug)]
pub struct TokioClock {
    base: u64,
    start: Instant,
}

impl TokioClock {
    /// A clock that says `base` now. Made inside a tokio runtime.
    #[must_use]
    pub fn start(base: u64) -> Self {
        Self { base, start: Instant::now() }
    }
}

#[async_trait]
impl Clock for TokioClock {
    fn now(&self) -> u64 {
        self.base.saturating_add(nanoseconds(self.start.elapsed()))
    }

    async fn sleep_until(&self, at: u64) {
        while self.now() < at {
            tokio::time::sleep(Duration::from_nanos(at.saturating_sub(self.now()))).await;
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn even_nanoseconds() -> u64 {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
}
