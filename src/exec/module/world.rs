//! The world of `wit/step.wit`: what a program may ask of its task beyond WASI, one function each.
//!
//! Knows params, declared results, lines of a log, progress and modes. Does not know how a guest calls: the
//! bindings are [`super::component`]'s for components and [`super::lowered`] for core modules.

use super::fs::backend::{Kind, OpenHow, PERMISSIONS};
use super::fs::errno::{Errno, Stop};
use super::fs::walk::Base;
use super::fs::{OpenRequest, OpenedAt};
use super::scratch::{step_result, task_result};
use super::state::StepState;
use crate::exec::{StepProgress, Stream};
use crate::model::request::ResultRequest;
use crate::model::value::{ParamType, ParamValue};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The largest result that a call may set, in bytes, as `wit/` says.
const LARGEST_SET: usize = 1 << 20;

/// The longest line of a log, in bytes.
pub const LONGEST_LINE: usize = 64 << 10;

/// The longest text that says what a step is doing, in bytes.
const LONGEST_WHAT: usize = 256;

/// What a program can ask of its task. Clones are for the step's other programs.
#[derive(Default, Clone)]
pub struct TaskState {
    /// The task's params.
    pub params: Arc<BTreeMap<String, ParamValue>>,
    declared: Arc<Vec<Declared>>,
    /// The results that this step has set.
    set: Arc<Mutex<BTreeSet<String>>>,
}

/// A result that can be set.
struct Declared {
    result: ResultRequest,
    /// Where its file lies in the guest.
    path: String,
}

/// Why a result is not set. The order is the WIT's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultRefusal {
    NotDeclared,
    WrongType,
    TooLarge,
    WrittenAlready,
    Failed,
}

/// Why a mode is not given or set. The order is the WIT's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeRefusal {
    NoEntry,
    NotDirectory,
    Loop,
    NameTooLong,
    NotPermitted,
    ReadOnly,
    Invalid,
    Io,
}

/// How grave a line of a log is. The order is the WIT's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl From<Errno> for ModeRefusal {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NoEntry => Self::NoEntry,
            Errno::NotDir => Self::NotDirectory,
            Errno::Loop | Errno::NotSupported => Self::Loop,
            Errno::NameTooLong => Self::NameTooLong,
            Errno::Access | Errno::NotPermitted | Errno::NotCapable => Self::NotPermitted,
            Errno::ReadOnly => Self::ReadOnly,
            Errno::Invalid => Self::Invalid,
            _ => Self::Io,
        }
    }
}

impl TaskState {
    /// A task with these params, without a result that could be set.
    #[must_use]
    pub fn new(params: Arc<BTreeMap<String, ParamValue>>) -> Self {
        Self { params, ..Self::default() }
    }

    fn set(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a step set its own results and the task's.
    pub fn declare(&mut self, step: &str, own: &[ResultRequest], task: &[ResultRequest]) {
        let one = |result: &ResultRequest, path: String| Declared { result: result.clone(), path };
        let own = own.iter().map(|result| one(result, step_result(step, &result.name)));
        let task = task.iter().map(|result| one(result, task_result(&result.name)));
        self.declared = Arc::new(own.chain(task).collect());
    }
}

/// Where all paths of a step start.
const ROOT: Base<'static> = Base { path: "", open_above: true };

/// A path of the step's, from its root. A program's working directory is what its parent says that it is: a text as any
/// other, with `..` and links.
pub(super) fn start<'p>(environment: &[String], path: &'p str) -> Cow<'p, str> {
    match path.strip_prefix('/').map(|rest| rest.trim_start_matches('/')) {
        // `/` itself.
        Some("") => ".".into(),
        Some(rest) => rest.into(),
        None => {
            let here = environment.iter().find_map(|text| text.strip_prefix("PWD=")).unwrap_or("/");
            match here.trim_matches('/') {
                here if here.is_empty() || path.is_empty() => path.into(),
                here => format!("{here}/{path}").into(),
            }
        }
    }
}

impl StepState {
    /// Sets a result. `Ok(Err(..))` says why not.
    pub fn set_result(&mut self, name: &str, value: &ParamValue) -> Result<Result<(), ResultRefusal>, Stop> {
        let declared: Vec<&Declared> = self.task.declared.iter().filter(|own| own.result.name == name).collect();
        let kind = match value {
            ParamValue::String(_) => ParamType::String,
            ParamValue::Array(_) => ParamType::Array,
            ParamValue::Object(_) => ParamType::Object,
        };
        if declared.is_empty() {
            return Ok(Err(ResultRefusal::NotDeclared));
        }
        if declared.iter().any(|own| own.result.r#type != kind) {
            return Ok(Err(ResultRefusal::WrongType));
        }
        if self.task.set().contains(name) {
            return Ok(Err(ResultRefusal::WrittenAlready));
        }
        let text = match value {
            ParamValue::String(text) => text.clone(),
            ParamValue::Array(_) | ParamValue::Object(_) => value.to_json_text(),
        };
        if text.len() > LARGEST_SET {
            return Ok(Err(ResultRefusal::TooLarge));
        }
        let paths: Vec<String> = declared.iter().map(|own| own.path.clone()).collect();
        for path in paths {
            match self.write_whole(&path, text.as_bytes()) {
                Ok(()) => {}
                Err(Stop::Errno(_)) => return Ok(Err(ResultRefusal::Failed)),
                Err(stop) => return Err(stop),
            }
        }
        self.task.set().insert(name.to_owned());
        Ok(Ok(()))
    }

