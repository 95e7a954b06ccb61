//! The functions that awk has.
//!
//! Does not know the functions that a program defines.

use super::format::strtonum;
use super::machine::Machine;
use super::record::{Splitter, split};
use super::table::Table;
use super::tree::{Expression, Place, Target, special};
use super::value::{Value, compare};
use crate::options::Bytes;
use crate::regex::Slots;
use std::cmp::Ordering;
use std::rc::Rc;
use userland_sys::Ended;

impl<'p> Machine<'p> {
    pub fn builtin(&mut self, name: &'static str, arguments: &'p [Expression]) -> Value {
        match name {
            "length" => Value::Number(self.length(arguments.first()) as f64),
            "substr" => self.substr(arguments),
            "index" => {
                let wanted = self.text(&arguments[1]);
                let at = self.with_text(&arguments[0], |text| memchr::memmem::find(text, &wanted));
                Value::Number(at.map_or(0.0, |at| (at + 1) as f64))
            }
            "split" | "patsplit" => self.split(name == "patsplit", arguments),
            "sub" | "gsub" => self.substitute(name == "gsub", arguments),
            "gensub" => self.gensub(arguments),
            "match" => self.matched(arguments),
            "sprintf" => {
                let mut text = Bytes::new();
                self.formatted(arguments, &mut text);
                Value::text(text)
            }
            "tolower" => {
                let mut text = self.text(&arguments[0]);
                text.make_ascii_lowercase();
                Value::text(text)
            }
            "toupper" => {
                let mut text = self.text(&arguments[0]);
                text.make_ascii_uppercase();
                Value::text(text)
            }
            "asort" | "asorti" => self.sorted(name == "asorti", arguments),
            "system" | "close" | "fflush" => self.outside(name, arguments),
            "strftime" | "mktime" | "systime" => self.time(name, arguments),
            "typeof" | "isarray" => self.kind(name, &arguments[0]),
            _ => Value::Number(self.mathematics(name, arguments)),
        }
    }

    fn mathematics(&mut self, name: &str, arguments: &'p [Expression]) -> f64 {
        if name == "rand" {
            return self.random();
        }
        if name == "srand" {
            let now = || crate::stream::now().duration_since(std::time::UNIX_EPOCH);
            let seed = match arguments.first() {
                Some(seed) => self.number(seed),
                None => now().map_or(0.0, |now| now.as_secs() as f64),
            };
            let old = self.seed.0;
            self.seed = (seed, (seed.to_bits() ^ 0x9e37_79b9_7f4a_7c15) | 1);
            self.random();
            return old;
        }
        let values: Vec<f64> = match name {
            "strtonum" => Vec::new(),
            _ => arguments.iter().map(|argument| self.number(argument)).collect(),
        };
        let whole = |number: f64| number as i64 as u64;
        match (name, values.as_slice()) {
            ("sin", [x]) => x.sin(),
            ("cos", [x]) => x.cos(),
            ("atan2", [y, x]) => y.atan2(*x),
            ("exp", [x]) => x.exp(),
            ("log", [x]) => x.ln(),
            ("sqrt", [x]) => x.sqrt(),
            ("int", [x]) => x.trunc(),
            ("and", all) => all.iter().map(|x| whole(*x)).fold(u64::MAX, |one, other| one & other) as f64,
            ("or", all) => all.iter().map(|x| whole(*x)).fold(0, |one, other| one | other) as f64,
            ("xor", all) => all.iter().map(|x| whole(*x)).fold(0, |one, other| one ^ other) as f64,
            ("lshift", [x, by]) => whole(*x).checked_shl(*by as u32).unwrap_or(0) as f64,
            ("rshift", [x, by]) => whole(*x).checked_shr(*by as u32).unwrap_or(0) as f64,
            // Numbers have 53 bits.
            ("compl", [x]) => (!whole(*x) & ((1 << 53) - 1)) as f64,
            _ => match self.value(&arguments[0]) {
                Value::Text(text) | Value::Input(text) => strtonum(&text),
                value => value.number(),
            },
        }
    }

    fn random(&mut self) -> f64 {
        let mut state = self.seed.1;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.seed.1 = state;
        (state >> 11) as f64 / (1u64 << 53) as f64
    }

