//! `tar`: its arguments, and which of its parts does the work.
//!
//! Knows GNU's options, old and new style. Access lists and extended attributes are none here: options for them change
//! nothing. Refuses what changes archives in ways that are not here.

mod create;
mod extract;
mod names;
mod transform;

pub use names::safe as safe_name;

use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, reason, say};
use crate::streams::Format;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use transform::Transform;

const TABLE: Table = Table::new(
    "tar",
    &[
        "c,create",
        "x,get,extract",
        "t,list",
        "r,append",
        "A,concatenate,catenate",
        "d,compare,diff",
        "u,update",
        "delete",
        "z,ungzip,gunzip,gzip",
        "j,bzip2",
        "J,xz",
        "lzma",
        "zstd",
        "Z,uncompress,compress",
        "a,auto-compress",
        "no-auto-compress",
        "I,use-compress-program=",
        "f,file=",
        "C,cd,directory=",
        "v,verbose",
        "p,same-permissions,preserve-permissions",
        "no-same-permissions",
        "s,same-order,preserve-order",
        "O,to-stdout",
        "T,files-from=",
        "X,exclude-from=",
        "k,keep-old-files",
        "skip-old-files",
        "overwrite",
        "U,unlink-first",
        "strip,strip-components=",
        "exclude=",
        "exclude-vcs",
        "transform,xform=",
        "same-owner",
        "o,no-same-owner",
        "P,absolute-names",
        "h,dereference",
        "m,touch",
        "null",
        "owner=",
        "group=",
        "mode=",
        "mtime=",
        "sort=",
        "numeric-owner",
        "wildcards",
        "no-wildcards",
        "H,format=",
        "no-recursion",
        "recursion",
        "one-file-system",
        "S,sparse",
        "remove-files",
        "totals",
        "warning=",
        "delay-directory-restore",
        "posix",
        "b,blocking-factor=",
        "checkpoint=?",
        "g,listed-incremental=",
        "N,newer=",
        "w,confirmation,interactive",
        "i,ignore-zeros",
        "ignore-failed-read",
        "full-time",
        "utc",
        "force-local",
        "acls",
        "no-acls",
        "selinux",
        "no-selinux",
        "xattrs",
        "no-xattrs",
        "hard-dereference",
        "keep-newer-files",
        "to-command=",
        "one-top-level=?",
        "R,block-number",
        "show-transformed-names,show-stored-names",
        "clamp-mtime",
        "quoting-style=",
    ],
)
.code(64);

/// Options whose work is not done here.
const REFUSED: [&str; 14] = [
    "catenate",
    "diff",
    "update",
    "delete",
    "compress",
    "totals",
    "checkpoint",
    "listed-incremental",
    "newer",
    "interactive",
    "keep-newer-files",
    "to-command",
    "block-number",
    "ignore-zeros",
];

/// What all of tar's work shares.
struct Work {
    given: Given,
    archive: Option<PathBuf>,
    format: Option<Format>,
    verbose: usize,
    excludes: Vec<Vec<u8>>,
    transform: Transform,
    strip: usize,
    failed: bool,
}

impl Work {
    /// Says what is wrong and goes on.
    fn fail(&mut self, message: impl AsRef<str>) {
        say("tar", message.as_ref());
        self.failed = true;
    }

    /// The directory that holds for an operand: each `-C` goes on from the one before it.
    fn directory(&self, before: usize) -> PathBuf {
        let mut whole = PathBuf::new();
        for (_, value) in self.given.all().take(before).filter(|(key, _)| *key == "directory") {
            whole.push(value.unwrap_or_default());
        }
        whole
    }

    fn excluded(&self, name: &[u8]) -> bool {
        self.excludes.iter().any(|pattern| names::excludes(pattern, name))
    }
}

/// The end of a tar that can't go on.
fn fatal(message: impl AsRef<str>) -> Failed {
    Failed::new(2, format!("{}\ntar: Error is not recoverable: exiting now", message.as_ref()))
}

/// `tar xzf FILE` is `tar -x -z -f FILE`.
fn new_style(arguments: Vec<OsString>) -> Vec<OsString> {
    let Some(first) = arguments.get(1).map(|first| first.to_string_lossy().into_owned()) else { return arguments };
    if first.starts_with('-') || first.is_empty() {
        return arguments;
    }
    let mut rest = arguments.into_iter();
    let mut new: Vec<OsString> = rest.by_ref().take(1).collect();
    rest.next();
    for letter in first.chars() {
        new.push(OsString::from(format!("-{letter}")));
        if "fCTXIbHgN".contains(letter) {
            new.extend(rest.next());
        }
    }
    new.extend(rest);
    new
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let given = TABLE.read(new_style(arguments))?;
    for key in REFUSED {
        if given.has(key) {
            return Err(Failed::new(2, format!("--{key} is not supported here")));
        }
    }
    let usage = |text: &str| Failed::new(2, format!("{text}\nTry 'tar --help' or 'tar --usage' for more information."));
    let modes: Vec<&str> = ["create", "extract", "list", "append"].into_iter().filter(|key| given.has(key)).collect();
    let mode = match modes.as_slice() {
        [mode] => *mode,
        [] => return Err(usage("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options")),
        _ => return Err(usage("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option")),
    };
    let archive = given.value("file").filter(|name| *name != "-").map(PathBuf::from);
    let strip = match given.text("strip-components") {
        Some(text) => text.parse().map_err(|_| Failed::new(2, format!("Invalid number of elements: {text}")))?,
        None => 0,
    };
    let format = format(&given, archive.as_deref())?;
    let mut work = Work {
        verbose: given.all().filter(|(key, _)| *key == "verbose").count(),
        excludes: excludes(&given)?,
        transform: transform(&given)?,
        given,
        archive,
        format,
        strip,
        failed: false,
    };
    match mode {
        "create" => create::create(&mut work)?,
        "append" => create::append(&mut work)?,
        mode => extract::read(&mut work, mode == "list")?,
    }
    if work.failed {
        return Err(Failed::new(2, "Exiting with failure status due to previous errors"));
    }
    Ok(0)
}

