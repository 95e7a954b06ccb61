//! JSON texts: read value by value from a stream, written as jq writes them.
//!
//! Knows jq's numbers, its two styles and its words for a text that is no JSON.

use super::value::{Map, Value};
use std::fmt::{self, Display, Write as _};
use std::io::{self, Read};
use std::rc::Rc;

/// So deep may values lie in each other.
const DEEPEST: usize = 512;

/// Whole numbers with as many digits can be told apart by a double.
const DIGITS: usize = 17;

/// A number by its text; one that is none is `null`.
pub fn number(text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() > DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0') {
        return Value::Long(Rc::from(text));
    }
    text.parse().map_or(Value::Null, Value::Number)
}

/// Reads values from a stream.
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    line: u64,
    column: u64,
    failed: Option<io::Error>,
}

/// What is wrong with a text.
pub type Wrong = String;

impl<R: Read> Reader<R> {
    pub fn new(input: R) -> Self {
        Self { input, buffer: vec![0; 64 * 1024], at: 0, end: 0, line: 1, column: 0, failed: None }
    }

    /// How many lines have been read, that of the last value to its end.
    pub fn lines(&mut self) -> u64 {
        let rest = &self.buffer[self.at..self.end];
        let whole = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .is_some_and(|end| rest[..end].iter().all(u8::is_ascii_whitespace));
        self.line - 1 + u64::from(whole)
    }

    fn peek(&mut self) -> Option<u8> {
        if self.at == self.end {
            self.at = 0;
            self.end = loop {
                match self.input.read(&mut self.buffer) {
                    Ok(read) => break read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => {
                        self.failed = Some(error);
                        break 0;
                    }
                }
            };
        }
        (self.at < self.end).then(|| self.buffer[self.at])
    }

