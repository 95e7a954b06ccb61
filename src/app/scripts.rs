//! What the userland's shell says of the scripts of runs, before any of them starts: what it cannot read, and commands
//! that nobody has, with their lines in the files.
//!
//! Knows which steps the userland runs and how findings are said. Does not know a shell's language, or how it reads.

use super::App;
use super::commands::{Part, What, of_command, of_script};
use super::error::SourceText;
use super::images::{Images, RunsAs};
use super::run::Resolver;
use crate::exec::module::host::Prepared;
use crate::exec::module::scripts::{ScriptFinding, ScriptFindingKind, ScriptReading, ScriptText};
use crate::exec::module::{ModuleHost, ModuleResolver};
use crate::model::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::tree::Span;
use crate::spec::{EXPANDED, Programs, ScriptUse, VARIABLE};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The userland.
const USERLAND: &str = "builtin:sh";

/// How bad findings are: in a script that is no script, of commands that nobody has, and of scripts for programs that
/// nobody has.
#[derive(Clone, Copy)]
pub(super) struct Severities {
    pub syntax: Severity,
    pub command: Severity,
    pub interpreter: Severity,
}

/// Most readings of one script besides its first.
const MOST_OTHERS: usize = 8;

/// The uses of one script, and what else values of params may make of it.
#[derive(Default)]
struct Group {
    uses: Vec<(What, ScriptUse)>,
    others: Vec<String>,
}

impl App {
    /// Has the scripts and commands read that the userland would run, each once, and says what was found.
    pub(super) fn read_scripts(
        &self,
        programs: Programs,
        images: &Images,
        sources: &[SourceText],
        severities: Severities,
    ) -> Diagnostics {
        let mut found = Diagnostics::default();
        let mut groups: BTreeMap<ScriptText, Group> = BTreeMap::new();
        let mut userland = Userland { images, known: BTreeMap::new() };
        let scripts = programs.scripts.into_iter().filter(|own| userland.is(&own.image, own.source));
        let mut parts: Vec<Part> = scripts.filter_map(of_script).collect();
        let commands = programs.commands.into_iter().filter(|own| userland.is(&own.image, own.source));
        parts.extend(commands.filter_map(|own| {
            let image = images.defaults(&own.image);
            of_command(own, image.as_ref())
        }));
        for Part { what, shell, mut script } in parts {
            let mut readings = std::mem::take(&mut script.readings).into_iter();
            let Some(text) = readings.next() else { continue };
            let commands = std::mem::take(&mut script.commands);
            let group = groups.entry(ScriptText { shell, commands, text }).or_default();
            let room = MOST_OTHERS.saturating_sub(group.others.len());
            let new: Vec<String> = readings.filter(|text| !group.others.contains(text)).take(room).collect();
            group.others.extend(new);
            group.uses.push((what, script));
        }
        if groups.is_empty() {
            return found;
        }
        let reader = match self.reader(images) {
            Ok(reader) => reader,
            Err(why) => {
                let message = format!("the scripts were not checked: {why}");
                let help = "a step's script is read again when it runs";
                found.push(Diagnostic::warning("script-unread", "", message).with_help(help));
                return found;
            }
        };
        let (texts, groups): (Vec<ScriptText>, Vec<Group>) = groups.into_iter().unzip();
        let mut say = Sayer { severities, sources, lines: BTreeMap::new(), said: BTreeSet::new(), out: found };
        for (reading, group) in reader.read(texts, &groups).iter().zip(&groups) {
            group.uses.iter().for_each(|(what, script)| say.reading(reading, *what, script));
        }
        say.out
    }

    /// The userland, ready to read.
    fn reader(&self, images: &Images) -> Result<Reader, String> {
        let host = self.host().map_err(|error| error.to_string())?;
        let source = Resolver(images.clone()).resolve(0, USERLAND)?;
        let module = host.prepare(&source).map_err(|outcome| outcome.to_string())?;
        Ok(Reader { host, module, at_once: self.options.parallel })
    }
}

/// Which images stand for the userland.
struct Userland<'a> {
    images: &'a Images,
    known: BTreeMap<(String, u32), bool>,
}

impl Userland<'_> {
    /// Whether an image does. One that is not known yet may be anything.
    fn is(&mut self, image: &str, source: u32) -> bool {
        if image.is_empty() || image.contains("$(") {
            return false;
        }
        let images = self.images;
        *self.known.entry((image.to_owned(), source)).or_insert_with(|| match images.resolve(image, source) {
            RunsAs::Builtin(name) => USERLAND.strip_prefix("builtin:") == Some(name.as_str()),
            RunsAs::Mapped(module) => module == USERLAND,
            RunsAs::File(_) | RunsAs::Refused { .. } => false,
        })
    }
}

struct Reader {
    host: Arc<ModuleHost>,
    module: Arc<Prepared>,
    at_once: usize,
}

