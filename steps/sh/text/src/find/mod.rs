//! `find`: walks folders and does for each file what the expression says.
//!
//! The expression is read by `expression` and evaluated by `test`.

mod expression;
mod kinds;
mod print;
mod test;

use crate::Exit;
use crate::options::Bytes;
use crate::stream::{Out, complain, path, reason, shown};
use expression::{Expression, Parser};
use std::collections::BTreeMap;
use std::fs::{self, Metadata};

/// What holds for the whole walk.
pub struct Options {
    pub least: usize,
    pub most: usize,
    pub depth_first: bool,
    /// Whether folders of other file systems are left out.
    pub one_system: bool,
    /// Whether links are followed: never, those of the command line, always.
    pub follow: Follow,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Follow {
    Never,
    Named,
    Always,
}

/// A file that the walk came to.
pub struct Visit<'a> {
    pub name: &'a [u8],
    /// The part of the name that was given on the command line.
    pub root: usize,
    pub depth: usize,
    pub status: &'a Metadata,
    /// Whether the status is of a link's target.
    pub is_followed: bool,
}

/// The state of a walk.
pub struct Walk {
    pub options: Options,
    pub out: Out,
    pub files: BTreeMap<Bytes, Out>,
    /// Asked for when it is needed: a result that depends on the time is not kept.
    pub now: std::cell::LazyCell<std::time::SystemTime>,
    pub code: i32,
    pub prune: bool,
    pub quit: bool,
    /// What `-exec … +` has gathered, by its place in the expression.
    pub gathered: BTreeMap<usize, Vec<Bytes>>,
    /// The file system of the folder that the walk began with.
    system: Option<u64>,
}

pub fn find(args: &[Bytes]) -> Exit {
    let mut at = 1;
    let mut follow = Follow::Never;
    while let Some(arg) = args.get(at) {
        match arg.as_slice() {
            b"-H" => follow = Follow::Named,
            b"-L" => follow = Follow::Always,
            b"-P" => follow = Follow::Never,
            [b'-', b'O', levels @ ..] if !levels.is_empty() && levels.iter().all(u8::is_ascii_digit) => {}
            b"--help" | b"-help" => {
                println!("Usage: find [-H] [-L] [-P] [path...] [expression]");
                return Ok(0);
            }
            b"--version" | b"-version" => {
                println!("find (Stepwell userland) {}", env!("CARGO_PKG_VERSION"));
                return Ok(0);
            }
            b"--" => {
                at += 1;
                break;
            }
            _ => break,
        }
        at += 1;
    }
    let first = at;
    while args
        .get(at)
        .is_some_and(|arg| !(arg.starts_with(b"-") && arg.len() > 1 || [&b"("[..], b"!"].contains(&arg.as_slice())))
    {
        at += 1;
    }
    let mut paths = args[first..at].to_vec();
    if paths.is_empty() {
        paths.push(b".".to_vec());
    }
    let options = Options { least: 0, most: usize::MAX, depth_first: false, one_system: false, follow };
    let (expression, options) = Parser::new(&args[at..], options).read().map_err(|text| {
        complain("find", &text);
        1
    })?;
    let mut walk = Walk {
        options,
        out: Out::standard("find"),
        files: BTreeMap::new(),
        now: std::cell::LazyCell::new(crate::stream::now),
        code: 0,
        prune: false,
        quit: false,
        gathered: BTreeMap::new(),
        system: None,
    };
    for name in &paths {
        walk.visit(name, name.len(), 0, &expression, &mut Vec::new());
        if walk.quit {
            break;
        }
    }
    walk.run_gathered(&expression);
    walk.out.flush();
    Ok(walk.code)
}

/// The file system that a file is on. In the sandbox all is on one, as `stat` and `df` tell too.
fn system(status: &Metadata) -> Option<u64> {
    identity(status).map(|(system, _)| system)
}

/// What a file is known by, where the system says so; two files of which it does not are never the same.
fn identity(status: &Metadata) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((status.dev(), status.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        None
    }
}

impl Walk {
    fn wrong(&mut self, name: &[u8], reason: &str) {
        self.out.flush();
        complain("find", &format!("'{}': {reason}", shown(name)));
        self.code = 1;
    }

    fn visit(&mut self, name: &[u8], root: usize, depth: usize, expression: &Expression, above: &mut Vec<(u64, u64)>) {
        const DEEPEST: usize = 512;
        let follow = self.options.follow == Follow::Always || self.options.follow == Follow::Named && depth == 0;
        let own = fs::symlink_metadata(path(name));
        let followed = follow.then(|| fs::metadata(path(name)).ok()).flatten();
        let is_followed = followed.is_some();
        let status = match followed.map_or(own, Ok) {
            Ok(status) => status,
            Err(error) => return self.wrong(name, &reason(&error)),
        };
        let is_folder = status.is_dir();
        let visit = Visit { name, root, depth, status: &status, is_followed };
        if depth == 0 {
            self.system = system(&status);
        }
        let elsewhere = self.options.one_system && system(&status) != self.system;
        self.prune = false;
        if !self.options.depth_first && depth >= self.options.least {
            self.evaluate(expression, &visit);
        }
        let prune = std::mem::take(&mut self.prune) && !self.options.depth_first;
        if is_folder && !elsewhere && !prune && !self.quit && depth < self.options.most {
            let identity = identity(&status);
            if identity.is_some_and(|identity| above.contains(&identity)) {
                let text = "File system loop detected; it is part of the same file system loop as a folder above it";
                self.wrong(name, text);
            } else if depth >= DEEPEST {
                self.wrong(name, "File name too long");
            } else {
                above.extend(identity);
                self.entries(name, root, depth, expression, above);
                if identity.is_some() {
                    above.pop();
                }
            }
        }
        if self.options.depth_first && depth >= self.options.least && !self.quit {
            self.evaluate(expression, &visit);
        }
    }

    fn entries(
        &mut self,
        name: &[u8],
        root: usize,
        depth: usize,
        expression: &Expression,
        above: &mut Vec<(u64, u64)>,
    ) {
        let entries = match fs::read_dir(path(name)) {
            Ok(entries) => entries,
            Err(error) => return self.wrong(name, &reason(&error)),
        };
        // All at once, so that what the expression makes or removes does not disturb the reading.
        let names: Vec<Bytes> = entries.flatten().map(|entry| entry.file_name().into_encoded_bytes()).collect();
        for entry in names {
            let gap: &[u8] = if name.ends_with(b"/") { b"" } else { b"/" };
            self.visit(&[name, gap, &entry].concat(), root, depth + 1, expression, above);
            if self.quit {
                return;
            }
        }
    }
}
