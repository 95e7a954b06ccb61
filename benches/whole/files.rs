//! A program that opens, reads and closes 10,000 files of 4 KiB: in the sandbox, and built for this machine.
//!
//! Knows the program's one line of output: bytes, and the nanoseconds that its loop took. What is compared is that
//! loop, without the start of either process.

use super::page::{Row, median, show};
use super::place::{Place, root, said, target};
use std::process::Command;
use std::time::Duration;

const FILES: usize = 10_000;
const SIZE: usize = 4 << 10;
const ROUNDS: usize = 25;

/// Which way a task sees its workspace.
const OVERLAY: &str = "overlay";
const LIVE: &str = "live";

pub fn rows(place: &Place) -> Vec<Row> {
    for n in 0..FILES {
        place.file(&format!("files/f{n}"), vec![b'x'; SIZE]);
    }
    let module = target().join("guests/reads.wasm");
    for workspace in [OVERLAY, LIVE] {
        let task = format!(
            "apiVersion: tekton.dev/v1
kind: Task
metadata: {{name: reads}}
spec:
  workspaces: [{{name: files}}]
  steps:
  - name: s
    image: {}
    args: [/workspace/files, '{FILES}']
    sandbox: {{workspace: {workspace}}}
",
            module.display()
        );
        place.file(&format!("{workspace}.yaml"), task);
    }
    let mut sides = [sandboxed(place, LIVE), sandboxed(place, OVERLAY), native(place)];
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for side in &mut sides {
        loop_time(side);
    }
    for _ in 0..ROUNDS {
        for (side, times) in sides.iter_mut().zip(&mut times) {
            times.push(loop_time(side));
        }
    }
    let [live, overlay, native] = &times;
    let of = |ours: &[Duration], theirs: &[Duration]| format!("{} / {}", show(median(ours)), show(median(theirs)));
    vec![
        Row::ratio(
            "opening, reading and closing 10,000 files of 4 KiB, against the same program built natively",
            3.0,
            ratio(overlay, native),
            &of(overlay, native),
        ),
        Row::ratio(
            "reading 10,000 files through an overlay, against the plain directory in the same sandbox",
            1.1,
            ratio(overlay, live),
            &of(overlay, live),
        ),
    ]
}

fn sandboxed(place: &Place, workspace: &str) -> Command {
    let file = format!("{workspace}.yaml");
    place.stepwell(&["run", "-f", &file, "reads", "-w", "files=files", "--no-cache", "-q", "--logs", "all"])
}

/// The same source, built for this machine as the guests are built for WASI.
fn native(place: &Place) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = target().join("guests/build-native");
    let mut build = Command::new(cargo);
    build
        .args(["build", "--release", "--locked", "--quiet", "--bin", "reads", "--manifest-path"])
        .arg(root().join("tests/guests/Cargo.toml"))
        .arg("--target-dir")
        .arg(&built);
    said(&mut build);
    let mut command = Command::new(built.join("release/reads"));
    command.arg(place.path("files")).arg(FILES.to_string());
    command
}

/// Runs the program and gives the time of its loop.
fn loop_time(command: &mut Command) -> Duration {
    let text = said(command);
    // In the sandbox the line starts with the names of task and step.
    let mut words = text.split_whitespace().rev();
    let nanos = words.next().and_then(|word| word.parse().ok()).expect("the program says how long it took");
    let bytes: usize = words.next().and_then(|word| word.parse().ok()).expect("the program says what it read");
    assert_eq!(bytes, FILES * SIZE, "every file was read");
    Duration::from_nanos(nanos)
}

/// The median of the ratios of each round.
fn ratio(ours: &[Duration], theirs: &[Duration]) -> f64 {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    median(&ratios)
}
