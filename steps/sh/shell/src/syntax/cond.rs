//! The inside of `[[ ]]`.

use super::ast::Cond;
use super::lexer::is_meta;
use super::{Parsed, Parser, SyntaxError};

const UNARY: [&str; 27] = [
    "-a", "-b", "-c", "-d", "-e", "-f", "-g", "-h", "-k", "-n", "-o", "-p", "-r", "-s", "-t", "-u", "-v", "-w", "-x",
    "-z", "-G", "-L", "-N", "-O", "-R", "-S", "-!",
];

const BINARY: [&str; 15] =
    ["==", "!=", "=~", "=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "<", ">"];

/// Most terms that `||` or `&&` connect: each makes the condition one deeper.
const LONGEST: usize = 1000;
const TOO_LONG: &str = "syntax error: condition too long";

impl Parser {
    /// After `[[`, up to `]]`, which is taken.
    pub(super) fn cond(&mut self) -> Parsed<Cond> {
        let extglob = std::mem::replace(&mut self.settings.extglob, true);
        let cond = self.cond_or().and_then(|cond| {
            self.newlines()?;
            if self.reserved() == Some("]]") {
                self.take(2);
                Ok(cond)
            } else {
                Err(self.cond_error())
            }
        });
        self.settings.extglob = extglob;
        cond
    }

    fn cond_error(&mut self) -> SyntaxError {
        if self.byte().is_none() {
            return self.unexpected();
        }
        let token = self.token_text();
        self.error(format!("syntax error in conditional expression: unexpected token `{token}'"))
    }

    fn cond_or(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_and()?;
        for _ in 0..LONGEST {
            self.newlines()?;
            if self.operator() != Some("||") {
                return Ok(left);
            }
            self.take(2);
            left = Cond::Or(Box::new(left), Box::new(self.cond_and()?));
        }
        Err(self.error(TOO_LONG.into()))
    }

    fn cond_and(&mut self) -> Parsed<Cond> {
        let mut left = self.cond_not()?;
        for _ in 0..LONGEST {
            self.newlines()?;
            if self.operator() != Some("&&") {
                return Ok(left);
            }
            self.take(2);
            left = Cond::And(Box::new(left), Box::new(self.cond_not()?));
        }
        Err(self.error(TOO_LONG.into()))
    }

    fn cond_not(&mut self) -> Parsed<Cond> {
        self.deeper()?;
        let cond = self.cond_factor();
        self.shallower();
        cond
    }

    fn cond_factor(&mut self) -> Parsed<Cond> {
        self.newlines()?;
        if self.byte() == Some(b'!') && self.byte_at(1).is_some_and(is_meta) {
            self.take(1);
            return Ok(Cond::Not(Box::new(self.cond_not()?)));
        }
        if self.byte() == Some(b'(') {
            self.take(1);
            let inner = self.cond_or()?;
            self.newlines()?;
            if self.byte() != Some(b')') {
                return Err(self.cond_error());
            }
            self.take(1);
            return Ok(Cond::Group(Box::new(inner)));
        }
        self.cond_term()
    }

    fn cond_term(&mut self) -> Parsed<Cond> {
        if self.byte().is_none_or(is_meta) || self.reserved() == Some("]]") {
            return Err(self.cond_error());
        }
        let word = self.word()?;
        self.cond_blanks()?;
        if let Some(operator) = word.as_literal().filter(|text| UNARY.contains(text)) {
            let ends =
                self.reserved() == Some("]]") || self.binary_operator().is_some() || self.byte().is_none_or(is_meta);
            if !ends {
                let operand = self.word()?;
                return Ok(Cond::Unary(operator.into(), operand));
            }
        }
        let Some(operator) = self.binary_operator() else {
            if self.reserved() == Some("]]") || self.byte().is_none_or(is_meta) {
                return Ok(Cond::Word(word));
            }
            let token = self.token_text();
            return Err(self.error(format!("conditional binary operator expected: `{token}'")));
        };
        self.take(operator.len());
        self.cond_blanks()?;
        if self.byte().is_none_or(|byte| is_meta(byte) && !(operator == "=~" && byte == b'(')) {
            let token = self.token_text();
            return Err(self.error(format!("unexpected argument `{token}' to conditional binary operator")));
        }
        let right = if operator == "=~" { self.bare(false, true)? } else { self.word()? };
        Ok(Cond::Binary(operator.into(), word, right))
    }

    fn cond_blanks(&mut self) -> Parsed<()> {
        self.blanks()
    }

    fn binary_operator(&mut self) -> Option<&'static str> {
        BINARY.into_iter().find(|operator| {
            if !self.at(operator) {
                return false;
            }
            let after = self.byte_at(operator.len());
            after.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n'))
                || (matches!(*operator, "<" | ">") && after != Some(b'('))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Settings;

    #[test]
    fn a_condition_is_read() {
        let mut parser = Parser::new("[[ -n $a && ( $b =~ ^(x|y)+$ || c ) ]]", 1, Settings::default());
        let list = parser.all();
        assert!(list.is_ok(), "{list:?}");
        assert!(!matches!(list, Ok(list) if list.0.is_empty()));
    }
}
