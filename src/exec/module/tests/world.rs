//! The world of `wit/step.wit`, used by one and the same code as a core module and as a component.

use super::component::component;
use super::steps::{Machine, attempt, step};
use crate::exec::{StepProgress, Stream};
use crate::model::outcome::Outcome;
use crate::model::request::{AttemptRequest, ResultRequest};
use crate::model::value::{ParamType, ParamValue};
use std::collections::BTreeMap;
use std::sync::Arc;

const IMPORTS: &str =
    "import stepwell:step/params@0.1.0; import stepwell:step/results@0.1.0; import stepwell:step/log@0.1.0;
    import stepwell:step/progress@0.1.0; import stepwell:step/modes@0.1.0;";

/// A program with strings in its memory: `STRINGS` says where.
fn program(body: &str) -> String {
    format!(
        r#"(module
          (import "stepwell:step/params@0.1.0" "names" (func $names (param i32)))
          (import "stepwell:step/params@0.1.0" "get" (func $get (param i32 i32 i32)))
          (import "stepwell:step/results@0.1.0" "set" (func $set (param i32 i32 i32 i32 i32 i32)))
          (import "stepwell:step/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))
          (import "stepwell:step/progress@0.1.0" "report" (func $report (param i32 i32 i32 i64 i32 i64)))
          (import "stepwell:step/modes@0.1.0" "get-mode" (func $mode (param i32 i32 i32 i32)))
          (import "stepwell:step/modes@0.1.0" "set-mode" (func $set-mode (param i32 i32 i32 i32 i32)))
          (memory (export "memory") 2) (global $heap (mut i32) (i32.const 65536))
          (data (i32.const 1024) "list") (data (i32.const 1040) "map") (data (i32.const 1056) "text")
          (data (i32.const 1072) "out") (data (i32.const 1088) "items") (data (i32.const 1104) "nothing")
          (data (i32.const 1120) "a\nb") (data (i32.const 1136) "work\1b[1m") (data (i32.const 1152) "/tekton/results/out")
          (data (i32.const 1184) "\ff\fe")
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (global.get $heap)
            (global.set $heap
              (i32.and (i32.add (i32.add (global.get $heap) (local.get 3)) (i32.const 15)) (i32.const -16))))
          ;; A result has to be as it was expected: the case, and of an error the code behind it.
          (func $is (param $at i32) (param $case i32) (param $code i32)
            (if (i32.ne (i32.load8_u (local.get $at)) (local.get $case)) (then unreachable))
            (if (local.get $case) (then
              (if (i32.ne (i32.load8_u (i32.add (local.get $at) (i32.const 1))) (local.get $code)) (then unreachable)))))
          (func $get-some (param $at i32) (param $length i32)
            (call $get (local.get $at) (local.get $length) (i32.const 0))
            (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 1)) (then unreachable)))
          (func $set-it (param $at i32) (param $length i32)
            (call $set (local.get $at) (local.get $length)
              (i32.load8_u (i32.const 4)) (i32.load (i32.const 8)) (i32.load (i32.const 12)) (i32.const 32)))
          (func $run {body})
          (func (export "_start") (call $run))
          (func (export "wasi:cli/run@0.2.12#run") (result i32) (call $run) (i32.const 0)))"#
    )
}

/// One step of a task with params and results, as `m` (a component) or `core`.
async fn run(machine: &Machine, image: &str) -> (Outcome, BTreeMap<String, String>) {
    let params = BTreeMap::from([
        ("list".to_owned(), ParamValue::Array(vec!["a".into(), "b \"c\"".into()])),
        ("map".to_owned(), ParamValue::Object(BTreeMap::from([("k".to_owned(), "v".to_owned())]))),
        ("text".to_owned(), ParamValue::String("plain".into())),
    ]);
    let of = |name: &str, r#type| ResultRequest { name: name.to_owned(), r#type };
    let request = AttemptRequest {
        params: Arc::new(params),
        results: vec![of("out", ParamType::String), of("items", ParamType::Array), of("map", ParamType::Object)],
        ..attempt()
    };
    let mut session = machine.open(request).await;
    let report = session.run_step(step(0, "s", image, &[])).await;
    (report.outcome, session.close().await.results)
}

async fn both(body: &str, check: impl AsyncFn(&Machine, Outcome, BTreeMap<String, String>)) {
    let text = program(body);
    for image in ["core", "m"] {
        let machine = Machine::new(&[("core", &text)]);
        std::fs::write(machine.dir.path().join("m.wasm"), component(IMPORTS, &text)).expect("is written");
        let (outcome, results) = run(&machine, image).await;
        check(&machine, outcome, results).await;
    }
}

const OK: Outcome = Outcome::Exited { code: 0 };

