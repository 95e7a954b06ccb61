//! `mapfile`, which is `readarray` too.

use super::input::{Got, Input};
use crate::bytes;
use crate::expand::escapes::quote_single;
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::vars::{MAP, Subscript, Text, is_name};

/// What was asked for.
struct Request {
    name: Text,
    fd: u32,
    delimiter: u8,
    strip: bool,
    most: usize,
    skip: usize,
    /// Where the first line goes; without it, what was there goes.
    origin: Option<i64>,
    callback: Option<Text>,
    quantum: usize,
}

/// `mapfile`
pub fn mapfile(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let request = match request(shell, words) {
        Ok(request) => request,
        Err(status) => return Ok(status),
    };
    let Some(fd) = shell.fds.get(request.fd).and_then(crate::fds::Handle::real) else {
        shell.complain(&format!("mapfile: {}: invalid file descriptor: Bad file descriptor", request.fd));
        return Ok(1);
    };
    match fill(shell, &request, fd) {
        Err(Flow::Discard(_)) => Ok(1),
        other => other,
    }
}

fn request(shell: &mut Shell, words: &[Text]) -> Result<Request, i32> {
    let command = words.first().cloned().unwrap_or_else(|| "mapfile".into());
    let given = shell.options(words, "d:u:n:O:tC:c:s:")?;
    let mut number = |letter: char, least: i64, what: &str| -> Result<Option<i64>, i32> {
        let Some(text) = given.value(letter) else { return Ok(None) };
        match text.trim().parse::<i64>().ok().filter(|number| *number >= least) {
            Some(number) => Ok(Some(number)),
            None => {
                shell.complain(&format!("{command}: {text}: invalid {what}"));
                Err(1)
            }
        }
    };
    let most = number('n', 0, "line count")?.unwrap_or(0);
    let origin = number('O', 0, "array origin")?;
    let skip = number('s', 0, "line count")?.unwrap_or(0);
    let quantum = number('c', 1, "callback quantum")?.unwrap_or(5000);
    let fd = shell.input_number(&command, given.value('u').as_deref())?;
    let name = words.get(given.operands).cloned().unwrap_or_else(|| "MAPFILE".into());
    if name.is_empty() {
        shell.complain(&format!("{command}: empty array variable name"));
        return Err(2);
    }
    if !is_name(&name) {
        shell.complain(&format!("{command}: `{name}': not a valid identifier"));
        return Err(1);
    }
    if shell.var(&name).is_some_and(|var| var.has(MAP)) {
        shell.complain(&format!("{command}: {name}: not an indexed array"));
        return Err(1);
    }
    Ok(Request {
        name,
        fd,
        delimiter: given.value('d').map_or(b'\n', |text| bytes::encode(&text).first().copied().unwrap_or(0)),
        strip: given.has('t'),
        most: usize::try_from(most).unwrap_or(0),
        skip: usize::try_from(skip).unwrap_or(0),
        origin,
        callback: given.value('C'),
        quantum: usize::try_from(quantum).unwrap_or(1),
    })
}

fn fill(shell: &mut Shell, request: &Request, fd: u32) -> Ran<i32> {
    if request.origin.is_none() {
        shell.set_array(&request.name, [])?;
    }
    let origin = request.origin.unwrap_or(0);
    let mut input = Input::new(fd, None);
    let mut kept = 0usize;
    let mut skipped = 0;
    loop {
        if request.most > 0 && kept == request.most {
            break;
        }
        let (mut line, ended) = match next(shell, &mut input, request.delimiter)? {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => {
                let why = crate::run::reason(&error);
                shell.complain(&format!("mapfile: read error: {}: {why}", request.fd));
                return Ok(1);
            }
        };
        if skipped < request.skip {
            skipped += 1;
            continue;
        }
        if ended && !request.strip && request.delimiter != 0 {
            line.push(request.delimiter);
        }
        let text = bytes::decode_owned(line);
        let index = origin.saturating_add(i64::try_from(kept).unwrap_or(i64::MAX));
        kept += 1;
        if let Some(callback) = &request.callback
            && kept.is_multiple_of(request.quantum)
        {
            let command = format!("{callback} {index} {}", quote_single(&text));
            shell.run_text(&command, "mapfile")?;
        }
        shell.assign_element(&request.name, &Subscript::Number(index), &text, false)?;
    }
    input.give_back();
    Ok(0)
}

/// The next line without its end, and whether it had one.
#[expect(clippy::type_complexity, reason = "a line, the end, or what went wrong")]
fn next(shell: &mut Shell, input: &mut Input, delimiter: u8) -> Ran<std::io::Result<Option<(Vec<u8>, bool)>>> {
    let mut line = Vec::new();
    loop {
        match input.byte(shell)? {
            Got::Byte(byte) if byte == delimiter => return Ok(Ok(Some((line, true)))),
            Got::Byte(0) => {}
            Got::Byte(byte) => line.push(byte),
            Got::End | Got::Late if line.is_empty() => return Ok(Ok(None)),
            Got::End | Got::Late => return Ok(Ok(Some((line, false)))),
            Got::Failed(error) => return Ok(Err(error)),
        }
    }
}
