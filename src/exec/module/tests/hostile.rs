//! Steps that start programs to get more than is theirs: the guest `hostile` tries, and tells what it got. `make guests`
//! builds it.
//!
//! Knows sessions. Does not know how programs are kept.

use super::apart::Broken;
use super::family::machine;
use super::steps::{Machine, attempt, step};
use crate::exec::{AttemptContext, Executor, Interrupt, StepReport, Stream};
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::request::{AttemptRequest, EnvRequest, SidecarRequest, StepRequest};
use std::sync::Arc;
use std::time::Duration;

const OK: Outcome = Outcome::Exited { code: 0 };
const MS: u64 = 1_000_000;

async fn hostile(args: &[&str], change: impl FnOnce(&mut StepRequest)) -> (StepReport, String, Machine) {
    let machine = machine();
    let mut request = step(0, "s", "hostile", args);
    change(&mut request);
    let (report, _) = machine.one(request).await;
    let printed = machine.printed.text(Stream::Stdout);
    (report, printed, machine)
}

/// What it printed, having found that everything was refused that had to be.
async fn refused(args: &[&str], change: impl FnOnce(&mut StepRequest)) -> String {
    let (report, printed, machine) = hostile(args, change).await;
    assert_eq!(report.outcome, OK, "{args:?} {printed} {}", machine.printed.text(Stream::Stderr));
    printed
}

async fn outcome(args: &[&str], change: impl FnOnce(&mut StepRequest)) -> Outcome {
    hostile(args, change).await.0.outcome
}

fn task(name: &str) -> AttemptRequest {
    AttemptRequest { task_run: name.to_owned(), live: true, ..attempt() }
}

