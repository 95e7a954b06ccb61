//! Prints what it was given: `echo WORD...` the words, `echo --args ...` each argument on a line, `--env` the
//! environment sorted, `--cwd` the working directory, `--stdin` its standard input, `--stderr WORD...` to standard
//! error. Knows nothing of the host beyond that.

use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let all: Vec<String> = std::env::args().collect();
    let rest = all.get(1..).unwrap_or_default();
    let mut out = std::io::stdout().lock();
    match rest.first().map(String::as_str) {
        Some("--args") => {
            for (index, argument) in all.iter().enumerate() {
                writeln!(out, "{index}={argument}")?;
            }
        }
        Some("--env") => {
            let mut pairs: Vec<(String, String)> = std::env::vars().collect();
            pairs.sort();
            for (name, value) in pairs {
                writeln!(out, "{name}={value}")?;
            }
        }
        Some("--cwd") => writeln!(out, "{}", std::env::current_dir()?.display())?,
        Some("--stdin") => {
            let mut text = Vec::new();
            std::io::stdin().read_to_end(&mut text)?;
            out.write_all(&text)?;
        }
        Some("--stderr") => eprintln!("{}", rest[1..].join(" ")),
        _ => writeln!(out, "{}", rest.join(" "))?,
    }
    Ok(())
}
