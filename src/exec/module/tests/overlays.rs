//! Workspaces of task attempts: what steps and tasks see of each other's files, what a commit
//! leaves, what stays of others' changes.
//!
//! Knows sessions and directories. Does not know how an overlay works.

use super::steps::{Machine, attempt, step};
use crate::exec::Session;
use crate::model::outcome::Outcome;
use crate::model::request::{AttemptRequest, MountRequest, StepRequest, VolumeRequest, VolumeSource};
use std::path::Path;
use std::sync::Arc;

/// A module that opens the file that argument 1 names, and writes argument 2 to it; without argument
/// 2, removes it. Ends with the first error number.
const PUT: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $length (param $at i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $at))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $at)))
  (func $must (param i32)
    (if (local.get 0) (then (call $exit (local.get 0)))))
  (func (export "_start")
    (local $path i32)
    (call $must (call $sizes (i32.const 0) (i32.const 4)))
    (call $must (call $args (i32.const 1024) (i32.const 8192)))
    (local.set $path (i32.load (i32.const 1028)))
    (if (i32.eq (i32.load (i32.const 0)) (i32.const 2))
      (then
        (call $must (call $unlink (i32.const 3) (local.get $path) (call $length (local.get $path))))
        (return)))
    (call $must (call $open (i32.const 3) (i32.const 1) (local.get $path) (call $length (local.get $path))
      (i32.const 9) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)))
    (i32.store (i32.const 32) (i32.load (i32.const 1032)))
    (i32.store (i32.const 36) (call $length (i32.load (i32.const 1032))))
    (call $must (call $write (i32.load (i32.const 16)) (i32.const 32) (i32.const 1) (i32.const 48)))))"#;

/// A module that prints the file that argument 1 names. Ends with the first error number.
const SHOW: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $length (param $at i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $at))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $at)))
  (func $must (param i32)
    (if (local.get 0) (then (call $exit (local.get 0)))))
  (func (export "_start")
    (local $path i32)
    (call $must (call $args (i32.const 1024) (i32.const 8192)))
    (local.set $path (i32.load (i32.const 1028)))
    (call $must (call $open (i32.const 3) (i32.const 1) (local.get $path) (call $length (local.get $path))
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
    (i32.store (i32.const 32) (i32.const 16384))
    (i32.store (i32.const 36) (i32.const 4096))
    (call $must (call $read (i32.load (i32.const 16)) (i32.const 32) (i32.const 1) (i32.const 48)))
    (i32.store (i32.const 36) (i32.load (i32.const 48)))
    (call $must (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 48)))))"#;

/// A module that opens every file that its arguments name for writing. Ends with the first error number.
const APPEND: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $length (param $at i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $at))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $at)))
  (func $must (param i32)
    (if (local.get 0) (then (call $exit (local.get 0)))))
  (func (export "_start")
    (local $at i32) (local $end i32) (local $path i32)
    (call $must (call $sizes (i32.const 0) (i32.const 4)))
    (call $must (call $args (i32.const 1024) (i32.const 8192)))
    (local.set $at (i32.const 1028))
    (local.set $end (i32.add (i32.const 1024) (i32.mul (i32.const 4) (i32.load (i32.const 0)))))
    (loop $next
      (local.set $path (i32.load (local.get $at)))
      (call $must (call $open (i32.const 3) (i32.const 1) (local.get $path) (call $length (local.get $path))
        (i32.const 0) (i64.const 64) (i64.const 0) (i32.const 1) (i32.const 16)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))))"#;

const NO_ENTRY: u8 = 44;

/// A machine with a directory `ws` of the user's.
fn setting() -> Machine {
    let machine = Machine::new(&[("put", PUT), ("show", SHOW), ("append", APPEND)]);
    let ws = machine.dir.path().join("ws");
    std::fs::create_dir_all(ws.join("sub")).expect("is made");
    std::fs::write(ws.join("old"), "old").expect("is written");
    std::fs::write(ws.join("sub/deep"), "deep").expect("is written");
    machine
}

/// An attempt of a task with the user's directory as its volume `ws`, and its part `sub` as `sub`.
fn of_task(machine: &Machine, task: &str, live: bool) -> AttemptRequest {
    let volume = |key: &str, path: &Path| VolumeRequest {
        key: key.to_owned(),
        source: VolumeSource::HostDir { path: path.to_string_lossy().into_owned(), read_only: false },
    };
    let ws = machine.dir.path().join("ws");
    AttemptRequest {
        task_run: task.to_owned(),
        volumes: vec![volume("ws", &ws), volume("sub", &ws.join("sub"))],
        live,
        ..attempt()
    }
}

