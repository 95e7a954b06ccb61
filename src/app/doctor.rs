//! Whether this machine has what runs need, and what to do where it hasn't.
//!
//! Knows the conditions of the sandbox, the state directory and the cache directory. Does
//! not mend anything.

use super::{App, BUILTIN, wasmtime_version};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use std::path::Path;

/// Free space below which a directory is reported, in bytes.
const LOW_DISK: u64 = 1 << 30;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub name: String,
    pub ok: bool,
    /// What was seen.
    pub detail: String,
    /// What to do; empty when it is well.
    pub remedy: String,
}

impl Finding {
    fn new(name: &str, seen: Result<String, String>, remedy: &str) -> Self {
        let ok = seen.is_ok();
        Self {
            name: name.to_owned(),
            ok,
            detail: seen.unwrap_or_else(|e| e),
            remedy: if ok { String::new() } else { remedy.to_owned() },
        }
    }
}

impl App {
    /// Looks at everything that a run needs.
    #[must_use]
    pub fn doctor(&self) -> Vec<Finding> {
        let state = &self.options.state_dir;
        let cache = &self.options.cache_dir;
        vec![
            Finding::new("state directory", writable(state), "choose another with --state-dir"),
            Finding::new("cache directory", writable(cache), "choose another with --cache-dir"),
            Finding::new("free disk space", free_space(state), "make room, or choose another --state-dir"),
            Finding::new(
                "openat2 (paths cannot leave the sandbox)",
                openat2(),
                "run on Linux 5.6 or later, and let the container's seccomp profile allow openat2",
            ),
            Finding::new(
                "address space",
                address_space(),
                "raise `ulimit -v`; without it each step maps its memory anew, which is slower",
            ),
            Finding::new(
                "modules in the binary",
                modules(),
                "run `make guests`, then `cargo build --release --locked`",
            ),
            Finding::new("wasmtime", Ok(wasmtime_version().to_owned()), ""),
        ]
    }
}

/// Whether a file can be made in `dir` (made itself when missing).
fn writable(dir: &Path) -> Result<String, String> {
    let shown = dir.display();
    std::fs::create_dir_all(dir).map_err(|e| format!("{shown}: {e}"))?;
    let probe = dir.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"").map_err(|e| format!("{shown}: {e}"))?;
    std::fs::remove_file(&probe).map_err(|e| format!("{shown}: {e}"))?;
    Ok(format!("{shown} is writable"))
}

fn free_space(dir: &Path) -> Result<String, String> {
    let stat = rustix::fs::statvfs(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let text = format!("{} MiB free", free >> 20);
    if free < LOW_DISK { Err(text) } else { Ok(text) }
}

fn openat2() -> Result<String, String> {
    rustix::fs::openat2(
        CWD,
        ".",
        OFlags::PATH | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS,
    )
    .map(|_| "the kernel has it".to_owned())
    .map_err(|e| format!("the kernel refuses it: {e}"))
}

fn address_space() -> Result<String, String> {
    match rustix::process::getrlimit(rustix::process::Resource::As).current {
        None => Ok("unlimited".to_owned()),
        Some(limit) => Err(format!("limited to {} MiB", limit >> 20)),
    }
}

fn modules() -> Result<String, String> {
    let names: Vec<&str> = BUILTIN.iter().map(|(name, ..)| *name).collect();
    if names.is_empty() {
        return Err("none".to_owned());
    }
    Ok(names.join(", "))
}
