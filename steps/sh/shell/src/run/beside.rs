//! What would be a fork that its parent does not wait for: another instance of this program is handed the state and goes
//! on with a part of the script.

use super::external::{Started, start_reason};
use super::{Flow, Ran};
use crate::fds::{Fds, Handle};
use crate::shell::{Shell, Tools};
use crate::state::State;
use crate::syntax::ast::{Chain, Command, List};
use crate::vars::Text;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use userland_sys::{self as sys, Fd, Start};

/// A part of a script.
#[derive(Debug, Serialize, Deserialize)]
pub enum Part {
    Command(Rc<Command>),
    Chain(Rc<Chain>),
    List(Rc<List>),
}

/// All that the other instance needs.
#[derive(Serialize, Deserialize)]
struct Handed<'a> {
    state: std::borrow::Cow<'a, State>,
    part: std::borrow::Cow<'a, Part>,
    /// The script's handles from 3 on.
    handles: Vec<Fd>,
    directory: Text,
    nesting: u32,
    /// What was started before: the part may name it, and not wait for it.
    jobs: std::borrow::Cow<'a, [crate::jobs::Job]>,
}

impl Clone for Part {
    fn clone(&self) -> Self {
        match self {
            Self::Command(command) => Self::Command(command.clone()),
            Self::Chain(chain) => Self::Chain(chain.clone()),
            Self::List(list) => Self::List(list.clone()),
        }
    }
}

/// The word that makes the program go on for another, and the handle that it reads the state from.
pub const RESUME: &str = "--resume";
const STATE: Fd = 99;

impl Shell {
    /// Starts another instance that goes on with a part of the script, with the handles of this moment.
    pub fn start_part(&mut self, part: &Part) -> Ran<Result<Started, i32>> {
        let (mut handles, pumps, kept) = self.handles_for_child()?;
        let high = self.high_handles();
        let handed = Handed {
            state: std::borrow::Cow::Borrowed(&self.state),
            part: std::borrow::Cow::Borrowed(part),
            handles: high,
            directory: self.directory.clone(),
            nesting: self.nesting,
            jobs: std::borrow::Cow::Borrowed(&self.jobs.list),
        };
        let Ok(bytes) = postcard::to_allocvec(&handed) else { return Err(Flow::Exit(254)) };
        let Ok((read, write)) = crate::fds::pipe() else { return Err(Flow::Exit(254)) };
        handles.push((STATE, read.real().unwrap_or_default()));
        let arguments = ["sh".to_owned(), RESUME.to_owned()];
        let start = Start {
            program: None,
            arguments: &arguments,
            environment: &[],
            directory: &self.directory,
            mask: self.state.umask,
            handles: &handles,
        };
        let started = sys::start(&start);
        drop((kept, read));
        match started {
            Ok(number) => {
                // Where it ended before it read all, its status says so.
                let _ = write.write(&bytes);
                Ok(Ok(Started { number, pumps }))
            }
            Err(error) => {
                self.complain(&start_reason(&error));
                Ok(Err(254))
            }
        }
    }
}

/// Goes on for another instance; gives the status.
pub fn resume(tools: Tools) -> i32 {
    let mut bytes = Vec::new();
    if Handle::own(STATE).read_to_end(&mut bytes).is_err() {
        return 254;
    }
    let Ok(handed) = postcard::from_bytes::<Handed<'_>>(&bytes) else { return 254 };
    let mut fds = Fds::standard();
    fds.0.extend(handed.handles.iter().map(|fd| (*fd, Handle::own(fd + sys::given::SHIFT))));
    let mut shell = Shell::new(handed.state.into_owned(), fds, tools);
    shell.directory = handed.directory;
    shell.nesting = handed.nesting;
    shell.jobs.list = handed.jobs.into_owned();
    shell.enter_subshell();
    shell.disinherit();
    shell.traps_changed();
    let part = handed.part.into_owned();
    let ran = match &part {
        Part::Command(command) => shell.run_command(command),
        Part::Chain(chain) => shell.run_chain(chain),
        Part::List(list) => shell.run_list(list),
    };
    shell.leave(ran)
}
