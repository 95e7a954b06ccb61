//! WASI 0.2 for components: thin bindings of its interfaces to the same files, clocks, random source,
//! streams and limits that core modules have.
//!
//! Knows WIT's functions, resources and results. Does not know compilation, or how the step was set
//! up. Calls are synchronous: a guest runs on a thread of its own, and what waits waits there, where
//! a cancellation or the step's deadline ends it.
//!
//! `wasi:io`'s resources are the types of `wasmtime-wasi`, so that what is served from there (HTTP's
//! messages) joins on them. A stream or pollable of ours stands in the table as a type of ours under such a
//! handle; what is not ours is passed on to the library.

mod cli;
mod clock;
mod denied;
pub(super) mod errors;
pub(super) mod files;
mod paths;
mod programs;
mod step;
mod streams;
mod wait;

use super::fs::errno::Stop;
use super::lowered;
use super::state::StepState;
use crate::model::outcome::Outcome;
use files::Opened;
use std::sync::Arc;
use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime_wasi::sockets::WasiSocketsCtx;

wasmtime::component::bindgen!({
    path: "wit",
    inline: "
        package stepwell:host;
        world host {
            import wasi:io/error@0.2.12;
            import wasi:io/poll@0.2.12;
            import wasi:io/streams@0.2.12;
            import wasi:clocks/monotonic-clock@0.2.12;
            import wasi:clocks/wall-clock@0.2.12;
            import wasi:random/random@0.2.12;
            import wasi:random/insecure@0.2.12;
            import wasi:random/insecure-seed@0.2.12;
            import wasi:filesystem/types@0.2.12;
            import wasi:filesystem/preopens@0.2.12;
            import wasi:cli/environment@0.2.12;
            import wasi:cli/exit@0.2.12;
            import wasi:cli/stdin@0.2.12;
            import wasi:cli/stdout@0.2.12;
            import wasi:cli/stderr@0.2.12;
            import wasi:cli/terminal-input@0.2.12;
            import wasi:cli/terminal-output@0.2.12;
            import wasi:cli/terminal-stdin@0.2.12;
            import wasi:cli/terminal-stdout@0.2.12;
            import wasi:cli/terminal-stderr@0.2.12;
            import stepwell:step/params@0.1.0;
            import stepwell:step/results@0.1.0;
            import stepwell:step/log@0.1.0;
            import stepwell:step/progress@0.1.0;
            import stepwell:step/modes@0.1.0;
            import stepwell:step/processes@0.1.0;
            import stepwell:step/fifos@0.1.0;
            export wasi:cli/run@0.2.12;
        }
    ",
    with: {
        "wasi:io/error.error": wasmtime_wasi::p2::IoError,
        "wasi:io/poll.pollable": wasmtime_wasi::p2::DynPollable,
        "wasi:io/streams.input-stream": wasmtime_wasi::p2::DynInputStream,
        "wasi:io/streams.output-stream": wasmtime_wasi::p2::DynOutputStream,
        "wasi:filesystem/types.descriptor": crate::exec::module::component::files::Descriptor,
        "wasi:filesystem/types.directory-entry-stream": crate::exec::module::component::files::Entries,
        "wasi:cli/terminal-input.terminal-input": crate::exec::module::component::cli::Terminal,
        "wasi:cli/terminal-output.terminal-output": crate::exec::module::component::cli::Terminal,
    },
    trappable_error_type: {
        "wasi:filesystem/types.error-code" => crate::exec::module::fs::errno::Stop,
        "wasi:io/streams.stream-error" => crate::exec::module::component::errors::StreamStop,
    },
    imports: { default: trappable },
    require_store_data_send: true,
});

pub use self::Host_Pre as CommandPre;

/// The most bytes that one call of a component may hand to the host, in strings and lists together. A
/// guest that hands over more has trapped.
pub const LARGEST_CALL: usize = 64 << 20;

/// The most resources of the host that a component may hold at once, streams, pollables and HTTP's messages
/// included. What each can make the host keep is bounded where it is made.
pub const MOST_RESOURCES: usize = 8192;

