//! How fast the parts are: the engine over graphs of 10,000 tasks with all their events,
//! substitution, guards; an overlay over a directory of 50,000 files.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use stepwell::engine::action::Action;
use stepwell::engine::{EngineOptions, Run};
use stepwell::exec::module::fs::backend::Backend;
use stepwell::exec::module::fs::overlay::{Overlay, OverlayMount};
use stepwell::model::event::{Event, Stamped};
use stepwell::model::outcome::Outcome;
use stepwell::model::plan::Plan;
use stepwell::model::report::{AttemptReport, StepReport};
use stepwell::model::substitute::{Budget, ExpansionLimits, ParamScope, Scopes, list, text};
use stepwell::model::value::ParamValue;
use stepwell::spec::{Source, read};
use stepwell::volumes::Place;
use stepwell::volumes::commit::{Ground, Root};

const TASKS: usize = 10_000;

/// A pipeline in which task `i` runs after the tasks that `parents` names.
fn plan(parents: impl Fn(usize) -> Vec<usize>) -> Arc<Plan> {
    let mut yaml = String::from(
        "{apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: {name: run}, spec: {params: [{name: who, value: world}], pipelineSpec: {params: [{name: who}], tasks: [",
    );
    for i in 0..TASKS {
        let after: Vec<String> = parents(i).iter().map(|p| format!("t{p}")).collect();
        let _ = writeln!(
            yaml,
            "{{name: t{i}, runAfter: [{}], params: [{{name: n, value: $(params.who)-{i}}}], taskSpec: {{params: [{{name: n}}], steps: [{{name: s, image: busybox, args: [$(params.n), $(context.taskRun.name)], script: 'echo hello $(params.n)'}}]}}}},",
            after.join(", ")
        );
    }
    yaml.push_str("]}}}");
    let (set, diagnostics) = read(&[Source { name: "bench".to_owned(), text: yaml.into_bytes() }]);
    let run = set.runs.first().unwrap_or_else(|| panic!("no run: {:?}", diagnostics.list().first()));
    Arc::new(set.plan(run, "run", "uid"))
}

/// All events of a run in which every step succeeds, in the order in which they were asked for.
fn drive(plan: &Arc<Plan>) -> usize {
    let mut run = Run::new(Arc::clone(plan), EngineOptions::default());
    let mut seq = 0;
    let mut queue = std::collections::VecDeque::from([Event::Started]);
    while let Some(event) = queue.pop_front() {
        let stamped = Stamped { seq, at: 1_000_000_000 + seq * 1_000, event };
        seq += 1;
        for action in run.apply(&stamped) {
            queue.extend(answer(action));
        }
    }
    assert!(run.succeeded() == Some(true), "the run must end well");
    usize::try_from(seq).unwrap_or(0)
}

fn answer(action: Action) -> Option<Event> {
    Some(match action {
        Action::Enqueue { id, attempt } => Event::AttemptStarted { id, attempt },
        Action::Open { id, attempt, .. } => Event::AttemptOpened { id, attempt, failed: None },
        Action::RunStep { id, attempt, request } => Event::StepEnded {
            id,
            attempt,
            step: request.index,
            report: StepReport::of(Outcome::Exited { code: 0 }, String::new()),
        },
        Action::Close { id, attempt } => Event::AttemptClosed { id, attempt, report: AttemptReport::default() },
        Action::Dequeue { .. } | Action::Interrupt { .. } | Action::WakeAt { .. } | Action::Finish => return None,
    })
}

/// A small generator of numbers below `below`, the same each time.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below.max(1)
    }
}

fn graphs(c: &mut Criterion) {
    let next = std::cell::RefCell::new(numbers(7));
    let shapes: [(&str, Arc<Plan>); 3] = [
        ("chain", plan(|i| i.checked_sub(1).into_iter().collect())),
        (
            "one to 9998 to one",
            plan(|i| match i {
                0 => vec![],
                _ if i == TASKS - 1 => (1..TASKS - 1).collect(),
                _ => vec![0],
            }),
        ),
        ("three parents each", plan(|i| if i < 3 { vec![] } else { (0..3).map(|_| next.borrow_mut()(i)).collect() })),
    ];
    let mut group = c.benchmark_group("engine, all events of 10,000 tasks");
    group.sample_size(20);
    for (name, plan) in &shapes {
        group.bench_function(*name, |b| {
            b.iter_batched(|| Arc::clone(plan), |plan| drive(&plan), BatchSize::PerIteration)
        });
    }
    group.finish();
}

fn substitution(c: &mut Criterion) {
    let values: BTreeMap<String, ParamValue> = (0..20)
        .map(|i| (format!("p{i}"), ParamValue::String(format!("value {i}"))))
        .chain([("list".to_owned(), ParamValue::Array(vec!["a".to_owned(), "b".to_owned()]))])
        .collect();
    let scope = ParamScope { values: &values, legacy: true };
    let script = "#!/bin/sh\nset -e\necho $(params.p3) $(date) $(params.list[1])\n".repeat(50);
    let budget = || Budget::new(ExpansionLimits::default(), 0);
    c.bench_function("substitution, a script of 150 lines", |b| {
        b.iter(|| text(black_box(&script), &Scopes::new(&[&scope], &budget())))
    });
    let args: Vec<String> = (0..50).map(|i| format!("--x=$(params.p{})", i % 20)).collect();
    c.bench_function("substitution, 50 args", |b| {
        b.iter(|| list(black_box(&args), &Scopes::new(&[&scope], &budget())))
    });
}

fn guards(c: &mut Criterion) {
    let yaml = |when: &str| {
        let text = format!(
            "{{apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: {{name: run}}, spec: {{pipelineSpec: {{tasks: [{{name: t, when: [{when}], taskSpec: {{steps: [{{name: s, image: busybox}}]}}}}]}}}}}}"
        );
        let (set, _) = read(&[Source { name: "bench".to_owned(), text: text.into_bytes() }]);
        let run = set.runs.first().expect("the text holds a run");
        Arc::new(set.plan(run, "run", "uid"))
    };
    for (name, when) in [
        ("guard, in", "{input: a, operator: in, values: [a, b]}"),
        ("guard, CEL", "{cel: \"'a' in ['a','b'] && size('abc') == 3\"}"),
    ] {
        let plan = yaml(when);
        c.bench_function(name, |b| {
            b.iter(|| {
                let mut run = Run::new(Arc::clone(&plan), EngineOptions::default());
                run.apply(&Stamped { seq: 0, at: 1, event: Event::Started })
            });
        });
    }
}

fn overlays(c: &mut Criterion) {
    const FILES: usize = 50_000;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let base = dir.path().join("base");
    for file in 0..FILES {
        let above = base.join(format!("d{}", file / 500));
        std::fs::create_dir_all(&above).expect("is made");
        std::fs::write(above.join(format!("f{file}")), "x").expect("is written");
    }
    let ground = Arc::new(Ground::default());
    c.bench_function("overlay over 50,000 files, opened and one of them looked at", |b| {
        b.iter(|| {
            let place = Place::existing(&base).expect("is there");
            let root = Root::of(&place).expect("is there");
            let overlay = Overlay::new(&place, root, dir.path().join("layers"), &ground);
            OverlayMount::new(overlay).stat("d7/f3500").expect("is there").size
        });
    });
}

criterion_group!(benches, graphs, substitution, guards, overlays);
criterion_main!(benches);
