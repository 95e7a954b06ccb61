//! `stepwell list`: the runs of the state directory as a table.
//!
//! Knows columns. Does not know how runs are found.

use super::args::{Cli, ListArgs, Output};
use super::exit::Exit;
use super::settings::Settings;
use super::style::{Style, between, moment};
use super::{json, output, sanitize};
use crate::app::{App, RunSummary, Silent};
use std::sync::Arc;

/// Lists.
///
/// # Errors
/// A state directory that can't be read, and faults of standard output.
pub fn run(cli: &Cli, args: &ListArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let app = App::open(settings.options(Arc::new(Silent)));
    let mut runs = app.list()?;
    runs.truncate(args.limit.unwrap_or(usize::MAX));
    match settings.output {
        Output::Json => output::print(&format!("{:#}\n", json::summaries(&runs)))?,
        Output::Text if runs.is_empty() => output::print("no runs yet; start one with: stepwell run -f FILE\n")?,
        Output::Text => output::print(&table(&runs, settings.stdout.style))?,
    }
    Ok(Exit::Success)
}

/// A table with a line for each run.
#[must_use]
pub fn table(runs: &[RunSummary], style: Style) -> String {
    let head = ["RUN", "KIND", "NAME", "STATE", "STARTED", "TOOK"].map(str::to_owned);
    let rows: Vec<[String; 6]> = runs.iter().map(row).collect();
    let widths: Vec<usize> =
        (0..6).map(|c| rows.iter().chain([&head]).map(|r| r[c].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for (index, cells) in std::iter::once(&head).chain(&rows).enumerate() {
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate() {
            let padding = " ".repeat(widths[column].saturating_sub(cell.chars().count()));
            let shown = match (index, column) {
                (0, _) => style.dim(cell),
                (_, 3) => state_style(runs.get(index - 1), cell, style),
                _ => cell.clone(),
            };
            line.push_str(&shown);
            if column < 5 {
                line.push_str(&padding);
                line.push_str("  ");
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Tekton's reason. A run that goes on is recorded with the reason of its start.
#[must_use]
pub fn state(run: &RunSummary) -> &str {
    if run.ended_at == 0 && run.status == "Unknown" { "Running" } else { &run.reason }
}

fn row(run: &RunSummary) -> [String; 6] {
    let name = if run.namespace == "default" { run.name.clone() } else { format!("{}/{}", run.namespace, run.name) };
    let state = if run.interrupted { "interrupted".to_owned() } else { sanitize::name(state(run)) };
    let started = if run.started_at == 0 { "-".to_owned() } else { moment(run.started_at) };
    let took = between(run.started_at, run.ended_at);
    let took = if took.is_empty() { "-".to_owned() } else { took };
    [run.id.clone(), run.kind.clone(), sanitize::name(&name), state, started, took]
}

fn state_style(run: Option<&RunSummary>, cell: &str, style: Style) -> String {
    match run.map(|r| (r.interrupted, r.status.as_str())) {
        Some((true, _)) => style.warn(cell),
        Some((false, "True")) => style.good(cell),
        Some((false, "False")) => style.bad(cell),
        Some((false, _)) | None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let run = |id: &str, name: &str, reason: &str, ended_at: u64, interrupted: bool| RunSummary {
            id: id.into(),
            name: name.into(),
            namespace: "default".into(),
            kind: "PipelineRun".into(),
            reason: reason.into(),
            message: String::new(),
            created_at: 946_684_800_000_000_000,
            status: if ended_at > 0 { "True".into() } else { "Unknown".into() },
            started_at: 946_684_800_000_000_000,
            ended_at,
            interrupted,
        };
        let runs = [
            run("abcdefgh", "nightly", "Succeeded", 946_684_801_500_000_000, false),
            run("bcdefghi", "x\x1b", "Running", 0, true),
        ];
        assert_eq!(
            table(&runs, Style::PLAIN),
            "RUN       KIND         NAME     STATE        STARTED               TOOK
abcdefgh  PipelineRun  nightly  Succeeded    2000-01-01T00:00:00Z  1.50s
bcdefghi  PipelineRun  x\\x1b    interrupted  2000-01-01T00:00:00Z  -
"
        );
    }
}
