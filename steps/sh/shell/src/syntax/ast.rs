//! What a script is once it is read: lists, pipelines, commands, words.
//!
//! All of it can be written down and read again (`serial.rs`), as another instance that runs a part of a script
//! receives that part. It does not know how any of it is run.

use crate::arith::Expr;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Commands one after another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct List(pub Vec<Item>);

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub chain: Rc<Chain>,
    pub background: bool,
}

/// `a && b || c`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    pub first: Pipeline,
    /// Whether the connection is `&&`, and what follows it.
    pub rest: Vec<(bool, Pipeline)>,
}

/// `! time a | b`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pipeline {
    pub negated: bool,
    pub timed: Option<Timed>,
    pub commands: Vec<Rc<Command>>,
}

/// Which form `time` writes its answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Timed {
    Bash,
    Posix,
}

/// One stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Simple(Simple),
    Compound(Compound, Vec<Redirect>, u32),
    Function(Rc<Function>),
}

/// A function's definition.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    pub name: Rc<str>,
    pub body: Command,
    pub line: u32,
    /// The file that defined it.
    pub source: Rc<str>,
}

/// Assignments, words and redirections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Simple {
    pub line: u32,
    pub assigns: Vec<Assign>,
    pub words: Vec<Argument>,
    pub redirects: Vec<Redirect>,
}

/// A word, or an assignment where a declaration takes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Argument {
    Word(Word),
    Assign(Box<Assign>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assign {
    pub name: Rc<str>,
    pub index: Option<Word>,
    pub append: bool,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Scalar(Word),
    Array(Vec<Element>),
}

/// An element of `(…)` on the right of an assignment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Element {
    pub index: Option<Word>,
    pub append: bool,
    pub value: Word,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Compound {
    Brace(List),
    Subshell(Rc<List>),
    If(Vec<(List, List)>, Option<List>),
    /// Whether it is `until`, the condition and the body.
    While(bool, List, List),
    /// Without words, over the positional parameters.
    For(Rc<str>, Option<Vec<Word>>, List),
    Select(Rc<str>, Option<Vec<Word>>, List),
    CountingFor([Option<ArithWord>; 3], List),
    Case(Word, Vec<Arm>),
    Cond(Cond),
    /// Its name and the command.
    Coproc(Rc<str>, Rc<Command>),
    Arith(ArithWord),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    pub patterns: Vec<Word>,
    pub body: List,
    pub end: ArmEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArmEnd {
    Break,
    Fall,
    Test,
}

/// The inside of `[[ ]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cond {
    And(Box<Cond>, Box<Cond>),
    Or(Box<Cond>, Box<Cond>),
    Not(Box<Cond>),
    Group(Box<Cond>),
    Unary(Rc<str>, Word),
    Binary(Rc<str>, Word, Word),
    Word(Word),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redirect {
    pub fd: RedirectFd,
    pub kind: RedirectKind,
    pub target: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectFd {
    Default,
    Number(u32),
    Variable(Rc<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectKind {
    Read,
    Write,
    Clobber,
    Append,
    ReadWrite,
    DuplicateIn,
    DuplicateOut,
    /// `&>`
    Both,
    /// `&>>`
    AppendBoth,
    /// Whether its leading tabs went, and whether its delimiter was quoted.
    Here {
        strip: bool,
        quoted: bool,
    },
    HereString,
}

/// A word as it was written, in pieces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub pieces: Vec<Piece>,
    /// Whether it has a brace that may stand for several words.
    pub braces: bool,
    /// The text that was written, where it is not that of a sole text.
    pub raw: Option<Rc<str>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    Text(Rc<str>),
    Quoted(Rc<str>),
    Double(Vec<Piece>),
    Param(Box<Param>),
    Command(Rc<Substitution>),
    Arith(Box<ArithWord>),
    /// Whether the command is read from, as `<(…)`.
    Process(bool, Rc<List>),
    /// `~`, `~name`, `~+`: without the tilde.
    Tilde(Rc<str>),
    /// `${…}` that says nothing; its text for the message.
    Bad(Rc<str>),
}

/// `$(…)`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Substitution {
    pub list: Rc<List>,
    /// The word after `<`, where that is all there is.
    pub file: Option<Word>,
}

/// The text of an arithmetic expression, and the expression where the text says it all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArithWord {
    pub word: Word,
    pub parsed: Option<Rc<Expr>>,
}

/// `${…}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    pub name: Name,
    pub index: Option<Index>,
    pub indirect: bool,
    pub op: Op,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Name {
    Variable(Rc<str>),
    Positional(u32),
    /// One of `@*#?-$!0`.
    Special(char),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Index {
    At,
    Star,
    Word(Word),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Op {
    None,
    Length,
    /// `-`, `=`, `?` or `+`; with a colon, empty counts as unset.
    Default {
        kind: char,
        colon: bool,
        word: Word,
    },
    /// `#` or `%`, doubled or not.
    Remove {
        suffix: bool,
        longest: bool,
        pattern: Word,
    },
    Replace {
        kind: ReplaceKind,
        pattern: Word,
        with: Option<Word>,
    },
    Slice(ArithWord, Option<ArithWord>),
    Case {
        upper: Option<bool>,
        all: bool,
        pattern: Option<Word>,
    },
    Transform(char),
    /// `${!prefix*}`; whether it is `@`.
    Names(bool),
    /// `${!array[*]}`
    Keys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplaceKind {
    First,
    All,
    Prefix,
    Suffix,
}

impl Word {
    /// A word of one text without anything to expand.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.into())], braces: false, raw: None }
    }

    /// The text of a word that has nothing else, and no quotes.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        match (&self.raw, self.pieces.as_slice()) {
            (Some(raw), _) => raw,
            (None, [Piece::Text(text)]) => text,
            (None, _) => "",
        }
    }

    /// What it says if quotes are all that has to go; `None` where something has to be expanded.
    #[must_use]
    pub fn unquoted(&self) -> Option<String> {
        fn all(pieces: &[Piece], into: &mut String) -> bool {
            pieces.iter().all(|piece| match piece {
                Piece::Text(text) | Piece::Quoted(text) => {
                    into.push_str(text);
                    true
                }
                Piece::Double(inner) => all(inner, into),
                _ => false,
            })
        }
        let mut text = String::new();
        all(&self.pieces, &mut text).then_some(text)
    }
}
