//! `${…}`: what a parameter's value is, before and after its operator.

use super::Quoting;
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::syntax::ast::{Index, Name, Op, Param, Word};
use crate::vars::{NAMEREF, Text, Value};

/// The value of an expansion.
#[derive(Debug, Clone)]
pub enum Val {
    Unset,
    One(Text),
    /// Several, and whether `*` asked for them.
    Many(Vec<Text>, bool),
    /// What a word stands for that is still to be expanded.
    Word(Word),
}

impl Param {
    /// Whether it is `$@`, or all elements of an array: as many fields as there are, or none.
    pub fn is_list(&self) -> bool {
        match (&self.op, &self.name, &self.index) {
            (Op::Length, ..) => false,
            (Op::Names(at), ..) => *at,
            (_, Name::Special('@'), _) | (_, _, Some(Index::At)) => true,
            _ => false,
        }
    }
}

impl Shell {
    /// The value of `${…}`.
    pub(super) fn param(&mut self, param: &Param, quoting: Quoting) -> Ran<Val> {
        if let (Op::None, Name::Variable(name), None, false) = (&param.op, &param.name, &param.index, param.indirect) {
            return match self.var_text(name) {
                Some(text) => Ok(Val::One(text)),
                None if self.state.options.nounset => Err(self.unbound(name)),
                None => Ok(Val::Unset),
            };
        }
        match &param.op {
            Op::Names(at) => return Ok(self.names_with(param, *at)),
            Op::Keys => return Ok(self.keys(param)),
            _ => {}
        }
        if param.indirect {
            return self.indirect(param, quoting);
        }
        let value = self.base(param)?;
        let shown = shown(param);
        self.operate(value, param, &shown, quoting)
    }

    /// A parameter's own value.
    fn base(&mut self, param: &Param) -> Ran<Val> {
        let some = |text: Option<Text>| text.map_or(Val::Unset, Val::One);
        Ok(match &param.name {
            Name::Positional(0) => Val::One(self.state.zero.clone()),
            Name::Positional(number) => some(self.positional(*number as usize).cloned()),
            Name::Special('@') => Val::Many(self.state.positional.to_vec(), false),
            Name::Special('*') => Val::Many(self.state.positional.to_vec(), true),
            Name::Special(char) => some(self.special_char(*char)),
            Name::Variable(name) => match &param.index {
                None => some(self.var_text(name)),
                Some(Index::At | Index::Star) => {
                    let values = self.elements(name).into_iter().map(|(_, text)| text).collect();
                    Val::Many(values, matches!(param.index, Some(Index::Star)))
                }
                Some(Index::Word(word)) => {
                    let key = self.subscript(name, word)?;
                    some(self.element(name, &key))
                }
            },
        })
    }

    /// `$#`, `$?` and their like.
    fn special_char(&mut self, char: char) -> Option<Text> {
        match char {
            '#' => Some(self.state.positional.len().to_string().into()),
            '?' => Some(self.state.status.to_string().into()),
            '$' => Some(self.state.number.to_string().into()),
            '!' => self.state.background.map(|number| number.to_string().into()),
            '-' => Some(self.option_letters().into()),
            '0' => Some(self.state.zero.clone()),
            _ => None,
        }
    }

    /// What `${!name}` and its operator stand for: the parameter that `name` names.
    fn indirect(&mut self, param: &Param, quoting: Quoting) -> Ran<Val> {
        if let (Name::Variable(name), None) = (&param.name, &param.index)
            && let Some(var) = self.state.vars.get(name).filter(|var| var.has(NAMEREF))
        {
            let target = if let Value::Text(target) = &var.value { target.clone() } else { "".into() };
            return Ok(Val::One(target));
        }
        let inner = Param { indirect: false, op: Op::None, ..param.clone() };
        let target = match self.base(&inner)? {
            Val::One(text) => text,
            Val::Many(texts, _) => texts.join(" ").into(),
            _ => {
                self.complain(&format!("{}: invalid indirect expansion", shown(param)));
                return Err(Flow::Discard(1));
            }
        };
        let (name, index) = match target.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
            None => (&*target, None),
        };
        let index = index.map(|index| match index {
            "@" => Index::At,
            "*" => Index::Star,
            index => Index::Word(Word::literal(index)),
        });
        let name = match name {
            "@" | "*" | "#" | "?" | "-" | "$" | "!" => Name::Special(name.chars().next().unwrap_or('@')),
            name => match name.parse() {
                Ok(number) => Name::Positional(number),
                Err(_) if crate::vars::is_name(name) => Name::Variable(name.into()),
                Err(_) => {
                    self.complain(&format!("{target}: invalid variable name"));
                    return Err(Flow::Discard(1));
                }
            },
        };
        let found = Param { name, index, indirect: false, op: param.op.clone() };
        let value = self.base(&found)?;
        self.operate(value, &found, &shown(&found), quoting)
    }

    /// `${!prefix*}`.
    fn names_with(&mut self, param: &Param, at: bool) -> Val {
        let Name::Variable(prefix) = &param.name else { return Val::Unset };
        let mut names: Vec<Text> = self
            .state
            .vars
            .iter()
            .filter(|(name, var)| name.starts_with(&**prefix) && !matches!(var.value, Value::Unset))
            .map(|(name, _)| name.clone())
            .collect();
        let special = crate::special::NAMES.iter().filter(|name| name.starts_with(&**prefix));
        let special: Vec<&str> = special.copied().filter(|name| !self.state.vars.contains_key(*name)).collect();
        names.extend(special.into_iter().filter(|name| self.special_text(name).is_some()).map(Text::from));
        names.sort();
        Val::Many(names, !at)
    }

    /// `${!array[@]}`.
    fn keys(&mut self, param: &Param) -> Val {
        let Name::Variable(name) = &param.name else { return Val::Unset };
        let keys = self.elements(name).into_iter().map(|(key, _)| key).collect();
        Val::Many(keys, matches!(param.index, Some(Index::Star)))
    }

    /// The options as `$-` shows them.
    fn option_letters(&self) -> String {
        let mut letters: String = crate::state::LETTERS
            .iter()
            .filter(|(_, name)| self.state.options.get(name) == Some(true))
            .map(|(letter, _)| *letter)
            .collect();
        letters.push_str(&self.state.flags);
        letters
    }
}

/// A parameter as messages name it.
pub(super) fn shown(param: &Param) -> String {
    let name = match &param.name {
        Name::Variable(name) => name.to_string(),
        Name::Positional(number) => number.to_string(),
        Name::Special(char) => char.to_string(),
    };
    match &param.index {
        None => name,
        Some(Index::At) => format!("{name}[@]"),
        Some(Index::Star) => format!("{name}[*]"),
        Some(Index::Word(word)) => format!("{name}[{}]", word.source()),
    }
}
