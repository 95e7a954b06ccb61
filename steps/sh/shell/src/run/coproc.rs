//! `coproc`: a command beside the shell that it writes to and reads from.
//!
//! Its handles have high numbers, and are nobody's but this shell's: not its sub-shells' in other instances, nor its
//! programs'. Does not know how instances are started.

use super::Ran;
use super::beside::Part;
use crate::shell::Shell;
use crate::syntax::ast::Command;
use crate::syntax::print;
use crate::vars::Text;
use std::rc::Rc;
use userland_sys::Fd;

/// The highest number that a handle of a co-process gets.
const HIGHEST: Fd = 63;

impl Shell {
    /// Starts a co-process and tells the script its handles in an array.
    pub fn run_coproc(&mut self, name: &str, command: &Rc<Command>) -> Ran<()> {
        let (Ok((read, its_output)), Ok((its_input, write))) = (crate::fds::pipe(), crate::fds::pipe()) else {
            self.complain("coproc: cannot make a pipe");
            self.state.status = 1;
            return Ok(());
        };
        let outside = self.fds.clone();
        self.fds.0.extend([(0, its_input), (1, its_output)]);
        let started = self.start_part(&Part::Command(command.clone()));
        self.fds = outside;
        let number = match started? {
            Ok(started) => started.number,
            Err(status) => {
                self.state.status = status;
                return Ok(());
            }
        };
        let mut numbers: Vec<Text> = Vec::new();
        for handle in [read, write] {
            let free = (10..=HIGHEST).rev().find(|fd| self.fds.get(*fd).is_none()).unwrap_or(HIGHEST);
            self.fds.0.insert(free, handle);
            self.own_handles.push(free);
            numbers.push(free.to_string().into());
        }
        self.set_array(name, numbers)?;
        self.assign_text(&format!("{name}_PID"), &number.to_string())?;
        self.state.background = Some(number);
        self.jobs.add(vec![number], format!("coproc {name} {}", print::command(command).trim_end()));
        self.state.status = 0;
        Ok(())
    }
}
