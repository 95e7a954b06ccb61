//! How jq goes into values and changes what is in them: indices, slices, iteration.
//!
//! Knows what jaq asks of a value, and jq's words where it can't be done.

use super::lenient;
use super::value::{Error, Map, ValR, Value, error, place};
use jaq_core::box_iter::BoxIter;
use jaq_core::path::Opt;
use jaq_core::val::Range;
use jaq_core::{Exn, ValX};
use std::rc::Rc;

fn no_iteration(value: &Value) -> Error {
    error(format!("Cannot iterate over {}", value.shown()))
}

fn no_index(value: &Value, key: &Value) -> Error {
    match key {
        Value::Text(key) if !matches!(value, Value::Object(_)) => {
            error(format!("Cannot index {} with string \"{key}\"", value.kind()))
        }
        key => error(format!("Cannot index {} with {}", value.kind(), key.kind())),
    }
}

/// Where a slice begins and ends.
pub fn bounds(start: Option<&Value>, end: Option<&Value>, length: usize) -> Result<(usize, usize), Error> {
    let bound = |value: Option<&Value>, otherwise: usize, up: bool| match value {
        None | Some(Value::Null) => Ok(otherwise),
        Some(value) => match value.number() {
            Some(at) => {
                let at = if at < 0.0 { at + length as f64 } else { at };
                let at = if up { at.ceil() } else { at.floor() };
                Ok(at.clamp(0.0, length as f64) as usize)
            }
            None => Err(error("Start and end indices of an array slice must be numbers")),
        },
    };
    let (start, end) = (bound(start, 0, false)?, bound(end, length, true)?);
    Ok((start, end.max(start)))
}

