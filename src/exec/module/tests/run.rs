//! How instances end: traps, limits, cancellation, timeouts. And sidecars.

use super::steps::{Machine, attempt, step};
use crate::exec::module::inspect::MOST_FUNCTIONS;
use crate::exec::{Executor, Interrupt, Stream};
use crate::model::outcome::{LimitKind, Limits, Outcome};
use crate::model::request::{ClockMode, RandomMode, SidecarRequest};
use std::time::Duration;

pub const SPIN: &str = r#"(module (memory (export "memory") 1)
  (func (export "_start") (loop $again (br $again))))"#;

/// Sleeps for an hour.
pub const SLEEP: &str = r#"(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"#;

pub const GROW: &str = r#"(module (memory (export "memory") 1)
  (func (export "_start")
    (loop $again (drop (memory.grow (i32.const 16))) (br $again))))"#;

const TABLES: &str = r#"(module (memory (export "memory") 1) (table $t 1 funcref)
  (func (export "_start")
    (loop $again (drop (table.grow $t (ref.null func) (i32.const 10000))) (br $again))))"#;

pub const DEEP: &str = r#"(module (memory (export "memory") 1)
  (func $down (param i32) (result i32)
    (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "_start") (drop (call $down (i32.const 0)))))"#;

pub const TRAP: &str = r#"(module (memory (export "memory") 1)
  (func $_RNvCs1234_7mycrate9innermost unreachable)
  (func $middle (call $_RNvCs1234_7mycrate9innermost))
  (func (export "_start") (call $middle)))"#;

pub const FLOOD: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start")
    (i32.store (i32.const 4) (i32.const 65536))
    (loop $again
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
      (br $again))))"#;

/// Prints 16 random bytes.
pub const RANDOM: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $random (i32.const 64) (i32.const 16)))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

/// Prints a page that it did not write to, then fills all that it has.
pub const LEFT_OVER: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 64) (table 100 funcref)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (i32.const 4128768))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (memory.fill (i32.const 0) (i32.const 88) (i32.const 4194304))))"#;

