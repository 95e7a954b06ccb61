//! `stepwell:step` for core modules: the functions of the world by their canonical core signatures, as bindings
//! for wasm32-wasip1 import them.
//!
//! Knows the canonical ABI's layouts of this world's types, and that a module gives memory for what it is handed by
//! its `cabi_realloc`. Does not know what the functions do: that is [`super::world`]'s.

mod processes;

use super::fs::errno::Stop;
use super::limiter::Kept;
use super::preview1::memory::GuestMemory;
use super::state::StepState;
use super::world::Level;
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::value::ParamValue;
use std::collections::BTreeMap;
use wasmtime::{Caller, Extern, Linker};

/// The interfaces, with what each has.
pub const FUNCTIONS: [(&str, &[&str]); 7] = [
    ("stepwell:step/params@0.1.0", &["names", "get"]),
    ("stepwell:step/results@0.1.0", &["set"]),
    ("stepwell:step/log@0.1.0", &["write"]),
    ("stepwell:step/progress@0.1.0", &["report"]),
    ("stepwell:step/modes@0.1.0", &["get-mode", "set-mode"]),
    (
        "stepwell:step/processes@0.1.0",
        &["pipe", "duplicate", "replace", "start", "wait", "kill", "catch", "caught", "commands", "self-number"],
    ),
    ("stepwell:step/fifos@0.1.0", &["make", "is"]),
];

/// Most bytes in the strings of one call.
const LARGEST_CALL: usize = 16 << 20;

/// Most strings in one call.
const MOST_STRINGS: u32 = 1 << 16;

/// Whether a core module may import this.
#[must_use]
pub fn has(module: &str, name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, functions)| *known == module && functions.contains(&name))
}

/// A guest that does not keep to the ABI has trapped.
fn broken(what: &str) -> Stop {
    Outcome::Trapped { message: format!("{what}, in a call of `stepwell:step`"), backtrace: Vec::new() }.into()
}

type Answer<T> = Result<T, Stop>;

/// How much of what a guest hands over is copied, in bytes, before it counts as memory of the step.
const UNCOUNTED: usize = 64 << 10;

/// A guest that calls, and what is kept of what it handed over until the call is done.
struct Guest<'c>(Caller<'c, StepState>, Vec<Kept>);

/// A string or list in the guest's memory: address and length.
type Slice = (u32, u32);

