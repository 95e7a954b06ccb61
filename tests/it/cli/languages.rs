//! Programs of several languages that use the world of `wit/`: a core module in Rust and in C, components in Rust, C,
//! Python and JavaScript. All do the same, and the run's status shows it. `make guests` builds them.

use super::place::{Place, Said};
use std::path::{Path, PathBuf};
use wasi_preview1_component_adapter_provider as adapter;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

const TASK: &str = r#"apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: t}
spec:
  params:
  - {name: list, value: [a, 'b "c"']}
  - {name: map, value: {k: v, key: value}}
  taskSpec:
    params:
    - {name: list, type: array}
    - {name: map, type: object, properties: {k: {}, key: {}}}
    - {name: text, default: plain}
    results: [{name: list, type: array}, {name: map, type: object, properties: {k: {}, key: {}}}, {name: text}]
    steps:
    - {name: s, image: ./world.wasm, args: [given], workingDir: /workspace}
"#;

fn guest(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    target.join("guests").join(format!("{name}.wasm"))
}

/// Runs a module that does what all of them do.
fn check(module: &[u8]) {
    let place = Place::new();
    std::fs::write(place.path().join("world.wasm"), module).expect("is written");
    place.file("task.yaml", TASK);
    let said = Said::of(place.command(&["run", "-f", "task.yaml", "-q"]).output().expect("the binary runs")).exits(0);
    let lines: Vec<&str> = said.stdout.lines().filter_map(|line| line.strip_prefix("[t : s] ")).collect();
    assert!(lines.contains(&"750 /workspace plain"), "{said:?}");
    assert!(lines.contains(&"level=info msg=refused why=not-declared argument=given"), "{said:?}");
    let shown = Said::of(place.command(&["show", "--output", "json"]).output().expect("the binary runs")).exits(0);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).expect("is JSON");
    let results = &shown["items"][0]["status"]["results"];
    let expected = serde_json::json!([
        {"name": "list", "type": "array", "value": ["a", "b \"c\""]},
        {"name": "map", "type": "object", "value": {"k": "v", "key": "value"}},
        {"name": "text", "type": "string", "value": "plain"},
    ]);
    assert_eq!(*results, expected);
}

/// A component of a core module that says in itself which world it uses.
fn component(module: &[u8]) -> Vec<u8> {
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| {
            let name = adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
            encoder.adapter(name, adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)
        })
        .and_then(|mut encoder| encoder.encode())
        .expect("is a component")
}

#[test]
fn rust_uses_the_world() {
    let module = std::fs::read(guest("wit-world")).expect("`make guests` has built it");
    check(&module);
    check(&component(&module));
}

#[test]
fn c_uses_the_world() {
    let Ok(mut module) = std::fs::read(guest("c-world")) else {
        assert!(!guest("c-greet").is_file(), "`make guests` builds C");
        return;
    };
    check(&module);
    let mut resolve = wit_parser::Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
    let (package, _) = resolve.push_dir(wit).expect("wit/ is WIT");
    let world = resolve.select_world(&[package], Some("step")).expect("is a world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("fits its world");
    check(&component(&module));
}

/// What a toolchain that is not everywhere makes: where it is, `make guests` has used it.
fn scripted(name: &str, tool: &str) {
    if std::env::var_os("STEPWELL_SLOW_TESTS").is_none() {
        eprintln!("{name}.wasm takes half a minute to compile: left out, as STEPWELL_SLOW_TESTS is not set");
        return;
    }
    match std::fs::read(guest(name)) {
        Ok(module) => check(&module),
        Err(_) => {
            let has = std::process::Command::new(tool).arg("--version").output().is_ok();
            assert!(!has, "{name}.wasm is missing though {tool} is here: run `make guests`");
            eprintln!("{name}.wasm needs {tool}, which is not here: left out");
        }
    }
}

#[test]
fn python_uses_the_world() {
    scripted("py-world", "python3");
}

#[test]
fn javascript_uses_the_world() {
    scripted("js-world", "npm");
}
