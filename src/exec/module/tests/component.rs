//! Components as steps: the same limits, clocks, files and ends as core modules, what is denied, and
//! components that attack their host.

use super::run::{DEEP, FLOOD, GROW, LEFT_OVER, RANDOM, SLEEP, SPIN, TRAP};
use super::steps::{Machine, TELL, TOOL, attempt, step};
use crate::exec::{Interrupt, Stream};
use crate::model::outcome::{LimitKind, Outcome};
use crate::model::request::{ClockMode, RandomMode, StepRequest};
use std::time::Duration;
use wasi_preview1_component_adapter_provider as adapter;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

/// A component of a core module for preview 1, as toolchains make them.
fn adapted(text: &str) -> Vec<u8> {
    let name = adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
    ComponentEncoder::default()
        .module(&wat::parse_str(text).expect("is WebAssembly"))
        .and_then(|encoder| encoder.adapter(name, adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER))
        .and_then(|mut encoder| encoder.encode())
        .expect("is a component")
}

/// A component of a core module that imports WIT's functions by their canonical core signatures.
pub fn component(imports: &str, text: &str) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("wit");
    resolve.push_dir(dir).expect("wit/ is WIT");
    let world = format!("package test:guest; world guest {{ {imports} export wasi:cli/run@0.2.12; }}");
    let package = resolve.push_str("guest.wit", &world).expect("is WIT");
    let world = resolve.select_world(&[package], Some("guest")).expect("is a world");
    let mut module = wat::parse_str(text).expect("is WebAssembly");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("fits its world");
    let encoder = ComponentEncoder::default().module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).expect("is a component")
}

/// A machine with one component, `m`.
fn machine(component: &[u8]) -> Machine {
    let machine = Machine::new(&[]);
    std::fs::write(machine.dir.path().join("m.wasm"), component).expect("is written");
    machine
}

async fn outcome(component: &[u8], change: impl FnOnce(&mut StepRequest)) -> Outcome {
    let mut request = step(0, "s", "m", &[]);
    change(&mut request);
    machine(component).one(request).await.0.outcome
}

