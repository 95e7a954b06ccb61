//! What `-printf` and `-ls` print of a file.
//!
//! Times are in UTC.

use super::Visit;
use super::expression::Clock;
use super::test::{base, kind, links, mode, time};
use crate::options::Bytes;
use crate::stream::{path, shown};
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

fn since(time: SystemTime) -> (i64, u32) {
    time.duration_since(UNIX_EPOCH).map_or((0, 0), |since| (since.as_secs() as i64, since.subsec_nanos()))
}

/// `drwxr-xr-x`.
fn letters(kind: u8, mode: u32) -> String {
    let bit = |at: u32, letter: char| if mode >> at & 1 == 1 { letter } else { '-' };
    let mut text = String::from(if kind == b'f' { '-' } else { kind as char });
    for shift in [6, 3, 0] {
        text.extend([bit(shift + 2, 'r'), bit(shift + 1, 'w'), bit(shift, 'x')]);
    }
    text
}

fn target(visit: &Visit<'_>) -> Bytes {
    let target = fs::read_link(path(visit.name));
    target.map_or_else(|_| Bytes::new(), |target| target.as_os_str().as_encoded_bytes().to_vec())
}

#[cfg(unix)]
fn owner(status: &fs::Metadata) -> (u64, u64, u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (u64::from(status.uid()), u64::from(status.gid()), status.ino(), status.blocks())
}

#[cfg(not(unix))]
fn owner(status: &fs::Metadata) -> (u64, u64, u64, u64) {
    (0, 0, 0, status.len().div_ceil(512))
}

fn name_of(number: u64) -> String {
    if number == 0 { "root".to_owned() } else { number.to_string() }
}

pub fn formatted(format: &[u8], visit: &Visit<'_>) -> Bytes {
    let mut out = Bytes::new();
    let mut at = 0;
    while at < format.len() {
        match format[at] {
            b'\\' => at += escape(&format[at..], &mut out),
            b'%' => at += directive(&format[at..], visit, &mut out),
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn escape(text: &[u8], out: &mut Bytes) -> usize {
    let byte = match text.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'a') => 7,
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'v') => 11,
        Some(b'\\') => b'\\',
        Some(b'0'..=b'7') => {
            let digits = text[1..].iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            out.push(text[1..=digits].iter().fold(0u32, |number, byte| number * 8 + u32::from(byte - b'0')) as u8);
            return 1 + digits;
        }
        Some(other) => {
            out.extend_from_slice(&[b'\\', *other]);
            return 2;
        }
        None => {
            out.push(b'\\');
            return 1;
        }
    };
    out.push(byte);
    2
}

fn strftime(format: &str, seconds: i64) -> Bytes {
    userland_calendar::strftime(format, seconds, None).into_bytes()
}

/// A time by the letter behind `%A`, `%C` or `%T`.
fn moment(what: u8, seconds: i64, nanos: u32) -> Bytes {
    match what {
        b'@' => format!("{seconds}.{nanos:09}0").into_bytes(),
        b'S' => [strftime("%S", seconds), format!(".{nanos:09}0").into_bytes()].concat(),
        b'T' => [strftime("%T", seconds), format!(".{nanos:09}0").into_bytes()].concat(),
        b'+' => [strftime("%F+%T", seconds), format!(".{nanos:09}0").into_bytes()].concat(),
        what => strftime(&format!("%{}", what as char), seconds),
    }
}

fn directive(text: &[u8], visit: &Visit<'_>, out: &mut Bytes) -> usize {
    let flags = text[1..].iter().take_while(|byte| b"-0+ #".contains(byte)).count();
    let digits = text[1 + flags..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let width = crate::number::plain(&text[1 + flags..1 + flags + digits]).unwrap_or(0) as usize;
    let Some(letter) = text.get(1 + flags + digits) else {
        out.extend_from_slice(text);
        return text.len();
    };
    let mut length = 2 + flags + digits;
    let (user, group, inode, blocks) = owner(visit.status);
    let clock = |letter: u8| match letter.to_ascii_lowercase() {
        b'a' => Clock::Accessed,
        b'c' => Clock::Changed,
        _ => Clock::Modified,
    };
    let piece: Bytes = match letter {
        b'%' => b"%".to_vec(),
        b'p' => visit.name.to_vec(),
        b'P' => {
            let rest = &visit.name[visit.root..];
            rest.strip_prefix(b"/").unwrap_or(rest).to_vec()
        }
        b'H' => visit.name[..visit.root].to_vec(),
        b'f' => base(visit.name).to_vec(),
        b'h' => match memchr::memrchr(b'/', visit.name) {
            Some(at) => visit.name[..at].to_vec(),
            None => b".".to_vec(),
        },
        b'd' => visit.depth.to_string().into_bytes(),
        b's' => visit.status.len().to_string().into_bytes(),
        b'b' => blocks.to_string().into_bytes(),
        b'k' => blocks.div_ceil(2).to_string().into_bytes(),
        b'n' => links(visit.status).to_string().into_bytes(),
        b'i' => inode.to_string().into_bytes(),
        b'u' => name_of(user).into_bytes(),
        b'g' => name_of(group).into_bytes(),
        b'U' => user.to_string().into_bytes(),
        b'G' => group.to_string().into_bytes(),
        b'm' => format!("{:o}", mode(visit)).into_bytes(),
        b'M' => letters(kind(visit.status, visit.name), mode(visit)).into_bytes(),
        b'y' => vec![kind(visit.status, visit.name)],
        b'Y' => vec![fs::metadata(path(visit.name)).map_or(b'N', |status| kind(&status, visit.name))],
        b'l' => target(visit),
        b'a' | b'c' | b't' => {
            let (seconds, nanos) = since(time(visit.status, clock(*letter)));
            let mut text = strftime("%a %b %e %H:%M:%S.", seconds);
            text.extend_from_slice(format!("{nanos:09}0 ").as_bytes());
            text.extend_from_slice(&strftime("%Y", seconds));
            text
        }
        b'A' | b'C' | b'T' if text.len() > length => {
            let (seconds, nanos) = since(time(visit.status, clock(*letter)));
            length += 1;
            moment(text[length - 1], seconds, nanos)
        }
        other => vec![b'%', *other],
    };
    let fill = width.saturating_sub(piece.len());
    let left = text[1..=flags].contains(&b'-');
    if !left {
        let zero = text[1..=flags].contains(&b'0') && piece.iter().all(u8::is_ascii_digit);
        out.extend(std::iter::repeat_n(if zero { b'0' } else { b' ' }, fill));
    }
    out.extend_from_slice(&piece);
    if left {
        out.extend(std::iter::repeat_n(b' ', fill));
    }
    length
}

pub fn listed(visit: &Visit<'_>) -> Bytes {
    let (user, group, inode, blocks) = owner(visit.status);
    let letter = kind(visit.status, visit.name);
    let (seconds, _) = since(time(visit.status, Clock::Modified));
    let (now, _) = since(crate::stream::now());
    let recent = now - seconds < 15_778_476 && seconds <= now + 3600;
    let date = strftime(if recent { "%b %e %H:%M" } else { "%b %e  %Y" }, seconds);
    let arrow = if letter == b'l' { format!(" -> {}", shown(&target(visit))) } else { String::new() };
    let line = format!(
        "{inode:9} {:6} {} {:3} {:8} {:8} {:8} {} {}{arrow}\n",
        blocks.div_ceil(2),
        letters(letter, mode(visit)),
        links(visit.status),
        name_of(user),
        name_of(group),
        visit.status.len(),
        shown(&date),
        shown(visit.name)
    );
    line.into_bytes()
}
