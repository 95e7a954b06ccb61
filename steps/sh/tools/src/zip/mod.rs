//! Zip archives: their directory, and how members are read and written. `zip` and `unzip` are built on it.
//!
//! Knows stored and deflated members, 64-bit sizes when reading, and Unix's modes and times. Does not know encryption.

pub mod pack;
pub mod unpack;

use flate2::{Crc, read::DeflateDecoder};
use std::io::{self, Read, Seek, SeekFrom, Write};
use userland_calendar::Fields;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const PLACE_64: u32 = 0x0706_4b50;
pub const STORED: u16 = 0;
pub const DEFLATED: u16 = 8;
/// The name is UTF-8.
const UTF_8: u16 = 1 << 11;

/// What the directory says of a member.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: Vec<u8>,
    pub method: u16,
    flags: u16,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    offset: u64,
    /// Unix's mode with its kind, where it has one.
    pub mode: Option<u32>,
    /// Seconds since 1970.
    pub time: i64,
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

struct Fielded<'a>(&'a [u8]);

impl Fielded<'_> {
    fn u16(&self, at: usize) -> io::Result<u16> {
        self.0
            .get(at..at + 2)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u16::from_le_bytes)
            .ok_or_else(|| broken("cut off"))
    }

    fn u32(&self, at: usize) -> io::Result<u32> {
        self.0
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_le_bytes)
            .ok_or_else(|| broken("cut off"))
    }

    fn u64(&self, at: usize) -> io::Result<u64> {
        self.0
            .get(at..at + 8)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u64::from_le_bytes)
            .ok_or_else(|| broken("cut off"))
    }
}

