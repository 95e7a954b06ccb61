//! Has the userland read scripts without running them: in the sandbox, an instance for each, with nothing but its text.
//!
//! Knows the userland's mode for that, and what it prints. Does not know where scripts stand, or what is made of what is
//! found.

use super::clock::StepClock;
use super::component::ComponentState;
use super::control::{Control, Deadlines, host_time};
use super::fs::backend::OpenHow;
use super::fs::errno::Stop;
use super::fs::held::HeldBackend;
use super::fs::ident::Identities;
use super::fs::table::MountTable;
use super::fs::usage::Usage;
use super::fs::walk::Base;
use super::fs::{GuestFs, OpenRequest, OpenedAt, SharedFile};
use super::host::{ModuleHost, Prepared};
pub use super::image::interpreter;
use super::limiter::MemoryLimiter;
use super::preview1::handles::{Handle, Handles, Open, rights};
use super::processes::Process;
use super::quote::{LONGEST_NAME, quoted};
use super::random::RandomSource;
use super::run::run;
use super::setup::preopen;
use super::state::{Output, StepState};
use super::world::TaskState;
use crate::exec::{LogSink, StepProgress, Stream};
use crate::model::outcome::{LimitKind, Limits, Outcome};
use crate::model::request::ClockMode;
use crate::volumes::Files;
use rustix::time::ClockId;
use serde::Deserialize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// The shells that the userland is.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// Most scripts that are read at one time.
const MOST_AT_ONCE: usize = 8;

/// How long all scripts of one call may take together, in nanoseconds on the wall; what is left then is not read.
const MOST_TIME: u64 = 60_000_000_000;

/// The file of a script in its instance's root.
const FILE: &str = "script";

/// A script that is to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptText {
    /// The shell's name, as [`shell_of`] gives it.
    pub shell: String,
    /// What it can call besides the userland's commands.
    pub commands: Vec<String>,
    pub text: String,
}

/// Something that is found in a script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ScriptFinding {
    /// From 1.
    pub line: u32,
    pub kind: ScriptFindingKind,
    /// In the shell's words.
    pub message: String,
    /// The command that is unknown.
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScriptFindingKind {
    /// It is no script.
    Syntax,
    /// Nobody has this command.
    Command,
}

/// What came of reading a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptReading {
    Read(Vec<ScriptFinding>),
    /// It was not read to its end, and why.
    Unread(String),
}

/// The shell that reads a script, where it is one of the userland's.
#[must_use]
pub fn shell_of(script: &str) -> Option<String> {
    shell_of_path(interpreter(script).first()?)
}

/// The shell of the userland's that a path names.
#[must_use]
pub fn shell_of_path(path: &str) -> Option<String> {
    let name = path.rsplit('/').next()?;
    SHELLS.contains(&name).then(|| name.to_owned())
}

/// Limits of reading one script. One of some megabytes, as people would write it, takes less than half of each.
fn limits() -> Limits {
    Limits {
        memory: 256 << 20,
        cpu: Some(5_000_000_000),
        wall: Some(30_000_000_000),
        output: 1 << 20,
        disk: 0,
        files: 0,
        handles: 8,
    }
}

impl ModuleHost {
    /// Has the userland, which is `module`, read scripts, up to `at_once` at one time. The answers are in the order of the
    /// scripts.
    pub fn read_scripts(
        self: &Arc<Self>,
        module: &Arc<Prepared>,
        scripts: Vec<ScriptText>,
        at_once: usize,
    ) -> Vec<ScriptReading> {
        let until = host_time(ClockId::Monotonic).saturating_add(MOST_TIME);
        let lost = "a fault in the sandbox itself while it was read";
        let mut readings = vec![ScriptReading::Unread(lost.to_owned()); scripts.len()];
        let workers = at_once.clamp(1, MOST_AT_ONCE).min(scripts.len());
        let (scripts, next) = (Arc::new(scripts), Arc::new(AtomicUsize::new(0)));
        let (sender, receiver) = mpsc::channel();
        for _ in 0..workers {
            let (host, module, scripts) = (self.clone(), module.clone(), scripts.clone());
            let (next, sender) = (next.clone(), sender.clone());
            let work = move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(script) = scripts.get(index) else { return };
                    let reading = match host_time(ClockId::Monotonic) < until {
                        true => read(&host, &module, script),
                        false => ScriptReading::Unread("the scripts before it took too long".to_owned()),
                    };
                    if sender.send((index, reading)).is_err() {
                        return;
                    }
                }
            };
            // One thread is enough to read them all; with none, nothing is sent and nothing is waited for.
            if self.threads().run(work).is_err() {
                break;
            }
        }
        drop(sender);
        for (index, reading) in receiver {
            if let Some(place) = readings.get_mut(index) {
                *place = reading;
            }
        }
        readings
    }
}

