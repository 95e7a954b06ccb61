//! What a guest sees of inodes and times: values that do not depend on the machine.
//!
//! Knows identities and times of the host, the attempt's start and the ends of its steps. Does not
//! know paths. The first file that a task attempt looks at is inode 1, and so on; a file from
//! before the attempt has one constant time, one that an earlier step wrote has that step's, and
//! within the running step times rise.

use super::backend::{Age, Identity, Kind, SetTime, Stat};
use super::errno::Errno;
use crate::exec::module::control::host_time;
use crate::exec::module::processes::fifo::Fifo;
use crate::exec::module::processes::pipe::Pipe;
use rustix::time::ClockId;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

/// 2000-01-01T00:00:00Z in nanoseconds since 1970: the time of everything older than the task.
pub const OLD: u64 = 946_684_800_000_000_000;

/// What each step's files are later than those of the step before by, and the first step's later
/// than [`OLD`]: one second, for tools that compare whole seconds.
const STEP: u64 = 1_000_000_000;

/// The size of every directory: a host's own depends on its file system.
const DIR_SIZE: u64 = 4096;

/// Most named pipes of an attempt.
const MOST_FIFOS: usize = 256;

/// A file as the guest sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Stable number of the file within the attempt.
    pub inode: u64,
    /// What it is.
    pub kind: Kind,
    /// Names of the file; 1 for a directory, which says that it counts nothing.
    pub links: u64,
    /// Bytes.
    pub size: u64,
    /// Time of content and state alike, nanoseconds since 1970.
    pub time: u64,
    /// Time of access: reading leaves it alone, so it is that of the content until a guest sets one of them.
    pub accessed: u64,
    /// Permission bits.
    pub mode: u32,
}

/// The inodes and times of one task attempt, shared by its steps.
#[derive(Debug)]
pub struct Identities {
    /// The attempt's start on the host's coarse clock, nanoseconds since 1970.
    start: u64,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    inodes: HashMap<Identity, u64>,
    /// The number that was given out last. Files that are gone are forgotten, so that a guest which
    /// makes and removes files for hours costs nothing, and no number comes back.
    last: u64,
    /// Times of content that a guest set itself: shown for as long as the host still has the same.
    set: HashMap<Identity, u64>,
    /// The step in which a file was last opened to be written: clocks of files tick too coarsely to tell.
    written: HashMap<Identity, usize>,
    /// Times of access, of files of which a guest set one time or both.
    accessed: HashMap<Identity, u64>,
    /// Files that are open: their bytes outlive their last name.
    open: HashMap<Identity, Open>,
    /// When each step that ended did so, on the host's coarse clock.
    steps: Vec<u64>,
    /// Files that are named pipes to the guest.
    fifos: BTreeMap<Identity, Fifo>,
}

#[derive(Debug)]
struct Open {
    handles: u32,
    paid: Paid,
    /// The last name was removed meanwhile.
    nameless: bool,
}

/// The size of an open file up to which the attempt has paid for its bytes: one value for all
/// handles of the file, so that no byte is given back through one and used through another.
pub type Paid = Arc<AtomicU64>;

impl Default for Identities {
    fn default() -> Self {
        Self::new()
    }
}

impl Identities {
    /// For an attempt that starts now.
    #[must_use]
    pub fn new() -> Self {
        // The coarse clock is the one that file systems stamp files with, so that a file which is
        // written in the attempt's first milliseconds is not taken for an older one.
        Self { start: host_time(ClockId::RealtimeCoarse), known: Mutex::default() }
    }

    /// A step ended: what it wrote has one constant time from now on. Gives its number, from 0.
    pub fn step_ended(&self) -> u32 {
        let mut known = self.lock();
        known.steps.push(host_time(ClockId::RealtimeCoarse));
        u32::try_from(known.steps.len() - 1).unwrap_or(u32::MAX)
    }

    /// Fails where the attempt can have no more named pipes.
    pub fn room_for_fifo(&self) -> Result<(), Errno> {
        if self.lock().fifos.len() < MOST_FIFOS { Ok(()) } else { Err(Errno::NoSpace) }
    }

    /// From now on this file is a named pipe.
    pub fn add_fifo(&self, identity: Identity, fifo: Fifo) {
        self.lock().fifos.insert(identity, fifo);
    }

    /// The pipe that a file is.
    pub fn fifo(&self, identity: Identity) -> Option<Arc<Pipe>> {
        self.lock().fifos.get(&identity).map(|fifo| fifo.pipe.clone())
    }

    /// The last name of a named pipe was removed: who has it open keeps it, and it is none of the attempt's any more.
    pub fn forget_fifo(&self, identity: Identity) {
        // Dropped when nothing is locked any more, as its file is closed here.
        let fifo = self.lock().fifos.remove(&identity);
        drop(fifo);
    }

    /// A named pipe has another name now.
    pub fn fifo_moved(&self, identity: Identity, inside: &str) {
        if let Some(fifo) = self.lock().fifos.get_mut(&identity) {
            inside.clone_into(&mut fifo.inside);
        }
    }

    /// What a guest sees this file as.
    pub fn kind(&self, identity: Identity, kind: Kind) -> Kind {
        match kind {
            Kind::File if self.lock().fifos.contains_key(&identity) => Kind::Pipe,
            kind => kind,
        }
    }

    /// The attempt ends: no named pipe stays, as there is nobody left who could meet at it.
    pub fn remove_fifos(&self) {
        let fifos = std::mem::take(&mut self.lock().fifos);
        for (identity, fifo) in fifos {
            fifo.remove(identity);
        }
    }

    /// The number that a guest sees for a file.
    pub fn inode(&self, identity: Identity) -> u64 {
        let Known { inodes, last, .. } = &mut *self.lock();
        *inodes.entry(identity).or_insert_with(|| {
            *last += 1;
            *last
        })
    }

