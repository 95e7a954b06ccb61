//! The page of figures: what was measured, its bar, whether it is met.
//!
//! Knows how times and ratios are shown. Does not know what is measured.

use std::fmt::Write as _;
use std::time::Duration;

/// One figure.
pub struct Row {
    pub what: String,
    pub bar: String,
    pub measured: String,
    /// Whether the bar is met, where there is one.
    pub met: Option<bool>,
}

impl Row {
    /// A time without a bar.
    pub fn time(what: &str, measured: Duration) -> Self {
        Self { what: what.to_owned(), bar: String::new(), measured: show(measured), met: None }
    }

    /// A time and the most that it should be.
    pub fn bar(what: &str, bar: Duration, measured: Duration) -> Self {
        Self { bar: show(bar), met: Some(measured <= bar), ..Self::time(what, measured) }
    }

    /// How many times as long (or large) ours is, and the most that it should be; `of` says what was divided.
    pub fn ratio(what: &str, bar: f64, ratio: f64, of: &str) -> Self {
        Self {
            what: what.to_owned(),
            bar: format!("{bar}x"),
            measured: format!("{ratio:.2}x ({of})"),
            met: Some(ratio <= bar),
        }
    }

    /// Adds words behind what was measured.
    pub fn note(mut self, note: &str) -> Self {
        write!(self.measured, " ({note})").expect("writing to a string cannot fail");
        self
    }
}

/// The middle one of times, or of ratios.
pub fn median<T: PartialOrd + Copy>(values: &[T]) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).expect("times and ratios can be compared"));
    *sorted.get(sorted.len() / 2).expect("something was measured")
}

pub fn show(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    let (value, unit) = match micros {
        m if m < 1.0 => (m * 1e3, "ns"),
        m if m < 1e3 => (m, "µs"),
        m if m < 1e6 => (m / 1e3, "ms"),
        m => (m / 1e6, "s"),
    };
    // 20.0 is 20, and 0.77 stays so.
    let text = if unit == "s" { format!("{value:.2}") } else { format!("{value:.1}") };
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}

pub fn page(rows: &[Row]) -> String {
    let mut page = String::from(
        "# Benchmarks\n\nWritten by `make bench`: criterion measures the parts, `benches/whole` whole runs of the binary, from outside. \
         Medians; where two are compared, they take turns. No test asserts a time.\n\n",
    );
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(page, "{text}").expect("writing to a string cannot fail");
    line(format_args!("Machine: {}.\n", machine()));
    line(format_args!("| what | bar | measured | met |\n|---|---|---|---|"));
    for Row { what, bar, measured, met } in rows {
        let met = met.map_or("", |met| if met { "yes" } else { "**no**" });
        line(format_args!("| {what} | {bar} | {measured} | {met} |"));
    }
    let missed: Vec<_> = rows.iter().filter(|row| row.met == Some(false)).map(|row| row.what.as_str()).collect();
    if rows.iter().any(|row| row.met.is_some()) {
        let missed = if missed.is_empty() { "none".to_owned() } else { missed.join("; ") };
        line(format_args!("\nBars that are missed: {missed}."));
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
