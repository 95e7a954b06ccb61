//! A journal in a file: append, flush, read back, cut a torn tail.
//!
//! What is flushed is in the file and so survives the death of the process; [`Journal::sync`]
//! asks the disk as well. Somebody else's records after ours mean that we are fenced off.
//! Knows one file. Does not know directories of runs or locks.

use super::frame::{self, FileStart, Next};
use super::{Appended, Contents, FORMAT_VERSION, Journal, Order, Record, RecordKind, StoreFault};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A journal in a file.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    file: File,
    /// Bytes that are known to be in the file and whole.
    length: u64,
    order: Order,
    /// Framed records that are not in the file yet.
    pending: Vec<u8>,
    /// Why nothing more is taken.
    broken: Option<String>,
    fenced: bool,
}

impl FileJournal {
    /// Makes a new journal at `path`, which must not exist.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path) -> Result<Self, StoreFault> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(StoreFault::io("create", path))?;
        let mut journal = Self::over(path, file, 0, Order::default());
        journal.pending.extend_from_slice(&frame::file_header());
        Ok(journal)
    }

    /// Opens a journal to append to it, and gives what it holds. A torn tail is cut off. The
    /// caller holds the run's lock and appends with an epoch above [`Contents::epoch`].
    ///
    /// # Errors
    /// When the file cannot be read, is no journal, is of a newer format, or is damaged.
    pub fn open(path: &Path) -> Result<(Self, Contents), StoreFault> {
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(StoreFault::io("open", path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(StoreFault::io("read", path))?;
        let mut contents = parse(path, &bytes)?;
        if let Some(damage) = contents.damage.take() {
            return Err(damage);
        }
        let length = (bytes.len() as u64).saturating_sub(contents.torn);
        if contents.torn > 0 {
            file.set_len(length).map_err(StoreFault::io("cut the torn end of", path))?;
        }
        let mut journal = Self::over(path, file, length, Order::after(&contents.records));
        if length == 0 {
            journal.pending.extend_from_slice(&frame::file_header());
        }
        Ok((journal, contents))
    }

    fn over(path: &Path, file: File, length: u64, order: Order) -> Self {
        Self { path: path.to_path_buf(), file, length, order, pending: Vec::new(), broken: None, fenced: false }
    }

    /// A journal over a device that stands in for a disk.
    #[cfg(test)]
    pub(super) fn over_device(device: File) -> Self {
        let mut journal = Self::over(Path::new("device"), device, 0, Order::default());
        journal.pending.extend_from_slice(&frame::file_header());
        journal
    }

    fn usable(&self) -> Result<Appended, StoreFault> {
        match &self.broken {
            Some(cause) => Err(StoreFault::Broken { cause: cause.clone() }),
            None if self.fenced => Ok(Appended::Fenced),
            None => Ok(Appended::Done),
        }
    }

    /// Whether the file still ends where we left it.
    fn check_end(&mut self) -> Result<Appended, StoreFault> {
        let found = self.file.metadata().map_err(StoreFault::io("look at", &self.path))?.len();
        if found > self.length {
            self.fenced = true;
            return Ok(Appended::Fenced);
        }
        if found < self.length {
            let what = format!("the file shrank to {found} bytes while it was written");
            return Err(StoreFault::Io {
                doing: "append to",
                path: self.path.clone(),
                source: std::io::Error::other(what),
            });
        }
        Ok(Appended::Done)
    }

    fn write_pending(&mut self) -> Result<Appended, StoreFault> {
        if self.pending.is_empty() {
            return Ok(Appended::Done);
        }
        if self.check_end()? == Appended::Fenced {
            return Ok(Appended::Fenced);
        }
        if let Err(source) = self.file.write_all_at(&self.pending, self.length) {
            // Half a record must not stay in front of what a later driver appends. When even
            // this fails, the half record is a torn tail, which the next open cuts.
            let _ = self.file.set_len(self.length);
            return Err(StoreFault::Io { doing: "append to", path: self.path.clone(), source });
        }
        self.length = self.length.saturating_add(self.pending.len() as u64);
        self.pending.clear();
        Ok(Appended::Done)
    }
}

impl Journal for FileJournal {
    fn append(&mut self, epoch: u64, seq: u64, kind: RecordKind, payload: &[u8]) -> Result<Appended, StoreFault> {
        if self.usable()? == Appended::Fenced || self.order.admit(epoch, seq, kind, payload)? == Appended::Fenced {
            return Ok(Appended::Fenced);
        }
        frame::encode(&mut self.pending, epoch, seq, kind, payload);
        Ok(Appended::Done)
    }

    fn flush(&mut self) -> Result<Appended, StoreFault> {
        if self.usable()? == Appended::Fenced {
            return Ok(Appended::Fenced);
        }
        let result = self.write_pending();
        if let Err(fault) = &result {
            self.broken = Some(fault.to_string());
        }
        result
    }

    fn sync(&mut self) -> Result<Appended, StoreFault> {
        if self.flush()? == Appended::Fenced {
            return Ok(Appended::Fenced);
        }
        self.file.sync_data().map_err(StoreFault::io("write to disk", &self.path))?;
        Ok(Appended::Done)
    }
}

/// Reads a journal without changing it, as far as it is whole.
///
/// # Errors
/// When the file cannot be read, is no journal or is of a newer format. A damaged middle is
/// not an error here: it stands in [`Contents::damage`], beside what precedes it.
pub fn read(path: &Path) -> Result<Contents, StoreFault> {
    let bytes = std::fs::read(path).map_err(StoreFault::io("read", path))?;
    parse(path, &bytes)
}

/// Reads only the first record's payload; `None` when the journal broke off before it.
///
/// # Errors
/// As [`read`], and [`StoreFault::Damaged`] when the first record is damaged.
pub fn read_header(path: &Path) -> Result<Option<Vec<u8>>, StoreFault> {
    let file = File::open(path).map_err(StoreFault::io("open", path))?;
    let mut bytes = Vec::new();
    let fetch = |count: usize, bytes: &mut Vec<u8>| -> Result<(), StoreFault> {
        (&file).take(count as u64).read_to_end(bytes).map_err(StoreFault::io("read", path))?;
        Ok(())
    };
    fetch(frame::FILE_HEADER + frame::HEAD, &mut bytes)?;
    let length = bytes.last_chunk::<{ frame::HEAD }>().and_then(frame::claimed_length).unwrap_or(0);
    fetch(length, &mut bytes)?;
    let mut contents = parse(path, &bytes)?;
    match contents.damage.take() {
        Some(damage) => Err(damage),
        None => Ok(contents.records.into_iter().next().map(|record| record.payload)),
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Contents, StoreFault> {
    let path = path.to_path_buf();
    match frame::file_start(bytes) {
        FileStart::Known => {}
        FileStart::Torn => return Ok(Contents { path, torn: bytes.len() as u64, ..Contents::default() }),
        FileStart::Newer(found) => return Err(StoreFault::NewerFormat { path, found, known: FORMAT_VERSION }),
        FileStart::Foreign => return Err(StoreFault::Foreign { path, expected: "journal" }),
    }
    let written = frame::written(bytes);
    let mut contents = Contents { path, ..Contents::default() };
    let mut order = Order::default();
    let mut offset = frame::FILE_HEADER;
    loop {
        match frame::next(bytes, offset, written) {
            Next::Record { record, end } => {
                if let Err(what) = check_order(&order, &record) {
                    contents.damage = Some(damaged(&contents, offset, what));
                    return Ok(contents);
                }
                order.advance(record.kind, record.epoch, record.seq);
                contents.records.push(record);
                offset = end;
            }
            Next::End => return Ok(contents),
            Next::Torn => {
                contents.torn = bytes.len().saturating_sub(offset) as u64;
                return Ok(contents);
            }
            Next::Damaged(what) => {
                contents.damage = Some(damaged(&contents, offset, what));
                return Ok(contents);
            }
        }
    }
}

fn check_order(order: &Order, record: &Record) -> Result<(), String> {
    if record.epoch < order.epoch {
        return Err(format!("epoch {} comes after {}", record.epoch, order.epoch));
    }
    if !order.fits(record.kind, record.seq) {
        return Err(format!("{:?} {} stands where {} belongs", record.kind, record.seq, order.expected()));
    }
    Ok(())
}

fn damaged(contents: &Contents, offset: usize, what: String) -> StoreFault {
    StoreFault::Damaged {
        path: contents.path.clone(),
        record: contents.records.len() as u64,
        offset: offset as u64,
        what,
    }
}
