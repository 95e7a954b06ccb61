//! What a run does besides going wrong: params, results, matrices, StepActions, workspaces, as the
//! requests that an executor gets and the state that a user reads.

use super::world::{Answers, FromScript, World};
use super::{pipeline, run_of, summary, task};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use stepwell::engine::view::RunView;
use stepwell::model::event::TaskRunId;
use stepwell::model::outcome::Outcome;
use stepwell::model::report::{AttemptReport, StepReport};
use stepwell::model::request::{AttemptRequest, EnvRequest, StepRequest, VolumeSource};
use stepwell::model::value::ParamValue;

/// An attempt and its steps.
type Asked = (AttemptRequest, Vec<StepRequest>);

/// Keeps what was asked for, and answers by script; step results are given by (step, result).
#[derive(Default, Clone)]
struct Listening {
    asked: Rc<RefCell<Vec<Asked>>>,
    step_results: BTreeMap<(&'static str, &'static str), &'static str>,
    /// Why the next attempts can't be opened, last first.
    faults: Rc<RefCell<Vec<Outcome>>>,
}

struct Recorder(Listening, FromScript, BTreeMap<TaskRunId, usize>);

impl Answers for Recorder {
    fn opened(&mut self, id: TaskRunId, task: &str, request: &AttemptRequest) -> Option<Outcome> {
        self.2.insert(id, self.0.asked.borrow().len());
        self.0.asked.borrow_mut().push((request.clone(), Vec::new()));
        let failed = self.0.faults.borrow_mut().pop();
        failed.or_else(|| self.1.opened(id, task, request))
    }

    fn step(&mut self, id: TaskRunId, request: &StepRequest) -> (StepReport, u64) {
        self.0.asked.borrow_mut()[self.2[&id]].1.push(request.clone());
        let (mut report, nanos) = self.1.step(id, request);
        for ((step, result), text) in &self.0.step_results {
            if *step == request.name {
                report.results.insert((*result).to_owned(), (*text).to_owned());
            }
        }
        (report, nanos)
    }

    fn closed(&mut self, id: TaskRunId) -> AttemptReport {
        self.1.closed(id)
    }
}

fn drive(yaml: &str, listening: &Listening) -> RunView {
    let answers = Recorder(listening.clone(), FromScript::default(), BTreeMap::new());
    World::new(run_of(yaml), Box::new(answers)).drive()
}

fn task_run(spec: &str, more: &str) -> String {
    format!(
        "{{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {{name: run}}, spec: {{{more} taskSpec: {{{spec}}}}}}}"
    )
}

#[test]
fn a_matrix_fans_out_and_its_results_are_a_list() {
    let fan = "{name: m, displayName: 'on $(params.os)', matrix: {params: [{name: os, value: [linux, mac]}, {name: v, value: ['1', '2']}], include: [{name: 'special $(params.os)', params: [{name: os, value: mac}, {name: v, value: '2'}]}]}, taskSpec: {params: [{name: os}, {name: v}], results: [{name: r}], steps: [{name: s, image: busybox, script: 'printf $(params.os)-$(params.v) > $(results.r.path)'}]}}";
    let after = "{name: after, params: [{name: all, value: '$(tasks.m.results.r[*])'}, {name: len, value: $(tasks.m.matrix.length)}, {name: k, value: $(tasks.m.matrix.r.length)}], taskSpec: {params: [{name: all, type: array}, {name: len}, {name: k}], steps: [{name: s, image: busybox, args: ['$(params.all[*])', $(params.len), $(params.k)], script: echo ok}]}}";
    let listening = Listening::default();
    let view = drive(&pipeline(&format!("tasks: [{fan}, {after}]"), ""), &listening);
    assert_eq!(
        summary(&view),
        [
            "run: True Succeeded",
            "run-m-0: True Succeeded",
            "run-m-1: True Succeeded",
            "run-m-2: True Succeeded",
            "run-m-3: True Succeeded",
            "run-after: True Succeeded"
        ]
    );
    let asked = listening.asked.borrow();
    let last = &asked.last().expect("tasks ran").1[0].program;
    assert_eq!(last.args, ["linux-1", "mac-1", "linux-2", "mac-2", "4", "4"]);
    let names: Vec<_> = view.objects[0].status.child_references.iter().map(|c| c.display_name.as_str()).collect();
    assert_eq!(names, ["on linux", "on mac", "on linux", "special mac", ""]);
}

