//! Steps that run at one time: what they see of each other, and what one can take away from another.
//!
//! Knows sessions and modules. Does not know how files, memory or threads are kept apart.

use super::run::{FLOOD, SPIN};
use super::steps::{Machine, TELL, TOOL, attempt, step};
use crate::exec::{Interrupt, Stream};
use crate::model::outcome::{LimitKind, Limits, Outcome};
use crate::model::request::{AttemptRequest, EnvRequest, StepRequest};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What every module here is made of: imports, a memory, the length of a string.
const PARTS: &str = r#"
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (func $length (param $at i32) (result i32) (local $n i32)
    (block $done (loop $next
      (br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $at) (local.get $n)))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br $next)))
    (local.get $n))
  (func $sleep (param $nanos i64)
    (i32.store (i32.const 512) (i32.const 0))
    (i32.store8 (i32.const 520) (i32.const 0))
    (i32.store (i32.const 528) (i32.const 1))
    (i64.store (i32.const 536) (local.get $nanos))
    (drop (call $poll (i32.const 512) (i32.const 576) (i32.const 1) (i32.const 640))))
"#;

/// Writes its name to each file that its arguments name, then sleeps for an hour.
fn marks() -> String {
    format!(
        r#"(module {PARTS}
  (func (export "_start") (local $at i32) (local $end i32) (local $path i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 8192)))
    (local.set $at (i32.const 1028))
    (local.set $end (i32.add (i32.const 1024) (i32.mul (i32.const 4) (i32.load (i32.const 0)))))
    (i32.store (i32.const 32) (i32.load (i32.const 1024)))
    (i32.store (i32.const 36) (call $length (i32.load (i32.const 1024))))
    (loop $next
      (local.set $path (i32.load (local.get $at)))
      (if (call $open (i32.const 3) (i32.const 1) (i32.add (local.get $path) (i32.const 1))
            (i32.sub (call $length (local.get $path)) (i32.const 1))
            (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16))
        (then (call $exit (i32.const 1))))
      (drop (call $write (i32.load (i32.const 16)) (i32.const 32) (i32.const 1) (i32.const 48)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (call $sleep (i64.const 3600000000000))))"#
    )
}

/// Writes to a file of its own without end.
fn fills() -> String {
    format!(
        r#"(module {PARTS} (data (i32.const 64) "tmp/f")
  (func (export "_start")
    (drop (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 5)
      (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)))
    (i32.store (i32.const 36) (i32.const 65536))
    (loop $again
      (drop (call $write (i32.load (i32.const 16)) (i32.const 32) (i32.const 1) (i32.const 48)))
      (br $again))))"#
    )
}

/// Opens files until it can't, holds them for a while, and ends with the last error number.
fn holds() -> String {
    format!(
        r#"(module {PARTS} (data (i32.const 64) "tmp/f")
  (func (export "_start") (local $errno i32)
    (loop $again
      (local.set $errno (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 5)
        (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)))
      (br_if $again (i32.eqz (local.get $errno))))
    (call $sleep (i64.const 200000000))
    (call $exit (local.get $errno))))"#
    )
}

fn of(task: &str) -> AttemptRequest {
    AttemptRequest { task_run: task.to_owned(), live: true, ..attempt() }
}

/// Files of a step that are its own, its task's, or secret.
const OWN: [&str; 8] = [
    "/mark",
    "/tmp/mark",
    "/tekton/creds/mark",
    "/tekton/home/mark",
    "/tekton/results/mark",
    "/tekton/steps/step-one/results/mark",
    "/workspace/mark",
    "/empty/mark",
];

