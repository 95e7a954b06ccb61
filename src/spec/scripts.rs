//! The scripts and commands of steps and sidecars: their texts as a shell may read them, and where each of their lines
//! stands.
//!
//! Knows where scripts are written, what may be called in them, and Tekton's variables in them. Does not know any shell,
//! or which images have one.

use super::plan::resolve::{Found, Site, Target};
use super::refs::{Known, substitute};
use super::walk::{self, Visit};
use super::{ObjectSet, RunObject, RunSpec, plan, sandbox};
use crate::model::objects::{PipelineSpec, SandboxSpec, TaskSpec};
use crate::model::substitute::replaced;
use crate::model::tree::Span;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A word in the place of a variable of Tekton's.
pub const VARIABLE: &str = "TEKTON_VARIABLE";
/// What stands for a variable whose value is not known: the shell expands it to something, as Tekton puts something there.
pub const EXPANDED: &str = "${TEKTON_VARIABLE}";
/// What can stand where a condition has its operator.
const OPERATOR: &str = "=";

/// The longest text that values of params make of a script, in bytes.
const LONGEST: usize = 16 << 20;

/// How Tekton's variables begin.
const ROOTS: [&str; 12] = [
    "params",
    "inputs",
    "outputs",
    "context",
    "workspaces",
    "tasks",
    "finally",
    "steps",
    "step",
    "results",
    "credentials",
    "artifacts",
];

/// A script and who runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptUse {
    /// With the params that are known in it; another variable may be left.
    pub image: String,
    /// Index of the input file that says the image.
    pub source: u32,
    /// As it was written.
    pub text: String,
    /// What it may be once Tekton has put values in the place of its variables, each with as many lines as it was
    /// written with but for the last. One that a shell can read shows that the script may be right. The first is
    /// the likeliest.
    pub readings: Vec<String>,
    /// The names of `sandbox.commands`.
    pub commands: Vec<String>,
    pub span: Span,
    /// Tekton's path of the field.
    pub path: String,
}

/// A step or sidecar that runs a program without a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandUse {
    /// As a script's.
    pub image: String,
    /// Index of the input file that says the image.
    pub source: u32,
    pub command: Vec<Word>,
    pub args: Vec<Word>,
    /// The names of `sandbox.commands`.
    pub commands: Vec<String>,
    /// Where the step or sidecar stands.
    pub span: Span,
}

/// A word of a command, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// What it may be once Tekton has put values in the place of its variables.
    pub readings: Vec<String>,
    pub span: Span,
    pub path: String,
}

/// What steps and sidecars run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Programs {
    pub scripts: Vec<ScriptUse>,
    pub commands: Vec<CommandUse>,
}

pub(super) fn scripts(set: &ObjectSet, runs: &[RunObject], all: bool) -> Programs {
    let mut found = Programs::default();
    // Most large files have none.
    if !has_program(set, runs) {
        return found;
    }
    runs.iter().for_each(|run| of_run(set, run, &mut found));
    if all {
        let scripts: BTreeSet<Span> = found.scripts.iter().map(|script| script.span).collect();
        let commands: BTreeSet<Span> = found.commands.iter().map(|command| command.span).collect();
        let mut others = Programs::default();
        let declared =
            set.tasks.keys().map(|key| ("task", key)).chain(set.pipelines.keys().map(|key| ("pipeline", key)));
        for (kind, (_, name)) in declared {
            // A run with nothing but the defaults.
            if let Ok(run) = set.run_for(Some(kind), name) {
                of_run(set, &run, &mut others);
            }
        }
        found.scripts.extend(others.scripts.into_iter().filter(|script| !scripts.contains(&script.span)));
        found.commands.extend(others.commands.into_iter().filter(|command| !commands.contains(&command.span)));
    }
    found
}

