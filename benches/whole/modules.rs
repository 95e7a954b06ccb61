//! Large real modules: how soon a warm one says something, and how fast one works, against stock wasmtime.
//!
//! Knows the modules of the examples. One that is not there (`make guests` names what it lacks) is named here too.

use super::page::{Row, median, show};
use super::place::{Place, root, took};
use super::stock;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 15;
const FILES: usize = 1000;

pub fn rows(place: &Place) -> Vec<Row> {
    vec![first_output(place), bundling(place)]
}

fn absent(what: &str, bar: &str, module: &Path) -> Row {
    let measured = format!("not measured: {} is not there", module.display());
    Row { what: what.to_owned(), bar: bar.to_owned(), measured, met: Some(false) }
}

/// A task of one step.
fn task(place: &Place, name: &str, module: &Path, args: &str, workspaces: &str) {
    let text = format!(
        "apiVersion: tekton.dev/v1
kind: Task
metadata: {{name: {name}}}
spec:
  workspaces: {workspaces}
  steps:
  - name: s
    image: {}
    args: {args}
",
        module.display()
    );
    place.file(&format!("{name}.yaml"), text);
}

fn first_output(place: &Place) -> Row {
    let what = "a 67 MB module's second run, start to first output";
    let module = root().join("examples/yosys/modules/yosys.wasm");
    if !module.is_file() {
        return absent(what, "50 ms", &module);
    }
    task(place, "yosys", &module, "[-V]", "[]");
    let mut run = place.stepwell(&["run", "-f", "yosys.yaml", "yosys", "-q", "--logs", "all", "--no-cache"]);
    took(&mut run);
    let times: Vec<Duration> = (0..ROUNDS).map(|_| until_output(&mut run)).collect();
    Row::bar(what, Duration::from_millis(50), median(&times))
}

/// How long it takes until a program prints its first byte.
fn until_output(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let mut first = [0];
    let out = child.stdout.as_mut().expect("its output is a pipe");
    let read = out.read(&mut first).expect("its output can be read");
    let took = start.elapsed();
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).expect("its output can be read");
    let status = child.wait().expect("it ends");
    assert!(read == 1 && status.success(), "it prints something and succeeds");
    took
}

fn bundling(place: &Place) -> Row {
    let what = "esbuild bundling 1,000 TypeScript files, whole process, against stock wasmtime";
    let module = root().join("examples/bundle/modules/esbuild.wasm");
    if !module.is_file() {
        return absent(what, "1.1x", &module);
    }
    sources(place);
    let args =
        ["/workspace/source/main.ts", "--bundle", "--minify", "--target=es2020", "--outfile=/workspace/output/app.js"];
    task(place, "bundle", &module, &format!("{args:?}"), "[{name: source, readOnly: true}, {name: output}]");
    // Under stock wasmtime, the guest's root is a folder with the same paths in it.
    let out = ["ours", "root/workspace/output"].map(|name| place.path(name));
    for out in &out {
        std::fs::create_dir_all(out).expect("a folder can be made");
    }
    let run = ["run", "-f", "bundle.yaml", "bundle", "-w", "source=root/workspace/source", "-w", "output=ours"];
    let mut ours = place.stepwell(&run);
    ours.arg("--no-cache");
    let compiled = place.path("esbuild.cwasm");
    stock::compile(&module, &compiled);
    let mut theirs = stock::command(&compiled, &place.path("root"), &[&["esbuild"][..], &args[..]].concat());
    let (mut our_times, mut their_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (ours, theirs) = (took(&mut ours), took(&mut theirs));
        // The first one compiles.
        if round > 0 {
            our_times.push(ours);
            their_times.push(theirs);
            ratios.push(ours.as_secs_f64() / theirs.as_secs_f64());
        }
    }
    let made = out.map(|out| std::fs::read(out.join("app.js")).expect("the bundle is there"));
    assert!(made[0] == made[1] && made[0].len() > 100_000, "both made the same bundle");
    let of = format!("{} / {}", show(median(&our_times)), show(median(&their_times)));
    Row::ratio(what, 1.1, median(&ratios), &of)
}

/// TypeScript modules that import each other, each with types, functions and a class.
fn sources(place: &Place) {
    let mut main = String::new();
    for n in 0..FILES {
        let mut text = String::new();
        let mut line = |line: String| writeln!(text, "{line}").expect("writing to a string cannot fail");
        for before in n.saturating_sub(3)..n {
            line(format!("import {{ value{before}, type Shape{before} }} from './m{before}';"));
            line(format!("export const from{before}: Shape{before} = value{before};"));
        }
        line(format!("export interface Shape{n} {{ name: string; sides: number; tags: string[] }}"));
        line(format!("export const value{n}: Shape{n} = {{ name: 'shape {n}', sides: {n}, tags: ['a', 'b'] }};"));
        for k in 0..12 {
            line(format!(
                "export function work{k}<T extends Shape{n}>(input: T, factor: number = {k}): number {{
  const scaled = input.sides * factor;
  return input.tags.reduce((sum, tag) => sum + tag.length, scaled);
}}"
            ));
        }
        line(format!(
            "export class Holder {{
  private items: Shape{n}[] = [];
  add(item: Shape{n}): this {{ this.items.push(item); return this; }}
  get size(): number {{ return this.items.length; }}
}}"
        ));
        place.file(&format!("root/workspace/source/m{n}.ts"), text);
        writeln!(main, "import * as m{n} from './m{n}';\nconsole.log(m{n});").expect("writing to a string cannot fail");
    }
    place.file("root/workspace/source/main.ts", main);
}
