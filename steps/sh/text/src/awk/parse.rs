//! Reads an awk program: rules, functions, statements.
//!
//! Expressions are `expression`'s. Names become places here.

use super::lex::{Word, words};
use super::tree::{Expression, Function, Pattern, Place, Program, Statement, Target, Way, special};
use std::collections::HashMap;

pub type Parsed<T> = Result<T, String>;

pub struct Parser {
    words: Vec<(Word, u32)>,
    at: usize,
    pub program: Program,
    globals: HashMap<String, usize>,
    pub functions: HashMap<String, usize>,
    locals: Vec<String>,
    pub in_function: Option<usize>,
    /// What may be passed on as an array: caller's place, function, parameter.
    pub passed: Vec<(Option<usize>, Place, usize, usize)>,
    pub depth: usize,
}

/// What is read by recursion has to fit the stack of a module.
const DEEPEST: usize = 150;

/// Reads a program; what is wrong comes with its line.
pub fn parse(text: &[u8]) -> Result<Program, (u32, String)> {
    let words = words(text)?;
    let mut parser = Parser {
        words,
        at: 0,
        program: Program::default(),
        globals: HashMap::new(),
        functions: HashMap::new(),
        locals: Vec::new(),
        in_function: None,
        passed: Vec::new(),
        depth: 0,
    };
    for name in special::NAMES {
        parser.global(name);
    }
    let done = parser.all();
    let line = parser.words.get(parser.at).map_or(1, |(_, line)| *line);
    done.map_err(|text| (line, text))?;
    parser.spread_arrays();
    Ok(parser.program)
}

impl Parser {
    pub fn peek(&self) -> &Word {
        &self.words[self.at.min(self.words.len() - 1)].0
    }

    pub fn peek_after(&self, more: usize) -> &Word {
        &self.words[(self.at + more).min(self.words.len() - 1)].0
    }

    pub fn next(&mut self) -> Word {
        let word = self.peek().clone();
        self.at += 1;
        word
    }

    pub fn back(&mut self) {
        self.at -= 1;
    }

    pub fn is(&self, mark: &str) -> bool {
        matches!(self.peek(), Word::Mark(is) if *is == mark)
    }

    pub fn is_keyword(&self, word: &str) -> bool {
        matches!(self.peek(), Word::Keyword(is) if *is == word)
    }

    pub fn take(&mut self, mark: &str) -> bool {
        let is = self.is(mark);
        self.at += usize::from(is);
        is
    }

    fn take_keyword(&mut self, word: &str) -> bool {
        let is = self.is_keyword(word);
        self.at += usize::from(is);
        is
    }

    pub fn unexpected<T>(&self) -> Parsed<T> {
        let what = match self.peek() {
            Word::Line | Word::End => "newline or end of string".to_owned(),
            Word::Number(number) => format!("number {number}"),
            Word::Text(_) => "string".to_owned(),
            Word::Regex(_) => "regexp".to_owned(),
            Word::Function(name) | Word::Name(name) => format!("name {name}"),
            Word::Builtin(name) | Word::Keyword(name) => format!("keyword {name}"),
            Word::Mark(mark) => mark.to_string(),
        };
        Err(format!("syntax error: unexpected {what}"))
    }

    pub fn expect(&mut self, mark: &str) -> Parsed<()> {
        if self.take(mark) { Ok(()) } else { self.unexpected() }
    }

    pub fn lines(&mut self) {
        while matches!(self.peek(), Word::Line) {
            self.at += 1;
        }
    }

    fn separators(&mut self) {
        while matches!(self.peek(), Word::Line) || self.is(";") {
            self.at += 1;
        }
    }

    fn global(&mut self, name: &str) -> usize {
        if let Some(place) = self.globals.get(name) {
            return *place;
        }
        let place = self.program.globals.len();
        self.program.globals.push(name.to_owned());
        self.globals.insert(name.to_owned(), place);
        place
    }

    pub fn place(&mut self, name: &str) -> Parsed<Place> {
        if let Some(index) = self.locals.iter().position(|local| local == name) {
            return Ok(Place::Local(index));
        }
        if self.functions.contains_key(name) && self.program.functions[self.functions[name]].parameters != usize::MAX {
            return Err(format!("function `{name}' used as a variable"));
        }
        Ok(Place::Global(self.global(name)))
    }

    /// A place that is used as an array.
    pub fn array(&mut self, name: &str) -> Parsed<Place> {
        let place = self.place(name)?;
        self.is_array(self.in_function, place);
        Ok(place)
    }

