//! Reading no more than is used: what other programs read from the same handle must still be there.
//!
//! A file is read ahead, and what was too much is given back by its offset; a pipe is read byte by byte.

use crate::run::Ran;
use crate::shell::Shell;
use std::io;
use std::time::Instant;
use userland_sys as sys;

/// What a byte came to.
pub enum Got {
    Byte(u8),
    End,
    /// The time ran out.
    Late,
    Failed(io::Error),
}

/// How much of a file is read ahead.
const AHEAD: usize = 1024;

pub struct Input {
    fd: sys::Fd,
    ahead: bool,
    buffer: Vec<u8>,
    at: usize,
    deadline: Option<Instant>,
}

impl Input {
    pub fn new(fd: sys::Fd, deadline: Option<Instant>) -> Self {
        Self { fd, ahead: sys::seek_by(fd, 0).is_ok(), buffer: Vec::new(), at: 0, deadline }
    }

    /// The next byte. Traps of signals that come meanwhile are run.
    pub fn byte(&mut self, shell: &mut Shell) -> Ran<Got> {
        loop {
            if let Some(byte) = self.buffer.get(self.at) {
                self.at += 1;
                return Ok(Got::Byte(*byte));
            }
            if let Some(deadline) = self.deadline {
                let left = deadline.saturating_duration_since(Instant::now());
                let milliseconds = u64::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u64::MAX);
                match sys::readable(self.fd, milliseconds) {
                    Ok(true) => {}
                    Ok(false) if left.is_zero() || Instant::now() >= deadline => return Ok(Got::Late),
                    Ok(false) => continue,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                        shell.run_pending_traps()?;
                        continue;
                    }
                    Err(error) => return Ok(Got::Failed(error)),
                }
            }
            let mut chunk = [0; AHEAD];
            let room = if self.ahead { AHEAD } else { 1 };
            match sys::read(self.fd, &mut chunk[..room]) {
                Ok(0) => return Ok(Got::End),
                Ok(read) => {
                    self.buffer.clear();
                    self.buffer.extend_from_slice(&chunk[..read]);
                    self.at = 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => shell.run_pending_traps()?,
                Err(error) => return Ok(Got::Failed(error)),
            }
        }
    }

    /// Gives back what was read too much.
    pub fn give_back(&mut self) {
        let left = self.buffer.len() - self.at;
        if left > 0 {
            // Reading ahead is for files only, which can go back.
            let _ = sys::seek_by(self.fd, -(left as i64));
        }
        self.buffer.clear();
        self.at = 0;
    }
}
