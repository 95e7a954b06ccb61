//! Lists, pipelines, simple commands, assignments, redirections.

use super::ast::{
    Argument, Assign, Chain, Command, Element, Function, Item, List, Piece, Pipeline, Redirect, RedirectFd,
    RedirectKind, Simple, Timed, Value, Word,
};
use super::lexer::{is_meta, is_name, is_name_start};
use super::{Parsed, Parser};
use std::rc::Rc;

/// Builtins whose arguments may be assignments.
const DECLARATIONS: [&str; 5] = ["declare", "typeset", "local", "readonly", "export"];

impl Parser {
    /// The commands on one line.
    pub(super) fn line_list(&mut self) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            let chain = Rc::new(self.chain()?);
            self.blanks()?;
            let end = self.operator();
            let background = end == Some("&");
            items.push(Item { chain, background });
            if !matches!(end, Some("&" | ";")) {
                return Ok(List(items));
            }
            self.take(1);
            self.blanks()?;
            if matches!(self.byte(), None | Some(b'\n')) {
                return Ok(List(items));
            }
        }
    }

    /// Commands up to an operator, or a reserved word where a command would begin, which is not taken. At least one.
    pub(super) fn list_until(&mut self, end: &str) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            self.newlines()?;
            self.command_blanks()?;
            if end == ")" && self.byte() == Some(b')') {
                return Ok(List(items));
            }
            let chain = Rc::new(self.chain()?);
            self.blanks()?;
            let operator = self.operator();
            items.push(Item { chain, background: operator == Some("&") });
            match operator {
                Some("&" | ";") => self.take(1),
                Some("\n") => self.newline(),
                Some(")") if end == ")" => return Ok(List(items)),
                Some(";;" | ";&" | ";;&") if end == "esac" => return Ok(List(items)),
                // After a compound command a reserved word needs nothing before it.
                _ if self.list_ends(end) => return Ok(List(items)),
                _ => return Err(self.unexpected()),
            }
            self.newlines()?;
            self.command_blanks()?;
            if self.list_ends(end) {
                return Ok(List(items));
            }
        }
    }

    fn list_ends(&mut self, end: &str) -> bool {
        match end {
            ")" => self.byte() == Some(b')'),
            "esac" => self.reserved() == Some("esac") || matches!(self.operator(), Some(";;" | ";&" | ";;&")),
            "fi" => matches!(self.reserved(), Some("fi" | "else" | "elif")),
            end => self.reserved() == Some(end),
        }
    }

    fn chain(&mut self) -> Parsed<Chain> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks()?;
            let and = match self.operator() {
                Some("&&") => true,
                Some("||") => false,
                _ => return Ok(Chain { first, rest }),
            };
            self.take(2);
            self.newlines()?;
            rest.push((and, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let mut pipeline = Pipeline { negated: false, timed: None, commands: Vec::new() };
        loop {
            self.command_blanks()?;
            if self.take_reserved("!")? {
                pipeline.negated = !pipeline.negated;
            } else if self.reserved() == Some("time") && pipeline.timed.is_none() {
                self.take(4);
                self.blanks()?;
                pipeline.timed = Some(Timed::Bash);
                if self.at("-p") && self.byte_at(2).is_none_or(is_meta) {
                    self.take(2);
                    pipeline.timed = Some(Timed::Posix);
                }
            } else {
                break;
            }
        }
        self.blanks()?;
        if (pipeline.timed.is_some() || pipeline.negated)
            && matches!(self.operator(), None | Some("\n" | ";"))
            && self.ends_here()
        {
            return Ok(pipeline);
        }
        loop {
            let command = self.command()?;
            self.blanks()?;
            let operator = self.operator();
            match operator {
                Some("|") => self.take(1),
                Some("|&") => self.take(2),
                _ => {
                    pipeline.commands.push(Rc::new(command));
                    return Ok(pipeline);
                }
            }
            pipeline.commands.push(Rc::new(if operator == Some("|&") { with_errors(command) } else { command }));
            self.newlines()?;
        }
    }

    fn ends_here(&mut self) -> bool {
        matches!(self.byte(), None | Some(b'\n' | b';'))
    }

    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.deeper()?;
        self.command_blanks()?;
        let line = self.line;
        let command = match self.compound()? {
            Some(compound) => {
                let redirects = self.redirects()?;
                Command::Compound(compound, redirects, line)
            }
            None => match self.function(line)? {
                Some(function) => Command::Function(Rc::new(function)),
                None => Command::Simple(self.simple(line)?),
            },
        };
        self.shallower();
        Ok(command)
    }

    pub(super) fn redirects(&mut self) -> Parsed<Vec<Redirect>> {
        let mut redirects = Vec::new();
        loop {
            self.blanks()?;
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(redirects),
            }
        }
    }

    /// `name ()` or `function name`, and its body.
    fn function(&mut self, line: u32) -> Parsed<Option<Function>> {
        let name = if self.take_reserved("function")? {
            self.blanks()?;
            let name = self.word()?.source().to_owned();
            self.blanks()?;
            if self.byte() == Some(b'(') {
                self.take(1);
                self.blanks()?;
                if self.byte() != Some(b')') {
                    return Err(self.unexpected());
                }
                self.take(1);
            }
            name
        } else {
            let mut length = 0;
            while self
                .byte_at(length)
                .is_some_and(|byte| !is_meta(byte) && !matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`' | b'='))
            {
                length += 1;
            }
            let mut ahead = length;
            while matches!(self.byte_at(ahead), Some(b' ' | b'\t')) {
                ahead += 1;
            }
            if length == 0 || self.byte_at(ahead) != Some(b'(') {
                return Ok(None);
            }
            ahead += 1;
            while matches!(self.byte_at(ahead), Some(b' ' | b'\t')) {
                ahead += 1;
            }
            if self.byte_at(ahead) != Some(b')') {
                self.take(ahead);
                return Err(self.unexpected());
            }
            let name = self.src[self.pos..self.pos + length].to_owned();
            self.take(ahead + 1);
            name
        };
        self.newlines()?;
        self.command_blanks()?;
        let body_line = self.line;
        let Some(compound) = self.compound()? else { return Err(self.unexpected()) };
        let redirects = self.redirects()?;
        let body = Command::Compound(compound, redirects, body_line);
        Ok(Some(Function { name: name.into(), body, line, source: self.settings.source.clone() }))
    }

    fn simple(&mut self, line: u32) -> Parsed<Simple> {
        let mut simple = Simple { line, ..Simple::default() };
        let mut declares = false;
        loop {
            self.blanks()?;
            if simple.words.is_empty() {
                // A command's first word is looked up anyway.
                self.is_behind_alias();
                self.command_blanks()?;
            } else {
                self.argument_alias()?;
            }
            if let Some(redirect) = self.redirect()? {
                simple.redirects.push(redirect);
                continue;
            }
            let at_word = match self.byte() {
                None => false,
                Some(b'<' | b'>') => self.byte_at(1) == Some(b'('),
                Some(byte) => !is_meta(byte),
            };
            if !at_word {
                break;
            }
            if (simple.words.is_empty() || declares)
                && let Some(assign) = self.assignment()?
            {
                if simple.words.is_empty() {
                    simple.assigns.push(assign);
                } else {
                    simple.words.push(Argument::Assign(Box::new(assign)));
                }
                continue;
            }
            let word = self.word()?;
            let first = simple.words.iter().all(
                |word| matches!(word, Argument::Word(word) if matches!(word.as_literal(), Some("command" | "builtin"))),
            );
            if first {
                declares = word.as_literal().is_some_and(|name| DECLARATIONS.contains(&name));
            }
            simple.words.push(Argument::Word(word));
        }
        if simple.words.is_empty() && simple.assigns.is_empty() && simple.redirects.is_empty() {
            return Err(self.unexpected());
        }
        Ok(simple)
    }

    /// `name=…`, `name+=…`, `name[…]=…`, if that is what comes.
    pub(super) fn assignment(&mut self) -> Parsed<Option<Assign>> {
        if !self.byte().is_some_and(is_name_start) {
            return Ok(None);
        }
        let mut length = 1;
        while self.byte_at(length).is_some_and(is_name) {
            length += 1;
        }
        let (pos, line, bodies) = (self.pos, self.line, self.bodies);
        let name: Rc<str> = self.src[pos..pos + length].into();
        let mut index = None;
        match self.byte_at(length) {
            Some(b'=') => self.take(length),
            Some(b'+') if self.byte_at(length + 1) == Some(b'=') => self.take(length),
            Some(b'[') => {
                self.take(length + 1);
                match self.subscript_word() {
                    Ok(word) if self.byte() == Some(b'=') || (self.at("+=")) => index = Some(word),
                    _ => {
                        (self.pos, self.line, self.bodies) = (pos, line, bodies);
                        return Ok(None);
                    }
                }
            }
            _ => return Ok(None),
        }
        let append = self.byte() == Some(b'+');
        self.take(1 + usize::from(append));
        let value = if self.byte() == Some(b'(') && index.is_none() {
            self.take(1);
            Value::Array(self.elements()?)
        } else {
            Value::Scalar(self.value()?)
        };
        Ok(Some(Assign { name, index, append, value }))
    }

    /// The value of an assignment, which may be nothing.
    fn value(&mut self) -> Parsed<Word> {
        self.word_with(true)
    }

    /// Up to `)`, which is taken.
    fn elements(&mut self) -> Parsed<Vec<Element>> {
        let line = self.line;
        let mut elements = Vec::new();
        loop {
            self.newlines()?;
            match self.byte() {
                None => return Err(self.unended(")", line)),
                Some(b')') => {
                    self.take(1);
                    return Ok(elements);
                }
                Some(b'[') => {
                    let (pos, line, bodies) = (self.pos, self.line, self.bodies);
                    self.take(1);
                    if let Ok(index) = self.subscript_word() {
                        let append = self.at("+=");
                        if append || self.byte() == Some(b'=') {
                            self.take(1 + usize::from(append));
                            let value = self.value()?;
                            elements.push(Element { index: Some(index), append, value });
                            continue;
                        }
                    }
                    (self.pos, self.line, self.bodies) = (pos, line, bodies);
                    elements.push(Element { index: None, append: false, value: self.word()? });
                }
                Some(byte) if is_meta(byte) && !(matches!(byte, b'<' | b'>') && self.byte_at(1) == Some(b'(')) => {
                    return Err(self.unexpected());
                }
                Some(_) => elements.push(Element { index: None, append: false, value: self.word()? }),
            }
        }
    }

    /// A redirection, if one comes.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let mut ahead = 0;
        let mut fd = RedirectFd::Default;
        match self.byte() {
            Some(b'0'..=b'9') => {
                while self.byte_at(ahead).is_some_and(|byte| byte.is_ascii_digit()) {
                    ahead += 1;
                }
                if !matches!(self.byte_at(ahead), Some(b'<' | b'>')) {
                    return Ok(None);
                }
                let Ok(number) = self.src[self.pos..self.pos + ahead].parse() else { return Ok(None) };
                fd = RedirectFd::Number(number);
            }
            Some(b'{') => {
                ahead = 1;
                while self.byte_at(ahead).is_some_and(is_name) {
                    ahead += 1;
                }
                if ahead > 1 && self.byte_at(ahead) == Some(b'[') {
                    while !matches!(self.byte_at(ahead), None | Some(b']' | b'\n' | b' ')) {
                        ahead += 1;
                    }
                    ahead += usize::from(self.byte_at(ahead) == Some(b']'));
                }
                if ahead == 1
                    || self.byte_at(ahead) != Some(b'}')
                    || !matches!(self.byte_at(ahead + 1), Some(b'<' | b'>'))
                {
                    return Ok(None);
                }
                fd = RedirectFd::Variable(self.src[self.pos + 1..self.pos + ahead].into());
                ahead += 1;
            }
            Some(b'<' | b'>' | b'&') => {}
            _ => return Ok(None),
        }
        let pos = self.pos;
        self.take(ahead);
        let Some(operator) = self.operator() else {
            self.pos = pos;
            return Ok(None);
        };
        let Some(kind) = redirect_kind(operator) else {
            self.pos = pos;
            return Ok(None);
        };
        self.take(operator.len());
        self.blanks()?;
        if self.byte().is_none_or(is_meta)
            && !(matches!(self.byte(), Some(b'<' | b'>')) && self.byte_at(1) == Some(b'('))
        {
            return Err(self.missing_word());
        }
        let target = self.word()?;
        if let RedirectKind::Here { strip, .. } = kind {
            let quoted = target.as_literal().is_none() && !is_plain(&target);
            let delimiter = target.unquoted().unwrap_or_else(|| target.source().to_owned());
            let body = self.here_document(&delimiter, strip, quoted)?;
            let raw: Rc<str> = format!("{}\n{}{delimiter}", target.source(), body.source()).into();
            let body = Word { raw: Some(raw), ..body };
            return Ok(Some(Redirect { fd, kind: RedirectKind::Here { strip, quoted }, target: body }));
        }
        Ok(Some(Redirect { fd, kind, target }))
    }
}

/// Whether nothing of a delimiter was quoted.
fn is_plain(word: &Word) -> bool {
    !word.pieces.iter().any(|piece| matches!(piece, Piece::Quoted(_) | Piece::Double(_)))
}

/// `|&`: standard error goes the same way.
fn with_errors(command: Command) -> Command {
    let both = Redirect { fd: RedirectFd::Number(2), kind: RedirectKind::DuplicateOut, target: Word::literal("1") };
    match command {
        Command::Simple(mut simple) => {
            simple.redirects.push(both);
            Command::Simple(simple)
        }
        Command::Compound(compound, mut redirects, line) => {
            redirects.push(both);
            Command::Compound(compound, redirects, line)
        }
        Command::Function(function) => Command::Function(function),
    }
}

/// What an operator redirects.
fn redirect_kind(operator: &str) -> Option<RedirectKind> {
    Some(match operator {
        "<" => RedirectKind::Read,
        ">" => RedirectKind::Write,
        ">|" => RedirectKind::Clobber,
        ">>" => RedirectKind::Append,
        "<>" => RedirectKind::ReadWrite,
        "<&" => RedirectKind::DuplicateIn,
        ">&" => RedirectKind::DuplicateOut,
        "&>" => RedirectKind::Both,
        "&>>" => RedirectKind::AppendBoth,
        "<<" => RedirectKind::Here { strip: false, quoted: false },
        "<<-" => RedirectKind::Here { strip: true, quoted: false },
        "<<<" => RedirectKind::HereString,
        _ => return None,
    })
}

/// The word after `<`, where a command substitution is nothing but that.
pub(super) fn sole_file(list: &List) -> Option<Word> {
    let [item] = list.0.as_slice() else { return None };
    let [command] = item.chain.first.commands.as_slice() else { return None };
    let Command::Simple(simple) = &**command else { return None };
    if !simple.assigns.is_empty() || !simple.words.is_empty() || !item.chain.rest.is_empty() || item.background {
        return None;
    }
    match simple.redirects.as_slice() {
        [Redirect { fd: RedirectFd::Default | RedirectFd::Number(0), kind: RedirectKind::Read, target }] => {
            Some(target.clone())
        }
        _ => None,
    }
}
