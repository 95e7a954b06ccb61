//! The live display of a terminal: one line for each active step, redrawn in place, gone when
//! all is done.
//!
//! Knows what is active and for how long. Does not know what is printed above it or when a
//! run ends.

use super::output::Pipe;
use super::sanitize;
use super::style::{Style, bytes, clock};
use crate::app::StepProgress;
use crate::engine::Run;
use crate::model::event::{Event, Stamped, TaskRunId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// Most lines of active steps; the rest is counted on a line of its own.
const MAX_LINES: usize = 12;

/// Columns kept free at the end of a line, so that no line wraps.
const MARGIN: usize = 1;

/// Columns of a terminal that doesn't say how many it has.
const DEFAULT_COLUMNS: usize = 80;

/// Lines of such a terminal.
const DEFAULT_ROWS: usize = 24;

/// Longest part of a step's last line that is kept, in bytes.
const MAX_LAST: usize = 512;

/// What is going on, and the lines that show it.
pub struct Live {
    state: State,
    screen: Arc<Pipe>,
    style: Style,
    /// Lines that stand on the screen; the cursor is at the start of the line below them.
    drawn: usize,
}

/// What is going on.
#[derive(Default)]
struct State {
    runs: BTreeMap<String, RunLine>,
    active: BTreeMap<(String, TaskRunId), Active>,
    compiling: BTreeMap<String, (u64, Instant)>,
}

struct RunLine {
    name: String,
    started: Instant,
    ended: BTreeSet<TaskRunId>,
}

struct Active {
    task_run: String,
    task: String,
    step: String,
    since: Instant,
    last: String,
}

impl Live {
    /// A display on `screen`, which is a terminal.
    #[must_use]
    pub fn new(screen: Arc<Pipe>, style: Style) -> Self {
        Self { state: State::default(), screen, style, drawn: 0 }
    }

    /// A run begins.
    pub fn started(&mut self, id: &str, name: &str) {
        let run = RunLine { name: sanitize::name(name), started: now(), ended: BTreeSet::new() };
        self.state.runs.insert(id.to_owned(), run);
    }

    /// An event was applied.
    pub fn event(&mut self, run: &str, stamped: &Stamped, state: &Run) {
        self.state.event(run, &stamped.event, state);
    }

    /// A step printed a line.
    pub fn line(&mut self, run: &str, task_run: &str, container: &str, line: &[u8]) {
        self.state.line(run, task_run, container, line);
    }

    /// A step said how far it is.
    pub fn progress(&mut self, run: &str, task_run: &str, container: &str, now: &StepProgress) {
        self.state.line(run, task_run, container, share(now).as_bytes());
    }

    /// A module is being compiled, or no longer.
    pub fn compiling(&mut self, module: &str, size: Option<u64>) {
        match size {
            Some(size) => self.state.compiling.insert(sanitize::name(module), (size, now())),
            None => self.state.compiling.remove(&sanitize::name(module)),
        };
    }

    /// Draws everything anew.
    pub fn draw(&mut self) {
        self.above(b"");
    }

    /// Writes whole lines above those that are redrawn.
    pub fn above(&mut self, lines: &[u8]) {
        let size = terminal_size::terminal_size();
        let (columns, rows) =
            size.map_or((DEFAULT_COLUMNS, DEFAULT_ROWS), |(w, h)| (usize::from(w.0), usize::from(h.0)));
        let mut texts = self.state.texts(now(), self.style, columns.saturating_sub(MARGIN));
        // Lines that left the screen at its top could not be taken back.
        texts.truncate(rows.saturating_sub(1));
        let mut bytes = self.erase();
        bytes.extend_from_slice(lines);
        for text in &texts {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(b'\n');
        }
        self.drawn = texts.len();
        self.screen.write(&bytes);
    }

    /// Takes the display off the screen.
    pub fn clear(&mut self) {
        let bytes = self.erase();
        self.drawn = 0;
        self.screen.write(&bytes);
    }

    /// What takes the drawn lines off the screen, and with them what the terminal itself has
    /// written below them (its echo of Ctrl-C): up to the first of them, then erase to the end.
    fn erase(&self) -> Vec<u8> {
        if self.drawn == 0 { Vec::new() } else { format!("\r\x1b[{}A\x1b[J", self.drawn).into_bytes() }
    }
}

impl State {
    fn event(&mut self, run: &str, event: &Event, state: &Run) {
        match event {
            Event::AttemptStarted { id, .. } => {
                let Some(name) = state.attempt_name(*id) else { return };
                let active = Active {
                    task_run: name.task_run.to_owned(),
                    task: sanitize::name(if name.pipeline_task.is_empty() {
                        name.task_run
                    } else {
                        &name.pipeline_task
                    }),
                    step: state.step_name(*id, 0).map(sanitize::name).unwrap_or_default(),
                    since: now(),
                    last: String::new(),
                };
                self.active.insert((run.to_owned(), *id), active);
            }
            Event::StepEnded { id, step, .. } => {
                let next = state.step_name(*id, step.saturating_add(1)).map(sanitize::name);
                if let (Some(active), Some(next)) = (self.active.get_mut(&(run.to_owned(), *id)), next) {
                    active.step = next;
                    active.last.clear();
                }
            }
            Event::AttemptOpened { id, failed: Some(_), .. } | Event::AttemptClosed { id, .. } => self.end(run, *id),
            Event::AttemptOpened { failed: None, .. }
            | Event::Started
            | Event::Woke
            | Event::CancelRequested { .. } => {}
        }
    }

    fn end(&mut self, run: &str, id: TaskRunId) {
        self.active.remove(&(run.to_owned(), id));
        if let Some(line) = self.runs.get_mut(run) {
            line.ended.insert(id);
        }
    }

    fn line(&mut self, run: &str, task_run: &str, container: &str, line: &[u8]) {
        let found = self.active.iter_mut().find(|((r, _), a)| r == run && a.task_run == task_run);
        if let Some((_, active)) = found {
            // What follows the last carriage return is what a terminal would show of a progress bar.
            let shown = line.split(|b| *b == b'\r').rfind(|part| !part.is_empty()).unwrap_or_default();
            active.last = sanitize::line(shown.get(..MAX_LAST).unwrap_or(shown), false);
            active.step = sanitize::name(container);
        }
    }

    /// One text for each line, at most `columns` wide.
    fn texts(&self, now: Instant, style: Style, columns: usize) -> Vec<String> {
        let since = |then: Instant| clock(u64::try_from(now.duration_since(then).as_nanos()).unwrap_or(u64::MAX));
        let mut texts = Vec::new();
        for (module, (size, then)) in &self.compiling {
            texts.push(cut(&format!("  compiling {module} ({}), once  {}", bytes(*size), since(*then)), columns));
        }
        for active in self.active.values().take(MAX_LINES) {
            let head = cut(&format!("  {} : {}  {}", active.task, active.step, since(active.since)), columns);
            let last = cut(&active.last, columns.saturating_sub(head.chars().map(width).sum::<usize>() + 2));
            let last = if last.is_empty() { last } else { format!("  {}", style.dim(&last)) };
            texts.push(format!("{head}{last}"));
        }
        if self.active.len() > MAX_LINES {
            texts.push(style.dim(&format!("  and {} more", self.active.len() - MAX_LINES)));
        }
        for (id, run) in &self.runs {
            let running = self.active.keys().filter(|(run, _)| run == id).count();
            let line = format!("{}: {} done, {running} running  {}", run.name, run.ended.len(), since(run.started));
            texts.push(style.dim(&cut(&line, columns)));
        }
        texts
    }
}

/// How far a step is, in words: `linking 3/10 (30 %)`.
fn share(now: &StepProgress) -> String {
    match (now.done, now.total) {
        (Some(done), Some(total)) if total > 0 => {
            let percent = u128::from(done) * 100 / u128::from(total);
            format!("{} {done}/{total} ({percent} %)", now.what)
        }
        (Some(done), _) => format!("{} {done}", now.what),
        (None, _) => now.what.clone(),
    }
}

/// As much of a text as fits into `columns`, an ellipsis at the end where something is left out.
fn cut(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut kept = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let room = columns.saturating_sub(usize::from(chars.peek().is_some()));
        if used + width(c) > room {
            kept.extend((columns > used).then_some('…'));
            break;
        }
        used += width(c);
        kept.push(c);
    }
    kept
}

