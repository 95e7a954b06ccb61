//! How a step, and how a task attempt, ended: data that is journaled and shown.
//!
//! Knows every way a step can end. Does not know why a step was started, how an
//! outcome is drawn on a screen, or what Tekton's status makes of it (the
//! engine's view does that).

use serde::{Deserialize, Serialize};
use std::fmt;

/// How one step ended. Closed: matched without a wildcard everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Outcome {
    /// The program ended by itself. `code` is the exit code modulo 256.
    Exited { code: u8 },
    /// The program trapped; `backtrace` is the guest's, innermost frame first.
    Trapped { message: String, backtrace: Vec<String> },
    /// A limit of the sandbox ended the step.
    LimitMet { limit: LimitKind, value: u64 },
    /// The step asked for something that it was not granted.
    Denied { capability: String, grant: String },
    /// The run, or the task, was cancelled while the step ran.
    Cancelled,
    /// The step's own `timeout`, in nanoseconds, ran out.
    TimedOut { after: u64 },
    /// The command that the step names is not there (Tekton's entrypoint ends with 1).
    CommandNotFound { command: String },
    /// The module cannot be used: not WebAssembly, an unknown import, no entry point.
    ModuleInvalid { message: String },
    /// Our own fault or the machine's; the only outcome that is retried unasked.
    Infrastructure { message: String },
}

/// A limit that ends a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LimitKind {
    /// Bytes of linear memory and tables together.
    Memory,
    /// Nanoseconds of processor time of the running thread.
    Cpu,
    /// Nanoseconds on the wall.
    Wall,
    /// Bytes written to standard output and standard error together.
    Output,
    /// Bytes written to the step's file systems.
    Disk,
    /// Files and directories made.
    Files,
}

impl LimitKind {
    /// The limit's name in the `sandbox.limits` block.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Cpu => "cpu",
            Self::Wall => "timeout",
            Self::Output => "output",
            Self::Disk => "disk",
            Self::Files => "files",
        }
    }

    /// A value of this limit as people write it: `512Mi`, `20s`, `200k`.
    #[must_use]
    pub fn written(self, value: u64) -> String {
        let units: &[(u64, &str)] = match self {
            Self::Memory | Self::Output | Self::Disk => &[(1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")],
            Self::Cpu | Self::Wall => &[(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")],
            Self::Files => &[(1_000_000, "M"), (1_000, "k")],
        };
        let whole = units.iter().find(|(unit, _)| value > 0 && value.is_multiple_of(*unit));
        whole.map_or_else(|| value.to_string(), |(unit, name)| format!("{}{name}", value / unit))
    }
}

/// The limits of one step: what the sandbox enforces. `None` means no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Limits {
    /// Bytes over all memories and tables.
    pub memory: u64,
    /// Nanoseconds of processor time.
    pub cpu: Option<u64>,
    /// Nanoseconds on the wall for the step (Tekton's step `timeout`).
    pub wall: Option<u64>,
    /// Bytes of standard output and error together.
    pub output: u64,
    /// Bytes written to file systems.
    pub disk: u64,
    /// Files and directories made.
    pub files: u64,
    /// Open handles at one time; past it the guest gets `EMFILE`.
    pub handles: u32,
}

/// What compiling one module may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Bytes of memory.
    pub memory: u64,
    /// Nanoseconds on the wall, and as many of processor time for each processor.
    pub time: u64,
}

impl Default for CompileLimits {
    /// A module of 67 MB takes 2.8 GiB and half a minute on two processors.
    fn default() -> Self {
        Self { memory: 4 << 30, time: 600_000_000_000 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 512 << 20,
            cpu: None,
            wall: None,
            output: 64 << 20,
            disk: 4 << 30,
            files: 200_000,
            handles: 1024,
        }
    }
}

impl Outcome {
    /// Whether the step ended as a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Exited { code: 0 })
    }

    /// The exit code that stands in Tekton's status and in `/tekton/steps/<step>/exitCode`.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Exited { code } => i32::from(*code),
            Self::Trapped { .. } => 134,
            Self::LimitMet { .. } => 137,
            Self::Denied { .. } => 126,
            Self::Cancelled
            | Self::TimedOut { .. }
            | Self::CommandNotFound { .. }
            | Self::ModuleInvalid { .. }
            | Self::Infrastructure { .. } => 1,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited { code: 0 } => write!(f, "succeeded"),
            Self::Exited { code } => write!(f, "exited with code {code}"),
            Self::Trapped { message, .. } => write!(f, "trapped: {message}"),
            Self::LimitMet { limit, value } => {
                let (field, value) = (limit.field(), limit.written(*value));
                write!(f, "met its {field} limit of {value} ")?;
                match limit {
                    LimitKind::Wall => write!(f, "(raise the step's `timeout`)"),
                    _ => write!(
                        f,
                        "(raise it with `sandbox.limits.{field}`, `--limit {field}=` or the configuration file)"
                    ),
                }
            }
            Self::Denied { capability, .. } => write!(f, "was denied {capability}"),
            Self::Cancelled => write!(f, "was cancelled"),
            Self::TimedOut { after } => {
                write!(f, "timed out after {} ms", after / 1_000_000)
            }
            Self::CommandNotFound { command } => write!(f, "command not found: {command}"),
            Self::ModuleInvalid { message } => write!(f, "module cannot be used: {message}"),
            Self::Infrastructure { message } => write!(f, "infrastructure fault: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_named_with_their_value_and_the_way_to_raise_them() {
        for (limit, value, words) in [
            (
                LimitKind::Memory,
                512 << 20,
                "its memory limit of 512Mi (raise it with `sandbox.limits.memory`, `--limit memory=`",
            ),
            (LimitKind::Disk, 4 << 30, "its disk limit of 4Gi"),
            (LimitKind::Output, 1000, "its output limit of 1000 ("),
            (LimitKind::Output, 3 << 10, "its output limit of 3Ki"),
            (LimitKind::Cpu, 20_000_000_000, "its cpu limit of 20s"),
            (LimitKind::Cpu, 1_500_000_000, "its cpu limit of 1500ms"),
            (LimitKind::Files, 200_000, "its files limit of 200k"),
            (LimitKind::Files, 10, "its files limit of 10 ("),
            (LimitKind::Wall, 1_000_000_000, "its timeout limit of 1s (raise the step's `timeout`)"),
        ] {
            let said = Outcome::LimitMet { limit, value }.to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}
