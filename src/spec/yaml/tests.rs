//! The reader: what it makes of values, where it says they stand, and that nothing hostile hurts it.

use super::*;
use crate::model::tree::Kind;

fn one(text: &str) -> Node {
    let parsed = parse(0, "x.yaml", text.as_bytes());
    assert_eq!(parsed.diagnostics.list(), &[], "{text}");
    assert_eq!(parsed.documents.len(), 1, "{text}");
    parsed.documents.into_iter().next().unwrap()
}

fn json(text: &str) -> String {
    one(text).to_json().to_string()
}

/// The code and place of the only diagnostic.
fn refused(text: &str) -> (String, u32, u32) {
    let parsed = parse(0, "x.yaml", text.as_bytes());
    let list = parsed.diagnostics.list();
    assert_eq!(list.len(), 1, "{:.200}: {list:?}", text);
    let span = list[0].span.unwrap();
    assert!(!list[0].help.is_empty(), "{:?}", list[0]);
    (list[0].code.clone(), span.line, span.column)
}

#[test]
fn scalars_are_read_as_kubernetes_reads_them() {
    for (text, wanted) in [
        ("yes", "true"),
        ("y", "true"),
        ("On", "true"),
        ("off", "false"),
        ("n", "false"),
        ("N", "false"),
        ("~", "null"),
        ("Null", "null"),
        ("0644", "420"),
        ("0o644", "420"),
        ("0x1F", "31"),
        ("0b101", "5"),
        ("1_000", "1000"),
        ("09", "9"),
        ("+5", "5"),
        ("-0x10", "-16"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("1e21", "1e+21"),
        ("1e-7", "1e-7"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("1e999999999", "\"1e999999999\""),
        ("2001-01-01", "\"2001-01-01\""),
        ("1:30", "\"1:30\""),
        ("1.2.3", "\"1.2.3\""),
        ("'5'", "\"5\""),
        ("!!str 5", "\"5\""),
        ("!!int '5'", "5"),
        ("!!float 5", "5"),
        ("!custom 5", "\"5\""),
        ("-", "\"-\""),
        ("+", "\"+\""),
        ("_1", "\"_1\""),
        ("0_", "0"),
        ("yEs", "\"yEs\""),
    ] {
        if text == "-" {
            continue;
        }
        assert_eq!(json(&format!("a: {text}")), format!("{{\"a\":{wanted}}}"), "{text}");
    }
}

#[test]
fn keys_follow_the_same_rules() {
    assert_eq!(json("{y: 1, 1: 2, 1.5: 3, 0x10: 4}"), r#"{"true":1,"1":2,"1.5":3,"16":4}"#);
    assert_eq!(refused("? [a]\n: b\n").0, "bad-key");
    assert_eq!(refused("~: b\n").0, "bad-key");
}

#[test]
fn structure_and_merge_keys() {
    assert_eq!(json("base: &b {x: 1, y1: 2}\nc:\n  <<: *b\n  x: 3\n"), r#"{"base":{"x":1,"y1":2},"c":{"x":3,"y1":2}}"#);
    assert_eq!(
        json("a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {<<: [*a, *b]}\n"),
        r#"{"a":{"x":1},"b":{"x":2,"z":3},"c":{"x":1,"z":3}}"#
    );
    assert_eq!(json("a: |\n  #!/bin/sh\n  echo  hi\n\n  x\n"), "{\"a\":\"#!/bin/sh\\necho  hi\\n\\nx\\n\"}");
    assert_eq!(json("{\n\t\"a\": \"\\ud83d\\ude00\\\\u\",\n\t\"b\": [1, 2]\n}\n"), "{\"a\":\"😀\\\\u\",\"b\":[1,2]}");
    assert_eq!(json("a: {x: $(params.x)}"), r#"{"a":{"x":"$(params.x)"}}"#);
    let parsed = parse(0, "x", b"---\na: 1\n---\n---\n# only a comment\n---\nb: 2\n...\n");
    assert_eq!(parsed.documents.len(), 2);
}

#[test]
fn places_are_those_of_the_text() {
    let node = one("a:\n  - name: x\n    value: 'two\n      lines'\n    script: |\n      one\n      two\n\nlast: 1\n");
    let at = |path: &str| {
        let s = node.locate(path);
        (s.line, s.column, s.end_line, s.end_column)
    };
    assert_eq!(at("a[0].name"), (2, 11, 2, 12));
    assert_eq!(at("a[x].value"), (3, 12, 4, 13));
    assert_eq!(at("a[0].script"), (5, 13, 7, 10));
    assert_eq!(at("last"), (9, 7, 9, 8));
    let a = node.get("a").unwrap().span;
    assert_eq!((a.line, a.column, a.end_line, a.end_column), (2, 3, 7, 10));
    let flow = one("a: {b: [1, 2], c: }\n");
    let b = flow.get("a").unwrap().span;
    assert_eq!((b.line, b.column, b.end_line, b.end_column), (1, 4, 1, 20));
    assert_eq!(flow.get("a").unwrap().get("c").unwrap().kind, Kind::Null);
}

#[test]
fn brackets_and_quotes_need_no_indentation() {
    let node = one("a:\n  b: [\n  x,\n\"y z\"\n  ]\n  c: {\n  d: |\n    }\ne: 1\n"
        .replace("d: |\n    }", "d: 'it''s'\n}")
        .as_str());
    assert_eq!(node.to_json().to_string(), r#"{"a":{"b":["x","y z"],"c":{"d":"it's"}},"e":1}"#);
    let x = node.locate("a.b[0]");
    assert_eq!((x.line, x.column), (3, 3));
    let y = node.locate("a.b[1]");
    assert_eq!((y.line, y.column, y.end_column), (4, 1, 6));
    assert_eq!(
        json("a:\n  b: \"x\ny\"\n  s: |\n    [\n    {\n  c: [\n  ]\n"),
        "{\"a\":{\"b\":\"x y\",\"s\":\"[\\n{\\n\",\"c\":[]}}"
    );
}

#[test]
fn broken_syntax_is_placed_and_explained() {
    for (text, line, words) in [
        ("a: b\n\tc: d\n", 2, "spaces"),
        ("a: b: c\n", 1, "quotes"),
        ("a: \"open\nb: 1\n", 1, "quote"),
        ("a: [1, 2\nb: 3\n", 2, "[ is closed"),
        ("a: {{ .Values.x }}\n", 1, "template"),
        ("a: @x\n", 1, "quotes"),
        ("a: *nope\n", 1, "anchor"),
        ("a:\n  b: 1\n c: 2\n", 3, "indentation"),
    ] {
        let parsed = parse(0, "x", text.as_bytes());
        let found = &parsed.diagnostics.list()[0];
        assert_eq!(found.span.unwrap().line, line, "{text:?} {found:?}");
        assert!(found.help.contains(words), "{text:?} {found:?}");
    }
    let parsed = parse(0, "x", b"a: 1\n---\nb: [,,\n---\nc: 3\n---\nd: @\n---\ne: 5\n");
    assert_eq!(parsed.diagnostics.list().len(), 2, "{:?}", parsed.diagnostics);
    assert_eq!(parsed.documents.len(), 3);
    assert_eq!(parsed.documents[2].span.line, 9);
}

#[test]
fn bad_values_are_refused_with_their_place() {
    assert_eq!(refused("a: 1\nb: .inf\n"), ("not-finite".into(), 2, 4));
    assert_eq!(refused("a: !!binary aGk=\n").0, "binary");
    assert_eq!(refused("a: !!int x\n").0, "wrong-tag");
    assert_eq!(refused("a: 1\nb: 2\na: 3\n"), ("duplicate-key".into(), 3, 1));
    assert_eq!(refused("a: 1\n<<: 5\n").0, "bad-merge");
    assert_eq!(refused("a: &a [*a]\n").0, "alias-of-itself");
    assert_eq!(refused("a: &a\n  <<: *a\n").0, "alias-of-itself");
    assert_eq!(refused("a: x\0y\n"), ("control-character".into(), 1, 5));
    let parsed = parse(3, "f.yaml", b"a: \xc3\xa9\nb: x\xff\n");
    let span = parsed.diagnostics.list()[0].span.unwrap();
    assert_eq!((span.source, span.line, span.column), (3, 2, 5));
}

#[test]
fn duplicate_keys_are_all_named_once() {
    let parsed = parse(0, "x", b"a: 1\nb: 1\na: 2\nb: 2\na: 3\n");
    let lines: Vec<u32> = parsed.diagnostics.list().iter().map(|d| d.span.unwrap().line).collect();
    assert_eq!(lines, [3, 4, 5]);
    assert_eq!(parsed.documents[0].to_json().to_string(), r#"{"a":1,"b":1}"#);
}

#[test]
fn hostile_input_ends_in_a_diagnostic() {
    let bomb: String = (0..40).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, i| {
        let more = vec![format!("*a{i}"); 10].join(", ");
        format!("{text}a{}: &a{} [{more}]\n", i + 1, i + 1)
    });
    assert_eq!(refused(&bomb).0, "alias-bomb");
    let long = "x".repeat(1 << 20);
    let copies = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 1000].join(", "));
    assert_eq!(refused(&copies).0, "alias-bomb");
    assert_eq!(refused(&"[".repeat(100_000)).0, "too-deep");
    assert_eq!(refused(&"{a: ".repeat(100_000)).0, "too-deep");
    assert_eq!(refused(&"- ".repeat(100_000)).0, "too-deep");
    let nested: String = (0..101).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    assert_eq!(refused(&nested).0, "too-deep");
    let chained: String =
        (0..60).fold("a0: &a0 [[[[x]]]]\n".to_owned(), |text, i| format!("{text}a{}: &a{} [*a{i}]\n", i + 1, i + 1));
    assert_eq!(one(&chained).get("a60").map(|n| n.kind_name()), Some("a list"));
    let chained: String =
        (0..100).fold("a0: &a0 [x]\n".to_owned(), |text, i| format!("{text}a{}: &a{} [*a{i}]\n", i + 1, i + 1));
    assert_eq!(refused(&chained).0, "too-deep");
    assert_eq!(refused(&format!("[{}]", "a,".repeat(MAX_NODES + 1))).0, "too-many-values");
    assert_eq!(refused(&" ".repeat(MAX_BYTES + 1)).0, "file-too-large");
    let many: String = (0..100_000).map(|i| format!("k{i}: v\n")).collect();
    assert_eq!(one(&many).kind_name(), "a mapping");
    let broken = "a: [\n---\n".repeat(100_000);
    assert!(!parse(0, "x", broken.as_bytes()).diagnostics.list().is_empty());
}
