//! The places of the pool in which instances live: how many may run at once.
//!
//! Knows how many there are and how many were lost to faults. Does not know instances.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places in the pool beyond those that are given out: as many can be lost before fewer run at once.
pub const SPARE: u32 = 16;

/// The places that may be taken. Clones share them.
#[derive(Clone)]
pub struct Slots(Arc<Shared>);

struct Shared {
    free: Arc<Semaphore>,
    /// Places that can still be lost: the spare ones, then those that are given out.
    left: AtomicU32,
    given: u32,
}

/// A place that was taken. It is given back when it is dropped.
pub struct Slot {
    permit: OwnedSemaphorePermit,
    slots: Slots,
}

impl Slots {
    /// So many places, and [`SPARE`] behind them.
    #[must_use]
    pub fn new(given: u32) -> Self {
        let free = Arc::new(Semaphore::new(given as usize));
        Self(Arc::new(Shared { free, left: AtomicU32::new(given.saturating_add(SPARE)), given }))
    }

    /// Takes a place for somebody who has so many, if there is one now and others are left no fewer than he has: so
    /// nobody can have all of them.
    #[must_use]
    pub fn try_take(&self, has: usize) -> Option<Slot> {
        if self.0.free.available_permits() <= has {
            return None;
        }
        let permit = self.0.free.clone().try_acquire_owned().ok()?;
        Some(Slot { permit, slots: self.clone() })
    }

    /// Waits for a place. Fails once all were lost.
    pub async fn take(&self) -> Option<Slot> {
        let permit = self.0.free.clone().acquire_owned().await.ok()?;
        Some(Slot { permit, slots: self.clone() })
    }
}

impl Slot {
    /// What lies in the place cannot be trusted: nobody gets it any more.
    pub fn lose(self) {
        let Self { permit, slots } = self;
        let before = slots.0.left.fetch_sub(1, Ordering::AcqRel);
        if before <= slots.0.given {
            permit.forget();
        }
        if before <= 1 {
            slots.0.free.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lost_places_are_never_given_out_again() {
        let slots = Slots::new(2);
        for _ in 0..SPARE {
            slots.take().await.expect("a place").lose();
        }
        let (one, two) = (slots.take().await.expect("a place"), slots.take().await.expect("a place"));
        one.lose();
        drop(two);
        let last = slots.take().await.expect("a place");
        assert_eq!(slots.0.free.available_permits(), 0);
        last.lose();
        assert!(slots.take().await.is_none());
    }
    #[test]
    fn nobody_gets_more_places_than_others_are_left() {
        let slots = Slots::new(16);
        let holds = |most: usize| {
            let mut held = Vec::new();
            while let Some(slot) = slots.try_take(held.len()).filter(|_| held.len() < most) {
                held.push(slot);
            }
            held
        };
        let all = [holds(99), holds(99), holds(99)];
        assert_eq!(all.each_ref().map(Vec::len), [8, 4, 2]);
        assert_eq!(holds(1).len(), 1);
    }
}
