//! Steps that need not run: how soon that is known, how soon what they left is in place, and what it costs to note what a
//! step sees.
//!
//! Knows scripts and the command line. Does not know how results are kept.

use super::page::{Row, median, show};
use super::place::{Place, took};
use super::userland::attempts;
use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

const TASKS: usize = 1000;
const FILES: usize = 50_000;
const WRITTEN: usize = 10_000;
const ROUNDS: usize = 15;

pub fn rows(place: &Place) -> Vec<Row> {
    let mut rows = vec![nothing_changed(place), one_changed(place), restored(place)];
    rows.push(noted(place));
    rows
}

/// A chain of different steps, all of them known.
fn nothing_changed(place: &Place) -> Row {
    let module = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#)
        .expect("the module's text is right");
    place.file("empty.wasm", module);
    let mut text =
        String::from("apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: known}\nspec:\n  tasks:\n");
    for number in 0..TASKS {
        let after = if number == 0 { String::new() } else { format!(", runAfter: [t{}]", number - 1) };
        let spec = format!("{{steps: [{{name: s, image: ./empty.wasm, args: ['{number}']}}]}}");
        writeln!(text, "  - {{name: t{number}{after}, taskSpec: {spec}}}").expect("writing to a string cannot fail");
    }
    place.file("known.yaml", text);
    let mut run = place.stepwell(&["run", "-f", "known.yaml", "known"]);
    took(&mut run);
    let times: Vec<_> = (0..ROUNDS).map(|_| took(&mut run)).collect();
    Row::bar("1,000 cached steps, nothing changed, whole process", Duration::from_millis(60), median(&times))
}

/// A Task with one script that has a workspace, and how to run it.
fn task(place: &Place, name: &str, script: &str, more: &[&str]) -> Command {
    let text = format!(
        "apiVersion: tekton.dev/v1
kind: Task
metadata: {{name: {name}}}
spec:
  workspaces: [{{name: w}}]
  steps: [{{name: s, image: alpine, workingDir: /workspace/w, script: {script:?}}}]
"
    );
    place.file(&format!("{name}.yaml"), text);
    let (file, workspace) = (format!("{name}.yaml"), format!("w={name}"));
    let own = ["run", "-f", &file, name, "-w", &workspace, "-q", "--logs", "none", "--events=events.jsonl"];
    place.stepwell(&[&own[..], more].concat())
}

/// A workspace of many files, of which a step reads two: another one changes.
fn one_changed(place: &Place) -> Row {
    for number in 0..FILES {
        place.file(&format!("changed/d{}/f{number}", number % 100), b"some text");
    }
    let mut run = task(place, "changed", "cat d1/f1 d2/f2", &[]);
    attempts(place, &mut run);
    let times: Vec<_> = (0..ROUNDS)
        .map(|round| {
            place.file("changed/d3/f3", format!("{round}"));
            attempts(place, &mut run)[0]
        })
        .collect();
    let what = "one changed file of 50,000 in a workspace, one step: hit, whole step";
    Row::bar(what, Duration::from_millis(150), median(&times))
}

/// A step that left many files, which are put into place and committed.
fn restored(place: &Place) -> Row {
    let script = format!(
        "t=$(head -c 4092 /dev/zero | tr '\\0' x); i=0; while [ $i -lt {WRITTEN} ]; do printf '%04d%s' $i \"$t\" > f$i; i=$((i + 1)); done"
    );
    place.file("restored/.keep", "");
    let mut run = task(place, "restored", &script, &[]);
    let clear = || {
        std::fs::remove_dir_all(place.path("restored")).expect("can be removed");
        place.file("restored/.keep", "");
    };
    attempts(place, &mut run);
    let times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            clear();
            attempts(place, &mut run)[0]
        })
        .collect();
    let what = "restore 10,000 files of 4 KiB into a workspace, whole step with its commit";
    Row::bar(what, Duration::from_millis(400), median(&times))
}

/// A step that reads many files, with and without noting them and keeping its result.
fn noted(place: &Place) -> Row {
    for number in 0..WRITTEN {
        place.file(&format!("noted/f{number}"), vec![b'x'; 4 << 10]);
    }
    let script = "cat f* | wc -c";
    let mut with = task(place, "noted", script, &["--refresh"]);
    let mut without = task(place, "noted", script, &["--no-cache"]);
    let (mut noting, mut plain, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (one, other) = (attempts(place, &mut with)[0], attempts(place, &mut without)[0]);
        if round > 0 {
            noting.push(one);
            plain.push(other);
            ratios.push(one.as_secs_f64() / other.as_secs_f64());
        }
    }
    let of = format!("{} / {}", show(median(&noting)), show(median(&plain)));
    Row::ratio(
        "a step that opens 10,000 files, noted and kept, against the same with --no-cache",
        1.1,
        median(&ratios),
        &of,
    )
}
