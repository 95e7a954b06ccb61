//! The bytes of a journal: a file header, then framed records.
//!
//! ```text
//! file   = "swjournl"  version u32  crc32 of the twelve bytes before u32       (16 bytes)
//! record = length u32  crc32 of the payload u32  kind u8  epoch u64  seq u64
//!          crc32 of the 25 bytes before u32  payload                           (29 bytes + length)
//! ```
//! All numbers are little-endian. The head has a checksum of its own, so that a damaged
//! length is told from a record that was cut off. Knows bytes only; does no I/O.

use super::{FORMAT_VERSION, MAX_RECORD, Record, RecordKind};

const MAGIC: &[u8; 8] = b"swjournl";
/// Bytes of the file header. Its shape stays the same in every later format.
pub(super) const FILE_HEADER: usize = 16;
/// Bytes before a record's payload.
pub(super) const HEAD: usize = 29;
const HEAD_SUMMED: usize = 25;

/// What the first bytes of a file say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileStart {
    /// This format, or an older one that is read as well.
    Known,
    /// The file broke off before its header was whole.
    Torn,
    Newer(u32),
    Foreign,
}

pub(super) fn file_header() -> [u8; FILE_HEADER] {
    let mut bytes = [0; FILE_HEADER];
    let (summed, sum) = bytes.split_at_mut(12);
    let (magic, version) = summed.split_at_mut(8);
    magic.copy_from_slice(MAGIC);
    version.copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    sum.copy_from_slice(&crc32fast::hash(summed).to_le_bytes());
    bytes
}

pub(super) fn file_start(bytes: &[u8]) -> FileStart {
    let start = bytes.get(..FILE_HEADER).map_or(FileStart::Foreign, whole_start);
    // Cut off, or zeros from some byte on to the end of the file.
    let written = bytes.get(..written(bytes)).unwrap_or_default();
    if start == FileStart::Foreign && written.len() < FILE_HEADER && file_header().starts_with(written) {
        return FileStart::Torn;
    }
    start
}

fn whole_start(header: &[u8]) -> FileStart {
    let mut fields = Fields(header);
    let (magic, version) = (fields.take(8), fields.u32());
    let summed = crc32fast::hash(header.get(..12).unwrap_or_default());
    if magic != MAGIC || fields.u32() != summed {
        FileStart::Foreign
    } else if version > FORMAT_VERSION {
        FileStart::Newer(version)
    } else {
        FileStart::Known
    }
}

/// Appends a framed record to `out`. `payload` is at most [`MAX_RECORD`] bytes long.
pub(super) fn encode(out: &mut Vec<u8>, epoch: u64, seq: u64, kind: RecordKind, payload: &[u8]) {
    let start = out.len();
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.reserve(HEAD + payload.len());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(payload).to_le_bytes());
    out.push(match kind {
        RecordKind::Header => 0,
        RecordKind::Event => 1,
    });
    out.extend_from_slice(&epoch.to_le_bytes());
    out.extend_from_slice(&seq.to_le_bytes());
    let sum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&sum.to_le_bytes());
    out.extend_from_slice(payload);
}

/// What stands at a place of the file.
#[derive(Debug)]
pub(super) enum Next {
    /// A record; the next one begins at `end`.
    Record { record: Record, end: usize },
    /// The file ends here.
    End,
    /// The last record was cut off while it was written.
    Torn,
    /// The bytes are not what was written.
    Damaged(String),
}

/// Reads the record that begins at `offset` of the whole file `bytes`. `written` is the length
/// of the file without the zeros at its end: a file system may leave those when power is lost,
/// and a whole record never ends in one.
pub(super) fn next(bytes: &[u8], offset: usize, written: usize) -> Next {
    let rest = bytes.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        return Next::End;
    }
    let Some(head) = rest.get(..HEAD) else { return Next::Torn };
    let mut fields = Fields(head);
    let (length, payload_sum) = (fields.u32() as usize, fields.u32());
    let (kind, epoch, seq, head_sum) = (fields.u8(), fields.u64(), fields.u64(), fields.u32());
    if crc32fast::hash(head.get(..HEAD_SUMMED).unwrap_or_default()) != head_sum {
        if written < offset + HEAD {
            return Next::Torn;
        }
        return Next::Damaged("the record's head does not match its checksum".to_owned());
    }
    let kind = match kind {
        0 => RecordKind::Header,
        1 => RecordKind::Event,
        other => {
            return Next::Damaged(format!("kind {other} is unknown; a newer version of stepwell may have made it"));
        }
    };
    if length > MAX_RECORD {
        return Next::Damaged(format!("a length of {length} bytes is more than a record can have"));
    }
    let Some(payload) = rest.get(HEAD..HEAD + length) else { return Next::Torn };
    let end = offset + HEAD + length;
    if crc32fast::hash(payload) != payload_sum {
        if written < end {
            return Next::Torn;
        }
        return Next::Damaged("the record's payload does not match its checksum".to_owned());
    }
    Next::Record { record: Record { kind, epoch, seq, payload: payload.to_vec() }, end }
}

/// The length of `bytes` without the zeros at their end.
pub(super) fn written(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// The payload's length that a head claims, when the head is whole.
pub(super) fn claimed_length(head: &[u8; HEAD]) -> Option<usize> {
    let mut fields = Fields(head);
    let length = fields.u32() as usize;
    let mut sum = Fields(head.get(HEAD_SUMMED..).unwrap_or_default());
    (crc32fast::hash(head.get(..HEAD_SUMMED).unwrap_or_default()) == sum.u32() && length <= MAX_RECORD)
        .then_some(length)
}

/// Takes little-endian numbers off a slice; past its end they are zero.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(count).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap_or([0; N])
    }

    fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }
}
