//! Scripts in the userland: whole steps, loops and single tools, against BusyBox's shell and the GNU tools of this
//! machine; the first run of a fresh installation; what the binary is made of.
//!
//! Knows scripts, the events of a run and the tools' names. Does not know how the userland is made. A tool that this
//! machine lacks is named.

use super::page::{Row, median, show};
use super::place::{Place, said, took};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 15;
/// Rounds of what takes a second.
const FEW_ROUNDS: usize = 5;
/// Bytes of base64 lines, as `base64` writes them.
const TEXT: usize = 100 << 20;

/// Steps of five tools in one process, and how many of them come before those that count.
const FIVES: usize = 100;
const WARM_UP: usize = 10;

/// Five text tools, as scripts join them.
const FIVE_TOOLS: &str =
    "printf 'b 2\\na 1\\nb 2\\nc 3\\n' | grep -v c | sed 's/b/d/' | sort | uniq -c | awk '{print $2}'";

const LOOP: &str = "for i in $(seq 10000); do n=$((i * 2 + 1)); printf '%d\\n' \"$n\"; done";

pub fn rows(place: &Place) -> Vec<Row> {
    let binary = carried(place);
    let mut rows = Vec::from(five_tools(place));
    rows.push(against_busybox(place));
    rows.extend(tools(place));
    rows.push(first_run(place, &binary));
    rows.push(chain(place));
    rows.extend(sizes(&binary));
    rows
}

/// A Task of one step with this script, and what the step's sandbox says.
fn task(place: &Place, name: &str, image: &str, sandbox: &str, script: &str) {
    let script = script.replace('\n', "\n      ");
    let text = format!(
        "apiVersion: tekton.dev/v1
kind: Task
metadata: {{name: {name}}}
spec:
  workspaces: [{{name: data, optional: true}}]
  steps:
  - name: s
    image: {image}
    sandbox: {sandbox}
    script: |
      {script}
"
    );
    place.file(&format!("{name}.yaml"), text);
}

/// How long the attempts of a run took, from their start to their end, by its events.
pub(super) fn attempts(place: &Place, run: &mut Command) -> Vec<Duration> {
    said(run);
    let events = std::fs::read_to_string(place.path("events.jsonl")).expect("the events can be read");
    let events: Vec<serde_json::Value> =
        events.lines().map(|line| serde_json::from_str(line).expect("an event is a line of JSON")).collect();
    let times = |kind: &str| -> Vec<u64> {
        let of = events.iter().filter(|event| event["type"] == kind);
        of.map(|event| event["time"].as_u64().expect("an event has a time")).collect()
    };
    let (started, ended) = (times("attemptStarted"), times("attemptClosed"));
    assert!(!started.is_empty() && started.len() == ended.len(), "every attempt has ended");
    started.iter().zip(&ended).map(|(start, end)| Duration::from_nanos(end - start)).collect()
}

/// A task run by itself: how long its attempt takes.
fn attempt(place: &Place, run: &mut Command) -> Duration {
    attempts(place, run)[0]
}

fn run(place: &Place, name: &str, more: &[&str]) -> Command {
    let file = format!("{name}.yaml");
    place.stepwell(&[&["run", "-f", &file, name, "--no-cache", "-q", "--events=events.jsonl"], more].concat())
}

/// A step among others of its process, as in the chain of 1,000, and the first one of a process.
fn five_tools(place: &Place) -> [Row; 2] {
    let mut chain =
        String::from("apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: fives}\nspec:\n  tasks:\n");
    for number in 0..FIVES {
        let after = if number == 0 { String::new() } else { format!(", runAfter: [t{}]", number - 1) };
        let spec = format!("{{steps: [{{name: s, image: busybox, script: {FIVE_TOOLS:?}}}]}}");
        writeln!(chain, "  - {{name: t{number}{after}, taskSpec: {spec}}}").expect("writing to a string cannot fail");
    }
    place.file("fives.yaml", chain);
    let mut among = run(place, "fives", &[]);
    // The first run warms the machine up, the first steps of a process the process.
    let warm: Vec<_> =
        (0..=ROUNDS).flat_map(|_| attempts(place, &mut among).split_off(WARM_UP)).skip(FIVES - WARM_UP).collect();
    task(place, "five", "busybox", "{}", FIVE_TOOLS);
    let mut alone = run(place, "five", &[]);
    attempt(place, &mut alone);
    let first: Vec<_> = (0..ROUNDS * 4).map(|_| attempt(place, &mut alone)).collect();
    [
        Row::bar("one shell step with 5 text tools, warm, whole step, p50", Duration::from_millis(3), median(&warm)),
        Row::time("the same as the first step of its process", median(&first)),
    ]
}

