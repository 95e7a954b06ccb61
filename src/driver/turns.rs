//! The loop itself: wait, record what happened, act on what follows, until the run has ended.
//!
//! One turn takes everything that has happened by then, appends and applies it event by event,
//! hands the journal's records over in one write, and only then performs the actions. Knows
//! the order of things. Does not know what any event means.

use super::attempts::{Attempts, Names};
use super::replay::replay;
use super::sink::Output;
use super::slots::{Key, Seat};
use super::{Clock, Command, DriveEnd, DriveInput, How, Observer};
use crate::engine::Run;
use crate::engine::action::Action;
use crate::model::event::{Event, Stamped, TaskRunId};
use crate::store::StoreFault;
use crate::store::control::Hub;
use crate::store::journal::{Appended, Journal, RecordKind};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Events that one turn takes at most before their actions are performed.
const TURN_EVENTS: usize = 256;
/// Nanoseconds that attempts get to stop when the run is left at once.
const KILL_GRACE: u64 = 500_000_000;
/// Nanoseconds that attempts get to stop when the run cannot go on.
const FAULT_GRACE: u64 = 10_000_000_000;

/// Drives a run until it has ended, was told to stop, or cannot go on. Attempts that are still
/// open then have been told to stop, and waited for. Dropping the future stops them as well.
///
/// The loop is a task of its own, since a thread that only waits for it would have to be woken
/// for everything that an attempt does: that costs four times as much as all the rest.
pub async fn drive(input: DriveInput) -> DriveEnd {
    let mut task = JoinSet::new();
    task.spawn(drive_here(input));
    match task.join_next().await {
        Some(Ok(end)) => end,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Only a runtime that shuts down ends the task otherwise, and this future with it.
        Some(Err(_)) | None => std::future::pending().await,
    }
}

async fn drive_here(input: DriveInput) -> DriveEnd {
    let (mut driver, begun) = Driver::begin(input);
    let how = match begun {
        Ok(()) => driver.go_on().await.unwrap_or_else(|stop| stop),
        Err(stop) => stop,
    };
    driver.end(how).await
}

struct Driver {
    id: Arc<str>,
    run: Run,
    journal: Box<dyn Journal>,
    epoch: u64,
    next_seq: u64,
    /// The time of the last event.
    last_at: u64,
    attempts: Attempts,
    slots: Seat,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    output: Arc<Output>,
    hub: Arc<Hub>,
    control: mpsc::Receiver<Command>,
    /// Whether a command may still come.
    controlled: bool,
    wake: Option<u64>,
    finished: bool,
    killed: bool,
    /// JSON of the events that are appended and not yet flushed, and where each stands in it.
    encoded: Vec<u8>,
    unpublished: Vec<(u64, Range<usize>)>,
    /// Who waits for a cancellation of this turn to be recorded.
    unanswered: Vec<oneshot::Sender<()>>,
}

/// What happened since the last turn.
#[derive(Default)]
struct Happened {
    events: Vec<Event>,
    recorded: Vec<oneshot::Sender<()>>,
}

impl Driver {
    /// Sets everything up and takes the first turn.
    fn begin(mut input: DriveInput) -> (Self, Result<(), How>) {
        let replayed = replay(&mut input.run, &input.replay);
        let last_at = input.replay.last().map_or(0, |event| event.at);
        let now = input.clock.now().max(last_at);
        let output = Arc::new(Output {
            run: Arc::clone(&input.id),
            started_at: input.replay.first().map_or(now, |event| event.at),
            clock: Arc::clone(&input.clock),
            observer: Arc::clone(&input.observer),
            logs: input.logs,
            hub: Arc::clone(&input.hub),
            runtime: Handle::current(),
            fault: Mutex::new(None),
        });
        let mut driver = Self {
            id: input.id,
            run: input.run,
            journal: input.journal,
            epoch: input.epoch,
            next_seq: input.replay.last().map_or(0, |event| event.seq.saturating_add(1)),
            last_at: now,
            attempts: Attempts::new(input.executor, Arc::clone(&output)),
            slots: input.slots,
            clock: input.clock,
            observer: input.observer,
            output,
            hub: input.hub,
            control: input.control,
            controlled: true,
            wake: None,
            finished: false,
            killed: false,
            encoded: Vec::new(),
            unpublished: Vec::new(),
            unanswered: Vec::new(),
        };
        driver.hub.begin(driver.next_seq);
        for (key, request) in replayed.left {
            let names = driver.names(key.0);
            driver.attempts.adopt(key, request, names);
        }
        for key in replayed.running {
            driver.slots.adopt(key);
        }
        driver.perform(replayed.actions);
        let first = if input.replay.is_empty() { vec![Event::Started] } else { Vec::new() };
        let begun = driver.turn(Happened { events: first, recorded: Vec::new() });
        (driver, begun)
    }

