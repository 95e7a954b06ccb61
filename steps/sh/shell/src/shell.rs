//! The shell itself: its state, its handles, and what it says when something is wrong.

use crate::arith::Expr;
use crate::bytes;
use crate::fds::Fds;
use crate::jobs::Jobs;
use crate::run::{Flow, Ran};
use crate::state::State;
use crate::syntax::Settings;
use crate::vars::Text;
use rustc_hash::FxHashMap;
use std::io;
use std::rc::Rc;

/// What the program around this crate can do.
#[derive(Clone, Copy)]
pub struct Tools {
    /// Whether there is a tool of this name.
    pub has: fn(&str) -> bool,
    /// The names of all tools, sorted.
    pub names: fn() -> Vec<&'static str>,
}

/// A shell.
pub struct Shell {
    pub state: State,
    pub fds: Fds,
    pub tools: Tools,
    pub jobs: Jobs,
    /// The statuses of programs that were waited for by number: they can be asked for again.
    pub waited: std::collections::BTreeMap<u32, i32>,
    /// The names of modules that can be started, once they were asked for.
    pub commands: Option<Rc<Vec<String>>>,
    /// What programs are given as their environment; none where a variable changed since.
    pub environment: Option<Rc<Vec<String>>>,
    pub expressions: FxHashMap<Text, Rc<Expr>>,
    /// The command whose expression is worked out, for messages: `((`, `let`.
    pub arith_command: Option<Text>,
    pub arith_depth: u32,
    /// How deep functions, sourced files and substitutions are within each other.
    pub depth: u32,
    /// The status of the last command substitution of the command that is being expanded.
    pub substituted: Option<i32>,
    /// Handles of process substitutions that the command under way uses.
    pub held: Vec<crate::fds::Handle>,
    /// Signals that came and whose traps have not run.
    pub pending_signals: u64,
    /// The program that was waited for last, where a signal ended it, and the signal.
    pub death: Option<(u32, u8)>,
    /// The program that was waited for last.
    pub last_program: Option<u32>,
    /// Whether the next simple command is the last of a pipeline.
    pub in_pipe: bool,
    /// Whether a trap's own commands run.
    pub in_trap: bool,
    /// Whether that is of a signal's or the shell's end, too: they leave `BASH_COMMAND` as it was.
    pub answers_trap: bool,
    /// The command that runs, where a trap may ask: `BASH_COMMAND`.
    pub command: Text,
    /// How many substitutions, sourced files and texts of `eval` this is within: `set -x` shows it.
    pub nesting: u32,
    /// A builtin was used so wrongly that a POSIX shell ends, if it is a special one.
    pub is_grave: bool,
    /// Signals that the shell around this sub-shell has traps for, in the same process.
    pub outer_trapped: u64,
    /// The numbers of the sub-shells that this process is within, made up, as scripts tell them apart.
    pub subshells: Vec<u32>,
    /// How many numbers were made up.
    pub made_up: u32,
    /// Whether a shell around this sub-shell, in the same process, has something to do before a signal ends it.
    pub outer_leaves: bool,
    /// `exec` without a command: its redirections stay.
    pub keeps_handles: bool,
    /// Handles of co-processes, which nobody else gets.
    pub own_handles: Vec<u32>,
    /// Handles of the command under way that outlast it: `{name}>file`.
    pub lasting: Vec<u32>,
    /// `set` gave the positional parameters, which a sourced file that was given its own then leaves so.
    pub gave_positional: bool,
    /// `exec` runs a command in the shell's place.
    pub replaces: bool,
    /// What `exec -a` calls the command.
    pub exec_name: Option<Text>,
    /// Array values of a declaring builtin's arguments, by the argument's place.
    pub pending_arrays: Vec<(usize, crate::syntax::ast::Assign)>,
    /// The working directory as the shell knows it, links and all.
    pub directory: Text,
}

/// Functions, compound commands and substitutions within each other: as deep as the stack carries. In the sandbox one
/// takes up to 1.9 KiB of the module's 6 MiB.
pub const DEEPEST: u32 = 3000;

