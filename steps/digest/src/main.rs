//! `builtin:digest`: digests of files and folders, to print or to give as a result. Knows nothing of Stepwell: it
//! is a plain command; `--help` says it all.

use sha2::Digest as _;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[cfg(test)]
mod tests;

const HELP: &str = "builtin:digest: digests of files and folders

usage: digest [--sha256] [--bare] [--to FILE] PATH...

  --sha256     SHA-256 instead of BLAKE3
  --bare       the digest alone, without the path
  --to FILE    write to FILE instead of standard output, without the last line end
               (so that a result holds nothing else: --bare --to $(results.NAME.path))

Each PATH gives one line 'DIGEST  PATH', in the order given. The digest of a folder is that of
the lines 'DIGEST  RELATIVE-PATH' of all files below it, sorted by path in bytes.
exit codes: 0 done, 1 something could not be read or written, 2 the command line is wrong";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Request {
    help: bool,
    sha256: bool,
    bare: bool,
    to: Option<PathBuf>,
    paths: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let request = match parse(lexopt::Parser::from_env()) {
        Ok(request) => request,
        Err(error) => {
            eprintln!("digest: {error}\nTry: digest --help");
            return ExitCode::from(2);
        }
    };
    match run(&request, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("digest: {message}");
            ExitCode::from(1)
        }
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Request, lexopt::Error> {
    use lexopt::prelude::*;
    let mut request = Request::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => request.help = true,
            Long("sha256") => request.sha256 = true,
            Long("bare") => request.bare = true,
            Long("to") => request.to = Some(parser.value()?.into()),
            Value(path) => request.paths.push(path.into()),
            other => return Err(other.unexpected()),
        }
    }
    match request.paths.is_empty() && !request.help {
        true => Err("a path is missing".into()),
        false => Ok(request),
    }
}

fn run(request: &Request, out: &mut dyn Write) -> Result<(), String> {
    if request.help {
        return writeln!(out, "{HELP}").map_err(|error| format!("standard output: {error}"));
    }
    let mut lines = Vec::new();
    for path in &request.paths {
        let digest = of_path(path, request.sha256)?;
        lines.push(match request.bare {
            true => digest,
            false => format!("{digest}  {}", path.display()),
        });
    }
    let text = lines.join("\n");
    match &request.to {
        Some(file) => fs::write(file, text).map_err(|error| format!("{}: {error}", file.display())),
        None => writeln!(out, "{text}").map_err(|error| format!("standard output: {error}")),
    }
}

fn of_path(path: &Path, sha256: bool) -> Result<String, String> {
    let named = |error: io::Error| format!("{}: {error}", path.display());
    if !fs::metadata(path).map_err(named)?.is_dir() {
        return of_bytes(&mut fs::File::open(path).map_err(named)?, sha256).map_err(named);
    }
    let mut files = Vec::new();
    walk(path, Path::new(""), &mut files).map_err(named)?;
    files.sort();
    let mut lines = String::new();
    for below in files {
        let digest = of_path(&path.join(&below), sha256)?;
        lines.push_str(&format!("{digest}  {below}\n"));
    }
    of_bytes(&mut lines.as_bytes(), sha256).map_err(named)
}

/// The relative paths of all files below a folder, with `/` between their parts.
fn walk(dir: &Path, below: &Path, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = below.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => walk(&entry.path(), &name, found)?,
            false => found.push(name.to_string_lossy().into_owned()),
        }
    }
    Ok(())
}

fn of_bytes(from: &mut dyn Read, sha256: bool) -> io::Result<String> {
    let mut block = vec![0u8; 64 * 1024];
    let (mut blake, mut sha) = (blake3::Hasher::new(), sha2::Sha256::new());
    loop {
        let length = from.read(&mut block)?;
        match (length, sha256) {
            (0, true) => return Ok(sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            (0, false) => return Ok(blake.finalize().to_hex().to_string()),
            (_, true) => sha.update(&block[..length]),
            (_, false) => {
                blake.update(&block[..length]);
            }
        }
    }
}
