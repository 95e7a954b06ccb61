//! Runs that were: listed, shown, their logs read and followed, cancelled, their files
//! copied out.
//!
//! Knows how a journal becomes a view again. Does not know how anything is shown.

use super::error::{AppError, Report, SourceText};
use super::header::{self, Header};
use super::observe::{LogFrame, Stream};
use super::run::{Driven, RunEnd, WorkspacePlace, fault, kind};
use super::{App, Control, run, workspaces};
use crate::driver::Clock;
use crate::engine::view::RunView;
use crate::engine::{EngineOptions, Run};
use crate::model::event::{CancelMode, Event, Stamped};
use crate::model::plan::Plan;
use crate::store::control::{Follow, Followed, cancel};
use crate::store::journal::{self, Appended, FileJournal, Journal, RecordKind};
use crate::store::logs::{FileLogs, Frame, LogKey, LogReader, LogStream};
use crate::store::runs::{RunDir, RunEntry, RunStore};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    pub id: String,
    pub name: String,
    pub namespace: String,
    /// `PipelineRun` or `TaskRun`.
    pub kind: String,
    /// As in the condition `Succeeded`: `True`, `False`, `Unknown`.
    pub status: String,
    pub reason: String,
    pub message: String,
    /// Nanoseconds since the Unix epoch; 0 where it has not happened.
    pub created_at: u64,
    pub started_at: u64,
    pub ended_at: u64,
    /// Unfinished, and nobody drives it.
    pub interrupted: bool,
}

/// A run read back from its journal.
pub struct LoadedRun {
    pub id: String,
    /// `PipelineRun` or `TaskRun`.
    pub kind: &'static str,
    pub plan: Arc<Plan>,
    pub view: RunView,
    pub events: Vec<Stamped>,
    pub workspaces: Vec<WorkspacePlace>,
    /// Unfinished, and nobody drives it.
    pub interrupted: bool,
    /// Names of the input files, by the index in places.
    pub sources: Vec<String>,
    /// Why the journal could not be read to its end; what precedes the damage is here.
    pub damage: Option<String>,
}

/// Which logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// A pipeline task or a TaskRun; all when empty.
    pub task: Option<String>,
    /// A step or sidecar; all when empty.
    pub step: Option<String>,
    /// From 0; the last one when empty.
    pub attempt: Option<u32>,
}

/// Who takes log frames; `false` ends the reading.
pub type Visit<'a> = dyn FnMut(&LogFrame) -> bool + Send + 'a;

impl App {
    pub(super) fn store(&self) -> Result<RunStore, AppError> {
        RunStore::open(&self.options.state_dir).map_err(|f| fault(&f))
    }

    /// The run that `selector` means: an id, the beginning of one, an object's name; the newest when empty.
    pub(super) fn entry(&self, selector: &str) -> Result<RunEntry, AppError> {
        self.store()?
            .resolve(selector)
            .map_err(|error| AppError::usage(error.to_string(), "`stepwell list` shows all runs"))
    }

    /// All runs, the newest first.
    ///
    /// # Errors
    /// The state directory can't be read.
    pub fn list(&self) -> Result<Vec<RunSummary>, AppError> {
        let entries = self.store()?.list().map_err(|f| fault(&f))?;
        Ok(entries.into_iter().map(|entry| self.summary(entry)).collect())
    }

    /// A line of the list. The summary on disk is a copy: where it says that a run is unfinished
    /// and nobody drives it, the journal decides.
    fn summary(&self, entry: RunEntry) -> RunSummary {
        let id = entry.dir.id().to_string();
        let mut summary = entry.summary.unwrap_or_default();
        let mut interrupted = false;
        if summary.ended_at == 0 && !entry.dir.driven().unwrap_or(false) {
            let loaded = self.load(&id).ok();
            interrupted = loaded.as_ref().is_none_or(|run| run.interrupted);
            if let Some(run) = loaded {
                let created_at = summary.created_at;
                summary = run::summary(&run.plan, &run.view, created_at);
            }
        }
        RunSummary {
            id,
            interrupted,
            name: summary.name,
            namespace: summary.namespace,
            kind: summary.kind,
            status: summary.status,
            reason: summary.reason,
            message: summary.message,
            created_at: summary.created_at,
            started_at: summary.started_at,
            ended_at: summary.ended_at,
        }
    }