async fn outcome(text: &str, change: impl FnOnce(&mut crate::model::request::StepRequest)) -> Outcome {
    let machine = Machine::new(&[("m", text)]);
    let mut request = step(0, "s", "m", &[]);
    change(&mut request);
    machine.one(request).await.0.outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_over_its_limit_ends_the_step() {
    let met = Outcome::LimitMet { limit: LimitKind::Memory, value: 4 << 20 };
    for text in [GROW, TABLES, "(module (memory (export \"memory\") 1000) (func (export \"_start\")))"] {
        let ended = outcome(text, |step| step.program.sandbox.memory = Some(4 << 20)).await;
        assert_eq!(ended, met);
    }
    // What the module itself forbids is told to the guest, which goes on.
    let own = r#"(module (memory (export "memory") 1 2) (func (export "_start")
      (if (i32.ne (memory.grow (i32.const 5)) (i32.const -1)) (then unreachable))))"#;
    assert_eq!(outcome(own, |_| {}).await, Outcome::Exited { code: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn traps_say_where() {
    let Outcome::Trapped { message, backtrace } = outcome(TRAP, |_| {}).await else {
        panic!("a trap");
    };
    assert!(message.contains("unreachable"), "{message}");
    assert_eq!(backtrace.len(), 3, "{backtrace:?}");
    assert!(backtrace[0].starts_with("mycrate::innermost at 0x"), "{backtrace:?}");
    assert!(backtrace[1].starts_with("middle at 0x"), "{backtrace:?}");
    let Outcome::Trapped { message, backtrace } = outcome(DEEP, |_| {}).await else {
        panic!("a trap");
    };
    assert!(message.contains("stack"), "{message}");
    assert_eq!(backtrace.len(), 64);
}

/// Names are the module's own words: they are bounded, and stay on their line.
#[tokio::test(flavor = "multi_thread")]
async fn names_in_messages_are_bounded() {
    // C++ names in which every part is the one before it, twice.
    let parts: String = (0..14).map(|n| format!("S_IS{n}_S{n}_E")).collect();
    let long = "x".repeat(1 << 20);
    let lines = "a\\nb\\1b[31mred";
    for name in [long.as_str(), lines, &format!("_Z1fI1aE{parts}v"), &format!("_ZN{}E", "1a".repeat(6000))] {
        let text = format!(
            r#"(module (memory (export "memory") 1) (func $x (@name "{name}") unreachable)
              (func (export "_start") (call $x)))"#
        );
        let Outcome::Trapped { backtrace, .. } = outcome(&text, |_| {}).await else {
            panic!("a trap");
        };
        assert_eq!(backtrace.len(), 2);
        assert!(backtrace[0].len() < 300 && !backtrace[0].contains(char::is_control), "{:?}", backtrace[0]);
    }
    let long = "x".repeat(50_000);
    let text =
        format!(r#"(module (import "env" "a\nb" (func)) (import "env" "{long}" (func)) (func (export "_start")))"#);
    let Outcome::ModuleInvalid { message } = outcome(&text, |_| {}).await else {
        panic!("is invalid");
    };
    assert!(message.len() < 1000 && message.contains("env::a\\nb (func), env::xxx"), "{message:?}");
    // The validator repeats names as well.
    let twice = r#"(module (func (export "a\nb")) (func (export "a\nb")) (func (export "_start")))"#;
    let Outcome::ModuleInvalid { message } = outcome(twice, |_| {}).await else {
        panic!("is invalid");
    };
    assert!(message.contains("a\\nb") && !message.contains('\n'), "{message:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_program_is_invalid() {
    for start in ["(param i32)", "(result i32) (i32.const 0)"] {
        let text = format!(r#"(module (func (export "_start") {start}))"#);
        let Outcome::ModuleInvalid { message } = outcome(&text, |_| {}).await else {
            panic!("is invalid");
        };
        assert!(message.contains("`_start` takes"), "{message}");
    }
    let text = r#"(module (memory (export "_start") 1))"#;
    assert!(matches!(outcome(text, |_| {}).await, Outcome::ModuleInvalid { .. }));
    // Found before anything is compiled.
    let many = format!(r#"(module (func (export "_start")) {})"#, "(func)".repeat(MOST_FUNCTIONS as usize));
    let Outcome::ModuleInvalid { message } = outcome(&many, |_| {}).await else {
        panic!("is invalid");
    };
    assert!(message.contains("300001 functions"), "{message}");
}

/// It does not wait for the compiler, and the compiler's work is not kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_cancelled_while_its_module_compiles() {
    let text = format!(r#"(module {} (func (export "_start")))"#, "(func)".repeat(60_000));
    let machine = Machine::new(&[("m", &text)]);
    let mut session = machine.open(attempt()).await;
    machine.interrupt.send(Interrupt::Cancel).expect("is heard");
    let report = session.run_step(step(0, "s", "m", &[])).await;
    assert_eq!(report.outcome, Outcome::Cancelled);
    // Nothing of it was waited for: no compiled code is there yet.
    let kept = std::fs::read_dir(machine.dir.path().join("cache/compiled"));
    assert!(
        kept.map_or(0, |kept| kept.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "cwasm")).count())
            == 0
    );
    assert_eq!(session.close().await.fault, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_never_ends_is_ended() {
    const MS: u64 = 1_000_000;
    for text in [SPIN, SLEEP] {
        let ended = outcome(text, |step| step.timeout = Some(50 * MS)).await;
        assert_eq!(ended, Outcome::TimedOut { after: 50 * MS });
        let machine = Machine::new(&[("m", text)]);
        let mut session = machine.open(attempt()).await;
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            machine.interrupt.send(Interrupt::Cancel).expect("is heard");
        };
        let (report, ()) = tokio::join!(session.run_step(step(0, "s", "m", &[])), cancel);
        assert_eq!(report.outcome, Outcome::Cancelled);
        assert_eq!(session.close().await.fault, None);
    }
    let ended = outcome(SPIN, |step| step.program.sandbox.cpu = Some(30 * MS)).await;
    assert_eq!(ended, Outcome::LimitMet { limit: LimitKind::Cpu, value: 30 * MS });
    // A sleeping step uses no processor time.
    let ended = outcome(SLEEP, |step| {
        step.program.sandbox.cpu = Some(30 * MS);
        step.timeout = Some(100 * MS);
    })
    .await;
    assert_eq!(ended, Outcome::TimedOut { after: 100 * MS });
    // Under a virtual clock, an hour passes at once.
    let ended = outcome(SLEEP, |step| step.program.sandbox.clock = ClockMode::Virtual).await;
    assert_eq!(ended, Outcome::Exited { code: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_output_ends_the_step() {
    let machine = Machine::new(&[("m", FLOOD)]);
    let mut request = step(0, "s", "m", &[]);
    request.program.sandbox.output = Some(1_000_000);
    let (report, _) = machine.one(request).await;
    let met = Outcome::LimitMet { limit: LimitKind::Output, value: 1_000_000 };
    assert_eq!(report.outcome, met);
    assert_eq!(machine.printed.text(Stream::Stdout).len(), 1_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn seeded_bytes_are_the_same_and_real_ones_are_not() {
    let machine = Machine::new(&[("m", RANDOM), ("other", FLOOD)]);
    let bytes_with = async |mode, args: &[&str], command: Option<&str>| {
        let mut request = step(0, "s", "m", args);
        request.program.sandbox.random = mode;
        request.program.sandbox.commands.extend(command.map(|image| ("tool".to_owned(), image.to_owned())));
        assert_eq!(machine.one(request).await.0.outcome, Outcome::Exited { code: 0 });
        std::mem::take(&mut *machine.printed.0.lock().expect("a log")).remove(0).2
    };
    let bytes = async |mode, args: &[&str]| bytes_with(mode, args, None).await;
    let seeded = bytes(RandomMode::Seeded, &["a"]).await;
    assert_eq!(seeded, bytes(RandomMode::Seeded, &["a"]).await);
    assert_ne!(seeded, bytes(RandomMode::Seeded, &["b"]).await);
    let with = bytes_with(RandomMode::Seeded, &["a"], Some("./m.wasm")).await;
    assert_ne!(seeded, with);
    assert_ne!(with, bytes_with(RandomMode::Seeded, &["a"], Some("./other.wasm")).await);
    assert_ne!(bytes(RandomMode::Real, &[]).await, bytes(RandomMode::Real, &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_finished_step_is_left_in_memory() {
    let machine = Machine::new(&[("m", LEFT_OVER)]);
    for _ in 0..5 {
        machine.one(step(0, "s", "m", &[])).await;
    }
    let printed = machine.printed.0.lock().expect("a log");
    let total: usize = printed.iter().map(|line| line.2.len()).sum();
    assert_eq!(total, 5 * 4_128_768);
    assert!(printed.iter().all(|line| line.2.iter().all(|byte| *byte == 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn sidecars_run_beside_the_steps_and_stop_with_them() {
    let machine = Machine::new(&[("spin", SPIN), ("flood", FLOOD), ("m", SLEEP)]);
    let sidecar = |name: &str, image: &str| SidecarRequest {
        name: name.to_owned(),
        program: step(0, "x", image, &[]).program,
        readiness_probe: None,
    };
    let mut request = attempt();
    request.sidecars = vec![sidecar("one", "spin"), sidecar("two", "flood")];
    let mut session = machine.open(request).await;
    let mut slow = step(0, "s", "m", &[]);
    slow.timeout = Some(50_000_000);
    assert_eq!(session.run_step(slow).await.outcome, Outcome::TimedOut { after: 50_000_000 });
    assert_eq!(session.close().await.fault, None);
    {
        let printed = machine.printed.0.lock().expect("a log");
        assert!(printed.iter().all(|line| line.0 == "two") && !printed.is_empty());
    }

    let mut request = attempt();
    request.sidecars = vec![sidecar("one", "spin")];
    request.sidecars[0].readiness_probe = Some(serde_json::json!({"exec": {}}));
    let refused = machine.executor.open(request, machine.context()).await;
    assert!(refused.err().expect("is refused").to_string().contains("readinessProbe"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_steps_at_once_keep_apart() {
    let machine = Machine::new(&[("m", LEFT_OVER)]);
    let mut running = tokio::task::JoinSet::new();
    for n in 0..40 {
        let (executor, context) = (machine.executor.clone(), machine.context());
        running.spawn(async move {
            let mut request = attempt();
            request.task_run = format!("task-{n}");
            let mut session = executor.open(request, context).await.expect("is opened");
            let report = session.run_step(step(0, "s", "m", &[])).await;
            (report.outcome, session.close().await.fault)
        });
    }
    for (outcome, fault) in running.join_all().await {
        assert_eq!((outcome, fault), (Outcome::Exited { code: 0 }, None));
    }
    let printed = machine.printed.0.lock().expect("a log");
    assert!(printed.iter().all(|line| line.2.iter().all(|byte| *byte == 0)));
}

#[test]
fn defaults_are_the_documented_ones() {
    let limits = Limits::default();
    assert_eq!((limits.memory, limits.handles), (512 << 20, 1024));
}
