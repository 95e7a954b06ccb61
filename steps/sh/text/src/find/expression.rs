//! What the words of a `find` expression say.
//!
//! Does not know files.

use super::kinds::{emacs, flavour};
use super::{Follow, Options};
use crate::number::plain;
use crate::options::Bytes;
use crate::regex::{Flavour, How, Lines, Regex};
use crate::stream::{path, reason, shown};
use std::cmp::Ordering;
use std::time::SystemTime;

/// How a number is compared: `+N`, `-N`, `N`.
#[derive(Clone, Copy)]
pub struct Amount {
    pub order: Ordering,
    pub number: u64,
}

impl Amount {
    pub fn fits(self, number: u64) -> bool {
        number.cmp(&self.number) == self.order
    }
}

/// Which time of a file.
#[derive(Clone, Copy, PartialEq)]
pub enum Clock {
    Accessed,
    Changed,
    Modified,
}

#[derive(Clone, Copy)]
pub enum Permissions {
    Exactly(u32),
    All(u32),
    Any(u32),
}

/// A command with the file's name in it.
pub struct Command {
    pub words: Vec<Bytes>,
    pub in_folder: bool,
    /// With as many names as fit: the command's place.
    pub gather: Option<usize>,
}

pub enum Expression {
    True,
    False,
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Both(Box<Expression>, Box<Expression>),
    Name(Bytes, bool),
    Path(Bytes, bool),
    LinkName(Bytes, bool),
    Regex(Box<Regex>),
    Kind(Bytes, bool),
    Size(Amount, u64),
    Age(Clock, Amount, u64),
    Newer(Clock, SystemTime),
    Links(Amount),
    Owner(u64),
    Empty,
    Permissions(Permissions),
    Readable,
    Executable,
    SameFile(Bytes),
    Print(u8, Option<Bytes>),
    Printf(Bytes, Option<Bytes>),
    List,
    Execute(Command),
    Delete,
    Prune,
    Quit,
}

pub struct Parser<'a> {
    words: &'a [Bytes],
    at: usize,
    options: Options,
    acts: bool,
    commands: usize,
    flavour: Flavour,
}

type Read<T> = Result<T, String>;

impl<'a> Parser<'a> {
    pub fn new(words: &'a [Bytes], options: Options) -> Self {
        Self { words, at: 0, options, acts: false, commands: 0, flavour: Flavour::Basic }
    }

    /// Reads all of it. Without anything that acts, files are printed.
    pub fn read(mut self) -> Read<(Expression, Options)> {
        if self.words.is_empty() {
            return Ok((Expression::Print(b'\n', None), self.options));
        }
        let expression = self.list()?;
        if let Some(word) = self.words.get(self.at) {
            return Err(match word.as_slice() {
                b")" => "you have too many ')'".to_owned(),
                _ => format!("paths must precede expression: `{}'", shown(word)),
            });
        }
        let expression = if self.acts {
            expression
        } else {
            Expression::And(Box::new(expression), Box::new(Expression::Print(b'\n', None)))
        };
        Ok((expression, self.options))
    }

    fn is(&self, words: &[&[u8]]) -> bool {
        self.words.get(self.at).is_some_and(|word| words.contains(&word.as_slice()))
    }

    fn take(&mut self, words: &[&[u8]]) -> bool {
        let is = self.is(words);
        self.at += usize::from(is);
        is
    }

    fn list(&mut self) -> Read<Expression> {
        let mut left = self.or()?;
        while self.take(&[b","]) {
            left = Expression::Both(Box::new(left), Box::new(self.or()?));
        }
        Ok(left)
    }