    fn skip(&mut self) {
        if self.buffer[self.at] == b'\n' {
            self.line += 1;
            self.column = 0;
        } else {
            self.column += 1;
        }
        self.at += 1;
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.skip();
        Some(byte)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1e)) {
            self.skip();
        }
    }

    fn wrong(&self, what: &str) -> Wrong {
        format!("{what} at line {}, column {}", self.line, self.column)
    }

    /// The next value, or what is wrong.
    pub fn next_value(&mut self) -> Option<Result<Value, Wrong>> {
        self.blanks();
        // A byte order mark says nothing.
        if self.line == 1 && self.column == 0 && self.peek() == Some(0xef) {
            for _ in 0..3 {
                self.take();
            }
            self.blanks();
        }
        match self.peek() {
            None => self.failed.take().map(|error| Err(crate::outcome::reason(&error))),
            Some(_) => Some(self.value(0)),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, Wrong> {
        if depth > DEEPEST {
            return Err(self.wrong("Exceeds depth limit for parsing"));
        }
        self.blanks();
        match self.peek() {
            None => Err(self.wrong("Unfinished JSON term at EOF")),
            Some(b'"') => self.text().map(Value::from),
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            Some(b']') => Err(self.wrong("Unmatched ']'")),
            Some(b'}') => Err(self.wrong("Unmatched '}'")),
            Some(b':') => Err(self.wrong("':' not as part of an object")),
            Some(b',') => Err(self.wrong("Expected value before ','")),
            Some(_) => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Wrong> {
        let mut word = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| !b" \t\r\n,:[]{}\"".contains(byte)) {
            word.push(byte);
            self.skip();
        }
        // The error is found with the byte that ends the word.
        let wrong = |reader: &mut Self, what: &str| {
            if reader.peek().is_some() {
                reader.skip();
            }
            Err(reader.wrong(what))
        };
        match word.as_slice() {
            b"null" => Ok(Value::Null),
            b"true" => Ok(Value::Bool(true)),
            b"false" => Ok(Value::Bool(false)),
            b"nan" | b"NaN" => Ok(Value::Number(f64::NAN)),
            word if is_number(word) => Ok(number(std::str::from_utf8(word).unwrap_or_default())),
            word if matches!(word.first(), Some(b'n' | b't' | b'f')) && word.len() < 6 => {
                wrong(self, "Invalid literal")
            }
            _ => wrong(self, "Invalid numeric literal"),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Wrong> {
        self.skip();
        let mut list = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.skip();
            return Ok(Value::array(list));
        }
        loop {
            list.push(self.value(depth + 1)?);
            self.blanks();
            match self.take() {
                Some(b',') => {
                    self.blanks();
                    if self.peek() == Some(b']') {
                        self.skip();
                        return Err(self.wrong("Expected another array element"));
                    }
                }
                Some(b']') => return Ok(Value::array(list)),
                Some(_) => return Err(self.wrong("Expected separator between values")),
                None => return Err(self.wrong("Unfinished JSON term at EOF")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Wrong> {
        self.skip();
        let mut map = Map::default();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.skip();
            return Ok(Value::object(map));
        }
        loop {
            self.blanks();
            let key: Rc<str> = match self.peek() {
                Some(b'"') => self.text()?.into(),
                None => return Err(self.wrong("Unfinished JSON term at EOF")),
                Some(b'}') => {
                    self.skip();
                    return Err(self.wrong("Objects must consist of key:value pairs"));
                }
                Some(_) => {
                    self.value(depth + 1)?;
                    return Err(self.wrong("Object keys must be strings"));
                }
            };
            self.blanks();
            match self.take() {
                Some(b':') => {}
                Some(_) => return Err(self.wrong("Objects must consist of key:value pairs")),
                None => return Err(self.wrong("Unfinished JSON term at EOF")),
            }
            let value = self.value(depth + 1)?;
            map.insert(key, value);
            self.blanks();
            match self.take() {
                Some(b',') => {}
                Some(b'}') => return Ok(Value::object(map)),
                Some(_) => return Err(self.wrong("Expected separator between values")),
                None => return Err(self.wrong("Unfinished JSON term at EOF")),
            }
        }
    }

    fn text(&mut self) -> Result<String, Wrong> {
        self.skip();
        let mut bytes = Vec::new();
        let mut raw = false;
        loop {
            match self.take() {
                None => return Err(self.wrong("Unfinished string at EOF")),
                Some(b'"') => break,
                Some(b'\\') => self.escape(&mut bytes)?,
                Some(byte) => {
                    raw |= byte < 32;
                    bytes.push(byte);
                }
            }
        }
        if raw {
            return Err(self.wrong("Invalid string: control characters from U+0000 through U+001F must be escaped"));
        }
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Wrong> {
        bytes.push(match self.take() {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'u') => {
                let mut code = self.hex()?;
                if (0xd800..0xdc00).contains(&code) && self.peek() == Some(b'\\') {
                    self.skip();
                    if self.take() != Some(b'u') {
                        return Err(self.wrong("Invalid escape"));
                    }
                    let low = self.hex()?;
                    code = if (0xdc00..0xe000).contains(&low) {
                        0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
                    } else {
                        0xfffd
                    };
                }
                let one = char::from_u32(code).unwrap_or('\u{fffd}');
                bytes.extend(one.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.wrong("Invalid escape")),
        });
        Ok(())
    }

    fn hex(&mut self) -> Result<u32, Wrong> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.take().and_then(|byte| char::from(byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.wrong("Invalid escape"))?;
        }
        Ok(code)
    }
}

fn is_number(word: &[u8]) -> bool {
    let begins = matches!(word.first(), Some(b'0'..=b'9' | b'-' | b'.' | b'+'));
    begins
        && word.iter().any(u8::is_ascii_digit)
        && std::str::from_utf8(word).is_ok_and(|word| word.parse::<f64>().is_ok())
}

/// How values are written.
#[derive(Debug, Clone, Default)]
pub struct Style {
    /// What one level is indented by; without it, all is on one line.
    pub indent: Option<String>,
    pub sorted: bool,
    pub ascii: bool,
}

impl Style {
    pub fn write(&self, value: &Value, out: &mut String) {
        self.level(value, 0, out);
    }

    fn newline(&self, level: usize, out: &mut String) {
        if let Some(indent) = &self.indent {
            out.push('\n');
            (0..level).for_each(|_| out.push_str(indent));
        }
    }

    fn level(&self, value: &Value, level: usize, out: &mut String) {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => out.push_str(&plain_number(*number)),
            Value::Long(text) => out.push_str(text),
            Value::Text(text) => quote(text, self.ascii, out),
            Value::Array(list) if list.is_empty() => out.push_str("[]"),
            Value::Array(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    self.newline(level + 1, out);
                    self.level(value, level + 1, out);
                }
                self.newline(level, out);
                out.push(']');
            }
            Value::Object(map) if map.is_empty() => out.push_str("{}"),
            Value::Object(map) => {
                out.push('{');
                let mut pair = |at: usize, key: &str, value: &Value| {
                    if at > 0 {
                        out.push(',');
                    }
                    self.newline(level + 1, out);
                    quote(key, self.ascii, out);
                    out.push_str(if self.indent.is_some() { ": " } else { ":" });
                    self.level(value, level + 1, out);
                };
                if self.sorted {
                    let keys = Value::sorted_keys(map);
                    keys.iter().enumerate().for_each(|(at, key)| pair(at, key, &map[key]));
                } else {
                    map.iter().enumerate().for_each(|(at, (key, value))| pair(at, key, value));
                }
                self.newline(level, out);
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    for one in text.chars() {
        match one {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            one if (one as u32) < 32 || one == '\u{7f}' => drop(write!(out, "\\u{:04x}", one as u32)),
            one if ascii && !one.is_ascii() => {
                for unit in one.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            one => out.push(one),
        }
    }
    out.push('"');
}

/// A double as jq prints it: the shortest digits that give it back.
pub fn plain_number(number: f64) -> String {
    if number.is_nan() {
        return "null".to_owned();
    }
    let number = number.clamp(f64::MIN, f64::MAX);
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return if number == 0.0 && number.is_sign_negative() { "-0".to_owned() } else { (number as i64).to_string() };
    }
    let text = format!("{:e}", number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(|one| *one != '.').collect();
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = digits.len() as i32;
    let sign = if number < 0.0 { "-" } else { "" };
    if point <= -4 || point > count + 15 {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let exponent = point - 1;
        return format!("{sign}{first}{dot}{rest}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
    match point {
        point if point <= 0 => format!("{sign}0.{}{digits}", "0".repeat((-point) as usize)),
        point if point >= count => format!("{sign}{digits}{}", "0".repeat((point - count) as usize)),
        point => format!("{sign}{}.{}", &digits[..point as usize], &digits[point as usize..]),
    }
}

impl Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        Style::default().write(self, &mut text);
        formatter.write_str(&text)
    }
}