fn has_program(set: &ObjectSet, runs: &[RunObject]) -> bool {
    // A module of the user's own is no shell.
    fn is_shell(image: &str) -> bool {
        !image.is_empty() && !image.starts_with(['.', '/']) && !image.starts_with("file:")
    }
    fn in_task(task: &TaskSpec) -> bool {
        let template = task.step_template.as_ref().is_some_and(|template| is_shell(&template.image));
        let steps = task.steps.iter().any(|step| !step.script.is_empty() || is_shell(&step.image));
        template || steps || task.sidecars.iter().any(|car| !car.script.is_empty() || is_shell(&car.image))
    }
    fn in_pipeline(pipeline: &PipelineSpec) -> bool {
        pipeline.tasks.iter().chain(&pipeline.finally).any(|task| {
            task.task_spec.as_ref().is_some_and(|spec| in_task(&spec.task))
                || task.pipeline_spec.as_ref().is_some_and(|spec| in_pipeline(spec))
        })
    }
    !set.step_actions.is_empty()
        || set.tasks.values().any(|task| in_task(&task.spec))
        || set.pipelines.values().any(|pipeline| in_pipeline(&pipeline.spec))
        || runs.iter().any(|run| match &run.spec {
            RunSpec::Task(spec) => spec.task_spec.as_ref().is_some_and(|task| in_task(task)),
            RunSpec::Pipeline(spec) => spec.pipeline_spec.as_ref().is_some_and(|pipeline| in_pipeline(pipeline)),
        })
}

fn of_run(set: &ObjectSet, run: &RunObject, out: &mut Programs) {
    let annotated = match run.spec {
        RunSpec::Task(_) => sandbox::quietly(&run.metadata.annotations),
        RunSpec::Pipeline(_) => None,
    };
    let namespace = plan::namespace(run);
    walk::walk(set, run, &mut |visit| match visit {
        Visit::Task(visit) if visit.first => {
            let own = sandbox::quietly(visit.found.annotations);
            let merged = sandbox::merged(visit.found.spec, annotated.as_ref(), own.as_ref());
            let task = merged.as_ref().unwrap_or(visit.found.spec);
            of_task(set, namespace, task, &visit.found, &visit.known, out);
        }
        Visit::Task(_) | Visit::Pipeline(_) | Visit::Unsupported { .. } => {}
    });
}

fn of_task(
    set: &ObjectSet,
    namespace: &str,
    task: &TaskSpec,
    found: &Found<'_, TaskSpec>,
    known: &Known,
    out: &mut Programs,
) {
    let site = &found.site;
    let template = task.step_template.as_ref();
    let image = template.map_or("", |template| template.image.as_str());
    let above = site.key("stepTemplate");
    for (index, step) in task.steps.iter().enumerate() {
        let own = site.item("steps", index);
        let block = step.sandbox.as_ref();
        match &step.ref_ {
            Some(reference) => {
                if let Target::Found(action) = set.step_action_of(namespace, reference) {
                    let spec = action.spec;
                    let program = Program { script: &spec.script, image: &spec.image, block, known: &Known::new() };
                    add(&program, [(&spec.command, &action.site), (&spec.args, &action.site)], &action.site, out);
                }
            }
            None => {
                let image = if step.image.is_empty() { image } else { &step.image };
                let program = Program { script: &step.script, image, block, known };
                let command = match template {
                    Some(template) if step.command.is_empty() => (&template.command, &above),
                    _ => (&step.command, &own),
                };
                let args = match template {
                    Some(template) if step.args.is_empty() => (&template.args, &above),
                    _ => (&step.args, &own),
                };
                add(&program, [command, args], &own, out);
            }
        }
    }
    for (index, sidecar) in task.sidecars.iter().enumerate() {
        let own = site.item("sidecars", index);
        let block = sidecar.sandbox.as_ref();
        let program = Program { script: &sidecar.script, image: &sidecar.image, block, known };
        add(&program, [(&sidecar.command, &own), (&sidecar.args, &own)], &own, out);
    }
}

/// What a step, sidecar or StepAction runs.
struct Program<'a> {
    script: &'a str,
    image: &'a str,
    block: Option<&'a SandboxSpec>,
    known: &'a Known,
}

/// Adds a program; `words` are its command and its arguments, each with whoever says them.
fn add(program: &Program<'_>, words: [(&Vec<String>, &Site<'_>); 2], owner: &Site<'_>, out: &mut Programs) {
    let image = substitute(program.image, program.known);
    let commands = || program.block.map(|block| block.commands.keys().cloned().collect()).unwrap_or_default();
    let source = owner.source;
    if program.script.is_empty() {
        let word = |(at, text): (usize, &String), key: &str, owner: &Site<'_>| {
            let site = owner.item(key, at);
            Some(Word {
                text: text.clone(),
                readings: readings(text, program.known),
                span: site.node?.span,
                path: site.path,
            })
        };
        let list = |key: &str, (texts, owner): (&Vec<String>, &Site<'_>)| {
            texts.iter().enumerate().filter_map(|text| word(text, key, owner)).collect()
        };
        let Some(span) = owner.node.map(|node| node.span) else { return };
        let (command, args) = (list("command", words[0]), list("args", words[1]));
        out.commands.push(CommandUse { image, source, command, args, commands: commands(), span });
        return;
    }
    let site = owner.key("script");
    let Some(node) = site.node else { return };
    out.scripts.push(ScriptUse {
        image,
        source: site.source,
        text: program.script.to_owned(),
        readings: readings(program.script, program.known),
        commands: commands(),
        span: node.span,
        path: site.path,
    });
}

