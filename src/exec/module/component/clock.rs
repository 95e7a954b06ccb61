//! `wasi:clocks` and `wasi:random`: the step's clocks, what waits for them, and its random bytes.
//!
//! Knows WIT's types of time. Does not know how time is told or where bytes come from.

use super::misused;
use super::wait::{Wait, pollable};
use super::wasi::clocks::monotonic_clock;
use super::wasi::clocks::wall_clock::{self, Datetime};
use super::wasi::random;
use crate::exec::module::clock::ClockId;
use crate::exec::module::fs::errno::Stop;
use crate::exec::module::state::StepState;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::DynPollable;

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// The most random bytes in one call.
const MOST_RANDOM: u64 = 64 << 20;

/// Random bytes are made in pieces of this size, so that a cancelled step stops soon.
const PIECE: usize = 1 << 20;

/// A time in WIT's form, from nanoseconds.
#[must_use]
pub fn datetime(nanos: u64) -> Datetime {
    // What is left of a second fits.
    Datetime { seconds: nanos / SECOND, nanoseconds: (nanos % SECOND) as u32 }
}

impl wall_clock::Host for StepState {
    fn now(&mut self) -> wasmtime::Result<Datetime> {
        Ok(datetime(self.clock.now(ClockId::Wall)))
    }

    fn resolution(&mut self) -> wasmtime::Result<Datetime> {
        Ok(datetime(self.clock.resolution(ClockId::Wall)))
    }
}

impl monotonic_clock::Host for StepState {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock.now(ClockId::Monotonic))
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock.resolution(ClockId::Monotonic))
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let made = pollable(&mut self.component.table, Wait::Until(when));
        made.map_err(|stop| self.ends(stop))
    }

    fn subscribe_duration(&mut self, duration: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let when = self.clock.deadline(ClockId::Monotonic, duration, false);
        self.subscribe_instant(when)
    }
}

impl StepState {
    fn random_bytes(&mut self, length: u64) -> Result<Vec<u8>, Stop> {
        if length > MOST_RANDOM {
            return Err(misused(format_args!("the guest asked for {length} random bytes in one call")).into());
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        for piece in bytes.chunks_mut(PIECE) {
            self.random.fill(piece)?;
            self.control.check(self.clock.deadlines())?;
        }
        Ok(bytes)
    }

    fn random_number(&mut self) -> wasmtime::Result<u64> {
        let mut bytes = [0; 8];
        match self.random.fill(&mut bytes) {
            Ok(()) => Ok(u64::from_le_bytes(bytes)),
            Err(stop) => Err(self.ends(stop)),
        }
    }
}

impl random::random::Host for StepState {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.random_bytes(length).map_err(|stop| self.ends(stop))
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.random_number()
    }
}

impl random::insecure::Host for StepState {
    fn get_insecure_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.random_bytes(length).map_err(|stop| self.ends(stop))
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.random_number()
    }
}

impl random::insecure_seed::Host for StepState {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        Ok((self.random_number()?, self.random_number()?))
    }
}
