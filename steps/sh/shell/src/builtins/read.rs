//! `read`; and variables as builtins name them, with a subscript or without.
//!
//! Where the bytes come from is in `read/input.rs`; `mapfile` and `getopts` have files of their own there.

mod getopts;
mod input;
mod mapfile;

pub use getopts::getopts;
pub use mapfile::mapfile;

use crate::bytes;
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::vars::{MAP, Text, is_name};
use input::{Got, Input};
use std::time::{Duration, Instant};

/// The status of a read whose time ran out: that of SIGALRM.
const TIMED_OUT: i32 = 142;

/// A name, and a subscript where there is one; nothing where it is neither.
pub fn split_place(text: &str) -> Option<(&str, Option<&str>)> {
    match text.split_once('[') {
        Some((name, rest)) => {
            let index = rest.strip_suffix(']')?;
            (is_name(name) && !index.is_empty()).then_some((name, Some(index)))
        }
        None => is_name(text).then_some((text, None)),
    }
}

impl Shell {
    /// Sets what a builtin was told to set: a variable or an element.
    pub fn assign_place(&mut self, place: &str, text: &str) -> Ran<()> {
        match split_place(place) {
            Some((name, Some(index))) => {
                let index = self.expand_prompt(index)?;
                let (target, _) = self.resolve(name);
                let key = self.index_key(&target, &index)?;
                self.assign_element(name, &key, text, false)
            }
            _ => self.assign_text(place, text),
        }
    }

    /// The same where what is wrong is a status, and no end of the command line.
    fn assign_or_fail(&mut self, place: &str, text: &str) -> Ran<bool> {
        match self.assign_place(place, text) {
            Ok(()) => Ok(true),
            Err(Flow::Discard(_)) => Ok(false),
            Err(flow) => Err(flow),
        }
    }

    /// The handle of a builtin's `-u`, or what is wrong with it.
    fn input_number(&mut self, name: &str, given: Option<&str>) -> Result<u32, i32> {
        let Some(text) = given else { return Ok(0) };
        let Ok(fd) = text.parse::<u32>() else {
            self.complain(&format!("{name}: {text}: invalid file descriptor specification"));
            return Err(1);
        };
        if self.fds.get(fd).is_none() {
            self.complain(&format!("{name}: {fd}: invalid file descriptor: Bad file descriptor"));
            return Err(1);
        }
        Ok(fd)
    }
}

/// What `read` was asked for.
struct Request {
    raw: bool,
    delimiter: Option<u8>,
    /// So many characters at most.
    count: Option<usize>,
    fd: u32,
    timeout: Option<Duration>,
}

/// What was read: bytes, and which of them a backslash quoted.
struct Line {
    bytes: Vec<u8>,
    quoted: Vec<usize>,
    status: i32,
}

/// `read`
pub fn read(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let given = match shell.options(words, "a:d:ei:n:N:p:rst:u:") {
        Ok(given) => given,
        Err(status) => return Ok(status),
    };
    let request = match request(shell, &given) {
        Ok(request) => request,
        Err(status) => return Ok(status),
    };
    let array = given.value('a');
    let names = words.get(given.operands..).unwrap_or_default();
    for name in array.iter().chain(names.first()) {
        if split_place(name).is_none() {
            shell.complain(&format!("read: `{name}': not a valid identifier"));
            return Ok(1);
        }
    }
    if let Some(array) = &array
        && shell.var(array).is_some_and(|var| var.has(MAP))
    {
        shell.complain(&format!("read: {array}: not an indexed array"));
        return Ok(1);
    }
    let Some(fd) = shell.fds.get(request.fd).and_then(crate::fds::Handle::real) else {
        shell.complain(&format!("read: read error: {}: Bad file descriptor", request.fd));
        return Ok(1);
    };
    if request.timeout == Some(Duration::ZERO) {
        return Ok(i32::from(!userland_sys::readable(fd, 0).unwrap_or(false)));
    }
    let line = match gather(shell, &request, fd)? {
        Ok(line) => line,
        Err(error) => {
            let why = crate::run::reason(&error);
            shell.complain(&format!("read: read error: {}: {why}", request.fd));
            return Ok(1);
        }
    };
    let whole = given.value('N').is_some();
    let done = assign(shell, &line, array.as_deref(), names, whole)?;
    Ok(if done { line.status } else { 1 })
}

fn request(shell: &mut Shell, given: &super::types::Given) -> Result<Request, i32> {
    let count = given.value('N').or_else(|| given.value('n'));
    let count = match &count {
        None => None,
        Some(text) => match text.trim().parse::<usize>() {
            Ok(count) => Some(count),
            Err(_) => {
                shell.complain(&format!("read: {text}: invalid number"));
                return Err(1);
            }
        },
    };
    let timeout = match given.value('t') {
        None => None,
        Some(text) => match text.parse::<f64>().ok().filter(|seconds| (0.0..1e9).contains(seconds)) {
            Some(seconds) => Some(Duration::from_secs_f64(seconds)),
            None => {
                shell.complain(&format!("read: {text}: invalid timeout specification"));
                return Err(1);
            }
        },
    };
    let delimiter = match given.value('d') {
        None => b'\n',
        Some(text) => bytes::encode(&text).first().copied().unwrap_or(0),
    };
    let delimiter = if given.value('N').is_some() { None } else { Some(delimiter) };
    let fd = shell.input_number("read", given.value('u').as_deref())?;
    Ok(Request { raw: given.has('r'), delimiter, count, fd, timeout })
}

