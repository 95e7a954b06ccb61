//! Steps and sidecars: which fields go together, and the texts in which variables may stand.
//!
//! Knows Tekton's rules for one container. Does not know the task's params or results.

use super::names::{is_label, name_help};
use super::report::{Finding, Place, Report};
use super::variables::{self, Names};
use super::{reference, results, when};
use crate::model::decode::nearest;
use crate::model::objects::{Sidecar, Step, StepTemplate, TaskSpec, VolumeMount};
use std::collections::{BTreeMap, BTreeSet};

/// A sidecar name that Tekton keeps for itself.
const RESERVED_SIDECAR: &str = "tekton-log-results";

/// Where a text stands in a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum FieldPlace<'a> {
    Key(&'static str),
    Item(&'static str, usize),
    Env(usize, &'a str),
    Mount(usize, &'static str),
}

/// A text of a step, or of the template that is merged into it, that holds a reference.
pub(super) struct Field<'a> {
    pub text: &'a str,
    pub place: FieldPlace<'a>,
    step: usize,
    /// It stands in `stepTemplate`.
    template: bool,
}

impl Field<'_> {
    /// Whether a whole array may stand here.
    pub(super) fn takes_arrays(&self) -> bool {
        matches!(self.place, FieldPlace::Item(..))
    }

    /// Tekton's path, below the task's own.
    pub(super) fn path(&self, task: &str) -> String {
        let step = format!("{task}.steps[{}]", self.step);
        match self.place {
            FieldPlace::Key(key) => format!("{step}.{key}"),
            FieldPlace::Item(key, index) => format!("{step}.{key}[{index}]"),
            FieldPlace::Env(_, name) => format!("{step}.env[{name}]"),
            FieldPlace::Mount(index, key) => format!("{step}.volumeMount[{index}].{key}"),
        }
    }

    /// Calls `act` with the field's place in the task at `task`.
    pub(super) fn at<T>(&self, task: &Place<'_>, act: impl FnOnce(&Place<'_>) -> T) -> T {
        let steps = task.key("steps");
        let own = if self.template { task.key("stepTemplate") } else { steps.item(self.step) };
        match self.place {
            FieldPlace::Key(key) => act(&own.key(key)),
            FieldPlace::Item(key, index) => act(&own.key(key).item(index)),
            FieldPlace::Env(index, name) => act(&own.key("env").named(index, name).key("value")),
            FieldPlace::Mount(index, key) => act(&own.key("volumeMounts").item(index).key(key)),
        }
    }
}

/// The texts with references of all steps, where Tekton looks for them, template included.
pub(super) fn fields(task: &TaskSpec) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    for (index, step) in task.steps.iter().enumerate() {
        let mut push = |text, place| push(&mut found, text, place, index, false);
        push(&step.name, FieldPlace::Key("name"));
        push(&step.image, FieldPlace::Key("image"));
        push(&step.working_dir, FieldPlace::Key("workingDir"));
        push(&step.script, FieldPlace::Key("script"));
        push(&step.on_error, FieldPlace::Key("onError"));
        step.command.iter().enumerate().for_each(|(i, t)| push(t, FieldPlace::Item("command", i)));
        step.args.iter().enumerate().for_each(|(i, t)| push(t, FieldPlace::Item("args", i)));
        step.env.iter().enumerate().for_each(|(i, e)| push(&e.value, FieldPlace::Env(i, &e.name)));
        mounts(&step.volume_mounts, &mut push);
    }
    if let Some(template) = &task.step_template {
        template_fields(task, template, &mut found);
    }
    found
}

fn push<'a>(found: &mut Vec<Field<'a>>, text: &'a str, place: FieldPlace<'a>, step: usize, template: bool) {
    if text.contains('$') && text.contains("$(") {
        found.push(Field { text, place, step, template });
    }
}

fn mounts<'a>(list: &'a [VolumeMount], push: &mut impl FnMut(&'a str, FieldPlace<'a>)) {
    for (index, mount) in list.iter().enumerate() {
        push(&mount.name, FieldPlace::Mount(index, "name"));
        push(&mount.mount_path, FieldPlace::Mount(index, "mountPath"));
        push(&mount.sub_path, FieldPlace::Mount(index, "subPath"));
    }
}

