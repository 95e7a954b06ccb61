//! The attempts of a run that are open: each one's session, what it is doing, and how it is
//! told to stop.
//!
//! What an executor does runs in a task of its own, one at a time for each attempt; when it
//! ends, or panics, that is an event. Knows sessions. Does not know journals, slots or why an
//! attempt is opened.

use super::sink::{Output, Sink};
use super::slots::Key;
use crate::exec::{AttemptContext, Executor, Interrupt, LogSink, Session};
use crate::model::event::Event;
use crate::model::outcome::Outcome;
use crate::model::report::{AttemptReport, StepReport};
use crate::model::request::{AttemptRequest, StepRequest};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

/// The open attempts of one run.
pub(super) struct Attempts {
    executor: Arc<dyn Executor>,
    output: Arc<Output>,
    open: BTreeMap<Key, Attempt>,
    tasks: JoinSet<Done>,
    doing: HashMap<Id, (Key, Doing)>,
    /// Events that came about without a task.
    ready: VecDeque<Event>,
}

/// What an attempt is called.
pub(super) struct Names {
    pub task_run: String,
    pub pipeline_task: String,
}

struct Attempt {
    state: State,
    interrupt: watch::Sender<Interrupt>,
    sink: Arc<Sink>,
}

enum State {
    /// A task has the session.
    Busy,
    Idle(Box<dyn Session>),
    /// An earlier process had the session; it is opened anew when it is needed.
    Left(Box<AttemptRequest>),
    /// The executor panicked, with this message.
    Lost(String),
}

/// A session as it is needed for the next thing to do.
enum Ready {
    Open(Box<dyn Session>),
    Again { executor: Arc<dyn Executor>, request: Box<AttemptRequest>, context: AttemptContext },
}

#[derive(Debug, Clone, Copy)]
enum Doing {
    Open,
    Step(u32),
    Close,
}

enum Done {
    Opened(Result<Box<dyn Session>, Outcome>),
    Stepped(Option<Box<dyn Session>>, StepReport),
    Closed(AttemptReport),
}

impl Attempts {
    pub(super) fn new(executor: Arc<dyn Executor>, output: Arc<Output>) -> Self {
        Self {
            executor,
            output,
            open: BTreeMap::new(),
            tasks: JoinSet::new(),
            doing: HashMap::new(),
            ready: VecDeque::new(),
        }
    }

    /// Whether nothing is being done, so that no event will come.
    pub(super) fn idle(&self) -> bool {
        self.tasks.is_empty() && self.ready.is_empty()
    }

    /// Opens an attempt. Answered by `AttemptOpened`.
    pub(super) fn open(&mut self, key: Key, request: Box<AttemptRequest>, names: Names) {
        let context = self.insert(key, State::Busy, names);
        let executor = Arc::clone(&self.executor);
        self.spawn(key, Doing::Open, async move { Done::Opened(executor.open(*request, context).await) });
    }

    /// Takes over an attempt that an earlier process had opened with `request`.
    pub(super) fn adopt(&mut self, key: Key, request: Box<AttemptRequest>, names: Names) {
        let _ = self.insert(key, State::Left(request), names);
    }

    /// Runs a step. Answered by `StepEnded`.
    pub(super) fn run_step(&mut self, key: Key, request: Box<StepRequest>) {
        let step = request.index;
        let (session, sink) = match self.take(key) {
            Ok(taken) => taken,
            Err(message) => {
                self.ready.push_back(Self::step_ended(key, step, failed_step(Outcome::Infrastructure { message })));
                return;
            }
        };
        self.spawn(key, Doing::Step(step), async move {
            let mut session = match session.get().await {
                Ok(session) => session,
                Err(outcome) => return Done::Stepped(None, failed_step(outcome)),
            };
            let report = session.run_step(*request).await;
            sink.flush();
            Done::Stepped(Some(session), report)
        });
    }

    /// Closes an attempt. Answered by `AttemptClosed`.
    pub(super) fn close(&mut self, key: Key) {
        let (session, sink) = match self.take(key) {
            Ok(taken) => taken,
            Err(message) => {
                let report = AttemptReport { fault: Some(message), ..AttemptReport::default() };
                let event = self.closed(key, report);
                self.ready.push_back(event);
                return;
            }
        };
        self.spawn(key, Doing::Close, async move {
            let report = match session.get().await {
                Ok(session) => session.close().await,
                Err(outcome) => AttemptReport { fault: Some(outcome.to_string()), ..AttemptReport::default() },
            };
            sink.flush();
            Done::Closed(report)
        });
    }

    /// Tells an attempt to stop what it is doing.
    pub(super) fn interrupt(&self, key: Key) {
        if let Some(attempt) = self.open.get(&key) {
            attempt.interrupt.send_replace(Interrupt::Cancel);
        }
    }

    /// Tells all attempts to stop.
    pub(super) fn interrupt_all(&self) {
        for key in self.open.keys() {
            self.interrupt(*key);
        }
    }

