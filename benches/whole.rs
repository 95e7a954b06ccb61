//! Whole runs of the binary, timed from process start to exit, and the table of all figures.
//!
//! Knows the command line and criterion's result files. Does not know any part of the
//! library: it sees what a user sees. Writes `docs/benchmarks.md`.

#![expect(clippy::disallowed_methods, reason = "measuring is what clocks are for")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const BIN: &str = env!("CARGO_BIN_EXE_stepwell");
const ROUNDS: usize = 60;

fn main() {
    // `cargo test --benches` calls this with `--test`: there is nothing to test here.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let mut rows = parts();
    rows.push(check_thousand(dir.path()));
    rows.push(one_warm_step(dir.path()));
    rows.push(thousand_steps(dir.path()));
    let page = page(&rows);
    print!("{page}");
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md");
    std::fs::write(&out, page).expect("docs/benchmarks.md can be written");
}

struct Row {
    what: String,
    bar: &'static str,
    measured: String,
}

/// Medians of criterion's groups, from the result files that the run before this one left.
fn parts() -> Vec<Row> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let mut found = Vec::new();
    collect(&target.join("criterion"), &mut found);
    found.sort();
    found
        .into_iter()
        .map(|(name, nanos)| Row {
            bar: if name.starts_with("engine,") { "100 ms" } else { "" },
            what: format!("`cargo bench`: {name}"),
            measured: show(Duration::from_nanos(nanos)),
        })
        .collect()
}

fn collect(dir: &Path, found: &mut Vec<(String, u64)>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if !path.is_dir() {
            continue;
        }
        if path.ends_with("new") {
            found.extend(estimate(&path));
        } else {
            collect(&path, found);
        }
    }
}

fn estimate(dir: &Path) -> Option<(String, u64)> {
    let read =
        |name: &str| -> Option<serde_json::Value> { serde_json::from_slice(&std::fs::read(dir.join(name)).ok()?).ok() };
    let name = read("benchmark.json")?["full_id"].as_str()?.to_owned();
    let median = read("estimates.json")?["median"]["point_estimate"].as_f64()?;
    Some((name, median as u64))
}

fn check_thousand(dir: &Path) -> Row {
    let file = dir.join("thousand.yaml");
    std::fs::write(&file, pipeline(1000)).expect("the pipeline can be written");
    let times = time(|| {
        let mut command = stepwell(dir);
        command.arg("check").arg("-f").arg(&file);
        command
    });
    row("`check` of a 1,000-task pipeline, whole process", "20 ms", &times)
}

fn one_warm_step(dir: &Path) -> Row {
    let file = dir.join("one.yaml");
    std::fs::write(&file, pipeline(1)).expect("the pipeline can be written");
    let times = time(|| {
        let mut command = stepwell(dir);
        command.arg("run").arg("-f").arg(&file);
        command
    });
    row("whole process, one warm step, start to exit", "25 ms", &times)
}

fn thousand_steps(dir: &Path) -> Row {
    let file = dir.join("thousand.yaml");
    let start = Instant::now();
    let mut command = stepwell(dir);
    command.arg("run").arg("-f").arg(&file);
    finish(&mut command);
    let all = start.elapsed();
    Row {
        what: "1,000 one-step tasks, warm, whole process, by task".to_owned(),
        bar: "",
        measured: format!("{} ({} in all)", show(all / 1000), show(all)),
    }
}

fn stepwell(dir: &Path) -> Command {
    let mut command = Command::new(BIN);
    command
        .arg("--state-dir")
        .arg(dir.join("state"))
        .arg("--cache-dir")
        .arg(dir.join("cache"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .stdin(Stdio::null());
    command
}

/// A run of `count` tasks, each one step of a module that does nothing.
fn pipeline(count: usize) -> String {
    let module = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#)
        .expect("the module's text is right");
    let path = std::env::temp_dir().join("stepwell-bench-empty.wasm");
    std::fs::write(&path, module).expect("the module can be written");
    let mut text = String::from(
        "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {generateName: bench-}\nspec:\n  pipelineSpec:\n    tasks:\n",
    );
    for i in 0..count {
        let after = if i >= 8 { format!(", runAfter: [t{}]", i - 8) } else { String::new() };
        writeln!(text, "    - {{name: t{i}{after}, taskSpec: {{steps: [{{name: s, image: {}}}]}}}}", path.display())
            .expect("writing to a string cannot fail");
    }
    text
}

fn finish(command: &mut Command) {
    let output = command.output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Sorted times of [`ROUNDS`] calls, after one that warms the caches.
fn time(make: impl Fn() -> Command) -> Vec<Duration> {
    finish(&mut make());
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let mut command = make();
            let start = Instant::now();
            finish(&mut command);
            start.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn row(what: &str, bar: &'static str, times: &[Duration]) -> Row {
    Row {
        what: what.to_owned(),
        bar,
        measured: format!(
            "{} (slowest of {}: {})",
            show(times[times.len() / 2]),
            times.len(),
            show(times[times.len() - 1])
        ),
    }
}

fn show(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        m if m < 1.0 => format!("{:.0} ns", m * 1e3),
        m if m < 1e3 => format!("{m:.1} µs"),
        m if m < 1e6 => format!("{:.1} ms", m / 1e3),
        m => format!("{:.2} s", m / 1e6),
    }
}

fn page(rows: &[Row]) -> String {
    let mut page = String::from(
        "# Benchmarks\n\nWritten by `make bench`: criterion measures the parts, `benches/whole.rs` whole runs of the binary. \
         Medians; no test asserts a time.\n\n",
    );
    writeln!(page, "Machine: {}.\n", machine()).expect("writing to a string cannot fail");
    page.push_str("| what | bar | measured |\n|---|---|---|\n");
    for row in rows {
        writeln!(page, "| {} | {} | {} |", row.what, row.bar, row.measured).expect("writing to a string cannot fail");
    }
    page
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .map_or("unknown processor", |l| l.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let kernel = read("/proc/sys/kernel/osrelease");
    let memory = read("/proc/meminfo")
        .split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<u64>().ok())
        .map_or(0, |kib| kib >> 20);
    format!("{model}, {cores} cores, {memory} GiB, Linux {}", kernel.trim())
}
