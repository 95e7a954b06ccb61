//! Starts a program beside another one of its step, and tells its parent how it ended.
//!
//! Knows what the new one shares with its parent and what it has of its own. Does not know what it does.

use super::{ABRT, Answer, DEEPEST, Ended, Group, KILL, MOST_PROGRAMS, Process, Program, Refusal};
use crate::exec::Stream;
use crate::exec::module::component::ComponentState;
use crate::exec::module::control::Control;
use crate::exec::module::fs::errno::{Errno, Stop};
use crate::exec::module::fs::walk::Base;
use crate::exec::module::fs::{GuestFs, OpenRequest, OpenedAt};
use crate::exec::module::host::Prepared;
use crate::exec::module::limiter::MemoryLimiter;
use crate::exec::module::preview1::handles::{Handles, Open};
use crate::exec::module::quote::{LONGEST_NAME, quoted};
use crate::exec::module::run::run;
use crate::exec::module::setup::{preopen, preopens};
use crate::exec::module::state::StepState;
use crate::model::expand::Room;
use crate::model::outcome::Outcome;
use std::sync::Arc;

/// A program that is to be started.
pub struct Wanted {
    /// One of the step's commands; without it, the step's own module again.
    pub program: Option<String>,
    /// Its arguments, its name first.
    pub arguments: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    /// Its working directory, absolute.
    pub directory: String,
    /// Its handles: their own numbers, and which of the parent's each is.
    pub handles: Vec<(u32, u32)>,
}

/// The parent's handles before the directories that every program has.
const STREAMS: usize = 3;

impl StepState {
    /// Starts a program and gives its number.
    pub fn start(&mut self, wanted: Wanted) -> Answer<u32> {
        match self.try_start(wanted) {
            Ok(number) => Ok(Ok(number)),
            Err(Stop::Errno(errno)) => Ok(Err(Refusal::from(self.fs.answered(errno)))),
            Err(stop) => Err(stop),
        }
    }

    fn try_start(&mut self, wanted: Wanted) -> Result<u32, Stop> {
        let group = self.group()?;
        let module = match &wanted.program {
            None => group.modules.own.clone(),
            Some(name) => group.modules.commands.get(name).cloned().ok_or(Errno::NoEntry)?,
        };
        if self.process.depth >= DEEPEST {
            return Err(Errno::Again.into());
        }
        let kept = check_texts(&wanted)?;
        let directory = self.directory(&wanted.directory)?;
        let fs = GuestFs {
            table: self.fs.table.clone(),
            identities: self.fs.identities.clone(),
            usage: self.fs.usage.clone(),
            real_times: self.fs.real_times,
            trace: self.fs.trace.clone(),
        };
        let preopens = preopens(&fs, &directory, &self.process.volumes).map_err(Stop::from)?;
        // There are as many directories as the guest makes at the top.
        let of_dir = |(name, path): &(String, String)| 2 * (name.len() + path.len()) + size_of::<Open>();
        let kept = kept + preopens.iter().map(of_dir).sum::<usize>();
        let limiter = self.limiter.beside(kept).ok_or(Errno::Again)?;
        let handles = self.handles_of(&wanted.handles, &preopens)?;
        let mut environment = wanted.environment;
        if !environment.iter().any(|variable| variable.starts_with("PWD=")) {
            environment.push(format!("PWD={}", if directory.is_empty() { "/" } else { &directory }));
        }
        let control = Arc::new(Control::beside(group.control.clone(), self.control.ignored()));
        let number = group.add(self.process.number, control.clone())?;
        let process = Process { number, depth: self.process.depth + 1, ..self.process.clone() };
        let random = self.random.beside()?;
        let arguments = wanted.arguments;
        let own = Own { fs, handles, preopens, environment, arguments, control, process, random, limiter };
        group.launch(module, own, self)?;
        Ok(number)
    }

    /// A working directory without links; "" is the root.
    fn directory(&mut self, path: &str) -> Result<String, Stop> {
        let inside = path.strip_prefix('/').ok_or(Errno::Invalid)?.trim_start_matches('/');
        if inside.is_empty() {
            return Ok(String::new());
        }
        let request = OpenRequest { directory: true, ..OpenRequest::default() };
        match self.fs.open(Base { path: "", open_above: true }, inside, true, request)? {
            OpenedAt::Dir(path) => Ok(path),
            _ => Err(Errno::NotDir.into()),
        }
    }

    /// The handles of a new program: the directories that every program has, and the ones that it is given.
    fn handles_of(&self, given: &[(u32, u32)], dirs: &[(String, String)]) -> Result<Handles, Errno> {
        let limit = self.fs.usage.limits().handles;
        let count = u32::try_from(dirs.len() + STREAMS).unwrap_or(u32::MAX);
        let mut handles = Handles::new(limit.saturating_add(count));
        let mut all = preopen(dirs);
        let opened = all.split_off(STREAMS);
        let rights = self.handles.rights_from_the_start();
        let of_root = rights.get("").copied().unwrap_or_default();
        for (place, mut open) in opened.into_iter().enumerate() {
            // What the parent gave up, its child has not: where the parent has no such directory, what it has of the root.
            let known = dirs.get(place).and_then(|(_, path)| rights.get(path.as_str()));
            let (own, inheriting) = known.copied().unwrap_or(of_root);
            open.given_up = open.inheriting & !inheriting;
            open.rights &= own;
            open.inheriting &= inheriting;
            handles.put(STREAMS + place, open);
        }
        for (own, parents) in given {
            let open: Open = self.handles.get(*parents)?.again();
            if *own >= limit {
                self.fs.spoil("it met its limit of open handles");
            }
            if *own >= limit || handles.get(*own).is_ok() {
                return Err(Errno::Invalid);
            }
            handles.put(*own as usize, open);
        }
        Ok(handles)
    }
}

