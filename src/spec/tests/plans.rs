//! Plans: references, numbers, edges, pipelines in pipelines, sandbox blocks.

use super::*;
use crate::model::plan::{PipelinePlan, TaskBody, TaskPlan};

fn pipeline(text: &str) -> Arc<PipelinePlan> {
    let (set, diagnostics) = read_text(text);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    match set.plan(&set.runs[0], "r", "u").root {
        Root::Pipeline { pipeline: Resolved::Found(plan), .. } => plan,
        other => panic!("no pipeline: {other:#?}"),
    }
}

fn task(plan: &PipelinePlan, index: usize) -> &TaskPlan {
    match &plan.tasks[index].body {
        TaskBody::Task(Resolved::Found(task)) => task,
        other => panic!("no task: {other:#?}"),
    }
}

const STEPS: &str = "steps: [{name: s, image: i}]";

#[test]
fn edges_come_from_every_place_that_tekton_looks_at() {
    let text = "
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: r}
spec:
  pipelineSpec:
    tasks:
    - {name: a, taskRef: {name: t}}
    - {name: b, taskRef: {name: t}, runAfter: [a, a]}
    - {name: c, taskRef: {name: t}, params: [{name: x, value: ['$(tasks.b.results.r[*])']}], runAfter: [a]}
    - {name: d, taskRef: {name: t}, when: [{input: '$(tasks.a.results.r)', operator: in, values: ['$(tasks.b.results.r)']}]}
    - {name: e, taskRef: {name: t}, matrix: {params: [{name: x, value: ['$(tasks.a.results.r)']}], include: [{params: [{name: w, value: $(tasks.b.results.r)}]}]}}
    - name: f
      taskSpec: {steps: [{image: i, script: '$(tasks.a.results.r)', env: [{name: v, value: $(tasks.c.results.r)}]}]}
    finally:
    - {name: z, taskRef: {name: t}, params: [{name: x, value: $(tasks.a.results.r)}]}
---
{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: t, labels: {l: m}}, spec: {results: [{name: r}], STEPS}}
"
    .replace("STEPS", STEPS);
    let plan = pipeline(&text);
    let edges = |i: usize| {
        let t = &plan.tasks[i];
        let numbers = |list: &[crate::model::plan::TaskIx]| list.iter().map(|x| x.0).collect::<Vec<_>>();
        (numbers(&t.parents), numbers(&t.result_parents), numbers(&t.children))
    };
    assert_eq!(plan.dag_len, 6);
    assert_eq!(edges(0), (vec![], vec![], vec![1, 2, 3, 4, 5]));
    assert_eq!(edges(1), (vec![0], vec![], vec![2, 3, 4]));
    assert_eq!(edges(2), (vec![0, 1], vec![1], vec![5]));
    assert_eq!(edges(3), (vec![0, 1], vec![0, 1], vec![]));
    assert_eq!(edges(4), (vec![0, 1], vec![0, 1], vec![]));
    assert_eq!(edges(5), (vec![0, 2], vec![0, 2], vec![]));
    assert_eq!(edges(6), (vec![], vec![0], vec![]));
    assert_eq!((plan.tasks[1].span.line, plan.tasks[6].path.as_str()), (9, "spec.pipelineSpec.finally[0]"));
    assert_eq!(task(&plan, 0).labels.get("l").map(String::as_str), Some("m"));
    assert_eq!(task(&plan, 5).step_spans[0].line, 14);
}

#[test]
fn references_lead_to_objects_or_stand_as_they_are() {
    let text = "
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: r}
spec:
  params: [{name: inner, value: q}]
  pipelineRef: {name: p}
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: p}
spec:
  params: [{name: inner}]
  tasks:
  - {name: a, taskRef: {name: nope}}
  - {name: b, taskRef: {resolver: git, params: [{name: url, value: x}]}}
  - {name: c, taskRef: {apiVersion: x.dev/v1, kind: K, name: k}}
  - {name: d, pipelineRef: {name: p}}
  - {name: e, pipelineSpec: {tasks: [{name: x, taskSpec: {steps: [{ref: {name: act}}, {ref: {name: none}}]}}]}}
