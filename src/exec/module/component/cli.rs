//! `wasi:cli`: arguments, environment, exit, standard streams, and that none of them is a terminal.
//!
//! Knows the step's program. Does not know what streams do.

use super::streams::{Input, Output, input, output};
use super::wasi::cli;
use crate::exec::module::state::StepState;
use crate::model::outcome::Outcome;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream};

/// A terminal: there is none, so nobody ever holds one.
pub enum Terminal {}

impl cli::environment::Host for StepState {
    fn get_environment(&mut self) -> wasmtime::Result<Vec<(String, String)>> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (text.clone(), String::new()),
        };
        Ok(self.environment.iter().map(pair).collect())
    }

    fn get_arguments(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(self.arguments.clone())
    }

    fn initial_cwd(&mut self) -> wasmtime::Result<Option<String>> {
        let dir = self.environment.iter().find_map(|text| text.strip_prefix("PWD="));
        Ok(Some(dir.unwrap_or("/").to_owned()))
    }
}

impl cli::exit::Host for StepState {
    fn exit(&mut self, status: Result<(), ()>) -> wasmtime::Result<()> {
        self.exit_with_code(u8::from(status.is_err()))
    }

    fn exit_with_code(&mut self, code: u8) -> wasmtime::Result<()> {
        Err(self.ends(Outcome::Exited { code }.into()))
    }
}

impl cli::stdin::Host for StepState {
    fn get_stdin(&mut self) -> wasmtime::Result<Resource<DynInputStream>> {
        let standard = Input::standard(self);
        let made = input(&mut self.component.table, standard);
        made.map_err(|stop| self.ends(stop))
    }
}

impl cli::stdout::Host for StepState {
    fn get_stdout(&mut self) -> wasmtime::Result<Resource<DynOutputStream>> {
        let standard = Output::standard(self, 1);
        let made = output(&mut self.component.table, standard);
        made.map_err(|stop| self.ends(stop))
    }
}

impl cli::stderr::Host for StepState {
    fn get_stderr(&mut self) -> wasmtime::Result<Resource<DynOutputStream>> {
        let standard = Output::standard(self, 2);
        let made = output(&mut self.component.table, standard);
        made.map_err(|stop| self.ends(stop))
    }
}

impl cli::terminal_input::Host for StepState {}

impl cli::terminal_input::HostTerminalInput for StepState {
    fn drop(&mut self, terminal: Resource<Terminal>) -> wasmtime::Result<()> {
        let dropped = self.component.table.delete(terminal);
        dropped.map(|_| ()).map_err(|error| self.ends(error.into()))
    }
}

impl cli::terminal_output::Host for StepState {}

impl cli::terminal_output::HostTerminalOutput for StepState {
    fn drop(&mut self, terminal: Resource<Terminal>) -> wasmtime::Result<()> {
        let dropped = self.component.table.delete(terminal);
        dropped.map(|_| ()).map_err(|error| self.ends(error.into()))
    }
}

impl cli::terminal_stdin::Host for StepState {
    fn get_terminal_stdin(&mut self) -> wasmtime::Result<Option<Resource<Terminal>>> {
        Ok(None)
    }
}

impl cli::terminal_stdout::Host for StepState {
    fn get_terminal_stdout(&mut self) -> wasmtime::Result<Option<Resource<Terminal>>> {
        Ok(None)
    }
}

impl cli::terminal_stderr::Host for StepState {
    fn get_terminal_stderr(&mut self) -> wasmtime::Result<Option<Resource<Terminal>>> {
        Ok(None)
    }
}
