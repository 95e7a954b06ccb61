//! Pipelines, and commands in the background.

use super::beside::Part;
use super::external::Started;
use super::{Flow, Ran};
use crate::fds::{Fds, Handle};
use crate::shell::Shell;
use crate::special::now;
use crate::syntax::ast::{Argument, Chain, Command, Timed};
use crate::syntax::print;
use std::rc::Rc;
use userland_sys as sys;

impl Shell {
    /// Several stages: all but the last run beside this shell, the last one in a sub-shell of it.
    pub fn run_pipe(&mut self, commands: &[Rc<Command>]) -> Ran<()> {
        let Some((last, others)) = commands.split_last() else { return Ok(()) };
        let outside = self.fds.clone();
        let mut started: Vec<Result<Started, i32>> = Vec::with_capacity(others.len());
        let mut input: Option<Handle> = None;
        for command in others {
            let (read, write) = match crate::fds::pipe() {
                Ok(ends) => ends,
                Err(error) => {
                    self.complain(&format!("pipe: {}", super::reason(&error)));
                    return Err(Flow::Exit(1));
                }
            };
            let mut fds = outside.clone();
            fds.0.extend(input.take().map(|input| (0, input)));
            fds.0.insert(1, write);
            let stage = self.start_stage(command, fds);
            started.push(stage?);
            input = Some(read);
        }
        let lastpipe = self.state.shopts.lastpipe;
        self.fds.0.extend(input.map(|input| (0, input)));
        self.in_pipe = matches!(&**last, Command::Simple(_));
        (self.death, self.last_program) = (None, None);
        let status = if lastpipe {
            self.run_command(last).map(|()| self.state.status)
        } else {
            self.in_subshell(|shell| shell.run_command(last))
        };
        // The end that nobody reads any more is closed before the others are waited for.
        self.fds = outside;
        self.in_pipe = false;
        let status = status?;
        let last_program = self.last_program.take();
        let last_ended = self.ended_as(status);
        let mut all = Vec::with_capacity(commands.len());
        let mut programs = Vec::with_capacity(commands.len());
        for (stage, command) in started.into_iter().zip(others) {
            all.push(match stage {
                Ok(stage) => {
                    let number = stage.number;
                    let status = self.finish(stage)?;
                    programs.push((number, self.ended_as(status), &**command));
                    status
                }
                Err(status) => status,
            });
        }
        all.push(status);
        if let Some(number) = last_program {
            programs.push((number, last_ended, last));
            self.say_pipe(&programs);
        }
        self.state.status = match all.iter().rev().find(|status| **status != 0) {
            Some(failed) if self.state.options.pipefail => *failed,
            _ => status,
        };
        self.state.pipe_status = all;
        Ok(())
    }

    /// How the program ended that was waited for last.
    fn ended_as(&mut self, status: i32) -> sys::Ended {
        match self.death.take() {
            Some((_, signal)) => sys::Ended::Signalled(signal),
            None => sys::Ended::Exited(u8::try_from(status).unwrap_or(0)),
        }
    }

    /// Starts a command beside this shell, with these handles. A plain program is started as itself, all else as a
    /// shell.
    fn start_stage(&mut self, command: &Rc<Command>, fds: Fds) -> Ran<Result<Started, i32>> {
        let outside = std::mem::replace(&mut self.fds, fds);
        let held = self.held.len();
        let stage = match &**command {
            Command::Simple(simple) if self.is_plain(simple) => {
                // What its words change is the stage's own.
                let state = self.state.clone();
                let stage = self.start_plain(simple);
                self.state = state;
                stage
            }
            _ => self.start_part(&Part::Command(command.clone())),
        };
        self.fds = outside;
        self.held.truncate(held);
        match stage {
            Err(Flow::Discard(status) | Flow::Exit(status)) => Ok(Err(status)),
            stage => stage,
        }
    }

    /// Whether a command is a program by its first word, and no builtin or function.
    fn is_plain(&mut self, simple: &crate::syntax::ast::Simple) -> bool {
        if !simple.assigns.is_empty() || self.state.options.xtrace {
            return false;
        }
        let Some(Argument::Word(first)) = simple.words.first() else { return false };
        let Some(name) = first.as_literal() else { return false };
        !self.state.functions.contains_key(name)
            && crate::builtins::find(name).is_none()
            && !self.state.functions.contains_key(super::external::HANDLER)
    }