---
{apiVersion: tekton.dev/v1beta1, kind: StepAction, metadata: {name: act}, spec: {image: i}}
";
    let plan = pipeline(text);
    assert!(
        matches!(&plan.tasks[0].body, TaskBody::Task(Resolved::NotFound { name, resource: "tasks.tekton.dev" }) if name == "nope")
    );
    assert!(
        matches!(&plan.tasks[1].body, TaskBody::Task(Resolved::Unsupported { message }) if message.contains("git"))
    );
    assert!(
        matches!(&plan.tasks[2].body, TaskBody::Task(Resolved::Unsupported { message }) if message.contains("x.dev/v1 K"))
    );
    let cycle = "detected cycle in pipeline-in-pipeline: pipeline \"p\" is already running in ancestor chain [p]";
    assert!(matches!(&plan.tasks[3].body, TaskBody::Pipeline(Resolved::Unsupported { message }) if message == cycle));
    let TaskBody::Pipeline(Resolved::Found(inner)) = &plan.tasks[4].body else { panic!("no inner pipeline") };
    let actions = &task(inner, 0).step_actions;
    assert!(matches!(&actions["act"], Resolved::Found(a) if a.spec.image == "i"));
    assert!(matches!(&actions["none"], Resolved::NotFound { .. }));
    assert_eq!(inner.tasks[0].path, "spec.tasks[4].pipelineSpec.tasks[0]");
}

#[test]
fn pipelines_that_multiply_are_bounded() {
    let levels: String = (0..14)
        .map(|i| {
            let tasks: String = (0..10).map(|t| format!("{{name: t{t}, pipelineRef: {{name: p{}}}}}, ", i + 1)).collect();
            format!("---\n{{apiVersion: tekton.dev/v1, kind: Pipeline, metadata: {{name: p{i}}}, spec: {{tasks: [{tasks}]}}}}\n")
        })
        .collect();
    let text = format!(
        "{{apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: {{name: r}}, spec: {{pipelineRef: {{name: p0}}}}}}\n{levels}"
    );
    let plan = pipeline(&text);
    fn count(plan: &PipelinePlan) -> usize {
        plan.tasks.iter().fold(0, |n, t| {
            n + 1 + if let TaskBody::Pipeline(Resolved::Found(inner)) = &t.body { count(inner) } else { 0 }
        })
    }
    assert!(count(&plan) <= super::super::plan::MAX_PLANNED_TASKS);
}

#[test]
fn sandbox_blocks_are_merged_from_the_outside_in() {
    let text = "
apiVersion: tekton.dev/v1
kind: TaskRun
metadata:
  name: r
  annotations:
    stepwell.dev/sandbox: |
      limits: {memory: 1Mi, disk: 1Mi}
      clock: virtual
spec:
  taskSpec:
    sandbox: {limits: {memory: 2Mi, handles: 5}, commands: {a: ./a.wasm}}
    stepTemplate: {image: i, sandbox: {random: seeded}}
    steps:
    - {name: x}
    - {name: z, sandbox: {clock: real, limits: {memory: 3Mi}, commands: {b: ./b.wasm}}}
";
    let (set, diagnostics) = read_text(text);
    assert_eq!(diagnostics.list(), &[]);
    let Root::Task { task: Resolved::Found(task), .. } = set.plan(&set.runs[0], "r", "u").root else {
        panic!("no task")
    };
    let block = |i: usize| {
        let b = task.spec.steps[i].sandbox.as_ref().unwrap();
        (
            b.limits.memory.clone(),
            b.limits.disk.clone(),
            b.limits.handles.clone(),
            b.clock.clone(),
            b.random.clone(),
            b.commands.len(),
        )
    };
    assert_eq!(block(0), ("2Mi".into(), "1Mi".into(), 5.into(), "virtual".into(), "seeded".into(), 1));
    assert_eq!(block(1), ("3Mi".into(), "1Mi".into(), 5.into(), "real".into(), "seeded".into(), 2));
}

#[test]
fn what_is_wrong_in_an_annotation_is_shown_there() {
    let text = "
apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: t
  annotations:
    stepwell.dev/sandbox: |
      limits:
        memroy: 1Mi
      clock: later
      steps:
        z: {limits: {cpu: soon}}
spec:
  steps: [{name: s, image: i}]
";
    let (_, diagnostics) = read_text(text);
    let found: Vec<_> = diagnostics
        .list()
        .iter()
        .map(|d| (d.span.unwrap().line, d.span.unwrap().column, d.code.as_str(), d.help.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (7, 27, "bad-sandbox", "the task's steps are: s"),
            (9, 9, "unknown-field", "did you mean `memory`?"),
            (10, 14, "bad-sandbox", "write one of: real, virtual"),
            (12, 27, "bad-sandbox", "limits are Kubernetes quantities; cpu is a duration"),
        ]
    );
}
