//! Programs that were started and not waited for.

use crate::run::{Flow, Ran};
use crate::shell::Shell;
use std::collections::BTreeMap;
use std::io;
use userland_sys::{self as sys, Ended};

/// One job: the programs of a pipeline in the background.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Job {
    /// The number behind `%`.
    pub number: u32,
    /// Its programs; the last one's status is the job's.
    pub programs: Vec<u32>,
    /// As it was written.
    pub text: String,
    /// Whether it was said which signal ended it.
    pub told: bool,
}

/// All that were started in the background, and how those ended that have.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    pub list: Vec<Job>,
    pub ended: BTreeMap<u32, Ended>,
    /// Programs of the shell that this one came from: it may name them, and not wait for them.
    pub foreign: Vec<u32>,
}

/// What a wait came to.
pub enum Waited {
    /// The program ended so.
    Ended(Ended),
    /// A trap's signal came first.
    Interrupted,
    /// There is no such program.
    Unknown,
}

impl Jobs {
    /// Notes a job, and gives its number.
    pub fn add(&mut self, programs: Vec<u32>, text: String) -> u32 {
        let number = self.list.iter().map(|job| job.number).max().unwrap_or(0) + 1;
        self.list.push(Job { number, programs, text, told: false });
        number
    }
}

impl Shell {
    /// What was started before is another shell's from now on.
    pub fn disinherit(&mut self) {
        let started = self.jobs.list.iter().flat_map(|job| job.programs.iter().copied());
        let started: Vec<u32> = started.chain(self.state.background).chain(self.waited.keys().copied()).collect();
        self.jobs.foreign.extend(started);
    }

    /// Waits for one program. With `traps`, a signal that is caught ends the wait.
    pub fn await_program(&mut self, program: u32, traps: bool) -> Waited {
        loop {
            if let Some(ended) = self.jobs.ended.remove(&program) {
                return Waited::Ended(ended);
            }
            match sys::wait(Some(program), true) {
                Ok(Some((number, ended))) if number == program => return Waited::Ended(ended),
                Ok(Some((number, ended))) => {
                    self.jobs.ended.insert(number, ended);
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    self.note_signals();
                    if traps || self.ending_signal().is_some() {
                        return Waited::Interrupted;
                    }
                }
                Err(_) => return Waited::Unknown,
            }
        }
    }

    /// The status of a program that the script waits for at once: traps run once it has ended.
    pub fn status_of(&mut self, program: u32) -> Ran<i32> {
        self.last_program = Some(program);
        match self.await_program(program, false) {
            Waited::Ended(ended) => {
                self.death = match ended {
                    Ended::Signalled(signal) => Some((program, signal)),
                    Ended::Exited(_) => None,
                };
                Ok(i32::from(ended.status()))
            }
            Waited::Interrupted => Err(Flow::Exit(self.ending_signal().map_or(127, |signal| 128 + signal))),
            Waited::Unknown => Err(Flow::Exit(127)),
        }
    }

    /// Takes in what has ended without waiting.
    pub fn reap(&mut self) {
        while let Ok(Some((number, ended))) = sys::wait(None, false) {
            self.jobs.ended.insert(number, ended);
        }
    }
}