/// Reads as much as is asked for.
fn gather(shell: &mut Shell, request: &Request, fd: u32) -> Ran<std::io::Result<Line>> {
    let deadline = request.timeout.map(|timeout| Instant::now() + timeout);
    let mut input = Input::new(fd, deadline);
    let mut line = Line { bytes: Vec::new(), quoted: Vec::new(), status: 0 };
    let mut passed = false;
    let (mut count, mut rest) = (0, 0);
    let ended = loop {
        if rest == 0 && request.count.is_some_and(|most| count >= most) {
            break Ok(());
        }
        let byte = match input.byte(shell)? {
            Got::Byte(byte) => byte,
            Got::End => {
                line.status = 1;
                break Ok(());
            }
            Got::Late => {
                line.status = TIMED_OUT;
                break Ok(());
            }
            Got::Failed(error) => break Err(error),
        };
        if std::mem::take(&mut passed) {
            if byte == b'\n' {
                continue;
            }
            line.quoted.push(line.bytes.len());
        } else if byte == b'\\' && !request.raw {
            passed = true;
            continue;
        } else if request.delimiter == Some(byte) {
            break Ok(());
        } else if byte == 0 {
            continue;
        }
        line.bytes.push(byte);
        if rest > 0 {
            rest -= 1;
        } else {
            count += 1;
            rest = if request.count.is_some() { following(byte) } else { 0 };
        }
    };
    input.give_back();
    Ok(ended.map(|()| line))
}

/// How many bytes follow the first one of a character.
fn following(byte: u8) -> usize {
    match byte {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => 0,
    }
}

fn assign(shell: &mut Shell, line: &Line, array: Option<&str>, names: &[Text], whole: bool) -> Ran<bool> {
    let text = bytes::decode(&line.bytes);
    if let Some(array) = array {
        let separators = shell.var_text("IFS").unwrap_or_else(|| " \t\n".into());
        let mut splitter = Splitter::new(&text, line, &separators);
        splitter.blanks();
        let mut fields: Vec<Text> = Vec::new();
        while !splitter.done() {
            fields.push(splitter.word().into());
        }
        return match shell.set_array(array, fields) {
            Ok(()) => Ok(true),
            Err(Flow::Discard(_)) => Ok(false),
            Err(flow) => Err(flow),
        };
    }
    let Some((last, before)) = names.split_last() else {
        return shell.assign_or_fail("REPLY", &text);
    };
    if whole {
        let mut done = true;
        for (at, name) in names.iter().enumerate() {
            done &= shell.assign_or_fail(name, if at == 0 { &text } else { "" })?;
        }
        return Ok(done);
    }
    let separators = shell.var_text("IFS").unwrap_or_else(|| " \t\n".into());
    let mut splitter = Splitter::new(&text, line, &separators);
    splitter.blanks();
    for name in before {
        if split_place(name).is_none() {
            shell.complain(&format!("read: `{name}': not a valid identifier"));
            return Ok(false);
        }
        let word = splitter.word();
        if !shell.assign_or_fail(name, &word)? {
            return Ok(false);
        }
    }
    if split_place(last).is_none() {
        shell.complain(&format!("read: `{last}': not a valid identifier"));
        return Ok(false);
    }
    let rest = splitter.rest();
    shell.assign_or_fail(last, &rest)
}

/// Splits what was read at the separators of `IFS`.
struct Splitter<'a> {
    chars: Vec<(char, bool)>,
    at: usize,
    separators: &'a str,
}

impl<'a> Splitter<'a> {
    fn new(text: &str, line: &Line, separators: &'a str) -> Self {
        let mut quoted = line.quoted.iter().copied().peekable();
        let mut place = 0;
        let chars = text.chars().map(|char| {
            let is_quoted = quoted.next_if_eq(&place).is_some();
            place += bytes::encode(char.encode_utf8(&mut [0; 4])).len();
            (char, is_quoted)
        });
        Self { chars: chars.collect(), at: 0, separators }
    }

    fn done(&self) -> bool {
        self.at >= self.chars.len()
    }

    fn separates(&self, at: usize) -> bool {
        self.chars.get(at).is_some_and(|(char, quoted)| !quoted && self.separators.contains(*char))
    }

    fn is_blank(&self, at: usize) -> bool {
        self.separates(at) && matches!(self.chars[at].0, ' ' | '\t' | '\n')
    }

    fn blanks(&mut self) {
        while self.is_blank(self.at) {
            self.at += 1;
        }
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.chars[from..to].iter().map(|(char, _)| char).collect()
    }

    /// The next word; what separates it from the one behind it is passed.
    fn word(&mut self) -> String {
        self.blanks();
        let from = self.at;
        while !self.done() && !self.separates(self.at) {
            self.at += 1;
        }
        let word = self.text(from, self.at);
        if !self.done() {
            let blank = self.is_blank(self.at);
            self.at += 1;
            self.blanks();
            if blank && self.separates(self.at) {
                self.at += 1;
                self.blanks();
            }
        }
        word
    }

    /// All that is left: one word without its separator, or several as they stand.
    fn rest(&mut self) -> String {
        let from = self.at;
        let word = self.word();
        if self.done() {
            return word;
        }
        let mut to = self.chars.len();
        while to > from && self.is_blank(to - 1) {
            to -= 1;
        }
        self.text(from, to)
    }
}
