//! What references become, as data. Does not know where values come from.

use super::*;

fn plenty() -> Budget {
    Budget::new(ExpansionLimits::default(), 0)
}

fn values() -> BTreeMap<String, ParamValue> {
    let object = [("k".to_owned(), "v".to_owned()), ("a.b".to_owned(), "dot".to_owned())];
    [
        ("s", ParamValue::String("x".into())),
        ("self", ParamValue::String("$(params.s)".into())),
        ("dotted.name", ParamValue::String("d".into())),
        ("list", ParamValue::Array(vec!["1".into(), "2".into()])),
        ("none", ParamValue::Array(vec![])),
        ("obj", ParamValue::Object(object.into_iter().collect())),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect()
}

#[test]
fn text_takes_strings_items_and_keys_and_leaves_the_rest() {
    let values = values();
    let scope = ParamScope { values: &values, legacy: true };
    for (input, want) in [
        ("plain", "plain"),
        ("$(params.s)", "x"),
        ("a$(params.s)b$(params['s'])c$(params[\"s\"])", "axbxcx"),
        ("$(inputs.params.s)", "x"),
        ("$(params.dotted.name) $(params['dotted.name'])", "d d"),
        ("$(params.list[1])$(params['list'][0])", "21"),
        ("$(params.list[2]) $(params.list[-1])", "$(params.list[2]) $(params.list[-1])"),
        ("$(params.list) $(params.list[*])", "$(params.list) $(params.list[*])"),
        ("$(params.obj.k) $(params.obj.a.b) $(params.obj.no)", "v dot $(params.obj.no)"),
        ("$(params.self)", "$(params.s)"),
        ("$(params.unknown) $(date) $$(params.s)", "$(params.unknown) $(date) $x"),
        ("$(echo $(params.s))", "$(echo x)"),
        ("$(params.s", "$(params.s"),
        ("ü$(params.s)ü", "üxü"),
    ] {
        assert_eq!(text(input, &Scopes::new(&[&scope], &plenty())), want, "{input}");
    }
}

#[test]
fn a_second_scope_sees_what_the_first_put_in() {
    let values = values();
    let scope = ParamScope { values: &values, legacy: false };
    assert_eq!(text("$(params.self)", &Scopes::new(&[&scope, &scope], &plenty())), "x");
    assert_eq!(text("$(inputs.params.s)", &Scopes::new(&[&scope], &plenty())), "$(inputs.params.s)");
}

#[test]
fn an_item_that_is_an_array_reference_becomes_its_items() {
    let values = values();
    let scope = ParamScope { values: &values, legacy: false };
    let items: Vec<String> =
        ["a", "$(params.list[*])", "$(params.list)", "$(params.none)", "-$(params.list)"].map(String::from).to_vec();
    assert_eq!(list(&items, &Scopes::new(&[&scope], &plenty())), ["a", "1", "2", "1", "2", "-$(params.list)"]);
}

#[test]
fn a_string_value_takes_the_type_of_what_it_refers_to() {
    let values = values();
    let scope = ParamScope { values: &values, legacy: false };
    let string = |t: &str| ParamValue::String(t.to_owned());
    assert_eq!(value(&string("$(params.list[*])"), &Scopes::new(&[&scope], &plenty())), values["list"]);
    assert_eq!(value(&string("$(params.obj[*])"), &Scopes::new(&[&scope], &plenty())), values["obj"]);
    assert_eq!(value(&string("$(params.s)"), &Scopes::new(&[&scope], &plenty())), string("x"));
    assert_eq!(value(&string("x $(params.list)"), &Scopes::new(&[&scope], &plenty())), string("x $(params.list)"));
}

#[test]
fn a_whole_array_as_input_is_json() {
    let values = values();
    let scope = ParamScope { values: &values, legacy: false };
    let guard = WhenExpression {
        input: "$(params.list[*])".into(),
        operator: "in".into(),
        values: vec!["$(params.list[*])".into(), "z".into()],
        cel: "'$(params.s)'=='x'".into(),
    };
    let got = when(&[guard], &Scopes::new(&[&scope], &plenty()));
    assert_eq!(got[0].input, "[\"1\",\"2\"]");
    assert_eq!(got[0].values, ["1", "2", "z"]);
    assert_eq!(got[0].cel, "'x'=='x'");
}

#[test]
fn references_are_found_as_tekton_finds_them() {
    assert_eq!(references("$(a.b) $(c[1]) $(d[*]) $(e['x']) $(f g) $(h[x]) $()"), ["a.b", "c[1]", "d[*]"]);
    let parsed = ResultRef::parse("tasks.t.results.r[3]").expect("a result reference");
    assert_eq!((parsed.task, parsed.result, parsed.index, parsed.key), ("t", "r", Some(3), None));
    let parsed = ResultRef::parse("finally.t.results.o.k").expect("a result reference");
    assert_eq!((parsed.result, parsed.key), ("o", Some("k")));
    assert_eq!(ResultRef::parse("tasks.t.status"), None);
    assert_eq!(ResultRef::parse("tasks.t.results.a.b.c"), None);
    assert!(ResultRef::parse_step("steps.s.results.r").is_some());
}

#[test]
fn a_budget_bounds_fields_objects_and_runs() {
    let values: BTreeMap<_, _> = [
        ("ten".to_owned(), ParamValue::String("0123456789".into())),
        ("list".to_owned(), ParamValue::Array(vec![String::new(); 100])),
    ]
    .into();
    let scope = ParamScope { values: &values, legacy: false };
    let only: &[&dyn Scope] = &[&scope];
    let limits = ExpansionLimits { field: 100, object: 1_000, run: 5_000 };
    let uses = |n: usize| "$(params.ten)".repeat(n);

    let budget = Budget::new(limits, 0);
    let scopes = Scopes::new(only, &budget);
    assert_eq!(text(&uses(10), &scopes).len(), 100);
    assert_eq!((budget.spent(), budget.overflow()), (100, None));
    assert_eq!(text(&uses(11), &scopes), uses(11), "a field that is too long stays as written");
    assert_eq!(budget.overflow(), Some(Overflow::Field(100)));
    assert_eq!(text("$(params.ten)", &scopes), "$(params.ten)", "nothing is replaced after the limit");

    let budget = Budget::new(limits, 0);
    let scopes = Scopes::new(only, &budget);
    let items = vec![uses(5); 30];
    assert!(list(&items, &scopes).iter().map(String::len).max() < Some(100));
    assert_eq!(budget.overflow(), Some(Overflow::Object(1_000)));

    let budget = Budget::new(limits, 4_990);
    let _ = text(&uses(2), &Scopes::new(&[&scope], &budget));
    assert_eq!(budget.overflow(), Some(Overflow::Run(5_000)));

    let budget = Budget::new(limits, 0);
    let kept = list(&["$(params.list[*])".to_owned()], &Scopes::new(&[&scope], &budget));
    assert_eq!(kept, ["$(params.list[*])"], "empty items are not free");
    assert_eq!(
        Overflow::Field(16 << 20).to_string(),
        "variables expand one field to more than 16 MiB, the limit of a field's text"
    );
}

#[test]
fn references_in_references_take_no_square_of_time() {
    let values = values();
    let scope = ParamScope { values: &values, legacy: false };
    for opening in ["$(", "$(params.", "$(params.s.", "$(params['s"] {
        let nested = format!("{})", opening.repeat(200_000));
        assert_eq!(text(&nested, &Scopes::new(&[&scope], &plenty())), nested);
        assert!(references(&nested).iter().all(|r| !r.contains('$')));
    }
    let open = "$(params.s".repeat(200_000);
    assert_eq!(text(&open, &Scopes::new(&[&scope], &plenty())), open);
}
