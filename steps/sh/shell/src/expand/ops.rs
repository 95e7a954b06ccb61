//! The operators of `${…}`.

use super::escapes::{quote_double, quote_single};
use super::param::Val;
use super::{Quoting, quote};
use crate::pattern::Pattern;
use crate::run::{Flow, Ran};
use crate::shell::Shell;
use crate::syntax::ast::{Index, Name, Op, Param, ReplaceKind, Word};
use crate::vars::{self, Text};

impl Shell {
    /// What an operator makes of a value.
    pub(super) fn operate(&mut self, value: Val, param: &Param, shown: &str, quoting: Quoting) -> Ran<Val> {
        if let Op::Default { kind, colon, word } = &param.op {
            return self.or_default(value, param, (*kind, *colon, word), shown);
        }
        let is_list = matches!(value, Val::Many(..));
        if matches!(param.op, Op::Length)
            && self.state.options.nounset
            && let Name::Variable(name) = &param.name
            && is_list
            && !self.state.vars.contains_key(name)
            && matches!(&value, Val::Many(texts, _) if texts.is_empty())
        {
            return Err(self.unbound(name));
        }
        if matches!(value, Val::Unset) && self.state.options.nounset && !is_list {
            let name = match &param.name {
                Name::Positional(number) => format!("${number}"),
                Name::Special(_) => format!("${shown}"),
                Name::Variable(_) => shown.to_owned(),
            };
            return Err(self.unbound(&name));
        }
        match &param.op {
            Op::None | Op::Default { .. } | Op::Names(_) | Op::Keys => Ok(value),
            Op::Length => Ok(Val::One(length(&value).to_string().into())),
            Op::Slice(offset, count) => {
                let offset = self.arith_word(offset)?;
                let count = count.as_ref().map(|count| self.arith_word(count)).transpose()?;
                self.slice(value, param, offset, count)
            }
            Op::Remove { suffix, longest, pattern } => {
                let text = self.expand_pattern(pattern)?;
                let pattern = Pattern::new(&text, self.state.shopts.extglob, false);
                Ok(each(value, |text| remove(text, &pattern, *suffix, *longest)))
            }
            Op::Replace { kind, pattern, with } => {
                let pattern = self.pattern_of(pattern)?;
                let with = with.as_ref().map(|with| self.replacement(with, quoting)).transpose()?.unwrap_or_default();
                Ok(each(value, |text| replace(text, &pattern, &with, *kind)))
            }
            Op::Case { upper, all, pattern } => {
                let pattern = pattern.as_ref().map(|pattern| self.pattern_of(pattern)).transpose()?;
                Ok(each(value, |text| change_case(text, *upper, *all, pattern.as_ref())))
            }
            Op::Transform(kind) => self.transform(value, param, *kind),
        }
    }

    fn pattern_of(&mut self, word: &Word) -> Ran<Pattern> {
        let text = self.expand_pattern(word)?;
        Ok(Pattern::new(&text, self.state.shopts.extglob, self.state.shopts.nocasematch))
    }

    /// What replaces a match: an `&` that is not quoted stands for it.
    fn replacement(&mut self, word: &Word, _quoting: Quoting) -> Ran<Vec<Option<String>>> {
        if !self.state.shopts.patsub_replacement {
            return Ok(vec![Some(self.expand_text(word)?.to_string())]);
        }
        let text = self.one_text(&word.pieces, Quoting::None)?;
        Ok(text.around_ampersands())
    }

    /// `-`, `=`, `?` and `+`.
    fn or_default(&mut self, value: Val, param: &Param, op: (char, bool, &Word), shown: &str) -> Ran<Val> {
        let (kind, colon, word) = op;
        let missing = match &value {
            Val::Unset => true,
            Val::One(text) => colon && text.is_empty(),
            Val::Many(texts, _) => texts.is_empty() || (colon && texts.iter().all(|text| text.is_empty())),
            Val::Word(_) => false,
        };
        match (kind, missing) {
            ('+', true) => Ok(Val::Unset),
            ('+', false) => Ok(Val::Word(word.clone())),
            (_, false) => Ok(value),
            ('-', true) => Ok(Val::Word(word.clone())),
            ('=', true) => {
                let text = self.expand_text(word)?;
                match (&param.name, &param.index) {
                    (Name::Variable(name), None) => self.assign_text(name, &text)?,
                    (Name::Variable(name), Some(Index::Word(index))) => {
                        let key = self.subscript(name, index)?;
                        self.assign_element(name, &key, &text, false)?;
                    }
                    _ => {
                        self.complain(&format!("${shown}: cannot assign in this way"));
                        return Err(Flow::Discard(1));
                    }
                }
                Ok(Val::One(text))
            }
            _ => {
                let text = self.expand_text(word)?;
                let message = match (text.is_empty(), colon) {
                    (false, _) => text.to_string(),
                    (true, true) => "parameter null or not set".to_owned(),
                    (true, false) => "parameter not set".to_owned(),
                };
                self.complain(&format!("{shown}: {message}"));
                Err(Flow::Exit(self.expansion_status()))
            }
        }
    }

