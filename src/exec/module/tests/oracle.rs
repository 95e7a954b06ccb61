//! WASI 0.2 call by call, under our host and under wasmtime's own: the guest `wasi` prints how each call ended, and the
//! lines are the same but for those that are meant to differ. `make guests` builds it.

use super::steps::{Machine, attempt, step};
use crate::exec::Stream;
use crate::model::outcome::Outcome;
use crate::model::request::EnvRequest;
use std::path::{Path, PathBuf};
use wasi_preview1_component_adapter_provider as adapter;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::filesystem::FsPerms;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{I32Exit, WasiCtx, WasiCtxView, WasiView};
use wit_component::ComponentEncoder;

/// What differs, and why: the call, ours, wasmtime's, the reason.
const MEANT: &[(&str, &str, &str, &str)] = &[
    (
        "open link out",
        "error no-entry",
        "error not-permitted",
        "links resolve inside the guest's root, as in a container",
    ),
    ("symlink absolute", "()", "error not-permitted", "they resolve inside the guest's root as well"),
    ("rmdir \"with/\"", "()", "error invalid", "POSIX: a slash at the end names the directory"),
    (
        "preopens",
        r#"["/", "/empty", "/etc/secret", "/workspace/claim"]"#,
        r#"["/"]"#,
        "each volume is open under its own path as well",
    ),
    ("stream to read-only", "error bad-descriptor", "()", "said at once, and not at the first write"),
    ("append to read-only", "error bad-descriptor", "()", "as above"),
    ("stream of write-only", "error bad-descriptor", "()", "as above"),
    ("read a directory", "error is-directory", "error bad-descriptor", "POSIX: EISDIR"),
    ("cut a directory", "error invalid", "error bad-descriptor", "POSIX: EINVAL for what is not open for writing"),
    ("past", "true", "false", "a time that is over is over, though nobody has waited for it"),
];

fn component() -> Vec<u8> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let module = std::fs::read(target.join("guests/wit-wasi.wasm")).expect("`make guests` has built it");
    let name = adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
    ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.adapter(name, adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER))
        .and_then(|mut encoder| encoder.encode())
        .expect("is a component")
}

/// Where the guest works: a folder that it makes.
const FOLDER: &str = "workspace/claim/here";

async fn ours(component: &[u8]) -> (Outcome, String) {
    let machine = Machine::new(&[]);
    std::fs::write(machine.dir.path().join("wasi.wasm"), component).expect("is written");
    let mut request = step(0, "s", "wasi", &[FOLDER]);
    request.program.env = vec![EnvRequest::Value { name: "GIVEN".into(), value: "a=b".into() }];
    let mut session = machine.open(attempt()).await;
    let report = session.run_step(request).await;
    session.close().await;
    (report.outcome, machine.printed.text(Stream::Stdout))
}

struct Theirs {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Theirs {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

fn theirs(component: &[u8]) -> (i32, String) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::create_dir_all(dir.path().join("workspace/claim")).expect("is made");
    let stdout = MemoryOutputPipe::new(1 << 20);
    let mut builder = WasiCtx::builder();
    builder.args(&["wasi", FOLDER]).env("GIVEN", "a=b").stdout(stdout.clone());
    builder.preopened_dir(dir.path(), "/", FsPerms::ReadWrite).expect("is there");
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker).expect("links");
    let mut store = Store::new(&engine, Theirs { ctx: builder.build(), table: ResourceTable::new() });
    let component = Component::new(&engine, component).expect("is compiled");
    let command = wasmtime_wasi::p2::bindings::sync::Command::instantiate(&mut store, &component, &linker);
    let ended = command.expect("is linked").wasi_cli_run().call_run(&mut store);
    let code = match ended {
        Ok(ended) => i32::from(ended.is_err()),
        Err(error) => error.downcast_ref::<I32Exit>().unwrap_or_else(|| panic!("{error:?}")).0,
    };
    (code, String::from_utf8_lossy(&stdout.contents()).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_ends_as_under_wasmtime_or_as_is_meant() {
    let component = component();
    let (outcome, ours) = ours(&component).await;
    let bytes = component.clone();
    let (code, theirs) = tokio::task::spawn_blocking(move || theirs(&bytes)).await.expect("ends");
    assert_eq!((outcome, code), (Outcome::Exited { code: 7 }, 7), "{ours}");
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), theirs.lines().collect());
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.len() > 160, "{}", ours.len());
    let mut unmet: Vec<_> = MEANT.iter().collect();
    let mut other = Vec::new();
    for (ours, theirs) in ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs) {
        let meant = |&(call, own, their, _): &(&str, &str, &str, &str)| {
            *ours == format!("{call}: {own}") && *theirs == format!("{call}: {their}")
        };
        if MEANT.iter().any(meant) {
            unmet.retain(|line| !meant(line));
        } else {
            other.push(format!("{ours}   <>   {theirs}"));
        }
    }
    assert!(other.is_empty() && unmet.is_empty(), "{}\nnot met: {unmet:?}", other.join("\n"));
}
