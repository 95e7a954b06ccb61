//! `sort`: lines in memory up to a bound, sorted runs in temporary files beyond it.
//!
//! How lines compare is `keys`'; how runs are joined is `runs`'.

mod compare;
mod keys;
mod runs;

use crate::Exit;
use crate::number::multiplier;
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Lines, Out, Source, complain, fail, path, quoted, reason, shown};
pub use compare::versions;
use keys::{Keys, Manner};
use runs::{Runs, merge};
use std::io::{self, Read};

/// How many bytes of lines, and of what is known of them, are held.
const HELD: usize = 192 << 20;
const LEAST_HELD: usize = 1 << 20;
const BLOCK: usize = 1 << 20;

/// A line that is held: where it is, and what most comparisons need.
#[derive(Clone, Copy)]
struct Entry {
    rough: u64,
    start: u32,
    length: u32,
}

struct Sort {
    keys: Keys,
    delimiter: u8,
    held: usize,
    text: Bytes,
    entries: Vec<Entry>,
    runs: Runs,
}

const LETTERS: [(&str, u8); 11] = [
    ("ignore-leading-blanks", b'b'),
    ("dictionary-order", b'd'),
    ("ignore-case", b'f'),
    ("general-numeric-sort", b'g'),
    ("human-numeric-sort", b'h'),
    ("ignore-nonprinting", b'i'),
    ("month-sort", b'M'),
    ("numeric-sort", b'n'),
    ("random-sort", b'R'),
    ("reverse", b'r'),
    ("version-sort", b'V'),
];

pub fn sort(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "sort",
        usage: "[OPTION]... [FILE]...",
        options: "b,ignore-leading-blanks d,dictionary-order f,ignore-case g,general-numeric-sort \
                  h,human-numeric-sort i,ignore-nonprinting M,month-sort n,numeric-sort R,random-sort r,reverse \
                  V,version-sort c,check? C m,merge o,output= S,buffer-size= t,field-separator= T,temporary-directory= \
                  u,unique k,key= z,zero-terminated s,stable parallel= batch-size= sort= files0-from=",
        wrong: 2,
        mixed: true,
    };
    let mut args = args.to_vec();
    // `-c` takes no value, though `--check` may.
    for arg in args.iter_mut().skip(1).take_while(|arg| *arg != b"--") {
        let letters = arg.len() > 2 && arg[0] == b'-' && arg[1] != b'-';
        if letters && arg[1..].iter().all(|byte| b"bcdfghiMmnRrsuVz".contains(byte)) && arg.contains(&b'c') {
            arg.retain(|byte| *byte != b'c');
            arg.push(b'c');
        }
    }
    let parsed = spec.parse(&args)?;
    let keys = ordering(&parsed)?;
    let files = files(&parsed)?;
    let delimiter = if parsed.has("zero-terminated") { 0 } else { b'\n' };
    let check = parsed.last("check").map(|how| how == b"quiet" || how == b"silent");
    if let Some(quiet) = check.or(parsed.has("C").then_some(true)) {
        if let Some(extra) = files.get(1) {
            return Err(fail("sort", &format!("extra operand {} not allowed with -c", quoted_always(extra))) + 1);
        }
        return checked(&files[0], &keys, delimiter, quiet || parsed.has("C"));
    }
    let folder = parsed.last("temporary-directory").map(shown);
    let mut sort = Sort {
        keys,
        delimiter,
        held: held(&parsed)?,
        text: Bytes::new(),
        entries: Vec::new(),
        runs: Runs::new(folder, delimiter),
    };
    let wrong = |error: io::Error| fail("sort", &reason(&error)) + 1;
    if parsed.has("merge") {
        let mut inputs = Vec::new();
        for name in &files {
            inputs.push(Lines::open(name, delimiter).map_err(|error| cannot_read(name, &error))?);
        }
        let mut out = output(&parsed)?;
        return merge(inputs, &sort.keys, delimiter, &mut out).map(|()| 0).map_err(wrong);
    }
    for name in &files {
        sort.read(name)?;
    }
    sort.order();
    let mut out = output(&parsed)?;
    if sort.runs.is_empty() {
        sort.put(&mut out);
        return Ok(0);
    }
    sort.spill().map_err(|error| sort.runs.wrong(&error))?;
    let done = sort.runs.merge_all(&sort.keys, &mut out);
    done.map(|()| 0).map_err(|error| sort.runs.wrong(&error))
}

