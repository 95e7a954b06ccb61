//! What the tools read from and write to: standard input and output by their handles, files, lines of either.
//!
//! A write to a pipe that nobody reads ends the program as its signal would. Does not know what a line holds.

use crate::options::Bytes;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use userland_sys::Fd;

const BLOCK: usize = 64 << 10;
/// What a shell says of a program that a broken pipe ended.
pub const BROKEN_PIPE: i32 = 141;

/// The bytes as a path.
pub fn path(bytes: &[u8]) -> &Path {
    // SAFETY: on the systems of this userland any bytes are an OsStr; WASI refuses a path that is no UTF-8.
    Path::new(unsafe { std::ffi::OsStr::from_encoded_bytes_unchecked(bytes) })
}

/// Says something on standard error, after the tool's name.
pub fn complain(tool: &str, text: &str) {
    let _ = io::stderr().write_all(format!("{tool}: {text}\n").as_bytes());
}

/// Says why and gives exit code 1.
pub fn fail(tool: &str, text: &str) -> i32 {
    complain(tool, text);
    1
}

/// Bytes as they are shown in a message.
pub fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// As GNU's messages quote a name that has something unusual in it, and only then.
pub fn quoted(bytes: &[u8]) -> String {
    let usual = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./+,:@%^=".contains(byte) || *byte >= 128;
    if !bytes.is_empty() && bytes.iter().all(usual) { shown(bytes) } else { format!("'{}'", shown(bytes)) }
}

/// The system's words for an error.
pub fn reason(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::NotFound => "No such file or directory",
        io::ErrorKind::PermissionDenied => "Permission denied",
        io::ErrorKind::AlreadyExists => "File exists",
        io::ErrorKind::IsADirectory => "Is a directory",
        io::ErrorKind::NotADirectory => "Not a directory",
        io::ErrorKind::DirectoryNotEmpty => "Directory not empty",
        io::ErrorKind::StorageFull => "No space left on device",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// `FILE: reason`, where a directory is one whatever the system said of reading it.
pub fn file_reason(file: &[u8], error: &io::Error) -> String {
    let is_directory = error.kind() != io::ErrorKind::NotFound && path(file).is_dir();
    let reason = if is_directory { "Is a directory".to_owned() } else { reason(error) };
    format!("{}: {reason}", quoted(file))
}

/// What time it is.
#[expect(
    clippy::disallowed_methods,
    reason = "a program asks its system for the time, and has no driver to be given it by"
)]
pub fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// What is read.
pub enum Source {
    Handle(Fd),
    File(File),
}

impl Source {
    /// Opens a file, or standard input as `-`.
    pub fn open(name: &[u8]) -> io::Result<Self> {
        if name == b"-" { Ok(Self::Handle(0)) } else { Self::file(name) }
    }

    /// Opens a file.
    pub fn file(name: &[u8]) -> io::Result<Self> {
        if name == b"/dev/stdin" {
            return Ok(Self::Handle(0));
        }
        match userland_sys::given::named(name) {
            Some(given) => given.map(Self::File),
            None => Ok(Self::File(File::open(path(name))?)),
        }
    }

    /// Where it is in its file; fails for pipes.
    pub fn place(&mut self) -> io::Result<u64> {
        match self {
            Self::Handle(fd) => userland_sys::seek_by(*fd, 0),
            Self::File(file) => file.stream_position(),
        }
    }

    /// Moves on or back.
    pub fn seek_by(&mut self, by: i64) -> io::Result<u64> {
        match self {
            Self::Handle(fd) => userland_sys::seek_by(*fd, by),
            Self::File(file) => file.seek(SeekFrom::Current(by)),
        }
    }

    /// How many bytes are left, where that is known: of a regular file.
    pub fn left(&mut self) -> Option<u64> {
        let place = self.place().ok()?;
        let length = match self {
            Self::Handle(fd) => handle_status(*fd).filter(std::fs::Metadata::is_file)?.len(),
            Self::File(file) => file.metadata().ok().filter(std::fs::Metadata::is_file)?.len(),
        };
        Some(length.saturating_sub(place))
    }

    /// All of it.
    pub fn all(&mut self) -> io::Result<Bytes> {
        let mut all = Bytes::with_capacity(self.left().unwrap_or(0) as usize + 1);
        self.read_to_end(&mut all)?;
        Ok(all)
    }
}

/// What the system says of an open handle.
pub fn handle_status(fd: Fd) -> Option<std::fs::Metadata> {
    use std::os::fd::FromRawFd;
    // SAFETY: the handle is only asked, and stays open since the File is never dropped.
    let file = std::mem::ManuallyDrop::new(unsafe { File::from_raw_fd(i32::try_from(fd).ok()?) });
    file.metadata().ok()
}

