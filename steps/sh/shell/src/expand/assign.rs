//! Assignments of whole arrays: `name=(…)`.

use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::syntax::ast::{Assign, Element, Value as Assigned};
use crate::vars::{ARRAY, Key, MAP, Subscript, Text, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

impl Shell {
    /// Gives an array its elements, or adds to it.
    pub fn assign_compound(&mut self, assign: &Assign) -> Ran<()> {
        let Assigned::Array(elements) = &assign.value else { return Ok(()) };
        let (name, _) = self.resolve(&assign.name);
        self.writable(&name)?;
        if assign.index.is_some() {
            self.complain(&format!("{}[{}]: cannot assign list to array member", assign.name, ""));
            return Err(Flow::Discard(1));
        }
        if self.is_map(&name) {
            self.assign_map(&name, elements, assign.append)
        } else {
            self.assign_list(&name, elements, assign.append)
        }
    }

    fn assign_map(&mut self, name: &str, elements: &[Element], append: bool) -> Ran<()> {
        let mut pairs: Vec<(Text, Text, bool)> = Vec::new();
        let mut plain: Vec<Text> = Vec::new();
        for element in elements {
            match &element.index {
                Some(index) => {
                    let key = self.expand_text(index)?;
                    let value = self.expand_text(&element.value)?;
                    pairs.push((key, value, element.append));
                }
                None => self.expand_into(&element.value, &mut plain)?,
            }
        }
        if !pairs.is_empty() {
            for word in plain.drain(..) {
                self.complain(&format!("{name}: {word}: must use subscript when assigning associative array"));
            }
        }
        // Without subscripts, keys and values take turns.
        for pair in plain.chunks(2) {
            let [key, rest @ ..] = pair else { continue };
            pairs.push((key.clone(), rest.first().cloned().unwrap_or_else(|| "".into()), false));
        }
        if !append {
            self.put(name, Value::Map(Rc::default()), MAP);
        }
        for (key, value, adds) in pairs {
            let key = Subscript::Key(Key::new(&key).text().clone());
            self.assign_element(name, &key, &value, adds)?;
        }
        Ok(())
    }

    fn assign_list(&mut self, name: &str, elements: &[Element], append: bool) -> Ran<()> {
        // All is expanded before anything changes: `a=("${a[@]}" x)`.
        let mut values: Vec<(Option<i64>, Text, bool)> = Vec::new();
        for element in elements {
            match &element.index {
                Some(index) => {
                    let text = self.expand_text(index)?;
                    let at = self.arith_text(&text)?;
                    let value = self.expand_text(&element.value)?;
                    values.push((Some(at), value, element.append));
                }
                None => {
                    let mut fields = Vec::new();
                    self.expand_into(&element.value, &mut fields)?;
                    values.extend(fields.into_iter().map(|field| (None, field, false)));
                }
            }
        }
        let plain = values.iter().all(|(at, ..)| at.is_none());
        let attributes = self.state.vars.get(name).map_or(0, |var| var.attributes);
        let is_simple = attributes & !(ARRAY | crate::vars::EXPORT) == 0;
        if plain && !append && is_simple {
            let array: BTreeMap<i64, Text> = (0..).zip(values.into_iter().map(|(_, text, _)| text)).collect();
            self.put(name, Value::Array(Rc::new(array)), ARRAY);
            return Ok(());
        }
        let mut at = 0;
        if append {
            let var = self.array_var(name, false);
            if let Value::Array(array) = &var.value {
                at = array.keys().next_back().map_or(0, |last| last + 1);
            }
        } else {
            self.put(name, Value::Array(Rc::default()), ARRAY);
        }
        for (index, value, adds) in values {
            at = index.unwrap_or(at);
            self.assign_element(name, &Subscript::Number(at), &value, adds)?;
            at += 1;
        }
        Ok(())
    }
}
