//! `join`: lines of two sorted files with the same field.

use crate::Exit;
use crate::number::plain;
use crate::options::{Bytes, Parsed, Spec};
use crate::stream::{Lines, Out, complain, fail, file_reason, reason, shown};
use std::cmp::Ordering;
use std::io;

struct Ask {
    /// The joined fields, from 0.
    keys: [usize; 2],
    unpaired: [bool; 2],
    paired: bool,
    empty: Bytes,
    separator: Option<u8>,
    ignore_case: bool,
    header: bool,
    check: Option<bool>,
    format: Option<Vec<(usize, usize)>>,
    by_first: bool,
    end: u8,
}

struct Row {
    line: Bytes,
    fields: Vec<(usize, usize)>,
}

impl Row {
    fn field(&self, index: usize) -> &[u8] {
        self.fields.get(index).map_or(b"", |(from, to)| &self.line[*from..*to])
    }
}

struct Side {
    lines: Lines,
    row: Option<Row>,
    name: Bytes,
    number: u64,
    said: bool,
}

pub fn join(args: &[Bytes]) -> Exit {
    let spec = Spec {
        name: "join",
        usage: "[OPTION]... FILE1 FILE2",
        options: "a= v= e= i,ignore-case j= 1= 2= o= t= check-order nocheck-order header z,zero-terminated",
        wrong: 1,
        mixed: true,
    };
    let parsed = spec.parse(args)?;
    let mut ask = asked(&parsed)?;
    let [one, other] = parsed.operands.as_slice() else {
        return Err(match parsed.operands.as_slice() {
            [] => spec.wrong("missing operand"),
            [one] => spec.wrong(&format!("missing operand after '{}'", shown(one))),
            more => spec.wrong(&format!("extra operand '{}'", shown(&more[2]))),
        });
    };
    let open = |name: &Bytes| match Lines::open(name, ask.end) {
        Ok(lines) => Ok(Side { lines, row: None, name: name.clone(), number: 0, said: false }),
        Err(error) => Err(fail("join", &file_reason(name, &error))),
    };
    let sides = [open(one)?, open(other)?];
    let by_first = std::mem::take(&mut ask.by_first);
    let mut join = Join { ask, sides, unpaired: false, disorder: false, out: Out::standard("join") };
    let done = join.run(by_first);
    join.out.flush();
    match done {
        // What is wrong has been said.
        Err(_) if join.disorder => Err(1),
        Err(error) => Err(fail("join", &reason(&error))),
        Ok(()) if join.disorder => Err(fail("join", "input is not in sorted order")),
        Ok(()) => Ok(0),
    }
}

fn asked(parsed: &Parsed) -> Result<Ask, i32> {
    let mut ask = Ask {
        keys: [0; 2],
        unpaired: [false; 2],
        paired: true,
        empty: Bytes::new(),
        separator: None,
        ignore_case: parsed.has("ignore-case"),
        header: parsed.has("header"),
        check: None,
        format: None,
        by_first: false,
        end: if parsed.has("zero-terminated") { 0 } else { b'\n' },
    };
    for (name, value) in &parsed.options {
        let field = || match plain(value) {
            Some(number) if number > 0 => Ok(number as usize - 1),
            _ => Err(fail("join", &format!("invalid field number: '{}'", shown(value)))),
        };
        match *name {
            "a" | "v" => match value.as_slice() {
                [file @ (b'1' | b'2')] => {
                    ask.unpaired[usize::from(file - b'1')] = true;
                    ask.paired &= *name == "a";
                }
                _ => return Err(fail("join", &format!("invalid field number: '{}'", shown(value)))),
            },
            "e" => ask.empty.clone_from(value),
            "j" => ask.keys = [field()?; 2],
            "1" => ask.keys[0] = field()?,
            "2" => ask.keys[1] = field()?,
            "o" if value == b"auto" => ask.by_first = true,
            "o" => ask.format.get_or_insert_default().extend(format(value)?),
            "t" => {
                ask.separator = Some(match value.as_slice() {
                    [] => b'\n',
                    [byte] => *byte,
                    b"\\0" => 0,
                    _ => return Err(fail("join", &format!("multi-character tab '{}'", shown(value)))),
                });
            }
            "check-order" => ask.check = Some(true),
            "nocheck-order" => ask.check = Some(false),
            _ => {}
        }
    }
    Ok(ask)
}

/// `0`, or `FILE.FIELD`, with commas or blanks between; the file of `0` is 0.
fn format(text: &[u8]) -> Result<Vec<(usize, usize)>, i32> {
    let parts = text.split(|byte| matches!(byte, b',' | b' ' | b'\t')).filter(|part| !part.is_empty());
    parts
        .map(|part| match part {
            b"0" => Ok((0, 0)),
            [file @ (b'1' | b'2'), b'.', digits @ ..] => match plain(digits) {
                Some(number) if number > 0 => Ok((usize::from(file - b'0'), number as usize - 1)),
                _ => Err(fail("join", &format!("invalid field number: '{}'", shown(digits)))),
            },
            _ => Err(fail("join", &format!("invalid file number in field spec: '{}'", shown(part)))),
        })
        .collect()
}

struct Join {
    ask: Ask,
    sides: [Side; 2],
    unpaired: bool,
    disorder: bool,
    out: Out,
}

