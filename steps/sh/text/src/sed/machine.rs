//! Runs a script of `sed` over its input.
//!
//! Knows what each command does. Where lines come from and go to is `input`'s.

use super::Ask;
use super::input::{Input, Output};
use super::replacement;
use super::script::{Action, Address, Command, Pattern, Script, Substitute, Until};
use crate::options::Bytes;
use crate::regex::{Regex, Slots};
use crate::stream::{Lines, Out, Source, complain, fail, path, reason, shown};
use crate::{Exit, child};
use std::io::Read;
use std::rc::Rc;

/// Where a command with two addresses is in its range.
#[derive(Clone, Copy, PartialEq)]
enum Range {
    Outside,
    /// Up to this line, where that is known.
    Inside(u64),
}

/// What `w` writes to.
enum Writer {
    Standard,
    Error,
    File(Output),
}

/// What is written once the line is done.
enum Appended {
    Text(Bytes),
    File(Bytes),
}

/// How a run through the script ended.
enum Flow {
    Done,
    Deleted,
    Again,
    Quit(u8),
    QuitSilently(u8),
}

pub struct Machine<'a> {
    script: &'a Script,
    ask: Ask,
    input: Input,
    standard: Output,
    space: Bytes,
    hold: Bytes,
    /// Whether what is held had an end when it was read.
    hold_ended: bool,
    made: Bytes,
    slots: Slots,
    replaced: bool,
    ranges: Vec<Range>,
    appended: Vec<Appended>,
    last: Option<Rc<Regex>>,
    writers: Vec<Writer>,
    readers: Vec<Option<Lines>>,
    failure: Option<i32>,
}

impl<'a> Machine<'a> {
    pub fn new(
        script: &'a Script,
        ask: Ask,
        files: Vec<Bytes>,
        written: &[Bytes],
        read: Vec<Bytes>,
    ) -> Result<Self, i32> {
        let mut writers = Vec::new();
        for name in written {
            writers.push(match name.as_slice() {
                b"/dev/stdout" => Writer::Standard,
                b"/dev/stderr" => Writer::Error,
                _ => match userland_sys::making::create(path(name)) {
                    Ok(file) => Writer::File(Output::new(Out::file("sed", file))),
                    Err(error) => {
                        return Err(fail("sed", &format!("couldn't open file {}: {}", shown(name), reason(&error))) + 3);
                    }
                },
            });
        }
        let readers = read.iter().map(|name| Lines::open(name, b'\n').ok()).collect();
        let mut out = Out::standard("sed");
        out.by_line = ask.unbuffered;
        let ranges = script.commands.iter().map(|command| match command.from {
            Some(Address::Zero) => Range::Inside(u64::MAX),
            _ => Range::Outside,
        });
        Ok(Self {
            script,
            input: Input::new(files, ask.separate, ask.in_place.clone(), ask.delimiter),
            ask,
            standard: Output::new(out),
            space: Bytes::new(),
            hold: Bytes::new(),
            hold_ended: true,
            made: Bytes::new(),
            slots: Slots::new(),
            replaced: false,
            ranges: ranges.collect(),
            appended: Vec::new(),
            last: None,
            writers,
            readers,
            failure: None,
        })
    }

    pub fn run(mut self) -> Exit {
        let mut again = false;
        loop {
            if !again {
                self.space.clear();
                if !self.read() {
                    break;
                }
            }
            let flow = self.cycle();
            if let Some(code) = self.failure {
                self.standard.out.flush();
                return Err(code);
            }
            again = matches!(flow, Flow::Again);
            if matches!(flow, Flow::Done | Flow::Quit(_)) && !self.ask.quiet {
                self.print();
            }
            if let Flow::QuitSilently(code) | Flow::Quit(code) = flow {
                self.append();
                self.input.quit();
                return Ok(if code == 0 { self.input.code } else { i32::from(code) });
            }
            self.append();
        }
        Ok(self.input.code)
    }

    fn output(&mut self) -> &mut Output {
        self.input.output.as_mut().unwrap_or(&mut self.standard)
    }

    /// Reads a line behind what is in the space.
    fn read(&mut self) -> bool {
        self.append();
        self.replaced = false;
        self.input.read(&mut self.space)
    }

    fn print(&mut self) {
        let end = self.input.ended.then_some(self.ask.delimiter);
        let space = std::mem::take(&mut self.space);
        self.output().put(&space, end);
        self.space = space;
    }

    fn append(&mut self) {
        for appended in std::mem::take(&mut self.appended) {
            match appended {
                Appended::Text(text) => self.output().raw(&text),
                Appended::File(name) => {
                    self.flush_written();
                    let Ok(mut source) = Source::file(&name) else { continue };
                    let mut block = vec![0; 32 << 10];
                    while let Ok(read @ 1..) = source.read(&mut block) {
                        self.output().raw(&block[..read]);
                    }
                }
            }
        }
    }

