//! Declared params: types, defaults, names, enums. And the params that a spec's text may use.
//!
//! Knows Tekton's rules for `ParamSpec`. Does not know where params are used.

use super::names::is_param_name;
use super::report::{Finding, Place, Report};
use super::variables::{self, Names};
use crate::model::decode::nearest;
use crate::model::objects::{Param, ParamSpec};
use crate::model::value::{ParamType, ParamValue};
use std::collections::{BTreeMap, BTreeSet};

/// The rules for a list of declared params, which stands at `place`. `tekton` are the paths of
/// the object that Tekton names (two for a pipeline: its tasks and its finally).
pub(super) fn declared(params: &[ParamSpec], place: &Place<'_>, tekton: &[String], report: &mut Report<'_>) {
    let paths = |rest: &str| -> Vec<String> { tekton.iter().map(|t| format!("{t}.params{rest}")).collect() };
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, param) in params.iter().enumerate() {
        let own = place.named(index, &param.name);
        let name = param.name.as_str();
        if let Some(first) = seen.get(name) {
            let line = report.line(&place.item(*first));
            let finding = Finding::refuse(
                "duplicate-param",
                format!("the param `{name}` is declared twice, first at line {line}"),
            )
            .help("remove or rename one of them")
            .words("parameter appears more than once")
            .paths(paths(&format!("[{name}]")));
            report.add(&own.key("name"), finding);
        } else {
            seen.insert(name, index);
        }
        types(param, &own, &paths, report);
        enums(param, &own, &paths, report);
        name_format(param, &own, &paths, report);
    }
}

fn types(param: &ParamSpec, own: &Place<'_>, paths: &dyn Fn(&str) -> Vec<String>, report: &mut Report<'_>) {
    let name = param.name.as_str();
    let Some(type_) = ParamType::from_name(&param.type_) else {
        let help = match nearest(&param.type_, &["string", "array", "object"]) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a param is a string, an array or an object".to_owned(),
        };
        let finding = Finding::refuse("bad-type", format!("`{}` is not a type of params", param.type_))
            .help(help)
            .invalid(&param.type_)
            .paths(paths(&format!(".{name}.type")));
        report.add(&own.key("type"), finding);
        return;
    };
    if let Some(default) = param.default.as_ref().filter(|d| d.param_type() != type_) {
        let found = default.param_type().name();
        let both = [paths(&format!(".{name}.default.type")), paths(&format!(".{name}.type"))].concat();
        let finding = Finding::refuse(
            "default-type",
            format!("the param `{name}` is {} and its default {}", a(type_.name()), a(found)),
        )
        .help(format!("write a default that is {}, or `type: {found}`", a(type_.name())))
        .words(format!("\"{}\" type does not match default value's type: \"{found}\"", type_.name()))
        .paths(both);
        report.add(&own.key("default"), finding);
        return;
    }
    let wrong: Vec<&str> = param
        .properties
        .iter()
        .flatten()
        .filter(|(_, property)| property.type_ != "string")
        .map(|(key, _)| key.as_str())
        .collect();
    if !wrong.is_empty() {
        let finding =
            Finding::refuse("bad-property", format!("the keys {} of `{name}` are not strings", wrong.join(", ")))
                .help("the values of an object param are strings: write `type: string`")
                .words(format!("The value type specified for these keys [{}] is invalid", wrong.join(" ")))
                .paths(paths(&format!(".{name}.properties")));
        report.add(&own.key("properties"), finding);
    }
}

fn a(type_: &str) -> String {
    if type_ == "string" { format!("a {type_}") } else { format!("an {type_}") }
}

fn enums(param: &ParamSpec, own: &Place<'_>, paths: &dyn Fn(&str) -> Vec<String>, report: &mut Report<'_>) {
    if param.enum_.is_empty() {
        return;
    }
    let path = paths(&format!("[{}]", param.name));
    let place = own.key("enum");
    if param.type_ != "string" {
        let finding = Finding::refuse(
            "bad-enum",
            format!("`{}` is {}, and only strings have an enum", param.name, a(&param.type_)),
        )
        .help("remove the enum, or make the param a string")
        .words("enum can only be set with string type param")
        .paths(path.clone());
        report.add(&place, finding);
    }
    let mut seen = BTreeSet::new();
    for (index, value) in param.enum_.iter().enumerate() {
        if !seen.insert(value) {
            let finding = Finding::refuse("bad-enum", format!("the enum of `{}` lists `{value}` twice", param.name))
                .help("remove one of them")
                .words(format!("parameter enum value {value} appears more than once"))
                .paths(path.clone());
            report.add(&place.item(index), finding);
        }
    }
    if let Some(default) = param.default.as_ref().and_then(ParamValue::as_str).filter(|d| !d.is_empty())
        && !param.enum_.iter().any(|v| v == default)
    {
        let finding =
            Finding::refuse("bad-enum", format!("the default `{default}` of `{}` is not in its enum", param.name))
                .help(format!("use one of: {}", param.enum_.join(", ")))
                .words(format!("param default value {default} not in the enum list"))
                .paths(path);
        report.add(&own.key("default"), finding);
    }
}

