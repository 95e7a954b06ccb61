//! `diff`: two files, or two folders file by file.
//!
//! Which lines changed is found by `script`, and shown by `output` and `forms`.

mod forms;
mod output;
mod script;

use crate::Exit;
use crate::glob;
use crate::number::plain;
use crate::options::{Bytes, Parsed, Spec};
use crate::regex::{Flavour, How, Lines, Regex};
use crate::stream::{Out, Source, complain, fail, path, quoted, reason, shown};
use forms::{Formats, Side};
use output::{Form, Pair};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;

struct Ask {
    form: Form,
    side: Option<Side>,
    formats: Option<Formats>,
    brief: bool,
    same: bool,
    recursive: bool,
    new_file: bool,
    new_first: bool,
    text: bool,
    ignore_case: bool,
    ignore_all_space: bool,
    ignore_space_change: bool,
    ignore_trailing: bool,
    ignore_blank_lines: bool,
    strip_return: bool,
    minimal: bool,
    ignored: Option<Regex>,
    function: Option<Bytes>,
    labels: Vec<Bytes>,
    excluded: Vec<Bytes>,
    color: bool,
    /// The options as they were given, for what is printed above each file of folders.
    given: Bytes,
}

const OPTIONS: &str = "normal q,brief s,report-identical-files c C,context? u U,unified? e,ed p,show-c-function \
    F,show-function-line= label= L= t,expand-tabs T,initial-tab r,recursive N,new-file unidirectional-new-file P \
    x,exclude= X,exclude-from= i,ignore-case E,ignore-tab-expansion Z,ignore-trailing-space b,ignore-space-change \
    w,ignore-all-space B,ignore-blank-lines I,ignore-matching-lines= a,text strip-trailing-cr d,minimal \
    speed-large-files H color? no-dereference y,side-by-side W,width= left-column suppress-common-lines n,rcs \
    line-format= old-line-format= new-line-format= unchanged-line-format= old-group-format= new-group-format= \
    unchanged-group-format= changed-group-format= #";

pub fn diff(args: &[Bytes]) -> Exit {
    let spec = Spec { name: "diff", usage: "[OPTION]... FILES", options: OPTIONS, wrong: 2, mixed: true };
    // `-C` and `-U` take a value that their long forms need not have.
    let mut args = args.to_vec();
    let mut at = 1;
    while at + 1 < args.len() && args[at] != b"--" {
        let arg = &args[at];
        if arg.len() > 1 && arg[0] == b'-' && arg[1] != b'-' && matches!(arg.last(), Some(b'C' | b'U')) {
            let value = args.remove(at + 1);
            args[at].extend_from_slice(&value);
        }
        at += 1;
    }
    let parsed = spec.parse(&args)?;
    let ask = asked(&spec, &parsed, &args)?;
    let [old, new] = parsed.operands.as_slice() else {
        return Err(match parsed.operands.as_slice() {
            [] => spec.wrong("missing operand after 'diff'"),
            [one] => spec.wrong(&format!("missing operand after '{}'", shown(one))),
            more => spec.wrong(&format!("extra operand '{}'", shown(&more[2]))),
        });
    };
    let mut out = Out::standard("diff");
    let is_folder = |name: &[u8]| name != b"-" && path(name).is_dir();
    let is_there = |name: &[u8]| name == b"-" || path(name).symlink_metadata().is_ok();
    let code = match (is_folder(old), is_folder(new)) {
        // Who is not there is said, and nothing is looked for beside the other.
        (true, false) if !is_there(new) => fail("diff", &format!("{}: No such file or directory", shown(new))) + 1,
        (false, true) if !is_there(old) => fail("diff", &format!("{}: No such file or directory", shown(old))) + 1,
        (true, true) => ask.folders(old, new, &mut out),
        (true, false) if new != b"-" => ask.files(&beside(old, new), new, &mut out),
        (false, true) if old != b"-" => ask.files(old, &beside(new, old), &mut out),
        (true, _) | (_, true) => return Err(fail("diff", "cannot compare '-' to a directory") + 1),
        _ => ask.files(old, new, &mut out),
    };
    Ok(code)
}

