//! Criterion's figures, from the result files that the run before this one left.
//!
//! Knows criterion's folders. Does not know what was measured.

use super::page::Row;
use super::place::target;
use std::path::Path;
use std::time::Duration;

/// Medians of all groups.
pub fn rows() -> Vec<Row> {
    let mut found = Vec::new();
    collect(&target().join("criterion"), &mut found);
    found.sort();
    let row = |(name, nanos): (String, u64)| {
        let (what, took) = (format!("`cargo bench`: {name}"), Duration::from_nanos(nanos));
        if name.starts_with("engine,") {
            Row::bar(&what, Duration::from_millis(100), took)
        } else if name.starts_with("overlay ") {
            Row::bar(&what, Duration::from_millis(1), took)
        } else {
            Row::time(&what, took)
        }
    };
    found.into_iter().map(row).collect()
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