impl Read for Source {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Self::Handle(fd) => userland_sys::read(*fd, bytes),
                Self::File(file) => file.read(bytes),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// The lines of a source, each with what ends it.
pub struct Lines {
    source: Source,
    buffer: Bytes,
    start: usize,
    end: usize,
    ended: bool,
    pub delimiter: u8,
}

impl Lines {
    pub fn new(source: Source, delimiter: u8) -> Self {
        Self { source, buffer: vec![0; BLOCK], start: 0, end: 0, ended: false, delimiter }
    }

    pub fn open(name: &[u8], delimiter: u8) -> io::Result<Self> {
        Ok(Self::new(Source::open(name)?, delimiter))
    }

    /// Reads more behind what is there. False at the end.
    pub fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 && self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.start > 0 && self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let read = self.source.read(&mut self.buffer[self.end..])?;
        self.ended = read == 0;
        self.end += read;
        Ok(read > 0)
    }

    /// Where the next line is in the buffer.
    fn find(&mut self) -> io::Result<Option<(usize, usize)>> {
        let mut looked = 0;
        loop {
            if let Some(at) = memchr::memchr(self.delimiter, &self.buffer[self.start + looked..self.end]) {
                let from = self.start;
                self.start += looked + at + 1;
                return Ok(Some((from, self.start)));
            }
            looked = self.end - self.start;
            if !self.fill()? {
                let range = (self.start, self.end);
                self.start = self.end;
                return Ok((range.0 < range.1).then_some(range));
            }
        }
    }

    /// The next line.
    pub fn next(&mut self) -> io::Result<Option<&[u8]>> {
        Ok(self.find()?.map(|(from, to)| &self.buffer[from..to]))
    }

    /// The next line without what ends it.
    pub fn bare(&mut self) -> io::Result<Option<&[u8]>> {
        let delimiter = self.delimiter;
        Ok(self.next()?.map(|line| bare(line, delimiter)))
    }

    /// What was read and not handed over.
    pub fn ahead(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Takes so much of what was read ahead.
    pub fn skip(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// What it reads from, without what was read ahead.
    pub fn into_source(self) -> Source {
        self.source
    }

    /// Whether all was read and handed over.
    pub fn at_end(&mut self) -> io::Result<bool> {
        while self.start == self.end {
            if !self.fill()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives back what was read ahead, where the source can go back: what runs next on the same handle reads on there.
    pub fn give_back(&mut self) {
        let ahead = self.end - self.start;
        if ahead > 0 {
            let _ = self.source.seek_by(-(ahead as i64));
        }
    }
}

/// A line without what ends it.
pub fn bare(line: &[u8], delimiter: u8) -> &[u8] {
    line.strip_suffix(&[delimiter]).unwrap_or(line)
}

enum Sink {
    Handle(Fd),
    File(File),
}

/// What is written, by blocks.
pub struct Out {
    tool: &'static str,
    sink: Sink,
    buffer: Bytes,
    /// Whether each line goes out at once.
    pub by_line: bool,
}

impl Out {
    /// Standard output.
    pub fn standard(tool: &'static str) -> Self {
        Self::handle(tool, 1)
    }

    pub fn handle(tool: &'static str, fd: Fd) -> Self {
        Self { tool, sink: Sink::Handle(fd), buffer: Bytes::with_capacity(BLOCK), by_line: false }
    }

    pub fn file(tool: &'static str, file: File) -> Self {
        Self { tool, sink: Sink::File(file), buffer: Bytes::with_capacity(BLOCK), by_line: false }
    }

    pub fn put(&mut self, bytes: &[u8]) {
        if self.buffer.len() + bytes.len() > BLOCK {
            self.flush();
            if bytes.len() >= BLOCK {
                self.write(bytes);
                return;
            }
        }
        self.buffer.extend_from_slice(bytes);
        if self.by_line && bytes.contains(&b'\n') {
            self.flush();
        }
    }

    pub fn byte(&mut self, byte: u8) {
        self.put(&[byte]);
    }

    pub fn line(&mut self, bytes: &[u8]) {
        self.put(bytes);
        self.byte(b'\n');
    }

    pub fn flush(&mut self) {
        if !self.buffer.is_empty() {
            let buffer = std::mem::take(&mut self.buffer);
            self.write(&buffer);
            self.buffer = buffer;
            self.buffer.clear();
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let written = match &mut self.sink {
            Sink::Handle(fd) => userland_sys::write_all(*fd, bytes),
            Sink::File(file) => file.write_all(bytes),
        };
        if let Err(error) = written {
            if error.kind() == io::ErrorKind::BrokenPipe {
                std::process::exit(BROKEN_PIPE);
            }
            complain(self.tool, &format!("write error: {}", reason(&error)));
            std::process::exit(if ["grep", "awk", "diff", "cmp", "sort"].contains(&self.tool) { 2 } else { 1 });
        }
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Out::flush(self);
        Ok(())
    }
}
