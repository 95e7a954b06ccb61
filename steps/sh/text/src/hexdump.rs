//! `hexdump`, which is `hd` too.
//!
//! Formats of one's own are `hexformat`'s.

use crate::Exit;
use crate::hexformat::Format;
use crate::number::any_base;
use crate::options::{Bytes, Spec};
use crate::stream::{Out, Source, complain, fail, file_reason, reason, shown};
use std::io::{self, Read};

/// Reads as much as there is, up to a length.
pub fn filled(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        match source.read(&mut bytes[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

pub fn printable(byte: u8) -> u8 {
    if (32..127).contains(&byte) { byte } else { b'.' }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Words,
    Canonical,
    Octal,
    Characters,
    Decimal,
    TwoOctal,
}

pub fn hexdump(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "hexdump",
        usage: "[options] <file>...",
        options: "b,one-byte-octal c,one-byte-char C,canonical d,two-bytes-decimal o,two-bytes-octal x,two-bytes-hex \
                  e,format= f,format-file= n,length= s,skip= v,no-squeezing",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut forms = Vec::new();
    let mut own: Vec<Format> = Vec::new();
    let (mut most, mut skip) = (u64::MAX, 0);
    for (name, value) in &parsed.options {
        let number = |what: &str| {
            any_base(value).ok_or_else(|| fail("hexdump", &format!("failed to parse {what}: '{}'", shown(value))))
        };
        match *name {
            "one-byte-octal" => forms.push(Form::Octal),
            "one-byte-char" => forms.push(Form::Characters),
            "canonical" => forms.push(Form::Canonical),
            "two-bytes-decimal" => forms.push(Form::Decimal),
            "two-bytes-octal" => forms.push(Form::TwoOctal),
            "two-bytes-hex" => forms.push(Form::Words),
            "length" => most = number("length")?,
            "skip" => skip = number("offset")?,
            "format" => own.push(Format::new(value).map_err(|text| fail("hexdump", &text))?),
            "format-file" => {
                let text = Source::open(value).and_then(|mut source| source.all());
                let text = text.map_err(|error| fail("hexdump", &file_reason(value, &error)))?;
                for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
                    if !line.is_empty() && !line.starts_with(b"#") {
                        own.push(Format::new(line).map_err(|text| fail("hexdump", &text))?);
                    }
                }
            }
            _ => {}
        }
    }
    if args.first().is_some_and(|name| name == b"hd" || name.ends_with(b"/hd")) {
        forms.push(Form::Canonical);
    }
    let wide = forms.contains(&Form::Words);
    if forms.is_empty() {
        forms.push(Form::Words);
    }
    let mut code = 0;
    let mut all: Box<dyn Read> = Box::new(io::empty());
    let mut any = false;
    for name in parsed.files() {
        match Source::open(&name) {
            Ok(source) => {
                any = true;
                all = Box::new(all.chain(source));
            }
            Err(error) => code = fail("hexdump", &file_reason(&name, &error)),
        }
    }
    if !any {
        complain("hexdump", "all input file arguments failed");
        return Err(1);
    }
    if !own.is_empty() {
        let done = formatted(&mut all, own, skip, most, parsed.has("no-squeezing"));
        return done.map(|()| code).map_err(|error| fail("hexdump", &reason(&error)));
    }
    let done = dump(&mut all, &forms, wide, skip, most, parsed.has("no-squeezing"));
    done.map(|()| code).map_err(|error| fail("hexdump", &reason(&error)))
}

/// By formats of one's own, all of which show the same block.
fn formatted(all: &mut dyn Read, mut formats: Vec<Format>, skip: u64, mut left: u64, repeats: bool) -> io::Result<()> {
    let mut all = all;
    let mut place = io::copy(&mut (&mut all).take(skip), &mut io::sink())?;
    let size = formats.iter().map(Format::size).max().unwrap_or(0).max(1);
    formats.iter_mut().for_each(|format| format.stretch(size));
    let mut out = Out::standard("hexdump");
    let (mut before, mut starred, mut text) = (None, false, Bytes::new());
    loop {
        let mut block = vec![0; size];
        let length = filled(&mut all, &mut block[..left.min(size as u64) as usize])?;
        if length == 0 {
            return Ok(());
        }
        left -= length as u64;
        if length == size && !repeats && before.as_ref() == Some(&block) {
            if !std::mem::replace(&mut starred, true) {
                out.put(b"*\n");
            }
        } else {
            starred = false;
            text.clear();
            formats.iter().for_each(|format| format.show(&block, length, place, &mut text));
            out.put(&text);
        }
        place += length as u64;
        before = (length == size).then_some(block);
    }
}

fn dump(all: &mut dyn Read, forms: &[Form], wide: bool, skip: u64, mut left: u64, repeats: bool) -> io::Result<()> {
    let mut all = all;
    let mut place = io::copy(&mut (&mut all).take(skip), &mut io::sink())?;
    let mut out = Out::standard("hexdump");
    let mut before: Option<[u8; 16]> = None;
    let mut starred = false;
    let canonical = forms[0] == Form::Canonical;
    let mut any = false;
    loop {
        let mut line = [0; 16];
        let length = filled(&mut all, &mut line[..left.min(16) as usize])?;
        if length == 0 {
            break;
        }
        any = true;
        left -= length as u64;
        if length == 16 && !repeats && before == Some(line) {
            if !std::mem::replace(&mut starred, true) {
                out.put(b"*\n");
            }
        } else {
            starred = false;
            for form in forms {
                shown_line(*form, &line, length, place, wide, &mut out);
            }
        }
        before = (length == 16).then_some(line);
        place += length as u64;
    }
    if any || skip > 0 {
        out.line(if canonical { format!("{place:08x}") } else { format!("{place:07x}") }.as_bytes());
    }
    Ok(())
}

fn shown_line(form: Form, line: &[u8; 16], length: usize, place: u64, wide: bool, out: &mut Out) {
    let mut text = if form == Form::Canonical { format!("{place:08x}") } else { format!("{place:07x}") };
    let words = || line.chunks(2).take(length.div_ceil(2)).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let (shown, width) = match form {
        Form::Canonical => {
            for (at, byte) in line.iter().enumerate() {
                if at % 8 == 0 {
                    text.push(' ');
                }
                text.push_str(&if at < length { format!(" {byte:02x}") } else { "   ".to_owned() });
            }
            let ascii: String = line[..length].iter().map(|byte| printable(*byte) as char).collect();
            return out.line(format!("{text}  |{ascii}|").as_bytes());
        }
        Form::Words if wide => (words().map(|word| format!("    {word:04x}")).collect::<String>(), 64),
        Form::Words => (words().map(|word| format!(" {word:04x}")).collect(), 40),
        Form::Octal => (line[..length].iter().map(|byte| format!(" {byte:03o}")).collect(), 64),
        Form::Characters => (line[..length].iter().map(|byte| format!(" {:>3}", letter(*byte))).collect(), 64),
        Form::Decimal => (words().map(|word| format!("   {word:05}")).collect(), 64),
        Form::TwoOctal => (words().map(|word| format!("  {word:06o}")).collect(), 64),
    };
    out.line(format!("{text}{shown:<width$}").as_bytes());
}

pub fn letter(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        7 => "\\a".to_owned(),
        8 => "\\b".to_owned(),
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        11 => "\\v".to_owned(),
        12 => "\\f".to_owned(),
        13 => "\\r".to_owned(),
        32..127 => (byte as char).to_string(),
        byte => format!("{byte:03o}"),
    }
}
