//! From files and a selection to runs that can start: objects, overrides, names, plans, and
//! everything that is refused before anything runs.
//!
//! Knows what `check` and `run` refuse. Does not start anything.

use super::effects::{self, Idle};
use super::error::{AppError, Report, SourceText};
use super::images::{Images, RunsAs};
use super::input::{self, Input, InputPath};
use super::scripts::Severities;
use super::selection::{Overrides, Selection};
use super::{App, identity};
use crate::model::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::objects::ParamSpec;
use crate::model::plan::{Plan, Resolved, Root, TaskPlan};
use crate::spec::{ObjectSet, RunObject, RunSpec};
use std::path::PathBuf;
use std::sync::Arc;

/// What `check` found.
#[derive(Debug, Default)]
pub struct Checked {
    pub report: Report,
    /// The runs that the files hold (or the one that NAME makes), as far as they could be planned.
    pub runs: Vec<Arc<Plan>>,
    /// What each step's image runs as.
    pub images: Vec<ImageUse>,
    /// Objects of kinds that Stepwell has no use for: (kind, name).
    pub passed_over: Vec<(String, String)>,
    /// What is accepted and has no effect.
    pub idle: Idle,
}

/// How much `check` looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What the files say; scripts are texts.
    Plans,
    /// Scripts too, as a shell reads them.
    Scripts,
    /// The same, and what cannot be run here is an error.
    Runnable,
}

/// What one step's image runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUse {
    pub task: String,
    pub step: String,
    pub image: String,
    /// `module PATH`, `builtin:NAME`, or why nothing takes it.
    pub runs_as: String,
}

/// A run that can start.
pub struct PreparedRun {
    pub plan: Arc<Plan>,
    pub(super) object: RunObject,
}

/// Runs that can start, with the objects they refer to.
pub struct Prepared {
    pub runs: Vec<PreparedRun>,
    /// Warnings.
    pub report: Report,
    /// Names of runs that are Pending and so not started.
    pub pending: Vec<String>,
    /// Objects of kinds that Stepwell has no use for: (kind, name).
    pub passed_over: Vec<(String, String)>,
    pub(super) objects: Arc<ObjectSet>,
    pub(super) bases: Vec<PathBuf>,
    pub(super) by_name: Option<String>,
    pub(super) overrides: Overrides,
}

/// What reading the files and applying the selection gave.
struct Read {
    objects: ObjectSet,
    runs: Vec<RunObject>,
    diagnostics: Diagnostics,
    input: Input,
    overrides: Overrides,
}

impl App {
    /// Reads and checks files.
    ///
    /// # Errors
    /// Unreadable paths and a selection without meaning. What is wrong in the files is in the report.
    pub fn check(&self, paths: &[InputPath], selection: &Selection, extent: Extent) -> Result<Checked, AppError> {
        let mut read = self.read(paths, selection)?;
        let mut checked = Checked::default();
        let images = self.images(&read.input);
        let sources = texts(&read.input);
        let here = if extent == Extent::Runnable { Severity::Error } else { Severity::Warning };
        if !read.diagnostics.has_errors() {
            for run in &read.runs {
                let found = read.objects.cannot_run(run, &|i, s| takes(&images, i, s));
                for mut diagnostic in found.list().iter().cloned() {
                    if extent != Extent::Runnable {
                        diagnostic.severity = Severity::Warning;
                    }
                    read.diagnostics.push(diagnostic);
                }
                let plan = read.objects.plan(run, &shown_name(run), "");
                for (name, task) in effects::tasks(&plan) {
                    task_images(task, &name, &images, &mut checked.images);
                }
                effects::gather(&plan, &mut checked.idle);
                checked.runs.push(Arc::new(plan));
            }
            if extent != Extent::Plans {
                let everything = selection.name.is_none() && selection.run.is_none();
                let scripts = read.objects.scripts(&read.runs, everything);
                let severities = Severities { syntax: Severity::Error, command: here, interpreter: here };
                let found = self.read_scripts(scripts, &images, &sources, severities);
                read.diagnostics.append(found);
            }
        }
        checked.passed_over = passed_over(&read.objects);
        checked.report = Report::new(sources, read.diagnostics);
        Ok(checked)
    }

