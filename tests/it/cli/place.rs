//! A place of its own for each test: files, modules written as text, a home, state and cache directories. Knows how
//! the binary is called. Does not know what is tested.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;
use tempfile::TempDir;

/// A folder with everything that one test touches.
pub struct Place {
    dir: TempDir,
}

impl Place {
    /// An empty place.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    /// Writes a file.
    pub fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file is written");
        self
    }

    /// Writes a module.
    pub fn module(&self, name: &str, text: &str) -> &Self {
        let bytes = wat::parse_str(text).expect("a module's text");
        std::fs::write(self.path().join(name), bytes).expect("a module is written");
        self
    }

    /// The binary, in this place, with nothing of the caller's environment that it would look at.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.path().join("home"))
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm-256color")
            .env("STEPWELL_STATE_DIR", self.state())
            .env("STEPWELL_CACHE_DIR", self.path().join("cache"));
        command
    }

    /// Calls the binary and waits.
    pub fn stepwell(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().expect("the binary runs"))
    }
}

/// The binary as people install it, with the compiled code of its own modules behind its end: made once for each build,
/// so that no test waits for the userland to be compiled.
fn binary() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let built = Path::new(env!("CARGO_BIN_EXE_stepwell"));
        let data = std::fs::metadata(built).expect("the binary is built");
        let age = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).expect("a time");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("carried");
        let made = folder.join(format!("stepwell-{}", age.as_nanos()));
        if !made.exists() {
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).expect("a folder");
            // Under another name until it is whole: other tests may look for it.
            let new = folder.join(format!("new-{}", std::process::id()));
            std::fs::copy(built, &new).expect("the binary is copied");
            let carried = Command::new(built).arg("__carry").arg(&new).status().expect("the binary runs");
            assert!(carried.success(), "the code is added");
            std::fs::rename(&new, &made).expect("it gets its name");
        }
        made
    })
}

/// What a process said and returned.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The exit code is this one; everything that was said is shown where it isn't.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}:\n{}\n{}", self.stdout, self.stderr))
    }
}

/// A module that prints `text` and ends with `code`.
pub fn prints(text: &str, code: u8) -> String {
    program(text, &format!("(call $exit (i32.const {code}))"))
}

/// A module that prints `text` and then never ends.
pub fn spins(text: &str) -> String {
    program(text, "(loop $again (br $again))")
}

fn program(text: &str, rest: &str) -> String {
    let mut data = String::new();
    for byte in text.bytes() {
        let _ = write!(data, "\\{byte:02x}");
    }
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "{data}")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const {}))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    {rest}))"#,
        text.len()
    )
}

/// A run of one task with one step.
pub fn task_run(name: &str, module: &str) -> String {
    format!(
        "apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {{name: {name}}}
spec:
  taskSpec:
    steps:
    - {{name: only, image: ./{module}}}
"
    )
}

/// A run of a pipeline whose tasks stand one after the other, with one that always comes last.
/// Tasks are (name, module); `finally` is a module.
pub fn pipeline_run(name: &str, tasks: &[(&str, &str)], finally: Option<&str>) -> String {
    let mut text = format!(
        "apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {{name: {name}}}
spec:
  pipelineSpec:
    tasks:
"
    );
    let mut before: Option<&str> = None;
    for (task, module) in tasks {
        let after = before.map(|b| format!("runAfter: [{b}], ")).unwrap_or_default();
        let _ = writeln!(text, "    - {{name: {task}, {after}taskSpec: {{steps: [{{name: s, image: ./{module}}}]}}}}");
        before = Some(task);
    }
    if let Some(module) = finally {
        let _ =
            write!(text, "    finally:\n    - {{name: last, taskSpec: {{steps: [{{name: s, image: ./{module}}}]}}}}\n");
    }
    text
}
