//! What a script of `sed` consists of, and how it is read.
//!
//! Knows the words for what is wrong with one. Does not know how commands are run.

use super::replacement::Part;
use crate::options::Bytes;
use crate::regex::{Flavour, How, Lines, Regex};
use std::rc::Rc;

/// A regular expression, or the one that was used last.
pub type Pattern = Option<Rc<Regex>>;

pub enum Address {
    Line(u64),
    Step(u64, u64),
    Last,
    Regex(Pattern),
    /// `0,/re/`.
    Zero,
}

pub enum Until {
    Line(u64),
    Plus(u64),
    Multiple(u64),
    Last,
    Regex(Pattern),
}

pub struct Substitute {
    pub pattern: Pattern,
    pub parts: Vec<Part>,
    pub global: bool,
    pub number: u64,
    pub print: u32,
    pub evaluate: bool,
    pub write: Option<usize>,
}

pub enum Action {
    Begin(usize),
    End,
    Append(Bytes),
    Insert(Bytes),
    Change(Bytes),
    Branch(usize),
    BranchIf(usize),
    BranchUnless(usize),
    Label,
    Delete,
    DeleteFirst,
    Evaluate(Bytes),
    FileName,
    Get,
    GetAppend,
    Hold,
    HoldAppend,
    List(Option<usize>),
    Next,
    NextAppend,
    Print,
    PrintFirst,
    Quit(u8),
    QuitSilently(u8),
    Read(Bytes),
    ReadLine(usize),
    Substitute(Box<Substitute>),
    Write(usize),
    WriteFirst(usize),
    Exchange,
    Map(Box<[u8; 256]>),
    Zap,
    LineNumber,
}

pub struct Command {
    pub from: Option<Address>,
    pub until: Option<Until>,
    pub negate: bool,
    pub action: Action,
}

/// A whole script.
#[derive(Default)]
pub struct Script {
    pub commands: Vec<Command>,
    /// Files that are written, and those that are read by lines.
    pub written: Vec<Bytes>,
    pub read: Vec<Bytes>,
    pub quiet: bool,
}

/// What is wrong, and where in the text.
pub type Wrong = (usize, String);

pub struct Reader<'a> {
    pub text: &'a [u8],
    pub at: usize,
    extended: bool,
    zero: bool,
    pub script: Script,
    blocks: Vec<usize>,
    labels: Vec<(Bytes, usize)>,
    jumps: Vec<(usize, Bytes)>,
}

/// Reads a script.
pub fn read(text: &[u8], extended: bool, zero: bool) -> Result<Script, Wrong> {
    let mut reader = Reader {
        text,
        at: 0,
        extended,
        zero,
        script: Script::default(),
        blocks: Vec::new(),
        labels: Vec::new(),
        jumps: Vec::new(),
    };
    if text.starts_with(b"#n\n") || text == b"#n" {
        reader.script.quiet = true;
    }
    reader.all().map_err(|text| (reader.at, text))?;
    Ok(reader.script)
}

pub type Read<T> = Result<T, String>;

pub fn no<T>(text: &str) -> Read<T> {
    Err(text.to_owned())
}

