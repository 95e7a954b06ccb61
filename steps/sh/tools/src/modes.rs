//! Permission modes as people write them, octal or symbolic, and `chmod`, `chown`, `chgrp`.
//!
//! Knows that the sandbox has permission bits, no set-user-id, and one owner.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, Report, quoted, reason};
use crate::status::{self, Kind, Status};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use userland_sys::making::mask;

/// What a mode makes of the bits that are there. `None` where it can't be read.
pub fn apply(text: &str, before: u32, directory: bool, umask: u32) -> Option<u32> {
    if text.starts_with(|one: char| one.is_ascii_digit()) {
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777)?;
        // A directory keeps what few digits do not name.
        return Some(if directory && text.len() < 5 { mode | before & 0o6000 } else { mode });
    }
    let mut mode = before;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, mut actions) = clause.split_at(at);
        let mut mask = 0;
        for one in who.chars() {
            mask |= match one {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        let limited = mask == 0;
        let mask = if limited { 0o7777 } else { mask };
        while let Some(action) = actions.chars().next() {
            if !matches!(action, '+' | '-' | '=') {
                return None;
            }
            actions = &actions[1..];
            let end = actions.find(['+', '-', '=']).unwrap_or(actions.len());
            let (letters, rest) = actions.split_at(end);
            actions = rest;
            let mut bits = bits(letters, mode, directory)? & mask;
            if limited {
                bits &= !umask;
            }
            match action {
                '+' => mode |= bits,
                '-' => mode &= !bits,
                _ => mode = mode & !(mask & if directory { 0o1777 } else { 0o7777 }) | bits,
            }
        }
    }
    Some(mode)
}