    fn write_whole(&mut self, path: &str, bytes: &[u8]) -> Result<(), Stop> {
        let how = OpenHow { write: true, truncate: true, ..OpenHow::default() };
        let request = OpenRequest { how, create: true, ..OpenRequest::default() };
        let path = start(&self.environment, path);
        let OpenedAt::File(file) = self.fs.open(ROOT, &path, true, request)? else {
            return Err(Errno::IsDir.into());
        };
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            done += file.file.write_at(rest, done as u64, false, &file.paid, &mut self.fs.usage)?;
        }
        Ok(())
    }

    /// Writes a line of a log to standard error.
    pub fn log_line(&mut self, level: Level, message: &str, fields: &[(String, String)]) -> Result<(), Stop> {
        let line = log_line(level, message, fields);
        self.output.write(Stream::Stderr, line.as_bytes(), &mut self.fs.usage)
    }

    /// Tells those who watch how far the step is.
    pub fn report(&self, what: &str, done: Option<u64>, total: Option<u64>) {
        let what = super::quote::quoted(what, LONGEST_WHAT);
        self.output.logs.progress(&self.output.container, &StepProgress { what, done, total });
    }

    /// Notes that a program asks for its task's params: they are no part of what it is known by.
    pub fn asks_params(&self) {
        self.fs.spoil("it asked for its task's params by name");
    }

    /// Makes a named pipe. `Ok(Err(..))` says why not.
    pub fn make_fifo(&mut self, path: &str, mode: u32) -> Result<Result<(), ModeRefusal>, Stop> {
        let path = start(&self.environment, path);
        match self.fs.make_fifo(ROOT, &path, mode) {
            Ok(()) => Ok(Ok(())),
            Err(Stop::Errno(Errno::Exists | Errno::IsDir)) => Ok(Err(ModeRefusal::NotPermitted)),
            Err(Stop::Errno(errno)) => Ok(Err(errno.into())),
            Err(stop) => Err(stop),
        }
    }

    /// Whether a path is a named pipe's.
    pub fn is_fifo(&self, path: &str, follow: bool) -> Result<bool, ModeRefusal> {
        let path = start(&self.environment, path);
        Ok(self.fs.stat(ROOT, &path, follow)?.kind == Kind::Pipe)
    }

    /// The permission bits of a path.
    pub fn mode(&self, path: &str, follow: bool) -> Result<u32, ModeRefusal> {
        let path = start(&self.environment, path);
        Ok(self.fs.stat(ROOT, &path, follow)?.mode)
    }

    /// Sets the permission bits of a path.
    pub fn set_mode(&mut self, path: &str, follow: bool, mode: u32) -> Result<Result<(), ModeRefusal>, Stop> {
        if mode & !PERMISSIONS != 0 {
            return Ok(Err(ModeRefusal::Invalid));
        }
        let path = start(&self.environment, path);
        match self.fs.set_mode(ROOT, &path, follow, mode) {
            Ok(()) => Ok(Ok(())),
            Err(Stop::Errno(errno)) => Ok(Err(errno.into())),
            Err(stop) => Err(stop),
        }
    }
}

/// One line: `level=info msg="built it" files=3`.
fn log_line(level: Level, message: &str, fields: &[(String, String)]) -> String {
    let mut line = format!("level={} msg=", level.name());
    push_value(&mut line, message);
    for (key, value) in fields {
        if line.len() > LONGEST_LINE {
            break;
        }
        line.push(' ');
        if key.is_empty() {
            line.push('_');
        }
        let most = LONGEST_LINE.saturating_sub(line.len());
        line.extend(key.chars().take(most).map(|letter| if is_plain(letter) { letter } else { '_' }));
        line.push('=');
        push_value(&mut line, value);
    }
    if line.len() > LONGEST_LINE {
        let end = (0..=LONGEST_LINE).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
        line.truncate(end);
        line.push('…');
    }
    line.push('\n');
    line
}

fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || "-_./:@+".contains(letter)
}

/// A value as it stands in a line; no more of a long one than a line holds.
fn push_value(line: &mut String, value: &str) {
    if !value.is_empty() && value.len() <= LONGEST_LINE && value.chars().all(is_plain) {
        line.push_str(value);
        return;
    }
    line.push('"');
    for letter in value.chars() {
        if line.len() > LONGEST_LINE {
            return;
        }
        match letter {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            _ if super::quote::needs_escape(letter) => line.extend(letter.escape_unicode()),
            _ => line.push(letter),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        let fields = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let line =
            log_line(Level::Info, "built it", &fields(&[("files", "3"), ("a b=", "x\"\n\\\t\u{1b}[31m\u{202e}")]));
        assert_eq!(line, "level=info msg=\"built it\" files=3 a_b_=\"x\\\"\\n\\\\\\t\\u{1b}[31m\\u{202e}\"\n");
        assert_eq!(log_line(Level::Error, "", &fields(&[("", "")])), "level=error msg=\"\" _=\"\"\n");
        for huge in
            [log_line(Level::Warn, &"x".repeat(1 << 20), &[]), log_line(Level::Warn, &"é\n".repeat(1 << 20), &[])]
        {
            assert!(huge.len() <= LONGEST_LINE + 4 && huge.ends_with("…\n"), "{}", huge.len());
        }
        let many = fields(&[("key", "value"); 100_000]);
        assert!(log_line(Level::Trace, "m", &many).len() <= LONGEST_LINE + 4);
        let huge = fields(&[(&"k".repeat(1 << 20), "v")]);
        assert!(log_line(Level::Trace, "m", &huge).len() <= LONGEST_LINE + 4);
    }
}
