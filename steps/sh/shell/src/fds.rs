//! The shell's handles as scripts number them.
//!
//! A redirection changes this table and nothing else: a system without fork has no way to put back what was replaced
//! but to have kept it. Programs are started with the handles that the table names. What a command substitution
//! prints is gathered in memory where a builtin prints it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use userland_sys as sys;

/// A handle of the system that is closed when nobody has it any more.
#[derive(Debug)]
pub struct Owned {
    fd: sys::Fd,
    keep: bool,
}

impl Drop for Owned {
    fn drop(&mut self) {
        if !self.keep {
            // Nothing can be done about a handle that will not close.
            let _ = sys::close(self.fd);
        }
    }
}

/// What a command substitution gathers.
#[derive(Debug, Default)]
pub struct Capture {
    pub bytes: Vec<u8>,
    /// What commands in the background still print.
    pub pending: Vec<Handle>,
}

#[derive(Debug, Clone)]
pub enum Handle {
    Real(Rc<Owned>),
    Memory(Rc<RefCell<Capture>>),
}

impl Handle {
    /// A handle that is the shell's from now on.
    pub fn own(fd: sys::Fd) -> Self {
        Self::Real(Rc::new(Owned { fd, keep: false }))
    }

    /// One that the shell was started with.
    pub fn inherited(fd: sys::Fd) -> Self {
        Self::Real(Rc::new(Owned { fd, keep: true }))
    }

    pub fn real(&self) -> Option<sys::Fd> {
        match self {
            Self::Real(owned) => Some(owned.fd),
            Self::Memory(_) => None,
        }
    }

    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Real(owned) => sys::write_all(owned.fd, bytes),
            Self::Memory(capture) => {
                capture.borrow_mut().bytes.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// All that comes until the end.
    pub fn read_to_end(&self, into: &mut Vec<u8>) -> io::Result<()> {
        let Some(fd) = self.real() else { return Ok(()) };
        let mut chunk = [0; 16384];
        loop {
            match sys::read(fd, &mut chunk) {
                Ok(0) => return Ok(()),
                Ok(read) => into.extend_from_slice(chunk.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Handles by the script's numbers.
#[derive(Debug, Clone, Default)]
pub struct Fds(pub BTreeMap<sys::Fd, Handle>);

impl Fds {
    /// The standard streams, as far as this program has them.
    pub fn standard() -> Self {
        Self((0..3).filter(|fd| sys::is_open(*fd)).map(|fd| (fd, Handle::inherited(fd))).collect())
    }

    pub fn get(&self, fd: sys::Fd) -> Option<&Handle> {
        self.0.get(&fd)
    }

    pub fn write(&self, fd: sys::Fd, bytes: &[u8]) -> io::Result<()> {
        match self.get(fd) {
            Some(handle) => handle.write(bytes),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// A pipe: the end to read and the end to write.
pub fn pipe() -> io::Result<(Handle, Handle)> {
    let (read, write) = sys::pipe()?;
    Ok((Handle::own(read), Handle::own(write)))
}
