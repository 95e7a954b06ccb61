//! `expand` and `unexpand`: tabs and spaces.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Lines, Out, fail, file_reason, shown};

/// Where tabs stop.
struct Stops {
    places: Vec<usize>,
    /// Behind the last place: at each multiple of this, or that far from the last place on.
    every: Option<usize>,
    onwards: Option<usize>,
}

impl Stops {
    fn new(tool: &str, parsed: &Parsed) -> Result<Self, i32> {
        let mut stops = Self { places: Vec::new(), every: None, onwards: None };
        let mut digits = Bytes::new();
        for (name, value) in &parsed.options {
            match *name {
                "tabs" => stops.add(tool, value)?,
                "#" => {
                    // `-1,2` comes as digits that a list would have.
                    if !digits.is_empty() {
                        digits.push(b',');
                    }
                    digits.extend_from_slice(value);
                }
                _ => {}
            }
        }
        if !digits.is_empty() {
            stops.add(tool, &digits)?;
        }
        if stops.places.len() == 1 && stops.every.is_none() && stops.onwards.is_none() {
            stops.every = stops.places.pop();
        }
        if stops.places.is_empty() && stops.every.is_none() && stops.onwards.is_none() {
            stops.every = Some(8);
        }
        Ok(stops)
    }

    fn add(&mut self, tool: &str, list: &[u8]) -> Result<(), i32> {
        for part in list.split(|byte| matches!(byte, b',' | b' ' | b'\t')).filter(|part| !part.is_empty()) {
            let (kind, digits) = match part.first() {
                Some(kind @ (b'/' | b'+')) => (*kind, &part[1..]),
                _ => (0, part),
            };
            let Some(number) = plain(digits) else {
                return Err(fail(tool, &format!("tab size contains invalid character(s): '{}'", shown(part))));
            };
            let number = number as usize;
            match kind {
                b'/' => self.every = Some(number.max(1)),
                b'+' => self.onwards = Some(number.max(1)),
                _ if number == 0 => return Err(fail(tool, "tab size cannot be 0")),
                _ if self.places.last().is_some_and(|last| *last >= number) => {
                    return Err(fail(tool, "tab sizes must be ascending"));
                }
                _ => self.places.push(number),
            }
        }
        Ok(())
    }

    /// The next stop behind a column.
    fn after(&self, column: usize) -> Option<usize> {
        if let Some(place) = self.places.iter().find(|place| **place > column) {
            return Some(*place);
        }
        if let Some(every) = self.every {
            return Some((column / every + 1) * every);
        }
        let onwards = self.onwards?;
        let last = self.places.last().copied().unwrap_or(0);
        Some(last + ((column - last) / onwards + 1) * onwards)
    }
}

pub fn expand(args: &[Bytes]) -> Exit {
    let spec =
        Spec { name: "expand", usage: "[OPTION]... [FILE]...", options: "i,initial t,tabs= #", wrong: 1, mixed: true };
    let parsed = spec.parse(args)?;
    let stops = Stops::new("expand", &parsed)?;
    let initial = parsed.has("initial");
    each_line("expand", &parsed, |line, out| {
        let (mut column, mut converts) = (0, true);
        for byte in line {
            match byte {
                b'\t' if converts => {
                    let next = stops.after(column).unwrap_or(column + 1);
                    out.put(" ".repeat(next - column).as_bytes());
                    column = next;
                }
                b'\n' => {
                    out.byte(b'\n');
                    column = 0;
                }
                8 => {
                    out.byte(8);
                    column = column.saturating_sub(1);
                }
                byte => {
                    out.byte(*byte);
                    column += 1;
                    converts &= !initial || *byte == b' ' || *byte == b'\t';
                }
            }
        }
    })
}

fn each_line(tool: &'static str, parsed: &Parsed, mut act: impl FnMut(&[u8], &mut Out)) -> Exit {
    let mut out = Out::standard(tool);
    let mut code = 0;
    for name in parsed.files() {
        let done = Lines::open(&name, b'\n').and_then(|mut lines| {
            while let Some(line) = lines.next()? {
                act(line, &mut out);
            }
            Ok(())
        });
        if let Err(error) = done {
            out.flush();
            code = fail(tool, &file_reason(&name, &error));
        }
    }
    Ok(code)
}

pub fn unexpand(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "unexpand",
        usage: "[OPTION]... [FILE]...",
        options: "a,all first-only t,tabs= #",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let stops = Stops::new("unexpand", &parsed)?;
    let all = (parsed.has("all") || parsed.has("tabs") || parsed.has("#")) && !parsed.has("first-only");
    each_line("unexpand", &parsed, |line, out| unexpanded(line, &stops, all, out))
}

fn unexpanded(line: &[u8], stops: &Stops, all: bool, out: &mut Out) {
    // Blanks that are not written yet, as they were and where they began.
    let (mut pending, mut begin) = (Bytes::new(), 0);
    let (mut column, mut converts) = (0, true);
    for byte in line {
        let blank = *byte == b' ' || *byte == b'\t';
        if converts && blank {
            if pending.is_empty() {
                begin = column;
            }
            let stop = stops.after(column);
            match (byte, stop) {
                (b'\t', Some(stop)) => {
                    column = stop;
                    pending.clear();
                    pending.extend(tabs(stops, begin, stop, true));
                    continue;
                }
                (b' ', Some(stop)) => {
                    column += 1;
                    pending.push(b' ');
                    if column == stop {
                        let made = tabs(stops, begin, stop, column - begin > 1);
                        pending = made;
                    }
                    continue;
                }
                _ => converts = false,
            }
        }
        out.put(&pending);
        pending.clear();
        out.byte(*byte);
        match byte {
            8 => column = column.saturating_sub(1),
            _ => column += 1,
        }
        converts &= all;
    }
    out.put(&pending);
}

/// Tabs from a column to a stop; one space alone stays one.
fn tabs(stops: &Stops, begin: usize, stop: usize, more_than_one: bool) -> Bytes {
    if !more_than_one {
        return b" ".to_vec();
    }
    let (mut made, mut at) = (Bytes::new(), begin);
    while at < stop {
        made.push(b'\t');
        at = stops.after(at).unwrap_or(stop);
    }
    made
}
