//! `tar -x` and `-t`: lists an archive's members or makes files of them.
//!
//! Knows that no member may lead out of where it is unpacked: neither by its name nor through a link from the same
//! archive. Links that lead up or to the root are made last.

use super::transform::Of;
use super::{Work, fatal, members, names};
use crate::outcome::{Outcome, broken_pipe, name_of, output, reason};
use crate::status::{self, Kind, Status};
use crate::streams::{Format, any_reader, reader};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use tar::{Archive, Entry, EntryType};
use userland_calendar as calendar;

/// What an archive is made of: one without members has some of these too.
const BLOCK: u64 = 512;

struct Counted {
    input: Box<dyn Read>,
    count: u64,
}

impl Read for Counted {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(bytes)?;
        self.count += read as u64;
        Ok(read)
    }
}

struct Reading<'w> {
    work: &'w mut Work,
    /// Names asked for, the place of each, and whether it was found.
    asked: Vec<(PathBuf, Vec<u8>, bool)>,
    out: io::BufWriter<io::Stdout>,
    told: Option<Vec<u8>>,
    /// Directories whose modes and times are set when all is there.
    directories: Vec<(PathBuf, u32, i64)>,
    links: Vec<(PathBuf, PathBuf)>,
    place: PathBuf,
    /// The directory that all members go into where they do not by themselves.
    top: Option<Vec<u8>>,
    /// How wide owners and sizes have been so far.
    width: usize,
}

pub fn read(work: &mut Work, list: bool) -> Outcome<()> {
    let asked = members(work)?.into_iter().map(|(place, name)| (place, name, false)).collect();
    let input: Box<dyn Read> = match &work.archive {
        Some(path) => {
            let failed = |error: io::Error| fatal(format!("{}: Cannot open: {}", path.display(), reason(&error)));
            Box::new(File::open(path).map_err(failed)?)
        }
        None => Box::new(io::stdin()),
    };
    let broken = |error: io::Error| fatal(format!("Cannot read: {}", reason(&error)));
    let input: Box<dyn Read> = match work.format {
        Some(format) if format != Format::Plain => {
            reader(format, Box::new(BufReader::with_capacity(64 * 1024, input))).map_err(broken)?
        }
        _ => any_reader(input).map_err(broken)?.1,
    };
    let place = work.directory(usize::MAX);
    if !place.as_os_str().is_empty() && !place.is_dir() {
        let why = Status::of(&place, true).err().map_or_else(|| "Not a directory".to_owned(), |error| reason(&error));
        return Err(fatal(format!("{}: Cannot open: {why}", place.display())));
    }
    let top = top(work)?;
    let mut reading = Reading {
        top,
        work,
        asked,
        out: output(),
        told: None,
        directories: Vec::new(),
        links: Vec::new(),
        place,
        width: 19,
    };
    let answer = reading.all(input, list);
    reading
        .out
        .flush()
        .map_err(|error| if error.kind() == io::ErrorKind::BrokenPipe { broken_pipe() } else { error.into() })?;
    answer?;
    reading.finish();
    Ok(())
}

/// The directory of `--one-top-level`: the one that is named, or the archive's name without its ending.
fn top(work: &Work) -> Outcome<Option<Vec<u8>>> {
    if !work.given.has("one-top-level") {
        return Ok(None);
    }
    if let Some(name) = work.given.text("one-top-level").filter(|name| !name.is_empty()) {
        return Ok(Some(name.into_bytes()));
    }
    let base = work.archive.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    let base = base.unwrap_or_default();
    let endings = [".tar", ".tgz", ".taz", ".tbz2", ".tbz", ".tz2", ".tlz", ".txz", ".tzst"];
    let bare = [".gz", ".bz2", ".xz", ".lzma", ".zst", ".Z"].iter().find_map(|ending| base.strip_suffix(ending));
    match endings.iter().find_map(|ending| bare.unwrap_or(&base).strip_suffix(ending)).filter(|name| !name.is_empty()) {
        Some(name) => Ok(Some(name.as_bytes().to_vec())),
        None => Err(fatal("Cannot deduce top-level directory name; please set it explicitly with --one-top-level=DIR")),
    }
}

