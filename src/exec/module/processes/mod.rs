//! The programs of a step: the one that it is, and those that these start beside themselves.
//!
//! Knows who started whom, how each ended, and what they share. Does not know how a guest calls (that is
//! [`super::lowered`]'s), or what a shell makes of it.
//!
//! A program that a step starts is an instance in a store of its own on a thread of its own, with the step's files,
//! grants, limits, clocks and output. What it and its parent share of open files are the handles that it was given.

pub mod fifo;
pub mod pipe;
mod start;

use super::control::Control;
use super::fs::errno::{Errno, Stop};
use super::host::{ModuleHost, Prepared};
use super::preview1::handles::Open;
use super::preview1::path::pipe_handle;
use super::state::StepState;
use crate::model::outcome::Outcome;
use pipe::{Pipe, Side};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use start::Wanted;

/// Most programs of a step at once, those that ended and were not waited for included.
pub const MOST_PROGRAMS: usize = 128;
/// How deep programs may start programs.
pub const DEEPEST: u32 = 32;

/// Why a call is refused. The order is the WIT's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    BadHandle,
    NotFound,
    Again,
    Invalid,
    Interrupted,
    NotPermitted,
    NotSupported,
    Io,
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::BadFd => Self::BadHandle,
            Errno::NoEntry | Errno::NotDir => Self::NotFound,
            Errno::TooManyHandles | Errno::Again => Self::Again,
            Errno::Invalid | Errno::TooBig | Errno::NameTooLong => Self::Invalid,
            Errno::Interrupted => Self::Interrupted,
            Errno::NotPermitted | Errno::NotCapable | Errno::Access => Self::NotPermitted,
            Errno::NotSupported => Self::NotSupported,
            _ => Self::Io,
        }
    }
}

/// How a call went, unless it ended the step: its value, or why it is refused.
pub type Answer<T> = Result<Result<T, Refusal>, Stop>;

fn answered<T>(answer: Result<T, Stop>) -> Answer<T> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Errno(errno)) => Ok(Err(errno.into())),
        Err(stop) => Err(stop),
    }
}

/// How a program ended, as its parent sees it. The order is the WIT's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Exited(u8),
    Signalled(u8),
}

/// Signals that are sent by ourselves: a trap is an ABRT, a limit a KILL.
const ABRT: u8 = 6;
const KILL: u8 = 9;

/// The modules that a step's programs may be instances of.
pub struct Modules {
    /// Runs them.
    pub host: Arc<ModuleHost>,
    /// The step's own.
    pub own: Arc<Prepared>,
    /// Those of `sandbox.commands`, by name.
    pub commands: BTreeMap<String, Arc<Prepared>>,
}

/// What all programs of a step have together.
pub struct Group {
    modules: Modules,
    /// The step's own program's.
    control: Arc<Control>,
    table: Mutex<Table>,
    changed: Condvar,
}

#[derive(Default)]
struct Table {
    /// The number that was given last; the step's own program is 1.
    last: u32,
    programs: BTreeMap<u32, Program>,
    /// How the step ends, where another program than its own decided that.
    ended: Option<Outcome>,
    /// No more programs are started.
    is_closed: bool,
    /// Programs were ended because the step's own had ended.
    cut_off: bool,
}

struct Program {
    /// Who may wait for it; nobody once its parent has ended.
    parent: Option<u32>,
    control: Arc<Control>,
    ended: Option<Ended>,
}

/// Which program of its step one is.
#[derive(Clone)]
pub struct Process {
    number: u32,
    depth: u32,
    /// None where programs cannot be started.
    group: Option<Arc<Group>>,
    /// The paths of the step's volumes.
    pub(super) volumes: Arc<Vec<String>>,
}

impl Default for Process {
    /// A program that can start no other.
    fn default() -> Self {
        Self { number: 1, depth: 0, group: None, volumes: Arc::default() }
    }
}

impl Process {
    /// The step's own program.
    #[must_use]
    pub fn first(group: Arc<Group>) -> Self {
        Self { group: Some(group), ..Self::default() }
    }
}