fn quoted_always(name: &[u8]) -> String {
    format!("'{}'", shown(name))
}

fn cannot_read(name: &[u8], error: &io::Error) -> i32 {
    if path(name).is_dir() {
        return fail("sort", &format!("read failed: {}: Is a directory", quoted(name))) + 1;
    }
    fail("sort", &format!("cannot read: {}: {}", quoted(name), reason(error))) + 1
}

fn output(parsed: &Parsed) -> Result<Out, i32> {
    match parsed.last("output") {
        None => Ok(Out::standard("sort")),
        Some(name) => match userland_sys::making::create(path(name)) {
            Ok(file) => Ok(Out::file("sort", file)),
            Err(error) => Err(fail("sort", &format!("open failed: {}: {}", quoted(name), reason(&error))) + 1),
        },
    }
}

fn files(parsed: &Parsed) -> Result<Vec<Bytes>, i32> {
    let Some(list) = parsed.last("files0-from") else { return Ok(parsed.files()) };
    let all = Source::open(list).and_then(|mut source| source.all());
    let all = all.map_err(|error| fail("sort", &format!("open failed: {}: {}", quoted(list), reason(&error))) + 1)?;
    Ok(all.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
}

fn held(parsed: &Parsed) -> Result<usize, i32> {
    let Some(size) = parsed.last("buffer-size") else { return Ok(HELD) };
    let digits = size.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let wrong = || fail("sort", &format!("invalid -S argument '{}'", shown(size))) + 1;
    let number = crate::number::plain(&size[..digits]).ok_or_else(wrong)?;
    let factor = match &size[digits..] {
        b"" => 1024,
        b"b" => 1,
        b"%" => (HELD / 100) as u64,
        suffix => multiplier(suffix).ok_or_else(wrong)?,
    };
    Ok((number.saturating_mul(factor) as usize).clamp(LEAST_HELD, HELD))
}

fn ordering(parsed: &Parsed) -> Result<Keys, i32> {
    let mut whole = Manner::default();
    let mut keys = Vec::new();
    let mut separator = None;
    for (name, value) in &parsed.options {
        if let Some((_, letter)) = LETTERS.iter().find(|(known, _)| known == name) {
            whole.letter(*letter, false);
        }
        match *name {
            "sort" => {
                let Some((_, letter)) =
                    LETTERS.iter().find(|(known, _)| known.split('-').next() == std::str::from_utf8(value).ok())
                else {
                    return Err(fail("sort", &format!("invalid argument '{}' for '--sort'", shown(value))) + 1);
                };
                whole.letter(*letter, false);
            }
            "key" => keys.push(keys::key(value)?),
            "field-separator" => {
                separator = Some(match value.as_slice() {
                    [] => return Err(fail("sort", "empty tab") + 1),
                    [byte] => *byte,
                    b"\\0" => 0,
                    _ => return Err(fail("sort", &format!("multi-character tab '{}'", shown(value))) + 1),
                });
            }
            _ => {}
        }
    }
    let keys: Vec<_> = keys
        .into_iter()
        .map(|key| {
            // A key without letters of its own has those of all.
            let manner = key.manner.unwrap_or(Manner { skip_end: whole.skip_start, ..whole });
            (key, manner)
        })
        .collect();
    for manner in keys.iter().map(|(_, manner)| manner).chain([&whole]) {
        if let Some(letters) = keys::clash(manner) {
            return Err(fail("sort", &format!("options '-{}' are incompatible", shown(&letters))) + 1);
        }
    }
    Ok(Keys {
        keys,
        whole,
        separator,
        stable: parsed.has("stable"),
        unique: parsed.has("unique"),
        seed: std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0),
    })
}

