//! `stepwell run`: starts what the files hold, listens to signals meanwhile, and says what
//! came of it.
//!
//! Knows the order of a run on the screen. Does not know how runs are driven or drawn.

use super::args::{Cli, InputArgs, Logs, Output, RunArgs};
use super::exit::Exit;
use super::failure::{self, Failure};
use super::lines::{Line, Lines};
use super::output::{self, Pipe};
use super::plain;
use super::screen::{Choices, Display, Events};
use super::settings::{Screen, Settings};
use super::signals::{Ask, Signals};
use super::{cache, check, diagnostics, json, sanitize, summary};
use crate::app::{App, AppError, Control, LogQuery, Prepared, RunEnd, SourceText};
use crate::engine::view::Phase;
use crate::model::event::CancelMode;
use std::fs::File;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// How often the live display is redrawn.
const FRAME: Duration = Duration::from_millis(100);

/// How long runs may take to stop after SIGTERM, SIGHUP or a closed output before the process leaves.
const GRACE: Duration = Duration::from_secs(5);

/// How long a reader's death waits for the Ctrl-C that may have caused it: one that ends the
/// whole pipeline of a shell (`stepwell run | tee`) still lets `finally` run.
const SIGNAL_LAG: Duration = Duration::from_millis(100);

/// How a wait for runs ended.
enum Ending {
    /// All have ended.
    Ended(Vec<RunEnd>),
    /// The process leaves before they have.
    Left(Exit),
}

/// Runs what the arguments say.
///
/// # Errors
/// Everything that keeps runs from starting, and faults of standard output.
pub fn run(cli: &Cli, args: &RunArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, Some(&args.input), Some(args))?;
    let people_on_stdout = settings.output == Output::Text && !events_on_stdout(args);
    if settings.output == Output::Json && events_on_stdout(args) {
        let message = "--output json and --events both want standard output";
        return Err(AppError::usage(message, "give event lines a file: --events=FILE").into());
    }
    if args.explain_images {
        return check::explain_images(&settings, &args.input);
    }
    let stdout = Arc::new(Pipe::new(true));
    let screen = if people_on_stdout { settings.stdout } else { settings.stderr };
    let logs = settings.logs.unwrap_or(if screen.live() { Logs::Failed } else { Logs::All });
    let display = Arc::new(Display::new(Choices {
        screen,
        logs,
        quiet: settings.quiet,
        people: if people_on_stdout { stdout.clone() } else { Arc::new(Pipe::new(false)) },
        events: events(args.events.as_deref(), &stdout)?,
    }));
    let app = App::open(settings.options(display.clone()));
    let prepared = app.prepare(&args.input.paths(), &args.input.selection())?;
    tell_before(&prepared, &settings, &args.input);
    if prepared.runs.is_empty() {
        if settings.output == Output::Json {
            output::print(&format!("{:#}\n", json::list([])))?;
        }
        return Ok(Exit::Success);
    }
    let sources = prepared.report.sources.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ending = runtime.block_on(wait(&app, prepared, &display, &stdout));
    // A guest that does not answer must not keep the process; what is recorded is recorded.
    runtime.shutdown_background();
    let events_failed = display.finish();
    let ends = match ending? {
        Ending::Ended(ends) => ends,
        Ending::Left(exit) => return Ok(exit),
    };
    if let Some(why) = &events_failed {
        output::tell(&format!("error: event lines could not be written: {}\n", sanitize::name(why)));
    }
    let report = Ends { ends: &ends, sources: &sources, logs, screen, quiet: settings.quiet };
    report.tell(&app, &display);
    if settings.output == Output::Json {
        output::print(&format!("{:#}\n", json::list(ends.iter().map(|end| &end.view))))?;
    }
    if let Some(swept) = app.cache_daily().filter(|_| !settings.quiet) {
        output::tell(&cache::daily(&swept));
    }
    Ok(if events_failed.is_some() { Exit::Fault } else { exit_of(&ends) })
}

fn events_on_stdout(args: &RunArgs) -> bool {
    args.events.as_deref() == Some(Path::new("-"))
}

fn events(target: Option<&Path>, stdout: &Arc<Pipe>) -> Result<Events, AppError> {
    match target {
        None => Ok(Events::None),
        Some(path) if path == Path::new("-") => Ok(Events::Pipe(stdout.clone())),
        Some(path) => File::create(path).map(Events::File).map_err(|error| {
            AppError::usage(
                format!("cannot write events to `{}`: {error}", path.display()),
                "check the path given with --events",
            )
        }),
    }
}

/// Warnings, and what of the files is not run.
fn tell_before(prepared: &Prepared, settings: &Settings, input: &InputArgs) {
    let screen = settings.stderr;
    if !prepared.report.diagnostics.is_empty() {
        output::tell(&diagnostics::render(&prepared.report, screen.style, screen.width));
    }
    if settings.quiet {
        return;
    }
    // A whole folder or a release's file holds much else; one run by name has chosen.
    if input.name.is_none() {
        output::tell(&check::passed_over(&prepared.passed_over));
    }
    for name in &prepared.pending {
        output::tell(&format!("note: {} is Pending (spec.status) and is not started\n", sanitize::name(name)));
    }
}

