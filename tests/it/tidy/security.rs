//! Every test that docs/security.md names has to be there, with its attribute. Knows how a test's path follows from its
//! file: `a::b::c` is the function `c` of `src/a/b.rs` or `src/a/b/mod.rs`, and `it::a::b` one of `tests/it/a.rs`. The tests of
//! a file may stand in it.

/// What is wrong with the tests that a page names, given how files are read.
pub(super) fn check(page: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in named(page) {
        let Some((module, function)) = name.rsplit_once("::") else { continue };
        let path = match module.strip_prefix("it::") {
            Some(module) => format!("tests/it/{}", module.replace("::", "/")),
            None => format!("src/{}", module.replace("::", "/")),
        };
        let source = [format!("{path}.rs"), format!("{path}/mod.rs")].iter().find_map(|path| read(path));
        let own = || read(&format!("{}.rs", path.strip_suffix("/tests")?));
        let source = source.or_else(own);
        if !source.is_some_and(|source| has_test(&source, function)) {
            wrong.push(format!("docs/security.md names the test {name}, and it is not there"));
        }
    }
    wrong
}

/// Words in backticks that are paths of functions, in lines of tables.
pub(super) fn named(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|word| word.contains("::")).collect()
}

/// Whether a function of this name stands right below an attribute that makes it a test.
fn has_test(source: &str, function: &str) -> bool {
    let start = format!("fn {function}(");
    let mut attribute = false;
    source.lines().map(str::trim).any(|line| {
        let found = attribute && line.trim_start_matches("async ").starts_with(&start);
        attribute =
            line.starts_with("#[test]") || line.starts_with("#[tokio::test") || line.starts_with("///") && attribute;
        found
    })
}

#[test]
fn a_test_that_is_not_there_is_seen() {
    let page = "| a | `x::y::there`, `x::y::gone` | b |\n| c | `it::z::plain` | d |\nnot `in::a::table`\n";
    let read = |path: &str| match path {
        "src/x/y.rs" => Some("#[test]\nfn there() {}\n".to_owned()),
        "tests/it/z.rs" => Some("fn plain() {}\n".to_owned()),
        _ => None,
    };
    let wrong = check(page, read);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].contains("x::y::gone") && wrong[1].contains("it::z::plain"));
}