#[test]
fn step_results_reach_later_steps_and_the_task() {
    let spec = "results: [{name: out, value: $(steps.a.results.x)}, {name: l, type: array, value: '$(steps.a.results.l)'}], steps: [{name: a, image: busybox, results: [{name: x}, {name: l, type: array}], script: echo a}, {name: b, image: busybox, command: [echo], args: [$(steps.a.results.x), '$(steps.a.results.l[*])', '$(steps.a.results.l[1])'], env: [{name: E, value: 'is $(steps.a.results.x)'}]}, {name: c, image: busybox, when: [{input: $(steps.a.results.x), operator: in, values: [other]}], script: echo c}]";
    let listening =
        Listening { step_results: [(("a", "x"), "hi"), (("a", "l"), "[\"1\",\"2\"]")].into(), ..Listening::default() };
    let yaml = task_run(spec, "").replace("command: [echo], args", "script: echo b, args");
    let view = drive(&yaml, &listening);
    let asked = listening.asked.borrow();
    let b = &asked[0].1[1].program;
    assert_eq!(b.args, ["hi", "1", "2", "2"]);
    assert_eq!(b.env, [EnvRequest::Value { name: "E".into(), value: "is hi".into() }]);
    let status = &view.objects[0].status;
    assert_eq!(status.steps[2].termination_reason, "Skipped");
    let results: Vec<_> = status.results.iter().map(|r| (r.name.as_str(), &r.value)).collect();
    let list = ParamValue::Array(vec!["1".into(), "2".into()]);
    assert_eq!(results, [("l", &list), ("out", &ParamValue::String("hi".into()))]);
    assert_eq!(status.steps[0].results.len(), 2);
}

#[test]
fn workspaces_are_mounted_where_tekton_mounts_them() {
    let task_spec = "{workspaces: [{name: src}, {name: out, mountPath: /out, readOnly: true}, {name: maybe, optional: true}], volumes: [{name: v, emptyDir: {}}], steps: [{name: a, image: busybox, script: 'echo $(workspaces.src.path) $(workspaces.out.path) $(workspaces.maybe.bound) $(workspaces.maybe.path)', volumeMounts: [{name: v, mountPath: /v}]}, {name: b, image: busybox, workspaces: [{name: src, mountPath: /mine}], script: 'echo $(workspaces.src.path)'}]}";
    let spec = format!(
        "workspaces: [{{name: shared}}, {{name: other}}], tasks: [{{name: t, workspaces: [{{name: src, workspace: shared, subPath: in}}, {{name: out, workspace: other}}], taskSpec: {task_spec}}}]"
    );
    let more = "workspaces: [{name: shared, subPath: top, volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}, {name: other, configMap: {name: m}}],";
    let listening = Listening::default();
    let view = drive(&pipeline(&spec, more), &listening);
    assert_eq!(summary(&view)[0], "run: True Succeeded");
    let asked = listening.asked.borrow();
    let (attempt, steps) = &asked[0];
    let source = |key: &str| &attempt.volumes.iter().find(|v| v.key == key).expect("a volume").source;
    let mounts = |at: usize| -> Vec<(String, String, bool)> {
        let mounts = steps[at].program.mounts.iter();
        mounts.map(|m| (m.mount_path.clone(), m.sub_path.clone(), m.read_only)).collect()
    };
    let claim = &steps[1].program.mounts.iter().find(|m| m.mount_path == "/mine").expect("mounted").volume;
    assert!(matches!(source(claim), VolumeSource::Claim { name } if name.starts_with("pvc-")));
    assert_eq!(mounts(0), [("/out".into(), String::new(), true), ("/v".into(), String::new(), false)]);
    assert_eq!(mounts(1), [("/mine".into(), "top/in".into(), false), ("/out".into(), String::new(), true)]);
    let script = steps[0].program.script.as_deref();
    assert_eq!(script, Some("echo /workspace/src /out false "));
    assert_eq!(steps[1].program.script.as_deref(), Some("echo /mine"));
}

