//! `md5sum`, `sha1sum`, `sha224sum`, `sha256sum`, `sha384sum`, `sha512sum`, `b2sum`, `cksum`, `sum`.
//!
//! Knows the digests by their crates, GNU's three forms of lines, and their checking.

use crate::options::{Given, Table};
use crate::outcome::{Outcome, Report, output, quoted, reason};
use sha2::digest::Digest;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

const OPTIONS: &[&str] = &[
    "b,binary",
    "t,text",
    "c,check",
    "tag",
    "z,zero",
    "ignore-missing",
    "quiet",
    "status",
    "strict",
    "w,warn",
    "l,length=",
];
const CKSUM: &[&str] = &[
    "a,algorithm=",
    "c,check",
    "tag",
    "untagged",
    "z,zero",
    "ignore-missing",
    "quiet",
    "status",
    "strict",
    "w,warn",
    "l,length=",
    "debug",
];

/// A kind of digest: its name in tagged lines, and how many bits it has.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    tag: &'static str,
    bits: usize,
}

const KINDS: [Kind; 7] = [
    Kind { tag: "MD5", bits: 128 },
    Kind { tag: "SHA1", bits: 160 },
    Kind { tag: "SHA224", bits: 224 },
    Kind { tag: "SHA256", bits: 256 },
    Kind { tag: "SHA384", bits: 384 },
    Kind { tag: "SHA512", bits: 512 },
    Kind { tag: "BLAKE2b", bits: 512 },
];

fn of<D: Digest>(input: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut digest = D::new();
    feed(input, |bytes| Digest::update(&mut digest, bytes))?;
    Ok(digest.finalize().to_vec())
}

