//! Reads `bc`'s language into statements.
//!
//! Knows POSIX's grammar and GNU's additions: long names, `&&`, `||`, `!`, `print`, `else`, `continue`, `halt`.

#[derive(Debug, Clone)]
pub enum Place {
    Name(String),
    Element(String, Box<Expression>),
    /// `scale`, `ibase`, `obase`, `last`.
    Register(&'static str),
}

#[derive(Debug, Clone)]
pub enum Expression {
    Number(String),
    Place(Place),
    Call(String, Vec<Expression>),
    Array(String),
    Negated(Box<Expression>),
    Not(Box<Expression>),
    Both(&'static str, Box<Expression>, Box<Expression>),
    Assigned(&'static str, Place, Box<Expression>),
    /// By how much, and whether the new value counts.
    Stepped(Place, i64, bool),
}

#[derive(Debug, Clone)]
pub enum Statement {
    Nothing,
    Expression(Expression),
    Text(String),
    Print(Vec<Statement>),
    Block(Vec<Statement>),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    For(Option<Expression>, Option<Expression>, Option<Expression>, Box<Statement>),
    Break,
    Continue,
    Return(Option<Expression>),
    Quit,
    Halt,
    Define(String, Function),
}

#[derive(Debug, Clone)]
pub struct Function {
    /// Names; an array's ends with `[]`.
    pub parameters: Vec<String>,
    pub locals: Vec<String>,
    pub body: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(String),
    Name(String),
    Text(String),
    Mark(&'static str),
    Line,
}

const MARKS: [&str; 35] = [
    "<=", ">=", "==", "!=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "+", "-", "*", "/", "%", "^",
    "=", "<", ">", "!", "(", ")", "[", "]", "{", "}", ",", ";", "&", "|", ".",
];
const REGISTERS: [&str; 4] = ["scale", "ibase", "obase", "last"];

pub struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
}

/// The number at a place, over lines that go on, and where it ends.
fn number(bytes: &[u8], mut end: usize) -> (String, usize) {
    let mut digits = String::new();
    loop {
        match bytes.get(end) {
            Some(byte)
                if byte.is_ascii_digit() || byte.is_ascii_uppercase() || *byte == b'.' && !digits.contains('.') =>
            {
                digits.push(char::from(*byte));
            }
            Some(b'\\') if bytes.get(end + 1) == Some(&b'\n') => end += 1,
            _ => return (digits, end),
        }
        end += 1;
    }
}

fn tokens(text: &str) -> Result<Vec<(Token, usize)>, (usize, String)> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let bytes = text.as_bytes();
    let mut at = 0;
    let while_true =
        |from: usize, fits: &dyn Fn(u8) -> bool| bytes[from..].iter().take_while(|byte| fits(**byte)).count() + from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => {
                tokens.push((Token::Line, line));
                line += 1;
                at += 1;
            }
            b'\\' if bytes.get(at + 1) == Some(&b'\n') => {
                line += 1;
                at += 2;
            }
            b' ' | b'\t' | b'\r' => at += 1,
            b'#' => at = while_true(at, &|byte| byte != b'\n'),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = text[at..].find("*/").map_or(text.len(), |end| at + end + 2);
                line += text[at..end].matches('\n').count();
                at = end;
            }
            b'"' => {
                let end = text[at + 1..].find('"').map_or(text.len(), |end| at + 1 + end);
                tokens.push((Token::Text(text[at + 1..end].to_owned()), line));
                line += text[at + 1..end].matches('\n').count();
                at = end + 1;
            }
            b'0'..=b'9' | b'A'..=b'Z' | b'.'
                if byte != b'.'
                    || bytes.get(at + 1).is_some_and(|next| next.is_ascii_digit() || next.is_ascii_uppercase()) =>
            {
                let (digits, end) = number(bytes, at);
                tokens.push((Token::Number(digits), line));
                at = end;
            }
            b'a'..=b'z' => {
                let end = while_true(at, &|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
                tokens.push((Token::Name(text[at..end].to_owned()), line));
                at = end;
            }
            _ => {
                let Some(mark) = MARKS.iter().find(|mark| text[at..].starts_with(**mark)) else {
                    return Err((line, "illegal character".to_owned()));
                };
                tokens.push((Token::Mark(mark), line));
                at += mark.len();
            }
        }
    }
    tokens.push((Token::Line, line));
    Ok(tokens)
}

type Parsed<T> = Result<T, String>;

impl Parser {
    /// The error has its line.
    pub fn new(text: &str) -> Result<Self, (usize, String)> {
        Ok(Self { tokens: tokens(text)?, at: 0 })
    }