    fn substr(&mut self, arguments: &'p [Expression]) -> Value {
        let from = self.number(&arguments[1]);
        let length = arguments.get(2).map(|length| self.number(length));
        // As GNU's: places are cut to whole ones, and one before the first is the first.
        let part = |text: &[u8]| {
            let first = if from.is_nan() { 1.0 } else { from.trunc().max(1.0) };
            let end =
                length.map_or(f64::INFINITY, |length| if length.is_nan() { first } else { first + length.trunc() });
            let start = (first - 1.0).min(text.len() as f64) as usize;
            let end = (end - 1.0).clamp(0.0, text.len() as f64) as usize;
            if start < end { text[start..end].to_vec() } else { Bytes::new() }
        };
        Value::text(self.with_text(&arguments[0], part))
    }

    fn array_of(&mut self, argument: &'p Expression) -> super::machine::Array {
        match argument {
            Expression::Get(Target::Variable(place)) => self.table(*place),
            _ => self.fatal("an argument is not an array"),
        }
    }

    fn split(&mut self, by_pattern: bool, arguments: &'p [Expression]) -> Value {
        let text = self.text(&arguments[0]);
        let array = self.array_of(&arguments[1]);
        let splitter = match arguments.get(2) {
            Some(by) if by_pattern => Splitter::Pattern(self.regex_of(by)),
            Some(Expression::Regex(regex)) => Splitter::Regex(Rc::clone(regex)),
            Some(by) => {
                let by = self.text(by);
                self.splitter(&by)
            }
            None if by_pattern => {
                let pattern = self.get(Place::Global(special::FPAT));
                let mut text = Bytes::new();
                pattern.append(&mut text, b"");
                Splitter::Pattern(self.regex(&text))
            }
            None => match self.get(Place::Global(special::FS)) {
                Value::Text(by) | Value::Input(by) => self.splitter(&by),
                _ => Splitter::Blanks,
            },
        };
        let mut ranges = Vec::new();
        split(&text, &splitter, false, &mut ranges);
        let mut table = array.borrow_mut();
        table.clear();
        for (at, (from, to)) in ranges.iter().enumerate() {
            table.set((at + 1).to_string().as_bytes(), Value::input(text[*from..*to].to_vec()));
        }
        drop(table);
        if let Some(separators) = arguments.get(3) {
            let separators = self.array_of(separators);
            let mut table = separators.borrow_mut();
            table.clear();
            for (at, pair) in ranges.windows(2).enumerate() {
                table.set((at + 1).to_string().as_bytes(), Value::text(text[pair[0].1..pair[1].0].to_vec()));
            }
        }
        Value::Number(ranges.len() as f64)
    }

    fn substitute(&mut self, all: bool, arguments: &'p [Expression]) -> Value {
        let regex = self.regex_of(&arguments[0]);
        let by = self.text(&arguments[1]);
        let mut text = self.take_scratch();
        match arguments.get(2) {
            Some(of) => self.append(of, &mut text),
            None => text.extend_from_slice(self.record.text(&self.field_separator, &self.conversion)),
        }
        let mut made = self.take_scratch();
        let (mut count, mut at, mut last) = (0, 0, usize::MAX);
        while at <= text.len()
            && let Some((from, to)) = regex.find_at(&text, at)
        {
            made.extend_from_slice(&text[at..from]);
            if !(from == to && from == last) {
                count += 1;
                put(&by, &text[from..to], &mut made);
            }
            (at, last) = (to, to);
            if !all {
                break;
            }
            if from == to {
                if let Some(byte) = text.get(to) {
                    made.push(*byte);
                }
                at += 1;
            }
        }
        if count > 0 {
            if at < text.len() {
                made.extend_from_slice(&text[at..]);
            }
            match arguments.get(2) {
                None | Some(Expression::Get(Target::Field(_))) => {
                    let index = match arguments.get(2) {
                        Some(Expression::Get(Target::Field(index))) => self.field_index(index),
                        _ => 0,
                    };
                    if index == 0 {
                        self.record.set(&made);
                    } else {
                        self.set_field(index, Value::text(made.clone()));
                    }
                }
                Some(Expression::Get(target)) => self.assign(target, Value::text(made.clone())),
                Some(_) => {}
            }
        }
        self.give_scratch(text);
        self.give_scratch(made);
        Value::Number(f64::from(count))
    }

