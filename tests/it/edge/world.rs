//! Virtual time around an engine: what it asks for is answered by a script, and the clock jumps from
//! event to event.

use super::script;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use stepwell::engine::Run;
use stepwell::engine::action::Action;
use stepwell::engine::view::RunView;
use stepwell::model::event::{Event, Stamped, TaskRunId};
use stepwell::model::outcome::Outcome;
use stepwell::model::report::{AttemptReport, StepReport};
use stepwell::model::request::{AttemptRequest, StepRequest};

/// How steps end.
pub(super) trait Answers {
    /// An attempt begins; `task` is the pipeline task's path. What is returned is why it can't.
    fn opened(&mut self, id: TaskRunId, task: &str, request: &AttemptRequest) -> Option<Outcome>;
    /// How a step ends, and after how many nanoseconds.
    fn step(&mut self, id: TaskRunId, request: &StepRequest) -> (StepReport, u64);
    /// What the attempt leaves.
    fn closed(&mut self, id: TaskRunId) -> AttemptReport;
}

/// Most events of one run: past it, the engine goes in circles.
const MOST_EVENTS: usize = 10_000;
/// A start that is no round number.
const START: u64 = 1_795_257_253_000_000_000;

/// A run in virtual time.
pub(super) struct World {
    run: Run,
    answers: Box<dyn Answers>,
    /// What is to happen, by (time, order).
    agenda: BTreeMap<(u64, u64), Event>,
    order: u64,
    now: u64,
    wake: Option<u64>,
    /// Whether the engine has said that nothing follows.
    finished: bool,
    /// Everything that happened, with what the engine asked for.
    pub(super) record: Vec<(Stamped, Vec<Action>)>,
}

impl World {
    pub(super) fn new(run: Run, answers: Box<dyn Answers>) -> Self {
        let mut world = Self {
            run,
            answers,
            agenda: BTreeMap::new(),
            order: 0,
            now: START,
            wake: None,
            finished: false,
            record: Vec::new(),
        };
        world.later(0, Event::Started);
        world
    }

    fn later(&mut self, nanos: u64, event: Event) {
        self.order += 1;
        self.agenda.insert((self.now + nanos, self.order), event);
    }

    /// Lets something happen `nanos` after the start.
    pub(super) fn also(mut self, nanos: u64, event: Event) -> Self {
        self.later(nanos, event);
        self
    }

    /// Goes on until the run ends.
    pub(super) fn drive(mut self) -> RunView {
        self.drive_on(|_| ());
        self.run.view()
    }

    /// The run, for questions besides its view.
    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    /// Goes on until the run ends or nothing is left to happen, and shows every state on the way.
    pub(super) fn drive_on(&mut self, mut look: impl FnMut(&Run)) {
        for seq in 0.. {
            assert!(seq < MOST_EVENTS, "the run goes in circles");
            let next = self.agenda.first_key_value().map(|(key, _)| *key);
            let event = match (next, self.wake) {
                (Some(key), wake) if wake.is_none_or(|w| key.0 <= w) => {
                    self.now = key.0;
                    self.agenda.remove(&key).expect("it was just there")
                }
                (_, Some(wake)) => {
                    self.now = wake;
                    self.wake = None;
                    Event::Woke
                }
                (_, None) => break,
            };
            let stamped = Stamped { seq: seq as u64, at: self.now, event };
            let actions = self.run.apply(&stamped);
            look(&self.run);
            for action in actions.clone() {
                self.perform(action);
            }
            self.record.push((stamped, actions));
            if self.finished {
                break;
            }
        }
        assert_eq!(self.finished, self.run.done());
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Enqueue { id, attempt } => {
                self.later(1_000_000, Event::AttemptStarted { id, attempt });
            }
            Action::Dequeue { id, attempt } => {
                self.agenda.retain(|_, e| *e != Event::AttemptStarted { id, attempt });
            }
            Action::Open { id, attempt, request } => {
                let task = self.run.attempt_name(id).expect("it was just opened").pipeline_task;
                let failed = self.answers.opened(id, &task, &request);
                self.later(1_000_000, Event::AttemptOpened { id, attempt, failed });
            }
            Action::RunStep { id, attempt, request } => {
                let (mut report, mut nanos) = self.answers.step(id, &request);
                if let Some(timeout) = request.timeout.filter(|t| *t < nanos) {
                    nanos = timeout;
                    report.outcome = Outcome::TimedOut { after: timeout };
                }
                let step = request.index;
                self.later(nanos, Event::StepEnded { id, attempt, step, report });
            }
            Action::Interrupt { id, attempt } => self.interrupt(id, attempt),
            Action::Close { id, attempt } => {
                let report = self.answers.closed(id);
                self.later(1_000_000, Event::AttemptClosed { id, attempt, report });
            }
            Action::WakeAt { at } => self.wake = Some(at),
            Action::Finish => self.finished = true,
        }
    }

    fn interrupt(&mut self, id: TaskRunId, attempt: u32) {
        let mut cut = None;
        self.agenda.retain(|_, event| match event {
            Event::StepEnded { id: i, attempt: a, step, .. } if (*i, *a) == (id, attempt) => {
                cut = Some(*step);
                false
            }
            _ => true,
        });
        if let Some(step) = cut {
            let report = StepReport::of(Outcome::Cancelled, "");
            self.later(1, Event::StepEnded { id, attempt, step, report });
        }
    }
}

