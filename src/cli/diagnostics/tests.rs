//! How diagnostics are drawn, and what of a Secret is not.

use super::*;

const FILE: &str = "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  stepz:\n  - image: x\n";

fn span(line: u32, column: u32, end_column: u32) -> Span {
    Span { source: 0, line, column, end_line: line, end_column }
}

fn report(text: &str, span: Span) -> Report {
    let diagnostic = Diagnostic::error("unknown-field", "spec.stepz", "there is no field `stepz`")
        .with_help("did you mean `steps`?")
        .with_tekton("unknown field \"spec.stepz\"")
        .at(span);
    Report {
        sources: vec![SourceText { name: "task.yaml".into(), text: text.into() }],
        diagnostics: vec![diagnostic],
        left_out: 0,
    }
}

#[test]
fn a_diagnostic_shows_its_place_and_the_remedy() {
    let text = render(&report(FILE, span(4, 3, 8)), Style::PLAIN, 100);
    assert_eq!(
        text,
        "error[unknown-field]: there is no field `stepz`
 --> task.yaml:4:3
  |
3 | spec:
4 |   stepz:
  |   ^^^^^
5 |   - image: x
  |
  = note: field: spec.stepz
  = note: Tekton: unknown field \"spec.stepz\"
  = help: did you mean `steps`?

1 error
"
    );
}

#[test]
fn control_characters_of_the_file_are_escaped_and_the_mark_stays() {
    let text = render(&report("a: \"\u{202e}x\x1b[2J\" # y\nkey: 1\n", span(1, 4, 12)), Style::PLAIN, 100);
    assert!(text.contains("1 | a: \"\\u{202e}x\\x1b[2J\" # y"), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn no_line_of_a_secret_is_shown() {
    for file in [
        "kind: Secret\ndata:\n  password: aHVudGVyMg==\n",
        "a: 1\n---\nkind: \"Secret\"\ndata:\n  password: aHVudGVyMg==\n",
        "kind: List\nitems:\n- {kind: Secret, data: {password: aHVudGVyMg==}}\n",
        "{\"kind\":\"Secret\",\"data\":{\"password\":\n\"aHVudGVyMg==\"}}\n",
    ] {
        let lines = u32::try_from(file.lines().count()).expect("few lines");
        for line in 1..=lines {
            let text = render(&report(file, span(line, 1, 3)), Style::PLAIN, 100);
            assert!(!text.contains("aHVudGVyMg"), "{text}");
            assert!(text.contains(&format!("task.yaml:{line}:1")), "{text}");
        }
    }
}

#[test]
fn a_secret_beside_it_hides_nothing_else() {
    let file = "kind: Secret\ndata: {p: aHVudGVyMg==}\n---\nkind: Task\nstepz: 1\n";
    let text = render(&report(file, span(4, 1, 5)), Style::PLAIN, 100);
    assert!(text.contains("4 | kind: Task") && !text.contains("aHVudGVyMg"), "{text}");
}

#[test]
fn places_at_the_edges_do_not_panic() {
    for (line, column, end_line, end_column) in
        [(0, 0, 0, 0), (1, 1, 1, 1), (6, 1, 6, 1), (9, 9, 9, 9), (1, 1, 99, 1), (5, 12, 5, 99), (4, 3, 2, 1)]
    {
        let place = Span { source: 0, line, column, end_line, end_column };
        let text = render(&report(FILE, place), Style::PLAIN, 100);
        assert!(text.starts_with("error[unknown-field]: there is no field"), "{text}");
    }
    let long = format!("a: {}\n", "x".repeat(MAX_SNIPPET_LINE + 1));
    assert!(render(&report(&long, span(1, 1, 2)), Style::PLAIN, 100).contains("task.yaml:1:1"));
}

#[test]
fn json_has_every_key() {
    let found = to_json(&report(FILE, span(4, 3, 8)));
    assert_eq!(
        found,
        json!({"diagnostics": [{
            "severity": "error", "code": "unknown-field", "message": "there is no field `stepz`",
            "help": "did you mean `steps`?", "tekton": "unknown field \"spec.stepz\"", "file": "task.yaml",
            "line": 4, "column": 3, "endLine": 4, "endColumn": 8, "path": "spec.stepz",
        }]})
    );
    assert_eq!(usage_json("m", "h")["diagnostics"][0]["file"], Json::Null);
}
