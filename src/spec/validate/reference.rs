//! References to other objects: by name, or through a resolver.
//!
//! Knows Tekton's rules for names and resolvers. Does not look whether the object exists.

use super::names::qualified_name_fault;
use super::params;
use super::report::{Finding, Place, Report};
use crate::model::objects::{ObjectRef, Param};

/// A `taskRef` or `pipelineRef`.
pub(super) fn object(reference: &ObjectRef, place: &Place<'_>, report: &mut Report<'_>) {
    check(&reference.name, &reference.resolver, &reference.params, place, &place.path(), report);
    if !reference.bundle.is_empty() {
        let finding = Finding::refuse("unknown-field", "`bundle` is no longer a field of references")
            .help("use `resolver: bundles` with params")
            .words(format!("strict decoding error: unknown field \"{}.bundle\"", place.path()))
            .paths([""; 0]);
        report.add(&place.key("bundle"), finding);
    }
}

/// A reference at `place`; `tekton` is the path that Tekton names.
pub(super) fn check(
    name: &str,
    resolver: &str,
    given: &[Param],
    place: &Place<'_>,
    tekton: &str,
    report: &mut Report<'_>,
) {
    let name_path = format!("{tekton}.name");
    if !given.is_empty() {
        if !name.is_empty() {
            let finding = Finding::refuse("name-with-params", "a reference by `name` has no params")
                .help("remove `params`, or refer through a `resolver` and leave `name` out")
                .words("expected exactly one, got both")
                .paths([name_path.clone(), format!("{tekton}.params")]);
            report.add(&place.key("params"), finding);
        }
        if resolver.is_empty() {
            let finding = Finding::refuse("missing-resolver", "`params` of a reference need a `resolver`")
                .help("add `resolver`, such as git, bundles, hub, http or cluster")
                .words("missing field(s)")
                .paths([format!("{tekton}.resolver")]);
            report.add(&place.key("params"), finding);
        }
        params::values_once(given, &place.key("params"), report);
    }
    match (name.is_empty(), resolver.is_empty()) {
        (true, true) if given.is_empty() => {
            let finding = Finding::refuse("missing-name", "the reference names nothing")
                .help("add `name`")
                .words("missing field(s)")
                .paths([name_path]);
            report.add(&place.key("name"), finding);
        }
        (false, false) if !is_url(name) => {
            let finding = Finding::refuse(
                "name-with-resolver",
                format!("`{name}` is a name, and a resolver wants params or a URL"),
            )
            .help("keep `name` alone for an object in the files, or `resolver` with `params`")
            .invalid("invalid URI for request")
            .paths([name_path]);
            report.add(&place.key("name"), finding);
        }
        (false, true) if given.is_empty() && is_url(name) => {
            let finding = Finding::refuse("missing-resolver", format!("`{name}` is a URL, which needs a resolver"))
                .help("add `resolver`")
                .words("missing field(s)")
                .paths([format!("{tekton}.resolver")]);
            report.add(&place.key("name"), finding);
        }
        (false, true) if given.is_empty() => {
            if let Some(fault) = qualified_name_fault(name) {
                let finding = Finding::refuse("bad-name", format!("`{name}` cannot be the name of an object"))
                    .help("use letters, digits, - _ and ., beginning and ending with a letter or digit")
                    .invalid(fault)
                    .paths([name_path]);
                report.add(&place.key("name"), finding);
            }
        }
        _ => {}
    }
}

/// Tekton: `[\w-]+:\/\/*` somewhere in the name.
fn is_url(name: &str) -> bool {
    name.match_indices(":/").any(|(at, _)| {
        name.get(..at)
            .and_then(|before| before.chars().next_back())
            .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    })
}
