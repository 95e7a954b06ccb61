//! `control.sock`: how other processes ask a driver to cancel its run, and follow it.
//!
//! One request line of JSON per connection, answered by lines of JSON:
//! ```text
//! {"v":1,"cancel":{"mode":"Cancelled","message":"…"}}   → {"done":{}}
//! {"v":1,"follow":{}}                                   → {"following":{"nextSeq":7}}, then
//!       {"event":{…}} | {"log":{"taskRun":…,"attempt":…,"container":…}} …, {"end":{}}
//! anything else                                         → {"refused":{"message":"…"}}
//! ```
//! Events before `nextSeq` stand in the journal by then. A `log` line says that a log has
//! grown; its bytes are read from its file. Knows lines and sockets. Does not know what a
//! driver does, and neither spawns nor tells time: the driver lends both.

mod client;
mod hub;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Follow, Followed, cancel};
pub use hub::{Hub, Subscription};
pub use server::{Driven, Listener, serve_client};

use super::StoreFault;
use super::logs::LogKey;
use super::runs::RunDir;
use crate::model::event::{CancelMode, Stamped};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

/// Bytes of the longest request line.
pub const MAX_REQUEST: usize = 64 << 10;
/// Clients that one driver serves at a time.
pub const MAX_CLIENTS: usize = 64;
/// Lines that wait for a follower; one that falls further behind is dropped, and connects anew.
pub const FOLLOW_QUEUE: usize = 4096;
/// The protocol's version.
const VERSION: u32 = 1;
const SOCKET: &str = "control.sock";
/// Bytes of the longest path that a socket's address takes, less the zero at its end.
const LONGEST_ADDRESS: usize = 107;

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    v: u32,
    #[serde(flatten)]
    ask: Ask,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Ask {
    Cancel { mode: CancelMode, message: String },
    Follow {},
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Answer {
    Done {},
    Refused { message: String },
    Following { next_seq: u64 },
    Event(Box<Stamped>),
    Log { task_run: String, attempt: u32, container: String },
    End {},
}

impl Answer {
    /// The answer as a line. Its parts are strings and numbers, so writing it cannot fail.
    fn line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_else(|_| "{\"end\":{}}".to_owned());
        line.push('\n');
        line
    }
}

/// The address of a run's socket. A path that is too long for one is spelled through the open
/// directory, which has to stay open while the address is used.
struct Address {
    path: PathBuf,
    _directory: Option<File>,
}

impl Address {
    fn of(run: &RunDir) -> Result<Self, StoreFault> {
        let path = run.path().join(SOCKET);
        if path.as_os_str().len() <= LONGEST_ADDRESS {
            return Ok(Self { path, _directory: None });
        }
        let directory = File::open(run.path()).map_err(StoreFault::io("open", run.path()))?;
        let path = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", directory.as_raw_fd()));
        Ok(Self { path, _directory: Some(directory) })
    }
}

fn log_answer(key: &LogKey) -> Answer {
    Answer::Log { task_run: key.task_run.clone(), attempt: key.attempt, container: key.container.clone() }
}
