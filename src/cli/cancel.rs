//! `stepwell cancel`: asks a run's driver to end it, from any terminal.
//!
//! Knows the modes. Does not know how a driver is reached.

use super::args::{CancelArgs, Cli, Grace, Output};
use super::exit::Exit;
use super::output;
use super::settings::Settings;
use crate::app::{App, Silent};
use crate::model::event::CancelMode;
use serde_json::json;
use std::sync::Arc;

/// Cancels.
///
/// # Errors
/// No such run, or one that has ended.
pub fn run(cli: &Cli, args: &CancelArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let app = App::open(settings.options(Arc::new(Silent)));
    let mode = match args.grace {
        None => CancelMode::Cancelled,
        Some(Grace::CancelledRunFinally) => CancelMode::CancelledRunFinally,
        Some(Grace::StoppedRunFinally) => CancelMode::StoppedRunFinally,
    };
    // The id is fixed first, so that what is said afterwards is about the run that was asked.
    let id = match args.run.as_deref() {
        Some(run) => app.load(run)?.id,
        None => app.load("")?.id,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let end = runtime.block_on(app.cancel(&id, mode))?;
    runtime.shutdown_background();
    match settings.output {
        Output::Json => output::print(&format!("{:#}\n", json!({ "run": id, "mode": mode, "ended": end.is_some() })))?,
        Output::Text if settings.quiet => {}
        Output::Text => {
            let what = if end.is_some() { "had no driver and was ended here" } else { "was asked to end" };
            output::print(&format!("run {id} {what} ({mode:?})\n"))?;
        }
    }
    match end.and_then(|end| end.fault) {
        Some(fault) => Err(crate::app::AppError::fault(fault, "stepwell doctor looks for the cause").into()),
        None => Ok(Exit::Success),
    }
}
