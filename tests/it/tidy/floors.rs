//! The floors of the house: a module imports only from floors below it, neighbours do not know each other, and some
//! doors stay shut beyond that. Knows the map that `src/lib.rs` draws, and nothing of what stands on a floor.

use super::{Violation, code, violation};

/// The root modules and their floors.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("spec", 1),
    ("engine", 1),
    ("cache", 2),
    ("store", 2),
    ("volumes", 2),
    ("exec", 3),
    ("driver", 4),
    ("app", 5),
    ("cli", 6),
    ("controller", 6),
    ("server", 6),
    ("main", 7),
];

/// Macros that a root module exports: the language puts their names beside the root modules.
const MACROS: &[(&str, &str)] = &[("object", "model")];

/// What front ends see: the wiring, the state of a run as it is shown with what folds events into it, and the words
/// that all share.
const FRONT_SEES: &[&str] = &["crate::app", "crate::engine::view", "crate::engine::Run", "crate::model"];

/// Crates that have one home each: where they may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("wasmtime", &["crate::exec::module"]),
    ("cap_std", &["crate::exec::module", "crate::volumes", "crate::app"]),
    ("kube", &["crate::exec::pod", "crate::controller"]),
    ("k8s_openapi", &["crate::exec::pod", "crate::controller"]),
    ("clap", &["crate::cli", "crate::main"]),
    ("indicatif", &["crate::cli"]),
    ("annotate_snippets", &["crate::cli"]),
    ("anyhow", &["crate::cli", "crate::main"]),
];

pub(super) fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// Whether a path is within another, part by part.
fn within(path: &[String], outer: &str) -> bool {
    let outer: Vec<&str> = outer.split("::").collect();
    path.len() >= outer.len() && outer.iter().zip(path).all(|(one, other)| one == other)
}

pub(super) fn check(path: &str, text: &str) -> Vec<Violation> {
    let module = code::module_of(path);
    let Some(home) = module.get(1) else { return Vec::new() };
    let Some(own) = floor(home) else {
        return vec![violation(1, format!("{home} stands on no floor: add it to the map in src/lib.rs and here"))];
    };
    let mut wrong = Vec::new();
    for named in code::read(path, text).paths {
        let [first, rest @ ..] = named.parts.as_slice() else { continue };
        if let Some((_, homes)) = HOMES.iter().find(|(name, _)| name == first)
            && !rest.is_empty()
            && !homes.iter().any(|home| within(&module, home))
        {
            wrong.push(violation(named.line, format!("{first} is named only in {}", homes.join(" and "))));
        }
        let Some(other) = rest.first().filter(|_| first == "crate") else { continue };
        let other = MACROS.iter().find(|(name, _)| name == other).map_or(other.as_str(), |(_, home)| home);
        if other == home {
            continue;
        }
        match floor(other) {
            None => wrong.push(violation(named.line, format!("crate::{other} stands on no floor"))),
            // The shutter between neighbours is for shipped code; a test may build what it needs from both.
            Some(there) if there == own && named.in_test => {}
            Some(there) if there >= own => {
                wrong.push(violation(named.line, format!("{home} (floor {own}) names {other} (floor {there})")));
            }
            Some(_) if own == 6 && !FRONT_SEES.iter().any(|seen| within(&named.parts, seen)) => {
                wrong.push(violation(named.line, format!("a front end sees only {}", FRONT_SEES.join(", "))));
            }
            Some(_) => {}
        }
    }
    wrong.dedup();
    wrong
}

#[test]
fn a_path_upwards_is_seen() {
    let says =
        |path: &str, text: &str| -> Vec<String> { check(path, text).into_iter().map(|found| found.what).collect() };
    let cases = [
        ("src/model/value.rs", "use crate::spec::Reader;", "model (floor 0) names spec (floor 1)"),
        ("src/engine/mod.rs", "use crate::{model::X, spec::{yaml, plan}};", "engine (floor 1) names spec (floor 1)"),
        ("src/store/runs.rs", "fn f() { crate::driver::go() }", "store (floor 2) names driver (floor 4)"),
        ("src/exec/mod.rs", "fn f() { assert!(super::app::ready()) }", "exec (floor 3) names app (floor 5)"),
        (
            "src/cli/run.rs",
            "use crate::store::Runs;",
            "a front end sees only crate::app, crate::engine::view, crate::engine::Run, crate::model",
        ),
        (
            "src/cli/run.rs",
            "use crate::engine::Action;",
            "a front end sees only crate::app, crate::engine::view, crate::engine::Run, crate::model",
        ),
        ("src/cli/run.rs", "use crate::server::Server;", "cli (floor 6) names server (floor 6)"),
        ("src/driver/mod.rs", "use wasmtime::Engine;", "wasmtime is named only in crate::exec::module"),
        ("src/exec/module/run.rs", "use kube::Api;", "kube is named only in crate::exec::pod and crate::controller"),
        (
            "src/app/mod.rs",
            "fn f() -> anyhow::Result<()> { g() }",
            "anyhow is named only in crate::cli and crate::main",
        ),
        ("src/attic/mod.rs", "", "attic stands on no floor: add it to the map in src/lib.rs and here"),
        ("src/app/mod.rs", "use crate::attic::Box;", "crate::attic stands on no floor"),
    ];
    for (path, text, expected) in cases {
        assert_eq!(says(path, text), [expected], "{path}: {text}");
    }
    let fine = [
        ("src/cli/run.rs", "use crate::{app::App, engine::view::RunView, model::Outcome, cli::style};"),
        ("src/exec/module/run.rs", "use wasmtime::Engine; use super::super::Executor; use crate::model::X;"),
        ("src/engine/tests.rs", "use crate::spec::read; use super::Run;"),
        ("src/lib.rs", "pub mod app; pub mod model;"),
    ];
    for (path, text) in fine {
        assert_eq!(says(path, text), [""; 0], "{path}: {text}");
    }
}
