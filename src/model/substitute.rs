//! Variable substitution over values: `$(params.x)`, `$(tasks.t.results.r[*])` and their kin.
//!
//! Knows how references are found in text and what takes their place, as Tekton's
//! `pkg/substitution` does: each scope is one pass from left to right, what was put in is not
//! looked at again by the same pass, and a reference that no scope knows stays as it is. A whole
//! array takes the place of a list element that is nothing but the reference. Every replacement
//! is paid from a budget; what it can't pay stays as written. Knows no variable by name except
//! params: scopes say what a name stands for.

use super::objects::{Param, WhenExpression};
use super::value::ParamValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

mod budget;
pub use budget::{Budget, ExpansionLimits, Overflow};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    String(Cow<'a, str>),
    Array(Cow<'a, [String]>),
    Object(Cow<'a, BTreeMap<String, String>>),
}

impl<'a> From<&'a ParamValue> for Lookup<'a> {
    fn from(value: &'a ParamValue) -> Self {
        match value {
            ParamValue::String(text) => Self::String(Cow::Borrowed(text)),
            ParamValue::Array(items) => Self::Array(Cow::Borrowed(items)),
            ParamValue::Object(map) => Self::Object(Cow::Borrowed(map)),
        }
    }
}

/// Names and what they stand for.
pub trait Scope {
    /// What `name`, the text between `$(` and `)`, stands for. Whole arrays and objects are also
    /// asked for without their `[*]`.
    fn lookup(&self, name: &str) -> Option<Lookup<'_>>;
}

/// Scopes in the order in which they are applied, and what they may expand to.
#[derive(Clone, Copy)]
pub struct Scopes<'a> {
    list: &'a [&'a dyn Scope],
    budget: &'a Budget,
}

impl<'a> Scopes<'a> {
    /// Scopes that pay from `budget`.
    #[must_use]
    pub fn new(list: &'a [&'a dyn Scope], budget: &'a Budget) -> Self {
        Self { list, budget }
    }

    /// The scopes that come after the one at `at`.
    fn after(&self, at: usize) -> Self {
        Self { list: self.list.get(at + 1..).unwrap_or_default(), budget: self.budget }
    }
}

/// Whether `text` can hold a reference at all.
#[must_use]
pub fn has_reference(text: &str) -> bool {
    next_reference(text, 0).is_some()
}

