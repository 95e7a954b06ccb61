//! The state of a running awk program: variables, the record, streams, and what assigning to a special one does.
//!
//! Does not know statements or operators.

use super::expression::HOW;
use super::record::{MOST_FIELDS, Record, Splitter};
use super::run::Flow;
use super::streams::{Separator, Streams};
use super::table::Table;
use super::tree::{Expression, Place, Program, Target, special};
use super::value::Value;
use crate::options::Bytes;
use crate::regex::Regex;
use crate::stream::{Lines, complain};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub type Array = Rc<RefCell<Table>>;

#[derive(Clone)]
pub enum Cell {
    Value(Value),
    Array(Array),
}

impl Default for Cell {
    fn default() -> Self {
        Self::Value(Value::Unset)
    }
}

pub struct Machine<'p> {
    pub program: &'p Program,
    pub globals: Vec<Cell>,
    pub stack: Vec<Cell>,
    pub base: usize,
    pub record: Record,
    pub streams: Streams,
    pub ranges: Vec<bool>,
    pub returned: Value,
    pub depth: usize,
    pub conversion: Rc<Bytes>,
    pub output_format: Rc<Bytes>,
    pub field_separator: Rc<Bytes>,
    pub record_end: Rc<Bytes>,
    pub index_separator: Rc<Bytes>,
    pub separator: Separator,
    pub main: Option<Lines>,
    pub next_argument: usize,
    pub any_file: bool,
    pub seed: (f64, u64),
    pub code: i32,
    /// What a function ended with that ends more than itself.
    pub pending: Option<Flow>,
    regexes: HashMap<Bytes, Rc<Regex>>,
    newline: Rc<Bytes>,
    scratch: Vec<Bytes>,
}

const MOST_REGEXES: usize = 500;

impl<'p> Machine<'p> {
    pub fn new(program: &'p Program) -> Self {
        let mut machine = Self {
            program,
            globals: vec![Cell::default(); program.globals.len()],
            stack: Vec::new(),
            base: 0,
            record: Record::new(),
            streams: Streams::new(),
            ranges: vec![false; program.ranges],
            returned: Value::Unset,
            depth: 0,
            conversion: Rc::default(),
            output_format: Rc::default(),
            field_separator: Rc::default(),
            record_end: Rc::default(),
            index_separator: Rc::default(),
            separator: Separator::Byte(b'\n'),
            main: None,
            next_argument: 1,
            any_file: false,
            seed: (0.0, 0x9e37_79b9_7f4a_7c15),
            code: 0,
            pending: None,
            regexes: HashMap::new(),
            newline: Rc::new(b"\n".to_vec()),
            scratch: Vec::new(),
        };
        let texts: [(usize, &[u8]); 7] = [
            (special::FS, b" "),
            (special::OFS, b" "),
            (special::ORS, b"\n"),
            (special::RS, b"\n"),
            (special::SUBSEP, b"\x1c"),
            (special::CONVFMT, b"%.6g"),
            (special::OFMT, b"%.6g"),
        ];
        for (place, text) in texts {
            machine.set(Place::Global(place), Value::text(text.to_vec()));
        }
        for place in [special::NR, special::FNR, special::RSTART] {
            machine.globals[place] = Cell::Value(Value::Number(0.0));
        }
        machine.globals[special::RLENGTH] = Cell::Value(Value::Number(-1.0));
        machine.environment();
        machine
    }

    fn environment(&mut self) {
        let environment = self.table(Place::Global(special::ENVIRON));
        for (name, value) in std::env::vars_os() {
            environment.borrow_mut().set(&name.into_encoded_bytes(), Value::input(value.into_encoded_bytes()));
        }
        let about = self.table(Place::Global(special::PROCINFO));
        about.borrow_mut().set(b"version", Value::text(b"5.2.1".to_vec()));
        about.borrow_mut().set(b"pid", Value::Number(f64::from(userland_sys::own_number())));
    }

