//! `stepwell check`, and `run --explain-images`: what is in the files, without running it.
//!
//! Knows how findings are printed. Does not know the rules.

use super::args::{CheckArgs, Cli, InputArgs, Output};
use super::diagnostics;
use super::exit::Exit;
use super::output;
use super::plain;
use super::sanitize;
use super::settings::Settings;
use super::style::count;
use crate::app::{App, AppError, Extent, Idle, ImageUse, Observer, Silent};
use crate::model::diagnostic::Severity;
use serde_json::json;
use std::sync::Arc;

/// Checks what the arguments name.
///
/// # Errors
/// A command line that is wrong, and faults of standard output. What is wrong in the files is
/// printed, and makes the exit code.
pub fn run(cli: &Cli, args: &CheckArgs) -> anyhow::Result<Exit> {
    let settings = Settings::join(&cli.global, Some(&args.input), None)?;
    let app = App::open(settings.options(Arc::new(Compiles { quiet: settings.quiet })));
    let extent = if args.runnable { Extent::Runnable } else { Extent::Scripts };
    let checked = app.check(&args.input.paths(), &args.input.selection(), extent)?;
    let report = &checked.report;
    let errors = report.diagnostics.iter().any(|d| d.severity == Severity::Error);
    let screen = settings.people();
    let mut text = diagnostics::render(report, screen.style, screen.width);
    if !settings.quiet {
        text.push_str(&passed_over(&checked.passed_over));
        text.push_str(&idle(&checked.idle));
        if !errors {
            let runs = count(checked.runs.len(), "run", "runs");
            text.push_str(&format!("{}: {runs}\n", screen.style.good("no errors")));
        }
    }
    match settings.output {
        Output::Text => output::print(&text)?,
        Output::Json => {
            output::tell(&text);
            output::print(&format!("{:#}\n", diagnostics::to_json(report)))?;
        }
    }
    Ok(if errors { Exit::Usage } else { Exit::Success })
}

/// Says on standard error when a module is compiled: that is the shell that reads scripts, the first time.
struct Compiles {
    quiet: bool,
}

impl Observer for Compiles {
    fn compiling(&self, module: &str, bytes: u64) {
        if !self.quiet {
            output::tell(&plain::compiling(module, bytes));
        }
    }

    fn compiled(&self, module: &str, nanos: u64) {
        if !self.quiet {
            output::tell(&plain::compiled(module, nanos));
        }
    }
}

/// Names what the files hold and Stepwell has no use for, in one line; empty when there is nothing.
#[must_use]
pub fn passed_over(objects: &[(String, String)]) -> String {
    /// Most objects that are named.
    const MAX_NAMED: usize = 5;
    if objects.is_empty() {
        return String::new();
    }
    let mut names: Vec<String> = objects
        .iter()
        .take(MAX_NAMED)
        .map(|(kind, name)| format!("{} {}", sanitize::name(kind), sanitize::name(name)))
        .collect();
    if objects.len() > MAX_NAMED {
        names.push(format!("{} more", objects.len() - MAX_NAMED));
    }
    format!("note: passed over, as Stepwell has no use for them: {}\n", names.join(", "))
}

/// Names fields that are accepted and have no effect, a line each; empty when there are none.
#[must_use]
pub fn idle(fields: &Idle) -> String {
    /// Most places that are named for one field.
    const MAX_PLACES: usize = 3;
    let mut text = String::new();
    for (field, places) in fields {
        let named: Vec<_> = places.iter().take(MAX_PLACES).map(|place| sanitize::name(place)).collect();
        let more = places.len() - named.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let field = sanitize::name(field);
        text.push_str(&format!("note: accepted, and without effect here: {field} ({}{more})\n", named.join(", ")));
    }
    text
}

/// Prints what each step's image would run as.
///
/// # Errors
/// As [`run`].
pub fn explain_images(settings: &Settings, input: &InputArgs) -> anyhow::Result<Exit> {
    let app = App::open(settings.options(Arc::new(Silent)));
    let checked = app.check(&input.paths(), &input.selection(), Extent::Plans)?;
    if checked.report.has_errors() {
        return Err(AppError::Diagnostics(checked.report).into());
    }
    match settings.output {
        Output::Text => output::print(&images(&checked.images))?,
        Output::Json => {
            let list: Vec<_> = checked
                .images
                .iter()
                .map(|u| json!({ "task": u.task, "step": u.step, "image": u.image, "runsAs": u.runs_as }))
                .collect();
            output::print(&format!("{:#}\n", json!({ "images": list })))?;
        }
    }
    Ok(Exit::Success)
}

/// One line for each step: `TASK/STEP  IMAGE → WHAT`.
#[must_use]
pub fn images(uses: &[ImageUse]) -> String {
    let name = |u: &ImageUse| sanitize::name(&format!("{}/{}", u.task, u.step));
    let width = uses.iter().map(|u| name(u).chars().count()).max().unwrap_or(0);
    uses.iter()
        .map(|u| format!("{:width$}  {} → {}\n", name(u), sanitize::name(&u.image), sanitize::name(&u.runs_as)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_lined_up() {
        let one = |task: &str, image: &str, runs_as: &str| ImageUse {
            task: task.into(),
            step: "s".into(),
            image: image.into(),
            runs_as: runs_as.into(),
        };
        let text = images(&[one("build", "busybox:1", "builtin:sh"), one("t", "./x.wasm\x1b", "module /x.wasm")]);
        assert_eq!(text, "build/s  busybox:1 → builtin:sh\nt/s      ./x.wasm\\x1b → module /x.wasm\n");
    }

    #[test]
    fn few_objects_are_named() {
        let objects: Vec<_> = (0..7).map(|i| ("Pod".to_owned(), format!("p{i}"))).collect();
        let text = passed_over(&objects);
        assert!(text.contains("Pod p4, 2 more") && !text.contains("p5"), "{text}");
        assert_eq!(passed_over(&[]), "");
    }
}