/// Where the next `$(` stands, from `from` on.
fn next_reference(text: &str, mut from: usize) -> Option<usize> {
    loop {
        let at = from + text.get(from..)?.find('$')?;
        if text.as_bytes().get(at + 1) == Some(&b'(') {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The next reference from `from` on that holds no other: where it begins and where it closes.
/// No name holds a `$`, so that of references in each other only the innermost is one.
fn innermost(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut start = next_reference(text, from)?;
    let end = text.get(start..)?.find(')').map(|i| i + start)?;
    while let Some(next) = next_reference(text.get(..end)?, start + 2) {
        start = next;
    }
    Some((start, end))
}

/// Whether any text in `value` can hold a reference.
#[must_use]
pub fn value_has_reference(value: &ParamValue) -> bool {
    match value {
        ParamValue::String(text) => has_reference(text),
        ParamValue::Array(items) => items.iter().any(|t| has_reference(t)),
        ParamValue::Object(map) => map.values().any(|t| has_reference(t)),
    }
}

/// `text` with every string that the scopes know in its place.
#[must_use]
pub fn text(text: &str, scopes: &Scopes<'_>) -> String {
    let mut current = Cow::Borrowed(text);
    for scope in scopes.list {
        if !has_reference(&current) {
            break;
        }
        if let Some(next) = pass(&current, *scope, scopes.budget) {
            current = Cow::Owned(next);
        }
    }
    current.into_owned()
}

/// One pass of one scope; `None` when nothing changes, or when the budget can't pay for it.
fn pass(text: &str, scope: &dyn Scope, budget: &Budget) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    let mut from = 0;
    while let Some((start, end)) = innermost(text, from) {
        let name = text.get(start + 2..end).unwrap_or_default();
        match scope.lookup(name) {
            Some(Lookup::String(value)) => {
                let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
                out.push_str(text.get(copied..start).unwrap_or_default());
                if !budget.text(out.len(), value.len()) {
                    return None;
                }
                out.push_str(&value);
                copied = end + 1;
                from = copied;
            }
            _ => from = end + 1,
        }
    }
    let mut out = out?;
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// `text` with the references that `value` knows replaced, whatever they hold; `None` where it would become longer
/// than `most` bytes.
#[must_use]
pub fn replaced<'t, 'v>(text: &'t str, most: usize, value: impl Fn(&str) -> Option<&'v str>) -> Option<Cow<'t, str>> {
    let mut out = String::new();
    let (mut copied, mut from) = (0, 0);
    while let Some((start, end)) = innermost(text, from) {
        from = end + 1;
        if let Some(value) = value(text.get(start + 2..end).unwrap_or_default()) {
            out.push_str(text.get(copied..start).unwrap_or_default());
            out.push_str(value);
            copied = from;
            if out.len() > most {
                return None;
            }
        }
    }
    if copied == 0 {
        return Some(Cow::Borrowed(text));
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(Cow::Owned(out))
}

/// The items with every reference replaced; an item that is nothing but a reference to an
/// array (with or without `[*]`) becomes the array's items.
#[must_use]
pub fn list(items: &[String], scopes: &Scopes<'_>) -> Vec<String> {
    if !items.iter().any(|t| has_reference(t)) {
        return items.to_vec();
    }
    let mut current = items.to_vec();
    for scope in scopes.list {
        let mut next = Vec::with_capacity(current.len());
        for item in current {
            match whole_array(&item, *scope, scopes.budget) {
                Some(array) => next.extend(array),
                None => next.push(pass(&item, *scope, scopes.budget).unwrap_or(item)),
            }
        }
        current = next;
    }
    current
}

/// The text between `$(` and `)` when `text` is one reference and nothing else.
fn exact(text: &str) -> Option<&str> {
    let name = text.strip_prefix("$(")?.strip_suffix(')')?;
    (!name.contains(')') && !name.contains("$(")).then_some(name)
}

fn whole_array(item: &str, scope: &dyn Scope, budget: &Budget) -> Option<Vec<String>> {
    let name = exact(item)?;
    match scope.lookup(name.strip_suffix("[*]").unwrap_or(name)) {
        Some(Lookup::Array(items)) => budget.texts(items.iter()).then(|| items.into_owned()),
        _ => None,
    }
}

/// A value with every reference replaced. A string that is nothing but a reference to an array
/// or object takes that type (Tekton: `applyOrCorrect`).
#[must_use]
pub fn value(value: &ParamValue, scopes: &Scopes<'_>) -> ParamValue {
    match value {
        ParamValue::Array(items) => ParamValue::Array(list(items, scopes)),
        ParamValue::Object(map) => {
            ParamValue::Object(map.iter().map(|(key, item)| (key.clone(), text(item, scopes))).collect())
        }
        ParamValue::String(string) => string_value(string, scopes),
    }
}

fn string_value(string: &str, scopes: &Scopes<'_>) -> ParamValue {
    let mut current = string.to_owned();
    for (at, scope) in scopes.list.iter().enumerate() {
        if !has_reference(&current) {
            break;
        }
        if let Some(name) = exact(&current) {
            match scope.lookup(name.strip_suffix("[*]").unwrap_or(name)) {
                Some(Lookup::Array(items)) if scopes.budget.texts(items.iter()) => {
                    return ParamValue::Array(list(&items, &scopes.after(at)));
                }
                Some(Lookup::Object(map)) if scopes.budget.texts(map.iter().flat_map(|(k, v)| [k, v])) => {
                    return self::value(&ParamValue::Object(map.into_owned()), &scopes.after(at));
                }
                Some(Lookup::String(_) | Lookup::Array(_) | Lookup::Object(_)) | None => {}
            }
        }
        if let Some(next) = pass(&current, *scope, scopes.budget) {
            current = next;
        }
    }
    ParamValue::String(current)
}

/// Params with their values replaced.
#[must_use]
pub fn params(params: &[Param], scopes: &Scopes<'_>) -> Vec<Param> {
    params.iter().map(|p| Param { name: p.name.clone(), value: p.value.as_ref().map(|v| value(v, scopes)) }).collect()
}

/// Guards with their input, values and CEL replaced. A whole array as `input` becomes JSON text.
#[must_use]
pub fn when(guards: &[WhenExpression], scopes: &Scopes<'_>) -> Vec<WhenExpression> {
    guards
        .iter()
        .map(|guard| WhenExpression {
            input: when_input(&guard.input, scopes),
            operator: guard.operator.clone(),
            values: list(&guard.values, scopes),
            cel: text(&guard.cel, scopes),
        })
        .collect()
}

fn when_input(input: &str, scopes: &Scopes<'_>) -> String {
    let mut current = input.to_owned();
    for scope in scopes.list {
        if !has_reference(&current) {
            break;
        }
        if let Some(items) = whole_array(&current, *scope, scopes.budget) {
            return ParamValue::Array(items).to_json_text();
        }
        if let Some(next) = pass(&current, *scope, scopes.budget) {
            current = next;
        }
    }
    current
}

/// The references in `text` whose names Tekton's validation and result lookup can see:
/// letters, digits, `_`, `.`, `-`, and at most one `[index]` or `[*]` at the end
/// (Tekton: `VariableSubstitutionRegex`).
#[must_use]
pub fn references(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((start, end)) = innermost(text, from) {
        let name = text.get(start + 2..end).unwrap_or_default();
        if is_plain_name(name) {
            found.push(name);
        }
        from = end + 1;
    }
    found
}

fn is_plain_name(name: &str) -> bool {
    let (base, index) = split_index(name).map_or((name, None), |(b, i)| (b, Some(i)));
    let index_fits = index.is_none_or(|i| i == "*" || (!i.is_empty() && is_digits(i)));
    index_fits && !base.is_empty() && base.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// `name[index]` as (`name`, `index`).
#[must_use]
pub fn split_index(name: &str) -> Option<(&str, &str)> {
    name.strip_suffix(']')?.rsplit_once('[')
}

/// The references in all texts of a value, in order.
#[must_use]
pub fn value_references(value: &ParamValue) -> Vec<&str> {
    match value {
        ParamValue::String(text) => references(text),
        ParamValue::Array(items) => items.iter().flat_map(|t| references(t)).collect(),
        ParamValue::Object(map) => map.values().flat_map(|t| references(t)).collect(),
    }
}

/// Params by name, as a scope: `params.x`, `params["x"]`, `params['x']`, with `[i]` for items of
/// arrays and `.key` for keys of objects; `inputs.params.x` too where `legacy` says so (Tasks).
#[derive(Debug, Clone, Copy)]
pub struct ParamScope<'a> {
    pub values: &'a BTreeMap<String, ParamValue>,
    pub legacy: bool,
}

impl Scope for ParamScope<'_> {
    fn lookup(&self, name: &str) -> Option<Lookup<'_>> {
        let name = match name.strip_prefix("inputs.") {
            Some(rest) if self.legacy => rest,
            Some(_) => return None,
            None => name,
        };
        select(name.strip_prefix("params")?, |key| self.values.get(key))
    }
}

/// Resolves what follows a prefix such as `params` or `tasks.t.results`: `.x`, `["x"]` or `['x']`,
/// then optionally `[i]` or `.key`.
pub fn select<'v>(rest: &str, get: impl Fn(&str) -> Option<&'v ParamValue>) -> Option<Lookup<'v>> {
    if let Some(quoted) = rest.strip_prefix('[') {
        let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (key, tail) = quoted.get(1..)?.split_once(quote)?;
        return member(get(key)?, tail.strip_prefix(']')?);
    }
    let dotted = rest.strip_prefix('.')?;
    if let Some(value) = get(dotted) {
        return Some(value.into());
    }
    if let Some((base, _)) = split_index(dotted)
        && let Some(value) = get(base)
    {
        return member(value, dotted.get(base.len()..)?);
    }
    dotted.match_indices('.').find_map(|(at, _)| match get(dotted.get(..at)?)? {
        ParamValue::Object(map) => map.get(dotted.get(at + 1..)?).map(|v| Lookup::String(Cow::Borrowed(v))),
        ParamValue::String(_) | ParamValue::Array(_) => None,
    })
}

