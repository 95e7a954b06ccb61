//! `csplit`: a file in parts where its lines say.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Spec};
use crate::regex::{Flavour, How, Lines, Regex};
use crate::stream::{Out, Source, complain, fail, file_reason, path, reason, shown};
use std::fs;

enum At {
    Line(u64),
    Match { regex: Box<Regex>, skip: bool, offset: i64 },
}

struct Step {
    at: At,
    /// How often again; without an end where it says `*`.
    again: Option<u64>,
    text: Bytes,
}

struct Parts<'a> {
    lines: Vec<&'a [u8]>,
    prefix: Bytes,
    digits: usize,
    format: Option<Bytes>,
    quiet: bool,
    elide: bool,
    suppress: bool,
    made: Vec<Bytes>,
    number: usize,
    done: usize,
}

/// A pattern of the command line.
fn step(text: &[u8]) -> Result<Step, i32> {
    let wrong = |why: &str| fail("csplit", &format!("{}: {why}", shown(text)));
    let Some(mark @ (b'/' | b'%')) = text.first() else {
        return match plain(text) {
            Some(0) => Err(wrong("line number must be greater than zero")),
            Some(line) => Ok(Step { at: At::Line(line), again: Some(0), text: text.to_vec() }),
            None => Err(fail("csplit", &format!("'{}': invalid pattern", shown(text)))),
        };
    };
    let Some(end) = text[1..].iter().rposition(|byte| byte == mark) else {
        return Err(wrong(&format!("closing delimiter '{}' missing", *mark as char)));
    };
    let offset = &text[end + 2..];
    let (minus, digits) = match offset.first() {
        Some(b'-') => (true, &offset[1..]),
        Some(b'+') => (false, &offset[1..]),
        _ => (false, offset),
    };
    let offset = match (digits, plain(digits)) {
        ([], _) if offset.is_empty() => 0,
        (_, Some(number)) => {
            if minus {
                -(number as i64)
            } else {
                number as i64
            }
        }
        _ => return Err(wrong("integer expected after delimiter")),
    };
    let how = How { flavour: Flavour::Basic, escapes: false, ignore_case: false, lines: Lines::One };
    let regex = Regex::new(&text[1..=end], how).map_err(|why| {
        let text = shown(text).replace('\\', "\\\\");
        fail("csplit", &format!("'{text}': invalid regular expression: {why}"))
    })?;
    Ok(Step {
        at: At::Match { regex: Box::new(regex), skip: *mark == b'%', offset },
        again: Some(0),
        text: text.to_vec(),
    })
}

fn steps(words: &[Bytes]) -> Result<Vec<Step>, i32> {
    let mut steps: Vec<Step> = Vec::new();
    for word in words {
        if let (Some(inside), Some(last)) = (word.strip_prefix(b"{"), steps.last_mut()) {
            let Some(count) = inside.strip_suffix(b"}") else {
                return Err(fail("csplit", &format!("{}: '}}' is required in repeat count", shown(word))));
            };
            last.again = match (count, plain(count)) {
                (b"*", _) => None,
                (_, Some(count)) => Some(count),
                _ => {
                    return Err(fail(
                        "csplit",
                        &format!("'{}'}}: integer required between '{{' and '}}'", shown(&word[..word.len() - 1])),
                    ));
                }
            };
            continue;
        }
        steps.push(step(word)?);
    }
    Ok(steps)
}

pub fn csplit(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "csplit",
        usage: "[OPTION]... FILE PATTERN...",
        options: "b,suffix-format= f,prefix= k,keep-files suppress-matched n,digits= s,quiet silent q \
                  z,elide-empty-files",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let Some((file, words)) = parsed.operands.split_first() else { return Err(spec.wrong("missing operand")) };
    if words.is_empty() {
        return Err(spec.wrong(&format!("missing operand after '{}'", shown(file))));
    }
    let digits = match parsed.last("digits") {
        None => 2,
        Some(value) => {
            plain(value).ok_or_else(|| fail("csplit", &format!("invalid number: '{}'", shown(value))))? as usize
        }
    };
    let steps = steps(words)?;
    let text = Source::open(file).and_then(|mut source| source.all());
    let text = text.map_err(|error| {
        fail(
            "csplit",
            &format!(
                "cannot open '{}' for reading: {}",
                shown(file),
                file_reason(file, &error).rsplit(": ").next().unwrap_or_default()
            ),
        )
    })?;
    let mut parts = Parts {
        lines: text.split_inclusive(|byte| *byte == b'\n').collect(),
        prefix: parsed.last("prefix").unwrap_or(b"xx").to_vec(),
        digits,
        format: parsed.last("suffix-format").map(<[u8]>::to_vec),
        quiet: parsed.has("quiet") || parsed.has("silent") || parsed.has("q"),
        elide: parsed.has("elide-empty-files"),
        suppress: parsed.has("suppress-matched"),
        made: Vec::new(),
        number: 0,
        done: 0,
    };
    let mut out = Out::standard("csplit");
    let result = parts.all(&steps, &mut out);
    out.flush();
    if let Err(text) = result {
        complain("csplit", &text);
        if !parsed.has("keep-files") {
            parts.made.iter().for_each(|name| drop(fs::remove_file(path(name))));
        }
        return Err(1);
    }
    Ok(0)
}