/// A script with something in the place of each variable; nothing of one that is too long.
fn readings(script: &str, known: &Known) -> Vec<String> {
    let with =
        |value: &dyn Fn(&str) -> &'static str| replaced(script, LONGEST, |name| is_variable(name).then(|| value(name)));
    let first = match with(&|_| EXPANDED) {
        Some(Cow::Owned(first)) => first,
        Some(Cow::Borrowed(same)) => return vec![same.to_owned()],
        None => return Vec::new(),
    };
    let mut readings = vec![first];
    readings.extend([VARIABLE, OPERATOR].iter().filter_map(|word| Some(with(&|_| word)?.into_owned())));
    let of_params = |name: &str| {
        let name = name.strip_prefix("inputs.").unwrap_or(name).strip_prefix("params")?;
        let name = name.strip_prefix('.').or_else(|| {
            let quoted = |quote| name.strip_prefix('[')?.strip_suffix(']')?.strip_prefix(quote)?.strip_suffix(quote);
            quoted('"').or_else(|| quoted('\''))
        });
        known.get(name?).map(String::as_str)
    };
    let with_values = replaced(script, LONGEST, |name| is_variable(name).then(|| of_params(name).unwrap_or(EXPANDED)));
    readings.extend(with_values.map(Cow::into_owned).filter(|text| readings.first() != Some(text)));
    readings
}

/// Whether the text between `$(` and `)` can be a variable of Tekton's.
fn is_variable(name: &str) -> bool {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (root, rest) = name.split_at(end);
    ROOTS.contains(&root) && !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || "`;|&<>".contains(c))
}

impl ScriptUse {
    /// The place of a line of the script in its file, of `word` in it where it has that; `None` where the file's lines are
    /// not the script's, as in quotes. `lines` are those of the file; a line past the end is the last that has text.
    #[must_use]
    pub fn place(&self, line: u32, word: &str, lines: &[&str]) -> Option<Span> {
        let first = lines.get(self.span.line.checked_sub(1)? as usize)?;
        let column = self.span.column.checked_sub(1)? as usize;
        let (start, _) = first.char_indices().nth(column)?;
        let scalar = first.get(start..)?;
        if !scalar.starts_with('|') {
            // Without a line break, a text that is written as it is stands on the scalar's own line.
            let quote = usize::from(scalar.starts_with(['"', '\'']));
            let one_line = !self.text.contains('\n') && scalar.get(quote..)?.starts_with(self.text.as_str());
            return one_line.then(|| self.marked(self.span.line, first, start + quote, &self.text, word))?;
        }
        let own: Vec<&str> = self.text.lines().take(line.max(1) as usize).collect();
        let last = own.iter().rposition(|text| !text.trim().is_empty()).unwrap_or(0);
        let index = if own.len() < line as usize { last } else { own.len().checked_sub(1)? };
        let text = own.get(index)?;
        let number = self.span.line + u32::try_from(index).ok()? + 1;
        let raw = lines.get(number as usize - 1)?.trim_end_matches('\r');
        let indent = raw.strip_suffix(text)?;
        let is_indent = indent.bytes().all(|byte| byte == b' ');
        is_indent.then(|| self.marked(number, raw, indent.len(), text, word))?
    }

    /// The place of `word`, or else of all there is, in a line of the script that stands at `start` of a file's line.
    fn marked(&self, number: u32, raw: &str, start: usize, text: &str, word: &str) -> Option<Span> {
        let blank = text.len() - text.trim_start().len();
        let (from, to) = whole_word(text, word).unwrap_or((blank, text.trim_end().len().max(blank)));
        let column = |at: usize| u32::try_from(raw.get(..start + at)?.chars().count() + 1).ok();
        Some(Span {
            source: self.span.source,
            line: number,
            column: column(from)?,
            end_line: number,
            end_column: column(to)?,
        })
    }
}

