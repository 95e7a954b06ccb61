//! A JSON value as jq has it: numbers are doubles, a long whole number keeps its text, objects keep their order.
//!
//! Knows arithmetic, order and jq's words for what can't be done. Does not know how values are read or written.

use indexmap::IndexMap;
use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;
use std::rc::Rc;

pub type Map = IndexMap<Rc<str>, Value, BuildHasherDefault<DefaultHasher>>;
pub type Error = jaq_core::Error<Value>;
pub type ValR = Result<Value, Error>;

#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(f64),
    /// A whole number with more digits than a double has, as it was written.
    Long(Rc<str>),
    Text(Rc<str>),
    Array(Rc<Vec<Value>>),
    Object(Rc<Map>),
}

/// What an error says of a value is cut after as many bytes.
const SHOWN: usize = 11;

pub fn error(text: impl Into<String>) -> Error {
    Error::new(Value::from(text.into()))
}

impl Value {
    pub fn text(text: &str) -> Self {
        Self::Text(Rc::from(text))
    }

    pub fn array(list: Vec<Self>) -> Self {
        Self::Array(Rc::new(list))
    }

    pub fn object(map: Map) -> Self {
        Self::Object(Rc::new(map))
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) | Self::Long(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Long(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `object ({"a":1})`, cut where it is long.
    pub fn shown(&self) -> String {
        let text = self.to_string();
        if text.len() <= SHOWN + 3 {
            return format!("{} ({text})", self.kind());
        }
        let mut end = SHOWN;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        format!("{} ({}...)", self.kind(), &text[..end])
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Number(_) | Self::Long(_) => 3,
            Self::Text(_) => 4,
            Self::Array(_) => 5,
            Self::Object(_) => 6,
        }
    }

    /// The keys in order.
    pub fn sorted_keys(map: &Map) -> Vec<Rc<str>> {
        let mut keys: Vec<Rc<str>> = map.keys().cloned().collect();
        keys.sort();
        keys
    }

    pub fn length(&self) -> ValR {
        Ok(Self::Number(match self {
            Self::Null => 0.0,
            Self::Bool(_) => return Err(error(format!("{} has no length", self.shown()))),
            Self::Number(number) => number.abs(),
            Self::Long(_) => self.number().unwrap_or(0.0).abs(),
            Self::Text(text) => text.chars().count() as f64,
            Self::Array(list) => list.len() as f64,
            Self::Object(map) => map.len() as f64,
        }))
    }

    pub fn has(&self, key: &Self) -> ValR {
        Ok(Self::Bool(match (self, key) {
            (Self::Object(map), Self::Text(key)) => map.contains_key(key),
            (Self::Array(list), key) if key.number().is_some() => {
                key.number().is_some_and(|at| at >= 0.0 && at < list.len() as f64)
            }
            _ if super::lenient::is_on() => false,
            _ => return Err(error(format!("Cannot check whether {} has a {} key", self.kind(), key.kind()))),
        }))
    }

    pub fn contains(&self, other: &Self) -> Result<bool, Error> {
        Ok(match (self, other) {
            (Self::Object(one), Self::Object(other)) => {
                for (key, value) in other.iter() {
                    match one.get(key) {
                        Some(own) if own.contains(value)? => {}
                        _ => return Ok(false),
                    }
                }
                true
            }
            (Self::Array(one), Self::Array(other)) => {
                let within = |value: &Self| one.iter().any(|own| own.contains(value).unwrap_or(false));
                other.iter().all(within)
            }
            (Self::Text(one), Self::Text(other)) => one.contains(&**other),
            _ if self.kind() == other.kind() => self == other,
            _ => {
                return Err(error(format!(
                    "{} and {} cannot have their containment checked",
                    self.shown(),
                    other.shown()
                )));
            }
        })
    }

    /// Where a value stands in another.
    pub fn indices(&self, what: &Self) -> ValR {
        let places: Vec<Self> = match (self, what) {
            (Self::Null, _) => return Ok(Self::Null),
            (Self::Text(_), Self::Text(part)) if part.is_empty() => return Ok(Self::Null),
            (Self::Text(text), Self::Text(part)) => {
                // As jq has it, places are counted in code points.
                let found = text.char_indices().enumerate().filter(|(_, (at, _))| text[*at..].starts_with(&**part));
                found.map(|(place, _)| Self::Number(place as f64)).collect()
            }
            (Self::Array(_), Self::Array(part)) if part.is_empty() => return Ok(Self::Null),
            (Self::Array(list), Self::Array(part)) => {
                let found = list.windows(part.len()).enumerate().filter(|(_, window)| *window == part.as_slice());
                found.map(|(place, _)| Self::Number(place as f64)).collect()
            }
            (Self::Array(list), what) => list
                .iter()
                .enumerate()
                .filter(|(_, one)| *one == what)
                .map(|(place, _)| Self::Number(place as f64))
                .collect(),
            _ => return Err(error(format!("Cannot determine indices of {} in {}", what.kind(), self.kind()))),
        };
        Ok(Self::array(places))
    }

    /// Without what the paths lead to, which are sorted.
    pub fn without(self, paths: &[Vec<Self>]) -> ValR {
        paths.iter().rev().try_fold(self, |value, path| value.without_one(path))
    }

    fn without_one(self, path: &[Self]) -> ValR {
        let Some((key, rest)) = path.split_first() else { return Ok(Self::Null) };
        match (self, key) {
            (Self::Null, _) => Ok(Self::Null),
            (Self::Object(mut map), Self::Text(key)) => {
                let own = Rc::make_mut(&mut map);
                if rest.is_empty() {
                    own.shift_remove(key);
                } else if let Some(value) = own.get_mut(key) {
                    *value = std::mem::take(value).without_one(rest)?;
                }
                Ok(Self::Object(map))
            }
            (Self::Array(mut list), key) if key.number().is_some() => {
                let own = Rc::make_mut(&mut list);
                if let Some(at) = place(key, own.len()).filter(|at| *at < own.len()) {
                    if rest.is_empty() {
                        own.remove(at);
                    } else {
                        own[at] = std::mem::take(&mut own[at]).without_one(rest)?;
                    }
                }
                Ok(Self::Array(list))
            }
            (Self::Array(mut list), Self::Object(range)) => {
                let own = Rc::make_mut(&mut list);
                let (from, to) = super::paths::bounds(range.get("start"), range.get("end"), own.len())?;
                if rest.is_empty() {
                    own.drain(from..to);
                } else {
                    let part = Self::array(own[from..to].to_vec()).without_one(rest)?;
                    let Self::Array(part) = part else {
                        return Err(error("A slice of an array can only be assigned another array"));
                    };
                    own.splice(from..to, part.iter().cloned());
                }
                Ok(Self::Array(list))
            }
            (value, key) => {
                let what = if key.as_text().is_some() { "field" } else { "element" };
                Err(error(format!(
                    "Cannot delete {what} at {} index of {}",
                    if what == "field" { "object" } else { "array" },
                    value.kind()
                )))
            }
        }
    }
}

/// An index of an array, from its end where it is negative.
pub fn place(key: &Value, length: usize) -> Option<usize> {
    let at = key.number()?.floor();
    let at = if at < 0.0 { at + length as f64 } else { at };
    (at >= 0.0 && at < f64::from(u32::MAX)).then_some(at as usize)
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<isize> for Value {
    fn from(value: isize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl From<jaq_core::val::Range<Self>> for Value {
    fn from(range: jaq_core::val::Range<Self>) -> Self {
        let mut map = Map::default();
        map.insert(Rc::from("start"), range.start.unwrap_or_default());
        map.insert(Rc::from("end"), range.end.unwrap_or_default());
        Self::object(map)
    }
}

impl FromIterator<Self> for Value {
    fn from_iter<I: IntoIterator<Item = Self>>(list: I) -> Self {
        Self::array(list.into_iter().collect())
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Long(one), Self::Long(other)) if one == other => Ordering::Equal,
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Array(one), Self::Array(other)) => one.cmp(other),
            (Self::Object(one), Self::Object(other)) => {
                let (keys, others) = (Self::sorted_keys(one), Self::sorted_keys(other));
                keys.cmp(&others).then_with(|| {
                    let orders = keys.iter().map(|key| one[key].cmp(&other[key]));
                    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
                })
            }
            _ => match (self.number(), other.number()) {
                // What is no number is less than each, itself too.
                (Some(one), Some(other)) => {
                    one.partial_cmp(&other).unwrap_or(if one.is_nan() { Ordering::Less } else { Ordering::Greater })
                }
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }
}

fn impossible(one: &Value, other: &Value, what: &str) -> Error {
    error(format!("{} and {} cannot be {what}", one.shown(), other.shown()))
}

impl std::ops::Add for Value {
    type Output = ValR;

    fn add(self, other: Self) -> ValR {
        Ok(match (self, other) {
            (Self::Null, value) | (value, Self::Null) => value,
            (Self::Text(one), Self::Text(other)) => Self::from(format!("{one}{other}")),
            (Self::Array(mut one), Self::Array(other)) => {
                Rc::make_mut(&mut one).extend(other.iter().cloned());
                Self::Array(one)
            }
            (Self::Array(mut one), other) if super::lenient::is_on() => {
                Rc::make_mut(&mut one).push(other);
                Self::Array(one)
            }
            (Self::Object(mut one), Self::Object(other)) => {
                let own = Rc::make_mut(&mut one);
                for (key, value) in other.iter() {
                    own.insert(key.clone(), value.clone());
                }
                Self::Object(one)
            }
            (one, other) => match (one.number(), other.number()) {
                (Some(one), Some(other)) => Self::Number(one + other),
                _ => return Err(impossible(&one, &other, "added")),
            },
        })
    }
}

impl std::ops::Sub for Value {
    type Output = ValR;

    fn sub(self, other: Self) -> ValR {
        match (&self, &other) {
            (Self::Array(one), Self::Array(other)) => {
                Ok(one.iter().filter(|value| !other.contains(value)).cloned().collect())
            }
            _ => match (self.number(), other.number()) {
                (Some(one), Some(other)) => Ok(Self::Number(one - other)),
                _ => Err(impossible(&self, &other, "subtracted")),
            },
        }
    }
}

fn merged(one: &mut Map, other: &Map) {
    for (key, value) in other {
        match (one.get_mut(key), value) {
            (Some(Value::Object(own)), Value::Object(value)) => merged(Rc::make_mut(own), value),
            (Some(own), value) => *own = value.clone(),
            (None, value) => drop(one.insert(key.clone(), value.clone())),
        }
    }
}

impl std::ops::Mul for Value {
    type Output = ValR;

    fn mul(self, other: Self) -> ValR {
        if let Some(product) = super::lenient::product(&self, &other) {
            return Ok(product);
        }
        match (self, other) {
            (Self::Object(mut one), Self::Object(other)) => {
                merged(Rc::make_mut(&mut one), &other);
                Ok(Self::Object(one))
            }
            (Self::Text(text), times) | (times, Self::Text(text)) if times.number().is_some() => {
                let times = times.number().unwrap_or(0.0);
                Ok(if times <= 0.0 { Self::Null } else { Self::from(text.repeat((times.max(1.0)) as usize)) })
            }
            (one, other) => match (one.number(), other.number()) {
                (Some(one), Some(other)) => Ok(Self::Number(one * other)),
                _ => Err(impossible(&one, &other, "multiplied")),
            },
        }
    }
}

impl std::ops::Div for Value {
    type Output = ValR;

    fn div(self, other: Self) -> ValR {
        match (&self, &other) {
            (Self::Text(text), Self::Text(by)) => Ok(match (text.is_empty(), by.is_empty()) {
                (true, _) => Self::array(Vec::new()),
                (_, true) => text.chars().map(|one| Self::from(one.to_string())).collect(),
                _ => text.split(&**by).map(Self::text).collect(),
            }),
            _ => match (self.number(), other.number()) {
                (Some(_), Some(0.0)) => Err(impossible(&self, &other, "divided because the divisor is zero")),
                (Some(one), Some(other)) => Ok(Self::Number(one / other)),
                _ => Err(impossible(&self, &other, "divided")),
            },
        }
    }
}

impl std::ops::Rem for Value {
    type Output = ValR;

    fn rem(self, other: Self) -> ValR {
        match (self.number(), other.number()) {
            (Some(one), Some(by)) if one.is_nan() || by.is_nan() => Ok(Self::Number(f64::NAN)),
            (Some(one), Some(by)) => {
                let (one, by) = (one as i64, (by as i64).unsigned_abs());
                if by == 0 {
                    return Err(impossible(&self, &other, "divided because the divisor is zero"));
                }
                let rest = (one.unsigned_abs() % by) as f64;
                Ok(Self::Number(if one < 0 { 0.0 - rest } else { rest }))
            }
            _ => Err(impossible(&self, &other, "divided")),
        }
    }
}

impl std::ops::Neg for Value {
    type Output = ValR;

    fn neg(self) -> ValR {
        match self.number() {
            Some(number) => Ok(Self::Number(-number)),
            None => Err(error(format!("{} cannot be negated", self.shown()))),
        }
    }
}