/// The interfaces that are served, without their versions, and what each is good for.
const INTERFACES: [(&str, &str); 27] = [
    ("wasi:io/error", ""),
    ("wasi:io/poll", ""),
    ("wasi:io/streams", ""),
    ("wasi:clocks/monotonic-clock", "clocks and sleeping"),
    ("wasi:clocks/wall-clock", "clocks and sleeping"),
    ("wasi:random/random", "random bytes"),
    ("wasi:random/insecure", "random bytes"),
    ("wasi:random/insecure-seed", "random bytes"),
    ("wasi:filesystem/types", "files of the task's mounts"),
    ("wasi:filesystem/preopens", "files of the task's mounts"),
    ("wasi:cli/environment", "arguments and environment"),
    ("wasi:cli/exit", ""),
    ("wasi:cli/stdin", "standard streams"),
    ("wasi:cli/stdout", "standard streams"),
    ("wasi:cli/stderr", "standard streams"),
    ("wasi:cli/terminal-input", ""),
    ("wasi:cli/terminal-output", ""),
    ("wasi:cli/terminal-stdin", ""),
    ("wasi:cli/terminal-stdout", ""),
    ("wasi:cli/terminal-stderr", ""),
    ("wasi:sockets/network", ""),
    ("wasi:sockets/instance-network", ""),
    ("wasi:sockets/ip-name-lookup", denied::SOCKETS),
    ("wasi:sockets/tcp", ""),
    ("wasi:sockets/udp", ""),
    ("wasi:http/types", ""),
    ("wasi:http/outgoing-handler", denied::REQUESTS),
];

/// As [`INTERFACES`]: what makes sockets.
const SOCKETS: [(&str, &str); 2] =
    [("wasi:sockets/tcp-create-socket", denied::SOCKETS), ("wasi:sockets/udp-create-socket", denied::SOCKETS)];

fn interfaces() -> impl Iterator<Item = (&'static str, &'static str)> {
    INTERFACES.into_iter().chain(SOCKETS)
}

/// Whether a component may import what has this name. WASI: versions of one minor version fit each other.
#[must_use]
pub fn has(name: &str) -> bool {
    let found = name.split_once('@').filter(|(_, version)| version.starts_with("0.2."));
    let ours = lowered::FUNCTIONS.iter().any(|(known, _)| *known == name);
    ours || found.is_some_and(|(name, _)| interfaces().any(|(known, _)| known == name))
}

/// Whether an export of this name is how a component is started.
#[must_use]
pub fn is_run(name: &str) -> bool {
    name.starts_with("wasi:cli/run@0.2.")
}

/// What interfaces of these names are good for, in words, each once.
pub fn grants<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names: Vec<&str> = names.filter_map(|name| Some(name.split_once('@')?.0)).collect();
    let mut words: Vec<String> = Vec::new();
    for (name, word) in interfaces() {
        if !word.is_empty() && names.contains(&name) && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// What only components have of a step's state.
pub struct ComponentState {
    /// Everything that the guest holds handles of.
    pub(super) table: ResourceTable,
    /// Counts what the guest has open: as many as there are other holders.
    open: Opened,
    /// Bytes of listings that the guest holds.
    listed: usize,
    sockets: WasiSocketsCtx,
    http: wasmtime_wasi_http::WasiHttpCtx,
    hooks: denied::NoRequests,
}

impl Default for ComponentState {
    fn default() -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_RESOURCES);
        Self {
            table,
            open: Arc::default(),
            listed: 0,
            sockets: WasiSocketsCtx::default(),
            http: denied::context(),
            hooks: denied::NoRequests,
        }
    }
}

/// Adds everything that components may import to a linker.
pub fn add_to_linker(linker: &mut Linker<StepState>) -> wasmtime::Result<()> {
    Host_::add_to_linker::<_, HasSelf<StepState>>(linker, |step| step)?;
    denied::add_to_linker(linker)
}

/// A component that is linked, or why it cannot be run as a step.
pub fn command(linker: &Linker<StepState>, component: &Component) -> Result<CommandPre<StepState>, String> {
    let linked = linker.instantiate_pre(component).map_err(|error| format!("{error:#}"))?;
    CommandPre::new(linked).map_err(|_| NO_RUN.to_owned())
}

/// What is said of a component without an entry.
pub const NO_RUN: &str = "it exports no `wasi:cli/run`: build it as a command (a program with a `main`), not as a library \
                          or a server";

impl StepState {
    /// Ends the step: what a call of a component raises so that it does not return.
    pub(super) fn ends(&mut self, stop: Stop) -> wasmtime::Error {
        match stop {
            Stop::End(outcome) => self.ended = Some(*outcome),
            Stop::Errno(errno) => self.ended = Some(misused(errno)),
        }
        wasmtime::Error::msg("the step has ended")
    }
}

/// A guest did what it may not; WIT has no answer for it but the guest's end.
fn misused(what: impl std::fmt::Display) -> Outcome {
    Outcome::Trapped { message: what.to_string(), backtrace: Vec::new() }
}