/// The template's texts, said once, as those of the first step that they are merged into.
fn template_fields<'a>(task: &'a TaskSpec, template: &'a StepTemplate, found: &mut Vec<Field<'a>>) {
    let first = |lacks: &dyn Fn(&Step) -> bool| task.steps.iter().position(|s| s.ref_.is_none() && lacks(s));
    if let Some(step) = first(&|s| s.image.is_empty()) {
        push(found, &template.image, FieldPlace::Key("image"), step, true);
    }
    if let Some(step) = first(&|s| s.working_dir.is_empty()) {
        push(found, &template.working_dir, FieldPlace::Key("workingDir"), step, true);
    }
    if let Some(step) = first(&|s| s.command.is_empty()) {
        let list = template.command.iter().enumerate();
        list.for_each(|(i, t)| push(found, t, FieldPlace::Item("command", i), step, true));
    }
    if let Some(step) = first(&|s| s.args.is_empty()) {
        let list = template.args.iter().enumerate();
        list.for_each(|(i, t)| push(found, t, FieldPlace::Item("args", i), step, true));
    }
    if let Some(step) = first(&|_| true) {
        let list = template.env.iter().enumerate();
        list.for_each(|(i, e)| push(found, &e.value, FieldPlace::Env(i, &e.name), step, true));
        mounts(&template.volume_mounts, &mut |text, place| push(found, text, place, step, true));
    }
}

/// The rules for a task's steps.
pub(super) fn list(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let steps = place.key("steps");
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, step) in task.steps.iter().enumerate() {
        if report.full() {
            return;
        }
        let own = steps.item(index);
        if !step.name.is_empty()
            && let Some(first) = seen.insert(&step.name, index)
        {
            let line = report.line(&steps.item(first));
            let finding = Finding::refuse(
                "duplicate-step",
                format!("two steps are called `{}`, the first at line {line}", step.name),
            )
            .help("rename one of them")
            .words("expected exactly one, got both");
            report.add(&own.key("name"), finding);
        }
        one(step, task.step_template.as_ref(), &own, report);
        step_results(step, &steps, index, report);
        when::list(&step.when, &own, report);
    }
}

fn one(step: &Step, template: Option<&StepTemplate>, own: &Place<'_>, report: &mut Report<'_>) {
    match &step.ref_ {
        Some(found) => {
            reference::check(&found.name, &found.resolver, &found.params, &own.key("ref"), &own.path(), report);
            not_with_ref(step, own, report);
        }
        None => without_ref(step, template, own, report),
    }
    if !step.name.is_empty() && !is_label(&step.name) {
        let finding = Finding::refuse("bad-name", format!("`{}` cannot be the name of a step", step.name))
            .help(name_help(&step.name))
            .words(format!("invalid value \"{}\"", step.name))
            .details("Task step name must be a valid DNS Label, For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names");
        report.add(&own.key("name"), finding);
    }
    if let Some(timeout) = step.timeout.filter(|t| t.0 < 0) {
        let finding = Finding::refuse("negative-timeout", format!("the timeout {timeout} is negative"))
            .help("write a positive duration such as 90s, or leave it out for none")
            .invalid(timeout)
            .paths([format!("{}.negative timeout", own.path())]);
        report.add(&own.key("timeout"), finding);
    }
    mount_places(&step.volume_mounts, own, report);
    if let Some(template) = template {
        template_mounts(template, own, report);
    }
    let on_error = step.on_error.as_str();
    if !matches!(on_error, "" | "continue" | "stopAndFail") && !on_error.starts_with("$(params") {
        let finding = Finding::refuse("bad-on-error", format!("`{on_error}` is not a value of onError"))
            .help(one_of(on_error, &["continue", "stopAndFail"]))
            .words(format!("invalid value: \"{on_error}\""))
            .details("Task step onError must be either \"continue\" or \"stopAndFail\"");
        report.add(&own.key("onError"), finding);
    }
    forbidden_references(step, own, report);
}

/// What to write where `word` is not one of `known`.
pub(super) fn one_of(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write {}", known.join(" or ")),
    }
}

