//! What steers a script: `break`, `return`, `exit`, `eval`, `exec`, `source` and their like.

use crate::run::{Flow, Ran, reason};
use crate::shell::Shell;
use crate::state::Frame;
use crate::syntax::Parser;
use crate::vars::Text;
use std::rc::Rc;

pub fn colon(_: &mut Shell, _: &[Text]) -> Ran<i32> {
    Ok(0)
}

pub fn true_(_: &mut Shell, _: &[Text]) -> Ran<i32> {
    Ok(0)
}

pub fn false_(_: &mut Shell, _: &[Text]) -> Ran<i32> {
    Ok(1)
}

/// The number that a builtin takes as its only argument.
fn number(shell: &mut Shell, words: &[Text]) -> Ran<Option<i64>> {
    let name = words.first().cloned().unwrap_or_default();
    let rest = match words.get(1).map(|word| &**word) {
        Some("--") => words.get(2..).unwrap_or_default(),
        _ => words.get(1..).unwrap_or_default(),
    };
    match rest {
        [] => Ok(None),
        [text] => match text.trim().parse::<i64>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                shell.complain(&format!("{name}: {text}: numeric argument required"));
                Err(match &*name {
                    "return" => {
                        shell.state.status = 2;
                        Flow::Return
                    }
                    _ => Flow::Exit(if matches!(&*name, "break" | "continue") { 128 } else { 2 }),
                })
            }
        },
        _ => {
            shell.complain(&format!("{name}: too many arguments"));
            Err(Flow::Discard(1))
        }
    }
}

fn levels(shell: &mut Shell, words: &[Text]) -> Ran<Option<u32>> {
    let name = words.first().cloned().unwrap_or_default();
    if shell.state.loops == 0 {
        if !shell.state.options.posix {
            shell.complain(&format!("{name}: only meaningful in a `for', `while', or `until' loop"));
        }
        return Ok(None);
    }
    let wanted = number(shell, words)?.unwrap_or(1);
    if wanted < 1 {
        shell.complain(&format!("{name}: {wanted}: loop count out of range"));
        shell.state.status = 1;
        return Err(Flow::Break(shell.state.loops));
    }
    Ok(Some(u32::try_from(wanted).unwrap_or(u32::MAX).min(shell.state.loops)))
}

pub fn break_(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    match levels(shell, words)? {
        Some(levels) => {
            shell.state.status = 0;
            Err(Flow::Break(levels))
        }
        None => Ok(0),
    }
}

pub fn continue_(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    match levels(shell, words)? {
        Some(levels) => {
            shell.state.status = 0;
            Err(Flow::Continue(levels))
        }
        None => Ok(0),
    }
}

pub fn return_(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    if shell.state.frames.is_empty() {
        shell.complain("return: can only `return' from a function or sourced script");
        shell.is_grave = true;
        return Ok(2);
    }
    let status = number(shell, words)?;
    if let Some(status) = status {
        shell.state.status = (status & 0xff) as i32;
    }
    Err(Flow::Return)
}

pub fn exit(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let status = number(shell, words)?;
    Err(Flow::Exit(status.map_or(shell.state.status, |status| (status & 0xff) as i32)))
}

/// No shell here is a login shell.
pub fn logout(shell: &mut Shell, _: &[Text]) -> Ran<i32> {
    shell.complain("logout: not login shell: use `exit'");
    Ok(1)
}

pub fn eval(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let words = match words.get(1).map(|word| &**word) {
        Some("--") => words.get(2..).unwrap_or_default(),
        _ => words.get(1..).unwrap_or_default(),
    };
    let text = words.join(" ");
    shell.state.status = 0;
    match shell.run_text(&text, "eval") {
        Ok(()) => Ok(shell.state.status),
        Err(Flow::Discard(status)) if !shell.state.options.posix => Ok(status),
        Err(flow) => Err(flow),
    }
}

/// Where a sourced file is: as named, or on the path.
fn find_file(shell: &mut Shell, name: &str) -> Option<String> {
    if name.contains('/') {
        return Some(name.to_owned());
    }
    let path = shell.var_text("PATH").unwrap_or_default();
    let found = path.split(':').map(|dir| format!("{}/{name}", if dir.is_empty() { "." } else { dir }));
    let found = found.into_iter().find(|file| std::fs::metadata(file).is_ok_and(|data| data.is_file()));
    match found {
        Some(found) => Some(found),
        None if !shell.state.options.posix && std::fs::metadata(name).is_ok() => Some(name.to_owned()),
        None => None,
    }
}

/// What a file has; one of the script's own handles is read to its end.
fn read_whole(shell: &Shell, path: &str) -> std::io::Result<Vec<u8>> {
    let stream = if path == "/dev/stdin" { Some("0") } else { path.strip_prefix("/dev/fd/") };
    match stream.and_then(|number| shell.fds.get(number.parse().ok()?)) {
        Some(handle) => {
            let mut bytes = Vec::new();
            handle.read_to_end(&mut bytes).map(|()| bytes)
        }
        None => std::fs::read(path),
    }
}

