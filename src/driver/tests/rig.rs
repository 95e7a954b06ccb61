//! What the driver's tests stand on: plans by hand, a scripted executor, a journal that tells
//! when it was flushed, and a trace of who did what in which order.

use crate::driver::*;
use crate::engine::EngineOptions;
use crate::exec::{AttemptContext, Interrupt, Session};
use crate::model::duration::Duration;
use crate::model::event::Event;
use crate::model::objects::{EmbeddedTask, PipelineSpec, PipelineTask, Step, TaskSpec};
use crate::model::outcome::Outcome;
use crate::model::plan::*;
use crate::model::report::{AttemptReport, StepReport};
use crate::model::request::{AttemptRequest, StepRequest};
use crate::store::StoreFault;
use crate::store::journal::{Appended, MemoryJournal, MemoryRecords, RecordKind};
use crate::store::logs::MemoryLogs;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The time at which runs of these tests begin.
pub const BEGIN: u64 = 1_700_000_000_000_000_000;
pub const SECOND: u64 = 1_000_000_000;

/// Who did what, in order.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    pub fn say(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
    /// Where `line` stands; it has to be there.
    pub fn at(&self, line: &str) -> usize {
        let lines = self.lines();
        lines.iter().position(|l| l == line).unwrap_or_else(|| panic!("no {line:?} in {lines:#?}"))
    }
    /// The lines that begin with `word`, without it.
    pub fn of(&self, word: &str) -> Vec<String> {
        self.lines().iter().filter_map(|line| line.strip_prefix(word)).map(|rest| rest.trim().to_owned()).collect()
    }
}

/// A pipeline: its tasks with their parents, timeout in seconds, and steps.
pub struct TaskLine(pub &'static str, pub &'static [u32], pub Option<i64>, pub &'static [&'static str]);

pub fn run(name: &str, tasks: &[TaskLine]) -> Run {
    let mut planned: Vec<PlannedTask> = tasks.iter().map(planned_task).collect();
    for (index, task) in (0_u32..).zip(tasks) {
        for parent in task.1 {
            planned[*parent as usize].children.push(TaskIx(index));
        }
    }
    let specs = planned.iter().map(|task| PipelineTask::clone(&task.task)).collect();
    let pipeline = PipelinePlan {
        name: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        spec: Arc::new(PipelineSpec { tasks: specs, ..PipelineSpec::default() }),
        dag_len: planned.len(),
        tasks: planned,
        source: 0,
    };
    let metadata = RunMetadata {
        name: name.to_owned(),
        namespace: "default".to_owned(),
        uid: "00000000-0000-0000-0000-000000000001".to_owned(),
        ..RunMetadata::default()
    };
    let root = Root::Pipeline { spec: Arc::default(), pipeline: Resolved::Found(Arc::new(pipeline)) };
    Run::new(Arc::new(Plan { metadata, root, span: Default::default() }), EngineOptions::default())
}

fn planned_task(line: &TaskLine) -> PlannedTask {
    let TaskLine(name, parents, timeout, steps) = line;
    let step = |name: &&str| Step { name: (*name).to_owned(), image: "scripted".to_owned(), ..Step::default() };
    let spec = Arc::new(TaskSpec { steps: steps.iter().map(step).collect(), ..TaskSpec::default() });
    let plan = TaskPlan {
        name: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        spec: Arc::clone(&spec),
        step_actions: BTreeMap::new(),
        source: 0,
        step_spans: vec![Default::default(); steps.len()],
    };
    let task = PipelineTask {
        name: (*name).to_owned(),
        run_after: parents.iter().map(|parent| format!("t{parent}")).collect(),
        timeout: timeout.map(|seconds| Duration(seconds * 1_000_000_000)),
        task_spec: Some(EmbeddedTask { task: spec, ..EmbeddedTask::default() }),
        ..PipelineTask::default()
    };
    PlannedTask {
        task: Arc::new(task),
        body: TaskBody::Task(Resolved::Found(Arc::new(plan))),
        parents: parents.iter().map(|parent| TaskIx(*parent)).collect(),
        result_parents: Vec::new(),
        children: Vec::new(),
        span: Default::default(),
        path: String::new(),
    }
}