/// A file's name in a folder.
fn beside(folder: &[u8], file: &[u8]) -> Bytes {
    let base = file.rsplit(|byte| *byte == b'/').next().unwrap_or(file);
    join(folder, base)
}

fn join(folder: &[u8], name: &[u8]) -> Bytes {
    let gap: &[u8] = if folder.ends_with(b"/") { b"" } else { b"/" };
    [folder, gap, name].concat()
}

/// What options without values ask for.
fn plain_ask(parsed: &Parsed) -> Ask {
    Ask {
        form: Form::Normal,
        side: None,
        formats: None,
        brief: parsed.has("brief"),
        same: parsed.has("report-identical-files"),
        recursive: parsed.has("recursive"),
        new_file: parsed.has("new-file"),
        new_first: parsed.has("unidirectional-new-file") || parsed.has("P"),
        text: parsed.has("text"),
        ignore_case: parsed.has("ignore-case"),
        ignore_all_space: parsed.has("ignore-all-space"),
        ignore_space_change: parsed.has("ignore-space-change"),
        ignore_trailing: parsed.has("ignore-trailing-space"),
        ignore_blank_lines: parsed.has("ignore-blank-lines"),
        strip_return: parsed.has("strip-trailing-cr"),
        minimal: parsed.has("minimal"),
        ignored: None,
        function: None,
        labels: Vec::new(),
        excluded: Vec::new(),
        color: parsed.last("color").is_some_and(|when| when == b"always"),
        given: Bytes::new(),
    }
}

fn asked(spec: &Spec, parsed: &Parsed, args: &[Bytes]) -> Result<Ask, i32> {
    let mut ask = plain_ask(parsed);
    let mut context = None;
    for (name, value) in &parsed.options {
        let lines = || match (value.as_slice(), plain(value)) {
            ([], _) => Ok(3),
            (_, Some(lines)) => Ok(lines as usize),
            _ => Err(spec.wrong(&format!("invalid context length '{}'", shown(value)))),
        };
        match *name {
            "side-by-side" => {
                let given = parsed.last("width").unwrap_or(b"130");
                let wrong = || spec.wrong(&format!("invalid width '{}'", shown(given)));
                let width = plain(given).filter(|width| *width > 0).ok_or_else(wrong)? as usize;
                let (left_column, suppress_common) = (parsed.has("left-column"), parsed.has("suppress-common-lines"));
                ask.side = Some(Side { width: width.min(1 << 16), left_column, suppress_common });
                ask.form = Form::Whole;
            }
            name if name.ends_with("-format") => {
                let formats = ask.formats.get_or_insert_default();
                formats.take(name, value).map_err(|text| fail("diff", &text) + 1)?;
                ask.form = Form::Whole;
            }
            "rcs" => ask.form = Form::Rcs,
            "normal" => ask.form = Form::Normal,
            "ed" => ask.form = Form::Ed,
            "c" => ask.form = Form::Context(3),
            "context" => ask.form = Form::Context(lines()?),
            "u" => ask.form = Form::Unified(ask.form.context().max(3)),
            "unified" => ask.form = Form::Unified(lines()?),
            "#" => context = Some(lines()?),
            "show-c-function" => ask.function = Some(b"^[[:alpha:]$_]".to_vec()),
            "show-function-line" => ask.function = Some(value.clone()),
            "label" | "L" => ask.labels.push(value.clone()),
            "exclude" => ask.excluded.push(value.clone()),
            "exclude-from" => ask.excluded.extend(patterns(value)?),
            "ignore-matching-lines" => {
                let how = How { flavour: Flavour::Basic, escapes: false, ignore_case: false, lines: Lines::One };
                ask.ignored = Some(
                    Regex::new(value, how).map_err(|text| fail("diff", &format!("{}: {text}", shown(value))) + 1)?,
                );
            }
            "expand-tabs" | "initial-tab" | "ignore-tab-expansion" | "no-dereference" => {
                return Err(fail("diff", &format!("--{name} is not supported")) + 1);
            }
            _ => {}
        }
    }
    if ask.form == Form::Normal && parsed.has("show-c-function") {
        ask.form = Form::Context(3);
    }
    if let Some(lines) = context {
        ask.form = match ask.form {
            Form::Context(_) => Form::Context(lines),
            _ => Form::Unified(lines),
        };
    }
    let mut operands = parsed.operands.iter().peekable();
    for arg in args.iter().skip(1).filter(|arg| *arg != b"--") {
        if operands.next_if(|operand| *operand == arg).is_none() {
            ask.given.push(b' ');
            ask.given.extend_from_slice(quoted(arg).as_bytes());
        }
    }
    Ok(ask)
}