impl Guest<'_> {
    fn memory(&mut self) -> Answer<GuestMemory<'_>> {
        let memory = self.0.get_export("memory").and_then(Extern::into_memory);
        let memory = memory.ok_or_else(|| broken("the module exports no memory"))?;
        Ok(GuestMemory::new(memory.data_mut(&mut self.0)))
    }

    /// Counts what is copied as memory of the step: many programs may call at once, and a list may name the same bytes
    /// again and again.
    fn keep(&mut self, bytes: usize) -> Answer<()> {
        let step = self.0.data();
        let Some(kept) = step.limiter.keep(bytes) else {
            let value = step.fs.usage.limits().memory;
            return Err(Outcome::LimitMet { limit: LimitKind::Memory, value }.into());
        };
        self.1.push(kept);
        Ok(())
    }

    fn text(&mut self, slice: Slice) -> Answer<String> {
        if slice.1 as usize > LARGEST_CALL {
            return Err(broken("the guest handed over a string that is too long"));
        }
        if slice.1 as usize > UNCOUNTED {
            self.keep(slice.1 as usize)?;
        }
        self.copied(slice)
    }

    fn copied(&mut self, (at, length): Slice) -> Answer<String> {
        let memory = self.memory()?;
        let bytes = memory.bytes((at, length)).map_err(|_| broken("the guest named what is not in its memory"))?;
        let text = std::str::from_utf8(bytes).map_err(|_| broken("the guest handed over what is not UTF-8"))?;
        Ok(text.to_owned())
    }

    /// A list of strings: `per` of them in each element.
    fn texts(&mut self, slice: Slice, per: u32) -> Answer<Vec<String>> {
        let texts = self.texts_within(slice, per, &mut LARGEST_CALL.clone())?;
        texts.ok_or_else(|| broken("the guest handed over too many strings, or too long ones"))
    }

    /// As [`Self::texts`], with no more bytes than there is room: none where there are more, which are not read.
    fn texts_within(&mut self, (at, count): Slice, per: u32, room: &mut usize) -> Answer<Option<Vec<String>>> {
        let Some(count) = count.checked_mul(per).filter(|count| *count <= MOST_STRINGS) else { return Ok(None) };
        let mut texts = Vec::with_capacity(count as usize);
        let mut uncounted = 0;
        for index in 0..count {
            let outside = |_| broken("the guest named what is not in its memory");
            let place = at.checked_add(index * 8).ok_or_else(|| broken("the guest's list has no end"))?;
            let second = place.checked_add(4).ok_or_else(|| broken("the guest's list has no end"))?;
            let memory = self.memory()?;
            let slice = (memory.u32(place).map_err(outside)?, memory.u32(second).map_err(outside)?);
            let Some(left) = room.checked_sub(slice.1 as usize) else { return Ok(None) };
            *room = left;
            uncounted += size_of::<String>() + slice.1 as usize;
            if uncounted > UNCOUNTED {
                self.keep(std::mem::take(&mut uncounted))?;
            }
            texts.push(self.copied(slice)?);
        }
        Ok(Some(texts))
    }

    fn pairs(&mut self, slice: Slice) -> Answer<Vec<(String, String)>> {
        let mut texts = self.texts(slice, 2)?.into_iter();
        let mut pairs = Vec::new();
        while let (Some(key), Some(value)) = (texts.next(), texts.next()) {
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    /// Memory of the guest's own, which it will free.
    fn room(&mut self, align: u32, size: u32) -> Answer<u32> {
        if size == 0 {
            return Ok(align);
        }
        let give = self.0.get_export("cabi_realloc").and_then(Extern::into_func);
        let give = give.ok_or_else(|| broken("the module exports no `cabi_realloc`"))?;
        let give = give
            .typed::<(u32, u32, u32, u32), u32>(&self.0)
            .map_err(|_| broken("the module's `cabi_realloc` is another function"))?;
        let at = give.call(&mut self.0, (0, 0, align, size));
        let at = at.map_err(|error| match self.0.data_mut().ended.take() {
            Some(outcome) => outcome.into(),
            None => broken(&super::quote::quoted(&format_args!("{error:#}"), super::quote::LONGEST_MESSAGE)),
        })?;
        if at % align != 0 {
            return Err(broken("the module's `cabi_realloc` gave an address that is not aligned"));
        }
        Ok(at)
    }

    fn put(&mut self, at: u32, bytes: &[u8]) -> Answer<()> {
        self.memory()?.put(at, bytes).map_err(|_| broken("the guest gave memory that it does not have"))
    }

    fn put_text(&mut self, text: &str) -> Answer<Slice> {
        let length = u32::try_from(text.len()).map_err(|_| broken("a string has no room in the guest"))?;
        let at = self.room(1, length)?;
        self.put(at, text.as_bytes())?;
        Ok((at, length))
    }

    /// A list of strings, `per` of them in each element.
    fn put_texts(&mut self, texts: &[&str], per: u32) -> Answer<Slice> {
        let count = u32::try_from(texts.len()).map_err(|_| broken("a list has no room in the guest"))?;
        let list = self.room(4, count.saturating_mul(8))?;
        let mut words = Vec::with_capacity(texts.len() * 8);
        for text in texts {
            let (at, length) = self.put_text(text)?;
            words.extend(at.to_le_bytes());
            words.extend(length.to_le_bytes());
        }
        self.put(list, &words)?;
        Ok((list, count / per))
    }

    fn put_slice(&mut self, at: u32, (address, length): Slice) -> Answer<()> {
        self.put(at, &[address.to_le_bytes(), length.to_le_bytes()].concat())
    }
}

fn names(guest: &mut Guest<'_>, result: u32) -> Answer<()> {
    guest.0.data().asks_params();
    let params = guest.0.data().task.params.clone();
    let names: Vec<&str> = params.keys().map(String::as_str).collect();
    let list = guest.put_texts(&names, 1)?;
    guest.put_slice(result, list)
}

/// `option<value>`: 0 or 1, then from byte 4 the value's case, and from byte 8 a string or list.
fn get(guest: &mut Guest<'_>, name: Slice, result: u32) -> Answer<()> {
    let name = guest.text(name)?;
    guest.0.data().asks_params();
    let params = guest.0.data().task.params.clone();
    let Some(value) = params.get(&name) else {
        return guest.put(result, &[0]);
    };
    let (case, slice) = match value {
        ParamValue::String(text) => (0u8, guest.put_text(text)?),
        ParamValue::Array(items) => (1, guest.put_texts(&items.iter().map(String::as_str).collect::<Vec<_>>(), 1)?),
        ParamValue::Object(fields) => {
            let texts: Vec<&str> = fields.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]).collect();
            (2, guest.put_texts(&texts, 2)?)
        }
    };
    let past = |offset: u32| result.checked_add(offset).ok_or_else(|| broken("the guest's answer has no room"));
    guest.put(result, &[1])?;
    guest.put(past(4)?, &[case])?;
    guest.put_slice(past(8)?, slice)
}