    /// `${name:offset:count}`.
    fn slice(&mut self, value: Val, param: &Param, offset: i64, count: Option<i64>) -> Ran<Val> {
        match value {
            Val::Many(texts, star) => {
                if let Some(count) = count.filter(|count| *count < 0) {
                    self.complain(&format!("{count}: substring expression < 0"));
                    return Err(Flow::Discard(1));
                }
                let chosen = match &param.name {
                    Name::Variable(name) => {
                        let all = self.elements(name);
                        // Where an array has gaps, the offset is a subscript and not a place.
                        let last = all.last().and_then(|(key, _)| key.parse::<i64>().ok()).unwrap_or(-1);
                        let from = if offset < 0 { last + 1 + offset } else { offset };
                        let is_map = self.is_map(name);
                        let after = |at: usize, key: &Text| {
                            if is_map { at as i64 >= from } else { key.parse::<i64>().is_ok_and(|key| key >= from) }
                        };
                        let all = all.iter().enumerate().filter(|(at, (key, _))| from >= 0 && after(*at, key));
                        all.map(|(_, (_, text))| text.clone()).collect()
                    }
                    _ => {
                        let mut all = vec![self.state.zero.clone()];
                        all.extend(texts);
                        let from = if offset < 0 { all.len() as i64 + offset } else { offset };
                        // Offset 0 is `$0`; all others count the parameters from 1.
                        if from < 0 { Vec::new() } else { all.into_iter().skip(from as usize).collect::<Vec<_>>() }
                    }
                };
                let count = count.map_or(usize::MAX, |count| count as usize);
                Ok(Val::Many(chosen.into_iter().take(count).collect(), star))
            }
            Val::One(text) => {
                let length = text.chars().count() as i64;
                let from = if offset < 0 { length + offset } else { offset };
                if from < 0 || from > length {
                    return Ok(Val::One("".into()));
                }
                let end = match count {
                    None => length,
                    Some(count) if count < 0 => {
                        if length + count < from {
                            self.complain(&format!("{count}: substring expression < 0"));
                            return Err(Flow::Discard(1));
                        }
                        length + count
                    }
                    Some(count) => from.saturating_add(count).min(length),
                };
                let part: String = text.chars().skip(from as usize).take((end - from) as usize).collect();
                Ok(Val::One(part.into()))
            }
            other => Ok(other),
        }
    }

    /// `${name@Q}` and its like.
    fn transform(&mut self, value: Val, param: &Param, kind: char) -> Ran<Val> {
        match kind {
            'Q' => Ok(each(value, quote_single)),
            'E' => Ok(each(value, super::escapes::ansi)),
            'U' => Ok(each(value, str::to_uppercase)),
            'u' => Ok(each(value, |text| change_case(text, Some(true), false, None))),
            'L' => Ok(each(value, str::to_lowercase)),
            'P' => {
                let mut failed = None;
                let texts = each(value, |text| match self.expand_prompt(text) {
                    Ok(text) => text,
                    Err(flow) => {
                        failed = Some(flow);
                        String::new()
                    }
                });
                failed.map_or(Ok(texts), Err)
            }
            'A' | 'a' | 'K' | 'k' => {
                let Name::Variable(name) = &param.name else { return Ok(value) };
                let name = name.clone();
                self.describe(&name, value, kind)
            }
            _ => {
                self.complain(&format!("${{{}@{kind}}}: bad substitution", super::param::shown(param)));
                Err(Flow::Discard(1))
            }
        }
    }