impl Reading<'_> {
    fn all(&mut self, input: Box<dyn Read>, list: bool) -> Outcome<()> {
        let mut archive = Archive::new(Counted { input, count: 0 });
        archive.set_ignore_zeros(false);
        let broken = |error: &io::Error, first: bool| {
            let text = error.to_string();
            match () {
                () if !first
                    && (error.kind() == io::ErrorKind::UnexpectedEof
                        || text.contains("failed to read entire block")) =>
                {
                    fatal("Unexpected EOF in archive")
                }
                () if first && text.contains("not in gzip format") || text.contains("invalid gzip header") => {
                    fatal("the archive is not compressed by gzip")
                }
                () if first => {
                    crate::outcome::say("tar", "This does not look like a tar archive");
                    crate::outcome::Failed::new(2, "Exiting with failure status due to previous errors")
                }
                () => fatal(format!("Cannot read: {}", reason(error))),
            }
        };
        let mut first = true;
        for entry in archive.entries().map_err(|error| broken(&error, true))? {
            let mut entry = entry.map_err(|error| broken(&error, first))?;
            first = false;
            self.entry(&mut entry, list)?;
        }
        if first && archive.into_inner().count < BLOCK {
            return Err(broken(&io::ErrorKind::UnexpectedEof.into(), true));
        }
        Ok(())
    }

    fn wanted(&mut self, name: &[u8]) -> Option<PathBuf> {
        if self.work.excluded(name) {
            return None;
        }
        if self.asked.is_empty() {
            return Some(self.place.clone());
        }
        let wildcards = self.work.given.last(&["wildcards", "no-wildcards"]) == Some("wildcards");
        let mut place = None;
        for (own, asked, found) in &mut self.asked {
            if names::asked_for(asked, name, wildcards) {
                *found = true;
                place.get_or_insert_with(|| own.clone());
            }
        }
        place
    }

    fn entry<R: Read>(&mut self, entry: &mut Entry<'_, R>, list: bool) -> Outcome<()> {
        let name = entry.path_bytes().into_owned();
        let Some(place) = self.wanted(&name) else { return Ok(()) };
        let transformed = self.work.transform.apply(&name, Of::Member);
        let short = names::stripped(&transformed, self.work.strip);
        if list {
            let stored = self.work.given.has("show-stored-names");
            return self.list(entry, if stored { short.unwrap_or_default() } else { &name });
        }
        let Some(short) = short.filter(|short| !short.is_empty()) else { return Ok(()) };
        let below = self.top.as_ref().filter(|top| !names::asked_for(top, short, false));
        let below = below.map(|top| [top, &b"/"[..], short].concat());
        let short = below.as_deref().unwrap_or(short);
        let (safe, taken) = if self.work.given.has("absolute-names") { (short, &b""[..]) } else { names::safe(short) };
        if !taken.is_empty() && self.told.as_deref() != Some(taken) {
            crate::outcome::say(
                "tar",
                &format!("Removing leading `{}' from member names", String::from_utf8_lossy(taken)),
            );
            self.told = Some(taken.to_vec());
        }
        let stored = self.work.given.has("show-stored-names");
        let shown = String::from_utf8_lossy(if stored { short } else { &name }).into_owned();
        if self.work.given.has("to-stdout") {
            if entry.header().entry_type().is_file() {
                if self.work.verbose > 0 {
                    eprintln!("{shown}");
                }
                io::copy(entry, &mut self.out)?;
            }
            return Ok(());
        }
        if self.work.verbose > 0 {
            if self.work.verbose > 1 { self.list(entry, &name)? } else { writeln!(self.out, "{shown}")? }
        }
        if safe.is_empty() {
            return Ok(());
        }
        let path = place.join(name_of(safe.to_vec()));
        if let Err(error) = self.make(entry, &path) {
            let target = entry.link_name_bytes().map(|target| String::from_utf8_lossy(&target).into_owned());
            let what = match entry.header().entry_type() {
                EntryType::Directory => "Cannot mkdir".to_owned(),
                EntryType::Link => format!("Cannot hard link to '{}'", target.unwrap_or_default()),
                EntryType::Symlink => format!("Cannot create symlink to '{}'", target.unwrap_or_default()),
                _ => "Cannot open".to_owned(),
            };
            self.work.fail(format!("{}: {what}: {}", String::from_utf8_lossy(short), reason(&error)));
        }
        Ok(())
    }

    /// Whether something is to be left as it is; makes room otherwise.
    fn make_room(&self, path: &Path) -> io::Result<bool> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            userland_sys::making::create_dir_all(parent)?;
        }
        match Status::of(path, false) {
            Err(_) => Ok(false),
            Ok(_) if self.work.given.has("skip-old-files") => Ok(true),
            Ok(_) if self.work.given.has("keep-old-files") => Err(io::ErrorKind::AlreadyExists.into()),
            Ok(status) if status.is_directory() => fs::remove_dir(path).map(|()| false),
            Ok(_) => fs::remove_file(path).map(|()| false),
        }
    }

    fn make<R: Read>(&mut self, entry: &mut Entry<'_, R>, path: &Path) -> io::Result<()> {
        let header = entry.header();
        let mode = header.mode().unwrap_or(0o644) & 0o7777;
        let mode = if self.work.given.has("no-same-permissions") { mode & !userland_sys::making::mask() } else { mode };
        let time = header.mtime().unwrap_or(0) as i64;
        let keep_time = !self.work.given.has("touch");
        match header.entry_type() {
            EntryType::Directory => {
                if !path.is_dir() {
                    userland_sys::making::create_dir_all(path)?;
                } else if self.work.given.has("skip-old-files") || self.work.given.has("keep-old-files") {
                    return Ok(());
                }
                self.directories.push((path.to_owned(), mode, time));
            }
            EntryType::Symlink => {
                let target = link_target(entry)?;
                let target = self.work.transform.apply(target.as_os_str().as_encoded_bytes(), Of::Symlink);
                let target = PathBuf::from(name_of(target));
                if self.make_room(path)? {
                    return Ok(());
                }
                let up =
                    target.is_absolute() || target.components().any(|part| part == std::path::Component::ParentDir);
                if up {
                    self.links.push((target, path.to_owned()));
                } else {
                    status::symlink(&target, path)?;
                    if keep_time {
                        let _ = status::set_times(path, None, Some((time, 0)), false);
                    }
                }
            }
            EntryType::Link => {
                let target = link_target(entry)?;
                let bytes = &self.work.transform.apply(target.as_os_str().as_encoded_bytes(), Of::HardLink)[..];
                let short = names::stripped(bytes, self.work.strip).unwrap_or(bytes);
                let (safe, _) =
                    if self.work.given.has("absolute-names") { (short, &b""[..]) } else { names::safe(short) };
                let target = self.place.join(name_of(safe.to_vec()));
                let same = |one: &Path| Status::of(one, false).ok();
                let done = matches!((same(&target), same(path)), (Some(one), Some(other)) if one.same(&other));
                if !done && !self.make_room(path)? {
                    fs::hard_link(target, path)?;
                }
            }
            EntryType::Fifo => {
                if !self.make_room(path)? {
                    userland_sys::make_fifo(path.to_str().unwrap_or_default(), mode)?;
                }
            }
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                if self.make_room(path)? {
                    return Ok(());
                }
                let mut file = userland_sys::making::create(path)?;
                io::copy(entry, &mut file)?;
                drop(file);
                let _ = status::set_mode(path, true, mode);
                if keep_time {
                    let _ = status::set_times(path, None, Some((time, 0)), true);
                }
            }
            _ => return Err(io::Error::new(io::ErrorKind::Unsupported, "members of this kind are not supported here")),
        }
        Ok(())
    }

    /// Makes what waited for the others: links that lead up, and the directories' modes and times.
    fn finish(&mut self) {
        for (target, path) in std::mem::take(&mut self.links) {
            if let Err(error) = status::symlink(&target, &path) {
                self.work.fail(format!(
                    "{}: Cannot create symlink to '{}': {}",
                    path.display(),
                    target.display(),
                    reason(&error)
                ));
            }
        }
        for (path, mode, time) in self.directories.iter().rev() {
            let _ = status::set_mode(path, true, *mode);
            if !self.work.given.has("touch") {
                let _ = status::set_times(path, None, Some((*time, 0)), true);
            }
        }
        for (_, asked, found) in std::mem::take(&mut self.asked) {
            if !found {
                self.work.fail(format!("{}: Not found in archive", String::from_utf8_lossy(&asked)));
            }
        }
    }

    fn list<R: Read>(&mut self, entry: &mut Entry<'_, R>, name: &[u8]) -> Outcome<()> {
        let shown = escaped(name);
        let level = self.work.verbose + usize::from(!self.work.given.has("list") && self.work.verbose > 1);
        if level == 0 {
            writeln!(self.out, "{shown}")?;
            return Ok(());
        }
        let header = entry.header();
        let kind = match header.entry_type() {
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::Link,
            EntryType::Fifo => Kind::Fifo,
            EntryType::Char => Kind::Characters,
            EntryType::Block => Kind::Blocks,
            _ => Kind::File,
        };
        let hard = header.entry_type() == EntryType::Link;
        let letters = letters(kind, header.mode().unwrap_or(0));
        let letters = if hard { format!("h{}", &letters[1..]) } else { letters };
        let numeric = self.work.given.has("numeric-owner");
        let name_or = |name: Option<&str>, id: u64| match name.filter(|name| !name.is_empty() && !numeric) {
            Some(name) => name.to_owned(),
            None => id.to_string(),
        };
        let user = name_or(header.username().ok().flatten(), header.uid().unwrap_or(0));
        let group = name_or(header.groupname().ok().flatten(), header.gid().unwrap_or(0));
        let size = if kind == Kind::File && !hard { entry.size() } else { 0 }.to_string();
        let owners = format!("{user}/{group}");
        self.width = self.width.max(owners.len() + 1 + size.len());
        let room = self.width - owners.len();
        let pattern = if self.work.given.has("full-time") { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        let time = calendar::format(pattern, (header.mtime().unwrap_or(0) as i64, 0));
        let target = entry.link_name_bytes().map(|target| escaped(&target)).unwrap_or_default();
        let arrow = match (kind, hard) {
            (Kind::Link, _) => format!(" -> {target}"),
            (_, true) => format!(" link to {target}"),
            _ => String::new(),
        };
        writeln!(self.out, "{letters} {owners}{size:>room$} {time} {shown}{arrow}")?;
        Ok(())
    }
}

fn link_target<R: Read>(entry: &Entry<'_, R>) -> io::Result<PathBuf> {
    let target = entry.link_name_bytes().ok_or(io::ErrorKind::InvalidData)?;
    Ok(PathBuf::from(name_of(target.into_owned())))
}

fn letters(kind: Kind, mode: u32) -> String {
    let time = (0, 0);
    let status = Status {
        device: 0,
        inode: 0,
        kind,
        mode: mode & 0o7777,
        links: 1,
        user: 0,
        group: 0,
        size: 0,
        blocks: 0,
        accessed: time,
        modified: time,
        changed: time,
    };
    status.letters()
}

fn escaped(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}
