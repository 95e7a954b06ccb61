//! Words: text, quotes, `$…`, backquotes, process substitutions.
//!
//! `${…}` is in `param.rs`. What a piece expands to is not known here.

use super::ast::{ArithWord, Index, List, Name, Op, Param, Piece, Substitution, Word};
use super::lexer::{is_meta, is_name, is_name_start};
use super::{Parsed, Parser};
use crate::arith;
use crate::expand::escapes;
use std::rc::Rc;

/// Pieces as they come: text is gathered until something else follows.
#[derive(Default)]
pub(super) struct Pieces {
    pub pieces: Vec<Piece>,
    text: String,
    quoted: String,
}

impl Pieces {
    pub fn text(&mut self, char: char) {
        self.end_quoted();
        self.text.push(char);
    }

    fn quote(&mut self, text: &str) {
        self.end_text();
        self.quoted.push_str(text);
        if text.is_empty() && self.quoted.is_empty() {
            self.pieces.push(Piece::Quoted("".into()));
        }
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(self.text.as_str().into()));
            self.text.clear();
        }
    }

    fn end_quoted(&mut self) {
        if !self.quoted.is_empty() {
            self.pieces.push(Piece::Quoted(self.quoted.as_str().into()));
            self.quoted.clear();
        }
    }

    pub fn push(&mut self, piece: Piece) {
        self.end_text();
        self.end_quoted();
        self.pieces.push(piece);
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.text.is_empty() && self.quoted.is_empty()
    }

    pub fn done(mut self) -> Vec<Piece> {
        self.end_text();
        self.end_quoted();
        self.pieces
    }
}

/// Where an operand ends, and how it is read.
#[derive(Clone, Copy)]
pub(super) struct Until {
    pub stops: &'static [u8],
    /// Within double quotes single quotes stand for themselves.
    pub double: bool,
    /// What opens and closes something that may have the stops in it.
    pub nest: Option<(u8, u8)>,
    /// Whether a backslash before anything quotes it even within double quotes, as in patterns.
    pub pattern: bool,
}

impl Parser {
    /// A word of a command. Where none begins, an error.
    pub(super) fn word(&mut self) -> Parsed<Word> {
        self.word_with(false)
    }

    /// A word; as the value of an assignment a tilde may follow each colon.
    pub(super) fn word_with(&mut self, value: bool) -> Parsed<Word> {
        self.bare(value, false)
    }

    pub(super) fn bare(&mut self, value: bool, regex: bool) -> Parsed<Word> {
        self.deeper()?;
        let start = self.pos;
        let mut pieces = Pieces::default();
        let mut braces = false;
        let mut groups = 0u32;
        let extglob = self.settings.extglob;
        while let Some(byte) = self.byte() {
            match byte {
                b'<' | b'>' if self.byte_at(1) == Some(b'(') && groups == 0 && !regex => {
                    self.take(2);
                    let list = self.until_parenthesis()?;
                    pieces.push(Piece::Process(byte == b'<', list));
                }
                b'(' if regex => {
                    groups += 1;
                    self.plain(&mut pieces);
                }
                b')' if groups > 0 => {
                    groups -= 1;
                    self.plain(&mut pieces);
                }
                b'|' if regex => self.plain(&mut pieces),
                b'<' | b'>' | b'&' | b';' if regex && groups > 0 => self.plain(&mut pieces),
                b'(' if groups > 0 => {
                    groups += 1;
                    self.plain(&mut pieces);
                }
                byte if is_meta(byte) && (groups == 0 || (byte == b'\n' && regex)) => break,
                b'?' | b'*' | b'+' | b'@' | b'!' if extglob && !regex && self.byte_at(1) == Some(b'(') => {
                    groups += 1;
                    self.plain(&mut pieces);
                    self.plain(&mut pieces);
                }
                b'~' => self.tilde(&mut pieces, value),
                b'{' if !regex => {
                    braces = true;
                    self.plain(&mut pieces);
                }
                _ => self.piece(&mut pieces, byte)?,
            }
        }
        self.shallower();
        let pieces = pieces.done();
        let raw = (!matches!(pieces.as_slice(), [Piece::Text(_)])).then(|| self.src[start..self.pos].into());
        Ok(Word { pieces, braces, raw })
    }

