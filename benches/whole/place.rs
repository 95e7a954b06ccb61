//! Where the figures are taken: a folder on disk with state, cache, modules and inputs, and how the binary is called.
//!
//! Knows the command line. Does not know what is measured.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A folder of its own, removed at the end.
pub struct Place {
    dir: tempfile::TempDir,
}

/// What cargo builds into: on disk, which a temporary directory may not be.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Place {
    pub fn new() -> Self {
        std::fs::create_dir_all(target()).expect("the target directory can be made");
        let dir = tempfile::Builder::new().prefix("bench-").tempdir_in(target());
        Self { dir: dir.expect("a temporary directory can be made") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, with the folders above it.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let above = path.parent().expect("a file has a folder");
        std::fs::create_dir_all(above).expect("a folder can be made");
        std::fs::write(&path, bytes).expect("a file can be written");
        path
    }

    /// The binary in this place; its arguments follow.
    pub fn stepwell(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
        command
            .arg("--state-dir")
            .arg(self.path("state"))
            .arg("--cache-dir")
            .arg(self.path("cache"))
            .args(arguments)
            .current_dir(self.dir.path());
        command
    }
}

/// Runs a command to its end and gives how long that took, from before it was started. What it prints is only
/// looked at when it fails.
pub fn took(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = command.output().expect("the program starts");
    let took = start.elapsed();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    took
}

/// Runs a command to its end and gives its standard output.
pub fn said(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text")
}
