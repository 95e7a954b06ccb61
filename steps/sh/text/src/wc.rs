//! `wc`.

use crate::Exit;
use crate::options::{Bytes, Spec};
use crate::stream::{Out, Source, fail, file_reason, handle_status, path, shown};
use std::io::{self, Read};

#[derive(Default, Clone, Copy)]
struct Counts {
    lines: u64,
    words: u64,
    chars: u64,
    bytes: u64,
    longest: u64,
}

#[derive(Default)]
struct Columns {
    lines: bool,
    words: bool,
    chars: bool,
    bytes: bool,
    longest: bool,
}

impl Columns {
    fn count(&self) -> usize {
        [self.lines, self.words, self.chars, self.bytes, self.longest].iter().filter(|is| **is).count()
    }
}

pub fn wc(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "wc",
        usage: "[OPTION]... [FILE]...",
        options: "c,bytes m,chars l,lines files0-from= L,max-line-length w,words total=",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut columns = Columns {
        lines: parsed.has("lines"),
        words: parsed.has("words"),
        chars: parsed.has("chars"),
        bytes: parsed.has("bytes"),
        longest: parsed.has("max-line-length"),
    };
    if columns.count() == 0 {
        columns = Columns { lines: true, words: true, bytes: true, ..Columns::default() };
    }
    let mut files = parsed.files();
    let named = !parsed.operands.is_empty() || parsed.has("files0-from");
    if let Some(list) = parsed.last("files0-from") {
        let all = Source::open(list).and_then(|mut source| source.all());
        let all = all.map_err(|error| fail("wc", &format!("cannot open {}", file_reason(list, &error))))?;
        files = all.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect();
    }
    let width = if parsed.has("files0-from") { 1 } else { width(&files, columns.count()) };
    let mut out = Out::standard("wc");
    let (mut code, mut total) = (0, Counts::default());
    for name in &files {
        let mut counts = Counts::default();
        let done = Source::open(name).and_then(|source| count(source, &columns, &mut counts));
        if let Err(error) = done {
            out.flush();
            code = fail("wc", &file_reason(name, &error));
            // What can't be opened has no line, what can't be read has.
            if !path(name).is_dir() {
                continue;
            }
        }
        add(&mut total, &counts);
        let label = if named { shown(name) } else { String::new() };
        if parsed.last("total") != Some(b"only") {
            print(&counts, &columns, width, &label, &mut out);
        }
    }
    match parsed.last("total").unwrap_or(b"auto") {
        b"auto" if files.len() > 1 => print(&total, &columns, width, "total", &mut out),
        b"always" => print(&total, &columns, width, "total", &mut out),
        b"only" => print(&total, &columns, 1, "", &mut out),
        _ => {}
    }
    Ok(code)
}

/// As wide as the sum of the sizes; 7 where a size can't be known before.
fn width(files: &[Bytes], columns: usize) -> usize {
    if files.len() == 1 && columns == 1 {
        return 1;
    }
    let (mut sum, mut least) = (0, 1);
    for name in files {
        let status = if name == b"-" { handle_status(0) } else { std::fs::metadata(path(name)).ok() };
        match status {
            Some(status) if status.is_file() => sum += status.len(),
            Some(_) => least = 7,
            None => {}
        }
    }
    sum.to_string().len().max(least)
}

fn add(total: &mut Counts, counts: &Counts) {
    total.lines += counts.lines;
    total.words += counts.words;
    total.chars += counts.chars;
    total.bytes += counts.bytes;
    total.longest = total.longest.max(counts.longest);
}

fn print(counts: &Counts, columns: &Columns, width: usize, label: &str, out: &mut Out) {
    let asked = [
        (columns.lines, counts.lines),
        (columns.words, counts.words),
        (columns.chars, counts.chars),
        (columns.bytes, counts.bytes),
        (columns.longest, counts.longest),
    ];
    let mut shown: Vec<String> =
        asked.iter().filter(|(is, _)| *is).map(|(_, count)| format!("{count:width$}")).collect();
    if !label.is_empty() {
        shown.push(label.to_owned());
    }
    out.line(shown.join(" ").as_bytes());
}

/// Whether characters are those of UTF-8, by the locale that the environment names.
pub fn is_utf8() -> bool {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = value("LC_ALL").or_else(|| value("LC_CTYPE")).or_else(|| value("LANG")).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn count(mut source: Source, columns: &Columns, counts: &mut Counts) -> io::Result<()> {
    let mut block = vec![0; 64 << 10];
    let utf8 = is_utf8();
    let slow = columns.words || columns.longest;
    let (mut in_word, mut column) = (false, 0u64);
    if columns.bytes
        && columns.count() == 1
        && let Some(left) = source.left().filter(|left| *left > 0)
    {
        counts.bytes = left;
        return source.seek_by(left as i64).map(|_| ());
    }
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            counts.longest = counts.longest.max(column);
            return Ok(());
        }
        let text = &block[..read];
        counts.bytes += read as u64;
        counts.lines += memchr::memchr_iter(b'\n', text).count() as u64;
        if columns.chars {
            let starts = |byte: &&u8| !utf8 || (**byte & 0xc0) != 0x80;
            counts.chars += text.iter().filter(starts).count() as u64;
        }
        if !slow {
            continue;
        }
        for byte in text {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 11 | 12 => in_word = false,
                0..32 | 127 => {}
                128.. if !utf8 => {}
                _ if !in_word => {
                    in_word = true;
                    counts.words += 1;
                }
                _ => {}
            }
            match byte {
                b'\n' | b'\r' | 12 => {
                    counts.longest = counts.longest.max(column);
                    column = 0;
                }
                b'\t' => column += 8 - column % 8,
                32..127 => column += 1,
                0xc0.. if utf8 => column += 1,
                _ => {}
            }
        }
    }
}