fn set(guest: &mut Guest<'_>, name: Slice, case: u32, slice: Slice, result: u32) -> Answer<()> {
    let name = guest.text(name)?;
    let value = match case {
        0 => ParamValue::String(guest.text(slice)?),
        1 => ParamValue::Array(guest.texts(slice, 1)?),
        2 => ParamValue::Object(guest.pairs(slice)?.into_iter().collect::<BTreeMap<_, _>>()),
        _ => return Err(broken("a value has no such case")),
    };
    match guest.0.data_mut().set_result(&name, &value)? {
        Ok(()) => guest.put(result, &[0, 0]),
        Err(refusal) => guest.put(result, &[1, refusal as u8]),
    }
}

fn write(guest: &mut Guest<'_>, level: u32, message: Slice, fields: Slice) -> Answer<()> {
    let level = Level::ALL.get(level as usize).copied().ok_or_else(|| broken("a level has no such case"))?;
    let message = guest.text(message)?;
    let fields = guest.pairs(fields)?;
    guest.0.data_mut().log_line(level, &message, &fields)
}

fn report(guest: &mut Guest<'_>, what: Slice, done: (u32, u64), total: (u32, u64)) -> Answer<()> {
    let what = guest.text(what)?;
    let some = |(is, value): (u32, u64)| match is {
        0 => Ok(None),
        1 => Ok(Some(value)),
        _ => Err(broken("an option has no such case")),
    };
    guest.0.data().report(&what, some(done)?, some(total)?);
    Ok(())
}

fn flag(value: u32) -> Answer<bool> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(broken("a bool has no such case")),
    }
}

/// `result<u32, refusal>`: 0 or 1, then from byte 4 the mode or the refusal.
fn get_mode(guest: &mut Guest<'_>, path: Slice, follow: u32, result: u32) -> Answer<()> {
    let path = guest.text(path)?;
    let second = result.checked_add(4).ok_or_else(|| broken("the guest's answer has no room"))?;
    match guest.0.data().mode(&path, flag(follow)?) {
        Ok(mode) => {
            guest.put(result, &[0])?;
            guest.put(second, &mode.to_le_bytes())
        }
        Err(refusal) => {
            guest.put(result, &[1])?;
            guest.put(second, &[refusal as u8])
        }
    }
}

fn set_mode(guest: &mut Guest<'_>, path: Slice, follow: u32, mode: u32, result: u32) -> Answer<()> {
    let path = guest.text(path)?;
    match guest.0.data_mut().set_mode(&path, flag(follow)?, mode)? {
        Ok(()) => guest.put(result, &[0, 0]),
        Err(refusal) => guest.put(result, &[1, refusal as u8]),
    }
}

/// Does a call, and turns its end into the step's.
fn enter(caller: Caller<'_, StepState>, call: impl FnOnce(&mut Guest<'_>) -> Answer<()>) -> wasmtime::Result<()> {
    let mut guest = Guest(caller, Vec::new());
    call(&mut guest).map_err(|stop| guest.0.data_mut().ends(stop))
}

/// Adds all functions to a linker.
pub fn add_to_linker(linker: &mut Linker<StepState>) -> wasmtime::Result<()> {
    let [(params, _), (results, _), (log, _), (progress, _), (modes, _), (processes, _), (fifos, _)] = FUNCTIONS;
    processes::add_to_linker(linker, processes, fifos)?;
    linker.func_wrap(params, "names", |c: Caller<'_, StepState>, to: u32| enter(c, |g| names(g, to)))?;
    linker.func_wrap(params, "get", |c: Caller<'_, StepState>, at: u32, length: u32, to: u32| {
        enter(c, |g| get(g, (at, length), to))
    })?;
    linker.func_wrap(
        results,
        "set",
        |c: Caller<'_, StepState>, at: u32, length: u32, case: u32, value: u32, size: u32, to: u32| {
            enter(c, |g| set(g, (at, length), case, (value, size), to))
        },
    )?;
    linker.func_wrap(
        log,
        "write",
        |c: Caller<'_, StepState>, level: u32, at: u32, length: u32, fields: u32, count: u32| {
            enter(c, |g| write(g, level, (at, length), (fields, count)))
        },
    )?;
    linker.func_wrap(
        progress,
        "report",
        |c: Caller<'_, StepState>, at: u32, length: u32, is_done: u32, done: u64, is_total: u32, total: u64| {
            enter(c, |g| report(g, (at, length), (is_done, done), (is_total, total)))
        },
    )?;
    linker.func_wrap(modes, "get-mode", |c: Caller<'_, StepState>, at: u32, length: u32, follow: u32, to: u32| {
        enter(c, |g| get_mode(g, (at, length), follow, to))
    })?;
    linker.func_wrap(
        modes,
        "set-mode",
        |c: Caller<'_, StepState>, at: u32, length: u32, follow: u32, mode: u32, to: u32| {
            enter(c, |g| set_mode(g, (at, length), follow, mode, to))
        },
    )?;
    Ok(())
}
