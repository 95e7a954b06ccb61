//! `nl`, which numbers lines, and `fold`, which breaks them.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Spec};
use crate::regex::{Flavour, How, Lines as Ends, Regex};
use crate::stream::{Lines, Out, bare, fail, file_reason, shown};

/// Which lines of a section are numbered.
enum Style {
    All,
    Filled,
    None,
    Like(Box<Regex>),
}

struct Number {
    styles: [Style; 3],
    delimiter: Bytes,
    increment: i64,
    join_blank: u64,
    format: u8,
    renumber: bool,
    separator: Bytes,
    start: i64,
    width: usize,
    section: usize,
    number: i64,
    blanks: u64,
}

fn style(value: &[u8]) -> Result<Style, i32> {
    match value {
        b"a" => Ok(Style::All),
        b"t" => Ok(Style::Filled),
        b"n" => Ok(Style::None),
        [b'p', pattern @ ..] => {
            let how = How { flavour: Flavour::Basic, escapes: false, ignore_case: false, lines: Ends::One };
            Regex::new(pattern, how).map(|regex| Style::Like(Box::new(regex))).map_err(|text| fail("nl", &text))
        }
        _ => Err(0),
    }
}

/// Numbering where nothing is said.
fn plain_number() -> Number {
    Number {
        styles: [Style::None, Style::Filled, Style::None],
        delimiter: b"\\:".to_vec(),
        increment: 1,
        join_blank: 1,
        format: b'r',
        renumber: true,
        separator: b"\t".to_vec(),
        start: 1,
        width: 6,
        section: 1,
        number: 1,
        blanks: 0,
    }
}

pub fn nl(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "nl",
        usage: "[OPTION]... [FILE]...",
        options: "b,body-numbering= d,section-delimiter= f,footer-numbering= h,header-numbering= i,line-increment= \
                  l,join-blank-lines= n,number-format= p,no-renumber s,number-separator= v,starting-line-number= \
                  w,number-width=",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut nl = plain_number();
    for (name, value) in &parsed.options {
        let whole = |what: &str| {
            let (minus, digits) = value.strip_prefix(b"-").map_or((false, value.as_slice()), |digits| (true, digits));
            let number = plain(digits).map(|number| number as i64);
            let wrong = || fail("nl", &format!("invalid {what}: '{}'", shown(value)));
            number.map(|number| if minus { -number } else { number }).ok_or_else(wrong)
        };
        let part = |what: &str| {
            style(value).map_err(|code| match code {
                0 => spec.wrong(&format!("invalid {what} numbering style: '{}'", shown(value))),
                code => code,
            })
        };
        match *name {
            "header-numbering" => nl.styles[0] = part("header")?,
            "body-numbering" => nl.styles[1] = part("body")?,
            "footer-numbering" => nl.styles[2] = part("footer")?,
            "section-delimiter" => {
                nl.delimiter = if value.len() == 1 { vec![value[0], b':'] } else { value.clone() };
            }
            "line-increment" => nl.increment = whole("line number increment")?,
            "join-blank-lines" => nl.join_blank = whole("line number of blank lines")?.max(1) as u64,
            "number-format" => {
                nl.format = match value.as_slice() {
                    b"ln" => b'l',
                    b"rn" => b'r',
                    b"rz" => b'z',
                    _ => return Err(spec.wrong(&format!("invalid line numbering format: '{}'", shown(value)))),
                }
            }
            "no-renumber" => nl.renumber = false,
            "number-separator" => nl.separator.clone_from(value),
            "starting-line-number" => nl.start = whole("starting line number")?,
            "number-width" => nl.width = whole("line number field width")?.max(1) as usize,
            _ => {}
        }
    }
    nl.number = nl.start;
    let mut out = Out::standard("nl");
    let mut code = 0;
    for name in parsed.files() {
        let done = Lines::open(&name, b'\n').and_then(|mut lines| {
            while let Some(line) = lines.bare()? {
                nl.line(line, &mut out);
            }
            Ok(())
        });
        if let Err(error) = done {
            out.flush();
            code = fail("nl", &file_reason(&name, &error));
        }
    }
    Ok(code)
}

impl Number {
    fn line(&mut self, line: &[u8], out: &mut Out) {
        let size = self.delimiter.len();
        if size > 0 && !line.is_empty() && line.len().is_multiple_of(size) && line.len() / size <= 3 {
            let is_delimiter = line.chunks(size).all(|chunk| chunk == self.delimiter.as_slice());
            if is_delimiter {
                self.section = 3 - line.len() / size;
                if self.renumber {
                    self.number = self.start;
                }
                out.byte(b'\n');
                return;
            }
        }
        let numbered = match &self.styles[self.section] {
            Style::All if self.join_blank > 1 && line.is_empty() => {
                self.blanks += 1;
                self.blanks.is_multiple_of(self.join_blank)
            }
            Style::All => {
                self.blanks = 0;
                true
            }
            Style::Filled => !line.is_empty(),
            Style::None => false,
            Style::Like(regex) => regex.is_match(line),
        };
        let width = self.width;
        if numbered {
            let number = self.number;
            let text = match self.format {
                b'l' => format!("{number:<width$}"),
                b'r' => format!("{number:>width$}"),
                _ => format!("{number:0width$}"),
            };
            out.put(text.as_bytes());
            out.put(&self.separator);
            self.number += self.increment;
        } else {
            out.put(" ".repeat(width + self.separator.len()).as_bytes());
        }
        out.line(line);
    }
}

pub fn fold(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "fold",
        usage: "[OPTION]... [FILE]...",
        options: "b,bytes s,spaces w,width= #",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut width = 80;
    for (name, value) in &parsed.options {
        if *name == "width" || *name == "#" {
            let range = if plain(value) == Some(0) { ": Numerical result out of range" } else { "" };
            let wrong = || fail("fold", &format!("invalid number of columns: '{}'{range}", shown(value)));
            width = plain(value).filter(|width| *width > 0).ok_or_else(wrong)? as usize;
        }
    }
    let (bytes, spaces) = (parsed.has("bytes"), parsed.has("spaces"));
    let mut out = Out::standard("fold");
    let mut code = 0;
    for name in parsed.files() {
        let done = Lines::open(&name, b'\n').and_then(|mut lines| {
            while let Some(line) = lines.next()? {
                folded(bare(line, b'\n'), width, bytes, spaces, &mut out);
                if line.ends_with(b"\n") {
                    out.byte(b'\n');
                }
            }
            Ok(())
        });
        if let Err(error) = done {
            out.flush();
            code = fail("fold", &file_reason(&name, &error));
        }
    }
    Ok(code)
}

fn advance(column: usize, byte: u8, bytes: bool) -> usize {
    match byte {
        _ if bytes => column + 1,
        8 => column.saturating_sub(1),
        b'\r' => 0,
        b'\t' => column + 8 - column % 8,
        _ => column + 1,
    }
}

fn folded(line: &[u8], width: usize, bytes: bool, spaces: bool, out: &mut Out) {
    let (mut start, mut column, mut at) = (0, 0, 0);
    while at < line.len() {
        let next = advance(column, line[at], bytes);
        if next <= width || at == start {
            column = next;
            at += 1;
            continue;
        }
        let blank =
            if spaces { line[start..at].iter().rposition(|byte| *byte == b' ' || *byte == b'\t') } else { None };
        let end = blank.map_or(at, |blank| start + blank + 1);
        out.line(&line[start..end]);
        start = end;
        column = line[start..at].iter().fold(0, |column, byte| advance(column, *byte, bytes));
    }
    out.put(&line[start..]);
}