/// Linux: a program is not started with more words than that, and none has a NUL byte. Gives the bytes that they take.
fn check_texts(wanted: &Wanted) -> Result<usize, Errno> {
    let mut room = Room::default();
    let mut kept = 0;
    for text in wanted.arguments.iter().chain(&wanted.environment) {
        room.take(text.len()).map_err(|_| Errno::TooBig)?;
        kept += size_of::<String>() + text.len();
        if text.contains('\0') {
            return Err(Errno::Invalid);
        }
    }
    if wanted.arguments.is_empty() { Err(Errno::Invalid) } else { Ok(kept) }
}

/// What a new program has of its own.
struct Own {
    fs: GuestFs,
    handles: Handles,
    preopens: Vec<(String, String)>,
    environment: Vec<String>,
    arguments: Vec<String>,
    control: Arc<Control>,
    process: Process,
    random: crate::exec::module::random::RandomSource,
    limiter: MemoryLimiter,
}

/// Tells the others of a program's end, whichever way its thread leaves it.
struct End {
    group: Arc<Group>,
    number: u32,
    ended: Option<Ended>,
}

impl Drop for End {
    fn drop(&mut self) {
        if self.ended.is_none() {
            let message = "a fault in the sandbox itself; the step was stopped".to_owned();
            self.group.end_step(Outcome::Infrastructure { message });
        }
        self.group.ended(self.number, self.ended.unwrap_or(Ended::Signalled(KILL)));
    }
}

impl Group {
    /// Takes a number for a new program.
    fn add(&self, parent: u32, control: Arc<Control>) -> Result<u32, Errno> {
        let mut table = self.lock();
        if table.is_closed || table.programs.len() >= MOST_PROGRAMS {
            return Err(Errno::Again);
        }
        table.last = table.last.checked_add(1).ok_or(Errno::Again)?;
        let number = table.last;
        table.programs.insert(number, Program { parent: Some(parent), control, ended: None });
        Ok(number)
    }

    /// Runs a program on a thread of its own.
    fn launch(self: &Arc<Self>, module: Arc<Prepared>, own: Own, parent: &StepState) -> Result<(), Errno> {
        let number = own.process.number;
        let runs = self.lock().programs.values().filter(|program| program.ended.is_none()).count();
        let Some(slot) = self.modules.host.reserved(runs.saturating_sub(1)) else {
            self.lock().programs.remove(&number);
            return Err(Errno::Again);
        };
        let (output, task, clock) = (parent.output.clone(), parent.task.clone(), parent.clock.shared());
        let end = End { group: self.clone(), number, ended: None };
        let job = move || {
            let mut end = end;
            let name = own.arguments.first().cloned().unwrap_or_default();
            let mut to = (output.clone(), own.fs.usage.clone());
            let control = own.control.clone();
            let step = StepState {
                fs: own.fs,
                handles: own.handles,
                arguments: own.arguments,
                environment: own.environment,
                // It starts on this thread, whose processor time it looks at.
                clock: clock.start(),
                random: own.random,
                output,
                control: own.control,
                limiter: own.limiter,
                memory: None,
                preopens: own.preopens,
                task,
                process: own.process,
                component: ComponentState::default(),
                denied: None,
                ended: None,
            };
            let ran = run(&end.group.modules.host, &module, step, slot);
            let (ended, words) = end.group.seen(ran.outcome, &control, &name);
            if let Some(words) = words {
                // Who has no room for words any more hears of it by the code alone.
                let _ = to.0.write(Stream::Stderr, words.as_bytes(), &mut to.1);
            }
            end.ended = Some(ended);
        };
        // Who listens is the parent, through the table.
        self.modules.host.threads().run(job).map(|_| ()).map_err(|_| {
            self.lock().programs.remove(&number);
            Errno::Again
        })
    }

    /// How a program's parent sees its end, and what is said of it. A limit of the step ends the step.
    fn seen(&self, outcome: Outcome, control: &Control, name: &str) -> (Ended, Option<String>) {
        if let Some(signal) = control.fatal() {
            return (Ended::Signalled(signal), None);
        }
        let name = quoted(name, LONGEST_NAME);
        match outcome {
            // POSIX: a code has eight bits.
            Outcome::Exited { code } => (Ended::Exited(code), None),
            Outcome::Cancelled => (Ended::Signalled(KILL), None),
            Outcome::Trapped { message, .. } => {
                (Ended::Signalled(ABRT), Some(format!("{name}: the program trapped: {message}\n")))
            }
            // A limit of the step's, or a fault of ours: what that left behind others may wait for without end.
            all @ (Outcome::LimitMet { .. } | Outcome::TimedOut { .. } | Outcome::Infrastructure { .. }) => {
                self.end_step(all);
                (Ended::Signalled(KILL), None)
            }
            other => (Ended::Exited(126), Some(format!("{name}: {other}\n"))),
        }
    }
}