    /// A run from its journal, whether it goes on or has ended.
    ///
    /// # Errors
    /// No such run, or a journal whose header can't be read.
    pub fn load(&self, selector: &str) -> Result<LoadedRun, AppError> {
        let dir = self.entry(selector)?.dir;
        let driven = dir.driven().unwrap_or(false);
        let contents = journal::read(&dir.journal_path()).map_err(|f| fault(&f))?;
        let header = contents.header().ok_or_else(|| {
            AppError::fault(
                format!("the journal of run {} breaks off before its header", dir.id()),
                "it cannot be shown",
            )
        })?;
        let remade = Header::parse(header)?.remake()?;
        let (events, unread) = match contents.events() {
            Ok(events) => (events, None),
            Err(damage) => (Vec::new(), Some(damage.to_string())),
        };
        let mut run = Run::new(Arc::clone(&remade.plan), EngineOptions::default());
        for event in &events {
            run.apply(event);
        }
        Ok(LoadedRun {
            id: dir.id().to_string(),
            kind: kind(&remade.plan),
            view: run.view(),
            workspaces: workspaces::places(&remade.plan, &run, &self.options.state_dir),
            interrupted: !run.done() && !driven,
            sources: remade.objects.sources,
            plan: remade.plan,
            events,
            damage: contents.damage.map(|d| d.to_string()).or(unread),
        })
    }

    /// Texts of a loaded run's input files, where they are still there and can be read; for
    /// showing the place of a step.
    #[must_use]
    pub fn source_texts(&self, run: &LoadedRun) -> Report {
        let text = |name: &String| SourceText {
            name: name.clone(),
            text: std::fs::read_to_string(self.options.working_dir.join(name)).unwrap_or_default(),
        };
        Report { sources: run.sources.iter().map(text).collect(), ..Report::default() }
    }

