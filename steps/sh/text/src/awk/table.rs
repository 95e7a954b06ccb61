//! Arrays of awk: values by texts, in the order in which they came.
//!
//! Does not know what an index was made of.

use super::value::Value;
use crate::options::Bytes;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// A quick hash of short keys; nobody outside chooses enough of them to do harm but to themselves.
#[derive(Default)]
pub struct Quick(u64);

const FACTOR: u64 = 0x51_7c_c1_b7_27_22_0a_95;

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = (self.0.rotate_left(5) ^ number as u64).wrapping_mul(FACTOR);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

type Key = Rc<[u8]>;

#[derive(Default)]
pub struct Table {
    places: HashMap<Key, usize, BuildHasherDefault<Quick>>,
    entries: Vec<Option<(Key, Value)>>,
}

impl Table {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn has(&self, key: &[u8]) -> bool {
        self.places.contains_key(key)
    }

    pub fn get(&self, key: &[u8]) -> Option<&Value> {
        self.entries[*self.places.get(key)?].as_ref().map(|(_, value)| value)
    }

    /// The value of a key, which is there from now on.
    pub fn entry(&mut self, key: &[u8]) -> &mut Value {
        let place = match self.places.get(key) {
            Some(place) => *place,
            None => {
                let key: Key = Rc::from(key);
                self.places.insert(Rc::clone(&key), self.entries.len());
                self.entries.push(Some((key, Value::Unset)));
                self.entries.len() - 1
            }
        };
        match &mut self.entries[place] {
            Some((_, value)) => value,
            // A place that is known is never empty.
            None => unreachable!("a key without an entry"),
        }
    }

    pub fn set(&mut self, key: &[u8], value: Value) {
        *self.entry(key) = value;
    }

    pub fn remove(&mut self, key: &[u8]) {
        if let Some(place) = self.places.remove(key) {
            self.entries[place] = None;
            if self.entries.len() > 32 && self.places.len() * 2 < self.entries.len() {
                self.entries.retain(Option::is_some);
                for (place, entry) in self.entries.iter().enumerate() {
                    if let Some((key, _)) = entry
                        && let Some(old) = self.places.get_mut(key)
                    {
                        *old = place;
                    }
                }
            }
        }
    }

    pub fn clear(&mut self) {
        self.places.clear();
        self.entries.clear();
    }

    pub fn entries(&self) -> impl Iterator<Item = &(Key, Value)> {
        self.entries.iter().flatten()
    }

    pub fn keys(&self) -> Vec<Bytes> {
        self.entries().map(|(key, _)| key.to_vec()).collect()
    }
}