#[test]
fn templates_params_and_defaults_come_together() {
    let spec = "params: [{name: who, default: world}, {name: greeting, default: 'hello $(params.who)'}, {name: o, type: object, properties: {a: {}, b: {}}, default: {a: '1', b: '2'}}, {name: l, type: array, default: [x, z]}], stepTemplate: {image: alpine, workingDir: /w, env: [{name: A, value: t}, {name: B, value: t}]}, steps: [{name: s, env: [{name: B, value: own}], args: ['$(params.l[*])', $(params.o.a), $(params.o.b), '$(params.l[1])', $(inputs.params.who)], script: 'echo $(params.greeting)', computeResources: {limits: {memory: 128Mi}}}]";
    let listening = Listening::default();
    let view = drive(&task_run(spec, "params: [{name: who, value: you}, {name: o, value: {b: '3'}}],"), &listening);
    assert_eq!(summary(&view), ["run: True Succeeded"]);
    let asked = listening.asked.borrow();
    let step = &asked[0].1[0].program;
    assert_eq!(step.script.as_deref(), Some("echo hello you"));
    assert_eq!(step.args, ["x", "z", "1", "3", "z", "you"]);
    assert_eq!((step.image.as_str(), step.working_dir.as_deref()), ("alpine", Some("/w")));
    let env: Vec<_> = step
        .env
        .iter()
        .map(|e| match e {
            EnvRequest::Value { name, value } => format!("{name}={value}"),
            EnvRequest::Key { name, .. } => name.clone(),
            EnvRequest::All { prefix, .. } => prefix.clone(),
        })
        .collect();
    assert_eq!(env, ["A=t", "B=own"]);
    assert_eq!(step.sandbox.memory, Some(128 << 20));
}

/// Kubernetes' merge patch: `$(NAME)` stands for variables before it only, so that the order counts.
#[test]
fn variables_of_a_template_stand_where_a_merge_puts_them() {
    let template = "env: [{name: A}, {name: B}, {name: C}], envFrom: [{secretRef: {name: t}}]";
    for (own, wanted) in [
        ("script: exit 0", "A B C t"),
        ("env: [{name: B}], script: exit 0", "A B C t"),
        ("env: [{name: X}, {name: B}, {name: M}], script: exit 0", "X A B M C t"),
        ("env: [{name: C}, {name: A}], script: exit 0", "B C A t"),
        ("env: [{name: X}], envFrom: [{secretRef: {name: o}}], script: exit 0", "X A B C o"),
    ] {
        let spec = format!("stepTemplate: {{image: alpine, {template}}}, steps: [{{name: s, {own}}}]");
        let listening = Listening::default();
        drive(&task_run(&spec, ""), &listening);
        let asked = listening.asked.borrow();
        let name = |e: &EnvRequest| match e {
            EnvRequest::Value { name, .. } | EnvRequest::Key { name, .. } => name.clone(),
            EnvRequest::All { object_name, .. } => object_name.clone(),
        };
        let mut env: Vec<String> = asked[0].1[0].program.env.iter().map(name).collect();
        // Whole objects apply first.
        env.rotate_left(1);
        assert_eq!(env.join(" "), wanted, "{own}");
    }
}

