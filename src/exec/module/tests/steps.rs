//! Whole modules through a session: what steps see of their task, and of each other.

use super::guest::Printed;
use crate::exec::module::{ExecutorOptions, HostOptions, ModuleExecutor, ModuleHost, PathResolver};
use crate::exec::{AttemptContext, AttemptReport, Executor, Interrupt, Session, StepReport, Stream};
use crate::model::outcome::{Limits, Outcome};
use crate::model::request::*;
use crate::volumes::commit::Commits;
use crate::volumes::{Objects, Volumes, VolumesOptions};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// A module that does what its arguments say: `ACTION PATH [TEXT]` three at a time is too much for
/// text, so this one copies: it opens argument 1 (below the root), reads it, and writes what it
/// read to standard output; with an argument 3, it writes that to the file at argument 2.
pub const TOOL: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open
    (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (func $len (param $s i32) (result i32) (local $n i32)
    (block $done (loop $next
      (br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $s) (local.get $n)))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br $next)))
    (local.get $n))
  (func $arg (param $n i32) (result i32)
    (i32.load (i32.add (i32.const 1024) (i32.shl (local.get $n) (i32.const 2)))))
  (func $must (param $errno i32)
    (if (local.get $errno) (then (call $exit (local.get $errno)))))
  (func (export "_start") (local $count i32)
    (call $must (call $sizes (i32.const 0) (i32.const 4)))
    (local.set $count (i32.load (i32.const 0)))
    (call $must (call $args (i32.const 1024) (i32.const 8192)))
    (call $must (call $open (i32.const 3) (i32.const 1)
      (i32.add (call $arg (i32.const 1)) (i32.const 1))
      (i32.sub (call $len (call $arg (i32.const 1))) (i32.const 1))
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
    (i32.store (i32.const 32) (i32.const 65536))
    (i32.store (i32.const 36) (i32.const 65000))
    (call $must (call $read (i32.load (i32.const 16)) (i32.const 32) (i32.const 1) (i32.const 36)))
    (call $must (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 48)))
    (if (i32.gt_u (local.get $count) (i32.const 3)) (then
      (call $must (call $open (i32.const 3) (i32.const 1)
        (i32.add (call $arg (i32.const 2)) (i32.const 1))
        (i32.sub (call $len (call $arg (i32.const 2))) (i32.const 1))
        (i32.const 9) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16)))
      (i32.store (i32.const 32) (call $arg (i32.const 3)))
      (i32.store (i32.const 36) (call $len (call $arg (i32.const 3))))
      (call $must (call $write (i32.load (i32.const 16))
        (i32.const 32) (i32.const 1) (i32.const 48)))))))"#;

/// A module that prints its arguments and its environment.
pub const TELL: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $asize (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $esize (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $print (param $size i32)
    (i32.store (i32.const 32) (i32.const 8192))
    (i32.store (i32.const 36) (local.get $size))
    (drop (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 48))))
  (func (export "_start")
    (drop (call $asize (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 8192)))
    (call $print (i32.load (i32.const 4)))
    (drop (call $esize (i32.const 0) (i32.const 4)))
    (drop (call $env (i32.const 1024) (i32.const 8192)))
    (call $print (i32.load (i32.const 4)))))"#;

/// A machine of its own: state, cache, sources and workspaces in one directory.
pub struct Machine {
    pub dir: tempfile::TempDir,
    pub printed: Arc<Printed>,
    pub interrupt: watch::Sender<Interrupt>,
    pub executor: ModuleExecutor,
}

impl Machine {
    /// With fewer places than users have: many such machines share the address space of the tests' process.
    pub fn new(modules: &[(&str, &str)]) -> Self {
        Self::with_reserve(modules, 16)
    }

