//! Flags, environment and configuration files joined into what the app is told.
//!
//! Knows which of them wins and where the platform keeps things. Does not know what the
//! app does with it.

use super::args::{Color, Global, InputArgs, Logs, Output, RunArgs};
use super::config::{self, Config, LimitTexts, Owner};
use super::style::Style;
use crate::app::{AppError, ImageRule, InputPath, Options, Selection, default_map};
use crate::model::outcome::{CompileLimits, Limits};
use directories::ProjectDirs;
use serde_json::Value as Json;
use std::env;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Columns of a screen whose width is unknown.
const DEFAULT_WIDTH: usize = 100;

/// Everything that was decided before a command begins.
#[derive(Debug, Clone)]
pub struct Settings {
    pub output: Output,
    pub quiet: bool,
    pub logs: Option<Logs>,
    state_dir: PathBuf,
    cache_dir: PathBuf,
    working_dir: PathBuf,
    no_cache: bool,
    refresh: bool,
    parallel: usize,
    image_map: Vec<ImageRule>,
    limits: Limits,
    compile: CompileLimits,
    /// What standard output is.
    pub stdout: Screen,
    /// What standard error is.
    pub stderr: Screen,
}

/// What a stream is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    pub terminal: bool,
    pub style: Style,
    /// Columns.
    pub width: usize,
}

impl Screen {
    fn of(stream: &impl IsTerminal, color: Color) -> Self {
        let terminal = stream.is_terminal();
        let dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colours = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !no_color,
        };
        let width = terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0).max(40));
        Self { terminal, style: Style { colours }, width }
    }

    /// What a stream is before any configuration was read, for saying what is wrong with it.
    #[must_use]
    pub fn early(stream: &impl IsTerminal, color: Color) -> Self {
        Self::of(stream, color)
    }

    /// Whether lines can be redrawn on it.
    #[must_use]
    pub fn live(self) -> bool {
        let dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        self.terminal && !dumb
    }
}

impl Settings {
    /// Joins everything for a command. `input` names the files above which a project's
    /// configuration may lie; `run` has the flags of `run` alone.
    ///
    /// # Errors
    /// A configuration that is wrong, a flag's value without meaning, or no home directory.
    pub fn join(global: &Global, input: Option<&InputArgs>, run: Option<&RunArgs>) -> Result<Self, AppError> {
        let working_dir = env::current_dir().map_err(|error| {
            AppError::usage(format!("there is no working directory: {error}"), "change to a directory that exists")
        })?;
        let platform = ProjectDirs::from("", "", "stepwell");
        let user = user_config(global, platform.as_ref(), &working_dir)?;
        let project = match input {
            Some(input) => project_config(input, &working_dir)?,
            None => Config::default(),
        };
        let color = match global.color {
            Color::Auto => user.color.unwrap_or_default(),
            chosen => chosen,
        };
        let flag_limits = run.map(|run| limit_flags(&run.limits)).transpose()?.unwrap_or_default();
        let mut limits = Limits::default();
        user.limits.replace(&mut limits);
        flag_limits.replace(&mut limits);
        project.limits.lower(&mut limits);
        let mut compile = CompileLimits::default();
        user.limits.replace_compile(&mut compile);
        flag_limits.replace_compile(&mut compile);
        project.limits.lower_compile(&mut compile);
        let no_map = input.is_some_and(|input| input.no_image_map);
        let mut map = match input.and_then(|input| input.image_map.as_ref()) {
            Some(path) => config::read_image_map(&working_dir.join(path))?,
            None => Vec::new(),
        };
        Ok(Self {
            output: global.output.or(project.output).or(user.output).unwrap_or_default(),
            quiet: global.quiet || user.keys.quiet.unwrap_or(false),
            logs: run.and_then(|run| run.logs).or(user.logs),
            state_dir: directory(
                &global.state_dir,
                "STEPWELL_STATE_DIR",
                user.keys.state_dir.as_ref(),
                platform.as_ref().map(ProjectDirs::data_dir),
                "--state-dir",
                &working_dir,
            )?,
            cache_dir: directory(
                &global.cache_dir,
                "STEPWELL_CACHE_DIR",
                user.keys.cache_dir.as_ref(),
                platform.as_ref().map(ProjectDirs::cache_dir),
                "--cache-dir",
                &working_dir,
            )?,
            no_cache: global.no_cache || user.keys.no_cache.unwrap_or(false),
            refresh: run.is_some_and(|run| run.refresh),
            parallel: parallel(run.and_then(|run| run.parallel), &user, &project),
            image_map: {
                map.extend(if no_map { Vec::new() } else { image_map(user, project) });
                map
            },
            limits,
            compile,
            stdout: Screen::of(&std::io::stdout(), color),
            stderr: Screen::of(&std::io::stderr(), color),
            working_dir,
        })
    }