fn program(name: &str, image: &str, args: &[&str]) -> StepRequest {
    let mut step = step(0, name, image, args);
    step.program.mounts = [("ws", "/ws", ""), ("sub", "/sub", ""), ("ws", "/again", "sub")]
        .map(|(volume, path, sub)| MountRequest {
            volume: volume.to_owned(),
            mount_path: path.to_owned(),
            sub_path: sub.to_owned(),
            read_only: false,
        })
        .into();
    step
}

async fn put(session: &mut Box<dyn Session>, args: &[&str]) {
    let report = session.run_step(program("put", "put", args)).await;
    assert_eq!(report.outcome, Outcome::Exited { code: 0 }, "{args:?}");
}

/// What a step of the attempt reads.
async fn show(machine: &Machine, session: &mut Box<dyn Session>, path: &str) -> Result<String, u8> {
    machine.printed.0.lock().expect("a log").clear();
    match session.run_step(program("show", "show", &[path])).await.outcome {
        Outcome::Exited { code: 0 } => Ok(machine.printed.text(crate::exec::Stream::Stdout)),
        Outcome::Exited { code } => Err(code),
        outcome => panic!("{outcome}"),
    }
}

fn on_disk(machine: &Machine, path: &str) -> Option<String> {
    std::fs::read_to_string(machine.dir.path().join("ws").join(path)).ok()
}

#[tokio::test]
async fn what_a_task_writes_is_there_when_it_has_ended() {
    let machine = setting();
    let mut session = machine.open(of_task(&machine, "one", false)).await;
    put(&mut session, &["ws/old", "new"]).await;
    put(&mut session, &["ws/sub/more", "more"]).await;
    put(&mut session, &["ws/sub/deep"]).await;
    // Its own steps see it, through every mount of the directory.
    assert_eq!(show(&machine, &mut session, "ws/old").await, Ok("new".to_owned()));
    for path in ["ws/sub/more", "sub/more", "again/more"] {
        assert_eq!(show(&machine, &mut session, path).await, Ok("more".to_owned()), "{path}");
    }
    assert_eq!(show(&machine, &mut session, "sub/deep").await, Err(NO_ENTRY));
    assert_eq!(on_disk(&machine, "old").as_deref(), Some("old"), "before the task has ended");
    assert_eq!(on_disk(&machine, "sub/deep").as_deref(), Some("deep"));
    let report = session.close().await;
    assert_eq!((report.fault, report.warnings), (None, Vec::new()));
    assert_eq!(on_disk(&machine, "old").as_deref(), Some("new"));
    assert_eq!(on_disk(&machine, "sub/more").as_deref(), Some("more"));
    assert_eq!(on_disk(&machine, "sub/deep"), None);
    assert!(!machine.dir.path().join("scratch").exists_with_entries(), "nothing is left");
    assert!(!machine.dir.path().join("commits").exists_with_entries(), "nothing is left");
}

#[tokio::test]
async fn what_a_cut_off_attempt_wrote_is_nowhere() {
    let machine = setting();
    let mut session = machine.open(of_task(&machine, "one", false)).await;
    put(&mut session, &["ws/old", "half"]).await;
    drop(session);
    assert_eq!(on_disk(&machine, "old").as_deref(), Some("old"));
}

#[tokio::test]
async fn tasks_beside_each_other_see_what_was_there_when_they_began() {
    let machine = setting();
    let mut reader = machine.open(of_task(&machine, "reader", false)).await;
    let mut writer = machine.open(of_task(&machine, "writer", false)).await;
    put(&mut writer, &["ws/old", "changed"]).await;
    put(&mut writer, &["ws/new", "new"]).await;
    put(&mut writer, &["ws/sub/deep"]).await;
    assert_eq!(writer.close().await.warnings, Vec::<String>::new());
    assert_eq!(on_disk(&machine, "old").as_deref(), Some("changed"));
    assert_eq!(show(&machine, &mut reader, "ws/old").await, Ok("old".to_owned()));
    assert_eq!(show(&machine, &mut reader, "sub/deep").await, Ok("deep".to_owned()));
    assert_eq!(show(&machine, &mut reader, "ws/new").await, Err(NO_ENTRY));
    assert_eq!(reader.close().await.warnings, Vec::<String>::new());
    assert_eq!(on_disk(&machine, "old").as_deref(), Some("changed"), "a reader commits nothing");
    // A task that begins now sees all of it.
    let mut later = machine.open(of_task(&machine, "later", false)).await;
    assert_eq!(show(&machine, &mut later, "ws/new").await, Ok("new".to_owned()));
    assert_eq!(show(&machine, &mut later, "sub/deep").await, Err(NO_ENTRY));
}