fn transform(given: &Given) -> Outcome<Transform> {
    let mut transform = Transform::default();
    for (_, value) in given.all().filter(|(key, _)| *key == "xform") {
        let text = value.unwrap_or_default().to_string_lossy().into_owned();
        transform
            .add(&text)
            .map_err(|why| Failed::new(2, format!("{why}\nTry 'tar --help' or 'tar --usage' for more information.")))?;
    }
    Ok(transform)
}

fn format(given: &Given, archive: Option<&Path>) -> Outcome<Option<Format>> {
    let named = given.last(&["gzip", "bzip2", "xz", "lzma", "zstd", "use-compress-program", "auto-compress"]);
    Ok(match named {
        Some("gzip") => Some(Format::Gzip),
        Some("bzip2") => Some(Format::Bzip2),
        Some("xz") => Some(Format::Xz),
        Some("lzma") => Some(Format::Lzma),
        Some("zstd") => Some(Format::Zstd),
        Some("use-compress-program") => {
            let program = given.text("use-compress-program").unwrap_or_default();
            match program.split_whitespace().next().unwrap_or_default() {
                "gzip" | "pigz" => Some(Format::Gzip),
                "bzip2" | "pbzip2" | "lbzip2" => Some(Format::Bzip2),
                "xz" | "pixz" => Some(Format::Xz),
                "zstd" | "zstdmt" | "pzstd" => Some(Format::Zstd),
                other => return Err(Failed::new(2, format!("compression by '{other}' is not supported here"))),
            }
        }
        Some(_) => archive.and_then(|path| {
            let name = path.to_string_lossy().into_owned();
            let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
            match () {
                () if ends(&[".gz", ".tgz", ".taz"]) => Some(Format::Gzip),
                () if ends(&[".bz2", ".tbz2", ".tbz", ".tz2"]) => Some(Format::Bzip2),
                () if ends(&[".xz", ".txz"]) => Some(Format::Xz),
                () if ends(&[".lzma", ".tlz"]) => Some(Format::Lzma),
                () if ends(&[".zst", ".tzst"]) => Some(Format::Zstd),
                () => None,
            }
        }),
        None => None,
    })
}

fn excludes(given: &Given) -> Outcome<Vec<Vec<u8>>> {
    let mut patterns = Vec::new();
    for (key, value) in given.all() {
        let value = value.unwrap_or_default();
        match key {
            "exclude" => patterns.push(value.as_encoded_bytes().to_vec()),
            "exclude-from" => patterns.extend(lines(value, b'\n')?),
            "exclude-vcs" => {
                let names = [
                    "CVS",
                    "RCS",
                    "SCCS",
                    ".git",
                    ".gitignore",
                    ".gitattributes",
                    ".gitmodules",
                    ".svn",
                    ".hg",
                    ".hgignore",
                    ".bzr",
                ];
                patterns.extend(names.iter().map(|name| name.as_bytes().to_vec()));
            }
            _ => {}
        }
    }
    Ok(patterns)
}

/// The lines of a list of names.
fn lines(path: &OsStr, end: u8) -> Outcome<Vec<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = if path == "-" {
        io::Read::read_to_end(&mut io::stdin(), &mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|error| fatal(format!("{}: Cannot open: {}", path.to_string_lossy(), reason(&error))))?;
    Ok(bytes.split(|byte| *byte == end).filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect())
}

/// What is in the archive, and where: names among the arguments, with the place of each.
fn members(work: &mut Work) -> Outcome<Vec<(PathBuf, Vec<u8>)>> {
    let mut members = Vec::new();
    let operands = std::mem::take(&mut work.given.operands);
    for (name, before) in operands.iter().zip(work.given.before.clone()) {
        members.push((work.directory(before), name.as_encoded_bytes().to_vec()));
    }
    let all = work.given.all().count();
    let lists: Vec<OsString> = work
        .given
        .all()
        .filter(|(key, _)| *key == "files-from")
        .filter_map(|(_, value)| value.map(ToOwned::to_owned))
        .collect();
    for list in lists {
        let end = if work.given.has("null") { 0 } else { b'\n' };
        for name in lines(&list, end)? {
            members.push((work.directory(all), name));
        }
    }
    Ok(members)
}