/// Reads one script. On a thread for guests.
fn read(host: &ModuleHost, module: &Prepared, script: &ScriptText) -> ScriptReading {
    let printed = Arc::new(Printed::default());
    let (Some(slot), Ok(step)) = (host.free_slot(), set_up(script, printed.clone())) else {
        return ScriptReading::Unread("there is no room in the sandbox".to_owned());
    };
    let outcome = run(host, module, step, slot).outcome;
    let text = printed.0.lock().unwrap_or_else(PoisonError::into_inner);
    match outcome {
        // The shell's own codes: nothing, or a syntax error.
        Outcome::Exited { code: 0 | 1 } => ScriptReading::Read(findings(&text)),
        outcome => ScriptReading::Unread(why(&outcome)),
    }
}

fn findings(printed: &[u8]) -> Vec<ScriptFinding> {
    let text = String::from_utf8_lossy(printed);
    let lines = text.lines().filter_map(|line| serde_json::from_str::<ScriptFinding>(line).ok());
    lines
        .map(|found| ScriptFinding {
            // Both hold words of the script.
            message: quoted(&found.message, LONGEST_NAME),
            name: quoted(&found.name, LONGEST_NAME),
            ..found
        })
        .collect()
}

/// Why a script was not read to its end. The limits are ours, so that no step can raise them.
fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::LimitMet { limit: LimitKind::Memory, .. } => {
            "it takes more memory than a script's check has".to_owned()
        }
        Outcome::LimitMet { limit: LimitKind::Cpu, .. } | Outcome::TimedOut { .. } => {
            "it takes longer than a script's check may".to_owned()
        }
        Outcome::LimitMet { .. } => "it makes the check print too much".to_owned(),
        Outcome::Exited { code } => format!("the check ended with code {code}"),
        other => other.to_string(),
    }
}

/// An instance with a script as its standard input, and no file or folder besides.
fn set_up(script: &ScriptText, printed: Arc<Printed>) -> Result<StepState, Stop> {
    let limits = limits();
    let mut files = Files::default();
    files.insert(FILE, script.text.as_bytes(), 0o444);
    let table = MountTable::new(Arc::new(HeldBackend::new(files)), Vec::new(), &[]);
    let mut fs = GuestFs {
        table: Arc::new(table),
        identities: Arc::new(Identities::new()),
        usage: Usage::new(limits.clone()),
        real_times: false,
        trace: None,
    };
    let mut handles = Handles::new(limits.handles);
    for (number, open) in preopen(&[]).into_iter().enumerate() {
        handles.put(number, open);
    }
    let how = OpenHow { read: true, ..OpenHow::default() };
    let request = OpenRequest { how, ..OpenRequest::default() };
    if let OpenedAt::File(file) = fs.open(Base { path: "", open_above: true }, FILE, false, request)? {
        let handle = Handle::File(SharedFile::new(file));
        let rights = rights::FILE & !rights::WRITING;
        handles.put(0, Open { handle, rights, inheriting: 0, given_up: 0, flags: 0 });
    }
    let words = ["sh", "--check", &script.shell].into_iter().chain(script.commands.iter().map(String::as_str));
    let deadlines = Deadlines::start(limits.wall, limits.cpu);
    Ok(StepState {
        fs,
        handles,
        arguments: words.map(str::to_owned).collect(),
        environment: Vec::new(),
        clock: StepClock::start(ClockMode::Virtual, deadlines),
        random: RandomSource::Real,
        output: Output { logs: printed, container: String::new(), stdout_copy: None, stderr_copy: None },
        control: Arc::new(Control::default()),
        limiter: MemoryLimiter::new(limits.memory),
        memory: None,
        preopens: Vec::new(),
        task: TaskState::default(),
        process: Process::default(),
        component: ComponentState::default(),
        denied: None,
        ended: None,
    })
}

/// Keeps what the shell prints on standard output. The output limit bounds it.
#[derive(Default)]
struct Printed(Mutex<Vec<u8>>);

impl LogSink for Printed {
    fn write(&self, _container: &str, stream: Stream, bytes: &[u8]) {
        if stream == Stream::Stdout {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        }
    }

    fn progress(&self, _container: &str, _now: &StepProgress) {}
}
