//! Runs every command that the examples' READMEs show, as a reader would, and looks at what
//! came out. Knows the READMEs' form: a `console` block, a command a line after `$`, and
//! `# exit N` behind one that fails. Does not know the pipelines.
//!
//! Modules come from `make guests`. One that needs a tool that is missing here (Go, pip) is
//! named and left out, as there; every other must be there. The large one, which takes half a
//! minute to compile, is run when STEPWELL_SLOW_TESTS is set, as `make test` does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a command must have left: a file in the example's folder and a part of its content,
/// or a part of standard output when the file's name is empty.
const LEFT: &[(&str, &str, &str)] = &[
    ("hello.yaml", "", "Hello, "),
    ("who=you", "", "Hello, you!"),
    ("results.yaml", "", "version 1.2.3 with sandbox"),
    ("matrix.yaml", "", "linux-1.94"),
    ("matrix.yaml", "", "freebsd-nightly"),
    ("finally.yaml", "", "compile: Failed, release: None, all: Failed"),
    ("site ", "out/index.html", "<h1"),
    ("site ", "out/logo-512.png", "PNG"),
    ("site ", "out/build.txt", "Succeeded"),
    ("bundle ", "out/app.js", "sourceMappingURL"),
    ("release.yaml", "", "Install it with `npm install demo@1.5.0`."),
    ("release.yaml", "", "questions are read from standard input (breaking)"),
    ("release.yaml", "", "demo-1.5.0.tar.gz: OK"),
    ("release.yaml", "out/SHA256SUMS", "demo-1.5.0.tar.gz"),
    ("checks.yaml", "", "shell    failed with 2"),
    ("checks.yaml", "", "2 of 4 checks failed"),
    ("health.yaml", "", "\"status\": \"ok\", \"asked\": 3"),
    ("synthesise ", "out/counter.v", "SB_DFF"),
];

/// Examples whose module takes long to compile.
const SLOW: &[&str] = &["yosys"];

#[test]
fn every_example_does_what_its_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(&root).expect("examples/ can be read").map(|e| e.expect("an entry").path()).collect();
    folders.sort();
    let mut ran = 0;
    let mut checked = vec![false; LEFT.len()];
    for folder in folders.iter().filter(|f| f.is_dir()) {
        let name = folder.file_name().and_then(|n| n.to_str()).expect("a plain name");
        if let Some(why) = left_out(name, folder) {
            println!("examples/{name} is left out: {why}");
            for (mark, (word, ..)) in checked.iter_mut().zip(LEFT) {
                *mark |= commands(folder).iter().any(|(command, _)| command.contains(word));
            }
            continue;
        }
        let place = tempfile::tempdir().expect("a temporary directory");
        copy(folder, place.path());
        fs::create_dir_all(place.path().join("out")).expect("out/ can be made");
        for (command, exit) in commands(folder) {
            let output = run(&command, place.path());
            assert_eq!(output.status.code(), Some(exit), "examples/{name}: {command}\n{}", text(&output));
            look(&command, place.path(), &output, &mut checked);
            ran += 1;
        }
    }
    assert!(ran >= 12, "only {ran} commands were found in the READMEs");
    let unused: Vec<_> = LEFT.iter().zip(checked).filter(|(_, seen)| !seen).map(|(l, _)| l).collect();
    assert!(unused.is_empty(), "no command fits these expectations: {unused:?}");
}

/// Why an example can't be run here, if so.
fn left_out(name: &str, folder: &Path) -> Option<String> {
    if SLOW.contains(&name) && std::env::var_os("STEPWELL_SLOW_TESTS").is_none() {
        return Some("STEPWELL_SLOW_TESTS is not set".to_owned());
    }
    let lock = fs::read_to_string(folder.join("modules.lock")).unwrap_or_default();
    for line in lock.lines().filter(|l| !l.starts_with('#')) {
        let mut words = line.split_whitespace();
        let (Some(how), Some(module)) = (words.next(), words.next()) else { continue };
        if folder.join("modules").join(format!("{module}.wasm")).is_file() {
            continue;
        }
        let tool = match how {
            "go" => "go",
            "pip" => "pip",
            _ => panic!("examples/{name}: modules/{module}.wasm is missing: run `make guests`"),
        };
        assert!(
            !has(tool),
            "examples/{name}: modules/{module}.wasm is missing though {tool} is here: run `make guests`"
        );
        return Some(format!("{module}.wasm needs {tool}, which is not here"));
    }
    None
}

fn has(tool: &str) -> bool {
    Command::new(tool).arg("version").output().is_ok()
}

/// The commands of a README with the exit codes that it tells.
fn commands(folder: &Path) -> Vec<(String, i32)> {
    let readme = fs::read_to_string(folder.join("README.md")).expect("an example has a README");
    readme
        .lines()
        .filter_map(|line| line.strip_prefix("$ stepwell "))
        .map(|line| {
            let (command, comment) = line.split_once('#').unwrap_or((line, ""));
            let exit = comment.trim().strip_prefix("exit ").map_or(0, |code| code.parse().expect("an exit code"));
            (command.trim().to_owned(), exit)
        })
        .collect()
}

fn run(command: &str, place: &Path) -> Output {
    // Compiled modules are kept between test runs: that is what a user's second run does.
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    Command::new(env!("CARGO_BIN_EXE_stepwell"))
        .args(command.split_whitespace())
        .arg("--state-dir")
        .arg(kept.join("examples-state"))
        .arg("--cache-dir")
        .arg(kept.join("examples-cache"))
        .current_dir(place)
        .output()
        .expect("the binary starts")
}

fn look(command: &str, place: &Path, output: &Output, checked: &mut [bool]) {
    let mut seen: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let command = format!("{command} ");
    for (mark, (word, file, part)) in checked.iter_mut().zip(LEFT) {
        if !command.contains(word) {
            continue;
        }
        let bytes = seen.entry(file).or_insert_with(|| {
            if file.is_empty() { output.stdout.clone() } else { fs::read(place.join(file)).unwrap_or_default() }
        });
        let found = bytes.windows(part.len()).any(|window| window == part.as_bytes());
        assert!(found, "{command}: `{part}` is not in {file:?}\n{}", text(output));
        *mark = true;
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Copies an example, so that running it leaves the checkout as it is. Modules are linked.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name();
        if name == "modules" {
            std::os::unix::fs::symlink(&source, &target).expect("a link can be made");
        } else if source.is_dir() && name != "out" {
            copy(&source, &target);
        } else if source.is_file() {
            fs::copy(&source, &target).expect("a file can be copied");
        }
    }
}
