//! Limits met by whole modules that attack them: memory from the start, processor time beside others,
//! time inside a call, words to start with, places for memories.
//!
//! Knows sessions. The counters themselves are in `limits`.

use super::run::{SLEEP, SPIN};
use super::steps::{Machine, TELL, attempt, step};
use crate::exec::{Interrupt, Stream};
use crate::model::expand::{LONGEST, MOST};
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::request::{AttemptRequest, EnvRequest, StepRequest};
use std::time::Duration;

const OK: Outcome = Outcome::Exited { code: 0 };
const MS: u64 = 1_000_000;

fn of(task: &str, number: usize) -> AttemptRequest {
    AttemptRequest { task_run: format!("{task}-{number}"), ..attempt() }
}

/// Runs this many of a step at once, each in a task of its own.
async fn many(machine: &Machine, count: usize, image: &str, change: impl Fn(&mut StepRequest)) -> Vec<Outcome> {
    let all = (0..count).map(|number| {
        let mut request = step(0, "s", image, &[]);
        change(&mut request);
        async move { machine.open(of(image, number)).await.run_step(request).await.outcome }
    });
    futures_util::future::join_all(all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_module_has_from_its_start_counts_together() {
    let memories = "(memory (export \"memory\") 30) (memory 30) (memory 30) (memory 30)";
    let tables = "(memory (export \"memory\") 1) (table 300000 funcref) (table 300000 externref)";
    // Four memories of 30 pages have 7.5 MiB, the tables 4.8 MB and a page.
    for (parts, fits, does_not) in [(memories, 7_864_320, 7_864_319), (tables, 4_865_536, 4_865_535)] {
        let text = format!("(module {parts} (func (export \"_start\")))");
        let machine = Machine::new(&[("m", &text)]);
        let run = async |memory| {
            let mut request = step(0, "s", "m", &[]);
            request.program.sandbox.memory = Some(memory);
            machine.one(request).await.0.outcome
        };
        assert_eq!(run(fits).await, OK);
        let met = Outcome::LimitMet { limit: LimitKind::Memory, value: does_not };
        assert_eq!(run(does_not).await, met);
    }
    let machine = Machine::new(&[("m", "(module (table 1000001 funcref) (func (export \"_start\")))")]);
    let outcome = machine.one(step(0, "s", "m", &[])).await.0.outcome;
    let Outcome::ModuleInvalid { message } = outcome else { panic!("{outcome:?}") };
    assert!(message.contains("1000000"), "{message}");
    // Growing one memory after another.
    let text = r#"(module (memory (export "memory") 1) (memory $n 1) (table $t 1 externref)
      (func (export "_start")
        (drop (memory.grow (i32.const 10))) (drop (memory.grow $n (i32.const 10)))
        (drop (table.grow $t (ref.null extern) (i32.const 100000)))
        unreachable))"#;
    let machine = Machine::new(&[("m", text)]);
    let mut request = step(0, "s", "m", &[]);
    request.program.sandbox.memory = Some(2 << 20);
    let met = Outcome::LimitMet { limit: LimitKind::Memory, value: 2 << 20 };
    assert_eq!(machine.one(request).await.0.outcome, met);
}

/// Spins until its own processor time says 100 ms.
const BUSY: &str = r#"(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $n i32)
    (loop $again
      (local.set $n (i32.const 0))
      (loop $work
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $work (i32.lt_u (local.get $n) (i32.const 10000))))
      (drop (call $now (i32.const 3) (i64.const 1) (i32.const 0)))
      (br_if $again (i64.lt_u (i64.load (i32.const 0)) (i64.const 100000000))))))"#;

/// On the wall each of them takes longer than its limit of processor time, as they share processors.
#[tokio::test(flavor = "multi_thread")]
async fn steps_beside_each_other_use_up_their_own_processor_time() {
    let machine = Machine::new(&[("busy", BUSY), ("spin", SPIN)]);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let limited = |step: &mut StepRequest| step.program.sandbox.cpu = Some(200 * MS);
    let (busy, spinning) =
        tokio::join!(many(&machine, 4 * processors, "busy", limited), many(&machine, 4, "spin", limited));
    assert!(busy.iter().all(|outcome| *outcome == OK), "{busy:?}");
    let met = Outcome::LimitMet { limit: LimitKind::Cpu, value: 200 * MS };
    assert!(spinning.iter().all(|outcome| *outcome == met), "{spinning:?}");
}

