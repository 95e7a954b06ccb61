//! `processes` and `fifos` for core modules.
//!
//! Knows the layouts of their answers. Does not know what the functions do: that is [`super::super::processes`]'.

use super::{Answer, Guest, Slice, StepState, broken, enter, flag};
use crate::exec::module::processes::{Ended, Refusal, Wanted};
use crate::model::expand::MOST;
use wasmtime::{Caller, Linker};

/// Most handles that one call hands over.
const MOST_HANDLES: u32 = 4096;

impl Guest<'_> {
    fn handles(&mut self, (at, count): Slice) -> Answer<Vec<(u32, u32)>> {
        if count > MOST_HANDLES {
            return Err(broken("the guest handed over too many handles"));
        }
        let memory = self.memory()?;
        let word = |index: u32| {
            let place = index.checked_mul(4).and_then(|offset| at.checked_add(offset));
            let place = place.ok_or_else(|| broken("the guest's list has no end"))?;
            memory.u32(place).map_err(|_| broken("the guest named what is not in its memory"))
        };
        (0..count).map(|index| Ok((word(index * 2)?, word(index * 2 + 1)?))).collect()
    }

    /// A `result` whose payload starts at this offset; `ok` has this many bytes of it.
    fn put_result(&mut self, to: u32, offset: u32, answer: Result<&[u8], Refusal>) -> Answer<()> {
        let payload = to.checked_add(offset).ok_or_else(|| broken("the guest's answer has no room"))?;
        self.put(to, &[u8::from(answer.is_err())])?;
        match answer {
            Ok(bytes) => self.put(payload, bytes),
            Err(refusal) => self.put(payload, &[refusal as u8]),
        }
    }
}

fn pipe(guest: &mut Guest<'_>, to: u32) -> Answer<()> {
    let ends = guest.0.data_mut().pipe()?;
    let bytes = ends.map(|(read, write)| [read.to_le_bytes(), write.to_le_bytes()].concat());
    guest.put_result(to, 4, bytes.as_deref().map_err(|refusal| *refusal))
}

fn number(guest: &mut Guest<'_>, to: u32, answer: Result<u32, Refusal>) -> Answer<()> {
    let bytes = answer.map(u32::to_le_bytes);
    guest.put_result(to, 4, bytes.as_ref().map(<[u8; 4]>::as_slice).map_err(|refusal| *refusal))
}

fn nothing(guest: &mut Guest<'_>, to: u32, answer: Result<(), Refusal>) -> Answer<()> {
    guest.put_result(to, 1, answer.map(|()| [].as_slice()))
}

/// What a program is started with, as it lies in memory.
struct Texts {
    named: u32,
    name: Slice,
    arguments: Slice,
    environment: Slice,
    directory: Slice,
    handles: Slice,
}

fn start(guest: &mut Guest<'_>, texts: &Texts, to: u32) -> Answer<()> {
    // What no program is started with is not read either: many programs may call at once.
    let mut room = MOST;
    let arguments = guest.texts_within(texts.arguments, 1, &mut room)?;
    let environment = guest.texts_within(texts.environment, 1, &mut room)?;
    let (Some(arguments), Some(environment)) = (arguments, environment) else {
        return number(guest, to, Err(Refusal::Invalid));
    };
    let wanted = Wanted {
        program: if flag(texts.named)? { Some(guest.text(texts.name)?) } else { None },
        arguments,
        environment,
        directory: guest.text(texts.directory)?,
        handles: guest.handles(texts.handles)?,
    };
    let answer = guest.0.data_mut().start(wanted)?;
    number(guest, to, answer)
}

/// `result<option<tuple<u32, ended>>, refusal>`: from byte 4 the option, from byte 8 the number, from 12 the end.
fn wait(guest: &mut Guest<'_>, is_one: u32, child: u32, block: u32, to: u32) -> Answer<()> {
    let (child, block) = (flag(is_one)?.then_some(child), flag(block)?);
    let answer = guest.0.data_mut().wait_child(child, block)?;
    let bytes = answer.map(|ended| match ended {
        None => vec![0],
        Some((number, ended)) => {
            let (case, value) = match ended {
                Ended::Exited(code) => (0, code),
                Ended::Signalled(signal) => (1, signal),
            };
            let mut bytes = vec![1, 0, 0, 0];
            bytes.extend(number.to_le_bytes());
            bytes.extend([case, value]);
            bytes
        }
    });
    guest.put_result(to, 4, bytes.as_deref().map_err(|refusal| *refusal))
}

