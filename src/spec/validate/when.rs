//! Guards: `input operator values`, or a CEL expression that compiles.
//!
//! Knows the rules of one guard's fields. Does not evaluate.

use super::report::{Finding, Place, Report};
use super::step::one_of;
use crate::model::objects::WhenExpression;

/// Longest CEL expression that is compiled, in bytes.
const MAX_CEL: usize = 16 << 10;

/// The guards below `owner`.
pub(super) fn list(guards: &[WhenExpression], owner: &Place<'_>, report: &mut Report<'_>) {
    let all = owner.key("when");
    for (index, guard) in guards.iter().enumerate() {
        one(guard, &all.item(index), report);
    }
}

fn one(guard: &WhenExpression, own: &Place<'_>, report: &mut Report<'_>) {
    if !guard.cel.is_empty() {
        cel(guard, own, report);
        return;
    }
    if *guard == WhenExpression::default() {
        let finding = Finding::refuse("empty-guard", "the guard is empty")
            .help("write `input`, `operator` and `values`, or `cel`")
            .words("missing field(s)");
        report.add(own, finding);
        return;
    }
    if !matches!(guard.operator.as_str(), "in" | "notin") {
        let message = if guard.operator.is_empty() {
            "the guard says no `operator`".to_owned()
        } else {
            format!("`{}` is not an operator of guards", guard.operator)
        };
        let finding = Finding::refuse("bad-operator", message)
            .help(one_of(&guard.operator, &["in", "notin"]))
            .invalid(format!("operator \"{}\" is not recognized. valid operators: in,notin", guard.operator))
            .paths([own.path()]);
        report.add(&own.key("operator"), finding);
        return;
    }
    if guard.values.is_empty() {
        let finding = Finding::refuse("missing-values", "the guard compares with no values")
            .help("add `values`, a list of strings")
            .invalid("expecting non-empty values field")
            .paths([own.path()]);
        report.add(&own.key("values"), finding);
    }
}

fn cel(guard: &WhenExpression, own: &Place<'_>, report: &mut Report<'_>) {
    if !guard.input.is_empty() || !guard.operator.is_empty() || !guard.values.is_empty() {
        let finding =
            Finding::refuse("cel-with-input", "a guard is a CEL expression or input, operator and values, not both")
                .help("remove one of the two; two guards in the list must both hold")
                .words(format!(
                    "cel and input+operator+values cannot be set in one WhenExpression: &{{{} {} [{}] {}}}",
                    guard.input,
                    guard.operator,
                    guard.values.join(" "),
                    guard.cel
                ))
                .paths([""; 0]);
        report.add(&own.key("cel"), finding);
        return;
    }
    let Err(fault) = compile(&guard.cel) else { return };
    let path = own.path();
    let finding = Finding::refuse("bad-cel", format!("the CEL expression does not compile: {fault}"))
        .help("Tekton puts variables in as text, so they stand in quotes: '$(params.x)' == 'y'")
        .words("invalid cel expression: %s with err: %s")
        .paths([format!("{path}.{}", guard.cel), format!("{path}.ERROR: <input>:{fault}")]);
    report.add(&own.key("cel"), finding);
}

/// Parses an expression and looks for names that CEL, which gets no variables, does not know.
fn compile(text: &str) -> Result<(), String> {
    if text.len() > MAX_CEL {
        return Err(format!("it is longer than {MAX_CEL} bytes"));
    }
    let program = cel::Program::compile(text).map_err(|errors| {
        let first = errors.errors.first();
        first.map_or_else(|| "syntax error".to_owned(), |e| format!("{}:{}: {}", e.pos.0, e.pos.1, e.msg))
    })?;
    let references = program.references();
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bound = |name: &str| MACROS.iter().any(|m| dense.contains(&format!(".{m}({name},")));
    let mut unknown: Vec<&str> =
        references.variables().into_iter().filter(|v| !TYPES.contains(v) && !v.starts_with('@') && !bound(v)).collect();
    let is_name = |f: &&str| f.bytes().all(|b| b.is_ascii_alphanumeric()) && !f.is_empty();
    unknown.extend(references.functions().into_iter().filter(is_name).filter(|f| !FUNCTIONS.contains(f)));
    unknown.sort_unstable();
    match unknown.first() {
        Some(name) => Err(format!("undeclared reference to '{name}' (in container '')")),
        None => Ok(()),
    }
}

/// Names of types, which CEL knows without being given them.
const TYPES: [&str; 12] =
    ["bool", "bytes", "double", "duration", "dyn", "int", "list", "map", "null_type", "string", "timestamp", "type"];

/// Macros whose first argument names a variable of their own.
const MACROS: [&str; 5] = ["all", "exists", "exists_one", "map", "filter"];

/// CEL's standard functions.
const FUNCTIONS: [&str; 33] = [
    "all",
    "bool",
    "bytes",
    "contains",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "exists",
    "existsOne",
    "filter",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "has",
    "in",
    "int",
    "map",
    "matches",
    "size",
    "startsWith",
    "string",
    "timestamp",
    "type",
    "uint",
    "cel",
];
