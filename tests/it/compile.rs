//! Hostile modules and the process that compiles them: it is what they cost, and nobody else.
//!
//! Knows the binary as a compiler, and modules made to exhaust or crash one. Does not know steps.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use stepwell::exec::module::Apart;
use stepwell::exec::module::code::asker::Asker;
use stepwell::exec::module::code::compile::CompileError;
use stepwell::model::outcome::CompileLimits;

const MIB: u64 = 1 << 20;

fn apart(memory: u64, time: Duration) -> Apart {
    let time = u64::try_from(time.as_nanos()).expect("fits");
    Apart { program: PathBuf::from(env!("CARGO_BIN_EXE_stepwell")), limits: CompileLimits { memory, time } }
}

/// A compiler with as much as it gets by default.
fn usual() -> Apart {
    let CompileLimits { memory, time } = CompileLimits::default();
    apart(memory, Duration::from_nanos(time))
}

/// An integer as WebAssembly writes it.
fn leb(mut value: usize, to: &mut Vec<u8>) {
    loop {
        let byte = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        to.push(if value == 0 { byte } else { byte | 0x80 });
        if value == 0 {
            return;
        }
    }
}

/// A module with so many functions of one body; the first is its start.
fn module(functions: usize, locals: &[(usize, u8)], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |id: u8, content: Vec<u8>| {
        bytes.push(id);
        leb(content.len(), &mut bytes);
        bytes.extend(content);
    };
    section(1, vec![1, 0x60, 0, 0]);
    let mut types = Vec::new();
    leb(functions, &mut types);
    types.resize(types.len() + functions, 0);
    section(3, types);
    section(5, vec![1, 0, 1]);
    let mut exports = vec![2];
    exports.extend(b"\x06memory\x02\0\x06_start\0\0");
    section(7, exports);
    let mut one = Vec::new();
    leb(locals.len(), &mut one);
    for (count, kind) in locals {
        leb(*count, &mut one);
        one.push(*kind);
    }
    one.extend(body);
    one.push(0x0b);
    let mut code = Vec::new();
    leb(functions, &mut code);
    for _ in 0..functions {
        leb(one.len(), &mut code);
        code.extend(&one);
    }
    section(10, code);
    bytes
}

const I32: u8 = 0x7f;
/// `local.get 0, i32.const 1, i32.add, local.set 0`.
const ADD: [u8; 7] = [0x20, 0, 0x41, 1, 0x6a, 0x21, 0];

fn giant_function() -> Vec<u8> {
    module(1, &[(1, I32)], &ADD.repeat(1_000_000))
}

#[test]
fn a_module_is_compiled_and_can_be_compiled_again_after_a_hostile_one() {
    let good = module(1, &[], &[]);
    assert!(usual().compile(&good, None).expect("is compiled").len() > 100);
    assert!(usual().compile(b"\0asm garbage", None).is_err());
    assert!(usual().compile(&good, None).is_ok());
}

#[test]
fn what_is_wrong_is_said_in_the_compilers_words() {
    assert_eq!(usual().compile(b"#!/bin/sh", None), Err(CompileError::NotWasm));
    let cut = &module(1, &[(1, I32)], &ADD)[..40];
    assert!(matches!(usual().compile(cut, None), Err(CompileError::Invalid(_))));
    let wrong = module(1, &[(1, I32)], &[0x6a]);
    let Err(CompileError::Invalid(words)) = usual().compile(&wrong, None) else { panic!("it adds nothing to nothing") };
    assert!(words.contains("type mismatch"), "{words}");
    let mut no_start = module(1, &[], &[]);
    let place = no_start.windows(6).position(|bytes| bytes == b"_start").expect("is there");
    no_start[place..place + 6].copy_from_slice(b"_other");
    assert!(matches!(usual().compile(&no_start, None), Err(CompileError::Unfit(words)) if words.contains("_start")));
    let foreign =
        wat::parse_str("(module (import \"env\" \"magic\" (func)) (func (export \"_start\")))").expect("parses");
    let Err(CompileError::Unfit(words)) = usual().compile(&foreign, None) else { panic!("nobody has that function") };
    assert!(words.contains("magic"), "{words}");
}

#[test]
fn memory_is_limited_to_what_the_operator_allows() {
    let error = apart(200 * MIB, Duration::from_secs(300)).compile(&giant_function(), None).expect_err("it takes more");
    let CompileError::Limit(words) = &error else { panic!("{error:?}") };
    assert!(words.contains("200 Mi") && words.contains("limits.compileMemory"), "{words}");
}