    async fn go_on(&mut self) -> Result<How, How> {
        loop {
            if self.killed {
                return Ok(How::Killed);
            }
            if self.finished {
                return Ok(How::Finished);
            }
            if self.attempts.idle() && self.wake.is_none() && !self.slots.waits() {
                return Err(How::Fault("nothing is left to do, but the run has not ended".to_owned()));
            }
            let mut happened = self.wait().await;
            self.gather(&mut happened);
            self.turn(happened)?;
        }
    }

    /// Waits until something has happened.
    async fn wait(&mut self) -> Happened {
        let mut happened = Happened::default();
        let (clock, wake, busy) = (Arc::clone(&self.clock), self.wake, !self.attempts.idle());
        tokio::select! {
            biased;
            command = self.control.recv(), if self.controlled => self.command(command, &mut happened),
            event = self.attempts.next(), if busy => happened.events.extend(event),
            () = self.slots.granted() => {}
            () = clock.sleep_until(wake.unwrap_or(u64::MAX)), if wake.is_some() => {}
        }
        happened
    }

    /// Adds what else has happened by now.
    fn gather(&mut self, happened: &mut Happened) {
        while self.controlled && !self.killed && happened.events.len() < TURN_EVENTS {
            match self.control.try_recv() {
                Ok(command) => self.command(Some(command), happened),
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => self.controlled = false,
            }
        }
        while happened.events.len() < TURN_EVENTS {
            let Some(event) = self.attempts.try_next() else { break };
            happened.events.push(event);
        }
        if self.wake.is_some_and(|at| self.clock.now() >= at) {
            self.wake = None;
            happened.events.push(Event::Woke);
        }
    }

    fn command(&mut self, command: Option<Command>, happened: &mut Happened) {
        match command {
            Some(Command::Cancel { mode, message, recorded }) => {
                happened.events.push(Event::CancelRequested { mode, message });
                happened.recorded.extend(recorded);
            }
            Some(Command::Kill) => self.killed = true,
            None => self.controlled = false,
        }
    }

    /// Records what happened, and acts on what follows.
    fn turn(&mut self, happened: Happened) -> Result<(), How> {
        let mut actions = Vec::new();
        let mut over: Vec<Key> = Vec::new();
        self.unanswered = happened.recorded;
        for event in happened.events {
            over.extend(ended_attempt(&event));
            self.record(event, &mut actions)?;
        }
        // Slots of attempts that are over go on to others before anything new begins, unless
        // the engine opens the same attempt once more.
        for key in over {
            let again = |action: &Action| matches!(action, Action::Open { id, attempt, .. } if (*id, *attempt) == key);
            if !actions.iter().any(again) {
                self.slots.release(key);
            }
        }
        while !self.killed
            && let Some((id, attempt)) = self.slots.take()
        {
            self.record(Event::AttemptStarted { id, attempt }, &mut actions)?;
        }
        self.publish()?;
        if !self.killed {
            self.perform(actions);
        }
        Ok(())
    }

