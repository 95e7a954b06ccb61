//! Reads the cases that the userland's own tests compare with the system's tools, in the three forms that they have, and
//! lays each out as a folder. Knows the forms; runs nothing.

#[path = "../../../steps/sh/text/tests/fixtures/mod.rs"]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};

/// Where programs are looked for: a folder of the test's first.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// One script and what is compared of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file, below `steps/sh`, without its ending.
    pub file: String,
    /// Which one of the file.
    pub number: usize,
    setup: String,
    /// The script itself.
    pub text: String,
    environment: &'static [&'static str],
    /// Whether it is a file that lies in its folder, instead of an argument.
    is_file: bool,
    has_fixtures: bool,
    /// Whether what it says on standard error is compared.
    pub says: bool,
    /// Whether the files that it left are compared.
    pub leaves: bool,
}

impl Case {
    /// A name for its folder.
    pub fn name(&self) -> String {
        format!("{}.{:04}", self.file.replace("/tests/cases", "").replace('/', "-"), self.number)
    }

    /// Lays it out below a folder.
    pub fn lay_out(&self, below: &Path, programs: &Path) {
        let folder = below.join(self.name());
        fs::create_dir_all(&folder).expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("is written");
        let path = format!("PATH={}:{PATH}\n", programs.display());
        write("environment", &(path + &self.environment.iter().map(|one| format!("{one}\n")).collect::<String>()));
        write(if self.is_file { "script.sh" } else { "line" }, &self.text);
        if !self.setup.is_empty() {
            write("setup", &self.setup);
        }
        if self.has_fixtures {
            let files = folder.join("files");
            fs::create_dir(&files).expect("a folder");
            fixtures::fixtures(&files);
        }
    }
}

/// All cases of the shell and the tools.
pub fn all() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("steps/sh");
    let mut cases = Vec::new();
    for folder in ["tests/cases", "tests/snippets", "text/tests/cases", "tools/tests/cases"] {
        let mut files: Vec<PathBuf> =
            fs::read_dir(root.join(folder)).expect("cases").map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).expect("cases");
            let name = format!("{folder}/{}", file.file_stem().expect("a name").to_string_lossy());
            // Those of `posix_…` are for a shell by the name `sh`, which is another one on most systems.
            if name.starts_with("tests/snippets/posix_") {
                continue;
            }
            match folder {
                "tests/cases" => cases.push(scripts(&name, 1, &text)),
                "tests/snippets" => {
                    let parts = text.split("\n#---\n").enumerate();
                    cases.extend(parts.map(|(at, text)| scripts(&name, at + 1, text)));
                }
                "text/tests/cases" => paragraphs(&name, &text, &mut cases),
                _ => lines(&name, &text, &mut cases),
            }
        }
    }
    cases
}

/// A script of the shell's: a file that bash reads.
fn scripts(name: &str, number: usize, text: &str) -> Case {
    Case {
        file: name.trim_start_matches("tests/").to_owned(),
        number,
        setup: String::new(),
        text: text.to_owned(),
        environment: &["LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/root"],
        is_file: true,
        has_fixtures: false,
        says: name.starts_with("tests/cases") || name.ends_with("/errors"),
        leaves: true,
    }
}

/// Paragraphs, with the same files for each; one that begins with `#texts-differ` says other things.
fn paragraphs(name: &str, text: &str, cases: &mut Vec<Case>) {
    for text in text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()) {
        let number = cases.last().filter(|case| case.file == name).map_or(0, |case| case.number) + 1;
        cases.push(Case {
            file: name.to_owned(),
            number,
            setup: String::new(),
            text: text.to_owned(),
            environment: &["LC_ALL=C", "TZ=UTC", "HOME=/nowhere"],
            is_file: false,
            has_fixtures: true,
            says: !text.starts_with("#texts-differ"),
            leaves: true,
        });
    }
}

/// Lines with `setup:` lines between them, and marks before them.
fn lines(name: &str, text: &str, cases: &mut Vec<Case>) {
    let mut setup = String::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(commands) = line.strip_prefix("setup:") {
            commands.trim().clone_into(&mut setup);
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            let bare = line.trim_start_matches(['~', '?']);
            let marks = &line[..line.len() - bare.len()];
            cases.push(Case {
                file: name.to_owned(),
                number: at + 1,
                setup: setup.clone(),
                text: bare.to_owned(),
                environment: &["LC_ALL=C", "TZ=UTC", "HOME=/root", "USER=root"],
                is_file: false,
                has_fixtures: false,
                says: !marks.contains('~'),
                leaves: !marks.contains('?'),
            });
        }
    }
}
