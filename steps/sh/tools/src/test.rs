//! `test` and `[`.
//!
//! Knows POSIX's rules by the number of arguments, and `-a`, `-o` and parentheses as GNU has them.

use crate::environment::is_installed;
use crate::outcome::{Failed, Outcome, own_name, quoted};
use crate::status::{Kind, Status};
use std::ffi::OsString;
use std::path::Path;

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let name = own_name(&arguments);
    let mut words: Vec<String> = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if name == "[" && words.pop().as_deref() != Some("]") {
        return Err(Failed::new(2, "missing ']'"));
    }
    let mut testing = Testing { words, at: 0 };
    match testing.by_count() {
        Ok(answer) => Ok(i32::from(!answer)),
        Err(message) => Err(Failed::new(2, message)),
    }
}

struct Testing {
    words: Vec<String>,
    at: usize,
}

const BINARY: [&str; 16] =
    ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "-a", "-o"];

fn is_unary(word: &str) -> bool {
    word.len() == 2 && word.starts_with('-') && "bcdefghkLnprsStuwxzGON".contains(&word[1..])
}

fn is_comparison(word: &str) -> bool {
    BINARY[..14].contains(&word)
}

impl Testing {
    fn by_count(&mut self) -> Result<bool, String> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => Ok(false),
            [one] => Ok(!one.is_empty()),
            ["!", one] => Ok(one.is_empty()),
            [operator, operand] if is_unary(operator) => unary(operator, operand),
            [_, operand] => Err(format!("missing argument after {}", quoted(operand))),
            [one, operator, other] if is_comparison(operator) => binary(one, operator, other),
            [one, "-a", other] => Ok(!one.is_empty() && !other.is_empty()),
            [one, "-o", other] => Ok(!one.is_empty() || !other.is_empty()),
            ["!", operator, operand] if is_unary(operator) => Ok(!unary(operator, operand)?),
            ["(", one, ")"] => Ok(!one.is_empty()),
            [_, operator, _] if !matches!(words[0], "!" | "(") && !is_unary(words[0]) => {
                Err(format!("{}: binary operator expected", quoted(operator)))
            }
            _ => {
                let answer = self.or()?;
                match self.words.get(self.at) {
                    None => Ok(answer),
                    Some(more) => Err(format!("extra argument {}", quoted(more))),
                }
            }
        }
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        self.words.get(self.at + ahead).map(String::as_str)
    }

    fn or(&mut self) -> Result<bool, String> {
        let mut answer = self.and()?;
        while self.word(0) == Some("-o") {
            self.at += 1;
            answer |= self.and()?;
        }
        Ok(answer)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut answer = self.term()?;
        while self.word(0) == Some("-a") {
            self.at += 1;
            answer &= self.term()?;
        }
        Ok(answer)
    }

    fn term(&mut self) -> Result<bool, String> {
        let Some(word) = self.word(0).map(ToOwned::to_owned) else {
            let last = self.words.last().map_or("", String::as_str);
            return Err(format!("missing argument after {}", quoted(last)));
        };
        if let (Some(operator), Some(other)) = (self.word(1), self.word(2))
            && is_comparison(operator)
        {
            let answer = binary(&word, operator, other)?;
            self.at += 3;
            return Ok(answer);
        }
        self.at += 1;
        match word.as_str() {
            "!" => Ok(!self.term()?),
            "(" => {
                let answer = self.or()?;
                if self.word(0) != Some(")") {
                    return Err("')' expected".to_owned());
                }
                self.at += 1;
                Ok(answer)
            }
            operator if is_unary(operator) && self.word(0).is_some() => {
                let operand = self.word(0).unwrap_or_default().to_owned();
                self.at += 1;
                unary(operator, &operand)
            }
            word => Ok(!word.is_empty()),
        }
    }
}

fn unary(operator: &str, operand: &str) -> Result<bool, String> {
    let path = Path::new(operand);
    let status = || Status::of(path, true).ok();
    let is = |kind: Kind| status().is_some_and(|status| status.kind == kind);
    let bit = |bits: u32| status().is_some_and(|status| status.mode & bits != 0);
    Ok(match operator {
        "-n" => !operand.is_empty(),
        "-z" => operand.is_empty(),
        // Where a system has its tools, ours are said to be: `[ -x "$(command -v jq)" ]`.
        "-e" | "-f" | "-r" | "-s" | "-x" if status().is_none() && is_installed(operand) => true,
        "-e" => status().is_some(),
        "-f" => is(Kind::File),
        "-d" => is(Kind::Directory),
        "-p" => is(Kind::Fifo),
        "-S" => is(Kind::Socket),
        "-b" => is(Kind::Blocks),
        "-c" => is(Kind::Characters),
        "-h" | "-L" => Status::of(path, false).is_ok_and(|status| status.kind == Kind::Link),
        "-s" => status().is_some_and(|status| status.size > 0),
        // Root may read and write all, and run what anyone may run.
        "-r" | "-w" => status().is_some(),
        "-x" => status().is_some_and(|status| status.is_directory() || status.mode & 0o111 != 0),
        "-u" => bit(0o4000),
        "-g" => bit(0o2000),
        "-k" => bit(0o1000),
        "-O" => status().is_some_and(|status| status.user == 0),
        "-G" => status().is_some_and(|status| status.group == 0),
        "-N" => status().is_some_and(|status| status.modified > status.accessed),
        "-t" => match operand.trim().parse::<u32>() {
            Ok(fd) => is_terminal(fd),
            Err(_) => return Err(format!("invalid integer {}", quoted(operand))),
        },
        other => return Err(format!("{}: unary operator expected", quoted(other))),
    })
}

#[cfg(unix)]
fn is_terminal(fd: u32) -> bool {
    // SAFETY: no memory is handed over.
    i32::try_from(fd).is_ok_and(|fd| unsafe { libc::isatty(fd) } == 1)
}

/// The sandbox has none.
#[cfg(target_os = "wasi")]
fn is_terminal(_fd: u32) -> bool {
    false
}

fn binary(one: &str, operator: &str, other: &str) -> Result<bool, String> {
    let status = |path: &str| Status::of(Path::new(path), true).ok();
    match operator {
        "=" | "==" => return Ok(one == other),
        "!=" => return Ok(one != other),
        "<" => return Ok(one < other),
        ">" => return Ok(one > other),
        "-nt" => return Ok(status(one).map(|status| status.modified) > status(other).map(|status| status.modified)),
        "-ot" => return Ok(status(one).map(|status| status.modified) < status(other).map(|status| status.modified)),
        "-ef" => return Ok(matches!((status(one), status(other)), (Some(one), Some(other)) if one.same(&other))),
        _ => {}
    }
    let number = |text: &str| match text.strip_prefix("-l ") {
        Some(text) => Ok(text.len() as i128),
        None => {
            text.trim().trim_start_matches('+').parse::<i128>().map_err(|_| format!("invalid integer {}", quoted(text)))
        }
    };
    let (one, other) = (number(one)?, number(other)?);
    Ok(match operator {
        "-eq" => one == other,
        "-ne" => one != other,
        "-lt" => one < other,
        "-le" => one <= other,
        "-gt" => one > other,
        _ => one >= other,
    })
}
