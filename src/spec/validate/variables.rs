//! References in text against what is declared: unknown names, arrays and objects in places
//! that take strings.
//!
//! Knows Tekton's `substitution` rules. Does not know in which field a text stands.

use super::report::{Finding, quoted, short};
use crate::model::decode::nearest;
use std::collections::BTreeSet;

/// A reference in a text.
struct Reference<'a> {
    /// All of it, `$(` and `)` included.
    whole: &'a str,
    /// What stands behind the prefix.
    name: &'a str,
    dotted: bool,
}

impl<'a> Reference<'a> {
    /// The variable that it names: the part before a dot. `Err` when there are too many parts.
    fn variable(&self) -> Result<&'a str, ()> {
        if !self.dotted || !self.name.contains('.') {
            return Ok(self.name);
        }
        let mut parts = self.name.split('.');
        let first = parts.next().unwrap_or_default();
        if parts.nth(1).is_some() { Err(()) } else { Ok(first) }
    }
}

/// The references below `prefix` (`params`, `context.task`, `params.obj`): `$(prefix.x)`,
/// `$(prefix["x"])`, `$(prefix['x'])`, none across lines.
fn references<'a>(text: &'a str, prefix: &str) -> Vec<Reference<'a>> {
    const FORMS: [(&str, &str); 3] = [(".", ")"), ("[\"", "\"])"), ("['", "'])")];
    let mut found = Vec::new();
    let mut from = 0;
    // Where the line ends that `from` is on, and up to where no form closes any more: no text is searched twice.
    let mut line_end = 0;
    let mut unclosed = [0; FORMS.len()];
    while let Some(at) = text.get(from..).and_then(|t| t.find("$(")) {
        let start = from + at;
        from = start + 2;
        let Some(rest) = text.get(from..).and_then(|t| t.strip_prefix(prefix)) else { continue };
        if from > line_end {
            line_end = text.get(from..).and_then(|t| t.find('\n')).map_or(text.len(), |end| from + end);
        }
        for ((open, close), unclosed) in FORMS.iter().zip(&mut unclosed) {
            if !rest.starts_with(open) || from < *unclosed {
                continue;
            }
            let name = from + prefix.len() + open.len();
            let Some(line) = text.get(name..line_end) else { continue };
            let Some(end) = line.find(close) else {
                *unclosed = line_end;
                continue;
            };
            let stop = name + end + close.len();
            found.push(Reference {
                whole: text.get(start..stop).unwrap_or_default(),
                name: line.get(..end).unwrap_or_default(),
                dotted: *open == ".",
            });
            from = stop;
            break;
        }
    }
    found
}

/// A name without its `[0]` and `[*]`.
fn without_index(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('[') {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let inner = tail.get(1..).unwrap_or_default();
        let digits = inner.find(|c: char| !c.is_ascii_digit()).unwrap_or(inner.len());
        let star = usize::from(inner.get(digits..).is_some_and(|t| t.starts_with('*')));
        if inner.get(digits + star..).is_some_and(|t| t.starts_with(']')) {
            rest = inner.get(digits + star + 1..).unwrap_or_default();
        } else {
            out.push('[');
            rest = inner;
        }
    }
    out.push_str(rest);
    out
}

fn too_many_parts(text: &str, prefix: &str) -> Finding {
    Finding::refuse("bad-reference", format!("a reference in `{}` has too many parts", short(text)))
        .help(format!("after `{prefix}` come a name and at most a key; a name with dots is written $({prefix}[\"a.b.c\"])"))
        .words(format!(
            "Invalid referencing of parameters in \"{text}\"! Only two dot-separated components after the prefix \"{}\" are allowed.",
            prefix.replace('.', "\\.")
        ))
}

/// The names that a reference may use.
pub(super) struct Names<'a> {
    /// `params`, `context.taskRun`, `params.obj`, ...
    pub prefix: &'a str,
    pub known: &'a BTreeSet<&'a str>,
    /// What to do about an unknown one, when none is near.
    pub help: &'a str,
}

/// A reference to a name that is not among `names`, if there is one.
pub(super) fn unknown(text: &str, names: &Names<'_>) -> Option<Finding> {
    let found = references(text, names.prefix);
    if found.iter().any(|r| r.variable().is_err()) {
        return Some(too_many_parts(text, names.prefix));
    }
    let (reference, name) = found.iter().find_map(|r| {
        let name = without_index(r.variable().ok()?);
        (!names.known.contains(name.as_str())).then_some((r, name))
    })?;
    let near: Vec<&str> = names.known.iter().copied().collect();
    let help = match nearest(&name, &near) {
        Some(near) => format!("did you mean `$({}.{near})`?", names.prefix),
        None if near.iter().all(|name| name.is_empty()) || near.len() > 12 => names.help.to_owned(),
        None => format!("{}; known here: {}", names.help, near.join(", ")),
    };
    let message = format!("`{}` refers to something that is not declared", reference.whole);
    Some(
        Finding::refuse("unknown-variable", message)
            .help(help)
            .words(format!("non-existent variable in {}", quoted(text))),
    )
}

