//! Any calls of a component with any arguments, through the real lowering of WASI 0.2: nothing panics, nothing
//! outside changes.
//!
//! The component is one interpreter, made from `wit/`: a program of bytes, handed over as an argument, says which
//! imported function is called with which core values, addresses of its memory among them. So what the host lifts
//! from a guest's memory is whatever the bytes make of it.

use super::guest::guest;
use crate::exec::module::clock::StepClock;
use crate::exec::module::component::{CommandPre, LARGEST_CALL, MOST_RESOURCES, add_to_linker, command};
use crate::exec::module::control::Deadlines;
use crate::exec::module::engine::engine;
use crate::exec::module::state::StepState;
use crate::model::outcome::Limits;
use crate::model::request::ClockMode;
use std::fmt::Write;
use std::path::Path;
use std::sync::OnceLock;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Resolve, TypeDefKind, WorldId, WorldItem};

/// What the interpreter imports: all that a step may, and no more of sockets and HTTP than what denies them.
const WORLD: &str = "package test:any; world any {
    import wasi:io/error@0.2.12; import wasi:io/poll@0.2.12; import wasi:io/streams@0.2.12;
    import wasi:clocks/monotonic-clock@0.2.12; import wasi:clocks/wall-clock@0.2.12;
    import wasi:random/random@0.2.12; import wasi:random/insecure@0.2.12; import wasi:random/insecure-seed@0.2.12;
    import wasi:filesystem/types@0.2.12; import wasi:filesystem/preopens@0.2.12;
    import wasi:cli/environment@0.2.12; import wasi:cli/stdin@0.2.12; import wasi:cli/stdout@0.2.12;
    import wasi:cli/stderr@0.2.12; import wasi:cli/terminal-stdout@0.2.12;
    import wasi:sockets/tcp-create-socket@0.2.12; import wasi:sockets/udp-create-socket@0.2.12;
    import wasi:http/outgoing-handler@0.2.12;
    import stepwell:step/params@0.1.0; import stepwell:step/results@0.1.0; import stepwell:step/log@0.1.0;
    import stepwell:step/progress@0.1.0; import stepwell:step/modes@0.1.0;
    export wasi:cli/run@0.2.12; }";

/// The interpreter without its imports. Slots for handles lie at 0x100, answers and lists where a program says, below
/// 0x1000, texts at 0x400, the program itself at 0x10000. A value is a small number, what lies at an address, an
/// address, or four bytes as they are.
const INTERPRETER: &str = r#"
  (memory (export "memory") 4) (global $heap (mut i32) (i32.const 131072))
  (global $at (mut i32) (i32.const 0x10000)) (global $end (mut i32) (i32.const 0x10000))
  (global $slot (mut i32) (i32.const 0))
  (data (i32.const 0x400) "workspace/w\00a/../b\00../../canary\00fixed/f\00tmp/x\00A=1")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (if (i32.gt_u (local.get 3) (i32.const 0x10000)) (then unreachable))
    (if (i32.gt_u (global.get $heap) (i32.const 0x2f000)) (then (global.set $heap (i32.const 131072))))
    (global.get $heap)
    (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get 3)) (i32.const 15)) (i32.const -16))))
  (func $u8 (result i32)
    (if (i32.ge_u (global.get $at) (global.get $end)) (then (return (i32.const 0))))
    (i32.load8_u (global.get $at))
    (global.set $at (i32.add (global.get $at) (i32.const 1))))
  (func $place (result i32) (i32.shl (call $u8) (i32.const 2)))
  (func $four (result i32)
    (i32.or (i32.or (call $u8) (i32.shl (call $u8) (i32.const 8)))
            (i32.or (i32.shl (call $u8) (i32.const 16)) (i32.shl (call $u8) (i32.const 24)))))
  (func $i32 (result i32) (local $how i32)
    (local.set $how (i32.rem_u (call $u8) (i32.const 8)))
    (if (i32.le_u (local.get $how) (i32.const 2)) (then (return (i32.and (call $u8) (i32.const 15)))))
    (if (i32.le_u (local.get $how) (i32.const 4)) (then (return
      (i32.load (i32.add (i32.const 0x100) (i32.shl (i32.and (call $u8) (i32.const 15)) (i32.const 2)))))))
    (if (i32.eq (local.get $how) (i32.const 5)) (then (return (i32.load (call $place)))))
    (if (i32.eq (local.get $how) (i32.const 6)) (then (return (i32.add (i32.const 0x200) (call $place)))))
    (call $four))
  (func $i64 (result i64)
    (if (i32.and (call $u8) (i32.const 3)) (then (return (i64.extend_i32_u (call $u8)))))
    (i64.or (i64.extend_i32_u (call $four)) (i64.shl (i64.extend_i32_u (call $four)) (i64.const 32))))
  (func $keep (param $value i32)
    (i32.store (i32.add (i32.const 0x100) (i32.shl (global.get $slot) (i32.const 2))) (local.get $value))
    (global.set $slot (i32.and (i32.add (global.get $slot) (i32.const 1)) (i32.const 15))))
  (func $digit (param i32) (result i32) (i32.and (i32.sub (local.get 0) (i32.const 97)) (i32.const 15)))
  (func $load (local $from i32) (local $left i32)
    (call $arguments (i32.const 16))
    (local.set $left (i32.shr_u (i32.load offset=12 (i32.load (i32.const 16))) (i32.const 1)))
    (local.set $from (i32.load offset=8 (i32.load (i32.const 16))))
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $left)))
      (i32.store8 (global.get $end) (i32.or (i32.shl (call $digit (i32.load8_u (local.get $from))) (i32.const 4))
                                            (call $digit (i32.load8_u offset=1 (local.get $from)))))
      (global.set $end (i32.add (global.get $end) (i32.const 1)))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next)))
    (call $directories (i32.const 16))
    (call $keep (i32.load (i32.load (i32.const 16)))))
  (func (export "wasi:cli/run@0.2.12#run") (result i32)
    (call $load)
    (block $done (loop $next
      (br_if $done (i32.ge_u (global.get $at) (global.get $end)))
      (call $one (i32.add (call $u8) (i32.shl (i32.and (call $u8) (i32.const 1)) (i32.const 8))))
      (br $next)))
    (i32.const 0))"#;