impl jaq_core::ValT for Value {
    fn from_num(text: &str) -> ValR {
        Ok(super::json::number(text))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(pairs: I) -> ValR {
        let mut map = Map::default();
        for (key, value) in pairs {
            match key {
                Self::Text(key) => map.insert(key, value),
                other => return Err(error(format!("Object keys must be strings, not {}", other.shown()))),
            };
        }
        Ok(Self::object(map))
    }

    fn key_values(self) -> BoxIter<'static, Result<(Self, Self), Error>> {
        match self {
            Self::Array(list) => {
                let list = Rc::unwrap_or_clone(list);
                Box::new(list.into_iter().enumerate().map(|(at, value)| Ok((Self::from(at), value))))
            }
            Self::Object(map) => {
                Box::new(Rc::unwrap_or_clone(map).into_iter().map(|(key, value)| Ok((Self::Text(key), value))))
            }
            other => Box::new(std::iter::once(Err(no_iteration(&other)))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR>> {
        match self {
            Self::Array(list) => Box::new(Rc::unwrap_or_clone(list).into_iter().map(Ok)),
            Self::Object(map) => Box::new(Rc::unwrap_or_clone(map).into_iter().map(|(_, value)| Ok(value))),
            _ if lenient::is_on() => Box::new(std::iter::empty()),
            other => Box::new(std::iter::once(Err(no_iteration(&other)))),
        }
    }

    fn index(self, key: &Self) -> ValR {
        match (&self, key) {
            (Self::Null, Self::Text(_) | Self::Null | Self::Number(_) | Self::Long(_)) => Ok(Self::Null),
            (Self::Object(map), Self::Text(key)) => {
                Ok(map.get(key).cloned().unwrap_or_else(|| lenient::absent(map, key)))
            }
            (Self::Array(list), Self::Number(_) | Self::Long(_)) => {
                Ok(place(key, list.len()).and_then(|at| list.get(at).cloned()).unwrap_or_default())
            }
            (Self::Array(_), Self::Array(_)) => self.indices(key),
            (Self::Array(_) | Self::Text(_) | Self::Null, Self::Object(range)) => {
                self.range(range.get("start")..range.get("end"))
            }
            (Self::Array(_), Self::Text(_)) => Err(no_index(&self, key)),
            _ if lenient::is_on() => Ok(Self::Null),
            _ => Err(no_index(&self, key)),
        }
    }

    fn range(self, range: Range<&Self>) -> ValR {
        match &self {
            Self::Null => Ok(Self::Null),
            Self::Array(list) => {
                let (from, to) = bounds(range.start, range.end, list.len())?;
                Ok(Self::array(list[from..to].to_vec()))
            }
            Self::Text(text) => {
                let (from, to) = bounds(range.start, range.end, text.chars().count())?;
                Ok(Self::from(text.chars().skip(from).take(to - from).collect::<String>()))
            }
            _ => Err(error(format!("Cannot index {} with object", self.kind()))),
        }
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        opt: Opt,
        change: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        match self {
            Self::Array(list) => {
                // Only the first of several outputs counts; none removes the value.
                let changed = Rc::unwrap_or_clone(list).into_iter().filter_map(|value| change(value).next());
                changed.collect()
            }
            Self::Object(map) => {
                let mut new = Map::default();
                for (key, value) in Rc::unwrap_or_clone(map) {
                    if let Some(value) = change(value).next() {
                        new.insert(key, value?);
                    }
                }
                Ok(Self::object(new))
            }
            other => opt.fail(other, |other| Exn::from(no_iteration(&other))),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        key: &Self,
        opt: Opt,
        change: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        match (self, key) {
            (value @ (Self::Array(_) | Self::Null), Self::Object(range)) => {
                value.map_range(range.get("start")..range.get("end"), opt, change)
            }
            (value @ (Self::Object(_) | Self::Null), Self::Text(key)) => {
                let mut map = if let Self::Object(map) = value { map } else { Rc::default() };
                lenient::fixed(&map, key)?;
                let own = Rc::make_mut(&mut map);
                let before = own.get_mut(key).map(std::mem::take).unwrap_or_default();
                match change(before).next() {
                    Some(value) => drop(own.insert(key.clone(), value?)),
                    None => drop(own.shift_remove(key)),
                }
                Ok(Self::Object(map))
            }
            (value @ (Self::Array(_) | Self::Null), key) if key.number().is_some() => {
                let mut list = if let Self::Array(list) = value { list } else { Rc::default() };
                let own = Rc::make_mut(&mut list);
                let Some(at) = place(key, own.len()) else {
                    return opt.fail(Self::Array(list), |_| Exn::from(error("Out of bounds negative array index")));
                };
                let before = own.get_mut(at).map(std::mem::take).unwrap_or_default();
                match change(before).next() {
                    Some(value) => {
                        let value = value?;
                        if at >= own.len() {
                            own.resize(at + 1, Self::Null);
                        }
                        own[at] = value;
                    }
                    None if at < own.len() => drop(own.remove(at)),
                    None => {}
                }
                Ok(Self::Array(list))
            }
            (value, key) => opt.fail(value, |value| Exn::from(no_index(&value, key))),
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        range: Range<&Self>,
        opt: Opt,
        change: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        match self {
            Self::Array(_) | Self::Null => {
                let mut list = if let Self::Array(list) = self { list } else { Rc::default() };
                let own = Rc::make_mut(&mut list);
                let (from, to) = bounds(range.start, range.end, own.len())?;
                match change(Self::array(own[from..to].to_vec())).next().transpose()? {
                    Some(Self::Array(part)) => drop(own.splice(from..to, part.iter().cloned())),
                    None => drop(own.drain(from..to)),
                    Some(_) => return Err(Exn::from(error("A slice of an array can only be assigned another array"))),
                }
                Ok(Self::Array(list))
            }
            other => opt.fail(other, |other| {
                Exn::from(error(format!("Cannot update field at object index of {}", other.kind())))
            }),
        }
    }

    fn as_bool(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    fn into_string(self) -> Self {
        match self {
            Self::Text(_) => self,
            other => Self::from(other.to_string()),
        }
    }
}

impl jaq_std::ValT for Value {
    fn into_seq<S: FromIterator<Self>>(self) -> Result<S, Self> {
        match self {
            Self::Array(list) => Ok(Rc::unwrap_or_clone(list).into_iter().collect()),
            other => Err(other),
        }
    }

    fn is_int(&self) -> bool {
        self.number().is_some_and(|number| number.fract() == 0.0)
    }

    fn as_isize(&self) -> Option<isize> {
        let number = self.number()?.trunc();
        (number >= isize::MIN as f64 && number <= isize::MAX as f64).then_some(number as isize)
    }

    fn as_f64(&self) -> Option<f64> {
        self.number()
    }

    fn is_utf8_str(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        self.as_text().map(str::as_bytes)
    }

    fn as_sub_str(&self, part: &[u8]) -> Self {
        Self::from(String::from_utf8_lossy(part).into_owned())
    }

    fn from_utf8_bytes(bytes: impl AsRef<[u8]> + Send + 'static) -> Self {
        Self::from(String::from_utf8_lossy(bytes.as_ref()).into_owned())
    }
}