/// Drives the runs until they end or somebody ends them.
async fn wait(app: &App, prepared: Prepared, display: &Display, stdout: &Pipe) -> anyhow::Result<Ending> {
    let mut signals = Signals::new()?;
    let control = Control::default();
    let mut runs = pin!(app.run(prepared, &control));
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let live = display.is_live();
    let mut stopping: Option<Exit> = None;
    let mut deadline = pin!(tokio::time::sleep(GRACE));
    let mut interrupted = false;
    let mut reader_gone = pin!(async {
        stdout.closed().await;
        tokio::time::sleep(SIGNAL_LAG).await;
    });
    loop {
        tokio::select! {
            biased;
            ends = &mut runs => {
                let ends = ends?;
                return Ok(stopping.map_or(Ending::Ended(ends), Ending::Left));
            }
            ask = signals.next() => match ask {
                Ask::Cancel => {
                    interrupted = true;
                    display.say("cancelling: what runs is ended, then `finally` runs; Ctrl-C again ends everything\n");
                    control.cancel(CancelMode::CancelledRunFinally, "cancelled with Ctrl-C");
                }
                Ask::CancelNow => {
                    display.say("cancelling everything; Ctrl-C again leaves at once\n");
                    control.cancel(CancelMode::Cancelled, "cancelled with Ctrl-C");
                }
                Ask::Leave => return Ok(Ending::Left(Exit::Cancelled)),
                Ask::Stop(exit) => {
                    stopping.get_or_insert(exit);
                    control.kill();
                    deadline.as_mut().reset(tokio::time::Instant::now() + GRACE);
                }
            },
            () = &mut reader_gone, if stopping.is_none() && !interrupted => {
                stopping = Some(Exit::OutputClosed);
                control.kill();
                deadline.as_mut().reset(tokio::time::Instant::now() + GRACE);
            }
            () = &mut deadline, if stopping.is_some() => return Ok(Ending::Left(stopping.unwrap_or(Exit::Terminated))),
            _ = frames.tick(), if live => display.draw(),
        }
    }
}

/// The exit code that the ends of runs make: a fault of ours weighs most, then a failure.
fn exit_of(ends: &[RunEnd]) -> Exit {
    let phase = |wanted: Phase| ends.iter().any(|end| end.view.objects.first().is_some_and(|top| top.phase == wanted));
    if ends.iter().any(|end| end.fault.is_some()) {
        Exit::Fault
    } else if phase(Phase::Failed) {
        Exit::Failed
    } else if phase(Phase::Cancelled) {
        Exit::Cancelled
    } else if ends.iter().all(|end| end.view.done) {
        Exit::Success
    } else {
        Exit::Fault
    }
}

/// What is said when all has ended.
struct Ends<'a> {
    ends: &'a [RunEnd],
    sources: &'a [SourceText],
    logs: Logs,
    screen: Screen,
    quiet: bool,
}

impl Ends<'_> {
    fn tell(&self, app: &App, display: &Display) {
        for end in self.ends {
            for found in failure::find(&end.view) {
                display.say(&failure::begin(&found, self.screen));
                match self.logs {
                    Logs::Failed => tell_log(app, &end.id, &found, self.screen, display),
                    Logs::All | Logs::None => {}
                }
                display.say_bytes(&failure::end(&found, self.sources, self.screen));
            }
            if !self.quiet {
                display.say(&summary::render(end, self.screen.style));
            } else if let Some(fault) = &end.fault {
                display.say(&format!("fault: {}\n", sanitize::message(fault)));
            }
        }
    }
}

/// Prints the whole log of the step that failed, indented, as it is read: it may be as large as its limit.
/// Says why it can't be read where it can't.
fn tell_log(app: &App, run: &str, failure: &Failure<'_>, screen: Screen, display: &Display) {
    let step = failure.step.map(|step| step.name.clone()).unwrap_or_default();
    let query = LogQuery {
        task: Some(failure.object.metadata.name.clone()),
        step: Some(step),
        attempt: u32::try_from(failure.object.status.retries_status.len()).ok(),
    };
    let mut lines = Lines::default();
    let mut is_empty = true;
    let mut tell = |lines: Vec<Line>| {
        let mut text = Vec::new();
        if !lines.is_empty() && std::mem::take(&mut is_empty) {
            text.extend(format!("{}\n", screen.style.dim("  its log:")).into_bytes());
        }
        for line in lines {
            text.extend_from_slice(b"    ");
            text.extend(plain::guest_text(&line.bytes, display.guest_text()));
            text.push(b'\n');
        }
        display.say_bytes(&text);
    };
    let read = match failure.step {
        Some(_) => app.logs(run, &query, &mut |frame| {
            tell(lines.push(frame));
            true
        }),
        None => Ok(()),
    };
    tell(lines.end_all());
    if let Err(error) = read {
        display.say(&format!("    (its log cannot be read: {})\n", sanitize::message(&error.to_string())));
    } else if is_empty {
        display.say(&format!("{}\n", screen.style.dim("  it printed nothing")));
    }
}
