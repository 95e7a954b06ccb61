//! `cut` and `paste`.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Spec};
use crate::stream::{Lines, Out, bare, fail, file_reason, shown};

/// Ranges of places, from 1, in order and apart.
struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    fn new(text: &[u8], is_fields: bool) -> Result<Self, String> {
        let what = if is_fields { "fields" } else { "byte/character positions" };
        let mut ranges = Vec::new();
        for part in text.split(|byte| matches!(byte, b',' | b' ' | b'\t')) {
            let number = |digits: &[u8]| match plain(digits) {
                Some(0) => Err(format!("{what} are numbered from 1")),
                Some(number) => Ok(number),
                None if is_fields => Err(format!("invalid field value '{}'", shown(digits))),
                None => Err(format!("invalid byte/character position '{}'", shown(digits))),
            };
            let range = match part.iter().position(|byte| *byte == b'-') {
                None => {
                    let at = number(part)?;
                    (at, at)
                }
                Some(_) if part.len() == 1 => return Err("invalid range with no endpoint: -".to_owned()),
                Some(at) => {
                    let (from, to) = (&part[..at], &part[at + 1..]);
                    let from = if from.is_empty() { 1 } else { number(from)? };
                    let to = if to.is_empty() { u64::MAX } else { number(to)? };
                    (from, to)
                }
            };
            if range.0 > range.1 {
                return Err("invalid decreasing range".to_owned());
            }
            ranges.push(range);
        }
        ranges.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (from, to) in ranges {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        Ok(Self(joined))
    }

    fn complement(&mut self) {
        let mut others = Vec::new();
        let mut from = 1;
        for (start, end) in &self.0 {
            if *start > from {
                others.push((from, start - 1));
            }
            from = end.saturating_add(1);
        }
        if from < u64::MAX {
            others.push((from, u64::MAX));
        }
        self.0 = others;
    }
}

struct Cut {
    ranges: Ranges,
    by_fields: bool,
    separator: u8,
    between: Option<Bytes>,
    only_separated: bool,
    end: u8,
}

pub fn cut(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "cut",
        usage: "OPTION... [FILE]...",
        options: "b,bytes= c,characters= d,delimiter= f,fields= n complement s,only-delimited output-delimiter= \
                  z,zero-terminated",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let lists: Vec<_> =
        parsed.options.iter().filter(|(name, _)| ["bytes", "characters", "fields"].contains(name)).collect();
    let (kind, list) = match lists.as_slice() {
        [] => return Err(spec.wrong("you must specify a list of bytes, characters, or fields")),
        [(kind, list)] => (*kind, list),
        _ => return Err(spec.wrong("only one list may be specified")),
    };
    let by_fields = kind == "fields";
    let delimiter = parsed.last("delimiter");
    if delimiter.is_some_and(|delimiter| delimiter.len() > 1) {
        return Err(spec.wrong("the delimiter must be a single character"));
    }
    if delimiter.is_some() && !by_fields {
        return Err(spec.wrong("an input delimiter may be specified only when operating on fields"));
    }
    if parsed.has("only-delimited") && !by_fields {
        return Err(spec.wrong("suppressing non-delimited lines makes sense\n\tonly when operating on fields"));
    }
    let mut ranges = Ranges::new(list, by_fields).map_err(|text| spec.wrong(&text))?;
    if parsed.has("complement") {
        ranges.complement();
    }
    let cut = Cut {
        ranges,
        by_fields,
        separator: delimiter.map_or(b'\t', |delimiter| delimiter.first().copied().unwrap_or(0)),
        between: parsed.last("output-delimiter").map(|between| match between {
            [] => vec![0],
            between => between.to_vec(),
        }),
        only_separated: parsed.has("only-delimited"),
        end: if parsed.has("zero-terminated") { 0 } else { b'\n' },
    };
    let mut out = Out::standard("cut");
    let mut code = 0;
    for name in parsed.files() {
        let done = Lines::open(&name, cut.end).and_then(|mut lines| {
            while let Some(line) = lines.bare()? {
                if cut.by_fields {
                    cut.fields(line, &mut out);
                } else {
                    cut.bytes(line, &mut out);
                }
            }
            Ok(())
        });
        if let Err(error) = done {
            out.flush();
            code = fail("cut", &file_reason(&name, &error));
        }
    }
    Ok(code)
}

