//! Redirections: they change the table of handles, which whoever asked for them puts back.

use super::{Flow, Ran};
use crate::bytes;
use crate::fds::Handle;
use crate::shell::Shell;
use crate::syntax::ast::{Redirect, RedirectFd, RedirectKind, Word};
use std::fs::OpenOptions;
use std::io;
use userland_sys as sys;

/// What an error is called, as everybody knows it.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::NotFound => "No such file or directory",
        io::ErrorKind::PermissionDenied => "Permission denied",
        io::ErrorKind::AlreadyExists => "File exists",
        io::ErrorKind::IsADirectory => "Is a directory",
        io::ErrorKind::NotADirectory => "Not a directory",
        io::ErrorKind::DirectoryNotEmpty => "Directory not empty",
        io::ErrorKind::ReadOnlyFilesystem => "Read-only file system",
        io::ErrorKind::StorageFull => "No space left on device",
        io::ErrorKind::InvalidInput => "Invalid argument",
        io::ErrorKind::NotConnected => "Bad file descriptor",
        io::ErrorKind::FileTooLarge => "File too large",
        _ => {
            let text = error.to_string();
            return text.split(" (os error").next().unwrap_or_default().to_owned();
        }
    };
    known.to_owned()
}

/// Opens a file as a redirection of this kind does.
fn open(path: &str, kind: RedirectKind, noclobber: bool) -> io::Result<sys::Fd> {
    let mut options = OpenOptions::new();
    match kind {
        RedirectKind::Read => options.read(true),
        RedirectKind::Append | RedirectKind::AppendBoth => options.append(true).create(true),
        RedirectKind::ReadWrite => options.read(true).write(true).create(true).truncate(false),
        RedirectKind::Clobber => options.write(true).create(true).truncate(true),
        _ if noclobber && is_file(path) => return Err(io::ErrorKind::AlreadyExists.into()),
        // A name that is new, and no link that leads to one.
        _ if noclobber && std::fs::metadata(path).is_err() => options.write(true).create_new(true),
        _ => options.write(true).create(true).truncate(true),
    };
    sys::into_fd(sys::making::open(&options, path)?)
}

fn is_file(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|data| data.is_file())
}

impl Shell {
    /// The handles as they were before a command. Those that got a free number stay, as a variable has it.
    pub fn put_back(&mut self, mut saved: crate::fds::Fds) {
        for fd in std::mem::take(&mut self.lasting) {
            saved.0.extend(self.fds.get(fd).cloned().map(|handle| (fd, handle)));
        }
        self.fds = saved;
    }

    /// What a variable, or an element of an array, says of a handle.
    fn handle_text(&mut self, place: &str) -> Ran<crate::vars::Text> {
        let Some((name, index)) = place.strip_suffix(']').and_then(|place| place.split_once('[')) else {
            return Ok(self.var_text(place).unwrap_or_default());
        };
        let key = self.index_key(name, index)?;
        Ok(self.element(name, &key).unwrap_or_default())
    }