/// A whole array where a string is wanted.
pub(super) fn array_in_string(text: &str, arrays: &BTreeSet<&str>) -> Option<Finding> {
    if arrays.is_empty() {
        return None;
    }
    let found = references(text, "params");
    if found.iter().any(|r| r.variable().is_err()) {
        return Some(too_many_parts(text, "params"));
    }
    let reference = found.iter().find(|r| is_whole(r.variable().unwrap_or_default(), arrays))?;
    Some(
        Finding::refuse("array-in-string", format!("`{}` is an array where a string is wanted", reference.whole))
            .help("name one element, such as $(params.list[0]); whole arrays stand alone in args, command, values or params")
            .words(format!("variable type invalid in {}", quoted(text))),
    )
}

/// A whole array together with other text.
pub(super) fn array_not_alone(text: &str, arrays: &BTreeSet<&str>) -> Option<Finding> {
    if arrays.is_empty() {
        return None;
    }
    let found = references(text, "params");
    if found.iter().any(|r| r.variable().is_err()) {
        return Some(too_many_parts(text, "params"));
    }
    let first = found.first().map_or(0, |r| r.whole.len());
    let reference = found.iter().find(|r| is_whole(r.variable().unwrap_or_default(), arrays))?;
    if first == text.len() {
        return None;
    }
    Some(
        Finding::refuse(
            "array-not-alone",
            format!("`{}` is a whole array and cannot stand beside other text", reference.whole),
        )
        .help("make it an element of its own, or name one element, such as $(params.list[0])")
        .words(format!("variable is not properly isolated in {}", quoted(text))),
    )
}

/// A whole object where a string is wanted.
pub(super) fn object_in_string(text: &str, objects: &BTreeSet<&str>) -> Option<Finding> {
    if objects.is_empty() {
        return None;
    }
    let found = references(text, "params");
    let reference = found.iter().find(|r| is_whole(r.name, objects))?;
    Some(
        Finding::refuse("object-in-string", format!("`{}` is an object where a string is wanted", reference.whole))
            .help("name one of its keys, such as $(params.object.key)")
            .words(format!("variable type invalid in {}", quoted(text))),
    )
}

fn is_whole(name: &str, set: &BTreeSet<&str>) -> bool {
    set.contains(name.strip_suffix("[*]").unwrap_or(name))
}

/// The params of which a text names a key: `o` in `$(params.o.key)` and `$(params.o["key"])`.
pub(super) fn object_keys(text: &str) -> BTreeSet<&str> {
    references(text, "params")
        .iter()
        .filter(|r| r.dotted)
        .filter_map(|r| r.name.split_once(['.', '[']).map(|(object, _)| object))
        .collect()
}

/// Whether a text refers to any param at all.
pub(super) fn mentions_params(text: &str) -> bool {
    !references(text, "params").is_empty()
}

/// The one reference to a param that a text is, if it is nothing else.
pub(super) fn is_single_param(text: &str) -> bool {
    matches!(references(text, "params").as_slice(), [only] if only.whole == text)
}

/// Whether a text is one reference to a whole array or object, `$(params.x[*])`, and nothing else.
pub(super) fn is_whole_reference(text: &str) -> bool {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    [("$(params.", ")"), ("$(params[\"", "\"])"), ("$(params['", "'])")].iter().any(|(open, close)| {
        text.strip_prefix(open)
            .and_then(|t| t.strip_suffix(close))
            .and_then(|t| t.strip_suffix("[*]"))
            .is_some_and(|name| !name.is_empty() && name.chars().all(bare))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(known: &'static [&'static str]) -> BTreeSet<&'static str> {
        known.iter().copied().collect()
    }

    fn is_unknown(text: &str, known: &BTreeSet<&str>) -> bool {
        unknown(text, &Names { prefix: "params", known, help: "" }).is_some()
    }

    #[test]
    fn unknown_names_are_found_as_tekton_finds_them() {
        let known = names(&["a", "b.c", "o"]);
        for (text, wanted) in [
            ("$(params.a)", false),
            ("$(params.a[0]) $(params.a[*])", false),
            ("$(params['b.c']) $(params[\"b.c\"])", false),
            ("$(params.o.key)", false),
            ("$(params.x)", true),
            ("$(params.o.key.more)", true),
            ("$(params.b.c)", true),
            ("$(inputs.params.x) $(tasks.x.results.y) $(x)", false),
            ("$(params.x\n)", false),
            ("$(params.)", true),
            ("$(params.a) $(params.b)", true),
            ("$$(params.x)", true),
        ] {
            assert_eq!(is_unknown(text, &known), wanted, "{text}");
        }
    }

    #[test]
    fn a_long_line_is_searched_once() {
        let text = "$(params.x $(params[\"y\n".to_owned() + &"$(params.x".repeat(400_000) + "\n$(params.a)";
        assert_eq!(references(&text, "params").iter().map(|r| r.name).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn arrays_and_objects_have_their_places() {
        let arrays = names(&["l"]);
        assert!(array_in_string("x $(params.l)", &arrays).is_some());
        assert!(array_in_string("$(params.l[*])", &arrays).is_some());
        assert!(array_in_string("$(params.l[0])", &arrays).is_none());
        assert!(array_not_alone("$(params.l[*])", &arrays).is_none());
        assert!(array_not_alone("$(params.l[*])x", &arrays).is_some());
        assert!(object_in_string("$(params.l)", &arrays).is_some());
        assert!(object_in_string("$(params.l.k)", &arrays).is_none());
        assert!(is_whole_reference("$(params.l[*])") && !is_whole_reference("$(params.l)"));
        assert!(is_single_param("$(params.l)") && !is_single_param("x$(params.l)"));
    }
}
