//! Configuration files: the user's own, and the project's that lies above its pipelines.
//!
//! Knows their keys and what a project may not set. Does not know flags; `settings` joins
//! the two. A cloned repository is not trusted: its file can only narrow.

use super::args::{Color, Logs, Output};
use crate::app::{AppError, ImageRule, Report, SourceText, default_map};
use crate::model::diagnostic::Diagnostic;
use crate::model::outcome::{CompileLimits, Limits};
use crate::model::quantity;
use crate::model::tree::Span;
use clap::ValueEnum;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Name of a project's file, and of the user's in the configuration directory.
pub const FILE_NAME: &str = "stepwell.yaml";

/// Largest configuration file in bytes.
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// The names of limits, for messages.
pub const LIMIT_NAMES: &str = "memory, cpu, disk, files, output, handles, compileMemory, compileTime";

/// What a configuration file may say.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Keys {
    pub state_dir: Option<PathBuf>,
    pub cache_dir: Option<PathBuf>,
    pub no_cache: Option<bool>,
    pub parallel: Option<u16>,
    output: Option<String>,
    color: Option<String>,
    logs: Option<String>,
    pub quiet: Option<bool>,
    /// `false` turns the map off; a list of {match, module} goes before the default entries.
    image_map: Option<Json>,
    limits: std::collections::BTreeMap<String, Json>,
}

/// Whose file it is, and so what it may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    User,
    Project,
}

/// A configuration file that was read and understood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    pub keys: Keys,
    pub output: Option<Output>,
    pub color: Option<Color>,
    pub logs: Option<Logs>,
    /// `Some(false)`: no image map at all.
    pub image_map: Option<bool>,
    pub image_rules: Vec<ImageRule>,
    pub limits: LimitTexts,
}

/// Limits that were set; what is not set stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitTexts {
    pub memory: Option<u64>,
    pub cpu: Option<u64>,
    pub disk: Option<u64>,
    pub files: Option<u64>,
    pub output: Option<u64>,
    pub handles: Option<u32>,
    pub compile_memory: Option<u64>,
    pub compile_time: Option<u64>,
}

impl LimitTexts {
    /// Sets the limit called `name`; the error is a fragment for a message.
    ///
    /// # Errors
    /// An unknown name, or a value that is not one of its kind.
    pub fn set(&mut self, name: &str, value: &Json) -> Result<(), String> {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let bytes =
            || quantity::bytes(value).ok_or_else(|| format!("`{shown}` is not a quantity, such as 512Mi or 100k"));
        match name {
            "memory" => self.memory = Some(bytes()?),
            "disk" => self.disk = Some(bytes()?),
            "files" => self.files = Some(bytes()?),
            "output" => self.output = Some(bytes()?),
            "handles" => self.handles = Some(u32::try_from(bytes()?).unwrap_or(u32::MAX)),
            "compileMemory" => self.compile_memory = Some(bytes()?),
            "compileTime" => {
                let nanos = quantity::cpu_nanoseconds(value).filter(|nanos| *nanos > 0);
                self.compile_time = Some(nanos.ok_or_else(|| format!("`{shown}` is not a duration, such as 600s"))?);
            }
            "cpu" => {
                let nanos = quantity::cpu_nanoseconds(value);
                self.cpu = Some(nanos.ok_or_else(|| format!("`{shown}` is not a duration, such as 20s"))?);
            }
            _ => return Err(format!("there is no limit `{name}`; the limits are {LIMIT_NAMES}")),
        }
        Ok(())
    }

    /// Puts these in the place of those in `limits`.
    pub fn replace(&self, limits: &mut Limits) {
        limits.memory = self.memory.unwrap_or(limits.memory);
        limits.cpu = self.cpu.or(limits.cpu);
        limits.disk = self.disk.unwrap_or(limits.disk);
        limits.files = self.files.unwrap_or(limits.files);
        limits.output = self.output.unwrap_or(limits.output);
        limits.handles = self.handles.unwrap_or(limits.handles);
    }

    /// Puts what is said of compiling in the place of what is in `limits`.
    pub fn replace_compile(&self, limits: &mut CompileLimits) {
        limits.memory = self.compile_memory.unwrap_or(limits.memory);
        limits.time = self.compile_time.unwrap_or(limits.time);
    }

