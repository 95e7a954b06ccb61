//! Reading scripts: one complete command at a time, so that what a command changes (aliases, options) holds for the next.
//!
//! The parser is our own. The one that was tried, brush-parser, reads a whole script at once and keeps words as text
//! that has to be parsed again at each expansion; it has no aliases, cannot read on while it parses (a script on a pipe
//! whose commands read the same pipe), and its errors are not those that people know from bash.
//! It knows nothing of running; what it needs to know of the shell's state is in [`Settings`].

pub mod ast;
mod command;
mod compound;
mod cond;
mod here;
mod lexer;
mod param;
pub mod print;

mod word;

pub use here::here_text;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Aliases by name.
pub type Aliases = FxHashMap<Rc<str>, Rc<str>>;

/// Gives the next line, with its end, or nothing at the end.
pub type More = Box<dyn FnMut() -> Option<String>>;

/// What of a shell's state decides how it reads.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub extglob: bool,
    pub posix: bool,
    pub aliases: Option<Rc<Aliases>>,
    /// The name of the file, for functions.
    pub source: Rc<str>,
}

/// A script that is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub line: u32,
    pub message: String,
    /// The line that is wrong, where bash shows it.
    pub shown: Option<String>,
    /// Whether more text could make it right.
    pub at_end: bool,
}

/// What the functions of the parser answer.
pub type Parsed<T> = Result<T, SyntaxError>;

/// Reads a script.
pub struct Parser {
    src: String,
    pos: usize,
    line: u32,
    more: Option<More>,
    pub settings: Settings,
    /// Aliases whose text is being read, with how much of the source follows it.
    active: Vec<(Rc<str>, usize)>,
    /// An alias that ends with a blank ended here, counted from the source's end.
    alias_again: Option<usize>,
    /// The bodies of here-documents behind the line that is being read: where that line ends, where they do, their lines.
    bodies: Option<(usize, usize, u32)>,
    /// Where the command began that was read last.
    begun: usize,
    /// How deep commands and words are within each other.
    depth: u32,
    /// The line on which the command ended that was read last.
    pub ended: u32,
    /// Whether the text asks for the command that runs.
    pub asks_command: bool,
    /// What is odd and no error, with its line.
    pub warnings: Vec<(u32, String)>,
}

/// No script has commands within commands deeper than this.
const DEEPEST: u32 = 200;

impl Parser {
    /// Of a text, whose first line has this number.
    #[must_use]
    pub fn new(text: &str, line: u32, settings: Settings) -> Self {
        Self {
            src: text.to_owned(),
            pos: 0,
            line,
            more: None,
            settings,
            active: Vec::new(),
            alias_again: None,
            bodies: None,
            begun: 0,
            depth: 0,
            ended: line,
            asks_command: text.contains("BASH_COMMAND"),
            warnings: Vec::new(),
        }
    }

    /// Of lines that come as they are needed.
    #[must_use]
    pub fn reading(more: More, settings: Settings) -> Self {
        Self { more: Some(more), ..Self::new("", 1, settings) }
    }

    /// Of a part of this text.
    fn part(&self, text: &str, line: u32) -> Self {
        Self { depth: self.depth, ..Self::new(text, line, self.settings.clone()) }
    }

    /// The text that was read last: a command, and the lines before it.
    #[must_use]
    pub fn last_source(&self) -> String {
        let text = self.src.get(self.begun..self.pos.min(self.src.len())).unwrap_or_default();
        if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
    }

    /// The number of the line that is read next.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The next complete command, with all that stands on its line; `None` at the end.
    pub fn next_command(&mut self) -> Parsed<Option<ast::List>> {
        // What was read is not needed again, where lines come one by one.
        if self.more.is_some() && self.bodies.is_none() {
            self.src.drain(..self.pos);
            self.pos = 0;
        }
        self.begun = self.pos;
        loop {
            self.blanks()?;
            match self.byte() {
                None => return Ok(None),
                Some(b'\n') => self.newline(),
                Some(_) => break,
            }
        }
        let list = self.line_list()?;
        self.blanks()?;
        self.ended = self.line + self.bodies.map_or(0, |(_, _, lines)| lines);
        self.asks_command |= self.more.is_some() && self.src.contains("BASH_COMMAND");
        match self.byte() {
            None => {}
            Some(b'\n') => self.newline(),
            Some(_) => return Err(self.unexpected()),
        }
        Ok(Some(list))
    }

    /// All of it.
    pub fn all(&mut self) -> Parsed<ast::List> {
        let mut list = ast::List::default();
        while let Some(more) = self.next_command()? {
            list.0.extend(more.0);
        }
        Ok(list)
    }

    fn error(&self, message: String) -> SyntaxError {
        SyntaxError { line: self.line, message, shown: Some(self.shown()), at_end: false }
    }

    /// The line at which reading is.
    fn shown(&self) -> String {
        let pos = self.pos.min(self.src.len());
        let start = self.src.as_bytes()[..pos].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let line = self.src[start..].split('\n').next().unwrap_or_default();
        line.to_owned()
    }

    /// At a token that cannot stand here.
    fn unexpected(&mut self) -> SyntaxError {
        let _ = self.blanks();
        match self.byte() {
            None => SyntaxError {
                // The end counts as a line of its own.
                line: self.line + u32::from(!self.src.ends_with('\n')),
                message: "syntax error: unexpected end of file".into(),
                shown: None,
                at_end: true,
            },
            Some(_) => {
                let token = self.token_text();
                self.error(format!("syntax error near unexpected token `{token}'"))
            }
        }
    }

    /// At what is no word, though one has to come: the text's end is a line's end then.
    fn missing_word(&mut self) -> SyntaxError {
        let _ = self.blanks();
        match self.byte() {
            None => self.error("syntax error near unexpected token `newline'".into()),
            Some(_) => self.unexpected(),
        }
    }

    /// The end came before this did.
    fn unended(&self, what: &str, line: u32) -> SyntaxError {
        let message = format!("unexpected EOF while looking for matching `{what}'");
        SyntaxError { line, message, shown: None, at_end: true }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(self.error("syntax error: commands nested too deep".into())) } else { Ok(()) }
    }

    fn shallower(&mut self) {
        self.depth -= 1;
    }
}
