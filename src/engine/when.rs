//! Guards: whether a task or step may run.
//!
//! Knows `in`, `notin` and CEL. Does not know whose guard it is or what follows from it;
//! variables have been replaced before.

use crate::model::objects::WhenExpression;
use cel::ExecutionError;
use cel::extractors::This;
use regex::RegexBuilder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Longest CEL expression that is looked at, in bytes.
pub const MAX_CEL_LENGTH: usize = 16 << 10;
/// Deepest nesting of brackets and unary operators in a CEL expression.
pub const MAX_CEL_DEPTH: usize = 64;

/// Most steps that evaluating a CEL expression may take, by [`cost`].
pub const MAX_CEL_COST: u64 = 1_000_000;

/// Most bytes that a compiled regular expression may have.
const MAX_REGEX: usize = 128 << 10;

/// What matching a regular expression counts as, in steps: reading it is most of that.
const REGEX_COST: u64 = 50_000;

/// What is wrong with a CEL expression, as a lower-case fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CelError {
    /// Larger than this engine looks at.
    #[error("the CEL expression is longer than {MAX_CEL_LENGTH} bytes or nested deeper than {MAX_CEL_DEPTH}")]
    TooLarge,
    /// It might take longer, or make larger values, than a guard may.
    #[error(
        "evaluating the CEL expression could take more than {MAX_CEL_COST} steps: use fewer or shorter lists in its macros"
    )]
    TooCostly,
    /// It doesn't compile.
    #[error("{0}")]
    Compile(String),
    /// It can't be evaluated.
    #[error("{0}")]
    Evaluate(String),
    /// Its value isn't true or false.
    #[error("The CEL expression {0} is not evaluated to a boolean")]
    NotBoolean(String),
}

/// Whether all guards hold. CEL is evaluated even where an earlier guard has said no, as Tekton does.
///
/// # Errors
/// A CEL expression that doesn't compile or has no boolean value.
pub(super) fn allows(guards: &[WhenExpression]) -> Result<bool, CelError> {
    let mut allowed = true;
    for guard in guards {
        if !guard.cel.is_empty() {
            allowed &= cel(&guard.cel)?;
        }
        let found = guard.values.contains(&guard.input);
        allowed &= if guard.operator == "in" { found } else { !found };
    }
    Ok(allowed)
}

/// The value of a CEL expression without variables.
fn cel(source: &str) -> Result<bool, CelError> {
    if source.len() > MAX_CEL_LENGTH || depth(source) > MAX_CEL_DEPTH {
        return Err(CelError::TooLarge);
    }
    if cost(source) > MAX_CEL_COST {
        return Err(CelError::TooCostly);
    }
    // The parser is generated code of another project: should it panic on some text, that text
    // is what is wrong, not this run.
    catch_unwind(AssertUnwindSafe(|| evaluate(source)))
        .unwrap_or_else(|_| Err(CelError::Compile("the expression cannot be parsed".to_owned())))
}

fn evaluate(source: &str) -> Result<bool, CelError> {
    let program = cel::Program::compile(source).map_err(|e| CelError::Compile(e.to_string()))?;
    let mut context = cel::Context::default();
    context.add_function("matches", matches).map_err(|e| CelError::Compile(e.to_string()))?;
    let value = program.execute(&context).map_err(|e| CelError::Evaluate(e.to_string()))?;
    match value {
        cel::Value::Bool(value) => Ok(value),
        _ => Err(CelError::NotBoolean(source.to_owned())),
    }
}

/// CEL's `matches`, as a function and as a method: RE2's syntax, found anywhere in the text.
fn matches(This(text): This<Arc<String>>, pattern: Arc<String>) -> Result<bool, ExecutionError> {
    let mut builder = RegexBuilder::new(&pattern);
    let compiled = builder.size_limit(MAX_REGEX).dfa_size_limit(MAX_REGEX).build();
    let regex = compiled.map_err(|error| ExecutionError::function_error("matches", error))?;
    Ok(regex.is_match(&text))
}

