//! Logs in files: `logs/TASKRUN,ATTEMPT,CONTAINER.log`, written by appending whole frames. They
//! lie in one directory, since making one for each attempt costs more than the log itself.
//!
//! ```text
//! file  = "swlog" 0 0 version u8                                         (8 bytes)
//! frame = nanoseconds u64  stream u8  length u32  crc32 u32  bytes       (17 bytes + length)
//! ```
//! Numbers are little-endian; the checksum covers the thirteen bytes before it and the bytes
//! after it. Knows one run's log directory. Does not know who reads.

use super::reader::{self, Parsed};
use super::{LogKey, LogStore, LogStream, LogWriter, MAX_FRAME, StoreFault, name};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::PathBuf;

/// The first bytes of every log; the last is the format's version.
pub(super) const FILE_START: &[u8; 8] = b"swlog\0\0\x01";
/// Bytes before a frame's own.
pub(super) const FRAME_HEAD: usize = 17;

/// All logs of a run, in a directory.
#[derive(Debug, Clone)]
pub struct FileLogs {
    root: PathBuf,
}

impl FileLogs {
    /// The logs under `root`, which need not exist yet.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where the log of `key` lies, whether it has been begun or not.
    #[must_use]
    pub fn path(&self, key: &LogKey) -> PathBuf {
        let (task_run, container) = (name::encode(&key.task_run), name::encode(&key.container));
        self.root.join(format!("{task_run},{},{container}.log", key.attempt))
    }

    /// A reader of the log of `key`; it finds nothing until the log is begun.
    #[must_use]
    pub fn reader(&self, key: &LogKey) -> super::LogReader {
        super::LogReader::new(self.path(key))
    }

    /// All logs that have been begun, sorted by task, attempt and container.
    ///
    /// # Errors
    /// When a directory cannot be read.
    pub fn list(&self) -> Result<Vec<LogKey>, StoreFault> {
        let entries = match std::fs::read_dir(&self.root) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            result => result.map_err(StoreFault::io("read", &self.root))?,
        };
        let mut keys = Vec::new();
        for entry in entries {
            let entry = entry.map_err(StoreFault::io("read", &self.root))?;
            keys.extend(entry.file_name().to_str().and_then(key_of));
        }
        keys.sort();
        Ok(keys)
    }
}

/// The log that a file's name says; `None` when it is no log.
fn key_of(file: &str) -> Option<LogKey> {
    let mut parts = file.strip_suffix(".log")?.split(',');
    let (task_run, attempt, container) = (parts.next()?, parts.next()?, parts.next()?);
    let attempt = attempt.parse().ok()?;
    Some(LogKey { task_run: name::decode(task_run), attempt, container: name::decode(container) })
}

impl LogStore for FileLogs {
    fn writer(&self, key: &LogKey) -> Box<dyn LogWriter> {
        Box::new(FileLog { path: self.path(key), file: None, length: 0, buffer: Vec::new() })
    }
}

struct FileLog {
    path: PathBuf,
    file: Option<File>,
    /// Bytes that are in the file and whole.
    length: u64,
    buffer: Vec<u8>,
}

impl FileLog {
    /// Makes the file, and the directory where it is the first.
    fn open(&mut self) -> Result<File, StoreFault> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let mut made = options.open(&self.path);
        if let (Err(error), Some(directory)) = (&made, self.path.parent())
            && error.kind() == ErrorKind::NotFound
        {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(directory)
                .map_err(StoreFault::io("create", directory))?;
            made = options.open(&self.path);
        }
        match made {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.go_on(),
            Err(error) => Err(StoreFault::io("create", &self.path)(error)),
        }
    }

    /// Opens the file behind the last whole frame that is in it.
    fn go_on(&mut self) -> Result<File, StoreFault> {
        let mut file =
            OpenOptions::new().read(true).write(true).open(&self.path).map_err(StoreFault::io("open", &self.path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(StoreFault::io("read", &self.path))?;
        self.length = whole_length(&bytes);
        if self.length < bytes.len() as u64 {
            file.set_len(self.length).map_err(StoreFault::io("cut the torn end of", &self.path))?;
        }
        Ok(file)
    }
}

/// How much of a log is whole: what follows was torn, or damaged, and cannot be read.
fn whole_length(bytes: &[u8]) -> u64 {
    if !bytes.starts_with(FILE_START) {
        return 0;
    }
    let mut offset = FILE_START.len();
    while let Parsed::Frame { length, .. } = reader::parse(bytes.get(offset..).unwrap_or_default()) {
        offset += length;
    }
    offset as u64
}

impl LogWriter for FileLog {
    fn append(&mut self, at: u64, stream: LogStream, bytes: &[u8]) -> Result<(), StoreFault> {
        if bytes.is_empty() {
            return Ok(());
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => self.open()?,
        };
        self.buffer.clear();
        if self.length == 0 {
            self.buffer.extend_from_slice(FILE_START);
        }
        for piece in bytes.chunks(MAX_FRAME) {
            encode(&mut self.buffer, at, stream, piece);
        }
        if let Err(error) = file.write_all_at(&self.buffer, self.length) {
            // A torn frame would hide what is written after it; if it cannot be cut now, the
            // next writer of this log does it.
            let _ = file.set_len(self.length);
            return Err(StoreFault::io("append to", &self.path)(error));
        }
        self.length = self.length.saturating_add(self.buffer.len() as u64);
        self.buffer.shrink_to(MAX_FRAME);
        self.file = Some(file);
        Ok(())
    }
}

fn encode(out: &mut Vec<u8>, at: u64, stream: LogStream, bytes: &[u8]) {
    let start = out.len();
    out.extend_from_slice(&at.to_le_bytes());
    out.push(match stream {
        LogStream::Stdout => 1,
        LogStream::Stderr => 2,
    });
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    let sum = reader::checksum(out.get(start..).unwrap_or_default(), bytes);
    out.extend_from_slice(&sum.to_le_bytes());
    out.extend_from_slice(bytes);
}