/// One function of the world by its core signature.
struct Import {
    module: String,
    name: String,
    params: Vec<&'static str>,
    result: Option<&'static str>,
}

fn core(of: &WasmType) -> &'static str {
    match of {
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
    }
}

fn imports(resolve: &Resolve, world: WorldId) -> Vec<Import> {
    let mut imports = Vec::new();
    for (key, item) in &resolve.worlds[world].imports {
        let WorldItem::Interface { id, .. } = item else { continue };
        let module = resolve.name_world_key(key);
        for (name, function) in &resolve.interfaces[*id].functions {
            let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
            let params: Vec<_> = signature.params.iter().map(core).collect();
            let result = signature.results.first().map(core);
            let known = |kind: &str| kind == "i32" || kind == "i64";
            assert!(params.iter().copied().chain(result).all(known), "{name} has numbers that are not made here");
            imports.push(Import { module: module.clone(), name: name.clone(), params, result });
        }
        for (name, of) in &resolve.interfaces[*id].types {
            if matches!(resolve.types[*of].kind, TypeDefKind::Resource) {
                let name = format!("[resource-drop]{name}");
                imports.push(Import { module: module.clone(), name, params: vec!["i32"], result: None });
            }
        }
    }
    imports
}

/// The interpreter for all functions of the world.
fn text(imports: &[Import]) -> String {
    let (mut all, mut table, mut acts) = (String::new(), String::new(), String::new());
    for (number, import) in imports.iter().enumerate() {
        let (params, result) = (import.params.join(" "), import.result.map(|of| format!("(result {of})")));
        let (module, name, result) = (&import.module, &import.name, result.unwrap_or_default());
        let _ = writeln!(all, r#"(import "{module}" "{name}" (func $f{number} (param {params}) {result}))"#);
        let _ = write!(table, "$c{number} ");
        let values: String = import.params.iter().map(|of| format!("(call ${of}) ")).collect();
        let kept = match import.result {
            Some("i32") => "call $keep",
            Some(_) => "drop",
            None => "",
        };
        acts = format!("(block $c{number} {acts}) {values} (call $f{number}) {kept} return\n");
        // Innermost is the first: each block ends where its call begins.
        if number == 0 {
            acts = format!(
                "(block $c0 (br_table TABLE $c0 (i32.rem_u (local.get 0) (i32.const COUNT)))) {values} (call $f0) {kept} return\n"
            );
        }
    }
    let acts = acts.replace("TABLE", &table).replace("COUNT", &imports.len().to_string());
    let aliases = ["get-arguments", "get-directories"].map(|wanted| {
        let found = imports.iter().position(|import| import.name == wanted);
        found.expect("is imported")
    });
    let interpreter = INTERPRETER
        .replace("$arguments", &format!("$f{}", aliases[0]))
        .replace("$directories", &format!("$f{}", aliases[1]));
    format!("(module {all} {interpreter} (func $one (param i32) {acts}))")
}

/// The interpreter, compiled and linked once.
fn interpreter() -> &'static (Engine, CommandPre<StepState>) {
    static MADE: OnceLock<(Engine, CommandPre<StepState>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut resolve = Resolve::default();
        resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("wit")).expect("wit/ is WIT");
        let package = resolve.push_str("any.wit", WORLD).expect("is WIT");
        let world = resolve.select_world(&[package], Some("any")).expect("is a world");
        let mut module = wat::parse_str(text(&imports(&resolve, world))).expect("is WebAssembly");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("fits its world");
        let made = ComponentEncoder::default().module(&module).and_then(|mut encoder| encoder.encode());
        let engine = engine(4).expect("starts");
        let component = Component::new(&engine, made.expect("is a component")).expect("compiles");
        let mut linker = Linker::new(&engine);
        add_to_linker(&mut linker).expect("has no name twice");
        let linked = command(&linker, &component).expect("is a command");
        (engine, linked)
    })
}

