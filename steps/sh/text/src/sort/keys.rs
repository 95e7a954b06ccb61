//! The keys of `sort`: which part of a line counts, and how.
//!
//! Knows how `-k` is written.

use super::compare::{Order, compare, rough};
use crate::options::Bytes;
use crate::stream::{complain, fail, shown};
use std::borrow::Cow;
use std::cmp::Ordering;

/// What a text is ordered by.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Manner {
    pub order: Order,
    pub reverse: bool,
    pub fold: bool,
    pub dictionary: bool,
    pub printing: bool,
    /// Leading blanks don't count, at the start and at the end of a key.
    pub skip_start: bool,
    pub skip_end: bool,
    /// How many orders other than that of texts were asked for.
    pub asked: u16,
}

/// The letters of orders.
const ORDERS: &[u8] = b"ghMnRV";

impl Manner {
    /// Takes one letter; whether it is one that is known.
    pub fn letter(&mut self, letter: u8, at_end: bool) -> bool {
        if let Some(at) = ORDERS.iter().position(|order| *order == letter) {
            self.asked |= 1 << at;
        }
        match letter {
            b'b' if at_end => self.skip_end = true,
            b'b' => self.skip_start = true,
            b'd' => self.dictionary = true,
            b'f' => self.fold = true,
            b'g' => self.order = Order::General,
            b'h' => self.order = Order::Human,
            b'i' => self.printing = true,
            b'M' => self.order = Order::Month,
            b'n' => self.order = Order::Numeric,
            b'R' => self.order = Order::Random,
            b'r' => self.reverse = true,
            b'V' => self.order = Order::Version,
            _ => return false,
        }
        true
    }

    /// What counts of a text.
    fn kept<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if !(self.fold || self.dictionary || self.printing) {
            return Cow::Borrowed(text);
        }
        let counts = |byte: &&u8| {
            let word = byte.is_ascii_alphanumeric() || **byte == b' ' || **byte == b'\t';
            (!self.dictionary || word) && (!self.printing || (32..127).contains(*byte))
        };
        let shape = |byte: &u8| if self.fold { byte.to_ascii_uppercase() } else { *byte };
        Cow::Owned(text.iter().filter(counts).map(shape).collect())
    }
}

#[derive(Clone, Debug)]
pub struct Key {
    field: usize,
    start: usize,
    /// The end's field and place in it; without, the line's end.
    end: Option<(usize, usize)>,
    pub manner: Option<Manner>,
}

/// How lines are ordered.
pub struct Keys {
    pub keys: Vec<(Key, Manner)>,
    pub whole: Manner,
    pub separator: Option<u8>,
    pub stable: bool,
    pub unique: bool,
    pub seed: u64,
}

fn number(text: &[u8]) -> (Option<usize>, &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (crate::number::plain(&text[..digits]).map(|number| number as usize), &text[digits..])
}

/// Reads `F[.C][letters][,F[.C][letters]]`.
pub fn key(text: &[u8]) -> Result<Key, i32> {
    let wrong = |why: &str, at: &[u8]| {
        let at = if at.is_empty() { String::new() } else { format!(": invalid count at start of '{}'", shown(at)) };
        fail("sort", &format!("{why}{at}")) + 1
    };
    let zero = |what: &str| {
        let text = format!("{what} is zero: invalid field specification '{}'", shown(text));
        fail("sort", &text) + 1
    };
    let mut manner = Manner::default();
    let (field, mut rest) = number(text);
    let field = field.ok_or_else(|| wrong("invalid number at field start", text))?;
    if field == 0 {
        return Err(zero_field(text));
    }
    let mut start = 1;
    if let Some(after) = rest.strip_prefix(b".") {
        let (place, left) = number(after);
        start = place.ok_or_else(|| wrong("invalid number after '.'", after))?;
        if start == 0 {
            return Err(zero("character offset"));
        }
        rest = left;
    }
    let mut any = false;
    while let Some(letter) = rest.first() {
        if !manner.letter(*letter, false) {
            break;
        }
        any = true;
        rest = &rest[1..];
    }
    let mut end = None;
    if let Some(after) = rest.strip_prefix(b",") {
        let (field, left) = number(after);
        let field = field.ok_or_else(|| wrong("invalid number after ','", after))?;
        if field == 0 {
            return Err(zero_field(text));
        }
        rest = left;
        let mut place = 0;
        if let Some(after) = rest.strip_prefix(b".") {
            let (number, left) = number(after);
            place = number.ok_or_else(|| wrong("invalid number after '.'", after))?;
            rest = left;
        }
        while let Some(letter) = rest.first() {
            if !manner.letter(*letter, true) {
                break;
            }
            any = true;
            rest = &rest[1..];
        }
        end = Some((field, place));
    }
    if !rest.is_empty() {
        let text = format!("stray character in field spec: invalid field specification '{}'", shown(text));
        return Err(fail("sort", &text) + 1);
    }
    Ok(Key { field: field - 1, start: start - 1, end, manner: any.then_some(manner) })
}