/// Columns of a character, rather too many than too few: wide scripts and pictures begin here.
fn width(c: char) -> usize {
    if c >= '\u{1100}' { 2 } else { 1 }
}

#[expect(clippy::disallowed_methods, reason = "elapsed time on the screen is no part of any run")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(task: &str, last: &str) -> Active {
        Active { task_run: task.into(), task: task.into(), step: "s".into(), since: now(), last: last.into() }
    }

    #[test]
    fn one_line_for_each_active_step() {
        let mut state = State::default();
        let run = RunLine { name: "r".into(), started: now(), ended: BTreeSet::new() };
        state.runs.insert("r".into(), run);
        for (id, task) in [(0, "a"), (1, "b")] {
            state.active.insert(("r".into(), TaskRunId(id)), active(task, ""));
        }
        state.line("r", "b", "step2", b"10%\r\x1b[2J 20%\r");
        let texts = state.texts(now(), Style::PLAIN, 76);
        assert_eq!(texts, ["  a : s  0:00", "  b : step2  0:00  \\x1b[2J 20%", "r: 0 done, 2 running  0:00"]);
        let half = StepProgress { what: "linking".into(), done: Some(1), total: Some(2) };
        assert_eq!(share(&half), "linking 1/2 (50 %)");
        assert_eq!(share(&StepProgress { total: None, ..half.clone() }), "linking 1");
        assert_eq!(share(&StepProgress { done: None, total: Some(0), ..half }), "linking");
        for id in 2..20 {
            state.active.insert(("r".into(), TaskRunId(id)), active("c", ""));
        }
        let texts = state.texts(now(), Style::PLAIN, 76);
        assert_eq!((texts.len(), texts[MAX_LINES].as_str()), (MAX_LINES + 2, "  and 8 more"));
        assert_eq!(state.texts(now(), Style::PLAIN, 9)[0], "  a : s …");
        state.end("r", TaskRunId(0));
        assert_eq!(state.runs["r"].ended.len(), 1);
    }
}
