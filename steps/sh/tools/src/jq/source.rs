//! Where `jq` takes its inputs from: files one after the other, as values or as lines.
//!
//! Knows how far it has read, for the messages of errors. Does not know the filter.

use super::json::Reader;
use super::value::Value;
use crate::outcome::{reason, say};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read};
use std::rc::Rc;

/// Reads the inputs of a run, file after file.
pub struct Source {
    pub files: VecDeque<OsString>,
    pub reader: Option<Reader<Box<dyn Read>>>,
    pub name: Rc<RefCell<Option<String>>>,
    /// Lines read so far of the present file.
    pub lines: Rc<Cell<u64>>,
    pub code: Rc<Cell<i32>>,
    /// Whether a text is one value, or each line is.
    pub raw: Option<bool>,
    pub text: Option<Vec<u8>>,
}

impl Source {
    /// Opens the next file; says whether there is one.
    fn open(&mut self) -> bool {
        while let Some(path) = self.files.pop_front() {
            if path == "-" {
                self.reader = Some(Reader::new(Box::new(io::stdin())));
                return true;
            }
            match std::fs::File::open(&path).and_then(|file| {
                if file.metadata()?.is_dir() { Err(io::Error::from_raw_os_error(libc::EISDIR)) } else { Ok(file) }
            }) {
                Ok(file) => {
                    *self.name.borrow_mut() = Some(path.to_string_lossy().into_owned());
                    self.reader = Some(Reader::new(Box::new(file)));
                    return true;
                }
                Err(error) => {
                    say("jq", &format!("error: Could not open file {}: {}", path.to_string_lossy(), reason(&error)));
                    self.code.set(2);
                }
            }
        }
        false
    }

    fn next_json(&mut self) -> Option<Result<Value, String>> {
        loop {
            if self.reader.is_none() && !self.open() {
                return None;
            }
            let reader = self.reader.as_mut()?;
            let value = reader.next_value();
            self.lines.set(reader.lines());
            match value {
                Some(Ok(value)) => return Some(Ok(value)),
                Some(Err(why)) => {
                    self.reader = None;
                    self.files.clear();
                    return Some(Err(why));
                }
                None => self.reader = None,
            }
        }
    }

    fn next_raw(&mut self, whole: bool) -> Option<Result<Value, String>> {
        if self.text.is_none() {
            let mut text = Vec::new();
            while let Some(path) = self.files.pop_front() {
                let read = if path == "-" {
                    io::stdin().read_to_end(&mut text).map(|_| ())
                } else {
                    std::fs::read(&path).map(|more| text.extend(more))
                };
                if let Err(error) = read {
                    say("jq", &format!("error: Could not open file {}: {}", path.to_string_lossy(), reason(&error)));
                    self.code.set(2);
                }
            }
            text.reverse();
            self.text = Some(text);
            if whole {
                let mut text = self.text.replace(Vec::new()).unwrap_or_default();
                text.reverse();
                return Some(Ok(Value::from(String::from_utf8_lossy(&text).into_owned())));
            }
        }
        let text = self.text.as_mut().filter(|text| !text.is_empty())?;
        let at = text.iter().rposition(|byte| *byte == b'\n');
        let mut line = text.split_off(at.map_or(0, |at| at + 1));
        text.pop();
        line.reverse();
        self.lines.set(self.lines.get() + 1);
        Some(Ok(Value::from(String::from_utf8_lossy(&line).into_owned())))
    }
}

impl Iterator for Source {
    type Item = Result<Value, String>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.raw {
            Some(whole) => self.next_raw(whole),
            None => self.next_json(),
        }
    }
}
