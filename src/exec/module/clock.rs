//! The clocks that a guest sees.
//!
//! Knows real and virtual time. Does not know WASI or how sleeping is interrupted. The
//! monotonic clock starts at the step's start; no clock is finer than [`GRAIN`].

use super::control::{Control, Deadlines, host_time};
use super::fs::errno::Stop;
use super::fs::ident::OLD;
use crate::model::request::ClockMode;
use rustix::time::ClockId as HostClock;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

/// The finest step of every clock, in nanoseconds: one microsecond.
pub const GRAIN: u64 = 1_000;

/// The clocks of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockId {
    /// Nanoseconds since 1970.
    Wall,
    /// Nanoseconds since the step's start.
    Monotonic,
    /// Processor time of the step.
    Cpu,
}

/// The clocks of one step.
#[derive(Debug)]
pub struct StepClock {
    mode: Mode,
    read_wall: Arc<AtomicBool>,
    deadlines: Deadlines,
}

#[derive(Debug)]
enum Mode {
    /// The host's clocks, from these values on.
    Real { monotonic: u64, cpu: u64 },
    /// Nanoseconds since the step's start, moved only by its programs.
    Virtual { elapsed: Arc<AtomicU64> },
}

/// The clocks of a step, on their way to the thread of another program.
pub struct SharedClock(StepClock);

impl SharedClock {
    /// The clocks of a program that starts now on this thread.
    #[must_use]
    pub fn start(self) -> StepClock {
        let Self(StepClock { mut mode, read_wall, deadlines }) = self;
        if let Mode::Real { cpu, .. } = &mut mode {
            *cpu = host_time(HostClock::ThreadCPUTime);
        }
        StepClock { mode, read_wall, deadlines: deadlines.beside() }
    }
}

impl StepClock {
    /// Clocks of a step that starts now on this thread.
    #[must_use]
    pub fn start(mode: ClockMode, deadlines: Deadlines) -> Self {
        let mode = match mode {
            ClockMode::Real => {
                Mode::Real { monotonic: host_time(HostClock::Monotonic), cpu: host_time(HostClock::ThreadCPUTime) }
            }
            ClockMode::Virtual => Mode::Virtual { elapsed: Arc::default() },
        };
        Self { mode, read_wall: Arc::default(), deadlines }
    }

    /// What the clocks of another program of the same step are started from.
    #[must_use]
    pub fn shared(&self) -> SharedClock {
        let mode = match &self.mode {
            Mode::Real { monotonic, .. } => Mode::Real { monotonic: *monotonic, cpu: 0 },
            Mode::Virtual { elapsed } => Mode::Virtual { elapsed: elapsed.clone() },
        };
        SharedClock(Self { mode, read_wall: self.read_wall.clone(), deadlines: self.deadlines.clone() })
    }

    /// Whether a program of the step read the machine's wall clock: a result may then depend on the time.
    #[must_use]
    pub fn has_read_wall(&self) -> bool {
        self.read_wall.load(Ordering::Relaxed)
    }

    /// The step's deadlines.
    #[must_use]
    pub fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    /// The finest step of a clock, in nanoseconds.
    #[must_use]
    pub fn resolution(&self, _id: ClockId) -> u64 {
        GRAIN
    }

    /// What a clock says. A virtual one moves a little each time that it is read, so that a
    /// program that waits by looking at it comes to an end.
    pub fn now(&mut self, id: ClockId) -> u64 {
        if id == ClockId::Wall && matches!(self.mode, Mode::Real { .. }) {
            self.read_wall.store(true, Ordering::Relaxed);
        }
        let now = match &mut self.mode {
            Mode::Real { monotonic, cpu } => match id {
                ClockId::Wall => host_time(HostClock::Realtime),
                ClockId::Monotonic => host_time(HostClock::Monotonic).saturating_sub(*monotonic),
                ClockId::Cpu => host_time(HostClock::ThreadCPUTime).saturating_sub(*cpu),
            },
            Mode::Virtual { elapsed } => {
                let elapsed = elapsed.fetch_add(GRAIN, Ordering::Relaxed).saturating_add(GRAIN);
                match id {
                    ClockId::Wall => OLD.saturating_add(elapsed),
                    ClockId::Monotonic | ClockId::Cpu => elapsed,
                }
            }
        };
        now - now % GRAIN
    }

    /// When a wait ends, on the monotonic clock.
    pub fn deadline(&mut self, id: ClockId, timeout: u64, absolute: bool) -> u64 {
        let now = self.now(ClockId::Monotonic);
        match (absolute, id) {
            (false, _) => now.saturating_add(timeout),
            (true, ClockId::Monotonic | ClockId::Cpu) => timeout,
            (true, ClockId::Wall) => now.saturating_add(timeout.saturating_sub(self.now(ClockId::Wall))),
        }
    }

    /// Nanoseconds of the machine until the monotonic clock says this; on a virtual one none, as it gets there by
    /// being waited for.
    #[must_use]
    pub fn left(&self, time: u64) -> u64 {
        match &self.mode {
            Mode::Real { monotonic, .. } => {
                monotonic.saturating_add(time).saturating_add(GRAIN).saturating_sub(host_time(HostClock::Monotonic))
            }
            Mode::Virtual { .. } => 0,
        }
    }

    /// A wait for this time of the monotonic clock is over: a virtual one is there.
    pub fn pass(&self, time: u64) {
        if let Mode::Virtual { elapsed } = &self.mode {
            elapsed.fetch_max(time.min(u64::MAX / 2), Ordering::Relaxed);
        }
    }

    /// Waits until the monotonic clock says this.
    pub fn sleep_until(&mut self, time: u64, control: &Control) -> Result<(), Stop> {
        match &mut self.mode {
            Mode::Real { monotonic, .. } => {
                // The guest's clock is rounded down, so a grain more is slept than it asked for.
                let until = monotonic.saturating_add(time).saturating_add(GRAIN);
                control.sleep_until(until, &self.deadlines)
            }
            Mode::Virtual { elapsed } => {
                elapsed.fetch_max(time.min(u64::MAX / 2), Ordering::Relaxed);
                control.check(&self.deadlines)
            }
        }
    }

    /// Waits for what a future gives, or until the monotonic clock says `until`, whichever comes first; `None`
    /// is the latter. On a virtual clock a time is there at once, so the future is asked once.
    pub fn wait_for<T>(
        &mut self,
        until: Option<u64>,
        control: &Arc<Control>,
        mut future: Pin<&mut (dyn Future<Output = T> + '_)>,
    ) -> Result<Option<T>, Stop> {
        let waker = Waker::from(control.clone());
        loop {
            control.check(&self.deadlines)?;
            control.listen();
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Ok(Some(value));
            }
            let until = match (until, &mut self.mode) {
                (Some(time), Mode::Virtual { elapsed }) => {
                    elapsed.fetch_max(time.min(u64::MAX / 2), Ordering::Relaxed);
                    return Ok(None);
                }
                (Some(time), Mode::Real { monotonic, .. }) => monotonic.saturating_add(time).saturating_add(GRAIN),
                (None, _) => u64::MAX,
            };
            if host_time(HostClock::Monotonic) >= until {
                return Ok(None);
            }
            control.sleep_until_rung(until, &self.deadlines)?;
        }
    }
}