#[test]
fn outer_params_reach_inline_tasks_and_inner_ones_win() {
    let inline = |name: &str, params: &str, declared: &str| {
        format!(
            "{{name: {name}, {params} taskSpec: {{{declared} steps: [{{name: s, image: busybox, script: 'echo $(params.x) $(params.only) $(context.pipelineRun.name)'}}]}}}}"
        )
    };
    let spec = format!(
        "tasks: [{}, {}, {}]",
        inline("a", "", ""),
        inline("b", "params: [{name: x, value: own}],", ""),
        // Tekton: a value given to the run wins over an inner default.
        inline("c", "", "params: [{name: x, default: inner}],")
    );
    let listening = Listening::default();
    let view = drive(&pipeline(&spec, "params: [{name: x, value: outer}, {name: only, value: one}],"), &listening);
    assert_eq!(summary(&view)[0], "run: True Succeeded");
    let asked = listening.asked.borrow();
    let scripts: Vec<_> = asked.iter().map(|a| a.1[0].program.script.clone().unwrap_or_default()).collect();
    assert_eq!(scripts, ["echo outer one run", "echo own one run", "echo outer one run"]);
}

#[test]
fn a_task_that_goes_on_after_failure_is_ignored_and_counted() {
    let spec =
        format!("tasks: [{}, {}]", task("a", "exit 2", "onError: continue,"), task("b", "echo b", "runAfter: [a],"));
    let view = drive(&pipeline(&spec, ""), &Listening::default());
    assert_eq!(summary(&view), ["run: True Succeeded", "run-a: False FailureIgnored", "run-b: True Succeeded"]);
    assert_eq!(
        view.objects[0].status.conditions[0].message,
        "Tasks Completed: 2 (Failed: 1 (Ignored: 1), Cancelled 0), Skipped: 0"
    );
}

#[test]
fn results_of_the_wrong_type_fail_the_task() {
    let spec = "results: [{name: l, type: array}], steps: [{name: s, image: busybox, script: 'printf text > $(results.l.path)'}]";
    let view = drive(&task_run(spec, ""), &Listening::default());
    let condition = &view.objects[0].status.conditions[0];
    assert_eq!(condition.reason, "TaskRunValidationFailed");
    assert_eq!(
        condition.message,
        "[User error] Provided results don't match declared results; may be invalid JSON or missing result declaration:  \"l\": task result is expected to be \"array\" type but was initialized to a different type \"string\""
    );
}

