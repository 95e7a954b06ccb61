//! What would be a fork that its parent waits for: the same shell goes on, and is put back afterwards.

use super::{Flow, Ran};
use crate::bytes;
use crate::fds::{Capture, Handle};
use crate::jobs::Jobs;
use crate::shell::Shell;
use crate::state::{DEBUG, ERR, EXIT, RETURN};
use crate::syntax::ast::{List, RedirectKind, Substitution};
use std::cell::RefCell;
use std::rc::Rc;

/// Sub-shells of the same process have numbers from here on, where no system counts to.
const MADE_UP: u32 = 1 << 23;

impl Shell {
    /// `( … )`.
    pub fn run_subshell(&mut self, list: &List) -> Ran<()> {
        self.state.status = self.in_subshell(|shell| shell.run_list(list))?;
        Ok(())
    }

    /// Runs something as a sub-shell does, and gives its status.
    pub fn in_subshell(&mut self, run: impl FnOnce(&mut Self) -> Ran<()>) -> Ran<i32> {
        self.deeper()?;
        let state = self.state.clone();
        let fds = self.fds.clone();
        // What its parent started it may name, and not wait for.
        let jobs = self.jobs.clone();
        let (environment, directory, held) = (self.environment.clone(), self.directory.clone(), self.held.len());
        let outer = (self.outer_trapped, self.outer_leaves);
        self.keep_signals();
        self.made_up += 1;
        self.subshells.push(MADE_UP + self.made_up);
        self.enter_subshell();
        self.disinherit();
        let ran = run(self);
        let status = self.leave(ran);
        let moved = self.directory != directory;
        let trapped = self.state.traps != state.traps;
        self.state = state;
        (self.outer_trapped, self.outer_leaves) = outer;
        self.subshells.pop();
        self.fds = fds;
        self.jobs = Jobs { ended: std::mem::take(&mut self.jobs.ended), ..jobs };
        self.environment = environment;
        self.held.truncate(held);
        self.directory = directory;
        if moved {
            // It was there a moment ago; if it is gone, the next command says so.
            let _ = std::env::set_current_dir(&*self.directory);
        }
        if trapped {
            self.traps_changed();
        }
        self.depth -= 1;
        Ok(status)
    }

    /// What changes for a sub-shell as it begins: traps are its parent's, and loops are not its own.
    pub fn enter_subshell(&mut self) {
        let (ignored, others) =
            std::mem::take(&mut self.state.traps).into_iter().partition(|(_, text)| text.is_empty());
        self.state.traps = ignored;
        let mut others: std::collections::BTreeMap<u8, crate::vars::Text> = others;
        let kept = [
            (ERR, self.state.options.errtrace),
            (DEBUG, self.state.options.functrace),
            (RETURN, self.state.options.functrace),
        ];
        for (signal, _) in kept.into_iter().filter(|(_, kept)| *kept) {
            self.state.traps.extend(others.remove(&signal).map(|text| (signal, text)));
        }
        if !std::collections::BTreeMap::is_empty(&others) {
            self.state.shown_traps = others;
            self.traps_changed();
        }
        self.state.level += 1;
        self.state.loops = 0;
    }

    /// Ends a shell: its status, once its EXIT trap has run.
    pub fn leave(&mut self, ran: Ran<()>) -> i32 {
        let mut status = match ran {
            Ok(()) | Err(Flow::Return | Flow::Break(_) | Flow::Continue(_)) => self.state.status,
            Err(Flow::Exit(status) | Flow::Discard(status)) => status,
        };
        if self.state.traps.contains_key(&EXIT) {
            self.state.status = status;
            let trap = self.state.traps.remove(&EXIT).unwrap_or_default();
            // A signal that ends the shells around this one too does not end its last commands.
            let pending = std::mem::take(&mut self.pending_signals);
            let answers = std::mem::replace(&mut self.answers_trap, true);
            let ran = self.run_text(&trap, "exit trap");
            self.answers_trap = answers;
            self.pending_signals |= pending;
            if let Err(Flow::Exit(code)) = ran {
                status = code;
            }
        }
        status & 0xff
    }

    /// The text that `$(…)` stands for.
    pub fn substitute(&mut self, substitution: &Substitution) -> Ran<String> {
        if let Some(file) = &substitution.file {
            let mut fields = self.expand_words(std::slice::from_ref(file))?;
            let path = fields.pop().unwrap_or_else(|| "".into());
            let mut text = Vec::new();
            let read = self.open_path(&path, RedirectKind::Read).and_then(|handle| handle.read_to_end(&mut text));
            self.substituted = Some(i32::from(read.is_err()));
            if let Err(error) = read {
                self.complain(&format!("{path}: {}", super::reason(&error)));
            }
            return Ok(trimmed(text));
        }
        let capture = Rc::new(RefCell::new(Capture::default()));
        let into = Handle::Memory(capture.clone());
        self.nesting += 1;
        let status = self.in_subshell(|shell| {
            shell.fds.0.insert(1, into);
            shell.state.substitutes = true;
            let inherits = shell.state.options.posix || shell.state.shopts.inherit_errexit;
            shell.state.options.errexit &= inherits;
            shell.run_list(&substitution.list)
        });
        self.nesting -= 1;
        let status = status?;
        let pending = std::mem::take(&mut capture.borrow_mut().pending);
        for pipe in pending {
            let mut bytes = Vec::new();
            // What cannot be read any more is at its end.
            let _ = pipe.read_to_end(&mut bytes);
            capture.borrow_mut().bytes.extend(bytes);
        }
        self.substituted = Some(status);
        self.state.status = status;
        let bytes = std::mem::take(&mut capture.borrow_mut().bytes);
        Ok(trimmed(bytes))
    }
}

/// Without the line ends behind the last line, and without zeros.
fn trimmed(mut bytes: Vec<u8>) -> String {
    let end = bytes.iter().rposition(|byte| *byte != b'\n').map_or(0, |at| at + 1);
    bytes.truncate(end);
    if bytes.contains(&0) {
        bytes.retain(|byte| *byte != 0);
    }
    bytes::decode_owned(bytes)
}
