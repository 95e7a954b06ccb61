//! The pieces of a `printf` format, and how converted values are filled to their width.
//!
//! It knows no arguments: the values come from `print.rs`.

use super::float::{Float, Kind};

/// The widest field that is printed.
pub const WIDEST: usize = 1 << 20;

/// One `%…`.
#[derive(Debug, Clone, Default)]
pub struct Directive<'a> {
    pub left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    pub width: usize,
    pub width_argument: bool,
    pub precision: Option<usize>,
    pub precision_argument: bool,
    pub conversion: char,
    /// What stands in the parentheses of `%(…)T`.
    pub time: &'a str,
}

/// A part of a format.
pub enum Piece<'a> {
    /// Text with escapes.
    Text(&'a str),
    Percent,
    Directive(Directive<'a>),
    /// Ends before it says what it converts.
    Missing(&'a str),
    Invalid(char),
}

/// Reads a format.
pub struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub fn new(format: &'a str) -> Self {
        Self { rest: format }
    }

    pub fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if !self.rest.starts_with('%') {
            let end = self.rest.find('%').unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Some(Piece::Text(text));
        }
        let whole = self.rest;
        self.rest = &self.rest[1..];
        if self.eat('%') {
            return Some(Piece::Percent);
        }
        let mut directive = Directive::default();
        self.flags(&mut directive);
        self.width(&mut directive);
        if self.rest.starts_with('(') {
            let open = &self.rest[1..];
            let end = open.find(')').unwrap_or(open.len());
            directive.time = &open[..end];
            self.rest = open.get(end + 1..).unwrap_or_default();
            if !self.eat('T') {
                return Some(Piece::Invalid(whole[whole.len() - self.rest.len()..].chars().next().unwrap_or('(')));
            }
            directive.conversion = 'T';
            return Some(Piece::Directive(directive));
        }
        self.rest = self.rest.trim_start_matches(['h', 'j', 'l', 'L', 't', 'z']);
        let mut chars = self.rest.chars();
        let Some(char) = chars.next() else { return Some(Piece::Missing(whole)) };
        self.rest = chars.as_str();
        if !"diouxXeEfFgGaAcsbqQn".contains(char) {
            return Some(Piece::Invalid(char));
        }
        directive.conversion = char;
        Some(Piece::Directive(directive))
    }

    fn eat(&mut self, char: char) -> bool {
        match self.rest.strip_prefix(char) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn flags(&mut self, directive: &mut Directive<'a>) {
        while let Some(char) = self.rest.chars().next() {
            match char {
                '-' => directive.left = true,
                '+' => directive.plus = true,
                ' ' => directive.space = true,
                '0' => directive.zero = true,
                '#' => directive.alternate = true,
                '\'' => {}
                _ => return,
            }
            self.rest = &self.rest[1..];
        }
    }

    fn number(&mut self) -> usize {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        if number.is_empty() { 0 } else { number.parse().unwrap_or(WIDEST).min(WIDEST) }
    }

    fn width(&mut self, directive: &mut Directive<'a>) {
        if self.eat('*') {
            directive.width_argument = true;
        } else {
            directive.width = self.number();
        }
        if self.eat('.') {
            if self.eat('*') {
                directive.precision_argument = true;
            } else {
                self.eat('-');
                directive.precision = Some(self.number());
            }
        }
    }
}

impl Directive<'_> {
    /// Bytes, filled with blanks to the width.
    pub fn pad(&self, out: &mut Vec<u8>, bytes: &[u8]) {
        let fill = self.width.saturating_sub(bytes.len());
        if !self.left {
            out.resize(out.len() + fill, b' ');
        }
        out.extend_from_slice(bytes);
        if self.left {
            out.resize(out.len() + fill, b' ');
        }
    }

    /// The same, at most as many as the precision says.
    pub fn text(&self, out: &mut Vec<u8>, bytes: &[u8]) {
        let most = self.precision.unwrap_or(bytes.len()).min(bytes.len());
        self.pad(out, &bytes[..most]);
    }

    /// A number's sign or prefix and its digits, with zeros between where they are asked for.
    fn numeric(&self, out: &mut Vec<u8>, prefix: &str, digits: &str, zeros: bool) {
        let length = prefix.len() + digits.len();
        let filled = match zeros && !self.left {
            true => "0".repeat(self.width.saturating_sub(length)),
            false => String::new(),
        };
        self.pad(out, format!("{prefix}{filled}{digits}").as_bytes());
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        }
    }

    pub fn integer(&self, out: &mut Vec<u8>, negative: bool, size: u64) {
        let mut digits = match self.conversion {
            'o' => format!("{size:o}"),
            'x' => format!("{size:x}"),
            'X' => format!("{size:X}"),
            _ => size.to_string(),
        };
        let least = self.precision.unwrap_or(1);
        if size == 0 && least == 0 {
            digits.clear();
        }
        if digits.len() < least {
            digits.insert_str(0, &"0".repeat(least - digits.len()));
        }
        if self.conversion == 'o' && self.alternate && !digits.starts_with('0') {
            digits.insert(0, '0');
        }
        let prefix = match self.conversion {
            'd' | 'i' => self.sign(negative),
            'x' if self.alternate && size != 0 => "0x",
            'X' if self.alternate && size != 0 => "0X",
            _ => "",
        };
        self.numeric(out, prefix, &digits, self.zero && self.precision.is_none());
    }

    pub fn float(&self, out: &mut Vec<u8>, value: Float) {
        let precision = self.precision.unwrap_or(6);
        let finite = matches!(value.kind, Kind::Finite { .. });
        let mut text = match (value.kind, self.conversion.to_ascii_lowercase()) {
            (Kind::Infinite, _) => "inf".to_owned(),
            (Kind::NotANumber, _) => "nan".to_owned(),
            (_, 'f') => value.fixed(precision, self.alternate),
            (_, 'e') => value.scientific(precision, self.alternate),
            (_, 'g') => value.general(precision, self.alternate),
            _ => value.hexadecimal(self.precision, self.alternate),
        };
        let mut prefix = self.sign(value.negative).to_owned();
        if let Some(digits) = text.strip_prefix("0x") {
            prefix.push_str("0x");
            text = digits.to_owned();
        }
        if self.conversion.is_ascii_uppercase() {
            text.make_ascii_uppercase();
            prefix.make_ascii_uppercase();
        }
        self.numeric(out, &prefix, &text, self.zero && finite);
    }
}

/// A whole number of C at the beginning of a text: whether it is negative, its size where 64 bits hold it, and how many
/// bytes it takes. An empty text is zero.
pub fn whole(text: &str) -> (bool, Option<u64>, usize) {
    let start = text.len() - text.trim_start().len();
    let negative = text[start..].starts_with('-');
    let at = start + usize::from(text[start..].starts_with(['-', '+']));
    let body = &text[at..];
    let hex = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X"));
    let (base, skip) = match hex {
        Some(digits) if digits.starts_with(|char: char| char.is_ascii_hexdigit()) => (16, 2),
        _ if body.starts_with('0') => (8, 0),
        _ => (10, 0),
    };
    let length = body[skip..].bytes().take_while(|byte| char::from(*byte).is_digit(base)).count();
    if length == 0 {
        return (false, Some(0), 0);
    }
    (negative, u64::from_str_radix(&body[skip..skip + length], base).ok(), at + skip + length)
}
