//! What the userland's shell is asked of steps that have no script of its own: of `sh -c TEXT` the text, of others whether
//! it has the program.
//!
//! Knows how shells take their options, and what an image starts with. Does not know which programs the userland has.

use super::images::ImageRule;
use crate::exec::module::scripts::{interpreter, shell_of, shell_of_path};
use crate::spec::{CommandUse, ScriptUse, Word};

/// The shell that is asked for a program.
const SHELL: &str = "sh";

/// Where programs stand. What stands elsewhere may be a file of the step's.
const FOLDERS: [&str; 7] = ["/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin", ""];

/// What of a step is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A script.
    Script,
    /// The program that reads a script, which is no shell.
    Interpreter,
    /// The program of a step without script.
    Program,
}

/// Something to read, and the shell that reads it.
pub(super) struct Part {
    pub what: What,
    pub shell: String,
    pub script: ScriptUse,
}

/// What is read of a script: all of it, or of one for another program whether that is there.
pub(super) fn of_script(script: ScriptUse) -> Option<Part> {
    let first = script.readings.first()?;
    if let Some(shell) = shell_of(first) {
        return Some(Part { what: What::Script, shell, script });
    }
    let name = program(interpreter(first).first()?)?;
    let script = ScriptUse { readings: vec![name], ..script };
    Some(Part { what: What::Interpreter, shell: SHELL.to_owned(), script })
}

/// What is read of a step without script. `image` is what its image brings along.
pub(super) fn of_command(command: CommandUse, image: Option<&ImageRule>) -> Option<Part> {
    let CommandUse { image: name, source, command, args, commands, .. } = command;
    let mut words: Vec<Option<Word>> = Vec::new();
    let mut first = None;
    if command.is_empty() {
        // What the image starts with is there; the script of `bash`'s image runs its arguments.
        let image = image?;
        let starts = image.entrypoint.first().or(image.command.first())?;
        let is_script = starts == "docker-entrypoint.sh";
        if !is_script {
            first = Some(starts.clone());
        } else if args.first().is_some_and(|word| word.text.starts_with('-')) {
            first = Some("bash".to_owned());
        }
    }
    words.extend(command.into_iter().chain(args).map(Some));
    let program_word = if first.is_some() { None } else { words.first_mut()?.take() };
    let rest = words.into_iter().flatten();
    let path = match (&first, &program_word) {
        (Some(first), _) => first.clone(),
        (None, Some(word)) => word.text.clone(),
        (None, None) => return None,
    };
    let of = |word: Word, readings: Vec<String>| ScriptUse {
        image: name.clone(),
        source,
        text: word.text,
        readings,
        commands: commands.clone(),
        span: word.span,
        path: word.path,
    };
    if let Some(shell) = shell_of_path(&path) {
        let text = command_text(rest)?;
        let readings = text.readings.clone();
        return Some(Part { what: What::Script, shell, script: of(text, readings) });
    }
    let name = program(&path)?;
    let word = program_word?;
    Some(Part { what: What::Program, shell: SHELL.to_owned(), script: of(word, vec![name]) })
}

/// The text behind a shell's `-c`.
fn command_text(words: impl Iterator<Item = Word>) -> Option<Word> {
    let mut is_text = false;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.text.strip_prefix(['-', '+']) {
            Some(letters) if !letters.starts_with('-') && !letters.is_empty() => {
                is_text |= word.text.starts_with('-') && letters.contains('c');
                if letters.ends_with(['o', 'O']) {
                    words.next();
                }
            }
            Some("-") => return words.next().filter(|_| is_text),
            Some(_) => {}
            None => return Some(word).filter(|_| is_text),
        }
    }
    None
}

/// The name of a program that the userland must have.
fn program(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    let is_name = !name.is_empty() && name.chars().all(is_plain) && FOLDERS.contains(&folder);
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tree::Span;

    fn words(texts: &[&str]) -> Vec<Word> {
        let word = |text: &&str| Word {
            text: (*text).to_owned(),
            readings: vec![(*text).to_owned()],
            span: Span::default(),
            path: String::new(),
        };
        texts.iter().map(word).collect()
    }

    #[test]
    fn a_command_is_a_shells_text_or_a_program() {
        let rule = |entrypoint: &[&str], command: &[&str]| ImageRule {
            entrypoint: entrypoint.iter().map(|word| (*word).to_owned()).collect(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            ..ImageRule::default()
        };
        let (bash, busybox) = (rule(&["docker-entrypoint.sh"], &["bash"]), rule(&[], &["sh"]));
        for (image, command, args, wanted) in [
            (&busybox, &["sh", "-c"][..], &["a b"][..], Some((What::Script, "sh", "a b"))),
            (&busybox, &["/bin/bash"], &["-eu", "-o", "pipefail", "-c", "x", "y"], Some((What::Script, "bash", "x"))),
            (&busybox, &["bash", "-ec", "--", "x"], &[], Some((What::Script, "bash", "x"))),
            (&busybox, &[], &["-c", "x"], Some((What::Script, "sh", "x"))),
            (&bash, &[], &["-c", "x"], Some((What::Script, "bash", "x"))),
            (&bash, &[], &["ps", "-c", "x"], Some((What::Program, "sh", "ps"))),
            (&bash, &[], &["bash", "-c", "x"], Some((What::Script, "bash", "x"))),
            (&busybox, &["/usr/bin/curl"], &["x"], Some((What::Program, "sh", "curl"))),
            (&busybox, &["/workspace/tool"], &[], None),
            (&busybox, &["$(params.x)"], &[], None),
            (&busybox, &["sh", "file"], &[], None),
            (&busybox, &[], &[], None),
            (&bash, &[], &[], None),
        ] {
            let command = CommandUse {
                image: String::new(),
                source: 0,
                command: words(command),
                args: words(args),
                commands: Vec::new(),
                span: Span::default(),
            };
            let part = of_command(command.clone(), Some(image));
            let found = part.as_ref().map(|p| (p.what, p.shell.as_str(), p.script.readings[0].as_str()));
            assert_eq!(found, wanted, "{command:?}");
        }
    }

    #[test]
    fn a_script_says_who_reads_it() {
        for (text, wanted) in [
            ("echo", Some((What::Script, "sh", "echo"))),
            ("#!/usr/bin/env bash\nx", Some((What::Script, "bash", "#!/usr/bin/env bash\nx"))),
            ("#!/usr/bin/env python3\nx", Some((What::Interpreter, "sh", "python3"))),
            ("#!/usr/bin/awk -f\nx", Some((What::Interpreter, "sh", "awk"))),
            ("#!/workspace/own\nx", None),
        ] {
            let script = ScriptUse {
                image: String::new(),
                source: 0,
                text: text.to_owned(),
                readings: vec![text.to_owned()],
                commands: Vec::new(),
                span: Span::default(),
                path: String::new(),
            };
            let part = of_script(script);
            let found = part.as_ref().map(|p| (p.what, p.shell.as_str(), p.script.readings[0].as_str()));
            assert_eq!(found, wanted, "{text:?}");
        }
    }
}
