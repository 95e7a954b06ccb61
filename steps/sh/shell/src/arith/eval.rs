//! Working an expression out.

use super::parse::number;
use super::{Binary, Expr, Place, Unary, parse};
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use std::rc::Rc;

/// A variable's value may name another, this often.
const DEEPEST: u32 = 128;

impl Shell {
    /// The value of an expression's text.
    pub fn arith_text(&mut self, text: &str) -> Ran<i64> {
        if let Ok(number) = text.parse::<i64>()
            && !(text.len() > 1 && text.starts_with(['0', '-', '+']))
        {
            return Ok(number);
        }
        let expr = self.arith_cached(text)?;
        self.arith(&expr, text)
    }

    fn arith_cached(&mut self, text: &str) -> Ran<Rc<Expr>> {
        if let Some(expr) = self.expressions.get(text) {
            return Ok(expr.clone());
        }
        match parse(text) {
            Ok(expr) => {
                let expr = Rc::new(expr);
                // No script has more expressions in a loop than this.
                if self.expressions.len() > 500 {
                    self.expressions.clear();
                }
                self.expressions.insert(text.into(), expr.clone());
                Ok(expr)
            }
            Err(wrong) => {
                let text = text.trim_start_matches([' ', '\t']);
                Err(self.arith_error(&format!("{text}: {} (error token is \"{}\")", wrong.message, wrong.rest)))
            }
        }
    }

    fn arith_error(&mut self, message: &str) -> Flow {
        let message = match self.arith_command.clone() {
            Some(command) => format!("{command}: {message}"),
            None => message.to_owned(),
        };
        self.complain(&message);
        Flow::Discard(1)
    }

    /// The value of an expression; its text is for messages.
    pub fn arith(&mut self, expr: &Expr, text: &str) -> Ran<i64> {
        Ok(match expr {
            Expr::Number(number) => *number,
            Expr::Variable(place) => self.place_value(place, 0)?,
            Expr::Unary(operator, inner) => {
                let value = self.arith(inner, text)?;
                match operator {
                    Unary::Minus => value.wrapping_neg(),
                    Unary::Plus => value,
                    Unary::Not => i64::from(value == 0),
                    Unary::Complement => !value,
                }
            }
            Expr::Binary(operator, left, right) => {
                let left = self.arith(left, text)?;
                let right = self.arith(right, text)?;
                self.binary(*operator, left, right, text)?
            }
            Expr::And(left, right) => i64::from(self.arith(left, text)? != 0 && self.arith(right, text)? != 0),
            Expr::Or(left, right) => i64::from(self.arith(left, text)? != 0 || self.arith(right, text)? != 0),
            Expr::Choice(condition, yes, no) => {
                let branch = if self.arith(condition, text)? != 0 { yes } else { no };
                self.arith(branch, text)?
            }
            Expr::Assign(operator, place, value) => {
                let value = match operator {
                    None => self.arith(value, text)?,
                    Some(operator) => {
                        let old = self.place_value(place, 0)?;
                        let value = self.arith(value, text)?;
                        self.binary(*operator, old, value, text)?
                    }
                };
                self.set_place(place, value)?;
                value
            }
            Expr::Step(place, by, old) => {
                let before = self.place_value(place, 0)?;
                let after = before.wrapping_add(*by);
                self.set_place(place, after)?;
                if *old { before } else { after }
            }
            Expr::Comma(left, right) => {
                self.arith(left, text)?;
                self.arith(right, text)?
            }
        })
    }

