//! `tail`, which may follow a file that grows.

use crate::Exit;
use crate::head::{Headers, modern};
use crate::number::sized;
use crate::options::{Bytes, Spec};
use crate::stream::{Lines, Out, Source, complain, fail, file_reason, path, reason, shown};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;

const BLOCK: usize = 32 << 10;

#[derive(Clone, Copy)]
enum Amount {
    Last(u64),
    From(u64),
}

struct Ask {
    amount: Amount,
    is_lines: bool,
    delimiter: u8,
    follow: bool,
    by_name: bool,
    sleep: Duration,
    headers: Option<bool>,
}

pub fn tail(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "tail",
        usage: "[OPTION]... [FILE]...",
        options: "c,bytes= f,follow? F n,lines= q,quiet silent s,sleep-interval= v,verbose z,zero-terminated retry #",
        wrong: 1,
        mixed: true,
    };
    // `-f` takes no value though `--follow` may; `+5` is an old form of `-n +5`.
    let mut args = modern(args);
    for arg in args.iter_mut().skip(1) {
        let letters = arg.len() > 1 && arg[0] == b'-' && arg[1] != b'-';
        if letters && arg[1..].iter().all(|byte| b"fqvz".contains(byte)) && arg.contains(&b'f') {
            let others = arg.iter().copied().filter(|byte| *byte != b'f' && *byte != b'-');
            *arg = [b"-".to_vec(), others.collect(), b"f".to_vec()].concat();
        }
    }
    if args.get(1).is_some_and(|arg| arg.len() > 1 && arg[0] == b'+' && arg[1..].iter().all(u8::is_ascii_digit)) {
        args[1] = [b"--lines=", args[1].as_slice()].concat();
    }
    let parsed = spec.parse(&args)?;
    let ask = asked(&parsed)?;
    if parsed.has("retry") && !ask.follow {
        complain("tail", "warning: --retry ignored; --retry is useful only when following");
    }
    let files = parsed.files();
    let mut headers = Headers::new(ask.headers.unwrap_or(files.len() > 1));
    let mut out = Out::standard("tail");
    let mut code = 0;
    let mut followed = Vec::new();
    for name in files {
        match Source::open(&name) {
            Ok(source) => {
                headers.print(&name, &mut out);
                match last(source, &ask, &mut out) {
                    Ok(source) => followed.push((name, Some(source))),
                    Err(error) => {
                        out.flush();
                        let text = file_reason(&name, &error);
                        let text = text.split_once(": ").map_or("", |(_, why)| why);
                        code = fail("tail", &format!("error reading '{}': {text}", shown(&name)));
                    }
                }
            }
            Err(error) => {
                out.flush();
                code = fail("tail", &format!("cannot open '{}' for reading: {}", shown(&name), reason(&error)));
                if ask.by_name {
                    followed.push((name, None));
                }
            }
        }
    }
    if ask.follow && !followed.is_empty() {
        follow(&mut followed, &ask, &mut headers, &mut out);
    }
    Ok(code)
}

fn asked(parsed: &crate::options::Parsed) -> Result<Ask, i32> {
    let mut ask = Ask {
        amount: Amount::Last(10),
        is_lines: true,
        delimiter: b'\n',
        follow: false,
        by_name: false,
        sleep: Duration::from_secs(1),
        headers: None,
    };
    for (name, value) in &parsed.options {
        match *name {
            "lines" | "bytes" | "#" => {
                ask.is_lines = *name != "bytes";
                let number = |digits: &[u8]| {
                    let what = if *name == "bytes" { "bytes" } else { "lines" };
                    sized(digits).ok_or_else(|| fail("tail", &format!("invalid number of {what}: '{}'", shown(value))))
                };
                ask.amount = match value.first() {
                    Some(b'+') => Amount::From(number(&value[1..])?),
                    Some(b'-') => Amount::Last(number(&value[1..])?),
                    _ => Amount::Last(number(value)?),
                };
            }
            "follow" => {
                ask.follow = true;
                ask.by_name |= value == b"name";
            }
            "F" => (ask.follow, ask.by_name) = (true, true),
            "retry" => ask.by_name = true,
            "quiet" | "silent" => ask.headers = Some(false),
            "verbose" => ask.headers = Some(true),
            "zero-terminated" => ask.delimiter = 0,
            "sleep-interval" => {
                let seconds = std::str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok());
                let valid = seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
                let wrong = || fail("tail", &format!("invalid number of seconds: '{}'", shown(value)));
                ask.sleep = Duration::from_secs_f64(valid.ok_or_else(wrong)?);
            }
            _ => {}
        }
    }
    Ok(ask)
}