    /// Not where nobody has its first word: a shell of its own says so, and has a status that can be asked for.
    fn can_start(&mut self, command: &Command) -> bool {
        match command {
            Command::Simple(simple) if self.is_plain(simple) => match simple.words.first() {
                Some(Argument::Word(first)) => {
                    first.as_literal().is_some_and(|name| self.find_program(name) != super::external::Found::None)
                }
                _ => true,
            },
            _ => true,
        }
    }

    fn start_plain(&mut self, simple: &crate::syntax::ast::Simple) -> Ran<Result<Started, i32>> {
        self.state.line = simple.line;
        let mut fields = Vec::new();
        for word in &simple.words {
            match word {
                Argument::Word(word) => self.expand_into(word, &mut fields)?,
                Argument::Assign(_) => return Ok(Err(2)),
            }
        }
        if !self.redirect_all(&simple.redirects)? {
            return Ok(Err(1));
        }
        self.start_external(&fields)
    }

    /// `command &`.
    pub fn run_background(&mut self, chain: &Rc<Chain>) -> Ran<()> {
        let mut fds = self.fds.clone();
        // POSIX: without job control, a command in the background reads nothing.
        if let Ok(null) = std::fs::File::open("/dev/null").and_then(sys::into_fd) {
            fds.0.insert(0, Handle::own(null));
        }
        let single = match (chain.rest.is_empty(), chain.first.commands.as_slice()) {
            (true, [command]) if !chain.first.negated && chain.first.timed.is_none() => Some(command.clone()),
            _ => None,
        };
        let outside = std::mem::replace(&mut self.fds, fds.clone());
        // POSIX: without job control, what a terminal sends does not end it.
        let ignored = self.state.ignored;
        if !self.state.options.monitor {
            self.state.ignored |= 1 << 2 | 1 << 3;
            self.traps_changed();
        }
        let started = match single {
            Some(command) if self.can_start(&command) => self.start_stage(&command, fds),
            Some(command) => self.start_part(&Part::Command(command)),
            None => self.start_part(&Part::Chain(chain.clone())),
        };
        self.fds = outside;
        self.state.ignored = ignored;
        self.traps_changed();
        match started? {
            Ok(Started { number, pumps }) => {
                for (capture, pipe) in pumps {
                    capture.borrow_mut().pending.push(pipe);
                }
                self.state.background = Some(number);
                self.jobs.add(vec![number], print::chain(chain));
                self.state.status = 0;
            }
            Err(status) => {
                // It is as if it had been started and had failed.
                self.state.background = None;
                self.state.status = if status == 127 { 0 } else { status };
            }
        }
        Ok(())
    }

    /// What `time` says.
    pub fn say_time(&mut self, form: Timed, begun: (std::time::Duration, std::time::Duration)) {
        let took = now().saturating_sub(begun.0);
        let used = sys::processor_time().saturating_sub(begun.1);
        let shown = |time: std::time::Duration| format!("{}m{:.3}s", time.as_secs() / 60, time.as_secs_f64() % 60.0);
        let format = match form {
            Timed::Bash => self.var_text("TIMEFORMAT"),
            Timed::Posix => None,
        };
        let text = match form {
            Timed::Bash if format.is_some() => formatted(&format.unwrap_or_default(), took, used),
            Timed::Bash => format!("\nreal\t{}\nuser\t{}\nsys\t0m0.000s\n", shown(took), shown(used)),
            Timed::Posix => format!("real {:.2}\nuser {:.2}\nsys 0.00\n", took.as_secs_f64(), used.as_secs_f64()),
        };
        let _ = self.write(2, &text);
    }
}

/// What `time` says by `TIMEFORMAT`: what passed, and how long the shell itself used the processor.
fn formatted(format: &str, took: std::time::Duration, used: std::time::Duration) -> String {
    if format.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '%' {
            text.push(char);
            continue;
        }
        let precision = chars.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)).unwrap_or(3).min(3);
        let is_long = chars.next_if_eq(&'l').is_some();
        let seconds = match chars.next() {
            Some('R') => took.as_secs_f64(),
            Some('U') => used.as_secs_f64(),
            Some('S') => 0.0,
            Some('P') => {
                let share = used.as_secs_f64() * 100.0 / took.as_secs_f64().max(f64::EPSILON);
                text.push_str(&format!("{share:.2}"));
                continue;
            }
            other => {
                text.extend(other);
                continue;
            }
        };
        let precision = precision as usize;
        match is_long {
            true => text.push_str(&format!("{}m{:.precision$}s", seconds as u64 / 60, seconds % 60.0)),
            false => text.push_str(&format!("{seconds:.precision$}")),
        }
    }
    text.push('\n');
    text
}
