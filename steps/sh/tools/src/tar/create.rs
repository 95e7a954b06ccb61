//! `tar -c` and `-r`: puts files into an archive.
//!
//! Knows what a member's header says of a file. Names within a directory come in order.

use super::transform::Of;
use super::{Work, fatal, members, names};
use crate::modes;
use crate::outcome::{Failed, Outcome, broken_pipe, name_of, reason, say};
use crate::status::{Kind, Status};
use crate::streams::{Format, Packing};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// Archives are filled up to a multiple of this.
const RECORD: u64 = 10_240;

/// Counts what is written.
struct Counted<W> {
    out: W,
    count: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

type Out = Builder<Counted<Packing<Box<dyn Write>>>>;

struct Creation<'w> {
    work: &'w mut Work,
    out: Out,
    /// The first name of each file with several.
    seen: HashMap<(u64, u64), Vec<u8>>,
    /// The archive itself is not put into it.
    archive: Option<Status>,
    told: Option<Vec<u8>>,
    /// Who is to own all: the number, and the name where there is one.
    owner: Option<(u64, String)>,
    group: Option<(u64, String)>,
    mode: Option<String>,
    time: Option<i64>,
    listing_to_error: bool,
    /// What is removed when all is written.
    done: Vec<(PathBuf, bool)>,
}

fn write_failed(error: &io::Error) -> Failed {
    if error.kind() == io::ErrorKind::BrokenPipe {
        broken_pipe()
    } else {
        fatal(format!("Cannot write: {}", reason(error)))
    }
}

pub fn create(work: &mut Work) -> Outcome<()> {
    let members = members(work)?;
    if members.is_empty() && !work.given.has("files-from") {
        return Err(Failed::new(
            2,
            "Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.",
        ));
    }
    let out: Box<dyn Write> = match &work.archive {
        Some(path) => {
            let failed = |error: io::Error| fatal(format!("{}: Cannot open: {}", path.display(), reason(&error)));
            Box::new(io::BufWriter::with_capacity(64 * 1024, userland_sys::making::create(path).map_err(failed)?))
        }
        None => Box::new(crate::outcome::output()),
    };
    let packing =
        Packing::new(work.format.unwrap_or(Format::Plain), 6, None, None, out).map_err(|error| write_failed(&error))?;
    fill(work, members, packing, 0)
}

/// Writes behind the last member of an archive that is not compressed.
pub fn append(work: &mut Work) -> Outcome<()> {
    if work.format.is_some() {
        return Err(Failed::new(
            2,
            "Cannot update compressed archives\nTry 'tar --help' or 'tar --usage' for more information.",
        ));
    }
    let Some(path) = work.archive.clone() else {
        return Err(Failed::new(2, "Options '-Aru' are incompatible with '-f -'"));
    };
    let members = members(work)?;
    let failed = |error: io::Error| fatal(format!("{}: Cannot open: {}", path.display(), reason(&error)));
    let mut file =
        userland_sys::making::open(OpenOptions::new().read(true).write(true).create(true).truncate(false), &path)
            .map_err(failed)?;
    let mut end = 0;
    for entry in tar::Archive::new(&mut file).entries_with_seek().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        end = entry.raw_file_position() + entry.header().entry_size().unwrap_or(0).div_ceil(512) * 512;
    }
    file.set_len(end).and_then(|()| file.seek(SeekFrom::Start(end))).map_err(failed)?;
    fill(work, members, Packing::Plain(Box::new(file)), end)
}

/// Of `NAME`, `NUMBER` or `NAME:NUMBER`: the number and the name.
fn owner(text: &str) -> (u64, String) {
    match (text.split_once(':'), text.parse::<u64>()) {
        (Some((name, number)), _) => (number.parse().unwrap_or(0), name.to_owned()),
        (None, Ok(0)) => (0, "root".to_owned()),
        (None, Ok(number)) => (number, String::new()),
        (None, Err(_)) => (0, text.to_owned()),
    }
}

