//! What yq allows and jq does not: values that have no parts are asked for them, keys come by way of merge keys, and
//! objects are merged in several ways.
//!
//! Knows values; whether it is yq that runs is told once. Does not know how documents are written.

use super::value::{Error, Map, Value, error};
use std::cell::Cell;
use std::rc::Rc;

thread_local! {
    static ON: Cell<bool> = const { Cell::new(false) };
}

/// The key by which a mapping takes over the keys of others.
const MERGE: &str = "<<";

/// The key that marks an object as a way of merging, or as the left side of one: no text of YAML has it.
pub const MARK: &str = "\0";

pub fn turn_on() {
    ON.set(true);
}

pub fn is_on() -> bool {
    ON.get()
}

/// What a mapping has by its merge keys: the first that has a key counts, and its own keys before all.
fn inherited<'m>(map: &'m Map, key: &str) -> Option<&'m Value> {
    let found = |from: &'m Value| match from {
        Value::Object(map) => map.get(key).or_else(|| inherited(map, key)),
        _ => None,
    };
    match map.get(MERGE)? {
        Value::Array(list) => list.iter().find_map(found),
        one => found(one),
    }
}

/// The value of a key that a mapping has not itself.
pub fn absent(map: &Map, key: &str) -> Value {
    if is_on() { inherited(map, key).cloned().unwrap_or_default() } else { Value::Null }
}

/// Why a key can't be changed where it is not the mapping's own.
pub fn fixed(map: &Map, key: &str) -> Result<(), Error> {
    if is_on() && !map.contains_key(key) && inherited(map, key).is_some() {
        return Err(error(format!("'{key}' comes by a merge key and can't be changed here: use explode(.) first")));
    }
    Ok(())
}

/// With the merge keys written out. What has none stays the very same.
pub fn exploded(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            let new: Vec<Value> = list.iter().map(exploded).collect();
            let same = new.iter().zip(list.iter()).all(|(one, other)| is_same(one, other));
            if same { value.clone() } else { Value::array(new) }
        }
        Value::Object(map) => {
            let mut new = Map::default();
            for (key, value) in map.iter() {
                let from = match value {
                    _ if &**key != MERGE => Vec::new(),
                    Value::Object(_) => vec![exploded(value)],
                    Value::Array(list) if list.iter().all(|one| matches!(one, Value::Object(_))) => {
                        list.iter().map(exploded).collect()
                    }
                    _ => Vec::new(),
                };
                if from.is_empty() {
                    new.insert(key.clone(), exploded(value));
                }
                for one in &from {
                    let Value::Object(one) = one else { continue };
                    let others = one.iter().filter(|(key, _)| !map.contains_key(*key));
                    others.for_each(|(key, value)| {
                        new.entry(key.clone()).or_insert_with(|| value.clone());
                    });
                }
            }
            let same = new.len() == map.len()
                && new.iter().zip(map.iter()).all(|((key, one), (was, other))| key == was && is_same(one, other));
            if same { value.clone() } else { Value::object(new) }
        }
        scalar => scalar.clone(),
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => Rc::ptr_eq(one, other),
        (Value::Object(one), Value::Object(other)) => Rc::ptr_eq(one, other),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => false,
        _ => true,
    }
}

/// `A *+ B` is written `A * {MARK: "+"} * B`: the first product marks the left side, the second merges.
pub fn product(one: &Value, other: &Value) -> Option<Value> {
    if !is_on() {
        return None;
    }
    let marked = |value: &Value| match value {
        Value::Object(map) if map.len() == 1 => map.get(MARK).cloned(),
        _ => None,
    };
    if let Some(Value::Text(way)) = marked(other) {
        let both = Value::array(vec![Value::Text(way), one.clone()]);
        return Some(Value::object(Map::from_iter([(Rc::from(MARK), both)])));
    }
    if let Some(Value::Array(both)) = marked(one) {
        let way = both[0].as_text().unwrap_or_default();
        return Some(merged(&both[1], other, way));
    }
    match (one, other) {
        (Value::Null, value @ (Value::Object(_) | Value::Array(_))) => Some(value.clone()),
        (Value::Object(_), Value::Null) => Some(one.clone()),
        _ => None,
    }
}

/// Merges: `+` appends lists, `d` merges their items, `n` adds only what is new, `?` changes only what is there.
fn merged(one: &Value, other: &Value, way: &str) -> Value {
    let has = |what: char| way.contains(what);
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut new = (**one).clone();
            for (key, value) in other.iter() {
                match new.get_mut(key) {
                    Some(own) => *own = merged(own, value, way),
                    None if !has('?') => drop(new.insert(key.clone(), value.clone())),
                    None => {}
                }
            }
            Value::object(new)
        }
        (Value::Array(list), _) if has('n') && !list.is_empty() => one.clone(),
        (Value::Array(one), Value::Array(other)) if has('+') => one.iter().chain(other.iter()).cloned().collect(),
        (Value::Array(one), Value::Array(other)) if has('d') => {
            let mut new = (**one).clone();
            for (at, value) in other.iter().enumerate() {
                match new.get_mut(at) {
                    Some(own) => *own = merged(own, value, way),
                    None => new.push(value.clone()),
                }
            }
            Value::array(new)
        }
        (Value::Null, other) => other.clone(),
        _ if has('n') => one.clone(),
        _ => other.clone(),
    }
}
