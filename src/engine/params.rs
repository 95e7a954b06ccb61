//! Params: defaults under given values, and the checks before anything starts.
//!
//! Knows Tekton's rules and texts for missing params, types, enums, object keys and array
//! indices, and how a default may refer to other params. Does not know what a param is used for.

use super::state::Values;
use crate::model::objects::{Param, ParamSpec};
use crate::model::substitute::{self, Budget, ParamScope, Scopes, references, split_index};
use crate::model::value::{ParamType, ParamValue};
use std::collections::{BTreeMap, BTreeSet};

/// Tekton's `maxParamReferenceDepth`.
const MAX_DEPTH: usize = 10;

/// Given params by name; a name given twice counts once, the last.
pub(super) fn given(params: &[Param]) -> Values {
    params.iter().map(|p| (p.name.clone(), p.value.clone().unwrap_or_default())).collect()
}

/// Go's way to print a list of strings.
pub(super) fn go_list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    format!("[{}]", items.join(" "))
}

/// Go's way to print a map of lists of strings.
fn go_map(map: &BTreeMap<String, Vec<String>>) -> String {
    let entries: Vec<_> = map.iter().map(|(k, v)| format!("{k}:{}", go_list(v))).collect();
    format!("map[{}]", entries.join(" "))
}

/// The declared type; string where none was inferred.
pub(super) fn declared_type(spec: &ParamSpec) -> ParamType {
    ParamType::from_name(&spec.type_).unwrap_or_else(|| {
        if spec.properties.is_some() {
            ParamType::Object
        } else {
            spec.default.as_ref().map_or(ParamType::String, ParamValue::param_type)
        }
    })
}

/// What values take in memory, in bytes, roughly.
pub(super) fn size(values: &Values) -> usize {
    const ENTRY: usize = std::mem::size_of::<(String, ParamValue)>();
    values.iter().fold(0, |sum, (name, value)| {
        let own = match value {
            ParamValue::String(text) => text.len(),
            ParamValue::Array(items) => items.iter().map(|t| t.len() + ENTRY).sum(),
            ParamValue::Object(map) => map.iter().map(|(k, v)| k.len() + v.len() + ENTRY).sum(),
        };
        sum + name.len() + own + ENTRY
    })
}

/// Declared params without default that were not given.
pub(super) fn missing(specs: &[ParamSpec], is_given: impl Fn(&str) -> bool) -> Vec<&str> {
    specs.iter().filter(|s| s.default.is_none() && !is_given(&s.name)).map(|s| s.name.as_str()).collect()
}

/// Object params that lack declared keys in value and default together, as Go prints them.
/// Params without any value are not looked at (Tekton: `findMissingKeys`).
pub(super) fn missing_keys(specs: &[ParamSpec], values: &Values) -> Option<String> {
    let mut missing = BTreeMap::new();
    for spec in specs.iter().filter(|s| declared_type(s) == ParamType::Object) {
        let Some(properties) = &spec.properties else {
            continue;
        };
        let mut provided: Vec<&String> = Vec::new();
        let mut any = false;
        for value in [spec.default.as_ref(), values.get(&spec.name)].into_iter().flatten() {
            if let ParamValue::Object(map) = value {
                any = true;
                provided.extend(map.keys());
            }
        }
        let lacking: Vec<String> = properties.keys().filter(|k| !provided.contains(k)).cloned().collect();
        if any && !lacking.is_empty() {
            missing.insert(spec.name.clone(), lacking);
        }
    }
    (!missing.is_empty()).then(|| go_map(&missing))
}

/// A value that its param's enum doesn't hold (Tekton: `ValidateEnumParam`).
pub(super) fn outside_enum<'a>(
    specs: &[ParamSpec],
    params: impl IntoIterator<Item = (&'a String, &'a ParamValue)>,
) -> Option<String> {
    params.into_iter().find_map(|(name, value)| {
        let text = value.as_str().filter(|t| !t.is_empty())?;
        let spec = specs.iter().rfind(|s| &s.name == name && !s.enum_.is_empty())?;
        (!spec.enum_.iter().any(|e| e == text)).then(|| format!("param `{name}` value: {text} is not in the enum list"))
    })
}

/// Checks a task's params (Tekton: `validateParams`); the text without its prefix.
pub(super) fn check_task(specs: &[ParamSpec], params: &[(&str, &ParamValue)], matrix: &[&Param]) -> Result<(), String> {
    if specs.is_empty() {
        return Ok(());
    }
    let is_given = |name: &str| params.iter().any(|p| p.0 == name) || matrix.iter().any(|p| p.name == name);
    let lacking = missing(specs, is_given);
    if !lacking.is_empty() {
        return Err(format!("missing values for these params which have no default values: {}", go_list(&lacking)));
    }
    let wanted = |name: &str| specs.iter().rfind(|s| s.name == name).map(declared_type);
    let mut wrong: Vec<&str> = Vec::new();
    for (name, value) in params {
        let Some(wanted) = wanted(name) else {
            continue;
        };
        let deferred = wanted != ParamType::String && value.as_str().is_some_and(|t| !references(t).is_empty());
        if !deferred && value.param_type() != wanted {
            wrong.push(name);
        }
    }
    wrong.extend(
        matrix.iter().filter(|p| wanted(&p.name).is_some_and(|t| t != ParamType::String)).map(|p| p.name.as_str()),
    );
    if !wrong.is_empty() {
        return Err(format!("param types don't match the user-specified type: {}", go_list(&wrong)));
    }
    if specs.iter().all(|s| declared_type(s) != ParamType::Object) {
        return Ok(());
    }
    let values = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone())).collect();
    match missing_keys(specs, &values) {
        Some(keys) => Err(format!("missing keys for these params which are required in ParamSpec's properties {keys}")),
        None => Ok(()),
    }
}

