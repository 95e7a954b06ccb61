//! What a terminal or a pipe shows while runs go on: hears every moment and decides whether it
//! becomes a plain line, part of the live display, an event line, or nothing.
//!
//! Knows the chosen forms. Does not know how runs are driven.

use super::args::Logs;
use super::json;
use super::lines::{Line, Lines};
use super::live::Live;
use super::output::Pipe;
use super::plain::{self, GuestText};
use super::settings::Screen;
use crate::app::{LogFrame, Observer, RunInfo, StepProgress};
use crate::engine::Run;
use crate::model::event::{Event, Stamped, TaskRunId};
use crate::model::plan::Root;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where event lines go.
pub enum Events {
    None,
    Pipe(Arc<Pipe>),
    File(File),
}

/// The choices that make a display.
pub struct Choices {
    /// The screen that people look at.
    pub screen: Screen,
    pub logs: Logs,
    pub quiet: bool,
    /// Where words for people go.
    pub people: Arc<Pipe>,
    pub events: Events,
}

/// The display of `run`.
pub struct Display {
    screen: Screen,
    logs: Logs,
    quiet: bool,
    people: Arc<Pipe>,
    parts: Mutex<Parts>,
}

struct Parts {
    events: Events,
    live: Option<Live>,
    lines: Lines,
    /// When each attempt began, for saying how long it took.
    began: BTreeMap<(String, TaskRunId), Began>,
    /// Why event lines end early, said once.
    events_failed: Option<String>,
}

struct Began {
    at: u64,
    failed: bool,
}

impl Display {
    /// A display that was chosen.
    #[must_use]
    pub fn new(choices: Choices) -> Self {
        let is_live = choices.screen.live() && !choices.quiet;
        let live = is_live.then(|| Live::new(choices.people.clone(), choices.screen.style));
        Self {
            screen: choices.screen,
            logs: choices.logs,
            quiet: choices.quiet,
            people: choices.people,
            parts: Mutex::new(Parts {
                events: choices.events,
                live,
                lines: Lines::default(),
                began: BTreeMap::new(),
                events_failed: None,
            }),
        }
    }

    /// How a step's own text is let through to people.
    #[must_use]
    pub fn guest_text(&self) -> GuestText {
        if self.screen.terminal { GuestText::Safe { colours: self.screen.style.colours } } else { GuestText::Raw }
    }

    /// Whether anything is redrawn.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.parts().live.is_some()
    }

    /// Redraws the live display.
    pub fn draw(&self) {
        if let Some(live) = &mut self.parts().live {
            live.draw();
        }
    }

    /// Prints words for people above whatever is live.
    pub fn say(&self, text: &str) {
        self.write(&mut self.parts(), text.as_bytes());
    }

    /// As [`Display::say`], for text with a guest's bytes in it.
    pub fn say_bytes(&self, bytes: &[u8]) {
        self.write(&mut self.parts(), bytes);
    }

    /// Ends the display: what is unfinished is printed, the live part goes. Returns why event
    /// lines ended early, if they did.
    pub fn finish(&self) -> Option<String> {
        let parts = &mut *self.parts();
        let rest = parts.lines.end_all();
        self.log_lines(parts, &rest);
        if let Some(live) = &mut parts.live {
            live.clear();
        }
        parts.live = None;
        if let Events::File(file) = &mut parts.events
            && let Err(error) = file.flush()
        {
            parts.events_failed.get_or_insert(error.to_string());
        }
        parts.events_failed.take()
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        // A panic while drawing leaves a display that is still good enough to draw on.
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, parts: &mut Parts, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match &mut parts.live {
            Some(live) => live.above(bytes),
            None => self.people.write(bytes),
        }
    }

    fn log_lines(&self, parts: &mut Parts, lines: &[Line]) {
        if self.logs == Logs::All {
            let text: Vec<u8> = lines.iter().flat_map(|line| plain::log_line(line, self.guest_text())).collect();
            self.write(parts, &text);
        }
    }

    /// Progress in plain lines: only where nothing is live.
    fn plain(&self, parts: &mut Parts, run: &str, stamped: &Stamped, state: &Run) {
        let name = |id: TaskRunId| {
            let name = state.attempt_name(id);
            name.map(|n| if n.pipeline_task.is_empty() { n.task_run.to_owned() } else { n.pipeline_task })
        };
        let style = self.screen.style;
        let text = match &stamped.event {
            Event::AttemptStarted { id, attempt } => {
                parts.began.insert((run.to_owned(), *id), Began { at: stamped.at, failed: false });
                name(*id).map(|task| plain::task_started(&task, *attempt, style))
            }
            Event::AttemptOpened { id, failed: Some(outcome), .. } => {
                name(*id).map(|task| plain::step_failed(&task, "-", outcome, style))
            }
            Event::StepEnded { id, step, report, .. } if !report.outcome.is_success() => {
                if let Some(began) = parts.began.get_mut(&(run.to_owned(), *id)) {
                    began.failed = true;
                }
                let step = state.step_name(*id, *step).unwrap_or("-");
                name(*id).map(|task| plain::step_failed(&task, step, &report.outcome, style))
            }
            Event::AttemptClosed { id, report, .. } => {
                let began = parts.began.remove(&(run.to_owned(), *id));
                name(*id).zip(began).map(|(task, began)| {
                    let failed = began.failed || report.fault.is_some();
                    plain::task_ended(&task, failed, stamped.at.saturating_sub(began.at), style)
                })
            }
            Event::CancelRequested { mode, .. } => Some(format!("cancelling: {mode:?}\n")),
            Event::AttemptOpened { failed: None, .. } | Event::StepEnded { .. } | Event::Started | Event::Woke => None,
        };
        if let Some(text) = text {
            self.write(parts, text.as_bytes());
        }
    }
}