impl Reader<'_> {
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }

    pub fn skip(&mut self, what: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&what) {
            self.at += 1;
        }
    }

    pub fn blanks(&mut self) {
        self.skip(|byte| byte == b' ' || byte == b'\t');
    }

    pub fn number(&mut self) -> Option<u64> {
        let from = self.at;
        self.skip(|byte| byte.is_ascii_digit());
        crate::number::plain(&self.text[from..self.at])
    }

    fn all(&mut self) -> Read<()> {
        loop {
            self.skip(|byte| byte.is_ascii_whitespace() || byte == b';');
            if self.peek().is_none() {
                break;
            }
            self.command()?;
        }
        if !self.blocks.is_empty() {
            self.at = 0;
            return no("unmatched `{'");
        }
        for (command, label) in std::mem::take(&mut self.jumps) {
            let to = if label.is_empty() {
                self.script.commands.len()
            } else {
                match self.labels.iter().find(|(name, _)| *name == label) {
                    Some((_, to)) => *to,
                    None => {
                        self.at = usize::MAX;
                        return Err(format!("can't find label for jump to `{}'", String::from_utf8_lossy(&label)));
                    }
                }
            };
            if let Action::Branch(at) | Action::BranchIf(at) | Action::BranchUnless(at) =
                &mut self.script.commands[command].action
            {
                *at = to;
            }
        }
        Ok(())
    }

    fn address(&mut self) -> Read<Option<Address>> {
        match self.peek() {
            Some(b'0'..=b'9') => {
                let first = self.number().unwrap_or(0);
                self.blanks();
                if self.peek() == Some(b'~') {
                    self.at += 1;
                    self.blanks();
                    return Ok(Some(Address::Step(first, self.number().unwrap_or(0))));
                }
                Ok(Some(if first == 0 { Address::Zero } else { Address::Line(first) }))
            }
            Some(b'$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(b'/' | b'\\') => Ok(Some(Address::Regex(self.address_regex()?))),
            _ => Ok(None),
        }
    }

    fn address_regex(&mut self) -> Read<Pattern> {
        let mut delimiter = self.next().unwrap_or(b'/');
        if delimiter == b'\\' {
            delimiter = self.next().ok_or("unexpected `,'")?;
        }
        let text = self.delimited(delimiter, true).ok_or("unterminated address regex")?;
        let (mut ignore_case, mut many) = (false, false);
        loop {
            match self.peek() {
                Some(b'I') => ignore_case = true,
                Some(b'M') => many = true,
                _ => break,
            }
            self.at += 1;
        }
        self.regex(&text, ignore_case, many)
    }

    pub fn regex(&self, text: &[u8], ignore_case: bool, many: bool) -> Read<Pattern> {
        if text.is_empty() {
            return Ok(None);
        }
        let how = How {
            flavour: if self.extended { Flavour::Extended } else { Flavour::Basic },
            escapes: true,
            ignore_case,
            lines: if many && !self.zero { Lines::Ends } else { Lines::One },
        };
        Regex::new(text, how).map(|regex| Some(Rc::new(regex)))
    }

    /// What is before the next such delimiter. One after a backslash is itself.
    pub fn delimited(&mut self, delimiter: u8, is_regex: bool) -> Option<Bytes> {
        let mut text = Bytes::new();
        loop {
            let byte = self.next()?;
            if byte == delimiter {
                return Some(text);
            }
            if byte == b'\n' && is_regex {
                return None;
            }
            if byte == b'[' && is_regex {
                let length = bracket(&self.text[self.at - 1..]);
                text.extend_from_slice(&self.text[self.at - 1..self.at - 1 + length]);
                self.at += length - 1;
                continue;
            }
            if byte != b'\\' {
                text.push(byte);
                continue;
            }
            let after = self.next()?;
            if after == delimiter {
                if !is_regex && after == b'&' {
                    text.push(b'\\');
                }
                text.push(after);
            } else if after == b'\n' && is_regex {
                text.extend_from_slice(b"\\n");
            } else {
                text.extend_from_slice(&[b'\\', after]);
            }
        }
    }

    fn until(&mut self) -> Read<Option<Until>> {
        self.blanks();
        if self.peek() != Some(b',') {
            return Ok(None);
        }
        self.at += 1;
        self.blanks();
        let sign = self.peek();
        if matches!(sign, Some(b'+' | b'~')) {
            self.at += 1;
            let number = self.number().ok_or("expected number")?;
            return Ok(Some(if sign == Some(b'+') { Until::Plus(number) } else { Until::Multiple(number) }));
        }
        match self.address()? {
            None => {
                self.at += 1;
                no("unexpected `,'")
            }
            Some(Address::Line(line) | Address::Step(line, _)) => Ok(Some(Until::Line(line))),
            Some(Address::Zero) => Ok(Some(Until::Line(0))),
            Some(Address::Last) => Ok(Some(Until::Last)),
            Some(Address::Regex(pattern)) => Ok(Some(Until::Regex(pattern))),
        }
    }

    fn command(&mut self) -> Read<()> {
        let from = self.address()?;
        let until = if from.is_some() { self.until()? } else { None };
        if matches!(from, Some(Address::Zero)) && !matches!(until, Some(Until::Regex(_))) {
            self.at += 1;
            return no("invalid usage of line address 0");
        }
        self.blanks();
        let mut negate = false;
        while self.peek() == Some(b'!') {
            if negate {
                self.at += 1;
                return no("multiple `!'s");
            }
            self.at += 1;
            negate = true;
            self.blanks();
        }
        let Some(letter) = self.next() else { return no("missing command") };
        let addresses = usize::from(from.is_some()) + usize::from(until.is_some());
        if letter == b'#' {
            if addresses > 0 {
                return no("comments don't accept any addresses");
            }
            self.skip(|byte| byte != b'\n');
            return Ok(());
        }
        if letter == b'}' {
            let Some(begin) = self.blocks.pop() else { return no("unexpected `}'") };
            if addresses > 0 {
                return no("} doesn't want any addresses");
            }
            self.script.commands[begin].action = Action::Begin(self.script.commands.len());
            self.script.commands.push(Command { from: None, until: None, negate: false, action: Action::End });
            return self.ends();
        }
        if letter == b':' && addresses > 0 {
            return no(": doesn't want any addresses");
        }
        if b"qQ".contains(&letter) && addresses == 2 {
            return no("command only uses one address");
        }
        let action = self.action(letter)?;
        self.script.commands.push(Command { from, until, negate, action });
        Ok(())
    }

    /// What may follow a command.
    pub fn ends(&mut self) -> Read<()> {
        self.blanks();
        match self.peek() {
            None | Some(b'}' | b'#') => Ok(()),
            Some(b'\n' | b';') => {
                self.at += 1;
                Ok(())
            }
            Some(b'\r') if matches!(self.text.get(self.at + 1), None | Some(b'\n')) => {
                self.at += 1;
                Ok(())
            }
            Some(_) => {
                self.at += 1;
                no("extra characters after command")
            }
        }
    }

    fn rest_of_line(&mut self) -> Bytes {
        self.blanks();
        let from = self.at;
        self.skip(|byte| byte != b'\n');
        self.text[from..self.at].to_vec()
    }

    fn action(&mut self, letter: u8) -> Read<Action> {
        let index = self.script.commands.len();
        let action = match letter {
            b'{' => {
                self.blocks.push(index);
                return Ok(Action::Begin(0));
            }
            b'a' => return self.body().map(Action::Append),
            b'i' => return self.body().map(Action::Insert),
            b'c' => return self.body().map(Action::Change),
            b':' => {
                let label = self.label(false);
                if label.is_empty() {
                    return no("\":\" lacks a label");
                }
                self.labels.push((label, index));
                return Ok(Action::Label);
            }
            b'b' | b't' | b'T' => {
                let label = self.label(true);
                self.jumps.push((index, label));
                return Ok(match letter {
                    b'b' => Action::Branch(0),
                    b't' => Action::BranchIf(0),
                    _ => Action::BranchUnless(0),
                });
            }
            b'r' => return self.file_name().map(Action::Read),
            b'R' => return Ok(Action::ReadLine(self.read_by_lines()?)),
            b'w' => return Ok(Action::Write(self.written()?)),
            b'W' => return Ok(Action::WriteFirst(self.written()?)),
            b'e' => return Ok(Action::Evaluate(self.rest_of_line())),
            b's' => return self.substitute(),
            b'y' => self.map()?,
            b'd' => Action::Delete,
            b'D' => Action::DeleteFirst,
            b'F' => Action::FileName,
            b'g' => Action::Get,
            b'G' => Action::GetAppend,
            b'h' => Action::Hold,
            b'H' => Action::HoldAppend,
            b'l' => {
                self.blanks();
                Action::List(self.number().map(|number| number as usize))
            }
            b'n' => Action::Next,
            b'N' => Action::NextAppend,
            b'p' => Action::Print,
            b'P' => Action::PrintFirst,
            b'q' | b'Q' => {
                self.blanks();
                let code = self.number().unwrap_or(0) as u8;
                if letter == b'q' { Action::Quit(code) } else { Action::QuitSilently(code) }
            }
            b'x' => Action::Exchange,
            b'z' => Action::Zap,
            b'=' => Action::LineNumber,
            b'v' => {
                self.label(true);
                Action::Label
            }
            letter => return Err(format!("unknown command: `{}'", letter as char)),
        };
        self.ends()?;
        Ok(action)
    }
}

/// Where a name is in a list, in which it is put.
pub fn listed(names: &mut Vec<Bytes>, name: Bytes) -> usize {
    names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

/// The length of the bracket expression at the start of a text; of its bracket alone where it has no end in the line.
fn bracket(text: &[u8]) -> usize {
    let mut at = 1 + usize::from(text.get(1) == Some(&b'^'));
    at += usize::from(text.get(at) == Some(&b']'));
    while let Some(byte) = text.get(at) {
        match (byte, text.get(at + 1)) {
            (b']', _) => return at + 1,
            (b'\n', _) => break,
            (b'[', Some(mark @ (b':' | b'.' | b'='))) => match memchr::memmem::find(&text[at + 2..], &[*mark, b']']) {
                Some(end) => at += end + 4,
                None => break,
            },
            _ => at += 1,
        }
    }
    1
}
