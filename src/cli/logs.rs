//! `stepwell logs`: what the steps of a run printed, once it is over or as it comes.
//!
//! Knows the forms of a log line. Does not know how logs are kept or followed.

use super::args::{Cli, LogsArgs, Output};
use super::exit::Exit;
use super::lines::{Line, Lines};
use super::plain::{self, GuestText};
use super::settings::Settings;
use super::style::precise_moment;
use super::{output, sanitize};
use crate::app::{App, LogFrame, LogQuery, Silent, Stream};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// Prints logs.
///
/// # Errors
/// No such run, task or step; faults of standard output, a reader that went away among them.
pub fn run(cli: &Cli, args: &LogsArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, None, None)?;
    let app = App::open(settings.options(Arc::new(Silent)));
    let selector = args.run.as_deref().unwrap_or("");
    let (task, step) = match &args.step {
        Some(text) => split(text),
        None => (None, None),
    };
    let query = LogQuery { task, step, attempt: args.attempt };
    let loaded = app.load(selector)?;
    let started_at = loaded.events.first().map_or(0, |event| event.at);
    let mut printer = Printer {
        follow: args.follow,
        form: match settings.output {
            Output::Json => Form::Json,
            Output::Text => Form::Text {
                names: query.step.is_none(),
                guest: match settings.stdout.terminal {
                    true => GuestText::Safe { colours: settings.stdout.style.colours },
                    false => GuestText::Raw,
                },
                // The moment of the first event is the one that frames count from.
                started_at: args.timestamps.then_some(started_at),
            },
        },
        lines: Lines::default(),
        last: BTreeMap::new(),
        failed: None,
    };
    let selector = loaded.id.as_str();
    if args.follow {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(app.follow(selector, &query, &mut |frame| printer.take(frame)))?;
    } else {
        app.logs(selector, &query, &mut |frame| printer.take(frame))?;
    }
    printer.end()?;
    if let Some(damage) = loaded.damage {
        output::tell(&format!("warning: {}\n", sanitize::message(&damage)));
    }
    Ok(Exit::Success)
}

/// `TASK`, or `TASK/STEP`; tasks of child pipelines have slashes of their own, steps have none.
fn split(text: &str) -> (Option<String>, Option<String>) {
    match text.rsplit_once('/') {
        Some((task, step)) if !task.is_empty() && !step.is_empty() => (Some(task.to_owned()), Some(step.to_owned())),
        Some(_) | None => (Some(text.trim_end_matches('/').to_owned()), None),
    }
}

enum Form {
    Json,
    Text {
        /// Whether lines say their task and step.
        names: bool,
        guest: GuestText,
        /// When the run started, where lines say their time.
        started_at: Option<u64>,
    },
}

/// Frames in, lines out.
struct Printer {
    form: Form,
    follow: bool,
    lines: Lines,
    /// The step that printed last in each TaskRun: steps follow each other, so another one's
    /// first line says that it has ended.
    last: BTreeMap<String, (u32, String)>,
    failed: Option<io::Error>,
}

impl Printer {
    /// Prints what a frame completes; `false` when nobody reads any more.
    fn take(&mut self, frame: &LogFrame) -> bool {
        let text = match &self.form {
            Form::Json => format!("{}\n", frame_json(frame)).into_bytes(),
            Form::Text { .. } => {
                let lines = self.complete(frame);
                lines.iter().flat_map(|line| self.form.line(line)).collect()
            }
        };
        if !text.is_empty()
            && let Err(error) = output::print_bytes(&text)
        {
            self.failed = Some(error);
        }
        self.failed.is_none()
    }

    /// The lines that a frame completes, and before them those of a step that has ended.
    fn complete(&mut self, frame: &LogFrame) -> Vec<Line> {
        let now = (frame.attempt, frame.container.clone());
        let mut lines = match self.last.insert(frame.task_run.clone(), now.clone()) {
            Some(before) if before != now => self.lines.end(&frame.run, &frame.task_run, before.0, Some(&before.1)),
            Some(_) => Vec::new(),
            // Where nothing is followed, one TaskRun's log comes after another's.
            None if !self.follow => self.lines.end_all(),
            None => Vec::new(),
        };
        lines.extend(self.lines.push(frame));
        lines
    }

    fn end(mut self) -> io::Result<()> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let rest: Vec<u8> = self.lines.end_all().iter().flat_map(|line| self.form.line(line)).collect();
        output::print_bytes(&rest)
    }
}

impl Form {
    fn line(&self, line: &Line) -> Vec<u8> {
        let Self::Text { names, guest, started_at } = self else { return Vec::new() };
        let mut text = Vec::new();
        if let Some(started_at) = started_at {
            text.extend(precise_moment(started_at.saturating_add(line.at)).into_bytes());
            text.push(b' ');
        }
        if *names {
            text.extend(plain::log_line(line, *guest));
        } else {
            text.extend(plain::guest_text(&line.bytes, *guest));
            text.push(b'\n');
        }
        text
    }
}

/// A frame as JSON: `text` where the bytes are UTF-8, else `base64`.
#[must_use]
pub fn frame_json(frame: &LogFrame) -> Json {
    use base64::Engine as _;
    let mut line = Map::new();
    line.insert("run".into(), json!(frame.run));
    line.insert("taskRun".into(), json!(frame.task_run));
    line.insert("task".into(), json!(frame.task));
    line.insert("attempt".into(), json!(frame.attempt));
    line.insert("step".into(), json!(frame.container));
    line.insert("stream".into(), json!(if frame.stream == Stream::Stderr { "stderr" } else { "stdout" }));
    line.insert("time".into(), json!(frame.at));
    match std::str::from_utf8(&frame.bytes) {
        Ok(text) => line.insert("text".into(), json!(text)),
        Err(_) => line.insert("base64".into(), json!(base64::engine::general_purpose::STANDARD.encode(&frame.bytes))),
    };
    Json::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_what_follows_the_last_slash() {
        let owned = |t: &str| Some(t.to_owned());
        assert_eq!(split("build"), (owned("build"), None));
        assert_eq!(split("build/compile"), (owned("build"), owned("compile")));
        assert_eq!(split("child/build/compile"), (owned("child/build"), owned("compile")));
        assert_eq!(split("build/"), (owned("build"), None));
    }

    #[test]
    fn frames_keep_bytes_that_are_no_text() {
        let mut frame = LogFrame {
            run: "r".into(),
            task_run: "r-t".into(),
            task: "t".into(),
            attempt: 0,
            container: "s".into(),
            stream: Stream::Stderr,
            at: 7,
            bytes: b"\x1b[2Jhi\n".to_vec(),
        };
        assert_eq!(
            frame_json(&frame).to_string(),
            r#"{"run":"r","taskRun":"r-t","task":"t","attempt":0,"step":"s","stream":"stderr","time":7,"text":"\u001b[2Jhi\n"}"#
        );
        frame.bytes = vec![0xff];
        assert_eq!(frame_json(&frame)["base64"], "/w==");
    }

    #[test]
    fn lines_say_time_and_step_on_demand() {
        let line = Line { task: "t".into(), container: "s".into(), at: 5, bytes: b"hi".to_vec() };
        let form = |names, started_at| Form::Text { names, guest: GuestText::Raw, started_at };
        assert_eq!(form(true, None).line(&line), b"[t : s] hi\n");
        assert_eq!(form(false, None).line(&line), b"hi\n");
        let text = form(false, Some(946_684_800_000_000_000)).line(&line);
        assert_eq!(text, b"2000-01-01T00:00:00.000000005Z hi\n");
    }
}
