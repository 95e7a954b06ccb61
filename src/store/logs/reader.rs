//! Reads a log frame by frame, also while it is still being written.
//!
//! Knows the bytes of a frame. Does not know who wakes a reader that found nothing more.

use super::file::{FILE_START, FRAME_HEAD};
use super::{Frame, LogStream, MAX_FRAME, StoreFault};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Bytes that are asked of the file at once.
const CHUNK: usize = 64 << 10;
const VERSION: u8 = 1;

/// Reads one log. When [`LogReader::next`] finds nothing more it can be asked again later.
#[derive(Debug)]
pub struct LogReader {
    path: PathBuf,
    file: Option<File>,
    /// Where in the file `buffer` begins; always the beginning of a frame, once the file's
    /// first bytes are read.
    offset: u64,
    buffer: Vec<u8>,
    /// How much of `buffer` has been given out.
    taken: usize,
}

/// What stands at the beginning of some bytes of a log.
pub(super) enum Parsed {
    /// A frame of `length` bytes, head included.
    Frame {
        frame: Frame,
        length: usize,
    },
    /// More bytes are needed: as many in all.
    Short(usize),
    Damaged(&'static str),
}

/// Reads the frame at the beginning of `bytes`.
pub(super) fn parse(bytes: &[u8]) -> Parsed {
    let Some((head, rest)) = bytes.split_first_chunk::<FRAME_HEAD>() else { return Parsed::Short(FRAME_HEAD) };
    let [a, b, c, d, e, f, g, h, stream, l0, l1, l2, l3, s0, s1, s2, s3] = *head;
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    let stream = match stream {
        1 => LogStream::Stdout,
        2 => LogStream::Stderr,
        _ => return Parsed::Damaged("a frame of no known stream"),
    };
    if length > MAX_FRAME {
        return Parsed::Damaged("a frame longer than any that is written");
    }
    let Some(body) = rest.get(..length) else { return Parsed::Short(FRAME_HEAD + length) };
    if checksum(head.get(..13).unwrap_or_default(), body) != u32::from_le_bytes([s0, s1, s2, s3]) {
        return Parsed::Damaged("a frame does not match its checksum");
    }
    let at = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    Parsed::Frame { frame: Frame { at, stream, bytes: body.to_vec() }, length: FRAME_HEAD + length }
}

pub(super) fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(body);
    hasher.finalize()
}

impl LogReader {
    /// A reader of the log at `path`, which may not exist yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, offset: 0, buffer: Vec::new(), taken: 0 }
    }

    /// The next frame, or `None` when there is none yet: a frame that is only half there does
    /// not count. After `None` it can be asked again.
    ///
    /// # Errors
    /// [`StoreFault::DamagedLog`] when the bytes are not what was written; the frames before it
    /// were given out. Else when the file cannot be read.
    #[expect(clippy::should_implement_trait, reason = "an iterator that ends is over; this one may go on")]
    pub fn next(&mut self) -> Result<Option<Frame>, StoreFault> {
        let mut wanted = FRAME_HEAD;
        loop {
            if self.offset > 0 {
                match parse(self.buffer.get(self.taken..).unwrap_or_default()) {
                    Parsed::Frame { frame, length } => {
                        self.taken += length;
                        return Ok(Some(frame));
                    }
                    Parsed::Short(bytes) => wanted = bytes,
                    Parsed::Damaged(what) => return self.damaged(what),
                }
            }
            if !self.fill(wanted)? {
                return Ok(None);
            }
        }
    }

    /// Reads on, so that at least `wanted` bytes follow what has been given out; `false` when
    /// the file does not have them yet. Then nothing is kept, since a half frame may still be
    /// cut off and written anew.
    fn fill(&mut self, wanted: usize) -> Result<bool, StoreFault> {
        if self.offset == 0 && !self.begin()? {
            return Ok(false);
        }
        let Some(file) = &self.file else { return Ok(false) };
        self.offset = self.offset.saturating_add(self.taken as u64);
        self.taken = 0;
        self.buffer.resize(wanted.max(CHUNK), 0);
        let got = read_at(file, &mut self.buffer, self.offset).map_err(StoreFault::io("read", &self.path))?;
        self.buffer.truncate(got);
        if got < wanted {
            self.buffer.clear();
        }
        Ok(got >= wanted)
    }

    /// Opens the file and reads its first bytes; `false` when they are not there yet.
    fn begin(&mut self) -> Result<bool, StoreFault> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            result => result.map_err(StoreFault::io("open", &self.path))?,
        };
        let mut start = [0; FILE_START.len()];
        if read_at(&file, &mut start, 0).map_err(StoreFault::io("read", &self.path))? < start.len() {
            return Ok(false);
        }
        if start != *FILE_START {
            let [magic @ .., version] = start;
            if FILE_START.starts_with(&magic) && version > VERSION {
                let (found, known) = (version.into(), VERSION.into());
                return Err(StoreFault::NewerFormat { path: self.path.clone(), found, known });
            }
            return Err(StoreFault::Foreign { path: self.path.clone(), expected: "log" });
        }
        self.offset = start.len() as u64;
        self.file = Some(file);
        Ok(true)
    }

    /// Zeros that reach to the end of the file are what a loss of power leaves of a torn
    /// frame; anything else is damage.
    fn damaged(&mut self, what: &'static str) -> Result<Option<Frame>, StoreFault> {
        let offset = self.offset.saturating_add(self.taken as u64);
        self.offset = offset;
        self.taken = 0;
        self.buffer.clear();
        let Some(file) = &self.file else { return Ok(None) };
        let mut at = offset;
        let mut chunk = vec![0; CHUNK];
        loop {
            let got = read_at(file, &mut chunk, at).map_err(StoreFault::io("read", &self.path))?;
            if got == 0 {
                return Ok(None);
            }
            if chunk.iter().take(got).any(|byte| *byte != 0) {
                return Err(StoreFault::DamagedLog { path: self.path.clone(), offset, what });
            }
            at = at.saturating_add(got as u64);
        }
    }
}

/// Reads until `buffer` is full or the file ends.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = buffer.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset.saturating_add(got as u64)) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}
