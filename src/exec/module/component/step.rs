//! `stepwell:step` for components.
//!
//! Knows WIT's types. Does not know what the functions do: that is [`crate::exec::module::world`]'s.

use super::stepwell::step::{log, modes, params, progress, results};
use crate::exec::module::fs::errno::Stop;
use crate::exec::module::state::StepState;
use crate::exec::module::world::{Level, ModeRefusal, ResultRefusal};
use crate::model::value::ParamValue;

fn value(of: &ParamValue) -> params::Value {
    match of {
        ParamValue::String(text) => params::Value::Text(text.clone()),
        ParamValue::Array(items) => params::Value::Items(items.clone()),
        ParamValue::Object(fields) => {
            params::Value::Fields(fields.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
        }
    }
}

impl StepState {
    pub(super) fn answered<T>(&mut self, answer: Result<T, Stop>) -> wasmtime::Result<T> {
        answer.map_err(|stop| self.ends(stop))
    }
}

impl params::Host for StepState {
    fn names(&mut self) -> wasmtime::Result<Vec<String>> {
        self.asks_params();
        Ok(self.task.params.keys().cloned().collect())
    }

    fn get(&mut self, name: String) -> wasmtime::Result<Option<params::Value>> {
        self.asks_params();
        Ok(self.task.params.get(&name).map(value))
    }
}

impl results::Host for StepState {
    fn set(&mut self, name: String, value: params::Value) -> wasmtime::Result<Result<(), results::Refusal>> {
        let value = match value {
            params::Value::Text(text) => ParamValue::String(text),
            params::Value::Items(items) => ParamValue::Array(items),
            params::Value::Fields(fields) => ParamValue::Object(fields.into_iter().collect()),
        };
        let answer = self.set_result(&name, &value);
        let answer = self.answered(answer)?;
        Ok(answer.map_err(|refusal| match refusal {
            ResultRefusal::NotDeclared => results::Refusal::NotDeclared,
            ResultRefusal::WrongType => results::Refusal::WrongType,
            ResultRefusal::TooLarge => results::Refusal::TooLarge,
            ResultRefusal::WrittenAlready => results::Refusal::WrittenAlready,
            ResultRefusal::Failed => results::Refusal::Failed,
        }))
    }
}

impl log::Host for StepState {
    fn write(&mut self, level: log::Level, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Trace => Level::Trace,
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        let written = self.log_line(level, &message, &fields);
        self.answered(written)
    }
}

impl progress::Host for StepState {
    fn report(&mut self, what: String, done: Option<u64>, total: Option<u64>) -> wasmtime::Result<()> {
        StepState::report(self, &what, done, total);
        Ok(())
    }
}

pub(super) fn refusal(of: ModeRefusal) -> modes::Refusal {
    match of {
        ModeRefusal::NoEntry => modes::Refusal::NoEntry,
        ModeRefusal::NotDirectory => modes::Refusal::NotDirectory,
        ModeRefusal::Loop => modes::Refusal::Loop,
        ModeRefusal::NameTooLong => modes::Refusal::NameTooLong,
        ModeRefusal::NotPermitted => modes::Refusal::NotPermitted,
        ModeRefusal::ReadOnly => modes::Refusal::ReadOnly,
        ModeRefusal::Invalid => modes::Refusal::Invalid,
        ModeRefusal::Io => modes::Refusal::Io,
    }
}

impl modes::Host for StepState {
    fn get_mode(&mut self, path: String, follow: bool) -> wasmtime::Result<Result<u32, modes::Refusal>> {
        Ok(self.mode(&path, follow).map_err(refusal))
    }

    fn set_mode(&mut self, path: String, follow: bool, mode: u32) -> wasmtime::Result<Result<(), modes::Refusal>> {
        let answer = StepState::set_mode(self, &path, follow, mode);
        let answer = self.answered(answer)?;
        Ok(answer.map_err(refusal))
    }
}
