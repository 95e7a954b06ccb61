//! What is left to do for a run whose journal already holds events.
//!
//! Replaying yields every action again; those that an event has answered are done. Pure: it
//! applies events and keeps count. Does not perform anything.

use super::slots::Key;
use crate::engine::Run;
use crate::engine::action::Action;
use crate::model::event::{Event, Stamped};
use crate::model::request::AttemptRequest;
use std::collections::{BTreeMap, BTreeSet};

/// What replaying left.
#[derive(Default)]
pub(super) struct Replayed {
    /// Attempts that were open when the earlier process stopped: their sessions died with it.
    pub left: Vec<(Key, Box<AttemptRequest>)>,
    /// Attempts that have a slot.
    pub running: Vec<Key>,
    /// Actions that nothing has answered, in an order in which they can be performed.
    pub actions: Vec<Action>,
}

#[derive(Default)]
struct Count {
    places: u64,
    waiting: BTreeMap<Key, u64>,
    running: BTreeSet<Key>,
    requests: BTreeMap<Key, Box<AttemptRequest>>,
    asked: BTreeMap<Key, Action>,
    interrupted: BTreeSet<Key>,
    wake: Option<u64>,
    finished: bool,
}

/// Applies `events` and tells what is left to do.
pub(super) fn replay(run: &mut Run, events: &[Stamped]) -> Replayed {
    let mut count = Count::default();
    for event in events {
        let actions = run.apply(event);
        count.answered(&event.event);
        for action in actions {
            count.asked(action);
        }
    }
    count.left()
}

impl Count {
    fn answered(&mut self, event: &Event) {
        match event {
            Event::AttemptStarted { id, attempt } => {
                self.waiting.remove(&(*id, *attempt));
                self.running.insert((*id, *attempt));
            }
            Event::AttemptOpened { id, attempt, failed } => {
                self.asked.remove(&(*id, *attempt));
                if failed.is_some() {
                    self.over((*id, *attempt));
                }
            }
            Event::StepEnded { id, attempt, .. } => {
                self.asked.remove(&(*id, *attempt));
            }
            Event::AttemptClosed { id, attempt, .. } => {
                self.asked.remove(&(*id, *attempt));
                self.over((*id, *attempt));
            }
            Event::Woke => self.wake = None,
            Event::Started | Event::CancelRequested { .. } => {}
        }
    }

    fn over(&mut self, key: Key) {
        self.running.remove(&key);
        self.requests.remove(&key);
        self.interrupted.remove(&key);
    }

    fn asked(&mut self, action: Action) {
        match &action {
            Action::Enqueue { id, attempt } => {
                self.waiting.insert((*id, *attempt), self.places);
                self.places += 1;
            }
            Action::Dequeue { id, attempt } => {
                self.waiting.remove(&(*id, *attempt));
            }
            Action::Open { id, attempt, request } => {
                self.running.insert((*id, *attempt));
                self.requests.insert((*id, *attempt), request.clone());
                self.asked.insert((*id, *attempt), action);
            }
            Action::RunStep { id, attempt, .. } | Action::Close { id, attempt } => {
                self.asked.insert((*id, *attempt), action);
            }
            Action::Interrupt { id, attempt } => {
                self.interrupted.insert((*id, *attempt));
            }
            Action::WakeAt { at } => self.wake = Some(*at),
            Action::Finish => self.finished = true,
        }
    }

    fn left(mut self) -> Replayed {
        for (key, action) in &self.asked {
            if matches!(action, Action::Open { .. }) {
                self.requests.remove(key);
            }
        }
        let mut waiting: Vec<(u64, Key)> = self.waiting.into_iter().map(|(key, place)| (place, key)).collect();
        waiting.sort_unstable();
        let enqueue = waiting.into_iter().map(|(_, (id, attempt))| Action::Enqueue { id, attempt });
        let interrupt = self.interrupted.into_iter().map(|(id, attempt)| Action::Interrupt { id, attempt });
        let mut actions: Vec<Action> = enqueue.chain(self.asked.into_values()).chain(interrupt).collect();
        actions.extend(self.wake.map(|at| Action::WakeAt { at }));
        actions.extend(self.finished.then_some(Action::Finish));
        Replayed { left: self.requests.into_iter().collect(), running: self.running.into_iter().collect(), actions }
    }
}