impl Parts {
    fn event_line(&mut self, run: &str, stamped: &Stamped, state: &Run) {
        match &mut self.events {
            Events::None => {}
            Events::Pipe(pipe) => pipe.write(json::event_line(run, stamped, state).as_bytes()),
            Events::File(file) => {
                // One write for a line, so that whoever reads the file meanwhile sees whole lines.
                if let Err(error) = file.write_all(json::event_line(run, stamped, state).as_bytes()) {
                    self.events_failed = Some(error.to_string());
                    self.events = Events::None;
                }
            }
        }
    }
}

impl Observer for Display {
    fn started(&self, run: &RunInfo) {
        let parts = &mut *self.parts();
        let name = &run.plan.metadata.name;
        if let Some(live) = &mut parts.live {
            live.started(&run.id, name);
        } else if !self.quiet {
            let kind = match run.plan.root {
                Root::Pipeline { .. } => "PipelineRun",
                Root::Task { .. } => "TaskRun",
            };
            let text = plain::run_started(kind, name, &run.id, self.screen.style);
            self.write(parts, text.as_bytes());
        }
    }

    fn event(&self, run: &str, stamped: &Stamped, state: &Run) {
        let parts = &mut *self.parts();
        parts.event_line(run, stamped, state);
        let ended = match &stamped.event {
            Event::StepEnded { id, attempt, step, .. } => Some((*id, *attempt, state.step_name(*id, *step))),
            Event::AttemptClosed { id, attempt, .. } => Some((*id, *attempt, None)),
            Event::Started
            | Event::AttemptStarted { .. }
            | Event::AttemptOpened { .. }
            | Event::Woke
            | Event::CancelRequested { .. } => None,
        };
        if let Some((id, attempt, step)) = ended
            && let Some(name) = state.attempt_name(id)
        {
            let lines = parts.lines.end(run, name.task_run, attempt, step);
            self.log_lines(parts, &lines);
        }
        if let Some(live) = &mut parts.live {
            live.event(run, stamped, state);
        } else if !self.quiet {
            self.plain(parts, run, stamped, state);
        }
    }

    fn log(&self, frame: &LogFrame) {
        let parts = &mut *self.parts();
        if self.logs != Logs::All && parts.live.is_none() {
            return;
        }
        let lines = parts.lines.push(frame);
        if let (Some(live), Some(line)) = (&mut parts.live, lines.iter().rev().find(|l| !l.bytes.is_empty())) {
            live.line(&frame.run, &frame.task_run, &frame.container, &line.bytes);
        }
        self.log_lines(parts, &lines);
    }

    fn progress(&self, run: &str, task_run: &str, container: &str, now: &StepProgress) {
        if let Some(live) = &mut self.parts().live {
            live.progress(run, task_run, container, now);
        }
    }

    fn compiling(&self, module: &str, bytes: u64) {
        let parts = &mut *self.parts();
        if let Some(live) = &mut parts.live {
            live.compiling(module, Some(bytes));
            // Before the runs begin, nobody else draws.
            live.draw();
        } else if !self.quiet {
            self.write(parts, plain::compiling(module, bytes).as_bytes());
        }
    }

    fn compiled(&self, module: &str, nanos: u64) {
        let parts = &mut *self.parts();
        if let Some(live) = &mut parts.live {
            live.compiling(module, None);
            live.draw();
        } else if !self.quiet {
            self.write(parts, plain::compiled(module, nanos).as_bytes());
        }
    }

    fn warning(&self, text: &str) {
        let style = self.screen.style;
        self.say(&format!("{} {}\n", style.warn("warning:"), super::sanitize::message(text)));
    }
}
