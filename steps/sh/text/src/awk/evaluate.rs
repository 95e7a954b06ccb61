//! What expressions of awk are worth: as values, numbers, truths and texts, each without a detour where it can be.
//!
//! Does not know statements.

use super::machine::{Cell, Machine};
use super::tree::{Comparison, Expression, Line, Operator, Place, Target, special};
use super::value::{Value, compare};
use crate::options::Bytes;
use crate::regex::Regex;
use std::cmp::Ordering;
use std::rc::Rc;

/// How deep functions call each other: as the stack of a module allows.
const DEEPEST: usize = 1500;

/// Whole numbers are divided as such, which is far quicker.
fn remainder(one: f64, other: f64) -> f64 {
    const MOST: f64 = 9_007_199_254_740_992.0;
    if one.abs() < MOST && other.abs() < MOST && one > 0.0 {
        let (whole, by) = (one as i64, other as i64);
        if whole as f64 == one && by as f64 == other {
            return (whole % by) as f64;
        }
    }
    one % other
}

fn truth(is: bool) -> Value {
    Value::Number(f64::from(u8::from(is)))
}

impl<'p> Machine<'p> {
    pub fn value(&mut self, expression: &'p Expression) -> Value {
        match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(Rc::clone(text)),
            Expression::Get(Target::Variable(place)) => self.get(*place),
            Expression::Get(Target::Field(index)) => {
                let index = self.field_index(index);
                self.field(index)
            }
            Expression::Get(Target::Element(place, index)) => {
                let array = self.table(*place);
                let key = self.key(index);
                let value = array.borrow_mut().entry(&key).clone();
                self.give_scratch(key);
                value
            }
            Expression::Group(inside) => self.value(inside),
            Expression::Assign(target, value) => self.assigned_value(target, value),
            Expression::Join(_) | Expression::List(_) => {
                let mut text = Bytes::new();
                self.append(expression, &mut text);
                Value::text(text)
            }
            Expression::Choose(parts) => {
                if self.truth(&parts.0) {
                    self.value(&parts.1)
                } else {
                    self.value(&parts.2)
                }
            }
            Expression::Call(index, arguments) => self.call(*index, arguments),
            Expression::Builtin(name, arguments) => self.builtin(name, arguments),
            Expression::Getline(from, target) => self.getline(from, target.as_deref()),
            Expression::Regex(_)
            | Expression::And(_)
            | Expression::Or(_)
            | Expression::Not(_)
            | Expression::Compare(..)
            | Expression::Match { .. }
            | Expression::In(..) => truth(self.truth(expression)),
            other => Value::Number(self.number(other)),
        }
    }

    /// `a = a b` goes on where `a` is, so that a text that is made piece by piece is not copied each time.
    fn assigned_value(&mut self, target: &'p Target, value: &'p Expression) -> Value {
        if let (Target::Variable(place), Expression::Join(parts)) = (target, value)
            && let Some(Expression::Get(Target::Variable(first))) = parts.first()
            && first == place
            && !matches!(place, Place::Global(index) if *index < special::NAMES.len())
        {
            let mut rest = self.take_scratch();
            parts[1..].iter().for_each(|part| self.append(part, &mut rest));
            let conversion = Rc::clone(&self.conversion);
            if let Cell::Value(held) = self.cell(*place) {
                let own = if let Value::Text(text) = held { Rc::get_mut(text) } else { None };
                match own {
                    Some(text) => text.extend_from_slice(&rest),
                    None => {
                        let mut text = Bytes::new();
                        held.append(&mut text, &conversion);
                        text.extend_from_slice(&rest);
                        *held = Value::text(text);
                    }
                }
                self.give_scratch(rest);
                // Nobody may keep it, or the next time it would have to be copied: callers that need it ask again.
                return self.get(*place);
            }
        }
        let value = self.value(value);
        self.assign(target, value.clone());
        value
    }

    pub fn number(&mut self, expression: &'p Expression) -> f64 {
        match expression {
            Expression::Number(number) => *number,
            Expression::Get(Target::Variable(place)) => match self.cell(*place) {
                Cell::Value(value) if *place != Place::Global(special::NF) => value.number(),
                _ => self.get(*place).number(),
            },
            Expression::Get(Target::Field(index)) => {
                let index = self.field_index(index);
                match self.record.slice(index, &self.field_separator, &self.conversion) {
                    Some(text) => super::value::number(text),
                    None => self.field(index).number(),
                }
            }
            Expression::Group(inside) => self.number(inside),
            Expression::Positive(inside) => self.number(inside),
            Expression::Negative(inside) => -self.number(inside),
            Expression::Calculate(operator, both) => {
                let one = self.number(&both.0);
                let other = self.number(&both.1);
                self.calculated(*operator, one, other)
            }
            Expression::Change(operator, target, by) => {
                let by = self.number(by);
                self.changed(target, |machine, old| machine.calculated(*operator, old, by)).1
            }
            Expression::Step(target, by, is_before) => {
                let (old, new) = self.changed(target, |_, old| old + by);
                if *is_before { old } else { new }
            }
            Expression::Builtin("length", arguments) => self.length(arguments.first()) as f64,
            Expression::Text(_) | Expression::Assign(..) | Expression::Join(_) | Expression::Call(..) => {
                self.value(expression).number()
            }
            other => self.value(other).number(),
        }
    }

    /// Changes what is there by a number; gives what it was and is.
    fn changed(&mut self, target: &'p Target, change: impl Fn(&mut Self, f64) -> f64) -> (f64, f64) {
        match target {
            Target::Variable(place) => {
                let old = self.get(*place).number();
                let new = change(self, old);
                self.set(*place, Value::Number(new));
                (old, new)
            }
            Target::Field(index) => {
                let index = self.field_index(index);
                let old = self.field(index).number();
                let new = change(self, old);
                self.set_field(index, Value::Number(new));
                (old, new)
            }
            Target::Element(place, index) => {
                let array = self.table(*place);
                let key = self.key(index);
                let old = array.borrow_mut().entry(&key).number();
                let new = change(self, old);
                *array.borrow_mut().entry(&key) = Value::Number(new);
                self.give_scratch(key);
                (old, new)
            }
        }
    }

    fn calculated(&mut self, operator: Operator, one: f64, other: f64) -> f64 {
        match operator {
            Operator::Add => one + other,
            Operator::Subtract => one - other,
            Operator::Multiply => one * other,
            Operator::Divide if other == 0.0 => self.fatal("division by zero attempted"),
            Operator::Divide => one / other,
            Operator::Remainder if other == 0.0 => self.fatal("division by zero attempted in `%'"),
            Operator::Remainder => remainder(one, other),
            Operator::Power if other.fract() == 0.0 && other.abs() < 1024.0 => one.powi(other as i32),
            Operator::Power => one.powf(other),
        }
    }

    pub fn truth(&mut self, expression: &'p Expression) -> bool {
        match expression {
            Expression::Regex(regex) => {
                let text = self.record.text(&self.field_separator, &self.conversion);
                regex.is_match(text)
            }
            Expression::And(both) => self.truth(&both.0) && self.truth(&both.1),
            Expression::Or(both) => self.truth(&both.0) || self.truth(&both.1),
            Expression::Not(inside) => !self.truth(inside),
            Expression::Group(inside) => self.truth(inside),
            Expression::Compare(comparison, both) => self.compares(*comparison, &both.0, &both.1),
            Expression::Match { negative, both } => {
                let regex = self.regex_of(&both.1);
                self.with_text(&both.0, |text| regex.is_match(text)) != *negative
            }
            Expression::In(index, place) => {
                let key = self.key(index);
                let is = self.table(*place).borrow().has(&key);
                self.give_scratch(key);
                is
            }
            other => self.value(other).truth(),
        }
    }

    fn compares(&mut self, comparison: Comparison, one: &'p Expression, other: &'p Expression) -> bool {
        let one = self.value(one);
        let other = self.value(other);
        let order = compare(&one, &other, &self.conversion);
        match comparison {
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::NotEqual => order != Some(Ordering::Equal),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }

    /// An expression as a regular expression.
    pub fn regex_of(&mut self, expression: &'p Expression) -> Rc<Regex> {
        match expression {
            Expression::Regex(regex) => Rc::clone(regex),
            Expression::Group(inside) => self.regex_of(inside),
            other => {
                let mut text = self.take_scratch();
                self.append(other, &mut text);
                let regex = self.regex(&text);
                self.give_scratch(text);
                regex
            }
        }
    }

    /// Does something with an expression's text, which is not copied where it lies in the record.
    pub fn with_text<T>(&mut self, expression: &'p Expression, act: impl FnOnce(&[u8]) -> T) -> T {
        if let Expression::Get(Target::Field(index)) = expression {
            let index = self.field_index(index);
            if let Some(text) = self.record.slice(index, &self.field_separator, &self.conversion) {
                return act(text);
            }
        }
        let mut text = self.take_scratch();
        self.append(expression, &mut text);
        let made = act(&text);
        self.give_scratch(text);
        made
    }

    /// Writes an expression's text behind what is there.
    pub fn append(&mut self, expression: &'p Expression, out: &mut Bytes) {
        match expression {
            Expression::Text(text) => out.extend_from_slice(text),
            Expression::Get(Target::Field(index)) => {
                let index = self.field_index(index);
                match self.record.slice(index, &self.field_separator, &self.conversion) {
                    Some(text) => out.extend_from_slice(text),
                    None => self.field(index).append(out, &self.conversion),
                }
            }
            Expression::Get(Target::Variable(place)) if *place != Place::Global(special::NF) => {
                let conversion = Rc::clone(&self.conversion);
                match self.cell(*place) {
                    Cell::Value(value) => value.append(out, &conversion),
                    Cell::Array(_) => drop(self.get(*place)),
                }
            }
            Expression::Group(inside) => self.append(inside, out),
            Expression::Join(parts) => parts.iter().for_each(|part| self.append(part, out)),
            Expression::List(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        out.extend_from_slice(&self.index_separator);
                    }
                    self.append(part, out);
                }
            }
            other => {
                let value = self.value(other);
                value.append(out, &self.conversion);
            }
        }
    }

    pub fn text(&mut self, expression: &'p Expression) -> Bytes {
        let mut text = Bytes::new();
        self.append(expression, &mut text);
        text
    }

    pub fn length(&mut self, of: Option<&'p Expression>) -> usize {
        match of {
            None => self.record.text(&self.field_separator, &self.conversion).len(),
            Some(Expression::Get(Target::Variable(place))) if matches!(self.cell(*place), Cell::Array(_)) => {
                self.table(*place).borrow().len()
            }
            Some(expression) => self.with_text(expression, <[u8]>::len),
        }
    }

    fn call(&mut self, index: usize, arguments: &'p [Expression]) -> Value {
        let function = &self.program.functions[index];
        if arguments.len() > function.parameters {
            let text = format!("function `{}' called with more arguments than declared", function.name);
            self.fatal(&text);
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            let text = format!("function `{}' called too deep", function.name);
            self.fatal(&text);
        }
        let mut cells = Vec::with_capacity(function.parameters);
        for (at, argument) in arguments.iter().enumerate() {
            cells.push(match argument {
                Expression::Get(Target::Variable(place)) if function.arrays[at] => Cell::Array(self.table(*place)),
                Expression::Get(Target::Variable(place)) if matches!(self.cell(*place), Cell::Array(_)) => {
                    Cell::Array(self.table(*place))
                }
                other => Cell::Value(self.value(other)),
            });
        }
        cells.resize(function.parameters, Cell::default());
        let base = std::mem::replace(&mut self.base, self.stack.len());
        self.stack.append(&mut cells);
        self.returned = Value::Unset;
        let flow = self.block(&function.body);
        self.stack.truncate(self.base);
        self.base = base;
        self.depth -= 1;
        self.left(flow);
        std::mem::take(&mut self.returned)
    }

    fn getline(&mut self, from: &'p Line, target: Option<&'p Target>) -> Value {
        let mut text = self.take_scratch();
        let got = match from {
            Line::Next => self.next_record(&mut text),
            Line::File(name) | Line::Command(name) => {
                let is_command = matches!(from, Line::Command(_));
                let name = self.text(name);
                let by = self.separator.clone();
                let mut end = Bytes::new();
                let got = self.streams.record(&name, is_command, &by, &mut text, &mut end);
                if let Ok(true) = got {
                    self.ended_by(&end);
                }
                got
            }
        };
        let made = match got {
            Ok(false) => 0.0,
            Err(_) => -1.0,
            Ok(true) => {
                match target {
                    Some(target) => self.assign(target, Value::input(text.clone())),
                    None => self.record.set(&text),
                }
                1.0
            }
        };
        self.give_scratch(text);
        Value::Number(made)
    }
}