    fn gensub(&mut self, arguments: &'p [Expression]) -> Value {
        let regex = self.regex_of(&arguments[0]);
        let by = self.text(&arguments[1]);
        let how = self.value(&arguments[2]);
        let mut how_text = Bytes::new();
        how.append(&mut how_text, b"%.6g");
        let all = matches!(how_text.first(), Some(b'g' | b'G'));
        let wanted = if all { 0 } else { (how.number() as u64).max(1) };
        let mut text = Bytes::new();
        match arguments.get(3) {
            Some(of) => self.append(of, &mut text),
            None => text.extend_from_slice(self.record.text(&self.field_separator, &self.conversion)),
        }
        let (mut made, mut slots) = (Bytes::new(), Slots::new());
        let (mut count, mut at, mut last) = (0u64, 0, usize::MAX);
        while at <= text.len() && regex.captures_at(&text, at, &mut slots) {
            let (Some(from), Some(to)) = (slots[0], slots[1]) else { break };
            made.extend_from_slice(&text[at..from]);
            let mut done = false;
            if !(from == to && from == last) {
                count += 1;
                if all || count == wanted {
                    put_groups(&by, &text, &slots, &mut made);
                    done = !all;
                } else {
                    made.extend_from_slice(&text[from..to]);
                }
            }
            (at, last) = (to, to);
            if done {
                break;
            }
            if from == to {
                if let Some(byte) = text.get(to) {
                    made.push(*byte);
                }
                at += 1;
            }
        }
        if at < text.len() {
            made.extend_from_slice(&text[at..]);
        }
        Value::text(made)
    }

    fn matched(&mut self, arguments: &'p [Expression]) -> Value {
        let regex = self.regex_of(&arguments[1]);
        let text = self.text(&arguments[0]);
        let mut slots = Slots::new();
        let found = if arguments.len() > 2 {
            regex.captures_at(&text, 0, &mut slots)
        } else {
            match regex.find_at(&text, 0) {
                Some((from, to)) => {
                    slots.extend([Some(from), Some(to)]);
                    true
                }
                None => false,
            }
        };
        let (start, length) = match (found, slots.as_slice()) {
            (true, [Some(from), Some(to), ..]) => ((from + 1) as f64, (to - from) as f64),
            _ => (0.0, -1.0),
        };
        self.set(Place::Global(special::RSTART), Value::Number(start));
        self.set(Place::Global(special::RLENGTH), Value::Number(length));
        if let Some(array) = arguments.get(2) {
            let array = self.array_of(array);
            let mut table = array.borrow_mut();
            table.clear();
            for (at, pair) in slots.chunks(2).enumerate().filter(|_| found) {
                let [Some(from), Some(to)] = pair else { continue };
                let index = at.to_string();
                table.set(index.as_bytes(), Value::input(text[*from..*to].to_vec()));
                let of = |what: &str| [index.as_bytes(), &self.index_separator, what.as_bytes()].concat();
                table.set(&of("start"), Value::Number((from + 1) as f64));
                table.set(&of("length"), Value::Number((to - from) as f64));
            }
        }
        Value::Number(start)
    }

    fn sorted(&mut self, by_index: bool, arguments: &'p [Expression]) -> Value {
        let source = self.array_of(&arguments[0]);
        let target = self.array_of(arguments.get(1).unwrap_or(&arguments[0]));
        let mut values: Vec<Value> = if by_index {
            source.borrow().keys().into_iter().map(Value::text).collect()
        } else {
            source.borrow().entries().map(|(_, value)| value.clone()).collect()
        };
        // Numbers come before texts.
        let rank = |value: &Value| match value {
            Value::Text(_) => 1,
            Value::Input(text) if super::value::looks_numeric(text).is_none() => 1,
            _ => 0,
        };
        let conversion = Rc::clone(&self.conversion);
        values.sort_by(|one, other| {
            rank(one).cmp(&rank(other)).then_with(|| compare(one, other, &conversion).unwrap_or(Ordering::Equal))
        });
        let mut table = Table::default();
        let count = values.len();
        for (at, value) in values.into_iter().enumerate() {
            table.set((at + 1).to_string().as_bytes(), value);
        }
        *target.borrow_mut() = table;
        Value::Number(count as f64)
    }

    fn outside(&mut self, name: &str, arguments: &'p [Expression]) -> Value {
        let what = arguments.first().map(|argument| self.text(argument));
        let number = match (name, what) {
            ("system", Some(command)) => match self.streams.system(&command) {
                Ok(Ended::Exited(code)) => f64::from(code),
                Ok(Ended::Signalled(signal)) => 256.0 + f64::from(signal),
                Err(_) => -1.0,
            },
            ("close", Some(name)) => self.streams.close(&name).map_or(-1.0, f64::from),
            ("fflush", Some(name)) if !name.is_empty() => f64::from(i8::from(self.streams.flush_one(&name)) - 1),
            _ => {
                self.streams.flush();
                0.0
            }
        };
        Value::Number(number)
    }

