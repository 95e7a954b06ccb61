//! What can end a running program from outside: a cancellation of its step, a signal, the step's time on the
//! wall, the processor time of all its programs. Also how a program that sleeps is woken.
//!
//! Knows clocks of the host. Does not know guests, modules or what the guest's own clock says.

use super::fs::errno::{Errno, Stop};
use crate::model::outcome::{LimitKind, Outcome};
use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Wake;
use std::time::Duration;

/// How often a program that waits looks at what nobody wakes it for, in nanoseconds.
pub const LOOK: u64 = 20_000_000;

/// Ends one program from outside. Shared by its thread and whoever may cancel it.
#[derive(Debug, Default)]
pub struct Control {
    cancelled: AtomicBool,
    /// The step's own, where this is another program's of the step: what cancels that cancels this.
    step: Option<Arc<Control>>,
    signals: Signals,
    /// Whether the program, or another one of its step, has slept or waited for somebody at a named pipe.
    settled: AtomicBool,
    /// Whether something that is waited for may have come.
    rung: AtomicBool,
    /// Guards nothing but the wake-up itself.
    lock: Mutex<()>,
    woken: Condvar,
}

/// The signals of one program; bit N stands for signal N.
#[derive(Debug, Default)]
struct Signals {
    caught: AtomicU64,
    ignored: AtomicU64,
    /// Caught, and not asked for yet.
    pending: AtomicU64,
    /// The one that ends it.
    fatal: AtomicU64,
}

/// Signals that end nobody who does not know of them: CHLD, CONT, URG, WINCH. What stops a program (STOP, TSTP,
/// TTIN, TTOU) has no meaning without a terminal.
const HARMLESS: u64 = 1 << 17 | 1 << 18 | 1 << 23 | 1 << 28 | 1 << 19 | 1 << 20 | 1 << 21 | 1 << 22;
/// KILL and STOP.
const UNCATCHABLE: u64 = 1 << 9 | 1 << 19;

/// The limits that a program's own thread looks at: made on that thread when the program starts.
#[derive(Debug, Clone)]
pub struct Deadlines {
    /// When the step has to end, on the host's monotonic clock, and the limit that says so.
    wall: Option<(u64, u64)>,
    /// The processor time of this program's thread, as part of the step's.
    cpu: Option<Arc<CpuShare>>,
}

/// What one program adds to the processor time of its step.
#[derive(Debug)]
struct CpuShare {
    /// Nanoseconds that the step may use.
    limit: u64,
    /// What all its programs have used.
    all: Arc<AtomicU64>,
    /// The thread's processor time when the program started.
    start: u64,
    /// What has been added to `all` for this program.
    counted: AtomicU64,
}

impl CpuShare {
    fn start(limit: u64, all: Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self { limit, all, start: host_time(ClockId::ThreadCPUTime), counted: AtomicU64::new(0) })
    }

    /// Adds what this thread used since it was last added. On that thread.
    fn is_over(&self) -> bool {
        let now = host_time(ClockId::ThreadCPUTime).saturating_sub(self.start);
        let added = now.saturating_sub(self.counted.swap(now, Ordering::Relaxed));
        self.all.fetch_add(added, Ordering::Relaxed).saturating_add(added) >= self.limit
    }
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
        let wall = wall.map(|limit| (host_time(ClockId::Monotonic).saturating_add(limit), limit));
        Self { wall, cpu: cpu.map(|limit| CpuShare::start(limit, Arc::default())) }
    }

    /// Adds what this program's thread used to what its step used. On that thread.
    pub fn count(&self) {
        if let Some(share) = &self.cpu {
            share.is_over();
        }
    }

    /// Those of another program of the same step, which starts now on this thread.
    #[must_use]
    pub fn beside(&self) -> Self {
        let cpu = self.cpu.as_ref().map(|share| CpuShare::start(share.limit, share.all.clone()));
        Self { wall: self.wall, cpu }
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
        self.cancelled.load(Ordering::Acquire) || self.step.as_ref().is_some_and(|step| step.is_cancelled())
    }

    /// For another program of the same step, which starts with these signals ignored.
    #[must_use]
    pub fn beside(step: Arc<Self>, ignored: u64) -> Self {
        let control = Self { step: Some(step), ..Self::default() };
        control.catch(0, ignored);
        control
    }

    /// Whether a program of the step has had nothing to do but wait.
    #[must_use]
    pub fn has_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    /// A program has nothing to do but wait.
    pub fn settle(&self) {
        self.step.as_deref().unwrap_or(self).settled.store(true, Ordering::Release);
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
        if let Some(share) = &deadlines.cpu
            && share.is_over()
        {
            return Err(Outcome::LimitMet { limit: LimitKind::Cpu, value: share.limit }.into());
        }
        if self.signals.fatal.load(Ordering::Acquire) != 0 {
            return Err(Outcome::Cancelled.into());
        }
        Ok(())
    }

    /// Says which signals are caught and which are ignored.
    pub fn catch(&self, caught: u64, ignored: u64) {
        self.signals.caught.store(caught & !UNCATCHABLE, Ordering::Release);
        self.signals.ignored.store(ignored & !UNCATCHABLE, Ordering::Release);
    }

    /// The signals that are ignored, for children to ignore too.
    #[must_use]
    pub fn ignored(&self) -> u64 {
        self.signals.ignored.load(Ordering::Acquire)
    }

    /// Sends a signal, below 64.
    pub fn signal(&self, number: u8) {
        let bit = 1u64 << (number & 63);
        if self.signals.caught.load(Ordering::Acquire) & bit != 0 {
            self.signals.pending.fetch_or(bit, Ordering::AcqRel);
        } else if (self.signals.ignored.load(Ordering::Acquire) | HARMLESS) & bit == 0 {
            // The first one ends it.
            let _ = self.signals.fatal.compare_exchange(0, number.into(), Ordering::AcqRel, Ordering::Acquire);
        }
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.woken.notify_all();
    }

    /// The signal that ended the program, if one did.
    #[must_use]
    pub fn fatal(&self) -> Option<u8> {
        u8::try_from(self.signals.fatal.load(Ordering::Acquire)).ok().filter(|number| *number != 0)
    }

    /// Takes the signals that were caught.
    pub fn take_caught(&self) -> u64 {
        self.signals.pending.swap(0, Ordering::AcqRel)
    }

    /// Fails where a call that waits has to come back: a signal was caught.
    pub fn check_caught(&self) -> Result<(), Errno> {
        match self.signals.pending.load(Ordering::Acquire) {
            0 => Ok(()),
            _ => Err(Errno::Interrupted),
        }
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
            self.check_caught()?;
            let left = until.saturating_sub(host_time(ClockId::Monotonic));
            if left == 0 || is_over() {
                return self.check(deadlines);
            }
            self.settle();
            // Who cancels the step does not know its other programs.
            let left = if self.step.is_some() { left.min(LOOK) } else { left };
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
