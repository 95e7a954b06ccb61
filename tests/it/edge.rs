//! Runs that go wrong, or nearly, and Tekton's own examples, against what the real Tekton made of
//! them: the engine in virtual time over a scripted executor. Knows neither wasm nor files of a run.

mod cancel;
pub(crate) mod compare;
mod expansion;
mod features;
mod random;
mod script;
mod timing;
mod world;

use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use stepwell::engine::view::RunView;
use stepwell::engine::{EngineOptions, Run};
use stepwell::model::diagnostic::Severity;
use stepwell::spec::{self, Source};
use world::{Answers, FromScript, World};

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn names(folder: &Path, ending: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|e| e.expect("a readable folder").file_name().to_string_lossy().into_owned())
        .filter_map(|n| n.strip_suffix(ending).map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// The run of a text that holds one.
fn run_of(yaml: &str) -> Run {
    run_with(yaml, EngineOptions::default())
}

/// The run of a text that holds one, under other options.
fn run_with(yaml: &str, options: EngineOptions) -> Run {
    let (set, diagnostics) = spec::read(&[Source { name: "test".to_owned(), text: yaml.as_bytes().to_vec() }]);
    let errors: Vec<_> = diagnostics.list().iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}\n{yaml}");
    let object = set.runs.first().expect("the text holds a run");
    Run::new(set.plan(object, "run", "uid").into(), options)
}

/// A PipelineRun named `run` with this pipelineSpec (flow style) and these other fields of its spec.
fn pipeline(spec: &str, more: &str) -> String {
    format!(
        "{{apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: {{name: run}}, spec: {{{more} pipelineSpec: {{{spec}}}}}}}"
    )
}

/// A pipeline task whose one step runs `script`.
fn task(name: &str, script: &str, more: &str) -> String {
    format!("{{name: {name}, {more} taskSpec: {{steps: [{{name: s, image: busybox, script: '{script}'}}]}}}}")
}

/// What a user reads of a view: a line for each object, and the tasks that were skipped.
fn summary(view: &RunView) -> Vec<String> {
    let mut lines = Vec::new();
    for object in &view.objects {
        let name = &object.metadata.name;
        let condition = object.status.conditions.first().expect("ended objects have a condition");
        lines.push(format!("{name}: {} {}", condition.status, condition.reason));
        for skipped in &object.status.skipped_tasks {
            lines.push(format!("{name}/{}: {}", skipped.name, skipped.reason));
        }
    }
    lines
}

/// The runs of a file, each driven to its end; the objects of all of them as JSON.
fn drive(path: &Path, answers: &mut dyn FnMut(usize) -> Box<dyn Answers>) -> Vec<Json> {
    let text = fs::read(path).expect("the case's file");
    let (set, diagnostics) = spec::read(&[Source { name: path.display().to_string(), text }]);
    let errors: Vec<_> = diagnostics.list().iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    let mut objects = Vec::new();
    for (at, object) in set.runs.iter().enumerate() {
        let name = match object.metadata.name.as_str() {
            "" => format!("{}x{at}zzz", object.metadata.generate_name),
            name => name.to_owned(),
        };
        let plan = set.plan(object, &name, &format!("uid-{at}"));
        let run = Run::new(plan.into(), EngineOptions::default());
        let view = World::new(run, answers(at)).drive();
        assert!(view.done, "{}: the run never ended", path.display());
        for object in &view.objects {
            objects.push(serde_json::to_value(object).expect("a view is JSON"));
        }
    }
    objects
}

fn expected(path: &Path) -> Json {
    let text = fs::read_to_string(path).expect("the expected state");
    let json: Json = serde_json::from_str(&text).expect("JSON");
    let namespace_named = json["objects"].to_string().replace("NAMESPACE/", "default/");
    serde_json::from_str(&namespace_named).expect("JSON")
}

#[test]
fn every_edge_case_ends_as_with_tekton() {
    let folder = cases().join("edge");
    let mut wrong = Vec::new();
    let all = names(&folder, ".yaml");
    assert!(all.len() >= 31, "cases are missing");
    for name in &all {
        let got = drive(&folder.join(format!("{name}.yaml")), &mut |_| Box::new(FromScript::default()));
        let want = expected(&folder.join(format!("expected/{name}.json")));
        for difference in compare::differences(&want, &compare::reduced(&got)) {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_ends_as_with_tekton() {
    let folder = cases().join("examples");
    let mut wrong = Vec::new();
    let all = names(&folder.join("expected"), ".json");
    assert!(all.len() >= 37, "examples are missing");
    for name in &all {
        let want = expected(&folder.join(format!("expected/{name}.json")));
        let file = folder.join(format!("{}.yaml", name.replace("__", "/")));
        let got = drive(&file, &mut |_| Box::new(world::FromExpected::new(&want)));
        for difference in compare::differences(&want, &compare::reduced(&got)) {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
