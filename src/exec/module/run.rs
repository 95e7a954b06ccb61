//! Runs one instance to its end, and says how it ended.
//!
//! Knows wasmtime's stores, traps and backtraces. Does not know how the step was set up.

use super::component::{LARGEST_CALL, MOST_RESOURCES};
use super::engine::MOST_FRAMES;
use super::fs::errno::Stop;
use super::host::{Entry, ModuleHost, Prepared};
use super::quote::{LONGEST_MESSAGE, LONGEST_NAME, Quoted, quoted};
use super::slots::Slot;
use super::state::StepState;
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::report::CacheNote;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, UpdateDeadline, WasmBacktrace};

/// The longest name of a function that is read as Rust's or C++'s, in bytes; what is longer is
/// shown as it stands.
const LONGEST_MANGLED: usize = 16 << 10;

/// How a program ended, and what it may have depended on.
pub struct Ran {
    pub outcome: Outcome,
    /// It read the wall clock, or could see the host's times of files.
    pub saw_time: bool,
    /// What the cache had to say of it.
    pub cache: Option<CacheNote>,
}

impl From<Outcome> for Ran {
    /// It ended before it could look at anything.
    fn from(outcome: Outcome) -> Self {
        Self { outcome, saw_time: false, cache: None }
    }
}

/// Runs a module in a fresh instance, in a place of the pool that is given back at its end. Blocks until it ends; on a thread with
/// [`super::engine::THREAD_STACK`].
pub fn run(host: &ModuleHost, module: &Prepared, step: StepState, slot: Slot) -> Ran {
    let control = step.control.clone();
    let deadlines = step.clock.deadlines().clone();
    let counted = deadlines.clone();
    let memory = step.fs.usage.limits().memory;
    let _tick = match host.ticker().start() {
        Ok(tick) => tick,
        Err(error) => {
            let message = format!("no thread to watch over the step: {error}");
            return Outcome::Infrastructure { message }.into();
        }
    };
    let mut store = Store::new(host.engine(), step);
    store.limiter(|step| &mut step.limiter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut store| match control.check(&deadlines) {
        Ok(()) | Err(Stop::Errno(_)) => Ok(UpdateDeadline::Continue(1)),
        Err(Stop::End(outcome)) => {
            store.data_mut().ended = Some(*outcome);
            Err(wasmtime::Error::msg("the step has ended"))
        }
    });
    store.set_hostcall_fuel(LARGEST_CALL);
    store.set_max_component_handles(MOST_RESOURCES);
    let ran = catch_unwind(AssertUnwindSafe(|| call(&mut store, &module.entry)));
    // What it used since it was last looked at: all of it, where it was too short to be looked at.
    counted.count();
    let Ok(ran) = ran else {
        // What the panic left behind is not looked at, not given back, and not used again.
        std::mem::forget(store);
        slot.lose();
        let message = "a fault in the sandbox itself; the step was stopped".to_owned();
        return Outcome::Infrastructure { message }.into();
    };
    let step = store.into_data();
    let saw_time = step.clock.has_read_wall() || step.fs.real_times;
    Ran { outcome: outcome(ran, step, memory), saw_time, cache: None }
}

/// Makes an instance and calls its entry; gives the exit code.
fn call(store: &mut Store<StepState>, entry: &Entry) -> wasmtime::Result<u8> {
    match entry {
        Entry::Start(pre) => {
            let instance = pre.instantiate(&mut *store)?;
            let start = instance.get_typed_func::<(), ()>(&mut *store, "_start")?;
            start.call(store, ()).map(|()| 0)
        }
        Entry::Run(pre) => {
            let command = pre.instantiate(&mut *store)?;
            let ran = command.wasi_cli_run().call_run(store)?;
            Ok(u8::from(ran.is_err()))
        }
    }
}

