//! `builtin:files`: small work on files, for steps that need no shell. The first argument names what to do, the
//! rest are paths and texts; `--help` says it all. Knows nothing of Stepwell: it is a plain command.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[cfg(test)]
mod tests;

const HELP: &str = "builtin:files: small work on files

usage: files COMMAND ARGUMENT...

  print TEXT...          print the texts with a space between them, and a line end
  write FILE TEXT        make FILE hold exactly TEXT; missing folders above it are made
  append FILE TEXT       add TEXT at the end of FILE; missing folders above it are made
  cat FILE...            print the files one after the other
  join TO FILE...        make TO of the files, one after the other; missing folders above it are made
  copy FROM... TO        copy files and whole folders; TO is a folder if it is one, if it ends in
                         '/', or if there is more than one FROM
  make-dir DIR...        make folders, with those above them
  remove PATH...         remove files and whole folders; what is not there is no error
  list DIR               print what lies below DIR, a path relative to it on each line, sorted
  require PATH...        exit with 1 and say which of the paths are missing

Texts are written as they are given. A result is written with
  files write $(results.NAME.path) TEXT
exit codes: 0 done, 1 it could not be done, 2 the command line is wrong";

fn main() -> ExitCode {
    let arguments: Vec<String> = match std::env::args_os().skip(1).map(|word| word.into_string()).collect() {
        Ok(arguments) => arguments,
        Err(word) => return fail(2, &format!("an argument is not UTF-8: {}", word.display())),
    };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble::Usage(message)) => fail(2, &format!("{message}\nTry: files --help")),
        Err(Trouble::Failed(message)) => fail(1, &message),
    }
}

fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("files: {message}");
    ExitCode::from(code)
}

/// Why a command did not end well.
#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    /// The command line is wrong.
    Usage(String),
    /// The work could not be done: what, where, and why.
    Failed(String),
}

type Done = Result<(), Trouble>;

/// Names the path in an error of the file system.
fn at(path: &Path) -> impl FnOnce(io::Error) -> Trouble + '_ {
    move |error| Trouble::Failed(format!("{}: {error}", path.display()))
}

fn printing(error: io::Error) -> Trouble {
    Trouble::Failed(format!("standard output: {error}"))
}

fn run(words: &[&str], out: &mut dyn Write) -> Done {
    match words {
        ["--help" | "-h" | "help", ..] => writeln!(out, "{HELP}").map_err(printing),
        ["print", texts @ ..] => writeln!(out, "{}", texts.join(" ")).map_err(printing),
        ["write", file, text] => put(Path::new(file), text, false),
        ["append", file, text] => put(Path::new(file), text, true),
        ["cat", first, rest @ ..] => std::iter::once(first).chain(rest).try_for_each(|file| cat(Path::new(file), out)),
        ["join", to, first, rest @ ..] => join(Path::new(to), first, rest),
        ["copy", from @ .., to] if !from.is_empty() => copy_all(from, to),
        ["make-dir", first, rest @ ..] => {
            std::iter::once(first).chain(rest).try_for_each(|dir| fs::create_dir_all(dir).map_err(at(Path::new(dir))))
        }
        ["remove", first, rest @ ..] => std::iter::once(first).chain(rest).try_for_each(|path| remove(Path::new(path))),
        ["list", dir] => {
            let mut found = Vec::new();
            walk(Path::new(dir), Path::new(""), &mut found)?;
            found.sort();
            found.iter().try_for_each(|path| writeln!(out, "{}", path.display()).map_err(printing))
        }
        ["require", first, rest @ ..] => require(first, rest),
        [] => Err(Trouble::Usage("a command is missing".into())),
        [command, rest @ ..] => Err(Trouble::Usage(match HELP.contains(&format!("\n  {command} ")) {
            true => format!("{command} does not take {} arguments", rest.len()),
            false => format!("{command} is not a command"),
        })),
    }
}

fn make_above(path: &Path) -> Done {
    match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => fs::create_dir_all(above).map_err(at(above)),
        _ => Ok(()),
    }
}

fn put(file: &Path, text: &str, append: bool) -> Done {
    make_above(file)?;
    let mut options = OpenOptions::new();
    options.create(true).append(append).write(true).truncate(!append);
    options.open(file).and_then(|mut opened| opened.write_all(text.as_bytes())).map_err(at(file))
}

fn cat(file: &Path, out: &mut dyn Write) -> Done {
    let mut opened = fs::File::open(file).map_err(at(file))?;
    io::copy(&mut opened, out).map(|_| ()).map_err(at(file))
}

/// Reads all before it writes, as the target may be one of the parts.
fn join(to: &Path, first: &str, rest: &[&str]) -> Done {
    let mut whole = Vec::new();
    std::iter::once(&first).chain(rest).try_for_each(|file| cat(Path::new(file), &mut whole))?;
    make_above(to)?;
    fs::write(to, whole).map_err(at(to))
}

fn copy_all(from: &[&str], to: &str) -> Done {
    let into = from.len() > 1 || to.ends_with('/') || Path::new(to).is_dir();
    for source in from.iter().map(Path::new) {
        let target = match (into, source.file_name()) {
            (false, _) => PathBuf::from(to),
            (true, Some(name)) => Path::new(to).join(name),
            (true, None) => {
                return Err(Trouble::Usage(format!("{}: has no name to copy under", source.display())));
            }
        };
        // A folder copied into itself would grow until the disk is full.
        if let (Ok(inner), Ok(outer)) = (nearest(&target), fs::canonicalize(source))
            && source.is_dir()
            && inner.starts_with(&outer)
        {
            return Err(Trouble::Failed(format!("{}: cannot be copied into itself", source.display())));
        }
        copy(source, &target)?;
    }
    Ok(())
}

/// The real path of the nearest folder above a path that is there.
fn nearest(path: &Path) -> io::Result<PathBuf> {
    let mut rest = path;
    loop {
        match (fs::canonicalize(rest), rest.parent()) {
            (Err(_), Some(above)) if !above.as_os_str().is_empty() => rest = above,
            (Err(_), Some(_)) => return fs::canonicalize("."),
            (found, _) => return found,
        }
    }
}

fn copy(from: &Path, to: &Path) -> Done {
    if !fs::metadata(from).map_err(at(from))?.is_dir() {
        make_above(to)?;
        return fs::copy(from, to).map(|_| ()).map_err(at(from));
    }
    fs::create_dir_all(to).map_err(at(to))?;
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn remove(path: &Path) -> Done {
    let gone = match fs::symlink_metadata(path) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    gone.map_err(at(path))
}

fn walk(dir: &Path, below: &Path, found: &mut Vec<PathBuf>) -> Done {
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        let name = below.join(entry.file_name());
        found.push(name.clone());
        if entry.file_type().map_err(at(dir))?.is_dir() {
            walk(&entry.path(), &name, found)?;
        }
    }
    Ok(())
}

fn require(first: &str, rest: &[&str]) -> Done {
    let missing: Vec<&str> =
        std::iter::once(first).chain(rest.iter().copied()).filter(|path| !Path::new(path).exists()).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Trouble::Failed(format!("missing: {}", missing.join(", ")))),
    }
}
