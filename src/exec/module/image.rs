//! How a program is started that stands for a container image: by the image's words, and by a script's first line.
//!
//! Knows Tekton's rules for images without command, and the kernel's for `#!`. Does not know what the program does with
//! the words.

use super::resolve::ImageDefaults;
use crate::model::request::ProgramRequest;
use std::collections::BTreeMap;

/// Words that stand as they are, and how many of the step's own follow them.
pub struct CommandLine {
    /// Not expanded: they are the image's or the script's own.
    pub fixed: Vec<String>,
    /// The step's own: `command`, then `args`.
    pub own: Vec<String>,
}

/// The words that a step is started with. `script` is its script's path and text.
pub fn command_line(image: &ImageDefaults, program: &ProgramRequest, script: Option<(&str, &str)>) -> CommandLine {
    let own: Vec<String> = program.command.iter().chain(&program.args).cloned().collect();
    if let Some((path, text)) = script {
        let mut fixed = interpreter(text);
        fixed.push(path.to_owned());
        return CommandLine { fixed, own: program.args.clone() };
    }
    // Tekton: without entrypoint the image's command becomes the step's, and `args` stand behind it.
    let fixed = match (program.command.is_empty(), image.entrypoint.is_empty(), program.args.is_empty()) {
        (false, ..) => Vec::new(),
        (true, true, _) => image.command.clone(),
        (true, false, false) => image.entrypoint.clone(),
        (true, false, true) => image.entrypoint.iter().chain(&image.command).cloned().collect(),
    };
    CommandLine { fixed: as_entrypoint(fixed, &own), own }
}

/// Where programs stand that are looked for by their names.
const FOLDERS: [&str; 7] = ["", "/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin"];

/// What a step is started with: one of its `commands`, in the place of `own` that stands for its image, where its `command`
/// or its script's first line names it.
pub fn program_of<T: Clone>(
    image: Option<&ImageDefaults>,
    program: &ProgramRequest,
    commands: &BTreeMap<String, T>,
    own: &T,
) -> T {
    named(image, program, commands).unwrap_or(own).clone()
}

fn named<'a, T>(
    image: Option<&ImageDefaults>,
    program: &ProgramRequest,
    commands: &'a BTreeMap<String, T>,
) -> Option<&'a T> {
    if commands.is_empty() {
        return None;
    }
    let line = command_line(image?, program, program.script.as_deref().map(|text| ("", text)));
    let first = line.fixed.first().or(line.own.first())?;
    let (folder, name) = first.rsplit_once('/').unwrap_or(("", first));
    commands.get(name).filter(|_| FOLDERS.contains(&folder))
}

/// The script that the `bash` image starts with does no more than this: options go to `bash`, a command is run.
fn as_entrypoint(mut fixed: Vec<String>, own: &[String]) -> Vec<String> {
    if fixed.first().is_some_and(|word| word == "docker-entrypoint.sh") {
        let first = fixed.get(1).or(own.first());
        if first.is_none_or(|word| word.starts_with('-')) {
            fixed.splice(..1, ["bash".to_owned()]);
        } else {
            fixed.remove(0);
        }
    }
    fixed
}

/// What a script's `#!` line says: the interpreter, and what stands behind it as one word. `env NAME` is NAME, so
/// that no program is started only to start another.
#[must_use]
pub fn interpreter(script: &str) -> Vec<String> {
    let line = script.lines().next().unwrap_or_default();
    let line = line.strip_prefix("#!").map_or("/bin/sh", str::trim);
    let (program, rest) = line.split_once([' ', '\t']).map_or((line, ""), |(program, rest)| (program, rest.trim()));
    let by_env = program.rsplit('/').next() == Some("env");
    let rest = match rest.strip_prefix("-S").map(str::trim).filter(|_| by_env) {
        Some(split) => split.split_whitespace().map(str::to_owned).collect(),
        None if rest.is_empty() => Vec::new(),
        None => vec![rest.to_owned()],
    };
    match rest.first() {
        Some(first) if by_env && !first.starts_with('-') && !first.contains([' ', '=']) => rest,
        _ => [program.to_owned()].into_iter().chain(rest).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_who_reads_it() {
        for (text, words) in [
            ("#!/bin/sh\nset -e\n", vec!["/bin/sh"]),
            ("#!/usr/bin/env bash\n", vec!["bash"]),
            ("#!/usr/bin/env -S bash -eux\n", vec!["bash", "-eux"]),
            ("#!  /bin/bash -e -x \necho", vec!["/bin/bash", "-e -x"]),
            ("#!/usr/bin/env A=b sh", vec!["/usr/bin/env", "A=b sh"]),
            ("#!/usr/bin/env python3", vec!["python3"]),
        ] {
            assert_eq!(interpreter(text), words, "{text:?}");
        }
    }

    #[test]
    fn a_step_may_be_started_with_a_command_of_its_own() {
        let commands: BTreeMap<String, u8> = [("python3".to_owned(), 1), ("tool".to_owned(), 2)].into();
        let image = ImageDefaults { command: vec!["sh".to_owned()], ..ImageDefaults::default() };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (command, script, wanted) in [
            (&["tool", "x"][..], None, Some(2)),
            (&["/usr/bin/tool"], None, Some(2)),
            (&["/workspace/tool"], None, None),
            (&["sh", "tool"], None, None),
            (&[], None, None),
            (&[], Some("#!/usr/bin/env python3\n"), Some(1)),
            (&[], Some("#!/bin/sh\ntool"), None),
        ] {
            let script = script.map(str::to_owned);
            let program = ProgramRequest { command: words(command), script, ..ProgramRequest::default() };
            assert_eq!(named(Some(&image), &program, &commands).copied(), wanted, "{command:?}");
            assert_eq!(named(None, &program, &commands), None);
        }
    }

    #[test]
    fn an_image_without_command_does_what_it_would() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let image = |entrypoint: &[&str], command: &[&str]| ImageDefaults {
            entrypoint: words(entrypoint),
            command: words(command),
            ..ImageDefaults::default()
        };
        let (bash, alpine) = (image(&["docker-entrypoint.sh"], &["bash"]), image(&[], &["/bin/sh"]));
        for (image, command, args, wanted) in [
            (&bash, &[][..], &["-c", "echo"][..], &["bash", "-c", "echo"][..]),
            (&bash, &[], &["echo", "hi"], &["echo", "hi"]),
            (&bash, &[], &[], &["bash"]),
            (&bash, &["printf"], &["x"], &["printf", "x"]),
            (&alpine, &[], &[], &["/bin/sh"]),
            (&alpine, &[], &["-c", "ls"], &["/bin/sh", "-c", "ls"]),
        ] {
            let program = ProgramRequest { command: words(command), args: words(args), ..ProgramRequest::default() };
            let line = command_line(image, &program, None);
            assert_eq!([line.fixed, line.own].concat(), wanted, "{command:?} {args:?}");
        }
    }
}