    /// With so many places for programs that steps start.
    pub fn with_reserve(modules: &[(&str, &str)], reserve: u32) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in modules {
            let bytes = wat::parse_str(text).expect("is WebAssembly");
            std::fs::write(dir.path().join(format!("{name}.wasm")), bytes).expect("is written");
        }
        let mut options = HostOptions::new(dir.path().join("state"), dir.path().join("cache"));
        (options.slots, options.reserve) = (32, reserve);
        let mut objects = Objects::default();
        let data = BTreeMap::from([("token".to_owned(), b"hunter2".to_vec())]);
        objects.secrets.insert(("default".into(), "pass".into()), data);
        let executor = ModuleExecutor::new(ExecutorOptions {
            host: Arc::new(ModuleHost::new(options).expect("starts")),
            volumes: Volumes::new(VolumesOptions {
                volumes_dir: dir.path().join("volumes"),
                objects: Arc::new(objects),
                commits: Commits { dir: dir.path().join("commits"), ground: Arc::default() },
            }),
            resolver: Arc::new(PathResolver { sources: vec![dir.path().to_owned()], built_in: BTreeMap::new() }),
            scratch_dir: dir.path().join("scratch"),
            run: "testrun".into(),
            limits: Limits::default(),
            cache: None,
        });
        let (interrupt, _) = watch::channel(Interrupt::None);
        Self { dir, printed: Arc::default(), interrupt, executor }
    }

    pub fn context(&self) -> AttemptContext {
        AttemptContext { logs: self.printed.clone(), interrupt: self.interrupt.subscribe() }
    }

    pub async fn executor_open(&self, request: AttemptRequest, context: AttemptContext) -> Box<dyn Session> {
        self.executor.open(request, context).await.expect("is opened")
    }

    pub async fn open(&self, request: AttemptRequest) -> Box<dyn Session> {
        self.executor_open(request, self.context()).await
    }

    /// One step in a task of its own.
    pub async fn one(&self, request: StepRequest) -> (StepReport, AttemptReport) {
        let mut session = self.open(attempt()).await;
        let report = session.run_step(request).await;
        (report, session.close().await)
    }

    fn files(&self, name: &str) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.dir.path().join(name)) else {
            return Vec::new();
        };
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }
}

pub fn attempt() -> AttemptRequest {
    let volume = |key: &str, source| VolumeRequest { key: key.to_owned(), source };
    AttemptRequest {
        namespace: "default".into(),
        task_run: "task".into(),
        attempt: 0,
        volumes: vec![
            volume("claim", VolumeSource::Claim { name: "claim".into() }),
            volume("empty", VolumeSource::EmptyDir),
            volume(
                "secret",
                VolumeSource::Projected {
                    sources: vec![ProjectedSource {
                        object: ObjectKind::Secret,
                        name: "pass".into(),
                        optional: false,
                        items: Vec::new(),
                        default_mode: None,
                    }],
                    texts: Vec::new(),
                },
            ),
        ],
        steps: Vec::new(),
        sidecars: Vec::new(),
        params: Arc::default(),
        results: vec![ResultRequest::text("out"), ResultRequest::text("unwritten")],
        service_account: "default".into(),
        live: false,
    }
}

