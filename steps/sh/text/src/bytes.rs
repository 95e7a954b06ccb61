//! `tr`, which maps bytes, and `rev`.

use crate::Exit;
use crate::options::{Bytes, Spec};
use crate::stream::{Lines, Out, Source, fail, file_reason, reason, shown};
use std::io::Read;

pub fn rev(args: &[Bytes]) -> Exit {
    let spec = Spec { name: "rev", usage: "[options] [file ...]", options: "0,zero", wrong: 1, mixed: true };
    let parsed = spec.parse(args)?;
    let delimiter = if parsed.has("zero") { 0 } else { b'\n' };
    let mut out = Out::standard("rev");
    let mut code = 0;
    for name in parsed.files() {
        let done = Lines::open(&name, delimiter).and_then(|mut lines| {
            while let Some(line) = lines.next()? {
                let ended = line.ends_with(&[delimiter]);
                let mut text = crate::stream::bare(line, delimiter).to_vec();
                // Characters of UTF-8 stay whole, as a script that reverses words expects.
                text.reverse();
                restore_characters(&mut text);
                out.put(&text);
                if ended {
                    out.byte(delimiter);
                }
            }
            Ok(())
        });
        if let Err(error) = done {
            out.flush();
            code = fail("rev", &format!("cannot open {}", file_reason(&name, &error)));
        }
    }
    Ok(code)
}

fn restore_characters(text: &mut [u8]) {
    let mut from = 0;
    for at in 0..text.len() {
        if text[at] & 0xc0 != 0x80 {
            if text[at] >= 0xc0 {
                text[from..=at].reverse();
            }
            from = at + 1;
        }
    }
}

/// A set of `tr`: its bytes in order, and where it may be filled up (`[x*]`).
struct Set {
    bytes: Bytes,
    fill: Option<(usize, u8)>,
    classes: Vec<(usize, &'static str)>,
}

pub fn tr(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "tr",
        usage: "[OPTION]... STRING1 [STRING2]",
        options: "c,complement C d,delete s,squeeze-repeats t,truncate-set1",
        wrong: 1,
        mixed: false,
    };
    let parsed = spec.parse(args)?;
    let delete = parsed.has("delete");
    let squeeze = parsed.has("squeeze-repeats");
    let complement = parsed.has("complement") || parsed.has("C");
    let wanted = if delete == squeeze { 2 } else { 1 };
    let sets = &parsed.operands;
    if sets.is_empty() {
        return Err(spec.wrong("missing operand"));
    }
    if sets.len() < wanted {
        let text = format!("missing operand after '{}'", shown(&sets[0]));
        crate::stream::complain("tr", &text);
        let why = if delete {
            "Two strings must be given when both deleting and squeezing repeats."
        } else {
            "Two strings must be given when translating."
        };
        eprintln!("{why}");
        return Err(spec.wrong(""));
    }
    if sets.len() > 2 || (delete && !squeeze && sets.len() > 1) {
        let extra = &sets[if delete && !squeeze { 1 } else { 2 }];
        crate::stream::complain("tr", &format!("extra operand '{}'", shown(extra)));
        if sets.len() == 2 {
            eprintln!("Only one string may be given when deleting without squeezing repeats.");
        }
        return Err(spec.wrong(""));
    }
    let mut first = set(&sets[0], None)?;
    if complement {
        let inside = table(&first.bytes);
        first.bytes = (0..=255u8).filter(|byte| !inside[usize::from(*byte)]).collect();
        first.classes.clear();
    }
    let second = sets.get(1).map(|text| set(text, Some(first.bytes.len()))).transpose()?;
    let mut map: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    let mut squeezed = [false; 256];
    let deleted = if delete { table(&first.bytes) } else { [false; 256] };
    match &second {
        Some(second) if !delete => {
            translate(&first, second, parsed.has("truncate-set1"), complement, &mut map)?;
            if squeeze {
                squeezed = table(&second.bytes);
            }
        }
        Some(second) => squeezed = table(&second.bytes),
        None if squeeze => squeezed = table(&first.bytes),
        None => {}
    }
    copy(&map, &deleted, &squeezed)
}

fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    bytes.iter().for_each(|byte| table[usize::from(*byte)] = true);
    table
}

fn translate(first: &Set, second: &Set, truncate: bool, complement: bool, map: &mut [u8; 256]) -> Result<(), i32> {
    // `[:lower:]` and `[:upper:]` at the same place mean each other's letters, whatever order classes have.
    for (at, class) in &second.classes {
        let partner = first.classes.iter().find(|(place, _)| place == at);
        let is_case = |class: &str| class == "lower" || class == "upper";
        if !(is_case(class) && (partner.is_some_and(|(_, other)| is_case(other)) || complement)) {
            let text = "when translating, the only character classes that may appear in\n\
                        string2 are 'upper' and 'lower'";
            let misaligned = "misaligned [:upper:] and/or [:lower:] construct";
            return Err(fail("tr", if is_case(class) { misaligned } else { text }));
        }
    }
    let Some(last) = second.bytes.last() else {
        if truncate || first.bytes.is_empty() {
            return Ok(());
        }
        return Err(fail("tr", "when not truncating set1, string2 must be non-empty"));
    };
    for (at, byte) in first.bytes.iter().enumerate() {
        match second.bytes.get(at) {
            Some(to) => map[usize::from(*byte)] = *to,
            None if truncate => {}
            None => map[usize::from(*byte)] = *last,
        }
    }
    Ok(())
}

fn copy(map: &[u8; 256], deleted: &[bool; 256], squeezed: &[bool; 256]) -> Exit {
    let mut source = Source::Handle(0);
    let mut out = Out::standard("tr");
    let mut block = vec![0; 64 << 10];
    let mut last = None;
    let plain = !deleted.contains(&true) && !squeezed.contains(&true);
    loop {
        let read = match source.read(&mut block) {
            Ok(0) => return Ok(0),
            Ok(read) => read,
            Err(error) => return Err(fail("tr", &format!("read error: {}", reason(&error)))),
        };
        if plain {
            block[..read].iter_mut().for_each(|byte| *byte = map[usize::from(*byte)]);
            out.put(&block[..read]);
        } else {
            let mut kept = 0;
            for at in 0..read {
                let byte = block[at];
                if deleted[usize::from(byte)] {
                    continue;
                }
                let byte = map[usize::from(byte)];
                if squeezed[usize::from(byte)] && last == Some(byte) {
                    continue;
                }
                last = Some(byte);
                block[kept] = byte;
                kept += 1;
            }
            out.put(&block[..kept]);
        }
        out.flush();
    }
}