/// Takes turns, and gives the row of the ratio.
fn compared(
    what: &str,
    bar: f64,
    rounds: usize,
    mut ours: impl FnMut() -> Duration,
    mut theirs: impl FnMut() -> Duration,
) -> Row {
    let (mut our_times, mut their_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (ours, theirs) = (ours(), theirs());
        // The first one warms both up.
        if round > 0 {
            our_times.push(ours);
            their_times.push(theirs);
            ratios.push(ours.as_secs_f64() / theirs.as_secs_f64());
        }
    }
    Row::ratio(what, bar, median(&ratios), &format!("{} / {}", show(median(&our_times)), show(median(&their_times))))
}

fn is_there(tool: &str) -> bool {
    let found =
        Command::new(tool).arg("--help").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.is_ok()
}

fn lacking(what: &str, bar: &str, tool: &str) -> Row {
    let measured = format!("not measured: {tool} is not installed here");
    Row { what: what.to_owned(), bar: bar.to_owned(), measured, met: Some(false) }
}

fn against_busybox(place: &Place) -> Row {
    let what = "`for i in $(seq 10000)` with arithmetic and a `printf`, the step against `busybox sh`";
    if !is_there("busybox") {
        return lacking(what, "5x", "busybox");
    }
    task(place, "loop", "busybox", "{}", &format!("{{ {LOOP}; }} > /tmp/out; tail -n 1 /tmp/out"));
    let mut ours = run(place, "loop", &["--logs", "all"]);
    let out = place.path("loop.out");
    let mut theirs = Command::new("busybox");
    theirs.args(["sh", "-c", LOOP]);
    compared(what, 5.0, ROUNDS, || attempt(place, &mut ours), || into(&mut theirs, &out))
}

/// How long a command takes that writes to a file.
fn into(command: &mut Command, file: &Path) -> Duration {
    let out = std::fs::File::create(file).expect("a file can be made");
    command.stdin(Stdio::null()).stdout(out);
    let start = Instant::now();
    let status = command.status().expect("the program starts");
    let took = start.elapsed();
    assert!(status.success(), "{command:?} succeeds");
    took
}

/// Tools over 100 MiB of text, to a file: the step (the shell that starts the tool, and all that it writes) against the
/// tool alone.
fn tools(place: &Place) -> Vec<Row> {
    let text = lines();
    let input = place.file("data/text", text);
    let cases: [(&str, &str, &[&str], f64, &str); 5] = [
        ("grep", "grep", &["abc"], 4.0, "64Mi"),
        ("sed", "sed", &["s/abc/X/"], 4.0, "64Mi"),
        ("awk", "gawk", &["/abc/ {n++; print $1} END {print n}"], 4.0, "64Mi"),
        ("sort", "sort", &[], 4.0, "1Gi"),
        ("sha256sum", "sha256sum", &[], 3.0, "64Mi"),
    ];
    let mut rows = Vec::new();
    for (tool, native, words, bar, memory) in cases {
        let what = format!("`{tool}` over 100 MiB of base64 lines in {memory} of memory, the step against `{native}`");
        if !is_there(native) {
            rows.push(lacking(&what, &format!("{bar}x"), native));
            continue;
        }
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let sandbox = format!("{{workspace: live, limits: {{memory: {memory}}}}}");
        let script = format!("{tool} {} /workspace/data/text > /workspace/data/ours", quoted.join(" "));
        task(place, tool, "busybox", &sandbox, &script);
        let mut ours = run(place, tool, &["-w", "data=data"]);
        let out = place.path("data/theirs");
        let mut theirs = Command::new(native);
        theirs.args(words).arg(&input).env("LC_ALL", "C");
        rows.push(compared(&what, bar, FEW_ROUNDS, || attempt(place, &mut ours), || into(&mut theirs, &out)));
        let [ours, theirs] =
            ["data/ours", "data/theirs"].map(|file| std::fs::read(place.path(file)).expect("it is there"));
        let same = if tool == "sha256sum" { ours[..64] == theirs[..64] } else { ours == theirs };
        assert!(same && !ours.is_empty(), "{tool} writes what {native} writes");
    }
    rows
}