    fn matches(&mut self, pattern: &Pattern) -> bool {
        let regex = match pattern.as_ref().or(self.last.as_ref()) {
            Some(regex) => Rc::clone(regex),
            None => {
                self.failure = Some(fail("sed", "-e expression #1, char 0: no previous regular expression"));
                return false;
            }
        };
        let is = regex.is_match(&self.space);
        self.last = Some(regex);
        is
    }

    fn at(&mut self, address: &Address) -> bool {
        match address {
            Address::Line(line) => self.input.line == *line,
            Address::Step(first, 0) => self.input.line == *first,
            Address::Step(first, step) => self.input.line >= *first && (self.input.line - first).is_multiple_of(*step),
            Address::Last => self.input.is_last(),
            Address::Regex(pattern) => self.matches(pattern),
            Address::Zero => false,
        }
    }

    fn selected(&mut self, index: usize, command: &Command) -> bool {
        let Some(from) = &command.from else { return true };
        let Some(until) = &command.until else { return self.at(from) };
        let line = self.input.line;
        match self.ranges[index] {
            Range::Outside => {
                if !self.at(from) {
                    return false;
                }
                let end = match until {
                    Until::Line(end) => *end,
                    Until::Plus(more) => line + more,
                    Until::Multiple(0) => line,
                    Until::Multiple(of) => line.div_ceil(*of) * of,
                    Until::Last if self.input.is_last() => line,
                    Until::Last | Until::Regex(_) => u64::MAX,
                };
                if end > line {
                    self.ranges[index] = Range::Inside(end);
                }
                true
            }
            Range::Inside(end) => {
                let (ended, inside) = match until {
                    Until::Last => (self.input.is_last(), true),
                    Until::Regex(pattern) => (self.matches(pattern), true),
                    _ => (line >= end, line <= end),
                };
                if ended {
                    self.ranges[index] = Range::Outside;
                }
                // A range that ended before this line may begin again here.
                inside || matches!(from, Address::Regex(_)) && self.selected(index, command)
            }
        }
    }

    fn cycle(&mut self) -> Flow {
        let script = self.script;
        let mut index = 0;
        while let Some(command) = script.commands.get(index) {
            let selected = self.selected(index, command) != command.negate;
            if self.failure.is_some() {
                return Flow::QuitSilently(1);
            }
            index += 1;
            if !selected {
                if let Action::Begin(end) = command.action {
                    index = end;
                }
                continue;
            }
            match &command.action {
                Action::Branch(to) => index = *to,
                Action::BranchIf(to) if std::mem::take(&mut self.replaced) => index = *to,
                Action::BranchUnless(to) if !std::mem::take(&mut self.replaced) => index = *to,
                Action::Change(text) => {
                    let in_range = command.until.is_some() && !command.negate;
                    if !in_range || self.ranges[index - 1] == Range::Outside {
                        self.output().raw(text);
                    }
                    return Flow::Deleted;
                }
                action => {
                    if let Some(flow) = self.act(action) {
                        return flow;
                    }
                }
            }
        }
        Flow::Done
    }

    fn act(&mut self, action: &Action) -> Option<Flow> {
        match action {
            Action::Append(text) => self.appended.push(Appended::Text(text.clone())),
            Action::Insert(text) => self.output().raw(text),
            Action::Delete => return Some(Flow::Deleted),
            Action::DeleteFirst => match memchr::memchr(self.ask.delimiter, &self.space) {
                Some(at) => {
                    self.space.drain(..=at);
                    return Some(Flow::Again);
                }
                None => return Some(Flow::Deleted),
            },
            Action::Next => {
                if self.input.is_last() {
                    return Some(if self.ask.posix { Flow::QuitSilently(0) } else { Flow::Quit(0) });
                }
                if !self.ask.quiet {
                    self.print();
                }
                self.space.clear();
                self.read();
            }
            Action::NextAppend => {
                if self.input.is_last() {
                    return Some(if self.ask.posix { Flow::QuitSilently(0) } else { Flow::Quit(0) });
                }
                self.space.push(self.ask.delimiter);
                self.read();
            }
            Action::Quit(code) => return Some(Flow::Quit(*code)),
            Action::QuitSilently(code) => return Some(Flow::QuitSilently(*code)),
            Action::Get => {
                self.space.clone_from(&self.hold);
                self.input.ended = self.hold_ended;
            }
            Action::GetAppend => {
                self.space.push(self.ask.delimiter);
                self.space.extend_from_slice(&self.hold);
                self.input.ended |= self.hold_ended;
            }
            Action::Hold => {
                self.hold.clone_from(&self.space);
                self.hold_ended = self.input.ended;
            }
            Action::HoldAppend => {
                self.hold.push(self.ask.delimiter);
                self.hold.extend_from_slice(&self.space);
                self.hold_ended |= self.input.ended;
            }
            Action::Exchange => {
                std::mem::swap(&mut self.space, &mut self.hold);
                std::mem::swap(&mut self.input.ended, &mut self.hold_ended);
            }
            Action::Zap => self.space.clear(),
            Action::Map(map) => self.space.iter_mut().for_each(|byte| *byte = map[usize::from(*byte)]),
            Action::Print => self.print(),
            Action::Substitute(substitute) => self.substitute(substitute),
            other => self.write_or_read(other),
        }
        None
    }

