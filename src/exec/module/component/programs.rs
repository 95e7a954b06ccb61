//! `processes` and `fifos` for components. Handles with numbers are core modules' own, so that a component starts no
//! other program.
//!
//! Knows WIT's types. Does not know what the functions do for those who may call them.

use super::step::refusal;
use super::stepwell::step::{fifos, modes, processes};
use crate::exec::module::state::StepState;
use processes::Refusal::NotSupported;

type Answer<T> = wasmtime::Result<Result<T, processes::Refusal>>;

impl processes::Host for StepState {
    fn pipe(&mut self) -> Answer<(u32, u32)> {
        Ok(Err(NotSupported))
    }

    fn duplicate(&mut self, _handle: u32, _least: u32) -> Answer<u32> {
        Ok(Err(NotSupported))
    }

    fn replace(&mut self, _handle: u32, _number: u32) -> Answer<()> {
        Ok(Err(NotSupported))
    }

    fn start(
        &mut self,
        _program: Option<String>,
        _arguments: Vec<String>,
        _environment: Vec<String>,
        _directory: String,
        _handles: Vec<(u32, u32)>,
    ) -> Answer<u32> {
        Ok(Err(NotSupported))
    }

    fn wait(&mut self, _child: Option<u32>, _block: bool) -> Answer<Option<(u32, processes::Ended)>> {
        Ok(Err(NotSupported))
    }

    fn kill(&mut self, _child: u32, _signal: u8) -> Answer<()> {
        Ok(Err(NotSupported))
    }

    fn catch(&mut self, _caught: u64, _ignored: u64) -> wasmtime::Result<()> {
        Ok(())
    }

    fn caught(&mut self) -> wasmtime::Result<u64> {
        Ok(0)
    }

    fn commands(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(StepState::commands(self))
    }

    fn self_number(&mut self) -> wasmtime::Result<u32> {
        Ok(self.own_number())
    }
}

impl fifos::Host for StepState {
    fn make(&mut self, path: String, mode: u32) -> wasmtime::Result<Result<(), modes::Refusal>> {
        let answer = self.make_fifo(&path, mode);
        let answer = self.answered(answer)?;
        Ok(answer.map_err(refusal))
    }

    fn is(&mut self, path: String, follow: bool) -> wasmtime::Result<Result<bool, modes::Refusal>> {
        Ok(self.is_fifo(&path, follow).map_err(refusal))
    }
}
