//! `grep`, `egrep` and `fgrep`: reads the command line and goes through the files.
//!
//! Knows which files are searched. How one is searched and printed is `search`'s.

mod pattern;
mod search;

use crate::Exit;
use crate::glob;
use crate::number::plain;
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Out, Source, complain, fail, path, reason, shown};
use search::{Ask, Binary, Search};
use std::fs;

const OPTIONS: &str = "E,extended-regexp F,fixed-strings G,basic-regexp P,perl-regexp e,regexp= f,file= i,ignore-case y \
    no-ignore-case w,word-regexp x,line-regexp z,null-data V s,no-messages v,invert-match m,max-count= b,byte-offset \
    n,line-number line-buffered H,with-filename h,no-filename label= o,only-matching q,quiet silent binary-files= \
    a,text I d,directories= D,devices= r,recursive R,dereference-recursive include= exclude= exclude-from= \
    exclude-dir= L,files-without-match l,files-with-matches c,count Z,null A,after-context= B,before-context= \
    C,context= # color? colour? U,binary group-separator= no-group-separator T,initial-tab";

pub fn grep(args: &[Bytes]) -> Exit {
    run(args, None)
}

pub fn egrep(args: &[Bytes]) -> Exit {
    run(args, Some("extended-regexp"))
}

pub fn fgrep(args: &[Bytes]) -> Exit {
    run(args, Some("fixed-strings"))
}

/// What to do with a folder.
#[derive(Clone, Copy, PartialEq)]
enum Folders {
    Read,
    Skip,
    Recurse { follow: bool },
}

struct Walk {
    search: Search,
    folders: Folders,
    names: Vec<(bool, Bytes)>,
    excluded: Vec<Bytes>,
    silent: bool,
    named: bool,
    found: bool,
    failed: bool,
}

fn run(args: &[Bytes], flavour: Option<&'static str>) -> Exit {
    let spec = Spec { name: "grep", usage: "[OPTION]... PATTERNS [FILE]...", options: OPTIONS, wrong: 2, mixed: true };
    let mut parsed = spec.parse(args)?;
    if let Some(flavour) = flavour {
        parsed.options.insert(0, (flavour, Bytes::new()));
    }
    if parsed.has("V") {
        return spec.parse(&[Bytes::new(), b"--version".to_vec()]).map(|_| 0);
    }
    let texts = patterns(&spec, &mut parsed)?;
    let regex = pattern::compile(&texts, &parsed).map_err(|text| fail("grep", &text) + 1)?;
    let mut ask = asked(&parsed)?;
    let mut folders = Folders::Read;
    for (name, value) in &parsed.options {
        folders = match (*name, value.as_slice()) {
            ("recursive", _) | ("directories", b"recurse") => Folders::Recurse { follow: false },
            ("dereference-recursive", _) => Folders::Recurse { follow: true },
            ("directories", b"skip") => Folders::Skip,
            ("directories", b"read") => Folders::Read,
            ("directories", _) => {
                complain("grep", &format!("invalid argument '{}' for '--directories'", shown(value)));
                eprintln!("Valid arguments are:\n  - 'read'\n  - 'recurse'\n  - 'skip'");
                spec.wrong("");
                return Err(1);
            }
            _ => folders,
        };
    }
    let recurses = matches!(folders, Folders::Recurse { .. });
    let files = match parsed.operands.as_slice() {
        [] if recurses => vec![b".".to_vec()],
        [] => vec![b"-".to_vec()],
        files => files.to_vec(),
    };
    let given = |name: &str| parsed.options.iter().rposition(|(given, _)| *given == name);
    ask.with_name = match (given("with-filename"), given("no-filename")) {
        (Some(with), Some(without)) => with > without,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => files.len() > 1 || recurses && (files[0] != b"-"),
    };
    if recurses && given("with-filename").is_none() && given("no-filename").is_none() && files.len() == 1 {
        ask.with_name = path(&files[0]).is_dir();
    }
    let mut out = Out::standard("grep");
    out.by_line = parsed.has("line-buffered");
    let (names, excluded) = chosen(&parsed)?;
    let walk = Walk {
        search: Search::new(regex, ask, out),
        folders,
        names,
        excluded,
        silent: parsed.has("no-messages"),
        named: !parsed.operands.is_empty(),
        found: false,
        failed: false,
    };
    Ok(walk.all(&files))
}