fn outcome(ran: wasmtime::Result<u8>, step: StepState, memory: u64) -> Outcome {
    let failed = match &ran {
        Ok(0) => step.ended.as_ref().is_some_and(|outcome| !outcome.is_success()),
        Ok(_) | Err(_) => true,
    };
    let outcome = plain_outcome(ran, step.ended, step.limiter.exceeded.then_some(memory));
    match (step.denied, &outcome) {
        // It failed of its own accord after it was denied something: that is what has to be said.
        (Some(denied), Outcome::Exited { .. } | Outcome::Trapped { .. }) if failed && !outcome.is_success() => denied,
        _ => outcome,
    }
}

/// How an instance ended, without regard to what it was denied. `met` is the memory limit, if it was met.
fn plain_outcome(ran: wasmtime::Result<u8>, ended: Option<Outcome>, met: Option<u64>) -> Outcome {
    let backtrace = |error: &wasmtime::Error| error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default();
    // What a call of ours said comes before what the error that it raised looks like.
    match (ended, &ran) {
        (Some(Outcome::Trapped { message, .. }), Err(error)) => {
            let message = quoted(&message, LONGEST_MESSAGE);
            return Outcome::Trapped { message, backtrace: backtrace(error) };
        }
        (Some(outcome), _) => return outcome,
        (None, _) => {}
    }
    let error = match ran {
        Ok(code) => return Outcome::Exited { code },
        Err(error) => error,
    };
    if let Some(value) = met {
        return Outcome::LimitMet { limit: LimitKind::Memory, value };
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return Outcome::Trapped { message: trap_message(*trap), backtrace: backtrace(&error) };
    }
    let message = quoted(&format_args!("{error:#}"), LONGEST_MESSAGE);
    if error.is::<PoolConcurrencyLimitError>() || error.downcast_ref::<WasmBacktrace>().is_none() {
        return Outcome::Infrastructure { message: format!("the module could not be started: {message}") };
    }
    // The guest handed the host something that the component model has no meaning for.
    Outcome::Trapped { message, backtrace: backtrace(&error) }
}

fn trap_message(trap: Trap) -> String {
    let text = trap.to_string();
    quoted(text.strip_prefix("wasm trap: ").unwrap_or(&text), LONGEST_MESSAGE)
}

/// The guest's frames, innermost first: demangled names, with places where the module has them.
/// Names are the module's own words: each is cut to [`LONGEST_NAME`].
fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    backtrace.frames().iter().take(MOST_FRAMES).map(frame).collect()
}

fn frame(frame: &wasmtime::FrameInfo) -> String {
    let name = match frame.func_name() {
        Some(name) => demangled(name),
        None => format!("function {}", frame.func_index()),
    };
    let place = frame.symbols().iter().find_map(|symbol| {
        let (file, line) = (symbol.file()?, symbol.line()?);
        Some(format!("{}:{line}", quoted(file, LONGEST_NAME)))
    });
    match (place, frame.module_offset()) {
        (Some(place), _) => format!("{name} at {place}"),
        (None, Some(offset)) => format!("{name} at {offset:#x}"),
        (None, None) => name,
    }
}

/// Rust's and C++'s names as their authors wrote them.
fn demangled(name: &str) -> String {
    if name.len() > LONGEST_MANGLED {
        return quoted(name, LONGEST_NAME);
    }
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        // Without the hash at the end, which nobody wrote.
        return quoted(&format_args!("{rust:#}"), LONGEST_NAME);
    }
    let Ok(symbol) = cpp_demangle::Symbol::new(name) else {
        return quoted(name, LONGEST_NAME);
    };
    // Substitutions let a short name stand for a text of any length: it is written no further
    // than it is shown.
    let mut cpp = Quoted::new(LONGEST_NAME);
    let written = symbol.structured_demangle(&mut cpp, &cpp_demangle::DemangleOptions::new());
    match (written, cpp.finish()) {
        (Ok(()), cpp) => cpp,
        (Err(_), cut) if cut.ends_with('…') => cut,
        (Err(_), _) => quoted(name, LONGEST_NAME),
    }
}
