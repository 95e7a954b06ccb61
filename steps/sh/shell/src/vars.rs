//! Variables: their values and attributes, and how they are read and set.
//!
//! Variables that answer something new each time are in `special.rs`; expansion is not known here.

use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::state::Frame;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::rc::Rc;

pub type Text = Rc<str>;

/// A key of an associative array. They come in the order of bash's hash table, as scripts show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key(u16, Text);

impl Key {
    pub fn new(text: &str) -> Self {
        let hash = text.bytes().fold(2_166_136_261_u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ u32::from(byte));
        Self((hash % 1024) as u16, text.into())
    }

    pub fn text(&self) -> &Text {
        &self.1
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Unset,
    Text(Text),
    Array(Rc<BTreeMap<i64, Text>>),
    Map(Rc<BTreeMap<Key, Text>>),
}

pub const EXPORT: u16 = 1;
pub const READONLY: u16 = 2;
pub const INTEGER: u16 = 4;
pub const LOWER: u16 = 8;
pub const UPPER: u16 = 16;
pub const NAMEREF: u16 = 32;
pub const ARRAY: u16 = 64;
pub const MAP: u16 = 128;
pub const TRACE: u16 = 256;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Var {
    pub value: Value,
    pub attributes: u16,
}

impl Var {
    pub fn text(text: &str, attributes: u16) -> Self {
        Self { value: Value::Text(text.into()), attributes }
    }

    pub fn has(&self, attribute: u16) -> bool {
        self.attributes & attribute != 0
    }

    /// The value where no subscript is given.
    pub fn scalar(&self) -> Option<&Text> {
        match &self.value {
            Value::Unset => None,
            Value::Text(text) => Some(text),
            Value::Array(array) => array.get(&0),
            Value::Map(map) => map.get(&Key::new("0")),
        }
    }
}

/// A subscript that has been worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscript {
    Number(i64),
    Key(Text),
}

pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.as_bytes()[0].is_ascii_digit()
        && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

impl Shell {
    /// The variable of a name, references followed.
    pub fn var(&self, name: &str) -> Option<&Var> {
        let var = self.state.vars.get(name)?;
        if var.has(NAMEREF)
            && let Value::Text(target) = &var.value
        {
            let target = target.split('[').next().unwrap_or_default();
            return if target == name { None } else { self.var(target) };
        }
        Some(var)
    }

    /// The name that a reference leads to, and a subscript where it leads to an element.
    pub fn resolve(&self, name: &str) -> (Text, Option<Text>) {
        let mut name: Text = name.into();
        for _ in 0..8 {
            match self.state.vars.get(&*name) {
                Some(var) if var.has(NAMEREF) => match &var.value {
                    Value::Text(target) => match target.split_once('[') {
                        Some((base, index)) => return (base.into(), Some(index.trim_end_matches(']').into())),
                        None if *target == name => break,
                        None => name = target.clone(),
                    },
                    _ => break,
                },
                _ => break,
            }
        }
        (name, None)
    }

    /// The text of a variable, special ones too.
    pub fn var_text(&mut self, name: &str) -> Option<Text> {
        match self.state.vars.get(name) {
            Some(Var { value: Value::Text(text), attributes }) if attributes & NAMEREF == 0 => Some(text.clone()),
            Some(var) if !var.has(NAMEREF) => var.scalar().cloned(),
            Some(_) => {
                let (target, index) = self.resolve(name);
                if &*target == name {
                    return None;
                }
                match index {
                    Some(index) => {
                        let key = self.index_key(&target, &index).ok()?;
                        self.element(&target, &key)
                    }
                    None => self.var_text(&target),
                }
            }
            None => self.special_text(name),
        }
    }