    /// Ends the program: it asks for what can't be.
    pub fn fatal(&mut self, text: &str) -> ! {
        self.streams.flush();
        complain("awk", &format!("fatal: {text}"));
        std::process::exit(2)
    }

    /// A piece of memory that was used before.
    pub fn take_scratch(&mut self) -> Bytes {
        self.scratch.pop().unwrap_or_default()
    }

    pub fn give_scratch(&mut self, mut scratch: Bytes) {
        if scratch.capacity() < 1 << 16 {
            scratch.clear();
            self.scratch.push(scratch);
        }
    }

    pub fn cell(&mut self, place: Place) -> &mut Cell {
        match place {
            Place::Global(index) => &mut self.globals[index],
            Place::Local(index) => &mut self.stack[self.base + index],
        }
    }

    pub fn name(&self, place: Place) -> &str {
        match place {
            Place::Global(index) => &self.program.globals[index],
            Place::Local(_) => "parameter",
        }
    }

    pub fn get(&mut self, place: Place) -> Value {
        if place == Place::Global(special::NF) {
            return Value::Number(self.record.count() as f64);
        }
        match self.cell(place) {
            Cell::Value(value) => value.clone(),
            Cell::Array(_) => {
                let text = format!("attempt to use array `{}' in a scalar context", self.name(place));
                self.fatal(&text)
            }
        }
    }

    pub fn set(&mut self, place: Place, value: Value) {
        match self.cell(place) {
            Cell::Value(old) => *old = value,
            Cell::Array(_) => {
                let text = format!("attempt to use array `{}' in a scalar context", self.name(place));
                self.fatal(&text)
            }
        }
        if let Place::Global(index) = place
            && index < special::NAMES.len()
        {
            self.assigned(index);
        }
    }

    pub fn table(&mut self, place: Place) -> Array {
        match self.cell(place) {
            Cell::Array(array) => Rc::clone(array),
            cell @ Cell::Value(Value::Unset) => {
                let array = Array::default();
                *cell = Cell::Array(Rc::clone(&array));
                array
            }
            Cell::Value(_) => {
                let text = format!("attempt to use scalar `{}' as an array", self.name(place));
                self.fatal(&text)
            }
        }
    }

    fn text_of(&mut self, index: usize) -> Rc<Bytes> {
        match &self.globals[index] {
            Cell::Value(Value::Text(text) | Value::Input(text)) => Rc::clone(text),
            Cell::Value(value) => {
                let mut text = Bytes::new();
                value.append(&mut text, &self.conversion);
                Rc::new(text)
            }
            Cell::Array(_) => Rc::default(),
        }
    }

    fn assigned(&mut self, index: usize) {
        match index {
            special::NF => {
                let Cell::Value(value) = &self.globals[special::NF] else { return };
                let count = value.number();
                if !(0.0..=MOST_FIELDS as f64).contains(&count) {
                    self.fatal("NF set to a value that can't be");
                }
                self.record.set_count(count as usize);
            }
            special::OFS => {
                // What was joined before was joined by the separator before.
                let format = Rc::clone(&self.conversion);
                let before = Rc::clone(&self.field_separator);
                self.record.text(&before, &format);
                self.field_separator = self.text_of(index);
            }
            special::ORS => self.record_end = self.text_of(index),
            special::SUBSEP => self.index_separator = self.text_of(index),
            special::CONVFMT => self.conversion = self.text_of(index),
            special::OFMT => self.output_format = self.text_of(index),
            special::FS | special::RS => {
                self.record.split();
                if index == special::RS {
                    let text = self.text_of(index);
                    self.separator = match text.as_slice() {
                        [] => Separator::Paragraph,
                        [byte] => Separator::Byte(*byte),
                        text => Separator::Regex(self.regex(text)),
                    };
                }
                self.by_separator();
            }
            special::FPAT => {
                self.record.split();
                let text = self.text_of(index);
                self.record.splitter = Splitter::Pattern(self.regex(&text));
            }
            special::FIELDWIDTHS => {
                self.record.split();
                let text = self.text_of(index);
                let widths = text.split(u8::is_ascii_whitespace).filter(|width| !width.is_empty());
                let width =
                    |width: &[u8]| if width == b"*" { usize::MAX } else { super::value::number(width) as usize };
                self.record.splitter = Splitter::Widths(widths.map(width).collect());
            }
            special::IGNORECASE if self.globals[index].is_true() => {
                self.fatal("IGNORECASE is not supported: use tolower()");
            }
            _ => {}
        }
    }

