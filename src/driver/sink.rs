//! Where an attempt's output goes: into its log files, to the observer and to followers.
//!
//! A piece without a line's end is held for a moment, since many programs write a line in
//! several calls; it is written when the line ends, when it grows, when the other stream
//! writes, when the step ends, or when the moment is over. Knows bytes and names. Does not
//! know what is printed or how it is shown.

use super::{Clock, LogFrame, Observer};
use crate::exec::{LogSink, StepProgress, Stream};
use crate::model::event::TaskRunId;
use crate::store::control::Hub;
use crate::store::logs::{LogKey, LogStore, LogStream, LogWriter};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::runtime::Handle;

/// Bytes of a piece that are held at most while its line goes on.
const HELD_BYTES: usize = 4096;
/// Nanoseconds that a piece is held while its line goes on.
const HELD_FOR: u64 = 50_000_000;

/// What the sinks of a run have in common.
pub(super) struct Output {
    pub run: Arc<str>,
    /// Nanoseconds since the Unix epoch at which the run began.
    pub started_at: u64,
    pub clock: Arc<dyn Clock>,
    pub observer: Arc<dyn Observer>,
    pub logs: Arc<dyn LogStore>,
    pub hub: Arc<Hub>,
    pub runtime: Handle,
    /// The first reason why output could not be kept.
    pub fault: Mutex<Option<String>>,
}

/// Takes the output of one attempt.
pub(super) struct Sink {
    output: Arc<Output>,
    id: TaskRunId,
    task_run: String,
    pipeline_task: String,
    attempt: u32,
    logs: Mutex<Logs>,
    me: Weak<Self>,
}

#[derive(Default)]
struct Logs {
    containers: BTreeMap<String, Log>,
    /// Whether somebody is going to flush what is held.
    flush_is_due: bool,
}

struct Log {
    key: LogKey,
    writer: Box<dyn LogWriter>,
    held: Vec<u8>,
    held_at: u64,
    stream: Stream,
}

impl Sink {
    pub(super) fn new(
        output: &Arc<Output>,
        id: TaskRunId,
        attempt: u32,
        task_run: String,
        pipeline_task: String,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            output: Arc::clone(output),
            id,
            task_run,
            pipeline_task,
            attempt,
            logs: Mutex::default(),
            me: me.clone(),
        })
    }

    /// Writes what is held.
    pub(super) fn flush(&self) {
        let mut logs = self.logs();
        logs.flush_is_due = false;
        for log in logs.containers.values_mut() {
            self.write_held(log);
        }
    }

    fn logs(&self) -> MutexGuard<'_, Logs> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_log(&self, container: &str) -> Log {
        let key = LogKey { task_run: self.task_run.clone(), attempt: self.attempt, container: container.to_owned() };
        let writer = self.output.logs.writer(&key);
        Log { key, writer, held: Vec::new(), held_at: 0, stream: Stream::Stdout }
    }

    fn write_held(&self, log: &mut Log) {
        if !log.held.is_empty() {
            let held = std::mem::take(&mut log.held);
            self.put(log, log.held_at, log.stream, &held);
            log.held = held;
            log.held.clear();
        }
    }

    /// Keeps bytes and tells of them.
    fn put(&self, log: &mut Log, at: u64, stream: Stream, bytes: &[u8]) {
        let kept = match stream {
            Stream::Stdout => LogStream::Stdout,
            Stream::Stderr => LogStream::Stderr,
        };
        if let Err(fault) = log.writer.append(at, kept, bytes) {
            let mut first = self.output.fault.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| fault.to_string());
        }
        self.output.hub.log(&log.key);
        self.output.observer.log(&LogFrame {
            run: &self.output.run,
            id: self.id,
            task_run: &self.task_run,
            pipeline_task: &self.pipeline_task,
            attempt: self.attempt,
            container: &log.key.container,
            stream,
            at,
            bytes,
        });
    }

    /// Has what is held written a moment later.
    fn flush_later(&self, logs: &mut Logs, now: u64) {
        if std::mem::replace(&mut logs.flush_is_due, true) {
            return;
        }
        let (me, clock) = (self.me.clone(), Arc::clone(&self.output.clock));
        self.output.runtime.spawn(async move {
            clock.sleep_until(now.saturating_add(HELD_FOR)).await;
            if let Some(sink) = me.upgrade() {
                sink.flush();
            }
        });
    }
}

impl LogSink for Sink {
    fn progress(&self, container: &str, now: &StepProgress) {
        self.output.observer.progress(&self.output.run, &self.task_run, container, now);
    }

    fn write(&self, container: &str, stream: Stream, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let now = self.output.clock.now();
        let at = now.saturating_sub(self.output.started_at);
        let mut logs = self.logs();
        if !logs.containers.contains_key(container) {
            logs.containers.insert(container.to_owned(), self.new_log(container));
        }
        let Some(log) = logs.containers.get_mut(container) else { return };
        if log.stream != stream {
            self.write_held(log);
            log.stream = stream;
        }
        let line_ends = bytes.last() == Some(&b'\n');
        if log.held.is_empty() && (line_ends || bytes.len() >= HELD_BYTES) {
            self.put(log, at, stream, bytes);
            return;
        }
        if log.held.is_empty() {
            log.held_at = at;
        }
        log.held.extend_from_slice(bytes);
        if line_ends || log.held.len() >= HELD_BYTES {
            self.write_held(log);
        } else {
            self.flush_later(&mut logs, now);
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.flush();
    }
}
