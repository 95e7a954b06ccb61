//! Compound commands.

use super::ast::{ArithWord, Arm, ArmEnd, Compound, List, Piece, Word};
use super::lexer::{is_meta, is_name};
use super::word::arith_word;
use super::{Parsed, Parser};
use std::rc::Rc;

impl Parser {
    /// A compound command, if one begins here.
    pub(super) fn compound(&mut self) -> Parsed<Option<Compound>> {
        if self.byte() == Some(b'(') {
            if self.byte_at(1) == Some(b'(')
                && let Some(arith) = self.try_arith(2)?
            {
                return Ok(Some(Compound::Arith(arith)));
            }
            self.take(1);
            self.newlines()?;
            if self.byte() == Some(b')') {
                return Err(self.unexpected());
            }
            let list = self.list_until(")")?;
            self.take(1);
            return Ok(Some(Compound::Subshell(Rc::new(list))));
        }
        let Some(word) = self.reserved() else { return Ok(None) };
        if !matches!(word, "{" | "if" | "while" | "until" | "for" | "select" | "case" | "[[") {
            return match word {
                "coproc" => self.coproc().map(Some),
                "function" | "in" => Ok(None),
                _ => Err(self.unexpected()),
            };
        }
        self.take(word.len());
        Ok(Some(match word {
            "{" => {
                let list = self.list_until("}")?;
                self.expect_reserved("}")?;
                Compound::Brace(list)
            }
            "if" => self.if_clause()?,
            "while" | "until" => {
                let condition = self.list_until("do")?;
                Compound::While(word == "until", condition, self.do_group()?)
            }
            "for" | "select" => self.for_clause(word == "select")?,
            "case" => self.case_clause()?,
            _ => {
                let cond = self.cond()?;
                Compound::Cond(cond)
            }
        }))
    }

    /// `coproc [NAME] command`: only what is compound has a name of its own.
    fn coproc(&mut self) -> Parsed<Compound> {
        self.take("coproc".len());
        self.blanks()?;
        let mut length = 0;
        while self.byte_at(length).is_some_and(is_name) {
            length += 1;
        }
        let mut ahead = length;
        while matches!(self.byte_at(ahead), Some(b' ' | b'\t')) {
            ahead += 1;
        }
        let rest = self.src.get(self.pos + ahead..).unwrap_or_default();
        let is_word = |word: &str| rest.strip_prefix(word).is_some_and(|rest| rest.bytes().next().is_none_or(is_meta));
        let begins = ["{", "if", "while", "until", "for", "select", "case", "[["].into_iter().any(is_word);
        let named = length > 0 && ahead > length && (begins || rest.starts_with('('));
        let mut name: Rc<str> = "COPROC".into();
        if named && self.reserved().is_none() {
            name = self.src[self.pos..self.pos + length].into();
            self.take(ahead);
        }
        Ok(Compound::Coproc(name, Rc::new(self.command()?)))
    }

    fn do_group(&mut self) -> Parsed<List> {
        self.expect_reserved("do")?;
        let body = self.list_until("done")?;
        self.expect_reserved("done")?;
        Ok(body)
    }

    fn if_clause(&mut self) -> Parsed<Compound> {
        let mut arms = Vec::new();
        loop {
            let condition = self.list_until("then")?;
            self.expect_reserved("then")?;
            let body = self.list_until("fi")?;
            arms.push((condition, body));
            if self.take_reserved("elif")? {
                continue;
            }
            let otherwise = if self.take_reserved("else")? { Some(self.list_until("fi")?) } else { None };
            self.expect_reserved("fi")?;
            return Ok(Compound::If(arms, otherwise));
        }
    }

    fn for_clause(&mut self, select: bool) -> Parsed<Compound> {
        self.blanks()?;
        if !select && self.byte() == Some(b'(') && self.byte_at(1) == Some(b'(') {
            return self.counting_for();
        }
        self.argument_alias()?;
        let at = self.pos;
        if self.byte().is_none_or(is_meta) {
            return Err(self.missing_word());
        }
        let word = self.word()?;
        let Some(name) = word.as_literal().map(Rc::from) else {
            self.pos = at;
            return Err(self.error(format!("`{}': not a valid identifier", word.source())));
        };
        self.newlines()?;
        let mut words = None;
        if self.reserved() == Some("in") {
            self.take(2);
            let mut list = Vec::new();
            loop {
                self.blanks()?;
                match self.byte() {
                    None => return Err(self.unexpected()),
                    Some(b'\n' | b';') => break,
                    Some(byte) if is_meta(byte) && !(matches!(byte, b'<' | b'>') && self.byte_at(1) == Some(b'(')) => {
                        return Err(self.unexpected());
                    }
                    Some(_) => list.push(self.word()?),
                }
            }
            words = Some(list);
        }
        self.blanks()?;
        if self.operator() == Some(";") {
            self.take(1);
        }
        self.newlines()?;
        let body = self.do_or_brace()?;
        Ok(if select { Compound::Select(name, words, body) } else { Compound::For(name, words, body) })
    }

