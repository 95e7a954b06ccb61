//! The `sandbox` block and the annotation that says the same: read, checked, and merged into
//! steps (the inner one wins).
//!
//! Knows the block's fields and values. Does not know what a sandbox does with them.

use super::yaml;
use crate::model::decode::{Decode, Decoder, Segment, nearest};
use crate::model::diagnostic::{Diagnostic, Diagnostics};
use crate::model::objects::{SandboxLimits, SandboxSpec, TaskSpec};
use crate::model::quantity;
use crate::model::tree::{Entry, Kind, Node, Span};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The annotation of a Task, TaskRun or embedded task that holds the block as YAML text.
pub(super) const ANNOTATION: &str = "stepwell.dev/sandbox";

/// What an annotation says: the block for all steps, and blocks for single ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Annotated {
    pub all: SandboxSpec,
    pub steps: BTreeMap<String, SandboxSpec>,
}

/// Reads the text of an annotation. `at` is where the text stands in its file.
pub(super) fn annotation(text: &str, at: Span, path: &str, diagnostics: &mut Diagnostics) -> Annotated {
    let mut found = Diagnostics::default();
    let parsed = yaml::parse_embedded(at.source, text);
    found.append(parsed.diagnostics);
    let mut annotated = Annotated::default();
    match parsed.documents.as_slice() {
        [] => {}
        [root] => annotated = decode(root, path, &mut found),
        _ => found.push(
            Diagnostic::error("bad-annotation", path, "the annotation holds more than one YAML document")
                .with_help("keep one"),
        ),
    }
    let shift = Shift::new(text, at);
    found.edit(|diagnostic| {
        diagnostic.span = Some(diagnostic.span.map_or(at, |span| shift.apply(span)));
        if diagnostic.path.is_empty() {
            path.clone_into(&mut diagnostic.path);
        }
        if let Some(tekton) = &diagnostic.tekton
            && !tekton.is_empty()
        {
            // Tekton does not look into this annotation.
            diagnostic.tekton = None;
        }
    });
    diagnostics.append(found);
    annotated
}

fn decode(root: &Node, path: &str, found: &mut Diagnostics) -> Annotated {
    let mut annotated = Annotated::default();
    let Kind::Mapping(entries) = &root.kind else {
        found.push(
            Diagnostic::error(
                "bad-annotation",
                path,
                format!("the annotation holds {}, not a mapping", root.kind_name()),
            )
            .with_help(format!("its fields are: {}, steps", SandboxSpec::FIELDS.join(", ")))
            .at(root.span),
        );
        return annotated;
    };
    let mut decoder = Decoder::default();
    let (steps, rest): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|e| e.key == "steps");
    let rest = Node { span: root.span, kind: Kind::Mapping(rest.into_iter().cloned().collect()) };
    annotated.all = SandboxSpec::decode(&rest, &mut decoder);
    check(&annotated.all, path, &|field| rest.locate(field), &mut decoder.diagnostics);
    for entry in steps {
        annotated.steps = decoder.within(Segment::Field("steps"), |d| Decode::decode(&entry.value, d));
        for (name, block) in &annotated.steps {
            let node = entry.value.get(name).unwrap_or(&entry.value);
            check(block, &format!("{path}.steps.{name}"), &|field| node.locate(field), &mut decoder.diagnostics);
        }
    }
    found.append(decoder.diagnostics);
    annotated
}

/// From places in the text of a scalar to places in its file.
struct Shift {
    at: Span,
    /// Lines and columns to add, when they are known.
    by: Option<(u32, u32)>,
}

impl Shift {
    fn new(text: &str, at: Span) -> Self {
        let lines = text.trim_end_matches('\n').split('\n').count();
        let last = text.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default().chars().count();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let by = if at.end_line == at.line {
            let width = at.end_column.saturating_sub(at.column);
            match (lines, width.checked_sub(number(last))) {
                (1, Some(0)) => Some((at.line - 1, at.column - 1)),
                (1, Some(2)) => Some((at.line - 1, at.column)),
                _ => None,
            }
        } else if at.end_line.saturating_sub(at.line) == number(lines) {
            // A block scalar: its text begins on the line after the `|`, indented.
            Some((at.line, at.end_column.saturating_sub(1).saturating_sub(number(last))))
        } else {
            None
        };
        Self { at, by }
    }

    fn apply(&self, span: Span) -> Span {
        match self.by {
            Some((lines, columns)) => Span {
                source: self.at.source,
                line: span.line.saturating_add(lines),
                column: span.column.saturating_add(columns),
                end_line: span.end_line.saturating_add(lines),
                end_column: span.end_column.saturating_add(columns),
            },
            None => self.at,
        }
    }
}