    fn or(&mut self) -> Read<Expression> {
        let mut left = self.and()?;
        while self.take(&[b"-o", b"-or"]) {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Read<Expression> {
        let mut left = self.not()?;
        while self.at < self.words.len() && !self.is(&[b"-o", b"-or", b",", b")"]) {
            self.take(&[b"-a", b"-and"]);
            left = Expression::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Read<Expression> {
        if self.take(&[b"!", b"-not"]) {
            if self.at == self.words.len() {
                return Err("expected an expression after '!'".to_owned());
            }
            return Ok(Expression::Not(Box::new(self.not()?)));
        }
        if self.take(&[b"("]) {
            if self.at == self.words.len() {
                let text = "invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('";
                return Err(text.to_owned());
            }
            if self.is(&[b")"]) {
                return Err("invalid expression; empty parentheses are not allowed.".to_owned());
            }
            let inside = self.list()?;
            if !self.take(&[b")"]) {
                return Err(
                    "invalid expression; I was expecting to find a ')' somewhere but did not see one.".to_owned()
                );
            }
            return Ok(inside);
        }
        self.primary()
    }

    fn value(&mut self, of: &[u8]) -> Read<Bytes> {
        let value = self.words.get(self.at).cloned();
        self.at += 1;
        value.ok_or_else(|| format!("missing argument to `{}'", shown(of)))
    }

    fn amount(&mut self, of: &[u8]) -> Read<Amount> {
        let value = self.value(of)?;
        amount(&value).ok_or_else(|| format!("invalid argument `{}' to `{}'", shown(&value), shown(of)))
    }

    fn primary(&mut self) -> Read<Expression> {
        let Some(word) = self.words.get(self.at).cloned() else {
            return Err("expected an expression".to_owned());
        };
        self.at += 1;
        let name = word.as_slice();
        Ok(match name {
            b"-true" | b"-noleaf" | b"-warn" | b"-nowarn" => Expression::True,
            b"-mount" | b"-xdev" => {
                self.options.one_system = true;
                Expression::True
            }
            b"-daystart" => return Err("-daystart is not supported".to_owned()),
            b"-ignore_readdir_race" => Expression::True,
            b"-false" => Expression::False,
            b"-name" | b"-iname" => Expression::Name(self.value(name)?, name == b"-iname"),
            b"-path" | b"-wholename" | b"-ipath" | b"-iwholename" => {
                Expression::Path(self.value(name)?, name.starts_with(b"-i"))
            }
            b"-lname" | b"-ilname" => Expression::LinkName(self.value(name)?, name == b"-ilname"),
            b"-regextype" => {
                self.flavour = flavour(&self.value(name)?)?;
                Expression::True
            }
            b"-regex" | b"-iregex" => self.regex(name)?,
            b"-type" | b"-xtype" => self.kind(name)?,
            b"-size" => self.size()?,
            b"-mtime" => Expression::Age(Clock::Modified, self.amount(name)?, 86_400),
            b"-atime" => Expression::Age(Clock::Accessed, self.amount(name)?, 86_400),
            b"-ctime" => Expression::Age(Clock::Changed, self.amount(name)?, 86_400),
            b"-mmin" => Expression::Age(Clock::Modified, self.amount(name)?, 60),
            b"-amin" => Expression::Age(Clock::Accessed, self.amount(name)?, 60),
            b"-cmin" => Expression::Age(Clock::Changed, self.amount(name)?, 60),
            b"-newer" | b"-newermm" => self.newer(Clock::Modified, name)?,
            [b'-', b'n', b'e', b'w', b'e', b'r', clock @ (b'a' | b'c' | b'm'), b't'] => {
                self.newer_than_date(*clock, name)?
            }
            b"-anewer" => self.newer(Clock::Accessed, name)?,
            b"-cnewer" => self.newer(Clock::Changed, name)?,
            b"-links" => Expression::Links(self.amount(name)?),
            b"-uid" | b"-gid" => Expression::Owner(self.amount(name)?.number),
            b"-user" | b"-group" => {
                let value = self.value(name)?;
                match (value.as_slice(), plain(&value)) {
                    (b"root", _) => Expression::Owner(0),
                    (_, Some(number)) => Expression::Owner(number),
                    _ => return Err(format!("`{}' is not the name of a known {}", shown(&value), shown(&name[1..]))),
                }
            }
            b"-nouser" | b"-nogroup" => Expression::False,
            b"-empty" => Expression::Empty,
            b"-perm" => self.permissions()?,
            b"-readable" | b"-writable" => Expression::Readable,
            b"-executable" => Expression::Executable,
            b"-samefile" => Expression::SameFile(self.value(name)?),
            b"-maxdepth" | b"-mindepth" => self.bound(name)?,
            b"-depth" | b"-d" => {
                self.options.depth_first = true;
                Expression::True
            }
            b"-follow" => {
                self.options.follow = Follow::Always;
                Expression::True
            }
            _ => return self.action(name),
        })
    }

    /// `-newerXt DATE`.
    fn newer_than_date(&mut self, clock: u8, name: &[u8]) -> Read<Expression> {
        let clock = match clock {
            b'a' => Clock::Accessed,
            b'c' => Clock::Changed,
            _ => Clock::Modified,
        };
        let value = self.value(name)?;
        moment(&value).map(|moment| Expression::Newer(clock, moment)).ok_or_else(|| {
            let (value, name) = (shown(&value), shown(name));
            format!("I cannot figure out how to interpret `{value}' as a date or time (of {name})")
        })
    }

    fn action(&mut self, name: &[u8]) -> Read<Expression> {
        if name != b"-prune" {
            self.acts = true;
        }
        Ok(match name {
            b"-print" => Expression::Print(b'\n', None),
            b"-print0" => Expression::Print(0, None),
            b"-fprint" => Expression::Print(b'\n', Some(self.value(name)?)),
            b"-fprint0" => Expression::Print(0, Some(self.value(name)?)),
            b"-printf" => Expression::Printf(self.value(name)?, None),
            b"-fprintf" => {
                let file = self.value(name)?;
                Expression::Printf(self.value(name)?, Some(file))
            }
            b"-ls" => Expression::List,
            b"-exec" | b"-execdir" => self.command(name)?,
            b"-ok" | b"-okdir" => return Err(format!("{} is not supported: nobody is there to answer", shown(name))),
            b"-delete" => {
                self.options.depth_first = true;
                Expression::Delete
            }
            b"-prune" => Expression::Prune,
            b"-quit" => Expression::Quit,
            _ if name.starts_with(b"-") => return Err(format!("unknown predicate `{}'", shown(name))),
            _ => return Err(format!("paths must precede expression: `{}'", shown(name))),
        })
    }

    fn bound(&mut self, name: &[u8]) -> Read<Expression> {
        let value = self.value(name)?;
        let Some(number) = plain(&value) else {
            let (name, value) = (shown(name), shown(&value));
            return Err(format!("Expected a positive decimal integer argument to {name}, but got ‘{value}’")
                .replace(['‘', '’'], "'"));
        };
        let bound = if name == b"-maxdepth" { &mut self.options.most } else { &mut self.options.least };
        *bound = number as usize;
        Ok(Expression::True)
    }

    fn regex(&mut self, name: &[u8]) -> Read<Expression> {
        let text = self.value(name)?;
        let (start, end): (&[u8], &[u8]) = match self.flavour {
            Flavour::Extended => (b"^(", b")$"),
            _ => (b"^\\(", b"\\)$"),
        };
        // The default kind is that of Emacs, whose `+` and `?` repeat.
        let text = if self.flavour == Flavour::Basic { emacs(&text) } else { text };
        let how = How { flavour: self.flavour, escapes: false, ignore_case: name == b"-iregex", lines: Lines::One };
        Ok(Expression::Regex(Box::new(Regex::new(&[start, &text, end].concat(), how)?)))
    }

    fn kind(&mut self, name: &[u8]) -> Read<Expression> {
        let value = self.value(name)?;
        for letter in value.split(|byte| *byte == b',') {
            match letter {
                [letter] if b"bcdpflsD".contains(letter) => {}
                [] | [_] => {
                    let letter = shown(letter);
                    return Err(format!("Unknown argument to {}: {letter}", shown(name)));
                }
                _ => return Err(format!("Must separate multiple arguments to {} using: ','", shown(name))),
            }
        }
        Ok(Expression::Kind(value, name == b"-xtype"))
    }

    fn size(&mut self) -> Read<Expression> {
        let value = self.value(b"-size")?;
        let (number, unit) = match value.last() {
            Some(b'b') => (&value[..value.len() - 1], 512),
            Some(b'c') => (&value[..value.len() - 1], 1),
            Some(b'w') => (&value[..value.len() - 1], 2),
            Some(b'k') => (&value[..value.len() - 1], 1 << 10),
            Some(b'M') => (&value[..value.len() - 1], 1 << 20),
            Some(b'G') => (&value[..value.len() - 1], 1 << 30),
            _ => (&value[..], 512),
        };
        match amount(number) {
            Some(amount) => Ok(Expression::Size(amount, unit)),
            None => Err(format!("invalid -size type `{}'", shown(&value))),
        }
    }

    fn newer(&mut self, clock: Clock, name: &[u8]) -> Read<Expression> {
        let file = self.value(name)?;
        let status =
            std::fs::metadata(path(&file)).map_err(|error| format!("'{}': {}", shown(&file), reason(&error)))?;
        Ok(Expression::Newer(clock, status.modified().map_err(|error| reason(&error))?))
    }

    fn permissions(&mut self) -> Read<Expression> {
        let value = self.value(b"-perm")?;
        let (how, digits): (fn(u32) -> Permissions, _) = match value.first() {
            Some(b'-') => (Permissions::All, &value[1..]),
            Some(b'/') => (Permissions::Any, &value[1..]),
            _ => (Permissions::Exactly, &value[..]),
        };
        let mode = match u32::from_str_radix(&shown(digits), 8) {
            Ok(mode) => Some(mode),
            Err(_) => symbolic(digits),
        };
        match mode {
            Some(mode) => Ok(Expression::Permissions(how(mode))),
            None => Err(format!("invalid mode '{}'", shown(&value))),
        }
    }

    fn command(&mut self, name: &[u8]) -> Read<Expression> {
        let mut words: Vec<Bytes> = Vec::new();
        let mut gather = None;
        loop {
            let Some(word) = self.words.get(self.at) else {
                return Err(format!("missing argument to `{}'", shown(name)));
            };
            self.at += 1;
            match word.as_slice() {
                b";" => break,
                b"+" if words.last().is_some_and(|word| word == b"{}") => {
                    words.pop();
                    gather = Some(self.commands);
                    self.commands += 1;
                    break;
                }
                word => words.push(word.to_vec()),
            }
        }
        if words.is_empty() {
            return Err(format!("invalid argument `;' to `{}'", shown(name)));
        }
        Ok(Expression::Execute(Command { words, in_folder: name == b"-execdir", gather }))
    }
}

fn amount(value: &[u8]) -> Option<Amount> {
    let (order, digits) = match value.first()? {
        b'+' => (Ordering::Greater, &value[1..]),
        b'-' => (Ordering::Less, &value[1..]),
        _ => (Ordering::Equal, value),
    };
    let number = plain(digits)?;
    Some(Amount { order, number })
}

/// `2024-01-02`, `2024-01-02 03:04:05`, the same with `T` and `Z`, or `@SECONDS`; in UTC.
fn moment(text: &[u8]) -> Option<SystemTime> {
    let after = |seconds: u64| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    if let Some(seconds) = text.strip_prefix(b"@") {
        return plain(seconds).map(after);
    }
    let text = text.strip_suffix(b"Z").or_else(|| text.strip_suffix(b" UTC")).unwrap_or(text);
    let parts: Vec<&[u8]> = text.split(|byte| b"-T: ".contains(byte)).collect();
    if !(3..=6).contains(&parts.len()) || parts.len() == 4 || !parts.iter().all(|part| plain(part).is_some()) {
        return None;
    }
    let mut words = parts.join(&b' ');
    words.extend_from_slice(match parts.len() {
        3 => b" 0 0 0",
        5 => b" 0",
        _ => b"",
    });
    let seconds = crate::awk::mktime(&words, true);
    (seconds >= 0.0).then(|| after(seconds as u64))
}

/// `u=rw,g+x`, from nothing.
fn symbolic(text: &[u8]) -> Option<u32> {
    let mut mode = 0;
    for clause in text.split(|byte| *byte == b',') {
        let at = clause.iter().position(|byte| b"+=-".contains(byte))?;
        let mut who = 0;
        for letter in &clause[..at] {
            who |= match letter {
                b'u' => 0o4700,
                b'g' => 0o2070,
                b'o' => 0o1007,
                b'a' => 0o7777,
                _ => return None,
            };
        }
        let who = if at == 0 { 0o7777 } else { who };
        let mut bits = 0;
        for letter in &clause[at + 1..] {
            bits |= match letter {
                b'r' => 0o444,
                b'w' => 0o222,
                b'x' => 0o111,
                b's' => 0o6000,
                b't' => 0o1000,
                _ => return None,
            };
        }
        match clause[at] {
            b'-' => mode &= !(bits & who),
            _ => mode |= bits & who,
        }
    }
    Some(mode)
}