#[tokio::test(flavor = "multi_thread")]
async fn params_become_results() {
    let body = r#"
      (call $names (i32.const 64))
      (if (i32.ne (i32.load (i32.const 68)) (i32.const 3)) (then unreachable))
      (call $get-some (i32.const 1024) (i32.const 4))
      ;; Not declared; of another type; set; set before.
      (call $set-it (i32.const 1104) (i32.const 7)) (call $is (i32.const 32) (i32.const 1) (i32.const 0))
      (call $set-it (i32.const 1072) (i32.const 3)) (call $is (i32.const 32) (i32.const 1) (i32.const 1))
      (call $set-it (i32.const 1088) (i32.const 5)) (call $is (i32.const 32) (i32.const 0) (i32.const 0))
      (call $set-it (i32.const 1088) (i32.const 5)) (call $is (i32.const 32) (i32.const 1) (i32.const 3))
      (call $get-some (i32.const 1040) (i32.const 3))
      (call $set-it (i32.const 1040) (i32.const 3)) (call $is (i32.const 32) (i32.const 0) (i32.const 0))
      (call $get-some (i32.const 1056) (i32.const 4))
      (call $set-it (i32.const 1072) (i32.const 3)) (call $is (i32.const 32) (i32.const 0) (i32.const 0))
      ;; No such param.
      (call $get (i32.const 1104) (i32.const 7) (i32.const 0))
      (if (i32.load8_u (i32.const 0)) (then unreachable))"#;
    both(body, async |_, outcome, results| {
        assert_eq!(outcome, OK);
        let results: Vec<(&str, &str)> = results.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(results, [("items", r#"["a","b \"c\""]"#), ("map", r#"{"k":"v"}"#), ("out", "plain")]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_may_be_as_large_as_a_file_of_one() {
    let body = r#"(drop (memory.grow (i32.const 32)))
      (call $set (i32.const 1072) (i32.const 3) (i32.const 0) (i32.const 2048) (i32.const 1048577) (i32.const 32))
      (call $is (i32.const 32) (i32.const 1) (i32.const 2))
      (call $set (i32.const 1072) (i32.const 3) (i32.const 0) (i32.const 2048) (i32.const 1048576) (i32.const 32))
      (call $is (i32.const 32) (i32.const 0) (i32.const 0))"#;
    both(body, async |_, outcome, results| {
        assert_eq!((outcome, results["out"].len()), (OK, 1 << 20));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_progress_and_modes() {
    let body = r#"
      (i32.store (i32.const 128) (i32.const 1088)) (i32.store (i32.const 132) (i32.const 5))
      (i32.store (i32.const 136) (i32.const 1120)) (i32.store (i32.const 140) (i32.const 3))
      (call $log (i32.const 3) (i32.const 1056) (i32.const 4) (i32.const 128) (i32.const 1))
      (call $report (i32.const 1136) (i32.const 8) (i32.const 1) (i64.const 2) (i32.const 0) (i64.const 0))
      (call $mode (i32.const 1152) (i32.const 19) (i32.const 1) (i32.const 32))
      (if (i32.ne (i32.load8_u (i32.const 32)) (i32.const 1)) (then unreachable))
      (if (i32.load8_u (i32.const 36)) (then unreachable)) ;; no-entry
      (call $set (i32.const 1072) (i32.const 3) (i32.const 0) (i32.const 1056) (i32.const 4) (i32.const 32))
      (call $set-mode (i32.const 1152) (i32.const 19) (i32.const 1) (i32.const 0x1ed) (i32.const 32)) ;; 0755
      (call $is (i32.const 32) (i32.const 0) (i32.const 0))
      (call $mode (i32.const 1152) (i32.const 19) (i32.const 1) (i32.const 32))
      (if (i32.ne (i32.load (i32.const 36)) (i32.const 0x1ed)) (then unreachable))
      (call $set-mode (i32.const 1152) (i32.const 19) (i32.const 1) (i32.const 0x9ed) (i32.const 32)) ;; 04755
      (call $is (i32.const 32) (i32.const 1) (i32.const 6))"#;
    both(body, async |machine, outcome, _| {
        assert_eq!(outcome, OK);
        assert_eq!(machine.printed.text(Stream::Stderr), "level=warn msg=text items=\"a\\nb\"\n");
        let said = StepProgress { what: "work\\u{1b}[1m".into(), done: Some(2), total: None };
        assert_eq!(*machine.printed.1.lock().expect("a list"), [said]);
    })
    .await;
}

/// What a guest hands over may be anything: it ends the guest, and nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_breaks_the_rules_traps() {
    let broken = [
        "(call $get (i32.const 1184) (i32.const 2) (i32.const 0))",
        "(call $get (i32.const 131070) (i32.const 4) (i32.const 0))",
        "(call $get (i32.const 1056) (i32.const 4) (i32.const 131068))",
        "(call $get (i32.const 1056) (i32.const 4) (i32.const -4))",
        "(call $get (i32.const 1056) (i32.const -1) (i32.const 0))",
        "(call $log (i32.const 5) (i32.const 1056) (i32.const 4) (i32.const 128) (i32.const 0))",
        "(call $log (i32.const 1) (i32.const 1056) (i32.const 4) (i32.const 128) (i32.const -1))",
        "(call $log (i32.const 1) (i32.const 1056) (i32.const 4) (i32.const -8) (i32.const 2))",
        "(call $set (i32.const 1072) (i32.const 3) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 32))",
        "(call $report (i32.const 1056) (i32.const 4) (i32.const 2) (i64.const 0) (i32.const 0) (i64.const 0))",
        "(global.set $heap (i32.const 131064)) (call $get (i32.const 1024) (i32.const 4) (i32.const 0))",
        "(global.set $heap (i32.const 65537)) (call $get (i32.const 1024) (i32.const 4) (i32.const 0))",
    ];
    for body in broken {
        both(body, async |_, outcome, _| {
            assert!(matches!(&outcome, Outcome::Trapped { .. }), "{body}: {outcome:?}");
        })
        .await;
    }
}