    /// Waits for the next event; `None` when none will come.
    pub(super) async fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.ready.pop_front() {
            return Some(event);
        }
        let joined = self.tasks.join_next_with_id().await?;
        self.finished(joined)
    }

    /// The next event, if there is one already.
    pub(super) fn try_next(&mut self) -> Option<Event> {
        if let Some(event) = self.ready.pop_front() {
            return Some(event);
        }
        let joined = self.tasks.try_join_next_with_id()?;
        self.finished(joined)
    }

    fn insert(&mut self, key: Key, state: State, names: Names) -> AttemptContext {
        let (id, attempt) = key;
        let sink = Sink::new(&self.output, id, attempt, names.task_run, names.pipeline_task);
        let (sender, interrupt) = watch::channel(Interrupt::None);
        let context = AttemptContext { logs: Arc::clone(&sink) as Arc<dyn LogSink>, interrupt };
        self.open.insert(key, Attempt { state, interrupt: sender, sink });
        context
    }

    /// Takes the session of an attempt, or says why it has none.
    fn take(&mut self, key: Key) -> Result<(Ready, Arc<Sink>), String> {
        let attempt = self.open.get_mut(&key).ok_or("the attempt is not open")?;
        let sink = Arc::clone(&attempt.sink);
        match std::mem::replace(&mut attempt.state, State::Busy) {
            State::Idle(session) => Ok((Ready::Open(session), sink)),
            State::Left(request) => {
                let logs = Arc::clone(&sink) as Arc<dyn LogSink>;
                let context = AttemptContext { logs, interrupt: attempt.interrupt.subscribe() };
                Ok((Ready::Again { executor: Arc::clone(&self.executor), request, context }, sink))
            }
            State::Lost(message) => {
                attempt.state = State::Lost(message.clone());
                Err(message)
            }
            State::Busy => Err("the attempt is still busy".to_owned()),
        }
    }

    fn spawn(&mut self, key: Key, doing: Doing, work: impl Future<Output = Done> + Send + 'static) {
        let task = self.tasks.spawn(work);
        self.doing.insert(task.id(), (key, doing));
    }

    fn finished(&mut self, joined: Result<(Id, Done), JoinError>) -> Option<Event> {
        match joined {
            Ok((task, done)) => {
                let (key, doing) = self.doing.remove(&task)?;
                Some(self.done(key, doing, done))
            }
            Err(error) => {
                let (key, doing) = self.doing.remove(&error.id())?;
                Some(self.panicked(key, doing, panic_message(error)))
            }
        }
    }

    fn done(&mut self, key: Key, doing: Doing, done: Done) -> Event {
        match done {
            Done::Opened(Ok(session)) => {
                self.set(key, State::Idle(session));
                Self::opened(key, None)
            }
            Done::Opened(Err(outcome)) => {
                self.open.remove(&key);
                Self::opened(key, Some(outcome))
            }
            Done::Stepped(session, report) => {
                let lost = || State::Lost("the attempt could not be opened again".to_owned());
                self.set(key, session.map_or_else(lost, State::Idle));
                let step = if let Doing::Step(step) = doing { step } else { 0 };
                Self::step_ended(key, step, report)
            }
            Done::Closed(report) => self.closed(key, report),
        }
    }

    /// A panic in an executor is our own fault, and ends this attempt only.
    fn panicked(&mut self, key: Key, doing: Doing, message: String) -> Event {
        match doing {
            Doing::Open => {
                self.open.remove(&key);
                Self::opened(key, Some(Outcome::Infrastructure { message }))
            }
            Doing::Step(step) => {
                self.set(key, State::Lost(message.clone()));
                Self::step_ended(key, step, failed_step(Outcome::Infrastructure { message }))
            }
            Doing::Close => self.closed(key, AttemptReport { fault: Some(message), ..AttemptReport::default() }),
        }
    }

    fn set(&mut self, key: Key, state: State) {
        if let Some(attempt) = self.open.get_mut(&key) {
            attempt.state = state;
        }
    }

    fn opened((id, attempt): Key, failed: Option<Outcome>) -> Event {
        Event::AttemptOpened { id, attempt, failed }
    }

    fn step_ended((id, attempt): Key, step: u32, report: StepReport) -> Event {
        Event::StepEnded { id, attempt, step, report }
    }

    fn closed(&mut self, key: Key, report: AttemptReport) -> Event {
        self.open.remove(&key);
        let (id, attempt) = key;
        Event::AttemptClosed { id, attempt, report }
    }
}

impl Ready {
    async fn get(self) -> Result<Box<dyn Session>, Outcome> {
        match self {
            Self::Open(session) => Ok(session),
            Self::Again { executor, request, context } => executor.open(*request, context).await,
        }
    }
}

fn failed_step(outcome: Outcome) -> StepReport {
    StepReport::of(outcome, "")
}

fn panic_message(error: JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else { return "the executor was aborted".to_owned() };
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    format!("the executor panicked: {}", text.as_deref().unwrap_or("no message"))
}