/// A value (`tail` empty), an item of it (`[i]`) or a key of it (`.key`, `[key]`).
fn member<'v>(value: &'v ParamValue, tail: &str) -> Option<Lookup<'v>> {
    match (value, tail) {
        (_, "") => Some(value.into()),
        (ParamValue::Array(items), _) => {
            let index: usize = tail.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?;
            items.get(index).map(|v| Lookup::String(Cow::Borrowed(v)))
        }
        (ParamValue::Object(map), _) => {
            let key = tail.strip_prefix('.').or_else(|| tail.strip_prefix('[')?.strip_suffix(']'))?;
            map.get(key).map(|v| Lookup::String(Cow::Borrowed(v)))
        }
        (ParamValue::String(_), _) => None,
    }
}

/// A reference to a task's result, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRef<'a> {
    pub task: &'a str,
    pub result: &'a str,
    /// `[i]`; `[*]` and no index are both `None`.
    pub index: Option<usize>,
    pub key: Option<&'a str>,
}

impl<'a> ResultRef<'a> {
    /// Reads `tasks.<task>.results.<result>`, with `[i]`, `[*]` or `.key` after it, and the same
    /// under `finally`. `None` for anything else (Tekton: `ParseTaskExpression`).
    #[must_use]
    pub fn parse(expression: &'a str) -> Option<Self> {
        Self::under(expression, &["tasks", "finally"])
    }

    /// Reads `steps.<step>.results.<result>` the same way.
    #[must_use]
    pub fn parse_step(expression: &'a str) -> Option<Self> {
        Self::under(expression, &["steps"])
    }

    fn under(expression: &'a str, prefixes: &[&str]) -> Option<Self> {
        let mut parts = expression.split('.');
        let (prefix, task, word) = (parts.next()?, parts.next()?, parts.next()?);
        let (result, key) = (parts.next()?, parts.next());
        if !prefixes.contains(&prefix) || word != "results" || parts.next().is_some() {
            return None;
        }
        let (name, index) = split_index(result).map_or((result, ""), |(n, i)| (n, i));
        Some(Self { task, result: if key.is_some() { result } else { name }, index: index.parse().ok(), key })
    }
}

#[cfg(test)]
mod tests;
