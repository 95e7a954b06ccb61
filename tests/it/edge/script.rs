//! A few words of shell, enough to say what the edge cases' scripts do: `echo`, `printf`, `cat`,
//! `exit`, `sleep`, `test`, and output into a file. Anything else is a failure of the test, not a guess.

use std::collections::BTreeMap;

/// What a script came to.
#[derive(Debug, Default)]
pub(super) struct Ran {
    pub code: u8,
    /// Virtual nanoseconds that it took.
    pub nanos: u64,
}

/// Runs `script` over the files of a task.
pub(super) fn run(script: &str, files: &mut BTreeMap<String, String>) -> Ran {
    let mut ran = Ran::default();
    for line in script.lines().flat_map(statements) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = words(line);
        let target = words.iter().position(|w| w == ">").map(|at| {
            let path = words.get(at + 1).cloned().expect("a file after `>`");
            words.truncate(at);
            path
        });
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut output = String::new();
        let code = match words.as_slice() {
            ["echo", rest @ ..] => {
                output = format!("{}\n", rest.join(" "));
                0
            }
            ["printf", format, rest @ ..] => {
                output = printf(format, rest);
                0
            }
            ["cat", path] => match files.get(*path) {
                Some(text) => {
                    output.clone_from(text);
                    0
                }
                None => 1,
            },
            ["sleep", seconds] => {
                ran.nanos += seconds.parse::<u64>().expect("whole seconds") * 1_000_000_000;
                0
            }
            ["test", left, "-ge", right] => {
                let number = |t: &str| t.parse::<i64>().expect("a number");
                u8::from(number(left) < number(right))
            }
            ["exit", code] => {
                ran.code = code.parse().expect("an exit code");
                return ran;
            }
            other => panic!("the interpreter of this test has no {other:?}"),
        };
        if let Some(path) = target {
            files.insert(path, output);
        }
        if code != 0 {
            ran.code = code;
            return ran;
        }
    }
    ran
}

fn printf(format: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = format.split("%s");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += values.next().copied().unwrap_or_default();
        out += part;
    }
    out.replace("\\n", "\n")
}

/// Statements of a line, split at `;` outside quotes.
fn statements(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, ';') => found.push(String::new()),
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
        if !(quote.is_none() && c == ';') {
            found.last_mut().expect("never empty").push(c);
        }
    }
    found
}

/// Words of a statement, with quotes taken off.
fn words(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(q), c) if q == c => quote = None,
            (None, c) if c.is_whitespace() => found.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    found.extend(word);
    found
}