fn fill(
    work: &mut Work,
    members: Vec<(PathBuf, Vec<u8>)>,
    packing: Packing<Box<dyn Write>>,
    begin: u64,
) -> Outcome<()> {
    let id = |key: &str| work.given.text(key).map(|text| owner(&text));
    let time = match work.given.text("mtime") {
        Some(text) => Some(
            crate::moments::parse(&text, userland_calendar::now())
                .ok_or_else(|| {
                    Failed::new(2, format!("Substituting -9223372036854775808 for unknown date format '{text}'"))
                })?
                .0,
        ),
        None => None,
    };
    let archive = work.archive.as_ref().and_then(|path| Status::of(path, true).ok());
    let (owner, group, mode) = (id("owner"), id("group"), work.given.text("mode"));
    let listing_to_error = work.archive.is_none();
    let out = Builder::new(Counted { out: packing, count: begin });
    let mut creation = Creation {
        work,
        out,
        seen: HashMap::new(),
        archive,
        told: None,
        owner,
        group,
        mode,
        time,
        listing_to_error,
        done: Vec::new(),
    };
    for (directory, name) in members {
        creation.add(&directory, &name)?;
    }
    let Creation { work, out, done, .. } = creation;
    let failed = |error: io::Error| write_failed(&error);
    let mut counted = out.into_inner().map_err(failed)?;
    let rest = counted.count.div_ceil(RECORD) * RECORD - counted.count;
    io::copy(&mut io::repeat(0).take(rest), &mut counted).map_err(failed)?;
    counted.out.finish().and_then(|mut out| out.flush()).map_err(failed)?;
    // What is in a directory came after it, and goes before it.
    for (path, is_directory) in done.iter().rev() {
        if let Err(error) = if *is_directory { fs::remove_dir(path) } else { fs::remove_file(path) } {
            work.fail(format!("{}: Cannot unlink: {}", path.display(), reason(&error)));
        }
    }
    Ok(())
}