    /// How records are split from now on.
    fn by_separator(&mut self) {
        let text = self.text_of(special::FS);
        self.record.by_lines = matches!(self.separator, Separator::Paragraph);
        self.record.splitter = self.splitter(&text);
    }

    /// How a separator splits.
    pub fn splitter(&mut self, text: &[u8]) -> Splitter {
        match text {
            b" " => Splitter::Blanks,
            [] => Splitter::Each,
            [byte] => Splitter::Byte(*byte),
            [b'\\', byte] if !byte.is_ascii_alphanumeric() => Splitter::Byte(*byte),
            text => Splitter::Regex(self.regex(text)),
        }
    }

    /// A regular expression that was made while running.
    pub fn regex(&mut self, text: &[u8]) -> Rc<Regex> {
        if let Some(regex) = self.regexes.get(text) {
            return Rc::clone(regex);
        }
        match Regex::new(text, HOW) {
            Ok(regex) => {
                if self.regexes.len() >= MOST_REGEXES {
                    self.regexes.clear();
                }
                let regex = Rc::new(regex);
                self.regexes.insert(text.to_vec(), Rc::clone(&regex));
                regex
            }
            Err(wrong) => {
                let text = format!("invalid regexp: {wrong}: /{}/", String::from_utf8_lossy(text));
                self.fatal(&text)
            }
        }
    }

    pub fn field(&mut self, index: usize) -> Value {
        self.record.field(index, &self.field_separator, &self.conversion)
    }

    pub fn set_field(&mut self, index: usize, value: Value) {
        if index > MOST_FIELDS {
            self.fatal("attempt to access a field that can't be");
        }
        if index > 0 {
            return self.record.set_field(index, value);
        }
        let mut text = Bytes::new();
        value.append(&mut text, &self.conversion);
        self.record.set(&text);
    }

    pub fn field_index(&mut self, expression: &'p Expression) -> usize {
        let number = match expression {
            Expression::Number(number) => *number,
            other => self.number(other),
        };
        if number < 0.0 {
            let text = format!("attempt to access field {number}");
            self.fatal(&text);
        }
        number as usize
    }

    pub fn assign(&mut self, target: &'p Target, value: Value) {
        match target {
            Target::Variable(place) => self.set(*place, value),
            Target::Field(index) => {
                let index = self.field_index(index);
                self.set_field(index, value);
            }
            Target::Element(place, index) => {
                let array = self.table(*place);
                let key = self.key(index);
                array.borrow_mut().set(&key, value);
                self.give_scratch(key);
            }
        }
    }

    /// The text that an index is.
    pub fn key(&mut self, index: &'p [Expression]) -> Bytes {
        let mut key = self.take_scratch();
        for (at, part) in index.iter().enumerate() {
            if at > 0 {
                key.extend_from_slice(&self.index_separator);
            }
            self.append(part, &mut key);
        }
        key
    }

    /// Counts a record that was read.
    pub fn counted(&mut self, is_of_file: bool) {
        let mut count = |place: usize| {
            if let Cell::Value(value) = &mut self.globals[place] {
                *value = Value::Number(value.number() + 1.0);
            }
        };
        count(special::NR);
        if is_of_file {
            count(special::FNR);
        }
    }

    /// Remembers what ended a record.
    pub fn ended_by(&mut self, end: &[u8]) {
        let end = if end == b"\n" { Rc::clone(&self.newline) } else { Rc::new(end.to_vec()) };
        self.globals[special::RT] = Cell::Value(Value::Text(end));
    }
}

impl Cell {
    fn is_true(&self) -> bool {
        matches!(self, Self::Value(value) if value.truth())
    }
}