/// Waits until so many lines were printed, and gives them.
async fn lines(machine: &Machine, count: usize) -> Vec<String> {
    loop {
        let text = machine.printed.text(Stream::Stdout);
        if text.lines().count() >= count {
            return text.lines().map(str::to_owned).collect();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

const WAITS: [&str; 6] = ["read", "write", "poll", "fifo", "child", "circle"];

#[tokio::test(flavor = "multi_thread")]
async fn waits_that_nobody_ends_end_with_their_step() {
    for what in WAITS {
        let ended = outcome(&["wait", what], |step| step.timeout = Some(100 * MS)).await;
        assert_eq!(ended, Outcome::TimedOut { after: 100 * MS }, "{what}");
        let machine = machine();
        let mut session = machine.open(attempt()).await;
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            machine.interrupt.send(Interrupt::Cancel).expect("is heard");
        };
        let (report, ()) = tokio::join!(session.run_step(step(0, "s", "hostile", &["wait", what])), cancel);
        assert_eq!(report.outcome, Outcome::Cancelled, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pipes_count_as_memory_of_their_step() {
    let printed = refused(&["pipes"], |step| step.program.sandbox.memory = Some(16 << 20)).await;
    let count: usize = printed.trim().parse().expect("a number");
    assert!((100..256).contains(&count), "{count} pipes of 64 KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_programs_are_bounded_and_count_as_memory_of_their_step() {
    assert_eq!(refused(&["words"], |_| ()).await, "refused\n");
    // 100 programs have 190 MB of words, and less than that of memory.
    let (report, printed, _) = hostile(&["heavy", "100"], |step| step.program.sandbox.memory = Some(180 << 20)).await;
    assert_ne!(report.outcome, OK);
    assert_eq!(printed, "");
    refused(&["heavy-again", "60"], |step| step.program.sandbox.memory = Some(64 << 20)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_end_before_they_are_looked_at_use_up_processor_time() {
    // 0.9 s, in pieces of 3 ms.
    let ended = outcome(&["brief", "300"], |step| step.program.sandbox.cpu = Some(500 * MS)).await;
    assert_eq!(ended, Outcome::LimitMet { limit: LimitKind::Cpu, value: 500 * MS });
}

#[tokio::test(flavor = "multi_thread")]
async fn disk_files_and_open_files_count_for_all_programs_of_a_step_together() {
    let ended = outcome(&["each", "fill", "3000000"], |step| step.program.sandbox.disk = Some(8 << 20)).await;
    assert_eq!(ended, Outcome::LimitMet { limit: LimitKind::Disk, value: 8 << 20 });
    let ended = outcome(&["each", "make", "40"], |step| step.program.sandbox.files = Some(100)).await;
    assert_eq!(ended, Outcome::LimitMet { limit: LimitKind::Files, value: 100 });
    assert_eq!(refused(&["handles"], |_| ()).await, "1026\n", "as many as one may have, and its streams");
}

/// Some start all that they can get: there is always something left for one that comes later.
#[tokio::test(flavor = "multi_thread")]
async fn steps_that_start_all_that_they_can_leave_places_for_others() {
    let machine = Arc::new(machine());
    let mut running = tokio::task::JoinSet::new();
    for number in 0..4 {
        let beside = machine.clone();
        running.spawn(async move {
            let mut session = beside.open(task(&format!("holds-{number}"))).await;
            session.run_step(step(0, "s", "hostile", &["hold"])).await.outcome
        });
        lines(&machine, number + 1).await;
    }
    let mut session = machine.open(task("works")).await;
    let report = session.run_step(step(0, "s", "family", &["pipeline"])).await;
    assert_eq!(report.outcome, OK, "{}", machine.printed.text(Stream::Stderr));
    machine.interrupt.send(Interrupt::Cancel).expect("is heard");
    assert!(running.join_all().await.iter().all(|outcome| *outcome == Outcome::Cancelled));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_start_others_without_end_are_all_ended() {
    let machine = machine();
    let run = async |args: &[&str], timeout| {
        let mut request = step(0, "s", "hostile", args);
        request.timeout = timeout;
        machine.one(request).await.0.outcome
    };
    for _ in 0..3 {
        assert_eq!(run(&["leave", "bomb"], None).await, OK);
    }
    assert_eq!(run(&["bomb"], Some(300 * MS)).await, Outcome::TimedOut { after: 300 * MS });
    // All places are there again.
    let report = machine.one(step(0, "s", "family", &["limits"])).await.0;
    assert_eq!(report.outcome, OK);
    assert_eq!(machine.printed.text(Stream::Stdout), "limits 128\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_has_no_right_that_its_parent_gave_up() {
    assert_eq!(refused(&["rights"], |_| ()).await, "given up\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_handles_open_what_the_handle_may_do() {
    assert_eq!(refused(&["device-handles"], |_| ()).await, "kept\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_has_the_environment_that_it_was_given() {
    let own = |step: &mut StepRequest| {
        step.program.env.push(EnvRequest::Value { name: "SECRET".into(), value: "hunter2".into() });
    };
    assert_eq!(refused(&["environment"], own).await, "[(\"OWN\", \"1\"), (\"PWD\", \"/\")]\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_of_other_steps_can_be_neither_signalled_nor_waited_for() {
    let machine = machine();
    let mut beside = machine.open(task("beside")).await;
    let mut tries = machine.open(task("tries")).await;
    let attack = async {
        lines(&machine, 1).await;
        let report = tries.run_step(step(0, "s", "hostile", &["strangers"])).await;
        machine.interrupt.send(Interrupt::Cancel).expect("is heard");
        report.outcome
    };
    let (report, attack) = tokio::join!(beside.run_step(step(0, "s", "hostile", &["nested"])), attack);
    assert_eq!(attack, OK, "{}", machine.printed.text(Stream::Stderr));
    assert_eq!(report.outcome, Outcome::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_that_end_a_program_cannot_be_caught_and_say_so() {
    assert_eq!(refused(&["uncatchable"], |_| ()).await, "ended\n");
    for signal in [9, 15] {
        let ended = outcome(&["kill-self", &signal.to_string()], |_| ()).await;
        assert_eq!(ended, Outcome::Exited { code: 128 + signal });
    }
    assert_eq!(refused(&["kill-self", "17"], |_| ()).await, "goes on\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn named_pipes_have_an_end_and_are_made_where_files_may_be() {
    let (report, printed, machine) = hostile(&["fifos"], |_| ()).await;
    assert_eq!((report.outcome, printed.as_str()), (OK, "fifos\n"), "{}", machine.printed.text(Stream::Stderr));
    let claim = machine.dir.path().join("volumes/default/claim");
    let left = std::fs::read_dir(&claim).map(|entries| entries.count()).unwrap_or_default();
    assert_eq!(left, 0, "in {claim:?}");
}

/// To another attempt a named pipe is the file without bytes that stands for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_named_pipe_of_one_attempt_stops_nobody_in_another() {
    let machine = machine();
    let (mut makes, mut reads) = (machine.open(task("makes")).await, machine.open(task("reads")).await);
    let path = "/workspace/claim/meet";
    let read = async {
        lines(&machine, 1).await;
        let report = reads.run_step(step(0, "s", "hostile", &["read", path])).await;
        machine.interrupt.send(Interrupt::Cancel).expect("is heard");
        report.outcome
    };
    let (_, read) = tokio::join!(makes.run_step(step(0, "s", "hostile", &["meet", path])), read);
    assert_eq!(read, OK);
    assert_eq!(machine.printed.text(Stream::Stdout), "made\n[]");
}

/// A fault of the host's in a program that a step started is the step's end, also where others wait for that program.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_host_in_a_program_ends_its_step_and_no_other() {
    let machine = machine();
    for (number, args) in [&["each", "say"][..], &["hears"]].iter().enumerate() {
        let context = AttemptContext { logs: Arc::new(Broken), interrupt: machine.interrupt.subscribe() };
        let mut session = machine.executor_open(task(&format!("broken-{number}")), context).await;
        let report = session.run_step(step(0, "s", "hostile", args)).await;
        let Outcome::Infrastructure { message } = &report.outcome else { panic!("{:?}", report.outcome) };
        assert!(message.contains("a fault in the sandbox"), "{message}");
    }
    assert_eq!(machine.one(step(0, "s", "family", &["pipeline"])).await.0.outcome, OK);
}

/// A readiness probe that would never end is ended and asked again; a sidecar that is never ready keeps nobody who
/// cancels.
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_never_ends_is_ended() {
    let machine = machine();
    let mut request = task("probed");
    let probe = serde_json::json!({"exec": {"command": ["hostile", "ask"]}, "periodSeconds": 1, "timeoutSeconds": 1});
    request.sidecars = vec![SidecarRequest {
        name: "beside".into(),
        program: step(0, "x", "hostile", &["sleep"]).program,
        readiness_probe: Some(probe),
    }];
    let cancel = async {
        lines(&machine, 2).await;
        machine.interrupt.send(Interrupt::Cancel).expect("is heard");
    };
    let (opened, ()) = tokio::join!(machine.executor.open(request, machine.context()), cancel);
    assert_eq!(opened.err(), Some(Outcome::Cancelled));
}