    /// Appends an event and applies it. Giving up a place in the queue touches nothing outside,
    /// so it is done at once, lest a slot is granted in between.
    fn record(&mut self, event: Event, actions: &mut Vec<Action>) -> Result<(), How> {
        self.last_at = self.last_at.max(self.clock.now());
        let stamped = Stamped { seq: self.next_seq, at: self.last_at, event };
        let start = self.encoded.len();
        serde_json::to_writer(&mut self.encoded, &stamped)
            .map_err(|error| How::Fault(format!("an event cannot be written: {error}")))?;
        let payload = self.encoded.get(start..).unwrap_or_default();
        done(self.journal.append(self.epoch, stamped.seq, RecordKind::Event, payload))?;
        self.unpublished.push((stamped.seq, start..self.encoded.len()));
        self.next_seq = self.next_seq.saturating_add(1);
        for action in self.run.apply(&stamped) {
            match action {
                Action::Dequeue { id, attempt } => {
                    self.slots.dequeue((id, attempt));
                    actions.retain(|action| *action != Action::Enqueue { id, attempt });
                }
                other => actions.push(other),
            }
        }
        self.observer.event(&self.id, &stamped, &self.run);
        Ok(())
    }

    /// Hands the journal over what was appended, and tells followers.
    fn publish(&mut self) -> Result<(), How> {
        if self.unpublished.is_empty() {
            return Ok(());
        }
        done(self.journal.flush())?;
        for (seq, range) in self.unpublished.drain(..) {
            self.hub.event(seq, self.encoded.get(range).unwrap_or_default());
        }
        self.encoded.clear();
        for recorded in self.unanswered.drain(..) {
            // Whoever asked may have left.
            let _ = recorded.send(());
        }
        Ok(())
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Enqueue { id, attempt } => self.slots.enqueue((id, attempt)),
                Action::Dequeue { id, attempt } => self.slots.dequeue((id, attempt)),
                Action::Open { id, attempt, request } => {
                    let names = self.names(id);
                    self.attempts.open((id, attempt), request, names);
                }
                Action::RunStep { id, attempt, request } => self.attempts.run_step((id, attempt), request),
                Action::Interrupt { id, attempt } => self.attempts.interrupt((id, attempt)),
                Action::Close { id, attempt } => self.attempts.close((id, attempt)),
                Action::WakeAt { at } => self.wake = Some(at),
                Action::Finish => self.finished = true,
            }
        }
    }

    fn names(&self, id: TaskRunId) -> Names {
        match self.run.attempt_name(id) {
            Some(name) => Names { task_run: name.task_run.to_owned(), pipeline_task: name.pipeline_task.to_owned() },
            // The engine names every attempt that it opens; a number still tells them apart.
            None => Names { task_run: format!("taskrun-{}", id.0), pipeline_task: String::new() },
        }
    }

    /// Stops what still runs, and makes what was recorded last.
    async fn end(mut self, how: How) -> DriveEnd {
        let grace = if how == How::Killed { KILL_GRACE } else { FAULT_GRACE };
        self.attempts.interrupt_all();
        let until = self.clock.now().saturating_add(grace);
        tokio::select! {
            () = async { while self.attempts.next().await.is_some() {} } => {}
            () = self.clock.sleep_until(until) => {}
        }
        let how = match how {
            How::Finished => done(self.journal.sync()).map_or_else(|stop| stop, |()| How::Finished),
            How::Killed => done(self.journal.flush()).map_or_else(|stop| stop, |()| How::Killed),
            How::Fenced | How::Fault(_) => how,
        };
        self.hub.end();
        let log_fault = self.output.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        DriveEnd { how, run: self.run, events: self.next_seq, log_fault }
    }
}

/// The attempt whose slot an event frees.
fn ended_attempt(event: &Event) -> Option<Key> {
    match event {
        Event::AttemptClosed { id, attempt, .. } | Event::AttemptOpened { id, attempt, failed: Some(_) } => {
            Some((*id, *attempt))
        }
        Event::Started
        | Event::AttemptStarted { .. }
        | Event::AttemptOpened { failed: None, .. }
        | Event::StepEnded { .. }
        | Event::Woke
        | Event::CancelRequested { .. } => None,
    }
}

fn done(appended: Result<Appended, StoreFault>) -> Result<(), How> {
    match appended {
        Ok(Appended::Done) => Ok(()),
        Ok(Appended::Fenced) => Err(How::Fenced),
        Err(fault) => Err(How::Fault(fault.to_string())),
    }
}