    fn plain(&mut self, pieces: &mut Pieces) {
        if let Some(char) = self.take_char() {
            pieces.text(char);
        }
    }

    /// A piece outside of double quotes.
    fn piece(&mut self, pieces: &mut Pieces, byte: u8) -> Parsed<()> {
        match byte {
            b'\\' => {
                self.take(1);
                match self.char() {
                    Some('\n') => self.newline(),
                    Some(char) => {
                        self.take_char();
                        pieces.quote(char.encode_utf8(&mut [0; 4]));
                    }
                    None => pieces.text('\\'),
                }
            }
            b'\'' => {
                let line = self.line;
                self.take(1);
                let text = self.until_quote('\'', line)?;
                pieces.quote(&text);
            }
            b'"' => {
                let double = self.double()?;
                pieces.push(Piece::Double(double));
            }
            b'$' => self.dollar(pieces, false)?,
            b'`' => self.backquoted(pieces, false)?,
            _ => self.plain(pieces),
        }
        Ok(())
    }

    /// The text up to a quote, which is taken.
    fn until_quote(&mut self, quote: char, line: u32) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.take_char() {
                Some(char) if char == quote => return Ok(text),
                Some(char) => text.push(char),
                None => return Err(self.unended(&quote.to_string(), line)),
            }
        }
    }

    /// At `"`.
    pub(super) fn double(&mut self) -> Parsed<Vec<Piece>> {
        let line = self.line;
        self.take(1);
        let mut pieces = Pieces::default();
        loop {
            match self.byte() {
                None => return Err(self.unended("\"", line)),
                Some(b'"') => {
                    self.take(1);
                    return Ok(pieces.done());
                }
                Some(byte) => self.double_piece(&mut pieces, byte, b"$`\"\\")?,
            }
        }
    }

    /// The body of a here-document.
    pub(super) fn document_pieces(&mut self) -> Parsed<Vec<Piece>> {
        let mut pieces = Pieces::default();
        while let Some(byte) = self.byte() {
            self.double_piece(&mut pieces, byte, b"$`\\")?;
        }
        Ok(vec![Piece::Double(pieces.done())])
    }

    /// A piece within double quotes, where a backslash quotes only what is given.
    fn double_piece(&mut self, pieces: &mut Pieces, byte: u8, escaped: &[u8]) -> Parsed<()> {
        match byte {
            b'\\' => {
                let next = self.byte_at(1);
                if next == Some(b'\n') {
                    self.take(1);
                    self.newline();
                } else if next.is_some_and(|next| escaped.contains(&next)) {
                    self.take(1);
                    if let Some(char) = self.take_char() {
                        pieces.quote(char.encode_utf8(&mut [0; 4]));
                    }
                } else {
                    self.take(1);
                    pieces.quote("\\");
                }
            }
            b'$' => self.dollar(pieces, true)?,
            b'`' => self.backquoted(pieces, true)?,
            _ => {
                if let Some(char) = self.take_char() {
                    pieces.quote(char.encode_utf8(&mut [0; 4]));
                }
            }
        }
        Ok(())
    }

    /// An operand of `${…}`, an expression, a subscript: up to a stop, which is not taken.
    pub(super) fn operand(&mut self, until: Until) -> Parsed<Word> {
        self.deeper()?;
        let start = self.pos;
        let line = self.line;
        let mut pieces = Pieces::default();
        let mut nested = 0u32;
        loop {
            let Some(byte) = self.byte() else { return Err(self.unended("}", line)) };
            if nested == 0 && until.stops.contains(&byte) {
                break;
            }
            match until.nest {
                Some((open, _)) if byte == open => nested += 1,
                Some((_, close)) if byte == close && nested > 0 => nested -= 1,
                _ => {}
            }
            match byte {
                b'"' if until.double && !until.pattern => {
                    // Quotes within the operand of a quoted expansion: what is in them is quoted all the same.
                    let inner = self.double()?;
                    pieces.push(Piece::Double(inner));
                }
                b'\\' if until.double && !until.pattern => {
                    if self.byte_at(1) == Some(b'}') {
                        self.take(2);
                        pieces.quote("}");
                    } else {
                        self.double_piece(&mut pieces, byte, b"$`\"\\")?;
                    }
                }
                b'\'' if until.double && !until.pattern => pieces.text(self.take_char().unwrap_or('\'')),
                b'$' if until.double && !until.pattern => self.dollar(&mut pieces, true)?,
                b'~' if pieces.is_empty() && !until.double => self.tilde(&mut pieces, false),
                b'<' | b'>' if self.byte_at(1) == Some(b'(') && !until.double && until.nest.is_none() => {
                    self.take(2);
                    let list = self.until_parenthesis()?;
                    pieces.push(Piece::Process(byte == b'<', list));
                }
                _ => self.piece(&mut pieces, byte)?,
            }
        }
        self.shallower();
        let pieces = pieces.done();
        let raw = (!matches!(pieces.as_slice(), [Piece::Text(_)])).then(|| self.src[start..self.pos].into());
        Ok(Word { pieces, braces: false, raw })
    }

    /// `~` where a word or, in values, a part between colons begins.
    fn tilde(&mut self, pieces: &mut Pieces, value: bool) {
        // `name=~` among the words of a command is taken like an assignment, but for POSIX.
        let begins = pieces.is_empty()
            || (value && pieces.pieces_end_with_colon())
            || (!self.settings.posix && pieces.are_assignment());
        self.take(1);
        if !begins {
            pieces.text('~');
            return;
        }
        let mut length = 0;
        while let Some(byte) = self.byte_at(length) {
            if is_name(byte) || matches!(byte, b'.' | b'-' | b'+') {
                length += 1;
            } else if byte == b'/' || is_meta(byte) || (byte == b':' && value) || byte == b'}' {
                pieces.push(Piece::Tilde(self.src[self.pos..self.pos + length].into()));
                self.take(length);
                return;
            } else {
                pieces.text('~');
                return;
            }
        }
        pieces.push(Piece::Tilde(self.src[self.pos..self.pos + length].into()));
        self.take(length);
    }

    /// At `$`.
    pub(super) fn dollar(&mut self, pieces: &mut Pieces, double: bool) -> Parsed<()> {
        let Some(next) = self.byte_at(1) else {
            self.take(1);
            if double {
                pieces.quote("$")
            } else {
                pieces.text('$')
            }
            return Ok(());
        };
        let line = self.line;
        match next {
            b'(' if self.byte_at(2) == Some(b'(') => {
                if let Some(arith) = self.try_arith(3)? {
                    pieces.push(Piece::Arith(Box::new(arith)));
                } else {
                    self.take(2);
                    let list = self.until_parenthesis()?;
                    pieces.push(Piece::Command(Rc::new(Substitution { list, file: None })));
                }
            }
            b'(' => {
                self.take(2);
                let list = self.until_parenthesis()?;
                let file = super::command::sole_file(&list);
                pieces.push(Piece::Command(Rc::new(Substitution { list, file })));
            }
            b'[' => {
                self.take(2);
                let stops = Until { stops: b"]", double: true, nest: Some((b'[', b']')), pattern: false };
                let word = self.operand(stops)?;
                self.take(1);
                pieces.push(Piece::Arith(Box::new(arith_word(word))));
            }
            b'{' => {
                let piece = self.braced(double)?;
                pieces.push(piece);
            }
            b'\'' if !double => {
                self.take(2);
                let text = self.ansi_text(line)?;
                pieces.quote(&escapes::ansi(&text));
            }
            b'"' if !double => {
                self.take(1);
                let inner = self.double()?;
                pieces.push(Piece::Double(inner));
            }
            next if is_name_start(next) => {
                self.take(1);
                let name = Name::Variable(self.name().into());
                pieces.push(simple_param(name));
            }
            b'0'..=b'9' => {
                self.take(2);
                let name = if next == b'0' { Name::Special('0') } else { Name::Positional(u32::from(next - b'0')) };
                pieces.push(simple_param(name));
            }
            b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' => {
                self.take(2);
                pieces.push(simple_param(Name::Special(char::from(next))));
            }
            _ => {
                self.take(1);
                if double { pieces.quote("$") } else { pieces.text('$') }
            }
        }
        Ok(())
    }

    pub(super) fn name(&mut self) -> String {
        let start = self.pos;
        while self.byte().is_some_and(is_name) {
            self.take(1);
        }
        self.src[start..self.pos].to_owned()
    }

    /// The text of `$'…'`, whose quotes may be escaped.
    fn ansi_text(&mut self, line: u32) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.take_char() {
                Some('\'') => return Ok(text),
                Some('\\') => {
                    text.push('\\');
                    text.extend(self.take_char());
                }
                Some(char) => text.push(char),
                None => return Err(self.unended("'", line)),
            }
        }
    }

    /// The inside of `((…))`, if that is what it is: reading goes on so many bytes ahead. Otherwise nothing is taken.
    pub(super) fn try_arith(&mut self, ahead: usize) -> Parsed<Option<ArithWord>> {
        let (pos, line, bodies) = (self.pos, self.line, self.bodies);
        self.take(ahead);
        let stops = Until { stops: b")", double: true, nest: Some((b'(', b')')), pattern: false };
        if let Ok(word) = self.operand(stops)
            && self.byte_at(1) == Some(b')')
        {
            self.take(2);
            return Ok(Some(arith_word(word)));
        }
        (self.pos, self.line, self.bodies) = (pos, line, bodies);
        Ok(None)
    }

    /// The commands up to `)`, which is taken.
    pub(super) fn until_parenthesis(&mut self) -> Parsed<Rc<List>> {
        self.deeper()?;
        let list = self.list_until(")");
        self.shallower();
        let list = list.map_err(|mut error| {
            if error.at_end && error.message.ends_with("end of file") {
                error = self.unended(")", error.line);
            }
            error
        })?;
        self.take(1);
        Ok(Rc::new(list))
    }

    /// At a backquote.
    fn backquoted(&mut self, pieces: &mut Pieces, double: bool) -> Parsed<()> {
        let line = self.line;
        self.take(1);
        let mut text = String::new();
        loop {
            match self.take_char() {
                Some('`') => break,
                Some('\\') => match self.char() {
                    Some(char @ ('`' | '\\' | '$')) => {
                        self.take_char();
                        text.push(char);
                    }
                    Some('"') if double => {
                        self.take_char();
                        text.push('"');
                    }
                    _ => text.push('\\'),
                },
                Some(char) => text.push(char),
                None => return Err(self.unended("`", line)),
            }
        }
        let list = Rc::new(self.part(&text, line).all()?);
        let file = super::command::sole_file(&list);
        pieces.push(Piece::Command(Rc::new(Substitution { list, file })));
        Ok(())
    }
}

impl Pieces {
    fn are_assignment(&self) -> bool {
        self.pieces.is_empty()
            && self.quoted.is_empty()
            && self.text.strip_suffix('=').is_some_and(crate::vars::is_name)
    }

    fn pieces_end_with_colon(&self) -> bool {
        self.quoted.is_empty() && self.text.ends_with(':')
    }
}

fn simple_param(name: Name) -> Piece {
    Piece::Param(Box::new(Param { name, index: None::<Index>, indirect: false, op: Op::None }))
}

/// With its expression, where nothing in it has to be expanded first.
pub(super) fn arith_word(word: Word) -> ArithWord {
    let parsed = word.unquoted().and_then(|text| arith::parse(&text).ok()).map(Rc::new);
    ArithWord { word, parsed }
}
