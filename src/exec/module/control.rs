//! What can end a running step from outside: a cancellation, its time on the wall, its
//! processor time. Also how a step that sleeps is woken.
//!
//! Knows clocks of the host. Does not know guests, modules or what the guest's own clock says.

use super::fs::errno::Stop;
use crate::model::outcome::{LimitKind, Outcome};
use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Wake;
use std::time::Duration;

/// Ends one step from outside. Shared by the step's thread and whoever may cancel it.
#[derive(Debug, Default)]
pub struct Control {
    cancelled: AtomicBool,
    /// Whether something that is waited for may have come.
    rung: AtomicBool,
    /// Guards nothing but the wake-up itself.
    lock: Mutex<()>,
    woken: Condvar,
}

/// The limits that a step's own thread looks at: made on that thread when the step starts.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// When the step has to end, on the host's monotonic clock, and the limit that says so.
    wall: Option<(u64, u64)>,
    /// The thread's processor time at which the step has to end, and the limit that says so.
    cpu: Option<(u64, u64)>,
}

/// Nanoseconds of a clock of the host.
#[must_use]
pub fn host_time(id: ClockId) -> u64 {
    let time = clock_gettime(id);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

impl Deadlines {
    /// Deadlines of a step that starts now on this thread; limits in nanoseconds.
    #[must_use]
    pub fn start(wall: Option<u64>, cpu: Option<u64>) -> Self {
        let at = |limit: Option<u64>, clock| limit.map(|limit| (host_time(clock).saturating_add(limit), limit));
        Self { wall: at(wall, ClockId::Monotonic), cpu: at(cpu, ClockId::ThreadCPUTime) }
    }
}

impl Control {
    /// Ends the step as soon as it can be ended.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.woken.notify_all();
    }

    /// Whether the step was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Says why the step has to end, if it has to. On the step's own thread.
    pub fn check(&self, deadlines: &Deadlines) -> Result<(), Stop> {
        if self.is_cancelled() {
            return Err(Outcome::Cancelled.into());
        }
        if let Some((at, after)) = deadlines.wall
            && host_time(ClockId::Monotonic) >= at
        {
            return Err(Outcome::TimedOut { after }.into());
        }
        if let Some((at, value)) = deadlines.cpu
            && host_time(ClockId::ThreadCPUTime) >= at
        {
            return Err(Outcome::LimitMet { limit: LimitKind::Cpu, value }.into());
        }
        Ok(())
    }

    /// Sleeps until a time of the host's monotonic clock; a cancellation or the step's
    /// deadline ends it early, with the step.
    pub fn sleep_until(&self, time: u64, deadlines: &Deadlines) -> Result<(), Stop> {
        self.wait(time, deadlines, || false)
    }

    /// Forgets what has come so far, before it is looked for.
    pub fn listen(&self) {
        self.rung.store(false, Ordering::Release);
    }

    /// Sleeps as [`Self::sleep_until`] does, or until something comes that was listened for.
    pub fn sleep_until_rung(&self, time: u64, deadlines: &Deadlines) -> Result<(), Stop> {
        self.wait(time, deadlines, || self.rung.load(Ordering::Acquire))
    }

    fn wait(&self, time: u64, deadlines: &Deadlines, is_over: impl Fn() -> bool) -> Result<(), Stop> {
        let until = deadlines.wall.map_or(time, |(at, _)| at.min(time));
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            self.check(deadlines)?;
            let left = until.saturating_sub(host_time(ClockId::Monotonic));
            if left == 0 || is_over() {
                return self.check(deadlines);
            }
            let waited = self.woken.wait_timeout(guard, Duration::from_nanos(left));
            guard = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Wake for Control {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.woken.notify_all();
    }
}
