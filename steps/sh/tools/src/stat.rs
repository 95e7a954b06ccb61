//! `stat`, and `df` as far as a sandbox can tell.
//!
//! Knows a file's status. Of file systems WASI tells nothing: `stat -f` is refused, `df` prints a dash for what it
//! can't know.

use crate::options::Table;
use crate::outcome::{Failed, Outcome, Report, output, plain, quoted, reason};
use crate::status::{Kind, Status};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use userland_calendar as calendar;

const STAT: Table =
    Table::new("stat", &["L,dereference", "c,format=", "printf=", "t,terse", "f,file-system", "cached=", "Z,context"]);

const WHOLE: &str = "  File: %*\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-10i  Links: %h\nAccess: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n";
const TERSE: &str = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n";

pub fn stat(arguments: Vec<OsString>) -> Outcome {
    let given = STAT.read(arguments)?;
    if given.has("file-system") {
        return Err(Failed::from("-f: the sandbox does not tell what file system it is on"));
    }
    if given.operands.is_empty() {
        return Err(STAT.misused("missing operand"));
    }
    let (pattern, escapes) = match (given.last(&["format", "printf"]), given.has("terse")) {
        (Some("printf"), _) => (given.text("printf").unwrap_or_default(), true),
        (Some(_), _) => (format!("{}\n", given.text("format").unwrap_or_default()), false),
        (None, true) => (TERSE.to_owned(), false),
        (None, false) => (WHOLE.to_owned(), false),
    };
    let mut report = Report::new("stat");
    let mut out = output();
    for path in &given.operands {
        let path = Path::new(path);
        match Status::of(path, given.has("dereference")) {
            Ok(status) => print(&pattern, escapes, path, &status, &mut out)?,
            Err(error) => {
                out.flush()?;
                report.fail(format!("cannot statx {}: {}", quoted(path), reason(&error)));
            }
        }
    }
    out.flush()?;
    Ok(report.code)
}

fn print(pattern: &str, escapes: bool, path: &Path, status: &Status, out: &mut impl Write) -> Outcome<()> {
    let mut rest = pattern.chars().peekable();
    while let Some(one) = rest.next() {
        if one == '\\' && escapes {
            out.write_all(&escape(&mut rest))?;
            continue;
        }
        if one != '%' {
            write!(out, "{one}")?;
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = rest.next_if(|one| "-#0+ '".contains(*one)) {
            flags.push(flag);
        }
        let digits = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut digits = String::new();
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            digits.parse::<usize>().ok()
        };
        let width = digits(&mut rest).unwrap_or(0);
        let precision = if rest.next_if_eq(&'.').is_some() { Some(digits(&mut rest).unwrap_or(0)) } else { None };
        let Some(letter) = rest.next() else {
            write!(out, "%")?;
            break;
        };
        let part = if matches!(letter, 'H' | 'L') && rest.peek().is_some_and(|next| matches!(next, 'd' | 'r')) {
            rest.next()
        } else {
            None
        };
        let Some(mut text) = field(letter, part, path, status, precision, &flags) else {
            write!(out, "?")?;
            continue;
        };
        let moment = matches!(letter, 'X' | 'Y' | 'Z' | 'W');
        if let Some(precision) = precision.filter(|_| !moment) {
            text = text.chars().take(precision).collect();
        }
        let room = width.saturating_sub(text.chars().count());
        let numeric = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match () {
            () if flags.contains('-') => write!(out, "{text}{}", " ".repeat(room))?,
            () if flags.contains('0') && numeric => write!(out, "{}{text}", "0".repeat(room))?,
            () => write!(out, "{}{text}", " ".repeat(room))?,
        }
    }
    Ok(())
}

fn escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Vec<u8> {
    match rest.next() {
        Some('n') => b"\n".to_vec(),
        Some('t') => b"\t".to_vec(),
        Some('r') => b"\r".to_vec(),
        Some('a') => vec![7],
        Some('b') => vec![8],
        Some('f') => vec![12],
        Some('v') => vec![11],
        Some('e') => vec![27],
        Some('"') => b"\"".to_vec(),
        Some('x') => {
            let mut value = 0;
            for _ in 0..2 {
                if let Some(digit) = rest.next_if(char::is_ascii_hexdigit) {
                    value = value * 16 + digit.to_digit(16).unwrap_or(0);
                }
            }
            vec![value as u8]
        }
        Some(digit @ '0'..='7') => {
            let mut value = digit.to_digit(8).unwrap_or(0);
            for _ in 0..2 {
                if let Some(digit) = rest.next_if(|one| ('0'..='7').contains(one)) {
                    value = value * 8 + digit.to_digit(8).unwrap_or(0);
                }
            }
            vec![value as u8]
        }
        Some(other) => other.to_string().into_bytes(),
        None => b"\\".to_vec(),
    }
}