    fn is_array(&mut self, function: Option<usize>, place: Place) -> bool {
        if let (Some(function), Place::Local(index)) = (function, place)
            && let Some(known) = self.program.functions[function].arrays.get_mut(index)
        {
            return !std::mem::replace(known, true);
        }
        false
    }

    /// What is passed to a parameter that is an array is one too.
    fn spread_arrays(&mut self) {
        let passed = std::mem::take(&mut self.passed);
        loop {
            let mut more = false;
            for (caller, place, callee, parameter) in &passed {
                if self.program.functions[*callee].arrays.get(*parameter) == Some(&true) {
                    more |= self.is_array(*caller, *place);
                }
            }
            if !more {
                return;
            }
        }
    }

    pub fn function(&mut self, name: &str) -> usize {
        if let Some(index) = self.functions.get(name) {
            return *index;
        }
        let index = self.program.functions.len();
        let unknown = Function { name: name.to_owned(), parameters: usize::MAX, arrays: Vec::new(), body: Vec::new() };
        self.program.functions.push(unknown);
        self.functions.insert(name.to_owned(), index);
        index
    }

    fn all(&mut self) -> Parsed<()> {
        loop {
            self.separators();
            if matches!(self.peek(), Word::End) {
                break;
            }
            self.item()?;
        }
        match self.program.functions.iter().find(|function| function.parameters == usize::MAX) {
            Some(function) => Err(format!("function `{}' not defined", function.name)),
            None => Ok(()),
        }
    }

    fn item(&mut self) -> Parsed<()> {
        if self.take_keyword("function") {
            return self.definition();
        }
        if self.take_keyword("BEGIN") {
            let body = self.block()?;
            self.program.begin.push(body);
            return Ok(());
        }
        if self.take_keyword("END") {
            let body = self.block()?;
            self.program.end.push(body);
            return Ok(());
        }
        if self.is_keyword("BEGINFILE") || self.is_keyword("ENDFILE") {
            return Err("BEGINFILE and ENDFILE are not supported".to_owned());
        }
        let pattern = if self.is("{") {
            Pattern::Always
        } else {
            let from = self.expression()?;
            if self.take(",") {
                self.lines();
                let to = self.expression()?;
                self.program.ranges += 1;
                Pattern::Range(from, to, self.program.ranges - 1)
            } else {
                Pattern::When(from)
            }
        };
        let body = if self.is("{") { Some(self.block()?) } else { None };
        self.program.rules.push((pattern, body));
        Ok(())
    }

    fn definition(&mut self) -> Parsed<()> {
        let (Word::Function(name) | Word::Name(name)) = self.next() else {
            self.at -= 1;
            return self.unexpected();
        };
        let index = self.function(&name);
        if self.program.functions[index].parameters != usize::MAX {
            return Err(format!("function name `{name}' previously defined"));
        }
        self.expect("(")?;
        while !self.take(")") {
            self.lines();
            let (Word::Name(parameter) | Word::Function(parameter)) = self.next() else {
                self.at -= 1;
                return self.unexpected();
            };
            self.locals.push(parameter);
            self.lines();
            if !self.take(",") && !self.is(")") {
                return self.unexpected();
            }
        }
        self.lines();
        self.program.functions[index].parameters = self.locals.len();
        self.program.functions[index].arrays = vec![false; self.locals.len()];
        self.in_function = Some(index);
        let body = self.block()?;
        self.program.functions[index].body = body;
        self.in_function = None;
        self.locals.clear();
        Ok(())
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        loop {
            self.separators();
            if self.take("}") {
                return Ok(statements);
            }
            statements.push(self.statement()?);
        }
    }

