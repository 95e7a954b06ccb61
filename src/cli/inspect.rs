//! `stepwell module inspect`: what a module is and may ask for.
//!
//! Knows how a module's description is printed. Does not know WebAssembly.

use super::args::{Cli, InspectArgs, Output};
use super::exit::Exit;
use super::settings::Settings;
use super::style::bytes;
use super::{output, sanitize};
use crate::app::{App, ModuleInfo, Silent};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Inspects.
///
/// # Errors
/// No such module, or a file that is none.
pub fn run(cli: &Cli, args: &InspectArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let info = App::open(settings.options(Arc::new(Silent))).inspect(&args.module)?;
    match settings.output {
        Output::Json => output::print(&format!("{:#}\n", serde_json::to_value(&info)?))?,
        Output::Text => output::print(&text(&args.module, &info))?,
    }
    Ok(Exit::Success)
}

fn text(module: &str, info: &ModuleInfo) -> String {
    let mut text = String::new();
    let kind = serde_json::to_value(info.kind).ok().and_then(|k| k.as_str().map(str::to_lowercase)).unwrap_or_default();
    let _ = writeln!(text, "{}: {kind} WebAssembly, {}", sanitize::name(module), bytes(info.size));
    let _ = writeln!(text, "digest: blake3:{}", info.digest);
    let _ = writeln!(text, "compiled: {}", if info.compiled { "yes" } else { "not yet, at the first run" });
    for memory in &info.memories {
        let most = memory.maximum.map_or("no maximum of its own".to_owned(), |m| format!("at most {}", bytes(m)));
        let _ = writeln!(text, "memory: at least {}, {most}", bytes(memory.minimum));
    }
    text.push_str("may use:\n");
    if info.grants.is_empty() {
        text.push_str("  nothing outside itself\n");
    }
    for grant in &info.grants {
        let _ = writeln!(text, "  {}", sanitize::name(grant));
    }
    let mut imports: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for import in &info.imports {
        let unknown = if import.known { "" } else { " (unknown here: it cannot run)" };
        // What a component imports is a whole interface.
        let (from, name) = match import.name.as_str() {
            "" => ("", &import.module),
            _ => (import.module.as_str(), &import.name),
        };
        imports.entry(from).or_default().push(format!("{}{unknown}", sanitize::name(name)));
    }
    for (from, names) in imports {
        let from = if from.is_empty() { String::new() } else { format!(" from {}", sanitize::name(from)) };
        let _ = writeln!(text, "imports{from}: {}", names.join(", "));
    }
    let exports: Vec<String> = info.exports.iter().map(|e| sanitize::name(&e.name)).collect();
    if !exports.is_empty() {
        let _ = writeln!(text, "exports: {}", exports.join(", "));
    }
    text
}