pub fn step(index: u32, name: &str, image: &str, args: &[&str]) -> StepRequest {
    let mount = |volume: &str, path: &str| MountRequest {
        volume: volume.to_owned(),
        mount_path: path.to_owned(),
        sub_path: String::new(),
        read_only: false,
    };
    StepRequest {
        index,
        name: name.to_owned(),
        program: ProgramRequest {
            user: None,
            image: format!("./{image}.wasm"),
            source: 0,
            command: Vec::new(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            script: None,
            env: Vec::new(),
            working_dir: None,
            mounts: vec![mount("claim", "/workspace/claim"), mount("empty", "/empty"), mount("secret", "/etc/secret")],
            sandbox: SandboxRequest::default(),
        },
        timeout: None,
        results: vec![ResultRequest::text("own")],
        stdout_path: None,
        stderr_path: None,
        notes: Vec::new(),
    }
}

const OK: Outcome = Outcome::Exited { code: 0 };

fn code(code: u8) -> Outcome {
    Outcome::Exited { code }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_share_what_their_task_shares() {
    let machine = Machine::new(&[("tool", TOOL)]);
    let mut session = machine.open(attempt()).await;
    let nothing = "/dev/null";
    let writes = [
        ("/empty/f", OK),
        ("/workspace/claim/f", OK),
        ("/workspace/f", OK),
        ("/tekton/home/f", OK),
        ("/tekton/results/out", OK),
        ("/tekton/steps/step-one/results/own", OK),
        ("/tekton/creds/f", OK),
        ("/tmp/f", OK),
        ("/f", OK),
        // What is not a step's to write: EROFS is 69.
        ("/tekton/run/f", code(69)),
        ("/tekton/steps/f", code(69)),
        ("/etc/secret/f", code(69)),
        ("/etc/secret/token", code(69)),
    ];
    for (index, (path, outcome)) in writes.iter().enumerate() {
        let args = [nothing, *path, "text"];
        let report = session.run_step(step(index as u32, "one", "tool", &args)).await;
        assert_eq!(report.outcome, *outcome, "{path}");
        if path.contains("step-one") {
            assert_eq!(report.results.get("own").map(String::as_str), Some("text"));
            assert!(report.image_id.starts_with("blake3:"));
        }
    }
    let reads = [
        ("/empty/f", OK),
        ("/workspace/claim/f", OK),
        ("/workspace/f", OK),
        ("/tekton/home/f", OK),
        ("/tekton/results/out", OK),
        ("/tekton/steps/step-one/exitCode", OK),
        ("/tekton/steps/one/results/own", OK),
        ("/etc/secret/token", OK),
        // Scratch of another step: ENOENT is 44.
        ("/tekton/creds/f", code(44)),
        ("/tmp/f", code(44)),
        ("/f", code(44)),
        // A step before it is read-only to this one.
        ("/tekton/steps/step-two/exitCode", code(44)),
    ];
    for (path, outcome) in reads {
        let report = session.run_step(step(50, "two", "tool", &[path])).await;
        assert_eq!(report.outcome, outcome, "{path}");
    }
    let report = session.run_step(step(51, "two", "tool", &[nothing, "/tekton/steps/step-one/x", "t"])).await;
    assert_eq!(report.outcome, code(69));
    let printed = machine.printed.text(Stream::Stdout);
    assert!(printed.contains("hunter2") && printed.contains("text"), "{printed}");
    let report = session.close().await;
    assert_eq!(report.results, BTreeMap::from([("out".to_owned(), "text".to_owned())]));
    assert_eq!(report.fault, None);
    // Of the task, its claim is left, and nothing else; the secret never was on disk.
    assert_eq!(machine.files("scratch"), Vec::<PathBuf>::new());
    let claim = machine.dir.path().join("volumes/default/claim/f");
    assert_eq!(std::fs::read_to_string(claim).expect("is there"), "text");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_writes_nothing_leaves_no_trace() {
    let machine = Machine::new(&[("tool", TOOL)]);
    let (report, closed) = machine.one(step(0, "one", "tool", &["/dev/zero"])).await;
    assert_eq!((report.outcome, closed), (OK, AttemptReport::default()));
    assert!(!machine.dir.path().join("scratch").exists());
    assert!(!machine.dir.path().join("volumes").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_arguments_environment_and_script() {
    let machine = Machine::new(&[("tell", TELL), ("tool", TOOL)]);
    let told = async |request: StepRequest| {
        let (report, _) = machine.one(request).await;
        assert_eq!(report.outcome, OK);
        let text = machine.printed.text(Stream::Stdout);
        machine.printed.0.lock().expect("a log").clear();
        text.replace('\0', "|")
    };
    assert_eq!(told(step(0, "s", "tell", &["a b", ""])).await, "tell|a b||PWD=/|");
    let mut request = step(0, "s", "tell", &["x"]);
    request.program.command = vec!["/bin/cmd".into(), "-v".into()];
    request.program.working_dir = Some("/empty/deep/er".into());
    let value = |name: &str, value: &str| EnvRequest::Value { name: name.to_owned(), value: value.to_owned() };
    request.program.env = vec![value("A", "1"), value("PWD", "/lie"), value("A", "2")];
    assert_eq!(told(request).await, "/bin/cmd|-v|x|A=2|PWD=/empty/deep/er|");
    let mut request = step(0, "s", "tell", &["x"]);
    request.program.script = Some("echo hi".into());
    assert_eq!(told(request).await, "tell|/tekton/scripts/s|x|PWD=/|");
    let mut request = step(0, "s", "tool", &[]);
    request.program.script = Some("echo hi".into());
    assert_eq!(told(request).await, "#!/bin/sh\nset -e\necho hi");
    let mut request = step(0, "s", "tell", &["a\0b"]);
    request.program.script = None;
    let (report, _) = machine.one(request).await;
    assert!(matches!(report.outcome, Outcome::ModuleInvalid { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn output_is_copied_to_files() {
    let machine = Machine::new(&[("tell", TELL)]);
    let mut request = step(0, "s", "tell", &["said"]);
    request.stdout_path = Some("/tekton/results/out".into());
    let (report, closed) = machine.one(request).await;
    assert_eq!(report.outcome, OK);
    assert_eq!(closed.results["out"], "tell\0said\0PWD=/\0");
    assert_eq!(machine.printed.text(Stream::Stdout), "tell\0said\0PWD=/\0");
    let mut request = step(0, "s", "tell", &[]);
    request.stderr_path = Some("/etc/secret/x".into());
    let (report, _) = machine.one(request).await;
    assert!(matches!(report.outcome, Outcome::ModuleInvalid { .. }), "{:?}", report.outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_says_why() {
    let machine = Machine::new(&[
        ("alien", r#"(module (import "env" "puts" (func)) (func (export "_start")))"#),
        ("library", "(module (func (export \"run\")))"),
        ("old", r#"(module (import "wasi_unstable" "fd_close" (func)) (func (export "_start")))"#),
        (
            "wrong",
            r#"(module (import "wasi_snapshot_preview1" "fd_close" (func))
            (func (export "_start")))"#,
        ),
    ]);
    let dir = machine.dir.path();
    std::fs::write(dir.join("text.wasm"), "#!/bin/sh\n").expect("is written");
    std::fs::write(dir.join("component.wasm"), b"\0asm\x0d\0\x01\0").expect("is written");
    std::fs::write(dir.join("torn.wasm"), b"\0asm\x01\0\0\0\x01\xff").expect("is written");
    let cases = [
        ("alien", "env::puts"),
        ("library", "_start"),
        ("old", "wasi_unstable::fd_close"),
        ("wrong", "fd_close"),
        ("text", "not WebAssembly"),
        ("component", "exports no `wasi:cli/run`"),
        ("torn", "not valid WebAssembly"),
        ("absent", "cannot be read"),
    ];
    for (name, says) in cases {
        let (report, _) = machine.one(step(0, "s", name, &[])).await;
        let Outcome::ModuleInvalid { message } = &report.outcome else {
            panic!("{name}: {:?}", report.outcome);
        };
        assert!(message.contains(says) && message.contains(name), "{name}: {message}");
    }
    let mut request = step(0, "s", "x", &[]);
    request.program.image = "builtin:nothing".into();
    let (report, _) = machine.one(request).await;
    assert!(report.outcome.to_string().contains("builtin:nothing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_a_sidecar_spoils_are_left_out_and_named() {
    let machine = Machine::new(&[("tool", TOOL)]);
    let mut session = machine.open(attempt()).await;
    session.run_step(step(0, "s", "tool", &["/dev/null", "/tekton/results/out", "x"])).await;
    let scratch = machine.files("scratch").pop().expect("is there").join("results/out");
    std::fs::write(scratch, vec![b'x'; (8 << 20) + 1]).expect("is written");
    let report = session.close().await;
    let warning = report.warnings.first().expect("a warning");
    assert!(warning.contains("\"out\"") && warning.contains("8388609"), "{warning}");
    assert!(report.fault.is_none() && report.results.is_empty(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_attempt_starts_clean_even_after_a_crash() {
    let machine = Machine::new(&[("tool", TOOL)]);
    let left = machine.dir.path().join("scratch");
    let mut session = machine.open(attempt()).await;
    session.run_step(step(0, "s", "tool", &["/dev/null", "/empty/f", "x"])).await;
    std::mem::forget(session);
    assert!(Path::new(&left).exists());
    let (report, _) = machine.one(step(0, "s", "tool", &["/empty/f"])).await;
    assert_eq!(report.outcome, code(44));
}