    /// A variable's attributes, or the words that would make it again.
    fn describe(&mut self, name: &str, value: Val, kind: char) -> Ran<Val> {
        let attributes = self.var(name).map_or(0, |var| var.attributes);
        let letters: String = [
            (vars::ARRAY, 'a'),
            (vars::MAP, 'A'),
            (vars::INTEGER, 'i'),
            (vars::LOWER, 'l'),
            (vars::READONLY, 'r'),
            (vars::UPPER, 'u'),
            (vars::EXPORT, 'x'),
        ]
        .into_iter()
        .filter(|(attribute, _)| attributes & attribute != 0)
        .map(|(_, letter)| letter)
        .collect();
        let is_array = attributes & (vars::ARRAY | vars::MAP) != 0;
        let elements = self.elements(name);
        Ok(match (kind, value) {
            ('a', Val::Many(texts, star)) => Val::Many(texts.iter().map(|_| letters.as_str().into()).collect(), star),
            ('a', _) => Val::One(letters.into()),
            ('k', Val::Many(_, star)) => {
                Val::Many(elements.into_iter().flat_map(|(key, text)| [key, text]).collect(), star)
            }
            ('K', Val::Many(..)) => {
                let pairs = elements.iter().map(|(key, text)| {
                    let plain = key.chars().all(|one| one.is_alphanumeric() || "_-./:,+%@".contains(one));
                    let key = if plain { key.to_string() } else { quote_double(key) };
                    format!("{key} {}", quote_double(text))
                });
                let text = pairs.collect::<Vec<_>>().join(" ");
                Val::One(if attributes & vars::MAP != 0 { format!("{text} ") } else { text }.into())
            }
            ('A', Val::Many(..)) if is_array => {
                let value = self.var(name).and_then(|var| crate::builtins::shown_assignment(name, var, false));
                Val::One(format!("declare -{letters} {}", value.unwrap_or_default()).into())
            }
            ('A', Val::One(text)) if letters.is_empty() => Val::One(format!("{name}={}", quote_single(&text)).into()),
            ('A', Val::One(text)) => Val::One(format!("declare -{letters} {name}={}", quote_single(&text)).into()),
            (_, Val::One(text)) => Val::One(quote(&text).into()),
            (_, other) => other,
        })
    }
}

fn length(value: &Val) -> usize {
    match value {
        Val::One(text) => text.chars().count(),
        Val::Many(texts, _) => texts.len(),
        Val::Unset | Val::Word(_) => 0,
    }
}

/// The same done to each of several texts.
fn each(value: Val, mut change: impl FnMut(&str) -> String) -> Val {
    match value {
        Val::One(text) => Val::One(change(&text).into()),
        Val::Many(texts, star) => Val::Many(texts.iter().map(|text| change(text).into()).collect(), star),
        other => other,
    }
}

fn remove(text: &str, pattern: &Pattern, suffix: bool, longest: bool) -> String {
    if let Some(literal) = pattern.literal() {
        let rest = if suffix { text.strip_suffix(&*literal) } else { text.strip_prefix(&*literal) };
        return rest.unwrap_or(text).to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let rest = if suffix {
        pattern.start(&chars, longest).and_then(|start| chars.get(..start))
    } else {
        pattern.end(&chars, 0, longest).and_then(|end| chars.get(end..))
    };
    rest.map_or_else(|| text.to_owned(), |rest| rest.iter().collect())
}

fn replace(text: &str, pattern: &Pattern, with: &[Option<String>], kind: ReplaceKind) -> String {
    let put = |found: &[char], into: &mut String| {
        for part in with {
            match part {
                Some(text) => into.push_str(text),
                None => into.extend(found),
            }
        }
    };
    if let (Some(literal), [] | [Some(_)]) = (pattern.literal(), with)
        && !literal.is_empty()
    {
        let with = with.first().and_then(Option::as_deref).unwrap_or_default();
        return match kind {
            ReplaceKind::First => text.replacen(&*literal, with, 1),
            ReplaceKind::All => text.replace(&*literal, with),
            ReplaceKind::Prefix => text.strip_prefix(&*literal).map_or(text.into(), |rest| format!("{with}{rest}")),
            ReplaceKind::Suffix => text.strip_suffix(&*literal).map_or(text.into(), |rest| format!("{rest}{with}")),
        };
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    match kind {
        ReplaceKind::Prefix => match pattern.end(&chars, 0, true) {
            Some(end) => {
                put(&chars[..end], &mut out);
                out.extend(&chars[end..]);
            }
            None => return text.to_owned(),
        },
        ReplaceKind::Suffix => match pattern.start(&chars, true) {
            Some(start) => {
                out.extend(&chars[..start]);
                put(&chars[start..], &mut out);
            }
            None => return text.to_owned(),
        },
        ReplaceKind::First | ReplaceKind::All => {
            let mut at = 0;
            let mut replaced = false;
            while at <= chars.len() {
                let end = if replaced && kind == ReplaceKind::First { None } else { pattern.end(&chars, at, true) };
                match end {
                    Some(end) if end > at => {
                        put(&chars[at..end], &mut out);
                        at = end;
                        replaced = true;
                    }
                    _ => {
                        out.extend(chars.get(at));
                        at += 1;
                    }
                }
            }
        }
    }
    out
}

/// To capital or small letters, or each to the other; all of the text or its first character.
fn change_case(text: &str, upper: Option<bool>, all: bool, pattern: Option<&Pattern>) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, char) in text.chars().enumerate() {
        let chosen = (all || at == 0) && pattern.is_none_or(|pattern| pattern.matches_chars(&[char]));
        let to_upper = upper.unwrap_or_else(|| char.is_lowercase());
        match (chosen, to_upper) {
            (false, _) => out.push(char),
            (true, true) => out.extend(char.to_uppercase()),
            (true, false) => out.extend(char.to_lowercase()),
        }
    }
    out
}
