//! `uniq` and `comm`: lines that are the same as others.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Spec};
use crate::stream::{Lines, Out, bare, fail, file_reason, path, quoted, reason, shown};
use std::cmp::Ordering;

/// What counts of a line.
struct Counts {
    fields: u64,
    skipped: usize,
    width: usize,
    ignore_case: bool,
}

impl Counts {
    fn part<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        let blank = |byte: u8| byte == b' ' || byte == b'\t' || byte == b'\n';
        let mut at = 0;
        for _ in 0..self.fields {
            while at < line.len() && blank(line[at]) {
                at += 1;
            }
            while at < line.len() && !blank(line[at]) {
                at += 1;
            }
        }
        let from = at.saturating_add(self.skipped).min(line.len());
        &line[from..from.saturating_add(self.width).min(line.len())]
    }

    fn same(&self, one: &[u8], other: &[u8]) -> bool {
        let (one, other) = (self.part(one), self.part(other));
        if self.ignore_case { one.eq_ignore_ascii_case(other) } else { one == other }
    }
}

/// What is printed of lines that are the same.
#[derive(Default)]
struct Show {
    count: bool,
    repeated: bool,
    unique: bool,
    /// All of them, apart from others by an empty line where this says.
    all: Option<Bytes>,
    group: Option<Bytes>,
}

pub fn uniq(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "uniq",
        usage: "[OPTION]... [INPUT [OUTPUT]]",
        options: "c,count d,repeated D all-repeated? f,skip-fields= group? i,ignore-case s,skip-chars= u,unique \
                  z,zero-terminated w,check-chars=",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut show = Show::default();
    let mut counts = Counts { fields: 0, skipped: 0, width: usize::MAX, ignore_case: false };
    for (name, value) in &parsed.options {
        let number = |what: &str| {
            plain(value).ok_or_else(|| fail("uniq", &format!("{}: invalid number of {what}", shown(value))))
        };
        match *name {
            "count" => show.count = true,
            "repeated" => show.repeated = true,
            "unique" => show.unique = true,
            "D" => show.all = Some(b"none".to_vec()),
            "all-repeated" => show.all = Some(if value.is_empty() { b"none".to_vec() } else { value.clone() }),
            "group" => show.group = Some(if value.is_empty() { b"separate".to_vec() } else { value.clone() }),
            "skip-fields" => counts.fields = number("fields to skip")?,
            "skip-chars" => counts.skipped = number("bytes to skip")? as usize,
            "check-chars" => counts.width = number("bytes to compare")? as usize,
            "ignore-case" => counts.ignore_case = true,
            _ => {}
        }
    }
    if let Some(extra) = parsed.operands.get(2) {
        return Err(spec.wrong(&format!("extra operand '{}'", shown(extra))));
    }
    if show.count && show.all.is_some() {
        return Err(spec.wrong("printing all duplicated lines and repeat counts is meaningless"));
    }
    if show.group.is_some() && (show.count || show.repeated || show.all.is_some() || show.unique) {
        return Err(spec.wrong("--group is mutually exclusive with -c/-d/-D/-u"));
    }
    let delimiter = if parsed.has("zero-terminated") { 0 } else { b'\n' };
    let input = parsed.operands.first().map_or(&b"-"[..], Vec::as_slice);
    let lines = Lines::open(input, delimiter).map_err(|error| fail("uniq", &file_reason(input, &error)))?;
    let mut out = match parsed.operands.get(1) {
        Some(name) if name != b"-" => {
            let file =
                userland_sys::making::create(path(name)).map_err(|error| fail("uniq", &file_reason(name, &error)))?;
            Out::file("uniq", file)
        }
        _ => Out::standard("uniq"),
    };
    same_lines(lines, &counts, &show, &mut out)
        .map(|()| 0)
        .map_err(|error| fail("uniq", &format!("error reading {}: {}", quoted(input), reason(&error))))
}

fn same_lines(mut lines: Lines, counts: &Counts, show: &Show, out: &mut Out) -> std::io::Result<()> {
    let delimiter = lines.delimiter;
    let mut before: Option<Bytes> = None;
    let (mut count, mut groups) = (0u64, 0u64);
    loop {
        let line = lines.next()?.map(|line| bare(line, delimiter));
        if let (Some(line), Some(first)) = (line, &before)
            && counts.same(first, line)
        {
            count += 1;
            if let Some(how) = &show.all {
                if count == 2 {
                    if how == b"prepend" || how == b"separate" && groups > 0 {
                        out.byte(delimiter);
                    }
                    groups += 1;
                    put(first, delimiter, out);
                }
                put(line, delimiter, out);
            } else if show.group.is_some() {
                put(line, delimiter, out);
            }
            // The next one is compared with this one, where not all of a line counts.
            if show.all.is_some() {
                before = Some(line.to_vec());
            }
            continue;
        }
        if let Some(first) = &before {
            let wanted = if count > 1 { !show.unique } else { !show.repeated };
            if show.all.is_none() && show.group.is_none() && wanted {
                if show.count {
                    out.put(format!("{count:7} ").as_bytes());
                }
                put(first, delimiter, out);
            }
        }
        let Some(line) = line else { break };
        if let Some(how) = &show.group {
            let is_first = before.is_none();
            let apart = match how.as_slice() {
                b"prepend" | b"both" => true,
                b"none" => false,
                _ => !is_first,
            };
            if apart {
                out.byte(delimiter);
            }
            put(line, delimiter, out);
        }
        count = 1;
        let before = before.get_or_insert_default();
        before.clear();
        before.extend_from_slice(line);
    }
    if before.is_some() && show.group.as_ref().is_some_and(|how| how == b"append" || how == b"both") {
        out.byte(delimiter);
    }
    Ok(())
}