/// All of this process's timers run on one thread, and loops without end run beside it.
#[tokio::test(flavor = "current_thread")]
async fn loops_without_end_stop_nobodys_timers() {
    let machine = Machine::new(&[("spin", SPIN), ("sleep", SLEEP)]);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let sleeping = async {
        let timed = |step: &mut StepRequest| step.timeout = Some(50 * MS);
        assert_eq!(many(&machine, 2, "sleep", timed).await, [const { Outcome::TimedOut { after: 50 * MS } }; 2]);
        tokio::time::sleep(Duration::from_millis(20)).await;
        machine.interrupt.send(Interrupt::Cancel).expect("is heard");
    };
    let (spinning, ()) = tokio::join!(many(&machine, 2 * processors, "spin", |_| {}), sleeping);
    assert!(spinning.iter().all(|outcome| *outcome == Outcome::Cancelled), "{spinning:?}");
}

/// Waits for an hour 4,096 times at once.
const POLLS: &str = r#"(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 8)
  (func (export "_start") (local $at i32)
    (loop $next
      (i32.store offset=16 (local.get $at) (i32.const 1))
      (i64.store offset=24 (local.get $at) (i64.const 3600000000000))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 196608))))
    (drop (call $poll (i32.const 0) (i32.const 262144) (i32.const 4096) (i32.const 196608)))
    unreachable))"#;

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_much_at_once_ends_in_time() {
    let machine = Machine::new(&[("m", POLLS)]);
    let timed = |step: &mut StepRequest| step.timeout = Some(50 * MS);
    assert_eq!(many(&machine, 1, "m", timed).await, [Outcome::TimedOut { after: 50 * MS }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_started_with_as_many_words_as_on_linux() {
    let machine = Machine::new(&[("m", TELL)]);
    let run = async |args: Vec<String>, env: Vec<(&str, String)>| {
        let mut request = step(0, "s", "m", &[]);
        request.program.args = args;
        let value = |(name, value): (&str, String)| EnvRequest::Value { name: name.to_owned(), value };
        request.program.env = env.into_iter().map(value).collect();
        machine.one(request).await.0.outcome
    };
    let refused = |outcome: Outcome, words: &str| {
        let Outcome::ModuleInvalid { message } = outcome else { panic!("{outcome:?}") };
        assert!(message.contains(words) && message.contains("file") && message.len() < 1000, "{message}");
    };
    let long = |length: usize| "x".repeat(length);
    refused(run(vec![long(LONGEST)], vec![]).await, "argument 1: it is longer than 128 KiB");
    refused(run(vec![], vec![("A", long(LONGEST - 2))]).await, "environment variable \"A\": it is longer than 128 KiB");
    assert_eq!(run(vec![], vec![("A", "x".into()), ("B", "$(A)".repeat(4))]).await, OK);
    // Eight variables of 100 KiB have room, and so have eight arguments; thirty of both together have not.
    let names: Vec<String> = (0..15).map(|n| format!("V{n}")).collect();
    let some: Vec<(&str, String)> = names.iter().map(|name| (name.as_str(), long(100 << 10))).collect();
    refused(run(vec![long(100 << 10); 15], some).await, "longer than 2 MiB together");
    // Expanded, each argument is short enough; all of them would be gigabytes.
    let grown = vec!["$(A)".repeat(100); 100_000];
    refused(run(grown, vec![("A", long(1000))]).await, "longer than 2 MiB together");
    refused(run(vec![String::new(); MOST / 9], vec![]).await, "longer than 2 MiB together");
    // A variable that stands in the next one ten times, and so on.
    let bomb: Vec<(&str, String)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), if n == 0 { long(10) } else { format!("$(V{})", n - 1).repeat(10) }))
        .collect();
    refused(run(vec![], bomb).await, "environment variable \"V5\": it is longer than 128 KiB");
    // A script is a file, and may be longer.
    let mut request = step(0, "s", "m", &[]);
    request.program.script = Some(long(1 << 20));
    assert_eq!(machine.one(request).await.0.outcome, OK);
    assert!(machine.printed.text(Stream::Stdout).contains("/tekton/scripts/s\0"));
}

/// Has as many memories and tables as a module may have, and waits.
const WIDE: &str = r#"(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (memory 1) (memory 1) (memory 1)
  (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref)
  (table 1 funcref) (table 1 funcref) (table 1 funcref) (table 1 funcref)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"#;

/// As many as may run at once, each with all that it may have: none takes a place that another needs.
#[tokio::test(flavor = "multi_thread")]
async fn modules_with_many_memories_take_no_places_from_others() {
    let machine = Machine::new(&[("m", WIDE)]);
    let timed = |step: &mut StepRequest| step.timeout = Some(2_000 * MS);
    let ended = many(&machine, 128, "m", timed).await;
    assert!(ended.iter().all(|outcome| *outcome == Outcome::TimedOut { after: 2_000 * MS }), "{ended:?}");
}