fn feed(input: &mut dyn Read, mut take: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut block = vec![0; 128 * 1024];
    let mut whole = 0;
    loop {
        match input.read(&mut block) {
            Ok(0) => return Ok(whole),
            Ok(read) => {
                take(&block[..read]);
                whole += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Kind {
    fn digest(self, input: &mut dyn Read) -> io::Result<String> {
        let bytes = match self.tag {
            "MD5" => of::<md5::Md5>(input)?,
            "SHA1" => of::<sha1::Sha1>(input)?,
            "SHA224" => of::<sha2::Sha224>(input)?,
            "SHA256" => of::<sha2::Sha256>(input)?,
            "SHA384" => of::<sha2::Sha384>(input)?,
            "SHA512" => of::<sha2::Sha512>(input)?,
            _ if self.bits == 128 => of::<blake2::Blake2b128>(input)?,
            _ if self.bits == 256 => of::<blake2::Blake2b256>(input)?,
            _ => of::<blake2::Blake2b512>(input)?,
        };
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// As tagged lines name it.
    fn title(self) -> String {
        if self.tag == "BLAKE2b" && self.bits != 512 { format!("BLAKE2b-{}", self.bits) } else { self.tag.to_owned() }
    }
}

fn open(name: &OsStr) -> io::Result<Box<dyn Read>> {
    if name == "-" {
        return Ok(Box::new(io::stdin()));
    }
    if std::fs::metadata(name)?.is_dir() {
        return Err(io::Error::from_raw_os_error(libc::EISDIR));
    }
    Ok(Box::new(File::open(name)?))
}

macro_rules! named {
    ($($work:ident $name:literal $at:literal,)*) => {
        $(pub fn $work(arguments: Vec<OsString>) -> Outcome {
            let table = Table::new($name, OPTIONS);
            let given = table.read(arguments)?;
            digests(&table, given, Some(KINDS[$at]), false)
        })*
    };
}

named! {
    md5sum "md5sum" 0,
    sha1sum "sha1sum" 1,
    sha224sum "sha224sum" 2,
    sha256sum "sha256sum" 3,
    sha384sum "sha384sum" 4,
    sha512sum "sha512sum" 5,
    b2sum "b2sum" 6,
}

fn digests(table: &Table, mut given: Given, kind: Option<Kind>, tagged: bool) -> Outcome {
    let mut kind = kind;
    if let Some(text) = given.text("length") {
        let bits = text.parse::<usize>().ok().filter(|bits| matches!(*bits, 128 | 256 | 512));
        match (&mut kind, bits) {
            (Some(kind), Some(bits)) if kind.tag == "BLAKE2b" => kind.bits = bits,
            (Some(kind), _) if kind.tag == "BLAKE2b" => {
                return Err(format!("length {} is not supported here: 128, 256 and 512 are", quoted(text)).into());
            }
            _ => return Err(table.misused("--length is only supported with --algorithm=blake2b")),
        }
    }
    if given.operands.is_empty() {
        given.operands.push(OsString::from("-"));
    }
    if given.has("check") {
        if given.has("tag") {
            return Err(table.misused("the --tag option is meaningless when verifying checksums"));
        }
        return check(table, &given, kind);
    }
    for key in ["ignore-missing", "quiet", "status", "strict", "warn"] {
        if given.has(key) {
            return Err(table.misused(format!("the --{key} option is meaningful only when verifying checksums")));
        }
    }
    let Some(kind) = kind else { return Err(table.misused("an algorithm is needed")) };
    let mut report = Report::new(table.name);
    let mut out = output();
    for name in &given.operands {
        match open(name).and_then(|mut input| kind.digest(&mut *input)) {
            Ok(digest) => line(&given, kind, &digest, name, tagged || given.has("tag"), &mut out)?,
            Err(error) => {
                out.flush()?;
                report.fail(format!("{}: {}", crate::outcome::plain(name), reason(&error)));
            }
        }
    }
    out.flush()?;
    Ok(report.code)
}

fn line(given: &Given, kind: Kind, digest: &str, name: &OsStr, tagged: bool, out: &mut impl Write) -> Outcome<()> {
    let bytes = name.as_encoded_bytes();
    let zero = given.has("zero");
    let odd = !zero && bytes.iter().any(|byte| matches!(byte, b'\\' | b'\n' | b'\r'));
    let text = if odd { escaped(bytes) } else { bytes.to_vec() };
    if odd {
        out.write_all(b"\\")?;
    }
    if tagged {
        write!(out, "{} (", kind.title())?;
        out.write_all(&text)?;
        write!(out, ") = {digest}")?;
    } else {
        let binary = given.last(&["binary", "text"]) == Some("binary");
        write!(out, "{digest} {}", if binary { '*' } else { ' ' })?;
        out.write_all(&text)?;
    }
    out.write_all(if zero { b"\0" } else { b"\n" })?;
    Ok(())
}

fn escaped(name: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    for byte in name {
        match byte {
            b'\\' => answer.extend(b"\\\\"),
            b'\n' => answer.extend(b"\\n"),
            b'\r' => answer.extend(b"\\r"),
            byte => answer.push(*byte),
        }
    }
    answer
}

fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        answer.push(match (byte, byte == &b'\\') {
            (_, true) => match bytes.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(other) => *other,
                None => b'\\',
            },
            (byte, false) => *byte,
        });
    }
    answer
}

/// The kind, digest and name that a line holds.
fn read_line(line: &[u8], kind: Option<Kind>) -> Option<(Kind, String, Vec<u8>)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (odd, line) = line.strip_prefix(b"\\").map_or((false, line), |rest| (true, rest));
    let name = |name: &[u8]| if odd { unescaped(name) } else { name.to_vec() };
    let is_digest =
        |text: &str, bits: usize| text.len() * 4 == bits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for one in KINDS {
        if let Some(rest) = line.strip_prefix(one.tag.as_bytes()) {
            let (length, rest) = match rest.strip_prefix(b"-") {
                Some(rest) => {
                    let end = rest.iter().position(|byte| *byte == b' ')?;
                    (std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?, &rest[end..])
                }
                None => (one.bits, rest),
            };
            let Some(rest) = rest.strip_prefix(b" (").or_else(|| rest.strip_prefix(b"(")) else { continue };
            let end = rest.windows(4).rposition(|window| window == b") = ")?;
            let digest = std::str::from_utf8(&rest[end + 4..]).ok()?.to_ascii_lowercase();
            let one = Kind { bits: length, ..one };
            if kind.is_some_and(|kind| kind.tag != one.tag) || !is_digest(&digest, length) {
                return None;
            }
            return Some((one, digest, name(&rest[..end])));
        }
    }
    let line = &line[line.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(0)..];
    let end = line.iter().position(|byte| *byte == b' ')?;
    let digest = std::str::from_utf8(&line[..end]).ok()?.to_ascii_lowercase();
    let kind = kind?;
    let kind = if kind.tag == "BLAKE2b" { Kind { bits: digest.len() * 4, ..kind } } else { kind };
    let rest = &line[end + 1..];
    let rest = rest.strip_prefix(b" ").or_else(|| rest.strip_prefix(b"*")).unwrap_or(rest);
    (is_digest(&digest, kind.bits) && kind.bits > 0 && !rest.is_empty()).then(|| (kind, digest, name(rest)))
}

fn check(table: &Table, given: &Given, kind: Option<Kind>) -> Outcome {
    let mut report = Report::new(table.name);
    let mut out = output();
    for list in &given.operands {
        let input = match open(list) {
            Ok(input) => input,
            Err(error) => {
                report.fail(format!("{}: {}", crate::outcome::plain(list), reason(&error)));
                continue;
            }
        };
        let (mut good, mut bad, mut unread, mut wrong, mut seen) = (0u64, 0u64, 0u64, 0u64, 0u64);
        let end = if given.has("zero") { b'\0' } else { b'\n' };
        for (at, row) in BufReader::new(input).split(end).enumerate() {
            let row = row?;
            if row.starts_with(b"#") || row.is_empty() {
                continue;
            }
            let Some((kind, digest, name)) = read_line(&row, kind) else {
                wrong += 1;
                if given.has("warn") {
                    let title = kind.map_or_else(String::new, |kind| format!("{} ", kind.tag));
                    report.warn(format!(
                        "{}: {}: improperly formatted {title}checksum line",
                        crate::outcome::plain(list),
                        at + 1
                    ));
                }
                continue;
            };
            seen += 1;
            let path = crate::outcome::name_of(name.clone());
            let answer = open(&path).and_then(|mut input| kind.digest(&mut *input));
            let verdict = match answer {
                Ok(found) if found == digest => {
                    good += 1;
                    if given.has("quiet") { "" } else { "OK" }
                }
                Ok(_) => {
                    bad += 1;
                    "FAILED"
                }
                Err(error) if given.has("ignore-missing") && error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    unread += 1;
                    out.flush()?;
                    report.warn(format!("{}: {}", crate::outcome::plain(&path), reason(&error)));
                    "FAILED open or read"
                }
            };
            if !verdict.is_empty() && !given.has("status") {
                let odd = name.contains(&b'\n');
                out.write_all(if odd { b"\\" } else { b"" })?;
                out.write_all(&if odd { escaped(&name) } else { name })?;
                writeln!(out, ": {verdict}")?;
            }
        }
        out.flush()?;
        verdicts(list, given, (good, bad, unread, wrong, seen), &mut report);
    }
    Ok(report.code)
}