impl Shell {
    /// A shell with this state, in the directory where the program is.
    #[must_use]
    pub fn new(state: State, fds: Fds, tools: Tools) -> Self {
        let directory = std::env::current_dir().ok().and_then(|path| path.into_os_string().into_string().ok());
        Self {
            state,
            fds,
            tools,
            jobs: Jobs::default(),
            waited: std::collections::BTreeMap::new(),
            commands: None,
            environment: None,
            expressions: FxHashMap::default(),
            arith_command: None,
            arith_depth: 0,
            depth: 0,
            substituted: None,
            held: Vec::new(),
            pending_signals: 0,
            death: None,
            last_program: None,
            in_pipe: false,
            in_trap: false,
            answers_trap: false,
            command: "".into(),
            nesting: 0,
            is_grave: false,
            outer_trapped: 0,
            outer_leaves: false,
            subshells: Vec::new(),
            made_up: 0,
            keeps_handles: false,
            own_handles: Vec::new(),
            lasting: Vec::new(),
            gave_positional: false,
            replaces: false,
            exec_name: None,
            pending_arrays: Vec::new(),
            directory: directory.unwrap_or_else(|| "/".into()).into(),
        }
    }

    /// Writes to one of the script's handles.
    pub fn write(&self, fd: u32, text: &str) -> io::Result<()> {
        self.fds.write(fd, &bytes::encode(text))
    }

    /// Says what is wrong, with the place.
    pub fn complain(&mut self, message: &str) {
        let line = self.state.line;
        let text = match line {
            0 => format!("{}: {message}\n", self.state.label),
            line => format!("{}: line {line}: {message}\n", self.state.label),
        };
        // Who closed standard error hears nothing.
        let _ = self.write(2, &text);
    }

    /// Ends the shell where a variable is used that is not set, under `set -u`.
    pub fn unbound(&mut self, name: &str) -> Flow {
        self.complain(&format!("{name}: unbound variable"));
        Flow::Exit(self.expansion_status())
    }

    /// The status of a shell that an expansion ended.
    #[must_use]
    pub fn expansion_status(&self) -> i32 {
        if self.state.flags.contains('c') { 127 } else { 1 }
    }

    /// One level deeper, or the end of it.
    pub fn deeper(&mut self) -> Ran<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.depth -= 1;
            self.complain("maximum nesting level exceeded");
            return Err(Flow::Exit(1));
        }
        Ok(())
    }

    /// How scripts are read now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let expands = self.state.options.posix || self.state.shopts.expand_aliases;
        Settings {
            extglob: self.state.shopts.extglob,
            posix: self.state.options.posix,
            aliases: (expands && !self.state.aliases.is_empty()).then(|| self.state.aliases.clone()),
            source: self.state.source.clone(),
        }
    }

    /// Whether a module of this name was granted.
    pub fn is_command(&mut self, name: &str) -> bool {
        let commands = self.commands.get_or_insert_with(|| Rc::new(userland_sys::commands()));
        commands.iter().any(|command| command == name)
    }

    /// What programs are given as their environment.
    pub fn environment(&mut self) -> Rc<Vec<String>> {
        if let Some(known) = &self.environment {
            return known.clone();
        }
        let mut all: Vec<String> = self.state.foreign.iter().cloned().collect();
        for (name, var) in self.state.vars.iter().filter(|(_, var)| var.has(crate::vars::EXPORT)) {
            if let Some(text) = var.scalar() {
                all.push(format!("{name}={text}"));
            }
        }
        all.extend(self.exported_functions());
        all.sort_unstable();
        let all = Rc::new(all);
        self.environment = Some(all.clone());
        all
    }

    /// `BASHPID`.
    #[must_use]
    pub fn own_number(&self) -> u32 {
        self.subshells.last().copied().unwrap_or_else(userland_sys::own_number)
    }

    /// Positional parameter N, from 1.
    #[must_use]
    pub fn positional(&self, number: usize) -> Option<&Text> {
        self.state.positional.get(number.checked_sub(1)?)
    }
}
