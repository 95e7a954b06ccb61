//! `ln`, `link`, `readlink`, `realpath`.
//!
//! Knows links, and names of places without them. What a path leads to is found here part by part, as it may not
//! be there.

use crate::destination::{Backup, asked, joined, last_name};
use crate::options::{Given, Table, missing};
use crate::outcome::{Failed, Outcome, Report, output, quoted, reason};
use crate::status::{self, Kind, Status};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

const LN: Table = Table::new(
    "ln",
    &[
        "s,symbolic",
        "f,force",
        "n,no-dereference",
        "r,relative",
        "v,verbose",
        "t,target-directory=",
        "T,no-target-directory",
        "i,interactive",
        "L,logical",
        "P,physical",
        "b",
        "backup=?",
        "S,suffix=",
        "d,F,directory",
    ],
);

pub fn ln(arguments: Vec<OsString>) -> Outcome {
    let mut given = LN.read(arguments)?;
    let mut targets: Vec<PathBuf> = std::mem::take(&mut given.operands).into_iter().map(PathBuf::from).collect();
    if targets.is_empty() {
        return Err(LN.misused("missing file operand"));
    }
    let is_directory = |path: &Path| {
        let follow = !given.has("no-dereference");
        Status::of(path, follow).is_ok_and(|status| status.is_directory())
    };
    let mut directory = given.value("target-directory").map(PathBuf::from);
    let mut link = None;
    if let Some(directory) = &directory {
        if !is_directory(directory) {
            let why =
                Status::of(directory, true).err().map_or_else(|| "Not a directory".to_owned(), |error| reason(&error));
            return Err(Failed::from(format!("target directory {}: {why}", quoted(directory))));
        }
    } else if given.has("no-target-directory") {
        match targets.len() {
            1 => return Err(LN.misused(format!("missing destination file operand after {}", quoted(&targets[0])))),
            2 => link = targets.pop(),
            _ => return Err(LN.misused(format!("extra operand {}", quoted(&targets[2])))),
        }
    } else if targets.len() == 1 {
        directory = Some(PathBuf::from("."));
    } else {
        let last = targets.pop().unwrap_or_default();
        if is_directory(&last) {
            directory = Some(last);
        } else if targets.len() > 1 {
            let why =
                Status::of(&last, true).err().map_or_else(|| "Not a directory".to_owned(), |error| reason(&error));
            return Err(Failed::from(format!("target {}: {why}", quoted(&last))));
        } else {
            link = Some(last);
        }
    }
    let backup = Backup::of(&given)?;
    let mut report = Report::new("ln");
    for target in targets {
        let place = match (&directory, &link) {
            (Some(directory), _) if directory == Path::new(".") => PathBuf::from(".").join(last_name(&target)),
            (Some(directory), _) => joined(directory, &last_name(&target)),
            (None, Some(link)) => link.clone(),
            (None, None) => last_name(&target).into(),
        };
        tie(&target, &place, &given, &backup, &mut report);
    }
    Ok(report.code)
}