fn not_with_ref(step: &Step, own: &Place<'_>, report: &mut Report<'_>) {
    let fields = [
        ("image", "image", !step.image.is_empty()),
        ("command", "command", !step.command.is_empty()),
        ("args", "args", !step.args.is_empty()),
        ("script", "script", !step.script.is_empty()),
        ("workingDir", "working dir", !step.working_dir.is_empty()),
        ("env", "env", !step.env.is_empty()),
        ("volumeMounts", "volumeMounts", !step.volume_mounts.is_empty()),
        ("results", "results", !step.results.is_empty()),
    ];
    for (field, word, _) in fields.into_iter().filter(|(.., set)| *set) {
        let finding =
            Finding::refuse("field-with-ref", format!("a step with `ref` takes its `{field}` from the StepAction"))
                .help(format!("remove `{field}` here, or remove `ref`"))
                .words(format!("{word} cannot be used with Ref"));
        report.add(&own.key(field), finding);
    }
}

fn without_ref(step: &Step, template: Option<&StepTemplate>, own: &Place<'_>, report: &mut Report<'_>) {
    if !step.params.is_empty() {
        let finding = Finding::refuse("params-without-ref", "only a step with `ref` has params of its own")
            .help("use the task's params, or refer to a StepAction with `ref`")
            .words("params cannot be used without Ref");
        report.add(&own.key("params"), finding);
    }
    if step.image.is_empty() && template.is_none_or(|t| t.image.is_empty()) {
        let finding = Finding::refuse("missing-image", "the step says no image")
            .help("add `image`, here or in `stepTemplate`")
            .words("missing field(s)")
            .paths([format!("{}.Image", own.path())]);
        report.add(&own.key("image"), finding);
    }
    let command = !step.command.is_empty() || template.is_some_and(|t| !t.command.is_empty());
    if !step.script.is_empty() && command {
        let whose = if step.command.is_empty() { "the template's `command`" } else { "`command`" };
        let finding = Finding::refuse(
            "script-with-command",
            format!("a step has a `script` or a `command`, and this one has {whose} too"),
        )
        .help("remove one of the two; `args` go with both")
        .words("script cannot be used with command");
        report.add(&own.key("script"), finding);
    }
}

fn mount_places(list: &[VolumeMount], own: &Place<'_>, report: &mut Report<'_>) {
    let mounts = own.key("volumeMounts");
    for (index, mount) in list.iter().enumerate() {
        mount_place(mount, &mounts.item(index), &format!("{}.volumeMounts[{index}]", own.path()), report);
    }
}

fn template_mounts(template: &StepTemplate, own: &Place<'_>, report: &mut Report<'_>) {
    for (index, mount) in template.volume_mounts.iter().enumerate() {
        mount_place(mount, own, &format!("{}.volumeMounts[{index}]", own.path()), report);
    }
}

fn mount_place(mount: &VolumeMount, place: &Place<'_>, tekton: &str, report: &mut Report<'_>) {
    let path = clean(&mount.mount_path);
    if path.starts_with("/tekton/") && !path.starts_with("/tekton/home") {
        let finding = Finding::refuse(
            "mount-under-tekton",
            format!("`{}` is below /tekton, which belongs to Tekton", mount.mount_path),
        )
        .help("mount it elsewhere; only /tekton/home is free")
        .words(format!(
            "volumeMount cannot be mounted under /tekton/ (volumeMount \"{}\" mounted at \"{}\")",
            mount.name, mount.mount_path
        ))
        .paths([format!("{tekton}.mountPath")]);
        report.add(&place.key("mountPath"), finding);
    }
    if mount.name.starts_with("tekton-internal-") {
        let finding = Finding::refuse("reserved-name", format!("`{}` begins like Tekton's own volumes", mount.name))
            .help("choose a name that does not begin with tekton-internal-")
            .words(format!("volumeMount name \"{}\" cannot start with \"tekton-internal-\"", mount.name))
            .paths([format!("{tekton}.name")]);
        report.add(&place.key("name"), finding);
    }
}