#[tokio::test]
async fn two_tasks_that_wrote_one_file_are_both_named_and_the_later_one_stands() {
    let machine = setting();
    let mut first = machine.open(of_task(&machine, "first", false)).await;
    let mut second = machine.open(of_task(&machine, "second", false)).await;
    put(&mut first, &["ws/old", "of first"]).await;
    put(&mut second, &["ws/old", "of second"]).await;
    assert_eq!(first.close().await.warnings, Vec::<String>::new());
    assert_eq!(show(&machine, &mut second, "ws/old").await, Ok("of second".to_owned()));
    let path = machine.dir.path().join("ws/old");
    let warning = format!("tasks first and second both wrote {}: that of second stands", path.display());
    assert_eq!(second.close().await.warnings, [warning]);
    assert_eq!(on_disk(&machine, "old").as_deref(), Some("of second"));
}

#[tokio::test]
async fn what_the_user_changed_meanwhile_stays_and_both_are_kept() {
    let machine = setting();
    let mut session = machine.open(of_task(&machine, "task", false)).await;
    put(&mut session, &["ws/old", "of the task"]).await;
    put(&mut session, &["ws/made", "of the task"]).await;
    put(&mut session, &["ws/sub/deep"]).await;
    let ws = machine.dir.path().join("ws");
    for name in ["old", "made", "sub/deep"] {
        std::fs::write(ws.join(name), "of the user").expect("is written");
    }
    let warnings = session.close().await.warnings;
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    for name in ["old", "made"] {
        assert_eq!(on_disk(&machine, name).as_deref(), Some("of the user"));
        assert_eq!(on_disk(&machine, &format!("{name}.stepwell-testrun")).as_deref(), Some("of the task"));
        assert!(warnings.iter().any(|warning| warning.contains(&format!("{name}.stepwell-testrun"))), "{warnings:?}");
    }
    assert_eq!(on_disk(&machine, "sub/deep").as_deref(), Some("of the user"));
}

#[tokio::test]
async fn a_live_workspace_is_the_directory_itself() {
    let machine = setting();
    let mut one = machine.open(of_task(&machine, "one", true)).await;
    let mut other = machine.open(of_task(&machine, "other", true)).await;
    put(&mut one, &["ws/old", "live"]).await;
    assert_eq!(on_disk(&machine, "old").as_deref(), Some("live"));
    assert_eq!(show(&machine, &mut other, "ws/old").await, Ok("live".to_owned()));
    assert!(!machine.dir.path().join("scratch").exists_with_entries(), "no layer");
}

#[tokio::test]
async fn a_claim_that_is_not_there_is_made_by_the_first_commit() {
    let machine = setting();
    let request = |task: &str| {
        let source = VolumeSource::Claim { name: "c".to_owned() };
        let volumes = ["ws", "sub"].map(|key| VolumeRequest { key: key.to_owned(), source: source.clone() });
        AttemptRequest { volumes: volumes.into(), ..of_task(&machine, task, false) }
    };
    let mut beside = machine.open(request("beside")).await;
    let mut session = machine.open(request("one")).await;
    put(&mut session, &["ws/f", "x"]).await;
    // The part of the volume that is mounted at /again is made with its first file.
    put(&mut session, &["again/g", "y"]).await;
    assert_eq!(show(&machine, &mut session, "sub/sub/g").await, Ok("y".to_owned()));
    assert_eq!(session.close().await.warnings, Vec::<String>::new());
    assert_eq!(show(&machine, &mut beside, "ws/f").await, Err(NO_ENTRY));
    let claim = machine.dir.path().join("volumes/default/c");
    assert_eq!(std::fs::read_to_string(claim.join("f")).expect("is there"), "x");
    assert_eq!(std::fs::read_to_string(claim.join("sub/g")).expect("is there"), "y");
}