fn tie(target: &Path, place: &Path, given: &Given, backup: &Backup, report: &mut Report) {
    let symbolic = given.has("symbolic");
    let follows = given.last(&["logical", "physical"]) == Some("logical");
    if !symbolic {
        match Status::of(target, follows) {
            Ok(status) if status.is_directory() => {
                return report.fail(format!("{}: hard link not allowed for directory", plain_name(target)));
            }
            Ok(_) => {}
            Err(error) => return report.fail(format!("failed to access {}: {}", quoted(target), reason(&error))),
        }
    }
    let there = Status::of(place, false).ok();
    if let Some(there) = there {
        if given.last(&["force", "interactive"]) == Some("interactive")
            && !asked(&format!("ln: replace {}? ", quoted(place)))
        {
            return;
        }
        if Status::of(target, follows).is_ok_and(|status| status.same(&there)) && !symbolic && given.has("force") {
            return report.fail(format!("{} and {} are the same file", quoted(target), quoted(place)));
        }
        if there.is_directory() && (given.has("force") || given.has("interactive")) {
            return report.fail(format!("{}: cannot overwrite directory", plain_name(place)));
        }
        match backup.keep(place) {
            Ok(Some(_)) => {}
            Ok(None) if given.has("force") || given.has("interactive") => {
                let _ = fs::remove_file(place);
            }
            Ok(None) => {}
            Err(error) => return report.fail(format!("cannot backup {}: {}", quoted(place), reason(&error))),
        }
    }
    let written = if symbolic && given.has("relative") { relative_to(target, place) } else { target.to_owned() };
    let made = match (symbolic, follows) {
        (true, _) => status::symlink(&written, place),
        (false, true) => fs::canonicalize(target).and_then(|target| fs::hard_link(target, place)),
        (false, false) => fs::hard_link(target, place),
    };
    if let Err(error) = made {
        let what = if symbolic { "symbolic" } else { "hard" };
        let arrow = if error.kind() == io::ErrorKind::AlreadyExists {
            String::new()
        } else {
            format!(" => {}", quoted(target))
        };
        let arrow = if symbolic { String::new() } else { arrow };
        return report.fail(format!("failed to create {what} link {}{arrow}: {}", quoted(place), reason(&error)));
    }
    if given.has("verbose") {
        println!("{} {} {}", quoted(place), if symbolic { "->" } else { "=>" }, quoted(written));
    }
}

fn plain_name(path: &Path) -> String {
    crate::outcome::plain(path)
}

fn relative_to(target: &Path, place: &Path) -> PathBuf {
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let from = resolve(parent, Missing::Allowed).unwrap_or_default();
    let to = resolve(target, Missing::Allowed).unwrap_or_default();
    between(&from, &to)
}

/// The way from one directory to a place, both absolute.
pub fn between(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let mut way = PathBuf::new();
    for _ in from.components().skip(shared) {
        way.push("..");
    }
    way.extend(to.components().skip(shared));
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

const LINK: Table = Table::new("link", &[]);

pub fn link(arguments: Vec<OsString>) -> Outcome {
    let given = LINK.read(arguments)?;
    match given.operands.as_slice() {
        [] => Err(missing(&LINK)),
        [one] => Err(LINK.misused(format!("missing operand after {}", quoted(one)))),
        [target, place] => match fs::hard_link(target, place) {
            Ok(()) => Ok(0),
            Err(error) => Err(Failed::from(format!(
                "cannot create link {} to {}: {}",
                quoted(place),
                quoted(target),
                reason(&error)
            ))),
        },
        [_, _, more, ..] => Err(crate::options::extra(&LINK, more)),
    }
}

/// What may be missing of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// All parts are there.
    Refused,
    /// The last part may not be there.
    Last,
    Allowed,
}

/// As many links are followed in one path.
const LINKS: usize = 40;

/// The path without links and dots, absolute.
pub fn resolve(path: &Path, missing: Missing) -> io::Result<PathBuf> {
    walk(path, missing, true)
}