/// Params as a check sees them; one without a value is an empty string.
pub(super) fn pairs(params: &[Param]) -> Vec<(&str, &ParamValue)> {
    static EMPTY: ParamValue = ParamValue::String(String::new());
    params.iter().map(|p| (p.name.as_str(), p.value.as_ref().unwrap_or(&EMPTY))).collect()
}

/// References to items beyond the end of an array param, as Tekton lists them.
pub(super) fn out_of_bounds<'a>(texts: impl IntoIterator<Item = &'a str>, values: &Values) -> Option<String> {
    let mut beyond: BTreeSet<String> = BTreeSet::new();
    for text in texts {
        for name in references(text) {
            let Some((base, index)) = split_index(name) else {
                continue;
            };
            let array = base.strip_prefix("params.").and_then(|n| values.get(n));
            if let (Some(ParamValue::Array(items)), Ok(index)) = (array, index.parse::<usize>())
                && index >= items.len()
            {
                beyond.insert(format!("$({name})"));
            }
        }
    }
    let beyond: Vec<_> = beyond.into_iter().collect();
    (!beyond.is_empty()).then(|| format!("non-existent param references:{}", go_list(&beyond)))
}

/// Given values over defaults for a pipeline; defaults may refer to other params.
///
/// # Errors
/// Tekton's texts for references in a circle, too deep, or to no param.
pub(super) fn resolve_pipeline(specs: &[ParamSpec], given: Values, budget: &Budget) -> Result<Values, String> {
    let mut resolver = Defaults { specs, done: given, visiting: Vec::new(), budget };
    for spec in specs.iter().filter(|s| declared_type(s) == ParamType::String) {
        resolver.string(&spec.name)?;
    }
    let mut values = resolver.done;
    for spec in specs.iter().filter(|s| declared_type(s) != ParamType::String) {
        merge_default(spec, &mut values, budget);
    }
    Ok(values)
}

/// Puts a default under what is given: an object key by key.
fn merge_default(spec: &ParamSpec, values: &mut Values, budget: &Budget) {
    let Some(default) = &spec.default else {
        return;
    };
    let scope = ParamScope { values, legacy: true };
    let default = substitute::value(default, &Scopes::new(&[&scope], budget));
    match (values.get_mut(&spec.name), default) {
        (None, default) => {
            values.insert(spec.name.clone(), default);
        }
        (Some(ParamValue::Object(own)), ParamValue::Object(default)) => {
            for (key, value) in default {
                own.entry(key).or_insert(value);
            }
        }
        (Some(_), _) => {}
    }
}

struct Defaults<'a> {
    specs: &'a [ParamSpec],
    done: Values,
    visiting: Vec<&'a str>,
    budget: &'a Budget,
}

impl<'a> Defaults<'a> {
    /// Resolves the default of the string param `name`, after those it refers to.
    fn string(&mut self, name: &str) -> Result<(), String> {
        if self.done.contains_key(name) {
            return Ok(());
        }
        let spec = self.specs.iter().find(|s| s.name == name);
        let Some((spec, Some(ParamValue::String(default)))) = spec.map(|s| (s, s.default.as_ref())) else {
            return Ok(());
        };
        if self.visiting.contains(&name) {
            return Err(format!(
                "parameter resolution failed: circular dependency detected in param \"params.{name}\""
            ));
        }
        if self.visiting.len() > MAX_DEPTH {
            return Err(format!(
                "parameter resolution failed: maximum recursion depth ({MAX_DEPTH}) exceeded for param \"params.{name}\""
            ));
        }
        self.visiting.push(&spec.name);
        for reference in references(default) {
            let Some(other) = reference.strip_prefix("params.") else {
                continue;
            };
            self.string(other)?;
            let scope = ParamScope { values: &self.done, legacy: false };
            let known = substitute::Scope::lookup(&scope, reference);
            if !matches!(known, Some(substitute::Lookup::String(_))) {
                return Err(format!(
                    "parameter resolution failed: param \"params.{name}\" references undefined param \"{reference}\""
                ));
            }
        }
        self.visiting.pop();
        let scope = ParamScope { values: &self.done, legacy: false };
        let value = substitute::text(default, &Scopes::new(&[&scope], self.budget));
        self.done.insert(name.to_owned(), ParamValue::String(value));
        Ok(())
    }
}

/// Given values over defaults for a task or StepAction. A default that refers to other params
/// takes their values as far as they are known; the rest stays as written.
pub(super) fn resolve_task(specs: &[ParamSpec], given: &Values, budget: &Budget) -> Values {
    let mut values = given.clone();
    let refers = |s: &ParamSpec| s.default.as_ref().is_some_and(substitute::value_has_reference);
    for spec in specs.iter().filter(|s| !refers(s)) {
        merge_default(spec, &mut values, budget);
    }
    let mut open: Vec<&ParamSpec> = specs.iter().filter(|s| refers(s)).collect();
    for _ in 0..MAX_DEPTH {
        if open.is_empty() {
            break;
        }
        let names: Vec<&str> = open.iter().map(|s| s.name.as_str()).collect();
        let (later, now): (Vec<_>, Vec<_>) = open.iter().partition(|s| {
            let refs = s.default.as_ref().map(substitute::value_references);
            refs.unwrap_or_default().iter().any(|r| {
                let name = r.strip_prefix("params.").map(|n| split_index(n).map_or(n, |(b, _)| b));
                name.is_some_and(|n| names.contains(&n) && !values.contains_key(n))
            })
        });
        if now.is_empty() {
            break;
        }
        for spec in now {
            merge_default(spec, &mut values, budget);
        }
        open = later;
    }
    for spec in open {
        merge_default(spec, &mut values, budget);
    }
    values
}