#[tokio::test(flavor = "multi_thread")]
async fn steps_beside_each_other_share_their_workspace_and_nothing_else() {
    let machine = Machine::new(&[("marks", &marks()), ("tool", TOOL), ("tell", TELL)]);
    let mut one = machine.open(of("first")).await;
    // Open before anything is written, since opening clears what a killed process left.
    let mut other = of("second");
    other.volumes.retain(|volume| volume.key != "secret");
    let mut other = machine.open(other).await;
    let mut paths = OWN.to_vec();
    paths.push("/workspace/claim/ready");
    let mut request = step(0, "one", "marks", &paths);
    request.program.env = vec![EnvRequest::Value { name: "OWN".into(), value: "env-of-one".into() }];
    let ready = machine.dir.path().join("volumes/default/claim/ready");
    let look = async {
        while !std::fs::read(&ready).is_ok_and(|text| !text.is_empty()) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // The other one has written all that it writes, and is still running.
        let mut seen = Vec::new();
        let scratch = machine.dir.path().join("scratch").display().to_string();
        let more = ["/workspace/claim/ready", "/etc/secret/token", &scratch, "/tekton/steps/step-one/exitCode"];
        for path in OWN.iter().chain(&more) {
            let mut request = step(0, "two", "tool", &[path]);
            request.program.mounts.retain(|mount| mount.volume != "secret");
            seen.push(((*path).to_owned(), other.run_step(request).await.outcome));
        }
        let mut request = step(0, "two", "tell", &[]);
        request.program.mounts.clear();
        seen.push(("environment".to_owned(), other.run_step(request).await.outcome));
        assert_eq!(other.close().await.fault, None);
        machine.interrupt.send(Interrupt::Cancel).expect("is heard");
        seen
    };
    let (report, seen) = tokio::join!(one.run_step(request), look);
    assert_eq!(report.outcome, Outcome::Cancelled);
    assert_eq!(one.close().await.fault, None);
    for (path, outcome) in seen {
        // ENOENT is 44.
        let code = if ["/workspace/claim/ready", "environment"].contains(&path.as_str()) { 0 } else { 44 };
        assert_eq!(outcome, Outcome::Exited { code }, "{path}");
    }
    let printed = machine.printed.text(Stream::Stdout);
    assert_eq!(printed, "markstell\0PWD=/\0", "the workspace's file, and an environment without the other's");
}

/// How a step that uses up what it can has to end.
fn attackers() -> [(&'static str, Limits, Outcome); 4] {
    let met = |limit, value| Outcome::LimitMet { limit, value };
    let all = Limits::default();
    [
        ("fills", Limits { disk: 8 << 20, ..all.clone() }, met(LimitKind::Disk, 8 << 20)),
        ("spins", Limits { cpu: Some(300_000_000), ..all.clone() }, met(LimitKind::Cpu, 300_000_000)),
        ("floods", Limits { output: 8 << 20, ..all.clone() }, met(LimitKind::Output, 8 << 20)),
        // EMFILE is 33: told, and no end.
        ("holds", all, Outcome::Exited { code: 33 }),
    ]
}

fn limited(request: &mut StepRequest, limits: &Limits) {
    let sandbox = &mut request.program.sandbox;
    (sandbox.disk, sandbox.output, sandbox.cpu) = (Some(limits.disk), Some(limits.output), limits.cpu);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_uses_up_its_limits_takes_nothing_from_another() {
    let (fills, holds) = (fills(), holds());
    let modules = [("fills", &*fills), ("spins", SPIN), ("floods", FLOOD), ("holds", &holds), ("tool", TOOL)];
    let machine = Arc::new(Machine::new(&modules));
    let mut running = tokio::task::JoinSet::new();
    for (name, limits, wanted) in attackers() {
        let machine = machine.clone();
        running.spawn(async move {
            let mut session = machine.open(of(name)).await;
            let mut request = step(0, "s", name, &[]);
            limited(&mut request, &limits);
            let report = session.run_step(request).await;
            assert_eq!(session.close().await.fault, None);
            (name, report.outcome, wanted)
        });
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (own, beside) = (stop.clone(), machine.clone());
    let mut victim = tokio::task::JoinSet::new();
    victim.spawn(async move {
        let mut steps = 0;
        while !own.load(Ordering::Relaxed) || steps < 5 {
            let mut session = beside.open(of("victim")).await;
            for index in 0..4 {
                let path = format!("/workspace/claim/{index}");
                let report = session.run_step(step(index, "v", "tool", &["/dev/null", &path, "text"])).await;
                assert_eq!(report.outcome, Outcome::Exited { code: 0 });
                steps += 1;
            }
            assert_eq!(session.close().await.fault, None);
        }
        steps
    });
    for (name, outcome, wanted) in running.join_all().await {
        assert_eq!(outcome, wanted, "{name}");
    }
    stop.store(true, Ordering::Relaxed);
    assert!(victim.join_all().await.iter().all(|steps| *steps >= 5), "the other goes on");
}
