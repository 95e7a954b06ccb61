//! Runs an awk program: its rules over its input, and their statements.
//!
//! Knows where the main input comes from.

use super::machine::Machine;
use super::streams::record;
use super::table::Table;
use super::tree::{Expression, Pattern, Place, Statement, Target, Way, special};
use super::value::{Value, compare};
use crate::options::Bytes;
use crate::stream::{Lines, complain, path, reason, shown};
use std::cmp::Ordering;
use std::io;
use std::rc::Rc;

/// How a statement ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Flow {
    On,
    Break,
    Continue,
    Next,
    NextFile,
    Return,
    Exit,
}

/// Whether an argument is an assignment.
pub fn is_assignment(argument: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b'=', argument)?;
    let (name, value) = (&argument[..at], &argument[at + 1..]);
    let first = name.first()?;
    let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') && !first.is_ascii_digit();
    is_name.then_some((name, value))
}

impl<'p> Machine<'p> {
    pub fn run(&mut self) -> i32 {
        let program = self.program;
        let mut exits = false;
        for body in &program.begin {
            exits = self.finished(body);
            if exits {
                break;
            }
        }
        if !(exits || program.rules.is_empty() && program.end.is_empty()) {
            self.rules();
        }
        // An exit before still lets END run; one in it ends it.
        for body in &program.end {
            if self.finished(body) {
                break;
            }
        }
        self.streams.close_all();
        self.code
    }

    /// Runs a body of BEGIN or END; says whether it ended the program.
    fn finished(&mut self, body: &'p [Statement]) -> bool {
        let flow = self.block(body);
        self.pending.take().unwrap_or(flow) == Flow::Exit
    }

    fn rules(&mut self) {
        let program = self.program;
        let mut text = Bytes::new();
        loop {
            // At the end the last record stays, for END.
            if !matches!(self.next_record(&mut text), Ok(true)) {
                return;
            }
            std::mem::swap(self.record.replaced(), &mut text);
            for (pattern, body) in &program.rules {
                let selected = match pattern {
                    Pattern::Always => true,
                    Pattern::When(condition) => self.truth(condition),
                    Pattern::Range(from, to, index) => {
                        let inside = self.ranges[*index] || self.truth(from);
                        if inside {
                            self.ranges[*index] = !self.truth(to);
                        }
                        inside
                    }
                };
                let flow = match (selected, body) {
                    (false, _) => Flow::On,
                    (true, Some(body)) => self.block(body),
                    (true, None) => {
                        self.print_record();
                        Flow::On
                    }
                };
                match self.pending.take().unwrap_or(flow) {
                    Flow::Next => break,
                    Flow::NextFile => {
                        self.main = None;
                        break;
                    }
                    Flow::Exit => return,
                    _ => {}
                }
            }
        }
    }

    fn print_record(&mut self) {
        let text = self.record.text(&self.field_separator, &self.conversion);
        self.streams.standard.put(text);
        self.streams.standard.put(&self.record_end);
    }

    /// Reads the next record of the main input.
    pub fn next_record(&mut self, text: &mut Bytes) -> io::Result<bool> {
        let mut end = self.take_scratch();
        loop {
            if self.main.is_none() && !self.open_next() {
                self.give_scratch(end);
                return Ok(false);
            }
            let Some(lines) = &mut self.main else { continue };
            match record(lines, &self.separator, text, &mut end) {
                Ok(true) => {
                    self.counted(true);
                    self.ended_by(&end);
                    self.give_scratch(end);
                    return Ok(true);
                }
                Ok(false) => self.main = None,
                Err(error) => {
                    let name = self.get(Place::Global(special::FILENAME));
                    let mut shown_name = Bytes::new();
                    name.append(&mut shown_name, b"");
                    let is_folder = path(&shown_name).is_dir();
                    let why = if is_folder { "Is a directory".to_owned() } else { reason(&error) };
                    let text = if is_folder {
                        format!("warning: command line argument `{}' is a directory: skipped", shown(&shown_name))
                    } else {
                        self.code = 2;
                        format!("error reading {}: {why}", shown(&shown_name))
                    };
                    self.streams.flush();
                    complain("awk", &text);
                    self.main = None;
                }
            }
        }
    }

