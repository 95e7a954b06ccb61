//! Steps that start programs to get more than is theirs: the guest `hostile` tries, and tells what it got. `make guests`
//! builds it.
//!
//! Knows sessions. Does not know how programs are kept.

use super::family::machine;
use super::steps::{Machine, attempt, step};
use crate::exec::{AttemptContext, Executor, Interrupt, LogSink, StepReport, Stream};
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::request::{AttemptRequest, EnvRequest, MountRequest, SidecarRequest, StepRequest};
use crate::model::value::ParamValue;
use std::os::unix::fs::PermissionsExt;
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
    // 60 programs have 24 MB of names of directories, twice, and what stands for them.
    let (report, printed, _) =
        hostile(&["many-directories", "60"], |step| step.program.sandbox.memory = Some(110 << 20)).await;
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
    let fixed = |step: &mut StepRequest| {
        let mount = MountRequest { mount_path: "/fixed".into(), read_only: true, ..step.program.mounts[1].clone() };
        step.program.mounts.push(mount);
    };
    let (report, printed, machine) = hostile(&["fifos"], fixed).await;
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

/// Panics at what is written to one stream.
struct Broken(Stream);

impl LogSink for Broken {
    fn write(&self, _container: &str, stream: Stream, _bytes: &[u8]) {
        assert!(stream != self.0, "a fault of the host's");
    }
}

/// A fault of the host's in a program that a step started is the step's end, also where others wait for that program:
/// in a call, and in what is said of the program once it has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_host_in_a_program_ends_its_step_and_no_other() {
    let machine = machine();
    let tries =
        [(Stream::Stdout, &["each", "say"][..]), (Stream::Stdout, &["hears"]), (Stream::Stderr, &["each", "trap"])];
    for (number, (stream, args)) in tries.into_iter().enumerate() {
        let context = AttemptContext { logs: Arc::new(Broken(stream)), interrupt: machine.interrupt.subscribe() };
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

/// A working directory is a text of the guest's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_working_directory_leads_nowhere() {
    let machine = machine();
    let claim = machine.dir.path().join("volumes/default/claim");
    std::fs::create_dir_all(claim.join("part")).expect("is made");
    std::fs::create_dir(claim.join("other")).expect("is made");
    std::fs::write(claim.join("other/f"), "kept").expect("is written");
    std::os::unix::fs::symlink("../other", claim.join("part/link")).expect("is made");
    std::fs::set_permissions(claim.join("other/f"), PermissionsExt::from_mode(0o640)).expect("is set");
    let mut request = step(0, "s", "hostile", &["directories"]);
    request.program.mounts = vec![MountRequest {
        volume: "claim".into(),
        mount_path: "/workspace/part".into(),
        sub_path: "part".into(),
        read_only: false,
    }];
    let (report, closed) = machine.one(request).await;
    assert_eq!((report.outcome, closed.fault), (OK, None), "{}", machine.printed.text(Stream::Stderr));
    let mode = std::fs::metadata(claim.join("other/f")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    let names = |dir: &str| std::fs::read_dir(claim.join(dir)).expect("is listed").count();
    assert_eq!([names(""), names("other"), names("part")], [2, 1, 1]);
}

/// As many children that nobody waits for as there can be programs.
#[tokio::test(flavor = "multi_thread")]
async fn programs_that_ended_count_until_they_are_waited_for() {
    assert_eq!(refused(&["ended"], |_| ()).await, "128\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn handles_have_no_numbers_beyond_the_limit() {
    assert_eq!(refused(&["numbers"], |_| ()).await, "refused\n");
    let ended = outcome(&["many-handles"], |_| ()).await;
    assert!(matches!(&ended, Outcome::Trapped { message, .. } if message.contains("too many handles")), "{ended:?}");
}

/// What each call takes: a result's place, and texts before it.
const CALLS: &str = r#"
  (import "stepwell:step/processes@0.1.0" "pipe" (func $pipe (param i32)))
  (import "stepwell:step/processes@0.1.0" "start"
    (func $start (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "stepwell:step/processes@0.1.0" "wait" (func $wait (param i32 i32 i32 i32)))
  (import "stepwell:step/processes@0.1.0" "kill" (func $kill (param i32 i32 i32)))
  (import "stepwell:step/processes@0.1.0" "commands" (func $commands (param i32)))
  (import "stepwell:step/params@0.1.0" "names" (func $names (param i32)))
  (import "stepwell:step/fifos@0.1.0" "make" (func $make (param i32 i32 i32 i32)))
  (memory (export "memory") 1)"#;

/// Addresses, lengths and cases that are none; a guest that calls again and again while it is asked for memory.
#[tokio::test(flavor = "multi_thread")]
async fn programs_that_break_the_rules_trap() {
    let start = |arguments: &str, handles: &str, to: &str| {
        let none = "(i32.const 0) (i32.const 0)";
        format!("(call $start (i32.const 0) {none} {arguments} {none} {none} {handles} {to})")
    };
    let (none, zero) = ("(i32.const 0) (i32.const 0)", "(i32.const 0)");
    let bodies = [
        "(call $pipe (i32.const 65530))".to_owned(),
        "(call $pipe (i32.const -4))".to_owned(),
        start("(i32.const 65532) (i32.const 1)", none, zero),
        start("(i32.const -8) (i32.const 2)", none, zero),
        start("(i32.const 0) (i32.const 1)", "(i32.const 65532) (i32.const 1)", zero),
        start(none, "(i32.const -4) (i32.const 1)", zero),
        start(none, none, "(i32.const 65536)"),
        "(call $wait (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0))".to_owned(),
        "(call $wait (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 0))".to_owned(),
        "(call $wait (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 65534))".to_owned(),
        "(call $kill (i32.const 0) (i32.const 256) (i32.const 0))".to_owned(),
        "(call $make (i32.const 65535) (i32.const 2) (i32.const 0) (i32.const 0))".to_owned(),
        "(call $names (i32.const 0))".to_owned(),
    ];
    for body in bodies {
        let module = format!(
            r#"(module {CALLS} (func (export "_start") {body})
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $names (i32.const 0)) (i32.const 0)))"#
        );
        let machine = Machine::new(&[("m", &module)]);
        let params = [("p".to_owned(), ParamValue::String("v".into()))].into();
        let mut session = machine.open(AttemptRequest { params: Arc::new(params), ..attempt() }).await;
        let ended = session.run_step(step(0, "s", "m", &[])).await.outcome;
        assert!(matches!(&ended, Outcome::Trapped { .. }), "{body}: {ended:?}");
    }
}

/// A list names the same bytes again and again: 8 MB in 64 KiB.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_over_counts_as_memory() {
    let module = r#"(module
  (import "stepwell:step/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "_start") (local $at i32)
    (local.set $at (i32.const 1024))
    (loop $next
      (i32.store offset=4 (local.get $at) (i32.const 1024))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 66560))))
    (call $log (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 1024) (i32.const 4096))))"#;
    let machine = Machine::new(&[("m", module)]);
    for (memory, wanted) in [(16 << 20, OK), (4 << 20, Outcome::LimitMet { limit: LimitKind::Memory, value: 4 << 20 })]
    {
        let mut request = step(0, "s", "m", &[]);
        request.program.sandbox.memory = Some(memory);
        assert_eq!(machine.one(request).await.0.outcome, wanted);
    }
}