/// The lines of a file of patterns.
fn patterns(name: &[u8]) -> Result<Vec<Bytes>, i32> {
    let text = Source::open(name).and_then(|mut source| source.all());
    let text = text.map_err(|error| fail("diff", &format!("{}: {}", shown(name), reason(&error))) + 1)?;
    Ok(text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect())
}

/// What is there of a file: its text and when it was written; nothing for one that is missing but stands for empty.
struct Content {
    text: Bytes,
    /// Seconds since 1970, and billionths of one.
    written: (i64, u32),
}

impl Ask {
    fn complain(&self, name: &[u8], error: &io::Error, out: &mut Out) -> i32 {
        out.flush();
        complain("diff", &format!("{}: {}", shown(name), reason(error)));
        2
    }

    fn content(&self, name: &[u8], may_miss: bool) -> io::Result<Content> {
        let mut source = match Source::open(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && may_miss => {
                return Ok(Content { text: Bytes::new(), written: (0, 0) });
            }
            source => source?,
        };
        let status = match &source {
            Source::File(file) => file.metadata().ok(),
            _ => None,
        };
        let time = status.and_then(|status| status.modified().ok()).unwrap_or_else(crate::stream::now);
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(Content { text: source.all()?, written: (since.as_secs() as i64, since.subsec_nanos()) })
    }

    /// A time as the form of the output has it.
    fn date(&self, (seconds, nanos): (i64, u32)) -> String {
        let format = |format: &str| userland_calendar::strftime(format, seconds, None);
        match self.form {
            Form::Context(_) => format("%a %b %e %H:%M:%S %Y"),
            _ => format!("{}.{nanos:09} +0000", format("%Y-%m-%d %H:%M:%S")),
        }
    }

    fn files(&self, old: &[u8], new: &[u8], out: &mut Out) -> i32 {
        let missing = self.new_file || self.new_first;
        let contents = (self.content(old, missing), self.content(new, self.new_file));
        let (one, other) = match contents {
            (Ok(one), Ok(other)) => (one, other),
            (one, other) => {
                if let Err(error) = &one {
                    self.complain(old, error, out);
                }
                if let Err(error) = &other {
                    self.complain(new, error, out);
                }
                return 2;
            }
        };
        self.compare((old, &one), (new, &other), None, out)
    }

