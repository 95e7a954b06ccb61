//! What a script is told of programs that signals ended.
//!
//! As bash does it without a terminal: with the line of what is around the command, nothing of an interruption or a
//! broken pipe, one word of a termination, and nothing at all within `$( )`. Does not know how programs are started.

use crate::shell::Shell;
use crate::syntax::ast::{Command, Simple};
use crate::syntax::print;
use userland_sys::Ended;

/// The signals of which little or nothing is said.
const INTERRUPT: u8 = 2;
const PIPE: u8 = 13;
const TERMINATE: u8 = 15;

/// What is said of a program that a signal ended.
pub fn death(signal: u8) -> String {
    let known = match signal {
        1 => "Hangup",
        2 => "Interrupt",
        3 => "Quit",
        4 => "Illegal instruction",
        5 => "Trace/breakpoint trap",
        6 => "Aborted",
        7 => "Bus error",
        8 => "Floating point exception",
        9 => "Killed",
        10 => "User defined signal 1",
        11 => "Segmentation fault",
        12 => "User defined signal 2",
        13 => "Broken pipe",
        14 => "Alarm clock",
        15 => "Terminated",
        _ => return format!("Unknown signal {signal}"),
    };
    known.to_owned()
}

/// How a program ended, as `jobs` says it.
pub fn shown(ended: Ended) -> String {
    match ended {
        Ended::Exited(0) => "Done".to_owned(),
        Ended::Exited(status) => format!("Exit {status}"),
        Ended::Signalled(signal) => death(signal),
    }
}

impl Shell {
    /// Whether a line is written of a program that this signal ended.
    fn tells(&self, signal: u8) -> bool {
        !self.state.substitutes
            && !matches!(signal, INTERRUPT | PIPE | TERMINATE)
            && !self.state.traps.contains_key(&signal)
    }

    /// Says that a signal ended the program of a command, and of jobs in the background that ended meanwhile.
    pub fn say_deaths(&mut self, simple: &Simple) {
        if let Some(death) = self.death.take() {
            self.say_death(death, simple);
        }
        if self.last_program.take().is_some() && !self.jobs.list.is_empty() {
            self.reap();
            self.say_jobs(self.state.outer_line);
        }
    }

    fn say_death(&mut self, (program, signal): (u32, u8), simple: &Simple) {
        if signal == TERMINATE && !self.state.substitutes && !self.state.traps.contains_key(&signal) {
            let _ = self.write(2, "Terminated\n");
        } else if self.tells(signal) {
            let text = print::command(&Command::Simple(simple.clone()));
            self.say_ended(self.state.outer_line, &[(program, Ended::Signalled(signal), text)]);
        }
    }

    /// Says how the programs of a pipeline ended, where the last was ended by a signal.
    pub fn say_pipe(&mut self, programs: &[(u32, Ended, &Command)]) {
        let signal = programs.iter().rev().find_map(|(_, ended, _)| match ended {
            Ended::Signalled(signal) => Some(*signal),
            Ended::Exited(_) if self.state.options.pipefail => None,
            Ended::Exited(_) => Some(INTERRUPT),
        });
        if signal.is_some_and(|signal| self.tells(signal)) {
            let shown: Vec<(u32, Ended, String)> =
                programs.iter().map(|(program, ended, command)| (*program, *ended, print::command(command))).collect();
            self.say_ended(self.state.outer_line, &shown);
        }
    }

    /// Says of jobs in the background which signals ended them.
    fn say_jobs(&mut self, line: u32) {
        let mut told = Vec::new();
        for job in &mut self.jobs.list {
            let ended = job.programs.last().and_then(|program| Some((*program, *self.jobs.ended.get(program)?)));
            if let Some((program, ended @ Ended::Signalled(_))) = ended
                && !std::mem::replace(&mut job.told, true)
            {
                told.push((program, ended, job.text.clone()));
            }
        }
        for one in told {
            self.say_job(line, one);
        }
    }

    /// Says it of one.
    pub fn say_job(&mut self, line: u32, one: (u32, Ended, String)) {
        if let Ended::Signalled(signal) = one.1
            && self.tells(signal)
        {
            self.say_ended(line, &[one]);
        }
    }

    fn say_ended(&mut self, line: u32, programs: &[(u32, Ended, String)]) {
        let mut text = format!("{}: line {}: ", self.state.label, line.max(1));
        for (at, (program, ended, command)) in programs.iter().enumerate() {
            let (lead, bar) = if at == 0 { ("", "") } else { ("     ", "| ") };
            // One that ended as the first did is not said to have.
            let same = at > 0 && programs.first().is_some_and(|(_, first, _)| first == ended);
            let (state, width) = if same { (String::new(), 22) } else { (shown(*ended), 24) };
            text.push_str(&format!("{lead}{program:>5} {state:<width$}{bar}{}\n", command.trim_end()));
        }
        let _ = self.write(2, &text);
    }
}