impl Cut {
    fn bytes(&self, line: &[u8], out: &mut Out) {
        let mut first = true;
        for (from, to) in &self.ranges.0 {
            let from = (*from - 1).min(line.len() as u64) as usize;
            let to = (*to).min(line.len() as u64) as usize;
            if from >= to {
                break;
            }
            if let (false, Some(between)) = (first, &self.between) {
                out.put(between);
            }
            out.put(&line[from..to]);
            first = false;
        }
        out.byte(self.end);
    }

    fn fields(&self, line: &[u8], out: &mut Out) {
        // Where a line is one field, it is all or nothing.
        if memchr::memchr(self.separator, line).is_none() {
            if !self.only_separated {
                out.put(line);
                out.byte(self.end);
            }
            return;
        }
        let (mut field, mut at, mut first, mut ranges) = (1u64, 0, true, self.ranges.0.iter());
        let mut range = ranges.next();
        while let Some((from, to)) = range {
            let end = memchr::memchr(self.separator, &line[at..]).map(|end| at + end);
            if field >= *from {
                if !first {
                    out.put(self.between.as_deref().unwrap_or(&[self.separator]));
                }
                first = false;
                out.put(&line[at..end.unwrap_or(line.len())]);
            }
            let Some(end) = end else { break };
            at = end + 1;
            field += 1;
            if field > *to {
                range = ranges.next();
            }
        }
        out.byte(self.end);
    }
}

pub fn paste(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "paste",
        usage: "[OPTION]... [FILE]...",
        options: "d,delimiters= s,serial z,zero-terminated",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let end = if parsed.has("zero-terminated") { 0 } else { b'\n' };
    let between = match parsed.last("delimiters") {
        None => vec![Some(b'\t')],
        Some([]) => vec![None],
        Some(list) => delimiters(list)?,
    };
    let files = parsed.files();
    let mut out = Out::standard("paste");
    if parsed.has("serial") {
        return serial(&files, &between, end, &mut out);
    }
    let mut inputs = Vec::new();
    let standard = files.iter().position(|name| name == b"-");
    for (index, name) in files.iter().enumerate() {
        // Standard input named twice is read by turns.
        inputs.push(match standard {
            Some(first) if name == b"-" && index > first => Err(first),
            _ => Ok(Some(Lines::open(name, end).map_err(|error| fail("paste", &file_reason(name, &error)))?)),
        });
    }
    let mut code = 0;
    loop {
        let (mut row, mut any) = (Bytes::new(), false);
        for index in 0..inputs.len() {
            if index > 0 {
                row.extend(between[(index - 1) % between.len()]);
            }
            let source = match &inputs[index] {
                Err(first) => *first,
                Ok(_) => index,
            };
            let Ok(Some(lines)) = &mut inputs[source] else { continue };
            match lines.next() {
                Ok(Some(line)) => {
                    row.extend_from_slice(bare(line, end));
                    any = true;
                }
                Ok(None) => inputs[source] = Ok(None),
                Err(error) => {
                    out.flush();
                    code = fail("paste", &file_reason(&files[source], &error));
                    inputs[source] = Ok(None);
                }
            }
        }
        if !any {
            return Ok(code);
        }
        out.put(&row);
        out.byte(end);
    }
}

/// The bytes between, of which `\0` is none.
fn delimiters(list: &[u8]) -> Result<Vec<Option<u8>>, i32> {
    let mut made = Vec::new();
    let mut bytes = list.iter();
    while let Some(byte) = bytes.next() {
        made.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'0') => None,
                Some(b'n') => Some(b'\n'),
                Some(b't') => Some(b'\t'),
                Some(b'r') => Some(b'\r'),
                Some(b'b') => Some(8),
                Some(b'f') => Some(12),
                Some(b'v') => Some(11),
                Some(other) => Some(*other),
                None => {
                    let text = format!("delimiter list ends with an unescaped backslash: {}", shown(list));
                    return Err(fail("paste", &text));
                }
            },
            byte => Some(*byte),
        });
    }
    Ok(made)
}

fn serial(files: &[Bytes], between: &[Option<u8>], end: u8, out: &mut Out) -> Exit {
    let mut code = 0;
    for name in files {
        let done = Lines::open(name, end).and_then(|mut lines| {
            let mut count = 0;
            while let Some(line) = lines.bare()? {
                if count > 0 {
                    out.put(between[(count - 1) % between.len()].as_slice());
                }
                out.put(line);
                count += 1;
            }
            out.byte(end);
            Ok(())
        });
        if let Err(error) = done {
            out.flush();
            code = fail("paste", &file_reason(name, &error));
        }
    }
    Ok(code)
}