    /// Lowers what compiling may take to this, never raises it.
    pub fn lower_compile(&self, limits: &mut CompileLimits) {
        limits.memory = limits.memory.min(self.compile_memory.unwrap_or(limits.memory));
        limits.time = limits.time.min(self.compile_time.unwrap_or(limits.time));
    }

    /// Lowers `limits` to these, never raises them.
    pub fn lower(&self, limits: &mut Limits) {
        let lower = |own: Option<u64>, top: u64| own.map_or(top, |own| own.min(top));
        limits.memory = lower(self.memory, limits.memory);
        limits.cpu = match (self.cpu, limits.cpu) {
            (Some(own), Some(top)) => Some(own.min(top)),
            (own, top) => own.or(top),
        };
        limits.disk = lower(self.disk, limits.disk);
        limits.files = lower(self.files, limits.files);
        limits.output = lower(self.output, limits.output);
        limits.handles = self.handles.map_or(limits.handles, |own| own.min(limits.handles));
    }
}

/// The nearest project file in `folder` or above it.
#[must_use]
pub fn find_project(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|dir| dir.join(FILE_NAME)).find(|path| path.is_file())
}

/// Reads the file at `path`.
///
/// # Errors
/// A file that can't be read, with the usage error; one that is wrong, with its diagnostics.
pub fn read(path: &Path, owner: Owner) -> Result<Config, AppError> {
    let text = text(path, "the configuration file", "--config")?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    parse(&text, owner, folder).map_err(|diagnostic| report(path, text, *diagnostic))
}

/// Reads an image map that the user names: a list of entries as `imageMap` holds them.
///
/// # Errors
/// As [`read`].
pub fn read_image_map(path: &Path) -> Result<Vec<ImageRule>, AppError> {
    let text = text(path, "the image map", "--image-map")?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    image_rules(&text, folder).map_err(|diagnostic| report(path, text, *diagnostic))
}