    /// Opens the next file that the arguments name; standard input where they name none.
    fn open_next(&mut self) -> bool {
        loop {
            let count = self.get(Place::Global(special::ARGC)).number() as usize;
            if self.next_argument >= count {
                if std::mem::replace(&mut self.any_file, true) {
                    return false;
                }
                self.main = Lines::open(b"-", b'\n').ok();
                self.set(Place::Global(special::FILENAME), Value::text(b"-".to_vec()));
                return self.main.is_some();
            }
            let arguments = self.table(Place::Global(special::ARGV));
            let mut argument = Bytes::new();
            if let Some(value) = arguments.borrow().get(self.next_argument.to_string().as_bytes()) {
                value.append(&mut argument, b"%.6g");
            }
            self.next_argument += 1;
            if argument.is_empty() {
                continue;
            }
            if let Some((name, value)) = is_assignment(&argument) {
                self.assign_by_name(name, value);
                continue;
            }
            self.any_file = true;
            match Lines::open(&argument, b'\n') {
                Ok(lines) => {
                    self.main = Some(lines);
                    self.set(Place::Global(special::FILENAME), Value::input(argument));
                    self.set(Place::Global(special::FNR), Value::Number(0.0));
                    return true;
                }
                Err(error) => {
                    let text = format!("cannot open file `{}' for reading: {}", shown(&argument), reason(&error));
                    self.fatal(&text);
                }
            }
        }
    }

    /// An assignment of the command line. A name that the program does not use has no place.
    pub fn assign_by_name(&mut self, name: &[u8], value: &[u8]) {
        if let Some(index) = self.program.globals.iter().position(|known| known.as_bytes() == name) {
            self.set(Place::Global(index), Value::input(super::lex::unescaped(value)));
        }
    }

    pub fn block(&mut self, statements: &'p [Statement]) -> Flow {
        for statement in statements {
            let flow = self.statement(statement);
            if flow != Flow::On {
                return flow;
            }
            if let Some(flow) = self.pending {
                return flow;
            }
        }
        Flow::On
    }

    /// How a function's body ended: what goes beyond it ends what called it as well.
    pub fn left(&mut self, flow: Flow) {
        if matches!(flow, Flow::Next | Flow::NextFile | Flow::Exit) {
            self.pending = Some(flow);
        }
    }

    fn statement(&mut self, statement: &'p Statement) -> Flow {
        match statement {
            Statement::Expression(expression) => self.discard(expression),
            Statement::Print(values, to) => self.print(values, to.as_ref()),
            Statement::Printf(values, to) => self.printf(values, to.as_ref()),
            Statement::If(condition, then, otherwise) => {
                if self.truth(condition) {
                    return self.statement(then);
                } else if let Some(otherwise) = otherwise {
                    return self.statement(otherwise);
                }
            }
            Statement::Block(statements) => return self.block(statements),
            Statement::While(..) | Statement::Do(..) | Statement::For(..) | Statement::Each(..) => {
                return self.repeat(statement);
            }
            Statement::Switch(value, cases) => return self.switch(value, cases),
            Statement::Break => return Flow::Break,
            Statement::Continue => return Flow::Continue,
            Statement::Next => return Flow::Next,
            Statement::NextFile => return Flow::NextFile,
            Statement::Exit(code) => {
                if let Some(code) = code {
                    self.code = self.number(code) as i64 as i32 & 0xff;
                }
                return Flow::Exit;
            }
            Statement::Return(value) => {
                let value = value.as_ref().map(|value| self.value(value)).unwrap_or_default();
                self.returned = value;
                return Flow::Return;
            }
            Statement::Delete(place, index) => {
                let array = self.table(*place);
                match index {
                    None => array.borrow_mut().clear(),
                    Some(index) => {
                        let key = self.key(index);
                        array.borrow_mut().remove(&key);
                        self.give_scratch(key);
                    }
                }
            }
        }
        Flow::On
    }

    /// An expression whose value nobody wants.
    fn discard(&mut self, expression: &'p Expression) {
        match expression {
            Expression::Step(..) | Expression::Change(..) => drop(self.number(expression)),
            other => drop(self.value(other)),
        }
    }