const OK: Outcome = Outcome::Exited { code: 0 };
const MS: u64 = 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_component_sees_what_a_module_sees() {
    let both = Machine::new(&[("core", TELL), ("tool", TOOL)]);
    std::fs::write(both.dir.path().join("m.wasm"), adapted(TELL)).expect("is written");
    std::fs::write(both.dir.path().join("t.wasm"), adapted(TOOL)).expect("is written");
    let mut told = Vec::new();
    for image in ["core", "m"] {
        let mut request = step(0, "s", image, &["a", "b c"]);
        request.program.command = vec!["prog".into()];
        request.program.working_dir = Some("/workspace/claim".into());
        assert_eq!(both.one(request).await.0.outcome, OK);
        told.push(std::mem::take(&mut *both.printed.0.lock().expect("a log")));
    }
    assert_eq!(told[0], told[1]);
    // Files go through the same mounts, read-only ones too; what a step leaves is read as ever.
    let args = ["/etc/secret/token", "/tekton/results/out", "done"];
    let (report, closed) = both.one(step(0, "s", "t", &args)).await;
    assert_eq!(report.outcome, OK);
    assert_eq!(closed.results["out"], "done");
    assert_eq!(both.printed.text(Stream::Stdout), "hunter2");
    let read_only = ["/etc/secret/token", "/etc/secret/other", "x"];
    let (report, _) = both.one(step(0, "s", "t", &read_only)).await;
    // The adapter knows of no exit code but 0 and 1.
    assert_eq!(report.outcome, Outcome::Exited { code: 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_never_ends_is_ended() {
    for text in [SPIN, SLEEP] {
        let bytes = adapted(text);
        let ended = outcome(&bytes, |step| step.timeout = Some(50 * MS)).await;
        assert_eq!(ended, Outcome::TimedOut { after: 50 * MS });
        let machine = machine(&bytes);
        let mut session = machine.open(attempt()).await;
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            machine.interrupt.send(Interrupt::Cancel).expect("is heard");
        };
        let (report, ()) = tokio::join!(session.run_step(step(0, "s", "m", &[])), cancel);
        assert_eq!(report.outcome, Outcome::Cancelled);
    }
    let ended = outcome(&adapted(SPIN), |step| step.program.sandbox.cpu = Some(30 * MS)).await;
    assert_eq!(ended, Outcome::LimitMet { limit: LimitKind::Cpu, value: 30 * MS });
    let ended = outcome(&adapted(SLEEP), |step| step.program.sandbox.clock = ClockMode::Virtual).await;
    assert_eq!(ended, OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_has_the_limits_of_a_module() {
    let ended = outcome(&adapted(GROW), |step| step.program.sandbox.memory = Some(4 << 20)).await;
    assert_eq!(ended, Outcome::LimitMet { limit: LimitKind::Memory, value: 4 << 20 });
    let flooding = machine(&adapted(FLOOD));
    let mut request = step(0, "s", "m", &[]);
    request.program.sandbox.output = Some(1_000_000);
    let met = Outcome::LimitMet { limit: LimitKind::Output, value: 1_000_000 };
    assert_eq!(flooding.one(request).await.0.outcome, met);
    assert_eq!(flooding.printed.text(Stream::Stdout).len(), 1_000_000);
    let left = machine(&adapted(LEFT_OVER));
    for _ in 0..3 {
        left.one(step(0, "s", "m", &[])).await;
    }
    let printed = left.printed.0.lock().expect("a log");
    assert!(!printed.is_empty() && printed.iter().all(|line| line.2.iter().all(|byte| *byte == 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_traps_where_it_traps() {
    let Outcome::Trapped { message, backtrace } = outcome(&adapted(TRAP), |_| {}).await else {
        panic!("a trap");
    };
    assert!(message.contains("unreachable"), "{message}");
    assert!(backtrace[0].starts_with("mycrate::innermost at 0x"), "{backtrace:?}");
    let Outcome::Trapped { message, .. } = outcome(&adapted(DEEP), |_| {}).await else {
        panic!("a trap");
    };
    assert!(message.contains("stack"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn seeded_bytes_are_the_same_for_a_component() {
    let machine = machine(&adapted(RANDOM));
    let bytes = async |mode| {
        let mut request = step(0, "s", "m", &[]);
        request.program.sandbox.random = mode;
        assert_eq!(machine.one(request).await.0.outcome, OK);
        std::mem::take(&mut *machine.printed.0.lock().expect("a log")).remove(0).2
    };
    assert_eq!(bytes(RandomMode::Seeded).await, bytes(RandomMode::Seeded).await);
    assert_ne!(bytes(RandomMode::Real).await, bytes(RandomMode::Real).await);
}

/// A program of a component: its imports, and what `run` does before it gives `0` (or what it left on the stack).
fn running(world: &str, imports: &str, body: &str) -> Vec<u8> {
    component(
        world,
        &format!(
            r#"(module {imports} (memory (export "memory") 64) (global $heap (mut i32) (i32.const 65536))
              (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (global.get $heap)
                (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get 3)) (i32.const 15)) (i32.const -16))))
              (func (export "wasi:cli/run@0.2.12#run") (result i32) (local $i i32) {body}))"#
        ),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_ends_with_its_code() {
    assert_eq!(outcome(&running("", "", "(i32.const 0)"), |_| {}).await, OK);
    assert_eq!(outcome(&running("", "", "(i32.const 1)"), |_| {}).await, Outcome::Exited { code: 1 });
    let exit = |function: &str, value: u32| {
        running(
            "import wasi:cli/exit@0.2.12;",
            &format!(r#"(import "wasi:cli/exit@0.2.12" "{function}" (func $exit (param i32)))"#),
            &format!("(call $exit (i32.const {value})) (i32.const 0)"),
        )
    };
    assert_eq!(outcome(&exit("exit-with-code", 42), |_| {}).await, Outcome::Exited { code: 42 });
    assert_eq!(outcome(&exit("exit", 1), |_| {}).await, Outcome::Exited { code: 1 });
    assert_eq!(outcome(&exit("exit", 0), |_| {}).await, OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_command_is_invalid() {
    let library = component_of_library();
    let Outcome::ModuleInvalid { message } = outcome(&library, |_| {}).await else {
        panic!("is invalid");
    };
    assert!(message.contains("exports no `wasi:cli/run`"), "{message}");
    let unknown = running("import other: func();", r#"(import "$root" "other" (func $f))"#, "(call $f) (i32.const 0)");
    let Outcome::ModuleInvalid { message } = outcome(&unknown, |_| {}).await else {
        panic!("is invalid");
    };
    assert!(message.contains("imports what this host does not have: other (func)"), "{message}");
}

fn component_of_library() -> Vec<u8> {
    wat::parse_str("(component)").expect("is a component")
}

/// What a step asked for and did not get is its outcome when it fails of it, and not when it does not.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_are_denied() {
    let asks = |after: &str| {
        running(
            "import wasi:sockets/tcp-create-socket@0.2.12;",
            r#"(import "wasi:sockets/tcp-create-socket@0.2.12" "create-tcp-socket" (func $make (param i32 i32)))"#,
            // 1 is an error, and 1 again `access-denied`.
            &format!(
                "(call $make (i32.const 0) (i32.const 0))
                 (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 1)) (then unreachable))
                 (if (i32.ne (i32.load8_u (i32.const 4)) (i32.const 1)) (then (return (i32.const 0)))) {after}"
            ),
        )
    };
    assert_eq!(outcome(&asks("(i32.const 0)"), |_| {}).await, OK);
    for failing in ["(i32.const 1)", "unreachable"] {
        let ended = outcome(&asks(failing), |_| {}).await;
        let Outcome::Denied { capability, grant } = &ended else {
            panic!("denied, and not {ended:?}");
        };
        assert_eq!(capability, "a TCP socket");
        assert!(grant.contains("sandbox.network"), "{grant}");
        assert_eq!(ended.exit_code(), 126);
    }
}

/// A program that makes a request with a body, and has its body's stream: `$stream`.
fn requesting(body: &str) -> Vec<u8> {
    running(
        "import wasi:http/outgoing-handler@0.2.12; import wasi:io/streams@0.2.12; import wasi:io/poll@0.2.12;",
        r#"(import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
           (import "wasi:http/types@0.2.12" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
           (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-authority"
             (func $authority (param i32 i32 i32 i32) (result i32)))
           (import "wasi:http/types@0.2.12" "[method]outgoing-request.body" (func $body (param i32 i32)))
           (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $write-body (param i32 i32)))
           (import "wasi:http/outgoing-handler@0.2.12" "handle" (func $handle (param i32 i32 i32 i32)))
           (import "wasi:io/streams@0.2.12" "[method]output-stream.check-write" (func $room (param i32 i32)))
           (import "wasi:io/streams@0.2.12" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))
           (import "wasi:io/streams@0.2.12" "[method]output-stream.subscribe" (func $subscribe (param i32) (result i32)))
           (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))
           (data (i32.const 1024) "api.example.com:8443")
           (global $asked (mut i32) (i32.const 0)) (global $stream (mut i32) (i32.const 0))"#,
        &format!(
            "(global.set $asked (call $request (call $fields)))
             (drop (call $authority (global.get $asked) (i32.const 1) (i32.const 1024) (i32.const 20)))
             (call $body (global.get $asked) (i32.const 0))
             (call $write-body (i32.load (i32.const 4)) (i32.const 0))
             (global.set $stream (i32.load (i32.const 4))) {body}"
        ),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_denied() {
    // 1 is an error, and the fifteenth of them `HTTP-request-denied`.
    let asks = requesting(
        "(call $handle (global.get $asked) (i32.const 0) (i32.const 0) (i32.const 512))
         (if (i32.ne (i32.load8_u (i32.const 512)) (i32.const 1)) (then (return (i32.const 0))))
         (if (i32.ne (i32.load8_u (i32.const 520)) (i32.const 15)) (then (return (i32.const 0))))
         (i32.const 1)",
    );
    let denied = Outcome::Denied {
        capability: "an HTTP request to api.example.com".into(),
        grant: r#"sandbox.network: [{host: "api.example.com", port: 8443, methods: [GET]}]"#.into(),
    };
    assert_eq!(outcome(&asks, |_| {}).await, denied);
}

/// A body that nobody sends is full at some time; a guest that waits for room waits until it is ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_has_no_end_is_ended() {
    let waits = requesting(
        "(loop $again
           (call $room (global.get $stream) (i32.const 512))
           (if (i64.ne (i64.load (i32.const 520)) (i64.const 0)) (then
             (call $write (global.get $stream) (i32.const 0) (i32.const 1024) (i32.const 544))
             (br $again))))
         (call $block (call $subscribe (global.get $stream))) (i32.const 0)",
    );
    let ended = outcome(&waits, |step| step.timeout = Some(100 * MS)).await;
    assert_eq!(ended, Outcome::TimedOut { after: 100 * MS });
    let machine = machine(&waits);
    let mut session = machine.open(attempt()).await;
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        machine.interrupt.send(Interrupt::Cancel).expect("is heard");
    };
    let (report, ()) = tokio::join!(session.run_step(step(0, "s", "m", &[])), cancel);
    assert_eq!(report.outcome, Outcome::Cancelled);
}

/// Each thing that a component can make its host keep has an end.
#[tokio::test(flavor = "multi_thread")]
async fn a_component_cannot_make_its_host_keep_more_and_more() {
    let pollables = running(
        "import wasi:clocks/monotonic-clock@0.2.12;",
        r#"(import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration" (func $wait (param i64) (result i32)))"#,
        "(loop $again (drop (call $wait (i64.const 1))) (br $again)) (i32.const 0)",
    );
    let streams = running(
        "import wasi:cli/stdout@0.2.12;",
        r#"(import "wasi:cli/stdout@0.2.12" "get-stdout" (func $get (result i32)))"#,
        "(loop $again (drop (call $get)) (br $again)) (i32.const 0)",
    );
    let fields = running(
        "import wasi:http/types@0.2.12;",
        r#"(import "wasi:http/types@0.2.12" "[constructor]fields" (func $make (result i32)))"#,
        "(loop $again (drop (call $make)) (br $again)) (i32.const 0)",
    );
    for hoard in [pollables, streams, fields] {
        let ended = outcome(&hoard, |step| step.timeout = Some(20_000 * MS)).await;
        assert!(matches!(&ended, Outcome::Trapped { .. }), "{ended:?}");
    }
    let random = running(
        "import wasi:random/random@0.2.12;",
        r#"(import "wasi:random/random@0.2.12" "get-random-bytes" (func $get (param i64 i32)))"#,
        "(call $get (i64.const 1099511627776) (i32.const 0)) (i32.const 0)",
    );
    let ended = outcome(&random, |_| {}).await;
    assert!(matches!(&ended, Outcome::Trapped { message, .. } if message.contains("random bytes")), "{ended:?}");
}
