//! One script, run by one shell in an empty folder. Knows no test, and no shell.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub output: String,
    pub said: Vec<String>,
    pub code: Option<i32>,
}

/// Runs a script, which lies in the folder as `script.sh`.
pub fn run(shell: &Path, script: &str, place: &Path) -> Answer {
    let _ = fs::remove_dir_all(place);
    fs::create_dir_all(place).expect("a folder");
    fs::write(place.join("script.sh"), script).expect("a script");
    let done = Command::new("timeout")
        .arg("20")
        .arg(shell)
        .arg("script.sh")
        .current_dir(place)
        .env_clear()
        .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("HOME", "/root")])
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    // How to get a command that is missing is our own advice.
    let said =
        text(done.stderr).lines().filter(|line| !line.starts_with("  (this userland")).map(str::to_owned).collect();
    Answer { output: text(done.stdout), said, code: done.status.code() }
}
