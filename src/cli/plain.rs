//! Progress as plain lines, for pipes, files and continuous integration.
//!
//! Knows the form of a line. Does not know where lines go or which runs there are.

use super::failure::told;
use super::lines::Line;
use super::sanitize;
use super::style::{Style, bytes, span};
use crate::model::outcome::Outcome;

/// How a step's own text is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuestText {
    /// As it is: the reader is a file or a program.
    Raw,
    /// Made safe for a terminal.
    Safe { colours: bool },
}

/// `[task : step] text`, with a line break.
#[must_use]
pub fn log_line(line: &Line, guest: GuestText) -> Vec<u8> {
    let mut text = format!("[{} : {}] ", sanitize::name(&line.task), sanitize::name(&line.container)).into_bytes();
    text.extend(guest_text(&line.bytes, guest));
    text.push(b'\n');
    text
}

/// A line of a guest without its line break, let through as `guest` says.
#[must_use]
pub fn guest_text(bytes: &[u8], guest: GuestText) -> Vec<u8> {
    match guest {
        GuestText::Raw => bytes.to_vec(),
        GuestText::Safe { colours } => sanitize::line(bytes, colours).into_bytes(),
    }
}

/// A run begins.
#[must_use]
pub fn run_started(kind: &str, name: &str, id: &str, style: Style) -> String {
    format!("{kind} {} started (run {id})\n", style.bold(&sanitize::name(name)))
}

/// A task's attempt begins.
#[must_use]
pub fn task_started(task: &str, attempt: u32, style: Style) -> String {
    let try_ = if attempt > 0 { format!(", try {}", attempt + 1) } else { String::new() };
    format!("{}\n", style.dim(&format!("task {}: started{try_}", sanitize::name(task))))
}

/// A step ended other than as a success.
#[must_use]
pub fn step_failed(task: &str, step: &str, outcome: &Outcome, style: Style) -> String {
    let what = sanitize::name(&told(outcome));
    format!("task {}, step {}: {}\n", sanitize::name(task), sanitize::name(step), style.bad(&what))
}

/// A task's attempt ended after `nanos`. Where a step failed, the line of that step has said
/// so, and whether that matters (`onError`) is the run's to say.
#[must_use]
pub fn task_ended(task: &str, failed_step: bool, nanos: u64, style: Style) -> String {
    let word = if failed_step { style.warn("ended") } else { style.good("succeeded") };
    format!("task {}: {word} after {}\n", sanitize::name(task), span(nanos))
}

/// A module is being compiled.
#[must_use]
pub fn compiling(module: &str, size: u64) -> String {
    format!("compiling {} ({}), once\n", sanitize::name(module), bytes(size))
}

/// Its compilation ended after `nanos`.
#[must_use]
pub fn compiled(module: &str, nanos: u64) -> String {
    format!("compiled {} in {}\n", sanitize::name(module), span(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_documented_form() {
        let line = Line { task: "build".into(), container: "compile".into(), at: 0, bytes: b"\x1b[2Jhi\xff".to_vec() };
        assert_eq!(log_line(&line, GuestText::Raw), b"[build : compile] \x1b[2Jhi\xff\n");
        assert_eq!(log_line(&line, GuestText::Safe { colours: true }), b"[build : compile] \\x1b[2Jhi\\xff\n");
        assert_eq!(task_started("a\x1b", 1, Style::PLAIN), "task a\\x1b: started, try 2\n");
        assert_eq!(task_ended("a", true, 1_500_000_000, Style::PLAIN), "task a: ended after 1.50s\n");
        assert_eq!(
            step_failed("a", "b", &Outcome::Exited { code: 3 }, Style::PLAIN),
            "task a, step b: exited with code 3\n"
        );
    }
}