fn field(
    letter: char,
    part: Option<char>,
    path: &Path,
    status: &Status,
    precision: Option<usize>,
    flags: &str,
) -> Option<String> {
    let major = status.device >> 8 & 0xfff | (status.device >> 32) & !0xfff;
    let minor = status.device & 0xff | (status.device >> 12) & !0xff;
    let owner = |id: u32| if id == 0 { "root".to_owned() } else { "UNKNOWN".to_owned() };
    let seconds = |time: (i64, i64)| match precision {
        None => time.0.to_string(),
        Some(precision) => {
            let digits = format!("{:09}", time.1);
            let precision = if precision == 0 { 9 } else { precision };
            let part: String = digits.chars().chain(std::iter::repeat('0')).take(precision).collect();
            format!("{}.{part}", time.0)
        }
    };
    let whole = |time| calendar::format("%Y-%m-%d %H:%M:%S.%N %z", time);
    Some(match (letter, part) {
        ('H', Some('d')) => major.to_string(),
        ('L', Some('d')) => minor.to_string(),
        ('H' | 'L', Some('r')) => "0".to_owned(),
        ('a', _) if flags.contains('#') => format!("0{:o}", status.mode),
        ('a', _) => format!("{:o}", status.mode),
        ('A', _) => status.letters(),
        ('b', _) => status.blocks.to_string(),
        ('B', _) => "512".to_owned(),
        ('C', _) => "?".to_owned(),
        ('d', _) => status.device.to_string(),
        ('D', _) => format!("{:x}", status.device),
        ('f', _) => format!("{:x}", status.raw_mode()),
        ('F', _) => status.words().to_owned(),
        ('g', _) => status.group.to_string(),
        ('G', _) => owner(status.group),
        ('h', _) => status.links.to_string(),
        ('i', _) => status.inode.to_string(),
        ('m', _) => "/".to_owned(),
        ('n', _) => path.to_string_lossy().into_owned(),
        ('N', _) => {
            let name = crate::outcome::quoted(path);
            match std::fs::read_link(path) {
                Ok(target) if status.kind == Kind::Link => format!("{name} -> {}", crate::outcome::quoted(target)),
                _ => name,
            }
        }
        ('*', _) => match std::fs::read_link(path) {
            Ok(target) if status.kind == Kind::Link => format!("{} -> {}", plain(path), plain(target)),
            _ => plain(path),
        },
        ('o', _) => "4096".to_owned(),
        ('s', _) => status.size.to_string(),
        ('t' | 'T' | 'r', _) => "0".to_owned(),
        ('u', _) => status.user.to_string(),
        ('U', _) => owner(status.user),
        ('w', _) => "-".to_owned(),
        ('W', _) => "0".to_owned(),
        ('x', _) => whole(status.accessed),
        ('X', _) => seconds(status.accessed),
        ('y', _) => whole(status.modified),
        ('Y', _) => seconds(status.modified),
        ('z', _) => whole(status.changed),
        ('Z', _) => seconds(status.changed),
        ('%', _) => "%".to_owned(),
        _ => return None,
    })
}

const DF: Table = Table::new(
    "df",
    &[
        "a,all",
        "h,human-readable",
        "H,si",
        "k",
        "m",
        "B,block-size=",
        "T,print-type",
        "P,portability",
        "i,inodes",
        "l,local",
        "t,type=",
        "x,exclude-type=",
        "output=?",
        "total",
        "sync",
        "no-sync",
    ],
);

pub fn df(arguments: Vec<OsString>) -> Outcome {
    let given = DF.read(arguments)?;
    if given.has("output") {
        return Err(Failed::from("--output is not supported here"));
    }
    let mut report = Report::new("df");
    let mut places = Vec::new();
    for path in &given.operands {
        match Status::of(Path::new(path), true) {
            Ok(_) => places.push("/"),
            Err(error) => report.fail(format!("{}: {}", path.to_string_lossy(), reason(&error))),
        }
    }
    if given.operands.is_empty() {
        places.push("/");
    }
    if places.is_empty() {
        return Ok(report.code);
    }
    let size = match given.last(&["human-readable", "si", "m", "block-size", "k"]) {
        Some("human-readable" | "si") => "Size",
        Some("m") => "1M-blocks",
        _ if given.has("portability") => "1024-blocks",
        _ => "1K-blocks",
    };
    let kind = given.has("print-type");
    let mut out = output();
    let head = if kind { "Filesystem     Type    " } else { "Filesystem     " };
    let (size, used, free, part) = if given.has("inodes") {
        ("Inodes", "IUsed", "IFree", "IUse%")
    } else {
        let part = if given.has("portability") { "Capacity" } else { "Use%" };
        (size, "Used", if given.has("human-readable") || given.has("si") { "Avail" } else { "Available" }, part)
    };
    writeln!(out, "{head} {size} {used} {free} {part} Mounted on")?;
    for place in places {
        let head = if kind { "sandbox        sandbox " } else { "sandbox        " };
        let dash = |title: &str| format!("{:>1$}", "-", title.len());
        writeln!(out, "{head} {} {} {} {} {place}", dash(size), dash(used), dash(free), dash(part))?;
    }
    out.flush()?;
    Ok(report.code)
}
