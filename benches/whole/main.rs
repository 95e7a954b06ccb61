//! Whole runs of the binary, timed from outside, and the table of all figures.
//!
//! Knows which figures there are. Does not know how each is taken, nor any part of the library: it sees what a user
//! sees. Writes `docs/benchmarks.md`. Where two things are compared, they take turns and the medians count, so that
//! whatever else the machine does hits both.

#![expect(clippy::disallowed_methods, reason = "measuring is what clocks are for")]

mod chain;
mod files;
mod known;
mod modules;
mod page;
mod parts;
mod place;
mod stock;
mod userland;

use place::Place;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` calls this with `--test`: there is nothing to test here.
    if arguments.iter().any(|a| a == "--test") {
        return;
    }
    if let [first, rest @ ..] = arguments.as_slice()
        && first == stock::FLAG
    {
        stock::run(rest);
        return;
    }
    // `cargo bench -- WORD` takes the figures of one file of this folder and writes no page.
    let wanted = arguments.iter().find(|a| !a.starts_with('-'));
    let place = Place::new();
    let mut rows = Vec::new();
    // Memory first: a child's peak counts from what this process held when it made the child.
    for (name, take) in [
        ("memory", chain::memory as fn(&Place) -> Vec<page::Row>),
        ("parts", |_| parts::rows()),
        ("chain", chain::rows),
        ("files", files::rows),
        ("modules", modules::rows),
        ("userland", userland::rows),
        ("known", known::rows),
    ] {
        if wanted.is_none_or(|wanted| wanted == name) {
            rows.extend(take(&place));
        }
    }
    let page = page::page(&rows);
    print!("{page}");
    if wanted.is_none() {
        let out = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md");
        std::fs::write(&out, page).expect("docs/benchmarks.md can be written");
    }
}