#[test]
fn children_carry_labels_owners_and_stable_uids() {
    let yaml = pipeline(&format!("tasks: [{}]", task("a", "echo a", "")), "");
    let view = drive(&yaml, &Listening::default());
    let child = &view.objects[1].metadata;
    for (key, value) in [
        ("tekton.dev/pipelineRun", "run"),
        ("tekton.dev/pipelineRunUID", "uid"),
        ("tekton.dev/pipelineTask", "a"),
        ("tekton.dev/memberOf", "tasks"),
        ("tekton.dev/pipeline", "run"),
    ] {
        assert_eq!(child.labels.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert_eq!(child.owner_references[0].uid, "uid");
    assert_eq!(child.uid.len(), 36);
    assert_eq!(child.uid, drive(&yaml, &Listening::default()).objects[1].metadata.uid);
}

#[test]
fn a_fault_before_the_first_step_is_tried_again_once() {
    let yaml = task_run("steps: [{name: s, image: busybox, script: echo s}]", "");
    let fault = || Outcome::Infrastructure { message: "no space".to_owned() };
    let faults = |faults| Listening { faults: Rc::new(RefCell::new(faults)), ..Listening::default() };
    let once = faults(vec![fault()]);
    assert_eq!(summary(&drive(&yaml, &once)), ["run: True Succeeded"]);
    assert_eq!(once.asked.borrow().iter().map(|(a, _)| a.attempt).collect::<Vec<_>>(), [0, 0]);
    let view = drive(&yaml, &faults(vec![fault(), fault()]));
    assert_eq!(summary(&view), ["run: False PodCreationFailed"]);
    let message = &view.objects[0].status.conditions[0].message;
    assert_eq!(message, "failed to create task run pod \"run\": no space");
    let bad = Outcome::ModuleInvalid { message: "not WebAssembly".to_owned() };
    assert_eq!(summary(&drive(&yaml, &faults(vec![bad]))), ["run: False PodCreationFailed"]);
}

#[test]
fn a_result_may_name_a_workspace_of_a_later_task() {
    let spec = "workspaces: [{name: w}], tasks: [{name: a, taskSpec: {results: [{name: dir}], steps: [{name: s, image: busybox, script: 'printf sub > $(results.dir.path)'}]}}, {name: b, runAfter: [a], workspaces: [{name: w}], taskSpec: {workspaces: [{name: w}], steps: [{name: s, image: busybox, script: echo b}]}}]";
    let listening = Listening::default();
    let more = "workspaces: [{name: w, subPath: $(tasks.a.results.dir), persistentVolumeClaim: {claimName: c}}],";
    let view = drive(&pipeline(spec, more), &listening);
    assert_eq!(summary(&view)[0], "run: True Succeeded");
    let asked = listening.asked.borrow();
    assert_eq!(asked[1].1[0].program.mounts[0].sub_path, "sub");
}

#[test]
fn pipelines_stand_in_pipelines_and_pass_params_on() {
    let inner = "{name: inner, params: [{name: p, value: deep}], pipelineSpec: {params: [{name: p}], tasks: [{name: x, params: [{name: q, value: $(params.p)}], taskSpec: {params: [{name: q}], steps: [{name: s, image: busybox, script: 'echo $(params.q) $(context.pipelineRun.name)'}]}}]}}";
    let outer = format!("{{name: outer, pipelineSpec: {{tasks: [{inner}]}}}}");
    let listening = Listening::default();
    let view =
        drive(&pipeline(&format!("tasks: [{outer}, {}]", task("b", "echo b", "runAfter: [outer],")), ""), &listening);
    assert_eq!(
        summary(&view),
        [
            "run: True Succeeded",
            "run-b: True Succeeded",
            "run-outer: True Succeeded",
            "run-outer-inner: True Succeeded",
            "run-outer-inner-x: True Succeeded"
        ]
    );
    let parents: Vec<_> = view.objects.iter().map(|o| o.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(0), Some(2), Some(3)]);
    let script = listening.asked.borrow()[0].1[0].program.script.clone();
    assert_eq!(script.as_deref(), Some("echo deep run-outer-inner"));
}

#[test]
fn a_matrix_of_other_types_ends_the_run() {
    let task = |matrix: &str| {
        format!(
            "{{name: b, matrix: {{{matrix}}}, taskSpec: {{params: [{{name: p}}], steps: [{{name: s, image: busybox, script: echo}}]}}}}"
        )
    };
    let text = "{name: a, taskSpec: {results: [{name: r}], steps: [{name: s, image: busybox, script: 'printf x > $(results.r.path)'}]}}";
    let array = "parameters of type array only are allowed, but param \"p\" has type \"string\" in pipelineTask \"b\"";
    for (matrix, wrong) in [
        ("params: [{name: p, value: foo}]", array),
        ("params: [{name: p, value: '$(tasks.a.results.r)'}]", array),
        (
            "include: [{name: i, params: [{name: p, value: [x]}]}]",
            "parameters of type string only are allowed, but param \"p\" has type \"array\" in pipelineTask \"b\"",
        ),
    ] {
        let (set, _) = stepwell::spec::read(&[stepwell::spec::Source {
            name: "test".to_owned(),
            text: pipeline(&format!("tasks: [{text}, {}]", task(matrix)), "").into_bytes(),
        }]);
        let object = set.runs.first().expect("a run");
        let run = stepwell::engine::Run::new(set.plan(object, "run", "uid").into(), Default::default());
        let answers = Recorder(Listening::default(), FromScript::default(), BTreeMap::new());
        let view = World::new(run, Box::new(answers)).drive();
        let condition = &view.objects[0].status.conditions[0];
        assert_eq!(condition.reason, "InvalidMatrixParameterTypes", "{matrix}: {}", condition.message);
        assert_eq!(condition.message, format!("Failed to validate matrix \"run\" with error [User error] {wrong}"));
    }
}

#[test]
fn an_array_result_without_index_is_its_first_item_as_a_pipeline_result() {
    let task = "{name: a, taskSpec: {results: [{name: r, type: array}], steps: [{name: s, image: busybox, script: 'printf [\"1\",\"2\"] > $(results.r.path)'}]}}";
    let ends = |results: &str| {
        let yaml = pipeline(&format!("tasks: [{task}], results: [{results}]"), "");
        let fixed = BTreeMap::from([("r".to_owned(), "[\"1\",\"2\"]".to_owned())]);
        let view = World::new(run_of(&yaml), Box::new(Fixed(fixed))).drive();
        let status = &view.objects[0].status;
        status.results.iter().map(|r| (r.name.clone(), r.value.clone())).collect::<Vec<_>>()
    };
    let first = ParamValue::String("1".into());
    let all = ParamValue::Array(vec!["1".into(), "2".into()]);
    let plain = "{name: x, value: $(tasks.a.results.r)}";
    let starred = "{name: z, type: array, value: '$(tasks.a.results.r[*])'}";
    assert_eq!(ends(plain), [("x".to_owned(), first.clone())]);
    assert_eq!(ends(&format!("{plain}, {starred}")), [("x".to_owned(), first), ("z".to_owned(), all.clone())]);
    assert_eq!(ends(&format!("{starred}, {plain}")), [("z".to_owned(), all.clone()), ("x".to_owned(), all)]);
}

/// Every step succeeds, and every attempt leaves these results.
struct Fixed(BTreeMap<String, String>);

impl Answers for Fixed {
    fn opened(&mut self, _: TaskRunId, _: &str, _: &AttemptRequest) -> Option<Outcome> {
        None
    }

    fn step(&mut self, _: TaskRunId, _: &StepRequest) -> (StepReport, u64) {
        (StepReport::of(Outcome::Exited { code: 0 }, ""), 1)
    }

    fn closed(&mut self, _: TaskRunId) -> AttemptReport {
        AttemptReport { results: self.0.clone(), ..AttemptReport::default() }
    }
}

#[test]
fn requests_beyond_limits_and_items_beyond_the_end_are_refused() {
    let param = "params: [{name: x, type: array, default: [a]}],";
    let beyond = "[User error] non-existent param references:[$(params.x[4])]";
    let step = "name: s, image: busybox, script: echo";
    for (spec, message) in [
        (
            format!("steps: [{{{step}, computeResources: {{limits: {{cpu: 500m}}, requests: {{cpu: 1}}}}}}]"),
            "[User error] invalid request resource value: 1 must be less or equal to limit 500m",
        ),
        (
            format!(
                "stepTemplate: {{computeResources: {{limits: {{memory: 1Mi}}}}}}, steps: [{{{step}, computeResources: {{requests: {{memory: 1Gi}}}}}}]"
            ),
            "[User error] invalid request resource value: 1Gi must be less or equal to limit 1Mi",
        ),
        (format!("{param} stepTemplate: {{env: [{{name: E, value: '$(params.x[4])'}}]}}, steps: [{{{step}}}]"), beyond),
        (format!("{param} volumes: [{{name: v, configMap: {{name: '$(params.x[4])'}}}}], steps: [{{{step}}}]"), beyond),
        (
            format!(
                "{param} volumes: [{{name: v, emptyDir: {{}}}}], steps: [{{{step}, volumeMounts: [{{name: v, mountPath: /v, subPath: '$(params.x[4])'}}]}}]"
            ),
            beyond,
        ),
    ] {
        let view = drive(&task_run(&spec, ""), &Listening::default());
        let condition = &view.objects[0].status.conditions[0];
        assert_eq!((condition.reason.as_str(), condition.message.as_str()), ("TaskRunValidationFailed", message));
    }
    let spec = "params: [{name: l, type: array, default: [a]}], workspaces: [{name: w}], tasks: [{name: t, workspaces: [{name: w, subPath: '$(params.l[7])'}], taskSpec: {workspaces: [{name: w}], steps: [{name: s, image: busybox, script: echo}]}}]";
    let view = drive(&pipeline(spec, "workspaces: [{name: w, emptyDir: {}}],"), &Listening::default());
    assert_eq!(view.objects[0].status.conditions[0].reason, "ParamArrayIndexingInvalid");
}