    /// Reads files and makes runs ready to start.
    ///
    /// # Errors
    /// Everything that `run` refuses before anything runs.
    pub fn prepare(&self, paths: &[InputPath], selection: &Selection) -> Result<Prepared, AppError> {
        let mut read = self.read(paths, selection)?;
        let images = self.images(&read.input);
        if !read.diagnostics.has_errors() {
            for run in &read.runs {
                let found = read.objects.cannot_run(run, &|i, s| takes(&images, i, s));
                read.diagnostics.append(found);
            }
        }
        let sources = texts(&read.input);
        if !read.diagnostics.has_errors() {
            // A script does what stands before its error, and what it calls may be made by then.
            // One that is for a program which nobody has does nothing at all.
            let (syntax, command, interpreter) = (Severity::Warning, Severity::Warning, Severity::Error);
            let severities = Severities { syntax, command, interpreter };
            let scripts = read.objects.scripts(&read.runs, false);
            let found = self.read_scripts(scripts, &images, &sources, severities);
            read.diagnostics.append(found);
        }
        let report = Report::new(sources, read.diagnostics);
        if report.has_errors() {
            return Err(AppError::Diagnostics(report));
        }
        if read.runs.is_empty() {
            return Err(nothing_to_run(&read.objects));
        }
        let mut prepared = Prepared {
            runs: Vec::new(),
            report,
            pending: Vec::new(),
            passed_over: passed_over(&read.objects),
            objects: Arc::new(read.objects),
            bases: read.input.bases,
            by_name: selection.name.clone(),
            overrides: read.overrides,
        };
        for run in read.runs {
            if is_pending(&run) {
                prepared.pending.push(shown_name(&run));
                continue;
            }
            let name = identity::run_name(&run.metadata.name, &run.metadata.generate_name)?;
            let plan = prepared.objects.plan(&run, &name, &identity::uid()?);
            if let Some(name) = &selection.name {
                require_params(name, &plan)?;
            }
            prepared.runs.push(PreparedRun { plan: Arc::new(plan), object: run });
        }
        Ok(prepared)
    }

    fn read(&self, paths: &[InputPath], selection: &Selection) -> Result<Read, AppError> {
        if paths.is_empty() {
            return Err(AppError::usage(
                "no input file is named",
                "name one: stepwell run -f pipeline.yaml (`-` is standard input)",
            ));
        }
        let input = input::read(paths, &self.options.working_dir)?;
        let (objects, diagnostics) = crate::spec::read(&input.sources);
        let overrides = selection.overrides(&self.options.working_dir)?;
        let mut runs = Vec::new();
        if !diagnostics.has_errors() {
            runs = select(&objects, selection, &overrides, &input)?;
        }
        Ok(Read { objects, runs, diagnostics, input, overrides })
    }

    fn images(&self, input: &Input) -> Images {
        self.images_of(input.bases.clone(), self.options.image_map.clone())
    }
}

/// The run objects that the selection means, with its overrides.
fn select(
    objects: &ObjectSet,
    selection: &Selection,
    overrides: &Overrides,
    input: &Input,
) -> Result<Vec<RunObject>, AppError> {
    let mut runs = match &selection.name {
        Some(name) => vec![run_by_name(objects, name).map_err(|diagnostic| {
            let mut found = Diagnostics::default();
            found.push(diagnostic);
            AppError::Diagnostics(Report::new(texts(input), found))
        })?],
        None => objects.runs.clone(),
    };
    if let Some(wanted) = &selection.run {
        let named = |run: &RunObject| {
            run.metadata.name == *wanted
                || run.metadata.generate_name.trim_end_matches('-') == wanted.trim_end_matches('-')
        };
        runs.retain(named);
        if runs.is_empty() {
            let names: Vec<_> = objects.runs.iter().map(shown_name).collect();
            return Err(AppError::usage(
                format!("no run `{wanted}` in the files"),
                format!("they hold: {}", names.join(", ")),
            ));
        }
    }
    if !overrides.is_empty() {
        let [run] = runs.as_mut_slice() else {
            return Err(AppError::usage(
                format!("-p and -w need one run, and the files hold {}", runs.len()),
                "say which one with --run NAME, or name a Task or Pipeline",
            ));
        };
        overrides.apply(run);
    }
    Ok(runs)
}

/// A run of the Task or Pipeline `name`, which may be `task/NAME` or `pipeline/NAME`.
pub(super) fn run_by_name(objects: &ObjectSet, name: &str) -> Result<RunObject, Diagnostic> {
    match name.split_once('/') {
        Some((kind, name)) => objects.run_for(Some(kind), name),
        None => objects.run_for(None, name),
    }
}