    fn binary(&mut self, operator: Binary, left: i64, right: i64, text: &str) -> Ran<i64> {
        Ok(match operator {
            Binary::Power => {
                if right < 0 {
                    let text = text.trim_start();
                    return Err(self.arith_error(&format!(
                        "{text}: exponent less than 0 (error token is \"{}\")",
                        token_after(text, "**")
                    )));
                }
                let mut result = 1i64;
                let (mut base, mut exponent) = (left, right);
                while exponent > 0 {
                    if exponent & 1 == 1 {
                        result = result.wrapping_mul(base);
                    }
                    base = base.wrapping_mul(base);
                    exponent >>= 1;
                }
                result
            }
            Binary::Times => left.wrapping_mul(right),
            Binary::Divide | Binary::Remainder if right == 0 => {
                let text = text.trim_start();
                let sign = if operator == Binary::Divide { "/" } else { "%" };
                return Err(self
                    .arith_error(&format!("{text}: division by 0 (error token is \"{}\")", token_after(text, sign))));
            }
            Binary::Divide => left.wrapping_div(right),
            Binary::Remainder => left.wrapping_rem(right),
            Binary::Plus => left.wrapping_add(right),
            Binary::Minus => left.wrapping_sub(right),
            Binary::Left => left.wrapping_shl(right as u32),
            Binary::Right => left.wrapping_shr(right as u32),
            Binary::Less => i64::from(left < right),
            Binary::LessEqual => i64::from(left <= right),
            Binary::Greater => i64::from(left > right),
            Binary::GreaterEqual => i64::from(left >= right),
            Binary::Equal => i64::from(left == right),
            Binary::NotEqual => i64::from(left != right),
            Binary::And => left & right,
            Binary::Xor => left ^ right,
            Binary::Or => left | right,
        })
    }

    fn place_value(&mut self, place: &Place, depth: u32) -> Ran<i64> {
        let value = self.place_text(place)?;
        let Some(value) = value else {
            if self.state.options.nounset {
                return Err(self.unbound(&place.name));
            }
            return Ok(0);
        };
        self.text_value(&value, depth)
    }

    /// The value of a variable's text: a number most of the time, otherwise an expression itself.
    fn text_value(&mut self, text: &str, depth: u32) -> Ran<i64> {
        let trimmed = text.trim();
        if let Ok(number) = trimmed.parse::<i64>()
            && !(trimmed.len() > 1 && trimmed.starts_with(['0', '+']))
        {
            return Ok(number);
        }
        if trimmed.is_empty() {
            return Ok(0);
        }
        if trimmed.starts_with(|char: char| char.is_ascii_digit())
            && let Ok(number) = number(trimmed)
        {
            return Ok(number);
        }
        if depth > DEEPEST || self.arith_depth > DEEPEST {
            return Err(
                self.arith_error(&format!("{text}: expression recursion level exceeded (error token is \"{text}\")"))
            );
        }
        let expr = self.arith_cached(text)?;
        self.arith_depth += 1;
        let value = match &*expr {
            Expr::Variable(place) => self.place_value(place, depth + 1),
            expr => self.arith(expr, text),
        };
        self.arith_depth -= 1;
        value
    }

    fn place_text(&mut self, place: &Place) -> Ran<Option<Rc<str>>> {
        match &place.index {
            None => Ok(self.var_text(&place.name)),
            Some(index) => {
                let key = self.index_key(&place.name, index)?;
                Ok(self.element(&place.name, &key))
            }
        }
    }

    fn set_place(&mut self, place: &Place, value: i64) -> Ran<()> {
        let mut digits = [0; 20];
        let text = decimal(value, &mut digits);
        match &place.index {
            None => self.assign_text(&place.name, text),
            Some(index) => {
                let key = self.index_key(&place.name, index)?;
                self.assign_element(&place.name, &key, text, false)
            }
        }
    }
}

/// A number's digits, without the machinery of `format!`, as loops do little else.
pub fn decimal(value: i64, digits: &mut [u8; 20]) -> &str {
    let mut rest = value.unsigned_abs();
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    std::str::from_utf8(&digits[at..]).unwrap_or("0")
}

/// What follows the last such operator: the token that bash names.
fn token_after<'a>(text: &'a str, operator: &str) -> &'a str {
    text.rfind(operator).map_or(text, |at| text[at + operator.len()..].trim_start())
}
