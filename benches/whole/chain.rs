//! Pipelines of tasks that do nothing: what a step costs beside its own work.
//!
//! Knows events and the shape of pipelines. The module is empty, so the time inside the guest is taken as 0, and all
//! that is measured is ours.

use super::page::{Row, median, show};
use super::place::{Place, said, took};
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

const TASKS: usize = 1000;
const ROUNDS: usize = 15;
/// Rounds of what takes some milliseconds.
const MANY_ROUNDS: usize = 60;

/// Which tasks of a pipeline follow which.
#[derive(Clone, Copy)]
enum Shape {
    /// Each follows the one before it.
    Chain,
    /// None follows any.
    Wide,
}

/// A run of `count` tasks, each one step of a module that does nothing.
fn pipeline(place: &Place, name: &str, count: usize, shape: Shape) {
    let module = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#)
        .expect("the module's text is right");
    place.file("empty.wasm", module);
    let mut text = String::from(
        "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {generateName: bench-}\nspec:\n  pipelineSpec:\n    tasks:\n",
    );
    for i in 0..count {
        let after = match shape {
            Shape::Chain if i > 0 => format!(", runAfter: [t{}]", i - 1),
            Shape::Chain | Shape::Wide => String::new(),
        };
        writeln!(text, "    - {{name: t{i}{after}, taskSpec: {{steps: [{{name: s, image: ./empty.wasm}}]}}}}")
            .expect("writing to a string cannot fail");
    }
    place.file(name, text);
}

/// Peak resident memory of 1,000 tasks, 8 at a time.
pub fn memory(place: &Place) -> Vec<Row> {
    pipeline(place, "wide.yaml", TASKS, Shape::Wide);
    let mut run = place.stepwell(&["run", "-f", "wide.yaml", "--no-cache", "--parallel", "8"]);
    took(&mut run);
    let peaks: Vec<u64> = (0..ROUNDS).map(|_| peak(&mut run)).collect();
    let peak = median(&peaks);
    let own = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let own = own.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    assert!(own.is_some_and(|own| own < peak), "this process is larger than its child, whose peak it hides");
    vec![Row {
        what: "peak resident memory of 1,000 one-step tasks, 8 in parallel".to_owned(),
        bar: "150 MiB".to_owned(),
        measured: format!("{} MiB", peak >> 10),
        met: Some(peak >> 10 <= 150),
    }]
}

/// The most memory that a command held, in KiB.
#[expect(clippy::zombie_processes, reason = "waited for by the call that also tells its memory")]
fn peak(command: &mut Command) -> u64 {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the program starts");
    let pid = libc::pid_t::try_from(child.id()).expect("process numbers are small");
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // Both places are ours, and nobody else waits for this child.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) };
    assert!(waited == pid && status == 0, "the run succeeds");
    // All zeros is a value of this type, and the call filled it.
    u64::try_from(unsafe { usage.assume_init() }.ru_maxrss).unwrap_or(0)
}

pub fn rows(place: &Place) -> Vec<Row> {
    pipeline(place, "chain.yaml", TASKS, Shape::Chain);
    pipeline(place, "one.yaml", 1, Shape::Chain);
    took(&mut place.stepwell(&["run", "-f", "one.yaml", "--no-cache"]));
    let mut rows = vec![check(place), one(place)];
    rows.extend(overhead(place));
    rows.push(against_processes(place));
    rows
}

fn check(place: &Place) -> Row {
    let times: Vec<_> = (0..MANY_ROUNDS).map(|_| took(&mut place.stepwell(&["check", "-f", "chain.yaml"]))).collect();
    slowest(
        Row::bar("`check` of a 1,000-task pipeline, whole process", Duration::from_millis(20), median(&times)),
        &times,
    )
}

fn one(place: &Place) -> Row {
    let times: Vec<_> =
        (0..MANY_ROUNDS).map(|_| took(&mut place.stepwell(&["run", "-f", "one.yaml", "--no-cache"]))).collect();
    slowest(Row::bar("whole process, one warm step, start to exit", Duration::from_millis(25), median(&times)), &times)
}

fn slowest(row: Row, times: &[Duration]) -> Row {
    let slowest = times.iter().max().expect("something was measured");
    row.note(&format!("slowest of {}: {}", times.len(), show(*slowest)))
}

/// Differences of consecutive task ends, from the events of each run.
fn overhead(place: &Place) -> [Row; 2] {
    let mut run = place.stepwell(&["run", "-f", "chain.yaml", "--no-cache", "--events=events.jsonl"]);
    let (mut middle, mut late) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        said(&mut run);
        let events = std::fs::read_to_string(place.path("events.jsonl")).expect("the events can be read");
        let events = events.lines().map(|line| serde_json::from_str(line).expect("an event is a line of JSON"));
        let ends: Vec<u64> = events
            .filter(|event: &serde_json::Value| event["type"] == "attemptClosed")
            .map(|event| event["time"].as_u64().expect("an event has a time"))
            .collect();
        assert_eq!(ends.len(), TASKS, "every task has ended");
        let mut between: Vec<u64> = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
        between.sort_unstable();
        middle.push(between[between.len() / 2]);
        late.push(between[between.len() * 99 / 100]);
    }
    let row = |which, bar, nanos: &[u64]| {
        let what = format!("engine and sandbox overhead of a warm step in a chain of 1,000, {which}");
        Row::bar(&what, Duration::from_micros(bar), Duration::from_nanos(median(nanos)))
    };
    [row("p50", 200, &middle), row("p99", 2000, &late)]
}

/// The same steps, whole process, against as many processes that do nothing.
fn against_processes(place: &Place) -> Row {
    let mut run = place.stepwell(&["run", "-f", "chain.yaml", "--no-cache"]);
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = std::time::Instant::now();
        for _ in 0..TASKS {
            let status = Command::new("/bin/true").status().expect("/bin/true starts");
            assert!(status.success(), "/bin/true succeeds");
        }
        theirs.push(start.elapsed());
        ours.push(took(&mut run));
        ratios.push(ours[ours.len() - 1].as_secs_f64() / theirs[theirs.len() - 1].as_secs_f64());
    }
    let of = format!("{} / {}", show(median(&ours)), show(median(&theirs)));
    Row::ratio("a chain of 1,000 steps, whole process, against 1,000 spawns of `/bin/true`", 0.6, median(&ratios), &of)
}