/// Says the first line that is out of order.
fn checked(name: &[u8], keys: &Keys, delimiter: u8, quiet: bool) -> Exit {
    let mut lines = Lines::open(name, delimiter).map_err(|error| cannot_read(name, &error))?;
    let mut before: Option<Bytes> = None;
    let mut number = 0u64;
    loop {
        let line = match lines.bare() {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(0),
            Err(error) => return Err(cannot_read(name, &error)),
        };
        number += 1;
        if let Some(before) = &before {
            let order = keys.compare(before, line);
            if order.is_gt() || order.is_eq() && keys.unique {
                if !quiet {
                    complain("sort", &format!("{}:{number}: disorder: {}", shown(name), shown(line)));
                }
                return Ok(1);
            }
        }
        before.get_or_insert_default().clear();
        before.get_or_insert_default().extend_from_slice(line);
    }
}

impl Sort {
    fn read(&mut self, name: &[u8]) -> Result<(), i32> {
        let mut source = Source::open(name).map_err(|error| cannot_read(name, &error))?;
        if let Some(left) = source.left() {
            self.text.reserve_exact((left as usize + 1).min(self.held));
        }
        // Where the line that is not whole yet begins.
        let mut start = self.text.len();
        loop {
            let length = self.text.len();
            if self.text.capacity() - length < BLOCK / 4 {
                self.text.reserve(BLOCK);
            }
            let room = (self.text.capacity() - length).min(BLOCK);
            self.text.resize(length + room, 0);
            let read = source.read(&mut self.text[length..]).map_err(|error| cannot_read(name, &error))?;
            self.text.truncate(length + read);
            if read == 0 {
                break;
            }
            start = self.index(start, length);
            if self.text.len() + self.entries.len() * size_of::<Entry>() > self.held && start > 0 {
                let rest = self.text.split_off(start);
                self.order();
                self.spill().map_err(|error| self.runs.wrong(&error))?;
                self.text.extend_from_slice(&rest);
                start = 0;
            }
        }
        if start < self.text.len() {
            self.text.push(self.delimiter);
            let length = self.text.len();
            self.index(start, length - 1);
        }
        Ok(())
    }

    /// Notes the lines that end behind a place; gives the start of the one that does not.
    fn index(&mut self, mut start: usize, from: usize) -> usize {
        let Self { text, entries, keys, delimiter, .. } = self;
        for end in memchr::memchr_iter(*delimiter, &text[from..]).map(|at| from + at) {
            let rough = keys.rough(&text[start..end]);
            entries.push(Entry { rough, start: start as u32, length: (end - start) as u32 });
            start = end + 1;
        }
        start
    }

    fn order(&mut self) {
        let Self { text, entries, keys, .. } = self;
        let line = |entry: &Entry| &text[entry.start as usize..][..entry.length as usize];
        let in_place = keys.stable || keys.unique;
        if keys.is_plain() && !in_place {
            let reverse = keys.whole.reverse;
            entries.sort_unstable_by(|one, other| {
                one.rough.cmp(&other.rough).then_with(|| {
                    let order = line(one).cmp(line(other));
                    if reverse { order.reverse() } else { order }
                })
            });
            return;
        }
        entries.sort_unstable_by(|one, other| {
            let order = one.rough.cmp(&other.rough).then_with(|| keys.compare(line(one), line(other)));
            order.then_with(|| one.start.cmp(&other.start))
        });
    }

    /// Writes the lines that are held.
    fn put(&mut self, out: &mut Out) {
        let mut before: Option<&[u8]> = None;
        for entry in &self.entries {
            let start = entry.start as usize;
            let line = &self.text[start..start + entry.length as usize];
            if self.keys.unique && before.is_some_and(|before| self.keys.by_keys(before, line).is_eq()) {
                continue;
            }
            before = Some(line);
            out.put(&self.text[start..start + entry.length as usize + 1]);
        }
    }

    /// Makes a run of what is held, and holds nothing.
    fn spill(&mut self) -> io::Result<()> {
        if !self.entries.is_empty() {
            let mut out = self.runs.begin()?;
            self.put(&mut out);
            out.flush();
        }
        self.entries.clear();
        self.text.clear();
        self.runs.gather(&self.keys)
    }
}
