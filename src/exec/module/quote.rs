//! Words out of modules, made fit for messages: cut to a length, on one line, without control
//! characters.
//!
//! Knows text. Does not know modules or where the words are shown.

use std::fmt::{self, Write};

/// The longest name out of a module that stands in a message, in bytes.
pub const LONGEST_NAME: usize = 256;

/// The longest message about a module, in bytes.
pub const LONGEST_MESSAGE: usize = 4096;

/// Takes what is written to it, escaped, up to a length.
#[derive(Debug)]
pub struct Quoted {
    text: String,
    most: usize,
    is_cut: bool,
}

impl Quoted {
    /// Room for so many bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { text: String::new(), most, is_cut: false }
    }

    /// What was written. An ellipsis stands for what had no room.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.is_cut {
            self.text.push('…');
        }
        self.text
    }
}

impl Write for Quoted {
    /// Fails once there is no more room, so that whatever writes can stop.
    fn write_str(&mut self, words: &str) -> fmt::Result {
        for letter in words.chars() {
            let escaped = needs_escape(letter).then(|| letter.escape_default().to_string());
            let length = escaped.as_ref().map_or(letter.len_utf8(), String::len);
            if self.is_cut || self.text.len() + length > self.most {
                self.is_cut = true;
                return Err(fmt::Error);
            }
            match escaped {
                Some(escaped) => self.text.push_str(&escaped),
                None => self.text.push(letter),
            }
        }
        Ok(())
    }
}

/// Characters that end a line, move the cursor, or change the direction of what stands around.
pub fn needs_escape(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Words as they may be shown, in at most so many bytes (and an ellipsis).
#[must_use]
pub fn quoted(words: &(impl fmt::Display + ?Sized), most: usize) -> String {
    let mut quoted = Quoted::new(most);
    // It fails where there was no more room, which the ellipsis says.
    let _ = write!(quoted, "{words}");
    quoted.finish()
}
