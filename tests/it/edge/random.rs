//! Random plans with random ends, in random order: what must hold of every run. And the same events
//! lead to the same actions and the same view.

use super::world::{Answers, World};
use super::{pipeline, run_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use stepwell::engine::action::Action;
use stepwell::engine::view::{Phase, RunView};
use stepwell::model::event::{CancelMode, Event, TaskRunId};
use stepwell::model::outcome::Outcome;
use stepwell::model::report::{AttemptReport, StepReport};
use stepwell::model::request::{AttemptRequest, StepRequest};

/// Plans that are tried.
const PLANS: u64 = 400;

/// A generator of numbers, the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most.max(1)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A random pipeline: its YAML and the parents of each task.
fn random_pipeline(numbers: &mut Numbers) -> (String, BTreeMap<String, Vec<String>>) {
    let count = 1 + numbers.below(9);
    let mut parents = BTreeMap::new();
    let mut tasks = String::new();
    for i in 0..count {
        let mut after: BTreeSet<String> = BTreeSet::new();
        for _ in 0..numbers.below(3) {
            if i > 0 {
                after.insert(format!("t{}", numbers.below(i)));
            }
        }
        let after: Vec<String> = after.into_iter().collect();
        let retries = numbers.below(3);
        let ignore = retries == 0 && numbers.chance(15);
        let mut more = format!("retries: {retries}, runAfter: [{}],", after.join(", "));
        if ignore {
            more += " onError: continue,";
        }
        if numbers.chance(15) {
            more += " when: [{input: a, operator: in, values: [b]}],";
        }
        if numbers.chance(10) {
            more += " timeout: 3s,";
        }
        let body = if numbers.chance(10) {
            "pipelineSpec: {tasks: [{name: x, taskSpec: {steps: [{name: s, image: i}]}}], finally: [{name: z, taskSpec: {steps: [{name: s, image: i}]}}]}"
        } else {
            "taskSpec: {steps: [{name: s, image: i}, {name: t, image: i, onError: continue}]}"
        };
        if body.starts_with("pipelineSpec") {
            more = format!("runAfter: [{}],", after.join(", "));
        }
        let _ = write!(tasks, "{{name: t{i}, {more} {body}}}, ");
        parents.insert(format!("t{i}"), after);
    }
    let finals: String = (0..numbers.below(3))
        .map(|i| format!("{{name: f{i}, taskSpec: {{steps: [{{name: s, image: i}}]}}}}, "))
        .collect();
    let timeouts = if numbers.chance(20) { "timeouts: {pipeline: 20s, tasks: 9s}," } else { "" };
    (pipeline(&format!("tasks: [{tasks}], finally: [{finals}]"), timeouts), parents)
}

struct RandomEnds(Numbers);

impl Answers for RandomEnds {
    fn opened(&mut self, _: TaskRunId, _: &str, _: &AttemptRequest) -> Option<Outcome> {
        self.0.chance(5).then(|| Outcome::Infrastructure { message: "no space".to_owned() })
    }

    fn step(&mut self, _: TaskRunId, _: &StepRequest) -> (StepReport, u64) {
        let outcome = match self.0.below(10) {
            0 => Outcome::Exited { code: 3 },
            1 => Outcome::Trapped { message: "unreachable".into(), backtrace: vec![] },
            _ => Outcome::Exited { code: 0 },
        };
        let report = StepReport::of(outcome, "");
        (report, self.0.below(5_000_000_000))
    }

    fn closed(&mut self, _: TaskRunId) -> AttemptReport {
        let fault = self.0.chance(2).then(|| "disk full".to_owned());
        AttemptReport { fault, ..AttemptReport::default() }
    }
}

fn random_world(seed: u64) -> (World, BTreeMap<String, Vec<String>>) {
    let mut numbers = Numbers(seed);
    let (yaml, parents) = random_pipeline(&mut numbers);
    let mut world = World::new(run_of(&yaml), Box::new(RandomEnds(Numbers(seed ^ 0x5eed))));
    if numbers.chance(30) {
        let mode = [CancelMode::Cancelled, CancelMode::CancelledRunFinally, CancelMode::StoppedRunFinally]
            [usize::try_from(numbers.below(3)).unwrap_or(0)];
        let cancel = Event::CancelRequested { mode, message: String::new() };
        world = world.also(numbers.below(12_000_000_000), cancel);
    }
    (world, parents)
}

/// A task starts only after its parents have ended, and `finally` only after all tasks have.
fn check_order(seed: u64, view: &RunView, parents: &BTreeMap<String, Vec<String>>) {
    let top: Vec<_> = view.objects.iter().filter(|o| o.parent == Some(0)).collect();
    let span = |name: &str| {
        let own: Vec<_> = top.iter().filter(|o| o.pipeline_task == name).collect();
        let start = own.iter().map(|o| o.started_at).filter(|t| *t > 0).min();
        (start, own.iter().map(|o| o.ended_at).max())
    };
    for (name, after) in parents {
        for parent in after {
            if let ((Some(start), _), (_, Some(end))) = (span(name), span(parent)) {
                assert!(start >= end, "seed {seed}: {name} started before {parent} ended");
            }
        }
    }
    let last = parents.keys().filter_map(|n| span(n).1).max().unwrap_or(0);
    for object in top.iter().filter(|o| o.pipeline_task.starts_with('f') && o.started_at > 0) {
        assert!(object.started_at >= last, "seed {seed}: finally began before the tasks had ended");
    }
}

fn check_actions(seed: u64, world: &World) {
    let mut opened = BTreeMap::new();
    let mut running = BTreeSet::new();
    for (stamped, actions) in &world.record {
        if let Event::StepEnded { id, attempt, .. } = stamped.event {
            running.remove(&(id, attempt));
        }
        for action in actions {
            match action {
                Action::Open { id, attempt, .. } => {
                    let times = opened.entry((*id, *attempt)).or_insert(0);
                    *times += 1;
                    assert!(*times <= 2, "seed {seed}: an attempt was opened more than twice");
                }
                Action::RunStep { id, attempt, .. } => {
                    assert!(running.insert((*id, *attempt)), "seed {seed}: two steps of one attempt ran at once");
                }
                Action::Enqueue { .. }
                | Action::Dequeue { .. }
                | Action::Interrupt { .. }
                | Action::Close { .. }
                | Action::WakeAt { .. }
                | Action::Finish => {}
            }
        }
    }
    let finishes = world.record.iter().flat_map(|(_, a)| a).filter(|a| **a == Action::Finish).count();
    assert_eq!(finishes, 1, "seed {seed}");
}

#[test]
fn what_must_hold_holds_in_random_runs() {
    for seed in 0..PLANS {
        let (mut world, parents) = random_world(seed);
        world.drive_on(|_| ());
        let view = world.run().view();
        assert!(view.done, "seed {seed}: the run never ended");
        check_order(seed, &view, &parents);
        check_actions(seed, &world);
        for object in &view.objects {
            let ended = matches!(object.phase, Phase::Succeeded | Phase::Failed | Phase::Cancelled);
            assert!(ended, "seed {seed}: {} is {:?} at the end", object.metadata.name, object.phase);
        }
        let hard = world
            .record
            .iter()
            .any(|(s, _)| matches!(&s.event, Event::CancelRequested { mode: CancelMode::Cancelled, .. }));
        let reason = &view.objects[0].status.conditions[0].reason;
        let cut = hard || *reason == "PipelineRunTimeout";
        let finals = view.objects.iter().filter(|o| o.parent == Some(0) && o.pipeline_task.starts_with('f'));
        let planned = world.run().view().objects[0].spec["pipelineSpec"]["finally"].as_array().map_or(0, Vec::len);
        if !cut {
            assert_eq!(finals.count(), planned, "seed {seed}: finally did not run ({reason})");
        }
    }
}

#[test]
fn the_same_events_lead_to_the_same_actions_and_view() {
    for seed in 0..PLANS / 4 {
        let (mut world, _) = random_world(seed);
        world.drive_on(|_| ());
        let mut numbers = Numbers(seed);
        let mut again = run_of(&random_pipeline(&mut numbers).0);
        for (stamped, actions) in &world.record {
            assert_eq!(&again.apply(stamped), actions, "seed {seed}");
        }
        assert_eq!(again.view(), world.run().view(), "seed {seed}");
    }
}

/// Events out of place, doubled, for other attempts: ignored, and never a panic.
#[test]
fn events_that_do_not_fit_are_ignored() {
    for seed in 0..PLANS / 4 {
        let (mut world, _) = random_world(seed);
        world.drive_on(|_| ());
        let mut numbers = Numbers(seed);
        let mut run = run_of(&random_pipeline(&mut numbers).0);
        let events: Vec<_> = world.record.iter().map(|(s, _)| s.clone()).collect();
        for _ in 0..events.len() * 3 {
            let at = usize::try_from(numbers.below(events.len() as u64)).unwrap_or(0);
            run.apply(&events[at]);
        }
        for stamped in &events {
            run.apply(stamped);
            run.apply(stamped);
        }
        assert!(run.view().objects.len() < 1000, "seed {seed}");
    }
}
