//! `bc`: arithmetic with as many digits as one likes.
//!
//! Knows GNU's language without `read`, `random` and the Bessel functions, which it refuses; the library of `-l` is
//! written in the language itself.

mod number;
mod parse;

use crate::options::Table;
use crate::outcome::{Failed, Outcome, output};
use number::Number;
use parse::{Expression, Function, Parser, Place, Statement};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Stdout, Write};
use std::rc::Rc;

const TABLE: Table = Table::new("bc", &["l,mathlib", "q,quiet", "s,standard", "w,warn", "i,interactive", "e=", "h"]);

/// So deep functions may call each other.
const DEEPEST: usize = 1000;

/// As many digits behind the point are the most.
const LARGEST_SCALE: usize = 100_000;

/// Why statements are left.
enum Leave {
    Break,
    Continue,
    Return(Number),
    Quit,
    Error(String),
    Failed(Failed),
}

type Run<T = ()> = Result<T, Leave>;

#[derive(Default, Clone)]
struct Array(HashMap<i64, Number>);

struct Machine {
    scale: usize,
    input: u32,
    output: u32,
    last: Number,
    names: HashMap<String, Number>,
    arrays: HashMap<String, Array>,
    functions: HashMap<String, Rc<Function>>,
    depth: usize,
    column: usize,
    width: usize,
    out: BufWriter<Stdout>,
}

fn wrong(text: impl Into<String>) -> Leave {
    Leave::Error(text.into())
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(arguments)?;
    if given.has("h") {
        println!("usage: bc [options] [file ...]");
        return Ok(0);
    }
    let width = std::env::var("BC_LINE_LENGTH").ok().and_then(|text| text.parse().ok()).unwrap_or(70);
    let mut machine = Machine {
        scale: if given.has("mathlib") { 20 } else { 0 },
        input: 10,
        output: 10,
        last: Number::default(),
        names: HashMap::new(),
        arrays: HashMap::new(),
        functions: HashMap::new(),
        depth: 0,
        column: 0,
        width,
        out: output(),
    };
    if given.has("mathlib") {
        machine.program("library", include_str!("library.bc"))?;
    }
    if let Some(text) = given.text("e") {
        machine.program("(expression)", &text)?;
        machine.out.flush()?;
        return Ok(0);
    }
    for path in &given.operands {
        let Ok(text) = std::fs::read(path) else {
            eprintln!("File {} is unavailable.", path.to_string_lossy());
            return Err(Failed::silent(1));
        };
        if machine.program(&path.to_string_lossy(), &String::from_utf8_lossy(&text))? {
            machine.out.flush()?;
            return Ok(0);
        }
    }
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    machine.program("(standard_in)", &String::from_utf8_lossy(&text))?;
    machine.out.flush()?;
    Ok(0)
}

impl Machine {
    /// Runs a text; says whether it ended all.
    fn program(&mut self, name: &str, text: &str) -> Outcome<bool> {
        let mut parser = match Parser::new(text) {
            Ok(parser) => parser,
            Err((line, what)) => {
                eprintln!("{name} {line}: {what}");
                return Ok(false);
            }
        };
        while let Some(statements) = parser.next_line() {
            let statements = match statements {
                Ok(statements) => statements,
                Err(what) => {
                    self.out.flush()?;
                    eprintln!("{name} {}: {what}", parser.line());
                    continue;
                }
            };
            match self.all(&statements) {
                Ok(()) | Err(Leave::Break | Leave::Continue | Leave::Return(_)) => {}
                Err(Leave::Quit) => return Ok(true),
                Err(Leave::Failed(failed)) => return Err(failed),
                Err(Leave::Error(what)) => {
                    self.out.flush()?;
                    eprintln!("Runtime error (func=(main), adr={}): {what}", statements.len());
                }
            }
        }
        Ok(false)
    }

    fn write(&mut self, text: &str) -> Run {
        self.out.write_all(text.as_bytes()).map_err(|error| Leave::Failed(error.into()))?;
        self.column = text.rfind('\n').map_or(self.column + text.len(), |at| text.len() - at - 1);
        Ok(())
    }

    /// Prints a number, folded where it is too long.
    fn number(&mut self, number: &Number) -> Run {
        let text = number.print(self.output);
        if self.width == 0 {
            return self.write(&text);
        }
        for one in text.chars() {
            if self.column + 2 >= self.width {
                self.write("\\\n")?;
            }
            self.write(one.encode_utf8(&mut [0; 4]))?;
        }
        Ok(())
    }