fn verdicts(list: &OsStr, given: &Given, counts: (u64, u64, u64, u64, u64), report: &mut Report) {
    let (good, bad, unread, wrong, seen) = counts;
    let list = if list == "-" { "'standard input'".to_owned() } else { crate::outcome::plain(list) };
    if seen == 0 {
        return report.fail(format!("{list}: no properly formatted checksum lines found"));
    }
    let quiet = given.has("status");
    let (are, not) =
        (|count: u64| if count == 1 { "" } else { "s" }, |count: u64| if count == 1 { "is" } else { "are" });
    if wrong > 0 && !quiet {
        report.warn(format!("WARNING: {wrong} line{} {} improperly formatted", are(wrong), not(wrong)));
    }
    if unread > 0 && !quiet {
        report.warn(format!("WARNING: {unread} listed file{} could not be read", are(unread)));
    }
    if bad > 0 && !quiet {
        report.warn(format!("WARNING: {bad} computed checksum{} did NOT match", are(bad)));
    }
    if given.has("ignore-missing") && good == 0 && bad == 0 {
        if !quiet {
            report.warn(format!("{list}: no file was verified"));
        }
        report.code = 1;
    }
    if bad > 0 || unread > 0 || wrong > 0 && given.has("strict") {
        report.code = 1;
    }
}

