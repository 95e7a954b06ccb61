//! `${…}`: the parameter, its subscript, and what is done with it.

use super::ast::{ArithWord, Index, Name, Op, Param, Piece, ReplaceKind, Word};
use super::lexer::{is_name, is_name_start};
use super::word::{Until, arith_word};
use super::{Parsed, Parser};

impl Parser {
    /// At `${`.
    pub(super) fn braced(&mut self, double: bool) -> Parsed<Piece> {
        let (start, line) = (self.pos, self.line);
        self.take(2);
        if matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'|')) {
            return self.bad(start, line);
        }
        let param = self.parameter(double)?;
        match param {
            Some(param) if self.byte() == Some(b'}') => {
                self.take(1);
                Ok(Piece::Param(Box::new(param)))
            }
            _ => self.bad(start, line),
        }
    }

    /// What says nothing is an error only when it is expanded: taken up to its end.
    fn bad(&mut self, start: usize, line: u32) -> Parsed<Piece> {
        let stops = Until { stops: b"}", double: false, nest: Some((b'{', b'}')), pattern: false };
        self.operand(stops).map_err(|_| self.unended("}", line))?;
        self.take(1);
        Ok(Piece::Bad(self.src[start..self.pos].into()))
    }

    fn parameter(&mut self, double: bool) -> Parsed<Option<Param>> {
        let mut length = false;
        let mut indirect = false;
        match (self.byte(), self.byte_at(1)) {
            (Some(b'#'), Some(next)) if is_name(next) || matches!(next, b'@' | b'*' | b'$' | b'!') => {
                self.take(1);
                length = true;
            }
            (Some(b'#'), Some(b'#' | b'?' | b'-')) if self.byte_at(2) == Some(b'}') => {
                self.take(1);
                length = true;
            }
            (Some(b'!'), Some(next)) if is_name(next) || matches!(next, b'@' | b'*' | b'#') => {
                self.take(1);
                indirect = true;
            }
            _ => {}
        }
        let Some(name) = self.parameter_name() else { return Ok(None) };
        let mut index = None;
        if matches!(name, Name::Variable(_)) && self.byte() == Some(b'[') {
            index = Some(self.subscript()?);
        }
        if length {
            return Ok(Some(Param { name, index, indirect: false, op: Op::Length }));
        }
        if indirect && let Some(param) = self.names_or_keys(&name, index.as_ref()) {
            return Ok(Some(param));
        }
        let op = self.operation(double)?;
        Ok(op.map(|op| Param { name, index, indirect, op }))
    }

    fn parameter_name(&mut self) -> Option<Name> {
        match self.byte()? {
            byte if is_name_start(byte) => Some(Name::Variable(self.name().into())),
            b'0'..=b'9' => {
                let digits = self.name();
                match digits.parse() {
                    Ok(0) => Some(Name::Special('0')),
                    Ok(number) => Some(Name::Positional(number)),
                    Err(_) => None,
                }
            }
            byte @ (b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => {
                self.take(1);
                Some(Name::Special(char::from(byte)))
            }
            _ => None,
        }
    }

    /// At `[`.
    pub(super) fn subscript(&mut self) -> Parsed<Index> {
        self.take(1);
        if let Some(kind @ (b'@' | b'*')) = self.byte()
            && self.byte_at(1) == Some(b']')
        {
            self.take(2);
            return Ok(if kind == b'@' { Index::At } else { Index::Star });
        }
        let word = self.subscript_word()?;
        Ok(Index::Word(word))
    }

    /// Up to `]`, which is taken.
    pub(super) fn subscript_word(&mut self) -> Parsed<Word> {
        let stops = Until { stops: b"]", double: false, nest: Some((b'[', b']')), pattern: false };
        let word = self.operand(stops)?;
        self.take(1);
        Ok(word)
    }

    /// `${!prefix*}`, `${!prefix@}`, `${!array[@]}`.
    fn names_or_keys(&mut self, name: &Name, index: Option<&Index>) -> Option<Param> {
        let Name::Variable(_) = name else { return None };
        let next = self.byte()?;
        if index.is_none() && matches!(next, b'*' | b'@') && self.byte_at(1) == Some(b'}') {
            self.take(1);
            return Some(Param { name: name.clone(), index: None, indirect: false, op: Op::Names(next == b'@') });
        }
        if matches!(index, Some(Index::At | Index::Star)) && next == b'}' {
            return Some(Param { name: name.clone(), index: index.cloned(), indirect: false, op: Op::Keys });
        }
        None
    }

    fn operation(&mut self, double: bool) -> Parsed<Option<Op>> {
        let Some(byte) = self.byte() else { return Ok(None) };
        let word = Until { stops: b"}", double, nest: None, pattern: false };
        let pattern = Until { stops: b"}", double, nest: None, pattern: true };
        Ok(Some(match byte {
            b'}' => Op::None,
            b':' if matches!(self.byte_at(1), Some(b'-' | b'=' | b'?' | b'+')) => {
                let kind = char::from(self.byte_at(1).unwrap_or_default());
                self.take(2);
                Op::Default { kind, colon: true, word: self.operand(word)? }
            }
            b':' => {
                self.take(1);
                let offset = self.slice_part()?;
                let length = if self.byte() == Some(b':') {
                    self.take(1);
                    Some(self.slice_part()?)
                } else {
                    None
                };
                Op::Slice(offset, length)
            }
            b'-' | b'=' | b'?' | b'+' => {
                self.take(1);
                Op::Default { kind: char::from(byte), colon: false, word: self.operand(word)? }
            }
            b'#' | b'%' => {
                let longest = self.byte_at(1) == Some(byte);
                self.take(1 + usize::from(longest));
                Op::Remove { suffix: byte == b'%', longest, pattern: self.operand(pattern)? }
            }
            b'/' => self.replacement(double)?,
            b'^' | b',' | b'~' => {
                let all = self.byte_at(1) == Some(byte);
                self.take(1 + usize::from(all));
                let upper = match byte {
                    b'^' => Some(true),
                    b',' => Some(false),
                    _ => None,
                };
                let pattern = self.operand(pattern)?;
                Op::Case { upper, all, pattern: (!pattern.pieces.is_empty()).then_some(pattern) }
            }
            b'@' => match self.byte_at(1) {
                Some(kind @ (b'Q' | b'E' | b'P' | b'A' | b'a' | b'U' | b'u' | b'L' | b'K' | b'k'))
                    if self.byte_at(2) == Some(b'}') =>
                {
                    self.take(2);
                    Op::Transform(char::from(kind))
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    fn slice_part(&mut self) -> Parsed<ArithWord> {
        // A colon after `?` belongs to the expression.
        let stops = Until { stops: b":}", double: true, nest: Some((b'(', b')')), pattern: false };
        let start = self.pos;
        let mut word = self.operand(stops)?;
        let mut questions = self.src[start..self.pos].matches('?').count();
        while questions > 0 && self.byte() == Some(b':') {
            questions -= 1;
            self.take(1);
            let rest = self.operand(stops)?;
            word.pieces.push(Piece::Text(":".into()));
            word.pieces.extend(rest.pieces);
            word.raw = Some(self.src[start..self.pos].into());
        }
        Ok(arith_word(word))
    }

    fn replacement(&mut self, double: bool) -> Parsed<Op> {
        self.take(1);
        let kind = match self.byte() {
            Some(b'/') => ReplaceKind::All,
            Some(b'#') => ReplaceKind::Prefix,
            Some(b'%') => ReplaceKind::Suffix,
            _ => ReplaceKind::First,
        };
        self.take(usize::from(kind != ReplaceKind::First));
        let mut pattern = Word::default();
        if kind != ReplaceKind::Prefix && kind != ReplaceKind::Suffix && self.byte() == Some(b'/') {
            // `${x//}` and `${x///…}`: a slash that is first belongs to the pattern.
            self.take(1);
            pattern.pieces.push(Piece::Quoted("/".into()));
        }
        let rest = self.operand(Until { stops: b"/}", double, nest: None, pattern: true })?;
        pattern.pieces.extend(rest.pieces);
        pattern.raw = rest.raw;
        let with = if self.byte() == Some(b'/') {
            self.take(1);
            Some(self.operand(Until { stops: b"}", double, nest: None, pattern: true })?)
        } else {
            None
        };
        Ok(Op::Replace { kind, pattern, with })
    }
}