/// What the scripted executor does at a place: `open TASKRUN`, `run TASKRUN/STEP`, `close TASKRUN`.
#[derive(Clone, Default)]
pub struct Act {
    pub seconds: u64,
    pub prints: Vec<(Stream, &'static str)>,
    pub exit: u8,
    pub fails: Option<Outcome>,
    pub panics: Option<&'static str>,
}

pub fn sleeps(seconds: u64) -> Act {
    Act { seconds, ..Act::default() }
}

pub struct Scripted {
    pub trace: Trace,
    pub acts: BTreeMap<&'static str, Act>,
}

impl Scripted {
    fn act(&self, place: &str) -> Act {
        self.trace.say(place);
        let act = self.acts.get(place).cloned().unwrap_or_default();
        assert!(act.panics.is_none(), "{}", act.panics.unwrap_or_default());
        act
    }
}

pub struct Open {
    script: Arc<Scripted>,
    task_run: String,
    context: AttemptContext,
}

#[async_trait]
impl Executor for Arc<Scripted> {
    async fn open(&self, request: AttemptRequest, context: AttemptContext) -> Result<Box<dyn Session>, Outcome> {
        let act = self.act(&format!("open {}", request.task_run));
        let mut session = Open { script: Arc::clone(self), task_run: request.task_run, context };
        match act.fails.clone().or(session.pass(&act).await) {
            Some(outcome) => Err(outcome),
            None => Ok(Box::new(session)),
        }
    }
}

impl Open {
    /// Lets the act's time pass, unless it is interrupted.
    async fn pass(&mut self, act: &Act) -> Option<Outcome> {
        if act.seconds == 0 {
            return None;
        }
        let cancelled = |interrupt: &Interrupt| *interrupt == Interrupt::Cancel;
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_secs(act.seconds)) => None,
            _ = self.context.interrupt.wait_for(cancelled) => {
                self.script.trace.say(format!("interrupted {}", self.task_run));
                Some(Outcome::Cancelled)
            }
        }
    }
}

#[async_trait]
impl Session for Open {
    async fn run_step(&mut self, request: StepRequest) -> StepReport {
        let act = self.script.act(&format!("run {}/{}", self.task_run, request.name));
        for (stream, text) in &act.prints {
            self.context.logs.write(&request.name, *stream, text.as_bytes());
        }
        let outcome = match self.pass(&act).await {
            Some(outcome) => outcome,
            None => act.fails.clone().unwrap_or(Outcome::Exited { code: act.exit }),
        };
        self.script.trace.say(format!("ran {}/{}", self.task_run, request.name));
        StepReport::of(outcome, "scripted")
    }

    async fn close(self: Box<Self>) -> AttemptReport {
        self.script.act(&format!("close {}", self.task_run));
        AttemptReport::default()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.script.trace.say(format!("dropped {}", self.task_run));
    }
}

/// A journal that says in the trace when it was flushed, and fails when told to.
pub struct Told {
    pub inner: MemoryJournal,
    pub trace: Trace,
    /// Records that are taken before the disk is full.
    pub room: u64,
    pub pending: Vec<String>,
}

impl Journal for Told {
    fn append(&mut self, epoch: u64, seq: u64, kind: RecordKind, payload: &[u8]) -> Result<Appended, StoreFault> {
        let event: serde_json::Value = serde_json::from_slice(payload).unwrap();
        let id = event.get("id").map(|id| format!(" {id}")).unwrap_or_default();
        self.pending.push(format!("recorded {}{id}", event["type"].as_str().unwrap()));
        self.inner.append(epoch, seq, kind, payload)
    }
    fn flush(&mut self) -> Result<Appended, StoreFault> {
        self.room = self.room.checked_sub(self.pending.len() as u64).ok_or_else(|| StoreFault::Io {
            doing: "append to",
            path: "journal".into(),
            source: std::io::Error::from_raw_os_error(28),
        })?;
        let appended = self.inner.flush()?;
        for line in self.pending.drain(..) {
            self.trace.say(line);
        }
        Ok(appended)
    }
    fn sync(&mut self) -> Result<Appended, StoreFault> {
        let appended = self.flush()?;
        self.trace.say("synced");
        Ok(appended)
    }
}

