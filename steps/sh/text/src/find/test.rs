//! Whether an expression holds for a file, and what it does with it.
//!
//! Does not know how the walk goes on.

use super::expression::{Clock, Command, Expression, Permissions};
use super::{Visit, Walk};
use crate::options::Bytes;
use crate::stream::{Out, complain, path, reason, shown};
use crate::{child, glob};
use std::fs;
use std::time::{Duration, SystemTime};
use userland_sys::Ended;

/// How many bytes of names a command is given at once.
const MOST_BYTES: usize = 128 << 10;

/// The last part of a name.
pub fn base(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    if end == 0 && !name.is_empty() {
        return b"/";
    }
    name[..end].rsplit(|byte| *byte == b'/').next().unwrap_or(name)
}

/// The letter of a file's kind.
pub fn kind(status: &fs::Metadata, name: &[u8]) -> u8 {
    let kind = status.file_type();
    if kind.is_dir() {
        b'd'
    } else if kind.is_symlink() {
        b'l'
    } else if userland_sys::is_fifo(&shown(name), false) {
        b'p'
    } else if kind.is_file() {
        b'f'
    } else {
        other(kind)
    }
}

#[cfg(unix)]
fn other(kind: fs::FileType) -> u8 {
    use std::os::unix::fs::FileTypeExt;
    match (kind.is_char_device(), kind.is_block_device()) {
        (true, _) => b'c',
        (_, true) => b'b',
        _ => b's',
    }
}

#[cfg(not(unix))]
fn other(_kind: fs::FileType) -> u8 {
    b'c'
}

pub fn time(status: &fs::Metadata, clock: Clock) -> SystemTime {
    let found = match clock {
        Clock::Accessed => status.accessed(),
        Clock::Changed => return changed(status),
        Clock::Modified => status.modified(),
    };
    found.unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(unix)]
fn changed(status: &fs::Metadata) -> SystemTime {
    use std::os::unix::fs::MetadataExt;
    SystemTime::UNIX_EPOCH + Duration::new(status.ctime().max(0) as u64, status.ctime_nsec() as u32)
}

#[cfg(not(unix))]
fn changed(status: &fs::Metadata) -> SystemTime {
    status.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(unix)]
pub fn links(status: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(status)
}

#[cfg(not(unix))]
pub fn links(_status: &fs::Metadata) -> u64 {
    1
}

pub fn mode(visit: &Visit<'_>) -> u32 {
    userland_sys::mode(&shown(visit.name), visit.is_followed).unwrap_or(0)
}

impl Walk {
    pub fn evaluate(&mut self, expression: &Expression, visit: &Visit<'_>) -> bool {
        match expression {
            Expression::True => true,
            Expression::False => false,
            Expression::Not(inside) => !self.evaluate(inside, visit),
            Expression::And(one, other) => self.evaluate(one, visit) && !self.quit && self.evaluate(other, visit),
            Expression::Or(one, other) => self.evaluate(one, visit) || !self.quit && self.evaluate(other, visit),
            Expression::Both(one, other) => {
                self.evaluate(one, visit);
                !self.quit && self.evaluate(other, visit)
            }
            Expression::Print(end, file) => {
                let text = [visit.name, &[*end]].concat();
                self.put(file.as_deref(), &text);
                true
            }
            Expression::Printf(format, file) => {
                let text = super::print::formatted(format, visit);
                self.put(file.as_deref(), &text);
                true
            }
            Expression::List => {
                let text = super::print::listed(visit);
                self.put(None, &text);
                true
            }
            Expression::Execute(command) => self.execute(command, visit),
            Expression::Delete => self.delete(visit),
            Expression::Prune => {
                self.prune = true;
                true
            }
            Expression::Quit => {
                self.quit = true;
                true
            }
            test => self.holds(test, visit),
        }
    }

    fn holds(&mut self, test: &Expression, visit: &Visit<'_>) -> bool {
        match test {
            Expression::Name(pattern, ignore_case) => glob::matches(pattern, base(visit.name), *ignore_case),
            Expression::Path(pattern, ignore_case) => glob::matches(pattern, visit.name, *ignore_case),
            Expression::LinkName(pattern, ignore_case) => fs::read_link(path(visit.name))
                .is_ok_and(|target| glob::matches(pattern, target.as_os_str().as_encoded_bytes(), *ignore_case)),
            Expression::Regex(regex) => regex.is_match(visit.name),
            Expression::Kind(letters, through_link) => {
                let mut letter = kind(visit.status, visit.name);
                if *through_link && letter == b'l' {
                    letter = fs::metadata(path(visit.name)).map_or(b'l', |status| kind(&status, visit.name));
                }
                letters.contains(&letter)
            }
            Expression::Size(amount, unit) => amount.fits(visit.status.len().div_ceil(*unit)),
            Expression::Age(clock, amount, unit) => {
                let age = self.now.duration_since(time(visit.status, *clock)).unwrap_or(Duration::ZERO);
                // Minutes are counted from the next whole one, as GNU's are.
                let whole =
                    if *unit == 60 { age.as_nanos().div_ceil(60_000_000_000) as u64 } else { age.as_secs() / unit };
                match (*unit, amount.order) {
                    (60, std::cmp::Ordering::Less) => age.as_secs() < amount.number * 60,
                    (60, std::cmp::Ordering::Greater) => age.as_secs() >= amount.number * 60,
                    _ => amount.fits(whole),
                }
            }
            Expression::Newer(clock, than) => time(visit.status, *clock) > *than,
            Expression::Links(amount) => amount.fits(links(visit.status)),
            Expression::Owner(number) => *number == 0,
            Expression::Empty => {
                if visit.status.is_dir() {
                    fs::read_dir(path(visit.name)).is_ok_and(|mut entries| entries.next().is_none())
                } else {
                    visit.status.is_file() && visit.status.len() == 0
                }
            }
            Expression::Permissions(wanted) => {
                let mode = mode(visit);
                match wanted {
                    Permissions::Exactly(bits) => mode == *bits,
                    Permissions::All(bits) => mode & bits == *bits,
                    Permissions::Any(bits) => *bits == 0 || mode & bits != 0,
                }
            }
            Expression::Readable => true,
            Expression::Executable => visit.status.is_dir() || mode(visit) & 0o111 != 0,
            Expression::SameFile(name) => {
                let identity = |name: &[u8]| fs::canonicalize(path(name)).ok();
                identity(name).is_some_and(|wanted| identity(visit.name) == Some(wanted))
            }
            _ => false,
        }
    }