    /// The elements of an array with their subscripts; a text is an array of one.
    pub fn elements(&mut self, name: &str) -> Vec<(Text, Text)> {
        let (name, _) = self.resolve(name);
        if !self.state.vars.contains_key(&name) {
            return self.special_array(&name);
        }
        match self.var(&name).map(|var| &var.value) {
            None | Some(Value::Unset) => Vec::new(),
            Some(Value::Text(text)) => vec![("0".into(), text.clone())],
            Some(Value::Array(array)) => {
                array.iter().map(|(key, text)| (key.to_string().into(), text.clone())).collect()
            }
            Some(Value::Map(map)) => map.iter().map(|(key, text)| (key.text().clone(), text.clone())).collect(),
        }
    }

    pub fn element(&mut self, name: &str, key: &Subscript) -> Option<Text> {
        let (name, _) = self.resolve(name);
        let Some(var) = self.var(&name) else {
            let Subscript::Number(number) = key else { return None };
            let all = self.special_array(&name);
            if all.is_empty() {
                return (*number == 0).then(|| self.special_text(&name)).flatten();
            }
            let at = if *number < 0 { all.len() as i64 + number } else { *number };
            return all.into_iter().nth(usize::try_from(at).ok()?).map(|(_, text)| text);
        };
        match (&var.value, key) {
            (Value::Map(map), Subscript::Key(key)) => map.get(&Key::new(key)).cloned(),
            (Value::Array(array), Subscript::Number(number)) => {
                let from_end = array.keys().next_back().map_or(0, |last| last + 1);
                let at = if *number < 0 { from_end + number } else { *number };
                if at < 0 {
                    self.complain(&format!("{name}: bad array subscript"));
                    return None;
                }
                array.get(&at).cloned()
            }
            (Value::Text(text), Subscript::Number(0 | -1)) => Some(text.clone()),
            _ => None,
        }
    }

    /// What a subscript's text stands for: a key or a number.
    pub fn index_key(&mut self, name: &str, index: &str) -> Ran<Subscript> {
        if index.is_empty() {
            self.complain(&format!("{name}[]: bad array subscript"));
            return Err(Flow::Discard(1));
        }
        if self.is_map(name) {
            return Ok(Subscript::Key(index.into()));
        }
        Ok(Subscript::Number(self.arith_text(index)?))
    }

    pub fn is_map(&self, name: &str) -> bool {
        self.var(name).is_some_and(|var| var.has(MAP))
    }

    /// Refuses to change what is read-only.
    pub fn writable(&mut self, name: &str) -> Ran<()> {
        if self.state.vars.get(name).is_some_and(|var| var.has(READONLY)) {
            self.complain(&format!("{name}: readonly variable"));
            return Err(Flow::Discard(1));
        }
        Ok(())
    }

    /// Sets a variable as `name=value` does.
    pub fn assign_text(&mut self, name: &str, text: &str) -> Ran<()> {
        let known = self.state.vars.get(name);
        let attributes = known.map_or(0, |var| var.attributes);
        if attributes & !EXPORT == 0 {
            if name.as_bytes().first().is_some_and(u8::is_ascii_uppercase) && self.assign_special(name, text) {
                return Ok(());
            }
            let attributes = if self.state.options.allexport { attributes | EXPORT } else { attributes };
            self.put_text(name, text, attributes);
            return Ok(());
        }
        if attributes & NAMEREF != 0 {
            let (target, index) = self.resolve(name);
            if &*target != name {
                return match index {
                    Some(index) => {
                        let key = self.index_key(&target, &index)?;
                        self.assign_element(&target, &key, text, false)
                    }
                    None => self.assign_text(&target, text),
                };
            }
        }
        self.writable(name)?;
        if attributes & ARRAY != 0 {
            return self.assign_element(name, &Subscript::Number(0), text, false);
        }
        if attributes & MAP != 0 {
            return self.assign_element(name, &Subscript::Key("0".into()), text, false);
        }
        let text = self.by_attributes(attributes, text)?;
        self.put_text(name, &text, attributes);
        Ok(())
    }

    /// The text that a variable with these attributes takes for this one.
    fn by_attributes(&mut self, attributes: u16, text: &str) -> Ran<Text> {
        Ok(if attributes & INTEGER != 0 {
            self.arith_text(text)?.to_string().into()
        } else if attributes & LOWER != 0 {
            text.to_lowercase().into()
        } else if attributes & UPPER != 0 {
            text.to_uppercase().into()
        } else {
            text.into()
        })
    }