/// Keeps what the driver told.
#[derive(Default)]
pub struct Heard {
    pub events: Mutex<Vec<Stamped>>,
    pub logs: Mutex<Vec<String>>,
}

impl Observer for Heard {
    fn event(&self, run: &str, event: &Stamped, _: &Run) {
        assert_eq!(run, "testtest");
        self.events.lock().unwrap().push(event.clone());
    }
    fn log(&self, frame: &LogFrame<'_>) {
        let text = String::from_utf8_lossy(frame.bytes);
        let line = format!("{} {} {} {:?} {text:?}", frame.pipeline_task, frame.container, frame.at, frame.stream);
        self.logs.lock().unwrap().push(line);
    }
}

/// Everything around one driven run.
pub struct Rig {
    pub trace: Trace,
    pub records: MemoryRecords,
    pub heard: Arc<Heard>,
    pub logs: MemoryLogs,
    pub commands: mpsc::Sender<Command>,
    receiver: Option<mpsc::Receiver<Command>>,
    pub acts: BTreeMap<&'static str, Act>,
    pub slots: Slots,
    pub room: u64,
    pub hub: Arc<Hub>,
}

impl Rig {
    pub fn new(slots: usize) -> Self {
        let records = MemoryRecords::default();
        let mut journal = records.open();
        assert_eq!(journal.append(0, 0, RecordKind::Header, b"{}").unwrap(), Appended::Done);
        assert_eq!(journal.flush().unwrap(), Appended::Done);
        let (commands, receiver) = mpsc::channel(COMMAND_QUEUE);
        Self {
            trace: Trace::default(),
            records,
            heard: Arc::default(),
            logs: MemoryLogs::default(),
            commands,
            receiver: Some(receiver),
            acts: BTreeMap::new(),
            slots: Slots::new(slots),
            room: u64::MAX,
            hub: Arc::default(),
        }
    }

    pub fn act(mut self, place: &'static str, act: Act) -> Self {
        self.acts.insert(place, act);
        self
    }

    /// What driving `run` takes. Called once; inside a runtime.
    pub fn input(&mut self, run: Run) -> DriveInput {
        let inner = self.records.open();
        let journal = Told { inner, trace: self.trace.clone(), room: self.room, pending: Vec::new() };
        DriveInput {
            id: Arc::from("testtest"),
            run,
            journal: Box::new(journal),
            epoch: 0,
            replay: Vec::new(),
            executor: Arc::new(Arc::new(Scripted { trace: self.trace.clone(), acts: self.acts.clone() })),
            slots: self.slots.seat(),
            clock: Arc::new(TokioClock::start(BEGIN)),
            observer: Arc::clone(&self.heard) as Arc<dyn Observer>,
            logs: Arc::new(self.logs.clone()),
            hub: Arc::clone(&self.hub),
            control: self.receiver.take().unwrap(),
        }
    }

    pub async fn drive(&mut self, run: Run) -> DriveEnd {
        let input = self.input(run);
        drive(input).await
    }

    /// The events in the journal.
    pub fn events(&self) -> Vec<Stamped> {
        self.records.contents().events().unwrap()
    }

    /// Nanoseconds since the beginning of the first event that `which` picks.
    pub fn when(&self, which: impl Fn(&Event) -> bool) -> u64 {
        self.events().iter().find(|event| which(&event.event)).unwrap().at - BEGIN
    }
}