    pub fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(_, line)| *line)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn mark(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(one)) if *one == mark);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(one)) if one == word);
        self.at += usize::from(found);
        found
    }

    fn must(&mut self, mark: &str) -> Parsed<()> {
        if self.mark(mark) { Ok(()) } else { Err("syntax error".to_owned()) }
    }

    fn lines(&mut self) {
        while self.peek() == Some(&Token::Line) {
            self.at += 1;
        }
    }

    /// The next statements up to the end of their line; `None` at the end of all.
    pub fn next_line(&mut self) -> Option<Parsed<Vec<Statement>>> {
        self.lines();
        self.peek()?;
        let mut statements = Vec::new();
        loop {
            match self.statement() {
                Ok(statement) => statements.push(statement),
                Err(error) => {
                    // What is left of the line says nothing.
                    while self.peek().is_some_and(|token| *token != Token::Line) {
                        self.at += 1;
                    }
                    return Some(Err(error));
                }
            }
            let defined = matches!(statements.last(), Some(Statement::Define(..)));
            if self.mark(";") || defined && !matches!(self.peek(), None | Some(Token::Line)) {
                continue;
            }
            return Some(match self.peek() {
                None | Some(Token::Line) => Ok(statements),
                Some(_) => {
                    while self.peek().is_some_and(|token| *token != Token::Line) {
                        self.at += 1;
                    }
                    Err("syntax error".to_owned())
                }
            });
        }
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        let mut statements = Vec::new();
        loop {
            while self.peek() == Some(&Token::Line) || self.mark(";") {
                self.lines();
            }
            if self.mark("}") {
                return Ok(statements);
            }
            if self.peek().is_none() {
                return Err("syntax error".to_owned());
            }
            statements.push(self.statement()?);
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        match self.peek().cloned() {
            None | Some(Token::Line | Token::Mark(";" | "}")) => Ok(Statement::Nothing),
            Some(Token::Text(text)) => {
                self.at += 1;
                Ok(Statement::Text(text))
            }
            Some(Token::Mark("{")) => {
                self.at += 1;
                self.block().map(Statement::Block)
            }
            Some(Token::Name(name)) => match self.keyword(&name)? {
                Some(statement) => Ok(statement),
                None => self.expression().map(Statement::Expression),
            },
            Some(_) => self.expression().map(Statement::Expression),
        }
    }

    fn keyword(&mut self, name: &str) -> Parsed<Option<Statement>> {
        let begin = self.at;
        self.at += 1;
        Ok(Some(match name {
            "if" => {
                self.must("(")?;
                let condition = self.expression()?;
                self.must(")")?;
                self.lines();
                let then = self.statement()?;
                let here = self.at;
                let _ = self.mark(";");
                self.lines();
                let otherwise = if self.word("else") {
                    self.lines();
                    Some(Box::new(self.statement()?))
                } else {
                    self.at = here;
                    None
                };
                Statement::If(condition, Box::new(then), otherwise)
            }
            "while" => {
                self.must("(")?;
                let condition = self.expression()?;
                self.must(")")?;
                self.lines();
                Statement::While(condition, Box::new(self.statement()?))
            }
            "for" => {
                self.must("(")?;
                let mut part = |end: &str| -> Parsed<Option<Expression>> {
                    let part = if matches!(self.peek(), Some(Token::Mark(mark)) if *mark == end) {
                        None
                    } else {
                        Some(self.expression()?)
                    };
                    self.must(end)?;
                    Ok(part)
                };
                let (first, condition, step) = (part(";")?, part(";")?, part(")")?);
                self.lines();
                Statement::For(first, condition, step, Box::new(self.statement()?))
            }
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "quit" => Statement::Quit,
            "halt" => Statement::Halt,
            "return" => match self.peek() {
                None | Some(Token::Line | Token::Mark(";" | "}")) => Statement::Return(None),
                Some(_) => Statement::Return(Some(self.expression()?)),
            },
            "print" => {
                let mut parts = Vec::new();
                loop {
                    parts.push(self.statement()?);
                    if !self.mark(",") {
                        break;
                    }
                }
                Statement::Print(parts)
            }
            "define" => self.define()?,
            _ => {
                self.at = begin;
                return Ok(None);
            }
        }))
    }

    fn names(&mut self, end: Option<&str>) -> Parsed<Vec<String>> {
        let mut names = Vec::new();
        while let Some(Token::Name(name)) = self.peek().cloned() {
            self.at += 1;
            let array = self.mark("[");
            if array {
                self.must("]")?;
            }
            names.push(if array { format!("{name}[]") } else { name });
            if !self.mark(",") {
                break;
            }
        }
        if let Some(end) = end {
            self.must(end)?;
        }
        Ok(names)
    }

    fn define(&mut self) -> Parsed<Statement> {
        let _ = self.word("void");
        let Some(Token::Name(name)) = self.peek().cloned() else { return Err("syntax error".to_owned()) };
        self.at += 1;
        self.must("(")?;
        let parameters = self.names(Some(")"))?;
        self.lines();
        self.must("{")?;
        self.lines();
        let mut locals = Vec::new();
        while self.word("auto") {
            locals.extend(self.names(None)?);
            let _ = self.mark(";");
            self.lines();
        }
        let body = self.block()?;
        Ok(Statement::Define(name, Function { parameters, locals, body }))
    }

    pub fn expression(&mut self) -> Parsed<Expression> {
        self.level(0)
    }

    fn level(&mut self, level: usize) -> Parsed<Expression> {
        const LEVELS: [&[&str]; 5] =
            [&["||"], &["&&"], &["<", "<=", ">", ">=", "==", "!="], &["+", "-"], &["*", "/", "%"]];
        if level == 2 && self.mark("!") {
            return Ok(Expression::Not(Box::new(self.level(2)?)));
        }
        let Some(marks) = LEVELS.get(level) else { return self.power() };
        let mut left = self.level(level + 1)?;
        loop {
            let Some(mark) = self.one_of(marks) else { return Ok(left) };
            let right = self.level(level + 1)?;
            left = Expression::Both(mark, Box::new(left), Box::new(right));
        }
    }

    fn one_of(&mut self, marks: &[&'static str]) -> Option<&'static str> {
        let mark = match self.peek() {
            Some(Token::Mark(mark)) => marks.iter().find(|one| *one == mark)?,
            _ => return None,
        };
        self.at += 1;
        Some(mark)
    }

    fn power(&mut self) -> Parsed<Expression> {
        if self.mark("-") {
            // A sign binds tighter than a power.
            let operand = self.unary()?;
            return self.raised(Expression::Negated(Box::new(operand)));
        }
        let base = self.unary()?;
        self.raised(base)
    }

    fn raised(&mut self, base: Expression) -> Parsed<Expression> {
        if self.mark("^") {
            let exponent = self.power()?;
            return Ok(Expression::Both("^", Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn unary(&mut self) -> Parsed<Expression> {
        if self.mark("-") {
            return Ok(Expression::Negated(Box::new(self.unary()?)));
        }
        for (mark, by) in [("++", 1), ("--", -1)] {
            if self.mark(mark) {
                let Expression::Place(place) = self.primary()? else { return Err("syntax error".to_owned()) };
                return Ok(Expression::Stepped(place, by, true));
            }
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let token = self.peek().cloned().ok_or("syntax error")?;
        self.at += 1;
        match token {
            Token::Number(text) => Ok(Expression::Number(text)),
            Token::Mark("(") => {
                let inside = self.expression()?;
                self.must(")")?;
                // In parentheses an assignment is a value.
                Ok(Expression::Both("()", Box::new(inside), Box::new(Expression::Number("0".to_owned()))))
            }
            Token::Mark(".") => self.place(Place::Register("last")),
            Token::Name(name) if self.mark("(") => {
                if name == "scale" && self.mark(")") {
                    return Err("syntax error".to_owned());
                }
                let mut arguments = Vec::new();
                while !self.mark(")") {
                    arguments.push(self.argument()?);
                    if !self.mark(",") && !matches!(self.peek(), Some(Token::Mark(")"))) {
                        return Err("syntax error".to_owned());
                    }
                }
                Ok(Expression::Call(name, arguments))
            }
            Token::Name(name) => {
                if let Some(register) = REGISTERS.iter().find(|one| **one == name) {
                    return self.place(Place::Register(register));
                }
                if self.mark("[") {
                    let index = self.expression()?;
                    self.must("]")?;
                    return self.place(Place::Element(name, Box::new(index)));
                }
                self.place(Place::Name(name))
            }
            _ => Err("syntax error".to_owned()),
        }
    }

    fn argument(&mut self) -> Parsed<Expression> {
        if let [Some((Token::Name(name), _)), Some((Token::Mark("["), _)), Some((Token::Mark("]"), _))] =
            [self.tokens.get(self.at), self.tokens.get(self.at + 1), self.tokens.get(self.at + 2)]
        {
            let name = name.clone();
            self.at += 3;
            return Ok(Expression::Array(name));
        }
        self.expression()
    }

    fn place(&mut self, place: Place) -> Parsed<Expression> {
        if let Some(mark) = self.one_of(&["=", "+=", "-=", "*=", "/=", "%=", "^="]) {
            let value = self.level(0)?;
            return Ok(Expression::Assigned(mark, place, Box::new(value)));
        }
        for (mark, by) in [("++", 1), ("--", -1)] {
            if self.mark(mark) {
                return Ok(Expression::Stepped(place, by, false));
            }
        }
        Ok(Expression::Place(place))
    }
}