/// A path as Go's `filepath.Clean` writes it.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Results and artifacts of other steps are known only where Tekton puts them in late.
fn forbidden_references(step: &Step, own: &Place<'_>, report: &mut Report<'_>) {
    let mut texts: Vec<(&str, &str)> = vec![
        (&step.name, "name"),
        (&step.image, "image"),
        (&step.script, "script"),
        (&step.image_pull_policy, "imagePullPolicy"),
        (&step.working_dir, "workingDir"),
    ];
    for source in &step.env_from {
        texts.push((&source.prefix, "envFrom.prefix"));
        texts.extend(source.config_map_ref.iter().map(|r| (r.name.as_str(), "envFrom.configMapRef")));
        texts.extend(source.secret_ref.iter().map(|r| (r.name.as_str(), "envFrom.secretRef")));
    }
    for mount in &step.volume_mounts {
        texts.push((&mount.name, "volumeMounts.name"));
        texts.push((&mount.mount_path, "volumeMounts.mountPath"));
        texts.push((&mount.sub_path, "volumeMounts.subPath"));
    }
    for device in &step.volume_devices {
        texts.push((&device.name, "volumeDevices.name"));
        texts.push((&device.device_path, "volumeDevices.devicePath"));
    }
    for (text, field) in texts.into_iter().filter(|(text, _)| text.contains("$(step")) {
        let key = field.split('.').next().unwrap_or(field);
        let path = format!("{}.{field}", own.path());
        if mentions(text, "results") {
            let finding = Finding::refuse("step-result-here", format!("`{key}` cannot use the result of another step"))
                .help("use it in env, command or args")
                .words("stepResult substitutions are only allowed in env, command and args. Found usage in")
                .paths([path.clone()]);
            report.add(&own.key(key), finding);
        }
        let artifacts =
            mentions(text, "inputs") || mentions(text, "outputs") || text.contains("$(step.artifacts.path)");
        if artifacts && field != "script" {
            let finding = Finding::refuse("step-artifact-here", format!("`{key}` cannot use the artifact of a step"))
                .help("use it in env, command, args or script")
                .words("stepArtifact substitutions are only allowed in env, command, args and script. Found usage in")
                .paths([path]);
            report.add(&own.key(key), finding);
        }
    }
}

/// Whether a text holds `$(steps.NAME.what.…)`.
fn mentions(text: &str, what: &str) -> bool {
    let middle = format!(".{what}.");
    text.match_indices("$(steps.").any(|(at, open)| {
        let rest = text.get(at + open.len()..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        line.find(&middle).is_some_and(|m| line.get(m..).is_some_and(|t| t.contains(')')))
    })
}

fn step_results(step: &Step, steps: &Place<'_>, index: usize, report: &mut Report<'_>) {
    let known: BTreeSet<&str> = step.results.iter().map(|r| r.name.as_str()).collect();
    let own = steps.item(index);
    let names = Names { prefix: "step.results", known: &known, help: "declare it under the step's `results`" };
    if let Some(finding) = variables::unknown(&step.script, &names) {
        // Tekton checks only steps that declare results; the others fail at the missing path.
        let finding = if step.results.is_empty() { finding.into_warning("undeclared-step-result") } else { finding };
        report.add(&own.key("script"), finding);
    }
    let list = own.key("results");
    for (at, result) in step.results.iter().enumerate() {
        let tekton = format!("{}.results[{index}][{at}]", steps.path());
        results::step_result(result, &list.item(at), &tekton, report);
    }
}

/// The rules for sidecars.
pub(super) fn sidecars(task: &TaskSpec, place: &Place<'_>, report: &mut Report<'_>) {
    let list = place.key("sidecars");
    for (index, sidecar) in task.sidecars.iter().enumerate() {
        one_sidecar(sidecar, &list.item(index), &list.path(), report);
    }
}

fn one_sidecar(sidecar: &Sidecar, own: &Place<'_>, tekton: &str, report: &mut Report<'_>) {
    if sidecar.name == RESERVED_SIDECAR {
        let finding =
            Finding::refuse("reserved-name", format!("`{RESERVED_SIDECAR}` is the name of a sidecar of Tekton's own"))
                .help("choose another name")
                .words(format!("Invalid: cannot use reserved sidecar name {RESERVED_SIDECAR} "))
                .paths([format!("{tekton}.name")]);
        report.add(&own.key("name"), finding);
    }
    if sidecar.image.is_empty() {
        let finding = Finding::refuse("missing-image", "the sidecar says no image")
            .help("add `image`")
            .words("missing field(s)")
            .paths([format!("{tekton}.image")]);
        report.add(&own.key("image"), finding);
    }
    if !sidecar.script.is_empty() && !sidecar.command.is_empty() {
        let finding = Finding::refuse("script-with-command", "a sidecar has a `script` or a `command`, not both")
            .help("remove one of the two; `args` go with both")
            .words("script cannot be used with command")
            .paths([format!("{tekton}.script")]);
        report.add(&own.key("script"), finding);
    }
}