    fn do_or_brace(&mut self) -> Parsed<List> {
        self.command_blanks()?;
        if self.reserved() == Some("{") {
            self.take(1);
            let list = self.list_until("}")?;
            self.expect_reserved("}")?;
            return Ok(list);
        }
        self.do_group()
    }

    fn counting_for(&mut self) -> Parsed<Compound> {
        let Some(head) = self.try_arith(2)? else { return Err(self.unexpected()) };
        let mut parts = split_at_semicolons(&head.word);
        if parts.len() != 3 {
            return Err(self.error("syntax error: arithmetic expression required".into()));
        }
        let mut next = || parts.remove(0);
        let parts = [next(), next(), next()];
        self.blanks()?;
        if self.operator() == Some(";") {
            self.take(1);
        }
        self.newlines()?;
        let body = self.do_or_brace()?;
        Ok(Compound::CountingFor(parts, body))
    }

    fn case_clause(&mut self) -> Parsed<Compound> {
        self.blanks()?;
        if self.byte().is_none_or(is_meta) {
            return Err(self.unexpected());
        }
        let subject = self.word()?;
        self.newlines()?;
        self.expect_reserved("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines()?;
            self.command_blanks()?;
            if self.reserved() == Some("esac") {
                self.take(4);
                return Ok(Compound::Case(subject, arms));
            }
            if self.byte() == Some(b'(') {
                self.take(1);
            }
            let patterns = self.patterns()?;
            self.newlines()?;
            self.command_blanks()?;
            let body = if self.list_is_empty() { List::default() } else { self.list_until("esac")? };
            self.command_blanks()?;
            let end = match self.operator() {
                Some(";;") => ArmEnd::Break,
                Some(";&") => ArmEnd::Fall,
                Some(";;&") => ArmEnd::Test,
                _ => {
                    arms.push(Arm { patterns, body, end: ArmEnd::Break });
                    self.expect_reserved("esac")?;
                    return Ok(Compound::Case(subject, arms));
                }
            };
            self.take(if end == ArmEnd::Test { 3 } else { 2 });
            arms.push(Arm { patterns, body, end });
        }
    }

    fn list_is_empty(&mut self) -> bool {
        self.reserved() == Some("esac") || matches!(self.operator(), Some(";;" | ";&" | ";;&"))
    }

    fn patterns(&mut self) -> Parsed<Vec<Word>> {
        let mut patterns = Vec::new();
        loop {
            self.blanks()?;
            if self.byte().is_none_or(is_meta) {
                return Err(self.unexpected());
            }
            patterns.push(self.word()?);
            self.blanks()?;
            match self.operator() {
                Some("|") => self.take(1),
                Some(")") => {
                    self.take(1);
                    return Ok(patterns);
                }
                _ => return Err(self.unexpected()),
            }
        }
    }
}

/// The three parts of `for ((;;))`. Semicolons only stand in texts.
fn split_at_semicolons(word: &Word) -> Vec<Option<ArithWord>> {
    let mut parts = vec![Word::default()];
    for piece in &word.pieces {
        match piece {
            Piece::Text(text) | Piece::Quoted(text) => {
                for (number, part) in text.split(';').enumerate() {
                    if number > 0 {
                        parts.push(Word::default());
                    }
                    if let Some(last) = parts.last_mut()
                        && !part.trim().is_empty()
                    {
                        last.pieces.push(Piece::Text(part.into()));
                    }
                }
            }
            other => {
                if let Some(last) = parts.last_mut() {
                    last.pieces.push(other.clone());
                }
            }
        }
    }
    parts.into_iter().map(|part| (!part.pieces.is_empty()).then(|| arith_word(part))).collect()
}