    fn put(&mut self, file: Option<&[u8]>, text: &[u8]) {
        let Some(name) = file else { return self.out.put(text) };
        if name == b"/dev/stdout" {
            return self.out.put(text);
        }
        if !self.files.contains_key(name) {
            let out = match (name, userland_sys::making::create(path(name))) {
                (b"/dev/stderr", _) => Out::handle("find", 2),
                (_, Ok(file)) => Out::file("find", file),
                (_, Err(error)) => {
                    complain("find", &format!("'{}': {}", shown(name), reason(&error)));
                    self.code = 1;
                    return;
                }
            };
            self.files.insert(name.to_vec(), out);
        }
        if let Some(out) = self.files.get_mut(name) {
            out.put(text);
        }
    }

    fn delete(&mut self, visit: &Visit<'_>) -> bool {
        if visit.name == b"." || visit.name == b".." {
            return true;
        }
        let file = path(visit.name);
        let done = if visit.status.is_dir() { fs::remove_dir(file) } else { fs::remove_file(file) };
        if let Err(error) = done {
            self.out.flush();
            complain("find", &format!("cannot delete '{}': {}", shown(visit.name), reason(&error)));
            self.code = 1;
            return false;
        }
        true
    }

    fn execute(&mut self, command: &Command, visit: &Visit<'_>) -> bool {
        let (folder, name) = if command.in_folder { split(visit.name) } else { (None, visit.name.to_vec()) };
        if let Some(index) = command.gather
            && !command.in_folder
        {
            let gathered = self.gathered.entry(index).or_default();
            gathered.push(name);
            if gathered.iter().map(|name| name.len() + 1).sum::<usize>() > MOST_BYTES {
                self.run_command(command);
            }
            return true;
        }
        let mut words: Vec<Bytes> = command.words.iter().map(|word| filled(word, &name)).collect();
        if command.gather.is_some() {
            words.push(name);
        }
        self.run(&words, folder) == Ended::Exited(0)
    }

    fn run(&mut self, words: &[Bytes], folder: Option<Bytes>) -> Ended {
        self.out.flush();
        self.files.values_mut().for_each(Out::flush);
        let folder = folder.and_then(|folder| fs::canonicalize(path(&folder)).ok());
        let folder = folder.as_deref().and_then(std::path::Path::to_str);
        match child::start_in(words, 0, 1, folder) {
            Ok(child) => child::wait(child),
            Err(error) => {
                complain("find", &format!("'{}': {}", shown(&words[0]), reason(&error)));
                self.code = 1;
                Ended::Exited(127)
            }
        }
    }

    fn run_command(&mut self, command: &Command) {
        let Some(index) = command.gather else { return };
        let Some(names) = self.gathered.remove(&index).filter(|names| !names.is_empty()) else { return };
        let words: Vec<Bytes> = command.words.iter().cloned().chain(names).collect();
        if self.run(&words, None) != Ended::Exited(0) {
            self.code = 1;
        }
    }

    /// Runs the commands for what was gathered for them.
    pub fn run_gathered(&mut self, expression: &Expression) {
        match expression {
            Expression::Not(inside) => self.run_gathered(inside),
            Expression::And(one, other) | Expression::Or(one, other) | Expression::Both(one, other) => {
                self.run_gathered(one);
                self.run_gathered(other);
            }
            Expression::Execute(command) => self.run_command(command),
            _ => {}
        }
    }
}

/// A name's folder, and the name within it.
fn split(name: &[u8]) -> (Option<Bytes>, Bytes) {
    let within = [b"./", base(name)].concat();
    match memchr::memrchr(b'/', name) {
        Some(0) => (Some(b"/".to_vec()), within),
        Some(at) => (Some(name[..at].to_vec()), within),
        None => (None, within),
    }
}

/// A word with the name for each `{}`.
fn filled(word: &[u8], name: &[u8]) -> Bytes {
    let mut made = Bytes::new();
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&word[at..], b"{}") {
        made.extend_from_slice(&word[at..at + found]);
        made.extend_from_slice(name);
        at += found + 2;
    }
    made.extend_from_slice(&word[at..]);
    made
}