fn walk(path: &Path, missing: Missing, physical: bool) -> io::Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut whole = if path.is_absolute() { PathBuf::from("/") } else { std::env::current_dir()? };
    let mut rest: Vec<OsString> = parts(path);
    let mut links = 0;
    let slash = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    while let Some(part) = rest.pop() {
        if part == ".." {
            whole.pop();
            continue;
        }
        let next = whole.join(&part);
        match Status::of(&next, false) {
            Ok(status) if status.kind == Kind::Link && physical => {
                links += 1;
                if links > LINKS {
                    return Err(io::Error::from_raw_os_error(libc::ELOOP));
                }
                let target = fs::read_link(&next)?;
                if target.is_absolute() {
                    whole = PathBuf::from("/");
                }
                rest.extend(parts(&target));
            }
            Ok(status) => {
                let last = rest.is_empty() && !slash;
                if !last && !status.is_directory() && status.kind != Kind::Link && missing != Missing::Allowed {
                    return Err(io::Error::from_raw_os_error(libc::ENOTDIR));
                }
                whole = next;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound || missing == Missing::Allowed => {
                let allowed = missing == Missing::Allowed || missing == Missing::Last && rest.is_empty();
                if !allowed {
                    return Err(error);
                }
                whole = next;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(whole)
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    let part = |part: Component<'_>| match part {
        Component::ParentDir => Some(OsString::from("..")),
        Component::Normal(name) => Some(name.to_owned()),
        _ => None,
    };
    let mut parts: Vec<OsString> = path.components().filter_map(part).collect();
    parts.reverse();
    parts
}

const READLINK: Table = Table::new(
    "readlink",
    &[
        "f,canonicalize",
        "e,canonicalize-existing",
        "m,canonicalize-missing",
        "n,no-newline",
        "q,s,silent,quiet",
        "v,verbose",
        "z,zero",
    ],
);

pub fn readlink(arguments: Vec<OsString>) -> Outcome {
    let given = READLINK.read(arguments)?;
    if given.operands.is_empty() {
        return Err(missing(&READLINK));
    }
    let mut report = Report::new("readlink");
    let mut out = output();
    let end = if given.has("zero") { "\0" } else { "\n" };
    let bare = given.has("no-newline") && given.operands.len() == 1;
    if given.has("no-newline") && given.operands.len() > 1 {
        report.warn("ignoring --no-newline with multiple arguments");
    }
    let kind = given.last(&["canonicalize", "canonicalize-existing", "canonicalize-missing"]);
    for path in &given.operands {
        let path = Path::new(path);
        let answer = match kind {
            Some("canonicalize") => resolve(path, Missing::Last),
            Some("canonicalize-existing") => resolve(path, Missing::Refused),
            Some(_) => resolve(path, Missing::Allowed),
            None => fs::read_link(path),
        };
        match answer {
            Ok(answer) => {
                out.write_all(answer.as_os_str().as_encoded_bytes())?;
                out.write_all(if bare { b"" } else { end.as_bytes() })?;
            }
            Err(error) => {
                report.code = 1;
                if given.has("verbose") {
                    report.fail(format!("{}: {}", plain_name(path), reason(&error)));
                }
            }
        }
    }
    out.flush()?;
    Ok(report.code)
}

const REALPATH: Table = Table::new(
    "realpath",
    &[
        "e,canonicalize-existing",
        "m,canonicalize-missing",
        "L,logical",
        "P,physical",
        "q,quiet",
        "s,strip,no-symlinks",
        "z,zero",
        "relative-to=",
        "relative-base=",
    ],
);

pub fn realpath(arguments: Vec<OsString>) -> Outcome {
    let given = REALPATH.read(arguments)?;
    if given.operands.is_empty() {
        return Err(missing(&REALPATH));
    }
    let missing = match given.last(&["canonicalize-existing", "canonicalize-missing"]) {
        Some("canonicalize-existing") => Missing::Refused,
        Some(_) => Missing::Allowed,
        None => Missing::Last,
    };
    let physical = !given.has("no-symlinks");
    let find = |path: &OsStr| {
        let path = Path::new(path);
        if given.has("logical") && physical {
            return walk(path, Missing::Allowed, false).and_then(|path| walk(&path, missing, true));
        }
        walk(path, if physical { missing } else { Missing::Allowed }, physical)
    };
    let base = |key: &str| match given.value(key) {
        Some(path) => find(path)
            .map(Some)
            .map_err(|error| Failed::from(format!("{}: {}", plain_name(Path::new(path)), reason(&error)))),
        None => Ok(None),
    };
    let (to, under) = (base("relative-to")?, base("relative-base")?);
    let mut report = Report::new("realpath");
    let mut out = output();
    for path in &given.operands {
        match find(path) {
            Ok(answer) => {
                let from = match (&to, &under) {
                    (Some(to), Some(under)) if to.starts_with(under) && answer.starts_with(under) => Some(to),
                    (None, Some(under)) if answer.starts_with(under) => Some(under),
                    (Some(to), None) => Some(to),
                    _ => None,
                };
                let answer = from.map_or_else(|| answer.clone(), |from| between(from, &answer));
                out.write_all(answer.as_os_str().as_encoded_bytes())?;
                out.write_all(if given.has("zero") { b"\0" } else { b"\n" })?;
            }
            Err(error) if given.has("quiet") => {
                let _ = error;
                report.code = 1;
            }
            Err(error) => report.fail(format!("{}: {}", plain_name(Path::new(path)), reason(&error))),
        }
    }
    out.flush()?;
    Ok(report.code)
}
