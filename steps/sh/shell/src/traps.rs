//! Traps: commands that run when a signal came, and at the shell's own occasions.

use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::state::{DEBUG, ERR, EXIT, RETURN};
use crate::syntax::Parser;
use userland_sys as sys;

/// Signals that end a shell: hang up, interrupt, quit, terminate. Its trap on EXIT runs first.
const ENDING: u64 = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 15;

impl Shell {
    /// Tells the system which signals are caught and ignored now.
    pub fn traps_changed(&mut self) {
        let (mut caught, mut ignored) = (0u64, 0u64);
        for (signal, text) in self.state.traps.iter().filter(|(signal, _)| (1..64).contains(*signal)) {
            if text.is_empty() {
                ignored |= 1 << signal;
            } else {
                caught |= 1 << signal;
            }
        }
        if self.outer_leaves || self.leaves() {
            caught |= ENDING & !ignored;
        }
        ignored |= self.state.ignored & !caught;
        sys::catch(caught | (self.outer_trapped & !ignored), ignored);
    }

    /// Whether there is a trap for the shell's end.
    fn leaves(&self) -> bool {
        self.state.traps.get(&EXIT).is_some_and(|text| !text.is_empty())
    }

    /// For a sub-shell in this process: what its signals mean to this shell, which gets them when it goes on.
    pub fn keep_signals(&mut self) {
        self.outer_leaves |= self.leaves();
        let trapped = self.state.traps.iter().filter(|(signal, text)| (1..64).contains(*signal) && !text.is_empty());
        self.outer_trapped |= trapped.fold(0, |all, (signal, _)| all | 1 << signal);
    }

    /// A signal to a sub-shell that is this process: its trap runs, or it ends and the shell around it goes on.
    pub fn signal_subshell(&mut self, signal: u8) -> Ran<()> {
        let trapped = self.state.traps.contains_key(&signal);
        // Nothing, what tells of children, continues, and of the window's size end nothing.
        if matches!(signal, 0 | 17 | 18 | 23 | 28) && !trapped || self.state.ignored & (1 << signal) != 0 {
            return Ok(());
        }
        if trapped && signal != 9 {
            return self.run_trap(signal);
        }
        if ENDING & (1 << signal) == 0 {
            self.state.traps.remove(&EXIT);
        }
        Err(Flow::Exit(128 + i32::from(signal)))
    }

    /// Takes in the signals that came.
    pub fn note_signals(&mut self) {
        self.pending_signals |= sys::caught();
    }

    /// Runs the traps of signals that came.
    pub fn run_pending_traps(&mut self) -> Ran<()> {
        if self.outer_trapped == 0
            && !self.outer_leaves
            && !self.state.traps.keys().any(|signal| (0..64).contains(signal))
        {
            return Ok(());
        }
        self.note_signals();
        // What the shell around this one has a trap for waits until that one goes on.
        let mut open = self.pending_signals;
        while open != 0 && !self.in_trap {
            let signal = open.trailing_zeros() as u8;
            let bit = 1 << signal;
            open &= !bit;
            if self.state.traps.contains_key(&signal) {
                self.pending_signals &= !bit;
                self.run_trap(signal)?;
            } else if self.outer_trapped & bit == 0 {
                if ENDING & bit == 0 || !self.outer_leaves {
                    self.pending_signals &= !bit;
                }
                if ENDING & bit != 0 {
                    return Err(Flow::Exit(128 + i32::from(signal)));
                }
            }
        }
        Ok(())
    }

    /// A signal that came and ends the shell.
    pub fn ending_signal(&self) -> Option<i32> {
        let signal = (self.pending_signals & ENDING & !self.outer_trapped).trailing_zeros() as u8;
        (signal < 64 && !self.state.traps.contains_key(&signal)).then_some(i32::from(signal))
    }

