//! Reads the expressions of an awk program, by how strongly their operators bind.
//!
//! Knows what `print` and `in` change of that.

use super::lex::Word;
use super::parse::{Parsed, Parser};
use super::tree::{Comparison, Expression, Line, Operator, Target};
use crate::regex::{Flavour, How, Lines, Regex};
use std::rc::Rc;

/// What is read by recursion has to fit the stack of a module.
const DEEPEST: usize = 150;

/// How regular expressions are read here.
pub const HOW: How = How { flavour: Flavour::Awk, escapes: true, ignore_case: false, lines: Lines::One };

/// What an expression may have where it stands.
#[derive(Clone, Copy)]
struct May {
    /// `in`.
    have_in: bool,
    /// `>`, which redirects in `print`.
    be_greater: bool,
}

const ALL: May = May { have_in: true, be_greater: true };

fn pair(one: Expression, other: Expression) -> Box<(Expression, Expression)> {
    Box::new((one, other))
}

impl Parser {
    pub fn expression(&mut self) -> Parsed<Expression> {
        self.ternary(ALL)
    }

    /// Expressions with commas between them, up to a mark.
    pub fn list(&mut self, end: &str) -> Parsed<Vec<Expression>> {
        let mut values = Vec::new();
        self.lines();
        while !self.take(end) {
            values.push(self.expression()?);
            self.lines();
            if self.take(",") {
                self.lines();
            } else if !self.is(end) {
                return self.unexpected();
            }
        }
        Ok(values)
    }

    /// What `print` prints: a list, which may be in parentheses.
    pub fn printed(&mut self) -> Parsed<Vec<Expression>> {
        let may = May { have_in: true, be_greater: false };
        let mut values = vec![self.ternary(may)?];
        while self.take(",") {
            self.lines();
            values.push(self.ternary(may)?);
        }
        if values.len() == 1 && matches!(values[0], Expression::List(_)) {
            let Some(Expression::List(list)) = values.pop() else { return self.unexpected() };
            return Ok(list);
        }
        Ok(values)
    }

    /// Where `print` goes to.
    pub fn joined_without_greater(&mut self) -> Parsed<Expression> {
        self.joined(false)
    }