/// Runs the program that these bytes are, in an empty directory.
pub fn check(dir: &Path, program: &[u8]) {
    let (engine, linked) = interpreter();
    let canary = dir.join("canary");
    std::fs::write(&canary, "untouched").expect("is written");
    let limits = Limits { wall: Some(500_000_000), disk: 1 << 20, output: 1 << 20, handles: 16, ..Limits::default() };
    let mut guest = guest(dir, limits.clone());
    std::fs::write(dir.join("fixed/f"), "fixed").expect("is written");
    let digit = |four: u8| char::from(b'a' + four);
    let program = &program[..program.len().min(0x4000)];
    let text = program.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    guest.step.arguments = vec!["any".to_owned(), text];
    // What waits for a time waits for nothing.
    guest.step.clock = StepClock::start(ClockMode::Virtual, Deadlines::start(limits.wall, None));
    let mut store = Store::new(engine, guest.step);
    store.limiter(|step| &mut step.limiter);
    store.set_epoch_deadline(1);
    store.set_hostcall_fuel(LARGEST_CALL);
    store.set_max_component_handles(MOST_RESOURCES);
    // It may trap, as what it does may be against the rules.
    let ran = linked.instantiate(&mut store).and_then(|made| made.wasi_cli_run().call_run(&mut store));
    drop(ran);
    assert_eq!(std::fs::read_to_string(&canary).expect("is there"), "untouched");
    assert_eq!(std::fs::read_to_string(dir.join("fixed/f")).expect("is there"), "fixed");
}

#[cfg(test)]
mod tests {
    /// The interpreter does what bytes say, or it would find nothing: it makes a directory by `create-directory-at`.
    #[test]
    fn a_program_is_carried_out() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut resolve = super::Resolve::default();
        resolve.push_dir(super::Path::new(env!("CARGO_MANIFEST_DIR")).join("wit")).expect("wit/ is WIT");
        let package = resolve.push_str("any.wit", super::WORLD).expect("is WIT");
        let world = resolve.select_world(&[package], Some("any")).expect("is a world");
        let imports = super::imports(&resolve, world);
        let make = "[method]descriptor.create-directory-at";
        let number = imports.iter().position(|import| import.name == make).expect("is imported");
        let [low, high, ..] = number.to_le_bytes();
        // The handle in slot 0, five bytes from 0x428 on (`tmp/x`), and where the answer goes.
        let program = [low, high, 3, 0, 7, 0x28, 4, 0, 0, 0, 5, 6, 0];
        super::check(dir.path(), &program);
        assert!(dir.path().join("root/tmp/x").is_dir());
    }
}