    fn all(&mut self, statements: &[Statement]) -> Run {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn holds(&mut self, condition: &Expression) -> Run<bool> {
        Ok(!self.value(condition)?.is_zero())
    }

    /// Runs the body of a loop; says whether to go on.
    fn body(&mut self, body: &Statement) -> Run<bool> {
        match self.statement(body) {
            Err(Leave::Break) => Ok(false),
            Err(Leave::Continue) | Ok(()) => Ok(true),
            Err(leave) => Err(leave),
        }
    }

    fn statement(&mut self, statement: &Statement) -> Run {
        match statement {
            Statement::Nothing => {}
            Statement::Expression(expression) => {
                let value = self.value(expression)?;
                if !matches!(expression, Expression::Assigned(..)) {
                    self.number(&value)?;
                    self.write("\n")?;
                    self.last = value;
                }
            }
            Statement::Text(text) => self.write(text)?,
            Statement::Print(parts) => {
                for part in parts {
                    match part {
                        Statement::Text(text) => self.write(&unescaped(text))?,
                        Statement::Expression(expression) => {
                            let value = self.value(expression)?;
                            self.number(&value)?;
                            self.last = value;
                        }
                        _ => return Err(wrong("syntax error")),
                    }
                }
            }
            Statement::Block(statements) => self.all(statements)?,
            Statement::If(condition, then, otherwise) => {
                if self.holds(condition)? {
                    self.statement(then)?;
                } else if let Some(otherwise) = otherwise {
                    self.statement(otherwise)?;
                }
            }
            Statement::While(condition, body) => while self.holds(condition)? && self.body(body)? {},
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.value(first)?;
                }
                loop {
                    let go = condition.as_ref().map_or(Ok(true), |condition| self.holds(condition))?;
                    if !go || !self.body(body)? {
                        break;
                    }
                    if let Some(step) = step {
                        self.value(step)?;
                    }
                }
            }
            Statement::Break => return Err(Leave::Break),
            Statement::Continue => return Err(Leave::Continue),
            Statement::Return(value) => {
                let value = value.as_ref().map_or(Ok(Number::default()), |value| self.value(value))?;
                return Err(Leave::Return(value));
            }
            Statement::Quit | Statement::Halt => return Err(Leave::Quit),
            Statement::Define(name, function) => {
                self.functions.insert(name.clone(), Rc::new(function.clone()));
            }
        }
        Ok(())
    }

    fn value(&mut self, expression: &Expression) -> Run<Number> {
        Ok(match expression {
            Expression::Number(text) => Number::read(text, self.input),
            Expression::Place(place) => self.get(place)?,
            Expression::Array(_) => return Err(wrong("an array is no number")),
            Expression::Negated(operand) => self.value(operand)?.negated(),
            Expression::Not(operand) => Number::from(i64::from(self.value(operand)?.is_zero())),
            Expression::Both("()", inside, _) => self.value(inside)?,
            Expression::Both("&&", one, other) => Number::from(i64::from(self.holds(one)? & self.holds(other)?)),
            Expression::Both("||", one, other) => Number::from(i64::from(self.holds(one)? | self.holds(other)?)),
            Expression::Both(mark, one, other) => {
                let (one, other) = (self.value(one)?, self.value(other)?);
                self.both(mark, &one, &other)?
            }
            Expression::Assigned(mark, place, value) => {
                let value = self.value(value)?;
                let value = match mark.strip_suffix('=') {
                    Some("") | None => value,
                    Some(operator) => {
                        let before = self.get(place)?;
                        self.both(operator, &before, &value)?
                    }
                };
                self.set(place, value.clone())?;
                value
            }
            Expression::Stepped(place, by, new) => {
                let before = self.get(place)?;
                let after = before.plus(&Number::from(*by));
                self.set(place, after.clone())?;
                if *new { after } else { before }
            }
            Expression::Call(name, arguments) => self.call(name, arguments)?,
        })
    }

    fn both(&self, mark: &str, one: &Number, other: &Number) -> Run<Number> {
        let truth = |holds: bool| Ok(Number::from(i64::from(holds)));
        let order = || one.compare(other);
        match mark {
            "+" => Ok(one.plus(other)),
            "-" => Ok(one.minus(other)),
            "*" => Ok(one.times(other, self.scale)),
            "/" => one.over(other, self.scale).ok_or_else(|| wrong("Divide by zero")),
            "%" => one.rest(other, self.scale).ok_or_else(|| wrong("Modulo by zero")),
            "^" => one.power(other, self.scale).ok_or_else(|| wrong("Divide by zero")),
            "<" => truth(order() == Ordering::Less),
            "<=" => truth(order() != Ordering::Greater),
            ">" => truth(order() == Ordering::Greater),
            ">=" => truth(order() != Ordering::Less),
            "==" => truth(order() == Ordering::Equal),
            _ => truth(order() != Ordering::Equal),
        }
    }

    fn index(&mut self, index: &Expression) -> Run<i64> {
        let index = self.value(index)?;
        index.whole().filter(|at| (0..16_777_216).contains(at)).ok_or_else(|| wrong("Array subscript out of bounds"))
    }

    fn get(&mut self, place: &Place) -> Run<Number> {
        Ok(match place {
            Place::Register("scale") => Number::from(self.scale as i64),
            Place::Register("ibase") => Number::from(i64::from(self.input)),
            Place::Register("obase") => Number::from(i64::from(self.output)),
            Place::Register(_) => self.last.clone(),
            Place::Name(name) => self.names.get(name).cloned().unwrap_or_default(),
            Place::Element(name, index) => {
                let at = self.index(index)?;
                self.arrays.get(name).and_then(|array| array.0.get(&at)).cloned().unwrap_or_default()
            }
        })
    }

    fn set(&mut self, place: &Place, value: Number) -> Run {
        let whole = value.whole().unwrap_or(i64::MAX);
        match place {
            Place::Register("scale") => {
                self.scale = usize::try_from(whole).map_err(|_| wrong("negative scale, set to 0"))?.min(LARGEST_SCALE);
            }
            Place::Register("ibase") => self.input = whole.clamp(2, 36) as u32,
            Place::Register("obase") => self.output = whole.clamp(2, 1_000_000) as u32,
            Place::Register(_) => self.last = value,
            Place::Name(name) => drop(self.names.insert(name.clone(), value)),
            Place::Element(name, index) => {
                let at = self.index(index)?;
                self.arrays.entry(name.clone()).or_default().0.insert(at, value);
            }
        }
        Ok(())
    }

    fn call(&mut self, name: &str, arguments: &[Expression]) -> Run<Number> {
        if let Some(function) = self.functions.get(name).cloned() {
            return self.own(name, &function, arguments);
        }
        let [argument] = arguments else { return Err(wrong(format!("Function {name} not defined."))) };
        if let (Expression::Array(array), "length") = (argument, name) {
            let most = self.arrays.get(array).and_then(|array| array.0.keys().max().copied());
            return Ok(Number::from(most.map_or(0, |most| most + 1)));
        }
        let value = self.value(argument)?;
        match name {
            "sqrt" => value.root(self.scale).ok_or_else(|| wrong("Square root of a negative number")),
            "length" => Ok(Number::from(value.length() as i64)),
            "scale" => Ok(Number::from(value.scale as i64)),
            _ => Err(wrong(format!("Function {name} not defined."))),
        }
    }

    fn own(&mut self, name: &str, function: &Rc<Function>, arguments: &[Expression]) -> Run<Number> {
        if arguments.len() != function.parameters.len() {
            return Err(wrong("Parameter number mismatch"));
        }
        if self.depth >= DEEPEST {
            return Err(wrong(format!("Function {name} calls too deep.")));
        }
        let mut numbers = Vec::new();
        let mut arrays = Vec::new();
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            match (parameter.strip_suffix("[]"), argument) {
                (Some(own), Expression::Array(given)) => {
                    arrays.push((own.to_owned(), self.arrays.get(given).cloned().unwrap_or_default()))
                }
                (None, argument) => numbers.push((parameter.clone(), self.value(argument)?)),
                (Some(_), _) => return Err(wrong("Parameter type mismatch")),
            }
        }
        for local in &function.locals {
            match local.strip_suffix("[]") {
                Some(own) => arrays.push((own.to_owned(), Array::default())),
                None => numbers.push((local.clone(), Number::default())),
            }
        }
        let kept: Vec<_> =
            numbers.into_iter().map(|(name, value)| (name.clone(), self.names.insert(name, value))).collect();
        let kept_arrays: Vec<_> =
            arrays.into_iter().map(|(name, value)| (name.clone(), self.arrays.insert(name, value))).collect();
        self.depth += 1;
        let answer = self.all(&function.body);
        self.depth -= 1;
        for (name, before) in kept.into_iter().rev() {
            match before {
                Some(before) => drop(self.names.insert(name, before)),
                None => drop(self.names.remove(&name)),
            }
        }
        for (name, before) in kept_arrays.into_iter().rev() {
            match before {
                Some(before) => drop(self.arrays.insert(name, before)),
                None => drop(self.arrays.remove(&name)),
            }
        }
        match answer {
            Ok(()) => Ok(Number::default()),
            Err(Leave::Return(value)) => Ok(value),
            Err(leave) => Err(leave),
        }
    }
}

/// The escapes of `print`.
fn unescaped(text: &str) -> String {
    let mut answer = String::new();
    let mut rest = text.chars();
    while let Some(one) = rest.next() {
        if one != '\\' {
            answer.push(one);
            continue;
        }
        match rest.next() {
            Some('n') => answer.push('\n'),
            Some('t') => answer.push('\t'),
            Some('r') => answer.push('\r'),
            Some('a') => answer.push('\u{7}'),
            Some('b') => answer.push('\u{8}'),
            Some('f') => answer.push('\u{c}'),
            Some('q') => answer.push('"'),
            Some('\\') => answer.push('\\'),
            Some(other) => {
                answer.push('\\');
                answer.push(other);
            }
            None => answer.push('\\'),
        }
    }
    answer
}