impl Join {
    fn read(&mut self, side: usize) -> io::Result<Option<Row>> {
        let Some(line) = self.sides[side].lines.bare()? else { return Ok(None) };
        let line = line.to_vec();
        self.sides[side].number += 1;
        let mut fields = Vec::new();
        match self.ask.separator {
            Some(separator) => {
                let mut from = 0;
                for at in memchr::memchr_iter(separator, &line) {
                    fields.push((from, at));
                    from = at + 1;
                }
                fields.push((from, line.len()));
            }
            None => {
                let blank = |byte: u8| byte == b' ' || byte == b'\t' || byte == b'\n';
                let mut at = 0;
                loop {
                    while at < line.len() && blank(line[at]) {
                        at += 1;
                    }
                    if at == line.len() {
                        break;
                    }
                    let from = at;
                    while at < line.len() && !blank(line[at]) {
                        at += 1;
                    }
                    fields.push((from, at));
                }
            }
        }
        Ok(Some(Row { line, fields }))
    }

    fn next(&mut self, side: usize) -> io::Result<()> {
        let row = self.read(side)?;
        let before = std::mem::replace(&mut self.sides[side].row, row);
        let key = self.ask.keys[side];
        if let (Some(before), Some(row)) = (&before, &self.sides[side].row)
            && self.compared(before.field(key), row.field(key)) == Ordering::Greater
            && !self.sides[side].said
            && (self.ask.check == Some(true) || self.ask.check.is_none() && self.unpaired)
        {
            let shown_line = shown(&row.line);
            let own = &mut self.sides[side];
            own.said = true;
            self.disorder = true;
            self.out.flush();
            complain("join", &format!("{}:{}: is not sorted: {shown_line}", shown(&own.name), own.number));
            if self.ask.check == Some(true) {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        Ok(())
    }

    fn compared(&self, one: &[u8], other: &[u8]) -> Ordering {
        if self.ask.ignore_case {
            let upper = |text: &[u8]| text.to_ascii_uppercase();
            return upper(one).cmp(&upper(other));
        }
        one.cmp(other)
    }

    fn run(&mut self, by_first: bool) -> io::Result<()> {
        self.next(0)?;
        self.next(1)?;
        if by_first {
            let mut format = vec![(0, 0)];
            for side in 0..2 {
                let count = self.sides[side].row.as_ref().map_or(0, |row| row.fields.len());
                format.extend((0..count).filter(|field| *field != self.ask.keys[side]).map(|field| (side + 1, field)));
            }
            self.ask.format = Some(format);
        }
        if self.ask.header && (self.sides[0].row.is_some() || self.sides[1].row.is_some()) {
            let rows = [self.sides[0].row.take(), self.sides[1].row.take()];
            self.print(rows[0].as_ref(), rows[1].as_ref());
            self.next(0)?;
            self.next(1)?;
        }
        loop {
            let order = match (&self.sides[0].row, &self.sides[1].row) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => self.compared(one.field(self.ask.keys[0]), other.field(self.ask.keys[1])),
            };
            match order {
                Ordering::Equal => self.pairs()?,
                order => {
                    let side = usize::from(order == Ordering::Greater);
                    self.unpaired = true;
                    if self.ask.unpaired[side] {
                        let row = self.sides[side].row.take();
                        if side == 0 {
                            self.print(row.as_ref(), None)
                        } else {
                            self.print(None, row.as_ref())
                        }
                        self.sides[side].row = row;
                    }
                    self.next(side)?;
                }
            }
        }
    }

    /// All lines with one key of either side, each with each.
    fn pairs(&mut self) -> io::Result<()> {
        let mut groups = [Vec::new(), Vec::new()];
        for (side, group) in groups.iter_mut().enumerate() {
            let Some(first) = self.sides[side].row.take() else { continue };
            let key = first.field(self.ask.keys[side]).to_vec();
            self.sides[side].row = Some(first);
            while let Some(row) = &self.sides[side].row
                && self.compared(row.field(self.ask.keys[side]), &key).is_eq()
            {
                let copy = Row { line: row.line.clone(), fields: row.fields.clone() };
                group.push(copy);
                self.next(side)?;
            }
        }
        if self.ask.paired {
            for one in &groups[0] {
                for other in &groups[1] {
                    self.print(Some(one), Some(other));
                }
            }
        }
        Ok(())
    }

    fn print(&mut self, one: Option<&Row>, other: Option<&Row>) {
        let between = self.ask.separator.unwrap_or(b' ');
        let rows = [one, other];
        let mut text = Bytes::new();
        let put = |field: &[u8], text: &mut Bytes, empty: &[u8]| {
            text.extend_from_slice(if field.is_empty() { empty } else { field });
        };
        let side = usize::from(one.is_none());
        let key = rows[side].map_or(&b""[..], |row| row.field(self.ask.keys[side]));
        match &self.ask.format {
            Some(format) => {
                for (at, (file, field)) in format.iter().enumerate() {
                    if at > 0 {
                        text.push(between);
                    }
                    let field = match file {
                        0 => key,
                        file => rows[file - 1].map_or(&b""[..], |row| row.field(*field)),
                    };
                    put(field, &mut text, &self.ask.empty);
                }
            }
            None => {
                put(key, &mut text, &self.ask.empty);
                for (side, row) in rows.iter().enumerate() {
                    let Some(row) = row else { continue };
                    for field in (0..row.fields.len()).filter(|field| *field != self.ask.keys[side]) {
                        text.push(between);
                        put(row.field(field), &mut text, &self.ask.empty);
                    }
                }
            }
        }
        text.push(self.ask.end);
        self.out.put(&text);
    }
}