fn kill(guest: &mut Guest<'_>, child: u32, signal: u32, to: u32) -> Answer<()> {
    let signal = u8::try_from(signal).map_err(|_| broken("a signal has no such number"))?;
    let answer = guest.0.data_mut().kill(child, signal)?;
    nothing(guest, to, answer)
}

fn commands(guest: &mut Guest<'_>, to: u32) -> Answer<()> {
    let names = guest.0.data().commands();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (at, count) = guest.put_texts(&names, 1)?;
    guest.put(to, &[at.to_le_bytes(), count.to_le_bytes()].concat())
}

fn make_fifo(guest: &mut Guest<'_>, path: Slice, mode: u32, to: u32) -> Answer<()> {
    let path = guest.text(path)?;
    match guest.0.data_mut().make_fifo(&path, mode)? {
        Ok(()) => guest.put(to, &[0, 0]),
        Err(refusal) => guest.put(to, &[1, refusal as u8]),
    }
}

fn is_fifo(guest: &mut Guest<'_>, path: Slice, follow: u32, to: u32) -> Answer<()> {
    let path = guest.text(path)?;
    match guest.0.data().is_fifo(&path, flag(follow)?) {
        Ok(is) => guest.put(to, &[0, u8::from(is)]),
        Err(refusal) => guest.put(to, &[1, refusal as u8]),
    }
}

/// Adds the functions to a linker, under the names of their interfaces.
pub fn add_to_linker(linker: &mut Linker<StepState>, processes: &str, fifos: &str) -> wasmtime::Result<()> {
    linker.func_wrap(processes, "pipe", |c: Caller<'_, StepState>, to: u32| enter(c, |g| pipe(g, to)))?;
    linker.func_wrap(processes, "duplicate", |c: Caller<'_, StepState>, handle: u32, least: u32, to: u32| {
        enter(c, |g| {
            let answer = g.0.data_mut().duplicate(handle, least);
            number(g, to, answer)
        })
    })?;
    linker.func_wrap(processes, "replace", |c: Caller<'_, StepState>, handle: u32, other: u32, to: u32| {
        enter(c, |g| {
            let answer = g.0.data_mut().replace(handle, other);
            nothing(g, to, answer)
        })
    })?;
    add_start(linker, processes)?;
    linker.func_wrap(processes, "wait", |c: Caller<'_, StepState>, is_one: u32, child: u32, block: u32, to: u32| {
        enter(c, |g| wait(g, is_one, child, block, to))
    })?;
    linker.func_wrap(processes, "kill", |c: Caller<'_, StepState>, child: u32, signal: u32, to: u32| {
        enter(c, |g| kill(g, child, signal, to))
    })?;
    linker.func_wrap(processes, "catch", |mut c: Caller<'_, StepState>, caught: u64, ignored: u64| {
        c.data_mut().catch(caught, ignored);
    })?;
    linker.func_wrap(processes, "caught", |c: Caller<'_, StepState>| c.data().control.take_caught())?;
    linker.func_wrap(processes, "commands", |c: Caller<'_, StepState>, to: u32| enter(c, |g| commands(g, to)))?;
    linker.func_wrap(processes, "self-number", |c: Caller<'_, StepState>| c.data().own_number())?;
    linker.func_wrap(fifos, "make", |c: Caller<'_, StepState>, at: u32, length: u32, mode: u32, to: u32| {
        enter(c, |g| make_fifo(g, (at, length), mode, to))
    })?;
    linker.func_wrap(fifos, "is", |c: Caller<'_, StepState>, at: u32, length: u32, follow: u32, to: u32| {
        enter(c, |g| is_fifo(g, (at, length), follow, to))
    })?;
    Ok(())
}

fn add_start(linker: &mut Linker<StepState>, processes: &str) -> wasmtime::Result<()> {
    linker.func_wrap(
        processes,
        "start",
        |c: Caller<'_, StepState>,
         named: u32,
         name: u32,
         name_length: u32,
         arguments: u32,
         argument_count: u32,
         environment: u32,
         variable_count: u32,
         directory: u32,
         directory_length: u32,
         handles: u32,
         handle_count: u32,
         to: u32| {
            let texts = Texts {
                named,
                name: (name, name_length),
                arguments: (arguments, argument_count),
                environment: (environment, variable_count),
                directory: (directory, directory_length),
                handles: (handles, handle_count),
            };
            enter(c, |g| start(g, &texts, to))
        },
    )?;
    Ok(())
}
