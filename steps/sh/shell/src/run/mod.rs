//! Carrying commands out: lists, chains, pipelines, and what each kind of command is.
//!
//! A command's status is left in the state; what leaves the ordinary course of things (`break`, `return`, `exit`, an
//! error that ends the command line) comes back as a [`Flow`].

mod beside;
mod compound;
mod cond;
mod coproc;
mod external;
mod functions;
mod pipeline;
mod redirect;
mod select;
mod simple;
mod subshell;

pub use beside::RESUME;
pub use beside::{Part, resume};
pub use external::{CALLED, DEFAULT_PATH, Found, PARENT, SHELLS, STANDARD, given_handles};
pub use redirect::reason;

use crate::shell::Shell;
use crate::state;
use crate::syntax::ast::{Chain, Command, Compound, Item, List, Pipeline};

/// What leaves the ordinary course of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Out of so many loops.
    Break(u32),
    /// To the next turn of the loop so many levels out.
    Continue(u32),
    /// Out of a function or a sourced file; the status is set.
    Return,
    /// Out of the shell, with this status.
    Exit(i32),
    /// An error: the rest of the command line is given up, with this status.
    Discard(i32),
}

/// What running and expanding answer.
pub type Ran<T> = Result<T, Flow>;

impl Shell {
    /// Commands one after another.
    pub fn run_list(&mut self, list: &List) -> Ran<()> {
        for item in &list.0 {
            self.run_item(item)?;
        }
        Ok(())
    }

    fn run_item(&mut self, item: &Item) -> Ran<()> {
        if self.state.options.noexec {
            return Ok(());
        }
        if item.background {
            self.run_background(&item.chain)?;
        } else {
            self.run_chain(&item.chain)?;
        }
        self.run_pending_traps()
    }

    /// `a && b || c`: `set -e` looks at the last of them only.
    pub fn run_chain(&mut self, chain: &Chain) -> Ran<()> {
        let Some(((_, _), _)) = chain.rest.split_last() else { return self.run_pipeline(&chain.first) };
        self.unchecked(|shell| shell.run_pipeline(&chain.first))?;
        let last = chain.rest.len() - 1;
        for (at, (on_success, pipeline)) in chain.rest.iter().enumerate() {
            if (self.state.status == 0) != *on_success {
                continue;
            }
            if at == last {
                self.run_pipeline(pipeline)?;
            } else {
                self.unchecked(|shell| shell.run_pipeline(pipeline))?;
            }
        }
        Ok(())
    }

    /// Runs something whose status is looked at, so that `set -e` does not.
    pub fn unchecked<T>(&mut self, run: impl FnOnce(&mut Self) -> Ran<T>) -> Ran<T> {
        self.state.unchecked += 1;
        let ran = run(self);
        self.state.unchecked -= 1;
        ran
    }

    fn run_pipeline(&mut self, pipeline: &Pipeline) -> Ran<()> {
        let begun = pipeline.timed.map(|form| (form, (crate::special::now(), userland_sys::processor_time())));
        let ran = if pipeline.negated {
            self.unchecked(|shell| shell.run_stages(pipeline))
        } else {
            self.run_stages(pipeline)
        };
        if let Some((form, begun)) = begun {
            self.say_time(form, begun);
        }
        ran?;
        if pipeline.negated {
            self.state.status = i32::from(self.state.status == 0);
            return Ok(());
        }
        if self.state.status != 0 && self.state.unchecked == 0 && is_checked(pipeline) {
            return self.failed();
        }
        Ok(())
    }

    fn run_stages(&mut self, pipeline: &Pipeline) -> Ran<()> {
        match pipeline.commands.as_slice() {
            [] => {
                self.state.status = 0;
                Ok(())
            }
            [command] => {
                self.run_command(command)?;
                if self.state.pipe_status.len() != 1 || self.state.pipe_status[0] != self.state.status {
                    self.state.pipe_status = vec![self.state.status];
                }
                Ok(())
            }
            commands => self.run_pipe(commands),
        }
    }

    /// A command failed that nobody looks at: the ERR trap, then `set -e`.
    pub fn failed(&mut self) -> Ran<()> {
        let status = self.state.status;
        let heard = self.state.frames.is_empty() || self.state.options.errtrace;
        if heard {
            self.run_trap(state::ERR)?;
        }
        self.state.status = status;
        if self.state.options.errexit { Err(Flow::Exit(status)) } else { Ok(()) }
    }

    /// Any command.
    pub fn run_command(&mut self, command: &Command) -> Ran<()> {
        match command {
            Command::Simple(simple) => self.run_simple(simple),
            Command::Compound(compound, redirects, line) => {
                self.state.line = *line;
                if redirects.is_empty() {
                    return self.run_compound(compound);
                }
                let saved = self.fds.clone();
                let held = self.held.len();
                let ran = match self.redirect_all(redirects)? {
                    true => self.run_compound(compound),
                    false => {
                        self.state.status = 1;
                        Ok(())
                    }
                };
                self.put_back(saved);
                self.held.truncate(held);
                ran
            }
            Command::Function(function) => self.define(function),
        }
    }
}

/// Whether `set -e` looks at a pipeline's status itself; the others' comes from a command within, which was looked at.
fn is_checked(pipeline: &Pipeline) -> bool {
    match pipeline.commands.as_slice() {
        [command] => match &**command {
            Command::Simple(_) => true,
            Command::Compound(compound, ..) => {
                matches!(compound, Compound::Subshell(_) | Compound::Cond(_) | Compound::Arith(_))
            }
            Command::Function(_) => false,
        },
        _ => true,
    }
}