    /// A statement, which may be nothing, where one has to be.
    fn body(&mut self) -> Parsed<Box<Statement>> {
        self.lines();
        if self.take(";") {
            return Ok(Box::new(Statement::Block(Vec::new())));
        }
        self.statement().map(Box::new)
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("statements are nested too deep".to_owned());
        }
        let statement = self.one()?;
        self.depth -= 1;
        Ok(statement)
    }

    fn one(&mut self) -> Parsed<Statement> {
        if self.is("{") {
            return self.block().map(Statement::Block);
        }
        if self.take_keyword("if") {
            return self.condition();
        }
        if self.take_keyword("while") {
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return Ok(Statement::While(condition, self.body()?));
        }
        if self.take_keyword("for") {
            return self.repeat();
        }
        if self.take_keyword("do") {
            let body = self.body()?;
            self.separators();
            if !self.take_keyword("while") {
                return self.unexpected();
            }
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return self.ended(Statement::Do(body, condition));
        }
        if self.take_keyword("switch") {
            return self.switch();
        }
        let statement = self.simple()?;
        self.ended(statement)
    }

    /// What may stand behind a statement.
    fn ended(&mut self, statement: Statement) -> Parsed<Statement> {
        if self.take(";") || self.is("}") {
            return Ok(statement);
        }
        match self.peek() {
            Word::Line => {
                self.at += 1;
                Ok(statement)
            }
            Word::End => Ok(statement),
            _ => self.unexpected(),
        }
    }

    fn condition(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        let condition = self.expression()?;
        self.expect(")")?;
        let then = self.body()?;
        let mark = self.at;
        self.separators();
        if self.take_keyword("else") {
            return Ok(Statement::If(condition, then, Some(self.body()?)));
        }
        self.at = mark;
        Ok(Statement::If(condition, then, None))
    }

    fn repeat(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        // `for (name in array)`, where a name may be in parentheses of its own in no awk.
        if let (Word::Name(name), Word::Keyword("in"), Word::Name(array)) =
            (self.peek().clone(), self.peek_after(1).clone(), self.peek_after(2).clone())
            && matches!(self.peek_after(3), Word::Mark(")"))
        {
            self.at += 4;
            let target = Target::Variable(self.place(&name)?);
            let array = self.array(&array)?;
            return Ok(Statement::Each(target, array, self.body()?));
        }
        let first = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        self.lines();
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        self.lines();
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Statement::For(first, condition, step, self.body()?))
    }

    fn switch(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        let value = self.expression()?;
        self.expect(")")?;
        self.lines();
        self.expect("{")?;
        let mut cases: Vec<(Option<Expression>, Vec<Statement>)> = Vec::new();
        loop {
            self.separators();
            if self.take("}") {
                return Ok(Statement::Switch(value, cases));
            }
            if self.take_keyword("case") {
                let label = self.primary()?;
                self.expect(":")?;
                cases.push((Some(label), Vec::new()));
            } else if self.take_keyword("default") {
                self.expect(":")?;
                cases.push((None, Vec::new()));
            } else {
                let statement = self.statement()?;
                match cases.last_mut() {
                    Some((_, body)) => body.push(statement),
                    None => return self.unexpected(),
                }
            }
        }
    }

    fn ends(&self) -> bool {
        matches!(self.peek(), Word::Line | Word::End | Word::Mark(";" | "}"))
    }

    fn simple(&mut self) -> Parsed<Statement> {
        let Word::Keyword(keyword) = self.peek().clone() else {
            return self.expression().map(Statement::Expression);
        };
        if keyword == "getline" {
            return self.expression().map(Statement::Expression);
        }
        self.at += 1;
        Ok(match keyword {
            "print" | "printf" => return self.print(keyword == "printf"),
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "next" if self.in_function.is_some() || self.depth > 0 => Statement::Next,
            "nextfile" => Statement::NextFile,
            "exit" => Statement::Exit(if self.ends() { None } else { Some(self.expression()?) }),
            "return" if self.in_function.is_some() => {
                Statement::Return(if self.ends() { None } else { Some(self.expression()?) })
            }
            "delete" => {
                let in_parentheses = self.take("(");
                let (Word::Name(name) | Word::Function(name)) = self.next() else {
                    self.at -= 1;
                    return self.unexpected();
                };
                let place = self.array(&name)?;
                let index = if self.take("[") { Some(self.list("]")?) } else { None };
                if in_parentheses {
                    self.expect(")")?;
                }
                Statement::Delete(place, index)
            }
            _ => {
                self.at -= 1;
                return self.unexpected();
            }
        })
    }

    fn print(&mut self, is_format: bool) -> Parsed<Statement> {
        let mut values = Vec::new();
        if !self.ends() && !self.is(">") && !self.is(">>") && !self.is("|") {
            values = self.printed()?;
        }
        let way = if self.take(">") {
            Some(Way::Write)
        } else if self.take(">>") {
            Some(Way::Append)
        } else if self.take("|") {
            Some(Way::Pipe)
        } else if self.is("|&") {
            return Err("two-way pipes are not supported".to_owned());
        } else {
            None
        };
        let to = match way {
            Some(way) => Some((way, self.joined_without_greater()?)),
            None => None,
        };
        if is_format && values.is_empty() {
            return self.unexpected();
        }
        Ok(if is_format { Statement::Printf(values, to) } else { Statement::Print(values, to) })
    }
}