/// The callback of `cannot_run`: whether some executor takes an image.
fn takes(images: &Images, image: &str, source: u32) -> Result<(), String> {
    match images.resolve(image, source) {
        RunsAs::File(_) | RunsAs::Builtin(_) | RunsAs::Mapped(_) => Ok(()),
        RunsAs::Refused { message, help } => Err(format!("{message}; {help}")),
    }
}

fn texts(input: &Input) -> Vec<SourceText> {
    input
        .sources
        .iter()
        .map(|source| SourceText {
            name: source.name.clone(),
            text: String::from_utf8_lossy(&source.text).into_owned(),
        })
        .collect()
}

fn passed_over(objects: &ObjectSet) -> Vec<(String, String)> {
    objects.passed_over.iter().map(|(kind, name, _)| (kind.clone(), name.clone())).collect()
}

/// Whether a run object is held back (Tekton: `PipelineRunPending`, `TaskRunPending`).
fn is_pending(run: &RunObject) -> bool {
    match &run.spec {
        RunSpec::Pipeline(spec) => spec.status == "PipelineRunPending",
        RunSpec::Task(spec) => spec.status == "TaskRunPending",
    }
}

fn shown_name(run: &RunObject) -> String {
    match run.metadata.name.as_str() {
        "" => run.metadata.generate_name.clone(),
        name => name.to_owned(),
    }
}

fn nothing_to_run(objects: &ObjectSet) -> AppError {
    let names: Vec<&str> =
        objects.pipelines.keys().chain(objects.tasks.keys()).map(|(_, name)| name.as_str()).collect();
    match names.first() {
        Some(first) => AppError::usage(
            "the files hold no PipelineRun or TaskRun",
            format!(
                "start a Pipeline or Task by name, such as `stepwell run {first} -f ...`; they hold: {}",
                names.join(", ")
            ),
        ),
        None => AppError::usage(
            "the files hold nothing that can be run",
            "a file needs a PipelineRun, TaskRun, Pipeline or Task",
        ),
    }
}

/// Refuses a run by name that lacks params, and lists them with type, description and default.
fn require_params(name: &str, plan: &Plan) -> Result<(), AppError> {
    let (declared, given): (&[ParamSpec], Vec<&str>) = match &plan.root {
        Root::Pipeline { spec, pipeline: Resolved::Found(pipeline) } => {
            (&pipeline.spec.params, spec.params.iter().map(|p| p.name.as_str()).collect())
        }
        Root::Task { spec, task: Resolved::Found(task) } => {
            (&task.spec.params, spec.params.iter().map(|p| p.name.as_str()).collect())
        }
        Root::Pipeline { .. } | Root::Task { .. } => return Ok(()),
    };
    let missing: Vec<&ParamSpec> =
        declared.iter().filter(|p| p.default.is_none() && !given.contains(&p.name.as_str())).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|p| p.name.as_str()).collect();
    let lines: Vec<String> = declared.iter().map(describe).collect();
    Err(AppError::usage(
        format!("`{name}` needs params that are not given: {}", names.join(", ")),
        format!("give each with -p NAME=VALUE; it takes:\n{}", lines.join("\n")),
    ))
}

fn describe(param: &ParamSpec) -> String {
    let kind = if param.type_.is_empty() { "string" } else { &param.type_ };
    let default = param.default.as_ref().map_or("required".to_owned(), |d| format!("default {}", d.to_json_text()));
    let text = if param.description.is_empty() { String::new() } else { format!("  {}", param.description.trim()) };
    format!("  {} ({kind}, {default}){text}", param.name)
}

fn task_images(task: &TaskPlan, name: &str, images: &Images, uses: &mut Vec<ImageUse>) {
    let template = task.spec.step_template.as_ref();
    for (index, step) in task.spec.steps.iter().enumerate() {
        let action = step.ref_.as_ref().and_then(|r| task.step_actions.get(&r.name));
        let (image, source) = match action {
            Some(Resolved::Found(action)) => (action.spec.image.clone(), action.source),
            Some(_) => continue,
            None if step.image.is_empty() => (template.map(|t| t.image.clone()).unwrap_or_default(), task.source),
            None => (step.image.clone(), task.source),
        };
        let runs_as = match images.resolve(&image, source) {
            RunsAs::File(path) => format!("module {}", path.display()),
            RunsAs::Builtin(name) => format!("builtin:{name}"),
            RunsAs::Mapped(module) => module,
            RunsAs::Refused { message, .. } => format!("nothing here: {message}"),
        };
        uses.push(ImageUse { task: name.to_owned(), step: effects::step_name(step, index), image, runs_as });
    }
}