    fn put_text(&mut self, name: &str, text: &str, attributes: u16) {
        if attributes & EXPORT != 0 {
            self.environment = None;
        }
        let vars = Rc::make_mut(&mut self.state.vars);
        match vars.get_mut(name) {
            Some(var) => {
                var.value = Value::Text(text.into());
                var.attributes = attributes;
            }
            None => {
                vars.insert(name.into(), Var::text(text, attributes));
            }
        }
    }

    /// Adds to a variable as `name+=value` does.
    pub fn append_text(&mut self, name: &str, text: &str) -> Ran<()> {
        let (target, _) = self.resolve(name);
        let attributes = self.state.vars.get(&target).map_or(0, |var| var.attributes);
        let old = self.var_text(name).unwrap_or_else(|| "".into());
        if attributes & INTEGER != 0 {
            let sum = self.arith_text(&old)?.wrapping_add(self.arith_text(text)?);
            return self.assign_text(name, &sum.to_string());
        }
        self.assign_text(name, &format!("{old}{text}"))
    }

    /// Sets or adds to an element.
    pub fn assign_element(&mut self, name: &str, key: &Subscript, text: &str, append: bool) -> Ran<()> {
        let (name, _) = self.resolve(name);
        self.writable(&name)?;
        let attributes = self.state.vars.get(&name).map_or(0, |var| var.attributes);
        let mut text = if append && attributes & INTEGER != 0 {
            let old = self.element(&name, key).unwrap_or_else(|| "0".into());
            let sum = self.arith_text(&old)?.wrapping_add(self.arith_text(text)?);
            sum.to_string().into()
        } else {
            self.by_attributes(attributes, text)?
        };
        if append && attributes & INTEGER == 0 {
            let old = self.element(&name, key).unwrap_or_else(|| "".into());
            text = format!("{old}{text}").into();
        }
        let var = self.array_var(&name, matches!(key, Subscript::Key(_)));
        let wrong = match (&mut var.value, key) {
            (Value::Map(map), Subscript::Key(key)) => {
                Rc::make_mut(map).insert(Key::new(key), text);
                None
            }
            (Value::Array(array), Subscript::Number(number)) => {
                let end = array.keys().next_back().map_or(0, |last| last + 1);
                let at = if *number < 0 { end + number } else { *number };
                if at < 0 {
                    Some(*number)
                } else {
                    Rc::make_mut(array).insert(at, text);
                    None
                }
            }
            _ => None,
        };
        if let Some(number) = wrong {
            self.complain(&format!("{name}[{number}]: bad array subscript"));
            return Err(Flow::Discard(1));
        }
        Ok(())
    }

    /// The variable, made an array if it is none.
    pub fn array_var(&mut self, name: &str, map: bool) -> &mut Var {
        let vars = Rc::make_mut(&mut self.state.vars);
        let var = vars.entry(name.into()).or_insert_with(|| Var { value: Value::Unset, attributes: 0 });
        let as_map = map || var.has(MAP);
        match &var.value {
            Value::Unset if as_map => var.value = Value::Map(Rc::default()),
            Value::Unset => var.value = Value::Array(Rc::default()),
            Value::Text(text) if as_map => {
                var.value = Value::Map(Rc::new(BTreeMap::from([(Key::new("0"), text.clone())])))
            }
            Value::Text(text) => var.value = Value::Array(Rc::new(BTreeMap::from([(0, text.clone())]))),
            Value::Array(_) | Value::Map(_) => {}
        }
        var.attributes |= if matches!(var.value, Value::Map(_)) { MAP } else { ARRAY };
        var
    }

    /// Sets an array to these elements.
    pub fn set_array(&mut self, name: &str, elements: impl IntoIterator<Item = Text>) -> Ran<()> {
        let (name, _) = self.resolve(name);
        self.writable(&name)?;
        let array: BTreeMap<i64, Text> = (0..).zip(elements).collect();
        self.put(&name, Value::Array(Rc::new(array)), ARRAY);
        Ok(())
    }