    fn compare(
        &self,
        (old, one): (&[u8], &Content),
        (new, other): (&[u8], &Content),
        above: Option<&[u8]>,
        out: &mut Out,
    ) -> i32 {
        let label = |index: usize, name: &[u8]| self.labels.get(index).cloned().unwrap_or_else(|| name.to_vec());
        let report = |text: &str, out: &mut Out| {
            let (old, new) = (shown(&label(0, old)), shown(&label(1, new)));
            match text {
                "Binary files" => out.put(format!("Binary files {old} and {new} differ\n").as_bytes()),
                "identical" => out.put(format!("Files {old} and {new} are identical\n").as_bytes()),
                _ => out.put(format!("Files {old} and {new} differ\n").as_bytes()),
            }
        };
        if one.text == other.text && (self.form != Form::Whole || self.brief) {
            if self.same {
                report("identical", out);
            }
            return 0;
        }
        let binary = |text: &[u8]| memchr::memchr(0, &text[..text.len().min(64 << 10)]).is_some();
        if !self.text && (binary(&one.text) || binary(&other.text)) {
            report(if self.brief { "" } else { "Binary files" }, out);
            return 1;
        }
        let pair = Pair {
            old: split(&one.text),
            new: split(&other.text),
            function: self.function.as_ref().and_then(|text| {
                let how = How { flavour: Flavour::Basic, escapes: false, ignore_case: false, lines: Lines::One };
                Regex::new(text, how).ok()
            }),
            color: self.color,
        };
        let changes = self.changes(&pair);
        let differ = changes.iter().any(|(_, counts)| *counts);
        if !differ && (self.form != Form::Whole || self.brief) {
            if self.same {
                report("identical", out);
            }
            return 0;
        }
        if self.brief {
            report("", out);
            return 1;
        }
        if let Some(above) = above {
            out.put(above);
        }
        self.heads([(old, one), (new, other)], out);
        match (&self.formats, &self.side) {
            (Some(formats), _) => formats.show(&pair, &changes, out),
            (None, Some(side)) => side.show(&pair, &changes, out),
            (None, None) => pair.show(self.form, &changes, out),
        }
        if !differ && self.same {
            report("identical", out);
        }
        i32::from(differ)
    }

    /// What stands above the changes of two files.
    fn heads(&self, files: [(&[u8], &Content); 2], out: &mut Out) {
        let marks: Option<(&[u8], &[u8])> = match self.form {
            Form::Unified(_) => Some((b"---", b"+++")),
            Form::Context(_) => Some((b"***", b"---")),
            _ => None,
        };
        if let Some((minus, plus)) = marks {
            for (index, (mark, (name, content))) in [minus, plus].into_iter().zip(files).enumerate() {
                let line = match self.labels.get(index) {
                    Some(label) => format!("{} {}", shown(mark), shown(label)),
                    None => format!("{} {}\t{}", shown(mark), shown(name), self.date(content.written)),
                };
                let line = if self.color { format!("\x1b[1m{line}\x1b[0m") } else { line };
                out.line(line.as_bytes());
            }
        }
    }

    /// The changes, each with whether it counts.
    fn changes(&self, pair: &Pair<'_>) -> Vec<(script::Change, bool)> {
        let mut classes: HashMap<Bytes, u32> = HashMap::new();
        let mut class = |line: &&[u8]| {
            let number = classes.len() as u32;
            *classes.entry(self.kept(line)).or_insert(number)
        };
        let old: Vec<u32> = pair.old.iter().map(&mut class).collect();
        let new: Vec<u32> = pair.new.iter().map(&mut class).collect();
        let found = script::changes(&old, &new, self.form.context(), self.minimal);
        let skipped = |line: &&[u8]| {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let space = self.ignore_space_change || self.ignore_all_space || self.ignore_trailing;
            let blank = if space { text.trim_ascii().is_empty() } else { text.is_empty() };
            self.ignore_blank_lines && blank || self.ignored.as_ref().is_some_and(|regex| regex.is_match(text))
        };
        let ignores = self.ignore_blank_lines || self.ignored.is_some();
        let counts = |change: &script::Change| {
            let old = &pair.old[change.old..change.old + change.deleted];
            let new = &pair.new[change.new..change.new + change.inserted];
            !(ignores && old.iter().chain(new).all(skipped))
        };
        found.into_iter().map(|change| (change, counts(&change))).collect()
    }

