//! `cd`, `pwd`, `pushd`, `popd`, `dirs`.

use crate::run::{Ran, reason};
use crate::shell::Shell;
use crate::vars::Text;

/// A path without `.`, `..` and doubled slashes, by its names alone.
fn plain(base: &str, path: &str) -> String {
    let full = if path.starts_with('/') { path.to_owned() } else { format!("{base}/{path}") };
    let mut names: Vec<&str> = Vec::new();
    for name in full.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    format!("/{}", names.join("/"))
}

/// Whether each directory that `..` leaves is there.
fn leads_on(base: &str, path: &str) -> bool {
    let full = if path.starts_with('/') { path.to_owned() } else { format!("{base}/{path}") };
    let left = full.match_indices("/..").filter(|(at, _)| matches!(full.as_bytes().get(at + 3), None | Some(b'/')));
    left.into_iter().all(|(at, _)| {
        let directory = plain("/", &full[..at]);
        std::fs::metadata(directory).is_ok_and(|data| data.is_dir())
    })
}

impl Shell {
    /// Goes to a directory; the path is kept as it was named, unless `physical`.
    fn go(&mut self, path: &str, physical: bool) -> std::io::Result<()> {
        let logical = plain(&self.directory, path);
        let there = if physical {
            let from = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.directory) };
            std::fs::canonicalize(from)?.to_string_lossy().into_owned()
        } else if leads_on(&self.directory, path) {
            logical
        } else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        std::env::set_current_dir(&there)?;
        let before = std::mem::replace(&mut self.directory, there.as_str().into());
        self.set_own("OLDPWD", &before);
        self.set_own("PWD", &there);
        Ok(())
    }
}

pub fn cd(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let mut rest = words.get(1..).unwrap_or_default();
    let mut physical = shell.state.options.physical;
    while let Some((option, others)) = rest.split_first() {
        match &**option {
            "-L" => physical = false,
            "-P" => physical = true,
            "-e" | "-@" => {}
            "-Pe" | "-eP" => physical = true,
            "--" => {
                rest = others;
                break;
            }
            option if option.starts_with('-') && option.len() > 1 => {
                shell.complain(&format!("cd: {option}: invalid option"));
                return shell.usage("cd");
            }
            _ => break,
        }
        rest = others;
    }
    let (target, shows) = match rest {
        [] => match shell.var_text("HOME") {
            Some(home) => (home, false),
            None => {
                shell.complain("cd: HOME not set");
                return Ok(1);
            }
        },
        [one] if &**one == "-" => match shell.var_text("OLDPWD") {
            Some(old) => (old, true),
            None => {
                shell.complain("cd: OLDPWD not set");
                return Ok(1);
            }
        },
        [one] => (one.clone(), false),
        _ => {
            shell.complain("cd: too many arguments");
            return Ok(1);
        }
    };
    if target.is_empty() {
        return Ok(0);
    }
    let relative = !target.starts_with('/') && !matches!(target.split('/').next(), Some("." | ".."));
    if relative && let Some(paths) = shell.var_text("CDPATH").filter(|paths| !paths.is_empty()) {
        for base in paths.split(':') {
            let path = if base.is_empty() { target.to_string() } else { format!("{base}/{target}") };
            if std::fs::metadata(plain(&shell.directory, &path)).is_ok_and(|data| data.is_dir())
                && shell.go(&path, physical).is_ok()
            {
                let here = shell.directory.clone();
                return if base.is_empty() { Ok(0) } else { shell.put_out("cd", &format!("{here}\n")) };
            }
        }
    }
    match shell.go(&target, physical) {
        Ok(()) if shows => {
            let here = shell.directory.clone();
            shell.put_out("cd", &format!("{here}\n"))
        }
        Ok(()) => Ok(0),
        Err(error) => {
            shell.complain(&format!("cd: {target}: {}", reason(&error)));
            Ok(1)
        }
    }
}

pub fn pwd(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let mut physical = shell.state.options.physical;
    for word in words.get(1..).unwrap_or_default() {
        match &**word {
            "-L" => physical = false,
            "-P" => physical = true,
            option if option.starts_with('-') && option.len() > 1 && option != "--" => {
                shell.complain(&format!("pwd: {option}: invalid option"));
                return shell.usage("pwd");
            }
            _ => {}
        }
    }
    let here = match physical {
        true => std::fs::canonicalize(&*shell.directory).map(|path| path.to_string_lossy().into_owned()),
        false => Ok(shell.directory.to_string()),
    };
    match here {
        Ok(here) => shell.put_out("pwd", &format!("{here}\n")),
        Err(error) => {
            shell.complain(&format!("pwd: {}", reason(&error)));
            Ok(1)
        }
    }
}

/// A path with the home directory as `~`.
fn short(shell: &mut Shell, path: &str) -> String {
    match shell.var_text("HOME").filter(|home| home.len() > 1) {
        Some(home) if path == &*home => "~".to_owned(),
        Some(home) => match path.strip_prefix(&format!("{home}/")) {
            Some(rest) => format!("~/{rest}"),
            None => path.to_owned(),
        },
        None => path.to_owned(),
    }
}

/// The stack, the working directory first.
fn stack(shell: &Shell) -> Vec<Text> {
    [shell.directory.clone()].into_iter().chain(shell.state.directories.iter().rev().cloned()).collect()
}