fn name_format(param: &ParamSpec, own: &Place<'_>, paths: &dyn Fn(&str) -> Vec<String>, report: &mut Report<'_>) {
    let object = param.type_ == "object";
    if !object && !is_param_name(&param.name, true) {
        let finding = Finding::refuse("bad-param-name", format!("`{}` cannot be the name of a param", param.name))
            .help("begin with a letter or _, go on with letters, digits, - _ and .")
            .words(format!("The format of following array and string variable names is invalid: [{}]", param.name))
            .paths(paths(""))
            .details("String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)");
        report.add(&own.key("name"), finding);
    }
    if !object {
        return;
    }
    let keys: Vec<&str> =
        param.properties.iter().flatten().map(|(k, _)| k.as_str()).filter(|k| !is_param_name(k, false)).collect();
    if !keys.is_empty() || !is_param_name(&param.name, false) {
        let what = if keys.is_empty() {
            format!("`{}`", param.name)
        } else {
            format!("the keys {} of `{}`", keys.join(", "), param.name)
        };
        let finding = Finding::refuse("bad-param-name", format!("{what} cannot be a name of an object param or its key"))
            .help("begin with a letter or _, go on with letters, digits, - and _; objects and their keys have no dots")
            .words(format!("Object param name and key name format is invalid: map[{}:[{}]]", param.name, keys.join(" ")))
            .paths(paths(""))
            .details("Object Names: \nMust only contain alphanumeric characters, hyphens (-), underscores (_) \nMust begin with a letter or an underscore (_)");
        report.add(&own.key("name"), finding);
    }
}

/// An object param that does not declare its keys.
pub(super) fn without_properties(param: &ParamSpec) -> Finding {
    Finding::refuse("missing-properties", format!("the object param `{}` does not say its keys", param.name))
        .help("add `properties: {key: {type: string}}`")
        .words("missing field(s)")
        .paths([format!("spec.{}.properties", param.name)])
}

/// Object params need their keys declared. Tekton says so only where it checks the use of params.
pub(super) fn objects_have_properties(params: &[ParamSpec], place: &Place<'_>, report: &mut Report<'_>) {
    for (index, param) in params.iter().enumerate() {
        if param.type_ == "object" && param.properties.is_none() {
            report.add(&place.item(index).key("name"), without_properties(param));
        }
    }
}

/// Names of values given by a run, a task or a reference: each once, without regard to case.
/// `tekton` makes the path of a double from its name.
pub(super) fn values_once(params: &[Param], place: &Place<'_>, report: &mut Report<'_>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, param) in params.iter().enumerate() {
        let Some(first) = seen.insert(param.name.to_lowercase(), index) else { continue };
        let line = report.line(&place.item(first));
        let finding = Finding::refuse(
            "duplicate-param",
            format!("the param `{}` is given twice, first at line {line}", param.name),
        )
        .help("keep one of the two values")
        .words("expected exactly one, got both")
        .paths([format!("{}[{}].name", place.path(), param.name)]);
        report.add(&place.item(index).key("name"), finding);
    }
}

/// The params that text may use, sorted by what they are.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub all: BTreeSet<&'a str>,
    pub arrays: BTreeSet<&'a str>,
    /// Keys by object.
    pub objects: BTreeMap<&'a str, BTreeSet<&'a str>>,
    object_names: BTreeSet<&'a str>,
}

impl<'a> Scope<'a> {
    /// The scope of declared params.
    pub(super) fn of(params: impl IntoIterator<Item = &'a ParamSpec>) -> Self {
        let mut scope = Self::default();
        for param in params {
            let keys = param.properties.iter().flatten().map(|(k, _)| k.as_str()).collect();
            scope.insert(&param.name, ParamType::from_name(&param.type_).unwrap_or_default(), keys);
        }
        scope
    }

    /// Adds a param, or says again what it is.
    pub(super) fn insert(&mut self, name: &'a str, type_: ParamType, keys: BTreeSet<&'a str>) {
        self.all.insert(name);
        self.arrays.remove(name);
        self.objects.remove(name);
        self.object_names.remove(name);
        match type_ {
            ParamType::String => {}
            ParamType::Array => {
                self.arrays.insert(name);
            }
            ParamType::Object => {
                self.objects.insert(name, keys);
                self.object_names.insert(name);
            }
        }
    }

    /// Names of the objects.
    pub(super) fn object_names(&self) -> &BTreeSet<&'a str> {
        &self.object_names
    }

    /// A reference in `text` to a param that is not here, or to a key that its object does not have.
    pub(super) fn unknown(&self, text: &str) -> Vec<Finding> {
        let names = Names { prefix: "params", known: &self.all, help: "declare it under `params`" };
        variables::unknown(text, &names).into_iter().chain(self.unknown_keys(text)).collect()
    }

    /// A reference to a key that an object does not have.
    pub(super) fn unknown_keys(&self, text: &str) -> Vec<Finding> {
        if self.objects.is_empty() || !text.contains("$(params") {
            return Vec::new();
        }
        variables::object_keys(text)
            .into_iter()
            .filter_map(|name| {
                let keys = self.objects.get(name)?;
                let prefix = format!("params.{name}");
                let help = "declare the key under the param's `properties`";
                variables::unknown(text, &Names { prefix: &prefix, known: keys, help })
            })
            .collect()
    }

    /// Faults of a field that takes strings (Tekton: `validateStringVariable`).
    pub(super) fn in_string(&self, text: &str) -> Vec<Finding> {
        if !text.contains("$(params") {
            return Vec::new();
        }
        let mut found = self.unknown(text);
        found.extend(variables::object_in_string(text, &self.object_names));
        found.extend(variables::array_in_string(text, &self.arrays));
        found
    }

    /// Faults of an element that may be a whole array (Tekton: `validateArrayVariable`).
    pub(super) fn in_element(&self, text: &str) -> Vec<Finding> {
        if !text.contains("$(params") {
            return Vec::new();
        }
        let mut found = self.unknown(text);
        found.extend(variables::object_in_string(text, &self.object_names));
        found.extend(variables::array_not_alone(text, &self.arrays));
        found
    }
}
