//! Puts the modules of `steps/` into the binary and names the build. It writes `$OUT_DIR/builtin.rs`, which holds
//! `pub static BUILTIN: &[(&str, &[u8], [u8; 32])]`, names, bytes and BLAKE3 digests, sorted by name: every `*.wasm` of STEPWELL_GUESTS, or else of
//! `guests/builtin` in the target directory, where `make guests` puts them. Without them the table is empty. It
//! does not know what the modules do, nor does it build them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=STEPWELL_GUESTS");
    let guests = env::var_os("STEPWELL_GUESTS").map_or_else(|| in_target(&out), PathBuf::from);
    println!("cargo::rerun-if-changed={}", guests.display());
    fs::write(out.join("builtin.rs"), table(&guests)).expect("OUT_DIR can be written");

    // Watching the branch itself would compile everything again at each commit; a fresh clone and a switched
    // branch are seen, and a release is built from one of these.
    println!("cargo::rerun-if-changed=Cargo.lock");
    if Path::new(".git/HEAD").exists() {
        println!("cargo::rerun-if-changed=.git/HEAD");
    }
    println!("cargo::rustc-env=STEPWELL_COMMIT={}", commit().unwrap_or_else(|| "unknown".into()));
    println!("cargo::rustc-env=STEPWELL_WASMTIME={}", locked_version("wasmtime"));
    println!("cargo::rustc-env=STEPWELL_TARGET={}", env::var("TARGET").expect("cargo sets TARGET"));
}

/// The folder that `make guests` fills. It is made when it is not there: cargo watches it from then on, where a
/// missing one would make it run this program at every build.
fn in_target(out: &Path) -> PathBuf {
    // OUT_DIR is TARGET_DIR[/TRIPLE]/PROFILE/build/PACKAGE/out.
    let above = |count: usize| out.ancestors().nth(count).unwrap_or(out);
    let triple = env::var_os("TARGET").expect("cargo sets TARGET");
    let target = if above(4).file_name() == Some(&triple) { above(5) } else { above(4) };
    let guests = target.join("guests").join("builtin");
    // A read-only target directory only means that no module is found there.
    let _ = fs::create_dir_all(&guests);
    guests
}

/// The version of `package` in Cargo.lock.
fn locked_version(package: &str) -> String {
    let lock = fs::read_to_string("Cargo.lock").unwrap_or_default();
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = "))
        .map_or_else(|| "unknown".to_owned(), |version| version.trim_matches('"').to_owned())
}

fn table(guests: &Path) -> String {
    let mut modules: Vec<(String, PathBuf)> = fs::read_dir(guests)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect();
    modules.sort();
    let mut text = String::from(
        "/// The shipped modules: name, bytes, digest; sorted.\npub static BUILTIN: &[(&str, &[u8], [u8; 32])] = &[\n",
    );
    for (name, path) in modules {
        let path = fs::canonicalize(&path).expect("a listed module is there");
        // Read whole at every start, it would cost more than a step.
        let digest = blake3::hash(&fs::read(&path).expect("a listed module can be read"));
        text.push_str(&format!("    ({name:?}, include_bytes!({path:?}), {:?}),\n", digest.as_bytes()));
    }
    text.push_str("];\n");
    text
}

fn commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