/// Says which values of a block are not ones that it takes.
pub(super) fn check(block: &SandboxSpec, path: &str, locate: &dyn Fn(&str) -> Span, diagnostics: &mut Diagnostics) {
    let words: [(&str, &str, &[&str]); 6] = [
        ("clock", &block.clock, &["real", "virtual"]),
        ("random", &block.random, &["auto", "seeded", "real"]),
        ("isolation", &block.isolation, &["shared", "process"]),
        ("cache", &block.cache, &["auto", "always", "never"]),
        ("times", &block.times, &["stable", "real"]),
        ("workspace", &block.workspace, &["overlay", "live"]),
    ];
    for (field, value, known) in words {
        if !value.is_empty() && !known.contains(&value) {
            let help = match nearest(value, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of: {}", known.join(", ")),
            };
            diagnostics.push(
                Diagnostic::error(
                    "bad-sandbox",
                    format!("{path}.{field}"),
                    format!("`{value}` is not a value of `{field}`"),
                )
                .with_help(help)
                .at(locate(field)),
            );
        }
    }
    check_limits(&block.limits, path, locate, diagnostics);
    for (index, grant) in block.network.iter().enumerate() {
        let field = format!("network[{index}]");
        let wrong = if grant.host.is_empty() {
            Some("a network grant needs a `host`")
        } else if grant.port.is_some_and(|p| !(1..=65535).contains(&p)) {
            Some("`port` is a number from 1 to 65535")
        } else if !grant.path_prefix.is_empty() && !grant.path_prefix.starts_with('/') {
            Some("`pathPrefix` begins with /")
        } else {
            None
        };
        if let Some(message) = wrong {
            diagnostics.push(
                Diagnostic::error("bad-sandbox", format!("{path}.{field}"), message)
                    .with_help("for example {host: api.example.com, port: 443, methods: [GET], pathPrefix: /v1/}")
                    .at(locate(&field)),
            );
        }
    }
    for (name, module) in &block.commands {
        if module.is_empty() || name.is_empty() || name.contains('/') {
            let field = format!("commands.{name}");
            diagnostics.push(
                Diagnostic::error(
                    "bad-sandbox",
                    format!("{path}.{field}"),
                    format!("`{name}` needs a plain name and a module"),
                )
                .with_help("for example {esbuild: ./esbuild.wasm}")
                .at(locate(&field)),
            );
        }
    }
}

fn check_limits(limits: &SandboxLimits, path: &str, locate: &dyn Fn(&str) -> Span, diagnostics: &mut Diagnostics) {
    let sizes = [
        ("memory", &limits.memory, "a size such as 256Mi"),
        ("disk", &limits.disk, "a size such as 1Gi"),
        ("output", &limits.output, "a size such as 16Mi"),
        ("files", &limits.files, "a number such as 100k"),
        ("handles", &limits.handles, "a number such as 256"),
    ];
    let mut wrong = |field: &str, value: &Json, wanted: &str| {
        let field = format!("limits.{field}");
        diagnostics.push(
            Diagnostic::error("bad-sandbox", format!("{path}.{field}"), format!("`{value}` is not {wanted}"))
                .with_help("limits are Kubernetes quantities; cpu is a duration")
                .at(locate(&field)),
        );
    };
    for (field, value, wanted) in sizes {
        if !value.is_null() && quantity::bytes(value).is_none_or(|n| n == 0) {
            wrong(field, value, wanted);
        }
    }
    if !limits.cpu.is_null() && quantity::cpu_nanoseconds(&limits.cpu).is_none_or(|n| n == 0) {
        wrong("cpu", &limits.cpu, "a duration such as 20s");
    }
}

/// The task with the annotations' blocks and its own outer ones merged into each step, or
/// `None` when there is nothing to merge. Order, the outermost first: the TaskRun's
/// annotation, the task's annotation, the task's `sandbox`, `stepTemplate.sandbox`, the
/// annotations' blocks for the step (TaskRun, task), the step's own `sandbox`.
pub(super) fn merged(task: &TaskSpec, run: Option<&Annotated>, own: Option<&Annotated>) -> Option<TaskSpec> {
    let template = task.step_template.as_ref().and_then(|t| t.sandbox.as_ref());
    if run.is_none() && own.is_none() && task.sandbox.is_none() && template.is_none() {
        return None;
    }
    let mut task = task.clone();
    let outer: Vec<SandboxSpec> = [run.map(|a| &a.all), own.map(|a| &a.all), task.sandbox.as_ref(), template]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    for step in &mut task.steps {
        let named = |annotated: Option<&Annotated>| annotated.and_then(|a| a.steps.get(&step.name)).cloned();
        let inner = [named(run), named(own), step.sandbox.clone()];
        let layers = outer.iter().cloned().chain(inner.into_iter().flatten());
        step.sandbox = layers.reduce(inner_wins);
    }
    for sidecar in &mut task.sidecars {
        sidecar.sandbox = outer.iter().cloned().chain(sidecar.sandbox.clone()).reduce(inner_wins);
    }
    Some(task)
}

/// `outer` with everything that `inner` says in its place.
fn inner_wins(outer: SandboxSpec, inner: SandboxSpec) -> SandboxSpec {
    let text = |o: String, i: String| if i.is_empty() { o } else { i };
    let json = |o: Json, i: Json| if i.is_null() { o } else { i };
    let mut commands = outer.commands;
    commands.extend(inner.commands);
    SandboxSpec {
        network: if inner.network.is_empty() { outer.network } else { inner.network },
        limits: SandboxLimits {
            memory: json(outer.limits.memory, inner.limits.memory),
            cpu: json(outer.limits.cpu, inner.limits.cpu),
            disk: json(outer.limits.disk, inner.limits.disk),
            files: json(outer.limits.files, inner.limits.files),
            output: json(outer.limits.output, inner.limits.output),
            handles: json(outer.limits.handles, inner.limits.handles),
        },
        clock: text(outer.clock, inner.clock),
        random: text(outer.random, inner.random),
        isolation: text(outer.isolation, inner.isolation),
        cache: text(outer.cache, inner.cache),
        times: text(outer.times, inner.times),
        workspace: text(outer.workspace, inner.workspace),
        commands,
    }
}

/// Reads an annotation that has been checked before; what is wrong with it was said then.
pub(super) fn quietly(annotations: &BTreeMap<String, String>) -> Option<Annotated> {
    let text = annotations.get(ANNOTATION)?;
    Some(annotation(text, Span::default(), "", &mut Diagnostics::default()))
}
