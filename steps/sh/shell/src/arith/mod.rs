//! Arithmetic expressions: C's operators over 64 bits.
//!
//! Reads them here; `eval.rs` works them out. What a variable is, only the shell knows.

mod eval;
mod parse;

pub use parse::{Wrong, parse};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// An expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    Number(i64),
    Variable(Place),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    /// The operator of `+=` and the like.
    Assign(Option<Binary>, Place, Box<Expr>),
    /// By how much, and whether the old value is the answer.
    Step(Place, i64, bool),
    Comma(Box<Expr>, Box<Expr>),
}

/// A variable, or an element by the text of its subscript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub name: Rc<str>,
    pub index: Option<Rc<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unary {
    Minus,
    Plus,
    Not,
    Complement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binary {
    Power,
    Times,
    Divide,
    Remainder,
    Plus,
    Minus,
    Left,
    Right,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Xor,
    Or,
}