    /// Runs the trap of a signal or an occasion, if there is one. The status is what it was before.
    pub fn run_trap(&mut self, signal: u8) -> Ran<()> {
        let Some(text) = self.state.traps.get(&signal).cloned() else { return Ok(()) };
        if text.is_empty() || (self.in_trap && matches!(signal, DEBUG | ERR | RETURN | EXIT)) {
            return Ok(());
        }
        let (status, pipe_status, line) = (self.state.status, self.state.pipe_status.clone(), self.state.line);
        let before = std::mem::replace(&mut self.in_trap, matches!(signal, DEBUG | ERR | RETURN));
        let answers = std::mem::replace(&mut self.answers_trap, true);
        let what = if matches!(signal, DEBUG | ERR | RETURN) { "trap" } else { "signal trap" };
        let ran = self.run_text(&text, what);
        self.in_trap = before;
        self.answers_trap = answers;
        if !matches!(ran, Err(Flow::Exit(_) | Flow::Return)) {
            self.state.status = status;
        }
        self.state.pipe_status = pipe_status;
        self.state.line = line;
        ran
    }

    /// Runs a text as `eval` does; what it is called is for messages.
    pub fn run_text(&mut self, text: &str, what: &str) -> Ran<()> {
        self.deeper()?;
        // The lines of what a signal's trap says are its own; at the shell's other occasions they are the script's.
        let own = matches!(what, "exit trap" | "signal trap");
        let line = if own { 1 } else { self.state.line.max(1) };
        let what = if own && what != "exit trap" { "trap" } else { what };
        // The trap on EXIT runs when nothing else does.
        let nested = u32::from(what != "exit trap");
        self.nesting += nested;
        let ran = self.run_parser(Parser::new(text, line, self.settings()), what);
        self.nesting -= nested;
        self.depth -= 1;
        ran
    }

    /// Runs commands as they are read, until the end or until one leaves.
    pub fn run_parser(&mut self, parser: Parser, what: &str) -> Ran<()> {
        let line = self.state.outer_line;
        let ran = self.run_all_of(parser, what);
        self.state.outer_line = line;
        ran
    }

    /// Takes in what is to be known of a command that was read and runs now.
    pub fn reads(&mut self, parser: &Parser) {
        self.state.outer_line = parser.ended;
        self.state.asks_command |= parser.asks_command;
    }

    fn run_all_of(&mut self, mut parser: Parser, what: &str) -> Ran<()> {
        loop {
            let next = parser.next_command();
            self.warn(&mut parser, what);
            match next {
                Ok(None) => return Ok(()),
                Ok(Some(list)) => {
                    self.show_source(&parser);
                    self.reads(&parser);
                    if self.state.options.noexec {
                        continue;
                    }
                    self.run_list(&list)?;
                }
                Err(error) => {
                    self.complain_syntax(&error, what);
                    self.state.status = 2;
                    return Err(Flow::Discard(2));
                }
            }
            parser.settings = self.settings();
        }
    }

    /// Says what the parser found odd.
    pub fn warn(&mut self, parser: &mut Parser, what: &str) {
        for (line, message) in std::mem::take(&mut parser.warnings) {
            let error =
                crate::syntax::SyntaxError { line, message: format!("warning: {message}"), shown: None, at_end: false };
            self.complain_syntax(&error, what);
        }
    }

    /// `set -v`.
    pub fn show_source(&mut self, parser: &Parser) {
        if self.state.options.verbose {
            let _ = self.write(2, &parser.last_source());
        }
    }

    /// Says what is wrong with a script, as bash does in its two lines.
    pub fn complain_syntax(&mut self, error: &crate::syntax::SyntaxError, what: &str) {
        let label = match what {
            "" => self.state.label.to_string(),
            what => format!("{}: {what}", self.state.label),
        };
        let mut text = format!("{label}: line {}: {}\n", error.line, error.message);
        if let Some(shown) = &error.shown {
            text.push_str(&format!("{label}: line {}: `{shown}'\n", error.line));
        }
        let _ = self.write(2, &text);
    }
}