/// An upper bound of how many steps evaluating takes, and of how large its values grow. Lists
/// come from literals and `+` alone, so none is longer than there are commas and plus signs;
/// each macro goes through one list, within or after the others.
fn cost(source: &str) -> u64 {
    let longest = 1 + source.bytes().filter(|b| matches!(b, b',' | b'+')).count();
    let macros = ["all", "exists", "exists_one", "map", "filter"];
    let calls = source.split('(').filter(|before| {
        let name = before.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        name.is_some_and(|name| macros.contains(&name))
    });
    let turns = calls.fold(1, |cost: u64, _| cost.saturating_mul(u64::try_from(longest.max(2)).unwrap_or(u64::MAX)));
    let regexes = u64::try_from(source.matches("matches").count()).unwrap_or(u64::MAX);
    turns.saturating_mul(regexes.saturating_mul(REGEX_COST).max(1))
}

/// An upper bound of how deep a parser has to go: brackets, and runs of unary operators.
fn depth(source: &str) -> usize {
    let (mut now, mut most, mut unary) = (0usize, 0usize, 0usize);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' | b'?' => now += 1,
            b')' | b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
        unary = if matches!(byte, b'!' | b'-') { unary + 1 } else { 0 };
        most = most.max(now + unary);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(input: &str, operator: &str, values: &[&str]) -> WhenExpression {
        WhenExpression {
            input: input.to_owned(),
            operator: operator.to_owned(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
            cel: String::new(),
        }
    }

    fn with_cel(cel: &str) -> WhenExpression {
        WhenExpression { cel: cel.to_owned(), ..WhenExpression::default() }
    }

    #[test]
    fn guards_are_anded() {
        for (guards, want) in [
            (vec![], true),
            (vec![guard("a", "in", &["a", "b"])], true),
            (vec![guard("a", "notin", &["a"])], false),
            (vec![guard("a", "in", &["a"]), guard("c", "in", &["a"])], false),
            (vec![with_cel("'a' == 'a' && size('abc') == 3")], true),
            (vec![with_cel("'v1.2.3'.matches('^v[0-9]+[.]') && matches('main', 'a.n') && !'x'.matches('^$')")], true),
            (vec![with_cel("'a' in ['b']"), guard("a", "in", &["a"])], false),
        ] {
            assert_eq!(allows(&guards), Ok(want), "{guards:?}");
        }
    }

    #[test]
    fn bad_cel_is_an_error_and_never_a_panic() {
        assert!(matches!(allows(&[with_cel("'a' ==")]), Err(CelError::Compile(_))));
        assert!(matches!(allows(&[with_cel("1 + 1")]), Err(CelError::NotBoolean(_))));
        for wrong in ["missing == 1", "'a'.matches('(')", "'a'.matches('(a{900}){900}')", "'a'.matches(1)"] {
            assert!(matches!(allows(&[with_cel(wrong)]), Err(CelError::Evaluate(_))), "{wrong}");
        }
        let deep = format!("{}true{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(allows(&[with_cel(&deep)]), Err(CelError::TooLarge));
        assert_eq!(allows(&[with_cel(&"!".repeat(9_000))]), Err(CelError::TooLarge));
    }

    #[test]
    fn costly_cel_is_refused_before_it_runs() {
        let nested = (0..7).rev().fold("true".to_owned(), |inner, i| format!("[1,2,3,4,5,6,7,8,9].all(v{i}, {inner})"));
        assert_eq!(allows(&[with_cel(&nested)]), Err(CelError::TooCostly));
        let doubled = format!("['aaaaaaaa']{}.size() > 0", ".map (x, x + x)".repeat(40));
        assert_eq!(allows(&[with_cel(&doubled)]), Err(CelError::TooCostly));
        let many = vec!["'a'.matches('a')"; 30].join(" && ");
        assert_eq!(allows(&[with_cel(&many)]), Err(CelError::TooCostly));
        assert_eq!(allows(&[with_cel("['a', 'b', 'c'].exists(x, ['c', 'd'].all(y, x <= y))")]), Ok(true));
    }
}
