//! What stands behind the letter of a command of `sed`: labels, names of files, texts, replacements.
//!
//! Does not know addresses.

use super::replacement::{escape, replacement};
use super::script::{Action, Read, Reader, Substitute, listed, no};
use crate::options::Bytes;

impl Reader<'_> {
    pub fn label(&mut self, is_jump: bool) -> Bytes {
        self.blanks();
        let from = self.at;
        self.skip(|byte| !byte.is_ascii_whitespace() && byte != b';' && !(is_jump && byte == b'}'));
        let label = self.text[from..self.at].to_vec();
        self.blanks();
        label
    }

    pub fn file_name(&mut self) -> Read<Bytes> {
        self.blanks();
        let from = self.at;
        self.skip(|byte| byte != b'\n');
        if from == self.at {
            return no("missing filename in r/R/w/W commands");
        }
        Ok(self.text[from..self.at].to_vec())
    }

    pub fn written(&mut self) -> Read<usize> {
        let name = self.file_name()?;
        Ok(listed(&mut self.script.written, name))
    }

    pub fn read_by_lines(&mut self) -> Read<usize> {
        let name = self.file_name()?;
        Ok(listed(&mut self.script.read, name))
    }

    /// The text of `a`, `i` and `c`: up to a line end without a backslash before it.
    pub fn body(&mut self) -> Read<Bytes> {
        self.blanks();
        let Some(first) = self.peek() else { return no("expected \\ after `a', `c' or `i'") };
        if first == b'\\' {
            self.at += 1;
            let mark = self.at;
            self.blanks();
            if self.peek() == Some(b'\n') {
                self.at += 1;
            } else {
                self.at = mark;
            }
            if self.peek().is_none() {
                return Ok(Bytes::new());
            }
        } else if first == b'\n' {
            return no("expected \\ after `a', `c' or `i'");
        }
        let mut text = Bytes::new();
        while let Some(byte) = self.next() {
            match byte {
                b'\n' => break,
                b'\\' => match self.next() {
                    Some(letter) => {
                        let (byte, more) = escape(letter, &self.text[self.at..]);
                        text.push(byte);
                        self.at += more;
                    }
                    None => break,
                },
                byte => text.push(byte),
            }
        }
        text.push(b'\n');
        Ok(text)
    }

    pub fn map(&mut self) -> Read<Action> {
        let unterminated = "unterminated `y' command";
        let delimiter = self.next().ok_or(unterminated)?;
        let mut sides = [Bytes::new(), Bytes::new()];
        for side in &mut sides {
            let text = self.delimited(delimiter, false).ok_or(unterminated)?;
            let mut bytes = text.iter();
            while let Some(byte) = bytes.next() {
                let mapped = match (byte, bytes.as_slice().first()) {
                    (b'\\', Some(next)) => {
                        bytes.next();
                        match next {
                            b'n' => b'\n',
                            b't' => b'\t',
                            b'r' => b'\r',
                            b'\\' => b'\\',
                            b'&' => b'&',
                            other => {
                                side.push(b'\\');
                                *other
                            }
                        }
                    }
                    (byte, _) => *byte,
                };
                side.push(mapped);
            }
        }
        if sides[0].len() != sides[1].len() {
            return no("strings for `y' command are different lengths");
        }
        let mut map: [u8; 256] = std::array::from_fn(|byte| byte as u8);
        sides[0].iter().zip(&sides[1]).for_each(|(from, to)| map[usize::from(*from)] = *to);
        Ok(Action::Map(Box::new(map)))
    }

    pub fn substitute(&mut self) -> Read<Action> {
        let unterminated = "unterminated `s' command";
        let delimiter = self.next().ok_or(unterminated)?;
        let text = self.delimited(delimiter, true).ok_or(unterminated)?;
        let by = self.delimited(delimiter, false).ok_or(unterminated)?;
        let (parts, highest) = replacement(&by);
        let mut made =
            Substitute { pattern: None, parts, global: false, number: 0, print: 0, evaluate: false, write: None };
        let (mut ignore_case, mut many) = (false, false);
        loop {
            match self.peek() {
                Some(b'g') if made.global => {
                    self.at += 1;
                    return no("multiple `g' options to `s' command");
                }
                Some(b'g') => made.global = true,
                Some(b'p') => made.print += 1,
                Some(b'i' | b'I') => ignore_case = true,
                Some(b'm' | b'M') => many = true,
                Some(b'e') => made.evaluate = true,
                Some(b'0'..=b'9') => {
                    let number = self.number().unwrap_or(0);
                    if number == 0 {
                        return no("number option to `s' command may not be zero");
                    }
                    if made.number > 0 {
                        return no("multiple number options to `s' command");
                    }
                    made.number = number;
                    continue;
                }
                Some(b'w') => {
                    self.at += 1;
                    made.write = Some(self.written()?);
                    break;
                }
                Some(b'}' | b'#' | b';' | b'\n' | b' ' | b'\t' | b'\r') | None => {
                    self.ends().map_err(|_| "unknown option to `s'".to_owned())?;
                    break;
                }
                Some(_) => {
                    self.at += 1;
                    return no("unknown option to `s'");
                }
            }
            self.at += 1;
        }
        made.pattern = self.regex(&text, ignore_case, many)?;
        if let Some(pattern) = &made.pattern
            && highest > pattern.groups
        {
            return Err(format!("invalid reference \\{highest} on `s' command's RHS"));
        }
        Ok(Action::Substitute(Box::new(made)))
    }
}
