//! Steps are kept apart: a fault in one ends that one alone, and nothing of a finished one is there
//! for the next. What a step may depend on is noted.
//!
//! Knows sessions. Does not know how instances are allocated.

use super::guest::Printed;
use super::run::{RANDOM, SLEEP};
use super::steps::{Machine, attempt, step};
use crate::exec::{AttemptContext, Interrupt, LogSink, Stream};
use crate::model::outcome::Outcome;
use crate::model::request::{
    AttemptRequest, CacheMode, ClockMode, EnvRequest, ObjectKind, RandomMode, SidecarRequest, StepRequest, TimesMode,
};
use tokio::sync::watch;

/// Takes what is printed, and panics.
struct Broken;

impl LogSink for Broken {
    fn write(&self, _container: &str, _stream: Stream, _bytes: &[u8]) {
        panic!("a fault of the host's");
    }
}

/// Fills memory, a table and a global with a secret, grows memory, and prints.
const FILL: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4 1000)
  (table $t 100 200 funcref)
  (global $g (mut i64) (i64.const 0))
  (elem declare func $f)
  (func $f)
  (func (export "_start")
    (local $at i32)
    (drop (memory.grow (i32.const 60)))
    (memory.fill (i32.const 0) (i32.const 0x5e) (i32.const 4194304))
    (drop (table.grow $t (ref.func $f) (i32.const 50)))
    (table.fill $t (i32.const 0) (ref.func $f) (i32.const 150))
    (global.set $g (i64.const 0x5e5e5e5e))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 8))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

/// Looks for what another left: in memory that it has and that it grows, in its table, in its
/// global. Traps where it finds anything.
const LOOK: &str = r#"(module
  (memory (export "memory") 2 1000)
  (table $t 100 200 funcref)
  (global $g (mut i64) (i64.const 0))
  (func (export "_start")
    (local $at i32)
    (drop (memory.grow (i32.const 62)))
    (loop $next
      (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then unreachable))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 4194304))))
    (drop (table.grow $t (ref.null func) (i32.const 50)))
    (local.set $at (i32.const 0))
    (loop $next
      (if (i32.eqz (ref.is_null (table.get $t (local.get $at)))) (then unreachable))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 150))))
    (if (i64.ne (global.get $g) (i64.const 0)) (then unreachable))))"#;

/// Reads the wall clock (argument count 1), or the monotonic one.
fn clock_reader(id: u32) -> String {
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (drop (call $now (i32.const {id}) (i64.const 1) (i32.const 0)))))"#
    )
}