fn put(line: &[u8], delimiter: u8, out: &mut Out) {
    out.put(line);
    out.byte(delimiter);
}

pub fn comm(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "comm",
        usage: "[OPTION]... FILE1 FILE2",
        options: "1 2 3 check-order nocheck-order output-delimiter= total z,zero-terminated",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let [one, other] = parsed.operands.as_slice() else {
        return Err(match parsed.operands.as_slice() {
            [] => spec.wrong("missing operand"),
            [one] => spec.wrong(&format!("missing operand after '{}'", shown(one))),
            more => spec.wrong(&format!("extra operand '{}'", shown(&more[2]))),
        });
    };
    let delimiter = if parsed.has("zero-terminated") { 0 } else { b'\n' };
    let open = |name: &Bytes| Lines::open(name, delimiter).map_err(|error| fail("comm", &file_reason(name, &error)));
    let mut comm = Comm {
        sides: [Side::new(open(one)?), Side::new(open(other)?)],
        hidden: [parsed.has("1"), parsed.has("2"), parsed.has("3")],
        between: parsed.last("output-delimiter").unwrap_or(b"\t").to_vec(),
        delimiter,
        totals: [0; 3],
        check: !parsed.has("nocheck-order"),
        strict: parsed.has("check-order"),
        unpaired: false,
        disorder: false,
    };
    let mut out = Out::standard("comm");
    comm.run(&mut out).map_err(|error| fail("comm", &reason(&error)))?;
    if parsed.has("total") {
        let between = shown(&comm.between);
        let totals = comm.totals.map(|total| total.to_string()).join(&between);
        out.put(format!("{totals}{between}total\n").as_bytes());
    }
    out.flush();
    if comm.disorder && comm.strict {
        return Err(1);
    }
    if comm.disorder {
        return Err(fail("comm", "input is not in sorted order"));
    }
    Ok(0)
}

struct Side {
    lines: Lines,
    line: Bytes,
    before: Bytes,
    there: bool,
    said: bool,
}

impl Side {
    fn new(lines: Lines) -> Self {
        Self { lines, line: Bytes::new(), before: Bytes::new(), there: false, said: false }
    }
}

struct Comm {
    sides: [Side; 2],
    hidden: [bool; 3],
    between: Bytes,
    delimiter: u8,
    totals: [u64; 3],
    check: bool,
    strict: bool,
    unpaired: bool,
    disorder: bool,
}

impl Comm {
    fn next(&mut self, index: usize) -> std::io::Result<()> {
        let side = &mut self.sides[index];
        let had = side.there;
        std::mem::swap(&mut side.line, &mut side.before);
        side.line.clear();
        side.there = match side.lines.bare()? {
            Some(line) => {
                side.line.extend_from_slice(line);
                true
            }
            None => false,
        };
        if self.check && had && side.there && side.line < side.before && !side.said && (self.strict || self.unpaired) {
            side.said = true;
            self.disorder = true;
            crate::stream::complain("comm", &format!("file {} is not in sorted order", index + 1));
        }
        Ok(())
    }

    fn run(&mut self, out: &mut Out) -> std::io::Result<()> {
        self.next(0)?;
        self.next(1)?;
        loop {
            let [one, other] = &self.sides;
            let order = match (one.there, other.there) {
                (false, false) => return Ok(()),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (true, true) => one.line.cmp(&other.line),
            };
            let column = match order {
                Ordering::Less => 0,
                Ordering::Greater => 1,
                Ordering::Equal => 2,
            };
            self.unpaired |= column < 2;
            self.totals[column] += 1;
            if !self.hidden[column] {
                for before in 0..column {
                    if !self.hidden[before] {
                        out.put(&self.between);
                    }
                }
                let line = &self.sides[usize::from(order == Ordering::Greater)].line;
                out.put(line);
                out.byte(self.delimiter);
            }
            if order != Ordering::Greater {
                self.next(0)?;
            }
            if order != Ordering::Less {
                self.next(1)?;
            }
            if self.strict && self.disorder {
                return Ok(());
            }
        }
    }
}