/// The patterns, one a line, from `-e`, `-f` or the first operand.
fn patterns(spec: &Spec, parsed: &mut Parsed) -> Result<Vec<Bytes>, i32> {
    let mut texts: Option<Vec<Bytes>> = None;
    for (name, value) in &parsed.options {
        let text = match *name {
            "regexp" => value.clone(),
            "file" => {
                let text = Source::open(value).and_then(|mut source| source.all());
                let mut text =
                    text.map_err(|error| fail("grep", &format!("{}: {}", shown(value), reason(&error))) + 1)?;
                if text.is_empty() {
                    texts.get_or_insert_default();
                    continue;
                }
                if text.ends_with(b"\n") {
                    text.pop();
                }
                text
            }
            _ => continue,
        };
        texts.get_or_insert_default().extend(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    match texts {
        Some(texts) => Ok(texts),
        None if parsed.operands.is_empty() => Err(spec.wrong("")),
        None => Ok(parsed.operands.remove(0).split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()),
    }
}

fn asked(parsed: &Parsed) -> Result<Ask, i32> {
    let mut ask =
        Ask { max: u64::MAX, label: b"(standard input)".to_vec(), between: Some(b"--".to_vec()), ..Ask::default() };
    let mut context = (None, None, None);
    let mut digits = Bytes::new();
    for (name, value) in &parsed.options {
        let length = || {
            plain(value).ok_or_else(|| fail("grep", &format!("{}: invalid context length argument", shown(value))) + 1)
        };
        match *name {
            "invert-match" => ask.invert = true,
            "max-count" => {
                ask.max = match value.strip_prefix(b"-") {
                    Some(_) => u64::MAX,
                    None => plain(value).ok_or_else(|| fail("grep", "invalid max count") + 1)?,
                }
            }
            "byte-offset" => ask.offsets = true,
            "line-number" => ask.numbers = true,
            "label" => ask.label.clone_from(value),
            "only-matching" => ask.only_matching = true,
            "quiet" | "silent" => ask.quiet = true,
            "text" => ask.binary = Binary::Text,
            "I" => ask.binary = Binary::Skip,
            "binary-files" => {
                ask.binary = match value.as_slice() {
                    b"text" => Binary::Text,
                    b"without-match" => Binary::Skip,
                    b"binary" => Binary::Say,
                    _ => return Err(fail("grep", "invalid argument for '--binary-files'") + 1),
                }
            }
            "files-with-matches" => (ask.list, ask.list_without) = (true, false),
            "files-without-match" => (ask.list, ask.list_without) = (false, true),
            "count" => ask.count = true,
            "null" => ask.null = true,
            "null-data" => ask.zero = true,
            "after-context" => context.0 = Some(length()?),
            "before-context" => context.1 = Some(length()?),
            "context" => context.2 = Some(length()?),
            "#" => {
                digits.extend_from_slice(value);
                context.2 = plain(&digits);
            }
            "group-separator" => ask.between = Some(value.clone()),
            "no-group-separator" => ask.between = None,
            "initial-tab" => ask.tab = true,
            "color" | "colour" => ask.color = value == b"always",
            "devices" if value != b"read" && value != b"skip" => return Err(fail("grep", "unknown devices method") + 1),
            _ => {}
        }
    }
    ask.after = context.0.or(context.2).unwrap_or(0) as usize;
    ask.before = context.1.or(context.2).unwrap_or(0) as usize;
    ask.context_asked = context != (None, None, None);
    Ok(ask)
}

type Chosen = (Vec<(bool, Bytes)>, Vec<Bytes>);

/// The patterns of names to search (true) or not, and those of folders not to.
fn chosen(parsed: &Parsed) -> Result<Chosen, i32> {
    let (mut names, mut excluded) = (Vec::new(), Vec::new());
    for (name, value) in &parsed.options {
        match *name {
            "include" => names.push((true, value.clone())),
            "exclude" => names.push((false, value.clone())),
            "exclude-dir" => excluded.push(value.strip_suffix(b"/").unwrap_or(value).to_vec()),
            "exclude-from" => {
                let text = Source::open(value).and_then(|mut source| source.all());
                let text = text.map_err(|error| fail("grep", &format!("{}: {}", shown(value), reason(&error))) + 1)?;
                let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                names.extend(lines.map(|line| (false, line.to_vec())));
            }
            _ => {}
        }
    }
    Ok((names, excluded))
}

impl Walk {
    fn all(mut self, files: &[Bytes]) -> i32 {
        for file in files {
            if self.done() {
                break;
            }
            self.operand(file);
        }
        self.search.finish();
        match (self.found, self.failed) {
            (true, true) if self.search.ask.quiet => 0,
            (_, true) => 2,
            (found, false) => i32::from(!found),
        }
    }

    fn done(&self) -> bool {
        self.found && self.search.ask.quiet
    }

    fn complain(&mut self, name: &[u8], reason: &str) {
        self.failed = true;
        if !self.silent {
            self.search.out.flush();
            complain("grep", &format!("{}: {reason}", shown(name)));
        }
    }

    fn operand(&mut self, name: &[u8]) {
        if name == b"-" {
            return self.source(name, Source::Handle(0));
        }
        if path(name).is_dir() {
            return match self.folders {
                Folders::Skip => {}
                Folders::Read => {
                    self.failed = true;
                    if !self.silent {
                        self.search.out.flush();
                        complain("grep", &format!("{}: Is a directory", shown(name)));
                    }
                }
                Folders::Recurse { .. } if self.leaves_out(name) => {}
                Folders::Recurse { .. } => self.folder(name, 0),
            };
        }
        if self.is_chosen(name) {
            self.file(name);
        }
    }

    fn leaves_out(&self, name: &[u8]) -> bool {
        let last = name.rsplit(|byte| *byte == b'/').find(|part| !part.is_empty()).unwrap_or(name);
        name != b"."
            && self.excluded.iter().any(|glob| glob::matches(glob, last, false) || glob::matches(glob, name, false))
    }

    /// The last pattern that a name matches decides; where none does, whether the first one includes.
    fn is_chosen(&self, name: &[u8]) -> bool {
        let base = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
        let hit = self
            .names
            .iter()
            .rev()
            .find(|(_, glob)| glob::matches(glob, base, false) || glob::matches(glob, name, false));
        match hit {
            Some((include, _)) => *include,
            None => !self.names.first().is_some_and(|(include, _)| *include),
        }
    }

    fn folder(&mut self, name: &[u8], depth: usize) {
        const DEEPEST: usize = 256;
        let entries = match fs::read_dir(path(name)) {
            Ok(entries) if depth < DEEPEST => entries,
            Ok(_) => return self.complain(name, "File name too long"),
            Err(error) => return self.complain(name, &reason(&error)),
        };
        let follow = self.folders == Folders::Recurse { follow: true };
        for entry in entries.flatten() {
            if self.done() {
                return;
            }
            let base = entry.file_name().into_encoded_bytes();
            let full = match name {
                b"." if !self.named => base.clone(),
                name if name.ends_with(b"/") => [name, &base].concat(),
                name => [name, b"/", &base].concat(),
            };
            let Ok(mut kind) = entry.file_type() else { continue };
            if kind.is_symlink() {
                match fs::metadata(path(&full)) {
                    Ok(status) if follow => kind = status.file_type(),
                    Ok(_) => continue,
                    Err(error) if follow => {
                        self.complain(&full, &reason(&error));
                        continue;
                    }
                    Err(_) => continue,
                }
            }
            if kind.is_dir() {
                if !self.leaves_out(&base) && !self.leaves_out(&full) {
                    self.folder(&full, depth + 1);
                }
            } else if kind.is_file() && self.is_chosen(&full) {
                self.file(&full);
            }
        }
    }

    fn file(&mut self, name: &[u8]) {
        match Source::file(name) {
            Ok(source) => self.source(name, source),
            Err(error) => self.complain(name, &reason(&error)),
        }
    }

    fn source(&mut self, name: &[u8], source: Source) {
        match self.search.source(name, source) {
            Ok(found) => self.found |= found,
            Err(error) => self.complain(name, &reason(&error)),
        }
    }
}