const OK: Outcome = Outcome::Exited { code: 0 };

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_host_ends_its_step_and_no_other() {
    let machine = Machine::new(&[("fill", FILL), ("look", LOOK), ("sleep", SLEEP)]);
    let (_sender, interrupt) = watch::channel(Interrupt::None);
    let mut beside = machine.open(AttemptRequest { task_run: "beside".into(), ..attempt() }).await;
    let mut waits = step(0, "s", "sleep", &[]);
    waits.timeout = Some(300_000_000);
    let others = async { beside.run_step(waits).await.outcome };
    let broken = async {
        let mut outcomes = Vec::new();
        for number in 0..20 {
            let context = AttemptContext { logs: std::sync::Arc::new(Broken), interrupt: interrupt.clone() };
            let request = AttemptRequest { task_run: format!("broken-{number}"), ..attempt() };
            let mut session = machine.executor_open(request, context).await;
            outcomes.push(session.run_step(step(0, "s", "fill", &[])).await.outcome);
            session.close().await;
        }
        outcomes
    };
    let (others, broken) = tokio::join!(others, broken);
    assert_eq!(others, Outcome::TimedOut { after: 300_000_000 });
    for outcome in broken {
        assert!(matches!(&outcome, Outcome::Infrastructure { message } if message.contains("a fault in the sandbox")));
    }
    // What the panicked ones left lies in places that nobody gets any more.
    for _ in 0..40 {
        assert_eq!(machine.one(step(0, "s", "look", &[])).await.0.outcome, OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_finished_step_can_be_found_in_any_place() {
    let machine = Machine::new(&[("fill", FILL), ("look", LOOK)]);
    for round in 0..6 {
        let many = |image: &'static str| {
            let machine = &machine;
            let all = (0..24).map(move |number| async move {
                let request = AttemptRequest { task_run: format!("{image}-{round}-{number}"), ..attempt() };
                let mut session = machine.open(request).await;
                session.run_step(step(0, "s", image, &[])).await.outcome
            });
            futures_util::future::join_all(all)
        };
        assert!(many("fill").await.iter().all(|outcome| *outcome == OK));
        let looked = many("look").await;
        assert!(looked.iter().all(|outcome| *outcome == OK), "{looked:?}");
    }
}

/// The bytes that a step gets.
async fn bytes(machine: &Machine, request: AttemptRequest, step: StepRequest) -> Vec<u8> {
    machine.printed.0.lock().expect("a log").clear();
    let mut session = machine.open(request).await;
    assert_eq!(session.run_step(step).await.outcome, OK);
    session.close().await;
    let printed: &Printed = &machine.printed;
    printed.0.lock().expect("a log").iter().flat_map(|line| line.2.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_follow_from_a_seed_where_the_result_could_be_kept() {
    let machine = Machine::new(&[("m", RANDOM), ("idle", SLEEP)]);
    let plain = || {
        let mut plain = step(0, "s", "m", &[]);
        // The step's usual mounts hold a Secret.
        plain.program.mounts.retain(|mount| mount.volume != "secret");
        plain
    };
    let again = async |request: AttemptRequest, step: StepRequest| {
        bytes(&machine, request.clone(), step.clone()).await == bytes(&machine, request, step).await
    };
    assert!(again(attempt(), plain()).await, "the same step gets the same bytes");
    let first = bytes(&machine, attempt(), plain()).await;
    let mut other = plain();
    other.program.env.push(EnvRequest::Value { name: "A".into(), value: "b".into() });
    assert_ne!(first, bytes(&machine, attempt(), other).await, "another environment, other bytes");
    assert_ne!(first, bytes(&machine, AttemptRequest { attempt: 1, ..attempt() }, plain()).await, "another try");
    let elsewhere = Machine::new(&[("m", RANDOM)]);
    assert_ne!(first, bytes(&elsewhere, attempt(), plain()).await, "another installation");

    let secret_mount = step(0, "s", "m", &[]);
    assert!(!again(attempt(), secret_mount).await);
    let mut secret_env = plain();
    secret_env.program.env.push(EnvRequest::Key {
        name: "TOKEN".into(),
        object: ObjectKind::Secret,
        object_name: "pass".into(),
        key: "token".into(),
        optional: false,
    });
    assert!(!again(attempt(), secret_env).await);
    for change in [
        (|step: &mut StepRequest| step.program.sandbox.cache = CacheMode::Never) as fn(&mut StepRequest),
        |step| step.program.sandbox.times = TimesMode::Real,
        |step| step.program.sandbox.random = RandomMode::Real,
    ] {
        let mut changed = plain();
        change(&mut changed);
        assert!(!again(attempt(), changed).await);
    }
    assert!(!again(AttemptRequest { live: true, ..attempt() }, plain()).await);
    let sidecar =
        SidecarRequest { name: "beside".into(), program: step(0, "x", "idle", &[]).program, readiness_probe: None };
    assert!(!again(AttemptRequest { sidecars: vec![sidecar], ..attempt() }, plain()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_the_time_is_noted() {
    let (wall, monotonic) = (clock_reader(0), clock_reader(1));
    let machine = Machine::new(&[("wall", &wall), ("monotonic", &monotonic)]);
    let saw = async |image: &str, clock, times| {
        let mut request = step(0, "s", image, &[]);
        (request.program.sandbox.clock, request.program.sandbox.times) = (clock, times);
        let report = machine.one(request).await.0;
        assert_eq!(report.outcome, OK);
        report.saw_time
    };
    assert!(saw("wall", ClockMode::Real, TimesMode::Stable).await);
    assert!(!saw("monotonic", ClockMode::Real, TimesMode::Stable).await);
    assert!(!saw("wall", ClockMode::Virtual, TimesMode::Stable).await, "a clock that always says the same");
    assert!(saw("monotonic", ClockMode::Real, TimesMode::Real).await);
}