    fn time(&mut self, name: &str, arguments: &'p [Expression]) -> Value {
        let now = || {
            let now = crate::stream::now().duration_since(std::time::UNIX_EPOCH);
            now.map_or(0, |now| now.as_secs() as i64)
        };
        match name {
            "systime" => Value::Number(now() as f64),
            "mktime" => {
                let text = self.text(&arguments[0]);
                let utc = arguments.get(1).is_some_and(|utc| self.number(utc) != 0.0);
                Value::Number(mktime(&text, utc))
            }
            _ => {
                let format = match arguments.first() {
                    Some(format) => self.text(format),
                    None => b"%a %b %e %H:%M:%S %Z %Y".to_vec(),
                };
                let at = arguments.get(1).map_or_else(now, |at| self.number(at) as i64);
                let utc = arguments.get(2).is_some_and(|utc| self.number(utc) != 0.0);
                let format = String::from_utf8_lossy(&format);
                let zone = std::env::var("TZ").ok().filter(|_| !utc);
                Value::text(userland_calendar::strftime(&format, at, zone.as_deref()).into_bytes())
            }
        }
    }

    fn kind(&mut self, name: &str, argument: &'p Expression) -> Value {
        let is_array = matches!(argument, Expression::Get(Target::Variable(place))
            if matches!(self.cell(*place), super::machine::Cell::Array(_)));
        if name == "isarray" {
            return Value::Number(f64::from(u8::from(is_array)));
        }
        let kind: &[u8] = if is_array {
            b"array"
        } else if matches!(argument, Expression::Regex(_)) {
            b"regexp"
        } else {
            match self.value(argument) {
                Value::Unset => b"untyped",
                Value::Number(_) => b"number",
                Value::Text(_) => b"string",
                Value::Input(text) if super::value::looks_numeric(&text).is_some() => b"strnum",
                Value::Input(_) => b"string",
            }
        };
        Value::text(kind.to_vec())
    }
}

/// Puts a replacement of `sub`: `&` is the match, `\&` is itself.
fn put(by: &[u8], found: &[u8], out: &mut Bytes) {
    let mut at = 0;
    while at < by.len() {
        let rest = &by[at..];
        if rest.starts_with(br"\\\&") {
            out.extend_from_slice(br"\&");
            at += 4;
        } else if rest.starts_with(br"\\&") {
            out.push(b'\\');
            out.extend_from_slice(found);
            at += 3;
        } else if rest.starts_with(br"\&") {
            out.push(b'&');
            at += 2;
        } else if rest[0] == b'&' {
            out.extend_from_slice(found);
            at += 1;
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
}

/// Puts a replacement of `gensub`, which has `\1` and the like.
fn put_groups(by: &[u8], text: &[u8], slots: &Slots, out: &mut Bytes) {
    let group = |number: usize| match (slots.get(number * 2), slots.get(number * 2 + 1)) {
        (Some(Some(from)), Some(Some(to))) => &text[*from..*to],
        _ => b"",
    };
    let mut bytes = by.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'&' => out.extend_from_slice(group(0)),
            b'\\' => match bytes.next() {
                Some(digit @ b'0'..=b'9') => out.extend_from_slice(group(usize::from(digit - b'0'))),
                Some(b'&') => out.push(b'&'),
                Some(b'\\') | None => out.push(b'\\'),
                Some(other) => out.extend_from_slice(&[b'\\', *other]),
            },
            byte => out.push(*byte),
        }
    }
}

/// `YYYY MM DD HH MM SS` as seconds since 1970; -1 where it is no date.
pub fn mktime(text: &[u8], utc: bool) -> f64 {
    let text = String::from_utf8_lossy(text);
    let parts: Vec<i64> = text.split_ascii_whitespace().map_while(|part| part.parse().ok()).collect();
    // A seventh would say whether it is summer time, which the zone knows.
    let (6 | 7, [year, month, day, hour, minute, second, ..]) = (parts.len(), parts.as_slice()) else { return -1.0 };
    let fields = userland_calendar::Fields {
        year: *year,
        month: *month,
        day: *day,
        hour: *hour,
        minute: *minute,
        second: *second,
    };
    (if utc { fields.seconds() } else { userland_calendar::local_seconds(&fields) }) as f64
}
