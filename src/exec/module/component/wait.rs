//! `wasi:io/poll`: what a guest waits for, and how it waits.
//!
//! Knows waits of ours (a time, or nothing at all: files and standard streams are always ready) and that
//! others are the library's futures. Does not know what they are about. Nothing waits past a cancellation or
//! the step's deadline.

use super::misused;
use super::wasi::io::poll;
use crate::exec::module::clock::ClockId;
use crate::exec::module::fs::errno::Stop;
use crate::exec::module::state::StepState;
use std::pin::pin;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::io::poll as library;

/// Most pollables in one call, as for `poll_oneoff`.
const MOST_POLLED: usize = 4096;

/// What a pollable of ours waits for.
#[derive(Debug, Clone, Copy)]
pub enum Wait {
    /// It is there.
    Ready,
    /// A time of the monotonic clock.
    Until(u64),
}

/// A pollable of ours.
pub fn pollable(table: &mut ResourceTable, wait: Wait) -> Result<Resource<DynPollable>, Stop> {
    Ok(Resource::new_own(table.push(wait)?.rep()))
}

impl StepState {
    /// The wait behind a pollable, if it is ours.
    fn own_wait(&self, pollable: &Resource<DynPollable>) -> Option<Wait> {
        self.component.table.get(&Resource::<Wait>::new_borrow(pollable.rep())).ok().copied()
    }

    pub(super) fn poll_all(&mut self, pollables: &[Resource<DynPollable>]) -> Result<Vec<u32>, Stop> {
        if pollables.is_empty() {
            return Err(misused("the guest waited for nothing").into());
        }
        if pollables.len() > MOST_POLLED {
            return Err(misused(format_args!("the guest waited for more than {MOST_POLLED} pollables at once")).into());
        }
        let mut own = Vec::new();
        let (mut theirs, mut places) = (Vec::new(), Vec::new());
        for (place, pollable) in (0..).zip(pollables) {
            match self.own_wait(pollable) {
                Some(wait) => own.push((place, wait)),
                None => {
                    theirs.push(Resource::new_borrow(pollable.rep()));
                    places.push(place);
                }
            }
        }
        let now = self.clock.now(ClockId::Monotonic);
        let is_over = |wait: &Wait, now: u64| match wait {
            Wait::Ready => true,
            Wait::Until(time) => *time <= now,
        };
        let first = own.iter().map(|(_, wait)| match wait {
            Wait::Ready => 0,
            Wait::Until(time) => *time,
        });
        let first = first.min();
        let mut ready: Vec<u32> = Vec::new();
        if theirs.is_empty() {
            if let Some(first) = first.filter(|first| *first > now) {
                self.clock.sleep_until(first, &self.control)?;
            }
        } else {
            let mut future = pin!(library::Host::poll(&mut self.component.table, theirs));
            let found = self.clock.wait_for(first, &self.control, future.as_mut())?;
            match found {
                Some(Ok(found)) => {
                    ready.extend(found.iter().filter_map(|at| places.get(*at as usize)));
                }
                Some(Err(error)) => return Err(misused(error).into()),
                None => self.fs.spoil("a wait of it ran out of time"),
            }
        }
        let now = self.clock.now(ClockId::Monotonic);
        ready.extend(own.iter().filter(|(_, wait)| is_over(wait, now)).map(|(place, _)| *place));
        ready.sort_unstable();
        Ok(ready)
    }
}

impl poll::Host for StepState {
    fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> wasmtime::Result<Vec<u32>> {
        self.poll_all(&pollables).map_err(|stop| self.ends(stop))
    }
}

impl poll::HostPollable for StepState {
    fn ready(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<bool> {
        match self.own_wait(&pollable) {
            Some(Wait::Ready) => Ok(true),
            Some(Wait::Until(time)) => Ok(time <= self.clock.now(ClockId::Monotonic)),
            None => {
                let answer = {
                    let mut future = pin!(library::HostPollable::ready(&mut self.component.table, pollable));
                    self.clock.wait_for(None, &self.control, future.as_mut())
                };
                match answer {
                    Ok(ready) => ready.unwrap_or(Ok(false)),
                    Err(stop) => Err(self.ends(stop)),
                }
            }
        }
    }

    fn block(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        self.poll_all(&[pollable]).map(|_| ()).map_err(|stop| self.ends(stop))
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
        if self.own_wait(&pollable).is_none() {
            return library::HostPollable::drop(&mut self.component.table, pollable);
        }
        let dropped = self.component.table.delete(Resource::<Wait>::new_own(pollable.rep()));
        dropped.map(|_| ()).map_err(|error| self.ends(error.into()))
    }
}
