//! Compressed streams: gzip, bzip2, xz, lzma and zstd, to be read from and written to.
//!
//! Knows the formats' crates and the bytes they begin with. Does not know files, names or options.

use flate2::bufread::MultiGzDecoder;
use flate2::{Compression, GzBuilder, write::GzEncoder};
use lzma_rust2::{LzmaOptions, LzmaReader, LzmaWriter, XzOptions, XzReader, XzWriter};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::{self, BufRead, BufReader, Read, Write};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Plain,
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
}

/// What a stream is by its first bytes.
pub fn recognized(begin: &[u8]) -> Format {
    match begin {
        [0x1f, 0x8b, ..] => Format::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Format::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Format::Xz,
        [0x5d, 0, 0, ..] => Format::Lzma,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Format::Zstd,
        _ => Format::Plain,
    }
}

/// Reads what a stream holds. As much memory as lzma's largest usual dictionary is allowed.
pub fn reader<'a>(format: Format, input: Box<dyn BufRead + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    const LZMA_KIB: u32 = 128 * 1024;
    Ok(match format {
        Format::Plain => Box::new(input),
        Format::Gzip => Box::new(MultiGzDecoder::new(input)),
        Format::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
        Format::Xz => Box::new(XzReader::new_mem_limit(input, true, LZMA_KIB)),
        Format::Lzma => {
            let reader = LzmaReader::new_mem_limit(input, LZMA_KIB, None);
            Box::new(reader.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?)
        }
        Format::Zstd => Box::new(Frames { frame: None, input: Some(input) }),
    })
}

/// A reader that knows its format by what it begins with.
pub fn any_reader<'a>(input: Box<dyn Read + 'a>) -> io::Result<(Format, Box<dyn Read + 'a>)> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let format = recognized(input.fill_buf()?);
    Ok((format, reader(format, Box::new(input))?))
}

type Frame<'a> = StreamingDecoder<Box<dyn BufRead + 'a>, ruzstd::decoding::FrameDecoder>;

/// One frame of zstd after the other.
struct Frames<'a> {
    frame: Option<Box<Frame<'a>>>,
    input: Option<Box<dyn BufRead + 'a>>,
}

impl Read for Frames<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                match frame.read(bytes)? {
                    0 if !bytes.is_empty() => {}
                    read => return Ok(read),
                }
            }
            if let Some(frame) = self.frame.take() {
                self.input = Some(frame.into_inner());
            }
            let Some(mut input) = self.input.take() else { return Ok(0) };
            if input.fill_buf()?.is_empty() {
                self.input = Some(input);
                return Ok(0);
            }
            let frame = StreamingDecoder::new(input)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
            self.frame = Some(Box::new(frame));
        }
    }
}

/// Writes a compressed stream. It is to be finished.
pub enum Packing<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Bzip2(bzip2::write::BzEncoder<W>),
    Xz(Box<XzWriter<W>>),
    Lzma(Box<LzmaWriter<W>>),
    Zstd(Vec<u8>, W),
}

/// A level's options, with a dictionary hardly larger than what is packed. The largest one would take 700 MB, which is
/// more than a step has: half of it serves.
fn lzma(level: u32, size: Option<u64>) -> LzmaOptions {
    // Of smaller ones lzma's files are not recognized.
    const LEAST: u32 = 64 << 10;
    const MOST: u32 = 32 << 20;
    let mut options = LzmaOptions::with_preset(level);
    let size = size.and_then(|size| u32::try_from(size).ok()).unwrap_or(MOST).clamp(LEAST, MOST);
    options.dict_size = options.dict_size.min(size.next_power_of_two());
    options
}

/// A frame of zstd holds as much.
const FRAME: usize = 4 << 20;

impl<W: Write> Packing<W> {
    /// Begins a stream at a level of 1 to 9, of so many bytes where that is known; gzip can keep a name and a time.
    pub fn new(format: Format, level: u32, name: Option<(&[u8], u32)>, size: Option<u64>, out: W) -> io::Result<Self> {
        Ok(match format {
            Format::Plain => Self::Plain(out),
            Format::Gzip => {
                let mut builder = GzBuilder::new().operating_system(3);
                if let Some((name, time)) = name {
                    builder = builder.filename(name).mtime(time);
                }
                Self::Gzip(builder.write(out, Compression::new(level)))
            }
            Format::Bzip2 => Self::Bzip2(bzip2::write::BzEncoder::new(out, bzip2::Compression::new(level.clamp(1, 9)))),
            Format::Xz => {
                let options = XzOptions { lzma_options: lzma(level, size), ..XzOptions::with_preset(level) };
                Self::Xz(Box::new(XzWriter::new(out, options).map_err(io::Error::other)?))
            }
            Format::Lzma => {
                let options = lzma(level, size);
                Self::Lzma(Box::new(LzmaWriter::new_use_header(out, &options, None).map_err(io::Error::other)?))
            }
            Format::Zstd => Self::Zstd(Vec::new(), out),
        })
    }

    /// Writes what is left and gives the writer back.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(writer) => writer.finish(),
            Self::Bzip2(writer) => writer.finish(),
            Self::Xz(writer) => writer.finish().map_err(io::Error::other),
            Self::Lzma(writer) => writer.finish().map_err(io::Error::other),
            Self::Zstd(block, mut out) => {
                out.write_all(&compress_to_vec(block.as_slice(), CompressionLevel::Fastest))?;
                Ok(out)
            }
        }
    }
}

impl<W: Write> Write for Packing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(writer) => writer.write(bytes),
            Self::Bzip2(writer) => writer.write(bytes),
            Self::Xz(writer) => writer.write(bytes),
            Self::Lzma(writer) => writer.write(bytes),
            Self::Zstd(block, out) => {
                if block.len() >= FRAME {
                    out.write_all(&compress_to_vec(block.as_slice(), CompressionLevel::Fastest))?;
                    block.clear();
                }
                block.extend_from_slice(bytes);
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
