//! `stepwell get`: copies files out of a run's workspace.
//!
//! Knows the form WORKSPACE[/PATH]. Does not know where workspaces lie.

use super::args::{Cli, GetArgs, Output};
use super::exit::Exit;
use super::settings::Settings;
use super::style::count;
use super::{output, sanitize};
use crate::app::{App, Silent};
use serde_json::json;
use std::sync::Arc;

/// Copies.
///
/// # Errors
/// No such run, workspace or path; files that can't be read or written.
pub fn run(cli: &Cli, args: &GetArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let app = App::open(settings.options(Arc::new(Silent)));
    let (workspace, path) = args.from.split_once('/').unwrap_or((&args.from, ""));
    let copied = app.get(&args.run, workspace, path, &args.dest)?;
    let dest = args.dest.display().to_string();
    match settings.output {
        Output::Json => output::print(&format!("{:#}\n", json!({ "copied": copied, "dest": dest })))?,
        Output::Text if settings.quiet => {}
        Output::Text => {
            let files = count(usize::try_from(copied).unwrap_or(usize::MAX), "file", "files");
            output::print(&format!("copied {files} to {}\n", sanitize::name(&dest)))?;
        }
    }
    Ok(Exit::Success)
}