    /// Puts a value, with these attributes added.
    pub fn put(&mut self, name: &str, value: Value, attributes: u16) {
        self.environment = None;
        let vars = Rc::make_mut(&mut self.state.vars);
        match vars.get_mut(name) {
            Some(var) => {
                var.value = value;
                var.attributes |= attributes;
            }
            None => {
                vars.insert(name.into(), Var { value, attributes });
            }
        }
    }

    /// Sets a variable of the shell's own, whatever its attributes.
    pub fn set_own(&mut self, name: &str, text: &str) {
        let attributes = self.state.vars.get(name).map_or(0, |var| var.attributes);
        self.put_text(name, text, attributes);
    }

    /// Makes a variable local to the function that runs.
    pub fn make_local(&mut self, name: &str, inherit: bool) {
        let Some(frame) = self.state.frames.last_mut() else { return };
        if frame.saved.iter().any(|(saved, _)| **saved == *name) {
            return;
        }
        self.environment = None;
        let vars = Rc::make_mut(&mut self.state.vars);
        let old = vars.get(name).cloned();
        let exported = old.as_ref().map_or(0, |old| old.attributes & EXPORT);
        let readonly = old.as_ref().is_some_and(|old| old.has(READONLY));
        frame.saved.push((name.into(), old));
        if inherit || readonly {
            return;
        }
        vars.insert(name.into(), Var { value: Value::Unset, attributes: exported });
    }

    /// Sets a variable for one command: exported, and back to what it was afterwards.
    pub fn save_for_frame(&mut self, frame: &mut Frame, name: &str) {
        let old = self.state.vars.get(name).cloned();
        frame.saved.push((name.into(), old));
    }

    /// Puts saved variables back.
    pub fn restore(&mut self, saved: Vec<(Text, Option<Var>)>) {
        if saved.is_empty() {
            return;
        }
        self.environment = None;
        let vars = Rc::make_mut(&mut self.state.vars);
        for (name, old) in saved.into_iter().rev() {
            match old {
                Some(old) => vars.insert(name, old),
                None => vars.remove(&name),
            };
        }
    }

    /// Removes a variable; in a function called by the one it is local to, what it hid comes back.
    pub fn unset_var(&mut self, name: &str) -> bool {
        if self.state.vars.get(name).is_some_and(|var| var.has(READONLY)) {
            return false;
        }
        self.environment = None;
        let top = self.state.frames.len();
        for (depth, frame) in self.state.frames.iter_mut().enumerate().rev() {
            if let Some(at) = frame.saved.iter().position(|(saved, _)| **saved == *name) {
                let vars = Rc::make_mut(&mut self.state.vars);
                if depth + 1 == top {
                    vars.insert(name.into(), Var { value: Value::Unset, attributes: 0 });
                } else {
                    match frame.saved.remove(at).1 {
                        Some(old) => vars.insert(name.into(), old),
                        None => vars.remove(name),
                    };
                }
                return true;
            }
        }
        Rc::make_mut(&mut self.state.vars).remove(name);
        self.hide_special(name);
        true
    }

    pub fn unset_element(&mut self, name: &str, key: &Subscript) {
        let (name, _) = self.resolve(name);
        if let Some(var) = Rc::make_mut(&mut self.state.vars).get_mut(&name) {
            match (&mut var.value, key) {
                (Value::Map(map), Subscript::Key(key)) => {
                    Rc::make_mut(map).remove(&Key::new(key));
                }
                (Value::Array(array), Subscript::Number(number)) => {
                    let end = array.keys().next_back().map_or(0, |last| last + 1);
                    let at = if *number < 0 { end + number } else { *number };
                    Rc::make_mut(array).remove(&at);
                }
                (value @ Value::Text(_), Subscript::Number(0)) => *value = Value::Unset,
                _ => {}
            }
        }
    }
}
