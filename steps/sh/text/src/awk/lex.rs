//! The words of an awk program.
//!
//! Knows where a slash begins a regular expression. Does not know the grammar.

use crate::options::Bytes;

#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    Line,
    End,
    Number(f64),
    Text(Bytes),
    Regex(Bytes),
    /// A name with a parenthesis right behind it.
    Function(String),
    Name(String),
    Builtin(&'static str),
    Keyword(&'static str),
    Mark(&'static str),
}

const KEYWORDS: &[&str] = &[
    "BEGIN",
    "END",
    "function",
    "func",
    "if",
    "else",
    "while",
    "for",
    "do",
    "break",
    "continue",
    "next",
    "nextfile",
    "exit",
    "return",
    "delete",
    "in",
    "getline",
    "print",
    "printf",
    "switch",
    "case",
    "default",
    "BEGINFILE",
    "ENDFILE",
];

const BUILTINS: &[&str] = &[
    "length", "substr", "index", "split", "sub", "gsub", "gensub", "match", "sprintf", "sin", "cos", "atan2", "exp",
    "log", "sqrt", "int", "rand", "srand", "tolower", "toupper", "system", "close", "fflush", "strftime", "mktime",
    "systime", "and", "or", "xor", "lshift", "rshift", "compl", "strtonum", "asort", "asorti", "typeof", "isarray",
    "patsplit",
];

const MARKS: &[&str] = &[
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", "==", "<=", ">=", "!=", "!~", ">>", "|&",
    "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
];

/// The words, each with its line.
pub fn words(text: &[u8]) -> Result<Vec<(Word, u32)>, (u32, String)> {
    let mut reader = Reader { text, at: 0, line: 1, words: Vec::new() };
    reader.all().map_err(|text| (reader.line, text))?;
    let line = reader.line;
    reader.words.push((Word::Line, line));
    reader.words.push((Word::End, line));
    Ok(reader.words)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    words: Vec<(Word, u32)>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn push(&mut self, word: Word) {
        self.words.push((word, self.line));
    }

    /// Whether a slash here would divide.
    fn divides(&self) -> bool {
        match self.words.last() {
            Some((Word::Number(_) | Word::Text(_) | Word::Regex(_) | Word::Name(_) | Word::Builtin(_), _)) => true,
            Some((Word::Mark(mark), _)) => matches!(*mark, ")" | "]" | "$" | "++" | "--"),
            _ => false,
        }
    }

    fn all(&mut self) -> Result<(), String> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    self.push(Word::Line);
                    self.line += 1;
                }
                b'\\' if self.peek(1) == Some(b'\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                b'\\' if self.peek(1) == Some(b'\r') && self.peek(2) == Some(b'\n') => {
                    self.at += 3;
                    self.line += 1;
                }
                b'#' => {
                    while self.peek(0).is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                b'"' => self.string()?,
                b'/' if !self.divides() => self.regex()?,
                b'0'..=b'9' => self.number(),
                b'.' if self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
                _ => self.mark()?,
            }
        }
        Ok(())
    }

    fn number(&mut self) {
        let rest = &self.text[self.at..];
        if rest.len() > 2 && rest[0] == b'0' && (rest[1] == b'x' || rest[1] == b'X') && rest[2].is_ascii_hexdigit() {
            let digits = rest[2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            let digit = |byte: &u8| f64::from((*byte as char).to_digit(16).unwrap_or(0));
            let number = rest[2..2 + digits].iter().fold(0.0, |number, byte| number * 16.0 + digit(byte));
            self.at += 2 + digits;
            return self.push(Word::Number(number));
        }
        let octal = rest.iter().take_while(|byte| (b'0'..=b'7').contains(byte)).count();
        let goes_on = rest.get(octal).is_some_and(|byte| byte.is_ascii_digit() || b".eE".contains(byte));
        if rest[0] == b'0' && octal > 1 && !goes_on {
            let number = rest[..octal].iter().fold(0.0, |number, byte| number * 8.0 + f64::from(byte - b'0'));
            self.at += octal;
            return self.push(Word::Number(number));
        }
        let (number, length) = super::value::prefix(rest);
        self.at += length;
        self.push(Word::Number(number));
    }

    fn name(&mut self) {
        let from = self.at;
        while self.peek(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        let name = String::from_utf8_lossy(&self.text[from..self.at]).into_owned();
        let word = if let Some(keyword) = KEYWORDS.iter().find(|keyword| **keyword == name) {
            Word::Keyword(if *keyword == "func" { "function" } else { keyword })
        } else if let Some(builtin) = BUILTINS.iter().find(|builtin| **builtin == name) {
            Word::Builtin(builtin)
        } else if self.peek(0) == Some(b'(') {
            Word::Function(name)
        } else {
            Word::Name(name)
        };
        self.push(word);
    }

    fn mark(&mut self) -> Result<(), String> {
        let rest = &self.text[self.at..];
        let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(mark.as_bytes())) else {
            return Err(format!("unexpected character '{}'", rest[0] as char));
        };
        self.at += mark.len();
        self.push(Word::Mark(match *mark {
            "**" => "^",
            "**=" => "^=",
            mark => mark,
        }));
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        self.at += 1;
        let mut text = Bytes::new();
        loop {
            match self.peek(0) {
                None | Some(b'\n') => return Err("unterminated string".to_owned()),
                Some(b'"') => break,
                Some(b'\\') if self.peek(1) == Some(b'\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                Some(b'\\') => {
                    let length = escape(&self.text[self.at..], &mut text);
                    self.at += length;
                }
                Some(byte) => {
                    text.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.push(Word::Text(text));
        Ok(())
    }

    fn regex(&mut self) -> Result<(), String> {
        self.at += 1;
        let mut text = Bytes::new();
        let mut in_brackets = false;
        loop {
            match self.peek(0) {
                None | Some(b'\n') => return Err("unterminated regexp".to_owned()),
                Some(b'/') if !in_brackets => break,
                Some(b'\\') => {
                    if self.peek(1) != Some(b'/') {
                        text.push(b'\\');
                    }
                    if let Some(byte) = self.peek(1) {
                        text.push(byte);
                    }
                    self.at += 2;
                    continue;
                }
                Some(b'[') if !in_brackets => {
                    in_brackets = true;
                    text.push(b'[');
                    self.at += 1;
                    for mark in [b'^', b']'] {
                        if self.peek(0) == Some(mark) {
                            text.push(mark);
                            self.at += 1;
                        }
                    }
                    continue;
                }
                Some(b'[') if matches!(self.peek(1), Some(b':')) => {
                    let rest = &self.text[self.at + 2..];
                    if let Some(end) = memchr::memmem::find(rest, b":]") {
                        text.extend_from_slice(&self.text[self.at..self.at + end + 4]);
                        self.at += end + 4;
                        continue;
                    }
                }
                Some(b']') => in_brackets = false,
                Some(_) => {}
            }
            text.extend(self.peek(0));
            self.at += 1;
        }
        self.at += 1;
        self.push(Word::Regex(text));
        Ok(())
    }
}

/// Reads an escape at the start of a text; gives its length.
pub fn escape(text: &[u8], out: &mut Bytes) -> usize {
    let Some(letter) = text.get(1) else {
        out.push(b'\\');
        return 1;
    };
    let byte = match letter {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'\\' => b'\\',
        b'"' => b'"',
        b'/' => b'/',
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'v' => 11,
        b'0'..=b'7' => {
            let digits = text[1..].iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let value = text[1..=digits].iter().fold(0u32, |number, byte| number * 8 + u32::from(byte - b'0'));
            out.push(value as u8);
            return 1 + digits;
        }
        b'x' if text.get(2).is_some_and(u8::is_ascii_hexdigit) => {
            let digits = text[2..].iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
            let digit = |byte: &u8| (*byte as char).to_digit(16).unwrap_or(0);
            out.push(text[2..2 + digits].iter().fold(0, |number, byte| number * 16 + digit(byte)) as u8);
            return 2 + digits;
        }
        other => *other,
    };
    out.push(byte);
    2
}

/// All escapes of a text, as an assignment on the command line has them.
pub fn unescaped(text: &[u8]) -> Bytes {
    let mut out = Bytes::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'\\' {
            at += escape(&text[at..], &mut out);
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}
