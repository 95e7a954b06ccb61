//! An awk program as it is run: every name is a place.
//!
//! Does not know how it was written.

use crate::options::Bytes;
use crate::regex::Regex;
use std::rc::Rc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Global(usize),
    Local(usize),
}

/// The globals with a meaning, by their places.
pub mod special {
    pub const NF: usize = 0;
    pub const NR: usize = 1;
    pub const FNR: usize = 2;
    pub const FS: usize = 3;
    pub const OFS: usize = 4;
    pub const ORS: usize = 5;
    pub const RS: usize = 6;
    pub const FILENAME: usize = 7;
    pub const SUBSEP: usize = 8;
    pub const RSTART: usize = 9;
    pub const RLENGTH: usize = 10;
    pub const CONVFMT: usize = 11;
    pub const OFMT: usize = 12;
    pub const ENVIRON: usize = 13;
    pub const ARGC: usize = 14;
    pub const ARGV: usize = 15;
    pub const RT: usize = 16;
    pub const FPAT: usize = 17;
    pub const FIELDWIDTHS: usize = 18;
    pub const IGNORECASE: usize = 19;
    pub const PROCINFO: usize = 20;
    pub const NAMES: [&str; 21] = [
        "NF",
        "NR",
        "FNR",
        "FS",
        "OFS",
        "ORS",
        "RS",
        "FILENAME",
        "SUBSEP",
        "RSTART",
        "RLENGTH",
        "CONVFMT",
        "OFMT",
        "ENVIRON",
        "ARGC",
        "ARGV",
        "RT",
        "FPAT",
        "FIELDWIDTHS",
        "IGNORECASE",
        "PROCINFO",
    ];
}

pub enum Target {
    Variable(Place),
    Field(Box<Expression>),
    Element(Place, Vec<Expression>),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
}

pub enum Expression {
    Number(f64),
    Text(Rc<Bytes>),
    /// By itself: whether the record matches.
    Regex(Rc<Regex>),
    Get(Target),
    Assign(Target, Box<Expression>),
    Change(Operator, Target, Box<Expression>),
    /// `++` and `--`: by how much, and whether the value is that before.
    Step(Target, f64, bool),
    Choose(Box<(Expression, Expression, Expression)>),
    And(Box<(Expression, Expression)>),
    Or(Box<(Expression, Expression)>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Positive(Box<Expression>),
    Calculate(Operator, Box<(Expression, Expression)>),
    Compare(Comparison, Box<(Expression, Expression)>),
    Match {
        negative: bool,
        both: Box<(Expression, Expression)>,
    },
    Join(Vec<Expression>),
    In(Vec<Expression>, Place),
    Call(usize, Vec<Expression>),
    Builtin(&'static str, Vec<Expression>),
    Getline(Line, Option<Box<Target>>),
    /// In parentheses: only they make a list, or a comparison of what `>` is.
    Group(Box<Expression>),
    /// `(a, b)` before `in`, or all that `print` has.
    List(Vec<Expression>),
}

/// Where `getline` reads from.
pub enum Line {
    Next,
    File(Box<Expression>),
    Command(Box<Expression>),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Way {
    Write,
    Append,
    Pipe,
}

pub enum Statement {
    Expression(Expression),
    Print(Vec<Expression>, Option<(Way, Expression)>),
    Printf(Vec<Expression>, Option<(Way, Expression)>),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    Do(Box<Statement>, Expression),
    For(Option<Box<Statement>>, Option<Expression>, Option<Box<Statement>>, Box<Statement>),
    Each(Target, Place, Box<Statement>),
    Switch(Expression, Vec<(Option<Expression>, Vec<Statement>)>),
    Block(Vec<Statement>),
    Break,
    Continue,
    Next,
    NextFile,
    Exit(Option<Expression>),
    Return(Option<Expression>),
    Delete(Place, Option<Vec<Expression>>),
}

pub enum Pattern {
    Always,
    When(Expression),
    /// From, to, and which range this is.
    Range(Expression, Expression, usize),
}

pub struct Function {
    pub name: String,
    pub parameters: usize,
    /// Which parameters are arrays.
    pub arrays: Vec<bool>,
    pub body: Vec<Statement>,
}

#[derive(Default)]
pub struct Program {
    pub begin: Vec<Vec<Statement>>,
    pub end: Vec<Vec<Statement>>,
    /// Without a body the record is printed.
    pub rules: Vec<(Pattern, Option<Vec<Statement>>)>,
    pub functions: Vec<Function>,
    pub globals: Vec<String>,
    pub ranges: usize,
}
