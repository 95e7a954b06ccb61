//! How many attempts run at once, over all runs that share a machine.
//!
//! Free slots go round the runs that wait, one at a time, and inside a run to the attempt that
//! waited longest. Knows keys and counts. Does not know what an attempt is.

use crate::model::event::TaskRunId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// An attempt within its run.
pub(super) type Key = (TaskRunId, u32);

/// The slots of a process. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Slots(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    free: usize,
    /// Attempts that run above the bound: adopted ones, for which no slot was free.
    over: usize,
    runs: BTreeMap<u64, Queue>,
    next_run: u64,
    /// The run that got the last slot.
    last: u64,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: BTreeMap<u64, Key>,
    places: BTreeMap<Key, u64>,
    next_place: u64,
    granted: VecDeque<Key>,
    running: BTreeSet<Key>,
    notify: Arc<Notify>,
}

/// One run's place among those that share slots. Dropping it gives back all that it holds.
#[derive(Debug)]
pub struct Seat {
    slots: Slots,
    run: u64,
    notify: Arc<Notify>,
}

impl Slots {
    /// Slots for `count` attempts at once; at least one.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let state = State { free: count.max(1), over: 0, runs: BTreeMap::new(), next_run: 0, last: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    /// A place for one more run. Runs are served in the order of their seats.
    #[must_use]
    pub fn seat(&self) -> Seat {
        let mut state = self.state();
        let run = state.next_run;
        state.next_run += 1;
        let queue = Queue::default();
        let notify = Arc::clone(&queue.notify);
        state.runs.insert(run, queue);
        Seat { slots: self.clone(), run, notify }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Gives free slots out until there are none or nobody waits.
    fn grant(&mut self) {
        while self.free > 0 {
            let after = self.runs.range((Excluded(self.last), Unbounded));
            let mut round = after.chain(self.runs.range(..=self.last));
            let Some(run) = round.find(|(_, queue)| !queue.waiting.is_empty()).map(|(run, _)| *run) else { return };
            let Some(queue) = self.runs.get_mut(&run) else { return };
            let Some((_, key)) = queue.waiting.pop_first() else { return };
            queue.places.remove(&key);
            queue.granted.push_back(key);
            queue.notify.notify_one();
            self.free -= 1;
            self.last = run;
        }
    }

    fn give_back(&mut self, count: usize) {
        let above = count.min(self.over);
        self.over -= above;
        self.free += count - above;
        self.grant();
    }
}

impl Seat {
    /// Waits for a slot for `key`.
    pub(super) fn enqueue(&self, key: Key) {
        let mut state = self.slots.state();
        if let Some(queue) = state.runs.get_mut(&self.run)
            && !queue.places.contains_key(&key)
        {
            let place = queue.next_place;
            queue.next_place += 1;
            queue.waiting.insert(place, key);
            queue.places.insert(key, place);
        }
        state.grant();
    }

    /// Gives up waiting for a slot for `key`, also when it was granted but not taken yet.
    pub(super) fn dequeue(&self, key: Key) {
        let mut state = self.slots.state();
        let Some(queue) = state.runs.get_mut(&self.run) else { return };
        if let Some(place) = queue.places.remove(&key) {
            queue.waiting.remove(&place);
        } else if let Some(at) = queue.granted.iter().position(|granted| *granted == key) {
            queue.granted.remove(at);
            state.give_back(1);
        }
    }

    /// An attempt of this run that got its slot, the one that waited longest first.
    pub(super) fn take(&self) -> Option<Key> {
        let mut state = self.slots.state();
        let queue = state.runs.get_mut(&self.run)?;
        let key = queue.granted.pop_front()?;
        queue.running.insert(key);
        Some(key)
    }

    /// Counts an attempt that already runs, whether a slot is free or not.
    pub(super) fn adopt(&self, key: Key) {
        let mut state = self.slots.state();
        let Some(queue) = state.runs.get_mut(&self.run) else { return };
        if queue.running.insert(key) {
            match state.free.checked_sub(1) {
                Some(free) => state.free = free,
                None => state.over += 1,
            }
        }
    }

    /// Gives the slot of `key` back, if it has one.
    pub(super) fn release(&self, key: Key) {
        let mut state = self.slots.state();
        if state.runs.get_mut(&self.run).is_some_and(|queue| queue.running.remove(&key)) {
            state.give_back(1);
        }
    }

    /// Returns when [`Seat::take`] may have something to give.
    pub(super) async fn granted(&self) {
        self.notify.notified().await;
    }

    /// Whether an attempt waits for a slot, or has one that was not taken yet.
    pub(super) fn waits(&self) -> bool {
        let state = self.slots.state();
        state.runs.get(&self.run).is_some_and(|queue| !queue.waiting.is_empty() || !queue.granted.is_empty())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.slots.state();
        if let Some(queue) = state.runs.remove(&self.run) {
            state.give_back(queue.granted.len() + queue.running.len());
        }
    }
}