    /// Carries redirections out. False where one failed, which has been said.
    pub fn redirect_all(&mut self, redirects: &[Redirect]) -> Ran<bool> {
        for redirect in redirects {
            if !self.redirect(redirect)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn redirect(&mut self, redirect: &Redirect) -> Ran<bool> {
        let kind = redirect.kind;
        let reads = matches!(
            kind,
            RedirectKind::Read
                | RedirectKind::ReadWrite
                | RedirectKind::DuplicateIn
                | RedirectKind::Here { .. }
                | RedirectKind::HereString
        );
        let number = match &redirect.fd {
            RedirectFd::Default => u32::from(!reads),
            RedirectFd::Number(number) => *number,
            RedirectFd::Variable(name) => match kind {
                RedirectKind::DuplicateIn | RedirectKind::DuplicateOut if redirect.target.source() == "-" => {
                    let text = self.handle_text(name)?;
                    let Ok(number) = text.parse::<u32>() else {
                        self.complain(&format!("{name}: Bad file descriptor"));
                        return Ok(false);
                    };
                    number
                }
                _ => {
                    let free = (10..).find(|fd| self.fds.get(*fd).is_none()).unwrap_or(10);
                    self.assign_place(name, &free.to_string())?;
                    if !self.state.shopts.varredir_close {
                        self.lasting.push(free);
                    }
                    free
                }
            },
        };
        match kind {
            RedirectKind::Here { quoted, .. } => {
                let text = if quoted {
                    redirect.target.unquoted().unwrap_or_default()
                } else {
                    self.expand_here(&redirect.target)?
                };
                self.here(number, &text)
            }
            RedirectKind::HereString => {
                let text = self.expand_text(&redirect.target)?;
                self.here(number, &format!("{text}\n"))
            }
            RedirectKind::DuplicateIn | RedirectKind::DuplicateOut => self.duplicate(number, redirect),
            _ => self.redirect_file(number, kind, &redirect.target),
        }
    }

    fn redirect_file(&mut self, number: u32, kind: RedirectKind, target: &Word) -> Ran<bool> {
        let path = match self.redirect_target(target)? {
            Some(path) => path,
            None => return Ok(false),
        };
        match self.open_path(&path, kind) {
            Ok(handle) => {
                if matches!(kind, RedirectKind::Both | RedirectKind::AppendBoth) {
                    self.fds.0.insert(1, handle.clone());
                    self.fds.0.insert(2, handle);
                } else {
                    self.fds.0.insert(number, handle);
                }
                Ok(true)
            }
            Err(error) => {
                let why = match error.kind() {
                    io::ErrorKind::AlreadyExists => "cannot overwrite existing file".to_owned(),
                    _ => reason(&error),
                };
                self.complain(&format!("{path}: {why}"));
                Ok(false)
            }
        }
    }

    /// The one word that a redirection's target is.
    fn redirect_target(&mut self, target: &Word) -> Ran<Option<String>> {
        if self.state.options.posix {
            // POSIX: a script's target is neither split nor a pattern.
            return Ok(Some(self.expand_text(target)?.to_string()));
        }
        let mut fields = self.expand_words(std::slice::from_ref(target))?;
        match (fields.pop(), fields.is_empty()) {
            (Some(one), true) => Ok(Some(one.to_string())),
            _ => {
                self.complain(&format!("{}: ambiguous redirect", target.source()));
                Ok(None)
            }
        }
    }

    /// Opens a path; `/dev/fd/N` and the standard streams are the script's own handles.
    pub(super) fn open_path(&mut self, path: &str, kind: RedirectKind) -> io::Result<Handle> {
        let own = match path {
            "/dev/stdin" => Some(0),
            "/dev/stdout" => Some(1),
            "/dev/stderr" => Some(2),
            path => path.strip_prefix("/dev/fd/").and_then(|number| number.parse().ok()),
        };
        if let Some(handle) = own.and_then(|number| self.fds.get(number)) {
            return Ok(handle.clone());
        }
        let path = bytes::encode(path);
        let path = std::str::from_utf8(&path).map_err(|_| io::ErrorKind::InvalidInput)?;
        sys::making::set_mask(self.state.umask);
        Ok(Handle::own(open(path, kind, self.state.options.noclobber)?))
    }

    fn duplicate(&mut self, number: u32, redirect: &Redirect) -> Ran<bool> {
        let text = self.expand_text(&redirect.target)?;
        let (from, moves) = match text.strip_suffix('-') {
            Some("") => {
                self.fds.0.remove(&number);
                return Ok(true);
            }
            Some(from) => (from, true),
            None => (&*text, false),
        };
        let Ok(source) = from.parse::<u32>() else {
            // `>& file` is `&> file`.
            if redirect.kind == RedirectKind::DuplicateOut && redirect.fd == RedirectFd::Default && !text.is_empty() {
                return self.redirect_file(1, RedirectKind::Both, &redirect.target);
            }
            self.complain(&format!("{}: ambiguous redirect", redirect.target.source()));
            return Ok(false);
        };
        let Some(handle) = self.fds.get(source).cloned() else {
            self.complain(&format!("{}: Bad file descriptor", redirect.target.source()));
            return Ok(false);
        };
        self.fds.0.insert(number, handle);
        if moves && source != number {
            self.fds.0.remove(&source);
        }
        Ok(true)
    }

    /// A here-document: what fits into a pipe lies in one, the rest in a file without a name.
    fn here(&mut self, number: u32, text: &str) -> Ran<bool> {
        let bytes = bytes::encode(text);
        match here_handle(&bytes) {
            Ok(handle) => {
                self.fds.0.insert(number, handle);
                Ok(true)
            }
            Err(error) => {
                self.complain(&format!("cannot create temp file for here-document: {}", reason(&error)));
                Err(Flow::Discard(1))
            }
        }
    }
}

/// As much as every pipe holds.
const PIPE: usize = 4096;

fn here_handle(bytes: &[u8]) -> io::Result<Handle> {
    if bytes.len() <= PIPE {
        let (read, write) = crate::fds::pipe()?;
        write.write(bytes)?;
        return Ok(read);
    }
    let directory = std::env::var("TMPDIR").unwrap_or_else(|_| "/tmp".to_owned());
    for number in 0..10_000 {
        let path = format!("{directory}/sh-here-{}-{number}", sys::own_number());
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => {
                std::fs::remove_file(&path)?;
                let fd = sys::into_fd(file)?;
                sys::write_all(fd, bytes)?;
                sys::seek_by(fd, -(bytes.len() as i64))?;
                return Ok(Handle::own(fd));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