/// The place that `+N` or `-N` means.
fn place(text: &str, count: usize) -> Option<usize> {
    match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(number), _) => number.parse::<usize>().ok().filter(|at| *at < count),
        (_, Some(number)) => count.checked_sub(1 + number.parse::<usize>().ok()?),
        _ => None,
    }
}

pub fn dirs(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let (mut long, mut lines, mut numbered, mut only) = (false, false, false, None);
    for word in words.get(1..).unwrap_or_default() {
        match &**word {
            "-c" => {
                shell.state.directories.clear();
                return Ok(0);
            }
            "-l" => long = true,
            "-p" => lines = true,
            "-v" => (lines, numbered) = (true, true),
            word => match place(word, stack(shell).len()) {
                Some(at) => only = Some(at),
                None if word.strip_prefix(['+', '-']).is_some_and(|number| number.parse::<u32>().is_ok()) => {
                    shell.complain(&format!("dirs: {}: directory stack index out of range", &word[1..]));
                    return Ok(1);
                }
                None => {
                    shell.complain(&format!("dirs: {word}: invalid number"));
                    return shell.usage("dirs");
                }
            },
        }
    }
    let all = stack(shell);
    let mut shown = Vec::new();
    for (at, path) in all.iter().enumerate().filter(|(at, _)| only.is_none_or(|only| only == *at)) {
        let path = if long { path.to_string() } else { short(shell, path) };
        shown.push(if numbered { format!("{at:2}  {path}") } else { path });
    }
    let text = shown.join(if lines { "\n" } else { " " });
    shell.put_out("dirs", &format!("{text}\n"))
}

/// The words of `pushd` and `popd`: whether only the stack changes, and the word that says what; or the status of wrong use.
fn operand(shell: &mut Shell, words: &[Text], number_only: bool) -> Ran<Result<(bool, Option<Text>), i32>> {
    let name = words.first().cloned().unwrap_or_default();
    let (mut still, mut word) = (false, None);
    let mut options = true;
    for given in words.iter().skip(1) {
        let is_number =
            given.len() > 1 && given.starts_with(['+', '-']) && given[1..].bytes().all(|byte| byte.is_ascii_digit());
        match &**given {
            "-n" if options => still = true,
            "--" if options => options = false,
            _ if is_number => word = Some(given.clone()),
            text if options && text.len() > 1 && text.starts_with('-') => {
                shell.complain(&format!("{name}: {text}: invalid number"));
                return Ok(Err(shell.usage(&name)?));
            }
            text if number_only => {
                shell.complain(&format!("{name}: {text}: invalid argument"));
                return Ok(Err(shell.usage(&name)?));
            }
            _ if word.is_some() => {
                shell.complain(&format!("{name}: too many arguments"));
                return Ok(Err(1));
            }
            _ => word = Some(given.clone()),
        }
    }
    Ok(Ok((still, word)))
}

pub fn pushd(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let (still, word) = match operand(shell, words, false)? {
        Ok(operand) => operand,
        Err(status) => return Ok(status),
    };
    let mut all = stack(shell);
    let count = all.len();
    match word.as_deref() {
        None if count < 2 => {
            shell.complain("pushd: no other directory");
            return Ok(1);
        }
        None if still => return Ok(0),
        None => all.swap(0, 1),
        Some(word) if word.len() > 1 && word.starts_with(['+', '-']) && word[1..].parse::<u32>().is_ok() => {
            match place(word, count) {
                _ if count < 2 => {
                    shell.complain("pushd: directory stack empty");
                    return Ok(1);
                }
                Some(at) => all.rotate_left(at),
                None => {
                    shell.complain(&format!("pushd: {word}: directory stack index out of range"));
                    return Ok(1);
                }
            }
        }
        Some(path) if still => {
            all.insert(1, path.into());
            shell.state.directories = all.into_iter().skip(1).rev().collect();
            return dirs(shell, &["dirs".into()]);
        }
        Some(path) => all.insert(0, path.into()),
    }
    let target = all.first().cloned().unwrap_or_default();
    if !still && let Err(error) = shell.go(&target, false) {
        shell.complain(&format!("pushd: {target}: {}", reason(&error)));
        return Ok(1);
    }
    shell.state.directories = all.into_iter().skip(1).rev().collect();
    dirs(shell, &["dirs".into()])
}

pub fn popd(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let (still, word) = match operand(shell, words, true)? {
        Ok(operand) => operand,
        Err(status) => return Ok(status),
    };
    let mut all = stack(shell);
    if all.len() < 2 {
        shell.complain("popd: directory stack empty");
        return Ok(1);
    }
    let at = match word {
        None => usize::from(still),
        Some(word) => match place(&word, all.len()) {
            Some(at) => at,
            None => {
                shell.complain(&format!("popd: {word}: directory stack index out of range"));
                return Ok(1);
            }
        },
    };
    all.remove(at);
    let target = all.first().cloned().unwrap_or_default();
    if at == 0
        && !still
        && let Err(error) = shell.go(&target, false)
    {
        shell.complain(&format!("popd: {target}: {}", reason(&error)));
        return Ok(1);
    }
    shell.state.directories = all.into_iter().skip(1).rev().collect();
    dirs(shell, &["dirs".into()])
}
