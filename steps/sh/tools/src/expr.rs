//! `expr`.
//!
//! Knows POSIX's grammar with GNU's `match`, `substr`, `index` and `length`, and whole numbers of any size.

use crate::outcome::{Failed, Outcome, output, quoted};
use num_bigint::BigInt;
use std::cmp::Ordering;
use std::ffi::OsString;
use std::io::Write;
use userland_text::regex::{Flavour, How, Lines, Regex, Slots};

struct Reading {
    words: Vec<String>,
    at: usize,
    /// Whether what is read decides nothing, so that a division by zero there is none.
    idle: usize,
}

fn wrong(message: impl Into<String>) -> Failed {
    Failed::new(2, format!("syntax error: {}", message.into()))
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let mut words: Vec<String> = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.len() == 1 && words[0] == "--version" {
        println!("expr (stepwell userland) {}", env!("CARGO_PKG_VERSION"));
        return Ok(0);
    }
    if words.first().is_some_and(|word| word == "--") {
        words.remove(0);
    }
    if words.is_empty() {
        return Err(Failed::new(2, "missing operand\nTry 'expr --help' for more information."));
    }
    let mut reading = Reading { words, at: 0, idle: 0 };
    let value = reading.or()?;
    if let Some(more) = reading.words.get(reading.at) {
        return Err(wrong(format!("unexpected argument {}", quoted(more))));
    }
    let mut out = output();
    writeln!(out, "{value}")?;
    out.flush()?;
    Ok(i32::from(is_null(&value)))
}

fn is_null(text: &str) -> bool {
    text.is_empty() || number(text).is_some_and(|number| number == BigInt::ZERO)
}

fn number(text: &str) -> Option<BigInt> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

impl Reading {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn take(&mut self, names: &[&str]) -> Option<String> {
        let word = self.peek().filter(|word| names.contains(word))?.to_owned();
        self.at += 1;
        Some(word)
    }

    fn or(&mut self) -> Outcome<String> {
        let mut left = self.and()?;
        while self.take(&["|"]).is_some() {
            let decided = !is_null(&left);
            self.idle += usize::from(decided);
            let right = self.and()?;
            self.idle -= usize::from(decided);
            if !decided {
                left = if is_null(&right) { "0".to_owned() } else { right };
            }
        }
        Ok(left)
    }

    fn and(&mut self) -> Outcome<String> {
        let mut left = self.compared()?;
        while self.take(&["&"]).is_some() {
            let decided = is_null(&left);
            self.idle += usize::from(decided);
            let right = self.compared()?;
            self.idle -= usize::from(decided);
            if decided || is_null(&right) {
                left = "0".to_owned();
            }
        }
        Ok(left)
    }

    fn compared(&mut self) -> Outcome<String> {
        let mut left = self.sum()?;
        while let Some(operator) = self.take(&["<", "<=", "=", "==", "!=", ">=", ">"]) {
            let right = self.sum()?;
            let order = match (number(&left), number(&right)) {
                (Some(one), Some(other)) => one.cmp(&other),
                _ => left.cmp(&right),
            };
            let answer = match operator.as_str() {
                "<" => order == Ordering::Less,
                "<=" => order != Ordering::Greater,
                ">" => order == Ordering::Greater,
                ">=" => order != Ordering::Less,
                "!=" => order != Ordering::Equal,
                _ => order == Ordering::Equal,
            };
            left = u8::from(answer).to_string();
        }
        Ok(left)
    }

    fn numbers(&self, one: &str, other: &str) -> Outcome<(BigInt, BigInt)> {
        let read = |text: &str| number(text).ok_or_else(|| Failed::new(2, "non-integer argument"));
        if self.idle > 0 {
            return Ok((number(one).unwrap_or_default(), number(other).unwrap_or_default()));
        }
        Ok((read(one)?, read(other)?))
    }

    fn sum(&mut self) -> Outcome<String> {
        let mut left = self.product()?;
        while let Some(operator) = self.take(&["+", "-"]) {
            let right = self.product()?;
            let (one, other) = self.numbers(&left, &right)?;
            left = if operator == "+" { one + other } else { one - other }.to_string();
        }
        Ok(left)
    }

    fn product(&mut self) -> Outcome<String> {
        let mut left = self.matched()?;
        while let Some(operator) = self.take(&["*", "/", "%"]) {
            let right = self.matched()?;
            let (one, other) = self.numbers(&left, &right)?;
            if operator != "*" && other == BigInt::ZERO {
                if self.idle > 0 {
                    continue;
                }
                return Err(Failed::new(2, "division by zero"));
            }
            left = match operator.as_str() {
                "*" => one * other,
                "/" => one / other,
                _ => one % other,
            }
            .to_string();
        }
        Ok(left)
    }

    fn matched(&mut self) -> Outcome<String> {
        let mut left = self.word()?;
        while self.take(&[":"]).is_some() {
            let pattern = self.word()?;
            left = matched(&left, &pattern)?;
        }
        Ok(left)
    }

    fn word(&mut self) -> Outcome<String> {
        let Some(word) = self.peek().map(ToOwned::to_owned) else {
            let last = self.words.last().map_or("", String::as_str);
            return Err(wrong(format!("missing argument after {}", quoted(last))));
        };
        self.at += 1;
        match word.as_str() {
            "(" => {
                let value = self.or()?;
                match self.peek().map(ToOwned::to_owned) {
                    Some(close) if close == ")" => self.at += 1,
                    Some(other) => return Err(wrong(format!("expecting ')' instead of {}", quoted(other)))),
                    None => return Err(wrong(format!("expecting ')' after {}", quoted(&self.words[self.at - 1])))),
                }
                Ok(value)
            }
            ")" => Err(wrong("unexpected ')'")),
            "+" => {
                let Some(next) = self.peek().map(ToOwned::to_owned) else {
                    return Err(wrong("missing argument after '+'"));
                };
                self.at += 1;
                Ok(next)
            }
            "match" => {
                let (text, pattern) = (self.word()?, self.word()?);
                matched(&text, &pattern)
            }
            "length" => Ok(self.word()?.chars().count().to_string()),
            "index" => {
                let (text, set) = (self.word()?, self.word()?);
                Ok(text.chars().position(|one| set.contains(one)).map_or(0, |at| at + 1).to_string())
            }
            "substr" => {
                let (text, from, length) = (self.word()?, self.word()?, self.word()?);
                let place = |text: &str| text.parse::<usize>().ok().filter(|place| *place > 0);
                Ok(match (place(&from), place(&length)) {
                    (Some(from), Some(length)) => text.chars().skip(from - 1).take(length).collect(),
                    _ => String::new(),
                })
            }
            _ => Ok(word),
        }
    }
}

/// What a pattern at the beginning of a text gives: its first group, or how long the match is.
fn matched(text: &str, pattern: &str) -> Outcome<String> {
    let how = How { flavour: Flavour::Basic, escapes: false, ignore_case: false, lines: Lines::One };
    let pattern = Regex::new(pattern.as_bytes(), how).map_err(|why| Failed::new(2, why))?;
    let mut slots = Slots::new();
    // Of all matches the leftmost is found, so one that begins elsewhere says that there is none at the beginning.
    let found = pattern.captures_at(text.as_bytes(), 0, &mut slots) && slots[0] == Some(0);
    let part = |number: usize| match (slots.get(number * 2), slots.get(number * 2 + 1)) {
        (Some(Some(from)), Some(Some(to))) if found => text.get(*from..*to).unwrap_or_default(),
        _ => "",
    };
    Ok(if pattern.groups > 0 { part(1).to_owned() } else { part(0).chars().count().to_string() })
}
