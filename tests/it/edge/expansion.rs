//! What variables may expand to: past a limit the run ends with Tekton's reason and our message,
//! wherever in its life the text would have grown.

use super::world::{Answers, World};
use super::{pipeline, run_with};
use stepwell::engine::EngineOptions;
use stepwell::engine::view::RunView;
use stepwell::model::event::TaskRunId;
use stepwell::model::outcome::Outcome;
use stepwell::model::report::{AttemptReport, StepReport};
use stepwell::model::request::{AttemptRequest, StepRequest};
use stepwell::model::substitute::ExpansionLimits;

/// Every step succeeds, every attempt and step leaves one result `r`.
struct Leaves(String);

impl Answers for Leaves {
    fn opened(&mut self, _: TaskRunId, _: &str, _: &AttemptRequest) -> Option<Outcome> {
        None
    }

    fn step(&mut self, _: TaskRunId, request: &StepRequest) -> (StepReport, u64) {
        let longest = request.program.args.iter().map(String::len).max().unwrap_or_default();
        assert!(longest <= 1_000, "a text past the limit has reached an executor");
        let results = request.results.iter().map(|r| (r.name.clone(), self.0.clone())).collect();
        (StepReport { results, ..StepReport::of(Outcome::Exited { code: 0 }, "") }, 1)
    }

    fn closed(&mut self, _: TaskRunId) -> AttemptReport {
        AttemptReport { results: [("r".to_owned(), self.0.clone())].into(), ..AttemptReport::default() }
    }
}

/// Fields up to 1,000 bytes, 3,000 for an object, 20,000 for a run (entries of params count too).
fn drive(yaml: &str, result: &str) -> RunView {
    let expansion = ExpansionLimits { field: 1_000, object: 3_000, run: 20_000 };
    let options = EngineOptions { expansion, ..EngineOptions::default() };
    World::new(run_with(yaml, options), Box::new(Leaves(result.to_owned()))).drive()
}

fn task_run(spec: &str, params: &str) -> String {
    format!(
        "{{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {{name: run}}, spec: {{params: [{params}], taskSpec: {{{spec}}}}}}}"
    )
}

/// Reason and message of the first object that failed, or its success.
fn end(view: &RunView, at: usize) -> (String, String) {
    let condition = view.objects[at].status.conditions.first().expect("it has ended");
    assert!(view.done);
    (condition.reason.clone(), condition.message.clone())
}

const FIELD: &str = "variables expand one field to more than 1000 bytes, the limit of a field's text";
const OBJECT: &str = "variables expand to more than 3000 bytes in all, the limit of one object's expansions";
const RUN: &str = "variables expand to more than 20000 bytes over the whole run, the limit of a run's expansions";

fn repeated(variable: &str, times: usize) -> String {
    format!("$({variable})").repeat(times)
}

#[test]
fn a_task_run_that_expands_too_far_fails_validation() {
    let given = format!("{{name: p, value: {}}}", "x".repeat(100));
    let args = |text: &str| {
        format!("params: [{{name: p}}], steps: [{{name: a, image: busybox, args: ['{text}'], script: echo}}]")
    };
    let (reason, _) = end(&drive(&task_run(&args(&repeated("params.p", 10)), &given), ""), 0);
    assert_eq!(reason, "Succeeded");
    for (spec, limit) in [
        (args(&repeated("params.p", 11)), FIELD),
        (args(&["$(params.p)"; 31].join("', '")), OBJECT),
        (args("").replace("busybox", &format!("'busybox:{}'", repeated("params.p", 10))), FIELD),
        (args("") + ", volumes: [{name: v, configMap: {name: '" + &repeated("params.p", 11) + "'}}]", FIELD),
        (args("") + ", sidecars: [{name: s, image: busybox, script: '" + &repeated("params.p", 11) + "'}]", FIELD),
        (args("") + ", stepTemplate: {env: [{name: E, value: '" + &repeated("params.p", 11) + "'}]}", FIELD),
    ] {
        let (reason, message) = end(&drive(&task_run(&spec, &given), ""), 0);
        assert_eq!(reason, "TaskRunValidationFailed", "{spec}");
        assert_eq!(message, format!("[User error] failed to apply variables to TaskRun run: {limit}"));
    }
}