    /// A file as the guest sees it, with the host's time of change where `real` says so.
    pub fn seen(&self, stat: &Stat, real: bool) -> Seen {
        let dir = stat.kind == Kind::Dir;
        let time = if real { stat.modified } else { self.time(stat) };
        Seen {
            inode: self.inode(stat.identity),
            kind: self.kind(stat.identity, stat.kind),
            links: if dir { 1 } else { stat.links },
            size: if dir { DIR_SIZE } else { stat.size },
            time,
            accessed: *self.lock().accessed.get(&stat.identity).unwrap_or(&time),
            mode: stat.mode,
        }
    }

    /// The time that is shown of a file.
    pub fn shown_time(&self, stat: &Stat) -> u64 {
        self.time(stat)
    }

    /// The time of a file's content that a guest set itself.
    pub fn time_that_was_set(&self, stat: &Stat) -> Option<u64> {
        self.lock().set.get(&stat.identity).copied().filter(|time| *time == stat.modified)
    }

    /// The time of access of a file that differs from that of its content.
    pub fn accessed_of(&self, identity: Identity) -> Option<u64> {
        self.lock().accessed.get(&identity).copied()
    }

    /// Whether a file looks as one that the running step has written.
    pub fn is_of_running_step(&self, stat: &Stat) -> bool {
        let known = self.lock();
        let (ended, written) = (known.steps.len(), known.written.get(&stat.identity).copied());
        drop(known);
        written == Some(ended) || self.time(stat) > OLD + STEP * ended as u64
    }

    fn time(&self, stat: &Stat) -> u64 {
        let known = self.lock();
        if known.set.get(&stat.identity) == Some(&stat.modified) {
            return stat.modified;
        }
        let of_step = |step: usize| OLD + STEP * (step as u64 + 1);
        let since = stat.modified.saturating_sub(*known.steps.last().unwrap_or(&self.start));
        // A directory is written by whoever changes the names in it.
        match known.written.get(&stat.identity).filter(|_| stat.kind != Kind::Dir) {
            Some(step) if *step < known.steps.len() => return of_step(*step),
            Some(step) => return of_step(*step) + since,
            None => {}
        }
        let ended = known.steps.partition_point(|end| *end < stat.modified);
        match stat.age {
            Age::Old => OLD,
            Age::Step(step) => of_step(step as usize),
            Age::Timed if stat.modified < self.start => OLD,
            Age::Timed if ended < known.steps.len() => of_step(ended),
            Age::Timed => of_step(ended) + since,
        }
    }

    /// Notes that a guest set times of a file itself, which was `stat` before.
    pub fn note_times(&self, stat: &Stat, real: bool, accessed: SetTime, modified: SetTime) {
        let access = match (accessed, modified) {
            (SetTime::Keep, SetTime::Keep) => return,
            // It stays what it was while the other one moves.
            (SetTime::Keep, _) => Some(self.seen(stat, real).accessed),
            // Both move from now on as one.
            (SetTime::Now, SetTime::Now) => None,
            (SetTime::Now, _) => {
                let now = Stat { modified: host_time(ClockId::RealtimeCoarse), age: Age::Timed, ..*stat };
                Some(if real { now.modified } else { self.time(&now) })
            }
            (SetTime::At(time), _) => Some(time),
        };
        let mut known = self.lock();
        match access {
            Some(time) => known.accessed.insert(stat.identity, time),
            None => known.accessed.remove(&stat.identity),
        };
        match modified {
            SetTime::Keep => {}
            SetTime::Now => {
                known.set.remove(&stat.identity);
                let step = known.steps.len();
                known.written.insert(stat.identity, step);
            }
            SetTime::At(time) => {
                known.set.insert(stat.identity, time);
            }
        }
    }

    /// Notes that the running step writes a file.
    pub fn wrote(&self, identity: Identity) {
        let mut known = self.lock();
        let step = known.steps.len();
        known.written.insert(identity, step);
    }

    /// Notes that a file of this size was opened.
    pub fn opened(&self, identity: Identity, size: u64) -> Paid {
        let mut known = self.lock();
        let new = || Open { handles: 0, paid: Arc::new(AtomicU64::new(size)), nameless: false };
        let open = known.open.entry(identity).or_insert_with(new);
        open.handles += 1;
        open.paid.clone()
    }

    /// Notes that a handle of a file was closed. Whether it was the last one of a file whose last
    /// name was removed before, so that its bytes are free now.
    pub fn closed(&self, identity: Identity) -> bool {
        let mut known = self.lock();
        let Some(open) = known.open.get_mut(&identity) else { return false };
        open.handles = open.handles.saturating_sub(1);
        if open.handles > 0 {
            return false;
        }
        let nameless = open.nameless;
        known.open.remove(&identity);
        if nameless {
            known.forget(identity);
        }
        nameless
    }

    /// Notes that a name of what `stat` told of was removed. Whether its bytes are free now: not
    /// while it has another name, and not while it is open (then the last handle to be closed
    /// frees them).
    pub fn unnamed(&self, stat: &Stat) -> bool {
        if stat.kind != Kind::Dir && stat.links > 1 {
            return false;
        }
        let mut known = self.lock();
        if let Some(open) = known.open.get_mut(&stat.identity) {
            open.nameless = true;
            return false;
        }
        known.forget(stat.identity);
        stat.kind == Kind::File
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        // The maps are whole after every statement, so a panic elsewhere leaves them usable.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn forget(&mut self, identity: Identity) {
        self.inodes.remove(&identity);
        self.set.remove(&identity);
        self.written.remove(&identity);
        self.accessed.remove(&identity);
    }
}