fn last(mut source: Source, ask: &Ask, out: &mut Out) -> io::Result<Source> {
    match (ask.amount, ask.is_lines) {
        (Amount::From(from), true) => {
            let mut lines = Lines::new(source, ask.delimiter);
            for _ in 1..from {
                if lines.next()?.is_none() {
                    break;
                }
            }
            out.put(lines.ahead());
            source = lines.into_source();
            copy(&mut source, out)?;
        }
        (Amount::From(from), false) => {
            let skipped = from.saturating_sub(1);
            match source.left() {
                Some(left) => drop(source.seek_by(left.min(skipped) as i64)?),
                None => drop(io::copy(&mut (&mut source).take(skipped), &mut io::sink())?),
            }
            copy(&mut source, out)?;
        }
        (Amount::Last(count), is_lines) => match source.left() {
            Some(left) if left > 0 => from_end(&mut source, left, count, is_lines.then_some(ask.delimiter), out)?,
            _ if is_lines => last_lines(&mut source, count, ask.delimiter, out)?,
            _ => last_bytes(&mut source, count, out)?,
        },
    }
    Ok(source)
}

fn copy(source: &mut Source, out: &mut Out) -> io::Result<bool> {
    let mut block = vec![0; BLOCK];
    let mut some = false;
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            return Ok(some);
        }
        some = true;
        out.put(&block[..read]);
    }
}

/// Of a file: looks back from its end for where to begin.
fn from_end(source: &mut Source, left: u64, count: u64, delimiter: Option<u8>, out: &mut Out) -> io::Result<()> {
    let Some(delimiter) = delimiter else {
        source.seek_by(left.saturating_sub(count) as i64)?;
        return copy(source, out).map(|_| ());
    };
    source.seek_by(left as i64)?;
    let (mut unread, mut found, mut begin) = (left, 0u64, 0u64);
    let mut block = vec![0; BLOCK];
    'blocks: while unread > 0 && count > 0 {
        let size = unread.min(BLOCK as u64) as usize;
        source.seek_by(-(size as i64))?;
        source.read_exact(&mut block[..size])?;
        source.seek_by(-(size as i64))?;
        let mut end = if unread == left { size - 1 } else { size };
        unread -= size as u64;
        while let Some(at) = memchr::memrchr(delimiter, &block[..end]) {
            found += 1;
            if found == count {
                begin = unread + at as u64 + 1;
                break 'blocks;
            }
            end = at;
        }
    }
    if count == 0 {
        return Ok(());
    }
    source.seek_by(begin as i64 - unread as i64)?;
    copy(source, out).map(|_| ())
}

/// Of a pipe: holds blocks, and lets go of those that the last lines can't be in.
fn last_lines(source: &mut Source, count: u64, delimiter: u8, out: &mut Out) -> io::Result<()> {
    let mut held: VecDeque<(Bytes, u64)> = VecDeque::new();
    let mut lines = 0;
    loop {
        let mut block = vec![0; BLOCK];
        let read = source.read(&mut block)?;
        if read == 0 {
            break;
        }
        block.truncate(read);
        let inside = memchr::memchr_iter(delimiter, &block).count() as u64;
        lines += inside;
        match held.back_mut() {
            Some((last, its)) if last.len() + read <= BLOCK => {
                last.extend_from_slice(&block);
                *its += inside;
            }
            _ => held.push_back((block, inside)),
        }
        while held.front().is_some_and(|(_, first)| lines - first > count) {
            lines -= held.pop_front().map_or(0, |(_, first)| first);
        }
    }
    let unended = held.back().is_some_and(|(block, _)| block.last() != Some(&delimiter));
    let mut skip = (lines + u64::from(unended)).saturating_sub(count);
    for (block, _) in held {
        let mut from = 0;
        while skip > 0 {
            match memchr::memchr(delimiter, &block[from..]) {
                Some(at) => from += at + 1,
                None => {
                    from = block.len();
                    break;
                }
            }
            skip -= 1;
        }
        if count > 0 {
            out.put(&block[from..]);
        }
    }
    Ok(())
}

fn last_bytes(source: &mut Source, count: u64, out: &mut Out) -> io::Result<()> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut held = Bytes::new();
    let mut block = vec![0; BLOCK];
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            break;
        }
        held.extend_from_slice(&block[..read]);
        if held.len() > count.saturating_mul(2).max(BLOCK * 4) {
            held.drain(..held.len() - count);
        }
    }
    out.put(&held[held.len().saturating_sub(count)..]);
    Ok(())
}

/// Looks for more, for ever: whoever wants it to end ends the program.
fn follow(files: &mut [(Bytes, Option<Source>)], ask: &Ask, headers: &mut Headers, out: &mut Out) {
    let mut shown_last = files.len() - 1;
    loop {
        out.flush();
        std::thread::sleep(ask.sleep);
        for (index, (name, source)) in files.iter_mut().enumerate() {
            if source.is_none() {
                *source = File::open(path(name)).ok().map(Source::File);
            }
            let Some(open) = source else { continue };
            if let Source::File(file) = &mut *open {
                let length = file.metadata().map_or(0, |status| status.len());
                if open.place().is_ok_and(|place| place > length) {
                    complain("tail", &format!("{}: file truncated", shown(name)));
                    *open = match File::open(path(name)) {
                        Ok(file) => Source::File(file),
                        Err(_) => continue,
                    };
                }
            }
            let mut block = vec![0; BLOCK];
            while let Ok(read @ 1..) = open.read(&mut block) {
                if index != shown_last {
                    headers.print(name, out);
                    shown_last = index;
                }
                out.put(&block[..read]);
            }
        }
    }
}