fn zero_field(text: &[u8]) -> i32 {
    complain("sort", &format!("field number is zero: invalid field specification '{}'", shown(text)));
    2
}

fn blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t' || byte == b'\n'
}

impl Keys {
    fn after_field(&self, line: &[u8], mut at: usize) -> usize {
        match self.separator {
            Some(separator) => memchr::memchr(separator, &line[at..]).map_or(line.len(), |end| at + end),
            None => {
                while at < line.len() && blank(line[at]) {
                    at += 1;
                }
                while at < line.len() && !blank(line[at]) {
                    at += 1;
                }
                at
            }
        }
    }

    fn part<'a>(&self, line: &'a [u8], key: &Key, manner: &Manner) -> &'a [u8] {
        let skip = |mut at: usize| {
            while at < line.len() && blank(line[at]) {
                at += 1;
            }
            at
        };
        let parted = usize::from(self.separator.is_some());
        let mut start = 0;
        for _ in 0..key.field {
            start = (self.after_field(line, start) + parted).min(line.len());
        }
        if manner.skip_start {
            start = skip(start);
        }
        start = (start + key.start).min(line.len());
        let Some((field, place)) = key.end else { return &line[start..] };
        let mut end = 0;
        for index in 0..field {
            let is_last = index + 1 == field;
            if is_last && place > 0 {
                break;
            }
            end = self.after_field(line, end);
            if !is_last {
                end = (end + parted).min(line.len());
            }
        }
        if place > 0 {
            if manner.skip_end {
                end = skip(end);
            }
            end = (end + place).min(line.len());
        }
        if end > start { &line[start..end] } else { b"" }
    }

    /// A number that orders most lines at once; equal ones have to be compared.
    pub fn rough(&self, line: &[u8]) -> u64 {
        let (text, manner) = match self.keys.first() {
            Some((key, manner)) => (self.part(line, key, manner), manner),
            None => (line, &self.whole),
        };
        let text = if self.keys.is_empty() && manner.skip_start { trimmed(text) } else { text };
        let rough = rough(&manner.kept(text), manner.order, self.seed);
        if manner.reverse { !rough } else { rough }
    }

    /// Whether equal rough numbers of two lines shorter than they reach say all: plain text within eight bytes never does.
    pub fn is_plain(&self) -> bool {
        self.keys.is_empty() && self.whole == Manner { reverse: self.whole.reverse, ..Manner::default() }
    }

    /// By the keys alone.
    pub fn by_keys(&self, one: &[u8], other: &[u8]) -> Ordering {
        if self.keys.is_empty() {
            return self.by_manner(one, other, &self.whole);
        }
        for (key, manner) in &self.keys {
            let order = self.by_manner(self.part(one, key, manner), self.part(other, key, manner), manner);
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    fn by_manner(&self, one: &[u8], other: &[u8], manner: &Manner) -> Ordering {
        let (one, other) =
            if manner.skip_start && self.keys.is_empty() { (trimmed(one), trimmed(other)) } else { (one, other) };
        let order = compare(&manner.kept(one), &manner.kept(other), manner.order, self.seed);
        if manner.reverse { order.reverse() } else { order }
    }

    /// By the keys, then by all bytes where nothing forbids it.
    pub fn compare(&self, one: &[u8], other: &[u8]) -> Ordering {
        let order = self.by_keys(one, other);
        if order.is_ne() || self.stable || self.unique {
            return order;
        }
        let order = one.cmp(other);
        if self.whole.reverse { order.reverse() } else { order }
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    &text[text.iter().position(|byte| !blank(*byte)).unwrap_or(text.len())..]
}

/// The letters of orders that can't be together, as messages name them.
pub fn clash(manner: &Manner) -> Option<Bytes> {
    let has =
        |letter: u8| ORDERS.iter().position(|order| *order == letter).is_some_and(|at| manner.asked & 1 << at != 0);
    let texts = has(b'R') || has(b'V') || manner.dictionary || manner.printing;
    if b"ghMn".iter().filter(|letter| has(**letter)).count() + usize::from(texts) < 2 {
        return None;
    }
    let shown = |letter: &&u8| match **letter {
        b'd' => manner.dictionary,
        b'f' => manner.fold,
        b'i' => manner.printing && !manner.dictionary,
        letter => has(letter),
    };
    Some(b"dfghiMnRV".iter().filter(shown).copied().collect())
}