/// Lines of 76 characters of base64, the same each time.
fn lines() -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut text = Vec::with_capacity(TEXT + 77);
    while text.len() < TEXT {
        for _ in 0..76 {
            // Marsaglia's xorshift.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push(ALPHABET[usize::try_from(state >> 58).expect("six bits")]);
        }
        text.push(b'\n');
    }
    text
}

/// A binary with the compiled code of its modules behind its end, as `make build` makes it.
fn carried(place: &Place) -> std::path::PathBuf {
    let binary = place.path("stepwell");
    std::fs::copy(env!("CARGO_BIN_EXE_stepwell"), &binary).expect("the binary can be copied");
    took(Command::new(env!("CARGO_BIN_EXE_stepwell")).arg("__carry").arg(&binary));
    binary
}

fn first_run(place: &Place, binary: &Path) -> Row {
    task(place, "hello", "alpine", "{}", "echo hello");
    let times: Vec<_> = (0..ROUNDS)
        .map(|round| {
            let fresh = place.path(&format!("fresh-{round}"));
            let mut run = Command::new(binary);
            run.arg("--state-dir").arg(fresh.join("state")).arg("--cache-dir").arg(fresh.join("cache"));
            took(run.args(["run", "-f", "hello.yaml", "hello"]).current_dir(place.path(".")))
        })
        .collect();
    let what = "first run on a fresh installation, a script, whole process";
    Row::bar(what, Duration::from_millis(100), median(&times))
}

fn chain(place: &Place) -> Row {
    let mut text = String::from(
        "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {generateName: bench-}\nspec:\n  pipelineSpec:\n    tasks:\n",
    );
    for n in 0..10 {
        let (value, params) = match n {
            0 => ("1".to_owned(), String::new()),
            n => (
                "$(($(params.count) + 1))".to_owned(),
                format!("params: [{{name: count, value: $(tasks.t{}.results.count)}}], ", n - 1),
            ),
        };
        let declared = if n == 0 { "" } else { "params: [{name: count}], " };
        text.push_str(&format!(
            "    - {{name: t{n}, {params}taskSpec: {{{declared}results: [{{name: count}}], steps: [{{name: s, image: alpine, \
             script: 'echo -n {value} > $(results.count.path)'}}]}}}}\n"
        ));
    }
    place.file("ten.yaml", text);
    let mut run = place.stepwell(&["run", "-f", "ten.yaml", "--no-cache"]);
    took(&mut run);
    let times: Vec<_> = (0..ROUNDS * 2).map(|_| took(&mut run)).collect();
    let what = "a chain of ten one-line script tasks passing results, whole process";
    Row::bar(what, Duration::from_millis(60), median(&times))
}

/// What the release binary is made of.
fn sizes(binary: &Path) -> Vec<Row> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
    let row = |what: &str, bytes: u64| Row {
        what: what.to_owned(),
        bar: String::new(),
        measured: format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        met: None,
    };
    let (whole, own) = (size(binary), size(Path::new(env!("CARGO_BIN_EXE_stepwell"))));
    let mut rows = vec![
        row("the release binary, with compiled code of its modules", whole),
        row("in it: that code", whole.saturating_sub(own)),
    ];
    let mut modules = 0;
    for module in ["sh", "files", "digest"] {
        let bytes = size(&super::place::target().join(format!("guests/builtin/{module}.wasm")));
        modules += bytes;
        rows.push(row(&format!("in it: `builtin:{module}`"), bytes));
    }
    rows.push(row("in it: all else, most of it wasmtime with its compiler", own.saturating_sub(modules)));
    rows
}