/// Steps that do what their scripts say.
#[derive(Default)]
pub(super) struct FromScript {
    attempts: BTreeMap<TaskRunId, (Vec<String>, BTreeMap<String, String>)>,
}

impl Answers for FromScript {
    fn opened(&mut self, id: TaskRunId, _: &str, request: &AttemptRequest) -> Option<Outcome> {
        self.attempts.insert(id, (request.results.iter().map(|r| r.name.clone()).collect(), BTreeMap::new()));
        None
    }

    fn step(&mut self, id: TaskRunId, request: &StepRequest) -> (StepReport, u64) {
        let (_, files) = self.attempts.get_mut(&id).expect("steps run in open attempts");
        let program = &request.program;
        let (outcome, nanos) = match (&program.script, program.command.first()) {
            (Some(script), _) => {
                let ran = script::run(script, files);
                (Outcome::Exited { code: ran.code }, ran.nanos)
            }
            (None, Some(command)) => (Outcome::CommandNotFound { command: command.clone() }, 0),
            (None, None) => (Outcome::Exited { code: 0 }, 0),
        };
        let code = outcome.exit_code();
        files.insert(format!("/tekton/steps/step-{}/exitCode", request.name), code.to_string());
        let results = BTreeMap::new();
        (StepReport { results, ..StepReport::of(outcome, "") }, nanos + 1_000_000)
    }

    fn closed(&mut self, id: TaskRunId) -> AttemptReport {
        let (names, files) = self.attempts.remove(&id).expect("open attempts are closed");
        let written = names.into_iter().filter_map(|name| {
            let text = files.get(&format!("/tekton/results/{name}"))?;
            Some((name, text.clone()))
        });
        AttemptReport { results: written.collect(), ..AttemptReport::default() }
    }
}

/// Steps that end as the expected state says, for scripts that need a real shell.
pub(super) struct FromExpected {
    objects: Vec<Json>,
    attempts: BTreeMap<TaskRunId, (u32, Json)>,
}

impl FromExpected {
    pub(super) fn new(expected: &Json) -> Self {
        let objects = expected.as_array().cloned().unwrap_or_default();
        Self { objects, attempts: BTreeMap::new() }
    }

    fn retries(object: &Json) -> u64 {
        object["retries"].as_u64().unwrap_or(0)
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn by_name(results: &Json) -> BTreeMap<String, String> {
    let results = results.as_array().map(Vec::as_slice).unwrap_or_default();
    results.iter().map(|r| (text(&r["name"]), text(&r["value"]))).collect()
}

impl Answers for FromExpected {
    fn opened(&mut self, id: TaskRunId, task: &str, request: &AttemptRequest) -> Option<Outcome> {
        let own = task.rsplit('/').next().unwrap_or_default();
        let fits = |o: &&Json| o["kind"] == "TaskRun" && o["pipelineTask"].as_str().unwrap_or_default() == own;
        let object = self.objects.iter().find(fits).cloned().unwrap_or_default();
        self.attempts.insert(id, (request.attempt, object));
        None
    }

    fn step(&mut self, id: TaskRunId, request: &StepRequest) -> (StepReport, u64) {
        let (attempt, object) = self.attempts.get(&id).expect("steps run in open attempts");
        let step = &object["steps"][request.index as usize];
        let mut code = step["exitCode"].as_u64().and_then(|c| u8::try_from(c).ok()).unwrap_or(0);
        if u64::from(*attempt) < Self::retries(object) {
            code = 1;
        }
        let results = by_name(&step["results"]);
        let outcome = Outcome::Exited { code };
        (StepReport { results, ..StepReport::of(outcome, "") }, 1_000_000)
    }

    fn closed(&mut self, id: TaskRunId) -> AttemptReport {
        let (attempt, object) = self.attempts.remove(&id).expect("open attempts are closed");
        let mut results = by_name(&object["results"]);
        if u64::from(attempt) < Self::retries(&object) {
            results.clear();
        }
        AttemptReport { results, ..AttemptReport::default() }
    }
}