    fn ternary(&mut self, may: May) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("expressions are nested too deep".to_owned());
        }
        let condition = self.or(may)?;
        self.depth -= 1;
        if self.take("?") {
            self.lines();
            let yes = self.ternary(may)?;
            self.lines();
            self.expect(":")?;
            self.lines();
            let no = self.ternary(may)?;
            return Ok(Expression::Choose(Box::new((condition, yes, no))));
        }
        self.assignment(condition, may)
    }

    fn assignment(&mut self, left: Expression, may: May) -> Parsed<Expression> {
        let Word::Mark(mark) = *self.peek() else { return Ok(left) };
        let operator = match mark {
            "=" => None,
            "+=" => Some(Operator::Add),
            "-=" => Some(Operator::Subtract),
            "*=" => Some(Operator::Multiply),
            "/=" => Some(Operator::Divide),
            "%=" => Some(Operator::Remainder),
            "^=" => Some(Operator::Power),
            _ => return Ok(left),
        };
        let rebuilt = |parser: &mut Self, target: Target| -> Parsed<Expression> {
            parser.next();
            parser.lines();
            let value = Box::new(parser.ternary(may)?);
            Ok(match operator {
                None => Expression::Assign(target, value),
                Some(operator) => Expression::Change(operator, target, value),
            })
        };
        // The assignment may be the right side of what binds less: `a && b = 1`.
        match left {
            Expression::Get(target) => rebuilt(self, target),
            Expression::And(both) => {
                let right = self.assignment(both.1, may)?;
                Ok(Expression::And(pair(both.0, right)))
            }
            Expression::Or(both) => {
                let right = self.assignment(both.1, may)?;
                Ok(Expression::Or(pair(both.0, right)))
            }
            Expression::Not(inside) => Ok(Expression::Not(Box::new(self.assignment(*inside, may)?))),
            Expression::Compare(comparison, both) => {
                let right = self.assignment(both.1, may)?;
                Ok(Expression::Compare(comparison, pair(both.0, right)))
            }
            Expression::Match { negative, both } => {
                let right = self.assignment(both.1, may)?;
                Ok(Expression::Match { negative, both: pair(both.0, right) })
            }
            _ => self.unexpected(),
        }
    }

    fn or(&mut self, may: May) -> Parsed<Expression> {
        let mut left = self.and(may)?;
        while self.take("||") {
            self.lines();
            left = Expression::Or(pair(left, self.and(may)?));
        }
        Ok(left)
    }

    fn and(&mut self, may: May) -> Parsed<Expression> {
        let mut left = self.inside(may)?;
        while self.take("&&") {
            self.lines();
            left = Expression::And(pair(left, self.inside(may)?));
        }
        Ok(left)
    }

    fn inside(&mut self, may: May) -> Parsed<Expression> {
        let mut left = self.matching(may)?;
        while may.have_in && self.is_keyword("in") {
            self.next();
            let (Word::Name(name) | Word::Function(name)) = self.next() else { return self.unexpected() };
            let place = self.array(&name)?;
            let index = match left {
                Expression::List(list) => list,
                other => vec![other],
            };
            left = Expression::In(index, place);
        }
        Ok(left)
    }

    fn matching(&mut self, may: May) -> Parsed<Expression> {
        let mut left = self.comparison(may)?;
        loop {
            let negative = if self.take("~") {
                false
            } else if self.take("!~") {
                true
            } else {
                return Ok(left);
            };
            left = Expression::Match { negative, both: pair(left, self.comparison(may)?) };
        }
    }

    fn comparison(&mut self, may: May) -> Parsed<Expression> {
        let left = self.joined(true)?;
        let Word::Mark(mark) = *self.peek() else { return Ok(left) };
        let comparison = match mark {
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            ">" if may.be_greater => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return Ok(left),
        };
        self.next();
        Ok(Expression::Compare(comparison, pair(left, self.joined(true)?)))
    }

    /// Whether what comes next can be joined to what is before.
    fn continues(&self) -> bool {
        match self.peek() {
            Word::Number(_) | Word::Text(_) | Word::Regex(_) | Word::Function(_) | Word::Name(_) | Word::Builtin(_) => {
                true
            }
            Word::Mark(mark) => matches!(*mark, "$" | "!" | "(" | "-" | "+" | "++" | "--"),
            _ => false,
        }
    }

    fn joined(&mut self, may_read: bool) -> Parsed<Expression> {
        let first = self.sum()?;
        let mut parts = vec![first];
        while self.continues() {
            parts.push(self.sum()?);
        }
        let mut left = if parts.len() == 1 { parts.remove(0) } else { Expression::Join(parts) };
        while may_read && self.is("|") && matches!(self.peek_after(1), Word::Keyword("getline")) {
            self.next();
            self.next();
            let target = self.optional_target()?;
            left = Expression::Getline(Line::Command(Box::new(left)), target);
        }
        if self.is("|&") {
            return Err("two-way pipes are not supported".to_owned());
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed<Expression> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take("+") {
                Operator::Add
            } else if self.take("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = Expression::Calculate(operator, pair(left, self.product()?));
        }
    }

    fn product(&mut self) -> Parsed<Expression> {
        let mut left = self.unary()?;
        loop {
            let operator = if self.take("*") {
                Operator::Multiply
            } else if self.take("/") {
                Operator::Divide
            } else if self.take("%") {
                Operator::Remainder
            } else {
                return Ok(left);
            };
            left = Expression::Calculate(operator, pair(left, self.unary()?));
        }
    }

    fn unary(&mut self) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("expressions are nested too deep".to_owned());
        }
        let made = if self.take("!") {
            Expression::Not(Box::new(self.unary()?))
        } else if self.take("-") {
            Expression::Negative(Box::new(self.unary()?))
        } else if self.take("+") {
            Expression::Positive(Box::new(self.unary()?))
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(made)
    }

    fn power(&mut self) -> Parsed<Expression> {
        let base = self.stepped()?;
        if self.take("^") {
            let exponent = self.unary()?;
            return Ok(Expression::Calculate(Operator::Power, pair(base, exponent)));
        }
        Ok(base)
    }

    fn stepped(&mut self) -> Parsed<Expression> {
        for (mark, by) in [("++", 1.0), ("--", -1.0)] {
            if self.take(mark) {
                return match self.primary()? {
                    Expression::Get(target) => Ok(Expression::Step(target, by, false)),
                    _ => self.unexpected(),
                };
            }
        }
        let value = self.primary()?;
        let by = if self.is("++") {
            1.0
        } else if self.is("--") {
            -1.0
        } else {
            return Ok(value);
        };
        match value {
            Expression::Get(target) => {
                self.next();
                Ok(Expression::Step(target, by, true))
            }
            value => Ok(value),
        }
    }

    pub fn primary(&mut self) -> Parsed<Expression> {
        match self.next() {
            Word::Number(number) => Ok(Expression::Number(number)),
            Word::Text(text) => Ok(Expression::Text(Rc::new(text))),
            Word::Regex(text) => Ok(Expression::Regex(Rc::new(Regex::new(&text, HOW)?))),
            Word::Name(name) => self.named(&name),
            Word::Function(name) => self.call(&name),
            Word::Builtin(name) => self.builtin(name),
            Word::Keyword("getline") => {
                let target = self.optional_target()?;
                let from = if self.take("<") { Line::File(Box::new(self.stepped()?)) } else { Line::Next };
                Ok(Expression::Getline(from, target))
            }
            Word::Mark("$") => {
                let index = if self.is("++") || self.is("--") {
                    self.stepped()?
                } else if self.take("-") {
                    Expression::Negative(Box::new(self.primary()?))
                } else {
                    self.primary()?
                };
                Ok(Expression::Get(Target::Field(Box::new(index))))
            }
            Word::Mark("(") => {
                let mut list = self.list(")")?;
                match list.len() {
                    0 => self.unexpected(),
                    1 => Ok(Expression::Group(Box::new(list.remove(0)))),
                    _ => Ok(Expression::List(list)),
                }
            }
            Word::Mark("-") => Ok(Expression::Negative(Box::new(self.primary()?))),
            _ => {
                self.back();
                self.unexpected()
            }
        }
    }

    fn named(&mut self, name: &str) -> Parsed<Expression> {
        if self.take("[") {
            let place = self.array(name)?;
            let index = self.list("]")?;
            if self.is("[") {
                return Err("arrays of arrays are not supported".to_owned());
            }
            if index.is_empty() {
                return self.unexpected();
            }
            return Ok(Expression::Get(Target::Element(place, index)));
        }
        Ok(Expression::Get(Target::Variable(self.place(name)?)))
    }

    fn optional_target(&mut self) -> Parsed<Option<Box<Target>>> {
        if !matches!(self.peek(), Word::Name(_) | Word::Mark("$")) {
            return Ok(None);
        }
        match self.primary()? {
            Expression::Get(target) => Ok(Some(Box::new(target))),
            _ => self.unexpected(),
        }
    }

    fn call(&mut self, name: &str) -> Parsed<Expression> {
        let index = self.function(name);
        self.expect("(")?;
        let arguments = self.list(")")?;
        for (parameter, argument) in arguments.iter().enumerate() {
            if let Expression::Get(Target::Variable(place)) = argument {
                self.passed.push((self.in_function, *place, index, parameter));
            }
        }
        Ok(Expression::Call(index, arguments))
    }

    fn builtin(&mut self, name: &'static str) -> Parsed<Expression> {
        if name == "length" && !self.is("(") {
            return Ok(Expression::Builtin(name, Vec::new()));
        }
        self.expect("(")?;
        let arguments = self.list(")")?;
        let (least, most) = match name {
            "length" | "srand" | "fflush" => (0, 1),
            "rand" | "systime" => (0, 0),
            "strftime" => (0, 3),
            "mktime" | "asort" | "asorti" => (1, 2),
            "substr" | "sub" | "gsub" | "match" => (2, 3),
            "split" | "patsplit" => (2, 4),
            "gensub" => (3, 4),
            "index" | "atan2" | "lshift" | "rshift" => (2, 2),
            "close" => (1, 1),
            "sprintf" => (1, usize::MAX),
            "and" | "or" | "xor" => (2, usize::MAX),
            _ => (1, 1),
        };
        if arguments.len() < least || arguments.len() > most {
            return Err(format!("{} is invalid as number of arguments for {name}", arguments.len()));
        }
        let arrays: &[usize] = match name {
            "split" | "patsplit" => &[1, 3],
            "asort" | "asorti" => &[0, 1],
            "match" => &[2],
            _ => &[],
        };
        for at in arrays {
            match arguments.get(*at) {
                Some(Expression::Get(Target::Variable(place))) => {
                    if let (Some(function), super::tree::Place::Local(index)) = (self.in_function, *place) {
                        self.program.functions[function].arrays[index] = true;
                    }
                }
                Some(_) => return Err(format!("{name}: argument {} is not an array", at + 1)),
                None => {}
            }
        }
        Ok(Expression::Builtin(name, arguments))
    }
}
