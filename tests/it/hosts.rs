//! Runs a guest of tests/guests under Stepwell and under wasmtime's own WASI host, and gives what it printed. Does
//! not know what the guests do.

use std::path::{Path, PathBuf};
use std::process::Command;
use wasmtime::{Engine, Linker, Module, Store};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

/// Where a guest is that `make guests` built.
pub(super) fn guest(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    target.join("guests").join(name).with_extension("wasm")
}

/// What a guest prints under wasmtime's own host, with a directory as `/`, and its exit code.
pub(super) fn wasmtime(name: &str, args: &[&str], root: &Path) -> (String, i32) {
    let engine = Engine::default();
    let module = Module::from_file(&engine, guest(name)).expect("compiles");
    let (output, errors) = (MemoryOutputPipe::new(16 << 20), MemoryOutputPipe::new(1 << 20));
    let mut wasi = WasiCtxBuilder::new();
    wasi.stdout(output.clone()).stderr(errors.clone()).arg(name).args(args).env("PWD", "/");
    wasi.preopened_dir(root, "/", FsPerms::ReadWrite).expect("is opened");
    let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
    p1::add_to_linker_sync(&mut linker, |wasi| wasi).expect("is linked");
    let mut store = Store::new(&engine, wasi.build_p1());
    let instance = linker.instantiate(&mut store, &module).expect("is instantiated");
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("is a program");
    let ran = start.call(&mut store, ());
    drop(store);
    let code = match &ran {
        Ok(()) => Some(0),
        Err(error) => error.downcast_ref::<I32Exit>().map(|exit| exit.0),
    };
    let said = String::from_utf8_lossy(&errors.contents()).into_owned();
    let code = code.unwrap_or_else(|| panic!("{ran:?} {said}"));
    (String::from_utf8_lossy(&output.contents()).into_owned(), code)
}

/// What a guest prints under Stepwell, and whether the run succeeded: in a step's own root, or in a workspace at `/w`
/// (`ws` in the directory) that is an overlay or live.
pub(super) fn stepwell(dir: &Path, workspace: Option<&str>, name: &str, args: &[&str]) -> (String, bool) {
    let (mount, declared) = match workspace {
        // The whole root but what Stepwell puts there is the workspace.
        Some(mode) => {
            (format!(", workingDir: /w, sandbox: {{workspace: {mode}}}"), "workspaces: [{name: w, mountPath: /w}], ")
        }
        None => (String::new(), ""),
    };
    let bound = if declared.is_empty() { "" } else { "workspaces: [{name: w, emptyDir: {}}], " };
    let yaml = format!(
        "{{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {{name: calls}}, spec: {{{bound}taskSpec: {{{declared}steps: [{{name: s, image: {}, args: {args:?}{mount}}}]}}}}}}",
        guest(name).display()
    );
    std::fs::write(dir.join("run.yaml"), yaml).expect("is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
    command.args(["--state-dir", "state", "--cache-dir", "cache", "run", "-f", "run.yaml"]).current_dir(dir);
    if workspace.is_some() {
        std::fs::create_dir_all(dir.join("ws")).expect("is made");
        command.args(["-w", "w=ws"]);
    }
    let ran = command.output().expect("is started");
    let output = Command::new(env!("CARGO_BIN_EXE_stepwell"))
        .args(["--state-dir", "state", "--cache-dir", "cache", "logs"])
        .current_dir(dir)
        .output()
        .expect("is started");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<_> = text.lines().map(|line| line.trim_start_matches("[calls : s] ")).collect();
    if lines.is_empty() {
        return (String::from_utf8_lossy(&ran.stderr).into_owned(), ran.status.success());
    }
    (lines.join("\n"), ran.status.success())
}