    fn repeat(&mut self, statement: &'p Statement) -> Flow {
        match statement {
            Statement::While(condition, body) => {
                while self.truth(condition) && self.pending.is_none() {
                    match self.statement(body) {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return flow,
                    }
                }
            }
            Statement::Do(body, condition) => loop {
                match self.statement(body) {
                    Flow::On | Flow::Continue => {}
                    Flow::Break => break,
                    flow => return flow,
                }
                if !self.truth(condition) || self.pending.is_some() {
                    break;
                }
            },
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.statement(first);
                }
                while condition.as_ref().is_none_or(|condition| self.truth(condition)) && self.pending.is_none() {
                    match self.statement(body) {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return flow,
                    }
                    if let Some(step) = step {
                        self.statement(step);
                    }
                }
            }
            Statement::Each(target, place, body) => {
                let array = self.table(*place);
                let keys = self.ordered(&array.borrow());
                for key in keys {
                    self.assign(target, Value::input(key));
                    match self.statement(body) {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return flow,
                    }
                    if self.pending.is_some() {
                        break;
                    }
                }
            }
            _ => {}
        }
        Flow::On
    }

    /// The keys of an array, in the order that `PROCINFO["sorted_in"]` asks for.
    fn ordered(&mut self, array: &Table) -> Vec<Bytes> {
        let about = self.table(Place::Global(special::PROCINFO));
        let mut order = Bytes::new();
        if let Some(value) = about.borrow().get(b"sorted_in") {
            value.append(&mut order, b"");
        }
        let mut keys = array.keys();
        if order.is_empty() || order == b"@unsorted" {
            return keys;
        }
        let number = |key: &Bytes| super::value::number(key);
        if order.starts_with(b"@ind_str") {
            keys.sort();
        } else if order.starts_with(b"@ind_num") {
            keys.sort_by(|one, other| number(one).total_cmp(&number(other)).then_with(|| one.cmp(other)));
        } else if order.starts_with(b"@val") {
            let value = |key: &Bytes| array.get(key).cloned().unwrap_or_default();
            let conversion = Rc::clone(&self.conversion);
            let is_number = order.starts_with(b"@val_num");
            keys.sort_by(|one, other| {
                let (first, second) = (value(one), value(other));
                let by_value = if is_number {
                    first.number().total_cmp(&second.number())
                } else {
                    compare(&first, &second, &conversion).unwrap_or(Ordering::Equal)
                };
                by_value.then_with(|| number(one).total_cmp(&number(other))).then_with(|| one.cmp(other))
            });
        } else {
            let text = format!("sorting by {} is not supported", shown(&order));
            self.fatal(&text);
        }
        if order.ends_with(b"_desc") {
            keys.reverse();
        }
        keys
    }

    fn switch(&mut self, value: &'p Expression, cases: &'p [(Option<Expression>, Vec<Statement>)]) -> Flow {
        let value = self.value(value);
        let mut chosen = None;
        for (at, (label, _)) in cases.iter().enumerate() {
            let is = match label {
                None => false,
                Some(Expression::Regex(regex)) => {
                    let mut text = Bytes::new();
                    value.append(&mut text, &self.conversion);
                    regex.is_match(&text)
                }
                Some(label) => {
                    let label = self.value(label);
                    compare(&value, &label, &self.conversion) == Some(Ordering::Equal)
                }
            };
            if is {
                chosen = Some(at);
                break;
            }
        }
        let Some(chosen) = chosen.or_else(|| cases.iter().position(|(label, _)| label.is_none())) else {
            return Flow::On;
        };
        for (_, body) in &cases[chosen..] {
            match self.block(body) {
                Flow::On => {}
                Flow::Break => return Flow::On,
                flow => return flow,
            }
        }
        Flow::On
    }

    fn print(&mut self, values: &'p [Expression], to: Option<&'p (Way, Expression)>) {
        if values.is_empty() && to.is_none() {
            return self.print_record();
        }
        let mut text = self.take_scratch();
        if values.is_empty() {
            text.extend_from_slice(self.record.text(&self.field_separator, &self.conversion));
        }
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                text.extend_from_slice(&self.field_separator);
            }
            match value {
                Expression::Text(_) | Expression::Join(_) | Expression::Get(Target::Field(_)) => {
                    self.append(value, &mut text)
                }
                value => {
                    let value = self.value(value);
                    value.append(&mut text, &self.output_format);
                }
            }
        }
        text.extend_from_slice(&self.record_end);
        self.write(&text, to);
        self.give_scratch(text);
    }

    fn printf(&mut self, values: &'p [Expression], to: Option<&'p (Way, Expression)>) {
        let values = match values {
            [Expression::List(values)] => values,
            values => values,
        };
        let mut text = self.take_scratch();
        self.formatted(values, &mut text);
        self.write(&text, to);
        self.give_scratch(text);
    }

    pub fn formatted(&mut self, values: &'p [Expression], out: &mut Bytes) {
        let Some((format, values)) = values.split_first() else { return };
        let format = self.value(format);
        let values: Vec<Value> = values.iter().map(|value| self.value(value)).collect();
        let done = match &format {
            Value::Text(format) | Value::Input(format) => super::format::formatted(format, &values, out),
            other => {
                let mut format = Bytes::new();
                other.append(&mut format, &self.conversion);
                super::format::formatted(&format, &values, out)
            }
        };
        if let Err(text) = done {
            self.fatal(&text);
        }
    }

    fn write(&mut self, text: &[u8], to: Option<&'p (Way, Expression)>) {
        let Some((way, name)) = to else { return self.streams.standard.put(text) };
        let name = self.text(name);
        let error = match self.streams.output(*way, &name) {
            Ok(out) => return out.put(text),
            Err(error) => error,
        };
        let text = format!("cannot redirect to `{}': {}", shown(&name), reason(&error));
        self.fatal(&text);
    }
}
