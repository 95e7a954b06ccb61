//! `zip`.
//!
//! Knows how to make an archive and to change one: the new one is written beside it and takes its place. Encryption,
//! splitting and line ends are refused.

use super::unpack::saved;
use super::{DEFLATED, Member, STORED, UTF_8, directory, write_directory};
use crate::options::{Given, Table};
use crate::outcome::{Failed, Outcome, name_of, output, reason};
use crate::status::{Kind, Status};
use flate2::{Compression, Crc, write::DeflateEncoder};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use userland_text::glob;

const TABLE: Table = Table::new(
    "zip",
    &[
        "r,recurse-paths",
        "q,quiet",
        "j,junk-paths",
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "u,update",
        "f,freshen",
        "d,delete",
        "m,move",
        "x,exclude",
        "i,include",
        "@",
        "y,symlinks",
        "X,no-extra",
        "D,no-dir-entries",
        "v,verbose",
        "g,grow",
        "T,test",
        "n=",
        "o",
        "e",
        "P=",
        "s=",
        "l",
        "ll",
        "F",
        "A",
        "z",
        "c",
        "t=",
        "FS",
        "sf",
        "b=",
    ],
)
.code(16);

/// Where a member's bytes go.
enum Sink<'f> {
    Deflated(DeflateEncoder<&'f mut File>),
    Stored(&'f mut File),
}

struct Zip {
    given: Given,
    level: u32,
    excluded: Vec<Vec<u8>>,
    included: Vec<Vec<u8>>,
    /// Names and files to be put in, in order.
    found: Vec<(Vec<u8>, PathBuf, Status)>,
    code: i32,
}

/// Names behind `-x` and `-i` are patterns, up to an option or `@`.
fn patterns(arguments: Vec<OsString>) -> (Vec<OsString>, Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let (mut words, mut excluded, mut included) = (Vec::new(), Vec::new(), Vec::new());
    let mut into = ' ';
    for word in arguments {
        let text = word.to_string_lossy().into_owned();
        match (text.as_str(), into) {
            ("-x" | "--exclude", _) => into = 'x',
            ("-i" | "--include", _) => into = 'i',
            (text, _) if text.starts_with("--exclude=") => {
                into = ' ';
                excluded.push(text.as_bytes()["--exclude=".len()..].to_vec());
            }
            (text, _) if text.starts_with("--include=") => {
                into = ' ';
                included.push(text.as_bytes()["--include=".len()..].to_vec());
            }
            ("@", 'x' | 'i') => into = ' ',
            (text, 'x') if !text.starts_with('-') => excluded.push(text.as_bytes().to_vec()),
            (text, 'i') if !text.starts_with('-') => included.push(text.as_bytes().to_vec()),
            _ => {
                into = ' ';
                words.push(word);
            }
        }
    }
    (words, excluded, included)
}

fn fatal(code: i32, message: &str) -> Failed {
    println!("\nzip error: {message}");
    Failed::silent(code)
}

pub fn run(arguments: Vec<OsString>) -> Outcome {
    let (words, excluded, included) = patterns(arguments);
    let mut given = TABLE.read(words)?;
    for key in ["e", "P", "s", "l", "ll", "F", "A", "z", "c", "t", "FS", "sf", "b", "T", "o"] {
        if given.has(key) {
            return Err(Failed::new(16, format!("option -{key} is not supported here")));
        }
    }
    if given.operands.is_empty() {
        return Err(Failed::new(16, "an archive is missing"));
    }
    let archive = given.operands.remove(0).to_string_lossy().into_owned();
    let level =
        given.last(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]).map_or(6, |digit| digit.parse().unwrap_or(6));
    let to_output = archive == "-";
    let has_ending = Path::new(&archive).extension().is_some();
    let archive = if has_ending || to_output { archive } else { format!("{archive}.zip") };
    let mut zip = Zip { given, level, excluded, included, found: Vec::new(), code: 0 };
    let old = if to_output { None } else { old(&archive)? };
    if zip.given.has("delete") {
        return zip.delete(&archive, old);
    }
    zip.find(&archive, old.as_ref().map(|(_, members)| members.as_slice()).unwrap_or_default())?;
    if zip.found.is_empty() {
        if zip.given.has("update") || zip.given.has("freshen") {
            return Ok(12);
        }
        return Err(fatal(12, &format!("Nothing to do! ({archive})")));
    }
    zip.write(&archive, old, to_output)?;
    if zip.given.has("move") {
        for (_, path, status) in zip.found.iter().rev() {
            let _ = if status.is_directory() { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
    Ok(zip.code)
}

type Old = Option<(File, Vec<Member>)>;

fn old(archive: &str) -> Outcome<Old> {
    let Ok(mut file) = File::open(archive) else { return Ok(None) };
    match directory(&mut file) {
        Ok(Some(members)) => Ok(Some((file, members))),
        Ok(None) => Err(fatal(3, &format!("Zip file structure invalid ({archive})"))),
        Err(error) => Err(fatal(3, &format!("Zip file structure invalid ({archive}): {}", reason(&error)))),
    }
}

impl Zip {
    fn fits(patterns: &[Vec<u8>], name: &[u8]) -> bool {
        patterns.iter().any(|one| glob::matches(one, name, false))
    }

    fn find(&mut self, archive: &str, old: &[Member]) -> Outcome<()> {
        let mut names: Vec<Vec<u8>> = self.given.operands.iter().map(|name| name.as_encoded_bytes().to_vec()).collect();
        if self.given.has("@") {
            for line in io::stdin().lock().lines() {
                names.push(line?.into_bytes());
            }
        }
        if self.given.has("freshen") && names.is_empty() {
            names = old
                .iter()
                .map(|member| member.name.clone())
                .filter(|name| Path::new(&name_of(name.clone())).exists())
                .collect();
        }
        let own = Status::of(Path::new(archive), true).ok();
        for name in names {
            let path = PathBuf::from(name_of(name.clone()));
            let follow = !self.given.has("symlinks");
            match Status::of(&path, follow) {
                Ok(status) => self.add(&name, &path, status, own.as_ref(), old)?,
                Err(_) => {
                    println!("\tzip warning: name not matched: {}", path.display());
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &[u8], path: &Path, status: Status, own: Option<&Status>, old: &[Member]) -> Outcome<()> {
        if own.is_some_and(|own| own.same(&status)) {
            return Ok(());
        }
        let (mut member, _) = crate::tar::safe_name(name);
        while let Some(rest) = member.strip_prefix(b"./") {
            member = rest;
        }
        let mut member = if member == b"." { Vec::new() } else { member.to_vec() };
        if status.is_directory() {
            while member.last() == Some(&b'/') {
                member.pop();
            }
            if !member.is_empty() {
                member.push(b'/');
            }
        }
        let entry = status.is_directory() && (self.given.has("junk-paths") || self.given.has("no-dir-entries"));
        if self.given.has("junk-paths") {
            member = member.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
        }
        let wanted =
            (self.included.is_empty() || Self::fits(&self.included, &member)) && !Self::fits(&self.excluded, &member);
        if wanted && !entry && !member.is_empty() {
            let before = old.iter().find(|one| one.name == member);
            let newer = before.is_some_and(|before| status.modified.0 > before.time);
            let take = match () {
                () if self.given.has("freshen") => newer,
                () if self.given.has("update") => newer || before.is_none(),
                () => true,
            };
            if take && !self.found.iter().any(|(name, ..)| *name == member) {
                self.found.push((member, path.to_owned(), status));
            }
        }
        if status.is_directory() && self.given.has("recurse-paths") {
            let mut names: Vec<OsString> =
                fs::read_dir(path)?.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
            names.sort();
            for one in names {
                let mut whole = name.to_vec();
                if !whole.ends_with(b"/") {
                    whole.push(b'/');
                }
                whole.extend(one.as_encoded_bytes());
                let below = path.join(&one);
                if let Ok(status) = Status::of(&below, !self.given.has("symlinks")) {
                    self.add(&whole, &below, status, own, old)?;
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, archive: &str, old: Old, to_output: bool) -> Outcome<()> {
        let beside = if to_output {
            format!("/tmp/zip{}", userland_sys::own_number())
        } else {
            format!("{archive}.new{}", userland_sys::own_number())
        };
        let failed =
            |error: io::Error| fatal(15, &format!("Could not create output file ({archive}): {}", reason(&error)));
        let mut out =
            userland_sys::making::open(OpenOptions::new().read(true).write(true).create(true).truncate(true), &beside)
                .map_err(failed)?;
        let mut members = Vec::new();
        let mut known = Vec::new();
        if let Some((mut file, before)) = old {
            for member in before {
                known.push(member.name.clone());
                match self.found.iter().position(|(name, ..)| *name == member.name) {
                    Some(at) => {
                        let found = self.found[at].clone();
                        members.push(self.pack(&found, &mut out, true, to_output)?);
                    }
                    None => members.push(member.copy_packed(&mut file, &mut out)?),
                }
            }
        }
        for found in self.found.clone() {
            if !known.contains(&found.0) {
                members.push(self.pack(&found, &mut out, false, to_output)?);
            }
        }
        write_directory(&members, &mut out)?;
        if to_output {
            out.seek(SeekFrom::Start(0))?;
            let mut sink = output();
            io::copy(&mut out, &mut sink)?;
            sink.flush()?;
            fs::remove_file(beside)?;
        } else {
            drop(out);
            fs::rename(&beside, archive)?;
        }
        Ok(())
    }

    /// Puts one file in, stored where deflating gains nothing.
    fn pack(&self, found: &(Vec<u8>, PathBuf, Status), out: &mut File, again: bool, quiet: bool) -> Outcome<Member> {
        let (name, path, status) = found;
        let mut member = Member {
            name: name.clone(),
            method: if self.level == 0 || status.is_directory() || status.kind == Kind::Link {
                STORED
            } else {
                DEFLATED
            },
            flags: if name.is_ascii() { 0 } else { UTF_8 },
            crc: 0,
            packed: 0,
            size: 0,
            offset: out.stream_position()?,
            mode: Some(status.raw_mode()),
            time: status.modified.0,
        };
        member.write_local(out)?;
        let begin = out.stream_position()?;
        let open = || -> io::Result<Box<dyn Read>> {
            Ok(match status.kind {
                Kind::Directory => Box::new(io::empty()),
                Kind::Link => Box::new(io::Cursor::new(fs::read_link(path)?.as_os_str().as_encoded_bytes().to_vec())),
                _ => Box::new(File::open(path)?),
            })
        };
        let failed = |error: io::Error| {
            fatal(18, &format!("could not open for reading: {} ({})", path.display(), reason(&error)))
        };
        loop {
            let mut input = open().map_err(failed)?;
            let crc = self.write_contents(&mut member, &mut *input, out)?;
            member.crc = crc;
            member.packed = out.stream_position()? - begin;
            if member.method == STORED || member.packed < member.size {
                break;
            }
            out.set_len(begin)?;
            out.seek(SeekFrom::Start(begin))?;
            (member.method, member.size) = (STORED, 0);
        }
        let end = out.stream_position()?;
        out.seek(SeekFrom::Start(member.offset))?;
        member.write_local(out)?;
        out.seek(SeekFrom::Start(end))?;
        if !self.given.has("quiet") && !quiet {
            let verb = match (again, self.given.has("freshen")) {
                (true, true) => "freshening",
                (true, false) => "updating",
                (false, _) => "  adding",
            };
            let how = if member.method == DEFLATED { "deflated" } else { "stored" };
            println!("{verb}: {} ({how} {}%)", String::from_utf8_lossy(name), saved(member.size, member.packed));
        }
        Ok(member)
    }

    /// Writes what a member holds and counts it; gives its check sum.
    fn write_contents(&self, member: &mut Member, input: &mut dyn Read, out: &mut File) -> Outcome<u32> {
        let mut crc = Crc::new();
        let mut block = vec![0; 64 * 1024];
        let mut sink = match member.method {
            DEFLATED => Sink::Deflated(DeflateEncoder::new(out, Compression::new(self.level))),
            _ => Sink::Stored(out),
        };
        loop {
            let read = input.read(&mut block)?;
            if read == 0 {
                break;
            }
            crc.update(&block[..read]);
            member.size += read as u64;
            match &mut sink {
                Sink::Deflated(out) => out.write_all(&block[..read])?,
                Sink::Stored(out) => out.write_all(&block[..read])?,
            }
        }
        if let Sink::Deflated(out) = sink {
            out.finish()?;
        }
        Ok(crc.sum())
    }

    fn delete(&mut self, archive: &str, old: Old) -> Outcome {
        let names: Vec<Vec<u8>> = self.given.operands.iter().map(|name| name.as_encoded_bytes().to_vec()).collect();
        let Some((mut file, members)) = old else {
            return Err(fatal(13, &format!("Nothing to do! ({archive})")));
        };
        for name in names.iter().filter(|name| !members.iter().any(|member| glob::matches(name, &member.name, false))) {
            println!("\tzip warning: name not matched: {}", String::from_utf8_lossy(name));
        }
        let (gone, kept): (Vec<Member>, Vec<Member>) =
            members.into_iter().partition(|member| Self::fits(&names, &member.name));
        if gone.is_empty() {
            return Err(fatal(12, &format!("Nothing to do! ({archive})")));
        }
        for member in gone.iter().filter(|_| !self.given.has("quiet")) {
            println!("deleting: {}", String::from_utf8_lossy(&member.name));
        }
        if kept.is_empty() {
            println!("\tzip warning: zip file empty");
            fs::remove_file(archive)?;
            return Ok(0);
        }
        let beside = format!("{archive}.new{}", userland_sys::own_number());
        let mut out = userland_sys::making::create(&beside)?;
        let kept = kept.iter().map(|member| member.copy_packed(&mut file, &mut out)).collect::<io::Result<Vec<_>>>()?;
        write_directory(&kept, &mut out)?;
        drop(out);
        fs::rename(&beside, archive)?;
        Ok(0)
    }
}