/// A class: its name, and whether a byte is in it.
type Class = (&'static str, fn(&u8) -> bool);

/// The bytes of a class by its name.
pub fn class(name: &[u8]) -> Option<Class> {
    let found: Class = match name {
        b"alnum" => ("alnum", u8::is_ascii_alphanumeric),
        b"alpha" => ("alpha", u8::is_ascii_alphabetic),
        b"blank" => ("blank", |byte| *byte == b' ' || *byte == b'\t'),
        b"cntrl" => ("cntrl", u8::is_ascii_control),
        b"digit" => ("digit", u8::is_ascii_digit),
        b"graph" => ("graph", u8::is_ascii_graphic),
        b"lower" => ("lower", u8::is_ascii_lowercase),
        b"print" => ("print", |byte| byte.is_ascii_graphic() || *byte == b' '),
        b"punct" => ("punct", u8::is_ascii_punctuation),
        b"space" => ("space", |byte| byte.is_ascii_whitespace() || *byte == 11),
        b"upper" => ("upper", u8::is_ascii_uppercase),
        b"xdigit" => ("xdigit", u8::is_ascii_hexdigit),
        _ => return None,
    };
    Some(found)
}

/// A byte at the start of the text, and how long it is written.
fn escaped(text: &[u8]) -> (u8, usize) {
    let simple = |byte| (byte, 2);
    match text {
        [b'\\', b'0'..=b'7', ..] => {
            let digits = text[1..].iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let value = |count: usize| text[1..=count].iter().fold(0u32, |n, byte| n * 8 + u32::from(byte - b'0'));
            let digits = if value(digits) > 255 { 2 } else { digits };
            (value(digits) as u8, digits + 1)
        }
        [b'\\', b'a', ..] => simple(7),
        [b'\\', b'b', ..] => simple(8),
        [b'\\', b'f', ..] => simple(12),
        [b'\\', b'n', ..] => simple(10),
        [b'\\', b'r', ..] => simple(13),
        [b'\\', b't', ..] => simple(9),
        [b'\\', b'v', ..] => simple(11),
        [b'\\', other, ..] => simple(*other),
        [byte, ..] => (*byte, 1),
        [] => (0, 0),
    }
}

fn set(text: &[u8], fill_to: Option<usize>) -> Result<Set, i32> {
    let mut set = Set { bytes: Bytes::new(), fill: None, classes: Vec::new() };
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(b"[:")
            && let Some(end) = memchr::memmem::find(&rest[2..], b":]")
        {
            let name = &rest[2..end + 2];
            let Some((name, inside)) = class(name) else {
                return Err(fail("tr", &format!("invalid character class '{}'", shown(name))));
            };
            set.classes.push((set.bytes.len(), name));
            set.bytes.extend((0..=255u8).filter(inside));
            at += end + 4;
            continue;
        }
        if rest.starts_with(b"[=") && rest.len() >= 5 && rest[3..].starts_with(b"=]") {
            set.bytes.push(rest[2]);
            at += 5;
            continue;
        }
        if rest[0] == b'[' && rest.len() > 2 {
            let (byte, length) = escaped(&rest[1..]);
            let after = &rest[1 + length..];
            if after.starts_with(b"*")
                && let Some(end) = after.iter().position(|byte| *byte == b']')
            {
                let digits = &after[1..end];
                let base = if digits.starts_with(b"0") { 8 } else { 10 };
                let count = std::str::from_utf8(digits).ok().and_then(|digits| match digits {
                    "" => Some(0),
                    digits => usize::from_str_radix(digits, base).ok(),
                });
                if let Some(count) = count {
                    match (count, fill_to) {
                        (0, None) => return Err(fail("tr", "the [c*] repeat construct may not appear in string1")),
                        (0, _) => set.fill = Some((set.bytes.len(), byte)),
                        (count, _) => set.bytes.extend(std::iter::repeat_n(byte, count)),
                    }
                    at += 1 + length + end + 1;
                    continue;
                }
            }
        }
        let (byte, length) = escaped(rest);
        at += length;
        let rest = &text[at..];
        if rest.len() > 1 && rest[0] == b'-' {
            let (to, length) = escaped(&rest[1..]);
            if to < byte {
                let text = format!(
                    "range-endpoints of '{}-{}' are in reverse collating sequence order",
                    byte as char, to as char
                );
                return Err(fail("tr", &text));
            }
            set.bytes.extend(byte..=to);
            at += 1 + length;
        } else {
            set.bytes.push(byte);
        }
    }
    filled(&mut set, fill_to);
    Ok(set)
}

/// Lets `[c*]` take the room that is left.
fn filled(set: &mut Set, fill_to: Option<usize>) {
    if let (Some((place, byte)), Some(length)) = (set.fill, fill_to) {
        let missing = length.saturating_sub(set.bytes.len());
        let tail = set.bytes.split_off(place);
        set.bytes.extend(std::iter::repeat_n(byte, missing));
        set.bytes.extend(tail);
    }
}
