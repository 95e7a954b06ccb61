//! Programs that a step starts beside itself: the guest `family` does it, and tells what it found. `make guests`
//! builds it.

use super::steps::{Machine, attempt, step};
use crate::exec::{Interrupt, StepReport, Stream};
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::request::StepRequest;
use std::path::{Path, PathBuf};
use std::time::Duration;

const OK: Outcome = Outcome::Exited { code: 0 };
const MS: u64 = 1_000_000;

pub(super) fn machine() -> Machine {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let machine = Machine::with_reserve(&[], 256);
    for guest in ["family", "hostile", "echo"] {
        let from = target.join(format!("guests/{guest}.wasm"));
        std::fs::copy(from, machine.dir.path().join(format!("{guest}.wasm"))).expect("`make guests` has built it");
    }
    machine
}

async fn family(args: &[&str], change: impl FnOnce(&mut StepRequest)) -> (StepReport, String, Machine) {
    let machine = machine();
    let mut request = step(0, "s", "family", args);
    change(&mut request);
    let (report, _) = machine.one(request).await;
    let printed = machine.printed.text(Stream::Stdout);
    (report, printed, machine)
}

async fn printed(args: &[&str]) -> String {
    let (report, printed, machine) = family(args, |_| {}).await;
    assert_eq!(report.outcome, OK, "{printed} {}", machine.printed.text(Stream::Stderr));
    printed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_streams_and_ends_with_its_reader() {
    assert_eq!(printed(&["pipeline"]).await, "10000000\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_share_the_files_that_they_were_given() {
    assert_eq!(printed(&["shared"]).await, "shared\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_hears_how_its_child_ended() {
    assert_eq!(printed(&["ends"]).await, "ends 1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_are_caught_ignored_or_fatal() {
    assert_eq!(printed(&["signals"]).await, "signals\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_of_a_step_have_an_end_in_number_and_depth() {
    assert_eq!(printed(&["limits"]).await, "limits 128\n");
    assert_eq!(printed(&["deep", "0"]).await, "deep 32 6\n");
}

/// The step's own program ends and leaves others that never would, and others of theirs.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_step_that_has_ended() {
    assert_eq!(printed(&["left"]).await, "");
    let machine = machine();
    let mut session = machine.open(attempt()).await;
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        machine.interrupt.send(Interrupt::Cancel).expect("is heard");
    };
    let (report, ()) = tokio::join!(session.run_step(step(0, "s", "family", &["children", "spin", "3"])), cancel);
    assert_eq!(report.outcome, Outcome::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_count_all_programs_of_a_step_together() {
    let (report, ..) = family(&["children", "grow", "4"], |step| step.program.sandbox.memory = Some(128 << 20)).await;
    assert_eq!(report.outcome, Outcome::LimitMet { limit: LimitKind::Memory, value: 128 << 20 });
    let (report, ..) = family(&["children", "grow", "2"], |step| step.program.sandbox.memory = Some(128 << 20)).await;
    assert_eq!(report.outcome, OK);
    let (report, ..) = family(&["children", "spin", "4"], |step| step.program.sandbox.cpu = Some(200 * MS)).await;
    assert_eq!(report.outcome, Outcome::LimitMet { limit: LimitKind::Cpu, value: 200 * MS });
    let (report, ..) = family(&["children", "spin", "2"], |step| step.timeout = Some(100 * MS)).await;
    assert_eq!(report.outcome, Outcome::TimedOut { after: 100 * MS });
    let (report, printed, _) =
        family(&["children", "flood", "4"], |step| step.program.sandbox.output = Some(100)).await;
    assert_eq!(report.outcome, Outcome::LimitMet { limit: LimitKind::Output, value: 100 });
    assert_eq!(printed.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_started_by_name() {
    let named = |step: &mut StepRequest| {
        for name in ["echo", "other"] {
            step.program.sandbox.commands.insert(name.into(), "./echo.wasm".into());
        }
    };
    let (report, printed, machine) = family(&["command", "other"], named).await;
    assert_eq!(report.outcome, OK, "{}", machine.printed.text(Stream::Stderr));
    assert!(printed.contains("b c"), "{printed}");
    let missing = |step: &mut StepRequest| {
        step.program.sandbox.commands.insert("echo".into(), "./nowhere.wasm".into());
    };
    let (report, ..) = family(&["command", "echo"], missing).await;
    assert!(matches!(report.outcome, Outcome::ModuleInvalid { .. }), "{:?}", report.outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_pipe_joins_two_programs_and_is_gone_with_the_attempt() {
    let (report, printed, machine) = family(&["fifo"], |_| {}).await;
    assert_eq!((report.outcome, printed.as_str()), (OK, "fifo\n"), "{}", machine.printed.text(Stream::Stderr));
    let claim = machine.dir.path().join("volumes/default/claim");
    let left = std::fs::read_dir(&claim).map(|entries| entries.count()).unwrap_or_default();
    assert_eq!(left, 0, "in {claim:?}");
}
