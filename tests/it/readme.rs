//! The README says what is so: its pipeline is the example's, its output is what the command
//! prints, its exit codes are the code's, its links lead somewhere. Knows the README's form.

use std::path::Path;
use std::process::Command;
use stepwell::cli::exit::TABLE;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("there is a README")
}

#[test]
fn exit_codes_are_those_of_the_code() {
    let text = readme();
    let rows: Vec<&str> = text.lines().skip_while(|l| *l != "| code | means |").skip(2).collect();
    let rows: Vec<&str> = rows.into_iter().take_while(|l| l.starts_with('|')).collect();
    let expected: Vec<String> = TABLE.iter().map(|(exit, what)| format!("| {} | {what} |", exit.code())).collect();
    assert_eq!(rows, expected);
}

/// What changes from run to run: ids and times.
fn steady(text: &str, id: &str) -> String {
    let words = text.replace(id, "ID");
    let timed = |word: &str| word.ends_with("ms") && word.starts_with(|c: char| c.is_ascii_digit());
    let words = words
        .split(' ')
        .map(|w| w.split('\n').map(|w| if timed(w) { "TIME" } else { w }).collect::<Vec<_>>().join("\n"));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_first_example_prints_what_the_readme_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = readme();
    let command = "$ stepwell run -f examples/hello/hello.yaml\n";
    let shown = text.split(command).nth(1).and_then(|t| t.split("```").next()).expect("the README shows a run");
    let state = tempfile::tempdir().expect("a temporary directory");
    let run = |more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_stepwell"))
            .args(["run", "-f", "examples/hello/hello.yaml"])
            .args(more)
            .arg("--state-dir")
            .arg(state.path().join("state"))
            .arg("--cache-dir")
            .arg(state.path().join("cache"))
            .current_dir(root)
            .output()
            .expect("the binary starts")
    };
    // Its module is compiled then, and no more than that is kept.
    run(&["--no-cache"]);
    let output = run(&[]);
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let id = |text: &str| text.split("(run ").nth(1).and_then(|t| t.split(')').next()).unwrap_or_default().to_owned();
    assert_eq!(steady(&printed, &id(&printed)), steady(shown, &id(shown)));
}

#[test]
fn the_first_pipeline_is_the_examples() {
    let lines = |text: &str| -> Vec<String> {
        let code = |line: &str| line.split(" #").next().unwrap_or_default().trim_end().to_owned();
        let said = |line: &String| !line.is_empty() && !line.starts_with('#') && !line.contains("description:");
        text.lines().map(code).filter(said).collect()
    };
    let text = readme();
    let shown =
        text.split("```yaml\n").nth(1).and_then(|t| t.split("```").next()).expect("the README shows a pipeline");
    let example = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello/hello.yaml"))
        .expect("the example is there");
    assert_eq!(lines(shown), lines(&example));
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/pipelines.md",
        "docs/sandbox.md",
        "docs/cli.md",
        "docs/cache.md",
        "docs/internals.md",
    ] {
        let path = root.join(page);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{page}: {e}"));
        for link in text.split("](").skip(1).filter_map(|t| t.split(')').next()) {
            let target = path.parent().expect("a page has a folder").join(link.split('#').next().unwrap_or(link));
            assert!(link.starts_with("http") || target.exists(), "{page}: {link} leads nowhere");
        }
    }
}

/// Commands whose help is a section of `docs/cli.md`.
const COMMANDS: [&str; 15] = [
    "",
    "run",
    "check",
    "graph",
    "list",
    "show",
    "logs",
    "cancel",
    "get",
    "module inspect",
    "cache stats",
    "cache gc",
    "cache verify",
    "doctor",
    "completions",
];

#[test]
fn the_command_lines_page_is_what_help_prints() {
    let mut page = String::from(
        "# Command line\n\nWhat `--help` prints, command by command; `STEPWELL_BLESS=1 cargo test --release` writes this page.\n",
    );
    for command in COMMANDS {
        let words = command.split_whitespace().chain(["--help"]);
        let output = Command::new(env!("CARGO_BIN_EXE_stepwell")).args(words).output().expect("the binary starts");
        let help = String::from_utf8(output.stdout).expect("help is UTF-8");
        assert!(!help.contains('\u{1b}'), "help has colours though its output is no terminal");
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        let name = format!("stepwell {command}");
        page += &format!("\n## `{}`\n\n```text\n{}\n```\n", name.trim_end(), help.join("\n").trim());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("STEPWELL_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "run the tests with STEPWELL_BLESS=1 and read the difference");
}