/// Where `word` stands in `text` as a word of its own.
fn whole_word(text: &str, word: &str) -> Option<(usize, usize)> {
    let is_part = |c: char| c.is_alphanumeric() || "._+-/".contains(c);
    let mut places = text.match_indices(word).filter(|_| !word.is_empty()).map(|(at, _)| (at, at + word.len()));
    places.find(|(start, end)| {
        let before = text.get(..*start).and_then(|text| text.chars().next_back());
        let after = text.get(*end..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (ObjectSet, Vec<ScriptUse>) {
        let source = crate::spec::Source { name: "f.yaml".into(), text: text.into() };
        let (set, diagnostics) = crate::spec::read(&[source]);
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        let found = set.scripts(&set.runs, true).scripts;
        (set, found)
    }

    #[test]
    fn scripts_are_found_wherever_they_stand() {
        let text = "apiVersion: tekton.dev/v1
kind: Task
metadata: {name: unused}
spec:
  params: [{name: i, default: bash}]
  stepTemplate: {image: alpine}
  steps:
  - script: echo template
  - {image: $(params.i), script: echo param}
  sidecars:
  - {name: s, image: busybox, script: echo sidecar}
---
apiVersion: tekton.dev/v1beta1
kind: StepAction
metadata: {name: act}
spec: {image: ubuntu, script: echo action}
---
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: r}
spec:
  taskSpec:
    sandbox: {commands: {tool: ./tool.wasm}}
    steps:
    - {ref: {name: act}}
    - {image: bash, command: [x]}
";
        let (_, found) = read(text);
        let short: Vec<_> =
            found.iter().map(|s| (s.image.as_str(), s.text.as_str(), s.commands.len(), s.span.line)).collect();
        assert_eq!(
            short,
            [
                ("ubuntu", "echo action", 1, 16),
                ("alpine", "echo template", 0, 8),
                ("bash", "echo param", 0, 9),
                ("busybox", "echo sidecar", 0, 11)
            ]
        );
        assert_eq!(found.first().map(|s| s.path.as_str()), Some("spec.script"));
    }

    #[test]
    fn variables_are_told_from_substitutions() {
        let known: Known = [("a.b".to_owned(), "x\ny".to_owned())].into();
        let all = readings("$(params[\"a.b\"]) $(params.l[*]) $(steps.x.results.y) $(results.r.path)\n$(date)", &known);
        let v = EXPANDED;
        assert_eq!(
            all,
            [
                format!("{v} {v} {v} {v}\n$(date)"),
                format!("{VARIABLE} {VARIABLE} {VARIABLE} {VARIABLE}\n$(date)"),
                "= = = =\n$(date)".to_owned(),
                format!("x\ny {v} {v} {v}\n$(date)"),
            ]
        );
        for plain in ["echo $(date) $(params) $(steps.sh; ls) $(params.x", "$(results.sh | wc)"] {
            assert_eq!(readings(plain, &known), [plain]);
        }
    }

    #[test]
    fn lines_are_found_in_blocks_only() {
        let text = "apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec:
  steps:
  - image: bash
    script: |
      # docker-compose docker/
      x | docker ps

      if true; then
  - image: bash
    script: >
      echo
      docker
  - image: bash
    script: \"echo\\ndocker\"
  - image: bash
    script: |4-
        docker
  - image: bash
    script: echo && docker  # docker
  - image: bash
    script: 'ä; docker'
";
        let (_, found) = read(text);
        let lines: Vec<&str> = text.split('\n').collect();
        let at = |index: usize, line, word| {
            let span = found.get(index).expect("is there").place(line, word, &lines);
            span.map(|s| (s.line, s.column, s.end_line, s.end_column))
        };
        assert_eq!(at(0, 1, "docker"), Some((8, 7, 8, 31)));
        assert_eq!(at(0, 2, "docker"), Some((9, 11, 9, 17)));
        assert_eq!(at(0, 2, ""), Some((9, 7, 9, 20)));
        assert_eq!(at(0, 9, ""), Some((11, 7, 11, 20)));
        assert_eq!(at(1, 1, "docker"), None);
        assert_eq!(at(2, 2, "docker"), None);
        assert_eq!(at(3, 1, "docker"), Some((20, 9, 20, 15)));
        assert_eq!(at(4, 1, "docker"), Some((22, 21, 22, 27)));
        assert_eq!(at(4, 1, ""), Some((22, 13, 22, 27)));
        assert_eq!(at(5, 1, "docker"), Some((24, 17, 24, 23)));
    }
}