fn bits(letters: &str, mode: u32, directory: bool) -> Option<u32> {
    if letters.starts_with(|one: char| one.is_ascii_digit()) {
        return u32::from_str_radix(letters, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut answer = 0;
    for letter in letters.chars() {
        answer |= match letter {
            'r' => 0o444,
            'w' => 0o222,
            'x' => 0o111,
            'X' if directory || mode & 0o111 != 0 => 0o111,
            'X' => 0,
            's' => 0o6000,
            't' => 0o1000,
            'u' => spread(mode >> 6),
            'g' => spread(mode >> 3),
            'o' => spread(mode),
            _ => return None,
        };
    }
    Some(answer)
}

fn spread(bits: u32) -> u32 {
    let bits = bits & 7;
    bits << 6 | bits << 3 | bits
}

/// For a new file or directory made with `-m`.
pub fn for_new(text: &str, before: u32, directory: bool) -> Outcome<u32> {
    apply(text, before, directory, mask()).ok_or_else(|| Failed::from(format!("invalid mode {}", quoted(text))))
}

const CHMOD: Table = Table::new(
    "chmod",
    &[
        "R,recursive",
        "v,verbose",
        "c,changes",
        "f,silent,quiet",
        "reference=",
        "no-preserve-root",
        "preserve-root",
        "H",
        "L",
        "P",
        "h,no-dereference",
        "dereference",
    ],
);

struct Changing {
    mode: String,
    reference: Option<u32>,
    recursive: bool,
    verbose: bool,
    changes: bool,
    quiet: bool,
    report: Report,
}

pub fn chmod(arguments: Vec<OsString>) -> Outcome {
    let (arguments, leading) = without_mode(arguments);
    let mut given = CHMOD.read(arguments)?;
    let reference = match given.value("reference") {
        Some(path) => Some(Status::of(Path::new(path), true).map_err(|error| {
            Failed::from(format!("failed to get attributes of {}: {}", quoted(path), reason(&error)))
        })?),
        None => None,
    };
    let mode = match (leading, reference) {
        (Some(mode), _) => mode,
        (None, Some(_)) => String::new(),
        (None, None) if given.operands.is_empty() => return Err(CHMOD.misused("missing operand")),
        (None, None) => given.operands.remove(0).to_string_lossy().into_owned(),
    };
    if given.operands.is_empty() {
        return Err(CHMOD.misused(if mode.is_empty() {
            "missing operand".to_owned()
        } else {
            format!("missing operand after {}", quoted(&mode))
        }));
    }
    if reference.is_none() && apply(&mode, 0, false, mask()).is_none() {
        return Err(CHMOD.misused(format!("invalid mode: {}", quoted(&mode))));
    }
    let mut changing = Changing {
        mode,
        reference: reference.map(|status| status.mode),
        recursive: given.has("recursive"),
        verbose: given.has("verbose"),
        changes: given.has("changes"),
        quiet: given.has("quiet"),
        report: Report::new("chmod"),
    };
    for path in given.operands {
        changing.change(&PathBuf::from(path), true);
    }
    Ok(changing.report.code)
}

/// A mode like `-x` or `-rw` looks like an option: it is taken out first.
fn without_mode(arguments: Vec<OsString>) -> (Vec<OsString>, Option<String>) {
    let mut mode = None;
    let mut ended = false;
    let kept = arguments.into_iter().enumerate().filter(|(at, argument)| {
        let text = argument.to_string_lossy();
        ended |= text == "--";
        let is_mode = *at > 0
            && !ended
            && mode.is_none()
            && text.len() > 1
            && text.starts_with('-')
            && text[1..]
                .starts_with(['r', 'w', 'x', 'X', 's', 't', 'u', 'g', 'o', '0', '1', '2', '3', '4', '5', '6', '7'])
            && apply(&text, 0, false, mask()).is_some();
        if is_mode {
            mode = Some(text.into_owned());
        }
        !is_mode
    });
    let kept = kept.map(|(_, argument)| argument).collect();
    (kept, mode)
}

impl Changing {
    fn change(&mut self, path: &Path, named: bool) {
        let link = Status::of(path, false).is_ok_and(|status| status.kind == Kind::Link);
        if link && !named {
            return;
        }
        let status = match Status::of(path, true) {
            Ok(status) => status,
            Err(_) if link => {
                if !self.quiet {
                    self.report.fail(format!("cannot operate on dangling symlink {}", quoted(path)));
                }
                self.report.code = 1;
                return;
            }
            Err(error) => {
                if !self.quiet {
                    self.report.fail(format!("cannot access {}: {}", quoted(path), reason(&error)));
                }
                self.report.code = 1;
                return;
            }
        };
        let wanted = self.reference.or_else(|| apply(&self.mode, status.mode, status.is_directory(), mask()));
        let wanted = wanted.unwrap_or(status.mode);
        if let Err(error) = self.set(path, &status, wanted) {
            if !self.quiet {
                self.report.fail(format!("changing permissions of {}: {}", quoted(path), reason(&error)));
            }
            self.report.code = 1;
        }
        if self.recursive && status.is_directory() {
            self.below(path);
        }
    }

    fn set(&self, path: &Path, status: &Status, wanted: u32) -> std::io::Result<()> {
        status::set_mode(path, true, wanted)?;
        let letters = |mode: u32| Status { mode, kind: Kind::File, ..*status }.letters()[1..].to_owned();
        if status.mode != wanted && (self.verbose || self.changes) {
            let (before, after) = (letters(status.mode), letters(wanted));
            println!("mode of {} changed from {:04o} ({before}) to {wanted:04o} ({after})", quoted(path), status.mode);
        } else if self.verbose {
            println!("mode of {} retained as {wanted:04o} ({})", quoted(path), letters(wanted));
        }
        Ok(())
    }

    fn below(&mut self, path: &Path) {
        match std::fs::read_dir(path) {
            Ok(list) => {
                let mut names: Vec<OsString> = list.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
                names.sort();
                for name in names {
                    self.change(&crate::destination::joined(path, &name), false);
                }
            }
            Err(error) => self.report.fail(format!("cannot read directory {}: {}", quoted(path), reason(&error))),
        }
    }
}

const CHOWN: &[&str] = &[
    "R,recursive",
    "v,verbose",
    "c,changes",
    "f,silent,quiet",
    "reference=",
    "from=",
    "h,no-dereference",
    "dereference",
    "H",
    "L",
    "P",
    "no-preserve-root",
    "preserve-root",
];

pub fn chown(arguments: Vec<OsString>) -> Outcome {
    owned(Table::new("chown", CHOWN), arguments, false)
}

pub fn chgrp(arguments: Vec<OsString>) -> Outcome {
    owned(Table::new("chgrp", CHOWN), arguments, true)
}

/// All files are root's: making them so is done already, and anything else can't be.
fn owned(table: Table, arguments: Vec<OsString>, group: bool) -> Outcome {
    let mut given = table.read(arguments)?;
    let mut report = Report::new(table.name);
    if !given.has("reference") {
        if given.operands.len() < 2 {
            let Some(owner) = given.operands.first() else { return Err(table.misused("missing operand")) };
            return Err(table.misused(format!("missing operand after {}", quoted(owner))));
        }
        let owner = given.operands.remove(0).to_string_lossy().into_owned();
        let (user, its_group) =
            if group { ("", owner.as_str()) } else { owner.split_once([':', '.']).unwrap_or((&owner, "")) };
        let numeric = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        for (name, what) in [(user, "user"), (its_group, "group")] {
            if !matches!(name, "" | "root" | "0") {
                let why = if numeric(name) { "Operation not permitted (all files are root's here)" } else { "" };
                if why.is_empty() {
                    return Err(Failed::from(format!("invalid {what}: {}", quoted(&owner))));
                }
                for path in &given.operands {
                    report.fail(format!(
                        "changing {} of {}: {why}",
                        if group { "group" } else { "ownership" },
                        quoted(path)
                    ));
                }
                return Ok(report.code);
            }
        }
    }
    for path in &given.operands {
        if let Err(error) = Status::of(Path::new(path), !given.has("no-dereference")) {
            report.fail(format!("cannot access {}: {}", quoted(path), reason(&error)));
        } else if given.has("verbose") {
            let what = if group { "group" } else { "ownership" };
            println!("{what} of {} retained as root", quoted(path));
        }
    }
    Ok(report.code)
}