impl Group {
    /// A step whose own program has this control.
    #[must_use]
    pub fn new(modules: Modules, control: Arc<Control>) -> Arc<Self> {
        let table = Mutex::new(Table { last: 1, ..Table::default() });
        Arc::new(Self { modules, control, table, changed: Condvar::new() })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // The table is whole after every statement.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The step's own program has ended: ends all others, waits for them, and says how the step ended where one of
    /// them decided that.
    pub fn close(&self) -> Option<Outcome> {
        let mut table = self.lock();
        table.is_closed = true;
        table.cut_off = table.programs.values().any(|program| program.ended.is_none());
        for program in table.programs.values() {
            program.control.cancel();
        }
        // Each removes itself as it ends, since nobody will wait for it.
        table.programs.retain(|_, program| program.ended.is_none());
        for program in table.programs.values_mut() {
            program.parent = None;
        }
        while !table.programs.is_empty() {
            table = self.changed.wait(table).unwrap_or_else(PoisonError::into_inner);
        }
        table.ended.take()
    }

    /// Whether programs were still running when the step's own had ended.
    pub fn was_cut_off(&self) -> bool {
        self.lock().cut_off
    }

    /// A program ended.
    fn ended(&self, number: u32, ended: Ended) {
        let mut table = self.lock();
        // Its own children are nobody's from now on.
        let orphans = |program: &mut Program| {
            if program.parent == Some(number) {
                program.parent = None;
            }
            program.parent.is_some() || program.ended.is_none()
        };
        table.programs.retain(|_, program| orphans(program));
        match table.programs.get_mut(&number) {
            Some(program) if program.parent.is_some() => program.ended = Some(ended),
            Some(_) | None => {
                table.programs.remove(&number);
            }
        }
        self.changed.notify_all();
    }

    /// The step ends in this way, whichever program met it.
    fn end_step(&self, outcome: Outcome) {
        let mut table = self.lock();
        if table.ended.is_none() {
            table.ended = Some(outcome);
        }
        drop(table);
        self.control.cancel();
    }
}

impl StepState {
    fn group(&self) -> Result<Arc<Group>, Errno> {
        self.process.group.clone().ok_or(Errno::NotSupported)
    }

    /// A pipe: the handles of its ends, to read and to write. What it may hold counts as the step's memory.
    pub fn pipe(&mut self) -> Answer<(u32, u32)> {
        let Some(kept) = self.limiter.keep(pipe::ROOM) else { return Ok(Err(Refusal::Again)) };
        let pipe = Pipe::new(Some(kept));
        let ends = [Side::Read, Side::Write].map(|side| pipe_handle(pipe.end(side), 0));
        let [read, write] = ends.map(|open: Open| self.handles.add(open));
        answered(match (read, write) {
            (Ok(read), Ok(write)) => Ok((read, write)),
            (Ok(read), Err(errno)) => self.handles.close(read).and(Err(errno)).map_err(Stop::from),
            (Err(errno), _) => Err(errno.into()),
        })
    }

    /// A second handle for the same, numbered `least` or higher.
    pub fn duplicate(&mut self, handle: u32, least: u32) -> Result<u32, Refusal> {
        Ok(self.handles.duplicate(handle, least)?)
    }

    /// Makes a number a second handle for the same.
    pub fn replace(&mut self, handle: u32, number: u32) -> Result<(), Refusal> {
        Ok(self.handles.replace(handle, number)?)
    }

    /// Waits for a child, or any.
    pub fn wait_child(&mut self, child: Option<u32>, block: bool) -> Answer<Option<(u32, Ended)>> {
        let Ok(group) = self.group() else { return Ok(Err(Refusal::NotFound)) };
        let own = Some(self.process.number);
        let mut table = group.lock();
        loop {
            let mut children = table
                .programs
                .iter()
                .filter(|(number, program)| program.parent == own && child.is_none_or(|child| child == **number));
            let mut any = false;
            let ended = children.find_map(|(number, program)| {
                any = true;
                program.ended.map(|ended| (*number, ended))
            });
            if let Some((number, ended)) = ended {
                table.programs.remove(&number);
                return Ok(Ok(Some((number, ended))));
            }
            if !any {
                return Ok(Err(Refusal::NotFound));
            }
            if !block {
                return Ok(Ok(None));
            }
            self.control.check(self.clock.deadlines())?;
            if self.control.check_caught().is_err() {
                return Ok(Err(Refusal::Interrupted));
            }
            let waited = group.changed.wait_timeout(table, Duration::from_nanos(super::control::LOOK));
            table = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Sends a signal to a child, or as 0 to this program.
    pub fn kill(&mut self, child: u32, signal: u8) -> Answer<()> {
        if signal >= 64 {
            return Ok(Err(Refusal::Invalid));
        }
        if child == 0 || child == self.process.number {
            if signal != 0 {
                self.control.signal(signal);
                self.control.check(self.clock.deadlines())?;
            }
            return Ok(Ok(()));
        }
        let Ok(group) = self.group() else { return Ok(Err(Refusal::NotFound)) };
        if child == 1 && signal != 0 {
            self.fs.spoil("one of its programs sent another a signal");
            // The step's own program, from one that it started: `kill $$` in a sub-shell.
            group.control.signal(signal);
            return Ok(Ok(()));
        }
        let table = group.lock();
        match table.programs.get(&child) {
            Some(program) => {
                if signal != 0 && program.ended.is_none() {
                    // When it comes is anybody's guess.
                    self.fs.spoil("one of its programs sent another a signal");
                    program.control.signal(signal);
                }
                Ok(Ok(()))
            }
            None if child == 1 => Ok(Ok(())),
            None => Ok(Err(Refusal::NotFound)),
        }
    }

    /// Says which signals are caught and ignored.
    pub fn catch(&mut self, caught: u64, ignored: u64) {
        self.control.catch(caught, ignored);
    }

    /// The names of `sandbox.commands`.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let group = self.process.group.as_ref();
        group.map(|group| group.modules.commands.keys().cloned().collect()).unwrap_or_default()
    }

    /// The number of this program in its step.
    #[must_use]
    pub fn own_number(&self) -> u32 {
        self.process.number
    }
}