fn image_rules(text: &str, folder: &Path) -> Result<Vec<ImageRule>, Box<Diagnostic>> {
    let wrong = |message: String, span| {
        let diagnostic = Diagnostic::error("bad-value", "imageMap", message);
        let mut diagnostic = diagnostic.with_help("write entries such as: - {match: node, module: ./node.wasm}");
        diagnostic.span = span;
        Box::new(diagnostic)
    };
    let rules: Json = serde_yaml::from_str(text).map_err(|error| Box::new(unreadable(text, &error)))?;
    let Json::Array(rules) = rules else {
        return Err(wrong("an image map is a list of entries".to_owned(), None));
    };
    let entries: Vec<(&str, u32)> = text.lines().zip(1..).filter(|(line, _)| line.starts_with("- ")).collect();
    let read = |(at, rule): (usize, &Json)| {
        image_rule(rule, Owner::User, folder).map_err(|message| {
            // Where each entry begins a line, that line is shown.
            let line = entries.get(at).filter(|_| entries.len() == rules.len());
            let span = line.map(|&(line, number)| {
                let end_column = u32::try_from(line.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
                Span { source: 0, line: number, column: 1, end_line: number, end_column }
            });
            wrong(message, span)
        })
    };
    rules.iter().enumerate().map(read).collect()
}

/// The text of a file of ours; `flag` names it on the command line.
fn text(path: &Path, what: &str, flag: &str) -> Result<String, AppError> {
    let unreadable = |why: String| {
        AppError::usage(
            format!("cannot read {what} `{}`: {why}", path.display()),
            format!("check the path given with {flag}"),
        )
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_CONFIG_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MAX_CONFIG_BYTES {
        return Err(unreadable(format!("it is larger than {MAX_CONFIG_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))
}

fn report(path: &Path, text: String, diagnostic: Diagnostic) -> AppError {
    AppError::Diagnostics(Report {
        sources: vec![SourceText { name: path.display().to_string(), text }],
        diagnostics: vec![diagnostic],
        left_out: 0,
    })
}

/// Understands the text of a file that lies in `folder`.
fn parse(text: &str, owner: Owner, folder: &Path) -> Result<Config, Box<Diagnostic>> {
    let keys: Keys = if text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        Keys::default()
    } else {
        serde_yaml::from_str(text).map_err(|error| Box::new(unreadable(text, &error)))?
    };
    let wrong = |key: &str, message: String, help: &str| {
        let mut diagnostic = Diagnostic::error("bad-value", key, message).with_help(help);
        diagnostic.span = find_key(text, key);
        Box::new(diagnostic)
    };
    if owner == Owner::Project {
        let users_alone = [
            ("stateDir", keys.state_dir.is_some()),
            ("cacheDir", keys.cache_dir.is_some()),
            ("noCache", keys.no_cache.is_some()),
            ("color", keys.color.is_some()),
            ("logs", keys.logs.is_some()),
            ("quiet", keys.quiet.is_some()),
        ];
        if let Some((key, _)) = users_alone.iter().find(|(_, set)| *set) {
            let message = format!("a project's file cannot set `{key}`");
            return Err(wrong(
                key,
                message,
                "a project may set limits, parallel, output and imageMap; put the rest into your own file",
            ));
        }
    }
    if keys.parallel == Some(0) {
        return Err(wrong(
            "parallel",
            "`parallel` is at least 1".to_owned(),
            "leave it out for the number of processors",
        ));
    }
    let mut config = Config {
        output: word("output", keys.output.as_deref(), &wrong)?,
        color: word("color", keys.color.as_deref(), &wrong)?,
        logs: word("logs", keys.logs.as_deref(), &wrong)?,
        ..Config::default()
    };
    for (name, value) in &keys.limits {
        config.limits.set(name, value).map_err(|message| {
            wrong(name, message, "limits: {memory: 512Mi, cpu: 20s, disk: 4Gi, files: 200k, output: 64Mi, handles: 1024, compileMemory: 4Gi, compileTime: 600s}")
        })?;
    }
    match &keys.image_map {
        None | Some(Json::Null) => {}
        Some(Json::Bool(on)) => config.image_map = Some(*on),
        Some(Json::Array(rules)) => {
            for rule in rules {
                let rule = image_rule(rule, owner, folder).map_err(|message| {
                    wrong("imageMap", message, "imageMap: [{match: IMAGE, module: builtin:NAME or ./FILE.wasm}]")
                })?;
                config.image_rules.push(rule);
            }
        }
        Some(_) => {
            return Err(wrong(
                "imageMap",
                "`imageMap` is a list, or false".to_owned(),
                "imageMap: [{match: IMAGE, module: builtin:NAME or ./FILE.wasm}]",
            ));
        }
    }
    config.keys = keys;
    Ok(config)
}

/// The value of a flag by its name.
fn word<T: ValueEnum>(
    key: &str,
    text: Option<&str>,
    wrong: &dyn Fn(&str, String, &str) -> Box<Diagnostic>,
) -> Result<Option<T>, Box<Diagnostic>> {
    let Some(text) = text else { return Ok(None) };
    T::from_str(text, false).map(Some).map_err(|_| {
        let names: Vec<_> =
            T::value_variants().iter().filter_map(|v| Some(v.to_possible_value()?.get_name().to_owned())).collect();
        wrong(key, format!("`{key}` cannot be `{text}`"), &format!("it is one of {}", names.join(", ")))
    })
}

/// One entry of the image map. A module's path is relative to the file, and inside the
/// project where the project says it.
fn image_rule(rule: &Json, owner: Owner, folder: &Path) -> Result<ImageRule, String> {
    let Json::Object(fields) = rule else {
        return Err("an entry of `imageMap` is a mapping".to_owned());
    };
    for key in fields.keys() {
        match key.as_str() {
            "match" | "module" | "workingDir" | "env" | "entrypoint" | "command" => {}
            _ => return Err(format!("an image map entry has no `{key}`")),
        }
    }
    let text = |key: &str| {
        let value = fields.get(key).and_then(Json::as_str).filter(|t| !t.is_empty());
        value.ok_or_else(|| format!("an image map entry needs `{key}`"))
    };
    let (matches, module) = (text("match")?, text("module")?);
    let rule = image_defaults(fields, matches, module)?;
    if module.starts_with("builtin:") {
        return Ok(rule);
    }
    let path = folder.join(module.strip_prefix("file:").unwrap_or(module));
    let real = path.canonicalize().map_err(|error| format!("the module `{module}` cannot be used: {error}"))?;
    let inside = folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
    if owner == Owner::Project && !inside {
        return Err(format!("the module `{module}` lies outside the project"));
    }
    let module = real.to_str().ok_or_else(|| format!("the path of `{module}` is not UTF-8"))?.to_owned();
    Ok(ImageRule { module, ..rule })
}

/// What an entry says beside its module. The userland's images have what the default map gives such an image, where
/// the entry does not say otherwise.
fn image_defaults(fields: &Map<String, Json>, matches: &str, module: &str) -> Result<ImageRule, String> {
    let known = default_map();
    let known = known.iter().find(|rule| rule.matches == matches).or(known.first());
    let base = known.filter(|rule| rule.module == module).cloned().unwrap_or_default();
    let text = |key: &str, value: &Json| match value {
        Json::String(text) => Ok(text.clone()),
        _ => Err(format!("`{key}` of an image map entry holds texts")),
    };
    let words = |key: &str, base: Vec<String>| match fields.get(key) {
        None => Ok(base),
        Some(Json::Array(words)) => words.iter().map(|word| text(key, word)).collect(),
        Some(_) => Err(format!("`{key}` of an image map entry is a list of texts")),
    };
    let env = match fields.get("env") {
        None => base.env,
        Some(Json::Object(env)) => {
            env.iter().map(|(name, value)| Ok((name.clone(), text("env", value)?))).collect::<Result<_, String>>()?
        }
        Some(_) => return Err("`env` of an image map entry is a mapping of names to texts".to_owned()),
    };
    Ok(ImageRule {
        matches: matches.to_owned(),
        module: module.to_owned(),
        working_dir: fields.get("workingDir").map_or(Ok(base.working_dir), |dir| text("workingDir", dir))?,
        env,
        entrypoint: words("entrypoint", base.entrypoint)?,
        command: words("command", base.command)?,
    })
}

/// What the YAML reader says, at its place, with the nearest key.
fn unreadable(text: &str, error: &serde_yaml::Error) -> Diagnostic {
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or(&full).trim_start_matches(": ").to_owned();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let key = quoted.next().unwrap_or("").to_owned();
    let unknown = message.contains("unknown field");
    let mut diagnostic = Diagnostic::error(if unknown { "unknown-key" } else { "bad-value" }, "", message.clone());
    if unknown {
        let known: Vec<&str> = quoted.collect();
        let nearest = known.iter().map(|k| (strsim::damerau_levenshtein(k, &key), *k)).min();
        diagnostic.message = format!("there is no key `{key}`");
        diagnostic.help = match nearest {
            Some((distance, near)) if distance <= 2 => format!("did you mean `{near}`?"),
            Some(_) | None => format!("the keys are {}", known.join(", ")),
        };
    }
    let place = error.location().and_then(|l| Some((u32::try_from(l.line()).ok()?, u32::try_from(l.column()).ok()?)));
    diagnostic.span = (if unknown { find_key(text, &key) } else { None }).or(place.map(|(line, column)| Span {
        source: 0,
        line,
        column,
        end_line: line,
        end_column: column + 1,
    }));
    diagnostic
}

/// Where a key stands, for pointing at it: the first line that begins with it.
fn find_key(text: &str, key: &str) -> Option<Span> {
    text.lines().zip(1..).find_map(|(line, number)| {
        let start = line.match_indices(key).map(|(at, _)| at).find(|at| {
            let before = line[..*at].chars().next_back();
            let after = line[at + key.len()..].trim_start();
            before.is_none_or(|c| matches!(c, ' ' | '{' | ',' | '"' | '\''))
                && after.trim_start_matches(['"', '\'']).starts_with(':')
        })?;
        let column = u32::try_from(line[..start].chars().count()).ok()? + 1;
        let end_column = column + u32::try_from(key.chars().count()).ok()?;
        Some(Span { source: 0, line: number, column, end_line: number, end_column })
    })
}

#[cfg(test)]
mod tests;