pub fn source(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let name = words.first().cloned().unwrap_or_default();
    let rest = match words.get(1).map(|word| &**word) {
        Some("--") => words.get(2..).unwrap_or_default(),
        _ => words.get(1..).unwrap_or_default(),
    };
    let Some((file, arguments)) = rest.split_first() else {
        shell.complain(&format!("{name}: filename argument required"));
        return shell.usage(&name);
    };
    let missing = |shell: &mut Shell, why: &str| {
        shell.complain(&format!("{file}: {why}"));
        shell.is_grave = true;
        Ok(1)
    };
    let Some(path) = find_file(shell, file) else {
        if shell.state.options.posix {
            shell.is_grave = true;
            return shell.failed_builtin(&name, &format!("{file}: file not found"));
        }
        return missing(shell, "No such file or directory");
    };
    if std::fs::metadata(&path).is_ok_and(|data| data.is_dir()) {
        return shell.failed_builtin(&name, &format!("{file}: is a directory"));
    }
    let text = match read_whole(shell, &path) {
        Ok(bytes) => crate::bytes::decode_owned(bytes),
        Err(error) => {
            let why = reason(&error);
            return missing(shell, &why);
        }
    };
    shell.deeper()?;
    let line = shell.state.line;
    let before = (shell.state.source.clone(), shell.state.label.clone(), shell.state.positional.clone());
    shell.state.frames.push(Frame { name: "source".into(), source: path.as_str().into(), line, ..Frame::default() });
    shell.state.source = path.as_str().into();
    shell.state.label = path.as_str().into();
    if !arguments.is_empty() {
        shell.state.positional = Rc::new(arguments.to_vec());
    }
    shell.state.status = 0;
    let gave = std::mem::take(&mut shell.gave_positional);
    shell.nesting += 1;
    let ran = shell.run_parser(Parser::new(&text, 1, shell.settings()), "");
    shell.nesting -= 1;
    shell.leave_frame();
    let changed = shell.state.positional.clone();
    (shell.state.source, shell.state.label, shell.state.positional) = before;
    if arguments.is_empty() || shell.gave_positional {
        shell.state.positional = changed;
    }
    shell.gave_positional = gave;
    shell.state.line = line;
    shell.depth -= 1;
    match ran {
        Ok(()) | Err(Flow::Return) => Ok(shell.state.status),
        Err(Flow::Discard(status)) if !shell.state.options.posix => Ok(status),
        Err(flow) => Err(flow),
    }
}

pub fn exec(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let mut rest = words.get(1..).unwrap_or_default();
    let (mut clean, mut name) = (false, None);
    while let Some((option, others)) = rest.split_first() {
        match &**option {
            "--" => {
                rest = others;
                break;
            }
            "-c" => clean = true,
            "-l" => {}
            "-a" => {
                name = others.first().cloned();
                rest = others.get(1..).unwrap_or_default();
                continue;
            }
            option if option.starts_with('-') && option.len() > 1 => {
                return shell.misused("exec", &format!("{option}: invalid option"));
            }
            _ => break,
        }
        rest = others;
    }
    if rest.is_empty() {
        shell.keeps_handles = true;
        return Ok(0);
    }
    if clean {
        shell.environment = Some(Rc::default());
    }
    // The program takes the shell's place: the shell ends with its status, and runs no trap.
    shell.replaces = true;
    shell.exec_name = name;
    let status = shell.run_external(rest);
    shell.replaces = false;
    shell.exec_name = None;
    let status = status?;
    if matches!(status, 126 | 127) && shell.state.shopts.execfail {
        return Ok(status);
    }
    shell.state.traps.remove(&crate::state::EXIT);
    Err(Flow::Exit(status))
}

pub fn let_(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let words = words.get(1..).unwrap_or_default();
    if words.is_empty() {
        shell.complain("let: expression expected");
        return Ok(1);
    }
    let before = shell.arith_command.replace("let".into());
    let mut value = Ok(0);
    for word in words {
        value = shell.arith_text(word);
        if value.is_err() {
            break;
        }
    }
    shell.arith_command = before;
    match value {
        Ok(value) => Ok(i32::from(value == 0)),
        Err(Flow::Discard(_)) => Ok(1),
        Err(flow) => Err(flow),
    }
}

pub fn caller(shell: &mut Shell, words: &[Text]) -> Ran<i32> {
    let level = match words.get(1) {
        None => None,
        Some(text) => match text.parse::<usize>() {
            Ok(level) => Some(level),
            Err(_) => return shell.misused("caller", &format!("{text}: invalid number")),
        },
    };
    let depth = shell.state.frames.len();
    let at = level.unwrap_or(0);
    let Some(frame) = depth.checked_sub(at + 1).and_then(|place| shell.state.frames.get(place)) else {
        return if level.is_none() { shell.put_out("caller", "0 NULL\n") } else { Ok(1) };
    };
    let line = frame.line;
    let outer = depth.checked_sub(at + 2).and_then(|place| shell.state.frames.get(place));
    let (name, source) = match outer {
        Some(outer) => (outer.name.to_string(), outer.source.to_string()),
        None => ("main".to_owned(), shell.state.zero.to_string()),
    };
    match level {
        None => shell.put_out("caller", &format!("{line} {source}\n")),
        Some(_) => shell.put_out("caller", &format!("{line} {name} {source}\n")),
    }
}