fn part(file: &mut (impl Read + Seek), from: u64, length: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The members that an archive's directory lists. `None` where it has no directory.
pub fn directory(file: &mut (impl Read + Seek)) -> io::Result<Option<Vec<Member>>> {
    const LONGEST: u64 = 22 + 65_535;
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(LONGEST);
    let tail = part(file, from, (length - from) as usize)?;
    let Some(at) = tail.windows(4).rposition(|window| window == END.to_le_bytes()) else { return Ok(None) };
    let end = Fielded(&tail[at..]);
    let (mut count, mut size, mut offset) = (u64::from(end.u16(10)?), u64::from(end.u32(12)?), u64::from(end.u32(16)?));
    if (count == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff) && from + at as u64 >= 20 {
        let place = part(file, from + at as u64 - 20, 20)?;
        if Fielded(&place).u32(0)? == PLACE_64 {
            let bytes = part(file, Fielded(&place).u64(8)?, 56)?;
            let end = Fielded(&bytes);
            if end.u32(0)? == END_64 {
                (count, size, offset) = (end.u64(32)?, end.u64(40)?, end.u64(48)?);
            }
        }
    }
    if offset.checked_add(size).is_none_or(|end| end > length) {
        return Err(broken("the directory lies outside of the archive"));
    }
    let bytes = part(file, offset, size as usize)?;
    let mut members = Vec::new();
    let mut rest = bytes.as_slice();
    for _ in 0..count {
        let (member, used) = member(rest)?;
        members.push(member);
        rest = &rest[used..];
    }
    Ok(Some(members))
}

fn member(bytes: &[u8]) -> io::Result<(Member, usize)> {
    let fields = Fielded(bytes);
    if fields.u32(0)? != CENTRAL {
        return Err(broken("the directory is damaged"));
    }
    let (name, extra, comment) =
        (usize::from(fields.u16(28)?), usize::from(fields.u16(30)?), usize::from(fields.u16(32)?));
    let used = 46 + name + extra + comment;
    if bytes.len() < used {
        return Err(broken("cut off"));
    }
    let unix = fields.u16(4)? >> 8 == 3;
    let mut member = Member {
        name: bytes[46..46 + name].to_vec(),
        method: fields.u16(10)?,
        flags: fields.u16(8)?,
        crc: fields.u32(16)?,
        packed: u64::from(fields.u32(20)?),
        size: u64::from(fields.u32(24)?),
        offset: u64::from(fields.u32(42)?),
        mode: unix.then_some(fields.u32(38)? >> 16).filter(|mode| *mode != 0),
        time: dos_time(fields.u16(14)?, fields.u16(12)?),
    };
    let mut rest = &bytes[46 + name..46 + name + extra];
    while rest.len() >= 4 {
        let field = Fielded(rest);
        let (kind, length) = (field.u16(0)?, usize::from(field.u16(2)?));
        let body = Fielded(rest.get(4..4 + length).ok_or_else(|| broken("cut off"))?);
        match kind {
            0x5455 if length >= 5 && body.0[0] & 1 != 0 => member.time = i64::from(body.u32(1)? as i32),
            1 => {
                let mut at = 0;
                for value in [&mut member.size, &mut member.packed, &mut member.offset] {
                    if *value == 0xffff_ffff {
                        *value = body.u64(at)?;
                        at += 8;
                    }
                }
            }
            _ => {}
        }
        rest = &rest[4 + length..];
    }
    Ok((member, used))
}

fn dos_time(date: u16, time: u16) -> i64 {
    let (date, time) = (i64::from(date), i64::from(time));
    let fields = Fields {
        year: 1980 + (date >> 9),
        month: (date >> 5 & 15).max(1),
        day: (date & 31).max(1),
        hour: time >> 11,
        minute: time >> 5 & 63,
        second: (time & 31) * 2,
    };
    fields.seconds()
}

impl Member {
    pub fn is_directory(&self) -> bool {
        self.name.ends_with(b"/")
    }

    pub fn is_link(&self) -> bool {
        self.mode.is_some_and(|mode| mode & 0o170_000 == 0o120_000)
    }

    pub fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Writes what the member holds; an error where it is not what the directory says.
    pub fn copy(&self, file: &mut (impl Read + Seek), out: &mut dyn Write) -> io::Result<()> {
        let head = part(file, self.offset, 30)?;
        let fields = Fielded(&head);
        if fields.u32(0)? != LOCAL {
            return Err(broken("bad zipfile offset"));
        }
        let skip = i64::from(fields.u16(26)?) + i64::from(fields.u16(28)?);
        file.seek(SeekFrom::Current(skip))?;
        let input = io::BufReader::with_capacity(64 * 1024, file.take(self.packed));
        let mut input: Box<dyn Read + '_> = match self.method {
            STORED => Box::new(input),
            DEFLATED => Box::new(DeflateDecoder::new(input)),
            _ => return Err(io::Error::new(io::ErrorKind::Unsupported, "unsupported compression method")),
        };
        let mut crc = Crc::new();
        let mut block = vec![0; 64 * 1024];
        loop {
            match input.read(&mut block)? {
                0 => break,
                read => {
                    crc.update(&block[..read]);
                    out.write_all(&block[..read])?;
                }
            }
        }
        if crc.sum() != self.crc {
            return Err(broken(&format!("bad CRC {:08x}  (should be {:08x})", crc.sum(), self.crc)));
        }
        Ok(())
    }

    /// The bytes of the member as they are, with its local header.
    fn copy_packed(&self, file: &mut (impl Read + Seek), out: &mut (impl Write + Seek)) -> io::Result<Self> {
        let head = part(file, self.offset, 30)?;
        let skip = i64::from(Fielded(&head).u16(26)?) + i64::from(Fielded(&head).u16(28)?);
        let new = Self { offset: out.stream_position()?, flags: self.flags & !8, ..self.clone() };
        new.write_local(out)?;
        file.seek(SeekFrom::Start(self.offset + 30))?;
        file.seek(SeekFrom::Current(skip))?;
        io::copy(&mut file.take(self.packed), out)?;
        Ok(new)
    }

    fn dos(&self) -> (u16, u16) {
        let fields = Fields::of(self.time);
        if fields.year < 1980 {
            return (0x21, 0);
        }
        let date = (fields.year - 1980).min(127) << 9 | fields.month << 5 | fields.day;
        let time = fields.hour << 11 | fields.minute << 5 | (fields.second / 2);
        (date as u16, time as u16)
    }

    fn time_field(&self) -> [u8; 9] {
        let mut field = [0x55, 0x54, 5, 0, 1, 0, 0, 0, 0];
        field[5..].copy_from_slice(&(self.time as i32).to_le_bytes());
        field
    }

    fn write_local(&self, out: &mut impl Write) -> io::Result<()> {
        let too_large = |size: u64| {
            u32::try_from(size)
                .map_err(|_| io::Error::new(io::ErrorKind::Unsupported, "members above 4 GiB are not supported here"))
        };
        let (date, time) = self.dos();
        let mut head = Vec::with_capacity(30 + self.name.len() + 9);
        head.extend(LOCAL.to_le_bytes());
        for value in [if self.method == DEFLATED { 20u16 } else { 10 }, self.flags, self.method, time, date] {
            head.extend(value.to_le_bytes());
        }
        for value in [self.crc, too_large(self.packed)?, too_large(self.size)?] {
            head.extend(value.to_le_bytes());
        }
        head.extend((self.name.len() as u16).to_le_bytes());
        head.extend(9u16.to_le_bytes());
        head.extend(&self.name);
        head.extend(self.time_field());
        out.write_all(&head)
    }

    fn write_central(&self, out: &mut impl Write) -> io::Result<()> {
        let (date, time) = self.dos();
        let mode = self.mode.unwrap_or(if self.is_directory() { 0o040_755 } else { 0o100_644 });
        let attributes = mode << 16 | if self.is_directory() { 0x10 } else { 0 };
        let mut head = Vec::with_capacity(46 + self.name.len() + 9);
        head.extend(CENTRAL.to_le_bytes());
        for value in [0x031e, if self.method == DEFLATED { 20u16 } else { 10 }, self.flags, self.method, time, date] {
            head.extend(value.to_le_bytes());
        }
        for value in [self.crc, self.packed as u32, self.size as u32] {
            head.extend(value.to_le_bytes());
        }
        for value in [self.name.len() as u16, 9, 0, 0, 0] {
            head.extend(value.to_le_bytes());
        }
        head.extend(attributes.to_le_bytes());
        head.extend((self.offset as u32).to_le_bytes());
        head.extend(&self.name);
        head.extend(self.time_field());
        out.write_all(&head)
    }
}

/// Writes the directory and the end of an archive.
fn write_directory(members: &[Member], out: &mut (impl Write + Seek)) -> io::Result<()> {
    let offset = out.stream_position()?;
    for member in members {
        member.write_central(out)?;
    }
    let size = out.stream_position()? - offset;
    if offset + size > u64::from(u32::MAX) || members.len() > 65_535 {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "archives above 4 GiB are not supported here"));
    }
    let mut end = Vec::with_capacity(22);
    end.extend(END.to_le_bytes());
    for value in [0, 0, members.len() as u16, members.len() as u16] {
        end.extend(value.to_le_bytes());
    }
    end.extend((size as u32).to_le_bytes());
    end.extend((offset as u32).to_le_bytes());
    end.extend(0u16.to_le_bytes());
    out.write_all(&end)
}