    /// What counts of a line.
    fn kept(&self, line: &[u8]) -> Bytes {
        let space = |byte: u8| byte.is_ascii_whitespace() || byte == 11;
        let mut text = line.to_vec();
        if self.strip_return && text.ends_with(b"\r\n") {
            text.truncate(text.len() - 2);
            text.push(b'\n');
        }
        if self.ignore_case {
            text.make_ascii_lowercase();
        }
        if self.ignore_all_space {
            text.retain(|byte| !space(*byte));
        } else if self.ignore_space_change || self.ignore_trailing {
            let end = text.iter().rposition(|byte| !space(*byte)).map_or(0, |at| at + 1);
            text.truncate(end);
            if self.ignore_space_change {
                let mut after_space = false;
                for byte in &mut text {
                    if space(*byte) {
                        *byte = b' ';
                    }
                }
                text.retain(|byte| !(std::mem::replace(&mut after_space, *byte == b' ') && *byte == b' '));
            }
        }
        text
    }

    fn names(&self, folder: &[u8]) -> io::Result<BTreeSet<Bytes>> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(path(folder))? {
            let name = entry?.file_name().into_encoded_bytes();
            if !self.excluded.iter().any(|pattern| glob::matches(pattern, &name, false)) {
                names.insert(name);
            }
        }
        Ok(names)
    }

    fn folders(&self, old: &[u8], new: &[u8], out: &mut Out) -> i32 {
        let (ours, theirs) = match (self.names(old), self.names(new)) {
            (Ok(ours), Ok(theirs)) => (ours, theirs),
            (Err(error), _) if !(self.new_file && error.kind() == io::ErrorKind::NotFound) => {
                return self.complain(old, &error, out);
            }
            (_, Err(error)) if !(self.new_file && error.kind() == io::ErrorKind::NotFound) => {
                return self.complain(new, &error, out);
            }
            (ours, theirs) => (ours.unwrap_or_default(), theirs.unwrap_or_default()),
        };
        let mut code = 0;
        for name in ours.union(&theirs) {
            let (one, other) = (join(old, name), join(new, name));
            let fills = (self.new_file || self.new_first && !ours.contains(name), self.new_file);
            let only = match (ours.contains(name), theirs.contains(name)) {
                (true, false) if !fills.1 => Some(old),
                (false, true) if !fills.0 => Some(new),
                _ => None,
            };
            if let Some(folder) = only {
                out.put(format!("Only in {}: {}\n", shown(folder), shown(name)).as_bytes());
                code = code.max(1);
                continue;
            }
            let kinds = (path(&one).is_dir(), path(&other).is_dir());
            let missing = (!ours.contains(name), !theirs.contains(name));
            match (kinds.0 || missing.0 && kinds.1, kinds.1 || missing.1 && kinds.0) {
                (true, true) if self.recursive => code = code.max(self.folders(&one, &other, out)),
                (true, true) => {
                    out.put(format!("Common subdirectories: {} and {}\n", shown(&one), shown(&other)).as_bytes());
                }
                (false, false) => code = code.max(self.member(&one, &other, out)),
                (one_is, _) => {
                    let kind = |is: bool, name: &[u8]| match (
                        is,
                        fs::metadata(path(name)).is_ok_and(|status| status.len() == 0),
                    ) {
                        (true, _) => "directory",
                        (_, true) => "regular empty file",
                        _ => "regular file",
                    };
                    let line = format!(
                        "File {} is a {} while file {} is a {}\n",
                        shown(&one),
                        kind(one_is, &one),
                        shown(&other),
                        kind(!one_is, &other)
                    );
                    out.put(line.as_bytes());
                    code = code.max(1);
                }
            }
        }
        code
    }

    /// One file of two folders.
    fn member(&self, old: &[u8], new: &[u8], out: &mut Out) -> i32 {
        let (one, other) = match (self.content(old, true), self.content(new, true)) {
            (Ok(one), Ok(other)) => (one, other),
            (Err(error), _) => return self.complain(old, &error, out),
            (_, Err(error)) => return self.complain(new, &error, out),
        };
        let above = format!("diff{} {} {}\n", shown(&self.given), shown(old), shown(new));
        self.compare((old, &one), (new, &other), Some(above.as_bytes()), out)
    }
}

/// The lines of a text, each with its end.
fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}
