//! Stock wasmtime with its own WASI host and a preopened directory: what others would run a module with.
//!
//! Knows wasmtime and wasmtime-wasi. It is a process of its own (this binary, called with [`FLAG`]), as `stepwell run`
//! is, and loads compiled code from a file, as `stepwell run` does.

use std::path::Path;
use std::process::Command;
use wasmtime::{Engine, Linker, Module, Store};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

/// What this binary is called with: then compiled code, the guest's root, its arguments.
pub const FLAG: &str = "--stock-wasmtime";

/// Compiles a module to a file that [`run`] loads.
pub fn compile(module: &Path, to: &Path) {
    let bytes = std::fs::read(module).expect("the module can be read");
    let compiled = Engine::default().precompile_module(&bytes).expect("the module compiles");
    std::fs::write(to, compiled).expect("compiled code can be written");
}

/// A process that runs compiled code with a folder as its root.
pub fn command(compiled: &Path, root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary has a path"));
    command.arg(FLAG).arg(compiled).arg(root).args(arguments);
    command
}

/// The other process.
pub fn run(arguments: &[String]) {
    let [compiled, root, arguments @ ..] = arguments else {
        panic!("compiled code, the guest's root, its arguments");
    };
    let engine = Engine::default();
    // Written by this benchmark a moment ago, with the same wasmtime.
    let module = unsafe { Module::deserialize_file(&engine, compiled) }.expect("compiled code can be loaded");
    let mut wasi = WasiCtxBuilder::new();
    // As wasmtime's own command line does where no time limit is set: file calls stay on this thread.
    wasi.allow_blocking_current_thread(true);
    wasi.inherit_stdio().args(arguments).env("PWD", "/");
    wasi.preopened_dir(root, "/", FsPerms::ReadWrite).expect("the directory can be opened");
    let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
    p1::add_to_linker_sync(&mut linker, |wasi| wasi).expect("no name is taken yet");
    let mut store = Store::new(&engine, wasi.build_p1());
    let instance = linker.instantiate(&mut store, &module).expect("the module can be instantiated");
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("the module is a program");
    let code = match start.call(&mut store, ()) {
        Ok(()) => 0,
        Err(error) => error.downcast_ref::<I32Exit>().map_or(134, |exit| exit.0),
    };
    std::process::exit(code);
}