#[test]
fn a_step_that_outgrows_by_step_results_ends_its_task() {
    let spec = format!(
        "steps: [{{name: a, image: busybox, results: [{{name: r}}], script: echo}}, {{name: b, image: busybox, args: ['{}'], script: echo}}, {{name: c, image: busybox, script: echo}}]",
        repeated("steps.a.results.r", 11)
    );
    let view = drive(&task_run(&spec, ""), &"y".repeat(100));
    let (reason, message) = end(&view, 0);
    assert_eq!((reason.as_str(), message.ends_with(FIELD)), ("TaskRunValidationFailed", true), "{message}");
    let steps: Vec<_> = view.objects[0].status.steps.iter().map(|s| s.termination_reason.as_str()).collect();
    assert_eq!(steps, ["Completed", "Skipped", "Skipped"]);
}

#[test]
fn defaults_that_use_each_other_end_the_run() {
    let chain: Vec<String> =
        (1..9).map(|i| format!("{{name: p{i}, default: '{}'}}", repeated(&format!("params.p{}", i - 1), 10))).collect();
    let params = format!("params: [{{name: p0, default: xxxxxxxxxx}}, {}]", chain.join(", "));
    let steps = "steps: [{name: a, image: busybox, script: 'echo $(params.p8)'}]";
    let (reason, message) = end(&drive(&task_run(&format!("{params}, {steps}"), ""), ""), 0);
    assert_eq!((reason.as_str(), message.ends_with(FIELD)), ("InvalidParamValue", true), "{message}");
    let tasks = "tasks: [{name: t, params: [{name: v, value: $(params.p8)}], taskSpec: {params: [{name: v}], steps: [{name: a, image: busybox, script: echo}]}}]";
    let (reason, message) = end(&drive(&pipeline(&format!("{params}, {tasks}"), ""), ""), 0);
    assert_eq!((reason.as_str(), message.ends_with(FIELD)), ("InvalidParamValue", true), "{message}");
}

#[test]
fn a_pipeline_that_expands_too_far_fails_validation_wherever_it_grows() {
    let given = format!("params: [{{name: p, value: {}}}],", "x".repeat(100));
    let task = |name: &str, value: &str, more: &str| {
        format!(
            "{{name: {name}, params: [{{name: v, value: '{value}'}}], {more} taskSpec: {{params: [{{name: v}}], results: [{{name: r}}], steps: [{{name: a, image: busybox, script: echo}}]}}}}"
        )
    };
    let of = |tasks: &[String]| format!("params: [{{name: p}}], tasks: [{}]", tasks.join(", "));
    let results = repeated("tasks.a.results.r", 11);
    let many: Vec<String> = (0..31).map(|i| task(&format!("t{i}"), "$(params.p)", "")).collect();
    let fan = task("b", &repeated("params.p", 9), "matrix: {params: [{name: m, value: [INDEXES]}]},")
        .replace("INDEXES", &vec!["'1'"; 20].join(", "))
        .replace("params: [{name: v}]", "params: [{name: v}, {name: m}]");
    for (spec, limit) in [
        (of(&[task("a", &repeated("params.p", 11), "")]), FIELD),
        (of(&many), OBJECT),
        (of(&[task("a", "", ""), task("b", &results, "")]), FIELD),
        (of(&[task("a", "", "")]) + ", finally: [" + &task("f", &results, "") + "]", FIELD),
        (of(&[task("a", "", "")]) + ", results: [{name: out, value: '" + &results + "'}]", FIELD),
        (of(&[fan]), RUN),
    ] {
        let (reason, message) = end(&drive(&pipeline(&spec, &given), &"z".repeat(100)), 0);
        assert_eq!(reason, "PipelineValidationFailed", "{message}\n{spec}");
        assert_eq!(
            message,
            format!("[User error] Failed to apply variables to Pipeline default/run: {limit}"),
            "{spec}"
        );
    }
}

#[test]
fn what_the_task_runs_of_a_run_keep_is_bounded() {
    let default = "d".repeat(900);
    let task = |i: usize| {
        format!(
            "{{name: t{i}, runAfter: [{}], taskSpec: {{params: [{{name: v, default: {default}}}], steps: [{{name: a, image: busybox, script: echo}}]}}}}",
            if i == 0 { String::new() } else { format!("t{}", i - 1) }
        )
    };
    let tasks: Vec<String> = (0..40).map(task).collect();
    let view = drive(&pipeline(&format!("tasks: [{}]", tasks.join(", ")), ""), "");
    assert_eq!(end(&view, 0).0, "Failed");
    let last = view.objects.len() - 1;
    assert!(last > 10, "the first tasks fit");
    let (reason, message) = end(&view, last);
    assert_eq!((reason.as_str(), message.ends_with(RUN)), ("TaskRunValidationFailed", true), "{message}");
}
