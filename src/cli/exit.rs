//! The exit codes of the command line: the one table of them.
//!
//! Knows what each code tells a script. Does not know how a run came to its end.

use std::process::ExitCode;

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every run succeeded, or the command did what was asked.
    Success,
    /// A run failed.
    Failed,
    /// The command line or a file is wrong; nothing was run.
    Usage,
    /// A fault of Stepwell's own or of the machine.
    Fault,
    /// SIGHUP; runs are left as they were recorded.
    HungUp,
    /// A run was cancelled, from here or from elsewhere.
    Cancelled,
    /// The reader of standard output went away while runs were going on.
    OutputClosed,
    /// SIGTERM; runs are left as they were recorded.
    Terminated,
}

/// Every exit with its sentence, in the order of the codes. The README's table says the same.
pub const TABLE: [(Exit, &str); 8] = [
    (Exit::Success, "every run succeeded, or the command did what was asked"),
    (Exit::Failed, "a run failed"),
    (Exit::Usage, "the command line or a file is wrong; nothing was run"),
    (Exit::Fault, "a fault of Stepwell's own or of the machine"),
    (Exit::HungUp, "SIGHUP came; the run stays as it was recorded"),
    (Exit::Cancelled, "the run was cancelled (Ctrl-C, or `stepwell cancel`)"),
    (Exit::OutputClosed, "the reader of standard output went away during a run"),
    (Exit::Terminated, "SIGTERM came; the run stays as it was recorded"),
];

impl Exit {
    /// The number that the process returns.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Fault => 3,
            Self::HungUp => 129,
            Self::Cancelled => 130,
            Self::OutputClosed => 141,
            Self::Terminated => 143,
        }
    }

    /// The table as a block of text, for `--help`.
    #[must_use]
    pub fn table() -> String {
        let mut text = String::from("Exit codes:\n");
        for (exit, meaning) in TABLE {
            text.push_str(&format!("  {:>3}  {meaning}\n", exit.code()));
        }
        text
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_in_order() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0.code() < pair[1].0.code()));
        assert!(Exit::table().contains("130  the run was cancelled"));
    }
}
