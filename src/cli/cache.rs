//! `stepwell cache`: what the cache holds, what can go, what is damaged.
//!
//! Knows how counts are printed. Does not know what they count.

use super::args::{CacheCommand, CacheGcArgs, Cli, Output};
use super::exit::Exit;
use super::settings::Settings;
use super::style::{bytes, count};
use super::{output, sanitize};
use crate::app::{App, Count, Counts, Rules, Silent, Swept, Verified};
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// Does what the command says.
///
/// # Errors
/// A cache that cannot be read or written.
pub fn run(cli: &Cli, command: &CacheCommand) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let app = App::open(settings.options(Arc::new(Silent)));
    let (text, json) = match command {
        CacheCommand::Stats(_) => {
            let counts = app.cache_counts()?;
            let dir = app.cache_dir().display().to_string();
            let mut json = counts_json(&counts);
            json["directory"] = json!(dir);
            (format!("{}{} in all, in {}\n", table(&counts), room(counts.total()), sanitize::name(&dir)), json)
        }
        CacheCommand::Gc(args) => {
            let swept = app.cache_sweep(rules(args))?;
            let json = json!({
                "dryRun": args.dry_run,
                "removed": counts_json(&swept.removed),
                "kept": counts_json(&swept.kept),
            });
            (swept_text(&swept, args.dry_run), json)
        }
        CacheCommand::Verify(_) => {
            let found = app.cache_verify()?;
            let paths = |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
            let json = json!({
                "blobs": found.blobs,
                "bytes": found.bytes,
                "entries": found.entries,
                "damaged": paths(&found.damaged),
                "incomplete": paths(&found.incomplete),
            });
            (verified_text(&found), json)
        }
    };
    match settings.output {
        Output::Json => output::print(&format!("{json:#}\n"))?,
        Output::Text if settings.quiet => {}
        Output::Text => output::print(&text)?,
    }
    Ok(Exit::Success)
}

fn rules(args: &CacheGcArgs) -> Rules {
    Rules { max_size: args.max_size, max_age: args.max_age, dry_run: args.dry_run, ..Rules::default() }
}

/// Each kind with its name for people and for programs.
fn kinds(counts: &Counts) -> [(&'static str, &'static str, Count); 7] {
    [
        ("results of steps", "results", counts.results),
        ("records of reads", "records", counts.records),
        ("blobs", "blobs", counts.blobs),
        ("private blobs", "privateBlobs", counts.private_blobs),
        ("notes on files", "memos", counts.memos),
        ("unfinished files", "drafts", counts.drafts),
        ("compiled modules", "compiledModules", counts.beside),
    ]
}

fn counts_json(counts: &Counts) -> Json {
    let number = |count: Count| json!({ "number": count.number, "bytes": count.bytes });
    let kinds = kinds(counts).into_iter().map(|(_, key, count)| (key.to_owned(), number(count)));
    Json::Object(kinds.chain([("total".to_owned(), number(counts.total()))]).collect())
}

fn table(counts: &Counts) -> String {
    let mut text = String::new();
    for (name, _, count) in kinds(counts) {
        let _ = writeln!(text, "{name:<17}{:>9}  {:>10}", count.number, bytes(count.bytes));
    }
    text
}

fn room(total: Count) -> String {
    format!("{}, {}", count(usize::try_from(total.number).unwrap_or(usize::MAX), "thing", "things"), bytes(total.bytes))
}

fn swept_text(swept: &Swept, dry_run: bool) -> String {
    let (removed, kept) = (swept.removed.total(), swept.kept.total());
    let word = if dry_run { "would remove" } else { "removed" };
    let mut text = String::new();
    for (name, _, count) in kinds(&swept.removed).into_iter().filter(|(_, _, count)| count.number > 0) {
        let _ = writeln!(text, "{word} {name}: {}, {}", count.number, bytes(count.bytes));
    }
    let _ = writeln!(text, "{word} {}; {} {}", room(removed), if dry_run { "would keep" } else { "kept" }, room(kept));
    text
}

/// What went by itself after a run.
pub(super) fn daily(swept: &Swept) -> String {
    format!("note: removed {} from the cache, unused for 30 days or beyond 20 GiB\n", room(swept.removed.total()))
}

fn verified_text(found: &Verified) -> String {
    let mut text = String::new();
    for (word, paths) in [("damaged", &found.damaged), ("incomplete", &found.incomplete)] {
        for path in paths {
            let _ = writeln!(text, "removed, as it was {word}: {}", sanitize::name(&path.display().to_string()));
        }
    }
    let _ = writeln!(
        text,
        "read {} blobs, {}, and {} other entries: {} damaged, {} incomplete",
        found.blobs,
        bytes(found.bytes),
        found.entries,
        found.damaged.len(),
        found.incomplete.len(),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_go_is_not_said_to_have_gone() {
        let count = |number: u64| Count { number, bytes: number * 4096 };
        let counts = |number: u64| Counts { results: count(number), blobs: count(2 * number), ..Counts::default() };
        let swept = Swept { removed: counts(1), kept: counts(3) };
        let done = "removed results of steps: 1, 4.0 KiB\nremoved blobs: 2, 8.0 KiB\n\
                    removed 3 things, 12.0 KiB; kept 9 things, 36.0 KiB\n";
        assert_eq!(swept_text(&swept, false), done);
        assert_eq!(swept_text(&swept, true), done.replace("removed", "would remove").replace("kept", "would keep"));
    }
}
