//! The terminal front end: the command line in, words or JSON and an exit code out.
//!
//! Knows commands, flags, terminals, environment variables and exit codes, and is the only
//! floor that does. Everything else is asked of `app`.

mod args;
mod cache;
mod cancel;
mod check;
mod config;
mod diagnostics;
mod doctor;
pub mod exit;
mod failure;
mod get;
mod graph;
mod inspect;
mod json;
mod lines;
mod list;
mod live;
mod logs;
mod output;
mod plain;
mod run;
mod sanitize;
mod screen;
mod settings;
mod show;
mod signals;
mod style;
mod summary;

use crate::app::{App, AppError, Extent, Silent, compiler, wasmtime_version};
use args::{Cli, Color, Command, GraphArgs, ModuleCommand, Output, ShowArgs};
use clap::{CommandFactory, Parser};
use exit::Exit;
use settings::{Screen, Settings};
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

/// Does what the process's arguments say, and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(code) = compiler(&arguments) {
        return ExitCode::from(code);
    }
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => finish(execute(&cli), cli.global.output == Some(Output::Json), cli.global.color),
        Err(error) => parse_failed(&error, &arguments),
    }
    .into()
}

fn execute(cli: &Cli) -> anyhow::Result<Exit> {
    if cli.version {
        output::print(&version())?;
        return Ok(Exit::Success);
    }
    match &cli.command {
        None => {
            output::tell(&format!("{}\n", Cli::command().render_help()));
            Ok(Exit::Usage)
        }
        Some(Command::Run(args)) => run::run(cli, args),
        Some(Command::Check(args)) => check::run(cli, args),
        Some(Command::Graph(args)) => draw_graph(cli, args),
        Some(Command::List(args)) => list::run(cli, args),
        Some(Command::Show(args)) => show_run(cli, args),
        Some(Command::Logs(args)) => logs::run(cli, args),
        Some(Command::Cancel(args)) => cancel::run(cli, args),
        Some(Command::Get(args)) => get::run(cli, args),
        Some(Command::Module(ModuleCommand::Inspect(args))) => inspect::run(cli, args),
        Some(Command::Cache(command)) => cache::run(cli, command),
        Some(Command::Doctor(_)) => doctor::run(cli),
        Some(Command::Completions(args)) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "stepwell", &mut script);
            output::print_bytes(&script)?;
            Ok(Exit::Success)
        }
    }
}

/// Stepwell's version, wasmtime's, the target and the commit, a line each.
fn version() -> String {
    format!(
        "stepwell {}\nwasmtime {}\ntarget {}\ncommit {}\n",
        env!("CARGO_PKG_VERSION"),
        wasmtime_version(),
        option_env!("STEPWELL_TARGET").unwrap_or("unknown"),
        option_env!("STEPWELL_COMMIT").unwrap_or("unknown"),
    )
}

fn draw_graph(cli: &Cli, args: &GraphArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, Some(&args.input), None)?;
    let app = App::open(settings.options(Arc::new(Silent)));
    let checked = app.check(&args.input.paths(), &args.input.selection(), Extent::Plans)?;
    if checked.report.has_errors() {
        return Err(AppError::Diagnostics(checked.report).into());
    }
    if checked.runs.is_empty() {
        let help = "name a Task or Pipeline of the files: stepwell graph NAME -f FILE";
        return Err(AppError::usage("the files hold no run whose graph could be drawn", help).into());
    }
    let graphs: Vec<String> = checked.runs.iter().map(|plan| graph::render(plan, args.format)).collect();
    match settings.output {
        Output::Text => output::print(&graphs.join("\n"))?,
        Output::Json => {
            let runs: Vec<_> =
                checked.runs.iter().zip(&graphs).map(|(plan, graph)| graph::to_json(plan, graph)).collect();
            output::print(&format!("{:#}\n", serde_json::json!({ "graphs": runs })))?;
        }
    }
    Ok(Exit::Success)
}

fn show_run(cli: &Cli, args: &ShowArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let app = App::open(settings.options(Arc::new(Silent)));
    let run = app.load(args.run.as_deref().unwrap_or(""))?;
    match settings.output {
        Output::Json => output::print(&format!("{:#}\n", json::list([&run.view])))?,
        Output::Text => {
            let shown =
                show::Shown { id: &run.id, view: &run.view, workspaces: &run.workspaces, interrupted: run.interrupted };
            output::print(&show::render(&shown, settings.stdout.style))?;
        }
    }
    if let Some(damage) = &run.damage {
        let text = format!("error: the record of run {} is damaged: {}\n", run.id, sanitize::message(damage));
        output::tell(&text);
        return Ok(Exit::Fault);
    }
    Ok(Exit::Success)
}

/// The exit code of a command; what kept it from ending well is said first.
fn finish(result: anyhow::Result<Exit>, as_json: bool, color: Color) -> Exit {
    let error = match result {
        Ok(exit) => return exit,
        Err(error) => error,
    };
    if is_broken_pipe(&error) {
        return Exit::Success;
    }
    let screen = Screen::early(&io::stderr(), color);
    let (exit, found) = match error.downcast_ref::<AppError>() {
        Some(AppError::Diagnostics(report)) => {
            output::tell(&diagnostics::render(report, screen.style, screen.width));
            (Exit::Usage, Some(diagnostics::to_json(report)))
        }
        Some(AppError::Usage { message, help }) => {
            output::tell(&complaint(message, help, screen));
            (Exit::Usage, Some(diagnostics::usage_json(message, help)))
        }
        Some(AppError::Fault { message, help }) => {
            output::tell(&complaint(message, help, screen));
            (Exit::Fault, None)
        }
        None => {
            output::tell(&complaint(&format!("{error:#}"), "", screen));
            (Exit::Fault, None)
        }
    };
    if let Some(found) = found.filter(|_| as_json) {
        // Nothing is left to be told to whoever closed standard output.
        let _ = output::print(&format!("{found:#}\n"));
    }
    exit
}

fn complaint(message: &str, help: &str, screen: Screen) -> String {
    let mut text = format!("{} {}\n", screen.style.bad("error:"), sanitize::message(message));
    if !help.is_empty() {
        text.push_str(&format!("{} {}\n", screen.style.bold("help:"), sanitize::message(help)));
    }
    text
}

/// Whether the reader of standard output went away, which is an ordinary end.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(pipe)
}

/// Help that was asked for, or a command line that can't be read.
fn parse_failed(error: &clap::Error, arguments: &[OsString]) -> Exit {
    if !error.use_stderr() {
        let screen = Screen::early(&io::stdout(), Color::Auto);
        let help = if screen.style.colours { error.render().ansi().to_string() } else { error.render().to_string() };
        return finish(output::print(&help).map(|()| Exit::Success).map_err(Into::into), false, Color::Auto);
    }
    output::tell(&error.render().to_string());
    let wants_json = |pair: &[OsString]| pair[0] == "--output" && pair[1] == "json";
    if arguments.windows(2).any(wants_json) || arguments.iter().any(|a| a == "--output=json") {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let _ =
            output::print(&format!("{:#}\n", diagnostics::usage_json(message, "stepwell --help lists what there is")));
    }
    Exit::Usage
}