impl Parts<'_> {
    fn name(&self) -> Bytes {
        let number = self.number;
        let text = match &self.format {
            None => format!("{number:0width$}", width = self.digits).into_bytes(),
            Some(format) => {
                let mut text = Bytes::new();
                crate::awk::format_number(format, number as f64, &mut text);
                text
            }
        };
        [self.prefix.as_slice(), &text].concat()
    }

    /// Writes the lines up to a place as a part.
    fn put(&mut self, to: usize, out: &mut Out) -> Result<(), String> {
        let text = self.lines[self.done..to].concat();
        self.done = to;
        if text.is_empty() && self.elide {
            return Ok(());
        }
        let name = self.name();
        let mut file = userland_sys::making::create(path(&name))
            .map_err(|error| format!("{}: {}", shown(&name), reason(&error)))?;
        std::io::Write::write_all(&mut file, &text).map_err(|error| format!("{}: {}", shown(&name), reason(&error)))?;
        self.made.push(name);
        self.number += 1;
        if !self.quiet {
            out.line(text.len().to_string().as_bytes());
        }
        Ok(())
    }

    fn all(&mut self, steps: &[Step], out: &mut Out) -> Result<(), String> {
        // A match on the line where a part begins counts only for the first part.
        let mut look = 0;
        for step in steps {
            let mut turn = 0u64;
            while step.again.is_none_or(|again| turn <= again) {
                let found = match &step.at {
                    At::Line(line) => self.line(*line * (turn + 1), &mut look, out)?,
                    At::Match { regex, skip, offset } => self.matched(regex, *skip, *offset, &mut look, out)?,
                };
                if !found {
                    if step.again.is_none() {
                        break;
                    }
                    let what = match step.at {
                        At::Line(_) => "line number out of range",
                        At::Match { .. } => "match not found",
                    };
                    let turn = if turn > 0 { format!(" on repetition {turn}") } else { String::new() };
                    // What is left becomes a part before the failure is said.
                    let skip = matches!(step.at, At::Match { skip: true, .. });
                    if !skip {
                        self.put(self.lines.len(), out)?;
                    }
                    return Err(format!("'{}': {what}{turn}", shown(&step.text)));
                }
                turn += 1;
            }
        }
        self.put(self.lines.len(), out)
    }

    fn line(&mut self, line: u64, look: &mut usize, out: &mut Out) -> Result<bool, String> {
        let to = line as usize - 1;
        if to > self.lines.len() || to == self.lines.len() && to > 0 {
            return Ok(false);
        }
        self.put(to.max(self.done), out)?;
        if self.suppress {
            self.done += 1;
        }
        *look = self.done;
        Ok(true)
    }

    fn matched(
        &mut self,
        regex: &Regex,
        skip: bool,
        offset: i64,
        look: &mut usize,
        out: &mut Out,
    ) -> Result<bool, String> {
        let lines = &self.lines;
        let is = |at: &usize| regex.is_match(lines[*at].strip_suffix(b"\n").unwrap_or(lines[*at]));
        let Some(at) = (*look..lines.len()).find(is) else { return Ok(false) };
        let to = at as i64 + offset;
        if to < self.done as i64 || to > self.lines.len() as i64 {
            return Err(format!("{}: line number out of range", at + 1));
        }
        if skip {
            self.done = to as usize;
        } else {
            self.put(to as usize, out)?;
        }
        if self.suppress {
            self.done = (self.done + 1).min(self.lines.len());
        }
        *look = (at + 1).max(self.done);
        Ok(true)
    }
}