    /// What the app is told; `observer` hears what happens.
    #[must_use]
    pub fn options(&self, observer: Arc<dyn crate::app::Observer>) -> Options {
        Options {
            state_dir: self.state_dir.clone(),
            cache_dir: self.cache_dir.clone(),
            working_dir: self.working_dir.clone(),
            parallel: self.parallel,
            no_cache: self.no_cache,
            refresh: self.refresh,
            image_map: self.image_map.clone(),
            limits: self.limits.clone(),
            compile: self.compile,
            // The running program, whatever became of its file.
            program: Some(PathBuf::from("/proc/self/exe")),
            observer,
        }
    }

    /// The screen that words for people go to: standard error where standard output carries data.
    #[must_use]
    pub fn people(&self) -> Screen {
        match self.output {
            Output::Text => self.stdout,
            Output::Json => self.stderr,
        }
    }
}

impl InputArgs {
    /// The files, as the app takes them.
    #[must_use]
    pub fn paths(&self) -> Vec<InputPath> {
        let stdin = Path::new("-");
        self.files.iter().map(|f| if f == stdin { InputPath::Stdin } else { InputPath::Path(f.clone()) }).collect()
    }

    /// Which run, and what overrides it.
    #[must_use]
    pub fn selection(&self) -> Selection {
        Selection {
            name: self.name.clone(),
            run: self.run.clone(),
            params: self.params.clone(),
            workspaces: self.workspaces.clone(),
        }
    }
}

fn user_config(global: &Global, platform: Option<&ProjectDirs>, working_dir: &Path) -> Result<Config, AppError> {
    match (&global.config, platform) {
        (Some(path), _) => config::read(&working_dir.join(path), Owner::User),
        (None, Some(platform)) => match platform.config_dir().join(config::FILE_NAME) {
            path if path.is_file() => config::read(&path, Owner::User),
            _ => Ok(Config::default()),
        },
        (None, None) => Ok(Config::default()),
    }
}

fn project_config(input: &InputArgs, working_dir: &Path) -> Result<Config, AppError> {
    let Some(first) = input.files.first() else {
        return Ok(Config::default());
    };
    let full = working_dir.join(first);
    let folder = match first {
        first if first == Path::new("-") => working_dir,
        _ if full.is_dir() => &full,
        _ => full.parent().unwrap_or(working_dir),
    };
    match config::find_project(folder) {
        Some(path) => config::read(&path, Owner::Project),
        None => Ok(Config::default()),
    }
}

fn limit_flags(flags: &[(String, String)]) -> Result<LimitTexts, AppError> {
    let mut limits = LimitTexts::default();
    for (name, value) in flags {
        limits.set(name, &Json::String(value.clone())).map_err(|message| {
            AppError::usage(format!("--limit {name}={value}: {message}"), "such as --limit memory=1Gi --limit cpu=20s")
        })?;
    }
    Ok(limits)
}

/// The flag wins; else the user's number, which a project can lower; else the project's.
fn parallel(flag: Option<u16>, user: &Config, project: &Config) -> usize {
    let configured = match (user.keys.parallel, project.keys.parallel) {
        (Some(user), Some(project)) => Some(user.min(project)),
        (user, project) => user.or(project),
    };
    flag.or(configured)
        .map(usize::from)
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

/// The user's entries, then the project's, then the default ones; the first that matches holds.
fn image_map(user: Config, project: Config) -> Vec<ImageRule> {
    if user.image_map == Some(false) || project.image_map == Some(false) {
        return Vec::new();
    }
    user.image_rules.into_iter().chain(project.image_rules).chain(default_map()).collect()
}

fn directory(
    flag: &Option<PathBuf>,
    variable: &str,
    configured: Option<&PathBuf>,
    platform: Option<&Path>,
    name: &str,
    working_dir: &Path,
) -> Result<PathBuf, AppError> {
    let variable_value = env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let chosen = flag.clone().or(variable_value).or(configured.cloned()).or(platform.map(Path::to_owned));
    chosen.map(|path| working_dir.join(path)).ok_or_else(|| {
        AppError::usage(
            "this user has no home directory to keep runs in",
            format!("say where with {name} or {variable}"),
        )
    })
}