    /// Reads logs of a run, task by task in the order in which they were started.
    ///
    /// # Errors
    /// No such run, task or step; a log that is damaged.
    pub fn logs(&self, selector: &str, query: &LogQuery, visit: &mut Visit<'_>) -> Result<(), AppError> {
        let run = self.load(selector)?;
        let dir = self.entry(&run.id)?.dir;
        let logs = FileLogs::new(dir.logs_path());
        let names = Names::new(&run.view);
        let keys = names.matching(query, logs.list().map_err(|f| fault(&f))?);
        if keys.is_empty() {
            names.require(query)?;
        }
        for key in keys {
            let mut reader = logs.reader(&key);
            while let Some(frame) = reader.next().map_err(|f| fault(&f))? {
                if !visit(&names.frame(&run.id, &key, frame)) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Reads logs as they grow, until the run ends. Nothing polls: the driver tells.
    ///
    /// # Errors
    /// As [`App::logs`], and a driver that breaks off.
    pub async fn follow(&self, selector: &str, query: &LogQuery, visit: &mut Visit<'_>) -> Result<(), AppError> {
        let mut run = self.load(selector)?;
        let dir = self.entry(&run.id)?.dir;
        let logs = FileLogs::new(dir.logs_path());
        let mut state = Run::new(Arc::clone(&run.plan), EngineOptions::default());
        let mut readers: BTreeMap<LogKey, LogReader> = BTreeMap::new();
        // The logs that are there already are read first, and their names stand in the events so far.
        for event in &run.events {
            state.apply(event);
        }
        let mut follow = Follow::new(dir, run.events.len() as u64);
        loop {
            let grown = match follow.next().await.map_err(|f| fault(&f))? {
                Followed::Event(event) => {
                    state.apply(&event);
                    continue;
                }
                Followed::Log(key) => vec![key],
                Followed::Logs | Followed::End if !state.done() => logs.list().map_err(|f| fault(&f))?,
                Followed::Logs => continue,
                Followed::End => {
                    let grown = logs.list().map_err(|f| fault(&f))?;
                    run.view = state.view();
                    self.read_grown(&run, query, &logs, grown, &mut readers, visit)?;
                    return Ok(());
                }
            };
            run.view = state.view();
            // A log can be heard of before its attempt's event; the journal has that event.
            if grown.iter().any(|key| !run.view.objects.iter().any(|o| o.metadata.name == key.task_run)) {
                run.view = self.load(&run.id)?.view;
            }
            if !self.read_grown(&run, query, &logs, grown, &mut readers, visit)? {
                return Ok(());
            }
            if !state.done() && self.entry(&run.id)?.dir.driven().is_ok_and(|driven| !driven) {
                return Ok(());
            }
        }
    }

    /// Reads on in the logs that have grown; `false` when the visitor has enough.
    fn read_grown(
        &self,
        run: &LoadedRun,
        query: &LogQuery,
        logs: &FileLogs,
        grown: Vec<LogKey>,
        readers: &mut BTreeMap<LogKey, LogReader>,
        visit: &mut Visit<'_>,
    ) -> Result<bool, AppError> {
        let names = Names::new(&run.view);
        for key in names.matching_any_attempt(query, grown) {
            let reader = readers.entry(key.clone()).or_insert_with(|| logs.reader(&key));
            while let Some(frame) = reader.next().map_err(|f| fault(&f))? {
                if !visit(&names.frame(&run.id, &key, frame)) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Cancels a run: through its driver, or where it has none, by driving it to its end here.
    /// Returns the end in the latter case.
    ///
    /// # Errors
    /// No such run, or one that has ended: usage.
    pub async fn cancel(&self, selector: &str, mode: CancelMode) -> Result<Option<RunEnd>, AppError> {
        let dir = self.entry(selector)?.dir;
        let message = "cancelled from the command line".to_owned();
        let ended = |dir: &RunDir| {
            AppError::usage(format!("run {} has ended already", dir.id()), "`stepwell list` shows what still runs")
        };
        if dir.read_summary().is_some_and(|s| s.ended_at != 0) {
            return Err(ended(&dir));
        }
        if cancel(&dir, mode, message.clone()).await.map_err(|f| fault(&f))? {
            return Ok(None);
        }
        let lock = dir.lock().map_err(|f| fault(&f))?;
        let (mut journal, contents) = FileJournal::open(&dir.journal_path()).map_err(|f| fault(&f))?;
        let header = Header::parse(contents.header().unwrap_or_default())?;
        let (bases, map) = (header.bases.clone(), header.image_map.clone());
        let remade = header.remake()?;
        let mut replay = contents.events().map_err(|f| fault(&f))?;
        let shared = self.shared()?;
        let epoch = contents.epoch() + 1;
        // A run that died before its first event has nothing to cancel until it has begun.
        if let Some(last) = replay.last() {
            let event = Stamped {
                seq: last.seq + 1,
                at: shared.clock.now().max(last.at),
                event: Event::CancelRequested { mode, message: message.clone() },
            };
            append(&mut journal, epoch, &event)?;
            replay.push(event);
        }
        let values = header::values(&remade.objects, dir.read_secrets().map_err(|f| fault(&f))?.as_deref());
        let created_at = dir.read_summary().map_or(0, |s| s.created_at);
        let control = Control::default();
        if replay.is_empty() {
            control.cancel(mode, &message);
        }
        let images = self.images_of(bases, map);
        let driven = Driven { dir, lock, journal, plan: remade.plan, epoch, replay, images, values, created_at };
        Ok(Some(self.drive(&shared, driven, &control).await))
    }
}

fn append(journal: &mut FileJournal, epoch: u64, event: &Stamped) -> Result<(), AppError> {
    let payload = serde_json::to_vec(event).map_err(|e| {
        AppError::fault(format!("the request cannot be written down: {e}"), "this is a defect of stepwell")
    })?;
    let fenced = || AppError::fault("another process drives this run now", "ask it: `stepwell cancel` again");
    match journal.append(epoch, event.seq, RecordKind::Event, &payload).map_err(|f| fault(&f))? {
        Appended::Done => {}
        Appended::Fenced => return Err(fenced()),
    }
    match journal.flush().map_err(|f| fault(&f))? {
        Appended::Done => Ok(()),
        Appended::Fenced => Err(fenced()),
    }
}

/// Names of a run's TaskRuns and steps, in the order in which they were made.
struct Names {
    /// TaskRun, pipeline task, steps and sidecars.
    tasks: Vec<(String, String, Vec<String>)>,
}

impl Names {
    fn new(view: &RunView) -> Self {
        let tasks = view.objects.iter().filter(|o| o.id.is_some()).map(|object| {
            let steps = object.status.steps.iter().map(|s| s.name.clone());
            let sidecars = object.status.sidecars.iter().map(|s| s.name.clone());
            let task = if object.pipeline_task.is_empty() { &object.metadata.name } else { &object.pipeline_task };
            (object.metadata.name.clone(), task.clone(), steps.chain(sidecars).collect())
        });
        Self { tasks: tasks.collect() }
    }

    /// The keys that a query means, in order; only the last attempt unless one is asked for.
    fn matching(&self, query: &LogQuery, keys: Vec<LogKey>) -> Vec<LogKey> {
        let mut keys = self.matching_any_attempt(query, keys);
        if query.attempt.is_none() {
            let mut last: BTreeMap<String, u32> = BTreeMap::new();
            for key in &keys {
                let attempt = last.entry(key.task_run.clone()).or_default();
                *attempt = (*attempt).max(key.attempt);
            }
            keys.retain(|key| last.get(&key.task_run) == Some(&key.attempt));
        }
        keys
    }

    fn matching_any_attempt(&self, query: &LogQuery, mut keys: Vec<LogKey>) -> Vec<LogKey> {
        keys.retain(|key| {
            let task = self.task(key);
            query.task.as_ref().is_none_or(|t| *t == key.task_run || *t == task)
                && query.step.as_ref().is_none_or(|s| *s == key.container)
                && query.attempt.is_none_or(|a| a == key.attempt)
        });
        keys.sort_by_key(|key| (self.place(key), key.attempt));
        keys
    }

    fn place(&self, key: &LogKey) -> (usize, usize) {
        let Some(task) = self.tasks.iter().position(|(name, ..)| *name == key.task_run) else {
            return (usize::MAX, 0);
        };
        let step = self.tasks.get(task).and_then(|(.., steps)| steps.iter().position(|s| *s == key.container));
        (task, step.unwrap_or(usize::MAX))
    }

    fn task(&self, key: &LogKey) -> String {
        let named = self.tasks.iter().find(|(name, ..)| *name == key.task_run);
        named.map_or_else(|| key.task_run.clone(), |(_, task, _)| task.clone())
    }

    /// Says which tasks and steps there are when a query names none of them.
    fn require(&self, query: &LogQuery) -> Result<(), AppError> {
        let tasks: Vec<&str> = self.tasks.iter().map(|(_, task, _)| task.as_str()).collect();
        let Some(wanted) = &query.task else { return Ok(()) };
        let mut matching = self.tasks.iter().filter(|(name, task, _)| name == wanted || task == wanted).peekable();
        if matching.peek().is_none() {
            return Err(AppError::usage(
                format!("the run has no task `{wanted}` that was started"),
                format!("it has: {}", tasks.join(", ")),
            ));
        }
        let steps: Vec<&str> = matching.flat_map(|(.., steps)| steps.iter().map(String::as_str)).collect();
        match &query.step {
            Some(step) if !steps.contains(&step.as_str()) => Err(AppError::usage(
                format!("task `{wanted}` has no step `{step}`"),
                format!("it has: {}", steps.join(", ")),
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn frame(&self, run: &str, key: &LogKey, frame: Frame) -> LogFrame {
        LogFrame {
            run: run.to_owned(),
            task_run: key.task_run.clone(),
            task: self.task(key),
            attempt: key.attempt,
            container: key.container.clone(),
            stream: match frame.stream {
                LogStream::Stdout => Stream::Stdout,
                LogStream::Stderr => Stream::Stderr,
            },
            at: frame.at,
            bytes: frame.bytes,
        }
    }
}