    fn write_or_read(&mut self, action: &Action) {
        match action {
            Action::PrintFirst => {
                let end = self.first_line();
                let (space, delimiter) = (std::mem::take(&mut self.space), self.ask.delimiter);
                self.output().put(&space[..end], Some(delimiter));
                self.space = space;
            }
            Action::LineNumber => {
                let line = format!("{}\n", self.input.line);
                self.output().raw(line.as_bytes());
            }
            Action::FileName => {
                let name = [self.input.name.as_slice(), b"\n"].concat();
                self.output().raw(&name);
            }
            Action::List(width) => {
                let text = replacement::list(&self.space, width.unwrap_or(self.ask.width));
                self.output().raw(&text);
            }
            Action::Read(name) => self.appended.push(Appended::File(name.clone())),
            Action::ReadLine(index) => {
                if let Some(lines) = &mut self.readers[*index]
                    && let Ok(Some(line)) = lines.bare()
                {
                    self.appended.push(Appended::Text([line, b"\n"].concat()));
                }
            }
            Action::Write(index) => {
                let end = self.input.ended.then_some(self.ask.delimiter);
                self.write(*index, self.space.len(), end);
            }
            Action::WriteFirst(index) => self.write(*index, self.first_line(), Some(self.ask.delimiter)),
            Action::Evaluate(command) => self.evaluate(command),
            _ => {}
        }
    }

    fn first_line(&self) -> usize {
        memchr::memchr(self.ask.delimiter, &self.space).unwrap_or(self.space.len())
    }

    fn write(&mut self, index: usize, length: usize, end: Option<u8>) {
        let space = std::mem::take(&mut self.space);
        match &mut self.writers[index] {
            Writer::Standard => {
                self.standard.out.put(&space[..length]);
                self.standard.out.put(end.as_slice());
            }
            Writer::Error => {
                let _ = userland_sys::write_all(2, &[&space[..length], b"\n"].concat());
            }
            Writer::File(output) => output.put(&space[..length], end),
        }
        self.space = space;
    }

    /// Whoever reads what `w` wrote finds all of it.
    fn flush_written(&mut self) {
        for writer in &mut self.writers {
            if let Writer::File(output) = writer {
                output.out.flush();
            }
        }
    }

    /// `e`: without a command, what is in the space is one and what it writes is put in its place.
    fn evaluate(&mut self, command: &[u8]) {
        self.output().out.flush();
        self.flush_written();
        let own = command.is_empty();
        let made = child::output(if own { &self.space } else { command });
        match made {
            Ok(mut text) if own => {
                if text.ends_with(b"\n") {
                    text.pop();
                }
                self.space = text;
            }
            Ok(text) => self.output().raw(&text),
            Err(error) => complain("sed", &format!("error running subprocess: {}", reason(&error))),
        }
    }

    fn substitute(&mut self, substitute: &Substitute) {
        let Some(regex) = substitute.pattern.as_ref().or(self.last.as_ref()).map(Rc::clone) else {
            self.failure = Some(fail("sed", "-e expression #1, char 0: no previous regular expression"));
            return;
        };
        let (mut start, mut count, mut done, mut last_end) = (0, 0, false, usize::MAX);
        self.made.clear();
        while start <= self.space.len() && regex.captures_at(&self.space, start, &mut self.slots) {
            let (Some(from), Some(to)) = (self.slots[0], self.slots[1]) else { break };
            let vacuous = from == to && from == last_end;
            self.made.extend_from_slice(&self.space[start..from]);
            if !vacuous {
                count += 1;
                if count < substitute.number {
                    self.made.extend_from_slice(&self.space[from..to]);
                } else {
                    replacement::write(&substitute.parts, &self.space, &self.slots, &mut self.made);
                    done = true;
                    if !substitute.global {
                        start = to;
                        break;
                    }
                }
            }
            (start, last_end) = (to, to);
            if from == to {
                if let Some(byte) = self.space.get(to) {
                    self.made.push(*byte);
                }
                start += 1;
            }
        }
        self.last = Some(regex);
        if !done {
            return;
        }
        if start < self.space.len() {
            self.made.extend_from_slice(&self.space[start..]);
        }
        std::mem::swap(&mut self.space, &mut self.made);
        self.replaced = true;
        if substitute.evaluate {
            self.evaluate(b"");
        }
        for _ in 0..substitute.print {
            self.print();
        }
        if let Some(index) = substitute.write {
            let end = self.input.ended.then_some(self.ask.delimiter);
            self.write(index, self.space.len(), end);
        }
    }
}

impl Script {
    /// Whether a command reads, writes or runs something.
    pub fn uses_system(&self) -> bool {
        self.commands.iter().any(|command| match &command.action {
            Action::Evaluate(_) | Action::Read(_) => true,
            Action::Substitute(substitute) => substitute.evaluate,
            _ => false,
        })
    }
}