impl Creation<'_> {
    fn add(&mut self, directory: &Path, name: &[u8]) -> Outcome<()> {
        let bare = name.strip_suffix(b"/").filter(|bare| !bare.is_empty()).unwrap_or(name);
        if self.work.excluded(bare) {
            return Ok(());
        }
        let path = directory.join(name_of(name.to_vec()));
        let shown = String::from_utf8_lossy(name).into_owned();
        let status = match Status::of(&path, self.work.given.has("dereference")) {
            Ok(status) => status,
            Err(error) => {
                self.unread(&shown, "Cannot stat", &error);
                return Ok(());
            }
        };
        if self.archive.is_some_and(|archive| archive.same(&status)) {
            say("tar", &format!("{shown}: file is the archive; not dumped"));
            return Ok(());
        }
        let mut member = bare.to_vec();
        if status.is_directory() {
            member.push(b'/');
        }
        if !self.work.given.has("absolute-names") {
            let (safe, taken) = names::safe(&member);
            if !taken.is_empty() && self.told.as_deref() != Some(taken) {
                say("tar", &format!("Removing leading `{}' from member names", String::from_utf8_lossy(taken)));
                self.told = Some(taken.to_vec());
            }
            member = if safe.is_empty() { b"./".to_vec() } else { safe.to_vec() };
        }
        self.member(&path, &shown, &member, &status)?;
        if status.is_directory() && !self.work.given.has("no-recursion") {
            self.below(directory, &path, bare)?;
        }
        Ok(())
    }

    /// Says that a file can't be read, which may be no failure.
    fn unread(&mut self, shown: &str, what: &str, error: &io::Error) {
        if self.work.given.has("ignore-failed-read") {
            say("tar", &format!("{shown}: Warning: {what}: {}", reason(error)));
        } else {
            self.work.fail(format!("{shown}: {what}: {}", reason(error)));
        }
    }

    fn below(&mut self, directory: &Path, path: &Path, name: &[u8]) -> Outcome<()> {
        let list = match fs::read_dir(path) {
            Ok(list) => list,
            Err(error) => {
                self.work.fail(format!("{}: Cannot open: {}", String::from_utf8_lossy(name), reason(&error)));
                return Ok(());
            }
        };
        let mut names: Vec<_> = list.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
        names.sort();
        for one in names {
            let mut whole = name.to_vec();
            if !whole.ends_with(b"/") {
                whole.push(b'/');
            }
            whole.extend(one.as_encoded_bytes());
            self.add(directory, &whole)?;
        }
        Ok(())
    }

    /// A member's name as it is written.
    fn transformed(&self, member: &[u8]) -> Vec<u8> {
        let bare = member.strip_suffix(b"/").filter(|bare| !bare.is_empty());
        let mut name = self.work.transform.apply(bare.unwrap_or(member), Of::Member);
        if bare.is_some() && !name.is_empty() && !name.ends_with(b"/") {
            name.push(b'/');
        }
        name
    }

    /// What a header says of any file.
    fn header(&self, status: &Status) -> Outcome<Header> {
        let mut header = Header::new_gnu();
        let mode = match &self.mode {
            Some(text) => modes::apply(text, status.mode, status.is_directory(), userland_sys::making::mask())
                .ok_or_else(|| Failed::new(2, "Invalid mode given on option".to_owned()))?,
            None => status.mode,
        };
        header.set_mode(mode);
        let clamps = self.work.given.has("clamp-mtime");
        let time = self.time.filter(|time| !clamps || status.modified.0 > *time).unwrap_or(status.modified.0);
        header.set_mtime(u64::try_from(time).unwrap_or(0));
        header.set_uid(self.owner.as_ref().map_or(u64::from(status.user), |(number, _)| *number));
        header.set_gid(self.group.as_ref().map_or(u64::from(status.group), |(number, _)| *number));
        if !self.work.given.has("numeric-owner") {
            let name =
                |owner: &'_ Option<(u64, String)>| owner.as_ref().map_or("root".to_owned(), |(_, name)| name.clone());
            header.set_username(&name(&self.owner))?;
            header.set_groupname(&name(&self.group))?;
        }
        Ok(header)
    }

    fn member(&mut self, path: &Path, shown: &str, original: &[u8], status: &Status) -> Outcome<()> {
        let member = &self.transformed(original)[..];
        if member.is_empty() {
            return Ok(());
        }
        let mut header = self.header(status)?;
        header.set_size(0);
        let failed = |error: io::Error| write_failed(&error);
        match status.kind {
            Kind::Link => {
                header.set_entry_type(EntryType::Symlink);
                let target = fs::read_link(path)?;
                let target = self.work.transform.apply(target.as_os_str().as_encoded_bytes(), Of::Symlink);
                self.put(&mut header, member, Some(&target), io::empty()).map_err(failed)?;
            }
            _ if status.links > 1
                && !status.is_directory()
                && !self.work.given.has("hard-dereference")
                && self.seen.contains_key(&(status.device, status.inode)) =>
            {
                header.set_entry_type(EntryType::Link);
                let first = self.seen[&(status.device, status.inode)].clone();
                self.put(&mut header, member, Some(&first), io::empty()).map_err(failed)?;
            }
            Kind::File => {
                let file = match File::open(path) {
                    Ok(file) => file,
                    Err(error) => {
                        self.unread(shown, "Cannot open", &error);
                        return Ok(());
                    }
                };
                if status.links > 1 {
                    self.seen.insert((status.device, status.inode), member.to_vec());
                }
                header.set_size(status.size);
                // A file that grows or shrinks meanwhile keeps the size that its header says.
                let contents = file.take(status.size).chain(io::repeat(0)).take(status.size);
                self.put(&mut header, member, None, contents).map_err(failed)?;
            }
            kind => {
                header.set_entry_type(match kind {
                    Kind::Directory => EntryType::Directory,
                    Kind::Fifo => EntryType::Fifo,
                    _ => {
                        say("tar", &format!("{shown}: {} ignored", status.words()));
                        return Ok(());
                    }
                });
                self.put(&mut header, member, None, io::empty()).map_err(failed)?;
            }
        }
        let stored = self.work.given.has("show-stored-names");
        self.say(shown, if stored { member } else { original }, status);
        if self.work.given.has("remove-files") {
            self.done.push((path.to_owned(), status.is_directory()));
        }
        Ok(())
    }

    /// Says what was put in, where it was asked to.
    fn say(&self, shown: &str, member: &[u8], status: &Status) {
        if self.work.verbose > 0 {
            let mut line = String::from_utf8_lossy(member).into_owned();
            if shown.starts_with('/') || shown.starts_with("..") {
                line =
                    if status.is_directory() { format!("{}/", shown.trim_end_matches('/')) } else { shown.to_owned() };
            }
            if self.listing_to_error { eprintln!("{line}") } else { println!("{line}") }
        }
    }

    /// Writes a member by its own bytes: the crate would tidy the name. A long name goes before it, as GNU has it.
    fn put(&mut self, header: &mut Header, name: &[u8], link: Option<&[u8]>, contents: impl Read) -> io::Result<()> {
        let fields = [(Some(name), EntryType::GNULongName), (link, EntryType::GNULongLink)];
        for (at, (text, kind)) in fields.into_iter().enumerate() {
            let Some(text) = text else { continue };
            let old = header.as_old_mut();
            let field = if at == 0 { &mut old.name } else { &mut old.linkname };
            let length = text.len().min(field.len());
            field.fill(0);
            field[..length].copy_from_slice(&text[..length]);
            if text.len() > field.len() {
                let mut long = Header::new_gnu();
                long.as_old_mut().name[..13].copy_from_slice(b"././@LongLink");
                long.set_mode(0o644);
                long.set_uid(0);
                long.set_gid(0);
                long.set_mtime(0);
                long.set_size(text.len() as u64 + 1);
                long.set_entry_type(kind);
                long.set_cksum();
                self.out.append(&long, text.chain(io::repeat(0).take(1)))?;
            }
        }
        header.set_cksum();
        self.out.append(header, contents)
    }
}