#[tokio::test]
async fn many_tasks_at_once_commit_what_each_wrote() {
    let machine = Arc::new(setting());
    let tasks = (0..16).map(|number| {
        let machine = machine.clone();
        async move {
            let mut session = machine.open(of_task(&machine, &format!("task{number}"), false)).await;
            put(&mut session, &[&format!("ws/sub/f{number}"), "x"]).await;
            session.close().await
        }
    });
    for report in futures_util::future::join_all(tasks).await {
        assert_eq!((report.fault, report.warnings), (None, Vec::new()));
    }
    for number in 0..16 {
        assert_eq!(on_disk(&machine, &format!("sub/f{number}")).as_deref(), Some("x"));
    }
}

trait HasEntries {
    fn exists_with_entries(&self) -> bool;
}

impl HasEntries for std::path::PathBuf {
    fn exists_with_entries(&self) -> bool {
        std::fs::read_dir(self).is_ok_and(|mut entries| entries.next().is_some())
    }
}

#[tokio::test]
async fn a_second_attempt_starts_from_what_the_first_one_committed() {
    let machine = setting();
    let mut first = machine.open(of_task(&machine, "task", false)).await;
    put(&mut first, &["ws/old", "of the first"]).await;
    assert_eq!(show(&machine, &mut first, "ws/nothing").await, Err(NO_ENTRY), "it fails");
    first.close().await;
    let mut second = machine.open(AttemptRequest { attempt: 1, ..of_task(&machine, "task", false) }).await;
    assert_eq!(show(&machine, &mut second, "ws/old").await, Ok("of the first".to_owned()));
}

#[tokio::test]
async fn a_directory_that_a_task_swaps_for_a_link_leads_no_other_task_out() {
    let machine = setting();
    let outside = machine.dir.path().join("outside");
    std::fs::create_dir(&outside).expect("is made");
    // One task has the directory, the other what lies in it.
    let inner = VolumeSource::HostDir {
        path: machine.dir.path().join("ws/sub").to_string_lossy().into_owned(),
        read_only: false,
    };
    let volumes = ["ws", "sub"].map(|key| VolumeRequest { key: key.to_owned(), source: inner.clone() });
    let mut second =
        machine.open(AttemptRequest { volumes: volumes.into(), ..of_task(&machine, "second", false) }).await;
    put(&mut second, &["ws/f", "x"]).await;
    // What the first task's commit would leave.
    std::fs::rename(machine.dir.path().join("ws/sub"), machine.dir.path().join("ws/moved")).expect("is renamed");
    std::os::unix::fs::symlink(&outside, machine.dir.path().join("ws/sub")).expect("is made");
    let report = second.close().await;
    assert!(report.fault.is_some_and(|fault| fault.contains("was replaced")));
    assert_eq!(std::fs::read_dir(&outside).expect("is listed").count(), 0);
}

#[tokio::test]
async fn copies_count_against_the_disk_limit() {
    let machine = setting();
    for name in ["big", "big2"] {
        let file = std::fs::File::create(machine.dir.path().join("ws").join(name)).expect("is made");
        std::io::Write::write_all(&mut &file, &vec![7; 3 << 20]).expect("is written");
    }
    if shares_blocks(&machine) {
        return;
    }
    let mut session = machine.open(of_task(&machine, "task", false)).await;
    let mut limited = program("append", "append", &["ws/big"]);
    limited.program.sandbox.disk = Some(5 << 20);
    assert_eq!(session.run_step(limited.clone()).await.outcome, Outcome::Exited { code: 0 });
    limited.program.args = vec!["ws/big".to_owned(), "ws/big2".to_owned()];
    limited.program.sandbox.disk = Some(4 << 20);
    let met = Outcome::LimitMet { limit: crate::model::outcome::LimitKind::Disk, value: 4 << 20 };
    assert_eq!(session.run_step(limited).await.outcome, met);
}

/// Whether files can share their blocks here: then a copy takes no room.
fn shares_blocks(machine: &Machine) -> bool {
    let open = |name: &str| {
        std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .read(true)
            .open(machine.dir.path().join("ws").join(name))
    };
    let (from, to) = (open("big").expect("is opened"), open("probe").expect("is opened"));
    rustix::fs::ioctl_ficlone(&to, &from).is_ok()
}
