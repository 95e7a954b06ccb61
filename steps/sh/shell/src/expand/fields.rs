//! Fields as they grow: their text, what of it was quoted, and where one ends.

use crate::vars::Text;

/// How what is being expanded is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    None,
    Double,
}

/// One field.
#[derive(Debug, Clone, Default)]
pub struct Field {
    pub text: String,
    /// The parts that were quoted and have characters that a pattern would take for its own.
    quoted: Vec<(usize, usize)>,
    /// Whether something in it may make it a pattern.
    special: bool,
}

/// What has a meaning in patterns.
const SPECIAL: [char; 12] = ['*', '?', '[', ']', '\\', '(', ')', '|', '!', '-', '^', '+'];

impl Field {
    fn is_quoted(&self, at: usize) -> bool {
        self.quoted.iter().any(|(start, end)| (*start..*end).contains(&at))
    }

    /// Whether it has what a pattern has.
    pub fn may_be_pattern(&self, extglob: bool) -> bool {
        if !self.special {
            return false;
        }
        let mut chars = self.text.char_indices();
        while let Some((at, char)) = chars.next() {
            if self.is_quoted(at) {
                continue;
            }
            match char {
                '*' | '?' | '[' => return true,
                '(' if extglob => return true,
                // A backslash that an expansion brought quotes, too.
                '\\' => drop(chars.next()),
                _ => {}
            }
        }
        false
    }

    /// The text with backslashes before what was quoted.
    pub fn pattern(&self) -> String {
        if self.quoted.is_empty() {
            return self.text.clone();
        }
        let mut pattern = String::with_capacity(self.text.len() + 8);
        for (at, char) in self.text.char_indices() {
            if (SPECIAL.contains(&char) || matches!(char, '@' | '.' | ':')) && self.is_quoted(at) {
                pattern.push('\\');
            }
            pattern.push(char);
        }
        pattern
    }

    /// The texts between ampersands that were not quoted, each of which is none. A backslash before one quotes it.
    pub fn around_ampersands(&self) -> Vec<Option<String>> {
        let mut parts = vec![Some(String::new())];
        let mut chars = self.text.char_indices().peekable();
        while let Some((at, char)) = chars.next() {
            let quoted = self.is_quoted(at);
            let next = chars.peek().map(|(_, next)| *next);
            match char {
                '&' if !quoted => parts.extend([None, Some(String::new())]),
                '\\' if !quoted && matches!(next, Some('&' | '\\')) => {
                    chars.next();
                    if let (Some(Some(last)), Some(next)) = (parts.last_mut(), next) {
                        last.push(next);
                    }
                }
                char => {
                    if let Some(Some(last)) = parts.last_mut() {
                        last.push(char);
                    }
                }
            }
        }
        parts
    }

    /// The text with backslashes before what was quoted and a regular expression would take for its own.
    pub fn regex(&self) -> String {
        let mut pattern = String::with_capacity(self.text.len() + 8);
        for (at, char) in self.text.char_indices() {
            if matches!(char, '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' | '\\')
                && self.is_quoted(at)
            {
                pattern.push('\\');
            }
            pattern.push(char);
        }
        pattern
    }
}

/// Fields one after another, the last of which may still grow.
pub struct Fields {
    done: Vec<Field>,
    now: Option<Field>,
    separators: Text,
    /// The field before was ended by blanks alone: one other separator may still belong to them.
    after_blank: bool,
}

impl Fields {
    pub fn new(separators: Text) -> Self {
        Self { done: Vec::new(), now: None, separators, after_blank: false }
    }

    /// Tells whether something was added since.
    pub fn mark(&self) -> (usize, Option<usize>) {
        (self.done.len(), self.now.as_ref().map(|now| now.text.len()))
    }

    /// Text that nothing is done with any more.
    pub fn quoted(&mut self, text: &str) {
        self.after_blank = false;
        let now = self.now.get_or_insert_default();
        if text
            .contains(['.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$', '\\', '!', '-', '@', ':', '&'])
        {
            now.quoted.push((now.text.len(), now.text.len() + text.len()));
        }
        now.text.push_str(text);
    }

    /// Text that may be a pattern, and is not split.
    pub fn literal(&mut self, text: &str) {
        self.after_blank = false;
        let now = self.now.get_or_insert_default();
        now.special |= text.contains(['*', '?', '[', '(']);
        now.text.push_str(text);
    }

    /// Text that may be a pattern, and is split at separators.
    pub fn split(&mut self, text: &str) {
        if self.separators.is_empty() {
            if !text.is_empty() {
                self.literal(text);
            }
            return;
        }
        let separators = self.separators.clone();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|char| separators.contains(char)).unwrap_or(rest.len());
            if end > 0 {
                self.literal(&rest[..end]);
            }
            rest = &rest[end..];
            let Some(separator) = rest.chars().next() else { return };
            rest = &rest[separator.len_utf8()..];
            if matches!(separator, ' ' | '\t' | '\n') {
                if self.now.is_some() {
                    self.end();
                    self.after_blank = true;
                }
            } else if self.now.is_some() || !self.after_blank {
                self.now.get_or_insert_default();
                self.end();
            } else {
                self.after_blank = false;
            }
        }
    }

    /// Ends the field that grows.
    pub fn end(&mut self) {
        self.after_blank = false;
        self.done.extend(self.now.take());
    }

    /// All of them.
    pub fn finish(mut self) -> Vec<Field> {
        self.end();
        self.done
    }

    /// The one that there is, where nothing was split.
    pub fn one(mut self) -> Field {
        self.end();
        self.done
            .into_iter()
            .reduce(|mut all, field| {
                let shift = all.text.len() + 1;
                all.quoted.extend(field.quoted.iter().map(|(start, end)| (start + shift, end + shift)));
                all.text.push(' ');
                all.text.push_str(&field.text);
                all.special |= field.special;
                all
            })
            .unwrap_or_default()
    }
}
