//! The commands that the shell does itself.
//!
//! Each takes its words, its own name first, and gives its status. Those of POSIX's special ones are named apart, as
//! assignments before them stay and their errors end a POSIX shell.

use crate::run::Ran;
use crate::shell::Shell;
use crate::vars::Text;

mod complete;
mod control;
mod declare;
mod directory;
mod jobs;
mod print;
mod read;
mod set;
mod test;
mod trap;
mod types;

pub use declare::shown_assignment;

/// A builtin: its words with its name, and its status.
pub type Builtin = fn(&mut Shell, &[Text]) -> Ran<i32>;

/// All of them, sorted by name.
pub const ALL: &[(&str, Builtin)] = &[
    (".", control::source),
    (":", control::colon),
    ("[", test::bracket),
    ("alias", types::alias),
    ("bg", jobs::no_terminal),
    ("bind", jobs::no_terminal),
    ("break", control::break_),
    ("builtin", types::builtin),
    ("caller", control::caller),
    ("cd", directory::cd),
    ("command", types::command),
    ("compgen", complete::compgen),
    ("complete", complete::complete),
    ("compopt", complete::compopt),
    ("continue", control::continue_),
    ("declare", declare::declare),
    ("dirs", directory::dirs),
    ("disown", jobs::disown),
    ("echo", print::echo),
    ("enable", types::enable),
    ("eval", control::eval),
    ("exec", control::exec),
    ("exit", control::exit),
    ("export", declare::export),
    ("false", control::false_),
    ("fc", jobs::no_terminal),
    ("fg", jobs::no_terminal),
    ("getopts", read::getopts),
    ("hash", types::hash),
    ("help", types::help),
    ("history", jobs::no_terminal),
    ("jobs", jobs::jobs),
    ("kill", jobs::kill),
    ("let", control::let_),
    ("local", declare::local),
    ("logout", control::logout),
    ("mapfile", read::mapfile),
    ("popd", directory::popd),
    ("printf", print::printf),
    ("pushd", directory::pushd),
    ("pwd", directory::pwd),
    ("read", read::read),
    ("readarray", read::mapfile),
    ("readonly", declare::readonly),
    ("return", control::return_),
    ("set", set::set),
    ("shift", set::shift),
    ("shopt", set::shopt),
    ("source", control::source),
    ("suspend", jobs::no_terminal),
    ("test", test::test),
    ("times", jobs::times),
    ("trap", trap::trap),
    ("true", control::true_),
    ("type", types::type_),
    ("typeset", declare::declare),
    ("ulimit", set::ulimit),
    ("umask", set::umask),
    ("unalias", types::unalias),
    ("unset", declare::unset),
    ("wait", jobs::wait),
];

/// POSIX's special builtins.
const SPECIAL: [&str; 16] = [
    ".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "source",
    "times", "trap", "unset",
];

/// Whether a name is one of POSIX's special builtins.
#[must_use]
pub fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}

/// The builtin of a name, whether it is enabled or not.
#[must_use]
pub fn find(name: &str) -> Option<Builtin> {
    ALL.binary_search_by(|(known, _)| (*known).cmp(name)).ok().and_then(|at| ALL.get(at)).map(|(_, builtin)| *builtin)
}

impl Shell {
    /// Prints on standard output; a status of 1 and a message where that fails.
    pub fn put_out(&mut self, name: &str, text: &str) -> Ran<i32> {
        match self.write(1, text) {
            Ok(()) => Ok(0),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                // Elsewhere the signal ends the shell.
                Err(crate::run::Flow::Exit(141))
            }
            Err(error) => {
                let why = crate::run::reason(&error);
                self.complain(&format!("{name}: write error: {why}"));
                Ok(1)
            }
        }
    }

    /// Says that a builtin could not do what it was to.
    pub fn failed_builtin(&mut self, name: &str, message: &str) -> Ran<i32> {
        self.complain(&format!("{name}: {message}"));
        Ok(1)
    }

    /// Says that a builtin was used wrongly.
    pub fn misused(&mut self, name: &str, message: &str) -> Ran<i32> {
        self.complain(&format!("{name}: {message}"));
        self.is_grave = true;
        Ok(2)
    }
}