pub fn cksum(arguments: Vec<OsString>) -> Outcome {
    let table = Table::new("cksum", CKSUM);
    let given = table.read(arguments)?;
    let name = given.text("algorithm").unwrap_or_else(|| "crc".to_owned());
    let kind = match name.as_str() {
        "crc" if given.has("check") => {
            if given.has("algorithm") {
                return Err(table.misused("--check is not supported with --algorithm={bsd,sysv,crc}"));
            }
            None
        }
        "crc" => return plain_sums(&table, given, &name),
        "bsd" | "sysv" => return plain_sums(&table, given, &name),
        "sm3" => return Err("algorithm 'sm3' is not supported here".into()),
        "blake2b" => Some(KINDS[6]),
        other => match KINDS.iter().find(|kind| kind.tag.eq_ignore_ascii_case(other)) {
            Some(kind) => Some(*kind),
            None => return Err(table.misused(format!("invalid argument {} for '--algorithm'", quoted(other)))),
        },
    };
    let tagged = !given.has("untagged");
    digests(&table, given, kind, tagged)
}

pub fn sum(arguments: Vec<OsString>) -> Outcome {
    let table = Table::new("sum", &["r", "s,sysv"]);
    let given = table.read(arguments)?;
    let name = if given.last(&["r", "sysv"]) == Some("sysv") { "sysv" } else { "bsd" };
    plain_sums(&table, given, name)
}

fn plain_sums(table: &Table, mut given: Given, name: &str) -> Outcome {
    let named = !given.operands.is_empty();
    if !named {
        given.operands.push(OsString::from("-"));
    }
    let mut report = Report::new(table.name);
    let mut out = output();
    for path in &given.operands {
        let answer = open(path).and_then(|mut input| match name {
            "bsd" => bsd(&mut *input),
            "sysv" => sysv(&mut *input),
            _ => crc(&mut *input),
        });
        match answer {
            Ok(text) => {
                out.write_all(text.as_bytes())?;
                if named {
                    out.write_all(b" ")?;
                    out.write_all(path.as_encoded_bytes())?;
                }
                out.write_all(b"\n")?;
            }
            Err(error) => report.fail(format!("{}: {}", crate::outcome::plain(path), reason(&error))),
        }
    }
    out.flush()?;
    Ok(report.code)
}

fn bsd(input: &mut dyn Read) -> io::Result<String> {
    let mut sum = 0u16;
    let length = feed(input, |bytes| {
        for byte in bytes {
            sum = sum.rotate_right(1).wrapping_add(u16::from(*byte));
        }
    })?;
    Ok(format!("{sum:05} {:>5}", length.div_ceil(1024)))
}

fn sysv(input: &mut dyn Read) -> io::Result<String> {
    let mut sum = 0u32;
    let length = feed(input, |bytes| sum = bytes.iter().fold(sum, |sum, byte| sum.wrapping_add(u32::from(*byte))))?;
    let sum = (sum & 0xffff) + (sum >> 16);
    Ok(format!("{} {}", (sum & 0xffff) + (sum >> 16), length.div_ceil(512)))
}

/// POSIX's: the polynomial of Ethernet, most significant bit first, then the length.
fn crc(input: &mut dyn Read) -> io::Result<String> {
    let table: Vec<u32> = (0..256u32)
        .map(|byte| (0..8).fold(byte << 24, |crc, _| if crc >> 31 == 1 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 }))
        .collect();
    let step = |crc: u32, byte: u8| crc << 8 ^ table[(crc >> 24) as usize ^ usize::from(byte)];
    let mut crc = 0;
    let length = feed(input, |bytes| crc = bytes.iter().fold(crc, |crc, byte| step(crc, *byte)))?;
    let mut rest = length;
    while rest > 0 {
        crc = step(crc, rest as u8);
        rest >>= 8;
    }
    Ok(format!("{} {length}", !crc))
}