impl Reader {
    /// What is found in each script. Where the first reading is no script, another one that is shows that values of
    /// params can make it one.
    fn read(&self, texts: Vec<ScriptText>, groups: &[Group]) -> Vec<ScriptReading> {
        let mut found = self.read_all(texts.clone());
        let mut places = Vec::new();
        let mut others = Vec::new();
        for (index, (script, group)) in texts.iter().zip(groups).enumerate() {
            if found.get(index).is_some_and(has_syntax_error) {
                places.extend(group.others.iter().enumerate().map(|(other, _)| (index, other)));
                others.extend(group.others.iter().map(|text| ScriptText { text: text.clone(), ..script.clone() }));
            }
        }
        for ((index, other), reading) in places.into_iter().zip(self.read_all(others)) {
            let Some(place) = found.get_mut(index).filter(|first| has_syntax_error(first)) else { continue };
            *place = match reading {
                reading if has_syntax_error(&reading) => continue,
                // With a word for each variable, all else is as it was written.
                ScriptReading::Read(mut list) if other == 0 => {
                    list.retain(|found| !found.name.contains(VARIABLE));
                    ScriptReading::Read(list)
                }
                ScriptReading::Read(_) | ScriptReading::Unread(_) => ScriptReading::Read(Vec::new()),
            };
        }
        found
    }

    fn read_all(&self, scripts: Vec<ScriptText>) -> Vec<ScriptReading> {
        if scripts.is_empty() {
            return Vec::new();
        }
        self.host.read_scripts(&self.module, scripts, self.at_once)
    }
}

fn has_syntax_error(reading: &ScriptReading) -> bool {
    match reading {
        ScriptReading::Read(found) => found.iter().any(|found| found.kind == ScriptFindingKind::Syntax),
        ScriptReading::Unread(_) => false,
    }
}

/// Makes diagnostics of findings, each said once however often a task is used.
struct Sayer<'a> {
    severities: Severities,
    sources: &'a [SourceText],
    /// The lines of the files that were asked for.
    lines: BTreeMap<u32, Vec<&'a str>>,
    said: BTreeSet<(Span, String)>,
    out: Diagnostics,
}

impl<'a> Sayer<'a> {
    fn reading(&mut self, reading: &ScriptReading, what: What, script: &ScriptUse) {
        match reading {
            ScriptReading::Read(found) => found.iter().for_each(|found| self.finding(found, what, script)),
            ScriptReading::Unread(why) => {
                let message = format!("this script was not checked: {why}");
                let help = "it is read again when the step runs".to_owned();
                let found = Diagnostic::warning("script-unread", script.path.clone(), message).with_help(help);
                self.push(found.at(script.span));
            }
        }
    }

    fn finding(&mut self, found: &ScriptFinding, what: What, script: &ScriptUse) {
        let place = script.place(found.line, &found.name, self.lines(script.span.source));
        let line = match place {
            None if script.text.trim_end().contains('\n') => format!(" (line {} of the script)", found.line),
            _ => String::new(),
        };
        let (severity, code, message, help) = match (found.kind, what) {
            // A name that a shell reads as something else is not looked for.
            (ScriptFindingKind::Syntax, What::Interpreter | What::Program) => return,
            (ScriptFindingKind::Syntax, What::Script) => (
                self.severities.syntax,
                "script-syntax",
                // The shell's words may quote what stands for a variable here.
                format!("the shell cannot read this script: {}{line}", found.message.replace(EXPANDED, "$(…)")),
                "the step would run the commands before it, and fail there",
            ),
            (ScriptFindingKind::Command, What::Interpreter) => (
                self.severities.interpreter,
                "unsupported-interpreter",
                format!("the script is for `{}`, which the userland does not have", found.name),
                "run this step in a container, write it for a shell, or name a module for it in `sandbox.commands`",
            ),
            (ScriptFindingKind::Command, What::Script | What::Program) => (
                self.severities.command,
                "unknown-command",
                format!("{}{line}", found.message),
                "run this step in a container, or name a module for it in `sandbox.commands`",
            ),
        };
        let mut diagnostic = Diagnostic::warning(code, script.path.clone(), message).with_help(help);
        diagnostic.severity = severity;
        self.push(diagnostic.at(place.unwrap_or(script.span)));
    }

    fn lines(&mut self, source: u32) -> &[&'a str] {
        let sources = self.sources;
        self.lines.entry(source).or_insert_with(|| {
            let source = usize::try_from(source).ok().and_then(|index| sources.get(index));
            source.map(|source| source.text.split('\n').collect()).unwrap_or_default()
        })
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        let place = diagnostic.span.unwrap_or_default();
        if self.said.insert((place, diagnostic.message.clone())) {
            self.out.push(diagnostic);
        }
    }
}