#[test]
fn time_is_limited_to_what_the_operator_allows() {
    let error =
        apart(4096 * MIB, Duration::from_millis(300)).compile(&giant_function(), None).expect_err("it takes longer");
    let CompileError::Limit(words) = &error else { panic!("{error:?}") };
    assert!(words.contains("limits.compileTime"), "{words}");
}

#[test]
fn modules_made_to_crash_a_compiler_end_with_an_error() {
    let limited = apart(1024 * MIB, Duration::from_secs(60));
    let deep: Vec<u8> = [0x02, 0x40].repeat(500_000).into_iter().chain(vec![0x0b; 500_000]).collect();
    let bombs = [
        ("a million functions", module(1_000_000, &[], &[])),
        ("a bomb of locals", module(1000, &[(50_000, I32), (u32::MAX as usize - 60_000, I32)], &[])),
        ("more locals than a function may have", module(1, &[(60_000, I32)], &[])),
        ("blocks half a million deep", module(1, &[], &deep)),
        ("half a module", giant_function()[..3_000_000].to_vec()),
        ("a section longer than the file", b"\0asm\x01\0\0\0\x0a\xff\xff\xff\xff\x0f\x01".to_vec()),
        ("nothing behind its header", b"\0asm\x01\0\0\0".to_vec()),
        ("a component of nothing", b"\0asm\x0d\0\x01\0".to_vec()),
    ];
    for (what, bytes) in bombs {
        // Some end well, with little; what counts is that this process and its caller live.
        match limited.compile(&bytes, None) {
            Ok(code) => assert!(code.len() < 64 << 20, "{what}"),
            Err(error) => assert!(!error.to_string().is_empty(), "{what}"),
        }
    }
    assert!(limited.compile(&module(1, &[], &[]), None).is_ok());
}

/// A step that was cancelled waits for nothing, and leaves nothing behind.
#[test]
fn a_compilation_that_nobody_waits_for_is_ended() {
    let (asker, asking) = Asker::new().expect("has a handle");
    // A limit that tells this test's compiler from all others.
    let mark = 5_000_000_000u64 + u64::from(std::process::id());
    let compiler = apart(mark, Duration::from_secs(600));
    std::thread::scope(|scope| {
        let compiling = scope.spawn(|| compiler.compile(&giant_function(), Some(&asker)));
        until("the compiler runs", || compilers(mark) == 1);
        drop(asking);
        assert_eq!(compiling.join().expect("ends"), Err(CompileError::GivenUp));
    });
    assert_eq!(compilers(mark), 0);
}

#[test]
fn a_compiler_has_its_streams_open_and_nothing_else() {
    let words = "exec 7</dev/null 8</proc/self/status; exec \"$0\" __compile 1073741824 60000000000 $PPID";
    let mut compiler = Command::new("/bin/sh")
        .args(["-c", words, env!("CARGO_BIN_EXE_stepwell")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("is started");
    let open = || {
        let listed = std::fs::read_dir(format!("/proc/{}/fd", compiler.id())).expect("is listed");
        let mut names: Vec<_> = listed.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    until("it has closed the rest", || open() == ["0", "1", "2"]);
    compiler.kill().and_then(|()| compiler.wait()).expect("is ended");
}

#[test]
fn a_compiler_dies_with_the_one_who_started_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("giant.wasm"), giant_function()).expect("is written");
    let yaml = "{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {name: t}, spec: {taskSpec: {steps: [{name: s, image: ./giant.wasm}]}}}";
    std::fs::write(dir.path().join("run.yaml"), yaml).expect("is written");
    // A limit that tells this test's compiler from all others.
    let mark = 4_294_967_296u64 + u64::from(std::process::id());
    let mut run = Command::new(env!("CARGO_BIN_EXE_stepwell"))
        .args(["--state-dir", "state", "--cache-dir", "cache", "run", "-f", "run.yaml"])
        .arg("--limit")
        .arg(format!("compileMemory={mark}"))
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("is started");
    until("the compiler runs", || compilers(mark) == 1);
    run.kill().expect("is killed");
    run.wait().expect("has ended");
    until("the compiler has died", || compilers(mark) == 0);
}

fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("not within half a minute: {what}");
}

/// How many processes compile with this limit of memory.
fn compilers(mark: u64) -> usize {
    let mark = mark.to_string();
    let is_one = |path: &Path| {
        let words = std::fs::read(path.join("cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
        words.get(1) == Some(&b"__compile".as_slice()) && words.get(2) == Some(&mark.as_bytes())
    };
    let all = std::fs::read_dir("/proc").expect("is listed");
    all.flatten().filter(|entry| is_one(&entry.path())).count()
}
