//! The characters of a script: blanks, comments, line ends, operators, reserved words, aliases.
//!
//! There is no list of tokens: the parser looks at what comes next and takes it.

use super::{Parsed, Parser};
use std::rc::Rc;

/// Operators, the longest first.
const OPERATORS: [&str; 26] = [
    "&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&", "|&", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "\n", ";", "&",
    "|", "<", ">", "(", ")", "((", "))",
];

/// Words that the grammar knows where a command begins.
pub const RESERVED: [&str; 22] = [
    "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "{", "}", "!", "in",
    "[[", "]]", "function", "select", "time", "coproc",
];

pub(super) fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

pub(super) fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

impl Parser {
    /// The byte after so many others, reading on where the text ends.
    pub(super) fn byte_at(&mut self, ahead: usize) -> Option<u8> {
        while self.pos + ahead >= self.src.len() {
            let line = self.more.as_mut()?();
            match line {
                Some(line) => self.src.push_str(&line),
                None => {
                    self.more = None;
                    return None;
                }
            }
        }
        self.src.as_bytes().get(self.pos + ahead).copied()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.byte_at(0)
    }

    /// Whether the text goes on like this; line ends are at its end at most.
    pub(super) fn at(&mut self, text: &str) -> bool {
        text.bytes().enumerate().all(|(ahead, byte)| self.byte_at(ahead) == Some(byte))
    }

    /// The character at which reading is.
    pub(super) fn char(&mut self) -> Option<char> {
        self.byte()?;
        self.src[self.pos..].chars().next()
    }

    /// Takes what has no line end.
    pub(super) fn take(&mut self, bytes: usize) {
        self.pos += bytes;
    }

    pub(super) fn take_char(&mut self) -> Option<char> {
        let char = self.char()?;
        if char == '\n' {
            self.newline();
        } else {
            self.pos += char.len_utf8();
        }
        Some(char)
    }

    /// Takes a line end and the bodies of here-documents behind it.
    pub(super) fn newline(&mut self) {
        if let Some((end_of_line, end, lines)) = self.bodies.take() {
            if self.pos == end_of_line {
                self.pos = end;
                self.line += lines + 1;
                return;
            }
            self.bodies = Some((end_of_line, end, lines));
        }
        self.pos += 1;
        self.line += 1;
    }

    /// Takes blanks, joined lines and a comment.
    pub(super) fn blanks(&mut self) -> Parsed<()> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t') => self.pos += 1,
                Some(b'\\') if self.byte_at(1) == Some(b'\n') => {
                    self.pos += 1;
                    self.newline();
                }
                Some(b'\r') if self.byte_at(1) == Some(b'\n') && self.pos == 0 => self.pos += 1,
                Some(b'#') => {
                    while self.byte().is_some_and(|byte| byte != b'\n') {
                        self.pos += 1;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Takes blanks, comments and line ends.
    pub(super) fn newlines(&mut self) -> Parsed<()> {
        loop {
            self.blanks()?;
            if self.byte() != Some(b'\n') {
                return Ok(());
            }
            self.newline();
        }
    }

    /// The operator at which reading is.
    pub(super) fn operator(&mut self) -> Option<&'static str> {
        let first = self.byte()?;
        if !is_meta(first) || matches!(first, b' ' | b'\t') {
            return None;
        }
        if first == b'\n' {
            return Some("\n");
        }
        if matches!(first, b'(' | b')') {
            return Some(if first == b'(' { "(" } else { ")" });
        }
        if matches!(first, b'<' | b'>') && self.byte_at(1) == Some(b'(') {
            return None;
        }
        OPERATORS.iter().find(|operator| self.at(operator)).copied()
    }

    /// The reserved word at which reading is.
    pub(super) fn reserved(&mut self) -> Option<&'static str> {
        let first = self.byte()?;
        if !(first.is_ascii_lowercase() || matches!(first, b'{' | b'}' | b'!' | b'[' | b']')) {
            return None;
        }
        RESERVED.into_iter().find(|word| {
            self.at(word)
                && self.byte_at(word.len()).is_none_or(is_meta)
                && !(self.byte_at(word.len()) == Some(b'(') && matches!(*word, "!") && self.settings.extglob)
        })
    }

    /// Takes this reserved word, if it is the one that is there.
    pub(super) fn take_reserved(&mut self, wanted: &str) -> Parsed<bool> {
        self.blanks()?;
        let there = self.reserved() == Some(wanted);
        if there {
            self.pos += wanted.len();
        }
        Ok(there)
    }

    /// Takes this reserved word, which has to come.
    pub(super) fn expect_reserved(&mut self, wanted: &str) -> Parsed<()> {
        self.command_blanks()?;
        if self.reserved() == Some(wanted) {
            self.pos += wanted.len();
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes blanks before a command, and puts the text of an alias in its place.
    pub(super) fn command_blanks(&mut self) -> Parsed<()> {
        self.blanks()?;
        while self.settings.aliases.is_some() && self.replace_alias() {
            self.blanks()?;
        }
        Ok(())
    }

    /// Whether the word after an alias that ends with a blank is looked up too.
    pub(super) fn argument_alias(&mut self) -> Parsed<()> {
        if self.is_behind_alias() {
            self.command_blanks()?;
        }
        Ok(())
    }

    /// Whether this is the first word behind an alias that ends with a blank; which is forgotten then.
    pub(super) fn is_behind_alias(&mut self) -> bool {
        self.alias_again.take_if(|rest| self.src.len() - self.pos <= *rest).is_some()
    }

    fn replace_alias(&mut self) -> bool {
        let mut length = 0;
        while self
            .byte_at(length)
            .is_some_and(|byte| !is_meta(byte) && !matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`' | b'='))
        {
            length += 1;
        }
        if length == 0 || self.reserved().is_some() || self.byte_at(length).is_some_and(|byte| !is_meta(byte)) {
            return false;
        }
        let rest = self.src.len() - self.pos;
        self.active.retain(|(_, after)| *after < rest);
        let word = &self.src[self.pos..self.pos + length];
        let Some((name, text)) = self.settings.aliases.as_ref().and_then(|aliases| aliases.get_key_value(word)) else {
            return false;
        };
        if self.active.iter().any(|(active, _)| active == name) {
            return false;
        }
        let (name, text): (Rc<str>, Rc<str>) = (name.clone(), text.clone());
        let after = rest - length;
        self.src.replace_range(self.pos..self.pos + length, &text);
        if let Some((end_of_line, end, _)) = &mut self.bodies {
            *end_of_line = *end_of_line + text.len() - length;
            *end = *end + text.len() - length;
        }
        self.active.push((name, after));
        if text.ends_with([' ', '\t']) {
            self.alias_again = Some(after);
        }
        // An alias for nothing leaves the next word where the command begins.
        !text.trim().is_empty() || self.byte().is_some()
    }

    /// What stands here, for a message.
    pub(super) fn token_text(&mut self) -> String {
        match self.operator() {
            Some("\n") => "newline".into(),
            Some(operator) => operator.into(),
            None => {
                let start = self.pos;
                let mut end = start;
                while self.src.as_bytes().get(end).is_some_and(|&byte| !is_meta(byte)) {
                    end += 1;
                }
                self.src[start..end.max(start)].to_owned()
            }
        }
    }
}
